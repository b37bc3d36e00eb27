/*
 * Two engines that keep a table's rows elsewhere, as small as can be.
 *
 * A table is a shell if schema "shards" has a relation of its name: whoever
 * reads or writes the shell reads and writes the shard.  As in Citus, a custom
 * node plans the statement once more when it runs, where the named rows of a
 * session are not known, and TRUNCATE in the role of a replica leaves the
 * shard alone.
 *
 * A table is blind if schema "blind" has a relation of its name: its scans
 * return nothing, although rows go into its heap.
 */
#include "postgres.h"

#include "access/transam.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "commands/tablecmds.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "executor/tstoreReceiver.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "nodes/extensible.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/pathnode.h"
#include "optimizer/paths.h"
#include "optimizer/planner.h"
#include "optimizer/restrictinfo.h"
#include "storage/lmgr.h"
#include "tcop/utility.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

PG_MODULE_MAGIC;

void		_PG_init(void);

static planner_hook_type last_planner;
static ProcessUtility_hook_type last_utility;
static set_rel_pathlist_hook_type last_pathlist;

typedef struct ShellState
{
	CustomScanState css;
	Tuplestorestate *rows;
	TupleTableSlot *slot;
} ShellState;

/* Finds the relation of a table's name in a schema. */
static Oid
relation_beside(Oid relid, const char *schema)
{
	Oid			namespace = get_namespace_oid(schema, true);

	if (relid < FirstNormalObjectId || !OidIsValid(namespace) ||
		get_rel_relkind(relid) != RELKIND_RELATION ||
		get_rel_namespace(relid) == namespace)
		return InvalidOid;
	return get_relname_relid(get_rel_name(relid), namespace);
}

static void
redirect_table(RangeTblEntry *entry, bool *found)
{
	Oid			shard = relation_beside(entry->relid, "shards");

	if (!OidIsValid(shard))
		return;
	LockRelationOid(shard, entry->rellockmode);
	entry->relid = shard;
	entry->relkind = get_rel_relkind(shard);
	*found = true;
}

static void
redirect_permissions(Query *query)
{
#if PG_VERSION_NUM >= 160000
	ListCell   *lc;

	foreach(lc, query->rteperminfos)
	{
		RTEPermissionInfo *info = lfirst(lc);
		Oid			shard = relation_beside(info->relid, "shards");

		if (OidIsValid(shard))
			info->relid = shard;
	}
#endif
}

/* Puts shards in the place of shells. */
static bool
redirect(Node *node, void *found)
{
	if (node == NULL)
		return false;
	if (IsA(node, RangeTblEntry))
	{
		if (((RangeTblEntry *) node)->rtekind == RTE_RELATION)
			redirect_table((RangeTblEntry *) node, found);
		return false;
	}
	if (!IsA(node, Query))
		return expression_tree_walker(node, redirect, found);
	redirect_permissions((Query *) node);
	return query_tree_walker((Query *) node, redirect, found,
							 QTW_EXAMINE_RTES_BEFORE);
}

/* Plans the statement and runs it to its end. */
static void
run_statement(ShellState *state)
{
	EState	   *estate = state->css.ss.ps.state;
	CustomScan *scan = (CustomScan *) state->css.ss.ps.plan;
	PlannedStmt *plan = standard_planner(copyObject(linitial_node(Query, scan->custom_private)),
										 estate->es_sourceText, 0,
										 estate->es_param_list_info);
	DestReceiver *dest = CreateDestReceiver(DestTuplestore);
	QueryDesc  *desc;

	state->rows = tuplestore_begin_heap(false, false, work_mem);
#if PG_VERSION_NUM >= 140000
	SetTuplestoreDestReceiverParams(dest, state->rows, CurrentMemoryContext,
									false, NULL, NULL);
#else
	SetTuplestoreDestReceiverParams(dest, state->rows, CurrentMemoryContext,
									false);
#endif
	/* NULL: the environment, with what has only a name there, is not known */
	desc = CreateQueryDesc(plan, estate->es_sourceText, estate->es_snapshot,
						   estate->es_crosscheck_snapshot, dest,
						   estate->es_param_list_info, NULL, 0);
	ExecutorStart(desc, 0);
#if PG_VERSION_NUM >= 180000
	ExecutorRun(desc, ForwardScanDirection, 0);
#else
	ExecutorRun(desc, ForwardScanDirection, 0, true);
#endif
	if (plan->commandType != CMD_SELECT)
		estate->es_processed += desc->estate->es_processed;
	state->slot = MakeSingleTupleTableSlot(desc->tupDesc
										   ? CreateTupleDescCopy(desc->tupDesc)
										   : CreateTemplateTupleDesc(0),
										   &TTSOpsMinimalTuple);
	ExecutorFinish(desc);
	ExecutorEnd(desc);
	FreeQueryDesc(desc);
}

