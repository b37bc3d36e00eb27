/*
 * What was decided about a column.
 */
#ifndef MARIADB_FDW_SCHEMA_NOTES_H
#define MARIADB_FDW_SCHEMA_NOTES_H

#include "mariadb_fdw.h"

#include "catalog/remote.h"

extern void maria_note(MariaRemoteColumn *column, const char *format,...)
			pg_attribute_printf(2, 3);
extern char *maria_join_notes(const List *notes);

#endif							/* MARIADB_FDW_SCHEMA_NOTES_H */
