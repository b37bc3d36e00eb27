# Somebody kills the remote thread in the middle of a scan: there is an error
# and never a short result, and nothing is silently read from another snapshot.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $lost = '08006|08003|08000';
my $rows = 30_000_000;
my $session = new_database('killed_thread');

Lab::add_big_table($session, 'big', $rows);
maria('CREATE TABLE small (id int) ENGINE=InnoDB;
	INSERT INTO small VALUES (1), (2)');
Lab::add_table($session, 'small', 'id int');

# Kills the thread that reads the big table, once rows have come.
sub kill_reader
{
	my ($how) = @_;
	my $id = Lab::running_thread('%big%');

	sleep 0.5;
	maria("$how $id");
	return $id;
}

for my $case (
	[ 'KILL', $lost, 'kill' ],
	[ 'KILL QUERY', '57014', 'kill_query' ])
{
	my ($how, $code, $table) = @$case;

	$session->send("CREATE TABLE $table AS SELECT id FROM big");
	my $id = kill_reader($how);
	failed_with($session->wait,
		$code, undef, "$how: CREATE TABLE AS has failed");
	$session->returns("SELECT to_regclass('$table') IS NULL",
		't', "$how: it has made no table");

	$session->do("CREATE TABLE $table (id bigint)");
	$session->send("INSERT INTO $table SELECT id FROM big");
	kill_reader($how);
	failed_with($session->wait,
		$code, undef, "$how: INSERT ... SELECT has failed");
	$session->returns("SELECT count(*) FROM $table",
		0, "$how: it has left no rows");

	$session->send('SELECT count(id), max(v) FROM big');
	kill_reader($how);
	failed_with($session->wait,
		$code, qr/remote SQL command: SELECT/,
		"$how: an aggregate has failed, and says in which statement");

	$session->send('SELECT count(*) FROM big');
	kill_reader($how);
	failed_with($session->wait,
		$code, undef, "$how: a count has failed");

	$session->send("SELECT count(*)
		FROM mariadb.query('remote', 'SELECT id FROM killed_thread.big /* big */')
		AS t (id bigint)");
	kill_reader($how);
	failed_with($session->wait,
		$code, undef, "$how: mariadb.query has failed");

	$session->returns('SELECT count(*) FROM small',
		2, "$how: the next transaction reads");

	# While nothing is read from the socket the server waits for room in it.
	$session->do('BEGIN; DECLARE c CURSOR FOR SELECT id FROM big');
	$session->returns('FETCH 3 FROM c', "1\n2\n3",
		"$how: a cursor has its first rows");
	$id = thread_of($session);
	maria("$how $id");
	failed_with($session->run('MOVE ALL FROM c'),
		$code, undef, "$how: the cursor does not end as if complete");
	$session->do('ROLLBACK');
	$session->returns('SELECT count(*) FROM small',
		2, "$how: the next transaction reads");
}

# The snapshot is lost with the connection; a new one is another snapshot.
$session->do('BEGIN');
$session->returns('SELECT count(*) FROM small', 2, 'a snapshot is taken');
$session->do('SAVEPOINT s');
maria('INSERT INTO small VALUES (3)');
$session->send('SELECT max(v) FROM big');
kill_reader('KILL');
failed_with($session->wait,
	$lost, undef, 'the thread of the snapshot is killed');
$session->do('ROLLBACK TO SAVEPOINT s');
$session->fails('SELECT count(*) FROM small',
	$lost, qr/lost earlier in this transaction/,
	'after ROLLBACK TO SAVEPOINT a read is refused');
$session->do('ROLLBACK TO SAVEPOINT s');
$session->fails(
	q{SELECT * FROM mariadb.query('remote', 'SELECT 1') AS t (id int)},
	$lost, undef, 'and mariadb.query too');
$session->fails('COMMIT; SELECT nothing', '42703', undef, 'the transaction ends');
$session->returns('SELECT count(*) FROM small',
	3, 'the next transaction has a new snapshot');

# A statement that was killed alone leaves the snapshot.
$session->do('BEGIN');
$session->returns('SELECT count(*) FROM small', 3, 'a snapshot is taken');
$session->do('SAVEPOINT s');
maria('INSERT INTO small VALUES (4)');
$session->send('SELECT max(v) FROM big');
kill_reader('KILL QUERY');
failed_with($session->wait,
	'57014', undef, 'the statement is killed');
$session->do('ROLLBACK TO SAVEPOINT s');
$session->returns('SELECT count(*) FROM small',
	3, 'after ROLLBACK TO SAVEPOINT a read has the same snapshot');
$session->do('COMMIT');

# Killed between two statements: nothing was read, so nothing may be hidden.
$session->do('BEGIN');
$session->returns('SELECT count(*) FROM small', 4, 'a snapshot is taken');
maria('KILL ' . thread_of($session));
$session->fails('SELECT count(*) FROM small',
	$lost, undef, 'a snapshot killed between two statements is missed');
$session->do('ROLLBACK');

# Outside of a transaction an idle connection may die unseen.
$session->do('SELECT count(*) FROM small');
maria('KILL ' . thread_of($session));
$session->returns('SELECT count(*) FROM small',
	4, 'a connection killed while idle is replaced');
maria('KILL ' . thread_of($session));
$session->do('BEGIN');
$session->returns('SELECT count(*) FROM small',
	4, 'also at the first read of a transaction');
$session->do('COMMIT');

# What was written is lost with the thread: it is not committed in part.
maria('CREATE TABLE w (id int) ENGINE=InnoDB');
my $write = q{SELECT mariadb.exec('remote', 'INSERT INTO killed_thread.w VALUES (1)')};
$session->do("CREATE TABLE here (id int); BEGIN; INSERT INTO here VALUES (1); $write");
maria('KILL ' . thread_of($session));
$session->fails('COMMIT', "$lost|08007", undef, 'COMMIT of lost writes has failed');
$session->do("BEGIN; INSERT INTO here VALUES (1); $write");
maria('KILL ' . thread_of($session));
$session->fails("SAVEPOINT s; $write", $lost, undef, 'a write on a lost connection');
$session->do('ROLLBACK TO SAVEPOINT s');
$session->fails('COMMIT', $lost, undef, 'COMMIT after ROLLBACK TO SAVEPOINT too');
$session->returns('SELECT count(*) FROM here', 0, 'nothing is kept here');
is(maria('SELECT count(*) FROM w'), 0, 'nor there');
$session->do($write);
is(maria('SELECT count(*) FROM w'), 1, 'the session writes again');

done_testing;
