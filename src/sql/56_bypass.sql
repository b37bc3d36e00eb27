
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
IS 'the part of migrate that disables triggers and foreign keys until the transaction ends; false if this user is not allowed to';

CREATE FUNCTION mariadb_internal.disable_keys_and_triggers(relations regclass[], not_valid boolean)
RETURNS jsonb
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  o record;
  restore jsonb := '[]';
BEGIN
  FOR o IN
    SELECT k.conrelid AS relation, k.conname AS name,
      format('ALTER TABLE %s DROP CONSTRAINT %I', k.conrelid::regclass,
        k.conname) AS disable,
      format('ALTER TABLE %s ADD CONSTRAINT %I %s%s', k.conrelid::regclass,
        k.conname, regexp_replace(pg_get_constraintdef(k.oid), ' NOT VALID$', ''),
        CASE WHEN not_valid OR NOT k.convalidated THEN ' NOT VALID' END) AS undo,
      format('COMMENT ON CONSTRAINT %I ON %s IS %L', k.conname,
        k.conrelid::regclass, obj_description(k.oid, 'pg_constraint')) AS extra
    FROM pg_constraint k
    WHERE k.contype = 'f' AND k.conparentid = 0
      AND (k.conrelid = ANY (relations) OR k.confrelid = ANY (relations))
    UNION ALL
    SELECT g.tgrelid, NULL, format('ALTER TABLE %s DISABLE TRIGGER %I',
        g.tgrelid::regclass, g.tgname),
      format('ALTER TABLE %s ENABLE %s TRIGGER %I', g.tgrelid::regclass,
        CASE g.tgenabled WHEN 'A' THEN 'ALWAYS' WHEN 'R' THEN 'REPLICA' END,
        g.tgname), NULL
    FROM pg_trigger g
    WHERE NOT g.tgisinternal AND g.tgenabled <> 'D'
      AND g.tgrelid = ANY (relations)
  LOOP
    EXECUTE o.disable;
    restore := restore || jsonb_build_object('relation', o.relation::bigint,
      'key', o.name, 'statement', o.undo, 'comment', o.extra);
  END LOOP;
  RETURN restore;
END
$$;
COMMENT ON FUNCTION mariadb_internal.disable_keys_and_triggers(regclass[], boolean)
IS 'the part of migrate, repair and resync that drops foreign keys and disables triggers, for a user who cannot bypass them; returns the statements that restore them, the keys as NOT VALID if so asked';

CREATE FUNCTION mariadb_internal.defer_key_tasks(run bigint, restore jsonb) RETURNS jsonb
LANGUAGE sql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- While a key is dropped, its name is free, but the plan must not use it.
  WITH deferred AS (
    DELETE FROM mariadb.task t
    WHERE t.run = $1 AND t.kind = 'foreign key' AND EXISTS (
      SELECT FROM jsonb_array_elements(restore) r
      WHERE r ->> 'key' = t.planned ->> 'local_name'
        AND (r ->> 'relation')::oid = mariadb_internal.step_table(t.planned))
    RETURNING t.*
  )
  SELECT coalesce(jsonb_agg(to_jsonb(p) || p.planned ORDER BY p.number), '[]') FROM deferred p
$$;
COMMENT ON FUNCTION mariadb_internal.defer_key_tasks(bigint, jsonb)
IS 'the part of migrate that removes tasks that would create a foreign key which restore_keys_and_triggers restores; returns them';

CREATE FUNCTION mariadb_internal.restore_keys_and_triggers(restore jsonb, deferred jsonb DEFAULT '[]')
RETURNS int
LANGUAGE plpgsql VOLATILE STRICT PARALLEL UNSAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r record;
BEGIN
  FOR r IN
    SELECT (e ->> 'relation')::oid::regclass AS relation, e ->> 'key' AS key,
      e ->> 'statement' AS statement, e ->> 'comment' AS comment
    FROM jsonb_array_elements(restore) WITH ORDINALITY AS j (e, n) ORDER BY n
  LOOP
    BEGIN
      EXECUTE r.statement;
    EXCEPTION WHEN duplicate_object THEN
      IF mariadb_internal.is_same_key(r.relation, r.key, r.statement) IS NOT TRUE THEN
        RAISE;
      END IF;
    END;
    IF r.comment IS NOT NULL THEN
      EXECUTE r.comment;
    END IF;
  END LOOP;
  RETURN (SELECT count(*) FROM jsonb_array_elements(deferred) s
    WHERE NOT mariadb_internal.execute_step(s));
END
$$;
COMMENT ON FUNCTION mariadb_internal.restore_keys_and_triggers(jsonb, jsonb)
IS 'the part of migrate, repair and resync that restores what disable_keys_and_triggers has dropped or disabled; returns how many of the deferred statements find a different object of that name';
