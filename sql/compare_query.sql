-- compare_query: the same rows for an application's own query, or which not.
\i sql/server.psql
\! mariadb $MARIADB_ARGS -e "CREATE OR REPLACE DATABASE regress_compare CHARACTER SET utf8mb4; USE regress_compare; SET NAMES utf8mb4; CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(20), price DECIMAL(8,2), ok BOOLEAN, at DATETIME(3), data JSON, raw VARBINARY(10), bits BIT(3)); INSERT INTO t VALUES (1, 'é😀', 1.50, TRUE, '2024-02-29 12:00:00.123', '{\"b\": 1, \"a\": 2}', X'00FF', b'101'), (2, '', -0.01, FALSE, '9999-12-31 23:59:59', '[]', '', b'0'), (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL)"
CREATE SCHEMA here;
CREATE TABLE here.t (id int PRIMARY KEY, name varchar(20), price numeric(8,2), ok boolean, at timestamp(3), data jsonb, raw bytea, bits bit(3));
INSERT INTO here.t SELECT * FROM mariadb.query('maria', 'SELECT * FROM regress_compare.t')
    AS q (id int, name varchar(20), price numeric(8,2), ok boolean, at timestamp(3), data jsonb, raw bytea, bits bit(3));
SET search_path = here, public;
\x on
-- The same, with all types; the local names are found on the caller's path.
SELECT * FROM mariadb.compare_query('maria', 'SELECT * FROM regress_compare.t', 'SELECT * FROM t ORDER BY id DESC');
SELECT * FROM mariadb.compare_query('maria', 'SELECT * FROM regress_compare.t WHERE id > 9', 'SELECT * FROM t WHERE false');
\x off
CREATE FUNCTION pg_temp.compare(remote_sql text, local_sql text, ordered boolean DEFAULT false, sample int DEFAULT 10,
    OUT rows text, OUT equal boolean, OUT status text, OUT first bigint, OUT only_remote jsonb, OUT only_local jsonb)
LANGUAGE sql AS $$
    SELECT remote_rows || '/' || local_rows, equal, status, first_difference, only_remote, only_local
    FROM mariadb.compare_query('maria', remote_sql, local_sql, ordered, sample)
$$;
-- What each column is worth: one value changes in each row.
\a
SELECT c.name, f.rows, f.status, f.only_remote -> 0 -> c.name AS remote, f.only_local -> 0 -> c.name AS local
FROM (VALUES ('name', '''e😀'''), ('name', 'NULL'), ('price', '1.51'), ('ok', 'false'), ('at', '''2024-02-29 12:00:00.124'''),
    ('data', '''{"a": 2}'''), ('raw', '''\x00fe'''), ('bits', 'B''111''')) AS c (name, other),
    pg_temp.compare('SELECT * FROM regress_compare.t', format('SELECT %s FROM t',
        (SELECT string_agg(CASE WHEN a = c.name THEN format('CASE WHEN id = 1 THEN %s ELSE %I END AS %2$I', c.other, a) ELSE a END, ', ' ORDER BY n)
         FROM unnest('{id,name,price,ok,at,data,raw,bits}'::text[]) WITH ORDINALITY AS u (a, n)))) AS f;
\a

-- Columns count by their place, whatever they are called.
SELECT * FROM pg_temp.compare('SELECT 1, 2', 'SELECT 1, 2');
SELECT * FROM pg_temp.compare('SELECT 1 AS a, 2 AS a', 'SELECT 2 AS a, 1 AS a');
SELECT * FROM pg_temp.compare('SELECT 1 AS b, 2 AS a', 'SELECT 1 AS a, 2 AS b');
SELECT * FROM pg_temp.compare('SELECT NULL, 1', 'SELECT 1::int, NULL::int');

