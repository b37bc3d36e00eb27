
-- Who may call what: PUBLIC only functions that read nothing.  See
-- docs/privileges.md.

REVOKE ALL ON ALL ROUTINES IN SCHEMA mariadb, mariadb_internal FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mariadb.version(), mariadb.connections(),
  mariadb.disconnect(name), mariadb.disconnect_all(),
  mariadb.import_notes(text), mariadb.prisma_schema(text),
  mariadb.prisma_review(text), mariadb.review_sql(text),
  mariadb.remote_identifier(text), mariadb.remote_literal(text)
TO PUBLIC;
