
-- Migration: a whole schema, step by step.

CREATE FUNCTION prisma_baseline(local text, migration_sql text,
  name text DEFAULT '0_init') RETURNS text
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  target text;
  digest CONSTANT text := encode(sha256(convert_to(migration_sql, 'UTF8')), 'hex');
  others text;
  recorded text;
BEGIN
  PERFORM mariadb.not_null('{local,migration_sql,name}', local, migration_sql,
    name);
  PERFORM mariadb.local_schema(local, false);
  target := format('%I._prisma_migrations', local);
  -- A file that was not found reads as nothing, and would be recorded so.
  IF migration_sql !~ '[^[:space:]]' THEN
    RAISE EXCEPTION 'the text of the migration is empty'
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Give the text of prisma/migrations/.../migration.sql.';
  END IF;
  IF name = '' THEN
    RAISE EXCEPTION 'the name of the migration is empty'
      USING ERRCODE = 'invalid_parameter_value',
        HINT = 'Give the name of its folder in prisma/migrations.';
  END IF;
  IF to_regclass(target) IS NULL THEN
    EXECUTE format('CREATE TABLE %s (id varchar(36) PRIMARY KEY,'
      ' checksum varchar(64) NOT NULL, finished_at timestamptz,'
      ' migration_name varchar(255) NOT NULL, logs text,'
      ' rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(),'
      ' applied_steps_count integer NOT NULL DEFAULT 0)', target);
  END IF;
  PERFORM mariadb.refuse_owner('table', target, c.relowner)
  FROM pg_class c WHERE c.oid = target::regclass;
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

CREATE FUNCTION listed_tables(options jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN options ? 'tables'
    THEN ARRAY(SELECT jsonb_array_elements_text(options -> 'tables')) END
$$;
COMMENT ON FUNCTION listed_tables(jsonb)
IS 'the part of migrate and verify_structure that reads option "tables"; NULL for all tables';

CREATE FUNCTION migrate_options(options jsonb, OUT data_only boolean,
  OUT one_transaction boolean, OUT "truncate" boolean, OUT verify boolean,
  OUT keep_foreign boolean, OUT only_tables text[], OUT except_tables text[],
  OUT workers int, OUT chunk_bytes bigint, OUT preflight boolean, OUT ddl jsonb)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  own CONSTANT text[] := ARRAY(SELECT o.name FROM mariadb.call_options() o
    WHERE 'migrate' = ANY (o.calls) AND 'ddl' <> ALL (o.calls));
BEGIN
  options := mariadb.checked_options('migrate', NULL, options);
  data_only := coalesce((options ->> 'data_only')::boolean, false);
  one_transaction := coalesce((options ->> 'one_transaction')::boolean, false);
  "truncate" := coalesce((options ->> 'truncate')::boolean, false);
  verify := coalesce((options ->> 'verify')::boolean, true);
  keep_foreign := coalesce((options ->> 'keep_foreign')::boolean, false);
  only_tables := mariadb.listed_tables(options);
  except_tables := ARRAY(SELECT jsonb_array_elements_text(
    coalesce(options -> 'except', '[]')) UNION SELECT '_prisma_migrations');
  workers := (options ->> 'workers')::int;
  chunk_bytes := pg_size_bytes(coalesce(options ->> 'chunk_size', '64MB'));
  preflight := coalesce((options ->> 'preflight')::boolean, false);
  ddl := options - own;
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
  ), listed AS MATERIALIZED (
    SELECT t.table_name, quote_ident(t.table_name::name) AS name,
      format('%I.%I', local, t.table_name::name) AS qualified,
      mariadb.migrate_wants(t.table_name, o.only_tables, o.except_tables) AS wanted
    FROM mariadb.tables(server, schema) t, o
    WHERE t.kind <> 'SEQUENCE'
  ), left_out AS MATERIALIZED (
    SELECT * FROM listed WHERE NOT wanted
  ), kept AS MATERIALIZED (
    SELECT d.*
    FROM o, mariadb.ddl(server, schema, local, o.ddl) WITH ORDINALITY d
    WHERE starts_with(d.statement, 'CREATE TYPE ') OR NOT EXISTS (
      SELECT FROM left_out l
      WHERE (d.object IN (l.name, l.table_name)
          OR starts_with(d.object, l.name || '.')
          OR starts_with(d.object, l.table_name || '.'))
        -- a.b.c may be of table a, a.b or a.b.c: the statement says which.
        AND NOT EXISTS (
          SELECT FROM listed w
          WHERE w.wanted
            AND (d.object = w.table_name OR starts_with(d.object, w.table_name || '.'))
            AND (coalesce(nullif(strpos(d.statement, w.qualified), 0), 2147483647), length(l.table_name))
              < (coalesce(nullif(strpos(d.statement, l.qualified), 0), 2147483647), length(w.table_name))))
  )
  SELECT coalesce(jsonb_agg(to_jsonb(k) ORDER BY k.step, k.ordinality), '[]')
  FROM kept k, o
  WHERE k.statement IS NULL OR k.kind NOT IN ('enum', 'sequence')
    OR EXISTS (SELECT FROM kept u
      WHERE u.kind = 'table' AND strpos(u.statement, replace(k.object, '"', '""')) > 0)
    OR (o.only_tables IS NULL AND EXISTS (
      SELECT FROM mariadb.tables(server, schema) t
      WHERE t.kind = 'SEQUENCE' AND t.table_name::name::text = k.object))
$$;
REVOKE ALL ON FUNCTION migrate_plan(name, text, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION migrate_plan(name, text, text, jsonb)
IS 'the part of migrate that asks mariadb.ddl for the statements of the wanted tables, and the types and sequences that these use';

CREATE FUNCTION migrate_timeouts() RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- It is of the CALL, which has begun; what is of a transaction can be set.
  IF current_setting('statement_timeout') <> '0' THEN
    RAISE WARNING 'statement_timeout ends this call after %', current_setting('statement_timeout')
      USING HINT = 'Call again to go on where it ended; "SET statement_timeout = 0" before the CALL lets it end by itself.';
  END IF;
END
$$;
REVOKE ALL ON FUNCTION migrate_timeouts() FROM PUBLIC;
COMMENT ON FUNCTION migrate_timeouts()
IS 'the part of migrate that warns of a limit that it cannot set';

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

CREATE FUNCTION migrate_same_key(statement text) RETURNS boolean
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
  WHERE k.contype = 'f' AND starts_with(statement,
    format('ALTER TABLE %s ADD CONSTRAINT %I ', k.conrelid::regclass, k.conname));
  IF here.oid IS NULL THEN
    RETURN false;
  END IF;
  -- PostgreSQL itself says what the statement would make; it is undone then.
  BEGIN
    EXECUTE format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I',
      here.conrelid::regclass, here.conname, 'mariadb_fdw_' || here.oid);
    PERFORM mariadb.migrate_statement(statement);
    SELECT pg_get_constraintdef(k.oid) INTO wanted FROM pg_constraint k
    WHERE k.conrelid = here.conrelid AND k.conname = here.conname;
    RAISE SQLSTATE 'MF000';
  EXCEPTION
    WHEN SQLSTATE 'MF000' THEN
      RETURN regexp_replace(wanted, ' NOT VALID$', '')
        = regexp_replace(here.definition, ' NOT VALID$', '');
    WHEN OTHERS THEN
      IF left(SQLSTATE, 2) IN ('40', '53', '55', '57', '58') THEN
        RAISE;
      END IF;
      RETURN false;
  END;
