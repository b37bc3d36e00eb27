/*
 * How do a leader and its workers get the same snapshot of MariaDB?
 *
 * All take a snapshot, and if the positions in the binary log are not the
 * same, all take another; nothing is locked.  Where the log does not show all
 * changes of the server, tables are locked for as long as the snapshots take.
 * Where that is not allowed either, it is not possible.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "portability/instr_time.h"
#include "storage/latch.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "session/session.h"
#include "transfer/workers.h"

/*
 * With hundreds of commits per second, about ten rounds of a few ms are
 * enough.
 */
#define MAX_ROUNDS 300

/* How often, and for how long, writers are observed. */
#define SAMPLES 3
#define SAMPLE_MS 20

/* Others queue after a lock that is waited for, so the wait is short, in s. */
#define LOCK_WAIT "5"

/* Our lock ends after this time even if a worker does not respond, in s. */
#define LOCKED_TIMEOUT 60

PG_FUNCTION_INFO_V1(mariadb_agree_on_snapshot);

static void
wait_for_answers(void)
{
	TimestampTz deadline = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
													   LOCKED_TIMEOUT * 1000);

	while (!maria_workers_have_answered())
	{
		if (GetCurrentTimestamp() > deadline)
			ereport(ERROR,
					(errcode(ERRCODE_CONNECTION_FAILURE),
					 errmsg("workers could not get a snapshot within %d seconds",
							LOCKED_TIMEOUT)));
		maria_listen_to_workers();
	}
}

/* Makes all workers take a snapshot; returns the leader's own. */
static MariaSnapshot *
take_snapshots(Oid serverid)
{
	MariaWorkers *workers = maria_workers();
	MariaSnapshot *mine;

	if (workers)
	{
		SpinLockAcquire(&workers->mutex);
		workers->round++;
		SpinLockRelease(&workers->mutex);
		maria_wake_workers();
	}
	mine = maria_take_snapshot(serverid);
	if (workers)
		wait_for_answers();
	return mine;
}

/* Is there a process to read?  All workers may have been lost. */
static bool
has_readers(void)
{
	return maria_workers() == NULL || maria_count_workers() > 0;
}

static bool
all_agree(const MariaSnapshot *mine, bool by_log)
{
	MariaWorkers *workers = maria_workers();

	for (int i = 0; workers && i < workers->size; i++)
		if (!maria_worker_has_ended(i) &&
			!maria_is_same_snapshot(mine, &workers->slots[i].snapshot, by_log))
			return false;
	return true;
}

/*
 * Are there permanent writes that are not in the log?  A round of snapshots
 * between two such transactions could not detect them.
 */
static bool
is_written_past_log(Oid serverid)
{
	MariaSnapshot *last = maria_take_snapshot(serverid);

	for (int i = 0; i < SAMPLES; i++)
	{
		MariaConn  *conn = maria_get_connection(serverid, GetUserId(), MARIA_READ);
		uint64		before = maria_next_transaction(conn);
		MariaSnapshot *now;

		CHECK_FOR_INTERRUPTS();
		pg_usleep(SAMPLE_MS * 1000);
		now = maria_take_snapshot(serverid);
		conn = maria_get_connection(serverid, GetUserId(), MARIA_READ);
		if (maria_next_transaction(conn) == before ||
			!maria_is_same_snapshot(last, now, true))
			return false;
	}
	return true;
}

/* How the snapshots were taken, for the ledger. */
typedef struct Agreement
{
	const char *method;
	MariaSnapshot *snapshot;
	double		lock_ms;		/* -1 = nothing was locked */
	const char *gap;			/* why the log alone does not prove it */
	bool		has_place;		/* the position is that of the snapshot */
	char	   *gtid;			/* of it, or NULL */
	uint64		changes;		/* InnoDB's next transaction, 0 = unknown */
	bool		is_crowded;		/* no connection was left to lock with */
} Agreement;

/*
 * Makes all workers take a snapshot, and records the number of the next
 * transaction if none has begun or ended meanwhile.
 */
static MariaSnapshot *
take_and_count(Oid serverid, Agreement *agreement)
{
	MariaConn  *conn = maria_get_connection(serverid, GetUserId(), MARIA_READ);
	uint64		before = maria_next_transaction(conn);
	MariaSnapshot *mine = take_snapshots(serverid);

	conn = maria_get_connection(serverid, GetUserId(), MARIA_READ);
	agreement->changes = before == maria_next_transaction(conn) ? before : 0;
	return mine;
}

/*
 * Takes snapshots until all are at one position of the binary log and, if
 * wanted, there were no changes outside the log.
 */
static bool
agree_by_log(Oid serverid, bool count_changes, Agreement *agreement)
{
	for (int i = 0; i < MAX_ROUNDS; i++)
	{
		agreement->snapshot = take_and_count(serverid, agreement);
		if (*agreement->snapshot->file == '\0' || !has_readers())
			return false;
		if (all_agree(agreement->snapshot, true) &&
			(!count_changes || agreement->changes))
		{
			agreement->method = "binary log";
			return true;
		}
	}
	return false;
}

