/*
 * How is a MariaDB server reached, asked, and left?
 *
 * Connections, statements without rows, and the one function that reports
 * remote errors.  Rows are stream.c's matter, waiting is wait.c's.
 */
#include "postgres.h"

#include <sys/socket.h>

#include "common/string.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "wire/client.h"

/* A second connection that kills a statement may not hold us up, in ms. */
#define KILL_TIMEOUT 1000

/* Nor may the farewell of a connection. */
#define CLOSE_TIMEOUT 1500

/*
 * What a session must be, whatever the server's configuration says: each of
 * these has made rows vanish, change or a copy die (measured).  Sent in one
 * round trip; only where a server lacks one of them are they sent singly.
 */
static const struct
{
	const char *text;
	MariaFlavour flavour;		/* which has it, unless unknown: both */
}			session_settings[] = {

	{("sql_mode='STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES,"
	  "NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION'"), MARIA_FLAVOUR_MARIADB},

	/*
	 * MySQL reads the expressions of a table again when it opens it, under
	 * the sql_mode of whoever comes first: without backslash escapes it fails
	 * or takes them for others, for all sessions.
	 */
	{("sql_mode='STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,"
	  "NO_ENGINE_SUBSTITUTION'"), MARIA_FLAVOUR_MYSQL},
	{"sql_select_limit=18446744073709551615"},
	{"sql_big_selects=1"},
	{"sql_auto_is_null=0"},
	{"sql_safe_updates=0"},
	{"sql_buffer_result=0"},
	{"sql_quote_show_create=1"},
	{"max_statement_time=0", MARIA_FLAVOUR_MARIADB},
	{"max_execution_time=0", MARIA_FLAVOUR_MYSQL},
	{"net_write_timeout=31536000"},
	{"net_read_timeout=31536000"},
	{"wait_timeout=31536000"},
	{"idle_transaction_timeout=0", MARIA_FLAVOUR_MARIADB},
	{"idle_readonly_transaction_timeout=0", MARIA_FLAVOUR_MARIADB},
	{"idle_write_transaction_timeout=0", MARIA_FLAVOUR_MARIADB},
	{"lock_wait_timeout=60"},
	{"group_concat_max_len=1073741824"},
	{"max_recursive_iterations=4294967295", MARIA_FLAVOUR_MARIADB},
	{"cte_max_recursion_depth=4294967295", MARIA_FLAVOUR_MYSQL},
	{"system_versioning_asof=DEFAULT", MARIA_FLAVOUR_MARIADB},
	{"character_set_client=utf8mb4"},
	{"character_set_results=utf8mb4"},
	{"collation_connection=utf8mb4_bin"},
	{"query_cache_type=0", MARIA_FLAVOUR_MARIADB},
	{"lc_time_names='en_US'"},
	{"lc_messages='en_US'"},
	{"completion_type=0"},
	{"div_precision_increment=4"},
	{"autocommit=1"},
	/* Else AUTO_INCREMENT and TABLE_ROWS may be those of a day ago. */
	{"information_schema_stats_expiry=0", MARIA_FLAVOUR_MYSQL},
	{"show_gipk_in_create_table_and_information_schema=ON",
	MARIA_FLAVOUR_MYSQL},
	{"use_secondary_engine=OFF", MARIA_FLAVOUR_MYSQL},
};

/* All connections, and the one that kills a statement of another. */
static dlist_head connections = DLIST_STATIC_INIT(connections);
static MYSQL *killer = NULL;

/* Tells our connections from those of others who use the library, too. */
bool
maria_is_ours(MYSQL *mysql)
{
	dlist_iter	iter;

	if (mysql == killer)
		return true;
	dlist_foreach(iter, &connections)
	{
		if (dlist_container(MariaConn, node, iter.cur)->mysql == mysql)
			return true;
	}
	return false;
}

/*
 * Notes what an answer says of the connection.  After an error of the library
 * itself the protocol is in an unknown state; the server's own errors end the
 * statement only.
 */
static void
note_outcome(MariaConn *conn, unsigned int code)
{
	if (maria_is_library_error(code) || code == ER_CONNECTION_KILLED ||
		code == ER_SERVER_SHUTDOWN)
		conn->broken = true;
	else
		conn->busy = false;
}

