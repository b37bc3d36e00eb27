/*
 * How does a comparison of one table begin and end?
 */
#include "postgres.h"

#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "verify/differences/differences.h"

/* The order of rows: by key, by content, the source's first. */
#define SORT_FIELDS 5

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

/* The key is MariaDB's primary key, if all of its columns exist locally. */
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

/* Reports columns of MariaDB's table that are not compared. */
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
