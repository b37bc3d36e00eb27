/*
 * How does a connection begin and end?
 *
 * socket.c has the socket, command.c statements without rows, stream.c rows,
 * and wait.c waiting.
 */
#include "postgres.h"

#include <sys/socket.h>

#include "utils/memutils.h"
#include "utils/resowner.h"

#include "wire/client.h"

/* How long closing a connection may take, in ms. */
#define CLOSE_TIMEOUT 1500

/* Returns a copy of a string that may be NULL. */
static char *
copy_string(const char *s)
{
	return s ? pstrdup(s) : NULL;
}

/* Copies the options for the lifetime of the connection. */
static void
copy_options(MariaOptions *to, const MariaOptions *from)
{
	*to = *from;
	to->host = copy_string(from->host);
	to->socket = copy_string(from->socket);
	to->ssl_ca = copy_string(from->ssl_ca);
	to->ssl_capath = copy_string(from->ssl_capath);
	to->ssl_cert = copy_string(from->ssl_cert);
	to->ssl_key = copy_string(from->ssl_key);
	to->ssl_cipher = copy_string(from->ssl_cipher);
	to->server_public_key = copy_string(from->server_public_key);
	to->time_zone = copy_string(from->time_zone);
	to->username = copy_string(from->username);
	to->password = copy_string(from->password);
}

/* Rejects a plain-text connection if the user requested encryption. */
static void
check_encryption(MariaConn *conn)
{
	if (conn->opts.ssl_mode >= SSL_MODE_REQUIRED &&
		mysql_get_ssl_cipher(conn->mysql) == NULL)
		maria_report_no_tls(conn);
}

/*
 * Makes the server's database the default for the user's statements.  It may
 * not exist yet, or not be visible to this account: then there is no default.
 */
static void
choose_database(MariaConn *conn, const char *name)
{
	char	   *sql = psprintf("USE %s", maria_quote_identifier(name));
	unsigned int code = maria_try_command(conn, sql);

	if (code != 0 && code != ER_BAD_DB_ERROR &&
		code != ER_DBACCESS_DENIED_ERROR)
		maria_report_tried(conn, sql);
}

/* Frees the library's memory when the connection's context is deleted. */
static void
close_socket(void *arg)
{
	MariaConn  *conn = arg;
	MariaPatience old;

	if (conn->mysql == NULL)
		return;
	old = maria_set_patience(CLOSE_TIMEOUT, NULL);

	/*
	 * While a statement is in progress the connection is not closed in an
	 * orderly way.
	 */
	if (conn->busy || conn->broken)
		mariadb_cancel(conn->mysql);
	mysql_close(conn->mysql);
	dlist_delete(&conn->node);
	conn->mysql = NULL;
	maria_restore_patience(old);
}

/* Marks results whose remaining rows are lost, or about to be. */
static void
release_callback(ResourceReleasePhase phase, bool is_commit, bool is_top_level,
				 void *arg)
{
	dlist_iter	iter;

	dlist_foreach(iter, &maria_connections)
		maria_leave_owner(dlist_container(MariaConn, node, iter.cur), is_commit);
}

static void
watch_owners(void)
{
	static bool is_watched = false;

	if (!is_watched)
		RegisterResourceReleaseCallback(release_callback, NULL);
	is_watched = true;
}

static MariaConn *
new_connection(const MariaOptions *opts, const char *server_name)
{
	MemoryContext context = AllocSetContextCreate(CacheMemoryContext,
												  "mariadb_fdw connection",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	MariaConn  *conn = palloc0(sizeof(MariaConn));
	MemoryContextCallback *callback = palloc0(sizeof(*callback));

	conn->context = context;
	copy_options(&conn->opts, opts);
	conn->server_name = pstrdup(server_name);
	callback->func = close_socket;
	callback->arg = conn;
	MemoryContextRegisterResetCallback(context, callback);
	MemoryContextSwitchTo(old);

	conn->mysql = mysql_init(NULL);
	if (conn->mysql == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_OUT_OF_MEMORY),
				 errmsg("out of memory in the MariaDB client library")));
	dlist_push_head(&maria_connections, &conn->node);
	watch_owners();
	return conn;
}

