# Vectors become pgvector's, and geometries PostGIS's, where they are installed:
# in a schema of any name, found whatever the search_path is, with their indexes.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $session = new_database('extensions');
my $no_geometry = lacks('postgis', 'install postgresql-VERSION-postgis-3, whose packages take 240 MB');
my $no_vector = has_vector_indexes() ? lacks('vector', 'test/lab/install extensions') : 'this server has no VECTOR indexes';

plan(skip_all => "$no_geometry; $no_vector") if $no_geometry && $no_vector;
diag("not tested: $_") for grep { $_ } $no_geometry, $no_vector;
try_geometry() if !$no_geometry;
try_vector() if !$no_vector;
done_testing;

# Why an extension cannot be had, with what to do; nothing if it can.
sub lacks
{
	my ($name, $advice) = @_;

	return '' if $session->value("SELECT count(*) FROM pg_available_extensions WHERE name = '$name'");
	return "extension $name is not available ($advice)";
}

sub has_vector_indexes
{
	my $version = maria('SELECT VERSION()');
	my ($major, $minor) = $version =~ /^(\d+)\.(\d+)/ or die "no version: $version";

	return $version =~ /MariaDB/ && ($major > 11 || $major == 11 && $minor >= 7);
}

# Creates an extension in a schema with an odd name.
sub create_extension
{
	my ($name) = @_;

	$session->do("CREATE SCHEMA IF NOT EXISTS \"Ext. x\"; CREATE EXTENSION $name SCHEMA \"Ext. x\"");
}