/*
 * Raises the error that MariaDB or its library has reported.  A cancelled
 * wait looks like a lost connection there, so a pending cancel speaks first.
 */
void
maria_report_error(MariaConn *conn, const char *sql, unsigned int code,
				   const char *sqlstate, const char *message)
{
	char	   *text;

	message = maria_sent_message(message);
	text = maria_to_local(message, strlen(message), NULL);
	note_outcome(conn, code);

	maria_check_wait();

	ereport(ERROR,
			(errcode(maria_sqlstate(code, sqlstate)),
			 errmsg("%s", text),
			 maria_is_library_error(code)
			 ? errdetail("The client library reported error %u on the connection to MariaDB server \"%s\".",
						 code, conn->server_name)
			 : errdetail("MariaDB server \"%s\" reported error %u.",
						 conn->server_name, code),
			 sql ? errcontext("remote SQL command: %s", sql) : 0));
}

static void
report_conn_error(MariaConn *conn, const char *sql)
{
	maria_report_error(conn, sql, mysql_errno(conn->mysql),
					   mysql_sqlstate(conn->mysql), mysql_error(conn->mysql));
}

/* Returns a copy of a string that may be NULL. */
static char *
copy_string(const char *s)
{
	return s ? pstrdup(s) : NULL;
}

/* Keeps the options for the life of the connection. */
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

/*
 * Tells whether the library has to check the certificate's name.  From 3.4 on
 * it checks the chain only together with the name.
 */
static bool
verify_name(const MariaOptions *opts)
{
	return opts->ssl_mode == SSL_MODE_VERIFY_FULL ||
		(opts->ssl_mode == SSL_MODE_VERIFY_CA &&
		 maria_library_version() >= 30400);
}

/*
 * Sets up TLS.  The library's ENFORCE falls back to plain text in silence,
 * and its defaults differ between versions: everything is set explicitly, and
 * check_encryption looks at the outcome.
 */
