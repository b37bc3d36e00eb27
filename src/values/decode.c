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
#include "parser/parse_coerce.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

#include "values/decoders.h"
#include "values/wire_format.h"

/*
 * Everything else: the value's text through the type's input function.
 */
static Datum
decode_input(MariaColumn *col, const unsigned char *data, size_t len,
			 bool *isnull)
{
	char	   *string;
	Datum		value;

	Assert(OidIsValid(col->input.fn_oid));
	if (!maria_is_well_formed(col->field, data, len))
		maria_report_malformed(col, data, len);
	if (is_text_like(col->field->type))
		string = TextDatumGetCString(maria_decode_text(col, data, len, isnull));
	else
		string = maria_value_text(col->field, data, len);
	value = InputFunctionCall(&col->input, string, col->ioparam, col->typmod);
	if (OidIsValid(col->equal.fn_oid) &&
		!DatumGetBool(FunctionCall2(&col->equal, value,
									InputFunctionCall(&col->input, string,
													  col->ioparam, -1))))
		value_error(col, data, len,
					col->type == NUMERICOID ? ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE
					: ERRCODE_DATETIME_FIELD_OVERFLOW,
					"%s value has more digits than type %s",
					maria_typed(col->field),
					format_type_with_typemod(col->type, col->typmod));
	return value;
}

/* PostGIS replaces a higher SRID by another one, with only a notice. */
#define MAX_SRID 999999

static Datum
decode_extension_geometry(MariaColumn *col, const unsigned char *data,
						  size_t len, bool *isnull)
{
	if (maria_is_well_formed(col->field, data, len) &&
		read_uint32(data) > MAX_SRID)
		ereport(ERROR,
				(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
				 errmsg("%s value has SRID %u, but type %s allows no SRID above %d",
						maria_typed(col->field), read_uint32(data),
						format_type_be(col->type), MAX_SRID),
				 errhint("Give the geometry another SRID in %s, or declare the column as bytea.",
						 maria_product_of(col->field))));
	return decode_input(col, data, len, isnull);
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
	{MARIA_FLOAT, ANY_SIGN, NUMERICOID, maria_decode_floating_numeric},
	{MARIA_DOUBLE, ANY_SIGN, FLOAT8OID, maria_decode_float8},
	{MARIA_DOUBLE, ANY_SIGN, NUMERICOID, maria_decode_floating_numeric},
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
	{MARIA_DATETIME, ANY_SIGN, TIMESTAMPTZOID, maria_decode_timestamptz},
	{MARIA_TIMESTAMP, ANY_SIGN, DATEOID, maria_decode_date},
	{MARIA_TIMESTAMP, ANY_SIGN, TIMESTAMPOID, maria_decode_timestamp},
	{MARIA_TIMESTAMP, ANY_SIGN, TIMESTAMPTZOID, maria_decode_timestamptz},
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
	{MARIA_BYTES, ANY_SIGN, BPCHAROID, maria_decode_bpchar},
	{MARIA_BYTES, ANY_SIGN, UUIDOID, maria_decode_uuid_bytes},
	{MARIA_ENUM, ANY_SIGN, TEXTOID, maria_decode_text},
	{MARIA_ENUM, ANY_SIGN, VARCHAROID, maria_decode_varchar},
	{MARIA_ENUM, ANY_SIGN, BYTEAOID, maria_decode_bytes},
	{MARIA_SET, ANY_SIGN, TEXTARRAYOID, maria_decode_set},
	{MARIA_SET, ANY_SIGN, TEXTOID, maria_decode_text},
	{MARIA_SET, ANY_SIGN, BYTEAOID, maria_decode_bytes},
	{MARIA_JSON, ANY_SIGN, JSONBOID, maria_decode_jsonb},
	{MARIA_JSON, ANY_SIGN, TEXTOID, maria_decode_text},
	{MARIA_JSON, ANY_SIGN, BYTEAOID, maria_decode_bytes},
	{MARIA_UUID, ANY_SIGN, UUIDOID, maria_decode_uuid},
	{MARIA_GEOMETRY, ANY_SIGN, BYTEAOID, maria_decode_geometry},
	{MARIA_VECTOR, ANY_SIGN, FLOAT4ARRAYOID, maria_decode_vector},
	{MARIA_VECTOR, ANY_SIGN, BYTEAOID, maria_decode_bytes},
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
 * Would the input function read the value's text correctly?  It would read
 * bits as a decimal number, drop a part of a date and time, and truncate a
 * text for types of a fixed size.
 */
static bool
input_is_safe(const MariaField *field, Oid local)
{
	if (local == NAMEOID || local == CHAROID)
		return false;
	if (is_text_like(field->type))
		return true;
	if (TypeCategory(local) == TYPCATEGORY_STRING)
		return true;
	if (field->type == MARIA_GEOMETRY || field->type == MARIA_VECTOR)
		return TypeCategory(local) == TYPCATEGORY_USER;
	return field->type <= MARIA_DECIMAL &&
		(local == FLOAT8OID || local == NUMERICOID);
}

static void
report_bad_pair(MariaColumn *col)
{
	ereport(ERROR,
			(errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
			 errmsg("column \"%s\" of type %s cannot hold %s type %s",
					col->name, format_type_be(col->type),
					maria_product_of(col->field),
					maria_type_name(col->field)),
			 errhint("Declare the column of the foreign table as another type, such as text.")));
}

/* The resolution of a typmod: digits of a numeric, units of a time. */
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
		case INTERVALOID:
			return power_of_ten(6 - Min(INTERVAL_PRECISION(typmod), 6));
		default:
			return 1;
	}
}

