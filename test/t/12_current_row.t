# Does a row survive what runs between two of its columns?  A domain's check
# is the user's, and may read from the same server on the same connection,
# whose buffer the row lies in.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $session = new_database('current_row');
my $server = $session->value('SELECT pg_postmaster_start_time()');
my $rows = 2000;

# Rows of which each column says the number of the row, and others that are
# long enough to be written over them.
maria("CREATE TABLE t (id INT PRIMARY KEY, n INT, a TEXT, b DATETIME, c BIGINT, d TEXT, e INT, f DOUBLE);
	INSERT INTO t SELECT seq, seq, CONCAT('a', seq), TIMESTAMP('2000-01-01') + INTERVAL seq MINUTE, seq, REPEAT(CONCAT('d', seq, ' '), 20), seq, seq
		FROM seq_1_to_$rows;
	CREATE TABLE other (id INT PRIMARY KEY, v TEXT);
	INSERT INTO other SELECT seq, REPEAT(CHAR(64 + seq), 300) FROM seq_1_to_20");
Lab::add_table($session, 'other', 'id int, v text');

# Each check reads rows of the other table, some to the end and some not.
$session->do(<<'SQL');
CREATE FUNCTION look(wanted int) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE
    r record;
BEGIN
    IF wanted % 97 <> 0 AND wanted > 5 THEN
        RETURN true;
    END IF;
    FOR r IN SELECT * FROM public.other ORDER BY id + 0 LOOP
        EXIT WHEN r.id > wanted % 20;
    END LOOP;
    RETURN (SELECT count(v) FROM public.other) = 20;
END
$$;
CREATE DOMAIN looking_int AS int CHECK (look(VALUE));
CREATE DOMAIN looking_float AS double precision CHECK (look(VALUE::int));
CREATE DOMAIN looking_bigint AS bigint CHECK (look(VALUE::int));
CREATE DOMAIN looking_text AS text CHECK (look(substr(VALUE, 2)::int));
CREATE DOMAIN looking_time AS timestamp CHECK (look((extract(epoch FROM VALUE - '2000-01-01') / 60)::int));
CREATE TYPE looking_row AS (x looking_int);
SQL

my $columns = 'id int, n looking_int, a looking_text, b looking_time, c looking_bigint, f looking_float, d text, e int';
my $right = "id = n AND a = 'a' || id AND b = timestamp '2000-01-01' + id * interval '1 min'
	AND c = id AND f = id AND d = repeat('d' || id || ' ', 20) AND e = id";

Lab::add_table($session, 't', $columns);
$session->do(q{ALTER FOREIGN TABLE t ALTER id OPTIONS (ADD key '1')});

sub holds_all
{
	my ($table, $name) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	$session->returns("SELECT count(*), count(DISTINCT id) FROM $table WHERE $right", "$rows|$rows", $name, 60);
}

holds_all('t', 'a scan reads each value of its own row');
$session->returns("SELECT count(*) FROM t WHERE NOT ($right)", 0, 'and no other', 60);
$session->returns(qq{SELECT count(*) FROM mariadb.query('remote', 'SELECT id, n, a, b, c, f, d, e FROM current_row.t')
	AS t ($columns) WHERE $right}, $rows, 'so does a query', 60);

# A type that holds a domain checks it in its input function.
maria(q{CREATE VIEW boxed AS SELECT id, CONCAT('(', n, ')') AS n, CONCAT('{', n, '}') AS m, a, d, e FROM t});
Lab::add_table($session, 'boxed', 'id int, n looking_row, m looking_int[], a text, d text, e int');
$session->returns("SELECT count(*) FROM boxed WHERE id = (n).x AND m = ARRAY[id]::looking_int[] AND a = 'a' || id
	AND d = repeat('d' || id || ' ', 20) AND e = id", $rows, 'so does a scan of rows and arrays that hold a domain', 60);

# Into tables: straight into the heap, by INSERT ... SELECT, by hand.
$session->do("CREATE TABLE plain ($columns); CREATE TABLE checked (LIKE plain)");
$session->returns(q{SELECT mariadb.copy('t', 'plain')}, $rows, 'a copy ends', 60);
holds_all('plain', 'and stores each value in its own row');
$session->do(q{CREATE FUNCTION look_at(n int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT CASE WHEN public.look(n) THEN n END'});
$session->do(q{ALTER TABLE checked ADD g int GENERATED ALWAYS AS (look_at(e)) STORED, ADD CHECK (look(e))});
$session->returns(q{SELECT mariadb.copy('t', 'checked')}, $rows, 'a copy with a generated column and a check ends', 60);
holds_all('checked', 'and stores each value in its own row');
$session->returns('SELECT count(*) FROM checked WHERE g = id', $rows, 'the generated column too');
$session->do(q{CREATE TABLE triggered (LIKE plain);
	CREATE FUNCTION triggered() RETURNS trigger LANGUAGE plpgsql AS
		'BEGIN IF NOT look(NEW.e) THEN RETURN NULL; END IF; RETURN NEW; END';
	CREATE TRIGGER triggered BEFORE INSERT ON triggered FOR EACH ROW EXECUTE FUNCTION triggered()});
$session->returns(q{SELECT mariadb.copy('t', 'triggered')}, $rows, 'a copy past a trigger ends', 60);
holds_all('triggered', 'and stores each value in its own row');
$session->do('CREATE TABLE inserted (LIKE plain); INSERT INTO inserted SELECT * FROM t', 60);
holds_all('inserted', 'so does INSERT ... SELECT');

# A row that is refused keeps its key and value, although its check has read.
$session->do(q{CREATE DOMAIN picky_int AS int CHECK (look(VALUE) AND VALUE <> 97);
	CREATE TABLE picky (id int PRIMARY KEY, n picky_int, a text, d text, e int)});
$session->fails(q{SELECT mariadb.copy('t', 'picky', '{"skip_unmatched": true}')}, '23514',
	qr/${\ Lab::Maria->product} int value "97"\n.*row 97, key \(id\)=\("97"\)/s, 'an error shows its own row');
$session->returns(q{SELECT mariadb.copy('t', 'picky', '{"skip_unmatched": true, "on_error": "reject"}')}, $rows - 1,
	'the others are stored', 60);
$session->returns(q{SELECT "key", condition, column_name, value FROM mariadb.reject}, q({"id": "97"}|`id` = 97|n|97),
	'the rejected row is reported with its own key');
$session->do('DELETE FROM mariadb.reject');

# A check that fails on the server gives up what the scan still wants.
$session->do(q{CREATE FUNCTION fail_there(n int) RETURNS bool LANGUAGE plpgsql AS $$
	BEGIN
		IF n % 500 = 0 THEN
			BEGIN
				PERFORM * FROM mariadb.query('remote', 'SELECT * FROM nothing.at_all') AS q (i int);
			EXCEPTION WHEN OTHERS THEN
				NULL;
			END;
		END IF;
		RETURN true;
	END $$;
	CREATE DOMAIN failing_int AS int CHECK (fail_there(VALUE))});
Lab::add_table($session, 'failing', 'id int, n failing_int, a text, d text, e int', table_name => 't');
$session->returns("SELECT count(*) FROM failing WHERE n = id AND a = 'a' || id AND d = repeat('d' || id || ' ', 20) AND e = id",
	$rows, 'a row survives an error on the server that its check has caught', 60);

# A move into tables that are there, and the comparison of both sides.
maria('CREATE DATABASE IF NOT EXISTS current_row_source; DROP TABLE IF EXISTS current_row_source.t;
	CREATE TABLE current_row_source.t LIKE t; INSERT INTO current_row_source.t SELECT * FROM t');
$session->do("CREATE SCHEMA target; CREATE TABLE target.t ($columns, PRIMARY KEY (id))");
$session->do(q{CALL mariadb.migrate('remote', 'current_row_source', 'target', '{"data_only": true, "workers": 1}')}, 120);
holds_all('target.t', 'a move stores each value in its own row');
my $method = Lab::Maria->is_mysql ? 'sql(sha256)+stream' : 'sql+stream';
for my $level ('count', 'digest', 'rows')
{
	$session->returns("SELECT table_name, method, status FROM mariadb.verify('remote', 'current_row_source', 'target', level => '$level')",
		't|' . ($level eq 'count' ? 'count' : $method) . '|equal', "both sides are equal by $level", 60);
}
maria(q{UPDATE current_row_source.t SET d = 'changed' WHERE id = 1940});
$session->returns(q{SELECT table_name, status FROM mariadb.verify('remote', 'current_row_source', 'target')},
	't|differs', 'a change is seen', 60);
$session->returns(q{SELECT kind, "key" FROM mariadb.differences('remote', 'current_row_source', 'target')},
	'differs|{"id": "1940"}', 'and shown', 60);
$session->returns(qq{SELECT equal FROM mariadb.compare_query('remote', 'SELECT id, n, a, b, c, f, d, e FROM current_row.t', 'SELECT * FROM plain')},
	't', 'a compared query too', 60);

$session->returns('SELECT pg_postmaster_start_time()', $server, 'the server lives');

done_testing;