static void
begin_shell(CustomScanState *node, EState *estate, int eflags)
{
}

static TupleTableSlot *
next_of_shell(CustomScanState *node)
{
	ShellState *state = (ShellState *) node;

	if (state->rows == NULL)
		run_statement(state);
	if (!tuplestore_gettupleslot(state->rows, true, false, state->slot))
		return NULL;
	return state->slot;
}

static void
end_shell(CustomScanState *node)
{
	ShellState *state = (ShellState *) node;

	if (state->rows == NULL)
		return;
	tuplestore_end(state->rows);
	ExecDropSingleTupleTableSlot(state->slot);
}

static void
rescan_shell(CustomScanState *node)
{
	if (((ShellState *) node)->rows)
		tuplestore_rescan(((ShellState *) node)->rows);
}

static const CustomExecMethods shell_exec = {
	.CustomName = "shell",
	.BeginCustomScan = begin_shell,
	.ExecCustomScan = next_of_shell,
	.EndCustomScan = end_shell,
	.ReScanCustomScan = rescan_shell,
};

static Node *
make_shell_state(CustomScan *scan)
{
	ShellState *state = palloc0(sizeof(ShellState));

	NodeSetTag(state, T_CustomScanState);
	state->css.methods = &shell_exec;
	return (Node *) state;
}

static const CustomScanMethods shell_scan = {"shell", make_shell_state};

/* Describes what a statement returns, without saying how it is computed. */
static void
describe_columns(CustomScan *scan, List *targets)
{
	ListCell   *lc;
	AttrNumber	n = 0;

	foreach(lc, targets)
	{
		TargetEntry *target = lfirst(lc);
		Node	   *expr = (Node *) target->expr;
		Expr	   *null;
		Expr	   *column;

		if (target->resjunk)
			continue;
		n++;
		null = (Expr *) makeNullConst(exprType(expr), exprTypmod(expr),
									  exprCollation(expr));
		column = (Expr *) makeVar(INDEX_VAR, n, exprType(expr),
								  exprTypmod(expr), exprCollation(expr), 0);
		scan->custom_scan_tlist = lappend(scan->custom_scan_tlist,
										  makeTargetEntry(null, n, target->resname, false));
		scan->scan.plan.targetlist = lappend(scan->scan.plan.targetlist,
											 makeTargetEntry(column, n, target->resname, false));
	}
}

static PlannedStmt *
plan_shells(Query *query, const char *sql, int options, ParamListInfo params)
{
	Query	   *redirected = copyObject(query);
	PlannedStmt *plan = makeNode(PlannedStmt);
	CustomScan *scan = makeNode(CustomScan);
	bool		found = false;

	(void) redirect((Node *) redirected, &found);
	if (!found)
		return (last_planner ? last_planner : standard_planner)
			(query, sql, options, params);
	describe_columns(scan, query->commandType == CMD_SELECT
					 ? query->targetList : query->returningList);
	scan->methods = &shell_scan;
	scan->custom_private = list_make1(redirected);
	plan->commandType = query->commandType;
	plan->queryId = query->queryId;
	plan->hasReturning = query->returningList != NIL;
	plan->hasModifyingCTE = query->hasModifyingCTE;
	plan->canSetTag = query->canSetTag;
	plan->planTree = (Plan *) scan;
	plan->stmt_location = query->stmt_location;
	plan->stmt_len = query->stmt_len;
	return plan;
}

