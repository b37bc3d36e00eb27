/*
 * How does MariaDB write a row that is stored in PostgreSQL?
 *
 * An independent check: canonical.c makes the server compute the hash of a
 * row's text, and here the same text is made from the stored values.  The
 * decoders are not used, because their errors are to be found.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/tupdesc.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/inet.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"
#include "utils/uuid.h"
#include "utils/varbit.h"

#include "verify/digest/row_hash.h"

#define FULL_DIGITS 6			/* of a second: microseconds */

/* Appends MariaDB's text of a value; format is a MariaFormat. */
typedef void (*ValueWriter) (StringInfo buf, Datum value, int format);

typedef struct RowHash
{
	MemoryContext context;		/* of all of it */
	Oid			type;			/* of the record that this is for */
	int32		typmod;
	TupleDesc	desc;
	MariaHashKind hash;
	ArrayType  *given;			/* the array that formats points into */
	int		   *formats;
	ValueWriter *writers;
	Datum	   *values;
	bool	   *isnull;
	StringInfoData row;
	StringInfoData value;
} RowHash;

PG_FUNCTION_INFO_V1(mariadb_row_hash);

static void
write_bool(StringInfo buf, Datum value, int format)
{
	appendStringInfoChar(buf, DatumGetBool(value) ? '1' : '0');
}

static void
write_int2(StringInfo buf, Datum value, int format)
{
	appendStringInfo(buf, "%d", DatumGetInt16(value));
}

static void
write_int4(StringInfo buf, Datum value, int format)
{
	appendStringInfo(buf, "%d", DatumGetInt32(value));
}

static void
write_int8(StringInfo buf, Datum value, int format)
{
	appendStringInfo(buf, INT64_FORMAT, DatumGetInt64(value));
}

static void
write_numeric(StringInfo buf, Datum value, int format)
{
	appendStringInfoString(buf,
						   DatumGetCString(DirectFunctionCall1(numeric_out,
															   value)));
}

/* Appends text in UTF-8, whatever the database's encoding. */
static void
append_text(StringInfo buf, const char *text, int len)
{
	char	   *utf8 = pg_server_to_any(text, len, PG_UTF8);

	appendBinaryStringInfo(buf, utf8, utf8 == text ? len : (int) strlen(utf8));
}

static void
write_text(StringInfo buf, Datum value, int format)
{
	text	   *t = DatumGetTextPP(value);

	append_text(buf, VARDATA_ANY(t), VARSIZE_ANY_EXHDR(t));
}

/* MariaDB strips the blanks that pad a CHAR. */
static void
write_bpchar(StringInfo buf, Datum value, int format)
{
	BpChar	   *t = DatumGetBpCharPP(value);
	int			len = VARSIZE_ANY_EXHDR(t);

	while (len > 0 && VARDATA_ANY(t)[len - 1] == ' ')
		len--;
	append_text(buf, VARDATA_ANY(t), len);
}

static void
write_label(StringInfo buf, Datum value, int format)
{
	HeapTuple	tuple = SearchSysCache1(ENUMOID, value);
	const char *label;

	if (!HeapTupleIsValid(tuple))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_BINARY_REPRESENTATION),
				 errmsg("invalid internal value for enum: %u",
						DatumGetObjectId(value))));
	label = NameStr(((Form_pg_enum) GETSTRUCT(tuple))->enumlabel);
	append_text(buf, label, strlen(label));
	ReleaseSysCache(tuple);
}

/* A SET as an array: how many members, and their names. */
static void
write_members(StringInfo buf, Datum value, int format)
{
	ArrayType  *array = DatumGetArrayTypeP(value);
	Datum	   *members;
	bool	   *nulls;
	int			count;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &members,
					  &nulls, &count);
	appendStringInfo(buf, "%d ", count);
	for (int i = 0; i < count; i++)
	{
		if (i > 0)
			appendStringInfoChar(buf, ',');
		if (nulls[i])
			appendStringInfoChar(buf, '\0');	/* cannot occur in MariaDB's
												 * text */
		else
			write_text(buf, members[i], format);
	}
}

