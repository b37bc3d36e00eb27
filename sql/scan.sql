-- Scans: what is fetched, what is shipped, and one snapshot for all of it.
\i sql/server.psql
ALTER SERVER maria OPTIONS (ADD dbname 'regress_scan');
\! mariadb $MARIADB_ARGS -e "CREATE OR REPLACE DATABASE regress_scan CHARACTER SET utf8mb4"
SET datestyle = 'ISO, YMD';
SET timezone = 'UTC';
SELECT mariadb.exec('maria', $$
CREATE TABLE regress_scan.items (
    id INT PRIMARY KEY, t TINYINT, s SMALLINT UNSIGNED, i INT, b BIGINT,
    bu BIGINT UNSIGNED, f BOOLEAN, f1 BIT(1), d DATE, dt DATETIME(6),
    dt0 DATETIME, ts TIMESTAMP(3) NULL, y YEAR, n DECIMAL(10,2), g DOUBLE,
    x VARCHAR(20), e ENUM('a', 'b'))$$);
SELECT mariadb.exec('maria', $$
INSERT INTO regress_scan.items VALUES
    (1, -128, 0, -2147483648, -9223372036854775808, 0, 0, b'0', '0001-01-01',
     '0001-01-01', '0001-01-01', '1970-01-01 00:00:01', 1901, -99999999.99, -1e300, '', 'a'),
    (2, 127, 65535, 2147483647, 9223372036854775807, 18446744073709551615, 1,
     b'1', '9999-12-31', '9999-12-31 23:59:59.999999', '9999-12-31 23:59:59',
     '2038-01-19 03:14:07.999', 2155, 99999999.99, 1e300, 'A', 'b'),
    (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
     NULL, NULL, NULL, NULL),
    (4, 0, 1, 0, 0, 1, 1, b'0', '2024-02-29', '2024-02-29 12:00:00.000001',
     '2024-02-29 12:00:00', '2024-02-29 12:00:00.001', 0, 0, 0, 'a', 'a'),
    (5, 1, 2, 1, 1, 9223372036854775808, 0, b'1', '2024-03-01',
     '2024-02-29 12:00:00.5', '2024-02-29 12:00:01', '2024-02-29 12:00:00', 2000, 0.01, 0.1, 'a ',
     NULL),
    (6, -1, 3, -1, -1, 2, NULL, b'1', '1582-10-10', '2024-02-29', '2024-02-29',
     '2000-01-01', 1999, -0.01, -0.1, 'á', 'b'),
    (7, 5, 10, NULL, 5, 5, 1, NULL, NULL, '1970-01-01', '1970-01-01', NULL, 2024, 5, 5, '5', 'a')$$);
IMPORT FOREIGN SCHEMA regress_scan LIMIT TO (items) FROM SERVER maria INTO public;
CREATE TABLE local_items AS SELECT * FROM items;
SELECT count(*) FROM local_items;

--
-- Only what is needed is fetched.
--
EXPLAIN (VERBOSE, COSTS OFF) SELECT count(*) FROM items;
EXPLAIN (VERBOSE, COSTS OFF) SELECT x FROM items;
EXPLAIN (VERBOSE, COSTS OFF) SELECT e, id + 1 FROM items ORDER BY dt;
EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM items WHERE x = 'a' AND i > 0;
EXPLAIN (VERBOSE, COSTS OFF) SELECT 1 FROM items WHERE i > 0;
EXPLAIN (VERBOSE, COSTS OFF) SELECT tableoid, ctid FROM items;
EXPLAIN (VERBOSE, COSTS OFF) SELECT items FROM items;
EXPLAIN (COSTS OFF) SELECT x FROM items WHERE i > 0;
SELECT count(*) FROM items;
SELECT count(*) FROM items WHERE i > 0;
SELECT count(x), max(i) FROM items;
SELECT i, id FROM items ORDER BY id LIMIT 3;

