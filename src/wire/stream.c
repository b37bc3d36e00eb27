/*
 * How are a statement's rows read fast, in constant memory, and completely?
 *
 * A prepared statement without cursor: the server sends rows while it makes
 * them, and each value is taken where it lies in the library's buffer.  One
 * connection can stream one result; when another statement needs the
 * connection, the rest of the first is parked in a tuplestore.
 */
#include "postgres.h"

#include "access/tupdesc.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/resowner.h"
#include "utils/tuplestore.h"

#include "wire/client.h"

/* How much is read to the end before the statement is killed instead. */
#define DRAIN_BYTES (256 * 1024)

/* How much may still arrive after a statement has been killed. */
#define KILLED_BYTES (64 * 1024 * 1024)

/* How long ending a statement may take, in ms. */
#define ABANDON_TIMEOUT 1200

/* The number of character set "binary", which marks strings of bytes. */
#define CHARSET_BINARY 63

/* MariaDB's limit is 4096; more is malformed. */
#define MAX_FIELDS 65535

typedef enum StreamState
{
	STREAM_LIVE,				/* rows are read from the connection */
	STREAM_PARKED,				/* rows are read from the tuplestore */
	STREAM_DONE,				/* the end was seen */
	STREAM_LOST					/* the connection was lost before the end */
} StreamState;

struct MariaStream
{
	StreamState state;
	MariaConn  *conn;			/* only while live */
	MYSQL_STMT *stmt;			/* only while live */
	const char *sql;
	MemoryContext context;
	ResourceOwner owner;		/* of parked rows; NULL once released */
	MariaValue *scratch;		/* a row that was read for no reader */
	Tuplestorestate *parked;
	TupleTableSlot *slot;
	MariaResult result;
};

/* First bytes of a length: below, it is the length itself. */
#define LENGTH_IN_ONE_BYTE 251
#define LENGTH_OF_2_BYTES 252
#define LENGTH_OF_3_BYTES 253

/* Reads the length before a value; false if it extends past the end. */
static inline bool
read_length(const unsigned char **pos, const unsigned char *end, size_t *len)
{
	const unsigned char *p = *pos;
	int			width;

	if (p >= end)
		return false;
	*len = *p++;
	*pos = p;
	if (*len < LENGTH_IN_ONE_BYTE)
		return true;

	width = *len == LENGTH_OF_2_BYTES ? 2 : *len == LENGTH_OF_3_BYTES ? 3 : 8;
	if (end - p < width)
		return false;
	*len = 0;
	for (int i = width - 1; i >= 0; i--)
		*len = *len << 8 | p[i];
	*pos = p + width;
	return true;
}

/*
 * Notes where the values of a row lie: a zero byte, a mask of NULLs that
 * begins at its third bit, and the values.  False if they do not fill the
 * packet exactly.
 */
static bool
parse_row(MariaResult *result, MariaValue *row, const unsigned char *packet,
		  size_t len)
{
	const unsigned char *end = packet + len;
	const unsigned char *nulls = packet + 1;
	const unsigned char *at = nulls + (result->nfields + 9) / 8;

	if (at > end || packet[0] != 0)
		return false;
	for (int i = 0; i < result->nfields; i++)
	{
		MariaValue *value = &row[i];
		size_t		n = result->fields[i].width;

		value->data = NULL;
		if (nulls[(i + 2) / 8] & 1 << (i + 2) % 8)
			continue;
		if (n == 0 && !read_length(&at, end, &n))
			return false;
		if (n > (size_t) (end - at))
			return false;
		value->data = at;
		value->len = n;
		at += n;
	}
	return at == end;
}

/*
 * Reads the next row: true, or false with *at_end set if it is the end of the
 * rows and not an error.  The library's own loop over a row trusts the lengths
 * in it, in some versions even past the packet; so packets are read here, and
 * the library is informed of their end.
 */
