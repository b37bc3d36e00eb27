/*
 * How are models, fields and attributes of a parsed schema.prisma looked up?
 *
 * Pure, and nothing here changes what was parsed.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/json.h"
#include "utils/memutils.h"

#include "prisma/lookup.h"

/* The number of bytes of a name that findings show. */
#define MAX_OBJECT 120

/* What a field of Prisma can be, besides a model, an enum or a type. */
static const char *const scalars[] = {
	"Int", "BigInt", "Float", "Decimal", "Boolean", "String", "DateTime",
	"Json", "Bytes", "Unsupported"
};

/* Returns the enum of a name, or NULL. */
MariaPrismaBlock *
maria_prisma_enum(const MariaPrisma *prisma, const char *name)
{
	return maria_names_find(prisma->enums_by_name, name);
}

/* Returns the labels that an enum has in the database. */
List *
maria_prisma_labels(const MariaPrismaBlock *block)
{
	List	   *labels = NIL;
	ListCell   *lc;

	foreach(lc, block->fields)
		labels = lappend(labels, ((MariaPrismaField *) lfirst(lc))->db_name);
	return labels;
}

/* Returns the field of a name, or NULL. */
MariaPrismaField *
maria_prisma_field(const MariaPrismaBlock *block, const char *name)
{
	MariaPrismaBlock *cache = unconstify(MariaPrismaBlock *, block);
	MemoryContext old;
	ListCell   *lc;

	if (block->fields_by_name == NULL && block->fields)
	{
		old = MemoryContextSwitchTo(GetMemoryChunkContext(block->fields));
		cache->fields_by_name = maria_names_create();
		foreach(lc, block->fields)
			maria_names_add(cache->fields_by_name,
							((MariaPrismaField *) lfirst(lc))->name, lfirst(lc));
		MemoryContextSwitchTo(old);
	}
	return maria_names_find(block->fields_by_name, name);
}

MariaPrismaAttribute *
maria_prisma_attribute(List *attributes, const char *name)
{
	ListCell   *lc;

	foreach(lc, attributes)
	{
		MariaPrismaAttribute *attribute = lfirst(lc);

		if (strcmp(attribute->name, name) == 0)
			return attribute;
	}
	return NULL;
}

static bool
same_label(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

MariaPrismaValue *
maria_prisma_argument(const MariaPrismaAttribute *attribute, const char *label)
{
	ListCell   *lc;

	if (attribute == NULL)
		return NULL;
	foreach(lc, attribute->args)
	{
		MariaPrismaValue *value = lfirst(lc);

		if (same_label(value->label, label))
			return value;
	}
	return NULL;
}

/* Returns a text or word that a datasource or generator sets, or NULL. */
static const char *
find_setting(const MariaPrisma *prisma, const char *keyword,
			 const char *key)
{
	ListCell   *lc;

	foreach(lc, prisma->configs)
	{
		MariaPrismaBlock *block = lfirst(lc);
		ListCell   *setting;

		foreach(setting, block->settings)
		{
			MariaPrismaValue *value = lfirst(setting);

			if (strcmp(block->keyword, keyword) == 0 &&
				strcmp(value->label, key) == 0)
				return value->text;
		}
	}
	return NULL;
}

/* Returns the provider of the datasource; a text without one is for MySQL. */
const char *
maria_prisma_provider(const MariaPrisma *prisma)
{
	const char *provider = find_setting(prisma, "datasource",
										"provider");

	return provider ? provider : "mysql";
}

bool
maria_prisma_has_foreign_keys(const MariaPrisma *prisma)
{
	const char *mode = find_setting(prisma, "datasource",
									"relationMode");

	if (mode == NULL)
		mode = find_setting(prisma, "datasource",
							"referentialIntegrity");
	return mode == NULL || strcmp(mode, "prisma") != 0;
}

/* Returns the attribute with a native type, as @db.VarChar, or NULL. */
MariaPrismaAttribute *
maria_prisma_native(const MariaPrismaField *field)
{
	ListCell   *lc;

	foreach(lc, field->attributes)
	{
		MariaPrismaAttribute *attribute = lfirst(lc);

		if (strchr(attribute->name, '.'))
			return attribute;
	}
	return NULL;
}

/* Returns the name of the native type without the datasource's, or NULL. */
const char *
maria_prisma_native_name(const MariaPrismaField *field)
{
	MariaPrismaAttribute *native = maria_prisma_native(field);

	return native ? strchr(native->name, '.') + 1 : NULL;
}

MariaPrismaValue *
maria_prisma_default(const MariaPrismaField *field)
{
	MariaPrismaAttribute *attribute;
	MariaPrismaValue *value;

	attribute = maria_prisma_attribute(field->attributes, "default");
	value = maria_prisma_argument(attribute, NULL);
	return value ? value : maria_prisma_argument(attribute, "value");
}

/* Returns the SQL that dbgenerated() gives as the default, or NULL. */
const char *
maria_prisma_dbgenerated(const MariaPrismaField *field)
{
	MariaPrismaValue *value = maria_prisma_default(field);

	if (value == NULL || value->kind != PRISMA_CALL || value->items == NIL ||
		strcmp(value->text, "dbgenerated") != 0)
		return NULL;
	return ((MariaPrismaValue *) linitial(value->items))->text;
}

/* Returns whether a field has a column and is not a relation. */
bool
maria_prisma_has_column(const MariaPrisma *prisma,
						const MariaPrismaField *field)
{
	if (field->type == NULL)
		return false;
	for (size_t i = 0; i < lengthof(scalars); i++)
		if (strcmp(scalars[i], field->type) == 0)
			return true;
	return maria_prisma_enum(prisma, field->type) != NULL;
}

/* Indexes models and their columns by their names in MariaDB. */
void
maria_prisma_index_columns(MariaPrisma *prisma)
{
	ListCell   *lc;
	ListCell   *cell;

	prisma->models_by_table = maria_names_create();
	foreach(lc, prisma->models)
	{
		MariaPrismaBlock *model = lfirst(lc);

		maria_names_add(prisma->models_by_table, model->db_name, model);
		if (model->fields)
			model->columns = maria_names_create();
		foreach(cell, model->fields)
		{
			MariaPrismaField *field = lfirst(cell);

			if (maria_prisma_has_column(prisma, field))
				maria_names_add(model->columns, field->db_name, field);
		}
	}
}

/* Returns the items of a list; Prisma accepts a single value as a list. */
List *
maria_prisma_items(MariaPrismaValue *value)
{
	if (value == NULL)
		return NIL;
	return value->kind == PRISMA_LIST ? value->items : list_make1(value);
}

List *
maria_prisma_fields(MariaPrismaValue *list)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, maria_prisma_items(list))
		names = lappend(names, ((MariaPrismaValue *) lfirst(lc))->text);
	return names;
}

