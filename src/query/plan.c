/*
 * What does a scan of a foreign table cost, and what runs where?
 *
 * Planning does not connect: the number of rows is the one that the import
 * recorded.
 */
#include "postgres.h"

#include <math.h>

#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/cost.h"
#include "optimizer/optimizer.h"
#include "optimizer/pathnode.h"
#include "optimizer/planmain.h"
#include "optimizer/restrictinfo.h"
#include "utils/rel.h"

#include "query/query.h"
#include "session/session.h"

/* A round trip, and what moving a row costs, in units of a page read. */
#define STARTUP_COST 25.0
#define TRANSFER_COST 0.01

/* The size of a table is unknown. */
#define DEFAULT_ROWS 1000

/* Reads the options of all columns, for conditions and the statement. */
static MariaOptions **
read_column_options(MariaOptions *opts, Oid relid)
{
	Relation	relation = table_open(relid, NoLock);
	TupleDesc	desc = RelationGetDescr(relation);
	MariaOptions **all = palloc0(sizeof(MariaOptions *) * (desc->natts + 1));

	for (int i = 0; i < desc->natts; i++)
		if (!TupleDescAttr(desc, i)->attisdropped)
			all[i] = maria_column_options(opts, relid, i + 1);
	table_close(relation, NoLock);
	return all;
}

/* Sorts the conditions by where they are evaluated. */
static void
classify_conditions(RelOptInfo *baserel, MariaRel *rel)
{
	ListCell   *lc;

	foreach(lc, baserel->baserestrictinfo)
	{
		RestrictInfo *info = lfirst_node(RestrictInfo, lc);

		if (maria_is_shippable(rel, baserel->relid, info->clause))
			rel->remote_conds = lappend(rel->remote_conds, info);
		else
			rel->local_conds = lappend(rel->local_conds, info);
	}
}

/*
 * Adds the columns of a shipped condition that can contain values without a
 * counterpart in PostgreSQL, such as a zero date: the decoder must see them.
 */
static void
add_checked_columns(RelOptInfo *baserel, MariaRel *rel, Expr *condition)
{
	List	   *vars = pull_var_clause((Node *) condition, 0);
	ListCell   *lc;

	foreach(lc, vars)
	{
		Oid			type = exprType(lfirst(lc));

		if (type == BOOLOID || type == DATEOID || type == TIMESTAMPOID)
			pull_varattnos(lfirst(lc), baserel->relid, &rel->attrs);
	}
}

/* Finds the columns that the query or a local condition uses. */
static void
find_needed_columns(RelOptInfo *baserel, MariaRel *rel)
{
	ListCell   *lc;

	pull_varattnos((Node *) baserel->reltarget->exprs, baserel->relid,
				   &rel->attrs);
	foreach(lc, rel->local_conds)
		pull_varattnos((Node *) lfirst_node(RestrictInfo, lc)->clause,
					   baserel->relid, &rel->attrs);
	foreach(lc, rel->remote_conds)
		add_checked_columns(baserel, rel, lfirst_node(RestrictInfo, lc)->clause);
}

static double
table_rows(MariaRel *rel)
{
	if (rel->opts->rows >= 0)
		return Max(rel->opts->rows, 1);
	return DEFAULT_ROWS;
}

static void
mariadbGetForeignRelSize(PlannerInfo *root, RelOptInfo *baserel,
						 Oid foreigntableid)
{
	MariaRel   *rel = palloc0(sizeof(MariaRel));

	rel->opts = maria_table_options(foreigntableid);
	rel->column_opts = read_column_options(rel->opts, foreigntableid);
	classify_conditions(baserel, rel);
	find_needed_columns(baserel, rel);
	baserel->fdw_private = rel;
	baserel->tuples = table_rows(rel);
	set_baserel_size_estimates(root, baserel);
}

static void
mariadbGetForeignPaths(PlannerInfo *root, RelOptInfo *baserel,
					   Oid foreigntableid)
{
	MariaRel   *rel = baserel->fdw_private;
	Selectivity shipped = clauselist_selectivity(root, rel->remote_conds,
												 baserel->relid, JOIN_INNER,
												 NULL);
	double		fetched = clamp_row_est(baserel->tuples * shipped);
	Cost		startup = STARTUP_COST + baserel->baserestrictcost.startup;
	Cost		per_row = TRANSFER_COST + cpu_tuple_cost;
	Cost		total = startup + baserel->tuples * cpu_operator_cost;

	per_row += baserel->baserestrictcost.per_tuple;
	total += fetched * per_row;
	add_path(baserel, (Path *)
			 maria_foreignscan_path(root, baserel, baserel->rows, startup,
									total, baserel->lateral_relids, NIL));
}

/* Splits the clauses that the plan must have as GetForeignRelSize did. */
static List *
local_clauses(MariaRel *rel, List *scan_clauses, List **remote_exprs)
{
	List	   *local = NIL;
	ListCell   *lc;

	foreach(lc, scan_clauses)
	{
		RestrictInfo *info = lfirst_node(RestrictInfo, lc);

		if (info->pseudoconstant)
			continue;			/* the core puts a Result node above */
		if (list_member_ptr(rel->remote_conds, info))
			*remote_exprs = lappend(*remote_exprs, info->clause);
		else
			local = lappend(local, info->clause);
	}
	return local;
}

static ForeignScan *
mariadbGetForeignPlan(PlannerInfo *root, RelOptInfo *baserel,
					  Oid foreigntableid, ForeignPath *best_path,
					  List *tlist, List *scan_clauses, Plan *outer_plan)
{
	MariaRel   *rel = baserel->fdw_private;
	List	   *remote_exprs = NIL;
	List	   *local = local_clauses(rel, scan_clauses, &remote_exprs);
	List	   *attrs;
	List	   *params;
	List	   *offsets;
	char	   *sql = maria_deparse_select(rel, foreigntableid, &attrs,
										   &params, &offsets);

	return make_foreignscan(tlist, local, baserel->relid, params,
							list_make3(makeString(sql), offsets, attrs),
							NIL, remote_exprs, outer_plan);
}

void
maria_register_planning(FdwRoutine *routine)
{
	routine->GetForeignRelSize = mariadbGetForeignRelSize;
	routine->GetForeignPaths = mariadbGetForeignPaths;
	routine->GetForeignPlan = mariadbGetForeignPlan;
}
