/*
 * Which conditions have the same result in MariaDB and in PostgreSQL?
 *
 * Only those listed here are shipped: comparisons of integers, booleans, dates
 * and timestamps.  A column qualifies if its remote type is known, as recorded
 * by IMPORT FOREIGN SCHEMA; what MariaDB would convert in its own way (years,
 * text, zero dates under a policy) is compared locally.
 */
#include "postgres.h"

#include "access/stratnum.h"
#include "catalog/pg_type.h"
#include "datatype/timestamp.h"
#include "nodes/nodeFuncs.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "query/query.h"
#include "schema/expression/class.h"

typedef struct ShipContext
{
	MariaRel   *rel;
	Index		relid;
} ShipContext;

static bool ship_condition(ShipContext *context, Expr *expr);

/* Does a column type begin with this word? */
static bool
is_remote_type(const char *remote_type, const char *word)
{
	size_t		len = strlen(word);

	return strncmp(remote_type, word, len) == 0 &&
		!(remote_type[len] >= 'a' && remote_type[len] <= 'z');
}

static bool
is_remote_integer(const char *remote_type)
{
	static const char *const words[] = {
		"tinyint", "smallint", "mediumint", "int", "bigint"
	};

	for (size_t i = 0; i < lengthof(words); i++)
		if (is_remote_type(remote_type, words[i]))
			return true;
	return false;
}

/* Under another policy a zero date is NULL or -infinity only in PostgreSQL. */
static MariaClass
date_class(const MariaOptions *opts, Oid type)
{
	if (opts->zero_dates != POLICY_ERROR)
		return CLASS_OTHER;
	if (type == DATEOID && is_remote_type(opts->remote_type, "date"))
		return CLASS_DATE;
	if (type != TIMESTAMPOID)
		return CLASS_OTHER;
	if (is_remote_type(opts->remote_type, "datetime"))
		return CLASS_TIMESTAMP;
	/* In a zone with summer time two instants can have the same local time. */
	if (is_remote_type(opts->remote_type, "timestamp") &&
		strcmp(opts->time_zone, "+00:00") == 0)
		return CLASS_TIMESTAMP;
	return CLASS_OTHER;
}

static MariaClass
column_class(ShipContext *context, Var *var)
{
	const MariaOptions *opts;

	if ((Index) var->varno != context->relid || var->varlevelsup != 0 ||
		var->varattno <= 0)
		return CLASS_OTHER;
	opts = context->rel->column_opts[var->varattno - 1];
	if (opts == NULL || opts->remote_type == NULL)
		return CLASS_OTHER;

	switch (var->vartype)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
		case NUMERICOID:
			return is_remote_integer(opts->remote_type) ? CLASS_INTEGER
				: CLASS_OTHER;
		case BOOLOID:
			return is_remote_integer(opts->remote_type) ||
				strcmp(opts->remote_type, "bit(1)") == 0 ? CLASS_BOOLEAN
				: CLASS_OTHER;
		default:
			return date_class(opts, var->vartype);
	}
}

#define MAX_REMOTE_YEAR 9999

/* MariaDB's dates reach from the year 1 to 9999. */
static bool
is_remote_timestamp(Timestamp value)
{
	struct pg_tm tm;
	fsec_t		fsec;

	return !TIMESTAMP_NOT_FINITE(value) &&
		timestamp2tm(value, NULL, &tm, &fsec, NULL, NULL) == 0 &&
		tm.tm_year >= 1 && tm.tm_year <= MAX_REMOTE_YEAR;
}

/* The most digits that a DECIMAL has after the point. */
#define MAX_LITERAL_DIGITS 38

/* MariaDB rounds a literal of more digits than its DECIMAL has. */
static bool
is_remote_decimal(Numeric value)
{
	return !numeric_is_nan(value) && !maria_numeric_is_inf(value) &&
		strlen(DatumGetCString(DirectFunctionCall1(numeric_out,
												   NumericGetDatum(value)))) <= MAX_LITERAL_DIGITS;
}

static MariaClass
value_class(Oid type, Datum value)
{
	switch (type)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
			return CLASS_INTEGER;
		case NUMERICOID:
			return is_remote_decimal(DatumGetNumeric(value)) ? CLASS_INTEGER
				: CLASS_OTHER;
		case DATEOID:
			if (DATE_NOT_FINITE(DatumGetDateADT(value)) ||
				!is_remote_timestamp(date2timestamp_opt_overflow(DatumGetDateADT(value),
																 NULL)))
				return CLASS_OTHER;
			return CLASS_DATE;
		case TIMESTAMPOID:
			return is_remote_timestamp(DatumGetTimestamp(value))
				? CLASS_TIMESTAMP : CLASS_OTHER;
		default:
			return CLASS_OTHER;
	}
}

/*
 * A parameter's value is unknown yet, so only types without special values
 * qualify.
 */
static MariaClass
param_class(Param *param)
{
	if (param->paramkind != PARAM_EXTERN && param->paramkind != PARAM_EXEC)
		return CLASS_OTHER;
	switch (param->paramtype)
	{
		case INT2OID:
		case INT4OID:
		case INT8OID:
			return CLASS_INTEGER;
		default:
			return CLASS_OTHER;
	}
}

bool
maria_is_boolean_column(Expr *expr)
{
	return IsA(expr, Var) && ((Var *) expr)->vartype == BOOLOID;
}

static MariaClass
operand_class(ShipContext *context, Node *node)
{
	switch (nodeTag(node))
	{
		case T_Var:
			return column_class(context, (Var *) node);
		case T_Param:
			return param_class((Param *) node);
		case T_Const:
			{
				Const	   *constant = (Const *) node;

				return constant->constisnull ? CLASS_OTHER
					: value_class(constant->consttype, constant->constvalue);
			}
		default:
			return CLASS_OTHER;
	}
}

