/*
 * IMPORT FOREIGN SCHEMA.
 */
#ifndef MARIADB_FDW_SCHEMA_IMPORT_H
#define MARIADB_FDW_SCHEMA_IMPORT_H

#include "mariadb_fdw.h"

#include "foreign/fdwapi.h"

extern List *maria_import_foreign_schema(ImportForeignSchemaStmt *stmt,
										 Oid serverid);

#endif							/* MARIADB_FDW_SCHEMA_IMPORT_H */
