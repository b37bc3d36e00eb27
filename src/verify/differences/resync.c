/*
 * How are local tables brought up to date with a source that kept changing?
 *
 * Differences are found by buckets, and only these are written: surplus rows
 * are deleted first, then differing rows are updated, then missing rows are
 * inserted, so that unique values do not conflict.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "portability/instr_time.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "query/storage.h"
#include "session/srf.h"
#include "verify/differences/differences.h"

/* One table's plans, and the rows that they have written. */
typedef struct Resync
{
	Tuplestorestate *rows;
	TupleDesc	desc;
	SPIPlanPtr	insert;
	SPIPlanPtr	update;
	SPIPlanPtr	delete;
	List	   *inserted_columns;	/* parameters of the plans, by column */
	List	   *updated_columns;
	int64		inserted;
	int64		updated;
	int64		deleted;
	int64		unchanged;		/* of generated columns only */
} Resync;

#define RESYNC_COLUMNS 8

PG_FUNCTION_INFO_V1(mariadb_resync_tables);

static const char *
column_name(MariaComparison *comparison, int column)
{
	return quote_identifier(NameStr(maria_row_column(comparison, column)->attname));
}

/* Prepares a statement with columns as parameters, and a ctid if wanted. */
static SPIPlanPtr
prepare(MariaComparison *comparison, const char *sql, List *columns,
		bool has_place)
{
	Oid		   *types = palloc(sizeof(Oid) * (list_length(columns) + 2));
	int			count = 0;
	SPIPlanPtr	plan;
	ListCell   *lc;

	foreach(lc, columns)
		types[count++] = maria_row_column(comparison, lfirst_int(lc))->atttypid;
	if (has_place)
	{
		types[count++] = TIDOID;
		types[count++] = OIDOID;
	}
	/* A custom plan for each row would copy the row twice more. */
	plan = SPI_prepare_cursor(sql, count, types, CURSOR_OPT_GENERIC_PLAN);
	if (plan == NULL)
		elog(ERROR, "SPI_prepare failed: %d", SPI_result);	/* cannot happen */
	return plan;
}

static void
prepare_insert(MariaComparison *comparison, Resync *resync)
{
	StringInfoData names;
	StringInfoData params;
	char	   *table = maria_local_name(comparison->pair);

	initStringInfo(&names);
	initStringInfo(&params);
	for (int i = 0; i < comparison->ncolumns; i++)
	{
		const char *separator = names.len ? ", " : "";

		if (!maria_is_writable(comparison, i))
			continue;
		resync->inserted_columns = lappend_int(resync->inserted_columns, i);
		appendStringInfo(&names, "%s%s", separator, column_name(comparison, i));
		appendStringInfo(&params, "%s$%d", separator,
						 list_length(resync->inserted_columns));
	}
	resync->insert = prepare(comparison, names.len == 0
							 ? psprintf("INSERT INTO %s DEFAULT VALUES", table)
							 : psprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE VALUES (%s)",
										table, names.data, params.data),
							 resync->inserted_columns, false);
}

static bool
is_key(MariaComparison *comparison, int column)
{
	for (int i = 0; i < comparison->nkeys; i++)
		if (comparison->keys[i].index == ROW_VALUES + column)
			return true;
	return false;
}

/*
 * Sets all columns that are not in the key; equal ones are not changed by it.
 */
static void
prepare_update(MariaComparison *comparison, Resync *resync)
{
	StringInfoData sql;
	int			count = 0;

	initStringInfo(&sql);
	appendStringInfo(&sql, "UPDATE %s SET ", maria_local_name(comparison->pair));
	for (int i = 0; i < comparison->ncolumns; i++)
	{
		Form_pg_attribute att = maria_row_column(comparison, i);

		if (!maria_is_writable(comparison, i) || is_key(comparison, i) ||
			att->attidentity == ATTRIBUTE_IDENTITY_ALWAYS)
			continue;
		resync->updated_columns = lappend_int(resync->updated_columns, i);
		appendStringInfo(&sql, "%s%s = $%d", count ? ", " : "",
						 column_name(comparison, i), count + 1);
		count++;
	}
	if (count == 0)
		return;
	appendStringInfo(&sql, " WHERE ctid = $%d AND tableoid = $%d", count + 1,
					 count + 2);
	resync->update = prepare(comparison, sql.data, resync->updated_columns, true);
}

