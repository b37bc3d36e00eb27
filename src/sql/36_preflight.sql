
-- Preflight: what the user must know before a migration.

CREATE FUNCTION mariadb_internal.value_findings(server name, schema text, options jsonb,
  OUT severity text, OUT object text, OUT finding text, OUT advice text,
  OUT rows_concerned bigint)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_preflight_values'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.value_findings(name, text, jsonb)
IS 'the part of preflight that reads every row once, and reports what mariadb.ddl notes under the same options';

CREATE FUNCTION mariadb_internal.count_long_entries(server name, schema text,
  table_name text, index_names text[], columns text[], prefix_lengths int[],
  max_bytes int, OUT index_name text, OUT rows bigint)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_count_long_entries'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.count_long_entries(name, text, text, text[], text[], int[], int)
IS 'number of rows of a table that have longer entries in its indexes; the arrays have an element for each column of an index, and 0 is the length of a whole column';

CREATE FUNCTION mariadb_internal.index_entry_findings(server name, schema text,
  wanted text[], whole boolean, OUT severity text, OUT object text, OUT finding text,
  OUT advice text, OUT rows_concerned bigint)
RETURNS SETOF record
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  btree_limit CONSTANT int := 2700;
  t record;
BEGIN
  severity := 'warning';
  finding := format('index entries of more than %s bytes, which a btree takes only if they compress', btree_limit);
  advice := 'index left(column, n) or a digest of the column instead';
  FOR t IN
    SELECT k.table_name, array_agg(k.index_name ORDER BY k.n) AS names,
      array_agg(k.column_name ORDER BY k.n) AS columns,
      array_agg(k.prefix_length ORDER BY k.n) AS lengths
    FROM (
      SELECT i.table_name, i.index_name, i.column_name,
        CASE WHEN whole THEN 0 ELSE coalesce(i.prefix_length, 0) END AS prefix_length,
        row_number() OVER (ORDER BY i.index_name, i.position) AS n,
        sum(4 * coalesce(CASE WHEN NOT whole THEN i.prefix_length END,
          substring(c.column_type, '[(]([0-9]+)[)]')::int, 1000000))
          OVER (PARTITION BY i.table_name, i.index_name) AS most
      FROM mariadb.indexes(server, schema) i
        JOIN mariadb.columns(server, schema) c USING (table_name, column_name)
      WHERE i.kind IN ('PRIMARY', 'UNIQUE', 'INDEX')
        AND (wanted IS NULL OR i.table_name = ANY (wanted))
        AND c.data_type ~ '^(var)?char$|text$|binary$|blob$'
    ) k
    WHERE k.most > btree_limit
    GROUP BY k.table_name
  LOOP
    FOR object, rows_concerned IN
      SELECT format('%I.%I', t.table_name, e.index_name), e.rows
      FROM mariadb_internal.count_long_entries(server, schema, t.table_name,
        t.names, t.columns, t.lengths, btree_limit) e
      WHERE e.rows > 0
    LOOP
      RETURN NEXT;
    END LOOP;
  END LOOP;
END
$$;
COMMENT ON FUNCTION mariadb_internal.index_entry_findings(name, text, text[], boolean)
IS 'the part of preflight that measures index entries, with prefixes or whole columns; reads only tables whose index entries may be too long';

CREATE FUNCTION mariadb_internal.orphan_clause(schema text, table_name text,
  columns text[], referenced_schema text, referenced_table text,
  referenced_columns text[], are_collated boolean[]) RETURNS text
AS 'MODULE_PATHNAME', 'mariadb_orphan_clause'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION mariadb_internal.orphan_clause(text, text, text[], text, text, text[], boolean[])
IS 'FROM and WHERE of a query in MariaDB for the orphans of a foreign key';

CREATE FUNCTION mariadb_internal.count_orphans(server name, schema text,
  table_name text, columns text[], referenced_schema text,
  referenced_table text, referenced_columns text[], are_collated boolean[])
RETURNS bigint
AS 'MODULE_PATHNAME', 'mariadb_count_orphans'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.count_orphans(name, text, text, text[], text, text, text[], boolean[])
IS 'number of orphans of a foreign key in MariaDB';

CREATE FUNCTION mariadb_internal.orphan_findings(server name, schema text,
  wanted text[], OUT severity text, OUT object text, OUT finding text, OUT advice text,
  OUT rows_concerned bigint)
RETURNS SETOF record
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  key record;
  clause text;
