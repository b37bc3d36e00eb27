# When a backend ends, whatever the reason, MariaDB has nothing of it left.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $session = new_database('backend_exit');

Lab::add_big_table($session, 'big', 100_000_000);
$session->quit;

my $cursor = 'BEGIN; DECLARE c CURSOR FOR SELECT id FROM big; FETCH 3 FROM c';
my $read = q{SELECT * FROM mariadb.query('remote', 'SELECT 1') AS t (i int)};
my %states = (
	'idle' => $read,
	'in a transaction' => "BEGIN; $read",
	'in the middle of a result' => $cursor);

# How a session ends, given psql and the backend.
my %ends = (
	'quits' => sub { $_[0]->quit },
	'is killed' => sub { CORE::kill(KILL => $_[0]{psql}) },
	'has its backend terminated' => sub { CORE::kill(TERM => $_[0]->pid) });

for my $state (sort keys %states)
{
	for my $end (sort keys %ends)
	{
		my $one = connect_to();
		$one->do($states{$state});
		my $id = thread_of($one);
		ok($id, "a session $state") or next;
		$ends{$end}->($one);
		ok(Lab::is_gone($id), "$end: its remote thread is gone");
		ok((eventually { !-e '/proc/' . $one->pid }), "$end: so is its backend");
	}
}

# Stops or starts the lab's PostgreSQL as the user that it runs as.
sub pg_ctl
{
	my ($action, @options) = @_;
	my $data = "$ENV{PGHOST}/data";
	my ($uid, $gid) = (stat $data)[ 4, 5 ];
	my $pid = fork // die "could not fork: $!";

	if ($pid == 0)
	{
		POSIX::setgid($gid), POSIX::setuid($uid) if $> == 0;
		open STDOUT, '>', '/dev/null';
		chdir $data;
		exec('pg_ctl', $action, '-D', $data, '-w', '-t', '60', '-l',
		  "$ENV{PGHOST}/postgres.log", @options) or POSIX::_exit(1);
	}
	waitpid $pid, 0;
	return $? == 0;
}

# Runs statements, a line each, in a backend without a postmaster; what it says.
sub single_user
{
	my ($sql) = @_;
	my $data = "$ENV{PGHOST}/data";
	my ($uid, $gid) = (stat $data)[ 4, 5 ];
	my $pid = open(my $out, '-|') // die "could not fork: $!";

	if ($pid == 0)
	{
		POSIX::setgid($gid), POSIX::setuid($uid) if $> == 0;
		chdir $data;
		open STDERR, '>&', \*STDOUT;
		open STDIN, '-|', 'echo', $sql;
		exec('timeout', '60', 'postgres', '--single', '-D', $data, 'backend_exit') or POSIX::_exit(1);
	}
	local $/;
	return <$out>;
}

# The whole server ends while it reads.
for my $mode ('fast', 'immediate')
{
	my @readers = map { connect_to() } 1 .. 3;

	$_->send('SELECT count(v) FROM big') for @readers[ 0, 1 ];
	$readers[2]->send(q{SELECT * FROM mariadb.query('remote',
		'SELECT sleep(60) /* nap */') AS t (i int)});
	Lab::running_thread('%big%');
	Lab::running_thread('%nap%');
	sleep 0.3;
	my $before = time;
	ok(pg_ctl('stop', '-m', $mode), "$mode: PostgreSQL stops");
	cmp_ok(time - $before, '<', 15, "$mode: soon");
	ok((eventually { app_threads() == 0 } 20), "$mode: no remote thread is left");
	ok(pg_ctl('start'), "$mode: PostgreSQL starts");
	$_->quit for @readers;
}

$session = connect_to();
$session->returns('SELECT id FROM big LIMIT 1', 1, 'a new session reads');
$session->quit;

ok(pg_ctl('stop', '-m', 'fast'), 'PostgreSQL stops');
like(single_user('SELECT id AS first FROM big LIMIT 1;'), qr/first = "1"/, 'a single-user backend reads');
ok(pg_ctl('start'), 'PostgreSQL starts');

done_testing;
