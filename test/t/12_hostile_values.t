# Does a value that no MariaDB sends bring the server down, or pass for one?
# Each odd value is an error of its own, and what is said of it can be stored.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $session = new_database('hostile_values');
my $server = $session->value('SELECT pg_postmaster_start_time()');

# Wire types.
my %text = (type => 253, charset => 45, flags => 0);
my %decimal = (type => 246, charset => 63, flags => 0, length => 67);
my %bit = (type => 16, charset => 63, flags => 32, length => 64);
my %date = (type => 10, charset => 63, flags => 0);
my %datetime = (type => 12, charset => 63, flags => 0, decimals => 6);
my %time = (type => 11, charset => 63, flags => 0, decimals => 6);
my %year = (type => 13, charset => 63, flags => 0x60, length => 4);
my %set = (type => 254, charset => 45, flags => 2048);
my %enum = (type => 254, charset => 45, flags => 256);
my %geometry = (type => 255, charset => 63, flags => 0x90);
my %bigint = (type => 8, charset => 63, flags => 32);
my %blob = ();

# A value with its length before it.
sub sized
{
	my ($bytes) = @_;

	return (length $bytes < 251 ? chr length $bytes : "\xfe" . pack 'Q<', length $bytes) . $bytes;
}

sub clock { return pack 'C V C C C V', @_ }
sub moment { return pack 'v C C C C C V', @_ }

my $malformed = '22P03';
$session->do(q{CREATE TYPE colour AS ENUM ('red')});

# What it is, the local types, the column, the bytes, the SQLSTATE.
my @cases = (
	[ 'a time of 0xffffffff days', 'time interval text', \%time, sized("\0" . "\xff" x 4 . "\1\2\3" . "\0" x 4), $malformed ],
	[ 'a time of 35 days', 'time interval text', \%time, sized(clock(0, 35, 0, 0, 0, 0)), $malformed ],
	[ 'a time of 24 hours', 'time interval', \%time, sized(clock(0, 0, 24, 0, 0, 0)), $malformed ],
	[ 'a time of 60 minutes', 'time interval', \%time, sized(clock(0, 0, 0, 60, 0, 0)), $malformed ],
	[ 'a time of 255 seconds', 'time interval', \%time, sized(clock(0, 0, 0, 0, 255, 0)), $malformed ],
	[ 'a time of 10^6 microseconds', 'time interval text', \%time, sized(clock(0, 0, 0, 0, 0, 1_000_000)), $malformed ],
	[ 'a time of five bytes', 'time interval text', \%time, sized("\0" x 5), $malformed ],
	[ 'a time of 13 bytes', 'time interval text', \%time, sized("\0" x 13), $malformed ],
	[ 'a date and time of five bytes', 'timestamp timestamptz date text', \%datetime, sized(pack('v C C C', 2020, 1, 1, 1)), $malformed ],
	[ 'a date and time of 12 bytes', 'timestamp text', \%datetime, sized(moment(2020, 1, 1, 0, 0, 0, 0) . "\0"), $malformed ],
	[ 'an hour of 99', 'timestamp timestamptz date text', \%datetime, sized(moment(2020, 1, 1, 99, 0, 0, 0)), $malformed ],
	[ '2^32 - 1 microseconds', 'timestamp timestamptz date text', \%datetime, sized(moment(2020, 1, 1, 0, 0, 0, 0xffffffff)), $malformed ],
	[ 'a month of 255', 'timestamp date', \%datetime, sized(moment(2020, 255, 255, 0, 0, 0, 0)), '22008' ],
	[ 'a year of 65535', 'timestamp date', \%datetime, sized(moment(65535, 13, 1, 0, 0, 0, 0)), '22008' ],
	[ 'a date of one byte', 'date timestamp', \%date, sized("\1"), '22008' ],
	[ 'a date of six bytes', 'date timestamp text', \%date, sized(pack('v C C v', 2020, 1, 1, 0)), $malformed ],
	[ 'a set of 65 members', 'text[]', \%set, sized(join ',', ('a') x 65), $malformed ],
	[ 'a set of 100000 members', 'text[]', \%set, sized(',' x 99_999), $malformed ],
	[ 'a set of bytes', 'text[] text', \%set, sized("a,\xff"), '22021' ],
	[ 'a vector of five bytes', 'real[]', { %blob, option => 'vector(1)' }, sized('abcde'), $malformed ],
	[ 'a bit value of nine bytes', 'bigint int bit(64) varbit text', \%bit, sized("\0" x 9), $malformed ],
	[ 'a bit value of 1000 bytes', 'bigint bit(64) text', \%bit, sized("\1" x 1000), $malformed ],
	[ 'a bit value of no bytes', 'bit(64) varbit', \%bit, sized(''), $malformed ],
	[ 'a bit value of 2^32 - 1 bits', 'bit(64) varbit', { %bit, length => 0xffffffff }, sized("\1" x 8), $malformed ],
	[ 'a geometry of three bytes', 'bytea', \%geometry, sized('abc'), $malformed ],
	[ 'a geometry of no bytes', 'bytea', \%geometry, sized(''), $malformed ],
	[ 'a year of 65535', 'smallint int', \%year, "\xff\xff", $malformed ],
	[ 'a number above bigint', 'bigint int smallint boolean', \%bigint, "\xff" x 8, '22003' ],
	[ 'an unknown label', 'colour', \%enum, sized('blue'), '22P02' ],
	[ 'a label of bytes', 'colour', \%enum, sized("\xff\xfe"), '22P02' ],
	[ 'a character that is cut off', 'text varchar(10) jsonb json xml', \%text, sized("a\xf0"), '22021' ],
	[ 'a character after 98 others that is cut off', 'text varchar(3) jsonb colour', \%text, sized('a' x 98 . "\xf0\x9f"), '22021|22P02' ],
	[ 'a million brackets', 'jsonb json', \%text, sized('[' x 1_000_000), '54001|22P02' ],
	[ 'a million brackets, closed again', 'jsonb json', \%text, sized('[' x 1_000_000 . ']' x 1_000_000), '54001' ],
	[ 'a length that no text has', 'uuid', { %text, charset => 63 }, sized('12345678901234567'), $malformed ],
	(map { [ "a decimal number '" . substr($_, 0, 20) . "'", 'numeric numeric(10,2) text float8', \%decimal, sized($_), $malformed ] }
		'', '-', '.', '-.', '1.2.3', '--1', '1-', ' 1', '1 ', '1e5', 'NaN', 'Infinity', "\xff\xfe", "1\0", '0x10', '9' x 300, '.' . '9' x 300));