END
$$;
REVOKE ALL ON FUNCTION migrate_same_key(text) FROM PUBLIC;
COMMENT ON FUNCTION migrate_same_key(text)
IS 'the part of migrate that knows whether a foreign key that exists already is the one that a statement would make';

CREATE FUNCTION refuse_owner(kind text, name text, owner oid) RETURNS void
LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT mariadb.is_trusted_owner(owner) THEN
    RAISE EXCEPTION '% % already exists and belongs to role "%"', kind, name,
      pg_get_userbyid(owner)
      USING ERRCODE = 'insufficient_privilege',
        DETAIL = 'What its owner makes of it would run with the rights of others.',
        HINT = format('Become the owner of the %s, or drop or rename it.', kind);
  END IF;
END
$$;
REVOKE ALL ON FUNCTION refuse_owner(text, text, oid) FROM PUBLIC;
COMMENT ON FUNCTION refuse_owner(text, text, oid)
IS 'the part of migrate and prisma_baseline that uses nothing of a role that the current one does not trust';

CREATE FUNCTION migrate_check_found(statement text) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  refused bigint;
BEGIN
  IF statement !~ '^CREATE (FUNCTION|TYPE|SEQUENCE|VIEW) ' THEN
    RETURN;
  END IF;
  -- Few names are in the statement: only these are worth being quoted.
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
  SELECT count(mariadb.refuse_owner(f.kind, f.name, f.owner)) INTO refused FROM found f
  WHERE starts_with(statement || ' ', 'CREATE ' || upper(f.kind) || ' ' || f.name || f.next);
END
$$;
REVOKE ALL ON FUNCTION migrate_check_found(text) FROM PUBLIC;
COMMENT ON FUNCTION migrate_check_found(text)
IS 'the part of migrate that refuses what another role has made in the place of what a statement creates';

CREATE FUNCTION migrate_check_types(plan jsonb, local text) RETURNS void
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT mariadb.refuse_owner('type', t.oid::regtype::text, t.typowner)
  FROM jsonb_array_elements(plan) e
    JOIN pg_type t ON t.typname::text = e ->> 'object'
      AND t.typnamespace = to_regnamespace(quote_ident(local))
  WHERE e ->> 'kind' IN ('enum', 'note') AND t.typtype <> 'c'
$$;
REVOKE ALL ON FUNCTION migrate_check_types(jsonb, text) FROM PUBLIC;
COMMENT ON FUNCTION migrate_check_types(jsonb, text)
IS 'the part of migrate that refuses types of another role under the names of those that it uses';

CREATE FUNCTION migrate_is_there(kind text, statement text) RETURNS boolean
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- A name may be that of something else: of an index of another table, say.
  WITH relations AS MATERIALIZED (
    SELECT c.oid, c.relkind, format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    -- Few names are in the statement: only these are worth being quoted.
    WHERE strpos(statement, replace(c.relname::text, '"', '""')) > 0
  )
  SELECT CASE
    WHEN kind IN ('index', 'unique index') THEN EXISTS (
      SELECT FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
        JOIN relations r ON r.oid = i.indrelid
        CROSS JOIN format('CREATE %sINDEX %I ON %s ',
          CASE WHEN i.indisunique THEN 'UNIQUE ' ELSE '' END, x.relname, r.name) AS f (head)
        CROSS JOIN substr(statement, length(f.head) + 1) AS s (columns)
      -- A list of names is compared; expressions have many ways to be written.
      WHERE starts_with(statement, f.head) AND (
        s.columns !~ '^[(](?:[a-z0-9_]+|"(?:[^"]|"")+")(?:, (?:[a-z0-9_]+|"(?:[^"]|"")+"))*[)]$'
        OR s.columns = (SELECT '(' || string_agg(quote_ident(a.attname), ', ' ORDER BY k.n) || ')'
          FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, n)
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
          WHERE k.n <= i.indnkeyatts AND i.indexprs IS NULL AND i.indpred IS NULL)))
    WHEN kind = 'primary key' THEN EXISTS (
      SELECT FROM pg_constraint k JOIN relations r ON r.oid = k.conrelid
      WHERE k.contype = 'p'
        AND starts_with(statement, 'ALTER TABLE ' || r.name || ' ADD CONSTRAINT ')
        AND right(statement, length(pg_get_constraintdef(k.oid)) + 1)
          = ' ' || pg_get_constraintdef(k.oid))
    WHEN kind IN ('sequence', 'view') THEN EXISTS (
      SELECT FROM relations r
      WHERE r.relkind = CASE kind WHEN 'view' THEN 'v' ELSE 'S' END
        AND starts_with(statement || ' ', 'CREATE ' || upper(kind) || ' ' || r.name || ' '))
    WHEN kind = 'enum' THEN EXISTS (
      SELECT FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
      WHERE t.typtype = 'e' AND strpos(statement, replace(t.typname::text, '"', '""')) > 0
        AND statement = (SELECT format('CREATE TYPE %I.%I AS ENUM (%s)', n.nspname, t.typname,
            string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder))
          FROM pg_enum e WHERE e.enumtypid = t.oid))
    WHEN starts_with(statement, 'CREATE FUNCTION ') THEN EXISTS (
      SELECT FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        CROSS JOIN format(' AS %L', p.prosrc) AS f (body)
      WHERE starts_with(statement, format('CREATE FUNCTION %I.%I(', n.nspname, p.proname))
        AND right(statement, length(f.body)) = f.body)
    WHEN kind = 'trigger' THEN EXISTS (
      SELECT FROM pg_trigger g JOIN relations r ON r.oid = g.tgrelid
      WHERE NOT g.tgisinternal AND pg_get_triggerdef(g.oid) = statement)
    ELSE true END
$$;
REVOKE ALL ON FUNCTION migrate_is_there(text, text) FROM PUBLIC;
COMMENT ON FUNCTION migrate_is_there(text, text)
IS 'the part of migrate that knows whether what already exists is what a statement would make';

CREATE FUNCTION migrate_execute(step jsonb) RETURNS boolean
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  -- The rows that are in already are looked at by migrate_check_key.
  stmt CONSTANT text := (step ->> 'statement')
    || CASE step ->> 'kind' WHEN 'foreign key' THEN ' NOT VALID' ELSE '' END;
BEGIN
  PERFORM mariadb.migrate_statement(stmt);
  RETURN true;
