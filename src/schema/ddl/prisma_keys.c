/*
 * Which keys, indexes and relations does schema.prisma declare,
 * and under which names?
 */
#include "postgres.h"

#include "prisma/lookup.h"
#include "schema/ddl/ddl.h"

/* A key of a model; its columns are names in the database. */
typedef struct Declared
{
	char	   *name;
	List	   *columns;
	List	   *descending;		/* of int: booleans */
	bool		is_primary;
	bool		is_unique;
} Declared;

static const struct
{
	const char *attribute;
	const char *suffix;
}			kinds[] = {
	{"id", "_pkey"},
	{"unique", "_key"},
	{"index", "_idx"},
};

static bool
is_descending(const MariaPrismaValue *part)
{
	ListCell   *lc;

	foreach(lc, part->items)
	{
		MariaPrismaValue *item = lfirst(lc);

		if (item->label && strcmp(item->label, "sort") == 0)
			return strcmp(item->text, "Desc") == 0;
	}
	return false;
}

static Declared *
make_declared(const MariaPrismaBlock *model,
			  const MariaPrismaAttribute *attribute, List *fields, int kind)
{
	MariaPrismaValue *map = maria_prisma_argument(attribute, "map");
	Declared   *result = palloc0(sizeof(Declared));

	result->columns = maria_prisma_columns(model, fields);
	result->is_primary = kind == 0;
	result->is_unique = kind <= 1;
	result->name = map ? map->text :
		maria_prisma_key_name(model, kind == 0 ? NIL : fields,
							  kinds[kind].suffix);
	return result;
}

/* Returns the key that an attribute declares; NULL if it declares none. */
static Declared *
declared_by(const MariaPrismaBlock *model,
			const MariaPrismaAttribute *attribute,
			const MariaPrismaField *field)
{
	MariaPrismaValue *list = maria_prisma_argument(attribute, NULL);
	List	   *fields;
	Declared   *result = NULL;
	ListCell   *lc;

	if (list == NULL)
		list = maria_prisma_argument(attribute, "fields");
	fields = field ? list_make1(field->name) : maria_prisma_fields(list);
	for (size_t i = 0; i < lengthof(kinds); i++)
		if (strcmp(kinds[i].attribute, attribute->name) == 0)
			result = make_declared(model, attribute, fields, i);
	if (result == NULL || field || list == NULL)
		return result;
	foreach(lc, list->items)
		result->descending = lappend_int(result->descending,
										 is_descending(lfirst(lc)));
	return result;
}

static List *
add_declared(List *keys, const MariaPrismaBlock *model,
			 const MariaPrismaAttribute *attribute,
			 const MariaPrismaField *field)
{
	Declared   *key = declared_by(model, attribute, field);

	return key ? lappend(keys, key) : keys;
}

/* Returns all keys of a model, as Declared. */
static List *
declared_keys(const MariaPrismaBlock *model)
{
	List	   *keys = NIL;
	ListCell   *lc;
	ListCell   *la;

	foreach(lc, model->fields)
	{
		MariaPrismaField *field = lfirst(lc);

		foreach(la, field->attributes)
			keys = add_declared(keys, model, lfirst(la), field);
	}
	foreach(la, model->attributes)
		keys = add_declared(keys, model, lfirst(la), NULL);
	return keys;
}

/* Returns the keys that the model of a table declares; cached. */
static List *
keys_of_model(const MariaTargetTable *table)
{
	if (table->declared == NIL)
		unconstify(MariaTargetTable *, table)->declared =
			declared_keys(table->model);
	return table->declared;
}

/* Does the index have these columns, in this order? */
static bool
same_columns(List *names, const MariaTargetIndex *index)
{
	ListCell   *ln;
	ListCell   *lp;

	if (list_length(names) != list_length(index->parts))
		return false;
	forboth(ln, names, lp, index->parts)
	{
		MariaTargetKeyPart *part = lfirst(lp);

		if (part->column == NULL ||
			strcmp(lfirst(ln), part->column->name) != 0)
			return false;
	}
	return true;
}

static bool
declares(const Declared *key, const MariaTargetIndex *index)
{
	return key->is_primary == index->is_primary &&
		key->is_unique == index->is_unique &&
		strcmp(index->method, "btree") == 0 &&
		same_columns(key->columns, index);
}

/* Returns the declaration of an index, preferably by the same name. */
static Declared *
find_declared(const MariaTargetTable *table, const MariaTargetIndex *index)
{
	Declared   *found = NULL;
	ListCell   *lc;

	if (table->model == NULL)
		return NULL;
	foreach(lc, keys_of_model(table))
	{
		Declared   *key = lfirst(lc);

		if (declares(key, index) &&
			(found == NULL || strcmp(key->name, index->remote->name) == 0))
			found = key;
	}
	return found;
}

static void
compare_order(DdlPlan *plan, const MariaTargetTable *table,
			  const MariaTargetIndex *index, const Declared *key)
{
	ListCell   *ld;
	ListCell   *lp;

	forboth(ld, key->descending, lp, index->parts)
	{
		if ((lfirst_int(ld) != 0) == ((MariaTargetKeyPart *) lfirst(lp))->descending)
			continue;
		maria_ddl_note(plan, STEP_INDEX, NOTE_PRISMA,
					   maria_ddl_object(table, index->remote->name),
					   "the sort order differs between schema.prisma and MariaDB");
		return;
	}
}

/* Returns the name that the text declares for an index, or NULL. */
char *
maria_declared_index(DdlPlan *plan, MariaTargetTable *table,
					 MariaTargetIndex *index)
{
	Declared   *key = find_declared(table, index);

	return key ? key->name : NULL;
}

