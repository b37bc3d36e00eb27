/*
 * What in a MariaDB schema's data will not fit here?
 *
 * The part of the SQL function preflight that reads rows, by the types that
 * mariadb.ddl gives them, and what mariadb.ddl notes; what else the catalogs
 * tell is left to its SQL.
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

/* The plan is for a schema in which nothing is. */
#define NO_SCHEMA "mariadb_preflight"

/* What follows from the words of a note of mariadb.ddl; the first counts. */
static const struct
{
	const char *words;
	const char *severity;
	const char *advice;
}			note_rules[] = {
	{"trigger is not carried over", "warning", "write it anew in PL/pgSQL"},
	{"procedure is not carried over", "warning", "write it anew in PL/pgSQL"},
	{"function is not carried over", "warning", "write it anew in PL/pgSQL"},
	{"event is not carried over", "warning", "use cron or pg_cron"},
	{"view is left out", "warning", "translate its SELECT by hand"},
	{"system-versioned", "warning",
	"read its history with FOR SYSTEM_TIME ALL through mariadb.query"},
	{"mariadb.prisma_baseline", "info", "call it after the move"},
	{"schema.prisma", "warning",
	"apply the pending Prisma migrations to MariaDB, or correct schema.prisma"},
	{"MariaDB's own index", NULL, NULL},
	{"not carried over", "warning", "see to it by hand, if it is needed"},
	{"left out", "warning", "see to it by hand, if it is needed"},
	{"prefix", "warning", "index a digest of the column instead, if rows can be longer"},
	{"byte by byte here", "warning",
	"write such texts in one spelling, or add a unique index on lower(expression)"},
	{"MATCH ... AGAINST", "info", "search with @@ in the application"},
	{"", "info", "see whether the application minds"},
};

/* Returns a note of mariadb.ddl as a finding, or NULL if it is none. */
static MariaFinding *
finding_of_note(const MariaTargetNote *note)
{
	int			i = 0;

	while (strstr(note->note, note_rules[i].words) == NULL)
		i++;
	if (note_rules[i].severity == NULL)
		return NULL;
	return maria_finding(note_rules[i].severity, note->object, note->note,
						 note_rules[i].advice, -1);
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

static void
put_finding(Tuplestorestate *store, TupleDesc desc, const MariaFinding *finding)
{
	Datum		values[5];
	bool		nulls[5] = {false};

	values[0] = CStringGetTextDatum(finding->severity);
	values[1] = CStringGetTextDatum(finding->object);
	values[2] = CStringGetTextDatum(finding->finding);
	values[3] = CStringGetTextDatum(finding->advice);
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
		put_finding(store, desc, lfirst(lc));
	return (Datum) 0;
}
