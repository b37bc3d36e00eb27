/*
 * Does a table's own heap contain the rows that a query of it returns?
 *
 * The catalogs do not show it: a table of a distributed engine is a plain heap
 * to pg_class, while its rows are in shards elsewhere.  The planner does,
 * because such an engine works through its hooks: what a plan scans is what
 * users read.
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/tableam.h"
#include "catalog/pg_class.h"
#include "catalog/pg_inherits.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "nodes/plannodes.h"
#include "rewrite/prs2lock.h"
#include "tcop/tcopprot.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#include "query/storage.h"
#include "session/attempt.h"

/* The number of partitions planned before their locks are released. */
#define PARTITIONS_AT_ONCE 64

PG_FUNCTION_INFO_V1(mariadb_reads_heap);

/* Returns a relation's name, qualified and quoted. */
char *
maria_qualified_name(Relation rel)
{
	return quote_qualified_identifier(get_namespace_name(RelationGetNamespace(rel)),
									  RelationGetRelationName(rel));
}

/*
 * Plans a statement as if a client had sent it, with every hook, but without
 * parallel workers.  Rules may produce several plans, or none.
 */
static List *
plan_statement(const char *sql)
{
	RawStmt    *raw = linitial_node(RawStmt, pg_parse_query(sql));
	List	   *plans = NIL;
	bool		has_snapshot = ActiveSnapshotSet();
	ListCell   *lc;

	if (!has_snapshot)
		PushActiveSnapshot(GetTransactionSnapshot());
	foreach(lc, maria_analyze_and_rewrite(raw, sql))
	{
		Query	   *query = lfirst_node(Query, lc);

		if (query->commandType != CMD_UTILITY)
			plans = lappend(plans, pg_plan_query(query, sql, 0, NULL));
	}
	if (!has_snapshot)
		PopActiveSnapshot();
	return plans;
}

static bool has_custom_node(const Plan *plan);

static bool
any_has_custom_node(const List *plans)
{
	ListCell   *lc;

	foreach(lc, plans)
		if (has_custom_node(lfirst(lc)))
		return true;
	return false;
}

/* Does a plan have a node that is not PostgreSQL's own? */
static bool
has_custom_node(const Plan *plan)
{
	if (plan == NULL)
		return false;
	check_stack_depth();
	if (IsA(plan, CustomScan) ||
		has_custom_node(plan->lefttree) || has_custom_node(plan->righttree))
		return true;
	switch (nodeTag(plan))
	{
		case T_Append:
			return any_has_custom_node(((const Append *) plan)->appendplans);
		case T_MergeAppend:
			return any_has_custom_node(((const MergeAppend *) plan)->mergeplans);
		case T_SubqueryScan:
			return has_custom_node(((const SubqueryScan *) plan)->subplan);
		case T_ModifyTable:
			return any_has_custom_node(maria_modify_plans((const ModifyTable *) plan));
		default:
			return false;
	}
}

static bool
is_taken_over(const List *plans)
{
	ListCell   *lc;

	foreach(lc, plans)
	{
		const PlannedStmt *plan = lfirst_node(PlannedStmt, lc);

		if (has_custom_node(plan->planTree) ||
			any_has_custom_node(plan->subplans))
			return true;
	}
	return false;
}

static Oid
range_table_relid(const PlannedStmt *plan, Index index)
{
	const RangeTblEntry *entry = list_nth(plan->rtable, index - 1);

	return entry->rtekind == RTE_RELATION ? entry->relid : InvalidOid;
}

/* Does a plan scan all of a relation, and nothing else? */
static bool
is_plain_scan(const List *plans, Oid relid)
{
	const PlannedStmt *stmt = plans ? linitial(plans) : NULL;
	const Plan *plan = stmt ? stmt->planTree : NULL;

	if (list_length(plans) != 1 || stmt->subplans != NIL)
		return false;
	switch (nodeTag(plan))
	{
		case T_SeqScan:
		case T_IndexScan:
		case T_IndexOnlyScan:
			return plan->qual == NIL && plan->lefttree == NULL &&
				range_table_relid(stmt, ((const Scan *) plan)->scanrelid) == relid;
		default:
			return false;
	}
}

/* Does a plan insert into a relation, and into no other? */
static bool
is_plain_insert(const List *plans, Oid relid)
{
	const PlannedStmt *stmt = plans ? linitial(plans) : NULL;

	return list_length(plans) == 1 && IsA(stmt->planTree, ModifyTable) &&
		list_length(stmt->resultRelations) == 1 &&
		range_table_relid(stmt, linitial_int(stmt->resultRelations)) == relid;
}

static bool
scans_relation(const List *plans, Oid relid)
{
	ListCell   *lc;
	ListCell   *entry;

	foreach(lc, plans)
	{
		foreach(entry, lfirst_node(PlannedStmt, lc)->rtable)
			if (((RangeTblEntry *) lfirst(entry))->relid == relid)
			return true;
	}
	return false;
}

/* Is it an ordinary table whose access method is that of a heap? */
static bool
is_heap(Relation rel)
{
	return rel->rd_rel->relkind == RELKIND_RELATION &&
		rel->rd_tableam == GetHeapamTableAmRoutine();
}

/*
 * A foreign table would contact its server, and a view depends on its reader's
 * privileges.
 */
static bool
is_not_planned(Relation rel)
{
	char		kind = rel->rd_rel->relkind;

	return kind == RELKIND_FOREIGN_TABLE ||
		(kind == RELKIND_VIEW &&
		 pg_class_aclcheck(RelationGetRelid(rel), GetUserId(),
						   ACL_SELECT) != ACLCHECK_OK);
}

