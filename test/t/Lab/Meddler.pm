# A proxy before a MariaDB or MySQL server that understands what passes, and changes
# the answers to one statement: other fields, NULLs, values out of range,
# rows that are missing or torn.
package Lab::Meddler;

use strict;
use warnings;

use IO::Socket::INET;
use Socket qw(IPPROTO_TCP TCP_NODELAY);

# What can be done to an answer that has rows.  Each gets the fields, the rows
# and a number to choose by; it changes them in place.
my %changes = (
	one_field => sub { my ($f, $r) = @_; splice @$_, 1 for $f, @$r },
	one_less => sub { my ($f, $r) = @_; pop @$_ for $f, @$r },
	one_more => sub { my ($f, $r) = @_; push @$f, $f->[-1]; push @$_, $_->[-1] for @$r },
	all_null => sub { my ($f, $r) = @_; @$_ = (undef) x @$_ for @$r },
	one_null => sub { my ($f, $r, $n) = @_; $_->[ $n % @$f ] = undef for @$r },
	all_empty => sub { my ($f, $r) = @_; each_value($f, $r, sub { '' }, sub { "\0" x $_[0] }) },
	rubbish => sub { my ($f, $r) = @_; each_value($f, $r, sub { "\xff\xfe\0'\\\x80" }, sub { "\x80" x $_[0] }) },
	largest => sub { my ($f, $r) = @_; each_value($f, $r, sub { '9' x 30 }, sub { "\xff" x $_[0] }) },
	smallest => sub { my ($f, $r) = @_; each_value($f, $r, sub { '-' . '9' x 30 }, sub { "\0" x ($_[0] - 1) . "\x80" }) },
	long => sub { my ($f, $r, $n) = @_; $_->[ $n % @$f ] = is_text($f->[ $n % @$f ]) ? 'x' x 1_000_000 : undef for @$r },
	# Texts that a parser without bounds follows too deep.
	minuses => sub { my ($f, $r, $n) = @_; put_text($f, $r, $n, '-' x 300_000) },
	parentheses => sub { my ($f, $r, $n) = @_; put_text($f, $r, $n, '(' x 2_000_000) },
	ifs => sub { my ($f, $r, $n) = @_; put_text($f, $r, $n, 'if(1=1 and not ' x 20_000) },
	no_rows => sub { my ($f, $r) = @_; @$r = () },
	twice => sub { my ($f, $r) = @_; push @$r, map { [@$_] } @$r },
	as_text => sub { my ($f, $r) = @_; retype($f, $r, 0xfd, sub { 'x1' }) },
	as_number => sub { my ($f, $r) = @_; retype($f, $r, 8, sub { pack 'q<', -5 }) },
	as_date => sub { my ($f, $r) = @_; retype($f, $r, 12, sub { "\xff" x 11 }) },
	as_time => sub { my ($f, $r) = @_; retype($f, $r, 11, sub { "\xff" x 12 }) },
	as_bits => sub { my ($f, $r) = @_; retype($f, $r, 16, sub { "\xff" x 9 }) },
	as_decimal => sub { my ($f, $r) = @_; retype($f, $r, 246, sub { '--1.2.3' }) },
	many_fields => sub { my ($f, $r) = @_; push @$f, ($f->[0]) x 5000; push @$_, (undef) x 5000 for @$r });

# Puts a text into one field of each row, if the field holds texts.
sub put_text
{
	my ($fields, $rows, $number, $text) = @_;
	my $field = $number % @$fields;

	$_->[$field] = is_text($fields->[$field]) ? $text : $_->[$field] for @$rows;
}

my $end_of_fields = "\xfe\0\0\2\0";

# What can be done to any answer.
my @breaks = qw(no_field error error_with_rubbish error_after_rows torn closed silent_ok);

# The changes that no reader may take for the right answer.
my %must_fail = map { $_ => 1 }
  qw(one_less one_more no_field many_fields error error_with_rubbish error_after_rows torn closed);

sub changes { return (sort keys %changes), @breaks }
sub must_fail { return $must_fail{ $_[1] } }

