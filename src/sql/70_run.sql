
-- A run: it is found or created, and closed.

CREATE FUNCTION mariadb_internal.try_lock(kind name, key bigint, is_kept boolean)
RETURNS boolean
AS 'MODULE_PATHNAME', 'mariadb_try_lock'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.try_lock(name, bigint, boolean)
IS 'the part of migrate that takes a lock if it is free: until the transaction ends or, with is_kept, until it is released or the session fails';

CREATE FUNCTION mariadb_internal.unlock(kind name, key bigint) RETURNS boolean
AS 'MODULE_PATHNAME', 'mariadb_unlock'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.unlock(name, bigint)
IS 'the part of migrate that releases a lock that was kept';

CREATE FUNCTION mariadb_internal.run_lock_key(run bigint) RETURNS bigint
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT hashtextextended(r.schema, hashtextextended(r.local, 0))
  FROM mariadb.run r WHERE r.id = $1
$$;
COMMENT ON FUNCTION mariadb_internal.run_lock_key(bigint)
IS 'the part of migrate that returns the lock key of a run: no two runs may fill the same schema from the same source at once';

CREATE FUNCTION mariadb_internal.lock_run(run bigint, is_kept boolean DEFAULT false)
RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT mariadb_internal.try_lock('run', run, is_kept)
    OR NOT mariadb_internal.try_lock('schema', mariadb_internal.run_lock_key(run), is_kept)
  THEN
    RAISE EXCEPTION 'run % cannot continue: another session is already migrating the same schema', run
      USING ERRCODE = 'object_in_use';
  END IF;
END
$$;
COMMENT ON FUNCTION mariadb_internal.lock_run(bigint, boolean)
IS 'the part of migrate that locks a run against other sessions, for this transaction or, with is_kept, for the whole call';

CREATE FUNCTION mariadb_internal.unlock_run(run bigint) RETURNS void
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT mariadb_internal.unlock('schema', mariadb_internal.run_lock_key($1));
  SELECT mariadb_internal.unlock('run', $1)
$$;
COMMENT ON FUNCTION mariadb_internal.unlock_run(bigint)
IS 'the part of migrate that unlocks a run for other sessions';

CREATE FUNCTION mariadb_internal.take_over(run bigint) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  deadline CONSTANT timestamptz := clock_timestamp() + interval '30 s';
BEGIN
  -- Workers whose leader is gone end by themselves, or are terminated here.
  LOOP
    -- They are identified by the lock that each of them holds (LOCK_WORKER).
    PERFORM pg_terminate_backend(l.pid) FROM pg_locks l
    WHERE l.locktype = 'advisory' AND l.objsubid = 28004 AND l.granted
      AND l.mode = 'ExclusiveLock' AND l.classid = (hashint8extended(run,
        (SELECT r.oid::bigint FROM pg_roles r WHERE r.rolname = current_user))
        & 4294967295)::oid
      AND l.database = (SELECT d.oid FROM pg_database d
        WHERE d.datname = current_database());
    EXIT WHEN NOT FOUND;
    IF clock_timestamp() > deadline THEN
      RAISE EXCEPTION 'workers of run % did not exit', run
        USING ERRCODE = 'object_in_use';
    END IF;
    PERFORM pg_sleep(0.05);
  END LOOP;
  UPDATE mariadb.chunk c
  SET state = CASE c.state WHEN 'copying' THEN 'pending' ELSE c.state END, worker = NULL
  WHERE c.run = $1 AND c.state <> 'done';
  DELETE FROM mariadb.task t WHERE t.run = $1;
END
$$;
COMMENT ON FUNCTION mariadb_internal.take_over(bigint)
IS 'the part of migrate that releases what an earlier call was working on';

CREATE FUNCTION mariadb_internal.open_run(server name, schema text, local text,
  options jsonb) RETURNS bigint
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kept CONSTANT jsonb := mariadb_internal.kept_options($4);
  the_run CONSTANT bigint := (SELECT max(r.id) FROM mariadb.run r
    WHERE (r.server, r.schema, r.local, r.state) = ($1, $2, $3, 'open')
      AND r.owner = current_user);
  is_kept CONSTANT boolean :=
    NOT (mariadb_internal.migrate_options(options)).one_transaction;
  new_run bigint;
