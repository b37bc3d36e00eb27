/*
 * How are the rows of both sides read so that they can be compared?
 *
 * Each row is stored in one slot: remote rows decoded to the local types,
 * local rows with the caller's privileges, each side from one snapshot.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "verify/differences/differences.h"

/* The number of rows fetched from PostgreSQL at once. */
#define BATCH_ROWS 1000

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
					  psprintf("%s table \"%s.%s\"",
							   maria_name_product(pair->remote->is_mysql, "MariaDB"),
							   pair->schema, pair->remote->name),
					  comparison->desc, attnums, opts);
}

/* Returns WHERE and a condition for the rows of interest, or "". */
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

/* Not every kind of table has ctids; they are read only if needed. */
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

/* Reads each row of both sides into the slot. */
void
maria_read_both(MariaComparison *comparison,
				void (*take) (MariaComparison *comparison))
{
	read_remote(comparison, take);
	read_local(comparison, take);
	ExecClearTuple(comparison->slot);
}
