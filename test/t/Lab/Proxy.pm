# A TCP proxy before a MariaDB server that can harm what the server sends.
package Lab::Proxy;

use strict;
use warnings;

use IO::Select;
use IO::Socket::INET;

# Listens for connections that forward to a port; handles none yet.
sub new
{
	my ($class, $target) = @_;
	my $listener = Lab::listen_locally();

	return bless { listener => $listener, target => $target }, $class;
}

sub port { return $_[0]{listener}->sockport }

# Ends all connections, and harms later ones by a sub.  It gets the bytes
# that the server sends and the number of those before them, and returns what
# the client shall see and whether the connection lives on.
sub harm
{
	my ($self, $harm) = @_;

	Lab::end_child($self->{child}) if $self->{child};
	$self->{child} = Lab::start_child(sub { $self->serve($harm) });
}

# Passes bytes on for all connections, in one process.
sub serve
{
	my ($self, $harm) = @_;
	my $readers = IO::Select->new($self->{listener});
	my %peer;
	my %sent;

	while (1)
	{
		for my $socket ($readers->can_read)
		{
			if ($socket == $self->{listener})
			{
				my @pair = $self->accept_pair or next;
				@peer{@pair} = reverse @pair;
				$sent{ $pair[1] } = 0;
				$readers->add(@pair);
				next;
			}
			my $other = $peer{$socket} // next;
			my $alive = sysread $socket, my $bytes, 65536;
			if ($alive && exists $sent{$socket})
			{
				my $length = length $bytes;
				($bytes, $alive) = $harm->($bytes, $sent{$socket});
				$sent{$socket} += $length;
			}
			$alive = write_all($other, $bytes) && $alive
			  if defined $bytes && $bytes ne '';
			next if $alive;
			$readers->remove($socket, $other);
			delete @peer{ $socket, $other };
			delete @sent{ $socket, $other };
			close $_ for $socket, $other;
		}
	}
}

# Starts a balancer: a sub gets the number of each connection, from 1, and
# returns the port that it forwards to.
sub balance
{
	my ($self, $route) = @_;

	$self->{route} = $route;
	$self->harm(sub { return ($_[0], 1) });
}

# A client's socket and one of ours to the server.
sub accept_pair
{
	my ($self) = @_;
	my $client = $self->{listener}->accept or return;
	my $port = $self->{route} ? $self->{route}->(++$self->{accepted}) : $self->{target};
	my $server = IO::Socket::INET->new(
		PeerAddr => '127.0.0.1', PeerPort => $port, Proto => 'tcp')
	  or return;

	return ($client, $server);
}

sub write_all
{
	my ($socket, $bytes) = @_;

	while ($bytes ne '')
	{
		my $written = syswrite $socket, $bytes or return 0;
		substr $bytes, 0, $written, '';
	}
	return 1;
}

1;
