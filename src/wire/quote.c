/*
 * How is text written into a remote statement?
 *
 * Only by these functions, in a form that has the same meaning under any
 * sql_mode: our sessions run with NO_BACKSLASH_ESCAPES in MariaDB and without
 * it in MySQL, and a statement may be built before its server is known.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#include "wire/wire.h"

static char *
quote(const char *text, char mark)
{
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfoChar(&buf, mark);
	for (; *text; text++)
	{
		if (*text == mark)
			appendStringInfoChar(&buf, mark);
		appendStringInfoChar(&buf, *text);
	}
	appendStringInfoChar(&buf, mark);
	return buf.data;
}

/* Writes the bytes of a text in UTF-8. */
static char *
hex_literal(const char *text)
{
	StringInfoData buf;

	initStringInfo(&buf);
	appendStringInfoString(&buf, "_utf8mb4 x'");
	for (const char *p = pg_server_to_any(text, strlen(text), PG_UTF8); *p; p++)
		appendStringInfo(&buf, "%02x", (unsigned char) *p);
	appendStringInfoChar(&buf, '\'');
	return buf.data;
}

/* Returns a text as a string literal without backslashes. */
char *
maria_quote_literal(const char *text)
{
	return strchr(text, '\\') ? hex_literal(text) : quote(text, '\'');
}

/* Returns a name as MariaDB's quoted identifier. */
char *
maria_quote_identifier(const char *name)
{
	return quote(name, '`');
}
