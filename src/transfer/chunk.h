/*
 * Cutting a table into ranges of its primary key.
 */
#ifndef MARIADB_FDW_CHUNK_H
#define MARIADB_FDW_CHUNK_H

#include "mariadb_fdw.h"

#include "values/values.h"

/* The orders of a type that maria_key_midpoint supports. */
#define MIDPOINT_TRIES 6

/* midpoint.c */
extern char *maria_key_midpoint(const MariaField *field, const MariaValue *low,
								const MariaValue *high, int try);

#endif							/* MARIADB_FDW_CHUNK_H */
