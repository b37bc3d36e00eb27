/*
 * Values that will not fit.
 */
#ifndef MARIADB_FDW_SCHEMA_PREFLIGHT_H
#define MARIADB_FDW_SCHEMA_PREFLIGHT_H

#include "mariadb_fdw.h"

#include "schema/target.h"
#include "wire/wire.h"

extern List *maria_check_values(MariaConn *conn, const char *schema,
								const MariaTargetTable *table,
								const MariaOptions *opts);

#endif							/* MARIADB_FDW_SCHEMA_PREFLIGHT_H */
