-- report: one page about a run, from the ledger alone.
\i sql/settings.psql

-- How values are written.
SELECT mariadb_internal.html_text($$<script>alert("it's") && 1</script>$$), mariadb_internal.html_text(E'\u0001\u001b[0m\tx\ny\u007f'), mariadb_internal.html_text('é😀');
SELECT mariadb_internal.html_short('<b>', 3), mariadb_internal.html_short('<b>x', 3), mariadb_internal.html_short('', 3);
SELECT n, mariadb_internal.number_text(n), mariadb_internal.bytes_text(n), mariadb_internal.duration_text(n / 1000)
FROM (VALUES (NULL), (0), (1), (999), (1000), (59999), (60000), (1234567.5), (999.7), (999999), (3599400), (3599999), (3600000), (98765432109876)) AS v (n);
SELECT mariadb_internal.time_text('2026-01-02 03:04:05.678+01'), mariadb_internal.time_text(NULL), mariadb_internal.plural(1, 'row', 'rows'), mariadb_internal.plural(1000, 'row', 'rows');
SELECT word, mariadb_internal.status_kind(word), mariadb_internal.html_status(word)
FROM unnest('{equal,done,warning,error,info,differs,3 rejected,missing here,error: 1 rejected <b>,never heard of}'::text[]) word;
SELECT mariadb_internal.html_bar('x', v, 200) FROM unnest('{0,0.001,50,200,NULL}'::numeric[]) v;
SELECT mariadb_internal.html_bar('x', 0, 0), mariadb_internal.html_bar('x', NULL, NULL);

-- Runs as migrate would leave them.
CREATE TEMP TABLE example AS SELECT * FROM (VALUES
    (1000001, '{"state": "done", "workers": 4, "method": "one snapshot", "position": "bin.000001:328", "gtid": "0-1-2", "finished": "2026-01-01 00:01:30+00",
        "options": {"prisma": "model A {}", "except": ["it''s", "b"]}, "notes": [{"object": "trigger <t>", "note": "not \"carried\" over"}],
        "preflight": [{"severity": "info", "object": "b", "finding": "later", "advice": "none"}, {"severity": "error", "object": "a.<c>", "finding": "zero dates", "advice": "zero_dates", "rows_concerned": 1200}],
        "verification": [{"table_name": "<script>alert(1)</script>", "remote_rows": 3000, "local_rows": 3000, "rejected": 0, "status": "equal"}, {"table_name": "b", "remote_rows": 0, "local_rows": 0, "rejected": 0, "status": "equal"}]}'::jsonb),
    (1000002, '{"state": "abandoned", "problems": 2, "lock_ms": 31.4, "finished": "2026-01-01 02:00:00+00", "preflight": [],
        "verification": [{"table_name": "b", "remote_rows": 0, "local_rows": 0, "rejected": 0, "status": "equal"}, {"table_name": "<script>alert(1)</script>", "remote_rows": 3000, "local_rows": 2999, "rejected": 0, "status": "differs"}]}'),
    (1000003, '{"state": "open", "options": {"workers": 2, "prisma": "model A {}"}}'),
    (1000004, '{"state": "done", "problems": 1, "finished": "2026-01-01 00:01:30+00",
        "verification": [{"table_name": "<script>alert(1)</script>", "remote_rows": 3105, "local_rows": 3000, "rejected": 105, "status": "105 rejected"}, {"table_name": "b", "remote_rows": 0, "local_rows": 0, "rejected": 0, "status": "equal"}]}'),
    (1000005, '{"state": "done", "finished": "2026-01-01 00:01:30+00"}'),
    (1000006, '{"state": "done", "problems": 1, "finished": "2026-01-01 00:01:30+00",
        "verification": [{"table_name": "<script>alert(1)</script>", "remote_rows": 3000, "local_rows": 3000, "rejected": 0, "status": "equal"}, {"table_name": "b", "remote_rows": 0, "local_rows": 0, "rejected": 0, "status": "equal"}]}'),
    (1000007, '{"state": "abandoned"}')
) AS v (id, run);
INSERT INTO mariadb.run OVERRIDING SYSTEM VALUE
SELECT (jsonb_populate_record(NULL::mariadb.run, jsonb_build_object('id', id, 'owner', current_user, 'server', 'it''s', 'schema', '<b>shop</b>', 'local', 'public', 'options', '{}'::jsonb,
    'attempt', 1, 'problems', 0, 'notes', '[]'::jsonb, 'started', '2026-01-01 00:00:00+00') || run)).*
FROM example;
INSERT INTO mariadb.chunk
SELECT (jsonb_populate_record(NULL::mariadb.chunk, jsonb_build_object('run', e.id, 'owner', current_user, 'target', 't', 'source', 's', 'weight', 0, 'rejected', 0,
    'state', 'done', 'started', '2026-01-01 00:00:10+00', 'finished', '2026-01-01 00:00:40+00') || c
    || CASE WHEN e.id = 1000003 AND (c ->> 'number' = '2' OR c ->> 'table_name' = 'b') THEN '{"state": "copying", "rows": null, "bytes": null, "finished": null}' ELSE '{}'::jsonb END)).*
