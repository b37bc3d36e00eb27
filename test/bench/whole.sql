-- A typical database of an application, for the benchmark of whole databases:
-- two big tables, those of mariadb.sql with indexes, and 22 small and medium
-- ones with foreign keys, text keys and composite keys. @scale multiplies the
-- rows.
CREATE DATABASE whole CHARACTER SET utf8mb4;
USE whole;

-- The rows are known to be valid, so they need not be checked.
SET foreign_key_checks = 0, unique_checks = 0;

CREATE TABLE mixed LIKE bench.mixed;
INSERT INTO mixed SELECT * FROM bench.mixed;
ALTER TABLE mixed ADD INDEX mixed_v (v), ADD INDEX mixed_ts (ts), ADD INDEX mixed_e_dt (e, dt);

CREATE TABLE narrow LIKE bench.narrow;
INSERT INTO narrow SELECT * FROM bench.narrow;
ALTER TABLE narrow ADD INDEX narrow_b (b);

-- Integers, because keys are built from their digits.
SET @companies = CAST(GREATEST(10, 1000 * @scale) AS INT),
    @users = CAST(GREATEST(200, 50000 * @scale) AS INT),
    @products = CAST(GREATEST(50, 10000 * @scale) AS INT),
    @orders = CAST(GREATEST(100, 100000 * @scale) AS INT),
    @posts = CAST(GREATEST(50, 25000 * @scale) AS INT);

CREATE TABLE country (
    code CHAR(2) NOT NULL PRIMARY KEY, name VARCHAR(80) NOT NULL UNIQUE);
INSERT INTO country
SELECT CONCAT(CHAR(65 + seq DIV 26), CHAR(65 + seq % 26)), CONCAT('Country ', seq)
FROM seq_0_to_199;

CREATE TABLE role (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name VARCHAR(40) NOT NULL UNIQUE, description TEXT NULL);
INSERT INTO role (name, description)
SELECT CONCAT('role_', seq), REPEAT('may do this and that. ', seq % 5) FROM seq_1_to_20;

CREATE TABLE company (
    id VARCHAR(25) NOT NULL PRIMARY KEY, name VARCHAR(191) NOT NULL,
    country_code CHAR(2) NOT NULL, vat VARCHAR(20) NULL UNIQUE,
    created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    INDEX company_name (name),
    CONSTRAINT company_country FOREIGN KEY (country_code) REFERENCES country (code));
INSERT INTO company
SELECT LEFT(CONCAT('company', MD5(seq)), 25), CONCAT('Company ', seq, ' & Söhne'),
    CONCAT(CHAR(65 + seq % 200 DIV 26), CHAR(65 + seq % 200 % 26)),
    IF(seq % 7 = 0, NULL, CONCAT('VAT', 100000 + seq)),
    '2020-01-01' + INTERVAL seq HOUR
FROM seq_1_to_100000000 WHERE seq <= @companies;

CREATE TABLE user (
    id VARCHAR(25) NOT NULL PRIMARY KEY, email VARCHAR(191) NOT NULL,
    name VARCHAR(191) NULL, company_id VARCHAR(25) NULL,
    status ENUM('active', 'invited', 'blocked') NOT NULL DEFAULT 'active',
    is_admin TINYINT(1) NOT NULL DEFAULT 0, settings JSON NULL,
    created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    updated_at DATETIME(3) NOT NULL,
    UNIQUE INDEX user_email (email), INDEX user_company_id (company_id),
    CONSTRAINT user_company FOREIGN KEY (company_id) REFERENCES company (id)
        ON DELETE SET NULL ON UPDATE CASCADE);
INSERT INTO user
SELECT LEFT(CONCAT('user', MD5(seq)), 25), CONCAT('user.', seq, '@example.com'),
    IF(seq % 9 = 0, NULL, CONCAT('Jürgen Nº ', seq)),
    IF(seq % 4 = 0, NULL, LEFT(CONCAT('company', MD5(1 + seq % @companies)), 25)),
    ELT(1 + seq % 3, 'active', 'invited', 'blocked'), seq % 100 = 0,
    IF(seq % 3 = 0, NULL, JSON_OBJECT('theme', 'dark', 'page', seq % 50)),
    '2021-01-01' + INTERVAL seq MINUTE, '2022-01-01' + INTERVAL seq MINUTE
FROM seq_1_to_100000000 WHERE seq <= @users;

CREATE TABLE user_role (
    user_id VARCHAR(25) NOT NULL, role_id INT UNSIGNED NOT NULL,
    since DATE NOT NULL, PRIMARY KEY (user_id, role_id),
    INDEX user_role_role_id (role_id),
    CONSTRAINT user_role_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE,
    CONSTRAINT user_role_role FOREIGN KEY (role_id) REFERENCES role (id));
