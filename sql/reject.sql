-- Rejects: bad rows are kept apart with all that finds them again, good rows
-- are stored, and no row is neither or both.
\i sql/server.psql
ALTER SERVER maria OPTIONS (ADD dbname 'regress_reject');
\set SHOW_CONTEXT never
SET client_min_messages = warning;
\! mariadb $MARIADB_ARGS -e "CREATE OR REPLACE DATABASE regress_reject CHARACTER SET utf8mb4"
SET datestyle = 'ISO, YMD';
SET timezone = 'UTC';
-- How many rows a condition finds in MariaDB.
CREATE FUNCTION pg_temp.found(tab text, condition text) RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    RETURN (SELECT n FROM mariadb.query('maria',
        format('SELECT count(*) FROM regress_reject.%s WHERE %s', tab, condition)) AS r (n bigint));
END $$;
CREATE SCHEMA there;
\set reject '''{"on_error": "reject"}'''

--
-- Bad values of each kind, and the rows around them.
--
\! mariadb $MARIADB_ARGS -e "SET sql_mode = ''; USE regress_reject; CREATE TABLE kinds (id INT PRIMARY KEY, f BOOLEAN, d DATE, dt DATETIME, x VARCHAR(20), u BIGINT UNSIGNED, b BIGINT, e ENUM('red','green','blue'), n INT, p INT, j LONGTEXT, g DECIMAL(10,2)); INSERT INTO kinds VALUES (1, 1, '2024-02-29', '2024-02-29 12:00:00', 'good', 1, 1, 'red', 1, 1, '{}', 1), (2, 2, '2024-02-29', '2024-02-29 12:00:00', 'boolean', 1, 1, 'red', 1, 1, '{}', 1), (3, 1, '0000-00-00', '2024-02-29 12:00:00', 'date', 1, 1, 'red', 1, 1, '{}', 1), (4, 1, '2024-02-29', '2024-00-29 12:00:00', 'datetime', 1, 1, 'red', 1, 1, '{}', 1), (5, 1, '2024-02-29', '2024-02-29 12:00:00', 'nul\0byte', 1, 1, 'red', 1, 1, '{}', 1), (6, 1, '2024-02-29', '2024-02-29 12:00:00', 'unsigned', 18446744073709551615, 1, 'red', 1, 1, '{}', 1), (7, 1, '2024-02-29', '2024-02-29 12:00:00', 'big', 1, 2147483648, 'red', 1, 1, '{}', 1), (8, 1, '2024-02-29', '2024-02-29 12:00:00', 'label', 1, 1, 'blue', 1, 1, '{}', 1), (9, 1, '2024-02-29', '2024-02-29 12:00:00', 'no label', 1, 1, '', 1, 1, '{}', 1), (10, 1, '2024-02-29', '2024-02-29 12:00:00', 'not null', 1, 1, 'red', NULL, 1, '{}', 1), (11, 1, '2024-02-29', '2024-02-29 12:00:00', 'check', 1, 1, 'red', 101, 1, '{}', 1), (12, 1, '2024-02-29', '2024-02-29 12:00:00', 'domain', 1, 1, 'red', 1, -5, '{}', 1), (13, 1, '2024-02-29', '2024-02-29 12:00:00', 'domain', 1, 1, 'red', 1, NULL, '{}', 1), (14, 1, '2024-02-29', '2024-02-29 12:00:00', 'jsonb', 1, 1, 'red', 1, 1, '{1}', 1), (15, 1, '2024-02-29', '2024-02-29 12:00:00', 'much too long', 1, 1, 'red', 1, 1, '{}', 1), (16, 1, '2024-02-29', '2024-02-29 12:00:00', 'numeric', 1, 1, 'red', 1, 1, '{}', 1000), (17, 1, '2024-02-29', '2024-02-29 12:00:00', 'generated', 1, 1, 'red', 50, 1, '{}', 1), (18, 1, '2024-02-29', '2024-02-29 12:00:00', 'index', 1, 1, 'red', 60, 1, '{}', 1), (19, 2, '0000-00-00', '2024-02-29 12:00:00', 'two', 1, 1, 'red', NULL, 1, '{}', 1), (20, 0, NULL, NULL, NULL, NULL, NULL, NULL, 2, 1, NULL, NULL)"
CREATE TYPE color AS ENUM ('red', 'green');
CREATE DOMAIN positive AS int NOT NULL CONSTRAINT above CHECK (value > 0);
CREATE FOREIGN TABLE there.kinds (id int, f boolean, d date, dt timestamp, x text, u numeric, b bigint, e text, n int, p int, j text, g numeric(10,2))
    SERVER maria OPTIONS (table_name 'kinds');
