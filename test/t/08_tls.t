# Encryption: who asks for it gets it, from the server that was meant, or an
# error.  And an encrypted connection hears a cancel too.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use IO::Socket::IP;
use POSIX ();
use Sys::Hostname;

use Lab;
use Test::More;

plan skip_all => 'no openssl command' if system('openssl version >/dev/null 2>&1');

my $tls = "$ENV{LAB_DIR}/tls";
my $refused = 'HV00N';

sub openssl
{
	system("openssl @_ >>$tls/log 2>&1") == 0 or die "openssl @_ failed: see $tls/log";
}

sub make_ca
{
	my ($name) = @_;

	openssl("req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=$name",
		"-keyout $tls/$name.key -out $tls/$name.pem");
}

# A certificate of a CA, "ca" by default, for a name and perhaps more of them.
sub make_certificate
{
	my ($name, $cn, $names, $ca) = @_;

	$ca //= 'ca';
	openssl("req -newkey rsa:2048 -nodes -subj /CN=$cn",
		"-keyout $tls/$name.key -out $tls/$name.csr");
	open my $file, '>', "$tls/$name.ext" or die "could not write: $!";
	print $file "subjectAltName=$names\n" if $names;
	close $file;
	openssl("x509 -req -in $tls/$name.csr -days 30 -CA $tls/$ca.pem",
		"-CAkey $tls/$ca.key -CAcreateserial -extfile $tls/$name.ext",
		"-out $tls/$name.pem");
}

mkdir $tls or die "could not make $tls: $!";
make_ca($_) for 'ca', 'otherca';
make_certificate('server', 'localhost', 'DNS:localhost');
make_certificate('client', 'app');
mkdir "$tls/path";
openssl("x509 -in $tls/ca.pem -out $tls/path/ca.pem");
openssl("rehash $tls/path");
# The servers run as another user than the test, where that is root.
system("chmod -R a+rX $tls") == 0 or die 'chmod failed';

my $session = new_database('tls');
my $server = Lab::Maria->start(
	'secure', "--ssl-ca=$tls/ca.pem",
	"--ssl-cert=$tls/server.pem", "--ssl-key=$tls/server.key");
$server->sql(q{CREATE DATABASE d;
	CREATE VIEW d.big AS SELECT seq AS id, MD5(seq) AS v FROM seq_1_to_30000000;
	CREATE USER vip@'127.0.0.1' IDENTIFIED BY 'secret' REQUIRE X509;
	GRANT SELECT ON *.* TO vip@'127.0.0.1'} =~ s/seq_1/d.seq_1/r);

my $made = 0;

# Adds a foreign server with these options; returns its name.
sub secure
{
	my (%options) = @_;
	my $name = 'secure' . ++$made;

	Lab::add_server(
		$session, $name,
		port => $server->port,
		host => 'localhost', %options);
	return $name;
}

# A statement that connects with these options and shows the cipher.
sub cipher
{
	my $name = secure(@_);

	return "SELECT * FROM mariadb.query('$name', 'SELECT 1') AS t (i int);
		SELECT coalesce(tls_cipher, 'none') FROM mariadb.connections()
		WHERE server = '$name'";
}

my %good = (
	'required' => { ssl_mode => 'required' },
	'preferred' => { ssl_mode => 'preferred' },
	'required, with a CA' => { ssl_mode => 'required', ssl_ca => "$tls/ca.pem" },
	'verify_ca' => { ssl_mode => 'verify_ca', ssl_ca => "$tls/ca.pem" },
	'verify_ca with a folder' =>
	  { ssl_mode => 'verify_ca', ssl_capath => "$tls/path" },
	'verify_full' => { ssl_mode => 'verify_full', ssl_ca => "$tls/ca.pem" },
	'a certificate of ours' => {
		username => 'vip', ssl_mode => 'verify_full', ssl_ca => "$tls/ca.pem",
		ssl_cert => "$tls/client.pem", ssl_key => "$tls/client.key" });

for my $what (sort keys %good)
{
	my $answer = $session->run(cipher(%{ $good{$what} }));

	like($answer->{out}, qr/^1\n[A-Z0-9_-]{8,}$/, "$what: encrypted")
	  or diag($answer->{err});
}

my $answer = $session->run(cipher(
		ssl_mode => 'verify_ca', ssl_ca => "$tls/ca.pem",
		host => '127.0.0.1'));
like($answer->{out}, qr/^1\n[A-Z0-9_-]{8,}$/, 'verify_ca of another name');

$session->returns(cipher(ssl_mode => 'disabled'), "1\nnone",
	'disabled: not encrypted');
