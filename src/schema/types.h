/*
 * The type that a column gets.
 */
#ifndef MARIADB_FDW_SCHEMA_TYPES_H
#define MARIADB_FDW_SCHEMA_TYPES_H

#include "mariadb_fdw.h"

#include "catalog/remote.h"

extern char *maria_local_type(MariaRemoteColumn *column,
							  const MariaOptions *opts);
extern const char *maria_catalog_type(const char *type);

#endif							/* MARIADB_FDW_SCHEMA_TYPES_H */
