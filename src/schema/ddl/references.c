/*
 * What do the foreign keys of a schema become?
 *
 * A column that refers to another must have its type, whatever type a policy
 * or a display width chooses for either.
 */
#include "postgres.h"

#include "schema/ddl/ddl.h"
#include "schema/expression/class.h"

/* Returns the columns with these names; NIL if one does not exist. */
static List *
find_columns(const MariaTargetTable *table, List *names)
{
	List	   *columns = NIL;
	ListCell   *lc;

	foreach(lc, names)
	{
		MariaTargetColumn *column = maria_target_column(table, lfirst(lc));

		if (column == NULL)
			return NIL;
		columns = lappend(columns, column);
	}
	return columns;
}

/* Does a key have exactly these columns, and is it unique? */
static bool
is_key_of(const MariaRemoteIndex *index, List *names)
{
	ListCell   *lc;

	if (!index->is_unique ||
		list_length(index->parts) != list_length(names))
		return false;
	foreach(lc, index->parts)
	{
		MariaRemoteKeyPart *part = lfirst(lc);

		if (part->prefix > 0 || part->column == NULL ||
			!maria_is_in(part->column, names))
			return false;
	}
	return true;
}

/* Is there a unique key for a reference?  MariaDB accepts any index. */
static bool
has_key(const MariaTargetTable *table, List *names)
{
	ListCell   *lc;

	foreach(lc, table->remote->indexes)
	{
		if (is_key_of(lfirst(lc), names))
			return true;
	}
	return false;
}

/* Returns the canonical spelling of an action; NULL if it is unknown. */
static const char *
known_action(const char *action)
{
	static const char *const actions[] = {
		"RESTRICT", "CASCADE", "SET NULL", "NO ACTION", "SET DEFAULT"
	};

	for (size_t i = 0; action && i < lengthof(actions); i++)
		if (strcmp(actions[i], action) == 0)
			return actions[i];
	return NULL;
}

/* Returns why a foreign key is not possible; NULL if it is. */
static const char *
reference_problem(DdlPlan *plan, const MariaRemoteForeignKey *remote,
				  const MariaTargetForeignKey *key)
{
	if (strcmp(remote->ref_schema, plan->target->remote->name) != 0)
		return psprintf("it refers to schema \"%s\"", remote->ref_schema);
	if (key->ref_table == NULL)
		return psprintf("table \"%s\" is not migrated", remote->ref_table);
	if (key->columns == NIL || key->ref_columns == NIL)
		return "the account may not read all of its columns";
	if (!has_key(key->ref_table, remote->ref_columns))
		return psprintf("the referenced columns of table \"%s\" are not unique",
						key->ref_table->name);
	if (key->on_update == NULL || key->on_delete == NULL)
		return "its actions are unknown";
	return NULL;
}

static MariaTargetForeignKey *
make_key(DdlPlan *plan, const MariaTargetTable *table,
		 const MariaRemoteForeignKey *remote)
{
	MariaTargetForeignKey *key = palloc0(sizeof(MariaTargetForeignKey));

	key->columns = find_columns(table, remote->columns);
	key->ref_table = maria_target_table(plan->target, remote->ref_table);
	if (key->ref_table)
		key->ref_columns = find_columns(key->ref_table, remote->ref_columns);
	key->on_update = known_action(remote->on_update);
	key->on_delete = known_action(remote->on_delete);
	return key;
}

static char *
reference_name(DdlPlan *plan, MariaTargetTable *table,
			   MariaTargetForeignKey *key, const MariaRemoteForeignKey *remote)
{
	char	   *name = maria_declared_reference(plan, table, key);

	if (name)
		return maria_fit_name(name, "");
	if (!plan->is_prisma)
		return maria_fit_name(remote->name, "");
	name = maria_rename_default(remote->name, table->remote->name,
								remote->columns, "_fkey");
	name = maria_rename_default(name, table->remote->name, NIL,
								psprintf("_%s_fkey",
										 (char *) linitial(remote->columns)));
	return maria_fit_name(name, "");
}

void
maria_plan_references(DdlPlan *plan, MariaTargetTable *table)
{
	ListCell   *lc;

	foreach(lc, table->remote->foreign_keys)
	{
		MariaRemoteForeignKey *remote = lfirst(lc);
		MariaTargetForeignKey *key = make_key(plan, table, remote);
		const char *problem = reference_problem(plan, remote, key);

		if (problem)
		{
			maria_ddl_note(plan, STEP_FOREIGN_KEY, NOTE_SKIPPED,
						   maria_ddl_object(table, remote->name),
						   "foreign key not created: %s", problem);
			continue;
		}
		key->name = reference_name(plan, table, key, remote);
		table->foreign_keys = lappend(table->foreign_keys, key);
	}
}

/* Can a foreign key compare the two, with the same result in PostgreSQL? */
static bool
are_comparable(const MariaTargetColumn *a, const MariaTargetColumn *b)
{
	MariaClass	class = maria_type_class(a->type);

	return strcmp(a->type, b->type) == 0 ||
		(class == CLASS_TEXT && maria_type_class(b->type) == CLASS_TEXT);
}

/* Changes a column to the type of the one that it refers to. */
static bool
match_column(DdlPlan *plan, const MariaTargetTable *table,
			 MariaTargetColumn *column, const MariaTargetColumn *ref_column)
{
	if (are_comparable(column, ref_column))
		return false;
	maria_ddl_note(plan, STEP_TABLE, NOTE_CHANGED,
				   maria_ddl_object(table, column->name),
				   "becomes %s instead of %s, like the referenced column",
				   ref_column->type, column->type);
	column->type = ref_column->type;
	column->enum_type = ref_column->enum_type;
	return true;
}

static bool
match_table(DdlPlan *plan, MariaTargetTable *table)
{
	bool		changed = false;
	ListCell   *lk;
	ListCell   *lc;
	ListCell   *lr;

	foreach(lk, table->foreign_keys)
	{
		MariaTargetForeignKey *key = lfirst(lk);

		forboth(lc, key->columns, lr, key->ref_columns)
			changed |= match_column(plan, table, lfirst(lc), lfirst(lr));
	}
	return changed;
}

/* Repeats until chains of references agree; limited, as cycles may not. */
void
maria_match_references(DdlPlan *plan)
{
	bool		changed = true;

	for (int i = 0; changed && i < 10; i++)
	{
		ListCell   *lc;

		changed = false;
		foreach(lc, plan->target->tables)
			changed |= match_table(plan, lfirst(lc));
	}
}
