/*
 * Which Datum is a remote value?
 *
 * A column gets its decoder once, from a table keyed by remote and local type;
 * a pair that is not in the table goes as text through the local type's input
 * function.  A decoder holds the value exactly or raises an error: a foreign
 * column never rounds, cuts or shifts what the server has sent.
 */
#include "postgres.h"

#include <math.h>

#include "access/htup_details.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "parser/parse_coerce.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"
#include "utils/varbit.h"

#include "values/values.h"
#include "values/wire_format.h"

/* So much of a value an error message shows, in bytes. */
#define SHOWN_BYTES 100

/* Raises an error about the value in hand; the reader adds where it stands. */
#define value_error(col, data, len, sqlstate, ...) \
	ereport(ERROR, \
			(errcode(sqlstate), \
			 errmsg(__VA_ARGS__), \
			 errdetail("The value is %s.", shown_value(col, data, len))))

/* Returns a value for a message: cut, and safe to print whatever it holds. */
static char *
shown_value(MariaColumn *col, const unsigned char *data, size_t len)
{
	char	   *text;
	int			shown;

	if (col->field->type >= MARIA_TEXT &&
		pg_verify_mbstr(PG_UTF8, (const char *) data, Min(len, SHOWN_BYTES),
						true) == false)
	{
		MariaField	raw = {.type = MARIA_BYTES};

		return maria_value_text(&raw, data, Min(len, SHOWN_BYTES));
	}
	text = maria_value_text(col->field, data, Min(len, 4 * SHOWN_BYTES));
	text = pg_any_to_server(text, strlen(text), PG_UTF8);
	shown = pg_mbcliplen(text, strlen(text), SHOWN_BYTES);
	return psprintf("\"%.*s\"%s", shown, text,
					(size_t) shown < strlen(text) ? "..." : "");
}

static void
report_out_of_range(MariaColumn *col, const unsigned char *data, size_t len)
{
	value_error(col, data, len, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
				"MariaDB %s value is out of range for type %s",
				maria_type_name(col->field), format_type_be(col->type));
}

/*
 * Integers.  The natural pairs need no check; the others go by way of int64.
 */

static Datum
decode_tinyint_int2(MariaColumn *col, const unsigned char *data, size_t len,
					bool *isnull)
{
	return Int16GetDatum(col->field->is_unsigned ? data[0] : (int8) data[0]);
}

static Datum
decode_smallint_int2(MariaColumn *col, const unsigned char *data, size_t len,
					 bool *isnull)
{
	return Int16GetDatum((int16) read_uint16(data));
}

static Datum
decode_int_int4(MariaColumn *col, const unsigned char *data, size_t len,
				bool *isnull)
{
	return Int32GetDatum((int32) read_uint32(data));
}

static Datum
decode_bigint_int8(MariaColumn *col, const unsigned char *data, size_t len,
				   bool *isnull)
{
	return Int64GetDatum((int64) read_uint64(data));
}

/* Returns any integer that fits int64, within the bounds of the local type. */
static int64
read_integer(MariaColumn *col, const unsigned char *data, size_t len,
			 int64 min, int64 max)
{
	int			width = col->field->width;
	int64		value = read_signed(data, width);

	if (col->field->is_unsigned)
	{
		uint64		wide = read_unsigned(data, width);

		if (wide > (uint64) max)
			report_out_of_range(col, data, len);
		return (int64) wide;
	}
	if (value < min || value > max)
		report_out_of_range(col, data, len);
	return value;
}

static Datum
decode_int2(MariaColumn *col, const unsigned char *data, size_t len,
			bool *isnull)
{
	return Int16GetDatum((int16) read_integer(col, data, len,
											  PG_INT16_MIN, PG_INT16_MAX));
}

static Datum
decode_int4(MariaColumn *col, const unsigned char *data, size_t len,
			bool *isnull)
{
	return Int32GetDatum((int32) read_integer(col, data, len,
											  PG_INT32_MIN, PG_INT32_MAX));
}

