# How soon a statement that waits ends, in each of the ways to end it.
package Lab::Ending;

use strict;
use warnings;

use Exporter qw(import);
use Test::More;
use Time::HiRes qw(time);

our @EXPORT = qw(ends_within cancel_ends timeout_ends terminate_ends);

# So long a statement may continue after it was to end, and a backend.
my $soon = 2;
my $end = 10;

# Tests that a sub ends within some seconds; returns what it returns.
sub ends_within
{
	my ($limit, $name, $code) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $start = time;
	my $result = $code->();
	my $seconds = time - $start;

	cmp_ok($seconds, '<', $limit, sprintf '%s: %.1f s', $name, $seconds);
	return $result;
}

sub is_code
{
	my ($answer, $code, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 2;

	is($answer->{code}, $code, $name) or diag($answer->{err});
}

# Cancels what a session waits for.
sub cancel_ends
{
	my ($watcher, $session, $name, $code) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $answer = ends_within(
		$soon,
		"pg_cancel_backend: $name",
		sub
		{
			$watcher->do('SELECT pg_cancel_backend(' . $session->pid . ')');
			return $session->wait(60);
		});

	is_code($answer, $code // '57014', "pg_cancel_backend: $name");
	return $answer;
}

# Runs a statement under a timeout of some seconds.
sub timeout_ends
{
	my ($session, $seconds, $name, $sql) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	$session->do("SET statement_timeout = '${seconds}s'");
	my $answer = ends_within($seconds + $soon, "statement_timeout: $name",
		sub { return $session->run($sql, 60) });

	is_code($answer, '57014', "statement_timeout: $name");
	$session->do('RESET statement_timeout');
}

# Terminates a session that waits.
sub terminate_ends
{
	my ($watcher, $session, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $answer = ends_within(
		$end,
		"pg_terminate_backend: $name",
		sub
		{
			$watcher->do('SELECT pg_terminate_backend(' . $session->pid . ')');
			my $answer = $session->wait(60);
			Lab::eventually(sub { !-e '/proc/' . $session->pid }, 60);
			return $answer;
		});

	is_code($answer, '57P01', "pg_terminate_backend: $name");
	$session->quit;
}

1;
