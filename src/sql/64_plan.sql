
-- The plan of a run: the statements of mariadb.ddl for its tables.

CREATE FUNCTION mariadb_internal.planned_statements(server name, schema text, local text,
  options jsonb) RETURNS jsonb
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH o AS MATERIALIZED (
    SELECT * FROM mariadb_internal.migrate_options(options)
  ), listed AS MATERIALIZED (
    SELECT t.table_name, quote_ident(t.table_name::name) AS name,
      format('%I.%I', local, t.table_name::name) AS qualified,
      mariadb_internal.wants_table(t.table_name, o.only_tables, o.except_tables) AS wanted
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
COMMENT ON FUNCTION mariadb_internal.planned_statements(name, text, text, jsonb)
IS 'the part of migrate that asks mariadb.ddl for the statements of the wanted tables, and the types and sequences that these use';

CREATE FUNCTION mariadb_internal.warn_of_timeouts() RETURNS void
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- It is of the CALL, which has begun; what is of a transaction can be set.
  IF current_setting('statement_timeout') <> '0' THEN
    RAISE WARNING 'statement_timeout will cancel this call after %', current_setting('statement_timeout')
      USING HINT = 'Call it again to resume, or run "SET statement_timeout = 0" before the CALL.';
  END IF;
END
$$;
COMMENT ON FUNCTION mariadb_internal.warn_of_timeouts()
IS 'the part of migrate that warns of a limit that it cannot set';

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
IS 'the part of migrate that tells what mariadb.ddl notes';

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
IS 'the part of migrate that keeps what mariadb.ddl notes';

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
IS 'the part of migrate that keeps what MariaDB may hide from the account';

CREATE FUNCTION mariadb_internal.preflight_findings(server name, schema text, options jsonb)
RETURNS jsonb
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(jsonb_agg(to_jsonb(p)), '[]')
  FROM mariadb.preflight(server, schema, options ->> 'prisma') p
$$;
COMMENT ON FUNCTION mariadb_internal.preflight_findings(name, text, jsonb)
IS 'the part of migrate that keeps what mariadb.preflight finds';

CREATE FUNCTION mariadb_internal.keep_notes(run bigint, notes jsonb, preflight jsonb)
RETURNS void
LANGUAGE sql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE mariadb.run r SET notes = $2, preflight = coalesce($3, r.preflight)
  WHERE r.id = $1
$$;
COMMENT ON FUNCTION mariadb_internal.keep_notes(bigint, jsonb, jsonb)
IS 'the part of migrate that keeps in the ledger what was found before the move';

CREATE FUNCTION mariadb_internal.column_differences(server name, schema text, local text,
  options jsonb, remote text[], OUT kind text, OUT object text)
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
  -- All at once would take more locks than there may be.
  FOR part IN
    SELECT array_agg(r) FROM unnest(remote) WITH ORDINALITY AS u (r, n)
    GROUP BY (n - 1) / 100
  LOOP
    RETURN QUERY
      SELECT m.kind, m.object
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
IS 'the part of migrate that finds columns that are not as mariadb.ddl would make them';

CREATE FUNCTION mariadb_internal.warn_of_existing_tables(server name, schema text, local text,
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
    FROM mariadb_internal.column_differences(server, schema, local, options, remote) d
      JOIN unnest(existing) x (name) ON d.object = quote_ident(x.name)
        OR starts_with(d.object, quote_ident(x.name) || '.')
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
IS 'the part of migrate that warns of tables that existed before and are not as mariadb.ddl would make them; returns how many';

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
COMMENT ON FUNCTION mariadb_internal.fitting_statements(jsonb, text, text)
IS 'the part of migrate that leaves out triggers of tables that lack a column';
