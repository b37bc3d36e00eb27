# Tables of all MariaDB types, with edge and random values, and how a value
# of each kind is read as text on both sides.
#
# Random values are made inside MariaDB of the MD5 of the row's number and the
# column's name, so that every run has the same.
package Types;

use strict;
use warnings;
use utf8;

use Exporter qw(import);
use Lab ();
use Test::More ();

our @EXPORT = qw(kind tables columns_of has_column create_sql fill_sql name_there random $sql_mode);

# The first item makes MariaDB say a value, the second says the local value,
# the third what MariaDB has said: both ends read it by other ways than the
# decoder under test.  {} is the column.
my $hex = q{upper(encode(convert_to({}::text, 'UTF8'), 'hex'))};
my $unhex = q{convert_from(decode({}, 'hex'), 'UTF8')};
my %kinds = (
	integer => ['{} + 0', '{}::text'],
	boolean => ['{} + 0', '{}::integer::text'],
	year2 => ['{} + IF({} < 70, 2000, 1900)', '{}::text'],
	double => [
		'CAST({} AS DOUBLE)',
		q{encode(float8send({}::float8), 'hex')},
		q{encode(float8send({}::float8), 'hex')}],
	decimal => ['CAST({} AS CHAR)', '{}::text'],
	zerofill => ['CAST({} + 0 AS CHAR)', '{}::text'],
	bit => [q{TRIM(LEADING '0' FROM BIN({} + 0))}, q{ltrim({}::text, '0')}],
	date => ['CAST({} AS CHAR)', '{}::text'],
	datetime => ['CAST({} AS CHAR)', '{}::text', '{}::timestamp::text'],
	time => ['CAST({} AS CHAR)', '{}::text', '{}::time::text'],
	interval => ['CAST({} AS CHAR)', '{}::text', '{}::interval::text'],
	text => ['HEX(CONVERT({} USING utf8mb4))', $hex],
	bytes => ['HEX({})', q{upper(encode({}, 'hex'))}],
	set => [
		q{CONCAT(BIT_COUNT(CAST({} AS UNSIGNED)), ' ', HEX(CONVERT({} USING utf8mb4)))},
		q{cardinality({}) || ' ' || }
		  . ($hex =~ s/\{\}::text/array_to_string({}, ',')/r)],
	json => [
		'HEX(CONVERT({} USING utf8mb4))',
		q{{}::text || jsonb_hash_extended({}, 0)},
		qq{$unhex\::jsonb\::text || jsonb_hash_extended($unhex\::jsonb, 0)}],
	jsonb_text => ['HEX(CONVERT({} USING utf8mb4))', '{}::jsonb::text',
		"$unhex\::jsonb::text"],
	uuid => ['CAST({} AS CHAR)', '{}::text'],
	inet => ['HEX(INET6_ATON({}))',
		q{upper(encode(substr(inet_send({}), 5), 'hex'))}],
	geometry => [
		q{CONCAT(ST_SRID({}), ' ', HEX(ST_AsWKB({})))},
		q{srid_of({}) || ' ' || upper(encode(wkb_of({}), 'hex'))}],
	large => [q{CONCAT(LENGTH({}), ' ', SHA2({}, 256))},
		q{octet_length({}) || ' ' || encode(sha256({}::text::bytea), 'hex')}]);

