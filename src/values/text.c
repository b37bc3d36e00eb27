/*
 * How is a remote value written as text?
 *
 * For error messages, and for local types that use their input function: in
 * PostgreSQL's form wherever it has one.
 */
#include "postgres.h"

#include "common/shortest_dec.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "values/wire_format.h"
#include "values/values.h"

/*
 * Beyond this an array, or a text in hexadecimal, would exceed the allowed
 * size.
 */
#define MAX_VECTOR_BYTES	(MaxAllocSize / sizeof(Datum))
#define MAX_HEX_BYTES		(MaxAllocSize / 2 - 2)

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

StaticAssertDecl(lengthof(type_names) == MARIA_VECTOR + 1,
				 "each type must have a name");

/* Returns the remote type's name for error messages. */
const char *
maria_type_name(const MariaField *field)
{
	if (field->is_unsigned && field->type <= MARIA_BIGINT)
		return psprintf("%s unsigned", type_names[field->type]);
	return type_names[field->type];
}

/* Returns whose a value is. */
const char *
maria_product_of(const MariaField *field)
{
	return field->product ? field->product : "MariaDB";
}

/* Returns the remote type's name behind the product's. */
char *
maria_typed(const MariaField *field)
{
	return psprintf("%s %s", maria_product_of(field), maria_type_name(field));
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
	appendStringInfo(&buf, "%s%02u:%02d:%02d", when.negative ? "-" : "",
					 (uint32) when.day * 24 + when.hour, when.minute,
					 when.second);
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
	char	   *text;

	if (len > MAX_HEX_BYTES)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("value of %zu bytes is too large", len)));
	text = palloc(len * 2 + 3);
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

/* Returns a value's text, palloc'd and not yet verified. */
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

static bool
is_well_formed_time(const unsigned char *data, size_t len)
{
	RemoteTime	when = read_time(data, len);

	return is_time_length(len) && is_time_of_day(&when) &&
		(uint32) when.day <= MAX_TIME_DAYS;
}

/*
 * Does a value have the form in which MariaDB sends its type?  Fixed widths
 * are checked by the wire layer, and texts are verified elsewhere.
 */
bool
maria_is_well_formed(const MariaField *field, const unsigned char *data,
					 size_t len)
{
	RemoteTime	when;

	switch (field->type)
	{
		case MARIA_DECIMAL:
			return maria_is_decimal(data, len);
		case MARIA_BIT:
			return len <= sizeof(uint64);
		case MARIA_DATE:
		case MARIA_DATETIME:
		case MARIA_TIMESTAMP:
			when = read_datetime(data, len);
			return is_datetime_length(len) && is_time_of_day(&when);
		case MARIA_TIME:
			return is_well_formed_time(data, len);
		case MARIA_GEOMETRY:
			return len >= MIN_GEOMETRY;
		case MARIA_VECTOR:
			return len % sizeof(float4) == 0 && len <= MAX_VECTOR_BYTES;
		default:
			return true;
	}
}

/* Is a value's text the same as its bytes? */
static bool
is_sent_as_text(MariaType type)
{
	switch (type)
	{
		case MARIA_DECIMAL:
		case MARIA_TEXT:
		case MARIA_ENUM:
		case MARIA_SET:
		case MARIA_JSON:
		case MARIA_UUID:
		case MARIA_INET:
			return true;
		default:
			return false;
	}
}

/*
 * Returns a value of the current row as text of this database, or NULL.  A
 * character that this database lacks becomes a question mark, as
 * information_schema does for characters that MariaDB's own tables lack; the
 * text is then incomplete.
 */
char *
maria_whole_text(MariaResult *result, int field, bool *whole)
{
	MariaValue *value = &result->row[field];
	char	   *text;

	*whole = true;
	if (value->data == NULL)
		return NULL;
	if (is_sent_as_text(result->fields[field].type))
		return maria_to_local((const char *) value->data, value->len, whole);
	text = maria_value_text(&result->fields[field], value->data, value->len);
	return maria_to_local(text, strlen(text), whole);
}

/* The same if it does not matter whether the text is complete. */
char *
maria_field_text(MariaResult *result, int field)
{
	bool		whole;

	return maria_whole_text(result, field, &whole);
}

/* Returns an integer, which the server may have sent as any type. */
int64
maria_field_number(MariaResult *result, int field, int64 if_null)
{
	char	   *text = maria_field_text(result, field);
	char	   *end;
	int64		number;

	if (text == NULL)
		return if_null;
	errno = 0;
	number = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0')
		maria_report_bad_answer(result,
								psprintf("Field %d of the result is not an integer.",
										 field + 1));
	return number;
}
