/*
 * How are MariaDB's texts, bytes, enums and sets decoded?
 *
 * Every text is verified: MariaDB stores and sends what is not valid UTF-8.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/uuid.h"

#include "values/decoders.h"
#include "values/wire_format.h"

/* The limit of a varlena; repairing may triple the length of a text. */
#define MAX_VALUE_BYTES		(MaxAllocSize - VARHDRSZ)
#define MAX_REPAIRED_BYTES	(MaxAllocSize / 4)

/*
 * Text.
 */

/* A text being repaired, with room for replacements. */
typedef struct RepairedText
{
	unsigned char *data;
	size_t		len;
} RepairedText;

static void
report_nul_byte(MariaColumn *col, const unsigned char *data, size_t len)
{
	ereport(ERROR,
			(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
			 errmsg("%s value holds a NUL byte, which PostgreSQL cannot store",
					maria_typed(col->field)),
			 errdetail("The value is %s.", maria_shown_value(col, data, len)),
			 errhint("Set option \"nul_bytes\" of the server, foreign table or column to \"strip\", or declare the column as bytea, or JSON as json or text.")));
}

static void
report_invalid_utf8(MariaColumn *col, const unsigned char *data, size_t len)
{
	ereport(ERROR,
			(errcode(ERRCODE_CHARACTER_NOT_IN_REPERTOIRE),
			 errmsg("%s value is not valid UTF-8",
					maria_typed(col->field)),
			 errdetail("The value is %s.", maria_shown_value(col, data, len)),
			 errhint("Set option \"invalid_utf8\" of the server, foreign table or column to \"repair\", or declare the column as bytea.")));
}

static void
strip_nul_bytes(RepairedText *text)
{
	size_t		kept = 0;

	for (size_t i = 0; i < text->len; i++)
		if (text->data[i] != '\0')
			text->data[kept++] = text->data[i];
	text->len = kept;
}

/* Is this half of a surrogate pair, a high one or a low one, in three bytes? */
static bool
is_surrogate(const unsigned char *at, size_t left, unsigned char from)
{
	return left >= 3 && at[0] == 0xED && at[1] >= from && at[1] < from + 0x10 &&
		(at[2] & 0xC0) == 0x80;
}

static int
surrogate_bits(const unsigned char *at)
{
	return (at[1] & 0x0F) << 6 | (at[2] & 0x3F);
}

/*
 * Copies one character, repaired: a surrogate pair becomes the character that
 * it encodes, anything else that is invalid becomes U+FFFD.  Returns the
 * number of bytes read.
 */
static int
repair_character(const unsigned char *at, size_t left, RepairedText *to)
{
	int			len = pg_utf_mblen(at);
	pg_wchar	c = 0xFFFD;

	if ((size_t) len <= left && pg_utf8_islegal(at, len))
	{
		memcpy(to->data + to->len, at, len);
		to->len += len;
		return len;
	}
	len = 1;
	if (is_surrogate(at, left, 0xA0) && is_surrogate(at + 3, left - 3, 0xB0))
	{
		c = 0x10000 + (surrogate_bits(at) << 10 | surrogate_bits(at + 3));
		len = 6;
	}
	else if (is_surrogate(at, left, 0xA0) || is_surrogate(at, left, 0xB0))
		len = 3;
	unicode_to_utf8(c, to->data + to->len);
	to->len += pg_utf_mblen(to->data + to->len);
	return len;
}

static void
repair_utf8(RepairedText *text)
{
	RepairedText repaired = {palloc(text->len * 3 + MAX_MULTIBYTE_CHAR_LEN), 0};
	size_t		at = 0;

	while (at < text->len)
		at += repair_character(text->data + at, text->len - at, &repaired);
	*text = repaired;
}

/* A packet may be larger than a PostgreSQL value can be. */
static void
report_too_large(size_t len)
{
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("value of %zu bytes is too large", len)));
}

