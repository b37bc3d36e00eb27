# Does an answer that no MariaDB gives bring the server down?  Each statement
# that the extension sends is answered in each odd way, once; what comes of it
# is an error or the right result, and never the end of a backend.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Lab::Meddler;
use Test::More;

my $seed = $ENV{HOSTILE_SEED} // 20261;
my $seconds = $ENV{HOSTILE_SECONDS} // 80;

note("HOSTILE_SEED=$seed HOSTILE_SECONDS=$seconds");
srand $seed;

my $session = new_database('hostile_results');
my $server = $session->value('SELECT pg_postmaster_start_time()');
my $log = "$ENV{LAB_DIR}/postgres/postgres.log";
my $log_size = -s $log // 0;

my $uuid = Lab::has_type('UUID') ? 'UUID' : 'CHAR(36)';
my $inet6 = Lab::has_type('INET6') ? 'INET6' : 'VARCHAR(39)';
my $sequence = Lab::Maria->is_mysql ? 'DO 0' : 'CREATE SEQUENCE numbers';
maria(q{
	DROP DATABASE IF EXISTS meddled_source; CREATE DATABASE meddled_source; USE meddled_source;
	CREATE TABLE parent (id INT PRIMARY KEY, name VARCHAR(20) NOT NULL UNIQUE, mood ENUM('good', 'bad', 'né?'));
	INSERT INTO parent VALUES (1, 'one', 'good'), (2, 'two', 'bad'), (3, 'three', NULL);
	CREATE TABLE child (
		parent INT NOT NULL, day DATE NOT NULL, n BIGINT UNSIGNED, d DECIMAL(10, 2), f DOUBLE, s SET('a', 'b'),
		j JSON, b BIT(10), t TIME(3), at DATETIME(6), stamp TIMESTAMP NULL, y YEAR, blob1 BLOB, u UUID, i INET6, g POINT,
		twice INT AS (y * 2) STORED, c CHAR(3) DEFAULT 'x',
		PRIMARY KEY (parent, day), KEY (n), CHECK (n > 0), FOREIGN KEY (parent) REFERENCES parent (id) ON DELETE CASCADE);
	INSERT INTO child (parent, day, n, d, f, s, j, b, t, at, stamp, y, blob1, u, i, g)
		VALUES (1, '2020-01-02', 5, 1.5, 2.5, 'a,b', '{"a": [1, null]}', b'1010101010', '12:00:00.5', '2020-01-01 01:02:03.4',
			'2020-01-01', 2020, x'00ff', UUID(), '::1', ST_PointFromText('POINT(1 2)')),
		(2, '2020-01-03', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
	CREATE TABLE parts (id INT PRIMARY KEY, v TEXT) PARTITION BY RANGE (id)
		(PARTITION low VALUES LESS THAN (10), PARTITION high VALUES LESS THAN MAXVALUE);
	INSERT INTO parts SELECT seq, seq FROM seq_1_to_50;
	CREATE TABLE by_uuid (id CHAR(36) CHARACTER SET ascii PRIMARY KEY, v INT);
	INSERT INTO by_uuid SELECT UUID(), seq FROM seq_1_to_200;
	CREATE TABLE by_number (id DECIMAL(10, 3) PRIMARY KEY, v INT);
	INSERT INTO by_number SELECT seq / 8, seq FROM seq_1_to_200;
	SEQUENCE_HERE;
	CREATE VIEW shown AS SELECT id, name FROM parent WHERE id > 1;
	CREATE TRIGGER watch BEFORE INSERT ON parent FOR EACH ROW SET NEW.name = TRIM(NEW.name);
	CREATE PROCEDURE nothing() SELECT 1} =~ s/u UUID, i INET6/u $uuid, i $inet6/r =~ s/SEQUENCE_HERE/$sequence/r);

my $meddler = Lab::Meddler->start($ENV{MARIADB_PORT}, "$ENV{LAB_DIR}/meddler");
Lab::add_server($session, 'meddled', port => $meddler->port, ssl_mode => 'disabled');

# Scenarios: what is made for all cases of one, what again for each, and what
# is done while the answers are meddled with.
my $tidy = q{DROP SCHEMA IF EXISTS imported, target, mariadb_legacy_target CASCADE;
	DELETE FROM mariadb.run; DELETE FROM mariadb.reject};
my $import = q{CREATE SCHEMA imported; SELECT mariadb.create_enums('meddled', 'meddled_source', 'imported');
	IMPORT FOREIGN SCHEMA meddled_source FROM SERVER meddled INTO imported};
my $migrate = q{CALL mariadb.migrate('meddled', 'meddled_source', 'target', '{"workers": 1}')};
my $change = q{UPDATE target.parent SET name = name || 'x' WHERE name !~ 'xx'; DELETE FROM target.parts WHERE id < 20};
my @scenarios = (
	[ 'version' => '', '', q{SELECT * FROM mariadb.version('meddled')} ],
	[ 'lists' => '', '', join ';', map { "SELECT * FROM mariadb.$_('meddled', 'meddled_source')" } qw(tables columns indexes foreign_keys) ],
	[ 'import' => '', $tidy, $import ],
	[ 'ddl' => '', '', q{SELECT * FROM mariadb.ddl('meddled', 'meddled_source', 'target')} ],
	[ 'preflight' => '', '', q{SELECT * FROM mariadb.preflight('meddled', 'meddled_source')} ],
	[ 'query' => '', '', q{SELECT * FROM mariadb.query('meddled', 'SELECT * FROM meddled_source.parent') AS t (id int, name text, mood text)} ],
	[ 'exec' => '', '', q{SELECT mariadb.exec('meddled', 'DO 1')} ],
	[ 'scan' => $import, '', q{SELECT * FROM imported.child; SELECT count(*) FROM imported.parent; SELECT * FROM imported.shown} ],
	[ 'chunks' => $import, '', q{SELECT * FROM mariadb.chunks('imported.by_uuid', 20); SELECT * FROM mariadb.chunks('imported.by_number', 20);
		SELECT * FROM mariadb.chunks('imported.child', 1)} ],
	[ 'copy' => "$import; CREATE SCHEMA target; CREATE TABLE target.child (LIKE imported.child INCLUDING ALL)", 'TRUNCATE target.child',
		q{SELECT mariadb.copy('imported.child', 'target.child'); TRUNCATE target.child;
		SELECT mariadb.copy('imported.child', 'target.child', '{"on_error": "reject"}')} ],
	[ 'migrate' => '', $tidy, $migrate ],
	[ 'migrate with workers' => '', $tidy, $migrate =~ s/"workers": 1/"workers": 2/r ],
	(map { [ "verify $_" => $migrate, '', qq{SELECT * FROM mariadb.verify('meddled', 'meddled_source', 'target', level => '$_')} ] }
		qw(count stream digest rows)),
	[ 'structure' => $migrate, '', q{SELECT * FROM mariadb.verify_structure('meddled', 'meddled_source', 'target')} ],
	[ 'differences' => $migrate, $change, q{SELECT * FROM mariadb.differences('meddled', 'meddled_source', 'target');
		SELECT * FROM mariadb.repair('meddled', 'meddled_source', 'target')} ],
	[ 'resync' => $migrate, $change, q{SELECT * FROM mariadb.resync('meddled', 'meddled_source', 'target')} ],
	[ 'compare_query' => $migrate, '', q{SELECT * FROM mariadb.compare_query('meddled', 'SELECT id, name FROM meddled_source.parent', 'SELECT id, name FROM target.parent')} ]);

# These read rows each in its own way, although by the same statements.
my $readers = qr/^(?:scan|chunks|copy|verify|differences|resync)/;

# Runs what must succeed; the connections of the next statement are new.
sub honestly
{
	my ($sql) = @_;

	$meddler->meddle(undef);
	$session->do("SET statement_timeout = '60s'; SET client_min_messages = error; SELECT mariadb.disconnect_all()");
	$session->do($_, 90) for grep { /\S/ } split /;/, $sql;
	$session->do("SELECT mariadb.disconnect_all(); SET statement_timeout = '20s'");
}

sub run_statements
{
	my ($sql) = @_;
	my $answer;

	for my $statement (split /;/, $sql)
	{
		$answer = $session->run($statement, 90);
		last if $answer->{code} ne '' || $answer->{ended};
	}
	return $answer;
}

# Cases of a scenario: each of its statements with each change, in an order of
# the seed's.  A statement that an earlier scenario sends is left to that one.
my %known;

sub cases_of
{
	my ($name, $each, $sql) = @_;
	my @cases;

	honestly($each);
	my $answer = run_statements($sql);
	is($answer->{code}, '', "$name, without meddling") or diag($answer->{err});
	for my $statement ($meddler->seen)
	{
		my $key = $name =~ $readers && $statement !~ /information_schema|^(?:SET|START|COMMIT|ROLLBACK|KILL|USE)/
		  ? "$name: $statement" : $statement;

		push @cases, map { [ $statement, $_ ] } $meddler->changes unless $known{$key}++;
	}
	my @order = map { rand } @cases;
	return @cases[ sort { $order[$a] <=> $order[$b] } 0 .. $#cases ];
}

# What was read has been read when its transaction ends; labels that cannot be
# read exactly are taken from elsewhere, an estimate is none, and there are
# several ways to lock.
my $forgiven = qr{^(?:COMMIT|ROLLBACK|KILL|WITH RECURSIVE labels|EXPLAIN|LOCK TABLES|FLUSH|BACKUP)};
my ($cases, $runs, $meddled, $errors) = (0, 0, 0, 0);
my (@dead, @taken, @hanging);

sub run_case
{
	my ($name, $each, $sql, $statement, $change, $number) = @_;
	my $what = "$name, $change: " . substr $statement, 0, 150;

	honestly($each);
	$meddler->meddle($statement, $change, $number // int rand 1000);
	my $answer = run_statements($sql);
	my $was_changed = $meddler->has_meddled;
	$runs++;
	$meddled++ if $was_changed;
	$errors++ if $answer->{code} ne '';
	push @hanging, $what if $answer->{code} eq '57014';
	push @taken, $what if $answer->{code} eq '' && $was_changed && $meddler->must_fail($change) && $statement !~ $forgiven;
	return unless $answer->{ended};
	push @dead, "$what: $answer->{err}";
	Lab::eventually(sub { eval { $session = connect_to(); 1 } }, 60) or die 'the server does not come back';
}

# As many cases as time allows: another seed tries others.
my $started = time;
my $done = 0;
for my $scenario (@scenarios)
{
	my ($name, $once, $each, $sql) = @$scenario;
	my $end = $started + $seconds * ++$done / @scenarios;

	honestly("$tidy; $once");
	my @cases = cases_of($name, $each, $sql);
	my $ran = 0;
	$cases += @cases;
	for my $case (@cases)
	{
		last if time > $end;
		run_case($name, $each, $sql, @$case);
		$ran++;
	}
	note("$name: $ran of " . @cases . ' cases');
}

# Deep texts in each field of what describes a schema, one after the other.
{
	my ($name, $once, $each, $sql) = @{ (grep { $_->[0] eq 'ddl' } @scenarios)[0] };

	honestly("$tidy; $once");
	honestly($each);
	run_statements($sql);
	my @deep = map {
		my $statement = $_;
		map { my $number = $_; map { [ $statement, $_, $number ] } qw(minuses parentheses ifs) } 0 .. 16
	} grep { /information_schema|SHOW CREATE/ } $meddler->seen;
	my @order = map { rand } @deep;
	my $end = time + $seconds / 3;
	my $least = 20;
	my $ran = 0;

	# Some are tried however slow the machine is: too few are there, then.
	for my $case (@deep[ sort { $order[$a] <=> $order[$b] } 0 .. $#deep ])
	{
		last if time > $end && $ran > $least;
		run_case("deep $name", $each, $sql, @$case);
		$ran++;
	}
	$cases += @deep;
	note("deep texts: $ran of " . @deep . ' cases');
	cmp_ok($ran, '>', $least, 'deep texts were tried');
}

# An account that may read one table is asked who it is.
maria(q{CREATE OR REPLACE USER meddled_guest IDENTIFIED BY 'x'; GRANT SELECT ON meddled_source.parent TO meddled_guest});
Lab::add_server($session, 'guest', port => $meddler->port, ssl_mode => 'disabled', username => 'meddled_guest', password => 'x');
for my $change ($meddler->changes)
{
	run_case('account', '', q{SELECT * FROM mariadb_internal.privilege_findings('guest', 'meddled_source', NULL)},
		'SELECT CURRENT_USER()', $change);
}
note("$runs of $cases cases, $meddled answers meddled with, $errors errors");
cmp_ok(scalar keys %known, '>', 40, scalar(keys %known) . ' statements are known');
is(join("\n", @dead), '', 'no backend has died');
is(join("\n", @hanging), '', 'none has waited for what did not come');
is(join("\n", @taken), '', 'no answer with other fields or without its end was taken for the right one');
cmp_ok($meddled, '>', 30 + @{ [ $meddler->changes ] }, "$meddled answers were meddled with");

honestly($tidy);
$session->returns('SELECT pg_postmaster_start_time()', $server, 'the server lives');
open my $file, '<', $log or die "no log: $!";
seek $file, $log_size, 0;
my @crashes = grep { /terminated by signal|TRAP|PANIC/ } <$file>;
is(join('', @crashes), '', 'no process has crashed');

done_testing;