EXCEPTION
  WHEN duplicate_table OR duplicate_object OR duplicate_function THEN
    PERFORM mariadb.migrate_check_found(stmt);
    IF step ->> 'kind' <> 'foreign key' AND NOT mariadb.migrate_is_there(step ->> 'kind', stmt) THEN
      RAISE WARNING 'could not make % %: %', step ->> 'kind', step ->> 'object', SQLERRM
        USING ERRCODE = SQLSTATE, DETAIL = format('The statement is: %s', step ->> 'statement');
      RETURN false;
    ELSIF step ->> 'kind' <> 'foreign key' OR mariadb.migrate_same_key(stmt) THEN
      RETURN true;
    END IF;
    RAISE WARNING 'foreign key % already exists, with another definition', step ->> 'object'
      USING ERRCODE = SQLSTATE, DETAIL = format('The statement is: %s', step ->> 'statement');
    RETURN false;
  WHEN OTHERS THEN
    IF SQLSTATE = '42P16' AND step ->> 'kind' = 'primary key'
      AND mariadb.migrate_is_there('primary key', stmt)
    THEN
      RETURN true;
    -- What the server lacks, or this role may not, says nothing of one object.
    ELSIF SQLSTATE IN ('55P03', '3F000') OR left(SQLSTATE, 2) IN ('40', '53', '57', '58')
      OR SQLSTATE = '42501' AND (step ->> 'step')::int < 50
    THEN
      RAISE;
    END IF;
    RAISE WARNING 'could not make % %: %', step ->> 'kind', step ->> 'object', SQLERRM
      USING ERRCODE = SQLSTATE, DETAIL = format('The statement is: %s', step ->> 'statement');
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
  wanted text[];
BEGIN
  PERFORM mariadb.check_tables(server, schema, array_agg(n ORDER BY n))
  FROM unnest(opts.only_tables || opts.except_tables) n
  WHERE n <> '_prisma_migrations';
  wanted := ARRAY(SELECT n FROM unnest(present) WITH ORDINALITY u (n, i)
    WHERE mariadb.migrate_wants(n, opts.only_tables, opts.except_tables)
    ORDER BY i);
  IF wanted = '{}' AND options ?| '{tables,except}' THEN
    RAISE EXCEPTION 'options "tables" and "except" leave no table to be migrated'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN wanted;
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

CREATE FUNCTION migrate_rows_hint(target regclass) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('To leave table %s alone, name it in option "except", or name the wanted tables in option "tables". '
    'To bring it up to date with MariaDB, see mariadb.resync. '
    'Option "truncate" deletes all rows that it has now, including those that the application has written.',
    target)
$$;
COMMENT ON FUNCTION migrate_rows_hint(regclass)
IS 'the part of migrate that says what can be done about a table with rows that are not MariaDB''s';

CREATE FUNCTION migrate_empty(target regclass) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  referring text;
  role CONSTANT text := current_setting('session_replication_role');
  left_over bigint;
