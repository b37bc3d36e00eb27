# One table that cannot be compared ends no call about all of them: a row of the
# outcome says what is wrong with it, and the others are compared and repaired.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $session = new_database('failing');

maria(q{
	CREATE TABLE a (id INT PRIMARY KEY, v INT); CREATE TABLE bad (id INT PRIMARY KEY, v VARBINARY(9));
	CREATE TABLE val (id INT PRIMARY KEY, d VARCHAR(20)); CREATE TABLE z (id INT PRIMARY KEY, v INT);
	INSERT INTO a VALUES (1, 1), (2, 2); INSERT INTO bad VALUES (1, x'61');
	INSERT INTO val VALUES (1, '2026-01-01'); INSERT INTO z VALUES (1, 1), (2, 2)});
$session->do(q{CALL mariadb.migrate('remote', 'failing', 's')});

# A type that cannot hold the column, a value that cannot be read, and between
# them rows that differ.
maria(q{UPDATE val SET d = 'never' WHERE id = 1});
$session->do(q{ALTER TABLE s.bad DROP COLUMN v; ALTER TABLE s.bad ADD COLUMN v point;
	ALTER TABLE s.val ALTER COLUMN d TYPE date USING NULL});
my $bad = 'error: column "v" of type point cannot hold ' . Lab::Maria->product . ' type binary';
my $value = 'error: invalid input syntax for type date: "never"';

sub damage { $session->do('UPDATE s.a SET v = 7 WHERE id = 2; DELETE FROM s.z WHERE id = 1') }

# Where the value is that cannot be read is reported, whoever reads it.
for my $call ("verify('remote', 'failing', 's')", "verify('remote', 'failing', 's', level => 'stream')",
	"verify('remote', 'failing', 's', level => 'rows')", "differences('remote', 'failing', 's')", "repair('remote', 'failing', 's')",
	"repair('remote', 'failing', 's', apply => true)", "resync('remote', 'failing', 's')")
{
	my $err = $session->run("BEGIN; SELECT * FROM mariadb.$call; ROLLBACK")->{err};

	# Where MariaDB hashes what it can say, the key is not among what is read.
	my $key = $call =~ /^verify/ && $call !~ /stream/ ? '' : ', key .id.=.*1';
	like($err, qr/WARNING: +22007: table "val": invalid input syntax for type date: "never"\nDETAIL: +(?:(?:MariaDB|MySQL)[^\n]*\n)?column "d" of [^\n]*val[^\n]*, row 1$key/m,
		"$call names column and row");
	unlike($err, qr/DETAIL:(?:(?!^\S+:)[^\0])*PL.pgSQL/m, 'without those that have called it') or diag($err);
}

damage();
for my $case (['count', 'equal|equal|equal|differs'], ['stream', "differs|$bad|$value|differs"],
	['digest', "differs|$bad|$value|differs"], ['rows', "differs|$bad|$value|differs"])
{
	my ($level, $statuses) = @$case;

	$session->returns("SELECT string_agg(status, '|' ORDER BY table_name)
			FROM mariadb.verify('remote', 'failing', 's', level => '$level')",
		$statuses, "verify, level $level");
}
$session->fails(q{SELECT * FROM mariadb.verify('remote', 'failing', 's', fail => true)}, '22000', undef,
	'verify fails for a script');
$session->returns(q{SELECT string_agg(concat_ws(' ', table_name, key ->> 'id', kind), '|' ORDER BY table_name)
		FROM mariadb.differences('remote', 'failing', 's')},
	"a 2 differs|bad $bad|val $value|z 1 missing here", 'differences');
$session->returns(q{SELECT string_agg(concat_ws(' ', table_name, left(statement, 6), status), '|' ORDER BY table_name)
		FROM mariadb.repair('remote', 'failing', 's') WHERE table_name IS NOT NULL},
	"a UPDATE not applied|bad $bad|val $value|z INSERT not applied", 'repair prints');
for my $call ('repair(%s)', 'repair(%s, apply => true)', 'resync(%s)')
{
	my $args = "'remote', 'failing', 's', fail => true";
	my $name = sprintf $call, $args;

	$session->fails("SELECT * FROM mariadb.$name", '22000',
		qr/tables of schema "s" differ from those of ${\ Lab::Maria->product} schema "failing".*DETAIL: +bad: \Q$bad\E\nval: \Q$value\E\nHINT/s,
		"$name fails for a script");
	$session->returns('SELECT (SELECT v FROM s.a WHERE id = 2), (SELECT count(*) FROM s.z)', '7|1', 'and keeps nothing');
	$name =~ s/, fail/, tables => '{a,z}', fail/;
	$session->do("BEGIN; SELECT * FROM mariadb.$name; ROLLBACK");
}
$session->returns(q{SELECT string_agg(concat_ws(' ', table_name, left(statement, 6), status), '|' ORDER BY table_name)
		FROM mariadb.repair('remote', 'failing', 's', apply => true)},
	"a UPDATE applied|bad $bad|val $value|z INSERT applied", 'repair applies');