/*
 * Is a binary string a VECTOR?  MariaDB sends both alike: the catalog has the
 * difference, and otherwise the local type, if it holds nothing else.
 */
static bool
is_vector(const MariaOptions *opts, Oid local)
{
	if (opts->remote_type)
		return strncmp(opts->remote_type, "vector(", 7) == 0;
	return maria_holds_vector(local);
}

/* Returns the actual type of what was sent. */
static const MariaField *
true_field(const MariaField *field, const MariaOptions *opts, Oid local)
{
	MariaField *vector;

	if (field->type != MARIA_BYTES || !is_vector(opts, local))
		return field;
	vector = palloc(sizeof(MariaField));
	*vector = *field;
	vector->type = MARIA_VECTOR;
	return vector;
}

static void
report_unknown_zone(MariaColumn *col)
{
	ereport(ERROR,
			(errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
			 errmsg("column \"%s\" of type %s needs a time zone that is an offset",
					col->name, format_type_be(col->type)),
			 errhint("Set option \"time_zone\" of the server to an offset such as +01:00, or declare the column as timestamp.")));
}

/* Do the type's modifiers round a value instead of rejecting it? */
static bool
may_be_rounded(const MariaColumn *col)
{
	switch (col->type)
	{
		case NUMERICOID:
		case TIMEOID:
		case TIMETZOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
		case INTERVALOID:
			return col->typmod >= 0;
		default:
			return false;
	}
}

/* A value of a domain is a value of its base type that passes the checks. */
static Datum
decode_domain(MariaColumn *col, const unsigned char *data, size_t len,
			  bool *isnull)
{
	Datum		value = col->decode_base(col, data, len, isnull);

	Assert(OidIsValid(col->domain) && col->context != NULL);
	domain_check(value, *isnull, col->domain, &col->domain_cache,
				 col->context);
	return value;
}

/* Chooses the decoder for the pair of remote and local type. */
static MariaDecoder
choose_decoder(MariaColumn *col)
{
	MariaDecoder decode = find_decoder(col->field, col->type);
	Oid			input;

	if (decode == maria_decode_timestamptz && !col->field->zone_known)
		report_unknown_zone(col);
	if (decode)
		return decode;
	if (type_is_enum(col->type) &&
		(is_text_like(col->field->type) || col->field->type == MARIA_BYTES))
	{
		maria_load_labels(col);
		return maria_decode_enum;
	}
	if (!input_is_safe(col->field, col->type))
		report_bad_pair(col);
	getTypeInputInfo(col->type, &input, &col->ioparam);
	fmgr_info(input, &col->input);
	if (may_be_rounded(col))
		fmgr_info(get_opcode(lookup_type_cache(col->type,
											   TYPECACHE_EQ_OPR)->eq_opr),
				  &col->equal);
	if (col->field->type == MARIA_GEOMETRY &&
		TypeCategory(col->type) == TYPCATEGORY_USER)
		return decode_extension_geometry;
	return decode_input;
}

/* Decides how a column's values will be decoded. */
void
maria_column_init(MariaColumn *col, const MariaField *field,
				  Form_pg_attribute att, const MariaOptions *opts)
{
	Assert(att->attnum > 0 && !att->attisdropped);
	MemSet(col, 0, sizeof(*col));
	col->name = pstrdup(NameStr(att->attname));
	col->index = att->attnum - 1;
	col->typmod = att->atttypmod;
	col->type = getBaseTypeAndTypmod(att->atttypid, &col->typmod);
	col->field = true_field(field, opts, col->type);
	col->zero_dates = opts->zero_dates;
	col->nul_bytes = opts->nul_bytes;
	col->invalid_enum = opts->invalid_enum;
	col->invalid_utf8 = opts->invalid_utf8;
	col->key = opts->key;
	col->unit = typmod_unit(col->type, col->typmod);
	col->decode = choose_decoder(col);
	col->reports_value = col->decode == decode_input ||
		col->decode == decode_extension_geometry || col->type == NUMERICOID ||
		col->type == JSONBOID || col->type != att->atttypid;
	if (col->type == att->atttypid)
		return;
	col->domain = att->atttypid;
	col->context = CurrentMemoryContext;
	col->decode_base = col->decode;
	col->decode = decode_domain;
}
