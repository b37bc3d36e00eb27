# One local transaction has one snapshot of MariaDB, whatever others do meanwhile and
# however many results it leaves unread; and it takes one connection.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $session = new_database('snapshot');
my $other = connect_to();
my $rows = 2000;

maria("CREATE TABLE a (id int PRIMARY KEY, v varchar(40)) ENGINE=InnoDB
		AS SELECT seq AS id, MD5(seq) AS v FROM seq_1_to_$rows;
	CREATE TABLE b LIKE a; INSERT INTO b SELECT * FROM a");
Lab::add_table($session, $_, 'id int, v text') for 'a', 'b';
Lab::add_big_table($session, 'big', 30_000_000);

# Two backends at the same time.
for my $one ($session, $other)
{
	$one->send('SELECT count(v), sum(id) FROM (SELECT * FROM big LIMIT 500000) s');
}
is($_->wait->{out}, '500000|125000250000', 'two backends read at the same time')
  for $session, $other;
isnt(thread_of($session), thread_of($other), 'each by its own connection');

# One snapshot for all tables and statements.
my $count = 'SELECT (SELECT count(v) FROM a), (SELECT count(v) FROM b)';
$session->do('BEGIN');
$session->returns('SELECT count(v) FROM a', $rows, 'a snapshot is taken');
maria("INSERT INTO a VALUES (-1, 'x'); INSERT INTO b VALUES (-1, 'x');
	UPDATE b SET v = 'changed' WHERE id = 7; DELETE FROM b WHERE id = 8");
$session->returns($count, "$rows|$rows", 'it does not see what came later');
$session->returns('SELECT count(*) FROM a JOIN b USING (id, v)',
	$rows, 'nor does a join');
$other->returns($count, join('|', $rows + 1, $rows), 'another one does');
$session->do('COMMIT');
$session->returns($count, join('|', $rows + 1, $rows), 'and the next');
maria("DELETE FROM a WHERE id < 0; DELETE FROM b; INSERT INTO b SELECT * FROM a");

# Somebody changes a table that the snapshot has not touched: its rows of that
# moment are gone, or still there, but never others.
my %changes = (
	'ALTER TABLE that copies' =>
	  [ 'ALTER TABLE b ADD COLUMN n int DEFAULT 5 FIRST, ALGORITHM=COPY', '40001' ],
	'a new type' => [ 'ALTER TABLE b MODIFY v text', '40001' ],
	'TRUNCATE' => [ 'TRUNCATE TABLE b', '40001' ],
	'OPTIMIZE' => [ 'OPTIMIZE TABLE b', '40001' ],
	'DROP' => [ 'DROP TABLE b', 'HV00R' ],
	'a table of the same name' =>
	  [ 'DROP TABLE b; CREATE TABLE b (id int, v text) ENGINE=InnoDB', '40001' ],
	'a lost column' => [ 'ALTER TABLE b DROP COLUMN v', '40001|HV005' ],
	'an instant column' => [ 'ALTER TABLE b ADD COLUMN n int, ALGORITHM=INSTANT',
		Lab::Maria->is_mysql ? '40001' : () ],
	'an index' => [ 'CREATE INDEX i ON b (v(5))' ]);

for my $what (sort keys %changes)
{
	my ($sql, $code) = @{ $changes{$what} };

	$session->do('BEGIN');
	$session->do('SELECT count(v) FROM a');
	maria($sql);
	my $answer = $session->run('SELECT count(v), md5(string_agg(v, NULL ORDER BY id))
		= (SELECT md5(string_agg(v, NULL ORDER BY id)) FROM a) FROM b');
	if ($code)
	{
		failed_with($answer, $code, undef, "$what: an error");
	}
	else
	{
		is($answer->{out}, "$rows|t", "$what: the old rows")
		  or diag($answer->{err});
	}
	$session->do('ROLLBACK');
	maria('DROP TABLE IF EXISTS b; CREATE TABLE b LIKE a;
		INSERT INTO b SELECT * FROM a');
	$session->returns($count, "$rows|$rows", "$what: then all is well");
}

# A table in use does not change until the transaction ends.
$session->do('BEGIN; DECLARE c CURSOR FOR SELECT id, v FROM b; FETCH 1 FROM c');
my $alter = Lab::start_child(
	sub { maria('ALTER TABLE b ADD COLUMN n int FIRST, ALGORITHM=COPY') });
ok((eventually
	{
		maria("SELECT count(*) FROM information_schema.processlist
			WHERE state LIKE '%metadata lock%'") == 1;
	}), 'ALTER TABLE waits for a reader');
like($session->do('MOVE ALL FROM c; \echo :ROW_COUNT '),
	qr/^@{[ $rows - 1 ]}\b/m, 'who reads all rows');
$session->do('COMMIT');
ok(eventually { waitpid($alter, 1) != 0 }, 'then it is done');
$session->returns($count, "$rows|$rows", 'all rows are there in the new table');

# Abandoned results.
$session->do('BEGIN');
$session->do('SELECT count(v) FROM a');
my $id = thread_of($session);
maria("INSERT INTO a VALUES (-1, 'x')");
my $wrong = 0;
for (1 .. 100)
{
	my $out = $session->do('DECLARE c CURSOR FOR SELECT id, v FROM big;
		FETCH 5 FROM c; CLOSE c');
	$wrong++ if $out !~ /^1\|.*^5\|\w+$/ms;
}
is($wrong, 0, '100 cursors are abandoned');
$wrong = grep { $session->do('SELECT id FROM big LIMIT 1') ne '1' } 1 .. 50;
is($wrong, 0, 'so are 50 results by LIMIT');
$session->do('DO $$ BEGIN FOR i IN 1 .. 50 LOOP
	BEGIN PERFORM 1 / (id - 100) FROM big; EXCEPTION
	WHEN division_by_zero THEN NULL; END; END LOOP; END $$');
$session->returns('SELECT count(v) FROM a', $rows, 'the snapshot is the same');
is(thread_of($session), $id, 'on the same connection');
$session->do('COMMIT');
ok((eventually { app_threads() <= 2 }), 'no other is left on the server');
$session->returns('SELECT count(v) FROM a', $rows + 1, 'the next one is new');
maria('DELETE FROM a WHERE id < 0');

# Rows that make room for another statement, when that fails half-way: the rows
# are still there or missed.
for my $case (
	[ q{statement_timeout = '300ms'}, '57014', 'a cancel' ],
	[ q{temp_file_limit = '1MB'}, '53400', 'a full disk' ])
{
	my ($setting, $code, $what) = @$case;

	$session->do('BEGIN; DECLARE c CURSOR FOR SELECT id FROM big');
	$session->do('FETCH 3 FROM c; SAVEPOINT s');
	$session->fails("SET LOCAL $setting; SELECT count(v) FROM a",
		$code, undef, "$what, while a cursor makes room");
	$session->do('ROLLBACK TO SAVEPOINT s');
	my $answer = $session->run('FETCH 1 FROM c');
	ok($answer->{out} eq '4' || $answer->{code} ne '',
		"$what: no row is missing")
	  or diag("got $answer->{out}");
	$session->do('ROLLBACK');
}

# A result whose next row takes long is given up at once.
maria("CREATE VIEW slow AS SELECT seq AS id,
	IF(seq = 5, sleep(60), REPEAT('x', 20000)) AS v FROM seq_1_to_100");
Lab::add_table($session, 'slow', 'id int, v text');
$session->do('BEGIN; SELECT count(v) FROM a');
my $before = time;
$session->returns('SELECT id, length(v) FROM slow LIMIT 1', '1|20000',
	'a slow result is abandoned', 60);
cmp_ok(time - $before, '<', 5, 'without waiting for it');
$session->returns('SELECT count(v) FROM a', $rows, 'the snapshot is still there');
$session->do('ROLLBACK');

# So is one that has no columns.
$session->do('BEGIN; SELECT count(v) FROM a; SAVEPOINT s');
$session->fails(
	q{SELECT * FROM mariadb.query('remote', 'DO 0') AS t (i int)},
	'42804', undef, 'a statement that returns nothing');
$session->do('ROLLBACK TO SAVEPOINT s');
$session->returns('SELECT count(v) FROM a', $rows, 'leaves the snapshot');
$session->do('ROLLBACK');

# Many results open at the same time, each read further in turn.
$session->do('BEGIN');
$session->do("DECLARE c$_ CURSOR FOR SELECT id FROM a ORDER BY id + 0")
  for 1 .. 50;
my @out;
for my $turn (1 .. 3)
{
	push @out, map { $session->do("FETCH 1 FROM c$_") } 1 .. 50;
}
is("@out", join(' ', map { ($_) x 50 } 1 .. 3), '50 cursors in turn');
$session->do('COMMIT');

$session->do('BEGIN');
$session->do("DECLARE c$_ CURSOR FOR SELECT id FROM a WHERE id > 0") for 1 .. 50;
@out = map { scalar(() = $session->do("FETCH 10 FROM c$_") =~ /\d+/g) } 1 .. 50;
is("@out", join(' ', (10) x 50), '50 unsorted cursors in turn');
@out = map { $session->do("MOVE ALL FROM c$_; \\echo :ROW_COUNT ") =~ /(\d+)/ }
  reverse 1 .. 50;
is("@out", join(' ', ($rows - 10) x 50), 'which end as they should');
is(app_threads(), 2, 'by one connection');
$session->do('COMMIT');

$session->returns(
	'SELECT count(*) FROM a AS x JOIN b AS y USING (id) JOIN a AS z USING (id)',
	$rows, 'joins of three foreign tables');
$session->returns(
	'SET enable_hashjoin = off; SET enable_mergejoin = off; SET enable_material = off;
	SELECT count(*) FROM a AS x JOIN b AS y ON x.v = y.v WHERE x.id <= 20',
	20, 'a scan within a scan');

# The local side changes under an open snapshot.
$session->do('BEGIN; SELECT count(v) FROM a');
$session->do('SET LOCAL client_min_messages = error; DROP SERVER remote CASCADE');
$session->returns('SELECT mariadb.disconnect_all()', 'f',
	'a connection in use stays, though its server was dropped');
$session->run('ROLLBACK');
$session->returns($count, "$rows|$rows", 'and serves on after ROLLBACK');

done_testing;
