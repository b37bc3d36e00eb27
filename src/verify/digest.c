/*
 * How are two sets of rows told apart without comparing row by row?
 *
 * Each value is hashed together with its column's name; the sum over a row is
 * mixed, so that a value which moves to another row changes the outcome; the
 * sum over all rows does not depend on their order.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "fmgr.h"

#include "verify/verify.h"

/* Stands for a NULL, which no value hashes to by design. */
#define NULL_MARK UINT64CONST(0x6e756c6c6e756c6c)

/* Spreads each bit of a word over all of it (the finalizer of murmur3). */
static inline uint64
mix(uint64 x)
{
	x ^= x >> 33;
	x *= UINT64CONST(0xff51afd7ed558ccd);
	x ^= x >> 33;
	x *= UINT64CONST(0xc4ceb9fe1a85ec53);
	x ^= x >> 33;
	return x;
}

/* Prepares a column, whose value stands at an index. */
void
maria_digest_column(MariaDigestColumn *col, Form_pg_attribute att, int index)
{
	const unsigned char *name = (const unsigned char *) NameStr(att->attname);
	int			len = strlen(NameStr(att->attname));

	col->index = index;
	col->len = att->attlen;
	col->by_value = att->attbyval;
	col->seed[0] = hash_bytes_extended(name, len, 1);
	col->seed[1] = hash_bytes_extended(name, len, 2);
}

/* A by-value Datum without what sign extension puts above the value. */
static inline uint64
value_bits(const MariaDigestColumn *col, Datum value)
{
	if (col->len >= (int16) sizeof(uint64))
		return (uint64) value;
	return (uint64) value & ((UINT64CONST(1) << (col->len * 8)) - 1);
}

static void
add_bytes(const MariaDigestColumn *col, const void *data, int len,
		  uint64 row[2])
{
	row[0] += hash_bytes_extended(data, len, col->seed[0]);
	row[1] += hash_bytes_extended(data, len, col->seed[1]);
}

static void
add_value(const MariaDigestColumn *col, Datum value, uint64 row[2])
{
	if (col->by_value)
	{
		row[0] += mix(value_bits(col, value) ^ col->seed[0]);
		row[1] += mix(value_bits(col, value) + col->seed[1]);
	}
	else if (col->len == -1)
	{
		struct varlena *bytes = PG_DETOAST_DATUM_PACKED(value);

		add_bytes(col, VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes), row);
	}
	else
		add_bytes(col, DatumGetPointer(value),
				  col->len > 0 ? col->len
				  : (int) strlen(DatumGetCString(value)), row);
}

/*
 * Hashes a row: the low word first.  May allocate in the current context,
 * which the caller resets.
 */
void
maria_hash_row(const MariaDigestColumn *columns, int ncolumns,
			   const Datum *values, const bool *isnull, uint64 hash[2])
{
	uint64		row[2] = {0, 0};

	for (int i = 0; i < ncolumns; i++)
	{
		const MariaDigestColumn *col = &columns[i];

		if (isnull[col->index])
		{
			row[0] += mix(NULL_MARK ^ mix(col->seed[0]));
			row[1] += mix(NULL_MARK + mix(col->seed[1]));
		}
		else
			add_value(col, values[col->index], row);
	}
	hash[0] = mix(row[0] ^ mix(row[1]));
	hash[1] = mix(row[1] + mix(row[0]));
}

/* Adds the rows of another digest. */
void
maria_digest_add(MariaDigest *to, const MariaDigest *from)
{
	to->rows += from->rows;
	to->low += from->low;
	to->high += from->high + (to->low < from->low);
}

/* Adds a row.  May allocate in the current context, which the caller resets. */
void
maria_digest_row(MariaDigest *digest, const MariaDigestColumn *columns,
				 int ncolumns, const Datum *values, const bool *isnull)
{
	uint64		hash[2];
	MariaDigest one = {1};

	maria_hash_row(columns, ncolumns, values, isnull, hash);
	one.low = hash[0];
	one.high = hash[1];
	maria_digest_add(digest, &one);
}

/* Returns the digest as 32 hexadecimal digits. */
char *
maria_digest_text(const MariaDigest *digest)
{
	return psprintf("%08x%08x%08x%08x",
					(uint32) (digest->high >> 32), (uint32) digest->high,
					(uint32) (digest->low >> 32), (uint32) digest->low);
}

/* Reads 32 hexadecimal digits; leaves the number of rows as it is. */
bool
maria_digest_parse(const char *text, MariaDigest *digest)
{
	uint64		word[2] = {0, 0};

	if (strlen(text) != 32 || strspn(text, "0123456789abcdef") != 32)
		return false;
	for (int i = 0; i < 32; i++)
	{
		int			digit = text[i] <= '9' ? text[i] - '0' : text[i] - 'a' + 10;

		word[i / 16] = word[i / 16] << 4 | digit;
	}
	digest->high = word[0];
	digest->low = word[1];
	return true;
}
