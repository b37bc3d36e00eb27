
-- The report of a run: what comes next, and the page that can be kept, mailed
-- and printed.

CREATE FUNCTION mariadb_internal.repair_steps(this_run bigint, OUT place int, OUT words text,
  OUT statement text) RETURNS SETOF record
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT s.place, s.words, s.statement
  FROM mariadb.run r, mariadb_internal.run_counts(this_run) c, LATERAL (VALUES
    (c.unfinished > 0 OR r.state = 'open' OR r.state = 'abandoned' AND c.differing = '{}', 1,
      CASE WHEN r.state = 'abandoned' THEN 'The run was abandoned. A new call starts another run.'
        WHEN c.unfinished > 0 THEN mariadb_internal.plural(c.unfinished, 'part of a table is',
          'parts of tables are') || ' not copied. The same call resumes the run.'
        ELSE 'The run has not finished. The same call resumes it.' END,
      format('CALL mariadb.migrate(%L, %L, %L%s)', r.server, r.schema, r.local,
        CASE WHEN r.options = '{}' THEN ''
          WHEN r.options ? 'prisma' THEN format(', %L::jsonb || jsonb_build_object(''prisma'', :''prisma''::text)',
            r.options - 'prisma')
          ELSE format(', %L', r.options) END)),
    (c.rejected > 0, 2, mariadb_internal.plural(c.rejected, 'row was', 'rows were')
      || ' rejected. Fix the values in MariaDB or choose another policy, then replay them.',
      format('SELECT * FROM mariadb.replay(%s)', this_run)),
    (c.differing <> '{}', 3, mariadb_internal.plural(cardinality(c.differing),
        'table differs', 'tables differ') || '. Check the rows, then make them equal.',
      format(E'SELECT * FROM mariadb.differences(%1$L, %2$L, %3$L, %4$L);\n'
        'SELECT * FROM mariadb.repair(%1$L, %2$L, %3$L, %4$L)', r.server, r.schema, r.local,
        c.differing)),
    (mariadb_internal.problems_part(this_run) IS NOT NULL AND r.state <> 'open'
        OR r.state = 'done' AND r.problems > 0 AND c.rejected = 0, 4,
      'The migration finished with ' || mariadb_internal.plural(r.problems, 'problem', 'problems')
        || '. Fix the ones listed below or in the warnings of the run, then run each failed statement yourself.', NULL),
    (r.state = 'done' AND c.compared < c.tables, 5,
      'Not all tables were compared. Compare them now, with the application stopped.',
      format('SELECT * FROM mariadb.verify(%L, %L, %L)', r.server, r.schema, r.local)),
    (r.state = 'done' AND r.options ? 'tables', 6,
      'The run included only some tables. Migrate the others, or see the reports of their runs, before switching the application over.', NULL)
  ) AS s (is_needed, place, words, statement)
  WHERE r.id = this_run AND s.is_needed
$$;
COMMENT ON FUNCTION mariadb_internal.repair_steps(bigint)
IS 'the part of report that lists what has to be done before the application can be switched over';

CREATE FUNCTION mariadb_internal.cutover_steps(this_run bigint, OUT place int, OUT words text,
  OUT statement text) RETURNS SETOF record
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT s.*
  FROM mariadb.run r, LATERAL (VALUES
    (1, 'Stop the application''s writes to MariaDB, and compare: this shows what was written after the snapshot.',
      format('SELECT * FROM mariadb.verify(%L, %L, %L)', r.server, r.schema, r.local)),
    (2, 'Set the sequences once more.',
      format('SELECT * FROM mariadb.sync_sequences(%L, %L, %L)', r.local, r.server, r.schema)),
    (3, 'Compare the application''s important queries on both sides.',
      format('SELECT * FROM mariadb.compare_query(%L, ''SELECT ...'', ''SELECT ...'')', r.server)),
    (4, 'Point the application''s DATABASE_URL to PostgreSQL, and start it.', NULL),
    (5, 'Keep MariaDB as it is, without writes, until the application has run for some weeks and a backup of PostgreSQL has been restored once.', NULL)
  ) AS s (place, words, statement)
  WHERE r.id = this_run
$$;
COMMENT ON FUNCTION mariadb_internal.cutover_steps(bigint)
IS 'the part of report that lists the steps of the changeover';

CREATE FUNCTION mariadb_internal.steps_part(this_run bigint) RETURNS text
LANGUAGE sql STABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  WITH repairs AS (
    SELECT * FROM mariadb_internal.repair_steps(this_run)
  ), steps AS (
    SELECT * FROM repairs
    UNION ALL
    SELECT * FROM mariadb_internal.cutover_steps(this_run)
    WHERE NOT EXISTS (SELECT FROM repairs)
  )
  SELECT '<ol>' || string_agg(format(E'\n<li>%s%s</li>', mariadb_internal.html_text(words),
    coalesce(mariadb_internal.html_code(statement), '')), '' ORDER BY place) || E'\n</ol>'
  FROM steps
$$;
COMMENT ON FUNCTION mariadb_internal.steps_part(bigint)
IS 'the part of report about what to do next: repairs, or otherwise the changeover';

CREATE FUNCTION mariadb.report(run bigint) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  r CONSTANT mariadb.run := (SELECT x FROM mariadb.run x WHERE x.id = $1);
BEGIN
  PERFORM mariadb_internal.not_null('{run}', run);
  IF r.id IS NULL THEN
    RAISE EXCEPTION 'run % does not exist', run
      USING ERRCODE = 'invalid_parameter_value';
  END IF;
  RETURN concat(E'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n',
    E'<meta name="viewport" content="width=device-width, initial-scale=1">\n',
    E'<meta http-equiv="Content-Security-Policy" content="default-src ''none''; style-src ''unsafe-inline''">\n',
    format(E'<title>Migration report: %s to %s, run %s</title>\n',
      mariadb_internal.html_text(r.schema), mariadb_internal.html_text(r.local), run),
    '<style>', mariadb_internal.style_sheet(), E'</style>\n</head>\n<body>\n<main>\n',
    mariadb_internal.head_part(run),
    mariadb_internal.html_section('next', 'Next steps', mariadb_internal.steps_part(run)),
    mariadb_internal.html_section('tables', 'Tables', mariadb_internal.tables_part(run)),
    mariadb_internal.html_section('verification', 'Verification',
      mariadb_internal.verification_part(run)),
    mariadb_internal.html_section('rejected', 'Rejected rows', mariadb_internal.rejects_part(run)),
    mariadb_internal.html_section('problems', 'Failed statements and checks',
      mariadb_internal.problems_part(run)),
    mariadb_internal.html_section('notes', 'Changed or not migrated',
      mariadb_internal.notes_part(run)),
    mariadb_internal.html_section('preflight', 'Findings before the migration',
      mariadb_internal.preflight_part(run)),
    mariadb_internal.html_section('run', 'The run', mariadb_internal.facts_part(run)),
    format(E'</main>\n<footer>Written by %s on %s.</footer>\n</body>\n</html>',
      split_part(mariadb.version(), ',', 1), mariadb_internal.time_text(now())));
END
$$;
COMMENT ON FUNCTION mariadb.report(bigint)
IS 'a self-contained HTML page about a run of mariadb.migrate: figures, tables, verification, rejected rows, notes, findings and what to do next';
