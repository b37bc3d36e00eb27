
-- Schema: what a MariaDB schema has, and the local types that it needs.

CREATE FUNCTION mariadb.tables(server name, schema text, OUT table_name text,
  OUT kind text, OUT engine text, OUT row_estimate bigint,
  OUT data_bytes bigint, OUT index_bytes bigint, OUT auto_increment numeric,
  OUT collation text, OUT comment text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_tables'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb.tables(name, text)
IS 'tables, views and sequences of a MariaDB schema, with MariaDB''s estimates of their sizes';

CREATE FUNCTION mariadb.columns(server name, schema text, OUT table_name text,
  OUT column_name text, OUT "position" integer, OUT data_type text,
  OUT column_type text, OUT nullable boolean, OUT default_value text,
  OUT extra text, OUT generation_expression text, OUT character_set text,
  OUT collation text, OUT key_position integer, OUT comment text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_columns'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb.columns(name, text)
IS 'columns of a MariaDB schema''s tables, as MariaDB describes them';

CREATE FUNCTION mariadb.indexes(server name, schema text, OUT table_name text,
  OUT index_name text, OUT kind text, OUT "position" integer,
  OUT column_name text, OUT prefix_length integer, OUT direction text,
  OUT comment text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_indexes'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb.indexes(name, text)
IS 'indexes of a MariaDB schema''s tables, a row for each column';

CREATE FUNCTION mariadb.foreign_keys(server name, schema text, OUT table_name text,
  OUT key_name text, OUT "position" integer, OUT column_name text,
  OUT referenced_schema text, OUT referenced_table text,
  OUT referenced_column text, OUT on_update text, OUT on_delete text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_foreign_keys'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb.foreign_keys(name, text)
IS 'foreign keys of a MariaDB schema''s tables, a row for each column; MariaDB hides the actions from an account that may only read';

CREATE FUNCTION mariadb.create_enums(server name, schema text, local text,
  prisma text DEFAULT NULL, OUT type text, OUT labels text[],
  OUT columns text[], OUT status text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_create_enums'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb.create_enums(name, text, text, text)
IS 'create the enum types that a MariaDB schema needs, under the names that the text of schema.prisma gives them';

CREATE FUNCTION mariadb.import_notes(local text, OUT foreign_table text,
  OUT column_name text, OUT note text)
RETURNS SETOF record
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  -- PUBLIC may call this, but none of the internal functions.
  IF local IS NULL THEN
    RAISE null_value_not_allowed
      USING MESSAGE = 'argument "local" must not be null';
  END IF;
  PERFORM quote_ident(local)::regnamespace;
  RETURN QUERY
    SELECT c.relname::text, a.attname::text, o.option_value
    FROM pg_namespace n
      JOIN pg_class c ON c.relnamespace = n.oid
      JOIN pg_foreign_table t ON t.ftrelid = c.oid
      JOIN pg_foreign_server s ON s.oid = t.ftserver
      JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
        AND w.fdwname = 'mariadb_fdw'
      JOIN LATERAL (
        SELECT NULL::name, 0, t.ftoptions
        UNION ALL
        SELECT attname, attnum, attfdwoptions FROM pg_attribute
        WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped
      ) AS a (attname, attnum, options) ON true
      JOIN LATERAL pg_options_to_table(a.options) AS o
        ON o.option_name = 'note'
    WHERE n.nspname = local
    ORDER BY c.relname, a.attnum;
END
$$;
COMMENT ON FUNCTION mariadb.import_notes(text)
IS 'what IMPORT FOREIGN SCHEMA decided beyond the type mapping, for the foreign tables of a schema; a row without a column is about the table';

CREATE FUNCTION mariadb_internal.mysql_expression(text text) RETURNS text
AS 'MODULE_PATHNAME', 'mariadb_mysql_expression'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION mariadb_internal.mysql_expression(text)
IS 'an expression as information_schema of MySQL shows it, in the form of MariaDB''s';
