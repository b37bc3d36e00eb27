/*
 * Which numbers are MariaDB's integers, decimals, floats, years and bits?
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/numeric.h"
#include "utils/varbit.h"

#include "values/decoders.h"
#include "values/wire_format.h"

/*
 * Integers.  The natural pairs need no check; the others are converted through
 * int64.
 */

Datum
maria_decode_tinyint_int2(MariaColumn *col, const unsigned char *data, size_t len,
						  bool *isnull)
{
	Assert(col->field->width == sizeof(int8) && len == sizeof(int8));
	return Int16GetDatum(col->field->is_unsigned ? data[0] : (int8) data[0]);
}

Datum
maria_decode_smallint_int2(MariaColumn *col, const unsigned char *data, size_t len,
						   bool *isnull)
{
	Assert(len == sizeof(int16) && !col->field->is_unsigned);
	return Int16GetDatum((int16) read_uint16(data));
}

Datum
maria_decode_int_int4(MariaColumn *col, const unsigned char *data, size_t len,
					  bool *isnull)
{
	Assert(len == sizeof(int32) && !col->field->is_unsigned);
	return Int32GetDatum((int32) read_uint32(data));
}

Datum
maria_decode_bigint_int8(MariaColumn *col, const unsigned char *data, size_t len,
						 bool *isnull)
{
	Assert(len == sizeof(int64) && !col->field->is_unsigned);
	return Int64GetDatum((int64) read_uint64(data));
}

/* Returns any integer that fits int64, within the bounds of the local type. */
static int64
read_integer(MariaColumn *col, const unsigned char *data, size_t len,
			 int64 min, int64 max)
{
	int			width = col->field->width;
	int64		value = read_signed(data, width);

	Assert(width > 0 && len == (size_t) width);
	if (col->field->is_unsigned)
	{
		uint64		wide = read_unsigned(data, width);

		if (wide > (uint64) max)
			maria_report_out_of_range(col, data, len);
		return (int64) wide;
	}
	if (value < min || value > max)
		maria_report_out_of_range(col, data, len);
	return value;
}

Datum
maria_decode_int2(MariaColumn *col, const unsigned char *data, size_t len,
				  bool *isnull)
{
	return Int16GetDatum((int16) read_integer(col, data, len,
											  PG_INT16_MIN, PG_INT16_MAX));
}

Datum
maria_decode_int4(MariaColumn *col, const unsigned char *data, size_t len,
				  bool *isnull)
{
	return Int32GetDatum((int32) read_integer(col, data, len,
											  PG_INT32_MIN, PG_INT32_MAX));
}

Datum
maria_decode_int8(MariaColumn *col, const unsigned char *data, size_t len,
				  bool *isnull)
{
	return Int64GetDatum(read_integer(col, data, len,
									  PG_INT64_MIN, PG_INT64_MAX));
}

/* A column with any other value is not boolean: never guess. */
Datum
maria_decode_bool(MariaColumn *col, const unsigned char *data, size_t len,
				  bool *isnull)
{
	return BoolGetDatum(read_integer(col, data, len, 0, 1) == 1);
}

Datum
maria_decode_year(MariaColumn *col, const unsigned char *data, size_t len,
				  bool *isnull)
{
	int			year = read_year(col->field, data);

	if (year > MAX_YEAR)
		maria_report_malformed(col, data, len);
	return col->type == INT2OID ? Int16GetDatum(year) : Int32GetDatum(year);
}

Datum
maria_decode_float4(MariaColumn *col, const unsigned char *data, size_t len,
					bool *isnull)
{
	return Float4GetDatum(read_float(data));
}

Datum
maria_decode_float_float8(MariaColumn *col, const unsigned char *data, size_t len,
						  bool *isnull)
{
	return Float8GetDatum(read_float(data));
}

Datum
maria_decode_float8(MariaColumn *col, const unsigned char *data, size_t len,
					bool *isnull)
{
	return Float8GetDatum(read_double(data));
}

/*
 * Numeric.
 */

/* Could a value have more digits after the point than the typmod has? */
static bool
may_round(const MariaColumn *col)
{
	bool		is_floating = col->field->type == MARIA_FLOAT ||
	col->field->type == MARIA_DOUBLE;

	return col->typmod >= 0 &&
		(is_floating || col->unit < col->field->decimals);
}

