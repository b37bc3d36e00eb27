/*
 * What in a schema.prisma must the user check when it moves to PostgreSQL?
 *
 * A row for each field, key, enum or setting that behaves differently, and
 * "client" rows for what no field shows.  Native types have their findings in
 * native.c, renamed things in names.c.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "prisma/convert.h"
#include "prisma/lookup.h"

typedef struct Review
{
	const MariaPrisma *prisma;
	bool		is_mysql;
	bool		has_foreign_keys;
	MariaNames *tables;			/* of the models */
	const MariaPrismaBlock *model;	/* the current one */
	MariaNames *references;		/* its fields that relations are made of */
	MemoryContext context;		/* of the findings */
	List	   *findings;		/* of MariaPrismaFinding */
} Review;

/* A finding about each field for which a check is true. */
typedef struct FieldRule
{
	bool		(*applies) (const Review *review, const MariaPrismaField *field);
	const char *severity;
	const char *finding;
	const char *advice;
} FieldRule;

/* What no field shows; reported once if there is a field of the type. */
typedef struct ClientRule
{
	const char *type;			/* NULL = always, "?" = any optional one */
	const char *severity;
	const char *finding;
	const char *advice;
} ClientRule;

static const ClientRule client_rules[] = {
	{NULL, "high",
		"raw SQL has another syntax or meaning: backticks, ?, ||, 7/2, LIMIT a,b, ON DUPLICATE KEY, IFNULL, backslashes",
	"check every $queryRaw and $executeRaw with mariadb.review_sql"},
	{NULL, "high",
		"after a failed statement an interactive $transaction is aborted; MariaDB continues it",
	"do not catch an error and continue within a transaction: use upsert, skipDuplicates, or a transaction of its own"},
	{NULL, "medium",
		"the default isolation level is READ COMMITTED; MariaDB's is REPEATABLE READ",
	"pass isolationLevel where the code relies on it"},
	{NULL, "medium",
		"skipDuplicates skips only duplicates; MariaDB's INSERT IGNORE also truncates long values and accepts missing parents",
	"expect P2000 and P2003 there"},
	{NULL, "low",
		"the average of integers is not rounded, integer division truncates, and P2002 and P2003 have other fields in meta",
	"check code that rounds averages or reads error.meta"},
	{NULL, "info",
		"the driver adapter and the connection URL change",
	"use @prisma/adapter-pg and postgresql://...?schema=public; the pool is that of pg, and its size is an option of the adapter"},
	{"String", "high",
		"equals, in and not compare text exactly; MariaDB ignores case, accents and trailing blanks",
	"normalise on write and once in the existing data, or use mode: 'insensitive' or @db.Citext"},
	{"String", "high",
		"contains, startsWith and endsWith are case-sensitive",
	"add mode: 'insensitive', in the same change as the provider"},
	{"String", "medium",
		"orderBy on text follows the database's collation",
	"create the database with an ICU collation such as und; Prisma does not see it"},
	{"String", "medium",
		"groupBy and distinct distinguish texts that differ in case or accents",
	"group by a normalised column"},
	{"String", "medium",
		"a String without native type accepts more than 191 characters",
	"check lengths in the application, or use @db.VarChar(191)"},
	{"String", "medium",
		"text and JSON cannot hold the character NUL",
	"strip it before writing; mariadb.preflight finds it in the data"},
	{"?", "medium",
		"NULL sorts last in ascending order; MariaDB sorts it first",
	"orderBy: { field: { sort: 'asc', nulls: 'first' } } has the same result on both"},
	{"Json", "low",
		"jsonb sorts keys and keeps the last of equal ones",
	"do not hash or compare JSON as text"},
	{"DateTime", "high",
		"CURRENT_TIMESTAMP and timestamptz depend on the session's time zone",
	"ALTER DATABASE ... SET timezone TO 'UTC'"},
};

static void
note(Review *review, const char *severity, const char *object,
	 const char *finding, const char *advice, int line)
{
	MemoryContext old = MemoryContextSwitchTo(review->context);
	MariaPrismaFinding *row = palloc0(sizeof(MariaPrismaFinding));

	row->severity = severity;
	row->object = pstrdup(object);
	row->finding = finding;
	row->advice = advice;
	row->line = line;
	review->findings = lappend(review->findings, row);
	MemoryContextSwitchTo(old);
}



static bool
has_type(const MariaPrismaField *field, const char *type)
{
	return field->type && strcmp(field->type, type) == 0;
}

/* Returns whether a function of Prisma or the server makes the value. */
static bool
is_generated(const MariaPrismaField *field)
{
	MariaPrismaValue *value = maria_prisma_default(field);

	return value && value->kind == PRISMA_CALL;
}

