/*
 * Does each table of a MariaDB schema have the same rows in PostgreSQL?
 *
 * A row of the result for each table: what was counted or digested on each
 * side, in which way, and whether it is the same.  Nothing is written, and all
 * remote tables are read in one snapshot.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "postmaster/bgworker_internals.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/resowner.h"
#include "utils/tuplestore.h"

#include "session/session.h"
#include "session/srf.h"
#include "verify/digest/sides.h"

typedef enum Level
{
	LEVEL_COUNT,
	LEVEL_STREAM,
	LEVEL_DIGEST,
	LEVEL_ROWS
} Level;

/* The request of the call, and the results so far. */
typedef struct Verification
{
	char	   *server;
	char	   *schema;
	char	   *local;
	Level		level;
	int			workers;		/* -1 = PostgreSQL's own choice */
	bool		fail;
	bool		structure;
	int			nhidden;		/* findings about what cannot be compared */
	Tuplestorestate *rows;
	TupleDesc	desc;
	int			nbad;
	StringInfoData bad;			/* a line for each table that differs */
} Verification;

/* A row of the result; what is unknown is NULL. */
typedef struct Outcome
{
	const char *table;
	bool		is_counted;
	bool		is_digested;
	MariaDigest remote;
	MariaDigest local;
	int64		differing;		/* rows, -1 = not counted */
	const char *method;
	double		seconds;		/* -1 = nothing was read */
	const char *status;
} Outcome;

#define OUTCOME_COLUMNS 9

PG_FUNCTION_INFO_V1(mariadb_verify);

static void
put_outcome(Verification *verify, const Outcome *outcome)
{
	Datum		values[OUTCOME_COLUMNS] = {0};
	bool		nulls[OUTCOME_COLUMNS] = {0};

	values[0] = CStringGetTextDatum(outcome->table);
	nulls[1] = nulls[2] = !outcome->is_counted;
	values[1] = Int64GetDatum(outcome->remote.rows);
	values[2] = Int64GetDatum(outcome->local.rows);
	nulls[3] = nulls[4] = !outcome->is_digested;
	if (outcome->is_digested)
	{
		values[3] = CStringGetTextDatum(maria_digest_text(&outcome->remote));
		values[4] = CStringGetTextDatum(maria_digest_text(&outcome->local));
	}
	nulls[5] = outcome->differing < 0;
	values[5] = Int64GetDatum(outcome->differing);
	nulls[6] = outcome->method == NULL;
	if (outcome->method)
		values[6] = CStringGetTextDatum(outcome->method);
	nulls[7] = outcome->seconds < 0;
	values[7] = Float8GetDatum(outcome->seconds);
	values[8] = CStringGetTextDatum(outcome->status);
	tuplestore_putvalues(verify->rows, verify->desc, values, nulls);
	if (strcmp(outcome->status, "equal") == 0)
		return;
	appendStringInfo(&verify->bad, "%s%s: %s", verify->nbad++ ? "\n" : "",
					 outcome->table, outcome->status);
}

static bool
same_digest(const MariaDigest *a, const MariaDigest *b)
{
	return a->rows == b->rows && a->low == b->low && a->high == b->high;
}

/*
 * Counts the rows of a table that differ between the sides, or returns why
 * they cannot be compared.
 */
static void
count_differences(const Verification *verify, Outcome *outcome)
{
	Oid			types[4] = {NAMEOID, TEXTOID, TEXTOID, TEXTOID};
	NameData	server;
	MemoryContext context = CurrentMemoryContext;
	Datum		values[4];
	bool		isnull;
	char	   *error;

	namestrcpy(&server, verify->server);
	values[0] = NameGetDatum(&server);
	values[1] = CStringGetTextDatum(verify->schema);
	values[2] = CStringGetTextDatum(verify->local);
	values[3] = CStringGetTextDatum(outcome->table);
	SPI_connect();
	if (SPI_execute_with_args("SELECT pg_catalog.sum(d.times)::pg_catalog.int8, "
							  "pg_catalog.max(d.kind) FILTER (WHERE pg_catalog.starts_with(d.kind, 'error: ')) FROM "
							  MARIA_SCHEMA ".differences($1, $2, $3, ARRAY[$4], NULL) d",
							  4, types, values, NULL, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "no differences");	/* cannot happen */
	outcome->differing = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0],
													 SPI_tuptable->tupdesc, 1,
													 &isnull));
	error = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 2);
	if (error)
	{
		outcome->differing = -1;
		outcome->status = MemoryContextStrdup(context, error);
	}
	SPI_finish();
}

/* Compares one table that exists on both sides. */
static void
compare_table(Verification *verify, MariaConn *conn, MariaTablePair *pair,
			  Outcome *outcome)
{
	MariaDigest remote = {0};
	MariaDigest local = {0};
	const char *method;

	if (verify->level == LEVEL_COUNT)
		method = maria_count_sides(conn, pair, verify->workers,
								   &remote, &local);
	else
		method = maria_digest_sides(conn, pair,
									verify->level != LEVEL_STREAM,
									verify->workers, &remote, &local);
	if (!pair->same_columns)
		outcome->status = "columns differ";
	else if (same_digest(&remote, &local))
		outcome->status = "equal";
	else
		outcome->status = "differs";
	if (verify->level == LEVEL_ROWS && same_digest(&remote, &local))
		outcome->differing = 0;
	else if (verify->level == LEVEL_ROWS)
		count_differences(verify, outcome);
	outcome->remote = remote;
	outcome->local = local;
	outcome->method = method;
	outcome->is_counted = true;
	outcome->is_digested = verify->level != LEVEL_COUNT;
}

