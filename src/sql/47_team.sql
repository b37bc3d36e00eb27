
-- Workers: one leader, several processes, one moment of MariaDB.

CREATE FUNCTION migrate_team_rejected(rejected bigint) RETURNS void
AS 'MODULE_PATHNAME', 'mariadb_team_rejected'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION migrate_team_rejected(bigint) FROM PUBLIC;
COMMENT ON FUNCTION migrate_team_rejected(bigint)
IS 'the part of migrate that tells the workers how many rows the run has rejected before';

CREATE FUNCTION migrate_team_start(run bigint, server name, workers int)
RETURNS int
AS 'MODULE_PATHNAME', 'mariadb_team_start'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION migrate_team_start(bigint, name, int) FROM PUBLIC;
COMMENT ON FUNCTION migrate_team_start(bigint, name, int)
IS 'the part of migrate that starts workers; returns how many there are';

CREATE FUNCTION migrate_team_agree(server name, schema text, tables text[],
  OUT method text, OUT "position" text, OUT gtid text,
  OUT lock_ms double precision, OUT gap text, OUT changes bigint,
  OUT workers int, OUT crowded boolean)
AS 'MODULE_PATHNAME', 'mariadb_team_agree'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION migrate_team_agree(name, text, text[]) FROM PUBLIC;
COMMENT ON FUNCTION migrate_team_agree(name, text, text[])
IS 'the part of migrate that brings all workers to one snapshot; NULL if the account has no way to it';

CREATE FUNCTION migrate_team_work() RETURNS int
AS 'MODULE_PATHNAME', 'mariadb_team_work'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION migrate_team_work() FROM PUBLIC;
COMMENT ON FUNCTION migrate_team_work()
IS 'the part of migrate that lets the workers work to the end; returns how many were lost';

CREATE FUNCTION migrate_team_end(server name) RETURNS void
AS 'MODULE_PATHNAME', 'mariadb_team_end'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION migrate_team_end(name) FROM PUBLIC;
COMMENT ON FUNCTION migrate_team_end(name)
IS 'the part of migrate that ends the snapshot';

CREATE FUNCTION migrate_cores() RETURNS int
AS 'MODULE_PATHNAME', 'mariadb_cores'
LANGUAGE C VOLATILE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION migrate_cores()
IS 'the part of migrate that counts the processors of this machine';

CREATE FUNCTION migrate_run_chunk(run bigint, table_name text, number int)
RETURNS void
AS 'MODULE_PATHNAME', 'mariadb_run_chunk'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION migrate_run_chunk(bigint, text, int) FROM PUBLIC;
COMMENT ON FUNCTION migrate_run_chunk(bigint, text, int)
IS 'the part of migrate that copies a chunk, or finds that it need not';

CREATE FUNCTION table_digest(relation regclass, columns text[],
  OUT rows bigint, OUT digest text)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $$
DECLARE
  list CONSTANT text := (SELECT string_agg(quote_ident(c), ', ') FROM unnest(columns) c);
BEGIN
  PERFORM mariadb.not_null('{relation,columns}', relation, columns);
  EXECUTE format('SELECT count(*), mariadb.hash_sum(mariadb.record_hash(%L, ROW(%s))) FROM %s',
    columns, list, relation) INTO rows, digest;
END
$$;
COMMENT ON FUNCTION table_digest(regclass, text[])
IS 'the number of rows of a table here, and the digest of some of its columns';

CREATE FUNCTION add_digests(digests text[]) RETURNS text
AS 'MODULE_PATHNAME', 'mariadb_add_digests'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION add_digests(text[])
IS 'the digest of all rows of which these are digests of parts';

-- The ledger gives work to whoever asks, and notes what came of it.

CREATE FUNCTION migrate_claim_lock(run bigint) RETURNS void
AS 'MODULE_PATHNAME', 'mariadb_claim_lock'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION migrate_claim_lock(bigint) FROM PUBLIC;
COMMENT ON FUNCTION migrate_claim_lock(bigint)
IS 'the part of migrate that lets one worker at a time look into the ledger';

CREATE FUNCTION migrate_worker_is_gone(run bigint, worker int) RETURNS boolean
AS 'MODULE_PATHNAME', 'mariadb_worker_is_gone'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION migrate_worker_is_gone(bigint, int) FROM PUBLIC;
COMMENT ON FUNCTION migrate_worker_is_gone(bigint, int)
IS 'the part of migrate that knows whether a worker has ended';

