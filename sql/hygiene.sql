-- Hygiene: lists what breaks a rule of the house; each list must be empty.
\i sql/settings.psql
CREATE VIEW objects AS
SELECT d.classid, d.objid, i.type, i.identity
FROM pg_depend d, pg_identify_object(d.classid, d.objid, 0) i
WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
    AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'mariadb_fdw');
CREATE VIEW functions AS
SELECT p.oid::regprocedure AS function, p.*, l.lanname AS language
FROM objects o JOIN pg_proc p ON (o.classid, o.objid) = ('pg_proc'::regclass, p.oid) JOIN pg_language l ON l.oid = p.prolang;

-- The extension is in its schema and cannot be moved.
SELECT extname, extnamespace::regnamespace AS schema, extrelocatable FROM pg_extension WHERE extname = 'mariadb_fdw';
-- All that it has. A new object stands here with its test.
SELECT identity FROM objects WHERE type <> 'type' ORDER BY type COLLATE "C", identity COLLATE "C";

-- How many a user meets, and how many parts these have.
SELECT pronamespace::regnamespace AS schema, count(*) FROM functions GROUP BY 1 ORDER BY 1;

-- What has no comment.
SELECT identity FROM objects
WHERE obj_description(objid, (SELECT relname FROM pg_class WHERE oid = classid)) IS NULL
    AND type NOT IN ('type', 'schema', 'sequence') ORDER BY 1;
-- A comment that went to an object of PostgreSQL's own of that name.
SELECT objoid::regprocedure, description FROM pg_description
WHERE classoid = 'pg_proc'::regclass AND description ~* 'mariadb' AND objoid NOT IN (SELECT oid FROM functions);
-- What is in neither schema.
SELECT o.identity FROM objects o, pg_identify_object(o.classid, o.objid, 0) i
WHERE i.schema NOT IN ('mariadb', 'mariadb_internal') ORDER BY 1;
-- What of the internal schema another role could name.
SELECT a.grantee::regrole, a.privilege_type FROM pg_namespace n, aclexplode(n.nspacl) a
WHERE n.nspname = 'mariadb_internal' AND a.grantee <> n.nspowner;
SELECT function FROM functions WHERE pronamespace = 'mariadb_internal'::regnamespace
    AND proacl IS DISTINCT FROM ARRAY[makeaclitem(proowner, proowner, 'EXECUTE', false)];
-- What runs with the rights of its owner.
SELECT function FROM functions WHERE prosecdef;
-- What commits, or rolls back: nothing but the one that sets what ends so.
SELECT function FROM functions WHERE language <> 'c' AND prosrc ~* '\m(commit|rollback)\M';
-- What has a body without a fixed search_path.  A procedure that commits
-- cannot have one in its definition: it calls commit_step before all else,
-- and declares no variable with a default that is not a literal, or with a
-- type that the path would lead to: types are looked up before the first act.
SELECT function FROM functions
WHERE language NOT IN ('c', 'internal') AND proname <> 'commit_step'
    AND NOT (prokind = 'p' AND prosrc ~ '^\s*(DECLARE(\s+\w+ ((pg_catalog|mariadb)\.\w+|int|bigint|boolean)(\[\])?( := (\d+|''[^'']*''))?;)+\s+)?BEGIN\s+(--[^\n]*\s+)*(path := pg_catalog\.current_setting\(''search_path''\);\s+)?CALL mariadb_internal\.commit_step\(')
    AND NOT coalesce(proconfig @> ARRAY['search_path=pg_catalog, pg_temp'], false);
-- What runs remote SQL and may be called by all.
SELECT function FROM functions
WHERE pronargs > 0 AND (proargnames[1] = 'server' OR proname IN ('migrate', 'copy'))
    AND has_function_privilege('public', oid, 'EXECUTE')
    AND proname NOT IN ('disconnect')
ORDER BY function::text;
-- What may be called by all, and why: these speak to no server.
SELECT function FROM functions WHERE has_function_privilege('public', oid, 'EXECUTE')
    AND prorettype NOT IN ('fdw_handler'::regtype) ORDER BY function::text COLLATE "C";
-- What another backend could run at the same time on a connection that it does not have.
SELECT function, proparallel FROM functions
WHERE pronargs > 0 AND proargnames[1] = 'server' AND proparallel = 's';
-- What is taken for constant although a server may say something else tomorrow.
SELECT function, provolatile FROM functions WHERE pronargs > 0 AND proargnames[1] = 'server' AND provolatile = 'i';
-- Which functions' texts depend on standard_conforming_strings.
SELECT identity FROM objects JOIN pg_proc p ON (classid, objid) = ('pg_proc'::regclass, p.oid)
WHERE prolang <> (SELECT oid FROM pg_language WHERE lanname = 'c')
  AND regexp_replace(prosrc, 'E''(?:[^''\\]|\\.|'''')*''(?:\s*\n\s*''(?:[^''\\]|\\.|'''')*'')*', '', 'g') ~ '\\';
-- Which views and tables all may read or write.
SELECT identity FROM objects JOIN pg_class c ON (classid, objid) = ('pg_class'::regclass, c.oid), aclexplode(relacl) a
WHERE a.grantee = 0;
-- Which tables show the rows of one role to another.
SELECT relname FROM objects JOIN pg_class c ON (classid, objid) = ('pg_class'::regclass, c.oid)
WHERE relkind = 'r' AND NOT (relrowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid
    AND pg_get_expr(polqual, polrelid) = '(owner = CURRENT_USER)' AND polwithcheck IS NULL AND polcmd = '*' AND polpermissive));
-- Whether all may make something in the schemas, or so much as look into them.
SELECT nspname, has_schema_privilege('public', oid, 'CREATE') AS "create",
    has_schema_privilege('public', oid, 'USAGE') AS usage
FROM pg_namespace WHERE nspname LIKE 'mariadb%' ORDER BY 1;
-- What the library exports that another one could export as well.
\! nm -D --defined-only "$($PG_CONFIG --pkglibdir)/mariadb_fdw.so" 2>/dev/null | awk '{ print $3 }' | grep -vE '^(maria_|mariadb_|pg_finfo_mariadb_|Pg_magic_func|_PG_init|_init|_fini)'

-- All goes with it.
DROP VIEW functions, objects;
SET client_min_messages = warning;
DROP EXTENSION mariadb_fdw CASCADE;
RESET client_min_messages;
SELECT count(*) FROM pg_proc WHERE probin LIKE '%mariadb_fdw%';
SELECT count(*) FROM pg_foreign_data_wrapper WHERE fdwname = 'mariadb_fdw';
SELECT classid::regclass, objid FROM pg_depend WHERE refobjid = (SELECT oid FROM pg_namespace WHERE nspname = 'mariadb');
CREATE EXTENSION mariadb_fdw;
DROP EXTENSION mariadb_fdw;
CREATE EXTENSION mariadb_fdw SCHEMA public;
-- And nothing is left of the other tests.
SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$|public$|mariadb$)';
SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace;
SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace;
SELECT srvname FROM pg_foreign_server;
SELECT rolname FROM pg_roles WHERE rolname LIKE 'regress_%';
\! mariadb $MARIADB_ARGS -Ne "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'regress%'; SELECT user FROM mysql.user WHERE user LIKE 'regress%'"
