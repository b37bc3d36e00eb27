
-- How workers claim work in the ledger.

CREATE FUNCTION mariadb_internal.claim_lock(run bigint) RETURNS void
AS 'MODULE_PATHNAME', 'mariadb_claim_lock'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.claim_lock(bigint)
IS 'the part of migrate that lets one worker at a time claim work in the ledger';

CREATE FUNCTION mariadb_internal.worker_is_gone(run bigint, worker int) RETURNS boolean
AS 'MODULE_PATHNAME', 'mariadb_worker_is_gone'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.worker_is_gone(bigint, int)
IS 'the part of migrate that returns whether a worker has ended';

CREATE FUNCTION mariadb_internal.lock_ledger() RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- Before claim_lock, whose holder must not wait for DDL.
  LOCK TABLE mariadb.run IN ACCESS SHARE MODE;
  LOCK TABLE mariadb.chunk, mariadb.task IN ROW EXCLUSIVE MODE;
END
$$;
COMMENT ON FUNCTION mariadb_internal.lock_ledger()
IS 'the part of migrate that locks the tables of the ledger, in one order';

CREATE FUNCTION mariadb_internal.claim_chunk(run bigint, only_left boolean,
  OUT kind text, OUT table_name text, OUT number int)
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE mariadb.chunk c
  SET state = CASE c.state WHEN 'check' THEN 'check' ELSE 'copying' END,
    worker = pg_backend_pid(), started = clock_timestamp()
  FROM (
    SELECT f.table_name, f.number FROM mariadb.chunk f
    WHERE f.run = $1 AND f.owner = current_user AND f.state <> 'done'
      AND CASE WHEN only_left THEN mariadb_internal.worker_is_gone($1, f.worker)
        ELSE f.worker IS NULL END
    ORDER BY f.weight DESC, f.table_name, f.number LIMIT 1
  ) n
  WHERE c.run = $1 AND c.table_name = n.table_name AND c.number = n.number
  RETURNING 'chunk', c.table_name, c.number
$$;
COMMENT ON FUNCTION mariadb_internal.claim_chunk(bigint, boolean)
IS 'the part of migrate that claims the next chunk, or one that a lost worker has left';

CREATE FUNCTION mariadb_internal.release_tasks(run bigint, table_name text) RETURNS void
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- A table's rows come before its tasks, and these in the order of their
  -- steps; those of one step can be done at the same time.
  UPDATE mariadb.task t SET state = 'pending'
  WHERE t.run = $1 AND t.table_name = $2 AND t.state = 'waiting'
    AND t.step < mariadb_internal.step('foreign key')
    AND t.step = (SELECT min(u.step) FROM mariadb.task u
      WHERE u.run = $1 AND u.table_name = $2
        AND u.state IN ('waiting', 'pending', 'running'))
    AND NOT EXISTS (SELECT FROM mariadb.chunk c
      WHERE c.run = $1 AND c.table_name = $2 AND c.state <> 'done')
$$;
COMMENT ON FUNCTION mariadb_internal.release_tasks(bigint, text)
IS 'the part of migrate that lets the next tasks of a table begin';

CREATE FUNCTION mariadb_internal.release_last_tasks(run bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  next CONSTANT int := (SELECT min(t.step) FROM mariadb.task t
    WHERE t.run = $1 AND t.state IN ('waiting', 'pending', 'running'));
BEGIN
  IF EXISTS (SELECT FROM mariadb.chunk c WHERE c.run = $1 AND c.state <> 'done')
    OR EXISTS (SELECT FROM mariadb.task t WHERE t.run = $1
      AND t.state IN ('pending', 'running'))
  THEN
    RETURN false;
  END IF;
  -- A foreign key locks two tables, so they are created one by one.
  UPDATE mariadb.task t SET state = 'pending'
  WHERE t.run = $1 AND t.step = next AND t.state = 'waiting'
    AND (next <> mariadb_internal.step('foreign key') OR t.number = (SELECT min(u.number) FROM mariadb.task u
      WHERE u.run = $1 AND u.step = next AND u.state = 'waiting'));
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION mariadb_internal.release_last_tasks(bigint)
IS 'the part of migrate that lets tasks begin that come after all others';

CREATE FUNCTION mariadb_internal.claim_task(run bigint,
  OUT kind text, OUT table_name text, OUT number int)
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE mariadb.task t
  SET state = 'running', worker = pg_backend_pid(), started = clock_timestamp()
  FROM (
    SELECT f.number FROM mariadb.task f
    WHERE f.run = $1 AND f.owner = current_user AND f.state = 'pending'
    ORDER BY f.weight DESC, f.step, f.number LIMIT 1
  ) n
  WHERE t.run = $1 AND t.number = n.number
  RETURNING 'task', t.table_name, t.number
$$;
COMMENT ON FUNCTION mariadb_internal.claim_task(bigint)
IS 'the part of migrate that claims the next task';

CREATE FUNCTION mariadb_internal.take_back_tasks(run bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE mariadb.task t SET state = 'pending', worker = NULL
  WHERE t.run = $1 AND t.state = 'running'
    AND mariadb_internal.worker_is_gone($1, t.worker);
  RETURN FOUND;
END
$$;
COMMENT ON FUNCTION mariadb_internal.take_back_tasks(bigint)
IS 'the part of migrate that resets the tasks of lost workers';

CREATE FUNCTION mariadb_internal.claim(run bigint,
  OUT kind text, OUT table_name text, OUT number int)
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM mariadb_internal.lock_ledger();
  PERFORM mariadb_internal.claim_lock(run);
  SELECT * INTO kind, table_name, number FROM mariadb_internal.claim_chunk(run, false);
  IF kind IS NULL THEN
    SELECT * INTO kind, table_name, number FROM mariadb_internal.claim_task(run);
  END IF;
  IF kind IS NOT NULL THEN
    RETURN;
  END IF;
  -- Nothing is free: the work of lost workers, or the last tasks.
  SELECT * INTO kind, table_name, number FROM mariadb_internal.claim_chunk(run, true);
  IF kind IS NULL AND (mariadb_internal.take_back_tasks(run)
    OR mariadb_internal.release_last_tasks(run))
  THEN
    SELECT * INTO kind, table_name, number FROM mariadb_internal.claim_task(run);
  END IF;
  IF kind IS NULL AND (
    EXISTS (SELECT FROM mariadb.chunk c WHERE c.run = claim.run AND c.state <> 'done')
    OR EXISTS (SELECT FROM mariadb.task t WHERE t.run = claim.run
      AND t.state IN ('waiting', 'pending', 'running')))
  THEN
    kind := 'wait';
  END IF;
END
$$;
COMMENT ON FUNCTION mariadb_internal.claim(bigint)
IS 'the part of migrate that gives a worker something to do: a chunk, a task, to wait for the current work of others, or NULL at the end';
