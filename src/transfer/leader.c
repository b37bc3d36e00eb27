/*
 * How does one call have several workers?
 *
 * The leader starts them, makes them take the same snapshot, lets them work,
 * and forwards their messages.  They survive the leader's commits; an aborted
 * transaction of the leader ends them, and so does its exit.
 */
#include "postgres.h"

#include <unistd.h>

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_foreign_server.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "funcapi.h"
#include "libpq/pqformat.h"
#include "libpq/pqmq.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

#include "session/session.h"
#include "transfer/workers.h"

/* Room for messages of a worker that the leader has not read yet. */
#define QUEUE_SIZE 65536

/* How often the leader looks for messages without being woken, in ms. */
#define LISTEN_AGAIN 200

/* How long workers may take to start, in s. */
#define START_TIMEOUT 60

/* The leader's private state. */
typedef struct Leader
{
	dsm_segment *segment;
	MariaWorkers *workers;
	MemoryContext context;
	int			ended;			/* workers that have ended */
	int			lost;			/* of these, before their work was complete */
	ErrorData  *error;			/* the first one about the data */
	struct
	{
		BackgroundWorkerHandle *handle;
		shm_mq_handle *queue;	/* NULL once it has ended */
		bool		failed;
	}			slots[MAX_WORKERS];
} Leader;

static Leader *leader = NULL;

PG_FUNCTION_INFO_V1(mariadb_start_workers);
PG_FUNCTION_INFO_V1(mariadb_run_workers);
PG_FUNCTION_INFO_V1(mariadb_end_snapshot);
PG_FUNCTION_INFO_V1(mariadb_share_rejected);
PG_FUNCTION_INFO_V1(mariadb_cores);

MariaWorkers *
maria_workers(void)
{
	return leader ? leader->workers : NULL;
}

/* Called when the leader detaches from the shared memory, for any reason. */
static void
terminate_workers(dsm_segment *segment, Datum arg)
{
	for (int i = 0; leader && i < leader->workers->size; i++)
		if (leader->slots[i].handle)
			TerminateBackgroundWorker(leader->slots[i].handle);
}

/* Ends the workers; those that are still running are terminated. */
static void
end_workers(void)
{
	Leader	   *ending = leader;

	if (ending == NULL)
		return;
	if (ending->segment)		/* its allocation may have failed */
		dsm_detach(ending->segment);
	leader = NULL;
	MemoryContextDelete(ending->context);
}

/*
 * Ends former workers and waits for them, because new ones may need their
 * processes and connections.
 */
static void
end_former_workers(void)
{
	if (leader == NULL)
		return;
	if (leader->segment)
		dsm_detach(leader->segment);
	leader->segment = NULL;
	leader->workers = NULL;
	for (int i = 0; i < MAX_WORKERS; i++)
		if (leader->slots[i].handle)
			(void) WaitForBackgroundWorkerShutdown(leader->slots[i].handle);
	end_workers();
}

static void
workers_xact_callback(XactEvent event, void *arg)
{
	if (event == XACT_EVENT_ABORT)
		end_workers();
}

static void
watch_transactions(void)
{
	static bool is_watched = false;

	if (!is_watched)
		RegisterXactCallback(workers_xact_callback, NULL);
	is_watched = true;
}

static void
fill_workers(MariaWorkers *workers, Oid serverid, int64 run)
{
	MemSet(workers, 0, sizeof(*workers));
	workers->database = MyDatabaseId;
	workers->login = GetSessionUserId();
	workers->user = GetUserId();
	workers->serverid = serverid;
	workers->run = run;
	workers->leader = MyProc;
	workers->order = ORDER_WAIT;
	pg_atomic_init_u64(&workers->rejected, 0);
	SpinLockInit(&workers->mutex);
}

/*
 * Lays out the shared memory: state, settings, libraries, and a queue for each
 * worker.
 */
