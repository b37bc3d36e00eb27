# Databases of other encodings than UTF-8, and remote columns of many: a text
# arrives exactly or is refused by name, and invalid bytes never get in.
use strict;
use warnings;
use utf8;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use List::Util qw(shuffle);
use Test::More;

binmode Test::More->builder->$_, ':utf8'
  for qw(output failure_output todo_output);
srand 22;

my @encodings = qw(UTF8 LATIN1 WIN1252 EUC_JP SQL_ASCII);
my %session = (UTF8 => new_database('encodings'));
my $utf8 = $session{UTF8};
my $server_version = $utf8->value('SHOW server_version_num');

sub encoded { utf8::encode(my $text = $_[0]); return $text }

sub decoded { utf8::decode(my $text = $_[0]); return $text }

# Runs statements in MariaDB; characters in, characters out.
sub there
{
	return decoded(maria(encoded("SET NAMES utf8mb4; USE encodings; $_[0]")));
}

# Runs statements in the database of an encoding; the answer in characters.
sub here
{
	my ($encoding, $sql) = @_;
	my $answer = $session{$encoding}->run(encoded($sql), 60);

	$answer->{$_} = decoded($answer->{$_}) for qw(out err);
	return $answer;
}

# Tests the output of a statement that works.
sub gives
{
	my ($encoding, $sql, $expected, $name) = @_;
	my $answer = here($encoding, $sql);
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	is($answer->{out}, $expected, "$encoding: $name") or diag($answer->{err});
}

# Tests SQLSTATE and words of an error.
sub refuses
{
	my ($encoding, $sql, $code, $message, $name) = @_;
	my $answer = here($encoding, $sql);
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	is($answer->{code}, $code, "$encoding: $name, $code") or diag($answer->{err});
	like($answer->{err}, $message, "$encoding: $name");
}

# Remote columns of each character set, with every character that it has and
# more than one byte of each length.
my @ranges = (
	[ 0x01, 0x24F ], [ 0x370, 0x4FF ], [ 0x1E00, 0x1EFF ], [ 0x2000, 0x22FF ],
	[ 0x2500, 0x26FF ], [ 0x3000, 0x30FF ], [ 0x4E00, 0x9FA5 ],
	[ 0xAC00, 0xAC7F ], [ 0xE000, 0xE01F ], [ 0xFF00, 0xFFEF ],
	[ 0x1F600, 0x1F64F ], [ 0x10FFF0, 0x10FFFD ]);
my @codes = map { $_->[0] .. $_->[1] } @ranges;
my @values = map { sprintf "(%d, _utf8mb4 0x%s)", $_,
	unpack 'H*', encoded(chr) } @codes;
there('CREATE TABLE chars (id INT PRIMARY KEY, v VARCHAR(2) COLLATE utf8mb4_bin)
		CHARACTER SET utf8mb4;'
	  . join ';', map { 'INSERT INTO chars VALUES '
		  . join ',', splice @values, 0, 5000 } 0 .. @values / 5000);

my %sets = (
	latin1 => [ map { sprintf '%02X', $_ } 0x01 .. 0xFF ],
	cp1251 => [ map { sprintf '%02X', $_ } 0x01 .. 0xFF ],
	koi8r => [ map { sprintf '%02X', $_ } 0x01 .. 0xFF ],
	sjis => [ qw(41 82A0 B1 8EFA) ],
	gbk => [ qw(41 B0A1 C4E3) ],
	utf8mb3 => [ qw(41 C3A9 E282AC) ],
	ucs2 => [ qw(0041 00E9 20AC FFFD) ],
	utf16 => [ qw(0041 00E9 20AC D83DDE00) ],
	utf32 => [ qw(00000041 0001F600) ]);
for my $set (sort keys %sets)
{
	there("CREATE TABLE of_$set (id INT PRIMARY KEY, v VARCHAR(5),
			c CHAR(5), t TEXT) CHARACTER SET $set; INSERT INTO of_$set VALUES "
		  . join ', ', map { my $id = $_;
			my $v = "_$set 0x$sets{$set}[$id]";
			"($id, $v, $v, $v)" } 0 .. $#{ $sets{$set} });
}

