/*
 * How do a leader and his workers come to one moment of MariaDB?
 *
 * By asking: all take a snapshot, and if the places in the binary log are not
 * the same, all take another; nothing is locked.  Where there is no binary
 * log, tables are locked for as long as the snapshots take.  Where that is
 * not allowed either, there is no way, and it is said so.
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
#include "transfer/team.h"

/* Under thousands of commits a second two or three rounds are enough. */
#define MAX_ROUNDS 100

/* A lock that others wait behind is not waited for much longer, in s. */
#define LOCK_WAIT "5"

/* A lock of ours ends by then even if a worker does not answer, in s. */
#define LOCKED_TIMEOUT 60

PG_FUNCTION_INFO_V1(mariadb_team_agree);

static void
wait_for_answers(void)
{
	TimestampTz deadline = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
													   LOCKED_TIMEOUT * 1000);

	while (!maria_team_has_answered())
	{
		if (GetCurrentTimestamp() > deadline)
			ereport(ERROR,
					(errcode(ERRCODE_CONNECTION_FAILURE),
					 errmsg("workers had no snapshot within %d seconds",
							LOCKED_TIMEOUT)));
		maria_team_listen();
	}
}

/* Lets all take a snapshot; returns the leader's own. */
static MariaMoment *
take_moments(Oid serverid)
{
	MariaTeam  *team = maria_team();
	MariaMoment *mine;

	if (team)
	{
		SpinLockAcquire(&team->mutex);
		team->round++;
		SpinLockRelease(&team->mutex);
		maria_team_wake();
	}
	mine = maria_take_moment(serverid);
	if (team)
		wait_for_answers();
	return mine;
}

static bool
all_agree(const MariaMoment *mine, bool by_log)
{
	MariaTeam  *team = maria_team();

	for (int i = 0; team && i < team->size; i++)
		if (!maria_team_is_gone(i) &&
			!maria_same_moment(mine, &team->members[i].moment, by_log))
			return false;
	return true;
}

/* Takes snapshots until all are of one moment; NULL if they cannot tell. */
static MariaMoment *
agree_by_log(Oid serverid)
{
	for (int i = 0; i < MAX_ROUNDS; i++)
	{
		MariaMoment *mine = take_moments(serverid);

		if (*mine->file == '\0')
			return NULL;
		if (all_agree(mine, true))
			return mine;
	}
	return NULL;
}

/* Ways to keep writers out for a moment, each with how it is ended. */
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

/* What came of it, for the ledger. */
typedef struct Agreement
{
	const char *method;
	MariaMoment *moment;
	double		lock_ms;		/* -1 = nothing was locked */
} Agreement;

/* Takes the snapshots while a connection of its own holds a lock. */
static bool
agree_by_lock(Oid serverid, MariaConn *conn, const char *lock_tables,
			  Agreement *agreement)
{
	for (int i = 0; i < (int) lengthof(locks); i++)
	{
		instr_time	start;
		instr_time	end;

		if (!try_lock(conn, i, lock_tables))
		{
			(void) maria_try_command(conn, locks[i].unlock);
			continue;
		}
		INSTR_TIME_SET_CURRENT(start);
		(void) maria_bound_waits(LOCKED_TIMEOUT * 1000);
		agreement->moment = take_moments(serverid);
		maria_command(conn, locks[i].unlock);
		maria_reset_waits();
		INSTR_TIME_SET_CURRENT(end);
		INSTR_TIME_SUBTRACT(end, start);
		agreement->lock_ms = INSTR_TIME_GET_MILLISEC(end);
		agreement->method = locks[i].name;
		return all_agree(agreement->moment, false);
	}
	return false;
}

/* The lock goes with its connection, whatever happens meanwhile. */
static void
disconnect(void *arg)
{
	maria_disconnect(arg);
}

static bool
lock_and_agree(Oid serverid, const char *lock_tables, Agreement *agreement)
{
	ForeignServer *server = GetForeignServer(serverid);
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "mariadb_fdw lock",
												  ALLOCSET_SMALL_SIZES);
	MemoryContextCallback *callback = MemoryContextAllocZero(context,
															 sizeof(*callback));
	MariaConn  *conn = maria_connect(maria_server_options(serverid, GetUserId()),
									 server->servername);
	bool		found;

	callback->func = disconnect;
	callback->arg = conn;
	MemoryContextRegisterResetCallback(context, callback);
	maria_command(conn, "SET SESSION lock_wait_timeout = " LOCK_WAIT);
	found = agree_by_lock(serverid, conn, lock_tables, agreement);
	MemoryContextDelete(context);
	return found;
}

/* Brings all to one moment; false if there is no way. */
static bool
agree(Oid serverid, const char *lock_tables, Agreement *agreement)
{
	agreement->lock_ms = -1;
	if (maria_team() == NULL || maria_team()->size == 1)
	{
		agreement->method = "one connection";
		agreement->moment = take_moments(serverid);
		if (maria_team())
			*agreement->moment = maria_team()->members[0].moment;
		return true;
	}
	agreement->method = "binary log";
	agreement->moment = agree_by_log(serverid);
	return agreement->moment != NULL ||
		lock_and_agree(serverid, lock_tables, agreement);
}

/*
 * Keeps others from changing a table's definition while its rows are still to
 * be read: naming it in the snapshot's transaction is enough.
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

/*
 * Takes the snapshots of the leader and his team: (method, position, gtid,
 * lock_ms).  All is NULL if the account has no way to one moment.
 */
Datum
mariadb_team_agree(PG_FUNCTION_ARGS)
{
	ForeignServer *server = GetForeignServerByName(NameStr(*PG_GETARG_NAME(0)),
												   false);
	Oid			serverid = server->serverid;
	char	   *schema = text_to_cstring(PG_GETARG_TEXT_PP(1));
	ArrayType  *tables = PG_GETARG_ARRAYTYPE_P(2);
	Agreement	agreement = {0};
	Datum		values[4] = {0};
	bool		nulls[4] = {true, true, true, true};
	TupleDesc	desc;
	char	   *gtid;

	maria_check_usage(server);
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");	/* cannot happen */
	if (agree(serverid, lock_tables_statement(schema, tables), &agreement))
	{
		pin_tables(serverid, schema, tables);
		gtid = maria_moment_gtid(serverid, agreement.moment);
		nulls[0] = false;
		values[0] = CStringGetTextDatum(agreement.method);
		nulls[1] = *agreement.moment->file == '\0';
		values[1] = CStringGetTextDatum(psprintf("%s:%s", agreement.moment->file,
												 agreement.moment->position));
		nulls[2] = gtid == NULL;
		if (gtid)
			values[2] = CStringGetTextDatum(gtid);
		nulls[3] = agreement.lock_ms < 0;
		values[3] = Float8GetDatum(agreement.lock_ms);
	}
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}
