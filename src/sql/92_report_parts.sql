
-- The report of a run: its sections.

CREATE FUNCTION mariadb_internal.run_counts(this_run bigint, OUT tables bigint,
  OUT finished_tables bigint, OUT chunks bigint, OUT unfinished bigint,
  OUT rows numeric, OUT bytes numeric, OUT copying numeric,
  OUT rejected bigint, OUT compared bigint, OUT differing text[])
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT c.*, (SELECT count(*) FROM mariadb.reject j WHERE j.run = this_run), v.*
  FROM (
    SELECT count(*), count(*) FILTER (WHERE t.unfinished = 0),
      coalesce(sum(t.chunks), 0)::bigint, coalesce(sum(t.unfinished), 0)::bigint,
      coalesce(sum(t.rows), 0), coalesce(sum(t.bytes), 0),
      extract(epoch FROM max(t.finished) - min(t.started))::numeric
    FROM (
      SELECT count(*) AS chunks, count(*) FILTER (WHERE k.state <> 'done') AS unfinished,
        sum(k.rows) AS rows, sum(k.bytes) AS bytes, min(k.started) AS started,
        max(k.finished) AS finished
      FROM mariadb.chunk k WHERE k.run = this_run GROUP BY k.table_name
    ) AS t
  ) AS c, (
    SELECT count(*), coalesce(array_agg(e ->> 'table_name' ORDER BY n)
      FILTER (WHERE mariadb_internal.status_kind(e ->> 'status') = 'bad'), '{}')
    FROM mariadb.run r, jsonb_array_elements(r.verification)
      WITH ORDINALITY AS j (e, n)
    WHERE r.id = this_run
  ) AS v
$$;
COMMENT ON FUNCTION mariadb_internal.run_counts(bigint)
IS 'the part of report that counts: tables, rows, what is unfinished, rejected, compared and different';

CREATE FUNCTION mariadb_internal.run_verdict(this_run bigint, OUT status text, OUT words text)
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN differing <> '{}' THEN 'rows differ'
      WHEN r.state = 'abandoned' THEN 'abandoned'
      WHEN unfinished > 0 OR r.state = 'open' THEN 'not finished'
      WHEN rejected > 0 OR problems > 0 OR compared < tables THEN 'needs attention'
      ELSE 'complete' END,
    CASE WHEN differing <> '{}' THEN mariadb_internal.plural(cardinality(differing),
        'table does not', 'tables do not') || ' have the same rows as MariaDB.'
      WHEN r.state = 'abandoned' THEN 'The run was abandoned before it finished.'
      WHEN unfinished > 0 THEN format('%s of %s fully copied.',
        mariadb_internal.number_text(finished_tables),
        mariadb_internal.plural(tables, 'table is', 'tables are'))
      WHEN r.state = 'open' THEN 'All rows are copied; indexes, keys or checks are not finished.'
      WHEN rejected > 0 THEN mariadb_internal.plural(rejected, 'row', 'rows')
        || ' could not be stored; all others were copied.'
      WHEN problems > 0 THEN 'The migration finished with '
        || mariadb_internal.plural(problems, 'problem', 'problems')
        || '; see its warnings.'
      WHEN compared < tables THEN format('%s of %s been compared with the rows received from MariaDB.',
        mariadb_internal.number_text(compared),
        mariadb_internal.plural(tables, 'table has', 'tables have'))
      ELSE format('%s the same rows as MariaDB%s.',
        mariadb_internal.plural(tables, 'table holds', 'tables hold'),
        CASE WHEN r.options ?| '{tables,except}'
          THEN '; the run did not include all tables of MariaDB' ELSE '' END) END
  FROM mariadb.run r, mariadb_internal.run_counts(this_run) WHERE r.id = this_run
$$;
COMMENT ON FUNCTION mariadb_internal.run_verdict(bigint)
IS 'the part of report that states in one sentence how the run finished';

