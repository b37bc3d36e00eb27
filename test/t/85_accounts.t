# Accounts: which plugins are let in, what they send to whom, and what an error
# says about an account that is not let in.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

plan skip_all => 'no openssl command' if system('openssl version >/dev/null 2>&1');

my $dir = "$ENV{LAB_DIR}/accounts";
my $refused = 'HV00N';
my $session = new_database('accounts');
my $made = 0;

sub openssl
{
	system("openssl @_ >>$dir/log 2>&1") == 0 or die "openssl @_ failed: see $dir/log";
}

sub read_file
{
	my ($path) = @_;

	open my $file, '<:raw', $path or die "could not read $path: $!";
	local $/;
	return <$file>;
}

sub write_file
{
	my ($path, $bytes) = @_;

	open my $file, '>:raw', $path or die "could not write $path: $!";
	print $file $bytes;
	close $file;
	return $path;
}

# Adds a foreign server with these options; returns a statement that connects.
sub connecting
{
	my (%options) = @_;
	my $name = 'account' . ++$made;

	Lab::add_server($session, $name, ssl_mode => 'disabled', %options);
	return "SELECT * FROM mariadb.query('$name', 'SELECT 1') AS t (i int)";
}

sub is_let_in
{
	my ($name, %options) = @_;

	$session->returns(connecting(%options), 1, "$name: let in");
}

sub is_refused
{
	my ($name, $reason, %options) = @_;
	my $answer = $session->run(connecting(%options), 30);

	is($answer->{code}, $refused, "$name: refused");
	like($answer->{err}, $reason, "$name: the error says why");
}

mkdir $dir or die "could not make $dir: $!";
for my $key ('ours', 'theirs')
{
	openssl("genrsa -out $dir/$key.key 2048");
	openssl("rsa -in $dir/$key.key -pubout -out $dir/$key.pem");
}
my ($our_key, $their_key) = map { read_file("$dir/$_.pem") } 'ours', 'theirs';
write_file("$dir/empty.pem", '');
write_file("$dir/no_key.pem", "# nothing here\n");
write_file("$dir/windows.pem", $our_key =~ s/\n/\r\n/gr);
# PostgreSQL runs as another user than the test, where that is root.
system("chmod -R a+rX $dir") == 0 or die 'chmod failed';

# A server that asks as it likes. What comes after the login is the answer to
# a challenge, of 32 bytes, and a request for a key, or for one that we know.
my $log = "$dir/seen";

sub seen_by_fake
{
	my ($greeting, $answers, %options) = @_;

	unlink $log;
	my $fake = Lab::Fake->start(\&Lab::Fake::answer_in_turn, $log, $greeting, @$answers);
	my $answer = $session->run(
		connecting(port => $fake->port, password => 'dontshowme', %options), 30);
	$fake->stop;
	return ($answer) unless -e $log;
	return ($answer, map { pack 'H*', $_ } read_file($log) =~ /^got: (\w*)$/mg);
}

# The password in a packet that a key's owner can read, if it is one: the
# nonce of the fake is a row of the letter x.
sub decrypted
{
	my ($packet, $key) = @_;

	write_file("$dir/packet", $packet);
	return system("openssl pkeyutl -decrypt -inkey $dir/$key.key -in $dir/packet"
		  . " -pkeyopt rsa_padding_mode:oaep -out $dir/plain >>$dir/log 2>&1") == 0
	  ? read_file("$dir/plain") ^ ('x' x length read_file("$dir/plain")) : '';
}

my $nonce = 'x' x 20 . "\0";
my $switch = "\xfecaching_sha2_password\0$nonce";
my $sha256 = "\xfesha256_password\0$nonce";
my $ok = "\0\0\0\2\0\0\0";
my %misses = (
	'a miss' => "\1\4",
	'a miss without its prefix' => "\4",
	'a prefix alone' => "\1",
	'nothing' => '',
	'an OK before its time' => $ok,
	'a hit and more' => "\1\3x",
	'a key' => "\1$their_key");

