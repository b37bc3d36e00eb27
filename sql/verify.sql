-- verify: equal where both sides are, and each difference found.
\i sql/server.psql
\! mariadb $MARIADB_ARGS -e "CREATE OR REPLACE DATABASE regress_verify CHARACTER SET utf8mb4"
SELECT pg_temp.remote($$
CREATE TABLE regress_verify.everything (
    id INT PRIMARY KEY, t TINYINT, bu BIGINT UNSIGNED, f BOOLEAN, b1 BIT(1), b8 BIT(8),
    d DECIMAL(65,30), g DOUBLE, r FLOAT, v VARCHAR(100), x LONGTEXT, j JSON, bl BLOB,
    da DATE, dt DATETIME(6), ts TIMESTAMP(3) NULL, ti TIME(3), y YEAR, e ENUM('a', 'b'), s SET('a', 'b'))$$, $$
INSERT INTO regress_verify.everything VALUES
    (1, -128, 18446744073709551615, 1, b'1', b'10101010', 1.5, 0.1, 0.1, 'é😀', REPEAT('x', 100000), '{"b": 1, "a": 2}',
     X'00FF', '2024-02-29', '2024-02-29 12:00:00.123456', '2024-02-29 12:00:00.123', '12:00:00', 2024, 'a', 'a,b'),
    (2, 127, 0, 0, b'0', b'0', -1.5, -1e300, 1e30, '', '', '[]', '', '0001-01-01', '9999-12-31 23:59:59.999999',
     '2038-01-19 03:14:07', '00:00:00', 1901, 'b', ''),
    (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)$$,
    'CREATE TABLE regress_verify.pairs (a INT, b INT)',
    'INSERT INTO regress_verify.pairs VALUES (1, 10), (2, 20), (3, 30), (3, 30), (NULL, NULL)',
    'CREATE TABLE regress_verify.words (id INT PRIMARY KEY, a VARCHAR(20), b VARCHAR(20))',
    'INSERT INTO regress_verify.words VALUES (1, ''ab'', ''c''), (2, ''x'', NULL), (3, '''', ''y''), (4, ''same'', ''same'')',
    'CREATE TABLE regress_verify.nothing (a INT)',
    'CREATE TABLE regress_verify.`Two Words` (`a b` INT, `select` VARCHAR(10))',
    'INSERT INTO regress_verify.`Two Words` VALUES (1, ''é'')',
    'CREATE VIEW regress_verify.a_view AS SELECT 1 AS one',
    'CREATE SEQUENCE regress_verify.a_sequence',
    'CREATE TABLE regress_verify.many (id INT PRIMARY KEY, x VARCHAR(20))',
    'INSERT INTO regress_verify.many SELECT seq, CONCAT(''row '', seq) FROM regress_verify.seq_1_to_10000');
CREATE SCHEMA there;
CREATE SCHEMA here;
SET client_min_messages = warning;
IMPORT FOREIGN SCHEMA regress_verify FROM SERVER maria INTO there;
RESET client_min_messages;
SELECT format('CREATE TABLE here.%1$I AS SELECT * FROM there.%1$I', relname)
FROM pg_class WHERE relnamespace = 'there'::regnamespace AND relkind = 'f' AND relname <> 'a_view' ORDER BY 1 \gexec
CREATE VIEW found AS
SELECT table_name, remote_rows, local_rows, remote_digest = local_digest AS same_digest, method, status
FROM mariadb.verify('maria', 'regress_verify', 'here') ORDER BY table_name COLLATE "C";

-- All is equal, whatever the order of rows and columns.
SELECT * FROM found;
SELECT bool_and(remote_digest ~ '^[0-9a-f]{32}$'), count(DISTINCT remote_digest) AS digests
FROM mariadb.verify('maria', 'regress_verify', 'here');
BEGIN;
CREATE TABLE here.turned AS SELECT b, a FROM here.pairs ORDER BY a DESC NULLS FIRST;
DROP TABLE here.pairs;
ALTER TABLE here.turned RENAME TO pairs;
ALTER TABLE here.words DROP COLUMN a, ADD COLUMN a varchar(20);
UPDATE here.words w SET a = t.a FROM there.words t WHERE t.id = w.id;
SELECT * FROM found WHERE table_name IN ('pairs', 'words');
ROLLBACK;

-- What verify finds after a statement, which is then undone.
CREATE FUNCTION pg_temp.after(VARIADIC statements text[]) RETURNS SETOF found LANGUAGE plpgsql AS $$
DECLARE
    statement text;
    r found;
BEGIN
    FOREACH statement IN ARRAY statements LOOP
        BEGIN
            EXECUTE statement;
            r := NULL;
            FOR r IN SELECT * FROM found WHERE status <> 'equal' LOOP
                RETURN NEXT r;
            END LOOP;
            IF NOT FOUND THEN
                r.status := 'NOT SEEN: ' || statement;
                RETURN NEXT r;
            END IF;
            RAISE division_by_zero;
        EXCEPTION WHEN division_by_zero THEN
        END;
    END LOOP;
END $$;
-- A changed value, in each column.
SELECT table_name, status, count(*) FROM pg_temp.after(
    'UPDATE here.everything SET t = 1 WHERE id = 1', 'UPDATE here.everything SET bu = bu - 1 WHERE id = 1',
    'UPDATE here.everything SET f = NOT f WHERE id = 1', 'UPDATE here.everything SET b1 = NOT b1 WHERE id = 1',
    'UPDATE here.everything SET b8 = ~ b8 WHERE id = 1', 'UPDATE here.everything SET d = d + 1e-30 WHERE id = 1',
    'UPDATE here.everything SET g = 0.10000000000000002 WHERE id = 1', 'UPDATE here.everything SET r = 0.10000001 WHERE id = 1',
    'UPDATE here.everything SET v = ''e😀'' WHERE id = 1', 'UPDATE here.everything SET x = x || '' '' WHERE id = 1',
    'UPDATE here.everything SET j = ''{"a": 1, "b": 2}'' WHERE id = 1', 'UPDATE here.everything SET bl = ''\x00'' WHERE id = 1',
    'UPDATE here.everything SET da = da + 1 WHERE id = 1', 'UPDATE here.everything SET dt = dt + ''1 us'' WHERE id = 1',
    'UPDATE here.everything SET ts = ts + ''1 ms'' WHERE id = 1', 'UPDATE here.everything SET ti = ''12:00:00.001'' WHERE id = 1',
    'UPDATE here.everything SET y = y + 1 WHERE id = 1', 'UPDATE here.everything SET e = ''b'' WHERE id = 1',
    'UPDATE here.everything SET s = ''{b,a}'' WHERE id = 1')
GROUP BY 1, 2;
-- NULL is not '', nor 0, nor false.
SELECT table_name, status, count(*) FROM pg_temp.after(
    'UPDATE here.everything SET v = NULL WHERE id = 2', 'UPDATE here.everything SET v = '''' WHERE id = 3',
    'UPDATE here.everything SET bl = NULL WHERE id = 2', 'UPDATE here.everything SET t = 0 WHERE id = 3',
    'UPDATE here.everything SET f = false WHERE id = 3', 'UPDATE here.everything SET f = NULL WHERE id = 2',
    'UPDATE here.everything SET s = NULL WHERE id = 2', 'UPDATE here.everything SET j = ''null'' WHERE id = 3')
