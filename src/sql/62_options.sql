
-- The options of a run, and the tables that they are about.

CREATE FUNCTION mariadb_internal.migrate_options(options jsonb, OUT data_only boolean,
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
  options := mariadb_internal.checked_options('migrate', NULL, options);
  data_only := coalesce((options ->> 'data_only')::boolean, false);
  one_transaction := coalesce((options ->> 'one_transaction')::boolean, false);
  "truncate" := coalesce((options ->> 'truncate')::boolean, false);
  verify := coalesce((options ->> 'verify')::boolean, true);
  keep_foreign := coalesce((options ->> 'keep_foreign')::boolean, false);
  only_tables := mariadb_internal.listed_tables(options);
  except_tables := ARRAY(SELECT jsonb_array_elements_text(
    coalesce(options -> 'except', '[]')) UNION SELECT '_prisma_migrations');
  workers := (options ->> 'workers')::int;
  chunk_bytes := pg_size_bytes(coalesce(options ->> 'chunk_size', '64MB'));
  preflight := coalesce((options ->> 'preflight')::boolean, false);
  ddl := options - own;
END
$$;
COMMENT ON FUNCTION mariadb_internal.migrate_options(jsonb)
IS 'the part of migrate that reads its options; the others are for mariadb.ddl';

CREATE FUNCTION mariadb_internal.wants_table(table_name text, only_tables text[],
  except_tables text[]) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT (only_tables IS NULL OR table_name = ANY (only_tables))
    AND table_name <> ALL (except_tables)
$$;
COMMENT ON FUNCTION mariadb_internal.wants_table(text, text[], text[])
IS 'the part of migrate that returns whether a table is to be migrated';

CREATE FUNCTION mariadb_internal.wanted_tables(server name, schema text, options jsonb)
RETURNS text[]
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  opts CONSTANT record := mariadb_internal.migrate_options(options);
  present CONSTANT text[] := ARRAY(SELECT t.table_name
    FROM mariadb.tables(server, schema) t
    WHERE t.kind IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY 1);
  wanted text[];
BEGIN
  PERFORM mariadb_internal.check_tables(server, schema, array_agg(n ORDER BY n))
  FROM unnest(opts.only_tables || opts.except_tables) n
  WHERE n <> '_prisma_migrations';
  wanted := ARRAY(SELECT n FROM unnest(present) WITH ORDINALITY u (n, i)
    WHERE mariadb_internal.wants_table(n, opts.only_tables, opts.except_tables)
    ORDER BY i);
  IF wanted = '{}' AND options ?| '{tables,except}' THEN
    RAISE EXCEPTION 'options "tables" and "except" select no table to be migrated'
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN wanted;
END
$$;
COMMENT ON FUNCTION mariadb_internal.wanted_tables(name, text, jsonb)
IS 'the part of migrate that returns the tables to be migrated';

CREATE FUNCTION mariadb_internal.work_options(options jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT options - ARRAY(SELECT o.name FROM mariadb.call_options() o
    WHERE o.may_change)
$$;
COMMENT ON FUNCTION mariadb_internal.work_options(jsonb)
IS 'the part of migrate that returns the options that must not differ when a run is resumed';

CREATE FUNCTION mariadb_internal.kept_options(options jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- The text of schema.prisma may contain the URL of a database, with a
  -- password, in a setting or a comment; a digest is sufficient to recognize
  -- it.
  SELECT CASE WHEN options ->> 'prisma' IS NOT NULL
    THEN jsonb_set(options, '{prisma}', to_jsonb('SHA-256 '
      || encode(sha256(convert_to(options ->> 'prisma', 'UTF8')), 'hex')))
    ELSE options END
$$;
COMMENT ON FUNCTION mariadb_internal.kept_options(jsonb)
IS 'the part of migrate that returns the options in the form that the ledger keeps';