/*
 * Ways to block writers for a short time, each with the statement that ends
 * it.
 */
static const struct
{
	const char *name;
	const char *lock[3];		/* NULL = the tables by name */
	const char *unlock;
}			locks[] = {
	{"LOCK TABLES", {NULL}, "UNLOCK TABLES"},
	{"FLUSH TABLES WITH READ LOCK", {"FLUSH TABLES WITH READ LOCK"}, "UNLOCK TABLES"},
	{"BACKUP STAGE", {"BACKUP STAGE START", "BACKUP STAGE BLOCK_COMMIT"}, "BACKUP STAGE END"},
};

static char *
lock_tables_statement(const char *schema, ArrayType *tables)
{
	StringInfoData sql;
	Datum	   *names;
	int			n;

	deconstruct_array(tables, TEXTOID, -1, false, TYPALIGN_INT, &names, NULL, &n);
	initStringInfo(&sql);
	for (int i = 0; i < n; i++)
		appendStringInfo(&sql, "%s%s.%s READ", i ? ", " : "LOCK TABLES ",
						 maria_quote_identifier(schema),
						 maria_quote_identifier(TextDatumGetCString(names[i])));
	return sql.len ? sql.data : "DO 0";
}

static bool
try_lock(MariaConn *conn, int way, const char *lock_tables)
{
	if (locks[way].lock[0] == NULL)
		return maria_try_command(conn, lock_tables) == 0;
	for (int i = 0; locks[way].lock[i]; i++)
		if (maria_try_command(conn, locks[way].lock[i]) != 0)
			return false;
	return true;
}

/*
 * MySQL does not show the position of a snapshot, but while the tables are
 * locked, nobody writes to them.
 */
static void
read_locked_place(MariaConn *conn, Agreement *agreement)
{
	bool		no_filters;

	if (maria_is_mysql(conn) && maria_log_gap(conn, &no_filters) == NULL &&
		no_filters)
		agreement->has_place = maria_read_log_place(conn, agreement->snapshot,
													&agreement->gtid);
}

/* Takes the snapshots while a connection of its own holds a lock. */
static bool
agree_by_lock(Oid serverid, MariaConn *conn, const char *lock_tables,
			  Agreement *agreement)
{
	for (int i = 0; i < (int) lengthof(locks); i++)
	{
		instr_time	start;
		instr_time	end;
		bool		is_locked;

		if (!try_lock(conn, i, lock_tables))
		{
			(void) maria_try_command(conn, locks[i].unlock);
			continue;
		}
		INSTR_TIME_SET_CURRENT(start);
		(void) maria_bound_waits(LOCKED_TIMEOUT * 1000);
		agreement->snapshot = take_and_count(serverid, agreement);
		/* A load balancer may have sent the lock to another server. */
		is_locked = maria_is_host_of(conn, agreement->snapshot);
		if (!is_locked)
			agreement->gap = "connections reach more than one server, as behind a load balancer";
		read_locked_place(conn, agreement);
		maria_command(conn, locks[i].unlock);
		maria_reset_waits();
		INSTR_TIME_SET_CURRENT(end);
		INSTR_TIME_SUBTRACT(end, start);
		agreement->lock_ms = INSTR_TIME_GET_MILLISEC(end);
		agreement->method = locks[i].name;
		return is_locked && has_readers() && all_agree(agreement->snapshot, false);
	}
	return false;
}

/* The lock ends with its connection, whatever happens meanwhile. */
static void
disconnect(void *arg)
{
	maria_disconnect(arg);
}

/*
 * Opens another connection; NULL if the limit of the server or the account is
 * reached.
 */
static MariaConn *
connect_to_lock(Oid serverid)
{
	ForeignServer *server = GetForeignServer(serverid);
	MariaOptions *opts = maria_server_options(serverid, GetUserId());
	MemoryContext context = CurrentMemoryContext;
	MariaConn  *volatile conn = NULL;

	/* A failed connect has cleaned up after itself. */
	PG_TRY();
	{
		conn = maria_connect(opts, server->servername);
	}
	PG_CATCH();
	{
		if (geterrcode() != ERRCODE_TOO_MANY_CONNECTIONS)
			PG_RE_THROW();
		MemoryContextSwitchTo(context);
		FlushErrorState();
	}
	PG_END_TRY();
	return conn;
}

static bool
lock_and_agree(Oid serverid, const char *lock_tables, Agreement *agreement)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "mariadb_fdw lock",
												  ALLOCSET_SMALL_SIZES);
	MemoryContextCallback *callback = MemoryContextAllocZero(context,
															 sizeof(*callback));
	MariaConn  *conn = connect_to_lock(serverid);
	bool		found;

	agreement->is_crowded = conn == NULL;
	if (conn == NULL)
		return false;
	callback->func = disconnect;
	callback->arg = conn;
	MemoryContextRegisterResetCallback(context, callback);
	maria_command(conn, "SET SESSION lock_wait_timeout = " LOCK_WAIT);
	found = agree_by_lock(serverid, conn, lock_tables, agreement);
	MemoryContextDelete(context);
	return found;
}

