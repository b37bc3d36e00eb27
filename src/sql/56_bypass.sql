
-- Foreign keys and triggers, disabled while rows are stored.

CREATE FUNCTION mariadb_internal.bypass_triggers() RETURNS boolean
LANGUAGE plpgsql VOLATILE PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM set_config('session_replication_role', 'replica', true);
  RETURN true;
EXCEPTION WHEN insufficient_privilege THEN
  RETURN false;
END
$$;
COMMENT ON FUNCTION mariadb_internal.bypass_triggers()
IS 'the part of migrate that disables triggers and foreign keys until the transaction ends; false if this user may not';

CREATE FUNCTION mariadb_internal.disable_keys_and_triggers(work text, local text) RETURNS text[]
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  lifted record;
  restore text[] := '{}';
BEGIN
  FOR lifted IN
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', k.conrelid::regclass,
        k.conname) AS lift,
      format('ALTER TABLE %s ADD CONSTRAINT %I %s%s', k.conrelid::regclass,
        k.conname, regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', ''),
        ' NOT VALID') AS undo,
      format('COMMENT ON CONSTRAINT %I ON %s IS %L', k.conname,
        k.conrelid::regclass, obj_description(k.oid, 'pg_constraint')) AS extra
    FROM pg_constraint k
    WHERE k.contype = 'f' AND k.conparentid = 0
      AND (k.conrelid IN (SELECT target FROM mariadb_internal.table_pairs(work, local))
        OR k.confrelid IN (SELECT target FROM mariadb_internal.table_pairs(work, local)))
    UNION ALL
    SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', g.tgrelid::regclass,
        g.tgname),
      format('ALTER TABLE %s ENABLE %s TRIGGER %I', g.tgrelid::regclass,
        CASE g.tgenabled WHEN 'A' THEN 'ALWAYS' WHEN 'R' THEN 'REPLICA' END,
        g.tgname), NULL
    FROM pg_trigger g
    WHERE NOT g.tgisinternal AND g.tgenabled <> 'D'
      AND g.tgrelid IN (SELECT target FROM mariadb_internal.table_pairs(work, local))
  LOOP
    EXECUTE lifted.lift;
    restore := restore || lifted.undo || lifted.extra;
  END LOOP;
  RETURN array_remove(restore, NULL);
END
$$;
COMMENT ON FUNCTION mariadb_internal.disable_keys_and_triggers(text, text)
IS 'the part of migrate that drops foreign keys and disables triggers, for a user who cannot bypass them; returns the statements that restore them';

CREATE FUNCTION mariadb_internal.defer_key_tasks(run bigint, restore text[]) RETURNS jsonb
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- While a key is dropped its name is free, but the plan must not use it.
  WITH put_off AS (
    DELETE FROM mariadb.task t
    WHERE t.run = $1 AND t.kind = 'foreign key' AND EXISTS (
      SELECT FROM unnest(restore) s
      WHERE starts_with(s, substring(t.statement
        FROM '^.* ADD CONSTRAINT (?:[^" ]+|"(?:[^"]|"")+") (?=FOREIGN KEY )')))
    RETURNING t.*
  )
  SELECT coalesce(jsonb_agg(to_jsonb(p) ORDER BY p.number), '[]') FROM put_off p
$$;
COMMENT ON FUNCTION mariadb_internal.defer_key_tasks(bigint, text[])
IS 'the part of migrate that removes tasks that would create a foreign key which restore_keys_and_triggers restores; returns them';

CREATE FUNCTION mariadb_internal.restore_keys_and_triggers(statements text[], put_off jsonb DEFAULT '[]')
RETURNS int
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  stmt text;
BEGIN
  FOREACH stmt IN ARRAY statements LOOP
    BEGIN
      EXECUTE stmt;
    EXCEPTION WHEN duplicate_object THEN
      IF NOT mariadb_internal.is_same_key(stmt) THEN
        RAISE;
      END IF;
    END;
  END LOOP;
  RETURN (SELECT count(*) FROM jsonb_array_elements(put_off) s
    WHERE NOT mariadb_internal.execute_step(s));
END
$$;
COMMENT ON FUNCTION mariadb_internal.restore_keys_and_triggers(text[], jsonb)
IS 'the part of migrate that restores what disable_keys_and_triggers has disabled; returns how many of the deferred statements conflict with something else';
