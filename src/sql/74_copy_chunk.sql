
-- Chunks: the copy of one, and what the ledger keeps of it.

CREATE FUNCTION mariadb_internal.rejected_rows(run bigint) RETURNS bigint
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(sum(c.rejected), 0)::bigint FROM mariadb.chunk c
  WHERE c.run = $1 AND c.state = 'done'
$$;
COMMENT ON FUNCTION mariadb_internal.rejected_rows(bigint)
IS 'the part of migrate that counts the rows that a run has rejected so far';

CREATE FUNCTION mariadb_internal.may_truncate(target oid) RETURNS boolean
LANGUAGE sql STABLE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT c.relkind = 'r' AND NOT c.relhastriggers AND NOT c.relispartition
    AND pg_relation_size(c.oid) = 0 AND NOT c.relhassubclass
    AND has_table_privilege(c.oid, 'TRUNCATE') AND mariadb_internal.reads_heap(c.oid)
    AND NOT EXISTS (SELECT FROM pg_constraint k
      WHERE k.contype = 'f' AND k.confrelid = c.oid AND k.conrelid <> c.oid)
  FROM pg_class c WHERE c.oid = target
$$;
COMMENT ON FUNCTION mariadb_internal.may_truncate(oid)
IS 'the part of migrate that returns whether an empty table can be given new storage';

CREATE FUNCTION mariadb_internal.begin_chunk(run bigint, table_name text, number int,
  OUT source oid, OUT target oid, OUT condition text, OUT label text,
  OUT is_check boolean, OUT digest text, OUT reject boolean,
  OUT reject_limit bigint, OUT max_rows double precision,
  OUT max_bytes double precision, OUT rejected_before bigint)
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r CONSTANT mariadb.run := mariadb_internal.own_run($1);
  c CONSTANT mariadb.chunk := (SELECT x FROM mariadb.chunk x
    WHERE x.run = $1 AND x.table_name = $2 AND x.number = $3
      AND x.owner = current_user);
  total CONSTANT int := (SELECT count(*) FROM mariadb.chunk x
    WHERE x.run = $1 AND x.table_name = $2);
BEGIN
  PERFORM mariadb_internal.lock_ledger();
  source := c.source::regclass;
  IF NOT EXISTS (SELECT FROM pg_foreign_table f JOIN pg_foreign_server s
    ON s.oid = f.ftserver WHERE f.ftrelid = source AND s.srvname = r.server)
  THEN
    RAISE EXCEPTION 'foreign table % no longer belongs to server "%"', c.source, r.server
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  target := mariadb_internal.checked_target(c.target, r.options);
  condition := c.condition;
  digest := c.digest;
  is_check := c.state = 'check';
  label := format('mariadb_fdw run %s: %s %s/%s', run, table_name, number, total);
  PERFORM set_config('application_name', label::name::text, true);
  SELECT o.reject, o.reject_limit, o.max_rows / greatest(r.workers, 1),
    o.max_bytes / greatest(r.workers, 1)
    INTO reject, reject_limit, max_rows, max_bytes
  FROM mariadb_internal.copy_options(r.options) o;
  rejected_before := mariadb_internal.rejected_rows(run);
  -- A table truncated in the same transaction can be filled without WAL, if
  -- wal_level allows it, and with frozen rows.
  IF total = 1 AND NOT is_check AND c.weight >= 1048576
    AND NOT (r.options ->> 'one_transaction')::boolean IS TRUE
    AND mariadb_internal.may_truncate(target)
  THEN
    -- Somebody may have inserted a row while we waited for the lock.
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', target::regclass);
    IF mariadb_internal.may_truncate(target) THEN
      EXECUTE format('TRUNCATE %s', target::regclass);
    END IF;
  END IF;
END
$$;
COMMENT ON FUNCTION mariadb_internal.begin_chunk(bigint, text, int)
IS 'the part of migrate that returns the properties of a chunk';

CREATE FUNCTION mariadb_internal.clear_chunk(run bigint, table_name text, number int)
RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  c CONSTANT mariadb.chunk := (SELECT x FROM mariadb.chunk x
    WHERE x.run = $1 AND x.table_name = $2 AND x.number = $3
      AND x.owner = current_user);
  is_only CONSTANT boolean := (SELECT count(*) = 1 FROM mariadb.chunk x
    WHERE x.run = $1 AND x.table_name = $2);
  removed bigint;
