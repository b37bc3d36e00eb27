/*
 * How does an SQL function return rows and values?
 *
 * Rows all in one tuplestore, which spills to disk when it is large.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "nodes/execnodes.h"
#include "utils/builtins.h"

#include "session/srf.h"
#include "values/values.h"

/*
 * Prepares a materialized result set; raises an error if the caller does not
 * accept one.
 */
Tuplestorestate *
maria_srf_begin(FunctionCallInfo fcinfo, TupleDesc *desc)
{
	ReturnSetInfo *info = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext old;
	bool		random_access;

	if (info == NULL || !IsA(info, ReturnSetInfo) ||
		!(info->allowedModes & SFRM_Materialize))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("set-valued function called in context that cannot accept a set")));

	old = MemoryContextSwitchTo(info->econtext->ecxt_per_query_memory);
	if (info->expectedDesc)
		*desc = CreateTupleDescCopy(info->expectedDesc);
	else if (get_call_result_type(fcinfo, NULL, desc) != TYPEFUNC_COMPOSITE)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("function returning record called in context that cannot accept type record")));
	random_access = (info->allowedModes & SFRM_Materialize_Random) != 0;
	info->returnMode = SFRM_Materialize;
	info->setResult = tuplestore_begin_heap(random_access, false, work_mem);
	info->setDesc = *desc;
	MemoryContextSwitchTo(old);
	return info->setResult;
}

static void
check_field_count(MariaResult *result, TupleDesc desc)
{
	if (result->nfields == desc->natts)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_DATATYPE_MISMATCH),
			 errmsg("the remote result has %d columns, but %d are expected",
					result->nfields, desc->natts)));
}

/*
 * Reads a result to its end into the function's rows, by position.  Policies
 * decide what happens to values that do not fit.
 */
Datum
maria_srf_return_by(FunctionCallInfo fcinfo, MariaResult *result,
					MariaOptions *opts)
{
	TupleDesc	desc;
	Tuplestorestate *rows = maria_srf_begin(fcinfo, &desc);
	MariaReader reader;
	MariaOptions **all_opts = palloc(sizeof(MariaOptions *) * (desc->natts + 1));
	List	   *attnums = NIL;
	Datum	   *values = palloc0(sizeof(Datum) * (desc->natts + 1));
	bool	   *isnull = palloc0(sizeof(bool) * (desc->natts + 1));
	MemoryContext row_context;

	check_field_count(result, desc);
	for (int i = 0; i < desc->natts; i++)
	{
		attnums = lappend_int(attnums, i + 1);
		all_opts[i] = opts;
	}
	maria_reader_init(&reader, result, "remote result", desc, attnums,
					  all_opts);
	row_context = AllocSetContextCreate(CurrentMemoryContext,
										"mariadb_fdw row",
										ALLOCSET_DEFAULT_SIZES);
	while (maria_fetch(result))
	{
		MemoryContext old = MemoryContextSwitchTo(row_context);

		CHECK_FOR_INTERRUPTS();
		maria_reader_row(&reader, values, isnull);
		tuplestore_putvalues(rows, desc, values, isnull);
		MemoryContextSwitchTo(old);
		MemoryContextReset(row_context);
	}
	maria_close(result);
	MemoryContextDelete(row_context);
	return (Datum) 0;
}

/* The same, but a value that does not fit is an error. */
Datum
maria_srf_return(FunctionCallInfo fcinfo, MariaResult *result)
{
	MariaOptions opts = {0};

	return maria_srf_return_by(fcinfo, result, &opts);
}

/* Returns a list of strings as text[]. */
ArrayType *
maria_text_array(List *strings)
{
	Datum	   *datums = palloc(sizeof(Datum) * (list_length(strings) + 1));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, strings)
		datums[n++] = CStringGetTextDatum(lfirst(lc));
	return construct_array(datums, n, TEXTOID, -1, false, TYPALIGN_INT);
}

Datum
maria_text_or_null(const char *text, bool *isnull)
{
	*isnull = text == NULL;
	return text ? CStringGetTextDatum(text) : (Datum) 0;
}

/* Returns the number of a line, NULL for 0. */
Datum
maria_line_or_null(int line, bool *isnull)
{
	*isnull = line == 0;
	return Int32GetDatum(line);
}