static Datum
decode_int8(MariaColumn *col, const unsigned char *data, size_t len,
			bool *isnull)
{
	return Int64GetDatum(read_integer(col, data, len,
									  PG_INT64_MIN, PG_INT64_MAX));
}

/* A boolean column that holds anything else is not one: never guess. */
static Datum
decode_bool(MariaColumn *col, const unsigned char *data, size_t len,
			bool *isnull)
{
	return BoolGetDatum(read_integer(col, data, len, 0, 1) == 1);
}

static Datum
decode_year(MariaColumn *col, const unsigned char *data, size_t len,
			bool *isnull)
{
	int			year = read_year(col->field, data);

	return col->type == INT2OID ? Int16GetDatum(year) : Int32GetDatum(year);
}

static Datum
decode_float4(MariaColumn *col, const unsigned char *data, size_t len,
			  bool *isnull)
{
	return Float4GetDatum(read_float(data));
}

static Datum
decode_float_float8(MariaColumn *col, const unsigned char *data, size_t len,
					bool *isnull)
{
	return Float8GetDatum(read_float(data));
}

static Datum
decode_float8(MariaColumn *col, const unsigned char *data, size_t len,
			  bool *isnull)
{
	return Float8GetDatum(read_double(data));
}

/*
 * Numeric.
 */

/* Makes a numeric of text, refusing to round it to the column's scale. */
static Datum
exact_numeric(MariaColumn *col, const unsigned char *data, size_t len,
			  char *text)
{
	Datum		value = DirectFunctionCall3(numeric_in, CStringGetDatum(text),
											ObjectIdGetDatum(InvalidOid),
											Int32GetDatum(col->typmod));
	Datum		exact;

	if (col->typmod < 0 || col->unit >= col->field->decimals)
		return value;
	exact = DirectFunctionCall3(numeric_in, CStringGetDatum(text),
								ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1));
	if (!DatumGetBool(DirectFunctionCall2(numeric_eq, value, exact)))
		value_error(col, data, len, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE,
					"MariaDB %s value has more digits than the scale of type %s",
					maria_type_name(col->field),
					format_type_with_typemod(col->type, col->typmod));
	return value;
}

static Datum
decode_integer_numeric(MariaColumn *col, const unsigned char *data, size_t len,
					   bool *isnull)
{
	return exact_numeric(col, data, len,
						 maria_value_text(col->field, data, len));
}

static Datum
decode_decimal_numeric(MariaColumn *col, const unsigned char *data, size_t len,
					   bool *isnull)
{
	char		text[80];		/* 65 digits, sign, point */
	Datum		value;

	if (maria_numeric_from_text(data, len, col->typmod, &value))
		return value;
	if (len >= sizeof(text))
		report_out_of_range(col, data, len);
	memcpy(text, data, len);
	text[len] = '\0';
	return exact_numeric(col, data, len, text);
}

/*
 * Dates and times.
 */

/* Applies the policy for a date that no calendar has. */
static Datum
invalid_date(MariaColumn *col, const unsigned char *data, size_t len,
			 bool *isnull)
{
	if (col->zero_dates == POLICY_NULL)
	{
		*isnull = true;
		return (Datum) 0;
	}
	if (col->zero_dates == POLICY_INFINITY)
		return col->type == DATEOID ? DateADTGetDatum(DATEVAL_NOBEGIN)
			: TimestampGetDatum(DT_NOBEGIN);
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
			 errmsg("MariaDB %s value is not a valid date",
					maria_type_name(col->field)),
			 errdetail("The value is %s.", shown_value(col, data, len)),
			 errhint("Set option \"zero_dates\" of the server, foreign table or column to \"null\" or \"-infinity\".")));
}

/* Days of a month, February as in leap years; is_valid_date knows the rest. */
static inline bool
is_valid_date(const RemoteTime *when)
{
	return when->year >= 1 && when->month >= 1 && when->month <= 12 &&
		when->day >= 1 &&
		when->day <= day_tab[isleap(when->year)][when->month - 1];
}

