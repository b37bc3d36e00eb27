-- Preflight: what a human must know before anything moves.
\i sql/server.psql
\! mariadb $MARIADB_ARGS -e "CREATE OR REPLACE DATABASE regress_preflight CHARACTER SET utf8mb4"

--
-- Values: each check counts its rows, and not those beside them.
--
SELECT pg_temp.remote($$
CREATE TABLE regress_preflight.numbers (
    id INT PRIMARY KEY, flag TINYINT(1), small SMALLINT UNSIGNED,
    int_u INT UNSIGNED, big_u BIGINT UNSIGNED, founded YEAR)$$, $$
INSERT INTO regress_preflight.numbers VALUES
    (1, 0, 65535, 2147483647, 9223372036854775807, 2000),
    (2, 1, 0, 2147483648, 9223372036854775808, 0),
    (3, 2, 0, 4294967295, 18446744073709551615, 1901),
    (4, NULL, NULL, NULL, NULL, NULL), (5, -1, 1, 1, 1, NULL)$$, $$
CREATE TABLE regress_preflight.dates (
    id INT PRIMARY KEY, d DATE, dt DATETIME(3), t TIME(6))$$, $$
SET STATEMENT sql_mode = 'ALLOW_INVALID_DATES' FOR
INSERT INTO regress_preflight.dates VALUES
    (1, '0000-00-00', '0000-00-00', '24:00:00'),
    (2, '2023-02-31', '2020-00-00', '-00:00:00.000001'),
    (3, '2024-00-01', '2024-02-00', '838:59:59'),
    (4, '0000-05-05', '0000-12-31 01:02:03', '23:59:59.999999'),
    (5, '2024-02-29', '0001-01-01', '00:00:00'),
    (6, NULL, NULL, NULL)$$, $$
CREATE TABLE regress_preflight.texts (
    id INT PRIMARY KEY, v VARCHAR(20), l LONGTEXT, j JSON, w VARCHAR(20) CHARACTER SET utf16,
    e ENUM('a', '', 'b'), f ENUM('x', 'y'), bin VARBINARY(20))$$, $$
SET STATEMENT sql_mode = 'NO_BACKSLASH_ESCAPES', check_constraint_checks = 0 FOR
INSERT INTO regress_preflight.texts VALUES
    (1, 'plain', 'plain', '{"a": "plain"}', 'wide', 'a', 'x', 'b'),
    (2, CONCAT('nul', CHAR(0)), CHAR(0), '{"nul": "\u0000"}', CHAR(0), '', 'y', 0x00),
    (3, _utf8mb4 0xEDA0BD, _utf8mb4 0xEDB88041, '["\ud83d", 1]', 'x', 'b', 'no label', 0xEDA080),
    (4, _utf8mb4 0xED9FBF, 'ok', '["\ud83d\ude00", "\\u0000", "\\ud83d", "\u00e4"]', NULL, NULL, NULL, NULL),
    (5, NULL, NULL, '["\ude00"]', NULL, NULL, NULL, NULL),
    (6, NULL, NULL, 'not json', NULL, NULL, NULL, NULL)$$, $$
CREATE TABLE regress_preflight.long_keys (
    id INT PRIMARY KEY, body TEXT, short VARCHAR(191), path VARCHAR(760),
    INDEX body_idx (body(750)), INDEX short_idx (short), INDEX both_idx (path, short(100)))
    ROW_FORMAT=DYNAMIC CHARACTER SET latin1$$, $$
INSERT INTO regress_preflight.long_keys VALUES
    (1, REPEAT('x', 3000), REPEAT('x', 191), REPEAT('y', 760)),
    (2, REPEAT('ä', 2000), NULL, NULL)$$, $$
CREATE TABLE regress_preflight.wide_keys (
    id INT PRIMARY KEY, body TEXT CHARACTER SET utf8mb4, INDEX body_idx (body(768)))
    ROW_FORMAT=DYNAMIC$$, $$
INSERT INTO regress_preflight.wide_keys VALUES
    (1, REPEAT('😀', 768)), (2, REPEAT('x', 5000)), (3, REPEAT('😀', 600))$$);
