-- The text of schema.prisma and the SQL of an application, made PostgreSQL's.
\i sql/server.psql
ALTER SERVER maria OPTIONS (ADD dbname 'regress_prisma');
\! mariadb $MARIADB_ARGS -e "CREATE OR REPLACE DATABASE regress_prisma CHARACTER SET utf8mb4"
SET datestyle = 'ISO, YMD';
SET timezone = 'UTC';
\pset format unaligned
\pset tuples_only on

-- prisma_schema: everything that Prisma's formatter and PostgreSQL ask for.
CREATE TEMP TABLE texts (name text, body text);
INSERT INTO texts VALUES ('all', $prisma$


// first comment
/// doc of nothing

generator client { // gen comment
  provider = "prisma-client-js"   // js
  previewFeatures = ["fullTextIndex",   "fullTextSearch"]
      output = "../x"
}
generator second {
  provider = "x"
  binaryTargets = ["native"]
}

datasource mydb { // the source

  // a comment
  provider     = "mysql" // was mysql
  relationMode = "foreignKeys"
}
model   user {
  id   Int  @id   @default( autoincrement( ) ) @mydb.UnsignedInt // key
  email String @unique(map: "uq", length:100) @map("e_mail") @mydb.VarChar( 255 )
  /// documented
  name String? @mydb.LongText   /// trailing doc


  /* long
     comment */
  bio String? @mydb.Text
  posts post[]
  parentId Int? @mydb.UnsignedInt
  parent user? @relation( "tree" , fields:[parentId],references:[id] , map:"fk_parent", onDelete:NoAction,onUpdate:NoAction)
  children user[] @relation("tree")
  @@map("users")
  // the fulltext
  @@fulltext([bio, name(sort: Desc)], map: "ft") // ft comment
  @@fulltext([name])
  // before index
  @@index([parentId], map: "fk_parent")
  @@index([name(length: 10, sort: Desc), bio(length:20)],map:"shared")
}
// after user
model post {
 a Int
 b Int @mydb.TinyInt @default(1)
 authorId Int @map("author_id") @mydb.UnsignedInt
 author user @relation(fields: [authorId], references: [id], map: "shared")
 created DateTime @default(dbgenerated("CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3)")) @mydb.DateTime
 u String @default(dbgenerated("(UUID())")) @mydb.Char(36)
 u2 String @default(uuid()) @mydb.Char(1)
 st Status @default(X)
 geo Unsupported("point")?

 @@id( [a , b] )
 @@unique(fields: [authorId, b], name: "nice", map: "shared") // dup across
 @@index([authorId], map:"this_is_a_very_long_map_name_that_has_64_bytes_for_mysql_only_idx")
}
enum Status { // st
 X @map("x x")

 // y
 Y
 @@map("stat")
}
$prisma$), ('types', $prisma$
datasource db {
  provider = "mysql"
  relationMode = "prisma"
}
model T {
  id BigInt @id @default(autoincrement()) @db.UnsignedBigInt
  i1 Int @db.Int
  i2 Int @db.SmallInt
  i3 Int @db.TinyInt
  i4 Int @db.MediumInt
  i5 Int @db.Year
  i6 Int @db.UnsignedInt
  i7 Int @db.UnsignedSmallInt
  i8 Int @db.UnsignedTinyInt
  i9 Int @db.UnsignedMediumInt
  b1 BigInt @db.BigInt
  f1 Float @db.Float
  f2 Float @db.Double
  d1 Decimal @db.Decimal
  d2 Decimal @db.Decimal(7,2)
  o1 Boolean @db.TinyInt
  o3 Boolean @db.Bit(1) @default(false)
  s1 String @db.Char(1)
  s2 String @db.Char(12)
  s3 String @db.VarChar(300)
  s4 String @db.TinyText
  s5 String @db.Text
  s6 String @db.MediumText
  s7 String @db.LongText
  t1 DateTime @db.Date
  t2 DateTime @db.Time
  t3 DateTime @db.Time(3)
  t4 DateTime @db.DateTime
  t5 DateTime @db.DateTime(6)
  t6 DateTime @db.Timestamp
  t7 DateTime @db.Timestamp(3)
  t8 DateTime @default(dbgenerated("now(6)")) @db.Timestamp(6)
  t9 DateTime @default(dbgenerated("'2020-01-01'")) @db.Date
  ta DateTime @default(dbgenerated("'10:00:00'")) @db.Time(0)
  tb DateTime @default(dbgenerated("(curdate())")) @db.Date
  tc DateTime @default(dbgenerated("(utc_timestamp())")) @db.DateTime(0)
  j1 Json @db.Json @default("[1,{\"a\":\"ü\"}]")
  j2 Json @default(dbgenerated("(json_object())"))
  j3 Json @default(dbgenerated("(json_array())"))
  y1 Bytes @db.Bit(9)
  y2 Bytes @db.Binary(5)
  y3 Bytes @db.VarBinary(50)
  y4 Bytes @db.TinyBlob
  y5 Bytes @db.Blob
  y6 Bytes @db.MediumBlob
  y7 Bytes @db.LongBlob
  r1 Float @default(dbgenerated("(rand())"))
  g1 Int @default(dbgenerated("(1 + 2)"))
  g2 Int @default(dbgenerated("5"))
  g3 String @default(dbgenerated("'abc'"))
  g4 String @default(dbgenerated("(uuid())"))
  uid BigInt? @unique @db.UnsignedBigInt
  kids K[]
  @@fulltext([s5])
}
model K {
  id Int @id
  tid BigInt? @db.UnsignedBigInt
  t T? @relation(fields: [tid], references: [id], onDelete: NoAction, onUpdate: NoAction)
  name String @db.Text
  @@index(tid)
  @@index(name(length: 9))
}
enum E {
  A @map("a b")
  B
}
model D {
  id Int @id
  e E @default(dbgenerated("'a b'"))
  b Boolean @default(dbgenerated("b'1'"))
  b2 Boolean @default(dbgenerated("(0)"))
  d Decimal @default(dbgenerated("1.50")) @db.Decimal(5,2)
  n BigInt @default(dbgenerated("'-7'"))
  s String @default(dbgenerated("'it''s \"x\"'"))
  j Json @default(dbgenerated("'{\"a\": 1}'"))
}
$prisma$), ('files', E'\uFEFF' || $prisma$// file 1
datasource db {
  provider = "mysql"
  url = "mysql://app:secret@localhost/app"
}
model A {
  id Int @id /* mid */ @default(
    autoincrement()
  )
  n String @db.VarChar(20)
  @@index([
    n,
    id // why
  ])
}
$prisma$ || E'\uFEFF' || $prisma$// file 2
model B { // opened
  id Int @id }
// end$prisma$), ('names', $prisma$
datasource db {
  provider = "mysql"
}
model ModelNameOf64BytesAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa {
  id Int @id
  columnNameOf64Bytesaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa Int @unique
  columnNameOf64Bytesaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab Int
  x Int @map("columnNameOf64Bytesaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac")
  ctid Int
  e EnumNameOf64BytesBbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
  selfs ModelNameOf64BytesAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa[] @relation("s")
  selfx Int?
  self ModelNameOf64BytesAaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa? @relation("s", fields: [selfx], references: [id])
  @@index([columnNameOf64Bytesaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, x])
  @@index([columnNameOf64Bytesaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab, x])
  @@index([x], map: "über_index_name_of_64_bytes_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaüü")
}
model Other {
  id Int @id
  a Int
  @@index([a], map: "Third")
  @@index([a, id], map: "Other")
  @@map("other")
}
model Third {
  id Int @id
  a Int @unique(map: "Other_a_idx")
  @@index([a, id], map: "Other")
}
enum EnumNameOf64BytesBbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb {
  A
  B
}
$prisma$), ('postgresql', $prisma$datasource db {
  provider = "postgresql"
}

model A {
  id Int      @id
  t  DateTime @default(dbgenerated("now()")) @db.Timestamp
  d  Decimal  @db.Decimal
  j  Json     @db.Json
  s  String[] @default(["a", "b"])

  @@index([s], type: Gin)
  @@index([t(sort: Desc), d(ops: raw("numeric_ops"))], where: { id: { not: 1 } })
}
$prisma$);
SELECT mariadb.prisma_schema(body) FROM texts WHERE name <> 'types';
SELECT mariadb.prisma_schema(body) FROM texts WHERE name = 'types';
SELECT name FROM texts
WHERE mariadb.prisma_schema(mariadb.prisma_schema(body))
    <> mariadb.prisma_schema(body);
