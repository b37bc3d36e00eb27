/*
 * Which sequences of MariaDB can be created here, and with which numbers?
 *
 * A sequence AS BIGINT UNSIGNED may have numbers beyond bigint, PostgreSQL's
 * widest type.  They are limited to its range, which is noted.
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "schema/ddl/ddl.h"

/* The numbers of a sequence, limited to the range of bigint. */
typedef struct Numbers
{
	int64		minimum;
	int64		maximum;
	int64		start;
	int64		increment;
	int64		cache;
	int64		next;
	bool		is_whole;		/* the range is within bigint */
} Numbers;

MariaTargetObject
maria_sequence_object(const MariaRemoteSequence *sequence)
{
	MariaTargetObject object = {
		.name = sequence->name,.is_wanted = &sequence->is_wanted
	};

	return object;
}

/* Parses an integer; false if it was limited to the range of bigint. */
static bool
read_number(const char *text, int64 *number)
{
	errno = 0;
	*number = strtoll(text, NULL, 10);
	return errno == 0;
}

/* Limits a number of a sequence to bigint, and notes it. */
static void
limit_number(DdlPlan *plan, const MariaRemoteSequence *sequence,
			 const char *what, char **text, int64 number)
{
	char	   *cut = psprintf(INT64_FORMAT, number);

	if (strcmp(*text, cut) == 0)
		return;
	maria_ddl_note(plan, STEP_SEQUENCE, NOTE_CHANGED,
				   maria_sequence_object(sequence),
				   "%s of %s becomes %s, to fit bigint", what, *text,
				   cut);
	*text = cut;
}

static int64
within(int64 number, const Numbers *numbers)
{
	return Min(Max(number, numbers->minimum), numbers->maximum);
}

/*
 * Limits the range and the start to bigint.  A limited sequence must not cycle:
 * it would return numbers that MariaDB returns much later, or never.
 */
static void
limit_range(DdlPlan *plan, MariaRemoteSequence *sequence, const Numbers *numbers)
{
	limit_number(plan, sequence, "minimum", &sequence->minimum,
				 numbers->minimum);
	limit_number(plan, sequence, "maximum", &sequence->maximum,
				 numbers->maximum);
	limit_number(plan, sequence, "start", &sequence->start,
				 within(numbers->start, numbers));
	if (!sequence->cycles || numbers->is_whole)
		return;
	maria_ddl_note(plan, STEP_SEQUENCE, NOTE_CHANGED,
				   maria_sequence_object(sequence),
				   "becomes NO CYCLE, because its range is cut to that of bigint");
	sequence->cycles = false;
}

/*
 * Restarts a sequence that is beyond its maximum in MariaDB too: its next
 * number is within bigint.
 */
static void
restart_cycle(MariaRemoteSequence *sequence, const Numbers *numbers)
{
	int64		next;

	if (sequence->cycles && numbers->increment >= 0 &&
		!read_number(sequence->next, &next) && next > 0 &&
		strtoull(sequence->next, NULL, 10) > strtoull(sequence->maximum, NULL, 10))
		sequence->next = sequence->minimum;
}

/* Finds whether a sequence is exhausted; else limits its next number. */
static void
limit_position(DdlPlan *plan, MariaRemoteSequence *sequence, Numbers *numbers)
{
	bool		fits = read_number(sequence->next, &numbers->next);
	bool		is_up = numbers->increment > 0;

	sequence->is_used_up = is_up
		? numbers->next > numbers->maximum || (!fits && numbers->next > 0)
		: numbers->next < numbers->minimum || (!fits && numbers->next < 0);
	if (!sequence->is_used_up)
		limit_number(plan, sequence, "next value", &sequence->next,
					 within(numbers->next, numbers));
	else if (!fits)
		maria_ddl_note(plan, STEP_SEQUENCE, NOTE_CHANGED,
					   maria_sequence_object(sequence),
					   "next value %s is beyond bigint: the sequence is exhausted",
					   sequence->next);
}

/*
 * Limits a sequence's numbers to what PostgreSQL accepts; false if none of
 * them is within bigint.
 */
bool
maria_fit_sequence(DdlPlan *plan, MariaRemoteSequence *sequence)
{
	Numbers		numbers;

	numbers.is_whole = read_number(sequence->minimum, &numbers.minimum);
	numbers.is_whole &= read_number(sequence->maximum, &numbers.maximum);
	(void) read_number(sequence->start, &numbers.start);
	(void) read_number(sequence->increment, &numbers.increment);
	(void) read_number(sequence->cache, &numbers.cache);
	if (numbers.minimum >= numbers.maximum)
	{
		maria_ddl_note(plan, STEP_SEQUENCE, NOTE_SKIPPED,
					   maria_sequence_object(sequence),
					   "sequence not created: its range is beyond that of bigint");
		return false;
	}
	restart_cycle(sequence, &numbers);
	limit_range(plan, sequence, &numbers);
	if (numbers.increment == 0)
	{
		maria_ddl_note(plan, STEP_SEQUENCE, NOTE_CHANGED,
					   maria_sequence_object(sequence),
					   "increment of 0 (auto_increment_increment) becomes 1");
		numbers.increment = 1;
	}
	sequence->increment = psprintf(INT64_FORMAT, numbers.increment);
	sequence->cache = psprintf(INT64_FORMAT, Max(numbers.cache, 1));
	limit_position(plan, sequence, &numbers);
	return true;
}
