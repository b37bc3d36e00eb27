-- Copies: a local table takes what INSERT ... SELECT of the foreign table
-- would have given it, whatever stands in its way.
\i sql/server.psql
ALTER SERVER maria OPTIONS (ADD dbname 'regress_copy');
\set SHOW_CONTEXT never
SET client_min_messages = warning;
\! mariadb $MARIADB_ARGS -e "CREATE OR REPLACE DATABASE regress_copy CHARACTER SET utf8mb4"
SET datestyle = 'ISO, YMD';
SET timezone = 'UTC';
SELECT mariadb.exec('maria', $$
CREATE TABLE regress_copy.people (id INT PRIMARY KEY, name VARCHAR(20), age INT)$$);
SELECT mariadb.exec('maria', $$
INSERT INTO regress_copy.people VALUES (1, 'Ada', 36), (2, 'Bob', NULL), (3, 'Cy', -1)$$);
SELECT mariadb.exec('maria', $$
CREATE TABLE regress_copy.many (id INT PRIMARY KEY, x VARCHAR(60), parent INT)$$);
SELECT mariadb.exec('maria', $$
INSERT INTO regress_copy.many SELECT seq, RPAD(seq, 40, 'x'), 3001 - seq
FROM regress_copy.seq_1_to_3000$$);
SELECT mariadb.exec('maria', $$
CREATE TABLE regress_copy.`long` (id INT PRIMARY KEY, x LONGTEXT, y LONGBLOB)$$);
SELECT mariadb.exec('maria', $$
INSERT INTO regress_copy.`long`
SELECT seq, (SELECT GROUP_CONCAT(MD5(s.seq * l.seq) SEPARATOR '') FROM regress_copy.seq_1_to_3200 s),
    UNHEX(REPEAT(MD5(seq), 5000)) FROM regress_copy.seq_1_to_20 l$$);
SELECT mariadb.exec('maria', 'CREATE TABLE regress_copy.nothing (id INT PRIMARY KEY)');
CREATE SCHEMA there;
IMPORT FOREIGN SCHEMA regress_copy FROM SERVER maria INTO there;

-- What triggers see.
CREATE SCHEMA aside;
CREATE TABLE aside.log (number serial, line text);
CREATE FUNCTION aside.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO aside.log (line) VALUES (concat_ws(' ', TG_NAME, TG_WHEN, TG_LEVEL,
        CASE TG_LEVEL WHEN 'ROW' THEN NEW.id END));
    RETURN NEW;
END $$;
CREATE FUNCTION aside.note_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO aside.log (line) SELECT format('%s rows, %s', count(*), sum(id)) FROM fresh;
    RETURN NULL;
END $$;
CREATE FUNCTION aside.change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.name := upper(NEW.name);
    RETURN CASE WHEN NEW.id <> 2 THEN NEW END;
END $$;

-- Fills t, or a view on it, in two schemas of the same definition ("@" stands
-- for the schema), by copy and by INSERT ... SELECT; reports what copy stored, or
-- its error, and whether rows, triggers and errors are the same.
CREATE FUNCTION pg_temp.fill(here text, target text, source text, columns text, OUT result text, OUT rows text, OUT log text)
LANGUAGE plpgsql AS $$
DECLARE
    stored bigint;
BEGIN
    TRUNCATE aside.log RESTART IDENTITY;
    BEGIN
        IF here = 'copied' THEN
            stored := mariadb.copy(source::regclass, format('%I.%I', here, target)::regclass);
        ELSE
            EXECUTE format('INSERT INTO %I.%I (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s',
                here, target, columns, columns, source);
            GET DIAGNOSTICS stored = ROW_COUNT;
        END IF;
        SET CONSTRAINTS ALL IMMEDIATE;
        result := stored;
    EXCEPTION WHEN OTHERS THEN
        result := sqlstate || ' ' || sqlerrm;
    END;
    EXECUTE format('SELECT string_agg(t::text, '' '' ORDER BY t::text) FROM %I.t', here) INTO rows;
    log := (SELECT string_agg(line, ', ' ORDER BY number) FROM aside.log);
    SET CONSTRAINTS ALL DEFERRED;
END $$;
CREATE FUNCTION pg_temp.both(target text, source text, columns text, VARIADIC definition text[],
    OUT result text, OUT rows text, OUT log text, OUT is_same boolean)
LANGUAGE plpgsql AS $$
DECLARE
    here text; statement text; copied record; inserted record;
