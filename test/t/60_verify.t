# No damage to a row stays unseen, and none is seen where there is none.
#
# Two ways lead to the truth: MariaDB digests its rows itself, or they are
# streamed and decoded here.  Both must agree on every value of Types.pm, and
# each must find each kind of damage alone.
use strict;
use warnings;
use utf8;

use Encode qw(encode);
use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;
use Types;

binmode $_, ':utf8' for Test::More->builder->output,
  Test::More->builder->failure_output, Test::More->builder->todo_output;

my $prepare = "SET NAMES utf8mb4; SET sql_mode = '$sql_mode', time_zone = '+00:00';";

# Tables of random values that have a column which MariaDB cannot say exactly.
my %is_mixed = map { $_ => 1 } qw(numbers jsons geometries), has_column(qw(integers y2)) ? 'integers' : ();
my $finest = has_column(qw(numbers dc_65_38)) ? 'dc_65_38' : 'dc_65_30';
my $sql = Lab::Maria->is_mysql ? 'sql(sha256)' : 'sql';
my $session = new_database('verify');
run_here('CREATE SCHEMA remote; CREATE SCHEMA moved');

# Runs statements that damage a table, looks whether each level sees it, and
# undoes them; returns the levels that do not.  A statement that changes no
# row is a mistake of the test.
run_here(<<'SQL');
CREATE FUNCTION unseen(remote text, local text, tbl text, statements text[],
    levels text[] DEFAULT '{digest,stream}') RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    statement text;
    level text;
    found text := '';
    n bigint;
BEGIN
    FOREACH statement IN ARRAY statements LOOP
        EXECUTE statement;
        GET DIAGNOSTICS n = ROW_COUNT;
        IF n = 0 THEN
            RAISE SQLSTATE 'UNDO1' USING MESSAGE = 'changes nothing: ' || statement;
        END IF;
    END LOOP;
    FOREACH level IN ARRAY levels LOOP
        IF (SELECT status FROM mariadb.verify('remote', remote, local, level, ARRAY[tbl])) <> 'differs' THEN
            found := concat_ws(' ', found, 'not by', level, statements);
        END IF;
    END LOOP;
    RAISE SQLSTATE 'UNDO1' USING MESSAGE = found;
EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
    RETURN SQLERRM;
END $$;
-- What can happen to a column whatever its type: two rows exchange their
-- values, a value gets lost, and one comes from nowhere.
CREATE FUNCTION damages(local text) RETURNS TABLE (tbl name, col name, kind text, statement text)
LANGUAGE plpgsql AS $$
DECLARE
    n bigint;
    present bigint;