GROUP BY 1, 2;
-- Rows.
SELECT * FROM pg_temp.after(
    'DELETE FROM here.many WHERE id = 5000', 'INSERT INTO here.many VALUES (10001, ''row 10001'')',
    'INSERT INTO here.many VALUES (1, ''row 1'')', 'UPDATE here.many SET x = ''row 1'' WHERE id = 2',
    'UPDATE here.many SET id = -id WHERE id = 7', 'DELETE FROM here.many', 'INSERT INTO here.nothing VALUES (NULL)',
    'DELETE FROM here.pairs WHERE a = 3', 'DELETE FROM here.pairs WHERE ctid = (SELECT max(ctid) FROM here.pairs)',
    'INSERT INTO here.pairs VALUES (NULL, NULL)', 'UPDATE here.pairs SET a = 2, b = 20 WHERE a = 3');
-- Values that change places: between rows, between columns, between a value and its neighbour.
SELECT * FROM pg_temp.after(
    'UPDATE here.pairs SET b = CASE a WHEN 1 THEN 20 ELSE 10 END WHERE a IN (1, 2)',
    'UPDATE here.pairs SET a = b, b = a WHERE a = 1',
    'UPDATE here.words SET a = ''a'', b = ''bc'' WHERE id = 1',
    'UPDATE here.words SET a = NULL, b = ''x'' WHERE id = 2',
    'UPDATE here.words SET a = ''y'', b = '''' WHERE id = 3',
    'UPDATE here.words SET a = CASE id WHEN 1 THEN ''x'' ELSE ''ab'' END WHERE id IN (1, 2)',
    'UPDATE here.words SET b = CASE id WHEN 2 THEN ''y'' END WHERE id IN (2, 3)',
    'UPDATE here.many SET x = ''row '' || CASE id WHEN 1 THEN 2 ELSE 1 END WHERE id IN (1, 2)');
-- No two of all such swaps are taken for equal.
CREATE TABLE here.digests (n int, digest text);
DO $$
BEGIN
    FOR i IN 1 .. 50 LOOP
        BEGIN
            UPDATE here.pairs SET b = b + i, a = a - i;
            INSERT INTO here.digests SELECT i, local_digest FROM mariadb.verify('maria', 'regress_verify', 'here') WHERE table_name = 'pairs';
        END;
    END LOOP;
END $$;
SELECT count(DISTINCT digest) FROM here.digests;
DROP TABLE here.digests;
DROP TABLE here.pairs;
CREATE TABLE here.pairs AS SELECT * FROM there.pairs;
-- Tables and columns.
SELECT * FROM pg_temp.after(
    'DROP TABLE here.words', 'ALTER TABLE here.words DROP COLUMN b', 'ALTER TABLE here.words ADD COLUMN c int',
    'ALTER TABLE here.words RENAME b TO bb', 'DROP TABLE here.pairs; CREATE VIEW here.pairs AS SELECT * FROM there.pairs',
    'ALTER TABLE here."Two Words" RENAME TO two_words', 'ALTER TABLE here.many RENAME id TO "ID"');
-- The other side.
SELECT pg_temp.remote('UPDATE regress_verify.words SET a = ''changed'' WHERE id = 4');
SELECT * FROM found WHERE status <> 'equal';
SELECT pg_temp.remote('UPDATE regress_verify.words SET a = ''same'' WHERE id = 4',
    'INSERT INTO regress_verify.nothing VALUES (1)', 'CREATE TABLE regress_verify.added (a INT)');
SELECT * FROM found WHERE status <> 'equal';
SELECT pg_temp.remote('DELETE FROM regress_verify.nothing', 'DROP TABLE regress_verify.added');
-- A table that is here only is none of MariaDB's; partitions count as one table.
CREATE TABLE here.extra (a int);
DROP TABLE here.many;
CREATE TABLE here.many (id int, x varchar(20)) PARTITION BY RANGE (id);
CREATE TABLE here.many_1 PARTITION OF here.many FOR VALUES FROM (MINVALUE) TO (1000);
CREATE TABLE here.many_2 PARTITION OF here.many DEFAULT;
INSERT INTO here.many SELECT * FROM there.many ORDER BY x;
SELECT * FROM found;
-- Wider types hold the same values.
ALTER TABLE here.pairs ALTER a TYPE bigint, ALTER b TYPE numeric;
ALTER TABLE here.words ALTER a TYPE text, ALTER b TYPE varchar(500);
ALTER TABLE here.everything ALTER bu TYPE numeric, ALTER d TYPE numeric, ALTER e TYPE text;
SELECT * FROM found WHERE status <> 'equal';
-- A value that the local type cannot hold.
SELECT pg_temp.remote('UPDATE regress_verify.everything SET f = 2 WHERE id = 1');
SELECT table_name, remote_rows, local_rows, remote_digest, local_digest, method, status
FROM mariadb.verify('maria', 'regress_verify', 'here', 'stream');
SELECT table_name, method, status FROM mariadb.verify('maria', 'regress_verify', 'here') WHERE status <> 'equal';
SELECT pg_temp.remote('UPDATE regress_verify.everything SET f = 1 WHERE id = 1');
-- The settings of the session change nothing.
ALTER TABLE here.everything ALTER e TYPE there.everything_e USING e::there.everything_e;
SET timezone = 'America/New_York';
SET extra_float_digits = -10;
SET bytea_output = escape;
SELECT count(*) FROM found WHERE status = 'equal';
RESET timezone;
RESET extra_float_digits;
RESET bytea_output;

-- Levels.
SELECT table_name, remote_rows, local_rows, remote_digest, method, seconds >= 0 AS timed, status
FROM mariadb.verify('maria', 'regress_verify', 'here', 'count') ORDER BY table_name COLLATE "C";
SELECT DISTINCT method, status FROM mariadb.verify('maria', 'regress_verify', 'here', 'stream', workers => 0);
SELECT * FROM mariadb.verify('maria', 'regress_verify', 'here', 'quick');
SELECT * FROM mariadb.verify('maria', 'regress_verify', 'here', NULL);
SELECT * FROM mariadb.verify('maria', 'regress_verify', NULL);
SELECT * FROM mariadb.verify('maria', 'regress_verify', 'here', workers => -1);
SELECT * FROM mariadb.verify('maria', 'regress_verify', 'here', workers => 1025);
SELECT table_name, status FROM mariadb.verify('maria', 'regress_verify', 'here', tables => '{words,pairs}') ORDER BY 1;
SELECT table_name, status FROM mariadb.verify('maria', 'regress_verify', 'here', tables => '{}');
SELECT * FROM mariadb.verify('maria', 'regress_verify', 'here', tables => '{words,nope}');
-- For scripts: an error where there is a difference.
SELECT count(*) FROM mariadb.verify('maria', 'regress_verify', 'here', fail => true);
BEGIN;
UPDATE here.words SET a = 'damaged' WHERE id = 1;
DROP TABLE here.nothing;
SELECT count(*) FROM mariadb.verify('maria', 'regress_verify', 'here', fail => true);
\echo :LAST_ERROR_SQLSTATE
ROLLBACK;
-- Structure.
SELECT table_name, remote_rows, method, status
FROM mariadb.verify('maria', 'regress_verify', 'here', 'count', '{words}', structure => true) WHERE table_name ~ 'words' ORDER BY 1, 4;
-- The policies decide what MariaDB can say.
ALTER SERVER maria OPTIONS (zero_dates 'null', nul_bytes 'strip', invalid_enum 'null');
SELECT table_name, method, status FROM mariadb.verify('maria', 'regress_verify', 'here', tables => '{words,pairs,everything}') ORDER BY 1;
ALTER SERVER maria OPTIONS (DROP zero_dates, DROP nul_bytes, DROP invalid_enum);

-- The aggregates by themselves; the columns' names count, their order does not.
SELECT mariadb.digest(t.*) = (SELECT mariadb.digest(u.*) FROM (SELECT b, a FROM here.pairs ORDER BY a DESC) u) AS same,
    mariadb.digest(t.*) = (SELECT mariadb.digest(u.*) FROM (SELECT a AS b, b AS a FROM here.pairs) u) AS other_names,
    mariadb.digest(t.*) FILTER (WHERE false) AS nothing
FROM here.pairs t;
SELECT mariadb.digest(t) FROM (SELECT NULL::here.pairs AS t) u;
SELECT mariadb_internal.row_hash('{0,-1,-2,3}', ROW(1, 'é'::text, '\x00'::bytea, time '12:00:00.5')),
    (SELECT h::uuid FROM mariadb.query('maria', $$SELECT LEFT(SHA1(CONCAT('1,', '2:é', SHA1(x'00'), ',', '12:00:00.500,')), 32)$$) AS q(h text)) AS there;
SELECT count(*), count(*) FILTER (WHERE mariadb_internal.row_hash('{-1,-2}', ROW(repeat('x', n), repeat('é', n))) = h::uuid) AS same
FROM mariadb.query('maria', $$SELECT seq, LEFT(SHA1(CONCAT(seq, ':', REPEAT('x', seq), SHA1(REPEAT('é', seq)), ',')), 32)
    FROM regress_verify.seq_0_to_300$$) AS q(n int, h text);
SELECT mariadb_internal.row_hash('{0}', ROW(1.5::float8));
SELECT mariadb_internal.row_hash('{0}', ROW(1, 2));
SELECT mariadb_internal.row_hash('{0,NULL}', ROW(1, 2));
-- As many workers as asked for read the same.
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET min_parallel_table_scan_size = 0;
CREATE TABLE here.wide AS SELECT i, i::text AS t, CASE i % 3 WHEN 0 THEN i END AS n FROM generate_series(1, 20000) i;
SET max_parallel_workers_per_gather = 0;
CREATE TABLE here.digests AS SELECT mariadb.digest(w.*), mariadb_internal.hash_sum(mariadb_internal.row_hash('{0,-1,0}', ROW(i, t, n))) FROM here.wide w;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT mariadb.digest(w.*), mariadb_internal.hash_sum(mariadb_internal.row_hash('{0,-1,0}', ROW(i, t, n))) FROM here.wide w;
CREATE TABLE here.parallel AS SELECT mariadb.digest(w.*), mariadb_internal.hash_sum(mariadb_internal.row_hash('{0,-1,0}', ROW(i, t, n))) FROM here.wide w;
SELECT count(*) FROM (TABLE here.digests INTERSECT TABLE here.parallel) same;
RESET parallel_setup_cost;
RESET parallel_tuple_cost;
RESET min_parallel_table_scan_size;
RESET max_parallel_workers_per_gather;
DROP TABLE here.wide, here.digests, here.parallel;

-- What does not exist.
SELECT * FROM mariadb.verify('maria', 'regress_nowhere', 'here');
SELECT * FROM mariadb.verify('maria', 'regress_verify', 'no_such_schema');
SELECT * FROM mariadb.verify('no_such_server', 'regress_verify', 'here');
CREATE SCHEMA empty;
SELECT table_name, status FROM mariadb.verify('maria', 'regress_verify', 'empty') ORDER BY 1;
-- Prisma's own table is compared only if it is listed.
\! mariadb $MARIADB_ARGS -e "CREATE TABLE regress_verify._prisma_migrations (id INT)"
SELECT count(*) FROM mariadb.verify('maria', 'regress_verify', 'empty') WHERE table_name = '_prisma_migrations';
SELECT table_name, status FROM mariadb.verify('maria', 'regress_verify', 'empty', tables => '{_prisma_migrations}');
-- With the rights of the caller: the local tables are read with his.
CREATE ROLE regress_maria_user;
GRANT USAGE ON SCHEMA mariadb, here TO regress_maria_user;
GRANT EXECUTE ON FUNCTION mariadb.verify TO regress_maria_user;
GRANT USAGE ON FOREIGN SERVER maria TO regress_maria_user;
CREATE USER MAPPING FOR regress_maria_user SERVER maria OPTIONS (username :'user', password :'password');
SET ROLE regress_maria_user;
\set VERBOSITY sqlstate
SELECT * FROM mariadb.verify('maria', 'regress_verify', 'here');
\set VERBOSITY default
RESET ROLE;
DROP OWNED BY regress_maria_user;
DROP ROLE regress_maria_user;

SET client_min_messages = warning;
DROP VIEW found CASCADE;
DROP SCHEMA here, there, empty CASCADE;
DROP SERVER maria CASCADE;
\! mariadb $MARIADB_ARGS -e "DROP DATABASE regress_verify"
