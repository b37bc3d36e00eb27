/*
 * Does a query of an application return the same rows on both sides?
 *
 * Each side's rows are stored in a tuplestore and added to a digest.  Where
 * the digests differ, a hash of each row goes to a sort; both spill to disk.
 * Hashes that one side has more often are the difference, and the rows of the
 * first of them are shown.
 */
#include "postgres.h"

#include "catalog/pg_operator.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/tuplesort.h"
#include "utils/tuplestore.h"

#include "session/session.h"
#include "values/digest.h"
#include "values/values.h"

/* The number of rows fetched from PostgreSQL at once. */
#define BATCH_ROWS 1000

#define MAX_SAMPLE 1000

enum
{
	REMOTE,
	LOCAL
};

/* The attributes of what is sorted. */
enum
{
	HASH_LOW,
	HASH_HIGH,
	SIDE,
	NUMBER,
	NUM_SORTED
};

/* Row numbers, from 0: the lowest ones that fit, ascending. */
typedef struct Numbers
{
	int64	   *numbers;
	int			count;
} Numbers;

typedef struct Side
{
	Tuplestorestate *rows;
	MariaDigest digest;
	Numbers		sample;			/* rows to be shown */
} Side;

/* Both sides' rows, as values of one row type. */
typedef struct Comparison
{
	TupleDesc	desc;
	MariaDigestColumn *columns;
	PGFunction *normalize;		/* of each column, or NULL */
	Tuplesortstate *hashes;
	TupleTableSlot *hash_slot;
	TupleTableSlot *row_slot;
	Datum	   *values;			/* of the current row */
	bool	   *isnull;
	MemoryContext row_context;
	int			limit;			/* of rows to be shown, on each side */
	Side		sides[2];
	int64		first_difference;	/* in order, from 1; 0 = none */
} Comparison;

PG_FUNCTION_INFO_V1(mariadb_compare_query);

static Numbers
make_numbers(int limit)
{
	Numbers		numbers = {palloc(sizeof(int64) * (limit + 1)), 0};

	return numbers;
}

/* Adds a number, and removes the highest if there is no room. */
static void
keep_number(Numbers *numbers, int limit, int64 number)
{
	int			i = numbers->count;

	while (i > 0 && numbers->numbers[i - 1] > number)
		i--;
	if (i >= limit)
		return;
	if (numbers->count < limit)
		numbers->count++;
	memmove(&numbers->numbers[i + 1], &numbers->numbers[i],
			sizeof(int64) * (numbers->count - i - 1));
	numbers->numbers[i] = number;
}

/* Conversions that give equal values of a type equal bytes. */
static PGFunction
normalizer(Oid type)
{
	if (type == NUMERICOID)
		return numeric_trim_scale;
	return type == BPCHAROID ? rtrim1 : NULL;
}

static bool
has_attribute(TupleDesc desc, int natts, const char *name)
{
	for (int i = 0; i < natts; i++)
		if (strcmp(NameStr(TupleDescAttr(desc, i)->attname), name) == 0)
			return true;
	return false;
}

/*
 * Builds the row type in which both sides are compared.  The length or scale
 * of a local column must not reject remote values; only bit(n) needs it.  The
 * names are the keys of the rows shown.
 */
static TupleDesc
comparison_desc(TupleDesc local)
{
	TupleDesc	desc = CreateTemplateTupleDesc(local->natts);

	for (int i = 0; i < local->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(local, i);
		const char *name = NameStr(att->attname);
		int32		typmod = att->atttypmod;
		Oid			type = getBaseTypeAndTypmod(att->atttypid, &typmod);

		if (has_attribute(desc, i, name))
			name = psprintf("column%d", i + 1);
		TupleDescInitEntry(desc, i + 1, name, type,
						   type == BITOID ? typmod : -1, att->attndims);
		TupleDescInitEntryCollation(desc, i + 1, att->attcollation);
	}
	return BlessTupleDesc(desc);
}

/* Prepares the hashing of columns by their position. */
static void
init_columns(Comparison *comparison)
{
	int			natts = comparison->desc->natts;

	comparison->columns = palloc0(sizeof(MariaDigestColumn) * (natts + 1));
	comparison->normalize = palloc0(sizeof(PGFunction) * (natts + 1));
	for (int i = 0; i < natts; i++)
	{
		FormData_pg_attribute att = *TupleDescAttr(comparison->desc, i);

		snprintf(NameStr(att.attname), NAMEDATALEN, "%d", i + 1);
		maria_digest_column(&comparison->columns[i], &att, i);
		comparison->normalize[i] = normalizer(att.atttypid);
	}
}