SELECT replace(mariadb.prisma_schema(replace(body, E'\n', E'\r\n')), E'\r', '')
    = mariadb.prisma_schema(body)
FROM texts;

-- prisma_review
SELECT severity, object, finding, advice, line
FROM texts, mariadb.prisma_review(body)
WHERE name = 'all';
SELECT name, severity, object, line, finding
FROM texts, mariadb.prisma_review(body)
WHERE name <> 'all' AND object <> 'client';

-- Errors have a line.
\set SHOW_CONTEXT never
DO $$
DECLARE
    broken text;
    detail text;
BEGIN
    FOREACH broken IN ARRAY ARRAY[
        E'model A {\n  id Int @\n}', E'model A {\n  id Int', 'modell A {}',
        E'enum E {\n  A "x"\n}', E'\n\nmodel', E'datasource db {\n  provider\n}',
        E'/* open', E'model A {\n  id Int @default("x\n")\n}'
    ] LOOP
        BEGIN
            PERFORM mariadb.prisma_schema(broken);
        EXCEPTION WHEN syntax_error THEN
            GET STACKED DIAGNOSTICS detail = PG_EXCEPTION_DETAIL;
            RAISE INFO '% % %', SQLSTATE, SQLERRM, detail;
        END;
    END LOOP;
END $$;
SELECT * FROM mariadb.prisma_review('model {');
SELECT mariadb.prisma_schema('datasource db { provider = "sqlite" }');

