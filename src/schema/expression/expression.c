/*
 * How is an expression of MariaDB translated to PostgreSQL?
 *
 * A recursive-descent parser that writes as it reads, with the kind of type of
 * each part.  It never guesses: it stops at the first operator, function or
 * pair of types whose result could differ.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "schema/defaults.h"
#include "schema/expression/parser.h"

typedef struct Operator
{
	const char *remote;
	const char *local;
	bool		is_equality;	/* for which the order of values does not
								 * matter */
} Operator;

static const Operator comparisons[] = {
	{"=", "=", true},
	{"<>", "<>", true},
	{"!=", "<>", true},
	{"<=>", "IS NOT DISTINCT FROM", true},
	{"<", "<", false},
	{"<=", "<=", false},
	{">", ">", false},
	{">=", ">=", false},
};

/* Stops if texts of parts have been copied into others too often. */
static void
check_copies(MariaParser *parser, const MariaExpression *expr)
{
	if (expr->depth > MARIA_MAX_COPIES)
		maria_fail(parser, "it is nested too deeply");
}

static MariaExpression *
make_literal(MariaClass class, char *sql, const char *literal)
{
	MariaExpression *expr = maria_make_expression(class, sql);

	expr->literal = literal;
	expr->is_constant = literal != NULL;
	expr->is_atomic = true;
	return expr;
}

static MariaExpression *
failed(void)
{
	return make_literal(CLASS_NULL, "NULL", NULL);
}

/* Finds a column; tables are named where there is more than one. */
static MariaExpression *
find_column(MariaParser *parser, const char *table, const char *name)
{
	ListCell   *lc;

	foreach(lc, parser->scope->tables)
	{
		MariaScopeTable *entry = lfirst(lc);
		MariaTargetColumn *column = maria_target_column(entry->table, name);
		MariaExpression *expr;

		if (column == NULL ||
			(table && entry->name && strcmp(entry->name, table) != 0))
			continue;
		expr = make_literal(column->enum_type ? CLASS_ENUM :
							maria_type_class(column->type),
							psprintf("%s%s", entry->prefix,
									 quote_identifier(column->name)), NULL);
		expr->column = column;
		expr->is_nullable = !column->not_null || entry->is_nullable;
		expr->is_generated = column->remote->generation != NULL;
		expr->is_wide = strcmp(column->type, "bigint") == 0;
		return expr;
	}
	maria_fail(parser, "it refers to \"%s\"", name);
	return failed();
}

/* Parses `column`, `table`.`column` or `schema`.`table`.`column`. */
static MariaExpression *
parse_column(MariaParser *parser)
{
	char	   *table = NULL;
	char	   *name = maria_take_name(parser);

	while (maria_take(parser, "."))
	{
		table = name;
		name = maria_take_name(parser);
	}
	return find_column(parser, table, name);
}

static MariaExpression *
parse_string(MariaParser *parser)
{
	char	   *text = parser->text;

	if (parser->is_lossy)
		maria_fail(parser, "a string in it has a \"?\", which may replace another character");
	maria_advance(parser);
	return make_literal(CLASS_TEXT, quote_literal_cstr(text), text);
}

static MariaExpression *
parse_number(MariaParser *parser)
{
	char	   *text = parser->text;
	MariaClass	class = strpbrk(text, "eE") ? CLASS_FLOAT :
	strchr(text, '.') ? CLASS_NUMERIC : CLASS_INTEGER;

	maria_advance(parser);
	return make_literal(class, class == CLASS_FLOAT ?
						psprintf("'%s'::double precision", text) : text, text);
}

/* Parses the arguments of a call, after the opening parenthesis. */
static List *
parse_arguments(MariaParser *parser)
{
	List	   *args = NIL;

	if (maria_take(parser, ")"))
		return NIL;
	do
		args = lappend(args, maria_parse_expression(parser));
	while (maria_take(parser, ","));
	maria_expect(parser, ")");
	return args;
}

