
-- Copying one table, and what the copies of a run share.

CREATE FUNCTION mariadb_internal.copy_rows(source oid, target oid, condition text,
  OUT rows bigint, OUT digest text)
AS 'MODULE_PATHNAME', 'mariadb_copy_rows'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.copy_rows(oid, oid, text)
IS 'the part of replay that copies the rows of MariaDB''s condition';

CREATE FUNCTION mariadb_internal.copy_options(options jsonb, OUT reject boolean,
  OUT reject_limit bigint, OUT max_rows double precision,
  OUT max_bytes double precision, OUT skip_unmatched boolean)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(options ->> 'on_error' = 'reject', false),
    coalesce((options ->> 'reject_limit')::bigint, -1),
    coalesce((options ->> 'max_rows_per_second')::double precision, 0),
    coalesce((options ->> 'max_mb_per_second')::double precision, 0) * 1048576,
    coalesce((options ->> 'skip_unmatched')::boolean, false)
$$;
COMMENT ON FUNCTION mariadb_internal.copy_options(jsonb)
IS 'the part of copy and migrate that reads checked options of a copy';

CREATE FUNCTION mariadb_internal.copy_only_options(options jsonb, OUT reject boolean,
  OUT reject_limit bigint, OUT max_rows double precision,
  OUT max_bytes double precision, OUT skip_unmatched boolean)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT o.* FROM mariadb_internal.copy_options(
    mariadb_internal.checked_options('copy', NULL, options)) o
$$;
COMMENT ON FUNCTION mariadb_internal.copy_only_options(jsonb)
IS 'the part of copy that rejects unknown options';

CREATE FUNCTION mariadb.copy(source regclass, target regclass,
  options jsonb DEFAULT '{}') RETURNS bigint
AS 'MODULE_PATHNAME', 'mariadb_copy'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb.copy(regclass, regclass, jsonb)
IS 'copy the rows of a foreign table into a local table, decoded to its types, by columns of the same name; returns the number of rows stored';

CREATE FUNCTION mariadb_internal.batch() RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_batch'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.batch()
IS 'the part of copy that passes rows to the INSERT into a table that another extension manages; an error anywhere else';

CREATE FUNCTION mariadb_internal.reads_heap(relation oid) RETURNS boolean
AS 'MODULE_PATHNAME', 'mariadb_reads_heap'
LANGUAGE C STABLE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.reads_heap(oid)
IS 'the part of migrate that returns whether a query of a table reads the table''s own heap, according to the planner';

CREATE FUNCTION mariadb.chunks(source regclass, rows_per_chunk bigint,
  OUT condition text, OUT estimated_rows bigint) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_chunks'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb.chunks(regclass, bigint)
IS 'divide a foreign table into ranges of its primary key of about the given number of rows: conditions for MariaDB, which are disjoint and cover all keys; one row with NULL if it cannot be divided';