static void
set_tls(MYSQL *mysql, const MariaOptions *opts)
{
	my_bool		enforce = opts->ssl_mode != SSL_MODE_DISABLED;
	my_bool		verify = verify_name(opts);

	mysql_optionsv(mysql, MYSQL_OPT_SSL_ENFORCE, &enforce);
	mysql_optionsv(mysql, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
	if (!enforce)
		return;
	mysql_optionsv(mysql, MARIADB_OPT_TLS_VERSION, "TLSv1.2,TLSv1.3");

	/* A given ssl_ca makes the library check the chain in any mode. */
	mysql_ssl_set(mysql, opts->ssl_key, opts->ssl_cert,
				  maria_authority_file(opts), opts->ssl_capath,
				  opts->ssl_cipher);
}

static void
set_client_options(MYSQL *mysql, const MariaOptions *opts)
{
	unsigned int timeout = opts->connect_timeout;
	unsigned int protocol = MYSQL_PROTOCOL_TCP;
	unsigned int no_local_infile = 0;

	if (opts->socket)
		protocol = MYSQL_PROTOCOL_SOCKET;

	maria_watch_waits(mysql);
	mysql_optionsv(mysql, MYSQL_OPT_PROTOCOL, &protocol);
	mysql_optionsv(mysql, MYSQL_OPT_CONNECT_TIMEOUT, &timeout);
	mysql_optionsv(mysql, MYSQL_OPT_LOCAL_INFILE, &no_local_infile);
	mysql_optionsv(mysql, MYSQL_SET_CHARSET_NAME, "utf8mb4");
	mysql_optionsv(mysql, MYSQL_OPT_CONNECT_ATTR_RESET, NULL);
	mysql_optionsv(mysql, MYSQL_OPT_CONNECT_ATTR_ADD,
				   "program_name", "mariadb_fdw");
	set_tls(mysql, opts);
}

/*
 * Opens the socket and logs in, within the time that the caller has set;
 * returns false with the error in mysql.
 */
static bool
open_socket(MYSQL *mysql, const MariaOptions *opts)
{
	set_client_options(mysql, opts);
	if (!maria_log_in(mysql, opts))
		return false;
	maria_set_nonblocking(mysql_get_socket(mysql));
	maria_guard_library(mysql);
	return true;
}

/* Refuses a plain-text connection where the user asked for encryption. */
static void
check_encryption(MariaConn *conn)
{
	if (conn->opts.ssl_mode >= SSL_MODE_REQUIRED &&
		mysql_get_ssl_cipher(conn->mysql) == NULL)
		maria_report_no_tls(conn);
}

/*
 * Sends the settings of a flavour, or those of both, one by one to a server
 * that does not know all of them.
 */
static void
send_settings_singly(MariaConn *conn, MariaFlavour flavour)
{
	for (size_t i = 0; i < lengthof(session_settings); i++)
	{
		char	   *sql = psprintf("SET SESSION %s", session_settings[i].text);
		unsigned int code;

		if (session_settings[i].flavour != flavour)
			continue;
		code = maria_try_command(conn, sql);
		if (code != 0 && code != ER_UNKNOWN_SYSTEM_VARIABLE)
			report_conn_error(conn, sql);
	}
}

/*
 * Only the greeting says at first whose server this is, and it may be wrong:
 * then one of the settings is unknown.
 */
static void
send_settings(MariaConn *conn)
{
	MariaFlavour other = maria_greets_as_mariadb(conn)
	? MARIA_FLAVOUR_MYSQL : MARIA_FLAVOUR_MARIADB;
	StringInfoData sql;
	unsigned int code;

	initStringInfo(&sql);
	for (size_t i = 0; i < lengthof(session_settings); i++)
		if (session_settings[i].flavour != other)
			appendStringInfo(&sql, "%s%s", sql.len == 0 ? "SET SESSION " : ", ",
							 session_settings[i].text);
	code = maria_try_command(conn, sql.data);
	if (code == ER_UNKNOWN_SYSTEM_VARIABLE)
	{
		/* The greeting may have been a proxy's. */
		maria_ask_flavour(conn);
		send_settings_singly(conn, MARIA_FLAVOUR_UNKNOWN);
		send_settings_singly(conn, maria_flavour(conn));
	}
	else if (code != 0)
		report_conn_error(conn, sql.data);

	maria_command(conn, psprintf("SET SESSION time_zone=%s",
								 maria_quote_literal(conn->opts.time_zone)));
}

/*
 * Makes the server's database the default for statements of the user's own.
 * It may not be there yet, or not for this account: then there is none.
 */
static void
choose_database(MariaConn *conn, const char *name)
{
	char	   *sql = psprintf("USE %s", maria_quote_identifier(name));
	unsigned int code = maria_try_command(conn, sql);

	if (code != 0 && code != ER_BAD_DB_ERROR &&
		code != ER_DBACCESS_DENIED_ERROR)
		report_conn_error(conn, sql);
}

/* Frees what the library holds when the connection's memory goes. */
static void
close_socket(void *arg)
{
	MariaConn  *conn = arg;
	MariaPatience old;

	if (conn->mysql == NULL)
		return;
	old = maria_set_patience(CLOSE_TIMEOUT, NULL);
	/* A statement in progress has no use for a polite farewell. */
	if (conn->busy || conn->broken)
		mariadb_cancel(conn->mysql);
	mysql_close(conn->mysql);
	dlist_delete(&conn->node);
	conn->mysql = NULL;
	maria_restore_patience(old);
}

/* Tells readers that what they have set aside is gone, or about to be. */
static void
release_callback(ResourceReleasePhase phase, bool is_commit, bool is_top_level,
				 void *arg)
{
	dlist_iter	iter;

	dlist_foreach(iter, &connections)
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
	dlist_push_head(&connections, &conn->node);
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
			 errmsg("could not connect to MariaDB server \"%s\"",
					conn->server_name),
			 errdetail("%s (error %u)", text, code),
			 hint ? errhint("%s", hint) : 0));
}

/* Logs in and fixes the session. */
static void
set_up(MariaConn *conn)
{
	if (!open_socket(conn->mysql, &conn->opts))
		report_connect_error(conn);
	check_encryption(conn);
	conn->thread_id = mysql_thread_id(conn->mysql);
	send_settings(conn);
	maria_command(conn, "SET SESSION TRANSACTION ISOLATION LEVEL "
				  "REPEATABLE READ");
	if (conn->opts.dbname)
		choose_database(conn, conn->opts.dbname);
}

