/*
 * How does text get into a remote statement?
 *
 * Only through here.  Our sessions run with NO_BACKSLASH_ESCAPES, so that a
 * quote ends a quoted text unless it is doubled, and nothing else does.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

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

/* Returns a text as MariaDB's string literal. */
char *
maria_quote_literal(const char *text)
{
	return quote(text, '\'');
}

/* Returns a name as MariaDB's quoted identifier. */
char *
maria_quote_identifier(const char *name)
{
	return quote(name, '`');
}
