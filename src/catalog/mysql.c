/*
 * How is MySQL's information_schema converted to the form of MariaDB's?
 *
 * MariaDB spells a default as SQL: a text in quotes, an expression without.
 * MySQL shows the text itself, and marks an expression in EXTRA.  Its
 * expressions have been escaped once more, each string has its character set
 * before it, and each byte, also of a name, is shown as the character of that
 * number.  Whoever reads columns, checks and indexes sees MariaDB's form only.
 */
#include "postgres.h"

#include <ctype.h>

#include "funcapi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "catalog/ask.h"
#include "catalog/labels.h"
#include "session/session.h"
#include "session/srf.h"
#include "values/values.h"

PG_FUNCTION_INFO_V1(mariadb_mysql_expression);

/* An expression of MySQL in UTF-8, and its converted form. */
typedef struct Rewriter
{
	const char *pos;
	StringInfoData out;
} Rewriter;

static bool
is_word_char(unsigned char c)
{
	return isalnum(c) || c == '_' || c == '$' || c >= 0x80;
}

/*
 * Returns the bytes that a UTF-8 text represents by characters up to 255; NULL
 * if it has other characters, or only ASCII.
 */
static char *
bytes_shown(const char *text)
{
	char	   *bytes = palloc(strlen(text) + 1);
	char	   *to = bytes;
	bool		is_ascii = true;

	while (*text)
	{
		unsigned char c = *text++;

		if (c >= 0x80)
		{
			if ((c & 0xFE) != 0xC2 || (*text & 0xC0) != 0x80)
				return NULL;
			c = (c & 3) << 6 | (*text++ & 0x3F);
			is_ascii = false;
		}
		*to++ = c;
	}
	*to = '\0';
	return is_ascii ? NULL : bytes;
}

/* Removes the outer escapes: a backslash before a quote or a backslash. */
static char *
unescaped(const char *text)
{
	char	   *result = palloc(strlen(text) + 1);
	char	   *to = result;

	for (; *text; text++)
	{
		if (*text == '\\' && text[1])
			text++;
		*to++ = *text;
	}
	*to = '\0';
	return result;
}

/* Returns the text between the quotes, and its length in bytes. */
static char *
string_bytes(const char *from, const char *end, size_t *len)
{
	char	   *bytes = palloc(end - from + 1);
	char	   *to = bytes;

	for (; from < end; from++)
	{
		if (*from == '\\')
		{
			*to++ = maria_unescaped(*++from);
			continue;
		}
		*to++ = *from;
		from += *from == '\'';
	}
	*to = '\0';
	*len = to - bytes;
	return bytes;
}

static void
append_hex(StringInfo out, const char *bytes, size_t len)
{
	appendStringInfoString(out, "x'");
	for (size_t i = 0; i < len; i++)
		appendStringInfo(out, "%02x", (unsigned char) bytes[i]);
	appendStringInfoChar(out, '\'');
}

/*
 * Spells a text in UTF-8 as MariaDB's literal.  If the text is certain, a
 * question mark gets a backslash, which means that it does not replace another
 * character.
 */
static void
append_text(StringInfo out, const char *text, size_t len, bool is_sure)
{
	appendStringInfoChar(out, '\'');
	for (size_t i = 0; i < len; i++)
	{
		if (text[i] == '\0')
			appendStringInfoString(out, "\\0");
		else if (text[i] == '\'' || text[i] == '\\')
			appendStringInfo(out, "%c%c", text[i], text[i]);
		else if (text[i] == '?' && is_sure)
			appendStringInfoString(out, "\\?");
		else
			appendStringInfoChar(out, text[i]);
	}
	appendStringInfoChar(out, '\'');
}

static bool
is_ascii(const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if ((unsigned char) bytes[i] >= 0x80)
			return false;
	return true;
}

static bool
is_utf8(const char *bytes, size_t len)
{
	return pg_verify_mbstr(PG_UTF8, bytes, len, true);
}

/* Is a character set of MySQL a superset of ASCII? */
static bool
has_ascii(const char *charset)
{
	return strncmp(charset, "ucs2", 4) != 0 &&
		strncmp(charset, "utf16", 5) != 0 &&
		strncmp(charset, "utf32", 5) != 0;
}

