# An import takes whole databases and never aborts, whatever is in them: what
# it cannot take is named, all the rest is there and can be read.
use strict;
use warnings;
use utf8;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

binmode Test::More->builder->$_, ':utf8'
  for qw(output failure_output todo_output);

my $session = new_database('import');

# As MariaDB's root, in UTF-8; Perl's strings are characters in this file.
sub there
{
	my ($sql, $server) = @_;

	$sql = "SET NAMES utf8mb4; USE import; $sql" unless $server;
	utf8::encode($sql);
	my $answer = ($server // Lab::Maria->of_lab)->sql($sql);
	utf8::decode($answer);
	return $answer =~ s/\\\\/\\/gr;
}

# Runs a statement here; returns output and messages as characters.
sub here
{
	my ($sql, $seconds) = @_;

	utf8::encode($sql);
	my $answer = $session->run($sql, $seconds);
	utf8::decode($answer->{$_}) for qw(out err);
	return $answer;
}

# Imports a schema into a new one here; tests that it works, and returns its
# messages.
sub import_schema
{
	my ($remote, $local, $server) = @_;

	here("CREATE SCHEMA $local");
	my $answer = here("IMPORT FOREIGN SCHEMA \"$remote\" FROM SERVER "
		  . ($server // 'remote') . " INTO $local", 60);
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	is($answer->{code}, '', "$local is imported") or diag($answer->{err});
	return $answer->{err};
}

# The names of a schema's foreign tables.
sub imported
{
	my ($local) = @_;

	return split /\n/, here("SELECT relname FROM pg_class
		WHERE relkind = 'f' AND relnamespace = '$local'::regnamespace
		ORDER BY relname COLLATE \"C\"")->{out};
}

# Reads every row of every foreign table of a schema; the errors, if any.
sub unreadable
{
	my ($local) = @_;

	return here("SELECT t || ': ' || e FROM (
		SELECT ftrelid::regclass AS t, try_read(ftrelid) AS e
		FROM pg_foreign_table JOIN pg_class c ON c.oid = ftrelid
		WHERE relnamespace = '$local'::regnamespace) s
		WHERE e IS NOT NULL", 60)->{out};
}
here(q{CREATE FUNCTION try_read(t regclass) RETURNS text LANGUAGE plpgsql AS $$
	BEGIN
		EXECUTE format('SELECT count(x::text) FROM %s AS x', t);
		RETURN NULL;
	EXCEPTION WHEN OTHERS THEN RETURN sqlstate || ' ' || sqlerrm;
	END $$});

# Every kind of object, type and name.
my $a63 = 'a' x 63;
# What an older server lacks becomes something of the same length.
is(Lab::has_type('NOSUCH'), 0, 'a type that no server has');
is(eval { Lab::has_type('CHAR) FROM nosuch WHERE (1 = 1') }, undef, 'another error says nothing of a type');
like($@, qr/ERROR 1146 /, 'and is raised');
my %has = map { $_ => Lab::has_type($_) ? $_ : 'BINARY(16)' } qw(UUID INET4 INET6);
my $is_mysql = Lab::Maria->is_mysql;
my $scale = $is_mysql ? 30 : 38;
my $types = join ', ', map { "c$_->[0] $_->[1]" } (
	map { [ $_->[0], $_->[1] ] } (
		[ 1, 'TINYINT' ], [ 2, 'TINYINT(1)' ], [ 3, 'BOOL' ],
		[ 4, 'TINYINT UNSIGNED' ], [ 5, 'SMALLINT' ],
		[ 6, 'SMALLINT UNSIGNED ZEROFILL' ], [ 7, 'MEDIUMINT' ],
		[ 8, 'MEDIUMINT UNSIGNED' ], [ 9, 'INT' ], [ 10, 'INT UNSIGNED' ],
		[ 11, 'BIGINT' ], [ 12, 'BIGINT UNSIGNED' ],
		[ 13, "DECIMAL(65,$scale)" ], [ 14, 'DECIMAL(65,0)' ],
		[ 15, 'DECIMAL(5,5)' ], [ 16, 'FLOAT' ], [ 17, 'FLOAT(7,3)' ],
		[ 18, 'DOUBLE' ], [ 19, 'DOUBLE(12,4)' ], [ 20, 'BIT' ],
		[ 21, 'BIT(64)' ], [ 22, 'YEAR' ], [ 23, 'DATE' ], [ 24, 'TIME' ],
		[ 25, 'TIME(6)' ], [ 26, 'DATETIME' ], [ 27, 'DATETIME(3)' ],
		[ 28, 'TIMESTAMP NULL' ], [ 29, 'TIMESTAMP(6) NULL' ],
		[ 30, 'CHAR(0)' ], [ 31, 'CHAR(255)' ], [ 32, 'VARCHAR(0)' ],
		[ 33, 'VARCHAR(4000)' ], [ 34, 'TINYTEXT' ], [ 35, 'TEXT' ],
		[ 36, 'MEDIUMTEXT' ], [ 37, 'LONGTEXT' ], [ 38, 'BINARY(0)' ],
		[ 39, 'BINARY(16)' ], [ 40, 'VARBINARY(100)' ], [ 41, 'TINYBLOB' ],
		[ 42, 'BLOB' ], [ 43, 'MEDIUMBLOB' ], [ 44, 'LONGBLOB' ],
		[ 45, 'JSON' ], [ 46, $has{UUID} ], [ 47, $has{INET6} ], [ 48, $has{INET4} ],
		[ 49, "ENUM('a', 'it''s', 'b,c', 'd\\\\e', 'é', '')" ],
		[ 50, "SET('x', 'y')" ], [ 51, 'TEXT COMPRESSED' ],
		[ 52, 'INT INVISIBLE' ], [ 53, 'VARCHAR(10) CHARACTER SET ucs2' ],
		[ 54, 'GEOMETRY' ], [ 55, 'POINT' ], [ 56, 'LINESTRING' ],
		[ 57, 'POLYGON' ], [ 58, 'MULTIPOINT' ], [ 59, 'MULTILINESTRING' ],
		[ 60, 'MULTIPOLYGON' ], [ 61, 'GEOMETRYCOLLECTION' ],
		[ 62, 'INT AS (c9 + 1) VIRTUAL' ], [ 63, 'INT AS (c9 * 2) STORED' ],
		[ 64, "ENUM('a?', 'b😀')" ], [ 65, "ENUM('" . 'x' x 64 . "')" ],
		[ 66, 'YEAR(2)' ], [ 67, 'VECTOR(3)' ]));
$types =~ s/, c67 VECTOR\(3\)// if there('SELECT VERSION()') =~ /^(?:8|10)\./;
$types =~ s/ COMPRESSED|(?<=YEAR)\(2\)//g if $is_mysql;

# MySQL has none of these, and by itself no zero dates.
my $of_mariadb = $is_mysql ? q{SET sql_mode = 'STRICT_TRANS_TABLES';} : q{
	CREATE SEQUENCE counter;
	CREATE TABLE versioned (id INT PRIMARY KEY, v INT) WITH SYSTEM VERSIONING;
	INSERT INTO versioned VALUES (1, 1); UPDATE versioned SET v = 2;
	CREATE TABLE versioned_by_name (id INT,
		since TIMESTAMP(6) GENERATED ALWAYS AS ROW START,
		until TIMESTAMP(6) GENERATED ALWAYS AS ROW END,
		PERIOD FOR SYSTEM_TIME (since, until)) WITH SYSTEM VERSIONING;
	CREATE TABLE period (id INT, a DATE, b DATE, PERIOD FOR p (a, b));
	CREATE TABLE in_aria (id INT) ENGINE=Aria;};
diag('skipped on MySQL: sequences, system-versioned tables, periods, Aria, COMPRESSED, INET6')
  if $is_mysql;

there(qq{
	CREATE TABLE plain (id INT PRIMARY KEY, v VARCHAR(20));
	INSERT INTO plain VALUES (1, 'one');
	CREATE TABLE no_rows LIKE plain;
	CREATE TABLE all_types ($types);
	INSERT INTO all_types () VALUES (), ();
	CREATE TABLE `odd names` (`a b` INT, `sel"ect` INT, `back``tick` INT,
		`it's` INT, `back\\\\slash` INT, `%s` INT, `\$1` INT, `жук` INT,
		`SELECT` INT, `?` INT, `ctid` INT, `TABLEOID` INT, `xmin` INT,
		`ctid_1` INT, `a,b` INT, `a.b` INT);
	INSERT INTO `odd names` VALUES (1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16);
	CREATE TABLE `quote'"\\\\x` (id INT);
	CREATE TABLE `1234` (`5678` INT);
	CREATE TABLE `a.b` (id INT);
	CREATE TABLE `\$schema` (id INT);
	CREATE TABLE `Case` (id INT); CREATE TABLE `case` (x INT);
	CREATE TABLE `CASE` (id INT, y INT);
	INSERT INTO `Case` VALUES (1); INSERT INTO `case` VALUES (2), (3);
	CREATE TABLE `$a63` (id INT); INSERT INTO `$a63` VALUES (63);
	CREATE TABLE `${a63}x` (`${a63}x` INT, `${a63}y` INT, `$a63` INT);
	INSERT INTO `${a63}x` VALUES (1, 2, 3);
	CREATE TABLE `${a63}y` (id INT); INSERT INTO `${a63}y` VALUES (64);
	CREATE TABLE `${\('é' x 64)}` (`${\('ж' x 64)}` INT);
	INSERT INTO `${\('é' x 64)}` VALUES (5);
	$of_mariadb
	CREATE TABLE parted (id INT, v INT) PARTITION BY RANGE (id)
		(PARTITION p0 VALUES LESS THAN (10),
		PARTITION p1 VALUES LESS THAN MAXVALUE);
	INSERT INTO parted VALUES (1, 1), (100, 2);
	CREATE TABLE parted_by_hash (id INT) PARTITION BY HASH (id) PARTITIONS 4;
	CREATE TABLE in_memory (id INT) ENGINE=MEMORY;
	CREATE TABLE in_csv (id INT NOT NULL) ENGINE=CSV;
	CREATE TABLE in_myisam (id INT) ENGINE=MyISAM;
	CREATE TABLE merged (id INT) ENGINE=MERGE UNION=(in_myisam);
	CREATE TABLE one (e ENUM('p', 'q')); CREATE TABLE one_e (id INT);
	CREATE TABLE _one_e (id INT); CREATE TABLE one_e_enum (id INT);
	CREATE VIEW good AS SELECT id, v, 1 / 3 AS a, NOW(6) AS b, NULL AS c,
		'x' AS d, JSON_OBJECT('a', 1) AS e, GROUP_CONCAT(v) AS f,
		SEC_TO_TIME(1) AS g, SUM(id) AS h, X'00' AS i, 1 = 1 AS j, b'1' AS k,
		PI() AS l, UUID() AS m, POINT(1, 1) AS n, '' AS o, 1e0 AS p,
		CAST(1 AS DECIMAL(65,$scale)) AS q, TIMEDIFF('2', '1') AS r,
		CAST('' AS CHAR(0)) AS s, YEAR(NOW()) AS t, CAST(1 AS UNSIGNED) AS u
		FROM plain GROUP BY id;
	CREATE VIEW `of a view` AS SELECT * FROM good;
	CREATE TABLE gone (id INT, c INT);
	CREATE VIEW broken AS SELECT * FROM gone;
	CREATE VIEW `broken "too"` AS SELECT * FROM broken; DROP TABLE gone;
	CREATE TABLE half (id INT, c INT, e ENUM('a?'));
	CREATE VIEW half_broken AS SELECT * FROM half; ALTER TABLE half DROP c;
	CREATE USER lost\@localhost; GRANT ALL ON import.* TO lost\@localhost;
	CREATE DEFINER=lost\@localhost VIEW by_nobody AS SELECT * FROM plain;
	CREATE DEFINER=lost\@localhost VIEW enum_by_nobody AS SELECT * FROM half;
	DROP USER lost\@localhost;
	CREATE TABLE wide ENGINE=MyISAM AS SELECT 1 AS c0;
	ALTER TABLE wide ${\join ', ', map { "ADD c$_ TINYINT" } 1 .. 1600};
	CREATE TABLE columns_1000 (${\join ', ', map { "c$_ TINYINT" } 1 .. 1000});
	CREATE TABLE zero_defaults (d DATE NOT NULL DEFAULT '0000-00-00',
		t TIME DEFAULT '838:59:59', b BIT(8) DEFAULT b'101',
		s SET('a', 'b') DEFAULT 'a,b', e ENUM('a', 'b') DEFAULT 'b',
		x VARCHAR(36) DEFAULT (UUID()), y VARBINARY(4) DEFAULT 'ab',
		z VARCHAR(9) DEFAULT '😀', l VARCHAR(3000) DEFAULT
		'${\('l' x 3000)}');
});

# A temporary table of our own session is nobody else's.
here(q{SELECT mariadb.exec('remote', 'CREATE TEMPORARY TABLE import.passing (id INT)')});
here(q{SELECT mariadb.exec('remote', 'CREATE TEMPORARY TABLE import.plain (other INT)')});
my $messages = import_schema('import', 'here');
here('SELECT mariadb.disconnect_all()');

my @left_out = ('broken', 'broken "too"', 'half_broken', 'wide');
like($messages, qr/^WARNING: +\w+: +\w+ "\Q$_\E" is skipped$/m,
	"a warning names $_")
  for @left_out;
is(() = $messages =~ /^WARNING/mg, @left_out, 'and there is no other warning');
like($messages, qr/^NOTICE: +\w+: +sequence "counter" is skipped$/m,
	'a sequence is skipped with a notice')
  unless $is_mysql;

my %expected = map { $_ => 1 } split /\n/, there(q{SELECT table_name
	FROM information_schema.tables WHERE table_schema = 'import'
	AND table_type <> 'SEQUENCE'});
delete @expected{@left_out};
delete @expected{ "${a63}x", "${a63}y", 'é' x 64 };
my $a61 = substr $a63, 2;
$expected{$_} = 1 for "${a61}_1", "${a61}_2", 'é' x 31;
is(join(' ', imported('here')), join(' ', sort_bytes(keys %expected)),
	'all the others are there');
is(here('SELECT count(*) FROM pg_attribute a JOIN pg_foreign_table
		ON ftrelid = attrelid WHERE attnum > 0')->{out},
	there(q{SELECT COUNT(*) FROM information_schema.columns
		WHERE table_schema = 'import' AND table_name NOT IN
		('counter', 'broken', 'broken "too"', 'half_broken', 'wide')}),
	'with all their columns');

# PostgreSQL sorts in C by bytes.
sub sort_bytes { return sort { encoded($a) cmp encoded($b) } @_ }

sub encoded
{
	my ($text) = @_;

	utf8::encode($text);
	return $text;
}

my @bad = grep { !/by_nobody/ } split /\n/, unreadable('here');
is("@bad", '', 'and can be read');
like(unreadable('here'), qr/by_nobody: \w+ The user specified as a definer/,
	'but a view whose definer is gone, which says so');
like($messages, qr/"e" of table "enum_by_nobody": enum type becomes text/,
	'whose enum becomes text');

# The right names for the right objects.
for (
	[ 'SELECT * FROM here."odd names"',
		join('|', 1 .. 16), 'columns of odd names' ],
	[ qq{SELECT "it's", "%s", "жук", ctid_2, xmin_1 FROM here."odd names"},
		'4|6|8|11|13', 'each by its own name' ],
	[ 'SELECT (SELECT count(*) FROM here."Case"), (SELECT count(*) FROM here."case"),
		(SELECT count(*) FROM here."CASE")', '1|2|0',
		'names that differ in case only' ],
	[ "SELECT id FROM here.$a63", 63, 'a name of 63 characters' ],
	[ "SELECT id FROM here.${a61}_2", 64, 'one of 64 that was cut' ],
	[ "SELECT ${a61}_1, ${a61}_2, $a63 FROM here.${a61}_1",
		'1|2|3', 'columns whose names were cut' ],
	[ 'SELECT * FROM here."' . 'é' x 31 . '"', 5, 'a name of 128 bytes' ],
	$is_mysql
	? ()
	: [ 'SELECT * FROM here.versioned', '1|2', 'the current row of a versioned table' ],
	[ 'SELECT * FROM here.plain', '1|one', 'no temporary table of that name' ],
	[ 'SELECT * FROM here.parted ORDER BY id', "1|1\n100|2", 'all partitions' ])
{
	is(here($_->[0])->{out}, $_->[1], $_->[2]);
}
for my $name ("${a63}x", "${a63}y", 'é' x 64, 'ctid', 'xmin')
{
	like($messages, qr/"$name"(?: of table "odd names":)?.* renamed to "/,
		'it says what it calls ' . substr($name, 0, 4) . '...');
}
is(here(q{SELECT count(*) FROM mariadb.import_notes('here')
		WHERE note LIKE '%renamed to "%'})->{out},
	() = $messages =~ /^NOTICE.* renamed to "/mg, 'and keeps it as a note');
is(here(q{SELECT string_agg(option_value, ',' ORDER BY option_value)
	FROM pg_foreign_table, pg_options_to_table(ftoptions)
	WHERE option_name = 'table_name' AND option_value ~ '^a{63}'})->{out},
	"$a63,${a63}x,${a63}y", 'the remote names are kept whole');
is(here(q{SELECT enum_range(NULL::here.all_types_c64)})->{out},
	'{a?,b😀}', 'labels that information_schema does not show are exact');

# With all options; into a schema that has the names of types already.
here('CREATE SCHEMA again; CREATE TYPE again.one_e_enum_1 AS ENUM ()');
here('IMPORT FOREIGN SCHEMA import FROM SERVER remote INTO again
	OPTIONS (import_default \'true\', import_collate \'true\')', 60);
is(join(' ', imported('again')), join(' ', imported('here')),
	'defaults and collations keep nothing away');

# LIMIT TO and EXCEPT, with names that are not there.
here('CREATE SCHEMA few');
like(here('IMPORT FOREIGN SCHEMA import LIMIT TO (plain, "Case", counter, nowhere, broken)
		FROM SERVER remote INTO few')->{err},
	qr/NOTICE.*table "nowhere" does not exist/, 'a missing name is reported');
is(join(' ', imported('few')), 'Case plain', 'LIMIT TO');
here('CREATE SCHEMA most');
here('IMPORT FOREIGN SCHEMA import EXCEPT (plain, "Case") FROM SERVER remote INTO most', 60);
is(join(' ', imported('most'), 'Case', 'plain'),
	join(' ', (grep { !/^(?:Case|plain)$/ } imported('here')), 'Case', 'plain'),
	'EXCEPT');
is(here('CREATE SCHEMA x; IMPORT FOREIGN SCHEMA nowhere FROM SERVER remote INTO x')->{code},
	'HV00Q', 'a schema that is not there is an error');

# An account that sees little: a column, a table without its columns, a view.
there(q{CREATE USER little@'127.0.0.1' IDENTIFIED BY 'secret';
	GRANT SELECT (id) ON import.plain TO little@'127.0.0.1';
	GRANT INSERT ON import.parted TO little@'127.0.0.1';
	GRANT SELECT ON import.half TO little@'127.0.0.1';
	GRANT SELECT ON import.good TO little@'127.0.0.1';
	GRANT INSERT ON import.all_types TO little@'127.0.0.1'});
Lab::add_server($session, 'little', username => 'little');
$messages = import_schema('import', 'little', 'little');
like(join(' ', imported('little')), qr/^all_types good half parted plain$/,
	'an account imports what it sees');
is(here(q{SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute
	WHERE attrelid = 'little.plain'::regclass AND attnum > 0})->{out},
	'id', 'of a table the columns that it may read');
there(q{DROP USER little@'127.0.0.1'});

# MariaDB's own schemas; sys came with 10.6.
for my $schema (split ' ', there(q{SELECT LOWER(SCHEMA_NAME) FROM information_schema.SCHEMATA
	WHERE LOWER(SCHEMA_NAME) IN ('information_schema', 'mysql', 'performance_schema', 'sys')}))
{
	import_schema($schema, "own_$schema");
	cmp_ok(scalar imported("own_$schema"), '>', 20, "$schema has tables");
}

is(here('SELECT DISTINCT "TIME_ENABLED" < now() + interval \'1 day\'
	FROM own_information_schema."INNODB_METRICS" WHERE "TIME_ENABLED" IS NOT NULL')->{out},
	't', 'a time whose precision the server does not say can be read');

# While others create, alter and drop: an import never fails.
open my $script, '>', "$ENV{LAB_DIR}/ddl.sql" or die "cannot write: $!";
for my $i (1 .. 20000)
{
	my $n = $i % 7;
	print $script "CREATE TABLE m$n (id INT PRIMARY KEY, e ENUM('a?', '$i'), j JSON);",
	  "CREATE OR REPLACE VIEW v$n AS SELECT * FROM m$n;",
	  "ALTER TABLE m$n ADD x INT, DROP e; DROP TABLE m$n;\n";
}
close $script;
my $ddl = start_child(sub
{
	open STDIN, '<', "$ENV{LAB_DIR}/ddl.sql";
	open $_, '>', '/dev/null' for \*STDOUT, \*STDERR;
	exec 'mariadb', '--no-defaults', '--skip-ssl', '-f',
	  "--socket=$ENV{MARIADB_SOCKET}", '-uroot', 'import';
});
my @failed;
for my $i (1 .. 8)
{
	here("CREATE SCHEMA moving; SET client_min_messages = error");
	my $answer = here('IMPORT FOREIGN SCHEMA import FROM SERVER remote INTO moving', 60);
	push @failed, $answer->{err} if $answer->{code};
	push @failed, 'plain is not there'
	  if here("SELECT to_regclass('moving.plain')")->{out} eq '';
	here('DROP SCHEMA moving CASCADE; RESET client_min_messages');
}
end_child($ddl);
is(join("\n", @failed), '', 'imports work while tables come and go');

# Schemas of odd names, and of names like patterns for another one.
my @odd = ('a_b', 'axb', 'a%b', '$schema', q{it's "odd" \\ é}, 'a`b', 'Axb');
for my $i (0 .. $#odd)
{
	my $name = $odd[$i] =~ s/`/``/gr;
	# The client mysql knows no backslash in a name.
	here("SELECT mariadb.exec('remote', \$sql\$$_\$sql\$)")
	  for "DROP DATABASE IF EXISTS `$name`", "CREATE DATABASE `$name`",
	  "CREATE TABLE `$name`.t (j JSON, e ENUM('a?', 'n$i'), PRIMARY KEY (e))",
	  "INSERT INTO `$name`.t VALUES ('{}', 'n$i')";
}
for my $i (0 .. $#odd)
{
	import_schema($odd[$i] =~ s/"/""/gr, "odd_$i");
	is(here("SELECT j, e, enum_range(e) FROM odd_$i.t")->{out},
		"{}|n$i|{a?,n$i}", "the schema $odd[$i]");
}

# A server that folds names, with files that are not what they should be.
my $folding = Lab::Maria->start('folding', '--lower-case-table-names=1');
Lab::add_server($session, 'folding', port => $folding->port);
there(q{CREATE OR REPLACE DATABASE Folded; USE Folded;
	CREATE TABLE Users (Id INT PRIMARY KEY, Role ENUM('A?', 'b'), J JSON);
	INSERT INTO USERS VALUES (1, 'A?', '{}');
	CREATE VIEW MyView AS SELECT * FROM Users;
	CREATE TABLE spoilt (id INT, e ENUM('x?')) ENGINE=MyISAM;
	CREATE TABLE no_file (id INT, e ENUM('x?')) ENGINE=MyISAM;
	CREATE TABLE no_space (id INT, e ENUM('x?')) ENGINE=InnoDB;
	CREATE TABLE child (id INT) ENGINE=MyISAM;
	CREATE TABLE orphan (id INT) ENGINE=MERGE UNION=(child); DROP TABLE child;
	ALTER TABLE no_space DISCARD TABLESPACE; FLUSH TABLES}, $folding);
my $folder = "$ENV{LAB_DIR}/folding/data/folded";
unlink "$folder/no_file.MYD", "$folder/no_file.MYI" or die "no such file: $!";
if ($is_mysql)
{
	diag('no definition is spoilt: MySQL keeps them in its dictionary');
	there('DROP TABLE folded.spoilt', $folding);
}
else
{
	truncate "$folder/spoilt.frm", 100 or die "cannot spoil: $!";
}

for my $name (qw(Folded folded))
{
	$messages = import_schema($name, "by_$name" =~ s/F/big_f/r, 'folding');
}
is(join(' ', imported('by_folded')), 'myview no_file no_space orphan users',
	'tables of a server that folds names');
like($messages, qr/WARNING.*table "spoilt" is skipped/,
	'a table whose definition is spoilt is skipped')
  unless $is_mysql;
is(here('SELECT * FROM by_folded.users')->{out}, '1|A?|{}', 'they can be read');
is(here('SELECT * FROM by_big_folded.myview')->{out},
	'1|A?|{}', 'also by another spelling of the schema');
is(here('SELECT relname FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
		WHERE attname = \'Id\' AND relname = \'users\' LIMIT 1')->{out},
	'users', 'names of columns keep their case');
like(unreadable('by_folded'), qr/no_file: \w{5} /, 'what cannot be read says so');
$folding->stop;

# A large schema, and how much is asked for it.
my $columns = join ', ', 'id INT PRIMARY KEY',
  map({ "v$_ VARCHAR(50) NOT NULL DEFAULT 'x'" } 1 .. 9),
  map({ "n$_ INT" } 1 .. 5), 'd DATETIME(3)', 'j JSON', 'b BLOB',
  q{e ENUM('a', 'b')}, q{f ENUM('on', 'off')};
there("CREATE OR REPLACE DATABASE large; USE large; "
	  . join ';', map { "CREATE TABLE t$_ ($columns)" } 1 .. 1000);
there("CREATE OR REPLACE DATABASE small; USE small; CREATE TABLE t1 ($columns)");

# Statements that the server has got, without those that ask for it.
sub questions
{
	my $status = there(q{SHOW GLOBAL STATUS WHERE Variable_name
		IN ('Com_select', 'Com_stmt_prepare', 'Com_stmt_execute', 'Com_show_fields')});

	my %count = map { split /\t/ } split /\n/, lc $status;
	return \%count;
}

# How many more of them an import makes.
sub cost
{
	my ($schema) = @_;

	here("SET client_min_messages = error");
	my $before = questions();
	my $started = time;
	import_schema($schema, "cost_$schema");
	my $seconds = time - $started;
	my $after = questions();
	return ($seconds, { map { $_ => $after->{$_} - $before->{$_} } keys %$after });
}

cost('small');
here('DROP SCHEMA cost_small CASCADE');
my (undef, $small) = cost('small');
my ($seconds, $large) = cost('large');
is(here('SELECT count(*) FROM pg_foreign_table t JOIN pg_class c ON c.oid = ftrelid
	WHERE relnamespace = \'cost_large\'::regnamespace')->{out}, 1000, '1000 tables');
is(here('SELECT count(*) FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
	WHERE relnamespace = \'cost_large\'::regnamespace AND relkind = \'f\'
	AND attnum > 0')->{out}, 20000, 'of 20 columns');
diag(sprintf 'IMPORT FOREIGN SCHEMA of 1,000 tables: %.1f s', $seconds);
is_deeply($large, $small, 'by as many remote queries as one table');
cmp_ok($large->{com_stmt_prepare}, '<', 10, 'which are a handful')
  or diag explain $large;

done_testing;