ALTER FOREIGN TABLE there.kinds ALTER id OPTIONS (ADD key '1');
CREATE TABLE kinds (
    id int PRIMARY KEY, f boolean, d date, dt timestamp, x varchar(9), u bigint, b int, e color,
    n int NOT NULL CONSTRAINT small CHECK (n < 100), p positive, j jsonb, g numeric(4,2),
    h int GENERATED ALWAYS AS (100 / (n - 50)) STORED);
CREATE INDEX kinds_n ON kinds ((100 / (n - 60)));
SELECT mariadb.copy('there.kinds', 'kinds', :reject);
SELECT id, x FROM kinds ORDER BY id;
SELECT key ->> 'id' AS id, column_name, value, is_hex, sqlstate, error FROM mariadb.reject ORDER BY (key ->> 'id')::int;
SELECT DISTINCT run, chunk, table_name, target, condition = format('`id` = %s', key ->> 'id') AS is_by_key,
    pg_temp.found('kinds', condition) AS found, at BETWEEN now() - interval '1 hour' AND clock_timestamp() AS is_of_now FROM mariadb.reject;
TRUNCATE mariadb.reject;
-- As many as there are, and the first error when they are to stop the copy.
SELECT mariadb.copy('there.kinds', 'kinds');
SELECT count(*) FROM kinds;
TRUNCATE kinds;
-- Again into existing tables.
SELECT mariadb.copy('there.kinds', 'kinds', :reject) AS first, (SELECT count(*) FROM mariadb.reject) AS before;
TRUNCATE mariadb.reject;
SELECT mariadb.copy('there.kinds', 'kinds', :reject);
SELECT sqlstate, count(*) FROM mariadb.reject GROUP BY sqlstate ORDER BY sqlstate;
SELECT id FROM kinds ORDER BY id;
TRUNCATE kinds;
-- The limit: what goes beyond it leaves nothing, neither rows nor rejects.
TRUNCATE mariadb.reject;
SELECT mariadb.copy('there.kinds', 'kinds', '{"on_error": "reject", "reject_limit": 17}');
\echo :SQLSTATE
SELECT (SELECT count(*) FROM kinds) AS stored, (SELECT count(*) FROM mariadb.reject) AS rejected;
SELECT mariadb.copy('there.kinds', 'kinds', '{"on_error": "reject", "reject_limit": 0}');
\echo :SQLSTATE
SELECT mariadb.copy('there.kinds', 'kinds', '{"on_error": "reject", "reject_limit": 18}');
SELECT (SELECT count(*) FROM kinds) AS stored, (SELECT count(*) FROM mariadb.reject) AS rejected;
DROP TABLE kinds;
DROP TYPE color;
DROP DOMAIN positive;
TRUNCATE mariadb.reject;

