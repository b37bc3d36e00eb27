/*
 * Are copied rows where PostgreSQL reads them?
 *
 * The number of rows stored is no proof, so the executor is used to check at
 * the end of each copy.  Of rows stored directly into a heap the first, the
 * last, and one of each batch are looked up by their ctid: the plan has shown
 * before that queries read this heap, and a count of all rows would cost more
 * than 2% of the copy.  The rows of a table that another extension manages are
 * counted before and after.  Rows stored by PostgreSQL's own nodes need no
 * check.  In addition, migrate counts or digests each table.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/rel.h"

#include "transfer/sink.h"

/* The maximum number of ctids kept; beyond it every second one is dropped. */
#define MAX_PLACES 1024

/* Runs a query that returns one number. */
static int64
query_number(const char *sql, int nargs, Oid *types, Datum *values)
{
	int64		number;
	bool		isnull;

	SPI_connect();
	if (SPI_execute_with_args(sql, nargs, types, values, NULL, false, 0) !=
		SPI_OK_SELECT || SPI_processed != 1)
		elog(ERROR, "no count of copied rows"); /* cannot happen */
	number = DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0],
										 SPI_tuptable->tupdesc, 1, &isnull));
	SPI_finish();
	return number;
}

static int64
count_all(MariaSink *target)
{
	return query_number(psprintf("SELECT pg_catalog.count(*) FROM %s",
								 maria_qualified_name(target->rel)),
						0, NULL, NULL);
}

static bool
has_rows(MariaSink *target)
{
	return query_number(psprintf("SELECT pg_catalog.count(*) FROM (SELECT 1 FROM %s LIMIT 1) AS r",
								 maria_qualified_name(target->rel)),
						0, NULL, NULL) > 0;
}

/*
 * Counts the rows before the first one is stored.  Not for each chunk of a
 * table, which would be counted repeatedly: only for the first.
 */
void
maria_seen_begin(MariaSink *target, bool is_chunk)
{
	if (target->storage == MARIA_BY_EXTENSION)
		target->rows_before = !is_chunk ? count_all(target)
			: has_rows(target) ? -1 : 0;
	if (target->is_direct)
		target->places = palloc(sizeof(ItemPointerData) * (MAX_PLACES + 1));
	target->stride = 1;
}

static void
keep_every_second(MariaSink *target)
{
	target->nplaces /= 2;
	for (int i = 0; i < target->nplaces; i++)
		target->places[i] = target->places[i * 2];
	target->stride *= 2;
}

static void
add_place(MariaSink *target, const ItemPointerData * place)
{
	target->last_place = *place;
	if (target->noffered++ % target->stride != 0)
		return;
	if (target->nplaces == MAX_PLACES)
		keep_every_second(target);
	target->places[target->nplaces++] = *place;
}

/* Records the ctids of some of the rows that have just been stored. */
void
maria_seen_add(MariaSink *target, int first, int count)
{
	if (!target->is_stored || !target->is_direct || count == 0)
		return;
	if (target->noffered == 0 && count > 1)
		add_place(target, &target->slots[first]->tts_tid);
	add_place(target, &target->slots[first + count - 1]->tts_tid);
}

static void
report_unseen(MariaSink *target, int64 expected, int64 seen)
{
	ereport(ERROR,
			(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
			 errmsg("rows copied into table \"%s\" cannot be read from it",
					RelationGetRelationName(target->rel)),
			 errdetail("Of " INT64_FORMAT " rows that were looked up, a query found " INT64_FORMAT ".",
					   expected, seen),
			 errhint("Another extension stores the rows of this table elsewhere. Copy into an ordinary table, and convert it with the extension afterwards.")));
}

/*
 * Looks up the recorded ctids; skipped for a user who may not read the table.
 */
static void
check_places(MariaSink *target)
{
	Oid			types[] = {TIDARRAYOID};
	Datum		values[1];
	Datum	   *places = palloc(sizeof(Datum) * (MAX_PLACES + 1));
	int			n;
	int64		seen;

	if (target->nplaces == 0 ||
		pg_class_aclcheck(RelationGetRelid(target->rel), GetUserId(),
						  ACL_SELECT) != ACLCHECK_OK)
		return;
	if (!ItemPointerEquals(&target->places[target->nplaces - 1],
						   &target->last_place))
		target->places[target->nplaces++] = target->last_place;
	for (n = 0; n < target->nplaces; n++)
		places[n] = PointerGetDatum(&target->places[n]);
	values[0] = PointerGetDatum(construct_array(places, n, TIDOID,
												sizeof(ItemPointerData), false,
												TYPALIGN_SHORT));
	seen = query_number(psprintf("SELECT pg_catalog.count(*) FROM %s WHERE ctid OPERATOR(pg_catalog.=) ANY ($1)",
								 maria_qualified_name(target->rel)),
						1, types, values);
	if (seen != n)
		report_unseen(target, n, seen);
}

/*
 * Raises an error unless the executor finds what was stored.  Called before
 * AFTER triggers run, which may change the rows.
 */
void
maria_seen_check_places(MariaSink *target)
{
	if (target->is_stored && target->is_direct)
		check_places(target);
}

/* The same for a table that another extension manages. */
void
maria_seen_check_count(MariaSink *target)
{
	int64		gained;

	if (!target->is_stored || target->storage != MARIA_BY_EXTENSION ||
		target->rows_before < 0 || target->stored == 0)
		return;
	gained = count_all(target) - target->rows_before;
	if (gained < target->stored)
		report_unseen(target, target->stored, gained);
}