static MariaRemoteSequence *
find_sequence(const MariaTarget *target, const char *name)
{
	ListCell   *lc;

	foreach(lc, target->sequences)
	{
		MariaRemoteSequence *sequence = lfirst(lc);

		if (strcmp(sequence->name, name) == 0)
			return sequence;
	}
	return NULL;
}

/* Parses nextval(`schema`.`sequence`), of a sequence that is planned. */
static MariaExpression *
parse_nextval(MariaParser *parser)
{
	char	   *schema = maria_take_name(parser);
	char	   *name;
	char	   *local;
	MariaRemoteSequence *sequence;
	MariaExpression *expr;

	maria_expect(parser, ".");
	name = maria_take_name(parser);
	maria_expect(parser, ")");
	if (parser->problem == NULL &&
		strcmp(schema, parser->scope->target->remote->name) != 0)
		maria_fail(parser, "its sequence is in schema \"%s\"", schema);
	sequence = find_sequence(parser->scope->target, name);
	if (parser->problem == NULL && sequence == NULL)
		maria_fail(parser, "sequence \"%s\" is not migrated", name);
	parser->sequences = lappend(parser->sequences, sequence);
	local = quote_qualified_identifier(parser->scope->target->schema,
									   maria_fit_name(name, ""));
	expr = make_literal(CLASS_INTEGER,
						psprintf("nextval(%s::regclass)",
								 quote_literal_cstr(local)), NULL);
	expr->is_volatile = true;
	return expr;
}

/* Parses the rest of cast(a as type). */
static MariaExpression *
parse_cast(MariaParser *parser)
{
	MariaExpression *expr = maria_parse_expression(parser);
	bool		is_date;

	maria_expect(parser, "as");
	is_date = maria_take(parser, "date");
	if (!is_date && !maria_take(parser, "signed"))
		maria_fail(parser, "it has a cast to %s", parser->text);
	maria_expect(parser, ")");
	if (is_date && (expr->class == CLASS_DATE || expr->class == CLASS_TIMESTAMP))
		return maria_combine(expr, expr, CLASS_DATE,
							 psprintf("%s::date", maria_operand(expr)));
	if (!is_date && expr->class == CLASS_INTEGER)
		return maria_combine(expr, expr, CLASS_INTEGER,
							 psprintf("%s::bigint", maria_operand(expr)));
	maria_fail(parser, "it casts a %s", maria_class_name(expr->class));
	return expr;
}

/*
 * Parses case when ... end; case x when ... would compare by MariaDB's rules.
 */
static MariaExpression *
parse_case(MariaParser *parser)
{
	MariaExpression *result = NULL;
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfoString(&sql, "CASE");
	while (maria_take(parser, "when"))
	{
		MariaExpression *condition = maria_parse_expression(parser);
		MariaExpression *value;

		condition = maria_as_condition(parser, condition);
		maria_expect(parser, "then");
		value = maria_parse_expression(parser);
		if (result)
			maria_unify(parser, &result, &value);
		appendStringInfo(&sql, " WHEN %s THEN %s", condition->sql, value->sql);
		value = maria_combine(value, condition, value->class, NULL);
		result = result ? maria_combine(result, value, value->class, NULL) : value;
	}
	if (result == NULL)
	{
		maria_fail(parser, "it has a CASE with an operand");
		return failed();
	}
	result->is_nullable = true;
	if (maria_take(parser, "else"))
	{
		MariaExpression *value = maria_parse_expression(parser);

		maria_unify(parser, &result, &value);
		appendStringInfo(&sql, " ELSE %s", value->sql);
		result = maria_combine(result, value, result->class, NULL);
	}
	maria_expect(parser, "end");
	appendStringInfoString(&sql, " END");
	result->sql = sql.data;
	result->is_atomic = true;
	result->depth++;
	return result;
}

