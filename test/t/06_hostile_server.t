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

# The password in clear text, or for a key of the server's; and the weak hash
# of old.  Some greetings have the client begin with another plugin.
my $plugin_capability = 0x80000;
my %askings = (
	'in clear text' => [ ['mysql_clear_password'] ],
	'by a dialog' => [ ['dialog'] ],
	'for a key' => [ ['sha256_password'] ],
	'for a key, if it is not cached' => [ ['caching_sha2_password'] ],
	'in the way before 4.1' => [ [''] ],
	'by a way with a path' => [ ['../../../tmp/mysql_clear_password'] ],
	'in clear text, after a good way' =>
	  [ [ 'mysql_native_password', 'mysql_clear_password' ] ],
	'by a dialog, after two good ways' =>
	  [ [ 'mysql_native_password', 'mysql_native_password', 'dialog' ] ],
	'in clear text, and knows of no plugins' =>
	  [ ['mysql_clear_password'], without => $plugin_capability ],
	'in clear text, after a good way, and knows of no plugins' => [
		[ 'mysql_native_password', 'mysql_clear_password' ],
		without => $plugin_capability ],
	'in clear text, after a challenge of no bytes' => [
		['mysql_clear_password'], length => 0, reserved => "\0\0parsec\0\0",
		first => 'mysql_cl', second => "ear_password\0" ],
	'in the way before 4.1, which the greeting speaks' => [ ['xxxxxxxx'], without => 0x80200 ],
	'in the greeting' => [ ['dialog'], plugin => 'mysql_clear_password' ],
	'by a way that the greeting names' => [ ['mariadb_fdw'], plugin => 'mariadb_fdw' ]);

my $log = "$ENV{LAB_DIR}/hostile_server.log";
my $asked = 0;
my $fake;
my $answer;
for my $what (sort keys %askings)
{
	my $name = 'asking' . ++$asked;

	$fake = add_fake($name, \&Lab::Fake::ask_for_password, $log, @{ $askings{$what} });
	$answer = $session->run("SELECT * FROM $name");
	isnt($answer->{code}, '', "asked for the password $what: refused");
	unlike($answer->{err}, qr/dontshowme/, 'the error does not show it');
	$fake->stop;
}
ok((eventually { -s $log }), 'some have asked for it');
open my $file, '<', $log or die "no log: $!";
my $seen = join '', <$file>;
unlike($seen, qr/dontshowme/, 'no server has seen the password');
unlike($seen, qr/^asked for (?!mysql_native|caching_sha2)\w*, got: [^\n]/m,
	'nor anything made of it where that is not one answer to a challenge');

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
