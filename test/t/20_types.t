# Every value of every type arrives as it is, or is refused by name.
#
# The judge is MariaDB's own client: it says each value in text, and a table
# of these texts is joined with what the wrapper has read, by the key and in
# both directions.  Types.pm has the types, their values and how they are read.
use strict;
use warnings;
use utf8;

use Encode qw(encode);
use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;
use Types;

binmode $_, ':utf8' for Test::More->builder->output,
  Test::More->builder->failure_output, Test::More->builder->todo_output;

my $prepare = "SET NAMES utf8mb4; SET sql_mode = '$sql_mode', time_zone = '+00:00';";
my $packet = maria('SELECT @@GLOBAL.max_allowed_packet');
my $session;
my $is_mysql = Lab::Maria->is_mysql;
my %compared;
my %total = (rows => 0, values => 0, nulls => 0);

# Values of 64 MB and rows of 100 MB must get through the server.
maria('SET GLOBAL max_allowed_packet = 268435456');
END { maria("SET GLOBAL max_allowed_packet = $packet") if $packet }

$session = new_database('types');
run_here(<<'SQL');
CREATE SCHEMA remote;
CREATE SCHEMA moved;
CREATE SCHEMA said;
ALTER DATABASE types SET timezone = 'Asia/Kathmandu';
SET timezone = 'Asia/Kathmandu';
-- Of WKB with an SRID in it: the SRID, and the WKB without.
CREATE FUNCTION srid_of(bytea) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN get_byte($1, 4) & 32 = 0 THEN 0 ELSE get_byte($1, 5)
        + get_byte($1, 6) * 256::bigint + get_byte($1, 7) * 65536::bigint
        + get_byte($1, 8) * 16777216::bigint END $$;
CREATE FUNCTION wkb_of(bytea) RETURNS bytea LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN get_byte($1, 4) & 32 = 0 THEN $1
        ELSE set_byte(substr($1, 1, 5), 4, get_byte($1, 4) - 32) || substr($1, 10) END $$;
SQL

compare_all_types();
compare_other_choices();
compare_column_orders();
compare_other_pairs();
refuse_bad_pairs();
try_policies();
try_other_encoding();
check_coverage();
diag("$total{rows} rows, $total{values} values compared, $total{nulls} of them NULL");
done_testing;