static shm_toc *
make_shared_memory(int size, Oid serverid, int64 run)
{
	Size		settings = EstimateGUCStateSpace();
	Size		libraries = EstimateLibraryStateSpace();
	shm_toc_estimator estimator;
	shm_toc    *toc;
	MariaWorkers *workers;
	char	   *state;

	shm_toc_initialize_estimator(&estimator);
	shm_toc_estimate_chunk(&estimator, sizeof(MariaWorkers));
	shm_toc_estimate_chunk(&estimator, settings);
	shm_toc_estimate_chunk(&estimator, libraries);
	shm_toc_estimate_chunk(&estimator, (Size) size * QUEUE_SIZE);
	shm_toc_estimate_keys(&estimator, 3 + size);
	leader->segment = dsm_create(shm_toc_estimate(&estimator), 0);
	dsm_pin_mapping(leader->segment);
	toc = shm_toc_create(MARIA_WORKERS_MAGIC, dsm_segment_address(leader->segment),
						 shm_toc_estimate(&estimator));

	workers = shm_toc_allocate(toc, sizeof(MariaWorkers));
	fill_workers(workers, serverid, run);
	shm_toc_insert(toc, WORKERS_KEY_STATE, workers);
	leader->workers = workers;
	state = shm_toc_allocate(toc, settings);
	SerializeGUCState(settings, state);
	shm_toc_insert(toc, WORKERS_KEY_SETTINGS, state);
	state = shm_toc_allocate(toc, libraries);
	SerializeLibraryState(libraries, state);
	shm_toc_insert(toc, WORKERS_KEY_LIBRARIES, state);
	on_dsm_detach(leader->segment, terminate_workers, (Datum) 0);
	return toc;
}

/* Starts a worker; false if no process is available. */
static bool
start_worker(shm_toc *toc, int number)
{
	BackgroundWorker worker = {0};
	shm_mq	   *queue = shm_mq_create(shm_toc_allocate(toc, QUEUE_SIZE),
									  QUEUE_SIZE);

	Assert(number >= 0 && number < MAX_WORKERS);
	shm_toc_insert(toc, WORKERS_KEY_QUEUE + number, queue);
	shm_mq_set_receiver(queue, MyProc);
	snprintf(worker.bgw_name, BGW_MAXLEN, "mariadb_fdw worker %d of run " INT64_FORMAT,
			 number + 1, leader->workers->run);
	strlcpy(worker.bgw_type, "mariadb_fdw worker", BGW_MAXLEN);
	strlcpy(worker.bgw_library_name, "mariadb_fdw", BGW_MAXLEN);
	strlcpy(worker.bgw_function_name, "maria_worker_main", BGW_MAXLEN);
	worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker.bgw_restart_time = BGW_NEVER_RESTART;
	worker.bgw_main_arg = UInt32GetDatum(dsm_segment_handle(leader->segment));
	memcpy(worker.bgw_extra, &number, sizeof(number));
	worker.bgw_notify_pid = MyProcPid;
	if (!RegisterDynamicBackgroundWorker(&worker,
										 &leader->slots[number].handle))
		return false;
	leader->slots[number].queue = shm_mq_attach(queue, leader->segment,
												leader->slots[number].handle);
	return true;
}

static void
create_leader(void)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext,
												  "mariadb_fdw leader",
												  ALLOCSET_DEFAULT_SIZES);

	leader = MemoryContextAllocZero(context, sizeof(Leader));
	leader->context = context;
}

/* An error about the worker itself, not about the data. */
static bool
is_loss(const ErrorData *error)
{
	return error->sqlerrcode == ERRCODE_ADMIN_SHUTDOWN ||
		error->sqlerrcode == ERRCODE_TOO_MANY_CONNECTIONS ||
		error->sqlerrcode == ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION ||
		ERRCODE_TO_CATEGORY(error->sqlerrcode) == ERRCODE_CONNECTION_EXCEPTION;
}

