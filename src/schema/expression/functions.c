/*
 * Which functions of MariaDB have an equivalent in PostgreSQL?
 *
 * A row for each; no other function is translated.  Functions of texts that
 * look at the collation, formats of dates and paths into JSON are not.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "schema/expression/parser.h"

/*
 * The letters of args, one for each: n a number, t a text, l a literal integer
 * above 0, d a date or datetime, s a datetime, u a uuid.  In sql $1 to $3 are arguments,
 * as operands.
 */
typedef struct Function
{
	const char *name;
	const char *args;
	MariaClass	class;			/* CLASS_NULL = that of the first argument */
	const char *sql;
	bool		is_volatile;
} Function;

static const Function functions[] = {
	{"abs", "n", CLASS_NULL, "abs($1)"},
	{"ceiling", "n", CLASS_NULL, "ceil($1)"},
	{"ceil", "n", CLASS_NULL, "ceil($1)"},
	{"floor", "n", CLASS_NULL, "floor($1)"},
	{"sign", "n", CLASS_INTEGER, "sign($1)"},
	{"char_length", "t", CLASS_INTEGER, "char_length($1)"},
	{"character_length", "t", CLASS_INTEGER, "char_length($1)"},
	{"length", "t", CLASS_INTEGER, "octet_length($1)"},
	{"octet_length", "t", CLASS_INTEGER, "octet_length($1)"},
	{"lcase", "t", CLASS_TEXT, "lower($1)"},
	{"lower", "t", CLASS_TEXT, "lower($1)"},
	{"ucase", "t", CLASS_TEXT, "upper($1)"},
	{"upper", "t", CLASS_TEXT, "upper($1)"},
	{"trim", "t", CLASS_TEXT, "btrim($1)"},
	{"ltrim", "t", CLASS_TEXT, "ltrim($1)"},
	{"rtrim", "t", CLASS_TEXT, "rtrim($1)"},
	{"reverse", "t", CLASS_TEXT, "reverse($1)"},
	{"left", "tl", CLASS_TEXT, "\"left\"($1, $2)"},
	{"right", "tl", CLASS_TEXT, "\"right\"($1, $2)"},
	{"substr", "tl", CLASS_TEXT, "substr($1, $2)"},
	{"substr", "tll", CLASS_TEXT, "substr($1, $2, $3)"},
	{"substring", "tl", CLASS_TEXT, "substr($1, $2)"},
	{"substring", "tll", CLASS_TEXT, "substr($1, $2, $3)"},
	{"replace", "ttt", CLASS_TEXT, "replace($1, $2, $3)"},
	{"year", "d", CLASS_INTEGER, "EXTRACT(year FROM $1)::integer"},
	{"quarter", "d", CLASS_INTEGER, "EXTRACT(quarter FROM $1)::integer"},
	{"month", "d", CLASS_INTEGER, "EXTRACT(month FROM $1)::integer"},
	{"dayofmonth", "d", CLASS_INTEGER, "EXTRACT(day FROM $1)::integer"},
	{"day", "d", CLASS_INTEGER, "EXTRACT(day FROM $1)::integer"},
	{"dayofyear", "d", CLASS_INTEGER, "EXTRACT(doy FROM $1)::integer"},
	{"dayofweek", "d", CLASS_INTEGER, "(EXTRACT(dow FROM $1)::integer + 1)"},
	{"weekday", "d", CLASS_INTEGER, "(EXTRACT(isodow FROM $1)::integer - 1)"},
	{"hour", "s", CLASS_INTEGER, "EXTRACT(hour FROM $1)::integer"},
	{"minute", "s", CLASS_INTEGER, "EXTRACT(minute FROM $1)::integer"},
	{"second", "s", CLASS_INTEGER, "floor(EXTRACT(second FROM $1))::integer"},
	{"date", "d", CLASS_DATE, "$1::date"},
	{"to_days", "d", CLASS_INTEGER, "($1::date - DATE '0001-01-01' + 366)"},
	{"datediff", "dd", CLASS_INTEGER, "($1::date - $2::date)"},
	{"now", "", CLASS_TIMESTAMP, "CURRENT_TIMESTAMP", true},
	{"now", "l", CLASS_TIMESTAMP, "CURRENT_TIMESTAMP", true},
	{"current_timestamp", "", CLASS_TIMESTAMP, "CURRENT_TIMESTAMP", true},
	{"current_timestamp", "l", CLASS_TIMESTAMP, "CURRENT_TIMESTAMP", true},
	{"utc_timestamp", "", CLASS_TIMESTAMP, "(now() AT TIME ZONE 'UTC')", true},
	{"utc_timestamp", "l", CLASS_TIMESTAMP, "(now() AT TIME ZONE 'UTC')", true},
	{"utc_date", "", CLASS_DATE, "(now() AT TIME ZONE 'UTC')::date", true},
	{"curdate", "", CLASS_DATE, "CURRENT_DATE", true},
	{"current_date", "", CLASS_DATE, "CURRENT_DATE", true},
	{"curtime", "", CLASS_TIME, "LOCALTIME", true},
	{"current_time", "", CLASS_TIME, "LOCALTIME", true},
	{"unix_timestamp", "", CLASS_INTEGER, "floor(EXTRACT(epoch FROM now()))::bigint", true},
	{"uuid", "", CLASS_UUID, "gen_random_uuid()", true},
	{"uuid_v4", "", CLASS_UUID, "gen_random_uuid()", true},
	{"uuid_v7", "", CLASS_UUID, MARIA_UUIDV7, true},
	{"uuid_to_bin", "u", CLASS_BYTES, "uuid_send($1)"},
	{"rand", "", CLASS_FLOAT, "random()", true},
	{"json_object", "", CLASS_JSON, "'{}'::jsonb"},
	{"json_array", "", CLASS_JSON, "'[]'::jsonb"},
};