CREATE FUNCTION migrate_lock_ledger() RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- Before migrate_claim_lock, whose holder must not wait for DDL.
  LOCK TABLE mariadb.run IN ACCESS SHARE MODE;
  LOCK TABLE mariadb.chunk, mariadb.task IN ROW EXCLUSIVE MODE;
END
$$;
REVOKE ALL ON FUNCTION migrate_lock_ledger() FROM PUBLIC;
COMMENT ON FUNCTION migrate_lock_ledger()
IS 'the part of migrate that locks the tables of the ledger, in one order';

CREATE FUNCTION migrate_claim_chunk(run bigint, only_left boolean,
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
      AND CASE WHEN only_left THEN mariadb.migrate_worker_is_gone($1, f.worker)
        ELSE f.worker IS NULL END
    ORDER BY f.weight DESC, f.table_name, f.number LIMIT 1
  ) n
  WHERE c.run = $1 AND c.table_name = n.table_name AND c.number = n.number
  RETURNING 'chunk', c.table_name, c.number
$$;
REVOKE ALL ON FUNCTION migrate_claim_chunk(bigint, boolean) FROM PUBLIC;
COMMENT ON FUNCTION migrate_claim_chunk(bigint, boolean)
IS 'the part of migrate that takes the next chunk, or one that a lost worker has left';

CREATE FUNCTION migrate_release(run bigint, table_name text) RETURNS void
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- A table's rows come before its tasks, and these in the order of their
  -- steps; those of one step can be done at the same time.
  UPDATE mariadb.task t SET state = 'pending'
  WHERE t.run = $1 AND t.table_name = $2 AND t.state = 'waiting' AND t.step < 90
    AND t.step = (SELECT min(u.step) FROM mariadb.task u
      WHERE u.run = $1 AND u.table_name = $2
        AND u.state IN ('waiting', 'pending', 'running'))
    AND NOT EXISTS (SELECT FROM mariadb.chunk c
      WHERE c.run = $1 AND c.table_name = $2 AND c.state <> 'done')
$$;
REVOKE ALL ON FUNCTION migrate_release(bigint, text) FROM PUBLIC;
COMMENT ON FUNCTION migrate_release(bigint, text)
IS 'the part of migrate that lets the next tasks of a table begin';

CREATE FUNCTION migrate_release_last(run bigint) RETURNS boolean
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
  -- A foreign key locks two tables, so these are made one by one.
  UPDATE mariadb.task t SET state = 'pending'
  WHERE t.run = $1 AND t.step = next AND t.state = 'waiting'
    AND (next <> 90 OR t.number = (SELECT min(u.number) FROM mariadb.task u
      WHERE u.run = $1 AND u.step = next AND u.state = 'waiting'));
  RETURN FOUND;
END
$$;
REVOKE ALL ON FUNCTION migrate_release_last(bigint) FROM PUBLIC;
COMMENT ON FUNCTION migrate_release_last(bigint)
IS 'the part of migrate that lets tasks begin that come after all others';