CREATE FUNCTION mariadb_internal.head_part(this_run bigint) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format(E'<header>\n<p class="above">Migration report, run %s</p>\n'
      '<h1>%s <span class="arrow">&rarr;</span> %s</h1>\n'
      '<div class="verdict %s">%s<p>%s</p></div>\n<dl class="figures">%s</dl>\n</header>\n',
    this_run, mariadb_internal.html_text(r.schema), mariadb_internal.html_text(r.local),
    mariadb_internal.status_kind(v.status), mariadb_internal.html_status(v.status), v.words,
    concat(
      mariadb_internal.html_figure('Tables', mariadb_internal.number_text(c.tables),
        mariadb_internal.plural(c.chunks, 'part', 'parts')),
      mariadb_internal.html_figure('Rows', mariadb_internal.number_text(c.rows),
        mariadb_internal.number_text(c.rejected) || ' rejected'),
      mariadb_internal.html_figure('Data', mariadb_internal.bytes_text(c.bytes), 'received from MariaDB'),
      mariadb_internal.html_figure('Duration', mariadb_internal.duration_text(
        extract(epoch FROM r.finished - r.started)::numeric),
        mariadb_internal.duration_text(c.copying) || ' for the rows'),
      mariadb_internal.html_figure('Rows per second',
        mariadb_internal.number_text(c.rows / nullif(c.copying, 0)),
        mariadb_internal.bytes_text(c.bytes / nullif(c.copying, 0)) || ' per second')))
  FROM mariadb.run r, mariadb_internal.run_counts(this_run) c,
    mariadb_internal.run_verdict(this_run) v
  WHERE r.id = this_run
$$;
COMMENT ON FUNCTION mariadb_internal.head_part(bigint)
IS 'the part of report at its top: what was migrated, how it finished, and the main figures';

CREATE FUNCTION mariadb_internal.facts_part(this_run bigint) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT '<dl class="facts">' || string_agg(format('<div%s><dt>%s</dt><dd>%s</dd></div>',
    CASE WHEN f.is_wide THEN ' class="wide"' ELSE '' END, f.label, f.fact), '' ORDER BY f.n)
    || '</dl>'
  FROM mariadb.run r, LATERAL (VALUES
    (1, 'Server', mariadb_internal.html_text(r.server), false),
    (2, 'State', mariadb_internal.html_text(r.state), false),
    (3, 'MariaDB schema', mariadb_internal.html_text(r.schema), false),
    (4, 'Local schema', mariadb_internal.html_text(r.local), false),
    (5, 'Started', mariadb_internal.time_text(r.started), false),
    (6, 'Finished', mariadb_internal.time_text(r.finished), false),
    (7, 'Workers', mariadb_internal.number_text(r.workers), false),
    (8, 'Attempts', mariadb_internal.number_text(r.attempt), false),
    (9, 'Locks on the source', CASE WHEN r.lock_ms IS NULL THEN 'none'
      ELSE mariadb_internal.duration_text(r.lock_ms::numeric / 1000) END, false),
    (10, 'Problems', mariadb_internal.number_text(r.problems), false),
    (11, 'Method', mariadb_internal.html_text(coalesce(r.method, 'not known')), true),
    (12, 'Snapshot', '<code>' || mariadb_internal.html_text(r.position) || '</code>', true),
    (13, 'GTID', '<code>' || mariadb_internal.html_text(nullif(r.gtid, '')) || '</code>', true),
    (14, 'Options', (SELECT string_agg(format('<code>%s: %s</code>',
        mariadb_internal.html_text(o.key), mariadb_internal.html_short(o.value, 80)), ' &nbsp; '
        ORDER BY o.key)
      FROM jsonb_each_text(r.options) o), true)
  ) AS f (n, label, fact, is_wide)
  WHERE r.id = this_run AND f.fact IS NOT NULL
$$;
COMMENT ON FUNCTION mariadb_internal.facts_part(bigint)
IS 'the part of report about source, target, time and method';

