/*
 * Lists of tables.
 */
#ifndef MARIADB_FDW_CATALOG_LISTED_H
#define MARIADB_FDW_CATALOG_LISTED_H

#include "mariadb_fdw.h"

#include "catalog/remote.h"
#include "wire/wire.h"

extern bool maria_holds_rows(const MariaRemoteTable *table);
extern bool maria_is_migrations(const MariaRemoteTable *table);
extern void maria_check_listed(MariaConn *conn, List *listed, List *tables,
							   const char *schema);
extern void maria_choose_tables(MariaConn *conn, List *tables, List *only,
								List *except, const char *schema);

#endif							/* MARIADB_FDW_CATALOG_LISTED_H */