static MariaExpression *
parse_word(MariaParser *parser)
{
	char	   *word = parser->text;

	maria_advance(parser);
	if (strcmp(word, "null") == 0)
	{
		MariaExpression *expr = failed();

		expr->is_nullable = true;
		return expr;
	}
	if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0)
		return make_literal(CLASS_BOOLEAN, word, word);
	if (strcmp(word, "case") == 0)
		return parse_case(parser);
	if (!maria_take(parser, "("))
	{
		maria_fail(parser, "cannot translate \"%s\"", word);
		return failed();
	}
	if (strcmp(word, "nextval") == 0)
		return parse_nextval(parser);
	if (strcmp(word, "cast") == 0)
		return parse_cast(parser);
	return maria_translate_call(parser, word, parse_arguments(parser));
}

static MariaExpression *
parse_parenthesis(MariaParser *parser)
{
	MariaExpression *expr;

	maria_advance(parser);
	expr = maria_parse_expression(parser);
	maria_expect(parser, ")");
	return expr;
}

static MariaExpression *
parse_primary(MariaParser *parser)
{
	char	   *text = parser->text;

	switch (parser->kind)
	{
		case MARIA_TOKEN_NAME:
			return parse_column(parser);
		case MARIA_TOKEN_WORD:
			return parse_word(parser);
		case MARIA_TOKEN_NUMBER:
			return parse_number(parser);
		case MARIA_TOKEN_STRING:
			return parse_string(parser);
		case MARIA_TOKEN_BITS:
			maria_advance(parser);
			return make_literal(CLASS_BITS, psprintf("B'%s'", text), text);
		case MARIA_TOKEN_BYTES:
			maria_advance(parser);
			return make_literal(CLASS_BYTES, maria_bytes_literal(text), text);
		default:
			if (maria_at(parser, "("))
				return parse_parenthesis(parser);
			maria_fail(parser, "cannot translate \"%s\"", parser->text);
			return failed();
	}
}

/* Returns a number with the other sign; two of them would be a comment. */
static MariaExpression *
negate_literal(const MariaExpression *expr)
{
	char	   *literal = *expr->literal == '-' ?
	pstrdup(expr->literal + 1) : psprintf("-%s", expr->literal);
	MariaExpression *result = make_literal(expr->class, literal, literal);

	result->is_atomic = *literal != '-';	/* -1::text is -(1::text) */
	return result;
}

static MariaExpression *
parse_unary(MariaParser *parser)
{
	MariaExpression *expr;

	if (!maria_take(parser, "-"))
		return parse_primary(parser);
	maria_enter(parser);
	expr = parse_unary(parser);
	maria_leave(parser);
	if (!maria_is_numeric(expr->class))
		maria_fail(parser, "it negates a %s", maria_class_name(expr->class));
	if (expr->literal && expr->class != CLASS_FLOAT)
		return negate_literal(expr);
	return maria_combine(expr, expr, expr->class,
						 psprintf("- %s", maria_operand(expr)));
}

static MariaExpression *
parse_product(MariaParser *parser)
{
	MariaExpression *expr = parse_unary(parser);

	for (;; check_copies(parser, expr))
	{
		if (maria_take(parser, "*"))
			expr = maria_arithmetic(parser, expr, "*", parse_unary(parser));
		else if (maria_take(parser, "div"))
			expr = maria_divide_integers(parser, expr, "/", parse_unary(parser));
		else if (maria_take(parser, "%") || maria_take(parser, "mod"))
			expr = maria_divide_integers(parser, expr, "%", parse_unary(parser));
		else if (maria_take(parser, "/"))
			expr = maria_divide(parser, expr, parse_unary(parser));
		else
			return expr;
	}
}

static MariaExpression *
parse_sum(MariaParser *parser)
{
	MariaExpression *expr = parse_product(parser);

	while (maria_at(parser, "+") || maria_at(parser, "-"))
	{
		const char *symbol = parser->text;

		maria_advance(parser);
		if (maria_take(parser, "interval"))
			expr = maria_add_interval(parser, expr, symbol,
									  parse_unary(parser));
		else
			expr = maria_arithmetic(parser, expr, symbol, parse_product(parser));
		check_copies(parser, expr);
	}
	return expr;
}

