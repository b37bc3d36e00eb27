/* How are the tokens of a statement compared, shown and grouped? */
#include "postgres.h"

#include "review/review.h"

/* Only the beginning of a longer or deeper part of a statement is shown. */
#define MAX_SHOWN 4000
#define MAX_HEIGHT 20

MariaSqlToken *
maria_sql_token(const MariaSqlStatement *statement, int at)
{
	return at >= 0 && at < statement->ntokens ? &statement->tokens[at] : NULL;
}

/* Returns whether the token at a place is this word or operator. */
bool
maria_sql_is(const MariaSqlStatement *statement, int at, const char *word)
{
	MariaSqlToken *token = maria_sql_token(statement, at);

	return token && (int) strlen(word) == token->len &&
		(token->kind == SQL_WORD || token->kind == SQL_OPERATOR) &&
		pg_strncasecmp(token->start, word, token->len) == 0;
}

/* Returns the text of some tokens with what is between them. */
char *
maria_sql_text(const MariaSqlStatement *statement, int first, int last)
{
	MariaSqlToken *from = maria_sql_token(statement, first);
	MariaSqlToken *to = maria_sql_token(statement, last);

	if (from == NULL || to == NULL || to < from)
		return "";
	return pnstrdup(from->start, to->start + to->len - from->start);
}

/*
 * Returns the next token at the same depth: for an opening parenthesis the
 * closing one, or the end if it is never closed.
 */
int
maria_sql_next(const MariaSqlStatement *statement, int at)
{
	int			partner = statement->tokens[at].partner;

	if (*statement->tokens[at].start != '(')
		return at + 1;
	return partner > at ? partner : statement->ntokens;
}

/* Is a token a parenthesis with too many levels in it? */
bool
maria_sql_is_deep(const MariaSqlStatement *statement, int at)
{
	return statement->tokens[at].height > MAX_HEIGHT;
}

/*
 * Returns whether some tokens are short and simple enough to be shown.
 * Otherwise the texts of nested calls would be much longer than the statement.
 */
bool
maria_sql_is_short(const MariaSqlStatement *statement, int first, int last)
{
	MariaSqlToken *from = maria_sql_token(statement, first);
	MariaSqlToken *to = maria_sql_token(statement, last);

	if (from == NULL || to == NULL || to < from)
		return true;
	if (to->start + to->len - from->start > MAX_SHOWN)
		return false;
	for (int i = first; i <= last; i = maria_sql_next(statement, i))
		if (maria_sql_is_deep(statement, i))
			return false;
	return true;
}

/*
 * Moves to the next argument of a call, or to the first if *first is that of
 * the call itself; false if there is none.
 */
bool
maria_sql_next_arg(const MariaSqlMatch *match, int *first, int *last)
{
	const MariaSqlStatement *statement = match->statement;
	int			close = statement->tokens[match->open].partner;
	int			at;

	*first = *first == match->open ? *first + 1 : *last + 2;
	if (*first > close || (*first == close && *first == match->open + 1))
		return false;
	for (at = *first; at < close; at = maria_sql_next(statement, at))
		if (*statement->tokens[at].start == ',' &&
			statement->tokens[at].kind == SQL_OPERATOR)
			break;
	*last = at - 1;
	return at > *first || at != close;
}

/* Returns the text of a call's argument, counted from 1; or NULL. */
char *
maria_sql_arg(const MariaSqlMatch *match, int n)
{
	int			first = match->open;
	int			last = 0;

	if (n < 1 || n > match->nargs)
		return NULL;
	while (n > 0 && maria_sql_next_arg(match, &first, &last))
		n--;
	return maria_sql_text(match->statement, first, last);
}

/* Returns whether a parenthesis directly follows a name, as in a call. */
static bool
is_call(const MariaSqlStatement *statement, int name)
{
	MariaSqlToken *token = maria_sql_token(statement, name);

	return token && token->kind == SQL_WORD &&
		maria_sql_is(statement, name + 1, "(") &&
		token->start + token->len == token[1].start;
}

/* Finds where an operand begins: a call, parentheses, or a.b. */
int
maria_sql_operand_start(const MariaSqlStatement *statement, int last)
{
	int			first = last;
	MariaSqlToken *token = maria_sql_token(statement, last);

	if (token && token->partner >= 0 && token->partner < last)
	{
		first = token->partner;
		first -= is_call(statement, first - 1);
	}
	while (maria_sql_is(statement, first - 1, ".") && first >= 2)
		first -= 2;
	return first;
}

int
maria_sql_operand_end(const MariaSqlStatement *statement, int first)
{
	int			last = first;

	if (maria_sql_is(statement, last, "-"))
		last++;
	while (maria_sql_is(statement, last + 1, "."))
		last += 2;
	last += is_call(statement, last);
	if (maria_sql_is(statement, last, "(") &&
		statement->tokens[last].partner >= 0)
		last = statement->tokens[last].partner;
	return Min(last, statement->ntokens - 1);
}
