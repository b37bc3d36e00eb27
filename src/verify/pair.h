/*
 * One table on both sides.
 */
#ifndef MARIADB_FDW_VERIFY_PAIR_H
#define MARIADB_FDW_VERIFY_PAIR_H

#include "mariadb_fdw.h"

#include "access/tupdesc.h"
#include "fmgr.h"
#include "utils/rel.h"

#include "catalog/remote.h"
#include "values/digest.h"
#include "values/values.h"

/* One table on both sides, with the columns that both have. */
typedef struct MariaTablePair
{
	MariaRemoteTable *remote;
	const char *schema;			/* remote */
	Relation	local;
	MariaOptions *opts;			/* of the server */
	List	   *attnums;		/* local attribute of each common column */
	List	   *names;			/* their remote names */
	List	   *columns;		/* of MariaRemoteColumn */
	bool		same_columns;
} MariaTablePair;

/* Processes each table of a call; pair->local is NULL if it is missing. */
typedef void (*MariaTakePair) (MariaConn *conn, MariaTablePair *pair,
							   void *arg);

/* each_table.c */
extern int	maria_warn_of_call(FunctionCallInfo fcinfo, int list_argument);
extern void maria_report_hidden(const char *schema);
extern void maria_each_pair(FunctionCallInfo fcinfo, int list_argument,
							MariaTakePair take, void *arg);

/* table_error.c */
extern ErrorData *maria_try_pair(MariaConn *conn, MariaTablePair *pair,
								 MariaTakePair take, void *arg);
extern char *maria_error_status(const ErrorData *error);
extern void maria_warn_of_table(const MariaTablePair *pair,
								const ErrorData *error);

/* pair.c */
extern Oid	maria_find_local_table(Oid namespace, const char *name);
extern bool maria_is_compared(const MariaRemoteTable *table, bool is_all,
							  List *listed);
extern void maria_match_columns(MariaTablePair *pair);
extern MariaDigestColumn *maria_digest_columns(MariaTablePair *pair,
											   bool by_position);
extern char *maria_remote_name(const MariaTablePair *pair);
extern char *maria_local_name(const MariaTablePair *pair);
extern char *maria_remote_columns(const MariaTablePair *pair);
extern char *maria_remote_select(const MariaTablePair *pair);
extern MariaOptions *maria_pair_options(const MariaTablePair *pair,
										int column);
extern void maria_pair_reader(MariaReader *reader, const MariaTablePair *pair,
							  MariaResult *result);

#endif							/* MARIADB_FDW_VERIFY_PAIR_H */
