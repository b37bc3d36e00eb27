/*
 * How is MariaDB's default of a column written in PostgreSQL?
 *
 * Only what is certain: numbers, strings and the current time.  Whether the
 * column's type accepts it is determined by trying.
 */
#include "postgres.h"

#include "executor/spi.h"
#include "utils/builtins.h"
#include "utils/formatting.h"

#include "catalog/labels.h"
#include "schema/defaults.h"
#include "schema/notes.h"
#include "schema/types.h"
#include "session/attempt.h"

/* The longest BINARY, in bytes. */
#define MAX_BINARY 255

static bool
is_number(const char *text)
{
	return *text && strspn(text, "0123456789+-.eE") == strlen(text);
}

static bool
is_current_timestamp(const char *text)
{
	return pg_strncasecmp(text, "current_timestamp", 17) == 0;
}

/* Are these only pairs of hexadecimal digits? */
bool
maria_is_hex(const char *digits)
{
	size_t		len = strlen(digits);

	return len % 2 == 0 && strspn(digits, "0123456789abcdefABCDEF") == len;
}

/* Returns bytes, given as hexadecimal digits, as a literal of type bytea. */
char *
maria_bytes_literal(const char *digits)
{
	return psprintf("'\\x%s'::bytea", asc_tolower(digits, strlen(digits)));
}

/*
 * Reads one byte of a string literal; -1 if it may replace another: bytes that
 * are not text are shown as ?.
 */
static int
shown_byte(const char **pos)
{
	static const char letters[] = "0nr\\'";
	static const char meanings[] = "\0\n\r\\'";
	const char *p = *pos;
	const char *found;

	*pos += 2;
	if (p[0] == '\\')
	{
		found = p[1] ? strchr(letters, p[1]) : NULL;
		return found ? meanings[found - letters] : -1;
	}
	if (p[0] == '\'')
		return p[1] == '\'' ? '\'' : -1;
	*pos -= 1;
	return *p < ' ' || *p > '~' || *p == '?' ? -1 : *p;
}

/* Returns the digits of x'...' or, before 11.8, of '...', or NULL. */
static char *
shown_digits(const char *value)
{
	const char *end = value + strlen(value) - 1;
	StringInfoData digits;

	initStringInfo(&digits);
	if (pg_strncasecmp(value, "x'", 2) == 0 && end > value + 1 && *end == '\'')
	{
		appendBinaryStringInfo(&digits, value + 2, end - value - 2);
		return maria_is_hex(digits.data) ? digits.data : NULL;
	}
	if (*value++ != '\'' || end < value || *end != '\'')
		return NULL;
	while (value < end)
	{
		int			byte = shown_byte(&value);

		if (byte < 0 || value > end)
			return NULL;
		appendStringInfo(&digits, "%02x", byte);
	}
	return digits.data;
}

/*
 * Pads the digits of a BINARY's bytes to its length; false if the length is
 * not valid for BINARY.
 */
bool
maria_fill_binary(StringInfo digits, const MariaRemoteColumn *column)
{
	if (column->char_length > MAX_BINARY)
		return false;
	while (digits->len < column->char_length * 2)
		appendStringInfoString(digits, "00");
	return true;
}

/*
 * Returns the bytes of a binary string's default as hexadecimal digits, with
 * the zero bytes that pad a BINARY; NULL if they are not certain.
 */
char *
maria_bytes_default(const MariaRemoteColumn *column)
{
	char	   *shown = shown_digits(column->default_value);
	StringInfoData digits;

	if (shown == NULL || !(strstr(column->data_type, "binary") ||
						   strstr(column->data_type, "blob") ||
						   strcmp(column->data_type, "vector") == 0))
		return NULL;
	initStringInfo(&digits);
	appendStringInfoString(&digits, shown);
	if (strcmp(column->data_type, "binary") == 0 &&
		!maria_fill_binary(&digits, column))
		return NULL;
	return asc_tolower(digits.data, digits.len);
}

/* Returns the text of a default that is a literal, or NULL. */
static char *
literal_text(const MariaRemoteColumn *column, const char *type)
{
	char	   *text = column->default_value;

	if (is_number(text))
		return text;
	if (strcmp(type, "boolean") == 0 &&
		(strcmp(text, "b'0'") == 0 || strcmp(text, "b'1'") == 0))
		return pnstrdup(text + 2, 1);
	if (strcmp(type, "uuid") == 0 && maria_bytes_default(column))
		return maria_bytes_default(column);

	/* information_schema shows a ? for any byte or character it lacks */
	if (maria_is_lossy(text) || strcmp(type, "bytea") == 0)
		return NULL;
	return maria_unquote_default(text);
}

static void
run_cast(void *cast)
{
	SPI_connect();
	SPI_execute(psprintf("SELECT %s", (char *) cast), true, 1);
	SPI_finish();
}

/*
 * Tries a cast; a default such as 0000-00-00 must not end an import.  Before
 * PostgreSQL 16 no type says no without raising an error.
 */
static bool
cast_works(char *cast)
{
	return maria_try(run_cast, cast, MARIA_TRY_KEEP,
					 MARIA_ABOUT_VALUE) == NULL;
}

/*
 * Returns a column's default as an SQL expression of the given type; NULL if
 * there is none, or if it is not certain, which raises a notice.
 */
char *
maria_local_default(MariaRemoteColumn *column, const char *type)
{
	const char *value = column->default_value;
	char	   *literal;

	if (value == NULL || pg_strcasecmp(value, "NULL") == 0)
		return NULL;
	if (is_current_timestamp(value) && strncmp(type, "timestamp", 9) == 0)
		return pstrdup("CURRENT_TIMESTAMP");

	if (strcmp(type, "bytea") == 0 && maria_bytes_default(column))
		return psprintf("'\\x%s'", maria_bytes_default(column));
	literal = literal_text(column, type);
	if (literal)
	{
		char	   *quoted = quote_literal_cstr(literal);

		if (cast_works(psprintf("%s::%s", quoted, maria_catalog_type(type))))
			return quoted;
	}
	maria_note(column, NOTE_SKIPPED, "default %s is dropped", value);
	return NULL;
}