-- review_sql: a statement for each rule.  Where there is a spelling it takes
-- the place of what was found, and both servers must give the same.
-- The samples are for MariaDB's own sql_mode, not for that of our sessions.
SELECT mariadb.exec('maria', $$CREATE TABLE t (id INT PRIMARY KEY,
    s VARCHAR(20), n INT, flag BOOLEAN, d DATETIME, j JSON, body TEXT,
    FULLTEXT (body)) COLLATE utf8mb4_general_ci$$);
SELECT mariadb.exec('maria', $$CREATE TABLE u (id INT DEFAULT 1)$$);
CREATE TEMP TABLE t (id int PRIMARY KEY, s varchar(20), n int, flag boolean,
    d timestamp, j jsonb, body text);
CREATE TEMP TABLE u (id int DEFAULT 1);
CREATE TEMP TABLE rows_of_t (statement text);
INSERT INTO rows_of_t VALUES ($$INSERT INTO t VALUES
    (1, 'abc', 10, true, '2024-02-29 13:05:09', '{"a": {"b": 1}, "list": [1, 2]}', 'a needle here'),
    (2, 'ABD', 20, false, '2024-01-31 00:00:00', '{}', 'hay'),
    (3, NULL, 20, NULL, NULL, NULL, NULL)$$);
SELECT mariadb.exec('maria', statement) FROM rows_of_t;
DO $$ BEGIN EXECUTE (SELECT statement FROM rows_of_t); END $$;
CREATE FUNCTION pg_temp.plain(value text) RETURNS text LANGUAGE sql AS $$
    SELECT CASE WHEN value IN ('t', 'true') THEN '1'
        WHEN value IN ('f', 'false') THEN '0'
        WHEN value ~ '^-?\d+(\.\d+)?$' THEN trim_scale(value::numeric)::text
        WHEN value ~ '^[{[]' THEN value::jsonb::text
        ELSE regexp_replace(value, '^(\d{4}-\d\d-\d\d) 00:00:00$', '\1') END
