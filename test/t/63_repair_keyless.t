# A row without a key is repaired where it stands and as it is, or not at all:
# what repair prints is run literally, at once and after the table has changed.
use strict;
use warnings;
use utf8;

use Encode qw(encode);
use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

binmode $_, ':utf8' for Test::More->builder->output, Test::More->builder->failure_output;

my $session = new_database('keyless');
my $long = 'x' x 63;

$session->do('CREATE SCHEMA moved');
repair_duplicates();
refuse_moved_rows();
spare_other_rows();
repair_partitions();
repair_children();
repair_odd_types();
repair_odd_names();
repair_loose_keys();
repair_without_bypass();
done_testing;

sub run_here { return $session->do(encode('UTF-8', $_[0]), 60) }
sub run_there { return maria(encode('UTF-8', "SET NAMES utf8mb4; USE keyless; $_[0]")) }

# Makes a table on both sides with the same rows, given as VALUES.
sub make_table
{
	my ($name, $there, $here, $values) = @_;

	run_there("CREATE TABLE `$name` ($there); INSERT INTO `$name` VALUES $values");
	run_here(qq(CREATE TABLE moved."$name" ($here)));
	run_here(qq(IMPORT FOREIGN SCHEMA keyless LIMIT TO ("$name") FROM SERVER remote INTO public;
		SELECT mariadb.copy('public."$name"', 'moved."$name"'); DROP FOREIGN TABLE public."$name"));
}

sub repair_call { return "mariadb.repair('remote', 'keyless', 'moved', '{\"$_[0]\"}')" }

# The statements of a repair, without what keeps triggers out of the way.
sub printed
{
	my ($name) = @_;
	my @statements = split /;;;/, run_here('SELECT statement || $$;;;$$ FROM ' . repair_call($name)
		  . q( WHERE statement NOT LIKE 'SET%'));

	s/^\s+// for @statements;
	return @statements;
}

sub status { return run_here("SELECT status FROM mariadb.verify('remote', 'keyless', 'moved', 'rows', '{\"$_[0]\"}')") }

