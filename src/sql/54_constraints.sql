
-- Foreign keys: those affected by a change of some tables, and whether the
-- rows satisfy them.

CREATE FUNCTION mariadb_internal.related_tables(relations regclass[]) RETURNS SETOF oid
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH RECURSIVE below (oid) AS (
    SELECT r::oid FROM unnest(relations) r
    UNION
    SELECT i.inhrelid FROM below b JOIN pg_inherits i ON i.inhparent = b.oid
  ), above (oid) AS (
    SELECT r::oid FROM unnest(relations) r
    UNION
    SELECT i.inhparent FROM above a JOIN pg_inherits i ON i.inhrelid = a.oid
  )
  SELECT b.oid FROM below b UNION SELECT a.oid FROM above a
$$;
COMMENT ON FUNCTION mariadb_internal.related_tables(regclass[])
IS 'some tables, their partitions, and the tables that they are partitions of';

CREATE FUNCTION mariadb_internal.touching_keys(relations regclass[]) RETURNS SETOF oid
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH r AS MATERIALIZED (
    SELECT t AS oid FROM mariadb_internal.related_tables(relations) t
  )
  SELECT k.oid FROM pg_constraint k
  WHERE k.contype = 'f' AND k.conparentid = 0
    AND (k.conrelid IN (SELECT r.oid FROM r) OR k.confrelid IN (SELECT r.oid FROM r))
$$;
COMMENT ON FUNCTION mariadb_internal.touching_keys(regclass[])
IS 'foreign keys of some tables, and of all tables that refer to them';

CREATE FUNCTION mariadb_internal.only_of(relation regclass) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END || relation::text
  FROM pg_class c WHERE c.oid = relation
$$;
COMMENT ON FUNCTION mariadb_internal.only_of(regclass)
IS 'a table as FROM names the rows that its foreign keys cover';

CREATE FUNCTION mariadb_internal.orphans_in(foreign_key oid, parent regclass,
  OUT rows bigint, OUT keys text)
LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $$
DECLARE
  k record;
  missing text;
BEGIN
  -- A key covers partitions, but not other children.
  -- A column that the parent lacks has no value for any row.
  SELECT mariadb_internal.only_of(c.conrelid) AS child,
    coalesce(string_agg(CASE WHEN s.attname IS NULL THEN 'false'
      ELSE format(CASE WHEN s.atttypid = f.atttypid
          THEN 'p.%1$I OPERATOR(%2$I.%3$s) c.%4$I'
          ELSE 'p.%1$I::text::%5$s OPERATOR(%2$I.%3$s) c.%4$I' END,
        s.attname, n.nspname, o.oprname, a.attname,
        format_type(f.atttypid, f.atttypmod)) END, ' AND ')) AS matches,
    string_agg(format('c.%I IS NOT NULL', a.attname), ' AND ') AS has_key,
    string_agg(format('c.%I', a.attname), ', ' ORDER BY u.ordinality) AS columns
    INTO k
  FROM pg_constraint c
    CROSS JOIN unnest(c.conkey, c.confkey, c.conpfeqop) WITH ORDINALITY
      AS u (child, referred, operator, ordinality)
    JOIN pg_operator o ON o.oid = u.operator
    JOIN pg_namespace n ON n.oid = o.oprnamespace
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = u.child
    JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = u.referred
    LEFT JOIN pg_attribute s ON s.attrelid = parent AND s.attname = f.attname
      AND s.attnum > 0 AND NOT s.attisdropped
  WHERE c.oid = foreign_key
  GROUP BY c.oid, c.conrelid;
  missing := format('FROM %s c WHERE %s AND NOT EXISTS (SELECT FROM %s p WHERE %s)',
    k.child, k.has_key, mariadb_internal.only_of(parent), k.matches);
  EXECUTE format('SELECT count(*), (SELECT string_agg(key, '', '') FROM ('
    'SELECT DISTINCT ROW(%s)::text %s ORDER BY 1 LIMIT 10) AS k (key)) %2$s',
    k.columns, missing) INTO rows, keys;
END
$$;
COMMENT ON FUNCTION mariadb_internal.orphans_in(oid, regclass)
IS 'rows that a foreign key does not allow if its keys are those of a table: the one that it refers to, or that which will be copied there';

CREATE FUNCTION mariadb.orphans(foreign_key oid, OUT rows bigint, OUT keys text)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  parent CONSTANT regclass := (SELECT c.confrelid FROM pg_constraint c
    WHERE c.oid = foreign_key AND c.contype = 'f');
BEGIN
  PERFORM mariadb_internal.not_null('{foreign_key}', foreign_key);
  IF parent IS NULL THEN
    RAISE EXCEPTION 'foreign key with OID % does not exist', foreign_key
      USING ERRCODE = 'undefined_object';
  END IF;
  SELECT o.rows, o.keys INTO rows, keys
  FROM mariadb_internal.orphans_in(foreign_key, parent) o;
