/*
 * Where does an application's SQL have another meaning in PostgreSQL?
 *
 * Each rule's pattern is tried at each token.  Nothing is parsed: a rule that
 * needs more has a check.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "review/review.h"

/* The number of bytes shown of a match that is too long. */
#define MAX_CUT 100

/* The maximum number of findings of one statement. */
#define MAX_FINDINGS 10000

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

/* Matches one element of a pattern with the token after the match so far. */
static bool
fit_element(MariaSqlMatch *match, const char *element, int len)
{
	MariaSqlToken *token = maria_sql_token(match->statement, ++match->last);

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

/* Extends the match to the whole call whose parenthesis ends the pattern. */
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

/* The findings of a review. */
typedef struct Review
{
	List	   *findings;		/* of MariaSqlFinding */
	MemoryContext context;		/* of the findings */
	MemoryContext scratch;		/* for the work at one token */
	MariaNames *known;			/* findings of the current statement */
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
	/* The replacement may have extended the match to its operands. */
	found = shown_text(&match);
	if (maria_names_add(review->known,
						psprintf("%d %s\001%s", rule_number, found,
								 spelling ? spelling : "\001"), NULL))
		add_finding(review, statement->tokens[match.first].line, found,
					rule->finding, spelling);
}

/* Returns whether a rule can begin with a token; most rules cannot. */
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
