/* Where PostgreSQL's plans read the rows of a local table. */
#ifndef MARIADB_FDW_STORAGE_H
#define MARIADB_FDW_STORAGE_H

#include "mariadb_fdw.h"

/* Who reads and writes a relation's rows. */
typedef enum MariaStorage
{
	MARIA_IN_HEAP,				/* scans read this very heap */
	MARIA_BY_EXECUTOR,			/* nodes of PostgreSQL: partitions, views,
								 * foreign tables, other access methods */
	MARIA_BY_EXTENSION			/* managed by another extension */
} MariaStorage;

/* storage.c */
extern MariaStorage maria_write_storage(Relation rel, List *attnums);
extern bool maria_has_places(Relation rel);
extern char *maria_qualified_name(Relation rel);

#endif							/* MARIADB_FDW_STORAGE_H */