-- Duplicates count.
SELECT * FROM pg_temp.compare('SELECT 1 UNION ALL SELECT 1 UNION ALL SELECT 2', 'VALUES (1), (2), (1)');
SELECT * FROM pg_temp.compare('SELECT 1 UNION ALL SELECT 1 UNION ALL SELECT 2', 'VALUES (1), (2), (2)');
SELECT * FROM pg_temp.compare('SELECT 1 UNION ALL SELECT 1 UNION ALL SELECT 1', 'VALUES (1)');
SELECT * FROM pg_temp.compare('SELECT 1', 'VALUES (1), (1), (1), (NULL), (NULL)');

-- Numbers of an expression are equal by value, not by digits.
SELECT * FROM pg_temp.compare('SELECT 1.00 UNION ALL SELECT 0.000 UNION ALL SELECT 100', 'VALUES (1.0), (0), (100.00)');
SELECT * FROM pg_temp.compare('SELECT AVG(price), SUM(price), COUNT(*) FROM regress_compare.t', 'SELECT avg(price), sum(price), count(*) FROM t');
SELECT * FROM pg_temp.compare('SELECT 1/3', 'SELECT 1/3::numeric');
-- The scale and length of a local column do not cut what MariaDB has.
\a
SELECT * FROM pg_temp.compare('SELECT 1.501, ''longer than the column is''', 'SELECT price, name FROM t WHERE id = 1');
\a
SELECT * FROM pg_temp.compare('SELECT ''a''', 'SELECT ''a''::char(5)');
CREATE DOMAIN here.money_like AS numeric(8,2) CHECK (VALUE > 0);
SELECT * FROM pg_temp.compare('SELECT -1.5', 'SELECT 1.5::here.money_like');

-- In order.
SELECT * FROM pg_temp.compare('SELECT id FROM regress_compare.t ORDER BY id', 'SELECT id FROM t ORDER BY id', true);
SELECT * FROM pg_temp.compare('SELECT id FROM regress_compare.t ORDER BY id', 'SELECT id FROM t ORDER BY id = 1 DESC, id DESC', true);
SELECT * FROM pg_temp.compare('SELECT id FROM regress_compare.t ORDER BY id', 'SELECT id FROM t ORDER BY id = 1 DESC, id DESC', true, 1);
SELECT * FROM pg_temp.compare('SELECT id FROM regress_compare.t ORDER BY id', 'SELECT id FROM t WHERE id < 3 ORDER BY id', true);
SELECT * FROM pg_temp.compare('SELECT id FROM regress_compare.t WHERE id < 3 ORDER BY id', 'SELECT id FROM t ORDER BY id', true);
SELECT * FROM pg_temp.compare('SELECT id FROM regress_compare.t ORDER BY id', 'SELECT id * 2 FROM t ORDER BY id', true);

-- Many rows, on disk: what differs is found, and the first are shown.
SET work_mem = '64kB';
SELECT * FROM pg_temp.compare('SELECT seq, SHA2(seq, 256) FROM regress_compare.seq_1_to_100000', 'SELECT i, encode(sha256(i::text::bytea), ''hex'') FROM generate_series(100000, 1, -1) i');
SELECT * FROM pg_temp.compare('SELECT seq FROM regress_compare.seq_1_to_100000', 'SELECT i + 3 FROM generate_series(1, 100000) i', sample => 2);
SELECT * FROM pg_temp.compare('SELECT seq DIV 50000 FROM regress_compare.seq_1_to_100000', 'SELECT i / 49999 FROM generate_series(1, 100000) i', sample => 2);
SELECT * FROM pg_temp.compare('SELECT seq FROM regress_compare.seq_1_to_100000', 'SELECT CASE i WHEN 99998 THEN 99999 WHEN 99999 THEN 99998 ELSE i END FROM generate_series(1, 100000) i', true);
SELECT * FROM pg_temp.compare('SELECT seq FROM regress_compare.seq_1_to_100000', 'SELECT i * 2 FROM generate_series(1, 100000) i', sample => 0);
RESET work_mem;
-- The local query may read MariaDB itself.
SELECT * FROM pg_temp.compare('SELECT seq FROM regress_compare.seq_1_to_10000', $$SELECT a FROM mariadb.query('maria', 'SELECT seq FROM regress_compare.seq_1_to_10000') AS q (a int)$$);

