/*
 * Which tables do the options of mariadb.ddl select?
 */
#include "postgres.h"

#include "fmgr.h"
#include "foreign/foreign.h"
#include "utils/builtins.h"

#include "catalog/ask.h"
#include "catalog/listed.h"
#include "catalog/read.h"
#include "schema/ddl/ddl.h"
#include "session/session.h"
#include "session/srf.h"

PG_FUNCTION_INFO_V1(mariadb_wanted_tables);

/* Returns the names of the tables that the options select. */
Datum
mariadb_wanted_tables(PG_FUNCTION_ARGS)
{
	char	   *server;
	MariaConn  *conn;
	char	   *schema;
	DdlPlan    *plan;
	List	   *tables;
	List	   *names = NIL;
	ListCell   *lc;

	maria_require_arguments(fcinfo, 0);
	server = NameStr(*PG_GETARG_NAME(0));
	conn = maria_get_connection_by_name(server, MARIA_READ);
	schema = maria_check_source(conn, server,
								text_to_cstring(PG_GETARG_TEXT_PP(1)));
	plan = maria_ddl_options(GetForeignServerByName(server, false)->serverid,
							 PG_GETARG_DATUM(2));
	tables = maria_read_tables(conn, server, schema);
	maria_choose_tables(conn, tables, plan->only, plan->except, schema);
	foreach(lc, tables)
	{
		MariaRemoteTable *table = lfirst(lc);

		if (table->is_wanted && maria_holds_rows(table) &&
			!maria_is_migrations(table))
			names = lappend(names, table->name);
	}
	PG_RETURN_POINTER(maria_text_array(names));
}