/* Returns the relation field that declares a foreign key, or NULL. */
static MariaPrismaField *
find_relation(const MariaTargetTable *table, const MariaTargetForeignKey *key)
{
	ListCell   *lc;

	foreach(lc, table->model->fields)
	{
		MariaPrismaField *field = lfirst(lc);
		MariaPrismaAttribute *relation;
		List	   *names;
		bool		same;
		ListCell   *ln;
		ListCell   *column;

		relation = maria_prisma_attribute(field->attributes, "relation");
		names = maria_prisma_columns(table->model,
									 maria_prisma_fields(maria_prisma_argument(relation, "fields")));
		same = list_length(names) == list_length(key->columns);
		forboth(ln, names, column, key->columns)
			same &= strcmp(lfirst(ln), ((MariaTargetColumn *) lfirst(column))->name) == 0;
		if (same)
			return field;
	}
	return NULL;
}

/* Returns an action of Prisma as SQL; NULL if it is unknown. */
static const char *
action_sql(const char *action)
{
	static const char *const actions[][2] = {
		{"Cascade", "CASCADE"},
		{"Restrict", "RESTRICT"},
		{"NoAction", "NO ACTION"},
		{"SetNull", "SET NULL"},
		{"SetDefault", "SET DEFAULT"},
	};

	for (size_t i = 0; i < lengthof(actions); i++)
		if (strcmp(actions[i][0], action) == 0)
			return actions[i][1];
	return NULL;
}

static void
compare_action(DdlPlan *plan, MariaTargetObject object,
			   const MariaPrismaField *field, const char *label,
			   const char *preset, const char *action)
{
	MariaPrismaAttribute *relation =
	maria_prisma_attribute(field->attributes, "relation");
	MariaPrismaValue *said = maria_prisma_argument(relation, label);
	const char *wanted = said ? action_sql(said->text) : preset;

	if (wanted && strcmp(wanted, action) != 0)
		maria_ddl_note(plan, STEP_FOREIGN_KEY, NOTE_PRISMA, object,
					   "schema.prisma has %s %s, MariaDB has %s", label, wanted,
					   action);
}

/*
 * Returns the name that the text declares for a foreign key, or NULL; notes
 * actions that differ.
 */
char *
maria_declared_reference(DdlPlan *plan, MariaTargetTable *table,
						 MariaTargetForeignKey *key)
{
	MariaPrismaField *field;
	MariaPrismaAttribute *relation;
	MariaPrismaValue *map;
	char	   *name;
	MariaTargetObject object;

	if (table->model == NULL)
		return NULL;
	field = find_relation(table, key);
	if (field == NULL)
		return NULL;
	relation = maria_prisma_attribute(field->attributes, "relation");
	map = maria_prisma_argument(relation, "map");
	name = map ? map->text :
		maria_prisma_key_name(table->model,
							  maria_prisma_fields(maria_prisma_argument(relation, "fields")),
							  "_fkey");
	object = maria_ddl_object(table, name);
	compare_action(plan, object, field, "onUpdate", "CASCADE", key->on_update);
	compare_action(plan, object, field, "onDelete",
				   field->is_optional ? "SET NULL" : "RESTRICT",
				   key->on_delete);
	return name;
}

/* Notes the relations that are foreign keys on one side only. */
static void
compare_relations(DdlPlan *plan, MariaTargetTable *table)
{
	bool		has_keys = maria_prisma_has_foreign_keys(plan->target->prisma);
	List	   *found = NIL;
	ListCell   *lc;

	foreach(lc, table->foreign_keys)
	{
		MariaTargetForeignKey *key = lfirst(lc);
		MariaPrismaField *field = find_relation(table, key);

		found = lappend(found, field);
		if (field == NULL || !has_keys)
			maria_ddl_note(plan, STEP_FOREIGN_KEY, NOTE_PRISMA,
						   maria_ddl_object(table, key->name),
						   "schema.prisma does not declare this foreign key");
	}
	if (!has_keys)
		return;
	foreach(lc, table->model->fields)
	{
		MariaPrismaField *field = lfirst(lc);
		MariaPrismaAttribute *relation;

		relation = maria_prisma_attribute(field->attributes, "relation");
		if (maria_prisma_argument(relation, "fields") &&
			!list_member_ptr(found, field))
			maria_ddl_note(plan, STEP_FOREIGN_KEY, NOTE_PRISMA,
						   maria_ddl_object(table, field->name),
						   "schema.prisma declares this relation, but MariaDB has no foreign key for it");
	}
}

/* Notes the keys that are on one side only. */
void
maria_compare_keys(DdlPlan *plan, MariaTargetTable *table)
{
	List	   *found = NIL;
	ListCell   *lc;

	foreach(lc, table->indexes)
	{
		MariaTargetIndex *index = lfirst(lc);
		Declared   *key = find_declared(table, index);

		if (key)
		{
			found = lappend(found, key->name);
			compare_order(plan, table, index, key);
		}
		else if (strcmp(index->method, "btree") == 0)
			maria_ddl_note(plan, STEP_INDEX, NOTE_PRISMA,
						   maria_ddl_object(table, index->name),
						   "schema.prisma does not declare this index");
	}
	foreach(lc, keys_of_model(table))
	{
		Declared   *key = lfirst(lc);

		if (!maria_is_in(key->name, found))
			maria_ddl_note(plan, STEP_INDEX, NOTE_PRISMA,
						   maria_ddl_object(table, key->name),
						   "schema.prisma declares this index, but MariaDB does not have it");
	}
	compare_relations(plan, table);
}
