/*
 * Private to the wire layer: the only include of libmariadb, and the
 * connection.
 */
#ifndef MARIADB_FDW_CLIENT_H
#define MARIADB_FDW_CLIENT_H

#include "datatype/timestamp.h"
#include "lib/ilist.h"

#include "wire/wire.h"

/* libmariadb's list helpers clash with pg_list.h, in the headers only. */
#define list_add ma_list_add
#define list_cons ma_list_cons
#define list_delete ma_list_delete
#define list_free ma_list_free
#define list_length ma_list_length
#include <mysql.h>
#include <mysqld_error.h>
#include <errmsg.h>
#undef list_add
#undef list_cons
#undef list_delete
#undef list_free
#undef list_length

#if !MARIA_CLIENT_IS_USABLE
#error "mariadb_fdw needs the headers of MariaDB Connector/C 3.1.8 or newer, not older ones or those of MySQL"
#endif

/* What the headers of older libraries do not name. */
#if MARIA_CLIENT_LACKS_RESTRICTED_AUTH
#define MARIADB_OPT_RESTRICTED_AUTH ((enum mysql_option) 7026)
#endif
#ifndef CR_ERR_LOAD_PLUGIN
#define CR_ERR_LOAD_PLUGIN 5012
#endif
#ifndef CR_ERR_NET_READ
#define CR_ERR_NET_READ 5013
#define CR_ERR_NET_WRITE 5014
#define CR_ERR_NET_UNCOMPRESS 5015
#endif

struct MariaConn
{
	MYSQL	   *mysql;
	MemoryContext context;		/* holds this struct and the strings below */
	MariaOptions opts;
	const char *server_name;
	unsigned long thread_id;
	MariaFlavour flavour;		/* unknown until requested */
	int			version;		/* 101106 for 10.11.6 */
	bool		busy;			/* the server may be working for us */
	bool		broken;			/* can only be closed */
	bool		unreachable;	/* could not be killed by a second connection */
	dlist_node	node;			/* in the list of all connections */
	MariaStream *reading;		/* owns the rows that are still to come */
};

/* The current limit of waits. */
typedef struct MariaPatience
{
	TimestampTz deadline;		/* 0 = no limit */
	MariaConn  *ending;			/* whose statement must be killed, or NULL */
} MariaPatience;

/* Stops what the server is doing for a connection; false if that failed. */
typedef bool (*MariaKill) (MariaConn *conn, bool query_only);

/* connections.c */
extern dlist_head maria_connections;
extern MYSQL *maria_killer;
extern bool maria_is_ours(MYSQL *mysql);

/* text.c */
extern char *maria_to_remote(const char *sql);

/* errors.c */
extern int	maria_sqlstate(unsigned int code, const char *sqlstate);
extern void maria_note_outcome(MariaConn *conn, unsigned int code);
pg_noreturn extern void maria_report_error(MariaConn *conn, const char *sql,
										   unsigned int code,
										   const char *sqlstate,
										   const char *message);

/* wait.c */
extern int	maria_wait_for_server(my_socket fd, my_bool is_read, int timeout);
extern void maria_watch_waits(MYSQL *mysql, MariaKill kill);
extern MariaPatience maria_set_patience(int milliseconds, MariaConn *ending);
extern void maria_restore_patience(MariaPatience old);
extern bool maria_is_out_of_time(void);
extern void maria_check_wait(void);
extern void maria_begin_reading(my_socket fd);
extern void maria_end_reading(void);
extern void maria_set_nonblocking(my_socket fd);

/* login.c */
extern const char *maria_authority_file(const MariaOptions *opts);
extern bool maria_log_in(MYSQL *mysql, const MariaOptions *opts);
extern void maria_watch_login(MYSQL *mysql, const unsigned char *bytes,
							  ssize_t count);
extern void maria_report_refusal(MariaConn *conn);
extern void maria_report_no_tls(MariaConn *conn);
extern const char *maria_denial_hint(void);

/* guard.c */
extern void maria_guard_library(MYSQL *mysql);
extern const char *maria_sent_message(const char *message);

/* socket.c */
extern bool maria_open_socket(MYSQL *mysql, const MariaOptions *opts);
extern bool maria_kill(MariaConn *conn, bool query_only);

/* stream.c */
extern void maria_park(MariaConn *conn);
extern void maria_cut_off(MariaConn *conn);
extern void maria_leave_owner(MariaConn *conn, bool is_commit);

/* flavour.c */
extern void maria_ask_flavour(MariaConn *conn);

/* product.c */
extern bool maria_names_mariadb(const char *text);

/* settings.c */
extern void maria_send_settings(MariaConn *conn);

/*
 * Returns the version of the library at run time.  Some builds from MariaDB's
 * own sources, all before 3.3, report the server's instead.
 */
static inline unsigned long
maria_library_version(void)
{
	unsigned long version = mysql_get_client_version();

	return version < MARIA_VERSION(10, 0, 0) ? version :
		MARIADB_PACKAGE_VERSION_ID;
}

/* Error codes of clients end here; those of Connector/C alone follow later. */
#define CLIENT_ERRORS_END 3000
#define CONNECTOR_ERRORS 5000

/* Distinguishes the library's own errors from those of the server. */
static inline bool
maria_is_library_error(unsigned int code)
{
	return (code >= CR_MIN_ERROR && code < CLIENT_ERRORS_END) ||
		code >= CONNECTOR_ERRORS;
}

#endif							/* MARIADB_FDW_CLIENT_H */
