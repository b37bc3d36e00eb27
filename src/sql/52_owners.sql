
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

CREATE FUNCTION mariadb_internal.check_existing_owner(statement text) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  refused bigint;
BEGIN
  IF statement !~ '^CREATE (FUNCTION|TYPE|SEQUENCE|VIEW) ' THEN
    RETURN;
  END IF;
  -- The statement contains few names: only these need to be quoted.
  WITH found AS MATERIALIZED (
    SELECT 'function' AS kind, format('%I.%I', n.nspname, p.proname) AS name,
      p.proowner AS owner, '(' AS next
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE starts_with(statement, 'CREATE FUNCTION ')
      AND strpos(statement, replace(p.proname::text, '"', '""')) > 0
    UNION ALL
    SELECT 'type', format('%I.%I', n.nspname, t.typname), t.typowner, ' '
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE starts_with(statement, 'CREATE TYPE ')
      AND strpos(statement, replace(t.typname::text, '"', '""')) > 0
    UNION ALL
    SELECT k.kind, format('%I.%I', n.nspname, c.relname), c.relowner, ' '
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      CROSS JOIN unnest('{sequence,view}'::text[]) AS k (kind)
    WHERE (starts_with(statement, 'CREATE SEQUENCE ') OR starts_with(statement, 'CREATE VIEW '))
      AND strpos(statement, replace(c.relname::text, '"', '""')) > 0
  )
  SELECT count(mariadb_internal.refuse_owner(f.kind, f.name, f.owner)) INTO refused FROM found f
  WHERE starts_with(statement || ' ', 'CREATE ' || upper(f.kind) || ' ' || f.name || f.next);
END
$$;
COMMENT ON FUNCTION mariadb_internal.check_existing_owner(text)
IS 'the part of migrate that rejects an object of another role with the name of one that a statement creates';

CREATE FUNCTION mariadb_internal.check_type_owners(plan jsonb, local text) RETURNS void
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT mariadb_internal.refuse_owner('type', t.oid::regtype::text, t.typowner)
  FROM jsonb_array_elements(plan) e
    JOIN pg_type t ON t.typname::text = e ->> 'object'
      AND t.typnamespace = to_regnamespace(quote_ident(local))
  WHERE e ->> 'kind' IN ('enum', 'note') AND t.typtype <> 'c'
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
