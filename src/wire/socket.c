/* How is a connection opened, and how is a running statement killed? */
#include "postgres.h"

#include "wire/client.h"

/* How long a second connection that kills a statement may take, in ms. */
#define KILL_TIMEOUT 1000

/*
 * Returns whether the library must check the certificate's name.  From 3.4 on
 * it checks the chain only together with the name.
 */
static bool
verify_name(const MariaOptions *opts)
{
	return opts->ssl_mode == SSL_MODE_VERIFY_FULL ||
		(opts->ssl_mode == SSL_MODE_VERIFY_CA &&
		 maria_library_version() >= MARIA_VERSION(3, 4, 0));
}

/*
 * Sets up TLS.  The library's ENFORCE silently falls back to plain text, and
 * its defaults differ between versions: everything is set explicitly, and
 * check_encryption verifies the result.
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

	maria_watch_waits(mysql, maria_kill);
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
bool
maria_open_socket(MYSQL *mysql, const MariaOptions *opts)
{
	set_client_options(mysql, opts);
	if (!maria_log_in(mysql, opts))
		return false;
	maria_set_nonblocking(mysql_get_socket(mysql));
	maria_guard_library(mysql);
	return true;
}

/*
 * Stops what the server is doing for a connection, by a second one: closing
 * the socket alone does not end a query that sends nothing.  Returns false on
 * failure, without an error.
 */
bool
maria_kill(MariaConn *conn, bool query_only)
{
	MariaPatience old = maria_set_patience(KILL_TIMEOUT, NULL);
	char		sql[64];
	bool		done;

	snprintf(sql, sizeof(sql), "KILL %s%lu", query_only ? "QUERY " : "",
			 conn->thread_id);
	maria_killer = mysql_init(NULL);
	done = maria_killer != NULL &&
		maria_open_socket(maria_killer, &conn->opts) &&
		mysql_query(maria_killer, sql) == 0;
	if (maria_killer)
		mysql_close(maria_killer);
	maria_killer = NULL;
	conn->unreachable = !done;
	maria_restore_patience(old);
	return done;
}
