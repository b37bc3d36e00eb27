/*
 * A plan of the target.
 */
#ifndef MARIADB_FDW_SCHEMA_DDL_PLAN_H
#define MARIADB_FDW_SCHEMA_DDL_PLAN_H

#include "mariadb_fdw.h"

#include "schema/target.h"

/* plan.c */
extern MariaTarget *maria_plan_target(const char *server, const char *schema,
									  const char *local, Datum options);

/* columns.c */
extern const char *maria_plan_generation(const MariaTarget *target,
										 MariaTargetTable *table,
										 MariaTargetColumn *column);

#endif							/* MARIADB_FDW_SCHEMA_DDL_PLAN_H */
