/*
 * How are rows stored into anything but a plain table?
 *
 * Each batch is a relation for INSERT ... SELECT, which handles partitions,
 * rules, checks and triggers of the target.  Where triggers or rules look at a
 * statement's rows together, all rows are one batch.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_class.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/queryenvironment.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

#include "session/srf.h"
#include "transfer/sink.h"

#define ROWS_NAME "mariadb_rows"

/*
 * An extension may send each statement to many nodes, so fewer statements are
 * better.
 */
#define EXTENSION_BATCH_BYTES (16 * 1024 * 1024)

/* The rows that a statement in progress reads by mariadb_internal.batch(). */
static MariaSink *batch_source = NULL;

PG_FUNCTION_INFO_V1(mariadb_batch);

static bool
has_statement_trigger(Relation rel)
{
	TriggerDesc *triggers = rel->trigdesc;

	return triggers && (triggers->trig_insert_before_statement ||
						triggers->trig_insert_after_statement ||
						triggers->trig_insert_new_table);
}

/* Can a row depend on another one in a later batch? */
static bool
refers_to_itself(Relation rel)
{
	ListCell   *lc;

	foreach(lc, RelationGetFKeyList(rel))
	{
		ForeignKeyCacheInfo *key = lfirst(lc);

		if (key->confrelid == RelationGetRelid(rel))
			return true;
	}
	return false;
}

/* Describes the rows of a batch: the columns that the source fills. */
static TupleDesc
batch_desc(MariaSink *target)
{
	TupleDesc	desc = CreateTemplateTupleDesc(list_length(target->attnums));
	AttrNumber	attnum = 1;
	ListCell   *lc;

	foreach(lc, target->attnums)
		TupleDescCopyEntry(desc, attnum++, RelationGetDescr(target->rel),
						   lfirst_int(lc));
	return desc;
}

/* Lists the columns of a batch, with their types or without. */
static char *
column_list(TupleDesc desc, bool with_types)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		appendStringInfo(&list, "%s%s", i ? ", " : "",
						 quote_identifier(NameStr(att->attname)));
		if (with_types)
			appendStringInfo(&list, " %s",
							 format_type_extended(att->atttypid, att->atttypmod,
												  FORMAT_TYPE_TYPEMOD_GIVEN |
												  FORMAT_TYPE_FORCE_QUALIFY));
	}
	return list.data;
}

/*
 * An extension that manages the table may plan the SELECT again elsewhere,
 * where a named tuplestore of this session is unknown.
 */
static bool
is_read_by_function(const MariaSink *target)
{
	return target->storage == MARIA_BY_EXTENSION && target->desc->natts > 0;
}

static char *
insert_statement(MariaSink *target)
{
	char	   *names = column_list(target->desc, false);
	char	   *rows = ROWS_NAME;

	if (is_read_by_function(target))
		rows = psprintf(MARIA_INTERNAL_SCHEMA ".batch() AS " ROWS_NAME " (%s)",
						column_list(target->desc, true));
	return psprintf("INSERT INTO %s %s OVERRIDING SYSTEM VALUE SELECT %s FROM %s",
					maria_qualified_name(target->rel),
					*names ? psprintf("(%s)", names) : "", names, rows);
}

/*
 * Returns the rows of the batch that is being stored.  A plan may read them
 * more than once, as for a table with rules.
 */
Datum
mariadb_batch(PG_FUNCTION_ARGS)
{
	TupleDesc	desc;
	Tuplestorestate *rows = maria_srf_begin(fcinfo, &desc);
	TupleTableSlot *slot;

	if (batch_source == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("no copy is in progress")));
	slot = MakeSingleTupleTableSlot(batch_source->desc, &TTSOpsMinimalTuple);
	tuplestore_rescan(batch_source->rows);
	while (tuplestore_gettupleslot(batch_source->rows, true, false, slot))
	{
		CHECK_FOR_INTERRUPTS();
		tuplestore_puttupleslot(rows, slot);
	}
	/* The caller's expected row type is compared with the actual one. */
	((ReturnSetInfo *) fcinfo->resultinfo)->setDesc =
		CreateTupleDescCopy(batch_source->desc);
	ExecDropSingleTupleTableSlot(slot);
	return (Datum) 0;
}