/* Any number of so many digits fits int. */
#define MAX_INT_DIGITS 9

static bool
argument_fits(char letter, const MariaExpression *arg)
{
	switch (letter)
	{
		case 'n':
			return maria_is_numeric(arg->class);
		case 't':
			return arg->class == CLASS_TEXT;
		case 'l':
			return arg->class == CLASS_INTEGER && arg->literal &&
				strlen(arg->literal) <= MAX_INT_DIGITS && atoi(arg->literal) > 0;
		case 'd':
			return arg->class == CLASS_DATE || arg->class == CLASS_TIMESTAMP;
		case 's':
			return arg->class == CLASS_TIMESTAMP;
		case 'u':
			return arg->class == CLASS_UUID;
	}
	return false;
}

static bool
arguments_fit(const Function *function, List *args)
{
	int			i = 0;
	ListCell   *lc;

	if (list_length(args) != (int) strlen(function->args))
		return false;
	foreach(lc, args)
	{
		if (!argument_fits(function->args[i++], lfirst(lc)))
			return false;
	}
	return true;
}

/* Fills the arguments into a function's template. */
static MariaExpression *
apply(const Function *function, List *args)
{
	MariaExpression *expr = maria_make_expression(function->class, NULL);
	StringInfoData sql;
	ListCell   *lc;

	foreach(lc, args)
		expr = maria_combine(expr, lfirst(lc), expr->class, NULL);
	if (function->class == CLASS_NULL)
		expr->class = ((MariaExpression *) linitial(args))->class;

	initStringInfo(&sql);
	for (const char *p = function->sql; *p; p++)
	{
		if (*p == '$')
			appendStringInfoString(&sql, maria_operand(list_nth(args, *++p - '1')));
		else
			appendStringInfoChar(&sql, *p);
	}
	expr->sql = sql.data;
	expr->depth++;
	expr->is_atomic = true;
	expr->is_volatile |= function->is_volatile;
	if (strcmp(function->sql, "uuid_send($1)") == 0)
		expr->uuid = ((MariaExpression *) linitial(args))->sql;
	return expr;
}

/* Are all of some arguments bytes? */
static bool
are_bytes(List *args)
{
	ListCell   *lc;

	foreach(lc, args)
	{
		if (!maria_is_binary_string(lfirst(lc)))
			return false;
	}
	return true;
}

/* Returns a || b ...: NULL where one is, as MariaDB's concat. */
static MariaExpression *
concat(MariaParser *parser, List *args)
{
	MariaClass	class = are_bytes(args) ? CLASS_BYTES : CLASS_TEXT;
	MariaExpression *expr = maria_make_expression(class, NULL);
	StringInfoData sql;
	ListCell   *lc;

	initStringInfo(&sql);
	foreach(lc, args)
	{
		MariaExpression *arg = lfirst(lc);

		if (arg->class != class && arg->class != CLASS_TEXT && arg->class != CLASS_INTEGER)
			maria_fail(parser, "it converts a %s to text",
					   maria_class_name(arg->class));
		appendStringInfo(&sql, "%s%s%s", sql.len ? " || " : "",
						 maria_operand(arg),
						 arg->class == CLASS_INTEGER ? "::text" : "");
		expr = maria_combine(expr, arg, class, NULL);
	}
	expr->sql = sql.data;
	expr->depth++;
	return expr;
}

