/*
 * How are the rows of a table digested on each side?
 *
 * By SQL inside MariaDB, if it can write all columns exactly; streamed and
 * decoded, if it can write none; otherwise in one stream, which has the hash
 * of the columns that it can write and the others to be decoded.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/guc.h"
#include "utils/memutils.h"

#include "session/srf.h"
#include "verify/digest/row_hash.h"
#include "verify/digest/sides.h"

/* The name, in the digest, of the hash of several columns. */
#define HASH_NAME "hash"
#define HASH_BYTES 16			/* number of bytes used */

/* The maximum length of a sum of 64-bit numbers. */
#define MAX_DIGITS 39

/* The columns that MariaDB can write exactly, and the rest. */
typedef struct Split
{
	List	   *names;			/* local ones, quoted */
	List	   *sql;			/* arguments of CONCAT */
	List	   *formats;
	MariaHashKind hash;
	MariaTablePair rest;
} Split;

static Form_pg_attribute
attribute(const MariaTablePair *pair, int attnum)
{
	return TupleDescAttr(RelationGetDescr(pair->local), attnum - 1);
}

static void
split_columns(const MariaTablePair *pair, bool may_use_sql,
			  MariaHashKind hash, Split *split)
{
	ListCell   *column;
	ListCell   *attnum;

	memset(split, 0, sizeof(Split));
	split->hash = hash;
	split->rest = *pair;
	split->rest.columns = split->rest.attnums = split->rest.names = NIL;
	Assert(list_length(pair->columns) == list_length(pair->attnums));
	forboth(column, pair->columns, attnum, pair->attnums)
	{
		MariaRemoteColumn *remote = lfirst(column);
		Form_pg_attribute att = attribute(pair, lfirst_int(attnum));
		int			format;
		char	   *sql;

		if (may_use_sql &&
			maria_canonical_column(remote, att, pair->opts, hash, &format, &sql))
		{
			split->names = lappend(split->names, NameStr(att->attname));
			split->sql = lappend(split->sql, sql);
			split->formats = lappend_int(split->formats, format);
			continue;
		}
		split->rest.columns = lappend(split->rest.columns, remote);
		split->rest.attnums = lappend_int(split->rest.attnums, att->attnum);
		split->rest.names = lappend(split->rest.names, remote->name);
	}
}

static char *
join(const List *strings)
{
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	foreach(lc, strings)
		appendStringInfo(&buf, "%s%s", buf.len ? "," : "",
						 (char *) lfirst(lc));
	return buf.data;
}

/* Returns the remote SQL of the hash of the columns that MariaDB can write. */
static char *
remote_hash(const Split *split)
{
	return maria_hash_sql(split->hash, psprintf("CONCAT(%s)", join(split->sql)));
}

/* Returns the corresponding local SQL. */
static char *
local_hash(const Split *split)
{
	StringInfoData sql;
	ListCell   *lc;
	const char *separator = "";

	initStringInfo(&sql);
	appendStringInfoString(&sql, MARIA_INTERNAL_SCHEMA ".row_hash('{");
	foreach(lc, split->formats)
	{
		appendStringInfo(&sql, "%s%d", separator, lfirst_int(lc));
		separator = ",";
	}
	appendStringInfoString(&sql, "}'::pg_catalog.int4[], ROW(");
	separator = "";
	foreach(lc, split->names)
	{
		appendStringInfo(&sql, "%s%s", separator,
						 quote_identifier(lfirst(lc)));
		separator = ",";
	}
	appendStringInfo(&sql, "), '%s')", maria_hash_name(split->hash));
	return sql.data;
}

/* Copies the one row of a result, integers, as texts; NULLs are NULL. */
static char **
read_remote_row(MariaConn *conn, const char *sql, int nfields, uint64 nullable)
{
	MariaResult *result = maria_open_fields(conn, sql, nfields, nullable);
	char	  **texts = palloc0(sizeof(char *) * nfields);

	if (!maria_fetch(result))
		maria_report_bad_answer(result, "The result has no rows.");
	for (int i = 0; i < nfields; i++)
	{
		texts[i] = maria_field_text(result, i);
		if (texts[i] && (strlen(texts[i]) > MAX_DIGITS || *texts[i] == '\0' ||
						 strspn(texts[i], "0123456789") != strlen(texts[i])))
			maria_report_bad_answer(result,
									psprintf("Field %d of the result is not an integer.",
											 i + 1));
	}
	if (maria_fetch(result))
		maria_report_bad_answer(result, "The result has more than one row.");
	maria_close(result);
	return texts;
}

static uint64
parse_count(const char *text)
{
	return strtoull(text, NULL, 10);
}

/* Adds a decimal number to 128 bits, a digit at a time in words of 32. */
static void
read_sum(const char *text, uint64 word[2])
{
	uint32		part[4] = {0};

	for (; text && *text; text++)
	{
		uint64		carry = (unsigned char) *text - '0';

		for (int i = 0; i < 4; i++)
		{
			carry += (uint64) part[i] * 10;
			part[i] = (uint32) carry;
			carry >>= 32;
		}
	}
	word[0] = (uint64) part[1] << 32 | part[0];
	word[1] = (uint64) part[3] << 32 | part[2];
}

