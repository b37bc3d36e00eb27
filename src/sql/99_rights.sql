
-- Who may call what: nobody, but what reads nothing.  docs/privileges.md has
-- the rest.

REVOKE ALL ON ALL ROUTINES IN SCHEMA mariadb, mariadb_internal FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mariadb.version(), mariadb.connections(),
  mariadb.disconnect(name), mariadb.disconnect_all(),
  mariadb.import_notes(text), mariadb.prisma_schema(text),
  mariadb.prisma_review(text), mariadb.review_sql(text),
  mariadb.remote_identifier(text), mariadb.remote_literal(text)
TO PUBLIC;
