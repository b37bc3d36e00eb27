/*
 * Are the same rows on both sides?
 */
#ifndef MARIADB_FDW_VERIFY_H
#define MARIADB_FDW_VERIFY_H

#include "mariadb_fdw.h"

#include "access/tupdesc.h"
#include "utils/rel.h"

#include "schema/schema.h"
#include "values/values.h"

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
	uint64		mask;			/* of the bits of a value that is by value */
	uint64		seed;			/* of the column's name */
	uint64		null[2];		/* what a NULL adds */
} MariaDigestColumn;

/* One table on both sides, with the columns that both have. */
typedef struct MariaTablePair
{
	MariaRemoteTable *remote;
	const char *schema;			/* remote */
	Relation	local;
	MariaOptions *opts;			/* of the server */
	List	   *attnums;		/* local attribute of each common column */
	List	   *names;			/* their remote names */
	List	   *columns;		/* of MariaRemoteColumn */
	bool		same_columns;
} MariaTablePair;

/* How a value stands in a row's text, if not the digits of a second, >= 0. */
typedef enum MariaFormat
{
	MARIA_FORMAT_LENGTH = -1,	/* length, colon, bytes */
	MARIA_FORMAT_HASH = -2		/* the hash of the bytes, which may be many */
} MariaFormat;

/* The hashes of a row's text: MySQL 9 has SHA-256 alone. */
typedef enum MariaHashKind
{
	MARIA_SHA1,
	MARIA_SHA256
} MariaHashKind;

#define MARIA_MAX_HASH_BYTES 32

/* digest/sha.c */
extern void maria_hash(MariaHashKind kind, const void *data, size_t len,
					   uint8 *hashed);
extern int	maria_hash_bytes(MariaHashKind kind);
extern const char *maria_hash_name(MariaHashKind kind);
extern bool maria_find_hash(const char *name, MariaHashKind *kind);
extern char *maria_hash_sql(MariaHashKind kind, const char *sql);

/* digest/row_hash.c */
extern Oid	maria_plain_type(Oid type);

/* digest/canonical.c */
extern bool maria_canonical_column(const MariaRemoteColumn *column,
								   Form_pg_attribute att,
								   const MariaOptions *opts, MariaHashKind hash,
								   int *format, char **sql);

/* digest/digest.c */
extern void maria_digest_column(MariaDigestColumn *col, Form_pg_attribute att,
								int index);
extern void maria_hash_row(const MariaDigestColumn *columns, int ncolumns,
						   const Datum *values, const bool *isnull,
						   uint64 hash[2]);
extern void maria_digest_row(MariaDigest *digest,
							 const MariaDigestColumn *columns, int ncolumns,
							 const Datum *values, const bool *isnull);
extern void maria_digest_add(MariaDigest *to, const MariaDigest *from);
extern char *maria_digest_text(const MariaDigest *digest);
extern bool maria_digest_parse(const char *text, MariaDigest *digest);

/* digest/parts.c */
extern Datum maria_digest_result(FunctionCallInfo fcinfo, int64 rows,
								 const MariaDigest *digest);

/* Does something with each table of a call; pair->local is NULL if missing. */
typedef void (*MariaTakePair) (MariaConn *conn, MariaTablePair *pair,
							   void *arg);

/* each_table.c */
extern int	maria_warn_of_call(FunctionCallInfo fcinfo, int list_argument);
extern void maria_report_hidden(const char *schema);
extern void maria_each_pair(FunctionCallInfo fcinfo, int list_argument,
							MariaTakePair take, void *arg);

/* attempt.c */
extern ErrorData *maria_try_pair(MariaConn *conn, MariaTablePair *pair,
								 MariaTakePair take, void *arg);
extern char *maria_error_status(const ErrorData *error);
extern void maria_warn_of_table(const MariaTablePair *pair,
								const ErrorData *error);

/* pair.c */
extern Oid	maria_find_local_table(Oid namespace, const char *name);
extern bool maria_is_compared(const MariaRemoteTable *table, bool is_all,
							  List *listed);
extern void maria_match_columns(MariaTablePair *pair);
extern MariaDigestColumn *maria_digest_columns(MariaTablePair *pair,
											   bool by_position);
extern char *maria_remote_name(const MariaTablePair *pair);
extern char *maria_local_name(const MariaTablePair *pair);
extern char *maria_remote_columns(const MariaTablePair *pair);
extern char *maria_local_columns(const MariaTablePair *pair);
extern char *maria_remote_select(const MariaTablePair *pair);
extern char *maria_local_select(const MariaTablePair *pair);
extern MariaOptions *maria_pair_options(const MariaTablePair *pair,
										int column);
extern void maria_pair_reader(MariaReader *reader, const MariaTablePair *pair,
							  MariaResult *result);

/* digest/sides.c */
extern const char *maria_digest_sides(MariaConn *conn, MariaTablePair *pair,
									  bool may_use_sql, int workers,
									  MariaDigest *remote, MariaDigest *local);
extern const char *maria_count_sides(MariaConn *conn, MariaTablePair *pair,
									 int workers, MariaDigest *remote,
									 MariaDigest *local);

#endif							/* MARIADB_FDW_VERIFY_H */
