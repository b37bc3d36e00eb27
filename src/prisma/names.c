/*
 * Which names of a schema.prisma does PostgreSQL not accept, and what replaces
 * them?
 *
 * A name has at most 63 bytes.  Indexes share a namespace with tables, and
 * foreign keys share one with the other keys of their model; in MariaDB index
 * names are local to their table, and often equal to that of the foreign key.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/memutils.h"

#include "prisma/convert.h"
#include "prisma/lookup.h"

/* The names of a model's keys of all kinds. */
typedef struct ModelNames
{
	MariaNames *used;
	MariaNames *foreign_numbers;	/* tried for its foreign keys */
} ModelNames;

/* A key, index or foreign key, and its name. */
typedef struct Key
{
	MariaPrismaBlock *model;
	MariaPrismaAttribute *attribute;
	List	   *fields;			/* names; of a primary key: NIL */
	const char *suffix;
	bool		is_foreign;
	char	   *name;
	ModelNames *model_names;
} Key;

typedef struct Names
{
	List	   *keys;			/* of Key */
	MariaNames *relations;		/* used by tables, indexes and other keys */
	MariaNames *numbers;		/* tried for these */
} Names;

static const struct
{
	const char *attribute;
	const char *suffix;
}			suffixes[] = {
	{"id", "_pkey"},
	{"unique", "_key"},
	{"index", "_idx"},
	{"relation", "_fkey"},
};

/* Notes that a name changes. */
static void
note_rename(MariaPrisma *prisma, char *object, const char *old,
			const char *new, int line)
{
	MariaPrismaFinding *row = palloc0(sizeof(MariaPrismaFinding));
	bool		too_long = strlen(old) >= NAMEDATALEN;

	row->severity = "medium";
	row->object = object;
	row->finding = psprintf(too_long ?
							"the name \"%s\" has more than 63 bytes and becomes \"%s\"" :
							"the name \"%s\" is in use in PostgreSQL and becomes \"%s\"",
							old, new);
	row->advice = "change raw SQL and code that uses the name";
	row->line = line;
	prisma->renames = lappend(prisma->renames, row);
}

/* Adds @map or @@map, or changes the existing one. */
static void
set_map(List **attributes, const char *name)
{
	MariaPrismaAttribute *map = maria_prisma_attribute(*attributes, "map");
	MariaPrismaValue *value = maria_prisma_string(name);

	if (map == NULL)
	{
		map = palloc0(sizeof(MariaPrismaAttribute));
		map->name = "map";
		map->has_parens = true;
		*attributes = lappend(*attributes, map);
	}
	map->args = list_make1(value);
}

static void
set_block_map(MariaPrismaBlock *block, char *name)
{
	bool		has_map = maria_prisma_attribute(block->attributes, "map");
	MariaPrismaItem *item = palloc0(sizeof(MariaPrismaItem));

	set_map(&block->attributes, name);
	block->db_name = name;
	if (has_map)
		return;
	item->kind = PRISMA_ATTRIBUTE;
	item->node = llast(block->attributes);
	block->items = lappend(block->items, item);
}

static void
fit_block_names(MariaPrisma *prisma, List *blocks)
{
	List	   *names = NIL;
	List	   *local;
	ListCell   *lc;
	ListCell   *name;

	foreach(lc, blocks)
		names = lappend(names, ((MariaPrismaBlock *) lfirst(lc))->db_name);
	local = maria_local_names(names, false);
	Assert(list_length(blocks) == list_length(local));
	forboth(lc, blocks, name, local)
	{
		MariaPrismaBlock *block = lfirst(lc);

		if (strcmp(block->db_name, lfirst(name)) == 0)
			continue;
		note_rename(prisma, block->name, block->db_name, lfirst(name),
					block->line);
		set_block_map(block, lfirst(name));
	}
}

