
-- The plan of a run: the statements of mariadb.ddl for its tables.

CREATE FUNCTION mariadb_internal.planned_statements(server name, schema text, local text,
  options jsonb) RETURNS jsonb
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_agg(to_jsonb(p) || jsonb_build_object('local', local)
    ORDER BY p.ordinality), '[]')
  FROM mariadb_internal.migrate_options(options) o,
    mariadb_internal.planned_rows(server, schema, local, o.ddl) WITH ORDINALITY p
  WHERE p.table_name IS DISTINCT FROM '_prisma_migrations'
$$;
COMMENT ON FUNCTION mariadb_internal.planned_statements(name, text, text, jsonb)
IS 'the part of migrate that plans: the rows of mariadb.ddl, with the name of the local schema';

CREATE FUNCTION mariadb_internal.warn_of_timeouts() RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- statement_timeout applies to the CALL, which has begun already; a limit of
  -- transactions can be set.
  IF current_setting('statement_timeout') <> '0' THEN
    RAISE WARNING 'statement_timeout will cancel this call after %', current_setting('statement_timeout')
      USING HINT = 'Call it again to resume, or run "SET statement_timeout = 0" before the CALL.';
  END IF;
END
$$;
COMMENT ON FUNCTION mariadb_internal.warn_of_timeouts()
IS 'the part of migrate that warns of a timeout that it cannot set';

CREATE FUNCTION mariadb_internal.report_notes(plan jsonb) RETURNS void
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
COMMENT ON FUNCTION mariadb_internal.report_notes(jsonb)
IS 'the part of migrate that reports the notes of mariadb.ddl';

CREATE FUNCTION mariadb_internal.plan_notes(plan jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('object', e ->> 'object',
    'note', e ->> 'note') ORDER BY j.n), '[]')
  FROM jsonb_array_elements(plan) WITH ORDINALITY AS j (e, n)
  WHERE e ->> 'note' IS NOT NULL
$$;
COMMENT ON FUNCTION mariadb_internal.plan_notes(jsonb)
IS 'the part of migrate that stores the notes of mariadb.ddl';

CREATE FUNCTION mariadb_internal.hidden_object_notes(server name, schema text, tables text[])
RETURNS jsonb
LANGUAGE sql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_agg(jsonb_build_object('object', p.object,
    'note', p.finding)), '[]')
  FROM (
    SELECT * FROM mariadb_internal.privilege_findings(server, schema, tables)
    UNION ALL SELECT * FROM mariadb_internal.hidden_object_findings(server, schema)
  ) p
$$;
COMMENT ON FUNCTION mariadb_internal.hidden_object_notes(name, text, text[])
IS 'the part of migrate that stores what MariaDB may hide from the account';

CREATE FUNCTION mariadb_internal.preflight_findings(server name, schema text, options jsonb)
RETURNS jsonb
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_agg(to_jsonb(p)), '[]')
  FROM mariadb.preflight(server, schema, options => options - ARRAY(
    SELECT o.name FROM mariadb.call_options() o WHERE 'preflight' <> ALL (o.calls))) p
$$;
COMMENT ON FUNCTION mariadb_internal.preflight_findings(name, text, jsonb)
IS 'the part of migrate that stores the findings of mariadb.preflight';

CREATE FUNCTION mariadb_internal.keep_notes(run bigint, notes jsonb, preflight jsonb)
RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE mariadb.run r SET notes = $2, preflight = coalesce($3, r.preflight)
  WHERE r.id = $1
$$;
COMMENT ON FUNCTION mariadb_internal.keep_notes(bigint, jsonb, jsonb)
IS 'the part of migrate that stores in the ledger what was found before the migration';

CREATE FUNCTION mariadb_internal.column_differences(server name, schema text, local text,
  options jsonb, remote text[], OUT kind text, OUT object text, OUT relation name)
RETURNS SETOF record
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  kinds CONSTANT text[] := ARRAY['table', 'type', 'null', 'default', 'generated'];
  here CONSTANT jsonb := (SELECT coalesce(jsonb_agg(to_jsonb(f)), '[]')
    FROM mariadb_internal.describe_structure(local) f WHERE f.kind = ANY (kinds));
  part text[];
