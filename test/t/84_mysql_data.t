# Do rows of MySQL arrive as they are?  What MySQL alone has: native JSON,
# geometries in a reference system with an axis order of its own, vectors, an
# EXPLAIN in the form of a tree, no SHA-1, no place of a snapshot in its binary
# log, and settings that MariaDB has not.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

plan skip_all => 'the source is MariaDB; LAB_SOURCE=mysql test/lab/lab tests a MySQL server'
  unless Lab::Maria->is_mysql;

my $session = new_database('mysql_data');

sub there { return maria("SET NAMES utf8mb4; $_[0]") }

sub import_tables
{
	my ($tables, $options) = @_;

	$session->do('CREATE SCHEMA IF NOT EXISTS far');
	$session->do("IMPORT FOREIGN SCHEMA mysql_data LIMIT TO ($tables) FROM SERVER remote INTO far "
		  . ($options ? "OPTIONS ($options)" : ''));
}

# Documents as they are written, and as jsonb has them after MySQL has read
# them: its numbers with a fraction are doubles, and its members are sorted.
sub try_json
{
	my @documents = (
		['{}', '{}'], ['[]', '[]'], ['null', 'null'], ['true', 'true'], ['0', '0'], ['-0', '0'], ['""', '""'],
		['1.50', '1.5'], ['1e5', '100000.0'], ['1e-7', '0.0000001'], ['-1.5e-10', '-0.00000000015'],
		['18446744073709551615', '18446744073709551615'], ['-9223372036854775808', '-9223372036854775808'],
		['0.1', '0.1'], ['{"b": 1, "aa": 2, "a": [1, null, {"c": "d"}]}', '{"a": [1, null, {"c": "d"}], "b": 1, "aa": 2}'],
		['"\\\\u00e9\\\\u20AC\\\\ud83d\\\\ude00"', '"é€😀"'], ['"\\\\"\\\\\\\\/\\\\b\\\\f\\\\n\\\\r\\\\t"', '"\\"\\\\/\\b\\f\\n\\r\\t"'],
		['{"a": 1, "a": 2}', '{"a": 2}']);

	there('CREATE TABLE json (id INT PRIMARY KEY, j JSON);
		CREATE TABLE built (id INT PRIMARY KEY, j JSON)');
	there("INSERT INTO json VALUES ($_, '$documents[$_][0]')") for 0 .. $#documents;
	there("INSERT INTO json VALUES (1000, NULL);
		INSERT INTO built VALUES (1, JSON_OBJECT('d', DATE '2024-02-29', 't', TIME '12:34:56.5', 'dt', TIMESTAMP '2024-02-29 01:02:03',
			'n', 1.10, 'b', CAST(x'00ff' AS BINARY), 'f', 1e0 / 3, 'i', CAST(-1 AS SIGNED)))");
	import_tables('json, built');
	for my $i (0 .. $#documents)
	{
		$session->returns("SELECT j FROM far.json WHERE id = $i", $documents[$i][1], "JSON $documents[$i][0]");
	}
	$session->returns('SELECT id FROM far.json WHERE j IS NULL', 1000, 'no JSON');
	$session->returns(q{SELECT concat_ws(' ', j->>'d', j->>'t', j->>'dt', j->'n', j->>'b', j->'i') FROM far.built},
		'2024-02-29 12:34:56.500000 2024-02-29 01:02:03.000000 1.10 base64:type15:AP8= -1', 'values in JSON that are no JSON');
	$session->returns(q{SELECT (j->>'f')::float8 = 1::float8 / 3 FROM far.built}, 't', 'a double in JSON is the same double');
}

# MySQL stores longitude before latitude, whatever order its SQL shows.
sub try_geometries
{
	there(q{CREATE TABLE places (id INT PRIMARY KEY, p POINT NOT NULL SRID 4326, l LINESTRING SRID 4326, g GEOMETRY, flat POINT SRID 3857);
		INSERT INTO places VALUES
			(1, ST_GeomFromText('POINT(10 20)', 4326), ST_GeomFromText('LINESTRING(1 2,3 4)', 4326), ST_GeomFromText('POINT(5 6)'), ST_GeomFromText('POINT(7 8)', 3857)),
			(2, ST_GeomFromText('POINT(-89.5 179.25)', 4326), NULL, ST_GeomFromText('GEOMETRYCOLLECTION EMPTY', 4326), NULL)});
	there(q{CREATE TABLE kinds (id INT PRIMARY KEY, a GEOMETRY, b POINT, c LINESTRING, d POLYGON, e MULTIPOINT, f MULTILINESTRING, g MULTIPOLYGON, h GEOMETRYCOLLECTION)});
	import_tables('places, kinds');
	$session->returns(q{SELECT string_agg(DISTINCT format_type(atttypid, atttypmod), ' ') FROM pg_attribute
		WHERE attrelid = 'far.kinds'::regclass AND attnum > 1}, 'bytea', 'all kinds of geometries are bytes');
	my $said = there(q{SELECT CONCAT_WS(' ', id, ST_SRID(p), ST_X(ST_SRID(p, 0)), ST_Y(ST_SRID(p, 0)), HEX(ST_AsWKB(p, 'axis-order=long-lat')),
		HEX(ST_AsWKB(l, 'axis-order=long-lat')), ST_SRID(g), HEX(ST_AsWKB(g, 'axis-order=long-lat')), ST_SRID(flat), HEX(ST_AsWKB(flat))) FROM places ORDER BY id});

	$session->do(q{CREATE FUNCTION wkb_of(bytea) RETURNS text LANGUAGE sql IMMUTABLE AS $$
		SELECT upper(encode(CASE WHEN get_byte($1, 4) & 32 = 0 THEN $1
			ELSE set_byte(substr($1, 1, 5), 4, get_byte($1, 4) - 32) || substr($1, 10) END, 'hex')) $$;
		CREATE FUNCTION srid_of(bytea) RETURNS int LANGUAGE sql IMMUTABLE AS $$
		SELECT CASE WHEN get_byte($1, 4) & 32 = 0 THEN 0 ELSE get_byte($1, 5) + get_byte($1, 6) * 256 END $$});
	my $x_of = q{('x' || encode(substr(p, 10, 8), 'hex'))};
	$session->returns(q{SELECT string_agg(concat_ws(' ', id, srid_of(p), x, y, wkb_of(p), wkb_of(l), srid_of(g), wkb_of(g), srid_of(flat), wkb_of(flat)), E'\n' ORDER BY id)
			FROM far.places JOIN (VALUES (1, 20, 10), (2, 179.25, -89.5)) v (id, x, y) USING (id)},
		$said, 'geometries have longitude first, and their SRID');
}

sub try_vectors
{
	eval { there('CREATE TABLE vectors (id INT PRIMARY KEY, v VECTOR(3), w VECTOR)'); 1 }
	  or do { diag('no VECTOR in this MySQL: ' . there('SELECT VERSION()')); return };
	there("INSERT INTO vectors VALUES (1, TO_VECTOR('[1,2.5,-32768.25]'), TO_VECTOR('[0.1]')), (2, NULL, NULL),
		(3, TO_VECTOR('[0,-0,1.1754944e-38]'), TO_VECTOR(CONCAT('[', REPEAT('1,', 2047), '2]')))");
	import_tables('vectors');
	$session->returns("SELECT pg_typeof(v) FROM far.vectors WHERE id = 1", 'real[]', 'a vector is an array');
	$session->returns(q{SELECT string_agg(concat_ws(' ', id, v::text, w[1], cardinality(w), w[2048]), ', ' ORDER BY id) FROM far.vectors},
		'1 {1,2.5,-32768.25} 0.1 1, 2, 3 {0,-0,1.1754944e-38} 1 2048 2', 'vectors arrive');
}

# Tables of 200,000 rows are cut into chunks of about the size that was asked
# for, and each row is in one of them.
sub try_chunks
{
	my $limit = 10_000;
	my $rows = 200_000;
	my @keys = (
		['ints', 'id INT PRIMARY KEY', 'seq * 3'],
		['uuids', 'id CHAR(36) PRIMARY KEY', q{INSERT(INSERT(INSERT(INSERT(MD5(seq), 21, 0, '-'), 17, 0, '-'), 13, 0, '-'), 9, 0, '-')}],
		['uuid_bytes', 'id BINARY(16) PRIMARY KEY', 'UNHEX(MD5(seq))'],
		['texts', 'id VARCHAR(40) PRIMARY KEY', q{CONCAT(ELT(1 + seq % 4, 'é', 'B', 'z', '😀'), seq)}],
		['pairs', 'a INT, b INT, PRIMARY KEY (a, b)', 'seq % 7, seq'],
		['moments', 'id DATETIME(6) PRIMARY KEY', "'2020-01-01' + INTERVAL seq * 30.25 SECOND"],
		['skewed', 'id BIGINT PRIMARY KEY', 'IF(seq < 190000, seq, 9000000000000000000 + seq)'],
		['unsigneds', 'id BIGINT UNSIGNED PRIMARY KEY', 'CAST(seq AS UNSIGNED) * 90000000000000']);

	for my $key (@keys)
	{
		my ($name, $columns, $value) = @$key;

		there("CREATE TABLE cut_$name ($columns);
			INSERT INTO cut_$name SELECT $value FROM seq_1_to_$rows;
			ANALYZE TABLE cut_$name");
		import_tables("cut_$name");
		$session->do("DROP TABLE IF EXISTS cut; CREATE TABLE cut AS SELECT * FROM mariadb.chunks('far.cut_$name', $limit)");
		my ($count, $estimated) = split /\|/, $session->value('SELECT count(*), sum(estimated_rows)::bigint FROM cut');
		cmp_ok($count, '>=', $rows / $limit / 4, "$name: $count chunks are not too few");
		cmp_ok($count, '<=', $rows / $limit * 4, "$name: nor too many");
		cmp_ok($estimated, '>', $rows / 4, "$name: $estimated rows are estimated");
		my ($most, $sum) = split /\|/, $session->value("SELECT max(n), sum(n) FROM mariadb.query('remote',
			(SELECT string_agg('SELECT COUNT(*) FROM mysql_data.cut_$name WHERE ' || coalesce(condition, '1'), ' UNION ALL ') FROM cut)) AS q (n bigint)");
		cmp_ok($most, '<=', $limit * 4, "$name: the greatest has $most rows");
		is($sum, $rows, "$name: the chunks have as many rows as the table");
		is($session->value("SELECT n FROM mariadb.query('remote', (SELECT 'SELECT COUNT(*) FROM mysql_data.cut_$name WHERE '
				|| string_agg('CASE WHEN ' || coalesce(condition, '1') || ' THEN 1 ELSE 0 END', ' + ') || ' <> 1' FROM cut)) AS q (n bigint)"),
			0, "$name: each row is in one chunk");
	}
	there("DROP TABLE cut_$_->[0]") for @keys;
}

# The digest is made inside of MySQL, of a hash that it has, and any change of
# a row shows.
sub try_digest
{
	my %damages = (
		i => 'i + 1', n => '0.00001', t => q{t || ' '}, b => q{b || '\x00'}, dt => q{dt + interval '1 us'}, e => q{NULL},
		m => q{upper(m)}, s => q{'{}'}, f => 'NULL', u => 'u - 1');

	there(q{CREATE TABLE digested (id INT PRIMARY KEY, i INT, u BIGINT UNSIGNED, n DECIMAL(65,30), t VARCHAR(100), b VARBINARY(100), dt DATETIME(6),
			e ENUM('a','é'), m MEDIUMTEXT, s SET('x','y','z'), f BIT(1));
		INSERT INTO digested SELECT seq, seq * 7 - 1000, 18446744073709551615 - seq, seq / 7, CONCAT('é😀', seq), UNHEX(MD5(seq)), '2020-01-01' + INTERVAL seq * 1.000001 SECOND,
			1 + seq % 2, REPEAT(CONCAT('m', seq), seq % 50), seq % 8, seq % 2 FROM seq_1_to_1000;
		INSERT INTO digested (id) VALUES (2000);
		CREATE TABLE mixed AS SELECT id, i, seq / 3e0 AS d FROM digested JOIN seq_1_to_1000 q ON id = seq});
	my $answer = $session->run("CALL mariadb.migrate('remote', 'mysql_data', 'digests', '{\"tables\": [\"digested\", \"mixed\"]}')", 60);
	is($answer->{code}, '', 'tables are moved') or diag($answer->{err});
	my $verified = "SELECT string_agg(table_name || ' ' || method || ' ' || status, ', ' ORDER BY table_name)
		FROM mariadb.verify('remote', 'mysql_data', 'digests', tables => '{digested,mixed}')";
	$session->returns($verified, 'digested sql(sha256) equal, mixed sql(sha256)+stream equal', 'verify has MySQL compute SHA-256');
	for my $column (sort keys %damages)
	{
		$session->returns("BEGIN; UPDATE digests.digested SET $column = $damages{$column} WHERE id = 501; $verified; ROLLBACK",
			'digested sql(sha256) differs, mixed sql(sha256)+stream equal', "a change of column $column shows");
	}
	$session->returns("BEGIN; DELETE FROM digests.digested WHERE id = 2000; $verified; ROLLBACK",
		'digested sql(sha256) differs, mixed sql(sha256)+stream equal', 'a lost row shows');
	for my $length (0, 1, 54 .. 66, 118 .. 130, 1000)
	{
		my $said = there("SELECT LEFT(SHA2(CONCAT('$length:', REPEAT('x', $length)), 256), 32)");

		$session->returns("SELECT replace(mariadb_internal.row_hash('{-1}', ROW(repeat('x', $length)), 'sha256')::text, '-', '')",
			$said, "SHA-256 of $length characters");
	}
	$session->fails("SELECT mariadb_internal.row_hash('{0}', ROW(1), 'md5')", '22023', qr/row_hash does not support hash "md5"/, 'no other hash');
}

# Moves amounts between two tables, so that their sum stays.
sub start_transfers
{
	my ($server) = @_;

	return start_child(
		sub {
			open my $client, '|-', 'mariadb', '--no-defaults', '--host=localhost', "--socket=$server->{socket}", '-uroot', '-f', 'bank'
			  or die "no client: $!";
			while (1)
			{
				printf $client "START TRANSACTION; UPDATE one SET v = v - 1 WHERE id = %d; UPDATE two SET v = v + 1 WHERE id = %d; COMMIT;\n",
				  1 + int rand 20000, 1 + int rand 20000
				  or die;
			}
		});
}

# One snapshot for all workers, while others write: by a lock, with the place
# in the binary log; with one worker where the account may not lock.
sub try_snapshots
{
	my $server = Lab::Maria->start('logged', qw(--log-bin --server-id=7 --gtid-mode=ON --enforce-gtid-consistency=ON));

	# The accounts are there on a replica, too.
	$server->sql(q{RESET BINARY LOGS AND GTIDS; CREATE DATABASE bank; USE bank;
		CREATE TABLE one (id INT PRIMARY KEY, v BIGINT, w CHAR(100) DEFAULT (REPEAT('l', 100)));
		INSERT INTO one (id, v) SELECT seq, 1000 FROM seq_1_to_20000;
		CREATE TABLE two LIKE one; INSERT INTO two SELECT * FROM one; ANALYZE TABLE one, two;
		CREATE USER reader@'127.0.0.1' IDENTIFIED BY 'reader'; GRANT SELECT ON bank.* TO reader@'127.0.0.1'});
	Lab::add_server($session, 'logged', port => $server->port);
	my $writer = start_transfers($server);
	ok(Lab::eventually(sub { $server->sql('SELECT COUNT(*) > 100 FROM bank.one WHERE v <> 1000') eq '1' }, 60), 'somebody writes');
	my $before = $server->sql('SELECT @@gtid_executed');
	my $options = '{"workers": 2, "chunk_size": "256kB"}';
	my $answer = $session->run("CALL mariadb.migrate('logged', 'bank', 'bank', '$options')", 200);
	is($answer->{code}, '', 'tables that are written are moved') or diag($answer->{err});
	my $after = $server->sql('SELECT @@gtid_executed');
	like($answer->{err}, qr/2 workers, tables locked for .* by LOCK TABLES/, 'all workers have the snapshot of a lock');
	$session->returns('SELECT (SELECT sum(v) FROM bank.one) + (SELECT sum(v) FROM bank.two)', 40_000_000, 'it is of one snapshot');
	cmp_ok($session->value('SELECT count(*) FROM bank.one WHERE v <> 1000'), '>', 50, 'and not of the beginning');
	my ($position, $gtid) = split /\|/, $session->value('SELECT position, gtid FROM mariadb.run ORDER BY id DESC LIMIT 1');
	like($position, qr/^\S+\.\d+:\d+$/, 'the run has its place in the binary log');
	is($server->sql("SELECT GTID_SUBSET('$before', '$gtid') AND GTID_SUBSET('$gtid', '$after') AND '$before' <> '$gtid'"), 1, 'and its GTIDs');
	end_child($writer);
	$session->returns(q{SELECT coalesce(string_agg(table_name, ' '), '') FROM mariadb.verify('logged', 'bank', 'bank') WHERE status = 'equal'},
		'', 'what was written since is missing');
	is(replay($server, $gtid), 1, 'the transactions after these GTIDs are what is missing');

	try_without_lock($server);
	try_replica($server);
	$server->stop;
}

# Adds up what the binary log has of table one after a set of GTIDs: there is
# no program here that reads it, so its events are counted.
sub replay
{
	my ($server, $gtid) = @_;
	my $here = $session->value('SELECT sum(1000 - v) FROM bank.one');
	my $there = $server->sql('SELECT SUM(1000 - v) FROM bank.one');
	my $missing = $server->sql("SELECT GTID_SUBTRACT(\@\@gtid_executed, '$gtid')");
	my ($from, $to) = $missing =~ /:(\d+)(?:-(\d+))?$/;

	return $there - $here == ($to // $from) - $from + 1 ? 1 : "$there - $here is not of $missing";
}

sub try_without_lock
{
	my ($server) = @_;

	Lab::add_server($session, 'unlocked', port => $server->port, username => 'reader', password => 'reader');
	$session->fails(q{CALL mariadb.migrate('unlocked', 'bank', 'alone', '{"workers": 2}')}, '55000',
		qr/could not give 2 workers the same snapshot.*MySQL does not report the binary log position of a snapshot/s, 'two workers of an account that may not lock');
	my $answer = $session->run(q{CALL mariadb.migrate('unlocked', 'bank', 'alone')}, 200);
	is($answer->{code}, '', 'one worker of such an account') or diag($answer->{err});
	$session->returns('SELECT (SELECT sum(v) FROM alone.one) + (SELECT sum(v) FROM alone.two)', 40_000_000, 'and of one snapshot');
}

# A replica whose binary log has nothing of what it applies has no place.
sub try_replica
{
	my ($source) = @_;
	my $replica = Lab::Maria->start('replica', qw(--log-bin --server-id=8 --gtid-mode=ON --enforce-gtid-consistency=ON --log-replica-updates=OFF));

	$replica->sql("CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = @{[ $source->port ]}, SOURCE_USER = 'app', SOURCE_PASSWORD = 'secret',
		SOURCE_AUTO_POSITION = 1, SOURCE_SSL = 0, GET_SOURCE_PUBLIC_KEY = 1; RESET BINARY LOGS AND GTIDS; START REPLICA");
	Lab::eventually(sub { $replica->sql("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = 'bank'") == 2
				&& $replica->sql('SELECT @@gtid_executed') eq $source->sql('SELECT @@gtid_executed') }, 120)
	  or die 'the replica does not follow: ' . $replica->sql('SHOW REPLICA STATUS');
	Lab::add_server($session, 'replica', port => $replica->port);
	my $answer = $session->run(q{CALL mariadb.migrate('replica', 'bank', 'copied', '{"workers": 2}')}, 200);
	is($answer->{code}, '', 'a replica is moved') or diag($answer->{err});
	like($answer->{err}, qr/by LOCK TABLES \(.*the server is a replica without log_replica_updates\)/, 'by a lock, and it says why');
	$session->returns('SELECT position IS NULL AND gtid IS NULL FROM mariadb.run ORDER BY id DESC LIMIT 1', 't', 'without a place');
	$session->returns(q{SELECT string_agg(status, ' ') FROM mariadb.verify('replica', 'bank', 'copied')}, 'equal equal', 'and is equal');
	$replica->stop;
}

# A server whose settings change what SQL means, and what tables have.
sub try_settings
{
	my $server = Lab::Maria->start('strange', '--sql-mode=ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH', qw(--lower-case-table-names=1
		--sql-require-primary-key=ON --sql-generate-invisible-primary-key=ON --explain-format=TREE --default-time-zone=+05:30 --information-schema-stats-expiry=86400
		--max-execution-time=1 --group-concat-max-len=4 --div-precision-increment=0));

	$server->sql(q{CREATE DATABASE "Odd"; USE "Odd"; SET sql_mode = 'ANSI_QUOTES', max_execution_time = 0, div_precision_increment = 4;
		CREATE TABLE "Mixed""Case" ("Id" INT PRIMARY KEY, "it's" CHAR(10), "back\slash" VARCHAR(20), at TIMESTAMP NULL);
		INSERT INTO "Mixed""Case" VALUES (1, 'a', 'x\\\\y', '2024-01-01 05:30:00'), (2, 'b ', '"', NULL);
		CREATE TABLE keyless (v INT, w VARCHAR(10)); INSERT INTO keyless VALUES (7, 'x'), (7, 'x'), (8, NULL);
		CREATE TABLE counted (id BIGINT AUTO_INCREMENT PRIMARY KEY, v INT); INSERT INTO counted (v) VALUES (1), (2)});
	$server->sql(q{SET max_execution_time = 0; SELECT auto_increment FROM information_schema.tables WHERE table_name = 'counted'});
	$server->sql(q{USE "Odd"; INSERT INTO counted (v) SELECT seq FROM seq_1_to_500});
	Lab::add_server($session, 'strange', port => $server->port);
	my $answer = $session->run(q{CALL mariadb.migrate('strange', 'odd', 'strange', '{"workers": 2}')}, 120);
	is($answer->{code}, '', 'a server with strange settings is moved') or diag($answer->{err});
	$session->returns(q{SELECT string_agg(table_name || ' ' || status, ', ' ORDER BY table_name) FROM mariadb.verify('strange', 'odd', 'strange')},
		'counted equal, keyless equal, mixed"case equal', 'and all is equal');
	$session->returns(q{SELECT string_agg(concat_ws('|', "Id", "it's", "back\slash", at), ', ' ORDER BY "Id") FROM strange."mixed""case"},
		'1|a|x\y|2024-01-01 00:00:00, 2|b|"', 'texts and moments are right');
	$session->returns('SELECT count(*) || $$ $$ || sum(v) FROM strange.keyless', '3 22', 'a table that got an invisible key has its rows');
	$session->do('INSERT INTO strange.counted (v) VALUES (0)');
	# MySQL leaves some numbers out.
	$session->returns('SELECT max(id) > 502 FROM strange.counted', 't', 'AUTO_INCREMENT continues from its current value, not a day ago');
	$server->stop;
}

try_json();
try_geometries();
try_vectors();
try_chunks();
try_digest();
try_snapshots();
try_settings();
done_testing;
