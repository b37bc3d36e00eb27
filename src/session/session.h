/*
 * Who, where, and in which transaction: options of foreign objects and the
 * connections of this backend.
 */
#ifndef MARIADB_FDW_SESSION_H
#define MARIADB_FDW_SESSION_H

#include "mariadb_fdw.h"

#include "fmgr.h"
#include "foreign/foreign.h"
#include "utils/array.h"

#include "wire/wire.h"

typedef enum MariaAccess
{
	MARIA_READ,					/* in the snapshot of the local transaction */
	MARIA_WRITE					/* in a remote transaction that may write */
} MariaAccess;

/* options.c */
extern MariaOptions *maria_server_options(Oid serverid, Oid userid);
extern MariaOptions *maria_import_options(Oid serverid, List *options);
extern MariaOptions *maria_table_options(Oid relid);
extern MariaOptions *maria_column_options(const MariaOptions *table_opts,
										  Oid relid, AttrNumber attnum);

extern const char *maria_type_choice(int n);
extern bool maria_is_type_choice(const char *name);
extern char *maria_valid_choices(const char *name, const char *value);
extern bool maria_is_server_option(const char *name);

/* An unknown name, and the known one that is most similar. */
typedef struct MariaClosest
{
	const char *name;
	const char *known;			/* NULL = none is similar */
	int			distance;
} MariaClosest;

extern void maria_compare_name(MariaClosest *closest, const char *known);

/* arguments.c */
extern void maria_require_arguments(FunctionCallInfo fcinfo, int nullable);
extern char *maria_text_argument(FunctionCallInfo fcinfo);
extern void maria_report_null(const char *kind, const char *name,
							  const char *hint);
extern void maria_report_empty_list(const char *name);
extern void maria_report_null_in_list(const char *name);
extern List *maria_list_argument(ArrayType *array, const char *name);
extern void maria_check_not_reserved(const char *schema);
extern Oid	maria_local_schema(const char *name, bool missing_ok);

/* connection.c */
extern void maria_check_usage(ForeignServer *server);
extern MariaConn *maria_get_connection(Oid serverid, Oid userid,
									   MariaAccess access);
extern void maria_before_user_statement(MariaConn *conn);
extern MariaConn *maria_get_connection_by_name(const char *server_name,
											   MariaAccess access);
extern const char *maria_session_product(void);
extern MariaConn *maria_hold_snapshot(Oid serverid, Oid userid);
extern void maria_release_snapshot(Oid serverid, Oid userid);

#endif							/* MARIADB_FDW_SESSION_H */
