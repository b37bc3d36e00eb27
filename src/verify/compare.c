/*
 * Does each table of a MariaDB schema hold the same rows here?
 *
 * The source is streamed and decoded to the local column types; both sides go
 * through the same digest.  Nothing is written, and all remote tables are read
 * in one snapshot.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/xact.h"
#include "catalog/pg_type.h"
#include "catalog/namespace.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/resowner.h"
#include "utils/tuplestore.h"

#include "schema/schema.h"
#include "session/session.h"
#include "values/values.h"
#include "verify/verify.h"

/* Rows that are read from PostgreSQL at once. */
#define BATCH_ROWS 1000

PG_FUNCTION_INFO_V1(mariadb_verify);

/* Streams the source's rows into a digest. */
static MariaDigest
digest_remote(MariaConn *conn, MariaTablePair *pair)
{
	MariaDigest digest = {0};
	TupleDesc	desc = RelationGetDescr(pair->local);
	int			ncolumns = list_length(pair->attnums);
	MariaDigestColumn *columns = maria_digest_columns(pair, false);
	Datum	   *values = palloc0(sizeof(Datum) * (desc->natts + 1));
	bool	   *isnull = palloc0(sizeof(bool) * (desc->natts + 1));
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext,
													  "mariadb_fdw row",
													  ALLOCSET_DEFAULT_SIZES);
	MariaResult *result;
	MariaReader reader;

	result = maria_open(conn, maria_remote_select(pair));
	maria_pair_reader(&reader, pair, result);
	while (maria_fetch(result))
	{
		MemoryContext old = MemoryContextSwitchTo(row_context);

		CHECK_FOR_INTERRUPTS();
		maria_reader_row(&reader, values, isnull);
		maria_digest_row(&digest, columns, ncolumns, values, isnull);
		MemoryContextSwitchTo(old);
		MemoryContextReset(row_context);
	}
	maria_close(result);
	MemoryContextDelete(row_context);
	return digest;
}

static void
digest_batch(MariaDigest *digest, MariaDigestColumn *columns, int ncolumns,
			 MemoryContext row_context)
{
	TupleDesc	desc = SPI_tuptable->tupdesc;
	Datum	   *values = palloc(sizeof(Datum) * (desc->natts + 1));
	bool	   *isnull = palloc(sizeof(bool) * (desc->natts + 1));

	for (uint64 i = 0; i < SPI_processed; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(row_context);

		heap_deform_tuple(SPI_tuptable->vals[i], desc, values, isnull);
		maria_digest_row(digest, columns, ncolumns, values, isnull);
		MemoryContextSwitchTo(old);
		MemoryContextReset(row_context);
	}
	pfree(values);
	pfree(isnull);
}

/* Reads the local table with the caller's rights. */
static MariaDigest
digest_local(MariaTablePair *pair)
{
	MariaDigest digest = {0};
	int			ncolumns = list_length(pair->attnums);
	MariaDigestColumn *columns = maria_digest_columns(pair, true);
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext,
													  "mariadb_fdw row",
													  ALLOCSET_DEFAULT_SIZES);
	Portal		portal;

	SPI_connect();
	portal = SPI_cursor_open_with_args(NULL, maria_local_select(pair), 0, NULL, NULL,
									   NULL, true, 0);
	do
	{
		CHECK_FOR_INTERRUPTS();
		SPI_cursor_fetch(portal, true, BATCH_ROWS);
		digest_batch(&digest, columns, ncolumns, row_context);
		SPI_freetuptable(SPI_tuptable);
	} while (SPI_processed > 0);
	SPI_cursor_close(portal);
	SPI_finish();
	MemoryContextDelete(row_context);
	return digest;
}

static bool
same_digest(const MariaDigest *a, const MariaDigest *b)
{
	return a->rows == b->rows && a->low == b->low && a->high == b->high;
}

/* Puts the outcome for one table that exists on both sides. */
static void
compare_table(MariaConn *conn, MariaTablePair *pair, Datum *values, bool *nulls)
{
	MariaDigest remote;
	MariaDigest local;
	const char *status;

	maria_match_columns(pair);
	remote = digest_remote(conn, pair);
	local = digest_local(pair);
	if (!pair->same_columns)
		status = "columns differ";
	else if (same_digest(&remote, &local))
		status = "equal";
	else
		status = "differs";

	values[1] = Int64GetDatum(remote.rows);
	values[2] = Int64GetDatum(local.rows);
	values[3] = CStringGetTextDatum(maria_digest_text(&remote));
	values[4] = CStringGetTextDatum(maria_digest_text(&local));
	values[5] = CStringGetTextDatum(status);
	memset(nulls, false, 6);
}

