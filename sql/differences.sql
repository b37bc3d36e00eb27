-- differences, repair and resync: what differs is found, reported and repaired.
\set SHOW_CONTEXT never
\i sql/server.psql
\! mariadb $MARIADB_ARGS -e "CREATE OR REPLACE DATABASE regress_differences CHARACTER SET utf8mb4"
SELECT pg_temp.remote($$
CREATE TABLE regress_differences.people (
    id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40), email VARCHAR(40) UNIQUE, score DOUBLE, photo BLOB,
    seen DATETIME(6), tags SET('a', 'b'), state ENUM('on', 'off'), extra JSON, price DECIMAL(10,2))$$, $$
INSERT INTO regress_differences.people VALUES
    (1, 'Ann', 'ann@x', 0.1, X'00FF5C27', '2024-02-29 12:00:00.123456', 'a,b', 'on', '{"b": 1, "a": 2}', 1.50),
    (2, 'Bo''b \\ ', 'bob@x', -1e300, '', '0001-01-01', '', 'off', '[]', -0.01),
    (3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)$$, $$
CREATE TABLE regress_differences.children (
    person INT, n INT, toy VARCHAR(20), PRIMARY KEY (person, n),
    FOREIGN KEY (person) REFERENCES regress_differences.people (id) ON DELETE CASCADE)$$,
    'INSERT INTO regress_differences.children VALUES (1, 1, ''ball''), (1, 2, ''bear''), (2, 1, ''car'')',
    'CREATE TABLE regress_differences.loose (a INT, b VARCHAR(10))',
    'INSERT INTO regress_differences.loose VALUES (1, ''x''), (1, ''x''), (2, NULL), (2, ''''), (NULL, NULL)',
    'CREATE TABLE regress_differences.words (word VARCHAR(20) COLLATE utf8mb4_general_ci PRIMARY KEY, n INT)',
    'INSERT INTO regress_differences.words VALUES (''Éa'', 1), (''b'', 2), ('''', 3)',
    'CREATE TABLE regress_differences.sums (id INT PRIMARY KEY, a INT, twice INT AS (a * 2) STORED)',
    'INSERT INTO regress_differences.sums (id, a) VALUES (1, 10), (2, 20)');
SET client_min_messages = warning;
CALL mariadb.migrate('maria', 'regress_differences', 'here', '{"comments": false}');
RESET client_min_messages;
-- Nothing where there is nothing.
SELECT * FROM mariadb.differences('maria', 'regress_differences', 'here');
SELECT * FROM mariadb.repair('maria', 'regress_differences', 'here');
SELECT table_name, inserted, updated, deleted, chunks, chunks_differing FROM mariadb.resync('maria', 'regress_differences', 'here');

-- One of each kind, reported and repaired.
CREATE VIEW found AS
SELECT * FROM mariadb.differences('maria', 'regress_differences', 'here')
ORDER BY table_name COLLATE "C", kind COLLATE "C", key, remote_row, local_row;
UPDATE here.people SET name = 'Ann ', score = 0.10000000000000002, photo = '\x00ff5c28', seen = seen + '1 us' WHERE id = 1;
UPDATE here.people SET email = 'z' WHERE id = 1;
UPDATE here.people SET email = 'ann@x' WHERE id = 2;
UPDATE here.people SET email = 'bob@x' WHERE id = 1;
UPDATE here.people SET name = '' WHERE id = 3;
DELETE FROM here.children WHERE n = 2;
UPDATE here.children SET person = 3 WHERE person = 2;
INSERT INTO here.children VALUES (3, 7, 'doll');
DELETE FROM here.loose WHERE ctid = (SELECT min(ctid) FROM here.loose WHERE a = 1);
INSERT INTO here.loose VALUES (2, ''), (2, ''), (5, 'new');
UPDATE here.words SET word = 'éa' WHERE n = 1;
UPDATE here.sums SET a = 11 WHERE id = 1;
SELECT * FROM found;
SELECT * FROM mariadb.repair('maria', 'regress_differences', 'here');
BEGIN;
SELECT status, count(*) FROM mariadb.repair('maria', 'regress_differences', 'here', apply => true) GROUP BY 1;
SELECT * FROM found;
SELECT table_name, status FROM mariadb.verify('maria', 'regress_differences', 'here') WHERE status <> 'equal';
SHOW session_replication_role;
ROLLBACK;
-- The printed statements can be run by hand.
BEGIN;
SELECT statement FROM mariadb.repair('maria', 'regress_differences', 'here') \gexec
SELECT * FROM found;
ROLLBACK;
BEGIN;
SELECT table_name, inserted, updated, deleted, chunks, chunks_differing
FROM mariadb.resync('maria', 'regress_differences', 'here') ORDER BY table_name COLLATE "C";
SELECT * FROM found;
SELECT table_name, status FROM mariadb.verify('maria', 'regress_differences', 'here') WHERE status <> 'equal';
SHOW session_replication_role;
ROLLBACK;