static void
fit_field_names(MariaPrisma *prisma, MariaPrismaBlock *model)
{
	List	   *fields = NIL;
	List	   *names = NIL;
	List	   *local;
	ListCell   *lc;
	ListCell   *name;

	foreach(lc, model->fields)
	{
		MariaPrismaField *field = lfirst(lc);

		if (!maria_prisma_has_column(prisma, field))
			continue;
		fields = lappend(fields, field);
		names = lappend(names, field->db_name);
	}
	local = maria_local_names(names, true);
	Assert(list_length(fields) == list_length(local));
	forboth(lc, fields, name, local)
	{
		MariaPrismaField *field = lfirst(lc);

		if (strcmp(field->db_name, lfirst(name)) == 0)
			continue;
		note_rename(prisma,
					maria_prisma_object(model->name, ".", field->name),
					field->db_name, lfirst(name), field->line);
		field->db_name = lfirst(name);
		set_map(&field->attributes, field->db_name);
	}
}

/* Shortens the names of tables, columns and enums that are too long. */
void
maria_prisma_fit_names(MariaPrisma *prisma)
{
	ListCell   *lc;

	fit_block_names(prisma, prisma->models);
	fit_block_names(prisma, prisma->enums);
	foreach(lc, prisma->models)
		fit_field_names(prisma, lfirst(lc));
}

/* Returns the set of names of a model; its keys are added consecutively. */
static ModelNames *
names_of_model(Names *names, const MariaPrismaBlock *model)
{
	Key		   *last = names->keys ? llast(names->keys) : NULL;
	ModelNames *result;

	if (last && last->model == model)
		return last->model_names;
	result = palloc(sizeof(ModelNames));
	result->used = maria_names_create();
	result->foreign_numbers = maria_names_create();
	return result;
}

/* Adds a key to the list, with its name if the text has one. */
static void
add_key(Names *names, MariaPrismaBlock *model,
		MariaPrismaAttribute *attribute, List *fields)
{
	for (size_t i = 0; i < lengthof(suffixes); i++)
	{
		Key		   *key;
		MariaPrismaValue *map = maria_prisma_argument(attribute, "map");

		if (strcmp(suffixes[i].attribute, attribute->name) != 0)
			continue;
		key = palloc0(sizeof(Key));
		key->model = model;
		key->model_names = names_of_model(names, model);
		key->attribute = attribute;
		key->fields = i == 0 ? NIL : fields;
		key->suffix = suffixes[i].suffix;
		key->is_foreign = strcmp(attribute->name, "relation") == 0;
		key->name = map ? map->text : NULL;
		names->keys = lappend(names->keys, key);
	}
}

/* Adds the keys that a model's fields declare; foreign keys, if any. */
static void
add_field_keys(Names *names, MariaPrismaBlock *model, bool foreign)
{
	ListCell   *lc;
	ListCell   *cell;

	foreach(lc, model->fields)
	{
		MariaPrismaField *field = lfirst(lc);

		foreach(cell, field->attributes)
		{
			MariaPrismaAttribute *attribute = lfirst(cell);
			bool		is_relation = strcmp(attribute->name, "relation") == 0;
			MariaPrismaValue *list = maria_prisma_argument(attribute, "fields");

			if (is_relation != foreign)
				continue;
			if (!is_relation)
				add_key(names, model, attribute, list_make1(field->name));
			else if (list)
				add_key(names, model, attribute, maria_prisma_fields(list));
		}
	}
}

static void
add_block_keys(Names *names, MariaPrismaBlock *model)
{
	ListCell   *lc;

	foreach(lc, model->attributes)
	{
		MariaPrismaAttribute *attribute = lfirst(lc);
		MariaPrismaValue *list = maria_prisma_argument(attribute, NULL);

		if (list == NULL)
			list = maria_prisma_argument(attribute, "fields");
		add_key(names, model, attribute, maria_prisma_fields(list));
	}
}

static char *
default_name(const Key *key, const char *suffix)
{
	return maria_prisma_key_name(key->model, key->fields, suffix);
}

/*
 * Returns whether a name is taken by another key: one of the same model, or of
 * any model if neither is a foreign key.
 */
static bool
is_taken(const Names *names, const Key *key, const char *name)
{
	return maria_names_have(key->model_names->used, name) ||
		(!key->is_foreign && maria_names_have(names->relations, name));
}

static void
take_name(Names *names, const Key *key, const char *name)
{
	maria_names_add(key->model_names->used, name, NULL);
	if (!key->is_foreign)
		maria_names_add(names->relations, name, NULL);
}

