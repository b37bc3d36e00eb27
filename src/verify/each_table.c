/*
 * Which tables does a call process that is given a server, a remote schema, a
 * local schema and optionally tables?
 */
#include "postgres.h"

#include "access/table.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "catalog/ask.h"
#include "catalog/listed.h"
#include "catalog/read.h"
#include "session/session.h"
#include "verify/pair.h"

/* Returns the names that an argument lists; NIL for all tables. */
static List *
listed_names(FunctionCallInfo fcinfo, int argument)
{
	if (PG_ARGISNULL(argument))
		return NIL;
	return maria_list_argument(PG_GETARG_ARRAYTYPE_P(argument), "tables");
}

static List *
table_names(List *tables)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, tables)
		names = lappend(names, ((MariaRemoteTable *) lfirst(lc))->name);
	return names;
}

static void
take_pair(MariaConn *conn, MariaTablePair *pair, Oid relid,
		  MariaTakePair take, void *arg)
{
	if (!OidIsValid(relid))
	{
		take(conn, pair, arg);
		return;
	}
	pair->local = table_open(relid, AccessShareLock);
	maria_match_columns(pair);
	take(conn, pair, arg);
	table_close(pair->local, NoLock);
}

/* Reads the arguments of the call, and checks privileges. */
static MariaConn *
begin_pairs(FunctionCallInfo fcinfo, MariaTablePair *all, Oid *namespace)
{
	char	   *server = NameStr(*PG_GETARG_NAME(0));
	MariaConn  *conn;

	*namespace = maria_local_schema(text_to_cstring(PG_GETARG_TEXT_PP(2)),
									false);
	conn = maria_get_connection_by_name(server, MARIA_READ);
	all->schema = maria_check_source(conn, server,
									 text_to_cstring(PG_GETARG_TEXT_PP(1)));
	all->opts = maria_server_options(GetForeignServerByName(server, false)->serverid,
									 GetUserId());
	return conn;
}

/*
 * Warns of what the account may not read of a call's tables; returns how many
 * findings there are.
 */
int
maria_warn_of_call(FunctionCallInfo fcinfo, int list_argument)
{
	MariaTablePair all = {0};
	List	   *listed;
	Oid			namespace;
	MariaConn  *conn;

	maria_require_arguments(fcinfo, ~7);
	listed = listed_names(fcinfo, list_argument);
	conn = begin_pairs(fcinfo, &all, &namespace);
	return maria_warn_of_hidden(conn, NameStr(*PG_GETARG_NAME(0)), all.schema,
								listed);
}

/* For calls that must fail if they cannot guarantee that all is equal. */
void
maria_report_hidden(const char *schema)
{
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("could not compare all of %s schema \"%s\"",
					maria_session_product(), schema),
			 errdetail("Tables or columns may be hidden from this account."),
			 errhint("Grant SELECT on the schema, or list the tables to be compared.")));
}

/*
 * Processes each remote table of a call (server, schema, local ...); an
 * argument lists them, or is NULL for all.
 */
void
maria_each_pair(FunctionCallInfo fcinfo, int list_argument,
				MariaTakePair take, void *arg)
{
	MariaTablePair all = {0};
	Oid			namespace;
	MariaConn  *conn;
	List	   *listed;
	List	   *tables;
	List	   *names;
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "mariadb_fdw table",
												  ALLOCSET_DEFAULT_SIZES);
	ListCell   *lc;
	ListCell   *name;

	maria_require_arguments(fcinfo, ~7);
	listed = listed_names(fcinfo, list_argument);
	conn = begin_pairs(fcinfo, &all, &namespace);
	tables = maria_read_tables(conn, NameStr(*PG_GETARG_NAME(0)), all.schema);
	names = table_names(tables);
	maria_check_listed(conn, listed, tables, all.schema);
	forboth(lc, tables, name, maria_local_names(names, false))
	{
		MariaTablePair pair = all;
		MemoryContext old;

		pair.remote = lfirst(lc);
		if (!maria_is_compared(pair.remote, PG_ARGISNULL(list_argument), listed))
			continue;
		old = MemoryContextSwitchTo(context);
		take_pair(conn, &pair, maria_find_local_table(namespace, lfirst(name)),
				  take, arg);
		MemoryContextSwitchTo(old);
		MemoryContextReset(context);
	}
	MemoryContextDelete(context);
}
