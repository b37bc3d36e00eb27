
-- Migration: a whole schema, step by step.

CREATE PROCEDURE mariadb_internal.run_statements(INOUT plan jsonb, phase text,
  one_transaction boolean, INOUT problems int)
LANGUAGE plpgsql
AS $$
DECLARE
  step pg_catalog.jsonb;
  failed pg_catalog.jsonb := '[]';
BEGIN
  CALL mariadb_internal.commit_step(one_transaction);
  FOR step IN
    SELECT e FROM pg_catalog.jsonb_array_elements(plan) WITH ORDINALITY AS j (e, n)
    WHERE e ->> 'phase' = run_statements.phase
      AND e ->> 'statement' IS NOT NULL
    ORDER BY n
  LOOP
    CONTINUE WHEN mariadb_internal.depends_on_failed(step, failed);
    IF NOT mariadb_internal.execute_step(step) THEN
      -- A missing table is counted where its rows would be copied.
      problems := problems + CASE step ->> 'kind' WHEN 'table' THEN 0 ELSE 1 END;
      failed := failed || step;
    END IF;
    CALL mariadb_internal.commit_step(one_transaction);
  END LOOP;
  -- A problem is reported once, not again for each index.
  IF failed <> '[]' THEN
    plan := (SELECT coalesce(pg_catalog.jsonb_agg(e ORDER BY n), '[]')
      FROM pg_catalog.jsonb_array_elements(plan) WITH ORDINALITY AS j (e, n)
      WHERE mariadb_internal.depends_on_failed(e, failed) IS NOT TRUE);
  END IF;
END
$$;
COMMENT ON PROCEDURE mariadb_internal.run_statements(jsonb, text, boolean, int)
IS 'the part of migrate that runs the statements of a phase';

CREATE PROCEDURE mariadb_internal.work_here(run bigint, one boolean)
LANGUAGE plpgsql
AS $$
DECLARE
  w pg_catalog.record;
BEGIN
  CALL mariadb_internal.commit_step(one);
  LOOP
    w := mariadb_internal.claim(run);
    EXIT WHEN w.kind IS NULL;
    PERFORM mariadb_internal.bypass_triggers();
    IF w.kind = 'chunk' THEN
      PERFORM mariadb_internal.run_chunk(run, w.table_name, w.number);
    ELSIF w.kind = 'task' THEN
      PERFORM mariadb_internal.run_task(run, w.number);
    ELSE
      RAISE EXCEPTION 'another session is already working on run %', run
        USING ERRCODE = 'object_in_use';
    END IF;
    CALL mariadb_internal.commit_step(one);
  END LOOP;
END
$$;
COMMENT ON PROCEDURE mariadb_internal.work_here(bigint, boolean)
IS 'the part of migrate that does all work in this session if there are no workers';

CREATE PROCEDURE mariadb_internal.work(run bigint, workers int, one boolean)
LANGUAGE plpgsql
AS $$
DECLARE
  lost int := 0;
BEGIN
  -- The leader waits for workers outside the lock manager, which cannot detect
  -- a deadlock then: it must hold no lock on a relation.
  CALL mariadb_internal.commit_step(one);
  IF workers > 0 THEN
    lost := mariadb_internal.run_workers();
  ELSE
    CALL mariadb_internal.work_here(run, one);
  END IF;
  IF EXISTS (SELECT FROM mariadb.chunk c WHERE c.run = work.run AND c.state <> 'done')
    OR EXISTS (SELECT FROM mariadb.task t WHERE t.run = work.run
      AND t.state IN ('waiting', 'pending', 'running'))
  THEN
    RAISE EXCEPTION 'run % is not complete: % workers were lost', run, lost
      USING ERRCODE = 'object_not_in_prerequisite_state',
        HINT = 'Call mariadb.migrate again to resume it.';
  END IF;
END
$$;
COMMENT ON PROCEDURE mariadb_internal.work(bigint, int, boolean)
IS 'the part of migrate that processes the ledger, with or without workers';

CREATE PROCEDURE mariadb_internal.move_data(run bigint, plan jsonb, work text, options jsonb,
  INOUT problems int)
