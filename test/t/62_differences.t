# Every kind of damage is found, reported with its key and columns, and repaired;
# and a source that went on changing is followed.
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
my $packet = maria('SELECT @@GLOBAL.max_allowed_packet');
my $database;
my $session;

# Keys of many kinds: the columns of the key, and one row's values by a number.
my @keys = (
	['integers', 'k INT', 'k', 'seq'],
	['smallints', 'k SMALLINT', 'k', 'CAST(seq AS SIGNED) - 200'],
	['sparse', 'k BIGINT', 'k', 'CAST(seq AS SIGNED) * 1000000007 - 200000000000'],
	['widest', 'k BIGINT', 'k', "IF(seq = 1, -9223372036854775808, IF(seq = 2, 9223372036854775807, seq))"],
	['bigints', 'k BIGINT UNSIGNED', 'k', '18446744073709551615 - seq'],
	['general', 'k VARCHAR(40) COLLATE utf8mb4_general_ci', 'k', "CONCAT('É ', seq, 'ß')"],
	['binary_text', 'k VARCHAR(40) COLLATE utf8mb4_bin', 'k', "CONCAT(IF(seq % 2, 'a', 'A'), seq DIV 2)"],
	['unicode', 'k VARCHAR(40) COLLATE utf8mb4_unicode_ci', 'k', "CONCAT('😀', seq)"],
	['uuids', Lab::has_type('UUID') ? 'k UUID' : 'k CHAR(36)', 'k', "CONCAT('123e4567-e89b-12d3-a456-', LPAD(seq, 12, '0'))"],
	['bytes_key', 'k BINARY(16)', 'k', 'UNHEX(MD5(seq))'],
	['dates', 'k DATE', 'k', "DATE_ADD('1900-01-01', INTERVAL seq DAY)"],
	['moments', 'k DATETIME(6)', 'k', "DATE_ADD('2000-01-01 00:00:00.000000', INTERVAL seq MICROSECOND)"],
	['decimals', 'k DECIMAL(20,5)', 'k', 'seq / 7'],
	['composite', 'a INT, b VARCHAR(20)', 'a, b', "seq % 10, CONCAT('b', seq)"],
	['keyless', 'a INT, b VARCHAR(20)', '', "seq % 10, CONCAT('b', seq % 20)"]);

maria('SET GLOBAL max_allowed_packet = 268435456');
END { maria("SET GLOBAL max_allowed_packet = $packet") if $packet }

damage_sample();
damage_all_types();
damage_all_keys();
find_few_in_a_million();
done_testing;

sub begin
{
	($database) = @_;
	$session->quit if $session;
	$session = new_database($database);
}

