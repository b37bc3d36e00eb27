
-- Structure: do keys, types, defaults and positions agree?

CREATE FUNCTION sequence_positions(local text, server name DEFAULT NULL,
  schema text DEFAULT NULL, OUT sequence regclass, OUT columns text[],
  OUT next numeric, OUT needed numeric, OUT has_needed boolean)
RETURNS SETOF record
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  s record;
  edges text;
  edge numeric;
  counters jsonb := '{}';
BEGIN
  PERFORM mariadb.local_schema(local, false);
  IF server IS NOT NULL OR schema IS NOT NULL THEN
    PERFORM mariadb.check_source(server, schema);
    SELECT coalesce(jsonb_object_agg(format('%I.%I', t.table_name::name,
        c.column_name::name), t.auto_increment), '{}') INTO counters
    FROM mariadb.tables(server, schema) t
      JOIN mariadb.columns(server, schema) c USING (table_name)
    WHERE c.extra LIKE '%auto_increment%' AND t.auto_increment IS NOT NULL;
  END IF;
  FOR s IN
    SELECT q.seqrelid, q.seqstart, q.seqincrement, q.seqmin, q.seqmax,
      sign(q.seqincrement) AS way,
      array_agg(format('%I.%I', u.relname, u.attname) ORDER BY 1) AS columns,
      array_agg(format('SELECT %s(%I)::numeric FROM %s',
          CASE WHEN q.seqincrement > 0 THEN 'max' ELSE 'min' END,
          u.attname, u.attrelid::regclass)) AS edges
    FROM (
      SELECT coalesce(d.objid, p.refobjid) AS seqrelid, a.attrelid, a.attname,
        c.relname
      FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
          AND NOT c.relispartition
        JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass
          AND d.refclassid = 'pg_class'::regclass AND d.refobjid = a.attrelid
          AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i')
          AND EXISTS (SELECT FROM pg_sequence WHERE seqrelid = d.objid)
        LEFT JOIN pg_attrdef f ON f.adrelid = a.attrelid
          AND f.adnum = a.attnum AND d.objid IS NULL
        LEFT JOIN pg_depend p ON p.classid = 'pg_attrdef'::regclass
          AND p.objid = f.oid AND p.refclassid = 'pg_class'::regclass
          AND EXISTS (SELECT FROM pg_sequence WHERE seqrelid = p.refobjid)
        JOIN pg_type t ON t.oid = a.atttypid AND t.typcategory = 'N'
      WHERE n.nspname = local AND a.attnum > 0 AND NOT a.attisdropped
    ) u
      JOIN pg_sequence q USING (seqrelid)
    GROUP BY 1, 2, 3, 4, 5
    ORDER BY q.seqrelid::regclass::text
  LOOP
    sequence := s.seqrelid;
    columns := s.columns;
    EXECUTE format('SELECT last_value + %s * is_called::int::numeric FROM %s',
      s.seqincrement, sequence) INTO next;

    -- The needed value is the first of the sequence's row that is free.
    SELECT format('SELECT %s(v) FROM (%s) AS e (v)',
      CASE WHEN s.way > 0 THEN 'max' ELSE 'min' END,
      string_agg(e, ' UNION ALL ')) INTO edges FROM unnest(s.edges) e;
    EXECUTE edges INTO edge;
    SELECT max(e * s.way) * s.way INTO needed
    FROM (
      VALUES (edge + s.way), (CASE WHEN s.way > 0 THEN s.seqmin ELSE s.seqmax END)
      UNION ALL
      SELECT (counters ->> c)::numeric FROM unnest(s.columns) c WHERE s.way > 0
    ) AS v (e);
    needed := s.seqstart
      + ceil((needed - s.seqstart) / s.seqincrement) * s.seqincrement;
    has_needed := needed BETWEEN s.seqmin AND s.seqmax;
    RETURN NEXT;
  END LOOP;
END
$$;
REVOKE ALL ON FUNCTION sequence_positions(text, name, text) FROM PUBLIC;
COMMENT ON FUNCTION sequence_positions(text, name, text)
IS 'sequences that feed columns of a schema: the next value, and the one that is needed to stay clear of the rows and of AUTO_INCREMENT';

CREATE FUNCTION sync_sequences(local text, server name DEFAULT NULL,
  schema text DEFAULT NULL, OUT sequence text, OUT old bigint,
  OUT new bigint, OUT note text)
