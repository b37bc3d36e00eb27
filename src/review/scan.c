/*
 * Which tokens does the SQL of an application have?
 *
 * As MariaDB reads them: backticks, backslashes in strings, # comments.  In
 * the text of a program only the contents of $queryRaw`...` and the like are
 * SQL, in which ${...} is a parameter.
 */
#include "postgres.h"

#include <ctype.h>

#include "miscadmin.h"
#include "utils/memutils.h"

#include "review/review.h"

/* The maximum number of tokens of a statement that are reviewed. */
#define MAX_TOKENS 1000000
#define FIRST_ROOM 64

/* What precedes quoted SQL in a program. */
static const char *const tags[] = {
	"$queryRawUnsafe", "$executeRawUnsafe", "$queryRaw", "$executeRaw",
	"Prisma.sql", "Prisma.raw"
};

static const char *const operators[] = {
	"<=>", "->>", "||", "&&", "<=", ">=", "<>", "!=", ":=", "->", "<<", ">>",
	"::"
};

typedef struct Scanner
{
	const char *pos;
	const char *end;
	int			line;
	MariaSqlToken *tokens;
	int			ntokens;
	int			room;
	bool		is_program;		/* whose strings have backslashes themselves */
	bool		is_cut;			/* the current statement has more tokens */
	MariaSqlReviewer review;	/* gets each statement */
	void	   *arg;
	MemoryContext context;		/* for the current statement */
} Scanner;

static bool
is_name_char(unsigned char c)
{
	return isalnum(c) || c == '_' || c == '$' || c >= 0x80;
}

static bool
looks_at(Scanner *scanner, const char *text)
{
	size_t		len = strlen(text);

	return (size_t) (scanner->end - scanner->pos) >= len &&
		strncmp(scanner->pos, text, len) == 0;
}

/* Returns the character at a distance, 0 past the end. */
static char
ahead(Scanner *scanner, int distance)
{
	return scanner->end - scanner->pos > distance ?
		scanner->pos[distance] : '\0';
}

/* Finds the end of a quoted text; a doubled quote does not end it. */
static const char *
quoted_end(const char *pos, const char *end)
{
	char		quote = *pos++;

	while (pos < end)
	{
		if (*pos == '\\' && quote != '`' && pos + 1 < end)
			pos += 2;
		else if (*pos != quote)
			pos++;
		else if (pos + 1 < end && pos[1] == quote)
			pos += 2;
		else
			return pos + 1;
	}
	return end;
}

/* Finds the end of a text that a program quotes by a backslash and a quote. */
static const char *
escaped_end(const char *pos, const char *end)
{
	char		quote = pos[1];

	for (pos += 2; pos < end; pos++)
		if (pos[0] == '\\' && pos + 1 < end && pos[1] == quote)
			return pos + 2;
	return end;
}

/* Finds the end of ${...}; braces in it may be nested. */
static const char *
placeholder_end(const char *pos, const char *end)
{
	int			depth = 0;

	for (; pos < end; pos++)
	{
		depth += (*pos == '{') - (*pos == '}');
		if (*pos == '}' && depth == 0)
			return pos + 1;
	}
	return end;
}

static const char *
word_end(const char *pos, const char *end)
{
	while (pos < end && is_name_char(*pos))
		pos++;
	return pos;
}

static const char *
number_end(const char *pos, const char *end)
{
	while (pos < end && (isdigit((unsigned char) *pos) || *pos == '.'))
		pos++;
	if (pos < end && (*pos == 'e' || *pos == 'E'))
	{
		pos++;
		if (pos < end && (*pos == '-' || *pos == '+'))
			pos++;
		while (pos < end && isdigit((unsigned char) *pos))
			pos++;
	}
	return pos;
}

static const char *
operator_end(Scanner *scanner)
{
	for (size_t i = 0; i < lengthof(operators); i++)
		if (looks_at(scanner, operators[i]))
			return scanner->pos + strlen(operators[i]);
	return scanner->pos + 1;
}

static const char *
line_end(Scanner *scanner)
{
	const char *newline = memchr(scanner->pos, '\n',
								 scanner->end - scanner->pos);

	return newline ? newline : scanner->end;
}

static const char *
long_comment_end(Scanner *scanner)
{
	for (const char *pos = scanner->pos + 2; pos + 1 < scanner->end; pos++)
		if (pos[0] == '*' && pos[1] == '/')
			return pos + 2;
	return scanner->end;
}

