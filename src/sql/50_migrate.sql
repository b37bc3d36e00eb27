
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
  OUT workers int, OUT chunk_bytes bigint, OUT preflight boolean, OUT ddl jsonb)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  own CONSTANT text[] := '{data_only,one_transaction,truncate,verify,keep_foreign,tables,except,workers,chunk_size,on_error,reject_limit,max_rows_per_second,max_mb_per_second,preflight,trust_owners}';
  useless text;
BEGIN
  data_only := coalesce((options ->> 'data_only')::boolean, false);
  one_transaction := coalesce((options ->> 'one_transaction')::boolean, false);
  "truncate" := coalesce((options ->> 'truncate')::boolean, false);
  verify := coalesce((options ->> 'verify')::boolean, true);
  keep_foreign := coalesce((options ->> 'keep_foreign')::boolean, false);
  PERFORM (options ->> 'trust_owners')::boolean;
  IF options ? 'tables' THEN
    only_tables := ARRAY(SELECT jsonb_array_elements_text(options -> 'tables'));
  END IF;
  except_tables := ARRAY(SELECT jsonb_array_elements_text(
    coalesce(options -> 'except', '[]')) UNION SELECT '_prisma_migrations');
  IF mariadb.option_number(options, 'workers') NOT IN (SELECT generate_series(0, 64)) THEN
    RAISE EXCEPTION 'invalid value "%" for option "workers"', options ->> 'workers'
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'It has to be a whole number from 0 to 64.';
  END IF;
  workers := mariadb.option_number(options, 'workers');
  chunk_bytes := greatest(pg_size_bytes(coalesce(options ->> 'chunk_size', '64MB')), 1);
  preflight := coalesce((options ->> 'preflight')::boolean, false);
  PERFORM mariadb.copy_options(options);
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

CREATE FUNCTION migrate_statement(statement text) RETURNS void
AS 'MODULE_PATHNAME', 'mariadb_run_statement'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION migrate_statement(text) FROM PUBLIC;
COMMENT ON FUNCTION migrate_statement(text)
IS 'the part of migrate that runs a statement of the ledger, which cannot change the current role';

CREATE FUNCTION migrate_execute(step jsonb) RETURNS boolean
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  stmt CONSTANT text := step ->> 'statement';
  owner name;
BEGIN
  -- The rows that are in already are looked at by migrate_check_key.
  PERFORM mariadb.migrate_statement(stmt
    || CASE step ->> 'kind' WHEN 'foreign key' THEN ' NOT VALID' ELSE '' END);
  RETURN true;
EXCEPTION
  WHEN duplicate_table OR duplicate_object OR duplicate_function THEN
    -- A trigger would run it with the rights of who writes to the table.
    SELECT pg_get_userbyid(p.proowner) INTO owner
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE SQLSTATE = '42723'
      AND starts_with(stmt, format('CREATE FUNCTION %I.%I(', n.nspname, p.proname))
      AND NOT mariadb.is_trusted_owner(p.proowner);
    IF owner IS NOT NULL THEN
      RAISE EXCEPTION '% % is there already and belongs to role "%"',
        step ->> 'kind', step ->> 'object', owner
        USING ERRCODE = 'insufficient_privilege', HINT = 'Drop or rename its function.';
    END IF;
    RETURN true;
  WHEN OTHERS THEN
    IF SQLSTATE = '42P16' AND step ->> 'kind' = 'primary key' THEN
      RETURN true;
    ELSIF (step ->> 'step')::int < 50 OR SQLSTATE = '55P03'
      OR left(SQLSTATE, 2) IN ('40', '53', '57', '58')
    THEN
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

CREATE FUNCTION migrate_clean(run bigint) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $$
DECLARE
  work CONSTANT name := (mariadb.own_run(run)).foreign_schema;
BEGIN
  -- One of that name that somebody else has made meanwhile is not the run's.
  IF EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = work
    AND pg_get_userbyid(n.nspowner) = current_user)
  THEN
    EXECUTE format('DROP SCHEMA %I CASCADE', work);
  END IF;
  UPDATE mariadb.run r SET foreign_schema = NULL
  WHERE r.id = migrate_clean.run AND work IS NOT NULL;
END
$$;
REVOKE ALL ON FUNCTION migrate_clean(bigint) FROM PUBLIC;
COMMENT ON FUNCTION migrate_clean(bigint)
IS 'the part of migrate that drops the foreign tables of a run';

