
-- The report of a run: one page that can be kept, mailed and printed.

-- How a value is written.

CREATE FUNCTION report_escape(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- Control characters are not allowed in HTML, however they are written.
  SELECT replace(replace(replace(replace(replace(
    regexp_replace(value, E'[\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]', '?', 'g'),
    '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;'), '''', '&#39;')
$$;
COMMENT ON FUNCTION report_escape(text)
IS 'the part of report that makes a text harmless in HTML';

CREATE FUNCTION report_short(value text, length int) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT mariadb.report_escape(left(value, length))
    || CASE WHEN char_length(value) > length THEN '&hellip;' ELSE '' END
$$;
COMMENT ON FUNCTION report_short(text, int)
IS 'the part of report that cuts a long text, and escapes it';

CREATE FUNCTION report_number(value numeric) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(to_char(round(value), 'FM999,999,999,999,999,999,990'),
    '&ndash;')
$$;
COMMENT ON FUNCTION report_number(numeric)
IS 'the part of report that writes a number';

CREATE FUNCTION report_bytes(value numeric) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN value IS NULL THEN '&ndash;'
    WHEN value < 999.5 THEN to_char(value, 'FM990') || ' B'
    WHEN value < 999.95e3 THEN to_char(value / 1e3, 'FM990.0') || ' kB'
    WHEN value < 999.95e6 THEN to_char(value / 1e6, 'FM990.0') || ' MB'
    WHEN value < 999.95e9 THEN to_char(value / 1e9, 'FM990.0') || ' GB'
    ELSE to_char(value / 1e12, 'FM999,990.0') || ' TB' END
$$;
COMMENT ON FUNCTION report_bytes(numeric)
IS 'the part of report that writes a number of bytes';

CREATE FUNCTION report_duration(seconds numeric) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN seconds IS NULL THEN '&ndash;'
    WHEN seconds < 0.9995 THEN round(seconds * 1000) || ' ms'
    WHEN seconds < 59.95 THEN to_char(seconds, 'FM90.0') || ' s'
    WHEN round(seconds) < 3600 THEN format('%s min %s s', div(round(seconds), 60),
      to_char(mod(round(seconds), 60), 'FM00'))
    ELSE format('%s h %s min', div(round(seconds / 60), 60),
      to_char(mod(round(seconds / 60), 60), 'FM00')) END
$$;
COMMENT ON FUNCTION report_duration(numeric)
IS 'the part of report that writes a time span';

CREATE FUNCTION report_moment(value timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(to_char(value AT TIME ZONE 'UTC',
    'YYYY-MM-DD HH24:MI:SS "UTC"'), '&ndash;')
$$;
COMMENT ON FUNCTION report_moment(timestamptz)
IS 'the part of report that writes a moment';

CREATE FUNCTION report_plural(value numeric, one text, many text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT mariadb.report_number(value) || ' '
    || CASE WHEN value = 1 THEN one ELSE many END
$$;
COMMENT ON FUNCTION report_plural(numeric, text, text)
IS 'the part of report that counts things';

CREATE FUNCTION report_kind(word text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN word IN ('equal', 'done', 'complete') THEN 'good'
    WHEN word IN ('warning', 'not finished', 'to be looked at')
      OR word ~ '( rejected| copied)$' THEN 'warn'
    WHEN word = 'info' THEN 'info'
    ELSE 'bad' END
$$;
COMMENT ON FUNCTION report_kind(text)
IS 'the part of report that knows how good a status is: good, warn, bad or info; what is not known is bad';

CREATE FUNCTION report_status(word text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- The sign and the word tell it without the colour.
  SELECT format('<span class="status %s"><b aria-hidden="true">%s</b>&nbsp;%s</span>',
    k || CASE WHEN char_length(word) > 20 THEN ' long' ELSE '' END,
    CASE k WHEN 'good' THEN '&#10003;' WHEN 'warn' THEN '!'
      WHEN 'info' THEN 'i' ELSE '&#10005;' END, mariadb.report_escape(word))
  FROM mariadb.report_kind(word) k
$$;
COMMENT ON FUNCTION report_status(text)
IS 'the part of report that shows a status';

-- How a page is built.

CREATE FUNCTION report_section(name text, title text, content text)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format(E'<section id="%s">\n<h2>%s</h2>\n%s\n</section>\n', name,
    title, content)
$$;
COMMENT ON FUNCTION report_section(text, text, text)
IS 'the part of report that makes a section; without content there is none';

CREATE FUNCTION report_grid(headers text[], body text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- A header that begins with # is of a column of numbers.
  SELECT format(E'<table>\n<thead><tr>%s</tr></thead>\n<tbody>\n%s\n</tbody>\n</table>',
    string_agg(format('<th scope="col"%s>%s</th>',
      CASE WHEN h LIKE '#%' THEN ' class="n"' ELSE '' END, ltrim(h, '#')),
      '' ORDER BY n), body)
  FROM unnest(headers) WITH ORDINALITY AS u (h, n)
$$;
COMMENT ON FUNCTION report_grid(text[], text)
IS 'the part of report that makes a table; without rows there is none';

CREATE FUNCTION report_row(labels text[], cells text[]) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- A narrow page shows the label beside the value.
  SELECT '<tr>' || string_agg(format('<td data-label="%s"%s>%s</td>',
    ltrim(l, '#'), CASE WHEN l LIKE '#%' THEN ' class="n"' ELSE '' END,
    coalesce(c, '&ndash;')), '' ORDER BY n) || '</tr>'
  FROM unnest(labels, cells) WITH ORDINALITY AS u (l, c, n)
$$;
COMMENT ON FUNCTION report_row(text[], text[])
IS 'the part of report that makes a row of a table, from cells in HTML';

CREATE FUNCTION report_bar(shown text, value numeric, top numeric)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('%s<span class="bar" aria-hidden="true"><i style="width:%s%%"></i></span>',
    shown, coalesce(CASE WHEN value > 0
      THEN greatest(round(100 * value / nullif(top, 0), 1), 1)
      END, 0))
$$;
COMMENT ON FUNCTION report_bar(text, numeric, numeric)
IS 'the part of report that draws a bar below a number: its share of the greatest';

CREATE FUNCTION report_code(statement text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('<pre><code>%s</code></pre>', mariadb.report_escape(statement))
$$;
COMMENT ON FUNCTION report_code(text)
IS 'the part of report that shows a statement to be run';

CREATE FUNCTION report_style() RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $css$ SELECT $$
:root { color-scheme: light dark; --paper: #fff; --sheet: #f5f6f8; --ink: #1c2128;
  --soft: #59636e; --line: #dfe3e8; --bar: #4a7fb5; --track: #e8ecf1;
  --good: #136c3f; --good-sheet: #e4f3ea; --warn: #7d4e00; --warn-sheet: #fcf0d6;
  --bad: #a8201a; --bad-sheet: #fce8e6; --info: #34557f; --info-sheet: #e8eff8; }
@media screen and (prefers-color-scheme: dark) {
  :root { --paper: #13171c; --sheet: #1c2128; --ink: #e4e8ed; --soft: #9ba6b2;
    --line: #2d343d; --bar: #6c9fd3; --track: #262d36;
    --good: #72d6a3; --good-sheet: #12321f; --warn: #ecc06c; --warn-sheet: #382a0c;
    --bad: #ff9f97; --bad-sheet: #431a17; --info: #a8c8f0; --info-sheet: #1a2b42; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
main, footer { max-width: 66rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding: 3rem 0 0; }
h1, h2, h3 { line-height: 1.25; margin: 0; font-weight: 650; letter-spacing: -.01em; }
h1 { font-size: 2rem; }
h2 { font-size: 1.25rem; margin-bottom: .75rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p { margin: 0 0 .75rem; max-width: 44rem; }
section { margin-top: 3rem; }
.above, .soft, .figures dt, th, .facts dt { color: var(--soft); }
.above { margin: 0 0 .25rem; font-size: .875rem; }
.arrow { color: var(--soft); font-weight: 400; }
.verdict { display: flex; gap: .875rem; align-items: baseline; margin-top: 1.5rem;
  padding: .875rem 1.125rem; border-radius: .5rem; border-left: .25rem solid; }
.verdict p { margin: 0; color: var(--ink); }
.verdict .status { padding: 0; background: none; font-size: 1rem; }
.good { color: var(--good); background: var(--good-sheet); }
.warn { color: var(--warn); background: var(--warn-sheet); }
.bad { color: var(--bad); background: var(--bad-sheet); }
.info { color: var(--info); background: var(--info-sheet); }
.status { display: inline-block; padding: .0625rem .5rem; border-radius: .75rem;
  font-size: .8125rem; font-weight: 600; white-space: nowrap; }
.long { white-space: normal; }
.status b { font-weight: 800; }
.figures { display: grid; grid-template-columns: repeat(5, 1fr); gap: 1rem;
  margin: 1.75rem 0 0; }
.figures div { border-top: 1px solid var(--line); padding-top: .625rem; }
.figures dt { font-size: .8125rem; }
.figures dd { margin: 0; font-size: 1.5rem; font-weight: 600; line-height: 1.25;
  letter-spacing: -.01em; }
.figures small { display: block; font-size: .8125rem; font-weight: 400; color: var(--soft);
  letter-spacing: 0; }
.facts { display: grid; grid-template-columns: 10rem 1fr 10rem 1fr; gap: 0 1rem; margin: 0; }
.facts div { display: grid; grid-template-columns: subgrid; grid-column: span 2;
  padding: .375rem 0; border-bottom: 1px solid var(--line); align-content: start; }
.facts .wide { grid-column: 1 / -1; }
.facts .wide dd { grid-column: 2 / -1; }
.facts dt { font-size: .875rem; }
.facts dd { margin: 0; min-width: 0; }
table { width: 100%; border-collapse: collapse; font-size: .9375rem; }
th { font-size: .8125rem; font-weight: 500; text-align: left; vertical-align: bottom;
  white-space: nowrap; }
th, td { padding: .5rem 1.25rem .5rem 0; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
td { vertical-align: top; min-width: 5.5rem; }
td:first-child { font-weight: 550; min-width: 9rem; }
table + .soft { margin-top: .625rem; font-size: .8125rem; max-width: none; }
.n { text-align: right; white-space: nowrap; overflow-wrap: normal; }
.bar { display: block; height: .25rem; margin-top: .1875rem; border-radius: .125rem;
  background: var(--track); overflow: hidden; min-width: 7rem; }
.bar i { display: block; height: 100%; border-radius: .125rem; background: var(--bar); }
code { font: .875em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
pre { margin: .375rem 0 0; padding: .625rem .875rem; background: var(--sheet);
  border-radius: .375rem; white-space: pre-wrap; }
ol { margin: 0; padding: 0; list-style: none; counter-reset: step; }
ol li { counter-increment: step; position: relative; padding: 0 0 1.25rem 2.25rem; }
ol li::before { content: counter(step); position: absolute; left: 0; top: .0625rem;
  width: 1.5rem; height: 1.5rem; border-radius: 50%; background: var(--track);
  font-size: .8125rem; font-weight: 600; line-height: 1.5rem; text-align: center; }
ol li:last-child { padding-bottom: 0; }
footer { margin-top: 3rem; padding-top: 1rem; padding-bottom: 3rem; color: var(--soft);
  font-size: .8125rem; }
@media screen and (max-width: 44rem) {
  main, footer { padding-left: 1rem; padding-right: 1rem; }
  header { padding-top: 1.5rem; }
  h1 { font-size: 1.5rem; }
  section { margin-top: 2.25rem; }
  .verdict { display: block; }
  .verdict p { margin-top: .25rem; }
  .figures { grid-template-columns: 1fr 1fr; gap: .875rem 1rem; }
  .figures dd { font-size: 1.25rem; }
  .figures div:last-child { grid-column: 1 / -1; }
  .facts, .facts div { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody, tr, td { display: block; }
  tr { padding: .75rem 0; border-bottom: 1px solid var(--line); }
  tr:first-child { border-top: 1px solid var(--line); }
  td, td:first-child { min-width: 0; }
  td, td:last-child { display: grid; grid-template-columns: 7rem minmax(0, 1fr); gap: 0 .75rem;
    padding: .125rem 0; border: 0; text-align: left; white-space: normal; }
  td::before { content: attr(data-label); color: var(--soft); text-align: left;
    font-size: .8125rem; line-height: 1.40625rem; }
  td:first-child { display: block; font-weight: 650; }
  td:first-child::before { content: none; }
  td > .status { justify-self: start; }
  td > .bar { grid-column: 2; margin: 0 0 .25rem; }
}
@media print {
  @page { size: A4; margin: 16mm 15mm; }
  html { font-size: 9.5pt; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  main, footer { max-width: none; padding: 0; }
  header { padding-top: 0; }
  section { margin-top: 2rem; }
  h2, h3 { break-after: avoid; }
  tr, li, pre, .figures, .facts div, .verdict { break-inside: avoid; }
  footer { margin-top: 2rem; padding-bottom: 0; }
}
$$ $css$;
COMMENT ON FUNCTION report_style()
IS 'the part of report that says how it looks: on a screen of any width, in light and dark, and on paper';

-- What a run has to tell.

CREATE FUNCTION report_counts(this_run bigint, OUT tables bigint,
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
      FILTER (WHERE mariadb.report_kind(e ->> 'status') = 'bad'), '{}')
    FROM mariadb.run r, jsonb_array_elements(r.verification)
      WITH ORDINALITY AS j (e, n)
    WHERE r.id = this_run
  ) AS v
$$;
COMMENT ON FUNCTION report_counts(bigint)
IS 'the part of report that counts: tables, rows, what is unfinished, rejected, compared and different';

CREATE FUNCTION report_verdict(this_run bigint, OUT status text, OUT words text)
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN differing <> '{}' THEN 'rows differ'
      WHEN r.state = 'abandoned' THEN 'abandoned'
      WHEN unfinished > 0 OR r.state = 'open' THEN 'not finished'
      WHEN rejected > 0 OR problems > 0 OR compared < tables THEN 'to be looked at'
      ELSE 'complete' END,
    CASE WHEN differing <> '{}' THEN mariadb.report_plural(cardinality(differing),
        'table does not', 'tables do not') || ' hold the rows of MariaDB.'
      WHEN r.state = 'abandoned' THEN 'The run was given up before its end.'
      WHEN unfinished > 0 THEN format('%s of %s copied to the end.',
        mariadb.report_number(finished_tables),
        mariadb.report_plural(tables, 'table is', 'tables are'))
      WHEN r.state = 'open' THEN 'The rows are here; what comes after them is not finished.'
      WHEN rejected > 0 THEN mariadb.report_plural(rejected, 'row', 'rows')
        || ' could not be stored; all others are here.'
      WHEN problems > 0 THEN 'The run has ended with '
        || mariadb.report_plural(problems, 'problem', 'problems')
        || ', which it told as warnings.'
      WHEN compared < tables THEN format('%s of %s been compared with what MariaDB sent.',
        mariadb.report_number(compared),
        mariadb.report_plural(tables, 'table has', 'tables have'))
      ELSE format('%s the same rows as MariaDB%s.',
        mariadb.report_plural(tables, 'table holds', 'tables hold'),
        CASE WHEN r.options ?| '{tables,except}'
          THEN '; the run was not about all tables of MariaDB' ELSE '' END) END
  FROM mariadb.run r, mariadb.report_counts(this_run) WHERE r.id = this_run
$$;
COMMENT ON FUNCTION report_verdict(bigint)
IS 'the part of report that says in one sentence how the run has ended';

CREATE FUNCTION report_figure(label text, figure text, more text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('<div><dt>%s</dt><dd>%s<small>%s</small></dd></div>', label,
    figure, more)
$$;
COMMENT ON FUNCTION report_figure(text, text, text)
IS 'the part of report that shows one figure in large digits';

CREATE FUNCTION report_head(this_run bigint) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format(E'<header>\n<p class="above">Migration report, run %s</p>\n'
      '<h1>%s <span class="arrow">&rarr;</span> %s</h1>\n'
      '<div class="verdict %s">%s<p>%s</p></div>\n<dl class="figures">%s</dl>\n</header>\n',
    this_run, mariadb.report_escape(r.schema), mariadb.report_escape(r.local),
    mariadb.report_kind(v.status), mariadb.report_status(v.status), v.words,
    concat(
      mariadb.report_figure('Tables', mariadb.report_number(c.tables),
        mariadb.report_plural(c.chunks, 'part', 'parts')),
      mariadb.report_figure('Rows', mariadb.report_number(c.rows),
        mariadb.report_number(c.rejected) || ' rejected'),
      mariadb.report_figure('Data', mariadb.report_bytes(c.bytes), 'as MariaDB sent it'),
      mariadb.report_figure('Duration', mariadb.report_duration(
        extract(epoch FROM r.finished - r.started)::numeric),
        mariadb.report_duration(c.copying) || ' for the rows'),
      mariadb.report_figure('Rows per second',
        mariadb.report_number(c.rows / nullif(c.copying, 0)),
        mariadb.report_bytes(c.bytes / nullif(c.copying, 0)) || ' per second')))
  FROM mariadb.run r, mariadb.report_counts(this_run) c,
    mariadb.report_verdict(this_run) v
  WHERE r.id = this_run
$$;
COMMENT ON FUNCTION report_head(bigint)
IS 'the part of report that stands on top: what moved, how it ended, and the main figures';

CREATE FUNCTION report_facts(this_run bigint) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT '<dl class="facts">' || string_agg(format('<div%s><dt>%s</dt><dd>%s</dd></div>',
    CASE WHEN f.is_wide THEN ' class="wide"' ELSE '' END, f.label, f.fact), '' ORDER BY f.n)
    || '</dl>'
  FROM mariadb.run r, LATERAL (VALUES
    (1, 'Server', mariadb.report_escape(r.server), false),
    (2, 'State', mariadb.report_escape(r.state), false),
    (3, 'MariaDB schema', mariadb.report_escape(r.schema), false),
    (4, 'Local schema', mariadb.report_escape(r.local), false),
    (5, 'Started', mariadb.report_moment(r.started), false),
    (6, 'Finished', mariadb.report_moment(r.finished), false),
    (7, 'Workers', mariadb.report_number(r.workers), false),
    (8, 'Attempts', mariadb.report_number(r.attempt), false),
    (9, 'Locks at the source', CASE WHEN r.lock_ms IS NULL THEN 'none'
      ELSE mariadb.report_duration(r.lock_ms::numeric / 1000) END, false),
    (10, 'Problems', mariadb.report_number(r.problems), false),
    (11, 'Method', mariadb.report_escape(coalesce(r.method, 'not known')), true),
    (12, 'Snapshot', '<code>' || mariadb.report_escape(r.position) || '</code>', true),
    (13, 'GTID', '<code>' || mariadb.report_escape(nullif(r.gtid, '')) || '</code>', true),
    (14, 'Options', (SELECT string_agg(format('<code>%s: %s</code>',
        mariadb.report_escape(o.key), mariadb.report_short(o.value, 80)), ' &nbsp; '
        ORDER BY o.key)
      FROM jsonb_each_text(r.options) o), true)
  ) AS f (n, label, fact, is_wide)
  WHERE r.id = this_run AND f.fact IS NOT NULL
$$;
COMMENT ON FUNCTION report_facts(bigint)
IS 'the part of report that tells from where to where, when and how';

CREATE FUNCTION report_tables(this_run bigint) RETURNS text
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
  SELECT mariadb.report_grid(min(l), string_agg(mariadb.report_row(l, ARRAY[
      mariadb.report_escape(table_name),
      mariadb.report_bar(mariadb.report_number(rows), rows, most_rows),
      mariadb.report_bar(mariadb.report_bytes(bytes), bytes, most_bytes),
      mariadb.report_bar(mariadb.report_duration(seconds), seconds, most_seconds),
      mariadb.report_status(CASE WHEN done = chunks THEN 'done'
        WHEN done = 0 THEN 'not copied' ELSE format('%s of %s parts copied', done, chunks) END)]),
    E'\n' ORDER BY bytes DESC NULLS LAST, table_name COLLATE "C"))
    || '<p class="soft">Bars show the share of the greatest value in their column. Time is the sum over all workers.</p>'
  FROM t, labels, (SELECT max(rows) AS most_rows, max(bytes) AS most_bytes,
    max(seconds) AS most_seconds FROM t) AS m
$$;
COMMENT ON FUNCTION report_tables(bigint)
IS 'the part of report that shows rows, bytes and time of each table';

CREATE FUNCTION report_verification(this_run bigint) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH labels AS (
    SELECT ARRAY['Table', '#MariaDB', '#PostgreSQL', '#Rejected', 'Status'] AS l
  )
  SELECT coalesce(mariadb.report_grid(min(l), string_agg(mariadb.report_row(l, ARRAY[
      mariadb.report_escape(e ->> 'table_name'),
      mariadb.report_number((e ->> 'remote_rows')::numeric),
      mariadb.report_number((e ->> 'local_rows')::numeric),
      mariadb.report_number((e ->> 'rejected')::numeric),
      mariadb.report_status(e ->> 'status')]), E'\n'
    ORDER BY array_position('{bad,warn,info,good}', mariadb.report_kind(e ->> 'status')),
      e ->> 'table_name' COLLATE "C")), '<p>The rows were not compared.</p>')
  FROM mariadb.run r, jsonb_array_elements(r.verification) e, labels
  WHERE r.id = this_run
$$;
COMMENT ON FUNCTION report_verification(bigint)
IS 'the part of report that shows how the tables compare, the worst first';

CREATE FUNCTION report_preflight(this_run bigint) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH labels AS (
    SELECT ARRAY['Object', 'Severity', 'Finding', 'Advice', '#Rows'] AS l
  )
  SELECT CASE WHEN r.preflight = '[]' THEN '<p>Nothing was found.</p>' ELSE (
    SELECT mariadb.report_grid(min(l), string_agg(mariadb.report_row(l, ARRAY[
        mariadb.report_escape(e ->> 'object'),
        mariadb.report_status(e ->> 'severity'),
        mariadb.report_escape(e ->> 'finding'),
        mariadb.report_escape(e ->> 'advice'),
        mariadb.report_number((e ->> 'rows_concerned')::numeric)]), E'\n'
      ORDER BY array_position('{error,warning,info}', e ->> 'severity'), n))
    FROM jsonb_array_elements(r.preflight) WITH ORDINALITY AS j (e, n), labels) END
  FROM mariadb.run r WHERE r.id = this_run
$$;
COMMENT ON FUNCTION report_preflight(bigint)
IS 'the part of report that shows what mariadb.preflight has found; NULL if it was not asked';

CREATE FUNCTION report_rejects_of(this_run bigint, this_table text,
  max_rows int) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH labels AS (
    SELECT ARRAY['Key', 'Column', 'Value', 'Error'] AS l
  )
  SELECT mariadb.report_grid(min(l), string_agg(mariadb.report_row(l, ARRAY[
      (SELECT string_agg(mariadb.report_short(format('%s = %s', k.key,
          coalesce(k.value, 'NULL')), 100), '<br>' ORDER BY k.key)
        FROM jsonb_each_text(j.key) k),
      coalesce(mariadb.report_escape(j.column_name), 'the row'),
      '<code>' || CASE WHEN j.is_hex THEN '0x' ELSE '' END
        || mariadb.report_short(j.value, 120) || '</code>',
      format('%s <span class="soft">(%s)</span>', mariadb.report_short(j.error, 300),
        mariadb.report_escape(j.sqlstate))]), E'\n' ORDER BY j.id))
  FROM (
    SELECT x.* FROM mariadb.reject x
    WHERE x.run = this_run AND x.table_name = this_table
    ORDER BY x.id LIMIT max_rows
  ) AS j, labels
$$;
COMMENT ON FUNCTION report_rejects_of(bigint, text, int)
IS 'the part of report that shows the first rejected rows of a table';

CREATE FUNCTION report_rejects(this_run bigint) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT string_agg(format(E'<h3>%s <span class="soft">%s</span></h3>\n%s%s',
    mariadb.report_escape(t.table_name),
    mariadb.report_plural(t.rejected, 'row', 'rows'),
    mariadb.report_rejects_of(this_run, t.table_name, 100),
    CASE WHEN t.rejected > 100 THEN format('<p class="soft">%s more in mariadb.reject.</p>',
      mariadb.report_number(t.rejected - 100)) ELSE '' END),
    E'\n' ORDER BY t.table_name COLLATE "C")
  FROM (
    SELECT j.table_name, count(*) AS rejected FROM mariadb.reject j
    WHERE j.run = this_run GROUP BY j.table_name
  ) AS t
$$;
COMMENT ON FUNCTION report_rejects(bigint)
IS 'the part of report that shows rejected rows, up to 100 of each table; NULL if there are none';

CREATE FUNCTION report_problems(this_run bigint) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH labels AS (
    SELECT ARRAY['Object', 'Kind', 'Statement'] AS l
  )
  SELECT mariadb.report_grid(min(l), string_agg(mariadb.report_row(l, ARRAY[
    mariadb.report_escape(t.object), mariadb.report_escape(t.kind),
    CASE WHEN t.kind <> 'check of foreign key'
      THEN '<code>' || mariadb.report_short(t.statement, 1000) || '</code>' END]),
    E'\n' ORDER BY t.number))
  FROM mariadb.task t, labels
  WHERE t.run = this_run AND t.state = 'failed' AND t.kind NOT IN ('comparison', 'count')
$$;
COMMENT ON FUNCTION report_problems(bigint)
IS 'the part of report that shows which statements and checks have failed; NULL if none has';

CREATE FUNCTION report_notes(this_run bigint) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH labels AS (
    SELECT ARRAY['Object', 'Note'] AS l
  )
  SELECT mariadb.report_grid(min(l), string_agg(mariadb.report_row(l, ARRAY[
    mariadb.report_escape(e ->> 'object'), mariadb.report_escape(e ->> 'note')]),
    E'\n' ORDER BY n))
  FROM mariadb.run r, jsonb_array_elements(r.notes) WITH ORDINALITY AS j (e, n), labels
  WHERE r.id = this_run
$$;
COMMENT ON FUNCTION report_notes(bigint)
IS 'the part of report that shows what was decided or not carried over; NULL if there is nothing';

-- What comes next.

CREATE FUNCTION report_repairs(this_run bigint, OUT place int, OUT words text,
  OUT statement text) RETURNS SETOF record
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT s.place, s.words, s.statement
  FROM mariadb.run r, mariadb.report_counts(this_run) c, LATERAL (VALUES
    (c.unfinished > 0 OR r.state = 'open' OR r.state = 'abandoned' AND c.differing = '{}', 1,
      CASE WHEN r.state = 'abandoned' THEN 'The run was given up. A new call begins another one.'
        WHEN c.unfinished > 0 THEN mariadb.report_plural(c.unfinished, 'part of a table is',
          'parts of tables are') || ' not copied. The same call goes on where it was.'
        ELSE 'The run has not ended. The same call goes on where it was.' END,
      format('CALL mariadb.migrate(%L, %L, %L%s)', r.server, r.schema, r.local,
        CASE WHEN r.options = '{}' THEN ''
          WHEN r.options ? 'prisma' THEN format(', %L::jsonb || jsonb_build_object(''prisma'', :''prisma''::text)',
            r.options - 'prisma')
          ELSE format(', %L', r.options) END)),
    (c.rejected > 0, 2, mariadb.report_plural(c.rejected, 'row was', 'rows were')
      || ' rejected. Correct the values in MariaDB or choose another policy, and bring them.',
      format('SELECT * FROM mariadb.replay(%s)', this_run)),
    (c.differing <> '{}', 3, mariadb.report_plural(cardinality(c.differing),
        'table differs', 'tables differ') || '. Look at the rows, and then make them equal.',
      format(E'SELECT * FROM mariadb.differences(%1$L, %2$L, %3$L, %4$L);\n'
        'SELECT * FROM mariadb.repair(%1$L, %2$L, %3$L, %4$L)', r.server, r.schema, r.local,
        c.differing)),
    (mariadb.report_problems(this_run) IS NOT NULL AND r.state <> 'open'
        OR r.state = 'done' AND r.problems > 0 AND c.rejected = 0, 4,
      'The run has ended with ' || mariadb.report_plural(r.problems, 'problem', 'problems')
        || '. Correct what stands below or in the warnings of the run, and run it by hand.', NULL),
    (r.state = 'done' AND c.compared < c.tables, 5,
      'Not all tables were compared. Do it now, with the application stopped.',
      format('SELECT * FROM mariadb.verify(%L, %L, %L)', r.server, r.schema, r.local)),
    (r.state = 'done' AND r.options ? 'tables', 6,
      'The run was about single tables only. Move the others, or see the reports of their runs, before the application changes over.', NULL)
  ) AS s (is_needed, place, words, statement)
  WHERE r.id = this_run AND s.is_needed
$$;
COMMENT ON FUNCTION report_repairs(bigint)
IS 'the part of report that knows what has to be done before the application can change over';

CREATE FUNCTION report_cutover(this_run bigint, OUT place int, OUT words text,
  OUT statement text) RETURNS SETOF record
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT s.*
  FROM mariadb.run r, LATERAL (VALUES
    (1, 'Stop the application''s writes to MariaDB, and compare: what was written after the snapshot shows here.',
      format('SELECT * FROM mariadb.verify(%L, %L, %L)', r.server, r.schema, r.local)),
    (2, 'Set the sequences once more.',
      format('SELECT * FROM mariadb.sync_sequences(%L, %L, %L)', r.local, r.server, r.schema)),
    (3, 'Compare the application''s important queries on both sides.',
      format('SELECT * FROM mariadb.compare_query(%L, ''SELECT ...'', ''SELECT ...'')', r.server)),
    (4, 'Point the application''s DATABASE_URL to PostgreSQL, and start it.', NULL),
    (5, 'Keep MariaDB as it is, without writes, until the application has run for some weeks and a backup of PostgreSQL has been restored once.', NULL)
  ) AS s (place, words, statement)
  WHERE r.id = this_run
$$;
COMMENT ON FUNCTION report_cutover(bigint)
IS 'the part of report that lists the steps of the changeover';

CREATE FUNCTION report_steps(this_run bigint) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH repairs AS (
    SELECT * FROM mariadb.report_repairs(this_run)
  ), steps AS (
    SELECT * FROM repairs
    UNION ALL
    SELECT * FROM mariadb.report_cutover(this_run)
    WHERE NOT EXISTS (SELECT FROM repairs)
  )
  SELECT '<ol>' || string_agg(format(E'\n<li>%s%s</li>', mariadb.report_escape(words),
    coalesce(mariadb.report_code(statement), '')), '' ORDER BY place) || E'\n</ol>'
  FROM steps
$$;
COMMENT ON FUNCTION report_steps(bigint)
IS 'the part of report that says what to do next: repairs, or else the changeover';

CREATE FUNCTION report(run bigint) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r CONSTANT mariadb.run := (SELECT x FROM mariadb.run x WHERE x.id = $1);
BEGIN
  PERFORM mariadb.not_null('{run}', run);
  IF r.id IS NULL THEN
    RAISE EXCEPTION 'run % does not exist', run
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN concat(E'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
    E'<meta name="viewport" content="width=device-width, initial-scale=1">\n',
    E'<meta http-equiv="Content-Security-Policy" content="default-src ''none''; style-src ''unsafe-inline''">\n',
    format(E'<title>Migration report: %s to %s, run %s</title>\n',
      mariadb.report_escape(r.schema), mariadb.report_escape(r.local), run),
    '<style>', mariadb.report_style(), E'</style>\n</head>\n<body>\n<main>\n',
    mariadb.report_head(run),
    mariadb.report_section('next', 'Next steps', mariadb.report_steps(run)),
    mariadb.report_section('tables', 'Tables', mariadb.report_tables(run)),
    mariadb.report_section('verification', 'Verification',
      mariadb.report_verification(run)),
    mariadb.report_section('rejected', 'Rejected rows', mariadb.report_rejects(run)),
    mariadb.report_section('problems', 'Failed statements and checks',
      mariadb.report_problems(run)),
    mariadb.report_section('notes', 'Decided or not carried over',
      mariadb.report_notes(run)),
    mariadb.report_section('preflight', 'Findings before the move',
      mariadb.report_preflight(run)),
    mariadb.report_section('run', 'The run', mariadb.report_facts(run)),
    format(E'</main>\n<footer>Written by %s on %s.</footer>\n</body>\n</html>',
      split_part(mariadb.version(), ',', 1), mariadb.report_moment(now())));
END
$$;
COMMENT ON FUNCTION report(bigint)
IS 'an HTML page about a run of mariadb.migrate, complete in itself: figures, tables, verification, rejected rows, notes, findings and what to do next';
