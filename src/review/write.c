/*
 * How is what a rule has found written for PostgreSQL?
 *
 * A template is copied but for its $-signs:
 *
 *	$1 .. $9  an argument of the call	$*	all of them		$|	with || between
 *	$a .. $d  a capture of the pattern	$l	operand before	$r	and behind
 *	$q  first capture as a name			$t	as a string		$x	as bytea
 *	$F2  an argument as to_char's format $I2  as an interval  $J2  as a path
 *	$G	arguments of GROUP_CONCAT		$V	the rest, VALUES(x) as EXCLUDED.x
 */
#include "postgres.h"

#include <ctype.h>

#include "utils/builtins.h"

#include "review/review.h"

typedef bool (*Directive) (MariaSqlMatch *match, StringInfo buf, int arg);

static const struct
{
	char		mariadb;
	const char *postgres;
}			formats[] = {
	{'Y', "YYYY"}, {'y', "YY"}, {'m', "MM"}, {'c', "FMMM"}, {'M', "FMMonth"},
	{'b', "Mon"}, {'d', "DD"}, {'e', "FMDD"}, {'H', "HH24"}, {'k', "FMHH24"},
	{'h', "HH12"}, {'I', "HH12"}, {'l', "FMHH12"}, {'i', "MI"}, {'s', "SS"},
	{'S', "SS"}, {'f', "US"}, {'p', "AM"}, {'j', "DDD"}, {'T', "HH24:MI:SS"},
	{'r', "HH12:MI:SS AM"}, {'a', "Dy"}, {'W', "FMDay"}, {'v', "IW"},
	{'x', "IYYY"}, {'%', "%"},
};


/*
 * Returns the value of a quoted token; backslashes before letters are
 * resolved.
 */
static char *
unquoted(const char *text)
{
	size_t		len = strlen(text);
	size_t		skip = text[0] == '\\' ? 2 : 1;
	char		quote = text[skip - 1];
	StringInfoData buf;

	initStringInfo(&buf);
	if (len < 2 * skip)
		return "";
	for (const char *pos = text + skip; pos < text + len - skip; pos++)
	{
		if (*pos == quote || (*pos == '\\' && quote != '`'))
			pos++;
		appendStringInfoChar(&buf, *pos);
	}
	return buf.data;
}

static bool
write_arg(MariaSqlMatch *match, StringInfo buf, int arg)
{
	const char *text = maria_sql_arg(match, arg);

	if (text)
		appendStringInfoString(buf, text);
	return text != NULL;
}

static bool
join_args(MariaSqlMatch *match, StringInfo buf, const char *separator)
{
	int			first = match->open;
	int			last = 0;

	for (int i = 0; maria_sql_next_arg(match, &first, &last); i++)
		appendStringInfo(buf, "%s%s", i ? separator : "",
						 maria_sql_text(match->statement, first, last));
	return true;
}

static bool
write_all(MariaSqlMatch *match, StringInfo buf, int arg)
{
	return join_args(match, buf, ", ");
}

static bool
write_joined(MariaSqlMatch *match, StringInfo buf, int arg)
{
	return join_args(match, buf, " || ");
}

/* Writes the operand before the match, which then belongs to it. */
static bool
write_left(MariaSqlMatch *match, StringInfo buf, int arg)
{
	int			last = match->first - 1;

	if (last < 0)
		return false;
	match->first = maria_sql_operand_start(match->statement, last);
	if (!maria_sql_is_short(match->statement, match->first, last))
		return false;
	appendStringInfoString(buf, maria_sql_text(match->statement, match->first,
											   last));
	return true;
}

static bool
write_right(MariaSqlMatch *match, StringInfo buf, int arg)
{
	int			first = match->last + 1;

	if (first >= match->statement->ntokens)
		return false;
	match->last = maria_sql_operand_end(match->statement, first);
	if (!maria_sql_is_short(match->statement, first, match->last))
		return false;
	appendStringInfoString(buf, maria_sql_text(match->statement, first,
											   match->last));
	return true;
}

