/*
 * Which enum types do the columns of a schema need?
 *
 * The names are those of create_enums: the one in schema.prisma, else the table
 * and column where a list of labels is first used.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "utils/builtins.h"

#include "prisma/lookup.h"
#include "schema/ddl/ddl.h"
#include "schema/enums.h"

static const MariaPrismaBlock *
block_of_column(DdlPlan *plan, const MariaRemoteColumn *column)
{
	const MariaPrismaField *field;

	field = maria_ddl_field(plan, maria_ddl_model(plan, column->table),
							column->name);
	return field ? maria_prisma_enum(plan->target->prisma, field->type) : NULL;
}

/* Returns the enum type of a column, or NULL if it has none (yet). */
MariaTargetEnum *
maria_target_enum(DdlPlan *plan, const MariaRemoteColumn *column)
{
	const MariaPrismaBlock *block = block_of_column(plan, column);
	ListCell   *lc;

	foreach(lc, plan->target->enums)
	{
		MariaTargetEnum *type = lfirst(lc);

		if (type->block == block &&
			(block || maria_same_labels(type->labels, column->labels)))
			return type;
	}
	return NULL;
}

static MariaTargetEnum *
make_enum(DdlPlan *plan, const MariaRemoteColumn *column)
{
	MariaTargetEnum *type = palloc0(sizeof(MariaTargetEnum));

	type->block = block_of_column(plan, column);
	type->name = type->block ? maria_fit_name(type->block->db_name, "") :
		maria_enum_name(column);
	type->labels = type->block ? maria_prisma_labels(type->block) : column->labels;
	return type;
}

/*
 * Adds the labels of a field to a type: where schema.prisma and the database
 * have different labels, the type gets those of both, so that all rows fit.
 */
static void
add_labels(DdlPlan *plan, const MariaTargetTable *table,
		   MariaTargetEnum *type, const MariaRemoteColumn *column)
{
	MariaNames *known;
	ListCell   *lc;

	if (type->block == NULL ||
		maria_same_labels(maria_prisma_labels(type->block), column->labels))
		return;
	maria_ddl_note(plan, STEP_ENUM, NOTE_PRISMA,
				   maria_remote_object(table->remote, column->name),
				   "labels of enum \"%s\" differ between schema.prisma and MariaDB, which has %s",
				   type->block->name, column->column_type);
	type->labels = list_copy(type->labels);
	known = maria_names_of(type->labels);
	foreach(lc, column->labels)
	{
		if (maria_names_add(known, lfirst(lc), NULL))
			type->labels = lappend(type->labels, lfirst(lc));
	}
}

static void
plan_column(DdlPlan *plan, const MariaTargetTable *table,
			const MariaRemoteColumn *column)
{
	MariaTargetEnum *type;

	if (!maria_is_enum(column) || maria_label_problem(column->labels))
		return;
	type = maria_target_enum(plan, column);
	if (type == NULL)
	{
		type = make_enum(plan, column);
		plan->target->enums = lappend(plan->target->enums, type);
	}
	add_labels(plan, table, type, column);
}

MariaTargetObject
maria_type_object(const MariaTargetEnum *type, const char *name)
{
	MariaTargetObject object = {.name = name,.is_wanted = &type->is_used};

	return object;
}

/* Chooses a name for a type that no table and no other type has. */
static void
choose_name(DdlPlan *plan, MariaTargetEnum *type, MariaNames *used,
			MariaNames *also)
{
	char	   *name = type->name;

	type->name = maria_free_enum_name(name, used, also, InvalidOid);
	if (type->name != name)
		maria_ddl_note(plan, STEP_ENUM, NOTE_RENAMED,
					   maria_type_object(type, name),
					   "renamed to \"%s\" because a table or another type already has its name",
					   type->name);
	type->type = quote_qualified_identifier(plan->target->schema, type->name);
}

/* Finds an existing type with these labels, such as one by create_enums. */
static void
find_existing_type(DdlPlan *plan, MariaTargetEnum *type)
{
	Oid			namespace = get_namespace_oid(plan->target->schema, true);
	char	   *found;
	int			count;

	if (!OidIsValid(namespace))
		return;
	found = maria_find_enum(type->labels, type->name, namespace, true, &count);
	type->exists = found && strcmp(found, type->type) == 0;
	if (type->exists)
		maria_ddl_note(plan, STEP_ENUM, NOTE_EXISTS,
					   maria_type_object(type, type->name), "type already exists; it is used as it is");
}

void
maria_plan_enums(DdlPlan *plan)
{
	MariaNames *used = maria_names_create();
	ListCell   *lt;
	ListCell   *lc;

	foreach(lt, plan->target->tables)
	{
		MariaTargetTable *table = lfirst(lt);

		foreach(lc, table->remote->columns)
			plan_column(plan, table, lfirst(lc));
	}
	foreach(lc, plan->target->enums)
	{
		MariaTargetEnum *type = lfirst(lc);

		choose_name(plan, type, plan->relation_names, used);
		maria_names_add(used, type->name, NULL);
		find_existing_type(plan, type);
	}
}
