# A server that has fallen silent, behind a proxy that stalls: whatever waits
# for it hears a cancel, a timeout and the end of its backend.  The ends of
# transactions, which nobody can interrupt, are bounded.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Lab::Ending;
use Test::More;

my $session = new_database('stalled');
my $watcher = connect_to();
my $proxy = Lab::Stall->new($ENV{MARIADB_PORT});
my $soon = 2;

maria("CREATE TABLE big (id INT PRIMARY KEY, v VARCHAR(100));
	INSERT INTO big SELECT seq, REPEAT(MD5(seq), 3) FROM seq_1_to_20000;
	CREATE TABLE written (id INT PRIMARY KEY) ENGINE=InnoDB");
Lab::add_server($session, 'slow', port => $proxy->port,
	ssl_mode => 'disabled', connect_timeout => 30);
Lab::add_table($session, 'big', 'id int, v varchar(100)', server => 'slow');
$session->do("CREATE SCHEMA here; CREATE SCHEMA imported;
	CREATE TABLE here.big (id int PRIMARY KEY, v varchar(100))");

sub sql_of_query { return "SELECT * FROM mariadb.query('slow', '$_[0]') AS t (a text)" }

sub sql_of_exec { return "SELECT mariadb.exec('slow', '$_[0]')" }

my $catalog = qr/information_schema/i;
my $rows = qr/FROM `stalled`\.`big`/;

# What waits: a statement, and what it sends to MariaDB then.
my %waits = (
	'a scan' => [ 'SELECT count(v) FROM big', $rows ],
	'a scan that is joined to itself' =>
	  [ 'SELECT count(*) FROM big a JOIN big b USING (v)', $rows ],
	'mariadb.query' => [ sql_of_query('SELECT v FROM stalled.big'), qr/stalled\.big/ ],
	'mariadb.exec' => [ sql_of_exec('DO 1'), qr/DO 1/ ],
	'mariadb.copy' => [ "SELECT mariadb.copy('big', 'here.big')", $rows ],
	'IMPORT FOREIGN SCHEMA' =>
	  [ 'IMPORT FOREIGN SCHEMA stalled FROM SERVER slow INTO imported', $catalog ],
	'mariadb.ddl' => [ "SELECT * FROM mariadb.ddl('slow', 'stalled', 'moved')", $catalog ],
	'mariadb.preflight' =>
	  [ "SELECT * FROM mariadb.preflight('slow', 'stalled')", $rows ],
	'mariadb.verify' =>
	  [ "SELECT * FROM mariadb.verify('slow', 'stalled', 'here', tables => '{big}')", $rows ],
	'mariadb.verify, streamed' => [
		"SELECT * FROM mariadb.verify('slow', 'stalled', 'here', 'stream', tables => '{big}')",
		$rows ],
	'mariadb.differences' =>
	  [ "SELECT * FROM mariadb.differences('slow', 'stalled', 'here', '{big}')", $rows ],
	'mariadb.resync' =>
	  [ "SELECT * FROM mariadb.resync('slow', 'stalled', 'here', '{big}')", $rows ],
	'a snapshot' => [ 'SELECT count(v) FROM big', qr/START TRANSACTION/ ],
	'the settings of a session' => [ 'SELECT count(v) FROM big', qr/SET SESSION/ ]);

# Sends a statement and waits until the server does not answer to it.
sub stall
{
	my ($session, $sql, $pattern) = @_;

	$proxy->hold('stall', $pattern);
	$session->send($sql);
	return $proxy->is_holding;
}

for my $what (sort keys %waits)
{
	my ($sql, $pattern) = @{ $waits{$what} };

	ok(stall($session, $sql, $pattern), "$what waits") or next;
	cancel_ends($watcher, $session, $what);

	$proxy->hold('stall', $pattern);
	timeout_ends($session, 1, $what, $sql);

	my $victim = connect_to();
	stall($victim, $sql, $pattern);
	terminate_ends($watcher, $victim, $what);
}

# Ends of transactions that nobody interrupts.
my $read = 'SELECT count(*) FROM (SELECT v FROM big LIMIT 1) t';
my $write = sub { sql_of_exec("INSERT INTO stalled.written VALUES ($_[0])") };
my $answer;

$proxy->hold('stall', qr/COMMIT/);
$session->do("BEGIN; $read");
$answer = ends_within($soon, 'COMMIT of a read', sub { $session->run('COMMIT') });
is($answer->{code}, '', 'COMMIT of a read needs no answer');

for my $sql ('ROLLBACK', 'SELECT 1/0')
{
	$proxy->hold('stall', qr/ROLLBACK/);
	$session->do("BEGIN; $read");
	ends_within($soon, "$sql after a read", sub { $session->run($sql) });
	$session->do('ROLLBACK');
	$proxy->pass;
	$session->returns($read, 1, "$sql after a read: the backend continues");
}

# Three servers at once, each with rows still to come.
$proxy->pass;
my $cursors = '';
for my $number (1 .. 3)
{
	Lab::add_server($session, "slow$number", port => $proxy->port,
		ssl_mode => 'disabled');
	Lab::add_table($session, "big$number", 'id int, v varchar(100)',
		server => "slow$number", table_name => 'big');
	$cursors .= "; DECLARE c$number CURSOR FOR SELECT v FROM big$number; FETCH 1 FROM c$number";
}
for my $sql ('ROLLBACK', 'SELECT 1/0')
{
	$proxy->pass;
	$session->do("BEGIN $cursors");
	$proxy->freeze;
	ends_within($soon, "$sql with cursors on three servers", sub { $session->run($sql) });
	$session->do('ROLLBACK');
}

$proxy->hold('stall', qr/ROLLBACK TO/, 1);
$session->do('BEGIN; ' . $write->(1) . '; SAVEPOINT s; ' . $write->(2));
$answer = ends_within($soon, 'ROLLBACK TO', sub { $session->run('ROLLBACK TO s') });
is($answer->{code}, '', 'ROLLBACK TO succeeds here');
$session->fails($write->(3), '08006', qr/was lost earlier in this transaction/,
	'and the transaction there is lost');
$session->do('ROLLBACK');
ok((eventually { maria('SELECT count(*) FROM written') == 0 }), 'nothing was written');

# A write that MariaDB does not confirm.
$proxy->hold('stall', qr/COMMIT/, 1);
$session->do('BEGIN; ' . $write->(4));
$session->send('COMMIT');
ok($proxy->is_holding, 'COMMIT of a write waits');
sleep 2;
$watcher->returns("SELECT state FROM pg_stat_activity WHERE pid = " . $session->pid,
	'active', 'and waits on');
$answer = cancel_ends($watcher, $session, 'COMMIT of a write', '08007');
failed_with($answer, '08007', qr/could not determine whether ${\ Lab::Maria->product} server "slow" committed/,
	'nobody knows what became of it');
is(maria('SELECT GROUP_CONCAT(id) FROM written'), '4', 'here it was committed');

$proxy->pass;
$session->returns($read, 1, 'the backend continues');
$session->returns($write->(5), 1, 'and writes');

# A server that answers with packets without end where the client library
# reads to an end before it returns: columns, or the rows of a command.
my $packet = sub { substr(pack('V', length $_[1]), 0, 3) . chr($_[0] & 255) . $_[1] };
my $flood = sub {
	my ($fake, $from, $payload) = @_;
	my $bytes = join '', map { $packet->($from + $_, $payload) } 0 .. 255;

	1 while syswrite $fake->{socket}, $bytes;
};
my $answer_all = sub {
	my ($fake, $pattern) = @_;

	$fake->greet(0);
	$fake->receive;
	$fake->answer("\0\0\0\3\0\0\0");
	while (defined(my $command = $fake->receive))
	{
		my $prepares = ord $command == 0x16;

		if ($command =~ $pattern)
		{
			$fake->answer($prepares ? "\0" . pack('V v', 1, 1) . "\0\0\0\0\0"
				: ("\1", Lab::Fake::column(), "\xfe\0\0\3\0"));
			$flood->($fake, $prepares ? 2 : 4, $prepares ? Lab::Fake::column() : "\3one");
			return;
		}
		$fake->answer("\0\0\0" . ($command =~ /START/ ? "\3" : "\2") . "\0\0\0");
	}
};
for my $flood (
	[ 'columns', qr/FROM endless/ ],
	[ 'rows of a command', qr/START TRANSACTION/ ])
{
	my ($name, $pattern) = @$flood;
	my $fake = Lab::Fake->start($answer_all, $pattern);
	my $sql = "SELECT * FROM mariadb.query('flood_" . $fake->port
	  . "', 'SELECT 1 FROM endless') AS t (a text)";

	Lab::add_server($session, 'flood_' . $fake->port, port => $fake->port,
		ssl_mode => 'disabled');
	$session->send($sql);
	sleep 0.5;
	cancel_ends($watcher, $session, "$name without end");
	timeout_ends($session, 1, "$name without end", $sql);
	my $victim = connect_to();
	$victim->send($sql);
	sleep 0.5;
	terminate_ends($watcher, $victim, "$name without end");
	$fake->stop;
}
my $fake = Lab::Fake->start($answer_all, qr/ROLLBACK/);
Lab::add_server($session, 'flood_at_end', port => $fake->port, ssl_mode => 'disabled');
$session->run("SELECT mariadb.exec('flood_at_end', 'DO 1'), pg_sleep(0)");
ends_within($soon, 'ROLLBACK that is answered without end',
	sub { $session->run("SELECT mariadb.exec('flood_at_end', 'DO 1'), 1/(random() * 0)::int") });

done_testing;
