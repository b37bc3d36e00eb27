
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
