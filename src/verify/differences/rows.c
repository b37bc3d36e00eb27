/*
 * How are the rows of both sides read so that they can be compared?
 *
 * Each row comes into one slot: the source's decoded to the local types, the
 * ones here with the caller's rights, all of one snapshot on either side.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "verify/differences/differences.h"

/* Rows that are read from PostgreSQL at once. */
#define BATCH_ROWS 1000

/* The order of rows: by key, by content, the source's first. */
#define SORT_FIELDS 5

Form_pg_attribute
maria_row_column(MariaComparison *comparison, int column)
{
	return TupleDescAttr(comparison->desc, ROW_VALUES + column);
}

static TupleDesc
row_desc(MariaTablePair *pair)
{
	static const Oid types[ROW_VALUES] =
	{INT8OID, INT8OID, INT8OID, INT8OID, INT4OID, OIDOID, TIDOID};
	TupleDesc	desc = CreateTemplateTupleDesc(ROW_VALUES +
											   list_length(pair->attnums));
	AttrNumber	attnum = 1;
	ListCell   *lc;

	for (; attnum <= ROW_VALUES; attnum++)
		TupleDescInitEntry(desc, attnum, "field", types[attnum - 1], -1, 0);
	foreach(lc, pair->attnums)
		TupleDescCopyEntry(desc, attnum++, RelationGetDescr(pair->local),
						   lfirst_int(lc));
	return desc;
}

static int
count_key_columns(List *columns)
{
	int			count = 0;
	ListCell   *lc;

	foreach(lc, columns)
		count += ((MariaRemoteColumn *) lfirst(lc))->key > 0;
	return count;
}

/* The key is MariaDB's primary key, if all of it is here. */
static void
prepare_columns(MariaComparison *comparison)
{
	MariaTablePair *pair = comparison->pair;
	bool		has_key = count_key_columns(pair->columns) ==
	count_key_columns(pair->remote->columns);
	int			i = 0;
	ListCell   *lc;

	comparison->ncolumns = list_length(pair->attnums);
	comparison->columns = palloc(sizeof(MariaDigestColumn) *
								 (comparison->ncolumns + 1));
	comparison->keys = palloc(sizeof(MariaDigestColumn) *
							  (comparison->ncolumns + 1));
	foreach(lc, pair->columns)
	{
		MariaRemoteColumn *column = lfirst(lc);

		maria_digest_column(&comparison->columns[i],
							maria_row_column(comparison, i), ROW_VALUES + i);
		if (has_key && column->key > 0)
			comparison->keys[comparison->nkeys++] = comparison->columns[i];
		i++;
	}
}

static char *
unmatched_columns(MariaTablePair *pair)
{
	StringInfoData names;
	ListCell   *lc;

	initStringInfo(&names);
	foreach(lc, pair->remote->columns)
	{
		MariaRemoteColumn *column = lfirst(lc);

		if (!list_member_ptr(pair->columns, column))
			appendStringInfo(&names, "%s%s", names.len ? ", " : "",
							 column->name);
	}
	return names.data;
}

/* Tells what of MariaDB's table is left out. */
static void
warn_of_columns(MariaTablePair *pair)
{
	if (list_length(pair->columns) == list_length(pair->remote->columns))
		return;
	ereport(WARNING,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("table \"%s\" has no columns for: %s",
					RelationGetRelationName(pair->local),
					unmatched_columns(pair)),
			 errdetail("They are not compared.")));
}

static Tuplesortstate *
begin_sort(TupleDesc desc)
{
	AttrNumber	attnums[SORT_FIELDS];
	Oid			operators[SORT_FIELDS];
	Oid			collations[SORT_FIELDS] = {InvalidOid};
	bool		nulls_first[SORT_FIELDS] = {false};

	for (int i = 0; i < SORT_FIELDS; i++)
	{
		attnums[i] = i + 1;
		operators[i] = i == ROW_SIDE ? Int4LessOperator : Int8LessOperator;
	}
	return tuplesort_begin_heap(desc, SORT_FIELDS, attnums, operators,
								collations, nulls_first, work_mem, NULL,
								TUPLESORT_RANDOMACCESS);
}

/* Reads both sides, and keeps the rows of all parts that differ. */
void
maria_begin_comparison(MariaComparison *comparison)
{
	warn_of_columns(comparison->pair);
	comparison->desc = row_desc(comparison->pair);
	prepare_columns(comparison);
	maria_find_unique(comparison);
	comparison->slot = MakeSingleTupleTableSlot(comparison->desc,
												&TTSOpsVirtual);
	comparison->row_context = AllocSetContextCreate(CurrentMemoryContext,
													"mariadb_fdw row",
													ALLOCSET_DEFAULT_SIZES);
	comparison->rows = begin_sort(comparison->desc);
	maria_find_buckets(comparison);
	tuplesort_performsort(comparison->rows);
}

void
maria_end_comparison(MariaComparison *comparison)
{
	tuplesort_end(comparison->rows);
	ExecDropSingleTupleTableSlot(comparison->slot);
	MemoryContextDelete(comparison->row_context);
}

/* Hashes the key of the row in hand; all of the row where there is none. */
void
maria_hash_key(MariaComparison *comparison, uint64 hash[2])
{
	TupleTableSlot *slot = comparison->slot;
	bool		has_key = comparison->nkeys > 0;

	maria_hash_row(has_key ? comparison->keys : comparison->columns,
				   has_key ? comparison->nkeys : comparison->ncolumns,
				   slot->tts_values, slot->tts_isnull, hash);
}

