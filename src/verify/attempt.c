/*
 * What becomes of an error that is about one table of many?
 *
 * It becomes a row of the outcome, and the other tables have their turn.
 */
#include "postgres.h"

#include "access/xact.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "verify/verify.h"

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
 * Does something with a table, whose writes are undone if it fails.  Returns
 * NULL, or the message of an error that is about this table only.
 */
char *
maria_try_pair(MariaConn *conn, MariaTablePair *pair, MariaTakePair take,
			   void *arg)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	char	   *volatile message = NULL;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);

	/* There is no other way to hear of an error and go on. */
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
		message = psprintf("error: %s", error->message);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	return message;
}