/* Returns the fields of a model that only repeat another row's key. */
static MariaNames *
reference_fields(const MariaPrismaBlock *model)
{
	MariaNames *result = maria_names_create();
	ListCell   *lc;
	ListCell   *cell;

	foreach(lc, model->fields)
	{
		MariaPrismaField *field = lfirst(lc);
		MariaPrismaAttribute *relation;

		relation = maria_prisma_attribute(field->attributes, "relation");
		foreach(cell, maria_prisma_fields(maria_prisma_argument(relation,
																"fields")))
			maria_names_add(result, lfirst(cell), NULL);
	}
	return result;
}

static bool
is_typed_text(const Review *review, const MariaPrismaField *field)
{
	return has_type(field, "String") && !is_generated(field) &&
		!maria_names_have(review->references, field->name);
}

static bool
is_unique_text(const Review *review, const MariaPrismaField *field)
{
	return is_typed_text(review, field) &&
		(maria_prisma_attribute(field->attributes, "unique") ||
		 maria_prisma_attribute(field->attributes, "id"));
}

static bool
is_json(const Review *review, const MariaPrismaField *field)
{
	return has_type(field, "Json");
}

static bool
is_autoincrement(const Review *review, const MariaPrismaField *field)
{
	MariaPrismaValue *value = maria_prisma_default(field);

	return value && value->kind == PRISMA_CALL &&
		strcmp(value->text, "autoincrement") == 0;
}

/* Returns whether a time has no fraction: DateTime(0) or without argument. */
static bool
is_whole_seconds(const Review *review, const MariaPrismaField *field)
{
	const char *name = maria_prisma_native_name(field);
	MariaPrismaValue *precision;

	if (!has_type(field, "DateTime") || name == NULL ||
		strcmp(name, "Date") == 0)
		return false;
	precision = maria_prisma_argument(maria_prisma_native(field), NULL);
	return precision ? strcmp(precision->text, "0") == 0 : review->is_mysql;
}

static bool
is_unsupported(const Review *review, const MariaPrismaField *field)
{
	return has_type(field, "Unsupported");
}

static bool
has_on_update(const Review *review, const MariaPrismaField *field)
{
	const char *sql = maria_prisma_dbgenerated(field);

	for (; sql && *sql; sql++)
		if (pg_strncasecmp(sql, "on update", 9) == 0)
			return true;
	return false;
}

static bool
is_foreign_sql(const Review *review, const MariaPrismaField *field)
{
	const char *sql = maria_prisma_dbgenerated(field);

	return sql && review->is_mysql &&
		maria_prisma_translate(review->prisma, field, sql) == NULL;
}

/* Returns whether Prisma checks a relation itself, with NoAction. */
static bool
is_emulated_no_action(const Review *review, const MariaPrismaField *field)
{
	MariaPrismaValue *action;

	action = maria_prisma_argument(maria_prisma_attribute(field->attributes,
														  "relation"),
								   "onDelete");
	return action && review->is_mysql &&
		strcmp(action->text, "NoAction") == 0 && !review->has_foreign_keys;
}

static const FieldRule field_rules[] = {
	{is_unique_text, "high",
		"unique text is compared exactly: a@x and A@x are two rows, and findUnique finds only one spelling, for example at a login by e-mail",
	"write it in lower case and convert the existing data once, or use @db.Citext, or CREATE UNIQUE INDEX on lower(column), which is not drift"},
	{is_json, "high",
		"a filter on a Json path takes an array, not '$.a.b'",
	"path: ['a', 'b']"},
	{is_autoincrement, "high",
		"an explicit id does not advance the sequence, and the next insert fails with P2002",
	"run mariadb.sync_sequences after loading; use no explicit ids in seeds"},
	{is_whole_seconds, "medium",
		"a fraction of a second is rounded; MariaDB truncates it",
	"truncate it in the application, or keep milliseconds"},
	{has_on_update, "high",
		"ON UPDATE has no counterpart in PostgreSQL and is dropped",
	"add @updatedAt, or a trigger"},
	{is_foreign_sql, "high",
		"dbgenerated() contains SQL of MySQL, which is not converted",
	"write it as PostgreSQL deparses it (pg_get_expr), or Prisma sees drift"},
	{is_emulated_no_action, "medium",
		"relationMode = \"prisma\" does not support NoAction on PostgreSQL; it becomes Restrict",
	"expect an error where a parent with children is deleted, or choose Cascade or SetNull"},
	{is_unsupported, "high",
		"the type is MariaDB's and is not converted",
	"use PostgreSQL's type, or remove the column from the schema"},
};

/*
 * Reports what a native type's row states; some rows apply only to MySQL's
 * types.
 */
