# No single object ends a migration: what cannot be made is one warning and one
# problem, and all the rest is there.
#
# An event trigger refuses whatever is named "refused", so that each kind of
# object fails in turn, with an error that no plan could know.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $session = new_database('single');

maria(q{
	CREATE TABLE refused_table (id INT PRIMARY KEY AUTO_INCREMENT, a INT COMMENT 'x', KEY a (a),
		CONSTRAINT c CHECK (a > 0), at TIMESTAMP NOT NULL DEFAULT NOW() ON UPDATE NOW());
	CREATE TABLE `refused_table.x` (id INT PRIMARY KEY, a INT, KEY (a));
	CREATE TABLE wide (id BIGINT UNSIGNED PRIMARY KEY AUTO_INCREMENT, a INT);
	CREATE TABLE parted (id INT PRIMARY KEY) PARTITION BY RANGE (id)
		(PARTITION one VALUES LESS THAN (10), PARTITION refused_part VALUES LESS THAN (20));
	CREATE TABLE good (id INT PRIMARY KEY, a INT, b INT, kind ENUM('x', 'y'),
		twice INT AS (a * 2) STORED, KEY a (a), KEY refused_index (b), UNIQUE KEY refused_unique (a, b),
		CONSTRAINT refused_check CHECK (a > 0), CONSTRAINT kept_check CHECK (b > 0));
	CREATE TABLE child (id INT PRIMARY KEY, good_id INT,
		CONSTRAINT refused_key FOREIGN KEY (good_id) REFERENCES good (id));
	CREATE TABLE noted (id INT PRIMARY KEY COMMENT 'kept') COMMENT 'refused';
	CREATE TABLE touched (id INT PRIMARY KEY, at TIMESTAMP NOT NULL DEFAULT NOW() ON UPDATE NOW());
	CREATE VIEW refused_view AS SELECT id FROM good;
	CREATE VIEW kept_view AS SELECT id FROM good;
	INSERT INTO refused_table (a) VALUES (1); INSERT INTO `refused_table.x` VALUES (1, 1);
	INSERT INTO wide (a) VALUES (1); INSERT INTO parted VALUES (1);
	INSERT INTO good (id, a, b, kind) VALUES (1, 1, 1, 'x'), (2, 2, 2, 'y');
	INSERT INTO child VALUES (1, 1); INSERT INTO noted VALUES (1); INSERT INTO touched (id) VALUES (1)});
my $has_sequences = maria('SELECT VERSION()') =~ /MariaDB/;
maria('CREATE SEQUENCE refused_seq; CREATE SEQUENCE kept_seq; SELECT NEXTVAL(refused_seq)')
  if $has_sequences;

$session->do(q{
	CREATE TABLE public.refusals (pattern text);
	CREATE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$
	BEGIN
		IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() c, public.refusals r
			WHERE c.object_identity ~ r.pattern
				OR c.command_tag = 'COMMENT' AND obj_description(c.objid, 'pg_class') ~ r.pattern)
		THEN
			RAISE EXCEPTION 'this is refused' USING ERRCODE = 'XX000';
		END IF;
	END $$;
	CREATE EVENT TRIGGER refuse ON ddl_command_end EXECUTE FUNCTION public.refuse()});

