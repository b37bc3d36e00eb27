
-- Which rows differ, and how to make them equal.

CREATE FUNCTION mariadb.differences(server name, schema text, local text,
  tables text[] DEFAULT NULL, max_rows bigint DEFAULT 1000,
  OUT table_name text, OUT key jsonb, OUT kind text, OUT columns text[],
  OUT remote_row jsonb, OUT local_row jsonb, OUT times bigint)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_differences'
LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp SET bytea_output = 'hex' SET datestyle = 'ISO, YMD'
SET intervalstyle = 'postgres' SET extra_float_digits = 1
SET row_security = off;
COMMENT ON FUNCTION mariadb.differences(name, text, text, text[], bigint)
IS 'rows that differ between a MariaDB schema and a local one, by primary key: missing here, missing there, or different, with the columns; at most max_rows of each table, after which a row shows more differences';

CREATE FUNCTION mariadb_internal.compared_tables(server name, schema text, local text,
  tables text[], fail boolean, OUT table_name text, OUT relation regclass,
  OUT same_columns boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_compared_tables'
LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp;
COMMENT ON FUNCTION mariadb_internal.compared_tables(name, text, text, text[], boolean)
IS 'the part of repair and resync that finds the tables of both sides; NULL for one that does not exist locally; with fail, raises an error for what the account may not read';

CREATE FUNCTION mariadb_internal.repair_statements(server name, schema text, local text,
  tables text[], may_replace boolean, OUT table_name text, OUT relation regclass, OUT action text,
  OUT statement text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_repair_statements'
LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp SET bytea_output = 'hex' SET datestyle = 'ISO, YMD'
SET intervalstyle = 'postgres' SET extra_float_digits = 1
SET row_security = off;
COMMENT ON FUNCTION mariadb_internal.repair_statements(name, text, text, text[], boolean)
IS 'the part of repair that writes the statements, in no particular order; with may_replace, a row that changes a unique value is deleted and inserted';

CREATE FUNCTION mariadb_internal.resync_tables(server name, schema text, local text,
  tables text[], OUT table_name text, OUT inserted bigint, OUT updated bigint,
  OUT deleted bigint, OUT chunks bigint, OUT chunks_differing bigint,
  OUT seconds double precision, OUT status text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_resync_tables'
LANGUAGE C VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
SET bytea_output = 'hex' SET datestyle = 'ISO, YMD'
SET intervalstyle = 'postgres' SET extra_float_digits = 1
SET row_security = off;
COMMENT ON FUNCTION mariadb_internal.resync_tables(name, text, text, text[])
IS 'the part of resync that writes the rows';

CREATE FUNCTION mariadb_internal.one_row(count bigint) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF count <> 1 THEN
    RAISE EXCEPTION 'a statement of the repair wrote % rows instead of one', count
      USING ERRCODE = 'object_not_in_prerequisite_state',
        HINT = 'The table was changed after the statement was printed. Roll back the transaction, and call mariadb.repair again.';
  END IF;
  RETURN count;
END
$$;
COMMENT ON FUNCTION mariadb_internal.one_row(bigint)
IS 'the part of printed repair statements that fails unless they have written one row';

CREATE FUNCTION mariadb_internal.table_depths(relations regclass[], OUT relation regclass,
  OUT depth int)
RETURNS SETOF record
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH RECURSIVE k AS (
    SELECT DISTINCT conrelid, confrelid FROM pg_constraint
    WHERE contype = 'f' AND conrelid <> confrelid
      AND conrelid = ANY (relations) AND confrelid = ANY (relations)
  ), d AS (
    SELECT r.oid, 0 AS depth FROM unnest(relations) AS r (oid)
    UNION
    -- For tables that refer to each other, the depth ends at the number of tables.
    SELECT k.conrelid, d.depth + 1 FROM d JOIN k ON k.confrelid = d.oid
    WHERE d.depth < cardinality(relations)
  )
  SELECT d.oid, max(d.depth) FROM d GROUP BY 1
$$;
COMMENT ON FUNCTION mariadb_internal.table_depths(regclass[])
IS 'the part of repair that puts tables before those that refer to them';

CREATE FUNCTION mariadb_internal.begin_repair(relations regclass[]) RETURNS jsonb
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r regclass;
BEGIN
  FOREACH r IN ARRAY relations LOOP
    EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', r);
  END LOOP;
  IF mariadb_internal.bypass_triggers() THEN
    RETURN '[]';
  END IF;
  RETURN mariadb_internal.disable_keys_and_triggers(relations, false);
END
$$;
COMMENT ON FUNCTION mariadb_internal.begin_repair(regclass[])
IS 'the part of repair and resync that locks tables and disables triggers and foreign keys; returns the statements that restore them';

CREATE FUNCTION mariadb_internal.end_repair(relations regclass[], restore jsonb, role text)
RETURNS void
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  broken text;
  bypassed CONSTANT boolean := current_setting('session_replication_role') <> role;
BEGIN
  PERFORM mariadb_internal.restore_keys_and_triggers(restore);
  IF NOT bypassed THEN
    RETURN;
  END IF;
  PERFORM set_config('session_replication_role', role, true);

  -- Foreign keys were not checked while the rows were written.
  WITH keys AS MATERIALIZED (
    SELECT k.* FROM mariadb_internal.touching_keys(relations) t
      JOIN pg_constraint k ON k.oid = t
    WHERE k.convalidated
  )
  SELECT string_agg(format('%s (%s) %s', k.conrelid::regclass, k.conname, o.keys),
      ', ' ORDER BY k.conrelid::regclass::text, k.conname) INTO broken
  FROM keys k CROSS JOIN LATERAL mariadb.orphans(k.oid) o WHERE o.rows > 0;
  IF broken IS NOT NULL THEN
    RAISE EXCEPTION 'rows would refer to missing rows: %', broken
      USING ERRCODE = 'foreign_key_violation',
        HINT = 'List all tables that refer to each other in one call, or all tables of the schema.';
  END IF;
END
$$;
COMMENT ON FUNCTION mariadb_internal.end_repair(regclass[], jsonb, text)
IS 'the part of repair and resync that restores triggers and foreign keys, and checks the keys';

CREATE FUNCTION mariadb_internal.check_repaired(server name, schema text, local text,
  tables text[], failures text[]) RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  bad CONSTANT text[] := ARRAY(
    SELECT format('%s: %s', t.table_name, CASE WHEN t.relation IS NULL
      THEN 'missing here' ELSE 'columns differ' END)
    FROM mariadb_internal.compared_tables(server, schema, local, tables, true) t
    WHERE t.same_columns IS NOT TRUE) || failures;
BEGIN
  IF bad <> '{}' THEN
    RAISE EXCEPTION 'tables of schema "%" differ from those of % schema "%"',
      local, mariadb_internal.product(), schema
      USING ERRCODE = 'data_exception', DETAIL = array_to_string(bad, E'\n'),
        HINT = 'All changes of this call are rolled back. With fail => false, the other tables are kept.';
  END IF;
END
$$;
COMMENT ON FUNCTION mariadb_internal.check_repaired(name, text, text, text[], text[])
IS 'the part of repair and resync that raises an error if tables could not be made equal';

CREATE FUNCTION mariadb.repair(server name, schema text, local text,
  tables text[] DEFAULT NULL, apply boolean DEFAULT false,
  fail boolean DEFAULT false,
  OUT table_name text, OUT statement text, OUT status text)
RETURNS SETOF record
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  relations CONSTANT regclass[] := ARRAY(
    SELECT t.relation FROM mariadb_internal.compared_tables(server, schema, local, tables, fail) t
    WHERE t.relation IS NOT NULL ORDER BY t.relation::text);
  role CONSTANT text := current_setting('session_replication_role');
  may_bypass CONSTANT boolean := mariadb_internal.bypass_triggers();
  restore jsonb := '[]';
  failed text[] := '{}';
  failures text[] := '{}';
  is_first boolean := true;
  written bigint;
  left_over text;
BEGIN
  PERFORM set_config('session_replication_role', role, true) WHERE may_bypass;
  PERFORM mariadb_internal.not_null('{apply,fail}', apply, fail);
  IF apply THEN
    restore := mariadb_internal.begin_repair(relations);
  END IF;
  FOR table_name, statement, status IN
    SELECT s.table_name, s.statement, CASE
      WHEN s.action = 'generated'
        THEN 'differs only in generated columns, which no statement can change'
      WHEN starts_with(s.action, 'error: ') THEN s.action
      ELSE 'not applied' END
    FROM mariadb_internal.repair_statements(server, schema, local, tables,
        apply OR may_bypass) s
      JOIN mariadb_internal.table_depths(relations) d USING (relation)
    ORDER BY s.action <> 'delete',
      CASE WHEN s.action = 'delete' THEN -d.depth ELSE d.depth END,
      s.table_name COLLATE "C", s.action DESC, s.statement COLLATE "C"
  LOOP
    -- Triggers could write other values, and foreign keys could delete rows by
    -- CASCADE.
    IF starts_with(status, 'error: ') THEN
      failed := failed || table_name;
    ELSIF is_first AND may_bypass AND NOT apply THEN
      RETURN QUERY SELECT NULL, 'SET LOCAL session_replication_role = replica',
        'not applied';
    END IF;
    is_first := is_first AND starts_with(status, 'error: ');
    IF statement IS NULL AND failures[cardinality(failures)]
      IS DISTINCT FROM format('%s: %s', table_name, status) THEN
      failures := failures || format('%s: %s', table_name, status);
    END IF;
    IF apply AND statement IS NOT NULL THEN
      EXECUTE statement;
      GET DIAGNOSTICS written = ROW_COUNT;
      IF written <> 1 THEN
        RAISE EXCEPTION 'a statement of the repair wrote % rows: %', written, statement
          USING ERRCODE = 'data_exception';
      END IF;
      status := 'applied';
    END IF;
    RETURN NEXT;
  END LOOP;
  IF NOT apply THEN
    PERFORM mariadb_internal.check_repaired(server, schema, local, tables, failures) WHERE fail;
    RETURN;
  END IF;
  PERFORM mariadb_internal.end_repair(relations, restore, role);
  SELECT string_agg(format('%s (%s)', d.table_name, d.kind), ', ') INTO left_over
  FROM mariadb.differences(server, schema, local, tables, 1) d
  -- A table that could not be compared has such a row above.
  WHERE d.table_name <> ALL (failed);
  IF left_over IS NOT NULL THEN
    RAISE EXCEPTION 'differences remain after the repair: %', left_over
      USING ERRCODE = 'data_exception';
  END IF;
  PERFORM mariadb_internal.check_repaired(server, schema, local, tables, failures) WHERE fail;
END
$$;
COMMENT ON FUNCTION mariadb.repair(name, text, text, text[], boolean, boolean)
IS 'statements that make the tables of a local schema equal to those of MariaDB; with apply, they are run in this transaction, and both sides are compared again';

CREATE FUNCTION mariadb.resync(server name, schema text, local text,
  tables text[] DEFAULT NULL, fail boolean DEFAULT false,
  OUT table_name text, OUT inserted bigint, OUT updated bigint, OUT deleted bigint, OUT chunks bigint,
  OUT chunks_differing bigint, OUT seconds double precision, OUT status text)
RETURNS SETOF record
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  relations regclass[] := '{}';
  failures text[] := '{}';
  role CONSTANT text := current_setting('session_replication_role');
  restore jsonb;
  t record;
BEGIN
  PERFORM mariadb_internal.not_null('{fail}', fail);
  FOR t IN
    SELECT c.* FROM mariadb_internal.compared_tables(server, schema, local, tables, fail) c
    ORDER BY c.relation::text
  LOOP
    IF t.relation IS NULL THEN
      RAISE WARNING 'table "%" does not exist; it is skipped', t.table_name
        USING ERRCODE = 'undefined_table';
    ELSE
      relations := relations || t.relation;
    END IF;
  END LOOP;
  restore := mariadb_internal.begin_repair(relations);
  FOR table_name, inserted, updated, deleted, chunks, chunks_differing, seconds,
    status IN
    SELECT r.* FROM mariadb_internal.resync_tables(server, schema, local, tables) r
  LOOP
    IF status <> 'done' THEN
      failures := failures || format('%s: %s', table_name, status);
    END IF;
    RETURN NEXT;
  END LOOP;
  PERFORM mariadb_internal.end_repair(relations, restore, role);
  PERFORM mariadb.sync_sequences(local, server, schema);
  PERFORM mariadb_internal.check_repaired(server, schema, local, tables, failures) WHERE fail;
END
$$;
COMMENT ON FUNCTION mariadb.resync(name, text, text, text[], boolean)
IS 'copy what has changed in MariaDB since the tables were filled, in one transaction; rows that were changed in PostgreSQL are overwritten';
