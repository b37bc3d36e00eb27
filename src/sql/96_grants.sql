
-- Privileges: what a role needs to migrate a database.

CREATE FUNCTION mariadb_internal.role_name(role regrole) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM mariadb_internal.not_null('{role}', role);
  IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.oid = role) THEN
    RAISE EXCEPTION 'role with OID % does not exist', role::oid
      USING ERRCODE = 'undefined_object';
  END IF;
  RETURN role::text;
END
$$;
COMMENT ON FUNCTION mariadb_internal.role_name(regrole)
IS 'the part of grant_to and revoke_from that names a role in a statement';

CREATE FUNCTION mariadb.grant_to(role regrole) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  grantee CONSTANT text := mariadb_internal.role_name(role);
  routine regprocedure;
BEGIN
  -- GRANT itself only warns about privileges that the caller may not grant.
  IF NOT has_schema_privilege('mariadb_internal', 'USAGE WITH GRANT OPTION') THEN
    RAISE EXCEPTION 'permission denied to grant privileges on extension "mariadb_fdw"'
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  EXECUTE format('GRANT USAGE ON SCHEMA mariadb, mariadb_internal TO %s', grantee);
  -- The internal functions run with the privileges of the caller.
  EXECUTE format('GRANT EXECUTE ON ALL ROUTINES IN SCHEMA mariadb_internal TO %s',
    grantee);
  -- A migration does not need a user's own SQL on MariaDB servers.
  FOR routine IN
    SELECT p.oid FROM pg_proc p
      JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid
        AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
      JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'mariadb_fdw'
    WHERE p.pronamespace = 'mariadb'::regnamespace
      AND p.proname <> ALL ('{query,exec,grant_to,revoke_from}')
    ORDER BY p.oid
  LOOP
    EXECUTE format('GRANT EXECUTE ON ROUTINE %s TO %s', routine, grantee);
  END LOOP;
  -- Because of row security it sees and writes only its own rows.
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON mariadb.run,'
    ' mariadb.chunk, mariadb.task, mariadb.reject TO %s', grantee);
  EXECUTE format('GRANT SELECT ON mariadb.progress TO %s', grantee);
END
$$;
COMMENT ON FUNCTION mariadb.grant_to(regrole)
IS 'grant a role the privileges on this extension that it needs to migrate a database: everything but query and exec';

CREATE FUNCTION mariadb.revoke_from(role regrole) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  grantee CONSTANT text := mariadb_internal.role_name(role);
BEGIN
  EXECUTE format('REVOKE ALL ON ALL ROUTINES IN SCHEMA mariadb, mariadb_internal FROM %s',
    grantee);
  EXECUTE format('REVOKE ALL ON ALL TABLES IN SCHEMA mariadb FROM %s', grantee);
  EXECUTE format('REVOKE ALL ON ALL SEQUENCES IN SCHEMA mariadb FROM %s', grantee);
  EXECUTE format('REVOKE ALL ON SCHEMA mariadb, mariadb_internal FROM %s', grantee);
END
$$;
COMMENT ON FUNCTION mariadb.revoke_from(regrole)
IS 'revoke all privileges of a role on this extension, including those that were granted one by one';
