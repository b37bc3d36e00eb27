/*
 * Which Datum is a remote value?
 *
 * A column gets its decoder once, from a table keyed by remote and local type;
 * a pair that is not in the table goes as text through the local type's input
 * function.  A decoder holds the value exactly or raises an error: a foreign
 * column never rounds, cuts or shifts what the server has sent.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"

#include "values/decoders.h"
#include "values/wire_format.h"

/* So much of a value an error message shows, in bytes. */
#define SHOWN_BYTES 100

/* Returns a value for a message: cut, and safe to print whatever it holds. */
char *
maria_shown_value(MariaColumn *col, const unsigned char *data, size_t len)
{
	char	   *text;
	int			shown;

	if (col->field->type >= MARIA_TEXT &&
		pg_verify_mbstr(PG_UTF8, (const char *) data, Min(len, SHOWN_BYTES),
						true) == false)
	{
		MariaField	raw = {.type = MARIA_BYTES};

		return maria_value_text(&raw, data, Min(len, SHOWN_BYTES));
	}
	text = maria_value_text(col->field, data, Min(len, 4 * SHOWN_BYTES));
	text = pg_any_to_server(text, strlen(text), PG_UTF8);
	shown = pg_mbcliplen(text, strlen(text), SHOWN_BYTES);
	return psprintf("\"%.*s\"%s", shown, text,
					(size_t) shown < strlen(text) ? "..." : "");
}

void
maria_report_out_of_range(MariaColumn *col, const unsigned char *data, size_t len)
{
	value_error(col, data, len, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
				"MariaDB %s value is out of range for type %s",
				maria_type_name(col->field), format_type_be(col->type));
}

static inline bool
is_text_like(MariaType type)
{
	return type >= MARIA_TEXT && type != MARIA_BYTES && type != MARIA_GEOMETRY;
}

/*
 * Everything else: the value's text through the type's input function.
 */
static Datum
decode_input(MariaColumn *col, const unsigned char *data, size_t len,
			 bool *isnull)
{
	char	   *string;

	if (is_text_like(col->field->type))
		string = TextDatumGetCString(maria_decode_text(col, data, len, isnull));
	else
		string = maria_value_text(col->field, data, len);
	return InputFunctionCall(&col->input, string, col->ioparam, col->typmod);
}

/* A type that has no values but NULL. */
static Datum
decode_null(MariaColumn *col, const unsigned char *data, size_t len,
			bool *isnull)
{
	*isnull = true;
	return (Datum) 0;
}

/*
 * The pairs with a decoder of their own; the first that matches counts.
 */
typedef enum Signedness
{
	SIGNED,
	ANY_SIGN
} Signedness;

