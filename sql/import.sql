-- IMPORT FOREIGN SCHEMA: what a MariaDB schema becomes.
\i sql/server.psql
\! mariadb $MARIADB_ARGS -e "CREATE OR REPLACE DATABASE regress_import CHARACTER SET utf8mb4; CREATE OR REPLACE DATABASE regress_import_empty; CREATE OR REPLACE DATABASE regress_import_names CHARACTER SET utf8mb4"
SET datestyle = 'ISO, YMD';

SELECT pg_temp.remote($$
CREATE TABLE regress_import.numbers (
    id INT AUTO_INCREMENT PRIMARY KEY, t TINYINT NOT NULL, tu TINYINT UNSIGNED,
    t1 TINYINT(1), t1u TINYINT(1) UNSIGNED, s SMALLINT, su SMALLINT UNSIGNED,
    m MEDIUMINT, mu MEDIUMINT UNSIGNED, iu INT UNSIGNED, b BIGINT,
    bu BIGINT UNSIGNED, z INT(8) ZEROFILL, d DECIMAL(10,2), du DECIMAL(5,0) UNSIGNED,
    d65 DECIMAL(65,30), f FLOAT, f2 FLOAT(7,3), g DOUBLE, g2 DOUBLE(12,4) UNSIGNED,
    b1 BIT, b8 BIT(8), b64 BIT(64), y YEAR, bool BOOLEAN)$$, $$
CREATE TABLE regress_import.moments (
    d DATE PRIMARY KEY, t TIME, t6 TIME(6), dt DATETIME, dt3 DATETIME(3),
    ts TIMESTAMP NOT NULL, ts6 TIMESTAMP(6) NULL)$$, $$
CREATE TABLE regress_import.texts (
    a VARCHAR(10), b VARCHAR(10), c CHAR(5), v0 VARCHAR(0), v VARCHAR(16000), tt TINYTEXT, x TEXT,
    mt MEDIUMTEXT, lt LONGTEXT, j JSON, e ENUM('a', 'b'), s SET('a', 'b'), bi BINARY(16),
    vb VARBINARY(20), tb TINYBLOB, bl BLOB, mb MEDIUMBLOB, lb LONGBLOB,
    g GEOMETRY, p POINT NOT NULL, not_json LONGTEXT CHECK (length(not_json) > 1),
    jc LONGTEXT CHECK (json_valid(`jc`)), PRIMARY KEY (b, a))$$, $$
CREATE TABLE regress_import.kinds (
    a INT PRIMARY KEY, v INT AS (a + 1) VIRTUAL, s INT AS (a * 2) STORED,
    hidden INT INVISIBLE DEFAULT 7, n INT NOT NULL)$$,
    'INSERT INTO regress_import.kinds (a, n) VALUES (1, 10), (2, 20)',
    'CREATE VIEW regress_import.a_view AS SELECT a, s, n + 0.5 AS half, CONCAT(''x'', a) AS x FROM regress_import.kinds',
    'CREATE VIEW regress_import.broken_view AS SELECT a FROM regress_import.kinds',
    'CREATE TABLE regress_import.gone (a INT)',
    'CREATE OR REPLACE VIEW regress_import.broken_view AS SELECT a FROM regress_import.gone',
    'DROP TABLE regress_import.gone',
    'CREATE SEQUENCE regress_import.a_sequence',
    'CREATE TABLE regress_import.versioned (a INT) WITH SYSTEM VERSIONING',
    'INSERT INTO regress_import.versioned VALUES (1), (2)',
    'DELETE FROM regress_import.versioned WHERE a = 1',
    'CREATE TABLE regress_import.nothing (a INT)');

-- Columns as \d would show them.
CREATE VIEW columns AS
SELECT attrelid::regclass::text AS rel, attnum, attname AS name,
    format_type(atttypid, atttypmod) AS type,
    CASE WHEN attnotnull THEN 'not null' END AS nullable,
    pg_get_expr(adbin, adrelid) AS "default",
    array_to_string(attfdwoptions, ', ') AS options
FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
    LEFT JOIN pg_attrdef ON (adrelid, adnum) = (attrelid, attnum)
WHERE relkind = 'f' AND attnum > 0 AND NOT attisdropped
ORDER BY 1, 2;
CREATE VIEW tables AS
SELECT ftrelid::regclass::text AS rel, array_to_string(array(
        SELECT o FROM unnest(ftoptions) o WHERE o NOT LIKE 'rows=%'), ', ') AS options,
    (SELECT substr(o, 6) FROM unnest(ftoptions) o WHERE o LIKE 'rows=%') AS rows
FROM pg_foreign_table ORDER BY 1;

