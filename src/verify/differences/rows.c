/* How are the rows of a comparison hashed and compared? */
#include "postgres.h"

#include "executor/tuptable.h"

#include "verify/differences/differences.h"

Form_pg_attribute
maria_row_column(MariaComparison *comparison, int column)
{
	return TupleDescAttr(comparison->desc, ROW_VALUES + column);
}

/* Hashes the key of the current row, or all of the row if there is no key. */
void
maria_hash_key(MariaComparison *comparison, uint64 hash[2])
{
	TupleTableSlot *slot = comparison->slot;
	bool		has_key = comparison->nkeys > 0;

	maria_hash_row(has_key ? comparison->keys : comparison->columns,
				   has_key ? comparison->nkeys : comparison->ncolumns,
				   slot->tts_values, slot->tts_isnull, hash);
}

/* Do two rows differ in a column?  Values are equal when all their bytes are. */
bool
maria_is_changed(MariaComparison *comparison,
				 const MariaDifference *difference, int column)
{
	const MariaDigestColumn *digest_column = &comparison->columns[column];
	uint64		remote[2];
	uint64		local[2];

	maria_hash_row(digest_column, 1, difference->remote->values,
				   difference->remote->isnull, remote);
	maria_hash_row(digest_column, 1, difference->local->values,
				   difference->local->isnull, local);
	return remote[0] != local[0] || remote[1] != local[1];
}