static const struct
{
	MariaType	remote;
	Signedness	sign;
	Oid			local;
	MariaDecoder decode;
}			decoders[] = {
	{MARIA_TINYINT, ANY_SIGN, INT2OID, maria_decode_tinyint_int2},
	{MARIA_TINYINT, ANY_SIGN, INT4OID, maria_decode_int4},
	{MARIA_TINYINT, ANY_SIGN, INT8OID, maria_decode_int8},
	{MARIA_TINYINT, ANY_SIGN, BOOLOID, maria_decode_bool},
	{MARIA_TINYINT, ANY_SIGN, NUMERICOID, maria_decode_integer_numeric},
	{MARIA_SMALLINT, SIGNED, INT2OID, maria_decode_smallint_int2},
	{MARIA_SMALLINT, ANY_SIGN, INT2OID, maria_decode_int2},
	{MARIA_SMALLINT, ANY_SIGN, INT4OID, maria_decode_int4},
	{MARIA_SMALLINT, ANY_SIGN, INT8OID, maria_decode_int8},
	{MARIA_SMALLINT, ANY_SIGN, BOOLOID, maria_decode_bool},
	{MARIA_SMALLINT, ANY_SIGN, NUMERICOID, maria_decode_integer_numeric},
	{MARIA_INT, SIGNED, INT4OID, maria_decode_int_int4},
	{MARIA_INT, ANY_SIGN, INT2OID, maria_decode_int2},
	{MARIA_INT, ANY_SIGN, INT4OID, maria_decode_int4},
	{MARIA_INT, ANY_SIGN, INT8OID, maria_decode_int8},
	{MARIA_INT, ANY_SIGN, BOOLOID, maria_decode_bool},
	{MARIA_INT, ANY_SIGN, NUMERICOID, maria_decode_integer_numeric},
	{MARIA_BIGINT, SIGNED, INT8OID, maria_decode_bigint_int8},
	{MARIA_BIGINT, ANY_SIGN, INT2OID, maria_decode_int2},
	{MARIA_BIGINT, ANY_SIGN, INT4OID, maria_decode_int4},
	{MARIA_BIGINT, ANY_SIGN, INT8OID, maria_decode_int8},
	{MARIA_BIGINT, ANY_SIGN, BOOLOID, maria_decode_bool},
	{MARIA_BIGINT, ANY_SIGN, NUMERICOID, maria_decode_integer_numeric},
	{MARIA_YEAR, ANY_SIGN, INT2OID, maria_decode_year},
	{MARIA_YEAR, ANY_SIGN, INT4OID, maria_decode_year},
	{MARIA_FLOAT, ANY_SIGN, FLOAT4OID, maria_decode_float4},
	{MARIA_FLOAT, ANY_SIGN, FLOAT8OID, maria_decode_float_float8},
	{MARIA_DOUBLE, ANY_SIGN, FLOAT8OID, maria_decode_float8},
	{MARIA_DECIMAL, ANY_SIGN, NUMERICOID, maria_decode_decimal_numeric},
	{MARIA_BIT, ANY_SIGN, BOOLOID, maria_decode_bit_bool},
	{MARIA_BIT, ANY_SIGN, BITOID, maria_decode_bit},
	{MARIA_BIT, ANY_SIGN, VARBITOID, maria_decode_bit},
	{MARIA_BIT, ANY_SIGN, INT4OID, maria_decode_bit_integer},
	{MARIA_BIT, ANY_SIGN, INT8OID, maria_decode_bit_integer},
	{MARIA_BIT, ANY_SIGN, BYTEAOID, maria_decode_bytes},
	{MARIA_DATE, ANY_SIGN, DATEOID, maria_decode_date},
	{MARIA_DATE, ANY_SIGN, TIMESTAMPOID, maria_decode_timestamp},
	{MARIA_DATETIME, ANY_SIGN, DATEOID, maria_decode_date},
	{MARIA_DATETIME, ANY_SIGN, TIMESTAMPOID, maria_decode_timestamp},
	{MARIA_DATETIME, ANY_SIGN, TIMESTAMPTZOID, maria_decode_timestamp},
	{MARIA_TIMESTAMP, ANY_SIGN, DATEOID, maria_decode_date},
	{MARIA_TIMESTAMP, ANY_SIGN, TIMESTAMPOID, maria_decode_timestamp},
	{MARIA_TIMESTAMP, ANY_SIGN, TIMESTAMPTZOID, maria_decode_timestamp},
	{MARIA_TIME, ANY_SIGN, TIMEOID, maria_decode_time},
	{MARIA_TIME, ANY_SIGN, INTERVALOID, maria_decode_interval},
	{MARIA_TEXT, ANY_SIGN, TEXTOID, maria_decode_text},
	{MARIA_TEXT, ANY_SIGN, VARCHAROID, maria_decode_varchar},
	{MARIA_TEXT, ANY_SIGN, BPCHAROID, maria_decode_bpchar},
	{MARIA_TEXT, ANY_SIGN, JSONBOID, maria_decode_jsonb},
	{MARIA_TEXT, ANY_SIGN, BYTEAOID, maria_decode_bytes},
	{MARIA_BYTES, ANY_SIGN, BYTEAOID, maria_decode_bytes},
	{MARIA_BYTES, ANY_SIGN, TEXTOID, maria_decode_text},
	{MARIA_BYTES, ANY_SIGN, VARCHAROID, maria_decode_varchar},
	{MARIA_BYTES, ANY_SIGN, UUIDOID, maria_decode_uuid_bytes},
	{MARIA_ENUM, ANY_SIGN, TEXTOID, maria_decode_text},
	{MARIA_ENUM, ANY_SIGN, VARCHAROID, maria_decode_varchar},
	{MARIA_SET, ANY_SIGN, TEXTARRAYOID, maria_decode_set},
	{MARIA_SET, ANY_SIGN, TEXTOID, maria_decode_text},
	{MARIA_JSON, ANY_SIGN, JSONBOID, maria_decode_jsonb},
	{MARIA_JSON, ANY_SIGN, TEXTOID, maria_decode_text},
	{MARIA_GEOMETRY, ANY_SIGN, BYTEAOID, maria_decode_geometry},
};

