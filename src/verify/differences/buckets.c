/*
 * In which part of a table are the rows that differ?
 *
 * Rows are assigned to buckets by their key: by its hash, or by ranges of an
 * integer.  Each bucket has the digest of the remote rows minus that of the
 * local rows, so one pass over each side and one array determine which buckets
 * have to be compared row by row.
 */
#include "postgres.h"

#include "port/pg_bitutils.h"
#include "utils/rel.h"

#include "verify/differences/differences.h"

/*
 * The target number of rows in a bucket, and the limits of the number of
 * buckets.
 */
#define BUCKET_ROWS 200
#define MIN_BUCKETS 1024
#define MAX_BUCKETS (1024 * 1024)

/* Chooses the number of buckets from the estimates of both sides. */
static uint64
choose_buckets(MariaComparison *comparison)
{
	double		rows = Max(comparison->pair->remote->rows,
						   comparison->pair->local->rd_rel->reltuples);
	double		wanted = Min(Max(rows / BUCKET_ROWS, MIN_BUCKETS), MAX_BUCKETS);

	return pg_nextpower2_64((uint64) wanted);
}

static MariaDigest *
find_bucket(MariaComparison *comparison, const uint64 key[2])
{
	Assert((comparison->nbuckets & (comparison->nbuckets - 1)) == 0);
	if (comparison->range_width > 0)
		return &comparison->buckets[maria_range_bucket(comparison)];
	return &comparison->buckets[key[0] & (comparison->nbuckets - 1)];
}

/* Counts the current row in its bucket. */
static void
count_row(MariaComparison *comparison)
{
	TupleTableSlot *slot = comparison->slot;
	uint64		key[2];
	MariaDigest one = {0};
	MariaDigest *bucket;

	maria_hash_key(comparison, key);
	bucket = find_bucket(comparison, key);
	maria_digest_row(&one, comparison->columns, comparison->ncolumns,
					 slot->tts_values, slot->tts_isnull);
	if (DatumGetInt32(slot->tts_values[ROW_SIDE]) == 0)
		maria_digest_add(bucket, &one);
	else
		maria_digest_subtract(bucket, &one);
}

/* Keeps the current row if its bucket differs. */
static void
keep_row(MariaComparison *comparison)
{
	TupleTableSlot *slot = comparison->slot;
	uint64		hash[4];

	maria_hash_key(comparison, hash);
	if (!maria_digest_differs(find_bucket(comparison, hash)))
		return;
	maria_hash_row(comparison->columns, comparison->ncolumns,
				   slot->tts_values, slot->tts_isnull, hash + ROW_HASH);
	for (int i = 0; i < 4; i++)
		slot->tts_values[ROW_KEY + i] = Int64GetDatum((int64) hash[i]);
	tuplesort_puttupleslot(comparison->rows, slot);
}

/*
 * Counts the buckets that differ.  Each has at least one difference, so no
 * more than the wanted number need be compared.
 */
static void
choose_differing(MariaComparison *comparison)
{
	uint64		enough = comparison->limit;

	for (uint64 i = 0; i < comparison->nbuckets; i++)
	{
		MariaDigest *bucket = &comparison->buckets[i];

		if (!maria_digest_differs(bucket))
			continue;
		if (enough > 0 && comparison->ndiffering == enough)
			MemSet(bucket, 0, sizeof(*bucket));
		else
			comparison->ndiffering++;
	}
}

/* Finds the buckets that differ, and stores their rows in comparison->rows. */
void
maria_find_buckets(MariaComparison *comparison)
{
	comparison->nbuckets = choose_buckets(comparison);
	comparison->buckets = palloc0(sizeof(MariaDigest) * comparison->nbuckets);
	maria_choose_ranges(comparison);
	maria_read_both(comparison, count_row);
	choose_differing(comparison);
	comparison->is_second = true;
	if (comparison->ndiffering > 0)
		maria_read_both(comparison, keep_row);
}
