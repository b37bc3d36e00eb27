/*
 * Which connection does this user have, and in which remote transaction?
 *
 * One connection for each user mapping, kept for the backend's life.  Its
 * remote transaction begins with the first use in a local transaction and ends
 * with it, so that everything read in between is from one snapshot.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_user_mapping.h"
#include "commands/defrem.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "storage/ipc.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/hsearch.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "session/session.h"
#include "session/srf.h"

/*
 * How long the end of a transaction may wait for MariaDB, in ms.  A read or a
 * rollback needs no reply: the server also ends it without us.
 */
#define END_TIMEOUT 1000
#define COMMIT_TIMEOUT 60000

/*
 * How long a backend that exits may take to disconnect from all servers, in
 * ms.
 */
#define EXIT_TIMEOUT 3000

typedef enum RemoteXact
{
	XACT_NONE,
	XACT_READ,					/* a read-only snapshot */
	XACT_WRITE
} RemoteXact;

typedef struct CachedConn
{
	Oid			mapping;		/* hash key: OID of the user mapping */
	Oid			serverid;
	Oid			userid;			/* of the mapping; invalid is PUBLIC */
	MariaConn  *conn;			/* NULL when there is none at present */
	RemoteXact	xact;
	int			begun;			/* nesting level that the transaction is of */
	int			depth;			/* savepoints reach to this nesting level */
	bool		stale;			/* options changed: close when idle */
	bool		dirty;			/* the user may have changed the session */
	bool		held;			/* its snapshot outlives local transactions */
	uint32		server_hash;
	uint32		mapping_hash;
} CachedConn;

static HTAB *connections = NULL;

PG_FUNCTION_INFO_V1(mariadb_connections);
PG_FUNCTION_INFO_V1(mariadb_product);
PG_FUNCTION_INFO_V1(mariadb_disconnect);
PG_FUNCTION_INFO_V1(mariadb_disconnect_all);

static void
close_cached(CachedConn *cached)
{
	MariaConn  *conn = cached->conn;

	cached->conn = NULL;
	cached->xact = XACT_NONE;
	cached->depth = 0;
	cached->stale = false;
	cached->dirty = false;
	cached->held = false;
	if (conn)
		maria_disconnect(conn);
}

/* Marks connections whose server or user mapping was altered or dropped. */
static void
invalidate_connections(Datum arg, int cacheid, uint32 hashvalue)
{
	HASH_SEQ_STATUS scan;
	CachedConn *cached;

	hash_seq_init(&scan, connections);
	while ((cached = hash_seq_search(&scan)) != NULL)
	{
		uint32		hash = cached->mapping_hash;

		if (cacheid == FOREIGNSERVEROID)
			hash = cached->server_hash;
		if (hashvalue == 0 || hash == hashvalue)
			cached->stale = true;
	}
}

/*
 * A statement such as DDL implicitly commits and ends a transaction that
 * writes.
 */
static bool
write_ended(CachedConn *cached)
{
	return cached->xact == XACT_WRITE && !maria_is_broken(cached->conn) &&
		!maria_is_busy(cached->conn) && !maria_in_transaction(cached->conn);
}

/* A statement with an implicit commit must not silently end a snapshot. */
static bool
snapshot_ended(CachedConn *cached)
{
	return cached->xact == XACT_READ && !maria_is_busy(cached->conn) &&
		!maria_in_transaction(cached->conn);
}

/* A new connection would have another snapshot than what was read before. */
static void
check_not_lost(CachedConn *cached)
{
	if (!maria_is_broken(cached->conn) && !snapshot_ended(cached))
		return;
	if (cached->xact == XACT_NONE)
	{
		close_cached(cached);
		return;
	}
	ereport(ERROR,
			(errcode(ERRCODE_CONNECTION_FAILURE),
			 errmsg("the transaction on %s server \"%s\" was lost earlier in this transaction",
					maria_product_name(cached->conn),
					maria_server_name(cached->conn)),
			 errdetail("Its snapshot and its changes are gone."),
			 errhint("Roll back the transaction and run it again.")));
}

/*
 * Ends a remote transaction whose outcome nobody needs to know, and soon, or
 * closes the connection.  Raises nothing.
 */
static void
end_or_close(CachedConn *cached, const char *sql)
{
	int64		old = maria_bound_waits(END_TIMEOUT);

	if (maria_is_busy(cached->conn) || maria_is_broken(cached->conn) ||
		maria_try_command(cached->conn, sql) != 0)
		close_cached(cached);
	cached->xact = XACT_NONE;
	cached->depth = 0;
	maria_restore_bound(old);
}