LANGUAGE plpgsql
AS $$
DECLARE
  r mariadb.run;
  one boolean;
  may_bypass boolean;
  former_role pg_catalog.text;
  restore pg_catalog.jsonb := '[]';
  outer_keys pg_catalog.jsonb;
  deferred pg_catalog.jsonb;
  tables pg_catalog.text[];
  workers int;
BEGIN
  CALL mariadb_internal.commit_step((mariadb_internal.migrate_options(options)).one_transaction);
  r := mariadb_internal.own_run(run);
  one := (mariadb_internal.migrate_options(options)).one_transaction;
  former_role := current_setting('session_replication_role');
  may_bypass := mariadb_internal.bypass_triggers();
  PERFORM mariadb_internal.check_table_owners(work, r.local, options);
  outer_keys := mariadb_internal.outer_keys(work, r.local);
  PERFORM mariadb_internal.refuse_orphans(work, r.local, outer_keys)
  WHERE (mariadb_internal.migrate_options(options)).truncate;
  IF NOT may_bypass THEN
    restore := mariadb_internal.disable_keys_and_triggers(
      ARRAY(SELECT t.target FROM mariadb_internal.table_pairs(work, r.local) t), true);
    -- Dropped foreign keys must be restored, whatever happens meanwhile.
    one := one OR restore <> '[]';
  END IF;
  problems := problems + mariadb_internal.plan_chunks(run, work, options);
  PERFORM mariadb_internal.plan_tasks(run, plan, work, r.local);
  deferred := mariadb_internal.defer_key_tasks(run, restore);
  tables := ARRAY(SELECT DISTINCT c.table_name FROM mariadb.chunk c
    WHERE c.run = move_data.run);
  PERFORM mariadb_internal.report_other_engines(r.server, r.schema, tables);
  workers := mariadb_internal.wanted_workers(options, one);
  CALL mariadb_internal.commit_step(one);
  -- Workers start with the settings of this transaction.
  may_bypass := mariadb_internal.bypass_triggers();
  workers := mariadb_internal.prepare_workers(run, workers, tables);
  PERFORM mariadb_internal.restart_mixed_tables(run);
  PERFORM mariadb_internal.release_tasks(run, t.remote)
  FROM mariadb_internal.table_pairs(work, r.local) t WHERE t.target IS NOT NULL;
  PERFORM mariadb_internal.share_rejected(mariadb_internal.rejected_rows(run));
  CALL mariadb_internal.work(run, workers, one);
  problems := problems + mariadb_internal.restore_keys_and_triggers(restore, deferred);
  problems := problems + mariadb_internal.check_outer_keys(outer_keys);
  PERFORM mariadb_internal.end_snapshot(r.server);
  PERFORM set_config('session_replication_role', former_role, true)
  WHERE one AND may_bypass;
END
$$;
COMMENT ON PROCEDURE mariadb_internal.move_data(bigint, jsonb, text, jsonb, int)
IS 'the part of migrate that fills the tables, and creates their keys and indexes';

CREATE PROCEDURE mariadb_internal.finish(run bigint, options jsonb, one boolean)
LANGUAGE plpgsql
AS $$
DECLARE
  server pg_catalog.name;
  tasks int;
  workers int := 0;
BEGIN
  CALL mariadb_internal.commit_step(one);
  tasks := (SELECT count(*) FROM mariadb.task t
    WHERE t.run = finish.run AND t.state = 'waiting');
  -- For little work, one process is as fast.
  IF tasks > 1 AND NOT one THEN
    server := (SELECT r.server FROM mariadb.run r WHERE r.id = run);
    workers := mariadb_internal.wanted_workers(options, one);
    CALL mariadb_internal.commit_step(one);
    workers := mariadb_internal.start_workers(run, server, workers);
  END IF;
  CALL mariadb_internal.work(run, workers, one);
END
$$;
COMMENT ON PROCEDURE mariadb_internal.finish(bigint, jsonb, boolean)
IS 'the part of migrate that checks and compares';

CREATE PROCEDURE mariadb.migrate(server name, schema text, local text,
  options jsonb DEFAULT '{}')