BEGIN
  severity := 'warning';
  FOR key IN
    SELECT f.table_name, f.key_name, f.referenced_schema, f.referenced_table,
      array_agg(f.column_name ORDER BY f.position) AS columns,
      array_agg(f.referenced_column ORDER BY f.position) AS referenced_columns,
      array_agg(c.collation IS NOT NULL ORDER BY f.position) AS are_collated
    FROM mariadb.foreign_keys(server, schema) f
      JOIN mariadb.columns(server, schema) c USING (table_name, column_name)
    WHERE wanted IS NULL OR f.table_name = ANY (wanted)
    GROUP BY 1, 2, 3, 4
  LOOP
    clause := mariadb_internal.orphan_clause(schema, key.table_name, key.columns,
      key.referenced_schema, key.referenced_table, key.referenced_columns,
      key.are_collated);
    object := format('%I.%I', key.table_name, key.key_name);
    finding := 'orphaned rows: the referenced row does not exist (exact comparison)';
    advice := format('list them in %s: SELECT c.* %s', mariadb_internal.product(), clause);
    BEGIN
      rows_concerned := mariadb_internal.count_orphans(server, schema,
        key.table_name, key.columns, key.referenced_schema,
        key.referenced_table, key.referenced_columns, key.are_collated);
    EXCEPTION WHEN insufficient_privilege THEN
      rows_concerned := NULL;
      finding := 'this foreign key is not checked: the account may not read all of its columns';
      advice := format('grant SELECT on both tables, or count them in %s: SELECT COUNT(*) %s',
        mariadb_internal.product(), clause);
    END;
    CONTINUE WHEN rows_concerned = 0;
    RETURN NEXT;
  END LOOP;
END
$$;
COMMENT ON FUNCTION mariadb_internal.orphan_findings(name, text, text[])
IS 'the part of preflight that looks for orphans of foreign keys';

CREATE FUNCTION mariadb_internal.name_findings(server name, schema text,
  wanted text[], OUT severity text, OUT object text, OUT finding text,
  OUT advice text, OUT rows_concerned bigint)
RETURNS SETOF record
LANGUAGE sql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH named (kind, scope, name) AS MATERIALIZED (
    SELECT 'table', NULL, table_name FROM mariadb.tables(server, schema)
    WHERE wanted IS NULL OR table_name = ANY (wanted)
    UNION ALL
    SELECT 'column', table_name, column_name
    FROM mariadb.columns(server, schema)
    WHERE wanted IS NULL OR table_name = ANY (wanted)
  )
  SELECT 'warning', concat_ws('.', quote_ident(scope), quote_ident(name)),
    format('the %s''s name has %s bytes, and PostgreSQL keeps 63', kind,
      octet_length(name)),
    format('rename it in %s; otherwise it gets a shorter name that Prisma does not know', mariadb_internal.product()),
    NULL::bigint
  FROM named WHERE octet_length(name) > 63
  UNION ALL
  SELECT 'warning', concat_ws('.', quote_ident(min(scope)), quote_ident(min(name))),
    format('names of %ss are the same within 63 bytes: %s', kind,
      string_agg(quote_ident(name), ', ' ORDER BY name)),
    format('rename them in %s; otherwise a number is appended to some of them', mariadb_internal.product()), NULL
  FROM named
  GROUP BY kind, scope, name::name HAVING count(*) > 1
$$;
COMMENT ON FUNCTION mariadb_internal.name_findings(name, text, text[])
IS 'the part of preflight that looks for names that are too long or conflict';

CREATE FUNCTION mariadb_internal.index_findings(server name, schema text,
  wanted text[], OUT severity text, OUT object text, OUT finding text,
  OUT advice text, OUT rows_concerned bigint)