--
-- A condition is shipped, or not, and gives the rows that it gives on a
-- local copy.
--
CREATE FUNCTION pg_temp.plan(query text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN (VERBOSE, COSTS OFF) ' || query LOOP
        RETURN NEXT line;
    END LOOP;
END $$;
CREATE FUNCTION pg_temp.try(VARIADIC conditions text[])
RETURNS TABLE (condition text, shipped text, here boolean, is_same boolean, ids int[])
LANGUAGE plpgsql AS $$
DECLARE
    expected int[];
BEGIN
    FOREACH condition IN ARRAY conditions LOOP
        SELECT substring(line FROM '`items` WHERE (.*)') INTO shipped
        FROM pg_temp.plan('SELECT id FROM items WHERE ' || condition) AS line
        WHERE line LIKE '%Remote SQL%';
        SELECT count(*) > 0 INTO here
        FROM pg_temp.plan('SELECT id FROM items WHERE ' || condition) AS line
        WHERE line ~ '^ *(One-Time )?Filter';
        EXECUTE 'SELECT array_agg(id ORDER BY id) FROM items WHERE ' || condition INTO ids;
        EXECUTE 'SELECT array_agg(id ORDER BY id) FROM local_items WHERE ' || condition INTO expected;
        is_same := ids IS NOT DISTINCT FROM expected;
        RETURN NEXT;
    END LOOP;
END $$;
-- Integers.
SELECT * FROM pg_temp.try(
    'i = 0', 'i <> 0', 'i < 0', 'i <= 0', 'i > 0', 'i >= 0', '0 < i', '1 = i',
    'i = b', 't < i', 'i = -2147483648', 'i >= 2147483647', 'i < 3000000000',
    'i = 3000000000', 't = 1000', 't > -129', 's < 65536', 's = -1', 's > -1',
    'b = 9223372036854775807', 'b > -9223372036854775808', 'b <> s',
    'i = 1::smallint', 'i = 1::bigint', 't <> 1::bigint');
SELECT * FROM pg_temp.try(
    'bu = 0', 'bu > 9223372036854775807', 'bu = 18446744073709551615',
    'bu < 18446744073709551616', 'bu > -1', 'bu >= 1.5', 'bu = 5.0', 'bu <> 5.5',
    'bu >= 0.00000000000000000000000000000000000000000000000001',
    'bu < 1e70', 'bu > -1e70', 'bu = 1e-70', $$bu < 'NaN'$$, 'bu < b', 'bu = t');
SELECT * FROM pg_temp.try(
    'i IN (0, 1)', 'i NOT IN (0, 1)', 'i IN (0, NULL)', 'i NOT IN (0, NULL)',
    'i = ANY (ARRAY[-1, 2147483647])', 'i <> ALL (ARRAY[-1])', 'i < ANY (ARRAY[0, 1])',
    'i > ALL (ARRAY[0, -1])', $$i = ANY ('{}')$$, $$i <> ALL ('{}')$$, 'i = ANY (NULL)',
    'b IN (5, 9223372036854775807)', 'bu IN (5, 18446744073709551615)', 't IN (300, 1)',
    'i IN (b, 1)');
SELECT * FROM pg_temp.try(
    'i IS NULL', 'i IS NOT NULL', 'bu IS NULL', 'f IS NULL', 'f1 IS NOT NULL',
    'NOT (i > 0)', 'NOT (i IS NULL)', 'i > 0 OR b < 0', 'i > 0 OR x = ''a''',
    'NOT (i > 0 OR b < 0)', 'NOT (i > 0 AND f)', '(i > 0) IS TRUE',
    '(i > 0) IS NOT TRUE', '(i > 0) IS FALSE', '(i > 0) IS NOT FALSE',
    '(i > 0) IS UNKNOWN', '(i > 0) IS NOT UNKNOWN', 'i > 0 AND x = ''A''',
    'i = 0 AND b = 1', 'i = NULL', 'NULL', 'true', 'false', 'i IS DISTINCT FROM 0',
    'i BETWEEN -1 AND 1', 'i NOT BETWEEN -1 AND 1', 'i IN (0) IS NOT TRUE');
-- From 17 on, PostgreSQL knows this to be false.
SELECT id FROM items WHERE i = 0 AND i = 1;
\set SHOW_CONTEXT never
SELECT * FROM pg_temp.try(
    'i + 1 = 1', 'abs(i) = 1', '-i = 1', 'i = 0.0', 'i = 0::float8', 'i::text = ''0''',
    'i = (SELECT 0)', 'i % 2 = 0', 'i = id', 'i = i', 'i::bigint = 1', 'id = random()::int - 5',
    'i = 1 + 0', 'CASE WHEN i > 0 THEN f END', 'coalesce(i, 0) = 0', 'i = coalesce(NULL, 1)');
\set SHOW_CONTEXT errors
-- Booleans.
SELECT * FROM pg_temp.try(
    'f', 'NOT f', 'f IS TRUE', 'f IS NOT TRUE', 'f IS FALSE', 'f IS NOT FALSE',
    'f IS UNKNOWN', 'f IS NOT UNKNOWN', 'f = true', 'f = false', 'f <> true', 'f = f1',
    'f <> f1', 'f < f1', 'f >= f1', 'f > false', 'f1', 'NOT f1', 'f1 IS NOT TRUE',
    'f OR f1', 'f AND NOT f1', 'NOT (f AND f1)', 'f IN (true, NULL)', 'f NOT IN (true)',
    'f = (i > 0)', 'f IS DISTINCT FROM f1', '(f OR f1) IS UNKNOWN');
-- Dates and timestamps.
SELECT * FROM pg_temp.try(
    $$d = '2024-02-29'$$, $$d <> '2024-02-29'$$, $$d < '2024-02-29'$$, $$d <= '0001-01-01'$$,
    $$d > '0001-01-01'$$, $$d >= '9999-12-31'$$, $$d < '10000-01-01'$$, $$d > '0001-01-01 BC'$$,
    $$d < 'infinity'$$, $$d > '-infinity'$$, $$d IN ('2024-02-29', '1582-10-10')$$,
    $$d NOT IN ('2024-02-29', NULL)$$, $$d IN ('2024-02-29', 'infinity')$$,
    $$d BETWEEN '1582-10-10' AND '2024-02-29'$$, $$NOT (d = '2024-02-29')$$, 'd IS NULL',
    'd IS NOT NULL', 'd = dt', 'd = d', $$d > '2024-01-01'::timestamp$$, $$d = date '2024-02-28' + 1$$,
    $$d > current_date - 100000$$, $$d = '2024-02-29' OR i = 1$$);
SELECT * FROM pg_temp.try(
    $$dt = '2024-02-29 12:00:00.000001'$$, $$dt <> '2024-02-29'$$,
    $$dt > '2024-02-29 12:00:00'$$, $$dt <= '2024-02-29 12:00:00.000001'$$,
    $$dt < '2024-02-29 12:00:00.499999'$$, $$dt > '9999-12-31 23:59:59.999998'$$,
    $$dt < '10000-01-01'$$, $$dt > '0001-12-31 23:59:59 BC'$$, $$dt < 'infinity'$$,
    $$dt IN ('2024-02-29', '0001-01-01')$$, 'dt > dt0', 'dt = ts', 'dt IS NULL',
    $$dt > '2024-02-29'::date$$, $$dt > '2024-02-29'::timestamptz$$,
    $$dt0 < '2024-02-29 12:00:00.5'$$, $$dt0 = '2024-02-29 12:00:00.000001'$$,
    $$dt0 >= '2024-02-29 12:00:00.000001'$$, $$dt0 = '2024-02-29 12:00:00'$$, 'dt0 <> ts',
    $$ts = '2024-02-29 12:00:00.001'$$, $$ts > '2024-02-29 12:00:00.0005'$$,
    $$ts = '2024-02-29 12:00:00.001001'$$, $$ts <> '2024-02-29 12:00:00.001001'$$,
    $$ts > '1960-01-01'$$, $$ts < '2100-01-01'$$, $$ts <> '2100-01-01'$$, $$ts < '9999-12-31'$$,
    $$ts >= '0001-01-01'$$, $$ts IN ('1960-01-01', '2000-01-01')$$,
    $$ts NOT IN ('2100-01-01', '2000-01-01')$$, $$ts <= '2038-01-19 03:14:07.999'$$);
-- What differs between the two sides is compared here.
SELECT * FROM pg_temp.try(
    $$x = 'a'$$, $$x <> 'a'$$, $$x LIKE 'a%'$$, $$x IN ('a', 'A')$$, $$x > 'a'$$, 'x IS NULL',
    'y = 0', 'y > 1999', 'y IS NULL', 'n = 0.01', 'n > 0', 'g = 0.1', 'g < 0', $$e = 'a'$$,
    $$e < 'b'$$, 'e IS NULL', 'x = e::text');

-- A zero date that a policy turns into something is that here only.
ALTER FOREIGN TABLE items OPTIONS (ADD zero_dates 'null');
SELECT * FROM pg_temp.try($$d = '2024-02-29'$$, $$dt > '2024-02-29'$$, 'i = 0', 'd IS NULL');
ALTER FOREIGN TABLE items OPTIONS (DROP zero_dates);
-- In a zone with summer time, two instants have one name.
ALTER SERVER maria OPTIONS (ADD time_zone '+02:00');
SELECT condition, shipped FROM pg_temp.try($$ts = '2024-02-29 12:00:00'$$, $$dt = '2024-02-29'$$);
ALTER SERVER maria OPTIONS (DROP time_zone);
-- Nothing is known of a column that the import has not described.
CREATE FOREIGN TABLE plain (id int, i int) SERVER maria OPTIONS (table_name 'items');
EXPLAIN (VERBOSE, COSTS OFF) SELECT id FROM plain WHERE i = 0;
SELECT id FROM plain WHERE i = 0;
DROP FOREIGN TABLE plain;
-- A boolean that is neither is an error, also for a condition.
SELECT mariadb.exec('maria', 'CREATE TABLE regress_scan.half (id INT PRIMARY KEY, f BOOLEAN)');
SELECT mariadb.exec('maria', 'INSERT INTO regress_scan.half VALUES (1, 0), (2, 1), (3, 2)');
IMPORT FOREIGN SCHEMA regress_scan LIMIT TO (half) FROM SERVER maria INTO public;
SELECT id, f FROM half WHERE f;
SELECT id FROM half WHERE f;
SELECT count(*) FROM half WHERE f = true;

--
-- Parameters.
--
PREPARE by_int (int) AS SELECT id FROM items WHERE i >= $1 ORDER BY id;
PREPARE by_more (bigint, boolean, smallint) AS
    SELECT id FROM items WHERE b > $1 AND (f = $2 OR t < $3) ORDER BY id;
PREPARE by_date (date, numeric, text) AS
    SELECT id FROM items WHERE d = $1 OR bu = $2 OR x = $3 ORDER BY id;
PREPARE by_array (int[]) AS SELECT id FROM items WHERE i = ANY ($1) ORDER BY id;
SET plan_cache_mode = force_generic_plan;
EXPLAIN (VERBOSE, COSTS OFF) EXECUTE by_int (0);
EXPLAIN (VERBOSE, COSTS OFF) EXECUTE by_more (0, true, 0::smallint);
EXECUTE by_int (0);
EXECUTE by_int (-2147483648);
EXECUTE by_int (NULL);
EXECUTE by_more (-9223372036854775808, true, (-1)::smallint);
EXECUTE by_more (0, NULL, 2::smallint);
EXECUTE by_date ('2024-02-29', 18446744073709551615, 'á');
EXECUTE by_array ('{0,NULL,1}');
SET plan_cache_mode = force_custom_plan;
EXPLAIN (VERBOSE, COSTS OFF) EXECUTE by_int (0);
EXECUTE by_int (0);
EXECUTE by_int (NULL);
EXECUTE by_more (-9223372036854775808, true, (-1)::smallint);
EXECUTE by_more (0, NULL, 2::smallint);
EXECUTE by_date ('2024-02-29', 18446744073709551615, 'á');
EXECUTE by_array ('{0,NULL,1}');
RESET plan_cache_mode;
DO $$
DECLARE
    wanted int;
    found int;
BEGIN
    FOR wanted IN -1 .. 6 LOOP
        SELECT count(*) INTO found FROM items WHERE i = wanted;
        RAISE NOTICE '% %', wanted, found;
    END LOOP;
END $$;
-- A question mark in a name is not a parameter.
SELECT mariadb.exec('maria', 'CREATE TABLE regress_scan.`a?b` (`i?` INT PRIMARY KEY, `?` INT)');
SELECT mariadb.exec('maria', 'INSERT INTO regress_scan.`a?b` VALUES (1, 10), (2, 20)');
IMPORT FOREIGN SCHEMA regress_scan LIMIT TO ("a?b") FROM SERVER maria INTO public;
PREPARE marks (int, int) AS SELECT "?" FROM "a?b" WHERE "i?" > $1 AND "?" < $2;
SET plan_cache_mode = force_generic_plan;
EXPLAIN (VERBOSE, COSTS OFF) EXECUTE marks (1, 100);
EXECUTE marks (1, 100);
RESET plan_cache_mode;
DEALLOCATE ALL;
-- Parameters of the executor: subqueries and laterals.
SELECT l.id, (SELECT r.id FROM items r WHERE r.i = l.i) AS same_i FROM local_items l ORDER BY id;
SELECT id FROM items WHERE i = (SELECT max(i) FROM items);
SELECT l.id, r.ids FROM local_items l, LATERAL (
    SELECT array_agg(id ORDER BY id) AS ids FROM items r WHERE r.b > l.b OFFSET 0) r ORDER BY 1;
EXPLAIN (VERBOSE, COSTS OFF)
SELECT l.id, (SELECT r.id FROM items r WHERE r.i = l.i) FROM local_items l;
SELECT count(*) FROM local_items l WHERE EXISTS (SELECT FROM items r WHERE r.i = l.i AND r.x = l.x);
SELECT count(*) FROM local_items l WHERE l.id NOT IN (SELECT id FROM items WHERE i > 0);

--
-- Joins of two foreign tables, on one connection.
--
SELECT mariadb.exec('maria', 'CREATE TABLE regress_scan.pairs (item INT, other INT, PRIMARY KEY (item, other))');
SELECT mariadb.exec('maria', 'INSERT INTO regress_scan.pairs SELECT a.seq, b.seq FROM regress_scan.seq_1_to_7 a, regress_scan.seq_1_to_7 b WHERE a.seq <= b.seq');
IMPORT FOREIGN SCHEMA regress_scan LIMIT TO (pairs) FROM SERVER maria INTO public;
CREATE TABLE local_pairs AS SELECT * FROM pairs;
CREATE FUNCTION pg_temp.join(tables text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text;
BEGIN
    EXECUTE format('SELECT md5(string_agg(r::text, '','' ORDER BY r)) || '' '' || count(*)
        FROM (SELECT i.id, i.x, p.other, j.i FROM %I i JOIN %I p ON p.item = i.id
            LEFT JOIN %I j ON j.id = p.other AND j.i > 0) r', tables[1], tables[2], tables[1])
    INTO result;
    RETURN result;
END $$;
SELECT pg_temp.join('{local_items,local_pairs}') AS expected \gset
SELECT pg_temp.join('{items,pairs}') = :'expected' AS by_default;
SET enable_hashjoin = off;
SELECT pg_temp.join('{items,pairs}') = :'expected' AS without_hash;
SET enable_mergejoin = off;
SELECT pg_temp.join('{items,pairs}') = :'expected' AS by_nested_loop;
SET enable_material = off;
SELECT pg_temp.join('{items,pairs}') = :'expected' AS by_rescans;
SET enable_mergejoin = on;
SET enable_nestloop = off;
SELECT pg_temp.join('{items,pairs}') = :'expected' AS by_merge;
RESET enable_hashjoin;
RESET enable_mergejoin;
RESET enable_material;
RESET enable_nestloop;
SELECT count(*) FROM items a FULL JOIN items b ON a.id = b.i;
SELECT count(*) FROM items a, items b, items c WHERE a.i < b.i AND b.i < c.i;
SELECT id FROM items WHERE i > 0 UNION ALL SELECT item FROM pairs WHERE other = 2 ORDER BY 1;
WITH a AS (SELECT id FROM items LIMIT 2), b AS (SELECT id FROM items ORDER BY id DESC)
SELECT a.id, b.id FROM a JOIN b USING (id) ORDER BY 1;
WITH RECURSIVE r (n) AS (SELECT 1 UNION ALL SELECT other FROM r JOIN pairs ON item = n AND other = n + 1)
SELECT max(n) FROM r;

--
-- Many rows, read in part.
--
SELECT mariadb.exec('maria', 'CREATE TABLE regress_scan.many (id INT PRIMARY KEY, x VARCHAR(60))');
SELECT mariadb.exec('maria', 'INSERT INTO regress_scan.many SELECT seq, RPAD(seq, 50, ''x'') FROM regress_scan.seq_1_to_200000');
IMPORT FOREIGN SCHEMA regress_scan LIMIT TO (many) FROM SERVER maria INTO public;
SELECT count(*), sum(id), count(DISTINCT x) FROM many;
BEGIN;
SELECT count(*) FROM pairs;
SELECT remote_thread AS thread FROM mariadb.connections() \gset
\! mariadb $MARIADB_ARGS regress_scan -e "INSERT INTO pairs VALUES (100, 100)"
SELECT id FROM many LIMIT 1;
SELECT left(x, 10) AS x FROM many LIMIT 2;
SELECT count(*) AS snapshot_is_kept FROM pairs;
SELECT remote_thread = :thread AS is_kept, state FROM mariadb.connections();
-- Two readers take turns.
SELECT count(*) FROM many a JOIN many b USING (id);
DECLARE one CURSOR FOR SELECT id FROM many;
DECLARE two SCROLL CURSOR FOR SELECT id FROM many WHERE id > 100000;
FETCH 2 FROM one;
FETCH 2 FROM two;
FETCH 2 FROM one;
MOVE 99990 IN one;
FETCH 2 FROM one;
FETCH LAST FROM two;
FETCH BACKWARD 2 FROM two;
FETCH FIRST FROM two;
CLOSE one;
FETCH ABSOLUTE 50000 FROM two;
SELECT count(*) FROM items;
CLOSE two;
DECLARE three CURSOR FOR SELECT id FROM many;
FETCH 1 FROM three;
CLOSE three;
DECLARE kept CURSOR WITH HOLD FOR SELECT id FROM many WHERE id > 199000 ORDER BY id;
DECLARE half_read CURSOR WITH HOLD FOR SELECT id FROM many WHERE id <= 1000;
FETCH 1 FROM half_read;
DECLARE left_open CURSOR FOR SELECT id FROM many;
FETCH 1 FROM left_open;
SELECT count(*) AS snapshot_is_kept FROM pairs;
COMMIT;
SELECT count(*) AS the_next_snapshot FROM pairs;
FETCH 2 FROM kept;
FETCH 1 FROM half_read;
MOVE 900 IN half_read;
FETCH 1 FROM half_read;
SELECT count(*) FROM items;
FETCH 1 FROM kept;
CLOSE ALL;
-- A cursor outlives a subtransaction that was rolled back, and does not see
-- beyond the one that it was made in.
BEGIN;
DECLARE outer_one CURSOR FOR SELECT id FROM many;
FETCH 1 FROM outer_one;
SAVEPOINT a;
FETCH 1 FROM outer_one;
DECLARE inner_one CURSOR FOR SELECT id FROM many;
FETCH 1 FROM inner_one;
ROLLBACK TO a;
FETCH 1 FROM inner_one;
ROLLBACK TO a;
FETCH 1 FROM outer_one;
SELECT count(*) FROM items;
FETCH 1 FROM outer_one;
COMMIT;
DO $$
DECLARE
    r record;
    n int := 0;
BEGIN
    FOR r IN SELECT id FROM many LOOP
        n := n + 1;
        IF n % 1000 = 0 THEN
            PERFORM 1 FROM items WHERE id = 1;
        END IF;
        EXIT WHEN n = 3000;
    END LOOP;
    RAISE NOTICE '% rows, the last is %', n, r.id;
END $$;

--
-- The snapshot is of the first use of the server, not of the first table.
\! mariadb $MARIADB_ARGS -e "CREATE TABLE regress_scan.late (id INT PRIMARY KEY)"
CREATE FOREIGN TABLE late (id int) SERVER maria OPTIONS (dbname 'regress_scan');
BEGIN;
SELECT * FROM mariadb.query('maria', 'SELECT 1') AS q (one int);
\! mariadb $MARIADB_ARGS -e "INSERT INTO regress_scan.late VALUES (1)"
SELECT count(*) AS not_seen FROM late;
COMMIT;
SELECT count(*) AS seen FROM late;
DROP FOREIGN TABLE late;

-- One snapshot for a transaction; a new one for the next.
--
BEGIN;
SELECT count(*) FROM pairs;
\! mariadb $MARIADB_ARGS regress_scan -e "DELETE FROM pairs WHERE item = 100; UPDATE items SET x = 'new' WHERE id = 1; INSERT INTO half VALUES (4, 1)"
SELECT count(*) FROM pairs;
SELECT x FROM items WHERE id = 1;
SELECT count(*) FROM half;
SELECT * FROM mariadb.query('maria', 'SELECT COUNT(*) FROM regress_scan.half') AS (n bigint);
COMMIT;
SELECT count(*) FROM pairs;
SELECT x FROM items WHERE id = 1;
SELECT count(*) FROM half;
BEGIN;
SELECT count(*) FROM pairs;
PREPARE TRANSACTION 'regress_scan';
SELECT count(*) FROM pairs;

--
-- Rows as a whole, and columns that are not MariaDB's.
--
SELECT half FROM half WHERE id < 3 ORDER BY id;
SELECT row_to_json(half)->>'f' AS f FROM half WHERE id < 3 ORDER BY id;
SELECT tableoid::regclass, id FROM half WHERE id = 1;
SELECT tableoid = 'half'::regclass, count(*) FROM half GROUP BY 1;
SELECT ctid IS NOT NULL AS has_ctid FROM half WHERE id = 1;
SELECT id FROM half WHERE id < 3 ORDER BY id FOR UPDATE;
SELECT h.id FROM half h JOIN local_items l USING (id) WHERE h.id < 3 ORDER BY 1 FOR SHARE OF l;
UPDATE local_items l SET x = p.other::text FROM pairs p WHERE p.item = l.id AND p.other = 7;
SELECT id, x FROM local_items ORDER BY id;
-- A foreign table may have fewer columns, in another order, and dropped ones.
CREATE FOREIGN TABLE part_of (x text, gone int, "ID" int OPTIONS (column_name 'id'), dt timestamp)
    SERVER maria OPTIONS (table_name 'items');
ALTER FOREIGN TABLE part_of DROP COLUMN gone;
ALTER FOREIGN TABLE part_of ADD COLUMN i bigint;
EXPLAIN (VERBOSE, COSTS OFF) SELECT * FROM part_of;
SELECT * FROM part_of ORDER BY "ID" LIMIT 2;
SELECT part_of FROM part_of ORDER BY "ID" LIMIT 1;
ALTER FOREIGN TABLE part_of ALTER i TYPE text;
ALTER FOREIGN TABLE part_of RENAME i TO renamed;
ALTER FOREIGN TABLE part_of ALTER renamed OPTIONS (ADD column_name 'i');
SELECT renamed FROM part_of ORDER BY "ID" LIMIT 1;
ALTER FOREIGN TABLE part_of DROP COLUMN x, DROP COLUMN "ID", DROP COLUMN dt, DROP COLUMN renamed;
SELECT count(*) FROM part_of;
SELECT * FROM part_of LIMIT 1;
DROP FOREIGN TABLE part_of;
-- A prepared plan follows the options.
PREPARE planned AS SELECT count(*), max(item) FROM pairs;
SET plan_cache_mode = force_generic_plan;
EXECUTE planned;
ALTER FOREIGN TABLE pairs OPTIONS (SET table_name 'items');
ALTER FOREIGN TABLE pairs ALTER item OPTIONS (SET column_name 'i');
EXECUTE planned;
ALTER FOREIGN TABLE pairs ALTER item OPTIONS (SET column_name 'item');
ALTER FOREIGN TABLE pairs OPTIONS (SET table_name 'pairs');
EXECUTE planned;
RESET plan_cache_mode;
DEALLOCATE planned;
-- As partitions.
CREATE TABLE parts (item int, other int) PARTITION BY LIST (other);
CREATE FOREIGN TABLE parts_there PARTITION OF parts FOR VALUES IN (7)
    SERVER maria OPTIONS (table_name 'pairs');
CREATE TABLE parts_here PARTITION OF parts DEFAULT;
INSERT INTO parts VALUES (1, 1);
SELECT tableoid::regclass, count(*), sum(item) FROM parts WHERE other IN (1, 7) GROUP BY 1 ORDER BY 1;
DROP TABLE parts;

--
-- A view reads with the rights of its owner.
--
CREATE ROLE regress_maria_owner;
CREATE ROLE regress_maria_reader;
GRANT USAGE ON FOREIGN SERVER maria TO regress_maria_owner;
CREATE USER MAPPING FOR regress_maria_owner SERVER maria
    OPTIONS (username :'user', password :'password');
GRANT SELECT ON half TO regress_maria_owner, regress_maria_reader;
CREATE VIEW half_view AS SELECT id, h FROM half h WHERE id < 3;
ALTER VIEW half_view OWNER TO regress_maria_owner;
GRANT SELECT ON half_view TO regress_maria_reader;
SELECT mariadb.disconnect_all();
SET ROLE regress_maria_reader;
\set VERBOSITY sqlstate
SELECT * FROM half;
\set VERBOSITY default
SELECT * FROM half_view ORDER BY id;
SELECT count(*) FROM half_view a, half_view b;
PREPARE viewed AS SELECT count(*) FROM half_view;
EXECUTE viewed;
RESET ROLE;
EXECUTE viewed;
SELECT server, user_name FROM mariadb.connections();
DEALLOCATE ALL;
DROP VIEW half_view;
DROP OWNED BY regress_maria_owner, regress_maria_reader;
DROP ROLE regress_maria_owner, regress_maria_reader;

--
-- Planning does not connect; it goes by the rows that are noted.
--
CREATE SERVER dead FOREIGN DATA WRAPPER mariadb_fdw OPTIONS (host '127.0.0.1', port '1', dbname 'x');
CREATE FOREIGN TABLE unseen (a int OPTIONS (remote_type 'int(11)')) SERVER dead OPTIONS (rows '12345');
EXPLAIN (VERBOSE, COSTS OFF) SELECT * FROM unseen WHERE a = 1;
CREATE USER MAPPING FOR CURRENT_USER SERVER dead OPTIONS (username 'x');
EXPLAIN (VERBOSE, COSTS OFF) SELECT * FROM unseen WHERE a = 1;
CREATE FUNCTION pg_temp.rows(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    line text;
BEGIN
    FOR line IN EXECUTE 'EXPLAIN ' || query LOOP
        RETURN substring(line FROM 'rows=(\d+)');
    END LOOP;
END $$;
SELECT pg_temp.rows('SELECT * FROM unseen');
ALTER FOREIGN TABLE unseen OPTIONS (SET rows '0');
SELECT pg_temp.rows('SELECT * FROM unseen');
\set VERBOSITY sqlstate
EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) SELECT * FROM unseen;
SELECT * FROM unseen;
\set VERBOSITY default
-- A scan that is never run does not connect either.
SELECT * FROM unseen WHERE false;
SELECT * FROM unseen LIMIT 0;

SET client_min_messages = warning;
DROP SERVER dead CASCADE;
DROP SERVER maria CASCADE;
DROP TABLE local_items, local_pairs;
DROP TYPE items_e;
\! mariadb $MARIADB_ARGS -e "DROP DATABASE regress_scan"
