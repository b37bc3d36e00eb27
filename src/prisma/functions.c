/*
 * The SQL functions that read schema.prisma.  The work is done in convert.c
 * and review.c.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "prisma/convert.h"
#include "session/session.h"
#include "session/srf.h"

PG_FUNCTION_INFO_V1(mariadb_prisma_schema);
PG_FUNCTION_INFO_V1(mariadb_prisma_review);

/* Parses the text of schema.prisma, or raises an error. */
MariaPrisma *
maria_read_prisma(const char *text)
{
	MariaPrisma *prisma = maria_parse_prisma(text);

	if (prisma->error)
		ereport(ERROR,
				(errcode(ERRCODE_SYNTAX_ERROR),
				 errmsg("could not parse the text of schema.prisma: %s",
						prisma->error),
				 errdetail("The error is in line %d.", prisma->line)));
	return prisma;
}

/* Turns a schema into that for PostgreSQL, or raises an error. */
void
maria_convert_prisma(MariaPrisma *prisma)
{
	maria_prisma_to_postgres(prisma);
	if (prisma->error)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot convert the schema: %s", prisma->error)));
}

Datum
mariadb_prisma_schema(PG_FUNCTION_ARGS)
{
	MariaPrisma *prisma = maria_read_prisma(maria_text_argument(fcinfo));

	maria_convert_prisma(prisma);
	PG_RETURN_TEXT_P(cstring_to_text(maria_write_prisma(prisma)));
}

Datum
mariadb_prisma_review(PG_FUNCTION_ARGS)
{
	MariaPrisma *prisma = maria_read_prisma(maria_text_argument(fcinfo));
	TupleDesc	desc;
	Tuplestorestate *rows = maria_srf_begin(fcinfo, &desc);
	ListCell   *lc;

	foreach(lc, maria_review_prisma(prisma))
	{
		MariaPrismaFinding *row = lfirst(lc);
		Datum		values[5];
		bool		isnull[5];

		values[0] = maria_text_or_null(row->severity, &isnull[0]);
		values[1] = maria_text_or_null(row->object, &isnull[1]);
		values[2] = maria_text_or_null(row->finding, &isnull[2]);
		values[3] = maria_text_or_null(row->advice, &isnull[3]);
		values[4] = maria_line_or_null(row->line, &isnull[4]);
		tuplestore_putvalues(rows, desc, values, isnull);
	}
	return (Datum) 0;
}
