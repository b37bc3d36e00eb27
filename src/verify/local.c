/*
 * What is the digest of a local table, or the sum of digests of its parts?
 */
#include "postgres.h"

#include "access/table.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "fmgr.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#include "verify/verify.h"

/* Rows that are read at once. */
#define BATCH_ROWS 1000

PG_FUNCTION_INFO_V1(mariadb_table_digest);
PG_FUNCTION_INFO_V1(mariadb_add_digests);

typedef struct LocalRows
{
	int			ncolumns;
	MariaDigestColumn *columns;
	MemoryContext context;		/* of a row's values */
	MariaDigest digest;
} LocalRows;

static char *
select_columns(Oid relid, Datum *names, int n)
{
	StringInfoData sql;

	initStringInfo(&sql);
	for (int i = 0; i < n; i++)
		appendStringInfo(&sql, "%s%s", i ? ", " : "SELECT ",
						 quote_identifier(TextDatumGetCString(names[i])));
	appendStringInfo(&sql, "%s FROM %s", n ? "" : "SELECT NULL",
					 quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
												get_rel_name(relid)));
	return sql.data;
}

static void
describe_columns(LocalRows *rows, TupleDesc desc, int n)
{
	rows->ncolumns = n;
	rows->columns = palloc(sizeof(MariaDigestColumn) * (n + 1));
	for (int i = 0; i < n; i++)
		maria_digest_column(&rows->columns[i], TupleDescAttr(desc, i), i);
}

static void
digest_rows(LocalRows *rows)
{
	TupleDesc	desc = SPI_tuptable->tupdesc;
	MemoryContext old = MemoryContextSwitchTo(rows->context);
	Datum	   *values = palloc(sizeof(Datum) * desc->natts);
	bool	   *isnull = palloc(sizeof(bool) * desc->natts);

	for (uint64 i = 0; i < SPI_processed; i++)
	{
		heap_deform_tuple(SPI_tuptable->vals[i], desc, values, isnull);
		maria_digest_row(&rows->digest, rows->columns, rows->ncolumns, values,
						 isnull);
	}
	MemoryContextSwitchTo(old);
	MemoryContextReset(rows->context);
}

/* Reads a table with the caller's rights. */
static void
read_rows(LocalRows *rows, const char *sql, int n)
{
	Portal		portal;

	SPI_connect();
	portal = SPI_cursor_open_with_args(NULL, sql, 0, NULL, NULL, NULL, true, 0);
	describe_columns(rows, portal->tupDesc, n);
	do
	{
		CHECK_FOR_INTERRUPTS();
		SPI_cursor_fetch(portal, true, BATCH_ROWS);
		digest_rows(rows);
		SPI_freetuptable(SPI_tuptable);
	} while (SPI_processed > 0);
	SPI_cursor_close(portal);
	SPI_finish();
}

/* Returns (rows, digest). */
Datum
maria_digest_result(FunctionCallInfo fcinfo, int64 rows,
					const MariaDigest *digest)
{
	TupleDesc	desc;
	Datum		values[2];
	bool		nulls[2] = {false, false};

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");	/* cannot happen */
	values[0] = Int64GetDatum(rows);
	values[1] = CStringGetTextDatum(maria_digest_text(digest));
	PG_RETURN_DATUM(HeapTupleGetDatum(heap_form_tuple(desc, values, nulls)));
}

/* Returns (rows, digest) of some columns of a table. */
Datum
mariadb_table_digest(PG_FUNCTION_ARGS)
{
	LocalRows	rows = {0};
	Datum	   *names;
	int			n;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(1), TEXTOID, -1, false,
					  TYPALIGN_INT, &names, NULL, &n);
	rows.context = AllocSetContextCreate(CurrentMemoryContext,
										 "mariadb_fdw digest",
										 ALLOCSET_DEFAULT_SIZES);
	read_rows(&rows, select_columns(PG_GETARG_OID(0), names, n), n);
	return maria_digest_result(fcinfo, rows.digest.rows, &rows.digest);
}

/* Returns the digest of all rows of which these are digests of parts. */
Datum
mariadb_add_digests(PG_FUNCTION_ARGS)
{
	MariaDigest sum = {0};
	Datum	   *texts;
	int			n;

	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, -1, false,
					  TYPALIGN_INT, &texts, NULL, &n);
	for (int i = 0; i < n; i++)
	{
		MariaDigest part = {0};

		if (!maria_digest_parse(TextDatumGetCString(texts[i]), &part))
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("\"%s\" is not a digest",
							TextDatumGetCString(texts[i]))));
		maria_digest_add(&sum, &part);
	}
	PG_RETURN_TEXT_P(cstring_to_text(maria_digest_text(&sum)));
}
