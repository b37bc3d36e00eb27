
-- The options of a run, and the tables that they are about.

CREATE FUNCTION mariadb_internal.migrate_options(options jsonb, OUT data_only boolean,
  OUT one_transaction boolean, OUT "truncate" boolean, OUT verify boolean,
  OUT keep_foreign boolean, OUT only_tables text[], OUT workers int,
  OUT chunk_bytes bigint, OUT preflight boolean, OUT ddl jsonb)
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
  workers := (options ->> 'workers')::int;
  chunk_bytes := pg_size_bytes(coalesce(options ->> 'chunk_size', '64MB'));
  preflight := coalesce((options ->> 'preflight')::boolean, false);
  ddl := options - own;
END
$$;
COMMENT ON FUNCTION mariadb_internal.migrate_options(jsonb)
IS 'the part of migrate that reads its options; the others are for mariadb.ddl';

CREATE FUNCTION mariadb_internal.wanted_tables(server name, schema text, options jsonb)
RETURNS text[]
AS 'MODULE_PATHNAME', 'mariadb_wanted_tables'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.wanted_tables(name, text, jsonb)
IS 'the tables that options of mariadb.ddl leave, without Prisma''s own; raises an error for names that no table has';

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