RETURNS SETOF record
LANGUAGE sql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH i AS MATERIALIZED (
    SELECT i.*, right(c.collation, 3) = '_ci'
        AND c.data_type NOT IN ('enum', 'set') AS ignores_case,
      right(c.collation, 6) = '_ai_cs'
        AND c.data_type NOT IN ('enum', 'set') AS ignores_accents
    FROM mariadb.indexes(server, schema) i
      LEFT JOIN mariadb.columns(server, schema) c USING (table_name, column_name)
    WHERE wanted IS NULL OR i.table_name = ANY (wanted)
  )
  SELECT CASE min(kind) WHEN 'UNIQUE' THEN 'warning' ELSE 'info' END,
    format('%I.%I', table_name, index_name),
    format('uniqueness ignores case and accents in %s, but not in PostgreSQL: %s', mariadb_internal.product(),
      string_agg(quote_ident(column_name), ', ' ORDER BY position)
        FILTER (WHERE ignores_case)),
    'store such values in lower case, or add a unique index on lower(column)',
    NULL::bigint
  FROM i
  WHERE kind IN ('UNIQUE', 'PRIMARY')
  GROUP BY table_name, index_name HAVING bool_or(ignores_case)
  UNION ALL
  SELECT CASE min(kind) WHEN 'UNIQUE' THEN 'warning' ELSE 'info' END,
    format('%I.%I', table_name, index_name),
    format('uniqueness ignores accents in %s, but not in PostgreSQL: %s', mariadb_internal.product(),
      string_agg(quote_ident(column_name), ', ' ORDER BY position)
        FILTER (WHERE ignores_accents)),
    'add a unique index on unaccent(column), in an immutable function',
    NULL
  FROM i
  WHERE kind IN ('UNIQUE', 'PRIMARY')
  GROUP BY table_name, index_name HAVING bool_or(ignores_accents)
  UNION ALL
  SELECT CASE min(kind) WHEN 'UNIQUE' THEN 'warning' ELSE 'info' END,
    format('%I.%I', table_name, index_name),
    format('prefix index on: %s', string_agg(
      format('%I(%s)', column_name, prefix_length), ', ' ORDER BY position)),
    'becomes an index on left(column, n); only queries that use that expression can use it',
    NULL
  FROM i WHERE prefix_length IS NOT NULL AND kind IN ('UNIQUE', 'INDEX')
  GROUP BY table_name, index_name
$$;
COMMENT ON FUNCTION mariadb_internal.index_findings(name, text, text[])
IS 'the part of preflight about indexes that are not the same in PostgreSQL';

CREATE FUNCTION mariadb_internal.table_findings(server name, schema text,
  wanted text[], OUT severity text, OUT object text, OUT finding text,
  OUT advice text, OUT rows_concerned bigint)
RETURNS SETOF record
LANGUAGE sql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH t AS MATERIALIZED (
    SELECT * FROM mariadb.tables(server, schema)
    WHERE wanted IS NULL OR table_name = ANY (wanted)
  ), c AS MATERIALIZED (
    SELECT * FROM mariadb.columns(server, schema)
    WHERE wanted IS NULL OR table_name = ANY (wanted)
  )
  SELECT 'warning', quote_ident(table_name),
    format('engine %s has no transactions: the table is not part of the snapshot', engine),
    'stop writing to it during the migration, or ALTER TABLE ... ENGINE=InnoDB',
    NULL::bigint
  FROM t
  WHERE kind IN ('BASE TABLE', 'SYSTEM VERSIONED')
    AND engine NOT IN ('InnoDB', 'ROCKSDB', 'TokuDB')
  UNION ALL
  SELECT 'warning', quote_ident(table_name), 'the table has no primary key',
    'its rows cannot be identified; Prisma requires a unique key', NULL
  FROM t
  WHERE kind IN ('BASE TABLE', 'SYSTEM VERSIONED')
    AND NOT EXISTS (SELECT FROM c
      WHERE c.table_name = t.table_name AND c.key_position IS NOT NULL)
  UNION ALL
  SELECT k.severity, quote_ident(table_name), k.finding, k.advice, NULL
  FROM t JOIN (VALUES
    ('VIEW', 'info', 'a view',
      'it is created if its SQL can be translated with certainty'),
    ('SEQUENCE', 'info', 'a sequence', 'it is created with its current position')
  ) AS k (kind, severity, finding, advice) USING (kind)
  UNION ALL
  SELECT 'info', format('%I.%I', table_name, column_name),
    format('generated as %s', generation_expression),
    'the values are generated again, or copied where the expression cannot be translated',
    NULL
  FROM c WHERE generation_expression <> ''
  UNION ALL
  SELECT DISTINCT 'info', format('%I.%I', table_name, key_name),
    'the account may not read ON UPDATE and ON DELETE of this foreign key',
    format('SHOW CREATE TABLE is used instead, which does not distinguish RESTRICT from NO ACTION: GRANT REFERENCES on the schema to the account in %s', mariadb_internal.product()),
    NULL::bigint
  FROM mariadb.foreign_keys(server, schema)
  WHERE on_delete IS NULL AND (wanted IS NULL OR table_name = ANY (wanted))
