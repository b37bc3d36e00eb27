/* What kinds of notes are there about the conversion of a schema? */
#ifndef MARIADB_FDW_SCHEMA_NOTES_H
#define MARIADB_FDW_SCHEMA_NOTES_H

#include "mariadb_fdw.h"

#include "catalog/remote.h"

/* Each is a row of notes.c, with its name and its severity in preflight. */
typedef enum MariaNoteKind
{
	NOTE_CHANGED,				/* the local object differs or behaves
								 * differently */
	NOTE_RENAMED,
	NOTE_EXISTS,
	NOTE_UNCHECKED,				/* PostgreSQL does not reject what MariaDB
								 * rejects */
	NOTE_COLLATION,				/* the same, for texts that are equal in
								 * MariaDB */
	NOTE_LIMIT,					/* longer values are an error in PostgreSQL */
	NOTE_PREFIX,				/* the same, for an index that had a prefix */
	NOTE_NO_PRIMARY,			/* a primary key becomes a unique index */
	NOTE_SEARCH,				/* the application has to search differently */
	NOTE_PRISMA,				/* schema.prisma and MariaDB differ */
	NOTE_SKIPPED,
	NOTE_ROUTINE,				/* skipped: a trigger, procedure, function */
	NOTE_EVENT,
	NOTE_VIEW,
	NOTE_HISTORY,				/* of a system-versioned table */
	NOTE_MIGRATIONS,			/* Prisma's table of them */
	NOTE_IMPLIED				/* an index that only MariaDB needs */
} MariaNoteKind;

typedef struct MariaNoteRule
{
	const char *name;
	const char *severity;		/* of the finding; NULL = not a finding */
	const char *advice;
} MariaNoteRule;

typedef struct MariaNote
{
	MariaNoteKind kind;
	char	   *text;
} MariaNote;

extern const MariaNoteRule *maria_note_rule(MariaNoteKind kind);
extern char *maria_format(const char *format, va_list args)
			pg_attribute_printf(1, 0);
extern MariaNote *maria_make_note(MariaNoteKind kind, char *text);
extern void maria_note(MariaRemoteColumn *column, MariaNoteKind kind,
					   const char *format,...) pg_attribute_printf(3, 4);
extern char *maria_join_notes(const List *notes);

#endif							/* MARIADB_FDW_SCHEMA_NOTES_H */
