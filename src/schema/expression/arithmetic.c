/*
 * When does arithmetic have the same result on both sides?
 *
 * MariaDB computes integers in 64 bits, returns NULL for a division by zero
 * and keeps a certain number of a quotient's digits; PostgreSQL does none of
 * this.
 */
#include "postgres.h"

#include "schema/expression/parser.h"

static const char *const interval_units[] = {
	"second", "minute", "hour", "day", "week", "month", "year"
};

static bool
is_nonzero(const MariaExpression *expr)
{
	return expr->literal && strspn(expr->literal, "-0.") != strlen(expr->literal);
}

/*
 * Widens an integer: MariaDB computes in 64 bits, PostgreSQL in the width of
 * the operands.
 */
static void
widen(MariaExpression **expr)
{
	if ((*expr)->class != CLASS_INTEGER || (*expr)->is_wide ||
		(*expr)->is_constant)
		return;
	*expr = maria_combine(*expr, *expr, CLASS_INTEGER,
						  psprintf("%s::bigint", maria_operand(*expr)));
	(*expr)->is_wide = (*expr)->is_atomic = true;
}

/* Returns two numbers combined by +, -, *, % or /. */
MariaExpression *
maria_arithmetic(MariaParser *parser, MariaExpression *a,
				 const char *symbol, MariaExpression *b)
{
	MariaExpression *result;

	if (!maria_is_numeric(a->class) || !maria_is_numeric(b->class))
		maria_fail(parser, "cannot apply \"%s\" to a %s and a %s", symbol,
				   maria_class_name(a->class), maria_class_name(b->class));
	if (!b->is_wide)
		widen(&a);
	if (!a->is_wide)
		widen(&b);
	result = maria_combine(a, b, Max(a->class, b->class),
						   psprintf("%s %s %s", maria_operand(a), symbol,
									maria_operand(b)));
	result->is_wide = a->is_wide || b->is_wide;
	return result;
}

/*
 * Divides integers; a division by zero is NULL in MariaDB and an error in
 * PostgreSQL.
 */
MariaExpression *
maria_divide_integers(MariaParser *parser, MariaExpression *a,
					  const char *symbol, MariaExpression *b)
{
	if (a->class != CLASS_INTEGER || b->class != CLASS_INTEGER)
		maria_fail(parser, "it divides a %s by a %s",
				   maria_class_name(a->class), maria_class_name(b->class));
	if (is_nonzero(b))
		return maria_arithmetic(parser, a, symbol, b);
	b = maria_combine(b, b, CLASS_INTEGER,
					  psprintf("NULLIF(%s, 0)", b->sql));
	b->is_nullable = b->is_atomic = true;
	return maria_arithmetic(parser, a, symbol, b);
}

/*
 * Divides.  MariaDB keeps nine digits or more after the point, and rounds when
 * a column stores the quotient; for a small divisor PostgreSQL's quotient
 * rounds to the same value.  Further calculations with a quotient may differ.
 */
MariaExpression *
maria_divide(MariaParser *parser, MariaExpression *a, MariaExpression *b)
{
	MariaExpression *expr;

	if ((a->class != CLASS_INTEGER && a->class != CLASS_NUMERIC) ||
		b->class != CLASS_INTEGER || !is_nonzero(b) || strlen(b->literal) > 6)
		maria_fail(parser, "it divides by something other than a small number");
	expr = maria_combine(a, b, CLASS_NUMERIC,
						 psprintf("%s::numeric / %s", maria_operand(a), b->sql));
	expr->is_quotient = true;
	return expr;
}

/*
 * Adds an interval to a time, or subtracts it; its unit is the current token.
 */
MariaExpression *
maria_add_interval(MariaParser *parser, MariaExpression *expr,
				   const char *symbol, const MariaExpression *count)
{
	const char *unit = NULL;
	MariaClass	class = expr->class;

	for (size_t i = 0; i < lengthof(interval_units); i++)
		if (maria_at(parser, interval_units[i]))
			unit = interval_units[i];
	if (unit == NULL || count->class != CLASS_INTEGER || !count->literal ||
		(class != CLASS_DATE && class != CLASS_TIMESTAMP))
		maria_fail(parser, "it has an interval");
	else
		maria_advance(parser);
	if (parser->problem)
		return expr;
	if (unit == interval_units[0] || unit == interval_units[1] ||
		unit == interval_units[2])
		class = CLASS_TIMESTAMP;
	expr = maria_combine(expr, expr, class,
						 psprintf("%s %s interval '%s %s'",
								  maria_operand(expr), symbol, count->literal,
								  unit));
	if (class == CLASS_DATE)
	{
		expr->sql = psprintf("(%s)::date", expr->sql);
		expr->is_atomic = true;
	}
	return expr;
}
