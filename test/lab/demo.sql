-- A migration by hand, step by step, for test/lab/demo; psql variables name
-- the two servers. The output is for human readers.

\echo From :found
SELECT 'To   PostgreSQL ' || split_part(current_setting('server_version'), ' ', 1)
    || ', database ' || current_database() || ', schema public';
\echo

CREATE EXTENSION mariadb_fdw;
CREATE SERVER legacy FOREIGN DATA WRAPPER mariadb_fdw
    OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER legacy
    OPTIONS (username :'user', password :'password');

SELECT 'mariadb.create_enums: ' || count(*) || ' enum types'
FROM mariadb.create_enums('legacy', :'database', 'public');

CREATE SCHEMA legacy;
IMPORT FOREIGN SCHEMA :"database" FROM SERVER legacy INTO legacy;
SELECT 'IMPORT FOREIGN SCHEMA: ' || count(*) || ' foreign tables'
FROM pg_foreign_table;

-- One line of the table: name truncated to 40 characters, numbers
-- right-aligned.
CREATE FUNCTION pg_temp.line(name text, count bigint, bytes bigint, seconds numeric)
RETURNS text LANGUAGE sql AS $$
    SELECT rpad(left(name, 40), 40)
        || lpad(to_char(count, 'FM999,999,999,999'), 14)
        || lpad(pg_size_pretty(bytes), 11)
        || lpad(to_char(seconds, 'FM999,990.000'), 10)
        || lpad(to_char(count / nullif(seconds, 0), 'FM999,999,999,990'), 13)
$$;

CREATE TEMP TABLE moved (
    position int GENERATED ALWAYS AS IDENTITY, name text, count bigint,
    bytes bigint, seconds numeric);

\echo
\echo 'INSERT ... SELECT                                 rows       size   seconds       rows/s'

-- In one transaction, so that all tables are read from one snapshot.
BEGIN;
SELECT format($psql$
    CREATE TABLE public.%1$I (LIKE legacy.%1$I);
    SELECT clock_timestamp() AS started \gset
    INSERT INTO public.%1$I SELECT * FROM legacy.%1$I;
    INSERT INTO moved (name, count, bytes, seconds) VALUES (%1$L, :ROW_COUNT,
        pg_table_size('public.%1$I'),
        extract(epoch FROM clock_timestamp() - :'started'::timestamptz))
    RETURNING pg_temp.line(name, count, bytes, seconds);
    $psql$, relname)
FROM pg_foreign_table JOIN pg_class ON pg_class.oid = ftrelid
ORDER BY relname
\g :script
\i :script
COMMIT;

SELECT pg_temp.line(count(*) || ' tables', sum(count)::bigint,
    sum(bytes)::bigint, sum(seconds))
FROM moved;

-- Compare both sides.
CREATE TEMP TABLE proof AS
    SELECT * FROM mariadb.verify('legacy', :'database', 'public');

\echo
\echo 'mariadb.verify                         rows there     rows here status   digest'
SELECT rpad(left(table_name, 36), 36)
    || lpad(coalesce(to_char(remote_rows, 'FM999,999,999,999'), ''), 13)
    || lpad(coalesce(to_char(local_rows, 'FM999,999,999,999'), ''), 14)
    || ' ' || rpad(status, 8) || ' ' || coalesce(left(local_digest, 16), '')
FROM proof
ORDER BY table_name;

\echo
SELECT count(*) || ' tables, ' || to_char(sum(local_rows), 'FM999,999,999,990')
    || ' rows: '
    || CASE count(*) FILTER (WHERE status <> 'equal')
        WHEN 0 THEN 'every digest equal.'
        ELSE count(*) FILTER (WHERE status <> 'equal') || ' NOT EQUAL.' END
FROM proof;
SELECT count(*) > 0 AND bool_and(status = 'equal')
    AND count(*) = (SELECT count(*) FROM moved) AS proven
FROM proof \gset
\if :proven
\else
    DO $$ BEGIN RAISE 'the two sides differ'; END $$;
\endif