-- A limit is reported, for each table.
SELECT table_name, kind = 'more differences' AS is_limit, count(*) FROM mariadb.differences('maria', 'regress_differences', 'here', max_rows => 1) GROUP BY 1, 2 ORDER BY 1, 2;
-- verify counts them.
SELECT v.table_name, v.differing_rows = sum(d.times) AS is_same
FROM mariadb.verify('maria', 'regress_differences', 'here', 'rows') v
    LEFT JOIN mariadb.differences('maria', 'regress_differences', 'here', max_rows => NULL) d USING (table_name)
WHERE v.differing_rows > 0 GROUP BY v.table_name, v.differing_rows ORDER BY 1;
SELECT count(*) FROM mariadb.differences('maria', 'regress_differences', 'here', max_rows => NULL);
SELECT * FROM mariadb.differences('maria', 'regress_differences', 'here', max_rows => 0);
-- One table, and missing ones.
SELECT table_name, kind FROM mariadb.differences('maria', 'regress_differences', 'here', '{words}') ORDER BY 1, 2;
SELECT * FROM mariadb.differences('maria', 'regress_differences', 'here', '{}');
SELECT * FROM mariadb.differences('maria', 'regress_differences', 'here', '{nothing}');
SELECT * FROM mariadb.differences('maria', NULL, 'here');
SELECT * FROM mariadb.differences('maria', 'regress_differences', 'nowhere');
SELECT * FROM mariadb.resync('maria', 'regress_nowhere', 'here');
-- Parents and children belong together: half of a resync would break the key.
DELETE FROM here.children;
DELETE FROM here.people WHERE id = 2;
SELECT * FROM mariadb.resync('maria', 'regress_differences', 'here', '{children}');
SELECT table_name, inserted, updated, deleted FROM mariadb.resync('maria', 'regress_differences', 'here', '{people,children}');
SELECT table_name, kind FROM found WHERE table_name IN ('people', 'children');
-- Triggers stay out of the way, and come back.
CREATE FUNCTION here.spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.b := 'spoilt'; RETURN NEW; END $$;
CREATE TRIGGER spoil BEFORE INSERT OR UPDATE ON here.loose FOR EACH ROW EXECUTE FUNCTION here.spoil();
SELECT table_name, inserted, updated, deleted FROM mariadb.resync('maria', 'regress_differences', 'here', '{loose}');
SELECT * FROM found WHERE table_name = 'loose';
INSERT INTO here.loose VALUES (9, 'good');
SELECT * FROM found WHERE table_name = 'loose';
SELECT table_name, status FROM mariadb.repair('maria', 'regress_differences', 'here', '{loose}', true);
-- Sequences follow.
SELECT pg_temp.remote('INSERT INTO regress_differences.people (id, name) VALUES (100, ''new'')');
SELECT table_name, inserted, updated, deleted FROM mariadb.resync('maria', 'regress_differences', 'here');
SELECT nextval('here.people_id_seq');
SELECT * FROM found;
-- A generated column with another expression cannot be repaired, which is reported.
ALTER TABLE here.sums DROP COLUMN twice;
ALTER TABLE here.sums ADD COLUMN twice int GENERATED ALWAYS AS (a * 3) STORED;
SELECT * FROM mariadb.repair('maria', 'regress_differences', 'here', '{sums}') ORDER BY statement;
SELECT * FROM mariadb.repair('maria', 'regress_differences', 'here', '{sums}', true);
SELECT table_name, inserted, updated, deleted FROM mariadb.resync('maria', 'regress_differences', 'here', '{sums}');
-- Columns that one side alone has.
ALTER TABLE here.sums DROP COLUMN twice, ADD COLUMN note text DEFAULT 'kept';
UPDATE here.sums SET a = 12, note = 'mine' WHERE id = 1;
SELECT table_name, kind, columns FROM mariadb.differences('maria', 'regress_differences', 'here', '{sums}');
SELECT table_name, inserted, updated, deleted FROM mariadb.resync('maria', 'regress_differences', 'here', '{sums}');
SELECT * FROM here.sums ORDER BY id;
-- Without its key a table is compared by whole rows.
ALTER TABLE here.words DROP COLUMN word;
UPDATE here.words SET n = 1 WHERE n = 3;
SELECT table_name, key, kind, remote_row, local_row, times FROM mariadb.differences('maria', 'regress_differences', 'here', '{words}') ORDER BY kind;
-- A missing local table.
DROP TABLE here.words;
SELECT table_name, kind FROM mariadb.differences('maria', 'regress_differences', 'here', '{words}');
SELECT * FROM mariadb.resync('maria', 'regress_differences', 'here', '{words}');
SELECT * FROM mariadb.repair('maria', 'regress_differences', 'here', '{words}', true);
-- Partitions: a place is one in a partition.
DROP TABLE here.loose;
CREATE TABLE here.loose (a int, b varchar(10)) PARTITION BY LIST (a);
CREATE TABLE here.loose_1 PARTITION OF here.loose FOR VALUES IN (1);
CREATE TABLE here.loose_2 PARTITION OF here.loose DEFAULT;
INSERT INTO here.loose VALUES (1, 'y'), (7, 'z');
SELECT * FROM mariadb.repair('maria', 'regress_differences', 'here', '{loose}') ORDER BY statement COLLATE "C";
SELECT status, count(*) FROM mariadb.repair('maria', 'regress_differences', 'here', '{loose}', true) GROUP BY 1;
INSERT INTO here.loose VALUES (1, 'y'), (7, 'z');
SELECT table_name, inserted, updated, deleted FROM mariadb.resync('maria', 'regress_differences', 'here', '{loose}');
SELECT * FROM mariadb.differences('maria', 'regress_differences', 'here', '{loose}');
-- An owner who is not a superuser drops the foreign keys and restores them.
CREATE ROLE regress_maria_user;
SELECT mariadb.grant_to('regress_maria_user');
GRANT ALL ON SCHEMA here TO regress_maria_user;
GRANT USAGE ON FOREIGN SERVER maria TO regress_maria_user;
CREATE USER MAPPING FOR regress_maria_user SERVER maria OPTIONS (username :'user', password :'password');
ALTER TABLE here.people OWNER TO regress_maria_user;
ALTER TABLE here.children OWNER TO regress_maria_user;
UPDATE here.people SET email = 'z' WHERE id = 1;
UPDATE here.people SET email = 'ann@x' WHERE id = 2;
UPDATE here.people SET email = 'bob@x' WHERE id = 1;
DELETE FROM here.people WHERE id = 2;
SET ROLE regress_maria_user;
BEGIN;
SELECT table_name, status FROM mariadb.repair('maria', 'regress_differences', 'here', '{people,children}', true);
ROLLBACK;
SELECT table_name, left(statement, 30) AS statement, status FROM mariadb.repair('maria', 'regress_differences', 'here', '{people,children}');
SELECT table_name, inserted, updated, deleted FROM mariadb.resync('maria', 'regress_differences', 'here', '{people,children}');
SELECT * FROM mariadb.differences('maria', 'regress_differences', 'here', '{people,children}');
RESET ROLE;
SELECT conname, convalidated, confdeltype FROM pg_constraint WHERE conrelid = 'here.children'::regclass AND contype = 'f';
-- Rows that a policy hides must not look as if they were missing.
ALTER TABLE here.people ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
SET ROLE regress_maria_user;
SELECT * FROM mariadb.differences('maria', 'regress_differences', 'here', '{people}');
SELECT * FROM mariadb.resync('maria', 'regress_differences', 'here', '{people}');
RESET ROLE;
ALTER TABLE here.people DISABLE ROW LEVEL SECURITY;
-- A role that may not read a table gets an error.
ALTER TABLE here.children OWNER TO CURRENT_USER;
REVOKE ALL ON here.children FROM regress_maria_user;
SET ROLE regress_maria_user;
SELECT * FROM mariadb.differences('maria', 'regress_differences', 'here', '{children}');
RESET ROLE;
ALTER TABLE here.people OWNER TO CURRENT_USER;
DROP OWNED BY regress_maria_user;
DROP ROLE regress_maria_user;

SET client_min_messages = warning;
DROP VIEW found;
DROP SCHEMA here CASCADE;
DROP SERVER maria CASCADE;
\! mariadb $MARIADB_ARGS -e "DROP DATABASE regress_differences"
