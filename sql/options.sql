-- Options: what each object takes, who may set it, and what it does.
\i sql/settings.psql
\set socket `echo "$MARIADB_SOCKET"`
\! mariadb $MARIADB_ARGS -e "CREATE OR REPLACE DATABASE regress_options"

--
-- Each object takes its options.
--
CREATE SERVER taker FOREIGN DATA WRAPPER mariadb_fdw OPTIONS (
    host 'db.example.com', port '65535', socket '/nowhere/maria.sock',
    dbname 'shop', connect_timeout '86400', ssl_mode 'verify_full',
    ssl_ca '/nowhere/ca.pem', ssl_capath '/nowhere/ca',
    ssl_cert '/nowhere/cert.pem', ssl_key '/nowhere/key.pem',
    ssl_cipher 'AES256-SHA', server_public_key '/nowhere/public.pem',
    time_zone 'Europe/Zurich',
    zero_dates '-infinity', nul_bytes 'strip', invalid_enum 'null');
ALTER SERVER taker OPTIONS (SET port '1', SET connect_timeout '1',
    SET ssl_mode 'disabled', SET zero_dates 'error', SET nul_bytes 'error',
    SET invalid_enum 'error');
ALTER SERVER taker OPTIONS (SET ssl_mode 'preferred', SET zero_dates 'null');
ALTER SERVER taker OPTIONS (SET ssl_mode 'required', DROP time_zone);
ALTER SERVER taker OPTIONS (SET ssl_mode 'verify_ca');
CREATE USER MAPPING FOR CURRENT_USER SERVER taker OPTIONS (
    username 'app', password 'it''s;://%', password_required 'off',
    ssl_cert '/nowhere/cert.pem', ssl_key '/nowhere/key.pem');
CREATE FOREIGN TABLE taken (
    a int OPTIONS (column_name 'A', remote_type 'int(11)', key '1',
        zero_dates 'null', nul_bytes 'strip', invalid_enum 'null')
) SERVER taker OPTIONS (dbname 'shop', table_name 'Taken', rows '1e6',
    zero_dates '-infinity', nul_bytes 'strip', invalid_enum 'null');
ALTER FOREIGN TABLE taken ALTER a OPTIONS (SET key '2', DROP nul_bytes);
ALTER FOREIGN TABLE taken OPTIONS (SET rows '0');

--
-- And no other.
--
ALTER FOREIGN DATA WRAPPER mariadb_fdw OPTIONS (ADD host 'x');
ALTER SERVER taker OPTIONS (ADD hots 'x');
ALTER SERVER taker OPTIONS (ADD conect_timeout '1');
ALTER USER MAPPING FOR CURRENT_USER SERVER taker OPTIONS (ADD user_name 'x');
ALTER FOREIGN TABLE taken OPTIONS (ADD tablename 'x');
ALTER FOREIGN TABLE taken ALTER a OPTIONS (ADD colum_name 'x');
ALTER SERVER taker OPTIONS (ADD "Host" 'x');
ALTER SERVER taker OPTIONS (ADD entirely_other 'x');
\set VERBOSITY terse
ALTER SERVER taker OPTIONS (ADD username 'x');
ALTER SERVER taker OPTIONS (ADD password 'x');
ALTER SERVER taker OPTIONS (ADD table_name 'x');
ALTER SERVER taker OPTIONS (ADD rows '1');
ALTER USER MAPPING FOR CURRENT_USER SERVER taker OPTIONS (ADD host 'x');
ALTER USER MAPPING FOR CURRENT_USER SERVER taker OPTIONS (ADD ssl_ca 'x');
ALTER FOREIGN TABLE taken OPTIONS (ADD port '1');
ALTER FOREIGN TABLE taken OPTIONS (ADD key '1');
ALTER FOREIGN TABLE taken ALTER a OPTIONS (ADD dbname 'x');
ALTER SERVER taker OPTIONS (ADD host 'again');

