/*
 * How are the rows of a foreign table copied into a local one?
 *
 * From the wire into slots, decoded to the types of the target, and from there
 * into the target in batches.  The loop ends at the end of the rows or with an
 * error; a row is stored, or it is kept in mariadb.reject.
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/table.h"
#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_foreign_table.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "miscadmin.h"
#include "pgstat.h"
#include "utils/acl.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "session/attempt.h"
#include "session/session.h"
#include "session/srf.h"
#include "transfer/sink.h"

typedef struct CopyState
{
	MariaCopy  *copy;
	MariaSink  *target;
	Relation	source;
	List	   *attnums;		/* of the target, one for each field */
	List	   *columns;		/* options of the foreign columns */
	MariaResult *result;
	MariaReader reader;
	MariaDigestColumn *digest_columns;
	bool		is_pure;		/* decoding has no side effects to undo */
	MariaRejected *keys;		/* of the batch's rows, or NULL */
	TimestampTz started;
} CopyState;

PG_FUNCTION_INFO_V1(mariadb_copy);
PG_FUNCTION_INFO_V1(mariadb_copy_rows);

static AttrNumber
target_attribute(Relation rel, const char *name, bool *is_generated)
{
	AttrNumber	attnum = get_attnum(RelationGetRelid(rel), name);

	*is_generated = attnum > 0 &&
		TupleDescAttr(RelationGetDescr(rel), attnum - 1)->attgenerated != '\0';
	return attnum > 0 ? attnum : InvalidAttrNumber;
}

void
maria_check_select(Relation source, AttrNumber attnum)
{
	Oid			relid = RelationGetRelid(source);

	if (pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) != ACLCHECK_OK &&
		pg_attribute_aclcheck(relid, attnum, GetUserId(),
							  ACL_SELECT) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_FOREIGN_TABLE,
					   RelationGetRelationName(source));
}

/* Even the number of rows requires SELECT on some column. */
void
maria_check_select_any(Relation source)
{
	Oid			relid = RelationGetRelid(source);

	if (pg_class_aclcheck(relid, GetUserId(), ACL_SELECT) != ACLCHECK_OK &&
		pg_attribute_aclcheck_all(relid, GetUserId(), ACL_SELECT,
								  ACLMASK_ANY) != ACLCHECK_OK)
		aclcheck_error(ACLCHECK_NO_PRIV, OBJECT_FOREIGN_TABLE,
					   RelationGetRelationName(source));
}

static void
report_unmatched(CopyState *state, const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("column \"%s\" of foreign table \"%s\" does not exist in table \"%s\"",
					name, RelationGetRelationName(state->source),
					RelationGetRelationName(state->target->rel)),
			 errhint("Drop it from the foreign table, or set option \"skip_unmatched\" to skip it.")));
}

/* Finds the columns to be copied, by name. */
static void
match_columns(CopyState *state)
{
	Oid			relid = RelationGetRelid(state->source);
	TupleDesc	desc = RelationGetDescr(state->source);
	MariaOptions *opts = maria_table_options(relid);
	int			keys = 0;
	int			last_key = 0;

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);
		MariaOptions *column;
		bool		is_generated;
		AttrNumber	to;

		if (att->attisdropped)
			continue;
		column = maria_column_options(opts, relid, att->attnum);
		to = target_attribute(state->target->rel, NameStr(att->attname),
							  &is_generated);
		last_key = Max(last_key, column->key);
		if (to == InvalidAttrNumber && !state->copy->skip_unmatched)
			report_unmatched(state, NameStr(att->attname));
		if (to == InvalidAttrNumber || is_generated)
			continue;
		maria_check_select(state->source, att->attnum);
		keys += column->key > 0;
		state->attnums = lappend_int(state->attnums, to);
		state->columns = lappend(state->columns, column);
	}
	state->copy->has_key = keys > 0 && keys == last_key;
	if (state->attnums == NIL)
		maria_check_select_any(state->source);
}

/* Appends a text as a comment; nothing in it can end the comment. */
static void
append_comment(StringInfo buf, const char *text)
{
	appendStringInfoString(buf, "/* ");
	for (; *text; text++)
		appendStringInfoChar(buf, *text == '*' || *text == '?' ? '.' : *text);
	appendStringInfoString(buf, " */ ");
}

