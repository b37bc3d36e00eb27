/*
 * Every difference between the PostgreSQL versions 13 to 18, under the newest
 * version's names, so that no other file checks a version; and what depends on
 * the version of the client library's headers.
 */
#ifndef MARIADB_FDW_COMPAT_H
#define MARIADB_FDW_COMPAT_H

#if PG_VERSION_NUM < 130000
#error "mariadb_fdw needs PostgreSQL 13 or newer"
#endif

#include "catalog/namespace.h"
#include "commands/progress.h"
#include "executor/executor.h"
#include "executor/nodeModifyTable.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "nodes/makefuncs.h"
#include "nodes/plannodes.h"
#include "parser/parsetree.h"
#include "pgstat.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/rel.h"
#if PG_VERSION_NUM >= 180000
#include "commands/explain_format.h"
#include "commands/explain_state.h"
#else
#include "commands/explain.h"
#endif
#if PG_VERSION_NUM >= 140000
#include "utils/wait_event.h"
#endif
#if PG_VERSION_NUM >= 180000
#include "storage/waiteventset.h"
#endif

#ifndef PG_MODULE_MAGIC_EXT
#define PG_MODULE_MAGIC_EXT(...) PG_MODULE_MAGIC
#endif

/* 18 moved it to the front of a declaration. */
#ifndef pg_noreturn
#define pg_noreturn __attribute__((noreturn))
#endif

/* 17 added fdw_restrictinfo, 18 disabled_nodes. */
#if PG_VERSION_NUM >= 180000
#define maria_foreignscan_path(root, rel, rows, startup, total, outer, priv) \
	create_foreignscan_path(root, rel, NULL, rows, 0, startup, total, NIL, \
							outer, NULL, NIL, priv)
#elif PG_VERSION_NUM >= 170000
#define maria_foreignscan_path(root, rel, rows, startup, total, outer, priv) \
	create_foreignscan_path(root, rel, NULL, rows, startup, total, NIL, \
							outer, NULL, NIL, priv)
#else
#define maria_foreignscan_path(root, rel, rows, startup, total, outer, priv) \
	create_foreignscan_path(root, rel, NULL, rows, startup, total, NIL, \
							outer, NULL, priv)
#endif

/* 18 added constraints that are NOT ENFORCED. */
#define MARIA_HAS_NOT_ENFORCED (PG_VERSION_NUM >= 180000)

/* 16 replaced the access checks for each catalog by one. */
#if PG_VERSION_NUM >= 160000
#define maria_server_aclcheck(oid, userid, mode) \
	object_aclcheck(ForeignServerRelationId, oid, userid, mode)
#else
#define maria_server_aclcheck(oid, userid, mode) \
	pg_foreign_server_aclcheck(oid, userid, mode)
#endif

/*
 * 16 has a function for it, and 14 and 15 have what is needed; before 14,
 * converting a non-ASCII character may raise an error, so it counts as
 * missing.
 */
static inline bool
maria_unicode_to_server(pg_wchar c, unsigned char *to)
{
#if PG_VERSION_NUM >= 160000
	return pg_unicode_to_server_noerror(c, to);
#elif PG_VERSION_NUM >= 140000
	unsigned char utf8[MAX_MULTIBYTE_CHAR_LEN + 1];
	int			encoding = GetDatabaseEncoding();
	Oid			conversion = FindDefaultConversionProc(PG_UTF8, encoding);
	int			len;

	unicode_to_utf8(c, utf8);
	len = pg_utf_mblen(utf8);
	return OidIsValid(conversion) &&
		pg_do_encoding_conversion_buf(conversion, PG_UTF8, encoding, utf8, len,
									  to, MAX_UNICODE_EQUIVALENT_STRING,
									  true) == len;
#else
	return false;
#endif
}

/* 14 made this one public. */
#if PG_VERSION_NUM < 140000
static inline bool
pg_is_ascii(const char *text)
{
	while (*text && !IS_HIGHBIT_SET(*text))
		text++;
	return *text == '\0';
}
#endif

/* 14 brought infinite numerics. */
#if PG_VERSION_NUM >= 140000
#define maria_numeric_is_inf(value) numeric_is_inf(value)
#else
#define maria_numeric_is_inf(value) false
#endif

/* Whose privileges a scan uses: the owner of a view, else the current user. */
static inline Oid
maria_scan_user(ForeignScanState *node)
{
	Oid			userid;
#if PG_VERSION_NUM >= 160000
	userid = ((ForeignScan *) node->ss.ps.plan)->checkAsUser;
#else
	ForeignScan *plan = (ForeignScan *) node->ss.ps.plan;
	Index		rtindex = plan->scan.scanrelid;

	if (rtindex == 0)
		rtindex = bms_next_member(plan->fs_relids, -1);
	userid = exec_rt_fetch(rtindex, node->ss.ps.state)->checkAsUser;
#endif
	return OidIsValid(userid) ? userid : GetUserId();
}

/* 17 gave wait event sets an owner; ours are freed explicitly. */
#if PG_VERSION_NUM >= 170000
#define maria_create_wait_set(n) CreateWaitEventSet(NULL, n)
#else
#define maria_create_wait_set(n) CreateWaitEventSet(TopMemoryContext, n)
#endif

/* Its header wants those of GSSAPI, which are not everywhere. */
#if PG_VERSION_NUM >= 140000
extern bool pq_check_connection(void);
#endif