BEGIN
  SELECT string_agg(format('%s (%I)', k.conrelid::regclass, k.conname), ', '
    ORDER BY k.conrelid::regclass::text, k.conname) INTO referring
  FROM pg_constraint k, mariadb.related_tables(ARRAY[target]) r
  WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid = r
    AND k.conrelid <> target;
  IF referring IS NULL AND mariadb.reads_heap(target) THEN
    EXECUTE format('TRUNCATE %s', mariadb.only_of(target));
  ELSIF referring IS NULL THEN
    -- Who keeps the rows elsewhere may empty them by a trigger.
    PERFORM set_config('session_replication_role', 'origin', true)
    WHERE role <> 'origin';
    EXECUTE format('TRUNCATE %s', mariadb.only_of(target));
    PERFORM set_config('session_replication_role', role, true)
    WHERE role <> 'origin';
  ELSIF current_setting('session_replication_role') = 'replica' THEN
    EXECUTE format('DELETE FROM %s', mariadb.only_of(target));
  ELSE
    RAISE EXCEPTION 'cannot empty table %: foreign keys refer to it', target
      USING ERRCODE = 'dependent_objects_still_exist',
        DETAIL = format('They are: %s.', referring),
        HINT = 'Drop them, or let a superuser run the migration; nothing is truncated in cascade.';
  END IF;
  EXECUTE format('SELECT count(*) FROM (SELECT 1 FROM %s LIMIT 1) r',
    mariadb.only_of(target)) INTO left_over;
  IF left_over > 0 THEN
    RAISE EXCEPTION 'table % has rows after it was emptied', target
      USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = 'A trigger or another extension keeps them.',
        HINT = 'Empty it yourself.';
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
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', t.target) INTO has_rows;
    filled := filled || CASE WHEN has_rows THEN t.remote END;
  END LOOP;
  filled := array_remove(filled, NULL);
  IF filled = '{}' THEN
    RETURN filled;
  END IF;
  RETURN ARRAY(SELECT v.table_name
    FROM mariadb.verify(server, schema, local,
      tables => filled) v
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

CREATE FUNCTION migrate_put_off(run bigint, restore text[]) RETURNS jsonb
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- As long as a key is away its name is free, but not for the plan's.
  WITH put_off AS (
    DELETE FROM mariadb.task t
    WHERE t.run = $1 AND t.kind = 'foreign key' AND EXISTS (
      SELECT FROM unnest(restore) s
      WHERE starts_with(s, substring(t.statement
        FROM '^.* ADD CONSTRAINT (?:[^" ]+|"(?:[^"]|"")+") (?=FOREIGN KEY )')))
    RETURNING t.*
  )
  SELECT coalesce(jsonb_agg(to_jsonb(p) ORDER BY p.number), '[]') FROM put_off p
$$;
REVOKE ALL ON FUNCTION migrate_put_off(bigint, text[]) FROM PUBLIC;
COMMENT ON FUNCTION migrate_put_off(bigint, text[])
IS 'the part of migrate that leaves out tasks that would make a foreign key which migrate_restore brings back; returns them';

CREATE FUNCTION migrate_restore(statements text[], put_off jsonb DEFAULT '[]')
RETURNS int
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  stmt text;
BEGIN
  FOREACH stmt IN ARRAY statements LOOP
    BEGIN
      EXECUTE stmt;
    EXCEPTION WHEN duplicate_object THEN
      IF NOT mariadb.migrate_same_key(stmt) THEN
        RAISE;
      END IF;
    END;
  END LOOP;
  RETURN (SELECT count(*) FROM jsonb_array_elements(put_off) s
    WHERE NOT mariadb.migrate_execute(s));
END
$$;
REVOKE ALL ON FUNCTION migrate_restore(text[], jsonb) FROM PUBLIC;
COMMENT ON FUNCTION migrate_restore(text[], jsonb)
IS 'the part of migrate that brings back what migrate_lift has taken away; returns how many of the statements put off find something else';

CREATE FUNCTION only_of(relation regclass) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE c.relkind WHEN 'p' THEN '' ELSE 'ONLY ' END || relation::text
  FROM pg_class c WHERE c.oid = relation
$$;
COMMENT ON FUNCTION only_of(regclass)
IS 'a table as FROM names the rows that its foreign keys are about';

CREATE FUNCTION orphans(foreign_key oid, OUT rows bigint, OUT keys text)
LANGUAGE plpgsql STABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $$
DECLARE
  k record;
  missing text;
BEGIN
  PERFORM mariadb.not_null('{foreign_key}', foreign_key);
  -- Only partitions are part of what a key is about, other children are not.
  SELECT mariadb.only_of(c.conrelid) AS child, mariadb.only_of(c.confrelid) AS parent,
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
  missing := format('FROM %s c WHERE %s AND NOT EXISTS (SELECT 1 FROM %s p WHERE %s)',
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
    BEGIN
      EXECUTE format('ALTER TABLE %s VALIDATE CONSTRAINT %I', k.conrelid::regclass,
        k.conname);
      RETURN 0;
    EXCEPTION WHEN foreign_key_violation THEN
      NULL; -- told below, with all keys
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
  RAISE WARNING 'foreign key "%" of table %: % rows refer to rows that are not there',
    k.conname, k.conrelid::regclass, found.rows
    USING ERRCODE = 'foreign_key_violation',
      DETAIL = format('Keys that table %s lacks: %s.', k.confrelid::regclass,
        found.keys || CASE WHEN found.rows > 10 THEN ', ...' ELSE '' END),
      HINT = format('Correct these rows, then run ALTER TABLE %s VALIDATE CONSTRAINT %I.',
        k.conrelid::regclass, k.conname);
  RETURN 1;
END
$$;
REVOKE ALL ON FUNCTION migrate_check_key(oid) FROM PUBLIC;
COMMENT ON FUNCTION migrate_check_key(oid)
IS 'the part of migrate that validates a foreign key, or tells which keys are orphans; returns 1 if there are any';

CREATE FUNCTION migrate_unvalidate(foreign_key oid) RETURNS void
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
  -- Before PostgreSQL 18 the key of a partitioned table cannot be so.
  RAISE WARNING 'foreign key "%" of table % stays marked as valid, but it is not: %',
    k.conname, k.conrelid::regclass, SQLERRM
    USING ERRCODE = SQLSTATE;
END
$$;
REVOKE ALL ON FUNCTION migrate_unvalidate(oid) FROM PUBLIC;
COMMENT ON FUNCTION migrate_unvalidate(oid)
IS 'the part of migrate that marks a foreign key as NOT VALID when there are orphans';

CREATE FUNCTION migrate_unvalidate_failed(run bigint) RETURNS void
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT mariadb.migrate_unvalidate(t.statement::oid) FROM mariadb.task t
  WHERE t.run = $1 AND t.kind = 'check of foreign key' AND t.state = 'failed'
$$;
REVOKE ALL ON FUNCTION migrate_unvalidate_failed(bigint) FROM PUBLIC;
COMMENT ON FUNCTION migrate_unvalidate_failed(bigint)
IS 'the part of migrate that marks the foreign keys of a run that have orphans';

CREATE FUNCTION migrate_check_touched(relations regclass[]) RETURNS int
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  k oid;
  problems int := 0;
BEGIN
  FOR k IN
    SELECT t FROM mariadb.touching_keys(relations) t
      JOIN pg_constraint c ON c.oid = t AND c.convalidated ORDER BY t
  LOOP
    IF mariadb.migrate_check_key(k) > 0 THEN
      PERFORM mariadb.migrate_unvalidate(k);
      problems := problems + 1;
    END IF;
  END LOOP;
  RETURN problems;
END
$$;
REVOKE ALL ON FUNCTION migrate_check_touched(regclass[]) FROM PUBLIC;
COMMENT ON FUNCTION migrate_check_touched(regclass[])
IS 'the part of replay that checks the valid foreign keys of tables that rows were stored into without a check; returns how many are violated';

-- Foreign keys that are not of the tables of a run, but refer to them.

CREATE FUNCTION migrate_outer_keys(work text, local text) RETURNS jsonb
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH targets AS MATERIALIZED (
    SELECT t.target FROM mariadb.migrate_tables(work, local) t
    WHERE t.target IS NOT NULL
  )
  SELECT coalesce(jsonb_agg(jsonb_build_object('relation', k.conrelid::bigint,
    'name', k.conname) ORDER BY k.conrelid::regclass::text, k.conname), '[]')
  FROM mariadb.touching_keys(ARRAY(SELECT target FROM targets)) t
    JOIN pg_constraint k ON k.oid = t
  WHERE k.convalidated AND k.conrelid NOT IN (SELECT target FROM targets)
$$;
COMMENT ON FUNCTION migrate_outer_keys(text, text)
IS 'the part of migrate that finds valid foreign keys of other tables that refer to those of the run; they may get another OID';

CREATE FUNCTION migrate_check_outer(keys jsonb) RETURNS int
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  k oid;
  problems int := 0;
BEGIN
  FOR k IN
    SELECT c.oid FROM jsonb_array_elements(keys) WITH ORDINALITY AS j (e, n)
      JOIN pg_constraint c ON c.conrelid = (e ->> 'relation')::oid
        AND c.conname = e ->> 'name'
    ORDER BY n
  LOOP
    IF mariadb.migrate_check_key(k) > 0 THEN
      PERFORM mariadb.migrate_unvalidate(k);
      problems := problems + 1;
    END IF;
  END LOOP;
  RETURN problems;
END
$$;
REVOKE ALL ON FUNCTION migrate_check_outer(jsonb) FROM PUBLIC;
COMMENT ON FUNCTION migrate_check_outer(jsonb)
IS 'the part of migrate that checks the foreign keys of other tables; returns how many are violated';

CREATE FUNCTION migrate_lost_rows(foreign_key oid, source regclass,
  OUT rows bigint, OUT keys text)
LANGUAGE plpgsql STABLE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET row_security = off
AS $$
DECLARE
  k record;
  missing text;
BEGIN
  -- A column that MariaDB lacks has no value for any row.
  SELECT mariadb.only_of(c.conrelid) AS child,
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
      AS u (child, parent, operator, ordinality)
    JOIN pg_operator o ON o.oid = u.operator
    JOIN pg_namespace n ON n.oid = o.oprnamespace
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = u.child
    JOIN pg_attribute f ON f.attrelid = c.confrelid AND f.attnum = u.parent
    LEFT JOIN pg_attribute s ON s.attrelid = source AND s.attname = f.attname
      AND s.attnum > 0 AND NOT s.attisdropped
  WHERE c.oid = foreign_key
  GROUP BY c.oid, c.conrelid;
  missing := format('FROM %s c WHERE %s AND NOT EXISTS (SELECT FROM %s p WHERE %s)',
    k.child, k.has_key, source, k.matches);
  EXECUTE format('SELECT count(*), (SELECT string_agg(key, '', '') FROM ('
    'SELECT DISTINCT ROW(%s)::text %s ORDER BY 1 LIMIT 10) AS k (key)) %2$s',
    k.columns, missing) INTO rows, keys;
END
$$;
REVOKE ALL ON FUNCTION migrate_lost_rows(oid, regclass) FROM PUBLIC;
COMMENT ON FUNCTION migrate_lost_rows(oid, regclass)
IS 'the part of migrate that finds rows of another table that would be orphans once a table has the rows of MariaDB';

CREATE FUNCTION migrate_refuse_orphans(work text, local text, outer_keys jsonb)
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
      JOIN mariadb.migrate_tables(work, local) t ON t.target = c.confrelid
  )
  SELECT string_agg(format('%s row%s of %s (%I): %s', o.rows,
      CASE WHEN o.rows = 1 THEN '' ELSE 's' END, k.conrelid::regclass,
      k.conname, o.keys || CASE WHEN o.rows > 10 THEN ', ...' ELSE '' END), '; '
      ORDER BY k.n) INTO lost
  FROM keys k CROSS JOIN LATERAL mariadb.migrate_lost_rows(k.oid, k.source) o
  WHERE o.rows > 0;
  IF lost IS NOT NULL THEN
    RAISE EXCEPTION 'rows of tables that are not migrated refer to rows that MariaDB does not have'
      USING ERRCODE = 'foreign_key_violation',
        DETAIL = format('With option "truncate" they would refer to nothing: %s.', lost),
        HINT = 'Name the referring tables in option "tables" too, or correct or delete these rows.';
  END IF;
END
$$;
REVOKE ALL ON FUNCTION migrate_refuse_orphans(text, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION migrate_refuse_orphans(text, text, jsonb)
IS 'the part of migrate that refuses to empty tables to which others refer by keys that MariaDB lacks';

CREATE FUNCTION migrate_lacks(step jsonb, failed jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT EXISTS (SELECT FROM jsonb_array_elements(failed) f
    WHERE (f ->> 'kind' = 'sequence' AND step ->> 'kind' = 'sequence'
        AND step ->> 'object' = f ->> 'object')
      OR (f ->> 'kind' = 'table' AND step ->> 'kind' NOT IN ('enum', 'sequence', 'table', 'note')
        AND (step ->> 'object' = f ->> 'object'
          OR starts_with(step ->> 'object', (f ->> 'object') || '.'))
        -- Of table "a.b" or of table "a": its statement says which.
        AND strpos(step ->> 'statement', substring(f ->> 'statement' FROM '^CREATE TABLE (.*?) [(]')) > 0))
$$;
COMMENT ON FUNCTION migrate_lacks(jsonb, jsonb)
IS 'the part of migrate that knows whether a statement is of a table or sequence that could not be made';

CREATE PROCEDURE migrate_statements(INOUT plan jsonb, first int, last int,
  one_transaction boolean, INOUT problems int)
LANGUAGE plpgsql
AS $$
DECLARE
  step jsonb;
  failed jsonb := '[]';
BEGIN
  CALL mariadb.migrate_commit(one_transaction);
  FOR step IN
    SELECT e FROM pg_catalog.jsonb_array_elements(plan) WITH ORDINALITY AS j (e, n)
    WHERE (e ->> 'step')::int BETWEEN first AND last
      AND e ->> 'statement' IS NOT NULL
    ORDER BY n
  LOOP
    CONTINUE WHEN mariadb.migrate_lacks(step, failed);
    IF NOT mariadb.migrate_execute(step) THEN
      -- A table that is not here is counted where its rows would be copied.
      problems := problems + CASE step ->> 'kind' WHEN 'table' THEN 0 ELSE 1 END;
      failed := failed || step;
    END IF;
    CALL mariadb.migrate_commit(one_transaction);
  END LOOP;
  -- One problem is told once, and not again for each index.
  IF failed <> '[]' THEN
    plan := (SELECT coalesce(pg_catalog.jsonb_agg(e ORDER BY n), '[]')
      FROM pg_catalog.jsonb_array_elements(plan) WITH ORDINALITY AS j (e, n)
      WHERE mariadb.migrate_lacks(e, failed) IS NOT TRUE);
  END IF;
END
$$;
REVOKE ALL ON PROCEDURE migrate_statements(jsonb, int, int, boolean, int) FROM PUBLIC;
COMMENT ON PROCEDURE migrate_statements(jsonb, int, int, boolean, int)
IS 'the part of migrate that runs the statements of some steps';

-- A run: found again, or made.

CREATE FUNCTION migrate_try_lock(kind name, key bigint, is_kept boolean)
RETURNS boolean
AS 'MODULE_PATHNAME', 'mariadb_try_lock'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION migrate_try_lock(name, bigint, boolean) FROM PUBLIC;
COMMENT ON FUNCTION migrate_try_lock(name, bigint, boolean)
IS 'the part of migrate that takes a lock if it is free: until the transaction ends, or is_kept, until it is released or the session fails';

CREATE FUNCTION migrate_unlock(kind name, key bigint) RETURNS boolean
AS 'MODULE_PATHNAME', 'mariadb_unlock'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION migrate_unlock(name, bigint) FROM PUBLIC;
COMMENT ON FUNCTION migrate_unlock(name, bigint)
IS 'the part of migrate that releases a lock that was kept';

CREATE FUNCTION migrate_lock_key(run bigint) RETURNS bigint
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT hashtextextended(r.schema, hashtextextended(r.local, 0))
  FROM mariadb.run r WHERE r.id = $1
$$;
COMMENT ON FUNCTION migrate_lock_key(bigint)
IS 'the part of migrate that knows what two runs must not do at the same time: fill one schema from another';

CREATE FUNCTION migrate_lock(run bigint, is_kept boolean DEFAULT false)
RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NOT mariadb.migrate_try_lock('run', run, is_kept)
    OR NOT mariadb.migrate_try_lock('schema', mariadb.migrate_lock_key(run), is_kept)
  THEN
    RAISE EXCEPTION 'run % is being worked on by another session, or another of its schema is', run
      USING ERRCODE = 'object_in_use';
  END IF;
END
$$;
REVOKE ALL ON FUNCTION migrate_lock(bigint, boolean) FROM PUBLIC;
COMMENT ON FUNCTION migrate_lock(bigint, boolean)
IS 'the part of migrate that keeps other sessions from the same run, for this transaction or, if is_kept, for the whole call';

CREATE FUNCTION migrate_unlock_run(run bigint) RETURNS void
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT mariadb.migrate_unlock('schema', mariadb.migrate_lock_key($1));
  SELECT mariadb.migrate_unlock('run', $1)
$$;
REVOKE ALL ON FUNCTION migrate_unlock_run(bigint) FROM PUBLIC;
COMMENT ON FUNCTION migrate_unlock_run(bigint)
IS 'the part of migrate that lets other sessions have the run again';

CREATE FUNCTION migrate_same_work(options jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT options - ARRAY(SELECT o.name FROM mariadb.call_options() o
    WHERE o.may_change)
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
    -- They are known by the lock that each of them holds (LOCK_WORKER).
    PERFORM pg_terminate_backend(l.pid) FROM pg_locks l
    WHERE l.locktype = 'advisory' AND l.objsubid = 28004 AND l.granted
      AND l.mode = 'ExclusiveLock' AND l.classid = (hashint8extended(run,
        (SELECT r.oid::bigint FROM pg_roles r WHERE r.rolname = current_user))
        & 4294967295)::oid
      AND l.database = (SELECT d.oid FROM pg_database d
        WHERE d.datname = current_database());
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
  the_run CONSTANT bigint := (SELECT max(r.id) FROM mariadb.run r
    WHERE (r.server, r.schema, r.local, r.state) = ($1, $2, $3, 'open')
      AND r.owner = current_user);
  is_kept CONSTANT boolean :=
    NOT (mariadb.migrate_options(options)).one_transaction;
  new_run bigint;
BEGIN
  IF the_run IS NOT NULL THEN
    PERFORM mariadb.migrate_lock(the_run, is_kept);
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
  VALUES ($1, $2, $3, kept) RETURNING id INTO new_run;
  PERFORM mariadb.migrate_lock(new_run, is_kept);
  IF is_kept AND the_run IS NOT NULL THEN
    PERFORM mariadb.migrate_unlock_run(the_run);
  END IF;
  RETURN new_run;
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
  EXECUTE format('SELECT count(*) FROM %s', mariadb.migrate_target(noted.target,
    (mariadb.own_run(run)).options)) INTO here;
  IF here <> noted.rows AND here > 0 AND NOT EXISTS (SELECT FROM mariadb.run r
    WHERE r.id = run AND (r.options ->> 'truncate')::boolean)
  THEN
    RAISE EXCEPTION 'table % has % rows where % were copied', noted.target, here, noted.rows
      USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = 'Somebody has written to it since.',
        HINT = mariadb.migrate_rows_hint(noted.target::regclass);
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

CREATE FUNCTION migrate_prepare_table(name text, source regclass,
  target regclass, may_truncate boolean, is_equal boolean) RETURNS boolean
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  has_rows boolean;
  here bigint;
  there bigint;
BEGIN
  EXECUTE format('SELECT EXISTS (SELECT 1 FROM %s)', target) INTO has_rows;
  IF has_rows AND is_equal THEN
    RAISE NOTICE 'table "%": holds the rows of MariaDB already', name;
    RETURN false;
  ELSIF has_rows AND NOT may_truncate THEN
    EXECUTE format('SELECT (SELECT count(*) FROM %s), (SELECT count(*) FROM %s)',
      target, source) INTO here, there;
    RAISE EXCEPTION 'table % already has rows, and not those of MariaDB', target
      USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = format('It has %s rows here, and %s in MariaDB.', here, there),
        HINT = mariadb.migrate_rows_hint(target);
  ELSIF has_rows THEN
    PERFORM mariadb.migrate_empty(target);
  END IF;
  RETURN true;
END
$$;
REVOKE ALL ON FUNCTION migrate_prepare_table(text, regclass, regclass, boolean, boolean) FROM PUBLIC;
COMMENT ON FUNCTION migrate_prepare_table(text, regclass, regclass, boolean, boolean)
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
    ELSIF mariadb.migrate_prepare_table(t.remote, t.source, t.target, opts.truncate,
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
    -- What was stored is at least counted, as a query sees it.
    SELECT 96, CASE WHEN with_comparison THEN 'comparison' ELSE 'count' END,
      t.name, t.remote, '', t.name
    FROM tables t
    WHERE EXISTS (SELECT FROM mariadb.chunk c
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

CREATE FUNCTION migrate_tell_snapshot(run bigint, workers int, gap text)
RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r CONSTANT mariadb.run := (SELECT x FROM mariadb.run x WHERE x.id = $1);
BEGIN
  RAISE NOTICE 'snapshot of server "%": %, %', r.server, CASE workers
      WHEN 0 THEN 'this session' WHEN 1 THEN 'one worker'
      ELSE format('%s workers', workers) END,
    concat_ws(', ', CASE
        WHEN r.lock_ms IS NOT NULL THEN format('tables locked for %s ms by %s',
          round(r.lock_ms::numeric, 1), r.method)
        WHEN r.method = 'one connection' THEN r.method END,
      'binary log position ' || r."position", 'GTID ' || r.gtid)
    || coalesce(' (' || gap || ')', '');
END
$$;
REVOKE ALL ON FUNCTION migrate_tell_snapshot(bigint, int, text) FROM PUBLIC;
COMMENT ON FUNCTION migrate_tell_snapshot(bigint, int, text)
IS 'the part of migrate that says how its readers got one snapshot';

CREATE FUNCTION migrate_start_team(run bigint, wanted int, tables text[])
RETURNS int
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r CONSTANT mariadb.run := mariadb.own_run($1);
  given CONSTANT int := (r.options ->> 'workers')::int;
  started CONSTANT int := mariadb.migrate_team_start(run, r.server, wanted);
  size int := started;
  is_alone boolean := false;
  snap record;
BEGIN
  snap := mariadb.migrate_team_agree(r.server, r.schema, tables);
  WHILE snap.method IS NULL AND snap.crowded AND size > 1 LOOP
    size := mariadb.migrate_team_start(run, r.server, size - 1);
    snap := mariadb.migrate_team_agree(r.server, r.schema, tables);
  END LOOP;
  IF snap.method IS NULL AND snap.workers > 0 AND given > 1 THEN
    RAISE EXCEPTION '% workers cannot get one snapshot of MariaDB', snap.workers
      USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = format('Tables could not be locked, and %s.', snap.gap),
        HINT = 'Set option "workers" to 1, grant LOCK TABLES on the schema or RELOAD, or let the binary log show all changes.';
  ELSIF snap.method IS NULL AND snap.workers > 0 THEN
    RAISE NOTICE 'one worker only: tables could not be locked, and %', snap.gap;
    is_alone := true;
    size := mariadb.migrate_team_start(run, r.server, 1);
    snap := mariadb.migrate_team_agree(r.server, r.schema, tables);
  END IF;
  IF snap.workers < size OR size < started AND NOT is_alone THEN
    RAISE NOTICE '% of % workers could connect to server "%"%', snap.workers, started,
      r.server, CASE snap.workers WHEN 0 THEN ', so this session does all' ELSE '' END
      USING HINT = 'A run needs a connection for each worker, one for the session, and one while tables are locked.';
  END IF;
  IF snap.workers = 0 AND size > 0 THEN
    size := mariadb.migrate_team_start(run, r.server, 0);
    snap := mariadb.migrate_team_agree(r.server, r.schema, tables);
  END IF;
  size := snap.workers;
  UPDATE mariadb.run x
  SET workers = greatest(size, 1), method = snap.method,
    "position" = snap."position", gtid = snap.gtid, lock_ms = snap.lock_ms,
    changes = snap.changes
  WHERE x.id = $1;
  -- What another snapshot has shown is compared, unless nothing has changed.
  UPDATE mariadb.chunk c SET state = 'check', worker = NULL
  WHERE c.run = $1 AND c.state = 'done' AND c.attempt < r.attempt
    AND ((r."position", r.changes) = (snap."position", snap.changes)
      AND r.gtid IS NOT DISTINCT FROM snap.gtid) IS NOT TRUE;
  IF tables <> '{}' THEN
    PERFORM mariadb.migrate_tell_snapshot(run, size, snap.gap);
  END IF;
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
        FROM pg_stat_activity a
        -- Processes without a user are the server's own.
        WHERE a.usesysid IS NOT NULL AND a.backend_type NOT IN ('client backend',
          'dead-end client backend', 'standalone backend', 'autovacuum launcher',
          'autovacuum worker', 'walsender', 'slotsync worker'))), 1)) END::int
$$;
COMMENT ON FUNCTION migrate_workers(jsonb, boolean)
IS 'the part of migrate that knows how many workers are wanted: as many as there are processors and processes left, unless the caller says';

CREATE PROCEDURE migrate_team(run bigint, workers int, one boolean)
LANGUAGE plpgsql
AS $$
DECLARE
  lost int := 0;
BEGIN
  -- Who waits for workers outside the lock manager must hold no relation's lock.
  CALL mariadb.migrate_commit(one);
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
  r mariadb.run;
  one boolean;
  may_bypass boolean;
  former_role text;
  restore text[] := '{}';
  outer_keys jsonb;
  put_off jsonb;
  tables text[];
  workers int;
BEGIN
  CALL mariadb.migrate_commit((mariadb.migrate_options(options)).one_transaction);
  r := mariadb.own_run(run);
  one := (mariadb.migrate_options(options)).one_transaction;
  former_role := current_setting('session_replication_role');
  may_bypass := mariadb.migrate_bypass();
  PERFORM mariadb.migrate_check_owners(work, r.local, options);
  outer_keys := mariadb.migrate_outer_keys(work, r.local);
  PERFORM mariadb.migrate_refuse_orphans(work, r.local, outer_keys)
  WHERE (mariadb.migrate_options(options)).truncate;
  IF NOT may_bypass THEN
    restore := mariadb.migrate_lift(work, r.local);
    -- Foreign keys that are gone must come back, whatever happens meanwhile.
    one := one OR restore <> '{}';
  END IF;
  problems := problems + mariadb.migrate_cut(run, work, options);
  PERFORM mariadb.migrate_plan_tasks(run, plan, work, r.local);
  put_off := mariadb.migrate_put_off(run, restore);
  tables := ARRAY(SELECT DISTINCT c.table_name FROM mariadb.chunk c
    WHERE c.run = migrate_data.run);
  PERFORM mariadb.migrate_tell_moments(r.server, r.schema, tables);
  workers := mariadb.migrate_workers(options, one);
  CALL mariadb.migrate_commit(one);
  -- Workers begin with the settings of this transaction.
  may_bypass := mariadb.migrate_bypass();
  workers := mariadb.migrate_start_team(run, workers, tables);
  PERFORM mariadb.migrate_check_tables(run);
  PERFORM mariadb.migrate_release(run, t.remote)
  FROM mariadb.migrate_tables(work, r.local) t WHERE t.target IS NOT NULL;
  PERFORM mariadb.migrate_team_rejected(mariadb.migrate_rejected(run));
  CALL mariadb.migrate_team(run, workers, one);
  problems := problems + mariadb.migrate_restore(restore, put_off);
  problems := problems + mariadb.migrate_check_outer(outer_keys);
  PERFORM mariadb.migrate_team_end(r.server);
  PERFORM set_config('session_replication_role', former_role, true)
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
    WHERE t.run = $1 AND t.kind IN ('comparison', 'count') AND t.state = 'failed'
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

CREATE FUNCTION migrate_hidden_notes(server name, schema text, tables text[])
RETURNS jsonb
LANGUAGE sql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('object', p.object,
    'note', p.finding)), '[]')
  FROM (
    SELECT * FROM mariadb.preflight_privileges(server, schema, tables)
    UNION ALL SELECT * FROM mariadb.preflight_hidden(server, schema)
  ) p
