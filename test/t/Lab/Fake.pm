# A server that speaks just enough of the protocol to be hostile.
package Lab::Fake;

use strict;
use warnings;

use IO::Select;
use IPC::Open3;

# Capabilities: those of a server of 4.1 with plugins and prepared
# statements, without MariaDB's own.
my $capabilities = 1 | 0x8 | 0x200 | 0x2000 | 0x8000 | 0x20000 | 0x40000
  | 0x80000;
my $tls = 0x800;

# In a transaction, with autocommit.
my $status = pack 'v', 3;
my $ok = "\0\0\0$status\0\0";
my $end_of_rows = "\xfe\0\0$status";

# Starts a server; each connection is handled by the sub in a process of its
# own, as handler($connection, @arguments).
sub start
{
	my ($class, @rest) = @_;

	return $class->start_at('127.0.0.1', @rest);
}

# The same, at another address of this machine.
sub start_at
{
	my ($class, $address, $handler, @arguments) = @_;
	my $listener = Lab::listen_locally($address);
	my $port = $listener->sockport;
	my $child = Lab::start_child(
		sub
		{
			local $SIG{CHLD} = 'IGNORE';
			while (my $socket = $listener->accept)
			{
				my $pid = fork // die "could not fork: $!";
				next if $pid;
				alarm 60;
				$handler->(bless({ socket => $socket, sequence => 0 }, $class),
					@arguments);
				POSIX::_exit(0);
			}
		});

	return bless { child => $child, port => $port }, $class;
}

sub port { return $_[0]{port} }

sub stop { Lab::end_child($_[0]{child}) }

# Takes the connection and says nothing.
sub say_nothing { CORE::sleep 60 }

# Offers TLS and answers nothing to the handshake.
sub stall_in_handshake
{
	my ($self) = @_;

	$self->greet($tls);
	CORE::sleep 60;
}

# Offers TLS, and there asks for the password as caching_sha2_password does
# that has nothing in its cache; notes what comes there. The certificate and its
# key are files, and so are those that come after it.
sub ask_behind_tls
{
	my ($self, $log, @certificate) = @_;

	$self->greet($tls);
	$self->receive;
	$self->begin_tls(@certificate);
	for my $answer ("\xfecaching_sha2_password\0" . 'x' x 20 . "\0", "\1\4", $ok)
	{
		my $packet = $self->receive // return;
		note_packet($log, $packet);
		$self->answer($answer);
	}
}

sub note_packet
{
	my ($log, $packet) = @_;

	open my $file, '>>', $log or die "could not write $log: $!";
	print $file "got: $packet\n";
	close $file;
}

