/*
 * May a MariaDB schema be moved, and does the account see all of it?
 *
 * information_schema hides what an account has no privilege on, so what is
 * hidden cannot be counted.  But MariaDB says that a table does not exist only
 * to an account that may read any table of the schema, whatever grant that
 * comes from: its own, a role's, one to PUBLIC, one with wildcards.
 */
#include "postgres.h"

#include "funcapi.h"
#include "utils/builtins.h"

#include "catalog/ask.h"
#include "catalog/listed.h"
#include "catalog/read.h"
#include "session/session.h"
#include "session/srf.h"
#include "values/values.h"

PG_FUNCTION_INFO_V1(mariadb_check_source);
PG_FUNCTION_INFO_V1(mariadb_preflight_privileges);
PG_FUNCTION_INFO_V1(mariadb_warn_of_hidden);

#define MAX_SHOWN 20			/* names in a finding */

/* What an account may not read in a schema. */
typedef struct Hidden
{
	MariaConn  *conn;
	const char *server;
	const char *schema;
	char	   *account;		/* quoted for a GRANT */
	List	   *objects;
	List	   *findings;
} Hidden;

static bool
is_system_schema(const char *schema)
{
	static const char *const names[] = {
		"information_schema", "mysql", "performance_schema", "sys"
	};

	for (size_t i = 0; i < lengthof(names); i++)
		if (strcmp(names[i], schema) == 0)
			return true;
	return false;
}

/* Returns a schema's name as MariaDB spells it, if its tables can be moved. */
char *
maria_check_source(MariaConn *conn, const char *server, const char *schema)
{
	char	   *name = maria_find_schema(conn, server, schema);

	if (is_system_schema(name))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("schema \"%s\" belongs to %s itself and cannot be moved",
						name, maria_product_name(conn)),
				 errhint("To read its tables, use IMPORT FOREIGN SCHEMA.")));
	return name;
}

Datum
mariadb_check_source(PG_FUNCTION_ARGS)
{
	char	   *server;

	maria_require_arguments(fcinfo, 0);
	server = NameStr(*PG_GETARG_NAME(0));
	maria_check_source(maria_get_connection_by_name(server, MARIA_READ),
					   server, text_to_cstring(PG_GETARG_TEXT_PP(1)));
	PG_RETURN_VOID();
}

/*
 * Returns the account that the server uses for this session, in the form of
 * GRANT.
 */
static char *
read_account(MariaConn *conn)
{
	MariaResult *result = maria_open_fields(conn, "SELECT CURRENT_USER()",
											1, MARIA_NONE_NULL);
	char	   *account = "";
	char	   *host;

	while (maria_fetch(result))
		account = maria_field_text(result, 0);
	maria_close(result);
	host = strrchr(account, '@');
	if (host == NULL)
		return maria_quote_literal(account);
	*host = '\0';
	return psprintf("%s@%s", maria_quote_literal(account),
					maria_quote_literal(host + 1));
}

/* Joins as many names as fit into a message. */
static char *
join_names(List *names)
{
	StringInfoData buf;
	ListCell   *lc;
	int			count = 0;

	initStringInfo(&buf);
	foreach(lc, names)
	{
		if (count == MAX_SHOWN)
		{
			appendStringInfo(&buf, " and %d more", list_length(names) - count);
			break;
		}
		appendStringInfo(&buf, "%s%s", count++ > 0 ? ", " : "",
						 quote_identifier(lfirst(lc)));
	}
	return buf.len ? buf.data : "none";
}

static List *
readable_columns(const MariaRemoteTable *table)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, table->columns)
	{
		MariaRemoteColumn *column = lfirst(lc);

		if (column->is_readable)
			names = lappend(names, column->name);
	}
	return names;
}

static void
add_finding(Hidden *hidden, const char *object, char *finding)
{
	hidden->objects = lappend(hidden->objects, pstrdup(object));
	hidden->findings = lappend(hidden->findings, finding);
}

/* Finds the tables of which only some columns, or none, are granted. */
static void
find_partial_tables(Hidden *hidden, List *tables, List *listed)
{
	ListCell   *lc;

	foreach(lc, tables)
	{
		MariaRemoteTable *table = lfirst(lc);
		List	   *columns = readable_columns(table);

		if (!maria_holds_rows(table) || (listed && !maria_is_in(table->name, listed)) ||
			maria_may_read(hidden->conn, hidden->schema, table->name))
			continue;
		add_finding(hidden, quote_identifier(table->name), columns == NIL ?
					"SELECT is not granted, though another privilege is" :
					psprintf("SELECT is granted on single columns only, and the others are hidden from this account; granted: %s",
							 join_names(columns)));
	}
}

