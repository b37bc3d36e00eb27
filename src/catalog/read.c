/*
 * What does a MariaDB schema have?
 *
 * The only reader of information_schema.  A schema is read by a handful of
 * queries, never by one per table, and merged here.  The caller decides which
 * tables it wants and what they become.
 */
#include "postgres.h"

#include <stdlib.h>

#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "catalog/ask.h"
#include "catalog/labels.h"
#include "catalog/read.h"
#include "session/session.h"
#include "session/srf.h"
#include "values/values.h"

PG_FUNCTION_INFO_V1(mariadb_tables);
PG_FUNCTION_INFO_V1(mariadb_columns);
PG_FUNCTION_INFO_V1(mariadb_indexes);
PG_FUNCTION_INFO_V1(mariadb_foreign_keys);

/* The maximum number of labels that a recursive query returns by default. */
#define MAX_REREAD_LABELS 1000

static const char table_list_sql[] =
"SELECT TABLE_NAME, TABLE_TYPE, TABLE_ROWS, TABLE_COMMENT"
" FROM information_schema.TABLES"
" WHERE TABLE_SCHEMA = $schema";

static const char column_list_sql[] =
"SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE,"
" CHARACTER_MAXIMUM_LENGTH, NUMERIC_PRECISION, NUMERIC_SCALE,"
" DATETIME_PRECISION, IS_NULLABLE = 'YES', COLUMN_DEFAULT,"
" FIND_IN_SET('select', PRIVILEGES) > 0, COLLATION_NAME,"
" NULLIF(GENERATION_EXPRESSION, ''), EXTRA, NULLIF(COLUMN_COMMENT, '')"
" FROM information_schema.COLUMNS"
" WHERE TABLE_SCHEMA = $schema"
" ORDER BY TABLE_NAME, ORDINAL_POSITION";

/* Fields of column_list_sql. */
enum
{
	COLUMN_TABLE,
	COLUMN_NAME,
	COLUMN_DATA_TYPE,
	COLUMN_TYPE,
	COLUMN_CHAR_LENGTH,
	COLUMN_PRECISION,
	COLUMN_SCALE,
	COLUMN_DATETIME_PRECISION,
	COLUMN_NULLABLE,
	COLUMN_DEFAULT,
	COLUMN_READABLE,
	COLUMN_COLLATION,
	COLUMN_GENERATION,
	COLUMN_EXTRA,
	COLUMN_COMMENT,
	COLUMN_FIELDS
};

#define COLUMN_NULLABLES \
	(MARIA_NULLABLE(COLUMN_CHAR_LENGTH) | MARIA_NULLABLE(COLUMN_PRECISION) | \
	 MARIA_NULLABLE(COLUMN_SCALE) | \
	 MARIA_NULLABLE(COLUMN_DATETIME_PRECISION) | \
	 MARIA_NULLABLE(COLUMN_DEFAULT) | MARIA_NULLABLE(COLUMN_COLLATION) | \
	 MARIA_NULLABLE(COLUMN_GENERATION) | MARIA_NULLABLE(COLUMN_COMMENT))

static const char key_list_sql[] =
"SELECT TABLE_NAME, COLUMN_NAME, SEQ_IN_INDEX"
" FROM information_schema.STATISTICS"
" WHERE TABLE_SCHEMA = $schema AND INDEX_NAME = 'PRIMARY'";

static const char json_list_sql[] =
"SELECT TABLE_NAME, CHECK_CLAUSE"
" FROM information_schema.CHECK_CONSTRAINTS"
" WHERE CONSTRAINT_SCHEMA = $schema AND CHECK_CLAUSE LIKE 'json_valid(%)'";

/*
 * The queries of the SQL functions.  Names are compared in binary, since a
 * server may have tables whose names differ only in case.  DISTINCT
 * materializes a derived table with a key; without it each row would be joined
 * by a full scan.
 */
