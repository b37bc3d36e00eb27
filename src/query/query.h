/*
 * The foreign data wrapper proper: planning, remote SQL and scans.
 */
#ifndef MARIADB_FDW_QUERY_H
#define MARIADB_FDW_QUERY_H

#include "mariadb_fdw.h"

#include "foreign/fdwapi.h"
#include "nodes/pathnodes.h"

/* What planning knows of a foreign table. */
typedef struct MariaRel
{
	MariaOptions *opts;
	MariaOptions **column_opts; /* by attribute number - 1 */
	List	   *remote_conds;	/* RestrictInfos that MariaDB evaluates */
	List	   *local_conds;	/* the others */
	Bitmapset  *attrs;			/* fetched, as pull_varattnos numbers them */
} MariaRel;

/* Items of a scan's fdw_private. */
enum MariaScanPrivate
{
	SCAN_SQL,					/* String: the statement, ? for parameters */
	SCAN_OFFSETS,				/* integers: the offset of each ? */
	SCAN_ATTRS,					/* integers: attribute number of each field */
	SCAN_NITEMS
};

/* plan.c */
extern void maria_register_planning(FdwRoutine *routine);

/* scan.c */
extern void maria_register_scan(FdwRoutine *routine);

/* shippable.c */
extern bool maria_is_shippable(MariaRel *rel, Index relid, Expr *expr);
extern bool maria_is_boolean_column(Expr *expr);
extern const char *maria_operator(OpExpr *expr);
extern const char *maria_array_operator(ScalarArrayOpExpr *expr);

extern void maria_deconstruct_array(Datum array, Datum **elements,
									bool **nulls, int *n);

/* deparse.c */
extern char *maria_deparse_select(MariaRel *rel, Oid relid,
								  List **attrs, List **params,
								  List **offsets);
extern void maria_append_literal(StringInfo buf, Oid type, Datum value);

#endif							/* MARIADB_FDW_QUERY_H */
