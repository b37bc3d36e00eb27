
-- Pass-through: MariaDB's own SQL.

CREATE FUNCTION mariadb.version() RETURNS text
AS 'MODULE_PATHNAME', 'mariadb_version'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION mariadb.version()
IS 'versions of mariadb_fdw, its client library and this server';

CREATE FUNCTION mariadb.version(server name, OUT name text, OUT value text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_server_version'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb.version(name)
IS 'version of a MariaDB server and the settings of our session there';

CREATE FUNCTION mariadb_internal.product() RETURNS text
AS 'MODULE_PATHNAME', 'mariadb_product'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.product()
IS 'MySQL if this session is connected to MySQL only, else MariaDB: what messages call the source';

CREATE FUNCTION mariadb.query(server name, sql text) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_query'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb.query(name, text)
IS 'rows of a query that runs on a MariaDB server, in the snapshot of this transaction';

CREATE FUNCTION mariadb.exec(server name, command text) RETURNS bigint
AS 'MODULE_PATHNAME', 'mariadb_exec'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb.exec(name, text)
IS 'run a statement on a MariaDB server; returns the number of affected rows';

CREATE FUNCTION mariadb.remote_identifier(name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$ SELECT '`' || replace(name, '`', '``') || '`' $$;
COMMENT ON FUNCTION mariadb.remote_identifier(text)
IS 'a name, quoted for SQL that runs in MariaDB';

CREATE FUNCTION mariadb.remote_literal(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- A backslash has different meanings in our sessions on MariaDB and on
  -- MySQL.
  SELECT CASE WHEN strpos(value, chr(92)) > 0
    THEN format('_utf8mb4 x%L', encode(convert_to(value, 'UTF8'), 'hex'))
    ELSE '''' || replace(value, '''', '''''') || '''' END
$$;
COMMENT ON FUNCTION mariadb.remote_literal(text)
IS 'a text, quoted for SQL that runs in MariaDB or MySQL in the sessions of mariadb_fdw';
