/*
 * Which rows differ, and in what?
 *
 * Values are shown as text, as exactly as their types allow.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"

#include "session/srf.h"
#include "verify/differences/differences.h"

/* The columns of mariadb.differences. */
enum
{
	OUT_TABLE,
	OUT_KEY,
	OUT_KIND,
	OUT_COLUMNS,
	OUT_REMOTE,
	OUT_LOCAL,
	OUT_TIMES,
	OUT_COUNT
};

typedef struct Shown
{
	Tuplestorestate *rows;
	TupleDesc	desc;
	int64		max_rows;		/* of a table, 0 = all */
	int64		nrows;
} Shown;

static const char *const kinds[] = {
	[MARIA_MISSING_HERE] = "missing here",
	[MARIA_MISSING_THERE] = "missing there",
	[MARIA_DIFFERS] = "differs",
};

StaticAssertDecl(lengthof(kinds) == MARIA_DIFFERS + 1,
				 "each kind of difference must have a name");

PG_FUNCTION_INFO_V1(mariadb_differences);

/* All texts of an object together may be as long. */
#define MAX_JSON JENTRY_OFFLENMASK

static Datum key_json(MariaComparison *comparison, const MariaRow *row);

static void
report_too_long(MariaComparison *comparison, const MariaRow *row, int column)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("a row of table \"%s\" is too long for mariadb.differences",
					RelationGetRelationName(comparison->pair->local)),
			 errdetail("With column \"%s\" it has more than %d bytes%s%s.",
					   NameStr(maria_row_column(comparison, column)->attname),
					   MAX_JSON, comparison->nkeys ? "; its key is " : "",
					   comparison->nkeys
					   ? JsonbToCString(NULL, &DatumGetJsonbP(key_json(comparison, row))->root, 0)
					   : ""),
			 errhint("mariadb.verify compares such rows, and mariadb.resync writes them.")));
}

static void
push_string(JsonbParseState **state, JsonbIteratorToken token, char *text)
{
	JsonbValue	string = {.type = jbvString};

	string.val.string.val = text;
	string.val.string.len = strlen(text);
	pushJsonbValue(state, token, &string);
}

/* Adds a column and its value to an object; returns the length of both. */
static size_t
push_member(JsonbParseState **state, Form_pg_attribute att, Datum value,
			bool isnull)
{
	Oid			output;
	bool		is_varlena;
	char	   *text;
	JsonbValue	null = {.type = jbvNull};

	push_string(state, WJB_KEY, NameStr(att->attname));
	if (isnull)
	{
		pushJsonbValue(state, WJB_VALUE, &null);
		return NAMEDATALEN;
	}
	getTypeOutputInfo(att->atttypid, &output, &is_varlena);
	text = OidOutputFunctionCall(output, value);
	push_string(state, WJB_VALUE, text);
	return NAMEDATALEN + strlen(text);
}

/* Returns some of a row's columns as an object of texts. */
static Datum
row_json(MariaComparison *comparison, const MariaRow *row,
		 const bool *wanted)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "mariadb_fdw row",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	JsonbParseState *state = NULL;
	JsonbValue *object;
	Jsonb	   *json;
	size_t		length = 0;

	pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	for (int i = 0; i < comparison->ncolumns; i++)
	{
		if (!wanted[i])
			continue;
		length += push_member(&state, maria_row_column(comparison, i),
							  row->values[ROW_VALUES + i],
							  row->isnull[ROW_VALUES + i]);
		if (length > MAX_JSON)
			report_too_long(comparison, row, i);
	}
	object = pushJsonbValue(&state, WJB_END_OBJECT, NULL);
	MemoryContextSwitchTo(old);
	json = JsonbValueToJsonb(object);
	MemoryContextDelete(context);
	return JsonbPGetDatum(json);
}

static Datum
column_names(MariaComparison *comparison, const bool *wanted)
{
	List	   *names = NIL;

	for (int i = 0; i < comparison->ncolumns; i++)
		if (wanted[i])
			names = lappend(names,
							NameStr(maria_row_column(comparison, i)->attname));
	return PointerGetDatum(maria_text_array(names));
}

static Datum
key_json(MariaComparison *comparison, const MariaRow *row)
{
	bool	   *wanted = palloc0(sizeof(bool) * (comparison->ncolumns + 1));

	for (int i = 0; i < comparison->nkeys; i++)
		wanted[comparison->keys[i].index - ROW_VALUES] = true;
	return row_json(comparison, row, wanted);
}

