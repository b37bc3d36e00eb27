# A move whose server stalls, drips or floods: it hears a cancel, a timeout and
# the end of its backend, and its workers end with it.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Lab::Ending;
use Lab::Migration;
use Test::More;

my $session = new_database('held_up');
my $watcher = connect_to();
my $server = Lab::Maria->start('held_up', '--log-bin', '--server-id=1',
	'--binlog-format=ROW', '--sql-mode=');
my $proxy = Lab::Stall->new($server->port);
my $migration = Lab::Migration->new('slow', 'd', 'moved');

my $end = 10;

$server->sql("CREATE DATABASE d; USE d;
	CREATE TABLE big (id INT PRIMARY KEY, v VARCHAR(100), day DATE);
	INSERT INTO big SELECT seq, REPEAT(MD5(seq), 3), '2020-01-01'
		FROM seq_1_to_20000;
	UPDATE big SET day = '0000-00-00' WHERE id = 77;
	ANALYZE TABLE big");
Lab::add_server($session, 'slow', port => $proxy->port,
	ssl_mode => 'disabled', connect_timeout => 30);

my $rows = qr/FROM `d`\.`big`/;
my $chunk = qr/mariadb_fdw run \d+: big/;
my $move = sub { $migration->call("{\"on_error\": \"reject\", \"workers\": $_[0]}") };

sub no_workers
{
	my ($name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	ok((eventually { $migration->workers($watcher) == 0 } $end),
		"$name: no worker is left");
}

# Holds a statement up, and ends it in each way.
sub check
{
	my ($name, $how, $sql, $pattern) = @_;
	my $victim = connect_to();

	for my $each ($session, $victim)
	{
		$proxy->hold($how, $pattern);
		$each->send($sql);
		ok($proxy->is_holding, "$name is held up") or return;
		sleep 0.7 if $how ne 'stall';
		cancel_ends($watcher, $session, $name) if $each == $session;
		terminate_ends($watcher, $victim, $name) if $each == $victim;
		no_workers($name);
	}
	$proxy->hold($how, $pattern);
	timeout_ends($session, 3, $name, $sql);
	no_workers($name);
}

check('a move without workers', 'stall', $move->(0), $chunk);
check('a move with workers', 'stall', $move->(2), $chunk);
check('the snapshots of workers', 'stall', $move->(2), qr/Binlog_snapshot/);
check('a move with workers', 'drip', $move->(2), $chunk);
check('a move with workers', 'flood', $move->(2), $chunk);

# A worker alone is ended.
$proxy->hold('stall', $chunk);
$session->send($move->(1));
ok($proxy->is_holding, 'a worker is held up');
my ($worker) = $migration->workers($watcher);
ends_within(
	$end,
	'pg_terminate_backend: a worker',
	sub
	{
		$watcher->do("SELECT pg_terminate_backend($worker)");
		return eventually { !-e "/proc/$worker" } 60;
	});
is($session->wait(60)->{code}, '55000', 'the run is not complete');

# MariaDB itself stopped, with all connections open.
$proxy->pass;
$migration->forget($session);
$session->send($migration->call('{"on_error": "reject", "workers": 2,
	"max_rows_per_second": 1000}'));
ok((eventually { $migration->workers($watcher) == 2 } 30), 'a move has two workers');
$server->freeze;
sleep 0.5;
cancel_ends($watcher, $session, 'a move while MariaDB is stopped');
no_workers('a move while MariaDB is stopped');
$server->thaw;

# The run continues when the server does.
$proxy->pass;
my $answer = $session->run($move->(2), 60);
is($answer->{code}, '', 'the move ends well afterwards') or diag($answer->{err});
$session->returns('SELECT count(*), (SELECT count(*) FROM mariadb.reject) FROM moved.big',
	'19999|1', 'with all rows');
my $run = $session->value('SELECT max(id) FROM mariadb.run');
check('mariadb.replay', 'stall', "SELECT * FROM mariadb.replay($run)", $rows);
$proxy->hold('stall', qr/./);
$session->returns("SELECT mariadb.report($run) LIKE '%<html%'", 't',
	'mariadb.report needs no server');

done_testing;
