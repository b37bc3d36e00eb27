# A dump of a database with servers, foreign tables, runs that have ended, an
# open run and rejected rows: what comes back, in each of pg_dump's forms, and
# that it works there.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Lab::Migration;
use Test::More;

my $source = 'dump';
my $session = new_database($source);
my $migration = Lab::Migration->new('remote', $source, 'moved');

sub drop_role
{
	my ($in) = @_;

	$in->do("DO 'BEGIN IF to_regrole(''lab_mover'') IS NOT NULL THEN
		DROP OWNED BY lab_mover CASCADE; END IF; END'");
}

drop_role($session);
$session->do('DROP ROLE IF EXISTS lab_mover; CREATE ROLE lab_mover LOGIN;
	GRANT CREATE ON DATABASE dump TO lab_mover; GRANT USAGE ON FOREIGN SERVER remote TO lab_mover;
	SELECT mariadb.grant_to(\'lab_mover\')');
maria("CREATE TABLE t (id INT PRIMARY KEY, flag TINYINT(1), v VARCHAR(100), KEY (v));
	INSERT INTO t SELECT seq, seq % 2, REPEAT(MD5(seq), 3) FROM seq_1_to_5000;
	UPDATE t SET flag = 7 WHERE id IN (50, 60);
	CREATE TABLE small (id INT PRIMARY KEY, v VARCHAR(9)); INSERT INTO small VALUES (1, 'a'), (2, NULL);
	ANALYZE TABLE t, small");

# Three runs, one of another role, one cut off; and a row outside of a run.
$session->do($migration->call('{"on_error": "reject", "workers": 2, "chunk_size": "64kB"}'), 120);
my $ended = $session->value('SELECT max(id) FROM mariadb.run');
my $mover = do { local $ENV{PGUSER} = 'lab_mover'; connect_to() };
$mover->do("CALL mariadb.migrate('remote', 'dump', 'theirs', '{\"tables\": [\"small\"], \"workers\": 1}')", 120);
$session->do('CREATE SCHEMA foreign_tables; IMPORT FOREIGN SCHEMA dump FROM SERVER remote INTO foreign_tables;
	CREATE TABLE public.copied (id int, flag boolean, v text)');
$session->do("SELECT mariadb.copy('foreign_tables.t', 'public.copied', '{\"on_error\": \"reject\"}')");
my $other = Lab::Migration->new('remote', $source, 'half');
my $options = '{"on_error": "reject", "workers": 1, "chunk_size": "64kB", "max_rows_per_second": 400}';
$other->start($session, connect_to(), $options, 2);
connect_to()->do('SELECT pg_cancel_backend(' . $session->pid . ')');
is($session->wait(60)->{code}, '57014', 'a run is cut off');
my $open = $session->value("SELECT id FROM mariadb.run WHERE state = 'open'");
cmp_ok($session->value("SELECT count(*) FROM mariadb.chunk WHERE run = $open AND state = 'done'"), '>', 0,
	'with chunks that are done');

# What is kept: runs and rejected rows, and the record of runs that have ended.
sub kept
{
	my ($in) = @_;

	return $in->value("SET timezone = 'UTC'; SELECT string_agg(x, E'\\n' ORDER BY x) FROM (
		SELECT 'run ' || r::text FROM mariadb.run r
		UNION ALL SELECT 'reject ' || j::text FROM mariadb.reject j
		UNION ALL SELECT 'chunk ' || c::text FROM mariadb.chunk c WHERE run <> $open
		UNION ALL SELECT 'task ' || t::text FROM mariadb.task t WHERE run <> $open) AS s (x)");
}

my $expected = kept($session);
like($expected, qr/^run .*^task /ms, 'there is something to keep');
my $report = $session->value("SELECT mariadb.report($ended)") =~ s/<footer>.*//sr;
my $last = $session->value('SELECT max(id) FROM mariadb.run');

sub restored
{
	my ($name, $before, $command) = @_;
	my $admin = Lab::Session->new('postgres');

	$admin->do("DROP DATABASE IF EXISTS $name WITH (FORCE)");
	$admin->do("CREATE DATABASE $name TEMPLATE template0");
	$admin->quit;
	my $in = Lab::Session->new($name);
	$in->do($before) if $before;
	my $output = `{ $command; } 2>&1`;
	is($?, 0, "$name: the restore has no error") or diag($output);
	return $in;
}

my $dump = "$ENV{LAB_DIR}/dump.out";
my %restore = (
	dump_plain => ['', "pg_dump $source >$dump && psql -Xq -v ON_ERROR_STOP=1 -d dump_plain -f $dump >/dev/null"],
	dump_custom => ['', "pg_dump -Fc -f $dump $source && pg_restore --exit-on-error -d dump_custom $dump"],
	dump_single => ['', "pg_dump -Fc -f $dump $source && pg_restore -1 -d dump_single $dump"],
	dump_inserts => ['', "pg_dump --inserts $source >$dump && psql -Xq -v ON_ERROR_STOP=1 -d dump_inserts -f $dump >/dev/null"],
	dump_data => ['CREATE EXTENSION mariadb_fdw', "pg_dump --data-only -t 'mariadb.*' $source >$dump && psql -Xq -v ON_ERROR_STOP=1 -d dump_data -f $dump >/dev/null"]);
for my $name (sort keys %restore)
{
	my $in = restored($name, @{ $restore{$name} });
	is(kept($in), $expected, "$name: runs, rejected rows and what belongs to ended runs are back");
	$in->returns("SELECT count(*) FROM mariadb.chunk WHERE run = $open", 0, "$name: the parts of an open run are not");
	$in->returns("SELECT count(*) FROM mariadb.task WHERE run = $open", 0, "$name: nor its tasks");
	$in->returns("INSERT INTO mariadb.run (server, schema, local, options) VALUES ('remote', 'x', 'x', '{}') RETURNING id > $last",
		't', "$name: numbers continue");
	$in->do("DELETE FROM mariadb.run WHERE schema = 'x'");
	$in->returns("SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class
		WHERE relrowsecurity AND relnamespace = 'mariadb'::regnamespace", 'chunk reject run task', "$name: row security is on");
	$in->returns('SELECT count(*) FROM pg_policies WHERE schemaname = \'mariadb\'', 4, "$name: with its policies");
	my $html = $in->value("SELECT mariadb.report($ended)") =~ s/<footer>.*//sr;
	is($html, $report, "$name: the report of an ended run is the same");
	next if $name =~ /data|inserts/;
	$in->returns('SELECT count(*) FROM foreign_tables.t WHERE id < 10', 9, "$name: foreign tables work");
	my $theirs = do { local $ENV{PGUSER} = 'lab_mover'; Lab::Session->new($name) };
	$theirs->returns('SELECT count(*), min(owner) FROM mariadb.run', '1|lab_mover', "$name: a role sees its run");
	$theirs->returns("SELECT mariadb.report(id) LIKE '<!DOCTYPE%' FROM mariadb.run", 't', "$name: and has what grant_to gave");
	$theirs->quit;
}

# A finished run is still useful: its rows are repaired and replayed.
my $in = Lab::Session->new('dump_custom');
maria('UPDATE t SET flag = 1 WHERE id IN (50, 60)');
$in->returns("SELECT * FROM mariadb.replay($ended)", 't|2|0', 'rejected rows are replayed where the dump was restored');
$in->returns("SELECT v ->> 'status' FROM mariadb.run, jsonb_array_elements(verification) v
	WHERE id = $ended AND v ->> 'table_name' = 't'", 'equal', 'and compared');

# An open run: what is here is compared, and what is not MariaDB's is not used.
my $answer = $in->run($other->call($options =~ s/, "max_rows_per_second": \d+//r), 60);
is($answer->{code}, '55000', 'an open run does not guess which rows are whole');
like($answer->{err}, qr/contains rows that are not in ${\ Lab::Maria->product}.*option "truncate"/is, 'and names the way on');
$answer = $in->run($other->call($options =~ s/"max_rows_per_second": \d+/"truncate": true/r), 120);
is($answer->{code}, '', 'which ends the run') or diag($answer->{err});
like($answer->{err}, qr/resuming run $open/, 'that was open');
$in->returns("SELECT state, problems FROM mariadb.run WHERE id = $open", 'done|0', 'with no problem');
is($other->verified($in), 'equal', 'and all rows');

# Who is no superuser dumps without the ledger, or with the rows that are his.
$session->do('CREATE ROLE lab_dumper LOGIN; GRANT pg_read_all_data TO lab_dumper')
  if $session->value('SHOW server_version_num') >= 140000;
SKIP:
{
	skip 'before PostgreSQL 14 there is no role pg_read_all_data', 3
	  if $session->value('SHOW server_version_num') < 140000;
	my $output = `pg_dump -U lab_dumper $source 2>&1 >$dump`;
	like($output, qr/affected by row-level security policy for table "run"/, 'a dump of another role does not leave out rows in silence');
	$output = `pg_dump -U lab_dumper --enable-row-security $source 2>&1 >$dump`;
	is($?, 0, 'a role that may read all data dumps with --enable-row-security') or diag($output);
	open my $file, '<', $dump or die;
	my ($copied) = join('', <$file>) =~ /^COPY mariadb\.run .*?\n(.*?)^\\\.$/ms;
	is($copied, '', 'and no row of the ledger');
	$session->do('DROP OWNED BY lab_dumper; DROP ROLE lab_dumper');
}

$_->quit for $in, $mover;
my $admin = Lab::Session->new('postgres');
for my $name (keys %restore)
{
	$admin->do("DROP DATABASE $name WITH (FORCE)");
}
drop_role($session);
$session->do('DROP ROLE lab_mover');
done_testing;
