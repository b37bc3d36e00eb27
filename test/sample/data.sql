-- The rows of the sample database: everything follows from a row's number, so
-- that two loads are equal byte by byte.  Wants the tables of schema.sql empty
-- in the current database.
--   @scale        rows per table are multiplied by it (default 1)
--   @signed_only  1 leaves out unsigned values beyond the signed range
--                 (default 0), as Prisma's PostgreSQL types end there
--
-- Every value is valid, and every value has its like in PostgreSQL.  How the
-- columns are filled: the first rows carry the extremes, COALESCE(ELT(seq, ...),
-- ordinary), for ELT answers NULL beyond its list; ELT(seq % n, ...) is NULL in
-- every n-th row for the same cause; h is the row's own 32 pseudo-random bits.
-- A double of -0 is given as well, though MariaDB 10.11 stores it as 0.
-- Big texts and blobs stand in fixed rows, so that the scale multiplies rows
-- of ordinary size only.  Sequences are cut by WHERE, since seq_1_to_N takes no
-- variable; the server reads only that range.

SET NAMES utf8mb4;
SET @scale = COALESCE(@scale, 1), @signed_only = COALESCE(@signed_only, 0);
SET sql_mode = 'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';
SET time_zone = '+00:00', group_concat_max_len = 1048576;
SET foreign_key_checks = 0, unique_checks = 0;

SET @users = 500 * @scale, @assessments = 300 * @scale, @plans = 400 * @scale,
    @conversations = 200 * @scale, @subscriptions = 300 * @scale;
SET @questions = 3 * @assessments, @plan_items = 3 * @plans;
SET @tags = 60, @teams = 20;

-- MySQL has no TIMESTAMP in the first second.
SET @first_timestamp = IF(VERSION() LIKE '%MariaDB%',
    '1970-01-01 00:00:00.001', '1970-01-01 00:00:01.001');

SET @big_int = IF(@signed_only, '2147483647', '4294967295');
SET @big_bigint = IF(@signed_only, '9223372036854775807', '18446744073709551615');

-- All byte values in order; 128 kB that do not compress; a long document.
SELECT UNHEX(GROUP_CONCAT(LPAD(HEX(seq), 2, '0') ORDER BY seq SEPARATOR ''))
  INTO @bytes FROM seq_0_to_255;
SELECT UNHEX(GROUP_CONCAT(SHA2(seq, 256) ORDER BY seq SEPARATOR ''))
  INTO @noise FROM seq_1_to_4096;
SELECT CONCAT('[', GROUP_CONCAT('{"step":', seq, ',"hash":"', MD5(seq), '"}'
                                ORDER BY seq), ']')
  INTO @long_document FROM seq_1_to_2000;