/* Is an interrupt pending that will end the statement when it is processed? */
static inline bool
maria_interrupt_is_final(void)
{
	if (!InterruptPending || InterruptHoldoffCount > 0 || CritSectionCount > 0)
		return false;
#if PG_VERSION_NUM >= 140000
	if (CheckClientConnectionPending && !pq_check_connection())
		return true;
#endif
#if PG_VERSION_NUM >= 170000
	if (TransactionTimeoutPending)
		return true;
#endif
	return QueryCancelPending || ProcDiePending;
}

/* 16 renamed the subtransaction that gave a relation new storage. */
#if PG_VERSION_NUM >= 160000
#define maria_new_storage_subid(rel) ((rel)->rd_newRelfilelocatorSubid)
#define maria_first_storage_subid(rel) ((rel)->rd_firstRelfilelocatorSubid)
#else
#define maria_new_storage_subid(rel) ((rel)->rd_newRelfilenodeSubid)
#define maria_first_storage_subid(rel) ((rel)->rd_firstRelfilenodeSubid)
#endif

/*
 * Makes a relation the result of an executor state.  Before 14 the executor
 * looks into the range table when it describes a row, and finds the relation
 * through the state.
 */
static inline ResultRelInfo *
maria_init_result_relation(EState *estate, Relation rel)
{
	ResultRelInfo *info = makeNode(ResultRelInfo);
#if PG_VERSION_NUM >= 140000
	InitResultRelInfo(info, rel, 0, NULL, 0);
#else
	RangeTblEntry *entry = makeNode(RangeTblEntry);

	entry->rtekind = RTE_RELATION;
	entry->relid = RelationGetRelid(rel);
	entry->relkind = rel->rd_rel->relkind;
	entry->rellockmode = RowExclusiveLock;
	ExecInitRangeTable(estate, list_make1(entry));
	InitResultRelInfo(info, rel, 1, NULL, 0);
	estate->es_result_relations = info;
	estate->es_num_result_relations = 1;
	estate->es_result_relation_info = info;
#endif
	return info;
}

static inline void
maria_close_result_relation(EState *estate)
{
#if PG_VERSION_NUM >= 140000
	ExecCloseResultRelations(estate);
#else
	ExecCleanUpTriggerState(estate);
#endif
}

/* 14 added the relation, 16 what is only summarized. */
#if PG_VERSION_NUM >= 140000
#define maria_compute_generated(info, estate, slot) \
	ExecComputeStoredGenerated(info, estate, slot, CMD_INSERT)
#else
#define maria_compute_generated(info, estate, slot) \
	ExecComputeStoredGenerated(estate, slot, CMD_INSERT)
#endif
#if PG_VERSION_NUM >= 160000
#define maria_insert_index_tuples(info, slot, estate) \
	ExecInsertIndexTuples(info, slot, estate, false, false, NULL, NIL, false)
#elif PG_VERSION_NUM >= 140000
#define maria_insert_index_tuples(info, slot, estate) \
	ExecInsertIndexTuples(info, slot, estate, false, false, NULL, NIL)
#else
#define maria_insert_index_tuples(info, slot, estate) \
	ExecInsertIndexTuples(slot, estate, false, NULL, NIL)
#endif

/* 14 brought pg_stat_progress_copy. */
static inline void
maria_progress_copy_begin(Oid relid)
{
#if PG_VERSION_NUM >= 140000
	const int	params[] = {PROGRESS_COPY_COMMAND, PROGRESS_COPY_TYPE};
	const int64 values[] = {PROGRESS_COPY_COMMAND_FROM,
	PROGRESS_COPY_TYPE_CALLBACK};

	pgstat_progress_start_command(PROGRESS_COMMAND_COPY, relid);
	pgstat_progress_update_multi_param(lengthof(params), params, values);
#endif
}

static inline void
maria_progress_copy(int64 rows, int64 bytes)
{
#if PG_VERSION_NUM >= 140000
	const int	params[] = {PROGRESS_COPY_BYTES_PROCESSED,
	PROGRESS_COPY_TUPLES_PROCESSED};
	const int64 values[] = {bytes, rows};

	pgstat_progress_update_multi_param(lengthof(params), params, values);
#endif
}

/* 15 renamed what analyzes a statement with parameters of known types. */
static inline List *
maria_analyze_and_rewrite(RawStmt *stmt, const char *sql)
{
#if PG_VERSION_NUM >= 150000
	return pg_analyze_and_rewrite_fixedparams(stmt, sql, NULL, 0, NULL);
#else
	return pg_analyze_and_rewrite(stmt, sql, NULL, 0, NULL);
#endif
}

/* 14 gave the node that modifies tables a single plan below it. */
static inline List *
maria_modify_plans(const ModifyTable *node)
{
#if PG_VERSION_NUM >= 140000
	return NIL;
#else
	return node->plans;
#endif
}

/* 18 has the UUIDs that are in the order of time; NULL = none. */
#if PG_VERSION_NUM >= 180000
#define MARIA_UUIDV7 "uuidv7()"
#else
#define MARIA_UUIDV7 NULL
#endif

/* 15 made options of a flag. */
#if PG_VERSION_NUM < 150000
#define TUPLESORT_RANDOMACCESS true
#endif

/*
 * For files that include the client library's headers.  Connector/C 3.1.8 or
 * newer is required; libmysqlclient cannot be used, and does not define the
 * macro.
 */
#define MARIA_CLIENT_IS_USABLE (MARIADB_PACKAGE_VERSION_ID + 0 >= 30108)
#define MARIA_CLIENT_LACKS_RESTRICTED_AUTH (MARIADB_PACKAGE_VERSION_ID < 30300)

#endif							/* MARIADB_FDW_COMPAT_H */
