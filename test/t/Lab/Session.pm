# A psql that is fed and read in pieces, with a limit on every wait.
package Lab::Session;

use strict;
use warnings;

use Carp qw(croak);
use IO::Select;
use IPC::Open3;
use Symbol qw(gensym);
use Test::More ();
use Time::HiRes qw(time);

sub new
{
	my ($class, $database) = @_;
	my $self = bless { count => 0, out => '', err => '' }, $class;

	$self->{stderr} = gensym;
	$self->{psql} = open3($self->{stdin}, $self->{stdout}, $self->{stderr},
		'psql', '-XqAt', '-v', 'VERBOSITY=verbose', '-d', $database);
	Lab::watch_child($self->{psql});
	$self->{pid} = $self->value('SELECT pg_backend_pid()');
	return $self;
}

# The process id of the backend.
sub pid { return $_[0]{pid} }

# Sends statements without waiting for them.
sub send
{
	my ($self, $sql) = @_;
	my $mark = 'end of answer ' . ++$self->{count};

	syswrite $self->{stdin}, "$sql;\n\\echo $mark\n\\warn $mark\n";
}

# Returns the answer to what was sent last: out, err, code (the SQLSTATE of
# the first error, or '') and ended (whether psql is gone).
sub wait
{
	my ($self, $seconds) = @_;
	my $mark = "end of answer $self->{count}\n";
	my $deadline = time + ($seconds // 30);
	my $open = IO::Select->new(@$self{qw(stdout stderr)});

	until ($self->{out} =~ /\Q$mark/ && $self->{err} =~ /\Q$mark/)
	{
		my $left = $deadline - time;
		croak "no answer within time; err: $self->{err}" if $left <= 0;
		last if $open->count == 0;
		for my $handle ($open->can_read($left))
		{
			my $name = $handle == $self->{stdout} ? 'out' : 'err';
			$open->remove($handle)
			  unless sysread $handle, $self->{$name}, 65536,
			  length $self->{$name};
		}
	}
	return $self->take_answer($mark, $open->count < 2);
}

sub take_answer
{
	my ($self, $mark, $ended) = @_;
	my %answer = (ended => $ended);

	for my $name (qw(out err))
	{
		($answer{$name} = $self->{$name}) =~ s/\n?\Q$mark\E.*//s;
		$answer{$name} =~ s/end of answer \d+\n//g;
		$self->{$name} = '';
	}
	($answer{code}) = $answer{err} =~ /(?:ERROR|FATAL|PANIC): +(\w{5}):/;
	$answer{code} //= '';
	return \%answer;
}

# Sends and waits.
sub run
{
	my ($self, $sql, $seconds) = @_;

	$self->send($sql);
	return $self->wait($seconds);
}

# Runs what has to succeed for the test to continue; returns the output.
sub do
{
	my ($self, $sql, $seconds) = @_;
	my $answer = $self->run($sql, $seconds);

	croak "failed: $sql\n$answer->{err}" if $answer->{err} =~ /(?:ERROR|FATAL): /;
	return $answer->{out};
}

sub value { my $self = shift; return $self->do(@_) }

# Tests that statements return this.
sub returns
{
	my ($self, $sql, $expected, $name, $seconds) = @_;
	my $answer = $self->run($sql, $seconds);
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	Test::More::is($answer->{out}, $expected, $name) or Test::More::diag($answer->{err});
}

# Tests that statements fail with an SQLSTATE, and with a message if given.
sub fails
{
	my ($self, $sql, $code, $message, $name, $seconds) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	failed_with($self->run($sql, $seconds), $code, $message, $name);
}

# The same of an answer.
sub failed_with
{
	my ($answer, $code, $message, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	if ($answer->{code} !~ /^(?:$code)$/)
	{
		Test::More::is($answer->{code}, $code, $name);
		Test::More::diag($answer->{err});
		return;
	}
	Test::More::like($answer->{err}, $message // qr/./, $name);
}

sub quit
{
	my ($self) = @_;

	close $self->{$_} for qw(stdin stdout stderr);
	Lab::eventually(sub { waitpid($self->{psql}, 1) != 0 });
	Lab::end_child($self->{psql});
}

1;