INSERT INTO user_role
SELECT LEFT(CONCAT('user', MD5(seq)), 25), 1 + seq % 20, '2021-01-01' + INTERVAL seq % 900 DAY
FROM seq_1_to_100000000 WHERE seq <= @users;

CREATE TABLE session (
    token CHAR(64) NOT NULL PRIMARY KEY, user_id VARCHAR(25) NOT NULL,
    ip VARCHAR(45) NULL, expires DATETIME(3) NOT NULL,
    INDEX session_user_id (user_id), INDEX session_expires (expires),
    CONSTRAINT session_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE);
INSERT INTO session
SELECT SHA2(seq, 256), LEFT(CONCAT('user', MD5(1 + seq % @users)), 25), INET_NTOA(seq * 4001),
    '2024-01-01' + INTERVAL seq MINUTE
FROM seq_1_to_100000000 WHERE seq <= @users / 2;

CREATE TABLE address (
    id VARCHAR(25) NOT NULL PRIMARY KEY, user_id VARCHAR(25) NOT NULL,
    street VARCHAR(191) NOT NULL, city VARCHAR(100) NOT NULL, zip VARCHAR(12) NULL,
    country_code CHAR(2) NOT NULL,
    INDEX address_user_id (user_id), INDEX address_city (city),
    CONSTRAINT address_user FOREIGN KEY (user_id) REFERENCES user (id) ON DELETE CASCADE,
    CONSTRAINT address_country FOREIGN KEY (country_code) REFERENCES country (code));
INSERT INTO address
SELECT LEFT(CONCAT('address', MD5(seq)), 25), LEFT(CONCAT('user', MD5(1 + seq % @users)), 25), CONCAT('Straße ', seq),
    CONCAT('City ', seq % 3000), 10000 + seq % 90000,
    CONCAT(CHAR(65 + seq % 200 DIV 26), CHAR(65 + seq % 200 % 26))
FROM seq_1_to_100000000 WHERE seq <= @users;

CREATE TABLE category (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, parent_id INT NULL,
    name VARCHAR(100) NOT NULL, position SMALLINT NOT NULL,
    CONSTRAINT category_parent FOREIGN KEY (parent_id) REFERENCES category (id));
INSERT INTO category
SELECT seq, IF(seq <= 10, NULL, 1 + seq % 10), CONCAT('Category ', seq), seq FROM seq_1_to_300;

CREATE TABLE product (
    id VARCHAR(25) NOT NULL PRIMARY KEY, sku VARCHAR(40) NOT NULL UNIQUE,
    category_id INT NOT NULL, name VARCHAR(191) NOT NULL, description TEXT NULL,
    price DECIMAL(10,2) NOT NULL, weight DOUBLE NULL, attributes JSON NULL,
    is_active TINYINT(1) NOT NULL DEFAULT 1,
    INDEX product_category_id (category_id), INDEX product_name (name),
    CONSTRAINT product_category FOREIGN KEY (category_id) REFERENCES category (id));
INSERT INTO product
SELECT LEFT(CONCAT('product', MD5(seq)), 25), CONCAT('SKU-', seq), 1 + seq % 300, CONCAT('Product ', seq),
    REPEAT('lorem ipsum dolor sit amet ', 1 + seq % 20), seq % 100000 / 100,
    IF(seq % 5 = 0, NULL, seq / 7), JSON_OBJECT('color', 'red', 'size', seq % 40), seq % 11 <> 0
FROM seq_1_to_100000000 WHERE seq <= @products;

CREATE TABLE product_image (
    id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, product_id VARCHAR(25) NOT NULL,
    url VARCHAR(255) NOT NULL, thumbnail BLOB NULL,
    INDEX product_image_product_id (product_id),
    CONSTRAINT product_image_product FOREIGN KEY (product_id) REFERENCES product (id));
INSERT INTO product_image
SELECT seq, LEFT(CONCAT('product', MD5(1 + seq % @products)), 25), CONCAT('https://example.com/i/', MD5(seq)),
    IF(seq % 3 = 0, NULL, REPEAT(UNHEX(MD5(seq)), 10))
FROM seq_1_to_100000000 WHERE seq <= @products * 2;

CREATE TABLE stock (
    product_id VARCHAR(25) NOT NULL, warehouse SMALLINT UNSIGNED NOT NULL,
    quantity INT NOT NULL, PRIMARY KEY (product_id, warehouse),
    CONSTRAINT stock_product FOREIGN KEY (product_id) REFERENCES product (id));