static inline int32
days_since_2000(const RemoteTime *when)
{
	return date2j(when->year, when->month, when->day) - POSTGRES_EPOCH_JDATE;
}

static inline int64
microseconds_of_day(const RemoteTime *when)
{
	return ((when->hour * MINS_PER_HOUR + when->minute) * SECS_PER_MINUTE +
			when->second) * USECS_PER_SEC + when->microsecond;
}

static Datum
decode_date(MariaColumn *col, const unsigned char *data, size_t len,
			bool *isnull)
{
	RemoteTime	when = read_datetime(data, len);

	if (unlikely(!is_valid_date(&when)))
		return invalid_date(col, data, len, isnull);
	if (unlikely(microseconds_of_day(&when) != 0))
		value_error(col, data, len, ERRCODE_DATETIME_FIELD_OVERFLOW,
					"MariaDB %s value has a time of day",
					maria_type_name(col->field));
	return DateADTGetDatum(days_since_2000(&when));
}

/* A typmod with fewer digits than the value has would round it. */
static inline void
check_precision(MariaColumn *col, int64 microseconds,
				const unsigned char *data, size_t len)
{
	if (likely(col->unit == 1 || microseconds % col->unit == 0))
		return;
	value_error(col, data, len, ERRCODE_DATETIME_FIELD_OVERFLOW,
				"MariaDB %s value has more fractional digits than type %s",
				maria_type_name(col->field),
				format_type_with_typemod(col->type, col->typmod));
}

/* Both kinds of timestamp: the session's time zone is UTC. */
static Datum
decode_timestamp(MariaColumn *col, const unsigned char *data, size_t len,
				 bool *isnull)
{
	RemoteTime	when = read_datetime(data, len);

	if (unlikely(!is_valid_date(&when)))
		return invalid_date(col, data, len, isnull);
	check_precision(col, when.microsecond, data, len);
	return TimestampGetDatum(days_since_2000(&when) * USECS_PER_DAY +
							 microseconds_of_day(&when));
}

static Datum
decode_time(MariaColumn *col, const unsigned char *data, size_t len,
			bool *isnull)
{
	RemoteTime	when = read_time(data, len);
	int64		value = when.day * USECS_PER_DAY + microseconds_of_day(&when);

	if ((when.negative && value != 0) || value >= USECS_PER_DAY)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
				 errmsg("MariaDB time value is out of range for type %s",
						format_type_be(col->type)),
				 errdetail("The value is %s.", shown_value(col, data, len)),
				 errhint("Declare the column of the foreign table as interval.")));
	check_precision(col, when.microsecond, data, len);
	return TimeADTGetDatum(value);
}

static Datum
decode_interval(MariaColumn *col, const unsigned char *data, size_t len,
				bool *isnull)
{
	RemoteTime	when = read_time(data, len);
	Interval   *value = palloc0(sizeof(Interval));

	value->time = when.day * USECS_PER_DAY + microseconds_of_day(&when);
	if (when.negative)
		value->time = -value->time;
	check_precision(col, when.microsecond, data, len);
	return IntervalPGetDatum(value);
}

/*
 * Text.
 */

/* Returns the value without its NUL bytes. */
static Datum
strip_nul_bytes(const unsigned char *data, size_t len)
{
	struct varlena *result = palloc(len + VARHDRSZ);
	char	   *to = VARDATA(result);

	for (size_t i = 0; i < len; i++)
		if (data[i] != '\0')
			*to++ = data[i];
	SET_VARSIZE(result, to - (char *) result);
	return PointerGetDatum(result);
}

static void
report_nul_byte(MariaColumn *col, const unsigned char *data, size_t len)
{
	ereport(ERROR,
			(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
			 errmsg("MariaDB %s value holds a NUL byte, which PostgreSQL cannot store",
					maria_type_name(col->field)),
			 errdetail("The value is %s.", shown_value(col, data, len)),
			 errhint("Set option \"nul_bytes\" of the server, foreign table or column to \"strip\", or declare the column as bytea.")));
}