/*
 * Connects and fixes the session, all within the connect_timeout; the caller
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

/* Closes a connection; a statement still running there is killed.  No error. */
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

/*
 * Stops what the server does for a connection, by a second one: closing the
 * socket alone does not end a query that sends nothing.  No error: false.
 */
bool
maria_kill(MariaConn *conn, bool query_only)
{
	MariaPatience old = maria_set_patience(KILL_TIMEOUT, NULL);
	char		sql[64];
	bool		done;

	snprintf(sql, sizeof(sql), "KILL %s%lu", query_only ? "QUERY " : "",
			 conn->thread_id);
	killer = mysql_init(NULL);
	done = killer != NULL &&
		open_socket(killer, &conn->opts) &&
		mysql_query(killer, sql) == 0;
	if (killer)
		mysql_close(killer);
	killer = NULL;
	conn->unreachable = !done;
	maria_restore_patience(old);
	return done;
}

/* Undoes what a statement of the user's may have set in the session. */
void
maria_reset_session(MariaConn *conn)
{
	maria_park(conn);
	maria_park(conn);
	send_settings(conn);
}

/*
 * Sees whether the server has left an idle connection, without a word to it:
 * what it is sent then, it has certainly not done.  Under TLS what can be
 * read need not be for us, so only the end itself tells.
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

bool
maria_is_broken(MariaConn *conn)
{
	return conn->broken;
}

/* Reads a time zone that is given as +hh:mm; a name has no one offset. */
bool
maria_zone_offset(const char *zone, int64 *offset)
{
	int			hours;
	int			minutes;
	char		sign;
	int			end = 0;

	if (sscanf(zone, "%c%2d:%2d%n", &sign, &hours, &minutes, &end) != 3 ||
		zone[end] != '\0' || (sign != '+' && sign != '-'))
		return false;
	*offset = (hours * MINS_PER_HOUR + minutes) * USECS_PER_MINUTE;
	if (sign == '-')
		*offset = -*offset;
	return true;
}

void
maria_mark_broken(MariaConn *conn)
{
	conn->broken = true;
}

/* Tells whether a statement is in progress, rows included. */
bool
maria_is_busy(MariaConn *conn)
{
	return conn->busy;
}

/* Tells whether the server has a transaction open, as of the last answer. */
bool
maria_in_transaction(MariaConn *conn)
{
	return (conn->mysql->server_status & SERVER_STATUS_IN_TRANS) != 0;
}

/* Returns the local name of the server. */
const char *
maria_server_name(MariaConn *conn)
{
	return conn->server_name;
}

/* Returns the version as the server gives it, in the local encoding. */
const char *
maria_server_version(MariaConn *conn)
{
	const char *version = mysql_get_server_info(conn->mysql);

	return version ? maria_to_local(version, strlen(version), NULL) : NULL;
}

unsigned long
maria_thread_id(MariaConn *conn)
{
	return conn->thread_id;
}

/* Returns the cipher in use, NULL on a plain connection. */
const char *
maria_ssl_cipher(MariaConn *conn)
{
	return mysql_get_ssl_cipher(conn->mysql);
}

char *
maria_client_version(void)
{
	unsigned long version = maria_library_version();

	return psprintf("%lu.%lu.%lu", version / 10000, version / 100 % 100,
					version % 100);
}

/*
 * Statements travel in UTF-8, whatever the local database's encoding.  Those
 * that end a transaction are plain ASCII, and must not look for a conversion.
 */
char *
maria_to_remote(const char *sql)
{
	if (pg_is_ascii(sql))
		return (char *) sql;
	return pg_server_to_any(sql, strlen(sql), PG_UTF8);
}

/* Throws rows away, of each result that a procedure may send. */
static void
discard_results(MYSQL *mysql)
{
	do
	{
		MYSQL_RES  *rows = mysql_use_result(mysql);

		if (rows)
			mysql_free_result(rows);
	} while (mysql_more_results(mysql) && mysql_next_result(mysql) == 0);
}

