
-- Copying one table, and what the copies of a run share.

CREATE FUNCTION copy_rows(source oid, target oid, condition text,
  OUT rows bigint, OUT digest text)
AS 'MODULE_PATHNAME', 'mariadb_copy_rows'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION copy_rows(oid, oid, text) FROM PUBLIC;
COMMENT ON FUNCTION copy_rows(oid, oid, text)
IS 'the part of replay that copies the rows of MariaDB''s condition';

CREATE FUNCTION option_number(options jsonb, name text) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  value CONSTANT text := options ->> name;
BEGIN
  IF value !~ '^[0-9]{1,15}([.][0-9]+)?$' THEN
    RAISE EXCEPTION 'invalid value "%" for option "%"', value, name
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'It has to be a number that is not negative.';
  END IF;
  RETURN value::numeric;
END
$$;
COMMENT ON FUNCTION option_number(jsonb, text)
IS 'the part of copy and migrate that reads an option that is a number';

CREATE FUNCTION copy_options(options jsonb, OUT reject boolean,
  OUT reject_limit bigint, OUT max_rows double precision,
  OUT max_bytes double precision, OUT skip_unmatched boolean)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  on_error CONSTANT text := coalesce(options ->> 'on_error', 'stop');
  skip CONSTANT text := coalesce(options ->> 'skip_unmatched', 'false');
BEGIN
  IF on_error NOT IN ('stop', 'reject') THEN
    RAISE EXCEPTION 'invalid value "%" for option "on_error"', on_error
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Valid values are: stop, reject.';
  ELSIF skip NOT IN ('true', 'false') THEN
    RAISE EXCEPTION 'invalid value "%" for option "skip_unmatched"', skip
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Valid values are: true, false.';
  END IF;
  reject := on_error = 'reject';
  reject_limit := coalesce(trunc(mariadb.option_number(options, 'reject_limit')), -1);
  max_rows := coalesce(mariadb.option_number(options, 'max_rows_per_second'), 0);
  max_bytes := coalesce(mariadb.option_number(options, 'max_mb_per_second'), 0)
    * 1048576;
  skip_unmatched := skip = 'true';
END
$$;
COMMENT ON FUNCTION copy_options(jsonb)
IS 'the part of copy and migrate that reads the options of a copy';

CREATE FUNCTION copy_only_options(options jsonb, OUT reject boolean,
  OUT reject_limit bigint, OUT max_rows double precision,
  OUT max_bytes double precision, OUT skip_unmatched boolean)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  known CONSTANT text[] := '{on_error,reject_limit,max_rows_per_second,max_mb_per_second,skip_unmatched}';
  unknown CONSTANT text := (SELECT min(k) FROM jsonb_object_keys(options) k
    WHERE k <> ALL (known));
BEGIN
  IF unknown IS NOT NULL THEN
    RAISE EXCEPTION 'invalid option "%"', unknown
      USING ERRCODE = 'invalid_parameter_value',
        HINT = format('Valid options are: %s.', array_to_string(known, ', '));
  END IF;
  SELECT o.* INTO reject, reject_limit, max_rows, max_bytes, skip_unmatched
  FROM mariadb.copy_options(options) o;
END
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
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION chunks(regclass, bigint) FROM PUBLIC;
COMMENT ON FUNCTION chunks(regclass, bigint)
IS 'cut a foreign table into ranges of its primary key of about so many rows: conditions for MariaDB, which are disjoint and leave out no key; one row with NULL where it cannot be cut';
