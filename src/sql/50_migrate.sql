
-- Migration: a whole schema, step by step.

CREATE FUNCTION prisma_baseline(local text, migration_sql text,
  name text DEFAULT '0_init') RETURNS text
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  target CONSTANT text := format('%I._prisma_migrations', local);
  digest CONSTANT text := encode(sha256(convert_to(migration_sql, 'UTF8')), 'hex');
  others text;
  recorded text;
BEGIN
  -- A file that was not found reads as nothing, and would be recorded so.
  IF migration_sql !~ '\S' THEN
    RAISE EXCEPTION 'the text of the migration is empty'
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Give the text of prisma/migrations/.../migration.sql.';
  END IF;
  IF to_regclass(target) IS NULL THEN
    EXECUTE format('CREATE TABLE %s (id varchar(36) PRIMARY KEY,'
      ' checksum varchar(64) NOT NULL, finished_at timestamptz,'
      ' migration_name varchar(255) NOT NULL, logs text,'
      ' rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(),'
      ' applied_steps_count integer NOT NULL DEFAULT 0)', target);
  END IF;
  EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', target);
  EXECUTE format('SELECT string_agg(quote_ident(migration_name), '', '')'
    ' FILTER (WHERE migration_name <> $1),'
    ' min(checksum) FILTER (WHERE migration_name = $1) FROM %s', target)
    INTO others, recorded USING name;
  IF others IS NOT NULL THEN
    RAISE EXCEPTION 'table % already holds other migrations', target
      USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = format('Their names are: %s.', others),
        HINT = 'A baseline stands alone; rows that came from MariaDB have to go.';
  END IF;
  IF recorded = digest THEN
    RETURN format('migration %s is recorded already', name);
  END IF;
  IF recorded IS NOT NULL THEN
    RAISE EXCEPTION 'migration "%" is recorded with another checksum', name
      USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = format('The table has %s, the text has %s.', recorded, digest);
  END IF;
  EXECUTE format('INSERT INTO %s (id, checksum, migration_name, started_at,'
    ' finished_at, applied_steps_count)'
    ' VALUES (gen_random_uuid(), $1, $2, now(), now(), 0)', target)
    USING digest, name;
  RETURN format('migration %s is recorded', name);