SELECT severity, object, finding, rows_concerned
FROM mariadb_internal.value_findings('maria', 'regress_preflight', '{}')
ORDER BY object, finding;
-- Entries of indexes: the whole column, or its prefix, in UTF-8.
SELECT severity, object, rows_concerned
FROM mariadb_internal.index_entry_findings('maria', 'regress_preflight', NULL, false);
SELECT severity, object, rows_concerned
FROM mariadb_internal.index_entry_findings('maria', 'regress_preflight', NULL, true);

-- What a policy lets pass is a warning, and another type moves the limit.
ALTER SERVER maria OPTIONS (ADD zero_dates 'null', ADD nul_bytes 'strip',
    ADD time_as 'interval', ADD tinyint1_as 'smallint', ADD json_as 'text',
    ADD int_unsigned_as 'integer');
SELECT severity, object, finding, advice, rows_concerned
FROM mariadb_internal.value_findings('maria', 'regress_preflight', '{}')
WHERE object ~ '^(numbers|dates|texts.j|texts.v)'
ORDER BY object, finding;
ALTER SERVER maria OPTIONS (DROP zero_dates, DROP nul_bytes, DROP time_as,
    DROP tinyint1_as, DROP json_as, DROP int_unsigned_as);

-- Trailing blanks, where CHAR stays CHAR.
SELECT pg_temp.remote($$
CREATE TABLE regress_preflight.codes (id INT PRIMARY KEY, code CHAR(3))$$, $$
INSERT INTO regress_preflight.codes VALUES (1, 'abc'), (2, 'ab'), (3, ''), (4, 'äöü'), (5, NULL)$$);
ALTER SERVER maria OPTIONS (ADD char_as 'char');
SELECT severity, object, finding, rows_concerned
FROM mariadb_internal.value_findings('maria', 'regress_preflight', '{}') WHERE object = 'codes.code';
ALTER SERVER maria OPTIONS (DROP char_as);
SELECT count(*) FROM mariadb_internal.value_findings('maria', 'regress_preflight', '{}') WHERE object = 'codes.code';

-- The migration stops where preflight reports an error, and only there.
CREATE SCHEMA preflight_import;
IMPORT FOREIGN SCHEMA regress_preflight LIMIT TO (numbers, dates, texts)
    FROM SERVER maria INTO preflight_import;
CREATE FUNCTION pg_temp.readable() RETURNS TABLE (object text, is_readable boolean)
LANGUAGE plpgsql AS $$
DECLARE
    source regclass;
BEGIN
    FOR source, object IN
        SELECT a.attrelid, format('%I.%I', c.relname, a.attname)
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.relnamespace = 'preflight_import'::regnamespace AND a.attnum > 0
    LOOP
        BEGIN
            EXECUTE format('SELECT count(%s) FROM %s',
                split_part(object, '.', 2), source);
            is_readable := true;
        EXCEPTION WHEN OTHERS THEN
            is_readable := false;
        END;
        RETURN NEXT;
    END LOOP;
END $$;
SELECT r.object, r.is_readable, p.severity
FROM pg_temp.readable() r
    LEFT JOIN (SELECT DISTINCT object, severity
        FROM mariadb_internal.value_findings('maria', 'regress_preflight', '{}')
        WHERE severity = 'error') p USING (object)
WHERE r.is_readable <> (p.severity IS NULL);
SELECT count(*), count(*) FILTER (WHERE is_readable) FROM pg_temp.readable();
SET client_min_messages = warning;
DROP SCHEMA preflight_import CASCADE;
RESET client_min_messages;

--
-- Longer than max_allowed_packet: what the checks cannot look into.
--
\! mariadb $MARIADB_ARGS -e "CREATE TABLE regress_preflight.huge (id INT PRIMARY KEY, v LONGTEXT); INSERT INTO regress_preflight.huge VALUES (1, REPEAT('x', 3000000)), (2, 'y'); SET GLOBAL max_allowed_packet = 1048576"
SELECT mariadb.disconnect('maria');
SELECT severity, object, finding, rows_concerned
FROM mariadb_internal.value_findings('maria', 'regress_preflight', '{}')
WHERE object = 'huge.v';
\! mariadb $MARIADB_ARGS -e "SET GLOBAL max_allowed_packet = 67108864; DROP DATABASE regress_preflight; CREATE DATABASE regress_preflight CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
SELECT mariadb.disconnect('maria');

