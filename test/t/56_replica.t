# A position in the binary log proves one snapshot only where the log shows
# all changes of the server: not on a replica without log_slave_updates, not
# under filters, and not while sessions write past it.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Lab::Migration;
use Lab::Proxy;
use Test::More;

plan skip_all => 'MySQL does not show the position of a snapshot; 84_mysql_data.t has its replica'
  if Lab::Maria->is_mysql;

my $session = new_database('replica');
my $watcher = connect_to();
my @log = ('--log-bin', '--binlog-format=ROW', '--innodb-stats-auto-recalc=0');
my $primary = Lab::Maria->start('primary', @log, '--server-id=1');
my $replica = Lab::Maria->start('replica', @log, '--server-id=2');
my $quick = '{"workers": 2, "chunk_size": "128kB"}';
my $slow =
  '{"workers": 2, "chunk_size": "128kB", "max_rows_per_second": 3000}';
my $gap = qr/the binary log does not contain all changes: the server is a replica without log_slave_updates/;

Lab::add_server($session, 'primary_', port => $primary->port);
Lab::add_server($session, 'replica_', port => $replica->port);
$_->sql('RESET MASTER') for $primary, $replica;
$replica->sql("CHANGE MASTER TO master_host = '127.0.0.1',
	master_port = @{[ $primary->port ]}, master_user = 'app',
	master_password = 'secret', master_use_gtid = slave_pos, master_ssl = 0; START SLAVE");
$primary->sql('CREATE DATABASE d; USE d;
	CREATE TABLE log (id BIGINT PRIMARY KEY, v VARCHAR(100));
	INSERT INTO log SELECT seq, REPEAT(MD5(seq), 3) FROM seq_1_to_12000;
	CREATE TABLE late (id INT PRIMARY KEY, v VARCHAR(100));
	INSERT INTO late SELECT seq, REPEAT(MD5(seq), 3) FROM seq_1_to_6000');

# Waits until the replica has what the primary has written so far.
sub replicate
{
	my $gtid = $primary->sql('SELECT @@gtid_binlog_pos');

	is($replica->sql("SELECT MASTER_GTID_WAIT('$gtid', 60)"), 0,
		'the replica has applied what the primary has written')
	  or die $replica->sql('SHOW ALL SLAVES STATUS');
}

replicate();
$replica->sql('ANALYZE TABLE d.log, d.late');
is($replica->sql('SELECT @@log_slave_updates'), 0, 'it does not log it');

sub cut_off
{
	my ($migration, $options, $name) = @_;

	$session->send($migration->call($options));
	ok((eventually
		{
			$watcher->value("SELECT count(*) FROM mariadb.chunk
				WHERE state = 'done'") >= 4;
		}
		60), "$name: chunks are being copied");
	$watcher->do('SELECT pg_cancel_backend(' . $session->pid . ')');
	is($session->wait(60)->{code}, '57014', "$name: a run is cut off");
	cmp_ok($migration->note_done($session), '>=', 4, "$name: chunks are done");
}

sub completes
{
	my ($migration, $options, $name) = @_;
	my $answer = $session->run($migration->call($options), 100);

	is($answer->{code}, '', "$name: a second call ends well")
	  or diag($answer->{err});
	is($migration->verified($session), 'equal', "$name: all is as it is there now");
	return $answer->{err};
}

# A call that was cut off, rows changed on the primary, a second call.
my $migration = Lab::Migration->new('replica_', 'd', 'moved');
for my $workers (2, 1, 0)
{
	my $name = "replica, $workers workers";
	my $with = sub { return $_[0] =~ s/"workers": 2/"workers": $workers/r };

	cut_off($migration, $with->($slow), $name);
	$primary->sql("UPDATE d.log SET v = 'workers $workers' WHERE id <= 2000");
	replicate();
	my $said = completes($migration, $with->($quick), $name);
	$session->returns("SELECT count(*) FROM moved.log WHERE v = 'workers $workers'",
		2000, "$name: the new rows are here");
	like($said, $workers > 1
		? qr/snapshot of server "replica_": 2 workers, tables locked for \d+\.\d ms by LOCK TABLES \($gap\)/
		: qr/snapshot of server "replica_": (?:this session|one worker), one connection \($gap\)/,
		"$name: it says how the snapshot was taken, and why so");
	$session->returns('SELECT position IS NULL, gtid IS NULL FROM mariadb.run',
		't|t', "$name: no position is claimed");
	$migration->forget($session);
}

# A stopped replica is one still.
$replica->sql('STOP SLAVE');
like($session->run($migration->call($quick), 100)->{err}, $gap,
	'a stopped replica is a replica');
$migration->forget($session);
$replica->sql('START SLAVE');

# Two tables that always change together, while the replica applies.
$primary->sql('USE d; CREATE TABLE a (id INT PRIMARY KEY, n INT, w CHAR(100) DEFAULT REPEAT("w", 100));
	INSERT INTO a (id, n) SELECT seq, 0 FROM seq_1_to_2000;
	CREATE TABLE b LIKE a; INSERT INTO b SELECT * FROM a;
	DELIMITER //
	CREATE PROCEDURE write_both(logged INT)
	BEGIN
		DECLARE CONTINUE HANDLER FOR 1213, 1205 ROLLBACK;
		SET SESSION sql_log_bin = logged;
		WHILE 1 DO
			START TRANSACTION;
			UPDATE a SET n = n + 1 WHERE id = 1;
			UPDATE b SET n = n + 1 WHERE id = 1;
			COMMIT;
		END WHILE;
	END//');
replicate();
$replica->sql('ANALYZE TABLE d.a, d.b');

sub writer
{
	my ($logged) = @_;
	my $pid = start_child(sub { $primary->sql("USE d; CALL write_both($logged)") });

	ok(eventually { $primary->sql('SELECT n FROM d.a WHERE id = 1') > 20 },
		'somebody writes');
	return $pid;
}

# Ends the statement too, which outlives its client.
sub end_writer
{
	my ($pid) = @_;
	my $there = "SELECT id FROM information_schema.processlist
		WHERE db = 'd' AND user = 'root' AND id <> connection_id()";

	end_child($pid);
	ok(eventually {
			eval { $primary->sql("KILL $_") } for split /\n/, $primary->sql($there);
			$primary->sql($there) eq '';
		}, 'then nobody writes');
}

sub never_differ
{
	my ($server, $rounds, $method, $name) = @_;
	my $migration = Lab::Migration->new($server, 'd', 'moved');
	my %seen;
	my %methods;
	my $torn = 0;

	for (1 .. $rounds)
	{
		my $answer = $session->run($migration->call('{"workers": 4,
			"tables": ["a", "b"], "chunk_size": "64kB"}'), 100);
		is($answer->{code}, '', "$name: a round ends well")
		  or diag($answer->{err});
		my ($a, $b) = split /\|/, $session->value('SELECT (SELECT n FROM moved.a
			WHERE id = 1), (SELECT n FROM moved.b WHERE id = 1)');
		$torn++ if $a != $b;
		$seen{$a}++;
		$methods{ $session->value('SELECT method FROM mariadb.run') }++;
		$migration->forget($session);
	}
	is($torn, 0, "$name: the tables never differ");
	ok($methods{$method}, "$name: by $method") if $method;
	cmp_ok(keys %seen, '>', 1, "$name: the source moved on meanwhile");
}

my $pid = writer(1);
never_differ('replica_', 8, 'LOCK TABLES', 'a replica that applies');
never_differ('primary_', 3, undef, 'a primary with a log');
end_writer($pid);

# A session that writes past the log: the log alone would prove nothing.
$pid = writer(0);
never_differ('primary_', 5, 'LOCK TABLES', 'a writer with sql_log_bin = 0');
end_writer($pid);

# The same between two calls: the position stays, the rows do not.
$migration = Lab::Migration->new('primary_', 'd', 'moved');
cut_off($migration, $slow, 'sql_log_bin = 0');
$primary->sql("SET SESSION sql_log_bin = 0;
	UPDATE d.log SET v = 'unlogged' WHERE id <= 2000");
completes($migration, $quick, 'sql_log_bin = 0');
$session->returns("SELECT count(*) FROM moved.log WHERE v = 'unlogged'", 2000,
	'sql_log_bin = 0: the new rows are here');
$migration->forget($session);

# An idle server with a whole log keeps the way without locks.
my $answer = $session->run($migration->call($quick), 100);
like($answer->{err}, qr/snapshot of server "primary_": 2 workers, binary log position \S+:\d+, GTID \S+\n/,
	'a whole log: no lock, and the position is reported');
$migration->forget($session);

# So does one whose account may not see filters.
$primary->sql("CREATE USER reader\@'127.0.0.1' IDENTIFIED BY 'secret';
	GRANT SELECT ON d.* TO reader\@'127.0.0.1'");
Lab::add_server($session, 'reader', port => $primary->port,
	username => 'reader', password => 'secret');
$migration = Lab::Migration->new('reader', 'd', 'moved');
$answer = $session->run($migration->call($quick), 100);
like($answer->{err}, qr/2 workers, binary log position/, 'a reader: no lock is needed');
$migration->forget($session);

# A balancer that leads the last connection, which is to lock tables, to the
# primary, and in the end a worker, too: that lock proves nothing.
my $balancer = Lab::Proxy->new($replica->port);
my @ports = map { $_->port } $replica, $primary;
Lab::add_server($session, 'balanced', port => $balancer->port);
$migration = Lab::Migration->new('balanced', 'd', 'moved');

# Migrates with the connections beyond the first ones led to the primary.
sub migrate_balanced
{
	my ($first, $name, $code, $expected) = @_;

	$session->do(q{SELECT mariadb.disconnect('balanced')});
	$balancer->balance(sub { return $ports[ $_[0] > $first ] });
	my $answer = $session->run($migration->call('{"workers": 2, "tables": ["late"]}'), 100);
	is($answer->{code}, $code, "balancer, $name: the SQLSTATE");
	like($answer->{err}, $expected, "balancer, $name: the message");
	$migration->forget($session);
}

sub connections
{
	return ($replica->sql(q{SHOW GLOBAL STATUS LIKE 'Connections'}) =~ /(\d+)/)[0];
}

my $before = connections();
migrate_balanced(99, 'one server', '', qr/2 workers, tables locked for \d+\.\d ms by LOCK TABLES/);

# The one that asks has been counted.
my $count = connections() - $before - 1;
my $refused = qr/the same snapshot.*connections reach more than one server/s;
migrate_balanced($count - 1, 'the lock elsewhere', '55000', $refused);
migrate_balanced($count - 2, 'a worker elsewhere', '55000', $refused);

# Filters of the log.
for my $filter ('--binlog-do-db=other', '--binlog-ignore-db=d')
{
	$replica->stop;
	$replica = Lab::Maria->start($filter =~ tr/a-z//cdr, @log, '--server-id=3', $filter);
	$replica->sql('CREATE DATABASE d; USE d;
		CREATE TABLE log (id BIGINT PRIMARY KEY, v VARCHAR(100));
		INSERT INTO log SELECT seq, REPEAT(MD5(seq), 3) FROM seq_1_to_12000;
		ANALYZE TABLE log');
	$session->do("ALTER SERVER replica_ OPTIONS (SET port '@{[ $replica->port ]}')");
	$migration = Lab::Migration->new('replica_', 'd', 'moved');
	cut_off($migration, $slow, $filter);
	$replica->sql("UPDATE d.log SET v = 'new' WHERE id <= 2000");
	like(completes($migration, $quick, $filter),
		qr/LOCK TABLES \(the binary log does not contain all changes: binlog_do_db or binlog_ignore_db is set\)/,
		"$filter: tables are locked");
	$session->returns("SELECT count(*) FROM moved.log WHERE v = 'new'", 2000,
		"$filter: the new rows are here");
	$migration->forget($session);
}

done_testing;
