/*
 * What happens to an error about one table of several?
 *
 * It becomes a row of the result, and the other tables are still processed.
 */
#include "postgres.h"

#include "session/attempt.h"
#include "verify/pair.h"

/* What is done with a table. */
typedef struct PairStep
{
	MariaConn  *conn;
	MariaTablePair *pair;
	MariaTakePair take;
	void	   *arg;
} PairStep;

static void
take_pair(void *arg)
{
	PairStep   *step = arg;

	step->take(step->conn, step->pair, step->arg);
}

/*
 * Processes a table in a subtransaction, which is rolled back if it fails.
 * Returns NULL, or an error that is only about this table.
 */
ErrorData *
maria_try_pair(MariaConn *conn, MariaTablePair *pair, MariaTakePair take,
			   void *arg)
{
	PairStep	step = {conn, pair, take, arg};
	ErrorData  *error = maria_try(take_pair, &step, MARIA_TRY_KEEP,
								  MARIA_ABOUT_TABLE);

	if (error)
		maria_give_up_rows(conn);
	return error;
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