# Migrates while what matches a pattern is refused; the problems that it had.
sub migrate_without
{
	my ($pattern, $name, $problems, @warnings) = @_;
	my $answer;

	$session->do("TRUNCATE public.refusals; INSERT INTO public.refusals VALUES ('$pattern');
		DROP SCHEMA IF EXISTS s CASCADE");
	$answer = $session->run("CALL mariadb.migrate('remote', 'single', 's', '{\"workers\": 2}')", 120);
	is($answer->{code}, '', "$name: it ends") or return diag($answer->{err});
	like($answer->{err}, qr/finished; problems: $problems\b/, "$name: problems")
	  or diag($answer->{err});
	like($answer->{err}, $_, "$name: a warning") for @warnings;
	is(scalar(() = $answer->{err} =~ /could not create/g), scalar @warnings, "$name: no other")
	  or diag($answer->{err});
	$session->returns("SELECT string_agg(v.table_name || ' ' || v.status, ', ')
		FROM mariadb.verify('remote', 'single', 's') v WHERE v.status NOT IN ('equal', 'missing here')",
		'', "$name: the other tables are equal");
}

# Which of these relations, types and constraints are there?
sub there
{
	return $session->value(q{SELECT string_agg(name, ' ' ORDER BY name COLLATE "C") FROM (
		SELECT c.relname AS name FROM pg_class c WHERE c.relnamespace = 's'::regnamespace
			AND c.relname ~ '^(refused|kept|parted_refused)|^good$'
		UNION SELECT k.conname FROM pg_constraint k WHERE k.connamespace = 's'::regnamespace
			AND k.contype IN ('c', 'f') AND k.conname ~ '^(refused|kept)') n});
}

my @seqs = $has_sequences ? ('kept_seq', 'refused_seq') : ();
my @all = qw(good kept_check kept_view refused_check refused_index refused_key parted_refused_part
  parted_refused_part_pkey
  refused_table refused_table.x refused_table.x_a refused_table.x_pkey refused_table_a refused_table_id_seq
  refused_table_pkey refused_unique refused_view);

sub all_but
{
	my %gone = map { $_ => 1 } @_;

	return join ' ', sort grep { !$gone{$_} } @all, @seqs;
}

migrate_without('nothing at all', 'nothing', 0);
is(there(), all_but(), 'nothing: all is there');
for my $case (
	['^s[.]refused_table$', 'a table', 1, ['table refused_table'],
		qw(refused_table refused_table_a refused_table_pkey refused_table_id_seq)],
	['^s[.]parted_refused_part$', 'a partition', 1, ['partition parted.parted_refused_part'],
		qw(parted_refused_part parted_refused_part_pkey)],
	['^s[.]refused_index$', 'an index', 1, ['index good.refused_index'], 'refused_index'],
	['^s[.]refused_unique$', 'a unique index', 1, ['unique index good.refused_unique'], 'refused_unique'],
	['^s[.]refused_view$', 'a view', 1, ['view refused_view'], 'refused_view'],
	['^s[.]good$', 'a table with keys', 4,
		['table good', 'foreign key child.refused_key', 'view refused_view', 'view kept_view'],
		qw(good refused_check kept_check refused_index refused_unique refused_view kept_view)],
	['^s[.]good_kind$', 'an enum type', 5, ['enum good_kind', 'table good', 'foreign key child.refused_key',
			'view refused_view', 'view kept_view'],
		qw(good refused_check kept_check refused_index refused_unique refused_view kept_view)],
	['^refused$', 'a comment', 1, ['comment noted']],
	['^s[.]touched_on_update[(][)]', 'a function', 2, ['trigger touched', 'trigger touched']],
	['touched_on_update on', 'a trigger', 1, ['trigger touched']],
	$has_sequences ? ['^s[.]refused_seq$', 'a sequence', 1, ['sequence refused_seq'], 'refused_seq'] : ())
{
	my ($pattern, $name, $problems, $failed, @gone) = @$case;

	migrate_without($pattern, $name, $problems, map { qr/WARNING: .*could not create \Q$_\E: / } @$failed);
	is(there(), all_but(@gone), "$name: all else is there");
}

# What other roles or the server lack is no matter of one object.
$session->do(q{DROP EVENT TRIGGER refuse;
	CREATE OR REPLACE FUNCTION public.refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$
	BEGIN
		RAISE EXCEPTION 'no room' USING ERRCODE = 'disk_full';
	END $$;
	CREATE EVENT TRIGGER refuse ON ddl_command_end WHEN TAG IN ('CREATE TABLE')
		EXECUTE FUNCTION public.refuse()});
is($session->run("CALL mariadb.migrate('remote', 'single', 's2')", 60)->{code}, '53100',
	'a full disk ends it');

$session->do('DROP EVENT TRIGGER refuse');

# What has the name of a planned object, but is something else.
my $long = 'k' x 64;
maria("CREATE DATABASE other; CREATE TABLE other.t (id INT PRIMARY KEY, a INT, UNIQUE KEY u (a));
	CREATE TABLE other.v (id INT PRIMARY KEY, a INT, KEY i (a));
	CREATE TABLE other.c (id INT PRIMARY KEY, t_id INT, CONSTRAINT $long FOREIGN KEY (t_id) REFERENCES other.t (id));
	INSERT INTO other.t VALUES (1, 1); INSERT INTO other.c VALUES (1, 1)");
my %other = (
	'an invalid index' => [ q{CREATE TABLE other.t (id INT PRIMARY KEY, a INT);
		CREATE UNIQUE INDEX u ON other.t (a);
		UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'other.u'::regclass}, qr/unique index t\.u/ ],
	'an index with more columns' => [ q{CREATE TABLE other.t (id INT PRIMARY KEY, a INT);
		CREATE UNIQUE INDEX u ON other.t (a) INCLUDE (id)}, qr/unique index t\.u/ ],
	'a view' => [ 'CREATE VIEW other.v AS SELECT 1 AS id', qr/table v/ ]);
for my $name (sort keys %other)
{
	my ($made, $expected) = @{ $other{$name} };

	$session->do("DROP SCHEMA IF EXISTS other CASCADE; CREATE SCHEMA other; $made");
	my $answer = $session->run("CALL mariadb.migrate('remote', 'other', 'other', '{\"profile\": \"prisma\"}')", 60);
	my @warnings = $answer->{err} =~ /(could not create .*)/g;
	is(@warnings, 1, "$name: one warning") or diag($answer->{err});
	like($warnings[0] // '', $expected, "$name: of the right object");
	$session->do('TRUNCATE mariadb.run CASCADE');
}
$session->do('DROP SCHEMA other CASCADE');
for my $call (1, 2)
{
	my $answer = $session->run("CALL mariadb.migrate('remote', 'other', 'other', '{\"profile\": \"prisma\"}')", 60);
	like($answer->{err}, qr/problems: 0/, "a foreign key with a name of 64 bytes, call $call");
}

# A primary key may descend in MariaDB (10.8) and MySQL, not in PostgreSQL.
maria('CREATE DATABASE falling; CREATE TABLE falling.t
	(a INT, b INT, PRIMARY KEY (a DESC, b)); INSERT INTO falling.t VALUES (1, 2), (3, 4)');
my $answer = $session->run("CALL mariadb.migrate('remote', 'falling', 'falling')", 60);
like($answer->{err}, qr/problems: 0/, 'a descending primary key is no problem');
$session->returns(q{SELECT pg_get_constraintdef(oid) FROM pg_constraint
	WHERE conrelid = 'falling.t'::regclass AND contype = 'p'}, 'PRIMARY KEY (a, b)',
	'it is ascending');
$session->returns(q{SELECT count(*) FROM mariadb.ddl('remote', 'falling', 'x')
	WHERE note ~ 'has no DESC'}, maria(q{SELECT count(*) > 0
	FROM information_schema.statistics WHERE table_schema = 'falling' AND collation = 'D'}),
	'a note says so');
done_testing;