/* Shards are emptied with their shells, but not for a replica. */
static void
truncate_shards(const TruncateStmt *stmt)
{
	TruncateStmt *shards = makeNode(TruncateStmt);
	ListCell   *lc;

	foreach(lc, stmt->relations)
	{
		Oid			relid = RangeVarGetRelid(lfirst(lc), NoLock, true);

		if (OidIsValid(relation_beside(relid, "shards")))
			shards->relations = lappend(shards->relations,
										makeRangeVar("shards", get_rel_name(relid), -1));
	}
	if (shards->relations != NIL &&
		SessionReplicationRole != SESSION_REPLICATION_ROLE_REPLICA)
		ExecuteTruncate(shards);
}

static void
#if PG_VERSION_NUM >= 140000
run_utility(PlannedStmt *stmt, const char *sql, bool readOnlyTree,
			ProcessUtilityContext context, ParamListInfo params,
			QueryEnvironment *environment, DestReceiver *dest,
			QueryCompletion *completion)
#else
run_utility(PlannedStmt *stmt, const char *sql,
			ProcessUtilityContext context, ParamListInfo params,
			QueryEnvironment *environment, DestReceiver *dest,
			QueryCompletion *completion)
#endif
{
	if (IsA(stmt->utilityStmt, TruncateStmt))
		truncate_shards((TruncateStmt *) stmt->utilityStmt);
	(last_utility ? last_utility : standard_ProcessUtility)
#if PG_VERSION_NUM >= 140000
		(stmt, sql, readOnlyTree, context, params, environment, dest,
		 completion);
#else
		(stmt, sql, context, params, environment, dest, completion);
#endif
}

static TupleTableSlot *
next_of_blind(CustomScanState *node)
{
	return NULL;
}

static void
end_blind(CustomScanState *node)
{
}

static const CustomExecMethods blind_exec = {
	.CustomName = "blind",
	.BeginCustomScan = begin_shell,
	.ExecCustomScan = next_of_blind,
	.EndCustomScan = end_blind,
	.ReScanCustomScan = end_blind,
};

static Node *
make_blind_state(CustomScan *scan)
{
	CustomScanState *state = makeNode(CustomScanState);

	state->methods = &blind_exec;
	return (Node *) state;
}

static const CustomScanMethods blind_scan = {"blind", make_blind_state};

static Plan *
plan_blind(PlannerInfo *root, RelOptInfo *rel, CustomPath *path, List *targets,
		   List *clauses, List *plans)
{
	CustomScan *scan = makeNode(CustomScan);

	scan->methods = &blind_scan;
	scan->scan.scanrelid = rel->relid;
	scan->scan.plan.targetlist = targets;
	scan->scan.plan.qual = extract_actual_clauses(clauses, false);
	return (Plan *) scan;
}

static const CustomPathMethods blind_path = {"blind", plan_blind};

/* A blind table has one path, which leads nowhere. */
static void
add_paths(PlannerInfo *root, RelOptInfo *rel, Index index,
		  RangeTblEntry *entry)
{
	CustomPath *path;

	if (last_pathlist)
		last_pathlist(root, rel, index, entry);
	if (entry->rtekind != RTE_RELATION ||
		!OidIsValid(relation_beside(entry->relid, "blind")))
		return;
	path = makeNode(CustomPath);
	path->path.pathtype = T_CustomScan;
	path->path.parent = rel;
	path->path.pathtarget = rel->reltarget;
	path->methods = &blind_path;
	rel->pathlist = NIL;
	rel->partial_pathlist = NIL;
	add_path(rel, (Path *) path);
}

void
_PG_init(void)
{
	last_planner = planner_hook;
	planner_hook = plan_shells;
	last_utility = ProcessUtility_hook;
	ProcessUtility_hook = run_utility;
	last_pathlist = set_rel_pathlist_hook;
	set_rel_pathlist_hook = add_paths;
}
