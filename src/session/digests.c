/* How are digests of a table's parts added, and how are they returned? */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"

#include "session/srf.h"

PG_FUNCTION_INFO_V1(mariadb_add_digests);

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
