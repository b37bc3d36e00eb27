/*
 * Reading what a MariaDB schema has.
 */
#ifndef MARIADB_FDW_CATALOG_READ_H
#define MARIADB_FDW_CATALOG_READ_H

#include "mariadb_fdw.h"

#include "catalog/remote.h"
#include "wire/wire.h"

/* read.c */
extern List *maria_read_tables(MariaConn *conn, const char *server,
							   const char *schema);

/* objects.c */
extern MariaRemoteSchema *maria_read_schema(MariaConn *conn,
											const char *server,
											const char *schema);

/* source.c */
extern char *maria_check_source(MariaConn *conn, const char *server,
								const char *schema);
extern int	maria_warn_of_hidden(MariaConn *conn, const char *server,
								 const char *schema, List *listed);
extern void maria_notice_hidden(MariaConn *conn, const char *server,
								const char *schema, List *listed);

#endif							/* MARIADB_FDW_CATALOG_READ_H */