void
maria_insert_begin(MariaSink *target)
{
	target->desc = batch_desc(target);
	target->insert = insert_statement(target);
	target->is_guarded = true;
	target->rows_bytes = 0;
	target->is_one_statement = target->rel->rd_rules != NULL ||
		has_statement_trigger(target->rel) || refers_to_itself(target->rel);
}

static void
register_rows(MariaSink *target)
{
	EphemeralNamedRelation rows = palloc0(sizeof(EphemeralNamedRelationData));

	rows->md.name = pstrdup(ROWS_NAME);
	rows->md.reliddesc = InvalidOid;
	rows->md.tupdesc = target->desc;
	rows->md.enrtype = ENR_NAMED_TUPLESTORE;
	rows->md.enrtuples = tuplestore_tuple_count(target->rows);
	rows->reldata = target->rows;
	if (SPI_register_relation(rows) != SPI_OK_REL_REGISTER)
		elog(ERROR, "could not register the rows of a batch");	/* cannot happen */
}

static void
execute_insert(MariaSink *target)
{
	int			result = SPI_execute(target->insert, false, 0);

	if (result < 0)
		elog(ERROR, "SPI_execute failed: %d", result);	/* cannot happen */
	target->stored += SPI_processed;
}

/* Lets mariadb_internal.batch() return a copy of these rows while a statement runs. */
static void
insert_by_function(MariaSink *target, Tuplestorestate *rows)
{
	MariaSink  *outer = batch_source;
	MariaSink	source = *target;

	source.rows = rows;

	/* After an error the function must not find the old batch. */
	PG_TRY();
	{
		batch_source = &source;
		execute_insert(target);
	}
	PG_FINALLY();
	{
		batch_source = outer;
	}
	PG_END_TRY();
}

/* Runs the statement over the rows collected. */
static void
insert_rows(MariaSink *target)
{
	Tuplestorestate *rows = target->rows;

	Assert(rows != NULL);
	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");	/* cannot happen */
	if (!is_read_by_function(target))
		register_rows(target);
	target->rows = NULL;		/* not used again, even after an error */
	target->rows_bytes = 0;
	if (is_read_by_function(target))
		insert_by_function(target, rows);
	else
		execute_insert(target);
	SPI_finish();
	tuplestore_end(rows);
}

static void
collect(MariaSink *target, TupleTableSlot *slot)
{
	int			ncolumns = target->desc->natts;
	Datum	   *values = palloc(sizeof(Datum) * (ncolumns + 1));
	bool	   *isnull = palloc(sizeof(bool) * (ncolumns + 1));
	int			i = 0;
	ListCell   *lc;

	Assert(list_length(target->attnums) == ncolumns);
	foreach(lc, target->attnums)
	{
		values[i] = slot->tts_values[lfirst_int(lc) - 1];
		isnull[i] = slot->tts_isnull[lfirst_int(lc) - 1];
		i++;
	}
	tuplestore_putvalues(target->rows, target->desc, values, isnull);
}

/* May rows of several batches be collected for one statement? */
static bool
is_collected(const MariaSink *target)
{
	return target->is_one_statement ||
		(target->storage == MARIA_BY_EXTENSION && !target->is_in_parts);
}

/* Those of several batches outlive each of them. */
static void
begin_rows(MariaSink *target)
{
	MemoryContext old = MemoryContextSwitchTo(is_collected(target) ?
											  GetMemoryChunkContext(target) :
											  target->context);

	target->rows = tuplestore_begin_heap(false, false, work_mem);
	MemoryContextSwitchTo(old);
}

void
maria_insert_store(MariaSink *target, int first, int count)
{
	if (target->rows == NULL)
		begin_rows(target);
	for (int i = first; i < first + count; i++)
		collect(target, target->slots[i]);
	target->rows_bytes += target->bytes;
	if (target->is_one_statement ||
		(is_collected(target) && target->rows_bytes < EXTENSION_BATCH_BYTES))
		return;
	insert_rows(target);
}

/* Stores the remaining rows.  Statement triggers fire even without rows. */
void
maria_insert_end(MariaSink *target)
{
	if (target->rows == NULL && target->is_one_statement)
		begin_rows(target);
	if (target->rows != NULL)
		insert_rows(target);
}