static inline bool
read_row(MariaStream *stream, MariaValue *row, bool *at_end)
{
	MYSQL	   *mysql = stream->conn->mysql;
	unsigned long len = mysql_net_read_packet(mysql);
	const unsigned char *packet = mysql->net.read_pos;

	*at_end = false;
	if (likely(len != packet_error && len > 0 && packet[0] == 0))
	{
		stream->result.row_bytes = len;
		return parse_row(&stream->result, row, packet, len);
	}
	*at_end = len != packet_error && len > 0 && len < 9 && packet[0] == 0xFE;
	return false;
}

/* The remote type of string-like fields, which share a few wire types. */
static MariaType
string_type(MYSQL_FIELD *field)
{
	MARIADB_CONST_STRING attr;

	if (field->flags & ENUM_FLAG)
		return MARIA_ENUM;
	if (field->flags & SET_FLAG)
		return MARIA_SET;
	if (mariadb_field_attr(&attr, field, MARIADB_FIELD_ATTR_FORMAT_NAME) == 0 &&
		attr.length == 4 && memcmp(attr.str, "json", 4) == 0)
		return MARIA_JSON;
	if (mariadb_field_attr(&attr, field,
						   MARIADB_FIELD_ATTR_DATA_TYPE_NAME) == 0)
	{
		if (attr.length == 4 && memcmp(attr.str, "uuid", 4) == 0)
			return MARIA_UUID;
		if (attr.length == 5 && memcmp(attr.str, "inet", 4) == 0)
			return MARIA_INET;
	}
	return field->charsetnr == CHARSET_BINARY ? MARIA_BYTES : MARIA_TEXT;
}

static const struct
{
	enum enum_field_types wire_type;
	MariaType	type;
	int			width;
}			wire_types[] = {
	{MYSQL_TYPE_NULL, MARIA_NULL, 0},
	{MYSQL_TYPE_TINY, MARIA_TINYINT, 1},
	{MYSQL_TYPE_SHORT, MARIA_SMALLINT, 2},
	{MYSQL_TYPE_INT24, MARIA_INT, 4},
	{MYSQL_TYPE_LONG, MARIA_INT, 4},
	{MYSQL_TYPE_LONGLONG, MARIA_BIGINT, 8},
	{MYSQL_TYPE_YEAR, MARIA_YEAR, 2},
	{MYSQL_TYPE_FLOAT, MARIA_FLOAT, 4},
	{MYSQL_TYPE_DOUBLE, MARIA_DOUBLE, 8},
	{MYSQL_TYPE_DECIMAL, MARIA_DECIMAL, 0},
	{MYSQL_TYPE_NEWDECIMAL, MARIA_DECIMAL, 0},
	{MYSQL_TYPE_BIT, MARIA_BIT, 0},
	{MYSQL_TYPE_DATE, MARIA_DATE, 0},
	{MYSQL_TYPE_NEWDATE, MARIA_DATE, 0},
	{MYSQL_TYPE_DATETIME, MARIA_DATETIME, 0},
	{MYSQL_TYPE_TIMESTAMP, MARIA_TIMESTAMP, 0},
	{MYSQL_TYPE_TIME, MARIA_TIME, 0},
	{MYSQL_TYPE_JSON, MARIA_JSON, 0},
	{MYSQL_TYPE_ENUM, MARIA_ENUM, 0},
	{MYSQL_TYPE_SET, MARIA_SET, 0},
	{MYSQL_TYPE_GEOMETRY, MARIA_GEOMETRY, 0},
};

/*
 * Reads a time zone that is given as +hh:mm; a named zone has no fixed offset.
 */
static bool
read_zone_offset(const char *zone, int64 *offset)
{
	int			hours;
	int			minutes;
	char		sign;
	int			end = 0;

	if (sscanf(zone, "%c%2d:%2d%n", &sign, &hours, &minutes, &end) != 3 ||
		zone[end] != '\0' || (sign != '+' && sign != '-'))
		return false;
	*offset = (hours * MINS_PER_HOUR + minutes) * USECS_PER_MINUTE;
	if (sign == '-')
		*offset = -*offset;
	return true;
}