static char *
select_statement(CopyState *state)
{
	MariaOptions *opts = maria_table_options(RelationGetRelid(state->source));
	StringInfoData sql;
	const char *separator = "";
	ListCell   *lc;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "SELECT ");
	if (state->copy->label)
		append_comment(&sql, state->copy->label);
	foreach(lc, state->columns)
	{
		MariaOptions *column = lfirst(lc);

		appendStringInfo(&sql, "%s%s", separator,
						 maria_quote_identifier(column->column_name));
		separator = ", ";
	}
	appendStringInfo(&sql, "%s FROM %s.%s", state->columns ? "" : "NULL",
					 maria_quote_identifier(opts->dbname),
					 maria_quote_identifier(opts->table_name));
	if (state->copy->condition)
		appendStringInfo(&sql, " WHERE %s", state->copy->condition);
	return sql.data;
}

static void
open_source(CopyState *state)
{
	Oid			relid = RelationGetRelid(state->source);
	Oid			serverid = GetForeignTable(relid)->serverid;
	MariaConn  *conn = maria_get_connection(serverid, GetUserId(), MARIA_READ);
	MariaOptions **opts = palloc(sizeof(MariaOptions *) *
								 (list_length(state->columns) + 1));
	int			i = 0;
	ListCell   *lc;

	foreach(lc, state->columns)
		opts[i++] = lfirst(lc);
	state->result = maria_open_fields(conn, select_statement(state),
									  Max(list_length(state->columns), 1),
									  MARIA_ANY_NULL);
	maria_reader_init(&state->reader, state->result,
					  psprintf("foreign table \"%s.%s\"",
							   get_namespace_name(RelationGetNamespace(state->source)),
							   RelationGetRelationName(state->source)),
					  RelationGetDescr(state->target->rel), state->attnums,
					  opts);
	state->is_pure = maria_reader_is_pure(&state->reader) &&
		RelationGetDescr(state->target->rel)->constr == NULL;
}

static void
prepare_digest(CopyState *state)
{
	TupleDesc	desc = RelationGetDescr(state->target->rel);
	int			i = 0;
	ListCell   *lc;

	state->digest_columns = palloc(sizeof(MariaDigestColumn) *
								   (list_length(state->attnums) + 1));
	foreach(lc, state->attnums)
	{
		Form_pg_attribute att = TupleDescAttr(desc, lfirst_int(lc) - 1);

		maria_digest_column(&state->digest_columns[i++], att, att->attnum - 1);
	}
}

/* Is a relation a foreign table of this wrapper? */
static bool
is_ours(Relation rel)
{
	Oid			serverid;
	ForeignDataWrapper *wrapper;
	char	   *handler;

	if (rel->rd_rel->relkind != RELKIND_FOREIGN_TABLE)
		return false;
	serverid = GetForeignTable(RelationGetRelid(rel))->serverid;
	wrapper = GetForeignDataWrapper(GetForeignServer(serverid)->fdwid);
	handler = get_func_name(wrapper->fdwhandler);
	return handler && strcmp(handler, "mariadb_fdw_handler") == 0;
}

/* Opens a foreign table of this wrapper; anything else is an error. */
Relation
maria_open_foreign_table(Oid relid)
{
	Relation	rel = try_relation_open(relid, AccessShareLock);

	if (rel == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("relation with OID %u does not exist", relid)));
	if (!is_ours(rel))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("\"%s\" is not a foreign table of mariadb_fdw",
						RelationGetRelationName(rel))));
	return rel;
}

static void
open_relations(CopyState *state)
{
	state->source = maria_open_foreign_table(state->copy->source);
	state->target = maria_sink_open(state->copy->target);
	match_columns(state);
	maria_sink_begin(state->target, state->attnums);
	if (!state->copy->only_digest)
	{
		maria_sink_begin_storing(state->target, state->copy->reject);
		maria_seen_begin(state->target, state->copy->run != 0);
	}
	if (state->copy->reject && state->target->is_guarded)
		state->keys = palloc0(sizeof(MariaRejected) * BATCH_ROWS);
}

