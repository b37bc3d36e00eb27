/*
 * Where is a big table divided, so that several workers can read it in
 * parallel?
 *
 * At existing keys, a given number of rows apart, found by bisection: MariaDB
 * estimates a range's rows by two dives into the index and finds a key by one,
 * so nothing is scanned.  Where no middle is found, as between texts whose
 * order is not that of their characters, it steps through the index.  A chunk
 * is a condition over the primary key; those of a table are disjoint and cover
 * every possible key, whatever is written before the chunk is read.
 */
#include "postgres.h"

#include "access/relation.h"
#include "catalog/pg_class.h"
#include "fmgr.h"
#include "foreign/foreign.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/tuplestore.h"

#include "session/session.h"
#include "session/srf.h"
#include "transfer/chunk.h"
#include "transfer/transfer.h"

/* Beyond this number keys are read one by one. */
#define MAX_KEYS 16

/* Limits the bisection for any keys: integers have 64 bits. */
#define MAX_DEPTH 70
#define MAX_CUTS 10000

/* A larger estimate is not credible. */
#define MAX_ROWS 1e15

/* A key, or as many of its first columns as needed, as literals. */
typedef struct Cut
{
	int			n;
	char	   *literals[MAX_KEYS];
	double		rows;			/* estimated, from this cut to the next */
} Cut;

typedef struct Cutter
{
	MariaConn  *conn;
	char	   *table;			/* quoted and qualified */
	int			nkeys;
	char	   *keys[MAX_KEYS]; /* quoted column names */
	double		limit;			/* rows of a chunk */
	bool		is_mysql;
	List	   *cuts;			/* of Cut, in the order of the key */
	MemoryContext context;		/* holds them */
} Cutter;

/* One end of a range of a key column, and how it is written. */
typedef struct Bound
{
	MariaValue	value;
	char	   *literal;
} Bound;

PG_FUNCTION_INFO_V1(mariadb_chunks);

/*
 * Appends the condition that a key is at or above a cut (">="), or below it
 * ("<"): column by column, which MariaDB reads as ranges of the index.
 */
static void
append_side(StringInfo buf, const Cutter *cutter, const Cut *cut,
			const char *operator)
{
	appendStringInfoChar(buf, '(');
	for (int i = 0; i < cut->n; i++)
	{
		bool		is_last = i == cut->n - 1;

		if (i > 0)
			appendStringInfoString(buf, " OR (");
		for (int j = 0; j < i; j++)
			appendStringInfo(buf, "%s = %s AND ", cutter->keys[j],
							 cut->literals[j]);
		appendStringInfo(buf, "%s %s %s", cutter->keys[i],
						 is_last ? operator : *operator == '<' ? "<" : ">",
						 cut->literals[i]);
		if (i > 0)
			appendStringInfoChar(buf, ')');
	}
	appendStringInfoChar(buf, ')');
}

/* Appends that the first columns are those of a prefix. */
static void
append_prefix(StringInfo buf, const Cutter *cutter, const Cut *prefix)
{
	for (int i = 0; i < prefix->n; i++)
		appendStringInfo(buf, "%s = %s AND ", cutter->keys[i],
						 prefix->literals[i]);
}

/*
 * Finds a field by its name, or the first if there is no name; -1 if it does
 * not exist.
 */
static int
find_field(const MariaResult *result, const char *name)
{
	for (int i = 0; i < result->nfields; i++)
		if (name == NULL || strcmp(result->fields[i].name, name) == 0)
			return i;
	return -1;
}

/* An EXPLAIN has as many fields as the server's version gives it. */
static MariaResult *
open_question(Cutter *cutter, const char *sql, const char *name)
{
	if (name)
		return maria_open(cutter->conn, sql);
	return maria_open_fields(cutter->conn, sql, 1, MARIA_ANY_NULL);
}

/*
 * Runs a query of one row at most, for one of its fields; false if there is
 * none.
 */
static bool
ask(Cutter *cutter, const char *sql, const char *name, Bound *answer,
	MariaField *described)
{
	MariaResult *result = open_question(cutter, sql, name);
	int			field = find_field(result, name);
	bool		found = false;

	while (maria_fetch(result))
	{
		const MariaValue *value = &result->row[Max(field, 0)];
		StringInfoData buf;

		if (field < 0 || value->data == NULL)
			continue;
		found = true;
		initStringInfo(&buf);
		maria_append_remote_literal(&buf, &result->fields[field],
									value->data, value->len);
		answer->literal = buf.data;
		answer->value.len = value->len;
		answer->value.data = memcpy(palloc(value->len + 1), value->data,
									value->len);
		if (described)
			*described = result->fields[field];
	}
	maria_close(result);
	return found;
}

