# A TCP proxy before a MariaDB server that holds connections up: from the
# statement on that matches a pattern, the server's answers to it do not
# arrive, or a byte at a time, or rows come without end.
package Lab::Stall;

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;
use Time::HiRes qw(time);

# The seconds between two bytes of a drip.
my $drip = 0.1;

# Listens for connections that forward to a port; handles none yet.
sub new
{
	my ($class, $target) = @_;
	my $listener = Lab::listen_locally();

	return bless { listener => $listener, target => $target }, $class;
}

sub port { return $_[0]{listener}->sockport }

# Ends all connections, and passes later ones on unharmed.
sub pass { return $_[0]->hold('') }

# Ends all connections, and holds later ones up from a pattern on: by stall,
# drip or flood.  After that new connections are let through only where
# others_pass is true; else nobody answers them.
sub hold
{
	my ($self, $how, $pattern, $others_pass) = @_;

	Lab::end_child($self->{child}) if $self->{child};
	$self->{mark} = "$ENV{LAB_DIR}/stall." . $self->port . '.' . ++$self->{count};
	my %task = (
		how => $how,
		pattern => $pattern,
		others_pass => $others_pass,
		mark => $self->{mark});
	$self->{child} = Lab::start_child(sub { $self->serve(\%task) });
	return $self;
}

# Lets nothing pass any more, on no connection.
sub freeze { kill STOP => $_[0]{child} }

# Waits until a connection is held up.
sub is_holding
{
	my ($self, $seconds) = @_;

	return Lab::eventually(sub { -e $self->{mark} }, $seconds // 30);
}

# Passes bytes on for all connections, in one process.
sub serve
{
	my ($self, $task) = @_;
	my $readers = IO::Select->new($self->{listener});
	my %link;

	while (1)
	{
		my @links = grep { $_->{out} ne '' } values %link;
		for my $socket ($readers->can_read(@links ? 0.01 : 0.2))
		{
			if ($socket == $self->{listener})
			{
				my $new = $self->accept_link($task) or next;
				$readers->add($new->{client});
				$readers->add($new->{server}) if $new->{server};
				$link{$_} = $new for grep { $_ } @$new{qw(client server)};
				next;
			}
			my $link = $link{$socket} // next;
			next if take_bytes($link, $socket, $task);
			$readers->remove(grep { $_ } @$link{qw(client server)});
			delete $link{$_} for grep { $_ } @$link{qw(client server)};
			close $_ for grep { $_ } @$link{qw(client server)};
		}
		give_bytes($_) for values %{ { map { $_ => $_ } values %link } };
	}
}

# A client's socket and one of ours to the server, which a client that nobody
# answers does not have.
sub accept_link
{
	my ($self, $task) = @_;
	my $client = $self->{listener}->accept or return;
	my $link = { client => $client, out => '', taken => '', last => 0 };

	$client->blocking(0);
	return $link if $task->{holding} && !$task->{others_pass};
	$link->{server} = IO::Socket::INET->new(
		PeerAddr => '127.0.0.1', PeerPort => $self->{target}, Proto => 'tcp')
	  or return;
	return $link;
}

# Takes what one side has sent; false at its end.
sub take_bytes
{
	my ($link, $socket, $task) = @_;

	sysread $socket, my $bytes, 65536 or return 0;
	if ($socket == $link->{client})
	{
		return 1 if $link->{held} || !$link->{server};
		syswrite $link->{server}, $bytes;
		hold_link($link, $task) if $task->{how} ne '' && is_execution($link, $bytes, $task->{pattern});
		return 1;
	}
	$link->{out} .= $bytes if !$link->{held} || $link->{held} eq 'drip';
	find_row($link, $bytes) if ($link->{held} // '') eq 'flood';
	return 1;
}

# Does the statement begin?  To MySQL the client sends the execution apart,
# when its preparation has been answered.
sub is_execution
{
	my ($link, $bytes, $pattern) = @_;
	my $command = ord substr $bytes, 4, 1;

	return 1 if $link->{is_prepared} && $command == 0x17;
	return 0 if $bytes !~ $pattern;
	$link->{is_prepared} = Lab::Maria->is_mysql && $command == 0x16;
	return !$link->{is_prepared};
}

sub hold_link
{
	my ($link, $task) = @_;

	$link->{held} = $task->{how};
	return if $task->{holding}++;
	open my $file, '>', $task->{mark} or die "could not write $task->{mark}: $!";
	close $file;
}

# Gives the client what the server has sent, as fast as it should be.
sub give_bytes
{
	my ($link) = @_;
	my $length = length $link->{out} or return;

	if (($link->{held} // '') eq 'drip')
	{
		return if time - $link->{last} < $drip;
		$link->{last} = time;
		$length = 1;
	}
	my $written = syswrite $link->{client}, $link->{out}, $length;
	return unless $written;
	substr $link->{out}, 0, $written, '';
	$link->{out} = $link->{rows} if $link->{out} eq '' && $link->{rows};
}

# Passes packets on up to the first row; this comes again and again.
sub find_row
{
	my ($link, $bytes) = @_;

	return if $link->{rows};
	$link->{taken} .= $bytes;
	while (length $link->{taken} >= 4)
	{
		my $length = unpack('V', $link->{taken}) & 0xffffff;
		return if length $link->{taken} < 4 + $length;
		my $packet = substr $link->{taken}, 0, 4 + $length, '';
		my $first = ord substr $packet, 4, 1;

		$link->{is_after_columns} = 1 if $first == 0xfe && $length < 9;
		if ($link->{is_after_columns} && $first == 0 && $length > 9)
		{
			$link->{rows} = join '',
			  map { substr($packet, 0, 3) . chr($_ & 255) . substr($packet, 4) }
			  map { ord(substr $packet, 3, 1) + $_ } 0 .. 255;
			$link->{out} .= $link->{rows};
			return;
		}
		$link->{out} .= $packet;
	}
}

1;