/* Rows without ctids are found by separate statements. */
static void
prepare_plans(MariaComparison *comparison, Resync *resync)
{
	prepare_insert(comparison, resync);
	if (!comparison->wants_places)
		return;
	prepare_update(comparison, resync);
	resync->delete = prepare(comparison,
							 psprintf("DELETE FROM %s WHERE ctid = $1 AND tableoid = $2",
									  maria_local_name(comparison->pair)),
							 NIL, true);
}

static void
check_one_row(MariaComparison *comparison, int result)
{
	if (result >= 0 && SPI_processed == 1)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("a row of table \"%s\" was changed concurrently, or a trigger suppressed the change",
					RelationGetRelationName(comparison->pair->local))));
}

/* Runs a plan, which must write one row. */
static void
write_row(MariaComparison *comparison, SPIPlanPtr plan, List *columns,
		  const MariaRow *from, const MariaRow *place)
{
	Datum	   *values = palloc(sizeof(Datum) * (list_length(columns) + 2));
	char	   *nulls = palloc(list_length(columns) + 2);
	int			count = 0;
	ListCell   *lc;

	foreach(lc, columns)
	{
		values[count] = from->values[ROW_VALUES + lfirst_int(lc)];
		nulls[count++] = from->isnull[ROW_VALUES + lfirst_int(lc)] ? 'n' : ' ';
	}
	if (place)
	{
		values[count] = place->values[ROW_CTID];
		nulls[count++] = ' ';
		values[count] = place->values[ROW_TABLE];
		nulls[count++] = ' ';
	}
	check_one_row(comparison, SPI_execute_plan(plan, values, nulls, false, 0));
}

/* Runs a statement for a table whose rows have no ctids. */
static void
write_by_statement(MariaComparison *comparison, const char *sql)
{
	check_one_row(comparison, SPI_execute(sql, false, 0));
}

/* Deletes rows: those that are surplus, and those to be inserted again. */
static bool
delete_surplus(MariaComparison *comparison, const MariaDifference *difference,
			   void *arg)
{
	Resync	   *resync = arg;

	if (difference->kind == MARIA_MISSING_THERE)
		resync->deleted++;
	else if (!maria_must_replace(comparison, difference))
		return true;
	if (maria_has_place(comparison, difference->local))
		write_row(comparison, resync->delete, NIL, NULL, difference->local);
	else
		write_by_statement(comparison,
						   maria_delete_statement(comparison, difference));
	return true;
}

static bool
change(MariaComparison *comparison, const MariaDifference *difference,
	   void *arg)
{
	Resync	   *resync = arg;

	if (difference->kind != MARIA_DIFFERS ||
		maria_must_replace(comparison, difference))
		return true;
	if ((comparison->wants_places && !resync->update) ||
		!maria_can_update(comparison, difference))
	{
		resync->unchanged++;
		return true;
	}
	if (maria_has_place(comparison, difference->local))
		write_row(comparison, resync->update, resync->updated_columns,
				  difference->remote, difference->local);
	else
		write_by_statement(comparison,
						   maria_update_statement(comparison, difference));
	resync->updated++;
	return true;
}