static const char tables_sql[] =
"SELECT TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_ROWS, DATA_LENGTH,"
" INDEX_LENGTH, AUTO_INCREMENT, TABLE_COLLATION, TABLE_COMMENT"
" FROM information_schema.TABLES"
" WHERE TABLE_SCHEMA = $schema"
" ORDER BY BINARY TABLE_NAME";

static const char columns_sql[] =
"SELECT c.TABLE_NAME, c.COLUMN_NAME, c.ORDINAL_POSITION, c.DATA_TYPE,"
" c.COLUMN_TYPE, c.IS_NULLABLE = 'YES', c.COLUMN_DEFAULT, c.EXTRA,"
" c.GENERATION_EXPRESSION, c.CHARACTER_SET_NAME, c.COLLATION_NAME,"
" k.SEQ_IN_INDEX, c.COLUMN_COMMENT"
" FROM information_schema.COLUMNS c LEFT JOIN"
" (SELECT DISTINCT TABLE_NAME, COLUMN_NAME, SEQ_IN_INDEX"
" FROM information_schema.STATISTICS"
" WHERE TABLE_SCHEMA = $schema AND INDEX_NAME = 'PRIMARY') k"
" ON k.TABLE_NAME = c.TABLE_NAME AND k.COLUMN_NAME = c.COLUMN_NAME"
" AND BINARY k.TABLE_NAME = c.TABLE_NAME"
" WHERE c.TABLE_SCHEMA = $schema"
" ORDER BY BINARY c.TABLE_NAME, c.ORDINAL_POSITION";

/* Fields of columns_sql. */
#define LISTED_FIELDS 13

static const char indexes_sql[] =
"SELECT TABLE_NAME, INDEX_NAME,"
" CASE WHEN INDEX_NAME = 'PRIMARY' THEN 'PRIMARY'"
" WHEN INDEX_TYPE IN ('FULLTEXT', 'SPATIAL', 'VECTOR') THEN INDEX_TYPE"
" WHEN NON_UNIQUE THEN 'INDEX' ELSE 'UNIQUE' END,"
" SEQ_IN_INDEX, COLUMN_NAME,"
" CASE WHEN INDEX_TYPE <> 'SPATIAL' THEN SUB_PART END,"
" CASE COLLATION WHEN 'A' THEN 'ASC' WHEN 'D' THEN 'DESC' END,"
" INDEX_COMMENT"
" FROM information_schema.STATISTICS"
" WHERE TABLE_SCHEMA = $schema"
" ORDER BY BINARY TABLE_NAME, BINARY INDEX_NAME, SEQ_IN_INDEX";

/* An account that may only read sees the keys, but not their actions. */
const char	maria_foreign_keys_sql[] =
"SELECT k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION, k.COLUMN_NAME,"
" k.REFERENCED_TABLE_SCHEMA, k.REFERENCED_TABLE_NAME,"
" k.REFERENCED_COLUMN_NAME, r.UPDATE_RULE, r.DELETE_RULE"
" FROM information_schema.KEY_COLUMN_USAGE k LEFT JOIN"
" (SELECT DISTINCT TABLE_NAME, CONSTRAINT_NAME, UPDATE_RULE, DELETE_RULE"
" FROM information_schema.REFERENTIAL_CONSTRAINTS"
" WHERE CONSTRAINT_SCHEMA = $schema) r"
" ON r.TABLE_NAME = k.TABLE_NAME AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME"
" AND BINARY r.TABLE_NAME = k.TABLE_NAME"
" WHERE k.TABLE_SCHEMA = $schema AND k.REFERENCED_TABLE_NAME IS NOT NULL"
" ORDER BY BINARY k.TABLE_NAME, BINARY k.CONSTRAINT_NAME, k.ORDINAL_POSITION";

/* Returns a number that must fit int and must not be negative. */
static int
small_number_at(MariaResult *result, int field, int if_null)
{
	int64		number = maria_field_number(result, field, if_null);

	if (number != if_null && (number < 0 || number > PG_INT32_MAX))
		maria_report_bad_answer(result,
								psprintf("Field %d of the result is out of range.",
										 field + 1));
	return (int) number;
}