BEGIN
    FOREACH here IN ARRAY ARRAY['copied', 'inserted'] LOOP
        EXECUTE format('CREATE SCHEMA %I', here);
        FOREACH statement IN ARRAY definition LOOP
            EXECUTE replace(statement, '@', here);
        END LOOP;
        IF here = 'copied' THEN
            SELECT * INTO copied FROM pg_temp.fill(here, target, source, columns);
        ELSE
            SELECT * INTO inserted FROM pg_temp.fill(here, target, source, columns);
        END IF;
    END LOOP;
    DROP SCHEMA copied, inserted CASCADE;
    -- A decoding error has more detail than a cast, with the same SQLSTATE.
    is_same := (left(copied.result, 5), copied.rows, copied.log)
        IS NOT DISTINCT FROM (left(inserted.result, 5), inserted.rows, inserted.log);
    result := replace(copied.result, 'copied.', '');
    rows := CASE WHEN length(copied.rows) > 300 THEN length(copied.rows) || ' characters' ELSE copied.rows END;
    log := CASE WHEN length(copied.log) > 300 THEN length(copied.log) || ' characters' ELSE copied.log END;
END $$;
CREATE FUNCTION pg_temp.both_people(VARIADIC definition text[],
    OUT result text, OUT rows text, OUT log text, OUT is_same boolean) LANGUAGE sql
AS $$ SELECT * FROM pg_temp.both('t', 'there.people', 'id, name, age', VARIADIC definition) $$;
-- Does an index hold all rows that the table has?
CREATE FUNCTION pg_temp.by_index(tab text, condition text, OUT rows bigint, OUT is_used boolean, OUT is_whole boolean)
LANGUAGE plpgsql AS $$
DECLARE
    line text;
    expected bigint;
BEGIN
    SET LOCAL enable_seqscan = on; SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off;
    EXECUTE format('SELECT count(*) FROM %s WHERE %s', tab, condition) INTO expected;
    SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = on; SET LOCAL enable_bitmapscan = on;
    is_used := false;
    FOR line IN EXECUTE format('EXPLAIN SELECT count(*) FROM %s WHERE %s', tab, condition) LOOP
        is_used := is_used OR line ~ 'Index';
    END LOOP;
    EXECUTE format('SELECT count(*) FROM %s WHERE %s', tab, condition) INTO rows;
    is_whole := rows = expected;
    SET LOCAL enable_seqscan = on;
END $$;

--
-- Columns: by name, wherever they stand; what the source lacks has its default.
--
CREATE TABLE plain (id int, name text, age int);
SELECT mariadb.copy('there.people', 'plain');
SELECT * FROM plain;
SELECT mariadb.copy('there.nothing', 'plain', '{"skip_unmatched": true}');
DROP TABLE plain;
\x on
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int)');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (age int, id int, name text)');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (gone int, age int, lost text NOT NULL DEFAULT 5, id int, name text, last int)',
    'ALTER TABLE @.t DROP gone, DROP lost, DROP last');
SELECT * FROM pg_temp.both_people($$CREATE TABLE @.t (a text DEFAULT 'a', id int, n int, name text DEFAULT 'none', age int DEFAULT 1)$$,
    'ALTER TABLE @.t ADD b int DEFAULT 7, ADD c text DEFAULT upper(current_user)');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (s serial, id int, name text, age int, a int GENERATED ALWAYS AS IDENTITY, d bigint GENERATED BY DEFAULT AS IDENTITY (START 10 INCREMENT 5))');
-- The source may give what is an identity here.
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int GENERATED ALWAYS AS IDENTITY, name text, age int)');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id serial PRIMARY KEY, name text, age int GENERATED BY DEFAULT AS IDENTITY)');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int, needed int NOT NULL)');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int, needed int NOT NULL DEFAULT NULL)');
SELECT * FROM pg_temp.both_people('CREATE DOMAIN @.given AS int DEFAULT 5 CHECK (value > 0)', 'CREATE DOMAIN @.needed AS int NOT NULL',
    'CREATE TABLE @.t (id int, name text, age int, g @.given, h @.given DEFAULT 6)');
SELECT * FROM pg_temp.both_people('CREATE DOMAIN @.needed AS int NOT NULL', 'CREATE TABLE @.t (id int, name text, age int, n @.needed)');
SELECT * FROM pg_temp.both_people('CREATE DOMAIN @.needed AS int NOT NULL', 'CREATE TABLE @.t (id int, name text, age @.needed)');
SELECT * FROM pg_temp.both_people('CREATE DOMAIN @.positive AS int CONSTRAINT above CHECK (value > 0)', 'CREATE TABLE @.t (id int, name text, age @.positive)');
SELECT * FROM pg_temp.both_people('CREATE DOMAIN @.small AS int CHECK (value < 100)', 'CREATE DOMAIN @.smaller AS @.small CHECK (value > -5)',
    'CREATE TABLE @.t (id int, name text, age @.smaller)');
