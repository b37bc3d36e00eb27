/*
 * Which clause is a token in?
 *
 * The checks of rules that consider a whole statement: GROUP BY, HAVING,
 * UPDATE and DELETE with clauses that PostgreSQL does not have.
 */
#include "postgres.h"

#include "review/review.h"

/* A part of a select list that AS gives a name. */
typedef struct Aliased
{
	int			first;			/* tokens */
	int			last;
} Aliased;

/* Finds a word of a statement's own clauses; -1 if there is none. */
static int
find_clause(const MariaSqlStatement *statement, const char *word)
{
	for (int i = 0; i < statement->ntokens; i = maria_sql_next(statement, i))
	{
		if (maria_sql_is(statement, i, "UNION"))
			return -1;
		if (maria_sql_is(statement, i, word))
			return i;
	}
	return -1;
}

/* Returns a name in lower case and without its backticks. */
static char *
bare_name(const MariaSqlStatement *statement, int at)
{
	MariaSqlToken *token = &statement->tokens[at];
	int			quotes = token->kind != SQL_BACKTICK ? 0 :
	*token->start == '\\' ? 2 : 1;
	char	   *name = pnstrdup(token->start + quotes,
								Max(token->len - 2 * quotes, 0));

	for (char *c = name; *c; c++)
		*c = pg_tolower((unsigned char) *c);
	return name;
}

/* Returns what follows GROUP BY, except what is nested too deeply. */
static MariaNames *
find_grouped(const MariaSqlStatement *statement, const MariaSqlQuery *query)
{
	MariaNames *grouped = maria_names_create();

	for (int i = query->group + 2; i < query->group_end;)
	{
		if (maria_sql_is_deep(statement, i))
			i = maria_sql_next(statement, i);
		else
			maria_names_add(grouped, bare_name(statement, i++), NULL);
	}
	return grouped;
}

/* Returns whether a query groups by a column, or by a key. */
static bool
is_grouped(const MariaSqlStatement *statement, MariaSqlQuery *query,
		   int column)
{
	MemoryContext old = MemoryContextSwitchTo(statement->context);

	if (query->grouped == NULL)
		query->grouped = find_grouped(statement, query);
	MemoryContextSwitchTo(old);
	return maria_names_have(query->grouped, "id") ||
		maria_names_have(query->grouped, bare_name(statement, column));
}

/* Returns the query that the match is in, or NULL. */
static MariaSqlQuery *
query_of(const MariaSqlMatch *match)
{
	int			query = match->statement->tokens[match->first].query;

	return query >= 0 ? &match->statement->queries[query] : NULL;
}

/*
 * Is this a column in a select list, by itself, that is not in GROUP BY?  A
 * query grouped by an id is accepted: it may be the primary key.
 */
bool
maria_sql_is_loose_column(MariaSqlMatch *match)
{
	const MariaSqlStatement *statement = match->statement;
	MariaSqlQuery *query = query_of(match);

	if (query == NULL || query->group < 0 || query->from < 0 ||
		match->first > query->from)
		return false;
	if (!maria_sql_is(statement, match->first - 1, "SELECT") &&
		!maria_sql_is(statement, match->first - 1, ","))
		return false;
	match->last = maria_sql_operand_end(statement, match->first);
	if (*statement->tokens[match->last].start == ')')
		return false;
	if (!maria_sql_is(statement, match->last + 1, ",") &&
		!maria_sql_is(statement, match->last + 1, "AS") &&
		match->last + 1 != query->from)
		return false;
	return !is_grouped(statement, query, match->last);
}

/* Returns the expressions of the select list that have a name by AS. */
static MariaNames *
find_aliases(const MariaSqlStatement *statement, const MariaSqlQuery *query)
{
	MariaNames *aliases = maria_names_create();
	int			first = query->start + 1;

	for (int i = first; i < query->from - 1; i = maria_sql_next(statement, i))
	{
		if (statement->tokens[i].depth != query->depth)
			continue;			/* a closing parenthesis */
		if (maria_sql_is(statement, i, ","))
			first = i + 1;
		if (maria_sql_is(statement, i, "AS"))
		{
			Aliased    *item = palloc(sizeof(Aliased));

			item->first = first;
			item->last = i - 1;
			maria_names_add(aliases, bare_name(statement, i + 1), item);
		}
	}
	return aliases;
}

/* Is this, in HAVING, a name from the select list? */
bool
maria_sql_is_having_alias(MariaSqlMatch *match)
{
	const MariaSqlStatement *statement = match->statement;
	MariaSqlQuery *query = query_of(match);
	MemoryContext old;
	Aliased    *item;

	if (query == NULL || query->having < 0 || match->first < query->having ||
		match->first >= query->having_end)
		return false;
	old = MemoryContextSwitchTo(statement->context);
	if (query->aliases == NULL)
		query->aliases = find_aliases(statement, query);
	MemoryContextSwitchTo(old);
	item = maria_names_find(query->aliases,
							bare_name(statement, match->first));
	if (item && maria_sql_is_short(statement, item->first, item->last))
		match->spelling = maria_sql_text(statement, item->first, item->last);
	return item != NULL;
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
	int			set;

	if (!is_statement_start(match))
		return false;
	set = find_clause(statement, "SET");
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
	int			from;

	if (!is_statement_start(match))
		return false;
	from = find_clause(statement, "FROM");
	if (from < 0)
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
		(find_clause(statement, "LIMIT") > 0 ||
		 find_clause(statement, "ORDER") > 0);
}
