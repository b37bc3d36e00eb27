/*
 * What do the columns of a table become?
 *
 * Types, NOT NULL and counters first; defaults and generated columns once
 * the types of all tables are settled, because a foreign key may change them.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "schema/ddl/ddl.h"
#include "schema/enums.h"
#include "schema/expression/expression.h"
#include "schema/notes.h"
#include "schema/types.h"

static bool
extra_has(const MariaRemoteColumn *column, const char *word)
{
	return column->extra && strstr(column->extra, word) != NULL;
}

static void
set_type(DdlPlan *plan, MariaTargetColumn *column)
{
	const char *problem;

	if (!maria_is_enum(column->remote))
	{
		column->type = maria_local_type(column->remote, plan->types);
		return;
	}
	column->enum_type = maria_target_enum(plan, column->remote);
	if (column->enum_type)
	{
		column->type = column->enum_type->type;
		return;
	}
	problem = maria_label_problem(column->remote->labels);
	maria_note(column->remote, problem ? NOTE_CHANGED : NOTE_PRISMA,
			   "enum type becomes text: %s",
			   problem ? problem : "schema.prisma declares another type");
	column->type = pstrdup("text");
}

/* Notes the properties of a column that PostgreSQL does not have. */
static void
note_extras(MariaTargetColumn *column)
{
	if (strcmp(column->name, column->remote->name) != 0)
		maria_note(column->remote, NOTE_RENAMED, "renamed to \"%s\"", column->name);
	if (extra_has(column->remote, "INVISIBLE"))
		maria_note(column->remote, NOTE_CHANGED,
				   "invisible in MariaDB, but visible in PostgreSQL");
}

static void
add_column(DdlPlan *plan, MariaTargetTable *table, MariaRemoteColumn *remote,
		   char *name)
{
	MariaTargetColumn *column = palloc0(sizeof(MariaTargetColumn));
	const MariaPrismaField *field = maria_ddl_field(plan, table->model,
													remote->name);

	remote->is_quiet = true;
	column->remote = remote;
	column->name = field ? maria_fit_name(field->db_name, "") : name;
	column->not_null = !remote->is_nullable;
	column->is_counter = extra_has(remote, "auto_increment");
	column->is_touched = extra_has(remote, "on update ");
	set_type(plan, column);
	note_extras(column);
	table->columns = lappend(table->columns, column);
	maria_apply_field(plan, table, column);
}

void
maria_plan_columns(DdlPlan *plan, MariaTargetTable *table)
{
	List	   *names = NIL;
	ListCell   *lc;
	ListCell   *ln;

	foreach(lc, table->remote->columns)
		names = lappend(names, ((MariaRemoteColumn *) lfirst(lc))->name);
	names = maria_local_names(names, true);
	forboth(lc, table->remote->columns, ln, names)
		add_column(plan, table, lfirst(lc), lfirst(ln));
}

/*
 * Plans an AUTO_INCREMENT column: an integer becomes a serial, whose sequence
 * PostgreSQL creates with the table; other types get a sequence of their own.
 */
static void
plan_counter(DdlPlan *plan, MariaTargetTable *table, MariaTargetColumn *column)
{
	char	   *name = maria_fit_name(psprintf("%s_%s", table->name,
											   column->name), "_seq");

	if (maria_type_class(column->type) == CLASS_INTEGER)
	{
		maria_names_add(plan->relation_names, name, NULL);
		return;
	}
	column->sequence = maria_relation_name(plan, STEP_SEQUENCE, table,
										   name);
	column->default_sql =
		psprintf("nextval(%s::regclass)",
				 quote_literal_cstr(quote_qualified_identifier(plan->target->schema,
															   column->sequence)));
	if (plan->has_identity)
		maria_note(column->remote, NOTE_CHANGED,
				   "uses a sequence, because a column of type %s cannot be an identity column",
				   column->type);
}

/*
 * Translates the expression of a generated column, using the local types of
 * its table.  Returns why the column cannot be generated, or NULL.
 */
const char *
maria_plan_generation(const MariaTarget *target, MariaTargetTable *table,
					  MariaTargetColumn *column)
{
	MariaScopeTable entry = {.prefix = "",.table = table};
	MariaScope	scope = {target, list_make1(&entry)};
	MariaExpression *expr = maria_translate(column->remote->generation, &scope);
	const char *problem = expr->problem;

	if (problem == NULL && expr->is_volatile)
		problem = "its value depends on more than the row";
	if (problem == NULL && expr->is_generated)
		problem = "it refers to another generated column";
	if (problem == NULL)
		problem = maria_coerce(expr, column);
	if (problem)
		return problem;
	column->generation = expr->sql;
	if (expr->remark)
		maria_note(column->remote, NOTE_CHANGED, "%s", expr->remark);
	return NULL;
}

/* Plans a generated column, or notes why it becomes an ordinary one. */
static void
plan_generation(DdlPlan *plan, MariaTargetTable *table,
				MariaTargetColumn *column)
{
	const char *problem = maria_plan_generation(plan->target, table, column);

	if (problem)
		maria_note(column->remote, NOTE_CHANGED,
				   "becomes an ordinary column, but is generated in MariaDB as %s: %s",
				   column->remote->generation, problem);
}

/* Moves a column's notes to the plan. */
static void
flush_notes(DdlPlan *plan, MariaTargetTable *table, MariaTargetColumn *column)
{
	MariaTargetObject object = maria_remote_object(table->remote,
												   column->remote->name);
	List	   *told = NIL;
	ListCell   *lc;

	foreach(lc, column->remote->notes)
	{
		MariaNote  *note = lfirst(lc);

		if (maria_is_in(note->text, told))
			continue;
		maria_ddl_note(plan, STEP_TABLE, note->kind, object, "%s", note->text);
		told = lappend(told, note->text);
	}
	column->remote->notes = NIL;
}

/* Plans the defaults and generated columns of a table. */
void
maria_plan_values(DdlPlan *plan, MariaTargetTable *table)
{
	ListCell   *lc;

	foreach(lc, table->columns)
	{
		MariaTargetColumn *column = lfirst(lc);

		if (column->remote->generation)
			plan_generation(plan, table, column);
		else if (column->is_counter)
			plan_counter(plan, table, column);
		else
			column->default_sql = maria_plan_default(plan, table, column);
		flush_notes(plan, table, column);
	}
}
