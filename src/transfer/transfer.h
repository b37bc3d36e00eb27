/*
 * Remote rows into local tables: in bulk, in parallel, resumable.
 */
#ifndef MARIADB_FDW_TRANSFER_H
#define MARIADB_FDW_TRANSFER_H

#include "mariadb_fdw.h"

#include "nodes/execnodes.h"
#include "port/atomics.h"
#include "utils/rel.h"

#include "values/digest.h"
#include "values/values.h"

/* What to copy, how, and the result. */
typedef struct MariaCopy
{
	Oid			source;			/* foreign table */
	Oid			target;
	const char *condition;		/* MariaDB's SQL, or NULL for all rows */
	const char *label;			/* shows both servers what is being read */
	bool		only_digest;	/* reads and digests, writes nothing */
	bool		skip_unmatched; /* columns that the target lacks */
	bool		reject;			/* keep bad rows in mariadb.reject and
								 * continue */
	int64		reject_limit;	/* of the run, -1 = none */
	int64		rejected_before;	/* in other chunks of it */
	double		max_rows;		/* per second, 0 = no limit */
	double		max_bytes;
	bool		has_key;		/* the whole primary key is copied */
	int64		run;			/* of the ledger, 0 = none */
	const char *table_name;		/* its name in the ledger */
	int			chunk;			/* of the ledger, 0 = none */

	int64		rows;
	int64		rejected;
	int64		bytes;			/* on the wire */
	MariaDigest digest;			/* of the rows stored */
} MariaCopy;

/* copy.c */
extern void maria_copy(MariaCopy *copy);
extern Relation maria_open_foreign_table(Oid relid);
extern void maria_check_select(Relation source, AttrNumber attnum);
extern void maria_check_select_any(Relation source);

/* Information about a row that cannot be stored. */
typedef struct MariaRejected
{
	char	   *key;			/* an object of texts as JSON, or NULL */
	char	   *condition;		/* finds the row in MariaDB, or NULL */
	const char *column;			/* in question, or NULL */
	char	   *value;			/* of it */
	bool		is_hex;
} MariaRejected;

/* reject.c */
extern void maria_count_rejects(pg_atomic_uint64 *counter);
extern void maria_note_key(const MariaCopy *copy, MariaRejected *rejected,
						   MariaReader *reader);
extern void maria_note_value(MariaRejected *rejected, MariaReader *reader,
							 const ErrorData *error);
extern void maria_reject_row(MariaCopy *copy, const MariaRejected *rejected,
							 const ErrorData *error);

#endif							/* MARIADB_FDW_TRANSFER_H */
