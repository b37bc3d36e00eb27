# Nothing is missing in silence: what an account may not see, rows that other
# tables refer to, foreign keys that come back, tables that already exists and is used.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $session = new_database('missing');

# Adds an account of MariaDB, and a server that uses it.
sub add_account
{
	my ($name, @grants) = @_;

	maria("DROP USER IF EXISTS $name\@'127.0.0.1';
		CREATE USER $name\@'127.0.0.1' IDENTIFIED BY 'secret'");
	maria("GRANT $_ TO $name\@'127.0.0.1'") for @grants;
	Lab::add_server($session, $name, username => $name, password => 'secret');
}

sub migrate
{
	my ($server, $schema, $local, $options) = @_;

	return $session->run("CALL mariadb.migrate('$server', '$schema', '$local'"
		  . ($options ? ", '$options'" : '') . ')', 120);
}

sub ends_with_problems
{
	my ($answer, $problems, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	is($answer->{code}, '', "$name: it ends")
	  or return diag($answer->{err});
	like($answer->{err}, qr/finished; problems: $problems\b/,
		"$name: $problems problems");
}

#
# Accounts that see a part of the schema.
#
maria(q{CREATE TABLE customers (id INT PRIMARY KEY, email VARCHAR(99), name TEXT);
	CREATE TABLE orders (id INT PRIMARY KEY);
	CREATE TABLE `odd.name "x` (id INT PRIMARY KEY);
	INSERT INTO customers VALUES (1, 'a@x', 'A'); INSERT INTO orders VALUES (7);
	DROP ROLE IF EXISTS missing_role; CREATE ROLE missing_role;
	GRANT SELECT ON missing.* TO missing_role});
add_account('m_one', 'SELECT ON missing.customers');
add_account('m_odd', 'SELECT ON missing.`odd.name "x`');
add_account('m_col', 'SELECT (id, email) ON missing.customers',
	'SELECT ON missing.orders');
add_account('m_schema', 'SELECT ON missing.*');
add_account('m_wild', 'SELECT ON `mis%\\\\_no`.*', 'SELECT ON `mis_ing`.*');
add_account('m_escaped', 'SELECT ON `mis\\\\_ing`.*', 'SELECT ON missing.orders');
add_account('m_role');
maria("GRANT missing_role TO m_role\@'127.0.0.1';
	SET DEFAULT ROLE missing_role " . (Lab::Maria->is_mysql ? 'TO' : 'FOR') . " m_role\@'127.0.0.1'");

for my $case (
	['m_one', 'missing', qr/may not read all of missing\b.*single tables or columns only.*granted: customers/s],
	['m_odd', 'missing', qr/may not read all of missing\b.*granted: "odd\.name ""x"/s],
	['m_escaped', 'missing', qr/may not read all of missing\b.*granted: orders/s],
	['m_col', 'customers', qr/may not read all of customers\b.*single columns only.*granted: email, id|may not read all of customers\b.*single columns only.*granted: id, email/s])
{
	my ($server, $object, $warning) = @$case;

	$session->do('DROP SCHEMA IF EXISTS part CASCADE');
	like($session->value("SELECT string_agg(severity || ' ' || object, ',')
			FROM mariadb.preflight('$server', 'missing') WHERE finding ~ 'hidden'"),
		qr/error \Q$object\E/, "$server: preflight finds it");
	my $answer = migrate($server, 'missing', 'part');
	like($answer->{err}, qr/WARNING: +42501: .*$warning/s, "$server: migrate warns");
	ends_with_problems($answer, $server eq 'm_col' ? 2 : 1, $server);
	$session->returns('SELECT count(*) > 0 FROM mariadb.run r,
			jsonb_array_elements(r.notes) n
			WHERE r.id = (SELECT max(id) FROM mariadb.run)
				AND n ->> \'note\' ~ \'SELECT is granted\'',
		't', "$server: the ledger has it");
	unlike($session->value('SELECT mariadb.report(max(id)) FROM mariadb.run'),
		qr/>complete</, "$server: the report does not say complete");
	for my $call ('verify', 'differences', 'verify_structure', 'repair', 'resync')
	{
		$answer = $session->run("SELECT * FROM mariadb.$call('$server', 'missing', 'part')");
		is($answer->{code}, '', "$server: $call runs") or diag($answer->{err});
		like($answer->{err}, $warning, "$server: $call warns");
	}
	$session->fails("SELECT * FROM mariadb.verify('$server', 'missing', 'part', fail => true)",
		'42501', qr/could not compare all of ${\ Lab::Maria->product} schema "missing"/,
		"$server: for a script it is an error");
}

# Nothing granted looks as if there were no schema, and that is reported.
add_account('m_none');
for my $call ("preflight('m_none', 'missing')", "verify('m_none', 'missing', 'public')")
{
	$session->fails("SELECT * FROM mariadb.$call", 'HV00Q',
		qr/schema "missing" does not exist.*HINT: +It may also be hidden from this account/s,
		"$call of an account without grants");
}
my $answer_of_none = $session->run(q{SELECT * FROM mariadb.preflight('remote', 'nowhere')});
unlike($answer_of_none->{err}, qr/hidden/, 'but not to an account that may see all');

# An import reports it, too, unless it is about what the account may read.
for my $case (['', 1], ['LIMIT TO (customers)', 0], ['EXCEPT (customers)', 1])
{
	my ($clause, $is_told) = @$case;
	my $answer = $session->run("DROP SCHEMA IF EXISTS imported CASCADE;
		CREATE SCHEMA imported;
		IMPORT FOREIGN SCHEMA missing $clause FROM SERVER m_one INTO imported");

	is($answer->{err} =~ /NOTICE: +42501: .*may not read all of missing/ ? 1 : 0,
		$is_told, "import $clause") or diag($answer->{err});
}

# A named table that the account may read as a whole is all that was asked for.
$session->do('DROP SCHEMA part CASCADE');
ends_with_problems(migrate('m_one', 'missing', 'part', '{"tables": ["customers"]}'),
	0, 'a table that is named');
$session->returns("SELECT status FROM mariadb.verify('m_one', 'missing', 'part',
		tables => '{customers}', fail => true)", 'equal', 'and can be compared');
my $report = $session->value('SELECT mariadb.report(max(id)) FROM mariadb.run');
like($report, qr/the run did not include all tables of MariaDB/,
	'its report says that there may be others');
unlike($report, qr/DATABASE_URL/, 'and does not let the application change over');
ends_with_problems(migrate('m_col', 'missing', 'part2', '{"tables": ["customers"]}'),
	1, 'a table that is named, and hides columns');
$session->fails("SELECT * FROM mariadb.verify('m_col', 'missing', 'part2',
		tables => '{customers}', fail => true)", '42501', undef,
	'which is no equal table');

# A default of a sequence that the account may not read is dropped, not its table.
SKIP:
{
	skip 'MySQL has no sequences', 12 if ($ENV{LAB_SOURCE} // '') eq 'mysql';
	maria('CREATE OR REPLACE DATABASE missing_numbers; USE missing_numbers; CREATE SEQUENCE kept; CREATE SEQUENCE `hid"den`;
		CREATE TABLE t (id BIGINT PRIMARY KEY DEFAULT NEXTVAL(`hid"den`), k BIGINT DEFAULT NEXTVAL(kept)); INSERT INTO t () VALUES (), ()');
	add_account('m_some', 'SELECT ON missing_numbers.t', 'SELECT ON missing_numbers.kept', 'INSERT ON missing_numbers.`hid"den`');
	add_account('m_less', 'SELECT ON missing_numbers.t', 'SELECT ON missing_numbers.kept');
	for my $server ('m_some', 'm_less')
	{
		my $local = "numbers_$server";

		ends_with_problems(migrate($server, 'missing_numbers', $local), 1, "$server: sequences");
		$session->returns("SELECT count(*) FROM $local.t", 2, "$server: the table is there");
		$session->returns("SELECT string_agg(attname || ' ' || pg_get_expr(adbin, adrelid), ', ') FROM pg_attrdef
				JOIN pg_attribute ON (attrelid, attnum) = (adrelid, adnum) WHERE adrelid = '$local.t'::regclass",
			"k nextval('$local.kept'::regclass)", "$server: the default of the other sequence");
		$session->returns("SELECT note ~ 'is dropped: sequence \"hid\"den\" is not migrated' FROM mariadb.ddl('$server', 'missing_numbers', 'x')
				WHERE object = 't.id'", 't', "$server: the default is reported");
		$session->returns("SELECT string_agg(note, '') FROM mariadb.ddl('$server', 'missing_numbers', 'x') WHERE object = 'hid\"den'",
			$server eq 'm_some' ? 'not migrated: the account may not read it' : '', "$server: and the sequence, if it is seen");
	}
	maria('DROP DATABASE missing_numbers');
}

# The whole schema is granted in some way.
for my $server ('m_schema', 'm_wild', 'm_role', 'remote')
{
	$session->do('DROP SCHEMA IF EXISTS part CASCADE');
	my $answer = migrate($server, 'missing', 'part');
	ends_with_problems($answer, 0, "$server sees all");
	unlike($answer->{err}, qr/WARNING/, "$server: no warning");
	$session->returns("SELECT count(*) FROM mariadb.preflight('$server', 'missing')
			WHERE finding ~ '^SELECT is granted'", 0, "$server: no finding");
}
SKIP:
{
	skip 'MariaDB has no PUBLIC before 10.11', 2
	  if maria('SELECT VERSION()') !~ /^(?:10\.1[1-9]|1[1-9])\./;
	maria('GRANT SELECT ON missing.* TO PUBLIC');
	$session->do('SELECT mariadb.disconnect_all(); DROP SCHEMA part CASCADE');
	my $answer = migrate('m_one', 'missing', 'part');
	ends_with_problems($answer, 0, 'a grant to PUBLIC lets all be seen');
	maria('REVOKE SELECT ON missing.* FROM PUBLIC');
}
$session->returns("SELECT finding FROM mariadb.preflight('m_schema', 'missing')
		WHERE finding ~ 'may hide'",
	Lab::Maria->product . ' may hide from this account: triggers, routines, events, definitions of views',
	'other objects that may be hidden are reported once');
$session->returns("SELECT count(*) FROM mariadb.preflight('remote', 'missing')
		WHERE finding ~ 'may hide'", 0, 'and not where all is granted');

#
# Foreign keys of tables outside the run.
#
maria('DROP TABLE customers, orders, `odd.name "x`;
	CREATE TABLE c (id INT PRIMARY KEY, v INT, at TIMESTAMP NOT NULL DEFAULT NOW() ON UPDATE NOW());
	CREATE TABLE o (id INT PRIMARY KEY, c_id INT, CONSTRAINT o_c FOREIGN KEY (c_id) REFERENCES c (id));
	INSERT INTO c (id, v) VALUES (1, 1), (2, 2); INSERT INTO o VALUES (1, 1), (2, 2)');
my $is_valid = "SELECT convalidated FROM pg_constraint WHERE conname = 'o_c'";
ends_with_problems(migrate('remote', 'missing', 's'), 0, 'all tables');
$session->do('INSERT INTO s.c VALUES (9, 9); INSERT INTO s.o VALUES (90, 9)');
my $answer = migrate('remote', 'missing', 's', '{"tables": ["c"], "truncate": true}');
is($answer->{code}, '23503', 'a table to which others refer is not emptied');
like($answer->{err}, qr/1 row of s\.o \(o_c\): \(9\)/, 'the rows are named');
$session->returns('SELECT count(*) FROM s.c', 3, 'it is as it was');
$session->do('UPDATE s.o SET c_id = NULL WHERE id = 90');
ends_with_problems(
	migrate('remote', 'missing', 's', '{"tables": ["c"], "truncate": true}'),
	0, 'rows that MariaDB has, too, are no obstacle');
$session->returns($is_valid, 't', 'and the key is still valid');

maria('SET foreign_key_checks = 0; DELETE FROM c WHERE id = 2');
$session->do('INSERT INTO s.c VALUES (9, 9);
	COMMENT ON CONSTRAINT o_c ON s.o IS \'kept\'');
$answer = migrate('remote', 'missing', 's', '{"tables": ["c"], "truncate": true}');
is($answer->{code}, '23503', 'a row that MariaDB has no more is an obstacle');

# Orphans of a valid key make it NOT VALID, and are reported.
for my $case (['a table outside the run', '{"tables": ["c"], "data_only": true}',
		'DELETE FROM s.c'],
	['a table of the run', '{"data_only": true}', 'TRUNCATE s.o, s.c'])
{
	my ($name, $options, $prepare) = @$case;

	$session->do("SET session_replication_role = replica; $prepare;
		SET session_replication_role = origin");
	$answer = migrate('remote', 'missing', 's', $options);
	ends_with_problems($answer, 1, $name);
	like($answer->{err}, qr/WARNING: +23503: foreign key "o_c" of table s\.o is violated: 1 row/,
		"$name: orphans are a warning");
	$session->returns($is_valid, 'f', "$name: its key is not valid any more");
	$session->returns("SELECT obj_description(oid, 'pg_constraint') FROM pg_constraint
			WHERE conname = 'o_c'", 'kept', "$name: its comment is kept");
	$session->do('SET session_replication_role = replica; INSERT INTO s.c VALUES (2, 2);
		SET session_replication_role = origin;
		ALTER TABLE s.o VALIDATE CONSTRAINT o_c');
}

# Partitions and self references are looked at, too.
maria('DROP TABLE o; INSERT INTO c (id, v) VALUES (2, 2);
	CREATE TABLE tree (id INT PRIMARY KEY, up INT); INSERT INTO tree VALUES (1, NULL), (2, 5)');
$session->do('DROP SCHEMA s CASCADE; CREATE SCHEMA s;
	CREATE TABLE s.c (id int PRIMARY KEY, v int, at timestamp) PARTITION BY RANGE (id);
	CREATE TABLE s.c_low PARTITION OF s.c FOR VALUES FROM (0) TO (10);
	CREATE TABLE s.c_high PARTITION OF s.c FOR VALUES FROM (10) TO (20);
	CREATE TABLE s.of_part (id int REFERENCES s.c_low);
	CREATE TABLE s.tree (id int PRIMARY KEY, up int REFERENCES s.tree);
	INSERT INTO s.c VALUES (3, 3); INSERT INTO s.of_part VALUES (3)');
$answer = migrate('remote', 'missing', 's', '{"data_only": true, "truncate": true}');
like($answer->{err}, qr/foreign key "of_part_id_fkey" of table s\.of_part is violated: 1 row/,
	'a key that refers to a partition is checked');
like($answer->{err}, qr/foreign key "tree_up_fkey" of table s\.tree is violated: 1 row/,
	'a key of a table to itself is checked');
ends_with_problems($answer, 2, 'partitions and self references');
$session->returns("SELECT bool_or(convalidated) FROM pg_constraint
		WHERE conname IN ('of_part_id_fkey', 'tree_up_fkey')", 'f',
	'both are not valid any more');

# resync writes past the keys, and refuses to leave orphans.
$session->do('TRUNCATE s.tree; DELETE FROM s.of_part;
	ALTER TABLE s.of_part VALIDATE CONSTRAINT of_part_id_fkey;
	INSERT INTO s.c VALUES (4, 4); INSERT INTO s.of_part VALUES (4)');
$session->fails("SELECT * FROM mariadb.resync('remote', 'missing', 's', '{c}')",
	'23503', qr/of_part/, 'resync checks a key that refers to a partition');

# replay stores rows past the keys, too.
maria('DROP TABLE tree; CREATE TABLE tree (id INT PRIMARY KEY, up INT);
	SET sql_mode = ""; INSERT INTO tree VALUES (1, NULL), (2, 2000000000)');
$session->do('DROP TABLE s.tree, s.of_part;
	CREATE TABLE s.tree (id int PRIMARY KEY, up smallint)');
$answer = migrate('remote', 'missing', 's',
	'{"data_only": true, "tables": ["tree"], "on_error": "reject"}');
like($answer->{err}, qr/1 rejected/, 'a row is rejected');
maria('UPDATE tree SET up = 77 WHERE id = 2');
$session->do('ALTER TABLE s.tree ADD CONSTRAINT tree_up FOREIGN KEY (up) REFERENCES s.tree');
$answer = $session->run('SELECT * FROM mariadb.replay((SELECT max(id) FROM mariadb.run))', 60);
is($answer->{out}, 'tree|1|0', 'it is replayed') or diag($answer->{err});
like($answer->{err}, qr/foreign key "tree_up" of table s\.tree is violated: 1 row/,
	'and reported as an orphan');
$session->returns("SELECT convalidated FROM pg_constraint WHERE conname = 'tree_up'",
	'f', 'so its key is not valid any more');

#
# Without superuser.
#
maria('DROP TABLE tree, c;
	CREATE TABLE c (id INT PRIMARY KEY); CREATE TABLE o (id INT PRIMARY KEY, c_id INT,
		CONSTRAINT o_c FOREIGN KEY (c_id) REFERENCES c (id));
	INSERT INTO c VALUES (1), (2); INSERT INTO o VALUES (1, 1)');
$session->do('DROP SCHEMA s CASCADE; DROP ROLE IF EXISTS missing_user;
	CREATE ROLE missing_user; GRANT CREATE ON DATABASE missing TO missing_user;
	GRANT USAGE ON FOREIGN SERVER remote TO missing_user;
	SELECT mariadb.grant_to(\'missing_user\');
	SET ROLE missing_user');
ends_with_problems(migrate('remote', 'missing', 'u'), 0, 'without superuser');
$session->returns($is_valid, 't', 'the key is valid');
ends_with_problems(
	migrate('remote', 'missing', 'u', '{"tables": ["c"], "data_only": true}'),
	0, 'without superuser, the table that others refer to');
$session->returns($is_valid, 't', 'the key of the other table is valid again');
$session->do('INSERT INTO u.c VALUES (9); INSERT INTO u.o VALUES (90, 9)');
$answer = migrate('remote', 'missing', 'u',
	'{"tables": ["c"], "data_only": true, "truncate": true}');
is($answer->{code}, '23503', 'rows that would be orphans are refused, too');
$session->returns($is_valid, 't', 'and the key is as it was');
$session->do('RESET ROLE; DROP SCHEMA u CASCADE');

#
# Tables that already exists and is used.
#
maria('DROP TABLE o, c;
	CREATE TABLE users (id INT AUTO_INCREMENT PRIMARY KEY, role VARCHAR(9) NOT NULL DEFAULT \'user\',
		name VARCHAR(9), at TIMESTAMP NOT NULL DEFAULT NOW() ON UPDATE NOW());
	INSERT INTO users (name) VALUES (\'a\'), (\'b\')');
$session->do('CREATE SCHEMA e; CREATE TABLE e.users
	(id int, role varchar(9), name varchar(9), at timestamp)');
$answer = migrate('remote', 'missing', 'e');
ends_with_problems($answer, 1, 'a table that already exists and is used');
like($answer->{err}, qr/WARNING: +42P07: table e\.users already exists and is used as it is; differences from the plan: 7/,
	'its differences are counted') or diag($answer->{err});
like($answer->{err}, qr/They are: .*default users\.role/, 'and named');
$answer = migrate('remote', 'missing', 'whole');
ends_with_problems($answer, 0, 'a new table');
$answer = migrate('remote', 'missing', 'whole');
ends_with_problems($answer, 0, 'a table of an earlier run');
unlike($answer->{err}, qr/already exists and is used/, 'which is as planned');
$session->do('DROP SCHEMA e CASCADE; CREATE SCHEMA e;
	CREATE TABLE e.users (id int, other text)');
$answer = migrate('remote', 'missing', 'e');
like($answer->{err}, qr/table e\.users has no columns for: role, name, at/,
	'columns that are missing here are named');
like($answer->{err}, qr/the trigger of table e\.users for ON UPDATE is not created/,
	'a trigger for them is not created');
$session->do("UPDATE e.users SET other = 'written'");
$session->returns('SELECT count(*) FROM e.users WHERE other IS NOT NULL', 2,
	'so that the table can be written');

# The hint about rows that are not MariaDB's does not lead to their loss.
$session->do("INSERT INTO whole.users (name) VALUES ('app')");
$answer = migrate('remote', 'missing', 'whole');
is($answer->{code}, '55000', 'rows of the application are not overwritten');
like($answer->{err}, qr/It has 3 rows in PostgreSQL, and 2 in ${\ Lab::Maria->product}/, 'both counts are reported');
like($answer->{err}, qr/option "except".*mariadb\.resync.*deletes all its rows/s,
	'the hint says what else can be done, and what "truncate" does');

#
# A name that something else has already is not the object that was to be made.
#
maria("DROP DATABASE IF EXISTS taken; CREATE DATABASE taken; USE taken;
	CREATE TABLE named (id INT PRIMARY KEY, a INT, b INT, KEY named_a (a), UNIQUE named_b (b));
	INSERT INTO named VALUES (1, 1, 1); " . (Lab::Maria->is_mysql ? '' : 'CREATE SEQUENCE named_s;') . "
	CREATE VIEW named_v AS SELECT id FROM named");
$session->do('CREATE SCHEMA taken; CREATE TABLE taken.other (z int); CREATE INDEX named_a ON taken.other (z);
	CREATE SEQUENCE taken.named_b; CREATE TABLE taken.named_pkey (q int); CREATE TABLE taken.named_s (q int);
	CREATE TABLE taken.named_v (q int)');
$answer = migrate('remote', 'taken', 'taken');
for my $object ('primary key named.named_pkey', 'unique index named.named_b', 'index named.named_a', 'view named_v')
{
	like($answer->{err}, qr/WARNING: .*could not create \Q$object\E: relation .* already exists/,
		"$object was not created, and is a problem");
}
like($answer->{err}, qr/finished; problems: [4-9]/, 'which are counted');
$session->do('DROP SCHEMA taken CASCADE; CREATE SCHEMA taken;
	CREATE TABLE taken.named (id int NOT NULL, a int, b int, PRIMARY KEY (id, a));
	CREATE INDEX named_b ON taken.named (b); CREATE INDEX named_a ON taken.named (a, b)');
$answer = migrate('remote', 'taken', 'taken');
like($answer->{err}, qr/WARNING: .*could not create primary key named\.named_pkey: multiple primary keys/,
	'nor is a primary key of other columns the wanted one');
like($answer->{err}, qr/WARNING: .*could not create unique index named\.named_b: relation .* already exists/,
	'nor an index that is not unique');
like($answer->{err}, qr/WARNING: .*could not create index named\.named_a: relation .* already exists/,
	'nor one of other columns');
$session->do('ALTER TABLE taken.named DROP CONSTRAINT named_pkey, ADD PRIMARY KEY (id); DROP INDEX taken.named_a, taken.named_b;
	CREATE INDEX named_a ON taken.named (a); CREATE UNIQUE INDEX named_b ON taken.named (b)');
$answer = migrate('remote', 'taken', 'taken');
unlike($answer->{err}, qr/could not create (?:primary key|index|unique index)/, 'but those that are there already are taken');
$session->do('DROP SCHEMA taken CASCADE');
maria(q{DROP DATABASE taken; CREATE DATABASE taken; USE taken;
	CREATE TABLE named (id INT PRIMARY KEY, kind ENUM('it''s', 'b\\\\x'), at TIMESTAMP DEFAULT NOW() ON UPDATE NOW());
	INSERT INTO named VALUES (1, 'it''s', '2020-01-01')});
for my $type (q{ENUM ('b\\x', 'it''s')}, q{ENUM ('it''s', 'b\\x', 'c')}, '(a int)')
{
	$session->do("CREATE SCHEMA taken; CREATE TYPE taken.named_kind AS $type");
	$answer = migrate('remote', 'taken', 'taken');
	like($answer->{err}, qr/WARNING: .*could not create enum named_kind: type .* already exists/,
		"type $type is not the wanted one");
	$session->do('DROP SCHEMA taken CASCADE');
}
my $nothing = q{() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'};
$session->do("CREATE SCHEMA taken; CREATE FUNCTION taken.named_on_update$nothing");
$answer = migrate('remote', 'taken', 'taken');
like($answer->{err}, qr/WARNING: .*could not create trigger named: function .* already exists/,
	'nor is a function of another text');
ends_with_problems($answer, 1, 'a function of the same name');
$session->do("DROP SCHEMA taken CASCADE; CREATE SCHEMA taken;
	CREATE TABLE taken.named (id int, kind text, at timestamp); CREATE FUNCTION taken.nothing$nothing;
	CREATE TRIGGER named_on_update BEFORE UPDATE ON taken.named FOR EACH ROW EXECUTE FUNCTION taken.nothing()");
$answer = migrate('remote', 'taken', 'taken');
like($answer->{err}, qr/WARNING: .*could not create trigger named: trigger .* already exists/,
	'nor a trigger that calls another function');
$session->do('DROP SCHEMA taken CASCADE');
for my $call ('first', 'second')
{
	$answer = migrate('remote', 'taken', 'taken');
	ends_with_problems($answer, 0, "what a run itself has made, in the $call call");
}
$session->do('DROP SCHEMA taken CASCADE');
maria('DROP DATABASE taken');

#
# A table that shares no column is one that differs, and no end of a call.
#
maria("DROP DATABASE IF EXISTS strange; CREATE DATABASE strange; USE strange;
	CREATE TABLE a (id INT PRIMARY KEY); INSERT INTO a VALUES (1), (2), (3);
	CREATE TABLE b (id INT PRIMARY KEY); INSERT INTO b VALUES (1)");
$session->do('CREATE SCHEMA strange; CREATE TABLE strange.a (other int);
	INSERT INTO strange.a VALUES (1); INSERT INTO strange.a VALUES (2); CREATE TABLE strange.b (id int PRIMARY KEY); INSERT INTO strange.b VALUES (1)');
$session->returns("SELECT string_agg(table_name || ' ' || status, ', ' ORDER BY table_name)
		FROM mariadb.verify('remote', 'strange', 'strange', level => '$_')",
	'a columns differ, b equal', "level $_ compares a table that shares no column") for qw(count digest stream rows);
$answer = $session->run("SELECT count(*) FROM mariadb.differences('remote', 'strange', 'strange')");
is($answer->{code}, '', 'so do differences') or diag($answer->{err});
for my $call (qw(repair resync))
{
	$answer = $session->run("SELECT * FROM mariadb.$call('remote', 'strange', 'strange')");
	like($answer->{err}, qr/WARNING: .*table "a" has no column in common with ${\ Lab::Maria->product}'s; it is skipped/, "$call leaves it as it is");
}
$session->returns('SELECT count(*) FROM strange.a', 2, 'and puts no rows in');
$session->do('DROP TABLE strange.a');
$answer = $session->run("SELECT * FROM mariadb.repair('remote', 'strange', 'strange')");
like($answer->{err}, qr/WARNING: .*table "a" does not exist; it is skipped/, 'repair reports a missing table');
$session->do('DROP SCHEMA strange CASCADE');
maria('DROP DATABASE strange');

# A name that cannot be found may be that of a hidden table.
$answer = migrate('m_one', 'missing', 'part', '{"tables": ["of_nobody"]}');
like($answer->{err}, qr/HV00R: table "of_nobody" does not exist.*HINT: +It may also be hidden from this account/s,
	'a name that may be hidden');
$answer = migrate('remote', 'missing', 'part', '{"tables": ["of_nobody"]}');
like($answer->{err}, qr/HV00R: table "of_nobody" does not exist/, 'a name that cannot be hidden');
unlike($answer->{err}, qr/hidden/, 'is not reported as hidden');

#
# Names with dots and quotes, beside tables that are skipped.
#
maria(q{CREATE DATABASE dots; USE dots;
	CREATE TABLE a (id INT PRIMARY KEY, k ENUM('x'));
	CREATE TABLE `a.b` (id INT AUTO_INCREMENT PRIMARY KEY, k ENUM('p'), c INT, KEY (c));
	CREATE TABLE `a.b.c` (id INT PRIMARY KEY, k ENUM('q'), c INT, KEY (c));
	CREATE TABLE `a"b` (id INT AUTO_INCREMENT PRIMARY KEY, `k"` ENUM('r', '"'));
	INSERT INTO `a.b` VALUES (1, 'p', 1); INSERT INTO `a"b` VALUES (1, '"')});
for my $tables ('["a"]', '["a.b"]', '["a.b.c"]', '["a\"b"]', '["a", "a.b.c"]', '["a.b", "a\"b"]')
{
	for my $option ('tables', 'except')
	{
		$answer = migrate('remote', 'dots', 'dots', qq({"$option": $tables}));
		ends_with_problems($answer, 0, "option $option, $tables");
		my $sign = $option eq 'tables' ? '=' : '<>';
		my $all = $option eq 'tables' ? 'ANY' : 'ALL';
		my $wanted = "SELECT DISTINCT table_name FROM mariadb.tables('remote', 'dots') WHERE table_name $sign $all
			(SELECT jsonb_array_elements_text('$tables'))";
		$session->returns("SELECT string_agg(relname::text, ' ' ORDER BY relname) =
				(SELECT string_agg(t::text, ' ' ORDER BY t::name) FROM ($wanted) w (t))
			FROM pg_class WHERE relnamespace = 'dots'::regnamespace AND relkind = 'r'", 't', 'creates these tables');
		$session->returns("SELECT count(*) FROM mariadb.verify_structure('remote', 'dots', 'dots', '{\"$option\": $tables}')
			WHERE status <> 'equal'", 0, 'whole');
		$session->do('DROP SCHEMA dots CASCADE');
	}
}
maria('DROP DATABASE dots');

#
# Types of an import.
#
maria("CREATE TABLE kinds (id INT PRIMARY KEY, kind ENUM('a', 'b'))");
$answer = $session->run('CREATE SCHEMA foreign_tables;
	IMPORT FOREIGN SCHEMA missing FROM SERVER remote INTO foreign_tables');
like($answer->{err}, qr/NOTICE: +00000: 1 enum type was created in schema "foreign_tables"/,
	'an import reports that types are in its schema');
like($answer->{err}, qr/mariadb\.create_enums\('remote', 'missing'/,
	'and how to have them elsewhere');
$session->do('DROP SCHEMA foreign_tables CASCADE; CREATE SCHEMA foreign_tables;
	CREATE SCHEMA kept;
	SELECT * FROM mariadb.create_enums(\'remote\', \'missing\', \'kept\')');
$answer = $session->run('IMPORT FOREIGN SCHEMA missing FROM SERVER remote INTO foreign_tables');
unlike($answer->{err}, qr/enum type/, 'types that are there already are used');
$session->do('CREATE TABLE kept.kinds (LIKE foreign_tables.kinds);
	DROP SCHEMA foreign_tables CASCADE');
$session->returns("SELECT count(*) FROM information_schema.columns
		WHERE table_schema = 'kept'", 2, 'and stay when the import goes');

$session->do('DROP OWNED BY missing_user; DROP ROLE missing_user');
maria("DROP USER $_\@'127.0.0.1'")
  for qw(m_none m_one m_odd m_col m_schema m_wild m_escaped m_role);
maria('DROP ROLE missing_role');

done_testing;
