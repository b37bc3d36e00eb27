-- The tables of the benchmark; @scale multiplies their rows.
CREATE DATABASE bench CHARACTER SET utf8mb4;
USE bench;

CREATE TABLE mixed (
    id BIGINT NOT NULL PRIMARY KEY,
    i INT NOT NULL,
    b TINYINT(1) NULL,
    d DECIMAL(10,2) NOT NULL,
    f DOUBLE NULL,
    v VARCHAR(50) NOT NULL,
    t TEXT NULL,
    ts DATETIME(3) NOT NULL,
    dt DATE NULL,
    e ENUM('red', 'green', 'blue', 'violet') NOT NULL,
    j JSON NULL
);
INSERT INTO mixed
SELECT seq,
    FLOOR(RAND(1) * 2000000000) - 1000000000,
    IF(seq % 10 = 0, NULL, seq % 2),
    ROUND(RAND(2) * 99999999) / 100 * IF(seq % 7 = 0, -1, 1),
    IF(seq % 20 = 0, NULL, (RAND(3) - 0.5) * POW(10, seq % 12)),
    CONCAT('name-', MD5(seq), IF(seq % 5 = 0, ' élan', ''), seq % 100),
    IF(seq % 25 = 0, NULL, REPEAT(MD5(seq * 7), 6)),
    '2000-01-01 00:00:00.123' + INTERVAL seq * 311 SECOND_MICROSECOND
        + INTERVAL seq * 313 SECOND,
    IF(seq % 15 = 0, NULL, '1990-01-01' + INTERVAL seq % 12000 DAY),
    ELT(1 + seq % 4, 'red', 'green', 'blue', 'violet'),
    IF(seq % 8 = 0, NULL, JSON_OBJECT('k', seq, 's', CONCAT('v', seq),
                                      'a', JSON_ARRAY(1, 2, seq % 50)))
FROM seq_1_to_200000000 WHERE seq <= 2000000 * @scale;

CREATE TABLE narrow (
    a INT NOT NULL PRIMARY KEY,
    b INT NOT NULL,
    c BIGINT NOT NULL,
    d SMALLINT NULL
);
INSERT INTO narrow
SELECT seq, seq * 7 % 1000003, seq * 1000000007, IF(seq % 9 = 0, NULL, seq % 30000)
FROM seq_1_to_500000000 WHERE seq <= 5000000 * @scale;

ANALYZE TABLE mixed, narrow;