/* Rolls back the remote transaction; raises nothing. */
static void
abort_remote(CachedConn *cached)
{
	if (cached->xact == XACT_NONE)
		return;
	cached->held = false;
	end_or_close(cached, "ROLLBACK");
}

/* Room for a statement about a savepoint, whose name has a nesting level. */
#define SAVEPOINT_LENGTH 100

/* Rolls back what a subtransaction wrote; reads need nothing. */
static void
end_subxact(CachedConn *cached, int level, bool is_commit)
{
	char		sql[SAVEPOINT_LENGTH];

	Assert(level > 1);			/* not the main transaction */
	if (cached->xact != XACT_WRITE || cached->depth < level)
		return;

	cached->depth = level - 1;
	if (is_commit)
		cached->begun = Min(cached->begun, level - 1);
	/* After an implicit commit the savepoint no longer exists. */
	if (write_ended(cached))
		return;
	if (is_commit)
	{
		snprintf(sql, sizeof(sql), "RELEASE SAVEPOINT s%d", level);
		maria_command(cached->conn, sql);
		return;
	}
	if (maria_is_broken(cached->conn))
		return;
	/* Rows of a statement that failed on our side are still to come. */
	maria_give_up_rows(cached->conn);
	if (cached->begun >= level)
	{
		abort_remote(cached);	/* nothing was written before */
		return;
	}
	/* An error here must not be lost: the connection cannot be used again. */
	snprintf(sql, sizeof(sql), "ROLLBACK TO SAVEPOINT s%d", level);
	if (maria_try_within(cached->conn, sql, END_TIMEOUT) != 0)
		maria_mark_broken(cached->conn);
}

static void
subxact_callback(SubXactEvent event, SubTransactionId mySubid,
				 SubTransactionId parentSubid, void *arg)
{
	HASH_SEQ_STATUS scan;
	CachedConn *cached;

	if (event != SUBXACT_EVENT_PRE_COMMIT_SUB &&
		event != SUBXACT_EVENT_ABORT_SUB)
		return;

	hash_seq_init(&scan, connections);
	while ((cached = hash_seq_search(&scan)) != NULL)
		end_subxact(cached, GetCurrentTransactionNestLevel(),
					event == SUBXACT_EVENT_PRE_COMMIT_SUB);
	if (event == SUBXACT_EVENT_ABORT_SUB)
		maria_reset_waits();	/* the error may have been raised by a wait */
}

/*
 * Commits what was written.  Without a reply the outcome is unknown, and the
 * local transaction must not be assumed to have the same outcome.
 */
static void
commit_writes(CachedConn *cached)
{
	MariaConn  *conn = cached->conn;

	maria_notice_end(conn);
	check_not_lost(cached);
	if (maria_try_within(conn, "COMMIT", COMMIT_TIMEOUT) == 0)
		return;
	if (!maria_is_broken(conn))
		maria_report_tried(conn, "COMMIT");
	ereport(ERROR,
			(errcode(ERRCODE_TRANSACTION_RESOLUTION_UNKNOWN),
			 errmsg("could not determine whether %s server \"%s\" committed",
					maria_product_name(conn),
					maria_server_name(conn)),
			 errdetail("The connection was lost, or the wait was interrupted or took more than %d seconds, before the reply to COMMIT arrived.",
					   COMMIT_TIMEOUT / 1000),
			 errhint("Check on that server whether the changes were kept.")));
}

/*
 * Ends the remote transaction before the local one is decided.  Reads are
 * complete: only a failure to keep writes is an error.
 */
static void
commit_remote(CachedConn *cached)
{
	if (cached->held)
		return;
	if (cached->xact == XACT_READ)
	{
		end_or_close(cached, "COMMIT");
		return;
	}
	if (cached->xact == XACT_WRITE)
		commit_writes(cached);
	cached->xact = XACT_NONE;
	cached->depth = 0;
}

static void
refuse_prepare(CachedConn *cached)
{
	if (cached->xact == XACT_NONE)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("cannot PREPARE a transaction that has operated on mariadb_fdw foreign tables")));
}

static void
end_xact(CachedConn *cached, XactEvent event)
{
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
		case XACT_EVENT_PARALLEL_PRE_COMMIT:
			commit_remote(cached);
			break;
		case XACT_EVENT_PRE_PREPARE:
			refuse_prepare(cached);
			break;
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PARALLEL_ABORT:
			abort_remote(cached);
			break;
		default:
			break;
	}
	if (cached->stale && cached->xact == XACT_NONE)
		close_cached(cached);
}

