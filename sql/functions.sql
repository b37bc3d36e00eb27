-- The functions in schema mariadb that speak to a server.
\i sql/server.psql
\! mariadb $MARIADB_ARGS -e "CREATE OR REPLACE DATABASE regress_functions CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci; CREATE OR REPLACE DATABASE regress_functions_2 CHARACTER SET utf8mb4"
SET datestyle = 'ISO, YMD';

--
-- version
--
SELECT mariadb.version() ~ '^mariadb_fdw \d+\.\d+, libmariadb \d+\.\d+\.\d+, PostgreSQL \d+' AS is_version;
SELECT name FROM mariadb.version('maria') WHERE name IN ('version', 'tls_cipher', 'time_zone', 'sql_mode', 'log_bin', 'max_statement_time') ORDER BY name;
SELECT v.value = q.version AS is_same
FROM mariadb.version('maria') v, mariadb.query('maria', 'SELECT VERSION()') AS q (version text) WHERE v.name = 'version';
SELECT name, value FROM mariadb.version('maria') WHERE name IN ('time_zone', 'sql_select_limit', 'character_set_results') ORDER BY name;
SELECT * FROM mariadb.version('no_such_server');
SELECT * FROM mariadb.version(NULL);

--
-- exec
--
SELECT mariadb.exec('maria', $$CREATE TABLE regress_functions.t (
    id INT AUTO_INCREMENT PRIMARY KEY COMMENT 'the key', name VARCHAR(20) COLLATE utf8mb4_bin NOT NULL DEFAULT 'x''y',
    price DECIMAL(10,2), at TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, kind ENUM('a', 'b'),
    twice INT AS (id * 2) VIRTUAL, body TEXT, UNIQUE KEY by_name (name, price), FULLTEXT KEY words (body),
    KEY prefix (body(10)) COMMENT 'ten characters') COMMENT 'a table'$$);
SELECT mariadb.exec('maria', 'INSERT INTO regress_functions.t (name, price) VALUES (''one'', 1), (''two'', 2), (''three'', 3)');
SELECT mariadb.exec('maria', 'UPDATE regress_functions.t SET price = price + 1 WHERE id > 1');
SELECT mariadb.exec('maria', 'UPDATE regress_functions.t SET price = price');
SELECT mariadb.exec('maria', 'DELETE FROM regress_functions.t WHERE id > 100');
SELECT mariadb.exec('maria', 'SELECT * FROM regress_functions.t');
SELECT mariadb.exec('maria', 'DO 1');
SELECT mariadb.exec('maria', 'DO 1; DO 2');
SELECT mariadb.exec('maria', '');
SELECT mariadb.exec('maria', NULL) IS NULL AS nothing;
SELECT mariadb.exec('maria', 'INSERT INTO regress_functions.t (name) VALUES (''é😀\'')');
SELECT * FROM mariadb.query('maria', 'SELECT HEX(name), name FROM regress_functions.t WHERE id = 4') AS (hex text, name text);

-- A remote transaction goes with the local one.
CREATE FUNCTION pg_temp.ids() RETURNS text LANGUAGE sql AS $$
    SELECT ids FROM mariadb.query('maria', 'SELECT GROUP_CONCAT(id ORDER BY id) FROM regress_functions.t') AS (ids text)
$$;
SELECT mariadb.exec('maria', 'DELETE FROM regress_functions.t WHERE id > 1');
SELECT pg_temp.ids();
BEGIN;
SELECT mariadb.exec('maria', 'INSERT INTO regress_functions.t (id, name) VALUES (10, ''kept'')');
SELECT state FROM mariadb.connections();
SELECT pg_temp.ids();
\! mariadb $MARIADB_ARGS regress_functions -Ne "SELECT COUNT(*), 'of it seen by others' FROM t WHERE id = 10"
COMMIT;
SELECT pg_temp.ids();
BEGIN;
SELECT mariadb.exec('maria', 'INSERT INTO regress_functions.t (id, name) VALUES (11, ''undone'')');
ROLLBACK;
SELECT pg_temp.ids();
BEGIN;
SELECT mariadb.exec('maria', 'INSERT INTO regress_functions.t (id, name) VALUES (12, ''undone by an error'')');
SELECT 1 / 0;
COMMIT;
SELECT pg_temp.ids();
BEGIN;
SELECT mariadb.exec('maria', 'INSERT INTO regress_functions.t (id, name) VALUES (13, ''duplicate'')');
SELECT mariadb.exec('maria', 'INSERT INTO regress_functions.t (id, name) VALUES (13, ''again'')');
COMMIT;
SELECT pg_temp.ids();