static MariaExpression *
compare(MariaParser *parser, MariaExpression *a, const Operator *operator,
		MariaExpression *b)
{
	MariaExpression *result;

	maria_make_comparable(parser, &a, &b, operator->is_equality);
	result = maria_combine(a, b, CLASS_BOOLEAN,
						   psprintf("%s %s %s", maria_operand(a),
									operator->local, maria_operand(b)));
	if (strcmp(operator->remote, "<=>") == 0)
		result->is_nullable = false;
	return result;
}

static MariaExpression *
parse_is(MariaParser *parser, MariaExpression *expr)
{
	const char *not = maria_take(parser, "not") ? "NOT " : "";
	char	   *word = parser->text;

	if (!maria_at(parser, "null") && expr->class != CLASS_BOOLEAN)
		maria_fail(parser, "it applies IS %s to a %s", word,
				   maria_class_name(expr->class));
	if (!maria_take(parser, "null") && !maria_take(parser, "true") &&
		!maria_take(parser, "false"))
		maria_fail(parser, "it has IS %s", word);
	word = pstrdup(word);
	for (char *c = word; *c; c++)
		*c = pg_ascii_toupper((unsigned char) *c);
	expr = maria_combine(expr, expr, CLASS_BOOLEAN,
						 psprintf("%s IS %s%s", maria_operand(expr), not, word));
	expr->is_nullable = false;
	return expr;
}

static MariaExpression *
parse_in(MariaParser *parser, MariaExpression *expr, const char *not)
{
	StringInfoData sql;
	MariaExpression *result = expr;
	ListCell   *lc;

	initStringInfo(&sql);
	maria_expect(parser, "(");
	foreach(lc, parse_arguments(parser))
	{
		MariaExpression *left = expr;
		MariaExpression *item = lfirst(lc);

		maria_make_comparable(parser, &left, &item, true);
		result = maria_combine(result, item, CLASS_BOOLEAN, NULL);
		if (sql.len == 0)
			appendStringInfo(&sql, "%s %sIN (%s", maria_operand(left), not,
							 item->sql);
		else
			appendStringInfo(&sql, ", %s", item->sql);
	}
	appendStringInfoChar(&sql, ')');
	if (result == expr)
	{
		maria_fail(parser, "it has an empty list");
		return expr;
	}
	result->sql = sql.data;
	result->depth++;
	return result;
}

static MariaExpression *
parse_between(MariaParser *parser, MariaExpression *expr, const char *not)
{
	MariaExpression *low = parse_sum(parser);
	MariaExpression *high;
	MariaExpression *left = expr;

	maria_expect(parser, "and");
	high = parse_sum(parser);
	maria_make_comparable(parser, &left, &low, false);
	maria_make_comparable(parser, &expr, &high, false);
	return maria_combine(expr, maria_combine(low, high, CLASS_BOOLEAN, NULL),
						 CLASS_BOOLEAN,
						 psprintf("%s %sBETWEEN %s AND %s", maria_operand(left),
								  not, maria_operand(low), maria_operand(high)));
}

static const Operator *
comparison_in_hand(MariaParser *parser)
{
	for (size_t i = 0; i < lengthof(comparisons); i++)
		if (parser->kind == MARIA_TOKEN_SYMBOL &&
			strcmp(parser->text, comparisons[i].remote) == 0)
			return &comparisons[i];
	return NULL;
}

static MariaExpression *
parse_comparison(MariaParser *parser)
{
	MariaExpression *expr = parse_sum(parser);

	while (parser->problem == NULL)
	{
		const Operator *operator = comparison_in_hand(parser);
		const char *not = "";

		check_copies(parser, expr);
		if (operator)
		{
			maria_advance(parser);
			expr = compare(parser, expr, operator, parse_sum(parser));
			continue;
		}
		if (maria_take(parser, "is"))
		{
			expr = parse_is(parser, expr);
			continue;
		}
		if (maria_take(parser, "not"))
			not = "NOT ";
		if (maria_take(parser, "in"))
			expr = parse_in(parser, expr, not);
		else if (maria_take(parser, "between"))
			expr = parse_between(parser, expr, not);
		else if (maria_at(parser, "like") || maria_at(parser, "regexp") ||
				 maria_at(parser, "rlike"))
			maria_fail(parser, "\"%s\" depends on the collation", parser->text);
		else if (*not)
			maria_fail(parser, "cannot translate \"%s\"", parser->text);
		else
			break;
	}
	return expr;
}