static void
review_native(Review *review, const MariaPrismaField *field,
			  const char *object)
{
	const MariaPrismaNative *row = maria_prisma_native_row(field);

	if (row == NULL || row->severity == NULL)
		return;
	if (review->is_mysql || strcmp(row->mysql, "Char") == 0)
		note(review, row->severity, object, row->finding, row->advice,
			 field->line);
}

static bool
has_length(List *values)
{
	ListCell   *lc;

	foreach(lc, values)
	{
		MariaPrismaValue *value = lfirst(lc);

		if ((value->label && strcmp(value->label, "length") == 0) ||
			has_length(value->items))
			return true;
	}
	return false;
}

static void
review_length(Review *review, const char *object,
			  const MariaPrismaAttribute *key)
{
	if (has_length(key->args))
		note(review, strcmp(key->name, "index") == 0 ? "low" : "medium",
			 object,
			 "the prefix length is dropped: the whole value is indexed, and must be shorter than about 2700 bytes",
			 "for long text remove the index from the schema and create one on left(column, n) or md5(column) by SQL, which is not drift",
			 key->line);
}

static void
review_field(Review *review, const MariaPrismaField *field)
{
	char	   *object = maria_prisma_object(review->model->name, ".",
											 field->name);
	ListCell   *lc;

	for (size_t i = 0; i < lengthof(field_rules); i++)
	{
		const FieldRule *rule = &field_rules[i];

		if (rule->applies(review, field))
			note(review, rule->severity, object, rule->finding,
				 rule->advice, field->line);
	}
	review_native(review, field, object);
	foreach(lc, field->attributes)
		review_length(review, object, lfirst(lc));
}

/* Returns the SQL of a GIN index in place of @@fulltext. */
static char *
fulltext_advice(const MariaPrismaBlock *model, List *names)
{
	StringInfoData sql;
	ListCell   *lc;

	initStringInfo(&sql);
	foreach(lc, names)
	{
		MariaPrismaField *field = maria_prisma_field(model, lfirst(lc));

		appendStringInfo(&sql, "%scoalesce(%s, '')",
						 sql.len ? " || ' ' || " : "",
						 quote_identifier(maria_fit_name(field ? field->db_name :
														 lfirst(lc), "")));
	}
	return psprintf("CREATE INDEX ON %s USING gin (to_tsvector('simple', %s)) is no drift; search through the client needs previewFeatures fullTextSearchPostgres and PostgreSQL's query syntax",
					quote_identifier(model->db_name), sql.data);
}

/* Reports what to check for a key of several fields or a fulltext index. */
static void
review_key(Review *review, const MariaPrismaAttribute *key)
{
	const MariaPrismaBlock *model = review->model;
	MariaPrismaValue *list = maria_prisma_argument(key, NULL);
	List	   *names;
	ListCell   *lc;

	if (list == NULL)
		list = maria_prisma_argument(key, "fields");
	names = maria_prisma_fields(list);
	review_length(review, maria_prisma_object(model->name, ".@@", key->name), key);
	if (strcmp(key->name, "fulltext") == 0)
		note(review, "medium",
			 maria_prisma_object(model->name, ".@@", "fulltext"),
			 "Prisma does not support fulltext indexes for PostgreSQL; the index is dropped",
			 MemoryContextStrdup(review->context,
								 fulltext_advice(model, names)), key->line);
	if (strcmp(key->name, "unique") != 0 && strcmp(key->name, "id") != 0)
		return;
	foreach(lc, names)
	{
		MariaPrismaField *field = maria_prisma_field(model, lfirst(lc));

		if (field && is_typed_text(review, field))
			note(review, "medium",
				 maria_prisma_object(model->name, ".", field->name),
				 "text in a key of several fields is compared exactly: values that differ in case are two keys",
				 "normalise it on write and once in the existing data, or use @db.Citext",
				 key->line);
	}
}

static void
review_model(Review *review, const MariaPrismaBlock *model,
			 MemoryContext scratch)
{
	ListCell   *lc;

	review->model = model;
	review->references = reference_fields(model);
	if (strcmp(model->keyword, "view") == 0)
		note(review, "medium", model->name,
			 "Prisma does not create views",
			 "write the view for PostgreSQL in a migration",
			 model->line);
	MemoryContextSwitchTo(scratch);
	foreach(lc, model->fields)
	{
		CHECK_FOR_INTERRUPTS();
		review_field(review, lfirst(lc));
		MemoryContextReset(scratch);
	}
	foreach(lc, model->attributes)
	{
		CHECK_FOR_INTERRUPTS();
		review_key(review, lfirst(lc));
		MemoryContextReset(scratch);
	}
	MemoryContextSwitchTo(review->context);
}