/* Finds what the account may not read in a schema or in the listed tables. */
static void
find_hidden(Hidden *hidden, List *listed)
{
	List	   *tables;
	List	   *names = NIL;
	ListCell   *lc;

	if (maria_may_read_all(hidden->conn, hidden->schema))
		return;
	tables = maria_read_tables(hidden->conn, hidden->server, hidden->schema);
	hidden->account = read_account(hidden->conn);
	foreach(lc, tables)
	{
		MariaRemoteTable *table = lfirst(lc);

		if (readable_columns(table) != NIL)
			names = lappend(names, table->name);
	}
	if (listed == NIL)
		add_finding(hidden, quote_identifier(hidden->schema),
					psprintf("SELECT is granted on single tables or columns only, and the others are hidden from this account; granted: %s",
							 join_names(names)));
	find_partial_tables(hidden, tables, listed);
}

static char *
grant_advice(const Hidden *hidden)
{
	return psprintf("in %s: GRANT SELECT ON %s.* TO %s",
					maria_product_name(hidden->conn),
					maria_quote_identifier(hidden->schema), hidden->account);
}

static void
report_hidden(const Hidden *hidden, int level)
{
	ListCell   *object;
	ListCell   *finding;

	Assert(list_length(hidden->objects) == list_length(hidden->findings));
	forboth(object, hidden->objects, finding, hidden->findings)
		ereport(level,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("%s account %s may not read all of %s",
						maria_product_name(hidden->conn),
						hidden->account, (char *) lfirst(object)),
				 errdetail("%s.", (char *) lfirst(finding)),
				 errhint("To make all of it visible, run %s.",
						 grant_advice(hidden))));
}

/*
 * Warns of what the account may not read; returns how many findings there
 * are.  The list contains the tables of the call; NIL means all.
 */
int
maria_warn_of_hidden(MariaConn *conn, const char *server, const char *schema,
					 List *listed)
{
	Hidden		hidden = {conn, server, schema};

	find_hidden(&hidden, listed);
	report_hidden(&hidden, WARNING);
	return list_length(hidden.findings);
}

/* The same for an import, which raises notices for what it skips. */
void
maria_notice_hidden(MariaConn *conn, const char *server, const char *schema,
					List *listed)
{
	Hidden		hidden = {conn, server, schema};

	if (is_system_schema(schema))
		return;
	find_hidden(&hidden, listed);
	report_hidden(&hidden, NOTICE);
}

/* Reads a call (server, schema, tables); returns the list of tables. */
static List *
read_call(FunctionCallInfo fcinfo, Hidden *hidden)
{
	List	   *listed;

	maria_require_arguments(fcinfo, 1 << 2);
	listed = PG_ARGISNULL(2) ? NIL :
		maria_list_argument(PG_GETARG_ARRAYTYPE_P(2), "tables");
	hidden->server = NameStr(*PG_GETARG_NAME(0));
	hidden->conn = maria_get_connection_by_name(hidden->server, MARIA_READ);
	hidden->schema = maria_check_source(hidden->conn, hidden->server,
										text_to_cstring(PG_GETARG_TEXT_PP(1)));
	return listed;
}

Datum
mariadb_preflight_privileges(PG_FUNCTION_ARGS)
{
	Hidden		hidden = {0};
	List	   *listed = read_call(fcinfo, &hidden);
	TupleDesc	desc;
	Tuplestorestate *rows = maria_srf_begin(fcinfo, &desc);
	ListCell   *object;
	ListCell   *finding;

	find_hidden(&hidden, listed);
	Assert(list_length(hidden.objects) == list_length(hidden.findings));
	forboth(object, hidden.objects, finding, hidden.findings)
	{
		Datum		values[5] = {0};
		bool		nulls[5] = {false, false, false, false, true};

		values[0] = CStringGetTextDatum("error");
		values[1] = CStringGetTextDatum(lfirst(object));
		values[2] = CStringGetTextDatum(lfirst(finding));
		values[3] = CStringGetTextDatum(grant_advice(&hidden));
		tuplestore_putvalues(rows, desc, values, nulls);
	}
	return (Datum) 0;
}

Datum
mariadb_warn_of_hidden(PG_FUNCTION_ARGS)
{
	Hidden		hidden = {0};
	List	   *listed = read_call(fcinfo, &hidden);

	PG_RETURN_INT32(maria_warn_of_hidden(hidden.conn, hidden.server,
										 hidden.schema, listed));
}
