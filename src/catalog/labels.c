/* How are labels and literals read as MariaDB writes them? */
#include "postgres.h"

#include "miscadmin.h"

#include "catalog/labels.h"

/* Returns the quote that ends what begins here, where a doubled one does not. */
const char *
maria_quoted_end(const char *p, char quote)
{
	for (; *p; p++)
	{
		if (*p == '\\' && quote == '\'' && p[1])
			p++;
		else if (*p == quote && p[1] == quote)
			p++;
		else if (*p == quote)
			return p;
	}
	return NULL;
}

/* Returns what a letter behind a backslash stands for; 0 is the NUL. */
char
maria_unescaped(char letter)
{
	static const char letters[] = "0nrtbZ";
	static const char meanings[] = "\0\n\r\t\b\032";
	const char *found = letter ? strchr(letters, letter) : NULL;

	return found ? meanings[found - letters] : letter;
}

/*
 * Writes the character that a backslash and a letter represent in COLUMN_TYPE.
 */
static char *
write_escaped(char *to, char letter)
{
	if (letter == '0')			/* a text in PostgreSQL cannot contain NUL */
		*to++ = '\\';
	*to++ = letter == '0' ? letter : maria_unescaped(letter);
	return to;
}

/*
 * Reads a label whose opening quote has been read, and moves past its closing
 * quote; NULL if there is none.
 */
static char *
parse_label(const char **pos)
{
	const char *p = *pos;
	const char *end = maria_quoted_end(p, '\'');
	char	   *label;
	char	   *to;

	if (end == NULL)
		return NULL;
	label = to = palloc(end - p + 1);
	for (; p < end; p++)
	{
		if (*p == '\\')
			to = write_escaped(to, *++p);
		else
		{
			*to++ = *p;
			p += *p == '\'';
		}
	}
	*to = '\0';
	*pos = end + 1;
	return label;
}

/*
 * Returns the labels of enum(...) or set(...).  Whatever the sql_mode,
 * MariaDB doubles a quote in there and writes backslashes before some letters.
 */
List *
maria_parse_labels(const char *column_type)
{
	List	   *labels = NIL;
	const char *p = column_type;

	while ((p = strchr(p, '\'')) != NULL)
	{
		char	   *label;

		CHECK_FOR_INTERRUPTS();
		p++;
		label = parse_label(&p);
		if (label == NULL)
			return NIL;
		labels = lappend(labels, label);
	}
	return labels;
}

/*
 * Can a question mark in a literal replace another character?  One with a
 * backslash before it does not.
 */
bool
maria_is_lossy(const char *literal)
{
	for (; *literal; literal++)
	{
		if (*literal == '?')
			return true;
		if (*literal == '\\' && literal[1])
			literal++;
	}
	return false;
}

/* Does a literal contain a NUL, which a text in PostgreSQL cannot? */
static bool
has_nul(const char *literal)
{
	for (; *literal; literal++)
	{
		if (*literal != '\\' || literal[1] == '\0')
			continue;
		if (*++literal == '0')
			return true;
	}
	return false;
}

/*
 * Returns the text of a default that is a single string literal; NULL for any
 * other default, and for a literal that cannot be a text in PostgreSQL.
 */
char *
maria_unquote_default(const char *literal)
{
	char	   *text;

	if (*literal++ != '\'' || has_nul(literal))
		return NULL;
	text = parse_label(&literal);
	return text && *literal == '\0' ? text : NULL;
}