-- Other types than those imported.
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id bigint, name varchar(3), age numeric(5,2))');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id smallint, name char(5), age text)');
\x off
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name varchar(2), age int)');
CREATE TABLE lacks (name text, id int);
SELECT mariadb.copy('there.people', 'lacks');
\echo :SQLSTATE
SELECT mariadb.copy('there.people', 'lacks', '{"skip_unmatched": false}');
SELECT mariadb.copy('there.people', 'lacks', '{"skip_unmatched": true}');
SELECT * FROM lacks;
ALTER FOREIGN TABLE there.people DROP age;
SELECT mariadb.copy('there.people', 'lacks');
SELECT count(*), count(DISTINCT lacks) FROM lacks;
ALTER FOREIGN TABLE there.people ADD age int;
-- A name here may be another there.
CREATE FOREIGN TABLE there.renamed (name text OPTIONS (column_name 'id'), id int OPTIONS (column_name 'age'))
    SERVER maria OPTIONS (table_name 'people');
TRUNCATE lacks;
SELECT mariadb.copy('there.renamed', 'lacks');
SELECT * FROM lacks;
DROP FOREIGN TABLE there.renamed;
-- No column in common: as many rows of defaults as there are.
CREATE TABLE other (n serial, x text DEFAULT 'x');
SELECT mariadb.copy('there.people', 'other', '{"skip_unmatched": true}');
SELECT * FROM other;
CREATE TABLE stamped (id int, at timestamptz DEFAULT now(), later timestamptz NOT NULL DEFAULT clock_timestamp());
BEGIN;
SELECT mariadb.copy('there.people', 'stamped', '{"skip_unmatched": true}');
SELECT id, at = now() AS of_transaction, later > at AS is_later FROM stamped;
COMMIT;
DROP TABLE lacks, other, stamped;

--
-- Generated columns, constraints, indexes.
--
\x on
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (double int GENERATED ALWAYS AS (age * 2) STORED, id int, name text, age int, shout text GENERATED ALWAYS AS (upper(name)) STORED)');
SELECT * FROM pg_temp.both('t', 'there.people', 'id, name', 'CREATE TABLE @.t (id int, name text, age int GENERATED ALWAYS AS (id + 1) STORED)');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int, g int GENERATED ALWAYS AS (6 / (id - 2)) STORED)');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int, g int GENERATED ALWAYS AS (age) STORED CONSTRAINT above CHECK (g > 0))');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int CONSTRAINT above CHECK (age > 0))');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int)', 'ALTER TABLE @.t ADD CONSTRAINT above CHECK (age > 0) NOT VALID');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int NOT NULL)');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int, CONSTRAINT one_adult UNIQUE (age))');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int PRIMARY KEY, name text, age int)', $$INSERT INTO @.t VALUES (3, 'here', 0)$$);
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int, EXCLUDE ((length(name)) WITH =))');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int, EXCLUDE USING gist (int4range(id, id + 1) WITH &&))');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int, EXCLUDE USING gist (int4range(id, id + 2) WITH &&))');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int)', 'CREATE UNIQUE INDEX ON @.t ((id / 2)) WHERE id <> 3');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int)', 'CREATE UNIQUE INDEX same_half ON @.t ((id / 2))');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int)', 'CREATE INDEX ON @.t ((6 / (id - 2)))');
-- Foreign keys and what is checked later.
SELECT * FROM pg_temp.both_people('CREATE TABLE @.parent (id int PRIMARY KEY)', 'INSERT INTO @.parent VALUES (1), (2), (3)',
    'CREATE TABLE @.t (id int REFERENCES @.parent, name text, age int)');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.parent (id int PRIMARY KEY)', 'INSERT INTO @.parent VALUES (1), (3)',
    'CREATE TABLE @.t (id int CONSTRAINT t_parent REFERENCES @.parent, name text, age int)');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.parent (id int PRIMARY KEY)', 'INSERT INTO @.parent VALUES (1), (3)',
    'CREATE TABLE @.t (id int CONSTRAINT t_parent REFERENCES @.parent DEFERRABLE INITIALLY DEFERRED, name text, age int)');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int, half int GENERATED ALWAYS AS (id / 2) STORED, CONSTRAINT halves UNIQUE (half) DEFERRABLE INITIALLY DEFERRED)');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int, CONSTRAINT ids UNIQUE (id) DEFERRABLE)');
SELECT * FROM pg_temp.both('t', 'there.many', 'id, x, parent', 'CREATE TABLE @.t (id int PRIMARY KEY, x text, parent int REFERENCES @.t)');
SELECT * FROM pg_temp.both('t', 'there.many', 'id, x, parent', 'CREATE TABLE @.t (id int PRIMARY KEY, x text, parent int CONSTRAINT up REFERENCES @.t CHECK (id <> 1))');
-- A row may come long before the one that it refers to.
SELECT * FROM pg_temp.both('t', 'there.many', 'id, x, parent', 'CREATE TABLE @.t (id int PRIMARY KEY, x text, parent int CONSTRAINT up REFERENCES @.t)',
    'CREATE TRIGGER row_after AFTER INSERT ON @.t FOR EACH ROW WHEN (NEW.id = 1) EXECUTE FUNCTION aside.note()',
    'CREATE FUNCTION @.pass() RETURNS trigger LANGUAGE plpgsql AS ''BEGIN RETURN NEW; END''',
    'CREATE TRIGGER pass BEFORE INSERT ON @.t FOR EACH ROW EXECUTE FUNCTION @.pass()');
