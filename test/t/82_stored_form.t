# Values whose stored form our own code writes are, byte for byte, what
# PostgreSQL's own input makes of the same text. Equal texts are not enough:
# jsonb's offsets and padding and numeric's zeros do not show in them, and an
# index or a later release may trust them. record_image_eq compares the bytes.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $session = new_database('stored_form');
my $is_mysql = ($ENV{LAB_SOURCE} // '') eq 'mysql';

srand 20250101;

sub one_of { return $_[ rand @_ ] }

# Makes a table of a text column there, with a row for each text.
sub fill
{
	my ($table, $type, @texts) = @_;

	maria("CREATE TABLE $table (id INT PRIMARY KEY AUTO_INCREMENT, v $type) CHARACTER SET utf8mb4");
	while (my @some = splice @texts, 0, 200)
	{
		maria("INSERT INTO $table (v) VALUES "
			  . join(', ', map { '(' . (defined $_ ? "_utf8mb4 X'" . unpack('H*', $_) . "'" : 'NULL') . ')' } @some));
	}
}

# Compares the values of a column of a remote table, read as a type, with what
# PostgreSQL makes of them when they are read as text: first as they are
# decoded, then as mariadb.copy has stored them.
sub are_as_by_input
{
	my ($name, $table, $type, $said, $count) = @_;

	maria("CREATE VIEW both_$table AS SELECT id, v AS made, $said AS said FROM $table");
	Lab::add_table($session, "both_$table", "id int, made $type, said text");
	Lab::add_table($session, "far_$table", "id int, v $type", table_name => $table);
	$session->do("CREATE TABLE here_$table (id int, v $type)");
	$session->do("SELECT mariadb.copy('far_$table', 'here_$table')");

	my $wrong = sub {
		my ($from, $value) = @_;
		return $session->value(
			"SELECT coalesce(string_agg(left(said, 200), ' ' ORDER BY id)
				FILTER (WHERE place <= 5), '')
			FROM (SELECT id, said, row_number() OVER (ORDER BY id) place
				FROM $from WHERE NOT record_image_eq(ROW($value), ROW(said::$type))) wrong");
	};
	is($wrong->("both_$table", 'made'), '', "$name: as decoded");
	is($wrong->("both_$table JOIN here_$table USING (id)", 'v'), '', "$name: as stored");
	is($session->value("SELECT count(made) || ' ' || count(said) || ' ' || count(v)
		FROM both_$table JOIN here_$table USING (id)"),
		"$count $count $count", "$name: $count of them");
}

# What must be seen, is: bytes that differ where the values are equal.
for (
	[ 'numeric' => '1.0', '1.00' ],
	[ 'jsonb' => '{"a": 1.0}', '{"a": 1.00}' ])
{
	my ($type, $one, $other) = @$_;
	my $compare = sub { $session->value("SELECT '$one'::$type $_[0] '$other'::$type") };

	is($compare->('='), 't', "two values of $type are equal");
	is($session->value("SELECT record_image_eq(ROW('$one'::$type), ROW('$other'::$type))"),
		'f', 'but their bytes differ');
}

#
# jsonb
#
my @spaces = ('') x 8;
push @spaces, ' ', "\n\t", '  ', "\r\n ";

sub space { return one_of(@spaces) }

sub digits { return join '', map { int rand 10 } 1 .. $_[0] }

# Numbers of each scale and sign, with zeros where they count or do not.
sub json_number
{
	my $whole = one_of('0', '0', 1 + int rand 9, (1 + int rand 9) . digits(rand 22),
		(1 + int rand 9) . '0' x rand 21);
	my $fraction = one_of('', '', '.' . digits(1 + rand 20), '.' . digits(1 + rand 5) . '0' x rand 9,
		'.' . '0' x (1 + rand 70) . digits(rand 4), '.' . '0' x (1 + rand 20));
	my $exponent = one_of(('') x 6, one_of('e', 'E') . one_of('', '+', '-') . one_of(0, '00', int rand 12, int rand 90, int rand 250));

	return one_of('', '', '-') . $whole . $fraction . $exponent;
}

my @pieces = (
	'a' .. 'h', ' ', '/', "'", 'long plain text that has no escape',
	"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\x7f",
	'\"', '\\\\', '\/', '\b', '\f', '\n', '\r', '\t',
	'\u0041', '\u00e9', '\u20AC', '\ud83d\ude00', '\u0001', '\u001f');

sub json_string { return '"' . join('', map { one_of(@pieces) } 1 .. rand($_[0] // 12)) . '"' }

# Keys of few letters meet again, the same said with an escape, too.
sub json_key
{
	return one_of(
		'"' . one_of('a' .. 'e', '\u0061', '') . one_of('', 'x', 'y') . '"',
		json_string(), '"' . 'k' x rand(300) . '"', '"' . digits(1 + rand 3) . '"');
}

sub json_array
{
	my ($depth, $count) = @_;

	return '[' . space() . join(',', map { json_value($depth) } 1 .. $count) . ']';
}

sub json_object
{
	my ($depth, $count) = @_;

	return '{' . space()
	  . join(',', map { space() . json_key() . space() . ':' . json_value($depth) } 1 .. $count)
	  . '}';
}

sub json_value
{
	my ($depth) = @_;
	my $kind = rand($depth > 0 ? 9 : 6);
	my $text =
		$kind < 1 ? one_of('true', 'false', 'null')
	  : $kind < 3.5 ? json_number()
	  : $kind < 6 ? json_string()
	  : $kind < 7.5 ? json_array($depth - 1, int rand 6)
	  : json_object($depth - 1, int rand 6);

	return space() . $text . space();
}

# Every 32nd child has an offset instead of a length; 16 keys are sorted in one
# way and more in another; beyond 64 levels the text is left to jsonb_in.
my @counts = (0 .. 3, 15 .. 18, 30 .. 34, 62 .. 66, 127 .. 130, 255 .. 258);
my @jsons = (
	(map { $_, " $_ ", "[$_]", "{\"k\":$_}" } 'true', 'false', 'null', '""', '"x"', '[]', '{}',
		'0', '-0', '0.0', '-0.00', '1', '1.0', '1.500', '10000', '100000000', '1e4', '1E-4', '0e5',
		'9999', '99990000', '0.0001', '0.00010', '18446744073709551615', '18446744073709551616',
		'0.' . '0' x 62 . '1', '0.' . '0' x 63 . '1', '1e200', '1e201', '1e-63', '1e-64', '1e131071'),
	(map { json_array(1, $_), json_object(1, $_), '{"k":' . json_object(0, $_) . '}' } @counts),
	(map { '[' . join(',', ('"abcde"', 1.5, 'null', '[]', '{"a":2}')[ map { $_ % 5 } 1 .. $_ ]) . ']' } @counts),
	(map { my $n = $_; '{' . join(',', map { sprintf '"%s":%d', 'k' x (1 + $_ % 3) . ($_ * 7 % $n), $_ } 1 .. $n) . '}' } grep { $_ } @counts),
	(map { '[' x $_ . '7' . ']' x $_, '{"a":' x $_ . '1.25' . '}' x $_, '[{"":' x $_ . '"x"' . '}]' x $_ } 1, 2, 5, 31 .. 33, 63 .. 66, 300),
	(map { '"' . 'x' x $_ . '"', '["' . 'x' x $_ . '", 1]', '{"' . 'y' x $_ . '":2, "' . 'z' x $_ . '":[]}' } 0 .. 17, 126 .. 129, 5000),
	(map { json_value(one_of(0 .. 6)) } 1 .. 3000),
	(map { json_array(2, 200 + rand 300), json_object(2, 200 + rand 300) } 1 .. 10));

fill('jsons', 'LONGTEXT', @jsons);
are_as_by_input('jsonb', 'jsons', 'jsonb', 'v', scalar @jsons);

#
# numeric
#

# Decimals of a precision and scale: nines, powers of ten, and random digits,
# with zeros to both sides.
sub decimals
{
	my ($precision, $scale) = @_;
	my $whole = $precision - $scale;
	my @texts = ('0', '-0', '9' x $whole . '.' . '9' x $scale, '-' . '9' x $whole . '.' . '9' x $scale);

	push @texts, map { '1' . '0' x $_, '-1' . '0' x $_ } 0 .. $whole - 1;
	push @texts, map { '0.' . '0' x $_ . '1', '-0.' . '0' x $_ . '1' } 0 .. $scale - 1;
	for (1 .. 400)
	{
		my $some = int rand $whole + 1;
		my $fraction = int rand $scale + 1;
		my $text = digits($some);

		substr($text, rand $some) =~ tr/0-9/0/ if rand() < 0.3 && $some;
		$text = ($text eq '' ? '0' : $text) . ($fraction ? '.' . '0' x rand($fraction) . digits(rand $fraction) : '');
		$text =~ s/(\.\d{1,$scale}).*/$1/ if $scale;
		push @texts, one_of('', '-') . $text =~ s/\.$//r;
	}
	return @texts;
}

for (
	[ 65, $is_mysql ? 30 : 38 ], [ 65, 0 ], [ 65, 29 ], [ 38, $is_mysql ? 30 : 38 ],
	[ 10, 2 ], [ 1, 1 ], [ 1, 0 ], [ 20, 4 ], [ 19, 5 ], [ 33, 11 ])
{
	my ($precision, $scale) = @$_;
	my $name = "d${precision}_$scale";
	my @texts = decimals($precision, $scale);

	fill($name, "DECIMAL($precision, $scale)", @texts);
	are_as_by_input("numeric of DECIMAL($precision, $scale)", $name, 'numeric', 'CAST(v AS CHAR)', scalar @texts);
	maria("CREATE TABLE same_$name LIKE $name; INSERT INTO same_$name SELECT * FROM $name");
	are_as_by_input("numeric($precision, $scale)", "same_$name",
		"numeric($precision, $scale)", 'CAST(v AS CHAR)', scalar @texts);
}

# Other types than DECIMAL become numeric, too.
my @integers = (0, 1, 9, 9999, 10000, 10001, 99999999, 100000000, '18446744073709551615',
	(map { '1' . '0' x $_ } 0 .. 19), map { digits(1 + rand 19) } 1 .. 300);
fill('integers', 'BIGINT UNSIGNED', @integers);
are_as_by_input('numeric of BIGINT UNSIGNED', 'integers', 'numeric', 'CAST(v AS CHAR)', scalar @integers);

my @bits = map { join '', map { int rand 2 } 1 .. 64 } 1 .. 200;
for my $width (1, 7, 8, 9, 33, 64)
{
	maria("CREATE TABLE b$width (id INT PRIMARY KEY AUTO_INCREMENT, v BIT($width))");
	maria("INSERT INTO b$width (v) VALUES " . join(', ', map { "(b'" . substr($_, 0, $width) . "')" } @bits));
	are_as_by_input("bit($width)", "b$width", "bit($width)", "LPAD(BIN(v), $width, '0')", scalar @bits);
}

done_testing;