END
$$;
COMMENT ON FUNCTION mariadb.orphans(oid)
IS 'rows that a foreign key (of pg_constraint) does not allow: how many, and the first ten of their keys';

CREATE FUNCTION mariadb_internal.is_same_key(relation regclass, name text,
  statement text) RETURNS boolean
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  here record;
  wanted text;
BEGIN
  SELECT k.conrelid, k.conname, k.oid, pg_get_constraintdef(k.oid) AS definition
    INTO here
  FROM pg_constraint k
  WHERE k.contype = 'f' AND k.conrelid = relation AND k.conname = name;
  IF here.oid IS NULL THEN
    RETURN false;
  END IF;
  -- PostgreSQL itself shows what the statement creates; it is rolled back
  -- then.
  BEGIN
    EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I',
      here.conrelid::regclass, here.conname, 'mariadb_fdw_' || here.oid);
    PERFORM mariadb_internal.run_statement(statement);
    SELECT pg_get_constraintdef(k.oid) INTO wanted FROM pg_constraint k
    WHERE k.conrelid = here.conrelid AND k.conname = here.conname;
    RAISE SQLSTATE 'MF000';
  EXCEPTION
    WHEN SQLSTATE 'MF000' THEN
      RETURN regexp_replace(wanted, ' NOT VALID$', '')
        = regexp_replace(here.definition, ' NOT VALID$', '');
    WHEN OTHERS THEN
      -- Class 55 is about the state of objects, such as pending triggers.
      IF mariadb_internal.error_subject(SQLSTATE) = 'server' OR left(SQLSTATE, 2) = '55' THEN
        RAISE;
      END IF;
      RETURN false;
  END;
END
$$;
COMMENT ON FUNCTION mariadb_internal.is_same_key(regclass, text, text)
IS 'the part of migrate that returns whether an existing foreign key is the one that a statement would create';

CREATE FUNCTION mariadb_internal.check_foreign_key(foreign_key oid) RETURNS int
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  k CONSTANT pg_constraint := (SELECT c FROM pg_constraint c WHERE c.oid = foreign_key);
  found record;
BEGIN
  IF NOT k.convalidated THEN
    BEGIN
      EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT %I', k.conrelid::regclass,
        k.conname);
      RETURN 0;
    EXCEPTION WHEN foreign_key_violation THEN
      NULL; -- reported below, with all keys
    END;
  END IF;
  BEGIN
    SELECT * INTO found FROM mariadb.orphans(foreign_key);
  EXCEPTION WHEN insufficient_privilege THEN
    RAISE WARNING 'could not check foreign key "%" of table %: %',
      k.conname, k.conrelid::regclass, SQLERRM
      USING ERRCODE = SQLSTATE;
    RETURN 1;
  END;
  IF found.rows = 0 THEN
    RETURN 0;
  END IF;
  RAISE WARNING 'foreign key "%" of table % is violated: % rows refer to missing rows',
    k.conname, k.conrelid::regclass, found.rows
    USING ERRCODE = 'foreign_key_violation',
      DETAIL = format('Keys missing from table %s: %s.', k.confrelid::regclass,
        found.keys || CASE WHEN found.rows > 10 THEN ', ...' ELSE '' END),
      HINT = format('Fix the rows, then run ALTER TABLE %s VALIDATE CONSTRAINT %I.',
        k.conrelid::regclass, k.conname);
  RETURN 1;
END
$$;
COMMENT ON FUNCTION mariadb_internal.check_foreign_key(oid)
IS 'the part of migrate that validates a foreign key, or reports its orphans; returns 1 if there are any';

CREATE FUNCTION mariadb_internal.mark_not_valid(foreign_key oid) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  k CONSTANT pg_constraint := (SELECT c FROM pg_constraint c
    WHERE c.oid = foreign_key AND c.convalidated);
  remark CONSTANT text := obj_description(foreign_key, 'pg_constraint');
BEGIN
  IF k.oid IS NULL THEN
    RETURN;
  END IF;
  EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I, ADD CONSTRAINT %2$I %s NOT VALID',
    k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid));
  EXECUTE format('COMMENT ON CONSTRAINT %I ON %s IS %L', k.conname,
    k.conrelid::regclass, remark);
EXCEPTION WHEN insufficient_privilege OR feature_not_supported
    OR wrong_object_type OR invalid_table_definition THEN
  -- Before PostgreSQL 18 the key of a partitioned table cannot be NOT VALID.
  RAISE WARNING 'foreign key "%" of table % is violated, but could not be marked as NOT VALID: %',
    k.conname, k.conrelid::regclass, SQLERRM
    USING ERRCODE = SQLSTATE;
END
$$;
COMMENT ON FUNCTION mariadb_internal.mark_not_valid(oid)
IS 'the part of migrate that marks a foreign key as NOT VALID when there are orphans';

