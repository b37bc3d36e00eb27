# What MariaDB 11 has that older ones have not: VECTOR and its index, sequences
# beyond bigint, binary defaults as x'...', UUIDs of versions 4 and 7, TIMESTAMP
# until 2106, collations uca1400, periods without overlaps, functions.
#
# All of it is migrated, and proved by values, by what an inserted row gets on
# both sides, by all levels of verify, by the structure, and by damaged rows.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my ($product, $version) = maria(q{SELECT IF(VERSION() LIKE '%MariaDB%', 'MariaDB', 'MySQL'),
	REGEXP_SUBSTR(VERSION(), '^[0-9]+[.][0-9]+')}) =~ /^(\w+)\t([\d.]+)/;
my ($major, $minor) = split /\./, $version;

plan skip_all => "the server is $product $version, and no MariaDB 11.5 or newer"
  if $product ne 'MariaDB' || $major < 11 || ($major == 11 && $minor < 5);
my $has_vectors = $major > 11 || $minor >= 7;
my $has_hex_defaults = $major > 11 || $minor >= 8;

my $session = new_database('eleven');
my $has_uuidv7 = $session->value('SHOW server_version_num') >= 180000;

maria(q{
	CREATE TABLE bin (id INT PRIMARY KEY,
		b4 BINARY(4) DEFAULT 'ab', b4x BINARY(4) NOT NULL DEFAULT x'61620000', b4f BINARY(4) DEFAULT x'ff80',
		b4z BINARY(4) DEFAULT '', b16 BINARY(16) DEFAULT x'000102030405060708090a0b0c0d0e0f',
		vb VARBINARY(8) DEFAULT 'abc', vbx VARBINARY(8) DEFAULT x'61620000', vbe VARBINARY(8) DEFAULT x'',
		vbq VARBINARY(8) DEFAULT 'it''s\\\\', vbu VARBINARY(8) DEFAULT x'c3bc00', vbn VARBINARY(8) DEFAULT NULL,
		vbt VARBINARY(8) DEFAULT x'7827', bl BLOB DEFAULT 'xyz', blx BLOB DEFAULT x'00ff', blh BLOB DEFAULT (x''),
		bt BIT(3) DEFAULT b'101', bt1 BIT(1) DEFAULT b'1', bt64 BIT(64) DEFAULT b'1111', bt8 BIT(8) DEFAULT 5,
		gs VARBINARY(20) AS (CONCAT(vb, x'00ff')) STORED, gv VARBINARY(9) AS (IF(b4 = x'61620000', x'01', x'')) VIRTUAL,
		gb BINARY(4) AS (IF(vbe = x'', x'0102', x'')) STORED, gp BINARY(6) AS (b4) STORED,
		ck VARBINARY(8) DEFAULT x'6162' CHECK (ck > x'6161' AND ck <> x'00'));
	CREATE TABLE other (id INT PRIMARY KEY,
		i4 INET4 DEFAULT '1.2.3.4', i6 INET6 DEFAULT '::1', ts TIMESTAMP DEFAULT '2100-01-01 00:00:00',
		en ENUM('a', 'b') DEFAULT 'b', st SET('x', 'y') DEFAULT 'x,y', tx TEXT DEFAULT 'it''s x''61''',
		vx VARCHAR(9) DEFAULT x'6162', yr YEAR DEFAULT 2024, de DECIMAL(10,2) DEFAULT 1.50, js JSON DEFAULT '{"a": 1}');
	CREATE TABLE functions (id INT PRIMARY KEY, u UUID DEFAULT UUID(),
		rb VARBINARY(8) DEFAULT (RANDOM_BYTES(4)), cr INT UNSIGNED DEFAULT (CRC32('a')), cc INT UNSIGNED DEFAULT (CRC32C('a')),
		nk VARCHAR(99) DEFAULT (NATURAL_SORT_KEY('a10')), fp VARCHAR(99) DEFAULT (FORMAT_PICO_TIME(1000)),
		kd VARBINARY(64) DEFAULT (KDF('a', 'b', 1000, 'pbkdf2_hmac')), jn JSON DEFAULT (JSON_NORMALIZE('{"b": 1}')),
		sf VARCHAR(9) DEFAULT (SFORMAT('{}', 1)),
		gc INT UNSIGNED AS (CRC32C(nk)) STORED, js JSON CHECK (JSON_OVERLAPS(js, '{"a": 1}')));
	CREATE VIEW keys_of AS SELECT id, JSON_OBJECT_FILTER_KEYS('{"a": 1}', '["a"]') AS k FROM functions;
	CREATE TABLE stamps (at TIMESTAMP(6) PRIMARY KEY, v INT, KEY (v DESC), KEY ignored (at, v) IGNORED);
	INSERT INTO stamps VALUES ('1970-01-01 00:00:01', 1), ('2038-01-19 03:14:08.123456', 2), ('2106-02-07 06:28:15', 3);
	CREATE TABLE words (id INT PRIMARY KEY, ci VARCHAR(20) UNIQUE,
		ai VARCHAR(20) COLLATE utf8mb4_uca1400_nopad_ai_cs UNIQUE, cs VARCHAR(20) COLLATE utf8mb4_uca1400_as_cs UNIQUE);
	INSERT INTO words VALUES (1, 'Straße', 'Ärger', 'a'), (2, 'zebra', 'ärger', 'A'), (3, '🦊', '', 'b ');
	CREATE TABLE addresses (i6 INET6, u UUID, i4 INET4, PRIMARY KEY (u, i6));
	INSERT INTO addresses VALUES ('::1', '0193f5f6-7b1c-7def-8123-456789abcdef', '10.0.0.1'),
		('2001:db8::', '1193f5f6-7b1c-11ef-8123-456789abcdef', NULL);
	CREATE TABLE bookings (room INT, s DATE, e DATE, PERIOD FOR p (s, e), PRIMARY KEY (room, p WITHOUT OVERLAPS));
	INSERT INTO bookings VALUES (1, '2026-01-01', '2026-01-02'), (1, '2026-01-02', '2026-01-03');
	CREATE TABLE history (id INT PRIMARY KEY, v INT) WITH SYSTEM VERSIONING;
	INSERT INTO history VALUES (1, 1); UPDATE history SET v = 2});
