/*
 * Which statements make the local tables equal to MariaDB's?
 *
 * Written to be read and run by the user; nothing is run here.
 */
#include "postgres.h"

#include "access/transam.h"
#include "catalog/pg_class.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"
#include "utils/typcache.h"

#include "query/storage.h"
#include "session/srf.h"
#include "verify/differences/differences.h"

/* The target of the statements, and how a row may be corrected. */
typedef struct Repair
{
	bool		may_replace;	/* by DELETE and INSERT */
	Tuplestorestate *rows;
	TupleDesc	desc;
} Repair;

PG_FUNCTION_INFO_V1(mariadb_repair_statements);
PG_FUNCTION_INFO_V1(mariadb_compared_tables);

/* Appends a value as a literal of its type. */
static void
append_typed(StringInfo buf, Form_pg_attribute att, Datum value, bool isnull)
{
	Oid			output;
	bool		is_varlena;

	if (isnull)
	{
		appendStringInfoString(buf, "NULL");
		return;
	}
	getTypeOutputInfo(att->atttypid, &output, &is_varlena);
	appendStringInfo(buf, "%s::%s",
					 quote_literal_cstr(OidOutputFunctionCall(output, value)),
					 format_type_extended(att->atttypid, att->atttypmod,
										  FORMAT_TYPE_TYPEMOD_GIVEN |
										  FORMAT_TYPE_FORCE_QUALIFY));
}

static void
append_column(StringInfo buf, MariaComparison *comparison,
			  const MariaRow *row, int column)
{
	append_typed(buf, maria_row_column(comparison, column),
				 row->values[ROW_VALUES + column],
				 row->isnull[ROW_VALUES + column]);
}

static const char *
column_name(MariaComparison *comparison, int column)
{
	return quote_identifier(NameStr(maria_row_column(comparison, column)->attname));
}

/*
 * Does its ctid identify a row?  That of a foreign table belongs to another
 * server, where it may occur in several partitions.
 */
bool
maria_has_place(MariaComparison *comparison, const MariaRow *row)
{
	return comparison->wants_places && !row->isnull[ROW_CTID] &&
		get_rel_relkind(DatumGetObjectId(row->values[ROW_TABLE])) !=
		RELKIND_FOREIGN_TABLE;
}

/* Appends the location of a row; a ctid belongs to one table or partition. */
static void
append_place(StringInfo buf, MariaComparison *comparison, const MariaRow *row)
{
	Form_pg_attribute ctid = TupleDescAttr(comparison->desc, ROW_CTID);
	Oid			relid = DatumGetObjectId(row->values[ROW_TABLE]);
	char	   *name;

	if (!maria_has_place(comparison, row))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot address a row of table \"%s\"",
						RelationGetRelationName(comparison->pair->local)),
				 errdetail("No key identifies this row, and neither does its ctid: the table is a foreign table, or another extension or access method stores it."),
				 errhint("Empty the table and copy it again, or exclude it from this call.")));
	name = quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
									  get_rel_name(relid));
	appendStringInfoString(buf, "ctid = ");
	append_typed(buf, ctid, row->values[ROW_CTID], false);
	appendStringInfo(buf, " AND tableoid = %s::pg_catalog.regclass",
					 quote_literal_cstr(name));
}

/*
 * Does a type have an equality operator of PostgreSQL's own, independent of
 * the search_path?
 */
static bool
has_equality(Oid type)
{
	Oid			equality = lookup_type_cache(type, TYPECACHE_EQ_OPR)->eq_opr;

	return OidIsValid(equality) && equality < FirstNormalObjectId;
}

/*
 * Appends that a column has the value of a row.  Types without an equality of
 * PostgreSQL's own are compared as text.
 */
static void
append_same_value(StringInfo buf, MariaComparison *comparison,
				  const MariaRow *row, int column)
{
	Form_pg_attribute att = maria_row_column(comparison, column);
	const char *name = column_name(comparison, column);
	Oid			output;
	bool		is_varlena;

	if (row->isnull[ROW_VALUES + column])
	{
		appendStringInfo(buf, "%s IS NULL", name);
		return;
	}
	if (has_equality(att->atttypid))
	{
		appendStringInfo(buf, "%s IS NOT DISTINCT FROM ", name);
		append_column(buf, comparison, row, column);
		return;
	}
	getTypeOutputInfo(att->atttypid, &output, &is_varlena);
	appendStringInfo(buf, "%s::pg_catalog.text IS NOT DISTINCT FROM %s::pg_catalog.text",
					 name,
					 quote_literal_cstr(OidOutputFunctionCall(output, row->values[ROW_VALUES + column])));
}

