/*
 * How is a local table read into a digest?
 *
 * By aggregates, so that PostgreSQL plans the read, with parallel workers
 * whose sums are added.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/typcache.h"
#include "utils/uuid.h"

#include "session/session.h"
#include "values/digest.h"

/* State of the incoming records. */
typedef struct RecordDigest
{
	MemoryContext context;		/* of all of it */
	Oid			type;
	int32		typmod;
	TupleDesc	desc;
	int			ncolumns;
	bool		is_named;		/* for good, by an argument */
	MariaDigestColumn *columns;
	Datum	   *values;
	bool	   *isnull;
} RecordDigest;

PG_FUNCTION_INFO_V1(mariadb_digest_record);
PG_FUNCTION_INFO_V1(mariadb_record_hash);
PG_FUNCTION_INFO_V1(mariadb_digest_hash);
PG_FUNCTION_INFO_V1(mariadb_digest_combine);
PG_FUNCTION_INFO_V1(mariadb_digest_serialize);
PG_FUNCTION_INFO_V1(mariadb_digest_deserialize);
PG_FUNCTION_INFO_V1(mariadb_digest_text);

/* Returns the state of the aggregation, new at its first row. */
static MariaDigest *
digest_state(FunctionCallInfo fcinfo)
{
	MemoryContext context;

	if (!AggCheckCallContext(fcinfo, &context))
		ereport(ERROR,
				(errcode(ERRCODE_WRONG_OBJECT_TYPE),
				 errmsg("aggregate function called in non-aggregate context")));
	if (PG_ARGISNULL(0))
		return MemoryContextAllocZero(context, sizeof(MariaDigest));
	return (MariaDigest *) PG_GETARG_POINTER(0);
}

/* Prepares for records of one type, in the memory of the query. */
static RecordDigest *
prepare(FmgrInfo *flinfo, Oid type, int32 typmod)
{
	RecordDigest *last = flinfo->fn_extra;
	MemoryContext context = AllocSetContextCreate(flinfo->fn_mcxt,
												  "mariadb_fdw record",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	RecordDigest *record = palloc0(sizeof(RecordDigest));
	TupleDesc	desc = lookup_rowtype_tupdesc_copy(type, typmod);

	flinfo->fn_extra = NULL;
	if (last)
		MemoryContextDelete(last->context);
	record->context = context;
	record->type = type;
	record->typmod = typmod;
	record->desc = desc;
	record->columns = palloc(sizeof(MariaDigestColumn) * (desc->natts + 1));
	record->values = palloc(sizeof(Datum) * (desc->natts + 1));
	record->isnull = palloc(sizeof(bool) * (desc->natts + 1));
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!att->attisdropped)
			maria_digest_column(&record->columns[record->ncolumns++], att, i);
	}
	MemoryContextSwitchTo(old);
	flinfo->fn_extra = record;
	return record;
}

/* Adds a record; as with count(), a NULL is none. */
Datum
mariadb_digest_record(PG_FUNCTION_ARGS)
{
	MariaDigest *digest = digest_state(fcinfo);
	RecordDigest *record = fcinfo->flinfo->fn_extra;
	HeapTupleHeader header;
	HeapTupleData tuple = {0};
	Oid			type;
	int32		typmod;

	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(digest);
	header = PG_GETARG_HEAPTUPLEHEADER(1);
	type = HeapTupleHeaderGetTypeId(header);
	typmod = HeapTupleHeaderGetTypMod(header);
	if (record == NULL || record->type != type || record->typmod != typmod)
		record = prepare(fcinfo->flinfo, type, typmod);
	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	tuple.t_data = header;
	heap_deform_tuple(&tuple, record->desc, record->values, record->isnull);
	maria_digest_row(digest, record->columns, record->ncolumns,
					 record->values, record->isnull);
	PG_RETURN_POINTER(digest);
}

static void
write_word(unsigned char *bytes, uint64 word)
{
	for (int i = 7; i >= 0; i--, word >>= 8)
		bytes[i] = (unsigned char) word;
}