static void
describe_field(MariaConn *conn, MariaField *to, MYSQL_FIELD *from)
{
	to->name = from->name ? maria_to_local(from->name, strlen(from->name), NULL)
		: "";
	to->product = maria_product_name(conn);
	to->is_unsigned = (from->flags & UNSIGNED_FLAG) != 0;
	to->decimals = from->decimals;
	to->length = from->length;
	to->zone_known = read_zone_offset(conn->opts.time_zone, &to->zone_offset);
	for (size_t i = 0; i < lengthof(wire_types); i++)
	{
		if (wire_types[i].wire_type != from->type)
			continue;
		to->type = wire_types[i].type;
		to->width = wire_types[i].width;
		return;
	}
	to->type = string_type(from);
	to->width = 0;
}

/*
 * Informs the library that the rows have ended.  Otherwise it would wait for
 * them when the statement is closed.
 */
static void
mark_end_of_rows(MariaStream *stream)
{
	stream->stmt->mysql->status = MYSQL_STATUS_READY;
	stream->stmt->state = MYSQL_STMT_FETCH_DONE;
}

/* Frees the statement, whose rows have ended. */
static void
end_statement(MariaStream *stream, StreamState state)
{
	Assert(stream->state == STREAM_LIVE && stream->stmt != NULL);
	Assert(stream->conn->reading == stream);
	maria_end_reading();
	stream->conn->reading = NULL;
	stream->conn = NULL;
	stream->state = state;
	mark_end_of_rows(stream);
	mysql_stmt_close(stream->stmt);
	stream->stmt = NULL;
}

/* Raises a statement's error after it has been freed. */
static void
report_stmt_error(MariaStream *stream)
{
	MariaConn  *conn = stream->conn;
	unsigned int code = mysql_stmt_errno(stream->stmt);
	char	   *sqlstate = pstrdup(mysql_stmt_sqlstate(stream->stmt));
	char	   *message = pstrdup(mysql_stmt_error(stream->stmt));

	/* An error between two rows is stored only in the connection. */
	if (code == 0 && (code = mysql_errno(conn->mysql)) != 0)
	{
		sqlstate = pstrdup(mysql_sqlstate(conn->mysql));
		message = pstrdup(mysql_error(conn->mysql));
	}
	if (code == 0)
	{
		code = CR_MALFORMED_PACKET;
		message = psprintf("%s sent a malformed row", maria_product_name(conn));
	}
	/* Only the server's own errors end the rows: do not wait for the rest. */
	if (maria_is_library_error(code))
		mariadb_cancel(conn->mysql);
	end_statement(stream, STREAM_LOST);
	maria_report_error(conn, stream->sql, code, sqlstate, message);
}

/*
 * Copies the values of the current row out of the library's buffer, before
 * anything else is read into it: a reader may be in a user's function between
 * two columns of the row.
 */
static void
keep_row(MariaStream *stream)
{
	MariaResult *result = &stream->result;
	MariaValue *row = result->row;
	size_t		size = 0;
	unsigned char *at;

	Assert(stream->state == STREAM_LIVE);
	for (int i = 0; i < result->nfields; i++)
		size += row[i].data ? row[i].len : 0;
	at = MemoryContextAllocHuge(stream->context, size + 1);
	for (int i = 0; i < result->nfields; i++)
	{
		if (row[i].data == NULL)
			continue;
		row[i].data = memcpy(at, row[i].data, row[i].len);
		at += row[i].len;
	}
}

/*
 * Reads to the end of the rows, or until there are too many or the time has
 * expired; true at the end.
 */
static bool
drain(MariaStream *stream, size_t limit)
{
	size_t		bytes = 0;
	bool		at_end;

	while (bytes <= limit && !maria_is_out_of_time())
	{
		if (!read_row(stream, stream->scratch, &at_end))
		{
			if (!at_end &&
				mysql_errno(stream->conn->mysql) != ER_QUERY_INTERRUPTED)
				stream->conn->broken = true;
			return true;
		}
		bytes += stream->result.nfields;
		for (int i = 0; i < stream->result.nfields; i++)
			if (stream->scratch[i].data)
				bytes += stream->scratch[i].len;
	}
	return false;
}