--
-- Values are checked when they are given.
--
ALTER SERVER taker OPTIONS (SET port '0');
ALTER SERVER taker OPTIONS (SET port '65536');
ALTER SERVER taker OPTIONS (SET port '-1');
ALTER SERVER taker OPTIONS (SET port '');
ALTER SERVER taker OPTIONS (SET port '3306x');
ALTER SERVER taker OPTIONS (SET port '33.06');
ALTER SERVER taker OPTIONS (SET port '99999999999999999999');
ALTER SERVER taker OPTIONS (SET connect_timeout '0');
ALTER SERVER taker OPTIONS (SET connect_timeout '86401');
ALTER SERVER taker OPTIONS (SET connect_timeout '10s');
ALTER SERVER taker OPTIONS (SET host 'db;user=root');
ALTER SERVER taker OPTIONS (SET host 'mariadb://db');
ALTER SERVER taker OPTIONS (SET host '://');
ALTER SERVER taker OPTIONS (SET host ';');
ALTER SERVER taker OPTIONS (SET host 'plugin_dir=/tmp');
ALTER SERVER taker OPTIONS (SET host 'db1,db2');
ALTER USER MAPPING FOR CURRENT_USER SERVER taker
    OPTIONS (SET password_required 'maybe');
ALTER FOREIGN TABLE taken OPTIONS (SET rows '-1');
ALTER FOREIGN TABLE taken OPTIONS (SET rows 'many');
ALTER FOREIGN TABLE taken OPTIONS (SET rows 'nan');
ALTER FOREIGN TABLE taken OPTIONS (SET rows 'infinity');
ALTER FOREIGN TABLE taken OPTIONS (SET rows '1e999');
ALTER FOREIGN TABLE taken OPTIONS (SET rows '');
ALTER FOREIGN TABLE taken ALTER a OPTIONS (SET key '0');
ALTER FOREIGN TABLE taken ALTER a OPTIONS (SET key 'yes');
\set VERBOSITY default
ALTER SERVER taker OPTIONS (SET port '70000');
ALTER SERVER taker OPTIONS (SET host 'a;b');
ALTER SERVER taker OPTIONS (SET ssl_mode 'on');
ALTER SERVER taker OPTIONS (SET zero_dates 'strip');
ALTER SERVER taker OPTIONS (SET nul_bytes 'null');
ALTER SERVER taker OPTIONS (SET invalid_enum '');
ALTER FOREIGN TABLE taken OPTIONS (SET zero_dates 'infinity');
ALTER FOREIGN TABLE taken ALTER a OPTIONS (SET invalid_enum 'strip');
ALTER FOREIGN TABLE taken OPTIONS (SET rows 'x');

--
-- A file is named by a superuser only, and so is a mapping that needs no
-- password; what a superuser has named, its new owner cannot keep by altering.
--
CREATE ROLE regress_maria_user;
GRANT USAGE ON FOREIGN DATA WRAPPER mariadb_fdw TO regress_maria_user;
GRANT USAGE ON SCHEMA mariadb TO regress_maria_user;
GRANT USAGE ON FOREIGN SERVER taker TO regress_maria_user;
SET ROLE regress_maria_user;
CREATE SERVER mine FOREIGN DATA WRAPPER mariadb_fdw OPTIONS (
    host 'x', port '1', dbname 'shop', connect_timeout '1',
    ssl_mode 'required', ssl_cipher 'x', time_zone '+01:00');
