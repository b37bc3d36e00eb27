/*
 * Digests of rows.
 */
#ifndef MARIADB_FDW_VALUES_DIGEST_H
#define MARIADB_FDW_VALUES_DIGEST_H

#include "mariadb_fdw.h"

#include "access/tupdesc.h"

/*
 * A multiset of rows in 128 bits: the order of rows and columns does not
 * matter.
 */
typedef struct MariaDigest
{
	uint64		rows;
	uint64		low;
	uint64		high;
} MariaDigest;

/* What the digest needs of a column. */
typedef struct MariaDigestColumn
{
	int			index;			/* in values[] and isnull[] */
	int16		len;
	bool		by_value;
	uint64		mask;			/* of the bits of a value that is by value */
	uint64		seed;			/* of the column's name */
	uint64		null[2];		/* what a NULL adds */
} MariaDigestColumn;

extern void maria_digest_column(MariaDigestColumn *col, Form_pg_attribute att,
								int index);
extern void maria_hash_row(const MariaDigestColumn *columns, int ncolumns,
						   const Datum *values, const bool *isnull,
						   uint64 hash[2]);
extern void maria_digest_row(MariaDigest *digest,
							 const MariaDigestColumn *columns, int ncolumns,
							 const Datum *values, const bool *isnull);
extern void maria_digest_add(MariaDigest *to, const MariaDigest *from);
extern void maria_digest_subtract(MariaDigest *from, const MariaDigest *by);
extern bool maria_digest_differs(const MariaDigest *digest);
extern char *maria_digest_text(const MariaDigest *digest);
extern bool maria_digest_parse(const char *text, MariaDigest *digest);

#endif							/* MARIADB_FDW_VALUES_DIGEST_H */