for my $what (sort keys %misses)
{
	for my $mode ('disabled', 'preferred')
	{
		my ($answer, @packets) = seen_by_fake({}, [ $switch, $misses{$what}, "\1$their_key", $ok ],
			ssl_mode => $mode);

		is($answer->{code}, $refused, "$what, $mode: refused");
		like($answer->{err}, qr/caching_sha2_password.*sends the password.*server_public_key/s,
			"$what, $mode: the error says why");
		is("@{[ map { length } @packets[1 .. $#packets] ]}", '32',
			"$what, $mode: nothing but the answer to the challenge");
	}
}
my ($answer, @packets) = seen_by_fake({}, [ $switch, [ "\1\3", $ok ] ]);
like($packets[2] // '', qr/^\x03SET SESSION/, 'a hit in the cache: the login ends');

for my $plugin ('mysql_clear_password', 'dialog', 'auth_gssapi_client', 'mysql_old_password', 'nonsense')
{
	($answer, @packets) = seen_by_fake({}, ["\xfe$plugin\0$nonce", $ok ]);
	is($answer->{code}, $refused, "$plugin: refused");
	like($answer->{err}, qr/"$plugin", which is not supported/, "$plugin: the error names it");
	is($#packets, 0, "$plugin: gets nothing");
}
for my $plugin ('sha256_password', 'mysql_clear_password')
{
	($answer, @packets) = seen_by_fake({ plugin => $plugin }, [$ok]);
	is($answer->{code}, $refused, "$plugin in the greeting: refused");
	is(scalar @packets, 0, "$plugin in the greeting: gets nothing");
}
($answer) = seen_by_fake({}, [ 'x' x 9000 ]);
is($answer->{code}, $refused, 'a packet too long for a login: refused');
like($answer->{err}, qr/does not belong to a login/, 'a packet too long for a login: the error says so');

# The RSA exchange. A library that reads the file itself asks for no key.
my %their_ways = (
	'another key' => [ {}, "\1$their_key" ],
	'another key without the prefix' => [ {}, $their_key ],
	'another key after an OK' => [ {}, "\0\n$their_key" ],
	'another key in pieces' => [ { pieces => 1 }, "\1$their_key" ],
	'another key before ours' => [ {}, "\1$their_key$our_key" ],
	'our key before another' => [ {}, "\1$our_key$their_key" ]);
my %keyed = (server_public_key => "$dir/ours.pem");

for my $what (sort keys %their_ways)
{
	my ($greeting, $key) = @{ $their_ways{$what} };

	for my $begin ([ $switch, "\1\4" ], [$sha256])
	{
		my ($plugin) = $begin->[0] =~ /(\w+)/;

		($answer, @packets) = seen_by_fake($greeting, [ @$begin, $key, $ok ], %keyed);
		isnt($answer->{code}, '', "$what, $plugin: refused");
		unlike(join('', map { decrypted($_, 'theirs') } @packets), qr/./s,
			"$what, $plugin: nothing that it can read");
		like($answer->{err}, qr/is not the one in file "$dir\/ours.pem"/,
			"$what, $plugin: the error says why")
		  if grep { $_ eq "\2" || $_ eq "\1" } @packets;
	}
}

# Who has no TLS where TLS was asked for gets nothing, whatever else is set.
for my $mode ('preferred', 'required', 'verify_ca', 'verify_full')
{
	for my $key ([], [%keyed])
	{
		my $what = "$mode, " . (@$key ? 'with a key' : 'without a key');

		($answer, @packets) = seen_by_fake({}, [ $switch, "\1\4", "\1$their_key", $ok ],
			host => 'localhost', ssl_mode => $mode, ssl_ca => "$dir/ours.pem", @$key);
		is($answer->{code}, $refused, "$what, and no TLS: refused");
		unlike(join('', @packets), qr/dontshowme/, "$what, and no TLS: gets no password");
		is(scalar @packets, 0, "$what, and no TLS: gets nothing") if $mode ne 'preferred';
	}
}
for my $file ('ours', 'windows')
{
	for my $begin ([ $switch, "\1\4" ], [$sha256])
	{
		my ($plugin) = $begin->[0] =~ /(\w+)/;

		($answer, @packets) = seen_by_fake({}, [ @$begin, "\1$our_key", $ok ],
			server_public_key => "$dir/$file.pem");
		like(join('', map { decrypted($_, 'ours') } @packets), qr/^dontshowme\0/,
			"the key of file $file, $plugin: its owner gets the password");
	}
}
is_refused('a file that is not there', qr/nowhere.pem" could not be read/,
	server_public_key => "$dir/nowhere.pem");
is_refused("file $_", qr/has no RSA public key/, server_public_key => "$dir/$_.pem")
  for 'empty', 'no_key';

SKIP:
{
	skip "the lab's server is MySQL", 1 if Lab::Maria->is_mysql;
	subtest 'accounts of MariaDB' => \&try_mariadb;
}
SKIP:
{
	skip "the lab's server is MariaDB", 1 unless Lab::Maria->is_mysql;
	subtest 'accounts of MySQL' => \&try_mysql;
	subtest 'accounts of MySQL with TLS' => \&try_mysql_with_tls;
}
done_testing;

# What plugins the server and the library here do not have is reported.
sub try_mariadb
{
	my $server = Lab::Maria->start('mariadb_accounts');
	my %accounts = (
		native => [ '', "IDENTIFIED VIA mysql_native_password USING PASSWORD('pw')" ],
		ed25519 => [ 'auth_ed25519', "IDENTIFIED VIA ed25519 USING PASSWORD('pw')" ],
		parsec => [ 'auth_parsec', "IDENTIFIED VIA parsec USING PASSWORD('pw')" ]);

	for my $name (sort keys %accounts)
	{
		my ($plugin, $clause) = @{ $accounts{$name} };
		my $made = eval {
			$server->sql("INSTALL SONAME '$plugin'") if $plugin;
			$server->sql("CREATE USER $name\@'127.0.0.1' $clause");
			1;
		};
	  SKIP:
		{
			skip "MariaDB has no plugin $plugin", 1 unless $made;
			my %options = (port => $server->port, username => $name);
			my $answer = $session->run(connecting(%options, password => 'pw'), 30);

			if ($answer->{err} =~ /cannot be loaded/)
			{
				is($answer->{code}, $refused, "$name: the library has no such plugin");
				like($answer->{err}, qr/plugin '?\w*$name/i, "$name: the error names it");
				next;
			}
			is($answer->{out}, 1, "$name: let in") or diag($answer->{err});
			$session->fails(connecting(%options, password => 'wrong'), '28000', undef,
				"$name with a wrong password: refused");
		}
	}
	$server->sql("CREATE USER postgres\@'127.0.0.1' IDENTIFIED VIA unix_socket");
	$session->fails(
		connecting(port => $server->port, username => 'postgres', password => 'pw'),
		'28000', undef, 'unix_socket, through TCP: refused');
}

# Creates accounts that the server has not in its cache: the lab logs new ones
# in, which here would leave nothing to refuse.
sub create
{
	my ($server, $sql) = @_;

	$server->sql($sql);
	$server->sql('FLUSH PRIVILEGES');
}

sub try_mysql
{
	my $server = Lab::Maria->start('mysql_accounts');
	my $public_key = "$ENV{LAB_DIR}/mysql_accounts/data/public_key.pem";
	my %fresh = (port => $server->port, username => 'fresh', password => 'pw');
	my %with_key = (%fresh, server_public_key => $public_key);
	my $no_key = qr/sends the password.*server_public_key/s;

	create($server, "CREATE USER fresh\@'127.0.0.1' IDENTIFIED BY 'pw';
		CREATE USER blank\@'127.0.0.1' IDENTIFIED BY '';
		CREATE USER sha256\@'127.0.0.1' IDENTIFIED WITH sha256_password BY 'pw'");
	is_refused('without a key', $no_key, %fresh);
	is_refused('without a key or TLS', $no_key, %fresh, ssl_mode => 'preferred');
	# A library that reads the file itself sends what the server cannot read.
	my $answer = $session->run(connecting(%fresh, server_public_key => "$dir/ours.pem"), 30);
	like($answer->{code}, qr/^($refused|28000)$/, 'with another key: refused');
	like($answer->{err}, qr/is not the one in file|not the one in the file/,
		'with another key: the error says why');
	is_refused('after another key', $no_key, %fresh);
	$session->fails(connecting(%with_key, password => 'wrong'), '28000', undef,
		'with the key and a wrong password: refused');
	is_let_in('with the key', %with_key);
	is_let_in('from the cache', %fresh);
	$server->sql('FLUSH PRIVILEGES');
	is_refused('after the cache is flushed', $no_key, %fresh);
	is_let_in('an empty password', %fresh, username => 'blank', password => '');
	is_refused('sha256_password', $no_key, %fresh, username => 'sha256');
	is_let_in('sha256_password with the key', %with_key, username => 'sha256');

	# As in docs/privileges.md.
	my $connecting = connecting(%fresh, ssl_mode => 'preferred')
	  =~ s/account\d+/legacy/r;
	$session->do("ALTER SERVER account$made RENAME TO legacy");
	$session->do("ALTER SERVER legacy OPTIONS (SET ssl_mode 'disabled',
		ADD server_public_key '/etc/postgresql/legacy.pem')");
	$session->fails($connecting, $refused, undef, 'the file that the page names is not there');
	my $shown = (split /\t/, $server->sql(
			"SHOW STATUS LIKE 'caching_sha2_password_rsa_public_key'"), 2)[1];
	write_file("$dir/shown.pem", $shown =~ s/\\n/\n/gr);
	$session->do("ALTER SERVER legacy OPTIONS (SET server_public_key '$dir/shown.pem')");
	$session->returns($connecting, 1, 'the key that the server shows: let in');

	my $without = Lab::Maria->start('mysql_without_keys',
		'--caching-sha2-password-auto-generate-rsa-keys=0',
		'--sha256-password-auto-generate-rsa-keys=0');
	create($without, "CREATE USER fresh\@'127.0.0.1' IDENTIFIED BY 'pw'");
	$answer = $session->run(connecting(%with_key, port => $without->port), 30);
	like($answer->{code}, qr/^($refused|28000)$/, 'a server that has no key: refused');
	like($answer->{err}, qr/no RSA key|public key/i, 'a server that has no key: the error says why');
}

sub try_mysql_with_tls
{
	my $server = Lab::Maria->start('mysql_with_tls', '--auto-generate-certs=1');
	my $data = "$ENV{LAB_DIR}/mysql_with_tls/data";
	my %fresh = (port => $server->port, username => 'fresh', password => 'pw');
	my $reason = qr/sends the password, and nothing proves/;

	create($server, "CREATE USER fresh\@'127.0.0.1' IDENTIFIED BY 'pw';
		CREATE USER sha256\@'127.0.0.1' IDENTIFIED WITH sha256_password BY 'pw'");
	for my $username ('fresh', 'sha256')
	{
		for my $mode ('preferred', 'required')
		{
			is_refused("$username, $mode", $reason, %fresh, ssl_mode => $mode,
				username => $username);
			is_refused("$username, $mode, with the key", qr/used on connections without TLS/,
				%fresh, ssl_mode => $mode, username => $username,
				server_public_key => "$data/public_key.pem");
		}
		is_refused("$username, verify_full", qr/compare|verif|valid/i, %fresh, ssl_mode => 'verify_full',
			ssl_ca => "$data/ca.pem", username => $username);
		is_let_in("$username, verify_ca", %fresh, ssl_mode => 'verify_ca',
			ssl_ca => "$data/ca.pem", username => $username);
	}
	is_let_in('from the cache, required', %fresh, ssl_mode => 'required');
}