--
-- All of it.
--
CREATE SCHEMA here;
IMPORT FOREIGN SCHEMA regress_import FROM SERVER maria INTO here;
SELECT rel, options FROM tables;
SELECT name, type, nullable, options FROM columns WHERE rel = 'here.numbers';
SELECT name, type, nullable, options FROM columns WHERE rel = 'here.moments';
SELECT name, type, nullable, options FROM columns WHERE rel = 'here.texts';
SELECT rel, name, type, nullable, options FROM columns
WHERE rel NOT IN ('here.numbers', 'here.moments', 'here.texts');
SELECT typname, array(SELECT enumlabel::text FROM pg_enum WHERE enumtypid = t.oid ORDER BY enumsortorder) AS labels
FROM pg_type t WHERE typnamespace = 'here'::regnamespace AND typtype = 'e';
SELECT * FROM here.kinds ORDER BY a;
SELECT * FROM here.a_view ORDER BY a;
SELECT * FROM here.nothing;
SELECT * FROM here.versioned;
SELECT rel FROM tables WHERE rows IS NULL OR rows !~ '^\d+$';
-- Again is an error, as it is for any other wrapper.
IMPORT FOREIGN SCHEMA regress_import LIMIT TO (nothing) FROM SERVER maria INTO here;

--
-- A part of it, into a second schema.
--
CREATE SCHEMA there;
IMPORT FOREIGN SCHEMA regress_import LIMIT TO (nothing, kinds, no_such_table) FROM SERVER maria INTO there;
IMPORT FOREIGN SCHEMA regress_import EXCEPT (nothing, kinds, numbers, moments, broken_view, no_such_table, versioned)
    FROM SERVER maria INTO there;
SELECT rel, options FROM tables WHERE rel LIKE 'there%';
-- The second import finds the type of the first by its labels.
SELECT type FROM columns WHERE rel = 'there.texts' AND name = 'e';
SELECT count(*) FROM here.kinds JOIN there.kinds USING (a);
SET client_min_messages = warning;
DROP SCHEMA there CASCADE;
RESET client_min_messages;

--
-- Options.
--
CREATE SCHEMA there;
SET client_min_messages = warning;
IMPORT FOREIGN SCHEMA regress_import EXCEPT (broken_view) FROM SERVER maria INTO there OPTIONS (
    import_not_null 'false', import_views 'false', tinyint1_as 'smallint', bit1_as 'bit',
    json_as 'json', bigint_unsigned_as 'bigint', timestamp_as 'timestamptz');
RESET client_min_messages;
SELECT rel FROM tables WHERE rel LIKE 'there%';
SELECT h.rel, h.name, h.type, h.nullable, t.type, t.nullable
FROM columns h JOIN columns t ON t.rel = replace(h.rel, 'here.', 'there.') AND t.name = h.name
WHERE h.rel LIKE 'here.%' AND (h.type, h.nullable) IS DISTINCT FROM (t.type, t.nullable)
ORDER BY 1, h.attnum;
SET client_min_messages = warning;
DROP SCHEMA there CASCADE;
RESET client_min_messages;
SELECT pg_temp.remote($$
CREATE TABLE regress_import.with_defaults (
    id INT AUTO_INCREMENT PRIMARY KEY, none INT, nul INT DEFAULT NULL, i INT DEFAULT -5,
    n DECIMAL(10,2) DEFAULT 1.50, g DOUBLE DEFAULT 1e3, f BOOLEAN DEFAULT TRUE,
    b1 BIT(1) DEFAULT b'1', b8 BIT(8) DEFAULT b'101', v VARCHAR(20) DEFAULT 'it''s \\ "x"',
    empty VARCHAR(20) DEFAULT '', word VARCHAR(20) DEFAULT 'NULL',
    call_me VARCHAR(40) DEFAULT uuid(), e ENUM('a', 'b') DEFAULT 'b', s SET('a', 'b') DEFAULT 'a,b',
    d DATE DEFAULT '2024-02-29', zero DATE DEFAULT '0000-00-00', today DATE DEFAULT curdate(),
    dt DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3), ts TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    t TIME DEFAULT '01:02:03', long_t TIME DEFAULT '100:00:00', y YEAR DEFAULT 2024,
    j JSON DEFAULT '{"a": 1}', bl BINARY(2) DEFAULT 'ab', calc INT DEFAULT (1 + 1), x TEXT DEFAULT 'é?')$$);
CREATE SCHEMA there;
IMPORT FOREIGN SCHEMA regress_import LIMIT TO (with_defaults) FROM SERVER maria INTO there
    OPTIONS (import_default 'true');