static void
write_bytes(StringInfo buf, Datum value, int format)
{
	bytea	   *bytes = DatumGetByteaPP(value);

	appendBinaryStringInfo(buf, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
}

static void
write_uuid(StringInfo buf, Datum value, int format)
{
	appendBinaryStringInfo(buf, (char *) DatumGetUUIDP(value)->data, UUID_LEN);
}

/* A host; MariaDB has no networks. */
static void
write_inet(StringInfo buf, Datum value, int format)
{
	inet	   *address = DatumGetInetPP(value);

	appendBinaryStringInfo(buf, (char *) ip_addr(address),
						   ip_addrsize(address));
	if (ip_bits(address) != ip_maxbits(address))
		appendStringInfo(buf, "/%d", ip_bits(address));
}

/* Bits as a number, without the zeros before it. */
static void
write_bits(StringInfo buf, Datum value, int format)
{
	VarBit	   *bits = DatumGetVarBitP(value);
	int			len = VARBITLEN(bits);
	int			i = 0;
	const bits8 *data = VARBITS(bits);

#define BIT_AT(i) (data[(i) / 8] >> (7 - (i) % 8) & 1)
	while (i < len - 1 && !BIT_AT(i))
		i++;
	if (len == 0)
		appendStringInfoChar(buf, '0');
	for (; i < len; i++)
		appendStringInfoChar(buf, BIT_AT(i) ? '1' : '0');
}

static void
append_date(StringInfo buf, int32 days)
{
	int			year;
	int			month;
	int			day;

	j2date(days + POSTGRES_EPOCH_JDATE, &year, &month, &day);
	appendStringInfo(buf, "%04d-%02d-%02d", year, month, day);
}

/*
 * Appends a time of day or a span.  What does not fit the column's digits is
 * written in full: it cannot be MariaDB's.
 */
static void
append_clock(StringInfo buf, uint64 time, int digits)
{
	int			fraction = (int) (time % USECS_PER_SEC);
	uint64		seconds = time / USECS_PER_SEC;
	char		text[FULL_DIGITS + 1];

	appendStringInfo(buf, "%02u:%02d:%02d",
					 (uint32) (seconds / SECS_PER_HOUR),
					 (int) (seconds / SECS_PER_MINUTE % MINS_PER_HOUR),
					 (int) (seconds % SECS_PER_MINUTE));
	snprintf(text, sizeof(text), "%06d", fraction);
	for (int i = Max(digits, 0); i < FULL_DIGITS; i++)
		if (text[i] != '0')
			digits = FULL_DIGITS;
	if (digits > 0)
		appendStringInfo(buf, ".%.*s", digits, text);
}

static void
write_date(StringInfo buf, Datum value, int format)
{
	DateADT		date = DatumGetDateADT(value);

	if (DATE_NOT_FINITE(date))
		appendStringInfoString(buf, "infinity");
	else
		append_date(buf, date);
}

static void
write_timestamp(StringInfo buf, Datum value, int format)
{
	Timestamp	timestamp = DatumGetTimestamp(value);
	int64		days = timestamp / USECS_PER_DAY;
	int64		time = timestamp % USECS_PER_DAY;

	if (TIMESTAMP_NOT_FINITE(timestamp))
	{
		appendStringInfoString(buf, "infinity");
		return;
	}
	if (time < 0)
	{
		time += USECS_PER_DAY;
		days--;
	}
	append_date(buf, (int32) days);
	appendStringInfoChar(buf, ' ');
	append_clock(buf, time, format);
}

static void
write_time(StringInfo buf, Datum value, int format)
{
	append_clock(buf, DatumGetTimeADT(value), format);
}

static void
write_interval(StringInfo buf, Datum value, int format)
{
	Interval   *span = DatumGetIntervalP(value);

	if (span->month != 0 || span->day != 0)
		appendStringInfo(buf, "%d months %d days ", span->month, span->day);
	if (span->time < 0)
		appendStringInfoChar(buf, '-');
	append_clock(buf, span->time < 0 ? 0 - (uint64) span->time
				 : (uint64) span->time, format);
}

static const struct
{
	Oid			type;
	ValueWriter write;
}			writers[] = {
	{BOOLOID, write_bool},
	{INT2OID, write_int2},
	{INT4OID, write_int4},
	{INT8OID, write_int8},
	{NUMERICOID, write_numeric},
	{TEXTOID, write_text},
	{VARCHAROID, write_text},
	{BPCHAROID, write_bpchar},
	{ANYENUMOID, write_label},
	{TEXTARRAYOID, write_members},
	{BYTEAOID, write_bytes},
	{UUIDOID, write_uuid},
	{INETOID, write_inet},
	{BITOID, write_bits},
	{VARBITOID, write_bits},
	{DATEOID, write_date},
	{TIMESTAMPOID, write_timestamp},
	{TIMESTAMPTZOID, write_timestamp},
	{TIMEOID, write_time},
	{INTERVALOID, write_interval},
};

/* Returns a type as the tables name it: a domain's base, one OID for enums. */
Oid
maria_plain_type(Oid type)
{
	Oid			base = getBaseType(type);

	return type_is_enum(base) ? ANYENUMOID : base;
}

static ValueWriter
find_writer(TupleDesc desc, int column)
{
	Oid			type = TupleDescAttr(desc, column)->atttypid;
	Oid			plain;

	if (TupleDescAttr(desc, column)->attisdropped)
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("row_hash cannot read a row type with dropped columns")));
	plain = maria_plain_type(type);
	for (size_t i = 0; i < lengthof(writers); i++)
		if (writers[i].type == plain)
			return writers[i].write;
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("row_hash does not support type %s", format_type_be(type))));
}

