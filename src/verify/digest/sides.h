/*
 * Digests of both sides.
 */
#ifndef MARIADB_FDW_VERIFY_DIGEST_SIDES_H
#define MARIADB_FDW_VERIFY_DIGEST_SIDES_H

#include "mariadb_fdw.h"

#include "verify/pair.h"

extern const char *maria_digest_sides(MariaConn *conn, MariaTablePair *pair,
									  bool may_use_sql, int workers,
									  MariaDigest *remote, MariaDigest *local);
extern const char *maria_count_sides(MariaConn *conn, MariaTablePair *pair,
									 int workers, MariaDigest *remote,
									 MariaDigest *local);

#endif							/* MARIADB_FDW_VERIFY_DIGEST_SIDES_H */
