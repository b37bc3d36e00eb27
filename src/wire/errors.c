/*
 * Which SQLSTATE does a MariaDB error become?
 *
 * The server sends an SQLSTATE of its own, but HY000 for most errors, and
 * classes that PostgreSQL lacks; what matters to a caller is listed here.
 */
#include "postgres.h"

#include "wire/client.h"

/* Lets the table below use the names of PostgreSQL's states. */
typedef struct ErrorCode
{
	unsigned int code;
	int			sqlstate;
} ErrorCode;

static const ErrorCode error_codes[] = {
	{CR_CONNECTION_ERROR, ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION},
	{CR_CONN_HOST_ERROR, ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION},
	{CR_UNKNOWN_HOST, ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION},
	{CR_SERVER_GONE_ERROR, ERRCODE_CONNECTION_FAILURE},
	{CR_SERVER_LOST, ERRCODE_CONNECTION_FAILURE},
	{CR_SERVER_LOST_EXTENDED, ERRCODE_CONNECTION_FAILURE},
	{CR_SSL_CONNECTION_ERROR, ERRCODE_CONNECTION_FAILURE},
	{CR_ERR_NET_READ, ERRCODE_CONNECTION_FAILURE},
	{CR_ERR_NET_WRITE, ERRCODE_CONNECTION_FAILURE},
	{CR_ERR_NET_UNCOMPRESS, ERRCODE_CONNECTION_FAILURE},
	{CR_SERVER_HANDSHAKE_ERR, ERRCODE_CONNECTION_FAILURE},
	{CR_ERR_LOAD_PLUGIN, ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION},
	{CR_AUTH_PLUGIN_CANNOT_LOAD, ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION},
	{CR_AUTH_PLUGIN_ERR, ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION},
	{CR_SOCKET_CREATE_ERROR, ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION},
	{CR_IPSOCK_ERROR, ERRCODE_FDW_UNABLE_TO_ESTABLISH_CONNECTION},
	{CR_OUT_OF_MEMORY, ERRCODE_FDW_OUT_OF_MEMORY},
	{CR_NET_PACKET_TOO_LARGE, ERRCODE_PROGRAM_LIMIT_EXCEEDED},
	{ER_CON_COUNT_ERROR, ERRCODE_TOO_MANY_CONNECTIONS},
	{ER_TOO_MANY_USER_CONNECTIONS, ERRCODE_TOO_MANY_CONNECTIONS},
	{ER_USER_LIMIT_REACHED, ERRCODE_TOO_MANY_CONNECTIONS},
	{ER_ACCESS_DENIED_ERROR, ERRCODE_INVALID_AUTHORIZATION_SPECIFICATION},
	{ER_DBACCESS_DENIED_ERROR, ERRCODE_INSUFFICIENT_PRIVILEGE},
	{ER_TABLEACCESS_DENIED_ERROR, ERRCODE_INSUFFICIENT_PRIVILEGE},
	{ER_COLUMNACCESS_DENIED_ERROR, ERRCODE_INSUFFICIENT_PRIVILEGE},
	{ER_SPECIFIC_ACCESS_DENIED_ERROR, ERRCODE_INSUFFICIENT_PRIVILEGE},
	{ER_OPTION_PREVENTS_STATEMENT, ERRCODE_READ_ONLY_SQL_TRANSACTION},
	{ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION, ERRCODE_READ_ONLY_SQL_TRANSACTION},
	{ER_BAD_DB_ERROR, ERRCODE_FDW_SCHEMA_NOT_FOUND},
	{ER_NO_SUCH_TABLE, ERRCODE_FDW_TABLE_NOT_FOUND},
	{ER_BAD_FIELD_ERROR, ERRCODE_FDW_COLUMN_NAME_NOT_FOUND},
	{ER_PARSE_ERROR, ERRCODE_SYNTAX_ERROR},
	{ER_DUP_ENTRY, ERRCODE_UNIQUE_VIOLATION},
	{ER_DUP_KEY, ERRCODE_UNIQUE_VIOLATION},
	{ER_BAD_NULL_ERROR, ERRCODE_NOT_NULL_VIOLATION},
	{ER_NO_REFERENCED_ROW_2, ERRCODE_FOREIGN_KEY_VIOLATION},
	{ER_ROW_IS_REFERENCED_2, ERRCODE_FOREIGN_KEY_VIOLATION},
	{ER_CONSTRAINT_FAILED, ERRCODE_CHECK_VIOLATION},
	{ER_DATA_TOO_LONG, ERRCODE_STRING_DATA_RIGHT_TRUNCATION},
	{ER_WARN_DATA_OUT_OF_RANGE, ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE},
	{ER_LOCK_DEADLOCK, ERRCODE_T_R_DEADLOCK_DETECTED},
	{ER_LOCK_WAIT_TIMEOUT, ERRCODE_LOCK_NOT_AVAILABLE},
	{ER_TABLE_DEF_CHANGED, ERRCODE_T_R_SERIALIZATION_FAILURE},
	{ER_STATEMENT_TIMEOUT, ERRCODE_QUERY_CANCELED},
	{ER_QUERY_INTERRUPTED, ERRCODE_QUERY_CANCELED},
	{ER_CONNECTION_KILLED, ERRCODE_CONNECTION_FAILURE},
	{ER_SERVER_SHUTDOWN, ERRCODE_CONNECTION_FAILURE},
	{ER_NEW_ABORTING_CONNECTION, ERRCODE_CONNECTION_FAILURE},
	{ER_NET_READ_ERROR, ERRCODE_CONNECTION_FAILURE},
	{ER_NET_READ_INTERRUPTED, ERRCODE_CONNECTION_FAILURE},
	{ER_NET_ERROR_ON_WRITE, ERRCODE_CONNECTION_FAILURE},
	{ER_NET_WRITE_INTERRUPTED, ERRCODE_CONNECTION_FAILURE},
	{ER_UNKNOWN_SYSTEM_VARIABLE, ERRCODE_UNDEFINED_OBJECT},
};

