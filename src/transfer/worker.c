/*
 * What does a worker do?
 *
 * It takes a snapshot of MariaDB as often as its leader asks for one, until
 * all have the same one; then it copies chunks and runs statements of the
 * ledger, each in a transaction of its own, until there are none left.  An
 * error ends it: the leader receives it through the queue.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "libpq/pqmq.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

#include "transfer/workers.h"

/*
 * How soon to look again if there is nothing to do while others work, in ms.
 */
#define LOOK_AGAIN 20

/* How long to wait for an order or a new round, which set the latch, in ms. */
#define WAIT_FOR_ORDER 1000

static MariaWorkers *workers = NULL;
static int	my_number;

/* A worker's statements have no time limit. */
static void
set_no_timeouts(void)
{
	static const char *const timeouts[] = {
		"lock_timeout", "statement_timeout", "transaction_timeout",
		"idle_in_transaction_session_timeout"
	};

	for (size_t i = 0; i < lengthof(timeouts); i++)
		if (GetConfigOption(timeouts[i], true, false))
			SetConfigOption(timeouts[i], "0", PGC_USERSET, PGC_S_SESSION);
}

static void
join_workers(dsm_segment *segment)
{
	shm_toc    *toc = shm_toc_attach(MARIA_WORKERS_MAGIC,
									 dsm_segment_address(segment));
	shm_mq	   *queue;

	if (toc == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("invalid magic number in dynamic shared memory segment")));
	workers = shm_toc_lookup(toc, WORKERS_KEY_STATE, false);
	queue = shm_toc_lookup(toc, WORKERS_KEY_QUEUE + my_number, false);
	shm_mq_set_sender(queue, MyProc);
	pq_redirect_to_shm_mq(segment, shm_mq_attach(queue, segment, NULL));
	BackgroundWorkerInitializeConnectionByOid(workers->database, workers->login, 0);

	/*
	 * The leader's libraries, whose hooks may determine where rows are
	 * stored, and its settings, including search_path and roles.
	 */
	StartTransactionCommand();
	RestoreLibraryState(shm_toc_lookup(toc, WORKERS_KEY_LIBRARIES, false));
	RestoreGUCState(shm_toc_lookup(toc, WORKERS_KEY_SETTINGS, false));
	maria_lock_worker(workers->run, workers->user);
	CommitTransactionCommand();
	SetUserIdAndSecContext(workers->user, 0);
	/* Messages go to the leader, not to its client. */
	SetConfigOption("client_encoding", GetDatabaseEncodingName(),
					PGC_USERSET, PGC_S_SESSION);
	set_no_timeouts();
	/* As in the leader's procedures. */
	SetConfigOption("search_path", "pg_catalog, pg_temp",
					PGC_USERSET, PGC_S_SESSION);
	/* Commits of others to the ledger must be visible. */
	SetConfigOption("default_transaction_isolation", "read committed",
					PGC_USERSET, PGC_S_SESSION);
	SetConfigOption("application_name",
					psprintf("mariadb_fdw run " INT64_FORMAT ": worker %d",
							 workers->run, my_number + 1),
					PGC_USERSET, PGC_S_SESSION);
	maria_count_rejects(&workers->rejected);
}

static void
begin(void)
{
	Assert(!IsTransactionState());
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();

	/*
	 * What runs as another role than the session user must not change the
	 * role.
	 */
	SetUserIdAndSecContext(workers->user, SECURITY_LOCAL_USERID_CHANGE);
	PushActiveSnapshot(GetTransactionSnapshot());
}

static void
commit(void)
{
	PopActiveSnapshot();
	CommitTransactionCommand();
	SetUserIdAndSecContext(workers->user, 0);
	pgstat_report_stat(false);
}

static void
wait_for_order(long milliseconds)
{
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
					 milliseconds, PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
}

static WorkerOrder
read_order(int *round)
{
	WorkerOrder order;

	SpinLockAcquire(&workers->mutex);
	order = workers->order;
	*round = workers->round;
	SpinLockRelease(&workers->mutex);
	return order;
}