static void
end_all(XactEvent event)
{
	HASH_SEQ_STATUS scan;
	CachedConn *cached;

	hash_seq_init(&scan, connections);
	while ((cached = hash_seq_search(&scan)) != NULL)
		if (cached->conn)
			end_xact(cached, event);
}

static void
xact_callback(XactEvent event, void *arg)
{
	if (event != XACT_EVENT_ABORT && event != XACT_EVENT_PARALLEL_ABORT)
	{
		end_all(event);
		return;
	}
	/* This cannot be interrupted, so all connections share the time limit. */
	(void) maria_bound_waits(END_TIMEOUT);
	end_all(event);
	maria_reset_waits();
}

/* Disconnects properly, so that MariaDB does not log an aborted connection. */
static void
close_at_exit(int code, Datum arg)
{
	HASH_SEQ_STATUS scan;
	CachedConn *cached;

	(void) maria_bound_waits(EXIT_TIMEOUT);
	hash_seq_init(&scan, connections);
	while ((cached = hash_seq_search(&scan)) != NULL)
		close_cached(cached);
}

static void
init_connections(void)
{
	HASHCTL		ctl = {0};

	ctl.keysize = sizeof(Oid);
	ctl.entrysize = sizeof(CachedConn);
	ctl.hcxt = CacheMemoryContext;
	connections = hash_create("mariadb_fdw connections", 8, &ctl,
							  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	RegisterXactCallback(xact_callback, NULL);
	RegisterSubXactCallback(subxact_callback, NULL);
	CacheRegisterSyscacheCallback(FOREIGNSERVEROID, invalidate_connections, 0);
	CacheRegisterSyscacheCallback(USERMAPPINGOID, invalidate_connections, 0);
	before_shmem_exit(close_at_exit, 0);
}

/*
 * GetUserMapping returns the requested user, even if the mapping is for
 * PUBLIC.
 */
static Oid
mapping_owner(Oid mapping)
{
	HeapTuple	tuple = SearchSysCache1(USERMAPPINGOID,
										ObjectIdGetDatum(mapping));
	Oid			owner;

	if (!HeapTupleIsValid(tuple))
		return InvalidOid;
	owner = ((Form_pg_user_mapping) GETSTRUCT(tuple))->umuser;
	ReleaseSysCache(tuple);
	return owner;
}

/* Finds the cache entry of a user mapping, or makes an empty one. */
static CachedConn *
find_cached(UserMapping *mapping)
{
	CachedConn *cached;
	bool		found;

	if (connections == NULL)
		init_connections();
	cached = hash_search(connections, &mapping->umid, HASH_ENTER, &found);
	if (!found)
	{
		MemSet((char *) cached + sizeof(Oid), 0, sizeof(CachedConn) - sizeof(Oid));
		cached->serverid = mapping->serverid;
		cached->userid = mapping_owner(mapping->umid);
	}
	return cached;
}

static void
connect_cached(CachedConn *cached, UserMapping *mapping, Oid userid)
{
	ForeignServer *server = GetForeignServer(mapping->serverid);
	MariaOptions *opts = maria_server_options(mapping->serverid, userid);

	Assert(cached->conn == NULL && cached->xact == XACT_NONE);
	cached->conn = maria_connect(opts, server->servername);
	cached->stale = false;
	cached->serverid = mapping->serverid;
	cached->userid = mapping_owner(mapping->umid);
	cached->server_hash = GetSysCacheHashValue1(FOREIGNSERVEROID,
												ObjectIdGetDatum(mapping->serverid));
	cached->mapping_hash = GetSysCacheHashValue1(USERMAPPINGOID,
												 ObjectIdGetDatum(mapping->umid));
}

/* An idle connection may have been lost; only then is a second try correct. */
static bool
begin_xact(CachedConn *cached, const char *sql, bool may_retry)
{
	if (may_retry &&
		maria_try_within(cached->conn, sql,
						 maria_connect_timeout(cached->conn)) != 0 &&
		maria_is_broken(cached->conn))
	{
		CHECK_FOR_INTERRUPTS();
		return false;
	}
	if (!maria_in_transaction(cached->conn))
		maria_command(cached->conn, sql);
	return true;
}

static void
begin_remote(CachedConn *cached, UserMapping *mapping, Oid userid,
			 MariaAccess access)
{
	const char *sql = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY";
	bool		is_new = cached->conn == NULL;

	if (access == MARIA_WRITE)
		sql = "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ WRITE";

	if (is_new)
		connect_cached(cached, mapping, userid);
	if (!begin_xact(cached, sql, !is_new))
	{
		close_cached(cached);
		connect_cached(cached, mapping, userid);
		(void) begin_xact(cached, sql, false);
	}
	cached->xact = access == MARIA_READ ? XACT_READ : XACT_WRITE;
	cached->begun = GetCurrentTransactionNestLevel();
	cached->depth = 1;
}

/* Allows a subtransaction's writes to be rolled back alone. */
static void
set_savepoints(CachedConn *cached)
{
	Assert(cached->depth >= 1 && cached->begun >= 1);
	while (cached->depth < GetCurrentTransactionNestLevel())
	{
		char		sql[SAVEPOINT_LENGTH];

		snprintf(sql, sizeof(sql), "SAVEPOINT s%d", cached->depth + 1);
		maria_command(cached->conn, sql);
		cached->depth++;
	}
}

static void
check_writable(CachedConn *cached)
{
	if (cached->xact != XACT_READ)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
			 errmsg("cannot write to %s server \"%s\" in a transaction that has read from it",
					maria_product_name(cached->conn),
					maria_server_name(cached->conn)),
			 errdetail("The snapshot on the server is read-only."),
			 errhint("Write first, or in a transaction of its own.")));
}

