
-- What is to be copied: tables that are empty, and the chunks of each.

CREATE FUNCTION mariadb_internal.existing_rows_hint(target regclass) RETURNS text
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('To skip table %s, add it to option "except", or list the wanted tables in option "tables". '
    'To bring it up to date with %s, see mariadb.resync. '
    'Option "truncate" deletes all its rows, including those that the application has written.',
    target, mariadb_internal.product())
$$;
COMMENT ON FUNCTION mariadb_internal.existing_rows_hint(regclass)
IS 'the part of migrate that suggests what to do about a table with rows that are not from MariaDB';

CREATE FUNCTION mariadb_internal.empty_table(target regclass) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  referring text;
  role CONSTANT text := current_setting('session_replication_role');
  left_over bigint;
BEGIN
  SELECT string_agg(format('%s (%I)', k.conrelid::regclass, k.conname), ', '
    ORDER BY k.conrelid::regclass::text, k.conname) INTO referring
  FROM pg_constraint k, mariadb_internal.related_tables(ARRAY[target]) r
  WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid = r
    AND k.conrelid <> target;
  IF referring IS NULL AND mariadb_internal.reads_heap(target) THEN
    EXECUTE format('TRUNCATE %s', mariadb_internal.only_of(target));
  ELSIF referring IS NULL THEN
    -- If the rows are stored elsewhere, a trigger may delete them.
    PERFORM set_config('session_replication_role', 'origin', true)
    WHERE role <> 'origin';
    EXECUTE format('TRUNCATE %s', mariadb_internal.only_of(target));
    PERFORM set_config('session_replication_role', role, true)
    WHERE role <> 'origin';
  ELSIF current_setting('session_replication_role') = 'replica' THEN
    EXECUTE format('DELETE FROM %s', mariadb_internal.only_of(target));
  ELSE
    RAISE EXCEPTION 'cannot empty table %: foreign keys refer to it', target
      USING ERRCODE = 'dependent_objects_still_exist',
        DETAIL = format('They are: %s.', referring),
        HINT = 'Drop them, or run the migration as a superuser. TRUNCATE ... CASCADE is never used.';
  END IF;
  EXECUTE format('SELECT count(*) FROM (SELECT 1 FROM %s LIMIT 1) r',
    mariadb_internal.only_of(target)) INTO left_over;
  IF left_over > 0 THEN
    RAISE EXCEPTION 'could not empty table %: it still has rows', target
      USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = 'A trigger or another extension prevents it.',
        HINT = 'Empty it yourself.';
  END IF;
END
$$;
COMMENT ON FUNCTION mariadb_internal.empty_table(regclass)
IS 'the part of migrate that empties a table, without CASCADE';

CREATE FUNCTION mariadb_internal.equal_tables(server name, schema text, local text,
  work text, known text[]) RETURNS text[]
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  t record;
  has_rows boolean;
  filled text[] := '{}';
BEGIN
  FOR t IN SELECT m.* FROM mariadb_internal.table_pairs(work, local) m
    WHERE m.target IS NOT NULL AND m.remote <> ALL (known)
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', t.target) INTO has_rows;
    filled := filled || CASE WHEN has_rows THEN t.remote END;
  END LOOP;
  filled := array_remove(filled, NULL);
  IF filled = '{}' THEN
    RETURN filled;
  END IF;
  RETURN ARRAY(SELECT v.table_name
    FROM mariadb.verify(server, schema, local,
      tables => filled) v
    WHERE v.remote_digest = v.local_digest AND v.remote_rows = v.local_rows);
END
$$;
COMMENT ON FUNCTION mariadb_internal.equal_tables(name, text, text, text, text[])
IS 'the part of migrate that finds tables that an earlier run has filled';

CREATE FUNCTION mariadb_internal.restart_table(run bigint, table_name text) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  target CONSTANT regclass := mariadb_internal.checked_target((
    SELECT min(c.target) FROM mariadb.chunk c
    WHERE c.run = $1 AND c.table_name = $2), (mariadb_internal.own_run(run)).options);
BEGIN
  PERFORM mariadb_internal.empty_table(target);
  UPDATE mariadb.chunk c SET state = 'pending', worker = NULL, rows = NULL
  WHERE c.run = $1 AND c.table_name = $2;
  DELETE FROM mariadb.reject x WHERE x.run = $1 AND x.table_name = $2;