RETURNS SETOF record
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  s record;
BEGIN
  FOR s IN
    SELECT p.*, q.seqmin, q.seqmax, q.seqincrement,
      (p.next - p.needed) * q.seqincrement >= 0 AS is_beyond,
      CASE WHEN p.next BETWEEN q.seqmin AND q.seqmax THEN p.next END AS old
    FROM mariadb.sequence_positions(local, server, schema) p
      JOIN pg_sequence q ON q.seqrelid = p.sequence
  LOOP
    sequence := s.sequence;
    old := s.old;
    new := s.old;
    note := 'is beyond the rows and stays';
    IF NOT s.is_beyond AND s.has_needed THEN
      new := s.needed;
      PERFORM setval(s.sequence, new, false);
      note := 'moved';
    ELSIF NOT s.is_beyond THEN
      new := NULL;
      PERFORM setval(s.sequence,
        CASE WHEN s.seqincrement > 0 THEN s.seqmax ELSE s.seqmin END, true);
    ELSIF s.next = s.needed THEN
      note := 'is in place';
    END IF;
    IF new IS NULL THEN
      note := 'has reached its end: no value is left';
    END IF;
    RETURN NEXT;
  END LOOP;
END
$$;
REVOKE ALL ON FUNCTION sync_sequences(text, name, text) FROM PUBLIC;
COMMENT ON FUNCTION sync_sequences(text, name, text)
IS 'set the sequences of a schema''s serial and identity columns above their rows, and not below AUTO_INCREMENT when a server and its schema are given; old and new are the next values';

CREATE FUNCTION structure_text(local text, kind text, object oid,
  detail int DEFAULT 0) RETURNS text
AS 'MODULE_PATHNAME', 'mariadb_structure_text'
LANGUAGE C STABLE STRICT PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION structure_text(text, text, oid, int) FROM PUBLIC;
COMMENT ON FUNCTION structure_text(text, text, oid, int)
IS 'the part of verify_structure that writes a type, default, key, index, trigger or view without the name of its schema; detail is a type modifier or a column''s number';