# The three expressions for a kind, with a column of MariaDB, of the local
# table, and of what MariaDB has said.
sub kind
{
	my ($name, @columns) = @_;
	my ($remote, $local, $said) = @{ $kinds{$name} // die "no kind $name" };
	my @texts = ($remote, $local, $said // '{}');

	return map { my $column = $columns[$_]; $texts[$_] =~ s/\{\}/$column/gr }
	  0 .. $#columns;
}

# Random values of a row "seq": @u is an unsigned BIGINT, @h an MD5, @d 72
# digits, and @n, @m, @k small numbers; those of two columns differ.
sub random
{
	my ($sql, $salt) = @_;
	my $md5 = sub { "MD5(CONCAT(seq, '$_[0] $salt'))" };
	my $part = sub {
		'LPAD(CONV(SUBSTR(' . $md5->($_[0]) . ", $_[1], 15), 16, 10), 18, '0')";
	};
	my $number = sub { "CAST(CONV(LEFT(" . $md5->($_[0]) . ', 16), 16, 10) AS UNSIGNED)' };
	my %words = (
		h => $md5->('h'),
		u => $number->('u'),
		v => $number->('v'),
		w => $number->('w'),
		n => 'CRC32(CONCAT(seq, \'n' . $salt . '\'))',
		m => 'CRC32(CONCAT(seq, \'m' . $salt . '\'))',
		k => 'CRC32(CONCAT(seq, \'k' . $salt . '\'))',
		d => 'CONCAT('
		  . join(', ', map { ($part->($_, 1), $part->($_, 17)) } 'a', 'b') . ')');

	$sql =~ s/\@([huvwnmkd])\b/$words{$1}/g;
	return $sql;
}

# A column is a name, a type, a kind, an expression with random values, and
# the edge values; all SQL as MariaDB takes it.
my @tables;

sub table
{
	my ($name, $rows, $columns, %options) = @_;

	push @tables, { name => $name, rows => $rows, columns => $columns, %options };
}

sub columns_of { return @{ $_[0]{columns} } }
sub tables { return @tables }

# Integers, of random magnitude.
sub integer
{
	my ($name, $type, $bits, $unsigned) = @_;
	my $shift = 64 - $bits;
	my $value = "(\@u >> MOD(\@n, $bits)) >> $shift";
	my $half = $bits == 64 ? '9223372036854775808' : 1 << ($bits - 1);
	my $full = $bits == 64 ? '18446744073709551615' : (1 << $bits) - 1;
	my @edges = $unsigned ? (0, 1, $half, "$half - 1", $full, "$full - 1")
	  : (0, 1, -1, "-$half", "-$half + 1", "$half - 1", "$half - 2");

	$value = $bits == 64 ? 'CAST(@u AS SIGNED) DIV CAST(1 << MOD(@n, 62) AS SIGNED)'
	  : "CAST($value AS SIGNED) - IF(\@m % 2, 0, $half)" unless $unsigned;
	return [$name, $type, 'integer', $value, @edges];
}

# Decimals, with up to as many digits as the type has.
sub decimal
{
	my ($precision, $scale, $more, $kind) = @_;
	my $whole = $precision - $scale;
	my $name = "dc_${precision}_$scale" . ($more ? 'z' : '');
	my $sign = $more ? "''" : "IF(\@u % 2, '-', '')";
	my $max = ('9' x $whole || '0') . ($scale ? '.' . '9' x $scale : '');
	my $least = $scale ? '0.' . '0' x ($scale - 1) . '1' : '1';

	return [
		$name, "DECIMAL($precision,$scale) " . ($more // ''), $kind // 'decimal',
		"CAST(CONCAT($sign, '0', LEFT(\@d, MOD(\@n, @{[ $whole + 1 ]})), '.',"
		  . " RIGHT(\@d, MOD(\@m, @{[ $scale + 1 ]})), '0') AS DECIMAL(65,$scale))",
		0, map({ ("'$_'", $more ? () : "'-$_'") } $max, $least), "'-0'"];
}

table('integers', 20_000, [
	integer('ti', 'TINYINT', 8),
	integer('tu', 'TINYINT UNSIGNED', 8, 1),
	integer('tz', 'TINYINT ZEROFILL', 8, 1),
	integer('si', 'SMALLINT', 16),
	integer('su', 'SMALLINT UNSIGNED', 16, 1),
	integer('mi', 'MEDIUMINT', 24),
	integer('mu', 'MEDIUMINT UNSIGNED', 24, 1),
	integer('mz', 'MEDIUMINT(4) ZEROFILL', 24, 1),
	integer('ii', 'INT', 32),
	integer('iu', 'INT UNSIGNED', 32, 1),
	integer('iz', 'INT(8) ZEROFILL', 32, 1),
	integer('bi', 'BIGINT', 64),
	integer('bu', 'BIGINT UNSIGNED', 64, 1),
	integer('bz', 'BIGINT ZEROFILL', 64, 1),
	integer('t1u', 'TINYINT(1) UNSIGNED', 8, 1),
	['tb', 'TINYINT(1)', 'boolean', '@n % 2', 0, 1],
	['bo', 'BOOLEAN NOT NULL', 'boolean', '@n % 2', 0, 1],
	['y4', 'YEAR', 'integer', 'IF(@n % 20, 1901 + @m % 255, 0)', 0, 1901, 2155],
	['y2', 'YEAR(2)', 'year2', '1970 + @m % 100', 1970, 1999, 2000, 2069]]);

table('bits', 3_000, [
	map { ["b$_", "BIT($_)", $_ == 1 ? 'boolean' : 'bit', "\@u >> " . (64 - $_),
			0, 1, "1 << " . ($_ - 1), "18446744073709551615 >> " . (64 - $_)] }
	  1 .. 64]);

table('numbers', 20_000, [
	['fl', 'FLOAT', 'double',
		q{CONCAT(IF(@u % 2, '-', ''), '0.', LEFT(@d, 1 + MOD(@m, 16)), 'e',
			CAST(@n % 84 AS SIGNED) - 45)},
		0, '-0e0', '1.17549435e-38', '1.4e-45', '-2.8e-45', '1.17549421e-38',
		'3.4028234663852886e38', '-3.4028234663852886e38', '16777216',
		'16777217.123', '0.1', '1.0000001', '8388607.5', '1e38'],
	['f73', 'FLOAT(7,3)', 'double', '(@u % 20000000) / 1000 - 10000',
		0, '9999.999', '-9999.999', '3.14159'],
	['fu', 'FLOAT UNSIGNED', 'double', '@u / (1 + @n)', 0, '0.1', '1e-45'],
	['db', 'DOUBLE', 'double',
		q{CONCAT(IF(@u % 2, '-', ''), LEFT(@d, 1), '.', SUBSTR(@d, 2, 1 + MOD(@m, 17)),
			'e', CAST(@n % 631 AS SIGNED) - 323)},
		0, '-0e0', '4.9406564584124654e-324', '-4.9406564584124654e-324',
		'2.2250738585072014e-308', '2.2250738585072009e-308', '1e308',
		'1.7976931348623157e308', '-1.7976931348623157e308', '0.1', '1e0 / 3',
		'9007199254740993', '123456789012345678', '1e22', '1e23', '1e-5'],
	['d124', 'DOUBLE(12,4)', 'double', '(@u % 1000000000000) / 10000',
		0, '99999999.9999', '-99999999.9999', '0.00005'],
	['du', 'DOUBLE UNSIGNED ZEROFILL', 'double', '@u / (1 + @n)', 0, '0.1'],
	map({ decimal(@$_) } [1, 0], [5, 0], [9, 9], [10, 2], [18, 9], [20, 10],
		[30, 1], [38, 38], [65, 0], [65, 30], [65, 38], [64, 3],
		[8, 2, 'UNSIGNED ZEROFILL', 'zerofill'])]);

my $day = q{DATE_ADD('0001-01-01', INTERVAL @u % 3652059 DAY)};
my $micro = q{CASE @k % 4 WHEN 0 THEN 0 WHEN 1 THEN (@v % 86400) * 1000000
	ELSE @v % 86400000000 END};
my $moment = qq{DATE_ADD(CAST($day AS DATETIME(6)), INTERVAL $micro MICROSECOND)};
my $instant = q{FROM_UNIXTIME(1 + @u % 2147483646 + IF(@k % 3, (@m % 1000000) / 1000000, 0))};
my $clock = qq{TIME(DATE_ADD(CAST('2000-01-01' AS DATETIME(6)), INTERVAL $micro MICROSECOND))};
my @dates = map { "'$_'" } qw(0001-01-01 9999-12-31 2000-02-29 2024-02-29
  1900-02-28 1900-03-01 0004-02-29 0099-12-31 1582-10-04 1582-10-10 1752-09-10
  1969-12-31 1970-01-01 1999-12-31 2000-01-01 2038-01-20);

table('times', 20_000, [
	['da', 'DATE', 'date', $day, @dates],
	['midnight', 'DATETIME(3)', 'datetime', $day, @dates],
	map({ my $p = $_;
			["dt$p", "DATETIME($p)", 'datetime', $moment,
			map { my $date = s/'$//r; ("$date 00:00:00'", "$date 23:59:59.999999'",
					"$date 00:00:00.000001'", "$date 12:34:00'") } @dates] } 0 .. 6),
	map({ ["ts$_", "TIMESTAMP($_) NULL", 'datetime', $instant,
			"'1970-01-01 00:00:01'", "'2038-01-19 03:14:07.999999'",
			"'2024-03-10 02:30:00.5'", "'2000-01-01 00:00:00'"] } 0 .. 6),
	map({ ["tm$_", "TIME($_)", 'time', $clock, "'00:00:00'",
			"'23:59:59.999999'", "'00:00:00.000001'", "'12:00:00'"] } 0 .. 6)]);

table('intervals', 5_000, [
	map({ ["tm$_", "TIME($_)", 'interval',
			q{SEC_TO_TIME((@u % 6040799000000) / 1000000 - 3020399)},
			"'-838:59:59.999999'", "'838:59:59.999999'", "'-00:00:00.000001'",
			"'00:00:00'", "'24:00:00'", "'-24:00:00'", "'100:00:00.5'"] } 0 .. 6)],
	import => "time_as 'interval'");

# A character by its number, and texts of them.
sub char_of { return "CONVERT(UNHEX(LPAD(HEX($_[0]), 8, '0')) USING utf32)" }
my $low = char_of('1 + @n % 55294');
my $high = char_of('57344 + @m % 8190');
my $astral = char_of('65536 + @u % 1048576');
my $ascii = char_of('32 + @k % 95');
my $bmp = "REPEAT(CONCAT($low, $high, $ascii), \@v % 4)";
my $any = "REPEAT(CONCAT($low, $ascii, $astral, $high), \@v % 5)";

sub single_byte
{
	return "REPLACE(CONVERT(UNHEX(LEFT(\@h, 2 * (\@n % 11))) USING $_[0]), '\\0', 'x')";
}

my @texts = map { "'$_'" } '', ' ', 'ab  ', '  ab', 'a', 'NULL', '\\\\N', 'it\'\'s',
  'back\\\\slash', 'tab\\ttab', 'line\\nfeed\\r', '"quoted"', '%_,;', 'é€', '0';
my @wide = (@texts, "'тест'", "'日本語'", "_utf8mb4 x'EFBFBF'", "_utf8mb4 x'EE8080'");
my @emoji = (@wide, "'😀😀'", "_utf8mb4 x'F48FBFBF'", "'e\x{301}'");

table('texts', 15_000, [
	['ch', 'CHAR(20)', 'text', $any, @emoji],
	['c255', 'CHAR(255)', 'text', "REPEAT($any, 3)", @emoji, "REPEAT('é', 255)"],
	['c0', 'CHAR(0)', 'text', "''", "''"],
	['v0', 'VARCHAR(0)', 'text', "''", "''"],
	['cb', 'CHAR(20) COLLATE utf8mb4_bin', 'text', $any, @emoji],
	['cl', 'CHAR(12) CHARACTER SET latin1', 'text', single_byte('latin1'), @texts,
		"x'80818D8F909DFF'"],
	['vc', 'VARCHAR(20)', 'text', $any, @emoji],
	['v191', 'VARCHAR(191)', 'text', $any, @emoji, "REPEAT('😀', 191)"],
	['vl', 'VARCHAR(20) CHARACTER SET latin1', 'text', single_byte('latin1'), @texts],
	['v1251', 'VARCHAR(20) CHARACTER SET cp1251', 'text', single_byte('cp1251'), @texts, "'тест'"],
	['vk', 'VARCHAR(20) CHARACTER SET koi8r', 'text', single_byte('koi8r'), @texts],
	['v850', 'VARCHAR(20) CHARACTER SET cp850', 'text', single_byte('cp850'), @texts],
	['vl2', 'VARCHAR(20) CHARACTER SET latin2', 'text', single_byte('latin2'), @texts],
	['va', 'VARCHAR(20) CHARACTER SET ascii', 'text', "REPEAT($ascii, \@n % 20)", @texts],
	['vu3', 'VARCHAR(20) CHARACTER SET utf8mb3', 'text', $bmp, @wide],
	['vu2', 'VARCHAR(20) CHARACTER SET ucs2', 'text', $bmp, @wide],
	['vu16', 'VARCHAR(20) CHARACTER SET utf16', 'text', $any, @emoji],
	['vu16le', 'VARCHAR(20) CHARACTER SET utf16le', 'text', $any, @emoji],
	['vu32', 'VARCHAR(20) CHARACTER SET utf32', 'text', $any, @emoji],
	['vgbk', 'VARCHAR(20) CHARACTER SET gbk', 'text', $bmp, @texts, "'中文'"],
	['vsj', 'VARCHAR(20) CHARACTER SET sjis', 'text', $bmp, @texts, "'日本語'"],
	['vbig5', 'VARCHAR(20) CHARACTER SET big5', 'text', $bmp, @texts],
	['tt', 'TINYTEXT', 'text', $any, @emoji],
	['tx', 'TEXT', 'text', $any, @emoji, "REPEAT('é', 32767)"],
	['mt', 'MEDIUMTEXT', 'text', $any, @emoji, "REPEAT('z', 70000)"],
	['lt', 'LONGTEXT', 'text', $any, @emoji, "REPEAT('😀', 70000)"],
	['tl', 'TEXT CHARACTER SET latin1', 'text', single_byte('latin1'), @texts],
	['tu2', 'TEXT CHARACTER SET ucs2', 'text', $bmp, @wide],
	['vz', 'VARCHAR(200) COMPRESSED', 'text', "REPEAT($any, 8)", @emoji, "REPEAT('a', 200)"],
	['tz', 'TEXT COMPRESSED', 'text', "REPEAT($any, 20)", @emoji, "REPEAT('b', 9000)"]]);

my $bytes = 'UNHEX(LEFT(@h, 2 * (@n % 17)))';
my @bytes = ("''", "x'00'", "x'FF'", "x'0000'", "x'5C78'", "'a\\0b'", "x'EDA080'", "'ab '");

table('bytes', 10_000, [
	['bn', 'BINARY(16)', 'bytes', $bytes, @bytes],
	['b5', 'BINARY(5)', 'bytes', 'UNHEX(LEFT(@h, 10))', @bytes],
	['b0', 'BINARY(0)', 'bytes', "''", "''"],
	['cb', 'CHAR(16) CHARACTER SET binary', 'bytes', $bytes, @bytes],
	['vb', 'VARBINARY(16)', 'bytes', $bytes, @bytes],
	['tb', 'TINYBLOB', 'bytes', $bytes, @bytes, "REPEAT(x'00', 250)", "REPEAT('q', 251)", "REPEAT('q', 255)"],
	['bb', 'BLOB', 'bytes', $bytes, @bytes, "REPEAT(x'FF', 65535)"],
	['mb', 'MEDIUMBLOB', 'bytes', $bytes, @bytes, "REPEAT('r', 65536)"],
	['lb', 'LONGBLOB', 'bytes', $bytes, @bytes, "REPEAT(x'00', 300000)"],
	['vz', 'VARBINARY(200) COMPRESSED', 'bytes', "REPEAT($bytes, 5)", @bytes],
	['bz', 'BLOB COMPRESSED', 'bytes', "REPEAT($bytes, 20)", @bytes]]);

# Labels as SQL literals.
sub labels { return join ', ', @_ }
my @odd = ("'x,y'", "'it''s'", "'back\\\\slash'", "'\\\\n'", "'a\\nb'", "'tab\\t'", "'\"q\"'",
	"'é'", "'日本'", "'😀'", "' lead'", "'a  b'", "'(x)'", "'%'", "'\x{fffd}'",
	"'" . 'm' x 63 . "'");
my @many = map { "'label_$_'" } 1 .. 2000;
my @members = map { "'m$_'" } 1 .. 64;
my @odd_members = grep { !/,/ } @odd;

table('enums', 10_000, [
	['e2', "ENUM('a','b')", 'text', '1 + @n % 2', 1, 2],
	['e3', "ENUM('1','2','3') NOT NULL", 'text', '1 + @n % 3', "'3'", "'1'"],
	['eodd', 'ENUM(' . labels(@odd) . ')', 'text', '1 + @n % ' . @odd, 1 .. @odd],
	['ecase', "ENUM('a','A','á') COLLATE utf8mb4_bin", 'text', '1 + @n % 3', 1, 2, 3],
	['eempty', "ENUM('a','','b')", 'text', '1 + @n % 3', 1, 2, 3],
	['elong', "ENUM('a','" . 'é' x 40 . "')", 'text', '1 + @n % 2', 1, 2],
	['el', "ENUM('é','ß','z') CHARACTER SET latin1", 'text', '1 + @n % 3', 1, 2, 3],
	['eu', "ENUM('é','ж','z') CHARACTER SET ucs2", 'text', '1 + @n % 3', 1, 2, 3],
	['e2000', 'ENUM(' . labels(@many) . ')', 'text', '1 + @n % 2000', 1, 255, 256, 2000],
	['s1', "SET('a')", 'set', '@n % 2', 0, 1],
	['s3', "SET('a','b','c') NOT NULL", 'set', '@n % 8', 0 .. 7],
	['s64', 'SET(' . labels(@members) . ')', 'set', '@u & @v', 0, 1, '18446744073709551615', '1 << 63'],
	['sodd', 'SET(' . labels(@odd_members) . ')', 'set', '@n % ' . 2**@odd_members,
		map { 2**$_ } 0 .. $#odd_members],
	['sl', "SET('é','ß','z') CHARACTER SET latin1", 'set', '@n % 8', 0 .. 7]]);

my @json = map { "'" . (s/\\/\\\\/gr =~ s/'/''/gr) . "'" } (
	'{}', '[]', 'null', 'true', 'false', '0', '""', '-0', '-0.0', '0.00', '1.50',
	'1e5', '1E+5', '1.50e1', '1e-5', '0e5', '0e-5', '-1.5e-10', '1e400', '1e-400', '1e999', '1e-70',
	'123456789012345678901234567890.123456789', '18446744073709551615',
	'18446744073709551616', '1844674407370955161', '1844674407370955162.5', '9223372036854775808',
	'0.1', '0.0001', '0.00010', '10000', '100000000', '99999999', '12345.6789', '-1',
	'{"a":1,"a":2}', '{"b":1,"a":2,"b":3,"aa":4}', '{"a":{"x":1,"x":[]},"a":null}',
	'{"":""}', '{"é":"日本","😀":"e"}', '"\u00e9\u20AC\ud83d\ude00"', '"\"\\\\\/\b\f\n\r\t"',
	'{"k\u0061":1,"ka":2}', ' { "a" : [ 1 , 2 , { "b" : null } ] } ', "[\n1,\t2]",
	'[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]]]]]]', '[1,[2,[3,[4,[5]]]],{}]',
	'{"a":[true,false,null,"s",1.5,{}]}', '[' . join(',', 1 .. 400) . ']',
	'{' . join(',', map { qq("k$_":$_) } reverse 1 .. 300) . '}',
	'{' . join(',', map { qq("k$_":{"i":"$_"}) } 1 .. 40) . '}', '"' . 'x' x 3000 . '"',
	'[' . join(',', ('"' . 'é' x 40 . '"') x 50) . ']');
my $number = q{CONCAT(IF(@k % 2, '-', ''), IF(@v % 3, 1 + @v % 9, 0), IF(@v % 3, LEFT(@d, @n % 22), ''),
	IF(@m % 2, CONCAT('.', RIGHT(@d, 1 + @m % 20)), ''),
	IF(@k % 5 = 0, CONCAT('e', CAST(@u % 200 AS SIGNED) - 100), ''))};

table('jsons', 10_000, [
	['js', 'JSON', 'json',
		qq{JSON_OBJECT('id', seq, 'h', \@h, 't', CONVERT($any USING utf8mb4), 'a', JSON_ARRAY(\@n, \@u, NULL, TRUE),
			'o', JSON_OBJECT(LEFT(\@h, \@m % 5), \@d, 'z', JSON_COMPACT($number)), \@h, '[]')}, @json],
	['jn', 'JSON NOT NULL', 'json', $number, @json],
	['ja', 'JSON', 'json', qq{CONCAT('[', $number, ',"', \@h, '", {"', LEFT(\@h, 2), '":', $number,
		',"', LEFT(\@h, 1), '": [' , REPEAT(CONCAT($number, ', '), \@n % 30), 'null]}]')}, @json]]);

sub point { return '(@u % 36000000) / 100000 - 180, (@v % 18000000) / 100000 - 90' }
my $xy = sub { my ($n) = @_; "(\@u >> $n) % 1000, ' ', (\@v >> $n) % 1000 / 7" };
my $ring = "'(', \@n % 90, ' 0,', 100 + \@n % 90, ' 0,100 100,', \@n % 90, ' 0)'";
my %wkt = (
	point => ["CONCAT('POINT(', @{[ $xy->(0) ]}, ')')", "'POINT(1 2)'", "'POINT(-1e300 1e-300)'"],
	linestring => [
		"CONCAT('LINESTRING(', " . join(", ',', ", map { $xy->($_) } 1 .. 5) . ", ')')",
		"'LINESTRING(0 0,1 1)'"],
	polygon => ["CONCAT('POLYGON(', $ring, ')')",
		"'POLYGON((0 0,10 0,10 10,0 10,0 0),(1 1,2 1,2 2,1 1))'"],
	multipoint => ["CONCAT('MULTIPOINT(', " . join(", ',', ", map { $xy->($_) } 1 .. 3) . ", ')')",
		"'MULTIPOINT(0 0,1 1)'"],
	multilinestring => [
		"CONCAT('MULTILINESTRING((', " . join(", ',', ", map { $xy->($_) } 1 .. 3)
		  . ", '),(', " . join(", ',', ", map { $xy->($_) } 4 .. 6) . ", '))')",
		"'MULTILINESTRING((0 0,1 1),(2 2,3 3,4 4))'"],
	multipolygon => ["CONCAT('MULTIPOLYGON((', $ring, '),(', $ring, '))')",
		"'MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))'"],
	geometrycollection => [
		"CONCAT('GEOMETRYCOLLECTION(POINT(', @{[ $xy->(2) ]}, '),POLYGON(', $ring, '))')",
		"'GEOMETRYCOLLECTION EMPTY'",
		"'GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1))'"]);
my $srid = 'ELT(1 + @k % 4, 0, 4326, 3857, 2147483647)';

table('geometries', 4_000, [
	map({ my ($value, @edges) = @{ $wkt{$_} };
			my $first = $edges[0];
			[$_, uc, 'geometry', "ST_GeomFromText($value, $srid)",
				map({ ("ST_GeomFromText($_)", "ST_GeomFromText($_, 4326)") } @edges),
				"ST_GeomFromText($first, 4294967295)"] } sort keys %wkt),
	['any', 'GEOMETRY', 'geometry',
		'CASE @w % 7 ' . join(' ', map { "WHEN " . $_->[0] . " THEN ST_GeomFromText("
				. $wkt{ $_->[1] }[0] . ", $srid)" } map { [$_, (sort keys %wkt)[$_]] } 0 .. 6) . ' END',
		map { "ST_GeomFromText($wkt{$_}[1], 4326)" } sort keys %wkt],
	['ref', 'POINT REF_SYSTEM_ID=4326', 'geometry', "ST_GeomFromText($wkt{point}[0], 4326)",
		"ST_GeomFromText('POINT(0 0)', 4326)"]]);

table('others', 10_000, [
	['uu', 'UUID', 'uuid', q{@h}, "'00000000-0000-0000-0000-000000000000'",
		"'ffffffff-ffff-ffff-ffff-ffffffffffff'", "'123e4567-e89b-12d3-a456-426614174000'"],
	['i4', 'INET4', 'inet', 'INET_NTOA(@n)', "'0.0.0.0'", "'255.255.255.255'", "'127.0.0.1'"],
	['i6', 'INET6', 'inet', 'INET6_NTOA(UNHEX(IF(@n % 3, @h, CONCAT(REPEAT(0, @m % 33), LEFT(@h, 32 - @m % 33)))))',
		"'::'", "'::1'", "'::ffff:192.168.0.1'", "'::192.168.0.1'", "'2001:db8::ff00:42:8329'",
		"'fe80::1'", "'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'", "'64:ff9b::1.2.3.4'"],
	['uu_text', 'CHAR(36)', 'text', q{CAST(CAST(@h AS UUID) AS CHAR)},
		"'123e4567-e89b-12d3-a456-426614174000'"],
	['int_text', 'VARCHAR(20)', 'text', 'CAST(@n AS SIGNED) - 2147483648', "'0'", "'-2147483648'"],
	['base', 'INT', 'integer', '@n % 100000', 0, 1, 99999],
	['hidden', 'INT INVISIBLE', 'integer', '@n % 1000', 0, 1],
	['hidden_text', "VARCHAR(10) INVISIBLE DEFAULT 'd'", 'text', 'LEFT(@h, @n % 10)', "'x'"],
	['virt', 'INT GENERATED ALWAYS AS (base + 1) VIRTUAL', 'integer'],
	['stored', "VARCHAR(20) AS (CONCAT('<', base, '>')) PERSISTENT", 'text'],
	['hidden_virt', 'BIGINT AS (base * 1000000007) VIRTUAL INVISIBLE', 'integer'],
	['A b"c`d', 'INT', 'integer', '@n', 1],
	['sélect', 'INT', 'integer', '@n', 2]]);

# A server may lack some of these types and refuse some JSON.  MySQL says some
# types in another way, and keeps JSON and geometries only if they are right.
my $is_mysql = ($ENV{LAB_SOURCE} // '') eq 'mysql';
my $not_in_mysql = qr/\b(?:UUID|INET4|INET6|COMPRESSED|YEAR\(2\)|REF_SYSTEM_ID|DECIMAL\(\d+,3[1-9]\))/;
my @left_out;

# MySQL rounds a time to its digits unless configured otherwise, even out of range.
our $sql_mode = $is_mysql ? 'TIME_TRUNCATE_FRACTIONAL' : '';

my $refuses_zero = !$is_mysql && !Lab::maria(q{SELECT JSON_VALID('0e5')});

sub is_missing
{
	my ($type, $random) = @_;

	return 1 if $is_mysql && $type =~ $not_in_mysql;
	return grep { !Lab::has_type($_) } "$type $random" =~ /\b(UUID|INET4|INET6)\b/g;
}

sub adapt_table
{
	my ($table) = @_;
	my @columns;

	for my $column (columns_of($table))
	{
		my ($name, $type, $kind, $random, @edges) = @$column;

		if (is_missing($type, $random // ''))
		{
			push @left_out, "$table->{name}.$name";
			next;
		}
		if ($refuses_zero && $kind eq 'json')
		{
			@edges = grep { !/'0e-?5'/ } @edges;
			$random = "IF(JSON_VALID($random), $random, '[0]')";
		}
		if (!$is_mysql)
		{
			push @columns, [$name, $type, $kind, defined $random ? $random : (), @edges];
			next;
		}
		$type =~ s/PERSISTENT/STORED/;
		@edges = grep { !/'1e(?:400|999)'/ } @edges if $kind eq 'json';
		@edges = map { s/, 4326\)/)/r } grep { !/, 4294967295\)/ } @edges if $kind eq 'geometry';
		if (defined $random)
		{
			$random =~ s/JSON_COMPACT\(/CAST(/ && $random =~ s/(CAST\(CONCAT.*?)\)\), \@h/$1 AS JSON)), \@h/s;
			$random =~ s/\Q$srid\E/ELT(1 + \@k % 2, 0, 3857)/g;
		}
		push @columns, [$name, $type, $kind, defined $random ? $random : (), @edges];
	}
	return { %$table, columns => \@columns };
}

@tables = map { adapt_table($_) } @tables;
Test::More::diag("not on this server: @left_out") if @left_out;

# Is there a column of this name?
sub has_column
{
	my ($table_name, $column_name) = @_;

	return grep { $_->{name} ne $table_name ? () : grep { $_->[0] eq $column_name } columns_of($_) } @tables;
}

# A name as MariaDB takes it.
sub name_there { return '`' . ($_[0] =~ s/`/``/gr) . '`' }

sub create_sql
{
	my ($table) = @_;

	return "CREATE TABLE $table->{name} (id INT PRIMARY KEY AUTO_INCREMENT, "
	  . join(', ', map { name_there($_->[0]) . " $_->[1]" } columns_of($table)) . ')';
}

sub edge_count
{
	my ($table) = @_;
	my $most = 0;

	for my $column (columns_of($table))
	{
		my $count = @$column - 4;
		$most = $count if $count > $most;
	}
	return $most;
}

# Statements that fill a table: edge values in turn, a row of NULLs where
# they may be, and random rows with NULLs among them.
sub fill_sql
{
	my ($table) = @_;
	my @columns = grep { defined $_->[3] } columns_of($table);
	my $names = join ', ', map { name_there($_->[0]) } @columns;
	my @rows;
	my @random;

	for my $i (0 .. edge_count($table) - 1)
	{
		push @rows, '(' . join(', ', map { my @edges = @$_[4 .. $#$_]; $edges[$i % @edges] } @columns) . ')';
	}
	push @rows, '(' . join(', ', map { $_->[1] =~ /NOT NULL/ ? $_->[4] : 'NULL' } @columns) . ')';
	for my $column (@columns)
	{
		my $value = "($column->[3])";
		$value = "IF(MOD(CRC32(CONCAT('null', seq, '$column->[0]')), 8) = 0, NULL, $value)"
		  unless $column->[1] =~ /NOT NULL/;
		push @random, random($value, $column->[0] =~ s/\W//gr);
	}
	return map({ "INSERT INTO $table->{name} ($names) VALUES $_" } @rows),
	  "INSERT INTO $table->{name} ($names) SELECT " . join(', ', @random)
	  . " FROM seq_1_to_$table->{rows}";
}

1;