static void
init_sort(Comparison *comparison)
{
	static AttrNumber attnums[NUM_SORTED] = {1, 2, 3, 4};
	static Oid	operators[NUM_SORTED] = {Int8LessOperator, Int8LessOperator,
	Int8LessOperator, Int8LessOperator};
	static Oid	collations[NUM_SORTED];
	static bool nulls_first[NUM_SORTED];
	TupleDesc	desc = CreateTemplateTupleDesc(NUM_SORTED);

	for (int i = 0; i < NUM_SORTED; i++)
		TupleDescInitEntry(desc, i + 1, NULL, INT8OID, -1, 0);
	comparison->hash_slot = MakeSingleTupleTableSlot(desc,
													 &TTSOpsMinimalTuple);
	comparison->hashes = tuplesort_begin_heap(desc, NUM_SORTED, attnums,
											  operators, collations,
											  nulls_first, work_mem, NULL, 0);
}

static void
init_comparison(Comparison *comparison, TupleDesc local, int limit)
{
	comparison->desc = comparison_desc(local);
	comparison->limit = limit;
	comparison->values = palloc0(sizeof(Datum) * (local->natts + 1));
	comparison->isnull = palloc0(sizeof(bool) * (local->natts + 1));
	comparison->row_slot = MakeSingleTupleTableSlot(comparison->desc,
													&TTSOpsMinimalTuple);
	comparison->row_context = AllocSetContextCreate(CurrentMemoryContext,
													"mariadb_fdw row",
													ALLOCSET_DEFAULT_SIZES);
	init_columns(comparison);
	for (int i = 0; i < 2; i++)
	{
		comparison->sides[i].rows = tuplestore_begin_heap(true, false, work_mem);
		comparison->sides[i].sample = make_numbers(limit);
	}
}

/* Adds the current row.  Allocates in the row's context. */
static void
add_row(Comparison *comparison, int which)
{
	Side	   *side = &comparison->sides[which];
	Datum	   *values = comparison->values;
	int			natts = comparison->desc->natts;

	for (int i = 0; i < natts; i++)
		if (comparison->normalize[i] && !comparison->isnull[i])
			values[i] = DirectFunctionCall1(comparison->normalize[i],
											values[i]);
	maria_digest_row(&side->digest, comparison->columns, natts, values,
					 comparison->isnull);
	tuplestore_putvalues(side->rows, comparison->desc, values,
						 comparison->isnull);
}

static void
init_reader(MariaReader *reader, Comparison *comparison, MariaResult *result,
			MariaOptions *opts)
{
	int			natts = comparison->desc->natts;
	MariaOptions **all_opts = palloc(sizeof(MariaOptions *) * (natts + 1));
	List	   *attnums = NIL;

	if (result->nfields != natts)
		ereport(ERROR,
				(errcode(ERRCODE_DATATYPE_MISMATCH),
				 errmsg("the remote query has %d columns, but the local one has %d",
						result->nfields, natts)));
	for (int i = 0; i < natts; i++)
	{
		attnums = lappend_int(attnums, i + 1);
		all_opts[i] = opts;
	}
	maria_reader_init(reader, result, "remote query", comparison->desc,
					  attnums, all_opts);
}

static void
read_remote(Comparison *comparison, MariaResult *result, MariaOptions *opts)
{
	MariaReader reader;

	init_reader(&reader, comparison, result, opts);
	while (maria_fetch(result))
	{
		MemoryContext old = MemoryContextSwitchTo(comparison->row_context);

		CHECK_FOR_INTERRUPTS();
		maria_reader_row(&reader, comparison->values, comparison->isnull);
		add_row(comparison, REMOTE);
		MemoryContextSwitchTo(old);
		MemoryContextReset(comparison->row_context);
	}
	maria_close(result);
}

static void
add_batch(Comparison *comparison)
{
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		MemoryContext old = MemoryContextSwitchTo(comparison->row_context);

		heap_deform_tuple(SPI_tuptable->vals[i], SPI_tuptable->tupdesc,
						  comparison->values, comparison->isnull);
		add_row(comparison, LOCAL);
		MemoryContextSwitchTo(old);
		MemoryContextReset(comparison->row_context);
	}
}

static void
read_local(Comparison *comparison, Portal portal)
{
	uint64		found;

	do
	{
		CHECK_FOR_INTERRUPTS();
		SPI_cursor_fetch(portal, true, BATCH_ROWS);
		found = SPI_processed;
		add_batch(comparison);
		SPI_freetuptable(SPI_tuptable);
	} while (found > 0);
	SPI_cursor_close(portal);
}

/* Opens the user's query with the user's privileges, read-only. */
static Portal
open_local(const char *sql)
{
	SPIPlanPtr	plan = SPI_prepare(sql, 0, NULL);

	if (plan == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("could not prepare the local query: %s",
						SPI_result_code_string(SPI_result))));
	return SPI_cursor_open(NULL, plan, NULL, NULL, true);
}

