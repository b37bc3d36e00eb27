# Can an argument bring the server down?  Each function of the extension is
# called with odd values of each type, made from the catalog, so that a new
# function is in the test from its first day.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $session = new_database('arguments');
my $server = $session->value('SELECT pg_postmaster_start_time()');

maria("CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(10));
	INSERT INTO t VALUES (1, 'one'), (2, NULL)");
Lab::add_table($session, 't', 'id int, v text', server => 'remote');
$session->do(q{ALTER FOREIGN TABLE t ALTER id OPTIONS (ADD key '1')});
$session->do('CREATE SCHEMA arguments; CREATE TABLE local (id int PRIMARY KEY, v text)');
$session->do(q{CREATE TYPE thin AS (a int, b text);
	ALTER TYPE thin DROP ATTRIBUTE a;
	CREATE DOMAIN small AS int CHECK (VALUE < 10);
	CREATE TYPE colour AS ENUM ('red')});

# Of each type the plain value first, then what nobody should pass.
my $long = "repeat('x', 100000)";
my @texts = (q{'arguments'}, q{''}, q{'.'}, q{'"'}, q{E'\\\\'}, q{'a.b"c'''}, q{chr(1)}, $long,
	q{'null'}, "'{'", "'['", "'('", q{'-1'}, q{'%s%n%'}, q{U&'\00e9\+01f600'});
my @numbers = (1, 0, -1, 2147483647, -2147483648);
my %values = (
	name => [ q{'remote'}, q{''}, q{'nowhere'}, q{repeat('x', 63)} ],
	text => \@texts,
	'text[]' => [ q{'{t}'}, q{'{}'}, q{'{NULL}'}, q{'{{a,b},{c,d}}'}, q{'[-3:-2]={a,b}'},
		q{'{"","\"","t"}'}, q{'{user=x,port}'}, q{array_fill('x'::text, ARRAY[1000])} ],
	jsonb => [ q{'{}'}, q{'null'}, q{'[]'}, q{'1'}, q{'"x"'}, q{'{"a":null}'}, q{'{"tables":["t",null]}'},
		q{'{"workers":-1}'}, q{'{"workers":1e999}'}, q{'{"tables":{"a":[[[]]]}}'} ],
	integer => \@numbers,
	bigint => [ @numbers, '9223372036854775807', '-9223372036854775808' ],
	boolean => [ 'false', 'true' ],
	oid => [ q{'local'::regclass}, 0, 1, 4294967295, q{'pg_class'::regclass} ],
	regrole => [ q{'pg_monitor'}, 0, 4294967295 ],
	'boolean[]' => [ q{'{t}'}, q{'{}'}, q{'{NULL}'}, q{'{{t,f},{f,t}}'} ],
	regclass => [ q{'t'::regclass}, 0, 4294967295, q{'local'::regclass}, q{'pg_class'::regclass}, q{'pg_stat_activity'::regclass} ],
	'regclass[]' => [ q{'{t}'}, q{'{}'}, q{'{NULL}'}, q{'{{t,local}}'}, q{'{0,4294967295}'} ],
	'oid[]' => [ q{'{0}'}, q{'{}'}, q{'{NULL}'}, q{'{{0,1}}'}, q{'{4294967295}'} ],
	numeric => [ 1, 0, -1, q{'NaN'}, '1e1000', '-1e-1000' ],
	'double precision' => [ 0.5, -1, q{'NaN'}, q{'Infinity'}, q{'-Infinity'}, '1e308' ],
	'timestamp with time zone' => [ 'now()', q{'infinity'}, q{'-infinity'}, q{'4713-01-01 BC'} ],
	uuid => [ q{'00000000-0000-0000-0000-000000000000'}, q{'ffffffff-ffff-ffff-ffff-ffffffffffff'} ],
	bytea => [ q{''}, q{'\x00'}, qq{decode(repeat('ff', 24), 'hex')}, q{convert_to(repeat('x', 100000), 'UTF8')} ],
	'"any"' => [ q{'x'::text}, q{''::text}, '1', q{ROW(1)} ],
	internal => [ 'NULL' ],
	'integer[]' => [ q{'{0}'}, q{'{}'}, q{'{NULL}'}, q{'{-1}'}, q{'{-2}'}, q{'{6}'}, q{'{7}'}, q{'{-3}'}, q{'{-2147483648}'},
		q{'{-2000000000}'}, q{'{2147483647}'}, q{'{0,0}'}, q{'{-1,6}'}, q{'{{0},{0}}'}, q{'[5:5]={0}'}, q{array_fill(0, ARRAY[2000])} ],
	record => [ q{ROW(1)}, q{ROW()}, q{ROW(NULL)}, q{ROW('2020-01-01'::timestamp)}, q{ROW('12:00'::time)},
		q{ROW('infinity'::timestamp)}, q{ROW('4713-01-01 BC'::date)}, q{ROW('5874897-12-31'::date)},
		q{ROW('-9223372036854775808 microseconds'::interval)}, q{ROW('178000000 years'::interval)},
		q{ROW(1, 'a'::text)}, q{ROW(repeat('x', 100000))}, q{ROW('{}'::text[])}, q{ROW('{{a,NULL},{b,c}}'::text[])},
		q{ROW(B'')}, q{ROW(B'1010101'::varbit)}, q{ROW('::/0'::inet)}, q{ROW('red'::colour)}, q{ROW(1::small)},
		q{ROW(1e1000::numeric)}, q{ROW('NaN'::float8)}, q{ROW(ROW(1))}, q{ROW('a'::"char")}, q{ROW('x')}, q{ROW('\xff'::bytea)},
		q{ROW('x')::thin}, q{NULL::thin}, q{(SELECT t FROM local t)}, q{(SELECT c FROM pg_class c LIMIT 1)},
		q{ROW(ARRAY[ROW(1)])}, q{ROW('{}'::jsonb)}, q{ROW('[1,2)'::int4range)} ]);

# Runs a statement and returns the SQLSTATE of its error, or nothing.
$session->do(<<'SQL');
CREATE SCHEMA helper;
CREATE FUNCTION helper.try(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    state text;
    message text;
BEGIN
    BEGIN
        EXECUTE statement;
        RETURN NULL;
    EXCEPTION
        WHEN query_canceled OR OTHERS THEN
            GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT;
            RETURN state || ' ' || message;
    END;
END
$$
SQL

# Calls of a function: plain values with an odd one or NULL at each place.
sub calls_of
{
	my ($name, $kind, @types) = @_;
	my @lists = map { $values{$_} // die "no values for type $_ of $name" } @types;
	my @plain = map { $_->[0] } @lists;
	my @calls = ([@plain], [ ('NULL') x @types ], [ map { $_->[-1] } @lists ]);
	my $verb = $kind eq 'p' ? 'CALL ' : 'SELECT * FROM ';

	for my $place (0 .. $#types)
	{
		for my $value (@{ $lists[$place] }, 'NULL')
		{
			my @arguments = @plain;

			$arguments[$place] = $value;
			push @calls, \@arguments;
		}
	}
	# A format for each kind of value, of which row_hash knows many.
	if ("@types" eq 'integer[] record text')
	{
		push @calls, map { my $formats = $_; map { [ $formats, $_, "'sha256'" ] } @{ $values{record} } } @{ $values{'integer[]'} };
	}
	return map {
		my @arguments = @$_;
		"$verb $name(" . join(', ', map { $types[$_] eq '"any"' ? $arguments[$_] : "($arguments[$_])::$types[$_]" } 0 .. $#types) . ')';
	} @calls;
}

# Calls all functions of a list in a session; the errors that are none of ours.
sub call_all
{
	my ($caller, $condition, $least) = @_;
	my $list = $session->value("SELECT pronamespace::regnamespace || '.' || proname || '|' || prokind::text || '|' || coalesce(array_to_string(ARRAY(
			SELECT format_type(t, NULL) FROM unnest(proargtypes) WITH ORDINALITY AS a (t, n) ORDER BY n), ','), '')
		FROM pg_proc WHERE pronamespace IN ('mariadb'::regnamespace, 'mariadb_internal'::regnamespace)
			AND prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype) AND $condition
		ORDER BY 1");
	my ($functions, $calls) = (0, 0);
	my (@internal, %states);

	for my $line (split /\n/, $list)
	{
		my ($name, $kind, $types) = split /\|/, $line;

		# One of them drops what it is given.
		$session->do('CREATE SCHEMA IF NOT EXISTS arguments');
		$functions++;
		for my $call (calls_of($name, $kind, split /,/, $types))
		{
			(my $quoted = $call) =~ s/'/''/g;
			my $answer = $caller->run("SELECT helper.try('$quoted')", 60);

			$calls++;
			if ($answer->{ended} || $answer->{code} ne '')
			{
				fail("$call");
				diag($answer->{err});
				return;
			}
			$states{ substr $answer->{out}, 0, 5 }++;
			push @internal, "$call: $answer->{out}" if $answer->{out} =~ /^XX/;
		}
	}
	cmp_ok($functions, '>=', $least, "$functions functions are called, $calls times");
	note(join ', ', map { ($_ || 'success') . ": $states{$_}" } sort keys %states);
	is(join("\n", @internal), '', 'no error is an internal one');
}

# What everybody may call, as somebody who may do nothing else.
$session->do('DROP ROLE IF EXISTS arguments_nobody; CREATE ROLE arguments_nobody');
$session->do('GRANT USAGE ON SCHEMA mariadb TO arguments_nobody; GRANT USAGE ON SCHEMA public, helper TO arguments_nobody');
my $nobody = connect_to();
$nobody->do("SET ROLE arguments_nobody; SET client_min_messages = error; SET statement_timeout = '20s'");
call_all($nobody, "has_function_privilege('public', oid, 'EXECUTE')", 10);

# The rest, with all rights.
my $owner = connect_to();
$owner->do("SET client_min_messages = error; SET statement_timeout = '20s'");
call_all($owner, "NOT has_function_privilege('public', oid, 'EXECUTE')", 100);

# By hand: the formats of row_hash, of which each read or wrote out of bounds.
for my $format (-2147483648, -2000000000, -3, 7, 2147483647)
{
	$owner->fails("SELECT mariadb_internal.row_hash('{$format}', ROW('2020-01-01 01:02:03.4'::timestamp))",
		'22023', qr/row_hash does not support format $format/, "format $format is refused");
}
$owner->returns(q{SELECT count(DISTINCT mariadb_internal.row_hash(f::int[], ROW('12:00:00.5'::time)))
		FROM unnest('{"{0}","{1}","{-2}"}'::text[]) AS f}, 3, 'each row is hashed by its own formats');
$owner->fails(q{SELECT mariadb_internal.add_digests('{rubbish}')}, '22023', qr/is not a digest/, 'what is not a digest is not added');
$owner->fails(q{SELECT mariadb_internal.add_digests('{NULL}')}, '22004', undef, 'nor is NULL');
$owner->returns(q{SELECT mariadb_internal.add_digests('{}')}, '0' x 32, 'nothing adds up to nothing');

$session->fails(q{SELECT * FROM mariadb.tables('remote', U&'\\+01f600')}, 'HV00Q', qr/does not exist/,
	'a name that MariaDB cannot have is one of no schema');

# What is shown may be gone: the role, the server, both.
for my $drop ('DROP OWNED BY arguments_gone; DROP ROLE arguments_gone', 'DROP SERVER gone CASCADE',
	'DROP SERVER gone CASCADE; DROP OWNED BY arguments_gone; DROP ROLE arguments_gone')
{
	Lab::add_server($session, 'gone');
	$session->do("CREATE ROLE arguments_gone; GRANT USAGE ON FOREIGN SERVER gone TO arguments_gone;
		GRANT USAGE ON SCHEMA mariadb TO arguments_gone; GRANT EXECUTE ON FUNCTION mariadb.query TO arguments_gone;
		CREATE USER MAPPING FOR arguments_gone SERVER gone OPTIONS (username '$ENV{MARIADB_USER}', password '$ENV{MARIADB_PASSWORD}')");
	$session->do(q{BEGIN; SET LOCAL ROLE arguments_gone; SELECT * FROM mariadb.query('gone', 'SELECT 1') AS t (i int); RESET ROLE});
	$session->do($drop);
	$session->returns(q{SELECT server IS NULL, user_name IS NULL, state FROM mariadb.connections() WHERE state = 'reading'},
		($drop =~ /SERVER/ ? 't' : 'f') . '|' . ($drop =~ /ROLE/ ? 't' : 'f') . '|reading', "a connection is shown after $drop");
	$session->do('ROLLBACK; SELECT mariadb.disconnect_all(); DROP OWNED BY arguments_gone; DROP ROLE arguments_gone; DROP SERVER gone CASCADE');
}

$session->returns('SELECT pg_postmaster_start_time()', $server, 'the server lives');
$nobody->do('RESET ROLE; DROP OWNED BY arguments_nobody; DROP ROLE arguments_nobody');

done_testing;
