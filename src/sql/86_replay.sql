
-- Replay of rejected rows.

CREATE FUNCTION mariadb_internal.replay_row(reject bigint, source oid) RETURNS bigint
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  j CONSTANT mariadb.reject := (SELECT x FROM mariadb.reject x
    WHERE x.id = $1 AND x.owner = current_user);
  stored record;
  code text;
  message text;
BEGIN
  PERFORM mariadb_internal.bypass_triggers();
  SELECT c.* INTO stored FROM mariadb_internal.copy_rows(source,
    mariadb_internal.checked_target(j.target, (mariadb_internal.own_run(j.run)).options)::oid,
    j.condition) c;
  IF stored.rows > 1 THEN
    RAISE EXCEPTION 'rejected row % of table "%" now matches % rows', reject,
      j.table_name, stored.rows
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  UPDATE mariadb.chunk c
  SET rows = c.rows + stored.rows, rejected = c.rejected - 1,
    digest = mariadb_internal.add_digests(ARRAY[c.digest, stored.digest])
  WHERE c.run = j.run AND c.table_name = j.table_name AND c.number = j.chunk;
  DELETE FROM mariadb.reject x WHERE x.id = j.id;
  RETURN stored.rows;
EXCEPTION
  WHEN OTHERS THEN
    IF mariadb_internal.error_subject(SQLSTATE) <> 'value' THEN
      RAISE;
    END IF;
    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
    UPDATE mariadb.reject x SET error = message, sqlstate = code,
      at = clock_timestamp() WHERE x.id = $1;
    RETURN NULL;
END
$$;
COMMENT ON FUNCTION mariadb_internal.replay_row(bigint, oid)
IS 'the part of replay that tries one row again: the number of rows stored, 0 if it no longer exists in MariaDB, NULL if it still does not fit';

CREATE FUNCTION mariadb.replay(run bigint, OUT table_name text, OUT stored bigint,
  OUT rejected bigint) RETURNS SETOF record
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r CONSTANT mariadb.run := mariadb_internal.own_run($1);
  names CONSTANT text[] := ARRAY(SELECT DISTINCT x.table_name
    FROM mariadb.reject x WHERE x.run = $1);
  keeps CONSTANT boolean := coalesce((r.options ->> 'keep_foreign')::boolean, false);
  work text;
BEGIN
  PERFORM mariadb_internal.not_null('{run}', run);
  IF names = '{}' THEN
    RETURN;
  END IF;
  PERFORM mariadb_internal.lock_run(run);
  work := mariadb_internal.import_tables(run, CASE WHEN keeps THEN r.options
    ELSE jsonb_build_object('tables', names) END);
  FOR table_name, stored, rejected IN
    SELECT x.table_name, coalesce(sum(x.rows), 0), count(*) FILTER (WHERE x.rows IS NULL)
    FROM (
      SELECT j.table_name, CASE WHEN j.condition IS NOT NULL
        THEN mariadb_internal.replay_row(j.id, t.source) END AS rows
      FROM mariadb.reject j
        JOIN mariadb_internal.table_pairs(work, r.local) t ON t.remote = j.table_name
      WHERE j.run = $1
    ) x
    GROUP BY x.table_name ORDER BY x.table_name
  LOOP
    RETURN NEXT;
  END LOOP;
  PERFORM mariadb_internal.check_touched_keys(ARRAY(SELECT t.target
    FROM mariadb_internal.table_pairs(work, r.local) t
    WHERE t.target IS NOT NULL AND t.remote = ANY (names)));
  UPDATE mariadb.run x SET verification = (
    SELECT jsonb_agg(CASE WHEN e ->> 'table_name' = ANY (names)
      THEN mariadb_internal.compare_table($1, e ->> 'table_name') ELSE e END ORDER BY j.n)
    FROM jsonb_array_elements(x.verification) WITH ORDINALITY AS j (e, n))
  WHERE x.id = $1 AND x.verification IS NOT NULL;
  IF NOT keeps THEN
    PERFORM mariadb_internal.drop_foreign_tables(run);
  END IF;
END
$$;
COMMENT ON FUNCTION mariadb.replay(bigint)
IS 'read the rejected rows of a run again and store them, after a repair or under another policy; returns for each table how many are stored and how many still do not fit';
