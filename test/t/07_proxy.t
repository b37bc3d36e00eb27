# A connection that breaks, or garbles, at any place of the stream: either
# every row is there or there is an error.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $cuts = 200;
my $flips = 150;
my $rows = 3000;
my $session = new_database('proxy');
my $proxy = Lab::Proxy->new($ENV{MARIADB_PORT});

srand 20240229;
maria("CREATE TABLE t ENGINE=InnoDB AS
	SELECT seq AS id, MD5(seq) AS v, seq % 7 AS n,
	IF(seq % 5, REPEAT('abc', seq % 100), NULL) AS w
	FROM seq_1_to_$rows");
Lab::add_server(
	$session, 'proxied',
	port => $proxy->port,
	ssl_mode => 'disabled',
	connect_timeout => 2);
Lab::add_table($session, 't', 'id int, v text, n int, w text',
	server => 'proxied');
# Bytes that announce more than will come are waited for.
$session->do("SET statement_timeout = '500ms'");

my $digest = 'SELECT count(*), md5(string_agg(t::text, $$,$$ ORDER BY id)) FROM t';
my $count = 'SELECT count(w) + count(*) FILTER (WHERE w IS NULL) FROM t';

# How many bytes the server sends for a whole session, up to its last row.
sub measure
{
	my $log = "$ENV{LAB_DIR}/proxy.log";

	$proxy->harm(
		sub
		{
			my ($bytes, $before) = @_;

			open my $file, '>>', $log or die "could not write $log: $!";
			print $file $before + length $bytes, "\n";
			close $file;
			return ($bytes, 1);
		});
	my $right = $session->do($digest);
	open my $file, '<', $log or die "no log: $!";
	my ($total) = sort { $b <=> $a } <$file>;
	chomp $total;
	return ($right, $total);
}

sub cut_after
{
	my ($offset) = @_;

	return sub
	{
		my ($bytes, $before) = @_;
		my $left = $offset - $before;

		return ($bytes, 1) if $left > length $bytes;
		return (substr($bytes, 0, $left < 0 ? 0 : $left), 0);
	};
}

sub flip_at
{
	my ($offset, $mask) = @_;

	return sub
	{
		my ($bytes, $before) = @_;
		my $place = $offset - $before;

		substr($bytes, $place, 1) ^= chr $mask
		  if $place >= 0 && $place < length $bytes;
		return ($bytes, 1);
	};
}

my ($right, $total) = measure();
like($right, qr/^$rows\|/, 'an honest proxy changes nothing');
cmp_ok($total, '>', 50 * $rows, "the server sends $total bytes");

# Offsets all over the stream, and one of four in its first 2 kB.
sub offset
{
	return int rand(rand() < 0.25 ? 2000 : $total - 100);
}

# Runs a query under each harm; the harms whose outcome is neither right nor
# an error, and how many were of which kind.
sub run_all
{
	my ($sql, $expected, @harms) = @_;
	my %seen = (right => 0, error => 0);
	my @wrong;

	for my $harm (@harms)
	{
		$session->do('SELECT mariadb.disconnect_all()');
		$proxy->harm($harm->[1]);
		my $answer = $session->run($sql);
		if ($answer->{out} eq $expected && $answer->{code} eq '')
		{
			$seen{right}++;
		}
		elsif ($answer->{code} ne '' && !$answer->{ended})
		{
			$seen{error}++;
		}
		else
		{
			push @wrong, "$harm->[0]: $answer->{out} $answer->{err}";
		}
		last if $answer->{ended};
	}
	return (\%seen, \@wrong);
}

my @cuts = map {
	my $offset = offset();
	[ "cut after $offset", cut_after($offset) ]
} 1 .. $cuts;
my ($seen, $wrong) = run_all($digest, $right, @cuts);
is("@$wrong", '', "$cuts cuts: no wrong result");
is($seen->{error}, $cuts, 'each is an error')
  or diag("$seen->{right} were not");

# What the result of a cut leaves must not be taken for an empty one either.
my @early = map { [ "cut after $_", cut_after($_) ] } map { $_ * 40 } 1 .. 50;
($seen, $wrong) = run_all('SELECT count(*) FROM t', $rows, @early);
is("@$wrong", '', '50 early cuts under count(*): no wrong result');

# A flipped bit in a value is seen by nobody; a lost or added row must be.
my @flips = map {
	my $offset = offset();
	my $mask = 1 << int rand 8;
	[ "flip of $mask at $offset", flip_at($offset, $mask) ]
} 1 .. $flips;
($seen, $wrong) = run_all($count, $rows, @flips);
is("@$wrong", '', "$flips flipped bits: no wrong number of rows");
cmp_ok($seen->{error}, '>', 0, "$seen->{error} were seen");

$proxy->harm(sub { return ($_[0], 1) });
$session->do('SELECT mariadb.disconnect_all()');
$session->returns($digest, $right, 'the same backend reads all in the end');

done_testing;
