# Each key that a table can have is cut so that every row, also one that comes
# later, is in one chunk and in no other.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Lab::Migration;
use Test::More;

my $rows = 4000;
my $limit = 400;
my $session = new_database('chunks');

# Name, columns, and keys of a number; keys of later rows where the same
# expression does not serve, of numbers beyond.
my $uuid = q{CONCAT(LEFT(MD5(n), 12), '4', SUBSTR(MD5(n), 14, 3), '8', SUBSTR(MD5(n), 18))};
my @keys = (
	['ints', 'id INT PRIMARY KEY', 'n * 3', 'n * 3 - 13001'],
	['shorts', 'id SMALLINT PRIMARY KEY', 'n - 2000', 'IF(n % 2, n - 2000, 2000 - n)'],
	['skewed', 'id BIGINT PRIMARY KEY', 'IF(n < 3800, n, 9000000000000000000 + n)',
		'IF(n % 2, n, 9000000000000000000 + n)'],
	['negative', 'id BIGINT PRIMARY KEY', '(n - 2000) * 4500000000000000',
		'IF(n % 2, -1, 1) * (n * 1000000000000000 + 1)'],
	['unsigneds', 'id BIGINT UNSIGNED PRIMARY KEY', 'CAST(n AS UNSIGNED) * 3600000000000000',
		'IF(n % 2, n, CAST(18446744073709551615 AS UNSIGNED) - n)'],
	['cuids', 'id VARCHAR(191) COLLATE utf8mb4_unicode_ci PRIMARY KEY',
		"CONCAT('cl', LPAD(CONV(n * 7919, 10, 36), 7, '0'), LEFT(MD5(n), 12))"],
	['base64', 'id VARCHAR(50) COLLATE utf8mb4_bin PRIMARY KEY',
		'TO_BASE64(UNHEX(LEFT(SHA1(n), 20)))'],
	['mixed_case', 'id VARCHAR(50) COLLATE utf8mb4_general_ci PRIMARY KEY',
		'CONCAT(TO_BASE64(UNHEX(LEFT(SHA1(n), 8))), n)'],
	['nopad', 'id VARCHAR(50) COLLATE utf8mb4_nopad_bin PRIMARY KEY',
		"CONCAT(n, REPEAT(' ', n % 4))"],
	['latin', 'id VARCHAR(50) CHARACTER SET latin1 COLLATE latin1_swedish_ci PRIMARY KEY',
		"CONCAT(ELT(1 + n % 6, 'å', 'Ä', 'b', 'é', 'E', 'o'), MD5(n))"],
	['cyrillic', 'id VARCHAR(50) PRIMARY KEY', "CONCAT('значение ', n)",
		"CONCAT(ELT(1 + n % 3, 'а', 'значение ', 'Я'), n)"],
	['emoji', 'id VARCHAR(50) PRIMARY KEY', "CONCAT(ELT(1 + n % 3, '😀', '☃', '𝄞'), n)"],
	['low_letter', 'id VARCHAR(50) PRIMARY KEY', "CONCAT(IF(n = 1, 'ä', CHAR(98 + n % 24 USING utf8mb4)), MD5(n))",
		"CONCAT(ELT(1 + n % 4, 'ä', 'Æ', 'ö', ''), MD5(n))"],
	['greek', 'id VARCHAR(50) PRIMARY KEY', "CONCAT(ELT(1 + n % 5, 'ά', 'Δ', 'λ', 'ο', 'ώ'), MD5(n))"],
	['korean', 'id VARCHAR(50) COLLATE utf8mb4_unicode_520_ci PRIMARY KEY',
		"CONVERT(UNHEX(CONCAT('EA', HEX(176 + n % 16), HEX(128 + n DIV 16 % 64), 'EA', HEX(176 + n DIV 1024 % 16), HEX(128 + n % 61))) USING utf8mb4)"],
	['accents', 'id VARCHAR(50) COLLATE utf8mb4_general_ci PRIMARY KEY',
		"CONCAT(ELT(1 + n % 4, 'é', 'è', 'ê', 'É'), n)"],
	['reverse', 'id VARCHAR(50) COLLATE utf8mb4_swedish_ci, n INT, PRIMARY KEY (id, n)',
		"ELT(1 + n % 3, 'å', 'ä', 'ö'), n"],
	['month_end', 'id DATETIME(6) PRIMARY KEY', "'2020-01-30' + INTERVAL n * 40.5 SECOND",
		"'2020-01-29' + INTERVAL n * 70.25 SECOND"],
	['one_second', 'id DATETIME(6) PRIMARY KEY', "'2020-01-31 23:59:59' + INTERVAL n * 101 MICROSECOND"],
	['one_second_of_day', 'id TIME(6) PRIMARY KEY', "ADDTIME('10:00:00', SEC_TO_TIME(n * 0.000101))",
		"ADDTIME('09:59:59', SEC_TO_TIME(n * 0.000301))"],
	['quotes', q{id VARCHAR(50) COLLATE utf8mb4_bin PRIMARY KEY},
		q{CONCAT(ELT(1 + n % 5, '\\'', '\\\\', '"?', '%_', '`/*'), n)}],
	['prefixes', 'id TEXT, PRIMARY KEY (id(20))', 'MD5(n)'],
	['blobs', 'id BLOB, PRIMARY KEY (id(20))', 'UNHEX(MD5(n))'],
	['uuid_texts', 'id CHAR(36) PRIMARY KEY',
		q{INSERT(INSERT(INSERT(INSERT(MD5(n), 21, 0, '-'), 17, 0, '-'), 13, 0, '-'), 9, 0, '-')}],
	['uuids', 'id UUID PRIMARY KEY', $uuid],
	['uuid_bytes', 'id BINARY(16) PRIMARY KEY', 'UNHEX(MD5(n))'],
	['addresses', 'id INET6 PRIMARY KEY', "INET6_NTOA(UNHEX(MD5(n)))"],
	['datetimes', 'id DATETIME(6) PRIMARY KEY', "'2020-01-01' + INTERVAL n * 3600.25 SECOND",
		"'1970-01-01' + INTERVAL n * 36003.75 SECOND"],
	['dates', 'id DATE PRIMARY KEY', "'2000-01-01' + INTERVAL n DAY",
		"'1900-01-01' + INTERVAL n * 3 DAY"],
	['timestamps', 'id TIMESTAMP(3) DEFAULT CURRENT_TIMESTAMP(3) PRIMARY KEY',
		'FROM_UNIXTIME(1500000000 + n * 3600.125)'],
	['times', 'id TIME(3) PRIMARY KEY', 'SEC_TO_TIME(n * 500.5 - 1000000)',
		'SEC_TO_TIME((n - 4000) * 700.25 - 500000)'],
	['decimals', 'id DECIMAL(20,5) PRIMARY KEY', 'n * 1.00003 - 1000'],
	['doubles', 'id DOUBLE PRIMARY KEY', 'n / 7', 'EXP(n / 10) * IF(n % 2, -1, 1)'],
	['floats', 'id FLOAT PRIMARY KEY', 'n / 10', '-n / 10'],
	['bits', 'id BIT(40) PRIMARY KEY', 'n * 1000'],
	['backwards', 'id INT, PRIMARY KEY (id DESC)', 'n * 5', 'n * 5 - 18003'],
	['three', 'a INT, b VARCHAR(20), c INT, PRIMARY KEY (a, b, c)',
		q{n % 3, CONCAT('t', n % 40), n}],
	['enums', q{e ENUM('z', 'a', 'm'), id INT, PRIMARY KEY (e, id)}, '1 + n % 3, n'],
	['sets', q{s SET('z', 'a', 'm'), id INT, PRIMARY KEY (s, id)}, 'n % 8, n'],
	['one_text', 'a VARCHAR(20), b CHAR(32), PRIMARY KEY (a, b)', q{'same', MD5(n)}],
	['fractions', 'a FLOAT, b DOUBLE, c INT, PRIMARY KEY (a, b, c)',
		'(n % 2) / 10, (n % 3) / 10, n'],
	['`odd ``name`', q{`a``b'c"` INT PRIMARY KEY}, 'n'],
	['none', 'v INT', 'n'],
	['one', 'id INT PRIMARY KEY', undef],
	['nothing', 'id INT PRIMARY KEY', undef]);

# MySQL and older servers have not all of these types.
if (Lab::Maria->is_mysql || !Lab::has_type('UUID'))
{
	my $missing = Lab::Maria->is_mysql ? qr/UUID|INET6|nopad/ : qr/UUID/;

	diag('not on this server: ' . join ' ', map { $_->[0] } grep { $_->[1] =~ $missing } @keys);
	@keys = grep { $_->[1] !~ $missing } @keys;
}

# Without a key, or with one whose order cannot be halved.
my %is_whole = map { $_ => 1 } 'none', 'one', 'nothing', 'enums', 'sets';

# Fills a table from numbers; a key that already exists is skipped.
sub fill
{
	my ($name, $keys, $first, $last) = @_;

	return "SET NAMES utf8mb4; SET sql_mode = '';
		INSERT IGNORE INTO $name SELECT $keys, REPEAT('x', n % 30)
		FROM (SELECT CAST(seq AS SIGNED) AS n FROM seq_${first}_to_$last) s;";
}

maria('ALTER DATABASE chunks CHARACTER SET utf8mb4');
for my $key (@keys)
{
	my ($name, $columns, $keys) = @$key;
	my ($column, $rest) = split /, (?=PRIMARY)/, $columns;

	$columns = "$column, w VARCHAR(50)" . ($rest ? ", $rest" : '');
	maria("CREATE TABLE $name ($columns);"
		  . ($keys ? fill($name, $keys, 1, $rows) : '')
		  . "ANALYZE TABLE $name");
}
maria('INSERT INTO one VALUES (5, NULL)');
$session->do('CREATE SCHEMA far;
	IMPORT FOREIGN SCHEMA chunks FROM SERVER remote INTO far');

sub plain
{
	my ($name) = @_;

	$name =~ s/^`(.*)`$/$1/;
	return $name =~ s/``/`/gr;
}

# Rows that are not in just one chunk: those of MariaDB's own counting.
sub misplaced
{
	my ($name, $chunks) = @_;

	return $session->value("SELECT mariadb_count FROM mariadb.query('remote',
		(SELECT 'SELECT count(*) FROM chunks.$name WHERE '
			|| string_agg('CASE WHEN ' || coalesce(condition, '1') || ' THEN 1 ELSE 0 END', ' + ')
			|| ' <> 1' FROM $chunks)) AS q (mariadb_count bigint)");
}

# The rows of the greatest chunk.
sub greatest
{
	my ($chunks, $name) = @_;

	return $session->value("SELECT max(n) FROM mariadb.query('remote',
		(SELECT string_agg('SELECT count(*) AS n FROM chunks.$name WHERE '
			|| coalesce(condition, '1'), ' UNION ALL ') FROM $chunks)) AS q (n bigint)");
}

for my $key (@keys)
{
	my ($name, undef, $keys, $later) = @$key;
	my $plain = plain($name);
	my $has_chunks = $keys && !$is_whole{$name};

	$session->do("DROP TABLE IF EXISTS cut; CREATE TEMP TABLE cut AS
		SELECT * FROM mariadb.chunks('far.\"$plain\"', $limit)");
	my $count = $session->value('SELECT count(*) FROM cut');
	if ($has_chunks)
	{
		cmp_ok($count, '>=', 4, "$plain: there are $count chunks");
		cmp_ok($count, '<=', 200, "$plain: and not too many");
		cmp_ok(greatest('cut', $name), '<=', $rows / 2, "$plain: none is most of the table");
	}
	else
	{
		is($count, 1, "$plain: there is one chunk");
	}
	is(misplaced($name, 'cut'), 0, "$plain: each row is in one chunk");
	next unless $keys;

	my $before = maria("SELECT count(*) FROM $name");
	maria(fill($name, $later // $keys, $rows + 1, $rows + 2000));
	cmp_ok(maria("SELECT count(*) FROM $name"), '>', $before, "$plain: rows come later");
	is(misplaced($name, 'cut'), 0, "$plain: each of these is in one chunk too");
}

# All of them, in chunks as small as can be.
my $migration = Lab::Migration->new('remote', 'chunks', 'moved');
my $answer = $session->run($migration->call('{"workers": 2, "chunk_size": "16kB", "time_as": "interval"}'), 300);
is($answer->{code}, '', 'they are moved') or diag($answer->{err});
$session->returns("SELECT string_agg(table_name || ' ' || status, ', ')
	FROM mariadb.verify('remote', 'chunks', 'moved') WHERE status <> 'equal'",
	'', 'and are equal');
$session->returns("SELECT string_agg(table_name, ', ' ORDER BY table_name) FROM (
		SELECT table_name FROM mariadb.chunk GROUP BY 1 HAVING count(*) = 1) t",
	'enums, none, nothing, one, sets', 'each in chunks that can be cut');

$session->fails(q{SELECT * FROM mariadb.chunks('far."one"', 0)}, '22023',
	qr/at least 1/, 'chunks of no rows');

done_testing;