static int
compare_tables(const ListCell *a, const ListCell *b)
{
	return strcmp(((MariaRemoteTable *) lfirst(a))->name,
				  ((MariaRemoteTable *) lfirst(b))->name);
}

/* Reports a table or column whose name this database cannot represent. */
static void
warn_of_name(const char *kind, MariaResult *result, int field, const char *of)
{
	MariaField	raw = {.type = MARIA_BYTES};
	MariaValue *name = &result->row[field];

	ereport(WARNING,
			(errmsg("%s \"%s\" of %s is skipped",
					kind, maria_field_text(result, field), of),
			 errdetail("Encoding \"%s\" lacks characters of its name, which is %s in UTF-8.",
					   GetDatabaseEncodingName(),
					   maria_value_text(&raw, name->data, name->len))));
}

/* Returns an estimate, which an engine without one may report as 2^64 - 1. */
static double
estimate_at(MariaResult *result, int field)
{
	char	   *text = maria_field_text(result, field);
	double		rows = text ? strtod(text, NULL) : -1;

	return rows >= 0 && rows < (double) PG_INT64_MAX ? rows : -1;
}

/* Reads the tables without their columns, in name order. */
static List *
read_table_list(MariaConn *conn, const char *schema)
{
	List	   *tables = NIL;
	bool		is_mysql = maria_is_mysql(conn);
	MariaResult *result = maria_open_for_schema(conn, table_list_sql, 4,
												MARIA_NULLABLE(2) | MARIA_NULLABLE(3),
												schema);

	while (maria_fetch(result))
	{
		MariaRemoteTable *table = palloc0(sizeof(MariaRemoteTable));

		table->name = maria_name_at(result, 0);
		if (table->name == NULL)
		{
			warn_of_name("table", result, 0,
						 psprintf("schema \"%s\"", schema));
			continue;
		}
		table->is_mysql = is_mysql;
		table->kind = maria_field_text(result, 1);
		table->rows = estimate_at(result, 2);
		table->comment = maria_field_text(result, 3);
		tables = lappend(tables, table);
	}
	maria_close(result);
	list_sort(tables, compare_tables);
	return tables;
}

static MariaRemoteColumn *
make_column(MariaResult *result, const MariaRemoteTable *table)
{
	MariaRemoteColumn *column = palloc0(sizeof(MariaRemoteColumn));

	column->table = table->name;
	column->name = maria_name_at(result, COLUMN_NAME);
	column->data_type = maria_field_text(result, COLUMN_DATA_TYPE);
	column->column_type = maria_field_text(result, COLUMN_TYPE);
	column->is_json = strcmp(column->data_type, "json") == 0;
	column->char_length = maria_field_number(result, COLUMN_CHAR_LENGTH, -1);
	column->precision = small_number_at(result, COLUMN_PRECISION, -1);
	column->scale = small_number_at(result, COLUMN_SCALE, 0);
	column->datetime_precision =
		small_number_at(result, COLUMN_DATETIME_PRECISION, -1);
	column->is_nullable = maria_field_number(result, COLUMN_NULLABLE, 0) != 0;
	column->is_readable = maria_field_number(result, COLUMN_READABLE, 0) != 0;
	column->default_value = maria_field_text(result, COLUMN_DEFAULT);
	column->collation = maria_field_text(result, COLUMN_COLLATION);
	column->generation = maria_field_text(result, COLUMN_GENERATION);
	column->extra = maria_field_text(result, COLUMN_EXTRA);
	if (table->is_mysql)
		maria_set_mysql_column(column, result, COLUMN_DEFAULT,
							   COLUMN_GENERATION);
	column->comment = maria_field_text(result, COLUMN_COMMENT);
	return column;
}

