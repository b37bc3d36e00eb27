/*
 * Are the same rows on both sides?
 */
#ifndef MARIADB_FDW_VERIFY_H
#define MARIADB_FDW_VERIFY_H

#include "mariadb_fdw.h"

#include "access/tupdesc.h"

/* A multiset of rows in 128 bits: the order of rows and columns is no matter. */
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
	uint64		seed[2];		/* of the column's name */
} MariaDigestColumn;

/* digest.c */
extern void maria_digest_column(MariaDigestColumn *col, Form_pg_attribute att,
								int index);
extern void maria_digest_row(MariaDigest *digest,
							 const MariaDigestColumn *columns, int ncolumns,
							 const Datum *values, const bool *isnull);
extern char *maria_digest_text(const MariaDigest *digest);

#endif							/* MARIADB_FDW_VERIFY_H */