static MariaDecoder
find_decoder(const MariaField *field, Oid local)
{
	if (field->type == MARIA_NULL)
		return decode_null;
	for (size_t i = 0; i < lengthof(decoders); i++)
		if (decoders[i].remote == field->type && decoders[i].local == local &&
			(decoders[i].sign == ANY_SIGN || !field->is_unsigned))
			return decoders[i].decode;
	return NULL;
}

/*
 * Would the input function take the value's text for what it is?  It would
 * read bits as a decimal number, and drop a part of a date and time.
 */
static bool
input_is_safe(const MariaField *field, Oid local)
{
	Oid			base = getBaseType(local);

	if (is_text_like(field->type))
		return true;
	if (base != local && find_decoder(field, base) != NULL)
		return true;
	if (TypeCategory(local) == TYPCATEGORY_STRING)
		return true;
	return field->type <= MARIA_DECIMAL &&
		(base == FLOAT8OID || base == NUMERICOID);
}

static void
report_bad_pair(MariaColumn *col)
{
	ereport(ERROR,
			(errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
			 errmsg("column \"%s\" of type %s cannot hold MariaDB type %s",
					col->name, format_type_be(col->type),
					maria_type_name(col->field)),
			 errhint("Declare the column of the foreign table as another type, such as text.")));
}

/* What the typmod leaves of a value: digits of a numeric, units of a time. */
static int64
typmod_unit(Oid type, int32 typmod)
{
	if (typmod < 0)
		return type == NUMERICOID ? NUMERIC_MAX_PRECISION : 1;
	switch (type)
	{
		case NUMERICOID:
			return maria_numeric_scale(typmod);
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
		case TIMEOID:
			return power_of_ten(6 - Min(typmod, 6));
		default:
			return 1;
	}
}

/* Decides how a column's values will be decoded. */
void
maria_column_init(MariaColumn *col, const MariaField *field,
				  Form_pg_attribute att, const MariaOptions *opts)
{
	Oid			input;

	MemSet(col, 0, sizeof(*col));
	col->field = field;
	col->name = pstrdup(NameStr(att->attname));
	col->index = att->attnum - 1;
	col->type = att->atttypid;
	col->typmod = att->atttypmod;
	col->zero_dates = opts->zero_dates;
	col->nul_bytes = opts->nul_bytes;
	col->invalid_enum = opts->invalid_enum;
	col->unit = typmod_unit(col->type, col->typmod);
	col->decode = find_decoder(field, col->type);
	if (col->decode)
		return;
	if (type_is_enum(col->type) && field->width == 0)
	{
		maria_load_labels(col);
		col->decode = maria_decode_enum;
		return;
	}
	if (!input_is_safe(field, col->type))
		report_bad_pair(col);
	getTypeInputInfo(col->type, &input, &col->ioparam);
	fmgr_info(input, &col->input);
	col->decode = decode_input;
}