/* Resets what a user's statement has set; later transactions connect again. */
static void
clean_session(CachedConn *cached)
{
	if (!cached->dirty)
		return;
	maria_reset_session(cached->conn);
	cached->dirty = false;
	cached->stale = true;
}

/*
 * Returns the connection of a user, with a remote transaction open: for reads
 * the snapshot of the local transaction.
 */
MariaConn *
maria_get_connection(Oid serverid, Oid userid, MariaAccess access)
{
	UserMapping *mapping = GetUserMapping(userid, serverid);
	CachedConn *cached = find_cached(mapping);

	/* A mapping for PUBLIC has one connection, but each user is checked. */
	(void) maria_server_options(serverid, userid);
	if ((cached->stale || cached->dirty) && cached->xact == XACT_NONE)
		close_cached(cached);
	if (cached->conn)
		check_not_lost(cached);
	if (access == MARIA_WRITE)
		check_writable(cached);

	if (write_ended(cached))
		cached->xact = XACT_NONE;
	if (cached->xact == XACT_NONE)
		begin_remote(cached, mapping, userid, access);
	clean_session(cached);
	if (cached->xact == XACT_WRITE)
		set_savepoints(cached);
	Assert(cached->conn != NULL && cached->xact != XACT_NONE);
	return cached->conn;
}

/*
 * Takes a new snapshot that outlives commits, until it is released or the
 * local transaction fails; one that is already held is released.  For work
 * that commits in between but needs a single snapshot.
 */
MariaConn *
maria_hold_snapshot(Oid serverid, Oid userid)
{
	CachedConn *cached;

	maria_release_snapshot(serverid, userid);
	(void) maria_get_connection(serverid, userid, MARIA_READ);
	cached = find_cached(GetUserMapping(userid, serverid));
	cached->held = true;
	return cached->conn;
}

/*
 * Ends what maria_hold_snapshot began; does nothing if there is no snapshot.
 */
void
maria_release_snapshot(Oid serverid, Oid userid)
{
	CachedConn *cached = find_cached(GetUserMapping(userid, serverid));

	if (cached->held)
		abort_remote(cached);
}

/* Raises an error unless the current user may use a server. */
void
maria_check_usage(ForeignServer *server)
{
	AclResult	result = maria_server_aclcheck(server->serverid, GetUserId(),
											   ACL_USAGE);

	if (result != ACLCHECK_OK)
		aclcheck_error(result, OBJECT_FOREIGN_SERVER, server->servername);
}

/*
 * Marks a connection on which a statement of the user will run, which may call
 * any routine.  What it sets in the session, even if it fails, is reset by the
 * next use if it would change what we read; the rest ends with the connection,
 * which no other transaction uses.
 */
void
maria_before_user_statement(MariaConn *conn)
{
	HASH_SEQ_STATUS scan;
	CachedConn *cached;

	hash_seq_init(&scan, connections);
	while ((cached = hash_seq_search(&scan)) != NULL)
	{
		if (cached->conn == conn)
			cached->dirty = true;
	}
}

