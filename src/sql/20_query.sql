
-- Pass-through: MariaDB's own SQL.

CREATE FUNCTION version() RETURNS text
AS 'MODULE_PATHNAME', 'mariadb_version'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION @extschema@.version()
IS 'versions of mariadb_fdw, its client library and this server';

CREATE FUNCTION version(server name, OUT name text, OUT value text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_server_version'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION version(name) FROM PUBLIC;
COMMENT ON FUNCTION version(name)
IS 'version of a MariaDB server and the settings of our session there';

CREATE FUNCTION query(server name, sql text) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_query'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION query(name, text) FROM PUBLIC;
COMMENT ON FUNCTION query(name, text)
IS 'rows of a query that runs on a MariaDB server, in the snapshot of this transaction';

CREATE FUNCTION exec(server name, command text) RETURNS bigint
AS 'MODULE_PATHNAME', 'mariadb_exec'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION exec(name, text) FROM PUBLIC;
COMMENT ON FUNCTION exec(name, text)
IS 'run a statement on a MariaDB server; returns the number of affected rows';