/* Converts a text that is not plain valid UTF-8, or raises an error. */
static Datum
decode_odd_text(MariaColumn *col, const unsigned char *data, size_t len)
{
	RepairedText text = {NULL, len};
	char	   *local;

	if (len > MAX_REPAIRED_BYTES)
		report_too_large(len);
	text.data = palloc(len + 1);
	memcpy(text.data, data, len);
	if (memchr(data, '\0', len) != NULL)
	{
		if (col->nul_bytes != POLICY_STRIP)
			report_nul_byte(col, data, len);
		strip_nul_bytes(&text);
	}
	if (!pg_verify_mbstr(PG_UTF8, (char *) text.data, text.len, true))
	{
		if (col->invalid_utf8 != POLICY_REPAIR)
			report_invalid_utf8(col, data, len);
		repair_utf8(&text);
	}
	local = pg_any_to_server((char *) text.data, text.len, PG_UTF8);
	if (local != (char *) text.data)
		return CStringGetTextDatum(local);
	return PointerGetDatum(cstring_to_text_with_len(local, text.len));
}

/* Copies a value after a varlena header. */
static inline Datum
copy_bytes(const unsigned char *data, size_t len)
{
	struct varlena *result;

	if (unlikely(len > MAX_VALUE_BYTES))
		report_too_large(len);
	result = palloc(len + VARHDRSZ);
	SET_VARSIZE(result, len + VARHDRSZ);
	memcpy(VARDATA(result), data, len);
	return PointerGetDatum(result);
}

Datum
maria_decode_text(MariaColumn *col, const unsigned char *data, size_t len,
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
				"%s value is too long for type %s",
				maria_typed(col->field),
				format_type_with_typemod(col->type, col->typmod));
}

/* Checks the length in characters against the typmod. */
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

Datum
maria_decode_varchar(MariaColumn *col, const unsigned char *data, size_t len,
					 bool *isnull)
{
	Datum		value = maria_decode_text(col, data, len, isnull);

	check_length(col, value, data, len);
	return value;
}

Datum
maria_decode_bpchar(MariaColumn *col, const unsigned char *data, size_t len,
					bool *isnull)
{
	Datum		value = maria_decode_text(col, data, len, isnull);

	check_length(col, value, data, len);
	return DirectFunctionCall3(bpchar, value, Int32GetDatum(col->typmod),
							   BoolGetDatum(true));
}

Datum
maria_decode_bytes(MariaColumn *col, const unsigned char *data, size_t len,
				   bool *isnull)
{
	return copy_bytes(data, len);
}

/* Geometry is WKB, or EWKB if it has an SRID, which WKB cannot express. */
Datum
maria_decode_geometry(MariaColumn *col, const unsigned char *data, size_t len,
					  bool *isnull)
{
	struct varlena *result;
	size_t		n;

	if (len < MIN_GEOMETRY)
		value_error(col, data, len, ERRCODE_INVALID_BINARY_REPRESENTATION,
					"%s geometry value is too short",
					maria_product_of(col->field));
	result = palloc(VARHDRSZ + len);
	n = write_ewkb((unsigned char *) VARDATA(result), data, len);
	SET_VARSIZE(result, VARHDRSZ + n);
	return PointerGetDatum(result);
}

