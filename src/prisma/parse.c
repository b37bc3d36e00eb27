/*
 * How is the text of schema.prisma parsed?
 *
 * A recursive-descent parser for the syntax, not for its meaning: blocks,
 * fields, attributes and their arguments, and for the formatter the order of
 * lines, comments and the spelling of strings.  Returns the first error with
 * its line, and raises nothing but a pending interrupt.  Several files may be
 * concatenated.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "prisma/prisma.h"

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
	const char *pos;			/* after the current token */
	int			line;
	int			depth;			/* open ( and [; no newline counts inside */
	int			nesting;		/* of lists being parsed */
	TokenKind	kind;			/* of the current token */
	char		symbol;
	char	   *text;			/* of a word or string */
	char	   *raw;			/* of a string: as written */
	List	   *comments;		/* before the current token, not yet kept */
	char	   *trailing;		/* // comment at the end of the current line */
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

		/*
		 * The position is already past the end of a line when that is the
		 * current token.
		 */
		parser->result->line = parser->line -
			(parser->kind == TOKEN_NEWLINE ? 1 : 0);
	}
	parser->kind = TOKEN_END;
	parser->pos = "";
}

/*
 * Reads a comment up to the end of the line, which is not a token inside
 * parentheses.
 */
static void
take_line_comment(Parser *parser)
{
	const char *start = parser->pos;
	int			len;
	char	   *comment;

	parser->pos += strcspn(start, "\n");
	len = parser->pos - start;
	while (len > 0 && start[len - 1] == '\r')
		len--;
	comment = pnstrdup(start, len);
	if (parser->depth == 0)
		parser->trailing = comment;
	else
		parser->comments = lappend(parser->comments, comment);
}

static void
take_long_comment(Parser *parser)
{
	const char *start = parser->pos;
	const char *end = strstr(parser->pos + 2, "*/");

	if (end == NULL)
	{
		fail(parser, "unterminated comment");
		return;
	}
	for (; parser->pos < end + 2; parser->pos++)
		if (*parser->pos == '\n')
			parser->line++;
	parser->comments = lappend(parser->comments,
							   pnstrdup(start, parser->pos - start));
}

/*
 * Skips blanks, reads comments, and skips newlines where they have no meaning.
 */