CREATE FUNCTION migrate_import(run bigint, options jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $$
DECLARE
  r CONSTANT mariadb.run := mariadb.own_run(run);
  wanted CONSTANT text[] := mariadb.migrate_wanted(r.server, r.schema, options);
  work CONSTANT name := format('mariadb_legacy_%s_%s', run, r.schema);
  unwanted regclass;
BEGIN
  PERFORM mariadb.migrate_clean(run);
  IF to_regnamespace(quote_ident(work)) IS NOT NULL THEN
    RAISE EXCEPTION 'schema "%" already exists', work
      USING ERRCODE = 'duplicate_schema',
        DETAIL = 'The foreign tables of the migration would stand in it.',
        HINT = 'Rename or drop it.';
  END IF;
  EXECUTE format('CREATE SCHEMA %I', work);
  UPDATE mariadb.run x SET foreign_schema = work WHERE x.id = run;
  EXECUTE format('IMPORT FOREIGN SCHEMA %I FROM SERVER %I INTO %I'
    ' OPTIONS (import_views ''false'')', r.schema, r.server, work);

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
REVOKE ALL ON FUNCTION migrate_import(bigint, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION migrate_import(bigint, jsonb)
IS 'the part of migrate that makes foreign tables in a schema of the run''s own, mariadb_legacy_<run>_<schema>';

CREATE FUNCTION migrate_columns(source regclass, target regclass)
RETURNS SETOF text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT t.attname::text
  FROM pg_attribute t
    JOIN pg_attribute f ON f.attrelid = source AND f.attname = t.attname
      AND f.attnum > 0 AND NOT f.attisdropped
  WHERE t.attrelid = target AND t.attnum > 0 AND NOT t.attisdropped
    AND t.attgenerated = ''
  ORDER BY t.attnum
$$;
COMMENT ON FUNCTION migrate_columns(regclass, regclass)
IS 'the part of migrate that finds the columns to be filled, by name';

CREATE FUNCTION migrate_unmatched(source regclass, target regclass)
RETURNS int
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  unmatched text;
BEGIN
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
COMMENT ON FUNCTION migrate_unmatched(regclass, regclass)
IS 'the part of migrate that warns of columns that are not copied; returns 1 if there are any';

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

CREATE FUNCTION migrate_equal(server name, schema text, local text,
  work text, known text[]) RETURNS text[]
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  t record;
  has_rows boolean;
  filled text[] := '{}';
BEGIN
  FOR t IN SELECT m.* FROM mariadb.migrate_tables(work, local) m
    WHERE m.target IS NOT NULL AND m.remote <> ALL (known)
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
REVOKE ALL ON FUNCTION migrate_equal(name, text, text, text, text[]) FROM PUBLIC;
COMMENT ON FUNCTION migrate_equal(name, text, text, text, text[])
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
      SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    END IF;
  END LOOP;
END
$$;
REVOKE ALL ON PROCEDURE migrate_statements(jsonb, int, int, boolean, int) FROM PUBLIC;
COMMENT ON PROCEDURE migrate_statements(jsonb, int, int, boolean, int)
IS 'the part of migrate that runs the statements of some steps';

-- A run: found again, or made.

CREATE FUNCTION migrate_lock(run bigint) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- Runs of one MariaDB schema would have the same foreign tables.
  IF NOT pg_try_advisory_xact_lock(hashtext('mariadb_fdw run'), hashtext((
    SELECT r.schema FROM mariadb.run r WHERE r.id = run))) THEN
    RAISE EXCEPTION 'run % is being worked on by another session, or another of its schema is', run
      USING ERRCODE = 'object_in_use';
  END IF;
END
$$;
COMMENT ON FUNCTION migrate_lock(bigint)
IS 'the part of migrate that keeps other sessions from the same run';

CREATE FUNCTION migrate_same_work(options jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT options - '{workers,chunk_size,on_error,reject_limit,max_rows_per_second,max_mb_per_second,verify,keep_foreign,preflight,truncate,trust_owners}'::text[]
$$;
COMMENT ON FUNCTION migrate_same_work(jsonb)
IS 'the part of migrate that knows which options may differ when a run goes on';

CREATE FUNCTION migrate_kept_options(options jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- The text of schema.prisma may hold the URL of a database, with a password,
  -- in a setting or a comment; its digest knows it again.
  SELECT CASE WHEN options ->> 'prisma' IS NOT NULL
    THEN jsonb_set(options, '{prisma}', to_jsonb('SHA-256 '
      || encode(sha256(convert_to(options ->> 'prisma', 'UTF8')), 'hex')))
    ELSE options END
$$;
REVOKE ALL ON FUNCTION migrate_kept_options(jsonb) FROM PUBLIC;
COMMENT ON FUNCTION migrate_kept_options(jsonb)
IS 'the part of migrate that makes of its options what the ledger keeps';

CREATE FUNCTION migrate_take_over(run bigint) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  deadline CONSTANT timestamptz := clock_timestamp() + interval '30 s';
BEGIN
  -- Workers of a leader that has gone end by themselves, or now.
  LOOP
    PERFORM pg_stat_clear_snapshot();
    PERFORM pg_terminate_backend(a.pid) FROM pg_stat_activity a
    WHERE a.backend_type = 'mariadb_fdw worker'
      AND a.application_name LIKE format('mariadb_fdw run %s:%%', run);
    EXIT WHEN NOT FOUND;
    IF clock_timestamp() > deadline THEN
      RAISE EXCEPTION 'workers of run % do not end', run
        USING ERRCODE = 'object_in_use';
    END IF;
    PERFORM pg_sleep(0.05);
  END LOOP;
  UPDATE mariadb.chunk c
  SET state = CASE c.state WHEN 'copying' THEN 'pending' ELSE c.state END, worker = NULL
  WHERE c.run = $1 AND c.state <> 'done';
  DELETE FROM mariadb.task t WHERE t.run = $1;
END
$$;
REVOKE ALL ON FUNCTION migrate_take_over(bigint) FROM PUBLIC;
COMMENT ON FUNCTION migrate_take_over(bigint)
IS 'the part of migrate that takes back what an earlier call had in hand';

CREATE FUNCTION migrate_open(server name, schema text, local text,
  options jsonb) RETURNS bigint
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kept CONSTANT jsonb := mariadb.migrate_kept_options($4);
  the_run bigint := (SELECT max(r.id) FROM mariadb.run r
    WHERE (r.server, r.schema, r.local, r.state) = ($1, $2, $3, 'open')
      AND r.owner = current_user);
BEGIN
  IF the_run IS NOT NULL THEN
    PERFORM mariadb.migrate_lock(the_run);
  END IF;
  UPDATE mariadb.run r SET state = 'abandoned', finished = clock_timestamp()
  WHERE (r.server, r.schema, r.local, r.state) = ($1, $2, $3, 'open')
    AND r.owner = current_user
    AND (r.id <> the_run OR mariadb.migrate_same_work(r.options)
      <> mariadb.migrate_same_work(kept));
  PERFORM mariadb.migrate_clean(r.id) FROM mariadb.run r
  WHERE (r.server, r.schema, r.local, r.state) = ($1, $2, $3, 'abandoned')
    AND r.owner = current_user AND r.foreign_schema IS NOT NULL;
  UPDATE mariadb.run r SET options = kept, attempt = r.attempt + 1
  WHERE r.id = the_run AND r.state = 'open';
  IF FOUND THEN
    RAISE NOTICE 'run % goes on where it was', the_run;
    PERFORM mariadb.migrate_take_over(the_run);
    RETURN the_run;
  END IF;
  INSERT INTO mariadb.run (server, schema, local, options)
  VALUES ($1, $2, $3, kept) RETURNING id INTO the_run;
  PERFORM mariadb.migrate_lock(the_run);
  RETURN the_run;
END
$$;
REVOKE ALL ON FUNCTION migrate_open(name, text, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION migrate_open(name, text, text, jsonb)
IS 'the part of migrate that finds the run that is to go on, or begins one';

-- What is to be copied.

CREATE FUNCTION migrate_restart_table(run bigint, table_name text) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  target CONSTANT regclass := mariadb.migrate_target((
    SELECT min(c.target) FROM mariadb.chunk c
    WHERE c.run = $1 AND c.table_name = $2), (mariadb.own_run(run)).options);
BEGIN
  PERFORM mariadb.migrate_empty(target);
  UPDATE mariadb.chunk c SET state = 'pending', worker = NULL, rows = NULL
  WHERE c.run = $1 AND c.table_name = $2;
  DELETE FROM mariadb.reject x WHERE x.run = $1 AND x.table_name = $2;
END
$$;
REVOKE ALL ON FUNCTION migrate_restart_table(bigint, text) FROM PUBLIC;
COMMENT ON FUNCTION migrate_restart_table(bigint, text)
IS 'the part of migrate that begins a table anew';

CREATE FUNCTION migrate_check_here(run bigint, table_name text) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  noted record;
  here bigint;
BEGIN
  SELECT min(c.target) AS target, coalesce(sum(c.rows), 0) AS rows INTO noted
  FROM mariadb.chunk c
  WHERE c.run = $1 AND c.table_name = $2 AND c.owner = current_user
    AND c.state IN ('done', 'check');
  IF noted.target IS NULL THEN
    SELECT min(c.target), 0 INTO noted.target, noted.rows
    FROM mariadb.chunk c
    WHERE c.run = $1 AND c.table_name = $2 AND c.owner = current_user;
  END IF;
  EXECUTE format('SELECT count(*) FROM %s', noted.target::regclass) INTO here;
  IF here <> noted.rows AND here > 0 AND NOT EXISTS (SELECT FROM mariadb.run r
    WHERE r.id = run AND (r.options ->> 'truncate')::boolean)
  THEN
    RAISE EXCEPTION 'table % has % rows where % were copied', noted.target, here, noted.rows
      USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = 'Somebody has written to it since.',
        HINT = 'Empty it, or set option "truncate" to true.';
  ELSIF here <> noted.rows THEN
    RAISE NOTICE 'table "%": has % rows where % were copied, and is copied anew',
      table_name, here, noted.rows;
    PERFORM mariadb.migrate_restart_table(run, table_name);
  END IF;
END
$$;
REVOKE ALL ON FUNCTION migrate_check_here(bigint, text) FROM PUBLIC;
COMMENT ON FUNCTION migrate_check_here(bigint, text)
IS 'the part of migrate that sees whether the rows that the ledger speaks of are here';

CREATE FUNCTION migrate_cut_table(run bigint, name text, source regclass,
  target regclass, rows bigint, bytes bigint, chunk_bytes bigint)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  pieces CONSTANT bigint := bytes / chunk_bytes + 1;
BEGIN
  INSERT INTO mariadb.chunk (run, table_name, number, target, source, condition,
    estimated_rows, estimated_bytes, weight)
  SELECT $1, $2, p.number, format('%I.%I', t.nspname, t.relname),
    format('%I.%I', f.nspname, f.relname), p.condition, p.rows,
    CASE WHEN $5 > 0 THEN $6 * p.rows / $5 ELSE $6 END, $6
  FROM (
    SELECT row_number() OVER ()::int AS number, c.condition,
      c.estimated_rows AS rows
    FROM mariadb.chunks(source, $5 / pieces + 1) c
    WHERE pieces > 1
    UNION ALL
    SELECT 1, NULL, $5 WHERE pieces <= 1
  ) p,
  (SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n
    ON n.oid = c.relnamespace WHERE c.oid = source) f,
  (SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n
    ON n.oid = c.relnamespace WHERE c.oid = target) t;
END
$$;
REVOKE ALL ON FUNCTION migrate_cut_table(bigint, text, regclass, regclass, bigint, bigint, bigint) FROM PUBLIC;
COMMENT ON FUNCTION migrate_cut_table(bigint, text, regclass, regclass, bigint, bigint, bigint)
IS 'the part of migrate that writes the chunks of a table into the ledger';

CREATE FUNCTION migrate_keep_table(run bigint, name text, source regclass,
  target regclass, bytes bigint) RETURNS void
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- Looked at again, so that it is of the same moment as the others.
  SELECT mariadb.migrate_cut_table($1, $2, $3, $4, 1, $5, 9223372036854775807);
  UPDATE mariadb.chunk c
  SET state = 'check', rows = d.rows, rejected = 0, digest = d.digest,
    estimated_rows = d.rows
  FROM mariadb.table_digest($4, ARRAY(SELECT mariadb.migrate_columns($3, $4))) d
  WHERE c.run = $1 AND c.table_name = $2
$$;
REVOKE ALL ON FUNCTION migrate_keep_table(bigint, text, regclass, regclass, bigint) FROM PUBLIC;
COMMENT ON FUNCTION migrate_keep_table(bigint, text, regclass, regclass, bigint)
IS 'the part of migrate that has a table looked at again that holds what it should';

CREATE FUNCTION migrate_prepare_table(name text, target regclass,
  may_truncate boolean, is_equal boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  has_rows boolean;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT FROM %s)', target) INTO has_rows;
  IF has_rows AND is_equal THEN
    RAISE NOTICE 'table "%": holds the rows of MariaDB already', name;
    RETURN false;
  ELSIF has_rows AND NOT may_truncate THEN
    RAISE EXCEPTION 'table % already has rows, and not those of MariaDB', target
      USING ERRCODE = 'object_not_in_prerequisite_state',
        HINT = 'Empty it, or set option "truncate" to true.';
  ELSIF has_rows THEN
    PERFORM mariadb.migrate_empty(target);
  END IF;
  RETURN true;
END
$$;
REVOKE ALL ON FUNCTION migrate_prepare_table(text, regclass, boolean, boolean) FROM PUBLIC;
COMMENT ON FUNCTION migrate_prepare_table(text, regclass, boolean, boolean)
IS 'the part of migrate that finds a table empty, or empties it; false if it holds what it should';

CREATE FUNCTION migrate_cut(run bigint, work text, options jsonb) RETURNS int
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r CONSTANT mariadb.run := mariadb.own_run($1);
  opts CONSTANT record := mariadb.migrate_options(options);
  known CONSTANT text[] := ARRAY(SELECT DISTINCT c.table_name
    FROM mariadb.chunk c WHERE c.run = $1);
  equal_tables CONSTANT text[] := mariadb.migrate_equal(r.server, r.schema,
    r.local, work, known);
  t record;
  problems int := 0;
BEGIN
  FOR t IN
    SELECT m.*, greatest(s.row_estimate, 0) AS rows,
      coalesce(s.data_bytes, 0) AS bytes
    FROM mariadb.migrate_tables(work, r.local) m
      LEFT JOIN mariadb.tables(r.server, r.schema) s ON s.table_name = m.remote
  LOOP
    IF t.target IS NULL THEN
      RAISE WARNING 'table "%" is not here, and is not copied', t.name
        USING ERRCODE = 'undefined_table';
      problems := problems + 1;
      CONTINUE;
    END IF;
    problems := problems + mariadb.migrate_unmatched(t.source, t.target);
    IF t.remote = ANY (known) THEN
      PERFORM mariadb.migrate_check_here(run, t.remote);
    ELSIF mariadb.migrate_prepare_table(t.remote, t.target, opts.truncate,
      t.remote = ANY (equal_tables))
    THEN
      PERFORM mariadb.migrate_cut_table(run, t.remote, t.source, t.target,
        t.rows::bigint, t.bytes, CASE WHEN opts.one_transaction THEN 9223372036854775807
          ELSE opts.chunk_bytes END);
    ELSE
      PERFORM mariadb.migrate_keep_table(run, t.remote, t.source, t.target, t.bytes);
    END IF;
  END LOOP;
  RETURN problems;
END
$$;
REVOKE ALL ON FUNCTION migrate_cut(bigint, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION migrate_cut(bigint, text, jsonb)
IS 'the part of migrate that writes into the ledger what is to be copied; returns the number of problems';

CREATE FUNCTION migrate_plan_tasks(run bigint, plan jsonb, work text,
  local text) RETURNS void
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH tables AS MATERIALIZED (
    SELECT t.* FROM mariadb.migrate_tables(work, local) t
    WHERE t.target IS NOT NULL
  ), weights AS MATERIALIZED (
    SELECT c.table_name, max(c.weight) AS weight FROM mariadb.chunk c
    WHERE c.run = $1 GROUP BY c.table_name
  ), statements AS (
    SELECT (e ->> 'step')::int AS step, e ->> 'kind' AS kind,
      e ->> 'object' AS object, e ->> 'statement' AS statement, j.n,
      (SELECT t.remote FROM tables t
        WHERE t.name = split_part(e ->> 'object', '.', 1)
          OR strpos(t.name, '.') > 0 AND starts_with(e ->> 'object', t.name || '.')
        ORDER BY length(t.name) DESC LIMIT 1) AS table_name
    FROM jsonb_array_elements(plan) WITH ORDINALITY AS j (e, n)
    WHERE (e ->> 'step')::int BETWEEN 50 AND 99 AND e ->> 'statement' IS NOT NULL
    UNION ALL
    SELECT 85, 'statistics', t.name, format('ANALYZE %s', t.target), 0, t.remote
    FROM tables t
  )
  INSERT INTO mariadb.task (run, number, step, kind, object, table_name,
    statement, weight)
  -- Unique indexes and others can be made at the same time.
  SELECT $1, row_number() OVER (ORDER BY s.step, s.n),
    CASE s.step WHEN 60 THEN 70 ELSE s.step END, s.kind, s.object, s.table_name,
    s.statement, coalesce(w.weight, 0)
  FROM statements s LEFT JOIN weights w USING (table_name)
$$;
REVOKE ALL ON FUNCTION migrate_plan_tasks(bigint, jsonb, text, text) FROM PUBLIC;
COMMENT ON FUNCTION migrate_plan_tasks(bigint, jsonb, text, text)
IS 'the part of migrate that writes into the ledger what comes after the rows';

CREATE FUNCTION migrate_plan_checks(run bigint, work text, local text,
  with_comparison boolean) RETURNS void
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH tables AS MATERIALIZED (
    SELECT t.* FROM mariadb.migrate_tables(work, local) t
    WHERE t.target IS NOT NULL
  ), checks AS (
    SELECT 95 AS step, 'check of foreign key' AS kind, k.conname::text AS object,
      t.remote AS table_name, k.oid::text AS statement, t.name
    FROM tables t JOIN pg_constraint k ON k.conrelid = t.target
    WHERE k.contype = 'f' AND k.conparentid = 0
    UNION ALL
    SELECT 96, 'comparison', t.name, t.remote, '', t.name
    FROM tables t
    WHERE with_comparison AND EXISTS (SELECT FROM mariadb.chunk c
      WHERE c.run = $1 AND c.table_name = t.remote)
  )
  INSERT INTO mariadb.task (run, number, step, kind, object, table_name,
    statement, weight)
  SELECT $1, row_number() OVER (ORDER BY k.step, k.name, k.object)
    + coalesce((SELECT max(t.number) FROM mariadb.task t WHERE t.run = $1), 0),
    k.step, k.kind, k.object, k.table_name, k.statement, 0
  FROM checks k
$$;
REVOKE ALL ON FUNCTION migrate_plan_checks(bigint, text, text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION migrate_plan_checks(bigint, text, text, boolean)
IS 'the part of migrate that writes into the ledger what is to be checked at the end';

CREATE FUNCTION migrate_check_owners(work text, local text, options jsonb)
RETURNS void
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM mariadb.migrate_target(t.target::text, options)
  FROM mariadb.migrate_tables(work, local) t;
END
$$;
REVOKE ALL ON FUNCTION migrate_check_owners(text, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION migrate_check_owners(text, text, jsonb)
IS 'the part of migrate that refuses tables of other roles before anything is done with them';

-- The work itself.

CREATE FUNCTION migrate_start_team(run bigint, wanted int, tables text[])
RETURNS int
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r CONSTANT mariadb.run := mariadb.own_run($1);
  given CONSTANT int := (r.options ->> 'workers')::int;
  size int := mariadb.migrate_team_start(run, r.server, wanted);
  moment record;
BEGIN
  moment := mariadb.migrate_team_agree(r.server, r.schema, tables);
  IF moment.method IS NULL AND given > 1 THEN
    RAISE EXCEPTION '% workers cannot read one moment of MariaDB', size
      USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = 'There is no binary log whose place would prove it, and the account may not lock tables.',
        HINT = 'Set option "workers" to 1, turn on the binary log, or grant LOCK TABLES on the schema or RELOAD.';
  ELSIF moment.method IS NULL THEN
    RAISE NOTICE 'one worker only: several cannot read one moment without a binary log or the right to lock tables';
    size := mariadb.migrate_team_start(run, r.server, 1);
    moment := mariadb.migrate_team_agree(r.server, r.schema, tables);
  END IF;
  UPDATE mariadb.run x
  SET workers = greatest(size, 1), method = moment.method,
    "position" = moment."position", gtid = moment.gtid, lock_ms = moment.lock_ms
  WHERE x.id = $1;
  -- What was copied at another moment is looked at again.
  UPDATE mariadb.chunk c SET state = 'check', worker = NULL
  WHERE c.run = $1 AND c.state = 'done' AND c.attempt < r.attempt
    AND (r."position", r.gtid) IS DISTINCT FROM
      (coalesce(moment."position", 'unknown'), moment.gtid);
  IF tables = '{}' THEN
    RETURN size;
  END IF;
  RAISE NOTICE 'all rows are of one moment: % of %, %', CASE size
      WHEN 0 THEN 'this session' WHEN 1 THEN 'one worker'
      ELSE format('%s workers', size) END,
    r.server, CASE moment.method WHEN 'one connection' THEN 'one connection'
      ELSE 'by ' || moment.method END || coalesce(' at ' || moment."position", '')
    || coalesce(', GTID ' || moment.gtid, '')
    || coalesce(', tables locked for ' || round(moment.lock_ms::numeric, 1) || ' ms', '');
  RETURN size;
END
$$;
REVOKE ALL ON FUNCTION migrate_start_team(bigint, int, text[]) FROM PUBLIC;
COMMENT ON FUNCTION migrate_start_team(bigint, int, text[])
IS 'the part of migrate that has workers and a snapshot; returns how many workers';

CREATE FUNCTION migrate_check_tables(run bigint) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  t record;
BEGIN
  -- Rows that do not tell which chunk they are of are copied anew together.
  FOR t IN
    SELECT c.table_name FROM mariadb.chunk c
    WHERE c.run = $1 AND c.owner = current_user
    GROUP BY c.table_name
    HAVING count(*) > 1 AND (bool_or(c.state = 'check' AND (c.xid IS NULL
        OR pg_current_xact_id()::text::numeric - c.xid::text::numeric > 2000000000))
      OR bool_or(c.state = 'check')
        AND count(DISTINCT c.xid) FILTER (WHERE c.state IN ('check', 'done'))
          < count(*) FILTER (WHERE c.state IN ('check', 'done'))
      -- A unique value may have moved from one chunk to another.
      OR bool_or(c.state = 'check') AND EXISTS (SELECT FROM pg_index i
        WHERE i.indrelid = min(c.target)::regclass AND NOT i.indisprimary
          AND (i.indisunique OR i.indisexclusion)))
  LOOP
    PERFORM mariadb.migrate_restart_table(run, t.table_name);
  END LOOP;
END
$$;
REVOKE ALL ON FUNCTION migrate_check_tables(bigint) FROM PUBLIC;
COMMENT ON FUNCTION migrate_check_tables(bigint)
IS 'the part of migrate that begins tables anew whose chunks cannot be told apart';

CREATE FUNCTION migrate_tell_moments(server name, schema text, tables text[])
RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  t record;
BEGIN
  FOR t IN
    SELECT m.engine, string_agg(m.table_name, ', ' ORDER BY m.table_name) AS names
    FROM mariadb.tables(server, schema) m
    WHERE m.table_name = ANY (tables) AND m.engine <> 'InnoDB'
    GROUP BY m.engine
  LOOP
    RAISE NOTICE '% takes no part in snapshots; these tables are of the moment when they are read: %',
      t.engine, t.names;
  END LOOP;
END
$$;
REVOKE ALL ON FUNCTION migrate_tell_moments(name, text, text[]) FROM PUBLIC;
COMMENT ON FUNCTION migrate_tell_moments(name, text, text[])
IS 'the part of migrate that tells which tables cannot be of the same moment';

CREATE FUNCTION migrate_workers(options jsonb, one boolean) RETURNS int
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN one THEN 0 ELSE coalesce((options ->> 'workers')::int,
    greatest(least(mariadb.migrate_cores(),
      current_setting('max_worker_processes')::int - (SELECT count(*)
        FROM pg_stat_activity a WHERE a.backend_type NOT IN ('client backend',
          'autovacuum launcher', 'autovacuum worker', 'background writer',
          'checkpointer', 'walwriter', 'walsender', 'walreceiver', 'archiver',
          'startup'))), 1)) END::int
$$;
COMMENT ON FUNCTION migrate_workers(jsonb, boolean)
IS 'the part of migrate that knows how many workers are wanted: as many as there are processors and processes left, unless the caller says';

CREATE PROCEDURE migrate_team(run bigint, workers int, one boolean)
LANGUAGE plpgsql
AS $$
DECLARE
  lost int := 0;
BEGIN
  IF workers > 0 THEN
    lost := mariadb.migrate_team_work();
  ELSE
    CALL mariadb.migrate_work_here(run, one);
  END IF;
  IF EXISTS (SELECT FROM mariadb.chunk c WHERE c.run = migrate_team.run AND c.state <> 'done')
    OR EXISTS (SELECT FROM mariadb.task t WHERE t.run = migrate_team.run
      AND t.state IN ('waiting', 'pending', 'running'))
  THEN
    RAISE EXCEPTION 'run % is not complete: % workers were lost', run, lost
      USING ERRCODE = 'object_not_in_prerequisite_state',
        HINT = 'Call mariadb.migrate again: it goes on where it was.';
  END IF;
END
$$;
REVOKE ALL ON PROCEDURE migrate_team(bigint, int, boolean) FROM PUBLIC;
COMMENT ON PROCEDURE migrate_team(bigint, int, boolean)
IS 'the part of migrate that has the ledger''s work done';

CREATE PROCEDURE migrate_data(run bigint, plan jsonb, work text, options jsonb,
  INOUT problems int)
LANGUAGE plpgsql
AS $$
DECLARE
  r mariadb.run := mariadb.own_run(run);
  one boolean := (mariadb.migrate_options(options)).one_transaction;
  may_bypass boolean := mariadb.migrate_bypass();
  restore text[] := '{}';
  tables text[];
  workers int;
BEGIN
  PERFORM mariadb.migrate_lock(run);
  PERFORM mariadb.migrate_check_owners(work, r.local, options);
  IF NOT may_bypass THEN
    restore := mariadb.migrate_lift(work, r.local);
    -- Foreign keys that are gone must come back, whatever happens meanwhile.
    one := one OR restore <> '{}';
  END IF;
  problems := problems + mariadb.migrate_cut(run, work, options);
  PERFORM mariadb.migrate_plan_tasks(run, plan, work, r.local);
  tables := ARRAY(SELECT DISTINCT c.table_name FROM mariadb.chunk c
    WHERE c.run = migrate_data.run);
  PERFORM mariadb.migrate_tell_moments(r.server, r.schema, tables);
  workers := mariadb.migrate_start_team(run, mariadb.migrate_workers(options, one), tables);
  PERFORM mariadb.migrate_check_tables(run);
  PERFORM mariadb.migrate_release(run, t.remote)
  FROM mariadb.migrate_tables(work, r.local) t WHERE t.target IS NOT NULL;
  PERFORM mariadb.migrate_team_rejected(mariadb.migrate_rejected(run));
  IF NOT one THEN
    COMMIT;
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    PERFORM mariadb.migrate_lock(run);
  END IF;
  CALL mariadb.migrate_team(run, workers, one);
  PERFORM mariadb.migrate_restore(restore);
  PERFORM mariadb.migrate_team_end(r.server);
  PERFORM pg_catalog.set_config('session_replication_role', 'origin', true)
  WHERE one AND may_bypass;
END
$$;
REVOKE ALL ON PROCEDURE migrate_data(bigint, jsonb, text, jsonb, int) FROM PUBLIC;
COMMENT ON PROCEDURE migrate_data(bigint, jsonb, text, jsonb, int)
IS 'the part of migrate that fills the tables, and makes their keys and indexes';

CREATE FUNCTION migrate_result(run bigint) RETURNS int
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v record;
  problems int := 0;
BEGIN
  FOR v IN
    SELECT t.result ->> 'table_name' AS name, t.result ->> 'status' AS status,
      t.result ->> 'remote_rows' AS there, t.result ->> 'local_rows' AS here
    FROM mariadb.task t
    WHERE t.run = $1 AND t.kind = 'comparison' AND t.state = 'failed'
    ORDER BY t.number
  LOOP
    RAISE WARNING 'table "%": %', v.name, v.status
      USING ERRCODE = 'data_exception',
        DETAIL = format('MariaDB has %s rows, and here are %s.', v.there, v.here),
        HINT = CASE WHEN v.status = 'differs'
          THEN 'Somebody may have written to it here since it was copied.'
          ELSE 'The rows are in mariadb.reject; mariadb.replay brings them once they fit.' END;
    problems := problems + 1;
  END LOOP;
  UPDATE mariadb.run r SET verification = (
    SELECT jsonb_agg(t.result ORDER BY t.number) FROM mariadb.task t
    WHERE t.run = $1 AND t.kind = 'comparison')
  WHERE r.id = $1;
  RETURN problems;
END
$$;
REVOKE ALL ON FUNCTION migrate_result(bigint) FROM PUBLIC;
COMMENT ON FUNCTION migrate_result(bigint)
IS 'the part of migrate that tells what the comparison has found; returns how many tables are not equal';

CREATE FUNCTION migrate_close(run bigint, problems int) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  differing int;
BEGIN
  SELECT count(*) INTO differing FROM mariadb.task t
  WHERE t.run = $1 AND t.result ->> 'status' = 'differs';
  UPDATE mariadb.run r SET state = CASE WHEN differing = 0 THEN 'done' ELSE 'abandoned' END,
    finished = clock_timestamp(), problems = $2
  WHERE r.id = $1;
END
$$;
REVOKE ALL ON FUNCTION migrate_close(bigint, int) FROM PUBLIC;
COMMENT ON FUNCTION migrate_close(bigint, int)
IS 'the part of migrate that notes the end of a run';

CREATE FUNCTION migrate_notes(plan jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('object', e ->> 'object',
    'note', e ->> 'note') ORDER BY j.n), '[]')
  FROM jsonb_array_elements(plan) WITH ORDINALITY AS j (e, n)
  WHERE e ->> 'note' IS NOT NULL
$$;
COMMENT ON FUNCTION migrate_notes(jsonb)
IS 'the part of migrate that keeps what mariadb.ddl notes';

CREATE FUNCTION migrate_preflight(server name, schema text, options jsonb)
RETURNS jsonb
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_agg(to_jsonb(p)), '[]')
  FROM mariadb.preflight(server, schema, options ->> 'prisma') p
$$;
REVOKE ALL ON FUNCTION migrate_preflight(name, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION migrate_preflight(name, text, jsonb)
IS 'the part of migrate that keeps what mariadb.preflight finds';

CREATE FUNCTION migrate_note(run bigint, notes jsonb, preflight jsonb)
RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE mariadb.run r SET notes = $2, preflight = coalesce($3, r.preflight)
  WHERE r.id = $1
$$;
REVOKE ALL ON FUNCTION migrate_note(bigint, jsonb, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION migrate_note(bigint, jsonb, jsonb)
IS 'the part of migrate that keeps in the ledger what was found before the move';

CREATE FUNCTION migrate_failed(run bigint) RETURNS int
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT count(*)::int FROM mariadb.task t
  WHERE t.run = $1 AND t.state = 'failed' AND t.kind <> 'comparison'
$$;
COMMENT ON FUNCTION migrate_failed(bigint)
IS 'the part of migrate that counts statements and checks that have failed';

CREATE PROCEDURE migrate_finish(run bigint, options jsonb, one boolean)
LANGUAGE plpgsql
AS $$
DECLARE
  tasks int := (SELECT pg_catalog.count(*) FROM mariadb.task t
    WHERE t.run = migrate_finish.run AND t.state = 'waiting');
  workers int := 0;
BEGIN
  -- One process is as good where there is little to do.
  IF tasks > 1 AND NOT one THEN
    workers := mariadb.migrate_team_start(run, (SELECT r.server FROM mariadb.run r
      WHERE r.id = run), mariadb.migrate_workers(options, one));
    COMMIT;
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    PERFORM mariadb.migrate_lock(run);
  END IF;
  CALL mariadb.migrate_team(run, workers, one);
END
$$;
REVOKE ALL ON PROCEDURE migrate_finish(bigint, jsonb, boolean) FROM PUBLIC;
COMMENT ON PROCEDURE migrate_finish(bigint, jsonb, boolean)
IS 'the part of migrate that checks and compares';

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
  run bigint;
BEGIN
  -- What workers commit is to be seen, whatever the session's default.
  IF NOT opts.one_transaction THEN
    COMMIT;
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  END IF;
  run := mariadb.migrate_open(server, schema, local, options);
  IF NOT opts.data_only THEN
    IF pg_catalog.to_regnamespace(pg_catalog.quote_ident(local)) IS NULL THEN
      EXECUTE pg_catalog.format('CREATE SCHEMA %I', local);
    END IF;
    plan := mariadb.migrate_plan(server, schema, local, options);
    PERFORM mariadb.migrate_tell(plan);
  END IF;
  PERFORM mariadb.migrate_note(run, mariadb.migrate_notes(plan), CASE
    WHEN opts.preflight THEN mariadb.migrate_preflight(server, schema, options) END);
  CALL mariadb.migrate_statements(plan, 0, 49, opts.one_transaction, problems);
  PERFORM mariadb.migrate_lock(run);
  work := mariadb.migrate_import(run, options);
  IF NOT opts.one_transaction THEN
    COMMIT;
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  END IF;
  CALL mariadb.migrate_data(run, plan, work, options, problems);
  CALL mariadb.migrate_statements(plan, 100, 1000, opts.one_transaction, problems);
  PERFORM mariadb.migrate_lock(run);
  PERFORM mariadb.sync_sequences(local, server, schema);
  PERFORM mariadb.migrate_plan_checks(run, work, local, opts.verify);
  CALL mariadb.migrate_finish(run, options, opts.one_transaction);
  differing := mariadb.migrate_result(run);
  problems := problems + differing + mariadb.migrate_failed(run);
  PERFORM mariadb.migrate_close(run, problems);
  IF NOT opts.keep_foreign THEN
    PERFORM mariadb.migrate_clean(run);
  END IF;
  IF NOT opts.one_transaction THEN
    COMMIT;
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  END IF;
  IF EXISTS (SELECT FROM mariadb.run r WHERE r.id = run AND r.state = 'abandoned') THEN
    RAISE EXCEPTION 'tables that do not hold what MariaDB has: %', differing
      USING ERRCODE = 'data_exception',
        HINT = 'Migrate again when nobody writes to them, with option "truncate".';
  END IF;
  RAISE NOTICE 'migration of "%" has ended; problems: %', schema, problems;
END
$$;
REVOKE ALL ON PROCEDURE migrate(name, text, text, jsonb) FROM PUBLIC;
COMMENT ON PROCEDURE migrate(name, text, text, jsonb)
IS 'move a MariaDB schema here: tables, rows, keys, indexes, sequences, views; what could not be moved is a warning, and a second run goes on where the first was cut off';
