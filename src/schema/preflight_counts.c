/*
 * What does preflight query and count in MariaDB?
 *
 * A role that may call preflight need not be allowed to send SQL of its own,
 * so these statements are built here from names.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "session/session.h"
#include "session/srf.h"
#include "values/values.h"

PG_FUNCTION_INFO_V1(mariadb_server_settings);
PG_FUNCTION_INFO_V1(mariadb_account_grants);
PG_FUNCTION_INFO_V1(mariadb_orphan_clause);
PG_FUNCTION_INFO_V1(mariadb_count_orphans);
PG_FUNCTION_INFO_V1(mariadb_count_long_entries);

static MariaConn *
get_connection(FunctionCallInfo fcinfo)
{
	return maria_get_connection_by_name(NameStr(*PG_GETARG_NAME(0)),
										MARIA_READ);
}

/* Returns the settings of a server that affect its values and locks. */
Datum
mariadb_server_settings(PG_FUNCTION_ARGS)
{
	static const char sql[] =
	"SELECT @@global.time_zone, @@system_time_zone, @@log_bin";

	maria_require_arguments(fcinfo, 0);
	return maria_srf_return(fcinfo, maria_open_fields(get_connection(fcinfo),
													  sql, 3, MARIA_NONE_NULL));
}

/* Returns the grants of the account, a line for each. */
Datum
mariadb_account_grants(PG_FUNCTION_ARGS)
{
	maria_require_arguments(fcinfo, 0);
	return maria_srf_return(fcinfo, maria_open_fields(get_connection(fcinfo),
													  "SHOW GRANTS", 1,
													  MARIA_NONE_NULL));
}

static char *
name_argument(FunctionCallInfo fcinfo, int i)
{
	return maria_quote_identifier(text_to_cstring(PG_GETARG_TEXT_PP(i)));
}

/* Deconstructs an array without nulls that has an element for each column. */
static Datum *
array_for_columns(FunctionCallInfo fcinfo, int i, Oid type, int count)
{
	int16		len;
	bool		by_value;
	char		align;
	Datum	   *values;
	bool	   *nulls;
	int			found;

	get_typlenbyvalalign(type, &len, &by_value, &align);
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(i), type, len, by_value, align,
					  &values, &nulls, &found);
	if (found != count || array_contains_nulls(PG_GETARG_ARRAYTYPE_P(i)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("arrays must have an element for each column, and no nulls")));
	return values;
}

/*
 * Writes the condition for rows that refer to a row that does not exist,
 * compared byte by byte where values have a collation.  The arguments from
 * first on are those of orphan_clause.
 */
static char *
orphan_clause(FunctionCallInfo fcinfo, int first)
{
	List	   *columns = maria_list_argument(PG_GETARG_ARRAYTYPE_P(first + 2),
											  "columns");
	int			count = list_length(columns);
	Datum	   *referenced = array_for_columns(fcinfo, first + 5, TEXTOID, count);
	Datum	   *collated = array_for_columns(fcinfo, first + 6, BOOLOID, count);
	StringInfoData matches;
	StringInfoData has_key;
	char	   *parent = NULL;

	initStringInfo(&matches);
	initStringInfo(&has_key);
	for (int i = 0; i < count; i++)
	{
		const char *and = i > 0 ? " AND " : "";
		char	   *child = maria_quote_identifier(list_nth(columns, i));

		parent = maria_quote_identifier(TextDatumGetCString(referenced[i]));
		appendStringInfo(&matches, "%sp.%s = c.%s", and, parent, child);
		if (DatumGetBool(collated[i]))
			appendStringInfo(&matches, " AND BINARY p.%s = BINARY c.%s",
							 parent, child);
		appendStringInfo(&has_key, "%sc.%s IS NOT NULL", and, child);
	}
	return psprintf("FROM %s.%s c LEFT JOIN %s.%s p ON %s WHERE %s AND p.%s IS NULL",
					name_argument(fcinfo, first),
					name_argument(fcinfo, first + 1),
					name_argument(fcinfo, first + 3),
					name_argument(fcinfo, first + 4),
					matches.data, has_key.data, parent);
}

