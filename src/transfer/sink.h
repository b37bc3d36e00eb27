/*
 * Where copied rows go: a batch of slots, and what stores them.
 */
#ifndef MARIADB_FDW_SINK_H
#define MARIADB_FDW_SINK_H

#include "transfer/transfer.h"

#include "access/heapam.h"
#include "access/tableam.h"

#include "query/storage.h"

/* A batch is full at so many rows or bytes, whichever comes first. */
#define BATCH_ROWS 1000
#define BATCH_BYTES (128 * 1024)

/* A column that the source does not have, and its default. */
typedef struct MariaDefault
{
	int			index;
	ExprState  *value;
} MariaDefault;

typedef struct MariaSink
{
	Relation	rel;
	List	   *attnums;		/* filled from the source */
	bool		is_stored;		/* or only read */
	MariaStorage storage;		/* who stores its rows */
	bool		is_direct;		/* straight into the heap */
	bool		is_one_statement;	/* its triggers see all rows at once */
	bool		is_in_parts;	/* bad rows are rolled back alone */
	bool		is_guarded;		/* storing a row may fail for its values */
	int64		stored;			/* rows that the target has stored */

	/* the batch */
	MemoryContext context;		/* values of the batch, reset with it */
	TupleTableSlot **slots;
	int			nslots;			/* in use */
	size_t		bytes;

	/* the direct way */
	EState	   *estate;
	ResultRelInfo *info;
	BulkInsertState bulk;
	CommandId	cid;
	int			options;
	int			ndefaults;
	MariaDefault *defaults;
	bool		has_generated;

	/* by INSERT ... SELECT */
	TupleDesc	desc;			/* of the columns filled */
	Tuplestorestate *rows;
	size_t		rows_bytes;		/* of them */
	char	   *insert;

	/* for the check by the executor afterwards */
	int64		rows_before;	/* all rows before, -1 = unknown */
	ItemPointerData *places;	/* of some of the rows stored */
	int			nplaces;
	int64		noffered;
	int			stride;			/* every nth ctid is kept */
	ItemPointerData last_place;
} MariaSink;

/* sink.c */
extern MariaSink *maria_sink_open(Oid relid);
extern void maria_sink_begin(MariaSink *target, List *attnums);
extern void maria_sink_begin_storing(MariaSink *target, bool in_parts);
extern TupleTableSlot *maria_sink_slot(MariaSink *target);
extern void maria_sink_check(MariaSink *target, TupleTableSlot *slot);
extern bool maria_sink_is_full(MariaSink *target);
extern void maria_sink_store(MariaSink *target, int first, int count);
extern void maria_sink_empty(MariaSink *target);
extern void maria_sink_finish(MariaSink *target);
extern void maria_sink_end(MariaSink *target);

/* direct.c */
extern bool maria_direct_is_possible(Relation rel, bool in_parts);
extern void maria_direct_begin(MariaSink *target, bool in_parts);
extern void maria_direct_complete(MariaSink *target, TupleTableSlot *slot);
extern void maria_direct_store(MariaSink *target, int first, int count);
extern void maria_direct_end(MariaSink *target);

/* insert.c */
extern void maria_insert_begin(MariaSink *target);
extern void maria_insert_store(MariaSink *target, int first, int count);
extern void maria_insert_end(MariaSink *target);

/* seen.c */
extern void maria_seen_begin(MariaSink *target, bool is_chunk);
extern void maria_seen_add(MariaSink *target, int first, int count);
extern void maria_seen_check_places(MariaSink *target);
extern void maria_seen_check_count(MariaSink *target);

#endif							/* MARIADB_FDW_SINK_H */