$$;
REVOKE ALL ON FUNCTION migrate_hidden_notes(name, text, text[]) FROM PUBLIC;
COMMENT ON FUNCTION migrate_hidden_notes(name, text, text[])
IS 'the part of migrate that keeps what MariaDB may hide from the account';

CREATE FUNCTION migrate_differences(server name, schema text, local text,
  options jsonb, remote text[], OUT kind text, OUT object text)
RETURNS SETOF record
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kinds CONSTANT text[] := ARRAY['table', 'type', 'null', 'default', 'generated'];
  here CONSTANT jsonb := (SELECT coalesce(jsonb_agg(to_jsonb(f)), '[]')
    FROM mariadb.describe_structure(local) f WHERE f.kind = ANY (kinds));
  part text[];
BEGIN
  -- All at once would take more locks than there may be.
  FOR part IN
    SELECT array_agg(r) FROM unnest(remote) WITH ORDINALITY AS u (r, n)
    GROUP BY (n - 1) / 100
  LOOP
    RETURN QUERY
      SELECT m.kind, m.object
      FROM mariadb.model_structure(server, schema,
          options - 'except' || jsonb_build_object('tables', part)) m
        LEFT JOIN jsonb_to_recordset(here)
          AS f (kind text, object text, definition text)
          ON f.kind = m.kind AND f.object = m.object
      WHERE m.kind = ANY (kinds) AND m.definition IS DISTINCT FROM f.definition;
  END LOOP;