END
$$;
COMMENT ON FUNCTION mariadb_internal.restart_table(bigint, text)
IS 'the part of migrate that restarts a table';

CREATE FUNCTION mariadb_internal.check_local_rows(run bigint, table_name text) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  noted record;
  here bigint;
BEGIN
  SELECT min(c.target) AS target, coalesce(sum(c.rows), 0) AS rows INTO noted
  FROM mariadb.chunk c
  WHERE c.run = $1 AND c.table_name = $2 AND c.owner = current_user
    AND c.state IN ('done', 'check');
  IF noted.target IS NULL THEN
    SELECT min(c.target), 0 INTO noted.target, noted.rows
    FROM mariadb.chunk c
    WHERE c.run = $1 AND c.table_name = $2 AND c.owner = current_user;
  END IF;
  EXECUTE format('SELECT count(*) FROM %s', mariadb_internal.checked_target(noted.target,
    (mariadb_internal.own_run(run)).options)) INTO here;
  IF here <> noted.rows AND here > 0 AND NOT EXISTS (SELECT FROM mariadb.run r
    WHERE r.id = run AND (r.options ->> 'truncate')::boolean)
  THEN
    RAISE EXCEPTION 'table % has % rows, but % were copied', noted.target, here, noted.rows
      USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = 'It was changed after it was copied.',
        HINT = mariadb_internal.existing_rows_hint(noted.target::regclass);
  ELSIF here <> noted.rows THEN
    RAISE NOTICE 'table "%" has % rows, but % were copied; it is copied again',
      table_name, here, noted.rows;
    PERFORM mariadb_internal.restart_table(run, table_name);
  END IF;
END
$$;
COMMENT ON FUNCTION mariadb_internal.check_local_rows(bigint, text)
IS 'the part of migrate that checks whether the rows recorded in the ledger exist';

CREATE FUNCTION mariadb_internal.add_chunks(run bigint, name text, source regclass,
  target regclass, rows bigint, bytes bigint, chunk_bytes bigint)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  pieces CONSTANT bigint := bytes / chunk_bytes + 1;
BEGIN
  INSERT INTO mariadb.chunk (run, table_name, number, target, source, condition,
    estimated_rows, estimated_bytes, weight)
  SELECT $1, $2, p.number, format('%I.%I', t.nspname, t.relname),
    format('%I.%I', f.nspname, f.relname), p.condition, p.rows,
    CASE WHEN $5 > 0 THEN $6 * p.rows / $5 ELSE $6 END, $6
  FROM (
    SELECT row_number() OVER ()::int AS number, c.condition,
      c.estimated_rows AS rows
    FROM mariadb.chunks(source, $5 / pieces + 1) c
    WHERE pieces > 1
    UNION ALL
    SELECT 1, NULL, $5 WHERE pieces <= 1
  ) p,
  (SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n
    ON n.oid = c.relnamespace WHERE c.oid = source) f,
  (SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n
    ON n.oid = c.relnamespace WHERE c.oid = target) t;
END
$$;
COMMENT ON FUNCTION mariadb_internal.add_chunks(bigint, text, regclass, regclass, bigint, bigint, bigint)
IS 'the part of migrate that writes the chunks of a table into the ledger';

CREATE FUNCTION mariadb_internal.add_checked_chunk(run bigint, name text, source regclass,
  target regclass, bytes bigint) RETURNS void
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- Checked again, so that the result is of the same snapshot as the others.
  SELECT mariadb_internal.add_chunks($1, $2, $3, $4, 1, $5, 9223372036854775807);
  UPDATE mariadb.chunk c
  SET state = 'check', rows = d.rows, rejected = 0, digest = d.digest,
    estimated_rows = d.rows
  FROM mariadb_internal.table_digest($4, ARRAY(SELECT mariadb_internal.shared_columns($3, $4))) d
  WHERE c.run = $1 AND c.table_name = $2
$$;
COMMENT ON FUNCTION mariadb_internal.add_checked_chunk(bigint, text, regclass, regclass, bigint)
IS 'the part of migrate that adds a chunk for a table that already has the expected rows, to check it again';

