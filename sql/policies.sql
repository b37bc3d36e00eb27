-- Policies: what becomes of a value that PostgreSQL cannot hold, and which
-- types an import chooses; each choice, on each level, and which one counts.
\i sql/server.psql
ALTER SERVER maria OPTIONS (ADD dbname 'regress_policies');
\! mariadb $MARIADB_ARGS -e "CREATE OR REPLACE DATABASE regress_policies CHARACTER SET utf8mb4"
SET datestyle = 'ISO, YMD';
SET timezone = 'America/New_York';
SET intervalstyle = 'postgres';
SET bytea_output = 'hex';

-- Runs a statement that returns one column; the values, or what a user would
-- see of an error.
CREATE FUNCTION pg_temp.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    result text; message text; detail text; hint text; context text;
BEGIN
    EXECUTE format('SELECT string_agg(coalesce(v::text, ''NULL''), '' | '') FROM (%s) AS s (v)', statement)
    INTO result;
    RETURN result;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL,
        hint = PG_EXCEPTION_HINT, context = PG_EXCEPTION_CONTEXT;
    RETURN concat_ws(E'\n    ', sqlstate || ' ' || message, nullif(detail, ''),
        nullif(hint, ''), nullif(split_part(context, E'\nSQL statement', 1), ''));
END $$;

-- Sets an option of the server, a foreign table or the column v of one;
-- without a value the option is dropped, if it exists.
CREATE FUNCTION pg_temp.set_option(level text, tab text, name text, value text)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    object text := CASE level WHEN 'server' THEN 'SERVER maria'
        ELSE format('FOREIGN TABLE %I', tab) END
        || CASE level WHEN 'column' THEN ' ALTER COLUMN v' ELSE '' END;
BEGIN
    IF value IS NULL THEN
        EXECUTE format('ALTER %s OPTIONS (DROP %I)', object, name);
    ELSE
        EXECUTE format('ALTER %s OPTIONS (ADD %I %L)', object, name, value);
    END IF;
EXCEPTION WHEN undefined_object THEN
    IF value IS NOT NULL THEN RAISE; END IF;
END $$;

