/*
 * Work that may fail.
 */
#ifndef MARIADB_FDW_SESSION_ATTEMPT_H
#define MARIADB_FDW_SESSION_ATTEMPT_H

#include "mariadb_fdw.h"

/* What an error is about; each is more than those before it. */
typedef enum MariaErrorSubject
{
	MARIA_ABOUT_NOTHING,
	MARIA_ABOUT_VALUE,			/* of one row */
	MARIA_ABOUT_TABLE,			/* a type or a size */
	MARIA_ABOUT_OTHER,
	MARIA_ABOUT_SERVER			/* and so about everything */
} MariaErrorSubject;

typedef enum MariaTryMode
{
	MARIA_TRY_PURE,				/* writes nothing: without subtransaction */
	MARIA_TRY_KEEP,				/* what it has done is undone if it fails */
	MARIA_TRY_UNDO				/* what it has done is undone in any case */
} MariaTryMode;

typedef void (*MariaStep) (void *arg);

extern ErrorData *maria_try(MariaStep step, void *arg, MariaTryMode mode,
							MariaErrorSubject most);

#endif							/* MARIADB_FDW_SESSION_ATTEMPT_H */