static void
read_columns(MariaConn *conn, const char *schema, List *tables)
{
	bool		is_mysql = maria_is_mysql(conn);
	MariaResult *result = maria_open_for_schema(conn, column_list_sql,
												COLUMN_FIELDS,
												COLUMN_NULLABLES, schema);

	while (maria_fetch(result))
	{
		MariaRemoteTable *table = maria_find_table(tables,
												   maria_name_at(result, COLUMN_TABLE));

		if (table == NULL)
			continue;
		if (maria_name_at(result, COLUMN_NAME))
		{
			MariaRemoteColumn *column = make_column(result, table);

			column->is_mysql = is_mysql;
			column->may_be_shorter = is_mysql;
			table->columns = lappend(table->columns, column);
		}
		else
			warn_of_name("column", result, COLUMN_NAME,
						 psprintf("table \"%s\"", table->name));
	}
	maria_close(result);
}

/* Marks the columns of the primary keys. */
static void
read_keys(MariaConn *conn, const char *schema, List *tables)
{
	MariaResult *result = maria_open_for_schema(conn, key_list_sql, 3,
												MARIA_NONE_NULL, schema);

	while (maria_fetch(result))
	{
		MariaRemoteTable *table = maria_find_table(tables, maria_name_at(result, 0));
		MariaRemoteColumn *column = maria_find_column(table, maria_name_at(result, 1));

		if (column)
			column->key = small_number_at(result, 2, 0);
	}
	maria_close(result);
}

/* Returns the column that a check json_valid(`column`) is about, or NULL. */
char *
maria_json_column(const char *check)
{
	const char *name = check + strlen("json_valid(`");
	size_t		len = strlen(check);
	char	   *result;
	char	   *to;

	if (strncmp(check, "json_valid(`", strlen("json_valid(`")) != 0 ||
		len < strlen("json_valid(``)") || strcmp(check + len - 2, "`)") != 0)
		return NULL;
	result = to = palloc(len);
	for (; name < check + len - 2; name++)
	{
		*to++ = *name;
		if (*name == '`' && *++name != '`')
			return NULL;
	}
	*to = '\0';
	return name == check + len - 2 ? result : NULL;
}

/* Marks the column that a json_valid check is all about. */
static void
mark_json(MariaRemoteTable *table, const char *check)
{
	char	   *name = check ? maria_json_column(check) : NULL;
	MariaRemoteColumn *column = name ? maria_find_column(table, name) : NULL;

	if (column && strcmp(column->data_type, "longtext") == 0)
		column->is_json = true;
}

/* Finds JSON columns, which are LONGTEXT with a check in MariaDB. */
static void
read_json_checks(MariaConn *conn, const char *schema, List *tables)
{
	MariaResult *result = maria_open_for_schema(conn, json_list_sql, 2,
												MARIA_NONE_NULL, schema);

	while (maria_fetch(result))
		mark_json(maria_find_table(tables, maria_name_at(result, 0)),
				  maria_name_at(result, 1));
	maria_close(result);
}

/*
 * Returns a query for the labels of an enum column that does not read its
 * rows: the column of a recursive table has the type of its first row, and
 * that type converts a number to a label.
 */
static char *
labels_sql(const char *schema, const MariaRemoteColumn *column, int count)
{
	return psprintf("WITH RECURSIVE labels (n, label) AS ("
					"SELECT 1, t.%s FROM (SELECT 1) one LEFT JOIN %s.%s t ON FALSE"
					" UNION ALL SELECT n + 1, n FROM labels WHERE n <= %d)"
					" SELECT label FROM labels WHERE n > 1 ORDER BY n",
					maria_quote_identifier(column->name),
					maria_quote_identifier(schema),
					maria_quote_identifier(column->table), count);
}