/* Makes a varlena of text that is not plain valid UTF-8, or raises an error. */
static Datum
decode_odd_text(MariaColumn *col, const unsigned char *data, size_t len)
{
	if (memchr(data, '\0', len) != NULL)
	{
		struct varlena *stripped;

		if (col->nul_bytes != POLICY_STRIP)
			report_nul_byte(col, data, len);
		stripped = (struct varlena *) DatumGetPointer(strip_nul_bytes(data, len));
		pg_verify_mbstr(PG_UTF8, VARDATA(stripped),
						VARSIZE(stripped) - VARHDRSZ, false);
		data = (const unsigned char *) VARDATA(stripped);
		len = VARSIZE(stripped) - VARHDRSZ;
	}
	else if (!pg_verify_mbstr(PG_UTF8, (const char *) data, len, true))
		value_error(col, data, len, ERRCODE_CHARACTER_NOT_IN_REPERTOIRE,
					"MariaDB %s value is not valid UTF-8",
					maria_type_name(col->field));
	if (GetDatabaseEncoding() != PG_UTF8)
		return CStringGetTextDatum(pg_any_to_server(pnstrdup((const char *) data, len),
													len, PG_UTF8));
	return PointerGetDatum(cstring_to_text_with_len((const char *) data, len));
}

/* Copies a value behind a varlena header. */
static inline Datum
copy_bytes(const unsigned char *data, size_t len)
{
	struct varlena *result = palloc(len + VARHDRSZ);

	SET_VARSIZE(result, len + VARHDRSZ);
	memcpy(VARDATA(result), data, len);
	return PointerGetDatum(result);
}

static Datum
decode_text(MariaColumn *col, const unsigned char *data, size_t len,
			bool *isnull)
{
	if (likely(GetDatabaseEncoding() == PG_UTF8 &&
			   pg_verify_mbstr(PG_UTF8, (const char *) data, len, true)))
		return copy_bytes(data, len);
	return decode_odd_text(col, data, len);
}

static void
report_too_long(MariaColumn *col, const unsigned char *data, size_t len)
{
	value_error(col, data, len, ERRCODE_STRING_DATA_RIGHT_TRUNCATION,
				"MariaDB %s value is too long for type %s",
				maria_type_name(col->field),
				format_type_with_typemod(col->type, col->typmod));
}

/* No longer than the typmod says, in characters. */
static inline void
check_length(MariaColumn *col, Datum value, const unsigned char *data,
			 size_t len)
{
	struct varlena *text = (struct varlena *) DatumGetPointer(value);
	int			limit = col->typmod - VARHDRSZ;

	if (col->typmod >= (int32) VARHDRSZ &&
		VARSIZE(text) - VARHDRSZ > (size_t) limit &&
		pg_mbstrlen_with_len(VARDATA(text), VARSIZE(text) - VARHDRSZ) > limit)
		report_too_long(col, data, len);
}

static Datum
decode_varchar(MariaColumn *col, const unsigned char *data, size_t len,
			   bool *isnull)
{
	Datum		value = decode_text(col, data, len, isnull);

	check_length(col, value, data, len);
	return value;
}

static Datum
decode_bpchar(MariaColumn *col, const unsigned char *data, size_t len,
			  bool *isnull)
{
	Datum		value = decode_text(col, data, len, isnull);

	check_length(col, value, data, len);
	return DirectFunctionCall3(bpchar, value, Int32GetDatum(col->typmod),
							   BoolGetDatum(true));
}

static Datum
decode_bytes(MariaColumn *col, const unsigned char *data, size_t len,
			 bool *isnull)
{
	return copy_bytes(data, len);
}

