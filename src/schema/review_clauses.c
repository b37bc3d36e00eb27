/*
 * Which clause is a token in, and what does the clause need to know?
 *
 * The checks of rules that look at a whole statement: GROUP BY, HAVING,
 * UPDATE and DELETE with what PostgreSQL does not have there.
 */
#include "postgres.h"

#include "schema/review.h"

/* What ends the clause before it. */
static const char *const clause_words[] = {
	"FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "UNION", "WINDOW",
	"FOR", "SET", "VALUES", "ON"
};

/* Finds the first token of the query that a token is in. */
static int
query_start(const MariaSqlStatement *statement, int at)
{
	int			depth = statement->tokens[at].depth;
	int			i = at;

	for (; i > 0; i--)
	{
		MariaSqlToken *before = &statement->tokens[i - 1];

		if (before->depth < depth && *before->start == '(')
			break;
		if (before->depth == depth && maria_sql_is(statement, i - 1, "UNION"))
			break;
	}
	return i;
}

/* Finds a word of the same query behind a token; -1 if it is not there. */
static int
find_clause(const MariaSqlStatement *statement, int from, const char *word)
{
	int			depth = statement->tokens[from].depth;

	for (int i = from; i < statement->ntokens; i++)
	{
		if (statement->tokens[i].depth < depth ||
			maria_sql_is(statement, i, "UNION"))
			return -1;
		if (statement->tokens[i].depth == depth &&
			maria_sql_is(statement, i, word))
			return i;
	}
	return -1;
}

/* Finds where a clause ends: at the next one, or with the query. */
static int
clause_end(const MariaSqlStatement *statement, int from)
{
	int			depth = statement->tokens[from].depth;
	int			i = from + 1;

	for (; i < statement->ntokens; i++)
	{
		if (statement->tokens[i].depth < depth ||
			(*statement->tokens[i].start == ')' &&
			 statement->tokens[i].depth == depth &&
			 statement->tokens[i].partner < from))
			break;
		for (size_t w = 0; w < lengthof(clause_words); w++)
			if (statement->tokens[i].depth == depth &&
				maria_sql_is(statement, i, clause_words[w]))
				return i;
	}
	return i;
}

/* Returns a name without its backticks. */
static char *
bare_name(const MariaSqlStatement *statement, int at)
{
	MariaSqlToken *token = &statement->tokens[at];
	int			quotes = token->kind != SQL_BACKTICK ? 0 :
	*token->start == '\\' ? 2 : 1;

	return pnstrdup(token->start + quotes, Max(token->len - 2 * quotes, 0));
}

static bool
same_name(const MariaSqlStatement *statement, int a, int b)
{
	return pg_strcasecmp(bare_name(statement, a), bare_name(statement, b)) == 0;
}

/* Tells whether a list of expressions has this column, or a key. */
static bool
is_grouped(const MariaSqlStatement *statement, int group, int column)
{
	int			end = clause_end(statement, group);

	for (int i = group + 2; i < end; i++)
		if (same_name(statement, i, column) ||
			maria_sql_is(statement, i, "id"))
			return true;
	return false;
}

/*
 * Is this a column in a select list, alone, that GROUP BY does not have?
 * One that is grouped by an id is let pass: it may be the primary key.
 */
bool
maria_sql_is_loose_column(MariaSqlMatch *match)
{
	const MariaSqlStatement *statement = match->statement;
	int			start;
	int			from;
	int			group;

	if (!maria_sql_is(statement, match->first - 1, "SELECT") &&
		!maria_sql_is(statement, match->first - 1, ","))
		return false;
	start = query_start(statement, match->first);
	if (!maria_sql_is(statement, start, "SELECT"))
		return false;
	from = find_clause(statement, start, "FROM");
	group = find_clause(statement, start, "GROUP");
	if (group < 0 || from < 0 || match->first > from)
		return false;
	match->last = maria_sql_operand_end(statement, match->first);
	if (*statement->tokens[match->last].start == ')')
		return false;
	if (!maria_sql_is(statement, match->last + 1, ",") &&
		!maria_sql_is(statement, match->last + 1, "AS") &&
		match->last + 1 != from)
		return false;
	return !is_grouped(statement, group, match->last);
}

/* Finds the expression that AS gives this name to in the select list. */
static char *
aliased_expression(const MariaSqlStatement *statement, int start, int alias)
{
	int			from = find_clause(statement, start, "FROM");
	int			depth = statement->tokens[start].depth;
	int			first = start + 1;

	for (int i = first; i < from - 1; i++)
	{
		if (statement->tokens[i].depth != depth)
			continue;
		if (maria_sql_is(statement, i, ","))
			first = i + 1;
		if (maria_sql_is(statement, i, "AS") &&
			same_name(statement, i + 1, alias))
			return maria_sql_text(statement, first, i - 1);
	}
	return NULL;
}

/* Is this, in HAVING, a name that the select list gives? */
bool
maria_sql_is_having_alias(MariaSqlMatch *match)
{
	const MariaSqlStatement *statement = match->statement;
	int			start;
	int			having;

	if (!statement->has_having)
		return false;
	start = query_start(statement, match->first);
	if (!maria_sql_is(statement, start, "SELECT"))
		return false;
	having = find_clause(statement, start, "HAVING");
	if (having < 0 || match->first < having ||
		match->first >= clause_end(statement, having))
		return false;
	match->spelling = aliased_expression(statement, start, match->first);
	return match->spelling != NULL;
}

static bool
is_statement_start(MariaSqlMatch *match)
{
	return match->first == 0;
}

/* UPDATE a JOIN b ON ... SET, or UPDATE a, b SET. */
bool
maria_sql_is_join_update(MariaSqlMatch *match)
{
	const MariaSqlStatement *statement = match->statement;
	int			set = find_clause(statement, match->first, "SET");

	if (!is_statement_start(match) || set < 0)
		return false;
	for (int i = match->first; i < set; i++)
		if (maria_sql_is(statement, i, "JOIN") ||
			maria_sql_is(statement, i, ","))
		{
			match->last = set;
			return true;
		}
	return false;
}

/* DELETE a FROM a JOIN b, DELETE a, b FROM, DELETE FROM a USING. */
bool
maria_sql_is_join_delete(MariaSqlMatch *match)
{
	const MariaSqlStatement *statement = match->statement;
	int			from = find_clause(statement, match->first, "FROM");

	if (!is_statement_start(match) || from < 0)
		return false;
	match->last = from;
	return from > match->first + 1;
}

/* UPDATE or DELETE with ORDER BY or LIMIT. */
bool
maria_sql_is_limited_change(MariaSqlMatch *match)
{
	const MariaSqlStatement *statement = match->statement;

	return is_statement_start(match) &&
		(find_clause(statement, match->first, "LIMIT") > 0 ||
		 find_clause(statement, match->first, "ORDER") > 0);
}
