-- Values: what arrives is what MariaDB holds, by its own account of it.
\i sql/server.psql
ALTER SERVER maria OPTIONS (ADD dbname 'regress_values');
\! mariadb $MARIADB_ARGS -e "CREATE OR REPLACE DATABASE regress_values CHARACTER SET utf8mb4"
SET datestyle = 'ISO, YMD';
SET timezone = 'America/New_York';
SET intervalstyle = 'postgres';

-- Statements for MariaDB, one by one.

-- For each column: how many rows, and which values differ between the two
-- sides, each in its own spelling.  Both are compared as text.
CREATE TYPE pg_temp.checked AS (what text, rows bigint, different text[]);
CREATE FUNCTION pg_temp.compare(tab text, VARIADIC checks text[])
RETURNS SETOF pg_temp.checked LANGUAGE plpgsql AS $$
DECLARE
    r pg_temp.checked;
BEGIN
    FOR i IN 1 .. cardinality(checks) / 2 LOOP
        r.what := checks[2 * i - 1];
        EXECUTE format($q$
            SELECT count(*), array_agg(format('%%s: %%s, there %%s', id, here, there))
                FILTER (WHERE here IS DISTINCT FROM there)
            FROM (SELECT id, (%s)::text AS here FROM %s) AS l
            FULL JOIN mariadb.query('maria', %L) AS r (id int, there text) USING (id)
            $q$, checks[2 * i - 1], tab,
            format('SELECT id, %s FROM regress_values.%s', checks[2 * i], tab))
        INTO r.rows, r.different;
        RETURN NEXT r;
    END LOOP;
END $$;

--
-- Numbers.
--
SELECT pg_temp.remote($$
CREATE TABLE regress_values.numbers (
    id INT PRIMARY KEY,
    t TINYINT, tu TINYINT UNSIGNED, t1 TINYINT(1), s SMALLINT,
    su SMALLINT UNSIGNED, m MEDIUMINT, mu MEDIUMINT UNSIGNED, i INT,
    iu INT UNSIGNED, b BIGINT, bu BIGINT UNSIGNED, z INT(8) ZEROFILL,
    d DECIMAL(65,30), d2 DECIMAL(10,2), d0 DECIMAL(38,0),
    du DECIMAL(5,2) UNSIGNED ZEROFILL, f FLOAT, f2 FLOAT(7,3), g DOUBLE,
    g2 DOUBLE(12,4), y YEAR, b1 BIT(1), b8 BIT(8), b13 BIT(13), b64 BIT(64))
$$, $$
INSERT INTO regress_values.numbers VALUES
    (1, -128, 0, 0, -32768, 0, -8388608, 0, -2147483648, 0,
     -9223372036854775808, 0, 0,
     -99999999999999999999999999999999999.999999999999999999999999999999,
     -99999999.99, -99999999999999999999999999999999999999, 0,
     -3.402823466e38, -9999.999, -1.7976931348623157e308, -99999999.9999,
     1901, b'0', b'0', b'0', b'0'),
    (2, 127, 255, 1, 32767, 65535, 8388607, 16777215, 2147483647, 4294967295,
     9223372036854775807, 18446744073709551615, 99999999,
     99999999999999999999999999999999999.999999999999999999999999999999,
     99999999.99, 99999999999999999999999999999999999999, 999.99,
     3.402823466e38, 9999.999, 1.7976931348623157e308, 99999999.9999,
     2155, b'1', b'11111111', b'1111111111111',
     b'1111111111111111111111111111111111111111111111111111111111111111'),
    (3, 0, 128, 1, 0, 32768, 0, 8388608, 0, 2147483648, 0,
     9223372036854775808, 42, 0.000000000000000000000000000001, 0.01, 1, 3.5,
     1.17549e-38, 0.001, 2.2250738585072014e-308, 0.0001, 0, b'1',
     b'10000000', b'1000000000000',
     b'1000000000000000000000000000000000000000000000000000000000000000'),
    (4, -1, 1, 0, -1, 1, -1, 1, -1, 1, -1, 1, 1,
     -0.000000000000000000000000000001, -0.01, 0, 0.01, 16777217, 1.5,
     5e-324, 1e-4, 2000, b'0', b'1', b'1', b'1'),
    (5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
     NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
     NULL),
    (6, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 10000.0001, 1000000.10, 10000,
     100.10, 1.0000001, 0.1, 0.1, 0.1, 1999, b'1', b'00001010',
     b'0000000001010', b'1010'),
    (7, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.1, 1,
     0.30000000000000004, 1, 2024, b'1', b'1', b'1', b'1'),
    (8, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -0e0, -0e0, -0e0, 0,
     2024, b'1', b'1', b'1', b'1'),
    (9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1e-45, 1,
     9007199254740993, 1, 2024, b'1', b'1', b'1', b'1')
$$);
CREATE SCHEMA here;
IMPORT FOREIGN SCHEMA regress_values FROM SERVER maria INTO here;
SET search_path = here, public;
SELECT * FROM pg_temp.compare('numbers',
    't', 'CAST(t AS CHAR)', 'tu', 'CAST(tu AS CHAR)',
    't1::int', 'CAST(t1 AS CHAR)', 's', 'CAST(s AS CHAR)',
    'su', 'CAST(su AS CHAR)', 'm', 'CAST(m AS CHAR)',
    'mu', 'CAST(mu AS CHAR)', 'i', 'CAST(i AS CHAR)',
    'iu', 'CAST(iu AS CHAR)', 'b', 'CAST(b AS CHAR)',
    'bu', 'CAST(bu AS CHAR)', 'z', 'CAST(z + 0 AS CHAR)',
    'd', 'CAST(d AS CHAR)', 'd2', 'CAST(d2 AS CHAR)',
    'd0', 'CAST(d0 AS CHAR)', 'du', 'CAST(du + 0 AS CHAR)',
    'y', 'CAST(y + 0 AS CHAR)', 'b1::int', 'CAST(b1 + 0 AS CHAR)',
    'b8', $$LPAD(BIN(b8), 8, '0')$$, 'b13', $$LPAD(BIN(b13), 13, '0')$$,
    'b64', $$LPAD(BIN(b64), 64, '0')$$);