CREATE FOREIGN TABLE here.f (id int, name varchar(20)) SERVER maria OPTIONS (dbname 'regress_compare', table_name 't');
SELECT * FROM pg_temp.compare('SELECT id, name FROM regress_compare.t ORDER BY id', 'SELECT id, name FROM here.f ORDER BY id', true);
BEGIN;
DECLARE half CURSOR FOR SELECT id FROM here.f ORDER BY id;
FETCH 1 FROM half;
SELECT * FROM pg_temp.compare('SELECT id, name FROM regress_compare.t', 'SELECT id, name FROM here.f');
FETCH ALL FROM half;
COMMIT;

--
-- What cannot be compared.
--
SELECT mariadb.compare_query('maria', NULL, 'SELECT 1') IS NULL AS nothing;
CREATE FUNCTION pg_temp.fails(remote_sql text, local_sql text, sample int DEFAULT 10) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mariadb.compare_query('maria', remote_sql, local_sql, false, sample);
    RETURN 'no error';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT pg_temp.fails('SELECT 1, 2', 'SELECT 1');
SELECT pg_temp.fails('SELECT 1', 'SELECT 1, 2');
SELECT pg_temp.fails('SELECT 1', 'SELECT');
SELECT pg_temp.fails('SELECT 1', 'INSERT INTO here.t VALUES (9) RETURNING id');
SELECT pg_temp.fails('SELECT 1', 'WITH d AS (DELETE FROM here.t RETURNING id) SELECT * FROM d');
SELECT pg_temp.fails('SELECT 1', 'SELECT id FROM here.t FOR UPDATE');
SELECT pg_temp.fails('SELECT 1', 'UPDATE here.t SET name = ''x''');
SELECT pg_temp.fails('SELECT 1', 'SELECT 1; SELECT 2');
SELECT pg_temp.fails('SELECT 1', '');
SELECT pg_temp.fails('SELECT 1', 'SELECT nowhere');
SELECT pg_temp.fails('SELECT 1', 'SELECT 1 / (SELECT 0)');
SELECT pg_temp.fails('SELECT 1 FROM regress_compare.nowhere', 'SELECT 1');
SELECT pg_temp.fails('DELETE FROM regress_compare.t', 'SELECT 1');
SELECT pg_temp.fails('SELECT ''x''', 'SELECT 1');
SELECT pg_temp.fails('SELECT 1', 'SELECT 1', -1);
SELECT pg_temp.fails('SELECT 1', 'SELECT 1', 1001);
SELECT count(*) FROM here.t;
SELECT mariadb.compare_query('nowhere', 'SELECT 1', 'SELECT 1');
-- With the caller's rights on both sides.
CREATE ROLE regress_compare;
GRANT USAGE ON SCHEMA mariadb, here TO regress_compare;
CREATE USER MAPPING FOR regress_compare SERVER maria OPTIONS (username :'user', password :'password');
SET ROLE regress_compare;
SELECT mariadb.compare_query('maria', 'SELECT 1', 'SELECT 1');
RESET ROLE;
GRANT EXECUTE ON FUNCTION mariadb.compare_query TO regress_compare;
SET ROLE regress_compare;
SELECT mariadb.compare_query('maria', 'SELECT 1', 'SELECT 1');
RESET ROLE;
GRANT USAGE ON FOREIGN SERVER maria TO regress_compare;
SET ROLE regress_compare;
SELECT mariadb.compare_query('maria', 'SELECT 1', 'SELECT 1');
SELECT mariadb.compare_query('maria', 'SELECT 1', 'SELECT id FROM here.t');
RESET ROLE;
SET client_min_messages = warning;
DROP OWNED BY regress_compare;
DROP ROLE regress_compare;
RESET search_path;
DROP SCHEMA here CASCADE;
DROP SERVER maria CASCADE;
\! mariadb $MARIADB_ARGS -e "DROP DATABASE regress_compare"
