# The lab finds what it needs on every system: apt is asked for the names of
# packages, which differ, and what cannot be installed is named. apt and what
# writes to the system are fakes here.
use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin qw($Bin);
use Test::More;

my $lab = "$Bin/../lab";
my $dir = tempdir(CLEANUP => 1);
my $bin = "$dir/bin";

# What apt knows: a package with 0 is only mentioned by others.
my %systems = (
	'Debian 11' => {
		'mariadb-server-10.5' => 1, 'mariadb-server' => 1,
		'mariadb-server-core-10.5' => 1, 'mariadb-client-core-10.5' => 1,
		'mariadb-server-core-10.1' => 0, 'mysql-server-core-8.0' => 0,
		postgresql => 13 },
	'Debian 13' => {
		'mariadb-server-core' => 1, 'mariadb-client-core' => 1,
		'mariadb-server' => 1, 'mariadb-server-core-10.6' => 0,
		'mysql-server-core' => 0, postgresql => 17 },
	'Ubuntu 22.04' => {
		'mariadb-server-core-10.6' => 1, 'mariadb-client-core-10.6' => 1,
		'mysql-server-core-8.0' => 1, 'mysql-client-core-8.0' => 1,
		postgresql => 14 },
	'Ubuntu with a repository of MariaDB and one of PostgreSQL' => {
		'mariadb-server-core-10.6' => 1, 'mariadb-client-core-10.6' => 1,
		'mariadb-server-core' => 1, 'mariadb-client-core' => 1,
		'mysql-server-core-8.0' => 1, 'mysql-client-core-8.0' => 1,
		postgresql => 18 },
	'two versions of MariaDB' => {
		'mariadb-server-core-10.11' => 1, 'mariadb-client-core-10.11' => 1,
		'mariadb-server-core-10.6' => 1, 'mariadb-client-core-10.6' => 1 },
	'a service only' => {
		'mariadb-server-10.5' => 1, 'mariadb-client-10.5' => 1,
		'mariadb-server-galera' => 1 },
	'MySQL only' => {
		'mysql-server-core-8.0' => 1, 'mysql-client-core-8.0' => 1,
		postgresql => 16 },
	'a repository of MySQL only' => {
		'mysql-community-server-core' => 1,
		'mysql-community-client-core' => 1 },
	nothing => {});

sub write_program
{
	my ($name, $text) = @_;

	open my $file, '>', "$bin/$name" or die "$name: $!";
	print $file "#!/bin/bash\n$text";
	close $file;
	chmod 0755, "$bin/$name";
}

# A PATH that has nothing but fakes and what the scripts themselves call.
sub make_fakes
{
	mkdir $bin or die "$bin: $!";
	for my $name (qw(bash cat cut dirname env grep head mktemp sed sort tail tr))
	{
		my ($real) = grep { -x } map { "$_/$name" } split /:/, $ENV{PATH};
		symlink $real // die("no $name"), "$bin/$name";
	}
	write_program('apt-cache', <<"BASH");
case \$1 in
	pkgnames) cut -d ' ' -f 1 $dir/system | grep "^\$2" ;;
	policy)
		grep "^\$2 " $dir/system | while read -r name candidate; do
			((candidate)) || candidate='(none)'
			echo "\$name:"
			echo "  Installed: (none)"
			echo "  Candidate: \$candidate"
		done
		;;
	depends)
		echo "\$2"
		sed -n "s/^\$2 /  Depends: \$2-/p" $dir/system
		;;
esac
BASH
	write_program($_, qq(echo "$_ \$*" >>$dir/calls\n))
	  for qw(apt-get chmod mkdir rm);
	# It reads to the end, or whoever writes to it may meet a broken pipe.
	write_program('tee', qq(echo "tee \$*" >>$dir/calls\ncat >/dev/null\n));
	write_program('sudo', qq("\$@"\n));
}

