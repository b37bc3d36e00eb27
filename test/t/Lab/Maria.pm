# A MariaDB server, or a MySQL server where the lab has that: the lab's, or one
# of the test's own that may be killed.
package Lab::Maria;

use strict;
use warnings;

use IPC::Open3;

my $script = __FILE__ =~ s{t/Lab/[^/]*$}{lab/}r . ($ENV{LAB_SOURCE} // 'mariadb');
my %own;

sub of_lab
{
	my ($class) = @_;

	return bless {
		socket => $ENV{MARIADB_SOCKET}, port => $ENV{MARIADB_PORT} }, $class;
}

# Starts a server with a data folder of this name; options as of mariadbd.
sub start
{
	my ($class, $name, @options) = @_;
	my $dir = "$ENV{LAB_DIR}/$name";
	my $self = bless {
		dir => $dir, socket => "$dir/mariadb.sock", options => \@options },
	  $class;

	$own{$dir} = $self;
	return $self->restart;
}

# Starts a server that was stopped or killed, on its data and port.
sub restart
{
	my ($self) = @_;
	local $ENV{LAB_BUFFER_POOL} = '64M';

	$self->{port} = run_script('start', $self->{dir}, @{ $self->{options} });
	return $self;
}

# The script's servers must not inherit a pipe of ours, or we wait for them.
sub run_script
{
	my @command = ($script, @_);
	my $pid = open3(my $in, my $out, '>&STDERR', @command);
	close $in;
	my $port = <$out> // '';

	close $out;
	waitpid $pid, 0;
	die "@command failed" if $?;
	chomp $port;
	return $port;
}

sub port { return $_[0]{port} }

# What messages call the lab's server.
sub product { return is_mysql() ? 'MySQL' : 'MariaDB' }

sub is_mysql { return ($ENV{LAB_SOURCE} // '') eq 'mysql' }

# Runs statements as root; returns the rows, tabs between columns.
sub sql
{
	my ($self, $sql) = @_;
	my $pid = open3(my $in, my $out, undef, 'mariadb', '--no-defaults', '--skip-ssl',
		'--host=localhost', "--socket=$self->{socket}", '-uroot', '-N', '-B');

	print $in $sql;
	close $in;
	my $answer = join '', <$out>;
	waitpid $pid, 0;
	die "MariaDB: $answer for $sql" if $?;
	chomp $answer;
	$self->introduce($1, $2)
	  while is_mysql() && $sql =~ /\bUSER (\w+)(?:\@'?(?:127\.0\.0\.1|%)'?)? IDENTIFIED BY '([^']+)'(?! REQUIRE)/g;
	return $answer;
}

# An account of MySQL has to log in once before a challenge will do: before
# that it sends its password, by TLS or RSA.
sub introduce
{
	my ($self, $user, $password) = @_;

	local $ENV{MYSQL_PWD} = $password;
	system('mysql', '--no-defaults', '--host=127.0.0.1', "--port=$self->{port}",
		'--get-server-public-key', "--user=$user", '-e', 'DO 0') == 0
	  or die "account $user cannot log in";
}

sub pid
{
	my ($self) = @_;

	open my $file, '<', "$self->{dir}/mariadb.pid" or die "no pid file: $!";
	chomp(my $pid = <$file>);
	return $pid;
}

# Stops the server's work, and lets it continue.
sub freeze { CORE::kill(STOP => $_[0]->pid) }
sub thaw { CORE::kill(CONT => $_[0]->pid) }

# Kills the server as a power cut would.
sub kill
{
	my ($self) = @_;
	my $pid = $self->pid;

	CORE::kill(KILL => $pid);
	Lab::eventually(sub { !-e "/proc/$pid/exe" }) or die 'MariaDB lives on';
}

sub stop
{
	my ($self) = @_;

	return unless delete $own{ $self->{dir} };
	$self->thaw if -e "$self->{dir}/mariadb.pid";
	run_script('stop', $self->{dir});
}

# Nobody is left to hear of a failure.
sub stop_all { eval { $_->stop } for values %own }

1;
