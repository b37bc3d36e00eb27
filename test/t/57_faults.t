# Faults that concern a part: the rest of a run continues, or a second call does.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Lab::Migration;
use Test::More;

my $session = new_database('faults');
my $server = Lab::Maria->start('faults', '--log-bin', '--server-id=1',
	'--binlog-format=ROW');
my $quick = '{"workers": 3, "chunk_size": "64kB"}';

Lab::add_server($session, 'own', port => $server->port);
$server->sql(q{CREATE DATABASE d; USE d;
	CREATE TABLE p (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(100), UNIQUE KEY (v));
	INSERT INTO p (v) SELECT REPEAT(MD5(seq), 3) FROM seq_1_to_3000;
	CREATE TABLE c (id INT PRIMARY KEY, p INT, q INT,
		changed TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
		CONSTRAINT c_p FOREIGN KEY (p) REFERENCES p (id),
		CONSTRAINT `the "other" one` FOREIGN KEY (q) REFERENCES p (id) ON DELETE CASCADE);
	INSERT INTO c (id, p, q) SELECT seq, seq, seq FROM seq_1_to_100;
	CREATE TABLE self (id INT PRIMARY KEY, up INT,
		CONSTRAINT self_up FOREIGN KEY (up) REFERENCES self (id));
	INSERT INTO self VALUES (1, 1), (2, 1);
	ANALYZE TABLE p, c, self});

