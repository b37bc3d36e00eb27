\echo Use "CREATE EXTENSION mariadb_fdw" to load this file. \quit

CREATE FUNCTION mariadb_fdw_handler() RETURNS fdw_handler
AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION mariadb_fdw_handler()
IS 'foreign data wrapper handler of mariadb_fdw';

CREATE FUNCTION mariadb_fdw_validator(text[], oid) RETURNS void
AS 'MODULE_PATHNAME' LANGUAGE C STRICT;
COMMENT ON FUNCTION mariadb_fdw_validator(text[], oid)
IS 'checks the options of servers, user mappings, foreign tables and columns';

CREATE FOREIGN DATA WRAPPER mariadb_fdw
  HANDLER mariadb_fdw_handler
  VALIDATOR mariadb_fdw_validator;
COMMENT ON FOREIGN DATA WRAPPER mariadb_fdw
IS 'MariaDB databases as foreign tables';