sub describe
{
	my ($packages) = @_;

	open my $file, '>', "$dir/system" or die "system: $!";
	print $file "$_ $packages->{$_}\n" for sort keys %$packages;
	close $file;
}

# Runs a command of the shell with the fakes; returns what it printed, its
# errors too.
sub run_with_fakes
{
	my ($command, %environment) = @_;

	delete local @ENV{qw(LAB_SOURCE PG_CONFIG)};
	local @ENV{ 'PATH', 'TMPDIR', keys %environment } =
	  ($bin, $dir, values %environment);
	open my $out, '-|', '/bin/bash', '-c', "($command) 2>&1"
	  or die "bash: $!";
	my $text = join '', <$out>;
	close $out;
	$text =~ s/\n\z//;
	return $text;
}

# Names what apt would install; servers are the fakes only.
sub names
{
	my ($calls, %environment) = @_;

	return run_with_fakes(
		". $lab/packages.sh
		server_program() { command -v \"\$1\"; }
		$calls", %environment);
}

sub calls
{
	open my $file, '<', "$dir/calls" or return '';
	my $text = join '', <$file>;
	close $file;
	unlink "$dir/calls";
	return $text;
}

make_fakes();

my @expected = (
	[ 'Debian 11', 'mariadb', 'mariadb-server-core-10.5 mariadb-client-core-10.5', 13 ],
	[ 'Debian 13', 'mariadb', 'mariadb-server-core mariadb-client-core', 17 ],
	[ 'Ubuntu 22.04', 'mariadb', 'mariadb-server-core-10.6 mariadb-client-core-10.6', 14 ],
	[ 'Ubuntu with a repository of MariaDB and one of PostgreSQL', 'mariadb',
		'mariadb-server-core mariadb-client-core', 18 ],
	[ 'two versions of MariaDB', 'mariadb',
		'mariadb-server-core-10.11 mariadb-client-core-10.11', '' ],
	[ 'a service only', 'mariadb', 'mariadb-server-10.5 mariadb-client-10.5', '' ],
	[ 'MySQL only', 'mysql', 'mysql-server-core-8.0 mysql-client-core-8.0', 16 ],
	[ 'a repository of MySQL only', 'mysql',
		'mysql-community-server-core mysql-community-client-core', '' ],
	[ 'nothing', 'mariadb', '', '' ]);

for (@expected)
{
	my ($system, $source, $programs, $postgres) = @$_;

	describe($systems{$system});
	is(names('source_server'), $source, "$system: the source");
	is(names("echo \$(program_package $source server; program_package $source client)"),
		$programs, "$system: its packages");
	is(names('postgresql_of_apt'), $postgres, "$system: PostgreSQL");
}
is_deeply([ sort map { $_->[0] } @expected ], [ sort keys %systems ],
	'every system was asked');

# Who wants MySQL gets it where both are available.
describe($systems{'Ubuntu 22.04'});
is(names('source_server', LAB_SOURCE => 'mysql'), 'mysql', 'LAB_SOURCE decides');
is(names('program_package mysql server'), 'mysql-server-core-8.0',
	'MySQL beside MariaDB');

# What is installed comes before what could be; both forks have a mysqld.
write_program('mysqld', "echo 'mysqld  Ver 8.0.36-0ubuntu0.22.04.1 for Linux on x86_64'\n");
is(names('source_server'), 'mysql', 'MySQL is installed');
write_program('mysqld', "echo 'mysqld  Ver 10.6.16-MariaDB for debian-linux-gnu'\n");
describe($systems{'MySQL only'});
is(names('source_server'), 'mariadb', 'the mysqld is that of MariaDB');
unlink "$bin/mysqld";
is(names('source_server'), 'mysql', 'apt has MySQL only');
write_program('mariadbd', '');
is(names('source_server'), 'mariadb', 'but MariaDB is installed');
unlink "$bin/mariadbd";

# The script as a whole, for a PostgreSQL 99 of which the server is missing.
my $include = "$dir/include";
mkdir $include;
open my $header, '>', "$include/postgres.h" or die "postgres.h: $!";
close $header;
write_program('pg_config', <<"BASH");
case \$1 in
	--version) echo "PostgreSQL 99.1 (Debian 99.1-1.pgdg120+1)" ;;
	--includedir-server) echo $include ;;
	--sharedir) echo "\${SHAREDIR:-$dir/none}" ;;
	*) echo $dir/none ;;
