# Who reads slowly still gets every row, whatever time limits the server has.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $rows = 400_000;
my %limits = (
	net_write_timeout => 1,
	net_read_timeout => 1,
	wait_timeout => 1,
	interactive_timeout => 1,
	idle_transaction_timeout => 1,
	idle_readonly_transaction_timeout => 1,
	idle_write_transaction_timeout => 1);
my @idle = sort grep { /^idle/ } keys %limits;
if (Lab::Maria->is_mysql)
{
	delete @limits{@idle};
	diag("not tested: MySQL has no @idle");
}
my @names = sort keys %limits;
my %before;

for my $name (@names)
{
	$before{$name} = maria("SELECT \@\@GLOBAL.$name");
	maria("SET GLOBAL $name = $limits{$name}");
}

my $session = new_database('slow_consumer');
Lab::add_big_table($session, 'big', $rows);

$session->do('BEGIN; DECLARE c CURSOR FOR SELECT id, v, w FROM big');
my $count = 0;
for my $part (1 .. 3)
{
	$count += () = $session->do('FETCH 1000 FROM c') =~ /^\d+\|/mg;
	sleep 4;
}
is($count, 3000, 'the first rows came, with pauses');
like($session->do('MOVE ALL FROM c; \echo :ROW_COUNT '),
	qr{^@{[ $rows - 3000 ]}\b}m, 'so did all others');
$session->do('COMMIT');

# Between two statements of one transaction.
$session->do('BEGIN');
$session->returns('SELECT count(id) FROM big', $rows, 'a first read');
my $id = thread_of($session);
sleep 2.5;
$session->returns('SELECT count(id) FROM big', $rows,
	'the snapshot outlives a pause');
is(thread_of($session), $id, 'on the same connection');
$session->do('COMMIT');
sleep 2.5;
$session->returns('SELECT count(id) FROM big', $rows,
	'an idle connection outlives a pause');
is(thread_of($session), $id, 'and is the same still');

maria("SET GLOBAL $_ = $before{$_}") for @names;

done_testing;
