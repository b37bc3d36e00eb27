/*
 * What does a schema.prisma for MySQL become for PostgreSQL?
 *
 * Native types, prefix lengths, fulltext indexes, SQL in defaults, and names
 * that PostgreSQL does not accept (names.c).  What needs a decision by the
 * user is not changed; review.c reports it.
 */
#include "postgres.h"

#include "prisma/convert.h"
#include "prisma/lookup.h"

/*
 * Returns whether it is already for PostgreSQL; sets the error if it is for
 * neither.
 */
static bool
is_postgres(MariaPrisma *prisma)
{
	const char *provider = maria_prisma_provider(prisma);

	if (strcmp(provider, "postgresql") == 0 ||
		strcmp(provider, "postgres") == 0)
		return true;
	if (strcmp(provider, "mysql") != 0)
		prisma->error = "the datasource's provider is neither mysql nor postgresql";
	return false;
}

/* Settings of a datasource that point to MariaDB, usually with a password. */
static const struct
{
	const char *setting;
	const char *variable;
}			url_settings[] = {
	{"url", "DATABASE_URL"},
	{"directUrl", "DIRECT_URL"},
	{"shadowDatabaseUrl", "SHADOW_DATABASE_URL"},
};

/* Replaces a literal URL by one from the environment. */
static void
convert_url(MariaPrismaValue *setting)
{
	if (setting->kind != PRISMA_STRING)
		return;
	for (size_t i = 0; i < lengthof(url_settings); i++)
	{
		if (strcmp(setting->label, url_settings[i].setting) != 0)
			continue;
		setting->kind = PRISMA_CALL;
		setting->text = "env";
		setting->items =
			list_make1(maria_prisma_string(url_settings[i].variable));
	}
}

static void
convert_datasource(MariaPrisma *prisma)
{
	ListCell   *lc;

	foreach(lc, prisma->configs)
	{
		MariaPrismaBlock *block = lfirst(lc);
		ListCell   *cell;

		foreach(cell, block->settings)
		{
			MariaPrismaValue *setting = lfirst(cell);

			if (strcmp(block->keyword, "datasource") != 0)
				continue;
			convert_url(setting);
			if (strcmp(setting->label, "provider") != 0)
				continue;
			setting->text = "postgresql";
			setting->raw = "\"postgresql\"";
		}
	}
}

/* Replaces a native type by that of PostgreSQL, or drops it. */
static void
convert_native(MariaPrismaField *field)
{
	const MariaPrismaNative *row = maria_prisma_native_row(field);
	MariaPrismaAttribute *native = maria_prisma_native(field);

	if (row == NULL)
		return;
	if (row->postgres == NULL)
	{
		field->attributes = list_delete_ptr(field->attributes, native);
		return;
	}
	native->name = psprintf("%.*s.%s",
							(int) strcspn(native->name, "."), native->name,
							row->postgres);
	if (strcmp(row->postgres, "SmallInt") == 0)
	{
		native->args = NIL;
		native->has_parens = false;
	}
	if (native->args == NIL)
		for (int i = 0; i < row->nargs; i++)
			native->args = lappend(native->args,
								   maria_prisma_word(psprintf("%d", row->args[i])));
}

/* Drops the argument with this label from a list of values. */
static List *
without(List *values, const char *label)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, values)
	{
		MariaPrismaValue *value = lfirst(lc);

		if (value->label == NULL || strcmp(value->label, label) != 0)
			result = lappend(result, value);
	}
	return result;
}

/* Drops the prefix lengths of a key: its own, and those of its fields. */
static void
drop_lengths(MariaPrismaAttribute *key)
{
	MariaPrismaValue *list = maria_prisma_argument(key, NULL);
	ListCell   *lc;

	key->args = without(key->args, "length");
	if (key->args == NIL)
		key->has_parens = false;
	if (list == NULL)
		list = maria_prisma_argument(key, "fields");
	foreach(lc, maria_prisma_items(list))
	{
		MariaPrismaValue *item = lfirst(lc);

		item->items = without(item->items, "length");
		if (item->kind == PRISMA_CALL && item->items == NIL)
			item->kind = PRISMA_WORD;
	}
}