/* Returns COALESCE(...), also for ifnull. */
static MariaExpression *
coalesce(MariaParser *parser, List *args)
{
	MariaExpression *expr = linitial(args);
	bool		is_nullable = true;
	StringInfoData sql;
	ListCell   *lc;

	initStringInfo(&sql);
	foreach(lc, args)
	{
		MariaExpression *arg = lfirst(lc);

		if (arg != expr)
			maria_unify(parser, &expr, &arg);
		is_nullable &= arg->is_nullable;
		appendStringInfo(&sql, "%s%s", sql.len ? ", " : "COALESCE(", arg->sql);
		expr = maria_combine(expr, arg, expr->class, NULL);
	}
	appendStringInfoChar(&sql, ')');
	expr->sql = sql.data;
	expr->depth++;
	expr->is_atomic = true;
	expr->is_nullable = is_nullable;
	return expr;
}

/* Returns CASE WHEN a THEN b ELSE c END for if(a, b, c). */
static MariaExpression *
if_else(MariaParser *parser, MariaExpression *condition, MariaExpression *yes,
		MariaExpression *no)
{
	MariaExpression *expr;

	condition = maria_as_condition(parser, condition);
	maria_unify(parser, &yes, &no);
	expr = maria_combine(yes, no, yes->class == CLASS_NULL ? no->class :
						 Max(yes->class, no->class),
						 psprintf("CASE WHEN %s THEN %s ELSE %s END",
								  condition->sql, yes->sql, no->sql));
	expr->depth = Max(expr->depth, condition->depth + 1);
	expr->is_volatile |= condition->is_volatile;
	expr->is_generated |= condition->is_generated;
	expr->is_atomic = true;
	return expr;
}

/*
 * Returns greatest or least, which return NULL for any NULL in MariaDB, but
 * ignore NULLs in PostgreSQL.
 */
static MariaExpression *
extreme(MariaParser *parser, const char *name, List *args)
{
	MariaExpression *expr = coalesce(parser, args);
	ListCell   *lc;

	foreach(lc, args)
	{
		MariaExpression *arg = lfirst(lc);

		if (arg->is_nullable || !maria_is_numeric(arg->class))
			maria_fail(parser, "%s() has an argument that can be null or is not a number",
					   name);
	}
	expr->sql = psprintf("%s%s", name, expr->sql + strlen("COALESCE"));
	return expr;
}

static MariaExpression *
is_null(MariaExpression *arg)
{
	MariaExpression *expr = maria_combine(arg, arg, CLASS_BOOLEAN,
										  psprintf("%s IS NULL",
												   maria_operand(arg)));

	expr->is_nullable = false;
	return expr;
}

/* Translates a call; fails if there is no equivalent. */
MariaExpression *
maria_translate_call(MariaParser *parser, const char *name, List *args)
{
	int			count = list_length(args);
	bool		is_known = false;

	if (strcmp(name, "concat") == 0 && count > 0)
		return concat(parser, args);
	if ((strcmp(name, "coalesce") == 0 && count > 0) ||
		(strcmp(name, "ifnull") == 0 && count == 2))
		return coalesce(parser, args);
	if (strcmp(name, "if") == 0 && count == 3)
		return if_else(parser, linitial(args), lsecond(args), lthird(args));
	if ((strcmp(name, "greatest") == 0 || strcmp(name, "least") == 0) &&
		count > 1)
		return extreme(parser, name, args);
	if (strcmp(name, "isnull") == 0 && count == 1)
		return is_null(linitial(args));
	for (size_t i = 0; i < lengthof(functions); i++)
	{
		if (strcmp(functions[i].name, name) != 0)
			continue;
		if (functions[i].sql == NULL)
			maria_fail(parser, "%s() requires PostgreSQL 18; gen_random_uuid() does not return values in time order",
					   name);
		else if (arguments_fit(&functions[i], args))
		{
			if (strcmp(functions[i].sql, "lower($1)") == 0 ||
				strcmp(functions[i].sql, "upper($1)") == 0)
				parser->remark = "the case of non-ASCII letters follows the database's locale";
			return apply(&functions[i], args);
		}
		is_known = true;
	}
	maria_fail(parser, is_known ? "cannot translate %s() with these arguments" :
			   "cannot translate %s()", name);
	return maria_make_expression(CLASS_NULL, "NULL");
}
