/*
 * Which state of the server does a snapshot show?
 *
 * MariaDB freezes its binary log position together with a consistent
 * snapshot.  Two snapshots with the same position show the same rows; without
 * a binary log the position is empty, and proves nothing.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "session/session.h"
#include "transfer/workers.h"

/* Copies a field of the current row; raises an error if it does not fit. */
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
read_place(MariaConn *conn, MariaSnapshot *snapshot)
{
	MariaResult *result = maria_open_fields(conn,
											"SHOW STATUS LIKE 'Binlog_snapshot_%'",
											2, MARIA_NONE_NULL);

	while (maria_fetch(result))
	{
		char		name[64] = "";

		copy_field(name, sizeof(name), result, 0);
		if (pg_strcasecmp(name, "Binlog_snapshot_file") == 0)
			copy_field(snapshot->file, sizeof(snapshot->file), result, 1);
		else if (pg_strcasecmp(name, "Binlog_snapshot_position") == 0)
			copy_field(snapshot->position, sizeof(snapshot->position), result, 1);
	}
	maria_close(result);
}

/* A load balancer may have connected us to different servers. */
static void
read_host(MariaConn *conn, MariaSnapshot *snapshot)
{
	MariaResult *result = maria_open_fields(conn,
											"SELECT CONCAT_WS(':', @@hostname, @@port, @@server_id)",
											1, MARIA_NONE_NULL);

	while (maria_fetch(result))
		copy_field(snapshot->host, sizeof(snapshot->host), result, 0);
	maria_close(result);
}

/* Is a connection to the server of a snapshot? */
bool
maria_is_host_of(MariaConn *conn, const MariaSnapshot *snapshot)
{
	MariaSnapshot own = {0};

	read_host(conn, &own);
	return strcmp(own.host, snapshot->host) == 0;
}

/* Takes a new snapshot, which outlives commits, and returns its identity. */
MariaSnapshot *
maria_take_snapshot(Oid serverid)
{
	MariaSnapshot *snapshot = palloc0(sizeof(MariaSnapshot));
	MariaConn  *conn = maria_hold_snapshot(serverid, GetUserId());

	read_place(conn, snapshot);
	read_host(conn, snapshot);
	return snapshot;
}

/* Are two snapshots proven to be the same, or at least of the same server? */
bool
maria_is_same_snapshot(const MariaSnapshot *a, const MariaSnapshot *b, bool by_log)
{
	if (strcmp(a->host, b->host) != 0)
		return false;
	return !by_log ||
		(*a->file && strcmp(a->file, b->file) == 0 &&
		 strcmp(a->position, b->position) == 0);
}

/* Returns the GTID of a snapshot, or NULL if it cannot be read. */
char *
maria_snapshot_gtid(Oid serverid, const MariaSnapshot *snapshot)
{
	MariaConn  *conn = maria_get_connection(serverid, GetUserId(), MARIA_READ);
	MariaResult *result;
	char		gtid[SNAPSHOT_TEXT_LENGTH] = "";

	if (*snapshot->file == '\0')
		return NULL;
	result = maria_open_fields(conn,
							   psprintf("SELECT BINLOG_GTID_POS(%s, %s)",
										maria_quote_literal(snapshot->file),
										maria_quote_literal(snapshot->position)),
							   1, MARIA_NULLABLE(0));
	while (maria_fetch(result))
		copy_field(gtid, sizeof(gtid), result, 0);
	maria_close(result);
	return *gtid ? pstrdup(gtid) : NULL;
}
