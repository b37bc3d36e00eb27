/*
 * The SQL function that reads SQL of an application.  The work is done in
 * review.c.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "review/review.h"
#include "session/session.h"
#include "session/srf.h"

PG_FUNCTION_INFO_V1(mariadb_review_sql);

Datum
mariadb_review_sql(PG_FUNCTION_ARGS)
{
	char	   *sql = maria_text_argument(fcinfo);
	TupleDesc	desc;
	Tuplestorestate *rows = maria_srf_begin(fcinfo, &desc);
	ListCell   *lc;

	foreach(lc, maria_review_sql(sql))
	{
		MariaSqlFinding *row = lfirst(lc);
		Datum		values[4];
		bool		isnull[4];

		values[0] = maria_line_or_null(row->line, &isnull[0]);
		values[1] = maria_text_or_null(row->found, &isnull[1]);
		values[2] = maria_text_or_null(row->finding, &isnull[2]);
		values[3] = maria_text_or_null(row->spelling, &isnull[3]);
		tuplestore_putvalues(rows, desc, values, isnull);
	}
	return (Datum) 0;
}
