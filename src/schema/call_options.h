/*
 * Options of a call.
 */
#ifndef MARIADB_FDW_SCHEMA_CALL_OPTIONS_H
#define MARIADB_FDW_SCHEMA_CALL_OPTIONS_H

#include "mariadb_fdw.h"

#include "utils/jsonb.h"

extern Jsonb *maria_checked_ddl_options(const char *server, Jsonb *options);

#endif							/* MARIADB_FDW_SCHEMA_CALL_OPTIONS_H */