static bool
next_hash(Comparison *comparison, Side *side, uint64 hash[2])
{
	TupleTableSlot *slot = comparison->row_slot;
	MemoryContext old;

	if (!tuplestore_gettupleslot(side->rows, true, false, slot))
		return false;
	slot_getallattrs(slot);
	old = MemoryContextSwitchTo(comparison->row_context);
	maria_hash_row(comparison->columns, comparison->desc->natts,
				   slot->tts_values, slot->tts_isnull, hash);
	MemoryContextSwitchTo(old);
	MemoryContextReset(comparison->row_context);
	return true;
}

/* Records the positions at which the sides have different rows. */
static void
compare_order(Comparison *comparison)
{
	uint64		hash[2][2];
	bool		found[2];

	for (int64 i = 0;; i++)
	{
		CHECK_FOR_INTERRUPTS();
		for (int which = 0; which < 2; which++)
			found[which] = next_hash(comparison, &comparison->sides[which],
									 hash[which]);
		if (!found[REMOTE] && !found[LOCAL])
			return;
		if (found[REMOTE] && found[LOCAL] &&
			memcmp(hash[REMOTE], hash[LOCAL], sizeof(hash[REMOTE])) == 0)
			continue;
		if (comparison->first_difference == 0)
			comparison->first_difference = i + 1;
		for (int which = 0; which < 2; which++)
			if (found[which])
				keep_number(&comparison->sides[which].sample,
							comparison->limit, i);
	}
}

static void
put_hash(Comparison *comparison, const uint64 hash[2], int which,
		 int64 number)
{
	TupleTableSlot *slot = comparison->hash_slot;
	MemoryContext old = MemoryContextSwitchTo(comparison->row_context);

	ExecClearTuple(slot);
	slot->tts_values[HASH_LOW] = Int64GetDatum((int64) hash[0]);
	slot->tts_values[HASH_HIGH] = Int64GetDatum((int64) hash[1]);
	slot->tts_values[SIDE] = Int64GetDatum(which);
	slot->tts_values[NUMBER] = Int64GetDatum(number);
	memset(slot->tts_isnull, false, NUM_SORTED);
	ExecStoreVirtualTuple(slot);
	tuplesort_puttupleslot(comparison->hashes, slot);
	MemoryContextSwitchTo(old);
}

/* Sorts the hashes of all rows of both sides. */
static void
sort_hashes(Comparison *comparison)
{
	uint64		hash[2];

	init_sort(comparison);
	for (int which = 0; which < 2; which++)
	{
		Side	   *side = &comparison->sides[which];

		tuplestore_rescan(side->rows);
		for (int64 i = 0; next_hash(comparison, side, hash); i++)
		{
			CHECK_FOR_INTERRUPTS();
			put_hash(comparison, hash, which, i);
		}
	}
	tuplesort_performsort(comparison->hashes);
}

/* The rows of one hash, on both sides. */
typedef struct HashGroup
{
	int64		hash[2];
	int64		count[2];
	Numbers		first[2];		/* as many as may be shown */
} HashGroup;

/* Notes the rows of a hash that one side has more often. */
static void
end_group(Comparison *comparison, HashGroup *group)
{
	int64		more = group->count[REMOTE] - group->count[LOCAL];
	int			which = more > 0 ? REMOTE : LOCAL;
	int64		excess = more > 0 ? more : -more;

	for (int i = 0; i < group->first[which].count && i < excess; i++)
		keep_number(&comparison->sides[which].sample, comparison->limit,
					group->first[which].numbers[i]);
	for (int i = 0; i < 2; i++)
		group->count[i] = group->first[i].count = 0;
}

static int64
sorted_value(TupleTableSlot *slot, int column)
{
	return DatumGetInt64(slot->tts_values[column]);
}

/*
 * Adds the sorted row in the slot to its group, after ending the previous
 * group if needed.
 */
static void
add_sorted(Comparison *comparison, HashGroup *group)
{
	TupleTableSlot *slot = comparison->hash_slot;
	int64		side;

	slot_getallattrs(slot);
	if (group->hash[0] != sorted_value(slot, HASH_LOW) ||
		group->hash[1] != sorted_value(slot, HASH_HIGH))
		end_group(comparison, group);
	group->hash[0] = sorted_value(slot, HASH_LOW);
	group->hash[1] = sorted_value(slot, HASH_HIGH);
	side = sorted_value(slot, SIDE);
	group->count[side]++;
	keep_number(&group->first[side], comparison->limit,
				sorted_value(slot, NUMBER));
}

/* Notes the rows that one side has more often. */
static void
compare_sets(Comparison *comparison)
{
	HashGroup	group = {{0}};

	for (int i = 0; i < 2; i++)
		group.first[i] = make_numbers(comparison->limit);
	sort_hashes(comparison);
	while (tuplesort_gettupleslot(comparison->hashes, true, false,
								  comparison->hash_slot, NULL))
	{
		CHECK_FOR_INTERRUPTS();
		add_sorted(comparison, &group);
	}
	end_group(comparison, &group);
}