--
-- Keys: of several columns, of types that need care, or none.
--
SELECT pg_temp.remote($$
CREATE TABLE regress_reject.odd (
    b VARBINARY(10), `t``'x` VARCHAR(20) COLLATE utf8mb4_bin, d DATETIME(6), n DECIMAL(10,3), e ENUM('a','b'),
    g DOUBLE, f BOOLEAN, PRIMARY KEY (b, `t``'x`, d, n, e, g))$$, $$
INSERT INTO regress_reject.odd VALUES
    (x'00ff27', CONCAT('it''s "', x'5cc3a9', '"'), '2024-02-29 12:00:00.5', -1.5, 'b', 0.1, 2),
    (x'', '', '1000-01-01', 0, 'a', -1e-300, 3),
    (x'00ff27', 'good', '2024-02-29', 1, 'a', 0, 1)$$, $$
CREATE TABLE regress_reject.keyless (n INT, f BOOLEAN)$$, $$
INSERT INTO regress_reject.keyless VALUES (1, 0), (1, 7), (2, 7), (3, 1)$$);
IMPORT FOREIGN SCHEMA regress_reject LIMIT TO (odd, keyless) FROM SERVER maria INTO there;
CREATE TABLE odd (f boolean, b bytea, "t`'x" text, d timestamp(6), n numeric, e text, g float8);
SELECT mariadb.copy('there.odd', 'odd', :reject);
SELECT f, b, "t`'x", d, n FROM odd;
SELECT jsonb_pretty(key), column_name, value, pg_temp.found('odd', condition) AS found, pg_temp.found('odd', condition || ' AND f = ' || value) AS same
FROM mariadb.reject ORDER BY value;
TRUNCATE mariadb.reject;
CREATE TABLE keyless (n int, f boolean);
SELECT mariadb.copy('there.keyless', 'keyless', :reject);
SELECT * FROM keyless;
SELECT key, condition, column_name, value, sqlstate FROM mariadb.reject;
TRUNCATE mariadb.reject;
ALTER TABLE keyless ADD UNIQUE (n);
TRUNCATE keyless;
INSERT INTO keyless VALUES (3);
SELECT mariadb.copy('there.keyless', 'keyless', :reject);
SELECT * FROM keyless ORDER BY n, f;
SELECT key, condition, column_name, value, sqlstate, error FROM mariadb.reject ORDER BY id;
TRUNCATE mariadb.reject;
DROP TABLE odd, keyless;

--
-- Thousands of rows, bad ones in every batch: of each value of u the first
-- row is stored, and each other is rejected.
--
SELECT pg_temp.remote($$
CREATE TABLE regress_reject.many (id INT PRIMARY KEY, u INT, f BOOLEAN, up INT)$$, $$
INSERT INTO regress_reject.many
SELECT seq, IF(seq % 10 = 0, seq - 1, IF(seq % 997 = 0, 1, seq)), IF(seq % 13 = 0, 2, seq % 2), IF(seq = 1, NULL, seq - 1)
FROM regress_reject.seq_1_to_5000$$);
IMPORT FOREIGN SCHEMA regress_reject LIMIT TO (many) FROM SERVER maria INTO there;
-- What a copy must have stored, and what it must have rejected.
CREATE TABLE expected AS
SELECT id, is_boolean, is_boolean AND row_number() OVER (PARTITION BY u, is_boolean ORDER BY id) = 1 AS is_good
FROM mariadb.query('maria', 'SELECT id, u, f <> 2 FROM regress_reject.many') AS r (id int, u int, is_boolean boolean);
SELECT count(*), count(*) FILTER (WHERE is_good) AS good, count(*) FILTER (WHERE NOT is_boolean) AS no_boolean FROM expected;
CREATE FUNCTION pg_temp.check_many(tab regclass, OUT stored bigint, OUT rejected bigint, OUT missing int[], OUT extra int[], OUT wrong_rejects int[], OUT states text)
LANGUAGE plpgsql AS $$
BEGIN
    SET LOCAL enable_indexscan = off; SET LOCAL enable_indexonlyscan = off; SET LOCAL enable_bitmapscan = off;
    EXECUTE format('CREATE TEMPORARY TABLE found AS SELECT id FROM %s', tab);
    SELECT count(*) INTO stored FROM found;
    SELECT count(*) INTO rejected FROM mariadb.reject;
    missing := ARRAY(SELECT id FROM expected WHERE is_good EXCEPT ALL SELECT id FROM found ORDER BY 1 LIMIT 5);
    extra := ARRAY(SELECT id FROM found EXCEPT ALL SELECT id FROM expected WHERE is_good ORDER BY 1 LIMIT 5);
    wrong_rejects := ARRAY(
        (SELECT id FROM expected WHERE NOT is_good EXCEPT ALL SELECT (key ->> 'id')::int FROM mariadb.reject)
        UNION ALL
        (SELECT (key ->> 'id')::int FROM mariadb.reject EXCEPT ALL SELECT id FROM expected WHERE NOT is_good) ORDER BY 1 LIMIT 5);
    states := (SELECT string_agg(format('%s of %s', n, sqlstate), ', ' ORDER BY sqlstate)
        FROM (SELECT sqlstate, count(*) AS n FROM mariadb.reject GROUP BY sqlstate) AS s);
    DROP TABLE found;
    TRUNCATE mariadb.reject;
