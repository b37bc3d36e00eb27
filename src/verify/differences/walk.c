/*
 * Which rows of both sides belong together, and which have no counterpart?
 *
 * Rows come sorted by key, content and side.  Equal contents cancel each other
 * one by one; the remaining rows of a key are paired, and what remains then is
 * missing on one side.  So duplicates count, with a key or without.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "executor/tuptable.h"
#include "miscadmin.h"
#include "utils/memutils.h"

#include "verify/differences/differences.h"

/* State of the rows of one key, and of one content within it. */
typedef struct Walk
{
	MariaComparison *comparison;
	MariaTake	take;
	void	   *arg;
	bool		wants_more;
	MemoryContext context;		/* of the rows of a key */
	TupleTableSlot *slot;
	bool		is_begun;
	int64		hash[4];		/* of key and content */
	MariaRow   *content;		/* a row of it */
	int64		nremote;		/* rows of the content */
	int64		nlocal;
	List	   *remote;			/* of MariaRow: without a counterpart */
	List	   *local;
	int64		nlocal_of_key;
} Walk;

static MariaRow *
copy_row(Walk *walk)
{
	MemoryContext old = MemoryContextSwitchTo(walk->context);
	TupleDesc	desc = walk->comparison->desc;
	MariaRow   *row = palloc(sizeof(MariaRow));

	row->values = palloc(sizeof(Datum) * desc->natts);
	row->isnull = palloc(sizeof(bool) * desc->natts);
	heap_deform_tuple(ExecCopySlotHeapTuple(walk->slot), desc, row->values,
					  row->isnull);
	MemoryContextSwitchTo(old);
	return row;
}

/* Passes on a difference, in memory that is valid only for this key. */
static void
report(Walk *walk, MariaDifferenceKind kind, MariaRow *remote,
	   MariaRow *local, int64 times)
{
	MariaDifference difference = {kind, remote, local, times};
	MemoryContext old = MemoryContextSwitchTo(walk->context);

	Assert(times > 0);
	Assert((remote == NULL) == (kind == MARIA_MISSING_THERE));
	Assert((local == NULL) == (kind == MARIA_MISSING_HERE));
	difference.is_sole = walk->nlocal_of_key == 1 &&
		walk->comparison->nkeys > 0;
	if (walk->wants_more)
		walk->wants_more = walk->take(walk->comparison, &difference, walk->arg);
	MemoryContextSwitchTo(old);
}

static bool
are_counted(const Walk *walk)
{
	return walk->comparison->nkeys == 0 && !walk->comparison->wants_places;
}

/* Ends the rows of one content: surplus rows have no counterpart. */
static void
finish_content(Walk *walk)
{
	int64		surplus = walk->nremote - walk->nlocal;
	MemoryContext old = MemoryContextSwitchTo(walk->context);

	if (walk->comparison->nkeys == 0 && surplus > 0)
		report(walk, MARIA_MISSING_HERE, walk->content, NULL, surplus);
	else if (are_counted(walk) && surplus < 0)
		report(walk, MARIA_MISSING_THERE, NULL, walk->content, -surplus);
	else
		for (; surplus > 0; surplus--)
			walk->remote = lappend(walk->remote, walk->content);
	MemoryContextSwitchTo(old);
	walk->nremote = walk->nlocal = 0;
}

/* Ends the rows of one key: those without a counterpart are paired. */
static void
finish_key(Walk *walk)
{
	int			nremote = list_length(walk->remote);
	int			nlocal = list_length(walk->local);

	Assert(walk->nremote == 0 && walk->nlocal == 0);	/* content is finished */
	for (int i = 0; i < Max(nremote, nlocal); i++)
	{
		MariaRow   *remote = i < nremote ? list_nth(walk->remote, i) : NULL;
		MariaRow   *local = i < nlocal ? list_nth(walk->local, i) : NULL;

		report(walk, remote && local ? MARIA_DIFFERS
			   : remote ? MARIA_MISSING_HERE : MARIA_MISSING_THERE,
			   remote, local, 1);
	}
	walk->remote = walk->local = NIL;
	walk->nlocal_of_key = 0;
	MemoryContextReset(walk->context);
}

static void
take_local(Walk *walk)
{
	MemoryContext old;

	walk->nlocal++;
	walk->nlocal_of_key++;
	if (walk->nlocal <= walk->nremote || are_counted(walk))
		return;
	if (walk->comparison->nkeys == 0)
	{
		report(walk, MARIA_MISSING_THERE, NULL, copy_row(walk), 1);
		return;
	}
	old = MemoryContextSwitchTo(walk->context);
	walk->local = lappend(walk->local, copy_row(walk));
	MemoryContextSwitchTo(old);
}

static void
take_row(Walk *walk)
{
	Datum	   *values = walk->slot->tts_values;
	int64		hash[4];
	bool		same_key;
	bool		same_content;

	for (int i = 0; i < 4; i++)
		hash[i] = DatumGetInt64(values[ROW_KEY + i]);
	same_key = walk->is_begun &&
		memcmp(hash, walk->hash, 2 * sizeof(int64)) == 0;
	same_content = same_key && memcmp(hash, walk->hash, sizeof(hash)) == 0;
	if (walk->is_begun && !same_content)
		finish_content(walk);
	if (walk->is_begun && !same_key)
		finish_key(walk);
	if (!same_content)
		walk->content = copy_row(walk);
	memcpy(walk->hash, hash, sizeof(hash));
	walk->is_begun = true;
	if (DatumGetInt32(values[ROW_SIDE]) == 0)
		walk->nremote++;
	else
		take_local(walk);
}

/* Passes on each difference; may be called again. */
void
maria_walk_differences(MariaComparison *comparison, MariaTake take, void *arg)
{
	Walk		walk = {comparison, take, arg, true};

	walk.context = AllocSetContextCreate(CurrentMemoryContext,
										 "mariadb_fdw key",
										 ALLOCSET_DEFAULT_SIZES);
	walk.slot = MakeSingleTupleTableSlot(comparison->desc,
										 &TTSOpsMinimalTuple);
	tuplesort_rescan(comparison->rows);
	while (walk.wants_more &&
		   tuplesort_gettupleslot(comparison->rows, true, false, walk.slot,
								  NULL))
	{
		CHECK_FOR_INTERRUPTS();
		slot_getallattrs(walk.slot);
		take_row(&walk);
	}
	if (walk.wants_more && walk.is_begun)
	{
		finish_content(&walk);
		finish_key(&walk);
	}
	ExecDropSingleTupleTableSlot(walk.slot);
	MemoryContextDelete(walk.context);
}
