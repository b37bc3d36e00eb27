# Who may what: docs/privileges.md says it, and here every function and every
# relation of the extension is tried as the owner of a run, as another
# migrator, as a reader and as nobody.  Then what another role could plant.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Lab::Calls;
use Test::More;

my $session = new_database('roles');
my @roles = qw(lab_owner lab_other lab_reader lab_nobody);
my %column = (
	'owner' => 'lab_owner',
	'another migrator' => 'lab_other',
	'reader' => 'lab_reader',
	'nobody' => 'lab_nobody');
my $marker = 'seen by its owner only';

sub drop_roles
{
	for my $role (@roles, 'lab_bypass')
	{
		$session->do("DO 'BEGIN IF to_regrole(''$role'') IS NOT NULL THEN
			DROP OWNED BY $role CASCADE; END IF; END'; DROP ROLE IF EXISTS $role");
	}
}

sub connect_as
{
	local $ENV{PGUSER} = $_[0];
	return connect_to();
}

# The rows of a table of the page: a hash for each, by the names of the columns.
sub read_table
{
	my ($text, $section) = @_;
	my ($part) = $text =~ /^## $section\n(.*?)(?=^## |\z)/ms;
	my @lines = grep { /^\|/ } split /\n/, $part;
	my @names = cells(shift @lines);

	shift @lines;
	return map { my %row; @row{@names} = cells($_); \%row } @lines;
}

sub cells
{
	my ($line) = @_;

	$line =~ s/^\|\s*|\s*\|$//g;
	return split /\s*\|\s*/, $line;
}

open my $file, '<', "$Bin/../../docs/privileges.md" or die "no page: $!";
my $page = do { local $/; <$file> };
close $file;

# The grants of the page, for two migrators.
drop_roles();
my ($grants) = $page =~ /^```sql\n(.*?)^```/ms;
$grants =~ s/:"database"/roles/;
$grants =~ s/\blegacy\b/remote/;
$session->do("CREATE ROLE $_ LOGIN") for @roles;
for my $role (qw(lab_owner lab_other))
{
	(my $own = $grants) =~ s/\bmigrator\b/$role/g;
	$session->do($own);
}
$session->do('GRANT USAGE ON SCHEMA mariadb TO lab_reader, lab_nobody;
	GRANT SELECT ON ALL TABLES IN SCHEMA mariadb TO lab_reader');
my %as = map { $_ => connect_as($_) } @roles;
my $owner = $as{lab_owner};
my $other = $as{lab_other};

# The whole walk with these grants and nothing else.
maria("CREATE TABLE p (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(30),
		kind ENUM('a', 'b') NOT NULL DEFAULT 'a',
		changed TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP);
	INSERT INTO p (v) SELECT seq FROM seq_1_to_2000;
	ANALYZE TABLE p;
	CREATE TABLE t (id INT PRIMARY KEY, flag TINYINT(1), p INT,
		FOREIGN KEY (p) REFERENCES p (id));
	INSERT INTO t SELECT seq, seq % 2, seq FROM seq_1_to_100;
	UPDATE t SET flag = 7 WHERE id = 50");
my $answer = $owner->run("CALL mariadb.migrate('remote', 'roles', 'moved',
	'{\"on_error\": \"reject\", \"workers\": 2, \"keep_foreign\": true, \"preflight\": true}')", 120);
is($answer->{code}, '', 'a migrator with the grants of the page moves a database')
  or diag($answer->{err});
my $run = $owner->value('SELECT id FROM mariadb.run');
my $foreign = $owner->value('SELECT foreign_schema FROM mariadb.run');
my $reject = $owner->value('SELECT id FROM mariadb.reject');
my @walk = (
	["SELECT count(*) > 0 FROM mariadb.preflight('remote', 'roles')", 't'],
	["SELECT count(*) > 3 FROM mariadb.ddl('remote', 'roles', 'moved')", 't'],
	["SELECT status FROM mariadb.verify('remote', 'roles', 'moved') WHERE table_name = 'p'", 'equal'],
	["SELECT string_agg(DISTINCT status, ' ') FROM mariadb.verify_structure('remote', 'roles', 'moved')", 'equal'],
	["SELECT count(*) FROM mariadb.differences('remote', 'roles', 'moved', '{p}')", 0],
	["SELECT count(*) FROM mariadb.repair('remote', 'roles', 'moved', '{p}')", 0],
	["SELECT inserted, updated, deleted FROM mariadb.resync('remote', 'roles', 'moved', '{p}')", '0|0|0'],
	["SELECT count(*) FROM mariadb.sync_sequences('moved', 'remote', 'roles')", 1],
	["SELECT equal FROM mariadb.compare_query('remote', 'SELECT COUNT(*) FROM roles.p', 'SELECT count(*) FROM moved.p')", 't'],
	["SELECT mariadb.report($run) LIKE '<!DOCTYPE%'", 't'],
	["SELECT stored, rejected FROM mariadb.replay($run)", '0|1'],
	['SELECT count(*) FROM mariadb.progress', 3],
	["SELECT rows, keys FROM mariadb.orphans((SELECT oid FROM pg_constraint
		WHERE conrelid = 'moved.t'::regclass AND contype = 'f'))", '0|']);
$owner->returns(@$_, "walk: $_->[0]", 60) for @walk;
$owner->do("SELECT * FROM mariadb.create_enums('remote', 'roles', 'moved')");
$owner->returns("SELECT count(*) FROM $foreign.p", 2000, 'the foreign tables that were to be kept are there');
$session->do("UPDATE mariadb.reject SET value = '$marker', error = '$marker' WHERE id = $reject");

# What must not change by what others do.
sub state_of_owner
{
	return $session->value("SELECT md5(string_agg(x, '' ORDER BY x)) FROM (
		SELECT r::text FROM mariadb.run r WHERE owner = 'lab_owner'
		UNION ALL SELECT c::text FROM mariadb.chunk c WHERE owner = 'lab_owner'
		UNION ALL SELECT t::text FROM mariadb.task t WHERE owner = 'lab_owner'
		UNION ALL SELECT j::text FROM mariadb.reject j WHERE owner = 'lab_owner'
		UNION ALL SELECT t::text FROM moved.t t UNION ALL SELECT p::text FROM moved.p p
		UNION ALL SELECT oid::text || nspacl::text || nspowner FROM pg_namespace
		UNION ALL SELECT oid::text || relowner || coalesce(relacl::text, '') FROM pg_class
			WHERE relnamespace IN ('moved'::regnamespace, '$foreign'::regnamespace, 'mariadb'::regnamespace)
	) AS s (x)");
}

# Relations.
my %insert = (
	run => ['server, schema, local, options', "'remote', 'roles', 'moved', '{}'"],
	chunk => ['run, table_name, number, target, source', "$run, 'x', 77, 'moved.t', 'moved.t'"],
	task => ['run, number, step, kind, object, statement', "$run, 777, 50, 'x', 'x', 'SELECT 1'"],
	reject => ['run, table_name, target, error, sqlstate', "$run, 'x', 'moved.t', 'x', '22000'"]);

sub statement_of
{
	my ($relation, $action) = @_;

	return "SELECT count(*) FROM mariadb.$relation" if $action eq 'select';
	return "WITH u AS (UPDATE mariadb.$relation SET owner = owner RETURNING 1)
		SELECT count(*) FROM u" if $action eq 'update';
	return "WITH d AS (DELETE FROM mariadb.$relation RETURNING 1)
		SELECT count(*) FROM d" if $action eq 'delete';
	return "TRUNCATE mariadb.$relation CASCADE" if $action eq 'truncate';
	my ($columns, $values) = @{ $insert{$relation} };
	if ($action eq 'insert for another role')
	{
		$columns .= ', owner';
		$values .= ", 'postgres'";
	}
	return "WITH i AS (INSERT INTO mariadb.$relation ($columns) VALUES ($values) RETURNING 1)
		SELECT count(*) FROM i";
}

sub outcome
{
	my ($answer) = @_;

	return 'denied' if $answer->{code} eq '42501';
	return 'no such run' if $answer->{code} eq '23503';
	return $answer->{err} if $answer->{code} ne '';
	return $answer->{out} > 0 ? 'rows' : 'none';
}

my %tried;
for my $row (read_table($page, 'Relations'))
{
	(my $relation = $row->{relation}) =~ tr/`//d;
	$tried{$relation} = 1;
	for my $name (sort keys %column)
	{
		my $as = $as{ $column{$name} };
		my $answer = $as->run('BEGIN; ' . statement_of($relation, $row->{action}));
		$as->do('ROLLBACK');
		is(outcome($answer), $row->{$name}, "$row->{action}: $relation, $name");
	}
}
$session->returns("SELECT coalesce(string_agg(relname, ' '), '') FROM pg_class
	WHERE relnamespace = 'mariadb'::regnamespace AND relkind IN ('r', 'v', 'm', 'f', 'p')
	AND relname <> ALL ('{" . join(',', keys %tried) . "}')", '',
	'the page has every relation');

# Functions: which row of the page has each, with its arguments if there are
# several of the name.
my %group;
for my $row (read_table($page, 'Functions'))
{
	$group{$_} .= $row->{'may be called by'} for $row->{'functions of schema `mariadb`'} =~ /`([^`]+)`/g;
}

sub group_of
{
	my ($function) = @_;
	my ($name, @args) = ($function->{name}, map { /^(\S*)/ } @{ $function->{args} });

	return 'a migrator' if $function->{schema} eq 'mariadb_internal';
	return $group{ "$name(" . join(', ', @args) . ')' } // $group{$name} // '';
}

# What each argument is, by its name or else its type: the owner's own things,
# whose schemas others may not look into.
my $here = $session->value("SELECT 'moved.t'::regclass::oid");
my $there = $session->value("SELECT '$foreign.t'::regclass::oid");
my $key = $session->value("SELECT oid FROM pg_constraint WHERE conrelid = $here AND contype = 'f'");
my %arguments = (
	'schema text' => "'roles'", 'local text' => "'moved'",
	'run bigint' => $run, 'this_run bigint' => $run, 'id bigint' => $run,
	'reject bigint' => $reject, 'table_name text' => "'t'",
	'source regclass' => "'$there'", 'source oid' => $there,
	'target regclass' => "'$here'", 'target oid' => $here,
	'target text' => "'moved.t'", 'work text' => "'$foreign'",
	'relations regclass[]' => "'{$here}'", 'tables text[]' => "'{t}'",
	'foreign_key oid' => $key, 'regclass' => "'$here'", 'regclass[]' => "'{$here}'",
	'step jsonb' => "'{\"statement\": \"DROP TABLE moved.t\", \"step\": 50}'",
	'statements text[]' => "'{DROP TABLE moved.t}'", 'restore text[]' => "'{DROP TABLE moved.t}'",
	'restore jsonb' => "'[{\"statement\": \"DROP TABLE moved.t\"}]'");
my @functions = Lab::Calls::all($session, %arguments);
cmp_ok(scalar @functions, '>', 150, 'functions are found');

my @unlisted;
my $before = state_of_owner();
for my $function (@functions)
{
	my $name = $function->{name};
	my $group = group_of($function);
	push @unlisted, $name if $group !~ /^(?:all|a migrator|a superuser)$/;
	if (!defined $function->{sql})
	{
		# Only the server can call what takes its own structures.
		like("@{ $function->{args} }", qr/\binternal\b/, "$name: an argument that SQL has no values of");
		for my $role (qw(lab_reader lab_nobody))
		{
			$session->returns("SELECT bool_or(has_function_privilege('$role', oid, 'EXECUTE'))
				FROM pg_proc WHERE proname = '$name'", 'f', "$name: denied to $role");
		}
		next;
	}
	for my $role (@roles)
	{
		my $answer = $as{$role}->run(($role eq 'lab_owner' ? 'BEGIN; ' : '') . $function->{sql}, 60);
		my $is_denied = $answer->{code} eq '42501'
		  && $answer->{err} =~ /permission denied for (?:(?:function|procedure|aggregate) \Q$name\E|schema mariadb_internal)$/m;
		my $may = $group eq 'all' || $group eq 'a migrator' && $role =~ /owner|other/;
		$as{$role}->do('ROLLBACK') if $role eq 'lab_owner';
		ok($may ? !$is_denied : $is_denied, "$name: " . ($may ? 'allowed' : 'denied') . " to $role")
		  or diag($answer->{err});
		next if $role eq 'lab_owner';
		unlike($answer->{out} . $answer->{err}, qr/\Q$marker\E/, "$name: $role sees no row of the owner");
	}
}
is(join(' ', @unlisted), '', 'every function stands in one row of the page');
is(state_of_owner(), $before, 'no call of another role has changed what the owner has');
$session->do("DELETE FROM mariadb.run WHERE owner <> 'lab_owner'");

# A superuser uses rows of his own only.
$session->fails("SELECT * FROM mariadb.replay($run)", '22023', qr/run $run does not exist/,
	'a superuser does not replay rows of another role');
$session->fails("SELECT mariadb_internal.run_task($run, 1)", '22023|55000|22004', undef,
	'and runs no task of it');
$session->returns('SELECT count(*) FROM mariadb.progress', 0, 'and does not see its progress');
$session->returns("SELECT mariadb.report($run) ~ '$marker'", 't', 'but the report, when asked for it');

# What another role plants for a superuser's run.
$session->do('CREATE TABLE public.executed (who text)');
my $evil = 'INSERT INTO public.executed SELECT current_user';
$session->do('GRANT INSERT ON public.executed TO PUBLIC');
$other->do("INSERT INTO mariadb.run (server, schema, local, options, foreign_schema)
	VALUES ('remote', 'roles', 'planted', '{}', 'public')");
my $planted = $other->value("SELECT id FROM mariadb.run WHERE local = 'planted'");
$other->do("INSERT INTO mariadb.task (run, number, step, kind, object, statement, state)
	VALUES ($planted, 1, 50, 'index', 'x', '$evil', 'pending');
	INSERT INTO mariadb.chunk (run, table_name, number, target, source, condition)
	VALUES ($planted, 't', 1, 'pg_authid', 'pg_authid', '1 = 1')");
$answer = $session->run("CALL mariadb.migrate('remote', 'roles', 'planted',
	'{\"on_error\": \"reject\", \"workers\": 1}')", 120);
is($answer->{code}, '', 'a superuser moves beside a planted run') or diag($answer->{err});
unlike($answer->{err}, qr/resuming run/, 'and does not resume it');
$session->returns('SELECT count(*) FROM public.executed', 0, 'nothing planted was executed');
$session->returns("SELECT state, attempt FROM mariadb.run WHERE id = $planted", 'open|1',
	'the planted run is as it was');
my $mine = $session->value("SELECT id FROM mariadb.run WHERE local = 'planted' AND owner = 'postgres'");
for my $relation (qw(chunk task reject))
{
	my ($columns, $values) = @{ $insert{$relation} };
	$values =~ s/^$run\b/$mine/;
	$other->fails("INSERT INTO mariadb.$relation ($columns) VALUES ($values)", '23503', undef,
		"nobody adds to the ${relation}s of a superuser's run");
}
for my $call ("run_task($planted, 1)", "claim($planted)", "run_chunk($planted, 't', 1)",
	"restart_table($planted, 't')", "begin_chunk($planted, 't', 1)", "drop_foreign_tables($planted)")
{
	$session->run("SELECT mariadb_internal.$call");
}
$session->returns('SELECT count(*) FROM public.executed', 0,
	'nor by a superuser who calls the parts for it');
$session->returns("SELECT string_agg(state, ' ') FROM mariadb.chunk WHERE run = $planted", 'pending',
	'who does not claim its chunks');
ok($session->value("SELECT to_regnamespace('public') IS NOT NULL"), 'nor drops a schema that it names');

# A worker has the user of the session, and must not be had by code that may
# not SET ROLE: here that of another role in a superuser's session.
$other->do("INSERT INTO mariadb.task (run, number, step, kind, object, statement, state)
	VALUES ($planted, 2, 50, 'index', 'x', 'SET ROLE postgres; $evil', 'pending')");
$session->do('GRANT CREATE ON SCHEMA public TO lab_other');
$other->do("CREATE FUNCTION public.lure() RETURNS int LANGUAGE sql SECURITY DEFINER AS
	\$\$ SELECT mariadb_internal.start_workers($planted, 'remote', 1); SELECT mariadb_internal.run_workers() \$\$;
	CREATE FUNCTION public.bait(int) RETURNS int LANGUAGE sql IMMUTABLE AS
	\$\$ SELECT mariadb_internal.start_workers($planted, 'remote', 1) \$\$;
	CREATE TABLE public.bait (a int)");
$session->fails('SELECT public.lure()', '42501', qr/cannot start workers/, 'a security-definer function gets no workers');
$session->returns('SELECT count(*) FROM public.executed', 0, 'of a superuser');
$other->fails('INSERT INTO public.bait VALUES (1); CREATE INDEX ON public.bait (public.bait(a))', '42501',
	qr/cannot start workers/, 'nor does an index expression');
$session->do('DROP FUNCTION public.lure, public.bait; DROP TABLE public.bait');

# A superuser who has become the owner of a run by SET ROLE executes what that
# role has written, and no more than that role may.
$other->do("DELETE FROM mariadb.chunk WHERE run = $planted;
	CREATE TABLE public.tripped (a int);
	CREATE FUNCTION public.trip() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN PERFORM set_config(''role'', ''postgres'', false); RETURN NEW; END';
	CREATE TRIGGER trip BEFORE INSERT ON public.tripped FOR EACH ROW EXECUTE FUNCTION public.trip()");
my %escape = (
	'RESET ROLE' => "RESET ROLE; $evil",
	'SET SESSION AUTHORIZATION' => "SET SESSION AUTHORIZATION DEFAULT; $evil",
	'set_config' => "SELECT set_config(''role'', ''postgres'', false); $evil",
	'a trigger' => "INSERT INTO public.tripped VALUES (1); $evil");
for my $way (sort keys %escape)
{
	for my $workers (0, 1)
	{
		$other->do("DELETE FROM mariadb.task WHERE run = $planted;
			INSERT INTO mariadb.task (run, number, step, kind, object, statement, state)
			VALUES ($planted, 1, 50, 'index', 'x', '$escape{$way}', 'pending')");
		$session->do('SET ROLE lab_other');
		$answer = $session->run($workers
			? "SELECT mariadb_internal.start_workers($planted, 'remote', 1); SELECT mariadb_internal.run_workers()"
			: "CALL mariadb_internal.work_here($planted, true)", 60);
		$session->do('RESET ROLE');
		$session->returns('SELECT count(*) FROM public.executed WHERE who <> \'lab_other\'', 0,
			"$workers workers: $way does not bring a superuser's rights");
		like($answer->{err}, qr/cannot set parameter|could not create/, "$workers workers: $way is an error");
		$session->do('DELETE FROM public.executed');
	}
}
$session->do('DROP TABLE public.tripped; DROP FUNCTION public.trip');

# BYPASSRLS reads, and writes nothing of others.
$session->do('CREATE ROLE lab_bypass LOGIN BYPASSRLS; GRANT USAGE ON SCHEMA mariadb TO lab_bypass;
	GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA mariadb TO lab_bypass');
my $bypass = connect_as('lab_bypass');
$bypass->fails("INSERT INTO mariadb.task (run, owner, number, step, kind, object, statement, state)
	VALUES ($mine, 'postgres', 999, 50, 'x', 'x', '$evil', 'pending')", '42501', qr/rows of role "postgres"/,
	'BYPASSRLS plants no task of another role');
$bypass->fails("UPDATE mariadb.reject SET condition = '1 = 1' WHERE id = $reject", '42501', undef,
	'and changes no rejected row');
$bypass->fails("UPDATE mariadb.run SET owner = 'lab_bypass' WHERE id = $run", '42501', undef,
	'and takes no run');
$bypass->quit;

# Row security hides rows: what compares or counts must not believe it, nor run
# the policies of other roles.
$owner->do(q{CREATE SCHEMA guarded; GRANT ALL ON SCHEMA guarded TO PUBLIC;
	CREATE TABLE guarded.p (LIKE moved.p); INSERT INTO guarded.p SELECT * FROM moved.p;
	INSERT INTO guarded.p (id, v, changed, kind) SELECT 5000, v, changed, kind FROM moved.p LIMIT 1;
	ALTER TABLE guarded.p ADD PRIMARY KEY (id);
	GRANT REFERENCES, SELECT ON guarded.p TO lab_other;
	ALTER TABLE guarded.p ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
	CREATE POLICY seen ON guarded.p USING (id < 5000)});
$owner->fails("SELECT * FROM mariadb.verify('remote', 'roles', 'guarded', tables => '{p}')", '42501',
	qr/row-level security/, 'verify compares no part of a table');
$owner->fails("CALL mariadb.migrate('remote', 'roles', 'guarded', '{\"tables\": [\"p\"], \"data_only\": true, \"truncate\": true}')",
	'42501', qr/row-level security of table guarded\.p applies/, 'migrate fills no table of which it sees a part');
$owner->do('ALTER TABLE guarded.p NO FORCE ROW LEVEL SECURITY');
$other->do("CREATE TABLE guarded.child (id int REFERENCES guarded.p); GRANT SELECT ON guarded.child TO lab_owner;
	INSERT INTO guarded.child VALUES (1); ALTER TABLE guarded.child ENABLE ROW LEVEL SECURITY;
	CREATE FUNCTION guarded.policy() RETURNS boolean LANGUAGE plpgsql AS 'BEGIN $evil; RETURN true; END';
	CREATE POLICY seen ON guarded.child USING (guarded.policy())");
my $guarded = $session->value("SELECT oid FROM pg_constraint WHERE conrelid = 'guarded.child'::regclass");
$owner->fails("SELECT * FROM mariadb.orphans($guarded)", '42501', qr/row-level security/, 'orphans runs no policy');
$answer = $owner->run("SELECT mariadb_internal.check_foreign_key($guarded)");
like($answer->{err}, qr/WARNING: .*could not check foreign key "child_id_fkey"/, 'a key that cannot be checked is a problem');
$session->returns('SELECT count(*) FROM public.executed', 0, 'the policy has not run');
$owner->do('DELETE FROM mariadb.run');
$session->do('DROP SCHEMA guarded CASCADE');

# Types, sequences and views in the place of those that migrate makes: their
# owner could have them execute something, or drop them with what uses them.
$session->do('CREATE SCHEMA open_to_all; GRANT ALL ON SCHEMA open_to_all TO PUBLIC');
my $has_sequences = !Lab::Maria->is_mysql;
diag('left out: sequences, which MySQL does not have') unless $has_sequences;
maria('CREATE VIEW w AS SELECT id FROM p');
maria('CREATE SEQUENCE sq') if $has_sequences;
$other->do("CREATE FUNCTION open_to_all.evil(text) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN $evil; RETURN true; END'");
for my $planted (["DOMAIN open_to_all.p_kind AS text CHECK (open_to_all.evil(VALUE))", 'type open_to_all\.p_kind'],
	["TYPE open_to_all.p_kind AS ENUM ('a', 'b')", 'type open_to_all\.p_kind'],
	$has_sequences ? ['SEQUENCE open_to_all.sq', 'sequence open_to_all\.sq'] : (),
	['VIEW open_to_all.w AS SELECT 1 AS id', 'view open_to_all\.w'])
{
	my ($what) = $planted->[0] =~ /^(\w+ [\w.]+)/;
	$other->do("CREATE $planted->[0]");
	$session->fails("CALL mariadb.migrate('remote', 'roles', 'open_to_all', '{\"workers\": 0, \"on_error\": \"reject\"}')", '42501',
		qr/$planted->[1] already exists and belongs to role "lab_other"/, "no migration takes a planted $what");
	$session->do('DROP TABLE IF EXISTS open_to_all.p, open_to_all.t CASCADE');
	$other->do("DROP $what CASCADE");
}
$other->do("CREATE TABLE open_to_all._prisma_migrations (id varchar(36) PRIMARY KEY, checksum varchar(64) NOT NULL,
		finished_at timestamptz, migration_name varchar(255) NOT NULL, logs text, rolled_back_at timestamptz,
		started_at timestamptz NOT NULL DEFAULT now(), applied_steps_count integer NOT NULL DEFAULT 0);
	CREATE FUNCTION open_to_all.evil() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN $evil; RETURN NEW; END';
	CREATE TRIGGER evil BEFORE INSERT ON open_to_all._prisma_migrations FOR EACH ROW EXECUTE FUNCTION open_to_all.evil()");
$session->fails("SELECT mariadb.prisma_baseline('open_to_all', 'SELECT 1')", '42501',
	qr/table open_to_all\._prisma_migrations already exists and belongs to role "lab_other"/,
	'prisma_baseline writes into no table of another role');
$session->returns('SELECT count(*) FROM public.executed', 0, 'nothing planted has run');
maria('DROP VIEW w');
maria('DROP SEQUENCE sq') if $has_sequences;
$session->do('DROP SCHEMA open_to_all CASCADE; DELETE FROM mariadb.run WHERE local = \'open_to_all\'');

# Tables, functions and types of another role.
$session->do('CREATE SCHEMA shared; GRANT ALL ON SCHEMA shared TO PUBLIC');
$other->do("CREATE TABLE shared.t (id int, flag boolean, p int);
	CREATE FUNCTION shared.evil() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN $evil; RETURN NEW; END';
	CREATE TRIGGER evil BEFORE INSERT ON shared.t FOR EACH ROW EXECUTE FUNCTION shared.evil();
	ALTER TABLE shared.t ENABLE ALWAYS TRIGGER evil");
my $into_shared = sub {
	my ($options) = @_;
	return "CALL mariadb.migrate('remote', 'roles', 'shared',
		'{\"data_only\": true, \"tables\": [\"t\"], \"on_error\": \"reject\"$options}')";
};
# Under any search_path: one that has the schema, where names are shown short.
$session->do('SET search_path = shared, public');
for my $workers (0, 2)
{
	$session->fails($into_shared->(", \"workers\": $workers"), '42501',
		qr/table shared\.t belongs to role "lab_other"/, "$workers workers: a superuser fills no table of another role");
}
$owner->fails($into_shared->(''), '42501', qr/belongs to role|permission denied/, 'nor does another migrator');
$session->returns('SELECT count(*) FROM public.executed', 0, 'its trigger has not run');
$answer = $session->run($into_shared->(', "trust_owners": true'), 60);
is($answer->{code}, '', 'unless the caller trusts the owner') or diag($answer->{err});
$session->do('RESET search_path');
$session->returns('SELECT DISTINCT who FROM public.executed', 'postgres', 'whose trigger runs then');
$session->fails($into_shared->(', "trust_owners": "perhaps"'), '22\w+', undef, 'a word that is no answer is an error');
$session->do('TRUNCATE public.executed; DROP TABLE shared.t;
	CREATE TABLE shared.t (id int, flag boolean, p int) PARTITION BY RANGE (id)');
$other->do('CREATE TABLE shared.part (id int, flag boolean, p int)');
$session->do('ALTER TABLE shared.t ATTACH PARTITION shared.part DEFAULT');
$session->fails($into_shared->(''), '42501', qr/table shared\.part belongs to/, 'nor a partition of another role');
$session->do('DROP TABLE shared.t');
$session->do('GRANT lab_other TO lab_owner');
$other->do('CREATE TABLE shared.t (id int, flag boolean, p int)');
$answer = $owner->run($into_shared->(', "workers": 0'), 60);
is($answer->{code}, '', 'a member of the owner may') or diag($answer->{err});
$session->do('REVOKE lab_other FROM lab_owner; DROP TABLE shared.t');
$other->do("CREATE FUNCTION shared.p_on_update() RETURNS trigger LANGUAGE plpgsql AS
	'BEGIN $evil; RETURN NEW; END'");
$session->fails("CALL mariadb.migrate('remote', 'roles', 'shared', '{\"tables\": [\"p\"]}')", '42501',
	qr/belongs to role "lab_other"/, 'a trigger does not take a function of another role');
$session->do('DROP SCHEMA shared CASCADE');
$other->do("CREATE SCHEMA others; CREATE TYPE others.kind AS ENUM ('a', 'b');
	GRANT USAGE ON SCHEMA others TO PUBLIC");
$session->do('DROP SCHEMA moved, planted CASCADE');
$session->do("CREATE SCHEMA imported; SET search_path = others, public");
$answer = $session->run('IMPORT FOREIGN SCHEMA roles LIMIT TO (p) FROM SERVER remote INTO imported');
$session->returns("SELECT atttypid::regtype FROM pg_attribute
	WHERE attrelid = 'imported.p'::regclass AND attname = 'kind'", 'imported.p_kind',
	'an import takes no enum type of another role');
$session->do('RESET search_path; DROP SCHEMA imported CASCADE; CREATE SCHEMA imported; GRANT ALL ON SCHEMA imported TO lab_other');
$other->do("CREATE TYPE imported.p_kind AS ENUM ('a', 'b')");
$session->returns("SELECT status FROM mariadb.create_enums('remote', 'roles', 'imported') WHERE 'p.kind' = ANY (columns)",
	'conflict', 'nor does create_enums in the local schema');
$session->run('IMPORT FOREIGN SCHEMA roles LIMIT TO (p) FROM SERVER remote INTO imported');
$session->returns("SELECT count(*) FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
	WHERE a.attrelid = 'imported.p'::regclass AND a.attname = 'kind' AND t.typowner <> 'lab_other'::regrole", 1,
	'nor an import');
$session->do("ALTER SCHEMA imported OWNER TO lab_other; DROP FOREIGN TABLE imported.p");
$session->returns("SELECT type || status FROM mariadb.create_enums('remote', 'roles', 'imported') WHERE 'p.kind' = ANY (columns)",
	'imported.p_kindreused', 'but a type of the owner of the local schema is used');
$session->do("DROP SCHEMA imported CASCADE; CREATE TYPE public.kind AS ENUM ('a', 'b')");
$session->do('CREATE SCHEMA imported');
$answer = $session->run('IMPORT FOREIGN SCHEMA roles LIMIT TO (p) FROM SERVER remote INTO imported');
like($answer->{err}, qr/NOTICE: .*column "kind" of table "p": uses type public\.kind/, 'and names one of its own');

# Numbers that are not issued yet, and rows in a run of another role, are
# refused without the foreign keys too.
$session->do("INSERT INTO mariadb.run (server, schema, local, options) VALUES ('remote', 'roles', 'x', '{}')");
$run = $session->value('SELECT max(id) FROM mariadb.run');
for my $insert ("run (id, server, schema, local, options) OVERRIDING SYSTEM VALUE VALUES ($run + 1, 'remote', 'roles', 'x', '{}')",
	"reject (id, table_name, target, error, sqlstate) OVERRIDING SYSTEM VALUE VALUES (1000000, 'x', 'x', 'x', '22000')")
{
	$other->fails("INSERT INTO mariadb.$insert", '42501', qr/has not been issued yet/, "not into $insert");
}
SKIP:
{
	skip 'PostgreSQL before 15 has no privileges on settings', 2
	  if $session->value("SELECT current_setting('server_version_num')::int") < 150000;
	$session->do('GRANT SET ON PARAMETER session_replication_role TO lab_other');
	$other->do('SET session_replication_role = replica');
	for my $table (qw(chunk task))
	{
		my ($columns, $values) = @{ $insert{$table} };
		$values =~ s/^\d+/$run/;
		$other->fails("INSERT INTO mariadb.$table ($columns) VALUES ($values)", '23503', qr/run $run does not exist/,
			"no row of table $table in a run of another role, as a replica");
	}
	$other->do('RESET session_replication_role');
	$session->do('REVOKE SET ON PARAMETER session_replication_role FROM lab_other');
}
$session->do("DELETE FROM mariadb.run WHERE id = $run");

# Nobody keeps another role from its run.
$session->do("INSERT INTO mariadb.run (server, schema, local, options) VALUES ('remote', 'roles', 'x', '{}')");
$run = $session->value('SELECT max(id) FROM mariadb.run');
$other->do("BEGIN; SELECT mariadb_internal.claim_lock($run), mariadb_internal.try_lock('run', $run, false)");
$answer = $session->run("SET lock_timeout = '2s'; SELECT mariadb_internal.claim_lock($run); SELECT mariadb_internal.lock_run($run)");
is($answer->{code}, '', 'the locks of a run cannot be taken by another role') or diag($answer->{err});
$other->do("COMMIT; BEGIN; SELECT mariadb_internal.start_workers($run, 'remote', 1)");
$answer = $owner->run("SELECT mariadb_internal.take_over($run)");
is($answer->{code}, '', 'nor are workers of another role taken for those of the run') or diag($answer->{err});
$other->do('ROLLBACK');
$session->do("RESET lock_timeout; DELETE FROM mariadb.run WHERE id = $run");

# Keys are for those who may read them.
$other->fails("SELECT * FROM mariadb.chunks('imported.t', 10)", '42P01|42501', undef, 'no chunks of what is not there');
$session->do('GRANT USAGE ON SCHEMA imported TO lab_other');
$other->fails("SELECT * FROM mariadb.chunks('imported.p', 10)", '42501', qr/permission denied for foreign table p/,
	'chunks asks for SELECT');
$session->do('GRANT SELECT (v) ON imported.p TO lab_other');
$other->fails("SELECT * FROM mariadb.chunks('imported.p', 10)", '42501', qr/permission denied for foreign table p/,
	'of the key');
$session->do('GRANT SELECT (id) ON imported.p TO lab_other');
$other->returns("SELECT count(*) > 50 FROM mariadb.chunks('imported.p', 10)", 't', 'which is enough');
$session->do('REVOKE USAGE ON FOREIGN SERVER remote FROM lab_other');
$other->fails("SELECT * FROM mariadb.chunks('imported.p', 10)", '42501', qr/foreign server remote/,
	'with USAGE on the server');
for my $relation (qw(pg_class pg_class_oid_index mariadb.progress mariadb.run_id_seq))
{
	$session->fails("SELECT * FROM mariadb.chunks('$relation', 10)", '42809', qr/is not a foreign table of mariadb_fdw/,
		"chunks refuses $relation");
}
$session->fails("SELECT * FROM mariadb_internal.copy_rows(1, 1, '1')", '42P01', undef, 'and copy_rows what is not there');

# Every function that takes a server asks for USAGE on it.
for my $function (Lab::Calls::all($session, %arguments, 'local text' => "'imported'",
		'regclass' => "'imported.p'", 'source regclass' => "'imported.p'"))
{
	my $name = $function->{name};
	# These close what is open, write into the ledger only, look at the text of
	# options, or find no table to ask for.
	next if $name =~ /^(?:disconnect|open_run|checked_options|equal_tables|column_differences|warn_of_existing_tables)$/ || !grep { $_ eq 'server name' } @{ $function->{args} };
	$answer = $other->run($function->{sql}, 60);
	is($answer->{code}, '42501', "$name asks for USAGE on the server") or diag($answer->{err});
}

# The extension is made in no schema that somebody else can create in, nor in
# one that is there already for its parts.
$session->do('DROP DATABASE IF EXISTS roles_planted');
$session->do('CREATE DATABASE roles_planted');
my $planted_into = Lab::Session->new('roles_planted');
for my $reach ('ALTER SCHEMA mariadb OWNER TO lab_other', 'GRANT CREATE ON SCHEMA mariadb TO lab_other',
	'GRANT CREATE ON SCHEMA mariadb TO PUBLIC',
	"CREATE FUNCTION mariadb.not_null(text[], name, text, text) RETURNS void LANGUAGE sql AS '';
		ALTER FUNCTION mariadb.not_null OWNER TO lab_other")
{
	$planted_into->do("CREATE SCHEMA mariadb; $reach");
	$planted_into->fails('CREATE EXTENSION mariadb_fdw', '42501', qr/schema "mariadb" can be written to by (?:role "lab_other"|PUBLIC)/,
		"no extension after $reach");
	$planted_into->do('DROP SCHEMA mariadb CASCADE; DROP EXTENSION IF EXISTS mariadb_fdw');
}
$planted_into->do('CREATE SCHEMA mariadb_internal');
$planted_into->fails('CREATE EXTENSION mariadb_fdw', '42P06', qr/schema "mariadb_internal" already exists/,
	'nor beside a schema of the name that its parts have');
$planted_into->do('DROP SCHEMA mariadb_internal; CREATE SCHEMA IF NOT EXISTS mariadb');
$answer = $planted_into->run('CREATE EXTENSION mariadb_fdw');
is($answer->{code}, '', 'a schema of a superuser will do') or diag($answer->{err});
$planted_into->quit;
$session->do('DROP DATABASE roles_planted WITH (FORCE)');

$_->quit for values %as;
$session->do('DROP TABLE public.executed');
drop_roles();
done_testing;
