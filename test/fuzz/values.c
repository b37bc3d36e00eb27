/*
 * Fuzzes values: each pair of remote and local type, JSON, decimal numbers,
 * keys.
 */
#include "fuzz.h"

#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "nodes/makefuncs.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"
#include "utils/numeric.h"

#include "transfer/chunk.h"
#include "values/digest.h"
#include "values/values.h"

static const Oid plain_types[] = {
	BOOLOID, INT2OID, INT4OID, INT8OID, FLOAT4OID, FLOAT8OID, NUMERICOID,
	TEXTOID, VARCHAROID, BPCHAROID, BYTEAOID, BITOID, VARBITOID, DATEOID,
	TIMEOID, TIMETZOID, TIMESTAMPOID, TIMESTAMPTZOID, INTERVALOID, UUIDOID,
	JSONBOID, JSONOID, INETOID, CIDROID, XMLOID, NAMEOID, CHAROID,
	TEXTARRAYOID, FLOAT4ARRAYOID, POINTOID, OIDOID, MONEYOID
};

/* Created by test/fuzz/run under these names. */
static const char *const own_types[] = {
	"fuzz_enum", "fuzz_domain", "fuzz_text_domain"
};

#define NTYPES (lengthof(plain_types) + lengthof(own_types))

/* Bytes on the wire, by MariaType; 0 = a length and bytes. */
static const int widths[] = {0, 1, 2, 4, 8, 2, 4, 8};

static Oid
choose_type(uint8 choice)
{
	size_t		i = choice % NTYPES;

	if (i < lengthof(plain_types))
		return plain_types[i];
	return TypenameGetTypid(own_types[i - lengthof(plain_types)]);
}

/* Chooses a typmod that the type's input function could return. */
static int32
choose_typmod(Oid type, uint8 choice)
{
	if (choice < 128)
		return -1;
	choice -= 128;
	switch (type)
	{
		case NUMERICOID:
			return ((1 + choice) << 16 | choice / 2) + VARHDRSZ;
		case VARCHAROID:
		case BPCHAROID:
			return 1 + choice + VARHDRSZ;
		case BITOID:
		case VARBITOID:
			return 1 + choice;
		case TIMEOID:
		case TIMETZOID:
		case TIMESTAMPOID:
		case TIMESTAMPTZOID:
			return choice % 7;
		case INTERVALOID:
			return 0x7FFF << 16 | choice % 7;
		default:
			return -1;
	}
}

static TupleDesc
make_desc(FuzzInput *input)
{
	TupleDesc	desc = CreateTemplateTupleDesc(1);
	Oid			type = choose_type(fuzz_byte(input));
	int32		typmod = choose_typmod(type, fuzz_byte(input));

	TupleDescInitEntry(desc, 1, "c", type, typmod, 0);
	return desc;
}

static void
choose_field(MariaField *field, FuzzInput *input)
{
	uint8		flags;

	field->name = "c";
	field->type = fuzz_byte(input) % (MARIA_VECTOR + 1);
	if (field->type < (int) lengthof(widths))
		field->width = widths[field->type];
	flags = fuzz_byte(input);
	field->is_unsigned = flags & 1;
	field->zone_known = (flags & 2) == 0;
	field->zone_offset = flags & 4 ? INT64CONST(-43200000000) : 0;
	field->decimals = flags & 8 ? 31 : flags >> 5;
	field->length = fuzz_number(input, 2);
}

static MariaOptions *
choose_options(FuzzInput *input)
{
	MariaOptions *opts = palloc0(sizeof(MariaOptions));
	uint8		choice = fuzz_byte(input);

	opts->key = choice & 1;
	if (choice & 2)
		opts->zero_dates = choice & 4 ? POLICY_NULL : POLICY_INFINITY;
	if (choice & 8)
		opts->nul_bytes = choice & 16 ? POLICY_STRIP : POLICY_NULL;
	if (choice & 32)
		opts->invalid_enum = POLICY_NULL;
	if (choice & 64)
		opts->invalid_utf8 = choice & 128 ? POLICY_REPAIR : POLICY_NULL;
	return opts;
}

/* Uses a value as a row would: prints and hashes it, and checks its text. */
static void
use_value(TupleDesc desc, Datum value)
{
	Form_pg_attribute att = TupleDescAttr(desc, 0);
	MariaDigestColumn column;
	bool		isnull = false;
	uint64		hash[2];
	Oid			output;
	bool		is_varlena;
	char	   *text;

	getTypeOutputInfo(att->atttypid, &output, &is_varlena);
	text = OidOutputFunctionCall(output, value);
	if (!pg_verify_mbstr(PG_UTF8, text, strlen(text), true))
		fuzz_wrong("type %u holds text that is not valid", att->atttypid);
	maria_digest_column(&column, att, 0);
	maria_hash_row(&column, 1, &value, &isnull, hash);
}

