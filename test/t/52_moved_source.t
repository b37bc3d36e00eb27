# The rows of a finished run are of one snapshot of MariaDB: while others write,
# and though a run was cut off and the source has moved on since.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Lab::Migration;
use Test::More;

my $session = new_database('moved_source');
my $watcher = connect_to();
my $server = Lab::Maria->start('moved_source', '--log-bin', '--server-id=1',
	'--binlog-format=ROW', '--innodb-stats-auto-recalc=0');
my $quick = '{"workers": 2, "chunk_size": "128kB"}';
my $slow =
  '{"workers": 2, "chunk_size": "128kB", "max_rows_per_second": 3000}';
my $tables = 'CREATE TABLE log (id BIGINT PRIMARY KEY, v VARCHAR(100));
	INSERT INTO log SELECT seq * 10, REPEAT(MD5(seq), 3) FROM seq_1_to_12000;
	CREATE TABLE late (id INT PRIMARY KEY, v VARCHAR(100));
	INSERT INTO late SELECT seq, REPEAT(MD5(seq), 3) FROM seq_1_to_6000;
	ANALYZE TABLE log, late';

Lab::add_server($session, 'own', port => $server->port);
$server->sql("CREATE DATABASE moved_source; USE moved_source; $tables");
maria($tables);

# Cuts a run off when some of the first table's chunks are done.
sub cut_off
{
	my ($migration, $name) = @_;

	$migration->start($session, $watcher, $slow, 4);
	$watcher->do('SELECT pg_cancel_backend(' . $session->pid . ')');
	is($session->wait(30)->{code}, '57014', "$name: a run is cut off");
	cmp_ok($migration->note_done($session), '>=', 4, "$name: chunks are done");
}

