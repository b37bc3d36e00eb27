-- The same tables seen through both wrappers, with the same local types, those
-- that mysql_fdw's import would choose; "natural" has those that ours chooses.
CREATE EXTENSION mariadb_fdw;
CREATE EXTENSION mysql_fdw;
CREATE SERVER mariadb_fdw FOREIGN DATA WRAPPER mariadb_fdw
    OPTIONS (host :'host', port :'port');
CREATE SERVER mysql_fdw FOREIGN DATA WRAPPER mysql_fdw
    OPTIONS (host :'host', port :'port');
CREATE USER MAPPING FOR CURRENT_USER SERVER mariadb_fdw
    OPTIONS (username :'user', password :'password');
CREATE USER MAPPING FOR CURRENT_USER SERVER mysql_fdw
    OPTIONS (username :'user', password :'password');

SELECT format($psql$
    CREATE SCHEMA %1$I;
    CREATE FOREIGN TABLE %1$I.mixed (
        id bigint NOT NULL, i integer NOT NULL, b smallint,
        d numeric(10,2) NOT NULL, f double precision, v varchar(50) NOT NULL,
        t text, ts timestamp(3) NOT NULL, dt date, e text NOT NULL, j text)
    SERVER %1$I OPTIONS (dbname 'bench', table_name 'mixed');
    CREATE FOREIGN TABLE %1$I.narrow (
        a integer NOT NULL, b integer NOT NULL, c bigint NOT NULL, d smallint)
    SERVER %1$I OPTIONS (dbname 'bench', table_name 'narrow')
    $psql$, srvname)
FROM pg_foreign_server
\gexec

CREATE SCHEMA "natural";
IMPORT FOREIGN SCHEMA bench LIMIT TO (mixed) FROM SERVER mariadb_fdw INTO "natural";
