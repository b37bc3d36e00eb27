
-- Copying one table, and what the copies of a run share.

CREATE FUNCTION copy_rows(source oid, target oid, condition text,
  OUT rows bigint, OUT digest text)
AS 'MODULE_PATHNAME', 'mariadb_copy_rows'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION copy_rows(oid, oid, text) FROM PUBLIC;
COMMENT ON FUNCTION copy_rows(oid, oid, text)
IS 'the part of replay that copies the rows of MariaDB''s condition';

CREATE FUNCTION copy_options(options jsonb, OUT reject boolean,
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
COMMENT ON FUNCTION copy_options(jsonb)
IS 'the part of copy and migrate that reads checked options of a copy';

CREATE FUNCTION copy_only_options(options jsonb, OUT reject boolean,
  OUT reject_limit bigint, OUT max_rows double precision,
  OUT max_bytes double precision, OUT skip_unmatched boolean)
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT o.* FROM mariadb.copy_options(
    mariadb.checked_options('copy', NULL, options)) o
$$;
COMMENT ON FUNCTION copy_only_options(jsonb)
IS 'the part of copy that refuses options that it does not know';

CREATE FUNCTION copy(source regclass, target regclass,
  options jsonb DEFAULT '{}') RETURNS bigint
AS 'MODULE_PATHNAME', 'mariadb_copy'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION copy(regclass, regclass, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION copy(regclass, regclass, jsonb)
IS 'copy the rows of a foreign table into a local table, decoded to its types, by columns of the same name; returns the number of rows stored';

CREATE FUNCTION batch() RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_batch'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION batch()
IS 'the part of copy that hands rows to the INSERT of a table that another extension has taken over; an error anywhere else';

CREATE FUNCTION reads_heap(relation oid) RETURNS boolean
AS 'MODULE_PATHNAME', 'mariadb_reads_heap'
LANGUAGE C STABLE STRICT PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION reads_heap(oid) FROM PUBLIC;
COMMENT ON FUNCTION reads_heap(oid)
IS 'the part of migrate that knows whether a query of a table reads the table''s own heap, as the planner sees it';

CREATE FUNCTION chunks(source regclass, rows_per_chunk bigint,
  OUT condition text, OUT estimated_rows bigint) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_chunks'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION chunks(regclass, bigint) FROM PUBLIC;
COMMENT ON FUNCTION chunks(regclass, bigint)
IS 'cut a foreign table into ranges of its primary key of about so many rows: conditions for MariaDB, which are disjoint and leave out no key; one row with NULL where it cannot be cut';
