-- Arguments: what a call cannot work with is an error of one wording, before
-- anything is done, and never a result without rows.
\i sql/server.psql
SET client_min_messages = warning;
\! mariadb $MARIADB_ARGS -e "CREATE OR REPLACE DATABASE regress_arguments; USE regress_arguments; CREATE TABLE t (id INT PRIMARY KEY); CREATE TABLE u (id INT PRIMARY KEY); CREATE VIEW v AS SELECT id FROM t; INSERT INTO t VALUES (1), (2)"
CREATE SCHEMA here;
CREATE TABLE here.t (id int PRIMARY KEY);
CREATE TABLE here.plain (id int);
CREATE SCHEMA there;
IMPORT FOREIGN SCHEMA regress_arguments FROM SERVER maria INTO there;
-- How a statement ends: its error, or how many rows it has.
CREATE FUNCTION pg_temp.outcome(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    hint text;
    n bigint;
BEGIN
    EXECUTE statement;
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n || ' rows';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN concat(SQLSTATE, ' ', SQLERRM, ' | ' || nullif(hint, ''));
END $$;
\pset format unaligned
\pset tuples_only on

--
-- NULL arguments.
--
SELECT c, pg_temp.outcome('SELECT * FROM mariadb.' || c) FROM unnest(ARRAY[
    'version(NULL)', $$query('maria', NULL) AS q (a int)$$, $$query(NULL, 'SELECT 1') AS q (a int)$$,
    $$exec('maria', NULL)$$, $$exec(NULL, 'DO 1')$$, 'disconnect(NULL)',
    $$tables(NULL, 'x')$$, $$tables('maria', NULL)$$, $$columns('maria', NULL)$$,
    $$indexes('maria', NULL)$$, $$foreign_keys('maria', NULL)$$, 'import_notes(NULL)',
    $$create_enums(NULL, 'x', 'y')$$, $$create_enums('maria', NULL, 'y')$$, $$create_enums('maria', 'x', NULL)$$,
    $$ddl(NULL, 'x', 'y')$$, $$ddl('maria', NULL, 'y')$$, $$ddl('maria', 'x', NULL)$$, $$ddl('maria', 'x', 'y', NULL)$$,
    'prisma_schema(NULL)', 'prisma_review(NULL)', 'review_sql(NULL)',
    $$preflight(NULL, 'x')$$, $$preflight('maria', NULL)$$,
    $$verify(NULL, 'x', 'here')$$, $$verify('maria', NULL, 'here')$$, $$verify('maria', 'x', NULL)$$,
    $$verify('maria', 'x', 'here', NULL)$$, $$verify('maria', 'x', 'here', fail => NULL)$$,
    $$verify('maria', 'x', 'here', structure => NULL)$$,
    $$differences(NULL, 'x', 'here')$$, $$differences('maria', NULL, 'here')$$, $$differences('maria', 'x', NULL)$$,
    $$repair(NULL, 'x', 'here')$$, $$repair('maria', NULL, 'here')$$, $$repair('maria', 'x', NULL)$$,
    $$repair('maria', 'regress_arguments', 'here', apply => NULL)$$,
    $$repair('maria', 'regress_arguments', 'here', fail => NULL)$$,
    $$resync('maria', 'regress_arguments', 'here', fail => NULL)$$,
    $$resync(NULL, 'x', 'here')$$, $$resync('maria', NULL, 'here')$$, $$resync('maria', 'x', NULL)$$,
    $$verify_structure(NULL, 'x', 'here')$$, $$verify_structure('maria', NULL, 'here')$$,
    $$verify_structure('maria', 'x', NULL)$$, $$verify_structure('maria', 'x', 'here', NULL)$$,
    'sync_sequences(NULL)', $$sync_sequences('here', 'maria')$$, $$sync_sequences('here', schema => 'x')$$,
    $$compare_query(NULL, 'SELECT 1', 'SELECT 1')$$, $$compare_query('maria', NULL, 'SELECT 1')$$,
    $$compare_query('maria', 'SELECT 1', NULL)$$, $$compare_query('maria', 'SELECT 1', 'SELECT 1', NULL)$$,
    $$copy(NULL, 'here.t')$$, $$copy('there.t', NULL)$$, $$copy('there.t', 'here.t', NULL)$$,
    $$chunks(NULL, 1)$$, $$chunks('there.t', NULL)$$, 'replay(NULL)', 'report(NULL)', 'orphans(NULL)',
    $$prisma_baseline(NULL, 'x')$$, $$prisma_baseline('here', NULL)$$, $$prisma_baseline('here', 'x', NULL)$$
]) WITH ORDINALITY AS u (c, n) ORDER BY n;

--
-- Lists of tables.
--
SELECT c, l, pg_temp.outcome(format('SELECT * FROM mariadb.%s(''maria'', ''regress_arguments'', ''here'', tables => %s)', c, l))
FROM unnest('{verify,differences,repair,resync}'::text[]) WITH ORDINALITY AS u (c, n),
    unnest(ARRAY[$$'{}'$$, $$'{NULL}'$$, $$'{t,NULL}'$$, $$ARRAY(SELECT 't'::text WHERE false)$$,
        $$'{nope}'$$, $$'{T}'$$, $$'{""}'$$, $$'{v}'$$]) WITH ORDINALITY AS l (l, m)
ORDER BY n, m;

--
-- Schemas here.
--
SELECT s, c, pg_temp.outcome(format('SELECT * FROM mariadb.' || c, quote_literal(s)))
FROM unnest(ARRAY['nosuch', '', 'information_schema', 'pg_catalog', 'pg_toast', 'pg_temp', 'pg_temp_3', 'mariadb', 'mariadb_internal',
        'PG_CATALOG', repeat('x', 70)]) WITH ORDINALITY AS s (s, n),
    unnest(ARRAY[$$create_enums('maria', 'regress_arguments', %s)$$,
        $$ddl('maria', 'regress_arguments', %s) WHERE object = '-'$$,
        $$verify('maria', 'regress_arguments', %s)$$, $$differences('maria', 'regress_arguments', %s)$$,
        $$repair('maria', 'regress_arguments', %s)$$, $$resync('maria', 'regress_arguments', %s)$$,
        $$verify_structure('maria', 'regress_arguments', %s)$$, 'sync_sequences(%s)',
        $$prisma_baseline(%s, 'SELECT 1')$$]) WITH ORDINALITY AS c (c, m)
ORDER BY n, m;
SELECT pg_temp.outcome($$SELECT * FROM mariadb.import_notes('nosuch')$$);
SELECT c, pg_temp.outcome(format('SELECT mariadb.copy(''there.t'', %L)', c))
FROM unnest('{pg_class,information_schema.sql_sizing,mariadb.reject,0}'::text[]) WITH ORDINALITY AS u (c, n) ORDER BY n;
CREATE TEMP TABLE temporary (id int);
SELECT mariadb.copy('there.t', 'temporary');

--
-- Schemas of MariaDB's own.
--
SELECT s, c, pg_temp.outcome(format('SELECT * FROM mariadb.' || c, quote_literal(s)))
FROM unnest('{mysql,information_schema,INFORMATION_SCHEMA,performance_schema,regress_nowhere}'::text[])
        WITH ORDINALITY AS s (s, n),
    unnest(ARRAY[$$create_enums('maria', %s, 'here')$$, $$ddl('maria', %s, 'here')$$, $$preflight('maria', %s)$$,
        $$verify('maria', %s, 'here')$$, $$differences('maria', %s, 'here')$$, $$repair('maria', %s, 'here')$$,
        $$resync('maria', %s, 'here')$$, $$verify_structure('maria', %s, 'here')$$,
        $$sync_sequences('here', 'maria', %s)$$]) WITH ORDINALITY AS c (c, m)
ORDER BY n, m;
-- Reading them is allowed.
SELECT count(*) > 10 FROM mariadb.tables('maria', 'information_schema');

--
-- Options: one wording for what is unknown, of another kind, or null.
--
SELECT left(o, 40), pg_temp.outcome(format('SELECT mariadb_internal.checked_options(''migrate'', ''maria'', %L)', o)) FROM unnest(ARRAY[
    'null', '"x"', '1', '[]', '[{"workers": 2}]', '{"worker": 2}', '{"verfiy": false}', '{"Tables": ["t"]}',
    '{"": 1}', '{"dataonly": true}', '{"something else": 1}', '{"zero_dates": "null"}', '{"host": "x''y"}',
    '{"skip_unmatched": true}', '{"data_only": "perhaps"}', '{"data_only": 1}', '{"data_only": null}',
    '{"data_only": []}', '{"verify": {}}', '{"tables": "t"}', '{"tables": []}', '{"tables": [null]}',
    '{"tables": ["t", null]}', '{"tables": [1]}', '{"tables": [["t"]]}', '{"tables": [""]}', '{"tables": {}}',
    '{"tables": null}', '{"except": []}', '{"except": "t"}', '{"workers": 2.5}', '{"workers": -1}',
    '{"workers": 65}', '{"workers": "two"}', '{"workers": true}', '{"workers": null}', '{"workers": 1e400}',
    '{"workers": "2 "}', '{"chunk_size": 64}', '{"chunk_size": "64"}', '{"chunk_size": "64 bytes"}',
    '{"chunk_size": "1kB"}', '{"chunk_size": "-1MB"}', '{"chunk_size": "nanMB"}', '{"chunk_size": "9999999999999TB"}',
    '{"chunk_size": "big"}', '{"on_error": "ignore"}', '{"on_error": true}', '{"reject_limit": 1.5}',
    '{"max_rows_per_second": "-1"}', '{"max_mb_per_second": "1e3"}', '{"prisma": 1}', '{"prisma": null}',
    '{"prefix_indexes": "right"}', '{"prefix_indexes": "le"}', '{"tinyint1_as": "text"}', '{"tinyint1_as": 1}',
    '{"tinyint_as": "smallint"}', '{"profile": "Prisma"}',
    format('{"tables": "%s"}', repeat('ä', 1000)), format('{"%s": 1}', repeat('x', 1000))
]) WITH ORDINALITY AS u (o, n) ORDER BY n;
SELECT pg_temp.outcome($$SELECT mariadb_internal.checked_options('ddl', NULL, '{"tables": ["t"]}')$$);
SELECT pg_temp.outcome($$SELECT mariadb_internal.checked_options('copy', NULL, '{"workers": 1}')$$);
SELECT pg_temp.outcome($$SELECT mariadb_internal.checked_options('copy', NULL, '{"zero_dates": "null"}')$$);
SELECT pg_temp.outcome($$SELECT mariadb_internal.checked_options('fly', NULL, '{}')$$);
SELECT pg_temp.outcome($$SELECT mariadb_internal.checked_options(NULL, NULL, '{}')$$);
SELECT pg_temp.outcome($$SELECT mariadb_internal.table_digest(NULL, '{id}')$$);
SELECT pg_temp.outcome($$SELECT mariadb_internal.table_digest('here.t', NULL)$$);
SELECT pg_temp.outcome($$SELECT mariadb_internal.not_null(NULL, 1)$$);
SELECT pg_temp.outcome($$SELECT mariadb_internal.not_null('{a,b}', 1, NULL, NULL)$$);
SELECT pg_temp.outcome($$SELECT mariadb_internal.not_null('{NULL}', NULL::int)$$);
SELECT pg_temp.outcome($$SELECT mariadb_internal.checked_options('ddl', NULL, NULL)$$);
-- What is taken, and how it comes out.
SELECT mariadb_internal.checked_options('migrate', NULL, '{"workers": "2", "comments": "on", "verify": false,
    "chunk_size": "1.5 gb", "max_rows_per_second": "2.5", "reject_limit": 10, "tables": ["t", "t", "ü\"."],
    "on_error": "reject", "prisma": "", "profile": "plain", "json_as": "text"}');
SELECT mariadb_internal.checked_options('copy', NULL, '{}');
-- The calls themselves use it.
SELECT pg_temp.outcome('SELECT * FROM mariadb.' || c) FROM unnest(ARRAY[
    $$ddl('maria', 'regress_arguments', 'x', '{"worker": 1}')$$,
    $$ddl('maria', 'regress_arguments', 'x', '{"comments": null}')$$,
    $$copy('there.t', 'here.t', '{"reject_limt": 1}')$$,
    $$copy('there.t', 'here.t', '{"on_error": null}')$$,
    $$verify_structure('maria', 'regress_arguments', 'here', '{"worker": 1}')$$,
    $$verify_structure('maria', 'regress_arguments', 'here', '{"tables": ["nope"]}')$$,
    $$verify_structure('maria', 'regress_arguments', 'here', '{"except": ["T"]}')$$,
    $$verify_structure('maria', 'regress_arguments', 'here', '{"tables": []}')$$
]) WITH ORDINALITY AS u (c, n) ORDER BY n;
-- All that there are.
SELECT name, calls, kind, valid_values, default_value, may_change FROM mariadb.call_options();

--
-- migrate: nothing is left of a call that cannot be meant.
--
\pset format aligned
\pset tuples_only off
\set SHOW_CONTEXT never
\set VERBOSITY default
CALL mariadb.migrate(NULL, 'regress_arguments', 'made');
CALL mariadb.migrate('maria', NULL, 'made');
CALL mariadb.migrate('maria', 'regress_arguments', NULL);
CALL mariadb.migrate('maria', 'regress_arguments', 'made', NULL);
CALL mariadb.migrate('maria', 'regress_arguments', '');
CALL mariadb.migrate('maria', 'regress_arguments', 'information_schema');
CALL mariadb.migrate('maria', 'regress_arguments', 'pg_catalog');
CALL mariadb.migrate('maria', 'regress_arguments', 'pg_toast', '{"data_only": true}');
CALL mariadb.migrate('maria', 'regress_arguments', 'pg_made');
CALL mariadb.migrate('maria', 'regress_arguments', 'mariadb');
CALL mariadb.migrate('maria', 'regress_arguments', repeat('made', 20));
CALL mariadb.migrate('maria', 'mysql', 'made');
CALL mariadb.migrate('maria', 'information_schema', 'made');
CALL mariadb.migrate('maria', 'regress_nowhere', 'made');
CALL mariadb.migrate('nowhere', 'regress_arguments', 'made');
CALL mariadb.migrate('maria', 'regress_arguments', 'made', '{"verfiy": false}');
CALL mariadb.migrate('maria', 'regress_arguments', 'made', '{"zero_dates": "null"}');
CALL mariadb.migrate('maria', 'regress_arguments', 'made', '{"tables": []}');
CALL mariadb.migrate('maria', 'regress_arguments', 'made', '{"tables": ["nope"]}');
CALL mariadb.migrate('maria', 'regress_arguments', 'made', '{"except": ["nope"]}');
CALL mariadb.migrate('maria', 'regress_arguments', 'made', '{"tables": ["v"]}');
CALL mariadb.migrate('maria', 'regress_arguments', 'made', '{"tables": ["T"]}');
CALL mariadb.migrate('maria', 'regress_arguments', 'made', '{"tables": ["t"], "except": ["t"]}');
CALL mariadb.migrate('maria', 'regress_arguments', 'made', '{"tables": ["_prisma_migrations"]}');
CALL mariadb.migrate('maria', 'regress_arguments', 'made', '{"tinyint1_as": "text"}');
CALL mariadb.migrate('maria', 'regress_arguments', 'made', '{"data_only": true, "comments": false}');
SELECT nspname FROM pg_namespace WHERE nspname ~ 'made|mariadb_legacy';
SELECT count(*) AS runs FROM mariadb.run WHERE schema ~ 'regress_(arguments|nowhere)|^mysql$';

DROP SCHEMA here, there CASCADE;
DROP SERVER maria CASCADE;
\! mariadb $MARIADB_ARGS -e "DROP DATABASE regress_arguments"