-- A subtransaction undoes its part, and only that.
BEGIN;
SELECT mariadb.exec('maria', 'INSERT INTO regress_functions.t (id, name) VALUES (20, ''outer'')');
SAVEPOINT a;
SELECT mariadb.exec('maria', 'INSERT INTO regress_functions.t (id, name) VALUES (21, ''undone'')');
SAVEPOINT b;
SELECT mariadb.exec('maria', 'INSERT INTO regress_functions.t (id, name) VALUES (22, ''undone too'')');
RELEASE b;
SELECT pg_temp.ids();
ROLLBACK TO a;
SELECT pg_temp.ids();
SELECT mariadb.exec('maria', 'INSERT INTO regress_functions.t (id, name) VALUES (23, ''after'')');
SAVEPOINT c;
SELECT mariadb.exec('maria', 'INSERT INTO regress_functions.t (id, name) VALUES (24, ''released'')');
RELEASE c;
DO $$
BEGIN
    PERFORM mariadb.exec('maria', 'INSERT INTO regress_functions.t (id, name) VALUES (25, ''caught'')');
    PERFORM mariadb.exec('maria', 'INSERT INTO regress_functions.t (id, name) VALUES (25, ''duplicate'')');
EXCEPTION WHEN unique_violation THEN
    RAISE NOTICE 'caught';
END $$;
DO $$
BEGIN
    FOR i IN 30 .. 33 LOOP
        BEGIN
            PERFORM mariadb.exec('maria', format('INSERT INTO regress_functions.t (id, name) VALUES (%s, ''loop %s'')', i, i));
            IF i % 2 = 0 THEN
                RAISE division_by_zero;
            END IF;
        EXCEPTION WHEN division_by_zero THEN
        END;
    END LOOP;
END $$;
SELECT pg_temp.ids();
COMMIT;
SELECT pg_temp.ids();
-- One that begins in a subtransaction.
BEGIN;
SAVEPOINT a;
SAVEPOINT b;
SELECT mariadb.exec('maria', 'INSERT INTO regress_functions.t (id, name) VALUES (40, ''undone'')');
ROLLBACK TO b;
SELECT mariadb.exec('maria', 'INSERT INTO regress_functions.t (id, name) VALUES (41, ''kept'')');
RELEASE a;
COMMIT;
SELECT pg_temp.ids();
-- A statement that commits by itself begins another transaction after it.
BEGIN;
SELECT mariadb.exec('maria', 'INSERT INTO regress_functions.t (id, name) VALUES (50, ''before'')');
SELECT mariadb.exec('maria', 'CREATE TABLE regress_functions.made (a INT)');
SELECT mariadb.exec('maria', 'INSERT INTO regress_functions.t (id, name) VALUES (51, ''after'')');
ROLLBACK;
SELECT pg_temp.ids();
SELECT mariadb.exec('maria', 'DROP TABLE regress_functions.made');
DO $$
BEGIN
    PERFORM mariadb.exec('maria', 'INSERT INTO regress_functions.t (id, name) VALUES (52, ''in a block'')');
    PERFORM mariadb.exec('maria', 'CREATE TABLE regress_functions.made (a INT)');
EXCEPTION WHEN division_by_zero THEN
    RAISE NOTICE 'not here';
END $$;
SELECT mariadb.exec('maria', 'DROP TABLE IF EXISTS regress_functions.made');

-- Not after a read, whose snapshot is read-only.
BEGIN;
SELECT pg_temp.ids();
SAVEPOINT a;
SELECT mariadb.exec('maria', 'DELETE FROM regress_functions.t');
ROLLBACK TO a;
SELECT pg_temp.ids();
COMMIT;
BEGIN;
SELECT mariadb.exec('maria', 'INSERT INTO regress_functions.t (id, name) VALUES (60, ''x'')');
PREPARE TRANSACTION 'regress_functions';
SELECT pg_temp.ids();
-- Nor in a transaction that is read-only here.
BEGIN READ ONLY;
\set VERBOSITY sqlstate
SELECT mariadb.exec('maria', 'INSERT INTO regress_functions.t (id, name) VALUES (61, ''x'')');
\set VERBOSITY default
ROLLBACK;
SELECT pg_temp.ids();

