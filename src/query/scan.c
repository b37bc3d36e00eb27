/*
 * How does a foreign scan run?
 *
 * It opens a remote result at the first row, decodes each row directly into
 * the slot, and ends at the end of the rows or with an error.
 */
#include "postgres.h"

#include "executor/executor.h"
#include "foreign/foreign.h"
#include "nodes/nodeFuncs.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "query/query.h"
#include "session/session.h"
#include "values/values.h"

typedef struct MariaScan
{
	Oid			relid;
	Oid			userid;
	char	   *sql;
	List	   *offsets;
	List	   *attrs;
	List	   *param_exprs;	/* the expressions, for their types */
	List	   *param_states;
	MemoryContext context;		/* of one run, reset by a rescan */
	MariaResult *result;		/* NULL before the first row */
	MariaReader reader;
} MariaScan;

static void
mariadbBeginForeignScan(ForeignScanState *node, int eflags)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	MariaScan  *scan;

	if (eflags & EXEC_FLAG_EXPLAIN_ONLY)
		return;

	Assert(list_length(plan->fdw_private) == SCAN_NITEMS);
	scan = palloc0(sizeof(MariaScan));
	scan->relid = RelationGetRelid(node->ss.ss_currentRelation);
	scan->userid = maria_scan_user(node);
	scan->sql = strVal(list_nth(plan->fdw_private, SCAN_SQL));
	scan->offsets = list_nth(plan->fdw_private, SCAN_OFFSETS);
	scan->attrs = list_nth(plan->fdw_private, SCAN_ATTRS);
	scan->param_exprs = plan->fdw_exprs;
	scan->param_states = ExecInitExprList(plan->fdw_exprs, &node->ss.ps);
	scan->context = AllocSetContextCreate(node->ss.ps.state->es_query_cxt,
										  "mariadb_fdw scan",
										  ALLOCSET_DEFAULT_SIZES);
	node->fdw_state = scan;
}

/* Returns the statement with each ? replaced by its parameter's value. */
static char *
bind_parameters(ForeignScanState *node, MariaScan *scan)
{
	StringInfoData sql;
	int			done = 0;
	ListCell   *offset;
	ListCell   *expr;
	ListCell   *state;

	if (scan->offsets == NIL)
		return scan->sql;

	Assert(list_length(scan->offsets) == list_length(scan->param_exprs));
	Assert(list_length(scan->offsets) == list_length(scan->param_states));
	initStringInfo(&sql);
	forthree(offset, scan->offsets, expr, scan->param_exprs,
			 state, scan->param_states)
	{
		bool		isnull;
		Datum		value = ExecEvalExprSwitchContext(lfirst(state),
													  node->ss.ps.ps_ExprContext,
													  &isnull);

		appendBinaryStringInfo(&sql, scan->sql + done,
							   lfirst_int(offset) - done);
		done = lfirst_int(offset) + 1;
		if (isnull)
			appendStringInfoString(&sql, "NULL");
		else
			maria_append_literal(&sql, exprType(lfirst(expr)), value);
	}
	appendStringInfoString(&sql, scan->sql + done);
	return sql.data;
}

static char *
relation_name(Oid relid)
{
	return psprintf("foreign table \"%s.%s\"",
					get_namespace_name(get_rel_namespace(relid)),
					get_rel_name(relid));
}

/* The options of the fetched columns, in the order of the fields. */
static MariaOptions **
field_options(MariaScan *scan)
{
	MariaOptions *opts = maria_table_options(scan->relid);
	MariaOptions **all = palloc(sizeof(MariaOptions *) *
								(list_length(scan->attrs) + 1));
	int			i = 0;
	ListCell   *lc;

	foreach(lc, scan->attrs)
		all[i++] = maria_column_options(opts, scan->relid, lfirst_int(lc));
	return all;
}

static void
open_scan(ForeignScanState *node, MariaScan *scan)
{
	Oid			serverid = GetForeignTable(scan->relid)->serverid;
	MemoryContext old = MemoryContextSwitchTo(scan->context);
	MariaConn  *conn = maria_get_connection(serverid, scan->userid,
											MARIA_READ);

	/* A scan that needs no column reads a NULL for each row. */
	scan->result = maria_open_fields(conn, bind_parameters(node, scan),
									 Max(list_length(scan->attrs), 1),
									 MARIA_ANY_NULL);
	maria_reader_init(&scan->reader, scan->result,
					  relation_name(scan->relid),
					  RelationGetDescr(node->ss.ss_currentRelation),
					  scan->attrs, field_options(scan));
	MemoryContextSwitchTo(old);
}

static TupleTableSlot *
mariadbIterateForeignScan(ForeignScanState *node)
{
	MariaScan  *scan = node->fdw_state;
	TupleTableSlot *slot = node->ss.ss_ScanTupleSlot;

	Assert(scan != NULL);
	if (unlikely(scan->result == NULL))
		open_scan(node, scan);
	ExecClearTuple(slot);
	if (!maria_fetch(scan->result))
		return slot;

	/* Columns that are not fetched read as NULL. */
	memset(slot->tts_isnull, true,
		   slot->tts_tupleDescriptor->natts * sizeof(bool));
	maria_reader_row(&scan->reader, slot->tts_values, slot->tts_isnull);
	return ExecStoreVirtualTuple(slot);
}

static void
close_scan(MariaScan *scan)
{
	if (scan->result)
		maria_close(scan->result);
	scan->result = NULL;
	MemoryContextReset(scan->context);
}

static void
mariadbReScanForeignScan(ForeignScanState *node)
{
	close_scan(node->fdw_state);
}

static void
mariadbEndForeignScan(ForeignScanState *node)
{
	MariaScan  *scan = node->fdw_state;

	if (scan)
		close_scan(scan);
}

static void
mariadbExplainForeignScan(ForeignScanState *node, ExplainState *es)
{
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;

	if (es->verbose)
		ExplainPropertyText("Remote SQL",
							strVal(list_nth(plan->fdw_private, SCAN_SQL)), es);
}

void
maria_register_scan(FdwRoutine *routine)
{
	routine->BeginForeignScan = mariadbBeginForeignScan;
	routine->IterateForeignScan = mariadbIterateForeignScan;
	routine->ReScanForeignScan = mariadbReScanForeignScan;
	routine->EndForeignScan = mariadbEndForeignScan;
	routine->ExplainForeignScan = mariadbExplainForeignScan;
}