/* Geometry is WKB behind a four-byte SRID. */
static Datum
decode_geometry(MariaColumn *col, const unsigned char *data, size_t len,
				bool *isnull)
{
	if (len < 4)
		value_error(col, data, len, ERRCODE_INVALID_BINARY_REPRESENTATION,
					"MariaDB geometry value is too short");
	return copy_bytes(data + 4, len - 4);
}

static Datum
decode_uuid_bytes(MariaColumn *col, const unsigned char *data, size_t len,
				  bool *isnull)
{
	pg_uuid_t  *value = palloc(sizeof(pg_uuid_t));

	if (len != UUID_LEN)
		value_error(col, data, len, ERRCODE_INVALID_BINARY_REPRESENTATION,
					"MariaDB binary value has %zu bytes, but type uuid has %d",
					len, UUID_LEN);
	memcpy(value->data, data, UUID_LEN);
	return UUIDPGetDatum(value);
}

static Datum
decode_jsonb(MariaColumn *col, const unsigned char *data, size_t len,
			 bool *isnull)
{
	if (unlikely(GetDatabaseEncoding() != PG_UTF8 ||
				 !pg_verify_mbstr(PG_UTF8, (const char *) data, len, true)))
	{
		struct varlena *text;

		text = (struct varlena *) DatumGetPointer(decode_odd_text(col, data, len));
		return maria_jsonb_from_text(VARDATA(text), VARSIZE(text) - VARHDRSZ);
	}
	return maria_jsonb_from_text((const char *) data, len);
}

/*
 * Bits: big-endian, as many bytes as they take.
 */

static Datum
decode_bit_bool(MariaColumn *col, const unsigned char *data, size_t len,
				bool *isnull)
{
	for (size_t i = 0; i + 1 < len; i++)
		if (data[i] != 0)
			report_out_of_range(col, data, len);
	if (len > 0 && data[len - 1] > 1)
		report_out_of_range(col, data, len);
	return BoolGetDatum(len > 0 && data[len - 1] == 1);
}

static Datum
decode_bit_integer(MariaColumn *col, const unsigned char *data, size_t len,
				   bool *isnull)
{
	uint64		max = col->type == INT4OID ? PG_INT32_MAX : PG_INT64_MAX;
	uint64		value = 0;

	for (size_t i = 0; i < len; i++)
		value = value << 8 | data[i];
	if (value > max)
		report_out_of_range(col, data, len);
	return col->type == INT4OID ? Int32GetDatum((int32) value)
		: Int64GetDatum((int64) value);
}

static Datum
decode_bit(MariaColumn *col, const unsigned char *data, size_t len,
		   bool *isnull)
{
	char	   *text = maria_value_text(col->field, data, len);
	int32		length = strlen(text);

	if (col->typmod > 0 && (col->type == BITOID ? length != col->typmod
							: length > col->typmod))
		report_out_of_range(col, data, len);
	return DirectFunctionCall3(col->type == BITOID ? bit_in : varbit_in,
							   CStringGetDatum(text),
							   ObjectIdGetDatum(InvalidOid),
							   Int32GetDatum(col->typmod));
}

/*
 * Enums and sets.
 */

static int
compare_labels(const void *a, const void *b)
{
	const MariaEnumLabel *left = a;
	const MariaEnumLabel *right = b;

	if (left->len != right->len)
		return left->len < right->len ? -1 : 1;
	return memcmp(left->label, right->label, left->len);
}

static Datum
invalid_enum(MariaColumn *col, const unsigned char *data, size_t len,
			 bool *isnull)
{
	if (len == 0 && col->invalid_enum == POLICY_NULL)
	{
		*isnull = true;
		return (Datum) 0;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_TEXT_REPRESENTATION),
			 errmsg("MariaDB %s value is not a label of type %s",
					maria_type_name(col->field), format_type_be(col->type)),
			 errdetail("The value is %s.", shown_value(col, data, len)),
			 len == 0 ? errhint("MariaDB shows a value that was invalid when stored as ''. Set option \"invalid_enum\" of the server, foreign table or column to \"null\" to read it as NULL.") : 0));
}