maria(q{
	CREATE TABLE uuids (id INT PRIMARY KEY, v4 UUID DEFAULT UUID_V4(), v7 UUID DEFAULT UUID_V7(),
		c4 CHAR(36) DEFAULT UUID_V4(), c7 VARCHAR(36) DEFAULT (UUID_V7()));
	INSERT INTO uuids (id) VALUES (1);
	CREATE TABLE vec (id INT PRIMARY KEY, v VECTOR(3) NOT NULL, n VECTOR(2), KEY (n), VECTOR INDEX near (v) M=8 DISTANCE=cosine,
		d VECTOR(2) DEFAULT x'0000803f00000040', f VECTOR(2) DEFAULT (VEC_FromText('[1,2]')));
	INSERT INTO vec (id, v, n) VALUES (1, VEC_FromText('[1,-0.5,1e-10]'), VEC_FromText('[0.1,0.2]')),
		(2, x'0000008000000000ffff7f3f', NULL), (3, VEC_FromText('[3e18,16777216,-1e18]'), VEC_FromText('[-0,0]'));
	CREATE TABLE wide (id INT PRIMARY KEY, v VECTOR(2001) NOT NULL, VECTOR INDEX (v));
	SET STATEMENT group_concat_max_len = 1000000 FOR
		INSERT INTO wide SELECT 1, VEC_FromText(CONCAT('[', GROUP_CONCAT(1 / seq ORDER BY seq), ']')) FROM seq_1_to_2001;
	CREATE TABLE vkey (v VECTOR(2) PRIMARY KEY, n INT);
	INSERT INTO vkey VALUES (VEC_FromText('[1,2]'), 1), (VEC_FromText('[1,3]'), 2)}) if $has_vectors;