static void
give_order(WorkerOrder order)
{
	Assert(leader != NULL && leader->workers != NULL);
	SpinLockAcquire(&leader->workers->mutex);
	leader->workers->order = order;
	SpinLockRelease(&leader->workers->mutex);
	maria_wake_workers();
}

/* Records a worker's error: the others end after their current work. */
static void
note_error(int number, ErrorData *error)
{
	Assert(error->elevel >= ERROR);
	leader->slots[number].failed = true;
	if (is_loss(error))
	{
		ereport(WARNING,
				(errcode(error->sqlerrcode),
				 errmsg("worker %d was lost: %s", number + 1, error->message),
				 error->detail ? errdetail_internal("%s", error->detail) : 0));
		return;
	}
	if (leader->error)
		return;
	leader->error = error;
	give_order(ORDER_STOP);
}

/* Forwards a worker's message. */
static void
read_message(int number, char type, StringInfo message)
{
	MemoryContext old = MemoryContextSwitchTo(leader->context);
	ErrorData  *error;

	if (type != 'E' && type != 'N')
	{
		MemoryContextSwitchTo(old);
		return;
	}
	error = palloc0(sizeof(ErrorData));
	pq_parse_errornotice(message, error);
	/* An error that ends a worker must not end the caller's session. */
	error->elevel = Min(error->elevel, ERROR);
	MemoryContextSwitchTo(old);
	if (error->elevel >= ERROR)
		note_error(number, error);
	else
		ThrowErrorData(error);
}

/* Records that a worker has ended. */
static void
note_end(int number)
{
	pid_t		pid;

	Assert(leader->slots[number].queue != NULL);
	leader->slots[number].queue = NULL;
	leader->ended++;
	if (leader->slots[number].failed)
		leader->lost++;
	else if (GetBackgroundWorkerPid(leader->slots[number].handle, &pid) ==
			 BGWH_POSTMASTER_DIED)
		ereport(FATAL,
				(errcode(ERRCODE_ADMIN_SHUTDOWN),
				 errmsg("postmaster exited unexpectedly")));
}

/* Reads the messages that have arrived from the workers. */
static void
read_messages(void)
{
	for (int i = 0; i < leader->workers->size; i++)
	{
		while (leader->slots[i].queue)
		{
			Size		len;
			void	   *data;
			StringInfoData message;
			shm_mq_result result = shm_mq_receive(leader->slots[i].queue, &len,
												  &data, true);

			if (result == SHM_MQ_WOULD_BLOCK)
				break;
			if (result == SHM_MQ_DETACHED)
			{
				note_end(i);
				break;
			}
			initStringInfo(&message);
			appendBinaryStringInfo(&message, data, len);
			read_message(i, pq_getmsgbyte(&message), &message);
			pfree(message.data);
		}
	}
}

void
maria_wake_workers(void)
{
	Assert(leader != NULL && leader->workers != NULL);
	for (int i = 0; i < leader->workers->size; i++)
		if (leader->workers->slots[i].proc)
			SetLatch(&leader->workers->slots[i].proc->procLatch);
}

/* Waits for a short time, and reads the workers' messages. */
void
maria_listen_to_workers(void)
{
	Assert(leader != NULL && leader->workers != NULL);
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
					 LISTEN_AGAIN, PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
	read_messages();
}

/* How many workers have started, or have ended already? */
static int
count_started(void)
{
	int			count = 0;

	for (int i = 0; i < leader->workers->size; i++)
		count += leader->workers->slots[i].proc != NULL ||
			leader->slots[i].queue == NULL;
	return count;
}

/* Has a worker ended?  Its work is then left to the others. */
bool
maria_worker_has_ended(int number)
{
	Assert(number >= 0 && number < leader->workers->size);
	return leader->slots[number].queue == NULL;
}

/* How many workers are running? */
int
maria_count_workers(void)
{
	return leader ? leader->workers->size - leader->ended : 0;
}

