/*
 * What an SQL function returns.
 */
#ifndef MARIADB_FDW_SESSION_SRF_H
#define MARIADB_FDW_SESSION_SRF_H

#include "mariadb_fdw.h"

#include "fmgr.h"
#include "utils/array.h"
#include "utils/tuplestore.h"

#include "values/digest.h"
#include "wire/wire.h"

/* srf.c */
extern Tuplestorestate *maria_srf_begin(FunctionCallInfo fcinfo,
										TupleDesc *desc);
extern Datum maria_srf_return_by(FunctionCallInfo fcinfo, MariaResult *result,
								 MariaOptions *opts);
extern Datum maria_srf_return(FunctionCallInfo fcinfo, MariaResult *result);

extern ArrayType *maria_text_array(List *strings);
extern Datum maria_text_or_null(const char *text, bool *isnull);
extern Datum maria_line_or_null(int line, bool *isnull);

/* digests.c */
extern Datum maria_digest_result(FunctionCallInfo fcinfo, int64 rows,
								 const MariaDigest *digest);

#endif							/* MARIADB_FDW_SESSION_SRF_H */
