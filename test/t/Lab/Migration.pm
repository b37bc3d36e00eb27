# Runs of mariadb.migrate that are cut off in the middle: how to start one,
# find it at work, and look at what it has left.
package Lab::Migration;

use strict;
use warnings;

my $common = __FILE__ =~ s{t/Lab/[^/]*$}{lab/common.sh}r;

# Moves a schema of a foreign server into a local schema.
sub new
{
	my ($class, $server, $schema, $local) = @_;

	return bless { server => $server, schema => $schema, local => $local },
	  $class;
}

sub call
{
	my ($self, $options) = @_;

	return "CALL mariadb.migrate('$self->{server}', '$self->{schema}',
		'$self->{local}', '$options')";
}

# The number of the run that was begun last.
sub run { return '(SELECT max(id) FROM mariadb.run)' }

# Starts a run in a session, and waits until chunks are done and others are
# in the middle; the process ids of those who work on these.
sub start
{
	my ($self, $session, $watcher, $options, $done) = @_;
	my $before = $watcher->value('SELECT coalesce(max(id), 0) FROM mariadb.run');

	$session->send($self->call($options));
	Lab::eventually(
		sub {
			$watcher->value("SELECT count(*) FROM mariadb.run
				WHERE id > $before") > 0;
		},
		30) or die 'no run was begun: ' . $session->wait->{err};
	return $self->wait_for_chunks($session, $watcher, $done);
}

# Waits until so many chunks are done and others are in the middle.
sub wait_for_chunks
{
	my ($self, $session, $watcher, $done) = @_;
	my $pids = '';

	Lab::eventually(
		sub {
			$pids = $watcher->value('SELECT string_agg(c.worker::text, chr(32))
				FROM mariadb.chunk c JOIN pg_stat_activity a ON a.pid = c.worker
				WHERE c.run = ' . run() . " AND c.state IN ('copying', 'check')
				AND c.started < clock_timestamp() - interval '0.15 s'
				AND (SELECT count(*) FROM mariadb.chunk d
					WHERE d.run = c.run AND d.state = 'done') >= $done");
			$pids ne '';
		},
		30) or die 'no chunk is in the middle: ' . $session->wait->{err};
	return split / /, $pids;
}

# Keeps what is done, needs attention after the next call.
sub note_done
{
	my ($self, $session) = @_;

	$session->do('DROP TABLE IF EXISTS was_done; CREATE TABLE was_done AS
		SELECT run, table_name, number, xid, attempt, digest, finished
		FROM mariadb.chunk WHERE run = ' . run() . " AND state = 'done'");
	return $session->value('SELECT count(*) FROM was_done');
}

# The chunks that were done then and have been copied again since.
sub copied_again
{
	my ($self, $session) = @_;

	return $session->value("SELECT coalesce(string_agg(table_name || ' '
			|| number, ', ' ORDER BY table_name, number), '')
		FROM was_done JOIN mariadb.chunk c USING (run, table_name, number)
		WHERE c.xid IS DISTINCT FROM was_done.xid");
}

# The chunks of a table whose rows here are not those in the ledger.
sub wrong_chunks
{
	my ($self, $session, $table) = @_;

	return $session->value("SELECT coalesce(string_agg(format('%s: %s, not %s',
			coalesce(c.number::text, r.x), r.n, c.rows), ', '), '')
		FROM (SELECT xmin::text AS x, count(*) AS n
			FROM $self->{local}.$table GROUP BY 1) r
		FULL JOIN (SELECT xid::xid::text AS x, number, rows FROM mariadb.chunk
			WHERE run = " . run() . " AND table_name = '$table'
			AND state = 'done' AND rows > 0) c USING (x)
		WHERE r.n IS DISTINCT FROM c.rows");
}

# What mariadb.verify says of all tables, in one word where they agree.
sub verified
{
	my ($self, $session) = @_;

	return $session->value("SELECT string_agg(DISTINCT status, ', ')
		FROM mariadb.verify('$self->{server}', '$self->{schema}', '$self->{local}')");
}

# Drops the local schema and forgets all runs.
sub forget
{
	my ($self, $session) = @_;

	$session->do("SET client_min_messages = warning;
		DROP SCHEMA IF EXISTS $self->{local} CASCADE;
		DO 'DECLARE s name; BEGIN FOR s IN SELECT nspname FROM pg_namespace
			WHERE nspname LIKE ''mariadb\_legacy\_%'' LOOP
			EXECUTE format(''DROP SCHEMA %I CASCADE'', s); END LOOP; END';
		DELETE FROM mariadb.run; RESET client_min_messages");
}

# The workers that are there, in all databases.
sub workers
{
	my ($self, $watcher) = @_;

	return split /\n/, $watcher->value("SELECT pid FROM pg_stat_activity
		WHERE backend_type = 'mariadb_fdw worker' ORDER BY pid");
}

# Restarts the lab's PostgreSQL as after a power cut.
sub restart_postgres
{
	my $data = "$ENV{LAB_DIR}/postgres/data";
	my $log = "$ENV{LAB_DIR}/postgres/postgres.log";

	system({ 'bash' } 'bash', '-c', '. "$0"; "${as_server_user[@]}" pg_ctl \
		-D "$1" -l "$2" -o "${LAB_PG_ARGS:-}" -m immediate -w restart \
		>/dev/null 2>&1 </dev/null', $common, $data, $log) == 0
	  or die 'PostgreSQL did not start';
}

# Waits until PostgreSQL lets somebody in again.
sub wait_for_postgres
{
	Lab::eventually(
		sub { system('psql -XqAtc "SELECT 1" postgres >/dev/null 2>&1') == 0 },
		30) or die 'PostgreSQL does not come back';
}

1;