ALTER SERVER mine OPTIONS (ADD socket '/tmp/x');
\set VERBOSITY terse
ALTER SERVER mine OPTIONS (ADD ssl_ca '/etc/passwd');
ALTER SERVER mine OPTIONS (ADD ssl_capath '/etc');
ALTER SERVER mine OPTIONS (ADD ssl_cert '/etc/passwd');
ALTER SERVER mine OPTIONS (ADD ssl_key '/etc/passwd');
ALTER SERVER mine OPTIONS (ADD server_public_key '/etc/passwd');
CREATE USER MAPPING FOR CURRENT_USER SERVER mine OPTIONS (ssl_cert '/etc/passwd');
CREATE USER MAPPING FOR CURRENT_USER SERVER mine OPTIONS (ssl_key '/etc/passwd');
\set VERBOSITY default
CREATE USER MAPPING FOR CURRENT_USER SERVER mine OPTIONS (password_required 'false');
CREATE USER MAPPING FOR CURRENT_USER SERVER mine OPTIONS (password_required 'true');
ALTER USER MAPPING FOR CURRENT_USER SERVER mine OPTIONS (SET password_required 'no');
RESET ROLE;
ALTER SERVER mine OPTIONS (ADD socket '/tmp/x');
SET ROLE regress_maria_user;
ALTER SERVER mine OPTIONS (SET port '2');
DROP SERVER mine CASCADE;
RESET ROLE;
DROP FOREIGN TABLE taken;
DROP SERVER taker CASCADE;

--
-- What it takes to connect.
--
CREATE SERVER maria FOREIGN DATA WRAPPER mariadb_fdw
    OPTIONS (host :'host', port :'port', dbname 'regress_options');
CREATE USER MAPPING FOR CURRENT_USER SERVER maria
    OPTIONS (username :'user', password :'password');
CREATE FOREIGN TABLE colours (id int, name text) SERVER maria;
SELECT mariadb.exec('maria', 'CREATE TABLE regress_options.colours (id INT PRIMARY KEY, name VARCHAR(20))');
SELECT mariadb.exec('maria', 'INSERT INTO regress_options.colours VALUES (1, ''red''), (2, ''green'')');
SELECT * FROM colours ORDER BY id;
GRANT SELECT ON colours TO regress_maria_user;
GRANT USAGE ON FOREIGN SERVER maria TO regress_maria_user;

-- A table's dbname goes before its server's; one of the two must be there.
ALTER FOREIGN TABLE colours OPTIONS (ADD dbname 'regress_nowhere');
\set VERBOSITY sqlstate
SELECT * FROM colours;
\set VERBOSITY default
ALTER SERVER maria OPTIONS (SET dbname 'regress_nowhere');
ALTER FOREIGN TABLE colours OPTIONS (SET dbname 'regress_options');
SELECT count(*) FROM colours;
ALTER SERVER maria OPTIONS (DROP dbname);
SELECT count(*) FROM colours;
ALTER FOREIGN TABLE colours OPTIONS (DROP dbname);
SELECT count(*) FROM colours;
EXPLAIN SELECT count(*) FROM colours;
ALTER SERVER maria OPTIONS (ADD dbname 'regress_options');

-- Without a user mapping, without a name, without a password.
SET ROLE regress_maria_user;
\set VERBOSITY sqlstate
SELECT count(*) FROM colours;
\set VERBOSITY default
RESET ROLE;
CREATE USER MAPPING FOR regress_maria_user SERVER maria;
SET ROLE regress_maria_user;
SELECT count(*) FROM colours;
ALTER USER MAPPING FOR CURRENT_USER SERVER maria OPTIONS (ADD username 'app');
SELECT count(*) FROM colours;
ALTER USER MAPPING FOR CURRENT_USER SERVER maria OPTIONS (ADD password '');
SELECT count(*) FROM colours;
ALTER USER MAPPING FOR CURRENT_USER SERVER maria OPTIONS (SET password :'password');
SELECT count(*) FROM colours;

-- A socket could let the operating system user in.
RESET ROLE;
ALTER SERVER maria OPTIONS (ADD socket :'socket');
SELECT count(*) FROM colours;
SET ROLE regress_maria_user;
SELECT count(*) FROM colours;
RESET ROLE;
ALTER USER MAPPING FOR regress_maria_user SERVER maria OPTIONS (
    ADD password_required 'false', SET username 'root', DROP password);
