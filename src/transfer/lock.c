/*
 * How do sessions and workers exclude each other?
 *
 * By heavyweight locks that belong to no relation: a leader that waits for its
 * workers holds none that DDL could want, and waits for these locks are
 * visible to the deadlock detector.  Their tags are those of advisory locks,
 * with a class that pg_advisory_lock cannot name.
 */
#include "postgres.h"

#include "access/xact.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "storage/lock.h"
#include "utils/fmgrprotos.h"

#include "transfer/workers.h"

/* Classes of locks; 1 and 2 are those of SQL functions. */
typedef enum LockClass
{
	LOCK_RUN = 28001,			/* the session that works on a run */
	LOCK_SCHEMA,				/* the run that fills one schema from another */
	LOCK_CLAIM,					/* the process that claims work in the ledger */
	LOCK_WORKER					/* a worker, for as long as it lives */
} LockClass;

PG_FUNCTION_INFO_V1(mariadb_try_lock);
PG_FUNCTION_INFO_V1(mariadb_unlock);
PG_FUNCTION_INFO_V1(mariadb_claim_lock);
PG_FUNCTION_INFO_V1(mariadb_worker_is_gone);
PG_FUNCTION_INFO_V1(mariadb_check_commit);

/*
 * The default method releases a session's lock when a transaction fails, and
 * a process must not end outside of a transaction while it holds one.
 */
static LOCKTAG
lock_tag(LockClass class, int64 key)
{
	LOCKTAG		tag;

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, (uint32) ((uint64) key >> 32),
						 (uint32) key, class);
	tag.locktag_lockmethodid = DEFAULT_LOCKMETHOD;
	return tag;
}

/*
 * A run is locked together with the current role, which owns it: nobody else
 * can lock it, whatever functions they may call.
 */
static LOCKTAG
run_tag(LockClass class, int64 run)
{
	return lock_tag(class, (int64) (((uint64) GetUserId() << 32) | (uint32) run));
}

/*
 * A worker is known by its run, the run's owner and its process id.  It holds
 * its lock between transactions too, so it is a lock that lasts as long as the
 * process. mariadb_internal.take_over computes the same.
 */
static LOCKTAG
worker_tag(int64 run, Oid user, int pid)
{
	LOCKTAG		tag;
	uint64		hash = DatumGetUInt64(DirectFunctionCall2(hashint8extended,
														  Int64GetDatum(run),
														  Int64GetDatum(user)));

	SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, (uint32) hash, (uint32) pid,
						 LOCK_WORKER);
	return tag;
}

static LOCKTAG
requested_tag(const char *kind, int64 key)
{
	if (strcmp(kind, "run") == 0)
		return run_tag(LOCK_RUN, key);
	if (strcmp(kind, "schema") == 0)
		return lock_tag(LOCK_SCHEMA, key);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid kind of lock \"%s\"", kind)));
}

/*
 * Takes a lock if it is free: until the transaction ends, or until it is
 * released, a transaction fails or the session ends.
 */
Datum
mariadb_try_lock(PG_FUNCTION_ARGS)
{
	LOCKTAG		tag = requested_tag(NameStr(*PG_GETARG_NAME(0)),
									PG_GETARG_INT64(1));

	PG_RETURN_BOOL(LockAcquire(&tag, ExclusiveLock, PG_GETARG_BOOL(2), true) !=
				   LOCKACQUIRE_NOT_AVAIL);
}

/* Releases a lock that outlives transactions. */
Datum
mariadb_unlock(PG_FUNCTION_ARGS)
{
	LOCKTAG		tag = requested_tag(NameStr(*PG_GETARG_NAME(0)),
									PG_GETARG_INT64(1));

	PG_RETURN_BOOL(LockRelease(&tag, ExclusiveLock, true));
}

/* Waits until no other process claims work in the ledger of a run. */
Datum
mariadb_claim_lock(PG_FUNCTION_ARGS)
{
	LOCKTAG		tag = run_tag(LOCK_CLAIM, PG_GETARG_INT64(0));

	(void) LockAcquire(&tag, ExclusiveLock, false, false);
	PG_RETURN_VOID();
}

/* Shows that this process is a worker of a role's run, until it ends. */
void
maria_lock_worker(int64 run, Oid user)
{
	LOCKTAG		tag = worker_tag(run, user, MyProcPid);

	(void) LockAcquire(&tag, ExclusiveLock, true, false);
}

/*
 * Returns whether a worker has ended, its transaction included.  Another
 * process that has received its id since is not mistaken for it.
 */
Datum
mariadb_worker_is_gone(PG_FUNCTION_ARGS)
{
	int			pid = PG_GETARG_INT32(1);
	LOCKTAG		tag = worker_tag(PG_GETARG_INT64(0), GetUserId(), pid);

	if (pid == MyProcPid)
		PG_RETURN_BOOL(false);
	if (LockAcquire(&tag, ShareLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
		PG_RETURN_BOOL(false);
	LockRelease(&tag, ShareLock, false);
	PG_RETURN_BOOL(true);
}

pg_noreturn static void
refuse_commit(const char *where)
{
	ereport(ERROR,
			(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
			 errmsg("mariadb.migrate cannot run inside %s", where),
			 errdetail("It commits while it runs."),
			 errhint("CALL it alone, in autocommit mode, or set option \"one_transaction\" to true.")));
}

/*
 * Raises an error unless the caller may commit.  This is a procedure, because
 * only procedures know whether they were called by a function.
 */
Datum
mariadb_check_commit(PG_FUNCTION_ARGS)
{
	CallContext *context = (CallContext *) fcinfo->context;

	/* A block with an EXCEPTION clause counts, too. */
	if (IsTransactionBlock())
		refuse_commit("a transaction block");
	if (context == NULL || !IsA(context, CallContext) || context->atomic)
		refuse_commit("a function");
	PG_RETURN_VOID();
}
