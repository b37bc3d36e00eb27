/*
 * When do two values compare alike on both sides?
 *
 * MariaDB compares any two values, by rules of its own; only the pairs below
 * have the same result in PostgreSQL, some after a conversion.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/datetime.h"
#include "utils/uuid.h"

#include "schema/defaults.h"
#include "schema/expression/parser.h"

static bool
is_bit(const MariaExpression *expr)
{
	return expr->class == CLASS_INTEGER && expr->literal &&
		(strcmp(expr->literal, "0") == 0 || strcmp(expr->literal, "1") == 0);
}

static MariaExpression *
as_boolean(const MariaExpression *bit)
{
	MariaExpression *expr = maria_make_expression(CLASS_BOOLEAN,
												  strcmp(bit->literal, "0") == 0 ?
												  "false" : "true");

	expr->literal = expr->sql;
	expr->is_atomic = true;
	return expr;
}

/* Is a text a date YYYY-MM-DD, optionally with hh:mm:ss, that is not zero? */
static bool
is_date(const char *text, bool with_time)
{
	static const char form[] = "0000-00-00 00:00:00";
	size_t		len = strlen(with_time ? form : "0000-00-00");
	int			year,
				month,
				day;

	for (size_t i = 0; i < len; i++)
		if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return false;
	year = atoi(text);
	month = atoi(text + 5);
	day = atoi(text + 8);
	if (year < 1 || month < 1 || month > 12 || day < 1 ||
		day > day_tab[isleap(year)][month - 1])
		return false;
	if (with_time && (atoi(text + 11) > 23 || text[14] > '5' || text[17] > '5'))
		return false;
	if (with_time && text[len] == '.')
		len += 1 + strspn(text + len + 1, "0123456789");
	return text[len] == '\0';
}

/* Converts a text literal to the type of the other operand. */
static MariaExpression *
typed_literal(MariaParser *parser, const MariaExpression *text,
			  MariaClass class)
{
	bool		with_time = is_date(text->literal, true);
	MariaExpression *expr;

	if ((class != CLASS_DATE && class != CLASS_TIMESTAMP) ||
		(!with_time && !is_date(text->literal, false)))
		maria_fail(parser, "a %s is compared with a text",
				   maria_class_name(class));
	expr = maria_make_expression(with_time ? CLASS_TIMESTAMP : CLASS_DATE,
								 psprintf("%s::%s", text->sql,
										  with_time ? "timestamp" : "date"));
	expr->is_atomic = true;
	return expr;
}

/* MariaDB ignores trailing blanks, and more depending on the collation. */
static MariaExpression *
exact_text(MariaParser *parser, MariaExpression *expr)
{
	const char *collation = expr->column ? expr->column->remote->collation :
	NULL;
	size_t		len = collation ? strlen(collation) : 0;

	if (expr->exact)
		return expr->exact;
	if (expr->literal && strlen(expr->literal) > 0 &&
		expr->literal[strlen(expr->literal) - 1] == ' ')
		maria_fail(parser, "a string in it ends in a blank");
	if (expr->literal)
		return expr;
	if (len < 4 || strcmp(collation + len - 4, "_bin") != 0)
	{
		maria_fail(parser, "it compares texts, which depends on the collation%s%s",
				   collation ? " " : "", collation ? collation : "");
		return expr;
	}
	if (strstr(collation, "_nopad_") || strstr(collation, "_0900_"))
		return expr;
	expr->exact = maria_combine(expr, expr, CLASS_TEXT,
								psprintf("rtrim(%s, ' ')", expr->sql));
	expr->exact->is_atomic = true;
	return expr->exact;
}

static void
compare_enum(MariaParser *parser, const MariaExpression *expr,
			 const MariaExpression *other, bool is_equality)
{
	if (!is_equality)
		maria_fail(parser, "it depends on the order of an enum's labels");
	else if (other->class == CLASS_ENUM ? expr->column == NULL ||
			 other->column == NULL ||
			 expr->column->enum_type != other->column->enum_type :
			 other->literal == NULL || other->class != CLASS_TEXT ||
			 expr->column == NULL ||
			 !maria_has_label(expr->column->remote, other->literal))
		maria_fail(parser, "it compares an enum with something other than its labels");
}

