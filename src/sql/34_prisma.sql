
-- Prisma: the text of schema.prisma, the SQL of the application, and the
-- record of its migrations.

CREATE FUNCTION mariadb.prisma_schema(prisma text) RETURNS text
AS 'MODULE_PATHNAME', 'mariadb_prisma_schema'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION mariadb.prisma_schema(text)
IS 'the text of schema.prisma for PostgreSQL, made from that for MySQL, as Prisma formats it';

CREATE FUNCTION mariadb.prisma_review(prisma text, OUT severity text, OUT object text,
  OUT finding text, OUT advice text, OUT line integer)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_prisma_review'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION mariadb.prisma_review(text)
IS 'what to check in the text of schema.prisma when the application moves to PostgreSQL; a row without a line is about the client as a whole';

CREATE FUNCTION mariadb.review_sql(sql text, OUT line integer, OUT found text,
  OUT finding text, OUT postgresql text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_review_sql'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION mariadb.review_sql(text)
IS 'what has another meaning in PostgreSQL in SQL of an application, also within $queryRaw and the like in a program''s text; postgresql is how to write it, NULL if that is not certain';

CREATE FUNCTION mariadb.prisma_baseline(local text, migration_sql text,
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
  PERFORM mariadb_internal.not_null('{local,migration_sql,name}', local, migration_sql,
    name);
  PERFORM mariadb_internal.local_schema(local, false);
  target := format('%I._prisma_migrations', local);
  -- A missing file would be read as an empty text, and recorded as such.
  PERFORM mariadb_internal.not_empty('migration_sql', migration_sql,
    'Give the text of prisma/migrations/.../migration.sql.');
  PERFORM mariadb_internal.not_empty('name', name,
    'Give the name of its folder in prisma/migrations.');
  IF to_regclass(target) IS NULL THEN
    EXECUTE format('CREATE TABLE %s (id varchar(36) PRIMARY KEY,'
      ' checksum varchar(64) NOT NULL, finished_at timestamptz,'
      ' migration_name varchar(255) NOT NULL, logs text,'
      ' rolled_back_at timestamptz, started_at timestamptz NOT NULL DEFAULT now(),'
      ' applied_steps_count integer NOT NULL DEFAULT 0)', target);
  END IF;
  PERFORM mariadb_internal.refuse_owner('table', target, c.relowner)
  FROM pg_class c WHERE c.oid = target::regclass;
  EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', target);
  EXECUTE format('SELECT string_agg(quote_ident(migration_name), '', '')'
    ' FILTER (WHERE migration_name <> $1),'
    ' min(checksum) FILTER (WHERE migration_name = $1) FROM %s', target)
    INTO others, recorded USING name;
  IF others IS NOT NULL THEN
    RAISE EXCEPTION 'table % already contains other migrations', target
      USING ERRCODE = 'object_not_in_prerequisite_state',
        DETAIL = format('Their names are: %s.', others),
        HINT = 'A baseline must be the only migration; delete the rows that came from MariaDB.';
  END IF;
  IF recorded = digest THEN
    RETURN format('migration %s is already recorded', name);
  END IF;
  IF recorded IS NOT NULL THEN
    RAISE EXCEPTION 'migration "%" is already recorded with another checksum', name
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
COMMENT ON FUNCTION mariadb.prisma_baseline(text, text, text)
IS 'record a migration as applied in Prisma''s table _prisma_migrations, as prisma migrate resolve --applied does; the text is that of its migration.sql';
