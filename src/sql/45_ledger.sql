
-- The ledger: what migrate has done, does and has still to do.

CREATE TABLE run (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
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
  preflight jsonb
);
COMMENT ON TABLE run
IS 'runs of mariadb.migrate: where from, where to, at which moment, and how far; attempt counts the calls of a run, each of which has a snapshot of its own';
COMMENT ON COLUMN run.method IS 'how all readers came to one snapshot';
COMMENT ON COLUMN run."position" IS 'the position of the snapshot in MariaDB''s binary log; NULL where the log does not show all changes of the server';
COMMENT ON COLUMN run.changes IS 'the number of InnoDB''s next transaction at the time of the snapshot; NULL if it moved meanwhile';
COMMENT ON COLUMN run.lock_ms IS 'milliseconds for which tables of the source were locked; NULL if they were not';

CREATE TABLE chunk (
  run bigint NOT NULL REFERENCES run ON DELETE CASCADE,
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
  PRIMARY KEY (run, table_name, number)
);
COMMENT ON TABLE chunk
IS 'the parts that the tables of a run are copied in: a range of the primary key each, or the whole table; attempt tells whose snapshot it shows, digest is that of the rows stored';

CREATE INDEX chunk_open ON chunk (run, weight DESC, table_name, number)
  WHERE state <> 'done';

CREATE TABLE task (
  run bigint NOT NULL REFERENCES run ON DELETE CASCADE,
  number int NOT NULL,
  step int NOT NULL,
  kind text NOT NULL,
  object text NOT NULL,
  table_name text,
  statement text NOT NULL,
  weight bigint NOT NULL DEFAULT 0,
  state text NOT NULL DEFAULT 'waiting'
    CHECK (state IN ('waiting', 'pending', 'running', 'done', 'failed')),
  worker int,
  started timestamptz,
  finished timestamptz,
  result jsonb,
  PRIMARY KEY (run, number)
);
CREATE INDEX task_open ON task (run, table_name, step)
  WHERE state IN ('waiting', 'pending', 'running');
CREATE INDEX task_pending ON task (run, weight DESC, step, number)
  WHERE state = 'pending';
COMMENT ON TABLE task
IS 'what the workers of a run share when the rows are here: keys, indexes, statistics, checks of foreign keys, comparison; a task is waiting until what is of a lower step is done';

CREATE TABLE reject (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run bigint REFERENCES run ON DELETE CASCADE,
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
  at timestamptz NOT NULL DEFAULT clock_timestamp()
);
COMMENT ON TABLE reject
IS 'rows of MariaDB that could not be stored: the key, the column and its value (hexadecimal digits if is_hex), and the error; condition finds the row in MariaDB';
CREATE INDEX reject_run ON reject (run, table_name, chunk);
