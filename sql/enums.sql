-- Enum types: created under the names that schema.prisma gives, and found
-- again by their labels.
\i sql/server.psql
\! mariadb $MARIADB_ARGS -e "CREATE OR REPLACE DATABASE regress_enums CHARACTER SET utf8mb4; CREATE OR REPLACE DATABASE regress_enums_odd CHARACTER SET utf8mb4; CREATE OR REPLACE DATABASE regress_enums_none"
SELECT pg_temp.remote($$
CREATE TABLE regress_enums.users (
    id INT PRIMARY KEY, role ENUM('USER', 'COACH', 'admin', 'super user') NOT NULL,
    previous_role ENUM('USER', 'COACH', 'admin', 'super user'), tier ENUM('FREE', 'PRO'))$$, $$
CREATE TABLE regress_enums.`Plan` (
    id INT PRIMARY KEY, status ENUM('DRAFT', 'ACTIVE', 'done-ok'),
    old_tier ENUM('PRO', 'FREE'))$$, $$
CREATE TABLE regress_enums.members (
    id INT PRIMARY KEY, role ENUM('USER', 'COACH', 'admin', 'super user'))$$, $$
CREATE TABLE regress_enums.messages (
    id INT PRIMARY KEY, role ENUM('system', 'user', 'tool'), `two words` ENUM('x'))$$,
    $$INSERT INTO regress_enums.users VALUES (1, 'admin', NULL, 'PRO'), (2, 'super user', 'USER', 'FREE')$$);
CREATE VIEW types AS
SELECT n.nspname AS schema, typname AS type,
    array(SELECT enumlabel::text FROM pg_enum WHERE enumtypid = t.oid ORDER BY enumsortorder) AS labels
FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace WHERE typtype = 'e'
ORDER BY nspname COLLATE "C", typname COLLATE "C";

--
-- Without the text: a type for each list of labels.
--
CREATE SCHEMA plain;
SELECT * FROM mariadb.create_enums('maria', 'regress_enums', 'plain');
SELECT * FROM types;
-- Twice changes nothing.
SELECT type, status FROM mariadb.create_enums('maria', 'regress_enums', 'plain');
SELECT count(*) FROM types;
-- The import uses them.
CREATE SCHEMA imported;
IMPORT FOREIGN SCHEMA regress_enums FROM SERVER maria INTO imported;
SELECT attrelid::regclass AS rel, attname, atttypid::regtype AS type
FROM pg_attribute JOIN pg_type t ON t.oid = atttypid
WHERE attrelid IN (SELECT ftrelid FROM pg_foreign_table) AND typtype = 'e'
ORDER BY attrelid::regclass::text COLLATE "C", attnum;
SELECT * FROM imported.users ORDER BY role;
SELECT id FROM imported.users WHERE role = 'admin';
SELECT count(*) FROM types;
SET client_min_messages = warning;
DROP SCHEMA imported CASCADE;
DROP SCHEMA plain CASCADE;
RESET client_min_messages;

--
-- With the text: its names, @map and @@map.
--
\set prisma 'generator client {\n  provider = "prisma-client"\n}\n/// doc { } enum X\nenum Role {\n  USER // the default\n  COACH\n  ADMIN      @map("admin")\n  SUPER_USER @map("super user")\n}\n\nenum PlanStatus {\n  DRAFT\n  ACTIVE\n  DONE @map("done-ok")\n\n  @@map("plan_status")\n}\nenum Tier { FREE\n PRO }\nmodel User {\n  id Int @id\n  role Role @default(USER)\n  previousRole Role? @map("previous_role")\n  tier Tier?\n  plans Plan[]\n\n  @@map("users")\n}\n\nmodel Plan {\n  id Int @id\n  status PlanStatus?\n  oldTier Tier? @map("old_tier")\n  @@index([status])\n}\nmodel members {\n  id Int @id\n  role Role?\n}\n'
CREATE SCHEMA prisma;
SELECT * FROM mariadb.create_enums('maria', 'regress_enums', 'prisma', :'prisma');
SELECT type, labels FROM types WHERE schema = 'prisma';
SELECT type, status FROM mariadb.create_enums('maria', 'regress_enums', 'prisma', :'prisma');
SELECT count(*) FROM types;
IMPORT FOREIGN SCHEMA regress_enums FROM SERVER maria INTO prisma;
SELECT attrelid::regclass AS rel, attname, atttypid::regtype AS type
FROM pg_attribute JOIN pg_type t ON t.oid = atttypid
WHERE attrelid IN (SELECT ftrelid FROM pg_foreign_table) AND typtype = 'e'
ORDER BY attrelid::regclass::text COLLATE "C", attnum;
SELECT role, "previous_role", tier FROM prisma.users ORDER BY id;
SET client_min_messages = warning;
DROP SCHEMA prisma CASCADE;
RESET client_min_messages;

