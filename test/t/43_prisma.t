# The real Prisma on what mariadb.migrate makes: no drift, the same pull and
# the same answers as on MariaDB, a history that continues; and a mutation of
# one row or one type is seen by each of these.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $prisma = abs_path("$Bin/../prisma");
my $sample = abs_path("$Bin/../sample/schema.prisma");

plan skip_all => 'Node 18 or the packages are missing; test/lab/install prisma'
  unless -e "$prisma/node_modules/.package-lock.json"
  && system('node --version >/dev/null 2>&1') == 0;

my $work = tempdir(CLEANUP => 1);
my $began = time;
my $mark = $began;

# Tells how long a part took.
sub took
{
	my ($what) = @_;

	diag(sprintf '%s: %.1f s', $what, time - $mark);
	$mark = time;
}

sub slurp
{
	my ($path) = @_;

	open my $file, '<:raw', $path or die "$path: $!";
	local $/;
	return scalar <$file>;
}

# Writes a file of the work folder; returns its path.
sub spew
{
	my ($name, $text) = @_;

	open my $file, '>:raw', "$work/$name" or die "$name: $!";
	print $file $text;
	close $file or die "$name: $!";
	return "$work/$name";
}

# Runs a command of test/prisma; returns its exit status, stdout and stderr.
sub prisma
{
	my ($command, @args) = @_;
	my $line = join ' ', map { s/'/'\\''/gr =~ s/(.*)/'$1'/sr }
	  'node', "$prisma/$command.mjs", @args;

	my $status = system "timeout 120 $line >'$work/out' 2>'$work/err'";
	return ($status >> 8, slurp("$work/out"), slurp("$work/err"));
}

# The same where it has to succeed.
sub prisma_does
{
	my ($status, $out, $err) = prisma(@_);

	die "@_: exit $status\n$out$err" if $status != 0;
	return $out;
}

sub maria_url
{
	return "mysql://$ENV{MARIADB_USER}:$ENV{MARIADB_PASSWORD}"
	  . "\@127.0.0.1:$ENV{MARIADB_PORT}/$_[0]";
}

sub postgres_url
{
	return "postgres://$ENV{PGUSER}\@127.0.0.1:$ENV{PGPORT}/$_[0]";
}

# Makes an empty database here, with the extension and the server.
sub postgres_database
{
	my ($name) = @_;

	my $admin = Lab::Session->new('postgres');
	$admin->do("DROP DATABASE IF EXISTS $name WITH (FORCE)");
	$admin->do("CREATE DATABASE $name");
	$admin->quit;
	my $session = Lab::Session->new($name);
	$session->do('CREATE EXTENSION mariadb_fdw');
	Lab::add_server($session, 'remote');
	return $session;
}

# Runs a script of SQL in a database of either side.
sub run_script
{
	my ($client, $name, $sql) = @_;

	spew('script.sql', $sql);
	system("$client $name <'$work/script.sql' >'$work/out' 2>&1") == 0
	  or die "a script failed in $name: " . slurp("$work/out");
}