static char *
between(const Cutter *cutter, const Cut *prefix, const Bound *low,
		const Bound *high)
{
	return psprintf("%s BETWEEN %s AND %s", cutter->keys[prefix->n],
					low->literal, high->literal);
}

/* Reads the number of rows that an EXPLAIN estimates; 0 if there is none. */
static double
read_estimate(Cutter *cutter, const char *sql)
{
	Bound		rows = {{0}};
	MariaField	field = {0};
	double		number;

	if (!ask(cutter, sql, "rows", &rows, &field))
		return 0;
	number = strtod(maria_value_text(&field, rows.value.data, rows.value.len),
					NULL);
	return number >= 0 && number < MAX_ROWS ? number : 0;
}

/*
 * Estimates the rows of a range of a column below a prefix.  MySQL returns a
 * tree by default, and does not read an index that a query without grouping is
 * forced to use.
 */
static double
estimate(Cutter *cutter, const Cut *prefix, const Bound *low,
		 const Bound *high)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "EXPLAIN %s FROM %s FORCE INDEX (PRIMARY) WHERE ",
					 cutter->is_mysql ? "FORMAT=TRADITIONAL SELECT COUNT(*)"
					 : "SELECT 1", cutter->table);
	append_prefix(&sql, cutter, prefix);
	appendStringInfoString(&sql, between(cutter, prefix, low, high));
	return read_estimate(cutter, sql.data);
}

/*
 * Estimates all rows: MySQL never estimates a range at more than half of them.
 */
static double
estimate_all(Cutter *cutter)
{
	if (!cutter->is_mysql)
		return 0;
	return read_estimate(cutter,
						 psprintf("EXPLAIN FORMAT=TRADITIONAL SELECT %s FROM %s FORCE INDEX (PRIMARY)",
								  cutter->keys[0], cutter->table));
}

/*
 * Finds the key nearest to a literal on one side of it, in a range: a guess
 * may lie beyond, where the column's collation has another order.
 */
static bool
find_key(Cutter *cutter, const Cut *prefix, const char *range,
		 const char *operator, const char *literal, Bound *found)
{
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT %s FROM %s FORCE INDEX (PRIMARY) WHERE ",
					 cutter->keys[prefix->n], cutter->table);
	append_prefix(&sql, cutter, prefix);
	appendStringInfo(&sql, "%s AND %s %s %s ORDER BY %s %s LIMIT 1",
					 range, cutter->keys[prefix->n], operator, literal,
					 cutter->keys[prefix->n],
					 *operator == '<' ? "DESC" : "ASC");
	return ask(cutter, sql.data, NULL, found, NULL);
}

/* Finds the lowest and the highest key below a prefix. */
static bool
find_ends(Cutter *cutter, const Cut *prefix, Bound *low, Bound *high,
		  MariaField *field)
{
	static const char *const orders[] = {"ASC", "DESC"};
	Bound	   *bounds[] = {low, high};

	for (int i = 0; i < 2; i++)
	{
		StringInfoData sql;

		/* MIN() and MAX() would not keep the type of a BIT. */
		initStringInfo(&sql);
		appendStringInfo(&sql, "SELECT %s FROM %s FORCE INDEX (PRIMARY) WHERE ",
						 cutter->keys[prefix->n], cutter->table);
		append_prefix(&sql, cutter, prefix);
		appendStringInfo(&sql, "1 ORDER BY %s %s LIMIT 1",
						 cutter->keys[prefix->n], orders[i]);
		if (!ask(cutter, sql.data, NULL, bounds[i], field))
			return false;
	}
	return true;
}

static Cut
extend(const Cut *prefix, char *literal)
{
	Cut			cut = *prefix;

	cut.literals[cut.n++] = literal;
	return cut;
}

static void
add_cut(Cutter *cutter, const Cut *prefix, const char *literal)
{
	MemoryContext old = MemoryContextSwitchTo(cutter->context);
	Cut		   *cut = palloc(sizeof(Cut));

	*cut = *prefix;
	for (int i = 0; i < cut->n; i++)
		cut->literals[i] = pstrdup(prefix->literals[i]);
	cut->literals[cut->n++] = pstrdup(literal);
	cut->rows = 0;
	cutter->cuts = lappend(cutter->cuts, cut);
	MemoryContextSwitchTo(old);
}

/*
 * Finds the keys on both sides of the middle of a range: the first of the
 * upper half and the last of the lower half.  False if no middle is found.
 */
static bool
find_middle(Cutter *cutter, const Cut *prefix, const MariaField *field,
			const Bound *low, const Bound *high, Bound *below, Bound *above)
{
	char	   *range = between(cutter, prefix, low, high);

	for (int try = 0; try < MIDPOINT_TRIES; try++)
	{
		char	   *middle = maria_key_midpoint(field, &low->value,
												&high->value, try);

		if (middle &&
			find_key(cutter, prefix, range, "<", middle, below) &&
			find_key(cutter, prefix, range, ">=", middle, above))
			return true;
	}
	return false;
}