-- The tables that only help are not temporary, for MySQL cannot read such a
-- table twice in one statement; they are dropped at the end.
--
-- Texts.  What an editor would hide or reorder is written in hexadecimal.
CREATE TABLE phrase (k INT PRIMARY KEY, line VARCHAR(80) NOT NULL)
ENGINE = MEMORY CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
INSERT INTO phrase VALUES
    (0, 'Ziel erreicht, weiter so'),
    (1, 'Übung macht den Meister'),
    (2, 'naïve café, déjà vu'),
    (3, 'Straße 12, 8001 Zürich'),
    (4, '日本語のテキスト'),
    (5, 'Ελληνικά γράμματα'),
    (6, 'русский текст'),
    (7, '한국어 문장'),
    (8, 'ภาษาไทยไม่มีช่องว่าง'),
    (9, 'עברית מימין לשמאל'),
    (10, 'العربية ١٢٣ من اليمين'),
    -- right-to-left mark and embedding, closed
    (11, _utf8mb4 x'61E2808FE280AB62E280AC63'),
    (12, 'हिन्दी क्षत्रिय'),
    (13, '🚀 launch 🎉'),
    -- two women and a girl joined by zero width joiners
    (14, _utf8mb4 x'F09F91A9E2808DF09F91A9E2808DF09F91A7'),
    -- thumb with skin tone, flag of two regional indicators
    (15, _utf8mb4 x'F09F918DF09F8FBD20F09F87A8F09F87AD'),
    -- e with acute accent: one code point, then two, then three marks piled up
    (16, _utf8mb4 x'C3A9206F6E65'),
    (17, _utf8mb4 x'65CC812074776F'),
    (18, _utf8mb4 x'65CC81CC88CC8A2070696C65'),
    (19, 'İstanbul ığdır'),
    (20, 'Ǆ ǆ ﬁ ẞ ſ Å'),
    (21, 'O''Brien''s'),
    (22, '"double" quoted'),
    (23, 'back\\slash \\n \\\\ at the end\\'),
    (24, '100% under_score'),
    (25, 'tab\there'),
    (26, 'new\nline'),
    (27, 'carriage\r\nreturn'),
    (28, '  blanks around  '),
    (29, ''),
    (30, 'NULL'),
    (31, 'null'),
    (32, '\\N'),
    (33, '\\.'),
    (34, '<b>bold</b> &amp; $1 {0} :name ? @x'),
    (35, '''; DROP TABLE users; --'),
    (36, 'a,b;c|"d","e"'),
    (37, '{"json":"in text"}'),
    -- control characters
    (38, _utf8mb4 x'0107081B7F'),
    -- zero width space, no-break space, byte order mark, line separator
    (39, _utf8mb4 x'61E2808B62C2A063EFBBBF64E280A865'),
    -- replacement character, a noncharacter, the last code point
    (40, _utf8mb4 x'EFBFBDEFBFBFF48FBFBF');

-- Documents, mostly as JSON.stringify writes them.
CREATE TABLE document (k INT PRIMARY KEY, body VARCHAR(500) NOT NULL)
ENGINE = MEMORY CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
INSERT INTO document VALUES
    (0, '{}'),
    (1, '[]'),
    (2, 'null'),
    (3, 'true'),
    (4, '0'),
    (5, '"string"'),
    (6, '""'),
    (7, '-1.5e-10'),
    (8, '{"theme":"dark","fontSize":14,"beta":false,"note":null}'),
    (9, '[1,"2",3.25,{"z":"ä"},[[],[{}]],null,true]'),
    (10, '{"ключ":{"deep":{"er":1.5}},"日本":"語","🚀":"emoji","":"no name"}'),
    (11, '{"big":12345678901234567890,"huge":1e+300,"small":1e-7,"odd":9007199254740993,"neg":-0.5,"long":0.123456789012345678901234567890123456789}'),
    (12, '{"text":"a\\"b\\\\c\\/d\\n\\t\\r\\b\\f","escaped":"\\u00e9\\u00E9\\ud83d\\ude80","control":"\\u0001\\u001f"}'),
    (13, '{"b":1,"a":2,"aa":3,"B":4,"10":5,"9":6,"ä":7}'),
    (14, '{ "temperature": 0.7 }'),
    (15, '{\n  "pretty": [\n    1,\n    2\n  ]\n}'),
    (16, CONCAT(REPEAT('{"a":[', 10), '1', REPEAT(']}', 10))),
    (17, '{"html":"<p class=\\"x\\">it''s</p>","sql":"''; --","path":"C:\\\\temp","rtl":"עברית"}'),
    (18, '{"temperature":0.7,"top_p":1,"max_tokens":4096,"stop":["\\n\\n"],"tools":[{"type":"function","function":{"name":"search","parameters":{"q":"string"}}}]}');

-- Keys that other tables refer to by number, in the form of cuid, which
-- ascends, and of UUID version 4, which does not.  Plans take the first UUIDs,
-- then come conversations, assessments and subscriptions.
CREATE TABLE user_key (n INT PRIMARY KEY, id VARCHAR(191) NOT NULL)
ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci AS
SELECT seq AS n,
       CONCAT('c', LPAD(LOWER(CONV(seq, 10, 36)), 8, '0'), LEFT(MD5(seq), 16)) AS id
FROM seq_1_to_1000000000 WHERE seq <= @users;

CREATE TABLE uuid_key (n INT PRIMARY KEY, id CHAR(36) NOT NULL)
ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci AS
SELECT n, CONCAT_WS('-', LEFT(m, 8), SUBSTR(m, 9, 4),
                    CONCAT('4', SUBSTR(m, 14, 3)), CONCAT('a', SUBSTR(m, 18, 3)),
                    RIGHT(m, 12)) AS id
FROM (SELECT seq AS n, MD5(CONCAT('uuid', seq)) AS m
      FROM seq_1_to_1000000000
      WHERE seq <= @plans + @conversations + @assessments + @subscriptions) k;

-- A user's mentor may come later in the table, or be the user.
INSERT INTO users
SELECT STRAIGHT_JOIN
    u.id,
    IF(seq % 10 = 0, NULL, p.line),
    CONCAT('user', seq, '@', ELT(1 + seq % 4, 'example.com', 'exämple.ch',
                                 'EXAMPLE.org', 'mail.example.net')),
    IF(seq % 4 = 0, NULL, '2023-01-01' + INTERVAL h * 23000 MICROSECOND),
    IF(seq % 3 = 0, NULL,
       CONCAT('https://cdn.example/', MD5(h), '.png?q=', p.line)),
    IF(seq % 5 = 0, NULL, CONCAT('$2b$12$', LEFT(SHA2(seq, 256), 53))),
    ELT(1 + h % 4, 'USER', 'COACH', 'admin', 'super user'),
    ELT(seq % 5, 'USER', 'COACH', 'admin', 'super user'),
    h % 7 > 0,
    h % 5 = 0,
    ELT(1 + h % 5, 'de-CH', 'fr-CH', 'en', 'zh-Hant-TW', ''),
    COALESCE(ELT(seq, '0', '2147483647', @big_int), h % 1000),
    IF(seq % 6 = 0, NULL, COALESCE(ELT(seq, '1901', '2155'), 1940 + h % 70)),
    IF(seq % 10 = 0, NULL,
       COALESCE(ELT(seq, '1000-01-01', '9999-12-31', '0001-01-01', '2000-02-29',
                    '1582-10-10', '1969-12-31'),
                DATE '1940-01-01' + INTERVAL h % 25000 DAY)),
    IF(seq % 5 = 0, NULL,
       COALESCE(ELT(seq, '00:00:00', '23:59:59', '12:00:00'),
                SEC_TO_TIME(h % 86400))),
    CASE seq WHEN 1 THEN x'' WHEN 2 THEN x'00' WHEN 3 THEN @bytes
             WHEN 4 THEN REPEAT(@bytes, 400) WHEN 5 THEN @noise
             WHEN 6 THEN x'5C7830305C' WHEN 7 THEN x'FFFE'
    ELSE IF(seq % 4, NULL, SUBSTR(@noise, 1 + h % 130000, h % 300)) END,
    IF(seq % 9 = 0, NULL,
       IF(seq % 3, CONCAT('{"theme":"', ELT(1 + h % 2, 'dark', 'light'),
                          '","visits":', h % 10000, ',"ratio":', h / 1000000e0,
                          ',"tags":["', MD5(h), '"],"beta":',
                          IF(h % 2, 'true', 'false'), '}'),
          d.body)),
    COALESCE(ELT(seq, '1000-01-01 00:00:00', '9999-12-31 23:59:59.999',
                 '0001-01-01 00:00:00', '1969-12-31 23:59:59.999',
                 '2024-02-29 12:00:00', '2024-03-31 02:30:00'),
             '2023-01-01' + INTERVAL h * 23000 MICROSECOND),
    '2024-06-01' + INTERVAL h * 11000 MICROSECOND,
    IF(seq % 8, NULL, TIMESTAMP('2025-01-01') + INTERVAL h % 30000000 SECOND),
    m.id
FROM (SELECT seq, CRC32(CONCAT('users', seq)) AS h
      FROM seq_1_to_1000000000 WHERE seq <= @users) r
JOIN user_key u ON u.n = seq
JOIN phrase p ON p.k = seq % 41
JOIN document d ON d.k = h % 19
LEFT JOIN user_key m ON m.n = CASE WHEN seq = 9 THEN 9
                                   WHEN seq % 3 = 0 THEN 1 + h % @users END;

INSERT INTO Account
SELECT STRAIGHT_JOIN
    CONCAT('acc_', LPAD(seq, 10, '0')),
    u.id,
    ELT(1 + h % 3, 'oauth', 'oidc', 'email'),
    ELT(1 + h % 4, 'google', 'github', 'apple', 'microsoft-entra-id'),
    seq * 7919,
    IF(seq % 3 = 0, NULL, SHA2(h, 256)),
    IF(seq % 5 = 0, NULL, CONCAT(SHA2(seq, 512), '.', MD5(h))),
    IF(seq % 7 = 0, NULL,
       COALESCE(ELT(seq, '-2147483648', '2147483647', '0', '-1'),
                1700000000 + h % 100000000)),
    IF(seq % 4 = 0, NULL, 'bearer'),
    IF(seq % 5 = 0, NULL, ELT(1 + h % 3, 'openid email profile', '', 'read:user')),
    CASE WHEN seq = 2 THEN REPEAT(CONCAT('eyJ', SHA2(seq, 512)), 800)
         WHEN seq % 4 THEN CONCAT('eyJ', REPEAT(SHA2(h, 512), 4)) END,
    IF(seq % 2, NULL, LEFT(MD5(h), 16))
FROM (SELECT seq, CRC32(CONCAT('Account', seq)) AS h
      FROM seq_1_to_1000000000 WHERE seq <= 500 * @scale) r
JOIN user_key u ON u.n = 1 + h % @users;

INSERT INTO Session
SELECT STRAIGHT_JOIN
    CONCAT('s', LPAD(seq, 10, '0')),
    SHA2(CONCAT('Session', seq), 256),
    u.id,
    '2025-01-01' + INTERVAL h * 7000 MICROSECOND
FROM (SELECT seq, CRC32(CONCAT('Session', seq)) AS h
      FROM seq_1_to_1000000000 WHERE seq <= 500 * @scale) r
JOIN user_key u ON u.n = 1 + h % @users;

INSERT INTO VerificationToken
SELECT
    CONCAT('user', 1 + h % 50, '@example.com'),
    SHA2(CONCAT('VerificationToken', seq), 256),
    '2025-01-01' + INTERVAL h * 7000 MICROSECOND
FROM (SELECT seq, CRC32(CONCAT('VerificationToken', seq)) AS h
      FROM seq_1_to_1000000000 WHERE seq <= 200 * @scale) r;

INSERT INTO assessments
SELECT STRAIGHT_JOIN
    seq,
    k.id,
    CONCAT(p.line, IF(seq % 5, CONCAT(' ', q.line), '')),
    IF(seq % 4 = 0, NULL, REPEAT(CONCAT(q.line, ' ', p.line, '\n'), h % 8)),
    IF(seq % 5 = 0, NULL, q.line),
    CASE WHEN seq IN (11, 12, 13) THEN REPEAT(CONCAT(p.line, ' über\n'), 10000)
         WHEN seq % 4 THEN REPEAT(CONCAT(p.line, '. ', q.line, '\n'), h % 30) END,
    COALESCE(ELT(seq, '-32768', '32767', '0'), 1 + h % 9),
    COALESCE(ELT(seq, '-128', '127', '0'), 1 + h % 5),
    COALESCE(ELT(seq, '0', '255', '128'), h % 100),
    COALESCE(ELT(seq, '0', '65535', '32768'), h % 1000),
    COALESCE(ELT(seq, '-8388608', '8388607', '0'), h % 100000),
    COALESCE(ELT(seq, '0', '16777215', '8388608'), h % 1000000),
    COALESCE(ELT(seq, '0.00', '999.99', '-999.99', '0.01'), h % 10001 / 100),
    COALESCE(ELT(seq, '0.00', '99999999.99', '-99999999.99', '-0.01'),
             h % 100000 / 100),
    IF(seq % 10 = 0, NULL,
       COALESCE(ELT(seq, CONCAT(REPEAT('9', 35), '.', REPEAT('9', 30)),
                    CONCAT('-', REPEAT('9', 35), '.', REPEAT('9', 30)),
                    CONCAT('0.', REPEAT('0', 29), '1'),
                    CONCAT('-0.', REPEAT('0', 29), '1'),
                    '12345678901234567890123456789012345.123456789012345678901234567891',
                    '0', '-1.5', '10'),
                CONCAT(h, '.', seq))),
    COALESCE(ELT(seq, '-1e308', '1e-300', '5e-324', '-0', '0.3333333333333333',
                 '0.1', '1.7976931348623157e308', '2.2250738585072014e-308',
                 '9007199254740993'),
             h / 4294967296e0),
    IF(seq % 10 = 0, NULL,
       COALESCE(ELT(seq, '16777216', '0.1', '-16777217', '3.4028234e38',
                    '1.17549435e-38', '1e-45', '-0', '0.33333334'),
                h / 4294967296e0)),
    h % 2,
    IF(seq > 256 AND seq % 5 = 0, NULL, seq % 256),
    IF(seq % 3 = 0, NULL, h % 2),
    CASE WHEN seq = 14 THEN @long_document
         WHEN seq % 3 THEN CONCAT('{"shuffle":', IF(h % 2, 'true', 'false'),
                                  ',"limit":', h % 3600, ',"weights":[',
                                  h % 7, ',', h % 11 / 10e0, ',', h % 13,
                                  '],"label":"', MD5(seq), '"}')
         ELSE d.body END,
    u.id,
    IF(seq % 6 = 0, NULL,
       COALESCE(ELT(seq, '1970-01-01 00:00:01', '2038-01-19 03:14:07',
                    '2024-03-31 02:30:00', '2024-10-27 02:30:00'),
                TIMESTAMP('2024-01-01') + INTERVAL h % 40000000 SECOND)),
    COALESCE(ELT(seq, '1000-01-01 00:00:00.000001', '9999-12-31 23:59:59.999999',
                 '1969-12-31 23:59:59.999999', '2000-01-01 00:00:00'),
             '2023-01-01' + INTERVAL h * 23001 MICROSECOND),
    COALESCE(ELT(seq, @first_timestamp, '2038-01-19 03:14:07.999'),
             '2024-06-01' + INTERVAL h * 11000 MICROSECOND)
FROM (SELECT seq, CRC32(CONCAT('assessments', seq)) AS h
      FROM seq_1_to_1000000000 WHERE seq <= @assessments) r
JOIN uuid_key k ON k.n = @plans + @conversations + seq
JOIN phrase p ON p.k = seq % 41
JOIN phrase q ON q.k = h % 41
JOIN document d ON d.k = h % 19
LEFT JOIN user_key u ON u.n = IF(seq % 5 = 0, NULL, 1 + h % @users);

INSERT INTO questions
SELECT STRAIGHT_JOIN
    seq,
    1 + (seq - 1) DIV 3,
    COALESCE(ELT(seq, '-2147483648', '0', '2147483647'), (seq - 1) % 3),
    ELT(1 + h % 4, 'SINGLE_CHOICE', 'MULTI_CHOICE', 'SCALE', 'FREE_TEXT'),
    IF(seq = 15, REPEAT(CONCAT(p.line, '\n'), 1500), CONCAT(p.line, q.line)),
    IF(seq % 7 = 0, NULL,
       IF(seq % 3, CONCAT('["', MD5(h), '",', h % 10, ',{"ok":',
                          IF(h % 2, 'true', 'false'), '}]'),
          d.body)),
    h % 3 > 0
FROM (SELECT seq, CRC32(CONCAT('questions', seq)) AS h
      FROM seq_1_to_1000000000 WHERE seq <= @questions) r
JOIN phrase p ON p.k = seq % 41
JOIN phrase q ON q.k = h % 41
JOIN document d ON d.k = h % 19;

-- The first id leaves room for a few hundred more before the type ends.
INSERT INTO answers
SELECT STRAIGHT_JOIN
    IF(seq = 1, 9223372036854775000, seq),
    1 + (seq - 1) % @questions,
    u.id,
    IF(seq % 10 = 0, NULL, REPEAT(p.line, 1 + h % 4)),
    IF(seq % 6 = 0, NULL,
       COALESCE(ELT(seq, '999.999', '-999.999', '0.001', '-0.001', '0.000'),
                h % 100000 / 1000)),
    IF(seq % 8 = 0, NULL,
       COALESCE(ELT(seq, '0.1', '-1e308', '5e-324', '-0', '0.3333333333333333'),
                h / 4294967296e0)),
    IF(seq % 5 = 0, NULL,
       COALESCE(ELT(seq, '0', @big_bigint, '9223372036854775807',
                    IF(@signed_only, '1', '9223372036854775808')),
                h % 600000)),
    CASE WHEN seq = 1 THEN x'' WHEN seq = 2 THEN x'00'
         WHEN seq = 3 THEN LEFT(@bytes, 64) WHEN seq = 4 THEN RIGHT(@bytes, 64)
         WHEN seq % 3 THEN SUBSTR(@noise, 1 + h % 130000, h % 65) END,
    CASE WHEN seq = 1 THEN REPEAT(x'00', 16) WHEN seq = 2 THEN REPEAT(x'20', 16)
         WHEN seq = 3 THEN RPAD(x'01', 16, x'00')
         WHEN seq % 7 THEN UNHEX(MD5(seq)) END,
    COALESCE(ELT(seq, '1000-01-01 00:00:00', '9999-12-31 23:59:59.999'),
             '2023-01-01' + INTERVAL h * 23000 MICROSECOND)
FROM (SELECT seq, CRC32(CONCAT('answers', seq)) AS h
      FROM seq_1_to_1000000000 WHERE seq <= 2000 * @scale) r
-- another user each time that the questions come round again
JOIN user_key u ON u.n = 1 + (seq * 7 + (seq - 1) DIV @questions * 131) % @users
JOIN phrase p ON p.k = seq % 41;

INSERT INTO plans
SELECT STRAIGHT_JOIN
    k.id,
    IF(seq % 5 = 0, 'It''s a "plan"', p.line),
    ELT(1 + h % 4, 'DRAFT', 'ACTIVE', 'PAUSED', 'done-ok'),
    ELT(seq % 5, 'DRAFT', 'ACTIVE', 'PAUSED', 'done-ok'),
    o.id,
    c.id,
    IF(seq % 6 = 0, NULL,
       COALESCE(ELT(seq, '99999999.9999', '-99999999.9999', '0.0001', '0'),
                h % 10000000 / 1000)),
    IF(seq % 6 = 0, NULL,
       COALESCE(ELT(seq, '1000-01-01', '9999-12-31', '0001-01-01', '0999-12-31'),
                DATE '2024-01-01' + INTERVAL h % 700 DAY)),
    '2023-01-01' + INTERVAL h * 23000 MICROSECOND,
    '2024-06-01' + INTERVAL h * 11000 MICROSECOND
FROM (SELECT seq, CRC32(CONCAT('plans', seq)) AS h
      FROM seq_1_to_1000000000 WHERE seq <= @plans) r
JOIN uuid_key k ON k.n = seq
JOIN user_key o ON o.n = 1 + h % @users
JOIN phrase p ON p.k = seq % 41
LEFT JOIN user_key c ON c.n = IF(seq % 2, NULL, 1 + h DIV 3 % @users);

INSERT INTO plan_items
SELECT STRAIGHT_JOIN
    k.id,
    (seq - 1) % 3,
    p.line,
    h % 2,
    IF(seq % 4 = 0, NULL, '2024-01-01' + INTERVAL h * 19000 MICROSECOND),
    IF(seq % 3 = 0, '', REPEAT(p.line, 1 + h % 8)),
    CASE WHEN seq = 16 THEN @long_document
         WHEN seq % 5 = 0 THEN NULL
         WHEN seq % 3 THEN CONCAT('{"effort":', h % 20, ',"done":null,"by":"',
                                  MD5(seq), '"}')
         ELSE d.body END
FROM (SELECT seq, CRC32(CONCAT('plan_items', seq)) AS h
      FROM seq_1_to_1000000000 WHERE seq <= @plan_items) r
JOIN uuid_key k ON k.n = 1 + (seq - 1) DIV 3
JOIN phrase p ON p.k = seq % 41
JOIN document d ON d.k = h % 19;

INSERT INTO plan_steps
SELECT STRAIGHT_JOIN
    seq,
    k.id,
    h % 3,
    p.line
FROM (SELECT seq, CRC32(CONCAT('plan_steps', seq)) AS h
      FROM seq_1_to_1000000000 WHERE seq <= 1000 * @scale) r
JOIN uuid_key k ON k.n = 1 + h DIV 3 % @plans
JOIN phrase p ON p.k = seq % 41;

INSERT INTO ai_conversations
SELECT STRAIGHT_JOIN
    k.id,
    u.id,
    IF(seq % 6 = 0, NULL, p.line),
    ELT(1 + h % 3, 'gpt-4o', 'claude', ''),
    d.body,
    '2023-01-01' + INTERVAL h * 23000 MICROSECOND
FROM (SELECT seq, CRC32(CONCAT('ai_conversations', seq)) AS h
      FROM seq_1_to_1000000000 WHERE seq <= @conversations) r
JOIN uuid_key k ON k.n = @plans + seq
JOIN user_key u ON u.n = 1 + h % @users
JOIN phrase p ON p.k = seq % 41
JOIN document d ON d.k = h % 19;

-- The ids begin beyond 32 bits.
INSERT INTO ai_messages
SELECT STRAIGHT_JOIN
    4294967296 + seq,
    k.id,
    ELT(1 + (seq - 1) % 5, 'system', 'user', 'assistant', 'tool', 'assistant'),
    CASE WHEN seq % 20 = 0 THEN ''
         WHEN seq IN (21, 22, 23) THEN REPEAT(CONCAT(p.line, ' 🚀\n'), 10000)
         ELSE REPEAT(CONCAT(p.line, ' ', q.line, '\n'), 1 + h % 12) END,
    IF(seq % 6 = 0, NULL,
       COALESCE(ELT(seq, '-2147483648', '2147483647', '0'), h % 5000)),
    IF(seq % 6 = 0, NULL,
       COALESCE(ELT(seq, '999999999.999999999', '-999999999.999999999',
                    '0.000000001', '-0.000000001', '0'),
                CONCAT('0.', LPAD(h % 1000000000, 9, '0')))),
    CASE WHEN seq % 5 NOT IN (3, 4) THEN NULL
         WHEN seq % 2 THEN CONCAT('[{"id":"call_', LEFT(MD5(h), 24),
                                  '","type":"function","function":{"name":"lookup",',
                                  '"arguments":"{\\"id\\":', h, '}"}}]')
         ELSE d.body END,
    '2023-01-01' + INTERVAL h * 23000 MICROSECOND
FROM (SELECT seq, CRC32(CONCAT('ai_messages', seq)) AS h
      FROM seq_1_to_1000000000 WHERE seq <= 5 * @conversations) r
JOIN uuid_key k ON k.n = @plans + 1 + (seq - 1) DIV 5
JOIN phrase p ON p.k = seq % 41
JOIN phrase q ON q.k = h % 41
JOIN document d ON d.k = h % 19;

INSERT INTO subscriptions
SELECT STRAIGHT_JOIN
    k.id,
    u.id,
    ELT(1 + h % 3, 'FREE', 'PRO', 'ENTERPRISE'),
    IF(seq % 4 = 0, NULL, CONCAT('cus_', LEFT(MD5(h), 8), seq)),
    IF(seq % 5 = 0, NULL, '2025-01-01' + INTERVAL h * 7000 MICROSECOND),
    COALESCE(ELT(seq, '-2147483648', '2147483647', '0'), 1 + h % 50),
    '2023-01-01' + INTERVAL h * 23000 MICROSECOND
FROM (SELECT seq, CRC32(CONCAT('subscriptions', seq)) AS h
      FROM seq_1_to_1000000000 WHERE seq <= @subscriptions) r
JOIN uuid_key k ON k.n = @plans + @conversations + @assessments + seq
JOIN user_key u ON u.n = seq;

INSERT INTO audit_logs
SELECT STRAIGHT_JOIN
    seq,
    u.id,
    ELT(1 + h % 3, 'create', 'update', 'delete'),
    ELT(1 + h % 4, 'User', 'Plan', 'Assessment', 'AiConversation'),
    MD5(h),
    IF(seq % 3 = 0, NULL, d.body),
    CASE WHEN seq % 4 = 0 THEN NULL
         WHEN seq % 2 THEN CONCAT('{"id":"', MD5(h), '","version":', h % 100,
                                  ',"price":', h % 10000 / 100e0, '}')
         ELSE d.body END,
    CASE WHEN seq = 1 THEN x'' WHEN seq = 2 THEN x'00000000'
         WHEN seq % 5 = 0 THEN NULL
         WHEN seq % 2 THEN UNHEX(MD5(seq))
         ELSE UNHEX(LPAD(HEX(h), 8, '0')) END,
    COALESCE(ELT(seq, '1000-01-01 00:00:00', '9999-12-31 23:59:59.999999',
                 '2024-02-29 23:59:59.000001'),
             '2023-01-01' + INTERVAL h * 23001 MICROSECOND)
FROM (SELECT seq, CRC32(CONCAT('audit_logs', seq)) AS h
      FROM seq_1_to_1000000000 WHERE seq <= 700 * @scale) r
JOIN document d ON d.k = h % 19
LEFT JOIN user_key u ON u.n = IF(seq % 5 = 0, NULL, 1 + h % @users);

INSERT INTO tags
SELECT STRAIGHT_JOIN seq, CONCAT('tag-', seq), p.line, CONCAT('#', LEFT(MD5(seq), 6))
FROM seq_1_to_1000000000 JOIN phrase p ON p.k = seq % 41
WHERE seq <= @tags;

INSERT INTO Team
SELECT STRAIGHT_JOIN seq, CONCAT('Team ', p.line)
FROM seq_1_to_1000000000 JOIN phrase p ON p.k = seq % 41
WHERE seq <= @teams;

INSERT INTO TeamMember
SELECT STRAIGHT_JOIN
    1 + seq % @teams,
    u.id,
    ELT(1 + h % 4, 'USER', 'COACH', 'admin', 'super user'),
    '2023-01-01' + INTERVAL h * 23000 MICROSECOND
FROM (SELECT seq, CRC32(CONCAT('TeamMember', seq)) AS h
      FROM seq_1_to_1000000000 WHERE seq <= 300 * @scale) r
JOIN user_key u ON u.n = seq;

INSERT INTO AVeryLongModelNameThatIsUsedToOverflowTheIdentifierLimitOfPg
SELECT STRAIGHT_JOIN
    seq,
    p.line,
    COALESCE(ELT(seq, '-2147483648', '2147483647'), CAST(seq AS SIGNED) - 100),
    COALESCE(ELT(seq, '-9223372036854775808', '9223372036854775807', '0',
                 '9007199254740993', '-9007199254740993'),
             h),
    COALESCE(ELT(seq, CONCAT('-', REPEAT('9', 35), '.', REPEAT('9', 30)),
                 CONCAT(REPEAT('9', 35), '.', REPEAT('9', 30)), '0',
                 CONCAT('-0.', REPEAT('0', 29), '1')),
             CONCAT(h, '.', seq)),
    COALESCE(ELT(seq, '-1.7976931348623157e308', '-5e-324', '-0', '0.001', '1e23'),
             -h / 3e0),
    h % 2,
    COALESCE(ELT(seq, '0001-01-01 00:00:00', '9999-12-31 23:59:59.999',
                 '2020-02-29 12:34:56.789'),
             '2023-01-01' + INTERVAL h * 23000 MICROSECOND),
    CASE WHEN seq = 1 THEN x'' WHEN seq = 2 THEN x'00' WHEN seq = 3 THEN @bytes
         WHEN seq % 4 THEN UNHEX(LPAD(HEX(h), 8, '0')) END,
    IF(seq = 4, REPEAT('ü', 127), p.line)
FROM (SELECT seq, CRC32(CONCAT('long', seq)) AS h
      FROM seq_1_to_1000000000 WHERE seq <= 200 * @scale) r
JOIN phrase p ON p.k = seq % 41;

-- Implicit relations.  Where a row has two partners, they are never the same.
INSERT INTO _TagToUser
SELECT STRAIGHT_JOIN 1 + (r.n * 13 + seq % 2 * 29) % @tags, u.id
FROM (SELECT seq, 1 + (seq - 1) DIV 2 AS n
      FROM seq_1_to_1000000000 WHERE seq <= 400 * @scale) r
JOIN user_key u ON u.n = r.n;

INSERT INTO _AssessmentToTag
SELECT n, 1 + (n * 7 + seq % 2 * 11) % @tags
FROM (SELECT seq, 1 + (seq - 1) DIV 2 AS n
      FROM seq_1_to_1000000000 WHERE seq <= 400 * @scale) r;

INSERT INTO _RelatedAssessments
SELECT n, 1 + (n * 7 + seq % 2) % @assessments
FROM (SELECT seq, 1 + (seq - 1) DIV 2 AS n
      FROM seq_1_to_1000000000 WHERE seq <= 300 * @scale) r;

DROP TABLE phrase, document, user_key, uuid_key;
SET sql_mode = DEFAULT, time_zone = DEFAULT, group_concat_max_len = DEFAULT,
    foreign_key_checks = DEFAULT, unique_checks = DEFAULT;