# Sends an answer, or a list of them, to each packet, whatever it is, and notes
# the packets in hexadecimal digits; in pieces of one byte where the greeting
# says so.
sub answer_in_turn
{
	my ($self, $log, $greeting, @answers) = @_;

	$self->greet(0, undef, %$greeting);
	for my $answer (@answers, undef)
	{
		my $packet = $self->receive // return;
		note_packet($log, unpack 'H*', $packet);
		my $bytes = join '', map { $self->packet($_) } ref $answer ? @$answer : $answer // return;
		for my $piece ($greeting->{pieces} ? split //, $bytes : $bytes)
		{
			$self->send_bytes($piece);
			Lab::sleep(0.001) if $greeting->{pieces};
		}
	}
}

# Lets openssl speak TLS on the connection from here on.
sub begin_tls
{
	my ($self, $certificate, $key, $chain) = @_;
	my $listener = Lab::listen_locally();
	my $port = $listener->sockport;
	my ($peer, $tries);

	close $listener;
	open my $null, '>', '/dev/null' or die "no /dev/null: $!";
	open3(my $in, my $out, '>&' . fileno $null, 'openssl', 's_server', '-quiet', '-naccept', 1,
		'-accept', "127.0.0.1:$port", '-cert', $certificate, '-key', $key,
		$chain ? ('-cert_chain', $chain) : ());
	until ($peer = IO::Socket::INET->new("127.0.0.1:$port"))
	{
		die 'openssl does not listen' if ++$tries > 400;
		Lab::sleep(0.05);
	}
	my $pid = fork // die "could not fork: $!";
	if ($pid == 0)
	{
		close $_ for $in, $out;
		splice_sockets($self->{socket}, $peer);
		POSIX::_exit(0);
	}
	close $_ for $self->{socket}, $peer;
	@$self{qw(reader writer)} = ($out, $in);
}

# Carries bytes both ways until one side ends.
sub splice_sockets
{
	my %other = ("$_[0]" => $_[1], "$_[1]" => $_[0]);
	my $select = IO::Select->new(@_);

	while (1)
	{
		for my $socket ($select->can_read)
		{
			sysread $socket, my $bytes, 65536 or return;
			syswrite $other{$socket}, $bytes;
		}
	}
}

# Asks to authenticate by one plugin after another, and notes what it gets;
# the greeting may name another plugin than usual, or know of none.
sub ask_for_password
{
	my ($self, $log, $plugins, %greeting) = @_;

	$self->greet(0, undef, %greeting);
	$self->receive;
	for my $plugin (@$plugins)
	{
		$self->answer($plugin eq '' ? "\xfe" : "\xfe$plugin\0" . 'x' x 20 . "\0");
		my $password = $self->receive // '';
		open my $file, '>>', $log or die "could not write $log: $!";
		print $file "asked for $plugin, got: $password\n";
		close $file;
	}
	$self->answer($ok);
}

# Lets everybody in, and answers each query with two good rows of a blob
# column and then with the given bytes; the rows end well unless configured otherwise.
sub send_rows
{
	my ($self, $bytes, $no_end) = @_;

	$self->greet(0);
	$self->receive;
	$self->answer($ok);
	while (defined(my $command = $self->receive))
	{
		my $kind = ord $command;
		$self->{sequence} = 1;
		if ($kind == 0x16)
		{
			$self->answer("\0" . pack('V v', 1, 1) . "\0\0\0\0\0",
				column(), $end_of_rows);
		}
		elsif ($kind == 0x17)
		{
			$self->answer("\1", column(), $end_of_rows);
			$self->answer("\0\0\3one", "\0\0\3two");
			$self->send_bytes($bytes);
			return if $no_end;
			$self->answer($end_of_rows);
		}
		elsif ($kind != 0x19 && $kind != 1)
		{
			$self->answer($ok);
		}
	}
}

# Lets everybody in, and answers each query with one row of one column, as
# column_of describes it; without bytes, with a NULL.
sub send_value
{
	my ($self, $bytes, %column) = @_;
	my $row = defined $bytes ? "\0\0$bytes" : "\0\4";

	$self->greet(0, $column{version});
	$self->receive;
	$self->answer($ok);
	while (defined(my $command = $self->receive))
	{
		my $kind = ord $command;
		$self->{sequence} = 1;
		if ($kind == 0x16)
		{
			$self->answer("\0" . pack('V v', 1, 1) . "\0\0\0\0\0", column_of(%column), $end_of_rows);
		}
		elsif ($kind == 0x17)
		{
			$self->answer("\1", column_of(%column), $end_of_rows, $row, $end_of_rows);
		}
		elsif ($kind != 0x19 && $kind != 1)
		{
			$self->answer($ok);
		}
	}
}

# Greets with a version, and answers the question for it by a row of texts, or
# by no row; other questions by two columns without rows.
sub send_version
{
	my ($self, $greeting, @texts) = @_;

	$self->greet(0, $greeting);
	$self->receive;
	$self->answer($ok);
	while (defined(my $command = $self->receive))
	{
		my $kind = ord $command;
		my $is_version = $command =~ /VERSION\(\)/;
		my $columns = $is_version ? 3 : 2;
		$self->{sequence} = 1;
		if ($kind == 0x16)
		{
			$self->{row} = $is_version && @texts ? "\0\0" . join '', map { length_coded($_) } @texts : undef;
			$self->{columns} = $columns;
			$self->answer("\0" . pack('V v', 1, $columns) . "\0\0\0\0\0",
				(column_of(charset => 45, type => 0xfd)) x $columns, $end_of_rows);
		}
		elsif ($kind == 0x17)
		{
			$self->answer(chr $self->{columns}, (column_of(charset => 45, type => 0xfd)) x $self->{columns},
				$end_of_rows, $self->{row} // (), $end_of_rows);
		}
		elsif ($kind != 0x19 && $kind != 1)
		{
			$self->answer($ok);
		}
	}
}

# A text with its length before it, as in a row.
sub length_coded
{
	my ($text) = @_;
	my $length = length $text;

	return ($length < 251 ? chr $length : "\xfe" . pack 'Q<', $length) . $text;
}

# Refuses everybody, or lets them in and refuses what they ask, with an error
# of these bytes: an SQLSTATE and a text.
sub send_error
{
	my ($self, $state, $text, $when) = @_;
	my $error = "\xff" . pack('v', 1105) . "#$state$text";

	if ($when eq 'greeting')
	{
		$self->answer($error);
		return;
	}
	$self->greet(0);
	$self->receive;
	$self->answer($when eq 'login' ? $error : $ok);
	while (defined(my $command = $self->receive))
	{
		my $kind = ord $command;
		$self->{sequence} = 1;
		$self->answer($kind == 0x16 || $kind == 0x17 ? $error : $ok)
		  if $kind != 0x19 && $kind != 1;
	}
}

sub greet
{
	my ($self, $more, $version, %greeting) = @_;
	my $offer = ($capabilities | $more) & ~($greeting{without} // 0);
	my $plugin = $greeting{plugin} // 'mysql_native_password';

	$version //= '5.5.5-10.11.0-MariaDB';
	$self->answer("\x0a$version\0"
		  . pack('V', 1) . ($greeting{first} // 'abcdefgh') . "\0"
		  . pack('v C v v C', $offer & 0xffff, 45, 2, $offer >> 16, $greeting{length} // 21)
		  . ($greeting{reserved} // "\0" x 10) . ($greeting{second} // "ijklmnopqrst\0") . "$plugin\0");
}

sub column { return column_of() }

# A column of a wire type, a blob unless said otherwise.
sub column_of
{
	my (%column) = @_;
	my $name = $column{name} // 'c';

	return "\3def\0\0\0" . chr(length $name) . "$name\0\x0c"
	  . pack('v V C v C v', $column{charset} // 63, $column{length} // 255,
		$column{type} // 0xfc, $column{flags} // 0x90, $column{decimals} // 0, 0);
}

# Receives a packet; undef at the end of the connection.
sub receive
{
	my ($self) = @_;
	my $head = $self->read_bytes(4) // return;

	$self->{sequence} = ord(substr $head, 3) + 1;
	return $self->read_bytes(unpack('V', $head) & 0xffffff);
}

sub read_bytes
{
	my ($self, $length) = @_;
	my $bytes = '';

	while (length $bytes < $length)
	{
		sysread $self->{reader} // $self->{socket}, $bytes, $length - length $bytes,
		  length $bytes
		  or return;
	}
	return $bytes;
}

sub answer
{
	my ($self, @packets) = @_;

	for my $packet (@packets)
	{
		$self->send_bytes($self->packet($packet));
	}
}

# Puts the head before a packet, of its own length or another.
sub packet
{
	my ($self, $payload, $length) = @_;

	return substr(pack('V', $length // length $payload), 0, 3)
	  . chr($self->{sequence}++ & 255)
	  . $payload;
}

# Sends raw bytes, or packets where the argument is a list of them.
sub send_bytes
{
	my ($self, $bytes) = @_;

	$bytes = join '', map { $self->packet(@$_) } @$bytes if ref $bytes;
	syswrite $self->{writer} // $self->{socket}, $bytes if $bytes ne '';
}

1;
