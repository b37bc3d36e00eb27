/*
 * How is a finding made?
 */
#include "postgres.h"

#include "schema/finding.h"

/* Makes a finding; rows below 0 are not known.  Keeps the texts. */
MariaFinding *
maria_finding(const char *severity, const char *object, const char *finding,
			  const char *advice, int64 rows)
{
	MariaFinding *result = palloc(sizeof(MariaFinding));

	result->severity = severity;
	result->object = object;
	result->finding = finding;
	result->advice = advice;
	result->rows = rows;
	return result;
}
