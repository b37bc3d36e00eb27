/*
 * Values that will not fit.
 */
#ifndef MARIADB_FDW_SCHEMA_PREFLIGHT_H
#define MARIADB_FDW_SCHEMA_PREFLIGHT_H

#include "mariadb_fdw.h"

#include "schema/target.h"
#include "wire/wire.h"

/* What the user should know before a migration. */
typedef struct MariaFinding
{
	const char *severity;		/* error, warning or info */
	const char *object;
	const char *finding;
	const char *advice;
	int64		rows;			/* affected, below 0 = unknown */
} MariaFinding;

extern MariaFinding *maria_finding(const char *severity, const char *object,
								   const char *finding, const char *advice,
								   int64 rows);
extern List *maria_check_values(MariaConn *conn, const char *schema,
								const MariaTargetTable *table,
								const MariaOptions *opts);

#endif							/* MARIADB_FDW_SCHEMA_PREFLIGHT_H */
