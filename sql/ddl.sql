-- DDL: the statements that make a MariaDB schema here, and what they leave out.
\i sql/server.psql

\! mariadb $MARIADB_ARGS --default-character-set=utf8mb4 < sql/ddl.mariadb
\pset format unaligned
\pset tuples_only on
\pset fieldsep ' | '

--
-- Types, defaults and keys, under the plain profile.
--
CREATE VIEW plan AS SELECT ord, step, kind, object, statement, note,
    table_name, phase, note_kind
FROM mariadb.ddl('maria', 'regress_ddl', 'ddl_plain') WITH ORDINALITY
    AS d (step, kind, object, statement, note, table_name, phase, note_kind, ord);
SELECT step, kind, object, statement FROM plan
WHERE statement IS NOT NULL ORDER BY ord;
SELECT step, object, note_kind, note FROM plan WHERE kind = 'note' ORDER BY ord;
SELECT count(*) FROM plan
WHERE (statement IS NULL) <> (kind = 'note') OR (note IS NULL) <> (kind <> 'note');
SELECT phase, string_agg(DISTINCT kind, ', ') FROM plan GROUP BY phase ORDER BY min(step);
SELECT kind, object FROM plan WHERE table_name IS NULL ORDER BY ord;
SELECT DISTINCT table_name, object FROM plan
WHERE object <> table_name AND NOT starts_with(object, table_name || '.') ORDER BY 1, 2;
SELECT count(*) FROM plan WHERE (note_kind IS NULL) <> (note IS NULL);
SELECT nspname FROM pg_namespace WHERE nspname = 'ddl_plain';

-- All of it runs.
CREATE SCHEMA ddl_plain;
\set ECHO none
\o /dev/null
SELECT statement FROM plan WHERE statement IS NOT NULL ORDER BY ord \gexec
\o
\set ECHO all

SELECT object, note_kind FROM mariadb.ddl('maria', 'regress_ddl', 'ddl_plain') WHERE note_kind = 'exists';

-- What runs gives MariaDB's answers.
INSERT INTO ddl_plain.child (p, n, m, day, at, name, en)
VALUES (20.45, 7, 3, '2024-01-31', '2024-01-31 23:59:59', 'Ab', 'open');
SELECT plus, big, words, y, later, up, flag, kind_of, wide, dow,
    third
FROM ddl_plain.child;
SELECT * FROM mariadb.query('maria', $$
    SELECT plus, big, words, y, later, up, flag, kind_of, wide, dow,
        third
    FROM regress_ddl.child$$) AS (plus bigint, big bigint, words text, y int,
    later date, up text, flag boolean, kind_of text, wide bigint, dow int,
    third numeric);
\set VERBOSITY sqlstate
INSERT INTO ddl_plain.child (n, m, en) VALUES (-1, 3, 'open');
INSERT INTO ddl_plain.child (n, m, en) VALUES (1, 30, 'open');
INSERT INTO ddl_plain.child (n, m, en, code) VALUES (1, 3, 'open', 'c  ');
INSERT INTO ddl_plain.child (n, m, en, code) VALUES (1, 3, 'open', 'a  ');
INSERT INTO ddl_plain.child (m, en) VALUES (3, 'closed');
INSERT INTO ddl_plain.child (n, m, en) VALUES (1, 3, 'closed');
\set VERBOSITY default
SELECT nextval('ddl_plain.upward'), nextval('ddl_plain.downward');
SELECT * FROM mariadb.query('maria', $$
    SELECT u.next_not_cached_value, d.next_not_cached_value
    FROM regress_ddl.upward u, regress_ddl.downward d$$) AS (a bigint, b bigint);
INSERT INTO ddl_plain.stamped (id, v) VALUES (1, 1) RETURNING touched IS NULL;
UPDATE ddl_plain.stamped SET v = 1 RETURNING touched IS NULL;
UPDATE ddl_plain.stamped SET v = 2 RETURNING touched IS NULL;
UPDATE ddl_plain.stamped SET v = 3, touched = '2000-01-01' RETURNING touched;
INSERT INTO ddl_plain.by_day VALUES (1, '2019-12-31'), (2, '2020-01-01'), (3, '2050-01-01');
SELECT tableoid::regclass, id FROM ddl_plain.by_day ORDER BY id;
SELECT id, next_n FROM ddl_plain.joined;

--
-- Identity columns, other types, whole columns instead of prefixes.
--
SELECT kind, coalesce(statement, note), note_kind FROM mariadb.ddl('maria', 'regress_ddl', 'x', '{
    "identity": true, "prefix_indexes": "drop", "comments": false,
    "bigint_unsigned_as": "bigint", "tinyint1_as": "smallint",
    "json_as": "text", "set_as": "text"}')
WHERE object IN ('defaults', 'flags', 'big', 'big_child', 'defaults.by a',
    'defaults.st', 'defaults.j') OR kind = 'comment' ORDER BY step, object, kind;

--
-- The profile of Prisma, with and without its text.
--
\! mariadb $MARIADB_ARGS --default-character-set=utf8mb4 < sql/ddl_prisma.mariadb
\set text `cat sql/ddl.prisma`
SELECT step, kind, object, coalesce(statement, note)
FROM mariadb.ddl('maria', 'regress_ddl_prisma', 'app', '{"profile": "prisma"}');
SELECT step, kind, object, coalesce(statement, note)
FROM mariadb.ddl('maria', 'regress_ddl_prisma', 'app',
    jsonb_build_object('prisma', :'text'));