INSERT INTO stock
SELECT LEFT(CONCAT('product', MD5(1 + seq DIV 4)), 25), seq % 4, seq % 1000
FROM seq_0_to_100000000 WHERE seq < @products * 4;

CREATE TABLE `order` (
    id VARCHAR(25) NOT NULL PRIMARY KEY, number INT UNSIGNED NOT NULL UNIQUE,
    user_id VARCHAR(25) NOT NULL, address_id VARCHAR(25) NULL,
    state ENUM('new', 'paid', 'sent', 'done', 'cancelled') NOT NULL,
    total DECIMAL(12,2) NOT NULL, placed_at DATETIME(3) NOT NULL, note TEXT NULL,
    INDEX order_user_id (user_id), INDEX order_state_placed_at (state, placed_at),
    CONSTRAINT order_user FOREIGN KEY (user_id) REFERENCES user (id),
    CONSTRAINT order_address FOREIGN KEY (address_id) REFERENCES address (id));
INSERT INTO `order`
SELECT LEFT(CONCAT('order', MD5(seq)), 25), seq, LEFT(CONCAT('user', MD5(1 + seq % @users)), 25),
    IF(seq % 5 = 0, NULL, LEFT(CONCAT('address', MD5(1 + seq % @users)), 25)),
    ELT(1 + seq % 5, 'new', 'paid', 'sent', 'done', 'cancelled'), seq % 1000000 / 100,
    '2022-01-01' + INTERVAL seq MINUTE, IF(seq % 6 = 0, 'please ring twice', NULL)
FROM seq_1_to_100000000 WHERE seq <= @orders;

CREATE TABLE order_item (
    order_id VARCHAR(25) NOT NULL, line SMALLINT NOT NULL, product_id VARCHAR(25) NOT NULL,
    quantity INT NOT NULL, price DECIMAL(10,2) NOT NULL, PRIMARY KEY (order_id, line),
    INDEX order_item_product_id (product_id),
    CONSTRAINT order_item_order FOREIGN KEY (order_id) REFERENCES `order` (id) ON DELETE CASCADE,
    CONSTRAINT order_item_product FOREIGN KEY (product_id) REFERENCES product (id));
INSERT INTO order_item
SELECT LEFT(CONCAT('order', MD5(1 + seq DIV 2)), 25), 1 + seq % 2, LEFT(CONCAT('product', MD5(1 + seq * 7 % @products)), 25),
    1 + seq % 9, seq % 100000 / 100
FROM seq_0_to_100000000 WHERE seq < @orders * 2;

CREATE TABLE shipment (
    order_id VARCHAR(25) NOT NULL, line SMALLINT NOT NULL, parcel VARCHAR(40) NOT NULL,
    sent_at DATETIME NOT NULL, PRIMARY KEY (order_id, line, parcel),
    CONSTRAINT shipment_item FOREIGN KEY (order_id, line) REFERENCES order_item (order_id, line));
INSERT INTO shipment
SELECT LEFT(CONCAT('order', MD5(1 + seq)), 25), 1, CONCAT('PARCEL', seq), '2022-01-02' + INTERVAL seq MINUTE
FROM seq_0_to_100000000 WHERE seq < @orders / 2;

CREATE TABLE payment (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, order_id VARCHAR(25) NOT NULL,
    method ENUM('card', 'transfer', 'cash') NOT NULL, amount DECIMAL(12,2) NOT NULL,
    paid_at DATETIME(6) NULL, reference VARBINARY(32) NULL,
    INDEX payment_order_id (order_id), INDEX payment_paid_at (paid_at),
    CONSTRAINT payment_order FOREIGN KEY (order_id) REFERENCES `order` (id));
INSERT INTO payment
SELECT seq, LEFT(CONCAT('order', MD5(seq)), 25), ELT(1 + seq % 3, 'card', 'transfer', 'cash'),
    seq % 1000000 / 100, IF(seq % 8 = 0, NULL, '2022-01-01' + INTERVAL seq * 61 SECOND),
    UNHEX(MD5(seq))
FROM seq_1_to_100000000 WHERE seq <= @orders * 0.8;

CREATE TABLE cart_item (
    user_id VARCHAR(25) NOT NULL, product_id VARCHAR(25) NOT NULL, quantity INT NOT NULL,
    PRIMARY KEY (user_id, product_id), INDEX cart_item_product_id (product_id),
    CONSTRAINT cart_item_user FOREIGN KEY (user_id) REFERENCES user (id),
    CONSTRAINT cart_item_product FOREIGN KEY (product_id) REFERENCES product (id));
INSERT INTO cart_item
SELECT LEFT(CONCAT('user', MD5(seq)), 25), LEFT(CONCAT('product', MD5(1 + seq % @products)), 25), 1 + seq % 4
FROM seq_1_to_100000000 WHERE seq <= @users / 4;