esac
BASH

my $config = "$bin/pg_config";
my @maria = (PG_CONFIG => $config, LAB_SOURCE => 'mariadb');
my %complete = (
	%{ $systems{'Debian 13'} }, map { $_ => 1 }
	qw(gcc make perl openssl postgresql-99 debootstrap git util-linux
	  libmariadb-dev libxxhash-dev debian-archive-keyring));
describe(\%complete);
my $said = run_with_fakes("$lab/install", @maria);
my $done = calls();
like($said, qr/^Installing gcc make perl\b.* postgresql-99$/, 'it says what it installs');
like($done, qr/^apt-get update -qq\n/, 'lists come first');
like($done, qr/^apt-get install .* gcc make perl\b.* postgresql-99$/m,
	'apt-get gets the names');
like($done, qr{^tee /etc/postgresql-common/createcluster.d/mariadb_fdw.conf$}m,
	'no cluster is made');
like($done, qr{^rm -f .*/createcluster.d/mariadb_fdw.conf$}m, 'and later ones are');
unlike($done, qr/policy-rc/, 'core packages bring no service');

run_with_fakes("$lab/install matrix", @maria);
like(calls(), qr/^apt-get install .* util-linux git\b/m, 'more for a purpose');

# An extension is no use where the PostgreSQL that is tested does not look.
$complete{'postgresql-99-pgvector'} = 1;
describe(\%complete);
run_with_fakes("$lab/install extensions", @maria, SHAREDIR => '/usr/share/postgresql/99');
like(calls(), qr/^apt-get install .* postgresql-99-pgvector$/m, 'pgvector beside the PostgreSQL of apt');
$said = run_with_fakes("$lab/install extensions; echo \$?", @maria);
is($said, "apt has no pgvector for the PostgreSQL in $dir/none.\n1", 'but not for another');
is(calls(), '', 'nothing was done');
mkdir "$dir/none";
mkdir "$dir/none/extension";
open my $control, '>', "$dir/none/extension/vector.control" or die "vector.control: $!";
close $control;
run_with_fakes("$lab/install extensions", @maria);
unlike(calls(), qr/pgvector/, 'nor where it is there');

$complete{"mysql-$_-core"} = 1 for qw(server client);
describe(\%complete);
run_with_fakes("$lab/install", PG_CONFIG => $config, LAB_SOURCE => 'mysql');
like(calls(), qr/^apt-get install .* mysql-client-core\b/m, 'the client of MySQL');

# A name that no list has is reported before apt is asked to install the rest.
delete $complete{'postgresql-99'};
describe(\%complete);
$said = run_with_fakes("$lab/install; echo \$?", @maria);
like($said, qr/^apt knows no package postgresql-99;.*\n1$/, 'an unknown package is named');
unlike(calls(), qr/^apt-get install/m, 'nothing was installed');

# A system of another family: no crash, but a list to work through.
unlink "$bin/apt-get", "$bin/apt-cache";
$said = run_with_fakes("$lab/install; echo \$?", @maria);
like($said, qr/^There is no apt here\. Install what has these/, 'no apt: said');
like($said, qr/^  prove \(perl\)$/m, 'no apt: what is missing');
like($said, qr{^  $dir/none/initdb \(postgresql-99\)$}m, 'no apt: PostgreSQL');
like($said, qr/\n1$/, 'no apt: a failure');
is(calls(), '', 'no apt: nothing was done');

done_testing;
