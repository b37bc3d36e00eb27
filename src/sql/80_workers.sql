
-- Workers: one leader, several processes, one snapshot of MariaDB.

CREATE FUNCTION mariadb_internal.share_rejected(rejected bigint) RETURNS void
AS 'MODULE_PATHNAME', 'mariadb_share_rejected'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.share_rejected(bigint)
IS 'the part of migrate that passes to the workers how many rows the run has already rejected';

CREATE FUNCTION mariadb_internal.start_workers(run bigint, server name, workers int)
RETURNS int
AS 'MODULE_PATHNAME', 'mariadb_start_workers'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.start_workers(bigint, name, int)
IS 'the part of migrate that starts workers; returns how many there are';

CREATE FUNCTION mariadb_internal.agree_on_snapshot(server name, schema text, tables text[],
  OUT method text, OUT "position" text, OUT gtid text,
  OUT lock_ms double precision, OUT gap text, OUT changes bigint,
  OUT workers int, OUT crowded boolean)
AS 'MODULE_PATHNAME', 'mariadb_agree_on_snapshot'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.agree_on_snapshot(name, text, text[])
IS 'the part of migrate that gives all workers the same snapshot; NULL if that is not possible for the account';

CREATE FUNCTION mariadb_internal.run_workers() RETURNS int
AS 'MODULE_PATHNAME', 'mariadb_run_workers'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.run_workers()
IS 'the part of migrate that lets the workers do all work; returns how many were lost';

CREATE FUNCTION mariadb_internal.end_snapshot(server name) RETURNS void
AS 'MODULE_PATHNAME', 'mariadb_end_snapshot'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.end_snapshot(name)
IS 'the part of migrate that ends the snapshot';

CREATE FUNCTION mariadb_internal.wanted_workers(options jsonb, one boolean) RETURNS int
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN one THEN 0 ELSE coalesce((options ->> 'workers')::int,
    greatest(least(mariadb_internal.processors(),
      current_setting('max_worker_processes')::int - (SELECT count(*)
        FROM pg_stat_activity a
        -- Processes without a user are the server's own.
        WHERE a.usesysid IS NOT NULL AND a.backend_type NOT IN ('client backend',
          'dead-end client backend', 'standalone backend', 'autovacuum launcher',
          'autovacuum worker', 'walsender', 'slotsync worker'))), 1)) END::int
$$;
COMMENT ON FUNCTION mariadb_internal.wanted_workers(jsonb, boolean)
IS 'the part of migrate that returns the number of workers to start: that of the available processors and processes, unless the caller specifies it';

CREATE FUNCTION mariadb_internal.report_snapshot(run bigint, workers int, gap text)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r CONSTANT mariadb.run := (SELECT x FROM mariadb.run x WHERE x.id = $1);
BEGIN
  RAISE NOTICE 'snapshot of server "%": %, %', r.server, CASE workers
      WHEN 0 THEN 'this session' WHEN 1 THEN 'one worker'
      ELSE format('%s workers', workers) END,
    concat_ws(', ', CASE
        WHEN r.lock_ms IS NOT NULL THEN format('tables locked for %s ms by %s',
          round(r.lock_ms::numeric, 1), r.method)
        WHEN r.method = 'one connection' THEN r.method END,
      'binary log position ' || r."position", 'GTID ' || r.gtid)
    || coalesce(' (' || gap || ')', '');
END
$$;
COMMENT ON FUNCTION mariadb_internal.report_snapshot(bigint, int, text)
IS 'the part of migrate that reports how its readers got the same snapshot';

CREATE FUNCTION mariadb_internal.report_other_engines(server name, schema text, tables text[])
RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  t record;
BEGIN
  FOR t IN
    SELECT m.engine, string_agg(m.table_name, ', ' ORDER BY m.table_name) AS names
    FROM mariadb.tables(server, schema) m
    WHERE m.table_name = ANY (tables) AND m.engine <> 'InnoDB'
    GROUP BY m.engine
  LOOP
    RAISE NOTICE '% tables are not part of the snapshot and may contain later changes: %',
      t.engine, t.names;
  END LOOP;
END
$$;
COMMENT ON FUNCTION mariadb_internal.report_other_engines(name, text, text[])
IS 'the part of migrate that reports which tables are not part of the snapshot';

CREATE FUNCTION mariadb_internal.prepare_workers(run bigint, wanted int, tables text[])
RETURNS int
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r CONSTANT mariadb.run := mariadb_internal.own_run($1);
  given CONSTANT int := (r.options ->> 'workers')::int;
  started CONSTANT int := mariadb_internal.start_workers(run, r.server, wanted);
  size int := started;
  is_alone boolean := false;
  snap record;
BEGIN
  snap := mariadb_internal.agree_on_snapshot(r.server, r.schema, tables);
  WHILE snap.method IS NULL AND snap.crowded AND size > 1 LOOP
    size := mariadb_internal.start_workers(run, r.server, size - 1);
    snap := mariadb_internal.agree_on_snapshot(r.server, r.schema, tables);
  END LOOP;
  IF snap.method IS NULL AND snap.workers > 0 AND given > 1 THEN
    RAISE EXCEPTION 'could not give % workers the same snapshot of %', snap.workers,
        mariadb_internal.product()
      USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = format('Tables could not be locked, and %s.', snap.gap),
        HINT = 'Set option "workers" to 1, grant LOCK TABLES on the schema or RELOAD, or configure the binary log to contain all changes.';
  ELSIF snap.method IS NULL AND snap.workers > 0 THEN
    RAISE NOTICE 'using only one worker: tables could not be locked, and %', snap.gap;
    is_alone := true;
    size := mariadb_internal.start_workers(run, r.server, 1);
    snap := mariadb_internal.agree_on_snapshot(r.server, r.schema, tables);
  END IF;
  IF snap.workers < size OR size < started AND NOT is_alone THEN
    RAISE NOTICE '% of % workers could connect to server "%"%', snap.workers, started,
      r.server, CASE snap.workers WHEN 0 THEN '; this session copies all tables itself' ELSE '' END
      USING HINT = 'A run needs a connection for each worker, one for the session, and one while tables are locked.';
  END IF;
  IF snap.workers = 0 AND size > 0 THEN
    size := mariadb_internal.start_workers(run, r.server, 0);
    snap := mariadb_internal.agree_on_snapshot(r.server, r.schema, tables);
  END IF;
  size := snap.workers;
  UPDATE mariadb.run x
  SET workers = greatest(size, 1), method = snap.method,
    "position" = snap."position", gtid = snap.gtid, lock_ms = snap.lock_ms,
    changes = snap.changes
  WHERE x.id = $1;
  -- Chunks of an earlier snapshot are compared, unless nothing has changed.
  UPDATE mariadb.chunk c SET state = 'check', worker = NULL
  WHERE c.run = $1 AND c.state = 'done' AND c.attempt < r.attempt
    AND ((r."position", r.changes) = (snap."position", snap.changes)
      AND r.gtid IS NOT DISTINCT FROM snap.gtid) IS NOT TRUE;
  IF tables <> '{}' THEN
    PERFORM mariadb_internal.report_snapshot(run, size, snap.gap);
  END IF;
  RETURN size;
END
$$;
COMMENT ON FUNCTION mariadb_internal.prepare_workers(bigint, int, text[])
IS 'the part of migrate that starts workers and takes a snapshot; returns how many workers there are';
