/*
 * With which distance and how many neighbors is a VECTOR index created?
 *
 * information_schema does not show it; SHOW CREATE TABLE does, unless it is
 * the server's default.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "catalog/ask.h"
#include "values/values.h"

#define INDEX_LINE "  VECTOR KEY "

static MariaRemoteIndex *
find_index(MariaRemoteTable *table, const char *name)
{
	ListCell   *lc;

	foreach(lc, table->indexes)
	{
		MariaRemoteIndex *index = lfirst(lc);

		if (strcmp(index->name, name) == 0)
			return index;
	}
	return NULL;
}

/*
 * Returns the value after a word and "=", which ends at a blank, a comma or
 * its quote.
 */
static char *
option_value(const char *pos)
{
	size_t		len;

	if (*pos == '\'')
		return pnstrdup(pos + 1, strcspn(pos + 1, "'"));
	len = strcspn(pos, " ,");
	return pnstrdup(pos, len);
}

static void
set_option(MariaRemoteIndex *index, const char *name, const char *value)
{
	if (pg_strcasecmp(name, "distance") == 0)
		index->distance = pstrdup(value);
	else if (pg_strcasecmp(name, "m") == 0)
		index->neighbors = Max(0, atoi(value));
}

/*
 * Reads `name`=value from the end of an index's line.  A comment may contain
 * the same text, but within quotes.
 */
static void
read_options(MariaRemoteIndex *index, const char *pos)
{
	while (*pos)
	{
		char	   *name;

		if (*pos == '\'')
		{
			for (pos++; *pos && *pos != '\''; pos++)
				pos += *pos == '\\' && pos[1];
			pos += *pos != '\0';
			continue;
		}
		name = maria_shown_name(&pos);
		if (name && *pos == '=')
			set_option(index, name, option_value(++pos));
		else if (name == NULL)
			pos++;
	}
}

static void
read_line(MariaRemoteTable *table, char *line)
{
	const char *pos = line + strlen(INDEX_LINE);
	char	   *name = maria_shown_name(&pos);
	MariaRemoteIndex *index = name ? find_index(table, name) : NULL;

	if (index)
		read_options(index, pos);
}

/* Returns the text of SHOW CREATE TABLE, or NULL if it is refused. */
static char *
show_create(MariaConn *conn, const char *schema, const char *table)
{
	char	   *sql = psprintf("SHOW CREATE TABLE %s.%s",
							   maria_quote_identifier(schema),
							   maria_quote_identifier(table));
	MariaResult *result;
	char	   *text = NULL;

	if (maria_try_command(conn, sql) != 0)
		return NULL;
	result = maria_open_fields(conn, sql, 2, MARIA_NONE_NULL);
	while (maria_fetch(result))
		text = maria_field_text(result, 1);
	maria_close(result);
	return text;
}

/* Completes the VECTOR indexes of a table, if it has any. */
void
maria_read_vector_indexes(MariaConn *conn, const char *schema,
						  MariaRemoteTable *table)
{
	const char *create = NULL;
	ListCell   *lc;

	foreach(lc, table->indexes)
	{
		MariaRemoteIndex *index = lfirst(lc);

		if (create == NULL && strcmp(index->method, "VECTOR") == 0)
			create = show_create(conn, schema, table->name);
	}
	while (create && *create)
	{
		const char *end = maria_shown_line_end(create);

		CHECK_FOR_INTERRUPTS();
		if (strncmp(create, INDEX_LINE, strlen(INDEX_LINE)) == 0)
			read_line(table, pnstrdup(create, end - create));
		create = *end ? end + 1 : end;
	}
}