$$;
COMMENT ON FUNCTION mariadb_internal.table_findings(name, text, text[])
IS 'the part of preflight about kinds of tables, columns and foreign keys';

CREATE FUNCTION mariadb_internal.server_settings(server name, OUT zone text,
  OUT system_zone text, OUT log_bin int)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_server_settings'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.server_settings(name)
IS 'the time zones of a MariaDB server, and whether it has a binary log';

CREATE FUNCTION mariadb_internal.server_findings(server name, schema text,
  wanted text[], OUT severity text, OUT object text, OUT finding text,
  OUT advice text, OUT rows_concerned bigint)
RETURNS SETOF record
LANGUAGE sql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH settings AS MATERIALIZED (
    SELECT log_bin,
      CASE zone WHEN 'SYSTEM' THEN system_zone ELSE zone END AS zone
    FROM mariadb_internal.server_settings(server)
  )
  SELECT 'warning', format('%I.%I', c.table_name, c.column_name),
    format('TIMESTAMP column, and the time zone of the %s server is %s', mariadb_internal.product(), s.zone),
    'values are read in UTC; if the application used that time zone, set the server option time_zone',
    NULL::bigint
  FROM settings s, mariadb.columns(server, schema) c
  WHERE c.data_type = 'timestamp'
    AND (wanted IS NULL OR c.table_name = ANY (wanted))
    AND upper(s.zone) NOT IN ('UTC', 'GMT', '+00:00', 'ETC/UTC')
  UNION ALL
  SELECT 'info', server::text, 'the binary log is off',
    'parallel workers then need the LOCK TABLES privilege, and lock the tables for some milliseconds; otherwise one worker is used', NULL
  FROM settings WHERE log_bin = 0
  UNION ALL
  SELECT 'warning', 'statement_timeout',
    format('every statement is canceled after %s, including CALL mariadb.migrate', current_setting('statement_timeout')),
    'SET statement_timeout = 0 in the session that calls mariadb.migrate', NULL
  WHERE current_setting('statement_timeout') <> '0'
$$;
COMMENT ON FUNCTION mariadb_internal.server_findings(name, text, text[])
IS 'the part of preflight about settings of the MariaDB server';

CREATE FUNCTION mariadb.preflight(server name, schema text, prisma text DEFAULT NULL,
  options jsonb DEFAULT '{}', OUT severity text, OUT object text,
  OUT finding text, OUT advice text, OUT rows_concerned bigint)
RETURNS SETOF record
LANGUAGE sql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT mariadb_internal.not_null('{server,schema,options}', server, schema, options);
  WITH o AS MATERIALIZED (
    SELECT mariadb_internal.checked_options('preflight', server, options
      || jsonb_strip_nulls(jsonb_build_object('prisma', prisma))) AS options
  ), p AS MATERIALIZED (
    SELECT o.options, CASE WHEN o.options ?| '{tables,except}'
        THEN mariadb_internal.wanted_tables(server, schema, o.options) END AS wanted,
      coalesce(o.options ->> 'prefix_indexes' = 'drop', o.options ? 'prisma'
        OR o.options ->> 'profile' IS NOT DISTINCT FROM 'prisma') AS whole
    FROM o
  )
  SELECT f.* FROM p CROSS JOIN LATERAL (
    SELECT * FROM mariadb_internal.privilege_findings(server, schema, p.wanted)
    UNION ALL SELECT * FROM mariadb_internal.hidden_object_findings(server, schema)
    UNION ALL SELECT * FROM mariadb_internal.value_findings(server, schema, p.options)
    UNION ALL SELECT * FROM mariadb_internal.index_entry_findings(server, schema,
      p.wanted, p.whole)
    UNION ALL SELECT * FROM mariadb_internal.orphan_findings(server, schema, p.wanted)
    UNION ALL SELECT * FROM mariadb_internal.name_findings(server, schema, p.wanted)
    UNION ALL SELECT * FROM mariadb_internal.index_findings(server, schema, p.wanted)
    UNION ALL SELECT * FROM mariadb_internal.table_findings(server, schema, p.wanted)
    UNION ALL SELECT * FROM mariadb_internal.server_findings(server, schema, p.wanted)
  ) AS f
  ORDER BY array_position('{error,warning,info}', f.severity), f.object,
    f.finding
$$;
COMMENT ON FUNCTION mariadb.preflight(name, text, text, jsonb)
IS 'what to check before a MariaDB schema is migrated: an error stops the migration under the options of the server, a warning changes what the application sees';