SET ROLE regress_maria_user;
SELECT count(*) FROM colours;
ALTER USER MAPPING FOR CURRENT_USER SERVER maria OPTIONS (SET username 'app');
RESET ROLE;
ALTER SERVER maria OPTIONS (DROP socket);
DROP USER MAPPING FOR regress_maria_user SERVER maria;

-- A mapping for PUBLIC serves whoever has none.
CREATE USER MAPPING FOR PUBLIC SERVER maria
    OPTIONS (username :'user', password :'password');
SET ROLE regress_maria_user;
SELECT count(*) FROM colours;
SELECT server, user_name, state, valid FROM mariadb.connections()
WHERE user_name = 'public';
RESET ROLE;
-- Without a password it serves superusers only, also over a connection that
-- one of them has opened.
ALTER USER MAPPING FOR PUBLIC SERVER maria OPTIONS (DROP password);
DROP USER MAPPING FOR CURRENT_USER SERVER maria;
\! mariadb $MARIADB_ARGS -e "CREATE USER regress_open@'127.0.0.1'; GRANT SELECT ON *.* TO regress_open@'127.0.0.1'"
ALTER USER MAPPING FOR PUBLIC SERVER maria OPTIONS (SET username 'regress_open');
SELECT count(*) FROM colours;
SET ROLE regress_maria_user;
SELECT count(*) FROM colours;
RESET ROLE;
\! mariadb $MARIADB_ARGS -e "DROP USER regress_open@'127.0.0.1'"
CREATE USER MAPPING FOR CURRENT_USER SERVER maria
    OPTIONS (username :'user', password :'password');
DROP USER MAPPING FOR PUBLIC SERVER maria;

--
-- A change of options leads to a new connection, after the transaction.
--
SELECT mariadb.disconnect_all() IN (true, false) AS clean;
SELECT * FROM mariadb.connections();
SELECT count(*) FROM colours;
SELECT server, user_name = current_user AS mine, state, tls_cipher, valid
FROM mariadb.connections();
SELECT remote_thread AS first FROM mariadb.connections() \gset
SELECT count(*) FROM colours;
SELECT remote_thread = :first AS kept, valid FROM mariadb.connections();
ALTER SERVER maria OPTIONS (ADD connect_timeout '5');
SELECT remote_thread = :first AS kept, valid FROM mariadb.connections();
SELECT count(*) FROM colours;
SELECT remote_thread <> :first AS is_new, valid FROM mariadb.connections();
SELECT remote_thread AS second FROM mariadb.connections() \gset
ALTER USER MAPPING FOR CURRENT_USER SERVER maria OPTIONS (SET password 'wrong');
\set VERBOSITY sqlstate
SELECT count(*) FROM colours;
\set VERBOSITY default
SELECT * FROM mariadb.connections();
ALTER USER MAPPING FOR CURRENT_USER SERVER maria OPTIONS (SET password :'password');
SELECT count(*) FROM colours;
SELECT remote_thread AS third FROM mariadb.connections() \gset
BEGIN;
SELECT count(*) FROM colours;
ALTER SERVER maria OPTIONS (SET connect_timeout '6');
SELECT count(*) FROM colours;
SELECT remote_thread = :third AS kept, state, valid FROM mariadb.connections();
COMMIT;
SELECT count(*) FROM colours;
SELECT remote_thread <> :third AS is_new, valid FROM mariadb.connections();

-- The connection of a dropped server, in its last transaction and after.
CREATE SERVER passing FOREIGN DATA WRAPPER mariadb_fdw
    OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER passing
    OPTIONS (username :'user', password :'password');
BEGIN;
SELECT * FROM mariadb.query('passing', 'SELECT 1') AS (one int);
DROP SERVER passing CASCADE;
SELECT server, state FROM mariadb.connections() ORDER BY server;
SELECT mariadb.disconnect('maria');
SET client_min_messages = error;
SELECT mariadb.disconnect_all();
RESET client_min_messages;
COMMIT;
SELECT count(*) FROM mariadb.connections();