# Prints and runs, applies, and resyncs; damage is done before each.
sub repair_by_both
{
	my ($name, $what, $damage, $settings) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	run_here($damage);
	isnt(status($name), 'equal', "$what: damage is seen");
	my @bare = grep { /ctid/ && !/tableoid = '.*IS (NOT DISTINCT FROM|NULL)/s } printed($name);
	is("@bare", '', "$what: no statement has a bare ctid");
	my $answer = $session->run(encode('UTF-8', ($settings // '') . '; BEGIN; SELECT statement FROM ' . repair_call($name) . " \\gexec\n"), 60);
	is($answer->{code}, '', "$what: printed statements run") or diag($answer->{err});
	is(status($name), 'equal', "$what: and repair the table");
	run_here('ROLLBACK; RESET ALL');
	run_here("BEGIN; SELECT * FROM mariadb.repair('remote', 'keyless', 'moved', '{\"$name\"}', true)");
	is(status($name), 'equal', "$what: repair is applied");
	run_here('ROLLBACK');
	run_here("SELECT * FROM mariadb.resync('remote', 'keyless', 'moved', '{\"$name\"}')");
	is(status($name), 'equal', "$what: resync");
}

sub repair_duplicates
{
	make_table('loose', 'a INT, b VARCHAR(20)', 'a int, b varchar(20)',
		q{(1, 'x'), (1, 'x'), (1, 'x'), (2, ''), (2, NULL), (NULL, NULL), (NULL, NULL)});
	repair_by_both('loose', 'duplicates', q{INSERT INTO moved.loose VALUES (1, 'x'), (NULL, NULL), (2, NULL);
		DELETE FROM moved.loose WHERE b = ''; INSERT INTO moved.loose VALUES (2, '')});
	repair_by_both('loose', 'too few of them', q{DELETE FROM moved.loose WHERE ctid IN (SELECT ctid FROM moved.loose WHERE a = 1 LIMIT 2);
		DELETE FROM moved.loose WHERE a IS NULL});
	repair_by_both('loose', 'other values', q{UPDATE moved.loose SET b = 'y' WHERE a = 1; UPDATE moved.loose SET a = 3 WHERE b IS NULL});
}

# Runs printed statements in a transaction that leaves no trace.
sub run_late
{
	my (@statements) = @_;
	my $answer = $session->run(encode('UTF-8', "\\set ON_ERROR_STOP 0\nBEGIN; " . join("; ", @statements)));

	run_here('ROLLBACK');
	return $answer;
}

sub refuse_moved_rows
{
	run_here(q{INSERT INTO moved.loose VALUES (9, 'extra')});
	my @statements = printed('loose');
	is(scalar(@statements), 1, 'one row is too many');
	is(run_late(@statements)->{code}, '', 'its statement runs');
	for my $change ('UPDATE moved.loose SET b = b WHERE a = 9', q{UPDATE moved.loose SET b = 'changed' WHERE a = 9},
		'DELETE FROM moved.loose WHERE a = 9', 'DELETE FROM moved.loose WHERE a = 1; VACUUM FULL moved.loose', 'TRUNCATE moved.loose')
	{
		run_here($change);
		my $before = run_here('SELECT count(*) FROM moved.loose');
		failed_with(run_late(@statements), '55000', qr/wrote 0 rows.*HINT.*call mariadb.repair again/s,
			"but not after $change");
		is(run_here('SELECT count(*) FROM moved.loose'), $before, 'and no row is gone');
		run_here(q{TRUNCATE moved.loose; SELECT * FROM mariadb.resync('remote', 'keyless', 'moved', '{loose}')});
		run_here(q{DELETE FROM moved.loose WHERE a = 9; INSERT INTO moved.loose VALUES (9, 'extra')});
		@statements = printed('loose');
	}
}

# Another row has come to the place of the one that was to be deleted.
sub spare_other_rows
{
	my @statements = printed('loose');
	my $place = run_here('SELECT ctid FROM moved.loose WHERE a = 9');

	run_here('DELETE FROM moved.loose WHERE a = 9; VACUUM moved.loose');
	run_here(q{INSERT INTO moved.loose VALUES (10, 'good')});
	is(run_here('SELECT ctid FROM moved.loose WHERE a = 10'), $place, 'another row is at the place');
	failed_with(run_late(@statements), '55000', qr/wrote 0 rows/, 'it is not deleted in its stead');
	run_here('TRUNCATE moved.loose');
	run_here(q{SELECT * FROM mariadb.resync('remote', 'keyless', 'moved', '{loose}')});
	is(status('loose'), 'equal', 'and an empty table is filled');
}

sub repair_partitions
{
	make_table('parts', 'a INT, b VARCHAR(20)', 'a int, b varchar(20)', q{(1, 'x'), (2, 'x'), (3, 'x'), (3, 'x')});
	run_here(q{DROP TABLE moved.parts; CREATE TABLE moved.parts (a int, b varchar(20)) PARTITION BY LIST (a);
		CREATE TABLE moved.p1 PARTITION OF moved.parts FOR VALUES IN (1); CREATE TABLE moved.p2 PARTITION OF moved.parts FOR VALUES IN (2);
		CREATE SCHEMA "far away"; CREATE TABLE "far away"."p.3" (b varchar(20), gone int, a int); ALTER TABLE "far away"."p.3" DROP gone;
		ALTER TABLE moved.parts ATTACH PARTITION "far away"."p.3" DEFAULT;
		INSERT INTO moved.parts VALUES (1, 'x'), (2, 'x'), (3, 'x'), (3, 'x')});
	is(run_here(q{SELECT count(DISTINCT tableoid) FROM moved.parts WHERE ctid = '(0,1)'}), 3, 'rows of three partitions have one place');
	repair_by_both('parts', 'partitions', q{INSERT INTO moved.parts VALUES (1, 'y'), (2, 'y'), (3, 'y'), (3, 'x')});
	repair_by_both('parts', 'a row that has changed its partition', q{UPDATE moved.parts SET a = 2 WHERE a = 1});
	run_here(qq{CREATE EXTENSION postgres_fdw; CREATE SERVER loopback FOREIGN DATA WRAPPER postgres_fdw
		OPTIONS (host '$ENV{PGHOST}', port '$ENV{PGPORT}', dbname 'keyless'); CREATE USER MAPPING FOR CURRENT_USER SERVER loopback OPTIONS (user '$ENV{PGUSER}');
		ALTER TABLE moved.parts DETACH PARTITION moved.p1; ALTER TABLE moved.p1 SET SCHEMA public;
		CREATE FOREIGN TABLE moved.p1 PARTITION OF moved.parts FOR VALUES IN (1) SERVER loopback OPTIONS (schema_name 'public')});
	repair_by_both('parts', 'partitions beside a foreign one', q{INSERT INTO moved.parts VALUES (2, 'y')});
	refuse_foreign_rows();
	repair_foreign_keys();

	run_here('DROP TABLE moved.parts, moved.shared; DROP EXTENSION postgres_fdw CASCADE');
}

# Behind the foreign partition are two tables, where one place is in both.
sub refuse_foreign_rows
{
	run_here(q{DROP TABLE public.p1; CREATE TABLE public.p1 (a int, b varchar(20)) PARTITION BY LIST (b);
		CREATE TABLE public.p1x PARTITION OF public.p1 FOR VALUES IN ('x'); CREATE TABLE public.p1y PARTITION OF public.p1 DEFAULT;
		INSERT INTO moved.parts VALUES (1, 'x'), (1, 'y')});
	for my $call (repair_call('parts'), "mariadb.repair('remote', 'keyless', 'moved', '{parts}', true)",
		"mariadb.resync('remote', 'keyless', 'moved', '{parts}')")
	{
		like($session->run("SELECT * FROM $call")->{err},
			qr/WARNING: +0A000: table "parts": cannot address a row of table "parts"/, 'no row of a foreign partition by its place');
	}
	is(run_here('SELECT count(*) FROM public.p1'), 2, 'and none is gone');
}

sub repair_foreign_keys
{
	run_there('CREATE TABLE shared (id INT PRIMARY KEY, v VARCHAR(20)); INSERT INTO shared VALUES (1, $$x$$), (2, $$x$$), (3, $$y$$)' =~ s/\$\$/'/gr);
	run_here(q{CREATE TABLE public.s1 (id int, v varchar(20)) PARTITION BY LIST (v);
		CREATE TABLE public.s1x PARTITION OF public.s1 FOR VALUES IN ('x'); CREATE TABLE public.s1y PARTITION OF public.s1 DEFAULT;
		CREATE TABLE moved.shared (id int, v varchar(20)) PARTITION BY RANGE (id);
		CREATE TABLE moved.s2 PARTITION OF moved.shared FOR VALUES FROM (100) TO (200);
		CREATE FOREIGN TABLE moved.s1 PARTITION OF moved.shared FOR VALUES FROM (-100) TO (100) SERVER loopback OPTIONS (schema_name 'public');
		INSERT INTO moved.shared VALUES (1, 'x'), (2, 'x'), (3, 'y')});
	repair_by_both('shared', 'rows of a foreign partition that have a key', q{INSERT INTO moved.shared VALUES (-1, 'z'), (150, 'z'); UPDATE moved.shared SET v = 'y' WHERE id = 2; DELETE FROM moved.shared WHERE id = 3});
}

sub repair_children
{
	make_table('parent', 'a INT, b VARCHAR(20)', 'a int, b varchar(20)', q{(1, 'x'), (1, 'x')});
	run_here(q{CREATE TABLE moved.child () INHERITS (moved.parent); DELETE FROM moved.parent WHERE ctid = '(0,1)'; INSERT INTO moved.child VALUES (1, 'x')});
	repair_by_both('parent', 'tables that inherit', q{INSERT INTO moved.child VALUES (1, 'x'), (2, 'y'); INSERT INTO moved.parent VALUES (1, 'x')});
	run_there('CREATE TABLE keyed (id INT PRIMARY KEY, v INT); INSERT INTO keyed VALUES (1, 1), (2, 2)');
	run_here('CREATE TABLE moved.keyed (id int PRIMARY KEY, v int); CREATE TABLE moved.keyed_child () INHERITS (moved.keyed);
		INSERT INTO moved.keyed VALUES (1, 1); INSERT INTO moved.keyed_child VALUES (2, 2)');
	repair_by_both('keyed', 'a key that a child has too', 'INSERT INTO moved.keyed_child VALUES (1, 1), (1, 5); UPDATE moved.keyed SET v = 7');
}

# Types without an equality, and those that say equal of what is not the same.
sub repair_odd_types
{
	run_here('CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE DOMAIN document AS json');
	make_table('odd', 'j LONGTEXT, d LONGTEXT, x TEXT, p TEXT, g TEXT, c TEXT, h TEXT, n TEXT, a TEXT, z TEXT, t DATETIME(6), f DOUBLE, b BLOB',
		'j json, d document, x xml, p point, g polygon, c citext, h hstore, n numeric, a json[], z timestamptz, t timestamp(6), f float8, b bytea',
		q{('{"a": 1}', '[1]', '<a b="it''s">é\\\\</a>', '(1.5,2)', '((0,0),(1,1),(1,0))', 'Aa', 'a=>1', '1.0', '{"{\\\\"a\\\\": 1}"}', '2024-01-01 00:00:00+00', '2024-02-29 12:00:00.123456', 0.1, x'00ff275c'),
		(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)});
	is(status('odd'), 'equal', 'odd types are here');
	repair_by_both('odd', 'odd types', q{INSERT INTO moved.odd SELECT * FROM moved.odd; UPDATE moved.odd SET c = 'aA', n = 1.00 WHERE ctid = (SELECT min(ctid) FROM moved.odd WHERE c IS NOT NULL);
		INSERT INTO moved.odd (j, p) VALUES ('{"a":1}', '(1e-300,0.1)')}, q{SET datestyle = 'SQL, DMY'; SET intervalstyle = 'iso_8601'; SET bytea_output = 'escape'; SET timezone = 'Asia/Kolkata'; SET search_path = pg_catalog; SET standard_conforming_strings = off});
}

sub repair_odd_names
{
	my $name = qq(o'dd "t" .);

	run_there("CREATE TABLE `o'dd \"t\" .` (`a'\"b` INT, `$long` TEXT, `ctid` INT, `tableoid` INT); INSERT INTO `o'dd \"t\" .` VALUES (1, 'a', 2, 3)");
	run_here(qq(CREATE TABLE moved."o'dd ""t"" ." ("a'""b" int, "$long" text, ctid_1 int, tableoid_1 int)));
	run_here(qq(INSERT INTO moved."o'dd ""t"" ." VALUES (1, 'a', 2, 3)));
	my $tables = q('{"o''dd \"t\" ."}');
	run_here(q(INSERT INTO moved."o'dd ""t"" ." SELECT NULL, repeat('$q$ '' \\ é', 100000), 4, 5));
	my $answer = $session->run("BEGIN; SELECT statement FROM mariadb.repair('remote', 'keyless', 'moved', $tables) \\gexec\n", 60);
	is($answer->{code}, '', 'odd names and a long text') or diag($answer->{err});
	is(run_here("SELECT count(*) FROM mariadb.differences('remote', 'keyless', 'moved', $tables)"), 0, 'are repaired');
	run_here('COMMIT');
}

# The key is MariaDB's; here no index keeps it unique, or its type is lenient.
sub repair_loose_keys
{
	make_table('words', 'w VARCHAR(20) COLLATE utf8mb4_bin PRIMARY KEY, n INT', 'w citext, n int', q{('a', 1), ('A', 2), ('b', 3)});
	repair_by_both('words', 'a key that equals another one here', q{UPDATE moved.words SET n = 7 WHERE w::text = 'a'});
	repair_by_both('words', 'such a key that is too many', q{INSERT INTO moved.words VALUES ('B', 4)});
	repair_by_both('words', 'the same key twice', q{INSERT INTO moved.words VALUES ('b', 3), ('b', 5)});
	make_table('ids', 'id INT PRIMARY KEY, n INT', 'id int, n int', '(1, 1), (2, 2)');
	run_here('UPDATE moved.ids SET n = 5 WHERE id = 1');
	my @statements = printed('ids');
	run_here('INSERT INTO moved.ids VALUES (1, 8)');
	is(run_late(@statements)->{code}, '', 'a row that has got a second one of its key is known by its place');
	run_here('DELETE FROM moved.ids WHERE n = 8; ALTER TABLE moved.ids ADD PRIMARY KEY (id)');
	is(join(';', printed('ids')), q{UPDATE moved.ids SET n = '1'::integer WHERE id = '1'::integer}, 'a unique key is enough');
	run_here('ALTER TABLE moved.ids DROP CONSTRAINT ids_pkey; ALTER TABLE moved.ids ADD UNIQUE (id) DEFERRABLE');
	like(join(';', printed('ids')), qr/ctid/, 'a deferred one is not');
	run_here('ALTER TABLE moved.ids DROP CONSTRAINT ids_id_key; CREATE UNIQUE INDEX ON moved.ids (id) WHERE n > 0');
	like(join(';', printed('ids')), qr/ctid/, 'nor is that of some rows');
	repair_by_both('ids', 'ids', 'UPDATE moved.ids SET n = 6');
}

# Other users have their triggers disabled for the time of the repair only.
sub repair_without_bypass
{
	run_here(q{CREATE ROLE keyless_owner; GRANT USAGE, CREATE ON SCHEMA moved TO keyless_owner;
		SELECT mariadb.grant_to('keyless_owner'); GRANT USAGE ON FOREIGN SERVER remote TO keyless_owner;
		ALTER TABLE moved.loose OWNER TO keyless_owner; INSERT INTO moved.loose VALUES (9, 'extra');
		CREATE FUNCTION moved.keep() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NULL; END$$;
		CREATE TRIGGER keep BEFORE DELETE ON moved.loose FOR EACH ROW EXECUTE FUNCTION moved.keep(); SET ROLE keyless_owner});
	my @statements = printed('loose');
	failed_with(run_late(@statements), '55000', qr/wrote 0 rows/, 'a trigger that keeps a row is noticed');
	run_here(q{SELECT * FROM mariadb.repair('remote', 'keyless', 'moved', '{loose}', true)});
	is(status('loose'), 'equal', 'and disabled where the repair is applied');
	run_here('RESET ROLE; REASSIGN OWNED BY keyless_owner TO CURRENT_USER; DROP OWNED BY keyless_owner; DROP ROLE keyless_owner');
}
