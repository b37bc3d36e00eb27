
-- What goes on now, and rows that did not fit.

CREATE FUNCTION copies_now(OUT pid int, OUT rows bigint, OUT bytes bigint)
RETURNS SETOF record
LANGUAGE plpgsql VOLATILE STRICT PARALLEL RESTRICTED
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- PostgreSQL 14 and newer.
  IF to_regclass('pg_stat_progress_copy') IS NOT NULL THEN
    RETURN QUERY EXECUTE 'SELECT p.pid, p.tuples_processed, p.bytes_processed'
      ' FROM pg_stat_progress_copy p WHERE p.datname = current_database()';
  END IF;
END
$$;
COMMENT ON FUNCTION copies_now()
IS 'the part of progress that sees the chunks in hand';

CREATE FUNCTION progress_bar(share double precision) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT '[' || rpad(repeat('#', floor(20 * share)::int), 20, '.') || ']'
$$;
COMMENT ON FUNCTION progress_bar(double precision)
IS 'the part of progress that draws a bar';

CREATE VIEW progress AS
WITH newest AS (
  SELECT r.* FROM run r WHERE r.owner = current_user ORDER BY r.id DESC LIMIT 1
), chunks AS (
  SELECT c.table_name, c.state, c.worker IS NOT NULL AND c.state <> 'done' AS is_in_hand,
    c.started, c.finished, c.attempt = r.attempt OR c.state = 'copying' AS is_now,
    CASE c.state WHEN 'done' THEN c.rows + c.rejected
      WHEN 'copying' THEN coalesce(l.rows, 0) ELSE 0 END AS rows,
    CASE c.state WHEN 'done' THEN c.bytes
      WHEN 'copying' THEN coalesce(l.bytes, 0) ELSE 0 END AS bytes,
    CASE c.state WHEN 'done' THEN c.rows + c.rejected
      ELSE greatest(c.estimated_rows, l.rows, 1) END AS total
  FROM newest r JOIN chunk c ON c.run = r.id
    LEFT JOIN copies_now() l ON l.pid = c.worker AND c.state = 'copying'
), tasks AS (
  SELECT t.table_name, count(*) FILTER (WHERE t.state = 'failed') AS failed,
    count(*) FILTER (WHERE t.state IN ('waiting', 'pending', 'running')) AS unfinished,
    min(t.kind) FILTER (WHERE t.state = 'running') AS kind
  FROM newest r JOIN task t ON t.run = r.id GROUP BY t.table_name
), tables AS (
  SELECT c.table_name, bool_and(c.state = 'done') AS is_done,
    bool_or(c.is_in_hand) AS is_in_hand, bool_or(c.state <> 'pending') AS is_begun,
    bool_or(c.is_in_hand AND c.state = 'check') AS is_checked,
    sum(c.rows)::bigint AS rows, sum(c.bytes)::bigint AS bytes,
    sum(c.total)::bigint AS total,
    sum(c.rows) FILTER (WHERE c.is_now) AS rows_now,
    min(c.started) FILTER (WHERE c.is_now) AS started, max(c.finished) AS finished
  FROM chunks c GROUP BY c.table_name
), lines AS (
  SELECT 1 AS place, t.table_name, CASE
      WHEN NOT t.is_done AND t.is_checked THEN 'checking'
      WHEN NOT t.is_done AND t.is_in_hand THEN 'copying'
      WHEN NOT t.is_done AND t.is_begun THEN 'begun'
      WHEN NOT t.is_done THEN 'waiting'
      WHEN k.kind IS NOT NULL THEN k.kind
      WHEN k.unfinished > 0 THEN 'copied'
      WHEN k.failed > 0 THEN 'problems'
      ELSE 'done' END AS state,
    t.is_done, t.rows, t.bytes, t.total, t.rows_now, t.started, t.finished
  FROM tables t LEFT JOIN tasks k USING (table_name)
  UNION ALL
  SELECT 2, '(all)', min(r.state), bool_and(t.is_done), sum(t.rows)::bigint,
    sum(t.bytes)::bigint, sum(t.total)::bigint, sum(t.rows_now),
    min(t.started), max(t.finished)
  FROM newest r, tables t HAVING count(*) > 0
), rates AS (
  SELECT l.*, CASE WHEN l.total = 0 THEN 1 ELSE l.rows::double precision / l.total END AS share,
    l.rows_now / nullif(extract(epoch FROM CASE WHEN l.is_done THEN l.finished
      ELSE clock_timestamp() END - l.started), 0)::double precision AS rate
  FROM lines l
)
SELECT r.id AS run, l.table_name, l.state, l.rows, l.total AS estimated_rows,
  round((100 * l.share)::numeric, 1) AS percent, pg_size_pretty(l.bytes) AS bytes,
  round(l.rate)::bigint AS rows_per_second,
  CASE WHEN NOT l.is_done
    THEN date_trunc('second', (l.total - l.rows) / nullif(l.rate, 0) * interval '1 s') END AS time_left,
  progress_bar(l.share) AS bar
