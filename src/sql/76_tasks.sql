
-- Tasks: what comes after the rows.

CREATE FUNCTION mariadb_internal.plan_tasks(run bigint, plan jsonb, work text,
  local text) RETURNS void
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH tables AS MATERIALIZED (
    SELECT t.* FROM mariadb_internal.table_pairs(work, local) t
    WHERE t.target IS NOT NULL
  ), weights AS MATERIALIZED (
    SELECT c.table_name, max(c.weight) AS weight FROM mariadb.chunk c
    WHERE c.run = $1 GROUP BY c.table_name
  ), statements AS (
    SELECT (e ->> 'step')::int AS step, e ->> 'kind' AS kind,
      e ->> 'object' AS object, e ->> 'statement' AS statement, e - 'statement' AS planned,
      j.n, t.remote AS table_name
    FROM jsonb_array_elements(plan) WITH ORDINALITY AS j (e, n)
      LEFT JOIN tables t ON t.remote = e ->> 'table_name'
    WHERE e ->> 'phase' IN ('after rows', 'references')
      AND e ->> 'statement' IS NOT NULL
    UNION ALL
    SELECT mariadb_internal.step('statistics'), 'statistics', t.name,
      format('ANALYZE %s', t.target), NULL, 0, t.remote
    FROM tables t
  )
  INSERT INTO mariadb.task (run, number, step, kind, object, table_name,
    statement, planned, weight)
  -- Unique indexes and others can be created at the same time.
  SELECT $1, row_number() OVER (ORDER BY s.step, s.n),
    CASE s.step WHEN mariadb_internal.step('unique index')
      THEN mariadb_internal.step('index') ELSE s.step END, s.kind, s.object,
    s.table_name, s.statement, s.planned, coalesce(w.weight, 0)
  FROM statements s LEFT JOIN weights w USING (table_name)
$$;
COMMENT ON FUNCTION mariadb_internal.plan_tasks(bigint, jsonb, text, text)
IS 'the part of migrate that writes into the ledger what comes after the rows';

CREATE FUNCTION mariadb_internal.plan_checks(run bigint, work text, local text,
  with_comparison boolean) RETURNS void
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH tables AS MATERIALIZED (
    SELECT t.* FROM mariadb_internal.table_pairs(work, local) t
    WHERE t.target IS NOT NULL
  ), checks AS (
    SELECT mariadb_internal.step('check of foreign key') AS step,
      'check of foreign key' AS kind, k.conname::text AS object,
      t.remote AS table_name, k.oid::text AS statement, t.name
    FROM tables t JOIN pg_constraint k ON k.conrelid = t.target
    WHERE k.contype = 'f' AND k.conparentid = 0
    UNION ALL
    -- The stored rows are at least counted, as a query sees them.
    SELECT mariadb_internal.step('comparison'), CASE WHEN with_comparison THEN 'comparison' ELSE 'count' END,
      t.name, t.remote, '', t.name
    FROM tables t
    WHERE EXISTS (SELECT FROM mariadb.chunk c
      WHERE c.run = $1 AND c.table_name = t.remote)
  )
  INSERT INTO mariadb.task (run, number, step, kind, object, table_name,
    statement, weight)
  SELECT $1, row_number() OVER (ORDER BY k.step, k.name, k.object)
    + coalesce((SELECT max(t.number) FROM mariadb.task t WHERE t.run = $1), 0),
    k.step, k.kind, k.object, k.table_name, k.statement, 0
  FROM checks k
$$;
COMMENT ON FUNCTION mariadb_internal.plan_checks(bigint, text, text, boolean)
IS 'the part of migrate that writes into the ledger what is to be checked at the end';

CREATE FUNCTION mariadb_internal.processors() RETURNS int
AS 'MODULE_PATHNAME', 'mariadb_cores'
LANGUAGE C VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION mariadb_internal.processors()
IS 'the part of migrate that counts the processors of this machine';

CREATE FUNCTION mariadb_internal.set_task_settings(run bigint, step int) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  waiting CONSTANT int := (SELECT count(*) FROM mariadb.task t
    WHERE t.run = $1 AND t.step <= mariadb_internal.step('index') AND t.state IN ('waiting', 'pending', 'running'));
BEGIN
  -- Several indexes at once use the processors better than several processes
  -- for one index, which help only with the last indexes.
  IF step <= mariadb_internal.step('index') THEN
    PERFORM set_config('max_parallel_maintenance_workers', least(
      current_setting('max_parallel_maintenance_workers')::int,
      greatest(mariadb_internal.processors() - waiting, 0))::text, true);
  END IF;
  PERFORM set_config('session_replication_role', 'origin', true)
  WHERE current_setting('session_replication_role') <> 'origin';
