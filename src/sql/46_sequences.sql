
-- Sequences: their positions, and the required ones.

CREATE FUNCTION mariadb_internal.sequence_positions(local text, server name DEFAULT NULL,
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
  PERFORM mariadb_internal.local_schema(local, false);
  IF server IS NOT NULL OR schema IS NOT NULL THEN
    PERFORM mariadb_internal.check_source(server, schema);
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

    -- The needed value is the first free one in the sequence's progression.
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
COMMENT ON FUNCTION mariadb_internal.sequence_positions(text, name, text)
IS 'sequences used by columns of a schema: the next value, and the one that is needed to stay above the rows and AUTO_INCREMENT';

CREATE FUNCTION mariadb.sync_sequences(local text, server name DEFAULT NULL,
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
    FROM mariadb_internal.sequence_positions(local, server, schema) p
      JOIN pg_sequence q ON q.seqrelid = p.sequence
  LOOP
    sequence := s.sequence;
    old := s.old;
    new := s.old;
    note := 'is beyond the rows; not changed';
    IF NOT s.is_beyond AND s.has_needed THEN
      new := s.needed;
      PERFORM setval(s.sequence, new, false);
      note := 'moved';
    ELSIF NOT s.is_beyond THEN
      new := NULL;
      PERFORM setval(s.sequence,
        CASE WHEN s.seqincrement > 0 THEN s.seqmax ELSE s.seqmin END, true);
    ELSIF s.next = s.needed THEN
      note := 'is correct; not changed';
    END IF;
    IF new IS NULL THEN
      note := 'is exhausted: no value is left';
    END IF;
    RETURN NEXT;
  END LOOP;
END
$$;
COMMENT ON FUNCTION mariadb.sync_sequences(text, name, text)
IS 'set the sequences of a schema''s serial and identity columns above their rows, and not below AUTO_INCREMENT when a server and its schema are given; old and new are the next values';
