/*
 * How is a scan written in MariaDB's SQL?
 *
 * Prints what shippable.c lets through, and nothing else.  Backticks and
 * single quotes only, which mean the same under every sql_mode.
 */
#include "postgres.h"

#include "access/sysattr.h"
#include "access/table.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "nodes/nodeFuncs.h"
#include "nodes/pathnodes.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/rel.h"
#include "utils/timestamp.h"

#include "query/query.h"
#include "wire/wire.h"

typedef struct DeparseContext
{
	StringInfo	buf;
	MariaRel   *rel;
	List	   *params;
	List	   *offsets;
} DeparseContext;

static void deparse_condition(DeparseContext *context, Expr *expr);

/* Numbers and dates as MariaDB writes them, whatever the session's styles. */
static void
append_timestamp(StringInfo buf, Timestamp value, bool with_time)
{
	struct pg_tm tm;
	fsec_t		fsec;

	if (timestamp2tm(value, NULL, &tm, &fsec, NULL, NULL) != 0)
		elog(ERROR, "timestamp out of range");	/* cannot happen */
	appendStringInfo(buf, "%s'%04d-%02d-%02d",
					 with_time ? "TIMESTAMP" : "DATE",
					 tm.tm_year, tm.tm_mon, tm.tm_mday);
	if (with_time)
		appendStringInfo(buf, " %02d:%02d:%02d.%06d", tm.tm_hour, tm.tm_min,
						 tm.tm_sec, (int) fsec);
	appendStringInfoChar(buf, '\'');
}

/* Appends a value of one of the types that shippable.c knows. */
void
maria_append_literal(StringInfo buf, Oid type, Datum value)
{
	switch (type)
	{
		case INT2OID:
			appendStringInfo(buf, "%d", DatumGetInt16(value));
			break;
		case INT4OID:
			appendStringInfo(buf, "%d", DatumGetInt32(value));
			break;
		case INT8OID:
			appendStringInfo(buf, INT64_FORMAT, DatumGetInt64(value));
			break;
		case NUMERICOID:
			appendStringInfoString(buf,
								   DatumGetCString(DirectFunctionCall1(numeric_out, value)));
			break;
		case DATEOID:
			append_timestamp(buf, date2timestamp_opt_overflow(DatumGetDateADT(value),
															  NULL), false);
			break;
		case TIMESTAMPOID:
			append_timestamp(buf, DatumGetTimestamp(value), true);
			break;
		default:
			elog(ERROR, "unexpected type %u", type);	/* cannot happen */
	}
}

static void
deparse_column(DeparseContext *context, AttrNumber attnum)
{
	MariaOptions *opts = context->rel->column_opts[attnum - 1];

	appendStringInfoString(context->buf,
						   maria_quote_identifier(opts->column_name));
}

/*
 * True is what is not 0, and false what is not 1, so that other values of the
 * column reach the decoder, which raises an error.
 */
static void
deparse_boolean(DeparseContext *context, Var *var, bool negated)
{
	appendStringInfoChar(context->buf, '(');
	deparse_column(context, var->varattno);
	appendStringInfo(context->buf, " <> %d)", negated);
}

/*
 * A parameter is printed when its value is known; only its place is recorded
 * here.
 */
static void
deparse_param(DeparseContext *context, Param *param)
{
	context->params = lappend(context->params, param);
	context->offsets = lappend_int(context->offsets, context->buf->len);
	appendStringInfoChar(context->buf, '?');
}

static void
deparse_operand(DeparseContext *context, Node *node)
{
	switch (nodeTag(node))
	{
		case T_Var:
			deparse_column(context, ((Var *) node)->varattno);
			break;
		case T_Param:
			deparse_param(context, (Param *) node);
			break;
		case T_Const:
			maria_append_literal(context->buf, ((Const *) node)->consttype,
								 ((Const *) node)->constvalue);
			break;
		default:
			elog(ERROR, "unexpected operand %d", (int) nodeTag(node));	/* cannot happen */
	}
}

static void
deparse_comparison(DeparseContext *context, OpExpr *expr)
{
	appendStringInfoChar(context->buf, '(');
	deparse_operand(context, linitial(expr->args));
	appendStringInfo(context->buf, " %s ", maria_operator(expr));
	deparse_operand(context, lsecond(expr->args));
	appendStringInfoChar(context->buf, ')');
}

static void
deparse_array(DeparseContext *context, ScalarArrayOpExpr *expr)
{
	Const	   *array = lsecond(expr->args);
	Oid			type = get_element_type(array->consttype);
	Datum	   *elements;
	bool	   *nulls;
	int			n;

	maria_deconstruct_array(array->constvalue, &elements, &nulls, &n);
	appendStringInfoChar(context->buf, '(');
	deparse_operand(context, linitial(expr->args));
	appendStringInfo(context->buf, " %s (", maria_array_operator(expr));
	for (int i = 0; i < n; i++)
	{
		if (i > 0)
			appendStringInfoString(context->buf, ", ");
		if (nulls[i])
			appendStringInfoString(context->buf, "NULL");
		else
			maria_append_literal(context->buf, type, elements[i]);
	}
	appendStringInfoString(context->buf, "))");
}