FROM rates l, newest r
ORDER BY l.place, l.started NULLS LAST, l.table_name;
COMMENT ON VIEW progress
IS 'how far the current role''s newest run of mariadb.migrate is, table by table; for \watch 1';

CREATE FUNCTION replay_row(reject bigint, source oid) RETURNS bigint
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
  PERFORM mariadb.migrate_bypass();
  SELECT c.* INTO stored FROM mariadb.copy_rows(source,
    mariadb.migrate_target(j.target, (mariadb.own_run(j.run)).options)::oid,
    j.condition) c;
  IF stored.rows > 1 THEN
    RAISE EXCEPTION 'rejected row % of table "%" is % rows by now', reject,
      j.table_name, stored.rows
      USING ERRCODE = 'object_not_in_prerequisite_state';
  END IF;
  UPDATE mariadb.chunk c
  SET rows = c.rows + stored.rows, rejected = c.rejected - 1,
    digest = mariadb.add_digests(ARRAY[c.digest, stored.digest])
  WHERE c.run = j.run AND c.table_name = j.table_name AND c.number = j.chunk;
  DELETE FROM mariadb.reject x WHERE x.id = j.id;
  RETURN stored.rows;
EXCEPTION
  WHEN data_exception OR integrity_constraint_violation OR program_limit_exceeded THEN
    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
    UPDATE mariadb.reject x SET error = message, sqlstate = code,
      at = clock_timestamp() WHERE x.id = $1;
    RETURN NULL;
END
$$;
REVOKE ALL ON FUNCTION replay_row(bigint, oid) FROM PUBLIC;
COMMENT ON FUNCTION replay_row(bigint, oid)
IS 'the part of replay that tries one row again: the rows stored, 0 if MariaDB has it no more, NULL if it still does not fit';

CREATE FUNCTION replay(run bigint, OUT table_name text, OUT stored bigint,
  OUT rejected bigint) RETURNS SETOF record
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r CONSTANT mariadb.run := mariadb.own_run($1);
  names CONSTANT text[] := ARRAY(SELECT DISTINCT x.table_name
    FROM mariadb.reject x WHERE x.run = $1);
  keeps CONSTANT boolean := coalesce((r.options ->> 'keep_foreign')::boolean, false);
  work text;
BEGIN
  PERFORM mariadb.not_null('{run}', run);
  IF names = '{}' THEN
    RETURN;
  END IF;
  PERFORM mariadb.migrate_lock(run);
  work := mariadb.migrate_import(run, CASE WHEN keeps THEN r.options
    ELSE jsonb_build_object('tables', names) END);
  FOR table_name, stored, rejected IN
    SELECT x.table_name, coalesce(sum(x.rows), 0), count(*) FILTER (WHERE x.rows IS NULL)
    FROM (
      SELECT j.table_name, CASE WHEN j.condition IS NOT NULL
        THEN mariadb.replay_row(j.id, t.source) END AS rows
      FROM mariadb.reject j
        JOIN mariadb.migrate_tables(work, r.local) t ON t.remote = j.table_name
      WHERE j.run = $1
    ) x
    GROUP BY x.table_name ORDER BY x.table_name
  LOOP
    RETURN NEXT;
  END LOOP;
  PERFORM mariadb.migrate_check_touched(ARRAY(SELECT t.target
    FROM mariadb.migrate_tables(work, r.local) t
    WHERE t.target IS NOT NULL AND t.remote = ANY (names)));
  UPDATE mariadb.run x SET verification = (
    SELECT jsonb_agg(CASE WHEN e ->> 'table_name' = ANY (names)
      THEN mariadb.migrate_compare($1, e ->> 'table_name') ELSE e END ORDER BY j.n)
    FROM jsonb_array_elements(x.verification) WITH ORDINALITY AS j (e, n))
  WHERE x.id = $1 AND x.verification IS NOT NULL;
  IF NOT keeps THEN
    PERFORM mariadb.migrate_clean(run);
  END IF;
END
$$;
REVOKE ALL ON FUNCTION replay(bigint) FROM PUBLIC;
COMMENT ON FUNCTION replay(bigint)
IS 'read the rejected rows of a run again and store them, after a repair or under another policy; returns for each table how many are stored and how many still do not fit';