CREATE FUNCTION migrate_claim_task(run bigint,
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
REVOKE ALL ON FUNCTION migrate_claim_task(bigint) FROM PUBLIC;
COMMENT ON FUNCTION migrate_claim_task(bigint)
IS 'the part of migrate that takes the next task';

CREATE FUNCTION migrate_take_back(run bigint) RETURNS boolean
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE mariadb.task t SET state = 'pending', worker = NULL
  WHERE t.run = $1 AND t.state = 'running'
    AND mariadb.migrate_worker_is_gone($1, t.worker);
  RETURN FOUND;
END
$$;
REVOKE ALL ON FUNCTION migrate_take_back(bigint) FROM PUBLIC;
COMMENT ON FUNCTION migrate_take_back(bigint)
IS 'the part of migrate that takes back tasks of lost workers';

CREATE FUNCTION migrate_claim(run bigint,
  OUT kind text, OUT table_name text, OUT number int)
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM mariadb.migrate_lock_ledger();
  PERFORM mariadb.migrate_claim_lock(run);
  SELECT * INTO kind, table_name, number FROM mariadb.migrate_claim_chunk(run, false);
  IF kind IS NULL THEN
    SELECT * INTO kind, table_name, number FROM mariadb.migrate_claim_task(run);
  END IF;
  IF kind IS NOT NULL THEN
    RETURN;
  END IF;
  -- Nothing is free: what lost workers had in hand, or what comes last.
  SELECT * INTO kind, table_name, number FROM mariadb.migrate_claim_chunk(run, true);
  IF kind IS NULL AND (mariadb.migrate_take_back(run)
    OR mariadb.migrate_release_last(run))
  THEN
    SELECT * INTO kind, table_name, number FROM mariadb.migrate_claim_task(run);
  END IF;
  IF kind IS NULL AND (
    EXISTS (SELECT FROM mariadb.chunk c WHERE c.run = migrate_claim.run AND c.state <> 'done')
    OR EXISTS (SELECT FROM mariadb.task t WHERE t.run = migrate_claim.run
      AND t.state IN ('waiting', 'pending', 'running')))
  THEN
    kind := 'wait';
  END IF;
END
$$;
REVOKE ALL ON FUNCTION migrate_claim(bigint) FROM PUBLIC;
COMMENT ON FUNCTION migrate_claim(bigint)
IS 'the part of migrate that gives a worker something to do: a chunk, a task, to wait for what others have in hand, or NULL at the end';

CREATE FUNCTION migrate_rejected(run bigint) RETURNS bigint
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(sum(c.rejected), 0)::bigint FROM mariadb.chunk c
  WHERE c.run = $1 AND c.state = 'done'
$$;
COMMENT ON FUNCTION migrate_rejected(bigint)
IS 'the part of migrate that counts the rows that a run has rejected so far';

CREATE FUNCTION is_trusted_owner(owner oid) RETURNS boolean
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF pg_get_userbyid(owner) = current_user THEN
    RETURN true;
  END IF;
  -- What a superuser wrote cannot gain anything; a superuser is a member of
  -- every role, which says nothing of trust.
  RETURN (SELECT o.rolsuper OR NOT u.rolsuper AND pg_has_role(u.oid, o.oid, 'MEMBER')
    FROM pg_roles o, pg_roles u
    WHERE o.oid = owner AND u.rolname = current_user);
END
$$;
REVOKE ALL ON FUNCTION is_trusted_owner(oid) FROM PUBLIC;
COMMENT ON FUNCTION is_trusted_owner(oid)
IS 'the part of migrate that knows whether what belongs to a role may run with the rights of the current one';

CREATE FUNCTION migrate_target(target text, options jsonb) RETURNS regclass
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  relation CONSTANT regclass := target::regclass;
  untrusted record;
BEGIN
  IF row_security_active(relation) THEN
    RAISE EXCEPTION 'row security of table % is in force for role "%"', relation, current_user
      USING ERRCODE = 'insufficient_privilege',
        DETAIL = 'Rows that it hides could be neither emptied nor compared.',
        HINT = 'Become the owner of the table, or let it be ALTER TABLE ... NO FORCE ROW LEVEL SECURITY.';
  END IF;
  IF (options ->> 'trust_owners')::boolean THEN
    RETURN relation;
  END IF;
  WITH RECURSIVE r AS (
    SELECT relation::oid AS oid
    UNION
    SELECT i.inhrelid FROM r JOIN pg_inherits i ON i.inhparent = r.oid
  )
  SELECT c.oid::regclass AS name, pg_get_userbyid(c.relowner) AS owner
    INTO untrusted
  FROM r JOIN pg_class c ON c.oid = r.oid
  WHERE NOT mariadb.is_trusted_owner(c.relowner) LIMIT 1;
  IF untrusted.name IS NOT NULL THEN
    RAISE EXCEPTION 'table % belongs to role "%"', untrusted.name, untrusted.owner
      USING ERRCODE = 'insufficient_privilege',
        DETAIL = 'Its triggers, defaults, constraints and index expressions would run with your rights.',
        HINT = 'Become its owner, or set option "trust_owners" to true if you trust that role.';
  END IF;
  RETURN relation;
END
$$;
REVOKE ALL ON FUNCTION migrate_target(text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION migrate_target(text, jsonb)
IS 'the part of migrate that finds a table by its name, and refuses one that would execute what another role has made';

CREATE FUNCTION migrate_chunk_begin(run bigint, table_name text, number int,
  OUT source oid, OUT target oid, OUT condition text, OUT label text,
  OUT is_check boolean, OUT digest text, OUT reject boolean,
  OUT reject_limit bigint, OUT max_rows double precision,
  OUT max_bytes double precision, OUT rejected_before bigint)
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r CONSTANT mariadb.run := mariadb.own_run($1);
  c CONSTANT mariadb.chunk := (SELECT x FROM mariadb.chunk x
    WHERE x.run = $1 AND x.table_name = $2 AND x.number = $3
      AND x.owner = current_user);
  total CONSTANT int := (SELECT count(*) FROM mariadb.chunk x
    WHERE x.run = $1 AND x.table_name = $2);
BEGIN
  PERFORM mariadb.migrate_lock_ledger();
  source := c.source::regclass;
  IF NOT EXISTS (SELECT FROM pg_foreign_table f JOIN pg_foreign_server s
    ON s.oid = f.ftserver WHERE f.ftrelid = source AND s.srvname = r.server)
  THEN
    RAISE EXCEPTION 'foreign table % is not of server "%" any more', c.source, r.server
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  target := mariadb.migrate_target(c.target, r.options);
  condition := c.condition;
  digest := c.digest;
  is_check := c.state = 'check';
  label := format('mariadb_fdw run %s: %s %s/%s', run, table_name, number, total);
  PERFORM set_config('application_name', label::name::text, true);
  SELECT o.reject, o.reject_limit, o.max_rows / greatest(r.workers, 1),
    o.max_bytes / greatest(r.workers, 1)
    INTO reject, reject_limit, max_rows, max_bytes
  FROM mariadb.copy_options(r.options) o;
  rejected_before := mariadb.migrate_rejected(run);
  -- What is truncated in the same transaction can be stored without WAL, where
  -- the server's wal_level allows it, and frozen.
  IF total = 1 AND NOT is_check AND c.weight >= 1048576
    AND NOT (r.options ->> 'one_transaction')::boolean IS TRUE
    AND mariadb.migrate_may_truncate(target)
  THEN
    -- Somebody may have put a row in while we waited for the lock.
    EXECUTE format('LOCK TABLE %s IN ACCESS EXCLUSIVE MODE', target::regclass);
    IF mariadb.migrate_may_truncate(target) THEN
      EXECUTE format('TRUNCATE %s', target::regclass);
    END IF;
  END IF;
END
$$;
REVOKE ALL ON FUNCTION migrate_chunk_begin(bigint, text, int) FROM PUBLIC;
COMMENT ON FUNCTION migrate_chunk_begin(bigint, text, int)
IS 'the part of migrate that knows what a chunk is';

CREATE FUNCTION migrate_may_truncate(target oid) RETURNS boolean
LANGUAGE sql STABLE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT c.relkind = 'r' AND NOT c.relhastriggers AND NOT c.relispartition
    AND pg_relation_size(c.oid) = 0 AND NOT c.relhassubclass
    AND has_table_privilege(c.oid, 'TRUNCATE') AND mariadb.reads_heap(c.oid)
    AND NOT EXISTS (SELECT FROM pg_constraint k
      WHERE k.contype = 'f' AND k.confrelid = c.oid AND k.conrelid <> c.oid)
  FROM pg_class c WHERE c.oid = target
$$;
COMMENT ON FUNCTION migrate_may_truncate(oid)
IS 'the part of migrate that knows whether an empty table can be given new storage';

CREATE FUNCTION migrate_chunk_clear(run bigint, table_name text, number int)
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
  -- Rows that no run has brought go only if the caller says so.
  IF c.attempt IS NULL AND NOT EXISTS (SELECT FROM mariadb.run r
    WHERE r.id = $1 AND (r.options ->> 'truncate')::boolean)
  THEN
    RAISE EXCEPTION 'table % already has rows, and not those of MariaDB', c.target
      USING ERRCODE = 'object_not_in_prerequisite_state',
        HINT = mariadb.migrate_rows_hint(c.target::regclass);
  END IF;
  -- The rows of a chunk are those that its transaction has brought.
  EXECUTE format('DELETE FROM %s', mariadb.migrate_target(c.target,
      (mariadb.own_run(run)).options))
    || CASE WHEN is_only THEN '' ELSE format(' WHERE xmin = %L', c.xid::xid) END;
  GET DIAGNOSTICS removed = ROW_COUNT;
  IF removed <> c.rows THEN
    RAISE EXCEPTION 'table % was changed here since it was copied', c.target
      USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = format('Chunk %s had %s rows, and %s of them are left.',
          c.number, c.rows, removed),
        HINT = 'Empty the table and migrate it again.';
  END IF;
  DELETE FROM mariadb.reject x
  WHERE x.run = $1 AND x.table_name = $2 AND x.chunk = $3;
END
$$;
REVOKE ALL ON FUNCTION migrate_chunk_clear(bigint, text, int) FROM PUBLIC;
COMMENT ON FUNCTION migrate_chunk_clear(bigint, text, int)
IS 'the part of migrate that removes the rows of a chunk that the source has changed since';

CREATE FUNCTION migrate_is_plain(target regclass) RETURNS boolean
LANGUAGE sql STABLE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT c.relkind = 'r' AND a.amname = 'heap' AND mariadb.reads_heap(c.oid)
  FROM pg_class c LEFT JOIN pg_am a ON a.oid = c.relam WHERE c.oid = target
$$;
COMMENT ON FUNCTION migrate_is_plain(regclass)
IS 'the part of migrate that knows whether rows tell which transaction has brought them';

CREATE FUNCTION migrate_chunk_end(run bigint, table_name text, number int,
  is_copied boolean, rows bigint, rejected bigint, bytes bigint, digest text)
RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r CONSTANT mariadb.run := mariadb.own_run($1);
  told record;
BEGIN
  -- One at a time, so that somebody sees the last chunk of a table end.
  PERFORM mariadb.migrate_claim_lock(run);
  UPDATE mariadb.chunk c
  SET state = 'done', rows = $5, rejected = $6, bytes = $7, digest = $8,
    attempt = r.attempt, finished = clock_timestamp(),
    xid = CASE WHEN NOT is_copied THEN c.xid
      WHEN r.options ->> 'on_error' = 'reject' THEN NULL
      WHEN mariadb.migrate_is_plain(c.target::regclass)
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
    INTO told
  FROM mariadb.chunk c WHERE c.run = $1 AND c.table_name = $2;
  IF told.is_done THEN
    PERFORM mariadb.migrate_release(run, table_name);
    RAISE NOTICE 'table "%": % rows in % s%', table_name, told.rows, told.seconds,
      CASE WHEN told.rejected > 0 THEN format(', %s rejected', told.rejected) ELSE '' END;
  END IF;
END
$$;
REVOKE ALL ON FUNCTION migrate_chunk_end(bigint, text, int, boolean, bigint, bigint, bigint, text) FROM PUBLIC;
COMMENT ON FUNCTION migrate_chunk_end(bigint, text, int, boolean, bigint, bigint, bigint, text)
IS 'the part of migrate that notes a chunk that is done';

CREATE FUNCTION migrate_task_settings(run bigint, step int) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  waiting CONSTANT int := (SELECT count(*) FROM mariadb.task t
    WHERE t.run = $1 AND t.step <= 70 AND t.state IN ('waiting', 'pending', 'running'));
BEGIN
  -- Several indexes at once use the processors better than several workers at
  -- one index; these help when the last ones are made.
  IF step <= 70 THEN
    PERFORM set_config('max_parallel_maintenance_workers', least(
      current_setting('max_parallel_maintenance_workers')::int,
      greatest(mariadb.migrate_cores() - waiting, 0))::text, true);
  END IF;
  PERFORM set_config('session_replication_role', 'origin', true)
  WHERE current_setting('session_replication_role') <> 'origin';
END
$$;
REVOKE ALL ON FUNCTION migrate_task_settings(bigint, int) FROM PUBLIC;
COMMENT ON FUNCTION migrate_task_settings(bigint, int)
IS 'the part of migrate that chooses how many processes make one index';

CREATE FUNCTION migrate_task(run bigint, number int) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  t CONSTANT mariadb.task := (SELECT x FROM mariadb.task x
    WHERE x.run = $1 AND x.number = $2 AND x.owner = current_user);
  is_good boolean;
  outcome jsonb;
BEGIN
  PERFORM mariadb.migrate_lock_ledger();
  PERFORM set_config('application_name',
    format('mariadb_fdw run %s: %s %s', run, t.kind, t.object)::name::text, true);
  PERFORM mariadb.migrate_task_settings(run, t.step);
  CASE t.kind
    WHEN 'check of foreign key' THEN
      is_good := mariadb.migrate_check_key(t.statement::oid) = 0;
    WHEN 'comparison' THEN
      outcome := mariadb.migrate_compare(run, t.table_name);
      is_good := outcome ->> 'status' = 'equal';
    WHEN 'count' THEN
      outcome := mariadb.migrate_count(run, t.table_name);
      is_good := outcome ->> 'status' = 'counted';
    ELSE
      is_good := mariadb.migrate_execute(to_jsonb(t));
  END CASE;
  PERFORM mariadb.migrate_claim_lock(run);
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
    PERFORM mariadb.migrate_release(run, t.table_name);
  END IF;
END
$$;
REVOKE ALL ON FUNCTION migrate_task(bigint, int) FROM PUBLIC;
COMMENT ON FUNCTION migrate_task(bigint, int)
IS 'the part of migrate that runs a task';

CREATE FUNCTION migrate_compare(run bigint, table_name text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  there record;
  here record;
BEGIN
  SELECT sum(c.rows)::bigint AS rows, sum(c.rejected)::bigint AS rejected,
    mariadb.add_digests(array_agg(c.digest)) AS digest,
    min(c.source) AS source, mariadb.migrate_target(min(c.target),
      (mariadb.own_run($1)).options) AS target INTO there
  FROM mariadb.chunk c
  WHERE c.run = $1 AND c.table_name = $2 AND c.owner = current_user;
  SELECT d.* INTO here FROM mariadb.table_digest(there.target, ARRAY(
    SELECT mariadb.migrate_columns(there.source::regclass,
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
REVOKE ALL ON FUNCTION migrate_compare(bigint, text) FROM PUBLIC;
COMMENT ON FUNCTION migrate_compare(bigint, text)
IS 'the part of migrate that compares a table with what passed when it was copied';

CREATE FUNCTION migrate_count(run bigint, table_name text) RETURNS jsonb
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  there record;
  here bigint;
BEGIN
  SELECT sum(c.rows)::bigint AS rows, sum(c.rejected)::bigint AS rejected,
    mariadb.migrate_target(min(c.target), (mariadb.own_run($1)).options)
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
REVOKE ALL ON FUNCTION migrate_count(bigint, text) FROM PUBLIC;
COMMENT ON FUNCTION migrate_count(bigint, text)
IS 'the part of migrate that counts the rows of a table where they are not compared';

-- Commits.  A procedure that commits cannot have a search_path of its own.

CREATE PROCEDURE migrate_check_commit()
AS 'MODULE_PATHNAME', 'mariadb_check_commit'
LANGUAGE C;
REVOKE ALL ON PROCEDURE migrate_check_commit() FROM PUBLIC;
COMMENT ON PROCEDURE migrate_check_commit()
IS 'the part of migrate that refuses to be called where it cannot commit';

CREATE PROCEDURE migrate_commit(one_transaction boolean)
LANGUAGE plpgsql
AS $$
BEGIN
  -- What workers commit is to be seen, whatever the session's default.
  IF NOT one_transaction THEN
    CALL mariadb.migrate_check_commit();
    COMMIT;
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  END IF;
  PERFORM pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  -- A step takes as long as it takes; PostgreSQL 17 and newer has this setting.
  IF current_setting('transaction_timeout', true) <> '0' THEN
    PERFORM set_config('transaction_timeout', '0', true);
  END IF;
END
$$;
REVOKE ALL ON PROCEDURE migrate_commit(boolean) FROM PUBLIC;
COMMENT ON PROCEDURE migrate_commit(boolean)
IS 'the part of migrate that ends a step: it commits, unless all is to be one transaction, and keeps the caller''s search_path away from the next; each procedure that commits begins with it';

CREATE PROCEDURE migrate_work_here(run bigint, one boolean)
LANGUAGE plpgsql
AS $$
DECLARE
  w record;
BEGIN
  CALL mariadb.migrate_commit(one);
  LOOP
    w := mariadb.migrate_claim(run);
    EXIT WHEN w.kind IS NULL;
    PERFORM mariadb.migrate_bypass();
    IF w.kind = 'chunk' THEN
      PERFORM mariadb.migrate_run_chunk(run, w.table_name, w.number);
    ELSIF w.kind = 'task' THEN
      PERFORM mariadb.migrate_task(run, w.number);
    ELSE
      RAISE EXCEPTION 'another session works on run %', run
        USING ERRCODE = 'object_in_use';
    END IF;
    CALL mariadb.migrate_commit(one);
  END LOOP;
END
$$;
REVOKE ALL ON PROCEDURE migrate_work_here(bigint, boolean) FROM PUBLIC;
COMMENT ON PROCEDURE migrate_work_here(bigint, boolean)
IS 'the part of migrate that does all work itself, where there are no workers';
