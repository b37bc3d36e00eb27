/*
 * How do rows come into what is more than a plain table?
 *
 * Each batch stands as a relation of its own before INSERT ... SELECT, which
 * routes, rewrites, checks and fires whatever the target has.  Where triggers
 * or rules look at a statement's rows together, all rows are one batch.
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "executor/executor.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/queryenvironment.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

#include "transfer/sink.h"

#define ROWS_NAME "mariadb_rows"

static bool
has_statement_trigger(Relation rel)
{
	TriggerDesc *triggers = rel->trigdesc;

	return triggers && (triggers->trig_insert_before_statement ||
						triggers->trig_insert_after_statement ||
						triggers->trig_insert_new_table);
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

static char *
insert_statement(MariaSink *target)
{
	StringInfoData names;
	Relation	rel = target->rel;

	initStringInfo(&names);
	for (int i = 0; i < target->desc->natts; i++)
		appendStringInfo(&names, "%s%s", i ? ", " : "",
						 quote_identifier(NameStr(TupleDescAttr(target->desc, i)->attname)));
	return psprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s",
					quote_qualified_identifier(get_namespace_name(RelationGetNamespace(rel)),
											   RelationGetRelationName(rel)),
					names.data, names.data, ROWS_NAME);
}

void
maria_insert_begin(MariaSink *target)
{
	target->desc = batch_desc(target);
	target->insert = insert_statement(target);
	target->is_guarded = true;
	target->is_one_statement = target->rel->rd_rules != NULL ||
		has_statement_trigger(target->rel);
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

/* Runs the statement over the rows collected. */
static void
insert_rows(MariaSink *target)
{
	int			result;

	if (SPI_connect() != SPI_OK_CONNECT)
		elog(ERROR, "SPI_connect failed");	/* cannot happen */
	register_rows(target);
	result = SPI_execute(target->insert, false, 0);
	if (result < 0)
		elog(ERROR, "SPI_execute failed: %d", result);	/* cannot happen */
	target->stored += SPI_processed;
	SPI_finish();
	tuplestore_end(target->rows);
	target->rows = NULL;
}

static void
collect(MariaSink *target, TupleTableSlot *slot)
{
	int			ncolumns = target->desc->natts;
	Datum	   *values = palloc(sizeof(Datum) * (ncolumns + 1));
	bool	   *isnull = palloc(sizeof(bool) * (ncolumns + 1));
	int			i = 0;
	ListCell   *lc;

	foreach(lc, target->attnums)
	{
		values[i] = slot->tts_values[lfirst_int(lc) - 1];
		isnull[i] = slot->tts_isnull[lfirst_int(lc) - 1];
		i++;
	}
	tuplestore_putvalues(target->rows, target->desc, values, isnull);
}

/* It may outlive the batch, and so is of the target's own memory. */
static void
begin_rows(MariaSink *target)
{
	MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(target));

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
	if (!target->is_one_statement)
		insert_rows(target);
}

/* A statement's triggers fire for no rows too. */
void
maria_insert_end(MariaSink *target)
{
	if (!target->is_one_statement)
		return;
	if (target->rows == NULL)
		begin_rows(target);
	insert_rows(target);
}