/*
 * Discards rows that are no longer needed, without an error.  A few are read;
 * if there are many, or it takes too long, the statement is killed.  The
 * connection and its transaction survive if the server stops at once.
 */
static void
abandon(MariaStream *stream)
{
	MariaConn  *conn = stream->conn;
	MariaPatience old = maria_set_patience(ABANDON_TIMEOUT, conn);

	if (!conn->broken && stream->result.nfields > 0 &&
		!drain(stream, DRAIN_BYTES) &&
		!(maria_kill(conn, true) && drain(stream, KILLED_BYTES)))
		conn->broken = true;
	if (conn->broken)
		mariadb_cancel(conn->mysql);
	else
		conn->busy = false;
	end_statement(stream, STREAM_DONE);
	maria_restore_patience(old);
}

/* Called when the memory of a result is released, for any reason. */
static void
release_stream(void *arg)
{
	MariaStream *stream = arg;

	if (stream->state == STREAM_LIVE)
		abandon(stream);
}

static MariaStream *
new_stream(MariaConn *conn, const char *sql)
{
	MariaStream *stream = palloc0(sizeof(MariaStream));
	MemoryContextCallback *callback = palloc0(sizeof(*callback));

	stream->state = STREAM_DONE;
	stream->conn = conn;
	stream->sql = pstrdup(sql);
	stream->context = CurrentMemoryContext;
	stream->owner = CurrentResourceOwner;
	stream->result.stream = stream;
	stream->result.nullable = MARIA_ANY_NULL;
	callback->func = release_stream;
	callback->arg = stream;
	MemoryContextRegisterResetCallback(CurrentMemoryContext, callback);
	return stream;
}

static void
describe_result(MariaStream *stream)
{
	MariaResult *result = &stream->result;
	unsigned int nfields = mysql_stmt_field_count(stream->stmt);

	/* The response to the execution may contradict that to the preparation. */
	if (nfields != stream->conn->mysql->field_count || nfields > MAX_FIELDS ||
		(nfields > 0 && stream->stmt->fields == NULL))
		report_stmt_error(stream);
	result->fields = palloc0(sizeof(MariaField) * Max(nfields, 1));
	result->row = palloc0(sizeof(MariaValue) * Max(nfields, 1));
	stream->scratch = palloc0(sizeof(MariaValue) * Max(nfields, 1));
	for (unsigned int i = 0; i < nfields; i++)
		describe_field(stream->conn, &result->fields[i],
					   &stream->stmt->fields[i]);
	result->nfields = nfields;
}

/*
 * Sends a statement and returns before its first row.  The result is allocated
 * in the current memory context and is closed with it.
 */
MariaResult *
maria_open(MariaConn *conn, const char *sql)
{
	MariaStream *stream;
	char	   *remote_sql = maria_to_remote(sql);

	maria_park(conn);
	stream = new_stream(conn, sql);
	stream->stmt = mysql_stmt_init(conn->mysql);
	if (stream->stmt == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_OUT_OF_MEMORY),
				 errmsg("out of memory in the MariaDB client library")));
	stream->state = STREAM_LIVE;
	conn->reading = stream;
	conn->busy = true;

	if (mariadb_stmt_execute_direct(stream->stmt, remote_sql,
									strlen(remote_sql)) != 0)
		report_stmt_error(stream);
	describe_result(stream);
	maria_begin_reading(mysql_get_socket(conn->mysql));
	return &stream->result;
}

/*
 * Raises the error for an unexpected result of our own query: other fields, a
 * NULL or an impossible value.
 */
void
maria_report_bad_answer(MariaResult *result, const char *detail)
{
	ereport(ERROR,
			(errcode(ERRCODE_FDW_INCONSISTENT_DESCRIPTOR_INFORMATION),
			 errmsg("MariaDB sent an unexpected result"),
			 errdetail("%s", detail),
			 errcontext("remote SQL command: %s", result->stream->sql)));
}