static Datum
decode_enum(MariaColumn *col, const unsigned char *data, size_t len,
			bool *isnull)
{
	MariaEnumLabel key = {(const char *) data, len, InvalidOid};
	MariaEnumLabel *found = bsearch(&key, col->labels, col->nlabels,
									sizeof(MariaEnumLabel), compare_labels);

	if (unlikely(found == NULL))
		return invalid_enum(col, data, len, isnull);
	return ObjectIdGetDatum(found->oid);
}

/* Loads an enum type's labels in the server's encoding of the wire, UTF-8. */
static void
load_labels(MariaColumn *col)
{
	CatCList   *list = SearchSysCacheList1(ENUMTYPOIDNAME,
										   ObjectIdGetDatum(col->type));

	col->nlabels = list->n_members;
	col->labels = palloc0(sizeof(MariaEnumLabel) * Max(list->n_members, 1));
	for (int i = 0; i < list->n_members; i++)
	{
		Form_pg_enum row = (Form_pg_enum) GETSTRUCT(&list->members[i]->tuple);
		char	   *label = pstrdup(NameStr(row->enumlabel));

		label = pg_server_to_any(label, strlen(label), PG_UTF8);
		col->labels[i] = (MariaEnumLabel) {label, strlen(label), row->oid};
	}
	ReleaseCatCacheList(list);
	qsort(col->labels, col->nlabels, sizeof(MariaEnumLabel), compare_labels);
}

/* A SET arrives as its members joined by commas, which no member holds. */
static Datum
decode_set(MariaColumn *col, const unsigned char *data, size_t len,
		   bool *isnull)
{
	Datum		members[64];
	int			n = 0;
	const unsigned char *end = data + len;

	while (data < end && n < 64)
	{
		const unsigned char *comma = memchr(data, ',', end - data);
		size_t		member_len = (comma ? comma : end) - data;

		members[n++] = decode_text(col, data, member_len, isnull);
		data += member_len + 1;
	}
	if (n == 0)
		return PointerGetDatum(construct_empty_array(TEXTOID));
	return PointerGetDatum(construct_array(members, n, TEXTOID, -1, false,
										   TYPALIGN_INT));
}

static inline bool
is_text_like(MariaType type)
{
	return type >= MARIA_TEXT && type != MARIA_BYTES && type != MARIA_GEOMETRY;
}

/*
 * Everything else: the value's text through the type's input function.
 */
static Datum
decode_input(MariaColumn *col, const unsigned char *data, size_t len,
			 bool *isnull)
{
	char	   *string;

	if (is_text_like(col->field->type))
		string = TextDatumGetCString(decode_text(col, data, len, isnull));
	else
		string = maria_value_text(col->field, data, len);
	return InputFunctionCall(&col->input, string, col->ioparam, col->typmod);
}

/* A type that has no values but NULL. */
static Datum
decode_null(MariaColumn *col, const unsigned char *data, size_t len,
			bool *isnull)
{
	*isnull = true;
	return (Datum) 0;
}

/*
 * The pairs with a decoder of their own; the first that matches counts.
 */
typedef enum Signedness
{
	SIGNED,
	ANY_SIGN
} Signedness;