/* Takes a snapshot and reports it to the leader. */
static void
answer_round(int round)
{
	MariaWorker *me = &workers->slots[my_number];
	MariaSnapshot *snapshot;

	Assert(my_number >= 0 && my_number < MAX_WORKERS);
	begin();
	snapshot = maria_take_snapshot(workers->serverid);
	SpinLockAcquire(&workers->mutex);
	me->snapshot = *snapshot;
	me->round = round;
	SpinLockRelease(&workers->mutex);
	commit();
	SetLatch(&workers->leader->procLatch);
}

/* Participates in the rounds; false if there is nothing to do afterwards. */
static bool
wait_for_start(void)
{
	int			answered = 0;
	int			round;
	WorkerOrder order;

	while ((order = read_order(&round)) == ORDER_WAIT)
	{
		if (round > answered)
			answer_round(round);
		else
			wait_for_order(WAIT_FOR_ORDER);
		answered = Max(answered, round);
	}
	return order == ORDER_WORK;
}

/* The next work of the ledger: a kind, a table's name, a number. */
typedef struct Work
{
	char		kind;			/* 'c'hunk, 't'ask, 'w'ait, 0 = none */
	char	   *table_name;
	int			number;
} Work;

static char *
column_text(int column)
{
	return SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column);
}

static Work
claim(MemoryContext context)
{
	Work		work = {0};
	Oid			types[] = {INT8OID};
	Datum		values[] = {Int64GetDatum(workers->run)};

	begin();
	SPI_connect();
	if (SPI_execute_with_args("SELECT kind, table_name, number"
							  " FROM mariadb_internal.claim($1)",
							  1, types, values, NULL, false, 1) != SPI_OK_SELECT)
		elog(ERROR, "could not claim work");	/* cannot happen */
	if (SPI_processed > 0 && column_text(1))
	{
		char	   *name = column_text(2);
		char	   *number = column_text(3);

		work.kind = *column_text(1);
		work.table_name = name ? MemoryContextStrdup(context, name) : NULL;
		work.number = number ? atoi(number) : 0;
	}
	SPI_finish();
	commit();
	return work;
}

static void
run_task(int number)
{
	Oid			types[] = {INT8OID, INT4OID};
	Datum		values[] = {Int64GetDatum(workers->run), Int32GetDatum(number)};

	SPI_connect();
	if (SPI_execute_with_args("SELECT mariadb_internal.run_task($1, $2)", 2, types,
							  values, NULL, false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not run a task");	/* cannot happen */
	SPI_finish();
}

/* Does the next work of the ledger; false when there is nothing left. */
static bool
work_once(MemoryContext context)
{
	Work		work = claim(context);

	if (work.kind == 'w')
		wait_for_order(LOOK_AGAIN);
	if (work.kind == 'c' || work.kind == 't')
	{
		begin();
		if (work.kind == 'c')
			maria_run_chunk(workers->run, work.table_name, work.number);
		else
			run_task(work.number);
		commit();
	}
	MemoryContextReset(context);
	return work.kind != '\0';
}

static void
work_to_the_end(void)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext,
												  "mariadb_fdw worker",
												  ALLOCSET_DEFAULT_SIZES);
	int			round;

	while (read_order(&round) == ORDER_WORK && work_once(context))
		continue;
}

static void
announce(void)
{
	SpinLockAcquire(&workers->mutex);
	workers->slots[my_number].proc = MyProc;
	SpinLockRelease(&workers->mutex);
	SetLatch(&workers->leader->procLatch);
}

void
maria_worker_main(Datum arg)
{
	dsm_segment *segment;

	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	memcpy(&my_number, MyBgworkerEntry->bgw_extra, sizeof(my_number));
	segment = dsm_attach(DatumGetUInt32(arg));
	if (segment == NULL)
		proc_exit(0);			/* the leader has already ended */
	/* Attached until the process exits. */
	dsm_pin_mapping(segment);
	join_workers(segment);
	pgstat_report_activity(STATE_RUNNING, "mariadb.migrate");
	announce();
	if (wait_for_start())
		work_to_the_end();
}