$$;
-- Puts the spellings in place of what was found, the longest first; what
-- HAVING has, only there.
CREATE FUNCTION pg_temp.converted(statement text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    finding record;
    whole text := statement;
    before text := substring(statement FROM '^.*(?=HAVING)');
BEGIN
    statement := replace(statement, coalesce(before, ''), '');
    FOR finding IN SELECT r.found, r.postgresql
        FROM mariadb.review_sql(whole) AS r
        WHERE r.postgresql IS NOT NULL
        ORDER BY length(r.found) DESC, r.finding ~ 'HAVING' DESC
    LOOP
        statement := replace(statement, finding.found, finding.postgresql);
    END LOOP;
    statement := replace(coalesce(before, ''), '`', '') || statement;
    RETURN replace(statement, '/* unique columns */', 'id');
END $$;
CREATE FUNCTION pg_temp.compare(statement text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    here text;
    there text;
BEGIN
    EXECUTE format('SELECT string_agg(pg_temp.plain(r.v::text), '','') FROM (%s) AS r (v)',
        replace(pg_temp.converted(statement), '$1', '2')) INTO here;
    EXECUTE format('SELECT string_agg(pg_temp.plain(v), '','') FROM mariadb.query(''maria'', %L) AS r (v text)',
        'SET STATEMENT sql_mode = '''' FOR ' || replace(statement, '?', '2')) INTO there;
    IF here IS DISTINCT FROM there THEN
        RETURN format('MariaDB says %s, PostgreSQL %s', there, here);
    END IF;
    RETURN 'same';
EXCEPTION WHEN OTHERS THEN
    RETURN SQLERRM;
END $$;
CREATE TEMP TABLE samples (id int GENERATED ALWAYS AS IDENTITY, statement text);
INSERT INTO samples (statement) VALUES
($$SELECT `s` FROM `t` WHERE `id` = 2$$),
($$SELECT "text" AS v$$),
($$SELECT 'it\'s\na' AS v$$),
($$SELECT x'4142' = 'AB' AS v$$),
($$SELECT 0x4142 = 'AB' AS v$$),
($$# comment$$),
($$SELECT s FROM t WHERE id = ?$$),
($$SELECT @x + 1$$),
($$SELECT @x := 1$$),
($$SELECT (1 = 2) || (2 = 2) AS v$$),
($$SELECT (1 = 1) && (2 = 3) AS v$$),
($$SELECT !(1 = 2) AS v$$),
($$SELECT (1 = 1) XOR (2 = 3) AS v$$),
($$SELECT s <=> NULL AS v FROM t WHERE id = 3$$),
($$SELECT 7 DIV 2 AS v$$),
($$SELECT 7 MOD 4 AS v$$),
($$SELECT 7/2 AS v$$),
($$SELECT 6 ^ 3 AS v$$),
($$SELECT id FROM t WHERE s REGEXP '^AB'$$),
($$SELECT id FROM t WHERE s RLIKE '^AB'$$),
($$SELECT id FROM t WHERE s LIKE 'AB%'$$),
($$SELECT 'a' SOUNDS LIKE 'b'$$),
($$SELECT id FROM t WHERE BINARY s = 'abc'$$),
($$SELECT s COLLATE utf8mb4_bin FROM t$$),
($$SELECT id FROM t WHERE flag = 1$$),
($$SELECT id FROM t WHERE flag = 0$$),
($$SELECT max(id) AS v FROM t WHERE 1$$),
($$SELECT '1abc' = 1$$),
($$SELECT 1 = '1abc'$$),
($$SELECT id FROM t ORDER BY id LIMIT 1, 1$$),
($$SELECT s, max(n) FROM t GROUP BY n$$),
($$SELECT `s`, max(n) FROM t GROUP BY n$$),
($$SELECT count(*) AS v FROM t GROUP BY n HAVING v > 1$$),
($$SELECT count(*) AS `v` FROM t GROUP BY n HAVING `v` > 1$$),
($$SELECT n, count(*) FROM t GROUP BY n WITH ROLLUP$$),
($$SELECT sum(n) AS v FROM t ORDER BY NULL$$),
($$SELECT 1 AS v FROM DUAL$$),
($$SELECT count(*) AS v FROM t USE INDEX (PRIMARY)$$),
($$SELECT count(*) AS v FROM t FORCE INDEX (PRIMARY)$$),
($$SELECT count(*) AS v FROM t IGNORE INDEX (PRIMARY)$$),
($$SELECT count(*) AS v FROM t STRAIGHT_JOIN t t2 ON t.id = t2.id$$),
($$SELECT SQL_CALC_FOUND_ROWS id AS v FROM t ORDER BY id LIMIT 1$$),
($$SELECT FOUND_ROWS()$$),
($$SELECT SQL_NO_CACHE count(*) AS v FROM t$$),
($$SELECT s FROM t WHERE id = 1 LOCK IN SHARE MODE$$),
($$SELECT id FROM t WHERE MATCH (body) AGAINST ('needle' IN BOOLEAN MODE)$$),
($$INSERT INTO t (id, s) VALUES (1, 'new') ON DUPLICATE KEY UPDATE s = VALUES(s)$$),
($$INSERT IGNORE INTO t (id, s) VALUES (1, 'ignored'), (9, 'nine')$$),
($$REPLACE INTO t (id) VALUES (1)$$),
($$INSERT INTO t SET id = 10$$),
($$INSERT INTO u VALUES ()$$),
($$UPDATE t JOIN u ON t.id = u.id SET t.n = 1$$),
($$DELETE t FROM t JOIN u ON t.id = u.id$$),
($$UPDATE t SET n = 7 ORDER BY id LIMIT 1$$),
($$DELETE FROM t LIMIT 1$$),
($$TRUNCATE TABLE u$$),
($$SELECT LAST_INSERT_ID()$$),
($$SELECT IFNULL(s, 'none') AS v FROM t WHERE id = 3$$),
($$SELECT IF(n > 10, 'big', 'small') AS v FROM t WHERE id = 1$$),
($$SELECT ISNULL(s) AS v FROM t WHERE id = 3$$),
($$SELECT CONCAT('a', s, 'b') AS v FROM t WHERE id = 3$$),
($$SELECT GROUP_CONCAT(n ORDER BY id DESC SEPARATOR '; ') AS v FROM t$$),
($$SELECT GROUP_CONCAT(DISTINCT n) AS v FROM t$$),
($$SELECT GROUP_CONCAT(DISTINCT n ORDER BY n) FROM t$$),
($$SELECT DATE_FORMAT(d, '%U') FROM t$$),
($$SELECT JSON_EXTRACT(j, '$.*') FROM t$$),
($$SELECT DATE_ADD(d, INTERVAL '1:1' HOUR_MINUTE) FROM t$$),
($$SELECT FIND_IN_SET('b', 'a,b,c') AS v$$),
($$SELECT FIND_IN_SET('x', 'a,b,c') AS v$$),
($$SELECT FIELD('b', 'a', 'b')$$),
($$SELECT SUBSTRING_INDEX('a@b@c', '@', 1) AS v$$),
($$SELECT LOCATE('b', 'abc') AS v$$),
($$SELECT INSTR('abc', 'c') AS v$$),
($$SELECT LCASE('ABC') AS v$$),
($$SELECT UCASE('abc') AS v$$),
($$SELECT LENGTH('äöü') AS v$$),
($$SELECT concat('[', SPACE(3), ']') AS v$$),
($$SELECT HEX('abc') AS v$$),
($$SELECT UNHEX('616263') = 'abc' AS v$$),
($$SELECT SHA2('abc', 256) AS v$$),
($$SELECT length(CAST(UUID() AS CHAR)) AS v$$),
($$SELECT GREATEST(1, NULL)$$),
($$SELECT LEAST(1, NULL)$$),
($$SELECT RAND() < 1 AS v$$),
($$SELECT TRUNCATE(1.999, 2) AS v$$),
($$SELECT round(CAST(LOG(10) AS decimal(20, 10)), 6) AS v$$),
($$SELECT round(VARIANCE(n), 4) AS v FROM t$$),
($$SELECT round(CAST(STDDEV(n) AS decimal(20, 10)), 4) AS v FROM t$$),
($$SELECT SUM(n > 10) AS v FROM t$$),
($$SELECT COUNT(DISTINCT n, s) FROM t$$),
($$SELECT FORMAT(1234.5, 2)$$),
($$SELECT CAST('12' AS SIGNED) AS v$$),
($$SELECT CAST('18446744073709551615' AS UNSIGNED) AS v$$),
($$SELECT CAST(12 AS CHAR) AS v$$),
($$SELECT CAST('2024-02-29' AS DATETIME) AS v$$),
($$SELECT CAST('1.5' AS DOUBLE) AS v$$),
($$SELECT CAST('a' AS BINARY)$$),
($$SELECT CONVERT('a' USING utf8mb4) AS v$$),
($$SELECT CONVERT('1', SIGNED)$$),
($$SELECT DATE_FORMAT(d, '%Y-%m-%d %H:%i:%s') AS v FROM t WHERE id = 1$$),
($$SELECT DATE_FORMAT(d, '%e.%c.%y at %l:%i %p, week %v, 100%%') AS v FROM t WHERE id = 1$$),
($$SELECT STR_TO_DATE('29.02.2024 12:30', '%d.%m.%Y %H:%i') AS v$$),
($$SELECT DATE_ADD(d, INTERVAL 1 MONTH) AS v FROM t WHERE id = 1$$),
($$SELECT DATE_ADD(d, INTERVAL n HOUR) AS v FROM t WHERE id = 1$$),
($$SELECT DATE_SUB(d, INTERVAL 90 MINUTE) AS v FROM t WHERE id = 1$$),
($$SELECT ADDDATE(d, INTERVAL 1 DAY) AS v FROM t WHERE id = 1$$),
($$SELECT SUBDATE(d, INTERVAL 1 DAY) AS v FROM t WHERE id = 1$$),
($$SELECT d + INTERVAL 7 DAY AS v FROM t WHERE id = 1$$),
($$SELECT d + INTERVAL ? DAY AS v FROM t WHERE id = 1$$),
($$SELECT DATEDIFF('2024-03-01', '2024-02-28 23:00:00') AS v$$),
($$SELECT TIMESTAMPDIFF(SECOND, '2024-01-01', '2024-01-01 01:00:00.9') AS v$$),
($$SELECT TIMESTAMPDIFF(MINUTE, '2024-01-01', '2024-01-01 01:00:59') AS v$$),
($$SELECT TIMESTAMPDIFF(HOUR, '2024-01-02', '2024-01-01 01:00:00') AS v$$),
($$SELECT TIMESTAMPDIFF(DAY, '2024-03-01 12:00:00', '2024-02-01') AS v$$),
($$SELECT TIMESTAMPDIFF(MONTH, '2023-01-31', '2024-02-29') AS v$$),
($$SELECT TIMESTAMPDIFF(YEAR, '2000-02-29', '2024-02-28') AS v$$),
($$SELECT TIMESTAMPADD(MONTH, 1, '2024-01-31') AS v$$),
($$SELECT year(NOW(3)) > 2000 AS v$$),
($$SELECT SYSDATE() > '2000-01-01' AS v$$),
($$SELECT CURDATE() > '2000-01-01' AS v$$),
($$SELECT CURTIME() >= '00:00:00' AS v$$),
($$SELECT UTC_TIMESTAMP() > '2000-01-01' AS v$$),
($$SELECT UNIX_TIMESTAMP() > 1000000000 AS v$$),
($$SELECT UNIX_TIMESTAMP('2024-02-29 12:00:00') AS v$$),
($$SELECT FROM_UNIXTIME(86400) AS v$$),
($$SELECT YEAR(d) AS v FROM t WHERE id = 1$$),
($$SELECT QUARTER(d) AS v FROM t WHERE id = 1$$),
($$SELECT MONTH(d) AS v FROM t WHERE id = 1$$),
($$SELECT DAY(d) AS v FROM t WHERE id = 1$$),
($$SELECT DAYOFMONTH(d) AS v FROM t WHERE id = 1$$),
($$SELECT DAYOFYEAR(d) AS v FROM t WHERE id = 1$$),
($$SELECT DAYOFWEEK(d) AS v FROM t WHERE id = 1$$),
($$SELECT WEEKDAY(d) AS v FROM t WHERE id = 1$$),
($$SELECT WEEK(d) FROM t$$),
($$SELECT HOUR(d) AS v FROM t WHERE id = 1$$),
($$SELECT MINUTE(d) AS v FROM t WHERE id = 1$$),
($$SELECT SECOND(d) AS v FROM t WHERE id = 1$$),
($$SELECT DAYNAME(d) AS v FROM t WHERE id = 1$$),
($$SELECT MONTHNAME(d) AS v FROM t WHERE id = 1$$),
($$SELECT LAST_DAY(d) AS v FROM t WHERE id = 1$$),
($$SELECT JSON_EXTRACT(j, '$.a.b') AS v FROM t WHERE id = 1$$),
($$SELECT JSON_VALUE(j, '$.list[1]') AS v FROM t WHERE id = 1$$),
($$SELECT JSON_UNQUOTE('"x"') AS v$$),
($$SELECT JSON_CONTAINS(j, '{"a": {"b": 1}}') AS v FROM t WHERE id = 1$$),
($$SELECT JSON_LENGTH('[1, 2]') AS v$$),
($$SELECT JSON_OBJECT('k', 1) AS v$$),
($$SELECT JSON_ARRAY(1, 'x') AS v$$),
($$SELECT JSON_LENGTH(JSON_ARRAYAGG(n)) AS v FROM t$$),
($$SELECT JSON_VALUE(JSON_OBJECTAGG(id, n), '$.1') AS v FROM t$$),
($$SELECT JSON_SET(j, '$.a', 1) FROM t$$),
($$SELECT j->'$.a' FROM t$$),
($$SELECT j->>'$.a' FROM t$$),
($$SHOW TABLES$$),
($$SHOW CREATE TABLE t$$),
($$DESCRIBE t$$),
($$DESC t$$),
($$SELECT DATABASE() IS NOT NULL AS v$$),
($$SELECT CONNECTION_ID() > 0 AS v$$),
($$SELECT SLEEP(0) IS NOT NULL AS v$$),
($$SET FOREIGN_KEY_CHECKS = 0$$),
($$LOCK TABLES t WRITE$$),
($$LOAD DATA INFILE 'x' INTO TABLE t$$),
($$CREATE TABLE x1 (id INT AUTO_INCREMENT PRIMARY KEY)$$),
($$CREATE TABLE x2 (id INT) ENGINE=InnoDB$$),
($$CREATE TABLE x3 (id INT) CHARSET = utf8mb4$$),
($$CREATE TABLE x4 (id INT UNSIGNED)$$),
($$CREATE TABLE x5 (d DATETIME)$$),
($$CREATE TABLE x6 (b TINYINT)$$),
($$CREATE TABLE x7 (s LONGTEXT)$$),
($$ALTER TABLE x7 MODIFY s TEXT$$);
SELECT statement, found, finding, postgresql
FROM samples, mariadb.review_sql(statement) ORDER BY id;
SELECT 'not found: ' || statement FROM samples
WHERE NOT EXISTS (SELECT FROM mariadb.review_sql(statement));
-- A backslash means another thing to our sessions before sql_mode is heard.
SELECT pg_temp.compare(statement), statement FROM samples
WHERE statement !~ '\\' AND EXISTS (SELECT FROM mariadb.review_sql(statement)
        WHERE postgresql IS NOT NULL)
    AND statement ~ '( AS .?v|^SELECT (id|s|`s`) FROM .?t.? (WHERE|ORDER))'
ORDER BY id;
-- What changes rows changes the same.
DO $$
DECLARE
    sample text;
BEGIN
    FOR sample IN SELECT statement FROM samples
        WHERE statement ~ '^(INSERT.*VALUES|TRUNCATE|CREATE TABLE x)' ORDER BY id
    LOOP
        PERFORM mariadb.exec('maria', 'SET STATEMENT sql_mode = '''' FOR ' || sample);
        RAISE INFO '%', pg_temp.converted(sample);
        EXECUTE pg_temp.converted(sample);
    END LOOP;
END $$;
SELECT string_agg(concat(id, s), ',' ORDER BY id) FROM t;
SELECT v FROM mariadb.query('maria',
    $$SELECT GROUP_CONCAT(CONCAT(id, IFNULL(s, '')) ORDER BY id) FROM t$$) AS r (v text);
SELECT count(*) FROM u;
SELECT v FROM mariadb.query('maria', 'SELECT count(*) FROM u') AS r (v int);

-- SQL inside of a program, with its lines.
SELECT * FROM mariadb.review_sql($ts$
const text = `not "SQL" LIMIT 1,2`
const a = await prisma.$queryRaw<User[]>`
  SELECT \`name\`, DATE_FORMAT(created_at, '%Y-%m-%d')
  FROM users WHERE id IN (${ids.map((x) => { return `${x}` })})
  LIMIT ${skip}, 10`
await prisma.$executeRawUnsafe("UPDATE users SET a = ?, b = \"x\" WHERE c = ?", 1, 2)
const c = prisma.$queryRaw(Prisma.sql`SELECT IFNULL(a, ${b})`)
prisma.$queryRawUnsafe(query)
$ts$);
-- Nothing to say of what both read the same way.
SELECT * FROM mariadb.review_sql($$
-- comment with `backticks`
SELECT a.id, coalesce(a.b, 'x'), count(*) /* "quoted" */ FROM a
  LEFT JOIN c ON c.id = a.id WHERE a.x <> 5 AND a.y IN (1, 2)
GROUP BY a.id ORDER BY a.id LIMIT 5 OFFSET 10;
INSERT INTO a (b) VALUES ('it''s'), ($1); UPDATE a SET b = 'c' WHERE id = 7;
DELETE FROM a WHERE id = 9 $$);
SELECT count(*) FROM mariadb.review_sql('SELECT ((((`a '' " ( ${ {');
SELECT count(*) FROM mariadb.review_sql('');
-- What a file that was not found reads as.
SELECT mariadb.prisma_schema('');
SELECT * FROM mariadb.prisma_review(E'\n// nothing\n');
CALL mariadb.migrate('maria', 'regress_prisma', 'none', '{"prisma": ""}');
SELECT * FROM mariadb.verify_structure('maria', 'regress_prisma', 'public', '{"prisma": " "}');
SELECT * FROM mariadb.preflight('maria', 'regress_prisma', '');
SELECT to_regnamespace('none') IS NULL AS nothing_was_done;
\! mariadb $MARIADB_ARGS -e "DROP DATABASE regress_prisma"
DROP SERVER maria CASCADE;
DROP TABLE x1, x2, x3, x4, x5, x6, x7;