static char *
capture_text(MariaSqlMatch *match, int n)
{
	return n < match->ncaptures ?
		maria_sql_text(match->statement, match->captures[n],
					   match->captures[n]) : NULL;
}

static bool
write_capture(MariaSqlMatch *match, StringInfo buf, int n)
{
	char	   *text = capture_text(match, n);

	if (text)
		appendStringInfoString(buf, text);
	return text != NULL;
}

static bool
write_name(MariaSqlMatch *match, StringInfo buf, int arg)
{
	char	   *text = unquoted(capture_text(match, 0));

	appendStringInfoChar(buf, '"');
	for (; *text; text++)
		appendStringInfo(buf, *text == '"' ? "\"\"" : "%c", *text);
	appendStringInfoChar(buf, '"');
	return true;
}

static bool
write_string(MariaSqlMatch *match, StringInfo buf, int arg)
{
	appendStringInfoString(buf,
						   quote_literal_cstr(unquoted(capture_text(match, 0))));
	return true;
}

static bool
write_bytes(MariaSqlMatch *match, StringInfo buf, int arg)
{
	char	   *text = capture_text(match, 0) + 2;
	size_t		len = strspn(text, "0123456789abcdefABCDEF");

	appendStringInfo(buf, "'\\x%s%.*s'::bytea", len % 2 ? "0" : "", (int) len,
					 text);
	return true;
}

/*
 * Appends the equivalent of one letter of DATE_FORMAT; false if there is none.
 */
static bool
write_format_letter(StringInfo buf, char letter)
{
	for (size_t i = 0; i < lengthof(formats); i++)
		if (formats[i].mariadb == letter)
		{
			appendStringInfoString(buf, formats[i].postgres);
			return true;
		}
	return false;
}

/* Writes a format; letters without a meaning are quoted. */
static bool
write_format(MariaSqlMatch *match, StringInfo buf, int arg)
{
	const char *text = maria_sql_arg(match, arg);
	char	   *format;
	StringInfoData result;

	if (text == NULL || (*text != '\'' && *text != '"'))
		return false;
	initStringInfo(&result);
	for (format = unquoted(text); *format; format++)
	{
		if (*format != '%')
			appendStringInfo(&result, isalnum((unsigned char) *format) ?
							 "\"%c\"" : "%c", *format);
		else if (!write_format_letter(&result, *++format))
			return false;
	}
	appendStringInfoString(buf, quote_literal_cstr(result.data));
	return true;
}

/* Writes INTERVAL n UNIT of a number or any other expression. */
static bool
write_interval(MariaSqlMatch *match, StringInfo buf, int arg)
{
	const char *text = maria_sql_arg(match, arg);
	const char *unit;
	size_t		len;

	if (text == NULL || pg_strncasecmp(text, "interval", 8) != 0)
		return false;
	text += 8 + strspn(text + 8, " \n\t");
	unit = strrchr(text, ' ');
	if (unit == NULL || strchr(unit, '_') || *text == '\'')
		return false;
	len = unit - text;
	if (strspn(text, "0123456789") == len)
		appendStringInfo(buf, "INTERVAL '%s'", text);
	else
		appendStringInfo(buf, "(%.*s) * INTERVAL '1%s'", (int) len, text,
						 unit);
	return true;
}

/* Writes '$.a.b[0]' as '{a,b,0}'. */
static bool
write_path(MariaSqlMatch *match, StringInfo buf, int arg)
{
	const char *text = maria_sql_arg(match, arg);
	const char *separator = "";

	if (text == NULL || strncmp(text, "'$", 2) != 0 || strpbrk(text, "*\"\\{,"))
		return false;
	appendStringInfoString(buf, "'{");
	for (text += 2; *text && *text != '\''; separator = ",")
	{
		size_t		len;

		text += strspn(text, ".[");
		len = strcspn(text, ".[]'");
		appendStringInfo(buf, "%s%.*s", separator, (int) len, text);
		text += len;
		text += *text == ']';
	}
	appendStringInfoString(buf, "}'");
	return true;
}