sub run_here { return $session->do(encode('UTF-8', $_[0]), 120) }
sub run_there { return maria(encode('UTF-8', "$prepare USE types; $_[0]")) }
sub name_here { return '"' . ($_[0] =~ s/"/""/gr) . '"' }

# Loads what MariaDB's client prints for queries into a table of texts.  The
# texts are digits, words and hexadecimal, so that NULL is not one of them.
sub load_said
{
	my ($name, $columns, @queries) = @_;
	my $file = "$ENV{LAB_DIR}/said";

	open my $client, '|-', "mariadb $ENV{MARIADB_ARGS} -N -B --quick types > $file"
	  or die "could not start mariadb: $!";
	print $client encode('UTF-8', "$_;\n") for $prepare, @queries;
	close $client or die "mariadb failed for @queries";
	run_here("CREATE TABLE said.$name (" . join(', ', @$columns) . ')');
	run_here("\\copy said.$name FROM '$file' WITH (NULL 'NULL')\nANALYZE said.$name");
	unlink $file;
}

# Makes a table there, moves it here by its foreign table, and compares all.
sub compare_table
{
	my ($table) = @_;
	my $name = $table->{name};
	my $options = $table->{import} ? "OPTIONS ($table->{import})" : '';

	run_there(join ';', create_sql($table), fill_sql($table));
	run_here("IMPORT FOREIGN SCHEMA types LIMIT TO ($name) FROM SERVER remote
		INTO remote $options; CREATE TABLE moved.$name AS SELECT * FROM remote.$name");
	compare_columns($name, map { [$_->[0], $_->[2]] } ['id', '', 'integer'],
		columns_of($table));
}

sub compare_columns
{
	my ($name, @columns) = @_;
	my @said = map { (kind($_->[1], name_there($_->[0])))[0] } @columns;
	my (@tests, @nulls, @different);

	load_said($name, ['key integer PRIMARY KEY',
			map { name_here($_->[0]) . ' text' } @columns],
		'SELECT ' . join(', ', 'id', @said) . " FROM $name");
	for my $column (@columns)
	{
		push @tests, 'count(*) FILTER (WHERE ' . join(' IS DISTINCT FROM ', sides(@$column)) . ')';
		push @nulls, 'count(*) - count(m.' . name_here($column->[0]) . ')';
		$compared{$name}{ $column->[0] } = 1;
	}
	my $join = "moved.$name m FULL JOIN said.$name s ON s.key = m.id";
	my ($rows, $lost, $invented, $nulls, @counts) = split /\|/,
	  run_here('SELECT count(*), count(*) FILTER (WHERE m.id IS NULL),
		count(*) FILTER (WHERE s.key IS NULL), ' . join(', ', join(' + ', @nulls), @tests) . " FROM $join");

	is("$lost lost, $invented invented", '0 lost, 0 invented', "$name: $rows rows");
	for my $i (grep { $counts[$_] } 0 .. $#columns)
	{
		push @different, "$columns[$i][0] $counts[$i]";
		show_differences($columns[$i], $join);
	}
	is("@different", '', "$name: every value of " . @columns . ' columns');
	$total{rows} += $rows;
	$total{values} += $rows * @columns;
	$total{nulls} += $nulls;
}

# A column's value and what MariaDB has said, as texts to be equal.
sub sides
{
	my ($column, $kind) = @_;
	my $name = name_here($column);

	return (kind($kind, '', "m.$name", "s.$name"))[1, 2];
}

sub show_differences
{
	my ($column, $join) = @_;
	my ($here, $there) = sides(@$column);

	diag("$column->[0]: id, here, there:\n" . run_here(
			"SELECT m.id, left($here, 200), left($there, 200) FROM $join
			WHERE $here IS DISTINCT FROM $there ORDER BY m.id LIMIT 3"));
}

sub compare_all_types
{
	compare_table($_) for tables();
	compare_large_values();
}

# Up to 64 MB in a value and 100 MB in a row, and lengths around the borders
# of their prefix.
sub compare_large_values
{
	my @columns = (
		['tx', 'LONGTEXT'], ['bl', 'LONGBLOB'], ['b1', 'LONGBLOB'],
		['b2', 'LONGBLOB'], ['b3', 'LONGBLOB']);
	my $filler = sub { "REPEAT(CHAR(seq % 251, $_[0]), $_[1] / 2)" };
	my $text = "CONCAT(REPEAT('é😀x', 9586980), 'done')";
	my $blob = "REPEAT(x'00FF41C3', 16777216)";
	my $third = "REPEAT(MD5(7), 983040)";

	run_there('CREATE TABLE large (id INT PRIMARY KEY AUTO_INCREMENT, '
		  . join(', ', map { join ' ', @$_ } @columns) . ');' . <<"SQL");
		INSERT INTO large (tx, bl, b1, b2, b3) VALUES
			('', '', '', '', ''), (NULL, NULL, NULL, NULL, NULL);
		INSERT INTO large (tx, bl, b1)
		SELECT REPEAT('x', seq), REPEAT(x'00', seq), REPEAT('é', seq DIV 2)
		FROM seq_0_to_300
		UNION ALL SELECT REPEAT('y', seq), REPEAT(x'FF', seq), NULL
		FROM seq_65530_to_65540
		UNION ALL SELECT REPEAT('z', seq), REPEAT(x'01', seq), ''
		FROM seq_16777213_to_16777218;
		INSERT INTO large (tx) VALUES ($text);
		INSERT INTO large (bl) VALUES ($blob);
		INSERT INTO large (tx, b1, b2, b3)
		VALUES (REPEAT('0123456789', 1048576), $third, CONCAT($third, 1), $third);
SQL
	run_here("IMPORT FOREIGN SCHEMA types LIMIT TO (large) FROM SERVER remote INTO remote;
		CREATE TABLE moved.large AS SELECT * FROM remote.large WHERE false");
	run_here("ALTER TABLE moved.large ALTER $_->[0] SET STORAGE EXTERNAL") for @columns;
	run_here('INSERT INTO moved.large SELECT * FROM remote.large');
	compare_columns('large', ['id', 'integer'], map { [$_->[0], 'large'] } @columns);
	run_here('TRUNCATE moved.large');
	run_there('TRUNCATE large');
}

# What an import's options choose instead, and how then the columns of a name
# like this say their values.
sub compare_other_choices
{
	my $plain = '{}::text';
	my $utc = q{({} AT TIME ZONE 'UTC')::text};
	my $bits = q{ltrim(('x' || encode({}, 'hex'))::varbit::text, '0')};
	my $uuid = q{upper(replace({}::text, '-', ''))};
	my $json = '{}::jsonb::text || jsonb_hash_extended({}::jsonb, 0)';
	my $members = q{cardinality(string_to_array({}, ',')) || ' ' || upper(encode(convert_to({}, 'UTF8'), 'hex'))};

	for my $case (
		['integers', "tinyint1_as 'smallint'", qr/^(tb|bo)$/, $plain],
		['bits', "bit1_as 'bit', bit_as 'bytea'", qr/^b1$/, $plain, qr/^b/, $bits],
		['times', "timestamp_as 'timestamptz', time_as 'interval'", qr/^ts/, $utc],
		['texts', "char_as 'char'"],
		['texts', "char_as 'text', varchar191_as 'text'"],
		['bytes', "binary16_as 'uuid'", qr/^(bn|cb)$/, $uuid],
		['enums', "set_as 'text'", qr/^s/, $members],
		['jsons', "json_as 'json'", qr/^j/, $json],
		['jsons', "json_as 'text'", qr/^j/, $json])
	{
		my ($name, $options, @changes) = @$case;
		my ($table) = grep { $_->{name} eq $name } tables();
		my @tests;

		for my $column (columns_of($table))
		{
			my ($here, $there) = sides(@$column[0, 2]);
			my @rest = @changes;
			while (my ($pattern, $text) = splice @rest, 0, 2)
			{
				next unless $column->[0] =~ $pattern;
				$here = filled($text, 'm.' . name_here($column->[0]));
				last;
			}
			push @tests, "count(*) FILTER (WHERE $here IS DISTINCT FROM $there) || ' of $column->[0]'";
		}
		run_here("DROP SCHEMA IF EXISTS other CASCADE; CREATE SCHEMA other;
			IMPORT FOREIGN SCHEMA types LIMIT TO ($name) FROM SERVER remote
			INTO other OPTIONS ($options)");
		my @counts = split /\|/, run_here('SELECT ' . join(', ', @tests)
			  . " FROM other.$name m FULL JOIN said.$name s ON s.key = m.id");
		is(join(', ', grep { !/^0 / } @counts), '', "$name: $options");
		is(scalar @counts, scalar columns_of($table), "$name: all columns");
	}
}

# The NULL bitmap and the columns in a row: any number of columns, in
# any order, with any of them NULL.
sub compare_column_orders
{
	my $rows = 200;
	my @types = (
		['TINYINT', 'smallint', 'integer', '@n % 100'],
		['SMALLINT UNSIGNED', 'integer', 'integer', '@n % 65536'],
		['MEDIUMINT', 'integer', 'integer', '@n % 8388608'],
		['INT', 'integer', 'integer', '@n % 2147483648'],
		['BIGINT', 'bigint', 'integer', 'CAST(@u AS SIGNED)'],
		['FLOAT', 'real', 'decimal', '(@n % 2000) / 4'],
		['DOUBLE', 'double precision', 'decimal', '(@n % 2000000) / 4 - 250000'],
		['DECIMAL(5,2)', 'numeric(5,2)', 'decimal', '(@n % 100000) / 100'],
		['VARCHAR(4)', 'varchar(4)', 'text', 'LEFT(@h, @n % 5)'],
		['CHAR(2)', 'text', 'text', 'LEFT(@h, 2)'],
		['VARBINARY(5)', 'bytea', 'bytes', 'UNHEX(LEFT(@h, 2 * (@n % 6)))'],
		['BIT(9)', 'bit(9)', 'bit', '@n % 512'],
		['DATE', 'date', 'date', "'2000-01-01' + INTERVAL \@n % 9999 DAY"],
		['TIME', 'time', 'time', 'SEC_TO_TIME(@n % 3 * 3601)'],
		['DATETIME', 'timestamp', 'datetime', "'2000-01-01' + INTERVAL \@n % 3 * 3601 SECOND"],
		['YEAR', 'smallint', 'integer', '1901 + @n % 200'],
		["ENUM('a','b')", 'text', 'text', '1 + @n % 2'],
		["SET('a','b')", 'text', 'text', '@n % 4']);
	my @columns = (['id', '', 'integer', 'integer'],
		map { my $type = $types[$_ % @types]; ["c$_", @$type] } 1 .. 1000);
	my @null = map { random('@n % 8 < seq % 9', "null$_") } 1 .. 1000;

	run_there('CREATE TABLE wide (id INT PRIMARY KEY, '
		  . join(', ', map { "$_->[0] $_->[1]" } @columns[1 .. 1000])
		  . ') ENGINE=MyISAM; INSERT INTO wide SELECT seq, '
		  . join(', ', map { "IF($null[$_ - 1], NULL, " . random($columns[$_][4], $_) . ')' } 1 .. 1000)
		  . " FROM seq_1_to_$rows");
	$compared{wide}{ $_->[0] } = 1 for @columns;
	srand 20;
	compare_orders($rows, map { order_of($_, @columns) } (1 .. 70) x 3,
		127 .. 129, 250, 256, 257, 511, 999, 1000, 1001, 1001);
}

# Some of the columns, shuffled, the key among them; one alone has no key.
sub order_of
{
	my ($count, $key, @columns) = @_;

	@columns = shuffled(@columns);
	return [$count == 1 ? $columns[0] : shuffled($key, @columns[0 .. $count - 2])];
}

sub shuffled
{
	my (@items) = @_;

	for my $i (reverse 1 .. $#items)
	{
		my $j = int rand $i + 1;
		@items[$i, $j] = @items[$j, $i];
	}
	return @items;
}

# Compares whole rows as texts, in both directions.
sub compare_orders
{
	my ($rows, @orders) = @_;
	my (@queries, @here, @bad);

	for my $n (0 .. $#orders)
	{
		my @order = @{ $orders[$n] };
		my (@there_texts, @here_texts);

		for my $column (@order)
		{
			my ($there, $here) = kind($column->[3], ($column->[0]) x 2);

			push @there_texts, "COALESCE($there, '~')";
			push @here_texts, $here;
		}
		run_here("CREATE FOREIGN TABLE remote.wide_$n ("
			  . join(', ', map { "$_->[0] " . ($_->[2] || 'integer') } @order)
			  . ") SERVER remote OPTIONS (dbname 'types', table_name 'wide')");
		push @queries, "SELECT $n, CONCAT_WS('|', " . join(', ', @there_texts) . ') FROM wide';
		push @here, "SELECT $n AS n, array_to_string(ARRAY["
		  . join(', ', @here_texts) . "], '|', '~') AS line FROM remote.wide_$n";
		$total{values} += $rows * @order;
		$total{rows} += $rows;
	}
	load_said('wide', ['n integer', 'line text'], @queries);
	run_here('CREATE TABLE moved.wide (n integer, line text)');
	run_here("INSERT INTO moved.wide $_") for @here;

	my $all = join ',', map { "$_ $rows $rows" } 0 .. $#orders;
	is(run_here('SELECT string_agg(concat_ws(\' \', n, here, there), \',\' ORDER BY n)
		FROM (SELECT n, count(*) AS here FROM moved.wide GROUP BY n) AS h
		FULL JOIN (SELECT n, count(*) AS there FROM said.wide GROUP BY n) AS t USING (n)'),
		$all, 'wide: all rows in ' . @orders . ' orders of 1 to 1,001 columns');
	for my $sides ([qw(moved said)], [qw(said moved)])
	{
		is(run_here("SELECT * FROM (SELECT n, left(line, 300) FROM (TABLE $sides->[0].wide
			EXCEPT ALL TABLE $sides->[1].wide) AS x ORDER BY n LIMIT 3) AS y"),
			'', "wide: nothing $sides->[0] that is not $sides->[1]");
	}
}

# Local types other than the natural ones: a table, a column, a local type, and
# how MariaDB says the value, how the local one is said, and what to make of
# MariaDB's text; {} is the column.
sub compare_other_pairs
{
	my $hex = 'HEX(CONVERT({} USING utf8mb4))';
	my $text = q{upper(encode(convert_to({}::text, 'UTF8'), 'hex'))};
	my $unhex = q{convert_from(decode({}, 'hex'), 'UTF8')};
	my $bytes = q{upper(encode({}, 'hex'))};
	my $same = '{}::text';
	my @pairs = (
		map({ my $local = $_; map { ['integers', $_, $local, '{} + 0', $same] } qw(ti si mi ii tb mz) }
			qw(integer bigint numeric text varchar(20) small_domain), 'numeric(10,0)'),
		map({ my $local = $_; map { ['integers', $_, $local, '{} + 0', $same] } qw(tu su mu iu) }
			qw(bigint numeric text), 'numeric(12,2)::numeric(10,0)'),
		['integers', 'bu', 'numeric', '{} + 0', $same],
		['integers', 'bu', 'numeric(25,3)', '{} + 0', $same, '{}::numeric(25,3)::text'],
		['integers', 'bu', 'text', '{} + 0', $same],
		['integers', 'bi', 'numeric(19,0)', '{} + 0', $same],
		['integers', 'bi', 'text', '{} + 0', $same],
		['integers', 'ii', 'double precision', '{} + 0', $same],
		['integers', 'y4', 'integer', '{} + 0', $same],
		['integers', 'y4', 'text', '{} + 0', $same],
		['integers', 'y2', 'integer', '{} + IF({} < 70, 2000, 1900)', $same],
		['numbers', 'fl', 'double precision', 'CAST({} AS DOUBLE)', $same, '{}::float8::text'],
		['numbers', 'fl', 'text', 'CAST({} AS DOUBLE)', $same, '{}::float8::float4::text'],
		['numbers', 'db', 'text', '{}', $same, '{}::float8::text'],
		['numbers', 'db', 'numeric', '{}', $same, '{}::float8::text::numeric::text'],
		['numbers', 'db', 'double_domain', '{}', $same, '{}::float8::text'],
		['numbers', 'dc_65_38', 'numeric', '{}', $same],
		['numbers', 'dc_65_38', 'numeric(70,40)', '{}', $same, '{}::numeric(70,40)::text'],
		['numbers', 'dc_65_38', 'text', '{}', $same],
		['numbers', 'dc_65_0', 'text', '{}', $same],
		['numbers', 'dc_20_10', 'double precision', '{}', $same, '{}::float8::text'],
		['numbers', 'dc_10_2', 'money_domain', '{}', $same],
		['numbers', 'dc_38_38', 'numeric(38,38)', '{}', $same],
		['bits', 'b1', 'bit(1)', '{} + 0', $same],
		['bits', 'b1', 'integer', '{} + 0', $same],
		['bits', 'b1', 'text', '{} + 0', $same],
		['bits', 'b8', 'integer', '{} + 0', $same],
		['bits', 'b31', 'integer', '{} + 0', $same],
		['bits', 'b12', 'integer_domain', '{} + 0', $same],
		['bits', 'b63', 'bigint', '{} + 0', $same],
		map({ my $bits = $_; (
				['bits', "b$bits", 'bytea', "LPAD(HEX({} + 0), 2 * CEIL($bits / 8), '0')", $bytes],
				['bits', "b$bits", 'varbit', "LPAD(BIN({} + 0), $bits, '0')", $same],
				['bits', "b$bits", "varbit(64)", "LPAD(BIN({} + 0), $bits, '0')", $same],
				['bits', "b$bits", 'text', "LPAD(BIN({} + 0), $bits, '0')", $same]) }
			1, 7, 8, 9, 16, 33, 64),
		['times', 'da', 'timestamp', '{}', $same, '{}::timestamp::text'],
		['times', 'da', 'text', '{}', $same],
		['times', 'da', 'varchar(10)', '{}', $same],
		['times', 'da', 'date_domain', '{}', $same],
		['times', 'midnight', 'date', 'DATE({})', $same],
		['times', 'dt0', 'timestamp(6)', '{}', $same, '{}::timestamp::text'],
		['times', 'dt6', 'timestamptz', '{}', q{({} AT TIME ZONE 'UTC')::text}, '{}::timestamp::text'],
		['times', 'dt6', 'timestamptz_domain', '{}', q{({} AT TIME ZONE 'UTC')::text}, '{}::timestamp::text'],
		['times', 'dt3', 'text', '{}', $same],
		['times', 'dt6', 'text', '{}', $same],
		['times', 'ts6', 'timestamptz', '{}', q{({} AT TIME ZONE 'UTC')::text}, '{}::timestamp::text'],
		['times', 'ts0', 'text', '{}', $same],
		['times', 'ts6', 'timestamptz_domain', '{}', q{({} AT TIME ZONE 'UTC')::text}, '{}::timestamp::text'],
		['times', 'tm6', 'interval', '{}', $same, '{}::interval::text'],
		['times', 'tm6', 'interval(6)', '{}', $same, '{}::interval::text'],
		['times', 'tm3', 'text', '{}', $same],
		['intervals', 'tm0', 'text', '{}', $same],
		['intervals', 'tm6', 'text', '{}', $same],
		['intervals', 'tm3', 'interval_domain', '{}', $same, '{}::interval::text'],
		map({ ['texts', 'vc', $_, $hex, $text] } 'text', 'varchar', 'varchar(20)', 'varchar(400)', 'text_domain'),
		map({ ['texts', $_, 'bytea', $hex, $bytes] } qw(ch vl tx vu16)),
		['texts', 'vc', 'char(20)', $hex, $text, qq{upper(encode(convert_to(rtrim($unhex, ' '), 'UTF8'), 'hex'))}],
		map({ ['bytes', $_, 'bytea_domain', 'HEX({})', $bytes] } qw(vb bb)),
		['bytes', 'bn', 'uuid', 'HEX({})', q{upper(replace({}::text, '-', ''))}],
		['bytes', 'bn', 'uuid_domain', 'HEX({})', q{upper(replace({}::text, '-', ''))}],
		map({ ['others', 'uu', $_, '{}', $same] } 'text', 'varchar(36)', 'char(36)', 'uuid_domain'),
		map({ my $local = $_; map { ['others', $_, $local, '{}', $same] } qw(i4 i6) } 'text', 'varchar(45)'),
		['others', 'uu_text', 'uuid', '{}', $same],
		map({ ['others', 'int_text', $_, '{}', $same] } qw(integer bigint numeric text small_domain)),
		['others', 'i4', 'inet_domain', '{}', 'host({})'],
		['others', 'A b"c`d', 'bigint', '{}', $same],
		map({ my $local = $_; map { ['enums', $_, $local, $hex, $text] } qw(e2 eodd el e2000) }
			'text', 'varchar', 'varchar(80)'),
		['enums', 'eodd', 'bytea', $hex, $bytes],
		['enums', 'e2', 'abc', $hex, $text],
		['enums', 'e2', 'abc_domain', $hex, $text],
		map({ ['enums', $_, 'text', $hex, $text] } qw(s3 sodd s64)),
		['enums', 's3', 'set_domain', $hex, q{upper(encode(convert_to(array_to_string({}, ','), 'UTF8'), 'hex'))}],
		['enums', 'sodd', 'bytea', $hex, $bytes],
		map({ my $local = $_; map { ['jsons', $_, $local, $hex, $text] } qw(js jn ja) } 'json', 'text', 'varchar'),
		['jsons', 'js', 'jsonb_domain', $hex, $same, "$unhex\::jsonb::text"],
		['jsons', 'ja', 'bytea', $hex, $bytes],
		map({ ['geometries', $_, 'bytea_domain', q{CONCAT(ST_SRID({}), ' ', HEX(ST_AsWKB({})))},
				q{srid_of({}) || ' ' || upper(encode(wkb_of({}), 'hex'))}] } qw(point any)),
		['geometries', 'any', 'text', q{CONCAT(ST_SRID({}), ' ', HEX(ST_AsWKB({})))},
			q{srid_of(decode({}, 'hex')) || ' ' || upper(encode(wkb_of(decode({}, 'hex')), 'hex'))}]);

	run_here(<<'SQL');
CREATE DOMAIN small_domain AS integer CHECK (VALUE < 2147483648);
CREATE DOMAIN integer_domain AS integer;
CREATE DOMAIN double_domain AS double precision;
CREATE DOMAIN money_domain AS numeric(10,2);
CREATE DOMAIN date_domain AS date;
CREATE DOMAIN timestamptz_domain AS timestamptz;
CREATE DOMAIN interval_domain AS interval;
CREATE DOMAIN text_domain AS text;
CREATE DOMAIN short_domain AS varchar(3);
CREATE DOMAIN bytea_domain AS bytea;
CREATE DOMAIN uuid_domain AS uuid;
CREATE DOMAIN inet_domain AS inet;
CREATE DOMAIN jsonb_domain AS jsonb;
CREATE DOMAIN set_domain AS text[];
CREATE TYPE abc AS ENUM ('c', 'b', 'a');
CREATE DOMAIN abc_domain AS abc;
SQL
	@pairs = grep { has_column(@$_[0, 1]) } @pairs;
	load_said('pairs', ['pair integer', 'key integer', 'v text', 'PRIMARY KEY (pair, key)'],
		map { "SELECT $_, id, " . filled($pairs[$_][3], name_there($pairs[$_][1]))
			  . " FROM $pairs[$_][0] WHERE id <= 1000" } 0 .. $#pairs);
	for my $i (0 .. $#pairs)
	{
		my ($table, $column, $type, undef, $here, $said) = @{ $pairs[$i] };

		$type =~ s/.*:://;
		add_pair("pair_$i", $table, $column, $type);
		my $answer = $session->run('SELECT count(*), count(*) FILTER (WHERE NOT same), '
			  . "min(left(concat_ws(' -- ', id, here, there), 300)) FILTER (WHERE NOT same)
			FROM (SELECT id, here, there, key IS NOT NULL AND id IS NOT NULL
				AND here IS NOT DISTINCT FROM there AS same
				FROM (SELECT id, " . filled($here, 'v') . " AS here FROM remote.pair_$i WHERE id <= 1000) AS m
				FULL JOIN (SELECT key, " . filled($said // '{}', 'v')
			  . " AS there FROM said.pairs WHERE pair = $i) AS s ON key = id) AS x");
		like($answer->{out}, qr/^[1-9]\d*\|0\|$/, "$table.$column as $type")
		  or diag($answer->{err});
	}
}

sub filled { my ($text, $column) = @_; return $text =~ s/\{\}/$column/gr }

# Adds a foreign table of a key and one column of another table.
sub add_pair
{
	my ($name, $table, $column, $type, $options) = @_;

	$column =~ s/'/''/g;
	$options = $options ? ", $options" : '';
	run_here("CREATE FOREIGN TABLE remote.$name (id integer OPTIONS (key '1'),
		v $type OPTIONS (column_name '$column'$options))
		SERVER remote OPTIONS (dbname 'types', table_name '$table')");
}

# Pairs of which a value, or any, cannot be held: the row that must fail, the
# SQLSTATE, and a part of the message.
sub refuse_bad_pairs
{
	my $pair = ['HV004', qr/column "v" of type .* cannot hold ${\ Lab::Maria->product} type/];
	my $range = ['22003', qr/out of range for type/];
	my $syntax = ['22P02', qr/invalid input syntax for type/];
	my $long = ['22001', qr/too long for type/];
	my $clock = ['22008', qr/out of range for type time/];
	my $digits = ['22003', qr/more digits than the scale/];
	my $fraction = ['22008', qr/more fractional digits than type/];
	my @pairs = (
		map({ my $local = $_; map { ["integers.$_", $local, $pair] } qw(ti iu bi y4) }
			qw(date timestamp interval uuid bytea json jsonb inet), 'integer[]', 'bit(8)'),
		['integers.y4', 'boolean', $pair],
		['integers.ti', 'boolean', $range], ['integers.tu', 'boolean', $range],
		['integers.bu', 'bigint', $range], ['integers.bu', 'integer', $range],
		['integers.bi', 'integer', $range], ['integers.iu', 'integer', $range],
		['integers.si', 'numeric(3,0)', ['22003', qr/numeric field overflow/]],
		# Before 15 a scale is between 0 and the precision.
		$session->value('SHOW server_version_num') >= 150000 ? ['integers.si', 'numeric(5,-2)', $digits] : (),
		['integers.ii', 'varchar(3)', $long],
		['integers.ii', 'char(3)', $long],
		['integers.ii', 'name_domain', undef],
		map({ my $local = $_; map { ["numbers.$_", $local, $pair] } qw(fl db dc_10_2) }
			qw(integer bigint boolean date time uuid bytea jsonb)),
		['numbers.db', 'real', $pair], ['numbers.dc_10_2', 'real', $pair],
		['numbers.dc_10_2', 'numeric(10,1)', $digits],
		['numbers.dc_10_2', 'numeric(9,2)', ['22003', qr/numeric field overflow/]],
		['numbers.dc_10_2', 'short_domain', $long],
		['numbers.db', 'numeric(10,2)', ['22003', qr/numeric field overflow|more digits/]],
		['numbers.f73', 'numeric(10,2)', $digits],
		map({ ["bits.b9", $_, $pair] } qw(smallint numeric date real jsonb)),
		['bits.b9', 'bit(8)', $range], ['bits.b9', 'bit(10)', $range],
		['bits.b9', 'varbit(8)', $range], ['bits.b9', 'boolean', $range],
		['bits.b32', 'integer', $range], ['bits.b64', 'bigint', $range],
		['bits.b9', 'abc', $pair],
		map({ my $local = $_; map { ["times.$_", $local, $pair] } qw(da dt6 ts6) }
			qw(integer time interval numeric boolean uuid bytea json)),
		['times.da', 'timestamptz', $pair],
		map({ ["times.tm6", $_, $pair] } qw(integer date timestamp timestamptz numeric)),
		['times.dt6', 'date', ['22008', qr/has a time of day/]],
		['times.dt6', 'date_domain', ['22008', qr/has a time of day/]],
		['times.dt6', 'timestamp(5)', $fraction], ['times.ts6', 'timestamptz(0)', $fraction],
		['times.tm6', 'time(3)', $fraction], ['times.tm6', 'interval(0)', $fraction],
		['intervals.tm0', 'time', $clock], ['intervals.tm0', 'time_domain', $clock],
		['texts.vc', 'integer', $syntax], ['texts.vc', 'date', ['22007', qr/invalid input syntax/]],
		['texts.vc', 'uuid', $syntax], ['texts.vc', 'boolean', $syntax],
		['texts.vc', 'varchar(3)', $long], ['texts.vc', 'char(3)', $long],
		['texts.vc', 'short_domain', $long], ['texts.vc', 'name', $pair],
		['texts.vc', '"char"', $pair], ['texts.vc', 'jsonb', $syntax], ['texts.vc', 'json', $syntax],
		['texts.vc', 'abc', ['22P02', qr/is not a label of type abc/]],
		['bytes.vb', 'uuid', ['22P03', qr/has \d+ bytes, but type uuid has 16/]],
		['bytes.vb', 'text', ['22021', qr/NUL byte|not valid UTF-8/]],
		map({ ["bytes.vb", $_, $pair] } qw(integer date json jsonb numeric inet)),
		['others.uu', 'integer', $syntax], ['others.uu', 'inet', $syntax],
		['others.i6', 'uuid', $syntax], ['others.uu', 'varchar(35)', $long],
		['enums.eodd', 'abc', ['22P02', qr/is not a label of type abc/]],
		['enums.e2', 'integer', $syntax], ['enums.eodd', 'abc_domain', ['22P02', qr/./]],
		['enums.s3', 'integer', $syntax], ['enums.s3', 'jsonb', $syntax],
		['jsons.js', 'integer', $syntax], ['jsons.js', 'uuid', $syntax],
		map({ ["geometries.point", $_, $pair] } qw(integer date numeric)),
		map({ ["geometries.point", $_, $syntax] } qw(json jsonb)));

	@pairs = grep { has_column(split /\./, $_->[0]) } @pairs;
	run_here('CREATE DOMAIN time_domain AS time; CREATE DOMAIN name_domain AS varchar(2)');
	for my $i (0 .. $#pairs)
	{
		my ($place, $type, $error) = @{ $pairs[$i] };
		my ($table, $column) = split /\./, $place;

		add_pair("bad_$i", $table, $column, $type);
		my $answer = $session->run("SELECT count(v), min(v::text) FROM remote.bad_$i");
		Lab::Session::failed_with($answer, $error ? @$error : ('\w+', undef),
			"$place as $type is refused");
		diag("it gave $answer->{out}") if $answer->{out};
	}
}

# What PostgreSQL cannot hold is an error that says where and what, or what a
# policy of the column, the table or the server makes of it.
sub try_policies
{
	my $date = ['22008', qr/${\ Lab::Maria->product} \w+ value is not a valid date/];
	my $nul = ['22021', qr/holds a NUL byte/];
	my $utf8 = ['22021', qr/is not valid UTF-8/];
	my $label = ['22P02', qr/is not a label of type/];

	run_there(<<'SQL');
SET sql_mode = 'ALLOW_INVALID_DATES';
CREATE TABLE odd_dates (id INT PRIMARY KEY, valid BOOLEAN NOT NULL, da DATE, dt DATETIME(3));
INSERT INTO odd_dates VALUES (1, 1, '2024-02-29', '2024-02-29 01:02:03.5'),
	(2, 0, '0000-00-00', '0000-00-00 00:00:00'), (3, 0, '2024-00-00', '2024-00-00 00:00:00.001'),
	(4, 0, '2024-05-00', '2024-05-00 12:00:00'), (5, 0, '2023-02-31', '2023-02-31 23:59:59'),
	(6, 0, '2023-02-29', '2023-02-29 00:00:00'), (7, 0, '0000-01-01', '0000-01-01 00:00:00'),
	(8, 0, '2023-04-31', '1900-02-29 00:00:00'), (9, 1, '0001-01-01', '0001-01-01 00:00:00'),
	(10, 1, NULL, NULL);
CREATE TABLE odd_stamps (id INT PRIMARY KEY, ts TIMESTAMP(6) NULL);
INSERT INTO odd_stamps VALUES (1, 0), (2, '2024-01-01 00:00:00.000001'), (3, NULL);
CREATE TABLE odd_labels (id INT PRIMARY KEY, en ENUM('a','b'), st SET('a','','b'));
INSERT INTO odd_labels VALUES (1, 'a', 1), (2, 'nope', 3), (3, 'b', 6), (4, NULL, 7), (5, 0, 0);
SQL
	run_there($is_mysql ? <<'SQL' : <<'SQL_OF_MARIADB');
CREATE TABLE odd_texts (id INT PRIMARY KEY, nul VARCHAR(20), bad VARCHAR(20), js LONGTEXT);
INSERT INTO odd_texts (id, nul) VALUES (1, 'a\0b\0'), (2, '\0'), (3, 'ok'), (4, ''), (5, NULL), (6, NULL), (7, NULL);
SQL
SET check_constraint_checks = 0;
CREATE TABLE odd_texts (id INT PRIMARY KEY, nul VARCHAR(20), bad VARCHAR(20),
	js LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin CHECK (JSON_VALID(js)));
INSERT INTO odd_texts VALUES (1, 'a\0b\0', _utf8mb4 x'41EDA08042', '{"a": "\\u0000"}'),
	(2, '\0', _utf8mb4 x'EDA0BDEDB880', '"\\ud800"'), (3, 'ok', _utf8mb4 x'EDB08078', '"\\udc00\\ud800"'),
	(4, '', 'é', NULL), (5, NULL, NULL, '1.'), (6, NULL, NULL, '"\\x41"'), (7, NULL, NULL, '1e999999');
SQL_OF_MARIADB
	run_here('IMPORT FOREIGN SCHEMA types LIMIT TO (odd_dates, odd_stamps, odd_texts, odd_labels)
		FROM SERVER remote INTO remote');
	$compared{odd_dates}{$_} = 1 for qw(id valid da dt);
	$compared{odd_stamps}{$_} = 1 for qw(id ts);
	$compared{odd_texts}{$_} = 1 for qw(id nul bad js);
	$compared{odd_labels}{$_} = 1 for qw(id en st);

	my $dates = q{SELECT string_agg(coalesce(%1$s::text, '-'), ' ' ORDER BY id) FROM remote.odd_dates};
	try_policy('odd_dates', 'da', $date, zero_dates => 'null',
		sprintf($dates, 'da'), '2024-02-29 - - - - - - - 0001-01-01 -');
	try_policy('odd_dates', 'da', $date, zero_dates => '-infinity', sprintf($dates, 'da'),
		'2024-02-29' . ' -infinity' x 7 . ' 0001-01-01 -');
	try_policy('odd_dates', 'dt', $date, zero_dates => 'null', sprintf($dates, 'dt'),
		'2024-02-29 01:02:03.5' . ' -' x 7 . ' 0001-01-01 00:00:00 -');
	try_policy('odd_dates', 'dt', $date, zero_dates => '-infinity', sprintf($dates, 'dt'),
		'2024-02-29 01:02:03.5' . ' -infinity' x 7 . ' 0001-01-01 00:00:00 -');
	try_policy('odd_stamps', 'ts', $date, zero_dates => 'null',
		"SELECT string_agg(coalesce(ts::text, '-'), ' ' ORDER BY id) FROM remote.odd_stamps",
		'- 2024-01-01 00:00:00.000001 -');
	try_policy('odd_texts', 'nul', $nul, nul_bytes => 'strip',
		"SELECT string_agg(quote_nullable(nul), ' ' ORDER BY id) FROM remote.odd_texts",
		"'ab' '' 'ok' '' NULL NULL NULL");
	diag('MySQL stores no text that is not valid, and no JSON') if $is_mysql;
	$is_mysql or try_policy('odd_texts', 'bad', $utf8, invalid_utf8 => 'repair',
		"SELECT string_agg(encode(convert_to(bad, 'UTF8'), 'hex'), ' ' ORDER BY id) FROM remote.odd_texts",
		'41efbfbd42 f09f9880 efbfbd78 c3a9');
	try_policy('odd_labels', 'en', $label, invalid_enum => 'null',
		"SELECT string_agg(coalesce(en::text, '-'), ' ' ORDER BY id) FROM remote.odd_labels",
		'a - b - -');

	for my $column (qw(da dt))
	{
		add_pair("odd_$column", 'odd_dates', $column, 'text');
		my $said = run_there("SELECT GROUP_CONCAT(COALESCE($column, '-') ORDER BY id SEPARATOR ' ') FROM odd_dates");
		$session->returns("SELECT string_agg(coalesce(v, '-'), ' ' ORDER BY id) FROM remote.odd_$column",
			$said, "odd dates: $column as text is what MariaDB says");
	}
	$is_mysql or $session->fails('SELECT js FROM remote.odd_texts', '22021',
		qr/holds a NUL byte.*column "js" of/s, 'jsonb with \u0000 is refused');
	my $json = ['22P02', qr/invalid input syntax for type json.*column "v" of/s];
	for my $case ($is_mysql ? () : (
		[2, 'half a surrogate pair', ['22P02', qr/Unicode.*surrogate.*column "v" of/s]],
		[5, 'a point without digits', $json, $json],
		[6, 'an escape of its own', $json, $json],
		[7, 'a huge number', ['22003', qr/overflow.*column "v" of/s]]))
	{
		my ($id, $what, @errors) = @$case;
		my ($document) = split /\n/, run_there("SELECT js FROM odd_texts WHERE id = $id");

		run_there("CREATE VIEW odd_json_$id AS SELECT id, js FROM odd_texts WHERE id = $id");
		$compared{"odd_json_$id"}{$_} = 1 for qw(id js);
		for my $type (qw(jsonb json text))
		{
			my $error = shift @errors;

			add_pair("odd_${type}_$id", "odd_json_$id", 'js', $type);
			$session->fails("SELECT v FROM remote.odd_${type}_$id", @$error, "$type with $what is refused")
			  if $error;
			$session->returns("SELECT v FROM remote.odd_${type}_$id",
				$document =~ s/\\\\/\\/gr, "$type keeps $what") unless $error;
		}
	}
	$session->returns("SELECT string_agg(st::text, ' ' ORDER BY id) FROM remote.odd_labels",
		'{a} {a,""} {b} {a,"",b} {}', 'a set may have a member of no letters, which MariaDB drops when it is first');

	$session->fails('SELECT da FROM remote.odd_dates', '22008',
		qr/The value is "0000-00-00"\.\nHINT: +Set option "zero_dates" .*\n.*column "da" of foreign table "remote\.odd_dates", row 2/, 'the error tells value, hint, column, table and row');
	$session->fails('SELECT id, da FROM remote.odd_dates', '22008',
		qr/row 2, key \(id\)=\("?2"?\)/, 'and the key, where it is fetched');
}

# A value is refused, and let through by the option at each of three places.
sub try_policy
{
	my ($table, $column, $error, $option, $value, $sql, $expected) = @_;
	my $relation = "FOREIGN TABLE remote.$table";
	my %places = (
		server => ['SERVER remote', ''],
		table => [$relation, ''],
		column => [$relation, "ALTER COLUMN $column"]);

	$session->fails($sql, @$error, "$table.$column is refused");
	for my $place (sort keys %places)
	{
		my ($object, $part) = @{ $places{$place} };

		run_here("ALTER $object $part OPTIONS (ADD $option '$value')");
		$session->returns($sql, $expected, "$table.$column: $option '$value' of the $place");
		run_here("ALTER $object $part OPTIONS (SET $option 'error')");
		$session->fails($sql, @$error, "$table.$column: $option 'error' of the $place");
		run_here("ALTER $object $part OPTIONS (DROP $option)");
	}
}

# In a database of another encoding texts are converted, or refused by name.
sub try_other_encoding
{
	run_there(<<'SQL');
CREATE TABLE latin (id INT PRIMARY KEY, v VARCHAR(9), e ENUM('é','z'), s SET('é','ß'), j JSON,
	bad_v VARCHAR(9), bad_j JSON);
INSERT INTO latin VALUES (1, 'é', 'é', 'é,ß', '{"é": "ÿ"}', 'a', '"a"'),
	(2, 'ÿ', 'z', '', '"\\u00e9"', '日', '"日"');
SQL
	$compared{latin}{$_} = 1 for qw(id v e s j bad_v bad_j);
	run_here("DROP DATABASE IF EXISTS types_latin; CREATE DATABASE types_latin
		ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
	my $latin = Lab::Session->new('types_latin');
	$latin->do(encode('UTF-8', "SET client_encoding = UTF8; CREATE EXTENSION mariadb_fdw;
		CREATE TYPE ez AS ENUM ('z', 'é')"));
	Lab::add_server($latin, 'remote');
	Lab::add_table($latin, 'latin', 'id integer, v text, e ez, s text[], j jsonb,
		bad_v text, bad_j jsonb', dbname => 'types');
	$latin->returns("SELECT string_agg(concat_ws(' ', encode(convert_to(v, 'LATIN1'), 'hex'), e, s, j), ',' ORDER BY id)
		FROM latin", encode('UTF-8', 'e9 é {é,ß} {"é": "ÿ"},ff z {} "é"'),
		'a LATIN1 database has the same characters');
	for my $column (qw(bad_v bad_j))
	{
		$latin->fails("SELECT $column FROM latin", '22P05',
			qr/has no equivalent.*column "$column" of foreign table "public\.latin", row 2/s,
			"a LATIN1 database refuses others by name: $column");
	}
	$latin->quit;
	run_here('DROP DATABASE types_latin');
}

# No column of the tables above may be missing.
sub check_coverage
{
	my @left_out = grep { my ($table, $column) = split /\t/; !$compared{$table}{$column} }
	  split /\n/, Encode::decode('UTF-8', run_there("SELECT TABLE_NAME, COLUMN_NAME
		FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'types'
		AND TABLE_NAME NOT LIKE 'pair%'"));

	is("@left_out", '', 'no column of any table is missing');
	cmp_ok($total{rows}, '>=', 100_000, 'at least 100,000 rows');
}
