# Rounds of mariadb.migrate that are cut off at random, and what must hold
# when a later call has ended: the rows are those of MariaDB, by a comparison
# that knows nothing of ours; indexes and heaps are sound; nothing is left.
package Soak;

use strict;
use warnings;

use Digest::SHA;
use IO::Handle;
use Lab;
use Lab::Migration;

# What may befall a run, and how often in a row.
my @kinds = qw(cancel_leader terminate_leader kill_leader terminate_worker
  kill_worker kill_connection kill_query kill_mariadb stop_mariadb
  stop_postgres cut_connections statement_timeout reject_limit);

my $rows = 6000;

# Errors that a call may end in when something has befallen it.
my $allowed = qr/^(?:57014|57P0[123]|08\w{3}|HV\w{3}|55000|55006|22000|22003|53300|40001|40P01|)$/;

# A soak of a seed: its rounds are the same each time, as far as that goes.
sub new
{
	my ($class, $seed) = @_;
	my $session = new_database('soak');
	my $server = Lab::Maria->start('soak', '--log-bin', '--server-id=1',
		'--binlog-format=ROW', '--sql-mode=');
	my $self = bless { seed => $seed, maria => $server, session => $session },
	  $class;

	$self->{proxy} = Lab::Proxy->new($server->port);
	$self->{proxy}->harm(\&pass_on);
	Lab::add_server($session, 'own', port => $server->port, connect_timeout => 5);
	$self->{has_amcheck} = $session->value("SELECT count(*)
		FROM pg_available_extensions WHERE name = 'amcheck'");
	$session->do('CREATE EXTENSION amcheck') if $self->{has_amcheck};
	$self->{has_heapcheck} = $self->{has_amcheck}
	  && $session->value("SELECT count(*) FROM pg_proc WHERE proname = 'verify_heapam'");
	return $self;
}

# Without amcheck indexes are not checked: the caller says so.
sub has_amcheck { return $_[0]{has_amcheck} }

sub pass_on { return ($_[0], 1) }

# Runs a round; returns its name and what is wrong, of which there is nothing.
sub round
{
	my ($self, $number) = @_;
	# Each kind in turn, so that none is missing by chance.
	my $kind = $kinds[($self->{seed} + $number) % @kinds];

	srand $self->{seed} * 1000 + $number;
	$self->{kind} = $kind;
	$self->{workers} = $kind =~ /worker/ ? 1 + int rand 4 : int rand 5;
	$self->{chunk} = (64, 128, 512)[rand 3];
	$self->{writer} = (qw(none until_last to_the_end))[rand 3];
	$self->{harms} = 1 + int rand 3;
	$self->{wrong} = [];
	my $name = "round $number: $kind, $self->{harms} times,"
	  . " $self->{workers} workers, chunks of $self->{chunk} kB,"
	  . " writer: $self->{writer}";

	eval { $self->play; 1 } or $self->wrong("died: $@");
	eval { $self->stop_writer; $self->repair; 1 } or $self->wrong("could not repair: $@");
	return ($name, @{ $self->{wrong} });
}

sub wrong
{
	my ($self, $what) = @_;

	push @{ $self->{wrong} }, $what;
}

sub play
{
	my ($self) = @_;

	$self->prepare;
	$self->start_writer if $self->{writer} ne 'none';
	$self->{is_done} = 0;
	for (1 .. $self->{harms})
	{
		last if $self->{is_done} = $self->harmed_call eq 'done';
	}
	$self->stop_writer if $self->{writer} eq 'until_last';
	$self->complete;
	$self->stop_writer;
	$self->compare;
	$self->check_storage;
	$self->check_leftovers;
}

# Creates the source again, as the last round may have left it in any state.
sub prepare
{
	my ($self) = @_;
	my $bad = $self->{kind} eq 'reject_limit' ? 4 : 0;

	$self->{port} = $self->{kind} eq 'cut_connections'
	  ? $self->{proxy}->port : $self->{maria}->port;
	$self->{session}->do("ALTER SERVER own OPTIONS (SET port '$self->{port}')");
	Lab::Migration->new('own', 'd', 'moved')->forget($self->{session});
	$self->{maria}->sql("DROP DATABASE IF EXISTS d; CREATE DATABASE d CHARACTER SET utf8mb4; USE d;
		CREATE TABLE log (id BIGINT PRIMARY KEY, v VARCHAR(120), n INT, d DATETIME(6),
			b VARBINARY(40), x DECIMAL(12,3), KEY (n), UNIQUE KEY (v));
		INSERT INTO log SELECT seq * 3, CONCAT(MD5(seq), MD5(-seq), 'é', seq), seq % 97,
			'2020-01-01' + INTERVAL seq * 1.000001 SECOND, UNHEX(SHA1(seq)), seq / 7
			FROM seq_1_to_$rows;
		CREATE TABLE child (id CHAR(32) PRIMARY KEY, log_id BIGINT,
			CONSTRAINT child_log FOREIGN KEY (log_id) REFERENCES log (id));
		INSERT INTO child SELECT MD5(seq), IF(seq % 9, seq * 3, NULL) FROM seq_1_to_" . $rows / 2 . ";
		CREATE TABLE keyless (v INT, w VARCHAR(20));
		INSERT INTO keyless SELECT seq % 100, NULL FROM seq_1_to_500;
		CREATE TABLE pair_a (id INT PRIMARY KEY, n BIGINT, w CHAR(100) DEFAULT (REPEAT('a', 100)));
		INSERT INTO pair_a (id, n) SELECT seq, 0 FROM seq_1_to_2000;
		CREATE TABLE pair_b LIKE pair_a; INSERT INTO pair_b SELECT * FROM pair_a;
		CREATE TABLE flags (id INT PRIMARY KEY, flag TINYINT(1));
		INSERT INTO flags SELECT seq, IF(seq <= $bad, 2, seq % 2) FROM seq_1_to_300;
		ANALYZE TABLE log, child, keyless, pair_a, pair_b, flags");
}

# The statement of a call; slow enough to be cut off in the middle.
sub call
{
	my ($self, %options) = @_;
	my %all = (
		workers => $self->{workers}, chunk_size => "\"$self->{chunk}kB\"",
		on_error => $self->{kind} eq 'reject_limit' ? '"reject"' : '"stop"',
		%options);

	return "CALL mariadb.migrate('own', 'd', 'moved', '{"
	  . join(', ', map { "\"$_\": $all{$_}" } sort keys %all) . "}')";
}

# Changes rows until it is stopped; pairs always together.
sub start_writer
{
	my ($self) = @_;
	my $maria = $self->{maria};

	$self->{writer_pid} = start_child(
		sub {
			open STDERR, '>', '/dev/null';
			while (1)
			{
				write_until_lost($maria);
				sleep 0.2;
			}
		});
}

# Ends with its client, at the first error.
sub write_until_lost
{
	my ($maria) = @_;

	open my $client, '|-', 'mariadb', '--no-defaults', '--skip-ssl', '--host=localhost',
	  "--socket=$maria->{socket}", '-uroot', 'd'
	  or die "no client: $!";
	while (1)
	{
		my $id = 1 + int rand 2000;
		my $row = 3 * (1 + int rand $rows);
		print $client "BEGIN; UPDATE pair_a SET n = n + 1 WHERE id = $id;
			UPDATE pair_b SET n = n + 1 WHERE id = $id; COMMIT;
			UPDATE log SET n = n + 1 WHERE id = $row;
			INSERT IGNORE INTO log (id, v) VALUES ($row + 1, UUID());
			DELETE FROM log WHERE id = $row + 1 AND RAND() < 0.5;\n" or last;
		$client->flush or last;
		sleep 0.01;
	}
	close $client;
}

sub stop_writer
{
	my ($self) = @_;

	end_child(delete $self->{writer_pid}) if $self->{writer_pid};
}

# A call that something befalls; 'done' if it has ended well in spite of it.
sub harmed_call
{
	my ($self) = @_;
	my $session = $self->{session};
	my $harm = "harm_$self->{kind}";

	$session->do('SELECT 1');
	$session->do("SET statement_timeout = '" . int(200 + rand 1500) . "ms'")
	  if $self->{kind} eq 'statement_timeout';
	$session->send($self->call(max_rows_per_second => 6000,
		$self->{kind} eq 'reject_limit' ? (reject_limit => int rand 4) : ()));
	sleep 0.05 + rand 2.5;
	$self->$harm;
	my $answer = $session->wait(90);
	$self->judge($answer);
	$self->repair;
	return $answer->{code} eq '' && !$answer->{ended} ? 'done' : 'cut off';
}

# Is an error one that may be?
sub judge
{
	my ($self, $answer) = @_;

	$self->wrong("an odd error: $answer->{err}") if $answer->{code} !~ $allowed;
}

# What is left of the servers and the session is made whole.
sub repair
{
	my ($self) = @_;

	if (!eval { $self->{maria}->sql('DO 0'); 1 })
	{
		$self->{maria}->restart;
	}
	Lab::Migration->wait_for_postgres;
	if (!eval { $self->{session}->value('SET statement_timeout = 0; SELECT 1') eq '1' })
	{
		$self->{session}->quit;
		$self->{session} = connect_to();
	}
}

# Calls until one ends well, which none may hinder any more. After a run that
# has ended in spite of all, the next one is another, and the source may differ.
sub complete
{
	my ($self) = @_;

	for my $try (1 .. 3)
	{
		my $answer = $self->{session}->run(
			$self->call($self->{is_done} ? (truncate => 'true') : ()), 120);
		return if $answer->{code} eq '' && !$answer->{ended};
		$self->judge($answer);
		# The connection that the session held may have been cut.
		next if $try < 3 && $answer->{code} =~ /^(?:08|HV|55006)/;
		die "a call that nothing befell has failed: $answer->{err}";
	}
}

sub admin
{
	my ($self, $sql) = @_;

	return system("psql -XqAt -d soak -c '$sql' >/dev/null 2>&1");
}

# The process ids of workers.
sub worker
{
	my ($self) = @_;
	my @pids = split /\n/, qx(psql -XqAt -d soak -c "SELECT pid FROM pg_stat_activity WHERE backend_type = 'mariadb_fdw worker'");

	return $pids[rand @pids];
}

# A connection of the run.
sub thread
{
	my ($self) = @_;
	my @ids = split /\n/, $self->{maria}->sql("SELECT id
		FROM information_schema.processlist WHERE user = 'app'");

	return $ids[rand @ids];
}

sub harm_cancel_leader
{
	my ($self) = @_;

	$self->admin('SELECT pg_cancel_backend(' . $self->{session}->pid . ')');
}

sub harm_terminate_leader
{
	my ($self) = @_;

	$self->admin('SELECT pg_terminate_backend(' . $self->{session}->pid . ')');
}

sub harm_kill_leader { kill KILL => $_[0]{session}->pid }

sub harm_terminate_worker
{
	my ($self) = @_;
	my $pid = $self->worker;

	$self->admin("SELECT pg_terminate_backend($pid)") if $pid;
}

sub harm_kill_worker
{
	my ($self) = @_;
	my $pid = $self->worker;

	kill KILL => $pid if $pid;
}

sub harm_kill_connection
{
	my ($self) = @_;
	my $id = $self->thread;

	eval { $self->{maria}->sql("KILL $id") } if $id;
}

sub harm_kill_query
{
	my ($self) = @_;
	my $id = $self->thread;

	eval { $self->{maria}->sql("KILL QUERY $id") } if $id;
}

sub harm_kill_mariadb
{
	my ($self) = @_;

	$self->{maria}->kill;
}

sub harm_stop_mariadb
{
	my ($self) = @_;

	$self->{maria}->freeze;
	sleep 0.5 + rand 2;
	$self->{maria}->thaw;
}

sub harm_stop_postgres { Lab::Migration->restart_postgres }

# Cuts each connection after some bytes, for a while.
sub harm_cut_connections
{
	my ($self) = @_;
	my $limit = int rand 200_000;

	$self->{proxy}->harm(sub { return ($_[0], $_[1] < $limit) });
	sleep 0.3 + rand 1;
	$self->{proxy}->harm(\&pass_on);
}

# These come by themselves.
sub harm_statement_timeout { }
sub harm_reject_limit { }

# How each table is written down, on both sides in the same words.
my %dumps = (
	log => [
		q{SELECT id, HEX(v), n, DATE_FORMAT(d, '%Y%m%d%H%i%s%f'), HEX(b), x FROM log},
		q{SELECT id, upper(encode(convert_to(v, 'UTF8'), 'hex')), n,
			to_char(d, 'YYYYMMDDHH24MISSUS'), upper(encode(b, 'hex')), x FROM moved.log}],
	child => ['SELECT id, log_id FROM child', 'SELECT id, log_id FROM moved.child'],
	keyless => ['SELECT v, w FROM keyless', 'SELECT v, w FROM moved.keyless'],
	pair_a => ['SELECT id, n, w FROM pair_a', 'SELECT id, n, w FROM moved.pair_a'],
	pair_b => ['SELECT id, n, w FROM pair_b', 'SELECT id, n, w FROM moved.pair_b'],
	flags => ['SELECT id, flag FROM flags WHERE flag < 2',
		'SELECT id, flag::int FROM moved.flags']);

# A digest of lines in any order, and their number.
sub dump_digest
{
	my (@command) = @_;

	open my $lines, '-|', @command or die "could not run $command[0]: $!";
	my @lines = sort <$lines>;
	close $lines or die "@command failed";
	s/\\N|NULL/-/g for @lines;
	return @lines . ' lines, ' . Digest::SHA::sha1_hex(@lines);
}

sub compare
{
	my ($self) = @_;
	my $session = $self->{session};

	my $pairs = $session->value('SELECT count(*) FROM moved.pair_a a
		FULL JOIN moved.pair_b b USING (id) WHERE a.n IS DISTINCT FROM b.n');
	$self->wrong("$pairs pairs are torn") if $pairs;
	$session->value('SELECT state FROM mariadb.run ORDER BY id DESC LIMIT 1') eq 'done'
	  or $self->wrong('the run is not done');
	my $keys = $session->value("SELECT count(*) FROM pg_constraint
		WHERE connamespace = 'moved'::regnamespace AND convalidated AND contype IN ('f', 'p')");
	$self->wrong("there are $keys keys, not 6") if $keys != 6;
	return if $self->{writer} eq 'to_the_end';
	for my $table (sort keys %dumps)
	{
		my ($there, $here) = @{ $dumps{$table} };
		my $remote = dump_digest('mariadb', '--no-defaults', '--skip-ssl', '--host=localhost',
			"--socket=$self->{maria}{socket}", '-uroot', '-N', '-B', '-r', '-e', $there, 'd');
		my $local = dump_digest('psql', '-XqAt', '-F', "\t", '-P', 'null=NULL',
			'-d', 'soak', '-c', $here);
		$self->wrong("table $table: MariaDB has $remote; here are $local")
		  if $remote ne $local;
	}
}

sub check_storage
{
	my ($self) = @_;
	my $session = $self->{session};

	return unless $self->{has_amcheck};
	my $answer = $session->run("SELECT bt_index_check(i.indexrelid, true)
		FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
		WHERE a.amname = 'btree' AND c.relnamespace IN ('moved'::regnamespace, 'mariadb'::regnamespace)
			AND i.indisvalid AND i.indisready", 60);
	$self->wrong("amcheck: $answer->{err}") if $answer->{code};
	return unless $self->{has_heapcheck};
	my $heaps = $session->value("SELECT string_agg(c.relname || ': ' || h.msg, ', ')
		FROM pg_class c, LATERAL verify_heapam(c.oid) h
		WHERE c.relkind = 'r' AND c.relnamespace IN ('moved'::regnamespace, 'mariadb'::regnamespace)");
	$self->wrong("amcheck: $heaps") if $heaps ne '';
}

# Nothing is left of a run but its tables and its ledger.
sub check_leftovers
{
	my ($self) = @_;
	my $session = $self->{session};

	my %left = (
		'workers' => "SELECT string_agg(application_name, ', ') FROM pg_stat_activity
			WHERE backend_type = 'mariadb_fdw worker'",
		'schemas' => "SELECT string_agg(nspname, ', ') FROM pg_namespace
			WHERE nspname LIKE 'mariadb\\_legacy%' OR nspname LIKE 'mariadb\\_run%'",
		'advisory locks' => "SELECT string_agg(pid::text, ', ') FROM pg_locks
			WHERE locktype = 'advisory'",
		'prepared transactions' => "SELECT string_agg(gid, ', ') FROM pg_prepared_xacts",
		'settings' => "SELECT nullif(current_setting('session_replication_role'), 'origin')",
		'unfinished chunks and tasks' => "SELECT string_agg(state, ', ') FROM (
			SELECT state FROM mariadb.chunk WHERE state <> 'done' UNION ALL
			SELECT state FROM mariadb.task WHERE state NOT IN ('done', 'failed')) s");
	for my $what (sort keys %left)
	{
		my $found = '';
		eventually { ($found = $session->value($left{$what})) eq '' } 15;
		$self->wrong("left: $what: $found") if $found ne '';
	}
	$session->do('SELECT mariadb.disconnect_all()');
	my $there = '';
	eventually {
		$there = $self->{maria}->sql("SELECT GROUP_CONCAT(id, ' ', command, ' ', IFNULL(info, ''))
			FROM information_schema.processlist WHERE user = 'app'");
		$there eq 'NULL';
	} 15;
	$self->wrong("left in MariaDB: $there") if $there ne 'NULL';
	# A lock would keep a writer out.
	eval { $self->{maria}->sql('SET lock_wait_timeout = 2; USE d;
		ALTER TABLE pair_a COMMENT "free"; UPDATE pair_b SET n = n'); 1 }
	  or $self->wrong("a table is locked in MariaDB: $@");
	open my $log, '<', "$ENV{LAB_DIR}/postgres/postgres.log" or die "no log: $!";
	seek $log, $self->{log_read} // 0, 0;
	my @crashes = grep { /TRAP:|PANIC|terminated by signal (?!9\b)/ } <$log>;
	$self->{log_read} = tell $log;
	$self->wrong("the server's log says: @crashes") if @crashes;
}

1;
