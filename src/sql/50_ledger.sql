
-- The ledger: what migrate has done, is doing and has yet to do.
--
-- A row belongs to the role that wrote it, and is not used for any other:
-- statements and conditions of the ledger are executed, so a role that could
-- write them for another one would gain its privileges.  A row and the row
-- that it refers to have the same owner, by the foreign key.  Row security
-- does not apply to superusers: queries for work compare the owner, too.

CREATE TABLE mariadb.run (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner name NOT NULL DEFAULT current_user,
  server name NOT NULL,
  schema text NOT NULL,
  local text NOT NULL,
  options jsonb NOT NULL,
  state text NOT NULL DEFAULT 'open'
    CHECK (state IN ('open', 'done', 'abandoned')),
  attempt int NOT NULL DEFAULT 1,
  workers int,
  method text,
  "position" text,
  gtid text,
  lock_ms double precision,
  changes bigint,
  started timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished timestamptz,
  problems int NOT NULL DEFAULT 0,
  notes jsonb NOT NULL DEFAULT '[]',
  verification jsonb,
  preflight jsonb,
  foreign_schema name,
  UNIQUE (id, owner)
);
COMMENT ON TABLE mariadb.run
IS 'runs of mariadb.migrate: source, target, snapshot and state; attempt counts the calls of a run, each of which has a snapshot of its own';
COMMENT ON COLUMN mariadb.run.owner IS 'the role that owns the run: only its sessions see it, resume it and replay its rows';
COMMENT ON COLUMN mariadb.run.foreign_schema IS 'the schema of the run''s foreign tables, while it exists';
COMMENT ON COLUMN mariadb.run.method IS 'how all readers got the same snapshot';
COMMENT ON COLUMN mariadb.run."position" IS 'the position of the snapshot in MariaDB''s binary log; NULL if the log does not contain all changes of the server';
COMMENT ON COLUMN mariadb.run.changes IS 'the number of InnoDB''s next transaction at the time of the snapshot; NULL if it changed meanwhile';
COMMENT ON COLUMN mariadb.run.lock_ms IS 'milliseconds for which tables of the source were locked; NULL if they were not';

CREATE TABLE mariadb.chunk (
  run bigint NOT NULL,
  owner name NOT NULL DEFAULT current_user,
  table_name text NOT NULL,
  number int NOT NULL,
  target text NOT NULL,
  source text NOT NULL,
  condition text,
  estimated_rows bigint,
  estimated_bytes bigint,
  weight bigint NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'pending'
    CHECK (state IN ('pending', 'check', 'copying', 'done')),
  rows bigint,
  rejected bigint,
  bytes bigint,
  digest text,
  attempt int,
  xid xid8,
  worker int,
  started timestamptz,
  finished timestamptz,
  PRIMARY KEY (run, table_name, number),
  FOREIGN KEY (run, owner) REFERENCES mariadb.run (id, owner)
    ON UPDATE CASCADE ON DELETE CASCADE
);
COMMENT ON TABLE mariadb.chunk
IS 'the parts in which the tables of a run are copied: each a range of the primary key, or the whole table; attempt is the one whose snapshot it has, digest is that of the rows stored';

CREATE INDEX chunk_open ON mariadb.chunk (run, weight DESC, table_name, number)
  WHERE state <> 'done';

CREATE TABLE mariadb.task (
  run bigint NOT NULL,
  owner name NOT NULL DEFAULT current_user,
  number int NOT NULL,
  step int NOT NULL,
  kind text NOT NULL,
  object text NOT NULL,
  table_name text,
  statement text NOT NULL,
  planned jsonb,
  weight bigint NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'waiting'
    CHECK (state IN ('waiting', 'pending', 'running', 'done', 'failed')),
  worker int,
  started timestamptz,
  finished timestamptz,
  result jsonb,
  PRIMARY KEY (run, number),
  FOREIGN KEY (run, owner) REFERENCES mariadb.run (id, owner)
    ON UPDATE CASCADE ON DELETE CASCADE
);
CREATE INDEX task_open ON mariadb.task (run, table_name, step)
  WHERE state IN ('waiting', 'pending', 'running');
CREATE INDEX task_pending ON mariadb.task (run, weight DESC, step, number)
  WHERE state = 'pending';
