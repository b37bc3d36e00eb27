/*
 * How is it noted what was decided, or is not carried over?
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "schema/ddl/ddl.h"

/* Notes a finding; it comes with the statements of its step. */
void
maria_ddl_note(DdlPlan *plan, int step, const char *object,
			   const char *format,...)
{
	MariaTargetNote *note = palloc0(sizeof(MariaTargetNote));
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
	note->step = step;
	note->object = pstrdup(object);
	note->note = text.data;
	plan->target->notes = lappend(plan->target->notes, note);
}

/* Names a part of a table, as a column or an index. */
char *
maria_ddl_object(const char *table, const char *part)
{
	return psprintf("%s.%s", table, part);
}
