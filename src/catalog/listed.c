/*
 * Does a list name tables that MariaDB has?
 *
 * An unknown name must not look like a table that needs no work.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "catalog/ask.h"
#include "catalog/listed.h"
#include "session/session.h"

/* Is it a table, and not a view or a sequence? */
bool
maria_holds_rows(const MariaRemoteTable *table)
{
	return strcmp(table->kind, "BASE TABLE") == 0 ||
		strcmp(table->kind, "SYSTEM VERSIONED") == 0;
}

/* Suggests a similar name, preferably one that differs only in case. */
static char *
similar_name(const char *name, List *tables)
{
	MariaClosest closest = {.name = name};
	ListCell   *lc;

	foreach(lc, tables)
	{
		const char *known = ((MariaRemoteTable *) lfirst(lc))->name;

		if (pg_strcasecmp(name, known) == 0)
			return psprintf("Names are compared exactly; MariaDB has \"%s\".",
							known);
		maria_compare_name(&closest, known);
	}
	return closest.known ?
		psprintf("Perhaps you meant the table \"%s\".", closest.known) : NULL;
}

static void
report_unknown_table(MariaConn *conn, const char *name, List *tables,
					 const char *schema)
{
	char	   *hint = similar_name(name, tables);

	if (hint == NULL && !maria_may_read_all(conn, schema))
		hint = "It may also be hidden from this account, which may not read all of the schema.";

	ereport(ERROR,
			(errcode(ERRCODE_FDW_TABLE_NOT_FOUND),
			 errmsg("table \"%s\" does not exist in MariaDB schema \"%s\"",
					name, schema),
			 hint ? errhint("%s", hint) : 0));
}

/* Raises an error for a name in a list that is not that of a table. */
void
maria_check_listed(MariaConn *conn, List *listed, List *tables,
				   const char *schema)
{
	ListCell   *lc;

	foreach(lc, listed)
	{
		const char *name = lfirst(lc);
		const MariaRemoteTable *table = maria_find_table(tables, name);

		CHECK_FOR_INTERRUPTS();
		if (table == NULL)
			report_unknown_table(conn, name, tables, schema);
		if (!maria_holds_rows(table))
			ereport(ERROR,
					(errcode(ERRCODE_WRONG_OBJECT_TYPE),
					 errmsg("\"%s\" of MariaDB schema \"%s\" is not a table",
							name, schema)));
	}
}