static void
report_connect_error(MariaConn *conn)
{
	unsigned int code = mysql_errno(conn->mysql);
	const char *message = mysql_error(conn->mysql);
	char	   *text = maria_to_local(message, strlen(message), NULL);
	int			sqlstate = maria_sqlstate(code, mysql_sqlstate(conn->mysql));
	const char *hint = NULL;

	maria_check_wait();
	maria_report_refusal(conn);
	if (sqlstate == ERRCODE_TOO_MANY_CONNECTIONS)
		hint = "A session needs one connection, mariadb.migrate one more for each worker and one to lock tables with.";
	else if (sqlstate == ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION)
		hint = maria_denial_hint();
	if (sqlstate == ERRCODE_CONNECTION_FAILURE || sqlstate == ERRCODE_FDW_ERROR)
		sqlstate = ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION;
	ereport(ERROR,
			(errcode(sqlstate),
			 errmsg("could not connect to server \"%s\"",
					conn->server_name),
			 errdetail("%s (error %u)", text, code),
			 hint ? errhint("%s", hint) : 0));
}

/* Logs in and configures the session. */
static void
set_up(MariaConn *conn)
{
	if (!maria_open_socket(conn->mysql, &conn->opts))
		report_connect_error(conn);
	check_encryption(conn);
	conn->thread_id = mysql_thread_id(conn->mysql);
	maria_send_settings(conn);
	maria_command(conn, "SET SESSION TRANSACTION ISOLATION LEVEL "
				  "REPEATABLE READ");
	if (conn->opts.dbname)
		choose_database(conn, conn->opts.dbname);
}

/*
 * Connects and configures the session, all within connect_timeout; the caller
 * ends it by maria_disconnect.
 */
MariaConn *
maria_connect(const MariaOptions *opts, const char *server_name)
{
	MariaConn  *conn = new_connection(opts, server_name);
	MariaPatience old = maria_set_patience(opts->connect_timeout * 1000, NULL);

	/* The context has no owner yet, so an error must free it here. */
	PG_TRY();
	{
		set_up(conn);
	}
	PG_CATCH();
	{
		maria_restore_patience(old);
		MemoryContextDelete(conn->context);
		PG_RE_THROW();
	}
	PG_END_TRY();
	maria_restore_patience(old);
	return conn;
}

/*
 * Closes a connection; a statement that is still running is killed.  Raises no
 * error.
 */
void
maria_disconnect(MariaConn *conn)
{
	MariaPatience old = maria_set_patience(CLOSE_TIMEOUT, NULL);

	maria_cut_off(conn);
	if (conn->busy && !conn->unreachable)
		(void) maria_kill(conn, false);
	MemoryContextDelete(conn->context);
	maria_restore_patience(old);
}

/* Resets what a statement of the user may have set in the session. */
void
maria_reset_session(MariaConn *conn)
{
	maria_park(conn);
	maria_send_settings(conn);
}

/*
 * Checks whether the server has closed an idle connection, without sending
 * anything: a statement sent now has certainly not been executed before.  With
 * TLS readable data need not be for us, so only the end of the stream counts.
 */
void
maria_notice_end(MariaConn *conn)
{
	char		byte;
	ssize_t		count;

	if (conn->busy || conn->broken)
		return;
	count = recv(mysql_get_socket(conn->mysql), &byte, 1,
				 MSG_PEEK | MSG_DONTWAIT);
	if (count == 0 || (count > 0 && maria_ssl_cipher(conn) == NULL) ||
		(count < 0 && errno != EAGAIN && errno != EWOULDBLOCK &&
		 errno != EINTR))
		conn->broken = true;
}
