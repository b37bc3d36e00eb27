-- What MariaDB has learnt since 10.5: UUID and INET4 (10.7, 10.10), descending
-- and ignored indexes (10.8, 10.6), the schema sys (10.6).  Older servers lack
-- one of them and end the test as expected/newer_server_1.out has it, and MySQL
-- as expected/newer_server_2.out does.
\i sql/settings.psql
\set version `mariadb $MARIADB_ARGS -N -e "SELECT CASE WHEN VERSION() NOT RLIKE 'MariaDB' THEN 'MySQL' WHEN VERSION() RLIKE '^10[.][0-9][.-]' THEN 'older than MariaDB 10.10' ELSE 'newer' END"`
SELECT :'version' <> 'newer' AS lacks_some \gset
\if :lacks_some
\echo skipped: this server is :version
\quit
\endif

CREATE SERVER maria FOREIGN DATA WRAPPER mariadb_fdw OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER maria
    OPTIONS (username :'user', password :'password');
\! mariadb $MARIADB_ARGS -e "CREATE OR REPLACE DATABASE regress_newer CHARACTER SET utf8mb4"
SELECT mariadb.exec('maria', $$
CREATE TABLE regress_newer.ids (
    id INT PRIMARY KEY, u UUID DEFAULT UUID(), a4 INET4, a6 INET6, f BOOLEAN,
    KEY down (id DESC, u), KEY unused (a4) IGNORED)$$);
SELECT mariadb.exec('maria', $$
INSERT INTO regress_newer.ids VALUES
    (1, '00000000-0000-0000-0000-000000000000', '0.0.0.0', '::', 1),
    (2, 'ffffffff-ffff-ffff-ffff-ffffffffffff', '255.255.255.255', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', 0),
    (3, '123e4567-e89b-12d3-a456-426655440000', '10.0.0.1', '::ffff:192.168.0.1', 1),
    (4, NULL, NULL, NULL, NULL)$$);
SELECT mariadb.exec('maria', $$
CREATE TABLE regress_newer.keys (u UUID, a INET6, f BOOLEAN, PRIMARY KEY (u, a))$$);
SELECT mariadb.exec('maria', $$
INSERT INTO regress_newer.`keys` VALUES
    ('00112233-4455-6677-8899-aabbccddeeff', '::1', 2), ('ffffffff-ffff-ffff-ffff-ffffffffffff', '::', 1)$$);

-- Import and values.
CREATE SCHEMA there;
IMPORT FOREIGN SCHEMA regress_newer FROM SERVER maria INTO there;
SELECT attname, format_type(atttypid, atttypmod) AS type, attfdwoptions
FROM pg_attribute WHERE attrelid = 'there.ids'::regclass AND attnum > 0 ORDER BY attnum;
SELECT id, u::text = r.ru AS u, host(a4) = ra4 AS a4, host(a6) = ra6 AS a6, u, a4, a6
FROM there.ids JOIN mariadb.query('maria',
    'SELECT id, CAST(u AS CHAR), CAST(a4 AS CHAR), CAST(a6 AS CHAR) FROM regress_newer.ids')
    AS r (id int, ru text, ra4 text, ra6 text) USING (id) ORDER BY id;
EXPLAIN (VERBOSE, COSTS OFF)
SELECT id FROM there.ids WHERE u = '00000000-0000-0000-0000-000000000000' AND id > 0;
SELECT id FROM there.ids WHERE u = '00000000-0000-0000-0000-000000000000' AND id > 0;

-- Structure.
SELECT table_name, index_name, kind, position, column_name, direction FROM mariadb.indexes('maria', 'regress_newer')
ORDER BY 1, 2, 4;
SELECT kind, object, coalesce(statement, note) AS said
FROM mariadb.ddl('maria', 'regress_newer', 'here') WHERE object ~ 'ids';

-- A whole migration, verified, with a difference found.
SET client_min_messages = warning;
CALL mariadb.migrate('maria', 'regress_newer', 'here', '{"tables": ["ids"]}');
RESET client_min_messages;
SELECT * FROM mariadb.verify_structure('maria', 'regress_newer', 'here') WHERE status <> 'equal' AND object ~ '^ids';
SELECT table_name, method, status FROM mariadb.verify('maria', 'regress_newer', 'here', tables => '{ids}');
UPDATE here.ids SET u = NULL WHERE id = 1;
UPDATE here.ids SET a6 = '::2' WHERE id = 2;
SELECT key, kind, columns FROM mariadb.differences('maria', 'regress_newer', 'here', tables => '{ids}') ORDER BY key;

-- Rejected rows are found by their keys.
CREATE TABLE kept (u uuid, a inet, f boolean);
SELECT mariadb.copy('there.keys', 'kept', '{"on_error": "reject"}');
SELECT key, condition, column_name, value FROM mariadb.reject ORDER BY id;
TABLE kept;

-- The schema is MariaDB's own.
SELECT * FROM mariadb.ddl('maria', 'sys', 'here');

SET client_min_messages = warning;
TRUNCATE mariadb.reject;
DROP TABLE kept;
DROP SCHEMA here, there CASCADE;
DROP SERVER maria CASCADE;
\! mariadb $MARIADB_ARGS -e "DROP DATABASE regress_newer"
