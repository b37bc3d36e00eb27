/* How does a user run MariaDB's own SQL? */
#include "postgres.h"

#include "catalog/pg_foreign_server.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

#include "session/session.h"
#include "session/srf.h"
#include "values/values.h"

PG_FUNCTION_INFO_V1(mariadb_query);
PG_FUNCTION_INFO_V1(mariadb_exec);
PG_FUNCTION_INFO_V1(mariadb_version);
PG_FUNCTION_INFO_V1(mariadb_server_version);

/* Returns the rows of a query, decoded as the caller's column list says. */
Datum
mariadb_query(PG_FUNCTION_ARGS)
{
	MariaConn  *conn;

	maria_require_arguments(fcinfo, 0);
	conn = maria_get_connection_by_name(NameStr(*PG_GETARG_NAME(0)),
										MARIA_READ);
	maria_before_user_statement(conn);
	return maria_srf_return(fcinfo,
							maria_open(conn, text_to_cstring(PG_GETARG_TEXT_PP(1))));
}

/* Runs a statement and returns how many rows it changed. */
Datum
mariadb_exec(PG_FUNCTION_ARGS)
{
	MariaConn  *conn;

	maria_require_arguments(fcinfo, 0);
	PreventCommandIfReadOnly("mariadb.exec()");
	conn = maria_get_connection_by_name(NameStr(*PG_GETARG_NAME(0)),
										MARIA_WRITE);
	maria_before_user_statement(conn);
	PG_RETURN_INT64(maria_command(conn, text_to_cstring(PG_GETARG_TEXT_PP(1))));
}

Datum
mariadb_version(PG_FUNCTION_ARGS)
{
	PG_RETURN_TEXT_P(cstring_to_text(psprintf("mariadb_fdw %s, libmariadb %s, PostgreSQL %s",
											  MARIADB_FDW_VERSION,
											  maria_client_version(),
											  PG_VERSION)));
}

static void
put_setting(Tuplestorestate *rows, TupleDesc desc, const char *name,
			const char *value)
{
	Datum		values[2] = {CStringGetTextDatum(name), (Datum) 0};
	bool		nulls[2] = {false, value == NULL};

	if (value)
		values[1] = CStringGetTextDatum(value);
	tuplestore_putvalues(rows, desc, values, nulls);
}

/* Lists whose product a server is, its version and the settings of our session there. */
Datum
mariadb_server_version(PG_FUNCTION_ARGS)
{
	static const char sql[] =
	"SHOW SESSION VARIABLES WHERE Variable_name IN ('character_set_results',"
	" 'log_bin', 'lower_case_table_names', 'max_allowed_packet',"
	" 'max_statement_time', 'net_write_timeout', 'sql_mode',"
	" 'sql_select_limit', 'time_zone', 'tx_isolation',"
	" 'transaction_isolation', 'version_comment')";
	MariaConn  *conn;
	TupleDesc	desc;
	Tuplestorestate *rows = maria_srf_begin(fcinfo, &desc);
	MariaResult *result;

	maria_require_arguments(fcinfo, 0);
	conn = maria_get_connection_by_name(NameStr(*PG_GETARG_NAME(0)),
										MARIA_READ);
	(void) maria_flavour(conn); /* asks the server, if nobody has */
	put_setting(rows, desc, "product", maria_product_name(conn));
	put_setting(rows, desc, "version", maria_server_version(conn));
	put_setting(rows, desc, "tls_cipher", maria_ssl_cipher(conn));
	result = maria_open_fields(conn, sql, 2, MARIA_NULLABLE(1));
	while (maria_fetch(result))
		put_setting(rows, desc, maria_field_text(result, 0),
					maria_field_text(result, 1));
	return (Datum) 0;
}
