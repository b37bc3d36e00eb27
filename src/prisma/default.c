/*
 * How does PostgreSQL, and Prisma for it, spell the SQL of a dbgenerated()?
 *
 * The text must be the one that PostgreSQL deparses, or Prisma reports drift
 * permanently.  What is not certain is not changed.
 */
#include "postgres.h"

#include <ctype.h>

#include "utils/formatting.h"

#include "prisma/convert.h"
#include "prisma/lookup.h"

typedef struct DefaultRow
{
	const char *mysql;			/* lower case, without arguments and () around */
	const char *type;			/* of the field */
	const char *postgres;		/* NULL = now() */
	bool		is_value;		/* Prisma's own literal, not SQL */
} DefaultRow;

static const DefaultRow defaults[] = {
	{"current_timestamp", "DateTime", NULL},
	{"now", "DateTime", NULL},
	{"localtime", "DateTime", NULL},
	{"localtimestamp", "DateTime", NULL},
	{"sysdate", "DateTime", NULL},
	{"utc_timestamp", "DateTime", "(now() AT TIME ZONE 'utc'::text)"},
	{"curdate", "DateTime", "CURRENT_DATE"},
	{"current_date", "DateTime", "CURRENT_DATE"},
	{"uuid", "String", "gen_random_uuid()"},
	{"rand", "Float", "random()"},
	{"json_object", "Json", "{}", true},
	{"json_array", "Json", "[]", true},
};

/* Native types of DateTime as they are written in a literal's cast. */
static const char *const literal_types[][2] = {
	{"Date", "date"},
	{"Time", "time without time zone"},
	{"Timetz", "time with time zone"},
	{"Timestamptz", "timestamp with time zone"},
};

static char *
trim(const char *text, int len)
{
	while (len > 0 && isspace((unsigned char) *text))
		text++, len--;
	while (len > 0 && isspace((unsigned char) text[len - 1]))
		len--;
	return pnstrdup(text, len);
}

static bool
is_blank_or(char c, char other)
{
	return c == other || isspace((unsigned char) c);
}

/* Returns how many parentheses of a text are closed by those at its end. */
static int
count_wraps(const char *text, const char *start, const char *end)
{
	int			depth = 0;
	int			least;
	int			closing = 0;

	for (const char *pos = text; pos < start; pos++)
		depth += *pos == '(';
	least = depth;
	for (const char *pos = start; pos < end; pos++)
	{
		depth += (*pos == '(') - (*pos == ')');
		least = Min(least, depth);
	}
	for (const char *pos = end; *pos; pos++)
		closing += *pos == ')';
	return closing == depth ? least : 0;
}

/* Returns a text without the parentheses, if any, that enclose all of it. */
static char *
unwrap(const char *text)
{
	const char *start = text;
	const char *end = text + strlen(text);
	int			wraps;

	while (*start && is_blank_or(*start, '('))
		start++;
	while (end > start && is_blank_or(end[-1], ')'))
		end--;
	wraps = count_wraps(text, start, end);
	start = text;
	end = text + strlen(text);
	for (; wraps > 0; wraps--)
	{
		start = strchr(start, '(') + 1;
		while (*--end != ')')
			;
	}
	return trim(start, end - start);
}

/* Strips blanks, enclosing parentheses, and ON UPDATE. */
static char *
core_of(const char *expression)
{
	char	   *text = trim(expression, strlen(expression));
	char	   *lower = asc_tolower(text, strlen(text));
	char	   *update = strstr(lower, " on update ");

	if (update && strchr(text, '\'') == NULL)
		text = trim(text, update - lower);
	return unwrap(text);
}

/*
 * Returns a function's name without its argument list, which may have one
 * digit.
 */
static char *
bare_name(const char *text)
{
	size_t		len = strcspn(text, "(");
	char	   *args = trim(text + len, strlen(text) - len);
	size_t		end = strlen(args);

	if (end > 0 && (args[0] != '(' || args[end - 1] != ')' ||
					end > 3 || (end == 3 && !isdigit((unsigned char) args[1]))))
		return "";
	text = trim(text, len);
	return asc_tolower(text, strlen(text));
}

static const char *
literal_type(const MariaPrismaField *field)
{
	const char *native = maria_prisma_native_name(field);

	for (size_t i = 0; native && i < lengthof(literal_types); i++)
		if (strcmp(literal_types[i][0], native) == 0)
			return literal_types[i][1];
	return "timestamp without time zone";
}

