/*
 * A row's text, and its hash, on either side.
 */
#ifndef MARIADB_FDW_VERIFY_DIGEST_ROW_HASH_H
#define MARIADB_FDW_VERIFY_DIGEST_ROW_HASH_H

#include "mariadb_fdw.h"

#include "access/tupdesc.h"

#include "catalog/remote.h"

/*
 * How a value is written in a row's text; values >= 0 are fractional digits.
 */
typedef enum MariaFormat
{
	MARIA_FORMAT_LENGTH = -1,	/* length, colon, bytes */
	MARIA_FORMAT_HASH = -2		/* the hash of the bytes, which may be long */
} MariaFormat;

/* The hashes of a row's text: MySQL 9 has SHA-256 alone. */
typedef enum MariaHashKind
{
	MARIA_SHA1,
	MARIA_SHA256
} MariaHashKind;

#define MARIA_MAX_HASH_BYTES 32

/* sha.c */
extern void maria_hash(MariaHashKind kind, const void *data, size_t len,
					   uint8 *hashed);
extern int	maria_hash_bytes(MariaHashKind kind);
extern const char *maria_hash_name(MariaHashKind kind);
extern bool maria_find_hash(const char *name, MariaHashKind *kind);
extern char *maria_hash_sql(MariaHashKind kind, const char *sql);

/* row_hash.c */
extern Oid	maria_plain_type(Oid type);

/* canonical.c */
extern bool maria_canonical_column(const MariaRemoteColumn *column,
								   Form_pg_attribute att,
								   const MariaOptions *opts, MariaHashKind hash,
								   int *format, char **sql);

#endif							/* MARIADB_FDW_VERIFY_DIGEST_ROW_HASH_H */