my $number = 0;
for my $case (@cases)
{
	my ($what, $types, $column, $bytes, $code) = @$case;
	my $name = 'v' . ++$number;
	my $fake = Lab::Fake->start(\&Lab::Fake::send_value, $bytes, %$column);

	Lab::add_server($session, $name, port => $fake->port, ssl_mode => 'disabled');
	for my $type (split ' ', $types)
	{
		my $option = $column->{option} ? "OPTIONS (remote_type '$column->{option}')" : '';

		$session->do("CREATE FOREIGN TABLE f (c $type $option) SERVER $name OPTIONS (dbname 'd', table_name 't')");
		my $answer = $session->run('SELECT * FROM f');
		failed_with($answer, $code, undef, "$what as $type is an error");
		$session->do('DROP FOREIGN TABLE f');
	}
	$session->do("SELECT mariadb.disconnect_all(); DROP SERVER $name CASCADE");
	$fake->stop;
}

# Reads one value as a type through query.
sub value_as
{
	my ($type, $bytes, %column) = @_;
	my $fake = Lab::Fake->start(\&Lab::Fake::send_value, $bytes, %column);

	Lab::add_server($session, 'good', port => $fake->port, ssl_mode => 'disabled');
	my $answer = $session->run("SELECT c FROM mariadb.query('good', 'SELECT 1') AS t (c $type)");
	$session->do('SELECT mariadb.disconnect_all(); DROP SERVER good CASCADE');
	$fake->stop;
	return $answer->{code} . $answer->{out};
}

# What looks odd and is right.
is(value_as('interval', sized(clock(1, 34, 22, 59, 59, 999_999)), %time), '-838:59:59.999999', 'the longest time is read');
is(value_as('timestamp', sized(moment(9999, 12, 31, 23, 59, 59, 999_999)), %datetime), '9999-12-31 23:59:59.999999', 'so is the last timestamp');
is(value_as('numeric', sized('.' . '0' x 59 . '12345'), %decimal), '0.' . '0' x 59 . '12345', 'and more digits than the short form of numeric has');
is(value_as('numeric', sized('-' . '9' x 65), %decimal), '-' . '9' x 65, 'and the longest decimal');
is(value_as('text[]', sized(join ',', 1 .. 64), %set), '{' . join(',', 1 .. 64) . '}', 'and a set of 64 members');
is(value_as('text', undef, %text), '', 'and NULL');