--
-- query
--
SELECT * FROM mariadb.query('maria', 'SELECT 1, ''x'', NULL, 1.50, CAST(''2024-02-29'' AS DATE)')
    AS (a int, b text, c text, d numeric, e date);
SELECT * FROM mariadb.query('maria', 'SELECT 1, 2') AS (a int);
SELECT * FROM mariadb.query('maria', 'SELECT 1') AS (a int, b int);
SELECT * FROM mariadb.query('maria', 'SELECT ''x''') AS (a int);
SELECT * FROM mariadb.query('maria', 'SELECT 3000000000') AS (a int);
SELECT * FROM mariadb.query('maria', 'SELECT ''too long''') AS (a varchar(3));
SELECT mariadb.query('maria', 'SELECT 1');
SELECT * FROM mariadb.query('maria', 'SELECT 1');
SELECT * FROM mariadb.query('maria', NULL) AS (a int);
SELECT * FROM mariadb.query('maria', 'SELECT id FROM regress_functions.t WHERE id < 0') AS (a int);
SELECT count(*), sum(a) FROM mariadb.query('maria', 'SELECT seq FROM regress_functions.seq_1_to_100000') AS (a bigint);
SELECT a FROM mariadb.query('maria', 'SELECT seq FROM regress_functions.seq_1_to_3') AS (a bigint) ORDER BY a DESC;
SELECT "Database" FROM mariadb.query('maria', 'SHOW DATABASES LIKE ''regress\_functions''') AS ("Database" text);
SELECT * FROM mariadb.query('maria', 'INSERT INTO regress_functions.t (id, name) VALUES (70, ''x'')') AS (a int);
SELECT * FROM mariadb.query('maria', 'INSERT INTO regress_functions.t (id, name) VALUES (70, ''x'') RETURNING id') AS (a int);
SELECT * FROM mariadb.query('maria', 'DO 1') AS (a int);
SELECT pg_temp.ids();
SELECT a.a, b.b FROM mariadb.query('maria', 'SELECT seq FROM regress_functions.seq_1_to_2') AS a (a int),
    mariadb.query('maria', 'SELECT seq FROM regress_functions.seq_1_to_2') AS b (b int) ORDER BY 1, 2;
SELECT a, (SELECT b FROM mariadb.query('maria', format('SELECT %s + 1', a)) AS (b bigint))
FROM mariadb.query('maria', 'SELECT seq FROM regress_functions.seq_1_to_3') AS (a int) ORDER BY a;
-- A procedure's rows, and what comes after them.
SELECT mariadb.exec('maria', 'CREATE PROCEDURE regress_functions.two() BEGIN SELECT 1 AS a; SELECT 2 AS b; END');
SELECT * FROM mariadb.query('maria', 'CALL regress_functions.two()') AS (a int);
SELECT pg_temp.ids();
SELECT mariadb.exec('maria', 'CALL regress_functions.two()');
SELECT pg_temp.ids();

--
-- What MariaDB has.
--
SELECT mariadb.exec('maria', $$CREATE TABLE regress_functions.`Child` (a INT, b INT, t_id INT, PRIMARY KEY (b, a),
    CONSTRAINT to_t FOREIGN KEY (t_id) REFERENCES regress_functions.t (id) ON DELETE SET NULL ON UPDATE CASCADE)$$);
SELECT mariadb.exec('maria', $$CREATE TABLE regress_functions_2.grandchild (x INT, y INT,
    CONSTRAINT pair FOREIGN KEY (y, x) REFERENCES regress_functions.`Child` (b, a))$$);