# Starts a proxy that forwards to a port; what it saw and shall do is in files.
sub start
{
	my ($class, $port, $dir) = @_;
	my $listener = Lab::listen_locally();
	my $self = bless { port => $listener->sockport, dir => $dir, target => $port }, $class;

	mkdir $dir;
	$self->{child} = Lab::start_child(
		sub
		{
			local $SIG{CHLD} = 'IGNORE';
			while (my $client = $listener->accept)
			{
				my $pid = fork // die "could not fork: $!";
				next if $pid;
				alarm 120;
				$self->serve($client);
				POSIX::_exit(0);
			}
		});
	return $self;
}

sub port { return $_[0]{port} }

# Does so to the answers of a statement from now on; without one, to none.
# All numbers and texts in a statement count as the same.
sub meddle
{
	my ($self, $sql, $change, $number) = @_;

	unlink "$self->{dir}/$_" for 'seen', 'done';
	spit("$self->{dir}/order", defined $sql ? unpack('H*', $sql) . " $change $number" : '');
}

# The statements seen since then, without their numbers and texts.
sub seen { return map { pack 'H*', $_ } split /\n/, slurp("$_[0]{dir}/seen") }

# Was an answer changed?
sub has_meddled { return -e "$_[0]{dir}/done" }

sub spit
{
	my ($name, $text) = @_;

	open my $file, '>', "$name.new" or die "could not write $name: $!";
	print $file $text;
	close $file;
	rename "$name.new", $name or die "could not rename $name: $!";
}

sub slurp
{
	my ($name) = @_;

	open my $file, '<', $name or return '';
	local $/;
	return <$file> // '';
}

# Serves one client.
sub serve
{
	my ($self, $client) = @_;
	my $server = IO::Socket::INET->new(
		PeerAddr => '127.0.0.1', PeerPort => $self->{target}, Proto => 'tcp')
	  or return;

	setsockopt $_, IPPROTO_TCP, TCP_NODELAY, 1 for $client, $server;
	@$self{qw(client server)} = ($client, $server);
	$self->pass_login or return;
	while (my $command = $self->next_command)
	{
		my $kind = ord $command->{bytes};

		write_packet($server, $command);
		return if $kind == 1;
		next if $kind == 0x19;
		if ($kind == 0x16 && !Lab::Maria->is_mysql)
		{
			my $execute = read_packet($client) or return;
			write_packet($server, $execute);
		}
		$self->answer(substr($command->{bytes}, 1), $kind == 0x16) or return;
	}
}

# The client's next packet, or one that was read while another was expected.
sub next_command
{
	my ($self) = @_;

	return delete $self->{unread} // read_packet($self->{client});
}

# Passes the packets of a login on, from both sides, until the server is
# content.
sub pass_login
{
	my ($self) = @_;
	my $greeting = read_packet($self->{server}) or return 0;

	write_packet($self->{client}, $greeting);
	while (1)
	{
		write_packet($self->{server}, read_packet($self->{client}) // return 0);
		my $answer = read_packet($self->{server}) // return 0;
		write_packet($self->{client}, $answer);
		# caching_sha2_password is content, and says so again
		if ($answer->{bytes} eq "\1\3")
		{
			$answer = read_packet($self->{server}) // return 0;
			write_packet($self->{client}, $answer);
		}
		return 1 if ord($answer->{bytes}) == 0;
		return 0 if ord($answer->{bytes}) == 0xff;
	}
}

# Passes an answer on, or another; false when the connection has to end.
sub answer
{
	my ($self, $sql, $is_prepared) = @_;
	my $prepared = $is_prepared ? $self->read_prepared // return 0 : undef;

	# To MySQL the client sends the execution when the preparation is answered.
	if ($prepared && Lab::Maria->is_mysql)
	{
		return $self->send_bytes(packets(1, $prepared->{head})) if ord $prepared->{head};
		$prepared->{awaits_execution} = 1;
		$self->execute($prepared);
	}
	my $result = $self->read_result($prepared) // return 0;
	my ($change, $number) = $self->order_for($sql);

	my $has_fields = $is_prepared && $result->{fields};

	# What has no fields loses none.
	undef $change if defined $change && ($changes{$change} || $change eq 'no_field') && !$has_fields;
	if (!defined $change)
	{
		return $self->send_answer($prepared, $result);
	}
	spit("$self->{dir}/done", $change);
	return $self->break($change, $prepared, $result) unless $changes{$change};
	$changes{$change}->($result->{fields}, $result->{rows}, $number);
	return $self->send_answer($prepared, $result);
}

# Executes in the client's place what was prepared without parameters.
sub execute
{
	my ($self, $prepared) = @_;
	my $id = substr $prepared->{head}, 1, 4;

	syswrite $self->{server}, packets(0, "\x17$id\0" . pack 'V', 1);
}

# Notes a statement; the change that is ordered for it, or nothing.
sub order_for
{
	my ($self, $sql) = @_;

	$sql =~ s/'[^']*'/''/g;
	$sql =~ s/\d+/0/g;
	open my $file, '>>', "$self->{dir}/seen" or die "could not write: $!";
	syswrite $file, unpack('H*', $sql) . "\n";
	close $file;
	my ($wanted, $change, $number) = split / /, slurp("$self->{dir}/order");
	return defined $wanted && $wanted eq unpack('H*', $sql) ? ($change, $number) : ();
}