/* Formats a value for messages and conditions, which need no Datum. */
static void
show_value(const MariaField *field, const MariaValue *value)
{
	StringInfoData buf;

	initStringInfo(&buf);
	maria_type_name(field);
	maria_value_text(field, value->data, value->len);
	maria_append_remote_literal(&buf, field, value->data, value->len);
	if (!pg_verify_mbstr(PG_UTF8, buf.data, buf.len, true))
		fuzz_wrong("a literal is not valid text: %s", buf.data);
}

/* Decodes a row of one value, as parse_row would find it in a packet. */
static void
fuzz_decode(const uint8 *data, size_t size)
{
	FuzzInput	input = {data, data + size};
	TupleDesc	desc = make_desc(&input);
	MariaField	field = {0};
	MariaOptions *opts;
	MariaValue	row;
	MariaResult result = {.nfields = 1,.fields = &field,.row = &row,.row_number = 1};
	MariaReader reader = {0};
	Datum		value = (Datum) 0;
	bool		isnull = true;

	choose_field(&field, &input);
	opts = choose_options(&input);
	row.data = input.at;
	row.len = input.end - input.at;
	if (field.width > 0)
	{
		if (row.len < (size_t) field.width)
			return;
		row.data = input.end - field.width;
		row.len = field.width;
	}
	show_value(&field, &row);
	maria_reader_init(&reader, &result, "t", desc, list_make1_int(1), &opts);
	maria_reader_row(&reader, &value, &isnull);
	if (!isnull)
		use_value(desc, value);
}

/* Returns the result of jsonb_in, or NULL if it raises an error. */
static Jsonb *
reference_jsonb(char *text)
{
	MemoryContext context = CurrentMemoryContext;
	Jsonb	   *volatile result = NULL;

	PG_TRY();
	{
		result = DatumGetJsonbP(DirectFunctionCall1(jsonb_in,
													CStringGetDatum(text)));
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		FlushErrorState();
	}
	PG_END_TRY();
	return result;
}

/* Checks that the encoder returns what jsonb_in does, byte for byte. */
static void
fuzz_json(const uint8 *data, size_t size)
{
	char	   *text = fuzz_text(data, size);
	Jsonb	   *expected;
	Jsonb	   *found;

	if (text == NULL)
		return;
	expected = reference_jsonb(text);
	found = DatumGetJsonbP(maria_jsonb_from_text((const char *) data, size));
	if (expected == NULL)
		fuzz_wrong("jsonb_in refuses this: %s", text);
	if (VARSIZE(found) != VARSIZE(expected) ||
		memcmp(found, expected, VARSIZE(found)) != 0)
		fuzz_wrong("jsonb_in makes something else of this: %s", text);
}

/* Checks numbers against numeric_in; the first byte is a typmod. */
static void
fuzz_numeric(const uint8 *data, size_t size)
{
	FuzzInput	input = {data, data + size};
	int32		typmod = choose_typmod(NUMERICOID, fuzz_byte(&input));
	char	   *text = pnstrdup((const char *) input.at, input.end - input.at);
	Datum		found;
	Datum		expected;

	if (!maria_numeric_from_text(input.at, input.end - input.at, typmod,
								 &found))
		return;
	expected = DirectFunctionCall3(numeric_in, CStringGetDatum(text),
								   ObjectIdGetDatum(InvalidOid),
								   Int32GetDatum(typmod));
	if (VARSIZE_ANY(DatumGetPointer(found)) !=
		VARSIZE_ANY(DatumGetPointer(expected)) ||
		memcmp(DatumGetPointer(found), DatumGetPointer(expected),
			   VARSIZE_ANY(DatumGetPointer(found))) != 0)
		fuzz_wrong("numeric_in makes something else of this: %s", text);
}

/* Finds a key between two keys of one type. */
static void
fuzz_midpoint(const uint8 *data, size_t size)
{
	FuzzInput	input = {data, data + size};
	MariaField	field = {0};
	MariaValue	low;
	MariaValue	high;
	size_t		half;

	choose_field(&field, &input);
	half = field.width ? field.width : (input.end - input.at) / 2;
	if (input.end - input.at < (ptrdiff_t) (2 * half))
		return;
	low.data = input.at;
	high.data = input.at + half;
	low.len = half;
	high.len = field.width ? half : input.end - high.data;
	for (int try = 0; try < MIDPOINT_TRIES; try++)
	{
		char	   *middle = maria_key_midpoint(&field, &low, &high, try);

		if (middle && !pg_verify_mbstr(PG_UTF8, middle, strlen(middle), true))
			fuzz_wrong("a key is not valid text: %s", middle);
	}
}

const FuzzTarget fuzz_value_targets[] = {
	{"decode", fuzz_decode},
	{"json", fuzz_json},
	{"numeric", fuzz_numeric},
	{"midpoint", fuzz_midpoint},
	{NULL}
};
