/*
 * Which tokens does an expression of MariaDB have?
 *
 * Its form is the one that the server deparses into information_schema, so
 * names stand in backticks and keywords do not.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "schema/expression.h"

static const char *const long_symbols[] = {
	"<=>", "<>", "<=", ">=", "!=", "||", "&&", "<<", ">>", "->", ":="
};

/* Keeps the first problem and stops the parser: all that follows is the end. */
void
maria_fail(MariaParser *parser, const char *format,...)
{
	StringInfoData text;
	va_list		args;
	int			needed;

	initStringInfo(&text);
	va_start(args, format);
	needed = appendStringInfoVA(&text, format, args);
	va_end(args);
	if (needed > 0)
	{
		enlargeStringInfo(&text, needed);
		va_start(args, format);
		appendStringInfoVA(&text, format, args);
		va_end(args);
	}
	if (parser->problem == NULL)
		parser->problem = text.data;
	parser->kind = MARIA_TOKEN_END;
	parser->text = "";
	parser->pos = "";
}

static bool
is_word_char(unsigned char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		(c >= '0' && c <= '9') || c == '_' || c == '$' || c >= 0x80;
}

static void
scan_name(MariaParser *parser)
{
	StringInfoData name;
	const char *p = parser->pos + 1;

	initStringInfo(&name);
	for (; *p; p++)
	{
		if (*p != '`')
			appendStringInfoChar(&name, *p);
		else if (p[1] == '`')
			appendStringInfoChar(&name, *p++);
		else
			break;
	}
	parser->kind = MARIA_TOKEN_NAME;
	parser->text = name.data;
	parser->pos = *p ? p + 1 : p;
}

static void
append_escaped(MariaParser *parser, StringInfo text, char letter)
{
	static const char letters[] = "nrtbZ";
	static const char meanings[] = "\n\r\t\b\032";
	const char *found = letter ? strchr(letters, letter) : NULL;

	if (letter == '0')
		maria_fail(parser, "it has a NUL character in a string");
	else
		appendStringInfoChar(text, found ? meanings[found - letters] : letter);
}

static void
scan_string(MariaParser *parser)
{
	StringInfoData text;
	const char *p = parser->pos + 1;

	initStringInfo(&text);
	parser->kind = MARIA_TOKEN_STRING;
	for (; *p; p++)
	{
		if (*p == '\\' && p[1])
			append_escaped(parser, &text, *++p);
		else if (*p != '\'')
			appendStringInfoChar(&text, *p);
		else if (p[1] == '\'')
			appendStringInfoChar(&text, *p++);
		else
			break;
	}
	if (parser->problem)
		return;
	parser->text = text.data;
	parser->is_lossy = strchr(text.data, '?') != NULL;
	parser->pos = *p ? p + 1 : p;
}

static void
scan_number(MariaParser *parser)
{
	const char *p = parser->pos;

	p += strspn(p, "0123456789.");
	if (*p == 'e' || *p == 'E')
	{
		p++;
		p += *p == '-' || *p == '+';
		p += strspn(p, "0123456789");
	}
	parser->kind = MARIA_TOKEN_NUMBER;
	parser->text = pnstrdup(parser->pos, p - parser->pos);
	parser->pos = p;
}

/* Scans a word; _utf8mb4'...' is a string, and b'...' are bits. */
static void
scan_word(MariaParser *parser)
{
	const char *p = parser->pos;

	while (is_word_char(*p))
		p++;
	parser->kind = MARIA_TOKEN_WORD;
	parser->text = pnstrdup(parser->pos, p - parser->pos);
	for (char *c = parser->text; *c; c++)
		*c = pg_ascii_tolower((unsigned char) *c);
	parser->pos = p;
	if (*p != '\'')
		return;
	if (strcmp(parser->text, "b") == 0)
	{
		scan_string(parser);
		parser->kind = MARIA_TOKEN_BITS;
		if (strspn(parser->text, "01") != strlen(parser->text))
			maria_fail(parser, "it has bits that are not 0 or 1");
	}
	else if (strncmp(parser->text, "_utf8", 5) == 0)
		scan_string(parser);
	else
		maria_fail(parser, "it has a literal %s'...'", parser->text);
}

static void
scan_symbol(MariaParser *parser)
{
	int			len = 1;

	for (size_t i = 0; i < lengthof(long_symbols); i++)
		if (len == 1 && strncmp(parser->pos, long_symbols[i],
								strlen(long_symbols[i])) == 0)
			len = strlen(long_symbols[i]);
	parser->kind = MARIA_TOKEN_SYMBOL;
	parser->text = pnstrdup(parser->pos, len);
	parser->pos += len;
}

/* Takes the next token in hand. */
void
maria_advance(MariaParser *parser)
{
	parser->pos += strspn(parser->pos, " \t\r\n");
	parser->is_lossy = false;
	if (*parser->pos == '\0')
	{
		parser->kind = MARIA_TOKEN_END;
		parser->text = "";
	}
	else if (*parser->pos == '`')
		scan_name(parser);
	else if (*parser->pos == '\'')
		scan_string(parser);
	else if (strncmp(parser->pos, "0x", 2) == 0)
		maria_fail(parser, "it has a hexadecimal literal");
	else if ((*parser->pos >= '0' && *parser->pos <= '9') ||
			 (*parser->pos == '.' && parser->pos[1] >= '0' && parser->pos[1] <= '9'))
		scan_number(parser);
	else if (is_word_char(*parser->pos))
		scan_word(parser);
	else
		scan_symbol(parser);
}

void
maria_parser_init(MariaParser *parser, const char *text,
				  const MariaScope *scope)
{
	memset(parser, 0, sizeof(MariaParser));
	parser->pos = text;
	parser->scope = scope;
	maria_advance(parser);
}

/* Is this keyword or symbol in hand? */
bool
maria_at(MariaParser *parser, const char *text)
{
	return (parser->kind == MARIA_TOKEN_WORD ||
			parser->kind == MARIA_TOKEN_SYMBOL) &&
		strcmp(parser->text, text) == 0;
}

/* Moves over a keyword or symbol if it is in hand. */
bool
maria_take(MariaParser *parser, const char *text)
{
	if (!maria_at(parser, text))
		return false;
	maria_advance(parser);
	return true;
}

void
maria_expect(MariaParser *parser, const char *text)
{
	if (!maria_take(parser, text))
		maria_fail(parser, "\"%s\" is not understood, where \"%s\" is expected",
				   parser->text, text);
}

/* Moves over a name in backticks and returns it. */
char *
maria_take_name(MariaParser *parser)
{
	char	   *name = parser->text;

	if (parser->kind != MARIA_TOKEN_NAME)
	{
		maria_fail(parser, "\"%s\" is not understood, where a name is expected",
				   parser->text);
		return "";
	}
	maria_advance(parser);
	return name;
}
