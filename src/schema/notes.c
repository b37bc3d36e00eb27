/*
 * What was decided about a column beyond the mapping of its type, and what
 * does a note mean for the migration?
 *
 * Each decision is a NOTICE, and stays with the column so that an import can
 * keep it as an option.  Texts are for users: programs read the kind.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "schema/notes.h"
#include "wire/wire.h"

#define BY_HAND "create it manually if you need it"
#define APPLICATION "check whether the application depends on this"

static const MariaNoteRule note_rules[] = {
	[NOTE_CHANGED] = {"changed", "info", APPLICATION},
	[NOTE_RENAMED] = {"renamed", "info", APPLICATION},
	[NOTE_EXISTS] = {"exists", "info", APPLICATION},
	[NOTE_UNCHECKED] = {"unchecked", "info", APPLICATION},
	[NOTE_COLLATION] = {"unchecked", "warning",
	"store such texts in one spelling, or add a unique index on lower(expression)"},
	[NOTE_LIMIT] = {"limit", "info", APPLICATION},
	[NOTE_PREFIX] = {"limit", "warning",
	"index a digest of the column instead, if rows can be longer"},
	[NOTE_NO_PRIMARY] = {"changed", "warning",
	"add another primary key if something requires one"},
	[NOTE_SEARCH] = {"changed", "info", "use @@ in the application's queries"},
	[NOTE_PRISMA] = {"schema.prisma", "warning",
	"apply the pending Prisma migrations to MariaDB, or correct schema.prisma"},
	[NOTE_SKIPPED] = {"skipped", "warning", BY_HAND},
	[NOTE_ROUTINE] = {"skipped", "warning", "rewrite it in PL/pgSQL"},
	[NOTE_EVENT] = {"skipped", "warning", "use cron or pg_cron"},
	[NOTE_VIEW] = {"skipped", "warning", "translate its SELECT manually"},
	[NOTE_HISTORY] = {"skipped", "warning",
	"read its history with FOR SYSTEM_TIME ALL through mariadb.query"},
	[NOTE_MIGRATIONS] = {"not needed", "info", "call it after the migration"},
	[NOTE_IMPLIED] = {"not needed", NULL, NULL},
};

StaticAssertDecl(lengthof(note_rules) == NOTE_IMPLIED + 1,
				 "each kind of note must have a rule");

const MariaNoteRule *
maria_note_rule(MariaNoteKind kind)
{
	Assert(kind >= 0 && kind < (int) lengthof(note_rules));
	Assert(note_rules[kind].name != NULL);
	return &note_rules[kind];
}

/* Formats a text of any length. */
char *
maria_format(const char *format, va_list args)
{
	StringInfoData text;
	int			needed = 1;

	initStringInfo(&text);
	while (needed > 0)
	{
		va_list		copy;

		va_copy(copy, args);
		needed = appendStringInfoVA(&text, format, copy);
		va_end(copy);
		if (needed > 0)
			enlargeStringInfo(&text, needed);
	}
	return text.data;
}

/* Creates a note, which refers to the text without a copy. */
MariaNote *
maria_make_note(MariaNoteKind kind, char *text)
{
	MariaNote  *note = palloc(sizeof(MariaNote));

	note->kind = kind;
	note->text = text;
	return note;
}

/*
 * Notes a decision and raises it as a NOTICE, unless the column is quiet.  The
 * format names MariaDB; the note names the product of the server.
 */
void
maria_note(MariaRemoteColumn *column, MariaNoteKind kind,
		   const char *format,...)
{
	va_list		args;
	char	   *text;

	format = maria_name_product(column->is_mysql, format);
	va_start(args, format);
	text = maria_format(format, args);
	va_end(args);
	column->notes = lappend(column->notes, maria_make_note(kind, text));
	if (column->is_quiet)
		return;
	ereport(NOTICE,
			(errmsg("column \"%s\" of table \"%s\": %s",
					column->name, column->table, text)));
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
						 ((MariaNote *) lfirst(lc))->text);
	}
	return text.data;
}