BEGIN
  -- One statement for all could need more locks than the lock table holds.
  FOR part IN
    SELECT array_agg(r) FROM unnest(remote) WITH ORDINALITY AS u (r, n)
    GROUP BY (n - 1) / 100
  LOOP
    RETURN QUERY
      SELECT m.kind, m.object, m.relation
      FROM mariadb_internal.model_structure(server, schema,
          options - 'except' || jsonb_build_object('tables', part)) m
        LEFT JOIN jsonb_to_recordset(here)
          AS f (kind text, object text, definition text)
          ON f.kind = m.kind AND f.object = m.object
      WHERE m.kind = ANY (kinds) AND m.definition IS DISTINCT FROM f.definition;
  END LOOP;
END
$$;
COMMENT ON FUNCTION mariadb_internal.column_differences(name, text, text, jsonb, text[])
IS 'the part of migrate that finds columns that differ from what mariadb.ddl would create';

CREATE FUNCTION mariadb_internal.warn_of_existing_tables(server name, schema text, local text,
  options jsonb, plan jsonb) RETURNS int
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  existing text[];
  remote text[];
  t record;
  problems int := 0;
BEGIN
  SELECT array_agg(c.relname), array_agg(e ->> 'table_name') INTO existing, remote
  FROM jsonb_array_elements(plan) e
    JOIN pg_class c ON c.relname = e ->> 'local_name' AND c.relkind IN ('r', 'p')
      AND c.relnamespace = to_regnamespace(quote_ident(local))
  WHERE e ->> 'kind' = 'table';
  IF existing IS NULL THEN
    RETURN 0;
  END IF;
  FOR t IN
    SELECT x.name, count(*) AS differences, string_agg(format('%s %s', d.kind,
      d.object), ', ' ORDER BY d.object, d.kind) AS list
    FROM mariadb_internal.column_differences(server, schema, local, options, remote) d
      JOIN unnest(existing) x (name) ON x.name = d.relation
    GROUP BY x.name ORDER BY x.name
  LOOP
    RAISE WARNING 'table % already exists and is used as it is; differences from the plan: %',
      format('%I.%I', local, t.name), t.differences
      USING ERRCODE = 'duplicate_table', DETAIL = format('They are: %s.', t.list),
        HINT = 'See mariadb.verify_structure. To have the table created, drop or rename it, and call mariadb.migrate again.';
    problems := problems + 1;
  END LOOP;
  RETURN problems;
END
$$;
COMMENT ON FUNCTION mariadb_internal.warn_of_existing_tables(name, text, text, jsonb, jsonb)
IS 'the part of migrate that warns of existing tables that differ from what mariadb.ddl would create; returns how many';

CREATE FUNCTION mariadb_internal.fitting_statements(plan jsonb, work text, local text)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  incomplete CONSTANT text[] := ARRAY(SELECT t.name
    FROM mariadb_internal.table_pairs(work, local) t
    WHERE EXISTS (SELECT FROM pg_attribute f
      WHERE f.attrelid = t.source AND f.attnum > 0 AND NOT f.attisdropped
        AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = t.target
          AND a.attname = f.attname AND NOT a.attisdropped)));
  name text;
BEGIN
  -- A trigger's function compares all columns: if one were missing, every
  -- UPDATE would fail.
  FOR name IN
    SELECT DISTINCT e ->> 'on_table' FROM jsonb_array_elements(plan) e
    WHERE e ->> 'kind' = 'trigger' AND e ->> 'on_table' = ANY (incomplete)
  LOOP
    RAISE WARNING 'the trigger of table % for ON UPDATE is not created',
      format('%I.%I', local, name)
      USING ERRCODE = 'undefined_column',
        DETAIL = format('The table lacks columns that %s has.', mariadb_internal.product());
  END LOOP;
  RETURN (SELECT coalesce(jsonb_agg(e ORDER BY j.n), '[]')
    FROM jsonb_array_elements(plan) WITH ORDINALITY AS j (e, n)
    WHERE e ->> 'kind' <> 'trigger' OR e ->> 'on_table' <> ALL (incomplete));
END
$$;
COMMENT ON FUNCTION mariadb_internal.fitting_statements(jsonb, text, text)
IS 'the part of migrate that skips triggers of tables that lack a column';