LANGUAGE plpgsql
AS $$
DECLARE
  opts pg_catalog.record;
  plan pg_catalog.jsonb := '[]';
  problems int := 0;
  differing int := 0;
  is_abandoned boolean;
  path pg_catalog.text;
  work pg_catalog.text;
  run bigint;
BEGIN
  path := pg_catalog.current_setting('search_path');
  CALL mariadb_internal.commit_step((mariadb_internal.migrate_options(mariadb_internal.checked_options(
    'migrate', server, options))).one_transaction);
  -- Nothing is done before all arguments have been checked.
  PERFORM mariadb_internal.not_null('{server,schema,local}', server, schema, local);
  options := mariadb_internal.checked_options('migrate', server, options);
  opts := mariadb_internal.migrate_options(options);
  PERFORM mariadb_internal.local_schema(local, true);
  PERFORM mariadb_internal.check_source(server, schema);
  PERFORM mariadb_internal.wanted_tables(server, schema, opts.ddl);
  run := mariadb_internal.open_run(server, schema, local, options);
  PERFORM mariadb_internal.warn_of_timeouts();
  IF NOT opts.data_only THEN
    IF to_regnamespace(quote_ident(local)) IS NULL THEN
      EXECUTE format('CREATE SCHEMA %I', local);
    END IF;
    plan := mariadb_internal.planned_statements(server, schema, local, options);
    PERFORM mariadb_internal.check_type_owners(plan, local);
    PERFORM mariadb_internal.report_notes(plan);
    problems := problems + mariadb_internal.warn_of_existing_tables(server, schema, local,
      options, plan);
  END IF;
  problems := problems + mariadb_internal.warn_of_hidden(server, schema, opts.only_tables);
  PERFORM mariadb_internal.keep_notes(run, mariadb_internal.plan_notes(plan)
    || mariadb_internal.hidden_object_notes(server, schema, opts.only_tables), CASE
    WHEN opts.preflight THEN mariadb_internal.preflight_findings(server, schema, options) END);
  CALL mariadb_internal.run_statements(plan, 'before rows', opts.one_transaction, problems);
  work := mariadb_internal.import_tables(run, options);
  CALL mariadb_internal.move_data(run, plan, work, options, problems);
  plan := mariadb_internal.fitting_statements(plan, work, local);
  CALL mariadb_internal.run_statements(plan, 'last', opts.one_transaction, problems);
  PERFORM mariadb.sync_sequences(local, server, schema);
  PERFORM mariadb_internal.plan_checks(run, work, local, opts.verify);
  CALL mariadb_internal.finish(run, options, opts.one_transaction);
  PERFORM mariadb_internal.mark_failed_keys(run);
  differing := mariadb_internal.comparison_problems(run);
  problems := problems + differing + mariadb_internal.failed_tasks(run);
  PERFORM mariadb_internal.close_run(run, problems);
  IF NOT opts.keep_foreign THEN
    PERFORM mariadb_internal.drop_foreign_tables(run);
  END IF;
  is_abandoned := EXISTS (SELECT FROM mariadb.run r
    WHERE r.id = run AND r.state = 'abandoned');
  CALL mariadb_internal.commit_step(opts.one_transaction, path);
  IF NOT opts.one_transaction THEN
    PERFORM mariadb_internal.unlock_run(run);
  END IF;
  IF is_abandoned THEN
    RAISE EXCEPTION 'tables whose rows differ from %: %',
        mariadb_internal.product(), differing
      USING ERRCODE = 'data_exception',
        HINT = pg_catalog.format('See mariadb.differences(%L, %L, %L). mariadb.resync makes the tables equal again, overwriting changes made in PostgreSQL.',
          server, schema, local);
  END IF;
  RAISE NOTICE 'migration of "%" finished; problems: %', schema, problems;
END
$$;
COMMENT ON PROCEDURE mariadb.migrate(name, text, text, jsonb)
IS 'migrate a MariaDB schema: tables, rows, keys, indexes, sequences, views; what could not be migrated is a warning, and a second call resumes where the first was interrupted';