SELECT * FROM pg_temp.both('t', 'there.many', 'id, x, parent', 'CREATE TABLE @.t (id int, x text, parent int, PRIMARY KEY (id), CONSTRAINT up FOREIGN KEY (parent) REFERENCES @.t) PARTITION BY RANGE (id)',
    'CREATE TABLE @.low PARTITION OF @.t FOR VALUES FROM (0) TO (1500)', 'CREATE TABLE @.high PARTITION OF @.t FOR VALUES FROM (1500) TO (5000)');
\x off
-- Many rows of several batches, and every index whole.
CREATE TABLE many (id int PRIMARY KEY, x text, parent int, UNIQUE (x));
CREATE INDEX many_half ON many ((parent / 2));
CREATE INDEX many_few ON many (parent) WHERE parent < 100;
CREATE INDEX many_hash ON many USING hash (x);
CREATE INDEX many_brin ON many USING brin (id) WITH (pages_per_range = 1);
CREATE INDEX many_gin ON many USING gin ((ARRAY[parent, id]));
SELECT mariadb.copy('there.many', 'many');
SELECT * FROM pg_temp.by_index('many', 'id > 0');
SELECT * FROM pg_temp.by_index('many', $$x > ''$$);
SELECT * FROM pg_temp.by_index('many', 'parent / 2 > -1');
SELECT * FROM pg_temp.by_index('many', 'parent < 100');
SELECT * FROM pg_temp.by_index('many', $$x = rpad('2999', 40, 'x')$$);
SELECT * FROM pg_temp.by_index('many', 'ARRAY[parent, id] @> ARRAY[1500]');
SELECT count(*), sum(id), sum(parent), count(DISTINCT x) FROM many;
TABLE many EXCEPT TABLE there.many;
SELECT mariadb.copy('there.many', 'many');
SELECT count(*) FROM many;
-- A large value is kept out of line.
CREATE UNLOGGED TABLE long (id int, x text, y bytea);
CREATE INDEX long_start ON long (left(x, 100));
CREATE UNIQUE INDEX long_md5 ON long (md5(x));
SELECT mariadb.copy('there.long', 'long');
SELECT count(*), min(length(x)), max(length(x)), min(length(y)), pg_relation_size(reltoastrelid) > 1000000 AS is_toasted
FROM long, pg_class WHERE pg_class.oid = 'long'::regclass GROUP BY reltoastrelid;
TABLE long EXCEPT TABLE there.long;
SELECT * FROM pg_temp.by_index('long', $$left(x, 100) > ''$$);
SELECT * FROM pg_temp.by_index('long', $$md5(x) > ''$$);
CREATE TABLE long_key (id int, x text PRIMARY KEY);
SELECT mariadb.copy('there.long', 'long_key', '{"skip_unmatched": true}');
DROP TABLE long, long_key;

--
-- Triggers.
--
\x on
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int)',
    'CREATE TRIGGER change BEFORE INSERT ON @.t FOR EACH ROW EXECUTE FUNCTION aside.change()');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int, loud boolean GENERATED ALWAYS AS (name = upper(name)) STORED)',
    'CREATE TRIGGER change BEFORE INSERT ON @.t FOR EACH ROW EXECUTE FUNCTION aside.change()',
    'CREATE TRIGGER row_after AFTER INSERT ON @.t FOR EACH ROW EXECUTE FUNCTION aside.note()');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int)',
    'CREATE TRIGGER row_after AFTER INSERT ON @.t FOR EACH ROW WHEN (NEW.id <> 2) EXECUTE FUNCTION aside.note()',
    'CREATE TRIGGER all_before BEFORE INSERT ON @.t EXECUTE FUNCTION aside.note()',
    'CREATE TRIGGER all_after AFTER INSERT ON @.t EXECUTE FUNCTION aside.note()',
    'CREATE TRIGGER of_update AFTER UPDATE ON @.t EXECUTE FUNCTION aside.note()');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int)',
    'CREATE CONSTRAINT TRIGGER later AFTER INSERT ON @.t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION aside.note()');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int)',
    'CREATE TRIGGER change BEFORE INSERT ON @.t FOR EACH ROW EXECUTE FUNCTION aside.change()',
    'CREATE TRIGGER all_before BEFORE INSERT ON @.t EXECUTE FUNCTION aside.note()',
    'CREATE TRIGGER seen AFTER INSERT ON @.t REFERENCING NEW TABLE AS fresh EXECUTE FUNCTION aside.note_all()');