/*
 * Makes MariaDB sum the hashes of all rows as 128-bit numbers.  A hash is
 * computed once per row: the first sum stores it in a variable for the
 * others.  False if a row is too long for CONCAT, which then returns NULL.
 */
static bool
sum_remote(MariaConn *conn, const MariaTablePair *pair, const Split *split,
		   MariaDigest *digest)
{
	char	  **texts;
	uint64		low[2];
	uint64		high[2];

	maria_command(conn, "SET @mariadb_fdw = ''");
	texts = read_remote_row(conn, psprintf("SELECT COUNT(*), COUNT(@mariadb_fdw := %s), "
										   "SUM(CAST(CONV(LEFT(@mariadb_fdw, 16), 16, 10) AS UNSIGNED)), "
										   "SUM(CAST(CONV(SUBSTR(@mariadb_fdw, 17, 16), 16, 10) AS UNSIGNED)) FROM %s",
										   remote_hash(split),
										   maria_remote_name(pair)), 4,
							MARIA_NULLABLE(2) | MARIA_NULLABLE(3));
	if (strcmp(texts[0], texts[1]) != 0)
		return false;
	digest->rows = parse_count(texts[0]);
	read_sum(texts[2], high);
	read_sum(texts[3], low);
	digest->low = low[0];
	digest->high = low[1] + high[0];
	return true;
}

/* Describes the hash as a column of type uuid, whose values have its bytes. */
static void
add_hash_column(MariaDigestColumn *column, int index)
{
	FormData_pg_attribute att = {0};

	namestrcpy(&att.attname, HASH_NAME);
	att.attlen = HASH_BYTES;
	maria_digest_column(column, &att, index);
}

/* Rows of a stream, on their way into a digest. */
typedef struct Stream
{
	MariaReader reader;
	MariaDigestColumn *columns;
	int			ncolumns;
	int			hash;			/* index in values[], 0 = none */
	int			hash_bytes;
	Datum	   *values;
	bool	   *isnull;
} Stream;

static void
open_stream(Stream *stream, const Split *split, MariaResult *result)
{
	int			natts = RelationGetNumberOfAttributes(split->rest.local);
	MariaTablePair rest = split->rest;

	memset(stream, 0, sizeof(Stream));
	maria_pair_reader(&stream->reader, &rest, result);
	stream->columns = maria_digest_columns(&rest, false);
	stream->ncolumns = list_length(rest.attnums);
	stream->values = palloc0(sizeof(Datum) * (natts + 1));
	stream->isnull = palloc0(sizeof(bool) * (natts + 1));
	if (split->sql == NIL)
		return;
	stream->hash = natts;
	stream->hash_bytes = maria_hash_bytes(split->hash);
	add_hash_column(&stream->columns[stream->ncolumns++], natts);
}

/* Reads the hash after the columns; false if there is none. */
static bool
take_hash(Stream *stream, const MariaResult *result)
{
	const MariaValue *hash = &result->row[result->nfields - 1];

	if (stream->hash == 0)
		return true;
	if (hash->data == NULL || hash->len != (size_t) stream->hash_bytes)
		return false;
	stream->values[stream->hash] = PointerGetDatum(hash->data);
	return true;
}

/* Streams the source's rows into a digest; false as sum_remote. */
static bool
stream_remote(MariaConn *conn, const Split *split, MariaDigest *digest)
{
	MemoryContext row_context = AllocSetContextCreate(CurrentMemoryContext,
													  "mariadb_fdw row",
													  ALLOCSET_DEFAULT_SIZES);
	char	   *list = maria_remote_columns(&split->rest);
	MariaResult *result;
	Stream		stream;
	bool		complete = true;

	if (split->sql != NIL)
		list = psprintf("%s, UNHEX(%s)", list, remote_hash(split));
	result = maria_open_fields(conn,
							   psprintf("SELECT %s FROM %s", list,
										maria_remote_name(&split->rest)),
							   Max(list_length(split->rest.attnums), 1) +
							   (split->sql != NIL), MARIA_ANY_NULL);
	open_stream(&stream, split, result);
	while (complete && maria_fetch(result))
	{
		MemoryContext old = MemoryContextSwitchTo(row_context);

		CHECK_FOR_INTERRUPTS();
		maria_reader_row(&stream.reader, stream.values, stream.isnull);
		complete = take_hash(&stream, result);
		if (complete)
			maria_digest_row(digest, stream.columns, stream.ncolumns,
							 stream.values, stream.isnull);
		MemoryContextSwitchTo(old);
		MemoryContextReset(row_context);
	}
	maria_close(result);
	MemoryContextDelete(row_context);
	return complete;
}