/* Returns what follows SELECT in a query for the orphans of a foreign key. */
Datum
mariadb_orphan_clause(PG_FUNCTION_ARGS)
{
	maria_require_arguments(fcinfo, 0);
	PG_RETURN_TEXT_P(cstring_to_text(orphan_clause(fcinfo, 0)));
}

/* Counts the orphans of a foreign key; NULL if the server has sent no count. */
Datum
mariadb_count_orphans(PG_FUNCTION_ARGS)
{
	MariaConn  *conn;
	MariaResult *result;
	int64		orphans = -1;

	maria_require_arguments(fcinfo, 0);
	conn = get_connection(fcinfo);
	result = maria_open_fields(conn, psprintf("SELECT COUNT(*) %s",
											  orphan_clause(fcinfo, 1)),
							   1, MARIA_NONE_NULL);
	while (maria_fetch(result))
		orphans = maria_field_number(result, 0, 0);
	maria_close(result);
	if (orphans < 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(orphans);
}

/* Adds the size of a column's value in an index; a length of 0 is all of it. */
static void
append_size(StringInfo entry, const char *name, int prefix_length)
{
	char	   *column = maria_quote_identifier(name);

	if (prefix_length != 0)
		column = psprintf("LEFT(%s, %d)", column, prefix_length);
	appendStringInfo(entry, " + COALESCE(LENGTH(CONVERT(%s USING utf8mb4)), 0)",
					 column);
}

/*
 * Writes a count for each index of entries that have more bytes than allowed.
 * The columns of an index follow one another; its name is added to the list.
 */
static char *
long_entry_sums(FunctionCallInfo fcinfo, List **indexes)
{
	List	   *columns = maria_list_argument(PG_GETARG_ARRAYTYPE_P(4),
											  "columns");
	int			count = list_length(columns);
	Datum	   *names = array_for_columns(fcinfo, 3, TEXTOID, count);
	Datum	   *lengths = array_for_columns(fcinfo, 5, INT4OID, count);
	StringInfoData sums;

	initStringInfo(&sums);
	for (int i = 0; i < count; i++)
	{
		char	   *name = TextDatumGetCString(names[i]);

		if (*indexes == NIL || strcmp(llast(*indexes), name) != 0)
		{
			if (*indexes)
				appendStringInfo(&sums, " > %d), 0), ", PG_GETARG_INT32(6));
			appendStringInfoString(&sums, "COALESCE(SUM(0");
			*indexes = lappend(*indexes, name);
		}
		append_size(&sums, list_nth(columns, i), DatumGetInt32(lengths[i]));
	}
	appendStringInfo(&sums, " > %d), 0)", PG_GETARG_INT32(6));
	return sums.data;
}

/* Counts the rows of a table whose entries in its indexes are too long. */
Datum
mariadb_count_long_entries(PG_FUNCTION_ARGS)
{
	MariaConn  *conn;
	List	   *indexes = NIL;
	char	   *sums;
	TupleDesc	desc;
	Tuplestorestate *rows = maria_srf_begin(fcinfo, &desc);
	MariaResult *result;

	maria_require_arguments(fcinfo, 0);
	conn = get_connection(fcinfo);
	sums = long_entry_sums(fcinfo, &indexes);
	result = maria_open_fields(conn, psprintf("SELECT %s FROM %s.%s", sums,
											  name_argument(fcinfo, 1),
											  name_argument(fcinfo, 2)),
							   list_length(indexes), MARIA_NONE_NULL);
	while (maria_fetch(result))
	{
		for (int i = 0; i < list_length(indexes); i++)
		{
			Datum		values[2] = {CStringGetTextDatum(list_nth(indexes, i))};
			bool		nulls[2] = {false, false};

			values[1] = Int64GetDatum(maria_field_number(result, i, 0));
			tuplestore_putvalues(rows, desc, values, nulls);
		}
	}
	maria_close(result);
	return (Datum) 0;
}