/* What comparing one table needs in addition. */
typedef struct Attempt
{
	Verification *verify;
	Outcome    *outcome;
} Attempt;

static void
try_compare(MariaConn *conn, MariaTablePair *pair, void *arg)
{
	Attempt    *attempt = arg;

	compare_table(attempt->verify, conn, pair, attempt->outcome);
}

/* Adds the result of one table. */
static void
verify_table(MariaConn *conn, MariaTablePair *pair, void *arg)
{
	Verification *verify = arg;
	Outcome		outcome = {pair->remote->name,.differing = -1,.seconds = -1,
	.status = "missing here"};
	Attempt		attempt = {verify, &outcome};
	ErrorData  *error;
	instr_time	start;
	instr_time	end;

	if (pair->local)
	{
		INSTR_TIME_SET_CURRENT(start);
		error = maria_try_pair(conn, pair, try_compare, &attempt);
		if (error)
		{
			maria_warn_of_table(pair, error);
			outcome.status = maria_error_status(error);
		}
		INSTR_TIME_SET_CURRENT(end);
		INSTR_TIME_SUBTRACT(end, start);
		outcome.seconds = INSTR_TIME_GET_DOUBLE(end);
	}
	put_outcome(verify, &outcome);
}

/*
 * Adds the parts of the structure that mariadb.ddl would create differently.
 */
static void
verify_structure(Verification *verify)
{
	Oid			types[3] = {NAMEOID, TEXTOID, TEXTOID};
	NameData	server;
	Datum		values[3];

	namestrcpy(&server, verify->server);
	values[0] = NameGetDatum(&server);
	values[1] = CStringGetTextDatum(verify->schema);
	values[2] = CStringGetTextDatum(verify->local);
	SPI_connect();
	if (SPI_execute_with_args("SELECT object, 'structure: ' || status || ' (' || kind || ')' "
							  "FROM " MARIA_SCHEMA ".verify_structure($1, $2, $3) "
							  "WHERE status <> 'equal'",
							  3, types, values, NULL, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "no structure");	/* cannot happen */
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HeapTuple	row = SPI_tuptable->vals[i];
		Outcome		outcome = {.differing = -1,.seconds = -1};

		outcome.table = SPI_getvalue(row, SPI_tuptable->tupdesc, 1);
		outcome.status = SPI_getvalue(row, SPI_tuptable->tupdesc, 2);
		put_outcome(verify, &outcome);
	}
	SPI_finish();
}

static Level
parse_level(const char *name)
{
	static const char *const names[] = {"count", "stream", "digest", "rows"};

	StaticAssertStmt(lengthof(names) == LEVEL_ROWS + 1,
					 "each level must have a name");
	for (size_t i = 0; i < lengthof(names); i++)
		if (strcmp(name, names[i]) == 0)
			return (Level) i;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid level \"%s\"", name),
			 errhint("Valid levels are: count, stream, digest, rows.")));
}

/*
 * Only tables and workers may be NULL: an empty result would look like
 * success.
 */
static void
check_arguments(FunctionCallInfo fcinfo)
{
	maria_require_arguments(fcinfo, 1 << 4 | 1 << 5);
	if (!PG_ARGISNULL(5) && (PG_GETARG_INT32(5) < 0 ||
							 PG_GETARG_INT32(5) > MAX_PARALLEL_WORKER_LIMIT))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the number of workers must be between 0 and %d",
						MAX_PARALLEL_WORKER_LIMIT)));
}

static void
read_arguments(FunctionCallInfo fcinfo, Verification *verify)
{
	check_arguments(fcinfo);
	verify->server = NameStr(*PG_GETARG_NAME(0));
	verify->schema = text_to_cstring(PG_GETARG_TEXT_PP(1));
	verify->local = text_to_cstring(PG_GETARG_TEXT_PP(2));
	verify->level = parse_level(text_to_cstring(PG_GETARG_TEXT_PP(3)));
	verify->workers = PG_ARGISNULL(5) ? -1 : PG_GETARG_INT32(5);
	verify->fail = PG_GETARG_BOOL(6);
	verify->structure = PG_GETARG_BOOL(7);
	initStringInfo(&verify->bad);
}

/* For scripts, which notice an error but may not read rows. */
static void
raise_failure(const Verification *verify)
{
	if (!verify->fail)
		return;
	if (verify->nbad == 0 && verify->nhidden > 0)
		maria_report_hidden(verify->schema);
	if (verify->nbad == 0)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_DATA_EXCEPTION),
			 errmsg_plural("%d difference between %s schema \"%s\" and schema \"%s\"",
						   "%d differences between %s schema \"%s\" and schema \"%s\"",
						   verify->nbad, verify->nbad, maria_session_product(),
						   verify->schema, verify->local),
			 errdetail("%s", verify->bad.data)));
}

Datum
mariadb_verify(PG_FUNCTION_ARGS)
{
	Verification verify = {0};

	read_arguments(fcinfo, &verify);
	verify.rows = maria_srf_begin(fcinfo, &verify.desc);
	verify.nhidden = maria_warn_of_call(fcinfo, 4);
	maria_each_pair(fcinfo, 4, verify_table, &verify);
	if (verify.structure)
		verify_structure(&verify);
	raise_failure(&verify);
	return (Datum) 0;
}
