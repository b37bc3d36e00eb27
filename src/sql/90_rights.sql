
-- Who may call what: nobody, but what needs neither a server nor a table.
-- docs/privileges.md has the rest.

REVOKE ALL ON ALL ROUTINES IN SCHEMA mariadb FROM PUBLIC;
GRANT EXECUTE ON FUNCTION mariadb.version(), mariadb.connections(),
  mariadb.disconnect(name), mariadb.disconnect_all(),
  mariadb.import_notes(text), mariadb.prisma_schema(text),
  mariadb.prisma_review(text), mariadb.review_sql(text),
  mariadb.remote_identifier(text), mariadb.remote_literal(text),
  mariadb.mysql_expression(text)
TO PUBLIC;