CREATE FUNCTION mariadb_internal.tables_part(this_run bigint) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH t AS (
    SELECT c.table_name, sum(c.rows) AS rows, sum(c.bytes) AS bytes,
      extract(epoch FROM sum(c.finished - c.started))::numeric AS seconds,
      count(*) AS chunks, count(*) FILTER (WHERE c.state = 'done') AS done
    FROM mariadb.chunk c WHERE c.run = this_run GROUP BY c.table_name
  ), labels AS (
    SELECT ARRAY['Table', '#Rows', '#Data', '#Time', 'State'] AS l
  )
  SELECT mariadb_internal.html_table(min(l), string_agg(mariadb_internal.html_row(l, ARRAY[
      mariadb_internal.html_text(table_name),
      mariadb_internal.html_bar(mariadb_internal.number_text(rows), rows, most_rows),
      mariadb_internal.html_bar(mariadb_internal.bytes_text(bytes), bytes, most_bytes),
      mariadb_internal.html_bar(mariadb_internal.duration_text(seconds), seconds, most_seconds),
      mariadb_internal.html_status(CASE WHEN done = chunks THEN 'done'
        WHEN done = 0 THEN 'not copied' ELSE format('%s of %s parts copied', done, chunks) END)]),
    E'\n' ORDER BY bytes DESC NULLS LAST, table_name COLLATE "C"))
    || '<p class="soft">Bars show the share of the greatest value in their column. Time is the sum over all workers.</p>'
  FROM t, labels, (SELECT max(rows) AS most_rows, max(bytes) AS most_bytes,
    max(seconds) AS most_seconds FROM t) AS m
$$;
COMMENT ON FUNCTION mariadb_internal.tables_part(bigint)
IS 'the part of report that shows rows, bytes and time of each table';

CREATE FUNCTION mariadb_internal.verification_part(this_run bigint) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH labels AS (
    SELECT ARRAY['Table', '#MariaDB', '#PostgreSQL', '#Rejected', 'Status'] AS l
  )
  SELECT coalesce(mariadb_internal.html_table(min(l), string_agg(mariadb_internal.html_row(l, ARRAY[
      mariadb_internal.html_text(e ->> 'table_name'),
      mariadb_internal.number_text((e ->> 'remote_rows')::numeric),
      mariadb_internal.number_text((e ->> 'local_rows')::numeric),
      mariadb_internal.number_text((e ->> 'rejected')::numeric),
      mariadb_internal.html_status(e ->> 'status')]), E'\n'
    ORDER BY array_position('{bad,warn,info,good}', mariadb_internal.status_kind(e ->> 'status')),
      e ->> 'table_name' COLLATE "C")), '<p>The rows were not compared.</p>')
  FROM mariadb.run r, jsonb_array_elements(r.verification) e, labels
  WHERE r.id = this_run
$$;
COMMENT ON FUNCTION mariadb_internal.verification_part(bigint)
IS 'the part of report that shows how the tables compare, the worst first';

CREATE FUNCTION mariadb_internal.preflight_part(this_run bigint) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH labels AS (
    SELECT ARRAY['Object', 'Severity', 'Finding', 'Advice', '#Rows'] AS l
  )
  SELECT CASE WHEN r.preflight = '[]' THEN '<p>No findings.</p>' ELSE (
    SELECT mariadb_internal.html_table(min(l), string_agg(mariadb_internal.html_row(l, ARRAY[
        mariadb_internal.html_text(e ->> 'object'),
        mariadb_internal.html_status(e ->> 'severity'),
        mariadb_internal.html_text(e ->> 'finding'),
        mariadb_internal.html_text(e ->> 'advice'),
        mariadb_internal.number_text((e ->> 'rows_concerned')::numeric)]), E'\n'
      ORDER BY array_position('{error,warning,info}', e ->> 'severity'), n))
    FROM jsonb_array_elements(r.preflight) WITH ORDINALITY AS j (e, n), labels) END
  FROM mariadb.run r WHERE r.id = this_run
$$;
COMMENT ON FUNCTION mariadb_internal.preflight_part(bigint)
IS 'the part of report that shows the findings of mariadb.preflight; NULL if it was not run';

