
-- Arguments: an invalid one is an error, and never returns no rows.

CREATE FUNCTION mariadb_internal.not_null(names text[], VARIADIC arguments "any") RETURNS void
AS 'MODULE_PATHNAME', 'mariadb_not_null'
LANGUAGE C VOLATILE PARALLEL SAFE;
COMMENT ON FUNCTION mariadb_internal.not_null(text[], "any")
IS 'raise an error for the first named argument that is null';

CREATE FUNCTION mariadb_internal.not_empty(name text, value text, hint text) RETURNS void
AS 'MODULE_PATHNAME', 'mariadb_not_empty'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION mariadb_internal.not_empty(text, text, text)
IS 'raise an error for an argument that is nothing but white space';

CREATE FUNCTION mariadb_internal.local_schema(local text, missing_ok boolean)
RETURNS regnamespace
AS 'MODULE_PATHNAME', 'mariadb_local_schema'
LANGUAGE C STABLE PARALLEL SAFE;
COMMENT ON FUNCTION mariadb_internal.local_schema(text, boolean)
IS 'find a schema that can hold tables from MariaDB; raises an error for one that is reserved or, unless it may be missing, does not exist';

CREATE FUNCTION mariadb_internal.error_subject(sqlstate text) RETURNS text
AS 'MODULE_PATHNAME', 'mariadb_error_subject'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION mariadb_internal.error_subject(text)
IS 'what an error is about: a value, a table, the server (and so everything) or something else';

CREATE FUNCTION mariadb_internal.check_source(server name, schema text) RETURNS void
AS 'MODULE_PATHNAME', 'mariadb_check_source'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.check_source(name, text)
IS 'raise an error for a MariaDB schema that does not exist or belongs to MariaDB itself';

CREATE FUNCTION mariadb.call_options(OUT name text, OUT calls text[], OUT kind text,
  OUT valid_values text, OUT default_value text, OUT may_change boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_call_options'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
COMMENT ON FUNCTION mariadb.call_options()
IS 'the options of mariadb.migrate, ddl, preflight and copy, and which of them may change when a run is resumed';

CREATE FUNCTION mariadb_internal.checked_options(call text, server name, options jsonb)
RETURNS jsonb
AS 'MODULE_PATHNAME', 'mariadb_checked_options'
LANGUAGE C IMMUTABLE PARALLEL SAFE;
COMMENT ON FUNCTION mariadb_internal.checked_options(text, name, jsonb)
IS 'the options of a call, with booleans and numbers as such; raises an error for an option that it does not accept';

CREATE FUNCTION mariadb_internal.listed_tables(options jsonb) RETURNS text[]
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN options ? 'tables'
    THEN ARRAY(SELECT jsonb_array_elements_text(options -> 'tables')) END
$$;
COMMENT ON FUNCTION mariadb_internal.listed_tables(jsonb)
IS 'the part of migrate and verify_structure that reads option "tables"; NULL for all tables';
