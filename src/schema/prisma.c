/*
 * What does the text of schema.prisma say?
 *
 * A recursive-descent parser that knows the form and not the meaning: blocks,
 * fields, attributes and their arguments.  Pure: raises nothing, and returns
 * the first error with its line.  Several files may be concatenated.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#include "schema/schema.h"

#define MAX_DEPTH 50

/* Some editors begin a file with it. */
#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

typedef enum TokenKind
{
	TOKEN_END,
	TOKEN_NEWLINE,
	TOKEN_WORD,
	TOKEN_STRING,
	TOKEN_SYMBOL
} TokenKind;

typedef struct Parser
{
	const char *pos;			/* behind the token in hand */
	int			line;
	int			depth;			/* open ( and [; no newline counts inside */
	TokenKind	kind;			/* of the token in hand */
	char		symbol;
	char	   *text;			/* of a word or string */
	MariaPrisma *result;
} Parser;

static MariaPrismaValue *parse_argument(Parser *parser);

/* Notes the first error and stops the parser: all that follows is the end. */
static void
fail(Parser *parser, const char *error)
{
	if (parser->result->error == NULL)
	{
		parser->result->error = error;
		/* The end of a line is already behind us when it is in hand. */
		parser->result->line = parser->line -
			(parser->kind == TOKEN_NEWLINE ? 1 : 0);
	}
	parser->kind = TOKEN_END;
	parser->pos = "";
}

static void
skip_long_comment(Parser *parser)
{
	const char *end = strstr(parser->pos + 2, "*/");

	if (end == NULL)
	{
		fail(parser, "unterminated comment");
		return;
	}
	for (; parser->pos < end + 2; parser->pos++)
		if (*parser->pos == '\n')
			parser->line++;
}

/* Moves over blanks and comments, and over newlines where they don't count. */
static void
skip_blanks(Parser *parser)
{
	for (;;)
	{
		char		c = *parser->pos;

		if (strncmp(parser->pos, BYTE_ORDER_MARK, 3) == 0)
			parser->pos += 3;
		else if (c == '/' && parser->pos[1] == '/')
			parser->pos += strcspn(parser->pos, "\n");
		else if (c == '/' && parser->pos[1] == '*')
			skip_long_comment(parser);
		else if (c == ' ' || c == '\t' || c == '\r' ||
				 (c == '\n' && parser->depth > 0))
		{
			parser->line += c == '\n';
			parser->pos++;
		}
		else
			return;
	}
}

static bool
is_word_char(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') || c >= 0x80 || (c && strchr("_.+-", c));
}

/* Reads four hexadecimal digits; -1 if there are none. */
static int
hex4(const char *digits)
{
	int			value = 0;

	for (int i = 0; i < 4; i++)
	{
		const char *all = "0123456789abcdef";
		const char *digit = digits[i] ?
		strchr(all, pg_tolower((unsigned char) digits[i])) : NULL;

		if (digit == NULL)
			return -1;
		value = value * 16 + (digit - all);
	}
	return value;
}

/* Reads the digits of \uXXXX, or of a pair that makes one character. */
static void
scan_unicode(Parser *parser, StringInfo buf)
{
	unsigned char utf8[5] = {0};
	int			code = hex4(parser->pos);
	int			low = -1;

	if (code < 0)
	{
		fail(parser, "invalid \\u escape");
		return;
	}
	parser->pos += 4;
	if (code >= 0xD800 && code < 0xDC00 && strncmp(parser->pos, "\\u", 2) == 0)
		low = hex4(parser->pos + 2);
	if (low >= 0xDC00 && low < 0xE000)
	{
		code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
		parser->pos += 6;
	}
	if (code == 0 || (code >= 0xD800 && code < 0xE000))
	{
		fail(parser, "invalid \\u escape");
		return;
	}
	unicode_to_utf8(code, utf8);
	appendStringInfoString(buf, (char *) utf8);
}

/* Reads what follows a backslash. */
static void
scan_escape(Parser *parser, StringInfo buf)
{
	static const char letters[] = "bfnrt\"\\/";
	static const char meanings[] = "\b\f\n\r\t\"\\/";
	char		c = *parser->pos;
	const char *letter = c ? strchr(letters, c) : NULL;

	if (letter == NULL && c != 'u')
	{
		fail(parser, "invalid escape in a string");
		return;
	}
	parser->pos++;
	if (letter)
		appendStringInfoChar(buf, meanings[letter - letters]);
	else
		scan_unicode(parser, buf);
}