FROM example e, (VALUES
    ('{"table_name": "<script>alert(1)</script>", "number": 1, "rows": 1000, "bytes": 1500000}'::jsonb),
    ('{"table_name": "<script>alert(1)</script>", "number": 2, "rows": 2000, "bytes": 3000000}'),
    ('{"table_name": "b", "number": 1, "rows": 0, "bytes": 0}')) AS v (c);
INSERT INTO mariadb.reject (run, table_name, target, key, column_name, value, is_hex, error, sqlstate)
SELECT 1000004, '<script>alert(1)</script>', 't', jsonb_build_object('id', i, 'name', '<i>'), CASE WHEN i < 105 THEN 'at' END,
    CASE WHEN i < 105 THEN CASE WHEN i % 2 = 0 THEN 'c3ff' ELSE '</td><script>' END END, i % 2 = 0, 'not a <valid> date', '22008'
FROM generate_series(1, 105) i;
INSERT INTO mariadb.task (run, number, step, kind, object, statement, state)
VALUES (1000006, 1, 1, 'foreign key', 'b_fkey', 'ALTER TABLE b ADD CHECK (a < 1)', 'failed'),
    (1000006, 2, 1, 'index', 'b_idx', 'CREATE INDEX b_idx ON b (a)', 'done');

-- What a reader sees of a section: its text, line by line.
CREATE FUNCTION pg_temp.seen(html text) RETURNS text LANGUAGE sql AS $$
    SELECT btrim(regexp_replace(regexp_replace(regexp_replace(replace(replace(html, '<small>', ' / '), '<pre>', E'\n'), '</(tr|p|h1|h2|h3|div|li|dl|pre)>', E'\n', 'g'),
        '</(td|th|dt)>', ' | ', 'g'), '<[^>]*>|(?<=\n)\s+', '', 'g'), E'\n')
$$;
CREATE FUNCTION pg_temp.section(run bigint, name text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.seen(substring(mariadb.report(run) FROM format('<section id="%s">.*?</section>', name)))
$$;
\pset format unaligned
\pset tuples_only on
-- Which sections each has.
SELECT id, (SELECT string_agg(m[1], ' ') FROM regexp_matches(mariadb.report(id), '<section id="(\w+)">', 'g') m) FROM example ORDER BY id;
-- How each run finished, and what to do.
SELECT pg_temp.seen(substring(mariadb.report(1000001) FROM '<header>.*?</header>'));
SELECT id, v.status, v.words FROM example, mariadb_internal.run_verdict(id) v ORDER BY id;
SELECT id, E'\n' || pg_temp.section(id, 'next') FROM example ORDER BY id;
-- The sections.
SELECT pg_temp.section(1000001, 'tables');
SELECT mariadb_internal.tables_part(1000001);
SELECT pg_temp.section(1000003, 'tables');
SELECT pg_temp.section(1000002, 'verification');
SELECT pg_temp.section(1000005, 'verification');
SELECT pg_temp.section(1000001, 'notes');
SELECT pg_temp.section(1000001, 'preflight');
SELECT pg_temp.section(1000002, 'preflight');
SELECT pg_temp.section(1000006, 'problems');
SELECT pg_temp.section(1000001, 'run');
SELECT pg_temp.section(1000002, 'run');
SELECT regexp_replace(pg_temp.section(1000004, 'rejected'), '\nid = ([3-9]|[1-9]\d)name[^\n]*', '', 'g');
SELECT count(*) FROM regexp_matches(mariadb_internal.rejects_part(1000004), '<td data-label="Key">', 'g');
-- The page: nothing of the data is code, and nothing comes from outside.
SELECT substring(mariadb.report(1000001) FROM '^.*?<style>'), substring(mariadb.report(1000001) FROM '<footer>\D*');
SELECT id, mariadb.report(id) ~* '<(script|b|i|t|c|valid)>|<(link|img|iframe|object)|javascript:|https?:|src=|url\(|@import' FROM example ORDER BY id;
SELECT (SELECT count(*) FROM regexp_matches(p, '<(\w+)[^>]*>', 'g') m WHERE m[1] NOT IN ('meta', 'br')) - (SELECT count(*) FROM regexp_matches(p, '</\w+>', 'g'))
FROM mariadb.report(1000004) p;
\pset tuples_only off
\pset format aligned
SELECT mariadb.report(NULL) IS NULL AS nothing;
DO $$ BEGIN PERFORM mariadb.report(999999999); EXCEPTION WHEN OTHERS THEN RAISE NOTICE '% %', SQLSTATE, SQLERRM; END $$;
-- The owner of a run sees its report, with rights on the ledger.
CREATE ROLE regress_report;
GRANT USAGE ON SCHEMA mariadb TO regress_report;
SET ROLE regress_report;
SELECT mariadb.report(1000001);
RESET ROLE;
SELECT mariadb.grant_to('regress_report');
SET ROLE regress_report;
SELECT mariadb.report(1000001);
RESET ROLE;
UPDATE mariadb.run SET owner = 'regress_report' WHERE id = 1000001;
SET ROLE regress_report;
SELECT mariadb.report(1000001) LIKE '<!DOCTYPE html>%' AS page;
RESET ROLE;
DROP OWNED BY regress_report;
DROP ROLE regress_report;
DELETE FROM mariadb.run WHERE id > 1000000;