/* Finds a word at the depth of a call's arguments; -1 if there is none. */
static int
find_in_call(MariaSqlMatch *match, const char *word)
{
	int			close = match->statement->tokens[match->open].partner;

	for (int i = match->open + 1; i < close;
		 i = maria_sql_next(match->statement, i))
		if (maria_sql_is(match->statement, i, word))
			return i;
	return -1;
}

/*
 * Writes string_agg's arguments: the text, the separator, the order.  With
 * DISTINCT the order could only be that of the text.
 */
static bool
write_group_concat(MariaSqlMatch *match, StringInfo buf, int arg)
{
	const MariaSqlStatement *statement = match->statement;
	int			first = match->open + 1;
	int			close = statement->tokens[match->open].partner;
	int			order = find_in_call(match, "ORDER");
	int			separator = find_in_call(match, "SEPARATOR");
	int			end = separator > 0 ? separator : close;
	bool		distinct = maria_sql_is(statement, first, "DISTINCT");

	if (find_in_call(match, ",") > 0 ? order < 0 : distinct && order > 0)
		return false;
	appendStringInfo(buf, "%s(%s)::text, %s", distinct ? "DISTINCT " : "",
					 maria_sql_text(statement, first + distinct,
									(order > 0 ? order : end) - 1),
					 separator > 0 ?
					 maria_sql_text(statement, separator + 1, close - 1) :
					 "','");
	if (order > 0)
		appendStringInfo(buf, " %s",
						 maria_sql_text(statement, order, end - 1));
	return true;
}

/* Writes the rest of the statement, with VALUES(x) as EXCLUDED.x. */
static bool
write_assignments(MariaSqlMatch *match, StringInfo buf, int arg)
{
	const MariaSqlStatement *statement = match->statement;
	int			first = match->last + 1;

	match->last = statement->ntokens - 1;
	if (!maria_sql_is_short(statement, match->first, match->last))
		return false;
	for (int i = first; i < statement->ntokens; i++)
	{
		if (!maria_sql_is(statement, i, "VALUES") ||
			!maria_sql_is(statement, i + 1, "(") ||
			!maria_sql_is(statement, i + 3, ")") ||
			maria_sql_is(statement, i - 1, ")"))
			continue;
		if (i > first)
			appendStringInfo(buf, "%s ",
							 maria_sql_text(statement, first, i - 1));
		appendStringInfo(buf, "EXCLUDED.%s",
						 maria_sql_text(statement, i + 2, i + 2));
		i += 3;
		first = i + 1;
	}
	appendStringInfoString(buf, maria_sql_text(statement, first,
											   statement->ntokens - 1));
	return true;
}

static const struct
{
	char		letter;
	Directive	write;
	int			arg;			/* -1 = a digit follows */
}			directives[] = {
	{'*', write_all}, {'|', write_joined}, {'l', write_left},
	{'r', write_right}, {'a', write_capture, 0}, {'b', write_capture, 1},
	{'c', write_capture, 2}, {'d', write_capture, 3}, {'q', write_name},
	{'t', write_string}, {'x', write_bytes}, {'F', write_format, -1},
	{'I', write_interval, -1}, {'J', write_path, -1},
	{'G', write_group_concat}, {'V', write_assignments},
};

/*
 * Writes what the sign at a place of the template stands for; moves past it.
 */
static bool
write_directive(MariaSqlMatch *match, StringInfo buf, const char **pos)
{
	char		letter = *(*pos)++;

	if (isdigit((unsigned char) letter))
		return write_arg(match, buf, letter - '0');
	for (size_t i = 0; i < lengthof(directives); i++)
	{
		if (directives[i].letter != letter)
			continue;
		return directives[i].write(match, buf, directives[i].arg >= 0 ?
								   directives[i].arg : *(*pos)++ - '0');
	}
	return false;
}

/* Returns a template's text, or NULL if a part of it cannot be written. */
char *
maria_sql_spelling(MariaSqlMatch *match, const char *template)
{
	StringInfoData buf;

	initStringInfo(&buf);
	while (*template)
	{
		if (*template != '$')
			appendStringInfoChar(&buf, *template++);
		else
		{
			template++;
			if (!write_directive(match, &buf, &template))
				return NULL;
		}
	}
	return buf.data;
}