/* Takes a single snapshot, which needs no proof. */
static bool
take_alone(Oid serverid, Agreement *agreement)
{
	agreement->method = "one connection";
	agreement->snapshot = take_and_count(serverid, agreement);
	if (maria_workers())
		*agreement->snapshot = maria_workers()->slots[0].snapshot;
	return has_readers();
}

/*
 * Gets the same snapshot for all; false if that is not possible.  A log
 * without known gaps is sufficient if there are no other changes meanwhile;
 * otherwise a lock is used, and where that is not allowed a log that certainly
 * has no filters.
 */
static bool
agree(Oid serverid, const char *lock_tables, Agreement *agreement)
{
	MariaConn  *conn = maria_get_connection(serverid, GetUserId(), MARIA_READ);
	bool		no_filters;
	bool		is_counted;

	agreement->lock_ms = -1;
	agreement->gap = maria_log_gap(conn, &no_filters);
	if (agreement->gap == NULL && maria_is_mysql(conn))
		agreement->gap = "MySQL does not report the binary log position of a snapshot";
	if (maria_workers() == NULL || maria_workers()->size == 1)
		return take_alone(serverid, agreement);

	/*
	 * All connect now, so that they need not do it while tables are locked or
	 * changes counted.
	 */
	(void) take_snapshots(serverid);
	conn = maria_get_connection(serverid, GetUserId(), MARIA_READ);
	is_counted = maria_next_transaction(conn) != 0;
	if (agreement->gap)
		return lock_and_agree(serverid, lock_tables, agreement);
	if (is_counted ? !is_written_past_log(serverid) : no_filters)
		if (agree_by_log(serverid, is_counted, agreement))
			return true;
	agreement->gap = is_counted
		? "there were changes that the binary log does not contain, or too many changes"
		: "the account may not check whether the binary log has filters";
	if (lock_and_agree(serverid, lock_tables, agreement))
		return true;
	return no_filters && agree_by_log(serverid, false, agreement);
}

/*
 * Prevents DDL on the tables until their rows are read: using a table in the
 * snapshot's transaction is enough.
 */
static void
pin_tables(Oid serverid, const char *schema, ArrayType *tables)
{
	MariaConn  *conn = maria_get_connection(serverid, GetUserId(), MARIA_READ);
	Datum	   *names;
	int			n;

	deconstruct_array(tables, TEXTOID, -1, false, TYPALIGN_INT, &names, NULL, &n);
	for (int i = 0; i < n; i++)
		maria_command(conn,
					  psprintf("SELECT 1 FROM %s.%s LIMIT 0",
							   maria_quote_identifier(schema),
							   maria_quote_identifier(TextDatumGetCString(names[i]))));
}

/* Fills in what the ledger keeps of a snapshot. */
static void
fill_result(Oid serverid, const Agreement *agreement, Datum *values,
			bool *nulls)
{
	const MariaSnapshot *snapshot = agreement->snapshot;
	bool		by_log = *snapshot->file && agreement->gap == NULL;
	bool		has_place = by_log || agreement->has_place;
	char	   *gtid = by_log ? maria_snapshot_gtid(serverid, snapshot)
	: agreement->gtid;

	nulls[0] = false;
	values[0] = CStringGetTextDatum(agreement->method);
	nulls[1] = !has_place;
	values[1] = CStringGetTextDatum(psprintf("%s:%s", snapshot->file,
											 snapshot->position));
	nulls[2] = gtid == NULL;
	if (gtid)
		values[2] = CStringGetTextDatum(gtid);
	nulls[3] = agreement->lock_ms < 0;
	values[3] = Float8GetDatum(agreement->lock_ms);
	nulls[5] = agreement->changes == 0;
	values[5] = Int64GetDatum((int64) agreement->changes);
}

/*
 * Takes the snapshots of the leader and its workers: (method, position, gtid,
 * lock_ms, gap, changes, workers that are left, crowded).  Without a method
 * the account cannot get a common snapshot, or has too few connections.  The
 * position is NULL where it does not identify a snapshot.
 */
Datum
mariadb_agree_on_snapshot(PG_FUNCTION_ARGS)
{
	ForeignServer *server = GetForeignServerByName(NameStr(*PG_GETARG_NAME(0)),
												   false);
	Oid			serverid = server->serverid;
	char	   *schema = text_to_cstring(PG_GETARG_TEXT_PP(1));
	ArrayType  *tables = PG_GETARG_ARRAYTYPE_P(2);
	Agreement	agreement = {0};
	Datum		values[8] = {0};
	bool		nulls[8] = {true, true, true, true, true, true, false, false};
	TupleDesc	desc;

	maria_check_usage(server);
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");	/* cannot happen */
	if (agree(serverid, lock_tables_statement(schema, tables), &agreement))
	{
		pin_tables(serverid, schema, tables);
		fill_result(serverid, &agreement, values, nulls);
	}
	nulls[4] = agreement.gap == NULL;
	if (agreement.gap)
		values[4] = CStringGetTextDatum(agreement.gap);
	values[6] = Int32GetDatum(maria_count_workers());
	values[7] = BoolGetDatum(agreement.is_crowded);
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}