# What information_schema, keys, enums, JSON and errors have to say.
there(q{
	CREATE TABLE `ünï tàble` (`cöl` INT, `é` VARCHAR(5));
	INSERT INTO `ünï tàble` VALUES (7, 'ü');
	CREATE TABLE words (id INT PRIMARY KEY, v VARCHAR(2), c CHAR(2),
		e ENUM('é', 'b'), s SET('é', 'x'), j JSON);
	INSERT INTO words VALUES
		(1, 'éü', 'é', 'é', 'é,x', '{"é": "ü"}'),
		(2, 'ab', 'a', 'b', '', '{"a": "\\\\u00e9\\\\n"}');
	CREATE TABLE odd (id VARCHAR(20) PRIMARY KEY, d DATE, t TINYINT(1),
		n VARCHAR(20), e ENUM('a'), v VARCHAR(80));
	INSERT IGNORE INTO odd VALUES ('한국어', '0000-00-00', 2,
		CONCAT('한', CHAR(0)), 'x', REPEAT('한국어', 20));
	CREATE TABLE surrogates (id INT PRIMARY KEY, v VARCHAR(20), j TEXT,
		u VARCHAR(20) CHARACTER SET ucs2, w VARCHAR(20) CHARACTER SET utf8mb3);
	CREATE TABLE nuls (id INT PRIMARY KEY, v VARCHAR(20), l VARCHAR(20) CHARACTER SET latin1);
	INSERT INTO nuls VALUES (1, CONCAT('a', CHAR(0), 'b'), CONCAT('é', CHAR(0 USING utf8mb4)))});

# MySQL lets no text in that is not valid.
my $is_mysql = Lab::Maria->is_mysql;
diag('MySQL stores no surrogates') if $is_mysql;
there(q{INSERT INTO surrogates VALUES
		(1, _utf8mb4 0x61EDA08062, _utf8mb4 0x22EDA08022, _ucs2 0xD8000062, _utf8mb3 0xEDA080),
		(2, _utf8mb4 0xEDA0BDEDB880, _utf8mb4 0x22EDA0BDEDB88022, _ucs2 0xD83DDE00, _utf8mb3 0xEDA0BDEDB880)}) unless $is_mysql;

# Bytes and units at random: whatever MariaDB lets in.
my @random;
for my $id (1 .. 3000)
{
	my $bytes = join '', map {
		my $kind = $id % 3 ? rand 0.4 : rand;
		$kind < 0.4 ? encoded(chr(1 + int rand 0xD7FF))
		: $kind < 0.6 ? pack('C3', 0xED, 0xA0 + rand 0x20, 0x80 + rand 0x40)
		: $kind < 0.8 ? encoded(chr(0x10000 + int rand 0x100000))
		: chr(int rand 256) } 1 .. 1 + rand 8;
	my $units = join '', map {
		my $kind = rand;
		$kind < 0.8 ? pack('n', 1 + rand 0xD7FF)
		: $kind < 0.9 ? pack('n2', 0xD800 + rand 0x400, 0xDC00 + rand 0x400)
		: pack('n', 0xD800 + rand 0x800) } 1 .. 1 + rand 8;
	push @random, "($id, _binary 0x" . unpack('H*', $bytes) . ', _ucs2 0x'
	  . unpack('H*', $units) . ')';
}
there("SET sql_mode = ''; CREATE TABLE random (id INT PRIMARY KEY,
	v VARCHAR(80), u VARCHAR(80) CHARACTER SET ucs2) CHARACTER SET utf8mb4;
	INSERT IGNORE INTO random VALUES " . join ', ', @random);
there("DELETE FROM random WHERE v = '' OR u = ''") if $is_mysql;

