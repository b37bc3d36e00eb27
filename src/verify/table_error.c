/*
 * What becomes of an error that is about one table of many?
 *
 * It becomes a row of the outcome, and the other tables have their turn.
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
 * Does something with a table, whose writes are undone if it fails.  Returns
 * NULL, or an error that is about this table only.
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
 * Returns where in the table an error is: its context without what has called
 * us, which the warning has of itself.
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
 * Warns of a table that an error is about, with the place and the advice.  The
 * place is a detail, as clients do not show the context of a warning.
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