/*
 * Sends a query for which a number of fields is expected, of which those in a
 * set may be NULL.  All readers that access fields by number use it.
 */
MariaResult *
maria_open_fields(MariaConn *conn, const char *sql, int nfields,
				  uint64 nullable)
{
	MariaResult *result = maria_open(conn, sql);

	if (result->nfields != nfields)
		maria_report_bad_answer(result,
								psprintf("The query has %d fields, but the result has %d.",
										 nfields, result->nfields));
	result->nullable = nullable;
	return result;
}

/* Checks a row for NULLs that the reader does not expect. */
static void
check_nulls(MariaResult *result)
{
	Assert(result->nullable != MARIA_ANY_NULL);
	for (int i = 0; i < result->nfields; i++)
		if (result->row[i].data == NULL &&
			(i >= MARIA_MAX_NULLABLE || !(result->nullable & MARIA_NULLABLE(i))))
			maria_report_bad_answer(result,
									psprintf("Field %d of the result is NULL.",
											 i + 1));
}

/* Ends a statement whose last row was read. */
static void
finish(MariaStream *stream)
{
	MariaConn  *conn = stream->conn;

	mark_end_of_rows(stream);

	/* A procedure may send more results, which must be read. */
	while (mysql_stmt_more_results(stream->stmt))
		if (mysql_stmt_next_result(stream->stmt) > 0)
			report_stmt_error(stream);
	conn->busy = false;
	end_statement(stream, STREAM_DONE);
}

static inline bool
fetch_live(MariaStream *stream, MariaValue *row)
{
	bool		at_end = stream->result.nfields == 0;	/* not a query */

	if (likely(!at_end && read_row(stream, row, &at_end)))
		return true;
	if (!at_end)
		report_stmt_error(stream);
	finish(stream);
	return false;
}

/* Makes the current row point to the values of a parked one. */
static bool
fetch_parked(MariaStream *stream)
{
	MariaResult *result = &stream->result;
	MemoryContext old = MemoryContextSwitchTo(stream->context);
	bool		found = tuplestore_gettupleslot(stream->parked, true, false,
												stream->slot);
	struct varlena *bytes;
	const unsigned char *pos;
	bool		isnull;

	MemoryContextSwitchTo(old); /* a tuple read from disk outlives this call */
	if (!found)
	{
		stream->state = STREAM_DONE;
		tuplestore_end(stream->parked);
		stream->parked = NULL;
		return false;
	}
	bytes = (struct varlena *) DatumGetPointer(slot_getattr(stream->slot, 1,
															&isnull));
	Assert(!isnull);
	pos = (const unsigned char *) VARDATA_ANY(bytes);
	result->row_bytes = VARSIZE_ANY_EXHDR(bytes);
	for (int i = 0; i < result->nfields; i++)
	{
		int64		len;

		memcpy(&len, pos, sizeof(len));
		pos += sizeof(len);
		result->row[i].data = len < 0 ? NULL : pos;
		result->row[i].len = Max(len, 0);
		pos += Max(len, 0);
	}
	return true;
}

/*
 * Makes the next row current; false at the end of the rows.  Anything else is
 * an error.
 */
bool
maria_fetch(MariaResult *result)
{
	MariaStream *stream = result->stream;
	bool		found = false;

	switch (stream->state)
	{
		case STREAM_LIVE:
			found = fetch_live(stream, result->row);
			break;
		case STREAM_PARKED:
			found = fetch_parked(stream);
			break;
		case STREAM_DONE:
			break;
		case STREAM_LOST:
			ereport(ERROR,
					(errcode(ERRCODE_CONNECTION_FAILURE),
					 errmsg("the remaining remote rows were lost earlier in this transaction"),
					 errcontext("remote SQL command: %s", stream->sql)));
	}
	if (likely(found))
	{
		result->row_number++;
		if (unlikely(result->nullable != MARIA_ANY_NULL))
			check_nulls(result);
	}
	return found;
}