sub run_here { return $session->do(encode('UTF-8', $_[0]), 120) }
sub run_there { return maria(encode('UTF-8', "$prepare USE $database; $_[0]")) }
sub name_here { return '"' . ($_[0] =~ s/"/""/gr) . '"' }

# A call of one of the functions under test, about some tables or all.
sub call
{
	my ($function, $more, @tables) = @_;
	my $tables = @tables ? "ARRAY['" . join("', '", @tables) . "']" : 'NULL';

	return "mariadb.$function('remote', '$database', 'moved', tables => $tables$more)";
}

sub move
{
	my ($options) = @_;

	run_here("CALL mariadb.migrate('remote', '$database', 'moved', '$options')");
}

# What is found: a line "table kind key columns times" for each difference.
sub found
{
	my (@tables) = @_;

	return run_here(q{SELECT line FROM (SELECT concat_ws(' ', table_name, kind,
			key::text, columns::text, nullif(times, 1)) FROM }
		  . call('differences', '', @tables) . ') AS f (line) ORDER BY line COLLATE "C"');
}

sub is_equal
{
	my ($name, @tables) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $verified = run_here('SELECT table_name, status FROM ' . call('verify', '', @tables)
		  . " WHERE status <> 'equal'");

	is(found(@tables) . $verified, '', $name);
}

# Mends by statements in a transaction that is undone, and then by a resync.
sub repair_by_both
{
	my ($name, @tables) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	run_here('BEGIN');
	run_here('SELECT count(*) FROM ' . call('repair', ', apply => true', @tables));
	is_equal("$name: repair leaves nothing", @tables);
	run_here('ROLLBACK');
	run_here('SELECT * FROM ' . call('resync', '', @tables));
	is_equal("$name: resync leaves nothing", @tables);
}

# Damages one thing at a time, and then all of them; each is a name, the SQL,
# and what is to be found.
sub damage
{
	my ($what, @damages) = @_;
	my @all;

	is_equal("$what: nothing is found where there is nothing");
	for my $damage (@damages)
	{
		my ($name, $sql, @expected) = @$damage;

		run_here("SET session_replication_role = replica; $sql;
			RESET session_replication_role");
		is(found(), join("\n", sort @expected), "$what: $name");
		push @all, @$damage[2 .. $#$damage];
		repair_by_both("$what: $name");
	}
	run_here("SET session_replication_role = replica; "
		  . join('; ', map { $_->[1] } @damages)
		  . '; RESET session_replication_role');
	isnt(found(), '', "$what: all damages at once");
	repair_by_both("$what: all damages at once");
}

# A statement about the user with a number.
sub set_user
{
	my ($set, $number) = @_;

	return "UPDATE moved.users SET $set WHERE id = 'u" . ($number // 1) . "'";
}

sub damage_sample
{
	begin('damaged');
	system("$Bin/../sample/load.sh", 'damaged') == 0 or die 'could not load the sample';
	run_there(join ';', map { "INSERT INTO users (id, name, email, updated_at, created_at, wake_up_at)
		VALUES ('u$_', 'Name $_', 'u$_\@x', '2024-01-01', '2024-01-01 00:00:00.001', '08:00:00')" } 1 .. 3);
	move('{}');
	my $differs = sub { 'users differs {"id": "u' . ($_[1] // 1) . qq("} {$_[0]}) };
	my $missing = sub { qq(users missing $_[0] {"id": "$_[1]"}) };

	damage('sample',
		['a letter\'s case', set_user("name = 'name 1'"), $differs->('name')],
		['a trailing blank', set_user("name = 'Name 2 '", 2), $differs->('name', 2)],
		['empty against NULL', set_user("image = ''", 2), $differs->('image', 2)],
		['NULL against a text', set_user('name = NULL', 3), $differs->('name', 3)],
		['a value in the neighbouring column', set_user('name = NULL, image = name'),
			$differs->('name,image')],
		['values of two rows exchanged', set_user("name = 'Name 3'", 2) . ';' . set_user("name = 'Name 2'", 3),
			$differs->('name', 2), $differs->('name', 3)],
		['unique values of two rows exchanged', set_user("email = 'x'") . ';'
			  . set_user("email = 'u1\@x'", 2) . ';' . set_user("email = 'u2\@x'"),
			$differs->('email'), $differs->('email', 2)],
		['two errors that cancel', set_user('login_count = 1') . ';' . set_user('login_count = -1', 2),
			$differs->('login_count'), $differs->('login_count', 2)],
		['a millisecond', set_user("created_at = created_at + '1 ms'"), $differs->('created_at')],
		['a value of an enum', set_user("role = 'admin'"), $differs->('role')],
		['a changed key', set_user("id = 'U1'"), $missing->('here', 'u1'), $missing->('there', 'U1')],
		['a missing row', "DELETE FROM moved.users WHERE id = 'u3'", $missing->('here', 'u3')],
		['an extra row', "INSERT INTO moved.users (id, email, updated_at) VALUES ('u4', 'u4', '2024-01-01')",
			$missing->('there', 'u4')],
		['a row of an implicit table', 'DELETE FROM moved."_TagToUser" WHERE ctid = (SELECT min(ctid) FROM moved."_TagToUser");
			DELETE FROM moved.users WHERE id = \'u2\'',
			'_TagToUser missing here', $missing->('here', 'u2')]);
	follow_sample();
}

# The source changes: rows added, changed, deleted, and a key changed.
sub follow_sample
{
	run_there("UPDATE users SET name = 'changed', email = 'new\@x' WHERE id = 'u1';
		UPDATE users SET id = 'u2b', email = 'u1\@x' WHERE id = 'u2';
		DELETE FROM users WHERE id = 'u3';
		INSERT INTO users (id, email, updated_at) VALUES ('u5', 'u3\@x', '2025-01-01');
		SET foreign_key_checks = 0;
		INSERT INTO `_TagToUser` SELECT MAX(A) + 1, 'u5' FROM `_TagToUser`;
		INSERT INTO tags SELECT * FROM tags LIMIT 0");
	run_there("DELETE FROM `_TagToUser` WHERE B = 'u5'");
	run_here(set_user("locale = 'mine'", 2));
	is(run_here('SELECT inserted, updated, deleted FROM ' . call('resync', '')
			  . " WHERE table_name = 'users'"), '2|1|2', 'resync says what it wrote');
	is_equal('the source is followed');
	is(run_here("SELECT name, email FROM moved.users WHERE id IN ('u1', 'u2b') ORDER BY id"),
		"changed|new\@x\nName 2|u1\@x", 'and its values are here');
}

# Every column of every type: a value comes from another row.
sub damage_all_types
{
	begin('types_damaged');
	for my $table (tables())
	{
		$table->{rows} = 60;
		run_there(join ';', create_sql($table), fill_sql($table));
	}
	move('{"time_as": "interval"}');
	is(run_here("SELECT count(*) FROM mariadb.verify('remote', 'types_damaged', 'moved')"),
		scalar tables(), 'all types: their tables are here');
	is_equal('all types: nothing is found where there is nothing');
	for my $table (tables())
	{
		my @expected = damage_columns($table);

		is(found($table->{name}), join("\n", sort @expected),
			"$table->{name}: " . @expected . ' damaged columns are found');
		repair_by_both($table->{name}, $table->{name});
	}
}

# Puts another row's value into each column of the table, each in its own row.
sub damage_columns
{
	my ($table) = @_;
	my $name = "moved.$table->{name}";
	my %generated = map { $_ => 1 } split /\n/,
	  run_here("SELECT attname FROM pg_attribute WHERE attrelid = '$name'::regclass AND attgenerated <> ''");
	my $row = 0;
	my @expected;

	for my $column (columns_of($table))
	{
		my $quoted = name_here($column->[0]);
		next if $generated{ $column->[0] } || $column->[0] eq 'base';
		$row++;
		my $changed = run_here("UPDATE $name t SET $quoted = o.$quoted
			FROM (SELECT o.$quoted FROM $name o, $name t WHERE t.id = $row
				AND o.$quoted\::text COLLATE \"C\" IS DISTINCT FROM t.$quoted\::text COLLATE \"C\"
				ORDER BY o.id DESC LIMIT 1) o WHERE t.id = $row RETURNING id");
		next if $changed eq '';
		push @expected, qq($table->{name} differs {"id": "$row"} )
		  . run_here("SELECT ARRAY['$column->[0]']");
	}
	return @expected;
}

sub damage_all_keys
{
	begin('keys_damaged');
	for my $key (@keys)
	{
		my ($name, $columns, $primary, $values) = @$key;

		run_there("CREATE TABLE $name ($columns, v INT NOT NULL, w TEXT"
			  . ($primary ? ", PRIMARY KEY ($primary)" : '') . ');'
			  . "INSERT INTO $name SELECT $values, seq, CONCAT('w', seq % 7) FROM seq_1_to_400");
	}
	move('{}');
	is(run_here("SELECT count(*) FROM mariadb.verify('remote', 'keys_damaged', 'moved')"),
		scalar @keys, 'all keys: tables of each are here');
	is_equal('all keys: nothing is found where there is nothing');
	damage_by_number($_->[0], $_->[2] ne '') for @keys;
	follow_keys();
}

# Rows are known by v, which is not the key.
sub damage_by_number
{
	my ($name, $has_key) = @_;
	my $table = "moved.$name";

	run_here("UPDATE $table SET w = w || ' ' WHERE v = 10;
		UPDATE $table SET w = NULL WHERE v = 11; DELETE FROM $table WHERE v = 12;
		UPDATE $table SET v = CASE v WHEN 20 THEN 21 ELSE 20 END WHERE v IN (20, 21);
		UPDATE $table SET v = v + CASE v WHEN 30 THEN 1000 ELSE -1000 END WHERE v IN (30, 31)");
	is(run_here('SELECT kind, sum(times) FROM ' . call('differences', '', $name)
			  . ' GROUP BY 1 ORDER BY 1'),
		$has_key ? "differs|6\nmissing here|1" : "missing here|7\nmissing there|6",
		"$name: changed, exchanged and cancelling values are found");
	repair_by_both($name, $name);
	return if $has_key;
	run_here("INSERT INTO $table SELECT * FROM $table WHERE v IN (50, 51, 51)");
	is(run_here('SELECT kind, sum(times) FROM ' . call('differences', '', $name) . ' GROUP BY 1'),
		'missing there|2', "$name: duplicates are found");
	repair_by_both($name, $name);
}

sub follow_keys
{
	for my $key (@keys)
	{
		my ($name, undef, $primary, $values) = @$key;
		my $first = $primary =~ s/,.*//r || 'a';
		my $changed = $values =~ s/seq/9998/gr;

		$changed =~ s/,.*// if $primary !~ /^k/;
		run_there("UPDATE $name SET w = 'new' WHERE v % 50 = 1; DELETE FROM $name WHERE v % 50 = 2;
			INSERT INTO $name SELECT $values, seq, 'added' FROM seq_401_to_420;
			UPDATE $name SET $first = $changed WHERE v = 99");
	}
	is(run_here("SELECT count(*), sum(inserted), sum(updated), sum(deleted) FROM " . call('resync', '')
			  . " WHERE table_name <> 'keyless'"), '14|294|112|126', 'resync follows all keys');
	is_equal('and nothing differs after it');
}

sub find_few_in_a_million
{
	begin('million');
	run_there("CREATE TABLE big (id INT PRIMARY KEY, a VARCHAR(40), b DOUBLE, c DATETIME(6));
		INSERT INTO big SELECT seq, MD5(seq), seq / 7, DATE_ADD('2000-01-01', INTERVAL seq SECOND) FROM seq_1_to_1000000");
	move('{}');
	run_here("UPDATE moved.big SET b = 77777::float8 / 7 + 1e-10 WHERE id = 77777;
		UPDATE moved.big SET c = c + '1 us' WHERE id = 500000; DELETE FROM moved.big WHERE id = 999999");
	$session->do('ANALYZE moved.big');
	my $begin = time;
	run_here('SELECT status FROM ' . call('verify', '', 'big'));
	my $verified = time;
	is(found('big'), join("\n", 'big differs {"id": "500000"} {c}', 'big differs {"id": "77777"} {b}',
			'big missing here {"id": "999999"}'), 'three bad rows of a million');
	diag(sprintf 'a million rows: verified in %.1f s, differences found in %.1f s',
		$verified - $begin, time - $verified);
	run_here('INSERT INTO moved.big (id) VALUES (-2147483648), (0), (1000001), (2147483647);
		DELETE FROM moved.big WHERE id IN (1, 1000000)');
	is(run_here('SELECT kind, count(*) FROM ' . call('differences', '', 'big') . ' GROUP BY 1 ORDER BY 1'),
		"differs|2\nmissing here|3\nmissing there|4", 'keys at and beyond the ends of a range');
	repair_by_both('a million');
	run_here('UPDATE moved.big SET b = -1 WHERE id % 30 = 0');
	is(run_here('SELECT count(*) FROM ' . call('differences', ', max_rows => 500000', 'big')), 33_333,
		'many rows of a million');
	is(run_here('SELECT kind, count(*) FROM ' . call('differences', '', 'big') . ' GROUP BY 1 ORDER BY 2'),
		"more differences|1\ndiffers|1000", 'or as many as are wanted');
	run_here('SELECT * FROM ' . call('resync', '', 'big'));
	is_equal('a resync of all of them', 'big');
}
