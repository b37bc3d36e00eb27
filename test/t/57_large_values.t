# Values of 64 and of 256 MB arrive, in a memory of a few times their size, or
# an error names table, column and row.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $mb = 1024;

# AddressSanitizer keeps what is freed for a while.
my $room = defined $ENV{ASAN_OPTIONS} ? 512 : 32;
my $session = new_database('large');
my $server = Lab::Maria->start('large', '--max-allowed-packet=1G');

Lab::add_server($session, 'own', port => $server->port);
for my $size (64, 256)
{
	$server->sql("CREATE DATABASE m$size; USE m$size;
		CREATE TABLE big (id INT PRIMARY KEY, t LONGTEXT, b LONGBLOB) ENGINE=MyISAM CHARACTER SET utf8mb4;
		INSERT INTO big VALUES (1, REPEAT('0123456789abcdef', $size * 65536), NULL), (2, 'x', 'y')");
	$session->do("CREATE SCHEMA far$size; CREATE SCHEMA m$size;
		IMPORT FOREIGN SCHEMA m$size FROM SERVER own INTO far$size;
		CREATE TABLE m$size.big (id int PRIMARY KEY, t text, b bytea)");
}

sub peak
{
	my ($pid) = @_;

	open my $file, '<', "/proc/$pid/status" or die "no status of $pid: $!";
	my ($peak) = map { /^VmHWM:\s+(\d+)/ } <$file>;
	return $peak;
}

# Tests what a call returns, and by how many times a value its peak grows.
sub takes
{
	my ($size, $times, $name, $sql, $expected) = @_;
	my $reader = connect_to();

	$reader->do("SELECT count(*) FROM far$size.big WHERE id = 0");
	my $before = peak($reader->pid);
	my $answer = $reader->run($sql, 120);
	my $growth = (peak($reader->pid) - $before) / $mb;
	like($answer->{code} . $answer->{out}, $expected, "$size MB: $name") or diag($answer->{err});
	cmp_ok($growth, '<', $times * $size + $room,
		sprintf('%d MB: %s has taken %.0f MB', $size, $name, $growth));
	$reader->quit;
	return $answer;
}

for my $size (64, 256)
{
	my $schemas = "'own', 'm$size', 'm$size'";

	takes($size, 3.5, 'mariadb.copy',
		"SELECT mariadb.copy('far$size.big', 'm$size.big')", qr/^2$/);
	takes($size, 3.5, 'mariadb.verify', "SELECT status FROM mariadb.verify($schemas)",
		qr/^equal$/);
	$server->sql("UPDATE m$size.big SET t = CONCAT('z', t) WHERE id = 1");
	my $answer = takes($size, 9, 'mariadb.differences',
		"SELECT kind, octet_length(remote_row ->> 't') FROM mariadb.differences($schemas)",
		$size > 200 ? qr/^error: a row of table "big" is too long/ : qr/^differs\|@{[ $size * $mb * $mb + 1 ]}$/);
	like($answer->{err}, qr/row of table "big" is too long.*column "t".*key is \{"id": "1"\}/s,
		"$size MB: an error names table, column and row")
	  if $size > 200;
	takes($size, 6, 'mariadb.resync', "SELECT updated FROM mariadb.resync($schemas)", qr/^1$/);
	$session->returns("SELECT octet_length(t), left(t, 2) FROM m$size.big WHERE id = 1",
		$size * $mb * $mb + 1 . '|z0', "$size MB: the value is here");
}

done_testing;
