/*
 * Where does an application's SQL say what PostgreSQL reads in another way?
 *
 * Each rule's pattern is tried at each token.  Nothing is parsed: a rule that
 * must know more has a check.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "schema/review.h"

static MariaSqlToken *
token_at(const MariaSqlStatement *statement, int at)
{
	return at >= 0 && at < statement->ntokens ? &statement->tokens[at] : NULL;
}

/* Tells whether the token at a place is this word or operator. */
bool
maria_sql_is(const MariaSqlStatement *statement, int at, const char *word)
{
	MariaSqlToken *token = token_at(statement, at);

	return token && (int) strlen(word) == token->len &&
		(token->kind == SQL_WORD || token->kind == SQL_OPERATOR) &&
		pg_strncasecmp(token->start, word, token->len) == 0;
}

/* Returns the text of some tokens with what is between them. */
char *
maria_sql_text(const MariaSqlStatement *statement, int first, int last)
{
	MariaSqlToken *from = token_at(statement, first);
	MariaSqlToken *to = token_at(statement, last);

	if (from == NULL || to == NULL || to < from)
		return "";
	return pnstrdup(from->start, to->start + to->len - from->start);
}

/* Returns the texts of a call's arguments. */
List *
maria_sql_args(const MariaSqlStatement *statement, int open)
{
	int			close = statement->tokens[open].partner;
	int			first = open + 1;
	List	   *args = NIL;

	for (int i = first; i <= close; i++)
	{
		MariaSqlToken *token = &statement->tokens[i];

		if (i != close && (token->depth != statement->tokens[open].depth + 1 ||
						   *token->start != ','))
			continue;
		if (i > first || i != close)
			args = lappend(args, maria_sql_text(statement, first, i - 1));
		first = i + 1;
	}
	return args;
}

/* Tells whether a parenthesis follows a name at once, as in a call. */
static bool
is_call(const MariaSqlStatement *statement, int name)
{
	MariaSqlToken *token = token_at(statement, name);

	return token && token->kind == SQL_WORD &&
		maria_sql_is(statement, name + 1, "(") &&
		token->start + token->len == token[1].start;
}

/* Finds where an operand begins: a call, parentheses, or a.b. */
int
maria_sql_operand_start(const MariaSqlStatement *statement, int last)
{
	int			first = last;
	MariaSqlToken *token = token_at(statement, last);

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

static bool
has_kind(const MariaSqlToken *token, char class)
{
	static const char classes[] = "wnsdbpvxc";
	static const MariaSqlKind kinds[] = {
		SQL_WORD, SQL_NUMBER, SQL_STRING, SQL_DOUBLE, SQL_BACKTICK,
		SQL_PARAMETER, SQL_VARIABLE, SQL_HEX, SQL_COMMENT
	};

	if (class == 'e')
		return token->kind == SQL_NUMBER || token->kind == SQL_PARAMETER;
	return token->kind == kinds[strchr(classes, class) - classes];
}

/* Fits one element of a pattern to the token behind the match so far. */
static bool
fit_element(MariaSqlMatch *match, const char *element, int len)
{
	MariaSqlToken *token = token_at(match->statement, ++match->last);

	if (token == NULL)
		return false;
	if (element[0] == '%' && len == 2)
	{
		if (match->ncaptures < MARIA_MAX_CAPTURES)
			match->captures[match->ncaptures++] = match->last;
		return has_kind(token, element[1]);
	}
	return maria_sql_is(match->statement, match->last,
						pnstrdup(element, len));
}

/* Takes the whole of a call whose parenthesis ends the pattern. */
static bool
take_call(MariaSqlMatch *match, const char *pattern)
{
	const char *paren = strchr(pattern, '(');
	int			open = match->first;

	if (paren == NULL)
		return true;
	while (!maria_sql_is(match->statement, open, "("))
		open++;
	if (match->statement->tokens[open].partner < 0)
		return false;
	match->open = open;
	match->args = maria_sql_args(match->statement, open);
	match->last = Max(match->last, match->statement->tokens[open].partner);
	return true;
}

static bool
fits(const MariaSqlRule *rule, MariaSqlMatch *match)
{
	const char *pos = rule->pattern;

	while (*pos)
	{
		int			len = strcspn(pos, " ");

		if (!fit_element(match, pos, len))
			return false;
		pos += len;
		pos += *pos == ' ';
	}
	return take_call(match, rule->pattern) &&
		(rule->check == NULL || rule->check(match));
}

static bool
same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* Adds a finding, unless the same was told of the same text already. */
static List *
add_finding(List *findings, MariaSqlFinding *row)
{
	ListCell   *lc;

	foreach(lc, findings)
	{
		MariaSqlFinding *other = lfirst(lc);

		if (other->finding == row->finding &&
			same_text(other->found, row->found) &&
			same_text(other->spelling, row->spelling))
			return findings;
	}
	return lappend(findings, row);
}

static List *
try_rule(List *findings, const MariaSqlRule *rule,
		 const MariaSqlStatement *statement, int at)
{
	MariaSqlMatch match = {statement, at, at - 1, -1};
	MariaSqlFinding *row;

	if (!fits(rule, &match))
		return findings;
	row = palloc(sizeof(MariaSqlFinding));
	row->finding = rule->finding;
	row->spelling = match.spelling;
	if (row->spelling == NULL && rule->spelling)
		row->spelling = maria_sql_spelling(&match, rule->spelling);
	/* The spelling may have taken operands into the match. */
	row->found = maria_sql_text(statement, match.first, match.last);
	row->line = statement->tokens[match.first].line;
	return add_finding(findings, row);
}

/* Returns the findings of a text, each once in a statement. */
List *
maria_review_sql(const char *text)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, maria_scan_sql(text))
	{
		MariaSqlStatement *statement = lfirst(lc);
		List	   *findings = NIL;

		for (int at = 0; at < statement->ntokens; at++)
		{
			CHECK_FOR_INTERRUPTS();
			for (int i = 0; i < maria_sql_nrules; i++)
				findings = try_rule(findings, &maria_sql_rules[i], statement,
									at);
		}
		result = list_concat(result, findings);
	}
	return result;
}