BEGIN
  IF the_run IS NOT NULL THEN
    PERFORM mariadb_internal.lock_run(the_run, is_kept);
  END IF;
  UPDATE mariadb.run r SET state = 'abandoned', finished = clock_timestamp()
  WHERE (r.server, r.schema, r.local, r.state) = ($1, $2, $3, 'open')
    AND r.owner = current_user
    AND (r.id <> the_run OR mariadb_internal.work_options(r.options)
      <> mariadb_internal.work_options(kept));
  PERFORM mariadb_internal.drop_foreign_tables(r.id) FROM mariadb.run r
  WHERE (r.server, r.schema, r.local, r.state) = ($1, $2, $3, 'abandoned')
    AND r.owner = current_user AND r.foreign_schema IS NOT NULL;
  UPDATE mariadb.run r SET options = kept, attempt = r.attempt + 1
  WHERE r.id = the_run AND r.state = 'open';
  IF FOUND THEN
    RAISE NOTICE 'resuming run %', the_run;
    PERFORM mariadb_internal.take_over(the_run);
    RETURN the_run;
  END IF;
  INSERT INTO mariadb.run (server, schema, local, options)
  VALUES ($1, $2, $3, kept) RETURNING id INTO new_run;
  PERFORM mariadb_internal.lock_run(new_run, is_kept);
  IF is_kept AND the_run IS NOT NULL THEN
    PERFORM mariadb_internal.unlock_run(the_run);
  END IF;
  RETURN new_run;
END
$$;
COMMENT ON FUNCTION mariadb_internal.open_run(name, text, text, jsonb)
IS 'the part of migrate that finds the run to resume, or begins one';

CREATE FUNCTION mariadb_internal.comparison_problems(run bigint) RETURNS int
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v record;
  problems int := 0;
BEGIN
  FOR v IN
    SELECT t.result ->> 'table_name' AS name, t.result ->> 'status' AS status,
      t.result ->> 'remote_rows' AS there, t.result ->> 'local_rows' AS here
    FROM mariadb.task t
    WHERE t.run = $1 AND t.kind IN ('comparison', 'count') AND t.state = 'failed'
    ORDER BY t.number
  LOOP
    RAISE WARNING 'table "%": %', v.name, v.status
      USING ERRCODE = 'data_exception',
        DETAIL = format('%s has %s rows; PostgreSQL has %s.', mariadb_internal.product(),
          v.there, v.here),
        HINT = CASE WHEN v.status = 'differs'
          THEN 'It may have been changed in PostgreSQL after it was copied.'
          ELSE format('The rejected rows are listed in mariadb.reject. Fix them in %s or change the options of the server, then run mariadb.replay.', mariadb_internal.product()) END;
    problems := problems + 1;
  END LOOP;
  UPDATE mariadb.run r SET verification = (
    SELECT jsonb_agg(t.result ORDER BY t.number) FROM mariadb.task t
    WHERE t.run = $1 AND t.kind = 'comparison')
  WHERE r.id = $1;
  RETURN problems;
END
$$;
COMMENT ON FUNCTION mariadb_internal.comparison_problems(bigint)
IS 'the part of migrate that reports the result of the comparison; returns how many tables are not equal';

CREATE FUNCTION mariadb_internal.failed_tasks(run bigint) RETURNS int
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT count(*)::int FROM mariadb.task t
  WHERE t.run = $1 AND t.state = 'failed' AND t.kind NOT IN ('comparison', 'count')
$$;
COMMENT ON FUNCTION mariadb_internal.failed_tasks(bigint)
IS 'the part of migrate that counts failed statements and checks';

CREATE FUNCTION mariadb_internal.close_run(run bigint, problems int) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  differing int;
BEGIN
  SELECT count(*) INTO differing FROM mariadb.task t
  WHERE t.run = $1 AND t.result ->> 'status' = 'differs';
  UPDATE mariadb.run r SET state = CASE WHEN differing = 0 THEN 'done' ELSE 'abandoned' END,
    finished = clock_timestamp(), problems = $2
  WHERE r.id = $1;
END
$$;
COMMENT ON FUNCTION mariadb_internal.close_run(bigint, int)
IS 'the part of migrate that records the end of a run';
