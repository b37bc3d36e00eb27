/*
 * How does libFuzzer run inside a PostgreSQL backend?
 *
 * test/lab/sanitizer links libFuzzer into the server.  A single-user backend
 * calls fuzz_run, and libFuzzer calls one target of this module again and
 * again, each time in a subtransaction and a memory context of its own.  So
 * the parsers and decoders are those of the module that users load, and
 * memory, errors and catalogs are PostgreSQL's own, not imitations.
 *
 * A finding is what AddressSanitizer, UndefinedBehaviorSanitizer or an
 * assertion stops, an internal error, a wrong result detected by the target,
 * and what takes too long or too much memory.  Any other error is a valid
 * result.
 */
#include "fuzz.h"

#include <signal.h>

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

PG_MODULE_MAGIC;
PG_FUNCTION_INFO_V1(fuzz_run);

/* libFuzzer's interface; it has no header of its own. */
extern int	LLVMFuzzerRunDriver(int *argc, char ***argv,
								int (*run) (const uint8 *data, size_t size));

static const FuzzTarget *target;
static MemoryContext input_context;

static const FuzzTarget *const all_targets[] = {
	fuzz_text_targets,
	fuzz_schema_targets,
	fuzz_value_targets,
	fuzz_verify_targets,
	fuzz_server_targets,
	fuzz_repeat_targets,
};

/* Returns the target with a name. */
const FuzzTarget *
fuzz_target(const char *name)
{
	for (size_t i = 0; i < lengthof(all_targets); i++)
		for (const FuzzTarget *row = all_targets[i]; row->name; row++)
			if (strcmp(row->name, name) == 0)
				return row;
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("fuzz target \"%s\" does not exist", name)));
}

/* Stops the fuzzer, which saves the input. */
void
fuzz_fail(const char *format,...)
{
	va_list		args;

	fprintf(stderr, "fuzz target %s: ", target->name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

/*
 * Stops the fuzzer for a wrong result that corrupts no memory; with
 * FUZZ_LENIENT set it continues, to find memory errors.
 */
void
fuzz_wrong(const char *format,...)
{
	va_list		args;
	char		text[1000];

	if (getenv("FUZZ_LENIENT"))
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fuzz_fail("%s", text);
}

/*
 * Returns an input as a text that PostgreSQL would accept, or NULL: texts from
 * SQL and from MariaDB are valid in the database's encoding.
 */
char *
fuzz_text(const uint8 *data, size_t size)
{
	if (!pg_verify_mbstr(PG_UTF8, (const char *) data, size, true))
		return NULL;
	return pnstrdup((const char *) data, size);
}

/* Returns the next byte of an input, 0 after its end. */
uint8
fuzz_byte(FuzzInput *input)
{
	return input->at < input->end ? *input->at++ : 0;
}

uint32
fuzz_number(FuzzInput *input, int width)
{
	uint32		number = 0;

	while (width-- > 0)
		number = number << 8 | fuzz_byte(input);
	return number;
}

/* Returns the next line of an input, NULL if it is not valid text. */
char *
fuzz_line(FuzzInput *input)
{
	const uint8 *start = input->at;

	while (input->at < input->end && *input->at != '\n')
		input->at++;
	if (input->at < input->end)
		return fuzz_text(start, input->at++ - start);
	return fuzz_text(start, input->at - start);
}

/* Checks an error: internal errors must not happen. */
static void
judge_error(void)
{
	ErrorData  *error;

	MemoryContextSwitchTo(input_context);
	error = CopyErrorData();
	FlushErrorState();
	if (error->sqlerrcode == ERRCODE_INTERNAL_ERROR)
		fuzz_fail("internal error: %s", error->message);
}

/* Runs the target on one input; catches every error. */
static int
run_input(const uint8 *data, size_t size)
{
	MemoryContext old_context = CurrentMemoryContext;
	ResourceOwner old_owner = CurrentResourceOwner;

	BeginInternalSubTransaction(NULL);
	MemoryContextSwitchTo(input_context);
	PG_TRY();
	{
		target->run(data, size);
	}
	PG_CATCH();
	{
		judge_error();
	}
	PG_END_TRY();
	RollbackAndReleaseCurrentSubTransaction();
	MemoryContextSwitchTo(old_context);
	CurrentResourceOwner = old_owner;
	MemoryContextReset(input_context);
	return 0;
}

/* Converts an array of text to the arguments of a C program. */
static char **
program_arguments(ArrayType *array, int *argc)
{
	Datum	   *items;
	int			nitems;
	char	  **argv;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &items, NULL,
					  &nitems);
	argv = palloc0(sizeof(char *) * (nitems + 1));
	for (int i = 0; i < nitems; i++)
		argv[i] = TextDatumGetCString(items[i]);
	*argc = nitems;
	return argv;
}

/*
 * Runs libFuzzer as fuzz_run(target text, args text[]).  Does not return:
 * libFuzzer ends the process.  The first argument is the program that it may
 * restart.
 */
Datum
fuzz_run(PG_FUNCTION_ARGS)
{
	int			argc;
	char	  **argv = program_arguments(PG_GETARG_ARRAYTYPE_P(1), &argc);

	target = fuzz_target(text_to_cstring(PG_GETARG_TEXT_PP(0)));
	input_context = AllocSetContextCreate(TopMemoryContext, "fuzz input",
										  ALLOCSET_DEFAULT_SIZES);
	/* libFuzzer does not replace existing signal handlers */
	pqsignal(SIGALRM, SIG_DFL);
	pqsignal(SIGINT, SIG_DFL);
	pqsignal(SIGTERM, SIG_DFL);
	/* some versions do not check the stack of a single-user backend */
	(void) set_stack_base();
	if (target->prepare)
		target->prepare();
	PG_RETURN_INT32(LLVMFuzzerRunDriver(&argc, &argv, run_input));
}