/*
 * Finds the key that is a given number of rows above another one, or more if
 * the next rows have the same value.  False if the range ends before.
 */
static bool
step_forward(Cutter *cutter, const Cut *prefix, const char *range,
			 const Bound *from, Bound *found)
{
	StringInfoData sql;
	char	   *key = cutter->keys[prefix->n];
	Bound		next = {{0}};

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT %s FROM %s FORCE INDEX (PRIMARY) WHERE ", key,
					 cutter->table);
	append_prefix(&sql, cutter, prefix);
	appendStringInfo(&sql, "%s AND %s >= %s ORDER BY %s LIMIT 1 OFFSET %.0f",
					 range, key, from->literal, key, cutter->limit);
	return ask(cutter, sql.data, NULL, &next, NULL) &&
		find_key(cutter, prefix, psprintf("%s AND %s > %s", range, key,
										  from->literal),
				 ">=", next.literal, found);
}

/* Is the order of an index over a type that of MariaDB's comparison? */
static bool
is_comparable(const MariaField *field)
{
	return field->type != MARIA_ENUM && field->type != MARIA_SET;
}

static void halve(Cutter *cutter, const Cut *prefix, int depth);

/* Adds the estimate of the rows since the last cut. */
static void
count_rows(Cutter *cutter, double rows)
{
	Cut		   *cut = llast(cutter->cuts);

	cut->rows += rows;
}

static void halve_range(Cutter *cutter, const Cut *prefix,
						const MariaField *field, const Bound *low,
						const Bound *high, int depth);

/* Cuts a range of a column by stepping through its keys. */
static void
step_through(Cutter *cutter, const Cut *prefix, const MariaField *field,
			 const Bound *low, const Bound *high, int depth)
{
	char	   *range = between(cutter, prefix, low, high);
	Bound		from = *low;
	Bound		next = {{0}};
	Bound		below = {{0}};

	while (list_length(cutter->cuts) < MAX_CUTS &&
		   step_forward(cutter, prefix, range, &from, &next) &&
		   find_key(cutter, prefix, range, "<", next.literal, &below))
	{
		CHECK_FOR_INTERRUPTS();
		/* Rows of one value may be cut by the next column. */
		if (strcmp(from.literal, below.literal) == 0)
			halve_range(cutter, prefix, field, &from, &below, depth + 1);
		else
			count_rows(cutter, cutter->limit);
		add_cut(cutter, prefix, next.literal);
		from = next;
	}
	if (strcmp(from.literal, low->literal) != 0)
		halve_range(cutter, prefix, field, &from, high, depth + 1);
	else
		count_rows(cutter, estimate(cutter, prefix, low, high));
}

/* Cuts a range of a column until the pieces are small enough. */
static void
halve_range(Cutter *cutter, const Cut *prefix, const MariaField *field,
			const Bound *low, const Bound *high, int depth)
{
	double		rows = estimate(cutter, prefix, low, high);
	Bound		below = {{0}};
	Bound		above = {{0}};

	if (depth == 0)
		rows = Max(rows, estimate_all(cutter));
	CHECK_FOR_INTERRUPTS();
	if (rows > cutter->limit && list_length(cutter->cuts) < MAX_CUTS)
	{
		if (strcmp(low->literal, high->literal) == 0 &&
			prefix->n + 1 < cutter->nkeys)
		{
			Cut			longer = extend(prefix, low->literal);

			halve(cutter, &longer, depth + 1);
			return;
		}
		if (depth < MAX_DEPTH &&
			find_middle(cutter, prefix, field, low, high, &below, &above))
		{
			halve_range(cutter, prefix, field, low, &below, depth + 1);
			add_cut(cutter, prefix, above.literal);
			halve_range(cutter, prefix, field, &above, high, depth + 1);
			return;
		}
		if (is_comparable(field))
		{
			step_through(cutter, prefix, field, low, high, depth);
			return;
		}
	}
	count_rows(cutter, rows);
}

/* Cuts the rows below a prefix by the next column of the key. */
static void
halve(Cutter *cutter, const Cut *prefix, int depth)
{
	Bound		low = {{0}};
	Bound		high = {{0}};
	MariaField	field = {0};

	if (!find_ends(cutter, prefix, &low, &high, &field))
		return;

	/*
	 * In the hour that a zone repeats in autumn, MariaDB finds rows neither
	 * below nor above a time.
	 */
	if (field.type == MARIA_TIMESTAMP && !field.zone_known)
		count_rows(cutter, estimate(cutter, prefix, &low, &high));
	else
		halve_range(cutter, prefix, &field, &low, &high, depth);
}

