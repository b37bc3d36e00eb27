/*
 * How does a remote value read as text?
 *
 * For error messages, and for local types that take a value through their
 * input function: PostgreSQL's spelling wherever it has one.
 */
#include "postgres.h"

#include "common/shortest_dec.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "values/wire_format.h"
#include "values/values.h"

static const char *const type_names[] = {
	[MARIA_NULL] = "null",
	[MARIA_TINYINT] = "tinyint",
	[MARIA_SMALLINT] = "smallint",
	[MARIA_INT] = "int",
	[MARIA_BIGINT] = "bigint",
	[MARIA_YEAR] = "year",
	[MARIA_FLOAT] = "float",
	[MARIA_DOUBLE] = "double",
	[MARIA_DECIMAL] = "decimal",
	[MARIA_BIT] = "bit",
	[MARIA_DATE] = "date",
	[MARIA_DATETIME] = "datetime",
	[MARIA_TIMESTAMP] = "timestamp",
	[MARIA_TIME] = "time",
	[MARIA_TEXT] = "text",
	[MARIA_BYTES] = "binary",
	[MARIA_ENUM] = "enum",
	[MARIA_SET] = "set",
	[MARIA_JSON] = "json",
	[MARIA_UUID] = "uuid",
	[MARIA_INET] = "inet",
	[MARIA_GEOMETRY] = "geometry",
	[MARIA_VECTOR] = "vector",
};

/* Returns the remote type's name, as errors call it. */
const char *
maria_type_name(const MariaField *field)
{
	if (field->is_unsigned && field->type <= MARIA_BIGINT)
		return psprintf("%s unsigned", type_names[field->type]);
	return type_names[field->type];
}

static char *
integer_text(const MariaField *field, const unsigned char *data)
{
	if (field->is_unsigned)
		return psprintf(UINT64_FORMAT, read_unsigned(data, field->width));
	return psprintf(INT64_FORMAT, read_signed(data, field->width));
}

/* The shortest text that reads back as the same bits. */
static char *
float_text(float value)
{
	char	   *text = palloc(FLOAT_SHORTEST_DECIMAL_LEN);

	float_to_shortest_decimal_buf(value, text);
	return text;
}

static char *
double_text(double value)
{
	char	   *text = palloc(DOUBLE_SHORTEST_DECIMAL_LEN);

	double_to_shortest_decimal_buf(value, text);
	return text;
}

static void
append_fraction(StringInfo buf, uint32 microseconds, int decimals)
{
	if (decimals < 1 || decimals > 6)
		decimals = microseconds ? 6 : 0;
	if (decimals > 0)
		appendStringInfo(buf, ".%0*u", decimals,
						 microseconds / (uint32) power_of_ten(6 - decimals));
}

static char *
datetime_text(const MariaField *field, const unsigned char *data, size_t len)
{
	RemoteTime	when = read_datetime(data, len);
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfo(&buf, "%04d-%02d-%02d", when.year, when.month, when.day);
	if (field->type == MARIA_DATE)
		return buf.data;
	appendStringInfo(&buf, " %02d:%02d:%02d", when.hour, when.minute,
					 when.second);
	append_fraction(&buf, when.microsecond, field->decimals);
	return buf.data;
}

static char *
time_text(const MariaField *field, const unsigned char *data, size_t len)
{
	RemoteTime	when = read_time(data, len);
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfo(&buf, "%s%02d:%02d:%02d", when.negative ? "-" : "",
					 when.day * 24 + when.hour, when.minute, when.second);
	append_fraction(&buf, when.microsecond, field->decimals);
	return buf.data;
}

static char *
bit_text(const MariaField *field, const unsigned char *data, size_t len)
{
	int			nbits = Min(field->length, len * 8);
	char	   *text = palloc(nbits + 1);

	for (int i = 0; i < nbits; i++)
	{
		int			bit = nbits - 1 - i;

		text[i] = (data[len - 1 - bit / 8] >> (bit % 8)) & 1 ? '1' : '0';
	}
	text[nbits] = '\0';
	return text;
}

static char *
hex_text(const unsigned char *data, size_t len)
{
	char	   *text = palloc(len * 2 + 3);

	text[0] = '\\';
	text[1] = 'x';
	hex_encode((const char *) data, len, text + 2);
	text[len * 2 + 2] = '\0';
	return text;
}

/* EWKB in hexadecimal, which is how PostGIS reads it. */
static char *
geometry_text(const unsigned char *data, size_t len)
{
	unsigned char *ewkb = palloc(len + 1);

	if (len < MIN_GEOMETRY)
		return hex_text(data, len);
	len = write_ewkb(ewkb, data, len);
	return hex_text(ewkb, len) + 2;
}

/* [1,2.5], which is how pgvector reads it. */
static char *
vector_text(const unsigned char *data, size_t len)
{
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfoChar(&buf, '[');
	for (size_t i = 0; i + sizeof(float4) <= len; i += sizeof(float4))
		appendStringInfo(&buf, "%s%s", i ? "," : "",
						 float_text(read_float(data + i)));
	appendStringInfoChar(&buf, ']');
	return buf.data;
}

/* Returns a value's text, palloc'd; as it came, so not yet verified. */
char *
maria_value_text(const MariaField *field, const unsigned char *data,
				 size_t len)
{
	switch (field->type)
	{
		case MARIA_TINYINT:
		case MARIA_SMALLINT:
		case MARIA_INT:
		case MARIA_BIGINT:
			return integer_text(field, data);
		case MARIA_YEAR:
			return psprintf("%d", read_year(field, data));
		case MARIA_FLOAT:
			return float_text(read_float(data));
		case MARIA_DOUBLE:
			return double_text(read_double(data));
		case MARIA_DATE:
		case MARIA_DATETIME:
		case MARIA_TIMESTAMP:
			return datetime_text(field, data, len);
		case MARIA_TIME:
			return time_text(field, data, len);
		case MARIA_BIT:
			return bit_text(field, data, len);
		case MARIA_BYTES:
			return hex_text(data, len);
		case MARIA_GEOMETRY:
			return geometry_text(data, len);
		case MARIA_VECTOR:
			return vector_text(data, len);
		default:
			return pnstrdup((const char *) data, len);
	}
}
