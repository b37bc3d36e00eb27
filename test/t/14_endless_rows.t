# A server that sends a byte at a time, or rows without end: whoever reads them
# hears a cancel, a timeout and the end of its backend, and whoever needs no
# more of them does not read on.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Lab::Ending;
use Test::More;

my $session = new_database('endless');
my $watcher = connect_to();
my $proxy = Lab::Stall->new($ENV{MARIADB_PORT});
my $rows = qr/FROM `endless`\.`big`/;

maria("CREATE TABLE big (id INT PRIMARY KEY, v VARCHAR(100));
	INSERT INTO big SELECT seq, REPEAT(MD5(seq), 3) FROM seq_1_to_20000");
Lab::add_server($session, 'slow', port => $proxy->port,
	ssl_mode => 'disabled', connect_timeout => 30);
Lab::add_table($session, 'big', 'id int, v varchar(100)', server => 'slow');
$session->do('CREATE SCHEMA here; CREATE TABLE here.big (id int, v varchar(100))');

my %waits = (
	'a scan' => 'SELECT count(v) FROM big',
	'mariadb.copy' => "SELECT mariadb.copy('big', 'here.big')",
	'mariadb.verify' => "SELECT * FROM mariadb.verify('slow', 'endless', 'here',
		'stream', tables => '{big}')");

for my $what (sort keys %waits)
{
	for my $how ('drip', 'flood')
	{
		my $sql = $waits{$what};
		my $name = "$what: $how";
		my $victim = connect_to();

		for my $each ($session, $victim)
		{
			$proxy->hold($how, $rows);
			$each->send($sql);
			ok($proxy->is_holding, "$name: it has begun") or next;
			sleep 0.7;
			cancel_ends($watcher, $session, $name) if $each == $session;
			terminate_ends($watcher, $victim, $name) if $each == $victim;
		}
		$proxy->hold($how, $rows);
		timeout_ends($session, 1, $name, $sql);
	}
}

# Rows that nobody wants are not read to an end that does not come.
for my $others_pass (0, 1)
{
	my $name = $others_pass ? 'KILL arrives' : 'KILL does not arrive';

	$proxy->hold('flood', $rows, $others_pass);
	my $answer = ends_within(2, "LIMIT 1 of a flood, $name",
		sub { $session->run('SELECT v FROM big LIMIT 1', 60) });
	is($answer->{code}, '', "LIMIT 1 of a flood, $name") or diag($answer->{err});
}

$proxy->pass;
$session->returns('SELECT count(v) FROM big', 20000, 'the backend continues');

done_testing;
