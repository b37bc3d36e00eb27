/*
 * How is a chunk of the ledger copied?
 *
 * In one transaction with its ledger entry: its rows are stored and it is
 * done, or neither.  A chunk that an earlier attempt has copied is first read
 * again, and copied again only if the source has changed.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "transfer/workers.h"

PG_FUNCTION_INFO_V1(mariadb_run_chunk);
PG_FUNCTION_INFO_V1(mariadb_run_statement);

/* The columns of the ledger's result. */
typedef enum ChunkColumn
{
	CHUNK_SOURCE = 1,
	CHUNK_TARGET,
	CHUNK_CONDITION,
	CHUNK_LABEL,
	CHUNK_IS_CHECK,
	CHUNK_DIGEST,
	CHUNK_REJECT,
	CHUNK_REJECT_LIMIT,
	CHUNK_MAX_ROWS,
	CHUNK_MAX_BYTES,
	CHUNK_REJECTED_BEFORE
} ChunkColumn;

/* What to do with a chunk. */
typedef struct ChunkWork
{
	MariaCopy	copy;
	bool		is_check;		/* its rows are stored and may still be
								 * correct */
	char	   *digest;			/* of them */
} ChunkWork;

static Datum
column_value(ChunkColumn column)
{
	bool		isnull;

	return SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column,
						 &isnull);
}

static char *
column_text(MemoryContext context, ChunkColumn column)
{
	char	   *text = SPI_getvalue(SPI_tuptable->vals[0],
									SPI_tuptable->tupdesc, column);

	return text ? MemoryContextStrdup(context, text) : NULL;
}

static void
read_work(ChunkWork *work, MemoryContext context)
{
	MariaCopy  *copy = &work->copy;

	copy->source = DatumGetObjectId(column_value(CHUNK_SOURCE));
	copy->target = DatumGetObjectId(column_value(CHUNK_TARGET));
	copy->condition = column_text(context, CHUNK_CONDITION);
	copy->label = column_text(context, CHUNK_LABEL);
	copy->skip_unmatched = true;
	copy->reject = DatumGetBool(column_value(CHUNK_REJECT));
	copy->reject_limit = DatumGetInt64(column_value(CHUNK_REJECT_LIMIT));
	copy->max_rows = DatumGetFloat8(column_value(CHUNK_MAX_ROWS));
	copy->max_bytes = DatumGetFloat8(column_value(CHUNK_MAX_BYTES));
	copy->rejected_before = DatumGetInt64(column_value(CHUNK_REJECTED_BEFORE));
	work->is_check = DatumGetBool(column_value(CHUNK_IS_CHECK));
	work->digest = column_text(context, CHUNK_DIGEST);
}

/* Arguments that are the key of a chunk, and the most of any function. */
#define KEY_ARGS 3
#define MAX_ARGS 8

/* Calls a function of the ledger; its first arguments are the chunk's key. */
static void
call_ledger(const char *sql, MariaCopy *copy, int nargs, const Oid *types,
			const Datum *values)
{
	Oid			all_types[MAX_ARGS] = {INT8OID, TEXTOID, INT4OID};
	Datum		all_values[MAX_ARGS] = {Int64GetDatum(copy->run),
		CStringGetTextDatum(copy->table_name),
	Int32GetDatum(copy->chunk)};

	Assert(KEY_ARGS + nargs <= (int) lengthof(all_types));
	for (int i = 0; i < nargs; i++)
	{
		all_types[KEY_ARGS + i] = types[i];
		all_values[KEY_ARGS + i] = values[i];
	}
	if (SPI_execute_with_args(sql, KEY_ARGS + nargs, all_types, all_values, NULL,
							  false, 1) != SPI_OK_SELECT ||
		SPI_processed != 1)
		elog(ERROR, "query of the ledger returned no row"); /* cannot happen */
}

static void
begin_chunk(ChunkWork *work)
{
	MemoryContext context = CurrentMemoryContext;

	SPI_connect();
	call_ledger("SELECT * FROM mariadb_internal.begin_chunk($1, $2, $3)",
				&work->copy, 0, NULL, NULL);
	read_work(work, context);
	SPI_finish();
}

/* Deletes the outdated rows of a chunk. */
static void
clear_chunk(ChunkWork *work)
{
	SPI_connect();
	call_ledger("SELECT mariadb_internal.clear_chunk($1, $2, $3)",
				&work->copy, 0, NULL, NULL);
	SPI_finish();
	CommandCounterIncrement();
}

static void
end_chunk(ChunkWork *work, bool is_copied)
{
	MariaCopy  *copy = &work->copy;
	Oid			types[] = {BOOLOID, INT8OID, INT8OID, INT8OID, TEXTOID};
	Datum		values[] = {
		BoolGetDatum(is_copied),
		Int64GetDatum(copy->rows),
		Int64GetDatum(copy->rejected),
		Int64GetDatum(copy->bytes),
		CStringGetTextDatum(maria_digest_text(&copy->digest))
	};

	CommandCounterIncrement();
	SPI_connect();
	call_ledger("SELECT mariadb_internal.end_chunk($1, $2, $3, $4, $5, $6, $7, $8)",
				copy, lengthof(types), types, values);
	SPI_finish();
}

/* Does the source still have the same rows as were copied? */
static bool
is_unchanged(ChunkWork *work)
{
	MariaCopy	check = work->copy;

	check.only_digest = true;
	maria_copy(&check);
	work->copy.bytes = check.bytes;
	if (check.rejected > 0 || work->digest == NULL ||
		strcmp(maria_digest_text(&check.digest), work->digest) != 0)
		return false;
	work->copy.rows = check.rows;
	work->copy.digest = check.digest;
	return true;
}

/* Copies a chunk that was claimed; the caller commits. */
void
maria_run_chunk(int64 run, const char *table_name, int number)
{
	ChunkWork	work = {.copy = {.run = run,.table_name = table_name,
	.chunk = number}};
	bool		is_done;

	begin_chunk(&work);
	is_done = work.is_check && is_unchanged(&work);
	if (!is_done)
	{
		if (work.is_check)
			clear_chunk(&work);
		work.copy.bytes = 0;
		maria_copy(&work.copy);
	}
	end_chunk(&work, !is_done);
}

/* The same for a leader without workers. */
Datum
mariadb_run_chunk(PG_FUNCTION_ARGS)
{
	maria_run_chunk(PG_GETARG_INT64(0), text_to_cstring(PG_GETARG_TEXT_PP(1)),
					PG_GETARG_INT32(2));
	PG_RETURN_VOID();
}

/*
 * Runs a statement as the current user and prevents it from changing the role:
 * a superuser may have used SET ROLE to become the owner of a run, and a
 * statement of the ledger must not RESET ROLE.
 */
Datum
mariadb_run_statement(PG_FUNCTION_ARGS)
{
	char	   *sql = text_to_cstring(PG_GETARG_TEXT_PP(0));
	Oid			user;
	int			context;
	int			result;

	GetUserIdAndSecContext(&user, &context);
	SetUserIdAndSecContext(user, context | SECURITY_LOCAL_USERID_CHANGE);
	SPI_connect();
	result = SPI_execute(sql, false, 0);
	if (result < 0)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot run the statement: %s",
						SPI_result_code_string(result))));
	SPI_finish();
	SetUserIdAndSecContext(user, context);
	PG_RETURN_VOID();
}
