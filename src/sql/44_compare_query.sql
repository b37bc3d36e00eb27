
-- An application's own query, on both sides.

CREATE FUNCTION mariadb.compare_query(server name, remote_sql text, local_sql text,
  ordered boolean DEFAULT false, sample integer DEFAULT 10,
  OUT remote_rows bigint, OUT local_rows bigint, OUT equal boolean,
  OUT status text, OUT first_difference bigint, OUT only_remote jsonb,
  OUT only_local jsonb)
AS 'MODULE_PATHNAME', 'mariadb_compare_query'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb.compare_query(name, text, text, boolean, integer)
IS 'run a query on a MariaDB server and a local one, and compare their rows, in order if requested; shows some of the rows that only one side has';