SELECT name, type, nullable, "default" FROM columns WHERE rel = 'there.with_defaults';
-- What is taken over gives the value that MariaDB gives.
SELECT pg_temp.remote('INSERT INTO regress_import.with_defaults () VALUES ()');
CREATE TABLE there.given (LIKE there.with_defaults INCLUDING DEFAULTS);
INSERT INTO there.given (id) VALUES (1);
SELECT to_jsonb(l) = to_jsonb(r) AS is_same, l.*
FROM (SELECT i, n, g, f, b1, v, empty, word, e, d, t, y, j FROM there.given) l,
    (SELECT i, n, g, f, b1, v, empty, word, e, d, t, y, j FROM there.with_defaults) r;
SET client_min_messages = warning;
DROP SCHEMA there CASCADE;
-- A character that information_schema shows as question marks is unknown.
SELECT pg_temp.remote($$CREATE TABLE regress_import.lossy (id INT PRIMARY KEY, x TEXT DEFAULT 'é😀', y TEXT DEFAULT 'é')$$);
CREATE SCHEMA there;
IMPORT FOREIGN SCHEMA regress_import LIMIT TO (lossy) FROM SERVER maria INTO there OPTIONS (import_default 'true');
SELECT name, "default" IS NULL AS is_left_out, note ~ '^default ''é[?]+'' is dropped$' AS is_told
FROM columns LEFT JOIN mariadb.import_notes('there') ON column_name = name
WHERE rel = 'there.lossy' AND name <> 'id';
SELECT pg_temp.remote('DROP TABLE regress_import.lossy');
DROP SCHEMA there CASCADE;
-- Generated columns, as far as their expressions can be translated.
CREATE SCHEMA there;
\! mariadb $MARIADB_ARGS -e "CREATE TABLE regress_import.made (a INT, b VARCHAR(9), c INT AS (a + 1) VIRTUAL, d VARCHAR(20) AS (CONCAT(b, '!')) STORED, e INT AS (CRC32(b)) STORED)"
IMPORT FOREIGN SCHEMA regress_import LIMIT TO (made) FROM SERVER maria INTO there OPTIONS (import_generated 'true');
SELECT a.attname, a.attgenerated, pg_get_expr(d.adbin, d.adrelid)
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = 'there.made'::regclass AND a.attnum > 0 ORDER BY a.attnum;
\! mariadb $MARIADB_ARGS -e "DROP TABLE regress_import.made"
DROP SCHEMA there CASCADE;
RESET client_min_messages;
CREATE SCHEMA there;
IMPORT FOREIGN SCHEMA regress_import FROM SERVER maria INTO there OPTIONS (import_colate 'true');
IMPORT FOREIGN SCHEMA regress_import FROM SERVER maria INTO there OPTIONS (json_as 'xml');
IMPORT FOREIGN SCHEMA regress_import FROM SERVER maria INTO there OPTIONS (import_not_null 'maybe');

--
-- Nothing there.
--
IMPORT FOREIGN SCHEMA regress_import_empty FROM SERVER maria INTO there;
IMPORT FOREIGN SCHEMA regress_nowhere FROM SERVER maria INTO there;
IMPORT FOREIGN SCHEMA "REGRESS_IMPORT" FROM SERVER maria INTO there;
IMPORT FOREIGN SCHEMA "it's `%"";" FROM SERVER maria INTO there;
IMPORT FOREIGN SCHEMA regress_import FROM SERVER maria INTO no_such_schema;
SELECT count(*) FROM tables WHERE rel LIKE 'there%';

--
-- Names of any kind.
--
SELECT pg_temp.remote(
    'CREATE TABLE regress_import_names.`Case` (`ID` INT PRIMARY KEY, `Id2` INT)',
    'CREATE TABLE regress_import_names.`case_` (`id` INT PRIMARY KEY)',
    'CREATE TABLE regress_import_names.`two words` (`a b` INT, ` lead` INT)',
    'CREATE TABLE regress_import_names.`back``tick` (`a``b` INT)',
    'CREATE TABLE regress_import_names.`it''s "quoted"` (`c"d` INT, `e''f` INT)',
    'CREATE TABLE regress_import_names.`100%` (`%s` INT, `%%` INT, `a?` INT)',
    'CREATE TABLE regress_import_names.`ünïcode` (`日本` INT, `é` INT)',
    'CREATE TABLE regress_import_names.`select` (`from` INT, `order` INT, `user` INT)',
    'CREATE TABLE regress_import_names.`back\slash` (`a\b` INT)',
    'CREATE TABLE regress_import_names.`semi;colon -- /* #` (`a;b` INT)',
    'CREATE TABLE regress_import_names.`dot.ted` (`a.b` INT)',
    'CREATE TABLE regress_import_names.`1` (`2` INT)',
    'CREATE TABLE regress_import_names.system (ctid INT, xmin INT, tableoid INT, oid INT, ctid_1 INT)',
    format('CREATE TABLE regress_import_names.%s (%s INT, %s INT)', repeat('l', 64), repeat('m', 64), repeat('m', 63)),
    format('CREATE TABLE regress_import_names.%s (a INT)', repeat('l', 63)),
    format('CREATE TABLE regress_import_names.%s (%s INT, %s INT)', repeat('é', 64), repeat('é', 32), repeat('é', 31) || 'x'));
