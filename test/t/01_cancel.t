# A backend that waits for MariaDB hears a cancel, whatever it waits for, and
# continues; MariaDB does not continue for nobody.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $soon = 10;
my $session = new_database('cancel');
my $watcher = connect_to();

Lab::add_big_table($session, 'big', 30_000_000);
my $nogreeting = Lab::Fake->start(\&Lab::Fake::say_nothing);
my $nohandshake = Lab::Fake->start(\&Lab::Fake::stall_in_handshake);
Lab::add_server($session, 'nogreeting', port => $nogreeting->port);
Lab::add_server($session, 'nohandshake', port => $nohandshake->port,
	ssl_mode => 'required');
Lab::add_server($session, 'hurry', port => $nogreeting->port,
	connect_timeout => 1);
Lab::add_server($session, 'hurry_tls', port => $nohandshake->port,
	ssl_mode => 'required', connect_timeout => 1);

sub query
{
	my ($server, $sql) = @_;

	return "SELECT * FROM mariadb.query('$server', '$sql') AS t (a text)";
}

# What a backend may wait for: a statement, and what is seen of it on the
# server, if anything.
my %waits = (
	'a silent statement' =>
	  [ query('remote', 'SELECT sleep(60) /* silent */'), '%silent%' ],
	'a statement that works and sends nothing' => [
		query('remote', 'SELECT max(sha2(seq, 256)) FROM cancel.big_seq'), '%big_seq%' ],
	'rows, to count them' => [ 'SELECT count(id) FROM big', '%big%' ],
	'rows, to write them' =>
	  [ 'CREATE TABLE copy AS SELECT * FROM big', '%big%' ],
	'rows of mariadb.query' =>
	  [ query('remote', 'SELECT v FROM cancel.big'), '%big%' ],
	'a greeting' => [ query('nogreeting', 'SELECT 1') ],
	'a TLS handshake' => [ query('nohandshake', 'SELECT 1') ]);
maria('CREATE VIEW big_seq AS SELECT seq FROM seq_1_to_1000000000');

# Waits until a backend is in the middle of its wait; the remote thread.
sub middle_of_wait
{
	my ($seen) = @_;
	my $id = $seen && Lab::running_thread($seen);

	sleep 0.3;
	return $id;
}

sub check_quiet
{
	my ($id, $name) = @_;

	ok(Lab::is_quiet($id), "$name: MariaDB has stopped working for it") if $id;
}

for my $what (sort keys %waits)
{
	my ($sql, $seen) = @{ $waits{$what} };

	$session->send($sql);
	my $id = middle_of_wait($seen);
	$watcher->do('SELECT pg_cancel_backend(' . $session->pid . ')');
	failed_with($session->wait($soon),
		'57014', qr/canceling statement due to user request/,
		"pg_cancel_backend: $what");
	check_quiet($id, "pg_cancel_backend: $what");
	$session->returns('SELECT count(*) FROM pg_class WHERE relname = \'copy\'',
		0, 'the backend continues');
	$session->returns(query('remote', 'SELECT 7'), 7, 'and reads');

	$session->do("SET statement_timeout = '700ms'");
	$session->send($sql);
	$id = $seen && Lab::running_thread($seen);
	failed_with($session->wait($soon),
		'57014', qr/canceling statement due to statement timeout/,
		"statement_timeout: $what");
	check_quiet($id, "statement_timeout: $what");
	$session->do('RESET statement_timeout');
	$session->returns(query('remote', 'SELECT 7'), 7, 'the backend reads on');

	my $victim = connect_to();
	$victim->send($sql);
	$id = middle_of_wait($seen);
	$watcher->do('SELECT pg_terminate_backend(' . $victim->pid . ')');
	my $answer = $victim->wait($soon);
	is($answer->{code}, '57P01', "pg_terminate_backend: $what");
	ok((eventually { !-e '/proc/' . $victim->pid } $soon),
		'the backend is gone');
	ok(Lab::is_gone($id), "pg_terminate_backend: $what: so is the thread")
	  if $id;
	$victim->quit;
}

# The connection itself is bounded.
for my $server ('hurry', 'hurry_tls')
{
	$session->fails(query($server, 'SELECT 1'),
		'HV00N', qr/could not connect to server "$server"/,
		"connect_timeout: $server", $soon);
}

# A cancel in a transaction.
$session->do('BEGIN; SAVEPOINT s');
$session->send($waits{'a silent statement'}[0]);
middle_of_wait('%silent%');
$watcher->do('SELECT pg_cancel_backend(' . $session->pid . ')');
is($session->wait($soon)->{code}, '57014', 'a cancel in a transaction');
$session->do('ROLLBACK TO SAVEPOINT s');
my $answer = $session->run(query('remote', 'SELECT 7'));
ok($answer->{out} eq '7' || $answer->{code} eq '08006',
	'then the snapshot is still there or missed');
$session->do('ROLLBACK');
$session->returns(query('remote', 'SELECT 7'), 7, 'the backend reads on');

# Many times, for what one time may not meet.
for my $number (1 .. 20)
{
	$session->send('SELECT count(v) FROM big');
	sleep 0.02 * $number;
	$watcher->do('SELECT pg_cancel_backend(' . $session->pid . ')');
	my $code = $session->wait($soon)->{code};
	is($code, '57014', "cancelled after @{[ 20 * $number ]} ms");
}
$session->returns('SELECT id FROM big LIMIT 1', 1, 'reads continue');
ok((eventually { app_threads() <= 1 } $soon), 'one remote thread is left');

done_testing;
