# What does a server get that means ill?  Not the password, and no row of
# ours: each answer out of order is an error.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $session = new_database('hostile_server');

# Adds a fake server and a foreign table of the same name there.
sub add_fake
{
	my ($name, $handler, @arguments) = @_;
	my $fake = Lab::Fake->start($handler, @arguments);

	Lab::add_server(
		$session, $name,
		port => $fake->port,
		ssl_mode => 'disabled',
		password => 'dontshowme');
	Lab::add_table($session, $name, 'c bytea', server => $name);
	return $fake;
}

# The password in clear text.
my $log = "$ENV{LAB_DIR}/hostile_server.log";
my $fake = add_fake('clear', \&Lab::Fake::ask_for_password, $log);
my $answer = $session->run('SELECT * FROM clear');
isnt($answer->{code}, '', 'the request for a clear-text password is refused');
ok((eventually { -s $log }), 'it was made');
open my $file, '<', $log or die "no log: $!";
my $seen = join '', <$file>;
unlike($seen, qr/dontshowme/, 'the server has not seen the password');
unlike($answer->{err}, qr/dontshowme/, 'nor has the client');
$fake->stop;

# The fake as such works.
$fake = add_fake('good', \&Lab::Fake::send_rows, '');
$session->returns(q{SELECT convert_from(c, 'UTF8') FROM good}, "one\ntwo", 'good rows are read');
$session->returns('SELECT count(*) FROM good', 2, 'and counted');
$fake->stop;

# Two good rows, then one of these.
my %bad_rows = (
	'a length of 2^40' => [ ["\0\0\xfe\0\0\0\0\0\1\0\0abc"] ],
	'a length of 2^64 - 1' => [ ["\0\0\xfe" . "\xff" x 8 . 'abc'] ],
	'a length of 65535' => [ ["\0\0\xfc\xff\xffabc"] ],
	'a length of one byte too many' => [ ["\0\0\4abc"] ],
	'a length that is cut off' => [ ["\0\0\xfe\1"] ],
	'no mask of NULLs' => [ ["\0"] ],
	'an empty packet' => [ [''] ]);

my $number = 0;
for my $what (sort keys %bad_rows)
{
	my $name = 'bad' . ++$number;

	$fake = add_fake($name, \&Lab::Fake::send_rows, $bad_rows{$what});
	for my $list ('c', 'count(c)')
	{
		$answer = $session->run("SET statement_timeout = '5s';
			SELECT $list FROM $name");
		ok($answer->{code} ne '' && !$answer->{ended},
			"error: $list, with $what")
		  or diag($answer->{out});
	}
	$fake->stop;
}

# The connection ends between two rows, or in one.
my %bad_ends = (
	'between two rows' => '',
	'in the head of a packet' => "\7\0",
	'in a row' => "\7\0\0\5\0\0\3a");

for my $what (sort keys %bad_ends)
{
	my $name = 'bad' . ++$number;

	$fake = add_fake($name, \&Lab::Fake::send_rows, $bad_ends{$what}, 1);
	for my $list ('c', 'count(c)', 'count(*)')
	{
		$session->fails("SELECT $list FROM $name",
			'08006', undef, "error: $list, the connection ends $what");
	}
	$fake->stop;
}

$session->returns(
	q{SELECT * FROM mariadb.query('remote', 'SELECT 1') AS t (i int)},
	1, 'the same backend reads from an honest server');

done_testing;
