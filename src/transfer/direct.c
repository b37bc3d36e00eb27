/*
 * How are rows stored directly into a table's heap?
 *
 * As COPY does: many to a page, in a ring of buffers, after defaults,
 * generated columns and constraints, followed by indexes and AFTER triggers.
 * Frozen where the table is new in this transaction.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_trigger.h"
#include "catalog/pg_type.h"
#include "commands/trigger.h"
#include "executor/executor.h"
#include "executor/nodeModifyTable.h"
#include "miscadmin.h"
#include "rewrite/prs2lock.h"
#include "rewrite/rewriteHandler.h"
#include "utils/lsyscache.h"
#include "utils/portal.h"
#include "utils/rel.h"
#include "utils/rls.h"
#include "utils/snapmgr.h"

#include "transfer/sink.h"

static bool
has_insert_rule(Relation rel)
{
	if (rel->rd_rules == NULL)
		return false;
	for (int i = 0; i < rel->rd_rules->numLocks; i++)
		if (rel->rd_rules->rules[i]->event == CMD_INSERT)
			return true;
	return false;
}

/* Does a trigger fire under this session's session_replication_role? */
static bool
fires(const Trigger *trigger)
{
	if (!TRIGGER_FOR_INSERT(trigger->tgtype))
		return false;
	if (SessionReplicationRole == SESSION_REPLICATION_ROLE_REPLICA)
		return trigger->tgenabled == TRIGGER_FIRES_ON_REPLICA ||
			trigger->tgenabled == TRIGGER_FIRES_ALWAYS;
	return trigger->tgenabled == TRIGGER_FIRES_ON_ORIGIN ||
		trigger->tgenabled == TRIGGER_FIRES_ALWAYS;
}

/* Does it change rows, or use a transition table? */
static bool
is_involved(const Trigger *trigger)
{
	return (TRIGGER_FOR_ROW(trigger->tgtype) &&
			!TRIGGER_FOR_AFTER(trigger->tgtype)) ||
		trigger->tgnewtable != NULL;
}

static bool
has_involved_trigger(Relation rel)
{
	TriggerDesc *triggers = rel->trigdesc;

	for (int i = 0; triggers && i < triggers->numtriggers; i++)
		if (fires(&triggers->triggers[i]) &&
			is_involved(&triggers->triggers[i]))
			return true;
	return false;
}

/* An aborted subtransaction leaves its events in the statement's queue. */
static bool
queues_events(Relation rel)
{
	TriggerDesc *triggers = rel->trigdesc;

	for (int i = 0; triggers && i < triggers->numtriggers; i++)
		if (fires(&triggers->triggers[i]) &&
			TRIGGER_FOR_ROW(triggers->triggers[i].tgtype))
			return true;
	return false;
}

/*
 * Is a relation a plain table, without features that only INSERT supports?
 * in_parts means that rows may be rolled back by subtransactions.
 */
bool
maria_direct_is_possible(Relation rel, bool in_parts)
{
	return rel->rd_rel->relkind == RELKIND_RELATION &&
		rel->rd_rel->relam == HEAP_TABLE_AM_OID &&
		!rel->rd_rel->relispartition &&
		!has_insert_rule(rel) &&
		!has_involved_trigger(rel) &&
		!(in_parts && queues_events(rel)) &&
		check_enable_rls(RelationGetRelid(rel), InvalidOid, false) != RLS_ENABLED;
}

/*
 * May rows be stored as visible to all?  The rule of COPY FREEZE: nobody else
 * can see the table, and nothing in this transaction has read it.
 */
static bool
may_freeze(Relation rel)
{
	SubTransactionId now = GetCurrentSubTransactionId();

	InvalidateCatalogSnapshot();
	return (rel->rd_createSubid == now ||
			maria_new_storage_subid(rel) == now) &&
		ThereAreNoPriorRegisteredSnapshots() && ThereAreNoReadyPortals();
}

static int
insert_options(Relation rel, bool in_parts)
{
	int			options = 0;

	if (rel->rd_createSubid != InvalidSubTransactionId ||
		maria_first_storage_subid(rel) != InvalidSubTransactionId)
		options |= TABLE_INSERT_SKIP_FSM;
	/* Rows frozen by a subtransaction would remain after its rollback. */
	if (!in_parts && may_freeze(rel))
		options |= TABLE_INSERT_FROZEN;
	return options;
}

/* Records the default of a column; false if only INSERT can compute it. */
static bool
add_default(MariaSink *target, Form_pg_attribute att)
{
	Expr	   *expr = (Expr *) build_column_default(target->rel, att->attnum);
	MariaDefault *to = &target->defaults[target->ndefaults];

	if (expr == NULL)
		return get_typtype(att->atttypid) != TYPTYPE_DOMAIN;
	to->index = att->attnum - 1;
	to->value = ExecPrepareExpr(expr, target->estate);
	target->ndefaults++;
	return true;
}