sub migrate_all
{
	my ($schema, $local, $options) = @_;
	my $answer = $session->run("CALL mariadb.migrate('remote', '$schema', '$local'"
		  . ($options ? ", '$options')" : ')'), 300);

	is($answer->{code}, '', "$local: migrate") or BAIL_OUT($answer->{err});
	like($answer->{err}, qr/finished; problems: 0\b/, "$local: no problem") or diag($answer->{err});
	for my $level ('count', 'stream', 'digest', 'rows')
	{
		$session->returns("SELECT string_agg(table_name || ': ' || status, ', ')
				FROM mariadb.verify('remote', '$schema', '$local', level => '$level') WHERE status <> 'equal'",
			'', "$local: verify, level $level");
	}
	$session->returns("SELECT string_agg(concat_ws(' ', kind, object, status), ', ')
			FROM mariadb.verify_structure('remote', '$schema', '$local'"
		  . ($options ? ", '$options')" : ')') . " WHERE status <> 'equal'", '', "$local: the structure");
	return $answer->{err};
}

# Changes what is here in some ways, and has each way repaired in two.
sub repair_by_both
{
	my ($schema, $local, $damage, $differences) = @_;

	for my $way ("repair('remote', '$schema', '$local', apply => true)", "resync('remote', '$schema', '$local')")
	{
		$session->do($damage);
		$session->returns("SELECT string_agg(concat_ws(' ', table_name, kind, columns::text), '|' ORDER BY table_name, key::text)
				FROM mariadb.differences('remote', '$schema', '$local')", $differences, "$local: what differs");
		$session->do("SELECT * FROM mariadb.$way");
		$session->returns("SELECT count(*) FROM mariadb.differences('remote', '$schema', '$local')", 0,
			"$local: nothing differs after " . ($way =~ /^(\w+)/)[0]);
	}
}

sub try_geometry
{
	create_extension('postgis');
	maria(q{DROP DATABASE IF EXISTS shapes; CREATE DATABASE shapes; USE shapes;
		CREATE TABLE g (id INT PRIMARY KEY, g GEOMETRY, p POINT NOT NULL, l LINESTRING, pg POLYGON, mp MULTIPOINT,
			ml MULTILINESTRING, mpg MULTIPOLYGON, gc GEOMETRYCOLLECTION, SPATIAL INDEX sp (p));
		INSERT INTO g VALUES (1, ST_GeomFromText('POINT(1 2)', 4326), ST_GeomFromText('POINT(1.5 -2)'),
			ST_GeomFromText('LINESTRING(0 0,1 1,2 5)', 3857), ST_GeomFromText('POLYGON((0 0,10 0,10 10,0 10,0 0),(1 1,2 1,2 2,1 1))'),
			ST_GeomFromText('MULTIPOINT(1 1,2 2)'), ST_GeomFromText('MULTILINESTRING((0 0,1 1),(2 2,3 3))', 25832),
			ST_GeomFromText('MULTIPOLYGON(((0 0,1 0,1 1,0 0)))'), ST_GeomFromText('GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1))', 4326)),
			(2, NULL, ST_GeomFromText('POINT(179.99 1e-300)', 0), NULL, NULL, NULL, NULL, NULL, NULL),
			(3, ST_GeomFromText('LINESTRING(0 0,1 0)', 999999), ST_GeomFromText('POINT(0 0)'), NULL, NULL, NULL, NULL, NULL,
			ST_GeomFromText('GEOMETRYCOLLECTION(GEOMETRYCOLLECTION(POINT(1 1)))'));
		CREATE TABLE plain (id INT PRIMARY KEY, v INT); INSERT INTO plain VALUES (1, 1)});
	migrate_all('shapes', 'shapes');
	$session->do('SET search_path = "Ext. x"');
	$session->returns("SELECT string_agg(format_type(atttypid, atttypmod), ',' ORDER BY attnum) FROM pg_attribute
			WHERE attrelid = 'shapes.g'::regclass AND attnum > 1", join(',', ('geometry') x 8), 'each is a geometry');
	$session->returns('SELECT string_agg(ST_AsEWKT(v), \' \') FROM shapes.g, unnest(ARRAY[g, p, l, pg, mp, ml, mpg, gc]) v WHERE id = 1',
		'SRID=4326;POINT(1 2) POINT(1.5 -2) SRID=3857;LINESTRING(0 0,1 1,2 5) POLYGON((0 0,10 0,10 10,0 10,0 0),(1 1,2 1,2 2,1 1))'
		  . ' MULTIPOINT(1 1,2 2) SRID=25832;MULTILINESTRING((0 0,1 1),(2 2,3 3)) MULTIPOLYGON(((0 0,1 0,1 1,0 0)))'
		  . ' SRID=4326;GEOMETRYCOLLECTION(POINT(1 1),LINESTRING(0 0,1 1))', 'with its SRID');
	like($session->value("SELECT pg_get_indexdef('shapes.sp'::regclass)"), qr/USING gist \(p\)/, 'the SPATIAL index is GiST');
	$session->do('RESET search_path');
	repair_by_both('shapes', 'shapes', q{UPDATE shapes.g SET g = "Ext. x".ST_SetSRID(g, 3857) WHERE id = 1;
		UPDATE shapes.g SET l = p WHERE id = 2; DELETE FROM shapes.g WHERE id = 3},
		'g differs {g}|g differs {l}|g missing here');

	# PostGIS makes another SRID of one that is too high, and says so in a notice.
	maria(q{USE shapes; INSERT INTO g (id, g, p) VALUES (4, ST_GeomFromText('POINT(1 2)', 1000001), ST_GeomFromText('POINT(1 2)'));
		UPDATE plain SET v = 2});
	my $refusal = 'error: ' . Lab::Maria->product . ' geometry value has SRID 1000001, but type "Ext. x".geometry allows no SRID above 999999';
	$session->returns(q{SELECT string_agg(table_name || ' ' || status, '|' ORDER BY table_name) FROM mariadb.resync('remote', 'shapes', 'shapes')},
		"g $refusal|plain done", 'an SRID that PostGIS would change');
	maria('DROP DATABASE shapes');
}

sub try_vector
{
	create_extension('vector');
	maria(q{DROP DATABASE IF EXISTS vectors; CREATE DATABASE vectors; USE vectors;
		CREATE TABLE v (id INT PRIMARY KEY, v VECTOR(3) NOT NULL, n VECTOR(2), d VECTOR(2) DEFAULT x'0000803f00000040',
			VECTOR INDEX near (v) M=8 DISTANCE=cosine COMMENT '`distance`=''euclidean''');
		INSERT INTO v (id, v, n) VALUES (1, VEC_FromText('[1,-0.5,1e-10]'), VEC_FromText('[0.1,0.2]')),
			(2, x'0000008000000000ffff7f3f', NULL), (3, VEC_FromText('[3e18,16777216,-1e18]'), VEC_FromText('[-0,0]'));
		CREATE TABLE m (id INT PRIMARY KEY, v VECTOR(1536) NOT NULL, VECTOR INDEX `a "b" c` (v) M=200);
		CREATE TABLE e (id INT PRIMARY KEY, v VECTOR(2) NOT NULL, VECTOR INDEX (v) DISTANCE=euclidean M=40);
		CREATE TABLE w (id INT PRIMARY KEY, v VECTOR(2001) NOT NULL, VECTOR INDEX (v));
		CREATE TABLE widest (id INT PRIMARY KEY, v VECTOR(16001));
		CREATE TABLE k (v VECTOR(2) PRIMARY KEY, n INT);
		INSERT INTO k VALUES (VEC_FromText('[1,2]'), 1), (VEC_FromText('[1,3]'), 2)});
	maria(qq{USE vectors; SET STATEMENT group_concat_max_len = 10000000 FOR
		INSERT INTO $_->[0] SELECT 1, VEC_FromText(CONCAT('[', GROUP_CONCAT(1 / seq ORDER BY seq), ']')) FROM seq_1_to_$_->[1]})
	  for ['m', 1536], ['w', 2001], ['widest', 16001];
	my $notes = migrate_all('vectors', 'vectors');

	like($notes, $_, "noted: $_") for
	  qr/v\.near: ORDER BY VEC_DISTANCE_COSINE\(\.\.\.\) LIMIT becomes ORDER BY \.\.\. <=> \.\.\. LIMIT/,
	  qr/m\.a "b" c: .*<-> .*; M of 200 becomes 100, the maximum of hnsw/,
	  qr/w\.v: VECTOR index not created: hnsw takes at most 2000 dimensions of a vector; one on the expression \(v::halfvec\(2001\)\) takes 4000/,
	  qr/widest\.v: it is real\[\], as pgvector's vector has at most 16000 dimensions/;
	$session->do('SET search_path = "Ext. x"');
	$session->returns(q{SELECT string_agg(regexp_replace(indexdef, '^.* USING hnsw ', ''), '|' ORDER BY tablename)
			FROM pg_indexes WHERE schemaname = 'vectors' AND indexdef ~ 'hnsw'},
		q{(v vector_l2_ops) WITH (m='40', ef_construction='80')|(v vector_l2_ops) WITH (m='100', ef_construction='200')|(v vector_cosine_ops) WITH (m='8')},
		'hnsw by its distance and M');
	$session->returns(q{SELECT string_agg(format_type(atttypid, atttypmod), ',' ORDER BY attnum) FROM pg_attribute
			WHERE attrelid = 'vectors.v'::regclass AND attnum > 1}, 'vector(3),vector(2),vector(2)', 'the type has its dimensions');
	$session->returns('SELECT v FROM vectors.v WHERE id = 2', '[-0,0,0.99999994]', 'a value to its last bit');
	$session->returns('INSERT INTO vectors.v (id, v) VALUES (9, \'[0,0,1]\') RETURNING d', '[1,2]', 'a default');
	$session->do('DELETE FROM vectors.v WHERE id = 9; RESET search_path');
	$session->returns(q{SELECT status FROM mariadb.compare_query('remote', 'SELECT id, v FROM vectors.v', 'SELECT id, v FROM vectors.v')},
		'equal', 'compare_query');
	repair_by_both('vectors', 'vectors', q{UPDATE vectors.v SET v = '[1,2,3]' WHERE id = 1; UPDATE vectors.v SET n = NULL WHERE id = 3;
		DELETE FROM vectors.k WHERE n = 2; UPDATE vectors.k SET n = 7},
		'k differs {n}|k missing here|v differs {v}|v differs {n}');
	like(migrate_all('vectors', 'floats', '{"vector_as": "array"}'),
		qr/v\.near: VECTOR index not created: only columns of pgvector's type vector can have one/, 'as an array it has no index');
	maria('DROP DATABASE vectors');
}