# Makes the database of an encoding.
sub add_database
{
	my ($encoding) = @_;
	my $name = 'encodings_' . lc $encoding;

	$utf8->do("DROP DATABASE IF EXISTS $name WITH (FORCE)");
	$utf8->do("CREATE DATABASE $name ENCODING '$encoding' LOCALE 'C'
		TEMPLATE template0");
	my $session = $session{$encoding} = Lab::Session->new($name);
	$session->do('CREATE EXTENSION mariadb_fdw');
	Lab::add_server($session, 'remote', dbname => 'encodings');
}

$utf8->do("ALTER SERVER remote OPTIONS (ADD dbname 'encodings')");
for my $encoding (@encodings)
{
	add_database($encoding) unless $session{$encoding};
	$session{$encoding}->do(q{SET client_encoding = 'UTF8';
		CREATE FUNCTION hex(v text) RETURNS text LANGUAGE sql
		AS $$ SELECT upper(encode(convert_to(v, 'UTF8'), 'hex')) $$;
		CREATE FUNCTION try(statement text) RETURNS text LANGUAGE plpgsql AS $$
		DECLARE result text; context text;
		BEGIN
			EXECUTE statement INTO result;
			RETURN 'ok ' || result;
		EXCEPTION WHEN OTHERS THEN
			GET STACKED DIAGNOSTICS context = PG_EXCEPTION_CONTEXT;
			RETURN sqlstate || CASE WHEN context LIKE 'column "%" of foreign table "%", row 1' || E'\\n%'
				THEN '' ELSE ' NO PLACE ' || sqlerrm || context END;
		END $$});
}

# SQL_ASCII keeps UTF-8 as it comes, and converts nothing.
$session{SQL_ASCII}->do('CREATE OR REPLACE FUNCTION hex(v text) RETURNS text
	LANGUAGE sql AS $$ SELECT upper(encode(textsend(v), $_$hex$_$)) $$');

# Which of the characters each encoding has, by PostgreSQL's own account.  It
# takes U+00A6 for U+FFE4 in EUC_JP, which is left alone here.
$utf8->do(q{CREATE FUNCTION fits(code int, encoding name) RETURNS bool
	LANGUAGE plpgsql AS $$
	BEGIN
		RETURN convert(convert(convert_to(chr(code), 'UTF8'), 'UTF8', encoding),
			encoding, 'UTF8') = convert_to(chr(code), 'UTF8');
	EXCEPTION WHEN OTHERS THEN RETURN false;
	END $$;
	CREATE FOREIGN TABLE chars (id int, v text) SERVER remote});
for my $encoding (@encodings)
{
	my $fits = $encoding =~ /UTF8|ASCII/ ? 'true' : "fits(id, '$encoding')";
	my @fit = split /\n/, $utf8->do("SELECT id FROM chars WHERE $fits", 60);
	my %fits = map { $_ => 1 } @fit;
	my @others = grep { !$fits{$_} && $_ != 0xA6 } @codes;
	my $table = "fit_\L$encoding";

	there("CREATE TABLE $table (id INT PRIMARY KEY, v VARCHAR(2), hex VARCHAR(8))
		SELECT id, v, HEX(v) AS hex FROM chars WHERE id IN (0" . join(',', '', @fit) . ')');
	Lab::add_table($session{$encoding}, $table, 'id int, v text, hex text',
		dbname => 'encodings');
	gives($encoding, "SELECT count(v),
			string_agg(hex || ' is ' || hex(v), ', ') FILTER (WHERE hex(v) <> hex) FROM $table",
		@fit . '|', 'the ' . @fit . ' characters that it has are exact');
	next unless @others;
	here($encoding, q{CREATE FOREIGN TABLE chars
		(id int OPTIONS (remote_type 'int(11)'), v text) SERVER remote});
	my $ids = join ',', (shuffle @others)[ 0 .. 199 ];
	gives($encoding, "SELECT DISTINCT try('SELECT v FROM chars WHERE id = ' || id)
		FROM unnest('{$ids}'::int[]) AS id", '22P05',
		'the ' . @others . ' others are refused, and their location is reported');
}

# Remote character sets, in the encodings that have all the characters.
for my $set (sort keys %sets)
{
	for my $encoding ('UTF8', 'SQL_ASCII')
	{
		Lab::add_table($session{$encoding}, "of_$set",
			'id int, v varchar(5), c char(5), t text', dbname => 'encodings');
		gives($encoding, "SELECT count(*) FILTER (WHERE hex(v) = h AND hex(t) = h
				AND rtrim(h, '20') = rtrim(hex(c), '20')), count(*)
			FROM of_$set JOIN mariadb.query('remote', 'SELECT id, HEX(CONVERT(v USING utf8mb4))
				FROM of_$set') AS r (id int, h text) USING (id)"
			  =~ s/FROM of_$set'/FROM encodings.of_$set'/r,
			join('|', (scalar @{ $sets{$set} }) x 2), "a column in $set");
	}
}

for my $encoding (@encodings)
{
	# Names, also of what is made here.
	here($encoding, 'CREATE FOREIGN TABLE named ("cöl" int, "ë" text OPTIONS (column_name $$é$$))
		SERVER remote OPTIONS (table_name $$ünï tàble$$)' =~ s/\$\$/'/gr);
	gives($encoding, 'SELECT "cöl", "ë" FROM named WHERE "cöl" = 7',
		'7|ü', 'names with accents');
	gives($encoding, q{SELECT * FROM mariadb.query('remote',
		'SELECT `é`, ''à'' FROM encodings.`ünï tàble`') AS t (a text, "ß" text)},
		'ü|à', 'and in mariadb.query');

	# The same letters in every kind of column.
	here($encoding, q{CREATE TYPE e_or_b AS ENUM ('é', 'b');
		CREATE FOREIGN TABLE words (id int, v varchar(2), c char(2), e e_or_b,
		s text[], j jsonb) SERVER remote});
	gives($encoding, 'SELECT v, c, e, s, j FROM words ORDER BY id',
		qq(éü|é |é|{é,x}|{"é": "ü"}\nab|a |b|{}|{"a": "é\\n"}),
		'text, enum, set and jsonb')
	  unless $encoding eq 'SQL_ASCII';
	# PostgreSQL's own code for it, which 17 changed.
	refuses($encoding, 'SELECT j FROM words',
		$server_version < 170000 ? '0A000' : '22P05', qr/column "j".*row 2/,
		'an escape that needs to know the encoding')
	  if $encoding eq 'SQL_ASCII' && !$is_mysql;

	# An error can be reported, whatever is in the value and in the key.
	here($encoding, q{CREATE FOREIGN TABLE odd (d date, t bool, n text,
		e e_or_b, v varchar(5), id text OPTIONS (key '1')) SERVER remote});
	for (
		[ 'd', '22008', qr/0000-00-00/, 'a zero date' ],
		[ 't', '22003', qr/is "2"/, 'a boolean' ],
		[ 'n', '22021', qr/\\xed959c00/, 'a NUL byte' ],
		[ 'e', '22P02', qr/is ""/, 'an enum' ],
		[ 'v', $encoding =~ /LATIN1|WIN1252|EUC_JP/ ? '22P05' : '22001',
			qr/column "v"/, 'a text that is too long' ])
	{
		my ($column, $code, $shown, $name) = @$_;
		refuses($encoding, "SELECT $column FROM odd", $code, $shown, "$name is refused");
	}
	refuses($encoding, 'SELECT t, id FROM odd', '22003',
		qr/foreign table "public\.odd", row 1, key \(id\)=\("/,
		'a key that cannot be converted is shown all the same');
	refuses($encoding, q{SELECT mariadb.exec('remote',
			'INSERT INTO encodings.odd (id) SELECT id FROM encodings.odd')},
		'23505', qr/Duplicate entry/, 'a remote error with such a key is reported');

	# NUL and surrogates: rejected, or repaired as requested.
	here($encoding, 'CREATE FOREIGN TABLE nuls (id int, v text, l text) SERVER remote;
		CREATE FOREIGN TABLE surrogates (id int, v text, j jsonb, u text, w text) SERVER remote');
	refuses($encoding, 'SELECT v FROM nuls', '22021', qr/\\x610062.*nul_bytes/s, 'a NUL byte');
	refuses($encoding, 'SELECT l FROM nuls', '22021', qr/\\xc3a900.*nul_bytes/s, 'one of latin1');
	for my $column ($is_mysql ? () : qw(v j u w))
	{
		refuses($encoding, "SELECT $column FROM surrogates", '22021',
			qr/eda080.*invalid_utf8/s, "a surrogate in $column");
	}
	here($encoding, "ALTER SERVER remote OPTIONS (ADD nul_bytes 'strip', ADD invalid_utf8 'repair')");
	gives($encoding, 'SELECT v, l FROM nuls', 'ab|é', 'NUL bytes are stripped');
	if ($is_mysql)
	{
		gives($encoding, 'SELECT count(*) FROM surrogates', 0, 'no surrogates to repair');
	}
	elsif ($encoding =~ /LATIN1|WIN1252|EUC_JP/)
	{
		refuses($encoding, "SELECT $_ FROM surrogates", '22P05', qr/column "$_".*row 1/,
			"U+FFFD is refused in $_") for qw(v j u w);
	}
	else
	{
		gives($encoding, 'SELECT v, j, u, w FROM surrogates ORDER BY id',
			qq(a\x{FFFD}b|"\x{FFFD}"|\x{FFFD}b|\x{FFFD}\n😀|"😀"|😀|😀),
			'surrogates are repaired');
	}

	# Whatever arrives at random is valid here, and exact if it was there.
	here($encoding, 'CREATE FOREIGN TABLE random (id int OPTIONS (remote_type $$int(11)$$),
		v text, u text, b bytea OPTIONS (column_name $$v$$)) SERVER remote;
		CREATE TABLE stored (id int, v text)' =~ s/\$\$/'/gr);
	my $ids = join ',', (shuffle 1 .. 3000)[ 0 .. 299 ];
	here($encoding, "DO \$\$ DECLARE i int; c text; BEGIN
		FOREACH i IN ARRAY '{$ids}'::int[] LOOP
			FOREACH c IN ARRAY '{v,u}'::text[] LOOP
				BEGIN
					EXECUTE format('INSERT INTO stored SELECT id, %I FROM random WHERE id = %s', c, i);
				EXCEPTION WHEN untranslatable_character THEN NULL;
				END;
			END LOOP;
		END LOOP; END \$\$");
	here($encoding, 'INSERT INTO stored SELECT id, v FROM random;
		INSERT INTO stored SELECT id, u FROM random') if $encoding =~ /UTF8|ASCII/;
	my $checked = $encoding eq 'SQL_ASCII' ? 'UTF8' : $encoding;
	gives($encoding, "SELECT count(v) > 0, bool_and(b > '' AND position('\\x00' IN b) = 0
			AND convert_from(b, '$checked') = v)
		FROM stored, convert_to(v, getdatabaseencoding()) AS b",
		't|t', 'what is stored is valid');
	next unless $encoding eq 'UTF8';
	here($encoding, "ALTER SERVER remote OPTIONS (SET nul_bytes 'error', SET invalid_utf8 'error')");
	gives($encoding, q{SELECT DISTINCT left(try('SELECT hex(v) = upper(encode(b, ''hex'')) FROM random WHERE id = ' || i), 6)
		FROM generate_series(1, 1000) i ORDER BY 1}, $is_mysql ? "ok tru\n" : "22021\nok tru",
		'a text at random is exact or refused');
}

# An import into any encoding: what has no name there is skipped and reported.
there(q{CREATE TABLE `жук` (id INT); CREATE TABLE `部屋` (id INT);
	CREATE TABLE `한국어` (id INT);
	CREATE TABLE columns_here (id INT, `한국어` INT, `é` INT);
	CREATE TABLE labels (id INT, a ENUM('한국어', 'b'), b ENUM('é', '?'), c SET('한국어'));
	CREATE TABLE defaults (id INT, v VARCHAR(9) DEFAULT '한국어', w VARCHAR(9) DEFAULT 'é');
	CREATE TABLE made (id INT, v VARCHAR(9) AS (CONCAT('한국어', id)));
	CREATE TABLE checked (id INT, j JSON, CHECK (j <> '한국어'));
	INSERT INTO columns_here VALUES (1, 2, 3); INSERT INTO labels VALUES (1, 'b', 'é', '');
	INSERT INTO defaults (id) VALUES (1); INSERT INTO checked VALUES (1, '[]')});
for my $encoding (@encodings)
{
	my $lacks = $encoding =~ /LATIN1|WIN1252|EUC_JP/;
	# Before 14, all characters beyond ASCII count as missing there.
	my $has = !$lacks || $server_version >= 140000;
	here($encoding, 'CREATE SCHEMA here');
	my $answer = here($encoding, q{IMPORT FOREIGN SCHEMA encodings FROM SERVER remote
		INTO here OPTIONS (import_default 'true')});
	is($answer->{code}, '', "$encoding: an import does not abort") or diag($answer->{err});
	gives($encoding, q{SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class
		WHERE relnamespace = 'here'::regnamespace AND relkind = 'f'
		AND relname IN ('columns_here', 'labels', 'defaults', 'made', 'checked', 'ünï tàble')},
		'checked columns_here defaults labels made' . ($has ? ' ünï tàble' : ''), 'the other tables are there');
	gives($encoding, 'SELECT ' . ($has ? '"é"' : '3') . ', id FROM here.columns_here', '3|1', 'with the other columns');
	gives($encoding, 'SELECT a, b, c FROM here.labels', 'b|é|{}', 'and their values');
	gives($encoding, q{SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 'here.defaults'::regclass
		ORDER BY adnum DESC LIMIT 1}, $has ? q{'é'::character varying} : '', 'a default that can be translated');
	my @unnamed = ($encoding eq 'EUC_JP' && $has ? () : ('жук', '部屋'), '한국어', '한국어', $has ? () : ('é', 'ünï tàble'));
	is(() = $answer->{err} =~ /^WARNING/mg, $lacks ? @unnamed : 0,
		"$encoding: a warning for each name that it lacks") or diag($answer->{err});
	next unless $lacks;
	for my $name (@unnamed)
	{
		my $hex = unpack 'H*', encoded($name);
		like($answer->{err}, qr/is skipped\n.*\\x$hex/, "$encoding: it says which");
	}
}

$_->quit for values %session;
done_testing;