SELECT object, note_kind, note FROM mariadb.ddl('maria', 'regress_ddl_prisma', 'app',
    jsonb_build_object('prisma', :'text')) WHERE note_kind <> 'schema.prisma';
SELECT object, note_kind, note FROM mariadb.ddl('maria', 'regress_ddl_prisma', 'app',
    '{"profile": "prisma"}') WHERE note_kind <> 'changed';

-- For provider postgresql the text determines the types.
SELECT kind, coalesce(statement, note)
FROM mariadb.ddl('maria', 'regress_ddl_prisma', 'app', jsonb_build_object(
    'prisma', 'datasource db { 
        provider = "postgresql"
        }
        model Post {
          id BigInt @id @default(autoincrement())
          slug String @default(dbgenerated("gen_random_uuid()")) @db.Uuid
        }'))
WHERE object ~ '^Post(\.(id|slug))?$' ORDER BY step, object;

--
-- An account that may only read gets the same foreign keys.
--
CREATE TEMP TABLE all_keys AS SELECT object, statement FROM plan
WHERE kind = 'foreign key';
\! mariadb $MARIADB_ARGS -e "CREATE OR REPLACE USER regress_reader@'127.0.0.1' IDENTIFIED BY 'reader'; GRANT SELECT ON regress_ddl.* TO regress_reader@'127.0.0.1'"
ALTER USER MAPPING FOR CURRENT_USER SERVER maria
    OPTIONS (SET username 'regress_reader', SET password 'reader');
SELECT count(*), count(*) FILTER (WHERE p.statement = a.statement)
FROM plan p FULL JOIN all_keys a USING (object) WHERE p.kind = 'foreign key';
ALTER USER MAPPING FOR CURRENT_USER SERVER maria
    OPTIONS (SET username :'user', SET password :'password');

--
-- Some of the tables: names are compared, not searched for in texts.
--
\! mariadb $MARIADB_ARGS --default-character-set=utf8mb4 < sql/ddl_some.mariadb
CREATE FUNCTION pg_temp.rows_of(options jsonb)
RETURNS TABLE (kind text, table_name text, object text, "text" text)
LANGUAGE sql AS $$
    SELECT d.kind, d.table_name, d.object, regexp_replace(
        coalesce(substring(d.statement FROM '^(?:CREATE|ALTER|COMMENT|SELECT)[^(]*'), d.note_kind), '\s+$', '')
    FROM mariadb.ddl('maria', 'regress_ddl_some', 'x', options) d
$$;
SELECT * FROM pg_temp.rows_of('{}');
SELECT * FROM pg_temp.rows_of('{"except": ["a"]}');
SELECT * FROM pg_temp.rows_of('{"tables": ["a"]}');
SELECT * FROM pg_temp.rows_of('{"tables": ["a.b"]}');
SELECT * FROM pg_temp.rows_of('{"tables": ["a.b.c"]}');
SELECT * FROM pg_temp.rows_of('{"tables": ["a\"b''c"]}');
SELECT * FROM pg_temp.rows_of('{"tables": ["other"]}');
SELECT * FROM pg_temp.rows_of('{"tables": ["her"]}');
SELECT * FROM pg_temp.rows_of('{"tables": ["numbered", "wide"], "except": ["wide"]}');
SELECT * FROM pg_temp.rows_of('{"tables": ["wide"]}');
SELECT count(*) FROM pg_temp.rows_of('{"tables": ["othr"]}');
SELECT count(*) FROM pg_temp.rows_of('{"tables": ["Other"]}');
SELECT count(*) FROM pg_temp.rows_of('{"except": ["seen"]}');
SELECT count(*) FROM pg_temp.rows_of('{"except": [""]}');
SELECT count(*) FROM pg_temp.rows_of('{"tables": ["a", null]}');
SELECT count(*) FROM pg_temp.rows_of('{"tables": []}');
SELECT count(*) FROM pg_temp.rows_of('{"tables": "a"}');
SELECT count(*) FROM pg_temp.rows_of('{"tables": ["a"], "except": ["a"]}');

--
-- Unknown options.
--
\pset tuples_only off
SELECT * FROM mariadb.ddl('maria', 'regress_ddl', 'x', '{"tinyint_as": "boolean"}');
SELECT * FROM mariadb.ddl('maria', 'regress_ddl', 'x', '{"index": true}');
SELECT * FROM mariadb.ddl('maria', 'regress_ddl', 'x', '{"identity": "perhaps"}');
SELECT * FROM mariadb.ddl('maria', 'regress_ddl', 'x', '{"identity": 1}');
SELECT * FROM mariadb.ddl('maria', 'regress_ddl', 'x', '{"prefix_indexes": "right"}');
SELECT * FROM mariadb.ddl('maria', 'regress_ddl', 'x', '{"profile": "rails"}');
SELECT * FROM mariadb.ddl('maria', 'regress_ddl', 'x', '{"prisma": "model {"}');
SELECT * FROM mariadb.ddl('maria', 'regress_ddl', 'x', '["prisma"]');
SELECT * FROM mariadb.ddl('maria', 'regress_nowhere', 'x');

DROP VIEW plan;
SET client_min_messages = warning;
DROP SCHEMA ddl_plain CASCADE;
DROP SERVER maria CASCADE;
\! mariadb $MARIADB_ARGS -e "SET foreign_key_checks = 0; DROP DATABASE regress_ddl; DROP DATABASE regress_ddl_some; DROP DATABASE regress_ddl_prisma; DROP USER regress_reader@'127.0.0.1'"