static MariaExpression *
parse_not(MariaParser *parser)
{
	MariaExpression *expr;

	if (!maria_take(parser, "not") && !maria_take(parser, "!"))
		return parse_comparison(parser);
	maria_enter(parser);
	expr = maria_as_condition(parser, parse_not(parser));
	maria_leave(parser);
	return maria_combine(expr, expr, CLASS_BOOLEAN,
						 psprintf("NOT %s", maria_operand(expr)));
}

static bool
take_and(MariaParser *parser)
{
	return maria_take(parser, "and") || maria_take(parser, "&&");
}

static bool
take_or(MariaParser *parser)
{
	return maria_take(parser, "or");
}

/* Parses conditions joined by a word; a single one may be any value. */
static MariaExpression *
parse_conditions(MariaParser *parser, bool (*take) (MariaParser *parser),
				 MariaExpression *(*parse) (MariaParser *parser),
				 const char *word)
{
	MariaExpression *expr = parse(parser);
	StringInfoData sql = {0};

	while (take(parser))
	{
		MariaExpression *right = parse(parser);

		if (sql.data == NULL)
		{
			initStringInfo(&sql);
			expr = maria_as_condition(parser, expr);
			appendStringInfoString(&sql, maria_operand(expr));
		}
		right = maria_as_condition(parser, right);
		appendStringInfo(&sql, " %s %s", word, maria_operand(right));
		expr = maria_combine(expr, right, CLASS_BOOLEAN, NULL);
	}
	if (sql.data)
	{
		expr->sql = sql.data;
		expr->depth++;
	}
	return expr;
}

static MariaExpression *
parse_and(MariaParser *parser)
{
	return parse_conditions(parser, take_and, parse_not, "AND");
}

/* Parses an expression up to whatever cannot be part of it. */
MariaExpression *
maria_parse_expression(MariaParser *parser)
{
	MariaExpression *expr;

	maria_enter(parser);
	expr = parse_conditions(parser, take_or, parse_and, "OR");
	check_copies(parser, expr);
	maria_leave(parser);
	return expr;
}

static MariaExpression *
translate_text(const char *text, const MariaScope *scope)
{
	MariaParser parser;
	MariaExpression *expr;

	maria_parser_init(&parser, text, scope);
	expr = maria_parse_expression(&parser);
	if (parser.kind != MARIA_TOKEN_END)
		maria_fail(&parser, "cannot translate \"%s\"", parser.text);
	if (expr->has_quotient)
		maria_fail(&parser, "it calculates with a quotient, of which the server keeps fewer digits");
	expr->problem = parser.problem;
	expr->remark = parser.remark;
	expr->sequences = parser.sequences;
	if (expr->problem)
		expr->sql = NULL;
	return expr;
}

static char *
copy_or_null(const char *text)
{
	return text ? pstrdup(text) : NULL;
}

/*
 * Translates an expression.  The result has a problem and no sql if it cannot
 * be translated with certainty.
 */
MariaExpression *
maria_translate(const char *text, const MariaScope *scope)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext,
												  "mariadb_fdw expression",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(scratch);
	MariaExpression *expr = translate_text(text, scope);
	MariaExpression *result;

	MemoryContextSwitchTo(old);
	result = palloc(sizeof(MariaExpression));
	*result = *expr;
	result->sql = copy_or_null(expr->sql);
	result->literal = copy_or_null(expr->literal);
	result->uuid = copy_or_null(expr->uuid);
	result->problem = copy_or_null(expr->problem);
	result->sequences = list_copy(expr->sequences);
	result->exact = NULL;
	MemoryContextDelete(scratch);
	return result;
}
