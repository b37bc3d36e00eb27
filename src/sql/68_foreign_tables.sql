
-- The foreign tables of a run, and the local table for each.

CREATE FUNCTION mariadb_internal.table_pairs(work text, local text, OUT name text,
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
COMMENT ON FUNCTION mariadb_internal.table_pairs(text, text)
IS 'the part of migrate that finds the table for each foreign table, by name';

CREATE FUNCTION mariadb_internal.drop_foreign_tables(run bigint) RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $$
DECLARE
  work CONSTANT name := (mariadb_internal.own_run(run)).foreign_schema;
BEGIN
  -- A schema of that name that somebody else has created meanwhile is not that
  -- of the run.
  IF EXISTS (SELECT FROM pg_namespace n WHERE n.nspname = work
    AND pg_get_userbyid(n.nspowner) = current_user)
  THEN
    EXECUTE format('DROP SCHEMA %I CASCADE', work);
  END IF;
  UPDATE mariadb.run r SET foreign_schema = NULL
  WHERE r.id = drop_foreign_tables.run AND work IS NOT NULL;
END
$$;
COMMENT ON FUNCTION mariadb_internal.drop_foreign_tables(bigint)
IS 'the part of migrate that drops the foreign tables of a run';

CREATE FUNCTION mariadb_internal.import_tables(run bigint, options jsonb) RETURNS text
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $$
DECLARE
  r CONSTANT mariadb.run := mariadb_internal.own_run(run);
  wanted CONSTANT text[] := mariadb_internal.wanted_tables(r.server, r.schema,
    (mariadb_internal.migrate_options(options)).ddl);
  work CONSTANT name := format('mariadb_legacy_%s_%s', run, r.schema);
  unwanted regclass;
BEGIN
  PERFORM mariadb_internal.drop_foreign_tables(run);
  IF to_regnamespace(quote_ident(work)) IS NOT NULL THEN
    RAISE EXCEPTION 'schema "%" already exists', work
      USING ERRCODE = 'duplicate_schema',
        DETAIL = 'The migration creates its foreign tables in a schema of this name.',
        HINT = 'Rename or drop it.';
  END IF;
  EXECUTE format('CREATE SCHEMA %I', work);
  UPDATE mariadb.run x SET foreign_schema = work WHERE x.id = run;
  EXECUTE format('IMPORT FOREIGN SCHEMA %I FROM SERVER %I INTO %I'
    ' OPTIONS (import_views ''false'')', r.schema, r.server, work);

  -- LIMIT TO takes local names, and two may be equal before they are
  -- truncated.
  FOR unwanted IN
    SELECT t.source FROM mariadb_internal.table_pairs(work, work) t
    WHERE t.remote <> ALL (wanted)
  LOOP
    EXECUTE format('DROP FOREIGN TABLE %s', unwanted);
  END LOOP;
  RETURN work;
END
$$;
COMMENT ON FUNCTION mariadb_internal.import_tables(bigint, jsonb)
IS 'the part of migrate that creates foreign tables in a schema of the run''s own, mariadb_legacy_<run>_<schema>';

CREATE FUNCTION mariadb_internal.shared_columns(source regclass, target regclass)
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
COMMENT ON FUNCTION mariadb_internal.shared_columns(regclass, regclass)
IS 'the part of migrate that finds the columns to be filled, by name';

CREATE FUNCTION mariadb_internal.warn_of_unmatched(source regclass, target regclass)
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
      DETAIL = 'The data in these columns is not copied.';
  RETURN 1;
END
$$;
COMMENT ON FUNCTION mariadb_internal.warn_of_unmatched(regclass, regclass)
IS 'the part of migrate that warns of columns that are not copied; returns 1 if there are any';
