/*
 * How is the client library protected from malformed responses?
 *
 * It does not validate the description of a result: it dereferences parts that
 * are NULL or too short, and copies columns that the server claims to have
 * described before from unset memory.  It uses the message of an error as a
 * format.  Any of this can crash the backend, and thereby all others.  It also
 * reads announced results without end, even if the connection is closed.  The
 * library calls its own functions through a table; a connection gets a copy of
 * the table with checked functions.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "wire/client.h"

/* Text parts of a column's description, before one of fixed length. */
#define TEXT_PARTS 6
#define FIXED_LENGTH 12

typedef const struct st_mariadb_methods MariaMethods;

static MariaMethods *library = NULL;
static struct st_mariadb_methods guarded;

/* The last message of a server with a percent sign in it. */
static char kept_message[MYSQL_ERRMSG_SIZE];

/* Sets the error of a malformed packet. */
static int
refuse(MYSQL *mysql)
{
	library->set_error(mysql, CR_MALFORMED_PACKET, "HY000", NULL);
	return 1;
}

/*
 * With an extension of the protocol, type descriptions precede the fixed part.
 */
static int
fixed_part(MYSQL *mysql)
{
	unsigned long flags = 0;

	mariadb_get_infov(mysql, MARIADB_CONNECTION_EXTENDED_SERVER_CAPABILITIES,
					  &flags);
	return TEXT_PARTS + ((flags & MARIADB_CLIENT_EXTENDED_METADATA >> 32) != 0);
}

/*
 * Is the description of a column valid?  Each part begins after the zero byte
 * of the previous one; only the default, at the end, may be NULL.
 */
static bool
is_description(const MYSQL_ROWS *row, unsigned int nparts, int fixed)
{
	const char *end = row->data[fixed + 1];

	for (int i = 0; i <= fixed; i++)
		if (row->data[i] == NULL)
			return false;
	if (end == NULL)
		end = row->data[nparts];
	return end - row->data[fixed] > FIXED_LENGTH;
}

/*
 * Reads rows of text; those without fields describe columns.  Without rows,
 * the library reports missing columns.
 */
static MYSQL_DATA *
read_rows(MYSQL *mysql, MYSQL_FIELD *fields, unsigned int nparts)
{
	MYSQL_DATA *rows = library->db_read_rows(mysql, fields, nparts);
	int			fixed = fixed_part(mysql);

	if (rows == NULL || fields != NULL)
		return rows;
	for (MYSQL_ROWS *row = rows->data; row; row = row->next)
	{
		if ((unsigned int) fixed < nparts && is_description(row, nparts, fixed))
			continue;
		refuse(mysql);
		rows->data = NULL;
		break;
	}
	return rows;
}

/*
 * Removes percent signs from an error's message, which the library uses as a
 * format when it copies it from the connection to a statement.
 */
static void
hide_formats(MYSQL *mysql)
{
	if (strchr(mysql->net.last_error, '%') == NULL)
		return;
	strlcpy(kept_message, mysql->net.last_error, sizeof(kept_message));
	for (char *p = mysql->net.last_error; *p; p++)
		if (*p == '%')
			*p = '?';
}

/* Returns a message as the server has sent it. */
const char *
maria_sent_message(const char *message)
{
	size_t		i = 0;

	while (kept_message[i] == message[i] ||
		   (kept_message[i] == '%' && message[i] == '?'))
		if (message[i++] == '\0')
			return kept_message;
	return message;
}

static my_bool
read_prepare_response(MYSQL_STMT *stmt)
{
	my_bool		failed = library->db_read_prepare_response(stmt);

	if (failed)
		hide_formats(stmt->mysql);
	return failed;
}

/* Has the statement been described with this number of columns? */
static bool
is_described(MYSQL *mysql)
{
	MYSQL_STMT *stmt = mysql->stmts ? mysql->stmts->data : NULL;

	return stmt && stmt->fields && stmt->field_count == mysql->field_count;
}

/* Reads the response to a statement, up to its rows. */
static int
read_statement_result(MYSQL *mysql)
{
	int			failed = library->db_read_stmt_result(mysql);

	if (failed)
		hide_formats(mysql);
	if (failed || mysql->field_count == 0 || mysql->fields ||
		is_described(mysql))
		return failed;
	return refuse(mysql);
}

/*
 * Reads the rest of a statement that has failed.  The library continues as
 * long as the last status announces more, even if the server is lost, and does
 * not notice a cancel while bytes keep coming.
 */
static void
flush_statement(MYSQL_STMT *stmt)
{
	MYSQL	   *mysql = stmt->mysql;

	library->db_stmt_flush_unbuffered(stmt);
	if (QueryCancelPending || ProcDiePending)
		mariadb_cancel(mysql);
	else if (!maria_is_library_error(mysql_errno(mysql)))
		return;
	mysql->server_status &= ~(SERVER_MORE_RESULTS_EXIST | SERVER_PS_OUT_PARAMS);
}

/*
 * Installs the checks between the library and the server of a new connection.
 */
void
maria_guard_library(MYSQL *mysql)
{
	library = mysql->methods;
	guarded = *library;
	guarded.db_read_rows = read_rows;
	guarded.db_read_prepare_response = read_prepare_response;
	guarded.db_read_stmt_result = read_statement_result;
	guarded.db_stmt_flush_unbuffered = flush_statement;
	mysql->methods = &guarded;
}