/* Returns the result, and leaves the rows to be shown in the sides. */
static const char *
compare_rows(Comparison *comparison, bool ordered)
{
	Side	   *sides = comparison->sides;
	bool		same_set = memcmp(&sides[REMOTE].digest, &sides[LOCAL].digest,
								  sizeof(MariaDigest)) == 0;

	if (ordered)
		compare_order(comparison);
	if (same_set)
		return comparison->first_difference ? "order differs" : "equal";
	sides[REMOTE].sample.count = sides[LOCAL].sample.count = 0;
	compare_sets(comparison);
	return "differs";
}

/* Returns the rows to be shown as a JSON array of objects. */
static Datum
sample_json(Comparison *comparison, Side *side)
{
	TupleTableSlot *slot = comparison->row_slot;
	StringInfoData buf;
	int64		at = 0;

	initStringInfo(&buf);
	tuplestore_rescan(side->rows);
	for (int i = 0; i < side->sample.count; i++)
	{
		int64		number = side->sample.numbers[i];
		Datum		json;

		if (number > at)
			tuplestore_skiptuples(side->rows, number - at, true);
		tuplestore_gettupleslot(side->rows, true, false, slot);
		at = number + 1;
		json = DirectFunctionCall1(row_to_json,
								   ExecFetchSlotHeapTupleDatum(slot));
		appendStringInfo(&buf, "%s%s", i ? ", " : "",
						 TextDatumGetCString(json));
	}
	return DirectFunctionCall1(jsonb_in,
							   CStringGetDatum(psprintf("[%s]", buf.data)));
}

static void
put_outcome(Comparison *comparison, const char *status, Datum *values,
			bool *isnull)
{
	bool		equal = strcmp(status, "equal") == 0;

	values[0] = Int64GetDatum(comparison->sides[REMOTE].digest.rows);
	values[1] = Int64GetDatum(comparison->sides[LOCAL].digest.rows);
	values[2] = BoolGetDatum(equal);
	values[3] = CStringGetTextDatum(status);
	values[4] = Int64GetDatum(comparison->first_difference);
	isnull[4] = comparison->first_difference == 0;
	for (int i = 0; i < 2; i++)
	{
		isnull[5 + i] = equal;
		if (!equal)
			values[5 + i] = sample_json(comparison, &comparison->sides[i]);
	}
}

static void
end_comparison(Comparison *comparison)
{
	for (int i = 0; i < 2; i++)
		tuplestore_end(comparison->sides[i].rows);
	if (comparison->hashes)
	{
		tuplesort_end(comparison->hashes);
		ExecDropSingleTupleTableSlot(comparison->hash_slot);
	}
	ExecDropSingleTupleTableSlot(comparison->row_slot);
}

static int
checked_sample(int sample)
{
	if (sample < 0 || sample > MAX_SAMPLE)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the number of rows to be shown must be between 0 and %d",
						MAX_SAMPLE)));
	return sample;
}

Datum
mariadb_compare_query(PG_FUNCTION_ARGS)
{
	char	   *server_name;
	char	   *remote_sql;
	char	   *local_sql;
	int			limit;
	MariaConn  *conn;
	Oid			serverid;
	MariaOptions *opts;
	MemoryContext context = CurrentMemoryContext;
	Comparison	comparison = {0};
	Portal		portal;
	TupleDesc	desc;
	Datum		values[7] = {0};
	bool		isnull[7] = {0};

	maria_require_arguments(fcinfo, 0);
	server_name = NameStr(*PG_GETARG_NAME(0));
	remote_sql = text_to_cstring(PG_GETARG_TEXT_PP(1));
	local_sql = text_to_cstring(PG_GETARG_TEXT_PP(2));
	limit = checked_sample(PG_GETARG_INT32(4));
	conn = maria_get_connection_by_name(server_name, MARIA_READ);
	serverid = GetForeignServerByName(server_name, false)->serverid;
	opts = maria_server_options(serverid, GetUserId());
	SPI_connect();
	portal = open_local(local_sql);
	MemoryContextSwitchTo(context);
	init_comparison(&comparison, portal->tupDesc, limit);
	maria_before_user_statement(conn);
	read_remote(&comparison, maria_open(conn, remote_sql), opts);

	/* The local query may also read from MariaDB, in a reset session. */
	maria_get_connection_by_name(server_name, MARIA_READ);
	read_local(&comparison, portal);
	SPI_finish();

	put_outcome(&comparison, compare_rows(&comparison, PG_GETARG_BOOL(3)),
				values, isnull);
	end_comparison(&comparison);
	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");	/* cannot happen */
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(BlessTupleDesc(desc),
													  values, isnull)));
}
