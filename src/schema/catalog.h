/*
 * Inside of the catalog's readers: how they ask and what they find again.
 */
#ifndef MARIADB_FDW_CATALOG_H
#define MARIADB_FDW_CATALOG_H

#include "schema/schema.h"

extern const char maria_foreign_keys_sql[];

extern char *maria_field_text(MariaResult *result, int field);
extern int64 maria_field_number(MariaResult *result, int field,
								int64 if_null);
extern MariaResult *maria_open_for_schema(MariaConn *conn, const char *query,
										  const char *schema);
extern char *maria_find_schema(MariaConn *conn, const char *server,
							   const char *schema);
extern bool maria_may_read_all(MariaConn *conn, const char *schema);
extern MariaRemoteTable *maria_find_table(List *tables, const char *name);
extern MariaRemoteColumn *maria_find_column(MariaRemoteTable *table,
											const char *name);

#endif							/* MARIADB_FDW_CATALOG_H */