COMMENT ON TABLE mariadb.task
IS 'the work of a run after its rows are copied: keys, indexes, statistics, checks of foreign keys, comparison; a task is waiting until those of lower steps are done, and planned is what the plan says of a statement';

CREATE TABLE mariadb.reject (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run bigint,
  owner name NOT NULL DEFAULT current_user,
  table_name text NOT NULL,
  target text NOT NULL,
  chunk int,
  key jsonb,
  condition text,
  column_name text,
  value text,
  is_hex boolean NOT NULL DEFAULT false,
  error text NOT NULL,
  sqlstate text NOT NULL,
  at timestamptz NOT NULL DEFAULT clock_timestamp(),
  FOREIGN KEY (run, owner) REFERENCES mariadb.run (id, owner)
    ON UPDATE CASCADE ON DELETE CASCADE
);
COMMENT ON TABLE mariadb.reject
IS 'rows of MariaDB that could not be stored: the key, the column and its value (hexadecimal digits if is_hex), and the error; condition finds the row in MariaDB';
CREATE INDEX reject_run ON mariadb.reject (run, table_name, chunk);

ALTER TABLE mariadb.run ENABLE ROW LEVEL SECURITY;
ALTER TABLE mariadb.chunk ENABLE ROW LEVEL SECURITY;
ALTER TABLE mariadb.task ENABLE ROW LEVEL SECURITY;
ALTER TABLE mariadb.reject ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON mariadb.run USING (owner = current_user);
CREATE POLICY own_rows ON mariadb.chunk USING (owner = current_user);
CREATE POLICY own_rows ON mariadb.task USING (owner = current_user);
CREATE POLICY own_rows ON mariadb.reject USING (owner = current_user);

CREATE FUNCTION mariadb_internal.check_ledger_owner() RETURNS trigger
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  issued bigint;
BEGIN
  IF (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user) THEN
    RETURN NEW;
  END IF;
  -- BYPASSRLS is a privilege to read, not to have others execute something.
  IF NEW.owner <> current_user OR TG_OP = 'UPDATE' AND OLD.owner <> current_user THEN
    RAISE EXCEPTION 'permission denied for rows of role "%" in table %', NEW.owner,
      TG_RELID::regclass
      USING ERRCODE = 'insufficient_privilege';
  END IF;
  -- Nor does session_replication_role, which disables foreign keys, allow it.
  IF TG_TABLE_NAME <> 'run' THEN
    IF NOT EXISTS (SELECT FROM mariadb.run r WHERE r.id = NEW.run AND r.owner = NEW.owner)
      AND NEW.run IS NOT NULL
    THEN
      RAISE EXCEPTION 'run % does not exist', NEW.run
        USING ERRCODE = 'foreign_key_violation';
    END IF;
  END IF;
  -- Numbers that have not been issued yet will belong to rows of others.
  IF TG_TABLE_NAME IN ('run', 'reject') THEN
    issued := CASE TG_TABLE_NAME
      WHEN 'run' THEN (SELECT s.last_value FROM mariadb.run_id_seq s)
      ELSE (SELECT s.last_value FROM mariadb.reject_id_seq s) END;
    IF NEW.id > issued THEN
      RAISE EXCEPTION 'number % of table % has not been issued yet', NEW.id, TG_RELID::regclass
        USING ERRCODE = 'insufficient_privilege';
    END IF;
  END IF;
  RETURN NEW;
END
$$;
COMMENT ON FUNCTION mariadb_internal.check_ledger_owner()
IS 'the part of the ledger that prevents roles with BYPASSRLS or session_replication_role from writing rows of other roles';

-- Updates that keep the owner and key of a row need no check.
CREATE TRIGGER check_owner BEFORE INSERT ON mariadb.run
  FOR EACH ROW EXECUTE FUNCTION mariadb_internal.check_ledger_owner();
CREATE TRIGGER check_new_owner BEFORE UPDATE ON mariadb.run
  FOR EACH ROW WHEN (OLD.owner <> NEW.owner OR NEW.owner <> current_user
    OR OLD.id IS DISTINCT FROM NEW.id)
  EXECUTE FUNCTION mariadb_internal.check_ledger_owner();