/* Does the key certainly find this local row and no other? */
static bool
is_found_by_key(MariaComparison *comparison, const MariaDifference *difference)
{
	return difference->is_sole && comparison->is_key_unique;
}

/*
 * Appends everything that identifies the local row: its location, or else its
 * key if that was unique when it was read, and its values.
 */
static void
append_contents(StringInfo buf, MariaComparison *comparison,
				const MariaDifference *difference)
{
	const char *separator = " AND ";

	if (maria_has_place(comparison, difference->local) || !difference->is_sole)
		append_place(buf, comparison, difference->local);
	else
		separator = "";
	for (int i = 0; i < comparison->ncolumns; i++)
	{
		appendStringInfoString(buf, separator);
		append_same_value(buf, comparison, difference->local, i);
		separator = " AND ";
	}
}

/*
 * Appends the condition for the local row: its key, or its location and all
 * values.
 */
static void
append_where(StringInfo buf, MariaComparison *comparison,
			 const MariaDifference *difference)
{
	appendStringInfoString(buf, " WHERE ");
	if (!is_found_by_key(comparison, difference))
	{
		append_contents(buf, comparison, difference);
		return;
	}
	for (int i = 0; i < comparison->nkeys; i++)
	{
		int			column = comparison->keys[i].index - ROW_VALUES;

		appendStringInfoString(buf, i ? " AND " : "");
		if (difference->local->isnull[ROW_VALUES + column] ||
			!has_equality(maria_row_column(comparison, column)->atttypid))
		{
			append_same_value(buf, comparison, difference->local, column);
			continue;
		}
		appendStringInfo(buf, "%s = ", column_name(comparison, column));
		append_column(buf, comparison, difference->local, column);
	}
}

/*
 * Makes a statement fail unless it writes one row: a row may have moved before
 * the printed statement is run.  A unique key needs no such check.
 */
static char *
for_one_row(MariaComparison *comparison, const MariaDifference *difference,
			char *statement)
{
	if (is_found_by_key(comparison, difference))
		return statement;
	return psprintf("WITH written AS (%s RETURNING 1) "
					"SELECT " MARIA_INTERNAL_SCHEMA ".one_row(pg_catalog.count(*)) FROM written",
					statement);
}

/* Returns a statement that deletes the local row. */
char *
maria_delete_statement(MariaComparison *comparison,
					   const MariaDifference *difference)
{
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfo(&buf, "DELETE FROM %s", maria_local_name(comparison->pair));
	append_where(&buf, comparison, difference);
	return for_one_row(comparison, difference, buf.data);
}

/* Returns a statement that updates the local row to MariaDB's. */
char *
maria_update_statement(MariaComparison *comparison,
					   const MariaDifference *difference)
{
	StringInfoData buf;
	const char *separator = " SET ";

	initStringInfo(&buf);
	appendStringInfo(&buf, "UPDATE %s", maria_local_name(comparison->pair));
	for (int i = 0; i < comparison->ncolumns; i++)
	{
		if (!maria_is_writable(comparison, i) ||
			!maria_is_changed(comparison, difference, i))
			continue;
		appendStringInfo(&buf, "%s%s = ", separator, column_name(comparison, i));
		append_column(&buf, comparison, difference->remote, i);
		separator = ", ";
	}
	append_where(&buf, comparison, difference);
	return for_one_row(comparison, difference, buf.data);
}

static char *
insert_statement(MariaComparison *comparison,
				 const MariaDifference *difference)
{
	StringInfoData names;
	StringInfoData values;

	initStringInfo(&names);
	initStringInfo(&values);
	for (int i = 0; i < comparison->ncolumns; i++)
	{
		if (!maria_is_writable(comparison, i))
			continue;
		appendStringInfo(&names, "%s%s", names.len ? ", " : "",
						 column_name(comparison, i));
		appendStringInfoString(&values, values.len ? ", " : "");
		append_column(&values, comparison, difference->remote, i);
	}
	if (names.len == 0)
		return psprintf("INSERT INTO %s DEFAULT VALUES",
						maria_local_name(comparison->pair));
	return psprintf("INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE VALUES (%s)",
					maria_local_name(comparison->pair), names.data, values.data);
}

static void
put_statement(Repair *repair, const MariaTablePair *pair,
			  const char *action, const char *statement)
{
	Datum		values[4] = {0};
	bool		nulls[4] = {false, false, false, statement == NULL};

	values[0] = CStringGetTextDatum(pair->remote->name);
	values[1] = ObjectIdGetDatum(RelationGetRelid(pair->local));
	values[2] = CStringGetTextDatum(action);
	if (statement)
		values[3] = CStringGetTextDatum(statement);
	tuplestore_putvalues(repair->rows, repair->desc, values, nulls);
}

