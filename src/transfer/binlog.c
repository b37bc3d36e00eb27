/*
 * Does the binary log of a server contain all of its changes?
 *
 * Only then does a position in it identify a snapshot.  What a replica without
 * log_slave_updates applies and what filters exclude is not in the log; a
 * session with sql_log_bin = 0 is not visible in any setting, but in the
 * number of InnoDB's next transaction.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "transfer/workers.h"

/*
 * Returns the value of a variable in the rows of a SHOW, "" if it does not
 * exist.
 */
static char *
show_value(MariaConn *conn, const char *show, const char *name)
{
	MariaResult *result = maria_open_fields(conn,
											psprintf("SHOW %s LIKE %s", show,
													 maria_quote_literal(name)),
											2, MARIA_NONE_NULL);
	char	   *found = "";

	while (maria_fetch(result))
		if (pg_strcasecmp(maria_field_text(result, 0), name) == 0)
			found = maria_field_text(result, 1);
	maria_close(result);
	return found;
}

static bool
is_set(MariaConn *conn, const char *show, const char *name)
{
	char	   *value = show_value(conn, show, name);

	return *value != '\0' && strcmp(value, "0") != 0 &&
		pg_strcasecmp(value, "OFF") != 0;
}

/*
 * Runs a SHOW for which the account may lack the privilege, and joins some of
 * the fields.  NULL if there is no privilege or no row.
 */
static char *
try_show(MariaConn *conn, const char *sql, int first, int last, bool *allowed)
{
	MariaResult *result;
	char	   *found = NULL;

	*allowed = maria_try_allowed(conn, sql);
	if (!*allowed)
		return NULL;
	result = maria_open(conn, sql);
	while (maria_fetch(result))
	{
		found = found ? found : "";
		for (int i = first; i < Min(last + 1, result->nfields); i++)
		{
			char	   *text = maria_field_text(result, i);

			found = text ? psprintf("%s%s", found, text) : found;
		}
	}
	maria_close(result);
	return found;
}

/* Runs a SHOW by its new name, or by its old one. */
static char *
try_either_show(MariaConn *conn, const char *const *names, int first, int last,
				bool *allowed)
{
	char	   *found = NULL;

	*allowed = false;
	for (int i = 0; i < 2 && !*allowed; i++)
		found = try_show(conn, names[i], first, last, allowed);
	return found;
}

/* Does the server apply, or has it applied, the changes of another? */
static bool
is_replica(MariaConn *conn)
{
	static const char *const mysql_status[] = {"SHOW REPLICA STATUS", "SHOW SLAVE STATUS"};
	bool		allowed;

	if (maria_is_mysql(conn))
		return try_either_show(conn, mysql_status, 0, 0, &allowed) != NULL;
	return is_set(conn, "GLOBAL VARIABLES", "gtid_slave_pos") ||
		is_set(conn, "GLOBAL VARIABLES", "wsrep_on") ||
		is_set(conn, "GLOBAL STATUS", "Slaves_running") ||
		is_set(conn, "GLOBAL STATUS", "Slave_running") ||
		try_show(conn, "SHOW ALL SLAVES STATUS", 0, 0, &allowed) != NULL;
}

/*
 * Returns why the binary log does not contain all changes, or NULL if no
 * reason is known; and whether it is certain that there are no filters, which
 * not every account may check.
 */
const char *
maria_log_gap(MariaConn *conn, bool *no_filters)
{
	static const char *const log_status[] = {"SHOW MASTER STATUS", "SHOW BINARY LOG STATUS"};
	char	   *filters;

	*no_filters = false;
	if (!is_set(conn, "GLOBAL VARIABLES", "log_bin"))
		return "the binary log is off";
	if (!is_set(conn, "GLOBAL VARIABLES", "log_slave_updates") &&
		!is_set(conn, "GLOBAL VARIABLES", "log_replica_updates") &&
		is_replica(conn))
		return maria_is_mysql(conn)
			? "the binary log does not contain all changes: the server is a replica without log_replica_updates"
			: "the binary log does not contain all changes: the server is a replica without log_slave_updates";

	/* File, Position, Binlog_Do_DB, Binlog_Ignore_DB */
	filters = try_either_show(conn, log_status, 2, 3, no_filters);
	if (filters && *filters)
		return "the binary log does not contain all changes: binlog_do_db or binlog_ignore_db is set";
	return NULL;
}

/*
 * Reads both from one row, because the server may start a new file at any
 * time.
 */
static void
read_file_and_position(MariaConn *conn, const char *const *names, char **file,
					   char **position)
{
	MariaResult *result;
	int			i = 0;

	while (i < 2 && !maria_try_allowed(conn, names[i]))
		i++;
	if (i == 2)
		return;
	result = maria_open(conn, names[i]);
	while (maria_fetch(result))
		if (result->nfields >= 2)
		{
			*file = maria_field_text(result, 0);
			*position = maria_field_text(result, 1);
		}
	maria_close(result);
}

/*
 * Reads MySQL's binary log position and the executed transactions: while the
 * tables are locked these are the position of a snapshot of them.  False if
 * the account may not read it.
 */
bool
maria_read_log_place(MariaConn *conn, MariaSnapshot *snapshot, char **gtid)
{
	static const char *const log_status[] = {"SHOW BINARY LOG STATUS", "SHOW MASTER STATUS"};
	char	   *file = NULL;
	char	   *position = NULL;

	read_file_and_position(conn, log_status, &file, &position);
	*gtid = show_value(conn, "GLOBAL VARIABLES", "gtid_executed");
	if (**gtid == '\0')
		*gtid = NULL;
	return file && position && *file != '\0' &&
		strlcpy(snapshot->file, file, sizeof(snapshot->file)) < sizeof(snapshot->file) &&
		strlcpy(snapshot->position, position, sizeof(snapshot->position)) < sizeof(snapshot->position);
}

/*
 * Returns the number of InnoDB's next transaction, which every writing
 * transaction increases, logged or not; 0 on a server that does not show it.
 */
uint64
maria_next_transaction(MariaConn *conn)
{
	return (uint64) strtoull(show_value(conn, "STATUS", "Innodb_max_trx_id"),
							 NULL, 10);
}