/*
 * Appends a string in a character set, NULL = none is named.  A string that
 * cannot be converted to UTF-8 with certainty keeps its character set, so that
 * it will not be translated.
 */
static void
append_string(StringInfo out, const char *charset, const char *bytes,
			  size_t len)
{
	bool		is_plain = charset == NULL || strncmp(charset, "utf8", 4) == 0;

	if (is_plain ? is_utf8(bytes, len) :
		has_ascii(charset) && is_ascii(bytes, len))
	{
		append_text(out, bytes, len, true);
		return;
	}
	if (charset && strcmp(charset, "binary") != 0)
		appendStringInfo(out, "_%s ", charset);
	append_hex(out, bytes, len);
}

/*
 * Rewrites a string that starts at the current quote; false if it is
 * unterminated, or is not UTF-8 where it has to be.
 */
static bool
rewrite_string(Rewriter *rewriter, const char *charset)
{
	const char *end = maria_quoted_end(rewriter->pos + 1, '\'');
	char	   *bytes;
	size_t		len;

	if (end == NULL)
		return false;
	bytes = string_bytes(rewriter->pos + 1, end, &len);
	if ((charset == NULL || strncmp(charset, "utf8", 4) == 0) &&
		memchr(bytes, '\0', len) == NULL && !is_utf8(bytes, len))
		return false;
	append_string(&rewriter->out, charset, bytes, len);
	rewriter->pos = end + 1;
	return true;
}

/* Rewrites a word; before a string it may be a character set. */
static bool
rewrite_word(Rewriter *rewriter)
{
	const char *begin = rewriter->pos;
	char	   *word;

	while (is_word_char(*rewriter->pos))
		rewriter->pos++;
	word = pnstrdup(begin, rewriter->pos - begin);
	if (*rewriter->pos == '\'' && *word == '_')
		return rewrite_string(rewriter, word + 1);
	if (strncmp(word, "0x", 2) == 0 && strlen(word) % 2 == 0 &&
		strspn(word + 2, "0123456789abcdefABCDEF") == strlen(word) - 2)
		appendStringInfo(&rewriter->out, "x'%s'", word + 2);
	else
		appendStringInfoString(&rewriter->out, word);
	return true;
}

static bool
rewrite_name(Rewriter *rewriter)
{
	const char *begin = rewriter->pos;
	const char *end = maria_quoted_end(begin + 1, '`');

	if (end == NULL || !is_utf8(begin, end - begin))
		return false;
	appendBinaryStringInfo(&rewriter->out, begin, end + 1 - begin);
	rewriter->pos = end + 1;
	return true;
}

/* Rewrites an expression without its outer escapes; NULL if it is none. */
static char *
rewrite(const char *text)
{
	Rewriter	rewriter = {.pos = text};

	initStringInfo(&rewriter.out);
	while (*rewriter.pos)
	{
		bool		done = true;

		if (*rewriter.pos == '`')
			done = rewrite_name(&rewriter);
		else if (*rewriter.pos == '\'')
			done = rewrite_string(&rewriter, NULL);
		else if (is_word_char(*rewriter.pos))
			done = rewrite_word(&rewriter);
		else
			appendStringInfoChar(&rewriter.out, *rewriter.pos++);
		if (!done)
			return NULL;
	}
	return rewriter.out.data;
}

/* Returns an expression of MySQL, in UTF-8, as MariaDB would spell it. */
char *
maria_mysql_expression(const char *text)
{
	char	   *bytes = bytes_shown(text);
	char	   *result = bytes ? rewrite(unescaped(bytes)) : NULL;

	if (result == NULL || !is_utf8(result, strlen(result)))
		result = rewrite(unescaped(text));
	return result ? result : pstrdup(text);
}

/* Returns a field that is an expression, in MariaDB's form; NULL is NULL. */
char *
maria_mysql_expression_at(MariaResult *result, int field)
{
	const MariaValue *value = &result->row[field];
	char	   *text;

	if (value->data == NULL)
		return NULL;
	text = pnstrdup((const char *) value->data, value->len);
	if (*text == '\0' || !is_utf8(text, strlen(text)))
		return maria_field_text(result, field);
	text = maria_mysql_expression(text);
	return maria_to_local(text, strlen(text), NULL);
}