END $$;
CREATE TABLE many (id int PRIMARY KEY, u int UNIQUE, f boolean, up int);
SELECT mariadb.copy('there.many', 'many', :reject);
SELECT * FROM pg_temp.check_many('many');
TRUNCATE many;
-- In a table of the same transaction, where rows could be frozen.
BEGIN;
TRUNCATE many;
SELECT mariadb.copy('there.many', 'many', :reject);
COMMIT;
SELECT * FROM pg_temp.check_many('many');
BEGIN;
DROP TABLE many;
CREATE TABLE many (id int, u int, f boolean, up int);
CREATE UNIQUE INDEX ON many (u);
SELECT mariadb.copy('there.many', 'many', :reject);
SELECT * FROM pg_temp.check_many('many');
COMMIT;
SELECT count(*), count(DISTINCT u) FROM many;
-- Under triggers, into partitions.
CREATE FUNCTION pg_temp.pass() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
TRUNCATE many;
CREATE TRIGGER pass BEFORE INSERT ON many FOR EACH ROW EXECUTE FUNCTION pg_temp.pass();
SELECT mariadb.copy('there.many', 'many', :reject);
SELECT * FROM pg_temp.check_many('many');
DROP TRIGGER pass ON many;
TRUNCATE many;
CREATE TRIGGER pass AFTER INSERT ON many FOR EACH ROW EXECUTE FUNCTION pg_temp.pass();
SELECT mariadb.copy('there.many', 'many', :reject);
SELECT * FROM pg_temp.check_many('many');
DROP TABLE many;
CREATE TABLE many (id int, u int UNIQUE, f boolean, up int) PARTITION BY RANGE (u);
CREATE TABLE many_low PARTITION OF many FOR VALUES FROM (0) TO (2500);
CREATE TABLE many_high PARTITION OF many FOR VALUES FROM (2500) TO (5001);
SELECT mariadb.copy('there.many', 'many', :reject);
SELECT * FROM pg_temp.check_many('many');
-- Whatever fits into no partition is rejected too.
TRUNCATE many;
DROP TABLE many_high;
SELECT mariadb.copy('there.many', 'many', :reject);
SELECT (SELECT count(*) FROM many) AS stored, count(*) AS rejected, count(*) + (SELECT count(*) FROM many) AS all,
    count(*) FILTER (WHERE sqlstate = '23514') AS without_partition FROM mariadb.reject;
SELECT column_name, value, error FROM mariadb.reject WHERE key ->> 'id' = '4999';
TRUNCATE mariadb.reject;
DROP TABLE many;
-- A memory too small for a batch.
CREATE TABLE many (id int, u int UNIQUE, f boolean, up int, filled text DEFAULT repeat('x', 200));
CREATE TRIGGER pass BEFORE INSERT ON many FOR EACH ROW EXECUTE FUNCTION pg_temp.pass();
SET work_mem = '64kB';
SELECT mariadb.copy('there.many', 'many', :reject);
SELECT * FROM pg_temp.check_many('many');
RESET work_mem;
DROP TABLE many;
-- Foreign keys: a row without its parent.
CREATE TABLE parents AS SELECT id FROM expected WHERE is_good;
ALTER TABLE parents ADD PRIMARY KEY (id);
CREATE TABLE many (id int REFERENCES parents, u int, f boolean, up int);
SELECT mariadb.copy('there.many', 'many', :reject);
SELECT * FROM pg_temp.check_many('many');
DROP TABLE many, parents;
-- In a subtransaction, which takes stored and rejected rows along.
CREATE TABLE many (id int, u int UNIQUE, f boolean, up int);
BEGIN;
SAVEPOINT a;
SELECT mariadb.copy('there.many', 'many', :reject);
ROLLBACK TO a;
SELECT (SELECT count(*) FROM many) AS stored, (SELECT count(*) FROM mariadb.reject) AS rejected;
SAVEPOINT b;
SELECT mariadb.copy('there.many', 'many', :reject);
RELEASE b;
COMMIT;
SELECT * FROM pg_temp.check_many('many');
-- Beyond the limit in a later batch.
TRUNCATE many;
SELECT mariadb.copy('there.many', 'many', '{"on_error": "reject", "reject_limit": 500}');
\echo :SQLSTATE
SELECT (SELECT count(*) FROM many) AS stored, (SELECT count(*) FROM mariadb.reject) AS rejected;

