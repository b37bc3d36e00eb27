/*
 * What is an error about, and how does work continue after one?
 *
 * All code that catches errors, in C and in SQL, uses this classification, so
 * that an error that rejects a row and one that ends a verification are not
 * confused.
 */
#include "postgres.h"

#include "access/xact.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

#include "session/attempt.h"

PG_FUNCTION_INFO_V1(mariadb_error_subject);

typedef struct ErrorRule
{
	int			code;			/* of an error, or of a class of them */
	MariaErrorSubject subject;
} ErrorRule;

static const ErrorRule error_rules[] = {
	{ERRCODE_DATA_EXCEPTION, MARIA_ABOUT_VALUE},
	{ERRCODE_INTEGRITY_CONSTRAINT_VIOLATION, MARIA_ABOUT_VALUE},
	{ERRCODE_STATEMENT_TOO_COMPLEX, MARIA_ABOUT_OTHER}, /* stack depth */
	{ERRCODE_PROGRAM_LIMIT_EXCEEDED, MARIA_ABOUT_VALUE},
	{ERRCODE_FEATURE_NOT_SUPPORTED, MARIA_ABOUT_TABLE},
	{ERRCODE_FDW_INVALID_DATA_TYPE, MARIA_ABOUT_TABLE},
	{ERRCODE_DATATYPE_MISMATCH, MARIA_ABOUT_TABLE},
	{ERRCODE_UNDEFINED_FUNCTION, MARIA_ABOUT_TABLE},
	{ERRCODE_TRANSACTION_ROLLBACK, MARIA_ABOUT_SERVER},
	{ERRCODE_INSUFFICIENT_RESOURCES, MARIA_ABOUT_SERVER},
	{ERRCODE_OPERATOR_INTERVENTION, MARIA_ABOUT_SERVER},
	{ERRCODE_SYSTEM_ERROR, MARIA_ABOUT_SERVER},
	{ERRCODE_LOCK_NOT_AVAILABLE, MARIA_ABOUT_SERVER},
	{ERRCODE_INVALID_SCHEMA_NAME, MARIA_ABOUT_SERVER},
};

static const char *const subjects[] = {
	[MARIA_ABOUT_VALUE] = "value",
	[MARIA_ABOUT_TABLE] = "table",
	[MARIA_ABOUT_OTHER] = "other",
	[MARIA_ABOUT_SERVER] = "server",
};

/* Returns the subject of an error with an SQLSTATE. */
static MariaErrorSubject
error_subject(int code)
{
	for (size_t i = 0; i < lengthof(error_rules); i++)
	{
		const ErrorRule *rule = &error_rules[i];

		if (rule->code == code ||
			(ERRCODE_IS_CATEGORY(rule->code) &&
			 rule->code == ERRCODE_TO_CATEGORY(code)))
			return rule->subject;
	}
	return MARIA_ABOUT_OTHER;
}

/* Does the same for PL/pgSQL functions, where an SQLSTATE is text. */
Datum
mariadb_error_subject(PG_FUNCTION_ARGS)
{
	const char *state = text_to_cstring(PG_GETARG_TEXT_PP(0));
	int			code;

	if (strlen(state) != 5)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid SQLSTATE: \"%s\"", state)));
	code = MAKE_SQLSTATE(state[0], state[1], state[2], state[3], state[4]);
	PG_RETURN_TEXT_P(cstring_to_text(subjects[error_subject(code)]));
}

/*
 * Runs a step, in a subtransaction if its writes must be rolled back when it
 * fails.  Returns NULL, or an error whose subject is at most the given one;
 * rethrows any other.
 */
ErrorData *
maria_try(MariaStep step, void *arg, MariaTryMode mode,
		  MariaErrorSubject most)
{
	MemoryContext context = CurrentMemoryContext;
	ResourceOwner owner = CurrentResourceOwner;
	ErrorData  *volatile error = NULL;

	if (mode != MARIA_TRY_PURE)
		BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(context);

	/* PG_TRY, because nothing else can catch an error and continue. */
	PG_TRY();
	{
		step(arg);
		if (mode == MARIA_TRY_KEEP)
			ReleaseCurrentSubTransaction();
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
	}
	PG_END_TRY();
	if (mode == MARIA_TRY_UNDO || (error && mode == MARIA_TRY_KEEP))
		RollbackAndReleaseCurrentSubTransaction();
	MemoryContextSwitchTo(context);
	CurrentResourceOwner = owner;
	if (error && error_subject(error->sqlerrcode) > most)
		ReThrowError(error);
	return error;
}
