
-- The statements of a plan, one by one; what exists already is compared.

CREATE FUNCTION mariadb_internal.run_statement(statement text) RETURNS void
AS 'MODULE_PATHNAME', 'mariadb_run_statement'
LANGUAGE C VOLATILE STRICT PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.run_statement(text)
IS 'the part of migrate that runs a statement of the ledger, which cannot change the current role';

CREATE FUNCTION mariadb_internal.already_exists(kind text, statement text) RETURNS boolean
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
COMMENT ON FUNCTION mariadb_internal.already_exists(text, text)
IS 'the part of migrate that knows whether what already exists is what a statement would make';

CREATE FUNCTION mariadb_internal.execute_step(step jsonb) RETURNS boolean
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  -- The rows that are in already are looked at by check_foreign_key.
  stmt CONSTANT text := (step ->> 'statement')
    || CASE step ->> 'kind' WHEN 'foreign key' THEN ' NOT VALID' ELSE '' END;
BEGIN
  PERFORM mariadb_internal.run_statement(stmt);
  RETURN true;
EXCEPTION
  WHEN duplicate_table OR duplicate_object OR duplicate_function THEN
    PERFORM mariadb_internal.check_existing_owner(stmt);
    IF step ->> 'kind' <> 'foreign key' AND NOT mariadb_internal.already_exists(step ->> 'kind', stmt) THEN
      RAISE WARNING 'could not create % %: %', step ->> 'kind', step ->> 'object', SQLERRM
        USING ERRCODE = SQLSTATE, DETAIL = format('The statement is: %s', step ->> 'statement');
      RETURN false;
    ELSIF step ->> 'kind' <> 'foreign key' OR mariadb_internal.is_same_key(stmt) THEN
      RETURN true;
    END IF;
    RAISE WARNING 'foreign key % already exists with another definition', step ->> 'object'
      USING ERRCODE = SQLSTATE, DETAIL = format('The statement is: %s', step ->> 'statement');
    RETURN false;
  WHEN OTHERS THEN
    IF SQLSTATE = '42P16' AND step ->> 'kind' = 'primary key'
      AND mariadb_internal.already_exists('primary key', stmt)
    THEN
      RETURN true;
    -- What the server lacks, or this role may not, says nothing of one object.
    ELSIF SQLSTATE IN ('55P03', '3F000') OR left(SQLSTATE, 2) IN ('40', '53', '57', '58')
      OR SQLSTATE = '42501' AND (step ->> 'step')::int < 50
    THEN
      RAISE;
    END IF;
    RAISE WARNING 'could not create % %: %', step ->> 'kind', step ->> 'object', SQLERRM
      USING ERRCODE = SQLSTATE, DETAIL = format('The statement is: %s', step ->> 'statement');
    RETURN false;
END
$$;
COMMENT ON FUNCTION mariadb_internal.execute_step(jsonb)
IS 'the part of migrate that runs one statement of mariadb.ddl; false if it failed and the rest can go on';

CREATE FUNCTION mariadb_internal.depends_on_failed(step jsonb, failed jsonb) RETURNS boolean
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
COMMENT ON FUNCTION mariadb_internal.depends_on_failed(jsonb, jsonb)
IS 'the part of migrate that knows whether a statement is of a table or sequence that could not be made';