ALTER TABLE mariadb.run ENABLE ALWAYS TRIGGER check_owner;
ALTER TABLE mariadb.run ENABLE ALWAYS TRIGGER check_new_owner;
CREATE TRIGGER check_owner BEFORE INSERT ON mariadb.chunk
  FOR EACH ROW EXECUTE FUNCTION mariadb_internal.check_ledger_owner();
CREATE TRIGGER check_new_owner BEFORE UPDATE ON mariadb.chunk
  FOR EACH ROW WHEN (OLD.owner <> NEW.owner OR NEW.owner <> current_user
    OR OLD.run IS DISTINCT FROM NEW.run)
  EXECUTE FUNCTION mariadb_internal.check_ledger_owner();
ALTER TABLE mariadb.chunk ENABLE ALWAYS TRIGGER check_owner;
ALTER TABLE mariadb.chunk ENABLE ALWAYS TRIGGER check_new_owner;
CREATE TRIGGER check_owner BEFORE INSERT ON mariadb.task
  FOR EACH ROW EXECUTE FUNCTION mariadb_internal.check_ledger_owner();
CREATE TRIGGER check_new_owner BEFORE UPDATE ON mariadb.task
  FOR EACH ROW WHEN (OLD.owner <> NEW.owner OR NEW.owner <> current_user
    OR OLD.run IS DISTINCT FROM NEW.run)
  EXECUTE FUNCTION mariadb_internal.check_ledger_owner();
ALTER TABLE mariadb.task ENABLE ALWAYS TRIGGER check_owner;
ALTER TABLE mariadb.task ENABLE ALWAYS TRIGGER check_new_owner;
CREATE TRIGGER check_owner BEFORE INSERT ON mariadb.reject
  FOR EACH ROW EXECUTE FUNCTION mariadb_internal.check_ledger_owner();
CREATE TRIGGER check_new_owner BEFORE UPDATE ON mariadb.reject
  FOR EACH ROW WHEN (OLD.owner <> NEW.owner OR NEW.owner <> current_user
    OR OLD.run IS DISTINCT FROM NEW.run
    OR OLD.id IS DISTINCT FROM NEW.id)
  EXECUTE FUNCTION mariadb_internal.check_ledger_owner();
ALTER TABLE mariadb.reject ENABLE ALWAYS TRIGGER check_owner;
ALTER TABLE mariadb.reject ENABLE ALWAYS TRIGGER check_new_owner;
-- For check_owner, which runs as the role that inserts.
GRANT SELECT ON SEQUENCE mariadb.run_id_seq, mariadb.reject_id_seq TO PUBLIC;

CREATE FUNCTION mariadb_internal.own_run(id bigint) RETURNS mariadb.run
LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r CONSTANT mariadb.run := (SELECT x FROM mariadb.run x
    WHERE x.id = own_run.id AND x.owner = current_user);
BEGIN
  IF r.id IS NULL THEN
    RAISE EXCEPTION 'run % does not exist', id
      USING ERRCODE = 'invalid_parameter_value',
        HINT = format('Role "%s" has no run with this number. Only the owner of a run can use it.', current_user);
  END IF;
  RETURN r;
END
$$;
COMMENT ON FUNCTION mariadb_internal.own_run(bigint)
IS 'the part of migrate and replay that finds a run of the current role, also for superusers, who see all runs';

-- What pg_dump dumps: runs, rejected rows, and the records of finished runs.
-- Chunks and tasks of an open run contain transaction IDs and OIDs of this
-- database: after a restore, migrate compares the tables and resumes.
SELECT pg_catalog.pg_extension_config_dump('mariadb.run', '');
SELECT pg_catalog.pg_extension_config_dump('mariadb.run_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('mariadb.reject', '');
SELECT pg_catalog.pg_extension_config_dump('mariadb.reject_id_seq', '');
SELECT pg_catalog.pg_extension_config_dump('mariadb.chunk',
  'WHERE run IN (SELECT id FROM mariadb.run WHERE state <> ''open'')');
SELECT pg_catalog.pg_extension_config_dump('mariadb.task',
  'WHERE run IN (SELECT id FROM mariadb.run WHERE state <> ''open'')');
