/* How is the text of SHOW CREATE scanned? */
#include "postgres.h"

#include "catalog/ask.h"

/*
 * Returns the end of a line of SHOW CREATE TABLE.  A newline within a name, a
 * default or a comment does not end a line.
 */
const char *
maria_shown_line_end(const char *pos)
{
	while (*pos && *pos != '\n')
	{
		char		quote = *pos++;

		if (quote != '`' && quote != '\'' && quote != '"')
			continue;
		while (*pos && *pos != quote)
			pos += *pos == '\\' && quote != '`' && pos[1] ? 2 : 1;
		pos += *pos == quote;
	}
	return pos;
}

/* Reads a name in backticks and moves past it; NULL if there is none. */
char *
maria_shown_name(const char **pos)
{
	const char *p = *pos;
	char	   *name;
	char	   *to;

	if (*p++ != '`')
		return NULL;
	name = to = palloc(strlen(p) + 1);
	while (*p && (*p != '`' || p[1] == '`'))
	{
		*to++ = *p;
		p += *p == '`' ? 2 : 1;
	}
	*to = '\0';
	*pos = p + (*p == '`');
	return name;
}
