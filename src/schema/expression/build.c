/* How is an expression built from others? */
#include "postgres.h"

#include "schema/expression/parser.h"

MariaExpression *
maria_make_expression(MariaClass class, char *sql)
{
	MariaExpression *expr = palloc0(sizeof(MariaExpression));

	expr->class = class;
	expr->sql = sql;
	return expr;
}

/*
 * Would its bytes have another meaning in MariaDB, as those of a BIT are a
 * number?
 */
static bool
is_no_string(const MariaExpression *expr)
{
	return expr->class == CLASS_BYTES && !maria_is_binary_string(expr);
}

/* Makes an expression that contains two others. */
MariaExpression *
maria_combine(MariaExpression *a, MariaExpression *b, MariaClass class,
			  char *sql)
{
	MariaExpression *expr = maria_make_expression(class, sql);

	if (class == CLASS_BYTES && (is_no_string(a) || is_no_string(b)))
		expr->class = CLASS_OTHER;
	expr->is_nullable = a->is_nullable || b->is_nullable;
	expr->is_volatile = a->is_volatile || b->is_volatile;
	expr->is_generated = a->is_generated || b->is_generated;
	expr->is_constant = a->is_constant && b->is_constant;
	expr->has_quotient = a->is_quotient || a->has_quotient ||
		b->is_quotient || b->has_quotient;
	expr->depth = Max(a->depth, b->depth) + (sql != NULL);
	return expr;
}

/* Returns the text of an operand, in parentheses where it needs them. */
char *
maria_operand(const MariaExpression *expr)
{
	return expr->is_atomic ? expr->sql : psprintf("(%s)", expr->sql);
}

/* Converts to a condition: MariaDB treats a number other than 0 as true. */
MariaExpression *
maria_as_condition(MariaParser *parser, MariaExpression *expr)
{
	if (expr->class == CLASS_BOOLEAN || expr->class == CLASS_NULL)
		return expr;
	if (!maria_is_numeric(expr->class))
		maria_fail(parser, "it uses a %s as a condition",
				   maria_class_name(expr->class));
	return maria_combine(expr, expr, CLASS_BOOLEAN,
						 psprintf("%s <> 0", maria_operand(expr)));
}
