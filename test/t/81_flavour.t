# Which product does the extension take a server for?  MariaDB and MySQL by
# what they are, whatever they call themselves; and rubbish harms nobody.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $session = new_database('flavour');
my $number = 0;

# What a server that greets and answers so is taken for.
sub product_of
{
	my ($greeting, @answer) = @_;
	my $name = 'fake' . ++$number;
	my $fake = Lab::Fake->start(\&Lab::Fake::send_version, $greeting, @answer);

	Lab::add_server($session, $name, port => $fake->port, ssl_mode => 'disabled');
	my $result = $session->run("SELECT value FROM mariadb.version('$name') WHERE name = 'product'", 60);
	$session->do('SELECT mariadb.disconnect_all()');
	$fake->stop;
	return $result;
}

# A greeting, and what VERSION(), @@version_comment and the comment that
# MariaDB runs give; nothing where the greeting is enough.
my @known = (
	[ 'MariaDB', 'MariaDB', '5.5.5-10.11.6-MariaDB-0+deb12u1' ],
	[ 'MariaDB', 'MariaDB 11', '11.8.3-MariaDB-ubu2404' ],
	[ 'MariaDB', 'a greeting in capitals', '10.6.12-MARIADB-log' ],
	[ 'MySQL', 'MySQL 8.0', '8.0.39-0ubuntu0.24.04.2', '8.0.39-0ubuntu0.24.04.2', '(Ubuntu)', '' ],
	[ 'MySQL', 'MySQL 9', '9.7.0', '9.7.0', 'MySQL Community Server - GPL', '' ],
	[ 'MySQL', 'Aurora', '8.0.mysql_aurora.3.04.0', '8.0.28', 'Source distribution', '' ],
	[ 'MySQL', 'PlanetScale', '8.0.30-Vitess', '8.0.30-Vitess', 'PlanetScale', '' ],
	[ 'MySQL', 'ProxySQL before MySQL', '5.5.30 (ProxySQL)', '8.4.3', 'MySQL Community Server - GPL', '' ],
	[ 'MariaDB', 'ProxySQL before MariaDB', '5.5.30 (ProxySQL)', '10.6.12-MariaDB-log', 'MariaDB Server', 'MariaDB' ],
	[ 'MariaDB', 'MaxScale', '5.5.5-10.6.12 23.08.5-maxscale', '10.6.12-MariaDB', '', 'MariaDB' ],
	[ 'MariaDB', 'MariaDB that hides its version', '8.0.0', '8.0.0', '', 'MariaDB' ],
	[ 'MySQL', 'no version at all', '', '', '', '' ],
	[ 'MySQL', 'rubbish', "\xff\xfe999999999999999999999.1", '-1.x', "\x80", '' ],
	[ 'MySQL', 'ten megabytes', 'x' x 200, '9' x 10_000_000, 'MariaD' x 1_000_000, '' ]);

for my $case (@known)
{
	my ($product, $what, @texts) = @$case;
	my $result = product_of(@texts);

	is($result->{out}, $product, "$product: $what") or diag($result->{err});
}

# A long greeting; longer ones the client library refuses.
is(product_of('8.0.' . 'x' x 1_000 . 'MariaDB')->{out}, 'MariaDB', 'a kilobyte of greeting');
my $refused = product_of('x' x 9_000_000);
is($refused->{code}, 'HV00N', 'nine megabytes of greeting: refused') or diag($refused->{err});