/* Inserts rows: those that are missing, and those deleted before. */
static bool
insert_missing(MariaComparison *comparison, const MariaDifference *difference,
			   void *arg)
{
	Resync	   *resync = arg;

	if (difference->kind == MARIA_MISSING_HERE)
		resync->inserted += difference->times;
	else if (maria_must_replace(comparison, difference))
		resync->updated++;
	else
		return true;
	for (int64 i = 0; i < difference->times; i++)
		write_row(comparison, resync->insert, resync->inserted_columns,
				  difference->remote, NULL);
	return true;
}

static void
write_differences(MariaComparison *comparison, Resync *resync)
{
	SPI_connect();
	prepare_plans(comparison, resync);
	maria_walk_differences(comparison, delete_surplus, resync);
	maria_walk_differences(comparison, change, resync);
	maria_walk_differences(comparison, insert_missing, resync);
	SPI_finish();
	if (resync->unchanged > 0)
		ereport(WARNING,
				(errcode(ERRCODE_GENERATED_ALWAYS),
				 errmsg("table \"%s\": " INT64_FORMAT " rows differ in generated columns only and are not changed",
						RelationGetRelationName(comparison->pair->local),
						resync->unchanged)));
}

static void
put_outcome(MariaComparison *comparison, Resync *resync, double seconds)
{
	Datum		values[RESYNC_COLUMNS] = {0};
	bool		nulls[RESYNC_COLUMNS] = {false};

	values[0] = CStringGetTextDatum(comparison->pair->remote->name);
	values[1] = Int64GetDatum(resync->inserted);
	values[2] = Int64GetDatum(resync->updated);
	values[3] = Int64GetDatum(resync->deleted);
	values[4] = Int64GetDatum((int64) comparison->nbuckets);
	values[5] = Int64GetDatum((int64) comparison->ndiffering);
	values[6] = Float8GetDatum(seconds);
	values[7] = CStringGetTextDatum(resync->unchanged > 0 ?
									"generated columns differ" : "done");
	tuplestore_putvalues(resync->rows, resync->desc, values, nulls);
}

/* Adds the reason why a table was not changed. */
static void
put_error(const Resync *resync, const MariaTablePair *pair, const char *error)
{
	Datum		values[RESYNC_COLUMNS] = {0};
	bool		nulls[RESYNC_COLUMNS];

	memset(nulls, true, sizeof(nulls));
	values[0] = CStringGetTextDatum(pair->remote->name);
	values[7] = CStringGetTextDatum(error);
	nulls[0] = nulls[7] = false;
	tuplestore_putvalues(resync->rows, resync->desc, values, nulls);
}

static void
resync_rows(MariaConn *conn, MariaTablePair *pair, void *arg)
{
	Resync		resync = *(Resync *) arg;
	MariaComparison comparison = {.conn = conn,.pair = pair};
	instr_time	start;
	instr_time	duration;

	INSTR_TIME_SET_CURRENT(start);
	comparison.wants_places = maria_has_places(pair->local);
	maria_begin_comparison(&comparison);
	if (comparison.ndiffering > 0)
		write_differences(&comparison, &resync);
	INSTR_TIME_SET_CURRENT(duration);
	INSTR_TIME_SUBTRACT(duration, start);
	put_outcome(&comparison, &resync, INSTR_TIME_GET_DOUBLE(duration));
	maria_end_comparison(&comparison);
}

static void
resync_table(MariaConn *conn, MariaTablePair *pair, void *arg)
{
	ErrorData  *error;

	if (pair->local == NULL || !maria_shares_columns(pair))
		return;
	error = maria_try_pair(conn, pair, resync_rows, arg);
	if (error)
	{
		maria_warn_of_table(pair, error);
		put_error(arg, pair, maria_error_status(error));
	}
}

/* Makes the existing tables of a call equal to MariaDB's. */
Datum
mariadb_resync_tables(PG_FUNCTION_ARGS)
{
	Resync		resync = {0};

	resync.rows = maria_srf_begin(fcinfo, &resync.desc);
	maria_each_pair(fcinfo, 3, resync_table, &resync);
	return (Datum) 0;
}
