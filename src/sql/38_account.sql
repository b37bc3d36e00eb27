
-- The account: what it may not read in a MariaDB schema.

CREATE FUNCTION mariadb_internal.privilege_findings(server name, schema text, tables text[],
  OUT severity text, OUT object text, OUT finding text, OUT advice text,
  OUT rows_concerned bigint)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_preflight_privileges'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.privilege_findings(name, text, text[])
IS 'the part of preflight that finds tables and columns that the account may not read, of a schema or of some tables';

CREATE FUNCTION mariadb_internal.warn_of_hidden(server name, schema text, tables text[])
RETURNS int
AS 'MODULE_PATHNAME', 'mariadb_warn_of_hidden'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.warn_of_hidden(name, text, text[])
IS 'the part of migrate and verify_structure that warns of the findings of privilege_findings; returns their number';

CREATE FUNCTION mariadb_internal.account_grants(server name) RETURNS SETOF text
AS 'MODULE_PATHNAME', 'mariadb_account_grants'
LANGUAGE C VOLATILE PARALLEL UNSAFE;
COMMENT ON FUNCTION mariadb_internal.account_grants(name)
IS 'the grants of the account that a MariaDB server uses for this session, as it shows them';

CREATE FUNCTION mariadb_internal.schema_privileges(server name, schema text) RETURNS text[]
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- They include grants of enabled roles; in a schema's name % and _ are
  -- wildcards unless escaped by a backslash.  MySQL excludes single schemas
  -- from a grant on all by a separate line.
  WITH shown AS MATERIALIZED (
    SELECT m[1] AS verb, btrim(p) AS privilege
    FROM mariadb_internal.account_grants(server) AS g (line),
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
COMMENT ON FUNCTION mariadb_internal.schema_privileges(name, text)
IS 'the part of preflight that returns the privileges of an account on a whole schema';

CREATE FUNCTION mariadb_internal.hidden_object_findings(server name, schema text,
  OUT severity text, OUT object text, OUT finding text, OUT advice text,
  OUT rows_concerned bigint)
RETURNS SETOF record
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT 'info', quote_ident(schema),
    format('%s may hide from this account: %s', mariadb_internal.product(),
      string_agg(k.kind, ', ' ORDER BY k.n)),
    format('list them with another account, or grant %s',
      string_agg(k.privilege, ', ' ORDER BY k.n)), NULL::bigint
  FROM mariadb_internal.schema_privileges(server, schema) AS granted, (VALUES
    (1, 'triggers', 'TRIGGER'), (2, 'routines', 'EXECUTE'),
    (3, 'events', 'EVENT'), (4, 'definitions of views', 'SHOW VIEW')
  ) AS k (n, kind, privilege)
  WHERE NOT granted && ARRAY['ALL PRIVILEGES', k.privilege]
  HAVING count(*) > 0
$$;
COMMENT ON FUNCTION mariadb_internal.hidden_object_findings(name, text)
IS 'the part of preflight that lists which other objects MariaDB may hide';
