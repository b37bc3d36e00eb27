
-- Verification: the same rows on both sides, or which tables differ.

CREATE FUNCTION verify(server name, schema text, local text,
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
REVOKE ALL ON FUNCTION verify(name, text, text, text, text[], int, boolean, boolean)
FROM PUBLIC;
COMMENT ON FUNCTION verify(name, text, text, text, text[], int, boolean, boolean)
IS 'compare each table of a MariaDB schema with the table of its name in a local schema, by number of rows, a digest of all values, or row by row';

CREATE FUNCTION check_tables(server name, schema text, tables text[])
RETURNS void
AS 'MODULE_PATHNAME', 'mariadb_check_tables'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION check_tables(name, text, text[]) FROM PUBLIC;
COMMENT ON FUNCTION check_tables(name, text, text[])
IS 'raise an error for a name that no table of a MariaDB schema has';

-- What reads the local side: aggregates, which PostgreSQL runs in parallel.

CREATE FUNCTION digest_record(internal, record) RETURNS internal
AS 'MODULE_PATHNAME', 'mariadb_digest_record'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION digest_record(internal, record)
IS 'part of digest: adds a row';

CREATE FUNCTION digest_hash(internal, uuid) RETURNS internal
AS 'MODULE_PATHNAME', 'mariadb_digest_hash'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION digest_hash(internal, uuid)
IS 'part of hash_sum: adds a number';

CREATE FUNCTION digest_combine(internal, internal) RETURNS internal
AS 'MODULE_PATHNAME', 'mariadb_digest_combine'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION digest_combine(internal, internal)
IS 'part of digest and hash_sum: adds the rows of a parallel worker';

CREATE FUNCTION digest_serialize(internal) RETURNS bytea
AS 'MODULE_PATHNAME', 'mariadb_digest_serialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION digest_serialize(internal)
IS 'part of digest and hash_sum';

CREATE FUNCTION digest_deserialize(bytea, internal) RETURNS internal
AS 'MODULE_PATHNAME', 'mariadb_digest_deserialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION digest_deserialize(bytea, internal)
IS 'part of digest and hash_sum';

CREATE FUNCTION digest_text(internal) RETURNS text
AS 'MODULE_PATHNAME', 'mariadb_digest_text'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION digest_text(internal)
IS 'part of digest and hash_sum: 32 hexadecimal digits';

CREATE AGGREGATE digest(record) (
  SFUNC = digest_record, STYPE = internal, SSPACE = 64,
  FINALFUNC = digest_text, COMBINEFUNC = digest_combine,
  SERIALFUNC = digest_serialize, DESERIALFUNC = digest_deserialize,
  PARALLEL = SAFE);
COMMENT ON AGGREGATE digest(record)
IS 'digest of 128 bits of a set of rows, whatever their order and that of their columns';

CREATE AGGREGATE hash_sum(uuid) (
  SFUNC = digest_hash, STYPE = internal, SSPACE = 64,
  FINALFUNC = digest_text, COMBINEFUNC = digest_combine,
  SERIALFUNC = digest_serialize, DESERIALFUNC = digest_deserialize,
  PARALLEL = SAFE);
COMMENT ON AGGREGATE hash_sum(uuid)
IS 'sum of hashes as numbers of 128 bits';

CREATE FUNCTION record_hash(columns text[], "row" record) RETURNS uuid
AS 'MODULE_PATHNAME', 'mariadb_record_hash'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION record_hash(text[], record)
IS 'hash of a row whose columns have these names, whatever its type calls them; hash_sum of it is what digest says of the rows';

CREATE FUNCTION row_hash(formats int[], "row" record, hash text DEFAULT 'sha1')
RETURNS uuid
AS 'MODULE_PATHNAME', 'mariadb_row_hash'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION row_hash(int[], record, text)
IS 'hash of a row, sha1 or sha256, cut to 128 bits, as MariaDB computes it of the same values for verify; a format for each column: digits of a second, -1 with its length, -2 by its hash';