static const struct
{
	MariaType	remote;
	Signedness	sign;
	Oid			local;
	MariaDecoder decode;
}			decoders[] = {
	{MARIA_TINYINT, ANY_SIGN, INT2OID, decode_tinyint_int2},
	{MARIA_TINYINT, ANY_SIGN, INT4OID, decode_int4},
	{MARIA_TINYINT, ANY_SIGN, INT8OID, decode_int8},
	{MARIA_TINYINT, ANY_SIGN, BOOLOID, decode_bool},
	{MARIA_TINYINT, ANY_SIGN, NUMERICOID, decode_integer_numeric},
	{MARIA_SMALLINT, SIGNED, INT2OID, decode_smallint_int2},
	{MARIA_SMALLINT, ANY_SIGN, INT2OID, decode_int2},
	{MARIA_SMALLINT, ANY_SIGN, INT4OID, decode_int4},
	{MARIA_SMALLINT, ANY_SIGN, INT8OID, decode_int8},
	{MARIA_SMALLINT, ANY_SIGN, BOOLOID, decode_bool},
	{MARIA_SMALLINT, ANY_SIGN, NUMERICOID, decode_integer_numeric},
	{MARIA_INT, SIGNED, INT4OID, decode_int_int4},
	{MARIA_INT, ANY_SIGN, INT2OID, decode_int2},
	{MARIA_INT, ANY_SIGN, INT4OID, decode_int4},
	{MARIA_INT, ANY_SIGN, INT8OID, decode_int8},
	{MARIA_INT, ANY_SIGN, BOOLOID, decode_bool},
	{MARIA_INT, ANY_SIGN, NUMERICOID, decode_integer_numeric},
	{MARIA_BIGINT, SIGNED, INT8OID, decode_bigint_int8},
	{MARIA_BIGINT, ANY_SIGN, INT2OID, decode_int2},
	{MARIA_BIGINT, ANY_SIGN, INT4OID, decode_int4},
	{MARIA_BIGINT, ANY_SIGN, INT8OID, decode_int8},
	{MARIA_BIGINT, ANY_SIGN, BOOLOID, decode_bool},
	{MARIA_BIGINT, ANY_SIGN, NUMERICOID, decode_integer_numeric},
	{MARIA_YEAR, ANY_SIGN, INT2OID, decode_year},
	{MARIA_YEAR, ANY_SIGN, INT4OID, decode_year},
	{MARIA_FLOAT, ANY_SIGN, FLOAT4OID, decode_float4},
	{MARIA_FLOAT, ANY_SIGN, FLOAT8OID, decode_float_float8},
	{MARIA_DOUBLE, ANY_SIGN, FLOAT8OID, decode_float8},
	{MARIA_DECIMAL, ANY_SIGN, NUMERICOID, decode_decimal_numeric},
	{MARIA_BIT, ANY_SIGN, BOOLOID, decode_bit_bool},
	{MARIA_BIT, ANY_SIGN, BITOID, decode_bit},
	{MARIA_BIT, ANY_SIGN, VARBITOID, decode_bit},
	{MARIA_BIT, ANY_SIGN, INT4OID, decode_bit_integer},
	{MARIA_BIT, ANY_SIGN, INT8OID, decode_bit_integer},
	{MARIA_BIT, ANY_SIGN, BYTEAOID, decode_bytes},
	{MARIA_DATE, ANY_SIGN, DATEOID, decode_date},
	{MARIA_DATE, ANY_SIGN, TIMESTAMPOID, decode_timestamp},
	{MARIA_DATETIME, ANY_SIGN, DATEOID, decode_date},
	{MARIA_DATETIME, ANY_SIGN, TIMESTAMPOID, decode_timestamp},
	{MARIA_DATETIME, ANY_SIGN, TIMESTAMPTZOID, decode_timestamp},
	{MARIA_TIMESTAMP, ANY_SIGN, DATEOID, decode_date},
	{MARIA_TIMESTAMP, ANY_SIGN, TIMESTAMPOID, decode_timestamp},
	{MARIA_TIMESTAMP, ANY_SIGN, TIMESTAMPTZOID, decode_timestamp},
	{MARIA_TIME, ANY_SIGN, TIMEOID, decode_time},
	{MARIA_TIME, ANY_SIGN, INTERVALOID, decode_interval},
	{MARIA_TEXT, ANY_SIGN, TEXTOID, decode_text},
	{MARIA_TEXT, ANY_SIGN, VARCHAROID, decode_varchar},
	{MARIA_TEXT, ANY_SIGN, BPCHAROID, decode_bpchar},
	{MARIA_TEXT, ANY_SIGN, JSONBOID, decode_jsonb},
	{MARIA_TEXT, ANY_SIGN, BYTEAOID, decode_bytes},
	{MARIA_BYTES, ANY_SIGN, BYTEAOID, decode_bytes},
	{MARIA_BYTES, ANY_SIGN, TEXTOID, decode_text},
	{MARIA_BYTES, ANY_SIGN, VARCHAROID, decode_varchar},
	{MARIA_BYTES, ANY_SIGN, UUIDOID, decode_uuid_bytes},
	{MARIA_ENUM, ANY_SIGN, TEXTOID, decode_text},
	{MARIA_ENUM, ANY_SIGN, VARCHAROID, decode_varchar},
	{MARIA_SET, ANY_SIGN, TEXTARRAYOID, decode_set},
	{MARIA_SET, ANY_SIGN, TEXTOID, decode_text},
	{MARIA_JSON, ANY_SIGN, JSONBOID, decode_jsonb},
	{MARIA_JSON, ANY_SIGN, TEXTOID, decode_text},
	{MARIA_GEOMETRY, ANY_SIGN, BYTEAOID, decode_geometry},
};

