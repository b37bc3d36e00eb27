# A target with generated columns that PostgreSQL 18 computes when they are read:
# nothing is stored in them, but their constraints and triggers hold.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $session = new_database('virtual_columns');
plan skip_all => 'before PostgreSQL 18 there are no virtual generated columns'
  if $session->value('SHOW server_version_num') < 180000;

maria('CREATE TABLE g (id int PRIMARY KEY, a int,
		twice int AS (a * 2) VIRTUAL, c varchar(20));
	INSERT INTO g (id, a, c) SELECT seq, seq, CONCAT("x", seq) FROM seq_1_to_1000');
$session->do(q{CREATE SCHEMA here;
	CREATE TABLE here.g (id int PRIMARY KEY, a int,
		twice int GENERATED ALWAYS AS (a * 2), c varchar(20),
		next int GENERATED ALWAYS AS (a + 1), e text DEFAULT 'e');
	CREATE TABLE fired (a int);
	CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS $$
	BEGIN
		INSERT INTO public.fired VALUES (new.a);
		RETURN NULL;
	END $$;
	CREATE TRIGGER fire AFTER INSERT ON here.g FOR EACH ROW
	WHEN (new.next > 999) EXECUTE FUNCTION fire()});
Lab::add_table($session, 'g', 'id int, a int, twice int, c varchar(20)');

my $copy = q{SELECT mariadb.copy('g', 'here.g')};
my $sums = '1000|1001000|501500|1000';
my $read = 'SELECT count(*), sum(twice), sum(next), count(e) FROM here.g';

$session->returns($copy, 1000, 'copied');
$session->returns($read, $sums, 'they are computed from what was copied');
$session->returns('SELECT * FROM fired ORDER BY 1', "999\n1000",
	'conditions of triggers see them');

# Their constraints.
for my $case (
	[ 'ADD CONSTRAINT k CHECK (twice < 1000)', '23514', 'DROP CONSTRAINT k', 499 ],
	[ 'ALTER twice SET NOT NULL', '23502', 'ALTER twice DROP NOT NULL', 999 ])
{
	my ($change, $code, $undo, $good) = @$case;

	$session->do('TRUNCATE here.g');
	$session->do("ALTER TABLE here.g $change");
	maria('UPDATE g SET a = NULL WHERE id = 1000') if $code eq '23502';
	$session->fails($copy, $code, undef, "$change: refused");
	$session->returns(q{SELECT mariadb.copy('g', 'here.g', '{"on_error": "reject"}')},
		$good, "$change: the others are copied");
	$session->do("ALTER TABLE here.g $undo");
}

# The whole way, into the table that is there.
maria('UPDATE g SET a = 1000 WHERE id = 1000');
$session->do('TRUNCATE here.g');
$session->do(q{SET client_min_messages = error;
	CALL mariadb.migrate('remote', 'virtual_columns', 'here', '{"workers": 0}')});
$session->returns($read, $sums, 'migrated');
my $verify = q{SELECT status FROM mariadb.verify('remote', 'virtual_columns', 'here', '%s')};
$session->do('ALTER TABLE here.g DROP next CASCADE, DROP e');
for my $level ('digest', 'stream', 'rows')
{
	$session->returns(sprintf($verify, $level), 'equal', "verified: $level");
}
$session->do('UPDATE here.g SET a = 3 WHERE id = 7; DELETE FROM here.g WHERE id = 9');
$session->returns(q{SELECT key, columns FROM mariadb.differences('remote', 'virtual_columns', 'here') ORDER BY 1},
	qq({"id": "7"}|{a,twice}\n{"id": "9"}|), 'differences in them are found');
$session->returns(q{SELECT inserted, updated FROM mariadb.resync('remote', 'virtual_columns', 'here')},
	'1|1', 'and gone after resync');
$session->returns(sprintf($verify, 'digest'), 'equal', 'then all is equal');

done_testing;