-- A type of the name with other labels is in the way; nothing is changed.
CREATE SCHEMA prisma;
CREATE TYPE prisma."Role" AS ENUM ('USER', 'COACH');
CREATE TABLE prisma.plan_status (a int);
CREATE TYPE prisma.other_tier AS ENUM ('FREE', 'PRO');
SELECT type, columns, status FROM mariadb.create_enums('maria', 'regress_enums', 'prisma', :'prisma');
SELECT type, labels FROM types WHERE schema = 'prisma';
SET client_min_messages = warning;
DROP SCHEMA prisma CASCADE;
RESET client_min_messages;
-- Without the text, a type with the labels will do under any name.
CREATE SCHEMA prisma;
CREATE TYPE prisma.any_name AS ENUM ('FREE', 'PRO');
CREATE TYPE prisma."Plan_old_tier" AS ENUM ('something', 'else');
SELECT type, columns, status FROM mariadb.create_enums('maria', 'regress_enums', 'prisma');
SET client_min_messages = warning;
DROP SCHEMA prisma CASCADE;
RESET client_min_messages;

-- Texts that are none.
CREATE SCHEMA prisma;
SELECT * FROM mariadb.create_enums('maria', 'regress_enums', 'prisma', 'enum Role {');
SELECT * FROM mariadb.create_enums('maria', 'regress_enums', 'prisma', E'enum Role {\n USER\n}\nmodel X {\n id\n}');
SELECT * FROM mariadb.create_enums('maria', 'regress_enums', 'prisma', E'enum Role {\n USER @map("x\n}');
\set VERBOSITY sqlstate
SELECT * FROM mariadb.create_enums('maria', 'regress_enums', 'prisma', 'enum Role {');
SELECT * FROM mariadb.ddl('maria', 'regress_enums', 'prisma', '{"prisma": "enum Role {"}');
SELECT mariadb.prisma_schema('enum Role {');
\set VERBOSITY default
SELECT count(*) FROM types;
SELECT status, count(*) FROM mariadb.create_enums('maria', 'regress_enums', 'prisma') GROUP BY 1;
SELECT * FROM mariadb.create_enums('maria', 'regress_enums', NULL);
SELECT * FROM mariadb.create_enums(NULL, 'regress_enums', 'prisma');
SELECT * FROM mariadb.create_enums('maria', 'regress_enums', 'no_such_schema');
SELECT * FROM mariadb.create_enums('maria', 'regress_nowhere', 'prisma');
SELECT * FROM mariadb.create_enums('no_such_server', 'regress_enums', 'prisma');
SELECT * FROM mariadb.create_enums('maria', 'regress_enums_none', 'prisma');
SET client_min_messages = warning;
DROP SCHEMA prisma CASCADE;
RESET client_min_messages;

