/* Private to the readers of the remote catalog: queries and lookups. */
#ifndef MARIADB_FDW_CATALOG_ASK_H
#define MARIADB_FDW_CATALOG_ASK_H

#include "mariadb_fdw.h"

#include "fmgr.h"

#include "catalog/remote.h"
#include "wire/wire.h"

/* read.c */
extern const char maria_foreign_keys_sql[];
extern char *maria_json_column(const char *check);

/* ask.c */
extern MariaResult *maria_open_for_schema(MariaConn *conn, const char *query,
										  int nfields, uint64 nullable,
										  const char *schema);
extern char *maria_query_for_schema(MariaConn *conn, const char *query,
									const char *schema);
extern char *maria_name_at(MariaResult *result, int field);
extern char *maria_find_schema(MariaConn *conn, const char *server,
							   const char *schema);
extern bool maria_may_read(MariaConn *conn, const char *schema,
						   const char *table);
extern bool maria_may_read_all(MariaConn *conn, const char *schema);

/* mysql.c */
extern char *maria_mysql_expression(const char *text);
extern char *maria_mysql_expression_at(MariaResult *result, int field);
extern void maria_set_mysql_column(MariaRemoteColumn *column,
								   MariaResult *result, int default_field,
								   int generation_field);
extern Datum maria_list_mysql_columns(FunctionCallInfo fcinfo,
									  MariaResult *result);
extern void maria_reread_mysql_defaults(MariaConn *conn, const char *schema,
										MariaRemoteTable *table);

/* shown.c */
extern const char *maria_shown_line_end(const char *pos);
extern char *maria_shown_name(const char **pos);

/* vector.c */
extern void maria_read_vector_indexes(MariaConn *conn, const char *schema,
									  MariaRemoteTable *table);

#endif							/* MARIADB_FDW_CATALOG_ASK_H */