END
$$;
REVOKE ALL ON FUNCTION prisma_baseline(text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION prisma_baseline(text, text, text)
IS 'record a migration as applied in Prisma''s table _prisma_migrations, as prisma migrate resolve --applied does; the text is that of its migration.sql';

CREATE FUNCTION migrate_options(options jsonb, OUT data_only boolean,
  OUT one_transaction boolean, OUT "truncate" boolean, OUT verify boolean,
  OUT keep_foreign boolean, OUT only_tables text[], OUT except_tables text[],
  OUT ddl jsonb)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  own CONSTANT text[] := '{data_only,one_transaction,truncate,verify,keep_foreign,tables,except}';
  useless text;
BEGIN
  data_only := coalesce((options ->> 'data_only')::boolean, false);
  one_transaction := coalesce((options ->> 'one_transaction')::boolean, false);
  "truncate" := coalesce((options ->> 'truncate')::boolean, false);
  verify := coalesce((options ->> 'verify')::boolean, true);
  keep_foreign := coalesce((options ->> 'keep_foreign')::boolean, false);
  IF options ? 'tables' THEN
    only_tables := ARRAY(SELECT jsonb_array_elements_text(options -> 'tables'));
  END IF;
  except_tables := ARRAY(SELECT jsonb_array_elements_text(
    coalesce(options -> 'except', '[]')) UNION SELECT '_prisma_migrations');
  ddl := options - own;

  -- mariadb.ddl tells which options it does not know; here it is not asked.
  SELECT min(k) INTO useless FROM jsonb_object_keys(ddl) k
  WHERE data_only AND k NOT IN ('prisma', 'profile');
  IF useless IS NOT NULL THEN
    RAISE EXCEPTION 'invalid option "%" for a migration of data only', useless
      USING ERRCODE = 'invalid_parameter_value',
        HINT = format('Valid options are: %s.', array_to_string(own, ', '));
  END IF;
END
$$;
COMMENT ON FUNCTION migrate_options(jsonb)
IS 'the part of migrate that reads its options; those that are left are for mariadb.ddl';

CREATE FUNCTION migrate_wants(table_name text, only_tables text[],
  except_tables text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT (only_tables IS NULL OR table_name = ANY (only_tables))
    AND table_name <> ALL (except_tables)
$$;
COMMENT ON FUNCTION migrate_wants(text, text[], text[])
IS 'the part of migrate that knows whether a table is to be moved';

CREATE FUNCTION migrate_plan(server name, schema text, local text,
  options jsonb) RETURNS jsonb
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH o AS MATERIALIZED (
    SELECT * FROM mariadb.migrate_options(options)
  ), left_out AS MATERIALIZED (
    SELECT t.table_name, quote_ident(t.table_name::name) AS name
    FROM mariadb.tables(server, schema) t, o
    WHERE t.kind <> 'SEQUENCE'
      AND NOT mariadb.migrate_wants(t.table_name, o.only_tables, o.except_tables)
  ), kept AS MATERIALIZED (
    SELECT d.*
    FROM o, mariadb.ddl(server, schema, local, o.ddl) WITH ORDINALITY d
    WHERE NOT EXISTS (
      SELECT FROM left_out l
      WHERE d.object IN (l.name, l.table_name)
        OR starts_with(d.object, l.name || '.')
        OR starts_with(d.object, l.table_name || '.'))
  )
  SELECT coalesce(jsonb_agg(to_jsonb(k) ORDER BY k.step, k.ordinality), '[]')
  FROM kept k, o
  WHERE k.statement IS NULL OR k.kind NOT IN ('enum', 'sequence')
    OR EXISTS (SELECT FROM kept u
      WHERE u.kind = 'table' AND strpos(u.statement, k.object) > 0)
    OR (o.only_tables IS NULL AND EXISTS (
      SELECT FROM mariadb.tables(server, schema) t
      WHERE t.kind = 'SEQUENCE' AND t.table_name::name::text = k.object))
$$;
REVOKE ALL ON FUNCTION migrate_plan(name, text, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION migrate_plan(name, text, text, jsonb)
IS 'the part of migrate that asks mariadb.ddl for the statements of the wanted tables, and the types and sequences that these use';

CREATE FUNCTION migrate_tell(plan jsonb) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  n record;
BEGIN
  FOR n IN
    SELECT e ->> 'object' AS object, e ->> 'note' AS note
    FROM jsonb_array_elements(plan) WITH ORDINALITY AS j (e, n)
    WHERE e ->> 'note' IS NOT NULL ORDER BY j.n
  LOOP
    RAISE NOTICE '%: %', n.object, n.note;
  END LOOP;
END
$$;
COMMENT ON FUNCTION migrate_tell(jsonb)
IS 'the part of migrate that tells what mariadb.ddl notes';

CREATE FUNCTION migrate_execute(step jsonb) RETURNS boolean
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  stmt CONSTANT text := step ->> 'statement';
BEGIN
  -- The rows that are in already are looked at by migrate_check_key.
  EXECUTE stmt || CASE step ->> 'kind' WHEN 'foreign key' THEN ' NOT VALID'
    ELSE '' END;
  RETURN true;
EXCEPTION
  WHEN duplicate_table OR duplicate_object OR duplicate_function THEN
    RETURN true;
  WHEN OTHERS THEN
    IF SQLSTATE = '42P16' AND step ->> 'kind' = 'primary key' THEN
      RETURN true;
    ELSIF (step ->> 'step')::int < 50 THEN
      RAISE;
    END IF;
    RAISE WARNING 'could not make % %: %', step ->> 'kind', step ->> 'object', SQLERRM
      USING ERRCODE = SQLSTATE, DETAIL = format('The statement is: %s', stmt);
    RETURN false;
END
$$;
REVOKE ALL ON FUNCTION migrate_execute(jsonb) FROM PUBLIC;
COMMENT ON FUNCTION migrate_execute(jsonb)
IS 'the part of migrate that runs one statement of mariadb.ddl; false if it failed and the rest can go on';

CREATE FUNCTION migrate_wanted(server name, schema text, options jsonb)
RETURNS text[]
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  opts CONSTANT record := mariadb.migrate_options(options);
  present CONSTANT text[] := ARRAY(SELECT t.table_name
    FROM mariadb.tables(server, schema) t
    WHERE t.kind IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY 1);
  absent text;
BEGIN
  SELECT min(n) INTO absent
  FROM unnest(opts.only_tables || opts.except_tables) n
  WHERE n <> ALL (present) AND n <> '_prisma_migrations';
  IF absent IS NOT NULL THEN
    RAISE EXCEPTION 'table "%" does not exist in MariaDB schema "%"', absent, schema
      USING ERRCODE = 'fdw_table_not_found';
  END IF;
  RETURN ARRAY(SELECT n FROM unnest(present) WITH ORDINALITY u (n, i)
    WHERE mariadb.migrate_wants(n, opts.only_tables, opts.except_tables)
    ORDER BY i);
END
$$;
REVOKE ALL ON FUNCTION migrate_wanted(name, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION migrate_wanted(name, text, jsonb)
IS 'the part of migrate that knows which tables to move';

CREATE FUNCTION migrate_tables(work text, local text, OUT name text,
  OUT remote text, OUT source regclass, OUT target regclass)
RETURNS SETOF record
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT f.relname::text, (SELECT o.option_value
      FROM pg_foreign_table x, pg_options_to_table(x.ftoptions) o
      WHERE x.ftrelid = f.oid AND o.option_name = 'table_name'),
    f.oid::regclass, t.oid::regclass
  FROM pg_class f
    LEFT JOIN pg_class t ON t.relname = f.relname AND t.relkind IN ('r', 'p')
      AND t.relnamespace = to_regnamespace(quote_ident(local))
  WHERE f.relnamespace = to_regnamespace(quote_ident(work)) AND f.relkind = 'f'
  ORDER BY f.relname
$$;
COMMENT ON FUNCTION migrate_tables(text, text)
IS 'the part of migrate that finds the table for each foreign table, by name';

CREATE FUNCTION migrate_import(server name, schema text, options jsonb)
RETURNS text
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $$
DECLARE
  wanted CONSTANT text[] := mariadb.migrate_wanted(server, schema, options);
  work CONSTANT text := ('mariadb_legacy_' || schema)::name;
  mark CONSTANT text := 'made by mariadb.migrate, which may drop it';
  unwanted regclass;
BEGIN
  IF to_regnamespace(quote_ident(work)) IS NOT NULL THEN
    IF obj_description(to_regnamespace(quote_ident(work)), 'pg_namespace')
        IS DISTINCT FROM mark THEN
      RAISE EXCEPTION 'schema "%" already exists', work
        USING ERRCODE = 'duplicate_schema',
          DETAIL = 'The foreign tables of the migration would stand in it.',
          HINT = 'Rename or drop it.';
    END IF;
    EXECUTE format('DROP SCHEMA %I CASCADE', work);
  END IF;
  EXECUTE format('CREATE SCHEMA %I', work);
  EXECUTE format('COMMENT ON SCHEMA %I IS %L', work, mark);
  EXECUTE format('IMPORT FOREIGN SCHEMA %I FROM SERVER %I INTO %I'
    ' OPTIONS (import_views ''false'')', schema, server, work);

  -- LIMIT TO takes local names, and two may be the same before they are cut.
  FOR unwanted IN
    SELECT t.source FROM mariadb.migrate_tables(work, work) t
    WHERE t.remote <> ALL (wanted)
  LOOP
    EXECUTE format('DROP FOREIGN TABLE %s', unwanted);
  END LOOP;
  RETURN work;
END
$$;
REVOKE ALL ON FUNCTION migrate_import(name, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION migrate_import(name, text, jsonb)
IS 'the part of migrate that makes foreign tables in a schema of its own, mariadb_legacy_<schema>';

CREATE FUNCTION migrate_clean(work text) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $$
BEGIN
  EXECUTE format('DROP SCHEMA %I CASCADE', work);
END
$$;
REVOKE ALL ON FUNCTION migrate_clean(text) FROM PUBLIC;
COMMENT ON FUNCTION migrate_clean(text)
IS 'the part of migrate that drops its foreign tables';

CREATE FUNCTION migrate_columns(source regclass, target regclass,
  OUT name text, OUT type text, OUT is_same boolean)
RETURNS SETOF record
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT quote_ident(t.attname), format_type(t.atttypid, t.atttypmod),
    (t.atttypid, t.atttypmod) = (f.atttypid, f.atttypmod)
  FROM pg_attribute t
    JOIN pg_attribute f ON f.attrelid = source AND f.attname = t.attname
      AND f.attnum > 0 AND NOT f.attisdropped
  WHERE t.attrelid = target AND t.attnum > 0 AND NOT t.attisdropped
    AND t.attgenerated = ''
  ORDER BY t.attnum
$$;
COMMENT ON FUNCTION migrate_columns(regclass, regclass)
IS 'the part of migrate that finds the columns to be filled, by name';

CREATE FUNCTION migrate_match(source regclass, target regclass) RETURNS int
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  changes text;
  unmatched text;
BEGIN
  -- A value is decoded to the type that it will have, or it is an error; a
  -- cast of INSERT ... SELECT would round, and shift times, in silence.
  SELECT string_agg(format('ALTER COLUMN %s TYPE %s', c.name, c.type), ', ')
    INTO changes
  FROM mariadb.migrate_columns(source, target) c WHERE NOT c.is_same;
  IF changes IS NOT NULL THEN
    EXECUTE format('ALTER FOREIGN TABLE %s %s', source, changes);
  END IF;
  SELECT string_agg(quote_ident(f.attname), ', ' ORDER BY f.attnum)
    INTO unmatched
  FROM pg_attribute f
  WHERE f.attrelid = source AND f.attnum > 0 AND NOT f.attisdropped
    AND NOT EXISTS (SELECT FROM pg_attribute t
      WHERE t.attrelid = target AND t.attname = f.attname AND NOT t.attisdropped);
  IF unmatched IS NULL THEN
    RETURN 0;
  END IF;
  RAISE WARNING 'table % has no columns for: %', target, unmatched
    USING ERRCODE = 'undefined_column',
      DETAIL = 'What MariaDB has in them is not copied.';
  RETURN 1;
END
$$;
REVOKE ALL ON FUNCTION migrate_match(regclass, regclass) FROM PUBLIC;
COMMENT ON FUNCTION migrate_match(regclass, regclass)
IS 'the part of migrate that gives a foreign table''s columns the types that the table has; returns 1 if columns are left out';

CREATE FUNCTION migrate_empty(target regclass) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  referring text;
BEGIN
  SELECT string_agg(format('%s (%I)', k.conrelid::regclass, k.conname), ', '
    ORDER BY k.conrelid::regclass::text, k.conname) INTO referring
  FROM pg_constraint k
  WHERE k.contype = 'f' AND k.confrelid = target AND k.conrelid <> target;
  IF referring IS NULL THEN
    EXECUTE format('TRUNCATE %s', target);
  ELSIF current_setting('session_replication_role') = 'replica' THEN
    EXECUTE format('DELETE FROM %s', target);
  ELSE
    RAISE EXCEPTION 'cannot empty table %: foreign keys refer to it', target
      USING ERRCODE = 'dependent_objects_still_exist',
        DETAIL = format('They are: %s.', referring),
        HINT = 'Drop them, or let a superuser run the migration; nothing is truncated in cascade.';
  END IF;
END
$$;
REVOKE ALL ON FUNCTION migrate_empty(regclass) FROM PUBLIC;
COMMENT ON FUNCTION migrate_empty(regclass)
IS 'the part of migrate that empties a table, and no other table with it';

CREATE FUNCTION migrate_bypass() RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM set_config('session_replication_role', 'replica', true);
  RETURN true;
EXCEPTION WHEN insufficient_privilege THEN
  RETURN false;
END
$$;
REVOKE ALL ON FUNCTION migrate_bypass() FROM PUBLIC;
COMMENT ON FUNCTION migrate_bypass()
IS 'the part of migrate that keeps triggers and foreign keys out of the way until the transaction ends; false if this user may not';

CREATE FUNCTION migrate_load(source regclass, target regclass) RETURNS bigint
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  columns CONSTANT text := (SELECT string_agg(c.name, ', ')
    FROM mariadb.migrate_columns(source, target) c);
  loaded bigint;
BEGIN
  EXECUTE format('INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM %s',
    target, columns, columns, source);
  GET DIAGNOSTICS loaded = ROW_COUNT;
  RETURN loaded;
END
$$;
REVOKE ALL ON FUNCTION migrate_load(regclass, regclass) FROM PUBLIC;
COMMENT ON FUNCTION migrate_load(regclass, regclass)
IS 'the part of migrate that copies the rows of one table';

CREATE FUNCTION migrate_table(source regclass, target regclass,
  is_equal boolean, may_truncate boolean) RETURNS bigint
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  has_rows boolean;
BEGIN
  EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', target);
  EXECUTE format('SELECT EXISTS (SELECT FROM %s)', target) INTO has_rows;
  IF has_rows AND is_equal THEN
    RETURN -1;
  ELSIF has_rows AND NOT may_truncate THEN
    RAISE EXCEPTION 'table % already has rows, and not those of MariaDB', target
      USING ERRCODE = 'object_not_in_prerequisite_state',
        HINT = 'Empty it, or set option "truncate" to true.';
  ELSIF has_rows THEN
    PERFORM mariadb.migrate_empty(target);
  END IF;
  RETURN mariadb.migrate_load(source, target);
END
$$;
REVOKE ALL ON FUNCTION migrate_table(regclass, regclass, boolean, boolean) FROM PUBLIC;
COMMENT ON FUNCTION migrate_table(regclass, regclass, boolean, boolean)
IS 'the part of migrate that fills one table unless it is full already; returns the rows, or -1';

CREATE FUNCTION migrate_equal(server name, schema text, local text,
  work text) RETURNS text[]
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  t record;
  has_rows boolean;
  filled text[] := '{}';
BEGIN
  FOR t IN SELECT m.* FROM mariadb.migrate_tables(work, local) m
    WHERE m.target IS NOT NULL
  LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', t.target) INTO has_rows;
    filled := filled || CASE WHEN has_rows THEN t.remote END;
  END LOOP;
  RETURN ARRAY(SELECT v.table_name
    FROM mariadb.verify(server, schema, local,
      tables => array_remove(filled, NULL)) v
    WHERE v.remote_digest = v.local_digest AND v.remote_rows = v.local_rows);
END
$$;
REVOKE ALL ON FUNCTION migrate_equal(name, text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION migrate_equal(name, text, text, text)
IS 'the part of migrate that finds tables that an earlier run has filled';

CREATE FUNCTION migrate_lift(work text, local text) RETURNS text[]
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  lifted record;
  restore text[] := '{}';
BEGIN
  FOR lifted IN
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', k.conrelid::regclass,
        k.conname) AS lift,
      format('ALTER TABLE %s ADD CONSTRAINT %I %s%s', k.conrelid::regclass,
        k.conname, regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', ''),
        ' NOT VALID') AS undo,
      format('COMMENT ON CONSTRAINT %I ON %s IS %L', k.conname,
        k.conrelid::regclass, obj_description(k.oid, 'pg_constraint')) AS extra
    FROM pg_constraint k
    WHERE k.contype = 'f' AND k.conparentid = 0
      AND (k.conrelid IN (SELECT target FROM mariadb.migrate_tables(work, local))
        OR k.confrelid IN (SELECT target FROM mariadb.migrate_tables(work, local)))
    UNION ALL
    SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', g.tgrelid::regclass,
        g.tgname),
      format('ALTER TABLE %s ENABLE %s TRIGGER %I', g.tgrelid::regclass,
        CASE g.tgenabled WHEN 'A' THEN 'ALWAYS' WHEN 'R' THEN 'REPLICA' END,
        g.tgname), NULL
    FROM pg_trigger g
    WHERE NOT g.tgisinternal AND g.tgenabled <> 'D'
      AND g.tgrelid IN (SELECT target FROM mariadb.migrate_tables(work, local))
  LOOP
    EXECUTE lifted.lift;
    restore := restore || lifted.undo || lifted.extra;
  END LOOP;
  RETURN array_remove(restore, NULL);
END
$$;
REVOKE ALL ON FUNCTION migrate_lift(text, text) FROM PUBLIC;
COMMENT ON FUNCTION migrate_lift(text, text)
IS 'the part of migrate that takes foreign keys and triggers away, for a user who cannot bypass them; returns the statements that bring them back';

CREATE FUNCTION migrate_restore(statements text[]) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  stmt text;
BEGIN
  FOREACH stmt IN ARRAY statements LOOP
    EXECUTE stmt;
  END LOOP;
END
$$;
REVOKE ALL ON FUNCTION migrate_restore(text[]) FROM PUBLIC;
COMMENT ON FUNCTION migrate_restore(text[])
IS 'the part of migrate that brings back what migrate_lift has taken away';

CREATE FUNCTION orphans(foreign_key oid, OUT rows bigint, OUT keys text)
LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  k record;
  missing text;
BEGIN
  SELECT c.conrelid::regclass AS child, c.confrelid::regclass AS parent,
    string_agg(format('p.%I OPERATOR(%I.%s) c.%I', f.attname, n.nspname,
      o.oprname, a.attname), ' AND ') AS matches,
    string_agg(format('c.%I IS NOT NULL', a.attname), ' AND ') AS has_key,
    string_agg(format('c.%I', a.attname), ', ' ORDER BY u.ordinality) AS columns
    INTO k
  FROM pg_constraint c,
    unnest(c.conkey, c.confkey, c.conpfeqop) WITH ORDINALITY
      AS u (child, parent, operator, ordinality)
    JOIN pg_operator o ON o.oid = u.operator
    JOIN pg_namespace n ON n.oid = o.oprnamespace,
    LATERAL (SELECT attname FROM pg_attribute
      WHERE attrelid = c.conrelid AND attnum = u.child) a,
    LATERAL (SELECT attname FROM pg_attribute
      WHERE attrelid = c.confrelid AND attnum = u.parent) f
  WHERE c.oid = foreign_key AND c.contype = 'f'
  GROUP BY c.oid, c.conrelid, c.confrelid;
  IF k.child IS NULL THEN
    RAISE EXCEPTION 'foreign key with OID % does not exist', foreign_key
      USING ERRCODE = 'undefined_object';
  END IF;
  missing := format('FROM %s c WHERE %s AND NOT EXISTS (SELECT FROM %s p WHERE %s)',
    k.child, k.has_key, k.parent, k.matches);
  EXECUTE 'SELECT count(*) ' || missing INTO rows;
  EXECUTE format('SELECT string_agg(key, '', '') FROM ('
    'SELECT DISTINCT ROW(%s)::text %s ORDER BY 1 LIMIT 10) AS k (key)',
    k.columns, missing) INTO keys;
END
$$;
COMMENT ON FUNCTION orphans(oid)
IS 'rows that a foreign key (of pg_constraint) does not allow: how many, and the first ten of their keys';

CREATE FUNCTION migrate_check_key(foreign_key oid) RETURNS int
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  k CONSTANT pg_constraint := (SELECT c FROM pg_constraint c WHERE c.oid = foreign_key);
  found record;
BEGIN
  IF NOT k.convalidated THEN
    EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT %I', k.conrelid::regclass,
      k.conname);
    RETURN 0;
  END IF;
  SELECT * INTO found FROM mariadb.orphans(foreign_key);
  IF found.rows = 0 THEN
    RETURN 0;
  END IF;
  RAISE foreign_key_violation;
EXCEPTION WHEN foreign_key_violation THEN
  SELECT * INTO found FROM mariadb.orphans(foreign_key);
  RAISE WARNING 'foreign key "%" of table %: % rows refer to rows that are not there',
    k.conname, k.conrelid::regclass, found.rows
    USING ERRCODE = 'foreign_key_violation',
      DETAIL = format('Keys that table %s lacks: %s.', k.confrelid::regclass,
        found.keys || CASE WHEN found.rows > 10 THEN ', ...' ELSE '' END),
      HINT = 'Correct them, here or in MariaDB, and validate the constraint.';
  RETURN 1;
END
$$;
REVOKE ALL ON FUNCTION migrate_check_key(oid) FROM PUBLIC;
COMMENT ON FUNCTION migrate_check_key(oid)
IS 'the part of migrate that validates a foreign key, or tells which keys are orphans; returns 1 if there are any';

CREATE FUNCTION migrate_check_keys(work text, local text) RETURNS int
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(sum(mariadb.migrate_check_key(c.oid)), 0)::int
  FROM (
    SELECT k.oid FROM pg_constraint k
      JOIN mariadb.migrate_tables(work, local) t ON t.target = k.conrelid
    WHERE k.contype = 'f' AND k.conparentid = 0
    ORDER BY k.conrelid::regclass::text, k.conname
  ) c
$$;
REVOKE ALL ON FUNCTION migrate_check_keys(text, text) FROM PUBLIC;
COMMENT ON FUNCTION migrate_check_keys(text, text)
IS 'the part of migrate that checks the foreign keys of all its tables; returns how many have orphans';

CREATE FUNCTION migrate_verify(server name, schema text, local text,
  work text) RETURNS int
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v record;
  problems int := 0;
BEGIN
  FOR v IN
    SELECT r.* FROM mariadb.verify(server, schema, local, tables => ARRAY(
      SELECT t.remote FROM mariadb.migrate_tables(work, local) t
      WHERE t.target IS NOT NULL)) r
    WHERE (r.remote_rows, r.remote_digest) IS DISTINCT FROM (r.local_rows, r.local_digest)
  LOOP
    RAISE WARNING 'table "%": %', v.table_name, v.status
      USING ERRCODE = 'data_exception',
        DETAIL = format('MariaDB has %s rows, and here are %s.',
          coalesce(v.remote_rows::text, 'unknown'), coalesce(v.local_rows, 0)),
        HINT = 'Somebody may have written to it since it was copied.';
    problems := problems + 1;
  END LOOP;
  RETURN problems;
END
$$;
REVOKE ALL ON FUNCTION migrate_verify(name, text, text, text) FROM PUBLIC;
COMMENT ON FUNCTION migrate_verify(name, text, text, text)
IS 'the part of migrate that compares all its tables; returns how many differ';

CREATE PROCEDURE migrate_statements(plan jsonb, first int, last int,
  one_transaction boolean, INOUT problems int)
LANGUAGE plpgsql
AS $$
DECLARE
  step jsonb;
BEGIN
  FOR step IN
    SELECT e FROM pg_catalog.jsonb_array_elements(plan) WITH ORDINALITY AS j (e, n)
    WHERE (e ->> 'step')::int BETWEEN first AND last
      AND e ->> 'statement' IS NOT NULL
    ORDER BY n
  LOOP
    IF NOT mariadb.migrate_execute(step) THEN
      problems := problems + 1;
    END IF;
    IF NOT one_transaction THEN
      COMMIT;
    END IF;
  END LOOP;
END
$$;
REVOKE ALL ON PROCEDURE migrate_statements(jsonb, int, int, boolean, int) FROM PUBLIC;
COMMENT ON PROCEDURE migrate_statements(jsonb, int, int, boolean, int)
IS 'the part of migrate that runs the statements of some steps';

CREATE PROCEDURE migrate_data(server name, schema text, local text, work text,
  options jsonb, INOUT problems int)
LANGUAGE plpgsql
AS $$
DECLARE
  opts record := mariadb.migrate_options(options);
  may_bypass boolean := mariadb.migrate_bypass();
  equal_tables text[] := mariadb.migrate_equal(server, schema, local, work);
  restore text[] := '{}';
  one boolean := opts.one_transaction;
  t record;
  started timestamptz;
  loaded bigint;
BEGIN
  IF NOT may_bypass THEN
    restore := mariadb.migrate_lift(work, local);
    -- Foreign keys that are gone must come back, whatever happens meanwhile.
    one := one OR restore <> '{}';
  END IF;
  FOR t IN
    SELECT u.* FROM pg_catalog.unnest(ARRAY(
      SELECT pg_catalog.to_jsonb(m) FROM mariadb.migrate_tables(work, local) m
    )) WITH ORDINALITY AS j (e, n),
      pg_catalog.jsonb_to_record(e) AS u (name text, remote text, source regclass, target regclass)
    ORDER BY n
  LOOP
    IF t.target IS NULL THEN
      RAISE WARNING 'table "%" is not here, and is not copied', t.name
        USING ERRCODE = 'undefined_table';
      problems := problems + 1;
      CONTINUE;
    END IF;
    started := pg_catalog.clock_timestamp();
    may_bypass := mariadb.migrate_bypass();
    problems := problems + mariadb.migrate_match(t.source, t.target);
    loaded := mariadb.migrate_table(t.source, t.target,
      t.remote = ANY (equal_tables), opts.truncate);
    IF loaded < 0 THEN
      RAISE NOTICE 'table "%": holds the rows of MariaDB already', t.name;
    ELSE
      RAISE NOTICE 'table "%": % rows in % s', t.name, loaded,
        pg_catalog.round(extract(epoch FROM pg_catalog.clock_timestamp() - started)::numeric, 1);
    END IF;
    IF NOT one THEN
      COMMIT;
    END IF;
  END LOOP;
  PERFORM mariadb.migrate_restore(restore);
  IF one THEN
    PERFORM pg_catalog.set_config('session_replication_role', 'origin', true)
    WHERE may_bypass;
  END IF;
  IF NOT opts.one_transaction THEN
    COMMIT;
  END IF;
END
$$;
REVOKE ALL ON PROCEDURE migrate_data(name, text, text, text, jsonb, int) FROM PUBLIC;
COMMENT ON PROCEDURE migrate_data(name, text, text, text, jsonb, int)
IS 'the part of migrate that fills the tables';

CREATE PROCEDURE migrate(server name, schema text, local text,
  options jsonb DEFAULT '{}')
LANGUAGE plpgsql
AS $$
DECLARE
  opts record := mariadb.migrate_options(options);
  plan jsonb := '[]';
  problems int := 0;
  differing int := 0;
  work text;
  t record;
BEGIN
  IF NOT opts.data_only THEN
    IF pg_catalog.to_regnamespace(pg_catalog.quote_ident(local)) IS NULL THEN
      EXECUTE pg_catalog.format('CREATE SCHEMA %I', local);
    END IF;
    plan := mariadb.migrate_plan(server, schema, local, options);
    PERFORM mariadb.migrate_tell(plan);
  END IF;
  CALL mariadb.migrate_statements(plan, 0, 49, opts.one_transaction, problems);
  work := mariadb.migrate_import(server, schema, options);
  IF NOT opts.one_transaction THEN
    COMMIT;
  END IF;
  CALL mariadb.migrate_data(server, schema, local, work, options, problems);
  CALL mariadb.migrate_statements(plan, 50, 1000, opts.one_transaction, problems);
  problems := problems + mariadb.migrate_check_keys(work, local);
  PERFORM mariadb.sync_sequences(local, server, schema);
  IF NOT opts.one_transaction THEN
    COMMIT;
  END IF;
  FOR t IN SELECT m.target FROM mariadb.migrate_tables(work, local) m
    WHERE m.target IS NOT NULL
  LOOP
    EXECUTE pg_catalog.format('ANALYZE %s', t.target);
  END LOOP;
  IF opts.verify THEN
    differing := mariadb.migrate_verify(server, schema, local, work);
  END IF;
  IF NOT opts.keep_foreign THEN
    PERFORM mariadb.migrate_clean(work);
  END IF;
  IF NOT opts.one_transaction THEN
    COMMIT;
    RAISE NOTICE 'each table is of the moment when it was read; with option "one_transaction" all are of one moment';
  END IF;
  IF differing > 0 THEN
    RAISE EXCEPTION 'tables that do not hold what MariaDB has: %', differing
      USING ERRCODE = 'data_exception',
        HINT = 'Migrate again when nobody writes to MariaDB, with option "truncate".';
  END IF;
  RAISE NOTICE 'migration of "%" has ended; problems: %', schema, problems;
END
$$;
REVOKE ALL ON PROCEDURE migrate(name, text, text, jsonb) FROM PUBLIC;
COMMENT ON PROCEDURE migrate(name, text, text, jsonb)
IS 'move a MariaDB schema here: tables, rows, keys, indexes, sequences, views; what could not be moved is a warning, and a second run goes on where the first was cut off';