static bool
is_key(const MariaPrismaAttribute *attribute)
{
	return strcmp(attribute->name, "id") == 0 ||
		strcmp(attribute->name, "unique") == 0 ||
		strcmp(attribute->name, "index") == 0;
}

static void
drop_key_lengths(List *attributes)
{
	ListCell   *lc;

	foreach(lc, attributes)
		if (is_key(lfirst(lc)))
		drop_lengths(lfirst(lc));
}

/*
 * Replaces NoAction in a relation: Prisma does not support it on PostgreSQL
 * where Prisma checks relations itself.  Restrict does not change other rows
 * either, and is the only action that a self-relation may have.
 */
static void
drop_no_action(MariaPrismaField *field)
{
	MariaPrismaAttribute *relation;
	MariaPrismaValue *on_update;
	MariaPrismaValue *on_delete;

	relation = maria_prisma_attribute(field->attributes, "relation");
	on_update = maria_prisma_argument(relation, "onUpdate");
	on_delete = maria_prisma_argument(relation, "onDelete");
	if (on_update && strcmp(on_update->text, "NoAction") == 0)
		on_update->text = "Restrict";
	if (on_delete && strcmp(on_delete->text, "NoAction") == 0)
		on_delete->text = "Restrict";
}

/* Converts a default that is SQL to the form that PostgreSQL needs. */
static void
convert_default(const MariaPrisma *prisma, MariaPrismaField *field)
{
	const char *expression = maria_prisma_dbgenerated(field);
	MariaPrismaValue *value;

	if (expression == NULL)
		return;
	value = maria_prisma_translate(prisma, field, expression);
	if (value == NULL)
		return;
	value->label = maria_prisma_default(field)->label;
	*maria_prisma_default(field) = *value;
}

/* Drops @@fulltext; a comment after it becomes a line of its own. */
static void
drop_fulltext(MariaPrismaBlock *model)
{
	List	   *items = NIL;
	List	   *attributes = NIL;
	ListCell   *lc;

	foreach(lc, model->items)
	{
		MariaPrismaItem *item = lfirst(lc);
		MariaPrismaAttribute *attribute = item->node;

		if (item->kind == PRISMA_ATTRIBUTE &&
			strcmp(attribute->name, "fulltext") != 0)
			attributes = lappend(attributes, attribute);
		else if (item->kind == PRISMA_ATTRIBUTE)
		{
			if (item->comment == NULL)
				continue;
			item->kind = PRISMA_COMMENT;
		}
		items = lappend(items, item);
	}
	model->items = items;
	model->attributes = attributes;
}

static void
convert_model(const MariaPrisma *prisma, MariaPrismaBlock *model)
{
	bool		has_foreign_keys = maria_prisma_has_foreign_keys(prisma);
	ListCell   *lc;

	foreach(lc, model->fields)
	{
		MariaPrismaField *field = lfirst(lc);

		convert_default(prisma, field);
		convert_native(field);
		drop_key_lengths(field->attributes);
		if (!has_foreign_keys)
			drop_no_action(field);
	}
	drop_key_lengths(model->attributes);
	drop_fulltext(model);
}

/* Changes what would cause permanent drift in a PostgreSQL schema. */
static void
repair_defaults(const MariaPrisma *prisma, MariaPrismaBlock *model)
{
	ListCell   *lc;

	foreach(lc, model->fields)
	{
		MariaPrismaField *field = lfirst(lc);
		const char *expression = maria_prisma_dbgenerated(field);
		MariaPrismaValue *value = expression ?
		maria_prisma_translate(prisma, field, expression) : NULL;

		if (value && value->kind == PRISMA_CALL &&
			strcmp(value->text, "now") == 0)
			convert_default(prisma, field);
	}
}

void
maria_prisma_to_postgres(MariaPrisma *prisma)
{
	bool		done = is_postgres(prisma);
	ListCell   *lc;

	if (prisma->error)
		return;
	foreach(lc, prisma->models)
	{
		if (done)
			repair_defaults(prisma, lfirst(lc));
		else
			convert_model(prisma, lfirst(lc));
	}
	if (!done)
		convert_datasource(prisma);
	maria_prisma_fit_names(prisma);
	maria_prisma_name_keys(prisma);
}