--
-- Odd labels.
--
SELECT pg_temp.remote($$
CREATE TABLE regress_enums_odd.t (
    id INT PRIMARY KEY,
    quotes ENUM('it''s', '"double"', '`back`', 'a''''b'),
    commas ENUM('a,b', 'a'',''b', ',', '('')', ')'),
    slashes ENUM('a\b', 'c:\new', '\', '\\', 'n'),
    blanks ENUM('a b', ' lead', 'x	y', 'é
ü'),
    unicode ENUM('é', '日本', 'ß', 'straße'),
    emoji ENUM('😀', '😁', '?', 'a?b') COLLATE utf8mb4_bin,
    empty ENUM('', 'x'),
    percent ENUM('%', '%s', '100%', '_'),
    words ENUM('NULL', 'true', '0', '1'))$$,
    format('CREATE TABLE regress_enums_odd.long (id INT PRIMARY KEY, fits ENUM(%L), longer ENUM(''a'', %L), bytes ENUM(%L))',
        repeat('x', 63), repeat('x', 64), repeat('é', 32)),
    'CREATE TABLE regress_enums_odd.many (id INT PRIMARY KEY, e ENUM(' ||
        (SELECT string_agg(quote_literal('label ' || n), ', ' ORDER BY n) FROM generate_series(1, 3000) n) || '))',
    'INSERT INTO regress_enums_odd.t VALUES (1, 1, 1, 1, 1, 1, 1, 1, 1, 1), (2, 2, 2, 2, 2, 2, 2, 2, 2, 2), (3, 3, 3, 3, 3, 3, 3, NULL, 3, 3), (4, 4, 4, 4, 4, 4, 4, NULL, 4, 4)',
    format('INSERT INTO regress_enums_odd.long VALUES (1, 1, 2, 1)'),
    'INSERT INTO regress_enums_odd.many VALUES (1, 1), (2, 3000), (3, ''label 1500'')');
CREATE SCHEMA odd;
SELECT type, columns, status, CASE WHEN cardinality(labels) < 100 THEN labels END AS labels
FROM mariadb.create_enums('maria', 'regress_enums_odd', 'odd');
SELECT type, cardinality(labels) AS n, CASE WHEN cardinality(labels) < 100 THEN labels END AS labels
FROM types WHERE schema = 'odd';
IMPORT FOREIGN SCHEMA regress_enums_odd FROM SERVER maria INTO odd;
SELECT attrelid::regclass AS rel, left(attname, 10) AS attname, atttypid::regtype AS type
FROM pg_attribute WHERE attrelid IN (SELECT ftrelid FROM pg_foreign_table) AND attnum > 0 AND attname <> 'id'
ORDER BY attrelid::regclass::text COLLATE "C", attnum;
-- The labels are MariaDB's, in its order: each value is at the position of its number.
SELECT id, cardinality(enum_range(NULL, quotes)) = id AS quotes,
    cardinality(enum_range(NULL, commas)) = id AS commas, cardinality(enum_range(NULL, slashes)) = id AS slashes,
    cardinality(enum_range(NULL, blanks)) = id AS blanks, cardinality(enum_range(NULL, unicode)) = id AS unicode,
    cardinality(enum_range(NULL, emoji)) = id AS emoji, cardinality(enum_range(NULL, empty)) = id AS empty,
    cardinality(enum_range(NULL, percent)) = id AS percent, cardinality(enum_range(NULL, words)) = id AS words
FROM odd.t ORDER BY id;
SELECT quotes, commas, slashes, blanks, unicode, empty, percent, words, emoji FROM odd.t ORDER BY id;
SELECT id, bool_and(encode(convert_to(l.value, 'UTF8'), 'hex') = lower(r.value)) AS same_bytes, count(*)
FROM (SELECT id, key, value FROM odd.t, jsonb_each_text(to_jsonb(t) - 'id')) l
JOIN (SELECT id, unnest(ARRAY['quotes', 'commas', 'slashes', 'blanks', 'unicode', 'emoji', 'empty', 'percent', 'words']) AS key,
        unnest(ARRAY[a, b, c, d, e, f, g, h, i]) AS value
    FROM mariadb.query('maria', 'SELECT id, HEX(quotes), HEX(commas), HEX(slashes), HEX(blanks), HEX(unicode), HEX(emoji), HEX(t.empty), HEX(percent), HEX(words) FROM regress_enums_odd.t t')
        AS q (id int, a text, b text, c text, d text, e text, f text, g text, h text, i text)) r USING (id, key)
WHERE l.value IS NOT NULL GROUP BY id ORDER BY id;
SELECT id, length(fits::text), length(longer::text), length(bytes::text) FROM odd.long;
SELECT id, e, cardinality(enum_range(NULL, e)) FROM odd.many ORDER BY id;
SELECT type, status FROM mariadb.create_enums('maria', 'regress_enums_odd', 'odd') WHERE status <> 'reused';
-- A type's name that was cut is not that of the table, which is cut as well.
SELECT mariadb.exec('maria', format('CREATE TABLE regress_enums_none.%s (%s ENUM(''p'', ''q''))', repeat('t', 64), repeat('c', 64)));
CREATE SCHEMA cut;
SELECT length(split_part(type, '.', 2)) AS length, labels, status FROM mariadb.create_enums('maria', 'regress_enums_none', 'cut');
SET client_min_messages = warning;
IMPORT FOREIGN SCHEMA regress_enums_none FROM SERVER maria INTO cut;
RESET client_min_messages;
SELECT count(*) FROM pg_attribute a JOIN pg_foreign_table ON ftrelid = attrelid JOIN pg_type t ON t.oid = atttypid
WHERE typtype = 'e' AND typnamespace = 'cut'::regnamespace;
SELECT count(*) FROM types WHERE schema = 'cut';

-- A type's name is that of no table, also where a table has the second choice,
-- and mariadb.ddl and the import name the types as create_enums does.
SELECT pg_temp.remote('DROP DATABASE regress_enums_none', 'CREATE DATABASE regress_enums_none CHARACTER SET utf8mb4',
    'CREATE TABLE regress_enums_none.u (a ENUM(''m'', ''n''), b ENUM(''r'', ''s''))',
    'CREATE TABLE regress_enums_none.u_a (id INT PRIMARY KEY)',
    'CREATE TABLE regress_enums_none.u_a_enum (id INT PRIMARY KEY)');
CREATE SCHEMA twice;
CREATE SCHEMA twice_imported;
SET client_min_messages = warning;
IMPORT FOREIGN SCHEMA regress_enums_none FROM SERVER maria INTO twice_imported;
RESET client_min_messages;
SELECT type, labels, status FROM mariadb.create_enums('maria', 'regress_enums_none', 'twice');
SELECT object, statement FROM mariadb.ddl('maria', 'regress_enums_none', 'not_there') WHERE kind = 'enum';
SELECT object, note, statement IS NULL AS is_note FROM mariadb.ddl('maria', 'regress_enums_none', 'twice') WHERE step = 10;
SET client_min_messages = warning;
IMPORT FOREIGN SCHEMA regress_enums_none FROM SERVER maria INTO twice;
RESET client_min_messages;
SELECT schema, type FROM types WHERE schema ~ 'twice';
-- The text's name, too, gives way to a table's.
CREATE SCHEMA given;
SELECT type, columns, status FROM mariadb.create_enums('maria', 'regress_enums_none', 'given',
    E'enum u_a {\n m\n n\n}\nmodel u {\n a u_a?\n b String?\n}');
SELECT object, note FROM mariadb.ddl('maria', 'regress_enums_none', 'given', jsonb_build_object('prisma',
    E'enum u_a {\n m\n n\n}\nmodel u {\n a u_a?\n b String?\n}')) WHERE step = 10;

-- Who may not create, creates nothing; who may not use the server, neither.
CREATE ROLE regress_maria_user;
GRANT USAGE ON SCHEMA mariadb, odd TO regress_maria_user;
SET ROLE regress_maria_user;
SELECT * FROM mariadb.create_enums('maria', 'regress_enums', 'odd');
RESET ROLE;
GRANT EXECUTE ON FUNCTION mariadb.create_enums(name, text, text, text) TO regress_maria_user;
SET ROLE regress_maria_user;
SELECT * FROM mariadb.create_enums('maria', 'regress_enums', 'odd');
RESET ROLE;
GRANT USAGE ON FOREIGN SERVER maria TO regress_maria_user;
CREATE USER MAPPING FOR regress_maria_user SERVER maria
    OPTIONS (username :'user', password :'password');
SET ROLE regress_maria_user;
SELECT * FROM mariadb.create_enums('maria', 'regress_enums', 'odd');
RESET ROLE;
SELECT count(*) FROM types WHERE labels[1] = 'FREE';
DROP OWNED BY regress_maria_user;
DROP ROLE regress_maria_user;

SET client_min_messages = warning;
DROP VIEW types;
DROP SCHEMA odd, cut, twice, twice_imported, given CASCADE;
DROP SERVER maria CASCADE;
\! mariadb $MARIADB_ARGS -e "DROP DATABASE regress_enums; DROP DATABASE regress_enums_odd; DROP DATABASE regress_enums_none"
