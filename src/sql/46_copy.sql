
-- Copying one table, and what the copies of a run share.

CREATE FUNCTION copy_rows(source oid, target oid, condition text,
  reject boolean, reject_limit bigint, max_rows double precision,
  max_bytes double precision, skip_unmatched boolean,
  OUT rows bigint, OUT digest text)
AS 'MODULE_PATHNAME', 'mariadb_copy_rows'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION copy_rows(oid, oid, text, boolean, bigint, double precision, double precision, boolean) FROM PUBLIC;
COMMENT ON FUNCTION copy_rows(oid, oid, text, boolean, bigint, double precision, double precision, boolean)
IS 'the part of copy that copies';

CREATE FUNCTION copy_options(options jsonb, OUT reject boolean,
  OUT reject_limit bigint, OUT max_rows double precision,
  OUT max_bytes double precision)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  on_error CONSTANT text := coalesce(options ->> 'on_error', 'stop');
BEGIN
  IF on_error NOT IN ('stop', 'reject') THEN
    RAISE EXCEPTION 'invalid value "%" for option "on_error"', on_error
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Valid values are: stop, reject.';
  END IF;
  reject := on_error = 'reject';
  reject_limit := coalesce((options ->> 'reject_limit')::bigint, -1);
  max_rows := coalesce((options ->> 'max_rows_per_second')::double precision, 0);
  max_bytes := coalesce((options ->> 'max_mb_per_second')::double precision, 0)
    * 1048576;
  IF max_rows < 0 OR max_bytes < 0 THEN
    RAISE EXCEPTION 'a rate limit cannot be negative'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
END
$$;
COMMENT ON FUNCTION copy_options(jsonb)
IS 'the part of copy and migrate that reads the options of a copy';

CREATE FUNCTION check_options(options jsonb, known text[]) RETURNS void
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  unknown CONSTANT text := (SELECT min(k) FROM jsonb_object_keys(options) k
    WHERE k <> ALL (known));
BEGIN
  IF unknown IS NOT NULL THEN
    RAISE EXCEPTION 'invalid option "%"', unknown
      USING ERRCODE = 'invalid_parameter_value',
        HINT = format('Valid options are: %s.', array_to_string(known, ', '));
  END IF;
END
$$;
COMMENT ON FUNCTION check_options(jsonb, text[])
IS 'the part of copy that refuses options that it does not know';

CREATE FUNCTION copy(source regclass, target regclass,
  options jsonb DEFAULT '{}') RETURNS bigint
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  opts record;
BEGIN
  PERFORM mariadb.check_options(options, '{on_error,reject_limit,max_rows_per_second,max_mb_per_second,skip_unmatched}');
  opts := mariadb.copy_options(options);
  RETURN (mariadb.copy_rows(source, target, NULL, opts.reject,
    opts.reject_limit, opts.max_rows, opts.max_bytes,
    coalesce((options ->> 'skip_unmatched')::boolean, false))).rows;
END
$$;
REVOKE ALL ON FUNCTION copy(regclass, regclass, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION copy(regclass, regclass, jsonb)
IS 'copy the rows of a foreign table into a local table, decoded to its types, by columns of the same name; returns the number of rows stored';

CREATE FUNCTION chunks(source regclass, rows_per_chunk bigint,
  OUT condition text, OUT estimated_rows bigint) RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_chunks'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION chunks(regclass, bigint) FROM PUBLIC;
COMMENT ON FUNCTION chunks(regclass, bigint)
IS 'cut a foreign table into ranges of its primary key of about so many rows: conditions for MariaDB, which are disjoint and leave out no key; one row with NULL where it cannot be cut';
