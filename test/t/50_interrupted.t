# Whatever interrupts a migration with workers, a second CALL resumes where
# it was: what is done is not copied again, and what was half done has left
# no rows.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Lab::Migration;
use Test::More;

my $session = new_database('interrupted');
my $server = Lab::Maria->start('interrupted', '--log-bin', '--server-id=1',
	'--binlog-format=ROW');
my $migration = Lab::Migration->new('own', 'd', 'moved');
my $quick = '{"workers": 2, "chunk_size": "256kB"}';

# A chunk has some 2,000 rows, for which a worker takes half a second.
my $slow =
  '{"workers": 2, "chunk_size": "256kB", "max_rows_per_second": 8000}';
my $is_resumed = qr/NOTICE: .*resuming run \d+/;
my $incomplete = qr/run \d+ is not complete.*HINT: +Call mariadb\.migrate again/s;

Lab::add_server($session, 'own', port => $server->port, connect_timeout => 5);
$server->sql('CREATE DATABASE d; USE d;
	CREATE TABLE first (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(100));
	INSERT INTO first (v) SELECT REPEAT(MD5(seq), 3) FROM seq_1_to_12000;
	CREATE TABLE second (id CHAR(32) PRIMARY KEY, first_id INT,
		CONSTRAINT second_fk FOREIGN KEY (first_id) REFERENCES first (id));
	INSERT INTO second SELECT MD5(seq), seq FROM seq_1_to_8000;
	CREATE TABLE small (id INT PRIMARY KEY, v INT);
	INSERT INTO small VALUES (1, 1), (2, NULL);
	CREATE TABLE `empty` (id INT PRIMARY KEY);
	ANALYZE TABLE first, second, small, `empty`');

my $watcher = connect_to();

sub terminate
{
	my @pids = @_;

	$watcher->do("SELECT pg_terminate_backend($_)") for @pids;
}

# Tests that the workers have gone, of themselves.
sub no_workers
{
	my ($name) = @_;

	ok(eventually { $migration->workers($watcher) == 0 }, $name);
}

# Tests what a run that was cut off has left here.
sub leaves_whole_chunks
{
	my ($name) = @_;

	cmp_ok($migration->note_done($watcher), '>=', 2, "$name: chunks are done");
	for my $table ('first', 'second')
	{
		is($migration->wrong_chunks($watcher, $table),
			'', "$name: $table has the rows of these, and no others");
	}
}

# Tests that a second call of a session completes the run.
sub completes
{
	my ($session, $name, $options) = @_;
	my $answer = $session->run($migration->call($options // $quick), 60);

	is($answer->{code}, '', "$name: a second call ends well")
	  or diag($answer->{err});
	like($answer->{err}, $is_resumed, "$name: it is resumed");
	unlike($answer->{err}, qr/WARNING/, "$name: it warns of nothing");
	is($migration->copied_again($session),
		'', "$name: what was done is not copied again");
	is_complete($session, $name);
}

# Tests that all is here, and starts afresh.
sub is_complete
{
	my ($session, $name) = @_;

	is($migration->verified($session), 'equal', "$name: all rows are equal");
	for my $table ('first', 'second')
	{
		is($migration->wrong_chunks($session, $table),
			'', "$name: $table has the rows of its chunks");
	}
	$session->returns('SELECT r.state, (SELECT count(*) FROM mariadb.chunk c
			WHERE c.run = r.id AND (c.state <> \'done\' OR c.worker IS NULL))
		FROM mariadb.run r', 'done|0', "$name: the ledger says so");
	$session->returns("SELECT convalidated FROM pg_constraint
		WHERE conname = 'second_fk'", 't', "$name: the foreign key is here");
	$migration->forget($session);
}

# One worker of two.
my ($pid, $other) = $migration->start($session, $watcher, $slow, 2);
terminate($pid);
my $answer = $session->wait(60);
is($answer->{code}, '', 'a worker terminated: the call ends well')
  or diag($answer->{err});
like($answer->{err}, qr/WARNING: .*worker \d was lost: terminating/,
	'a worker terminated: a warning reports it');
$session->returns("SELECT count(*) FROM mariadb.chunk WHERE worker = $pid
	AND state <> 'done'", 0, 'a worker terminated: its chunk is not left');
is_complete($session, 'a worker terminated');

# All of them.
$migration->start($session, $watcher, $slow, 2);
terminate($migration->workers($watcher));
failed_with($session->wait(60), '55000', $incomplete,
	'all workers terminated: the call fails, and says to call again');
leaves_whole_chunks('all workers terminated');
completes($session, 'all workers terminated');

# The leader.
$migration->start($session, $watcher, $slow, 2);
$watcher->do('SELECT pg_cancel_backend(' . $session->pid . ')');
is($session->wait(30)->{code}, '57014', 'the leader cancelled: the call fails');
no_workers('the leader cancelled: its workers end');
leaves_whole_chunks('the leader cancelled');
completes(connect_to(), 'the leader cancelled');

$migration->start($session, $watcher, $slow, 2);
terminate($session->pid);
is($session->wait(30)->{code}, '57P01', 'the leader terminated: the call fails');
no_workers('the leader terminated: its workers end');
leaves_whole_chunks('the leader terminated');
$session = connect_to();
completes($session, 'the leader terminated');

# Called at once again: workers of the first call may still be there.
$migration->start($session, $watcher, $slow, 2);
$other = connect_to();
$other->fails($migration->call($quick), '55006', qr/run \d+ cannot continue: another session/,
	'two sessions at once: the second is refused');
$watcher->do('SELECT pg_cancel_backend(' . $session->pid . ')');
is($session->wait(30)->{code}, '57014', 'two sessions at once: the first is cancelled');
$migration->note_done($watcher);
completes($other, 'two sessions, one after the other');

# MariaDB, as by a power cut.
$migration->start($session, $watcher, $slow, 2);
$server->kill;
failed_with($session->wait(60), '55000|08006|08003|08000|HV000', undef,
	'MariaDB killed: the call fails');
leaves_whole_chunks('MariaDB killed');
$session->fails($migration->call($quick), 'HV00N', qr/could not connect/,
	'MariaDB killed: a call without it fails');
$server->restart;
completes($session, 'MariaDB killed');

# One remote thread of the two.
$migration->start($session, $watcher, $slow, 2);
my $thread = $server->sql('SELECT max(id) FROM information_schema.processlist
	WHERE user = \'app\'');
$server->sql("KILL $thread");
$answer = $session->wait(60);
is($answer->{code}, '', 'a remote thread killed: the others finish')
  or diag($answer->{err});
like($answer->{err}, qr/WARNING: .*worker \d was lost/,
	'a remote thread killed: a warning reports it');
is_complete($session, 'a remote thread killed');

# A worker killed, and with it all backends.
($pid) = $migration->start($session, $watcher, $slow, 2);
kill KILL => $pid;
ok($session->wait(30)->{ended}, 'a worker killed: the session is gone');
Lab::Migration->wait_for_postgres;
$_ = connect_to() for $session, $watcher;
leaves_whole_chunks('a worker killed');
completes($session, 'a worker killed');

# PostgreSQL restarted.
$migration->start($session, $watcher, $slow, 2);
Lab::Migration->restart_postgres;
ok($session->wait(30)->{ended}, 'PostgreSQL restarted: the session is gone');
$_ = connect_to() for $session, $watcher;
leaves_whole_chunks('PostgreSQL restarted');
completes($session, 'PostgreSQL restarted');

# Cut off again and again.
$migration->start($session, $watcher, $slow, 1);
for my $round (1 .. 3)
{
	terminate($migration->workers($watcher));
	is($session->wait(60)->{code}, '55000', "cut off $round times: the call fails");
	$migration->note_done($watcher);
	last if $round == 3;
	$session->send($migration->call($slow));
	$migration->wait_for_chunks($session, $watcher, $round + 1);
	is($migration->copied_again($watcher), '',
		"cut off $round times: what was done is not copied again");
}
completes($session, 'cut off again and again');

# While keys are made, when all rows are here.
$session->do(q{CREATE FUNCTION slow() RETURNS event_trigger LANGUAGE plpgsql AS
	$$ BEGIN PERFORM pg_sleep(1); END $$;
	CREATE EVENT TRIGGER slow ON ddl_command_end WHEN TAG IN ('ALTER TABLE')
		EXECUTE FUNCTION slow()});
$session->send($migration->call($quick));
ok(eventually { $watcher->value("SELECT count(*) FROM pg_stat_activity
		WHERE wait_event = 'PgSleep'
		AND backend_type = 'mariadb_fdw worker'") > 0 }, 'keys are being made');
terminate($migration->workers($watcher));
failed_with($session->wait(60), '55000', $incomplete,
	'terminated while keys are made: the call fails');
leaves_whole_chunks('terminated while keys are made');
$session->do('DROP EVENT TRIGGER slow');
completes($session, 'terminated while keys are made');

# More workers than there are processes.
$answer = $session->run($migration->call('{"workers": 64, "chunk_size": "256kB"}'), 60);
is($answer->{code}, '', 'too many workers: the call ends well')
  or diag($answer->{err});
$session->returns("SELECT workers BETWEEN 1 AND current_setting(
	'max_worker_processes')::int FROM mariadb.run", 't',
	'too many workers: there are fewer');
is_complete($session, 'too many workers');

# As many as there are processes left, on a machine that has processors enough:
# only workers take them, here the launcher of logical replication.
my $free = q{mariadb_internal.wanted_workers('{}', false) =
	current_setting('max_worker_processes')::int - 1};
ok((eventually
	{
		$session->value("BEGIN;
			CREATE OR REPLACE FUNCTION mariadb_internal.processors() RETURNS int
			LANGUAGE sql VOLATILE AS 'SELECT 1000';
			SELECT $free; ROLLBACK") eq 't';
	}), 'workers take the processes that are left');

# Whatever transactions are like by default.
for my $level ('repeatable read', 'serializable')
{
	$session->do("SET default_transaction_isolation = '$level'");
	$answer = $session->run($migration->call($quick), 60);
	is($answer->{code}, '', "$level: the call ends well") or diag($answer->{err});
	is_complete($session, $level);
}
$session->do('RESET default_transaction_isolation');

# None, and one.
for my $workers (0, 1)
{
	$answer = $session->run($migration->call("{\"workers\": $workers, \"chunk_size\": \"256kB\"}"), 60);
	is($answer->{code}, '', "$workers workers: the call ends well")
	  or diag($answer->{err});
	$session->returns('SELECT count(DISTINCT worker) FROM mariadb.chunk',
		1, "$workers workers: one process has copied all");
	is_complete($session, "$workers workers");
}

done_testing;