BEGIN
    FOR tbl, col IN
        SELECT relname, attname FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0
        WHERE relnamespace = local::regnamespace AND relkind = 'r' ORDER BY relname, attnum
    LOOP
        EXECUTE format('SELECT count(DISTINCT %1$I::text), count(*) FILTER (WHERE %1$I IS NULL) FROM %2$I.%3$I',
            col, local, tbl) INTO present, n;
        IF present > 1 THEN
            kind := 'swap';
            statement := format('UPDATE %2$I.%3$I a SET %1$I = b.%1$I FROM %2$I.%3$I b, (
                SELECT x.ctid AS i, y.ctid AS j FROM %2$I.%3$I x, %2$I.%3$I y
                WHERE x.%1$I::text <> y.%1$I::text AND x.%4$I::text <> y.%4$I::text LIMIT 1) p
                WHERE (a.ctid, b.ctid) IN ((p.i, p.j), (p.j, p.i))', col, local, tbl, other_column(local, tbl, col));
            RETURN NEXT;
        END IF;
        IF present > 0 THEN
            kind := 'lost';
            statement := format('UPDATE %2$I.%3$I SET %1$I = NULL WHERE ctid = (
                SELECT max(ctid) FROM %2$I.%3$I WHERE %1$I IS NOT NULL)', col, local, tbl);
            RETURN NEXT;
        END IF;
        IF present > 0 AND n > 0 THEN
            kind := 'invented';
            statement := format('UPDATE %2$I.%3$I SET %1$I = (SELECT %1$I FROM %2$I.%3$I WHERE %1$I IS NOT NULL LIMIT 1)
                WHERE ctid = (SELECT max(ctid) FROM %2$I.%3$I WHERE %1$I IS NULL)', col, local, tbl);
            RETURN NEXT;
        END IF;
    END LOOP;
END $$;
-- A column by which two rows still differ when they have exchanged a value.
CREATE FUNCTION other_column(local text, tbl text, col text) RETURNS name LANGUAGE sql AS $$
    SELECT attname FROM pg_attribute
    WHERE attrelid = format('%I.%I', local, tbl)::regclass AND attnum > 0 AND attname <> col ORDER BY attnum LIMIT 1 $$;
SQL

agree_on_all_types();
see_damage_of_all_columns('verify', 'moved', 400);
see_each_kind_of_damage();
see_damage_of_sample();
done_testing;

sub run_here { return $session->do(encode('UTF-8', $_[0]), 120) }
sub run_there { return maria(encode('UTF-8', "$prepare USE verify; $_[0]")) }

# Makes a table there and moves it here by its foreign table.
sub move_table
{
	my ($table) = @_;
	my $name = $table->{name};
	my $options = $table->{import} ? "OPTIONS ($table->{import})" : '';

	run_there(join ';', create_sql($table), fill_sql($table));
	run_here("IMPORT FOREIGN SCHEMA verify LIMIT TO ($name) FROM SERVER remote
		INTO remote $options; CREATE TABLE moved.$name AS SELECT * FROM remote.$name");
}

sub verify
{
	my ($columns, $more) = @_;

	return run_here("SELECT $columns FROM mariadb.verify('remote', 'verify', 'moved'"
		  . ($more ? ", $more" : '') . ')');
}

sub agree_on_all_types
{
	for my $table (tables())
	{
		my $name = $table->{name};

		move_table($table);
		for my $level ('digest', 'stream')
		{
			is(verify('status, method, remote_rows = local_rows',
				"'$level', tables => '{$name}'"),
				'equal|' . ($level eq 'stream' ? 'stream' : $sql . ($is_mixed{$name} ? '+stream' : '')) . '|t',
				"$name: equal by $level");
		}
	}

	# Few rows are enough to be damaged.
	for my $table (tables())
	{
		maria("DELETE FROM $table->{name} WHERE id > 150");
		run_here("DELETE FROM moved.$table->{name} WHERE id > 150");
	}
}

# Each column is damaged alone, by a swap and some in other ways, and then all
# ways are taken, several at once.
sub see_damage_of_all_columns
{
	my ($remote, $local, $least) = @_;

	run_here("CREATE TABLE public.$local AS SELECT *, row_number() OVER () AS n FROM damages('$local')");
	my $count = run_here("SELECT count(*) FROM public.$local");
	cmp_ok($count, '>=', $least, "$local: $count kinds of damage");
	is(run_here("SELECT unseen('$remote', '$local', tbl, ARRAY[statement],
			CASE n % 5 WHEN 0 THEN '{digest,stream}' ELSE '{digest}' END::text[]) AS u
		FROM public.$local WHERE kind = 'swap' OR n % 5 = 0 ORDER BY u DESC LIMIT 1"),
		'', "$local: each alone is seen");
	is(run_here("SELECT unseen('$remote', '$local', tbl, array_agg(statement)) AS u
		FROM (SELECT *, n % 5 AS part FROM public.$local) x GROUP BY tbl, part ORDER BY u DESC LIMIT 1"),
		'', "$local: so are several at once");
	is(run_here("SELECT string_agg(table_name, ' ') FROM mariadb.verify('remote', '$remote', '$local')
		WHERE status <> 'equal'"), '', "$local: without damage none is seen");
}

# The first row of a table where a condition holds.
sub first_where
{
	my ($table, $condition) = @_;

	return "WHERE ctid = (SELECT min(ctid) FROM moved.$table WHERE $condition)";
}

# What damage there is beside that, by a column's type and by the row.
sub see_each_kind_of_damage
{
	my $row = 'WHERE id = 100';
	my @damages = (
		['integers', 'two errors that cancel',
			'UPDATE moved.integers SET bz = bz + 1 ' . first_where('integers', 'bz < 1000'),
			'UPDATE moved.integers SET bz = bz - 1 ' . first_where('integers', 'bz BETWEEN 1000 AND 1e9')],
		['integers', 'two errors in a row that cancel',
			'UPDATE moved.integers SET ii = ii - 1, bi = bi + 1 ' . first_where('integers', 'ii BETWEEN -9e8 AND 9e8 AND bi BETWEEN -9e8 AND 9e8')],
		['integers', 'values that change columns',
			'UPDATE moved.integers SET si = mi, mi = si ' . first_where('integers', 'mi BETWEEN -9999 AND 9999 AND si <> mi')],
		['integers', 'a boolean', "UPDATE moved.integers SET bo = NOT bo $row"],
		['integers', 'a missing row', "DELETE FROM moved.integers $row"],
		['integers', 'a row twice', "INSERT INTO moved.integers SELECT * FROM moved.integers $row"],
		['integers', 'a row in place of another', "DELETE FROM moved.integers $row",
			'INSERT INTO moved.integers SELECT * FROM moved.integers WHERE id = 99'],
		['integers', 'another key', "UPDATE moved.integers SET id = 100000 $row"],
		['numbers', 'the last bit of a double',
			'UPDATE moved.numbers SET db = next_double(db) ' . first_where('numbers', 'abs(db) > 1')],
		['numbers', 'the sign of a zero', 'UPDATE moved.numbers SET db = -db ' . first_where('numbers', 'db = 0')],
		['numbers', 'the last digit of a decimal',
			"UPDATE moved.numbers SET $finest = $finest + 1e-@{[ $finest =~ /(\d+)$/ ]} " . first_where('numbers', "$finest = 0")],
		['numbers', 'the sign of a decimal',
			'UPDATE moved.numbers SET dc_10_2 = -dc_10_2 ' . first_where('numbers', 'dc_10_2 > 0')],
		['times', 'a microsecond', q{UPDATE moved.times SET dt6 = dt6 + interval '1 us' } . first_where('times', 'dt6 IS NOT NULL')],
		['times', 'a millisecond', q{UPDATE moved.times SET ts3 = ts3 + interval '1 ms' } . first_where('times', 'ts3 IS NOT NULL')],
		['times', 'a microsecond of a time', q{UPDATE moved.times SET tm6 = tm6 + interval '1 us' } . first_where('times', q{tm6 < '23:00'})],
		['times', 'a day', q{UPDATE moved.times SET da = da + 1 WHERE da = '1900-02-28'}],
		['times', 'a zone', q{UPDATE moved.times SET ts0 = ts0 + interval '1 h'}],
		['times', 'an infinite date', q{UPDATE moved.times SET da = '-infinity' } . first_where('times', 'da IS NOT NULL')],
		['intervals', 'a sign', 'UPDATE moved.intervals SET tm6 = -tm6 ' . first_where('intervals', q{tm6 <> '0'})],
		['intervals', 'a day for its hours', q{UPDATE moved.intervals SET tm0 = '1 day' } . first_where('intervals', q{tm0 = '24:00'})],
		['texts', 'NULL for nothing', q{UPDATE moved.texts SET vc = NULL WHERE vc = ''}],
		['texts', 'nothing for NULL', q{UPDATE moved.texts SET vc = '' WHERE vc IS NULL}],
		['texts', 'a blank at the end', q{UPDATE moved.texts SET tx = tx || ' ' WHERE tx = 'a'}],
		['texts', 'no blanks at the end', q{UPDATE moved.texts SET vc = rtrim(vc) WHERE vc = 'ab  '}],
		['texts', 'the case of a letter', q{UPDATE moved.texts SET vc = 'A' WHERE vc = 'a'}],
		['texts', 'an accent', q{UPDATE moved.texts SET vc = 'e€' WHERE vc = 'é€'}],
		['texts', 'another form of a letter', qq{UPDATE moved.texts SET vc = '\x{e9}' WHERE vc = 'e\x{301}'}],
		['texts', 'a letter that changes columns',
			'UPDATE moved.texts SET tt = tt || left(tx, 1), tx = substr(tx, 2) ' . first_where('texts', q{tt <> '' AND length(tx) > 2})],
		['texts', 'a text cut off', 'UPDATE moved.texts SET lt = left(lt, -1) ' . first_where('texts', 'length(lt) > 60000')],
		['bytes', 'a byte', 'UPDATE moved.bytes SET lb = set_byte(lb, 299999, 1) ' . first_where('bytes', 'length(lb) = 300000')],
		['bytes', 'a zero byte less', q{UPDATE moved.bytes SET vb = '\x00' WHERE vb = '\x0000'}],
		['bytes', 'NULL for nothing', q{UPDATE moved.bytes SET bb = NULL WHERE bb = ''}],
		['enums', 'another label', q{UPDATE moved.enums SET e2 = 'b' } . first_where('enums', q{e2 = 'a'})],
		['enums', 'the case of a label', q{UPDATE moved.enums SET ecase = 'A' } . first_where('enums', q{ecase = 'a'})],
		['enums', 'an empty member', q{UPDATE moved.enums SET s3 = '{""}' } . first_where('enums', q{s3 = '{}'})],
		['enums', 'the order of members', q{UPDATE moved.enums SET s3 = '{b,a}' } . first_where('enums', q{s3 = '{a,b}'})],
		['jsons', 'NULL for null', q{UPDATE moved.jsons SET js = NULL WHERE js = 'null'}],
		['jsons', 'a digit', q{UPDATE moved.jsons SET js = '1.51' WHERE js = '1.50'}],
		has_column(qw(others i4))
		? ['others', 'an address with a mask', q{UPDATE moved.others SET i4 = '127.0.0.1/8' WHERE i4 = '127.0.0.1'}] : (),
		['bits', 'a bit', 'UPDATE moved.bits SET b64 = set_bit(b64, 63, 1 - get_bit(b64, 63)) ' . first_where('bits', 'b64 IS NOT NULL')]);

	# The numbers on either side of a double are further away than half of this.
	run_here('CREATE FUNCTION next_double(float8) RETURNS float8 LANGUAGE sql AS
		$$ SELECT $1 * (1 + 2.220446049250313e-16) $$');
	for my $damage (@damages)
	{
		my ($table, $name, @statements) = @$damage;
		my $array = join ', ', map { "\$s\$$_\$s\$" } @statements;

		is(run_here("SELECT unseen('verify', 'moved', '$table', ARRAY[$array])"), '', $name);
	}
}

# The sample, copied by hand.
sub see_damage_of_sample
{
	system("'$Bin/../sample/load.sh' verify_sample") == 0
	  or die 'could not load the sample';
	run_here('CREATE SCHEMA from_sample; CREATE SCHEMA sample;
		IMPORT FOREIGN SCHEMA verify_sample FROM SERVER remote INTO from_sample');
	run_here("CREATE TABLE sample.$_ AS SELECT * FROM from_sample.$_")
	  for split /\n/, run_here("SELECT quote_ident(table_name)
		FROM mariadb.tables('remote', 'verify_sample') WHERE kind = 'BASE TABLE'");
	see_damage_of_all_columns('verify_sample', 'sample', 200);
}
