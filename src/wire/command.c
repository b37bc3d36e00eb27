/*
 * How is a statement without rows run?
 */
#include "postgres.h"

#include "wire/client.h"

/* Discards the rows of each result that a procedure may send. */
static void
discard_results(MYSQL *mysql)
{
	do
	{
		MYSQL_RES  *rows = mysql_use_result(mysql);

		if (rows)
			mysql_free_result(rows);
	} while (mysql_more_results(mysql) && mysql_next_result(mysql) == 0);
}

/*
 * Runs a statement and returns its error code, 0 for none.  Raises no error
 * and discards rows: for cleanup and for attempts.
 */
unsigned int
maria_try_command(MariaConn *conn, const char *sql)
{
	unsigned int code;

	sql = maria_to_remote(sql);
	conn->busy = true;
	if (mysql_real_query(conn->mysql, sql, strlen(sql)) == 0)
		discard_results(conn->mysql);
	code = mysql_errno(conn->mysql);
	maria_note_outcome(conn, code);
	return code;
}

/* The same with a time limit, after which the connection is broken. */
unsigned int
maria_try_within(MariaConn *conn, const char *sql, int milliseconds)
{
	MariaPatience old = maria_set_patience(milliseconds, NULL);
	unsigned int code = maria_try_command(conn, sql);

	maria_restore_patience(old);
	return code;
}

/* Raises the error of a statement that was only tried. */
void
maria_report_tried(MariaConn *conn, const char *sql)
{
	maria_report_error(conn, sql, mysql_errno(conn->mysql),
					   mysql_sqlstate(conn->mysql), mysql_error(conn->mysql));
}

/* Runs a statement and returns the number of rows it changed, 0 for a query. */
int64
maria_command(MariaConn *conn, const char *sql)
{
	my_ulonglong changed;

	maria_park(conn);
	if (maria_try_command(conn, sql) != 0)
		maria_report_tried(conn, sql);
	changed = mysql_affected_rows(conn->mysql);
	return changed == (my_ulonglong) -1 ? 0 : (int64) changed;
}

/*
 * Does this account lack the privilege for a query?  A missing table or schema
 * does not count; other errors are raised.
 */
bool
maria_is_denied(MariaConn *conn, const char *sql)
{
	unsigned int code;

	maria_park(conn);
	code = maria_try_command(conn, sql);
	switch (code)
	{
		case 0:
		case ER_NO_SUCH_TABLE:
		case ER_UNKNOWN_TABLE:	/* of information_schema, in MySQL */
		case ER_BAD_DB_ERROR:
		case ER_WRONG_DB_NAME:
		case ER_TOO_LONG_IDENT:
		case ER_INVALID_CHARACTER_STRING:
			return false;
		case ER_TABLEACCESS_DENIED_ERROR:
		case ER_COLUMNACCESS_DENIED_ERROR:
		case ER_DBACCESS_DENIED_ERROR:
			return true;
		default:
			maria_report_tried(conn, sql);
	}
	return true;
}

/*
 * Runs a statement that a server may not know, and an account may not be
 * allowed; false if so.  Other errors are raised.
 */
bool
maria_try_allowed(MariaConn *conn, const char *sql)
{
	switch (maria_try_command(conn, sql))
	{
		case 0:
			return true;
		case ER_PARSE_ERROR:
		case ER_SPECIFIC_ACCESS_DENIED_ERROR:
			return false;
		default:
			maria_report_tried(conn, sql);
	}
	return false;
}
