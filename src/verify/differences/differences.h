/*
 * Private to the verify layer: which rows differ, and how they are corrected.
 */
#ifndef MARIADB_FDW_DIFFERENCES_H
#define MARIADB_FDW_DIFFERENCES_H

#include "mariadb_fdw.h"

#include "executor/tuptable.h"
#include "storage/itemptr.h"
#include "utils/tuplesort.h"

#include "verify/pair.h"

/*
 * The form of a row of either side: hashes of key and row, the side, the
 * location of a local row, and then the values of the common columns.
 */
enum MariaRowField
{
	ROW_KEY,					/* two words of the key's hash */
	ROW_HASH = 2,				/* two words of the row's */
	ROW_SIDE = 4,				/* 0 = MariaDB, 1 = local */
	ROW_TABLE,					/* which table or partition, or NULL */
	ROW_CTID,					/* and where in it, or NULL */
	ROW_VALUES					/* the first common column */
};

typedef enum MariaDifferenceKind
{
	MARIA_MISSING_HERE,
	MARIA_MISSING_THERE,
	MARIA_DIFFERS
} MariaDifferenceKind;

/* A row that is kept: its values begin with those of MariaRowField. */
typedef struct MariaRow
{
	Datum	   *values;
	bool	   *isnull;
} MariaRow;

typedef struct MariaDifference
{
	MariaDifferenceKind kind;
	MariaRow   *remote;			/* or NULL */
	MariaRow   *local;			/* or NULL */
	int64		times;			/* the number of such rows; 1 if rows are
								 * identified */
	bool		is_sole;		/* the key finds no other local row */
} MariaDifference;

/* One table that is compared row by row. */
typedef struct MariaComparison
{
	MariaConn  *conn;
	MariaTablePair *pair;
	bool		wants_places;	/* each local row, and its location */
	bool		is_key_unique;	/* a local index is unique */
	int64		limit;			/* enough differences, 0 = all of them */

	TupleDesc	desc;			/* of a row */
	int			ncolumns;		/* common ones */
	MariaDigestColumn *columns;
	int			nkeys;			/* 0 = the whole row is the key */
	MariaDigestColumn *keys;
	bool	   *is_unique;		/* which columns have unique values */
	TupleTableSlot *slot;		/* the current row */
	MemoryContext row_context;	/* its values */
	uint64		nbuckets;		/* a power of two */
	MariaDigest *buckets;		/* of the remote rows minus the local ones */
	uint64		ndiffering;
	Oid			key_type;		/* of an integer key whose ranges are buckets */
	int64		range_start;
	uint64		range_width;	/* 0 = buckets are of the key's hash */
	bool		is_second;		/* pass: only differing buckets are read */
	Tuplesortstate *rows;		/* of both sides, in the buckets that differ */
} MariaComparison;

/* Handles a difference; returns false to stop. */
typedef bool (*MariaTake) (MariaComparison *comparison,
						   const MariaDifference *difference, void *arg);

/* buckets.c */
extern void maria_find_buckets(MariaComparison *comparison);

/* ranges.c */
extern void maria_choose_ranges(MariaComparison *comparison);
extern uint64 maria_range_bucket(MariaComparison *comparison);
extern char *maria_range_condition(MariaComparison *comparison,
								   const char *name);

/* rows.c */
extern Form_pg_attribute maria_row_column(MariaComparison *comparison,
										  int column);
extern void maria_hash_key(MariaComparison *comparison, uint64 hash[2]);
extern bool maria_is_changed(MariaComparison *comparison,
							 const MariaDifference *difference, int column);

/* read.c */
extern void maria_read_both(MariaComparison *comparison,
							void (*take) (MariaComparison *comparison));

/* comparison.c */
extern void maria_begin_comparison(MariaComparison *comparison);
extern void maria_end_comparison(MariaComparison *comparison);

/* walk.c */
extern void maria_walk_differences(MariaComparison *comparison,
								   MariaTake take, void *arg);

/* repair.c */
extern bool maria_has_place(MariaComparison *comparison, const MariaRow *row);
extern char *maria_delete_statement(MariaComparison *comparison,
									const MariaDifference *difference);
extern char *maria_update_statement(MariaComparison *comparison,
									const MariaDifference *difference);

/* writable.c */
extern void maria_find_unique(MariaComparison *comparison);
extern bool maria_is_writable(MariaComparison *comparison, int column);
extern bool maria_shares_columns(const MariaTablePair *pair);
extern bool maria_must_replace(MariaComparison *comparison,
							   const MariaDifference *difference);
extern bool maria_can_update(MariaComparison *comparison,
							 const MariaDifference *difference);

#endif							/* MARIADB_FDW_DIFFERENCES_H */
