/*
 * How is a server asked about one of its schemas?
 *
 * The parts of a query that depend on the server are marks, which are replaced
 * here.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#include "catalog/ask.h"
#include "values/values.h"

/* No table has this name. */
#define NO_TABLE "mariadb_fdw asks whether it may read any table"

static const char schema_sql[] =
"SELECT SCHEMA_NAME FROM information_schema.SCHEMATA"
" WHERE SCHEMA_NAME = $schema";

static const char *
ignored_text(MariaConn *conn)
{
	if (maria_is_at_least(conn, MARIA_FLAVOUR_MARIADB, 10, 6, 0))
		return "IGNORED = 'YES'";
	if (maria_is_at_least(conn, MARIA_FLAVOUR_MYSQL, 8, 0, 0))
		return "IS_VISIBLE = 'NO'";
	return "FALSE";
}

/* An index of MySQL may be on an expression, and has no column there. */
static const char *
expression_text(MariaConn *conn)
{
	return maria_is_at_least(conn, MARIA_FLAVOUR_MYSQL, 8, 0, 13) ?
		"EXPRESSION" : "NULL";
}

/* MySQL keeps the tables of checks, and whether they count, elsewhere. */
static const char *
checks_text(MariaConn *conn)
{
	if (!maria_is_mysql(conn))
		return "information_schema.CHECK_CONSTRAINTS";
	if (!maria_is_at_least(conn, MARIA_FLAVOUR_MYSQL, 8, 0, 16))
		return "(SELECT '' AS TABLE_NAME, '' AS CONSTRAINT_SCHEMA,"
			" '' AS CONSTRAINT_NAME, '' AS LEVEL, '' AS ENFORCED,"
			" '' AS CHECK_CLAUSE FROM DUAL WHERE FALSE) checks";
	return "(SELECT t.TABLE_NAME, c.CONSTRAINT_SCHEMA, c.CONSTRAINT_NAME,"
		" 'Table' AS LEVEL, t.ENFORCED, c.CHECK_CLAUSE"
		" FROM information_schema.CHECK_CONSTRAINTS c"
		" JOIN information_schema.TABLE_CONSTRAINTS t"
		" ON t.CONSTRAINT_SCHEMA = c.CONSTRAINT_SCHEMA"
		" AND t.CONSTRAINT_NAME = c.CONSTRAINT_NAME"
		" AND t.CONSTRAINT_TYPE = 'CHECK') checks";
}

/*
 * Is a check one of a column?  Before 10.5.10 only its name shows it, which is
 * that of the column.
 */
static const char *
level_text(MariaConn *conn)
{
	return maria_is_mysql(conn) ||
		maria_is_at_least(conn, MARIA_FLAVOUR_MARIADB, 10, 5, 10) ?
		"LEVEL = 'Column'" : "TRUE";
}

static const char *
enforced_text(MariaConn *conn)
{
	return maria_is_mysql(conn) ? "ENFORCED = 'YES'" : "TRUE";
}

/*
 * The marks for parts of queries that depend on the server. $schema is
 * replaced by the schema's name.
 */
static const struct
{
	const char *mark;
	const char *(*text) (MariaConn *conn);
}			query_marks[] = {
	{"$ignored", ignored_text},
	{"$expression", expression_text},
	{"$checks", checks_text},
	{"$enforced", enforced_text},
	{"$level", level_text},
};

/*
 * Returns the replacement of the mark at the start of a text, and the length
 * of the mark.
 */
static const char *
mark_text(MariaConn *conn, const char *query, const char *schema, size_t *len)
{
	*len = strlen("$schema");
	if (strncmp(query, "$schema", *len) == 0)
		return maria_quote_literal(schema);
	for (size_t i = 0; i < lengthof(query_marks); i++)
	{
		*len = strlen(query_marks[i].mark);
		if (strncmp(query, query_marks[i].mark, *len) == 0)
			return query_marks[i].text(conn);
	}
	elog(ERROR, "unknown mark in query: %s", query);	/* cannot happen */
}

/* Returns a query with its marks replaced. */
char *
maria_query_for_schema(MariaConn *conn, const char *query, const char *schema)
{
	StringInfoData sql;
	const char *mark;
	size_t		len;

	initStringInfo(&sql);
	while ((mark = strchr(query, '$')) != NULL)
	{
		appendBinaryStringInfo(&sql, query, mark - query);
		appendStringInfoString(&sql, mark_text(conn, mark, schema, &len));
		query = mark + len;
	}
	appendStringInfoString(&sql, query);
	return sql.data;
}

