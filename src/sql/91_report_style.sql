
-- The report of a run: how it looks.

CREATE FUNCTION mariadb_internal.style_sheet() RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $css$ SELECT $$
:root { color-scheme: light dark; --paper: #fff; --sheet: #f5f6f8; --ink: #1c2128;
  --soft: #59636e; --line: #dfe3e8; --bar: #4a7fb5; --track: #e8ecf1;
  --good: #136c3f; --good-sheet: #e4f3ea; --warn: #7d4e00; --warn-sheet: #fcf0d6;
  --bad: #a8201a; --bad-sheet: #fce8e6; --info: #34557f; --info-sheet: #e8eff8; }
@media screen and (prefers-color-scheme: dark) {
  :root { --paper: #13171c; --sheet: #1c2128; --ink: #e4e8ed; --soft: #9ba6b2;
    --line: #2d343d; --bar: #6c9fd3; --track: #262d36;
    --good: #72d6a3; --good-sheet: #12321f; --warn: #ecc06c; --warn-sheet: #382a0c;
    --bad: #ff9f97; --bad-sheet: #431a17; --info: #a8c8f0; --info-sheet: #1a2b42; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
main, footer { max-width: 66rem; margin: 0 auto; padding: 0 1.5rem; }
header { padding: 3rem 0 0; }
h1, h2, h3 { line-height: 1.25; margin: 0; font-weight: 650; letter-spacing: -.01em; }
h1 { font-size: 2rem; }
h2 { font-size: 1.25rem; margin-bottom: .75rem; }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p { margin: 0 0 .75rem; max-width: 44rem; }
section { margin-top: 3rem; }
.above, .soft, .figures dt, th, .facts dt { color: var(--soft); }
.above { margin: 0 0 .25rem; font-size: .875rem; }
.arrow { color: var(--soft); font-weight: 400; }
.verdict { display: flex; gap: .875rem; align-items: baseline; margin-top: 1.5rem;
  padding: .875rem 1.125rem; border-radius: .5rem; border-left: .25rem solid; }
.verdict p { margin: 0; color: var(--ink); }
.verdict .status { padding: 0; background: none; font-size: 1rem; }
.good { color: var(--good); background: var(--good-sheet); }
.warn { color: var(--warn); background: var(--warn-sheet); }
.bad { color: var(--bad); background: var(--bad-sheet); }
.info { color: var(--info); background: var(--info-sheet); }
.status { display: inline-block; padding: .0625rem .5rem; border-radius: .75rem;
  font-size: .8125rem; font-weight: 600; white-space: nowrap; }
.long { white-space: normal; }
.status b { font-weight: 800; }
.figures { display: grid; grid-template-columns: repeat(5, 1fr); gap: 1rem;
  margin: 1.75rem 0 0; }
.figures div { border-top: 1px solid var(--line); padding-top: .625rem; }
.figures dt { font-size: .8125rem; }
.figures dd { margin: 0; font-size: 1.5rem; font-weight: 600; line-height: 1.25;
  letter-spacing: -.01em; }
.figures small { display: block; font-size: .8125rem; font-weight: 400; color: var(--soft);
  letter-spacing: 0; }
.facts { display: grid; grid-template-columns: 10rem 1fr 10rem 1fr; gap: 0 1rem; margin: 0; }
.facts div { display: grid; grid-template-columns: subgrid; grid-column: span 2;
  padding: .375rem 0; border-bottom: 1px solid var(--line); align-content: start; }
.facts .wide { grid-column: 1 / -1; }
.facts .wide dd { grid-column: 2 / -1; }
.facts dt { font-size: .875rem; }
.facts dd { margin: 0; min-width: 0; }
table { width: 100%; border-collapse: collapse; font-size: .9375rem; }
th { font-size: .8125rem; font-weight: 500; text-align: left; vertical-align: bottom;
  white-space: nowrap; }
th, td { padding: .5rem 1.25rem .5rem 0; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
td { vertical-align: top; min-width: 5.5rem; }
td:first-child { font-weight: 550; min-width: 9rem; }
table + .soft { margin-top: .625rem; font-size: .8125rem; max-width: none; }
.n { text-align: right; white-space: nowrap; overflow-wrap: normal; }
.bar { display: block; height: .25rem; margin-top: .1875rem; border-radius: .125rem;
  background: var(--track); overflow: hidden; min-width: 7rem; }
.bar i { display: block; height: 100%; border-radius: .125rem; background: var(--bar); }
code { font: .875em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
pre { margin: .375rem 0 0; padding: .625rem .875rem; background: var(--sheet);
  border-radius: .375rem; white-space: pre-wrap; }
ol { margin: 0; padding: 0; list-style: none; counter-reset: step; }
ol li { counter-increment: step; position: relative; padding: 0 0 1.25rem 2.25rem; }
ol li::before { content: counter(step); position: absolute; left: 0; top: .0625rem;
  width: 1.5rem; height: 1.5rem; border-radius: 50%; background: var(--track);
  font-size: .8125rem; font-weight: 600; line-height: 1.5rem; text-align: center; }
ol li:last-child { padding-bottom: 0; }
footer { margin-top: 3rem; padding-top: 1rem; padding-bottom: 3rem; color: var(--soft);
  font-size: .8125rem; }
@media screen and (max-width: 44rem) {
  main, footer { padding-left: 1rem; padding-right: 1rem; }
  header { padding-top: 1.5rem; }
  h1 { font-size: 1.5rem; }
  section { margin-top: 2.25rem; }
  .verdict { display: block; }
  .verdict p { margin-top: .25rem; }
  .figures { grid-template-columns: 1fr 1fr; gap: .875rem 1rem; }
  .figures dd { font-size: 1.25rem; }
  .figures div:last-child { grid-column: 1 / -1; }
  .facts, .facts div { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody, tr, td { display: block; }
  tr { padding: .75rem 0; border-bottom: 1px solid var(--line); }
  tr:first-child { border-top: 1px solid var(--line); }
  td, td:first-child { min-width: 0; }
  td, td:last-child { display: grid; grid-template-columns: 7rem minmax(0, 1fr); gap: 0 .75rem;
    padding: .125rem 0; border: 0; text-align: left; white-space: normal; }
  td::before { content: attr(data-label); color: var(--soft); text-align: left;
    font-size: .8125rem; line-height: 1.40625rem; }
  td:first-child { display: block; font-weight: 650; }
  td:first-child::before { content: none; }
  td > .status { justify-self: start; }
  td > .bar { grid-column: 2; margin: 0 0 .25rem; }
}
@media print {
  @page { size: A4; margin: 16mm 15mm; }
  html { font-size: 9.5pt; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  main, footer { max-width: none; padding: 0; }
  header { padding-top: 0; }
  section { margin-top: 2rem; }
  h2, h3 { break-after: avoid; }
  tr, li, pre, .figures, .facts div, .verdict { break-inside: avoid; }
  footer { margin-top: 2rem; padding-bottom: 0; }
}
$$ $css$;
COMMENT ON FUNCTION mariadb_internal.style_sheet()
IS 'the part of report with its style sheet: for screens of any width, light and dark, and for paper';
