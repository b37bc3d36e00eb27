/*
 * What does schema.prisma declare about tables and columns?
 *
 * The text is first converted to the one for PostgreSQL, which declares what
 * Prisma will expect.  Differences from the database are noted.
 */
#include "postgres.h"

#include "common/base64.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "prisma/convert.h"
#include "prisma/lookup.h"
#include "schema/ddl/ddl.h"
#include "schema/types.h"

/* A row is a scalar type with a native type, NULL = without. */
typedef struct FieldType
{
	const char *scalar;
	const char *native;
	const char *local;
} FieldType;

static const FieldType field_types[] = {
	{"String", NULL, "text"},
	{"String", "Text", "text"},
	{"String", "VarChar", "varchar"},
	{"String", "Char", "char"},
	{"String", "Uuid", "uuid"},
	{"String", "Inet", "inet"},
	{"String", "Citext", "citext"},
	{"String", "Xml", "xml"},
	{"String", "Bit", "bit"},
	{"String", "VarBit", "varbit"},
	{"Int", NULL, "integer"},
	{"Int", "Integer", "integer"},
	{"Int", "SmallInt", "smallint"},
	{"Int", "Oid", "oid"},
	{"BigInt", NULL, "bigint"},
	{"BigInt", "BigInt", "bigint"},
	{"Float", NULL, "double precision"},
	{"Float", "DoublePrecision", "double precision"},
	{"Float", "Real", "real"},
	{"Decimal", NULL, "numeric(65,30)"},
	{"Decimal", "Decimal", "numeric"},
	{"Decimal", "Money", "money"},
	{"Boolean", NULL, "boolean"},
	{"Boolean", "Boolean", "boolean"},
	{"DateTime", NULL, "timestamp(3)"},
	{"DateTime", "Timestamp", "timestamp"},
	{"DateTime", "Timestamptz", "timestamptz"},
	{"DateTime", "Date", "date"},
	{"DateTime", "Time", "time"},
	{"DateTime", "Timetz", "timetz"},
	{"Json", NULL, "jsonb"},
	{"Json", "JsonB", "jsonb"},
	{"Json", "Json", "json"},
	{"Bytes", NULL, "bytea"},
	{"Bytes", "ByteA", "bytea"},
};

/* Parses the text, if any, and converts it to the one for PostgreSQL. */
void
maria_ddl_parse_prisma(DdlPlan *plan)
{
	MariaPrisma *prisma;

	if (plan->prisma_text == NULL)
		return;
	prisma = maria_read_prisma(plan->prisma_text);
	plan->is_postgres_text = strncmp(maria_prisma_provider(prisma),
									 "postgres", 8) == 0;
	maria_convert_prisma(prisma);
	maria_prisma_index_columns(prisma);
	plan->target->prisma = prisma;
}

/* Returns the model of a table, or NULL; long names are truncated. */
const MariaPrismaBlock *
maria_ddl_model(DdlPlan *plan, const char *table)
{
	if (plan->target->prisma == NULL)
		return NULL;
	return maria_names_find(plan->target->prisma->models_by_table,
							maria_fit_name(table, ""));
}

/* Returns the field of a column, or NULL. */
const MariaPrismaField *
maria_ddl_field(DdlPlan *plan, const MariaPrismaBlock *model,
				const char *column)
{
	if (model == NULL)
		return NULL;
	return maria_names_find(model->columns, maria_fit_name(column, ""));
}

/* Returns the arguments of a native type as (a,b), or an empty string. */
static char *
native_arguments(const MariaPrismaField *field)
{
	MariaPrismaAttribute *native = maria_prisma_native(field);
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	if (native == NULL || native->args == NIL)
		return buf.data;
	foreach(lc, native->args)
	{
		MariaPrismaValue *value = lfirst(lc);

		appendStringInfo(&buf, "%s%d", buf.len ? "," : "(", atoi(value->text));
	}
	appendStringInfoChar(&buf, ')');
	return buf.data;
}