/*
 * Runs a statement and returns its error code, 0 for none.  Raises nothing
 * and throws rows away: for cleaning up and for trying.
 */
unsigned int
maria_try_command(MariaConn *conn, const char *sql)
{
	unsigned int code;

	sql = maria_to_remote(sql);
	conn->busy = true;
	if (mysql_real_query(conn->mysql, sql, strlen(sql)) == 0)
		discard_results(conn->mysql);
	code = mysql_errno(conn->mysql);
	note_outcome(conn, code);
	return code;
}

/* The same, within some milliseconds: after these the connection is broken. */
unsigned int
maria_try_within(MariaConn *conn, const char *sql, int milliseconds)
{
	MariaPatience old = maria_set_patience(milliseconds, NULL);
	unsigned int code = maria_try_command(conn, sql);

	maria_restore_patience(old);
	return code;
}

/* Raises the error of a statement that was only tried. */
void
maria_report_tried(MariaConn *conn, const char *sql)
{
	report_conn_error(conn, sql);
}

/* Returns how long a server may take to let us in, in ms. */
int
maria_connect_timeout(MariaConn *conn)
{
	return conn->opts.connect_timeout * 1000;
}

/* Runs a statement and returns the number of rows it changed, 0 for a query. */
int64
maria_command(MariaConn *conn, const char *sql)
{
	my_ulonglong changed;

	maria_park(conn);
	if (maria_try_command(conn, sql) != 0)
		report_conn_error(conn, sql);
	changed = mysql_affected_rows(conn->mysql);
	return changed == (my_ulonglong) -1 ? 0 : (int64) changed;
}

/*
 * Is a query refused to this account?  That the table or its schema does not
 * exist is not a refusal; other errors are raised.
 */
bool
maria_is_denied(MariaConn *conn, const char *sql)
{
	unsigned int code;

	maria_park(conn);
	code = maria_try_command(conn, sql);
	switch (code)
	{
		case 0:
		case ER_NO_SUCH_TABLE:
		case ER_BAD_DB_ERROR:
		case ER_WRONG_DB_NAME:
		case ER_TOO_LONG_IDENT:
		case ER_INVALID_CHARACTER_STRING:
			return false;
		case ER_TABLEACCESS_DENIED_ERROR:
		case ER_COLUMNACCESS_DENIED_ERROR:
		case ER_DBACCESS_DENIED_ERROR:
			return true;
		default:
			report_conn_error(conn, sql);
	}
	return true;
}

/* Appends a character as the local database spells it; false if it cannot. */
static bool
append_local(StringInfo buf, const unsigned char *at, size_t left)
{
	unsigned char local[MAX_UNICODE_EQUIVALENT_STRING + 1] = {0};
	int			len = pg_utf_mblen(at);

	if (*at == '\0' || (size_t) len > left || !pg_utf8_islegal(at, len))
		return false;
	if (len == 1 || GetDatabaseEncoding() == PG_UTF8 ||
		GetDatabaseEncoding() == PG_SQL_ASCII)
	{
		appendBinaryStringInfo(buf, (const char *) at, len);
		return true;
	}
	if (!maria_unicode_to_server(utf8_to_unicode(at), local))
		return false;
	appendStringInfoString(buf, (char *) local);
	return true;
}

/* Returns how many bytes are of one character, or of the begin of one. */
static int
character_length(const unsigned char *at, size_t left)
{
	int			len = Min((size_t) pg_utf_mblen(at), left);

	for (int i = 1; i < len; i++)
		if ((at[i] & 0xC0) != 0x80)
			return i;
	return len;
}

/*
 * Returns a text from there in the local encoding, whatever is in it: what
 * has no place here becomes a question mark, and the text is not whole then.
 */
char *
maria_to_local(const char *text, size_t len, bool *whole)
{
	const unsigned char *at = (const unsigned char *) text;
	const unsigned char *end = at + len;
	StringInfoData buf;

	initStringInfo(&buf);
	if (whole)
		*whole = true;
	while (at < end)
	{
		if (!append_local(&buf, at, end - at))
		{
			appendStringInfoChar(&buf, '?');
			if (whole)
				*whole = false;
		}
		at += character_length(at, end - at);
	}
	return buf.data;
}
