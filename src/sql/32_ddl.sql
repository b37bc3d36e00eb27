
-- DDL: the statements that create a MariaDB schema locally; nothing is run.

CREATE FUNCTION mariadb.ddl(server name, schema text, local text,
  options jsonb DEFAULT '{}', OUT step integer, OUT kind text,
  OUT object text, OUT statement text, OUT note text,
  OUT table_name text, OUT phase text, OUT note_kind text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_ddl'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb.ddl(name, text, text, jsonb)
IS 'statements that create the tables, keys and other objects of a MariaDB schema in a local one, in order; a note has no statement';

CREATE FUNCTION mariadb_internal.planned_rows(server name, schema text, local text,
  options jsonb, OUT step integer, OUT kind text, OUT object text,
  OUT statement text, OUT note text, OUT table_name text, OUT phase text,
  OUT note_kind text, OUT creates text, OUT local_name text, OUT on_table text,
  OUT columns text[], OUT types text[])
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_ddl'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.planned_rows(name, text, text, jsonb)
IS 'the rows of mariadb.ddl, with what a statement creates: its class, name, table and columns, and the enum types that a table uses';

CREATE FUNCTION mariadb_internal.step(kind text) RETURNS int
AS 'MODULE_PATHNAME', 'mariadb_step'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION mariadb_internal.step(text)
IS 'the number of the step that makes objects of a kind; what comes first has the lower one';