/* Has each running worker taken the snapshot that was requested last? */
bool
maria_workers_have_answered(void)
{
	MariaWorkers *workers = leader->workers;
	bool		all = true;

	Assert(workers->leader == MyProc);
	if (leader->error)
		ThrowErrorData(leader->error);
	SpinLockAcquire(&workers->mutex);
	for (int i = 0; i < workers->size; i++)
		all = all && (maria_worker_has_ended(i) ||
					  workers->slots[i].round == workers->round);
	SpinLockRelease(&workers->mutex);
	return all;
}

static void
wait_for_workers(void)
{
	TimestampTz deadline = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
													   START_TIMEOUT * 1000);

	while (count_started() < leader->workers->size)
	{
		if (GetCurrentTimestamp() > deadline)
			ereport(ERROR,
					(errcode(ERRCODE_INSUFFICIENT_RESOURCES),
					 errmsg("could not start %d workers within %d seconds",
							leader->workers->size, START_TIMEOUT)));
		maria_listen_to_workers();
	}
}

/*
 * Raises an error where SET ROLE is forbidden, as in a security-definer
 * function or in an index expression: a worker has the session's user, and
 * would allow SET ROLE.
 */
static void
check_user_context(void)
{
	if (InLocalUserIdChange() || InSecurityRestrictedOperation())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("cannot start workers within security-definer function or security-restricted operation")));
}

/*
 * Starts at most the given number of workers and returns how many there are:
 * none if no processes are available.
 */
Datum
mariadb_start_workers(PG_FUNCTION_ARGS)
{
	ForeignServer *server = GetForeignServerByName(NameStr(*PG_GETARG_NAME(1)),
												   false);
	int			wanted = Min(PG_GETARG_INT32(2), MAX_WORKERS);
	MemoryContext old;
	shm_toc    *toc;

	maria_check_usage(server);
	watch_transactions();
	end_former_workers();
	if (wanted < 1)
		PG_RETURN_INT32(0);
	check_user_context();
	create_leader();
	old = MemoryContextSwitchTo(leader->context);
	toc = make_shared_memory(wanted, server->serverid, PG_GETARG_INT64(0));
	while (leader->workers->size < wanted &&
		   start_worker(toc, leader->workers->size))
		leader->workers->size++;
	MemoryContextSwitchTo(old);
	wait_for_workers();
	wanted = leader->workers->size;
	if (wanted == 0)
		end_workers();
	PG_RETURN_INT32(wanted);
}

/*
 * Lets the workers do all work, and ends them.  Returns how many workers were
 * lost; an error about the data is raised again.
 */
Datum
mariadb_run_workers(PG_FUNCTION_ARGS)
{
	int			lost;

	if (maria_workers() == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("no workers are running")));
	if (leader->error == NULL)
		give_order(ORDER_WORK);
	while (leader->ended < leader->workers->size)
		maria_listen_to_workers();
	lost = leader->lost;
	if (leader->error)
		ThrowErrorData(leader->error);	/* the abort ends the workers */
	end_workers();
	PG_RETURN_INT32(lost);
}

/* Ends the leader's snapshot, and workers that are still running. */
Datum
mariadb_end_snapshot(PG_FUNCTION_ARGS)
{
	ForeignServer *server = GetForeignServerByName(NameStr(*PG_GETARG_NAME(0)),
												   false);

	maria_check_usage(server);
	end_workers();
	maria_release_snapshot(server->serverid, GetUserId());
	PG_RETURN_VOID();
}

/* Passes to the workers how many rows the run has already rejected. */
Datum
mariadb_share_rejected(PG_FUNCTION_ARGS)
{
	if (maria_workers())
		pg_atomic_write_u64(&leader->workers->rejected, PG_GETARG_INT64(0));
	PG_RETURN_VOID();
}

/* Returns the number of available processors. */
Datum
mariadb_cores(PG_FUNCTION_ARGS)
{
	PG_RETURN_INT32(Max(sysconf(_SC_NPROCESSORS_ONLN), 1));
}
