-- The migration of a Prisma project, for test/lab/demo; :schema is the text of
-- its schema.prisma, :converted the file for that of PostgreSQL.

CREATE EXTENSION mariadb_fdw;
CREATE SERVER legacy FOREIGN DATA WRAPPER mariadb_fdw
    OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER legacy
    OPTIONS (username :'user', password :'password');

\o :converted
SELECT mariadb.prisma_schema(:'schema');
\o

CALL mariadb.migrate('legacy', :'database', 'public',
    jsonb_build_object('prisma', :'schema'));

SELECT 'CALL mariadb.migrate with schema.prisma: ' || count(*) || ' tables, '
    || to_char(sum(local_rows), 'FM999,999,999,990') || ' rows, '
    || CASE count(*) FILTER (WHERE status <> 'equal')
        WHEN 0 THEN 'every digest equal.'
        ELSE count(*) FILTER (WHERE status <> 'equal') || ' NOT EQUAL.' END
FROM mariadb.verify('legacy', :'database', 'public');
