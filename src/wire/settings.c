/* Which settings must a session have, whatever the server's configuration? */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "wire/client.h"

/*
 * The settings that a session must have, whatever the server's configuration:
 * with other values rows were lost or changed, or a copy failed (measured).
 * Sent in one round trip; only if a server lacks one of them they are sent one
 * by one.
 */
static const struct
{
	const char *text;
	MariaFlavour flavour;		/* which has it; unknown = both */
}			session_settings[] = {

	{("sql_mode='STRICT_ALL_TABLES,NO_BACKSLASH_ESCAPES,"
	  "NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION'"), MARIA_FLAVOUR_MARIADB},

	/*
	 * MySQL parses the expressions of a table when it opens it, under the
	 * sql_mode of the first session: without backslash escapes it fails or
	 * misreads them, for all sessions.
	 */
	{("sql_mode='STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,"
	  "NO_ENGINE_SUBSTITUTION'"), MARIA_FLAVOUR_MYSQL},
	{"sql_select_limit=18446744073709551615"},
	{"sql_big_selects=1"},
	{"sql_auto_is_null=0"},
	{"sql_safe_updates=0"},
	{"sql_buffer_result=0"},
	{"sql_quote_show_create=1"},
	{"max_statement_time=0", MARIA_FLAVOUR_MARIADB},
	{"max_execution_time=0", MARIA_FLAVOUR_MYSQL},
	{"net_write_timeout=31536000"},
	{"net_read_timeout=31536000"},
	{"wait_timeout=31536000"},
	{"idle_transaction_timeout=0", MARIA_FLAVOUR_MARIADB},
	{"idle_readonly_transaction_timeout=0", MARIA_FLAVOUR_MARIADB},
	{"idle_write_transaction_timeout=0", MARIA_FLAVOUR_MARIADB},
	{"lock_wait_timeout=60"},
	{"group_concat_max_len=1073741824"},
	{"max_recursive_iterations=4294967295", MARIA_FLAVOUR_MARIADB},
	{"cte_max_recursion_depth=4294967295", MARIA_FLAVOUR_MYSQL},
	{"system_versioning_asof=DEFAULT", MARIA_FLAVOUR_MARIADB},
	{"character_set_client=utf8mb4"},
	{"character_set_results=utf8mb4"},
	{"collation_connection=utf8mb4_bin"},
	{"query_cache_type=0", MARIA_FLAVOUR_MARIADB},
	{"lc_time_names='en_US'"},
	{"lc_messages='en_US'"},
	{"completion_type=0"},
	{"div_precision_increment=4"},
	{"autocommit=1"},
	/* Otherwise AUTO_INCREMENT and TABLE_ROWS may be a day old. */
	{"information_schema_stats_expiry=0", MARIA_FLAVOUR_MYSQL},
	{"show_gipk_in_create_table_and_information_schema=ON",
	MARIA_FLAVOUR_MYSQL},
	{"use_secondary_engine=OFF", MARIA_FLAVOUR_MYSQL},
};

/*
 * Sends the settings of a flavour, or those of both, one by one to a server
 * that does not know all of them.
 */
static void
send_settings_singly(MariaConn *conn, MariaFlavour flavour)
{
	for (size_t i = 0; i < lengthof(session_settings); i++)
	{
		char	   *sql = psprintf("SET SESSION %s", session_settings[i].text);
		unsigned int code;

		if (session_settings[i].flavour != flavour)
			continue;
		code = maria_try_command(conn, sql);
		if (code != 0 && code != ER_UNKNOWN_SYSTEM_VARIABLE)
			maria_report_tried(conn, sql);
	}
}

/*
 * At first only the greeting shows the product, and it may be wrong: then one
 * of the settings is unknown.
 */
void
maria_send_settings(MariaConn *conn)
{
	MariaFlavour other = maria_greets_as_mariadb(conn)
	? MARIA_FLAVOUR_MYSQL : MARIA_FLAVOUR_MARIADB;
	StringInfoData sql;
	unsigned int code;

	initStringInfo(&sql);
	for (size_t i = 0; i < lengthof(session_settings); i++)
		if (session_settings[i].flavour != other)
			appendStringInfo(&sql, "%s%s", sql.len == 0 ? "SET SESSION " : ", ",
							 session_settings[i].text);
	code = maria_try_command(conn, sql.data);
	if (code == ER_UNKNOWN_SYSTEM_VARIABLE)
	{
		/* The greeting may have been that of a proxy. */
		maria_ask_flavour(conn);
		send_settings_singly(conn, MARIA_FLAVOUR_UNKNOWN);
		send_settings_singly(conn, maria_flavour(conn));
	}
	else if (code != 0)
		maria_report_tried(conn, sql.data);

	maria_command(conn, psprintf("SET SESSION time_zone=%s",
								 maria_quote_literal(conn->opts.time_zone)));
}
