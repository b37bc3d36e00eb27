# DDL on the ledger while a run with workers is in progress: both end, and so does
# whatever is to end meanwhile.  The locks of a run are out of reach of others.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Lab::Ending;
use Lab::Migration;
use Test::More;

my $session = new_database('locks');
my $watcher = connect_to();
my $ddl = connect_to();
my $server = Lab::Maria->start('locks', '--log-bin', '--server-id=1',
	'--binlog-format=ROW');
my $migration = Lab::Migration->new('own', 'd', 'moved');
my $slow =
  '{"workers": 2, "chunk_size": "128kB", "max_rows_per_second": 6000}';
my @ledger = qw(run chunk task reject);

Lab::add_server($session, 'own', port => $server->port);
$server->sql('CREATE DATABASE d; USE d;
	CREATE TABLE first (id INT PRIMARY KEY, v VARCHAR(100), KEY (v));
	INSERT INTO first SELECT seq, REPEAT(MD5(seq), 3) FROM seq_1_to_8000;
	CREATE TABLE second (id INT PRIMARY KEY, first_id INT,
		CONSTRAINT second_fk FOREIGN KEY (first_id) REFERENCES first (id));
	INSERT INTO second SELECT seq, seq FROM seq_1_to_8000;
	ANALYZE TABLE first, second');

# Tests that a run of a session has moved all, and forgets it.
sub is_complete
{
	my ($session, $name) = @_;

	is($migration->verified($session), 'equal', "$name: all rows are here");
	$session->returns('SELECT state, problems FROM mariadb.run', 'done|0',
		"$name: the ledger says so");
	$migration->forget($session);
}

# Runs statements while a run is in progress; each has to end.
sub check
{
	my ($name, @statements) = @_;

	$migration->start($session, $watcher, $slow, 1);
	$ddl->do("SET statement_timeout = '60s'");
	for my $sql (@statements)
	{
		my $answer = $ddl->run($sql, 90);
		is($answer->{code}, '', $sql) or diag($answer->{err});
		$ddl->run('ROLLBACK');
	}
	my $answer = $session->wait(90);
	is($answer->{code}, '', "$name: the run ends well") or diag($answer->{err});
	is_complete($session, $name);
}

check('VACUUM FULL', map { "VACUUM FULL mariadb.$_" } @ledger);
check('ALTER TABLE', map { "ALTER TABLE mariadb.$_ ADD more int; ALTER TABLE mariadb.$_ DROP more" } @ledger);
check('LOCK TABLE', map { "BEGIN; LOCK TABLE mariadb.$_; SELECT pg_sleep(0.5); COMMIT" } @ledger);
check('others', 'CREATE INDEX more ON mariadb.chunk (state); DROP INDEX mariadb.more',
	'REINDEX TABLE mariadb.task', 'CLUSTER mariadb.chunk USING chunk_pkey',
	'ALTER EXTENSION mariadb_fdw UPDATE', 'ANALYZE mariadb.chunk');

# Several locks against the order of the workers: somebody may have to give up.
$migration->start($session, $watcher, $slow, 1);
my $answer = $ddl->run('BEGIN; LOCK TABLE mariadb.reject; LOCK TABLE mariadb.task;
	LOCK TABLE mariadb.chunk; LOCK TABLE mariadb.run; COMMIT', 90);
like($answer->{code}, qr/^(40P01|)$/, 'locks in another order: an end, or a deadlock that is seen');
$ddl->run('ROLLBACK');
$answer = $session->wait(90);
like($answer->{code}, qr/^(40P01|55000|)$/, 'the run ends') or diag($answer->{err});
if ($answer->{code} ne '')
{
	$answer = $session->run($migration->call($slow), 90);
	is($answer->{code}, '', 'a second call ends well') or diag($answer->{err});
}
is_complete($session, 'locks in another order');

# A run whose workers wait for DDL can be cancelled.
$migration->start($session, $watcher, $slow, 1);
$ddl->do('BEGIN; LOCK TABLE mariadb.chunk');
ok((eventually { $watcher->value("SELECT count(*) FROM pg_locks l
		JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted
		AND a.backend_type = 'mariadb_fdw worker'") > 0 } 30), 'a worker waits for a lock');
$watcher->returns("SELECT count(*) FROM pg_locks WHERE pid = " . $session->pid
	  . " AND locktype = 'relation'", 0, 'its leader holds no lock of a relation');
cancel_ends($watcher, $session, 'workers that wait for a lock');
ok((eventually { $migration->workers($watcher) == 0 } 30), 'and they have ended');
$ddl->do('COMMIT');
$answer = $session->run($migration->call($slow), 90);
is($answer->{code}, '', 'the run continues') or diag($answer->{err});
is_complete($session, 'a cancelled run');

# Locks that anybody can take are not those of a run.
$ddl->do("SELECT pg_advisory_lock(hashtext('mariadb_fdw run'), hashtext('d')),
	pg_advisory_lock(i) FROM generate_series(1, 1000) i;
	SELECT pg_advisory_lock(28001, i), pg_advisory_lock(hashtext('mariadb_fdw claim'), i)
	FROM generate_series(1, 1000) i");
my $next = $session->value('SELECT last_value FROM mariadb.run_id_seq') + 1;
$ddl->do("SELECT pg_advisory_lock($next), pg_advisory_lock(28004, $next)");
$migration->start($session, $watcher, $slow, 1);
$watcher->returns('SELECT count(*) FROM (SELECT pg_advisory_unlock_all()) x', 1,
	'others let their locks go');
$watcher->fails($migration->call($slow), '55006', qr/run $next cannot continue: another session/,
	'and do not get the run');
$answer = $session->wait(90);
is($answer->{code}, '', 'a run beside advisory locks') or diag($answer->{err});
is_complete($session, 'advisory locks');
$ddl->do('SELECT pg_advisory_unlock_all()');

# A process that is no worker does not keep a chunk, whatever its id.
$migration->start($session, $watcher, $slow, 1);
$watcher->returns("WITH c AS (SELECT run, table_name, number FROM mariadb.chunk
		WHERE state = 'pending' AND worker IS NULL LIMIT 1 FOR UPDATE SKIP LOCKED)
	UPDATE mariadb.chunk x SET state = 'copying', worker = pg_backend_pid() FROM c
	WHERE (x.run, x.table_name, x.number) = (c.run, c.table_name, c.number)
	RETURNING x.worker = pg_backend_pid()", 't', 'a lost worker had this process id');
$answer = $session->wait(90);
is($answer->{code}, '', 'the others do its work') or diag($answer->{err});
is_complete($session, 'a process id that is used again');

# So are those of another role, whose run differs by as much as the role does.
$migration->start($session, $watcher, $slow, 1);
cancel_ends($watcher, $session, 'a run');
$session->do("CREATE ROLE locks_mover LOGIN; GRANT CREATE ON DATABASE locks TO locks_mover;
	GRANT USAGE ON FOREIGN DATA WRAPPER mariadb_fdw TO locks_mover;
	GRANT USAGE ON FOREIGN SERVER own TO locks_mover; SELECT mariadb.grant_to('locks_mover');
	DO 'BEGIN EXECUTE (SELECT format(''ALTER TABLE mariadb.run ALTER id RESTART WITH %s'',
		(SELECT max(id) FROM mariadb.run) # a.oid::bigint # b.oid::bigint)
		FROM pg_roles a, pg_roles b WHERE a.rolname = current_user AND b.rolname = ''locks_mover''); END'");
my $mover = connect_to();
my $moved_too = Lab::Migration->new('own', 'd', 'moved_too');
$mover->do('SET SESSION AUTHORIZATION locks_mover');
$moved_too->start($mover, $watcher, $slow, 1);
$answer = $session->run($migration->call($slow), 90);
is($answer->{code}, '', 'a run is taken over beside that of another role') or diag($answer->{err});
$answer = $mover->wait(90);
is($answer->{code}, '', 'that of the other role ends well') or diag($answer->{err});
unlike($answer->{err}, qr/was lost/, 'it has lost no worker');
$mover->quit;
$_->forget($session) for $migration, $moved_too;
$session->do('DROP OWNED BY locks_mover; DROP ROLE locks_mover');

# Workers of a run of the same number in another database are left alone.
$migration->start($session, $watcher, $slow, 1);
cancel_ends($watcher, $session, 'a run');
my $run = $session->value('SELECT max(id) FROM mariadb.run');
my $other = new_database('locks_too');
my $other_watcher = connect_to();
Lab::add_server($other, 'own', port => $server->port);
$other->do("ALTER TABLE mariadb.run ALTER id RESTART WITH $run");
$migration->start($other, $other_watcher, $slow, 1);
$answer = $session->run($migration->call($slow), 90);
is($answer->{code}, '', 'a run is taken over') or diag($answer->{err});
$answer = $other->wait(90);
is($answer->{code}, '', 'that of the other database ends well') or diag($answer->{err});
unlike($answer->{err}, qr/was lost/, 'and has lost no worker');
is_complete($_, 'two databases') for $session, $other;

# A run that is not gone on with is let go of, too.
$migration->start($session, $watcher, $slow, 1);
cancel_ends($watcher, $session, 'a run');
$answer = $session->run($migration->call('{"workers": 1, "truncate": true, "except": ["second"]}'), 90);
is($answer->{code}, '', 'another run instead of one that was cut off ends well') or diag($answer->{err});
$watcher->returns("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", 0, 'and leaves no lock');
$migration->forget($session);

# Who may not use the server learns nothing through the parts of migrate.
$session->do("CREATE ROLE locks_nobody; GRANT USAGE ON SCHEMA mariadb, mariadb_internal TO locks_nobody;
	GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA mariadb_internal TO locks_nobody;
	SET ROLE locks_nobody");
for my $call ("agree_on_snapshot('own', 'd', '{first}')",
	"start_workers(1, 'own', 1)", "end_snapshot('own')")
{
	$session->fails("SELECT mariadb_internal.$call", '42501',
		qr/permission denied for foreign server own/, $call);
}
$session->do('RESET ROLE; DROP OWNED BY locks_nobody; DROP ROLE locks_nobody');

# The ledger itself goes.
$migration->start($session, $watcher, $slow, 1);
$answer = $ddl->run("SET statement_timeout = '60s'; DROP EXTENSION mariadb_fdw CASCADE", 90);
like($answer->{code}, qr/^(40P01|)$/, 'DROP EXTENSION ends') or diag($answer->{err});
my $is_dropped = $answer->{code} eq '';
$answer = $session->wait(90);
is($answer->{code} eq '', !$is_dropped, 'the run ends') or diag($answer->{err});
ok((eventually { $migration->workers($watcher) == 0 } 30), 'and its workers');
$watcher->returns("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'", 0,
	'no lock is left');
$session->do('DROP EXTENSION IF EXISTS mariadb_fdw CASCADE; CREATE EXTENSION mariadb_fdw');
$session->returns('SELECT count(*) FROM mariadb.run', 0, 'the extension can be made again');

done_testing;