CREATE FUNCTION mariadb_internal.table_rejects(this_run bigint, this_table text,
  max_rows int) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH labels AS (
    SELECT ARRAY['Key', 'Column', 'Value', 'Error'] AS l
  )
  SELECT mariadb_internal.html_table(min(l), string_agg(mariadb_internal.html_row(l, ARRAY[
      (SELECT string_agg(mariadb_internal.html_short(format('%s = %s', k.key,
          coalesce(k.value, 'NULL')), 100), '<br>' ORDER BY k.key)
        FROM jsonb_each_text(j.key) k),
      coalesce(mariadb_internal.html_text(j.column_name), 'the row'),
      '<code>' || CASE WHEN j.is_hex THEN '0x' ELSE '' END
        || mariadb_internal.html_short(j.value, 120) || '</code>',
      format('%s <span class="soft">(%s)</span>', mariadb_internal.html_short(j.error, 300),
        mariadb_internal.html_text(j.sqlstate))]), E'\n' ORDER BY j.id))
  FROM (
    SELECT x.* FROM mariadb.reject x
    WHERE x.run = this_run AND x.table_name = this_table
    ORDER BY x.id LIMIT max_rows
  ) AS j, labels
$$;
COMMENT ON FUNCTION mariadb_internal.table_rejects(bigint, text, int)
IS 'the part of report that shows the first rejected rows of a table';

CREATE FUNCTION mariadb_internal.rejects_part(this_run bigint) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT string_agg(format(E'<h3>%s <span class="soft">%s</span></h3>\n%s%s',
    mariadb_internal.html_text(t.table_name),
    mariadb_internal.plural(t.rejected, 'row', 'rows'),
    mariadb_internal.table_rejects(this_run, t.table_name, 100),
    CASE WHEN t.rejected > 100 THEN format('<p class="soft">%s more in mariadb.reject.</p>',
      mariadb_internal.number_text(t.rejected - 100)) ELSE '' END),
    E'\n' ORDER BY t.table_name COLLATE "C")
  FROM (
    SELECT j.table_name, count(*) AS rejected FROM mariadb.reject j
    WHERE j.run = this_run GROUP BY j.table_name
  ) AS t
$$;
COMMENT ON FUNCTION mariadb_internal.rejects_part(bigint)
IS 'the part of report that shows rejected rows, up to 100 of each table; NULL if there are none';

CREATE FUNCTION mariadb_internal.problems_part(this_run bigint) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH labels AS (
    SELECT ARRAY['Object', 'Kind', 'Statement'] AS l
  )
  SELECT mariadb_internal.html_table(min(l), string_agg(mariadb_internal.html_row(l, ARRAY[
    mariadb_internal.html_text(t.object), mariadb_internal.html_text(t.kind),
    CASE WHEN t.kind <> 'check of foreign key'
      THEN '<code>' || mariadb_internal.html_short(t.statement, 1000) || '</code>' END]),
    E'\n' ORDER BY t.number))
  FROM mariadb.task t, labels
  WHERE t.run = this_run AND t.state = 'failed' AND t.kind NOT IN ('comparison', 'count')
$$;
COMMENT ON FUNCTION mariadb_internal.problems_part(bigint)
IS 'the part of report that shows which statements and checks have failed; NULL if none has';

CREATE FUNCTION mariadb_internal.notes_part(this_run bigint) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH labels AS (
    SELECT ARRAY['Object', 'Note'] AS l
  )
  SELECT mariadb_internal.html_table(min(l), string_agg(mariadb_internal.html_row(l, ARRAY[
    mariadb_internal.html_text(e ->> 'object'), mariadb_internal.html_text(e ->> 'note')]),
    E'\n' ORDER BY n))
  FROM mariadb.run r, jsonb_array_elements(r.notes) WITH ORDINALITY AS j (e, n), labels
  WHERE r.id = this_run
$$;
COMMENT ON FUNCTION mariadb_internal.notes_part(bigint)
IS 'the part of report that shows what was changed or not migrated; NULL if there is nothing';
