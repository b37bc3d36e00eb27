
-- Progress of a run.

CREATE FUNCTION mariadb_internal.running_copies(OUT pid int, OUT rows bigint, OUT bytes bigint)
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
COMMENT ON FUNCTION mariadb_internal.running_copies()
IS 'the part of progress that shows the chunks being copied';

CREATE FUNCTION mariadb_internal.progress_bar(share double precision) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT '[' || rpad(repeat('#', floor(20 * share)::int), 20, '.') || ']'
$$;
COMMENT ON FUNCTION mariadb_internal.progress_bar(double precision)
IS 'the part of progress that draws a bar';

CREATE VIEW mariadb.progress AS
WITH newest AS (
  SELECT r.* FROM mariadb.run r WHERE r.owner = current_user ORDER BY r.id DESC LIMIT 1
), chunks AS (
  SELECT c.table_name, c.state, c.worker IS NOT NULL AND c.state <> 'done' AS is_running,
    c.started, c.finished, c.attempt = r.attempt OR c.state = 'copying' AS is_now,
    CASE c.state WHEN 'done' THEN c.rows + c.rejected
      WHEN 'copying' THEN coalesce(l.rows, 0) ELSE 0 END AS rows,
    CASE c.state WHEN 'done' THEN c.bytes
      WHEN 'copying' THEN coalesce(l.bytes, 0) ELSE 0 END AS bytes,
    CASE c.state WHEN 'done' THEN c.rows + c.rejected
      ELSE greatest(c.estimated_rows, l.rows, 1) END AS total
  FROM newest r JOIN mariadb.chunk c ON c.run = r.id
    LEFT JOIN mariadb_internal.running_copies() l ON l.pid = c.worker AND c.state = 'copying'
), tasks AS (
  SELECT t.table_name, count(*) FILTER (WHERE t.state = 'failed') AS failed,
    count(*) FILTER (WHERE t.state IN ('waiting', 'pending', 'running')) AS unfinished,
    min(t.kind) FILTER (WHERE t.state = 'running') AS kind
  FROM newest r JOIN mariadb.task t ON t.run = r.id GROUP BY t.table_name
), tables AS (
  SELECT c.table_name, bool_and(c.state = 'done') AS is_done,
    bool_or(c.is_running) AS is_running, bool_or(c.state <> 'pending') AS is_begun,
    bool_or(c.is_running AND c.state = 'check') AS is_checked,
    sum(c.rows)::bigint AS rows, sum(c.bytes)::bigint AS bytes,
    sum(c.total)::bigint AS total,
    sum(c.rows) FILTER (WHERE c.is_now) AS rows_now,
    min(c.started) FILTER (WHERE c.is_now) AS started, max(c.finished) AS finished
  FROM chunks c GROUP BY c.table_name
), lines AS (
  SELECT 1 AS place, t.table_name, CASE
      WHEN NOT t.is_done AND t.is_checked THEN 'checking'
      WHEN NOT t.is_done AND t.is_running THEN 'copying'
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
  mariadb_internal.progress_bar(l.share) AS bar
FROM rates l, newest r
ORDER BY l.place, l.started NULLS LAST, l.table_name;
COMMENT ON VIEW mariadb.progress
IS 'how far the current role''s newest run of mariadb.migrate is, table by table; for \watch 1';
