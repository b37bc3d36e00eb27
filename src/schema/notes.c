/*
 * What was decided about a column beyond the plain mapping of its type?
 *
 * Each decision is a NOTICE, and stays with the column so that an import can
 * keep it as an option.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "schema/notes.h"

/* Notes a decision and tells it, unless the column is quiet. */
void
maria_note(MariaRemoteColumn *column, const char *format,...)
{
	StringInfoData text;
	int			needed = 1;

	initStringInfo(&text);
	while (needed > 0)
	{
		va_list		args;

		va_start(args, format);
		needed = appendStringInfoVA(&text, format, args);
		va_end(args);
		if (needed > 0)
			enlargeStringInfo(&text, needed);
	}
	column->notes = lappend(column->notes, text.data);
	if (column->is_quiet)
		return;
	ereport(NOTICE,
			(errmsg("column \"%s\" of table \"%s\": %s",
					column->name, column->table, text.data)));
}

/* Returns notes as one text, or NULL if there are none. */
char *
maria_join_notes(const List *notes)
{
	StringInfoData text;
	ListCell   *lc;

	if (notes == NIL)
		return NULL;
	initStringInfo(&text);
	foreach(lc, notes)
	{
		appendStringInfo(&text, "%s%s", text.len ? "; " : "",
						 (char *) lfirst(lc));
	}
	return text.data;
}