# The ids of the rows that a done chunk of the table "log" has brought: the
# least, one in the middle, the greatest.
sub ids_of_chunk
{
	my ($migration, $nth) = @_;

	return split /\|/, $session->value("SELECT min(id),
			(array_agg(id ORDER BY id))[count(*) / 2], max(id)
		FROM moved.log WHERE xmin::text = (SELECT xid::xid::text
			FROM mariadb.chunk WHERE table_name = 'log' AND state = 'done'
			AND run = " . $migration->run . " ORDER BY number OFFSET $nth LIMIT 1)");
}

# Tests which chunks the call after a cut has read and copied.
sub goes_on
{
	my ($migration, $name) = @_;
	my $answer = $session->run($migration->call($quick), 60);

	is($answer->{code}, '', "$name: a second call ends well")
	  or diag($answer->{err});
	is($migration->verified($session), 'equal', "$name: all is as it is there now");
	for my $table ('log', 'late')
	{
		is($migration->wrong_chunks($session, $table),
			'', "$name: the rows of $table are those of its chunks");
	}
}

# The chunks that were done and have been read again since.
sub read_again
{
	return $session->value("SELECT count(*) FROM was_done
		JOIN mariadb.chunk c USING (run, table_name, number)
		WHERE c.finished <> was_done.finished");
}

sub number_of
{
	my ($id) = @_;

	return $session->value("SELECT number FROM mariadb.chunk c
		JOIN moved.log r ON r.xmin::text = c.xid::xid::text
		WHERE c.table_name = 'log' AND r.id = $id");
}

for my $case (['own', $server, 'with a binary log'],
	['remote', Lab::Maria->of_lab, 'without a binary log'])
{
	my ($name, $maria, $title) = @$case;
	my $migration = Lab::Migration->new($name, 'moved_source', 'moved');
	my $has_log = $name eq 'own' && !Lab::Maria->is_mysql;
	my $write = sub { $maria->sql("USE moved_source; $_[0]") };

	# Nothing has happened there in between.
	cut_off($migration, "$title, nothing changed");
	goes_on($migration, "$title, nothing changed");
	is($migration->copied_again($session),
		'', "$title, nothing changed: no chunk is copied again");
	is(read_again(),
		$has_log ? 0 : $session->value('SELECT count(*) FROM was_done'),
		"$title, nothing changed: "
		  . ($has_log ? 'none is even read again' : 'all are read again'));
	$migration->forget($session);

	# A row each is added, changed and deleted, in three chunks that are done:
	# at the start, in the middle and at the end; and new rows beyond.
	cut_off($migration, $title);
	my @added = ids_of_chunk($migration, 0);
	my @changed = ids_of_chunk($migration, 1);
	my @deleted = ids_of_chunk($migration, 2);
	my @numbers = map { number_of($_) } $added[1], $changed[1], $deleted[1];
	$write->("INSERT INTO log VALUES ($added[0] + 1, 'a'), ($added[1] + 1, 'b'),
			($added[2] - 1, 'c'), (-5, 'before all'), (999999999, 'after all');
		UPDATE log SET v = 'changed' WHERE id IN ($changed[0], $changed[1], $changed[2]);
		DELETE FROM log WHERE id IN ($deleted[0], $deleted[1], $deleted[2]);
		UPDATE late SET v = 'changed' WHERE id = 3");
	goes_on($migration, $title);
	my $again = $migration->copied_again($session);
	like("$again,", qr/log $_,/, "$title: changed chunk $_ is copied again")
	  for @numbers;
	$session->returns("SELECT count(*) > 0 FROM was_done
			JOIN mariadb.chunk c USING (run, table_name, number)
			WHERE c.xid = was_done.xid",
		't', "$title: chunks that are the same are not");
	$session->returns('SELECT count(*) FROM mariadb.chunk c
			JOIN was_done USING (run, table_name, number)
			WHERE (c.xid <> was_done.xid) <> (c.digest <> was_done.digest)',
		0, "$title: those copied again are those that differ");
	is(read_again(), $session->value('SELECT count(*) FROM was_done'),
		"$title: all that was done is read again");
	$migration->forget($session);

	# All rows of chunks are gone, in one case of a whole table.
	cut_off($migration, "$title, rows gone");
	$write->("DELETE FROM log; INSERT INTO log VALUES (7, 'seven');
		DELETE FROM late WHERE id > 10");
	goes_on($migration, "$title, rows gone");
	$session->returns('SELECT count(*) FROM moved.log', 1, "$title: the one new row is here");
	$migration->forget($session);

	# Somebody has written here in between: nothing is guessed.
	$write->("INSERT INTO log SELECT seq * 10, REPEAT(MD5(seq), 3)
			FROM seq_1_to_12000; ANALYZE TABLE log");
	cut_off($migration, "$title, written here");
	$session->do('DELETE FROM moved.log WHERE id = (SELECT min(id) FROM moved.log)');
	$session->fails($migration->call($quick), '55000',
		qr/table moved.log has \d+ rows, but \d+ were copied/,
		"$title, written here: a second call fails");
	$session->do('TRUNCATE moved.log');
	goes_on($migration, "$title, written here and emptied");
	$migration->forget($session);
}

# A row that was changed here is found in the end, if its chunk stays.
my $migration = Lab::Migration->new('own', 'moved_source', 'moved');
cut_off($migration, 'changed here');
$session->do("UPDATE moved.log SET v = 'ours' WHERE id = (SELECT min(id) FROM moved.log)");
my $answer = $session->run($migration->call($quick), 60);
is($answer->{code}, '22000', 'changed here: the second call fails');
like($answer->{err}, qr/WARNING: .*table "log": differs/, 'changed here: it names the table');
$migration->forget($session);

# If its chunk is to be copied again, it is not thrown away.
cut_off($migration, 'changed on both sides');
my ($id) = ids_of_chunk($migration, 0);
my $number = number_of($id);
$session->do("UPDATE moved.log SET v = 'ours' WHERE id = $id");
$server->sql("UPDATE moved_source.log SET v = 'theirs' WHERE id = $id");
$session->fails($migration->call($quick), '55000',
	qr/table moved.log was changed after it was copied.*Chunk $number had (\d+) rows; \d+ of them are left/s,
	'changed on both sides: the second call fails, and names the chunk');
$session->returns("SELECT v FROM moved.log WHERE id = $id", 'ours',
	'changed on both sides: the row is as it was here');
$migration->forget($session);

# Rows that somebody has added here are not thrown away.
cut_off($migration, 'added here');
$session->do("INSERT INTO moved.log VALUES (-1, 'ours')");
$session->fails($migration->call($quick), '55000',
	qr/table moved.log has \d+ rows, but \d+ were copied/,
	'added here: the second call fails');
$session->returns('SELECT v FROM moved.log WHERE id = -1', 'ours',
	'added here: the row is here');
(my $again = $quick) =~ s/}$/, "truncate": true}/;
$answer = $session->run($migration->call($again), 60);
is($answer->{code}, '', 'added here: with truncate it is resumed') or diag($answer->{err});
like($answer->{err}, qr/resuming run \d+.*table "log" has \d+ rows, but \d+ were copied; it is copied again/s,
	'added here: and copies that table again');
is($migration->verified($session), 'equal', 'added here: all is as it is there');
$migration->forget($session);

# Transfers between two tables, while both are copied: the sum stays. One that
# MariaDB chooses to undo for the sake of LOCK TABLES is undone as a whole.
sub transfers
{
	my ($maria) = @_;

	return start_child(
		sub {
			local $ENV{MARIADB_HOST};
			open my $client, '|-', 'mariadb', '--no-defaults', '--skip-ssl',
			  '--host=localhost', "--socket=$maria->{socket}", '-uroot', 'bank'
			  or die "no client: $!";
			while (1)
			{
				printf $client "CALL transfer(%d, %d, %d);\n", 1 + int rand 5000,
				  int rand 100, int rand 2
				  or die;
			}
		});
}

my $bank = q{CREATE DATABASE bank; USE bank;
	CREATE TABLE left_ (id INT PRIMARY KEY, v BIGINT, w CHAR(100) DEFAULT (REPEAT('l', 100)));
	INSERT INTO left_ (id, v) SELECT seq, 1000 FROM seq_1_to_5000;
	CREATE TABLE right_ LIKE left_; INSERT INTO right_ SELECT * FROM left_;
	CREATE TABLE book (id INT AUTO_INCREMENT PRIMARY KEY, sum INT);
	ANALYZE TABLE left_, right_;
	DELIMITER //
	CREATE PROCEDURE transfer(n INT, amount INT, is_back BOOLEAN)
	BEGIN
		DECLARE EXIT HANDLER FOR SQLEXCEPTION ROLLBACK;
		START TRANSACTION;
		IF is_back THEN
			UPDATE right_ SET v = v - amount WHERE id = n;
			UPDATE left_ SET v = v + amount WHERE id = 5001 - n;
		ELSE
			UPDATE left_ SET v = v - amount WHERE id = n;
			UPDATE right_ SET v = v + amount WHERE id = 5001 - n;
		END IF;
		INSERT INTO book (sum) VALUES (amount);
		COMMIT;
	END//
	DELIMITER ;};
my $options =
  '{"workers": 2, "chunk_size": "128kB", "max_rows_per_second": 5000}';

for my $case (['own', $server, 'binary log'],
	['remote', Lab::Maria->of_lab, 'LOCK TABLES'])
{
	my ($name, $maria, $method) = @$case;
	my $migration = Lab::Migration->new($name, 'bank', 'here');

	$maria->sql("DROP DATABASE IF EXISTS bank; $bank");
	my $writer = transfers($maria);
	ok(eventually { $maria->sql('SELECT count(*) FROM bank.book') > 100 },
		"by $method: transfers are being made");
	my $answer = $session->run($migration->call($options), 60);
	my $made = $maria->sql('SELECT count(*) FROM bank.book');
	end_child($writer);
	is($answer->{code}, '', "by $method: the call ends well")
	  or diag($answer->{err});
	# Where transactions follow too fast on each other, tables are locked.
	like($session->value('SELECT method, lock_ms IS NULL, position IS NULL,
			(SELECT count(DISTINCT worker) > 1 FROM mariadb.chunk) FROM mariadb.run'),
		$name eq 'own' && Lab::Maria->is_mysql ? qr/^LOCK TABLES\|f\|f\|t$/
		: $name eq 'own' ? qr/^(?:binary log\|t\|f|LOCK TABLES\|f\|t)\|t$/
		: qr/^LOCK TABLES\|f\|t\|t$/,
		"by $method: the ledger says how workers got one snapshot");
	$session->returns('SELECT (SELECT sum(v) FROM here.left_)
		+ (SELECT sum(v) FROM here.right_)',
		'10000000', "by $method: the sum over both tables is right");
	$session->returns("SELECT (SELECT count(*) FROM here.book) BETWEEN 100 AND $made - 100",
		't', "by $method: transfers were made meanwhile");
	$migration->forget($session);
	$maria->sql('DROP DATABASE bank');
}

# A lock waits for a transaction that has written to a table and not ended.
maria("DROP DATABASE IF EXISTS bank; $bank");
my $writer = start_child(
	sub {
		maria("BEGIN;
			UPDATE bank.left_ SET w = 'in flight' WHERE id = 1;
			SELECT SLEEP(3); COMMIT");
	});
ok(eventually { maria("SELECT count(*) FROM information_schema.processlist
		WHERE info LIKE '%SLEEP(3)' AND id <> connection_id()") > 0 },
	'a transaction is in flight');
$migration = Lab::Migration->new('remote', 'bank', 'here');
$answer = $session->run($migration->call($quick), 60);
is($answer->{code}, '', 'in flight: the call ends well') or diag($answer->{err});
end_child($writer);
$session->returns("SELECT method, (SELECT trim(w) FROM here.left_ WHERE id = 1)
	FROM mariadb.run", 'LOCK TABLES|in flight', 'in flight: its end was waited for');
$migration->forget($session);
maria('DROP DATABASE bank');

# An account that may only read, where there is no binary log.
maria("CREATE OR REPLACE USER reader\@'127.0.0.1' IDENTIFIED BY 'secret';
	GRANT SELECT ON moved_source.* TO reader\@'127.0.0.1'");
Lab::add_server($session, 'reader', username => 'reader', password => 'secret');
$migration = Lab::Migration->new('reader', 'moved_source', 'moved');
$session->fails($migration->call($quick), '55000',
	qr/could not give 2 workers the same snapshot.*Tables could not be locked, and the binary log is off.*HINT:.*"workers" to 1.*LOCK TABLES/s,
	'two workers of a reader: an error says what is missing');
$migration->forget($session);
$answer = $session->run($migration->call('{"chunk_size": "128kB"}'), 60);
is($answer->{code}, '', 'a reader: the call ends well') or diag($answer->{err});
like($answer->{err}, qr/NOTICE: .*using only one worker/, 'a reader: it reports that there is one worker')
  if $session->value('SELECT mariadb_internal.processors()') > 1;
$session->returns('SELECT workers, method FROM mariadb.run',
	'1|one connection', 'a reader: the ledger says so');
is($migration->verified($session), 'equal', 'a reader: all rows are equal');
maria("DROP USER reader\@'127.0.0.1'");

done_testing;