static void
review_enum(Review *review, const MariaPrismaBlock *block)
{
	ListCell   *lc;

	note(review, "info", block->name,
		 psprintf("the enum becomes type %s, whose labels are compared exactly",
				  quote_identifier(block->db_name)),
		 psprintf("in raw SQL cast a parameter: $1::%s",
				  quote_identifier(block->db_name)), block->line);
	if (maria_names_have(review->tables, block->db_name))
		note(review, "high", block->name,
			 "a type cannot have the name of a table", "@@map the enum",
			 block->line);
	foreach(lc, block->fields)
	{
		MariaPrismaField *value = lfirst(lc);
		char	   *object = maria_prisma_object(block->name, ".", value->name);

		if (strlen(value->db_name) >= NAMEDATALEN)
			note(review, "high", object,
				 "a label has at most 63 bytes",
				 "@map the value to a shorter label, also in the data",
				 value->line);
		else if (strcmp(value->db_name, value->name) != 0)
			note(review, "info", object,
				 psprintf("the label in the database is '%s'", value->db_name),
				 "raw SQL must spell the label, in its case", value->line);
	}
}

/* Reports what to check for settings of the datasource or a generator. */
static void
review_setting(Review *review, const MariaPrismaBlock *block,
			   MariaPrismaValue *setting)
{
	char	   *object = maria_prisma_object(block->name, ".",
											 setting->label);
	bool		is_source = strcmp(block->keyword, "datasource") == 0;

	if (is_source && strcmp(setting->label, "provider") == 0 &&
		review->is_mysql)
		note(review, "high", object,
			 "the provider becomes postgresql, and Prisma rejects migrations of another provider (P3019)",
			 "create a new prisma/migrations with one baseline, and migration_lock.toml with provider = \"postgresql\"; mariadb.prisma_baseline marks it as applied",
			 setting->line);
	if (is_source && setting->text &&
		pg_strncasecmp(setting->text, "mysql:", 6) == 0)
		note(review, "high", object, "the URL points to MariaDB",
			 psprintf("%s; set it to postgresql://user:password@host:5432/database?schema=public",
					  review->is_mysql ? "mariadb.prisma_schema writes env(...)" : "use env(...)"),
			 setting->line);
	if (is_source && setting->text && strcmp(setting->text, "prisma") == 0 &&
		strcmp(setting->label, "relationMode") == 0)
		note(review, "info", object,
			 "there are no foreign keys in the database",
			 "keep relationMode; remove it to have PostgreSQL check relations, after the orphans are gone",
			 setting->line);
	if (strcmp(setting->label, "previewFeatures") == 0 &&
		maria_is_in("fullTextSearch", maria_prisma_fields(setting)))
		note(review, "medium", object,
			 "the client's search needs another preview feature on PostgreSQL",
			 "use fullTextSearchPostgres instead of fullTextSearch; queries have the syntax of to_tsquery",
			 setting->line);
}

static bool
has_field_of(const MariaPrisma *prisma, const char *type)
{
	ListCell   *lc;
	ListCell   *cell;

	foreach(lc, prisma->models)
		foreach(cell, ((MariaPrismaBlock *) lfirst(lc))->fields)
	{
		MariaPrismaField *field = lfirst(cell);

		if (*type == '?' ? field->is_optional &&
			maria_prisma_has_column(prisma, field) :
			strcmp(field->type, type) == 0)
			return true;
	}
	return false;
}

static void
review_client(Review *review)
{
	for (size_t i = 0; i < lengthof(client_rules); i++)
	{
		const ClientRule *rule = &client_rules[i];

		if (rule->type == NULL || has_field_of(review->prisma, rule->type))
			note(review, rule->severity, "client", rule->finding,
				 rule->advice, 0);
	}
}

/*
 * Returns the findings, in the order of the text but for the last ones.  The
 * schema is converted on the way, which tells the names that change.
 */
List *
maria_review_prisma(MariaPrisma *prisma)
{
	Review		review = {prisma};
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext,
												  "mariadb_fdw review of a field",
												  ALLOCSET_DEFAULT_SIZES);
	ListCell   *lc;
	ListCell   *cell;

	review.context = CurrentMemoryContext;
	review.is_mysql = strcmp(maria_prisma_provider(prisma), "mysql") == 0;
	review.has_foreign_keys = maria_prisma_has_foreign_keys(prisma);
	review.tables = maria_names_create();
	foreach(lc, prisma->configs)
		foreach(cell, ((MariaPrismaBlock *) lfirst(lc))->settings)
		review_setting(&review, lfirst(lc), lfirst(cell));
	foreach(lc, prisma->models)
	{
		MariaPrismaBlock *model = lfirst(lc);

		maria_names_add(review.tables, model->db_name, NULL);
		review_model(&review, model, scratch);
	}
	foreach(lc, prisma->enums)
		review_enum(&review, lfirst(lc));
	review_client(&review);
	maria_prisma_to_postgres(prisma);
	return list_concat(review.findings, prisma->renames);
}
