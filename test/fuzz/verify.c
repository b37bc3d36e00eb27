/*
 * Fuzzes comparison: row_hash and the expressions for MariaDB that match it,
 * and digests as text.
 */
#include "fuzz.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "values/digest.h"
#include "verify/digest/row_hash.h"

extern Datum mariadb_row_hash(PG_FUNCTION_ARGS);

#define MAX_COLUMNS 4

static const Oid types[] = {
	BOOLOID, INT2OID, INT4OID, INT8OID, NUMERICOID, TEXTOID, VARCHAROID,
	BPCHAROID, BYTEAOID, BITOID, VARBITOID, DATEOID, TIMEOID, TIMESTAMPOID,
	TIMESTAMPTZOID, INTERVALOID, UUIDOID, INETOID, TEXTARRAYOID, FLOAT8OID
};

static int64
fuzz_int64(FuzzInput *input)
{
	uint64		high = fuzz_number(input, 4);

	return (int64) (high << 32 | fuzz_number(input, 4));
}

static Datum
from_text(Oid type, FuzzInput *input)
{
	Oid			function;
	Oid			ioparam;
	char	   *text = fuzz_line(input);

	getTypeInputInfo(type, &function, &ioparam);
	return OidInputFunctionCall(function, text ? text : "", ioparam, -1);
}

static Datum
make_interval_value(FuzzInput *input)
{
	Interval   *span = palloc0(sizeof(Interval));

	span->time = fuzz_int64(input);
	span->day = (int32) fuzz_number(input, 4);
	span->month = (int32) fuzz_number(input, 4);
	return IntervalPGetDatum(span);
}

/* Reads a value that a column of the type may hold; true if it is NULL. */
static bool
read_value(Oid type, FuzzInput *input, Datum *value)
{
	switch (type)
	{
		case BOOLOID:
			*value = BoolGetDatum(fuzz_byte(input) & 1);
			return false;
		case INT2OID:
			*value = Int16GetDatum((int16) fuzz_number(input, 2));
			return false;
		case INT4OID:
			*value = Int32GetDatum((int32) fuzz_number(input, 4));
			return false;
		case INT8OID:
			*value = Int64GetDatum(fuzz_int64(input));
			return false;
		case DATEOID:
			*value = DateADTGetDatum((int32) fuzz_number(input, 4));
			return !IS_VALID_DATE(DatumGetDateADT(*value)) &&
				!DATE_NOT_FINITE(DatumGetDateADT(*value));
		case TIMEOID:
			*value = TimeADTGetDatum(fuzz_int64(input));
			return DatumGetTimeADT(*value) < 0 ||
				DatumGetTimeADT(*value) > USECS_PER_DAY;
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			*value = TimestampGetDatum(fuzz_int64(input));
			return !IS_VALID_TIMESTAMP(DatumGetTimestamp(*value)) &&
				!TIMESTAMP_NOT_FINITE(DatumGetTimestamp(*value));
		case INTERVALOID:
			*value = make_interval_value(input);
			return false;
		default:
			*value = from_text(type, input);
			return false;
	}
}

/* Creates formats as a user may write them: any number, and NULLs. */
static ArrayType *
make_formats(FuzzInput *input)
{
	int			count = fuzz_byte(input) % (MAX_COLUMNS + 1);
	Datum		values[MAX_COLUMNS];
	bool		nulls[MAX_COLUMNS];
	int			lower = 1;

	for (int i = 0; i < count; i++)
	{
		uint8		choice = fuzz_byte(input);

		nulls[i] = choice == 255;
		values[i] = Int32GetDatum(choice == 254 ? (int32) fuzz_number(input, 4)
								  : choice % 9 - 2);
	}
	return construct_md_array(values, nulls, count > 0 ? 1 : 0, &count, &lower,
							  INT4OID, 4, true, TYPALIGN_INT);
}

static Datum
make_record(FuzzInput *input)
{
	int			natts = fuzz_byte(input) % MAX_COLUMNS + 1;
	TupleDesc	desc = CreateTemplateTupleDesc(natts);
	Datum		values[MAX_COLUMNS];
	bool		isnull[MAX_COLUMNS];

	for (int i = 0; i < natts; i++)
	{
		Oid			type = types[fuzz_byte(input) % lengthof(types)];

		TupleDescInitEntry(desc, i + 1, "c", type, -1, 0);
		isnull[i] = read_value(type, input, &values[i]);
	}
	desc = BlessTupleDesc(desc);
	return HeapTupleGetDatum(heap_form_tuple(desc, values, isnull));
}

static void
fuzz_row_hash(const uint8 *data, size_t size)
{
	FuzzInput	input = {data, data + size};
	ArrayType  *formats = make_formats(&input);
	Datum		record = make_record(&input);
	FmgrInfo	flinfo = {.fn_addr = mariadb_row_hash,.fn_nargs = 3,
	.fn_strict = true,.fn_mcxt = CurrentMemoryContext};
	const char *hash = size % 2 == 0 ? "sha1" : "sha256";

	FunctionCall3(&flinfo, PointerGetDatum(formats), record,
				  CStringGetTextDatum(hash));
}

/* Reads lines: data type, column type, collation; then bytes for numbers. */
static void
fuzz_canonical(const uint8 *data, size_t size)
{
	FuzzInput	input = {data, data + size};
	MariaRemoteColumn column = {.table = "t",.name = "c`'\"",.is_readable = true};
	MariaOptions *opts = palloc0(sizeof(MariaOptions));
	TupleDesc	desc = CreateTemplateTupleDesc(1);
	int			format;
	char	   *sql;

	column.data_type = fuzz_line(&input);
	column.column_type = fuzz_line(&input);
	column.collation = fuzz_line(&input);
	if (!column.data_type || !column.column_type || !column.collation)
		return;
	column.precision = (int8) fuzz_byte(&input);
	column.scale = (int8) fuzz_byte(&input);
	column.datetime_precision = (int8) fuzz_byte(&input);
	column.char_length = (int32) fuzz_number(&input, 4);
	column.is_json = fuzz_byte(&input) & 1;
	TupleDescInitEntry(desc, 1, "c", types[fuzz_byte(&input) % lengthof(types)],
					   -1, 0);
	opts->zero_dates = fuzz_byte(&input) & 1 ? POLICY_NULL : POLICY_ERROR;
	if (maria_canonical_column(&column, TupleDescAttr(desc, 0), opts, MARIA_SHA1, &format,
							   &sql) &&
		format < MARIA_FORMAT_HASH)
		fuzz_wrong("format %d", format);
}

/* Checks that the output of a valid digest can be parsed again. */
static void
fuzz_digest(const uint8 *data, size_t size)
{
	char	   *text = fuzz_text(data, size);
	MariaDigest digest;
	MariaDigest again;

	if (text == NULL || !maria_digest_parse(text, &digest))
		return;
	if (!maria_digest_parse(maria_digest_text(&digest), &again) ||
		again.low != digest.low || again.high != digest.high)
		fuzz_wrong("digest %s becomes %s", text, maria_digest_text(&digest));
}

const FuzzTarget fuzz_verify_targets[] = {
	{"row_hash", fuzz_row_hash},
	{"canonical", fuzz_canonical},
	{"digest", fuzz_digest},
	{NULL}
};