static bool
is_time(MariaClass class)
{
	return class == CLASS_DATE || class == CLASS_TIMESTAMP;
}

static bool
are_strings(const MariaExpression *a, const MariaExpression *b)
{
	return maria_is_binary_string(a) && maria_is_binary_string(b);
}

/* Converts two operands to a form that compares alike on both sides. */
void
maria_make_comparable(MariaParser *parser, MariaExpression **a,
					  MariaExpression **b, bool is_equality)
{
	MariaClass	left = (*a)->class;
	MariaClass	right = (*b)->class;

	if (parser->problem || left == CLASS_NULL || right == CLASS_NULL)
		return;
	if (left == CLASS_BOOLEAN && is_bit(*b))
		*b = as_boolean(*b);
	else if (right == CLASS_BOOLEAN && is_bit(*a))
		*a = as_boolean(*a);
	else if (left == CLASS_ENUM)
		compare_enum(parser, *a, *b, is_equality);
	else if (right == CLASS_ENUM)
		compare_enum(parser, *b, *a, is_equality);
	else if (left == CLASS_TEXT && right == CLASS_TEXT && is_equality)
	{
		*a = exact_text(parser, *a);
		*b = exact_text(parser, *b);
	}
	else if (right == CLASS_TEXT && (*b)->literal)
		*b = typed_literal(parser, *b, left);
	else if (left == CLASS_TEXT && (*a)->literal)
		*a = typed_literal(parser, *a, right);
	else if (!(maria_is_numeric(left) && maria_is_numeric(right)) &&
			 !(is_time(left) && is_time(right)) &&
			 !(left == right && (left == CLASS_BOOLEAN || left == CLASS_TIME ||
								 left == CLASS_UUID || are_strings(*a, *b))))
		maria_fail(parser, "it compares a %s with a %s",
				   maria_class_name(left), maria_class_name(right));
}

/* Gives the branches of a CASE or COALESCE one type. */
void
maria_unify(MariaParser *parser, MariaExpression **a, MariaExpression **b)
{
	MariaClass	left = (*a)->class;
	MariaClass	right = (*b)->class;

	if (left == right || left == CLASS_NULL || right == CLASS_NULL)
		return;
	if (left == CLASS_BOOLEAN && is_bit(*b))
		*b = as_boolean(*b);
	else if (!maria_is_numeric(left) || !maria_is_numeric(right))
		maria_fail(parser, "it returns either a %s or a %s",
				   maria_class_name(left), maria_class_name(right));
}

/* Writes bits with as many digits as the column has. */
static char *
padded_bits(const char *digits, int width)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = strlen(digits); i < width; i++)
		appendStringInfoChar(&buf, '0');
	appendStringInfoString(&buf, digits);
	return buf.data;
}

static char *
bits_as_bytes(const char *digits, int width)
{
	uint64		bits = strtoull(digits, NULL, 2);

	return psprintf("'\\x%0*llx'", (width + 7) / 8 * 2,
					(unsigned long long) bits);
}

/* The longest BIT of MariaDB. */
#define MAX_BITS 64

static const char *
coerce_bits(MariaExpression *expr, const MariaTargetColumn *column,
			MariaClass class)
{
	int			width = column->remote->precision;

	if (expr->literal == NULL || strlen(expr->literal) > MAX_BITS)
		return "it returns bits";
	if ((class == CLASS_BITS || class == CLASS_BYTES) &&
		(width > MAX_BITS || (int) strlen(expr->literal) > width))
		return "it returns more bits than the column has";
	switch (class)
	{
		case CLASS_BITS:
			expr->sql = psprintf("B'%s'", padded_bits(expr->literal, width));
			return NULL;
		case CLASS_BYTES:
			expr->sql = bits_as_bytes(expr->literal, width);
			return NULL;
		case CLASS_INTEGER:
		case CLASS_NUMERIC:
			expr->sql = psprintf(UINT64_FORMAT,
								 (uint64) strtoull(expr->literal, NULL, 2));
			return NULL;
		default:
			return "it returns bits";
	}
}