/* The same for the current user, who needs USAGE on the server. */
MariaConn *
maria_get_connection_by_name(const char *server_name, MariaAccess access)
{
	ForeignServer *server = GetForeignServerByName(server_name, false);

	maria_check_usage(server);
	return maria_get_connection(server->serverid, GetUserId(), access);
}

/*
 * Returns what messages call the source: MySQL if this session is connected
 * to MySQL only, else MariaDB.  No server is asked.
 */
const char *
maria_session_product(void)
{
	HASH_SEQ_STATUS scan;
	CachedConn *cached;
	bool		is_mysql = false;
	bool		is_mariadb = false;

	if (connections == NULL)
		return maria_name_product(false, "MariaDB");
	hash_seq_init(&scan, connections);
	while ((cached = hash_seq_search(&scan)) != NULL)
	{
		if (cached->conn == NULL)
			continue;
		if (strcmp(maria_product_name(cached->conn), "MariaDB") == 0)
			is_mariadb = true;
		else
			is_mysql = true;
	}
	return maria_name_product(is_mysql && !is_mariadb, "MariaDB");
}

Datum
mariadb_product(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(maria_session_product()));
}

/*
 * Returns the name of a mapping's owner; the role may have been dropped while
 * we are connected.
 */
static const char *
mapping_user_name(Oid userid)
{
	return OidIsValid(userid) ? GetUserNameFromId(userid, true) : "public";
}

/* Stores a text that may be NULL. */
static void
put_text(const char *text, Datum *value, bool *isnull)
{
	*isnull = text == NULL;
	if (text)
		*value = CStringGetTextDatum(text);
}

/* Lists the connections that this backend holds. */
Datum
mariadb_connections(PG_FUNCTION_ARGS)
{
	TupleDesc	desc;
	Tuplestorestate *rows = maria_srf_begin(fcinfo, &desc);
	HASH_SEQ_STATUS scan;
	CachedConn *cached;

	if (connections == NULL)
		PG_RETURN_VOID();
	hash_seq_init(&scan, connections);
	while ((cached = hash_seq_search(&scan)) != NULL)
	{
		static const char *const states[] = {"idle", "reading", "writing"};
		ForeignServer *server;
		Datum		values[6];
		bool		nulls[6] = {0};

		if (cached->conn == NULL)
			continue;
		server = GetForeignServerExtended(cached->serverid, FSV_MISSING_OK);
		nulls[0] = server == NULL;
		if (server)
			values[0] = DirectFunctionCall1(namein,
											CStringGetDatum(server->servername));
		put_text(mapping_user_name(cached->userid), &values[1], &nulls[1]);
		values[2] = Int64GetDatum(maria_thread_id(cached->conn));
		values[3] = CStringGetTextDatum(maria_is_broken(cached->conn)
										? "broken" : states[cached->xact]);
		put_text(maria_ssl_cipher(cached->conn), &values[4], &nulls[4]);
		values[5] = BoolGetDatum(!cached->stale);
		tuplestore_putvalues(rows, desc, values, nulls);
	}
	PG_RETURN_VOID();
}

/*
 * Closes idle connections, of one server or all; returns whether there was
 * one.
 */
static bool
disconnect(Oid serverid)
{
	HASH_SEQ_STATUS scan;
	CachedConn *cached;
	bool		closed = false;

	if (connections == NULL)
		return false;
	hash_seq_init(&scan, connections);
	while ((cached = hash_seq_search(&scan)) != NULL)
	{
		if (cached->conn == NULL ||
			(OidIsValid(serverid) && cached->serverid != serverid))
			continue;
		if (cached->xact != XACT_NONE)
		{
			ereport(WARNING,
					(errmsg("cannot close connection to %s server \"%s\" because it is still in use",
							maria_product_name(cached->conn),
							maria_server_name(cached->conn))));
			continue;
		}
		close_cached(cached);
		closed = true;
	}
	return closed;
}

Datum
mariadb_disconnect(PG_FUNCTION_ARGS)
{
	ForeignServer *server;

	maria_require_arguments(fcinfo, 0);
	server = GetForeignServerByName(NameStr(*PG_GETARG_NAME(0)), false);
	maria_check_usage(server);
	PG_RETURN_BOOL(disconnect(server->serverid));
}

Datum
mariadb_disconnect_all(PG_FUNCTION_ARGS)
{
	PG_RETURN_BOOL(disconnect(InvalidOid));
}