/* Decodes the current row into a slot, and completes and checks it there. */
static void
fill_slot(CopyState *state, TupleTableSlot *slot)
{
	MemoryContext old = MemoryContextSwitchTo(state->target->context);

	maria_reader_row(&state->reader, slot->tts_values, slot->tts_isnull);
	maria_sink_check(state->target, slot);
	MemoryContextSwitchTo(old);
}

/* A slot to fill, or rows of the batch to store. */
typedef struct CopyStep
{
	CopyState  *state;
	TupleTableSlot *slot;
	int			first;
	int			count;
} CopyStep;

static void
fill_step(void *arg)
{
	CopyStep   *step = arg;

	fill_slot(step->state, step->slot);
}

static void
store_step(void *arg)
{
	CopyStep   *step = arg;

	maria_sink_store(step->state->target, step->first, step->count);
}

/* Decodes the current row, or rejects it; false if it is rejected. */
static bool
try_row(CopyState *state, TupleTableSlot *slot)
{
	MemoryContext old = MemoryContextSwitchTo(state->target->context);
	CopyStep	step = {state, slot};
	ErrorData  *error = maria_try(fill_step, &step,
								  state->is_pure ? MARIA_TRY_PURE :
								  MARIA_TRY_KEEP, MARIA_ABOUT_VALUE);
	MariaRejected rejected = {0};

	if (error == NULL && state->keys)
		maria_note_key(state->copy, &state->keys[state->target->nslots],
					   &state->reader);
	else if (error && state->copy->only_digest)
		state->copy->rejected++;
	else if (error)
	{
		maria_note_key(state->copy, &rejected, &state->reader);
		maria_note_value(&rejected, &state->reader, error);
		maria_reject_row(state->copy, &rejected, error);
	}
	MemoryContextSwitchTo(old);
	return error == NULL;
}

static void
take_row(CopyState *state)
{
	MariaSink  *target = state->target;
	TupleTableSlot *slot = maria_sink_slot(target);

	state->copy->bytes += state->result->row_bytes;
	target->bytes += state->result->row_bytes;
	if (!state->copy->reject)
		fill_slot(state, slot);
	else if (!try_row(state, slot))
		return;
	target->nslots++;
}

/* Adds stored rows to the progress report of the copy. */
static void
count_rows(CopyState *state, int first, int count)
{
	MariaCopy  *copy = state->copy;

	for (int i = first; i < first + count; i++)
	{
		TupleTableSlot *slot = state->target->slots[i];

		maria_digest_row(&copy->digest, state->digest_columns,
						 list_length(state->attnums),
						 slot->tts_values, slot->tts_isnull);
	}
	copy->rows += count;
	maria_seen_add(state->target, first, count);
}

/* Stores rows of the batch one by one, and rejects those that fail. */
static void
store_singly(CopyState *state)
{
	for (int i = 0; i < state->target->nslots; i++)
	{
		CopyStep	step = {state, NULL, i, 1};
		ErrorData  *error = maria_try(store_step, &step, MARIA_TRY_KEEP,
									  MARIA_ABOUT_VALUE);

		if (error)
			maria_reject_row(state->copy, &state->keys[i], error);
		else
			count_rows(state, i, 1);
	}
}

static void
store_batch(CopyState *state)
{
	CopyStep	all = {state, NULL, 0, state->target->nslots};

	if (!state->copy->only_digest && state->keys)
	{
		if (maria_try(store_step, &all, MARIA_TRY_KEEP, MARIA_ABOUT_VALUE))
		{
			store_singly(state);
			return;
		}
	}
	else if (!state->copy->only_digest)
		maria_sink_store(state->target, all.first, all.count);
	count_rows(state, all.first, all.count);
}

/* The longest single wait of a limited copy, in ms. */
#define THROTTLE_STEP 1000