/* Returns the remote operator of a comparison, or NULL. */
static const char *
comparison(Oid opno, Oid left_type)
{
	static const char *const names[] = {NULL, "<", "<=", "=", ">=", ">"};
	TypeCacheEntry *entry = lookup_type_cache(left_type,
											  TYPECACHE_BTREE_OPFAMILY);
	int			strategy;

	if (!OidIsValid(entry->btree_opf))
		return NULL;
	strategy = get_op_opfamily_strategy(opno, entry->btree_opf);
	if (strategy > 0 && strategy < (int) lengthof(names))
		return names[strategy];
	opno = get_negator(opno);
	if (OidIsValid(opno) &&
		get_op_opfamily_strategy(opno, entry->btree_opf) == BTEqualStrategyNumber)
		return "<>";
	return NULL;
}

const char *
maria_operator(OpExpr *expr)
{
	return comparison(expr->opno, exprType(linitial(expr->args)));
}

/* IN and NOT IN, written as = ANY and <> ALL. */
const char *
maria_array_operator(ScalarArrayOpExpr *expr)
{
	const char *name = comparison(expr->opno, exprType(linitial(expr->args)));

	if (name == NULL)
		return NULL;
	if (expr->useOr && strcmp(name, "=") == 0)
		return "IN";
	if (!expr->useOr && strcmp(name, "<>") == 0)
		return "NOT IN";
	return NULL;
}

static bool
ship_comparison(ShipContext *context, OpExpr *expr)
{
	MariaClass	left;

	if (list_length(expr->args) != 2 || maria_operator(expr) == NULL)
		return false;
	left = operand_class(context, linitial(expr->args));
	return left != CLASS_OTHER && left != CLASS_BOOLEAN &&
		left == operand_class(context, lsecond(expr->args));
}

/* Deconstructs an array of any element type. */
void
maria_deconstruct_array(Datum array, Datum **elements, bool **nulls, int *n)
{
	ArrayType  *value = DatumGetArrayTypeP(array);
	int16		len;
	bool		by_value;
	char		align;

	get_typlenbyvalalign(ARR_ELEMTYPE(value), &len, &by_value, &align);
	deconstruct_array(value, ARR_ELEMTYPE(value), len, by_value, align,
					  elements, nulls, n);
}

static bool
ship_array(ShipContext *context, ScalarArrayOpExpr *expr)
{
	MariaClass	left = operand_class(context, linitial(expr->args));
	Const	   *array = lsecond(expr->args);
	Datum	   *elements;
	bool	   *nulls;
	int			n;

	if (left == CLASS_OTHER || left == CLASS_BOOLEAN ||
		maria_array_operator(expr) == NULL ||
		!IsA(array, Const) || array->constisnull)
		return false;
	maria_deconstruct_array(array->constvalue, &elements, &nulls, &n);
	for (int i = 0; i < n; i++)
		if (!nulls[i] &&
			value_class(get_element_type(array->consttype), elements[i]) != left)
			return false;
	return n > 0;
}

static bool
ship_null_test(ShipContext *context, NullTest *test)
{
	MariaClass	class = operand_class(context, (Node *) test->arg);

	/* A zero date is NULL to MariaDB's IS NULL in some columns. */
	return IsA(test->arg, Var) && !test->argisrow &&
		(class == CLASS_INTEGER || class == CLASS_BOOLEAN);
}

/*
 * A negated condition must not contain a boolean column: a value that is
 * neither 0 nor 1 must reach the decoder, so the shipped condition has to
 * include its row.  NOT of the column itself is deparsed differently.
 */
static bool
ship_negated(ShipContext *context, Expr *expr)
{
	return maria_is_boolean_column(expr)
		? column_class(context, (Var *) expr) == CLASS_BOOLEAN
		: !IsA(expr, BoolExpr) && ship_condition(context, expr);
}

static bool
ship_boolean_test(ShipContext *context, BooleanTest *test)
{
	if (test->booltesttype == IS_FALSE || test->booltesttype == IS_NOT_TRUE)
		return !maria_is_boolean_column(test->arg) &&
			ship_negated(context, test->arg);
	return ship_condition(context, test->arg);
}

static bool
ship_all(ShipContext *context, List *exprs)
{
	ListCell   *lc;

	foreach(lc, exprs)
	{
		if (!ship_condition(context, lfirst(lc)))
			return false;
	}
	return true;
}

static bool
ship_condition(ShipContext *context, Expr *expr)
{
	switch (nodeTag(expr))
	{
		case T_Var:
			return column_class(context, (Var *) expr) == CLASS_BOOLEAN;
		case T_BoolExpr:
			if (((BoolExpr *) expr)->boolop == NOT_EXPR)
				return ship_negated(context,
									linitial(((BoolExpr *) expr)->args));
			return ship_all(context, ((BoolExpr *) expr)->args);
		case T_BooleanTest:
			return ship_boolean_test(context, (BooleanTest *) expr);
		case T_NullTest:
			return ship_null_test(context, (NullTest *) expr);
		case T_OpExpr:
			return ship_comparison(context, (OpExpr *) expr);
		case T_ScalarArrayOpExpr:
			return ship_array(context, (ScalarArrayOpExpr *) expr);
		default:
			return false;
	}
}

/* Returns whether MariaDB may evaluate a condition on one foreign table. */
bool
maria_is_shippable(MariaRel *rel, Index relid, Expr *expr)
{
	ShipContext context = {rel, relid};

	return ship_condition(&context, expr);
}