BEGIN
  -- Rows that were not stored by a run are deleted only with option
  -- "truncate".
  IF c.attempt IS NULL AND NOT EXISTS (SELECT FROM mariadb.run r
    WHERE r.id = $1 AND (r.options ->> 'truncate')::boolean)
  THEN
    RAISE EXCEPTION 'table % contains rows that are not in %', c.target,
        mariadb_internal.product()
      USING ERRCODE = 'object_not_in_prerequisite_state',
        HINT = mariadb_internal.existing_rows_hint(c.target::regclass);
  END IF;
  -- The rows of a chunk are those that its transaction has stored.
  EXECUTE format('DELETE FROM %s', mariadb_internal.checked_target(c.target,
      (mariadb_internal.own_run(run)).options))
    || CASE WHEN is_only THEN '' ELSE format(' WHERE xmin = %L', c.xid::xid) END;
  GET DIAGNOSTICS removed = ROW_COUNT;
  IF removed <> c.rows THEN
    RAISE EXCEPTION 'table % was changed after it was copied', c.target
      USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = format('Chunk %s had %s rows; %s of them are left.',
          c.number, c.rows, removed),
        HINT = 'Empty the table and migrate it again.';
  END IF;
  DELETE FROM mariadb.reject x
  WHERE x.run = $1 AND x.table_name = $2 AND x.chunk = $3;
END
$$;
COMMENT ON FUNCTION mariadb_internal.clear_chunk(bigint, text, int)
IS 'the part of migrate that deletes the rows of a chunk that has changed in the source';

CREATE FUNCTION mariadb_internal.has_row_xids(target regclass) RETURNS boolean
LANGUAGE sql STABLE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT c.relkind = 'r' AND a.amname = 'heap' AND mariadb_internal.reads_heap(c.oid)
  FROM pg_class c LEFT JOIN pg_am a ON a.oid = c.relam WHERE c.oid = target
$$;
COMMENT ON FUNCTION mariadb_internal.has_row_xids(regclass)
IS 'the part of migrate that returns whether rows show which transaction has stored them';

CREATE FUNCTION mariadb_internal.end_chunk(run bigint, table_name text, number int,
  is_copied boolean, rows bigint, rejected bigint, bytes bigint, digest text)
RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r CONSTANT mariadb.run := mariadb_internal.own_run($1);
  copied record;
BEGIN
  -- One at a time, so that one process sees that the last chunk of a table is
  -- done.
  PERFORM mariadb_internal.claim_lock(run);
  UPDATE mariadb.chunk c
  SET state = 'done', rows = $5, rejected = $6, bytes = $7, digest = $8,
    attempt = r.attempt, finished = clock_timestamp(),
    xid = CASE WHEN NOT is_copied THEN c.xid
      WHEN r.options ->> 'on_error' = 'reject' THEN NULL
      WHEN mariadb_internal.has_row_xids(c.target::regclass)
      THEN pg_current_xact_id() END
  WHERE c.run = $1 AND c.table_name = $2 AND c.number = $3
    AND c.worker = pg_backend_pid() AND c.state IN ('copying', 'check');
  IF NOT FOUND THEN
    RAISE EXCEPTION 'chunk % of table "%" was given to another worker', number, table_name
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  SELECT bool_and(c.state = 'done') AS is_done, sum(c.rows) AS rows,
    sum(c.rejected) AS rejected,
    round(extract(epoch FROM max(c.finished) - min(c.started))::numeric, 1) AS seconds
    INTO copied
  FROM mariadb.chunk c WHERE c.run = $1 AND c.table_name = $2;
  IF copied.is_done THEN
    PERFORM mariadb_internal.release_tasks(run, table_name);
    RAISE NOTICE 'table "%": % rows in % s%', table_name, copied.rows, copied.seconds,
      CASE WHEN copied.rejected > 0 THEN format(', %s rejected', copied.rejected) ELSE '' END;
  END IF;
END
$$;
COMMENT ON FUNCTION mariadb_internal.end_chunk(bigint, text, int, boolean, bigint, bigint, bigint, text)
IS 'the part of migrate that records that a chunk is done';

CREATE FUNCTION mariadb_internal.run_chunk(run bigint, table_name text, number int)
RETURNS void
AS 'MODULE_PATHNAME', 'mariadb_run_chunk'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.run_chunk(bigint, text, int)
IS 'the part of migrate that copies a chunk unless it is up to date';