static bool
same_or_both_null(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Returns the type that a field has in PostgreSQL; NULL if it is unknown. */
static char *
field_type(const MariaPrismaField *field)
{
	const char *native = maria_prisma_native_name(field);

	for (size_t i = 0; i < lengthof(field_types); i++)
		if (strcmp(field_types[i].scalar, field->type) == 0 &&
			same_or_both_null(field_types[i].native, native))
			return psprintf("%s%s%s", field_types[i].local,
							native_arguments(field),
							field->is_list ? "[]" : "");
	return NULL;
}

/* Returns the type under the profile plain, which the text may declare. */
static char *
plain_type(const DdlPlan *plan, MariaRemoteColumn *column)
{
	MariaOptions opts = *plan->types;

	opts.int_unsigned_as = opts.bigint_unsigned_as = opts.bit_as = 0;
	opts.varchar191_as = opts.char_as = 0;
	return maria_local_type(column, &opts);
}

/*
 * Applies the type that the text declares.  A MySQL type that differs from the
 * database is out of date; a PostgreSQL type is the one wanted.
 */
static void
apply_type(DdlPlan *plan, MariaTargetObject object, MariaTargetColumn *column)
{
	char	   *type = field_type(column->field);
	bool		agrees;

	if (type == NULL || column->enum_type)
		return;
	agrees = strcmp(type, column->type) == 0 ||
		strcmp(type, plain_type(plan, column->remote)) == 0;
	if (agrees || plan->is_postgres_text)
		column->type = type;
	if (!agrees)
		maria_ddl_note(plan, STEP_TABLE, NOTE_PRISMA, object,
					   "schema.prisma has %s, MariaDB has %s; it becomes %s",
					   type, column->remote->column_type, column->type);
}

/* Does the field have a default that is in the database? */
static bool
has_default(const MariaPrismaField *field)
{
	static const char *const of_client[] = {
		"uuid", "cuid", "nanoid", "ulid", "auto", "autoincrement"
	};
	MariaPrismaValue *value = maria_prisma_default(field);

	if (value == NULL)
		return false;
	for (size_t i = 0; i < lengthof(of_client); i++)
		if (value->kind == PRISMA_CALL &&
			strcmp(value->text, of_client[i]) == 0)
			return false;
	return true;
}

static bool
is_call(const MariaPrismaField *field, const char *name)
{
	MariaPrismaValue *value = maria_prisma_default(field);

	return value && value->kind == PRISMA_CALL &&
		strcmp(value->text, name) == 0;
}

/* Is it a type whose defaults Prisma creates in PostgreSQL, not MariaDB? */
static bool
has_document_type(const MariaPrismaField *field)
{
	return strcmp(field->type, "Json") == 0 ||
		strcmp(field->type, "Bytes") == 0;
}

static void
compare_field(DdlPlan *plan, MariaTargetObject object,
			  const MariaTargetColumn *column)
{
	const MariaPrismaField *field = column->field;
	const char *value = column->remote->default_value;
	bool		exists = value && pg_strcasecmp(value, "NULL") != 0;

	if (field->is_optional == column->not_null && !field->is_list)
		maria_ddl_note(plan, STEP_TABLE, NOTE_PRISMA, object,
					   field->is_optional ?
					   "optional in schema.prisma, but NOT NULL in MariaDB" :
					   "required in schema.prisma, but can be null in MariaDB");
	if (is_call(field, "autoincrement") != column->is_counter)
		maria_ddl_note(plan, STEP_TABLE, NOTE_PRISMA, object,
					   "schema.prisma and MariaDB differ in AUTO_INCREMENT");
	if (!has_document_type(field) && has_default(field) != exists)
		maria_ddl_note(plan, STEP_TABLE, NOTE_PRISMA, object,
					   exists ?
					   "MariaDB has the default %s, but schema.prisma has none" :
					   "schema.prisma has a default, but MariaDB has none", value);
}

/* Applies the declaration of a column, and notes where it differs. */
void
maria_apply_field(DdlPlan *plan, MariaTargetTable *table,
				  MariaTargetColumn *column)
{
	MariaTargetObject object = maria_ddl_object(table, column->name);

	if (table->model == NULL)
		return;
	column->field = maria_ddl_field(plan, table->model, column->remote->name);
	if (column->field == NULL)
	{
		maria_ddl_note(plan, STEP_TABLE, NOTE_PRISMA, object,
					   "schema.prisma does not declare it");
		return;
	}
	if (maria_is_enum(column->remote) !=
		(maria_prisma_enum(plan->target->prisma,
						   column->field->type) != NULL))
		maria_ddl_note(plan, STEP_TABLE, NOTE_PRISMA, object,
					   "schema.prisma has %s, MariaDB has %s",
					   column->field->type, column->remote->column_type);
	apply_type(plan, object, column);
	compare_field(plan, object, column);
	if (maria_prisma_attribute(column->field->attributes, "updatedAt"))
		column->is_touched = false;
}

/* Converts base64 to a literal of bytea; NULL if it is not valid. */
static char *
bytes_literal(const char *base64)
{
	int			room = pg_b64_dec_len(strlen(base64));
	void	   *bytes = palloc(room + 1);	/* of 18: uint8, before: char */
	int			len = pg_b64_decode(base64, strlen(base64), bytes, room);
	char	   *hex;

	if (len < 0)
		return NULL;
	hex = palloc0(len * 2 + 1);
	hex_encode(bytes, len, hex);
	return psprintf("'\\x%s'", hex);
}

/* Returns the default of a Json or Bytes field, which MariaDB never had. */
char *
maria_field_default(const MariaTargetColumn *column)
{
	const MariaPrismaField *field = column->field;
	MariaPrismaValue *value = field ? maria_prisma_default(field) : NULL;

	if (value == NULL || value->kind != PRISMA_STRING || field->is_list)
		return NULL;
	if (strcmp(field->type, "Json") == 0)
		return quote_literal_cstr(value->text);
	if (strcmp(field->type, "Bytes") == 0)
		return bytes_literal(value->text);
	return NULL;
}

/* Notes the columns of a model that do not exist. */
static void
compare_model(DdlPlan *plan, const MariaPrismaBlock *model,
			  MariaTargetTable *table)
{
	MariaNames *found = maria_names_create();
	ListCell   *lc;

	foreach(lc, table->columns)
	{
		const MariaPrismaField *field = ((MariaTargetColumn *) lfirst(lc))->field;

		if (field)
			maria_names_add(found, field->db_name, unconstify(MariaPrismaField *, field));
	}
	foreach(lc, model->fields)
	{
		MariaPrismaField *field = lfirst(lc);

		if (maria_prisma_has_column(plan->target->prisma, field) &&
			maria_names_find(found, field->db_name) != field)
			maria_ddl_note(plan, STEP_TABLE, NOTE_PRISMA,
						   maria_ddl_object(table, field->db_name),
						   "schema.prisma declares it, but MariaDB does not have it");
	}
	maria_compare_keys(plan, table);
}

/* Returns the tables of the plan that have a model, by its name. */
static MariaNames *
tables_of_models(DdlPlan *plan)
{
	MariaNames *result = maria_names_create();
	ListCell   *lc;

	foreach(lc, plan->target->tables)
	{
		MariaTargetTable *table = lfirst(lc);

		if (table->model)
			maria_names_add(result, table->model->db_name, table);
	}
	return result;
}

/* Notes the tables that only the text or only the database has. */
void
maria_compare_prisma(DdlPlan *plan)
{
	MariaNames *tables;
	ListCell   *lc;

	if (plan->target->prisma == NULL)
		return;
	tables = tables_of_models(plan);
	foreach(lc, plan->target->prisma->models)
	{
		MariaPrismaBlock *model = lfirst(lc);
		MariaTargetTable *table = maria_names_find(tables, model->db_name);
		MariaTargetObject missing = {.name = model->db_name};

		if (table && table->model == model)
			compare_model(plan, model, table);
		else if (strcmp(model->keyword, "model") == 0)
			maria_ddl_note(plan, STEP_TABLE, NOTE_PRISMA,
						   missing,
						   "schema.prisma declares it, but MariaDB does not have it");
	}
	foreach(lc, plan->target->tables)
	{
		MariaTargetTable *table = lfirst(lc);

		if (table->model == NULL && !table->is_join)
			maria_ddl_note(plan, STEP_TABLE, NOTE_PRISMA,
						   maria_ddl_object(table, NULL),
						   "schema.prisma does not declare it");
	}
}
