
-- Verification: the same rows on both sides, or which tables differ.

CREATE FUNCTION verify(server name, schema text, local text,
  OUT table_name text, OUT remote_rows bigint, OUT local_rows bigint,
  OUT remote_digest text, OUT local_digest text, OUT status text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_verify'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION verify(name, text, text) FROM PUBLIC;
COMMENT ON FUNCTION verify(name, text, text)
IS 'compare each table of a MariaDB schema with the table of its name in a local schema, by number of rows and a digest of all values';
