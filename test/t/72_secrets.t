# A password is nowhere but in the user mapping.  A literal that is nothing else
# is used as one in every place that takes one, or where one gets by mistake,
# and then looked for in everything that can be read afterwards.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $secret = 'Hu5hW4tch';
my $wrong = 'N0tTh3One';
my $any = qr/$secret|$wrong/i;
my $log = "$ENV{LAB_DIR}/postgres/postgres.log";
my $general = "$ENV{LAB_DIR}/mariadb/general.log";
my $session = new_database('secrets');
my $from = -s $log;

maria("CREATE OR REPLACE USER vault\@'%' IDENTIFIED BY '$secret';
	GRANT SELECT, LOCK TABLES ON secrets.* TO vault\@'%';
	CREATE TABLE t (id INT PRIMARY KEY, v VARCHAR(200), flag TINYINT(1));
	INSERT INTO t SELECT seq, REPEAT('x', 150), 1 FROM seq_1_to_6000;
	UPDATE t SET flag = 7 WHERE id = 5; ANALYZE TABLE t;
	SET GLOBAL general_log_file = '$general'; SET GLOBAL general_log = 1");
$session->do("ALTER SYSTEM SET log_error_verbosity = verbose; ALTER SYSTEM SET log_min_messages = debug1");
$session->do('SELECT pg_reload_conf()');

# Sends a statement that has the literal itself: what PostgreSQL keeps of
# statements as they were sent is not ours, and the server's log has none.
sub sends
{
	my ($sql) = @_;

	$session->do('SET log_min_error_statement = panic');
	my $answer = $session->run($sql, 60);
	$session->do('SET log_min_error_statement = error');
	return $answer;
}

# Each answer of the server: rows, notices, and errors with all their fields.
sub is_silent
{
	my ($answer, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	unlike($answer->{out} . $answer->{err}, $any, $name);
}

# Connections: one that works, and ones that do not.
for my $mapping (['vault', $secret, 'vault'], ['mistyped', $wrong, 'vault'], ['nobody', $wrong, 'no_such_user'])
{
	my ($server, $password, $user) = @$mapping;
	$session->do("CREATE SERVER $server FOREIGN DATA WRAPPER mariadb_fdw
		OPTIONS (host '127.0.0.1', port '$ENV{MARIADB_PORT}', dbname 'secrets')");
	is_silent(sends("CREATE USER MAPPING FOR CURRENT_USER SERVER $server
		OPTIONS (username '$user', password '$password')"), "a mapping is made: $server");
}
$session->returns("SELECT * FROM mariadb.query('vault', 'SELECT 1') AS q (x int)", 1, 'the password is right');
for my $server (qw(mistyped nobody))
{
	my $answer = $session->run("SELECT * FROM mariadb.query('$server', 'SELECT 1') AS q (x int)");
	# MySQL asks for the password itself then, which is not sent.
	is($answer->{code}, Lab::Maria->is_mysql ? 'HV00N' : '28000', "$server: a wrong password is an error");
	is_silent($answer, "$server: which does not have it");
}
$session->do('CREATE FOREIGN TABLE t (id int) SERVER mistyped');
is_silent($session->run('SELECT * FROM t'), 'nor has that of a scan');
is_silent($session->run('EXPLAIN (VERBOSE, ANALYZE) SELECT * FROM t'), 'nor EXPLAIN');
is_silent($session->run('IMPORT FOREIGN SCHEMA secrets FROM SERVER nobody INTO public'), 'nor an import');
is_silent($session->run('SELECT * FROM mariadb.connections()'), 'connections() has none');
is_silent($session->run("SELECT * FROM mariadb.version('vault')"), 'version() has none');

# Options by mistake.
my $url = "mysql://vault:$secret\@127.0.0.1:3306/secrets";
for my $options ("host '$url'", "hosst '$secret'", "host 'h;password=$secret'", "password '$secret'", "passwd '$secret'", "url '$url'")
{
	my $answer = sends("CREATE SERVER mistake FOREIGN DATA WRAPPER mariadb_fdw OPTIONS ($options)");
	isnt($answer->{code}, '', "a server has no " . ($options =~ /(\w+)/)[0] . ' of this kind');
	is_silent($answer, 'and the error does not repeat it');
}
for my $options ("pasword '$secret', username 'x'", "password '$secret', password '$wrong', username 'x'")
{
	my $answer = sends("CREATE USER MAPPING FOR PUBLIC SERVER vault OPTIONS ($options)");
	isnt($answer->{code}, '', 'a mapping with a mistake is an error');
	is_silent($answer, 'which does not repeat it');
}
is_silent(sends("CREATE FOREIGN TABLE f (a int) SERVER vault OPTIONS (table_name 't', password '$secret')"),
	'nor is that of a foreign table');

# schema.prisma, with the URL of the database in settings and in comments.
my $prisma = <<"TEXT";
// was: mysql://other:$wrong\@old/db
datasource db {
  provider          = "mysql"
  url               = "$url"
  directUrl         = "mysql://vault:$secret\@direct/secrets"
  shadowDatabaseUrl = "mysql://vault:$secret\@shadow/secrets"
}

/// $wrong
model t {
  id   Int     \@id
  v    String? \@db.VarChar(200)
  flag Boolean?
}
TEXT
sends("SELECT set_config('lab.prisma', \$prisma\$$prisma\$prisma\$, false)");
(my $plain = $prisma) =~ s/^.*$wrong.*\n//gm;
sends("SELECT set_config('lab.plain', \$prisma\$$plain\$prisma\$, false)");
my $answer = $session->run("SELECT mariadb.prisma_schema(current_setting('lab.plain'))");
is_silent($answer, 'the text for PostgreSQL has no password');
like($answer->{out}, qr/^  url +: *= env\("DATABASE_URL"\)|^  url += env\("DATABASE_URL"\)$/m, 'but the name of a variable');
like($answer->{out}, qr/^  directUrl += env\("DIRECT_URL"\)\n  shadowDatabaseUrl += env\("SHADOW_DATABASE_URL"\)$/m, 'for each URL');
is_silent($session->run("SELECT * FROM mariadb.prisma_review(current_setting('lab.prisma'))"), 'no finding has it');
for my $broken ("replace(current_setting('lab.prisma'), '\@direct', '\"')", "left(current_setting('lab.prisma'), 150)",
	"replace(current_setting('lab.prisma'), 'mysql://', '\\x')", "replace(current_setting('lab.prisma'), '= \"mysql:', '= mysql:')")
{
	for my $call ("mariadb.prisma_schema($broken)", "mariadb.prisma_review($broken)",
		"mariadb.create_enums('vault', 'secrets', 'public', $broken)",
		"mariadb.ddl('vault', 'secrets', 'public', jsonb_build_object('prisma', $broken))")
	{
		$answer = $session->run("SELECT count(*) FROM $call");
		unlike($answer->{err}, $any, 'an error about a broken text does not repeat it');
	}
}
for my $call ("mariadb.ddl('vault', 'secrets', 'public', o)", "mariadb.verify_structure('vault', 'secrets', 'public', o)",
	"mariadb.preflight('vault', 'secrets', o ->> 'prisma')", "mariadb_internal.planned_statements('vault', 'secrets', 'public', o)",
	"mariadb.create_enums('vault', 'secrets', 'public', o ->> 'prisma')")
{
	is_silent($session->run("SELECT f.* FROM (SELECT jsonb_build_object('prisma', current_setting('lab.prisma'))) AS x (o), $call f"),
		"($call) does not have it");
}
is_silent($session->run("CALL mariadb.migrate('vault', 'secrets', 'public', jsonb_build_object('url', current_setting('lab.prisma')))"),
	'an option that migrate does not know is not repeated');
is_silent($session->run("CALL mariadb.migrate('vault', 'secrets', 'public',
		jsonb_build_object('workers', 'x', 'prisma', current_setting('lab.prisma')))"), 'nor are others beside it');

# A run with workers: what others see of it while it is in progress.
my $watcher = connect_to();
my $seen = '';
$session->send("CALL mariadb.migrate('vault', 'secrets', 'moved', jsonb_build_object('prisma', current_setting('lab.prisma'),
	'workers', 2, 'on_error', 'reject', 'chunk_size', '128kB', 'max_rows_per_second', 1000, 'preflight', true))");
my $shots = 0;
for (1 .. 400)
{
	$seen .= $watcher->value('SELECT string_agg(a::text, chr(10)) FROM pg_stat_activity a')
	  . $watcher->value('SELECT string_agg(p::text, chr(10)) FROM mariadb.progress p')
	  . maria("SELECT COALESCE(GROUP_CONCAT(user, ' ', COALESCE(info, '')), '') FROM information_schema.processlist")
	  . `ps -eo args 2>/dev/null | grep postgres`;
	$shots++ if $watcher->value("SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'mariadb_fdw worker'") > 0;
	last if $shots > 5;
	sleep 0.05;
}
cmp_ok($shots, '>', 2, 'a run is watched');
unlike($seen, $any, 'neither server, nor the system, shows a password while it is in progress');
$answer = $session->wait(120);
is($answer->{code}, '', 'it ends well') or diag($answer->{err});
is_silent($answer, 'and shows none');
my $run = $session->value('SELECT max(id) FROM mariadb.run');
is_silent($session->run("SELECT mariadb.report($run)"), 'nor does its report');
$session->returns("SELECT options ->> 'prisma' ~ '^SHA-256 [0-9a-f]{64}\$', options ->> 'prisma' = 'SHA-256 '
	|| encode(sha256(convert_to(current_setting('lab.prisma'), 'UTF8')), 'hex') FROM mariadb.run WHERE id = $run", 't|t',
	'the ledger knows the text by its digest');
is_silent($session->run("SELECT * FROM mariadb.replay($run)"), 'a replay shows none');

# Everything that is kept.
$session->do("CREATE TABLE public.kept AS SELECT * FROM mariadb.preflight('vault', 'secrets', current_setting('lab.prisma'))");
my $dump = `pg_dump secrets 2>&1`;
like($dump, qr/^COPY mariadb\.run /m, 'a dump has the ledger');
like($dump, $any, 'and the user mappings');
$dump =~ s/^CREATE USER MAPPING .*?;\n//gms;
unlike($dump, $any, 'which alone have passwords');
unlike($session->value("SELECT string_agg(x, ' ') FROM (SELECT o::text FROM pg_foreign_server o
		UNION ALL SELECT o::text FROM pg_foreign_table o UNION ALL SELECT o::text FROM pg_settings o WHERE name !~ '^lab'
		UNION ALL SELECT o::text FROM pg_stat_activity o WHERE pid <> pg_backend_pid()
		UNION ALL SELECT o::text FROM pg_prepared_statements o) AS s (x)"), $any, 'no catalog and no view has one');
$session->do('DROP ROLE IF EXISTS lab_reader; CREATE ROLE lab_reader LOGIN');
my $reader = do { local $ENV{PGUSER} = 'lab_reader'; connect_to() };
unlike($reader->value("SELECT string_agg(o::text, ' ') FROM pg_user_mappings o"), $any, 'others do not see the mappings');
$reader->quit;
$session->do('DROP ROLE lab_reader');

open my $file, '<', $log or die "no log: $!";
seek $file, $from, 0;
my $lines = do { local $/; <$file> };
ok($lines =~ (Lab::Maria->is_mysql ? qr/HV00N/ : qr/28000/), "PostgreSQL's log has the errors");
ok($lines =~ /DEBUG/, 'and more');
is(join("\n", grep { /$any/ } split /\n/, $lines), '', 'but no password');
open $file, '<', $general or die "no log: $!";
$lines = do { local $/; <$file> };
ok($lines =~ /mariadb_fdw run/, "MariaDB's log has what was read");
# The statement of this test that has made the account.
is(join("\n", grep { /$any/ && !/IDENTIFIED BY/ } split /\n/, $lines), '', 'and no password');

maria("SET GLOBAL general_log = 0; DROP USER vault\@'%'");
$session->do('ALTER SYSTEM RESET ALL');
$session->do('SELECT pg_reload_conf()');
done_testing;
