
-- Sessions: the connections of this backend to MariaDB servers.

CREATE FUNCTION mariadb.connections(OUT server name, OUT user_name text,
  OUT remote_thread bigint, OUT state text, OUT tls_cipher text,
  OUT valid boolean)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'mariadb_connections'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION mariadb.connections()
IS 'connections to MariaDB servers that this session holds';

CREATE FUNCTION mariadb.disconnect(server name) RETURNS boolean
AS 'MODULE_PATHNAME', 'mariadb_disconnect'
LANGUAGE C VOLATILE PARALLEL RESTRICTED;
COMMENT ON FUNCTION mariadb.disconnect(name)
IS 'close idle connections of this session to a MariaDB server; true if there was one';

CREATE FUNCTION mariadb.disconnect_all() RETURNS boolean
AS 'MODULE_PATHNAME', 'mariadb_disconnect_all'
LANGUAGE C VOLATILE STRICT PARALLEL RESTRICTED;
COMMENT ON FUNCTION mariadb.disconnect_all()
IS 'close all idle connections of this session to MariaDB servers; true if there was one';
