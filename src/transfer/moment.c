/*
 * Which moment is a snapshot of?
 *
 * MariaDB freezes its place in the binary log together with a consistent
 * snapshot.  Two snapshots with the same place show the same rows; without a
 * binary log the place is empty, and says nothing.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "session/session.h"
#include "transfer/team.h"

/* Copies a field of the row in hand; what does not fit is no moment. */
static void
copy_field(char *to, size_t size, MariaResult *result, int field)
{
	char	   *text = maria_field_text(result, field);

	if (text && strlcpy(to, text, size) >= size)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_ERROR),
				 errmsg("MariaDB's binary log position is too long")));
}

static void
read_place(MariaConn *conn, MariaMoment *moment)
{
	MariaResult *result = maria_open_fields(conn,
											"SHOW STATUS LIKE 'Binlog_snapshot_%'",
											2, MARIA_NONE_NULL);

	while (maria_fetch(result))
	{
		char		name[64] = "";

		copy_field(name, sizeof(name), result, 0);
		if (pg_strcasecmp(name, "Binlog_snapshot_file") == 0)
			copy_field(moment->file, sizeof(moment->file), result, 1);
		else if (pg_strcasecmp(name, "Binlog_snapshot_position") == 0)
			copy_field(moment->position, sizeof(moment->position), result, 1);
	}
	maria_close(result);
}

/* A balancer may have led us to different servers. */
static void
read_host(MariaConn *conn, MariaMoment *moment)
{
	MariaResult *result = maria_open_fields(conn,
											"SELECT CONCAT_WS(':', @@hostname, @@port, @@server_id)",
											1, MARIA_NONE_NULL);

	while (maria_fetch(result))
		copy_field(moment->host, sizeof(moment->host), result, 0);
	maria_close(result);
}

/* Does a connection lead to the server that a snapshot is of? */
bool
maria_is_host_of(MariaConn *conn, const MariaMoment *moment)
{
	MariaMoment own = {0};

	read_host(conn, &own);
	return strcmp(own.host, moment->host) == 0;
}

/* Takes a new snapshot, which outlives commits, and tells its moment. */
MariaMoment *
maria_take_moment(Oid serverid)
{
	MariaMoment *moment = palloc0(sizeof(MariaMoment));
	MariaConn  *conn = maria_hold_snapshot(serverid, GetUserId());

	read_place(conn, moment);
	read_host(conn, moment);
	return moment;
}

/* Are two snapshots proven to be of one moment, or at least of one server? */
bool
maria_same_moment(const MariaMoment *a, const MariaMoment *b, bool by_log)
{
	if (strcmp(a->host, b->host) != 0)
		return false;
	return !by_log ||
		(*a->file && strcmp(a->file, b->file) == 0 &&
		 strcmp(a->position, b->position) == 0);
}

/* Returns the GTID of a moment, or NULL where it cannot be seen. */
char *
maria_moment_gtid(Oid serverid, const MariaMoment *moment)
{
	MariaConn  *conn = maria_get_connection(serverid, GetUserId(), MARIA_READ);
	MariaResult *result;
	char		gtid[MOMENT_LENGTH] = "";

	if (*moment->file == '\0')
		return NULL;
	result = maria_open_fields(conn,
							   psprintf("SELECT BINLOG_GTID_POS(%s, %s)",
										maria_quote_literal(moment->file),
										maria_quote_literal(moment->position)),
							   1, MARIA_NULLABLE(0));
	while (maria_fetch(result))
		copy_field(gtid, sizeof(gtid), result, 0);
	maria_close(result);
	return *gtid ? pstrdup(gtid) : NULL;
}