static int
clipped_length(const char *name)
{
	/* A character that begins within the limit ends within the reserve. */
	return pg_mbcliplen(name, strnlen(name, MAX_OBJECT + MAX_MULTIBYTE_CHAR_LEN),
						MAX_OBJECT);
}

/*
 * Returns the name of a part of a model, as findings call it.  A name longer
 * than any database accepts is truncated, because it is repeated for each
 * part.
 */
char *
maria_prisma_object(const char *model, const char *separator,
					const char *part)
{
	return psprintf("%.*s%s%.*s",
					clipped_length(model), model,
					separator,
					clipped_length(part), part);
}

/* Returns the prefix of a key's name; it may be longer than a name. */
static char *
key_stem(const char *table, List *columns)
{
	StringInfoData stem;
	ListCell   *lc;

	initStringInfo(&stem);
	appendStringInfoString(&stem, table);
	foreach(lc, columns)
	{
		if (stem.len > 2 * NAMEDATALEN)
			break;
		appendStringInfo(&stem, "_%s", (char *) lfirst(lc));
	}
	return stem.data;
}

/*
 * Returns the name that Prisma gives to a key of a table: its stem is cut, so
 * that the name has no more bytes than the limit.
 */
char *
maria_prisma_name(const char *table, List *columns, const char *suffix,
				  int limit)
{
	char	   *stem = key_stem(table, columns);
	int			len = pg_mbcliplen(stem, strlen(stem),
								   limit - (int) strlen(suffix));
	char	   *name = psprintf("%.*s%s", len, stem, suffix);

	pfree(stem);
	return name;
}

/* Returns database names of fields; a name of no field stays. */
List *
maria_prisma_columns(const MariaPrismaBlock *model, List *fields)
{
	List	   *columns = NIL;
	ListCell   *lc;

	foreach(lc, fields)
	{
		MariaPrismaField *field = maria_prisma_field(model, lfirst(lc));

		columns = lappend(columns, field ? field->db_name : lfirst(lc));
	}
	return columns;
}

char *
maria_prisma_key_stem(const MariaPrismaBlock *model, List *fields)
{
	return key_stem(model->db_name, maria_prisma_columns(model, fields));
}

char *
maria_prisma_key_name(const MariaPrismaBlock *model, List *fields,
					  const char *suffix)
{
	List	   *columns = maria_prisma_columns(model, fields);
	char	   *name = maria_prisma_name(model->db_name, columns, suffix,
										 NAMEDATALEN - 1);

	list_free(columns);
	return name;
}

MariaPrismaValue *
maria_prisma_word(const char *text)
{
	MariaPrismaValue *value = palloc0(sizeof(MariaPrismaValue));

	value->kind = PRISMA_WORD;
	value->text = pstrdup(text);
	return value;
}

MariaPrismaValue *
maria_prisma_string(const char *text)
{
	MariaPrismaValue *value = maria_prisma_word(text);
	StringInfoData raw;

	initStringInfo(&raw);
	escape_json(&raw, text);
	value->kind = PRISMA_STRING;
	value->raw = pnstrdup(raw.data, raw.len);
	pfree(raw.data);
	return value;
}

MariaPrismaValue *
maria_prisma_call(const char *name, List *items)
{
	MariaPrismaValue *value = maria_prisma_word(name);

	value->kind = PRISMA_CALL;
	value->items = items;
	return value;
}
