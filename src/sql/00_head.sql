\echo Use "CREATE EXTENSION mariadb_fdw" to load this file. \quit

-- The owner of an existing schema, or of an object in it, could make
-- superusers run code: for example a function that matches an argument better
-- than ours.
DO $$
DECLARE
  stranger pg_catalog.oid;
BEGIN
  SELECT o.owner INTO stranger FROM pg_catalog.pg_namespace n
    CROSS JOIN LATERAL (
      SELECT n.nspowner AS owner
      UNION ALL SELECT a.grantee FROM pg_catalog.aclexplode(n.nspacl) a
        WHERE a.privilege_type = 'CREATE'
      UNION ALL SELECT p.proowner FROM pg_catalog.pg_proc p WHERE p.pronamespace = n.oid
      UNION ALL SELECT p.oprowner FROM pg_catalog.pg_operator p WHERE p.oprnamespace = n.oid
      UNION ALL SELECT t.typowner FROM pg_catalog.pg_type t WHERE t.typnamespace = n.oid
      UNION ALL SELECT c.relowner FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid
    ) o
  WHERE n.nspname = 'mariadb' AND NOT EXISTS (SELECT FROM pg_catalog.pg_roles r
    WHERE r.oid = o.owner AND r.rolsuper)
  LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'schema "mariadb" can be written to by %', CASE stranger
        WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.format('role "%s"', pg_catalog.pg_get_userbyid(stranger)) END
      USING ERRCODE = 'insufficient_privilege',
        DETAIL = 'Objects created in it could run with the privileges of superusers.',
        HINT = 'Rename or drop the schema: CREATE EXTENSION creates its own.';
  END IF;
END
$$;

-- The implementation of the functions of schema mariadb; not for use by
-- others.
CREATE SCHEMA mariadb_internal;
COMMENT ON SCHEMA mariadb_internal
IS 'parts of mariadb_fdw, which may change with each version';

CREATE FUNCTION mariadb_internal.mariadb_fdw_handler() RETURNS fdw_handler
AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION mariadb_internal.mariadb_fdw_handler()
IS 'foreign data wrapper handler of mariadb_fdw';

CREATE FUNCTION mariadb_internal.mariadb_fdw_validator(text[], oid) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION mariadb_internal.mariadb_fdw_validator(text[], oid)
IS 'checks the options of servers, user mappings, foreign tables and columns';

CREATE FOREIGN DATA WRAPPER mariadb_fdw
  HANDLER mariadb_internal.mariadb_fdw_handler
  VALIDATOR mariadb_internal.mariadb_fdw_validator;
COMMENT ON FOREIGN DATA WRAPPER mariadb_fdw
IS 'MariaDB databases as foreign tables';
