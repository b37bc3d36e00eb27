/*
 * The SQL functions that read the text of an application: schema.prisma and
 * its SQL.  What they say is decided in convert.c, prisma_review.c
 * and review/review.c.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "fmgr.h"
#include "utils/builtins.h"

#include "review/review.h"
#include "schema/schema.h"
#include "session/session.h"
#include "values/values.h"

PG_FUNCTION_INFO_V1(mariadb_prisma_schema);
PG_FUNCTION_INFO_V1(mariadb_prisma_review);
PG_FUNCTION_INFO_V1(mariadb_review_sql);

static void
raise_syntax_error(const MariaPrisma *prisma)
{
	if (prisma->error == NULL)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_SYNTAX_ERROR),
			 errmsg("could not parse the text of schema.prisma: %s",
					prisma->error),
			 errdetail("The error is in line %d.", prisma->line)));
}

/* Returns the text that a function is given, if it is not too long. */
static char *
text_argument(FunctionCallInfo fcinfo)
{
	maria_require_arguments(fcinfo, 0);
	if (toast_raw_datum_size(PG_GETARG_DATUM(0)) - VARHDRSZ > MARIA_MAX_TEXT)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("text is longer than %d MB",
						MARIA_MAX_TEXT / 1024 / 1024)));
	return text_to_cstring(PG_GETARG_TEXT_PP(0));
}

static MariaPrisma *
parse(FunctionCallInfo fcinfo)
{
	MariaPrisma *prisma;

	prisma = maria_parse_prisma(text_argument(fcinfo));
	raise_syntax_error(prisma);
	return prisma;
}

Datum
mariadb_prisma_schema(PG_FUNCTION_ARGS)
{
	MariaPrisma *prisma = parse(fcinfo);

	maria_prisma_to_postgres(prisma);
	if (prisma->error)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("cannot convert the schema: %s", prisma->error)));
	PG_RETURN_TEXT_P(cstring_to_text(maria_write_prisma(prisma)));
}

static Datum
text_or_null(const char *text, bool *isnull)
{
	*isnull = text == NULL;
	return text ? CStringGetTextDatum(text) : (Datum) 0;
}

static Datum
line_or_null(int line, bool *isnull)
{
	*isnull = line == 0;
	return Int32GetDatum(line);
}

Datum
mariadb_prisma_review(PG_FUNCTION_ARGS)
{
	MariaPrisma *prisma = parse(fcinfo);
	TupleDesc	desc;
	Tuplestorestate *rows = maria_srf_begin(fcinfo, &desc);
	ListCell   *lc;

	foreach(lc, maria_review_prisma(prisma))
	{
		MariaPrismaFinding *row = lfirst(lc);
		Datum		values[5];
		bool		isnull[5];

		values[0] = text_or_null(row->severity, &isnull[0]);
		values[1] = text_or_null(row->object, &isnull[1]);
		values[2] = text_or_null(row->finding, &isnull[2]);
		values[3] = text_or_null(row->advice, &isnull[3]);
		values[4] = line_or_null(row->line, &isnull[4]);
		tuplestore_putvalues(rows, desc, values, isnull);
	}
	return (Datum) 0;
}

Datum
mariadb_review_sql(PG_FUNCTION_ARGS)
{
	char	   *sql = text_argument(fcinfo);
	TupleDesc	desc;
	Tuplestorestate *rows = maria_srf_begin(fcinfo, &desc);
	ListCell   *lc;

	foreach(lc, maria_review_sql(sql))
	{
		MariaSqlFinding *row = lfirst(lc);
		Datum		values[4];
		bool		isnull[4];

		values[0] = line_or_null(row->line, &isnull[0]);
		values[1] = text_or_null(row->found, &isnull[1]);
		values[2] = text_or_null(row->finding, &isnull[2]);
		values[3] = text_or_null(row->spelling, &isnull[3]);
		tuplestore_putvalues(rows, desc, values, isnull);
	}
	return (Datum) 0;
}