sub break
{
	my ($self, $change, $prepared, $result) = @_;
	my $bad = "\xff" . pack('v', 1234) . '#' . ($change eq 'error' ? '42000' : "\xff\x80\0ab")
	  . "an error \xff\xfe of \xc3";

	return 0 if $change eq 'closed';
	if ($change eq 'torn')
	{
		$self->send_answer($prepared, $result, 0.5);
		return 0;
	}
	if ($change eq 'no_field' || $change eq 'silent_ok')
	{
		$prepared->{fields} = [] if $change eq 'no_field';
		$result = { head => "\0\0\0\2\0\0\0" };
	}
	elsif ($change eq 'error_after_rows' && $result->{fields})
	{
		$result->{end} = $bad;
	}
	else
	{
		$result = { head => $bad };
	}
	return $self->send_answer($prepared, $result);
}

# An answer to a preparation: its head, and the fields that it announces.
sub read_prepared
{
	my ($self) = @_;
	my $head = read_packet($self->{server}) // return;
	my $prepared = { head => $head->{bytes}, fields => [] };

	return $prepared if ord $head->{bytes};
	my ($nfields, $nparams) = unpack 'x5 v v', $head->{bytes};
	for my $count ($nparams, $nfields)
	{
		next unless $count;
		my @fields = map { (read_packet($self->{server}) // return)->{bytes} } 1 .. $count;
		read_packet($self->{server}) // return;
		$prepared->{fields} = \@fields if $count == $nfields;
	}
	return $prepared;
}

# An answer to a statement: fields, rows and how they end, or only a head.
sub read_result
{
	my ($self, $prepared) = @_;
	my $is_binary = defined $prepared;
	my $head = (read_packet($self->{server}) // return)->{bytes};

	return { head => $head } if $head =~ /^[\0\xff\xfb]/;
	my $result = { head => $head, rows => [], is_binary => $is_binary };
	my $count = $head =~ /^\xfc/ ? unpack 'x v', $head : ord $head;
	my $flag = substr $head, $head =~ /^\xfc/ ? 3 : 1;

	# Fields that have not changed since the preparation may be left out.
	$result->{flag} = $flag ne '' ? "\1" : '';
	$result->{fields} = $flag eq "\0" ? [ @{ $prepared->{fields} } ]
	  : [ map { (read_packet($self->{server}) // return)->{bytes} } 1 .. $count ];
	$result->{middle} = (read_packet($self->{server}) // return)->{bytes};
	while (1)
	{
		my $row = (read_packet($self->{server}) // return)->{bytes};
		if ($row =~ /^\xff/ || (length $row < 9 && $row =~ /^\xfe/))
		{
			$result->{end} = $row;
			return $result;
		}
		push @{ $result->{rows} }, $is_binary ? read_row($result->{fields}, $row) : $row;
	}
}

# Sends an answer, or only a share of it; false when the client has gone.
sub send_answer
{
	my ($self, $prepared, $result, $share) = @_;
	my $head = $prepared ? prepared_bytes($prepared, $result) : '';
	my $rest = result_bytes($result);

	if ($prepared && $prepared->{awaits_execution})
	{
		$self->send_bytes($head) or return 0;
		$head = '';
		$self->{unread} = $self->next_command // return 0;
		return 1 if $self->{unread}{bytes} !~ /^\x17/;
		delete $self->{unread};
	}
	my $bytes = $head . $rest;

	return $self->send_bytes(defined $share ? substr $bytes, 0, $share * length $bytes : $bytes);
}

sub send_bytes
{
	my ($self, $bytes) = @_;

	while ($bytes ne '')
	{
		my $written = syswrite $self->{client}, $bytes or return 0;
		substr $bytes, 0, $written, '';
	}
	return 1;
}

# The packets of an answer to a preparation, which announces the fields.
sub prepared_bytes
{
	my ($prepared, $result) = @_;
	my $fields = $result->{fields} // $prepared->{fields};
	my $head = $prepared->{head};

	return packets(1, $head) if $head !~ /^\0/;
	substr $head, 5, 2, pack 'v', scalar @$fields;
	return packets(1, $head, @$fields ? (@$fields, $end_of_fields) : ());
}

# The packets of an answer to a statement.
sub result_bytes
{
	my ($result) = @_;

	return packets(1, $result->{head}) unless $result->{fields};
	my @fields = @{ $result->{fields} };
	my $count = @fields;
	my $head = ($count < 251 ? chr $count : "\xfc" . pack 'v', $count) . $result->{flag};
	my @rows = map { $result->{is_binary} ? row_bytes(\@fields, $_) : $_ } @{ $result->{rows} };

	return packets(1, $head, @fields, $result->{middle}, @rows, $result->{end});
}

sub packets
{
	my ($number, @packets) = @_;

	return join '', map { substr(pack('V', length $_), 0, 3) . chr($number++ & 255) . $_ } @packets;
}

# The bytes that a value of a field takes, or nothing where its length is sent.
my %widths = (1 => 1, 2 => 2, 13 => 2, 3 => 4, 9 => 4, 4 => 4, 5 => 8, 8 => 8);

sub type_of { return ord substr $_[0], -6, 1 }
sub width_of { return $widths{ type_of($_[0]) } }
sub is_text { return !defined width_of($_[0]) }

sub each_value
{
	my ($fields, $rows, $text, $number) = @_;

	for my $row (@$rows)
	{
		for my $i (0 .. $#$fields)
		{
			my $width = width_of($fields->[$i]);

			next unless defined $row->[$i];
			$row->[$i] = defined $width ? $number->($width) : $text->();
		}
	}
}

# Makes all fields of another type.
sub retype
{
	my ($fields, $rows, $type, $value) = @_;

	substr $_, -6, 1, chr $type for @$fields;
	for my $row (@$rows)
	{
		@$row = map { defined $_ ? $value->() : undef } @$row;
	}
}

sub read_row
{
	my ($fields, $bytes) = @_;
	my $at = 1 + int((@$fields + 9) / 8);
	my $nulls = unpack 'b*', substr $bytes, 1, $at - 1;
	my @row;

	for my $i (0 .. $#$fields)
	{
		my $length = width_of($fields->[$i]);

		if (substr $nulls, $i + 2, 1)
		{
			push @row, undef;
			next;
		}
		if (!defined $length)
		{
			$length = ord substr $bytes, $at++, 1;
			if ($length > 250)
			{
				my $size = $length == 252 ? 2 : $length == 253 ? 3 : 8;
				$length = unpack 'Q<', substr($bytes, $at, $size) . "\0" x (8 - $size);
				$at += $size;
			}
		}
		push @row, substr $bytes, $at, $length;
		$at += $length;
	}
	return \@row;
}

sub row_bytes
{
	my ($fields, $row) = @_;
	my $nulls = '00' . join '', map { defined $_ ? 0 : 1 } @$row;
	my $values = '';

	$nulls .= '0' x (8 * int((@$fields + 9) / 8) - length $nulls);
	for my $i (0 .. $#$fields)
	{
		my $value = $row->[$i] // next;

		$values .= length $value < 251 ? chr length $value : "\xfe" . pack 'Q<', length $value
		  if is_text($fields->[$i]);
		$values .= $value;
	}
	return "\0" . pack('b*', $nulls) . $values;
}

# A packet with its head, of at most 16 MB as all are here.
sub read_packet
{
	my ($socket) = @_;
	my $head = read_bytes($socket, 4) // return;
	my $bytes = read_bytes($socket, unpack('V', $head) & 0xffffff) // return;

	return { head => $head, bytes => $bytes };
}

sub write_packet
{
	my ($socket, $packet) = @_;

	syswrite $socket, $packet->{head} . $packet->{bytes};
}

sub read_bytes
{
	my ($socket, $length) = @_;
	my $bytes = '';

	while (length $bytes < $length)
	{
		sysread $socket, $bytes, $length - length $bytes, length $bytes or return;
	}
	return $bytes;
}

1;