END
$$;
REVOKE ALL ON FUNCTION migrate_differences(name, text, text, jsonb, text[]) FROM PUBLIC;
COMMENT ON FUNCTION migrate_differences(name, text, text, jsonb, text[])
IS 'the part of migrate that finds columns that are not as mariadb.ddl would make them';

CREATE FUNCTION migrate_existing(server name, schema text, local text,
  options jsonb, plan jsonb) RETURNS int
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  existing CONSTANT text[] := ARRAY(SELECT e ->> 'object'
    FROM jsonb_array_elements(plan) e
    WHERE e ->> 'kind' = 'table' AND EXISTS (SELECT FROM pg_class c
      WHERE c.relname = e ->> 'object' AND c.relkind IN ('r', 'p')
        AND c.relnamespace = to_regnamespace(quote_ident(local))));
  remote CONSTANT text[] := ARRAY(SELECT t.table_name
    FROM mariadb.tables(server, schema) t
    WHERE t.table_name::name::text = ANY (existing));
  t record;
  problems int := 0;
BEGIN
  IF existing = '{}' THEN
    RETURN 0;
  END IF;
  FOR t IN
    SELECT x.name, count(*) AS differences, string_agg(format('%s %s', d.kind,
      d.object), ', ' ORDER BY d.object, d.kind) AS list
    FROM mariadb.migrate_differences(server, schema, local, options, remote) d
      JOIN unnest(existing) x (name) ON d.object = quote_ident(x.name)
        OR starts_with(d.object, quote_ident(x.name) || '.')
    GROUP BY x.name ORDER BY x.name
  LOOP
    RAISE WARNING 'table % existed before and is used as it is; differences from the plan: %',
      format('%I.%I', local, t.name), t.differences
      USING ERRCODE = 'duplicate_table', DETAIL = format('They are: %s.', t.list),
        HINT = 'See mariadb.verify_structure. To have the table made, drop or rename it, and call mariadb.migrate again.';
    problems := problems + 1;
  END LOOP;
  RETURN problems;