/* Opens a query of so many fields on a schema. */
MariaResult *
maria_open_for_schema(MariaConn *conn, const char *query, int nfields,
					  uint64 nullable, const char *schema)
{
	return maria_open_fields(conn, maria_query_for_schema(conn, query, schema),
							 nfields, nullable);
}

/* Returns the text only if it is just what MariaDB has, as a name must be. */
char *
maria_name_at(MariaResult *result, int field)
{
	bool		whole;
	char	   *text = maria_whole_text(result, field, &whole);

	return whole ? text : NULL;
}

/*
 * Can a name exist in MariaDB?  Names have no characters of four bytes, and
 * information_schema rejects comparisons with them.
 */
static bool
may_be_name(const char *name)
{
	char	   *utf8 = pg_server_to_any(name, strlen(name), PG_UTF8);

	for (; *utf8; utf8++)
		if ((unsigned char) *utf8 >= 0xF0)
			return false;
	return true;
}

static char *
look_up_schema(MariaConn *conn, const char *schema)
{
	MariaResult *result = maria_open_for_schema(conn, schema_sql, 1,
												MARIA_NONE_NULL, schema);
	char	   *name = NULL;

	while (maria_fetch(result))
		name = maria_name_at(result, 0);
	maria_close(result);
	return name;
}

/*
 * Is a server too old to describe a schema?  In MariaDB, CHECK_CONSTRAINTS and
 * the columns of generated columns came during 10.2 and 10.3; an administrator
 * may have configured another version, which proves nothing.  The queries for
 * MySQL require 8.0.
 */
static bool
is_too_old(MariaConn *conn)
{
	int			version = maria_version_number(conn);

	if (maria_is_mysql(conn))
		return version > 0 && version < MARIA_VERSION(8, 0, 0);
	return version < MARIA_VERSION(10, 3, 0) &&
		(version >= MARIA_VERSION(10, 0, 0) ||
		 (version >= MARIA_VERSION(5, 0, 0) && version < MARIA_VERSION(6, 0, 0)));
}

/*
 * Returns the version of MariaDB's greeting; the one of MySQL may come from a
 * proxy.
 */
static const char *
shown_version(MariaConn *conn)
{
	int			version = maria_version_number(conn);

	return maria_is_mysql(conn) ?
		psprintf("%d.%d.%d", version / 10000, version / 100 % 100,
				 version % 100) : maria_server_version(conn);
}

static void
require_version(MariaConn *conn, const char *server)
{
	if (!is_too_old(conn))
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("%s server \"%s\" is too old to read its schemas",
					maria_product_name(conn), server),
			 errdetail("It has version %s, and %s is needed.",
					   shown_version(conn),
					   maria_is_mysql(conn) ? "8.0" : "10.3"),
			 errhint("Create foreign tables by CREATE FOREIGN TABLE, or use mariadb.query.")));
}

bool
maria_may_read(MariaConn *conn, const char *schema, const char *table)
{
	return !maria_is_denied(conn, psprintf("SELECT * FROM %s.%s LIMIT 0",
										   maria_quote_identifier(schema),
										   maria_quote_identifier(table)));
}

/*
 * May the account read every table of a schema, even one that does not exist?
 */
bool
maria_may_read_all(MariaConn *conn, const char *schema)
{
	return maria_may_read(conn, schema, NO_TABLE);
}

/*
 * Returns a schema's name as the server spells it.  The server looks up
 * exactly the name that it is asked for, or folds it where it always does.
 */
char *
maria_find_schema(MariaConn *conn, const char *server, const char *schema)
{
	char	   *name = NULL;

	require_version(conn, server);
	if (may_be_name(schema))
		name = look_up_schema(conn, schema);
	if (name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_SCHEMA_NOT_FOUND),
				 errmsg("schema \"%s\" does not exist on %s server \"%s\"",
						schema, maria_product_name(conn), server),
				 maria_may_read_all(conn, schema) ? 0 :
				 errhint("It may also be hidden from this account, which may not read it.")));
	return name;
}