/* The same for a text that a user has read from the server. */
Datum
mariadb_mysql_expression(PG_FUNCTION_ARGS)
{
	char	   *shown = maria_text_argument(fcinfo);
	char	   *utf8;

	utf8 = maria_mysql_expression(pg_server_to_any(shown, strlen(shown),
												   PG_UTF8));
	PG_RETURN_TEXT_P(cstring_to_text(maria_to_local(utf8, strlen(utf8),
													NULL)));
}

/* Spells a text as MariaDB's literal, in the local encoding. */
static char *
literal_of(const char *bytes, size_t len, bool is_sure)
{
	StringInfoData out;

	initStringInfo(&out);
	append_text(&out, bytes, len, is_sure);
	return maria_to_local(out.data, out.len, NULL);
}

static bool
is_number(const MariaRemoteColumn *column)
{
	static const char *const types[] = {
		"tinyint", "smallint", "mediumint", "int", "bigint", "decimal",
		"float", "double", "year", "bit"
	};

	for (size_t i = 0; i < lengthof(types); i++)
		if (strcmp(column->data_type, types[i]) == 0)
			return true;
	return false;
}

static bool
is_binary(const MariaRemoteColumn *column)
{
	return strcmp(column->data_type, "binary") == 0 ||
		strcmp(column->data_type, "varbinary") == 0;
}

/* Is a default a value, and not an expression? */
static bool
is_literal(const MariaRemoteColumn *column, const char *shown)
{
	if (column->extra && strstr(column->extra, "DEFAULT_GENERATED"))
		return false;
	/* Before 8.0.13 nothing marks them, but no time has such a name. */
	return !((strcmp(column->data_type, "datetime") == 0 ||
			  strcmp(column->data_type, "timestamp") == 0) &&
			 pg_strncasecmp(shown, "CURRENT_TIMESTAMP", 17) == 0);
}

/*
 * Gives a column its default and its expression in MariaDB's form.  A default
 * that information_schema may show incorrectly is left to
 * maria_reread_mysql_defaults.
 */
void
maria_set_mysql_column(MariaRemoteColumn *column, MariaResult *result,
					   int default_field, int generation_field)
{
	const MariaValue *value = &result->row[default_field];
	char	   *shown = maria_field_text(result, default_field);

	column->generation = maria_mysql_expression_at(result, generation_field);
	column->default_value = NULL;
	if (shown == NULL)
		return;
	if (!is_literal(column, shown))
		column->default_value = maria_mysql_expression_at(result, default_field);
	else if (is_number(column))
		column->default_value = shown;
	else if (is_binary(column))
	{
		/* It may be cut at a zero byte, so it must not be interpreted. */
		column->rereads_default = true;
		column->default_value = psprintf("'?%s",
										 literal_of((const char *) value->data,
													value->len, true) + 1);
	}
	else
	{
		/* Not certain: each question mark may replace another character. */
		column->rereads_default = strchr(shown, '?') != NULL;
		column->default_value = literal_of((const char *) value->data,
										   value->len,
										   !column->rereads_default);
	}
}

/* Fields of the list of columns that mariadb.columns gives. */
enum
{
	LIST_DATA_TYPE = 3,
	LIST_DEFAULT = 6,
	LIST_EXTRA,
	LIST_GENERATION
};

/*
 * Writes a binary default, which is shown as 0x and digits or as plain text.
 */
static char *
shown_binary(const char *shown)
{
	StringInfoData out;

	if (strncmp(shown, "0x", 2) == 0 && strlen(shown) % 2 == 0 &&
		strspn(shown + 2, "0123456789abcdefABCDEF") == strlen(shown) - 2)
		return psprintf("x'%s'", shown + 2);
	initStringInfo(&out);
	append_hex(&out, shown, strlen(shown));
	return out.data;
}

/*
 * Returns the rows of mariadb.columns, with defaults and expressions in
 * MariaDB's form.
 */