SELECT mariadb.exec('maria', 'CREATE VIEW regress_functions.v AS SELECT id, name FROM regress_functions.t');
SELECT mariadb.exec('maria', 'CREATE SEQUENCE regress_functions.s');
SELECT table_name, kind, engine, row_estimate IS NOT NULL AS rows, data_bytes > 0 AS bytes, auto_increment > 50 AS auto_increment, "collation", comment
FROM mariadb.tables('maria', 'regress_functions') ORDER BY table_name COLLATE "C";
SELECT table_name, column_name, "position", data_type, column_type, nullable, default_value, extra
FROM mariadb.columns('maria', 'regress_functions') WHERE table_name <> 's' ORDER BY table_name COLLATE "C", "position";
SELECT table_name, column_name, generation_expression, character_set, "collation", key_position, comment
FROM mariadb.columns('maria', 'regress_functions') WHERE table_name <> 's' ORDER BY table_name COLLATE "C", "position";
SELECT * FROM mariadb.indexes('maria', 'regress_functions') ORDER BY table_name COLLATE "C", index_name COLLATE "C", "position";
SELECT * FROM mariadb.foreign_keys('maria', 'regress_functions');
SELECT * FROM mariadb.foreign_keys('maria', 'regress_functions_2');
SELECT * FROM mariadb.tables('maria', 'regress_nowhere');
SELECT * FROM mariadb.columns('maria', 'it''s `;"');
SELECT * FROM mariadb.indexes('maria', '');
SELECT * FROM mariadb.foreign_keys('no_such_server', 'regress_functions');
SELECT count(*) FROM mariadb.tables('maria', NULL);

--
-- connections, disconnect, disconnect_all
--
CREATE SERVER other FOREIGN DATA WRAPPER mariadb_fdw OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER other OPTIONS (username :'user', password :'password');
SELECT count(*) FROM mariadb.query('other', 'SELECT 1') AS (a int);
SELECT thread FROM mariadb.query('other', 'SELECT CONNECTION_ID()') AS (thread bigint) \gset
SELECT state, valid, remote_thread = :thread AS is_thread FROM mariadb.connections() WHERE server = 'other';
SELECT server, state FROM mariadb.connections() ORDER BY server;
SELECT mariadb.disconnect('other');
SELECT mariadb.disconnect('other');
SELECT server, state FROM mariadb.connections() ORDER BY server;
SELECT mariadb.disconnect('no_such_server');
BEGIN;
SELECT count(*) FROM mariadb.query('other', 'SELECT 1') AS (a int);
SELECT server, state FROM mariadb.connections() ORDER BY server;
SELECT mariadb.disconnect('other');
SELECT mariadb.disconnect_all();
COMMIT;
SELECT mariadb.disconnect_all();
SELECT mariadb.disconnect_all();
SELECT count(*) FROM mariadb.connections();
-- The server sees us go.
SELECT count(*) FROM mariadb.query('other', 'SELECT 1') AS (a int);
SELECT remote_thread AS thread FROM mariadb.connections() \gset
SELECT mariadb.disconnect_all();
SELECT pg_sleep(0.2);
SELECT count(*) FROM mariadb.query('maria', format('SELECT 1 FROM information_schema.processlist WHERE id = %s', :thread)) AS (a int);

