/*
 * How are the tokens of a statement related?
 *
 * One pass determines matching parentheses, the query of each token and where
 * its clauses are, so that no rule has to search.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "review/review.h"

/* What ends the clause before it. */
static const char *const clause_words[] = {
	"FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "UNION", "WINDOW",
	"FOR", "SET", "VALUES", "ON"
};

static const char *const comparisons[] = {
	"=", "<", ">", "<=", ">=", "<>", "!="
};

/* State of an open parenthesis, or of the statement as a whole. */
typedef struct Level
{
	int			open;			/* token */
	int			query;			/* the current one, or -1 */
	int			height;			/* of the highest pair in it */
	bool		is_start;		/* a query may begin with the next token */
} Level;

typedef struct Relating
{
	MariaSqlStatement *statement;
	Level	   *levels;
	int			depth;
	int			room;			/* for queries */
} Relating;

static bool
is_any(const MariaSqlStatement *statement, int at, const char *const *words,
	   size_t nwords)
{
	for (size_t i = 0; i < nwords; i++)
		if (maria_sql_is(statement, at, words[i]))
			return true;
	return false;
}

/* Ends the current clause of a query, if it is one of those kept. */
static void
end_clause(MariaSqlQuery *query, int at)
{
	if (query->group >= 0 && query->group_end < 0)
		query->group_end = at;
	if (query->having >= 0 && query->having_end < 0)
		query->having_end = at;
}

static void
end_query(Relating *relating, int at)
{
	Level	   *level = &relating->levels[relating->depth];

	if (level->query >= 0)
		end_clause(&relating->statement->queries[level->query], at);
	level->query = -1;
}

static void
begin_query(Relating *relating, int at)
{
	MariaSqlStatement *statement = relating->statement;
	MariaSqlQuery *query;

	if (statement->nqueries == relating->room)
	{
		relating->room *= 2;
		statement->queries = repalloc(statement->queries,
									  relating->room * sizeof(MariaSqlQuery));
	}
	relating->levels[relating->depth].query = statement->nqueries;
	query = &statement->queries[statement->nqueries++];
	memset(query, 0, sizeof(MariaSqlQuery));
	query->start = at;
	query->depth = relating->depth;
	query->from = query->group = query->group_end = -1;
	query->having = query->having_end = -1;
}

/* Notes where a clause begins, the first of its kind. */
static void
note_clause(MariaSqlStatement *statement, MariaSqlQuery *query, int at)
{
	if (!is_any(statement, at, clause_words, lengthof(clause_words)))
		return;
	end_clause(query, at);
	if (query->from < 0 && maria_sql_is(statement, at, "FROM"))
		query->from = at;
	else if (query->group < 0 && maria_sql_is(statement, at, "GROUP"))
		query->group = at;
	else if (query->having < 0 && maria_sql_is(statement, at, "HAVING"))
		query->having = at;
}

/* Handles a word that may begin, divide or end a query. */
static void
relate_word(Relating *relating, int at)
{
	MariaSqlStatement *statement = relating->statement;
	Level	   *level = &relating->levels[relating->depth];
	bool		is_start = level->is_start;

	level->is_start = false;
	if (is_start && maria_sql_is(statement, at, "SELECT"))
		begin_query(relating, at);
	else if (level->query >= 0)
		note_clause(statement, &statement->queries[level->query], at);
	statement->tokens[at].query = level->query;
	if (maria_sql_is(statement, at, "UNION"))
	{
		end_query(relating, at);
		level->is_start = true;
	}
}

static void
open_level(Relating *relating, int at)
{
	Level	   *level = &relating->levels[++relating->depth];

	level->open = at;
	level->query = -1;
	level->height = 0;
	level->is_start = true;
}

/* Leaves a parenthesis, even one that is never closed. */
static void
leave_level(Relating *relating, int at)
{
	Level	   *level = &relating->levels[relating->depth];
	int			height = level->height + 1;

	end_query(relating, at);
	relating->statement->tokens[level->open].height = height;
	relating->depth--;
	level[-1].height = Max(level[-1].height, height);
}

static void
close_level(Relating *relating, int at)
{
	MariaSqlToken *tokens = relating->statement->tokens;
	int			open = relating->levels[relating->depth].open;

	leave_level(relating, at);
	tokens[at].partner = open;
	tokens[open].partner = at;
	tokens[at].height = tokens[open].height;
}

static void
count(MariaSqlStatement *statement, int at)
{
	MariaSqlToken *token = &statement->tokens[at];

	if (at > 0)
	{
		token->parameters = token[-1].parameters;
		token->comparisons = token[-1].comparisons;
		token->conditions = token[-1].conditions;
	}
	token->parameters += token->kind == SQL_PARAMETER;
	token->comparisons += is_any(statement, at, comparisons,
								 lengthof(comparisons));
	token->conditions += maria_sql_is(statement, at, "CASE") ||
		maria_sql_is(statement, at, "IF");
}

static void
relate_token(Relating *relating, int at)
{
	MariaSqlToken *token = &relating->statement->tokens[at];

	count(relating->statement, at);
	if (*token->start == ')' && relating->depth > 0)
		close_level(relating, at);
	token->depth = relating->depth;
	if (token->kind == SQL_WORD)
		relate_word(relating, at);
	else
	{
		token->query = relating->levels[relating->depth].query;
		relating->levels[relating->depth].is_start = false;
	}
	if (*token->start == '(')
		open_level(relating, at);
}

/* Fills in the relations between tokens, and the queries. */
void
maria_sql_relate(MariaSqlStatement *statement)
{
	Relating	relating = {.statement = statement,.room = 4};

	relating.levels = palloc(sizeof(Level) * (statement->ntokens + 1));
	relating.levels[0].query = -1;
	relating.levels[0].height = 0;
	relating.levels[0].is_start = true;
	statement->queries = palloc(relating.room * sizeof(MariaSqlQuery));
	for (int i = 0; i < statement->ntokens; i++)
	{
		CHECK_FOR_INTERRUPTS();
		relate_token(&relating, i);
	}
	while (relating.depth > 0)
		leave_level(&relating, statement->ntokens);
	end_query(&relating, statement->ntokens);
	pfree(relating.levels);
}
