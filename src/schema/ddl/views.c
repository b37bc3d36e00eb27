/*
 * What does the SELECT of a view become?
 *
 * Columns, expressions, joins and a condition are translated if each of them
 * is certain; any other view is skipped, with a note that has MariaDB's text.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "schema/ddl/ddl.h"
#include "schema/expression/parser.h"

typedef struct ViewParser
{
	MariaParser parser;
	MariaScope	scope;
	MariaTargetView *view;
} ViewParser;

static char *parse_tables(ViewParser *view);

/* Adds a table to those whose columns can be referenced. */
static void
add_table(ViewParser *view, MariaTargetTable *table, const char *name,
		  bool is_nullable)
{
	MariaScopeTable *entry = palloc0(sizeof(MariaScopeTable));

	entry->name = name;
	entry->prefix = psprintf("%s.", quote_identifier(name));
	entry->table = table;
	entry->is_nullable = is_nullable;
	view->scope.tables = lappend(view->scope.tables, entry);
}

/* Parses `schema`.`table` with an optional alias. */
static char *
parse_table(ViewParser *view)
{
	MariaParser *parser = &view->parser;
	const MariaTarget *target = view->scope.target;
	char	   *schema = maria_take_name(parser);
	char	   *name;
	char	   *alias;
	MariaTargetTable *table;

	maria_expect(parser, ".");
	name = maria_take_name(parser);
	alias = parser->kind == MARIA_TOKEN_NAME ? maria_take_name(parser) : name;
	table = strcmp(schema, target->remote->name) == 0 ?
		maria_target_table(target, name) : NULL;
	if (table == NULL)
		maria_fail(parser, "it reads \"%s\".\"%s\"", schema, name);
	if (list_length(view->scope.tables) == MARIA_MAX_VIEW_TABLES)
		maria_fail(parser, "it reads more than %d tables",
				   MARIA_MAX_VIEW_TABLES);
	if (parser->problem)
		return "";
	add_table(view, table, alias, false);
	return psprintf("%s %s",
					quote_qualified_identifier(target->schema, table->name),
					quote_identifier(alias));
}

/*
 * Parses a table or a join in parentheses, which must not enclose a table
 * alone in PostgreSQL.
 */
static char *
parse_table_or_join(ViewParser *view)
{
	int			ntables = list_length(view->scope.tables);
	char	   *sql;

	if (!maria_take(&view->parser, "("))
		return parse_table(view);
	maria_enter(&view->parser);
	sql = parse_tables(view);
	maria_leave(&view->parser);
	maria_expect(&view->parser, ")");
	return list_length(view->scope.tables) - ntables > 1
		? psprintf("(%s)", sql) : sql;
}

static char *
parse_condition(ViewParser *view)
{
	MariaExpression *expr = maria_parse_expression(&view->parser);

	if (expr->has_quotient)
		maria_fail(&view->parser, "it calculates with a quotient");
	return maria_as_condition(&view->parser, expr)->sql;
}

/* Parses tables with their joins. */
static char *
parse_tables(ViewParser *view)
{
	MariaParser *parser = &view->parser;
	char	   *sql = parse_table_or_join(view);

	for (;;)
	{
		bool		is_left = maria_take(parser, "left");
		int			first = list_length(view->scope.tables);
		char	   *right;

		if (!maria_take(parser, "join"))
			break;
		right = parse_table_or_join(view);
		if (!maria_take(parser, "on"))
		{
			sql = psprintf("%s CROSS JOIN %s", sql, right);
			continue;
		}
		sql = psprintf("%s %sJOIN %s ON %s", sql, is_left ? "LEFT " : "",
					   right, parse_condition(view));
		for (int i = first; is_left && i < list_length(view->scope.tables); i++)
			((MariaScopeTable *) list_nth(view->scope.tables, i))->is_nullable = true;
	}
	return sql;
}