--
-- Values that are no text here.
--
SELECT pg_temp.remote($$
CREATE TABLE regress_reject.texts (id INT PRIMARY KEY, x VARCHAR(20) CHARACTER SET utf8mb4)$$, $$
INSERT INTO regress_reject.texts VALUES (1, 'plain'), (2, x'610062'), (3, x'c3a9'), (4, x'00')$$);
CREATE FOREIGN TABLE there.texts (id int OPTIONS (key '1'), x text) SERVER maria OPTIONS (table_name 'texts');
CREATE TABLE texts (id int, x text);
SELECT mariadb.copy('there.texts', 'texts', :reject);
SELECT * FROM texts;
SELECT key, column_name, value, is_hex, sqlstate, error, pg_temp.found('texts', format('x = x%L', value)) AS found FROM mariadb.reject ORDER BY id;
TRUNCATE mariadb.reject;
DROP TABLE texts;
-- A database with fewer letters.
CREATE DATABASE regress_latin ENCODING 'LATIN1' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C';
SELECT pg_temp.remote($$
INSERT INTO regress_reject.texts VALUES (5, x'e282ac'), (6, x'78f09f9880')$$);
\set database :DBNAME
\connect regress_latin
SET client_encoding = 'UTF8';
CREATE EXTENSION mariadb_fdw;
CREATE SERVER maria FOREIGN DATA WRAPPER mariadb_fdw
    OPTIONS (host :'host', port :'port', dbname 'regress_reject');
CREATE USER MAPPING FOR CURRENT_USER SERVER maria
    OPTIONS (username :'user', password :'password');
CREATE FOREIGN TABLE there (id int OPTIONS (key '1'), x text) SERVER maria OPTIONS (table_name 'texts');
CREATE TABLE texts (id int, x text);
SELECT mariadb.copy('there', 'texts', :reject);
SELECT * FROM texts;
SELECT key, column_name, value, is_hex, sqlstate, error FROM mariadb.reject ORDER BY id;
\connect :database
DROP DATABASE regress_latin;
SET client_min_messages = warning;
\set SHOW_CONTEXT never

--
-- Where single rows cannot be taken out.
--
CREATE SCHEMA aside;
CREATE FUNCTION aside.pass() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TABLE single (id int, u int, f boolean, up int);
CREATE VIEW above AS SELECT * FROM single;
SELECT mariadb.copy('there.many', 'above', :reject);
\echo :SQLSTATE
CREATE TRIGGER seen AFTER INSERT ON single REFERENCING NEW TABLE AS fresh EXECUTE FUNCTION aside.pass();
SELECT mariadb.copy('there.many', 'single', :reject);
\echo :SQLSTATE
DROP TRIGGER seen ON single;
CREATE TRIGGER all_before BEFORE INSERT ON single EXECUTE FUNCTION aside.pass();
CREATE TRIGGER row_before BEFORE INSERT ON single FOR EACH ROW EXECUTE FUNCTION aside.pass();
SELECT mariadb.copy('there.many', 'single', :reject);
\echo :SQLSTATE
DROP TRIGGER row_before ON single;
DROP TRIGGER all_before ON single;
CREATE RULE none AS ON INSERT TO single WHERE NEW.id = 2 DO INSTEAD NOTHING;
SELECT mariadb.copy('there.many', 'single', :reject);
\echo :SQLSTATE
DROP RULE none ON single;
ALTER TABLE single ADD PRIMARY KEY (id), ADD FOREIGN KEY (up) REFERENCES single;
SELECT mariadb.copy('there.many', 'single', :reject);
\echo :SQLSTATE
ALTER TABLE single DROP CONSTRAINT single_up_fkey;
SELECT count(*) FROM single;
SELECT count(*) FROM mariadb.reject;
-- An error that is not of a value stops the copy.
CREATE FUNCTION aside.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not now'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON single FOR EACH ROW WHEN (NEW.id = 1500) EXECUTE FUNCTION aside.refuse();
SELECT mariadb.copy('there.many', 'single', :reject);
\echo :SQLSTATE
SELECT (SELECT count(*) FROM single) AS stored, (SELECT count(*) FROM mariadb.reject) AS rejected;

DROP SCHEMA there, aside CASCADE;
DROP TABLE single, many, expected CASCADE;
DROP SERVER maria CASCADE;
\! mariadb $MARIADB_ARGS -e "DROP DATABASE regress_reject"