/* Only leaf partitions are examined. */
static const char *
only(Relation rel)
{
	return rel->rd_rel->relkind == RELKIND_PARTITIONED_TABLE ? "ONLY " : "";
}

/* Determines who reads a relation, without its partitions. */
static MariaStorage
read_storage(Relation rel)
{
	Oid			relid = RelationGetRelid(rel);
	List	   *plans;

	if (is_not_planned(rel))
		return MARIA_BY_EXECUTOR;
	plans = plan_statement(psprintf("SELECT 1 FROM %s%s", only(rel),
									maria_qualified_name(rel)));
	if (is_taken_over(plans) ||
		(rel->rd_rel->relkind == RELKIND_RELATION &&
		 !scans_relation(plans, relid)))
		return MARIA_BY_EXTENSION;
	return is_heap(rel) && is_plain_scan(plans, relid) ? MARIA_IN_HEAP
		: MARIA_BY_EXECUTOR;
}

/* Does an extension manage one of these relations? */
static bool
any_is_taken_over(const List *relids, int first, int end)
{
	bool		found = false;

	for (int i = first; i < end && !found; i++)
	{
		Relation	rel = try_relation_open(list_nth_oid(relids, i),
											AccessShareLock);

		if (rel == NULL)
			continue;			/* dropped meanwhile */
		found = read_storage(rel) == MARIA_BY_EXTENSION;
		relation_close(rel, NoLock);
	}
	return found;
}

/* Some of a table's partitions and indexes. */
typedef struct Relids
{
	const List *relids;
	int			first;
	int			end;
	bool		found;
} Relids;

static void
look_at_relids(void *arg)
{
	Relids	   *some = arg;

	some->found = any_is_taken_over(some->relids, some->first, some->end);
}

/*
 * The same in a subtransaction that is rolled back: a table may have more
 * partitions and indexes than a transaction can hold locks.
 */
static bool
any_is_taken_over_unlocked(const List *relids, int first, int end)
{
	Relids		some = {relids, first, end};

	(void) maria_try(look_at_relids, &some, MARIA_TRY_UNDO,
					 MARIA_ABOUT_NOTHING);
	return some.found;
}

static bool
has_partition_taken_over(Relation rel)
{
	List	   *relids = find_all_inheritors(RelationGetRelid(rel), NoLock, NULL);

	for (int i = 0; i < list_length(relids); i += PARTITIONS_AT_ONCE)
	{
		int			end = Min(i + PARTITIONS_AT_ONCE, list_length(relids));

		CHECK_FOR_INTERRUPTS();
		if (any_is_taken_over_unlocked(relids, i, end))
			return true;
	}
	return false;
}

/*
 * Determines who reads a relation.  Its heap is read directly if one scan
 * without conditions returns all rows, so neither a policy nor an inheriting
 * table is involved.
 */
static MariaStorage
storage_of(Relation rel)
{
	if (rel->rd_rel->relkind == RELKIND_PARTITIONED_TABLE &&
		has_partition_taken_over(rel))
		return MARIA_BY_EXTENSION;
	return read_storage(rel);
}

/* Returns an INSERT of rows that need not exist: it is only planned. */
static char *
insert_statement(Relation rel, const List *attnums)
{
	char	   *name = maria_qualified_name(rel);
	StringInfoData list;
	ListCell   *lc;

	if (attnums == NIL)
		return psprintf("INSERT INTO %s DEFAULT VALUES", name);
	initStringInfo(&list);
	foreach(lc, attnums)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel),
											  lfirst_int(lc) - 1);

		appendStringInfo(&list, "%s%s", list.len ? ", " : "",
						 quote_identifier(NameStr(att->attname)));
	}
	return psprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s%s",
					name, list.data, list.data, only(rel), name);
}

/*
 * Determines who stores rows with these attributes, and whether queries read
 * them there.  Raises an error where an INSERT of them cannot be planned.
 */
MariaStorage
maria_write_storage(Relation rel, List *attnums)
{
	MariaStorage storage = storage_of(rel);
	List	   *plans;

	if (storage == MARIA_BY_EXTENSION || is_not_planned(rel))
		return storage;
	plans = plan_statement(insert_statement(rel, attnums));
	if (is_taken_over(plans))
		return MARIA_BY_EXTENSION;
	if (is_plain_insert(plans, RelationGetRelid(rel)))
		return storage;
	return rel->rd_rel->relkind == RELKIND_RELATION && rel->rd_rules == NULL
		? MARIA_BY_EXTENSION : MARIA_BY_EXECUTOR;
}

/*
 * Do tableoid and ctid identify the rows of a relation?  Rows that an
 * extension keeps elsewhere may have the same ctid on several nodes, and
 * another access method may not have ctids.
 */
bool
maria_has_places(Relation rel)
{
	return (rel->rd_rel->relkind != RELKIND_RELATION || is_heap(rel)) &&
		storage_of(rel) != MARIA_BY_EXTENSION;
}

/*
 * Does a query of a table read the table's own heap?  False for anything but a
 * table.
 */
Datum
mariadb_reads_heap(PG_FUNCTION_ARGS)
{
	Relation	rel = try_relation_open(PG_GETARG_OID(0), AccessShareLock);
	bool		reads_heap;

	if (rel == NULL)
		PG_RETURN_BOOL(false);
	reads_heap = is_heap(rel) && storage_of(rel) == MARIA_IN_HEAP;
	relation_close(rel, NoLock);
	PG_RETURN_BOOL(reads_heap);
}