SELECT * FROM pg_temp.both('t', 'there.many', 'id, x, parent', 'CREATE TABLE @.t (id int, x text, parent int)',
    'CREATE TRIGGER seen AFTER INSERT ON @.t REFERENCING NEW TABLE AS fresh EXECUTE FUNCTION aside.note_all()');
SELECT * FROM pg_temp.both('t', 'there.many', 'id, x, parent', 'CREATE TABLE @.t (id int, x text, parent int)',
    'CREATE TRIGGER row_before BEFORE INSERT ON @.t FOR EACH ROW EXECUTE FUNCTION aside.note()',
    'CREATE TRIGGER all_before BEFORE INSERT ON @.t EXECUTE FUNCTION aside.note()');
-- Of no rows too.
SELECT * FROM pg_temp.both('t', 'there.nothing', 'id', 'CREATE TABLE @.t (id int)',
    'CREATE TRIGGER all_before BEFORE INSERT ON @.t EXECUTE FUNCTION aside.note()',
    'CREATE TRIGGER all_after AFTER INSERT ON @.t EXECUTE FUNCTION aside.note()');
SELECT * FROM pg_temp.both('t', 'there.nothing', 'id', 'CREATE TABLE @.t (id int)',
    'CREATE TRIGGER seen AFTER INSERT ON @.t REFERENCING NEW TABLE AS fresh EXECUTE FUNCTION aside.note_all()');
-- As the session's role in replication has it.
CREATE FUNCTION pg_temp.by_role() RETURNS TABLE (result text, rows text, log text, is_same boolean) LANGUAGE sql AS $$
SELECT * FROM pg_temp.both_people('CREATE TABLE @.parent (id int PRIMARY KEY)', 'CREATE TABLE @.t (id int, name text, age int)',
    'CREATE TRIGGER change BEFORE INSERT ON @.t FOR EACH ROW EXECUTE FUNCTION aside.change()',
    'CREATE TRIGGER always AFTER INSERT ON @.t FOR EACH ROW EXECUTE FUNCTION aside.note()',
    'CREATE TRIGGER never AFTER INSERT ON @.t FOR EACH ROW EXECUTE FUNCTION aside.note()',
    'CREATE TRIGGER replica AFTER INSERT ON @.t FOR EACH ROW EXECUTE FUNCTION aside.note()',
    'CREATE TRIGGER origin AFTER INSERT ON @.t EXECUTE FUNCTION aside.note()',
    'ALTER TABLE @.t ENABLE ALWAYS TRIGGER always, DISABLE TRIGGER never, ENABLE REPLICA TRIGGER replica') $$;
SELECT * FROM pg_temp.by_role();
SET session_replication_role = replica;
SELECT * FROM pg_temp.by_role();
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int)',
    'CREATE TRIGGER change BEFORE INSERT ON @.t FOR EACH ROW EXECUTE FUNCTION aside.change()', 'ALTER TABLE @.t ENABLE ALWAYS TRIGGER change');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int)',
    'CREATE TRIGGER change BEFORE INSERT ON @.t FOR EACH ROW EXECUTE FUNCTION aside.change()', 'ALTER TABLE @.t ENABLE REPLICA TRIGGER change');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.parent (id int PRIMARY KEY)',
    'CREATE TABLE @.t (id int REFERENCES @.parent, name text, age int)');
RESET session_replication_role;

--
-- Views, rules, partitions.
--
CREATE FUNCTION aside.into_t() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('INSERT INTO %I.t VALUES ($1, $2, $3)', TG_TABLE_SCHEMA) USING -NEW.id, NEW.name, NEW.age;
    RETURN NEW;
END $$;
SELECT * FROM pg_temp.both('v', 'there.people', 'id, name, age', 'CREATE TABLE @.t (id int, name text, age int)',
    'CREATE VIEW @.v AS SELECT id, name, age FROM @.t');
SELECT * FROM pg_temp.both('v', 'there.people', 'id, name, age', 'CREATE TABLE @.t (id int, name text, age int)',
    'CREATE VIEW @.v AS SELECT id, name, age FROM @.t WHERE id <> 2 WITH CHECK OPTION');
SELECT * FROM pg_temp.both('v', 'there.people', 'id, name, age', 'CREATE TABLE @.t (id int, name text, age int)',
    'CREATE VIEW @.v AS SELECT id, name, age FROM @.t WHERE id < 4 WITH CHECK OPTION');
SELECT * FROM pg_temp.both('v', 'there.people', 'id, name, age', 'CREATE TABLE @.t (id int, name text, age int)',
    'CREATE VIEW @.v AS SELECT DISTINCT id, name, age FROM @.t');