/* Reads the array of formats, one for each column. */
static int *
read_formats(ArrayType *array, int ncolumns)
{
	int		   *formats = (int *) ARR_DATA_PTR(array);
	int			count = ArrayGetNItems(ARR_NDIM(array), ARR_DIMS(array));

	if (ARR_NDIM(array) > 1 || ARR_HASNULL(array) || count != ncolumns)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("row_hash needs a format for each of the %d columns",
						ncolumns)));
	for (int i = 0; i < count; i++)
		if (formats[i] < MARIA_FORMAT_HASH || formats[i] > FULL_DIGITS)
			ereport(ERROR,
					(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
					 errmsg("row_hash does not support format %d", formats[i]),
					 errdetail("Valid formats are from %d to %d.",
							   MARIA_FORMAT_HASH, FULL_DIGITS)));
	return formats;
}

/* Is the cached state of a former call valid for this one? */
static bool
is_prepared(const RowHash *row_hash, const ArrayType *formats, Oid type,
			int32 typmod)
{
	return row_hash && row_hash->type == type && row_hash->typmod == typmod &&
		VARSIZE(row_hash->given) == VARSIZE(formats) &&
		memcmp(row_hash->given, formats, VARSIZE(formats)) == 0;
}

/* Prepares for records of one type, in the memory of the query. */
static RowHash *
prepare(FmgrInfo *flinfo, ArrayType *formats, Oid type, int32 typmod)
{
	RowHash    *last = flinfo->fn_extra;
	MemoryContext context = AllocSetContextCreate(flinfo->fn_mcxt,
												  "mariadb_fdw row hash",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	RowHash    *row_hash = palloc0(sizeof(RowHash));
	TupleDesc	desc = lookup_rowtype_tupdesc_copy(type, typmod);

	flinfo->fn_extra = NULL;
	if (last)
		MemoryContextDelete(last->context);
	row_hash->context = context;
	row_hash->type = type;
	row_hash->typmod = typmod;
	row_hash->desc = desc;
	row_hash->given = memcpy(palloc(VARSIZE(formats)), formats,
							 VARSIZE(formats));
	row_hash->formats = read_formats(row_hash->given, desc->natts);
	row_hash->writers = palloc(sizeof(ValueWriter) * (desc->natts + 1));
	for (int i = 0; i < desc->natts; i++)
		row_hash->writers[i] = find_writer(desc, i);
	row_hash->values = palloc(sizeof(Datum) * (desc->natts + 1));
	row_hash->isnull = palloc(sizeof(bool) * (desc->natts + 1));
	initStringInfo(&row_hash->row);
	initStringInfo(&row_hash->value);
	MemoryContextSwitchTo(old);
	flinfo->fn_extra = row_hash;
	return row_hash;
}

/* Appends a value with an unambiguous framing. */
static void
append_value(RowHash *row_hash, int i)
{
	StringInfo	row = &row_hash->row;
	StringInfo	value = &row_hash->value;
	int			format = row_hash->formats[i];
	uint8		hash[MARIA_MAX_HASH_BYTES];

	if (row_hash->isnull[i])
	{
		appendStringInfoString(row, format == MARIA_FORMAT_LENGTH ? "~:" : "~,");
		return;
	}
	resetStringInfo(value);
	row_hash->writers[i] (value, row_hash->values[i], format);
	if (format == MARIA_FORMAT_LENGTH)
		appendStringInfo(row, "%d:", value->len);
	if (format != MARIA_FORMAT_HASH)
		appendBinaryStringInfo(row, value->data, value->len);
	else
	{
		maria_hash(row_hash->hash, value->data, value->len, hash);
		for (int n = 0; n < maria_hash_bytes(row_hash->hash); n++)
			appendStringInfo(row, "%02x", hash[n]);
	}
	if (format != MARIA_FORMAT_LENGTH)
		appendStringInfoChar(row, ',');
}

static MariaHashKind
requested_hash(FunctionCallInfo fcinfo)
{
	MariaHashKind kind = MARIA_SHA1;
	char	   *name = text_to_cstring(PG_GETARG_TEXT_PP(2));

	if (!maria_find_hash(name, &kind))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("row_hash does not support hash \"%s\"", name)));
	return kind;
}