-- Floating-point numbers to the last bit; MariaDB's text of a double is the
-- shortest that gives it back, and a double holds a float.
SELECT n.id, f = there_f::float8 AND float4send(f) = float4send(there_f::float4) AS f,
    f2::float8 = there_f2::float8 AS f2,
    float8send(g) = float8send(there_g::float8) AS g,
    float8send(g2) = float8send(there_g2::float8) AS g2, f + 0::float4 AS f, g + 0 AS g
FROM numbers n JOIN mariadb.query('maria', $$
    SELECT id, CAST(CAST(f AS DOUBLE) AS CHAR), CAST(CAST(f2 AS DOUBLE) AS CHAR),
        CAST(g AS CHAR), CAST(g2 AS CHAR) FROM regress_values.numbers $$)
    AS r (id int, there_f text, there_f2 text, there_g text, there_g2 text)
    USING (id)
ORDER BY id;
SELECT id, float4send(f), float8send(g) FROM numbers WHERE id IN (4, 9) ORDER BY id;

--
-- Dates and times.
--
SELECT pg_temp.remote($$
CREATE TABLE regress_values.moments (
    id INT PRIMARY KEY, d DATE, t TIME, t3 TIME(3), t6 TIME(6), dt DATETIME,
    dt1 DATETIME(1), dt3 DATETIME(3), dt6 DATETIME(6), ts TIMESTAMP NULL,
    ts6 TIMESTAMP(6) NULL)
$$, $$
INSERT INTO regress_values.moments VALUES
    (1, '0001-01-01', '00:00:00', '00:00:00', '00:00:00',
     '0001-01-01 00:00:00', '0001-01-01 00:00:00.1',
     '0001-01-01 00:00:00.001', '0001-01-01 00:00:00.000001',
     '1970-01-01 00:00:01', '1970-01-01 00:00:00.000001'),
    (2, '9999-12-31', '23:59:59', '23:59:59.999', '23:59:59.999999',
     '9999-12-31 23:59:59', '9999-12-31 23:59:59.9',
     '9999-12-31 23:59:59.999', '9999-12-31 23:59:59.999999',
     '2038-01-19 03:14:07', '2038-01-19 03:14:07.999999'),
    (3, '2024-02-29', '12:00:00', '00:00:00.001', '00:00:00.000001',
     '2024-02-29 00:00:00', '2024-02-29 12:00:00', '2024-02-29 12:34:56.7',
     '2024-02-29 12:34:56.7', '2024-03-31 01:30:00',
     '2024-03-31 02:30:00.5'),
    (4, '1999-12-31', '01:02:03', '01:02:03.040', '01:02:03.040506',
     '1999-12-31 23:59:59', '1999-12-31 23:59:59.9',
     '1999-12-31 23:59:59.999', '1999-12-31 23:59:59.999999',
     '2024-10-27 00:30:00', '2024-10-27 01:30:00.123456'),
    (5, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (6, '1582-10-10', '00:00:01', '00:01:00', '01:00:00',
     '1900-02-28 00:00:00', '1900-03-01 00:00:00', '2000-01-01 00:00:00',
     '1999-12-31 23:59:59.999999', '2000-01-01', '2000-01-01')
$$);
IMPORT FOREIGN SCHEMA regress_values LIMIT TO (moments) FROM SERVER maria INTO here;
SELECT * FROM pg_temp.compare('moments',
    'd', 'CAST(d AS CHAR)',
    $$to_char(t, 'HH24:MI:SS.US')$$, $$TIME_FORMAT(t, '%H:%i:%s.%f')$$,
    $$to_char(t3, 'HH24:MI:SS.US')$$, $$TIME_FORMAT(t3, '%H:%i:%s.%f')$$,
    $$to_char(t6, 'HH24:MI:SS.US')$$, $$TIME_FORMAT(t6, '%H:%i:%s.%f')$$,
    $$to_char(dt, 'YYYY-MM-DD HH24:MI:SS.US')$$, $$DATE_FORMAT(dt, '%Y-%m-%d %H:%i:%s.%f')$$,
    $$to_char(dt1, 'YYYY-MM-DD HH24:MI:SS.US')$$, $$DATE_FORMAT(dt1, '%Y-%m-%d %H:%i:%s.%f')$$,
    $$to_char(dt3, 'YYYY-MM-DD HH24:MI:SS.US')$$, $$DATE_FORMAT(dt3, '%Y-%m-%d %H:%i:%s.%f')$$,
    $$to_char(dt6, 'YYYY-MM-DD HH24:MI:SS.US')$$, $$DATE_FORMAT(dt6, '%Y-%m-%d %H:%i:%s.%f')$$,
    $$to_char(ts, 'YYYY-MM-DD HH24:MI:SS.US')$$, $$DATE_FORMAT(ts, '%Y-%m-%d %H:%i:%s.%f')$$,
    $$to_char(ts6, 'YYYY-MM-DD HH24:MI:SS.US')$$, $$DATE_FORMAT(ts6, '%Y-%m-%d %H:%i:%s.%f')$$);

-- Exact in each version of PostgreSQL, as EXTRACT is not.
CREATE FUNCTION pg_temp.epoch(at timestamp) RETURNS numeric LANGUAGE sql AS $$
    SELECT (extract(epoch FROM date_trunc('second', at))::bigint + to_char(at, 'US')::numeric / 1000000)::numeric(20,6)
$$;
-- A timestamp is an instant: timestamptz holds it whatever the two sessions'
-- zones are, and timestamp shows it in the zone that the server was told.
CREATE DOMAIN instant AS timestamptz;
CREATE FOREIGN TABLE instants (id int, ts6 timestamptz OPTIONS (column_name 'ts6'),
    domain_ts6 instant OPTIONS (column_name 'ts6'))
    SERVER maria OPTIONS (table_name 'moments');
SELECT * FROM pg_temp.compare('moments', 'pg_temp.epoch(ts6)',
    'CAST(CAST(UNIX_TIMESTAMP(ts6) AS DECIMAL(20,6)) AS CHAR)');
SELECT i.id, pg_temp.epoch(i.ts6 AT TIME ZONE 'UTC') = there AS is_same,
    pg_temp.epoch(i.domain_ts6 AT TIME ZONE 'UTC') = there AS is_same_in_domain
FROM instants i JOIN mariadb.query('maria', 'SELECT id, UNIX_TIMESTAMP(ts6) FROM regress_values.moments')
    AS r (id int, there numeric) USING (id) ORDER BY id;
ALTER SERVER maria OPTIONS (ADD time_zone '+05:30');
SELECT ts6 FROM moments WHERE id = 4;
SELECT i.id, pg_temp.epoch(i.ts6 AT TIME ZONE 'UTC') = there AS is_same
FROM instants i JOIN mariadb.query('maria', 'SELECT id, UNIX_TIMESTAMP(ts6) FROM regress_values.moments')
    AS r (id int, there numeric) USING (id) ORDER BY id;
ALTER SERVER maria OPTIONS (DROP time_zone);
DROP FOREIGN TABLE instants;

--
-- Text, in whatever character set it is stored.
--
SELECT pg_temp.remote($$
CREATE TABLE regress_values.texts (
    id INT PRIMARY KEY, c CHAR(10), v VARCHAR(50), tt TINYTEXT, x TEXT,
    mt MEDIUMTEXT, lt LONGTEXT, l1 VARCHAR(50) CHARACTER SET latin1,
    u3 VARCHAR(50) CHARACTER SET utf8mb3, u16 VARCHAR(50) CHARACTER SET utf16,
    cp VARCHAR(50) CHARACTER SET cp1251,
    e ENUM('a', 'B b', 'ü', 'it''s', 'x,y', '😀'), s SET('a', 'B b', 'ü', '😀'))
$$, $$
INSERT INTO regress_values.texts VALUES
    (1, '', '', '', '', '', '', '', '', '', '', 'a', ''),
    (2, 'ab  ', 'ab  ', ' x ', REPEAT('é', 20000), REPEAT('😀', 100000),
     REPEAT('abcdefgh', 200000), 'äöüß€œ', '日本語', 'é😀', 'Привет', 'ü', 'a,ü'),
    (3, '😀', 'Ωmega 👩‍👩‍👧 e\u0301', '\', '''"`', 'a
b	c', '\x41', 'ÿ', '߿ࠀ', '￿', 'Ё', 'it''s', 'a,B b,ü,😀'),
    (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (5, 'null', 'NULL', '{}', '(,)', 'true', '1', 'x', 'x', 'x', 'x', 'x,y', '😀'),
    (6, CONCAT('', CHAR(0x7F)), CHAR(0xEFBFBF USING utf8mb4),
     CHAR(0xF48FBFBF USING utf8mb4), CHAR(0xE28080 USING utf8mb4), ' ', ' ',
     CHAR(0x80 USING latin1), 'x', 'x', 'x', '😀', 'B b')
$$);
IMPORT FOREIGN SCHEMA regress_values LIMIT TO (texts) FROM SERVER maria INTO here;
SELECT what, rows, different FROM (SELECT (pg_temp.compare('texts',
    $$upper(encode(convert_to(c, 'UTF8'), 'hex'))$$, 'HEX(CONVERT(c USING utf8mb4))',
    $$upper(encode(convert_to(v, 'UTF8'), 'hex'))$$, 'HEX(CONVERT(v USING utf8mb4))',
    $$upper(encode(convert_to(tt, 'UTF8'), 'hex'))$$, 'HEX(CONVERT(tt USING utf8mb4))',
    $$encode(sha256(convert_to(x, 'UTF8')), 'hex')$$, 'SHA2(x, 256)', $$encode(sha256(convert_to(mt, 'UTF8')), 'hex')$$, 'SHA2(mt, 256)', $$encode(sha256(convert_to(lt, 'UTF8')), 'hex')$$, 'SHA2(lt, 256)',
    $$upper(encode(convert_to(l1, 'UTF8'), 'hex'))$$, 'HEX(CONVERT(l1 USING utf8mb4))',
    $$upper(encode(convert_to(u3, 'UTF8'), 'hex'))$$, 'HEX(CONVERT(u3 USING utf8mb4))',
    $$upper(encode(convert_to(u16, 'UTF8'), 'hex'))$$, 'HEX(CONVERT(u16 USING utf8mb4))',
    $$upper(encode(convert_to(cp, 'UTF8'), 'hex'))$$, 'HEX(CONVERT(cp USING utf8mb4))',
    'e', 'CAST(e AS CHAR)', $$array_to_string(s, ',')$$, 'CAST(s AS CHAR)')).*) AS c;
SELECT pg_typeof(e), e > 'B b' AS order_of_labels FROM texts ORDER BY id;
\a
SELECT s FROM texts ORDER BY id;
\a
SELECT length(x), length(mt), length(lt) FROM texts WHERE id = 2;

--
-- Bytes.
--
SELECT pg_temp.remote($$
CREATE TABLE regress_values.bytes (
    id INT PRIMARY KEY, b5 BINARY(5), v VARBINARY(300), tb TINYBLOB, b BLOB,
    mb MEDIUMBLOB, lb LONGBLOB, p POINT)
$$, $$
INSERT INTO regress_values.bytes VALUES
    (1, '', '', '', '', '', '', NULL),
    (2, X'610062', X'00', X'0000', X'FF', X'5C', X'27', ST_GeomFromText('POINT(1 2)', 4326)),
    (3, 'abcde', (SELECT GROUP_CONCAT(CHAR(seq) ORDER BY seq SEPARATOR '') FROM regress_values.seq_0_to_255),
     X'EDA080', REPEAT(X'00FF', 30000), REPEAT(X'000102FF', 262144), REPEAT(X'DEADBEEF00', 400000), NULL),
    (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
$$);
IMPORT FOREIGN SCHEMA regress_values LIMIT TO (bytes) FROM SERVER maria INTO here;
SELECT * FROM pg_temp.compare('bytes',
    $$upper(encode(b5, 'hex'))$$, 'HEX(b5)', $$upper(encode(v, 'hex'))$$, 'HEX(v)',
    $$upper(encode(tb, 'hex'))$$, 'HEX(tb)', $$encode(sha256(b), 'hex')$$, 'SHA2(b, 256)',
    $$encode(sha256(mb), 'hex')$$, 'SHA2(mb, 256)', $$encode(sha256(lb), 'hex')$$, 'SHA2(lb, 256)',
    $$upper(encode(p, 'hex'))$$, $$IF(ST_SRID(p) = 0, HEX(ST_AsWKB(p)),
        CONCAT(LEFT(HEX(ST_AsWKB(p)), 8), '20', LEFT(HEX(p), 8),
               SUBSTR(HEX(ST_AsWKB(p)), 11)))$$);
SELECT id, length(b5), length(v), length(tb), length(b), length(mb), length(lb)
FROM bytes ORDER BY id;

--
-- JSON: as jsonb makes it of the text.
--
SELECT pg_temp.remote($$
CREATE TABLE regress_values.docs (id INT PRIMARY KEY, j JSON)
$$, $$
INSERT INTO regress_values.docs VALUES
    (1, '{}'), (2, '[]'), (3, 'null'), (4, '" \u00e9\ud83d\ude00\\\/\n"'),
    (5, '{"b": 1, "a": [1, 2, {"c": null}], "b": 2}'),
    (6, '[0, -0, 0.10, 1e3, 1E-3, 12345678901234567890.123456789, true, false]'),
    (7, ' { "" : "" } '), (8, '123'), (9, NULL), (10, '"😀 é"'),
    (11, '{"aa": 1, "b": 2, "a": 3, "é": 4, "B": 5}'), (12, '1e100'),
    (13, '[[[[[[[[[[]]]]]]]]]]'), (14, CONCAT('"', REPEAT('é', 100000), '"'))
$$);
IMPORT FOREIGN SCHEMA regress_values LIMIT TO (docs) FROM SERVER maria INTO here;
SELECT l.id, pg_typeof(l.j), l.j = r.j::jsonb AND l.j::text = r.j::jsonb::text AS is_same,
    left(l.j::text, 70) AS j
FROM docs l JOIN mariadb.query('maria', 'SELECT id, j FROM regress_values.docs') AS r (id int, j text)
    USING (id) ORDER BY id;
CREATE FOREIGN TABLE docs_json (id int, j json) SERVER maria OPTIONS (table_name 'docs');
CREATE FOREIGN TABLE docs_text (id int, j text) SERVER maria OPTIONS (table_name 'docs');
SELECT bool_and(j.j::text = t.j) AS is_kept, count(*) FROM docs_json j JOIN docs_text t USING (id);

--
-- UUIDs.
--
SELECT pg_temp.remote($$
CREATE TABLE regress_values.ids (id INT PRIMARY KEY, b16 BINARY(16), c36 CHAR(36))
$$, $$
INSERT INTO regress_values.ids VALUES
    (1, X'00112233445566778899AABBCCDDEEFF', '00112233-4455-6677-8899-aabbccddeeff'),
    (2, REPEAT(X'FF', 16), 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF'),
    (3, REPEAT(X'00', 16), '00000000-0000-0000-0000-000000000000'),
    (4, NULL, NULL)
$$);
CREATE FOREIGN TABLE ids_as_uuid (id int, b16 uuid, c36 uuid) SERVER maria OPTIONS (table_name 'ids');
SELECT * FROM ids_as_uuid ORDER BY id;

--
-- Foreign columns of other types.
--
CREATE DOMAIN whole AS int;
CREATE DOMAIN exact AS numeric(12,2);
CREATE DOMAIN word AS text CHECK (value <> 'forbidden');
CREATE DOMAIN octets AS bytea;
SELECT pg_temp.remote($$
CREATE TABLE regress_values.others (
    id INT PRIMARY KEY, i INT, bu BIGINT UNSIGNED, v VARCHAR(40), n VARCHAR(40),
    u VARCHAR(40), dt DATETIME(3), d DATE, t TIME(3), de DECIMAL(20,10), g DOUBLE, f FLOAT,
    b1 BIT(1), b8 BIT(8), y YEAR, e ENUM('x', 'y'), s SET('x', 'y'), bl BLOB,
    arr VARCHAR(40), bs VARCHAR(40))
$$, $$
INSERT INTO regress_values.others VALUES
    (1, 42, 42, 'abc', '42', '123e4567-e89b-12d3-a456-426655440000',
     '2024-02-29 13:14:15.120', '2024-02-29', '13:14:15.120', 1234.5000000000, 0.1, 0.1,
     b'1', b'00001010', 2024, 'y', 'x,y', 'bytes', '{1,2,NULL}', '\x4142'),
    (2, -1, 0, '', '-7', '00000000-0000-0000-0000-000000000000', '2024-02-29',
     '0001-01-01', '-100:00:00.5', -0.5, 1e300, 16777216, b'0', b'11111111', 1901,
     'x', '', '', '{}', 'a\b')
$$);
CREATE FOREIGN TABLE others (
    id int,
    i_text text OPTIONS (column_name 'i'), i_8 bigint OPTIONS (column_name 'i'),
    i_numeric numeric OPTIONS (column_name 'i'), i_float float8 OPTIONS (column_name 'i'),
    i_domain whole OPTIONS (column_name 'i'), i_char char(4) OPTIONS (column_name 'i'),
    bu_8 bigint OPTIONS (column_name 'bu'),
    n_int int OPTIONS (column_name 'n'), n_numeric numeric(5,2) OPTIONS (column_name 'n'),
    v_char char(5) OPTIONS (column_name 'v'), v_word word OPTIONS (column_name 'v'),
    v_bytea bytea OPTIONS (column_name 'v'),
    u_uuid uuid OPTIONS (column_name 'u')
) SERVER maria OPTIONS (table_name 'others');
SELECT * FROM others ORDER BY id \gx
DROP FOREIGN TABLE others;
CREATE FOREIGN TABLE others (
    id int,
    dt_text text OPTIONS (column_name 'dt'), dt_varchar varchar(30) OPTIONS (column_name 'dt'),
    d_text text OPTIONS (column_name 'd'), d_timestamp timestamp OPTIONS (column_name 'd'),
    t_text text OPTIONS (column_name 't'), t_interval interval OPTIONS (column_name 't'),
    de_float float8 OPTIONS (column_name 'de'), de_text text OPTIONS (column_name 'de'),
    de_domain exact OPTIONS (column_name 'de'),
    g_numeric numeric OPTIONS (column_name 'g'), f_8 float8 OPTIONS (column_name 'f'),
    b1_int int OPTIONS (column_name 'b1'), b1_bit bit(1) OPTIONS (column_name 'b1'),
    b8_int int OPTIONS (column_name 'b8'), b8_bytea bytea OPTIONS (column_name 'b8'),
    b8_varbit varbit OPTIONS (column_name 'b8'), b8_text text OPTIONS (column_name 'b8'),
    y_int int OPTIONS (column_name 'y'), y_text text OPTIONS (column_name 'y'),
    e_text text OPTIONS (column_name 'e'), s_text text OPTIONS (column_name 's'),
    bl_text text OPTIONS (column_name 'bl'),
    arr_int int[] OPTIONS (column_name 'arr'), bs_bytea bytea OPTIONS (column_name 'bs')
) SERVER maria OPTIONS (table_name 'others');
SELECT * FROM others ORDER BY id \gx
DROP FOREIGN TABLE others;

-- A domain reads as the type it stands on.
CREATE DOMAIN truth AS boolean;
CREATE DOMAIN span AS interval;
CREATE FOREIGN TABLE others (
    id int,
    b8_int int OPTIONS (column_name 'b8'), b8_whole whole OPTIONS (column_name 'b8'),
    b8_bytea bytea OPTIONS (column_name 'b8'), b8_octets octets OPTIONS (column_name 'b8'),
    bs_bytea bytea OPTIONS (column_name 'bs'), bs_octets octets OPTIONS (column_name 'bs'),
    b1_boolean boolean OPTIONS (column_name 'b1'), b1_truth truth OPTIONS (column_name 'b1'),
    bl_text text OPTIONS (column_name 'bl'), bl_word word OPTIONS (column_name 'bl'),
    t_interval interval OPTIONS (column_name 't'), t_span span OPTIONS (column_name 't')
) SERVER maria OPTIONS (table_name 'others');
SELECT id, b8_int = b8_whole AS int, bl_text = bl_word AS text,
    b1_boolean = b1_truth AS boolean, t_interval = t_span AS interval
FROM others ORDER BY id;
SELECT id, b8_bytea = b8_octets AS bits FROM others ORDER BY id;
SELECT id, bs_bytea = bs_octets AS text FROM others ORDER BY id;
DROP FOREIGN TABLE others;

-- The session's styles change nothing.
CREATE FOREIGN TABLE others (id int, g text, g_numeric numeric OPTIONS (column_name 'g'), dt text, t span)
    SERVER maria OPTIONS (table_name 'others');
SET extra_float_digits = -10;
SET datestyle = 'SQL, DMY';
SET intervalstyle = 'sql_standard';
SELECT id, dt, extract(epoch FROM t)::numeric(10,3) AS t FROM others ORDER BY id;
\! mariadb $MARIADB_ARGS regress_values -e "UPDATE others SET g = 0.1e0 + 0.2e0 WHERE id = 1"
SELECT o.id, o.g::float8 = r.there AS text, o.g_numeric::float8 = r.there AS numeric
FROM others o JOIN mariadb.query('maria', 'SELECT id, g FROM regress_values.others')
    AS r (id int, there float8) USING (id) ORDER BY id;
RESET extra_float_digits;
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
DROP FOREIGN TABLE others;

--
-- Policies for what PostgreSQL cannot hold: the nearest object counts.
--
SELECT pg_temp.remote($$
CREATE TABLE regress_values.odd (
    id INT PRIMARY KEY, d DATE, dt DATETIME(3), ts TIMESTAMP NULL, v VARCHAR(20), x TEXT,
    e ENUM('a', 'b'), j VARCHAR(20))
$$, $$
SET STATEMENT sql_mode = 'ALLOW_INVALID_DATES' FOR INSERT IGNORE INTO regress_values.odd VALUES
    (1, '0000-00-00', '0000-00-00', '0000-00-00', CONCAT('a', CHAR(0), 'b'), CHAR(0), 'c', 'x'),
    (2, '2024-00-10', '2024-02-30 12:00:00', NULL, CONCAT(CHAR(0), CHAR(0)), 'plain', 'a', 'x'),
    (3, '2024-02-29', '2024-02-29', '2024-02-29', 'é', CONCAT('é', CHAR(0)), 'b', 'x'),
    (4, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
$$);
CREATE TYPE ab AS ENUM ('a', 'b');
CREATE FOREIGN TABLE odd (id int, d date, dt timestamp(3), ts timestamp, v varchar(20), x text, e ab)
    SERVER maria;
\set VERBOSITY sqlstate
SELECT d FROM odd;
SELECT dt FROM odd;
SELECT ts FROM odd;
SELECT v FROM odd;
SELECT x FROM odd;
SELECT e FROM odd;
\set VERBOSITY default
ALTER SERVER maria OPTIONS (ADD zero_dates 'null', ADD nul_bytes 'strip', ADD invalid_enum 'null');
SELECT * FROM odd ORDER BY id;
ALTER FOREIGN TABLE odd OPTIONS (ADD zero_dates '-infinity');
SELECT id, d, dt, ts FROM odd ORDER BY id;
ALTER FOREIGN TABLE odd ALTER dt OPTIONS (ADD zero_dates 'null');
SELECT id, d, dt, ts FROM odd ORDER BY id;
ALTER FOREIGN TABLE odd ALTER v OPTIONS (ADD nul_bytes 'error');
ALTER FOREIGN TABLE odd OPTIONS (ADD invalid_enum 'error');
\set VERBOSITY sqlstate
SELECT v FROM odd;
SELECT e FROM odd;
\set VERBOSITY default
SELECT id, x FROM odd ORDER BY id;
ALTER FOREIGN TABLE odd ALTER e OPTIONS (ADD invalid_enum 'null');
SELECT id, e FROM odd ORDER BY id;
-- Text and bytea hold more; a domain over date is a date.
CREATE DOMAIN day AS date;
DROP FOREIGN TABLE odd;
CREATE FOREIGN TABLE odd (id int, d day OPTIONS (zero_dates 'null'), dt text,
    x bytea, e text) SERVER maria;
SELECT id, dt, x, e FROM odd ORDER BY id;
SELECT id, d FROM odd ORDER BY id;

SET client_min_messages = warning;
DROP SCHEMA here CASCADE;
DROP DOMAIN IF EXISTS public.instant;
DROP SERVER maria CASCADE;
DROP TYPE pg_temp.checked CASCADE;
\! mariadb $MARIADB_ARGS -e "DROP DATABASE regress_values"
