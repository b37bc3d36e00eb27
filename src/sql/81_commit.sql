
-- Commits: all go through one procedure.
--
-- A procedure that commits cannot have a search_path of its own, and what it
-- sets for a transaction ends with it.  So each one calls commit_step as its
-- first act and after each step, and nothing else commits.  The settings are
-- those that a worker has (join_workers in worker.c), so that it does not
-- matter which process does a step.

CREATE PROCEDURE mariadb_internal.check_commit()
AS 'MODULE_PATHNAME', 'mariadb_check_commit'
LANGUAGE C;
COMMENT ON PROCEDURE mariadb_internal.check_commit()
IS 'the part of migrate that raises an error if it cannot commit';

CREATE PROCEDURE mariadb_internal.commit_step(one_transaction boolean,
  callers_path text DEFAULT NULL)
LANGUAGE plpgsql
AS $$
BEGIN
  IF NOT one_transaction THEN
    CALL mariadb_internal.check_commit();
    -- After the last step the caller's settings are restored.
    IF callers_path IS NOT NULL THEN
      COMMIT;
      RETURN;
    END IF;
    COMMIT;
    -- Commits of workers must be visible, whatever the session's default.  No
    -- expression may be evaluated before.
    SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
  END IF;
  PERFORM pg_catalog.set_config('search_path',
    coalesce(callers_path, 'pg_catalog, pg_temp'), true);
  IF callers_path IS NOT NULL THEN
    RETURN;
  END IF;
  -- Steps have no time limit; PostgreSQL 17 and newer has this setting.
  IF current_setting('transaction_timeout', true) <> '0' THEN
    PERFORM set_config('transaction_timeout', '0', true);
  END IF;
END
$$;
COMMENT ON PROCEDURE mariadb_internal.commit_step(boolean, text)
IS 'the part of migrate that ends a step: it commits, unless all is to be one transaction, and begins the next with the settings that all steps have, in any process; after the last step the caller''s search_path is restored';