CREATE TABLE review (
    id VARCHAR(25) NOT NULL PRIMARY KEY, product_id VARCHAR(25) NOT NULL,
    user_id VARCHAR(25) NOT NULL, stars TINYINT NOT NULL, body TEXT NULL,
    UNIQUE INDEX review_product_id_user_id (product_id, user_id), INDEX review_user_id (user_id),
    CONSTRAINT review_product FOREIGN KEY (product_id) REFERENCES product (id),
    CONSTRAINT review_user FOREIGN KEY (user_id) REFERENCES user (id));
INSERT INTO review
SELECT LEFT(CONCAT('review', MD5(seq)), 25), LEFT(CONCAT('product', MD5(1 + seq % @products)), 25), LEFT(CONCAT('user', MD5(seq)), 25),
    1 + seq % 5, IF(seq % 4 = 0, NULL, REPEAT('It does what it says. ', seq % 12))
FROM seq_1_to_100000000 WHERE seq <= @users / 2;

CREATE TABLE tag (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(60) NOT NULL UNIQUE);
INSERT INTO tag SELECT seq, CONCAT('tag-', seq) FROM seq_1_to_500;

CREATE TABLE post (
    id VARCHAR(25) NOT NULL PRIMARY KEY, author_id VARCHAR(25) NOT NULL,
    title VARCHAR(191) NOT NULL, body MEDIUMTEXT NOT NULL, published TINYINT(1) NOT NULL,
    created_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    INDEX post_author_id (author_id), INDEX post_created_at (created_at),
    CONSTRAINT post_author FOREIGN KEY (author_id) REFERENCES user (id));
INSERT INTO post
SELECT LEFT(CONCAT('post', MD5(seq)), 25), LEFT(CONCAT('user', MD5(1 + seq % @users)), 25), CONCAT('Post ', seq),
    REPEAT('Lorem ipsum dolor sit amet, consectetur. ', 5 + seq % 40), seq % 2,
    '2022-06-01' + INTERVAL seq MINUTE
FROM seq_1_to_100000000 WHERE seq <= @posts;

CREATE TABLE post_tag (
    post_id VARCHAR(25) NOT NULL, tag_id INT NOT NULL, PRIMARY KEY (post_id, tag_id),
    INDEX post_tag_tag_id (tag_id),
    CONSTRAINT post_tag_post FOREIGN KEY (post_id) REFERENCES post (id) ON DELETE CASCADE,
    CONSTRAINT post_tag_tag FOREIGN KEY (tag_id) REFERENCES tag (id));
INSERT INTO post_tag
SELECT LEFT(CONCAT('post', MD5(1 + seq DIV 3)), 25), 1 + seq % 500 FROM seq_0_to_100000000 WHERE seq < @posts * 3;

CREATE TABLE comment (
    id VARCHAR(25) NOT NULL PRIMARY KEY, post_id VARCHAR(25) NOT NULL,
    author_id VARCHAR(25) NULL, body TEXT NOT NULL, created_at DATETIME(3) NOT NULL,
    INDEX comment_post_id (post_id), INDEX comment_author_id (author_id),
    CONSTRAINT comment_post FOREIGN KEY (post_id) REFERENCES post (id) ON DELETE CASCADE,
    CONSTRAINT comment_author FOREIGN KEY (author_id) REFERENCES user (id));
INSERT INTO comment
SELECT LEFT(CONCAT('comment', MD5(seq)), 25), LEFT(CONCAT('post', MD5(1 + seq % @posts)), 25),
    IF(seq % 10 = 0, NULL, LEFT(CONCAT('user', MD5(1 + seq % @users)), 25)),
    REPEAT('I could not agree more. ', 1 + seq % 8), '2022-07-01' + INTERVAL seq MINUTE
FROM seq_1_to_100000000 WHERE seq <= @posts * 3;

CREATE TABLE notification (
    id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, user_id VARCHAR(25) NOT NULL,
    kind VARCHAR(40) NOT NULL, payload JSON NULL, seen TINYINT(1) NOT NULL DEFAULT 0,
    at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    INDEX notification_user_id (user_id),
    CONSTRAINT notification_user FOREIGN KEY (user_id) REFERENCES user (id));
INSERT INTO notification
SELECT seq, LEFT(CONCAT('user', MD5(1 + seq % @users)), 25), ELT(1 + seq % 3, 'mail', 'push', 'web'),
    JSON_OBJECT('n', seq), seq % 3 = 0, FROM_UNIXTIME(1650000000 + seq)
FROM seq_1_to_100000000 WHERE seq <= @users * 2;