/* Empties the slot for a row of one side. */
static void
clear_row(MariaComparison *comparison, int side)
{
	TupleTableSlot *slot = comparison->slot;

	ExecClearTuple(slot);
	MemoryContextReset(comparison->row_context);
	MemSet(slot->tts_values, 0, sizeof(Datum) * ROW_VALUES);
	MemSet(slot->tts_isnull, false, sizeof(bool) * ROW_VALUES);
	slot->tts_values[ROW_SIDE] = Int32GetDatum(side);
	slot->tts_isnull[ROW_TABLE] = slot->tts_isnull[ROW_CTID] = side == 0;
}

static void
begin_reader(MariaComparison *comparison, MariaReader *reader,
			 MariaResult *result)
{
	MariaTablePair *pair = comparison->pair;
	MariaOptions **opts = palloc(sizeof(MariaOptions *) *
								 (comparison->ncolumns + 1));
	List	   *attnums = NIL;

	for (int i = 0; i < comparison->ncolumns; i++)
	{
		opts[i] = maria_pair_options(pair, i);
		attnums = lappend_int(attnums, ROW_VALUES + i + 1);
	}
	maria_reader_init(reader, result,
					  psprintf("MariaDB table \"%s.%s\"", pair->schema,
							   pair->remote->name),
					  comparison->desc, attnums, opts);
}

/* Returns WHERE and what all rows meet that are still of interest, or "". */
static char *
interest(MariaComparison *comparison, bool is_remote)
{
	char	   *condition = NULL;
	int			column;
	const char *name;

	if (!comparison->is_second || comparison->nkeys != 1)
		return "";
	column = comparison->keys[0].index - ROW_VALUES;
	name = is_remote
		? maria_quote_identifier(list_nth(comparison->pair->names, column))
		: quote_identifier(NameStr(maria_row_column(comparison, column)->attname));
	condition = maria_range_condition(comparison, name);
	return condition ? psprintf(" WHERE %s", condition) : "";
}

static void
read_remote(MariaComparison *comparison,
			void (*take) (MariaComparison *comparison))
{
	TupleTableSlot *slot = comparison->slot;
	char	   *sql = psprintf("%s%s", maria_remote_select(comparison->pair),
							   interest(comparison, true));
	MariaResult *result = maria_open_fields(comparison->conn, sql,
											Max(comparison->ncolumns, 1),
											MARIA_ANY_NULL);
	MariaReader reader;

	begin_reader(comparison, &reader, result);
	while (maria_fetch(result))
	{
		MemoryContext old = MemoryContextSwitchTo(comparison->row_context);

		CHECK_FOR_INTERRUPTS();
		clear_row(comparison, 0);
		maria_reader_row(&reader, slot->tts_values, slot->tts_isnull);
		ExecStoreVirtualTuple(slot);
		take(comparison);
		MemoryContextSwitchTo(old);
	}
	maria_close(result);
}

static void
take_batch(MariaComparison *comparison,
		   void (*take) (MariaComparison *comparison))
{
	TupleTableSlot *slot = comparison->slot;
	TupleDesc	desc = SPI_tuptable->tupdesc;

	for (uint64 i = 0; i < SPI_processed; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(comparison->row_context);

		clear_row(comparison, 1);
		heap_deform_tuple(SPI_tuptable->vals[i], desc,
						  slot->tts_values + ROW_TABLE,
						  slot->tts_isnull + ROW_TABLE);
		ExecStoreVirtualTuple(slot);
		take(comparison);
		MemoryContextSwitchTo(old);
	}
}

/* Not every kind of table has places; they are asked for where needed. */
static char *
local_select(MariaComparison *comparison)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, comparison->wants_places
						   ? "SELECT tableoid, ctid"
						   : "SELECT NULL::pg_catalog.oid, NULL::pg_catalog.tid");
	for (int i = 0; i < comparison->ncolumns; i++)
		appendStringInfo(&sql, ", %s",
						 quote_identifier(NameStr(maria_row_column(comparison, i)->attname)));
	appendStringInfo(&sql, " FROM %s%s", maria_local_name(comparison->pair),
					 interest(comparison, false));
	return sql.data;
}

static void
read_local(MariaComparison *comparison,
		   void (*take) (MariaComparison *comparison))
{
	char	   *sql = local_select(comparison);
	Portal		portal;
	uint64		count;

	SPI_connect();
	portal = SPI_cursor_open_with_args(NULL, sql, 0, NULL, NULL, NULL, true, 0);
	do
	{
		CHECK_FOR_INTERRUPTS();
		SPI_cursor_fetch(portal, true, BATCH_ROWS);
		count = SPI_processed;
		take_batch(comparison, take);
		SPI_freetuptable(SPI_tuptable);
	} while (count > 0);
	SPI_cursor_close(portal);
	SPI_finish();
}

/* Shows each row of both sides in the slot, to its end or to an error. */
void
maria_read_both(MariaComparison *comparison,
				void (*take) (MariaComparison *comparison))
{
	read_remote(comparison, take);
	read_local(comparison, take);
	ExecClearTuple(comparison->slot);
}

/* Do two rows differ in a column?  Values are equal when all their bytes are. */
bool
maria_is_changed(MariaComparison *comparison,
				 const MariaDifference *difference, int column)
{
	const MariaDigestColumn *digest_column = &comparison->columns[column];
	uint64		remote[2];
	uint64		local[2];

	maria_hash_row(digest_column, 1, difference->remote->values,
				   difference->remote->isnull, remote);
	maria_hash_row(digest_column, 1, difference->local->values,
				   difference->local->isnull, local);
	return remote[0] != local[0] || remote[1] != local[1];
}
