/*
 * What happens to an error about one table of several?
 *
 * It becomes a row of the result, and the other tables are still processed.
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "verify/pair.h"

/* Is an error about a value, a type or a size, and so about this table only? */
static bool
is_about_table(const ErrorData *error)
{
	switch (ERRCODE_TO_CATEGORY(error->sqlerrcode))
	{
		case ERRCODE_DATA_EXCEPTION:
		case ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION:
		case ERRCODE_PROGRAM_LIMIT_EXCEEDED:
		case ERRCODE_FEATURE_NOT_SUPPORTED:
			return true;
		default:
			return error->sqlerrcode == ERRCODE_FDW_INVALID_DATA_TYPE ||
				error->sqlerrcode == ERRCODE_DATATYPE_MISMATCH ||
				error->sqlerrcode == ERRCODE_UNDEFINED_FUNCTION;
	}
}

/*
 * Processes a table in a subtransaction, which is rolled back if it fails.
 * Returns NULL, or an error that is only about this table.
 */
ErrorData *
maria_try_pair(MariaConn *conn, MariaTablePair *pair, MariaTakePair take,
			   void *arg)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile failure = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);

	/* PG_TRY is the only way to catch an error and continue. */
	PG_TRY();
	{
		take(conn, pair, arg);
		ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		RollbackAndReleaseCurrentSubTransaction();
		if (!is_about_table(error))
			ReThrowError(error);
		maria_give_up_rows(conn);
		failure = error;
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return failure;
}

/* Returns the status of a table that an error is about. */
char *
maria_error_status(const ErrorData *error)
{
	return psprintf("error: %s", error->message);
}

/*
 * Returns the location of an error in the table: its context without our
 * callers, which the warning adds itself.
 */
static char *
place_of(const ErrorData *error)
{
	char	   *callers = GetErrorContextStack();
	size_t		len = error->context ? strlen(error->context) : 0;
	size_t		tail = callers ? strlen(callers) : 0;

	if (tail > 0 && tail <= len &&
		strcmp(error->context + len - tail, callers) == 0)
		len -= tail;
	while (len > 0 && error->context[len - 1] == '\n')
		len--;
	return len ? pnstrdup(error->context, len) : NULL;
}

/*
 * Warns about a failed table, with location and hint.  The location is a
 * detail, because clients do not show the context of a warning.
 */
void
maria_warn_of_table(const MariaTablePair *pair, const ErrorData *error)
{
	char	   *place = place_of(error);
	const char *detail = error->detail ? error->detail : place;

	if (error->detail && place)
		detail = psprintf("%s\n%s", error->detail, place);
	ereport(WARNING,
			(errcode(error->sqlerrcode),
			 errmsg("table \"%s\": %s", pair->remote->name, error->message),
			 detail ? errdetail("%s", detail) : 0,
			 error->hint ? errhint("%s", error->hint) : 0));
}
