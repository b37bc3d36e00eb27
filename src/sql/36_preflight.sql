
-- Preflight: what a human must know before anything moves.

CREATE FUNCTION remote_identifier(name text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$ SELECT '`' || replace(name, '`', '``') || '`' $$;
COMMENT ON FUNCTION remote_identifier(text)
IS 'a name, quoted for SQL that runs in MariaDB';

CREATE FUNCTION remote_literal(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- A backslash means one thing in a session of MariaDB, and another in MySQL.
  SELECT CASE WHEN strpos(value, chr(92)) > 0
    THEN format('_utf8mb4 x%L', encode(convert_to(value, 'UTF8'), 'hex'))
    ELSE '''' || replace(value, '''', '''''') || '''' END
$$;
COMMENT ON FUNCTION remote_literal(text)
IS 'a text, quoted for SQL that runs in MariaDB or MySQL in the sessions of mariadb_fdw';

CREATE FUNCTION mysql_expression(text text) RETURNS text
AS 'MODULE_PATHNAME', 'mariadb_mysql_expression'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION mysql_expression(text)
IS 'an expression as information_schema of MySQL shows it, in the form of MariaDB''s';

CREATE FUNCTION preflight_values(server name, schema text, options jsonb,
  OUT severity text, OUT object text, OUT finding text, OUT advice text,
  OUT rows_concerned bigint)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_preflight_values'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION preflight_values(name, text, jsonb) FROM PUBLIC;
COMMENT ON FUNCTION preflight_values(name, text, jsonb)
IS 'the part of preflight that reads every row once, and tells what mariadb.ddl notes under the same options';

CREATE FUNCTION preflight_indexed(server name, schema text, whole boolean,
  OUT severity text, OUT object text, OUT finding text, OUT advice text,
  OUT rows_concerned bigint)
RETURNS SETOF record
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  btree_limit CONSTANT int := 2700;
  t record;
  counts bigint[];
BEGIN
  severity := 'warning';
  finding := format('index entries of more than %s bytes, which a btree takes only if they compress', btree_limit);
  advice := 'index left(column, n) or a digest of the column instead';
  FOR t IN
    SELECT k.table_name, array_agg(k.index_name) AS names,
      string_agg(k.entry, ', ') AS entries
    FROM (
      SELECT i.table_name, i.index_name,
        format('COALESCE(SUM(%s > %s), 0)', string_agg(format(
          'COALESCE(LENGTH(CONVERT(%s USING utf8mb4)), 0)',
          CASE WHEN whole OR i.prefix_length IS NULL
            THEN mariadb.remote_identifier(i.column_name)
            ELSE format('LEFT(%s, %s)',
              mariadb.remote_identifier(i.column_name), i.prefix_length) END),
          ' + '), btree_limit) AS entry
      FROM mariadb.indexes(server, schema) i
        JOIN mariadb.columns(server, schema) c USING (table_name, column_name)
      WHERE i.kind IN ('PRIMARY', 'UNIQUE', 'INDEX')
        AND c.data_type ~ '^(var)?char$|text$|binary$|blob$'
      GROUP BY i.table_name, i.index_name
      HAVING sum(4 * coalesce(CASE WHEN NOT whole THEN i.prefix_length END,
        substring(c.column_type, '[(]([0-9]+)[)]')::int, 1000000)) > btree_limit
    ) k
    GROUP BY k.table_name
  LOOP
    SELECT string_to_array(q.counts, ' ') INTO counts
    FROM mariadb.query(server, format('SELECT CONCAT_WS('' '', %s) FROM %s.%s',
      t.entries, mariadb.remote_identifier(schema),
      mariadb.remote_identifier(t.table_name))) AS q (counts text);
    FOR object, rows_concerned IN
      SELECT format('%I.%I', t.table_name, u.name), u.count
      FROM unnest(t.names, counts) AS u (name, count) WHERE u.count > 0
    LOOP
      RETURN NEXT;
    END LOOP;
  END LOOP;
END
$$;
REVOKE ALL ON FUNCTION preflight_indexed(name, text, boolean) FROM PUBLIC;
COMMENT ON FUNCTION preflight_indexed(name, text, boolean)
IS 'the part of preflight that measures what indexes hold, with prefixes or whole columns; reads only tables whose indexes may be too long';

CREATE FUNCTION preflight_orphans(server name, schema text,
  OUT severity text, OUT object text, OUT finding text, OUT advice text,
  OUT rows_concerned bigint)
RETURNS SETOF record
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  key record;
  remote text;
BEGIN
  severity := 'warning';
  FOR key IN
    SELECT f.table_name, f.key_name, f.referenced_schema, f.referenced_table,
      string_agg(format(CASE WHEN c.collation IS NULL THEN 'p.%2$s = c.%1$s'
          ELSE 'p.%2$s = c.%1$s AND BINARY p.%2$s = BINARY c.%1$s' END,
        mariadb.remote_identifier(f.column_name),
        mariadb.remote_identifier(f.referenced_column)), ' AND ') AS matches,
      string_agg(format('c.%s IS NOT NULL',
        mariadb.remote_identifier(f.column_name)), ' AND ') AS has_key,
      min(mariadb.remote_identifier(f.referenced_column)) AS one
    FROM mariadb.foreign_keys(server, schema) f
      JOIN mariadb.columns(server, schema) c USING (table_name, column_name)
    GROUP BY 1, 2, 3, 4
  LOOP
    remote := format('FROM %s.%s c LEFT JOIN %s.%s p ON %s WHERE %s AND p.%s IS NULL',
      mariadb.remote_identifier(schema),
      mariadb.remote_identifier(key.table_name),
      mariadb.remote_identifier(key.referenced_schema),
      mariadb.remote_identifier(key.referenced_table),
      key.matches, key.has_key, key.one);
    object := format('%I.%I', key.table_name, key.key_name);
    finding := 'rows that refer to a row that is not there, compared byte by byte as PostgreSQL does';
    advice := 'look at them in MariaDB: SELECT c.* ' || remote;
    BEGIN
      SELECT q.count INTO rows_concerned
      FROM mariadb.query(server, 'SELECT COUNT(*) ' || remote) AS q (count bigint);
    EXCEPTION WHEN insufficient_privilege THEN
      rows_concerned := NULL;
      finding := 'this foreign key is not checked: the account may not read all of its columns';
      advice := 'grant SELECT on both tables, or look in MariaDB: SELECT COUNT(*) ' || remote;
    END;
    CONTINUE WHEN rows_concerned = 0;
    RETURN NEXT;
  END LOOP;
END
$$;
REVOKE ALL ON FUNCTION preflight_orphans(name, text) FROM PUBLIC;
COMMENT ON FUNCTION preflight_orphans(name, text)
IS 'the part of preflight that looks for orphans of foreign keys';

CREATE FUNCTION preflight_names(server name, schema text,
  OUT severity text, OUT object text, OUT finding text, OUT advice text,
  OUT rows_concerned bigint)
RETURNS SETOF record
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH named (kind, scope, name) AS MATERIALIZED (
    SELECT 'table', NULL, table_name FROM mariadb.tables(server, schema)
    UNION ALL
    SELECT 'column', table_name, column_name
    FROM mariadb.columns(server, schema)
  )
  SELECT 'warning', concat_ws('.', quote_ident(scope), quote_ident(name)),
    format('the %s''s name has %s bytes, and PostgreSQL keeps 63', kind,
      octet_length(name)),
    'rename it in MariaDB, or it gets a shorter name that Prisma does not know',
    NULL::bigint
  FROM named WHERE octet_length(name) > 63
  UNION ALL
  SELECT 'warning', concat_ws('.', quote_ident(min(scope)), quote_ident(min(name))),
    format('names of %ss are the same within 63 bytes: %s', kind,
      string_agg(quote_ident(name), ', ' ORDER BY name)),
    'rename them in MariaDB, or some get a number at their end', NULL
  FROM named
  GROUP BY kind, scope, name::name HAVING count(*) > 1
$$;
REVOKE ALL ON FUNCTION preflight_names(name, text) FROM PUBLIC;
COMMENT ON FUNCTION preflight_names(name, text)
IS 'the part of preflight that looks for names too long and names that clash';

CREATE FUNCTION preflight_indexes(server name, schema text,
  OUT severity text, OUT object text, OUT finding text, OUT advice text,
  OUT rows_concerned bigint)
RETURNS SETOF record
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH i AS MATERIALIZED (
    SELECT i.*, right(c.collation, 3) = '_ci'
        AND c.data_type NOT IN ('enum', 'set') AS ignores_case,
      right(c.collation, 6) = '_ai_cs'
        AND c.data_type NOT IN ('enum', 'set') AS ignores_accents
    FROM mariadb.indexes(server, schema) i
      LEFT JOIN mariadb.columns(server, schema) c USING (table_name, column_name)
  )
  SELECT CASE min(kind) WHEN 'UNIQUE' THEN 'warning' ELSE 'info' END,
    format('%I.%I', table_name, index_name),
    format('unique without regard to case and accents: %s',
      string_agg(quote_ident(column_name), ', ' ORDER BY position)
        FILTER (WHERE ignores_case)),
    'PostgreSQL tells a@x from A@x: write such values in lower case, or add a unique index on lower(column)',
    NULL::bigint
  FROM i
  WHERE kind IN ('UNIQUE', 'PRIMARY')
  GROUP BY table_name, index_name HAVING bool_or(ignores_case)
  UNION ALL
  SELECT CASE min(kind) WHEN 'UNIQUE' THEN 'warning' ELSE 'info' END,
    format('%I.%I', table_name, index_name),
    format('unique without regard to accents: %s',
      string_agg(quote_ident(column_name), ', ' ORDER BY position)
        FILTER (WHERE ignores_accents)),
    'PostgreSQL compares accents: add a unique index on unaccent(column), in an immutable function',
    NULL
  FROM i
  WHERE kind IN ('UNIQUE', 'PRIMARY')
  GROUP BY table_name, index_name HAVING bool_or(ignores_accents)
  UNION ALL
  SELECT CASE min(kind) WHEN 'UNIQUE' THEN 'warning' ELSE 'info' END,
    format('%I.%I', table_name, index_name),
    format('indexes the start only of: %s', string_agg(
      format('%I(%s)', column_name, prefix_length), ', ' ORDER BY position)),
    'it becomes an index on left(column, n), which a query must name to use',
    NULL
  FROM i WHERE prefix_length IS NOT NULL AND kind IN ('UNIQUE', 'INDEX')
  GROUP BY table_name, index_name
$$;
REVOKE ALL ON FUNCTION preflight_indexes(name, text) FROM PUBLIC;
COMMENT ON FUNCTION preflight_indexes(name, text)
IS 'the part of preflight about indexes that are not the same in PostgreSQL';

CREATE FUNCTION preflight_tables(server name, schema text,
  OUT severity text, OUT object text, OUT finding text, OUT advice text,
  OUT rows_concerned bigint)
RETURNS SETOF record
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH t AS MATERIALIZED (SELECT * FROM mariadb.tables(server, schema)),
    c AS MATERIALIZED (SELECT * FROM mariadb.columns(server, schema))
  SELECT 'warning', quote_ident(table_name),
    format('engine %s has no transactions: the table is read outside of the snapshot', engine),
    'stop writing to it during the move, or ALTER TABLE ... ENGINE=InnoDB',
    NULL::bigint
  FROM t
  WHERE kind IN ('BASE TABLE', 'SYSTEM VERSIONED')
    AND engine NOT IN ('InnoDB', 'ROCKSDB', 'TokuDB')
  UNION ALL
  SELECT 'warning', quote_ident(table_name), 'the table has no primary key',
    'its rows cannot be told apart; Prisma asks for a unique key', NULL
  FROM t
  WHERE kind IN ('BASE TABLE', 'SYSTEM VERSIONED')
    AND NOT EXISTS (SELECT FROM c
      WHERE c.table_name = t.table_name AND c.key_position IS NOT NULL)
  UNION ALL
  SELECT k.severity, quote_ident(table_name), k.finding, k.advice, NULL
  FROM t JOIN (VALUES
    ('VIEW', 'info', 'a view',
      'it is made where its SQL can be translated with certainty'),
    ('SEQUENCE', 'info', 'a sequence', 'it is made with its position')
  ) AS k (kind, severity, finding, advice) USING (kind)
  UNION ALL
  SELECT 'info', format('%I.%I', table_name, column_name),
    format('generated as %s', generation_expression),
    'the values are not copied but generated, or plain where the expression cannot be said',
    NULL
  FROM c WHERE generation_expression <> ''
  UNION ALL
  SELECT DISTINCT 'info', format('%I.%I', table_name, key_name),
    'the account may not see ON UPDATE and ON DELETE of this foreign key',
    'SHOW CREATE TABLE tells them, but not RESTRICT from NO ACTION: GRANT REFERENCES on the schema to the account in MariaDB',
    NULL::bigint
  FROM mariadb.foreign_keys(server, schema) WHERE on_delete IS NULL
$$;
REVOKE ALL ON FUNCTION preflight_tables(name, text) FROM PUBLIC;
COMMENT ON FUNCTION preflight_tables(name, text)
IS 'the part of preflight about kinds of tables, columns and foreign keys';

CREATE FUNCTION preflight_server(server name, schema text,
  OUT severity text, OUT object text, OUT finding text, OUT advice text,
  OUT rows_concerned bigint)
RETURNS SETOF record
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH settings AS MATERIALIZED (
    SELECT log_bin,
      CASE zone WHEN 'SYSTEM' THEN system_zone ELSE zone END AS zone
    FROM mariadb.query(server,
      'SELECT @@global.time_zone, @@system_time_zone, @@log_bin')
      AS q (zone text, system_zone text, log_bin int)
  )
  SELECT 'warning', format('%I.%I', c.table_name, c.column_name),
    format('a TIMESTAMP, and the time zone of the MariaDB server is %s', s.zone),
    'values arrive in UTC; if the application saw that time zone, set the server option time_zone',
    NULL::bigint
  FROM settings s, mariadb.columns(server, schema) c
  WHERE c.data_type = 'timestamp'
    AND upper(s.zone) NOT IN ('UTC', 'GMT', '+00:00', 'ETC/UTC')
  UNION ALL
  SELECT 'info', server::text, 'the binary log is off',
    'the workers of a move lock the tables for the milliseconds that their snapshots take; without the right to do so there is one worker', NULL
  FROM settings WHERE log_bin = 0
  UNION ALL
  SELECT 'warning', 'statement_timeout',
    format('ends each statement after %s, also CALL mariadb.migrate', current_setting('statement_timeout')),
    'SET statement_timeout = 0 in the session that calls it', NULL
  WHERE current_setting('statement_timeout') <> '0'
$$;
REVOKE ALL ON FUNCTION preflight_server(name, text) FROM PUBLIC;
COMMENT ON FUNCTION preflight_server(name, text)
IS 'the part of preflight about settings of the MariaDB server';

CREATE FUNCTION preflight_privileges(server name, schema text, tables text[],
  OUT severity text, OUT object text, OUT finding text, OUT advice text,
  OUT rows_concerned bigint)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_preflight_privileges'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION preflight_privileges(name, text, text[]) FROM PUBLIC;
COMMENT ON FUNCTION preflight_privileges(name, text, text[])
IS 'the part of preflight that finds tables and columns that the account may not read, of a schema or of some tables';

CREATE FUNCTION warn_of_hidden(server name, schema text, tables text[])
RETURNS int
AS 'MODULE_PATHNAME', 'mariadb_warn_of_hidden'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
REVOKE ALL ON FUNCTION warn_of_hidden(name, text, text[]) FROM PUBLIC;
COMMENT ON FUNCTION warn_of_hidden(name, text, text[])
IS 'the part of migrate and verify_structure that warns of what preflight_privileges finds; returns how much that is';

CREATE FUNCTION schema_privileges(server name, schema text) RETURNS text[]
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- Grants of enabled roles are among them; in a schema's name % and _ stand
  -- for others, unless a backslash is before them.  MySQL takes single schemas
  -- out of a grant on all by a line of its own.
  WITH shown AS MATERIALIZED (
    SELECT m[1] AS verb, btrim(p) AS privilege
    FROM mariadb.query(server, 'SHOW GRANTS') AS g (line text),
      regexp_match(g.line, '^(GRANT|REVOKE) (.*?) ON ([*]|`(?:[^`]|``)*`)[.][*] (?:TO|FROM) ') AS m,
      regexp_split_to_table(m[2], ',') AS p
    WHERE m[3] = '*'
      OR schema LIKE replace(substr(m[3], 2, length(m[3]) - 2), '``', '`')
  )
  SELECT coalesce(array_agg(DISTINCT privilege), '{}')
  FROM shown
  WHERE verb = 'GRANT'
    AND privilege NOT IN (SELECT privilege FROM shown WHERE verb = 'REVOKE')
$$;
REVOKE ALL ON FUNCTION schema_privileges(name, text) FROM PUBLIC;
COMMENT ON FUNCTION schema_privileges(name, text)
IS 'the part of preflight that knows which privileges an account has on a whole schema';

CREATE FUNCTION preflight_hidden(server name, schema text,
  OUT severity text, OUT object text, OUT finding text, OUT advice text,
  OUT rows_concerned bigint)
RETURNS SETOF record
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'info', quote_ident(schema),
    format('MariaDB may hide from this account: %s',
      string_agg(k.kind, ', ' ORDER BY k.n)),
    format('list them with another account, or grant %s',
      string_agg(k.privilege, ', ' ORDER BY k.n)), NULL::bigint
  FROM mariadb.schema_privileges(server, schema) AS granted, (VALUES
    (1, 'triggers', 'TRIGGER'), (2, 'routines', 'EXECUTE'),
    (3, 'events', 'EVENT'), (4, 'definitions of views', 'SHOW VIEW')
  ) AS k (n, kind, privilege)
  WHERE NOT granted && ARRAY['ALL PRIVILEGES', k.privilege]
  HAVING count(*) > 0
$$;
REVOKE ALL ON FUNCTION preflight_hidden(name, text) FROM PUBLIC;
COMMENT ON FUNCTION preflight_hidden(name, text)
IS 'the part of preflight that tells which other objects MariaDB may hide';

CREATE FUNCTION preflight(server name, schema text, prisma text DEFAULT NULL,
  OUT severity text, OUT object text, OUT finding text, OUT advice text,
  OUT rows_concerned bigint)
RETURNS SETOF record
LANGUAGE sql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT mariadb.not_null('{server,schema}', server, schema);
  SELECT f.* FROM (
    SELECT * FROM mariadb.preflight_privileges(server, schema, NULL)
    UNION ALL SELECT * FROM mariadb.preflight_hidden(server, schema)
    UNION ALL SELECT * FROM mariadb.preflight_values(server, schema,
      jsonb_strip_nulls(jsonb_build_object('prisma', prisma)))
    UNION ALL SELECT * FROM mariadb.preflight_indexed(server, schema,
      prisma IS NOT NULL)
    UNION ALL SELECT * FROM mariadb.preflight_orphans(server, schema)
    UNION ALL SELECT * FROM mariadb.preflight_names(server, schema)
    UNION ALL SELECT * FROM mariadb.preflight_indexes(server, schema)
    UNION ALL SELECT * FROM mariadb.preflight_tables(server, schema)
    UNION ALL SELECT * FROM mariadb.preflight_server(server, schema)
  ) AS f
  ORDER BY array_position('{error,warning,info}', f.severity), f.object,
    f.finding
$$;
REVOKE ALL ON FUNCTION preflight(name, text, text) FROM PUBLIC;
COMMENT ON FUNCTION preflight(name, text, text)
IS 'what somebody must look at before a MariaDB schema moves: an error stops the move under the options of the server, a warning changes what the application sees';