/* Ends a result; rows not yet read are discarded. */
void
maria_close(MariaResult *result)
{
	MariaStream *stream = result->stream;

	if (stream->state == STREAM_LIVE)
		abandon(stream);
	if (stream->parked)
		tuplestore_end(stream->parked);
	stream->parked = NULL;
	stream->state = STREAM_DONE;
}

/*
 * Frees a connection for another statement if the remaining rows cannot be
 * parked.  Raises no error, but a later read of the rows does.
 */
void
maria_give_up_rows(MariaConn *conn)
{
	MariaStream *stream = conn->reading;

	if (stream == NULL)
		return;
	keep_row(stream);
	abandon(stream);
	stream->state = STREAM_LOST;
}

/* Marks the stream of a connection about to be closed as lost. */
void
maria_cut_off(MariaConn *conn)
{
	if (conn->reading == NULL)
		return;
	mariadb_cancel(conn->mysql);	/* or the library would keep reading */
	end_statement(conn->reading, STREAM_LOST);
}

/* Appends the row just read as one value, lengths first. */
static void
park_row(MariaStream *stream, StringInfo buf)
{
	MariaResult *result = &stream->result;
	Datum		value;
	bool		isnull = false;

	resetStringInfo(buf);
	appendStringInfoSpaces(buf, VARHDRSZ);
	for (int i = 0; i < result->nfields; i++)
	{
		const MariaValue *from = &stream->scratch[i];
		bool		is_null = from->data == NULL;
		int64		len = is_null ? -1 : (int64) from->len;

		appendBinaryStringInfo(buf, (const char *) &len, sizeof(len));
		if (!is_null)
			appendBinaryStringInfo(buf, (const char *) from->data,
								   (int) len);
	}
	SET_VARSIZE(buf->data, buf->len);
	value = PointerGetDatum(buf->data);
	tuplestore_putvalues(stream->parked,
						 stream->slot->tts_tupleDescriptor, &value, &isnull);
	CHECK_FOR_INTERRUPTS();
}

static void
begin_parking(MariaStream *stream)
{
	TupleDesc	desc = CreateTemplateTupleDesc(1);

	TupleDescInitEntry(desc, 1, "row", BYTEAOID, -1, 0);
	stream->slot = MakeSingleTupleTableSlot(desc, &TTSOpsMinimalTuple);
	stream->parked = tuplestore_begin_heap(false, false, work_mem);
}

static void
park_rows(MariaStream *stream)
{
	StringInfoData buf;

	Assert(stream->parked == NULL);
	begin_parking(stream);
	initStringInfo(&buf);
	while (fetch_live(stream, stream->scratch))
		park_row(stream, &buf);
	stream->state = STREAM_PARKED;
	pfree(buf.data);
}

/*
 * Called when the current resource owner is released.  No rows can be parked
 * for a failed reader, such as a cursor whose memory exists until it is
 * closed.
 */
void
maria_leave_owner(MariaConn *conn, bool is_commit)
{
	MariaStream *stream = conn->reading;

	if (stream && stream->owner == CurrentResourceOwner)
		stream->owner = is_commit ? ResourceOwnerGetParent(stream->owner)
			: NULL;
}

/*
 * Frees a connection for another statement by parking the remaining rows of
 * the one in progress.
 */
void
maria_park(MariaConn *conn)
{
	MariaStream *stream = conn->reading;
	MemoryContext old_context;
	ResourceOwner old_owner = CurrentResourceOwner;

	if (stream == NULL)
		return;
	if (stream->owner == NULL)
	{
		maria_give_up_rows(conn);
		return;
	}

	/*
	 * The rows belong to the statement that reads them, not to the next one.
	 */
	old_context = MemoryContextSwitchTo(stream->context);
	CurrentResourceOwner = stream->owner;

	/* A row that was read but not kept must not be lost silently. */
	PG_TRY();
	{
		keep_row(stream);
		park_rows(stream);
	}
	PG_CATCH();
	{
		if (stream->state == STREAM_LIVE)
			abandon(stream);
		stream->state = STREAM_LOST;
		PG_RE_THROW();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(old_context);
	CurrentResourceOwner = old_owner;
}