# MariaDB before 10.3 and MySQL before 8.0 cannot describe their schemas to us;
# what a server hides proves nothing, nor what a proxy says of itself.
my $old_mariadb = qr/MariaDB server .* is too old.*has version .*, and 10\.3 is needed/s;
my $old_mysql = qr/MySQL server .* is too old.*has version 5\.\d\.\d+, and 8\.0 is needed/s;
for my $case ([ '0A000', $old_mariadb, '5.5.5-10.2.44-MariaDB-log' ], [ '0A000', $old_mariadb, '5.5.68-MariaDB' ],
	[ '0A000', $old_mariadb, '10.1.48-MariaDB' ], [ 'HV021', undef, '5.5.5-10.3.39-MariaDB' ], [ 'HV021', undef, 'MariaDB' ],
	[ '0A000', $old_mysql, '5.7.44-log', '5.7.44-log', 'MySQL Community Server (GPL)', '' ],
	[ '0A000', $old_mysql, '5.5.30 (ProxySQL)', '5.6.51', '', '' ], [ '0A000', $old_mysql, '8.0.11', '5.7.12', '', '' ],
	[ 'HV021', undef, '5.7.1', '8.0.39', '', '' ], [ 'HV021', undef, '5.7.1', '9.7.0', '', '' ], [ 'HV021', undef, '5.7.1', '', '', '' ])
{
	my ($code, $reason, $greeting, @texts) = @$case;
	my $fake = Lab::Fake->start(\&Lab::Fake::send_version, $greeting, @texts);
	my $name = 'aged' . $fake->port;

	Lab::add_server($session, $name, port => $fake->port, ssl_mode => 'disabled');
	for my $call ("SELECT * FROM mariadb.ddl('$name', 's', 'here')", "SELECT * FROM mariadb.preflight('$name', 's')",
		"CREATE SCHEMA s$name; IMPORT FOREIGN SCHEMA s FROM SERVER $name INTO s$name")
	{
		my $result = $session->run($call);
		is($result->{code}, $code, "$greeting @texts: $call") or diag($result->{err});
		like($result->{err}, $reason, 'it says why') if $reason;
	}
	$fake->stop;
}

# No answer is no version.
my $result = product_of('8.0.36');
is($result->{code}, 'HV021', 'no row: an error');
like($result->{err}, qr/did not report its version/, 'it says what is missing');

# The lab's own server.
my $is_mysql = ($ENV{LAB_SOURCE} // '') eq 'mysql';
$session->returns(q{SELECT value FROM mariadb.version('remote') WHERE name = 'product'}, $is_mysql ? 'MySQL' : 'MariaDB', 'the server of the lab');

# MariaDB, under a name that is not its own.
SKIP:
{
	skip 'MySQL takes no other version', 4 if $is_mysql;
	my $renamed = Lab::Maria->start('renamed', '--version=8.0.36');
	my $count = q{SELECT count(*) FROM mariadb.indexes('%s', 'mysql')};

	Lab::add_server($session, 'renamed', port => $renamed->port);
	$session->returns(q{SELECT value FROM mariadb.version('renamed') WHERE name = 'version'}, '8.0.36', 'MariaDB calls itself 8.0.36');
	$session->returns(q{SELECT value FROM mariadb.version('renamed') WHERE name = 'product'}, 'MariaDB', 'and is MariaDB');
	$session->returns(q{SELECT value ~ 'NO_BACKSLASH_ESCAPES' FROM mariadb.version('renamed') WHERE name = 'sql_mode'}, 't', 'its session is one of MariaDB');
	$session->returns(sprintf($count, 'renamed'), $session->value(sprintf $count, 'remote'), 'and is read as MariaDB');
	$session->do('SELECT mariadb.disconnect_all()');
	$renamed->stop;
}

# Puts another version into a greeting.
sub regreeted
{
	my ($bytes, $version) = @_;
	my $packet = substr($bytes, 4) =~ s/^(\x0a)[^\0]*/$1$version/r;

	return substr(pack('V', length $packet), 0, 3) . "\0" . $packet;
}

# MySQL behind a proxy that greets as MariaDB.
SKIP:
{
	skip "the lab's server is MariaDB", 5 unless $is_mysql;
	my $proxy = Lab::Proxy->new($ENV{MARIADB_PORT});

	$proxy->harm(sub { ($_[1] == 0 ? regreeted($_[0], '5.5.5-10.11.6-MariaDB') : $_[0], 1) });
	Lab::add_server($session, 'disguised', port => $proxy->port);
	$session->returns(q{SELECT value ~ '10.11.6-MariaDB$' FROM mariadb.version('disguised') WHERE name = 'version'}, 't', 'MySQL greets as MariaDB');
	$session->returns(q{SELECT value FROM mariadb.version('disguised') WHERE name = 'product'}, 'MySQL', 'and is MySQL');
	$session->returns(q{SELECT value ~ 'NO_BACKSLASH_ESCAPES' FROM mariadb.version('disguised') WHERE name = 'sql_mode'}, 'f', 'its session is one of MySQL');
	$session->returns(q{SELECT count(*) FROM mariadb.indexes('disguised', 'mysql')},
		$session->value(q{SELECT count(*) FROM mariadb.indexes('remote', 'mysql')}), 'and is read as MySQL');
	$session->fails(q{SELECT mariadb.exec('disguised', 'DO no_such_function()')}, '\w{5}', qr/MySQL server "disguised" reported error/, 'messages call it MySQL');
	$session->do('SELECT mariadb.disconnect_all()');
}

done_testing;
