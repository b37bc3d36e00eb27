/*
 * Where does an application's SQL say what PostgreSQL reads in another way?
 *
 * Each rule's pattern is tried at each token.  Nothing is parsed: a rule that
 * must know more has a check.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "review/review.h"

/* Of a longer or deeper part of a statement only the beginning is shown. */
#define MAX_SHOWN 4000
#define MAX_HEIGHT 20
#define MAX_CUT 100

/* The most findings of one statement. */
#define MAX_FINDINGS 10000

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

/*
 * Returns the next token that is not deeper: of an opening parenthesis the
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
 * Tells whether some tokens are short and plain enough to be shown.  Else the
 * texts of nested calls would be much longer than the statement.
 */
bool
maria_sql_is_short(const MariaSqlStatement *statement, int first, int last)
{
	MariaSqlToken *from = token_at(statement, first);
	MariaSqlToken *to = token_at(statement, last);

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
	return (token->kind == SQL_WORD || token->kind == SQL_OPERATOR) &&
		token->len == len && pg_strncasecmp(token->start, element, len) == 0;
}

/* Takes the whole of a call whose parenthesis ends the pattern. */
static bool
take_call(MariaSqlMatch *match, const char *pattern)
{
	const char *paren = strchr(pattern, '(');
	int			open = match->first;
	int			first;
	int			last = 0;

	if (paren == NULL)
		return true;
	while (!maria_sql_is(match->statement, open, "("))
		open++;
	if (match->statement->tokens[open].partner < 0)
		return false;
	match->open = first = open;
	while (maria_sql_next_arg(match, &first, &last))
		match->nargs++;
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

/* What a review has found, and where the next finding goes. */
typedef struct Review
{
	List	   *findings;		/* of MariaSqlFinding */
	MemoryContext context;		/* of the findings */
	MemoryContext scratch;		/* of what is made at one token */
	MariaNames *known;			/* findings of the statement in hand */
	int			count;			/* of these */
} Review;

/* Adds a finding; texts are copied. */
static void
add_finding(Review *review, int line, const char *found, const char *finding,
			const char *spelling)
{
	MemoryContext old = MemoryContextSwitchTo(review->context);
	MariaSqlFinding *row = palloc(sizeof(MariaSqlFinding));

	row->line = line;
	row->found = found ? pstrdup(found) : NULL;
	row->finding = finding;
	row->spelling = spelling ? pstrdup(spelling) : NULL;
	review->findings = lappend(review->findings, row);
	review->count++;
	MemoryContextSwitchTo(old);
}

/* Returns the text of a match, or its beginning if it is a long one. */
static char *
shown_text(const MariaSqlMatch *match)
{
	const char *text;

	if (maria_sql_is_short(match->statement, match->first, match->last))
		return maria_sql_text(match->statement, match->first, match->last);
	text = match->statement->tokens[match->first].start;
	return psprintf("%.*s...",
					pg_mbcliplen(text, MAX_CUT + MAX_MULTIBYTE_CHAR_LEN,
								 MAX_CUT), text);
}

static void
try_rule(Review *review, int rule_number, const MariaSqlStatement *statement,
		 int at)
{
	const MariaSqlRule *rule = &maria_sql_rules[rule_number];
	MariaSqlMatch match = {statement, at, at - 1, -1};
	char	   *spelling;
	char	   *found;

	if (!fits(rule, &match))
		return;
	spelling = match.spelling;
	if (spelling == NULL && rule->spelling &&
		maria_sql_is_short(statement, match.first, match.last))
		spelling = maria_sql_spelling(&match, rule->spelling);
	/* The spelling may have taken operands into the match. */
	found = shown_text(&match);
	if (maria_names_add(review->known,
						psprintf("%d %s\001%s", rule_number, found,
								 spelling ? spelling : "\001"), NULL))
		add_finding(review, statement->tokens[match.first].line, found,
					rule->finding, spelling);
}

/* Tells whether a rule can begin with a token; most rules cannot. */
static bool
may_begin(const MariaSqlRule *rule, const MariaSqlToken *token)
{
	return *rule->pattern == '%' ||
		*rule->pattern == pg_ascii_toupper((unsigned char) *token->start);
}

static void
review_token(Review *review, const MariaSqlStatement *statement, int at)
{
	MemoryContext old = MemoryContextSwitchTo(review->scratch);

	CHECK_FOR_INTERRUPTS();
	for (int i = 0; i < maria_sql_nrules; i++)
		if (may_begin(&maria_sql_rules[i], &statement->tokens[at]))
			try_rule(review, i, statement, at);
	MemoryContextSwitchTo(old);
	MemoryContextReset(review->scratch);
}

/* Adds the findings of a statement, each once. */
static void
review_statement(MariaSqlStatement *statement, void *arg)
{
	Review	   *review = arg;
	int			at = 0;

	review->known = maria_names_create();
	review->count = 0;
	while (at < statement->ntokens && review->count < MAX_FINDINGS)
		review_token(review, statement, at++);
	if (at < statement->ntokens)
		add_finding(review, statement->tokens[at].line, NULL,
					"the statement has more findings than are shown; the rest of it is not reviewed",
					NULL);
	else if (statement->is_cut)
		add_finding(review, statement->tokens[at - 1].line, NULL,
					"the statement is too long; the rest of it is not reviewed",
					NULL);
}

/* Returns the findings of a text, each once in a statement. */
List *
maria_review_sql(const char *text)
{
	Review		review = {NIL};

	review.context = CurrentMemoryContext;
	review.scratch = AllocSetContextCreate(CurrentMemoryContext,
										   "mariadb_fdw token under review",
										   ALLOCSET_DEFAULT_SIZES);
	maria_scan_sql(text, review_statement, &review);
	MemoryContextDelete(review.scratch);
	return review.findings;
}