static void
deparse_bool_expr(DeparseContext *context, BoolExpr *expr)
{
	const char *joiner = expr->boolop == AND_EXPR ? " AND " : " OR ";
	ListCell   *lc;

	if (expr->boolop == NOT_EXPR && maria_is_boolean_column(linitial(expr->args)))
	{
		deparse_boolean(context, linitial(expr->args), true);
		return;
	}
	appendStringInfoChar(context->buf, '(');
	if (expr->boolop == NOT_EXPR)
		appendStringInfoString(context->buf, "NOT ");
	foreach(lc, expr->args)
	{
		if (lc != list_head(expr->args))
			appendStringInfoString(context->buf, joiner);
		deparse_condition(context, lfirst(lc));
	}
	appendStringInfoChar(context->buf, ')');
}

static void
deparse_boolean_test(DeparseContext *context, BooleanTest *test)
{
	static const char *const names[] = {
		[IS_TRUE] = "IS TRUE",
		[IS_NOT_TRUE] = "IS NOT TRUE",
		[IS_FALSE] = "IS FALSE",
		[IS_NOT_FALSE] = "IS NOT FALSE",
		[IS_UNKNOWN] = "IS UNKNOWN",
		[IS_NOT_UNKNOWN] = "IS NOT UNKNOWN",
	};

	Assert(test->booltesttype < (int) lengthof(names));
	appendStringInfoChar(context->buf, '(');
	deparse_condition(context, test->arg);
	appendStringInfo(context->buf, " %s)", names[test->booltesttype]);
}

static void
deparse_null_test(DeparseContext *context, NullTest *test)
{
	appendStringInfoChar(context->buf, '(');
	deparse_column(context, ((Var *) test->arg)->varattno);
	appendStringInfo(context->buf, " IS %sNULL)",
					 test->nulltesttype == IS_NULL ? "" : "NOT ");
}

static void
deparse_condition(DeparseContext *context, Expr *expr)
{
	switch (nodeTag(expr))
	{
		case T_Var:
			deparse_boolean(context, (Var *) expr, false);
			break;
		case T_BoolExpr:
			deparse_bool_expr(context, (BoolExpr *) expr);
			break;
		case T_BooleanTest:
			deparse_boolean_test(context, (BooleanTest *) expr);
			break;
		case T_NullTest:
			deparse_null_test(context, (NullTest *) expr);
			break;
		case T_OpExpr:
			deparse_comparison(context, (OpExpr *) expr);
			break;
		case T_ScalarArrayOpExpr:
			deparse_array(context, (ScalarArrayOpExpr *) expr);
			break;
		default:
			elog(ERROR, "unexpected condition %d", (int) nodeTag(expr));	/* cannot happen */
	}
}

/* Lists the required columns, or NULL if only the number of rows matters. */
static List *
deparse_targets(DeparseContext *context, Relation relation)
{
	TupleDesc	desc = RelationGetDescr(relation);
	bool		whole_row = bms_is_member(0 - FirstLowInvalidHeapAttributeNumber,
										  context->rel->attrs);
	List	   *attrs = NIL;

	for (AttrNumber attnum = 1; attnum <= desc->natts; attnum++)
	{
		if (TupleDescAttr(desc, attnum - 1)->attisdropped)
			continue;
		if (!whole_row &&
			!bms_is_member(attnum - FirstLowInvalidHeapAttributeNumber,
						   context->rel->attrs))
			continue;
		if (attrs != NIL)
			appendStringInfoString(context->buf, ", ");
		deparse_column(context, attnum);
		attrs = lappend_int(attrs, attnum);
	}
	if (attrs == NIL)
		appendStringInfoString(context->buf, "NULL");
	return attrs;
}

/*
 * Returns the statement of a scan, the attributes its fields go to, and the
 * parameters with the offsets of their places.
 */
char *
maria_deparse_select(MariaRel *rel, Oid relid,
					 List **attrs, List **params, List **offsets)
{
	Relation	relation = table_open(relid, NoLock);
	StringInfoData buf;
	DeparseContext context = {&buf, rel, NIL, NIL};
	const char *joiner = " WHERE ";
	ListCell   *lc;

	initStringInfo(&buf);
	appendStringInfoString(&buf, "SELECT ");
	*attrs = deparse_targets(&context, relation);
	appendStringInfo(&buf, " FROM %s.%s",
					 maria_quote_identifier(rel->opts->dbname),
					 maria_quote_identifier(rel->opts->table_name));
	foreach(lc, rel->remote_conds)
	{
		appendStringInfoString(&buf, joiner);
		deparse_condition(&context, lfirst_node(RestrictInfo, lc)->clause);
		joiner = " AND ";
	}
	table_close(relation, NoLock);
	*params = context.params;
	*offsets = context.offsets;
	return buf.data;
}