END
$$;
REVOKE ALL ON FUNCTION migrate_existing(name, text, text, jsonb, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION migrate_existing(name, text, text, jsonb, jsonb)
IS 'the part of migrate that warns of tables that existed before and are not as mariadb.ddl would make them; returns how many';

CREATE FUNCTION migrate_fitting(plan jsonb, work text, local text)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  incomplete CONSTANT text[] := ARRAY(SELECT t.name
    FROM mariadb.migrate_tables(work, local) t
    WHERE EXISTS (SELECT FROM pg_attribute f
      WHERE f.attrelid = t.source AND f.attnum > 0 AND NOT f.attisdropped
        AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.target
          AND a.attname = f.attname AND NOT a.attisdropped)));
  name text;
BEGIN
  -- A trigger's function compares all columns: without one of them every
  -- UPDATE would fail.
  FOR name IN
    SELECT DISTINCT e ->> 'object' FROM jsonb_array_elements(plan) e
    WHERE e ->> 'kind' = 'trigger' AND e ->> 'statement' IS NOT NULL
      AND e ->> 'object' = ANY (incomplete)
  LOOP
    RAISE WARNING 'the trigger of table % for ON UPDATE is not created',
      format('%I.%I', local, name)
      USING ERRCODE = 'undefined_column',
        DETAIL = 'The table lacks columns that MariaDB has.';
  END LOOP;
  RETURN (SELECT coalesce(jsonb_agg(e ORDER BY j.n), '[]')
    FROM jsonb_array_elements(plan) WITH ORDINALITY AS j (e, n)
    WHERE e ->> 'kind' <> 'trigger' OR e ->> 'object' <> ALL (incomplete));
