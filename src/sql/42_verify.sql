
-- Verification: the same rows on both sides, or which tables differ.

CREATE FUNCTION mariadb.verify(server name, schema text, local text,
  level text DEFAULT 'digest', tables text[] DEFAULT NULL,
  workers int DEFAULT NULL, fail boolean DEFAULT false,
  structure boolean DEFAULT false)
RETURNS TABLE (table_name text, remote_rows bigint, local_rows bigint,
  remote_digest text, local_digest text, differing_rows bigint, method text,
  seconds double precision, status text)
AS 'MODULE_PATHNAME', 'mariadb_verify'
LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET row_security = off;
COMMENT ON FUNCTION mariadb.verify(name, text, text, text, text[], int, boolean, boolean)
IS 'compare each table of a MariaDB schema with the local table of the same name, by number of rows, a digest of all values, or row by row';
