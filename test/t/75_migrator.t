# A role that mariadb.grant_to has made a migrator, and that is nothing else:
# no superuser, no owner of what is there, without the right to send SQL of its
# own to MariaDB.  It walks from preflight to the report, and is then a role
# like others again.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $session = new_database('migrator');

sub drop_role
{
	$session->do("DO 'BEGIN IF to_regrole(''lab_migrator'') IS NOT NULL THEN
		DROP OWNED BY lab_migrator CASCADE; END IF; END'; DROP ROLE IF EXISTS lab_migrator");
}

# What the role is granted, besides what all may.
sub rights
{
	return $session->value(q{SELECT count(*) FROM (
		SELECT relacl FROM pg_class UNION ALL SELECT proacl FROM pg_proc
		UNION ALL SELECT nspacl FROM pg_namespace WHERE nspname LIKE 'mariadb%') a (acl), aclexplode(acl) x
		WHERE x.grantee = 'lab_migrator'::regrole});
}

drop_role();
$session->do('CREATE ROLE lab_migrator LOGIN');
is(rights(), 0, 'the role has no right');
$session->do("DROP USER MAPPING FOR PUBLIC SERVER remote; SELECT mariadb.grant_to('lab_migrator')");
my $granted = rights();
cmp_ok($granted, '>', 200, 'grant_to gives rights');
$session->do("SELECT mariadb.grant_to('lab_migrator')");
is(rights(), $granted, 'and not more when it is called again');
$session->do('GRANT USAGE ON FOREIGN SERVER remote TO lab_migrator; GRANT CREATE ON DATABASE migrator TO lab_migrator');

maria("CREATE TABLE parent (id INT AUTO_INCREMENT PRIMARY KEY, code VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin UNIQUE,
		kind ENUM('a', 'b') NOT NULL DEFAULT 'a', txt TEXT, changed TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
		ON UPDATE CURRENT_TIMESTAMP, KEY (txt(760)));
	INSERT INTO parent (code, txt) SELECT CONCAT('c', seq), IF(seq = 7, REPEAT('x', 3000), 'x') FROM seq_1_to_3000;
	CREATE TABLE child (id INT PRIMARY KEY, parent INT, flag TINYINT(1),
		CONSTRAINT child_parent FOREIGN KEY (parent) REFERENCES parent (id));
	INSERT INTO child SELECT seq, seq, seq % 2 FROM seq_1_to_500; UPDATE child SET flag = 5 WHERE id = 77;
	SET foreign_key_checks = 0; INSERT INTO child VALUES (501, 99999, 0);
	CREATE VIEW v AS SELECT id FROM child");
# MySQL has no sequences.
maria("CREATE SEQUENCE s") unless Lab::Maria->is_mysql;

my $role = do { local $ENV{PGUSER} = 'lab_migrator'; connect_to() };
$role->returns('SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication FROM pg_roles
	WHERE rolname = current_user', 'f', 'the role may nothing else');
$role->do("CREATE USER MAPPING FOR CURRENT_USER SERVER remote OPTIONS (username '$ENV{MARIADB_USER}', password '$ENV{MARIADB_PASSWORD}')");

# SQL of its own goes to MariaDB by no way that it was not granted.
for my $call (q{* FROM mariadb.query('remote', 'SELECT 1') AS t (a int)}, q{mariadb.exec('remote', 'DO 0')},
	q{mariadb.grant_to('lab_migrator')}, q{mariadb.revoke_from('lab_migrator')})
{
	my ($name) = $call =~ /mariadb\.(\w+)/;
	$role->fails("SELECT $call", '42501', qr/permission denied for function $name/, "$name is refused");
}

# Before the move.
$role->returns("SELECT rows_concerned FROM mariadb.preflight('remote', 'migrator') WHERE object = 'child.child_parent'", 1,
	'preflight counts orphans');
$role->returns("SELECT rows_concerned FROM mariadb.preflight('remote', 'migrator', 'model parent { id Int \@id }')
	WHERE finding ~ '^index entries'", 1, 'and long index entries');
$role->returns("SELECT rows_concerned FROM mariadb.preflight('remote', 'migrator') WHERE object = 'child.flag' AND severity = 'error'",
	1, 'and values that do not fit');
$role->do('CREATE SCHEMA moved; CREATE SCHEMA legacy');
$role->returns("SELECT type, status FROM mariadb.create_enums('remote', 'migrator', 'moved')", 'moved.parent_kind|created',
	'it creates enum types');
$role->do('IMPORT FOREIGN SCHEMA migrator FROM SERVER remote INTO legacy');
$role->returns('SELECT count(*) FROM legacy.parent', 3000, 'it imports foreign tables and reads them');
$role->returns("SELECT count(*) > 5 FROM mariadb.ddl('remote', 'migrator', 'moved')", 't', 'it asks for statements');

# The move, and once more.
my $options = '{"workers": 2, "on_error": "reject", "preflight": true, "chunk_size": "64kB"}';
my $answer = $role->run("CALL mariadb.migrate('remote', 'migrator', 'moved', '$options')", 120);
is($answer->{code}, '', 'it moves the schema with workers') or diag($answer->{err});
like($answer->{err}, qr/snapshot of server "remote": 2 workers/, 'of which there are two');
like($answer->{err}, qr/foreign key "child_parent" of table moved\.child is violated: 1 rows refer/, 'the orphan is a warning');
my $run = $role->value('SELECT max(id) FROM mariadb.run');
$role->returns("SELECT state FROM mariadb.run WHERE id = $run", 'done', 'the run has ended');
$role->returns("SELECT string_agg(table_name || ' ' || state, ', ' ORDER BY table_name) FROM mariadb.progress",
	'(all) done, child problems, parent done', 'progress shows it');
maria('DELETE FROM child WHERE id IN (77, 501)');
$answer = $role->run("CALL mariadb.migrate('remote', 'migrator', 'moved', '{\"truncate\": true}')", 120);
is($answer->{code}, '', 'it moves the schema once more, over its foreign keys') or diag($answer->{err});
like($answer->{err}, qr/problems: 0/, 'without a problem') or diag($answer->{err});
$answer = $role->run("CALL mariadb.migrate('remote', 'migrator', 'moved', '{\"workers\": 2}')", 120);
is($answer->{code}, '', 'and a third time') or diag($answer->{err});
like($answer->{err}, qr/problems: 0/, 'which changes nothing') or diag($answer->{err});
$role->returns("SELECT convalidated FROM pg_constraint WHERE conname = 'child_parent' AND conrelid = 'moved.child'::regclass", 't',
	'the foreign key is valid');

# After the move.
$role->returns("SELECT DISTINCT status FROM mariadb.verify('remote', 'migrator', 'moved')", 'equal', 'it compares rows');
$role->returns("SELECT DISTINCT status FROM mariadb.verify_structure('remote', 'migrator', 'moved')", 'equal', 'and structure');
$role->returns("SELECT DISTINCT status FROM mariadb.verify('remote', 'migrator', 'moved', level => 'rows', workers => 2)", 'equal',
	'and row by row with workers');
$role->do("UPDATE moved.parent SET code = 'other' WHERE id = 3; DELETE FROM moved.child WHERE id = 4;
	INSERT INTO moved.child VALUES (9000, 1, true)");
$role->returns("SELECT string_agg(table_name || ' ' || kind, ', ' ORDER BY table_name, kind) FROM mariadb.differences('remote', 'migrator', 'moved')",
	'child missing here, child missing there, parent differs', 'it finds differing rows');
$role->returns("SELECT count(*) FROM mariadb.repair('remote', 'migrator', 'moved')", 3, 'it asks for the repair');
$role->returns("SELECT string_agg(DISTINCT status, ' ') FROM mariadb.repair('remote', 'migrator', 'moved', apply => true)", 'applied',
	'applies it');
$role->do("UPDATE moved.parent SET code = 'other' WHERE id = 3");
$role->returns("SELECT sum(updated) FROM mariadb.resync('remote', 'migrator', 'moved')", 1, 'and brings tables up to date');
$role->returns("SELECT count(*) FROM mariadb.sync_sequences('moved', 'remote', 'migrator')", 1, 'it sets sequences');
$role->returns("SELECT count(*) FROM mariadb.replay($run)", 1, 'it replays rejected rows');
$role->do('CREATE TABLE moved.copied (id int, parent int, flag boolean)');
$role->returns("SELECT mariadb.copy('legacy.child', 'moved.copied')", 499, 'it copies a table');
$role->returns("SELECT equal FROM mariadb.compare_query('remote', 'SELECT COUNT(*) FROM migrator.child', 'SELECT count(*) FROM moved.child')",
	't', 'it compares queries');
$role->returns("SELECT mariadb.prisma_baseline('moved', 'SELECT 1')", 'migration 0_init is recorded', 'it records a baseline');
$role->returns("SELECT mariadb.report($run) LIKE '<!DOCTYPE%'", 't', 'it has the report');

# It cannot pass on what it may not grant, even if it may call grant_to.
$session->do('CREATE ROLE lab_third; GRANT EXECUTE ON FUNCTION mariadb.grant_to TO lab_migrator');
$role->fails("SELECT mariadb.grant_to('lab_third')", '42501', undef, 'a migrator makes no migrator');
$session->do('DROP ROLE lab_third; GRANT USAGE ON SEQUENCE mariadb.run_id_seq TO lab_migrator');

# Taken back, with what was granted by name.
$session->do('GRANT EXECUTE ON FUNCTION mariadb.query TO lab_migrator');
$role->returns(q{SELECT a FROM mariadb.query('remote', 'SELECT 1') AS t (a int)}, 1, 'query can be granted too');
$session->do("SELECT mariadb.grant_to('lab_migrator')");
$role->returns(q{SELECT a FROM mariadb.query('remote', 'SELECT 1') AS t (a int)}, 1, 'and grant_to takes nothing away');
$session->do('SELECT mariadb.revoke_from(\'lab_migrator\')');
is(rights(), 0, 'revoke_from leaves no right');
$role->fails('TABLE mariadb.run', '42501', undef, 'the ledger is closed');
$role->fails("CALL mariadb.migrate('remote', 'migrator', 'moved')", '42501', undef, 'as are procedures');

# Who may not grant does not grant by these.
$session->do('GRANT USAGE ON SCHEMA mariadb, mariadb_internal TO lab_migrator;
	GRANT EXECUTE ON FUNCTION mariadb.grant_to, mariadb_internal.role_name, mariadb_internal.not_null TO lab_migrator');
$role->fails("SELECT mariadb.grant_to('lab_migrator')", '42501', undef, 'grant_to has no rights of its own');
$session->fails('SELECT mariadb.grant_to(4294967295)', '42704', qr/role with OID 4294967295 does not exist/, 'a role that does not exist');
$session->fails('SELECT mariadb.grant_to(NULL)', '22004', undef, 'NULL');
$session->do('CREATE ROLE "lab; odd ""role"; SELECT mariadb.grant_to(\'"lab; odd ""role"\'); SELECT mariadb.revoke_from(\'"lab; odd ""role"\');
	DROP ROLE "lab; odd ""role"');

$role->quit;
drop_role();
done_testing;
