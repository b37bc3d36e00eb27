/*
 * What does a MariaDB schema become in PostgreSQL, as a whole?
 *
 * The plan is built table by table, so that each part finds what it depends
 * on: names, enum types, columns, keys, references; what concerns the whole
 * schema comes last.  Nothing is changed on either side.
 */
#include "postgres.h"

#include "foreign/foreign.h"

#include "catalog/listed.h"
#include "catalog/read.h"
#include "schema/ddl/ddl.h"
#include "session/session.h"

static bool
is_table(const MariaRemoteTable *table)
{
	return strstr(table->kind, "VIEW") == NULL &&
		strcmp(table->kind, "SEQUENCE") != 0;
}

/* Returns why a table is not migrated; NULL if it is. */
static const char *
table_problem(const MariaRemoteTable *table)
{
	if (table->columns == NIL)
		return "not migrated: it has no column that the account may read";
	if (list_length(table->columns) > MaxHeapAttributeNumber)
		return "not migrated: it has more columns than a PostgreSQL table can have";
	if (maria_is_migrations(table))
		return "not migrated: its rows record migrations of MariaDB; mariadb.prisma_baseline creates it again";
	return NULL;
}

static void
note_table(DdlPlan *plan, const MariaTargetTable *table)
{
	if (strcmp(table->name, table->remote->name) != 0)
		maria_ddl_note(plan, STEP_TABLE, NOTE_RENAMED,
					   maria_remote_object(table->remote, NULL),
					   "renamed to \"%s\"", table->name);
	if (strcmp(table->remote->kind, "SYSTEM VERSIONED") == 0)
		maria_ddl_note(plan, STEP_TABLE, NOTE_HISTORY,
					   maria_remote_object(table->remote, NULL),
					   "table is system-versioned; its history is not migrated");
}

static void
add_table(DdlPlan *plan, MariaRemoteTable *remote, char *name)
{
	MariaTargetTable *table = palloc0(sizeof(MariaTargetTable));
	const char *problem = maria_name_product(remote->is_mysql,
											 table_problem(remote));

	if (problem)
	{
		maria_ddl_note(plan, STEP_TABLE,
					   maria_is_migrations(remote) ? NOTE_MIGRATIONS : NOTE_SKIPPED,
					   maria_remote_object(remote, NULL), "%s", problem);
		return;
	}
	table->remote = remote;
	table->model = maria_ddl_model(plan, remote->name);
	table->name = table->model ?
		maria_fit_name(table->model->db_name, "") : name;
	plan->target->tables = lappend(plan->target->tables, table);
	maria_names_add(plan->relation_names, table->name, NULL);
	note_table(plan, table);
}

/* Plans the tables, without columns, and reserves all relation names. */
static void
plan_tables(DdlPlan *plan)
{
	List	   *remotes = plan->target->remote->tables;
	List	   *names = NIL;
	ListCell   *lc;
	ListCell   *ln;

	plan->relation_names = maria_names_create();
	plan->relation_numbers = maria_names_create();
	foreach(lc, remotes)
		names = lappend(names, ((MariaRemoteTable *) lfirst(lc))->name);
	names = maria_local_names(names, false);
	forboth(lc, remotes, ln, names)
	{
		if (is_table(lfirst(lc)))
			add_table(plan, lfirst(lc), lfirst(ln));
		else
			maria_names_add(plan->relation_names, lfirst(ln), NULL);
	}
}

static void
for_each_table(DdlPlan *plan,
			   void (*make) (DdlPlan *plan, MariaTargetTable *table))
{
	ListCell   *lc;

	foreach(lc, plan->target->tables)
		make(plan, lfirst(lc));
}

static bool
is_known(const MariaRemoteSequence *sequence)
{
	return sequence->next && sequence->minimum && sequence->maximum &&
		sequence->start && sequence->increment && sequence->cache;
}

/*
 * Plans the sequences, whose numbers may be hidden from the account.  They are
 * planned before columns, whose defaults may only use planned sequences.
 */