$session->returns(
	cipher(ssl_mode => 'preferred', port => $ENV{MARIADB_PORT}),
	"1\nnone", 'preferred, of a server that cannot: not encrypted');

my %bad = (
	'required of a server that cannot' =>
	  { ssl_mode => 'required', port => $ENV{MARIADB_PORT} },
	'verify_full of a server that cannot' => {
		ssl_mode => 'verify_full', ssl_ca => "$tls/ca.pem",
		port => $ENV{MARIADB_PORT} },
	'verify_ca with another CA' =>
	  { ssl_mode => 'verify_ca', ssl_ca => "$tls/otherca.pem" },
	'verify_full with another CA' =>
	  { ssl_mode => 'verify_full', ssl_ca => "$tls/otherca.pem" },
	'verify_full with a folder of other CAs' =>
	  { ssl_mode => 'verify_full', ssl_capath => '/etc' },
	'verify_full with the CAs of the system' => { ssl_mode => 'verify_full' },
	'verify_full of another name' => {
		ssl_mode => 'verify_full', ssl_ca => "$tls/ca.pem",
		host => '127.0.0.1' },
	'a CA file that is not there' =>
	  { ssl_mode => 'verify_ca', ssl_ca => "$tls/nothing.pem" });

for my $what (sort keys %bad)
{
	$session->fails(cipher(%{ $bad{$what} }), $refused, undef,
		"$what: refused");
}
$session->fails(cipher(username => 'vip', ssl_mode => 'required'),
	'28000', undef, 'an account that needs a certificate of ours: refused');

# A server of somebody else, at an address of this machine as at the end of a
# tunnel, and one that is the right one. Each asks for the password; what comes
# through TLS it notes.
my %addresses = (
	'127.0.0.1' => 'IP:127.0.0.1', '::1' => 'IP:::1',
	localhost => 'DNS:localhost', hostname() => 'DNS:' . hostname());
my $names = join ',', values %addresses;
my %peers = (
	'a stranger with all names' => [ 'stranger', $names, 'otherca' ],
	'a stranger that shows its CA' => [ 'stranger', $names, 'otherca', 'otherca' ],
	'one of another name' => [ 'neighbour', 'DNS:other.example,IP:192.0.2.1', 'ca' ],
	'the right one' => [ 'right', $names, 'ca' ]);
for my $peer (values %peers)
{
	my ($certificate, $of, $ca) = @$peer;
	make_certificate($certificate, 'other.example', $of, $ca);
}

# The address that a host stands for, if a server can listen there.
sub address_of
{
	my ($host) = @_;

	my $listener = IO::Socket::IP->new(LocalHost => $host, Listen => 1, Proto => 'tcp');

	return $listener && $listener->sockhost;
}

# What comes through TLS from a statement that connects to a peer.
sub overheard
{
	my ($host, $peer, %options) = @_;
	my ($certificate, undef, undef, $chain) = @{ $peers{$peer} };
	my $log = "$tls/overheard";

	unlink $log;
	my $fake = Lab::Fake->start_at(address_of($host), \&Lab::Fake::ask_behind_tls,
		$log, "$tls/$certificate.pem", "$tls/$certificate.key",
		$chain ? "$tls/$chain.pem" : ());
	my $answer = $session->run(cipher(
		host => $host, port => $fake->port, password => 'dontshowme', %options));
	$fake->stop;
	open my $file, '<', $log or return ($answer->{code}, '');
	local $/;
	return ($answer->{code}, <$file>);
}

