-- Errors: a value that cannot be held is named with its place, a remote error
-- comes with its statement, and after either the session stays usable.
\i sql/server.psql
ALTER SERVER maria OPTIONS (ADD dbname 'regress_errors');
\! mariadb $MARIADB_ARGS -e "CREATE OR REPLACE DATABASE regress_errors CHARACTER SET utf8mb4"
SET datestyle = 'ISO, YMD';

-- Runs a statement that must fail; returns what a user would see of it.
CREATE FUNCTION pg_temp.fails(statement text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text; hint text; context text;
BEGIN
    BEGIN
        EXECUTE statement;
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE,
            message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
            hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT;
        RETURN NEXT state || ' ' || message;
        IF detail <> '' THEN RETURN NEXT detail; END IF;
        IF hint <> '' THEN RETURN NEXT hint; END IF;
        context := split_part(context, E'\nSQL statement', 1);
        IF context NOT LIKE 'SQL statement%' THEN RETURN NEXT context; END IF;
        RETURN;
    END;
    RETURN NEXT 'no error: ' || statement;
END $$;

-- In each column the third row holds what is odd.
CREATE FUNCTION pg_temp.column(name text, remote_type text, good text, odd text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM mariadb.exec('maria', format('CREATE TABLE regress_errors.%s (id INT PRIMARY KEY, v %s)', name, remote_type));
    PERFORM mariadb.exec('maria', format(
        'SET STATEMENT sql_mode = ''ALLOW_INVALID_DATES,NO_BACKSLASH_ESCAPES'' FOR INSERT IGNORE INTO regress_errors.%s VALUES (1, %s), (2, NULL), (3, %s), (4, %s)',
        name, good, odd, good));
END $$;

-- Reads such a column as a local type.
CREATE FUNCTION pg_temp.reads(name text, local_type text) RETURNS SETOF text
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE FOREIGN TABLE %I (id int, "the value" %s OPTIONS (column_name ''v'')) SERVER maria OPTIONS (table_name %L)', name || '_here', local_type, name);
    RETURN NEXT local_type || ':';
    RETURN QUERY SELECT pg_temp.fails(format('SELECT "the value" FROM %I', name || '_here'));
    EXECUTE format('DROP FOREIGN TABLE %I', name || '_here');
END $$;

-- The same where the words are those of an input function or a domain: the
-- state, and whether the place and the value are named.
CREATE FUNCTION pg_temp.refuses(name text, local_type text, "row" int, value text)
RETURNS text LANGUAGE sql AS $$
    SELECT local_type || ': ' || left(string_agg(line, ' '), 5)
        || CASE WHEN string_agg(line, ' ') LIKE '%column "the value" of foreign table "public.' || name || '_here", row ' || "row"
            THEN ' place' ELSE ' NO PLACE' END
        || CASE WHEN position(value IN string_agg(line, ' ')) > 0
            THEN ' value' ELSE ' NO VALUE' END
    FROM pg_temp.reads(name, local_type) AS r (line)
    WHERE line <> local_type || ':'
$$;

-- The same without MariaDB's words, which differ between its versions.
CREATE FUNCTION pg_temp.fails_there(statement text) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT CASE n WHEN 1 THEN split_part(line, ' ', 1) ELSE line END
    FROM pg_temp.fails(statement) WITH ORDINALITY AS r (line, n)
$$;
\pset format unaligned
\pset footer off
\pset tuples_only on

--
-- Values that the declared type cannot hold.
--
SELECT pg_temp.column('tiny', 'TINYINT(1)', '1', '2');
SELECT pg_temp.reads('tiny', 'boolean');
SELECT pg_temp.column('negative', 'TINYINT(1)', '0', '-1');
SELECT pg_temp.reads('negative', 'boolean');
SELECT pg_temp.column('tinyu', 'TINYINT UNSIGNED', '0', '255');
SELECT pg_temp.reads('tinyu', 'boolean');
SELECT pg_temp.column('smallu', 'SMALLINT UNSIGNED', '0', '32768');
SELECT pg_temp.reads('smallu', 'smallint');
SELECT pg_temp.column('intu', 'INT UNSIGNED', '2147483647', '2147483648');
SELECT pg_temp.reads('intu', 'integer');
SELECT pg_temp.reads('intu', 'smallint');
SELECT pg_temp.column('int', 'INT', '-32768', '-32769');
SELECT pg_temp.reads('int', 'smallint');
SELECT pg_temp.refuses('int', 'numeric(4,0)', 1, '-32768');
SELECT pg_temp.refuses('int', 'varchar(5)', 1, '-32768');
SELECT pg_temp.refuses('int', 'char(5)', 1, '-32768');
SELECT pg_temp.column('bigu', 'BIGINT UNSIGNED', '9223372036854775807', '9223372036854775808');
SELECT pg_temp.reads('bigu', 'bigint');
SELECT pg_temp.reads('bigu', 'integer');
SELECT pg_temp.column('deci', 'DECIMAL(10,3)', '1.500', '1.255');
SELECT pg_temp.reads('deci', 'numeric(10,2)');
SELECT pg_temp.refuses('deci', 'numeric(3,3)', 1, '1.500');
CREATE DOMAIN cents AS numeric(10,2);
SELECT pg_temp.refuses('deci', 'cents', 3, '1.255');
SELECT pg_temp.column('big_deci', 'DECIMAL(10,0)', '1', '1234567890');
SELECT pg_temp.refuses('big_deci', 'numeric(9,0)', 3, '1234567890');
SELECT pg_temp.column('bits', 'BIT(8)', '1', '2');
SELECT pg_temp.reads('bits', 'boolean');
SELECT pg_temp.reads('bits', 'bit(7)');
SELECT pg_temp.reads('bits', 'varbit(7)');
SELECT pg_temp.column('bits64', 'BIT(64)', '1', '0x8000000000000000');
SELECT pg_temp.reads('bits64', 'bigint');
SELECT pg_temp.reads('bits64', 'integer');

SELECT pg_temp.column('zero', 'DATE', '''2024-01-01''', '''0000-00-00''');
SELECT pg_temp.reads('zero', 'date');
SELECT pg_temp.reads('zero', 'timestamp');
SELECT pg_temp.column('partial', 'DATE', '''2024-01-01''', '''2024-02-00''');
SELECT pg_temp.reads('partial', 'date');
SELECT pg_temp.column('no_year', 'DATE', '''2024-01-01''', '''0000-02-01''');
SELECT pg_temp.reads('no_year', 'date');
SELECT pg_temp.column('february', 'DATETIME(3)', '''2024-01-01 01:02:03''', '''2023-02-29 12:00:00.5''');
SELECT pg_temp.reads('february', 'timestamp');
SELECT pg_temp.reads('february', 'timestamptz');
SELECT pg_temp.column('zero_ts', 'TIMESTAMP NULL', '''2024-01-01''', '''0000-00-00''');
SELECT pg_temp.reads('zero_ts', 'timestamp');
SELECT pg_temp.column('fraction', 'DATETIME(6)', '''2024-01-01 01:02:03''', '''2024-01-01 01:02:03.123456''');
SELECT pg_temp.reads('fraction', 'timestamp(0)');
SELECT pg_temp.reads('fraction', 'timestamp(5)');
SELECT pg_temp.reads('fraction', 'timestamptz(3)');
CREATE DOMAIN seconds AS timestamp(0);
SELECT pg_temp.refuses('fraction', 'seconds', 3, '2024-01-01 01:02:03.123456');
SELECT pg_temp.reads('fraction', 'date');
SELECT pg_temp.column('hours', 'TIME(3)', '''01:02:03''', '''24:00:00''');
SELECT pg_temp.reads('hours', 'time');
SELECT pg_temp.column('minus', 'TIME(3)', '''01:02:03''', '''-00:00:00.001''');
SELECT pg_temp.reads('minus', 'time');
SELECT pg_temp.column('tenth', 'TIME(1)', '''01:02:03''', '''01:02:03.4''');
SELECT pg_temp.reads('tenth', 'time(0)');

SELECT pg_temp.column('nul', 'VARCHAR(20)', '''x''', 'CONCAT(''a'', CHAR(0), ''b'')');
SELECT pg_temp.reads('nul', 'text');
SELECT pg_temp.reads('nul', 'varchar(20)');
SELECT pg_temp.reads('nul', 'char(20)');
SELECT pg_temp.reads('nul', 'uuid');
SELECT pg_temp.column('surrogate', 'VARCHAR(20)', '''x''', '_utf8mb4 X''61EDA08062''');
SELECT pg_temp.reads('surrogate', 'text');
SELECT pg_temp.reads('surrogate', 'varchar(20)');
SELECT pg_temp.column('octets', 'VARBINARY(20)', '''x''', 'X''61FF62''');
SELECT pg_temp.reads('octets', 'text');
SELECT pg_temp.reads('octets', 'uuid');
SELECT pg_temp.column('long_text', 'VARCHAR(300)', '''short''', 'REPEAT(''é'', 6)');
SELECT pg_temp.reads('long_text', 'varchar(5)');
SELECT pg_temp.reads('long_text', 'char(5)');
CREATE DOMAIN five AS varchar(5);
SELECT pg_temp.refuses('long_text', 'five', 3, 'éééééé');
SELECT pg_temp.column('blanks', 'VARCHAR(300)', '''short''', '''ab    ''');
SELECT pg_temp.reads('blanks', 'varchar(5)');
SELECT pg_temp.refuses('blanks', 'five', 3, 'ab    ');
SELECT pg_temp.column('very_long', 'TEXT', '''short''', 'REPEAT(''0123456789'', 30)');
SELECT pg_temp.reads('very_long', 'varchar(20)');
SELECT pg_temp.reads('very_long', 'uuid');
SELECT pg_temp.column('long_odd', 'TEXT', '''short''', 'CONCAT(''x'', REPEAT(''é'', 80))');
SELECT pg_temp.refuses('long_odd', 'varchar(20)', 3, 'xééé');

SELECT pg_temp.column('nothing', 'ENUM(''a'', ''b'')', '''a''', '''c''');
CREATE TYPE ab AS ENUM ('a', 'b');
SELECT pg_temp.reads('nothing', 'ab');
SELECT pg_temp.column('more', 'ENUM(''a'', ''b'', ''a''''c'')', '''a''', '''a''''c''');
SELECT pg_temp.reads('more', 'ab');
SELECT pg_temp.column('word', 'VARCHAR(5)', '''a''', '''A''');
SELECT pg_temp.reads('word', 'ab');

SELECT pg_temp.column('text_int', 'VARCHAR(20)', '''1''', '''1x''');
SELECT pg_temp.reads('text_int', 'integer');
SELECT pg_temp.reads('text_int', 'inet');
SELECT pg_temp.reads('text_int', 'date');
SELECT pg_temp.column('text_numeric', 'VARCHAR(20)', '''1.5''', '''1.255''');
SELECT pg_temp.refuses('text_numeric', 'numeric(10,2)', 3, '1.255');
SELECT pg_temp.column('text_moment', 'VARCHAR(30)', '''2024-01-01''', '''2024-01-01 01:02:03.5''');
SELECT pg_temp.refuses('text_moment', 'timestamp(0)', 3, '2024-01-01 01:02:03.5');
SELECT pg_temp.column('json', 'TEXT', '''{}''', '''{"a": 1''');
SELECT pg_temp.refuses('json', 'jsonb', 3, '{"a": 1');
SELECT pg_temp.column('json_nul', 'JSON', '''{}''', '''"\u0000"''');
SELECT pg_temp.refuses('json_nul', 'jsonb', 3, '\u0000');
CREATE DOMAIN small AS int CHECK (value < 10);
SELECT pg_temp.refuses('intu', 'small', 1, '2147483647');
SELECT pg_temp.column('doubles', 'DOUBLE', '1', '1.5');
SELECT pg_temp.refuses('doubles', 'numeric(5,0)', 3, '1.5');

-- Pairs of types that no value fits.
SELECT pg_temp.reads('doubles', 'integer');
SELECT pg_temp.reads('doubles', 'boolean');
SELECT pg_temp.reads('zero', 'time');
SELECT pg_temp.reads('fraction', 'time');
SELECT pg_temp.reads('hours', 'timestamp');
SELECT pg_temp.reads('bits', 'numeric');
SELECT pg_temp.reads('octets', 'integer');
SELECT pg_temp.reads('int', 'date');

-- A failed load leaves nothing behind; the same for the result of query.
\pset tuples_only off
CREATE FOREIGN TABLE tiny (id int, v boolean) SERVER maria;
CREATE TABLE target (id int, v boolean);
INSERT INTO target SELECT * FROM tiny;
SELECT count(*) FROM target;
SELECT * FROM mariadb.query('maria', 'SELECT v, id FROM regress_errors.tiny') AS (truth boolean, id int);
SELECT id FROM tiny ORDER BY id;

--
-- What MariaDB refuses.
--
CREATE FOREIGN TABLE gone (a int) SERVER maria;
SELECT * FROM gone;
CREATE FOREIGN TABLE nowhere (a int) SERVER maria OPTIONS (dbname 'regress_nowhere');
\set VERBOSITY sqlstate
SELECT * FROM nowhere;
\set VERBOSITY default
CREATE FOREIGN TABLE no_column (id int, other int) SERVER maria OPTIONS (table_name 'tiny');
SELECT id FROM no_column WHERE id = 1;
-- A message that the client library would format.
SELECT * FROM mariadb.query('maria', 'SELECT 1 FROM `%s%n`') AS (a int);
SELECT * FROM mariadb.query('maria', 'SELEKT 1') AS (a int);
SELECT mariadb.exec('maria', 'CREATE TABLE regress_errors.tiny (a INT)');
SELECT * FROM mariadb.query('maria', 'SELECT IF(seq < 200000, 1, (SELECT 1 UNION SELECT 0 + seq - seq)) FROM regress_errors.seq_1_to_300000') AS (a text);
\pset tuples_only on
SELECT pg_temp.fails_there($$SELECT * FROM mariadb.query('maria', 'SELECT 1; SELECT 2') AS (a int)$$);
SELECT pg_temp.fails_there($$SELECT * FROM mariadb.query('maria', '') AS (a int)$$);
SELECT pg_temp.fails_there($$SELECT * FROM mariadb.query('maria', 'SELECT no_such_function(1)') AS (a int)$$);
SELECT pg_temp.fails_there($$SELECT * FROM mariadb.query('maria', 'DELETE FROM regress_errors.tiny') AS (a int)$$);
SELECT pg_temp.fails_there('SELECT * FROM gone');
SELECT pg_temp.fails_there('SELECT other FROM no_column');
SELECT pg_temp.fails_there($$SELECT mariadb.exec('maria', 'INSERT INTO regress_errors.tiny VALUES (1, 1)')$$);
SELECT pg_temp.fails_there($$SELECT mariadb.exec('maria', 'INSERT INTO regress_errors.tiny VALUES (NULL, 1)')$$);
SELECT pg_temp.fails_there($$SELECT mariadb.exec('maria', 'INSERT INTO regress_errors.tiny VALUES (9, 999)')$$);
SELECT pg_temp.fails_there($$SELECT mariadb.exec('maria', 'INSERT INTO regress_errors.word VALUES (9, ''too long'')')$$);
SELECT pg_temp.fails_there($$SELECT mariadb.exec('maria', 'INSERT INTO regress_errors.gone VALUES (1)')$$);
\pset tuples_only off
SELECT id FROM tiny ORDER BY id;

-- Without the privilege: neither the table nor the column.
\! mariadb $MARIADB_ARGS -e "CREATE OR REPLACE USER regress_reader@127.0.0.1 IDENTIFIED BY 'reader'; GRANT SELECT (id) ON regress_errors.tiny TO regress_reader@127.0.0.1"
ALTER USER MAPPING FOR CURRENT_USER SERVER maria OPTIONS (SET username 'regress_reader', SET password 'reader');
SELECT id FROM tiny ORDER BY id;
\pset tuples_only on
SELECT pg_temp.fails_there('SELECT v FROM tiny');
SELECT pg_temp.fails_there('SELECT * FROM gone');
SELECT pg_temp.fails_there($$SELECT * FROM mariadb.query('maria', 'SELECT 1 FROM mysql.user') AS (a int)$$);
SELECT pg_temp.fails_there($$SELECT mariadb.exec('maria', 'CREATE DATABASE regress_other')$$);
\pset tuples_only off
SELECT id FROM tiny ORDER BY id;
ALTER USER MAPPING FOR CURRENT_USER SERVER maria OPTIONS (SET username :'user', SET password :'password');

--
-- A transaction outlives its caught errors, with the snapshot that it has.
--
CREATE FOREIGN TABLE many (id int OPTIONS (column_name 'seq'), truth boolean OPTIONS (column_name 'seq'))
    SERVER maria OPTIONS (table_name 'seq_1_to_300000');
SELECT count(truth) FROM many;
SELECT count(*) FROM tiny;
SELECT remote_thread AS thread FROM mariadb.connections() \gset
BEGIN;
SELECT count(*) FROM tiny;
\! mariadb $MARIADB_ARGS regress_errors -e "INSERT INTO tiny VALUES (100, 1)"
SAVEPOINT a;
SELECT count(truth) FROM many;
ROLLBACK TO a;
SELECT count(*) FROM gone;
ROLLBACK TO a;
SELECT count(*) FROM tiny;
DO $$
BEGIN
    PERFORM count(v) FROM tiny;
EXCEPTION WHEN numeric_value_out_of_range THEN
    RAISE NOTICE 'caught: %', sqlerrm;
END $$;
SELECT a.truth FROM many a JOIN many b ON a.id = b.id;
ROLLBACK TO a;
SELECT count(*) AS still_one_snapshot FROM tiny;
COMMIT;
SELECT count(*) AS and_now_the_next FROM tiny;
SELECT remote_thread = :thread AS is_kept, state FROM mariadb.connections();

--
-- Values that no decoder would see: a NULL in a domain that has none, and a
-- zero date under a condition that MariaDB evaluates.
--
CREATE DOMAIN filled AS int NOT NULL;
SELECT mariadb.exec('maria', 'CREATE TABLE gaps (id INT PRIMARY KEY, n INT, d DATE)');
\! mariadb $MARIADB_ARGS regress_errors -e "SET sql_mode = ''; INSERT INTO gaps VALUES (1, NULL, '0000-00-00'), (2, 2, '2024-01-01')"
CREATE FOREIGN TABLE gaps (id int OPTIONS (key '1'), n filled) SERVER maria;
SELECT * FROM pg_temp.fails('SELECT n FROM gaps');
DROP FOREIGN TABLE gaps;
CREATE FOREIGN TABLE gaps (id int OPTIONS (key '1'), d date OPTIONS (remote_type 'date')) SERVER maria;
SELECT * FROM pg_temp.fails($$SELECT count(*) FROM gaps WHERE d < '2020-02-02'$$);
SELECT count(*) FROM gaps WHERE d > '2020-02-02';
DROP FOREIGN TABLE gaps;
DROP DOMAIN filled;

-- What an error is about: all that goes on after one goes by this.
SELECT mariadb_internal.error_subject(state), string_agg(state, ' ' ORDER BY state) FROM unnest(ARRAY[
    '22003', '22P02', '22P05', '23502', '23514', '54000', '54001', '0A000', '42804', '42883', 'HV004', 'HV000', '40001', '40P01',
    '53100', '53200', '55P03', '55006', '57014', '57P01', '58030', '3F000', '08006', '42501', '42P01', '28000', 'P0001', 'XX000']) AS state
GROUP BY 1 ORDER BY 1;
SELECT mariadb_internal.error_subject('22');

SET client_min_messages = warning;
DROP SERVER maria CASCADE;
DROP TABLE target;
DROP TYPE ab;
DROP DOMAIN cents, seconds, small, five;
\! mariadb $MARIADB_ARGS -e "DROP DATABASE regress_errors; DROP USER regress_reader@127.0.0.1"
