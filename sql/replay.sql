-- replay: rejected rows are stored once they fit; progress shows how far a run is.
\i sql/server.psql
SET client_min_messages = warning;
\set SHOW_CONTEXT never
\! mariadb $MARIADB_ARGS -e "CREATE OR REPLACE DATABASE regress_replay CHARACTER SET utf8mb4"
\! mariadb $MARIADB_ARGS regress_replay -e "SET sql_mode = 'ALLOW_INVALID_DATES'; CREATE TABLE flags (id INT PRIMARY KEY, is_on TINYINT(1), at DATE); INSERT INTO flags SELECT seq, seq % 2, '2024-01-01' FROM seq_1_to_1000; UPDATE flags SET is_on = 2 WHERE id IN (7, 500); UPDATE flags SET at = '0000-00-00' WHERE id = 999; CREATE TABLE pairs (a VARCHAR(10), b BIT(4), c DATE, PRIMARY KEY (a, b)); INSERT INTO pairs VALUES ('x', b'1010', '2023-02-31'), ('it''s', b'0001', '2023-02-31'), ('ok', b'0001', '2024-02-29'); CREATE TABLE loose (is_on TINYINT(1)); INSERT INTO loose VALUES (1), (3); CREATE TABLE fine (id INT PRIMARY KEY); INSERT INTO fine VALUES (1)"
CREATE VIEW told AS
SELECT r.state, r.problems, v ->> 'table_name' AS table_name, v ->> 'status' AS status,
    v ->> 'remote_rows' AS there, v ->> 'local_rows' AS here, v ->> 'rejected' AS rejected
FROM mariadb.run r, jsonb_array_elements(r.verification) v
WHERE r.id = (SELECT max(id) FROM mariadb.run);
CREATE VIEW rejects AS
SELECT table_name, key, condition, column_name, value, sqlstate FROM mariadb.reject
ORDER BY table_name, key::text COLLATE "C";

CALL mariadb.migrate('maria', 'regress_replay', 'moved', '{"on_error": "reject", "workers": 2}');
TABLE told;
TABLE rejects;
SELECT table_name, state, rows, estimated_rows >= rows AS is_all, percent, time_left, bar
FROM mariadb.progress ORDER BY table_name COLLATE "C";
SELECT max(id) AS run FROM mariadb.run \gset

-- Nothing has changed: nothing fits.
SELECT * FROM mariadb.replay(:run);
SELECT count(*) FROM mariadb.reject;
-- A repair in MariaDB, a row that has gone, and another policy.
\! mariadb $MARIADB_ARGS regress_replay -e "UPDATE flags SET is_on = 1 WHERE id = 7; DELETE FROM flags WHERE id = 500"
ALTER SERVER maria OPTIONS (ADD zero_dates 'null');
SELECT * FROM mariadb.replay(:run);
TABLE told;
TABLE rejects;
SELECT * FROM moved.flags WHERE id IN (7, 500, 999) ORDER BY id;
SELECT a, b, c FROM moved.pairs ORDER BY a;
SELECT table_name, remote_rows, local_rows, status FROM mariadb.verify('maria', 'regress_replay', 'moved') ORDER BY 1;
-- A row without a key cannot be found again.
SELECT * FROM mariadb.replay(:run);
SELECT * FROM mariadb.replay(-1);

-- As another role, by workers too: it may do what its rights allow.
CREATE ROLE regress_replayer;
GRANT USAGE ON FOREIGN SERVER maria TO regress_replayer;
SELECT mariadb.grant_to('regress_replayer');
GRANT CREATE ON DATABASE :DBNAME TO regress_replayer;
CREATE USER MAPPING FOR regress_replayer SERVER maria
    OPTIONS (username :'user', password :'password');
SET ROLE regress_replayer;
CALL mariadb.migrate('maria', 'regress_replay', 'theirs', '{"on_error": "reject", "workers": 2, "tables": ["flags", "fine"]}');
SELECT c.relname, pg_get_userbyid(c.relowner) FROM pg_class c WHERE relnamespace = 'theirs'::regnamespace AND relkind = 'r' ORDER BY 1;
RESET ROLE;
TABLE told;
SELECT workers FROM mariadb.run WHERE id = (SELECT max(id) FROM mariadb.run);

DROP VIEW told, rejects;
DROP SCHEMA moved, theirs CASCADE;
DROP OWNED BY regress_replayer CASCADE;
DROP ROLE regress_replayer;
DROP SERVER maria CASCADE;
\! mariadb $MARIADB_ARGS -e "DROP DATABASE regress_replay"
DELETE FROM mariadb.run;