/*
 * The number of digits after the point that are certainly correct in a
 * quotient.
 */
#define QUOTIENT_SCALE 8

static const char *
coerce_to_number(MariaExpression *expr, const MariaTargetColumn *column,
				 MariaClass class)
{
	if (expr->is_quotient &&
		(class != CLASS_NUMERIC || column->remote->scale > QUOTIENT_SCALE))
		return "it needs more digits of a quotient than the server keeps";
	if (expr->class == CLASS_BOOLEAN)
		expr->sql = psprintf("%s::integer", maria_operand(expr));
	else if (expr->class == CLASS_FLOAT && class != CLASS_FLOAT &&
			 !expr->is_volatile)
		return "it rounds a double";
	else if (!maria_is_numeric(expr->class))
		return psprintf("it returns a %s", maria_class_name(expr->class));
	return NULL;
}

static const char *
coerce_to_text(MariaExpression *expr)
{
	if (expr->class == CLASS_INTEGER)
		expr->sql = psprintf("%s::text", maria_operand(expr));
	else if (expr->class != CLASS_UUID)
		return psprintf("it returns a %s", maria_class_name(expr->class));
	return NULL;
}

/*
 * Converts bytes for a column.  BINARY pads them, bytea does not.  For a BIT
 * or a geometry they are a number or another format, although the column is
 * bytea.
 */
static const char *
coerce_bytes(MariaExpression *expr, const MariaTargetColumn *column)
{
	const MariaRemoteColumn *remote = column->remote;
	StringInfoData digits;

	if (expr->column && strcmp(expr->column->remote->column_type,
							   remote->column_type) == 0)
		return NULL;
	if (!maria_is_binary_column(remote) && strcmp(remote->data_type, "vector") != 0)
		return "it returns a binary string";
	if (!maria_is_binary_string(expr))
		return psprintf("it returns a %s", expr->column->remote->data_type);
	if (strcmp(remote->data_type, "binary") != 0)
		return NULL;
	if (expr->uuid && remote->char_length == UUID_LEN)
		return NULL;
	if (expr->literal == NULL)
		return "BINARY pads its values";
	initStringInfo(&digits);
	appendStringInfoString(&digits, expr->literal);
	if (!maria_fill_binary(&digits, remote))
		return "its length is not valid for BINARY";
	expr->sql = maria_bytes_literal(digits.data);
	return NULL;
}

/*
 * Converts an expression to a column's type; returns why that is not possible,
 * or NULL.
 */
const char *
maria_coerce(MariaExpression *expr, const MariaTargetColumn *column)
{
	MariaClass	class = column->enum_type ? CLASS_ENUM :
	maria_type_class(column->type);

	if (expr->class == class && class == CLASS_ENUM && expr->column &&
		expr->column->enum_type != column->enum_type)
		return "it returns another enum";
	if (expr->class == CLASS_BITS)
		return coerce_bits(expr, column, class);
	if (class == CLASS_UUID && expr->uuid)
	{
		expr->sql = pstrdup(expr->uuid);
		return NULL;
	}
	if (expr->class == CLASS_BYTES && class == CLASS_BYTES)
		return coerce_bytes(expr, column);
	if (expr->class == CLASS_NULL ||
		(expr->class == class && !expr->is_quotient))
		return NULL;
	if (class == CLASS_BOOLEAN && is_bit(expr))
		*expr = *as_boolean(expr);
	else if (maria_is_numeric(class))
		return coerce_to_number(expr, column, class);
	else if (class == CLASS_TEXT)
		return coerce_to_text(expr);
	else if (class == CLASS_DATE && expr->class == CLASS_TIMESTAMP)
		expr->sql = psprintf("%s::date", maria_operand(expr));
	else if (class != CLASS_TIMESTAMP || expr->class != CLASS_DATE)
		return psprintf("it returns a %s", maria_class_name(expr->class));
	return NULL;
}
