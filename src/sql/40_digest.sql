
-- Digests: aggregates over the local rows, which PostgreSQL runs in parallel.

CREATE FUNCTION mariadb_internal.digest_record(internal, record) RETURNS internal
AS 'MODULE_PATHNAME', 'mariadb_digest_record'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION mariadb_internal.digest_record(internal, record)
IS 'part of digest: adds a row';

CREATE FUNCTION mariadb_internal.digest_hash(internal, uuid) RETURNS internal
AS 'MODULE_PATHNAME', 'mariadb_digest_hash'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION mariadb_internal.digest_hash(internal, uuid)
IS 'part of hash_sum: adds a number';

CREATE FUNCTION mariadb_internal.digest_combine(internal, internal) RETURNS internal
AS 'MODULE_PATHNAME', 'mariadb_digest_combine'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION mariadb_internal.digest_combine(internal, internal)
IS 'part of digest and hash_sum: adds the rows of a parallel worker';

CREATE FUNCTION mariadb_internal.digest_serialize(internal) RETURNS bytea
AS 'MODULE_PATHNAME', 'mariadb_digest_serialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION mariadb_internal.digest_serialize(internal)
IS 'part of digest and hash_sum';

CREATE FUNCTION mariadb_internal.digest_deserialize(bytea, internal) RETURNS internal
AS 'MODULE_PATHNAME', 'mariadb_digest_deserialize'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION mariadb_internal.digest_deserialize(bytea, internal)
IS 'part of digest and hash_sum';

CREATE FUNCTION mariadb_internal.digest_text(internal) RETURNS text
AS 'MODULE_PATHNAME', 'mariadb_digest_text'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION mariadb_internal.digest_text(internal)
IS 'part of digest and hash_sum: 32 hexadecimal digits';

CREATE AGGREGATE mariadb.digest(record) (
  SFUNC = mariadb_internal.digest_record, STYPE = internal, SSPACE = 64,
  FINALFUNC = mariadb_internal.digest_text, COMBINEFUNC = mariadb_internal.digest_combine,
  SERIALFUNC = mariadb_internal.digest_serialize, DESERIALFUNC = mariadb_internal.digest_deserialize,
  PARALLEL = SAFE);
COMMENT ON AGGREGATE mariadb.digest(record)
IS 'digest of 128 bits of a set of rows, whatever their order and that of their columns';

CREATE AGGREGATE mariadb_internal.hash_sum(uuid) (
  SFUNC = mariadb_internal.digest_hash, STYPE = internal, SSPACE = 64,
  FINALFUNC = mariadb_internal.digest_text, COMBINEFUNC = mariadb_internal.digest_combine,
  SERIALFUNC = mariadb_internal.digest_serialize, DESERIALFUNC = mariadb_internal.digest_deserialize,
  PARALLEL = SAFE);
COMMENT ON AGGREGATE mariadb_internal.hash_sum(uuid)
IS 'sum of hashes as numbers of 128 bits';

CREATE FUNCTION mariadb_internal.record_hash(columns text[], "row" record) RETURNS uuid
AS 'MODULE_PATHNAME', 'mariadb_record_hash'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION mariadb_internal.record_hash(text[], record)
IS 'hash of a row whose columns have these names, whatever their names in its type; its hash_sum is the digest of the rows';

CREATE FUNCTION mariadb_internal.row_hash(formats int[], "row" record, hash text DEFAULT 'sha1')
RETURNS uuid
AS 'MODULE_PATHNAME', 'mariadb_row_hash'
LANGUAGE C STABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION mariadb_internal.row_hash(int[], record, text)
IS 'hash of a row, sha1 or sha256, truncated to 128 bits, as MariaDB computes it from the same values for verify; a format for each column: fractional digits, -1 with its length, -2 by its hash';

CREATE FUNCTION mariadb_internal.table_digest(relation regclass, columns text[],
  OUT rows bigint, OUT digest text)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $$
DECLARE
  list CONSTANT text := (SELECT string_agg(quote_ident(c), ', ') FROM unnest(columns) c);
BEGIN
  PERFORM mariadb_internal.not_null('{relation,columns}', relation, columns);
  EXECUTE format('SELECT count(*), mariadb_internal.hash_sum(mariadb_internal.record_hash(%L, ROW(%s))) FROM %s',
    columns, list, relation) INTO rows, digest;
END
$$;
COMMENT ON FUNCTION mariadb_internal.table_digest(regclass, text[])
IS 'the number of rows of a local table, and the digest of some of its columns';

CREATE FUNCTION mariadb_internal.add_digests(digests text[]) RETURNS text
AS 'MODULE_PATHNAME', 'mariadb_add_digests'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION mariadb_internal.add_digests(text[])
IS 'the digest of all rows of which these are digests of parts';