/* Returns an enum column's exact labels; NIL if they cannot be read. */
static List *
reread_labels(MariaConn *conn, const char *schema,
			  const MariaRemoteColumn *column)
{
	List	   *labels = NIL;
	int			count = list_length(column->labels);
	char	   *sql = labels_sql(schema, column, count);
	MariaResult *result;

	if (!column->is_readable || count >= MAX_REREAD_LABELS)
		return NIL;

	/*
	 * A view whose definer does not exist has columns, but they cannot be
	 * read.
	 */
	if (maria_try_command(conn, sql) != 0)
		return NIL;
	result = maria_open_fields(conn, sql, 1, MARIA_NULLABLE(0));
	while (maria_fetch(result))
	{
		char	   *label = maria_name_at(result, 0);

		if (label)
			labels = lappend(labels, label);
	}
	maria_close(result);
	return list_length(labels) == count ? labels : NIL;
}

/*
 * Finds the labels of a table's enum columns. information_schema supports
 * characters of up to three bytes and shows a question mark for longer ones,
 * so labels with a question mark are read again.
 */
static void
read_labels(MariaConn *conn, const char *schema, MariaRemoteTable *table)
{
	ListCell   *lc;

	foreach(lc, table->columns)
	{
		MariaRemoteColumn *column = lfirst(lc);

		if (!maria_is_enum(column))
			continue;
		column->labels = maria_parse_labels(column->column_type);
		if (strchr(column->column_type, '?'))
			column->labels = reread_labels(conn, schema, column);
	}
}

/* Returns the MariaRemoteTables of a schema, in name order. */
List *
maria_read_tables(MariaConn *conn, const char *server, const char *schema)
{
	char	   *name = maria_find_schema(conn, server, schema);
	List	   *tables = read_table_list(conn, name);
	ListCell   *lc;

	read_columns(conn, name, tables);
	read_keys(conn, name, tables);
	if (!maria_is_mysql(conn))
		read_json_checks(conn, name, tables);
	foreach(lc, tables)
	{
		read_labels(conn, name, lfirst(lc));
		maria_reread_mysql_defaults(conn, name, lfirst(lc));
	}
	return tables;
}

/*
 * Reads the arguments (server, schema); also returns the schema's name in
 * MariaDB.
 */
static MariaConn *
read_call(FunctionCallInfo fcinfo, char **schema)
{
	char	   *server;
	MariaConn  *conn;

	maria_require_arguments(fcinfo, 0);
	server = NameStr(*PG_GETARG_NAME(0));
	conn = maria_get_connection_by_name(server, MARIA_READ);
	*schema = maria_find_schema(conn, server,
								text_to_cstring(PG_GETARG_TEXT_PP(1)));
	return conn;
}

/*
 * Returns the rows of a query on the schema that an SQL function is given.  A
 * NUL character in one comment or default must not fail the whole query.
 */
static Datum
schema_srf(FunctionCallInfo fcinfo, const char *query)
{
	char	   *schema;
	MariaConn  *conn = read_call(fcinfo, &schema);
	MariaOptions opts = {.nul_bytes = POLICY_STRIP};

	return maria_srf_return_by(fcinfo,
							   maria_open(conn, maria_query_for_schema(conn, query,
																	   schema)),
							   &opts);
}

Datum
mariadb_tables(PG_FUNCTION_ARGS)
{
	return schema_srf(fcinfo, tables_sql);
}

Datum
mariadb_columns(PG_FUNCTION_ARGS)
{
	char	   *schema;
	MariaConn  *conn = read_call(fcinfo, &schema);

	if (!maria_is_mysql(conn))
		return schema_srf(fcinfo, columns_sql);
	return maria_list_mysql_columns(fcinfo,
									maria_open_for_schema(conn, columns_sql,
														  LISTED_FIELDS,
														  MARIA_ANY_NULL,
														  schema));
}

Datum
mariadb_indexes(PG_FUNCTION_ARGS)
{
	return schema_srf(fcinfo, indexes_sql);
}

Datum
mariadb_foreign_keys(PG_FUNCTION_ARGS)
{
	return schema_srf(fcinfo, maria_foreign_keys_sql);
}
