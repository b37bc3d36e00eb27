/*
 * What is the default of a column?
 *
 * A literal must be valid for the column's type, which is tested by the input
 * function; any other default is an expression to be translated.
 */
#include "postgres.h"

#include <ctype.h>

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "catalog/labels.h"
#include "prisma/lookup.h"
#include "schema/ddl/ddl.h"
#include "schema/defaults.h"
#include "schema/expression/expression.h"
#include "schema/notes.h"
#include "values/values.h"

/* Returns an enum's label as a literal, or NULL. */
static char *
label_default(const MariaTargetColumn *column)
{
	char	   *label = maria_unquote_default(column->remote->default_value);

	if (label == NULL || !maria_is_in(label, column->enum_type->labels))
		return NULL;
	return quote_literal_cstr(label);
}

/* Returns the labels of a set as a literal of text[], or NULL. */
static char *
set_default(const MariaTargetColumn *column)
{
	char	   *labels = maria_unquote_default(column->remote->default_value);
	StringInfoData array;

	if (labels == NULL || maria_is_lossy(column->remote->default_value))
		return NULL;
	initStringInfo(&array);
	for (char *p = labels; *p;)
	{
		char	   *label = pnstrdup(p, strcspn(p, ","));

		appendStringInfo(&array, "%s%s", array.len ? ", " : "",
						 quote_literal_cstr(label));
		p += strlen(label);
		p += *p == ',';
	}
	return array.len ? psprintf("ARRAY[%s]", array.data) : pstrdup("'{}'");
}

static bool
is_number(const char *text)
{
	return *text && strspn(text, "0123456789+-.eE") == strlen(text);
}

/*
 * Removes the zeros that MariaDB appends to the fraction of a decimal, unless
 * no digit precedes the point.
 */
static char *
plain_number(const char *text)
{
	char	   *number = pstrdup(text);
	const char *point = strchr(number, '.');

	if (point == NULL || strpbrk(number, "eE") ||
		point == number || !isdigit((unsigned char) point[-1]))
		return number;
	for (char *end = number + strlen(number) - 1; *end == '0'; end--)
		*end = '\0';
	if (number[strlen(number) - 1] == '.')
		number[strlen(number) - 1] = '\0';
	return number;
}

/* Returns a literal that the type accepts, in its usual form; or NULL. */
static char *
literal_default(MariaTargetColumn *column)
{
	MariaRemoteColumn *remote = column->remote;
	MariaClass	class = maria_type_class(column->type);
	List	   *notes = list_copy(remote->notes);
	char	   *sql = maria_local_default(remote, column->type);

	remote->notes = notes;
	if (sql == NULL)
		return NULL;
	if (class == CLASS_BOOLEAN && strcmp(sql, "'0'") == 0)
		return "false";
	if (class == CLASS_BOOLEAN && strcmp(sql, "'1'") == 0)
		return "true";
	if (maria_is_numeric(class) && is_number(remote->default_value))
		return plain_number(remote->default_value);
	return sql;
}

/* Returns the literal of a binary string, if it is certain to be complete. */
static char *
bytes_default(const MariaTargetColumn *column)
{
	char	   *digits = maria_bytes_default(column->remote);

	return digits ? psprintf("'\\x%s'", digits) : NULL;
}

/* Returns the floats of a VECTOR as a literal of the column's type. */
static char *
vector_default(const MariaTargetColumn *column)
{
	char	   *digits = maria_bytes_default(column->remote);
	MariaField	field = {.type = MARIA_VECTOR};
	size_t		len = digits ? strlen(digits) / 2 : 0;
	unsigned char *bytes = palloc(len + 1);
	char	   *text;

	if (digits == NULL || len % sizeof(float4) != 0)
		return NULL;
	hex_decode(digits, len * 2, (char *) bytes);
	text = maria_value_text(&field, bytes, len);
	if (strcmp(column->type, "real[]") == 0)
		text = psprintf("{%.*s}", (int) strlen(text) - 2, text + 1);
	return quote_literal_cstr(text);
}

static char *
translated_default(DdlPlan *plan, MariaTargetTable *table,
				   MariaTargetColumn *column)
{
	MariaScope	scope = {plan->target, NIL};
	MariaRemoteColumn *remote = column->remote;
	MariaExpression *expr = maria_translate(remote->default_value, &scope);
	const char *problem = expr->problem;

	if (problem == NULL && expr->literal && expr->class == CLASS_TEXT)
		problem = "the column's type does not accept it";
	if (problem == NULL)
		problem = maria_coerce(expr, column);
	if (problem)
	{
		maria_note(remote, NOTE_SKIPPED, "default %s is dropped: %s",
				   remote->default_value, problem);
		return NULL;
	}
	column->uses = expr->sequences;
	return maria_operand(expr);
}

/* Notes once which time CURRENT_TIMESTAMP returns in a default. */
static void
note_current_time(DdlPlan *plan, MariaTargetObject object)
{
	if (plan->explains_time || !maria_is_wanted(&object))
		return;
	plan->explains_time = true;
	maria_ddl_note(plan, STEP_TABLE, NOTE_CHANGED, object,
				   "defaults of CURRENT_TIMESTAMP (this column and others) use the session's time zone; if the application relied on MariaDB's time zone, set the same one by ALTER DATABASE ... SET timezone");
}

static char *
remote_default(DdlPlan *plan, MariaTargetTable *table,
			   MariaTargetColumn *column)
{
	MariaClass	class = maria_type_class(column->type);
	char	   *sql = NULL;

	if (column->enum_type)
		sql = label_default(column);
	else if (strcmp(column->type, "text[]") == 0)
		sql = set_default(column);
	else if (class == CLASS_BYTES)
		sql = bytes_default(column);
	else if (strcmp(column->remote->data_type, "vector") == 0)
		sql = vector_default(column);
	else
		sql = literal_default(column);
	return sql ? sql : translated_default(plan, table, column);
}

/* Returns a column's default as SQL, or NULL. */
char *
maria_plan_default(DdlPlan *plan, MariaTargetTable *table,
				   MariaTargetColumn *column)
{
	const char *value = column->remote->default_value;
	const char *written = column->field ?
	maria_prisma_dbgenerated(column->field) : NULL;
	char	   *sql;

	if (value == NULL || pg_strcasecmp(value, "NULL") == 0)
		return maria_field_default(column);
	if (plan->is_postgres_text && written)
		return psprintf("(%s)", written);
	sql = remote_default(plan, table, column);
	if (sql && strcmp(sql, "CURRENT_TIMESTAMP") == 0)
		note_current_time(plan, maria_ddl_object(table, column->name));
	return sql;
}
