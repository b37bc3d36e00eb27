/*
 * Which tokens does an expression of MariaDB have?
 *
 * Its form is the one that the server deparses into information_schema, so
 * names are in backticks and keywords are not.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "catalog/labels.h"
#include "schema/defaults.h"
#include "schema/expression/parser.h"

static const char *const long_symbols[] = {
	"<=>", "<>", "<=", ">=", "!=", "||", "&&", "<<", ">>", "->", ":="
};

/* Keeps the first problem and stops the parser: all that follows is the end. */
void
maria_fail(MariaParser *parser, const char *format,...)
{
	StringInfoData text;
	va_list		args;
	int			needed = parser->problem ? 0 : 1;

	if (needed > 0)
		initStringInfo(&text);
	while (needed > 0)
	{
		va_start(args, format);
		needed = appendStringInfoVA(&text, format, args);
		va_end(args);
		if (needed > 0)
			enlargeStringInfo(&text, needed);
		else
			parser->problem = text.data;
	}
	parser->kind = MARIA_TOKEN_END;
	parser->text = "";
	parser->pos = "";
}

/* Begins a nested part. */
void
maria_enter(MariaParser *parser)
{
	check_stack_depth();
	if (++parser->depth > MARIA_MAX_NESTING)
		maria_fail(parser, "it is nested too deeply");
}

void
maria_leave(MariaParser *parser)
{
	parser->depth--;
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
	const char *p = parser->pos + 1;
	const char *end = maria_quoted_end(p, '`');
	char	   *to;

	if (end == NULL)
	{
		maria_fail(parser, "it has an unterminated name");
		return;
	}
	parser->kind = MARIA_TOKEN_NAME;
	parser->text = to = palloc(end - p + 1);
	while (p < end)
	{
		*to++ = *p;
		p += *p == '`' ? 2 : 1;
	}
	*to = '\0';
	parser->pos = end + 1;
}

static void
scan_string(MariaParser *parser)
{
	const char *p = parser->pos + 1;
	const char *end = maria_quoted_end(p, '\'');
	char	   *text;
	char	   *to;

	if (end == NULL)
	{
		maria_fail(parser, "it has an unterminated string");
		return;
	}
	text = to = palloc(end - p + 1);
	for (; p < end; p++)
	{
		if (*p == '\\' && p[1] == '0')
		{
			maria_fail(parser, "it has a NUL character in a string");
			return;
		}
		if (*p == '\\')
			*to++ = maria_unescaped(*++p);
		else
		{
			parser->is_lossy |= *p == '?';
			*to++ = *p;
			p += *p == '\'';
		}
	}
	*to = '\0';
	parser->kind = MARIA_TOKEN_STRING;
	parser->text = text;
	parser->pos = end + 1;
}

/* Scans digits with at most one point, and an exponent that has digits. */
static void
scan_number(MariaParser *parser)
{
	const char *p = parser->pos;
	size_t		digits = 1;

	p += strspn(p, "0123456789");
	if (*p == '.')
		p += 1 + strspn(p + 1, "0123456789");
	if (*p == 'e' || *p == 'E')
	{
		p++;
		p += *p == '-' || *p == '+';
		digits = strspn(p, "0123456789");
		p += digits;
	}
	if (digits == 0 || *p == '.' || is_word_char(*p))
	{
		maria_fail(parser, "it has an invalid number");
		return;
	}
	parser->kind = MARIA_TOKEN_NUMBER;
	parser->text = pnstrdup(parser->pos, p - parser->pos);
	parser->pos = p;
}

/* Scans the digits of x'...', which must be whole bytes. */
static void
scan_bytes(MariaParser *parser)
{
	scan_string(parser);
	if (parser->problem)
		return;
	parser->kind = MARIA_TOKEN_BYTES;
	if (!maria_is_hex(parser->text))
		maria_fail(parser, "it has invalid hexadecimal digits");
}

/*
 * Scans a word; _utf8mb4'...' is a string, b'...' are bits, and x'...' are
 * bytes.
 */
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
		if (parser->problem)
			return;
		parser->kind = MARIA_TOKEN_BITS;
		if (strspn(parser->text, "01") != strlen(parser->text))
			maria_fail(parser, "it has invalid binary digits");
	}
	else if (strcmp(parser->text, "x") == 0)
		scan_bytes(parser);
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

/* Reads the next token. */
void
maria_advance(MariaParser *parser)
{
	CHECK_FOR_INTERRUPTS();
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
	if (strlen(text) > MARIA_MAX_EXPRESSION)
		maria_fail(parser, "it is longer than %d kB",
				   MARIA_MAX_EXPRESSION / 1024);
	maria_advance(parser);
}

/* Is this keyword or symbol the current token? */
bool
maria_at(MariaParser *parser, const char *text)
{
	return (parser->kind == MARIA_TOKEN_WORD ||
			parser->kind == MARIA_TOKEN_SYMBOL) &&
		strcmp(parser->text, text) == 0;
}

/* Skips a keyword or symbol if it is the current token. */
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
		maria_fail(parser, "\"%s\" found where \"%s\" is expected",
				   parser->text, text);
}

/* Reads a name in backticks and returns it. */
char *
maria_take_name(MariaParser *parser)
{
	char	   *name = parser->text;

	if (parser->kind != MARIA_TOKEN_NAME)
	{
		maria_fail(parser, "\"%s\" found where a name is expected",
				   parser->text);
		return "";
	}
	maria_advance(parser);
	return name;
}