# Makes a database of Prisma's own tables in MariaDB.
sub maria_database
{
	my ($name, $schema) = @_;

	maria("SET foreign_key_checks = 0;
		CREATE OR REPLACE DATABASE $name CHARACTER SET utf8mb4");
	my $sql = prisma_does('ddl', $schema);

	# MySQL takes the default of a text only as an expression.
	$sql =~ s/TEXT NOT NULL DEFAULT ('[^']*')/TEXT NOT NULL DEFAULT ($1)/g if Lab::Maria->is_mysql;
	run_script("mariadb $ENV{MARIADB_ARGS} --default-character-set=utf8mb4", $name, $sql);
}

# Makes tables here as Prisma's engine does.
sub make_own_tables
{
	my ($name, $schema) = @_;

	run_script('psql -qX -v ON_ERROR_STOP=1', $name,
		prisma_does('ddl', $schema, postgres_url($name)));
}

sub quoted
{
	my ($text) = @_;

	return q{'} . ($text =~ s/'/''/gr) . q{'};
}

# The text of a schema for PostgreSQL, in a file.
sub converted
{
	my ($session, $text, $name) = @_;

	my $converted =
	  $session->value('SELECT mariadb.prisma_schema(' . quoted($text) . ')');
	return spew($name, $converted =~ s/\n*\z/\n/r);
}

# Tests that a migration into schema public ends without a warning.
sub migrates
{
	my ($session, $name, $options, $test) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	my $answer = $session->run(
		"CALL mariadb.migrate('remote', '$name', 'public', $options)", 120);
	is($answer->{code}, '', $test) or diag($answer->{err});
	unlike($answer->{err}, qr/WARNING/, 'without a warning');
}

# Tests what `prisma migrate diff` says; '' is no drift.
sub drifts
{
	my ($name, $schema, $expected, $test) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	my ($status, $out, $err) = prisma('diff', $schema, postgres_url($name));
	if (ref $expected)
	{
		is($status, 2, "$test: drift");
		like($out, $expected, $test);
	}
	else
	{
		is($status, 0, "$test: no drift") or diag($out, $err);
	}
	return $out;
}

# Runs the client's queries on both sides; returns passed, failed, and what
# failed.
sub compare
{
	my ($their_schema, $there, $our_schema, $here, @models) = @_;

	my ($status, $out, $err) =
	  prisma('compare-client', $their_schema, maria_url($there), $our_schema,
		postgres_url($here), @models);
	my ($passed, $failed) = $out =~ /^(\d+) passed, (\d+) failed$/m
	  or die "compare-client: exit $status\n$out$err";
	return ($passed, $failed, $out);
}

# What Prisma's own tables are, and the rows that its client writes.
my $text = slurp($sample);
my $given = 'jsonb_build_object(\'prisma\', ' . quoted($text) . ')';
maria_database('prisma_sample', $sample);
diag('seed: ', prisma_does('seed', $sample, maria_url('prisma_sample')));
took('tables and rows in MariaDB');

# 1. With the text of the schema.
my $session = postgres_database('prisma_text');
my $ours = converted($session, $text, 'sample.prisma');
my ($status, $out, $err) = prisma('validate', $ours);
is($status, 0, 'the converted schema is valid and formatted') or diag($err);

migrates($session, 'prisma_sample', $given, 'the sample moves with its schema');
drifts('prisma_text', $ours, '', 'moved with the schema');

my $reference = postgres_database('prisma_reference');
make_own_tables('prisma_reference', $ours);
drifts('prisma_reference', $ours, '', 'the reference');
my $reference_pull =
  prisma_does('introspect', $ours, postgres_url('prisma_reference'));

# Prisma has no @@fulltext here; ours is an expression index, which a pull
# mentions and a diff does not see.
my $harmless = qr{^/// This model contains an expression index .*\n}m;
my $pull = prisma_does('introspect', $ours, postgres_url('prisma_text'));
is(scalar(() = $pull =~ /$harmless/g),
	scalar(() = $text =~ /^\s*\@\@fulltext/mg),
	'a pull mentions the indexes made for @@fulltext');
is($pull =~ s/$harmless//gr,
	$reference_pull, 'and is that of Prisma\'s own tables in all the rest');
took('migration with the schema, diff, pulls');

my ($passed, $failed, $which) =
  compare($sample, 'prisma_sample', $ours, 'prisma_text');
is($failed, 0, 'the client gets the same answers on both sides')
  or diag($which);
is($passed, 1521, 'to as many queries as ever');
diag("client queries: $passed passed, $failed failed");
took('client queries');

# The history of migrations.
my $init = spew('0_init.sql',
	prisma_does('ddl', $ours, postgres_url('prisma_text')));
my $next = spew('1_next.sql',
	qq{ALTER TABLE "Team" ADD COLUMN "motto" TEXT DEFAULT 'a;b';\n});
my @history = ($ours, postgres_url('prisma_text'));

($status, $out) = prisma('baseline', @history, 'deploy', $init);
like($out, qr/not empty/, 'without a baseline Prisma does not deploy');
$session->do('DROP TABLE IF EXISTS _prisma_migrations');
$session->returns(
	"SELECT mariadb.prisma_baseline('public', " . quoted(slurp($init)) . ')',
	'migration 0_init is recorded', 'prisma_baseline');
is(prisma_does('baseline', @history, 'status', $init),
	'{"editedMigrationNames":[],"failedMigrationNames":[],'
	  . qq("hasMigrationsTable":true,"history":null}\n),
	'then migrate status is clean');
is(prisma_does('baseline', @history, 'deploy', $init),
	qq({"appliedMigrationNames":[]}\n), 'migrate deploy has nothing to do');
like(prisma_does('baseline', @history, 'dev', $init),
	qr/"tag":"createMigration"/, 'migrate dev would make the next migration');
is(prisma_does('baseline', @history, 'deploy', $init, $next),
	qq({"appliedMigrationNames":["1_next"]}\n), 'migrate deploy applies the next');
$session->do(q{ALTER TABLE "Team" DROP COLUMN motto;
	DELETE FROM _prisma_migrations WHERE migration_name <> '0_init'});

# What `migrate resolve` would have written.
prisma_does('baseline', $ours, postgres_url('prisma_reference'),
	'resolve', $init);
my $row = q{SELECT checksum, migration_name, logs, rolled_back_at,
	finished_at IS NULL, applied_steps_count FROM _prisma_migrations};
$session->returns($row, $reference->value($row),
	'the row is that of migrate resolve --applied');
took('baseline, status, deploy, dev');

# Mutations: one row.
$session->do(q{UPDATE "Team" SET name = name || ' ' WHERE id = 7});
($passed, $failed) =
  compare($sample, 'prisma_sample', $ours, 'prisma_text', 'Team');
cmp_ok($failed, '>', 0, 'one blank in one row: the client sees it');
diag("one row changed: $failed queries of Team fail");
$session->returns("SELECT table_name
	FROM mariadb.verify('remote', 'prisma_sample', 'public')
	WHERE status <> 'equal'", 'Team', 'and mariadb.verify does');
$session->do(q{UPDATE "Team" SET name = rtrim(name, ' ') WHERE id = 7});

# One type.
$session->do('ALTER TABLE "Team" ALTER name TYPE varchar(191)');
drifts('prisma_text', $ours,
	qr/ALTER TABLE "Team" ALTER COLUMN "name" SET DATA TYPE TEXT/,
	'one type changed');
like(prisma_does('baseline', @history, 'dev', $init),
	qr/"tag":"reset"/, 'migrate dev would wipe the database');
isnt(prisma_does('introspect', $ours, postgres_url('prisma_text'))
	  =~ s/$harmless//gr, $reference_pull, 'a pull differs');
$session->returns("SELECT count(*) > 0
	FROM mariadb.verify_structure('remote', 'prisma_sample', 'public', $given)
	WHERE status <> 'equal'", 't', 'and mariadb.verify_structure reports it');
$session->do('ALTER TABLE "Team" ALTER name TYPE text');
drifts('prisma_text', $ours, '', 'changed back');
took('mutations');

# 2. Without the text: what MariaDB does not know, and nothing else.
$session = postgres_database('prisma_bare');
migrates($session, 'prisma_sample', q('{"profile": "prisma"}'),
	'the sample moves without its schema');
my $drift = drifts('prisma_bare', $ours, qr/CREATE TYPE "Role"/,
	'moved without the schema');
my %kinds;
my %enum;
$drift =~ s/^--.*\n//mg;
for my $statement (split /;\n+/, $drift)
{
	my ($head, @actions) = split /,\n(?=ADD|DROP|ALTER)/,
	  $statement =~ s/^\s+|\s+$//gr;
	my $table = $head =~ s/^ALTER TABLE "([^"]+)" // ? $1 : '';
	for ($head, @actions)
	{
		if    (/^CREATE TYPE "(\w+)"/) { $enum{$1} = 1; $kinds{'enum name'}++ }
		elsif (/^DROP TYPE "\w+"/) { $kinds{'name made up'}++ }
		elsif (/^ADD COLUMN +"\w+" "(\w+)"/ && $enum{$1}) { $kinds{'enum column'}++ }
		elsif (/^DROP COLUMN "(\w+)"/) { $kinds{'enum column dropped'}++ }
		elsif (/^ALTER COLUMN "\w+" SET DEFAULT '\{/) { $kinds{'Json default'}++ }
		elsif (/^ALTER COLUMN "\w+" SET DEFAULT '\\x/) { $kinds{'Bytes default'}++ }
		elsif (/^CREATE INDEX .*\((.*)\)/) { $kinds{'index on an enum column'}++ }
		else { $kinds{"unexpected: $_"}++ }
	}
}
is_deeply(\%kinds, {
		'enum name' => 5, 'name made up' => 5,
		'enum column' => 8, 'enum column dropped' => 8,
		'index on an enum column' => 2,
		'Json default' => 1, 'Bytes default' => 1 },
	'the drift is names of enums, and defaults of Json and Bytes')
  or diag(explain(\%kinds));
took('without the schema');

# 3. Rows alone, into Prisma's own tables.
$session = postgres_database('prisma_data');
make_own_tables('prisma_data', $ours);
migrates($session, 'prisma_sample', q('{"data_only": true}'),
	'rows move into tables of Prisma');
drifts('prisma_data', $ours, '', 'rows alone');
is(prisma_does('introspect', $ours, postgres_url('prisma_data')),
	$reference_pull, 'the tables are as they were');
my @some = qw(User Assessment Answer PlanItem AuditLog Tag TeamMember);
($passed, $failed, $which) =
  compare($sample, 'prisma_sample', $ours, 'prisma_data', @some);
is($failed, 0, 'the client gets the same answers') or diag($which);
cmp_ok($passed, '>', 500, 'to many queries');
diag("rows alone: $passed passed, $failed failed");
$session->returns(q{INSERT INTO "Team" (name) VALUES ('new') RETURNING id},
	maria(q{USE prisma_sample; SELECT AUTO_INCREMENT FROM information_schema.TABLES
		WHERE TABLE_SCHEMA = 'prisma_sample' AND TABLE_NAME = 'Team'}),
	'the next id is free');
took('rows alone');

# 4. Several files, every name mapped, long names, composite and self
# relations, and a table that Prisma does not know.
sub seeded
{
	my ($name, $schema, $rows) = @_;

	maria_database($name, $schema);
	run_script("mariadb $ENV{MARIADB_ARGS} --default-character-set=utf8mb4",
		$name, $rows);
	return join "\n",
	  map { slurp($_) } -d $schema ? sort glob "$schema/*.prisma" : $schema;
}

my $edge = "$prisma/edge";
my $edge_text = seeded('prisma_edge', $edge, <<'SQL');
INSERT INTO shop_categories VALUES (1, 'all', NULL), (2, 'shoes', 1), (9, 'boots', 2);
INSERT INTO shop_products VALUES
	(1, 'a-1', 'red-ish', '{"z": [1, null]}', 1.5, '2024-02-29 12:00:00.125', NULL, NULL),
	(1, 'a-2', 'Blue', '[]', 999999.99, '2038-01-19 03:14:07', 1, 'a-1'),
	(65535, 'ß', 'green', '"x"', 0, '1970-01-01 00:00:01', 1, 'a-2');
INSERT INTO `order` VALUES (1), (5000000000);
INSERT INTO `order parts` VALUES (1, 1, 1, 'a-1', 1), (1, 2, 65535, 'ß', 0),
	(5000000000, 255, 1, 'a-2', 1);
INSERT INTO _CategoryToOrder VALUES (1, 1), (9, 5000000000);
INSERT INTO a_table_whose_name_is_of_exactly_sixty_two_bytes_aaaaaaaaaaaaa
	VALUES (1, 'one', -1), (2, 'two', 2);
INSERT INTO another_table_whose_name_is_of_sixty_three_bytes_aaaaaaaaaaaaaa
	VALUES (1, 2), (2, NULL);
INSERT INTO LongC VALUES (3, 'c');
INSERT INTO _LongBToLongC VALUES (2, 3);
INSERT INTO a_table_whose_name_is_of_exactly_sixty_four_bytes_aaaaaaaaaaaaaa
	VALUES (1, 'b', NULL), (2, 'a', 1);
CREATE TABLE kept_by_hand (id INT PRIMARY KEY, note VARCHAR(20));
INSERT INTO kept_by_hand VALUES (1, 'x');
SQL
$session = postgres_database('prisma_edge');
my $our_edge = converted($session, $edge_text, 'edge.prisma');
($status, $out, $err) = prisma('validate', $our_edge);
is($status, 0, 'several files become one valid schema') or diag($err);
migrates($session, 'prisma_edge',
	'jsonb_build_object(\'prisma\', ' . quoted($edge_text) . ')',
	'the edge cases move');
$drift = drifts('prisma_edge', $our_edge, qr/DROP TABLE "kept_by_hand"/,
	'a table that Prisma does not know');
is($drift =~ s/^--.*\n|^\s*\n//mgr, qq(DROP TABLE "kept_by_hand";\n),
	'is all of the drift');
$session->do('DROP TABLE kept_by_hand');
drifts('prisma_edge', $our_edge, '', 'without that table');
postgres_database('prisma_edge_reference')->quit;
make_own_tables('prisma_edge_reference', $our_edge);
$pull = prisma_does('introspect', $our_edge, postgres_url('prisma_edge'));

# A default is written as MariaDB has it, without zeros at its end.
is($pull =~ s/\@default\(9\.9\)/\@default(9.90)/r,
	prisma_does('introspect', $our_edge, postgres_url('prisma_edge_reference')),
	'and a pull is that of Prisma\'s own tables');

# Prisma adds to the name of a column in an aggregate, and PostgreSQL cuts the
# result at 63 bytes, so that Prisma does not find it again.
($passed, $failed, $which) =
  compare($edge, 'prisma_edge', $our_edge, 'prisma_edge');
my @failed = $which =~ /^(\w+\.\w+)\(/mg;
is(scalar(grep { !/^Long[ABD]\.(?:count|aggregate)$/ } @failed),
	0, 'the client gets the same answers')
  or diag($which);
is($failed, scalar(() = $which =~ /^  postgresql .ERROR P2023 /mg),
	'but for aggregates of columns of 60 bytes');
diag("edge cases: $passed passed, $failed failed");
$session->quit;
took('edge cases');

# Relations that only Prisma knows, with an orphan.
my $loose = "$prisma/loose.prisma";
my $loose_text = seeded('prisma_loose', $loose, <<'SQL');
INSERT INTO Author VALUES (1, 'Ann', NULL), (2, 'Bob', 1), (3, 'Cid', 77);
INSERT INTO Book VALUES ('9783161484100', 1, '2024-01-01 00:00:00.001'),
	('9780306406157', 88, '2024-01-01');
INSERT INTO _Likes VALUES (1, '9783161484100'), (99, '9783161484100');
SQL
$session = postgres_database('prisma_loose');
my $our_loose = converted($session, $loose_text, 'loose.prisma');
($status, $out, $err) = prisma('validate', $our_loose);
is($status, 0, 'relationMode = "prisma" stays, and is valid') or diag($err);
migrates($session, 'prisma_loose',
	'jsonb_build_object(\'prisma\', ' . quoted($loose_text) . ')',
	'relations without foreign keys move');
drifts('prisma_loose', $our_loose, '', 'relationMode = "prisma"');
$session->returns(q{SELECT count(*) FROM pg_constraint
	WHERE contype = 'f' AND connamespace = 'public'::regnamespace},
	0, 'there are no foreign keys');
($passed, $failed, $which) =
  compare($loose, 'prisma_loose', $our_loose, 'prisma_loose');
is($failed, 0, 'the client gets the same answers') or diag($which);
diag("relationMode: $passed passed, $failed failed");
$session->quit;
took('relationMode = "prisma"');

diag(sprintf 'in all: %.0f s', time - $began);
done_testing;