/* Parses expressions, each with its name. */
static char *
parse_select_list(ViewParser *view)
{
	StringInfoData sql;

	initStringInfo(&sql);
	do
	{
		MariaExpression *expr = maria_parse_expression(&view->parser);
		char	   *name;

		if (expr->is_quotient || expr->has_quotient)
			maria_fail(&view->parser, "it returns a quotient");
		maria_expect(&view->parser, "as");
		name = maria_take_name(&view->parser);
		if (expr->sql)
			appendStringInfo(&sql, "%s%s AS %s", sql.len ? ", " : "",
							 expr->sql, quote_identifier(name));
		view->view->columns = lappend(view->view->columns, name);
	} while (maria_take(&view->parser, ","));
	return sql.data;
}

/*
 * Returns where the tables begin, or NULL.  They follow the columns, but must
 * be parsed first.
 */
static const char *
find_from(const char *select)
{
	const char *found = strstr(select, " from ");

	return found && strstr(found + 1, " from ") == NULL ? found : NULL;
}

/* Parses a whole SELECT; the result is valid if there is no problem. */
static char *
parse_select(ViewParser *view, const char *select)
{
	const char *from = find_from(select);
	char	   *tables;
	char	   *condition = NULL;
	MariaParser rest;

	maria_parser_init(&view->parser, from ? from + 6 : "", &view->scope);
	if (from == NULL)
		maria_fail(&view->parser, "it does not have exactly one FROM");
	tables = parse_tables(view);
	if (maria_take(&view->parser, "where"))
		condition = parse_condition(view);
	rest = view->parser;
	if (rest.kind != MARIA_TOKEN_END)
		maria_fail(&view->parser, "cannot translate \"%s\"", rest.text);
	if (view->parser.problem)
		return NULL;

	maria_parser_init(&view->parser, pnstrdup(select, from - select),
					  &view->scope);
	maria_expect(&view->parser, "select");
	select = parse_select_list(view);
	if (view->parser.kind != MARIA_TOKEN_END)
		maria_fail(&view->parser, "cannot translate \"%s\"",
				   view->parser.text);
	return psprintf("SELECT %s FROM %s%s%s", select, tables,
					condition ? " WHERE " : "", condition ? condition : "");
}

/* Creates a view from what was parsed in a temporary memory context. */
static MariaTargetView *
make_view(const MariaRemoteObject *object, const char *sql, List *columns)
{
	MariaTargetView *view = palloc0(sizeof(MariaTargetView));
	ListCell   *lc;

	view->name = maria_fit_name(object->name, "");
	view->remote = object->table;
	view->sql = pstrdup(sql);
	foreach(lc, columns)
		view->columns = lappend(view->columns, pstrdup(lfirst(lc)));
	return view;
}

static void
plan_view(DdlPlan *plan, const MariaRemoteObject *object,
		  MemoryContext scratch)
{
	MemoryContext old = MemoryContextSwitchTo(scratch);
	ViewParser	view = {.scope = {.target = plan->target}};
	char	   *sql = NULL;

	view.view = palloc0(sizeof(MariaTargetView));
	if (object->detail && *object->detail)
		sql = parse_select(&view, object->detail);
	else
		view.parser.problem = "the account may not read its definition";
	MemoryContextSwitchTo(old);
	if (view.parser.problem)
		maria_ddl_note(plan, STEP_VIEW, NOTE_VIEW, maria_object(object),
					   "view not created: %s; original definition: %s",
					   view.parser.problem,
					   object->detail ? object->detail : "");
	else
		plan->target->views = lappend(plan->target->views,
									  make_view(object, sql,
												view.view->columns));
	MemoryContextReset(scratch);
}

void
maria_plan_views(DdlPlan *plan)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext,
												  "mariadb_fdw view",
												  ALLOCSET_DEFAULT_SIZES);
	ListCell   *lc;

	foreach(lc, plan->target->remote->objects)
	{
		MariaRemoteObject *object = lfirst(lc);

		if (strcmp(object->kind, "view") == 0)
			plan_view(plan, object, scratch);
	}
	MemoryContextDelete(scratch);
}
