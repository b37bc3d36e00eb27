/*
 * The ground layer: connections, statements and rows of a MariaDB server.
 * Nothing above this layer uses libmariadb.  Every function that can fail
 * raises an error unless its name or comment says otherwise.
 */
#ifndef MARIADB_FDW_WIRE_H
#define MARIADB_FDW_WIRE_H

#include "mariadb_fdw.h"

typedef struct MariaConn MariaConn;
typedef struct MariaStream MariaStream;

/*
 * Which fields of a result may be NULL: a set of the first 64, or all.  A
 * reader that knows its query states it, and the result is checked.
 */
#define MARIA_NONE_NULL		UINT64CONST(0)
#define MARIA_ANY_NULL		PG_UINT64_MAX
#define MARIA_NULLABLE(field)	(UINT64CONST(1) << (field))
#define MARIA_MAX_NULLABLE	64	/* bits of the set */

/* How servers and libmariadb number their versions. */
#define MARIA_VERSION(major, minor, patch) \
	((major) * 10000 + (minor) * 100 + (patch))

/* The product of a server. */
typedef enum MariaFlavour
{
	MARIA_FLAVOUR_UNKNOWN,
	MARIA_FLAVOUR_MARIADB,
	MARIA_FLAVOUR_MYSQL
} MariaFlavour;

/* A result in progress; one row is current at a time. */
typedef struct MariaResult
{
	int			nfields;
	uint64		nullable;		/* MARIA_ANY_NULL by default */
	MariaField *fields;
	MariaValue *row;			/* valid until the next fetch */
	uint64		row_number;		/* of the current row, from 1 */
	size_t		row_bytes;		/* that it took on the wire */
	MariaStream *stream;
} MariaResult;

/* client.c */
extern MariaConn *maria_connect(const MariaOptions *opts,
								const char *server_name);
extern void maria_disconnect(MariaConn *conn);
extern void maria_reset_session(MariaConn *conn);
extern void maria_notice_end(MariaConn *conn);

/* connections.c */
extern bool maria_is_broken(MariaConn *conn);
extern void maria_mark_broken(MariaConn *conn);
extern bool maria_is_busy(MariaConn *conn);
extern bool maria_in_transaction(MariaConn *conn);
extern const char *maria_server_name(MariaConn *conn);
extern const char *maria_server_version(MariaConn *conn);
extern unsigned long maria_thread_id(MariaConn *conn);
extern const char *maria_ssl_cipher(MariaConn *conn);
extern int	maria_connect_timeout(MariaConn *conn);
extern char *maria_client_version(void);

/* command.c */
extern int64 maria_command(MariaConn *conn, const char *sql);
extern unsigned int maria_try_command(MariaConn *conn, const char *sql);
extern bool maria_try_allowed(MariaConn *conn, const char *sql);
extern bool maria_is_denied(MariaConn *conn, const char *sql);
extern unsigned int maria_try_within(MariaConn *conn, const char *sql,
									 int milliseconds);
extern void maria_report_tried(MariaConn *conn, const char *sql);

/* text.c */
extern char *maria_to_local(const char *text, size_t len, bool *whole);

/* flavour.c */
extern bool maria_greets_as_mariadb(MariaConn *conn);
extern MariaFlavour maria_flavour(MariaConn *conn);
extern bool maria_is_mysql(MariaConn *conn);
extern int	maria_version_number(MariaConn *conn);
extern bool maria_is_at_least(MariaConn *conn, MariaFlavour flavour,
							  int major, int minor, int patch);

/* product.c */
extern const char *maria_product_name(MariaConn *conn);
extern const char *maria_name_product(bool is_mysql, const char *text);

/* wait.c */
extern int64 maria_bound_waits(int milliseconds);
extern void maria_restore_bound(int64 deadline);
extern void maria_reset_waits(void);

/* stream.c */
extern MariaResult *maria_open(MariaConn *conn, const char *sql);
extern MariaResult *maria_open_fields(MariaConn *conn, const char *sql,
									  int nfields, uint64 nullable);
pg_noreturn extern void maria_report_bad_answer(MariaResult *result,
												const char *detail);
extern bool maria_fetch(MariaResult *result);
extern void maria_close(MariaResult *result);
extern void maria_give_up_rows(MariaConn *conn);

/* quote.c */
extern char *maria_quote_literal(const char *text);
extern char *maria_quote_identifier(const char *name);

#endif							/* MARIADB_FDW_WIRE_H */
