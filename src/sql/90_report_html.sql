
-- The report of a run: how values and parts of the page are written.

CREATE FUNCTION mariadb_internal.html_text(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- Control characters are not allowed in HTML, however they are written.
  SELECT replace(replace(replace(replace(replace(
    regexp_replace(value, E'[\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u001f\\u007f]', '?', 'g'),
    '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), '"', '&quot;'), '''', '&#39;')
$$;
COMMENT ON FUNCTION mariadb_internal.html_text(text)
IS 'the part of report that escapes a text for HTML';

CREATE FUNCTION mariadb_internal.html_short(value text, length int) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT mariadb_internal.html_text(left(value, length))
    || CASE WHEN char_length(value) > length THEN '&hellip;' ELSE '' END
$$;
COMMENT ON FUNCTION mariadb_internal.html_short(text, int)
IS 'the part of report that truncates a long text, and escapes it';

CREATE FUNCTION mariadb_internal.number_text(value numeric) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(to_char(round(value), 'FM999,999,999,999,999,999,990'),
    '&ndash;')
$$;
COMMENT ON FUNCTION mariadb_internal.number_text(numeric)
IS 'the part of report that writes a number';

CREATE FUNCTION mariadb_internal.bytes_text(value numeric) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN value IS NULL THEN '&ndash;'
    WHEN value < 999.5 THEN to_char(value, 'FM990') || ' B'
    WHEN value < 999.95e3 THEN to_char(value / 1e3, 'FM990.0') || ' kB'
    WHEN value < 999.95e6 THEN to_char(value / 1e6, 'FM990.0') || ' MB'
    WHEN value < 999.95e9 THEN to_char(value / 1e9, 'FM990.0') || ' GB'
    ELSE to_char(value / 1e12, 'FM999,990.0') || ' TB' END
$$;
COMMENT ON FUNCTION mariadb_internal.bytes_text(numeric)
IS 'the part of report that writes a number of bytes';

CREATE FUNCTION mariadb_internal.duration_text(seconds numeric) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN seconds IS NULL THEN '&ndash;'
    WHEN seconds < 0.9995 THEN round(seconds * 1000) || ' ms'
    WHEN seconds < 59.95 THEN to_char(seconds, 'FM90.0') || ' s'
    WHEN round(seconds) < 3600 THEN format('%s min %s s', div(round(seconds), 60),
      to_char(mod(round(seconds), 60), 'FM00'))
    ELSE format('%s h %s min', div(round(seconds / 60), 60),
      to_char(mod(round(seconds / 60), 60), 'FM00')) END
$$;
COMMENT ON FUNCTION mariadb_internal.duration_text(numeric)
IS 'the part of report that writes a time span';

CREATE FUNCTION mariadb_internal.time_text(value timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(to_char(value AT TIME ZONE 'UTC',
    'YYYY-MM-DD HH24:MI:SS "UTC"'), '&ndash;')
$$;
COMMENT ON FUNCTION mariadb_internal.time_text(timestamptz)
IS 'the part of report that writes a timestamp';

CREATE FUNCTION mariadb_internal.plural(value numeric, one text, many text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT mariadb_internal.number_text(value) || ' '
    || CASE WHEN value = 1 THEN one ELSE many END
$$;
COMMENT ON FUNCTION mariadb_internal.plural(numeric, text, text)
IS 'the part of report that counts things';

CREATE FUNCTION mariadb_internal.status_kind(word text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN word IN ('equal', 'done', 'complete') THEN 'good'
    WHEN word IN ('warning', 'not finished', 'needs attention')
      OR word ~ '( rejected| copied)$' THEN 'warn'
    WHEN word = 'info' THEN 'info'
    ELSE 'bad' END
$$;
COMMENT ON FUNCTION mariadb_internal.status_kind(text)
IS 'the part of report that classifies a status as good, warn, bad or info; an unknown one is bad';

CREATE FUNCTION mariadb_internal.html_status(word text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- The sign and the word show it without the color.
  SELECT format('<span class="status %s"><b aria-hidden="true">%s</b>&nbsp;%s</span>',
    k || CASE WHEN char_length(word) > 20 THEN ' long' ELSE '' END,
    CASE k WHEN 'good' THEN '&#10003;' WHEN 'warn' THEN '!'
      WHEN 'info' THEN 'i' ELSE '&#10005;' END, mariadb_internal.html_text(word))
  FROM mariadb_internal.status_kind(word) k
$$;
COMMENT ON FUNCTION mariadb_internal.html_status(text)
IS 'the part of report that shows a status';

CREATE FUNCTION mariadb_internal.html_section(name text, title text, content text)
RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format(E'<section id="%s">\n<h2>%s</h2>\n%s\n</section>\n', name,
    title, content)
$$;
COMMENT ON FUNCTION mariadb_internal.html_section(text, text, text)
IS 'the part of report that makes a section; without content there is none';

CREATE FUNCTION mariadb_internal.html_table(headers text[], body text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- A header that begins with # is that of a numeric column.
  SELECT format(E'<table>\n<thead><tr>%s</tr></thead>\n<tbody>\n%s\n</tbody>\n</table>',
    string_agg(format('<th scope="col"%s>%s</th>',
      CASE WHEN h LIKE '#%' THEN ' class="n"' ELSE '' END, ltrim(h, '#')),
      '' ORDER BY n), body)
  FROM unnest(headers) WITH ORDINALITY AS u (h, n)
$$;
COMMENT ON FUNCTION mariadb_internal.html_table(text[], text)
IS 'the part of report that makes a table; without rows there is none';

CREATE FUNCTION mariadb_internal.html_row(labels text[], cells text[]) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  -- A narrow page shows the label beside the value.
  SELECT '<tr>' || string_agg(format('<td data-label="%s"%s>%s</td>',
    ltrim(l, '#'), CASE WHEN l LIKE '#%' THEN ' class="n"' ELSE '' END,
    coalesce(c, '&ndash;')), '' ORDER BY n) || '</tr>'
  FROM unnest(labels, cells) WITH ORDINALITY AS u (l, c, n)
$$;
COMMENT ON FUNCTION mariadb_internal.html_row(text[], text[])
IS 'the part of report that makes a row of a table, from cells in HTML';

CREATE FUNCTION mariadb_internal.html_bar(shown text, value numeric, top numeric)
RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('%s<span class="bar" aria-hidden="true"><i style="width:%s%%"></i></span>',
    shown, coalesce(CASE WHEN value > 0
      THEN greatest(round(100 * value / nullif(top, 0), 1), 1)
      END, 0))
$$;
COMMENT ON FUNCTION mariadb_internal.html_bar(text, numeric, numeric)
IS 'the part of report that draws a bar below a number: its share of the greatest';

CREATE FUNCTION mariadb_internal.html_code(statement text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('<pre><code>%s</code></pre>', mariadb_internal.html_text(statement))
$$;
COMMENT ON FUNCTION mariadb_internal.html_code(text)
IS 'the part of report that shows a statement to be run';

CREATE FUNCTION mariadb_internal.html_figure(label text, figure text, more text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT format('<div><dt>%s</dt><dd>%s<small>%s</small></dd></div>', label,
    figure, more)
$$;
COMMENT ON FUNCTION mariadb_internal.html_figure(text, text, text)
IS 'the part of report that shows one figure in large digits';
