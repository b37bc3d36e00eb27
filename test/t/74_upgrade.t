# An older version that is upgraded is what a fresh installation is: the same
# objects, with the same definitions, privileges, comments and policies.
#
# Each script mariadb_fdw--A--B.sql of the tree is run over a version A.  There
# is none before the second version; so that the comparison is known to see
# what such a script could forget, each kind of object is damaged in a copy, and
# an upgrade is played by hand.
use strict;
use warnings;

use File::Basename qw(basename);
use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $tree = "$Bin/../..";

# Makes a database with some version of the extension, or the newest.
sub installed
{
	my ($name, $version) = @_;
	my $admin = Lab::Session->new('postgres');

	$admin->do("DROP DATABASE IF EXISTS $name WITH (FORCE)");
	$admin->do("CREATE DATABASE $name TEMPLATE template0");
	$admin->quit;
	my $session = Lab::Session->new($name);
	$session->do('CREATE EXTENSION mariadb_fdw' . ($version ? " VERSION '$version'" : ''));
	return $session;
}

# Lists all that belongs to the extension, a line for each property, without
# OIDs, and without the order in which things were made.
sub listing
{
	my ($session) = @_;

	return $session->value(q{
	SET search_path = pg_catalog;
	WITH member AS (
		SELECT d.classid, d.objid, i.type || ' ' || i.identity AS name
		FROM pg_depend d, pg_identify_object(d.classid, d.objid, 0) i
		WHERE d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
			AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'mariadb_fdw')
	), rel AS (
		SELECT m.name, c.* FROM member m JOIN pg_class c ON (m.classid, m.objid) = ('pg_class'::regclass, c.oid)
	), acl AS (
		SELECT m.name, x.grantee, x.privilege_type, x.is_grantable
		FROM member m
			LEFT JOIN pg_proc p ON (m.classid, m.objid) = ('pg_proc'::regclass, p.oid)
			LEFT JOIN pg_class c ON (m.classid, m.objid) = ('pg_class'::regclass, c.oid)
			LEFT JOIN pg_foreign_data_wrapper f ON (m.classid, m.objid) = ('pg_foreign_data_wrapper'::regclass, f.oid),
			aclexplode(CASE WHEN p.oid IS NOT NULL THEN coalesce(p.proacl, acldefault('f', p.proowner))
				WHEN c.relkind = 'S' THEN coalesce(c.relacl, acldefault('s', c.relowner))
				WHEN c.oid IS NOT NULL THEN coalesce(c.relacl, acldefault('r', c.relowner))
				ELSE coalesce(f.fdwacl, acldefault('F', f.fdwowner)) END) x
	), line AS (
		SELECT format('object: %s', name) AS x FROM member
		UNION ALL
		SELECT format('comment: %s: %s', m.name, coalesce(obj_description(m.objid, c.relname), '-'))
		FROM member m JOIN pg_class c ON c.oid = m.classid
		UNION ALL
		SELECT format('privilege: %s: %s %s %s', name, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END,
			privilege_type, is_grantable) FROM acl
		UNION ALL
		SELECT format('function: %s: %s', m.name, CASE WHEN p.prokind = 'a' THEN (
				SELECT a::text FROM (SELECT aggkind, aggnumdirectargs, aggtransfn::regproc, aggfinalfn::regproc, aggcombinefn::regproc,
					aggserialfn::regproc, aggdeserialfn::regproc, aggtranstype::regtype, aggtransspace, agginitval
					FROM pg_aggregate WHERE aggfnoid = p.oid) a)
			ELSE pg_get_functiondef(p.oid) END)
		FROM member m JOIN pg_proc p ON (m.classid, m.objid) = ('pg_proc'::regclass, p.oid)
		UNION ALL
		SELECT format('relation: %s: %s %s %s %s %s', name, relkind, relpersistence, relrowsecurity, relforcerowsecurity,
			coalesce(array_to_string(reloptions, ','), '')) FROM rel
		UNION ALL
		SELECT format('view: %s: %s', name, pg_get_viewdef(oid)) FROM rel WHERE relkind = 'v'
		UNION ALL
		SELECT format('column: %s.%s: %s %s null %s default %s identity %s generated %s comment %s', r.name, a.attname,
			row_number() OVER (PARTITION BY r.oid ORDER BY a.attnum),
			format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity, a.attgenerated,
			col_description(r.oid, a.attnum))
		FROM rel r JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
			LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
		WHERE r.relkind IN ('r', 'v')
		UNION ALL
		SELECT format('sequence: %s: %s', r.name, (SELECT s::text FROM (SELECT seqtypid::regtype, seqstart, seqincrement, seqmax,
			seqmin, seqcache, seqcycle FROM pg_sequence WHERE seqrelid = r.oid) s)) FROM rel r WHERE relkind = 'S'
		UNION ALL
		SELECT format('constraint: %s: %s %s', r.name, k.conname, pg_get_constraintdef(k.oid))
		FROM rel r JOIN pg_constraint k ON k.conrelid = r.oid
		UNION ALL
		SELECT format('index: %s: %s', r.name, pg_get_indexdef(i.indexrelid)) FROM rel r JOIN pg_index i ON i.indrelid = r.oid
		UNION ALL
		SELECT format('trigger: %s: %s %s', r.name, pg_get_triggerdef(t.oid), t.tgenabled)
		FROM rel r JOIN pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal
		UNION ALL
		SELECT format('policy: %s: %s %s %s %s using %s check %s', r.name, p.polname, p.polcmd, p.polpermissive,
			(SELECT string_agg(CASE o WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(o) END, ',') FROM unnest(p.polroles) o),
			pg_get_expr(p.polqual, r.oid), pg_get_expr(p.polwithcheck, r.oid))
		FROM rel r JOIN pg_policy p ON p.polrelid = r.oid
		UNION ALL
		SELECT format('dumped: %s: %s', u.relation::regclass, u.condition)
		FROM pg_extension e, unnest(e.extconfig, e.extcondition) AS u (relation, condition) WHERE e.extname = 'mariadb_fdw'
		UNION ALL
		SELECT format('wrapper: %s handler %s validator %s options %s', fdwname, fdwhandler::regproc, fdwvalidator::regproc, fdwoptions)
		FROM pg_foreign_data_wrapper WHERE fdwname = 'mariadb_fdw'
		UNION ALL
		SELECT format('initial privileges: %s: %s', m.name, (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(i.initprivs) a))
		FROM member m JOIN pg_init_privs i ON (i.classoid, i.objoid) = (m.classid, m.objid)
		UNION ALL
		SELECT format('extension: %s %s %s', extname, extnamespace::regnamespace, extrelocatable) FROM pg_extension WHERE extname = 'mariadb_fdw'
	)
	SELECT string_agg(x, E'\n' ORDER BY x COLLATE "C") FROM line});
}