--
-- Nobody there, nobody known, nobody let in: each has its SQLSTATE.
--
\set VERBOSITY sqlstate
ALTER SERVER maria OPTIONS (SET port '1');
SELECT count(*) FROM colours;
ALTER SERVER maria OPTIONS (SET port :'port', SET host 'no-such-host.invalid');
SELECT count(*) FROM colours;
ALTER SERVER maria OPTIONS (SET host :'host', ADD socket '/nowhere/maria.sock');
SELECT count(*) FROM colours;
ALTER SERVER maria OPTIONS (DROP socket);
ALTER USER MAPPING FOR CURRENT_USER SERVER maria OPTIONS (SET password 'wrong');
SELECT count(*) FROM colours;
ALTER USER MAPPING FOR CURRENT_USER SERVER maria OPTIONS (DROP password);
SELECT count(*) FROM colours;
ALTER USER MAPPING FOR CURRENT_USER SERVER maria
    OPTIONS (ADD password :'password', SET username 'nobody');
SELECT count(*) FROM colours;
ALTER USER MAPPING FOR CURRENT_USER SERVER maria OPTIONS (SET username '');
SELECT count(*) FROM colours;
ALTER USER MAPPING FOR CURRENT_USER SERVER maria OPTIONS (SET username :'user');
ALTER SERVER maria OPTIONS (ADD time_zone 'Nowhere/Land');
SELECT count(*) FROM colours;
ALTER SERVER maria OPTIONS (SET time_zone '''; DROP DATABASE regress_options; --');
SELECT count(*) FROM colours;
ALTER SERVER maria OPTIONS (DROP time_zone);
SELECT count(*) FROM colours;
\set VERBOSITY default

-- A server that accepts and then sends nothing: the timeout ends it.
\set silent `perl -MIO::Socket::INET -e '$s = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1"); print $s->sockport; exit if fork; close $_ for *STDIN, *STDOUT, *STDERR; sleep 20'`
ALTER SERVER maria OPTIONS (SET port :'silent', SET connect_timeout '1');
\set VERBOSITY sqlstate
SELECT clock_timestamp() AS start \gset
SELECT count(*) FROM colours;
SELECT clock_timestamp() - :'start' BETWEEN '0.9 s' AND '5 s' AS in_time;
\set VERBOSITY default
ALTER SERVER maria OPTIONS (SET port :'port', DROP connect_timeout);
SELECT count(*) FROM colours;

--
-- TLS, which this server does not have.
--
ALTER SERVER maria OPTIONS (ADD ssl_mode 'disabled');
SELECT count(*) FROM colours;
ALTER SERVER maria OPTIONS (SET ssl_mode 'preferred');
SELECT count(*) FROM colours;
SELECT tls_cipher IS NULL AS plain FROM mariadb.connections();
ALTER SERVER maria OPTIONS (SET ssl_mode 'required');
SELECT count(*) FROM colours;
ALTER SERVER maria OPTIONS (SET ssl_mode 'verify_ca');
SELECT count(*) FROM colours;
\set VERBOSITY sqlstate
ALTER SERVER maria OPTIONS (ADD ssl_ca '/nowhere/ca.pem');
SELECT count(*) FROM colours;
ALTER SERVER maria OPTIONS (DROP ssl_ca, SET ssl_mode 'verify_full');
SELECT count(*) FROM colours;
\set VERBOSITY default
SELECT * FROM mariadb.connections();

DROP SERVER maria CASCADE;
REVOKE ALL ON FOREIGN DATA WRAPPER mariadb_fdw FROM regress_maria_user;
REVOKE ALL ON SCHEMA mariadb FROM regress_maria_user;
DROP ROLE regress_maria_user;
\! mariadb $MARIADB_ARGS -e "DROP DATABASE regress_options"