static bool
put_repair(MariaComparison *comparison, const MariaDifference *difference,
		   void *arg)
{
	Repair	   *repair = arg;
	const MariaTablePair *pair = comparison->pair;
	bool		is_change = difference->kind == MARIA_DIFFERS;
	bool		must_replace = repair->may_replace &&
	maria_must_replace(comparison, difference);

	if (is_change && !maria_can_update(comparison, difference))
	{
		put_statement(repair, pair, "generated", NULL);
		return true;
	}
	if (is_change && !must_replace)
		put_statement(repair, pair, "update",
					  maria_update_statement(comparison, difference));
	if (difference->kind == MARIA_MISSING_THERE || must_replace)
		put_statement(repair, pair, "delete",
					  maria_delete_statement(comparison, difference));
	for (int64 i = 0; i < difference->times; i++)
		if (difference->kind == MARIA_MISSING_HERE || must_replace)
			put_statement(repair, pair, "insert",
						  insert_statement(comparison, difference));
	return true;
}

static void
repair_rows(MariaConn *conn, MariaTablePair *pair, void *arg)
{
	MariaComparison comparison = {.conn = conn,.pair = pair};

	comparison.wants_places = maria_has_places(pair->local);
	maria_begin_comparison(&comparison);
	maria_walk_differences(&comparison, put_repair, arg);
	maria_end_comparison(&comparison);
}

/* Adds the rows of one table to those of all. */
static void
append_rows(Tuplestorestate *all, Repair *repair)
{
	TupleTableSlot *slot = MakeSingleTupleTableSlot(repair->desc,
													&TTSOpsMinimalTuple);

	while (tuplestore_gettupleslot(repair->rows, true, false, slot))
		tuplestore_puttupleslot(all, slot);
	ExecDropSingleTupleTableSlot(slot);
}

/*
 * Adds the statements of a table, or an error as an action without a
 * statement.
 */
static void
repair_table(MariaConn *conn, MariaTablePair *pair, void *arg)
{
	Repair		repair = *(Repair *) arg;
	Tuplestorestate *all = repair.rows;
	ErrorData  *error;

	if (pair->local == NULL)
		ereport(WARNING,
				(errcode(ERRCODE_UNDEFINED_TABLE),
				 errmsg("table \"%s\" does not exist; it is skipped",
						pair->remote->name)));
	if (pair->local == NULL || !maria_shares_columns(pair))
		return;
	repair.rows = tuplestore_begin_heap(false, false, work_mem);
	error = maria_try_pair(conn, pair, repair_rows, &repair);
	if (error == NULL)
		append_rows(all, &repair);
	tuplestore_end(repair.rows);
	repair.rows = all;
	if (error)
	{
		maria_warn_of_table(pair, error);
		put_statement(&repair, pair, maria_error_status(error), NULL);
	}
}

/* Returns statements for the existing tables, in no particular order. */
Datum
mariadb_repair_statements(PG_FUNCTION_ARGS)
{
	Repair		repair = {0};

	repair.may_replace = !PG_ARGISNULL(4) && PG_GETARG_BOOL(4);
	repair.rows = maria_srf_begin(fcinfo, &repair.desc);
	maria_each_pair(fcinfo, 3, repair_table, &repair);
	return (Datum) 0;
}

static void
put_pair(MariaConn *conn, MariaTablePair *pair, void *arg)
{
	Repair	   *repair = arg;
	Datum		values[3] = {0};
	bool		nulls[3] = {false, pair->local == NULL, pair->local == NULL};

	values[0] = CStringGetTextDatum(pair->remote->name);
	if (pair->local)
		values[1] = ObjectIdGetDatum(RelationGetRelid(pair->local));
	values[2] = BoolGetDatum(pair->same_columns);
	tuplestore_putvalues(repair->rows, repair->desc, values, nulls);
}

/* Returns the remote tables of a call, and their local tables. */
Datum
mariadb_compared_tables(PG_FUNCTION_ARGS)
{
	Repair		repair = {0};
	bool		fail = !PG_ARGISNULL(4) && PG_GETARG_BOOL(4);

	repair.rows = maria_srf_begin(fcinfo, &repair.desc);
	if (maria_warn_of_call(fcinfo, 3) > 0 && fail)
		maria_report_hidden(text_to_cstring(PG_GETARG_TEXT_PP(1)));
	maria_each_pair(fcinfo, 3, put_pair, &repair);
	return (Datum) 0;
}