/* Advances to a place, and counts lines. */
static void
move_to(Scanner *scanner, const char *pos)
{
	for (; scanner->pos < pos; scanner->pos++)
		scanner->line += *scanner->pos == '\n';
}

static void
add_token(Scanner *scanner, MariaSqlKind kind, const char *end)
{
	MariaSqlToken *token;

	CHECK_FOR_INTERRUPTS();
	if (scanner->ntokens == MAX_TOKENS)
	{
		scanner->is_cut = true;
		move_to(scanner, end);
		return;
	}
	if (scanner->ntokens == scanner->room)
	{
		scanner->room = Min(scanner->room * 2, MAX_TOKENS);
		scanner->tokens = repalloc(scanner->tokens,
								   scanner->room * sizeof(MariaSqlToken));
	}
	token = &scanner->tokens[scanner->ntokens++];
	memset(token, 0, sizeof(MariaSqlToken));
	token->kind = kind;
	token->start = scanner->pos;
	token->len = end - scanner->pos;
	token->line = scanner->line;
	token->partner = -1;
	move_to(scanner, end);
}

/* Moves over blanks and plain comments; returns whether there were any. */
static bool
skip_blanks(Scanner *scanner)
{
	const char *pos = scanner->pos;

	if (looks_at(scanner, "/*") && ahead(scanner, 2) != '!')
		pos = long_comment_end(scanner);
	else if (looks_at(scanner, "--") &&
			 (isspace((unsigned char) ahead(scanner, 2)) ||
			  ahead(scanner, 2) == '\0'))
		pos = line_end(scanner);
	else
		while (pos < scanner->end && isspace((unsigned char) *pos))
			pos++;
	if (pos == scanner->pos)
		return false;
	move_to(scanner, pos);
	return true;
}

/* Scans a token that begins with a quote; false if there is none. */
static bool
scan_quoted(Scanner *scanner)
{
	static const char quotes[] = "'\"`";
	static const MariaSqlKind kinds[] = {SQL_STRING, SQL_DOUBLE, SQL_BACKTICK};
	bool		is_escaped = *scanner->pos == '\\';
	char		c = is_escaped ? ahead(scanner, 1) : *scanner->pos;
	const char *quote = c ? strchr(quotes, c) : NULL;

	if (is_escaped && quote)
		add_token(scanner, kinds[quote - quotes],
				  escaped_end(scanner->pos, scanner->end));
	else if (quote)
		add_token(scanner, kinds[quote - quotes],
				  quoted_end(scanner->pos, scanner->end));
	else if ((c == 'x' || c == 'X') && ahead(scanner, 1) == '\'')
		add_token(scanner, SQL_HEX,
				  quoted_end(scanner->pos + 1, scanner->end));
	else
		return false;
	return true;
}

/* Scans a comment that is a finding, a parameter or a variable. */
static bool
scan_special(Scanner *scanner)
{
	char		c = *scanner->pos;
	char		next = ahead(scanner, 1);

	if (c == '#')
		add_token(scanner, SQL_COMMENT, line_end(scanner));
	else if (looks_at(scanner, "/*!"))
		add_token(scanner, SQL_COMMENT, long_comment_end(scanner));
	else if (looks_at(scanner, "${"))
		add_token(scanner, SQL_PARAMETER,
				  placeholder_end(scanner->pos, scanner->end));
	else if (c == '?' || (c == ':' && isalpha((unsigned char) next)) ||
			 (c == '$' && isdigit((unsigned char) next)))
		add_token(scanner, SQL_PARAMETER,
				  word_end(scanner->pos + 1, scanner->end));
	else if (c == '@' && (is_name_char(next) || next == '@'))
		add_token(scanner, SQL_VARIABLE,
				  word_end(scanner->pos + 1 + (next == '@'), scanner->end));
	else
		return false;
	return true;
}

static void
scan_token(Scanner *scanner)
{
	unsigned char c = *scanner->pos;

	if (scan_quoted(scanner) || scan_special(scanner))
		return;
	if (c == '0' && (ahead(scanner, 1) == 'x' || ahead(scanner, 1) == 'X'))
		add_token(scanner, SQL_HEX, word_end(scanner->pos, scanner->end));
	else if (isdigit(c))
		add_token(scanner, SQL_NUMBER,
				  number_end(scanner->pos, scanner->end));
	else if (is_name_char(c))
		add_token(scanner, SQL_WORD, word_end(scanner->pos, scanner->end));
	else
		add_token(scanner, SQL_OPERATOR, operator_end(scanner));
}

