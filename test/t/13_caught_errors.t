# A result that is given up while PostgreSQL cleans up after an error: the wait
# for MariaDB needs nothing of what is being released.  Afterwards the session,
# its transaction and the transaction there are as after any other error.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $rows = 2_000_000;
my $session = new_database('caught');

maria('CREATE TABLE zero (id int PRIMARY KEY, d date, v char(100));
	CREATE TABLE good LIKE zero;
	CREATE TABLE written (id int PRIMARY KEY) ENGINE=InnoDB;
	INSERT INTO good SELECT seq, "2024-01-01", REPEAT("x", 100)
		FROM seq_1_to_100000;
	INSERT INTO zero SELECT * FROM good;
	SET SESSION sql_mode = "";
	UPDATE zero SET d = "0000-00-00" WHERE id = 10');
Lab::add_big_table($session, 'big', $rows);
for my $table ('zero', 'good')
{
	Lab::add_table($session, $table, 'id int, d date, v char(100)');
}
$session->do(q{CREATE SCHEMA here;
	CREATE TABLE here.zero (id int PRIMARY KEY, d date, v char(100));
	INSERT INTO here.zero SELECT n, '2024-01-01', repeat('x', 100)
		FROM generate_series(1, 100000) n;
	CREATE TABLE here.copied (id int PRIMARY KEY, d date, v char(100));
	CREATE TABLE wide AS SELECT n AS id FROM generate_series(1, 200000) n;
	ALTER TABLE wide SET (parallel_workers = 2);
	CREATE FUNCTION refuse(n bigint) RETURNS bigint LANGUAGE plpgsql AS $$
	BEGIN
		IF n = 100 THEN RAISE EXCEPTION 'refused'; END IF;
		RETURN n;
	END $$;
	CREATE FUNCTION refuse_aside(n bigint) RETURNS bigint LANGUAGE plpgsql
	PARALLEL SAFE AS $$
	BEGIN
		IF n = 150000 THEN RAISE EXCEPTION 'refused'; END IF;
		RETURN n;
	END $$;
	CREATE PROCEDURE commit_within() LANGUAGE plpgsql AS $$
	DECLARE
		r record;
	BEGIN
		FOR r IN SELECT id FROM big LOOP
			COMMIT;
			PERFORM refuse(r.id);
		END LOOP;
	END $$;
	CREATE PROCEDURE roll_back_within() LANGUAGE plpgsql AS $$
	DECLARE
		r record;
	BEGIN
		FOR r IN SELECT id FROM good WHERE id <= 20000 LOOP
			ROLLBACK;
			PERFORM refuse(r.id);
		END LOOP;
	END $$});

my $log_at = -s log_file();

sub log_file { return "$ENV{PGHOST}/postgres.log" }

# PostgreSQL 13 says of a parallel worker what it says of a session.
my $is_13 = $session->value('SHOW server_version_num') < 140000;

# What the server has logged since the last call that no user may cause.
sub complaints
{
	open my $log, '<', log_file() or die "could not read the log: $!";
	seek $log, $log_at, 0;
	my @lines = <$log>;
	$log_at = tell $log;
	return join '',
	  grep { /ResourceOwner|leak|while in \w+ state|XX\d\d\d|PANIC|FATAL|unexpected state|by signal|TRAP/i
		&& !/terminating background worker "parallel worker"/
		&& !($is_13 && /FATAL: .*terminating connection due to administrator command/) } @lines;
}

# Wraps a statement so that PL/pgSQL catches what it raises.
sub caught
{
	my ($sql, $condition) = @_;

	return "DO \$do\$ BEGIN BEGIN $sql; RAISE 'no error'; EXCEPTION WHEN $condition THEN NULL; END; END \$do\$";
}

my $half = 'PERFORM 1 / (id - 100) FROM big';
my $divided = 'division_by_zero';
my $other = q{DECLARE c CURSOR FOR SELECT id FROM big; FETCH 3 FROM c};

# Statements in a transaction that continue after an error.
my %caught = (
	'a division' => caught($half, $divided),
	'a division, twice in one block' => caught(
		"BEGIN $half; EXCEPTION WHEN $divided THEN $half; END", $divided),
	'a division in a block within' => caught(
		"BEGIN $half; EXCEPTION WHEN others THEN RAISE; END", $divided),
	'a division in a loop of 20' =>
	  'DO $do$ BEGIN FOR i IN 1 .. 20 LOOP BEGIN ' . $half
	  . '; EXCEPTION WHEN division_by_zero THEN NULL; END; END LOOP; END $do$',
	'a value that cannot be decoded' =>
	  caught('PERFORM * FROM zero', 'datetime_field_overflow OR invalid_datetime_format'),
	'an error in a FOR loop' =>
	  'DO $do$ DECLARE r record; BEGIN BEGIN FOR r IN SELECT id FROM big LOOP
		PERFORM refuse(r.id); END LOOP; EXCEPTION WHEN raise_exception THEN NULL; END; END $do$',
	'an error in a function of the condition' =>
	  caught('PERFORM count(*) FROM big WHERE refuse(id) > 0', 'raise_exception'),
	'an error with two results, one set aside' =>
	  caught('PERFORM refuse(b.id) FROM (SELECT id FROM good WHERE id <= 20000) g, '
		  . 'LATERAL (SELECT id FROM big WHERE big.id >= g.id LIMIT 3) b', 'raise_exception'),
	'an error with a result set aside on disk' =>
	  "SET LOCAL work_mem = '64kB'; "
	  . caught('PERFORM refuse(g.id) FROM good g WHERE EXISTS (SELECT FROM zero z WHERE z.id = g.id + 10)',
		'raise_exception'),
	'mariadb.query' => caught(
		q{PERFORM 1 / (a - 100) FROM mariadb.query('remote', 'SELECT id, REPEAT(1, 100) FROM caught.big') AS t (a int, b text)},
		$divided),
	'mariadb.copy' =>
	  caught(q{PERFORM mariadb.copy('zero', 'here.copied')}, 'others'),
	'INSERT ... SELECT' =>
	  caught('INSERT INTO here.copied SELECT id, d, v FROM zero', 'others'),
	'a cancel by statement_timeout' => q{SET LOCAL statement_timeout = '1s'; }
	  . caught('PERFORM count(v) FROM big, pg_sleep(60)', 'query_canceled')
	  . '; RESET statement_timeout',
	'an error beside a cursor that continues' => "$other; "
	  . caught("PERFORM refuse(id) FROM good", 'raise_exception'),
	'a cursor that a subtransaction closes' =>
	  "SAVEPOINT s; $other; ROLLBACK TO s; RELEASE s",
	'a cursor that a subtransaction has failed in' => "DECLARE d CURSOR FOR SELECT refuse(id) FROM big; SAVEPOINT s; "
	  . '\set ON_ERROR_STOP off' . "\n MOVE 500 FROM d; ROLLBACK TO s; RELEASE s",
	'an error of parallel workers beside a result' => q{SET LOCAL parallel_setup_cost = 0;
		SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0; }
	  . caught('PERFORM FROM (SELECT id FROM big LIMIT 5) b, (SELECT max(refuse_aside(id)) FROM wide) w, big c LIMIT 1',
		'raise_exception'));

for my $what (sort keys %caught)
{
	$session->do('BEGIN; SELECT count(d) FROM good');
	my $id = thread_of($session);
	my $answer = $session->run($caught{$what}, 120);

	unlike($answer->{err}, qr/ResourceOwner|ABORT state|XX\d\d\d|no error/, $what);
	diag($answer->{err}) if $answer->{err} ne '' && $caught{$what} =~ /DO \$do/;
	$session->returns('SELECT count(d) FROM good', 100_000, "$what: the transaction continues");
	is(thread_of($session), $id, "$what: on the same connection");
	$session->returns('COMMIT', '', "$what: and is committed");
	is(complaints(), '', "$what: nothing in the log");
}

# A verification that reports the value it cannot read.
$session->do('BEGIN');
for my $level ('rows', 'stream', 'digest')
{
	my $answer = $session->run(
		"SELECT status FROM mariadb.verify('remote', 'caught', 'here', '$level', tables => '{zero}')", 120);
	like($answer->{out}, $level eq 'digest' ? qr/^differs/ : qr/^error: /,
		"verify, $level: the table has a status") or diag($answer->{err});
}
$session->returns('COMMIT', '', 'verify: its transaction is committed');
is(complaints(), '', 'verify: nothing in the log');

# What was written before an error that is caught stays, and nothing else.
$session->do(q{BEGIN; SELECT mariadb.exec('remote', 'INSERT INTO caught.written VALUES (1)')});
$session->do(q{DO $do$ BEGIN BEGIN
	PERFORM mariadb.exec('remote', 'INSERT INTO caught.written VALUES (2)');
	PERFORM 1 / (id - 100) FROM big;
	EXCEPTION WHEN division_by_zero THEN NULL; END; END $do$});
$session->returns(q{SELECT mariadb.exec('remote', 'INSERT INTO caught.written VALUES (3)')}, 1,
	'a write after a caught error');
$session->do('COMMIT');
is(maria('SELECT GROUP_CONCAT(id) FROM written'), '1,3', 'the subtransaction was undone there');
is(complaints(), '', 'a write: nothing in the log');

# Transactions that end with a result half-read.
my %ends = (
	'ROLLBACK' => [ "BEGIN; $other; ROLLBACK", '' ],
	'COMMIT' => [ "BEGIN; $other; COMMIT", '' ],
	'an error' => [ "BEGIN; $other; SELECT 1 / 0; ROLLBACK", '22012' ],
	'PREPARE TRANSACTION' => [ "BEGIN; $other; PREPARE TRANSACTION 'p'", '0A000|55000' ],
	'a procedure that commits' => [ 'CALL commit_within()', 'P0001' ],
	'a procedure that rolls back' => [ 'CALL roll_back_within()', 'P0001' ],
	'an error of parallel workers' => [
		'SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0; SET min_parallel_table_scan_size = 0;
		SELECT FROM (SELECT id FROM big LIMIT 5) b, (SELECT max(refuse_aside(id)) FROM wide) w, big c LIMIT 1',
		'P0001' ]);

for my $what (sort keys %ends)
{
	my ($sql, $code) = @{ $ends{$what} };
	my $answer = $session->run($sql, 120);

	like($answer->{code}, qr/^(?:$code)$/, "$what: as it should") or diag($answer->{err});
	unlike($answer->{err}, qr/ResourceOwner|ABORT state|WARNING/, "$what: without more")
	  or diag($answer->{err});
	$session->returns('SELECT count(d) FROM good', 100_000, "$what: the session continues");
	is(complaints(), '', "$what: nothing in the log");
}

# A backend that ends in the middle.
for my $sql ($other, 'SAVEPOINT s; ' . $other, "$other; " . caught($half, $divided))
{
	my $one = connect_to();
	$one->do("BEGIN; $sql");
	my ($id, $pid) = (thread_of($one), $one->pid);
	$one->quit;
	ok(Lab::is_gone($id), 'a backend ends: its thread there is gone');
	ok((eventually { !-e "/proc/$pid" }), 'a backend ends');
	is(complaints(), '', 'a backend ends: nothing in the log');
}

done_testing;