SELECT * FROM pg_temp.both('v', 'there.people', 'id, name, age', 'CREATE TABLE @.t (id int, name text, age int)',
    'CREATE VIEW @.v AS SELECT DISTINCT id, name, age FROM @.t',
    'CREATE TRIGGER instead INSTEAD OF INSERT ON @.v FOR EACH ROW EXECUTE FUNCTION aside.into_t()');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int)', 'CREATE TABLE @.second (id int)',
    $$CREATE RULE also AS ON INSERT TO @.t DO ALSO INSERT INTO aside.log (line) VALUES ('also ' || NEW.id)$$);
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int)',
    'CREATE RULE none AS ON INSERT TO @.t WHERE NEW.id = 2 DO INSTEAD NOTHING');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int)',
    'CREATE RULE none AS ON INSERT TO @.t DO INSTEAD NOTHING');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int)',
    'CREATE RULE none AS ON UPDATE TO @.t DO INSTEAD NOTHING');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int) PARTITION BY RANGE (id)',
    'CREATE TABLE @.low (age int, lost int, id int, name text)', 'ALTER TABLE @.low DROP lost', 'ALTER TABLE @.t ATTACH PARTITION @.low FOR VALUES FROM (0) TO (2)',
    'CREATE TABLE @.high PARTITION OF @.t DEFAULT PARTITION BY LIST (name)', $$CREATE TABLE @.bob PARTITION OF @.high FOR VALUES IN ('Bob', 'Cy')$$,
    'CREATE INDEX ON @.t (age)', 'CREATE TRIGGER row_after AFTER INSERT ON @.t FOR EACH ROW EXECUTE FUNCTION aside.note()');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int, name text, age int) PARTITION BY LIST (id)',
    'CREATE TABLE @.some PARTITION OF @.t FOR VALUES IN (1, 3)');
SELECT * FROM pg_temp.both('p', 'there.people', 'id, name, age', 'CREATE TABLE @.t (id int, name text, age int) PARTITION BY RANGE (id)',
    'CREATE TABLE @.p PARTITION OF @.t FOR VALUES FROM (1) TO (9)');
SELECT * FROM pg_temp.both('p', 'there.people', 'id, name, age', 'CREATE TABLE @.t (id int, name text, age int) PARTITION BY RANGE (id)',
    'CREATE TABLE @.p PARTITION OF @.t FOR VALUES FROM (1) TO (3)');
SELECT * FROM pg_temp.both_people('CREATE TABLE @.t (id int)', 'CREATE TABLE @.heir (LIKE @.t)', 'ALTER TABLE @.t ADD name text, ADD age int',
    'ALTER TABLE @.heir ADD name text, ADD age int', 'ALTER TABLE @.heir INHERIT @.t');
\x off
SELECT * FROM pg_temp.both('t', 'there.many', 'id, x, parent', 'CREATE TABLE @.t (id int, x text, parent int) PARTITION BY HASH (id)',
    'CREATE TABLE @.t0 PARTITION OF @.t FOR VALUES WITH (MODULUS 2, REMAINDER 0)', 'CREATE TABLE @.t1 PARTITION OF @.t FOR VALUES WITH (MODULUS 2, REMAINDER 1)',
    'CREATE UNIQUE INDEX ON @.t (id)');

--
-- What cannot be copied from or into.
--
CREATE TABLE plain (id int, name text, age int);
CREATE MATERIALIZED VIEW stale AS SELECT * FROM plain;
CREATE SEQUENCE counter;
CREATE INDEX plain_id ON plain (id);
CREATE TYPE composed AS (id int);
SELECT mariadb.copy('there.people', 'stale');
\echo :SQLSTATE
SELECT mariadb.copy('there.people', 'counter');
\echo :SQLSTATE
-- Said in other words by other versions.
\set VERBOSITY sqlstate
SELECT mariadb.copy('there.people', 'plain_id');
SELECT mariadb.copy('there.people', 'composed');
\set VERBOSITY default
SELECT mariadb.copy('there.people', 'there.people');
\echo :SQLSTATE
SELECT mariadb.copy('plain', 'plain');
\echo :SQLSTATE
SELECT mariadb.copy('pg_class', 'plain');
\echo :SQLSTATE
CREATE FOREIGN DATA WRAPPER regress_dummy;
CREATE SERVER regress_dummy FOREIGN DATA WRAPPER regress_dummy;
CREATE FOREIGN TABLE dummy (id int, name text, age int) SERVER regress_dummy;
SELECT mariadb.copy('dummy', 'plain');
\echo :SQLSTATE
SELECT mariadb.copy('there.people', 'dummy');
\echo :SQLSTATE
DROP FOREIGN DATA WRAPPER regress_dummy CASCADE;
DROP TYPE composed;
DROP SEQUENCE counter;
DROP MATERIALIZED VIEW stale;
-- A foreign table that takes rows, where contrib is there to make one.
CREATE FUNCTION pg_temp.through_loopback() RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'postgres_fdw') THEN
        RETURN '3 of 3 rows';
    END IF;
    CREATE EXTENSION postgres_fdw;
    EXECUTE format('CREATE SERVER loopback FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host %L, port %L, dbname %L)',
        split_part(current_setting('unix_socket_directories'), ',', 1), current_setting('port'), current_database());
    EXECUTE format('CREATE USER MAPPING FOR CURRENT_USER SERVER loopback OPTIONS (user %L)', current_user);
    CREATE FOREIGN TABLE around (id int, name text, age int) SERVER loopback OPTIONS (schema_name 'public', table_name 'plain');
    RETURN format('%s of %s rows', mariadb.copy('there.people', 'around'), (SELECT count(*) FROM around));
