# What a run reports about itself: in the ledger, in the views of both servers and,
# where rows could not be stored, in mariadb.reject; and what it may not do.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Lab::Migration;
use Test::More;

my $session = new_database('ledger');
my $watcher = connect_to();
my $server = Lab::Maria->start('ledger', '--log-bin', '--server-id=1',
	'--binlog-format=ROW', '--sql-mode=');
my $migration = Lab::Migration->new('own', 'd', 'moved');

Lab::add_server($session, 'own', port => $server->port);
$server->sql("CREATE DATABASE d; USE d;
	CREATE TABLE parts (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(100), KEY (v));
	INSERT INTO parts (v) SELECT REPEAT(MD5(seq), 3) FROM seq_1_to_9000;
	CREATE TABLE whole (id INT PRIMARY KEY, part INT, v VARCHAR(30) COMMENT 'why',
		FULLTEXT KEY words (v), FOREIGN KEY (part) REFERENCES parts (id));
	INSERT INTO whole SELECT seq, seq, 'a' FROM seq_1_to_100;
	CREATE TABLE `empty` (id INT PRIMARY KEY);
	ANALYZE TABLE parts, whole, `empty`");

# A whole run.
my ($file, $position) = split /\t/, $server->sql('SHOW MASTER STATUS');
my $is_mysql = Lab::Maria->is_mysql;
my $gtid = $server->sql($is_mysql ? 'SELECT @@gtid_executed' : 'SELECT @@gtid_binlog_pos');
my $answer = $session->run($migration->call('{"workers": 2, "chunk_size": "256kB"}'), 60);
is($answer->{code}, '', 'a run ends well') or diag($answer->{err});
like($answer->{err}, $is_mysql
	? qr/snapshot of server "own": 2 workers, tables locked for \S+ ms by LOCK TABLES, binary log position \Q$file:$position\E, GTID \Q$gtid\E \(MySQL does not show/
	: qr/snapshot of server "own": 2 workers, binary log position \Q$file:$position\E, GTID \Q$gtid\E\n/,
	'it says how all got one snapshot');
$session->returns('SELECT server, schema, local, options, state, attempt, workers, method,
		position, gtid, lock_ms IS NULL, started < finished, problems
	FROM mariadb.run',
	'own|d|moved|{"workers": 2, "chunk_size": "256kB"}|done|1|2|'
	  . ($is_mysql ? 'LOCK TABLES' : 'binary log') . "|$file:$position|$gtid|" . ($is_mysql ? 'f' : 't') . '|t|0',
	'the ledger has the run');
$session->returns("SELECT bool_and(n ? 'object' AND n ? 'note'),
		bool_or(n ->> 'object' LIKE '%words%')
	FROM mariadb.run, jsonb_array_elements(notes) n",
	't|t', 'and what was decided');
$session->returns("SELECT v ->> 'table_name', v ->> 'remote_rows', v ->> 'local_rows',
		v ->> 'rejected', v ->> 'status'
	FROM mariadb.run, jsonb_array_elements(verification) v ORDER BY 1",
	"empty|0|0|0|equal\nparts|9000|9000|0|equal\nwhole|100|100|0|equal",
	'and the comparison');
$session->returns('SELECT table_name, count(*) > 3, min(number), max(number) = count(*),
		sum(rows), sum(rejected), min(target)
	FROM mariadb.chunk GROUP BY 1 ORDER BY 1',
	"empty|f|1|t|0|0|moved.empty\nparts|t|1|t|9000|0|moved.parts\n"
	  . 'whole|f|1|t|100|0|moved.whole', 'and the chunks of each table');
$session->returns("SELECT count(*) FROM mariadb.chunk
	WHERE state <> 'done' OR attempt <> 1 OR xid IS NULL OR worker IS NULL
		OR digest !~ '^[0-9a-f]{32}\$' OR NOT started <= finished
		OR (bytes > 0) <> (rows > 0)", 0, 'which tell who copied them, and when');
$session->returns('SELECT sum(bytes) BETWEEN 9000 * 100 AND 9000 * 110,
		sum(estimated_rows) BETWEEN 4000 AND 18000, count(DISTINCT worker)
	FROM mariadb.chunk WHERE table_name = \'parts\'',
	't|t|2', 'how many bytes, and that both workers did');
$session->returns('SELECT string_agg(c.table_name, \', \') FROM (
		SELECT table_name, mariadb_internal.add_digests(array_agg(digest)) AS digest,
			(mariadb_internal.table_digest(min(target)::regclass, ARRAY(SELECT attname
				FROM pg_attribute WHERE attrelid = min(target)::regclass
				AND attnum > 0 ORDER BY attnum))).digest AS here
		FROM mariadb.chunk GROUP BY 1) c WHERE digest <> here',
	'', 'and add up to the digests of the tables');
$session->returns("SELECT count(*) > 4, bool_and(state = 'done'),
		bool_and(worker IS NOT NULL AND started <= finished),
		count(*) FILTER (WHERE kind = 'comparison'),
		count(*) FILTER (WHERE kind = 'check of foreign key')
	FROM mariadb.task", 't|t|t|3|1', 'and what came after the rows');
$session->returns('SELECT count(*) FROM mariadb.reject', 0, 'nothing was rejected');
$session->returns("SELECT count(*), count(*) FILTER (WHERE state = 'done')
	FROM mariadb.progress", '4|4', 'mariadb.progress has a row for each table, and one for all');
$migration->forget($session);

# While it runs: both servers show who reads what.
$server->sql("USE d; CREATE TABLE big (id INT PRIMARY KEY, v TEXT);
	INSERT INTO big SELECT seq, REPEAT(MD5(seq), 128) FROM seq_1_to_25000;
	ANALYZE TABLE big");
$session->send($migration->call('{"workers": 2, "chunk_size": "64MB",
	"tables": ["big"], "max_mb_per_second": 2}'));
my $label = qr/mariadb_fdw run \d+: big \d+\/\d+/;
my $activity = '';
ok(eventually {
		$activity = $watcher->value("SELECT application_name
			FROM pg_stat_activity WHERE backend_type = 'mariadb_fdw worker'
			AND application_name LIKE '%run %: big %' ORDER BY 1");
		split(/\n/, $activity) == 2;
	}, 'PostgreSQL shows two workers at it');
like($activity, qr/^$label\n$label$/, 'their names tell table and chunk');
my $remote = '';
ok(eventually {
		$remote = $server->sql("SELECT info FROM information_schema.processlist
			WHERE info LIKE '%mariadb_fdw run %' AND id <> connection_id()");
		split(/\n/, $remote) == 2;
	}, 'MariaDB shows them too');
like($remote, qr{^SELECT /\* $label \*/ .*\nSELECT /\* $label \*/ }, 'with the same names');
SKIP:
{
	skip 'before PostgreSQL 14', 1
	  if $watcher->value('SHOW server_version_num') < 140000;
	ok(eventually { $watcher->value("SELECT count(*) FROM pg_stat_progress_copy p
			JOIN pg_stat_activity a USING (pid)
			WHERE a.backend_type = 'mariadb_fdw worker'
			AND p.relid = 'moved.big'::regclass
			AND p.tuples_processed > 0 AND p.bytes_processed > 0") == 2 },
		'pg_stat_progress_copy shows their rows and bytes');
}
my $progress = '';
ok(eventually {
		$progress = $watcher->value("SELECT state, rows BETWEEN 1 AND 24999,
				percent BETWEEN 0.1 AND 99.9, bytes LIKE '%B', rows_per_second > 0,
				time_left >= interval '0', bar LIKE '[%.]'
			FROM mariadb.progress WHERE table_name = 'big' AND rows > 0");
		$progress ne '';
	}, 'mariadb.progress has rows before the end');
is($progress, 'copying|t|t|t|t|t|t', 'and reports share, rate and time left');

$watcher->do('SELECT pg_cancel_backend(' . $session->pid . ')');
is($session->wait(30)->{code}, '57014', 'that is enough of it');
$migration->forget($session);

# A worker's own memory stays small, whatever the size of the table.
sub own_memory
{
	my ($pid) = @_;

	open my $file, '<', "/proc/$pid/status" or return 0;
	my ($kb) = map { /^RssAnon:\s+(\d+)/ } <$file>;
	return $kb // 0;
}

my $peak = 0;
$session->send($migration->call('{"workers": 2, "chunk_size": "64MB",
	"tables": ["big"], "max_mb_per_second": 30}'));
ok(eventually { $migration->workers($watcher) > 0 }, 'a run has workers');
while (my @workers = $migration->workers($watcher))
{
	for my $kb (map { own_memory($_) } @workers)
	{
		$peak = $kb if $kb > $peak;
	}
	sleep 0.05;
}
$answer = $session->wait(60);
is($answer->{code}, '', 'the run ends well') or diag($answer->{err});
cmp_ok($peak, '>', 1000, "a worker has used $peak kB of its own");
# AddressSanitizer needs memory of its own.
cmp_ok($peak, '<', (defined $ENV{ASAN_OPTIONS} ? 20 : 1) * 40 * 1024, 'which is little');
$session->returns("SELECT extract(epoch FROM max(finished) - min(started)) > 2.5
	FROM mariadb.chunk", 't', '100 MB have taken their time at 30 MB a second');
$migration->forget($session);
$server->sql('DROP TABLE d.big');

# As slow as is wanted, all workers together.
$answer = $session->run($migration->call('{"workers": 2, "chunk_size": "128kB",
	"max_rows_per_second": 4000, "tables": ["parts"]}'), 60);
is($answer->{code}, '', 'a run of 4,000 rows a second ends well');
$session->returns('SELECT extract(epoch FROM max(finished) - min(started)) > 1.7
	FROM mariadb.chunk', 't', 'it is not faster');
$migration->forget($session);

# Rows that cannot be stored, one in each of some chunks.
$server->sql("USE d; DROP TABLE whole, `empty`, parts;
	CREATE TABLE bad (id INT PRIMARY KEY, flag TINYINT(1), day DATE, v VARCHAR(100));
	INSERT INTO bad SELECT seq, seq % 2, '2020-01-01', REPEAT(MD5(seq), 3)
		FROM seq_1_to_10000;
	UPDATE bad SET flag = 2 WHERE id = 1000;
	UPDATE bad SET day = '0000-00-00' WHERE id = 3000;
	UPDATE bad SET flag = -1 WHERE id = 5000;
	UPDATE bad SET day = '2020-02-00' WHERE id = 7000;
	UPDATE bad SET v = 'a\\0b' WHERE id = 9000;
	ANALYZE TABLE bad");
my $limited = sub {
	my ($limit, $workers) = @_;
	return $migration->call("{\"on_error\": \"reject\", \"reject_limit\": $limit,
		\"workers\": $workers, \"chunk_size\": \"64kB\"}");
};

$session->fails($migration->call('{"workers": 2, "chunk_size": "64kB"}'),
	'22\w{3}', qr/key \(id\)=\("\d000"\)/, 'a bad row stops a run, which names its key');
$migration->forget($session);

for my $workers (2, 0)
{
	my $name = "$workers workers, 5 bad rows";

	$session->fails($limited->(3, $workers), '22000', qr/more than 3 rows had to be rejected/,
		"$name: a limit of 3 stops the run");
	cmp_ok($migration->note_done($session), '>', 2, "$name: chunks are done");
	$session->returns('SELECT count(*) <= 3, count(*) = (SELECT sum(rejected) FROM mariadb.chunk
		WHERE state = \'done\') FROM mariadb.reject', 't|t',
		"$name: rejected are those of the chunks that are done");
	$session->fails($limited->(3, $workers), '22000', qr/more than 3 rows had to be rejected/,
		"$name: the limit is that of the run, not of a call");
	$answer = $session->run($limited->(5, $workers), 60);
	is($answer->{code}, '', "$name: a limit of 5 lets it end") or diag($answer->{err});
	like($answer->{err}, qr/NOTICE: .*table "bad": 9995 rows in [\d.]+ s, 5 rejected/,
		"$name: it reports them");
	like($answer->{err}, qr/WARNING: .*table "bad": 5 rejected/, "$name: and warns");
	$session->returns("SELECT key, column_name, value, is_hex, sqlstate, condition,
			error <> '', target
		FROM mariadb.reject ORDER BY (key ->> 'id')::int",
		join("\n",
			'{"id": "1000"}|flag|2|f|22003|`id` = 1000|t|moved.bad',
			'{"id": "3000"}|day|0000-00-00|f|22008|`id` = 3000|t|moved.bad',
			'{"id": "5000"}|flag|-1|f|22003|`id` = 5000|t|moved.bad',
			'{"id": "7000"}|day|2020-02-00|f|22008|`id` = 7000|t|moved.bad',
			'{"id": "9000"}|v|610062|t|22021|`id` = 9000|t|moved.bad'),
		"$name: they are in mariadb.reject");
	$session->returns('SELECT count(*) FROM mariadb.reject j
		WHERE NOT EXISTS (SELECT FROM mariadb.chunk c WHERE (c.run, c.table_name, c.number)
			= (j.run, j.table_name, j.chunk) AND c.rejected > 0)', 0,
		"$name: with their chunks");
	$session->returns("SELECT state, problems, v ->> 'rejected', v ->> 'status',
			v ->> 'remote_rows', v ->> 'local_rows'
		FROM mariadb.run, jsonb_array_elements(verification) v",
		'done|1|5|5 rejected|10000|9995', "$name: the comparison counts them");
	$session->returns('SELECT count(*), count(DISTINCT id), count(*) FILTER (WHERE id % 2000 = 1000)
		FROM moved.bad', '9995|9995|0', "$name: all other rows are here, once");
	# Without a position that proves it, what was done is compared.
	$is_mysql or $session->returns('SELECT count(*) FROM was_done
		JOIN mariadb.chunk c USING (run, table_name, number)
		WHERE c.finished <> was_done.finished', 0,
		"$name: what was done was not looked at again");
	is($migration->copied_again($session), '', "$name: what was done was not copied again");
	$migration->forget($session);
}

done_testing;