static void
plan_sequences(DdlPlan *plan)
{
	ListCell   *lc;

	foreach(lc, plan->target->remote->sequences)
	{
		MariaRemoteSequence *sequence = lfirst(lc);

		if (is_known(sequence))
		{
			if (maria_fit_sequence(plan, sequence))
				plan->target->sequences = lappend(plan->target->sequences,
												  sequence);
		}
		else
			maria_ddl_note(plan, STEP_SEQUENCE, NOTE_SKIPPED,
						   maria_sequence_object(sequence),
						   "not migrated: the account may not read it");
	}
}

/* Notes the objects that contain stored programs of MariaDB. */
static void
note_objects(DdlPlan *plan)
{
	ListCell   *lc;

	foreach(lc, plan->target->remote->objects)
	{
		MariaRemoteObject *object = lfirst(lc);

		if (strcmp(object->kind, "view") != 0)
			maria_ddl_note(plan, STEP_TRIGGER,
						   strcmp(object->kind, "event") == 0 ?
						   NOTE_EVENT : NOTE_ROUTINE,
						   maria_object(object),
						   "%s is not migrated%s%s", object->kind,
						   object->detail ? ": " : "",
						   object->detail ? object->detail : "");
	}
}

/*
 * Marks the tables selected by the options "tables" and "except".  All tables
 * are planned, so that names and types do not depend on the selection.
 */
static void
choose_tables(DdlPlan *plan, MariaConn *conn)
{
	const MariaRemoteSchema *remote = plan->target->remote;
	ListCell   *lc;

	maria_choose_tables(conn, remote->tables, plan->only, plan->except,
						remote->name);
	foreach(lc, remote->sequences)
		((MariaRemoteSequence *) lfirst(lc))->is_wanted = plan->only == NIL;
}

/* Marks the types and sequences that the columns of a table use. */
static void
mark_used(DdlPlan *plan, MariaTargetTable *table)
{
	ListCell   *lc;
	ListCell   *ls;

	if (!table->remote->is_wanted)
		return;
	foreach(lc, table->columns)
	{
		MariaTargetColumn *column = lfirst(lc);

		if (column->enum_type)
			column->enum_type->is_used = true;
		foreach(ls, column->uses)
			((MariaRemoteSequence *) lfirst(ls))->is_wanted = true;
	}
}

/* Fills a plan that has its options and the remote schema. */
static void
make_plan(DdlPlan *plan)
{
	maria_ddl_parse_prisma(plan);
	plan_tables(plan);
	plan_sequences(plan);
	maria_plan_enums(plan);
	for_each_table(plan, maria_plan_columns);
	for_each_table(plan, maria_plan_references);
	maria_match_references(plan);
	for_each_table(plan, maria_plan_values);
	for_each_table(plan, maria_plan_partitions);
	for_each_table(plan, maria_plan_primary_key);
	for_each_table(plan, maria_plan_indexes);
	for_each_table(plan, maria_plan_checks);
	note_objects(plan);
	maria_plan_views(plan);
	maria_compare_prisma(plan);
	for_each_table(plan, mark_used);
}

/*
 * Returns what a schema becomes in a local one, which need not exist yet; the
 * options are those of mariadb.ddl.
 */
MariaTarget *
maria_plan_target(const char *server, const char *schema, const char *local,
				  Datum options)
{
	ForeignServer *foreign = GetForeignServerByName(server, false);
	MariaConn  *conn;
	DdlPlan    *plan;

	maria_check_usage(foreign);
	plan = maria_ddl_options(foreign->serverid, options);
	conn = maria_get_connection_by_name(server, MARIA_READ);
	plan->target = palloc0(sizeof(MariaTarget));
	plan->target->schema = pstrdup(local);
	plan->target->has_comments = plan->has_comments;
	plan->target->has_identity = plan->has_identity;
	maria_check_source(conn, server, schema);
	plan->target->remote = maria_read_schema(conn, server, schema);
	choose_tables(plan, conn);
	make_plan(plan);
	return plan->target;
}