static bool
add_defaults(MariaSink *target)
{
	TupleDesc	desc = RelationGetDescr(target->rel);

	target->defaults = palloc0(sizeof(MariaDefault) * (desc->natts + 1));
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped || att->attgenerated ||
			list_member_int(target->attnums, att->attnum))
			continue;
		if (!add_default(target, att))
			return false;
	}
	return true;
}

/*
 * Can a row be wider than a page, even with all possible values in the TOAST
 * table?  Then only storing it shows whether it fits.
 */
static bool
may_be_too_wide(TupleDesc desc)
{
	Size		width = MAXALIGN(SizeofHeapTupleHeader + BITMAPLEN(desc->natts));

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (att->attisdropped)
			continue;
		if (att->attlen < 0 && att->attstorage == TYPSTORAGE_PLAIN)
			return true;
		/* A value that is not longer than a TOAST pointer is not moved. */
		width += att->attlen > 0 ? MAXALIGN(att->attlen) : 2 * MAXALIGN(VARHDRSZ_EXTERNAL);
	}
	return width > MaxHeapTupleSize;
}

/* Prepares; clears is_direct if a default is not supported. */
void
maria_direct_begin(MariaSink *target, bool in_parts)
{
	TupleConstr *constr = RelationGetDescr(target->rel)->constr;

	target->estate = CreateExecutorState();
	if (!add_defaults(target))
	{
		FreeExecutorState(target->estate);
		target->is_direct = false;
		return;
	}
	target->info = maria_init_result_relation(target->estate, target->rel);
	ExecOpenIndices(target->info, false);
	target->has_generated = constr && constr->has_generated_stored;
	target->is_guarded = target->info->ri_NumIndices > 0 ||
		may_be_too_wide(RelationGetDescr(target->rel));
	target->bulk = GetBulkInsertState();
	target->cid = GetCurrentCommandId(true);
	target->options = insert_options(target->rel, in_parts);
	AfterTriggerBeginQuery();
	ExecBSInsertTriggers(target->estate, target->info);
}

/* Adds defaults and generated values to a row, and checks its constraints. */
void
maria_direct_complete(MariaSink *target, TupleTableSlot *slot)
{
	EState	   *estate = target->estate;

	for (int i = 0; i < target->ndefaults; i++)
	{
		const MariaDefault *def = &target->defaults[i];

		slot->tts_values[def->index] =
			ExecEvalExpr(def->value, GetPerTupleExprContext(estate),
						 &slot->tts_isnull[def->index]);
	}
	slot->tts_tableOid = RelationGetRelid(target->rel);
	if (target->has_generated)
		maria_compute_generated(target->info, estate, slot);
	if (RelationGetDescr(target->rel)->constr)
		ExecConstraints(target->info, slot, estate);
	ResetPerTupleExprContext(estate);
}

/* Adds a stored row to the indexes, and queues its AFTER triggers. */
static void
follow_up(MariaSink *target, TupleTableSlot *slot)
{
	List	   *recheck = NIL;

	if (target->info->ri_NumIndices > 0)
		recheck = maria_insert_index_tuples(target->info, slot,
											target->estate);
	ExecARInsertTriggers(target->estate, target->info, slot, recheck, NULL);
	ResetPerTupleExprContext(target->estate);
}

/*
 * Marks whether slots own their values, which are in the batch's context.
 * Otherwise each value would be copied again before it is stored.
 */
static void
mark_slots(TupleTableSlot **slots, int count, bool own_values)
{
	for (int i = 0; i < count; i++)
		if (own_values)
			slots[i]->tts_flags |= TTS_FLAG_SHOULDFREE;
		else
			slots[i]->tts_flags &= ~TTS_FLAG_SHOULDFREE;
}

void
maria_direct_store(MariaSink *target, int first, int count)
{
	TupleTableSlot **slots = target->slots + first;

	Assert(CurrentMemoryContext == target->context);

	/*
	 * The pinned buffer must not belong to a subtransaction; and after an
	 * error that does not end the copy, the marks would remain.
	 */
	if (IsSubTransaction())
		table_multi_insert(target->rel, slots, count, target->cid,
						   target->options, NULL);
	else
	{
		mark_slots(slots, count, true);
		table_multi_insert(target->rel, slots, count, target->cid,
						   target->options, target->bulk);
		mark_slots(slots, count, false);
	}
	target->stored += count;
	if (target->info->ri_NumIndices == 0 && target->rel->trigdesc == NULL)
		return;
	for (int i = 0; i < count; i++)
		follow_up(target, slots[i]);
}

void
maria_direct_end(MariaSink *target)
{
	ExecASInsertTriggers(target->estate, target->info, NULL);
	AfterTriggerEndQuery(target->estate);
	FreeBulkInsertState(target->bulk);
	table_finish_bulk_insert(target->rel, target->options);
	ExecCloseIndices(target->info);
	ExecResetTupleTable(target->estate->es_tupleTable, false);
	maria_close_result_relation(target->estate);
	FreeExecutorState(target->estate);
}