/* Is a cut below another one, by MariaDB's own comparison? */
static bool
is_below(Cutter *cutter, const Cut *cut, const Cut *next)
{
	StringInfoData sql;
	Bound		one = {{0}};

	initStringInfo(&sql);
	appendStringInfo(&sql, "SELECT 1 FROM %s WHERE ", cutter->table);
	append_prefix(&sql, cutter, cut);
	append_side(&sql, cutter, next, "<");
	appendStringInfoString(&sql, " LIMIT 1");
	return ask(cutter, sql.data, NULL, &one, NULL);
}

/*
 * Keeps the cuts that are in order.  With cuts that MariaDB orders
 * differently, rows would belong to two chunks or to none.
 */
static void
drop_misplaced(Cutter *cutter)
{
	List	   *kept = list_make1(linitial(cutter->cuts));
	ListCell   *lc;

	for_each_from(lc, cutter->cuts, 1)
	{
		Cut		   *last = llast(kept);
		Cut		   *cut = lfirst(lc);

		if (last->n == 0 || is_below(cutter, last, cut))
			kept = lappend(kept, cut);
		else
			last->rows += cut->rows;
	}
	cutter->cuts = kept;
}

/* Reads the key's columns from the options that an import has set. */
static void
read_keys(Cutter *cutter, Relation rel)
{
	Oid			relid = RelationGetRelid(rel);
	MariaOptions *opts = maria_table_options(relid);
	TupleDesc	desc = RelationGetDescr(rel);

	cutter->table = psprintf("%s.%s", maria_quote_identifier(opts->dbname),
							 maria_quote_identifier(opts->table_name));
	for (int i = 0; i < desc->natts; i++)
	{
		MariaOptions *column;

		if (TupleDescAttr(desc, i)->attisdropped)
			continue;
		column = maria_column_options(opts, relid, i + 1);
		if (column->key < 1 || column->key > MAX_KEYS)
			continue;
		/* The conditions show values of the key. */
		maria_check_select(rel, i + 1);
		cutter->keys[column->key - 1] =
			maria_quote_identifier(column->column_name);
		cutter->nkeys = Max(cutter->nkeys, column->key);
	}
	for (int i = 0; i < cutter->nkeys; i++)
		if (cutter->keys[i] == NULL)
			cutter->nkeys = 0;
}

static void
put_chunk(Cutter *cutter, const Cut *cut, const Cut *next,
		  Tuplestorestate *rows, TupleDesc desc)
{
	Datum		values[2];
	bool		nulls[2] = {false, false};
	StringInfoData buf;

	initStringInfo(&buf);
	if (cut->n > 0)
		append_side(&buf, cutter, cut, ">=");
	if (cut->n > 0 && next)
		appendStringInfoString(&buf, " AND ");
	if (next)
		append_side(&buf, cutter, next, "<");
	nulls[0] = buf.len == 0;
	values[0] = CStringGetTextDatum(buf.data);
	values[1] = Int64GetDatum((int64) cut->rows);
	tuplestore_putvalues(rows, desc, values, nulls);
}

/* Returns the chunks of a foreign table: conditions and estimated rows. */
Datum
mariadb_chunks(PG_FUNCTION_ARGS)
{
	Relation	rel;
	Oid			serverid;
	Cut			start = {0};
	Cutter		cutter = {.context = CurrentMemoryContext};
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "mariadb_fdw chunks",
												  ALLOCSET_DEFAULT_SIZES);
	TupleDesc	desc;
	Tuplestorestate *rows = maria_srf_begin(fcinfo, &desc);

	maria_require_arguments(fcinfo, 0);
	rel = maria_open_foreign_table(PG_GETARG_OID(0));
	serverid = GetForeignTable(RelationGetRelid(rel))->serverid;
	maria_check_usage(GetForeignServer(serverid));
	maria_check_select_any(rel);
	cutter.limit = PG_GETARG_INT64(1);
	if (cutter.limit < 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("number of rows per chunk must be at least 1")));
	cutter.cuts = list_make1(&start);	/* below the first key */
	read_keys(&cutter, rel);
	cutter.conn = maria_get_connection(serverid, GetUserId(), MARIA_READ);
	cutter.is_mysql = maria_is_mysql(cutter.conn);
	if (cutter.nkeys > 0)
	{
		MemoryContext old = MemoryContextSwitchTo(context);

		halve(&cutter, &start, 0);
		drop_misplaced(&cutter);
		MemoryContextSwitchTo(old);
	}
	for (int i = 0; i < list_length(cutter.cuts); i++)
		put_chunk(&cutter, list_nth(cutter.cuts, i),
				  i + 1 < list_length(cutter.cuts)
				  ? list_nth(cutter.cuts, i + 1) : NULL, rows, desc);
	MemoryContextDelete(context);
	relation_close(rel, NoLock);
	return (Datum) 0;
}
