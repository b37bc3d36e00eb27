/*
 * How are copied rows stored into a local table?
 *
 * In batches of slots, bounded by bytes.  In a plain table they are written
 * directly into the heap (direct.c); in anything else by INSERT ... SELECT
 * (insert.c), which supports everything that PostgreSQL supports.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/transam.h"
#include "access/xact.h"
#include "catalog/catalog.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "executor/executor.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "transfer/sink.h"

/*
 * Is a relation a system catalog or our own table, which must not be filled?
 */
static bool
is_reserved(Relation rel)
{
	return RelationGetRelid(rel) < FirstNormalObjectId ||
		IsSystemRelation(rel) || RELATION_IS_OTHER_TEMP(rel) ||
		RelationGetNamespace(rel) == get_namespace_oid(MARIA_SCHEMA, true);
}

static void
check_kind(Relation rel)
{
	char		kind = rel->rd_rel->relkind;

	if (is_reserved(rel))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("cannot copy into relation \"%s\"",
						RelationGetRelationName(rel)),
				 errdetail("It is a system catalog, a table of mariadb_fdw, or a temporary table of another session.")));
	if (kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE ||
		kind == RELKIND_VIEW || kind == RELKIND_FOREIGN_TABLE)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_WRONG_OBJECT_TYPE),
			 errmsg("cannot copy into relation \"%s\"",
					RelationGetRelationName(rel)),
			 errhint("A target is a table, a view or a foreign table.")));
}

/*
 * Raises an error for an OID that is not that of a relation, which any caller
 * may pass.
 */
static void
check_exists(Oid relid)
{
	if (get_rel_name(relid) == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
}

/* Opens a relation to copy into; the caller closes it by maria_sink_end. */
MariaSink *
maria_sink_open(Oid relid)
{
	MariaSink  *target = palloc0(sizeof(MariaSink));

	check_exists(relid);
	target->rel = table_open(relid, RowExclusiveLock);
	check_kind(target->rel);
	return target;
}

/* Raises an error unless the current user may fill these columns. */
static void
check_privileges(MariaSink *target)
{
	Oid			relid = RelationGetRelid(target->rel);
	ListCell   *lc;

	if (pg_class_aclcheck(relid, GetUserId(), ACL_INSERT) == ACLCHECK_OK)
		return;
	if (target->attnums == NIL &&
		pg_attribute_aclcheck_all(relid, GetUserId(), ACL_INSERT,
								  ACLMASK_ANY) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE,
					   RelationGetRelationName(target->rel));
	foreach(lc, target->attnums)
	{
		if (pg_attribute_aclcheck(relid, lfirst_int(lc), GetUserId(),
								  ACL_INSERT) != ACLCHECK_OK)
			aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_TABLE,
						   RelationGetRelationName(target->rel));
	}
}

/* A batch with large values needs few blocks of memory of this size. */
#define MAX_BLOCK_BYTES (8 * 1024 * 1024)

/* Prepares for rows with these attributes of the source. */
void
maria_sink_begin(MariaSink *target, List *attnums)
{
	target->attnums = attnums;
	target->context = AllocSetContextCreate(CurrentMemoryContext,
											"mariadb_fdw batch",
											0, 8 * BATCH_BYTES,
											MAX_BLOCK_BYTES);
	target->slots = palloc0(sizeof(TupleTableSlot *) * BATCH_ROWS);
}

/* Prepares storing them; in_parts if bad rows will be rolled back alone. */
void
maria_sink_begin_storing(MariaSink *target, bool in_parts)
{
	if (!target->rel->rd_islocaltemp)
		PreventCommandIfReadOnly("mariadb.copy()");
	check_privileges(target);
	target->is_stored = true;
	target->is_in_parts = in_parts;
	target->storage = maria_write_storage(target->rel, target->attnums);
	target->is_direct = target->storage == MARIA_IN_HEAP &&
		maria_direct_is_possible(target->rel, in_parts);
	if (target->is_direct)
		maria_direct_begin(target, in_parts);
	if (!target->is_direct)
		maria_insert_begin(target);
	if (in_parts && target->is_one_statement)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot reject single rows of \"%s\"",
						RelationGetRelationName(target->rel)),
				 errdetail("It has triggers, rules or a foreign key that see all rows at once."),
				 errhint("Set option \"on_error\" to \"stop\".")));
}

/* Returns an empty slot, the next of the batch. */
TupleTableSlot *
maria_sink_slot(MariaSink *target)
{
	TupleTableSlot **slot = &target->slots[target->nslots];

	Assert(target->nslots < BATCH_ROWS);
	if (*slot == NULL)
		*slot = MakeSingleTupleTableSlot(RelationGetDescr(target->rel),
										 &TTSOpsVirtual);
	ExecClearTuple(*slot);
	memset((*slot)->tts_isnull, true,
		   (*slot)->tts_tupleDescriptor->natts * sizeof(bool));
	return *slot;
}

/*
 * Completes a row, and raises an error if the table does not accept it.
 * Called in the batch's memory context.
 */
void
maria_sink_check(MariaSink *target, TupleTableSlot *slot)
{
	Assert(CurrentMemoryContext == target->context);
	ExecStoreVirtualTuple(slot);
	if (target->is_direct && target->is_stored)
		maria_direct_complete(target, slot);
}

bool
maria_sink_is_full(MariaSink *target)
{
	return target->nslots >= BATCH_ROWS || target->bytes >= BATCH_BYTES;
}

/* Stores some rows of the batch. */
void
maria_sink_store(MariaSink *target, int first, int count)
{
	MemoryContext old = MemoryContextSwitchTo(target->context);

	Assert(target->is_stored);
	Assert(first >= 0 && count > 0 && first + count <= target->nslots);
	if (target->is_direct)
		maria_direct_store(target, first, count);
	else
		maria_insert_store(target, first, count);
	MemoryContextSwitchTo(old);
}

/* Begins the next batch. */
void
maria_sink_empty(MariaSink *target)
{
	for (int i = 0; i < target->nslots; i++)
		ExecClearTuple(target->slots[i]);
	target->nslots = 0;
	target->bytes = 0;
	MemoryContextReset(target->context);
}

/* Stores the remaining rows, and checks that all can be read. */
void
maria_sink_finish(MariaSink *target)
{
	maria_seen_check_places(target);
	if (target->is_stored && target->is_direct)
		maria_direct_end(target);
	else if (target->is_stored)
		maria_insert_end(target);
	maria_seen_check_count(target);
}

/* Ends it; the lock stays until the transaction ends. */
void
maria_sink_end(MariaSink *target)
{
	for (int i = 0; i < BATCH_ROWS && target->slots[i]; i++)
		ExecDropSingleTupleTableSlot(target->slots[i]);
	MemoryContextDelete(target->context);
	table_close(target->rel, NoLock);
}