static int
hex_digit(unsigned char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Hexadecimal digits with four hyphens. */
#define UUID_TEXT_LENGTH 36

/* A UUID arrives as text, lower case, with hyphens. */
Datum
maria_decode_uuid(MariaColumn *col, const unsigned char *data, size_t len,
				  bool *isnull)
{
	pg_uuid_t  *value = palloc(sizeof(pg_uuid_t));
	const unsigned char *end = data + len;
	int			n = 0;

	for (const unsigned char *at = data; n < UUID_LEN && at + 1 < end; at += 2)
	{
		int			high;
		int			low;

		if (*at == '-')
			at++;
		high = hex_digit(at[0]);
		low = at + 1 < end ? hex_digit(at[1]) : -1;
		if (high < 0 || low < 0)
			break;
		value->data[n++] = high << 4 | low;
	}
	if (n != UUID_LEN || len != UUID_TEXT_LENGTH)
		value_error(col, data, len, ERRCODE_INVALID_TEXT_REPRESENTATION,
					"%s uuid value cannot be read",
					maria_product_of(col->field));
	return UUIDPGetDatum(value);
}

Datum
maria_decode_uuid_bytes(MariaColumn *col, const unsigned char *data, size_t len,
						bool *isnull)
{
	pg_uuid_t  *value = palloc(sizeof(pg_uuid_t));

	if (len != UUID_LEN)
		value_error(col, data, len, ERRCODE_INVALID_BINARY_REPRESENTATION,
					"%s binary value has %zu bytes, but type uuid has %d",
					maria_product_of(col->field), len, UUID_LEN);
	memcpy(value->data, data, UUID_LEN);
	return UUIDPGetDatum(value);
}

/*
 * Finds a NUL that is written as an escape; an escaped backslash does not
 * start an escape.  Returns the end if there is none.
 */
static const unsigned char *
find_escaped_nul(const unsigned char *at, const unsigned char *end)
{
	while (at < end && (at = memchr(at, '\\', end - at)) != NULL)
	{
		if (end - at >= 6 && memcmp(at, "\\u0000", 6) == 0)
			return at;
		at += 2;
	}
	return end;
}

/*
 * Makes jsonb of a document with an escaped NUL, which jsonb cannot contain.
 */
static Datum
jsonb_without_nul(MariaColumn *col, const unsigned char *data, size_t len)
{
	const unsigned char *end = data + len;
	const unsigned char *at = data;
	StringInfoData stripped;

	if (col->nul_bytes != POLICY_STRIP)
		report_nul_byte(col, data, len);
	initStringInfo(&stripped);
	while (at < end)
	{
		const unsigned char *nul = find_escaped_nul(at, end);

		appendBinaryStringInfo(&stripped, (const char *) at, nul - at);
		at = nul < end ? nul + 6 : end;
	}
	return maria_jsonb_from_text(stripped.data, stripped.len);
}

Datum
maria_decode_jsonb(MariaColumn *col, const unsigned char *data, size_t len,
				   bool *isnull)
{
	if (unlikely(GetDatabaseEncoding() != PG_UTF8 ||
				 !pg_verify_mbstr(PG_UTF8, (const char *) data, len, true)))
	{
		struct varlena *text;

		text = (struct varlena *) DatumGetPointer(decode_odd_text(col, data, len));
		return maria_jsonb_from_text(VARDATA(text), VARSIZE(text) - VARHDRSZ);
	}
	if (unlikely(find_escaped_nul(data, data + len) < data + len))
		return jsonb_without_nul(col, data, len);
	return maria_jsonb_from_text((const char *) data, len);
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
			 errmsg("%s value is not a label of type %s",
					maria_typed(col->field), format_type_be(col->type)),
			 errdetail("The value is %s.", maria_shown_value(col, data, len)),
			 len == 0 ? errhint("%s returns '' for a value that was invalid when it was stored. Set option \"invalid_enum\" of the server, foreign table or column to \"null\" to read it as NULL.",
								maria_product_of(col->field)) : 0));
}

Datum
maria_decode_enum(MariaColumn *col, const unsigned char *data, size_t len,
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
void
maria_load_labels(MariaColumn *col)
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
		col->labels[i].label = label;
		col->labels[i].len = strlen(label);
		col->labels[i].oid = row->oid;
	}
	ReleaseCatCacheList(list);
	qsort(col->labels, col->nlabels, sizeof(MariaEnumLabel), compare_labels);
}

/*
 * A SET arrives as its members joined by commas, which a member cannot
 * contain.  An empty member alone looks like no member.
 */
Datum
maria_decode_set(MariaColumn *col, const unsigned char *data, size_t len,
				 bool *isnull)
{
	Datum		members[64];
	int			n = 0;
	const unsigned char *end = data + len;

	while (len > 0 && data <= end)
	{
		const unsigned char *comma = memchr(data, ',', end - data);
		size_t		member_len = (comma ? comma : end) - data;

		if (n == lengthof(members))
			maria_report_malformed(col, end - len, len);
		members[n++] = maria_decode_text(col, data, member_len, isnull);
		data += member_len + 1;
	}
	if (n == 0)
		return PointerGetDatum(construct_empty_array(TEXTOID));
	return PointerGetDatum(construct_array(members, n, TEXTOID, -1, false,
										   TYPALIGN_INT));
}

/* A VECTOR is its floats, one after the other. */
Datum
maria_decode_vector(MariaColumn *col, const unsigned char *data, size_t len,
					bool *isnull)
{
	int			n = len / sizeof(float4);
	Datum	   *values;

	if (!maria_is_well_formed(col->field, data, len))
		maria_report_malformed(col, data, len);
	values = palloc(sizeof(Datum) * Max(n, 1));
	for (int i = 0; i < n; i++)
		values[i] = Float4GetDatum(read_float(data + i * sizeof(float4)));
	if (n == 0)
		return PointerGetDatum(construct_empty_array(FLOAT4OID));
	return PointerGetDatum(construct_array(values, n, FLOAT4OID,
										   sizeof(float4), true,
										   TYPALIGN_INT));
}
