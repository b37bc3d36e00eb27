/*
 * mariadb_fdw: moves a MariaDB database into PostgreSQL.
 *
 * The table of contents: each layer registers the callbacks that it has.
 *
 *   query/   schema/   verify/     what a user sees
 *   values/  session/              bytes to Datums; who, where, which snapshot
 *   wire/                          libmariadb, and nothing else knows it
 */
#include "postgres.h"

#include "fmgr.h"
#include "foreign/fdwapi.h"
#include "nodes/makefuncs.h"

#include "query/query.h"
#include "schema/import.h"

PG_MODULE_MAGIC_EXT(
					.name = "mariadb_fdw",
					.version = MARIADB_FDW_VERSION
);

PG_FUNCTION_INFO_V1(mariadb_fdw_handler);

Datum
mariadb_fdw_handler(PG_FUNCTION_ARGS)
{
	FdwRoutine *routine = makeNode(FdwRoutine);

	maria_register_planning(routine);
	maria_register_scan(routine);
	routine->ImportForeignSchema = maria_import_foreign_schema;
	PG_RETURN_POINTER(routine);
}