END
$$;
REVOKE ALL ON FUNCTION migrate_fitting(jsonb, text, text) FROM PUBLIC;
COMMENT ON FUNCTION migrate_fitting(jsonb, text, text)
IS 'the part of migrate that leaves out triggers of tables that lack a column';

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
  WHERE t.run = $1 AND t.state = 'failed' AND t.kind NOT IN ('comparison', 'count')
$$;
COMMENT ON FUNCTION migrate_failed(bigint)
IS 'the part of migrate that counts statements and checks that have failed';

CREATE PROCEDURE migrate_finish(run bigint, options jsonb, one boolean)
LANGUAGE plpgsql
AS $$
DECLARE
  server name;
  tasks int;
  workers int := 0;
BEGIN
  CALL mariadb.migrate_commit(one);
  tasks := (SELECT count(*) FROM mariadb.task t
    WHERE t.run = migrate_finish.run AND t.state = 'waiting');
  -- One process is as good where there is little to do.
  IF tasks > 1 AND NOT one THEN
    server := (SELECT r.server FROM mariadb.run r WHERE r.id = run);
    workers := mariadb.migrate_workers(options, one);
    CALL mariadb.migrate_commit(one);
    workers := mariadb.migrate_team_start(run, server, workers);
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
  opts record;
  plan jsonb := '[]';
  problems int := 0;
  differing int := 0;
  is_abandoned boolean;
  path text;
  work text;
  run bigint;
BEGIN
  path := pg_catalog.current_setting('search_path');
  CALL mariadb.migrate_commit((mariadb.migrate_options(mariadb.checked_options(
    'migrate', server, options))).one_transaction);
  -- Nothing is done before all arguments have been checked.
  PERFORM mariadb.not_null('{server,schema,local}', server, schema, local);
  options := mariadb.checked_options('migrate', server, options);
  opts := mariadb.migrate_options(options);
  PERFORM mariadb.local_schema(local, true);
  PERFORM mariadb.check_source(server, schema);
  PERFORM mariadb.migrate_wanted(server, schema, options);
  run := mariadb.migrate_open(server, schema, local, options);
  PERFORM mariadb.migrate_timeouts();
  IF NOT opts.data_only THEN
    IF to_regnamespace(quote_ident(local)) IS NULL THEN
      EXECUTE format('CREATE SCHEMA %I', local);
    END IF;
    plan := mariadb.migrate_plan(server, schema, local, options);
    PERFORM mariadb.migrate_check_types(plan, local);
    PERFORM mariadb.migrate_tell(plan);
    problems := problems + mariadb.migrate_existing(server, schema, local,
      options, plan);
  END IF;
  problems := problems + mariadb.warn_of_hidden(server, schema, opts.only_tables);
  PERFORM mariadb.migrate_note(run, mariadb.migrate_notes(plan)
    || mariadb.migrate_hidden_notes(server, schema, opts.only_tables), CASE
    WHEN opts.preflight THEN mariadb.migrate_preflight(server, schema, options) END);
  CALL mariadb.migrate_statements(plan, 0, 49, opts.one_transaction, problems);
  work := mariadb.migrate_import(run, options);
  CALL mariadb.migrate_data(run, plan, work, options, problems);
  plan := mariadb.migrate_fitting(plan, work, local);
  CALL mariadb.migrate_statements(plan, 100, 1000, opts.one_transaction, problems);
  PERFORM mariadb.sync_sequences(local, server, schema);
  PERFORM mariadb.migrate_plan_checks(run, work, local, opts.verify);
  CALL mariadb.migrate_finish(run, options, opts.one_transaction);
  PERFORM mariadb.migrate_unvalidate_failed(run);
  differing := mariadb.migrate_result(run);
  problems := problems + differing + mariadb.migrate_failed(run);
  PERFORM mariadb.migrate_close(run, problems);
  IF NOT opts.keep_foreign THEN
    PERFORM mariadb.migrate_clean(run);
  END IF;
  is_abandoned := EXISTS (SELECT FROM mariadb.run r
    WHERE r.id = run AND r.state = 'abandoned');
  -- After this the caller's search_path is back.
  IF opts.one_transaction THEN
    PERFORM pg_catalog.set_config('search_path', path, true);
  ELSE
    COMMIT;
    PERFORM mariadb.migrate_unlock_run(run);
  END IF;
  IF is_abandoned THEN
    RAISE EXCEPTION 'tables that do not hold what MariaDB has: %', differing
      USING ERRCODE = 'data_exception',
        HINT = pg_catalog.format('See mariadb.differences(%L, %L, %L). mariadb.resync makes the tables equal again, overwriting what was written here.',
          server, schema, local);
  END IF;
  RAISE NOTICE 'migration of "%" has ended; problems: %', schema, problems;
END
$$;
REVOKE ALL ON PROCEDURE migrate(name, text, text, jsonb) FROM PUBLIC;
COMMENT ON PROCEDURE migrate(name, text, text, jsonb)
IS 'move a MariaDB schema here: tables, rows, keys, indexes, sequences, views; what could not be moved is a warning, and a second run goes on where the first was cut off';