CREATE SCHEMA names;
IMPORT FOREIGN SCHEMA regress_import_names FROM SERVER maria INTO names;
SELECT rel, options FROM tables WHERE rel LIKE 'names%';
SELECT rel, name, options FROM columns WHERE rel LIKE 'names%';
-- Each can be read, and gives its own rows.
CREATE TABLE remote_tables AS
SELECT c.table_name, string_agg(c."position"::text, ',' ORDER BY c."position") AS positions
FROM mariadb.columns('maria', 'regress_import_names') c GROUP BY 1;
SELECT count(mariadb.exec('maria', format('INSERT INTO regress_import_names.`%s` VALUES (%s)',
    replace(table_name, '`', '``'), positions))) FROM remote_tables;
DO $$
DECLARE
    t record;
    found text;
BEGIN
    FOR t IN SELECT rel, string_agg(quote_ident(name), '||'',''||' ORDER BY attnum) AS list,
            string_agg(attnum::text, ',' ORDER BY attnum) AS positions
        FROM columns WHERE rel LIKE 'names.%' GROUP BY rel
    LOOP
        EXECUTE format('SELECT string_agg(concat(%s), '';'') FROM %s WHERE %s', t.list, t.rel,
            split_part(t.list, '||', 1) || ' > 0') INTO found;
        IF found IS DISTINCT FROM t.positions THEN
            RAISE WARNING '% has %, not %', t.rel, found, t.positions;
        END IF;
    END LOOP;
END $$;
IMPORT FOREIGN SCHEMA regress_import_names LIMIT TO ("Case", "two words", "it's ""quoted""", "back`tick")
    FROM SERVER maria INTO there;
SELECT rel FROM tables WHERE rel LIKE 'there%';

-- A type of an enum column does not take the name of a table.
SELECT pg_temp.remote(
    'CREATE TABLE regress_import_empty.a (b ENUM(''x'', ''y''))',
    'CREATE TABLE regress_import_empty.a_b (c ENUM(''x'', ''y''), d ENUM(''y'', ''x''))');
CREATE SCHEMA clash;
IMPORT FOREIGN SCHEMA regress_import_empty FROM SERVER maria INTO clash;
SELECT rel, name, type FROM columns WHERE rel LIKE 'clash%';

-- Without privileges nothing is seen; with those on one column, that one.
\! mariadb $MARIADB_ARGS -e "CREATE OR REPLACE USER regress_reader@127.0.0.1 IDENTIFIED BY 'reader'; GRANT SELECT (a) ON regress_import.kinds TO regress_reader@127.0.0.1"
ALTER USER MAPPING FOR CURRENT_USER SERVER maria OPTIONS (SET username 'regress_reader', SET password 'reader');
CREATE SCHEMA reader;
IMPORT FOREIGN SCHEMA regress_import FROM SERVER maria INTO reader;
SELECT rel, name, type FROM columns WHERE rel LIKE 'reader%';
SELECT * FROM reader.kinds ORDER BY a;
IMPORT FOREIGN SCHEMA regress_import_names FROM SERVER maria INTO reader;
-- And without USAGE on the server, nothing at all.
CREATE ROLE regress_maria_nobody;
GRANT CREATE, USAGE ON SCHEMA reader TO regress_maria_nobody;
SET ROLE regress_maria_nobody;
IMPORT FOREIGN SCHEMA regress_import FROM SERVER maria INTO reader;
RESET ROLE;
DROP OWNED BY regress_maria_nobody;
DROP ROLE regress_maria_nobody;

-- Into no schema of PostgreSQL's or of the extension.
IMPORT FOREIGN SCHEMA regress_import FROM SERVER maria INTO mariadb;
IMPORT FOREIGN SCHEMA regress_import FROM SERVER maria INTO information_schema;
SET client_min_messages = warning;
DROP VIEW columns, tables;
DROP TABLE remote_tables;
DROP SCHEMA here, there, names, clash, reader CASCADE;
DROP SERVER maria CASCADE;
\! mariadb $MARIADB_ARGS -e "DROP DATABASE regress_import; DROP DATABASE regress_import_empty; DROP DATABASE regress_import_names; DROP USER regress_reader@127.0.0.1"