# Bytes of a server's texts that are invalid here: an error can be stored, as
# can what is shown of the server.
$session->do('CREATE TABLE said (message text, detail text, state text)');
$session->do(<<'SQL');
CREATE FUNCTION say(name text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    m text;
    d text;
    s text;
BEGIN
    PERFORM * FROM mariadb.query(name, 'SELECT 1') AS t (c text);
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS m = MESSAGE_TEXT, d = PG_EXCEPTION_DETAIL, s = RETURNED_SQLSTATE;
    INSERT INTO public.said VALUES (m, d, s);
END
$$
SQL
for my $when ('greeting', 'login', 'query')
{
	my $fake = Lab::Fake->start(\&Lab::Fake::send_error, '42000', "what \xff\xfe\xc3( is \xe9 this \x01", $when);

	Lab::add_server($session, "says_$when", port => $fake->port, ssl_mode => 'disabled');
	$session->do("SELECT say('says_$when')");
	$session->do("SELECT mariadb.disconnect_all()");
	$fake->stop;
}
$session->returns('SELECT count(*) FROM said', 3, 'errors with invalid bytes are caught');
$session->returns(q{SELECT count(*) FROM said WHERE message || detail LIKE '%what%is%this%'}, 3, 'what can be shown of them is shown');

# A state that no error has.
for my $state ('00000', "\xff\xff\xff\xff\xff", 'abcde', '     ', '0000A')
{
	my $fake = Lab::Fake->start(\&Lab::Fake::send_error, $state, 'odd', 'query');

	Lab::add_server($session, 'odd', port => $fake->port, ssl_mode => 'disabled');
	$session->fails(q{SELECT * FROM mariadb.query('odd', 'SELECT 1') AS t (c text)}, 'HV000', qr/odd/,
		'an error of an odd SQLSTATE is one all the same');
	$session->do('SELECT mariadb.disconnect_all(); DROP SERVER odd CASCADE');
	$fake->stop;
}

# A greeting of no bytes at all.
my $mute = Lab::Fake->start(sub { $_[0]->answer('') });
Lab::add_server($session, 'mute', port => $mute->port, ssl_mode => 'disabled', connect_timeout => 2);
$session->fails(q{SELECT * FROM mariadb.query('mute', 'SELECT 1') AS t (c text)}, 'HV00N', qr/could not connect/, 'an empty greeting');
$session->do('DROP SERVER mute CASCADE');
$mute->stop;

# Reports of progress before there is anything to report on: the library reads
# over them, and looks for a version that nobody has sent.
my $progress = "\xff\xff\xff" . "\1\1\2\0\0\0\4work";
for my $count (1, 1e9)
{
	my $reporter = Lab::Fake->start(sub {
		my ($self) = @_;

		$self->answer($progress) for 1 .. $count;
	});

	Lab::add_server($session, 'eager', port => $reporter->port, ssl_mode => 'disabled', connect_timeout => 2);
	$session->fails(q{SELECT * FROM mariadb.query('eager', 'SELECT 1') AS t (c text)}, 'HV00N', qr/could not connect/,
		"$count reports of progress before the greeting");
	$session->do('DROP SERVER eager CASCADE');
	$reporter->stop;
}

# Other texts of a server: its version, a column's name, a bad value.
my $fake = Lab::Fake->start(\&Lab::Fake::send_value, sized("\xff"), %text, name => "n\xff", version => "5.5.5-10.11.0-\xff\xfeMariaDB");
Lab::add_server($session, 'named', port => $fake->port, ssl_mode => 'disabled');
$session->do("SELECT say('named')");
$session->returns(q{SELECT state FROM said WHERE state = '22021'}, '22021', 'so is one about a value');
$session->do(q{SELECT * FROM mariadb.disconnect_all()});
$fake->stop;

$session->returns(q{SELECT count(*) FROM said WHERE convert_from(convert_to(message || coalesce(detail, ''), 'UTF8'), 'UTF8') IS NOT NULL},
	4, 'all that was said is valid text');
my $dump = "$ENV{LAB_DIR}/said.sql";
is(system("pg_dump -t said -f $dump hostile_values"), 0, 'it can be dumped');
$session->do('CREATE TABLE kept AS SELECT * FROM said; DROP TABLE said');
is(system("psql -Xq -v ON_ERROR_STOP=1 -f $dump hostile_values >/dev/null"), 0, 'and restored');
$session->returns('SELECT count(*) FROM (TABLE said EXCEPT TABLE kept) x', 0, 'as it was');

$session->returns('SELECT pg_postmaster_start_time()', $server, 'the server lives');

done_testing;
