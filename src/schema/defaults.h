/*
 * Defaults that are literals.
 */
#ifndef MARIADB_FDW_SCHEMA_DEFAULTS_H
#define MARIADB_FDW_SCHEMA_DEFAULTS_H

#include "mariadb_fdw.h"

#include "lib/stringinfo.h"

#include "catalog/remote.h"

extern bool maria_is_hex(const char *digits);
extern char *maria_bytes_literal(const char *digits);
extern char *maria_bytes_default(const MariaRemoteColumn *column);
extern bool maria_fill_binary(StringInfo digits,
							  const MariaRemoteColumn *column);
extern char *maria_local_default(MariaRemoteColumn *column,
								 const char *type);

#endif							/* MARIADB_FDW_SCHEMA_DEFAULTS_H */
