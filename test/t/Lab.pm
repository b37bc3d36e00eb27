# What the tests of test/t share.  They run beside the servers of
# test/lab/lab and find them in the environment.
#
# Every wait has an end: who waits longer dies, and its file has failed.
package Lab;

use strict;
use warnings;

use Exporter qw(import);
use IO::Socket::INET;
use IO::Socket::IP;
use POSIX qw(_exit);
use Time::HiRes qw(sleep time);

use Lab::Fake;
use Lab::Maria;
use Lab::Proxy;
use Lab::Session;
use Lab::Stall;

our @EXPORT = qw(eventually start_child end_child maria new_database
  connect_to thread_of app_threads listen_locally failed_with sleep time);

sub failed_with { goto &Lab::Session::failed_with }

my %children;
my $database;
my $owner = $$;

$SIG{PIPE} = 'IGNORE';
$| = 1;

# Calls a block until it is true; false when it is not within some seconds.
sub eventually(&;$)
{
	my ($condition, $seconds) = @_;
	my $deadline = time + ($seconds // 10);

	until ($condition->())
	{
		return 0 if time > $deadline;
		sleep 0.05;
	}
	return 1;
}

# Runs a sub in a process of its own, which ends with the test, and with it
# all that it has started.
sub start_child
{
	my ($code) = @_;
	my $pid = fork // die "could not fork: $!";

	setpgrp $pid, $pid;
	if ($pid == 0)
	{
		$SIG{TERM} = 'DEFAULT';
		eval { $code->(); 1 } or print STDERR "# child: $@";
		_exit(0);
	}
	$children{$pid} = -$pid;
	return $pid;
}

# Takes over a process that was started in another way.
sub watch_child
{
	my ($pid) = @_;

	$children{$pid} = $pid;
	return $pid;
}

sub end_child
{
	my ($pid) = @_;

	my $target = delete $children{$pid} or return;
	kill KILL => $target;
	waitpid $pid, 0;
}

END
{
	if ($$ == $owner)
	{
		local $?;
		end_child($_) for keys %children;
		Lab::Maria->stop_all;
	}
}

# A socket that listens on an address, 127.0.0.1 unless said otherwise, at a
# port that the system chooses.
sub listen_locally
{
	my ($address) = @_;

	return IO::Socket::IP->new(
		LocalAddr => $address // '127.0.0.1',
		Listen => 20,
		Proto => 'tcp') // die "could not listen: $!";
}

my $lab_maria = Lab::Maria->of_lab;

# Runs statements in the lab's own MariaDB as its root, in the test's database.
sub maria
{
	my ($sql) = @_;

	return $lab_maria->sql($database ? "USE $database; $sql" : $sql);
}

my %has_type;

# Does the lab's server have a type of this name?
sub has_type
{
	my ($type) = @_;

	return $has_type{$type} //= eval { maria("SELECT CAST(NULL AS $type)"); 1 } // is_unknown($type, $@);
}

# An unknown name is error 4161 or, before MariaDB 10.5 and in MySQL, no SQL;
# anything else says nothing of the type.
sub is_unknown
{
	my ($type, $error) = @_;

	die $error if $error !~ /ERROR (?:4161 |1064 .* near '\Q$type\E\))/;
	return 0;
}

# Makes a database of a name on both sides, with the extension and a server
# "remote" here; sessions go there from now on.
sub new_database
{
	my ($name) = @_;

	maria("DROP DATABASE IF EXISTS $name; CREATE DATABASE $name");
	my $admin = Lab::Session->new('postgres');
	$admin->do("DROP DATABASE IF EXISTS $name WITH (FORCE)");
	$admin->do("CREATE DATABASE $name");
	$admin->quit;
	$database = $name;

	my $session = connect_to();
	$session->do('CREATE EXTENSION mariadb_fdw');
	add_server($session, 'remote');
	return $session;
}

# Opens another session in the test's database.
sub connect_to { return Lab::Session->new($database) }

# Adds a foreign server: the lab's, where options do not say another.
sub add_server
{
	my ($session, $name, %options) = @_;
	my %mapping = (
		username => delete $options{username} // $ENV{MARIADB_USER},
		password => delete $options{password} // $ENV{MARIADB_PASSWORD});

	%options = (host => '127.0.0.1', port => $ENV{MARIADB_PORT}, %options);
	$session->do("CREATE SERVER $name FOREIGN DATA WRAPPER mariadb_fdw "
		  . option_list(%options));
	$session->do("CREATE USER MAPPING FOR PUBLIC SERVER $name "
		  . option_list(%mapping));
}

sub option_list
{
	my (%options) = @_;

	return 'OPTIONS ('
	  . join(', ', map { "$_ '$options{$_}'" } sort keys %options) . ')';
}

# Adds a foreign table for a table of the test's database.
sub add_table
{
	my ($session, $name, $columns, %options) = @_;
	my $server = delete $options{server} // 'remote';

	%options = (dbname => $database, table_name => $name, %options);
	$session->do("CREATE FOREIGN TABLE $name ($columns) SERVER $server "
		  . option_list(%options));
}

# Adds a view of so many rows there, too many to sit in any buffer, and the
# foreign table here.
sub add_big_table
{
	my ($session, $name, $rows, %options) = @_;

	maria("CREATE VIEW $name AS
		SELECT seq AS id, MD5(seq) AS v, REPEAT('x', 60) AS w
		FROM seq_1_to_$rows");
	add_table($session, $name, 'id bigint, v text, w text', %options);
}

# The threads of the account that tests use, of one id or all.
sub app_threads
{
	return split /\n/, maria("SELECT id FROM information_schema.processlist
		WHERE user = '$ENV{MARIADB_USER}' ORDER BY id");
}

# The id of the remote thread that a session has on its one connection.
sub thread_of
{
	my ($session) = @_;

	return $session->value('SELECT remote_thread FROM mariadb.connections()');
}

# Waits until a thread of the account runs a statement like this; its id.
sub running_thread
{
	my ($pattern, $server) = @_;
	my $id = '';

	eventually
	{
		$id = ($server // $lab_maria)->sql(
			"SELECT id FROM information_schema.processlist
			WHERE user = '$ENV{MARIADB_USER}' AND info LIKE '$pattern'
			AND id <> connection_id() LIMIT 1");
		$id ne '';
	}
	15 or die "no remote thread runs $pattern";
	return $id;
}

# Waits until a remote thread is gone or has nothing to do.
sub is_quiet
{
	my ($id, $server) = @_;

	return eventually
	{
		($server // $lab_maria)->sql(
			"SELECT count(*) FROM information_schema.processlist
			WHERE id = $id AND command <> 'Sleep'") == 0;
	}
	10;
}

sub is_gone
{
	my ($id, $server) = @_;

	return eventually
	{
		($server // $lab_maria)->sql("SELECT count(*)
			FROM information_schema.processlist WHERE id = $id") == 0;
	}
	10;
}

1;
