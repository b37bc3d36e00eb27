# What a statement of a move sees of the session's settings is the same with
# any number of workers, and with all in one transaction: code of the target's
# owner, such as the function of a CHECK, finds what it names or does not.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $session = new_database('settings');

maria('CREATE TABLE a (id INT PRIMARY KEY, v INT); INSERT INTO a SELECT seq, seq % 10 FROM seq_1_to_100;
	CREATE TABLE b (id INT PRIMARY KEY, v INT); INSERT INTO b SELECT seq, seq % 10 FROM seq_1_to_100');
$session->do(q{CREATE FUNCTION public.limit_of() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 10';
	CREATE FUNCTION public.is_small(v int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE
		AS 'BEGIN RETURN v < limit_of(); END';
	CREATE FUNCTION public.is_small_here(v int) RETURNS boolean LANGUAGE plpgsql IMMUTABLE
		SET search_path = public AS 'BEGIN RETURN v < limit_of(); END'});

# Moves into tables with a condition, in one of the ways.
my @ways = ('"workers": 0', '"workers": 1', '"workers": 2', '"one_transaction": true');

sub move
{
	my ($way, $condition, $options) = @_;

	$session->do("DROP SCHEMA IF EXISTS moved CASCADE; CREATE SCHEMA moved;
		CREATE TABLE moved.a (id int PRIMARY KEY, v int CHECK ($condition));
		CREATE TABLE moved.b (id int PRIMARY KEY, v int CHECK ($condition))");
	return $session->run("CALL mariadb.migrate('remote', 'settings', 'moved', '{\"data_only\": true, $way$options}')", 120);
}

$session->do('SET search_path = public');
for my $way (@ways)
{
	my $answer = move($way, 'public.is_small(v)', '');
	is($answer->{code}, '42883', "$way: a CHECK does not find what it names without a schema");
	like($answer->{err}, qr/function limit_of\(\) does not exist/, "$way: and says so");
	$answer = move($way, 'public.is_small_here(v)', '');
	is($answer->{code}, '', "$way: one with a search_path of its own works") or diag($answer->{err});
	$session->returns('SHOW search_path', 'public', "$way: the session's is back");
}

# What a trigger sees that runs for each row, whoever stores it.
$session->do(q{CREATE TABLE public.seen (way text, settings text);
	CREATE FUNCTION public.look() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO public.seen SELECT current_setting('my.way'), string_agg(s || ': ' || current_setting(s), '; ')
		FROM unnest('{search_path,transaction_isolation,transaction_read_only,session_replication_role,
			statement_timeout,datestyle,timezone,bytea_output,extra_float_digits,row_security,role}'::text[]) s;
		RETURN NEW;
	END $$;
	SET default_transaction_isolation = serializable; SET datestyle = 'German'; SET timezone = 'Asia/Tokyo';
	SET client_min_messages = error});
for my $way (@ways[0 .. 2])
{
	$session->do("SET my.way = '$way'; DROP SCHEMA IF EXISTS moved CASCADE; CREATE SCHEMA moved;
		CREATE TABLE moved.a (id int PRIMARY KEY, v int);
		CREATE TRIGGER look BEFORE INSERT ON moved.a FOR EACH ROW EXECUTE FUNCTION public.look();
		ALTER TABLE moved.a ENABLE ALWAYS TRIGGER look");
	my $answer = $session->run("CALL mariadb.migrate('remote', 'settings', 'moved',
		'{\"data_only\": true, \"tables\": [\"a\"], $way}')", 120);
	is($answer->{code}, '', "$way: rows come past a trigger") or diag($answer->{err});
}
$session->returns('SELECT count(DISTINCT way) FROM public.seen', 3, 'the trigger has run in each way');
$session->returns('SELECT DISTINCT settings FROM public.seen', 'search_path: pg_catalog, pg_temp; transaction_isolation: read committed; '
	  . 'transaction_read_only: off; session_replication_role: replica; statement_timeout: 0; datestyle: German, DMY; '
	  . 'timezone: Asia/Tokyo; bytea_output: hex; extra_float_digits: 1; row_security: on; role: none',
	'and has seen the same settings');

# Who calls migrate in a procedure continues with settings as after a COMMIT.
for my $way (@ways[0 .. 2])
{
	$session->do("DROP SCHEMA IF EXISTS moved CASCADE; CREATE SCHEMA moved; CREATE TABLE moved.a (id int PRIMARY KEY, v int);
		TRUNCATE public.seen; SET search_path = public");
	my $answer = $session->run("DO \$do\$ BEGIN
		CALL mariadb.migrate('remote', 'settings', 'moved', '{\"data_only\": true, \"tables\": [\"a\"], $way}');
		INSERT INTO seen SELECT limit_of(), concat_ws(' ', current_setting('search_path'), current_setting('transaction_isolation'));
		END \$do\$", 120);
	is($answer->{code}, '', "$way: a procedure continues after the call") or diag($answer->{err});
	$session->returns('SELECT settings FROM public.seen', 'public serializable', "$way: with the settings of the session");
	$session->do('RESET search_path');
}
done_testing;
