# The server dies in the middle of a scan, and comes back: an error, and then
# the same session works.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $lost = '08006|08003|08000|HV00N';
my $session = new_database('killed_server');
my $server = Lab::Maria->start('own');

Lab::add_server($session, 'own', port => $server->port,
	connect_timeout => 5);
$server->sql('CREATE DATABASE d; USE d;
	CREATE TABLE t ENGINE=InnoDB AS SELECT seq AS id FROM seq_1_to_1000;
	CREATE VIEW big AS SELECT seq AS id FROM seq_1_to_30000000');
for my $table ('t', 'big')
{
	Lab::add_table($session, $table, 'id int',
		server => 'own', dbname => 'd');
}
$session->do('CREATE TABLE copy (id int)');
$session->returns('SELECT count(id) FROM t', 1000, 'the server works');

# In the middle of INSERT ... SELECT.
$session->send('INSERT INTO copy SELECT id FROM big');
Lab::running_thread('%big%', $server);
sleep 0.3;
$server->kill;
failed_with($session->wait,
	$lost, qr/remote SQL command: SELECT/, 'INSERT ... SELECT has failed');
$session->returns('SELECT count(*) FROM copy', 0, 'and has left no rows');
$session->fails('SELECT count(id) FROM t',
	'HV00N', qr/could not connect/, 'a dead server cannot be reached');
$session->returns('SELECT 1', 1, 'the session lives');

$server->restart;
$session->returns('SELECT count(id) FROM t', 1000,
	'the same session works when the server is back');

# Behind an open cursor, whose first rows were read.
$session->do('BEGIN; DECLARE c CURSOR FOR SELECT id FROM big');
$session->returns('FETCH 1 FROM c', 1, 'a cursor has its first row');
$session->do('SAVEPOINT s');
$server->kill;
$session->fails('MOVE ALL FROM c', $lost, undef,
	'the cursor does not end as if complete');
$server->restart;
$session->do('ROLLBACK TO SAVEPOINT s');
$session->fails('SELECT count(id) FROM t', $lost, undef,
	'the new server is not taken for the old snapshot');
$session->do('ROLLBACK');
$session->returns('SELECT count(id) FROM t', 1000, 'the session works again');

# While the connection is idle.
$server->kill;
$server->restart;
$session->returns('SELECT count(id) FROM t', 1000,
	'an idle connection is replaced');

# The server hangs: a cancel does not wait for it.
$session->send('SELECT count(id) FROM big');
Lab::running_thread('%big%', $server);
sleep 0.3;
$server->freeze;
my $watcher = connect_to();
$watcher->do('SELECT pg_cancel_backend(' . $session->pid . ')');
is($session->wait(10)->{code}, '57014', 'a scan of a server that hangs is cancelled');
$session->fails('SELECT count(id) FROM t', 'HV00N', undef,
	'a server that hangs cannot be reached', 15);
$server->thaw;
$session->returns('SELECT count(id) FROM t', 1000, 'the session works again');
$session->do('BEGIN; DECLARE c CURSOR FOR SELECT id FROM big; FETCH 1 FROM c');
$server->freeze;
$session->do('ROLLBACK', 15);
$server->thaw;
$session->returns('SELECT count(id) FROM t', 1000, 'ROLLBACK is not held up');

# Stopped in good order, while it sends nothing.
$session->send(
	q{SELECT * FROM mariadb.query('own', 'SELECT sleep(60) /* nap */') AS t (a int)});
Lab::running_thread('%nap%', $server);
$server->stop;
my $answer = $session->wait;
ok($answer->{code} ne '' || $answer->{out} eq '1',
	'a shutdown ends a silent statement')
  or diag("$answer->{out} $answer->{err}");
$session->returns('SELECT 1', 1, 'the session lives');

done_testing;