/* Returns whether a text is one string literal without a backslash. */
static bool
is_literal(const char *text)
{
	size_t		len = strlen(text);

	if (len < 2 || text[0] != '\'' || text[len - 1] != '\'' ||
		strchr(text, '\\'))
		return false;
	for (size_t i = 1; i < len - 1; i++)
	{
		/* A quote inside is doubled, and does not end the text. */
		if (text[i] == '\'' && (++i == len - 1 || text[i] != '\''))
			return false;
	}
	return true;
}

/* Returns the value of a string literal. */
static char *
unquote(const char *literal)
{
	char	   *result = pstrdup(literal + 1);
	char	   *to = result;

	for (const char *from = literal + 1; from[1] != '\0'; from++)
	{
		*to++ = *from;
		if (*from == '\'')
			from++;
	}
	*to = '\0';
	return result;
}

static bool
is_number(const char *text)
{
	size_t		len;

	text += *text == '-';
	len = strspn(text, "0123456789");
	if (len == 0)
		return false;
	if (text[len] == '.')
		len += 1 + strspn(text + len + 1, "0123456789");
	return text[len] == '\0' && text[len - 1] != '.';
}

/* Returns the value of an enum that has this label, or NULL. */
static MariaPrismaValue *
enum_value(const MariaPrisma *prisma, const char *type, const char *label)
{
	MariaPrismaBlock *block = maria_prisma_enum(prisma, type);
	MariaPrismaField *value = block ?
	maria_names_find(block->values_by_label, label) : NULL;

	return value ? maria_prisma_word(value->name) : NULL;
}

/* Returns 0 and 1 as Prisma's false and true, or NULL. */
static MariaPrismaValue *
boolean_value(const char *text)
{
	static const char *const words[][2] = {
		{"0", "false"}, {"1", "true"}, {"false", "false"}, {"true", "true"},
		{"b'0'", "false"}, {"b'1'", "true"}
	};

	for (size_t i = 0; i < lengthof(words); i++)
		if (pg_strcasecmp(words[i][0], text) == 0)
			return maria_prisma_word(words[i][1]);
	return NULL;
}

static MariaPrismaValue *
dbgenerated(const char *sql)
{
	return maria_prisma_call("dbgenerated",
							 list_make1(maria_prisma_string(sql)));
}

/*
 * Returns a literal in Prisma's form, as Prisma would introspect it from
 * PostgreSQL; NULL if it is not a literal.
 */
static MariaPrismaValue *
literal_value(const MariaPrisma *prisma, const MariaPrismaField *field,
			  char *text)
{
	bool		is_text = strcmp(field->type, "String") == 0 ||
	strcmp(field->type, "Json") == 0;
	bool		is_quoted = is_literal(text);

	if (strcmp(field->type, "DateTime") == 0)
		return is_quoted ?
			dbgenerated(psprintf("%s::%s", text, literal_type(field))) : NULL;
	if (strcmp(field->type, "Boolean") == 0)
		return boolean_value(text);
	if (is_text)
		return is_quoted ? maria_prisma_string(unquote(text)) : NULL;
	if (maria_prisma_enum(prisma, field->type))
		return is_quoted ?
			enum_value(prisma, field->type, unquote(text)) : NULL;
	if (is_quoted)
		text = unquote(text);
	return strcmp(field->type, "Bytes") != 0 && is_number(text) ?
		maria_prisma_word(text) : NULL;
}

/* Returns the default as PostgreSQL needs it; NULL = no change. */
MariaPrismaValue *
maria_prisma_translate(const MariaPrisma *prisma,
					   const MariaPrismaField *field, const char *expression)
{
	char	   *text = core_of(expression);
	char	   *name = bare_name(text);

	for (size_t i = 0; i < lengthof(defaults); i++)
	{
		const DefaultRow *row = &defaults[i];

		if (strcmp(row->mysql, name) != 0 ||
			strcmp(row->type, field->type) != 0)
			continue;
		if (row->postgres == NULL)
			return maria_prisma_call("now", NIL);
		return row->is_value ? maria_prisma_string(row->postgres) :
			dbgenerated(row->postgres);
	}
	return literal_value(prisma, field, text);
}