--
-- Expressions of MySQL, which escapes them, names a character set before each
-- string and shows each byte as a character; and texts quoted for both.
--
SELECT shown, mariadb_internal.mysql_expression(shown) AS expression FROM (VALUES
    (1, $$(`a` + 1)$$), (2, $$_utf8mb4\'x\'$$), (3, $$concat(`a`,_utf8mb3\'it\\\'s\',_latin1\'c\')$$),
    (4, $$_utf8mb4\'a\\\\b\'$$), (5, $$_utf8mb4\'l1\\nl2\'$$), (6, $$(`a\'b` > `c\\d`)$$), (7, $$concat(`e``f`,`nÃ©`,_utf8mb4\'Ã©\')$$),
    (8, $$_utf8mb4\'é\'$$), (9, $$_utf8mb4\'日\'$$), (10, $$_latin1\'é\'$$), (11, $$_ucs2\'a\'$$), (12, $$_binary\'ab\'$$), (13, $$_binary\'ÿ\\0\'$$),
    (14, $$_utf8mb4\'a?\\0b\'$$), (15, $$0x00ff$$), (16, $$(`a_utf8` = _utf8mb4\'0x00\')$$), (17, $$TIMESTAMP\'2020-01-01 00:00:00\'$$),
    (18, $$_utf8mb4\'\'$$), (19, $$_utf8mb4\'no end$$), (20, $$`no end$$), (21, $$a\$$), (22, ''), (23, $$0x0$$), (24, $$'plain'$$)
) AS v (n, shown) ORDER BY n;
SELECT mariadb_internal.mysql_expression(NULL) IS NULL AS is_null, length(mariadb_internal.mysql_expression(repeat('(', 1000000))) AS length;
SELECT mariadb_internal.mysql_expression(repeat('x', 17 * 1024 * 1024));
SELECT v, mariadb.remote_literal(v) AS literal, q.back = v AS same FROM (VALUES ('a''b'), (E'a\\b'), (E'\\'), (E'é\\''日'), ('')) AS t (v),
    LATERAL mariadb.query('maria', 'SELECT ' || mariadb.remote_literal(v)) AS q (back text);

--
-- Who may call them.
--
CREATE ROLE regress_maria_user;
CREATE USER MAPPING FOR regress_maria_user SERVER maria OPTIONS (username :'user', password :'password');
SET ROLE regress_maria_user;
SELECT mariadb.version();
RESET ROLE;
GRANT USAGE ON SCHEMA mariadb TO regress_maria_user;
SET ROLE regress_maria_user;
SELECT mariadb.version() IS NOT NULL AS allowed;
SELECT count(*) FROM mariadb.connections() WHERE user_name = 'regress_maria_user';
\set VERBOSITY terse
SELECT * FROM mariadb.version('maria');
SELECT * FROM mariadb.query('maria', 'SELECT 1') AS (a int);
SELECT mariadb.exec('maria', 'DO 1');
SELECT * FROM mariadb.tables('maria', 'regress_functions');
SELECT * FROM mariadb.columns('maria', 'regress_functions');
SELECT * FROM mariadb.indexes('maria', 'regress_functions');
SELECT * FROM mariadb.foreign_keys('maria', 'regress_functions');
SELECT * FROM mariadb.verify('maria', 'regress_functions', 'public');
SELECT mariadb.disconnect('maria');
RESET ROLE;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA mariadb TO regress_maria_user;
SET ROLE regress_maria_user;
SELECT * FROM mariadb.version('maria');
SELECT * FROM mariadb.query('maria', 'SELECT 1') AS (a int);
SELECT mariadb.exec('maria', 'DO 1');
SELECT * FROM mariadb.tables('maria', 'regress_functions');
SELECT * FROM mariadb.columns('maria', 'regress_functions');
SELECT * FROM mariadb.indexes('maria', 'regress_functions');
SELECT * FROM mariadb.foreign_keys('maria', 'regress_functions');
SELECT * FROM mariadb.verify('maria', 'regress_functions', 'public');
RESET ROLE;
\set VERBOSITY default
GRANT USAGE ON FOREIGN SERVER maria TO regress_maria_user;
SET ROLE regress_maria_user;
SELECT * FROM mariadb.query('maria', 'SELECT 1') AS (a int);
SELECT mariadb.exec('maria', 'DO 1');
SELECT count(*) FROM mariadb.tables('maria', 'regress_functions');
SELECT mariadb.disconnect('maria');
RESET ROLE;
DROP OWNED BY regress_maria_user;
DROP ROLE regress_maria_user;

--
-- What a user's statement sets in the session changes nothing that is read.
--
\! mariadb $MARIADB_ARGS regress_functions -e "CREATE TABLE moment (t TIMESTAMP); SET time_zone = '+00:00'; INSERT INTO moment VALUES ('2024-01-01 12:00:00'); CREATE FUNCTION shift() RETURNS INT NO SQL BEGIN SET SESSION time_zone = '+05:00'; RETURN 1; END" --delimiter=//
SELECT * FROM mariadb.query('maria', 'SELECT regress_functions.shift()') AS q (a int);
SELECT * FROM mariadb.query('maria', 'SELECT t FROM regress_functions.moment') AS q (t timestamp);
BEGIN;
SELECT * FROM mariadb.query('maria', 'SELECT regress_functions.shift()') AS q (a int);
SELECT * FROM mariadb.query('maria', 'SELECT t FROM regress_functions.moment') AS q (t timestamp);
COMMIT;
-- No limit on recursion, which MariaDB cuts in silence.
SELECT count(*) FROM mariadb.query('maria',
    'WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5000) SELECT n FROM r') AS q (n int);
SET client_min_messages = warning;
DROP SERVER other CASCADE;
DROP SERVER maria CASCADE;
\! mariadb $MARIADB_ARGS -e "DROP DATABASE regress_functions_2; DROP DATABASE regress_functions"