static void
scan_string(Parser *parser)
{
	StringInfoData buf;

	initStringInfo(&buf);
	parser->kind = TOKEN_STRING;
	parser->pos++;
	while (*parser->pos != '"' && parser->kind != TOKEN_END)
	{
		char		c = *parser->pos;

		if (c == '\0' || c == '\n')
		{
			fail(parser, "unterminated string");
			return;
		}
		parser->pos++;
		if (c == '\\')
			scan_escape(parser, &buf);
		else
			appendStringInfoChar(&buf, c);
	}
	if (parser->kind == TOKEN_END)
		return;
	parser->pos++;
	parser->text = buf.data;
}

static void
scan_word(Parser *parser)
{
	const char *start = parser->pos;

	while (is_word_char(*parser->pos))
		parser->pos++;
	parser->kind = TOKEN_WORD;
	parser->text = pnstrdup(start, parser->pos - start);
}

static void
scan_symbol(Parser *parser)
{
	char		c = *parser->pos++;

	parser->kind = TOKEN_SYMBOL;
	parser->symbol = c;
	if (c == '(' || c == '[')
		parser->depth++;
	if ((c == ')' || c == ']') && parser->depth > 0)
		parser->depth--;
	if (parser->depth > MAX_DEPTH)
		fail(parser, "nested too deeply");
}

/* Takes the next token in hand. */
static void
advance(Parser *parser)
{
	skip_blanks(parser);
	if (*parser->pos == '\0')
		parser->kind = TOKEN_END;
	else if (*parser->pos == '\n')
	{
		parser->kind = TOKEN_NEWLINE;
		parser->pos++;
		parser->line++;
	}
	else if (*parser->pos == '"')
		scan_string(parser);
	else if (is_word_char(*parser->pos))
		scan_word(parser);
	else
		scan_symbol(parser);
}

static bool
at_symbol(Parser *parser, char symbol)
{
	return parser->kind == TOKEN_SYMBOL && parser->symbol == symbol;
}

/* Moves over a symbol if it is in hand. */
static bool
take(Parser *parser, char symbol)
{
	if (!at_symbol(parser, symbol))
		return false;
	advance(parser);
	return true;
}

static void
expect(Parser *parser, char symbol, const char *error)
{
	if (!take(parser, symbol))
		fail(parser, error);
}

/* Moves over a word and returns it; an empty one after an error. */
static char *
expect_word(Parser *parser, const char *error)
{
	char	   *text = parser->text;

	if (parser->kind != TOKEN_WORD)
	{
		fail(parser, error);
		return "";
	}
	advance(parser);
	return text;
}

/* Parses values up to the closing symbol; the opening one is in hand. */
static List *
parse_values(Parser *parser, char close)
{
	List	   *values = NIL;

	advance(parser);
	while (!at_symbol(parser, close) && parser->kind != TOKEN_END)
	{
		values = lappend(values, parse_argument(parser));
		if (!take(parser, ',') && !at_symbol(parser, close))
			fail(parser, "expected a comma or the end of a list");
	}
	expect(parser, close, "expected the end of a list");
	return values;
}

static MariaPrismaValue *
make_value(MariaPrismaKind kind, char *text)
{
	MariaPrismaValue *value = palloc0(sizeof(MariaPrismaValue));

	value->kind = kind;
	value->text = text;
	return value;
}

/* Parses a word or a call. */
static MariaPrismaValue *
parse_word(Parser *parser)
{
	MariaPrismaValue *value;

	value = make_value(PRISMA_WORD, expect_word(parser, "expected a value"));
	if (at_symbol(parser, '('))
	{
		value->kind = PRISMA_CALL;
		value->items = parse_values(parser, ')');
	}
	return value;
}

static MariaPrismaValue *
parse_value(Parser *parser)
{
	MariaPrismaValue *value;

	if (parser->kind == TOKEN_STRING)
	{
		value = make_value(PRISMA_STRING, parser->text);
		advance(parser);
		return value;
	}
	if (at_symbol(parser, '['))
	{
		value = make_value(PRISMA_LIST, NULL);
		value->items = parse_values(parser, ']');
		return value;
	}
	return parse_word(parser);
}

/* Parses a value that may have a label before it. */
static MariaPrismaValue *
parse_argument(Parser *parser)
{
	MariaPrismaValue *value = parse_value(parser);
	char	   *label = value->text;

	if (value->kind != PRISMA_WORD || !take(parser, ':'))
		return value;
	value = parse_value(parser);
	value->label = label;
	return value;
}