/* Makes a numeric of text, refusing to round it to the column's scale. */
static Datum
exact_numeric(MariaColumn *col, const unsigned char *data, size_t len,
			  char *text)
{
	Datum		value = DirectFunctionCall3(numeric_in, CStringGetDatum(text),
											ObjectIdGetDatum(InvalidOid),
											Int32GetDatum(col->typmod));
	Datum		exact;

	if (!may_round(col))
		return value;
	exact = DirectFunctionCall3(numeric_in, CStringGetDatum(text),
								ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	if (!DatumGetBool(DirectFunctionCall2(numeric_eq, value, exact)))
		value_error(col, data, len, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
					"%s value has more digits than the scale of type %s",
					maria_typed(col->field),
					format_type_with_typemod(col->type, col->typmod));
	return value;
}

Datum
maria_decode_integer_numeric(MariaColumn *col, const unsigned char *data,
							 size_t len, bool *isnull)
{
	char	   *text = maria_value_text(col->field, data, len);
	Datum		value;

	if (maria_numeric_from_text((unsigned char *) text, strlen(text),
								col->typmod, &value))
		return value;
	return exact_numeric(col, data, len, text);
}

Datum
maria_decode_decimal_numeric(MariaColumn *col, const unsigned char *data, size_t len,
							 bool *isnull)
{
	Datum		value;

	if (maria_numeric_from_text(data, len, col->typmod, &value))
		return value;
	if (!maria_is_decimal(data, len))
		maria_report_malformed(col, data, len);
	return exact_numeric(col, data, len, pnstrdup((const char *) data, len));
}

/* The shortest decimal number that reads back as the same float or double. */
Datum
maria_decode_floating_numeric(MariaColumn *col, const unsigned char *data,
							  size_t len, bool *isnull)
{
	return exact_numeric(col, data, len,
						 maria_value_text(col->field, data, len));
}

/* Bits: big-endian, in as many bytes as needed. */

Datum
maria_decode_bit_bool(MariaColumn *col, const unsigned char *data, size_t len,
					  bool *isnull)
{
	for (size_t i = 0; i + 1 < len; i++)
		if (data[i] != 0)
			maria_report_out_of_range(col, data, len);
	if (len > 0 && data[len - 1] > 1)
		maria_report_out_of_range(col, data, len);
	return BoolGetDatum(len > 0 && data[len - 1] == 1);
}

Datum
maria_decode_bit_integer(MariaColumn *col, const unsigned char *data, size_t len,
						 bool *isnull)
{
	uint64		max = col->type == INT4OID ? PG_INT32_MAX : PG_INT64_MAX;
	uint64		value = 0;

	if (len > sizeof(value))
		maria_report_malformed(col, data, len);
	for (size_t i = 0; i < len; i++)
		value = value << 8 | data[i];
	if (value > max)
		maria_report_out_of_range(col, data, len);
	return col->type == INT4OID ? Int32GetDatum((int32) value)
		: Int64GetDatum((int64) value);
}

/*
 * MariaDB aligns bits to the end of the last byte, PostgreSQL to the start of
 * the first.
 */
Datum
maria_decode_bit(MariaColumn *col, const unsigned char *data, size_t len,
				 bool *isnull)
{
	int			nbits = col->field->length;
	int			shift = len * BITS_PER_BYTE - nbits;
	VarBit	   *value;

	if (len > sizeof(uint64) || shift < 0 || shift >= BITS_PER_BYTE)
		value_error(col, data, len, ERRCODE_INVALID_BINARY_REPRESENTATION,
					"%s bit value does not have %d bits",
					maria_product_of(col->field), nbits);
	if (col->typmod > 0 && (col->type == BITOID ? nbits != col->typmod
							: nbits > col->typmod))
		maria_report_out_of_range(col, data, len);
	value = palloc0(VARBITTOTALLEN(nbits));
	SET_VARSIZE(value, VARBITTOTALLEN(nbits));
	VARBITLEN(value) = nbits;
	for (size_t i = 0; i < len; i++)
	{
		unsigned char next = i + 1 < len ? data[i + 1] : 0;

		VARBITS(value)[i] = data[i] << shift | next >> (BITS_PER_BYTE - shift);
	}
	return PointerGetDatum(value);
}