/* Waits to keep the copy below its rate limit. */
static void
slow_down(CopyState *state)
{
	MariaCopy  *copy = state->copy;
	double		due = 0;

	if (copy->max_rows > 0)
		due = (copy->rows + copy->rejected) / copy->max_rows;
	if (copy->max_bytes > 0)
		due = Max(due, copy->bytes / copy->max_bytes);
	for (;;)
	{
		double		ahead = due * 1000 -
		(GetCurrentTimestamp() - state->started) / 1000.0;

		if (ahead < 1)
			return;
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 (long) Min(ahead, THROTTLE_STEP), PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
}

static void
finish_batch(CopyState *state)
{
	MemoryContext old = MemoryContextSwitchTo(state->target->context);

	if (state->target->nslots > 0)
		store_batch(state);
	MemoryContextSwitchTo(old);
	maria_sink_empty(state->target);
	maria_progress_copy(state->copy->rows, state->copy->bytes);
	slow_down(state);
}

static void
copy_rows(CopyState *state)
{
	while (maria_fetch(state->result))
	{
		CHECK_FOR_INTERRUPTS();
		take_row(state);
		if (maria_sink_is_full(state->target))
			finish_batch(state);
	}
	finish_batch(state);
}

/*
 * Copies the requested rows, in the snapshot of this transaction.  Runs with
 * the privileges of the current user, and does not commit.
 */
void
maria_copy(MariaCopy *copy)
{
	CopyState	state = {.copy = copy,.started = GetCurrentTimestamp()};
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "mariadb_fdw copy",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);

	open_relations(&state);
	/* A condition is SQL of the caller, which runs in MariaDB. */
	if (copy->condition)
		maria_check_usage(GetForeignServer(GetForeignTable(copy->source)->serverid));
	maria_progress_copy_begin(copy->target);
	open_source(&state);
	prepare_digest(&state);
	copy_rows(&state);
	maria_close(state.result);
	maria_sink_finish(state.target);
	if (!copy->only_digest && !state.target->is_direct)
		copy->rows = state.target->stored;
	maria_sink_end(state.target);
	pgstat_progress_end_command();
	table_close(state.source, NoLock);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

/* Reads the options by SQL; the copy itself has the caller's search_path. */
static void
read_options(MariaCopy *copy, Datum options)
{
	Oid			types[] = {JSONBOID};
	bool		isnull;
	HeapTuple	row;
	TupleDesc	desc;

	SPI_connect();
	if (SPI_execute_with_args("SELECT * FROM mariadb_internal.copy_only_options($1)", 1,
							  types, &options, NULL, true, 1) != SPI_OK_SELECT ||
		SPI_processed != 1)
		elog(ERROR, "could not read options");	/* cannot happen */
	row = SPI_tuptable->vals[0];
	desc = SPI_tuptable->tupdesc;
	copy->reject = DatumGetBool(SPI_getbinval(row, desc, 1, &isnull));
	copy->reject_limit = DatumGetInt64(SPI_getbinval(row, desc, 2, &isnull));
	copy->max_rows = DatumGetFloat8(SPI_getbinval(row, desc, 3, &isnull));
	copy->max_bytes = DatumGetFloat8(SPI_getbinval(row, desc, 4, &isnull));
	copy->skip_unmatched = DatumGetBool(SPI_getbinval(row, desc, 5, &isnull));
	SPI_finish();
}

/* Copies a table; returns the number of rows stored. */
Datum
mariadb_copy(PG_FUNCTION_ARGS)
{
	MariaCopy	copy = {.reject_limit = -1};

	maria_require_arguments(fcinfo, 0);
	read_options(&copy, PG_GETARG_DATUM(2));
	copy.source = PG_GETARG_OID(0);
	copy.target = PG_GETARG_OID(1);
	copy.table_name = get_rel_name(copy.source);
	maria_copy(&copy);
	PG_RETURN_INT64(copy.rows);
}

/* Copies the rows of a condition; returns how many, and their digest. */
Datum
mariadb_copy_rows(PG_FUNCTION_ARGS)
{
	MariaCopy	copy = {.reject_limit = -1,.skip_unmatched = true};

	copy.source = PG_GETARG_OID(0);
	copy.target = PG_GETARG_OID(1);
	copy.condition = text_to_cstring(PG_GETARG_TEXT_PP(2));
	copy.table_name = get_rel_name(copy.source);
	maria_copy(&copy);
	return maria_digest_result(fcinfo, copy.rows, &copy.digest);
}