static void
skip_blanks(Parser *parser)
{
	for (;;)
	{
		char		c = *parser->pos;

		if (strncmp(parser->pos, BYTE_ORDER_MARK, 3) == 0)
			parser->pos += 3;
		else if (c == '/' && parser->pos[1] == '/')
			take_line_comment(parser);
		else if (c == '/' && parser->pos[1] == '*')
			take_long_comment(parser);
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

/* Can a text of this database contain a character? */
static bool
is_valid_character(int code)
{
	return code > 0 && !(code >= 0xD800 && code < 0xE000) &&
		(code < 0x80 || GetDatabaseEncoding() == PG_UTF8);
}

/* Reads the digits of \uXXXX, or of a pair that makes one character. */
static char *
scan_unicode(Parser *parser, char *to)
{
	int			code = hex4(parser->pos);
	int			low = -1;

	if (code < 0)
	{
		fail(parser, "invalid \\u escape");
		return to;
	}
	parser->pos += 4;
	if (code >= 0xD800 && code < 0xDC00 && strncmp(parser->pos, "\\u", 2) == 0)
		low = hex4(parser->pos + 2);
	if (low >= 0xDC00 && low < 0xE000)
	{
		code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
		parser->pos += 6;
	}
	if (!is_valid_character(code))
	{
		fail(parser, "invalid \\u escape");
		return to;
	}
	unicode_to_utf8(code, (unsigned char *) to);
	return to + pg_utf_mblen((unsigned char *) to);
}

/*
 * Reads what follows a backslash; the result is never longer than the escape.
 */
static char *
scan_escape(Parser *parser, char *to)
{
	static const char letters[] = "bfnrt\"\\/";
	static const char meanings[] = "\b\f\n\r\t\"\\/";
	char		c = *parser->pos;
	const char *letter = c ? strchr(letters, c) : NULL;

	if (letter == NULL && c != 'u')
	{
		fail(parser, "invalid escape in a string");
		return to;
	}
	parser->pos++;
	if (letter == NULL)
		return scan_unicode(parser, to);
	*to = meanings[letter - letters];
	return to + 1;
}

/* Returns the quote that ends a string, or NULL; both on the same line. */
static const char *
string_end(const char *pos)
{
	for (; *pos != '"' && *pos != '\n' && *pos != '\0'; pos++)
		if (*pos == '\\' && pos[1] != '\0')
			pos++;
	return *pos == '"' ? pos : NULL;
}

static void
scan_string(Parser *parser)
{
	const char *start = parser->pos;
	const char *end = string_end(start + 1);
	char	   *to;

	parser->kind = TOKEN_STRING;
	if (end == NULL)
	{
		fail(parser, "unterminated string");
		return;
	}
	parser->raw = pnstrdup(start, end + 1 - start);
	parser->text = to = palloc(end - start);
	parser->pos++;
	while (parser->kind != TOKEN_END && parser->pos < end)
	{
		if (*parser->pos != '\\')
			*to++ = *parser->pos++;
		else
		{
			parser->pos++;
			to = scan_escape(parser, to);
		}
	}
	if (parser->kind == TOKEN_END)
		return;
	*to = '\0';
	parser->pos++;
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

/* Reads the next token. */
static void
advance(Parser *parser)
{
	CHECK_FOR_INTERRUPTS();
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

/* Skips a symbol if it is the current token. */
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

/* Reads a word and returns it; an empty one after an error. */
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

/*
 * Parses values up to the closing symbol; the opening one is the current
 * token.
 */
static List *
parse_values(Parser *parser, char close)
{
	List	   *values = NIL;

	if (++parser->nesting > MAX_DEPTH)
		fail(parser, "nested too deeply");
	else
		advance(parser);
	while (!at_symbol(parser, close) && parser->kind != TOKEN_END)
	{
		values = lappend(values, parse_argument(parser));
		if (!take(parser, ',') && !at_symbol(parser, close))
			fail(parser, "expected a comma or the end of a list");
	}
	expect(parser, close, "expected the end of a list");
	parser->nesting--;
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
		value->raw = parser->raw;
		advance(parser);
		return value;
	}
	if (at_symbol(parser, '['))
	{
		value = make_value(PRISMA_LIST, "");
		value->items = parse_values(parser, ']');
		return value;
	}
	if (at_symbol(parser, '{'))
	{
		value = make_value(PRISMA_OBJECT, "");
		value->items = parse_values(parser, '}');
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

	attribute->line = parser->line;
	attribute->name = expect_word(parser, "expected an attribute's name");
	attribute->has_parens = at_symbol(parser, '(');
	if (attribute->has_parens)
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

/*
 * Parses a field's type: Name, Unsupported("..."), with ? or [].  The text
 * of an unsupported type is kept as it is written.
 */
static void
parse_type(Parser *parser, MariaPrismaField *field)
{
	field->type = expect_word(parser, "expected a field's type");
	field->type_text = field->type;
	if (at_symbol(parser, '('))
	{
		const char *start = parser->pos;

		advance(parser);
		while (!at_symbol(parser, ')') && parser->kind != TOKEN_END)
		{
			if (parser->kind == TOKEN_SYMBOL && strchr("([{}]", parser->symbol))
				fail(parser, "expected the end of a type");
			advance(parser);
		}
		field->type_text = psprintf("%s(%.*s", field->type,
									(int) (parser->pos - start), start);
		expect(parser, ')', "expected the end of a type");
	}
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

	field->line = parser->line;
	field->name = expect_word(parser, "expected a field, an attribute or }");
	if (has_type)
		parse_type(parser, field);
	while (take(parser, '@'))
		field->attributes = lappend(field->attributes,
									parse_attribute(parser));
	field->db_name = mapped_name(field->attributes, field->name);
	return field;
}

/* Parses key = value of a datasource or generator. */
static MariaPrismaValue *
parse_setting(Parser *parser)
{
	char	   *key = expect_word(parser, "expected a setting or }");
	int			line = parser->line;
	MariaPrismaValue *value;

	expect(parser, '=', "expected =");
	value = parse_value(parser);
	value->label = key;
	value->line = line;
	return value;
}

static MariaPrismaItem *
add_item(List **items, MariaPrismaItemKind kind, char *comment)
{
	MariaPrismaItem *item = palloc0(sizeof(MariaPrismaItem));

	item->kind = kind;
	item->comment = comment;
	*items = lappend(*items, item);
	return item;
}

/* Keeps the comments met so far as lines of their own. */
static void
keep_comments(Parser *parser, List **items)
{
	ListCell   *lc;

	foreach(lc, parser->comments)
		(void) add_item(items, PRISMA_COMMENT, lfirst(lc));
	parser->comments = NIL;
	if (parser->trailing)
		(void) add_item(items, PRISMA_COMMENT, parser->trailing);
	parser->trailing = NULL;
}

/* Keeps a line that ends without a field or attribute. */
static void
keep_empty_line(Parser *parser, List **items)
{
	if (parser->comments || parser->trailing)
		keep_comments(parser, items);
	else
		(void) add_item(items, PRISMA_BLANK, NULL);
	advance(parser);
}

/* Parses a line into an item, whose comment is added later. */
static void
parse_line_content(Parser *parser, MariaPrismaBlock *block,
				   MariaPrismaItem *item)
{
	if (block->kind == PRISMA_CONFIG)
	{
		item->kind = PRISMA_SETTING;
		item->node = parse_setting(parser);
		block->settings = lappend(block->settings, item->node);
	}
	else if (take(parser, '@'))
	{
		expect(parser, '@', "expected @@");
		item->kind = PRISMA_ATTRIBUTE;
		item->node = parse_attribute(parser);
		block->attributes = lappend(block->attributes, item->node);
	}
	else
	{
		item->kind = PRISMA_FIELD;
		item->node = parse_field(parser, block->kind != PRISMA_ENUM);
		block->fields = lappend(block->fields, item->node);
	}
}

/* Parses one line of a block that is not empty. */
static void
parse_line(Parser *parser, MariaPrismaBlock *block)
{
	MariaPrismaItem *item = palloc0(sizeof(MariaPrismaItem));

	keep_comments(parser, &block->items);
	parse_line_content(parser, block, item);
	item->comment = parser->trailing;
	parser->trailing = NULL;
	keep_comments(parser, &block->items);
	block->items = lappend(block->items, item);

	if (parser->kind == TOKEN_NEWLINE)
		advance(parser);
	else if (!at_symbol(parser, '}'))
		fail(parser, "expected the end of the line");
}

/* Indexes an enum and its values by name. */
static void
index_enum(MariaPrisma *prisma, MariaPrismaBlock *block)
{
	ListCell   *lc;

	maria_names_add(prisma->enums_by_name, block->name, block);
	block->values_by_label = maria_names_create();
	foreach(lc, block->fields)
	{
		MariaPrismaField *field = lfirst(lc);

		maria_names_add(block->values_by_label, field->db_name, field);
	}
}

/* Parses the inside of a block up to its brace. */
static void
parse_body(Parser *parser, MariaPrismaBlock *block)
{
	if (parser->kind == TOKEN_NEWLINE)
	{
		keep_comments(parser, &block->items);
		advance(parser);
	}
	while (!at_symbol(parser, '}') && parser->kind != TOKEN_END)
	{
		if (parser->kind == TOKEN_NEWLINE)
			keep_empty_line(parser, &block->items);
		else
			parse_line(parser, block);
	}
	keep_comments(parser, &block->items);
	block->db_name = mapped_name(block->attributes, block->name);
}

/* Returns the list of the result that a block belongs to, or NULL. */
static List **
list_of_block(MariaPrisma *result, MariaPrismaBlock *block)
{
	static const struct
	{
		const char *keyword;
		MariaPrismaBlockKind kind;
		size_t		list;
	}			blocks[] = {
		{"model", PRISMA_MODEL, offsetof(MariaPrisma, models)},
		{"view", PRISMA_MODEL, offsetof(MariaPrisma, models)},
		{"enum", PRISMA_ENUM, offsetof(MariaPrisma, enums)},
		{"type", PRISMA_TYPE, offsetof(MariaPrisma, types)},
		{"datasource", PRISMA_CONFIG, offsetof(MariaPrisma, configs)},
		{"generator", PRISMA_CONFIG, offsetof(MariaPrisma, configs)},
	};

	for (size_t i = 0; i < lengthof(blocks); i++)
	{
		if (strcmp(block->keyword, blocks[i].keyword) != 0)
			continue;
		block->kind = blocks[i].kind;
		return (List **) ((char *) result + blocks[i].list);
	}
	return NULL;
}

static void
parse_block(Parser *parser)
{
	MariaPrisma *result = parser->result;
	MariaPrismaBlock *block = palloc0(sizeof(MariaPrismaBlock));
	List	  **list;

	keep_comments(parser, &result->items);
	block->line = parser->line;
	block->keyword = expect_word(parser, "expected model, enum or another block");
	list = list_of_block(result, block);
	if (list == NULL)
	{
		fail(parser, "expected model, enum or another block");
		return;
	}
	block->name = expect_word(parser, "expected a block's name");
	expect(parser, '{', "expected {");
	parse_body(parser, block);
	*list = lappend(*list, block);
	if (block->kind == PRISMA_ENUM)
		index_enum(result, block);
	add_item(&result->items, PRISMA_BLOCK, NULL)->node = block;
	expect(parser, '}', "expected } at the end of the text");
}

/* Parses a schema.prisma; the caller must check the result's error. */
MariaPrisma *
maria_parse_prisma(const char *text)
{
	Parser		parser = {text, 1};
	bool		has_blocks = false;

	parser.result = palloc0(sizeof(MariaPrisma));
	parser.result->enums_by_name = maria_names_create();
	if (strlen(text) > MARIA_MAX_TEXT)
		fail(&parser, "it has more than 16 MB");
	advance(&parser);
	while (parser.kind != TOKEN_END)
	{
		if (parser.kind == TOKEN_NEWLINE)
			keep_empty_line(&parser, &parser.result->items);
		else
		{
			parse_block(&parser);
			has_blocks = true;
		}
	}

	/*
	 * An empty text, as read from a missing file, is not a schema without
	 * models.
	 */
	if (!has_blocks)
		fail(&parser, "it is empty");
	keep_comments(&parser, &parser.result->items);
	return parser.result;
}