$session->returns(q{SELECT string_agg(table_name || ' ' || v.status, '|' ORDER BY table_name)
		FROM mariadb.verify('remote', 'failing', 's') v},
	"a equal|bad $bad|val $value|z equal", 'and the others are equal');

damage();
my $answer = $session->run(q{SELECT * FROM mariadb.resync('remote', 'failing', 's')});
is($answer->{code}, '', 'resync ends');
like($answer->{err}, qr/WARNING: +22007: table "val": invalid input syntax.*WARNING|WARNING.*WARNING: +22007: table "val": invalid input syntax/s,
	'and warns of each table that it leaves');
damage();
$session->returns(q{SELECT string_agg(concat_ws(' ', table_name, inserted, updated, deleted, status), '|' ORDER BY table_name)
		FROM mariadb.resync('remote', 'failing', 's')},
	"a 0 1 0 done|bad $bad|val $value|z 1 0 0 done", 'resync');
$session->returns(q{SELECT string_agg(concat_ws(' ', table_name, kind), '|' ORDER BY table_name)
		FROM mariadb.differences('remote', 'failing', 's')},
	"bad $bad|val $value", 'and no others differ');

# What a table has written is undone with it, and the next continues.
maria(q{DROP TABLE bad; UPDATE val SET d = '2026-01-01'; INSERT INTO a VALUES (3, 3), (4, -4); INSERT INTO z VALUES (3, 3)});
$session->do('DROP TABLE s.bad; ALTER TABLE s.val ALTER COLUMN d TYPE varchar(20);
	UPDATE s.val SET d = \'2026-01-01\'; ALTER TABLE s.a ADD CONSTRAINT positive CHECK (v > 0)');
$session->returns(q{SELECT string_agg(concat_ws(' ', table_name, inserted, status), '|' ORDER BY table_name)
		FROM mariadb.resync('remote', 'failing', 's')},
	'a error: new row for relation "a" violates check constraint "positive"|val 0 done|z 1 done',
	'resync of a table that refuses a row');
$session->returns('SELECT string_agg(id::text, \',\' ORDER BY id) FROM s.a', '1,2', 'its other rows are not written');
$session->returns('SELECT string_agg(id::text, \',\' ORDER BY id) FROM s.z', '1,2,3', 'but those of the next table are');

# A script hears of what is not there, is not all there, or stays by itself.
maria('CREATE TABLE late (id INT PRIMARY KEY); CREATE TABLE twice (id INT PRIMARY KEY, v INT AS (id * 2) STORED);
	INSERT INTO twice (id) VALUES (1)');
$session->do('CREATE TABLE s.twice (id int PRIMARY KEY, v int GENERATED ALWAYS AS (id * 3) STORED); INSERT INTO s.twice VALUES (1);
	ALTER TABLE s.z ADD COLUMN more int');
for my $call ('repair', 'resync')
{
	my $generated = $call eq 'resync' ? 'generated columns differ' : 'differs only in generated columns, which no statement can change';

	$session->fails("SELECT * FROM mariadb.$call('remote', 'failing', 's', '{late,twice,z}', fail => true)", '22000',
		qr/DETAIL: +late: missing here\nz: columns differ\ntwice: $generated\nHINT/, "$call of three odd tables");
	$session->returns("SELECT status FROM mariadb.$call('remote', 'failing', 's', '{twice}') WHERE table_name = 'twice'", $generated,
		"$call without fail");
}
maria(q{CREATE OR REPLACE USER failing_half IDENTIFIED BY 'x'; GRANT SELECT (id) ON failing.a TO failing_half});
Lab::add_server($session, 'half', username => 'failing_half', password => 'x');
$session->fails("SELECT * FROM mariadb.$_('half', 'failing', 's', fail => true)", '42501',
	qr/could not compare all of ${\ Lab::Maria->product} schema "failing"/, "$_ of what the account may not see") for 'repair', 'resync';
maria('DROP USER failing_half');

# What is no matter of one table still ends the call.
$session->fails(q{SELECT * FROM mariadb.differences('remote', 'nowhere', 's')}, 'HV00Q', undef, 'no schema');
done_testing;
