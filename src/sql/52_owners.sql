
-- Owners: what belongs to whom, and with whose privileges it may run.

CREATE FUNCTION mariadb_internal.is_trusted_owner(owner oid) RETURNS boolean
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF pg_get_userbyid(owner) = current_user THEN
    RETURN true;
  END IF;
  -- Code of a superuser gains nothing; a superuser is a member of every role,
  -- which does not imply trust.
  RETURN (SELECT o.rolsuper OR NOT u.rolsuper AND pg_has_role(u.oid, o.oid, 'MEMBER')
    FROM pg_roles o, pg_roles u
    WHERE o.oid = owner AND u.rolname = current_user);
END
$$;
COMMENT ON FUNCTION mariadb_internal.is_trusted_owner(oid)
IS 'the part of migrate that returns whether objects of a role may run with the privileges of the current one';

CREATE FUNCTION mariadb_internal.refuse_owner(kind text, name text, owner oid) RETURNS void
LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT mariadb_internal.is_trusted_owner(owner) THEN
    RAISE EXCEPTION '% % already exists and belongs to role "%"', kind, name,
      pg_get_userbyid(owner)
      USING ERRCODE = 'insufficient_privilege',
        DETAIL = 'Code that its owner attaches to it would run with the privileges of others.',
        HINT = format('Become the owner of the %s, or drop or rename it.', kind);
  END IF;
END
$$;
COMMENT ON FUNCTION mariadb_internal.refuse_owner(text, text, oid)
IS 'the part of migrate and prisma_baseline that rejects objects of a role that the current one does not trust';

CREATE FUNCTION mariadb_internal.check_existing_owner(step jsonb) RETURNS void
LANGUAGE sql STABLE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT mariadb_internal.refuse_owner(step ->> 'creates',
    format('%I.%I', n.nspname, f.name), f.owner)
  FROM pg_namespace n CROSS JOIN LATERAL (
    SELECT 'function' AS creates, p.proname AS name, p.proowner AS owner
    FROM pg_proc p WHERE p.pronamespace = n.oid
    UNION ALL
    SELECT 'type', t.typname, t.typowner FROM pg_type t WHERE t.typnamespace = n.oid
    UNION ALL
    SELECT k.creates, c.relname, c.relowner
    FROM pg_class c CROSS JOIN unnest('{sequence,view}'::text[]) AS k (creates)
    WHERE c.relnamespace = n.oid
  ) f
  WHERE n.nspname = step ->> 'local' AND f.creates = step ->> 'creates'
    AND f.name = step ->> 'local_name'
$$;
COMMENT ON FUNCTION mariadb_internal.check_existing_owner(jsonb)
IS 'the part of migrate that rejects an object of another role with the name of one that a statement creates';

CREATE FUNCTION mariadb_internal.check_type_owners(plan jsonb, local text) RETURNS void
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT mariadb_internal.refuse_owner('type', t.oid::regtype::text, t.typowner)
  FROM pg_type t
  WHERE t.typnamespace = to_regnamespace(quote_ident(local)) AND t.typtype <> 'c'
    AND t.typname::text IN (SELECT jsonb_array_elements_text(e -> 'types')
      FROM jsonb_array_elements(plan) e WHERE e ->> 'types' IS NOT NULL)
$$;
COMMENT ON FUNCTION mariadb_internal.check_type_owners(jsonb, text)
IS 'the part of migrate that rejects types of another role with the names of those that it uses';

CREATE FUNCTION mariadb_internal.checked_target(target text, options jsonb) RETURNS regclass
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  relation CONSTANT regclass := target::regclass;
  untrusted record;
BEGIN
  IF row_security_active(relation) THEN
    RAISE EXCEPTION 'row-level security of table % applies to role "%"', relation, current_user
      USING ERRCODE = 'insufficient_privilege',
        DETAIL = 'Rows that it hides could be neither deleted nor compared.',
        HINT = 'Become the owner of the table, or run ALTER TABLE ... NO FORCE ROW LEVEL SECURITY.';
  END IF;
  IF (options ->> 'trust_owners')::boolean THEN
    RETURN relation;
  END IF;
  WITH RECURSIVE r AS (
    SELECT relation::oid AS oid
    UNION
    SELECT i.inhrelid FROM r JOIN pg_inherits i ON i.inhparent = r.oid
  )
  SELECT c.oid::regclass AS name, pg_get_userbyid(c.relowner) AS owner
    INTO untrusted
  FROM r JOIN pg_class c ON c.oid = r.oid
  WHERE NOT mariadb_internal.is_trusted_owner(c.relowner) LIMIT 1;
  IF untrusted.name IS NOT NULL THEN
    RAISE EXCEPTION 'table % belongs to role "%"', untrusted.name, untrusted.owner
      USING ERRCODE = 'insufficient_privilege',
        DETAIL = 'Its triggers, defaults, constraints and index expressions would run with your privileges.',
        HINT = 'Become its owner, or set option "trust_owners" to true if you trust that role.';
  END IF;
  RETURN relation;
END
$$;
COMMENT ON FUNCTION mariadb_internal.checked_target(text, jsonb)
IS 'the part of migrate that finds a table by its name, and rejects one that would execute code of another role';

CREATE FUNCTION mariadb_internal.check_table_owners(work text, local text, options jsonb)
RETURNS void
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM mariadb_internal.checked_target(t.target::text, options)
  FROM mariadb_internal.table_pairs(work, local) t;
END
$$;
COMMENT ON FUNCTION mariadb_internal.check_table_owners(text, text, jsonb)
IS 'the part of migrate that rejects tables of other roles before anything is done with them';