/*
 * Returns the local SQL of the hash of the other columns, and of that hash.
 * It names the columns, because an engine may pass a row whose type does not.
 */
static char *
local_record_hash(const Split *split)
{
	TupleDesc	desc = RelationGetDescr(split->rest.local);
	StringInfoData values;
	List	   *names = NIL;
	ListCell   *lc;

	initStringInfo(&values);
	foreach(lc, split->rest.attnums)
	{
		char	   *name = NameStr(TupleDescAttr(desc, lfirst_int(lc) - 1)->attname);

		names = lappend(names, name);
		appendStringInfo(&values, "%s%s", values.len ? ", " : "",
						 quote_identifier(name));
	}
	if (split->sql != NIL)
	{
		names = lappend(names, HASH_NAME);
		appendStringInfo(&values, "%s%s", values.len ? ", " : "",
						 local_hash(split));
	}
	return psprintf(MARIA_INTERNAL_SCHEMA ".record_hash(%s::pg_catalog.text[], ROW(%s))",
					quote_literal_cstr(OidOutputFunctionCall(F_ARRAY_OUT,
															 PointerGetDatum(maria_text_array(names)))),
					values.data);
}

/* Returns the local SQL of the number of rows and their digest. */
static char *
local_sql(const MariaTablePair *pair, const Split *split)
{
	bool		is_all_sql = split->sql != NIL && split->rest.attnums == NIL;

	return psprintf("SELECT pg_catalog.count(*), " MARIA_INTERNAL_SCHEMA ".hash_sum(%s) "
					"FROM %s", is_all_sql ? local_hash(split)
					: local_record_hash(split), maria_local_name(pair));
}

/* Limits the number of workers of a query, unless it is negative. */
static void
limit_workers(int workers)
{
	if (workers < 0)
		return;
	(void) set_config_option("max_parallel_workers_per_gather",
							 psprintf("%d", workers), PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
}

/*
 * Runs a query of a count and perhaps a digest with the caller's privileges.
 */
static void
read_local(const char *sql, int workers, MariaDigest *digest)
{
	int			nest = NewGUCNestLevel();
	TupleDesc	desc;
	HeapTuple	row;
	bool		isnull;

	limit_workers(workers);
	SPI_connect();
	if (SPI_execute(sql, true, 0) != SPI_OK_SELECT || SPI_processed != 1)
		elog(ERROR, "no row of a local digest");	/* cannot happen */
	desc = SPI_tuptable->tupdesc;
	row = SPI_tuptable->vals[0];
	digest->rows = DatumGetInt64(SPI_getbinval(row, desc, 1, &isnull));
	if (desc->natts > 1 &&
		!maria_digest_parse(SPI_getvalue(row, desc, 2), digest))
		elog(ERROR, "no digest of the local rows"); /* cannot happen */
	SPI_finish();
	AtEOXact_GUC(true, nest);
}

/* Returns the name of the method, with the hash if it is not the usual one. */
static const char *
method_name(const Split *split)
{
	const char *hash = split->hash == MARIA_SHA1 ? "" :
	psprintf("(%s)", maria_hash_name(split->hash));

	if (split->sql == NIL)
		return "stream";
	return psprintf("sql%s%s", hash, split->rest.attnums == NIL ? "" : "+stream");
}

/* Digests the source; false if SQL cannot write a row. */
static bool
digest_remote(MariaConn *conn, const MariaTablePair *pair, const Split *split,
			  MariaDigest *digest)
{
	if (split->sql != NIL && split->rest.attnums == NIL)
		return sum_remote(conn, pair, split, digest);
	return stream_remote(conn, split, digest);
}

/* Digests a table on both sides and returns the name of the method. */
const char *
maria_digest_sides(MariaConn *conn, MariaTablePair *pair, bool may_use_sql,
				   int workers, MariaDigest *remote, MariaDigest *local)
{
	Split		split;
	MariaHashKind hash = maria_is_mysql(conn) ? MARIA_SHA256 : MARIA_SHA1;

	split_columns(pair, may_use_sql, hash, &split);
	if (!digest_remote(conn, pair, &split, remote))
	{
		memset(remote, 0, sizeof(MariaDigest));
		split_columns(pair, false, hash, &split);
		(void) stream_remote(conn, &split, remote);
	}
	read_local(local_sql(pair, &split), workers, local);
	return method_name(&split);
}

/* Counts the rows of a table on both sides. */
const char *
maria_count_sides(MariaConn *conn, MariaTablePair *pair, int workers,
				  MariaDigest *remote, MariaDigest *local)
{
	char	   *sql = psprintf("SELECT COUNT(*) FROM %s",
							   maria_remote_name(pair));

	remote->rows = parse_count(read_remote_row(conn, sql, 1,
											   MARIA_NONE_NULL)[0]);
	sql = psprintf("SELECT pg_catalog.count(*) FROM %s",
				   maria_local_name(pair));
	read_local(sql, workers, local);
	return "count";
}