CREATE FUNCTION mariadb_internal.prepare_table(name text, source regclass,
  target regclass, may_truncate boolean, is_equal boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  has_rows boolean;
  here bigint;
  there bigint;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', target) INTO has_rows;
  IF has_rows AND is_equal THEN
    RAISE NOTICE 'table "%" is already up to date', name;
    RETURN false;
  ELSIF has_rows AND NOT may_truncate THEN
    EXECUTE format('SELECT (SELECT count(*) FROM %s), (SELECT count(*) FROM %s)',
      target, source) INTO here, there;
    RAISE EXCEPTION 'table % contains rows that are not in %', target,
        mariadb_internal.product()
      USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = format('It has %s rows in PostgreSQL, and %s in %s.', here, there,
          mariadb_internal.product()),
        HINT = mariadb_internal.existing_rows_hint(target);
  ELSIF has_rows THEN
    PERFORM mariadb_internal.empty_table(target);
  END IF;
  RETURN true;
END
$$;
COMMENT ON FUNCTION mariadb_internal.prepare_table(text, regclass, regclass, boolean, boolean)
IS 'the part of migrate that makes sure that a table is empty; false if it already has the expected rows';

CREATE FUNCTION mariadb_internal.plan_chunks(run bigint, work text, options jsonb) RETURNS int
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r CONSTANT mariadb.run := mariadb_internal.own_run($1);
  opts CONSTANT record := mariadb_internal.migrate_options(options);
  known CONSTANT text[] := ARRAY(SELECT DISTINCT c.table_name
    FROM mariadb.chunk c WHERE c.run = $1);
  equal_tables CONSTANT text[] := mariadb_internal.equal_tables(r.server, r.schema,
    r.local, work, known);
  t record;
  problems int := 0;
BEGIN
  FOR t IN
    SELECT m.*, greatest(s.row_estimate, 0) AS rows,
      coalesce(s.data_bytes, 0) AS bytes
    FROM mariadb_internal.table_pairs(work, r.local) m
      LEFT JOIN mariadb.tables(r.server, r.schema) s ON s.table_name = m.remote
  LOOP
    IF t.target IS NULL THEN
      RAISE WARNING 'table "%" does not exist; it is skipped', t.name
        USING ERRCODE = 'undefined_table';
      problems := problems + 1;
      CONTINUE;
    END IF;
    problems := problems + mariadb_internal.warn_of_unmatched(t.source, t.target);
    IF t.remote = ANY (known) THEN
      PERFORM mariadb_internal.check_local_rows(run, t.remote);
    ELSIF mariadb_internal.prepare_table(t.remote, t.source, t.target, opts.truncate,
      t.remote = ANY (equal_tables))
    THEN
      PERFORM mariadb_internal.add_chunks(run, t.remote, t.source, t.target,
        t.rows::bigint, t.bytes, CASE WHEN opts.one_transaction THEN 9223372036854775807
          ELSE opts.chunk_bytes END);
    ELSE
      PERFORM mariadb_internal.add_checked_chunk(run, t.remote, t.source, t.target, t.bytes);
    END IF;
  END LOOP;
  RETURN problems;
END
$$;
COMMENT ON FUNCTION mariadb_internal.plan_chunks(bigint, text, jsonb)
IS 'the part of migrate that writes into the ledger what is to be copied; returns the number of problems';

CREATE FUNCTION mariadb_internal.restart_mixed_tables(run bigint) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  t record;
BEGIN
  -- Rows that cannot be assigned to a chunk are copied again together.
  FOR t IN
    SELECT c.table_name FROM mariadb.chunk c
    WHERE c.run = $1 AND c.owner = current_user
    GROUP BY c.table_name
    HAVING count(*) > 1 AND (bool_or(c.state = 'check' AND (c.xid IS NULL
        OR pg_current_xact_id()::text::numeric - c.xid::text::numeric > 2000000000))
      OR bool_or(c.state = 'check')
        AND count(DISTINCT c.xid) FILTER (WHERE c.state IN ('check', 'done'))
          < count(*) FILTER (WHERE c.state IN ('check', 'done'))
      -- A unique value may have moved from one chunk to another.
      OR bool_or(c.state = 'check') AND EXISTS (SELECT FROM pg_index i
        WHERE i.indrelid = min(c.target)::regclass AND NOT i.indisprimary
          AND (i.indisunique OR i.indisexclusion)))
  LOOP
    PERFORM mariadb_internal.restart_table(run, t.table_name);
  END LOOP;
END
$$;
COMMENT ON FUNCTION mariadb_internal.restart_mixed_tables(bigint)
IS 'the part of migrate that restarts tables whose chunks cannot be distinguished';