for my $sequence (
	'up AS BIGINT UNSIGNED', 'tiny AS TINYINT UNSIGNED', 'medium AS MEDIUMINT', 'zero INCREMENT 0',
	'high AS BIGINT UNSIGNED MINVALUE 10000000000000000000 START 10000000000000000001',
	'down AS BIGINT UNSIGNED INCREMENT -3 START 18446744073709551614',
	'round AS BIGINT UNSIGNED START 18446744073709551610 MAXVALUE 18446744073709551612 MINVALUE 5 CYCLE CACHE 2',
	'cut AS BIGINT UNSIGNED CYCLE', 'sinks AS BIGINT UNSIGNED START 3 INCREMENT -2 CYCLE', 'turns MAXVALUE 6 START 5 NOCACHE CYCLE',
	'used START 5 MAXVALUE 6 NOCACHE', 'beyond AS BIGINT UNSIGNED', 'lowest MINVALUE -9223372036854775807 START -9223372036854775807')
{
	maria("CREATE SEQUENCE seq_$sequence");
}
maria('CREATE TABLE numbered (id BIGINT UNSIGNED PRIMARY KEY DEFAULT NEXTVAL(seq_high), n BIGINT DEFAULT NEXTVAL(seq_up));
	INSERT INTO numbered (id) VALUES (10000000000000000001), (2)');
maria('SELECT NEXTVAL(seq_used), NEXTVAL(seq_used), SETVAL(seq_beyond, 10000000000000000000),
	NEXTVAL(seq_round), NEXTVAL(seq_round), NEXTVAL(seq_round), SETVAL(seq_cut, 9223372036854775808),
	NEXTVAL(seq_sinks), NEXTVAL(seq_turns), NEXTVAL(seq_turns)');
maria("INSERT INTO $_ (id) VALUES (1)") for 'bin', 'other', 'functions';

migrate_as('floats', '');
like($session->value(q{SELECT string_agg(statement, ';') FROM mariadb.ddl('remote', 'eleven', 'x')
		WHERE kind = 'table'}), qr/v real\[\] NOT NULL/, 'without pgvector a VECTOR is an array') if $has_vectors;
compare_defaults();
compare_sequences();
compare_notes();
compare_preflight();
if ($has_vectors)
{
	damage_vectors('{1,2,3}');
	compare_queries();
	read_by_hand();
	migrate_as('bytes', '{"vector_as": "bytea"}');
	damage_vectors('\x0000803f00000040');
}
migrate_as('ids', '{"binary16_as": "uuid"}');
$session->returns(q{SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef JOIN pg_attribute a ON (adrelid, adnum) = (attrelid, attnum)
		WHERE attrelid = 'ids.bin'::regclass AND attname = 'b16'},
	$has_hex_defaults ? "'00010203-0405-0607-0809-0a0b0c0d0e0f'::uuid" : '', 'a binary default as uuid');
done_testing;

# Moves all of it into a schema and proves that nothing is lost.
sub migrate_as
{
	my ($local, $options) = @_;
	my $answer = $session->run("CALL mariadb.migrate('remote', 'eleven', '$local'"
		  . ($options ? ", '$options')" : ')'), 300);

	is($answer->{code}, '', "$local: migrate") or BAIL_OUT($answer->{err});
	like($answer->{err}, qr/finished; problems: 0\b/, "$local: no problem") or diag($answer->{err});
	for my $level ('count', 'stream', 'digest', 'rows')
	{
		$session->returns("SELECT string_agg(table_name || ': ' || status, ', ')
				FROM mariadb.verify('remote', 'eleven', '$local', level => '$level') WHERE status <> 'equal'",
			'', "$local: verify, level $level");
	}
	$session->returns("SELECT string_agg(concat_ws(' ', kind, object, status), ', ')
			FROM mariadb.verify_structure('remote', 'eleven', '$local'"
		  . ($options ? ", '$options')" : ')') . " WHERE status <> 'equal'", '', "$local: the structure");
	$session->returns("SELECT count(*) FROM mariadb.differences('remote', 'eleven', '$local')", 0,
		"$local: no difference");
}

# A row that is inserted on both sides gets the same defaults, but for those that
# are of a snapshot, and those that are skipped and noted.
sub compare_defaults
{
	for my $case (['bin', 'gp'], ['other', ''],
		['functions', 'cc,cr,fp,gc,jn,kd,nk,rb,sf,u'],
		$has_vectors ? (['uuids', 'c4,c7,v4,v7'], ['vec', 'f']) : ())
	{
		my ($table, $others) = @$case;
		my ($columns, $values) = $table eq 'vec' ? ('id, v', "9, x'000000000000000000000000'") : ('id', '9');

		maria("INSERT INTO $table ($columns) VALUES ($values)");
		$session->do("INSERT INTO floats.$table ($columns) VALUES ("
			  . ($table eq 'vec' ? "9, '{0,0,0}'" : '9') . ')');
		my $found = $session->value("SELECT string_agg(c, ',' ORDER BY c)
			FROM mariadb.differences('remote', 'eleven', 'floats', '{$table}'), unnest(columns) c");
		is($found, $table eq 'bin' ? expected_of_bin() : $others, "$table: the defaults of a new row");
		maria("DELETE FROM $table WHERE id = 9");
		$session->do("DELETE FROM floats.$table WHERE id = 9");
	}
	return if !$has_vectors;
	$session->do('INSERT INTO floats.uuids (id) VALUES (2)');
	$session->returns(q{SELECT concat_ws(' ', substr(v4::text, 15, 1), substr(v7::text, 15, 1), substr(c4, 15, 1), substr(c7, 15, 1))
			FROM floats.uuids WHERE id = 2}, $has_uuidv7 ? '4 7 4 7' : '4 4', 'UUIDs of the same version, or none');
	$session->do('DELETE FROM floats.uuids WHERE id = 2');
}

# gb and gp are plain here, since a BINARY fills up what is no literal.
sub expected_of_bin
{
	return $has_hex_defaults ? 'gb,gp' : 'b16,b4,b4f,b4x,b4z,gb,gp,gv,vbu,vbx';
}

sub compare_sequences
{
	my %next = (
		up => 1001, tiny => 1, medium => 1, zero => 1, down => '9223372036854775807', round => 5,
		cut => '2200H', sinks => '2200H', turns => 1, used => '2200H', beyond => '2200H', lowest => '-9223372036854775807');

	for my $name (sort keys %next)
	{
		my $answer = $session->run("SELECT nextval('floats.seq_$name')");
		is($answer->{code} || $answer->{out} =~ s/\s+$//r, $next{$name}, "sequence $name: what comes next");
	}
	$session->returns(q{SELECT to_regclass('floats.seq_high') IS NULL}, 't', 'one beyond bigint is skipped');
}

# What the plan has to say, each once.
sub compare_notes
{
	my $notes = $session->value(q{SELECT string_agg(object || ': ' || note, E'\n')
		FROM mariadb.ddl('remote', 'eleven', 'x') WHERE note IS NOT NULL});

	for my $note (
		qr/^seq_up: maximum of 18446744073709551614 becomes 9223372036854775807, to fit bigint$/m,
		qr/^seq_high: sequence not created: its range is beyond that of bigint$/m,
		qr/^numbered\.id: default nextval\(.*is dropped: sequence "seq_high" is not migrated$/m,
		qr/^seq_beyond: next value 10000000000000000001 is beyond bigint: the sequence is exhausted$/m,
		(map { qr/^seq_$_: becomes NO CYCLE, because its range is cut to that of bigint$/m } qw(cut sinks round)),
		qr/^seq_cut: next value 9223372036854775809 is beyond bigint: the sequence is exhausted$/m,
		qr/^seq_zero: increment of 0 \(auto_increment_increment\) becomes 1$/m,
		qr/^bin\.gp: becomes an ordinary column, .*BINARY pads its values$/m,
		qr/^bookings\.PRIMARY: if it is WITHOUT OVERLAPS in MariaDB/m,
		qr/^stamps\.ignored: MariaDB ignores this index/m,
		qr/system-versioned/,
		qr/^functions\.js: CHECK \(json_overlaps.*is not created/m,
		qr/^functions\.gc: becomes an ordinary column, but generated in MariaDB as crc32c\(`nk`\)/m,
		qr/^keys_of: /m,
		(map { qr/^functions\.\w+: default $_\(.*is dropped: cannot translate $_\(\)/m }
			qw(random_bytes crc32 crc32c natural_sort_key format_pico_time kdf json_normalize sformat)),
		$has_vectors ? (
			qr/^vec\.near: VECTOR index not created: (?:pgvector is not installed|only columns of pgvector's type vector can have one)$/m,
			qr/^vec\.f: default VEC_FromText.*is dropped: cannot translate vec_fromtext\(\)/m) : (),
		$has_vectors && !$has_uuidv7 ? qr/^uuids\.v7: default uuid_v7\(\) is dropped: uuid_v7\(\) requires PostgreSQL 18/m : ())
	{
		like($notes, $note, "the plan notes $note");
	}
	unlike($notes, qr/^seq_(?:turns|up|beyond): becomes NO CYCLE/m, 'others cycle or not, as in MariaDB');
	unlike($notes, qr/^bin\.\w+: default/m, 'no binary default is dropped') if $has_hex_defaults;
}

sub compare_preflight
{
	$session->returns(q{SELECT string_agg(object || ' ' || finding, '|' ORDER BY object)
			FROM mariadb.preflight('remote', 'eleven') WHERE finding ~ '^uniqueness'},
		'words.ai uniqueness ignores accents in MariaDB, but not in PostgreSQL: ai|words.ci uniqueness ignores case and accents in MariaDB, but not in PostgreSQL: ci',
		'unique keys under uca1400');
	like($session->value(q{SELECT string_agg(finding, '|') FROM mariadb.preflight('remote', 'eleven') WHERE object = 'vec.near'}),
		qr/VECTOR index not created/, 'preflight knows of the index') if $has_vectors;
	$session->returns(q{SELECT kind FROM mariadb.indexes('remote', 'eleven') WHERE index_name = 'near'}, 'VECTOR',
		'mariadb.indexes says its kind') if $has_vectors;
}

# Vectors that were changed here are found, reported, and corrected.
sub damage_vectors
{
	my ($wrong) = @_;
	my $local = $wrong =~ /^\{/ ? 'floats' : 'bytes';

	for my $way ("SELECT count(*) FROM mariadb.repair('remote', 'eleven', '$local', apply => true) WHERE status = 'applied'",
		"SELECT sum(updated + deleted + inserted) FROM mariadb.resync('remote', 'eleven', '$local')")
	{
		my ($name) = $way =~ /mariadb\.(\w+)/;

		$session->do("UPDATE $local.vec SET v = '$wrong' WHERE id = 1; UPDATE $local.vec SET n = NULL WHERE id = 3;
			DELETE FROM $local.vkey WHERE n = 2; UPDATE $local.vkey SET n = 7");
		$session->returns("SELECT string_agg(concat_ws(' ', table_name, kind, columns::text), '|' ORDER BY table_name, key::text)
				FROM mariadb.differences('remote', 'eleven', '$local')",
			'vec differs {v}|vec differs {n}|vkey differs {n}|vkey missing here', "$local: damage is found");
		$session->returns($way, 4, "$local: $name writes four rows");
		$session->returns("SELECT count(*) FROM mariadb.verify('remote', 'eleven', '$local') WHERE status <> 'equal'", 0,
			"$local: and then all is equal");
	}
}

# A query says nothing of its types on the wire, where a VECTOR is bytes.
sub compare_queries
{
	for my $case (
		['SELECT id, v, n FROM eleven.vec', 'SELECT id, v, n FROM floats.vec', 'equal'],
		['SELECT MAX(id), VEC_FromText(\'\'[1,2]\'\') FROM eleven.vec', 'SELECT 3, \'\'{1,2}\'\'::real[]', 'equal'],
		['SELECT HEX(v) FROM eleven.vec WHERE id = 2', 'SELECT \'\'0000008000000000FFFF7F3F\'\'', 'equal'],
		['SELECT v FROM eleven.vec WHERE id = 2', 'SELECT \'\'{0,0,0.99999994}\'\'::real[]', 'differs'])
	{
		my ($remote, $here, $status) = @$case;

		$session->returns("SELECT status FROM mariadb.compare_query('remote', '$remote', '$here')", $status,
			"compare_query: $remote");
	}
	$session->returns(q{SELECT v FROM mariadb.query('remote', 'SELECT v FROM eleven.vec WHERE id = 2') AS q (v real[])},
		'{-0,0,0.99999994}', 'mariadb.query');
	$session->fails(q{SELECT v FROM mariadb.query('remote', 'SELECT x''616263''') AS q (v real[])}, '22P03', undef,
		'three bytes are no vector');
}

# A foreign table that was made by hand, and texts of vectors.
sub read_by_hand
{
	$session->do(q{CREATE FOREIGN TABLE by_hand (id int, v real[], n real[]) SERVER remote OPTIONS (dbname 'eleven', table_name 'vec');
		CREATE FOREIGN TABLE as_bytes (id int, v bytea) SERVER remote OPTIONS (dbname 'eleven', table_name 'vec');
		CREATE FOREIGN TABLE as_text (id int, v text OPTIONS (remote_type 'vector(3)')) SERVER remote OPTIONS (dbname 'eleven', table_name 'vec')});
	$session->returns('SELECT count(*) FROM by_hand h JOIN floats.vec USING (id)
		WHERE (h.v, h.n) IS NOT DISTINCT FROM (vec.v, vec.n)', 3, 'by hand as real[]');
	$session->returns('SELECT v FROM as_bytes WHERE id = 2', '\x0000008000000000ffff7f3f', 'by hand as bytea');
	$session->returns('SELECT v FROM as_text WHERE id = 2', '[-0,0,0.99999994]', 'by hand as text');
}