/* Parses what follows the @ or @@ of an attribute. */
static MariaPrismaAttribute *
parse_attribute(Parser *parser)
{
	MariaPrismaAttribute *attribute = palloc0(sizeof(MariaPrismaAttribute));

	attribute->name = expect_word(parser, "expected an attribute's name");
	if (at_symbol(parser, '('))
		attribute->args = parse_values(parser, ')');
	return attribute;
}

/* Returns the name that @map or @@map gives, or else the given one. */
static char *
mapped_name(List *attributes, char *name)
{
	ListCell   *lc;

	foreach(lc, attributes)
	{
		MariaPrismaAttribute *attribute = lfirst(lc);
		MariaPrismaValue *value;

		if (strcmp(attribute->name, "map") != 0 || attribute->args == NIL)
			continue;
		value = linitial(attribute->args);
		if (value->kind == PRISMA_STRING)
			return value->text;
	}
	return name;
}

/* Parses a field's type: Name, Unsupported("..."), with ? or []. */
static void
parse_type(Parser *parser, MariaPrismaField *field)
{
	field->type = expect_word(parser, "expected a field's type");
	if (at_symbol(parser, '('))
		(void) parse_values(parser, ')');
	if (take(parser, '['))
	{
		field->is_list = true;
		expect(parser, ']', "expected ]");
	}
	field->is_optional = take(parser, '?');
}

/* Parses a line: a model's field, or an enum's value, which has no type. */
static MariaPrismaField *
parse_field(Parser *parser, bool has_type)
{
	MariaPrismaField *field = palloc0(sizeof(MariaPrismaField));

	field->name = expect_word(parser, "expected a field, an attribute or }");
	if (has_type)
		parse_type(parser, field);
	while (take(parser, '@'))
		field->attributes = lappend(field->attributes,
									parse_attribute(parser));
	field->db_name = mapped_name(field->attributes, field->name);
	return field;
}

/* Parses one line of a block. */
static void
parse_line(Parser *parser, MariaPrismaBlock *block, bool has_types)
{
	if (take(parser, '@'))
	{
		expect(parser, '@', "expected @@");
		block->attributes = lappend(block->attributes,
									parse_attribute(parser));
	}
	else if (parser->kind != TOKEN_NEWLINE)
		block->fields = lappend(block->fields,
								parse_field(parser, has_types));

	if (parser->kind == TOKEN_NEWLINE)
		advance(parser);
	else if (!at_symbol(parser, '}'))
		fail(parser, "expected the end of the line");
}

/* Parses the inside of a model, view, type or enum up to its brace. */
static void
parse_body(Parser *parser, MariaPrismaBlock *block, bool has_types)
{
	while (!at_symbol(parser, '}') && parser->kind != TOKEN_END)
		parse_line(parser, block, has_types);
	block->db_name = mapped_name(block->attributes, block->name);
}

/* Moves to the end of a block that says nothing about tables. */
static void
skip_body(Parser *parser)
{
	while (!at_symbol(parser, '}') && parser->kind != TOKEN_END)
		advance(parser);
}

static void
parse_block(Parser *parser)
{
	MariaPrisma *result = parser->result;
	MariaPrismaBlock *block = palloc0(sizeof(MariaPrismaBlock));

	block->keyword = expect_word(parser, "expected model, enum or another block");
	block->name = expect_word(parser, "expected a block's name");
	expect(parser, '{', "expected {");
	if (strcmp(block->keyword, "enum") == 0)
	{
		parse_body(parser, block, false);
		result->enums = lappend(result->enums, block);
	}
	else if (strcmp(block->keyword, "model") == 0 ||
			 strcmp(block->keyword, "view") == 0)
	{
		parse_body(parser, block, true);
		result->models = lappend(result->models, block);
	}
	else
		skip_body(parser);
	expect(parser, '}', "expected } at the end of the text");
}

/* Parses a schema.prisma; the caller looks at the result's error first. */
MariaPrisma *
maria_parse_prisma(const char *text)
{
	Parser		parser = {text, 1};

	parser.result = palloc0(sizeof(MariaPrisma));
	advance(&parser);
	while (parser.kind != TOKEN_END)
	{
		if (parser.kind == TOKEN_NEWLINE)
			advance(&parser);
		else
			parse_block(&parser);
	}
	return parser.result;
}
