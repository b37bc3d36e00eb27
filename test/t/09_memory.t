# A table of any size is read in the memory of a few rows.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $limit = 32 * 1024;
my $big_row = 20 * 1024;
my $session = new_database('memory');

# Views make rows as they are read: 400 MB of text and bytes, 20 MB in one
# value, and many small rows.
maria("CREATE VIEW wide AS
		SELECT seq AS id, REPEAT(MD5(seq), seq % 6000) AS t,
		CAST(REPEAT(MD5(-seq), seq % 6000) AS BINARY) AS b
		FROM seq_1_to_3000;
	CREATE VIEW huge AS
		SELECT seq AS id, REPEAT('x', IF(seq = 50, 20 * 1024 * 1024, 100000)) AS t
		FROM seq_1_to_100;
	CREATE VIEW many AS
		SELECT seq AS id, MD5(seq) AS v, seq / 7 AS n, NOW(6) AS d
		FROM seq_1_to_2000000;
	CREATE TABLE keyed (id int PRIMARY KEY, v text) ENGINE=InnoDB
		AS SELECT seq AS id, MD5(seq) AS v FROM seq_1_to_1000");
Lab::add_table($session, 'wide', 'id bigint, t text, b bytea');
Lab::add_table($session, 'huge', 'id bigint, t text');
Lab::add_table($session, 'many', 'id bigint, v text, n numeric, d timestamp');
Lab::add_table($session, 'keyed', 'id int, v text');

sub peak
{
	my ($pid) = @_;

	open my $file, '<', "/proc/$pid/status" or die "no status of $pid: $!";
	my ($peak) = map { /^VmHWM:\s+(\d+)/ } <$file>;
	return $peak;
}

# Tests by how many kB the peak of a new backend grows.
sub grows_less
{
	my ($limit, $name, $sql, $expected) = @_;
	my $reader = connect_to();

	$reader->do('SELECT count(v) FROM keyed');
	my $before = peak($reader->pid);
	my $answer = $reader->run($sql, 120);
	my $growth = peak($reader->pid) - $before;
	like($answer->{out}, $expected, "$name: is read") or diag($answer->{err});
	SKIP:
	{
		skip 'AddressSanitizer keeps what is freed for a while', 1
		  if defined $ENV{ASAN_OPTIONS};
		cmp_ok($growth, '<', $limit, "$name: the peak grows by $growth kB");
	}
	$reader->quit;
}

grows_less($limit, 'values of 0 to 200 kB',
	'SELECT count(length(t)), count(length(b)), sum(length(t)) > 100e6 FROM wide',
	qr/^3000\|3000\|t$/);
grows_less($limit, 'the same, into a table',
	'CREATE UNLOGGED TABLE copy AS SELECT * FROM wide;
	SELECT count(*), sum(length(b)) > 100e6 FROM copy; DROP TABLE copy',
	qr/^3000\|t$/);
grows_less($limit + 3 * $big_row, 'a value of 20 MB among small ones',
	'SELECT count(length(t)), max(length(t)) FROM huge', qr/^100\|20971520$/);
grows_less($limit, 'two million rows',
	'SELECT count(v), count(n), count(d) FROM many',
	qr/^2000000\|2000000\|2000000$/);
grows_less($limit, 'two million rows of mariadb.query',
	q{SELECT count(v) FROM mariadb.query('remote', 'SELECT id, v FROM memory.many')
	AS t (id bigint, v text)}, qr/^2000000$/);
grows_less($limit, 'a result that has to make room for another',
	'BEGIN; DECLARE a CURSOR FOR SELECT id, v FROM many; FETCH 1 FROM a;
	DECLARE b CURSOR FOR SELECT id FROM many; FETCH 1 FROM b;
	FETCH 1 FROM a; FETCH 1 FROM b; COMMIT; SELECT 7',
	qr/^1\|\w+\n1\n2\|\w+\n2\n7$/);
grows_less($limit, 'three thousand runs of one scan',
	'SET enable_hashjoin = off; SET enable_mergejoin = off;
	SET enable_material = off;
	SELECT count(k.v) FROM generate_series(1, 3000) AS g
	CROSS JOIN LATERAL (SELECT v FROM keyed WHERE id = g % 1000 + 1) AS k',
	qr/^3000$/);
grows_less($limit, 'three thousand errors in one transaction',
	'DO $$ BEGIN FOR i IN 1 .. 3000 LOOP
		BEGIN PERFORM 1 / (id - 3) FROM keyed; EXCEPTION
		WHEN division_by_zero THEN NULL; END;
	END LOOP; END $$; SELECT count(v) FROM keyed', qr/^1000$/);
grows_less($limit, 'a million rows hashed by formats that alternate',
	q{SELECT count(mariadb_internal.row_hash(CASE WHEN i % 2 = 0 THEN '{0,-1}'::int[] ELSE '{0,-2}' END, ROW(i, 'x'::text)))
	FROM generate_series(1, 1000000) AS i}, qr/^1000000$/);

done_testing;
