/*
 * Which texts, bytes, enums and sets has MariaDB sent, and may they be kept?
 *
 * Every text is verified: MariaDB stores and sends what is not valid UTF-8.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_enum.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/catcache.h"
#include "utils/syscache.h"
#include "utils/uuid.h"

#include "values/decoders.h"

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
			 errdetail("The value is %s.", maria_shown_value(col, data, len)),
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

/* Geometry is WKB behind a four-byte SRID. */
Datum
maria_decode_geometry(MariaColumn *col, const unsigned char *data, size_t len,
					  bool *isnull)
{
	if (len < 4)
		value_error(col, data, len, ERRCODE_INVALID_BINARY_REPRESENTATION,
					"MariaDB geometry value is too short");
	return copy_bytes(data + 4, len - 4);
}

Datum
maria_decode_uuid_bytes(MariaColumn *col, const unsigned char *data, size_t len,
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
			 errmsg("MariaDB %s value is not a label of type %s",
					maria_type_name(col->field), format_type_be(col->type)),
			 errdetail("The value is %s.", maria_shown_value(col, data, len)),
			 len == 0 ? errhint("MariaDB shows a value that was invalid when stored as ''. Set option \"invalid_enum\" of the server, foreign table or column to \"null\" to read it as NULL.") : 0));
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

/* A SET arrives as its members joined by commas, which no member holds. */
Datum
maria_decode_set(MariaColumn *col, const unsigned char *data, size_t len,
				 bool *isnull)
{
	Datum		members[64];
	int			n = 0;
	const unsigned char *end = data + len;

	while (data < end && n < 64)
	{
		const unsigned char *comma = memchr(data, ',', end - data);
		size_t		member_len = (comma ? comma : end) - data;

		members[n++] = maria_decode_text(col, data, member_len, isnull);
		data += member_len + 1;
	}
	if (n == 0)
		return PointerGetDatum(construct_empty_array(TEXTOID));
	return PointerGetDatum(construct_array(members, n, TEXTOID, -1, false,
										   TYPALIGN_INT));
}