# A connection that is lost is that, whatever the library calls it.
Lab::add_table($session, 'p', 'id int, v text', server => 'own', dbname => 'd');
for my $case (
	['between two statements', 'SELECT count(v) FROM p'],
	['after a cursor', 'CLOSE c; SELECT count(v) FROM p'],
	['within a cursor', 'MOVE ALL FROM c; SELECT count(v) FROM p'],
	['with a long statement', "SELECT count(v) FROM p WHERE v <> repeat('x', 8000000)"])
{
	my ($name, $sql) = @$case;

	$session->do('BEGIN; DECLARE c CURSOR FOR SELECT v FROM p; FETCH 1 FROM c');
	my $id = $session->value("SELECT remote_thread FROM mariadb.connections()
		WHERE server = 'own'");
	$server->sql("KILL $id");
	Lab::is_gone($id, $server) or die 'the thread is still there';
	my $answer = $session->run($sql);
	like($answer->{code}, qr/^08/, "$name: a lost connection is a connection exception")
	  or diag($answer->{err});
	unlike($answer->{err}, qr/(?:MariaDB|MySQL) server "own" reported error [25]\d\d\d\D/,
		"$name: what the library found is not put down to the server");
	$session->run('ROLLBACK');
}

# A role without superuser, cut off at each statement that changes a
# definition: the next call resumes, and one more finds all there.
my $migration = Lab::Migration->new('own', 'd', 'moved');
$session->do(q{CREATE ROLE mover LOGIN;
	GRANT CREATE ON DATABASE faults TO mover;
	GRANT USAGE ON FOREIGN DATA WRAPPER mariadb_fdw TO mover;
	GRANT USAGE ON FOREIGN SERVER own TO mover;
	SELECT mariadb.grant_to('mover');
	CREATE SEQUENCE step; CREATE TABLE cut (step bigint); INSERT INTO cut VALUES (0);
	CREATE FUNCTION cut_off() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
	BEGIN
		IF nextval('public.step') = (SELECT step FROM public.cut) THEN
			RAISE EXCEPTION 'cut off' USING ERRCODE = '57000';
		END IF;
	END $$;
	CREATE EVENT TRIGGER cut_off ON ddl_command_end EXECUTE FUNCTION cut_off()});
my $mover = connect_to();
$mover->do('SET SESSION AUTHORIZATION mover');
my $keys = "SELECT string_agg(conname || ' ' || convalidated, ', ' ORDER BY conname)
	FROM pg_constraint WHERE contype = 'f' AND connamespace = 'moved'::regnamespace";
my $all_keys = 'c_p true, self_up true, the "other" one true';

for my $options ('{"workers": 0}', '{"workers": 1}')
{
	for (my $step = 1; ; $step++)
	{
		my $name = "$options, cut off at step $step";

		$migration->forget($session);
		$session->do("SELECT setval('step', 1, false); UPDATE cut SET step = $step");
		my $answer = $mover->run($migration->call($options), 60);
		$session->do('UPDATE cut SET step = 0');
		last if $answer->{code} eq '' && $session->value('SELECT last_value FROM step') < $step;
		like($answer->{code}, qr/^57000$/, "$name: the call fails")
		  or diag($answer->{err});
		for my $again ('a second call', 'a third call')
		{
			$answer = $mover->run($migration->call($options), 60);
			is($answer->{code}, '', "$name: $again ends well") or diag($answer->{err});
			unlike($answer->{err}, qr/WARNING/, "$name: $again warns of nothing");
			$mover->returns($keys, $all_keys, "$name: after $again all keys are here");
		}
		is($migration->verified($session), 'equal', "$name: all rows are here");
	}
}
$session->do('DROP EVENT TRIGGER cut_off');

# Some tables first, then all.
$migration->forget($session);
for my $options ('{"tables": ["p", "c"]}', '{}', '{"one_transaction": true}', '{"data_only": true}')
{
	my $answer = $mover->run($migration->call($options), 60);

	is($answer->{code}, '', "a role without superuser: $options") or diag($answer->{err});
}
$mover->returns($keys, $all_keys, 'all keys are here');

# A key of the same name that is another one.
for my $who ($mover, $session)
{
	my $name = $who == $mover ? 'without superuser' : 'superuser';

	# A function of another role would not be taken for the trigger's.
	$session->do("DO \$\$ BEGIN EXECUTE (SELECT string_agg(format('ALTER FUNCTION %s OWNER TO %I', oid::regprocedure, current_user), ';')
		FROM pg_proc WHERE pronamespace = 'moved'::regnamespace); END \$\$") if $who == $session;
	$session->do("ALTER TABLE moved.c DROP CONSTRAINT c_p,
		ADD CONSTRAINT c_p FOREIGN KEY (p) REFERENCES moved.p ON DELETE CASCADE");
	my $answer = $who->run($migration->call('{"trust_owners": true}'), 60);
	is($answer->{code}, '', "another key, $name: the call ends well") or diag($answer->{err});
	like($answer->{err}, qr/WARNING: .*foreign key c\.c_p already exists with another definition/,
		"another key, $name: a warning reports it");
	$session->returns("SELECT confdeltype, (SELECT count(*) FROM pg_constraint x
			WHERE x.conrelid = k.conrelid AND contype = 'f')
		FROM pg_constraint k WHERE conname = 'c_p'", 'c|2',
		"another key, $name: it stays, and no other is left");
}

# A constraint of the name that is no foreign key at all.
$session->do("ALTER TABLE moved.c DROP CONSTRAINT c_p, ADD CONSTRAINT c_p CHECK (p > 0)");
my $answer = $mover->run($migration->call('{}'), 60);
is($answer->{code}, '', 'a check of the name of a key: the call ends well') or diag($answer->{err});
like($answer->{err}, qr/WARNING: .*foreign key c\.c_p already exists with another definition/,
	'a check of the name of a key: a warning reports it');

# What the server lacks is no difference of structure.
$session->do(q{CREATE FUNCTION fill_disk() RETURNS event_trigger LANGUAGE plpgsql AS $$
	BEGIN
		RAISE EXCEPTION 'the disk is full' USING ERRCODE = '53100';
	END $$;
	CREATE EVENT TRIGGER fill_disk ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION fill_disk()});
$session->fails("SELECT * FROM mariadb.verify_structure('own', 'd', 'moved')", '53100', qr/the disk is full/,
	'a full disk ends verify_structure');
$session->do('DROP EVENT TRIGGER fill_disk');

# A role that gets another name: its runs go with it.
$session->returns("SELECT count(*) > 0, bool_or(c.run IS NOT NULL), bool_or(t.run IS NOT NULL)
	FROM mariadb.run r LEFT JOIN mariadb.chunk c ON c.run = r.id LEFT JOIN mariadb.task t ON t.run = r.id
	WHERE r.owner = 'mover'", 't|t|t', 'a role has runs');
my $runs = $mover->value('SELECT count(*) FROM mariadb.run');
$session->do("ALTER ROLE mover RENAME TO renamed; UPDATE mariadb.run SET owner = 'renamed' WHERE owner = 'mover'");
$session->returns("SELECT count(*) FROM (SELECT owner FROM mariadb.chunk UNION ALL SELECT owner FROM mariadb.task) o
	WHERE owner = 'mover'", 0, 'a new owner of runs is that of their chunks and tasks');
$mover->returns('SELECT count(*) FROM mariadb.run', $runs, 'a renamed role has its runs again');
$session->do("ALTER ROLE renamed RENAME TO mover; UPDATE mariadb.run SET owner = 'mover' WHERE owner = 'renamed'");
$migration->forget($session);

# Fewer connections than are wanted.
$server->sql("CREATE USER few\@'127.0.0.1' IDENTIFIED BY 'secret';
	GRANT ALL ON *.* TO few\@'127.0.0.1'");
maria("CREATE OR REPLACE USER few\@'127.0.0.1' IDENTIFIED BY 'secret';
	GRANT ALL ON *.* TO few\@'127.0.0.1'; DROP DATABASE IF EXISTS d; CREATE DATABASE d;
	CREATE TABLE d.p (id INT PRIMARY KEY, v CHAR(96));
	INSERT INTO d.p SELECT seq, REPEAT(MD5(seq), 3) FROM seq_1_to_3000; ANALYZE TABLE d.p");
Lab::add_server($session, 'few', port => $server->port, username => 'few');
Lab::add_server($session, 'few_unlogged', username => 'few');
for my $case (['few', $server], ['few_unlogged', Lab::Maria->of_lab])
{
	my ($name, $maria) = @$case;
	my $migration = Lab::Migration->new($name, 'd', 'moved');

	for my $n (1 .. 6)
	{
		my $fresh = connect_to();
		$maria->sql("ALTER USER few\@'127.0.0.1' WITH MAX_USER_CONNECTIONS $n");
		my $answer = $fresh->run($migration->call($quick), 60);
		is($answer->{code}, '', "$name, $n connections: the call ends well")
		  or diag($answer->{err});
		like($answer->{err}, qr/NOTICE: .*\d of 3 workers could connect/,
			"$name, $n connections: it says how many workers could connect")
		  if $n < 4;
		cmp_ok($fresh->value('SELECT workers FROM mariadb.run'), '<=', $n,
			"$name, $n connections: the ledger does too");
		is($migration->verified($fresh), 'equal', "$name, $n connections: all rows are here");
		$migration->forget($fresh);
		$fresh->quit;
		ok((eventually { $maria->sql("SELECT count(*) FROM information_schema.processlist
			WHERE user = 'few'") == 0 }), "$name, $n connections: none is left");
	}
}

# Smaller teams follow each other while those before are still ending, and take
# all connections that there are but the session's and that which locks.
maria("ALTER USER few\@'127.0.0.1' WITH MAX_USER_CONNECTIONS 6");
$migration = Lab::Migration->new('few_unlogged', 'd', 'moved');
$answer = $session->run($migration->call('{"workers": 6, "chunk_size": "64kB"}'), 60);
is($answer->{code}, '', 'smaller teams: the call ends well') or diag($answer->{err});
$session->returns('SELECT workers FROM mariadb.run', 4, 'as many workers as there can be');
$migration->forget($session);
$session->do('SELECT mariadb.disconnect_all()');

# Not even one.
my $holder = connect_to();
my $fresh = connect_to();
$server->sql("ALTER USER few\@'127.0.0.1' WITH MAX_USER_CONNECTIONS 1");
$holder->do("SELECT mariadb.version('few')");
failed_with($fresh->run("CALL mariadb.migrate('few', 'd', 'moved')"), '53300',
	qr/could not connect.*HINT: .*one connection.*each worker/s,
	'no connection: an error says how many are needed');
$_->quit for $holder, $fresh;

# Limits of time; an account of MySQL has none.
$server->sql("ALTER USER few\@'127.0.0.1' WITH MAX_USER_CONNECTIONS 0"
	  . (Lab::Maria->is_mysql ? '' : ' MAX_STATEMENT_TIME 0.2'));
$migration = Lab::Migration->new('few', 'd', 'moved');
$answer = $session->run($migration->call('{"workers": 1, "chunk_size": "64kB",
	"max_rows_per_second": 3000}'), 60);
is($answer->{code}, '', 'max_statement_time of the account: the call ends well')
  or diag($answer->{err});
$migration->forget($session);
$session->do("SET statement_timeout = '1s'");
$answer = $session->run($migration->call('{"workers": 2, "chunk_size": "64kB",
	"max_rows_per_second": 1500}'), 60);
is($answer->{code}, '57014', 'statement_timeout ends the call');
like($answer->{err}, qr/WARNING: .*statement_timeout will cancel this call after 1s\n.*HINT: /s,
	'which has reported it before');
$session->do("SET statement_timeout = 0; SET lock_timeout = '1ms'; SET idle_in_transaction_session_timeout = 1");
$session->do('SET transaction_timeout = 500') if $session->value('SHOW server_version_num') >= 170000;
$answer = $session->run($migration->call('{"workers": 2, "chunk_size": "64kB",
	"max_rows_per_second": 1500}'), 60);
is($answer->{code}, '', 'other limits do not') or diag($answer->{err});
$session->do('RESET ALL');
$migration->forget($session);

# A row that is too wide for a page, in a table without indexes.
my $columns = join ', ', map { "c$_ VARCHAR(30)" } 1 .. 600;
my $values = join ', ', ('REPEAT(\'x\', 25)') x 600;
my $short = join ', ', ("'y'") x 600;
$server->sql("CREATE DATABASE wide; USE wide;
	CREATE TABLE w (id INT PRIMARY KEY, $columns) ENGINE=MyISAM CHARACTER SET latin1;
	INSERT INTO w VALUES (1, $short), (2, $values), (3, $short)");
$migration = Lab::Migration->new('own', 'wide', 'moved');
$session->fails($migration->call('{}'), '54000', qr/row is too big/, 'a row is too wide');
$migration->forget($session);
$answer = $session->run($migration->call('{"on_error": "reject"}'), 60);
is($answer->{code}, '', 'with on_error reject the call ends well') or diag($answer->{err});
$session->returns('SELECT key, sqlstate FROM mariadb.reject', '{"id": "2"}|54000',
	'the row is kept in mariadb.reject');
$session->returns('SELECT string_agg(id::text, chr(44) ORDER BY id) FROM moved.w', '1,3',
	'and the others are stored');

$mover->quit;
$session->do('SET client_min_messages = warning; DROP OWNED BY mover CASCADE; DROP ROLE mover');
done_testing;