static MariaDecoder
find_decoder(const MariaField *field, Oid local)
{
	if (field->type == MARIA_NULL)
		return decode_null;
	for (size_t i = 0; i < lengthof(decoders); i++)
		if (decoders[i].remote == field->type && decoders[i].local == local &&
			(decoders[i].sign == ANY_SIGN || !field->is_unsigned))
			return decoders[i].decode;
	return NULL;
}

/*
 * Would the input function take the value's text for what it is?  It would
 * read bits as a decimal number, and drop a part of a date and time.
 */
static bool
input_is_safe(const MariaField *field, Oid local)
{
	Oid			base = getBaseType(local);

	if (is_text_like(field->type))
		return true;
	if (base != local && find_decoder(field, base) != NULL)
		return true;
	if (TypeCategory(local) == TYPCATEGORY_STRING)
		return true;
	return field->type <= MARIA_DECIMAL &&
		(base == FLOAT8OID || base == NUMERICOID);
}

static void
report_bad_pair(MariaColumn *col)
{
	ereport(ERROR,
			(errcode(ERRCODE_FDW_INVALID_DATA_TYPE),
			 errmsg("column \"%s\" of type %s cannot hold MariaDB type %s",
					col->name, format_type_be(col->type),
					maria_type_name(col->field)),
			 errhint("Declare the column of the foreign table as another type, such as text.")));
}

/* What the typmod leaves of a value: digits of a numeric, units of a time. */
static int64
typmod_unit(Oid type, int32 typmod)
{
	if (typmod < 0)
		return type == NUMERICOID ? NUMERIC_MAX_PRECISION : 1;
	switch (type)
	{
		case NUMERICOID:
			return maria_numeric_scale(typmod);
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
		case TIMEOID:
			return power_of_ten(6 - Min(typmod, 6));
		default:
			return 1;
	}
}

/* Decides how a column's values will be decoded. */
void
maria_column_init(MariaColumn *col, const MariaField *field,
				  Form_pg_attribute att, const MariaOptions *opts)
{
	Oid			input;

	MemSet(col, 0, sizeof(*col));
	col->field = field;
	col->name = pstrdup(NameStr(att->attname));
	col->index = att->attnum - 1;
	col->type = att->atttypid;
	col->typmod = att->atttypmod;
	col->zero_dates = opts->zero_dates;
	col->nul_bytes = opts->nul_bytes;
	col->invalid_enum = opts->invalid_enum;
	col->unit = typmod_unit(col->type, col->typmod);
	col->decode = find_decoder(field, col->type);
	if (col->decode)
		return;
	if (type_is_enum(col->type) && field->width == 0)
	{
		load_labels(col);
		col->decode = decode_enum;
		return;
	}
	if (!input_is_safe(field, col->type))
		report_bad_pair(col);
	getTypeInputInfo(col->type, &input, &col->ioparam);
	fmgr_info(input, &col->input);
	col->decode = decode_input;
}