CREATE FUNCTION describe_structure(local text, OUT kind text, OUT object text,
  OUT definition text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM mariadb.local_schema(local, false);
  RETURN QUERY
    WITH r AS (
      SELECT c.oid, c.relname, c.relkind
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE n.nspname = local AND c.relkind IN ('r', 'p', 'v', 'm')
        AND c.relname <> '_prisma_migrations'
        AND NOT EXISTS (SELECT FROM pg_depend d
          WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
            AND d.deptype = 'e')
    ), a AS (
      SELECT r.relname, format('%I.%I', r.relname, t.attname) AS name, t.*,
        d.oid IS NOT NULL AS has_expression
      FROM r JOIN pg_attribute t ON t.attrelid = r.oid AND t.attnum > 0
          AND NOT t.attisdropped AND r.relkind IN ('r', 'p')
        LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = t.attnum
    )
    SELECT CASE WHEN r.relkind IN ('r', 'p') THEN 'table' ELSE 'view' END,
      quote_ident(r.relname), CASE r.relkind
        WHEN 'r' THEN 'plain'
        WHEN 'p' THEN 'partitioned by ' || mariadb.structure_text(local, 'partition key', r.oid)
        ELSE mariadb.structure_text(local, 'view', r.oid) END
    FROM r
    UNION ALL
    SELECT 'type', a.name,
      mariadb.structure_text(local, 'type', a.atttypid, a.atttypmod) FROM a
    UNION ALL
    SELECT 'null', a.name,
      CASE WHEN a.attnotnull THEN 'NOT NULL' ELSE 'NULL' END FROM a
    UNION ALL
    SELECT CASE WHEN a.attgenerated = '' THEN 'default' ELSE 'generated' END,
      a.name, mariadb.structure_text(local, 'default', a.attrelid, a.attnum)
    FROM a WHERE a.has_expression
    UNION ALL
    SELECT 'default', a.name, CASE a.attidentity
      WHEN 'a' THEN 'GENERATED ALWAYS AS IDENTITY'
      ELSE 'GENERATED BY DEFAULT AS IDENTITY' END
    FROM a WHERE a.attidentity <> ''
    UNION ALL
    SELECT CASE k.contype WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique key'
        WHEN 'f' THEN 'foreign key' WHEN 'c' THEN 'check' ELSE 'constraint' END,
      format('%I.%I', r.relname, k.conname),
      mariadb.structure_text(local, 'constraint', k.oid)
    FROM r JOIN pg_constraint k ON k.conrelid = r.oid
    WHERE k.contype IN ('p', 'u', 'f', 'c', 'x') AND k.conparentid = 0
    UNION ALL
    SELECT 'index', format('%I.%I', r.relname, x.relname),
      mariadb.structure_text(local, 'index', i.indexrelid)
    FROM r JOIN pg_index i ON i.indrelid = r.oid
      JOIN pg_class x ON x.oid = i.indexrelid AND NOT x.relispartition
    WHERE NOT EXISTS (SELECT FROM pg_constraint k
      WHERE k.conindid = i.indexrelid AND k.conrelid = r.oid
        AND k.contype IN ('p', 'u', 'x'))
    UNION ALL
    SELECT 'trigger', format('%I.%I', r.relname, g.tgname),
      mariadb.structure_text(local, 'trigger', g.oid)
    FROM r JOIN pg_trigger g ON g.tgrelid = r.oid AND NOT g.tgisinternal
    UNION ALL
    SELECT 'enum', quote_ident(t.typname), (SELECT string_agg(
        quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
      FROM pg_enum e WHERE e.enumtypid = t.oid)
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    WHERE n.nspname = local AND t.typtype = 'e';
END
$$;
COMMENT ON FUNCTION describe_structure(text)
IS 'what a schema''s tables are made of, in a form that is the same for the same structure in another schema';

CREATE FUNCTION model_structure(server name, schema text, options jsonb,
  OUT kind text, OUT object text, OUT definition text)
RETURNS SETOF record
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  scratch CONSTANT text := 'mariadb_structure_' || pg_backend_pid();
  done CONSTANT text := 'MF001';
  messages CONSTANT text := current_setting('client_min_messages');
  model jsonb;
  failures jsonb := '[]';
  stmt record;
BEGIN
  -- Whatever is made here is gone again before anybody sees it.
  BEGIN
    PERFORM set_config('client_min_messages', 'error', true);
    EXECUTE format('CREATE SCHEMA %I', scratch);
    FOR stmt IN
      SELECT e ->> 'kind' AS kind, e ->> 'object' AS object,
        e ->> 'statement' AS statement
      FROM jsonb_array_elements(mariadb.migrate_plan(server, schema, scratch,
        options - 'data_only')) WITH ORDINALITY AS j (e, n)
      WHERE e ->> 'statement' IS NOT NULL ORDER BY n
    LOOP
      BEGIN
        EXECUTE stmt.statement;
      EXCEPTION WHEN OTHERS THEN
        -- As in migrate_execute: what the server lacks says nothing of these.
        IF SQLSTATE = '55P03' OR left(SQLSTATE, 2) IN ('40', '53', '57', '58') THEN
          RAISE;
        END IF;
        failures := failures || jsonb_build_object('kind', stmt.kind,
          'object', stmt.object, 'definition', 'cannot be made: ' || SQLERRM);
      END;
    END LOOP;
    SELECT coalesce(jsonb_agg(to_jsonb(s)), '[]') INTO model
    FROM mariadb.describe_structure(scratch) s;
    RAISE EXCEPTION USING ERRCODE = done;
  EXCEPTION WHEN SQLSTATE 'MF001' THEN
    PERFORM set_config('client_min_messages', messages, true);
  END;
  RETURN QUERY SELECT m.* FROM jsonb_to_recordset(model || failures)
    AS m (kind text, object text, definition text);
END
$$;
REVOKE ALL ON FUNCTION model_structure(name, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION model_structure(name, text, jsonb)
IS 'what mariadb.ddl would make, described as describe_structure does';

CREATE FUNCTION verify_structure(server name, schema text, local text,
  options jsonb DEFAULT '{}', OUT object text, OUT kind text, OUT status text,
  OUT expected text, OUT found text)
RETURNS SETOF record
LANGUAGE sql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT mariadb.not_null('{server,schema,local,options}', server, schema,
    local, options);
  SELECT mariadb.local_schema(local, false);
  SELECT mariadb.check_source(server, schema);
  SELECT mariadb.warn_of_hidden(server, schema,
    mariadb.listed_tables(mariadb.checked_options('migrate', server, options)));
  SELECT mariadb.check_tables(server, schema, array_agg(n ORDER BY n))
  FROM jsonb_array_elements_text(coalesce(options -> 'tables', '[]')
    || coalesce(options -> 'except', '[]')) n
  WHERE n <> '_prisma_migrations';
  SELECT coalesce(e.object, f.object), coalesce(e.kind, f.kind),
    CASE WHEN e.object IS NULL THEN 'extra' WHEN f.object IS NULL THEN 'missing'
      WHEN e.definition IS NOT DISTINCT FROM f.definition THEN 'equal'
      ELSE 'differs' END,
    e.definition, f.definition
  FROM mariadb.model_structure(server, schema, options) e
    FULL JOIN mariadb.describe_structure(local) f
      ON f.kind = e.kind AND f.object = e.object
  UNION ALL
  SELECT p.sequence::text, 'sequence position',
    CASE WHEN (p.next - p.needed) * q.seqincrement >= 0 OR NOT p.has_needed
      THEN 'equal' ELSE 'differs' END,
    format('next value %s or beyond', p.needed), format('next value %s', p.next)
  FROM mariadb.sequence_positions(local, server, schema) p
    JOIN pg_sequence q ON q.seqrelid = p.sequence
  ORDER BY 1, 2
$$;
REVOKE ALL ON FUNCTION verify_structure(name, text, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION verify_structure(name, text, text, jsonb)
IS 'compare tables, types, defaults, keys, indexes, enum types and sequence positions of a schema with what mariadb.ddl would make of a MariaDB schema under the same options';