Datum
maria_list_mysql_columns(FunctionCallInfo fcinfo, MariaResult *result)
{
	TupleDesc	desc;
	Tuplestorestate *rows = maria_srf_begin(fcinfo, &desc);
	AttInMetadata *input = TupleDescGetAttInMetadata(desc);
	char	  **texts = palloc(sizeof(char *) * result->nfields);

	if (result->nfields != desc->natts)
		maria_report_bad_answer(result, "Its columns are not those of the list.");
	while (maria_fetch(result))
	{
		MariaRemoteColumn column = {0};

		for (int i = 0; i < result->nfields; i++)
			texts[i] = maria_field_text(result, i);
		column.data_type = texts[LIST_DATA_TYPE] ? texts[LIST_DATA_TYPE] : "";
		column.extra = texts[LIST_EXTRA];
		maria_set_mysql_column(&column, result, LIST_DEFAULT, LIST_GENERATION);
		texts[LIST_DEFAULT] = column.rereads_default && is_binary(&column) ?
			shown_binary(texts[LIST_DEFAULT]) : column.default_value;
		texts[LIST_GENERATION] = column.generation;
		tuplestore_puttuple(rows, BuildTupleFromCStrings(input, texts));
	}
	maria_close(result);
	return (Datum) 0;
}

/* Returns the columns whose defaults are to be read again. */
static List *
columns_to_reread(const MariaRemoteTable *table)
{
	List	   *columns = NIL;
	ListCell   *lc;

	foreach(lc, table->columns)
	{
		MariaRemoteColumn *column = lfirst(lc);

		if (column->rereads_default && column->is_readable)
			columns = lappend(columns, column);
	}
	return columns;
}

/* Returns the query of the given number of defaults, as hexadecimal digits. */
static char *
defaults_sql(const char *schema, const MariaRemoteTable *table, List *columns)
{
	StringInfoData sql;
	ListCell   *lc;

	initStringInfo(&sql);
	foreach(lc, columns)
	{
		MariaRemoteColumn *column = lfirst(lc);

		appendStringInfo(&sql, is_binary(column) ? "%sHEX(DEFAULT(t.%s))" :
						 "%sHEX(CONVERT(DEFAULT(t.%s) USING utf8mb4))",
						 sql.len ? ", " : "SELECT ",
						 maria_quote_identifier(column->name));
	}
	appendStringInfo(&sql, " FROM (SELECT 1) one LEFT JOIN %s.%s t ON FALSE",
					 maria_quote_identifier(schema),
					 maria_quote_identifier(table->name));
	return sql.data;
}

/*
 * Returns the literal of a text whose bytes are given as hexadecimal digits;
 * NULL if it is not a text.
 */
static char *
literal_of_hex(const char *hex)
{
	size_t		len = strlen(hex) / 2;
	char	   *bytes = palloc(len + 1);

	hex_decode(hex, len * 2, bytes);
	return is_utf8(bytes, len) || memchr(bytes, '\0', len) ?
		literal_of(bytes, len, true) : NULL;
}

static void
take_default(MariaRemoteColumn *column, char *hex)
{
	char	   *literal;

	if (hex == NULL || strlen(hex) % 2 != 0 ||
		strspn(hex, "0123456789ABCDEF") != strlen(hex))
		return;
	literal = is_binary(column) ? psprintf("x'%s'", hex) : literal_of_hex(hex);
	if (literal)
		column->default_value = literal;
}

/*
 * Reads the defaults again that information_schema has cut off at a zero byte
 * or shows with question marks.  The outer side of a join without a row has
 * them, whatever the table holds.
 */
void
maria_reread_mysql_defaults(MariaConn *conn, const char *schema,
							MariaRemoteTable *table)
{
	List	   *columns = columns_to_reread(table);
	char	   *sql = columns ? defaults_sql(schema, table, columns) : NULL;
	MariaResult *result;

	if (sql == NULL || maria_try_command(conn, sql) != 0)
		return;
	result = maria_open_fields(conn, sql, list_length(columns),
							   MARIA_ANY_NULL);
	while (maria_fetch(result))
	{
		for (int i = 0; i < result->nfields; i++)
			take_default(list_nth(columns, i), maria_field_text(result, i));
	}
	maria_close(result);
}