static bool *
shown_columns(MariaComparison *comparison, const MariaDifference *difference)
{
	bool	   *wanted = palloc(sizeof(bool) * (comparison->ncolumns + 1));

	for (int i = 0; i < comparison->ncolumns; i++)
		wanted[i] = difference->kind != MARIA_DIFFERS ||
			maria_is_changed(comparison, difference, i);
	return wanted;
}

static void
put_difference(MariaComparison *comparison, const MariaDifference *difference,
			   Shown *shown)
{
	MariaRow   *row = difference->remote ? difference->remote : difference->local;
	bool	   *wanted = shown_columns(comparison, difference);
	Datum		values[OUT_COUNT] = {0};
	bool		nulls[OUT_COUNT] = {false};

	values[OUT_TABLE] = CStringGetTextDatum(comparison->pair->remote->name);
	values[OUT_KIND] = CStringGetTextDatum(kinds[difference->kind]);
	values[OUT_TIMES] = Int64GetDatum(difference->times);
	nulls[OUT_KEY] = comparison->nkeys == 0;
	if (!nulls[OUT_KEY])
		values[OUT_KEY] = key_json(comparison, row);
	nulls[OUT_COLUMNS] = difference->kind != MARIA_DIFFERS;
	if (!nulls[OUT_COLUMNS])
		values[OUT_COLUMNS] = column_names(comparison, wanted);
	nulls[OUT_REMOTE] = difference->remote == NULL;
	if (difference->remote)
		values[OUT_REMOTE] = row_json(comparison, difference->remote, wanted);
	nulls[OUT_LOCAL] = difference->local == NULL;
	if (difference->local)
		values[OUT_LOCAL] = row_json(comparison, difference->local, wanted);
	tuplestore_putvalues(shown->rows, shown->desc, values, nulls);
}

/* Adds a result row about a table. */
static void
put_remark(Shown *shown, const char *table, const char *kind)
{
	Datum		values[OUT_COUNT] = {0};
	bool		nulls[OUT_COUNT];

	memset(nulls, true, sizeof(nulls));
	values[OUT_TABLE] = CStringGetTextDatum(table);
	values[OUT_KIND] = CStringGetTextDatum(kind);
	nulls[OUT_TABLE] = nulls[OUT_KIND] = false;
	tuplestore_putvalues(shown->rows, shown->desc, values, nulls);
}

/* Adds a difference; beyond the limit it only reports that there are more. */
static bool
show_difference(MariaComparison *comparison,
				const MariaDifference *difference, void *arg)
{
	Shown	   *shown = arg;

	if (shown->max_rows > 0 && shown->nrows == shown->max_rows)
	{
		put_remark(shown, comparison->pair->remote->name, "more differences");
		return false;
	}
	put_difference(comparison, difference, shown);
	shown->nrows++;
	return true;
}

static void
show_rows(MariaConn *conn, MariaTablePair *pair, void *arg)
{
	Shown	   *shown = arg;
	MariaComparison comparison = {.conn = conn,.pair = pair};

	shown->nrows = 0;
	comparison.limit = shown->max_rows ? shown->max_rows + 1 : 0;
	maria_begin_comparison(&comparison);
	maria_walk_differences(&comparison, show_difference, shown);
	maria_end_comparison(&comparison);
}

static void
show_table(MariaConn *conn, MariaTablePair *pair, void *arg)
{
	Shown	   *shown = arg;
	ErrorData  *error;

	if (pair->local == NULL)
	{
		put_remark(shown, pair->remote->name, "table missing here");
		return;
	}
	error = maria_try_pair(conn, pair, show_rows, shown);
	if (error)
	{
		maria_warn_of_table(pair, error);
		put_remark(shown, pair->remote->name, maria_error_status(error));
	}
}

/* Returns the rows that differ in each table of a call. */
Datum
mariadb_differences(PG_FUNCTION_ARGS)
{
	Shown		shown = {0};

	if (!PG_ARGISNULL(4))
	{
		shown.max_rows = PG_GETARG_INT64(4);
		if (shown.max_rows < 1)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("max_rows must be positive, or null for no limit")));
	}
	shown.rows = maria_srf_begin(fcinfo, &shown.desc);
	maria_warn_of_call(fcinfo, 3);
	maria_each_pair(fcinfo, 3, show_table, &shown);
	return (Datum) 0;
}
