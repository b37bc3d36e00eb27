/*
 * How are two sets of rows compared without comparing row by row?
 *
 * Each value is hashed together with its column's name; the sum over a row is
 * hashed again, so that a value which moves to another row changes the result;
 * the sum over all rows does not depend on their order.
 */
#include "postgres.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "fmgr.h"

#include "values/digest.h"

/* Separates the hash of a NULL from the seed of the values' hashes. */
#define NULL_SEED UINT64CONST(0x6e756c6c6e756c6c)

/* Prepares a column whose value is at an index. */
void
maria_digest_column(MariaDigestColumn *col, Form_pg_attribute att, int index)
{
	const char *name = NameStr(att->attname);
	XXH128_hash_t null = XXH3_128bits_withSeed(name, strlen(name), NULL_SEED);

	col->index = index;
	col->len = att->attlen;
	col->by_value = att->attbyval;
	col->mask = PG_UINT64_MAX;
	if (att->attbyval && att->attlen < (int16) sizeof(uint64))
		col->mask = (UINT64CONST(1) << (att->attlen * 8)) - 1;
	col->seed = XXH3_64bits(name, strlen(name));
	col->null[0] = null.low64;
	col->null[1] = null.high64;
}

/* Hashes a value, whose bytes are the same wherever it comes from. */
static inline XXH128_hash_t
hash_value(const MariaDigestColumn *col, Datum value)
{
	if (col->by_value)
	{
		/* without the sign extension above the value */
		uint64		bits = (uint64) value & col->mask;

		return XXH3_128bits_withSeed(&bits, sizeof(bits), col->seed);
	}
	if (col->len == -1)
	{
		struct varlena *bytes = PG_DETOAST_DATUM_PACKED(value);

		return XXH3_128bits_withSeed(VARDATA_ANY(bytes),
									 VARSIZE_ANY_EXHDR(bytes), col->seed);
	}
	return XXH3_128bits_withSeed(DatumGetPointer(value),
								 col->len > 0 ? (size_t) col->len
								 : strlen(DatumGetCString(value)), col->seed);
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
	XXH128_hash_t whole;

	for (int i = 0; i < ncolumns; i++)
	{
		const MariaDigestColumn *col = &columns[i];

		if (isnull[col->index])
		{
			row[0] += col->null[0];
			row[1] += col->null[1];
		}
		else
		{
			XXH128_hash_t one = hash_value(col, values[col->index]);

			row[0] += one.low64;
			row[1] += one.high64;
		}
	}
	whole = XXH3_128bits(row, sizeof(row));
	hash[0] = whole.low64;
	hash[1] = whole.high64;
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

/* A digest is two words, each written as 16 hexadecimal digits. */
#define WORD_DIGITS 16
#define DIGEST_DIGITS (2 * WORD_DIGITS)

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

	if (strlen(text) != DIGEST_DIGITS ||
		strspn(text, "0123456789abcdef") != DIGEST_DIGITS)
		return false;
	for (int i = 0; i < DIGEST_DIGITS; i++)
	{
		int			digit = text[i] <= '9' ? text[i] - '0' : text[i] - 'a' + 10;

		word[i / WORD_DIGITS] = word[i / WORD_DIGITS] << 4 | digit;
	}
	digest->high = word[0];
	digest->low = word[1];
	return true;
}

/* Subtracts a digest from another one, of which it need not be a part. */
void
maria_digest_subtract(MariaDigest *from, const MariaDigest *by)
{
	uint64		low = from->low;

	from->rows -= by->rows;
	from->low -= by->low;
	from->high -= by->high + (low < by->low);
}

/* Is the difference not empty? */
bool
maria_digest_differs(const MariaDigest *digest)
{
	return digest->rows != 0 || digest->low != 0 || digest->high != 0;
}
