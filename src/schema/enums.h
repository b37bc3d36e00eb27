/*
 * Enum types.
 */
#ifndef MARIADB_FDW_SCHEMA_ENUMS_H
#define MARIADB_FDW_SCHEMA_ENUMS_H

#include "mariadb_fdw.h"

#include "catalog/remote.h"

extern char *maria_enum_type(Oid namespace, MariaRemoteColumn *column,
							 const MariaNames *taken, List **created);
extern bool maria_same_labels(List *a, List *b);
extern const char *maria_label_problem(List *labels);
extern char *maria_enum_name(const MariaRemoteColumn *column);
extern char *maria_free_enum_name(char *best, const MariaNames *used,
								  const MariaNames *also, Oid namespace);
extern char *maria_find_enum(List *labels, const char *name, Oid namespace,
							 bool only_there, int *found);
extern bool maria_type_exists(Oid namespace, const char *name);
extern void maria_create_enum(const char *qualified_name, List *labels);

#endif							/* MARIADB_FDW_SCHEMA_ENUMS_H */
