/*
 * How can a local row be made equal to MariaDB's?
 *
 * Usually by an update.  If rows may exchange unique values, an update would
 * conflict with the other row; then a row is deleted and inserted again.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/tupdesc.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "utils/rel.h"
#include "utils/relcache.h"

#include "verify/differences/differences.h"

/* Is there a common column?  Warns if not: the rows cannot be corrected. */
bool
maria_shares_columns(const MariaTablePair *pair)
{
	if (pair->attnums != NIL)
		return true;
	ereport(WARNING,
			(errcode(ERRCODE_UNDEFINED_COLUMN),
			 errmsg("table \"%s\" has no column in common with %s's; it is skipped",
					RelationGetRelationName(pair->local),
					maria_name_product(pair->remote->is_mysql, "MariaDB"))));
	return false;
}

static Form_pg_attribute
local_column(MariaComparison *comparison, int column)
{
	MariaTablePair *pair = comparison->pair;

	return TupleDescAttr(RelationGetDescr(pair->local),
						 list_nth_int(pair->attnums, column) - 1);
}

/* Can a column be written?  A generated one cannot. */
bool
maria_is_writable(MariaComparison *comparison, int column)
{
	return local_column(comparison, column)->attgenerated == '\0';
}

/* Is a column part of a unique index? */
static bool
is_in_index(Relation index, AttrNumber attnum)
{
	Form_pg_index form = index->rd_index;

	if (!form->indisunique && !form->indisexclusion)
		return false;
	if (RelationGetIndexExpressions(index) != NIL ||
		RelationGetIndexPredicate(index) != NIL)
		return true;
	for (int i = 0; i < form->indnkeyatts; i++)
		if (form->indkey.values[i] == attnum)
			return true;
	return false;
}

static bool
is_key_column(MariaComparison *comparison, AttrNumber attnum)
{
	for (int i = 0; i < comparison->nkeys; i++)
	{
		int			column = comparison->keys[i].index - ROW_VALUES;

		if (local_column(comparison, column)->attnum == attnum)
			return true;
	}
	return false;
}

/* Does an index guarantee that a key finds at most one row? */
static bool
keeps_key_unique(MariaComparison *comparison, Relation index)
{
	Form_pg_index form = index->rd_index;
	Form_pg_class table = comparison->pair->local->rd_rel;

	/* It does not cover inheriting tables. */
	if (!form->indisunique || !form->indimmediate || !form->indisvalid ||
		RelationGetIndexExpressions(index) != NIL ||
		RelationGetIndexPredicate(index) != NIL ||
		(table->relkind == RELKIND_RELATION && table->relhassubclass))
		return false;
	for (int i = 0; i < form->indnkeyatts; i++)
		if (!is_key_column(comparison, form->indkey.values[i]))
			return false;
	return true;
}

/* Finds the columns whose values may have to be exchanged, and the key. */
void
maria_find_unique(MariaComparison *comparison)
{
	List	   *indexes = RelationGetIndexList(comparison->pair->local);
	ListCell   *lc;

	comparison->is_unique = palloc0(sizeof(bool) * (comparison->ncolumns + 1));
	foreach(lc, indexes)
	{
		Relation	index = index_open(lfirst_oid(lc), AccessShareLock);

		for (int i = 0; i < comparison->ncolumns; i++)
			comparison->is_unique[i] |=
				is_in_index(index, local_column(comparison, i)->attnum);
		comparison->is_key_unique |= keeps_key_unique(comparison, index);
		index_close(index, NoLock);
	}
}

/* Would deleting a row lose values that exist only locally? */
static bool
has_own_columns(MariaComparison *comparison)
{
	TupleDesc	desc = RelationGetDescr(comparison->pair->local);
	int			count = 0;

	for (int i = 0; i < desc->natts; i++)
		count += !TupleDescAttr(desc, i)->attisdropped;
	return count > comparison->ncolumns;
}

/* Must a row that differs be deleted and inserted again? */
bool
maria_must_replace(MariaComparison *comparison,
				   const MariaDifference *difference)
{
	if (difference->kind != MARIA_DIFFERS || has_own_columns(comparison))
		return false;
	for (int i = 0; i < comparison->ncolumns; i++)
	{
		bool		is_identity = local_column(comparison, i)->attidentity ==
		ATTRIBUTE_IDENTITY_ALWAYS;

		if ((is_identity || comparison->is_unique[i]) &&
			maria_is_changed(comparison, difference, i))
			return true;
	}
	return false;
}

/* Is there a column to be updated if a row differs? */
bool
maria_can_update(MariaComparison *comparison,
				 const MariaDifference *difference)
{
	for (int i = 0; i < comparison->ncolumns; i++)
		if (maria_is_writable(comparison, i) &&
			maria_is_changed(comparison, difference, i))
			return true;
	return false;
}