/* Is an error about a value or a type, and so about this table only? */
static bool
is_about_table(const ErrorData *error)
{
	return ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_DATA_EXCEPTION ||
		error->sqlerrcode == ERRCODE_FDW_INVALID_DATA_TYPE ||
		error->sqlerrcode == ERRCODE_NOT_NULL_VIOLATION ||
		error->sqlerrcode == ERRCODE_CHECK_VIOLATION;
}

/* Compares a table; a value that cannot be read here ends no other table. */
static void
try_compare(MariaConn *conn, MariaTablePair *pair, Datum *values, bool *nulls)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);

	/* There is no other way to hear of an error and go on. */
	PG_TRY();
	{
		compare_table(conn, pair, values, nulls);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		if (!is_about_table(error))
			ReThrowError(error);
		maria_give_up_rows(conn);
		values[5] = CStringGetTextDatum(psprintf("error: %s", error->message));
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
}

/* Puts one row of the outcome: a table's name, and what was found. */
static void
verify_table(MariaConn *conn, MariaTablePair *pair, Oid namespace,
			 const char *name, Tuplestorestate *rows, TupleDesc desc)
{
	Oid			relid = maria_find_local_table(namespace, name);
	Datum		values[6] = {0};
	bool		nulls[6] = {false, true, true, true, true, false};

	values[0] = CStringGetTextDatum(pair->remote->name);
	if (OidIsValid(relid))
	{
		pair->local = table_open(relid, AccessShareLock);
		try_compare(conn, pair, values, nulls);
		table_close(pair->local, NoLock);
	}
	else
		values[5] = CStringGetTextDatum("missing here");
	tuplestore_putvalues(rows, desc, values, nulls);
}

static List *
local_table_names(List *tables)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, tables)
		names = lappend(names, ((MariaRemoteTable *) lfirst(lc))->name);
	return maria_local_names(names, false);
}

/* Returns the tables that the call names; NIL if it is about all. */
static List *
wanted_tables(FunctionCallInfo fcinfo)
{
	List	   *names = NIL;
	Datum	   *values;
	bool	   *nulls;
	int			count;

	if (PG_NARGS() < 4)
		return NIL;
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(3), TEXTOID, -1, false,
					  TYPALIGN_INT, &values, &nulls, &count);
	for (int i = 0; i < count; i++)
		if (!nulls[i])
			names = lappend(names, TextDatumGetCString(values[i]));
	return names;
}

/* A misspelt name must not look like a table without differences. */
static void
check_wanted(List *wanted, List *tables, const char *schema)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, tables)
		names = lappend(names, ((MariaRemoteTable *) lfirst(lc))->name);
	foreach(lc, wanted)
	{
		if (!maria_is_in(lfirst(lc), names))
			ereport(ERROR,
					(errcode(ERRCODE_FDW_TABLE_NOT_FOUND),
					 errmsg("table \"%s\" does not exist in MariaDB schema \"%s\"",
							(char *) lfirst(lc), schema)));
	}
}

Datum
mariadb_verify(PG_FUNCTION_ARGS)
{
	char	   *server_name = NameStr(*PG_GETARG_NAME(0));
	char	   *schema = text_to_cstring(PG_GETARG_TEXT_PP(1));
	Oid			namespace = get_namespace_oid(text_to_cstring(PG_GETARG_TEXT_PP(2)),
											  false);
	MariaConn  *conn = maria_get_connection_by_name(server_name, MARIA_READ);
	Oid			serverid = GetForeignServerByName(server_name, false)->serverid;
	TupleDesc	desc;
	Tuplestorestate *rows = maria_srf_begin(fcinfo, &desc);
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "mariadb_fdw verify",
												  ALLOCSET_DEFAULT_SIZES);
	List	   *tables = maria_read_tables(conn, server_name, schema);
	List	   *names = local_table_names(tables);
	MariaOptions *opts = maria_server_options(serverid, GetUserId());
	List	   *wanted = wanted_tables(fcinfo);
	ListCell   *lc;
	ListCell   *name;

	check_wanted(wanted, tables, schema);
	forboth(lc, tables, name, names)
	{
		MariaTablePair pair = {0};
		MemoryContext old;

		pair.remote = lfirst(lc);
		pair.schema = schema;
		pair.opts = opts;
		if (!maria_holds_rows(pair.remote) ||
			(PG_NARGS() > 3 && !maria_is_in(pair.remote->name, wanted)))
			continue;
		old = MemoryContextSwitchTo(context);
		verify_table(conn, &pair, namespace, lfirst(name), rows, desc);
		MemoryContextSwitchTo(old);
		MemoryContextReset(context);
	}
	MemoryContextDelete(context);
	return (Datum) 0;
}