END
$$;
COMMENT ON FUNCTION mariadb_internal.set_task_settings(bigint, int)
IS 'the part of migrate that chooses how many processes create one index';

CREATE FUNCTION mariadb_internal.compare_table(run bigint, table_name text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  there record;
  here record;
BEGIN
  SELECT sum(c.rows)::bigint AS rows, sum(c.rejected)::bigint AS rejected,
    mariadb_internal.add_digests(array_agg(c.digest)) AS digest,
    min(c.source) AS source, mariadb_internal.checked_target(min(c.target),
      (mariadb_internal.own_run($1)).options) AS target INTO there
  FROM mariadb.chunk c
  WHERE c.run = $1 AND c.table_name = $2 AND c.owner = current_user;
  SELECT d.* INTO here FROM mariadb_internal.table_digest(there.target, ARRAY(
    SELECT mariadb_internal.shared_columns(there.source::regclass,
      there.target))) d;
  RETURN jsonb_build_object('table_name', table_name,
    'remote_rows', there.rows + there.rejected, 'local_rows', here.rows,
    'rejected', there.rejected,
    'status', CASE WHEN (there.rows, there.digest) IS DISTINCT FROM (here.rows, here.digest)
      THEN 'differs'
      WHEN there.rejected > 0 THEN format('%s rejected', there.rejected)
      ELSE 'equal' END);
END
$$;
COMMENT ON FUNCTION mariadb_internal.compare_table(bigint, text)
IS 'the part of migrate that compares a table with the digest computed while it was copied';

CREATE FUNCTION mariadb_internal.count_table(run bigint, table_name text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  there record;
  here bigint;
BEGIN
  SELECT sum(c.rows)::bigint AS rows, sum(c.rejected)::bigint AS rejected,
    mariadb_internal.checked_target(min(c.target), (mariadb_internal.own_run($1)).options)
      AS target INTO there
  FROM mariadb.chunk c
  WHERE c.run = $1 AND c.table_name = $2 AND c.owner = current_user;
  EXECUTE format('SELECT count(*) FROM %s', there.target) INTO here;
  RETURN jsonb_build_object('table_name', table_name,
    'remote_rows', there.rows + there.rejected, 'local_rows', here,
    'rejected', there.rejected,
    'status', CASE WHEN there.rows = here THEN 'counted' ELSE 'differs' END);
END
$$;
COMMENT ON FUNCTION mariadb_internal.count_table(bigint, text)
IS 'the part of migrate that counts the rows of a table that is not compared';

CREATE FUNCTION mariadb_internal.run_task(run bigint, number int) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  t CONSTANT mariadb.task := (SELECT x FROM mariadb.task x
    WHERE x.run = $1 AND x.number = $2 AND x.owner = current_user);
  is_good boolean;
  outcome jsonb;
BEGIN
  PERFORM mariadb_internal.lock_ledger();
  PERFORM set_config('application_name',
    format('mariadb_fdw run %s: %s %s', run, t.kind, t.object)::name::text, true);
  PERFORM mariadb_internal.set_task_settings(run, t.step);
  CASE t.kind
    WHEN 'check of foreign key' THEN
      is_good := mariadb_internal.check_foreign_key(t.statement::oid) = 0;
    WHEN 'comparison' THEN
      outcome := mariadb_internal.compare_table(run, t.table_name);
      is_good := outcome ->> 'status' = 'equal';
    WHEN 'count' THEN
      outcome := mariadb_internal.count_table(run, t.table_name);
      is_good := outcome ->> 'status' = 'counted';
    ELSE
      is_good := mariadb_internal.execute_step(
        to_jsonb(t) || coalesce(t.planned, '{}'));
  END CASE;
  PERFORM mariadb_internal.claim_lock(run);
  UPDATE mariadb.task x
  SET state = CASE WHEN is_good THEN 'done' ELSE 'failed' END,
    finished = clock_timestamp(), result = outcome
  WHERE x.run = $1 AND x.number = $2 AND x.worker = pg_backend_pid()
    AND x.state = 'running';
  IF NOT FOUND THEN
    RAISE EXCEPTION 'task % was given to another worker', number
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  IF t.table_name IS NOT NULL THEN
    PERFORM mariadb_internal.release_tasks(run, t.table_name);
  END IF;
END
$$;
COMMENT ON FUNCTION mariadb_internal.run_task(bigint, int)
IS 'the part of migrate that runs a task';