--
-- Orphans, compared as PostgreSQL compares.
--
SELECT pg_temp.remote($$
CREATE TABLE regress_preflight.parent (
    code VARCHAR(20), n INT, PRIMARY KEY (code), UNIQUE (n, code))$$, $$
INSERT INTO regress_preflight.parent VALUES ('Abc', 1), ('def', 2)$$, $$
CREATE TABLE regress_preflight.child (
    id INT PRIMARY KEY, code VARCHAR(20), n INT,
    CONSTRAINT same_case FOREIGN KEY (code) REFERENCES parent (code) ON DELETE CASCADE,
    CONSTRAINT `both columns` FOREIGN KEY (n, code) REFERENCES parent (n, code))$$, $$
INSERT INTO regress_preflight.child VALUES (1, 'Abc', 1), (2, 'abc', 1), (3, NULL, 9), (4, 'def', NULL)$$);
\! mariadb $MARIADB_ARGS -e "SET foreign_key_checks = 0; INSERT INTO regress_preflight.child VALUES (5, 'nowhere', 1)"
SELECT * FROM mariadb_internal.orphan_findings('maria', 'regress_preflight', NULL) ORDER BY object \gx

--
-- Objects that are not the same in PostgreSQL.
--
SELECT pg_temp.remote($$
CREATE TABLE regress_preflight.`a table name of twenty ä: ääääääääääääääääääää` (
    id INT PRIMARY KEY)$$, $$
CREATE TABLE regress_preflight.odd (
    `äääääääääääääääääääääääääääääääääää one` INT, `äääääääääääääääääääääääääääääääääää two` INT,
    email VARCHAR(100) NOT NULL, slug VARCHAR(100) COLLATE utf8mb4_bin, body TEXT, place POINT NOT NULL,
    at TIMESTAMP NULL, doubled INT AS (CHAR_LENGTH(email) * 2) STORED,
    UNIQUE (email), UNIQUE (slug), INDEX `prefix` (body(20)), FULLTEXT INDEX words (body),
    SPATIAL INDEX spot (place)) ENGINE=Aria$$, $$
CREATE TABLE regress_preflight.other (id INT PRIMARY KEY, INDEX `prefix` (id)) ENGINE=MyISAM$$, $$
CREATE TABLE regress_preflight.history (id INT PRIMARY KEY) WITH SYSTEM VERSIONING$$, $$
CREATE TABLE regress_preflight.parts (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 2$$, $$
CREATE SEQUENCE regress_preflight.counter$$, $$
CREATE VIEW regress_preflight.seen AS SELECT 1 AS one$$, $$
CREATE TRIGGER regress_preflight.touch BEFORE INSERT ON regress_preflight.other FOR EACH ROW SET NEW.id = 1$$, $$
CREATE PROCEDURE regress_preflight.proc() SELECT 1$$, $$
CREATE FUNCTION regress_preflight.func() RETURNS INT RETURN 1$$, $$
CREATE EVENT regress_preflight.nightly ON SCHEDULE EVERY 1 DAY DO SELECT 1$$, $$
SET GLOBAL time_zone = '+02:00'$$);
SELECT severity, object, finding, rows_concerned
FROM mariadb.preflight('maria', 'regress_preflight');
\! mariadb $MARIADB_ARGS -e "SET GLOBAL time_zone = 'SYSTEM'"
-- Nothing harmless is reported, and each finding has its advice.
SELECT count(*) FILTER (WHERE advice IS NULL OR advice = '') AS without_advice,
    count(*) FILTER (WHERE object ~ 'slug') AS about_slug,
    count(*) FILTER (WHERE finding ~ 'TIMESTAMP') AS about_time_zones
FROM mariadb.preflight('maria', 'regress_preflight');

-- Some of the tables: nothing is read of the others, and nothing said.
SELECT severity, object, finding FROM mariadb.preflight('maria', 'regress_preflight',
    options => '{"tables": ["child", "history"]}');
SELECT severity, object, finding FROM mariadb.preflight('maria', 'regress_preflight',
    options => '{"except": ["child", "odd", "parent"]}');
SELECT * FROM mariadb.preflight('maria', 'regress_preflight', options => '{"tables": ["childs"]}');
SELECT * FROM mariadb.preflight('maria', 'regress_preflight', options => '{"identity": true}');
SELECT * FROM mariadb.preflight('maria', 'regress_preflight', options => '{"table": ["child"]}');
SELECT * FROM mariadb.preflight('maria', 'regress_preflight', options => NULL);

--
-- An account that may read and nothing more.
--
\! mariadb $MARIADB_ARGS -e "CREATE OR REPLACE USER regress_reader@'127.0.0.1' IDENTIFIED BY 'reader'; GRANT SELECT ON regress_preflight.* TO regress_reader@'127.0.0.1'"
ALTER USER MAPPING FOR CURRENT_USER SERVER maria
    OPTIONS (SET username 'regress_reader', SET password 'reader');
SELECT severity, object, finding
FROM mariadb.preflight('maria', 'regress_preflight')
WHERE object ~ '^(child|seen)' AND finding ~ 'account|hidden';
\! mariadb $MARIADB_ARGS -e "REVOKE SELECT ON regress_preflight.* FROM regress_reader@'127.0.0.1'; GRANT SELECT (id), INSERT (code) ON regress_preflight.child TO regress_reader@'127.0.0.1'"
SELECT mariadb.disconnect('maria');
SELECT severity, object, finding
FROM mariadb.preflight('maria', 'regress_preflight') WHERE severity = 'error';
\! mariadb $MARIADB_ARGS -e "GRANT INSERT, REFERENCES ON regress_preflight.parent TO regress_reader@'127.0.0.1'; GRANT REFERENCES ON regress_preflight.child TO regress_reader@'127.0.0.1'"
SELECT mariadb.disconnect('maria');
SELECT severity, object, finding, rows_concerned
FROM mariadb.preflight('maria', 'regress_preflight')
WHERE severity = 'error' OR finding ~ 'not checked';
ALTER USER MAPPING FOR CURRENT_USER SERVER maria
    OPTIONS (SET username :'user', SET password :'password');
\! mariadb $MARIADB_ARGS -e "DROP USER regress_reader@'127.0.0.1'"

--
-- Beside schema.prisma.
--
\! mariadb $MARIADB_ARGS -e "DROP DATABASE regress_preflight; CREATE DATABASE regress_preflight CHARACTER SET utf8mb4"
SELECT pg_temp.remote($$
CREATE TABLE regress_preflight.users (
    id INT PRIMARY KEY, role ENUM('USER', 'COACH') NOT NULL, tier ENUM('FREE', 'PRO'),
    added_by_hand INT, big BIGINT UNSIGNED, n INT UNSIGNED)$$, $$
CREATE TABLE regress_preflight._PlanToUser (A INT, B INT)$$, $$
CREATE TABLE regress_preflight._prisma_migrations (id INT)$$, $$
CREATE TABLE regress_preflight.by_hand (id INT PRIMARY KEY)$$, $$
INSERT INTO regress_preflight.users VALUES (1, 'USER', 'FREE', 1, 18446744073709551615, 4294967295)$$);
SELECT $prisma$
enum Role {
  USER
  COACH
}
enum Tier {
  FREE
  PRO
  ULTRA
}
model User {
  id      Int    @id
  role    Role
  tier    Tier?
  big     BigInt @db.UnsignedBigInt
  n       Int    @db.UnsignedInt
  isNew   Boolean @map("is_new")
  plans   Plan[]
  @@map("users")
}
model Plan {
  id    Int    @id
  users User[]
}
$prisma$ AS prisma \gset
SELECT severity, object, finding, rows_concerned
FROM mariadb.preflight('maria', 'regress_preflight', :'prisma')
WHERE finding !~ 'primary key|binary log';
SELECT * FROM mariadb.preflight('maria', 'regress_preflight', 'model A {');
SELECT * FROM mariadb.preflight('maria', 'regress_nothing');

\! mariadb $MARIADB_ARGS -e "DROP DATABASE regress_preflight"
DROP SERVER maria CASCADE;