/*
 * The hash of a record's text, cut to 128 bits, as the source computes it for
 * the same values.
 */
Datum
mariadb_row_hash(PG_FUNCTION_ARGS)
{
	ArrayType  *formats = PG_GETARG_ARRAYTYPE_P(0);
	HeapTupleHeader record = PG_GETARG_HEAPTUPLEHEADER(1);
	RowHash    *row_hash = fcinfo->flinfo->fn_extra;
	Oid			type = HeapTupleHeaderGetTypeId(record);
	int32		typmod = HeapTupleHeaderGetTypMod(record);
	pg_uuid_t  *result = palloc(sizeof(pg_uuid_t));
	HeapTupleData tuple = {0};
	uint8		hash[MARIA_MAX_HASH_BYTES];

	if (!is_prepared(row_hash, formats, type, typmod))
		row_hash = prepare(fcinfo->flinfo, formats, type, typmod);
	row_hash->hash = requested_hash(fcinfo);
	tuple.t_len = HeapTupleHeaderGetDatumLength(record);
	tuple.t_data = record;
	heap_deform_tuple(&tuple, row_hash->desc, row_hash->values, row_hash->isnull);
	resetStringInfo(&row_hash->row);
	for (int i = 0; i < row_hash->desc->natts; i++)
		append_value(row_hash, i);
	maria_hash(row_hash->hash, row_hash->row.data, row_hash->row.len, hash);
	memcpy(result->data, hash, UUID_LEN);
	PG_RETURN_UUID_P(result);
}
