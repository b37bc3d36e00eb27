
-- The statements of a plan, one by one; existing objects are compared.

CREATE FUNCTION mariadb_internal.run_statement(statement text) RETURNS void
AS 'MODULE_PATHNAME', 'mariadb_run_statement'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.run_statement(text)
IS 'the part of migrate that runs a statement of the ledger, which cannot change the current role';

CREATE FUNCTION mariadb_internal.step_table(step jsonb) RETURNS regclass
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT to_regclass(quote_ident(step ->> 'local') || '.' || quote_ident(step ->> 'on_table'))
$$;
COMMENT ON FUNCTION mariadb_internal.step_table(jsonb)
IS 'the table that the object of a planned statement belongs to';

CREATE FUNCTION mariadb_internal.already_exists(step jsonb) RETURNS boolean
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- The name may be that of something else, such as an index of another table.
  WITH s AS MATERIALIZED (
    SELECT step ->> 'creates' AS creates, step ->> 'kind' AS kind,
      step ->> 'statement' AS statement, (step ->> 'local_name')::name AS name,
      to_regnamespace(quote_ident(step ->> 'local')) AS namespace,
      mariadb_internal.step_table(step) AS relation,
      CASE WHEN step ->> 'columns' IS NOT NULL
        THEN ARRAY(SELECT jsonb_array_elements_text(step -> 'columns')) END AS columns
  )
  SELECT CASE
    WHEN s.creates = 'index' THEN EXISTS (
      SELECT FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
      WHERE i.indrelid = s.relation AND x.relname = s.name
        AND x.relnamespace = s.namespace AND i.indisunique = (s.kind = 'unique index')
        -- An invalid index, left by CREATE INDEX CONCURRENTLY, does not count.
        AND i.indisvalid AND i.indnatts = i.indnkeyatts
        -- This column exists in PostgreSQL 15 and newer.
        AND to_jsonb(i) ->> 'indnullsnotdistinct' IS DISTINCT FROM 'true'
        -- Only names are compared; an expression can be written in many ways.
        AND (s.columns IS NULL OR i.indexprs IS NULL AND i.indpred IS NULL
          AND s.columns = (SELECT array_agg(a.attname::text ORDER BY k.n)
            FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, n)
              JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
            WHERE k.n <= i.indnkeyatts)))
    WHEN s.kind = 'primary key' THEN EXISTS (
      SELECT FROM pg_constraint k
      WHERE k.contype = 'p' AND k.conrelid = s.relation
        AND pg_get_constraintdef(k.oid) = format('PRIMARY KEY (%s)',
          (SELECT string_agg(quote_ident(c), ', ' ORDER BY n)
          FROM unnest(s.columns) WITH ORDINALITY AS u (c, n))))
    WHEN s.creates = 'table' THEN EXISTS (
      SELECT FROM pg_class c
      WHERE c.relname = s.name AND c.relnamespace = s.namespace AND c.relkind IN ('r', 'p'))
    WHEN s.creates IN ('sequence', 'view') THEN EXISTS (
      SELECT FROM pg_class c
      WHERE c.relname = s.name AND c.relnamespace = s.namespace
        AND c.relkind = CASE s.creates WHEN 'view' THEN 'v' ELSE 'S' END)
    WHEN s.creates = 'type' THEN EXISTS (
      SELECT FROM pg_type t
      WHERE t.typname = s.name AND t.typnamespace = s.namespace AND t.typtype = 'e'
        AND s.statement = (SELECT format('CREATE TYPE %I.%I AS ENUM (%s)',
            step ->> 'local', s.name,
            string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder))
          FROM pg_enum e WHERE e.enumtypid = t.oid))
    WHEN s.creates = 'function' THEN EXISTS (
      SELECT FROM pg_proc p CROSS JOIN format(' AS %L', p.prosrc) AS f (body)
      WHERE p.proname = s.name AND p.pronamespace = s.namespace
        AND right(s.statement, length(f.body)) = f.body)
    WHEN s.creates = 'trigger' THEN EXISTS (
      SELECT FROM pg_trigger g
      WHERE g.tgrelid = s.relation AND g.tgname = s.name AND NOT g.tgisinternal
        AND pg_get_triggerdef(g.oid) = s.statement)
    ELSE true END
  FROM s
$$;
COMMENT ON FUNCTION mariadb_internal.already_exists(jsonb)
IS 'the part of migrate that checks whether an existing object is what a statement would create';

CREATE FUNCTION mariadb_internal.execute_step(step jsonb) RETURNS boolean
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  -- Existing rows are checked by check_foreign_key.
  is_key CONSTANT boolean := step ->> 'kind' = 'foreign key';
  stmt CONSTANT text := (step ->> 'statement')
    || CASE WHEN is_key THEN ' NOT VALID' ELSE '' END;
BEGIN
  PERFORM mariadb_internal.run_statement(stmt);
  RETURN true;
EXCEPTION
  WHEN duplicate_table OR duplicate_object OR duplicate_function THEN
    PERFORM mariadb_internal.check_existing_owner(step);
    IF NOT is_key AND NOT mariadb_internal.already_exists(step) THEN
      RAISE WARNING 'could not create % %: %', step ->> 'kind', step ->> 'object', SQLERRM
        USING ERRCODE = SQLSTATE, DETAIL = format('The statement is: %s', step ->> 'statement');
      RETURN false;
    ELSIF NOT is_key OR mariadb_internal.is_same_key(
      mariadb_internal.step_table(step), step ->> 'local_name', stmt)
    THEN
      RETURN true;
    END IF;
    RAISE WARNING 'foreign key % already exists with another definition', step ->> 'object'
      USING ERRCODE = SQLSTATE, DETAIL = format('The statement is: %s', step ->> 'statement');
    RETURN false;
  WHEN OTHERS THEN
    IF SQLSTATE = '42P16' AND step ->> 'kind' = 'primary key'
      AND mariadb_internal.already_exists(step)
    THEN
      RETURN true;
    -- Missing resources or privileges do not concern a single object only.
    ELSIF mariadb_internal.error_subject(SQLSTATE) = 'server'
      OR SQLSTATE = '42501' AND step ->> 'phase' = 'before rows'
    THEN
      RAISE;
    END IF;
    RAISE WARNING 'could not create % %: %', step ->> 'kind', step ->> 'object', SQLERRM
      USING ERRCODE = SQLSTATE, DETAIL = format('The statement is: %s', step ->> 'statement');
    RETURN false;
END
$$;
COMMENT ON FUNCTION mariadb_internal.execute_step(jsonb)
IS 'the part of migrate that runs one statement of mariadb.ddl; false if it failed and the rest can continue';

CREATE FUNCTION mariadb_internal.depends_on_failed(step jsonb, failed jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT EXISTS (SELECT FROM jsonb_array_elements(failed) f
    WHERE CASE step ->> 'kind'
      WHEN 'sequence' THEN f ->> 'kind' = 'sequence' AND f ->> 'local_name' = step ->> 'local_name'
      ELSE f ->> 'kind' = 'table' AND f ->> 'local_name' = step ->> 'on_table' END)
$$;
COMMENT ON FUNCTION mariadb_internal.depends_on_failed(jsonb, jsonb)
IS 'the part of migrate that checks whether a statement depends on a table or sequence that could not be created';