-- Reads column v of a foreign table under choices for the server, the table
-- and the column; '-' makes none.
CREATE FUNCTION pg_temp.reads(tab text, policy text, server text, "table" text, "column" text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    levels text[] := ARRAY['server', 'table', 'column'];
    choices text[] := ARRAY[server, "table", "column"];
    result text;
BEGIN
    FOR i IN 1 .. 3 LOOP
        PERFORM pg_temp.set_option(levels[i], tab, policy, nullif(choices[i], '-'));
    END LOOP;
    result := pg_temp.try(format('SELECT v FROM %I', tab));
    FOR i IN 1 .. 3 LOOP
        PERFORM pg_temp.set_option(levels[i], tab, policy, NULL);
    END LOOP;
    RETURN format('%s %s %s: %s', server, "table", "column", result);
END $$;

-- Every choice on every level by itself, and each two that differ one over
-- the other; of an error only its state.
CREATE FUNCTION pg_temp.matrix(tab text, policy text, VARIADIC choices text[])
RETURNS SETOF text LANGUAGE sql AS $$
    SELECT regexp_replace(pg_temp.reads(tab, policy, s, t, c), '(: \w{5}) [a-zA-Z].*', '\1')
    FROM unnest('-'::text || choices) WITH ORDINALITY AS a (s, i),
        unnest('-'::text || choices) WITH ORDINALITY AS b (t, j),
        unnest('-'::text || choices) WITH ORDINALITY AS d (c, k)
    WHERE (s = '-' OR s <> t) AND (t = '-' OR t <> c) AND (s = '-' OR s <> c)
    ORDER BY i, j, k
$$;

-- Nothing but such an option's own choices is taken, on no level.
CREATE FUNCTION pg_temp.refuses(policy text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    level text; choice text;
BEGIN
    FOREACH level IN ARRAY ARRAY['server', 'table', 'column'] LOOP
        FOREACH choice IN ARRAY ARRAY['nonsense', 'ERROR', ''] LOOP
            BEGIN
                PERFORM pg_temp.set_option(level, 'dates', policy, choice);
                RETURN NEXT 'taken: ' || choice;
            EXCEPTION WHEN fdw_invalid_attribute_value THEN
                IF choice = 'nonsense' THEN
                    RETURN NEXT level || ': ' || sqlerrm;
                END IF;
            END;
        END LOOP;
    END LOOP;
END $$;
\pset format unaligned
\pset footer off
\pset tuples_only on

--
-- Values.
--
CREATE OR REPLACE FUNCTION pg_temp.remote(VARIADIC statements text[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    statement text;
BEGIN
    FOREACH statement IN ARRAY statements LOOP
        PERFORM mariadb.exec('maria', replace(statement, '$', 'regress_policies'));
    END LOOP;
END $$;
SELECT pg_temp.remote(
    'CREATE TABLE $.dates (id INT PRIMARY KEY, v DATE)',
    'CREATE TABLE $.datetimes (id INT PRIMARY KEY, v DATETIME(3))',
    'CREATE TABLE $.timestamps (id INT PRIMARY KEY, v TIMESTAMP NULL)',
    'CREATE TABLE $.nuls (id INT PRIMARY KEY, v VARCHAR(20))',
    'CREATE TABLE $.labels (id INT PRIMARY KEY, v ENUM("a", "b"))',
    'CREATE TABLE $.words (id INT PRIMARY KEY, v VARCHAR(60))',
    'SET STATEMENT sql_mode = "ALLOW_INVALID_DATES" FOR INSERT INTO $.dates VALUES
        (1, "2024-02-29"), (2, NULL), (3, "0000-00-00"), (4, "2024-00-00"),
        (5, "2024-02-00"), (6, "0000-02-01"), (7, "2023-02-29")',
    'SET STATEMENT sql_mode = "ALLOW_INVALID_DATES" FOR INSERT INTO $.datetimes VALUES
        (1, "2024-02-29 01:02:03.004"), (2, "0000-00-00"),
        (3, "2024-06-31 12:00:00.5"), (4, "2024-02-00 01:00:00")',
    'SET STATEMENT sql_mode = "" FOR INSERT INTO $.timestamps VALUES
        (1, "2024-02-29 01:02:03"), (2, 0)',
    'INSERT INTO $.nuls VALUES (1, "plain"), (2, CONCAT("a", CHAR(0), "b")),
        (3, CHAR(0)), (4, CONCAT("é", CHAR(0, 0)))',
    'INSERT IGNORE INTO $.labels VALUES (1, "a"), (2, "c"), (3, NULL), (4, "b")',
    'INSERT INTO $.words VALUES (1, "é😀"), (2, _utf8mb4 0x61EDA08062),
        (3, _utf8mb4 0xEDA0BDEDB88063), (4, _utf8mb4 0xEDB88064),
        (5, _utf8mb4 0xEDA0BD), (6, _utf8mb4 0xEDB880EDA0BD)');
CREATE TYPE ab AS ENUM ('a', 'b');
CREATE FOREIGN TABLE dates (id int OPTIONS (key '1'), v date) SERVER maria;
CREATE FOREIGN TABLE moments (id int OPTIONS (key '1'), v timestamp(3))
    SERVER maria OPTIONS (table_name 'datetimes');
CREATE FOREIGN TABLE instants (id int OPTIONS (key '1'), v timestamptz)
    SERVER maria OPTIONS (table_name 'timestamps');
CREATE FOREIGN TABLE nuls (id int OPTIONS (key '1'), v text) SERVER maria;
CREATE FOREIGN TABLE short_nuls (id int OPTIONS (key '1'), v varchar(5))
    SERVER maria OPTIONS (table_name 'nuls');
CREATE FOREIGN TABLE nul_bytes (id int OPTIONS (key '1'), v bytea)
    SERVER maria OPTIONS (table_name 'nuls');
CREATE FOREIGN TABLE labels (id int OPTIONS (key '1'), v ab) SERVER maria;
CREATE FOREIGN TABLE label_texts (id int OPTIONS (key '1'), v text)
    SERVER maria OPTIONS (table_name 'labels');
CREATE FOREIGN TABLE words (id int OPTIONS (key '1'), v text) SERVER maria;
CREATE FOREIGN TABLE short_words (id int OPTIONS (key '1'), v varchar(2))
    SERVER maria OPTIONS (table_name 'words');
CREATE FOREIGN TABLE word_bytes (id int OPTIONS (key '1'), v bytea)
    SERVER maria OPTIONS (table_name 'words');

SELECT pg_temp.refuses('zero_dates');
SELECT pg_temp.refuses('nul_bytes');
SELECT pg_temp.refuses('invalid_enum');
SELECT pg_temp.refuses('invalid_utf8');

SELECT pg_temp.reads('dates', 'zero_dates', '-', '-', '-');
SELECT pg_temp.matrix('dates', 'zero_dates', 'error', 'null', '-infinity');
SELECT pg_temp.reads('moments', 'zero_dates', '-', '-', '-');
SELECT pg_temp.reads('moments', 'zero_dates', '-', '-', 'null');
SELECT pg_temp.reads('moments', 'zero_dates', '-', '-infinity', '-');
SELECT pg_temp.reads('instants', 'zero_dates', '-', '-', '-');
SELECT pg_temp.reads('instants', 'zero_dates', 'null', '-', '-');
SELECT pg_temp.reads('instants', 'zero_dates', '-', '-', '-infinity');

SELECT pg_temp.reads('nuls', 'nul_bytes', '-', '-', '-');
SELECT pg_temp.matrix('nuls', 'nul_bytes', 'error', 'strip');
SELECT pg_temp.reads('short_nuls', 'nul_bytes', '-', '-', 'strip');
SELECT pg_temp.reads('nul_bytes', 'nul_bytes', '-', '-', '-');

SELECT pg_temp.reads('labels', 'invalid_enum', '-', '-', '-');
SELECT pg_temp.matrix('labels', 'invalid_enum', 'error', 'null');
SELECT pg_temp.reads('label_texts', 'invalid_enum', '-', '-', 'null');

SELECT pg_temp.reads('words', 'invalid_utf8', '-', '-', '-');
SELECT pg_temp.matrix('words', 'invalid_utf8', 'error', 'repair');
SELECT pg_temp.reads('short_words', 'invalid_utf8', '-', '-', 'repair');
SELECT pg_temp.reads('word_bytes', 'invalid_utf8', '-', '-', '-');

-- A policy of one column leaves the others alone; mariadb.query has none.
CREATE FOREIGN TABLE two (id int OPTIONS (key '1'), v date, w date OPTIONS (column_name 'v'))
    SERVER maria OPTIONS (table_name 'dates');
ALTER FOREIGN TABLE two ALTER COLUMN v OPTIONS (ADD zero_dates 'null');
SELECT pg_temp.try('SELECT v FROM two');
SELECT pg_temp.try('SELECT w FROM two');
SELECT pg_temp.try('SELECT v IS NULL AND w IS NOT NULL AND id > 0 FROM two');
SELECT pg_temp.try($$SELECT * FROM mariadb.query('maria', 'SELECT v FROM regress_policies.dates') AS t (v date)$$);

-- A condition sees the value that came out, not the one that MariaDB has.
CREATE SCHEMA here;
IMPORT FOREIGN SCHEMA regress_policies FROM SERVER maria INTO here;
ALTER FOREIGN TABLE here.dates OPTIONS (ADD zero_dates 'null');
SELECT pg_temp.try('SELECT id FROM here.dates WHERE v IS NULL ORDER BY id');
SELECT pg_temp.try($$SELECT id FROM here.dates WHERE v < '2025-01-01' ORDER BY id$$);
ALTER FOREIGN TABLE here.dates OPTIONS (SET zero_dates '-infinity');
SELECT pg_temp.try('SELECT id FROM here.dates WHERE v IS NULL ORDER BY id');
SELECT pg_temp.try($$SELECT id FROM here.dates WHERE v < '2024-01-01' ORDER BY id$$);
SELECT pg_temp.try($$SELECT id FROM here.dates WHERE v = '-infinity' ORDER BY id$$);
ALTER FOREIGN TABLE here.nuls OPTIONS (ADD nul_bytes 'strip');
SELECT pg_temp.try($$SELECT id FROM here.nuls WHERE v = 'ab'$$);
ALTER FOREIGN TABLE here.labels OPTIONS (ADD invalid_enum 'null');
SELECT pg_temp.try('SELECT id FROM here.labels WHERE v IS NULL ORDER BY id');

-- A plan that is kept learns of a new choice.
PREPARE dates AS SELECT array_agg(v ORDER BY id) FROM dates WHERE id > $1;
ALTER SERVER maria OPTIONS (ADD zero_dates 'null');
EXECUTE dates (0);
ALTER FOREIGN TABLE dates OPTIONS (ADD zero_dates '-infinity');
EXECUTE dates (0);
ALTER FOREIGN TABLE dates ALTER COLUMN v OPTIONS (ADD zero_dates 'null');
EXECUTE dates (0);
ALTER SERVER maria OPTIONS (DROP zero_dates);

-- What has come by a policy can be kept.
CREATE TABLE kept AS SELECT * FROM dates;
SELECT count(*), count(v) FROM kept;

--
-- Types.
--
\! mariadb $MARIADB_ARGS -e "CREATE OR REPLACE DATABASE regress_policies CHARACTER SET utf8mb4"
SELECT pg_temp.remote(
    'CREATE TABLE $.types (
        id INT PRIMARY KEY, tiny TINYINT(1), tinyu TINYINT(1) UNSIGNED,
        tiny4 TINYINT, intu INT UNSIGNED, medium MEDIUMINT UNSIGNED,
        bigu BIGINT UNSIGNED, bit1 BIT(1), bit8 BIT(8), bit64 BIT(64),
        c5 CHAR(5), v190 VARCHAR(190), v191 VARCHAR(191), b16 BINARY(16),
        b15 BINARY(15), j JSON, s SET("x", "y"), t3 TIME(3),
        ts3 TIMESTAMP(3) NULL, dt3 DATETIME(3))',
    'INSERT INTO $.types VALUES (1, 1, 1, 1, 4, 1, 5, 1, 5, 6, "ab", "v", "w",
        0x000102030405060708090a0b0c0d0e0f, "x", ''{"b": 1, "a": 2}'', "x,y",
        "12:34:56.789", "2024-02-29 12:00:00.5", "2024-02-29 12:00:00.5")');

-- Imports with options of the server and of the statement; returns columns,
-- types and values that are not as without any.
CREATE TEMP TABLE plain (name text, type text, value text);
CREATE FUNCTION pg_temp.imports(server text, statement text)
RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    att record;
    line text;
    different text[] = '{}';
BEGIN
    IF server <> '' THEN
        EXECUTE format('ALTER SERVER maria OPTIONS (%s)', server);
    END IF;
    CREATE SCHEMA chosen;
    EXECUTE 'IMPORT FOREIGN SCHEMA regress_policies LIMIT TO (types) FROM SERVER maria INTO chosen'
        || CASE WHEN statement = '' THEN '' ELSE format(' OPTIONS (%s)', statement) END;
    FOR att IN SELECT attname, format_type(atttypid, atttypmod) AS type
        FROM pg_attribute WHERE attrelid = 'chosen.types'::regclass AND attnum > 0
        ORDER BY attnum
    LOOP
        line := att.attname || ' ' || att.type || ': '
            || pg_temp.try(format('SELECT %I FROM chosen.types', att.attname));
        IF NOT EXISTS (SELECT FROM plain WHERE plain.value = line) THEN
            different := different || line;
        END IF;
    END LOOP;
    SET LOCAL client_min_messages = warning;
    DROP SCHEMA chosen CASCADE;
    IF server <> '' THEN
        EXECUTE (SELECT format('ALTER SERVER maria OPTIONS (%s)', string_agg('DROP ' || option_name, ', '))
            FROM pg_foreign_server, pg_options_to_table(srvoptions)
            WHERE srvname = 'maria' AND option_name ~ '_as$|^profile$');
    END IF;
    RETURN QUERY SELECT unnest(different);
END $$;
SELECT pg_temp.imports('', '');
INSERT INTO plain (value) SELECT pg_temp.imports('', '');

-- Every choice does the same if set by the statement or by the server; the
-- first is what is done without one.
CREATE FUNCTION pg_temp.chooses(option text, VARIADIC choices text[])
RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    choice text;
    said text[];
    set_there text[];
BEGIN
    FOREACH choice IN ARRAY choices LOOP
        said := ARRAY(SELECT pg_temp.imports('', format('%I %L', option, choice)));
        set_there := ARRAY(SELECT pg_temp.imports(format('ADD %I %L', option, choice), ''));
        RETURN NEXT option || ' ' || choice
            || CASE WHEN said = '{}' THEN ': as without' ELSE ':' END
            || CASE WHEN said <> set_there THEN ' BUT NOT BY THE SERVER' ELSE '' END;
        RETURN QUERY SELECT '    ' || unnest(said);
    END LOOP;
END $$;
SELECT pg_temp.chooses('tinyint1_as', 'boolean', 'smallint');
SELECT pg_temp.chooses('int_unsigned_as', 'bigint', 'integer');
SELECT pg_temp.chooses('bigint_unsigned_as', 'numeric', 'bigint');
SELECT pg_temp.chooses('bit1_as', 'boolean', 'bit');
SELECT pg_temp.chooses('bit_as', 'bit', 'bytea');
SELECT pg_temp.chooses('char_as', 'varchar', 'char', 'text');
SELECT pg_temp.chooses('varchar191_as', 'varchar', 'text');
SELECT pg_temp.chooses('binary16_as', 'bytea', 'uuid');
SELECT pg_temp.chooses('json_as', 'jsonb', 'json', 'text');
SELECT pg_temp.chooses('set_as', 'array', 'text');
SELECT pg_temp.chooses('time_as', 'time', 'interval');
SELECT pg_temp.chooses('timestamp_as', 'timestamp', 'timestamptz');
SELECT pg_temp.chooses('profile', 'plain', 'prisma');

-- The statement over the server, and a single choice over a profile.
SELECT pg_temp.imports('ADD time_as ''interval'', ADD set_as ''text''', 'time_as ''time''');
SELECT pg_temp.imports('ADD profile ''prisma''', 'profile ''plain''');
SELECT pg_temp.imports('ADD profile ''plain''', 'profile ''prisma'', bit_as ''bit''');
SELECT pg_temp.imports('ADD varchar191_as ''varchar'', ADD int_unsigned_as ''bigint''', 'profile ''prisma''');
SELECT pg_temp.imports('ADD profile ''prisma''', 'bigint_unsigned_as ''numeric'', json_as ''text''');
SELECT pg_temp.imports('ADD profile ''prisma'', ADD bit_as ''bit''', 'bit_as ''bytea'', int_unsigned_as ''bigint''');

-- What an import does not take, and where no type is chosen.
CREATE FUNCTION pg_temp.import_fails(options text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    hint text;
BEGIN
    EXECUTE format('IMPORT FOREIGN SCHEMA regress_policies FROM SERVER maria INTO here OPTIONS (%s)', options);
    RETURN 'taken: ' || options;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
    RETURN concat_ws(E'\n    ', sqlstate || ' ' || sqlerrm, nullif(hint, ''));
END $$;
SELECT pg_temp.import_fails(option || ' ''no''')
FROM unnest(ARRAY['profile', 'tinyint1_as', 'int_unsigned_as', 'bigint_unsigned_as',
    'bit1_as', 'bit_as', 'char_as', 'varchar191_as', 'binary16_as', 'json_as',
    'set_as', 'time_as', 'timestamp_as', 'vector_as']) AS option;
SELECT pg_temp.import_fails('timestamps_as ''timestamptz''');
SELECT pg_temp.import_fails('zero_dates ''null''');
SELECT pg_temp.import_fails('import_views ''perhaps''');
SELECT pg_temp.import_fails('import_collate ''2''');
ALTER FOREIGN TABLE dates OPTIONS (ADD time_as 'time');
ALTER FOREIGN TABLE dates ALTER COLUMN v OPTIONS (ADD time_as 'time');

-- Values that the chosen type cannot hold.
SELECT pg_temp.remote(
    'CREATE TABLE $.large (id INT PRIMARY KEY, tiny TINYINT(1), intu INT UNSIGNED,
        bigu BIGINT UNSIGNED, t TIME, b16 BINARY(16))',
    'INSERT INTO $.large VALUES
        (1, 1, 2147483647, 9223372036854775807, "23:59:59", "1234567890123456"),
        (2, 2, 2147483648, 9223372036854775808, "24:00:00", "1234567890")');
CREATE SCHEMA plain;
CREATE SCHEMA wide;
CREATE SCHEMA narrow;
IMPORT FOREIGN SCHEMA regress_policies LIMIT TO (large) FROM SERVER maria INTO plain;
IMPORT FOREIGN SCHEMA regress_policies LIMIT TO (large) FROM SERVER maria INTO wide
    OPTIONS (tinyint1_as 'smallint', time_as 'interval');
IMPORT FOREIGN SCHEMA regress_policies LIMIT TO (large) FROM SERVER maria INTO narrow
    OPTIONS (profile 'prisma', binary16_as 'uuid');
SELECT pg_temp.try(format('SELECT %I FROM %I.large', att, local))
FROM unnest(ARRAY['plain', 'wide', 'narrow']) AS local,
    unnest(ARRAY['tiny', 'intu', 'bigu', 't', 'b16']) AS att;

--
-- What an import includes, and what it reports about it.
--
\! mariadb $MARIADB_ARGS -e "CREATE OR REPLACE DATABASE regress_policies CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"
SELECT pg_temp.remote(
    'CREATE TABLE $.texts (ci VARCHAR(5), bin VARCHAR(5) COLLATE utf8mb4_bin,
        latin TEXT CHARACTER SET latin1 COLLATE latin1_bin, j JSON,
        e ENUM("x") COLLATE utf8mb4_bin, s SET("x") COLLATE utf8mb4_bin,
        b VARBINARY(5), c CHAR(5) COLLATE utf8mb4_bin NOT NULL)',
    'CREATE TABLE $.defaults (
        i INT DEFAULT -5, d DECIMAL(5,2) DEFAULT 1.5, f DOUBLE DEFAULT 1e100,
        n INT DEFAULT NULL, v VARCHAR(20) DEFAULT ''it''''s \\ "x" é'',
        word VARCHAR(20) DEFAULT "NULL", digits VARCHAR(5) DEFAULT "007",
        empty VARCHAR(5) DEFAULT "", t TEXT DEFAULT "text",
        tiny TINYINT(1) DEFAULT 1, two TINYINT(1) DEFAULT 2,
        bit1 BIT(1) DEFAULT b''1'', bit8 BIT(8) DEFAULT b''1'',
        e ENUM("a", "b") DEFAULT "b", s SET("x", "y") DEFAULT "x,y",
        date DATE DEFAULT "2024-02-29", zero DATE DEFAULT "0000-00-00",
        time TIME DEFAULT "25:00:00",
        now DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
        today DATE DEFAULT (CURDATE()), sum INT DEFAULT (1 + 1),
        j JSON DEFAULT ''{"a": 1}'', b VARBINARY(5) DEFAULT "ab",
        smile VARCHAR(5) DEFAULT "😀", y YEAR DEFAULT 2024, none INT NOT NULL)',
    'CREATE TABLE $.made (a INT, virtual INT AS (a + 1) VIRTUAL,
        stored INT AS (a * 2) STORED, hidden INT INVISIBLE DEFAULT 7)',
    'INSERT INTO $.made (a) VALUES (20)',
    'CREATE TABLE $.odd (ctid INT, `ümlaut` INT,
        e ENUM("0123456789012345678901234567890123456789012345678901234567890123"))',
    'CREATE TABLE $.a23456789012345678901234567890123456789012345678901234567890123x (a INT)',
    'CREATE VIEW $.seen AS SELECT a FROM $.made',
    'CREATE TABLE $.one (e ENUM("a", "c"))',
    'CREATE TABLE $.one_e (a INT)',
    'CREATE SEQUENCE $.counter');
\pset tuples_only off
CREATE FUNCTION pg_temp.columns(local text)
RETURNS TABLE ("column" text, type text, "collation" name, "default" text, not_null boolean)
LANGUAGE sql AS $$
    SELECT c.relname || '.' || a.attname, format_type(atttypid, atttypmod),
        CASE WHEN attcollation <> 'pg_catalog.default'::regcollation THEN collname END,
        pg_get_expr(adbin, adrelid), attnotnull
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND attnum > 0
        LEFT JOIN pg_collation l ON l.oid = attcollation
        LEFT JOIN pg_attrdef d ON (adrelid, adnum) = (attrelid, attnum)
    WHERE relnamespace = local::regnamespace AND relkind = 'f'
    ORDER BY c.relname COLLATE "C", attnum
$$;
CREATE SCHEMA whole;
IMPORT FOREIGN SCHEMA regress_policies FROM SERVER maria INTO whole
    OPTIONS (import_default 'true', import_collate 'true');
SELECT * FROM pg_temp.columns('whole');
SELECT * FROM mariadb.import_notes('whole');
SELECT * FROM whole.made;
SELECT * FROM whole.seen;

-- Each option by itself; without views and NOT NULL.
CREATE SCHEMA bare;
IMPORT FOREIGN SCHEMA regress_policies LIMIT TO (texts, made, seen) FROM SERVER maria INTO bare;
SELECT * FROM pg_temp.columns('bare');
CREATE SCHEMA barest;
IMPORT FOREIGN SCHEMA regress_policies LIMIT TO (texts, made, seen) FROM SERVER maria INTO barest
    OPTIONS (import_views 'false', import_not_null 'false');
SELECT * FROM pg_temp.columns('barest');
SELECT * FROM mariadb.import_notes('barest');
SELECT * FROM mariadb.import_notes('public');
SELECT * FROM mariadb.import_notes('no such schema');

SET client_min_messages = warning;
DROP SERVER maria CASCADE;
DROP SCHEMA here, plain, wide, narrow, whole, bare, barest CASCADE;
DROP TABLE kept;
DROP TYPE ab;
\! mariadb $MARIADB_ARGS -e "DROP DATABASE regress_policies"
