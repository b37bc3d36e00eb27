/*
 * Which statements make the tables here what MariaDB has?
 *
 * Written so that somebody can read and run them; nothing is run here.
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/tuplestore.h"

#include "verify/differences.h"

/* Where the rows go, and how a row may be mended. */
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

/* Appends the place where a row stands; a ctid is of one partition. */
static void
append_place(StringInfo buf, MariaComparison *comparison, const MariaRow *row)
{
	Form_pg_attribute ctid = TupleDescAttr(comparison->desc, ROW_CTID);

	appendStringInfoString(buf, "ctid = ");
	append_typed(buf, ctid, row->values[ROW_CTID], false);
	if (comparison->pair->local->rd_rel->relkind == RELKIND_PARTITIONED_TABLE)
	{
		Oid			relid = DatumGetObjectId(row->values[ROW_TABLE]);
		char	   *schema = get_namespace_name(get_rel_namespace(relid));
		char	   *name = quote_qualified_identifier(schema,
													  get_rel_name(relid));

		appendStringInfo(buf, " AND tableoid = %s::pg_catalog.regclass",
						 quote_literal_cstr(name));
	}
}

/* Appends what finds the row here: its key, if that finds no other. */
static void
append_where(StringInfo buf, MariaComparison *comparison,
			 const MariaDifference *difference)
{
	appendStringInfoString(buf, " WHERE ");
	if (!difference->is_sole)
	{
		append_place(buf, comparison, difference->local);
		return;
	}
	for (int i = 0; i < comparison->nkeys; i++)
	{
		int			column = comparison->keys[i].index - ROW_VALUES;

		if (difference->local->isnull[ROW_VALUES + column])
			appendStringInfo(buf, "%s%s IS NULL", i ? " AND " : "",
							 column_name(comparison, column));
		else
		{
			appendStringInfo(buf, "%s%s = ", i ? " AND " : "",
							 column_name(comparison, column));
			append_column(buf, comparison, difference->local, column);
		}
	}
}

static char *
delete_statement(MariaComparison *comparison,
				 const MariaDifference *difference)
{
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfo(&buf, "DELETE FROM %s", maria_local_name(comparison->pair));
	append_where(&buf, comparison, difference);
	return buf.data;
}

static char *
update_statement(MariaComparison *comparison,
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
	return buf.data;
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
put_statement(Repair *repair, MariaComparison *comparison,
			  const char *action, const char *statement)
{
	Datum		values[4] = {0};
	bool		nulls[4] = {false, false, false, statement == NULL};

	values[0] = CStringGetTextDatum(comparison->pair->remote->name);
	values[1] = ObjectIdGetDatum(RelationGetRelid(comparison->pair->local));
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
	bool		is_change = difference->kind == MARIA_DIFFERS;
	bool		must_replace = repair->may_replace &&
	maria_must_replace(comparison, difference);

	if (is_change && !maria_can_update(comparison, difference))
	{
		put_statement(repair, comparison, "generated", NULL);
		return true;
	}
	if (is_change && !must_replace)
		put_statement(repair, comparison, "update",
					  update_statement(comparison, difference));
	if (difference->kind == MARIA_MISSING_THERE || must_replace)
		put_statement(repair, comparison, "delete",
					  delete_statement(comparison, difference));
	for (int64 i = 0; i < difference->times; i++)
		if (difference->kind == MARIA_MISSING_HERE || must_replace)
			put_statement(repair, comparison, "insert",
						  insert_statement(comparison, difference));
	return true;
}

static void
repair_table(MariaConn *conn, MariaTablePair *pair, void *arg)
{
	MariaComparison comparison = {.conn = conn,.pair = pair,
	.wants_places = true};

	if (pair->local == NULL)
		return;
	maria_begin_comparison(&comparison);
	maria_walk_differences(&comparison, put_repair, arg);
	maria_end_comparison(&comparison);
}

/* Returns statements for the tables that are here, in no order. */
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
	Datum		values[2] = {0};
	bool		nulls[2] = {false, pair->local == NULL};

	values[0] = CStringGetTextDatum(pair->remote->name);
	if (pair->local)
		values[1] = ObjectIdGetDatum(RelationGetRelid(pair->local));
	tuplestore_putvalues(repair->rows, repair->desc, values, nulls);
}

/* Returns MariaDB's tables that a call means, and the tables here. */
Datum
mariadb_compared_tables(PG_FUNCTION_ARGS)
{
	Repair		repair = {0};

	repair.rows = maria_srf_begin(fcinfo, &repair.desc);
	maria_warn_of_call(fcinfo, 3);
	maria_each_pair(fcinfo, 3, put_pair, &repair);
	return (Datum) 0;
}