END $$;
SELECT pg_temp.through_loopback();
DROP EXTENSION IF EXISTS postgres_fdw CASCADE;
DROP TABLE plain;

--
-- Who may.
--
CREATE ROLE regress_copier;
GRANT USAGE ON SCHEMA mariadb, there TO regress_copier;
GRANT USAGE ON FOREIGN SERVER maria TO regress_copier;
CREATE USER MAPPING FOR regress_copier SERVER maria OPTIONS (username :'user', password :'password');
CREATE TABLE plain (id int, name text, age int DEFAULT 7);
CREATE TABLE bare (other int DEFAULT 1);
SET ROLE regress_copier;
SELECT mariadb.copy('there.people', 'plain');
\echo :SQLSTATE
RESET ROLE;
SELECT mariadb.grant_to('regress_copier');
SET ROLE regress_copier;
SELECT mariadb.copy('there.people', 'plain');
\echo :SQLSTATE
SELECT mariadb.copy('there.people', 'bare', '{"skip_unmatched": true}');
\echo :SQLSTATE
RESET ROLE;
GRANT SELECT ON there.people TO regress_copier;
SET ROLE regress_copier;
SELECT mariadb.copy('there.people', 'plain');
\echo :SQLSTATE
SELECT mariadb.copy('there.people', 'bare', '{"skip_unmatched": true}');
\echo :SQLSTATE
RESET ROLE;
GRANT INSERT (id, name) ON plain TO regress_copier;
SET ROLE regress_copier;
SELECT mariadb.copy('there.people', 'plain');
\echo :SQLSTATE
RESET ROLE;
CREATE FOREIGN TABLE there.names (id int, name text) SERVER maria OPTIONS (table_name 'people');
SET ROLE regress_copier;
SELECT mariadb.copy('there.names', 'plain');
\echo :SQLSTATE
RESET ROLE;
GRANT SELECT (id) ON there.names TO regress_copier;
SET ROLE regress_copier;
SELECT mariadb.copy('there.names', 'plain');
\echo :SQLSTATE
RESET ROLE;
GRANT SELECT (name) ON there.names TO regress_copier;
SET ROLE regress_copier;
SELECT mariadb.copy('there.names', 'plain');
\echo :SQLSTATE
RESET ROLE;
SELECT * FROM plain;
SELECT * FROM bare;
-- Through a view with the rights of its owner.
CREATE VIEW door AS SELECT id, name, age FROM plain;
GRANT INSERT ON door TO regress_copier;
TRUNCATE plain;
SET ROLE regress_copier;
SELECT mariadb.copy('there.people', 'door');
\echo :SQLSTATE
RESET ROLE;
SELECT * FROM plain;
DROP VIEW door;
-- Policies of rows.
TRUNCATE plain;
GRANT INSERT, SELECT ON plain TO regress_copier;
ALTER TABLE plain ENABLE ROW LEVEL SECURITY;
CREATE POLICY known ON plain FOR INSERT TO regress_copier WITH CHECK (id <> 2);
SET ROLE regress_copier;
SELECT mariadb.copy('there.people', 'plain');
\echo :SQLSTATE
SET row_security = off;
SELECT mariadb.copy('there.people', 'plain');
\echo :SQLSTATE
RESET row_security;
RESET ROLE;
ALTER POLICY known ON plain WITH CHECK (id < 4);
SET ROLE regress_copier;
SELECT mariadb.copy('there.people', 'plain');
\echo :SQLSTATE
RESET ROLE;
SELECT count(*) FROM plain;
ALTER POLICY known ON plain WITH CHECK (false);
ALTER TABLE plain OWNER TO regress_copier;
SET ROLE regress_copier;
SELECT mariadb.copy('there.people', 'plain');
\echo :SQLSTATE
ALTER TABLE plain FORCE ROW LEVEL SECURITY;
SELECT mariadb.copy('there.people', 'plain');
\echo :SQLSTATE
RESET ROLE;
SELECT count(*) FROM plain;
DROP TABLE plain, bare;
DROP FOREIGN TABLE there.names;
DROP OWNED BY regress_copier;
DROP ROLE regress_copier;

