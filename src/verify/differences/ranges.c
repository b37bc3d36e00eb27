/*
 * Can buckets be ranges of the key, so that those that differ are read alone?
 *
 * Yes where the key is one integer column: its values are divided into ranges
 * of the same width, and both sides find a range by their index.  Keys outside
 * of MariaDB's belong to the first or the last range.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "verify/differences/differences.h"

/* With more ranges, or a wider span, a condition is not worthwhile. */
#define MAX_RANGES 200
#define MAX_SPAN (UINT64CONST(1) << 62)

/* Returns the one key column if it is an integer on both sides, or NULL. */
static MariaRemoteColumn *
integer_key(MariaComparison *comparison)
{
	static const char *const names[] =
	{"tinyint", "smallint", "mediumint", "int", "bigint"};
	MariaRemoteColumn *column;
	int			index;

	if (comparison->nkeys != 1)
		return NULL;
	index = comparison->keys[0].index - ROW_VALUES;
	comparison->key_type = maria_row_column(comparison, index)->atttypid;
	if (comparison->key_type != INT2OID && comparison->key_type != INT4OID &&
		comparison->key_type != INT8OID)
		return NULL;
	column = list_nth(comparison->pair->columns, index);
	for (int i = 0; i < (int) lengthof(names); i++)
		if (strcmp(column->data_type, names[i]) == 0)
			return column;
	return NULL;
}

/* Reads one end; false if there is none, or it cannot be a local key. */
static bool
read_end(MariaResult *result, int field, int64 *end)
{
	char	   *text = maria_field_text(result, field);
	char	   *rest;

	if (text == NULL)
		return false;
	errno = 0;
	*end = strtoll(text, &rest, 10);
	return errno == 0 && rest != text && *rest == '\0';
}

/* Queries the lowest and highest key in MariaDB; false if there are none. */
static bool
read_ends(MariaComparison *comparison, const char *key, int64 ends[2])
{
	char	   *name = maria_quote_identifier(key);
	MariaResult *result = maria_open_fields(comparison->conn,
											psprintf("SELECT CAST(MIN(%s) AS CHAR), CAST(MAX(%s) AS CHAR) FROM %s",
													 name, name,
													 maria_remote_name(comparison->pair)),
											2, MARIA_ANY_NULL);
	bool		found = false;

	while (maria_fetch(result))
		found = read_end(result, 0, &ends[0]) && read_end(result, 1, &ends[1]);
	maria_close(result);
	return found;
}

/* Makes the buckets ranges, if the key is suitable. */
void
maria_choose_ranges(MariaComparison *comparison)
{
	MariaRemoteColumn *key = integer_key(comparison);
	int64		ends[2];
	uint64		span;

	if (key == NULL || !read_ends(comparison, key->name, ends))
		return;
	span = (uint64) ends[1] - (uint64) ends[0];
	if (ends[1] < ends[0] || span > MAX_SPAN)
		return;
	comparison->range_start = ends[0];
	comparison->range_width = span / comparison->nbuckets + 1;
}

/* Returns the bucket of the current row by its key. */
uint64
maria_range_bucket(MariaComparison *comparison)
{
	Datum		value = comparison->slot->tts_values[comparison->keys[0].index];
	int64		key;

	if (comparison->slot->tts_isnull[comparison->keys[0].index])
		return 0;
	key = comparison->key_type == INT2OID ? DatumGetInt16(value)
		: comparison->key_type == INT4OID ? DatumGetInt32(value)
		: DatumGetInt64(value);
	if (key < comparison->range_start)
		return 0;
	return Min(((uint64) key - (uint64) comparison->range_start) /
			   comparison->range_width, comparison->nbuckets - 1);
}

/* Appends the start of a bucket's range, if it can be a key. */
static void
append_start(StringInfo buf, MariaComparison *comparison, const char *operator,
			 const char *name, uint64 bucket)
{
	uint64		offset = bucket * comparison->range_width;

	if (offset > (uint64) PG_INT64_MAX - (uint64) comparison->range_start)
		return;
	appendStringInfo(buf, " AND %s %s " INT64_FORMAT, name, operator,
					 (int64) ((uint64) comparison->range_start + offset));
}

/*
 * Returns a condition that all rows of the differing buckets meet, or NULL to
 * read all rows.  It is valid on both sides.
 */
char *
maria_range_condition(MariaComparison *comparison, const char *name)
{
	StringInfoData buf;
	int			nranges = 0;

	if (comparison->range_width == 0)
		return NULL;
	initStringInfo(&buf);
	for (uint64 i = 0; i < comparison->nbuckets; i++)
	{
		uint64		first = i;

		if (!maria_digest_differs(&comparison->buckets[i]))
			continue;
		while (i + 1 < comparison->nbuckets &&
			   maria_digest_differs(&comparison->buckets[i + 1]))
			i++;
		if (++nranges > MAX_RANGES)
			return NULL;
		appendStringInfo(&buf, "%s(%s %s", nranges > 1 ? " OR " : "", name,
						 first > 0 ? "IS NOT NULL" : "IS NULL OR TRUE");
		if (first > 0)
			append_start(&buf, comparison, ">=", name, first);
		if (i + 1 < comparison->nbuckets)
			append_start(&buf, comparison, "<", name, i + 1);
		appendStringInfoChar(&buf, ')');
	}
	return buf.data;
}
