/*
 * Which tables is a call about that names a server, a schema there, a schema
 * here and perhaps tables?
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "session/session.h"
#include "verify/verify.h"

/* An argument that is missing must not look like a call without differences. */
static void
check_arguments(FunctionCallInfo fcinfo)
{
	for (int i = 0; i < 3; i++)
		if (PG_ARGISNULL(i))
			ereport(ERROR,
					(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
					 errmsg("server, schema and local schema must not be null")));
}

/* Returns the names that an argument lists. */
static List *
listed_names(FunctionCallInfo fcinfo, int argument)
{
	List	   *names = NIL;
	Datum	   *values;
	bool	   *nulls;
	int			count;

	if (PG_ARGISNULL(argument))
		return NIL;
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(argument), TEXTOID, -1, false,
					  TYPALIGN_INT, &values, &nulls, &count);
	for (int i = 0; i < count; i++)
		if (!nulls[i])
			names = lappend(names, TextDatumGetCString(values[i]));
	return names;
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

/* A misspelt name must not look like a table without differences. */
static void
check_listed(List *listed, List *names, const char *schema)
{
	ListCell   *lc;

	foreach(lc, listed)
	{
		if (!maria_is_in(lfirst(lc), names))
			ereport(ERROR,
					(errcode(ERRCODE_FDW_TABLE_NOT_FOUND),
					 errmsg("table \"%s\" does not exist in MariaDB schema \"%s\"",
							(char *) lfirst(lc), schema)));
	}
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

/* Reads who is asked about what, and with which rights. */
static MariaConn *
begin_pairs(FunctionCallInfo fcinfo, MariaTablePair *all, Oid *namespace)
{
	char	   *server = NameStr(*PG_GETARG_NAME(0));
	MariaConn  *conn;

	*namespace = get_namespace_oid(text_to_cstring(PG_GETARG_TEXT_PP(2)), false);
	conn = maria_get_connection_by_name(server, MARIA_READ);
	all->schema = text_to_cstring(PG_GETARG_TEXT_PP(1));
	all->opts = maria_server_options(GetForeignServerByName(server, false)->serverid,
									 GetUserId());
	return conn;
}

/*
 * Takes each table of MariaDB that a call (server, schema, local ...) means;
 * an argument lists them, or is NULL for all.
 */
void
maria_each_pair(FunctionCallInfo fcinfo, int list_argument,
				MariaTakePair take, void *arg)
{
	MariaTablePair all = {0};
	Oid			namespace;
	MariaConn  *conn;
	List	   *listed = listed_names(fcinfo, list_argument);
	List	   *tables;
	List	   *names;
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "mariadb_fdw table",
												  ALLOCSET_DEFAULT_SIZES);
	ListCell   *lc;
	ListCell   *name;

	check_arguments(fcinfo);
	conn = begin_pairs(fcinfo, &all, &namespace);
	tables = maria_read_tables(conn, NameStr(*PG_GETARG_NAME(0)), all.schema);
	names = table_names(tables);
	check_listed(listed, names, all.schema);
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
