/* How is a text converted between the local encoding and UTF-8? */
#include "postgres.h"

#include "common/string.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"

#include "wire/client.h"

/*
 * Statements are sent in UTF-8, whatever the local database's encoding.  Those
 * that end a transaction are plain ASCII, and must not look up a conversion.
 */
char *
maria_to_remote(const char *sql)
{
	if (pg_is_ascii(sql))
		return (char *) sql;
	return pg_server_to_any(sql, strlen(sql), PG_UTF8);
}

/*
 * Appends a character in the local encoding; false if it does not exist there.
 */
static bool
append_local(StringInfo buf, const unsigned char *at, size_t left)
{
	unsigned char local[MAX_UNICODE_EQUIVALENT_STRING + 1] = {0};
	int			len = pg_utf_mblen(at);

	if (*at == '\0' || (size_t) len > left || !pg_utf8_islegal(at, len))
		return false;
	if (len == 1 || GetDatabaseEncoding() == PG_UTF8 ||
		GetDatabaseEncoding() == PG_SQL_ASCII)
	{
		appendBinaryStringInfo(buf, (const char *) at, len);
		return true;
	}
	if (!maria_unicode_to_server(utf8_to_unicode(at), local))
		return false;
	appendStringInfoString(buf, (char *) local);
	return true;
}

/* Returns the number of bytes of a character, or of an incomplete one. */
static int
character_length(const unsigned char *at, size_t left)
{
	int			len = Min((size_t) pg_utf_mblen(at), left);

	for (int i = 1; i < len; i++)
		if ((at[i] & 0xC0) != 0x80)
			return i;
	return len;
}

/*
 * Returns a remote text in the local encoding, whatever it contains:
 * characters that do not exist become question marks, and the text is then
 * incomplete.
 */
char *
maria_to_local(const char *text, size_t len, bool *whole)
{
	const unsigned char *at = (const unsigned char *) text;
	const unsigned char *end = at + len;
	StringInfoData buf;

	initStringInfo(&buf);
	if (whole)
		*whole = true;
	while (at < end)
	{
		if (!append_local(&buf, at, end - at))
		{
			appendStringInfoChar(&buf, '?');
			if (whole)
				*whole = false;
		}
		at += character_length(at, end - at);
	}
	return buf.data;
}
