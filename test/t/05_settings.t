# What the server's configuration says of sessions must not change a result.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $session = new_database('settings');

maria(q{SET time_zone = '+00:00';
	CREATE TABLE t (id int PRIMARY KEY, c char(10), s timestamp(6) NULL,
		d datetime, v text, "q" int) ENGINE=InnoDB}
	  =~ s/"/`/gr . q{;
	INSERT INTO t SELECT seq, CONCAT('a', seq % 10),
		'2024-02-29 12:34:56.789' + INTERVAL seq SECOND,
		'2024-02-29 12:34:56', 'it''s \\\\ and "x"', NULL
	FROM seq_1_to_20000});
Lab::add_table($session, 't',
	'id int, c text, s timestamptz, d timestamp, v text, q int');
$session->do("SET timezone = 'UTC'");

my %queries = (
	'all rows' => 'SELECT count(*), count(c), min(id), max(id) FROM t',
	'a digest' =>
	  'SELECT md5(string_agg(t::text, $$,$$ ORDER BY id)) FROM t',
	'a condition' => 'SELECT c || $$|$$, s, d, v FROM t WHERE id = 17',
	'a range of days' =>
	  q{SELECT count(*) FROM t WHERE s < '2024-02-29 13:00:00+00'},
	'mariadb.query' => q{SELECT count(*), max(length(c)), max(s)
		FROM mariadb.query('remote', 'SELECT c, s FROM settings.t')
		AS t (c text, s timestamptz)},
	'a statement that takes a while' =>
	  q{SELECT * FROM mariadb.query('remote', 'SELECT sleep(0.5)') AS t (i int)},
	'a foreign table made by IMPORT' => q{CREATE SCHEMA i;
		IMPORT FOREIGN SCHEMA settings FROM SERVER remote INTO i;
		SELECT string_agg(attname || ' ' || atttypid::regtype, ', ' ORDER BY attnum)
		FROM pg_attribute WHERE attrelid = 'i.t'::regclass AND attnum > 0;
		SELECT count(*) FROM i.t; DROP SCHEMA i CASCADE});
my %expected = map { $_ => $session->do($queries{$_}) } keys %queries;

like($expected{'all rows'}, qr/^20000\|20000\|1\|20000$/, 'the table is whole');
is($expected{'a condition'},
	'a7||2024-02-29 12:35:13.789+00|2024-02-29 12:34:56|it\'s \\ and "x"',
	'a row is right');

my %hostile = (
	sql_select_limit => 5,
	sql_mode => "'ANSI_QUOTES,PAD_CHAR_TO_FULL_LENGTH'",
	max_statement_time => 0.2,
	time_zone => "'+05:00'",
	sql_safe_updates => 1,
	max_join_size => 10,
	sql_big_selects => 0,
	group_concat_max_len => 4,
	lc_time_names => "'de_DE'",
	div_precision_increment => 0,
	character_set_server => 'latin1',
	collation_server => 'latin1_swedish_ci',
	tx_isolation => "'READ-UNCOMMITTED'",
	completion_type => 2,
	autocommit => 0);
my %also = (
	'Oracle' => { sql_mode => "'ORACLE'" },
	'strict ANSI' => { sql_mode => "'ANSI,TRADITIONAL,EMPTY_STRING_IS_NULL'" });

if (Lab::Maria->is_mysql)
{
	diag('not in MySQL: max_statement_time, tx_isolation, ORACLE, EMPTY_STRING_IS_NULL');
	delete @hostile{qw(max_statement_time tx_isolation)};
	%hostile = (
		%hostile,
		max_execution_time => 200,
		transaction_isolation => "'READ-UNCOMMITTED'",
		cte_max_recursion_depth => 1,
		explain_format => "'TREE'",
		information_schema_stats_expiry => 86400,
		show_gipk_in_create_table_and_information_schema => 0);
	%also = ('strict ANSI' => { sql_mode => "'ANSI,TRADITIONAL,TIME_TRUNCATE_FRACTIONAL'" });
}
%also = (
	%also,
	'each of them' => \%hostile);
$also{$_} = { $_ => $hostile{$_} } for keys %hostile;

for my $what (sort keys %also)
{
	my %settings = %{ $also{$what} };

	# All are read first, since a character set brings its collation along.
	my %before = map { $_ => maria("SELECT \@\@GLOBAL.$_") } keys %settings;
	maria("SET GLOBAL $_ = $settings{$_}") for sort keys %settings;
	my $fresh = connect_to();
	$fresh->do("SET timezone = 'UTC'; SET client_min_messages = error");
	my @wrong = grep { $fresh->run($queries{$_})->{out} ne $expected{$_} }
	  sort keys %queries;
	is("@wrong", '', "$what: no result differs");
	$fresh->quit;

	for my $name (sort keys %before)
	{
		my $value = $before{$name};
		$value = "'$value'" unless $value =~ /^[\d.]+$/;
		maria("SET sql_mode = ''; SET GLOBAL $name = $value");
	}
}

done_testing;