# From 3.4 on the library compares no names with addresses of this machine.
my ($library) = $session->value('SELECT mariadb.version()') =~ /libmariadb ([\d.]+)/;
my $compares = $library =~ /^3\.[0-3]\./;
my %ca = (ssl_ca => "$tls/ca.pem");
my %full = (ssl_mode => 'verify_full');
for my $host (sort keys %addresses)
{
  SKIP:
	{
		skip "no server can listen on $host", 17 unless defined address_of($host);
		for my $peer (grep { !/right/ } sort keys %peers)
		{
			for my $options ({ %full, %ca }, \%full, { ssl_mode => 'verify_ca', %ca })
			{
				my $what = join ' ', "$peer on $host:", map { s/.*\///r }
				  map { ($_, $options->{$_}) } reverse sort keys %$options;

				next if $peer =~ /another name/ && $options->{ssl_mode} eq 'verify_ca';
				my ($code, $seen) = overheard($host, $peer, %$options);
				is($code, $refused, "$what: refused");
				is($seen, '', "$what: gets nothing");
			}
		}
		my ($code, $seen) = overheard($host, 'the right one', %full, %ca);
		if ($compares || $host =~ /[a-z]/)
		{
			like($seen, qr/^got: dontshowme\0$/m, "the right one on $host: gets it");
		}
		else
		{
			is($code, $refused, "the right one on $host, without comparing names: refused");
		}
	}
}
(undef, my $seen) = overheard('localhost', 'the right one', ssl_mode => 'required',
	ssl_ca => "$tls/ca.pem");
unlike($seen, qr/dontshowme/, 'required does not say who may have the password');
like($seen, qr/^got: /, 'though it was asked for');

# What the environment of PostgreSQL would turn off in the library.
sub restart_postgres
{
	my $data = "$ENV{PGHOST}/data";
	my ($uid, $gid) = (stat $data)[ 4, 5 ];
	my $pid = fork // die "could not fork: $!";

	if ($pid == 0)
	{
		POSIX::setgid($gid), POSIX::setuid($uid) if $> == 0;
		open STDOUT, '>', '/dev/null';
		chdir $data;
		exec('pg_ctl', 'restart', '-D', $data, '-w', '-t', '60', '-m', 'fast', '-l',
			"$ENV{PGHOST}/postgres.log") or POSIX::_exit(1);
	}
	waitpid $pid, 0;
	die 'pg_ctl restart failed' if $?;
	$session = connect_to();
}

{
	local $ENV{MARIADB_TLS_DISABLE_PEER_VERIFICATION} = 1;
	restart_postgres();
	for my $options ({ %full, %ca }, { ssl_mode => 'verify_ca', %ca },
		{ ssl_mode => 'required', %ca })
	{
		my $answer = $session->run(cipher(%$options));
		is($answer->{code}, $refused, "$options->{ssl_mode}, without verification: refused");
		like($answer->{err}, qr/MARIADB_TLS_DISABLE_PEER_VERIFICATION/,
			"$options->{ssl_mode}, without verification: the error says why");
	}
	like($session->run(cipher(ssl_mode => 'required'))->{out}, qr/^1\n[A-Z0-9_-]{8,}$/,
		'required, which verifies nothing: encrypted');
}
restart_postgres();

# Rows, and cancel.
my $name = secure(ssl_mode => 'verify_full', ssl_ca => "$tls/ca.pem");
Lab::add_table($session, 'big', 'id int, v text', server => $name,
	dbname => 'd');
$server->sql('CREATE TABLE d.part ENGINE=InnoDB AS
	SELECT seq AS id, SHA2(seq, 256) AS v FROM d.seq_1_to_500000');
Lab::add_table($session, 'part', 'id int, v text', server => $name,
	dbname => 'd');
my $sum = 'count(*), sum(id), md5(string_agg(v, NULL ORDER BY id))';
$session->returns(
	"SELECT $sum FROM part",
	$session->value("SELECT $sum FROM (SELECT id, encode(sha256(id::text::bytea), 'hex') AS v
		FROM generate_series(1, 500000) AS id) AS s"),
	'500000 rows come as they are');

my $watcher = connect_to();
for my $case (
	[ 'SELECT count(v) FROM big', '%big%' ],
	[ "SELECT * FROM mariadb.query('$name', 'SELECT sleep(60) /* nap */') AS t (i int)",
		'%nap%' ])
{
	my ($sql, $seen) = @$case;

	$session->send($sql);
	my $id = Lab::running_thread($seen, $server);
	sleep 0.3;
	$watcher->do('SELECT pg_cancel_backend(' . $session->pid . ')');
	is($session->wait(10)->{code}, '57014', "cancelled: $seen");
	ok(Lab::is_quiet($id, $server), 'MariaDB has stopped working for it');
	$session->returns('SELECT count(v) FROM part', 500000, 'the backend reads on');

	$session->send($sql);
	$id = Lab::running_thread($seen, $server);
	sleep 0.3;
	$server->sql("KILL $id");
	like($session->wait(10)->{code}, qr/^08/, "killed: $seen");
	$session->returns('SELECT count(v) FROM part', 500000, 'the backend reads on');
}

$session->do('BEGIN');
$session->do('SELECT count(*) FROM part');
my $id = $session->value("SELECT remote_thread FROM mariadb.connections()
	WHERE server = '$name'");
$session->returns('SELECT id FROM big LIMIT 1', 1, 'a result is abandoned');
$session->returns('SELECT count(*) FROM part', 500000, 'the transaction continues');
$session->returns("SELECT remote_thread FROM mariadb.connections()
	WHERE server = '$name'", $id, 'on the same connection');
$session->do('COMMIT');

done_testing;