# The lines that are in one listing only.
sub difference
{
	my ($one, $two) = @_;
	my %count;

	$count{$_}++ for split /\n/, $one;
	$count{$_}-- for split /\n/, $two;
	return join "\n", map { ($count{$_} > 0 ? '- ' : '+ ') . $_ } grep { $count{$_} } sort keys %count;
}

my $fresh = listing(installed('fresh'));
my $version = (map { /default_version\s*=\s*'(.*)'/ } do { open my $file, '<', "$tree/mariadb_fdw.control" or die; <$file> })[0];
my %lines;
$lines{$1}++ while $fresh =~ /^(\w[\w ]*):/mg;
cmp_ok($lines{$_} // 0, '>', 0, "the listing has lines of kind $_")
  for 'object', 'comment', 'privilege', 'function', 'relation', 'view', 'column', 'sequence', 'constraint', 'index',
	'trigger', 'policy', 'dumped', 'wrapper', 'initial privileges', 'extension';

# Every upgrade that there is.
my @scripts = sort map { basename($_) } glob "$tree/mariadb_fdw--*--*.sql";
diag('there is no upgrade script yet') unless @scripts;
for my $script (@scripts)
{
	my ($from, $to) = $script =~ /^mariadb_fdw--(.*)--(.*)\.sql$/;
	my $session = installed('upgraded', $from);
	$session->do("ALTER EXTENSION mariadb_fdw UPDATE TO '$to'");
	$session->do('ALTER EXTENSION mariadb_fdw UPDATE');
	is(difference($fresh, listing($session)), '', "$script leads to version $version as it is installed");
	$session->quit;
}

# Two fresh ones are the same; and so is one that was changed and put right, as
# an upgrade script does it.
my $copy = installed('damaged');
is(difference($fresh, listing($copy)), '', 'two fresh installations are the same');
my $definition = $copy->value("SELECT pg_get_functiondef('mariadb_internal.plural(numeric,text,text)'::regprocedure)");
$copy->do("ALTER EXTENSION mariadb_fdw DROP FUNCTION mariadb_internal.plural(numeric,text,text);
	DROP FUNCTION mariadb_internal.plural(numeric,text,text)");
like(difference($fresh, listing($copy)), qr/^- object: function mariadb_internal\.plural/m, 'a function that lacks is seen');
$copy->do("$definition;
	REVOKE ALL ON FUNCTION mariadb_internal.plural FROM PUBLIC;
	COMMENT ON FUNCTION mariadb_internal.plural IS 'the part of report that counts things';
	ALTER EXTENSION mariadb_fdw ADD FUNCTION mariadb_internal.plural(numeric,text,text)");
is(difference($fresh, listing($copy)), '', 'one that was made again is the same');
$copy->quit;

# Damage of each kind.
my @damages = (
	['the body of a function', 'CREATE OR REPLACE FUNCTION mariadb_internal.style_sheet() RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
		SET search_path = pg_catalog, pg_temp AS $$ SELECT 1::text $$'],
	['the volatility of a function', 'ALTER FUNCTION mariadb_internal.style_sheet() VOLATILE'],
	['the path of a function', 'ALTER FUNCTION mariadb_internal.style_sheet() RESET search_path'],
	['the default of an argument', q{DO $$ BEGIN
		EXECUTE replace(pg_get_functiondef('mariadb.ddl(name,text,text,jsonb)'::regprocedure), '''{}''', '''{"a": 1}'''); END $$}],
	['a privilege', 'GRANT EXECUTE ON FUNCTION mariadb.exec(name, text) TO PUBLIC'],
	['a privilege of all', 'REVOKE EXECUTE ON FUNCTION mariadb.review_sql(text) FROM PUBLIC'],
	['a comment', q{COMMENT ON FUNCTION mariadb_internal.style_sheet() IS 'other'}],
	['the comment of a column', 'COMMENT ON COLUMN mariadb.run.owner IS NULL'],
	['a column', 'ALTER TABLE mariadb.run ADD more int'],
	['the type of a column', 'ALTER TABLE mariadb.task ALTER weight TYPE numeric'],
	['a default', 'ALTER TABLE mariadb.run ALTER owner DROP DEFAULT'],
	['NOT NULL', 'ALTER TABLE mariadb.run ALTER server DROP NOT NULL'],
	['a check', 'ALTER TABLE mariadb.run DROP CONSTRAINT run_state_check'],
	['a foreign key', 'ALTER TABLE mariadb.task DROP CONSTRAINT task_run_owner_fkey'],
	['an index', 'DROP INDEX mariadb.chunk_open'],
	['a trigger', 'ALTER TABLE mariadb.task DISABLE TRIGGER check_owner'],
	['row security', 'ALTER TABLE mariadb.task DISABLE ROW LEVEL SECURITY'],
	['a policy', 'ALTER POLICY own_rows ON mariadb.task USING (true)'],
	['a view', 'CREATE OR REPLACE VIEW mariadb.progress AS SELECT NULL::bigint AS run, NULL::text AS table_name, NULL::text AS state,
		NULL::bigint AS rows, NULL::bigint AS estimated_rows, NULL::numeric AS percent, NULL::text AS bytes,
		NULL::bigint AS rows_per_second, NULL::interval AS time_left, NULL::text AS bar'],
	['what is dumped', q{UPDATE pg_extension SET extcondition = extcondition[1:5] || ''::text WHERE extname = 'mariadb_fdw'}],
	['the wrapper', 'ALTER FOREIGN DATA WRAPPER mariadb_fdw NO VALIDATOR'],
	['an object that does not belong to it', 'ALTER EXTENSION mariadb_fdw DROP FUNCTION mariadb_internal.style_sheet()'],
	['a sequence', 'ALTER SEQUENCE mariadb.run_id_seq CACHE 20']);
my $session = installed('damaged');
for my $damage (@damages)
{
	my ($what, $sql) = @$damage;
	$session->do("BEGIN; $sql");
	isnt(difference($fresh, listing($session)), '', "$what is compared");
	$session->do('ROLLBACK');
}
is(difference($fresh, listing($session)), '', 'and nothing of it is left');
$session->quit;

my $admin = Lab::Session->new('postgres');
$admin->do("DROP DATABASE IF EXISTS $_ WITH (FORCE)") for qw(fresh damaged upgraded);
done_testing;
