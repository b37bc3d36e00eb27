/*
 * The ground layer: connections, statements and rows of a MariaDB server.
 * Nothing above this layer knows libmariadb.  Every function here that can
 * fail raises an error unless its name says try or it says so.
 */
#ifndef MARIADB_FDW_WIRE_H
#define MARIADB_FDW_WIRE_H

#include "mariadb_fdw.h"

typedef struct MariaConn MariaConn;
typedef struct MariaStream MariaStream;

/*
 * Which fields of a result may be NULL: a set of the first 64, or all.  A
 * reader that knows its query says so, and the server is held to it.
 */
#define MARIA_NONE_NULL		UINT64CONST(0)
#define MARIA_ANY_NULL		PG_UINT64_MAX
#define MARIA_NULLABLE(field)	(UINT64CONST(1) << (field))

/* Whose product a server is. */
typedef enum MariaFlavour
{
	MARIA_FLAVOUR_UNKNOWN,
	MARIA_FLAVOUR_MARIADB,
	MARIA_FLAVOUR_MYSQL
} MariaFlavour;

/* A result in progress; one row is in hand at a time. */
typedef struct MariaResult
{
	int			nfields;
	uint64		nullable;		/* MARIA_ANY_NULL unless the reader says */
	MariaField *fields;
	MariaValue *row;			/* valid until the next fetch */
	uint64		row_number;		/* of the row in hand, from 1 */
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
extern const char *maria_product_name(MariaConn *conn);

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