/* Passes a statement on, and resets the state. */
static void
end_statement(Scanner *scanner)
{
	MariaSqlStatement statement = {
		.tokens = scanner->tokens,
		.ntokens = scanner->ntokens,
		.is_program = scanner->is_program,
		.is_cut = scanner->is_cut,
		.context = scanner->context
	};
	MemoryContext old;

	if (scanner->ntokens == 0)
		return;
	old = MemoryContextSwitchTo(scanner->context);
	maria_sql_relate(&statement);
	scanner->review(&statement, scanner->arg);
	MemoryContextSwitchTo(old);
	MemoryContextReset(scanner->context);
	scanner->ntokens = 0;
	scanner->is_cut = false;
}

/* Scans SQL up to a place, statement by statement. */
static void
scan_until(Scanner *scanner, const char *end)
{
	const char *text_end = scanner->end;

	scanner->end = end;
	while (scanner->pos < scanner->end)
	{
		if (skip_blanks(scanner))
			continue;
		if (*scanner->pos != ';')
		{
			scan_token(scanner);
			continue;
		}
		scanner->pos++;
		end_statement(scanner);
	}
	end_statement(scanner);
	scanner->end = text_end;
}

/* Returns the length of the tag at a place, 0 if there is none. */
static size_t
tag_length(const char *pos)
{
	for (size_t i = 0; i < lengthof(tags); i++)
		if (strncmp(pos, tags[i], strlen(tags[i])) == 0)
			return strlen(tags[i]);
	return 0;
}

/* Finds the next tag in a program; NULL if there is none. */
static const char *
find_tag(const char *pos, size_t *len)
{
	for (pos = strpbrk(pos, "$P"); pos; pos = strpbrk(pos + 1, "$P"))
	{
		*len = tag_length(pos);
		if (*len > 0)
			return pos;
	}
	return NULL;
}

/*
 * Returns the quote that opens the SQL after a tag; NULL if there is none.
 * There may be a type in <> before it, in which no other tag can stand.
 */
static const char *
opening_quote(const char *pos)
{
	int			depth = 0;

	for (; *pos == '<' || depth > 0; pos++)
	{
		depth += (*pos == '<') - (*pos == '>');
		if (*pos == '\0' || tag_length(pos) > 0)
			return NULL;
	}
	pos += strspn(pos, "( \t\r\n");
	return *pos && strchr("`'\"", *pos) ? pos : NULL;
}

/* Finds the quote that closes a program's string. */
static const char *
closing_quote(const char *open, const char *end)
{
	const char *pos = open + 1;

	while (pos < end && *pos != *open)
	{
		if (*pos == '\\')
			pos += 2;
		else if (*open == '`' && pos[0] == '$' && pos[1] == '{')
			pos = placeholder_end(pos, end);
		else
			pos++;
	}
	return Min(pos, end);
}

/* Scans the SQL in a text that is a program. */
static void
scan_program(Scanner *scanner)
{
	const char *tag;
	size_t		len;

	scanner->is_program = true;
	while ((tag = find_tag(scanner->pos, &len)) != NULL)
	{
		const char *open = opening_quote(tag + len);

		CHECK_FOR_INTERRUPTS();
		move_to(scanner, tag + len);
		if (open == NULL)
			continue;
		move_to(scanner, open + 1);
		scan_until(scanner, closing_quote(open, scanner->end));
		if (scanner->pos < scanner->end)
			scanner->pos++;
	}
}

/*
 * Calls a function with each statement of a text; it must not keep pointers.
 */
void
maria_scan_sql(const char *text, MariaSqlReviewer review, void *arg)
{
	Scanner		scanner = {text, text + strlen(text), 1};
	size_t		len;

	scanner.review = review;
	scanner.arg = arg;
	scanner.room = FIRST_ROOM;
	scanner.tokens = palloc(FIRST_ROOM * sizeof(MariaSqlToken));
	scanner.context = AllocSetContextCreate(CurrentMemoryContext,
											"mariadb_fdw statement under review",
											ALLOCSET_DEFAULT_SIZES);
	if (find_tag(text, &len))
		scan_program(&scanner);
	else
		scan_until(&scanner, scanner.end);
	MemoryContextDelete(scanner.context);
	pfree(scanner.tokens);
}