/* Names the columns of a record by an array. */
static void
name_columns(RecordDigest *record, ArrayType *array)
{
	Datum	   *names;
	bool	   *nulls;
	int			count;
	int			column = 0;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &names, &nulls,
					  &count);
	if (count != record->ncolumns)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a row of %d columns cannot have %d names",
						record->ncolumns, count)));
	for (int i = 0; i < record->desc->natts; i++)
	{
		FormData_pg_attribute att = *TupleDescAttr(record->desc, i);

		if (att.attisdropped)
			continue;
		if (nulls[column])
			maria_report_null_in_list("names");
		namestrcpy(&att.attname, TextDatumGetCString(names[column]));
		maria_digest_column(&record->columns[column++], &att, i);
	}
}

static RecordDigest *
prepare_named(FunctionCallInfo fcinfo, HeapTupleHeader header)
{
	RecordDigest *record = fcinfo->flinfo->fn_extra;
	Oid			type = HeapTupleHeaderGetTypeId(header);
	int32		typmod = HeapTupleHeaderGetTypMod(header);

	if (record && record->is_named && record->type == type &&
		record->typmod == typmod)
		return record;
	record = prepare(fcinfo->flinfo, type, typmod);
	name_columns(record, PG_GETARG_ARRAYTYPE_P(0));
	record->is_named = get_fn_expr_arg_stable(fcinfo->flinfo, 0);
	return record;
}

/* Hashes a record as digest does, with names of columns from outside. */
Datum
mariadb_record_hash(PG_FUNCTION_ARGS)
{
	HeapTupleHeader header = PG_GETARG_HEAPTUPLEHEADER(1);
	RecordDigest *record = prepare_named(fcinfo, header);
	pg_uuid_t  *result = palloc(sizeof(pg_uuid_t));
	HeapTupleData tuple = {0};
	uint64		hash[2];

	tuple.t_len = HeapTupleHeaderGetDatumLength(header);
	tuple.t_data = header;
	heap_deform_tuple(&tuple, record->desc, record->values, record->isnull);
	maria_hash_row(record->columns, record->ncolumns, record->values,
				   record->isnull, hash);
	write_word(result->data, hash[1]);
	write_word(result->data + 8, hash[0]);
	PG_RETURN_UUID_P(result);
}

static uint64
read_word(const unsigned char *bytes)
{
	uint64		word = 0;

	for (int i = 0; i < 8; i++)
		word = word << 8 | bytes[i];
	return word;
}

/* Adds a hash as a number of 128 bits. */
Datum
mariadb_digest_hash(PG_FUNCTION_ARGS)
{
	MariaDigest *digest = digest_state(fcinfo);
	MariaDigest one = {1};

	if (PG_ARGISNULL(1))
		PG_RETURN_POINTER(digest);
	one.high = read_word(PG_GETARG_UUID_P(1)->data);
	one.low = read_word(PG_GETARG_UUID_P(1)->data + 8);
	maria_digest_add(digest, &one);
	PG_RETURN_POINTER(digest);
}

Datum
mariadb_digest_combine(PG_FUNCTION_ARGS)
{
	MariaDigest *digest = digest_state(fcinfo);

	if (!PG_ARGISNULL(1))
		maria_digest_add(digest, (MariaDigest *) PG_GETARG_POINTER(1));
	PG_RETURN_POINTER(digest);
}

Datum
mariadb_digest_serialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = palloc(VARHDRSZ + sizeof(MariaDigest));

	SET_VARSIZE(bytes, VARHDRSZ + sizeof(MariaDigest));
	memcpy(VARDATA(bytes), PG_GETARG_POINTER(0), sizeof(MariaDigest));
	PG_RETURN_BYTEA_P(bytes);
}

Datum
mariadb_digest_deserialize(PG_FUNCTION_ARGS)
{
	bytea	   *bytes = PG_GETARG_BYTEA_PP(0);
	MariaDigest *digest = palloc(sizeof(MariaDigest));

	if (VARSIZE_ANY_EXHDR(bytes) != sizeof(MariaDigest))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid state of a digest")));
	memcpy(digest, VARDATA_ANY(bytes), sizeof(MariaDigest));
	PG_RETURN_POINTER(digest);
}

/* Without rows the digest is zero. */
Datum
mariadb_digest_text(PG_FUNCTION_ARGS)
{
	MariaDigest none = {0};

	PG_RETURN_TEXT_P(cstring_to_text(maria_digest_text(PG_ARGISNULL(0)
													   ? &none
													   : (MariaDigest *) PG_GETARG_POINTER(0))));
}
