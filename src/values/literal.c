/*
 * How is a value that MariaDB has sent written as its literal?
 *
 * For conditions that find a row, or cut a table in two: the literal compares
 * with the column as the value itself does.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "values/values.h"
#include "values/wire_format.h"

/* Can a text be quoted unchanged, in any encoding? */
static bool
is_plain(const unsigned char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (data[i] < ' ' || data[i] > '~' || data[i] == '\'' ||
			data[i] == '\\')
			return false;
	return true;
}

static void
append_hex(StringInfo buf, const unsigned char *data, size_t len)
{
	appendStringInfoString(buf, "x'");
	for (size_t i = 0; i < len; i++)
		appendStringInfo(buf, "%02x", data[i]);
	appendStringInfoChar(buf, '\'');
}

static void
append_text(StringInfo buf, const unsigned char *data, size_t len)
{
	if (is_plain(data, len))
	{
		appendStringInfo(buf, "'%.*s'", (int) len, (const char *) data);
		return;
	}
	appendStringInfoString(buf, "_utf8mb4 ");
	append_hex(buf, data, len);
}

/* A number is written as it came, after checking that it is one. */
static void
append_decimal(StringInfo buf, const unsigned char *data, size_t len)
{
	if (maria_is_decimal(data, len))
		appendBinaryStringInfo(buf, (const char *) data, len);
	else
		append_text(buf, data, len);
}

/* A BIT compares with a number as its bits do. */
static void
append_bits(StringInfo buf, const unsigned char *data, size_t len)
{
	uint64		bits = 0;

	if (len > sizeof(bits))
	{
		append_hex(buf, data, len);
		return;
	}
	for (size_t i = 0; i < len; i++)
		bits = bits << 8 | data[i];
	appendStringInfo(buf, UINT64_FORMAT, bits);
}

/* Appends a value of a field as MariaDB's literal; NULL data is NULL. */
void
maria_append_remote_literal(StringInfo buf, const MariaField *field,
							const unsigned char *data, size_t len)
{
	if (data == NULL || field->type == MARIA_NULL)
	{
		appendStringInfoString(buf, "NULL");
		return;
	}
	switch (field->type)
	{
		case MARIA_BYTES:
		case MARIA_GEOMETRY:
		case MARIA_VECTOR:
			append_hex(buf, data, len);
			break;
		case MARIA_BIT:
			append_bits(buf, data, len);
			break;
		case MARIA_TEXT:
		case MARIA_ENUM:
		case MARIA_SET:
		case MARIA_JSON:
		case MARIA_UUID:
		case MARIA_INET:
			append_text(buf, data, len);
			break;
		case MARIA_DECIMAL:
			append_decimal(buf, data, len);
			break;
		case MARIA_DATE:
		case MARIA_DATETIME:
		case MARIA_TIMESTAMP:
		case MARIA_TIME:
			appendStringInfo(buf, "'%s'", maria_value_text(field, data, len));
			break;
		case MARIA_FLOAT:
			appendStringInfo(buf, "%.16e", (double) read_float(data));
			break;
		case MARIA_DOUBLE:
			appendStringInfo(buf, "%.16e", read_double(data));
			break;
		default:
			appendStringInfoString(buf, maria_value_text(field, data, len));
	}
}
