/*
 * How does ON UPDATE CURRENT_TIMESTAMP become a trigger?
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "schema/ddl/ddl.h"

/* Does the type have an operator = in pg_catalog? */
static bool
is_comparable(const MariaTargetColumn *column)
{
	return column->enum_type ||
		(strcmp(column->type, "json") != 0 &&
		 strcmp(column->type, "xml") != 0 &&
		 strcmp(column->type, "citext") != 0 &&
		 strchr(column->type, '.') == NULL);
}

/* Returns a ROW of NEW or OLD, without generated columns: not computed yet. */
static char *
row_values(const MariaTargetTable *table, const char *row)
{
	StringInfoData sql;
	ListCell   *lc;

	initStringInfo(&sql);
	foreach(lc, table->columns)
	{
		MariaTargetColumn *column = lfirst(lc);

		if (column->generation)
			continue;
		appendStringInfo(&sql, "%s%s.%s%s", sql.len ? ", " : "", row,
						 quote_identifier(column->name),
						 is_comparable(column) ? "" : "::text");
	}
	return psprintf("ROW(%s)", sql.data);
}

/* Returns the statements of a trigger for each column that it maintains. */
static char *
touches(const MariaTargetTable *table)
{
	StringInfoData sql;
	ListCell   *lc;

	initStringInfo(&sql);
	foreach(lc, table->columns)
	{
		MariaTargetColumn *column = lfirst(lc);
		const char *name = quote_identifier(column->name);

		if (column->is_touched)
			appendStringInfo(&sql,
							 "    IF NEW.%s IS NOT DISTINCT FROM OLD.%s THEN\n"
							 "      NEW.%s := CURRENT_TIMESTAMP;\n"
							 "    END IF;\n", name, name, name);
	}
	return sql.len ? sql.data : NULL;
}

/*
 * Returns the body of a trigger's function for the columns that have ON UPDATE
 * CURRENT_TIMESTAMP, NULL if there are none: as in MariaDB, it sets them if the
 * row changes and the statement does not change the column itself.
 */
char *
maria_touch_body(const MariaTargetTable *table)
{
	char	   *actions = touches(table);

	if (actions == NULL)
		return NULL;
	return psprintf("\nBEGIN\n"
					"  IF %s\n"
					"    IS DISTINCT FROM %s THEN\n"
					"%s"
					"  END IF;\n"
					"  RETURN NEW;\n"
					"END\n",
					row_values(table, "NEW"), row_values(table, "OLD"),
					actions);
}