CREATE FUNCTION mariadb_internal.mark_failed_keys(run bigint) RETURNS void
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT mariadb_internal.mark_not_valid(t.statement::oid) FROM mariadb.task t
  WHERE t.run = $1 AND t.kind = 'check of foreign key' AND t.state = 'failed'
$$;
COMMENT ON FUNCTION mariadb_internal.mark_failed_keys(bigint)
IS 'the part of migrate that marks the foreign keys of a run that have orphans';

CREATE FUNCTION mariadb_internal.check_keys(foreign_keys oid[]) RETURNS int
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  k oid;
  problems int := 0;
BEGIN
  FOREACH k IN ARRAY foreign_keys LOOP
    IF mariadb_internal.check_foreign_key(k) > 0 THEN
      PERFORM mariadb_internal.mark_not_valid(k);
      problems := problems + 1;
    END IF;
  END LOOP;
  RETURN problems;
END
$$;
COMMENT ON FUNCTION mariadb_internal.check_keys(oid[])
IS 'the part of migrate and replay that checks foreign keys; returns how many are violated';

CREATE FUNCTION mariadb_internal.check_touched_keys(relations regclass[]) RETURNS int
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT mariadb_internal.check_keys(ARRAY(
    SELECT t FROM mariadb_internal.touching_keys(relations) t
      JOIN pg_constraint c ON c.oid = t AND c.convalidated ORDER BY t))
$$;
COMMENT ON FUNCTION mariadb_internal.check_touched_keys(regclass[])
IS 'the part of replay that checks the valid foreign keys of tables into which rows were stored without a check; returns how many are violated';

CREATE FUNCTION mariadb_internal.outer_keys(work text, local text) RETURNS jsonb
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH targets AS MATERIALIZED (
    SELECT t.target FROM mariadb_internal.table_pairs(work, local) t
    WHERE t.target IS NOT NULL
  )
  SELECT coalesce(jsonb_agg(jsonb_build_object('relation', k.conrelid::bigint,
    'name', k.conname) ORDER BY k.conrelid::regclass::text, k.conname), '[]')
  FROM mariadb_internal.touching_keys(ARRAY(SELECT target FROM targets)) t
    JOIN pg_constraint k ON k.oid = t
  WHERE k.convalidated AND k.conrelid NOT IN (SELECT target FROM targets)
$$;
COMMENT ON FUNCTION mariadb_internal.outer_keys(text, text)
IS 'the part of migrate that finds valid foreign keys of other tables that refer to those of the run; they may get another OID';

CREATE FUNCTION mariadb_internal.check_outer_keys(keys jsonb) RETURNS int
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT mariadb_internal.check_keys(ARRAY(
    SELECT c.oid FROM jsonb_array_elements(keys) WITH ORDINALITY AS j (e, n)
      JOIN pg_constraint c ON c.conrelid = (e ->> 'relation')::oid
        AND c.conname = e ->> 'name'
    ORDER BY n))
$$;
COMMENT ON FUNCTION mariadb_internal.check_outer_keys(jsonb)
IS 'the part of migrate that checks the foreign keys of other tables; returns how many are violated';

CREATE FUNCTION mariadb_internal.refuse_orphans(work text, local text, outer_keys jsonb)
RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  lost text;
BEGIN
  WITH keys AS MATERIALIZED (
    SELECT c.oid, c.conrelid, c.conname, t.source, j.n
    FROM jsonb_array_elements(outer_keys) WITH ORDINALITY AS j (e, n)
      JOIN pg_constraint c ON c.conrelid = (e ->> 'relation')::oid
        AND c.conname = e ->> 'name'
      JOIN mariadb_internal.table_pairs(work, local) t ON t.target = c.confrelid
  )
  SELECT string_agg(format('%s row%s of %s (%I): %s', o.rows,
      CASE WHEN o.rows = 1 THEN '' ELSE 's' END, k.conrelid::regclass,
      k.conname, o.keys || CASE WHEN o.rows > 10 THEN ', ...' ELSE '' END), '; '
      ORDER BY k.n) INTO lost
  FROM keys k CROSS JOIN LATERAL mariadb_internal.orphans_in(k.oid, k.source) o
  WHERE o.rows > 0;
  IF lost IS NOT NULL THEN
    RAISE EXCEPTION 'rows of tables that are not migrated refer to rows that are not in %',
      mariadb_internal.product()
      USING ERRCODE = 'foreign_key_violation',
        DETAIL = format('With option "truncate" they would refer to missing rows: %s.', lost),
        HINT = 'Add the referencing tables to option "tables", or fix or delete these rows.';
  END IF;
END
$$;
COMMENT ON FUNCTION mariadb_internal.refuse_orphans(text, text, jsonb)
IS 'the part of migrate that refuses to empty tables to which other tables refer by keys that are not in MariaDB';
