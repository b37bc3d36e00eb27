/*
 * Which data of a MariaDB schema does not fit?
 *
 * The part of the SQL function preflight that reads rows, by the types that
 * mariadb.ddl chooses, and the notes of mariadb.ddl; its SQL checks what else
 * the catalogs show.
 */
#include "postgres.h"

#include "fmgr.h"
#include "foreign/foreign.h"
#include "utils/builtins.h"

#include "schema/ddl/plan.h"
#include "schema/preflight.h"
#include "session/session.h"
#include "session/srf.h"

PG_FUNCTION_INFO_V1(mariadb_preflight_values);

/* The plan is for an empty schema. */
#define NO_SCHEMA "mariadb_preflight"

/* Returns a note of mariadb.ddl as a finding, or NULL if it is none. */
static MariaFinding *
finding_of_note(const MariaTargetNote *note)
{
	const MariaNoteRule *rule = maria_note_rule(note->kind);

	if (rule->severity == NULL || !maria_is_wanted(&note->object))
		return NULL;
	return maria_finding(rule->severity, note->object.name, note->text,
						 rule->advice, -1);
}

static List *
check_notes(List *notes)
{
	List	   *findings = NIL;
	ListCell   *lc;

	foreach(lc, notes)
	{
		MariaFinding *finding = finding_of_note(lfirst(lc));

		if (finding)
			findings = lappend(findings, finding);
	}
	return findings;
}

static MariaFinding *
unreadable_column(const MariaRemoteColumn *column)
{
	return maria_finding("error",
						 quote_qualified_identifier(column->table, column->name),
						 "the account may not read this column",
						 "GRANT SELECT on the schema to the account in MariaDB",
						 -1);
}

static List *
check_privileges(const MariaRemoteTable *table)
{
	List	   *findings = NIL;
	ListCell   *lc;

	foreach(lc, table->columns)
	{
		MariaRemoteColumn *column = lfirst(lc);

		if (!column->is_readable)
			findings = lappend(findings, unreadable_column(column));
	}
	return findings;
}

/* The advice, none of it a user's, is about the server's product. */
static void
put_finding(Tuplestorestate *store, TupleDesc desc, const MariaFinding *finding,
			bool is_mysql)
{
	Datum		values[5];
	bool		nulls[5] = {false};

	values[0] = CStringGetTextDatum(finding->severity);
	values[1] = CStringGetTextDatum(finding->object);
	values[2] = CStringGetTextDatum(finding->finding);
	values[3] = CStringGetTextDatum(maria_name_product(is_mysql,
													   finding->advice));
	values[4] = Int64GetDatum(finding->rows);
	nulls[4] = finding->rows < 0;
	tuplestore_putvalues(store, desc, values, nulls);
}

/* Returns the findings of all tables. */
static List *
check_tables(MariaConn *conn, const char *schema, List *tables,
			 const MariaOptions *opts)
{
	List	   *findings = NIL;
	ListCell   *lc;

	foreach(lc, tables)
	{
		MariaTargetTable *table = lfirst(lc);

		if (!table->remote->is_wanted)
			continue;
		findings = list_concat(findings, check_privileges(table->remote));
		findings = list_concat(findings,
							   maria_check_values(conn, schema, table, opts));
	}
	return findings;
}

Datum
mariadb_preflight_values(PG_FUNCTION_ARGS)
{
	char	   *server;
	MariaConn  *conn;
	MariaTarget *target;
	MariaOptions *opts;
	List	   *findings;
	TupleDesc	desc;
	Tuplestorestate *store = maria_srf_begin(fcinfo, &desc);
	ListCell   *lc;

	maria_require_arguments(fcinfo, 0);
	server = NameStr(*PG_GETARG_NAME(0));
	conn = maria_get_connection_by_name(server, MARIA_READ);
	target = maria_plan_target(server,
							   text_to_cstring(PG_GETARG_TEXT_PP(1)),
							   NO_SCHEMA, PG_GETARG_DATUM(2));
	opts = maria_import_options(GetForeignServerByName(server, false)->serverid,
								NIL);
	findings = list_concat(check_tables(conn, target->remote->name,
										target->tables, opts),
						   check_notes(target->notes));
	foreach(lc, findings)
		put_finding(store, desc, lfirst(lc), target->remote->is_mysql);
	return (Datum) 0;
}
