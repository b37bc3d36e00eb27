# Tables of Citus, where PostgreSQL has it: one node with eight shards.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Lab::Migration;
use Test::More;

chomp(my $share = `"$ENV{PG_CONFIG}" --sharedir`);
plan skip_all => "there is no Citus in $share/extension"
  unless -f "$share/extension/citus.control";

my $arguments = $ENV{LAB_PG_ARGS} // '';
my $session = begin();

copy_rows();
migrate();
compare();
repair();
done_testing;

# A restart is what loads the library, and unloads it again.  Citus prepares
# transactions, which are not to be in what the restart replays.
END
{
	if ($session)
	{
		local $?;
		$session->quit;
		my $admin = Lab::Session->new('postgres');
		$admin->do('DROP DATABASE citus_there WITH (FORCE)', 60);
		$admin->do('CHECKPOINT', 60);
		$admin->quit;
		$ENV{LAB_PG_ARGS} = $arguments;
		Lab::Migration::restart_postgres();
		Lab::Migration::wait_for_postgres();
	}
}

sub begin
{
	$ENV{LAB_PG_ARGS} = "$arguments -c shared_preload_libraries=citus -c max_prepared_transactions=100"
	  . ' -c citus.node_conninfo=sslmode=disable -c citus.enable_statistics_collection=off';
	Lab::Migration::restart_postgres();
	Lab::Migration::wait_for_postgres();

	my $new = new_database('citus_there');
	$new->do("CREATE EXTENSION citus; SELECT citus_set_coordinator_host('127.0.0.1', $ENV{PGPORT});
		SELECT citus_set_node_property('127.0.0.1', $ENV{PGPORT}, 'shouldhaveshards', true); CREATE SCHEMA moved; CREATE SCHEMA there", 60);
	fill($new);
	return $new;
}

sub fill
{
	my ($here) = @_;

	maria(q(CREATE TABLE plans (id INT PRIMARY KEY, name VARCHAR(20)); INSERT INTO plans SELECT seq, CONCAT('p', seq) FROM seq_1_to_20;
		CREATE TABLE tasks (tenant INT, id INT, v TEXT, f DOUBLE, j JSON, PRIMARY KEY (tenant, id));
		INSERT INTO tasks SELECT 1 + seq % 50, seq, REPEAT(MD5(seq), 20), seq / 7, CONCAT('{"n": ', seq, '}') FROM seq_1_to_5000;
		CREATE TABLE events (tenant INT, k VARCHAR(20)); INSERT INTO events SELECT seq % 50, CONCAT('k', seq % 300) FROM seq_1_to_3000;
		CREATE TABLE alone (id INT PRIMARY KEY, v FLOAT); INSERT INTO alone SELECT seq, seq FROM seq_1_to_100; ANALYZE TABLE tasks));
	$here->do(q(CREATE TABLE moved.plans (id int PRIMARY KEY, name varchar(20)); SELECT create_reference_table('moved.plans');
		CREATE TABLE moved.tasks (tenant int, id int, v text, f float8, j json, PRIMARY KEY (tenant, id));
		SELECT create_distributed_table('moved.tasks', 'tenant', shard_count => 8);
		CREATE TABLE moved.events (tenant int, k varchar(20)); SELECT create_distributed_table('moved.events', 'tenant', colocate_with => 'moved.tasks');
		CREATE TABLE moved.alone (id int PRIMARY KEY, v float4); SELECT citus_add_local_table_to_metadata('moved.alone');
		IMPORT FOREIGN SCHEMA citus_there FROM SERVER remote INTO there), 60);
}

my %rows;
BEGIN { %rows = (alone => 100, events => 3000, plans => 20, tasks => 5000) }

sub is_complete
{
	my ($name) = @_;

	for my $table (sort keys %rows)
	{
		$session->returns("SELECT count(*) FROM moved.$table", $rows{$table}, "$name: rows of $table are seen", 60);
		$session->returns("SELECT pg_relation_size('moved.$table')", 0, "$name: none is in the shell of $table");
	}
}

sub empty { $session->do("TRUNCATE moved.$_", 60) for sort keys %rows }

sub copy_rows
{
	$session->returns("SELECT mariadb.copy('there.$_', 'moved.$_')", $rows{$_}, "copy of $_", 60)
	  for sort keys %rows;
	is_complete('copy');
	empty();
}

sub migrate
{
	for my $verify ('true', 'false')
	{
		my $options = qq("data_only": true, "verify": $verify, "workers": 2, "chunk_size": "1MB");
		my $call = "CALL mariadb.migrate('remote', 'citus_there', 'moved', '{$options, \"truncate\": true}')";

		like($session->run($call, 120)->{err}, qr/problems: 0/, "migrate with verify $verify");
		is_complete("migrate with verify $verify");
		$session->do("INSERT INTO moved.events VALUES (1, 'more')");
		like($session->run($call, 120)->{err}, qr/problems: 0/, 'and once more, when rows are too many');
		is_complete("and once more with verify $verify");
		empty();
	}
}

sub compare
{
	$session->do("SELECT mariadb.copy('there.$_', 'moved.$_')", 60) for sort keys %rows;
	$session->returns("SELECT string_agg(DISTINCT status, ', ') FROM mariadb.verify('remote', 'citus_there', 'moved', '$_')",
		'equal', "verify with level $_", 60)
	  for qw(count stream digest rows);
	$session->do("UPDATE moved.tasks SET v = 'x' WHERE id IN (17, 18); DELETE FROM moved.tasks WHERE id = 20;
		INSERT INTO moved.tasks VALUES (3, 99999, 'more'); INSERT INTO moved.events VALUES (1, 'more'), (2, 'more')");
	$session->returns("SELECT table_name, kind, sum(times) FROM mariadb.differences('remote', 'citus_there', 'moved') GROUP BY 1, 2 ORDER BY 1, 2",
		"events|missing there|2\ntasks|differs|2\ntasks|missing here|1\ntasks|missing there|1", 'differences');
}

sub repair
{
	$session->returns("SELECT status FROM mariadb.$_", 'error: cannot address a row of table "events"', $_)
	  for ("repair('remote', 'citus_there', 'moved', '{events}')", "resync('remote', 'citus_there', 'moved', '{events}')");
	$session->do("BEGIN; SELECT statement FROM mariadb.repair('remote', 'citus_there', 'moved', '{tasks}') \\gexec\n", 60);
	$session->returns("SELECT status FROM mariadb.verify('remote', 'citus_there', 'moved', 'rows', '{tasks}')", 'equal',
		'printed statements repair the table', 60);
	$session->do('ROLLBACK');
	$session->returns("SELECT inserted, updated, deleted FROM mariadb.resync('remote', 'citus_there', 'moved', '{tasks}')", '1|2|1',
		'and so does resync', 60);
	$session->returns('SELECT count(*) FROM moved.events', $rows{events} + 2, 'no other row is gone');
}
