# mariadb.migrate reports what it does, resumes where it was interrupted, and in one
# transaction has one snapshot.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $session = new_database('migrate');
my $call = "CALL mariadb.migrate('remote', 'migrate', 'moved'%s)";

# The tables are read in the order of their names.
maria('USE migrate; CREATE TABLE migrate.a_first (id INT AUTO_INCREMENT PRIMARY KEY, v TEXT);
	INSERT INTO migrate.a_first (v) SELECT MD5(seq) FROM seq_1_to_1000;
	CREATE TABLE migrate.b_big (id INT PRIMARY KEY, v TEXT);
	INSERT INTO migrate.b_big SELECT seq, MD5(seq) FROM seq_1_to_1500000;
	CREATE TABLE migrate.c_last (id INT PRIMARY KEY, a_id INT,
		CONSTRAINT c_fk FOREIGN KEY (a_id) REFERENCES migrate.a_first (id));
	INSERT INTO migrate.c_last VALUES (1, 1), (2, NULL)');

sub migrate
{
	my ($options) = @_;

	return $session->run(
		sprintf($call, $options ? ", '$options'" : ''), 120);
}

# Cut off in the middle of a table; the biggest comes first.
$session->send(sprintf $call, q{, '{"workers": 0, "chunk_size": "1GB"}'});
my $thread = Lab::running_thread('%b_big%');
maria("KILL $thread");
Lab::Session::failed_with($session->wait(60),
	'08006|08003|08000|HV000', undef, 'the migration is cut off');
$session->returns('SELECT count(*) FROM moved.b_big',
	0, 'the current table is empty, not half full');
$session->returns(
	"SELECT count(*) FROM pg_constraint WHERE connamespace = 'moved'::regnamespace AND contype <> 'n'",
	0, 'keys are not there yet');

maria("TRUNCATE mysql.general_log; SET GLOBAL log_output = 'TABLE'; SET GLOBAL general_log = 1");
my $answer = migrate('{"workers": 2}');
maria("SET GLOBAL general_log = 0; SET GLOBAL log_output = 'FILE'");
is($answer->{code}, '', 'a second run ends well');
is(maria("SELECT COUNT(*) > 0, SUM(command_type = 'Connect') FROM mysql.general_log
	WHERE event_time > (SELECT MIN(event_time) FROM mysql.general_log WHERE argument LIKE 'LOCK TABLES %')
	AND event_time < (SELECT MIN(event_time) FROM mysql.general_log WHERE argument = 'UNLOCK TABLES')"),
	"1\t0", 'nobody connects while tables are locked');
like($answer->{err}, qr/NOTICE: .*resuming run \d+/, 'it is resumed');
like($answer->{err}, qr/NOTICE: .*table "b_big": 1500000 rows in \d+\.\d s/,
	'it reports rows and seconds of a table');
like($answer->{err}, qr/NOTICE: .*snapshot of server "remote": \d workers, tables locked for \d+\.\d ms by LOCK TABLES \(the binary log is off\)/,
	'it says how its workers got one snapshot');
like($answer->{err}, qr/NOTICE: .*migration of "migrate" finished; problems: 0/,
	'it reports its end');
unlike($answer->{err}, qr/WARNING/, 'it warns of nothing');
$session->returns("SELECT DISTINCT status FROM mariadb.verify('remote', 'migrate', 'moved')",
	'equal', 'both sides hold the same rows');
$session->returns(
	"SELECT DISTINCT status FROM mariadb.verify_structure('remote', 'migrate', 'moved')",
	'equal', 'and the same structure');
$session->returns('SELECT convalidated FROM pg_constraint WHERE conname = \'c_fk\'',
	't', 'the foreign key is validated');
$session->returns("SELECT nextval('moved.a_first_id_seq')",
	maria("SELECT AUTO_INCREMENT FROM information_schema.TABLES
		WHERE TABLE_SCHEMA = 'migrate' AND TABLE_NAME = 'a_first'"),
	'the sequence continues where MariaDB is');

# Once it has ended, a further call is a run of its own.
my $made_by = $session->value('SELECT min(xmin::text) FROM moved.a_first');
$answer = migrate();
is($answer->{code}, '', 'a further run ends well');
like($answer->{err}, qr/NOTICE: .*table "a_first" is already up to date/,
	'it skips tables that are there');
$session->returns('SELECT min(xmin::text) FROM moved.a_first',
	$made_by, 'they are as they were');

# Cancelled here it keeps the chunks that are done.
$session->do('DROP SCHEMA moved CASCADE');
my $watcher = connect_to();
my $last_run = $watcher->value('SELECT max(id) FROM mariadb.run');
$session->send(sprintf $call, q{, '{"workers": 0, "chunk_size": "2MB"}'});
ok(eventually { $watcher->value("SELECT count(*) > 2 FROM mariadb.chunk
		WHERE run > $last_run AND state = 'done'") eq 't' },
	'chunks are being copied');
$watcher->do('SELECT pg_cancel_backend(' . $session->pid . ')');
Lab::Session::failed_with($session->wait(60), '57014', undef, 'it can be cancelled');
$session->returns('SELECT (SELECT count(*) FROM moved.a_first)
		+ (SELECT count(*) FROM moved.b_big) + (SELECT count(*) FROM moved.c_last)
	- (SELECT sum(rows) FROM mariadb.chunk
		WHERE run = (SELECT max(id) FROM mariadb.run) AND state = \'done\')',
	0, 'exactly the rows of the chunks that are done are here');

# One snapshot, which a transaction of the caller may have begun.
maria('DROP TABLE migrate.b_big');
$session->do('DROP SCHEMA moved CASCADE');
$session->do(q{BEGIN; SELECT * FROM mariadb.query('remote', 'SELECT 1') AS q (one int)});
maria('INSERT INTO migrate.a_first (id, v) VALUES (5000, NULL);
	INSERT INTO migrate.c_last VALUES (3, 5000)');
$answer = migrate('{"one_transaction": true}');
is($answer->{code}, '', 'in one transaction it ends well');
like($answer->{err}, qr/snapshot of server "remote": this session, one connection/,
	'and reads them itself');
$session->do('COMMIT');
$session->returns('SELECT (SELECT count(*) FROM moved.a_first), (SELECT count(*) FROM moved.c_last)',
	'1000|2', 'its tables are of the snapshot of the transaction');
$answer = migrate();
is($answer->{code}, '55000', 'then MariaDB has other rows');
like($answer->{err}, qr/table moved\.a_first contains rows that are not in ${\ Lab::Maria->product}/, 'which is an error');
$answer = migrate('{"truncate": true}');
is($answer->{code}, '', 'unless rows may go');
$session->returns('SELECT count(*) FROM moved.a_first', 1001, 'it has the new rows');

# Written to in between: what comes later is not in the run's snapshot.
$session->do('DROP SCHEMA moved CASCADE');
$session->do(q{CREATE FUNCTION slow() RETURNS event_trigger LANGUAGE plpgsql AS
	$$ BEGIN PERFORM pg_sleep(2); END $$;
	CREATE EVENT TRIGGER slow ON ddl_command_end WHEN TAG IN ('ALTER TABLE')
		EXECUTE FUNCTION slow()});
$session->send(sprintf $call, q{, '{"tables": ["c_last"], "workers": 2}'});
ok(eventually { $watcher->value("SELECT count(*) FROM pg_stat_activity
		WHERE backend_type = 'mariadb_fdw worker' AND wait_event = 'PgSleep'") > 0 },
	'the rows are here, and the keys are being made');
maria('INSERT INTO migrate.c_last VALUES (4, NULL)');
$answer = $session->wait(60);
is($answer->{code}, '', 'rows that come in between are no matter');
unlike($answer->{err}, qr/differs/, 'the run compares with its own snapshot');
$session->returns("SELECT status FROM mariadb.verify('remote', 'migrate', 'moved')
		WHERE table_name = 'c_last'",
	'differs', 'which MariaDB has left');
$session->do('DROP EVENT TRIGGER slow; DROP SCHEMA moved CASCADE');

# The sample, as Prisma has it.
system({ 'bash' } 'bash', '-c',
	"SIGNED_ONLY=1 '$Bin/../sample/load.sh' migrate_sample") == 0
  or die 'could not load the sample';
# Read here: PostgreSQL's own user may not reach this folder.
open(my $file, '<', "$Bin/../sample/schema.prisma") or die "schema.prisma: $!";
my $prisma = join '', <$file>;
close $file;
$session->do("SELECT set_config('sample.options', jsonb_build_object('prisma',
	\$prisma\$$prisma\$prisma\$::text)::text, false)");
my $options = "current_setting('sample.options')::jsonb";
$answer = $session->run("CALL mariadb.migrate('remote', 'migrate_sample', 'sample', $options)", 60);
is($answer->{code}, '', 'the sample moves');
unlike($answer->{err}, qr/WARNING/, 'without a warning');
$session->returns("SELECT DISTINCT status FROM mariadb.verify('remote', 'migrate_sample', 'sample')",
	'equal', 'its rows are the same');
$session->returns("SELECT DISTINCT status
	FROM mariadb.verify_structure('remote', 'migrate_sample', 'sample', $options)",
	'equal', 'and its structure');
$session->returns("SELECT count(*) FROM mariadb.preflight('remote', 'migrate_sample',
	$options ->> 'prisma') WHERE severity = 'error'",
	0, 'as preflight has reported');

done_testing;