/*
 * Can a state that the server sends be that of an error?  Five digits or
 * capital letters, and of no class that means success.
 */
static bool
is_error_state(const char *sqlstate)
{
	return sqlstate && strlen(sqlstate) == 5 &&
		strspn(sqlstate, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == 5 &&
		strncmp(sqlstate, "00", 2) != 0 && strcmp(sqlstate, "HY000") != 0;
}

/* Returns the state for a MariaDB error; the server's own if it is valid. */
int
maria_sqlstate(unsigned int code, const char *sqlstate)
{
	for (size_t i = 0; i < lengthof(error_codes); i++)
		if (error_codes[i].code == code)
			return error_codes[i].sqlstate;

	if (is_error_state(sqlstate))
		return MAKE_SQLSTATE(sqlstate[0], sqlstate[1], sqlstate[2],
							 sqlstate[3], sqlstate[4]);
	return ERRCODE_FDW_ERROR;
}

/*
 * Updates the state of the connection from an error.  After an error of the
 * library itself the protocol is in an unknown state; the server's own errors
 * end the statement only.
 */
void
maria_note_outcome(MariaConn *conn, unsigned int code)
{
	if (maria_is_library_error(code) || code == ER_CONNECTION_KILLED ||
		code == ER_SERVER_SHUTDOWN)
		conn->broken = true;
	else
		conn->busy = false;
}

/*
 * Raises the error that MariaDB or its library has reported.  A canceled wait
 * looks like a lost connection, so a pending cancel takes precedence.
 */
void
maria_report_error(MariaConn *conn, const char *sql, unsigned int code,
				   const char *sqlstate, const char *message)
{
	char	   *text;

	message = maria_sent_message(message);
	text = maria_to_local(message, strlen(message), NULL);
	maria_note_outcome(conn, code);

	maria_check_wait();

	ereport(ERROR,
			(errcode(maria_sqlstate(code, sqlstate)),
			 errmsg("%s", text),
			 maria_is_library_error(code)
			 ? errdetail("The client library reported error %u on the connection to %s server \"%s\".",
						 code, maria_product_name(conn), conn->server_name)
			 : errdetail("%s server \"%s\" reported error %u.",
						 maria_product_name(conn), conn->server_name, code),
			 sql ? errcontext("remote SQL command: %s", sql) : 0));
}