--
-- Transactions.
--
CREATE TABLE plain (id int PRIMARY KEY, name text, age int);
CREATE TEMPORARY TABLE mine (id int, name text, age int);
BEGIN READ ONLY;
SELECT mariadb.copy('there.people', 'mine');
SELECT count(*) FROM mine;
SELECT mariadb.copy('there.people', 'plain');
\echo :SQLSTATE
ROLLBACK;
-- What fails in a block is rolled back, and the connection stays usable.
DO $$
BEGIN
    PERFORM mariadb.copy('there.people', 'plain');
    BEGIN
        DELETE FROM plain WHERE id < 3;
        PERFORM mariadb.copy('there.people', 'plain');
    EXCEPTION WHEN unique_violation THEN
        RAISE WARNING '% %', sqlstate, (SELECT count(*) FROM plain);
    END;
    BEGIN
        DELETE FROM plain;
        PERFORM mariadb.copy('there.people', 'plain');
        RAISE EXCEPTION 'after all';
    EXCEPTION WHEN raise_exception THEN
        RAISE WARNING '% %', sqlerrm, (SELECT count(*) FROM plain WHERE id < 3);
    END;
    BEGIN
        DELETE FROM plain WHERE id = 3;
        INSERT INTO plain VALUES (9);
    END;
END $$;
SELECT id FROM plain ORDER BY id;
BEGIN;
TRUNCATE plain;
SAVEPOINT a;
SELECT mariadb.copy('there.people', 'plain');
ROLLBACK TO a;
SELECT count(*) FROM plain;
SELECT mariadb.copy('there.people', 'plain');
SAVEPOINT b;
SELECT mariadb.copy('there.people', 'plain');
ROLLBACK TO b;
SELECT count(*) FROM plain;
SELECT * FROM pg_temp.by_index('plain', 'id > 0');
ROLLBACK;
SELECT id FROM plain ORDER BY id;
-- Into a table of this transaction: seen by itself, and gone with it.
BEGIN;
CREATE TABLE fresh (id int PRIMARY KEY, x text, parent int);
SELECT mariadb.copy('there.many', 'fresh');
SELECT count(*) FROM fresh;
SELECT * FROM pg_temp.by_index('fresh', 'id > 0');
SELECT mariadb.copy('there.many', 'fresh');
ROLLBACK;
SELECT to_regclass('fresh');
BEGIN;
TRUNCATE plain;
SELECT mariadb.copy('there.people', 'plain');
DELETE FROM plain WHERE id = 1;
COMMIT;
SELECT id FROM plain ORDER BY id;
BEGIN;
TRUNCATE plain;
SAVEPOINT a;
TRUNCATE plain;
SELECT mariadb.copy('there.people', 'plain');
ROLLBACK TO a;
SELECT count(*) FROM plain;
ROLLBACK;
SELECT count(*) FROM plain;
-- In a function, what is copied is there for the next statement.
CREATE FUNCTION pg_temp.twice() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    many bigint;
BEGIN
    DELETE FROM plain;
    PERFORM mariadb.copy('there.people', 'plain');
    UPDATE plain SET id = id + 10;
    PERFORM mariadb.copy('there.people', 'plain');
    SELECT count(*) INTO many FROM plain;
    RETURN many;
END $$;
SELECT pg_temp.twice();
SELECT id FROM plain ORDER BY id;
DROP TABLE plain, mine, many;

--
-- Options.
--
CREATE TABLE plain (id int, name text, age int);
SELECT mariadb.copy('there.people', 'plain', '{"onerror": "stop"}');
\echo :SQLSTATE
SELECT mariadb.copy('there.people', 'plain', '{"on_error": "ignore"}');
\echo :SQLSTATE
SELECT mariadb.copy('there.people', 'plain', '{"max_rows_per_second": -1}');
\echo :SQLSTATE
SELECT mariadb.copy('there.people', 'plain', '{"max_mb_per_second": -0.5}');
\echo :SQLSTATE
SELECT mariadb.copy('there.people', 'plain', '[]');
\echo :SQLSTATE
SELECT count(*) FROM plain;
SELECT mariadb.copy('there.people', 'plain', '{"on_error": "stop", "max_rows_per_second": 1e6, "max_mb_per_second": 100}');
\echo :SQLSTATE
SELECT count(*) FROM plain;

DROP SCHEMA there CASCADE;
DROP SCHEMA aside CASCADE;
DROP TABLE plain;
DROP SERVER maria CASCADE;
\! mariadb $MARIADB_ARGS -e "DROP DATABASE regress_copy"