/* Returns a name that fits, truncated before Prisma's suffix. */
static char *
fit_key_name(const Key *key)
{
	size_t		len = strlen(key->name);
	size_t		suffix_len = strlen(key->suffix);

	if (len < NAMEDATALEN)
		return key->name;
	if (strcmp(key->name + len - suffix_len, key->suffix) != 0)
		return maria_fit_name(key->name, "");
	return maria_fit_name(pnstrdup(key->name, len - suffix_len), key->suffix);
}

/* Returns the name that a key can have. */
static char *
free_key_name(Names *names, const Key *key)
{
	char	   *name = key->name ? fit_key_name(key) :
	default_name(key, key->suffix);

	if (is_taken(names, key, name))
		name = default_name(key, key->suffix);
	if (is_taken(names, key, name))
		name = maria_number_name(maria_prisma_key_stem(key->model, key->fields),
								 key->suffix, key->is_foreign ?
								 key->model_names->foreign_numbers :
								 names->numbers, key->model_names->used,
								 key->is_foreign ? NULL : names->relations);
	return name;
}

/* Writes a key's name, unless it is the one that Prisma gives anyway. */
static void
set_key_name(Key *key, char *name)
{
	MariaPrismaAttribute *attribute = key->attribute;
	MariaPrismaValue *map = maria_prisma_argument(attribute, "map");
	MariaPrismaValue *value;

	attribute->args = list_delete_ptr(attribute->args, map);
	if (strcmp(name, default_name(key, key->suffix)) != 0)
	{
		value = maria_prisma_string(name);
		value->label = "map";
		attribute->args = lappend(attribute->args, value);
	}
	attribute->has_parens = attribute->args != NIL;
}

/*
 * Sorts keys: those that Prisma names first, then those named by map, with
 * foreign keys before the others.
 */
static List *
order_keys(List *keys)
{
	List	   *result = NIL;
	ListCell   *lc;

	for (int turn = 0; turn < 3; turn++)
		foreach(lc, keys)
	{
		Key		   *key = lfirst(lc);

		if ((key->name == NULL ? 0 : key->is_foreign ? 1 : 2) == turn)
			result = lappend(result, key);
	}
	return result;
}

/* Adds the keys of all models in the order in which they get names. */
static void
add_keys(Names *names, MariaPrisma *prisma)
{
	bool		has_foreign_keys = maria_prisma_has_foreign_keys(prisma);
	ListCell   *lc;

	foreach(lc, prisma->models)
	{
		MariaPrismaBlock *model = lfirst(lc);

		maria_names_add(names->relations, model->db_name, NULL);
		if (has_foreign_keys)
			add_field_keys(names, model, true);
		add_field_keys(names, model, false);
		add_block_keys(names, model);
	}
	names->keys = order_keys(names->keys);
}

/* Gives a key its name; temporary results are in the scratch context. */
static void
name_key(MariaPrisma *prisma, Names *names, Key *key, MemoryContext scratch)
{
	MemoryContext old = MemoryContextSwitchTo(scratch);
	char	   *declared = key->name ? key->name : default_name(key, key->suffix);
	char	   *name = free_key_name(names, key);

	MemoryContextSwitchTo(old);
	if (strcmp(name, declared) != 0)
	{
		name = pstrdup(name);
		note_rename(prisma, maria_prisma_object(key->model->name, ".@",
												key->attribute->name),
					declared, name, key->attribute->line);
		set_key_name(key, name);
	}
	take_name(names, key, name);
	MemoryContextReset(scratch);
}

/* Renames keys and indexes whose names are too long or in use. */
void
maria_prisma_name_keys(MariaPrisma *prisma)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext,
												  "mariadb_fdw name of a key",
												  ALLOCSET_DEFAULT_SIZES);
	Names		names = {NIL};
	ListCell   *lc;

	names.relations = maria_names_create();
	names.numbers = maria_names_create();
	add_keys(&names, prisma);
	foreach(lc, names.keys)
		name_key(prisma, &names, lfirst(lc), scratch);
	MemoryContextDelete(scratch);
}
