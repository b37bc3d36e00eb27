# What becomes of a schema of MySQL?  Its information_schema spells defaults,
# expressions, checks and indexes in a way of its own.
#
# The proof of a default is a row: one is inserted by default on each side, and
# a column in which they differ must be one that a note has named.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

plan skip_all => 'the source is MariaDB; LAB_SOURCE=mysql test/lab/lab tests a MySQL server'
  unless ($ENV{LAB_SOURCE} // '') eq 'mysql';

my $session = new_database('mysql_schema');
my $version = $session->value(q{SELECT current_setting('server_version_num')});

sub there { return maria("SET NAMES utf8mb4; $_[0]") }

# Columns of a table: a type, and what follows DEFAULT.
my @literals = (
	[ 'varchar(40)', q{'uuid()'} ], [ 'varchar(40)', q{'(2 + 3)'} ], [ 'varchar(40)', q{'NULL'} ],
	[ 'varchar(40)', q{'CURRENT_TIMESTAMP'} ], [ 'varchar(40)', q{'\'x\''} ], [ 'varchar(40)', q{'it''s'} ],
	[ 'varchar(40)', q{'a'} ], [ 'varchar(40)', q{''} ], [ 'varchar(40)', q{' a '} ], [ 'varchar(40)', q{'a\\\\b\nc\t'} ],
	[ 'varchar(40)', q{'\\\\'} ], [ 'varchar(40)', q{'0042'} ], [ 'varchar(40)', q{'1e3'} ], [ 'varchar(40)', q{'€é'} ],
	[ 'varchar(40)', q{'Ã©'} ], [ 'varchar(40)', q{'😀?'} ], [ 'varchar(40)', q{'?'} ], [ 'varchar(40)', q{'x\'616263\''} ],
	[ 'varchar(40)', q{'b\'101\''} ], [ 'varchar(40)', q{'_utf8mb4\'x\''} ], [ 'varchar(40)', q{'"q" %s $1'} ],
	[ 'varchar(40) CHARACTER SET latin1', q{'é'} ], [ 'varchar(40) CHARACTER SET utf16', q{'é😀'} ],
	[ 'char(36)', q{'00000000-0000-0000-0000-000000000000'} ], [ 'char(4)', q{'ab'} ],
	[ 'datetime', q{'2020-01-02 03:04:05'} ], [ 'datetime(6)', q{'2020-01-02 03:04:05.123456'} ],
	[ 'timestamp(3) NULL', q{'2021-01-01 00:00:00'} ], [ 'date', q{'2020-02-03'} ], [ 'time', q{'12:34:56'} ],
	[ 'time(3)', q{'12:34:56.7'} ], [ 'year', q{'2020'} ], [ 'year', q{'0'} ],
	[ 'int', '42' ], [ 'bigint', '-7' ], [ 'bigint unsigned', '18446744073709551615' ], [ 'decimal(10,3)', '1.5' ],
	[ 'decimal(5,2)', '-.5' ], [ 'decimal(65,30)', '0.1' ], [ 'float', '1.5' ], [ 'float(7,4)', '1.25' ],
	[ 'double', '1e10' ], [ 'double', '1e-30' ], [ 'tinyint(1)', '1' ], [ 'boolean', 'false' ],
	[ 'int unsigned', q{b'11'} ], [ 'smallint', q{'7'} ], [ 'bit(3)', q{b'101'} ], [ 'bit(1)', q{b'1'} ],
	[ 'bit(1)', q{b'0'} ], [ 'bit(4)', '5' ], [ 'bit(64)', q{b'1} . '0' x 62 . q{1'} ],
	[ q{enum('a','b\'c','NULL')}, q{'b\'c'} ], [ q{enum('1','2','uuid()')}, q{'uuid()'} ], [ q{enum('NULL','x')}, q{'NULL'} ],
	[ q{enum('😀','?')}, q{'😀'} ], [ q{set('x','y','z')}, q{'x,z'} ], [ q{set('x','y')}, q{''} ]);
my @binaries = (
	[ 'binary(4)', q{'ab'} ], [ 'varbinary(10)', q{'abc'} ], [ 'varbinary(10)', q{x'0001FF'} ], [ 'varbinary(10)', q{x'FF00'} ],
	[ 'varbinary(10)', q{''} ], [ 'varbinary(10)', q{'it\'s'} ], [ 'binary(2)', q{'0x'} ]);
my @expressions = (
	[ 'int', '(2 + 3)' ], [ 'int', '(-(5))' ], [ 'int', '(7 div 2)' ], [ 'varchar(40)', q{('it''s')} ], [ 'varchar(40)', q{('a\\\\b')} ],
	[ 'varchar(40)', q{('q\'\'q')} ], [ 'varchar(40)', q{('\'')} ], [ 'varchar(40)', q{('é日😀?')} ], [ 'varchar(40)', q{('Ã©')} ],
	[ 'varchar(40)', q{('')} ], [ 'varchar(40)', q{('uuid()')} ], [ 'varchar(40)', q{('NULL')} ], [ 'varchar(40)', q{(NULL)} ],
	[ 'varchar(40)', q{('l1\nl2\r\t"z"')} ], [ 'varchar(40)', q{(concat('a', "b", _latin1'c'))} ], [ 'varchar(40)', q{(_utf8mb4 x'4142')} ],
	[ 'varchar(40)', q{(N'nn')} ], [ 'varchar(40)', q{(lower('ABC'))} ], [ 'boolean', '(true)' ], [ 'decimal(5,2)', '(1.50)' ],
	[ 'date', q{('2020-01-01')} ], [ 'datetime', q{('2020-01-01 01:02:03')} ], [ 'json', q{('{"a": [1, null]}')} ], [ 'json', '(json_array())' ],
	[ 'json', '(json_object())' ], [ 'text', q{('tt')} ], [ 'blob', q{('bb')} ], [ q{enum('x','y')}, q{('y')} ], [ q{set('x','y')}, q{('x,y')} ],
	[ 'int', '(case when 1 then 2 else 3 end)' ], [ 'varchar(40)', q{(if(1 < 2, 'yes', 'no'))} ]);

# These are reported, not created.
my @untold = (
	[ 'varchar(40)', q{'nul\0byte'} ], [ 'varchar(40)', q{(_latin1 x'e9')} ], [ 'varchar(40)', q{(_ucs2 x'00e9')} ], [ 'varchar(40)', q{(concat('a', char(65)))} ],
	[ 'varchar(40)', q{('x' collate utf8mb4_bin)} ], [ 'json', q{(json_object('a', 1))} ], [ 'json', q{(json_array(1, 'a'))} ], [ 'point', '(point(1, 2))' ],
	[ 'varchar(40)', q{('nul\0byte')} ]);

my $count = 0;
my %spelled;

# Returns the definitions of columns with numbers for names.
sub columns_of
{
	my @columns;

	for my $column (@_)
	{
		my $name = 'c' . ++$count;

		push @columns, "$name $column->[0] DEFAULT $column->[1]";
		$spelled{$name} = "$column->[0] DEFAULT $column->[1]";
	}
	return join ', ', @columns;
}

there('CREATE TABLE told (id int PRIMARY KEY, ' . columns_of(@literals) . ')');
there('CREATE TABLE bytes (id int PRIMARY KEY, ' . columns_of(@binaries) . ')');
there('CREATE TABLE computed (id int PRIMARY KEY, ' . columns_of(@expressions) . ')');
there('CREATE TABLE untold (id int PRIMARY KEY, ' . columns_of(@untold) . ')');
there(q{
	CREATE TABLE asked (a varchar(20) DEFAULT 'it''s?', b varchar(20) DEFAULT 'a\\\\b?', c varchar(20) DEFAULT '?', id int PRIMARY KEY);
	CREATE TABLE clock (id int PRIMARY KEY, t time DEFAULT '-12:34:56');
	CREATE TABLE moments (id int AUTO_INCREMENT PRIMARY KEY,
		c1 timestamp(3) NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), c2 datetime DEFAULT CURRENT_TIMESTAMP,
		c3 datetime(6) DEFAULT (now(6)), c4 date DEFAULT (curdate()), c5 date DEFAULT (curdate() + interval 1 day),
		c6 datetime DEFAULT (utc_timestamp()), c7 varchar(36) DEFAULT (uuid()), c8 double DEFAULT (rand()), c9 binary(16) DEFAULT (uuid_to_bin(uuid())));
	CREATE TABLE checked (id int PRIMARY KEY, a int CHECK (a > 0), b varchar(20) COLLATE utf8mb4_bin, c int, e enum('k', 'l'), j json CHECK (json_valid(j)),
		CONSTRAINT b_in CHECK (b IN ('x', 'y\'z', 'q\\\\w', 'é')), CONSTRAINT off CHECK (c > 100) NOT ENFORCED,
		CONSTRAINT e_not CHECK (e <> 'l'), CONSTRAINT schema_of_j CHECK (json_schema_valid('{"type": "object"}', j)));
	INSERT INTO checked VALUES (1, 1, 'x', 5, 'k', '{}'), (2, 2, 'y\'z', 500, 'k', NULL), (3, 3, 'q\\\\w', NULL, NULL, '{"a": "b"}'), (4, 4, 'é', 1, 'k', '{}');
	CREATE TABLE made (id int PRIMARY KEY, a int, b varchar(20), j json, `né'x` varchar(10), `back\slash` int,
		s int AS (a * 2) STORED, v varchar(50) AS (concat(b, '-', 'it''s', 'é😀?')), n varchar(50) AS (concat(`né'x`, 'ß')), k int AS (`back\slash` + 1),
		i int AS (if(a > 1, 1, 0)), jx varchar(30) AS (j->>'$.name'));
	INSERT INTO made (id, a, b, j, `né'x`, `back\slash`) VALUES (1, 1, 'x', '{"name": "é"}', 'ü', 4), (2, NULL, NULL, NULL, NULL, NULL), (3, 3, 'y', '{"name": "z"}', '', 0);
	CREATE TABLE indexed (id int PRIMARY KEY, a int, b varchar(200), c varchar(200), t text, d datetime, tags json, p point NOT NULL SRID 4326,
		KEY plus ((a + 1)), UNIQUE KEY folded ((lower(b))), KEY mixed (a, (upper(c)) DESC), KEY prefix (b(10)), KEY down (a DESC), KEY hidden (c) INVISIBLE,
		FULLTEXT KEY words (t), SPATIAL KEY place (p), KEY many ((CAST(tags->'$[*]' AS UNSIGNED ARRAY))), KEY years ((year(d))),
		KEY choice ((CASE WHEN a > 1 THEN 'it''s' ELSE 'é' END)), KEY cut ((CAST(b AS CHAR(10)))));
	INSERT INTO indexed (id, a, b, c, d, p) VALUES (1, 1, 'A', 'x', '2020-01-01', ST_GeomFromText('POINT(1 2)', 4326)), (2, 2, 'B', 'y', '2021-01-01', ST_GeomFromText('POINT(3 4)', 4326));
	CREATE TABLE typed (id bigint unsigned PRIMARY KEY AUTO_INCREMENT, b1 tinyint(1), t1 tinyint, tu tinyint unsigned, m mediumint, iu int unsigned, iz int(5) unsigned zerofill,
		f float(7,4), y year, bt bit(10), c char(10), ba binary(16), ti time(3), j json, g geometry, pt point SRID 4326, pt0 point SRID 0, inv int INVISIBLE,
		ci varchar(20), bin varchar(20) COLLATE utf8mb4_0900_bin, l1 varchar(20) CHARACTER SET latin1, KEY (bin));
	INSERT INTO typed (b1, c, bin, l1, inv, pt) VALUES (1, 'a', 'é', 'é', 7, ST_GeomFromText('POINT(1 2)', 4326)), (0, '', '', '', NULL, NULL);
	CREATE TABLE parts (id int NOT NULL PRIMARY KEY, n varchar(20)) PARTITION BY RANGE (id) (PARTITION low VALUES LESS THAN (10), PARTITION high VALUES LESS THAN MAXVALUE);
	INSERT INTO parts VALUES (1, 'a'), (20, 'b');
	CREATE TABLE child (id int PRIMARY KEY, parent int, CONSTRAINT to_checked FOREIGN KEY (parent) REFERENCES checked (id) ON DELETE CASCADE ON UPDATE SET NULL);
	INSERT INTO child VALUES (1, 1), (2, NULL);
	CREATE TABLE odd (id int PRIMARY KEY COMMENT 'a\0b') COMMENT 'nul \0 there';
	CREATE VIEW shown AS SELECT c.id AS id, if(c.a IS NULL, 'it\'s', 'é') AS word, k.parent FROM checked c LEFT JOIN child k ON k.parent = c.id WHERE c.a > 1;
	CREATE VIEW counted AS SELECT parent, count(*) AS n FROM child GROUP BY parent;
	CREATE TRIGGER watch BEFORE INSERT ON child FOR EACH ROW SET NEW.parent = coalesce(NEW.parent, 1);
	CREATE PROCEDURE nothing() SELECT 1;
	CREATE FUNCTION one() RETURNS int DETERMINISTIC RETURN 1;
	CREATE EVENT sweep ON SCHEDULE EVERY 1 DAY DO DELETE FROM child WHERE id < 0;
	SET sql_generate_invisible_primary_key = 1;
	CREATE TABLE keyless (a int, b varchar(10));
	INSERT INTO keyless VALUES (1, 'x'), (2, 'y')});

# Opening a table for us must not change what its expressions mean to others.
there('FLUSH TABLES');
$session->do(q{CREATE SCHEMA f; IMPORT FOREIGN SCHEMA mysql_schema FROM SERVER remote INTO f OPTIONS (import_default 'true')}, 120);
$session->returns('SELECT count(*) FROM f.checked', 4, 'a table with a backslash in a check is opened');
is(there(q{INSERT INTO checked (id, b) VALUES (9, 'q\\\\w'); DELETE FROM checked WHERE id = 9; SELECT 'ok'}), 'ok', 'its check is still what it was');
ok(!eval { there(q{INSERT INTO checked (id, b) VALUES (10, 'q\\\\\\\\w')}); 1 }, 'and nothing else');
like($@, qr/b_in/, 'it is that check');

# The lists.
$session->returns(
	q{SELECT string_agg(DISTINCT index_name, ' ' ORDER BY index_name) FROM mariadb.indexes('remote', 'mysql_schema') WHERE table_name = 'indexed'},
	'PRIMARY choice cut down folded hidden many mixed place plus prefix words years', 'indexes');
$session->returns(q{SELECT count(*) FROM mariadb.tables('remote', 'mysql_schema')}, 17, 'tables');
$session->returns(q{SELECT comment ~ '^a.?b$' FROM mariadb.columns('remote', 'mysql_schema') WHERE table_name = 'odd'}, 't', 'a comment with a NUL hides no other');
$session->returns(q{SELECT string_agg(default_value, ' ' ORDER BY position) FROM mariadb.columns('remote', 'mysql_schema') WHERE table_name = 'bytes'},
	q{x'6162' x'616263' x'' x'FF' x'' x'69742773' x'3078'}, 'binary defaults, up to a zero byte');
$session->returns(q{SELECT string_agg(default_value, ' ' ORDER BY position) FROM mariadb.columns('remote', 'mysql_schema') WHERE table_name = 'asked'},
	q{'it''s?' 'a\\\\b?' '?'}, 'defaults with question marks');
$session->returns(q{SELECT column_name || ' ' || extra FROM mariadb.columns('remote', 'mysql_schema') WHERE table_name = 'keyless' AND key_position = 1},
	'my_row_id auto_increment INVISIBLE', 'columns, and a generated invisible primary key');
$session->returns(q{SELECT key_name, on_update, on_delete FROM mariadb.foreign_keys('remote', 'mysql_schema')}, 'to_checked|SET NULL|CASCADE', 'foreign keys');

# Tests that a comparison is done and finds nothing.
sub finds_nothing
{
	my ($sql, $name) = @_;
	my $answer = $session->run($sql, 120);

	is($answer->{code} . $answer->{out}, '', $name) or diag($answer->{err});
}

# Returns a query's rows as a hash by their first column.
sub pairs
{
	my ($sql) = @_;

	return map { my ($key, $value) = split /\|/, $_, 2; ($key => $value) } split /\n/, $session->value($sql, 120);
}

# What must be known before.
my %found = pairs(q{SELECT object, string_agg(severity || ' ' || translate(finding, E'\n', ' '), '; ') FROM mariadb.preflight('remote', 'mysql_schema')
	WHERE object IN ('watch', 'nothing', 'one', 'sweep', 'counted', 'checked.schema_of_j', 'indexed.many', 'indexed.hidden', 'indexed.folded', 'made.v') GROUP BY object});
like($found{watch}, qr/^warning trigger is not migrated: BEFORE INSERT on child/, 'preflight: a trigger');
like($found{nothing}, qr/^warning procedure/, 'a procedure');
like($found{one}, qr/^warning function/, 'a function');
like($found{sweep}, qr/^warning event/, 'an event');
like($found{counted}, qr/warning view not created/, 'a view');
like($found{'checked.schema_of_j'}, qr/cannot translate json_schema_valid\(\)/, 'a check by JSON schema');
like($found{'indexed.many'}, qr/index not created: it is on expression/, 'a multi-valued index');
like($found{'indexed.folded'}, qr/warning texts of lower\(`b`\) are compared byte by byte/, 'a unique index on a text');
like($found{'indexed.hidden'}, qr/invisible in MySQL, PostgreSQL will use it/, 'an invisible index');
like($found{'made.v'}, qr/generated as concat\(`b`,'-','it''s','é😀.?\?'\)/, 'a generated column, as one reads it');
$session->returns(q{SELECT count(*) FROM mariadb.preflight('remote', 'mysql_schema') WHERE severity = 'error'}, 0, 'no error', 120);

# The statistics of MySQL are of a day ago, if one asks as usual.
there(q{SELECT auto_increment FROM information_schema.tables WHERE table_schema = 'mysql_schema';
	INSERT INTO typed (id) VALUES (5000); DELETE FROM typed WHERE id = 5000});

# All of it.
my $moved = $session->run(q{CALL mariadb.migrate('remote', 'mysql_schema', 'target')}, 300);
is($moved->{code}, '', 'migrate') or diag($moved->{err});
unlike($moved->{err}, qr/could not/, 'and all that is planned is made') or diag($moved->{err});
finds_nothing(q{SELECT kind, object, status, expected, found FROM mariadb.verify_structure('remote', 'mysql_schema', 'target') WHERE status <> 'equal'}, 'verify_structure');
finds_nothing(q{SELECT table_name, status FROM mariadb.verify('remote', 'mysql_schema', 'target', level => 'stream') WHERE status <> 'equal'}, 'verify');
$session->returns(q{SELECT new >= 5001 FROM mariadb.sync_sequences('target', 'remote', 'mysql_schema') WHERE sequence = 'target.typed_id_seq'}, 't', 'a sequence is where MySQL stands');

# The notes of ddl, by object.
my %note = pairs(q{SELECT object, string_agg(translate(note, E'\n', ' '), '; ') FROM mariadb.ddl('remote', 'mysql_schema', 'target') WHERE note IS NOT NULL GROUP BY object});

# Defaults: each column is the same on both sides, or it has a note.
sub compare_defaults
{
	my ($table, $noted) = @_;
	my (@differ, @noted, @silent);

	there("INSERT INTO $table (id) VALUES (1)");
	$session->do("INSERT INTO target.$table (id) VALUES (1)");
	my %row = pairs(qq{SELECT key, (there.value IS DISTINCT FROM here.value) || '|' || translate(coalesce(there.value, 'NULL') || ' and ' || coalesce(here.value, 'NULL'), E'\\n', ' ')
		FROM jsonb_each_text((SELECT to_jsonb(t) FROM f.$table t)) there
		FULL JOIN jsonb_each_text((SELECT to_jsonb(t) FROM target.$table t)) here USING (key) WHERE key <> 'id'});
	for my $name (sort keys %row)
	{
		my $note = $note{"$table.$name"} // '';

		if ($note =~ /default .* is dropped/)
		{
			push @noted, "$spelled{$name}: $note";
			next;
		}
		push @silent, $spelled{$name};
		push @differ, "$spelled{$name}: $row{$name}" if $row{$name} =~ /^t/;
	}
	cmp_ok(scalar keys %row, '>', 5, "$table: " . (scalar keys %row) . ' columns');
	is(join("\n", @differ), '', "$table: defaults are the same, or have a note");
	is(join("\n", $noted ? @silent : @noted), '', "$table: " . ($noted ? 'each has a note' : 'none has a note'));
}

compare_defaults('told', 0);
compare_defaults('bytes', 0);
compare_defaults('computed', 0);

$session->do(q{ALTER FOREIGN TABLE f.untold OPTIONS (ADD nul_bytes 'strip')});
compare_defaults('untold', 1);
like($note{'clock.t'}, qr/'-12:34:56' is dropped: the column's type does not accept it/, 'a time that is none here');

# Defaults that are another value each time.
$session->do(q{INSERT INTO target.moments (id) VALUES (100)});
$session->returns(q{SELECT c1 IS NOT NULL, c2 IS NOT NULL, c3 IS NOT NULL, c4 = current_date, c5 = current_date + 1, c6 IS NOT NULL, c7 ~ '^[0-9a-f]{8}-', c8 BETWEEN 0 AND 1, length(c9)
	FROM target.moments}, 't|t|t|t|t|t|t|t|16', 'defaults that are computed for each row');
$session->do(q{UPDATE target.moments SET c1 = '2000-01-01', c8 = 0; UPDATE target.moments SET c8 = 2});
$session->returns(q{SELECT c1 > '2020-01-01' FROM target.moments}, 't', 'ON UPDATE CURRENT_TIMESTAMP');

# An import takes texts for texts.
$session->returns(q{SELECT string_agg(pg_get_expr(d.adbin, d.adrelid), ' ' ORDER BY d.adnum) FROM pg_attrdef d WHERE d.adrelid = 'f.told'::regclass AND d.adnum < 5},
	q{'uuid()'::character varying '(2 + 3)'::character varying 'NULL'::character varying}, 'an import makes no function of a text');

# Checks.
my $checks = $session->value(q{SELECT string_agg(conname || ' ' || pg_get_constraintdef(oid), '; ' ORDER BY conname) FROM pg_constraint
	WHERE conrelid = 'target.checked'::regclass AND contype = 'c'});
like($checks, qr/checked_chk_1 CHECK \(\(a > 0\)\)/, 'a check');
like($checks, qr/b_in CHECK .*'y''z'.*'q\\w'.*'é'/, 'a check with quotes, a backslash and another letter');
if ($version >= 180000)
{
	like($checks, qr/off CHECK \(\(c > 100\)\) NOT ENFORCED/, 'a check that is NOT ENFORCED');
}
else
{
	unlike($checks, qr/\boff\b/, 'a check that is NOT ENFORCED is not enforced here');
	like($note{'checked.off'}, qr/NOT ENFORCED/, 'and reported');
}
$session->fails(q{INSERT INTO target.checked (id, b) VALUES (20, 'q\\\\w')}, '23514', qr/b_in/, 'it refuses what MySQL refuses');
$session->returns(q{INSERT INTO target.checked (id, b, c) VALUES (21, 'q\w', 1) RETURNING c}, 1, 'and takes what MySQL takes');
$session->do('DELETE FROM target.checked WHERE id = 21');
unlike(join("\n", values %note), qr/json_valid/, 'JSON is JSON, without a check');

# Generated columns, and their names.
$session->returns(q{SELECT string_agg(attname, ' ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'target.made'::regclass AND attgenerated <> ''},
	's v n k i', 'generated columns');
$session->returns(q{SELECT s, v, n, k, i FROM target.made WHERE id = 1}, q{2|x-it'sé😀?|üß|5|0}, 'their values');
$session->returns(q{SELECT count(*) FROM f.made a JOIN target.made b USING (id) WHERE (a.s, a.v, a.n, a.k, a.i, a.jx) IS DISTINCT FROM (b.s, b.v, b.n, b.k, b.i, b.jx)}, 0, 'are the same');
$session->returns(q{SELECT word FROM target.shown ORDER BY id}, "é\né\né", 'a view');

# Indexes.
my %index = pairs(q{SELECT c.relname, translate(regexp_replace(pg_get_indexdef(c.oid), '^.* USING ', ''), E'\n', ' ') FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = 'target.indexed'::regclass});
is($index{plus}, 'btree ((((a)::bigint + 1)))', 'an index on an expression');
is($index{folded}, 'btree (lower((b)::text))', 'a unique one');
is($index{mixed}, 'btree (a, upper((c)::text) DESC)', 'one on a column and an expression');
like($index{choice}, qr/'it''s'.*'é'/, 'one with texts');
like($index{years}, qr/EXTRACT\(year FROM d\)|date_part/i, 'one of years');
is($index{down}, 'btree (a DESC)', 'a descending one');
is($index{hidden}, 'btree (c)', 'an invisible one');
ok(!exists $index{many} && !exists $index{cut}, 'those that cannot be translated are skipped');
like($note{'indexed.folded'}, qr/^texts of lower\(`b`\) are compared byte by byte/, 'a unique index on a text is weaker here, which is reported');
unlike(join("\n", map { $note{"indexed.$_"} // '' } qw(choice mixed plus)), qr/byte by byte/, 'of others there is nothing to tell');
like($note{'indexed.cut'}, qr/not created: it is on expression cast/, 'and reported');
$session->fails(q{INSERT INTO target.indexed (id, b, p) SELECT 3, 'a', p FROM target.indexed WHERE id = 1}, '23505', qr/folded/, 'the unique index keeps texts apart');

# Types.
$session->returns(q{SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'target.typed'::regclass AND attnum > 0},
	'id numeric(20,0), b1 boolean, t1 smallint, tu smallint, m integer, iu bigint, iz bigint, f real, y smallint, bt bit(10), c character varying(10), ba bytea, '
	  . 'ti time(3) without time zone, j jsonb, g bytea, pt bytea, pt0 bytea, inv integer, ci character varying(20), bin character varying(20), l1 character varying(20)', 'types');
$session->returns(q{SELECT count(*) FROM pg_inherits WHERE inhparent = 'target.parts'::regclass}, 2, 'partitions');
$session->returns(q{SELECT count(*), min(my_row_id) FROM target.keyless}, '2|1', 'rows under an invisible key');

# Accounts: what is granted, whatever it comes from.
there(q{DROP USER IF EXISTS guest@'%', reader@'%'; DROP ROLE IF EXISTS readers, watchers;
	CREATE USER guest@'%' IDENTIFIED BY 'secret', reader@'%' IDENTIFIED BY 'secret'; CREATE ROLE readers, watchers; GRANT SELECT ON mysql_schema.child TO guest@'%';
	GRANT SELECT ON mysql_schema.* TO readers; GRANT TRIGGER, EVENT, EXECUTE, SHOW VIEW ON mysql_schema.* TO watchers; GRANT readers, watchers TO reader@'%'; SET DEFAULT ROLE ALL TO reader@'%'});
for my $name ('guest', 'reader')
{
	$session->do("CREATE SERVER $name FOREIGN DATA WRAPPER mariadb_fdw OPTIONS (socket '$ENV{MARIADB_SOCKET}')");
	$session->do("CREATE USER MAPPING FOR PUBLIC SERVER $name OPTIONS (username '$name', password 'secret')");
}
$session->returns(q{SELECT severity, object FROM mariadb_internal.privilege_findings('guest', 'mysql_schema', NULL)}, 'error|mysql_schema', 'an account that may read one table');
$session->returns(q{SELECT count(*) FROM mariadb_internal.privilege_findings('reader', 'mysql_schema', NULL)}, 0, 'one that may read all by a role');
$session->returns(q{SELECT count(*) FROM mariadb_internal.hidden_object_findings('reader', 'mysql_schema')}, 0, 'and sees triggers, routines, events and views by another');
$session->returns(q{SELECT finding FROM mariadb_internal.hidden_object_findings('guest', 'mysql_schema')},
	'MySQL may hide from this account: triggers, routines, events, definitions of views', 'what it may not read is reported');
$session->returns(q{SELECT key_name, on_update, on_delete FROM mariadb.foreign_keys('reader', 'mysql_schema')}, 'to_checked|SET NULL|CASCADE', 'who may read sees the actions of foreign keys');

there(q{DROP USER IF EXISTS partial@'%'; CREATE USER partial@'%' IDENTIFIED BY 'secret'; SET GLOBAL partial_revokes = ON; GRANT SELECT, TRIGGER, EVENT, EXECUTE, SHOW VIEW ON *.* TO partial@'%';
	REVOKE TRIGGER ON mysql_schema.* FROM partial@'%'});
$session->do("CREATE SERVER partial FOREIGN DATA WRAPPER mariadb_fdw OPTIONS (socket '$ENV{MARIADB_SOCKET}')");
$session->do(q{CREATE USER MAPPING FOR PUBLIC SERVER partial OPTIONS (username 'partial', password 'secret')});
$session->returns(q{SELECT finding FROM mariadb_internal.hidden_object_findings('partial', 'mysql_schema')}, 'MySQL may hide from this account: triggers', 'a privilege that was revoked on the schema');
there(q{DROP USER partial@'%'; SET GLOBAL partial_revokes = OFF});

# JSON as text is checked by nobody.
$session->returns(q{SELECT note FROM mariadb.ddl('remote', 'mysql_schema', 'elsewhere', '{"json_as": "text"}') WHERE object = 'made.j'}, 'values are not checked to be valid JSON', 'JSON as text', 60);

# Bytes of a uuid are one, where they are taken for it.
$session->returns(q{SELECT statement ~ 'c9 uuid DEFAULT gen_random_uuid\(\)' FROM mariadb.ddl('remote', 'mysql_schema', 'elsewhere', '{"binary16_as": "uuid"}') WHERE kind = 'table' AND object = 'moments'},
	't', 'uuid_to_bin(uuid()) of a uuid', 60);

# Prisma, whose provider is mysql.
my $prisma = q{datasource db {
  provider = "mysql"
  url      = env("DATABASE_URL")
}
enum Mood {
  GOOD
  BAD
}
model User {
  id    Int      @id @default(autoincrement())
  email String   @unique
  name  String?
  mood  Mood     @default(GOOD)
  bytes Bytes    @db.Binary(16)
  at    DateTime @default(now())
  data  Json?
  posts Post[]
}
model Post {
  id       Int    @id @default(autoincrement())
  title    String @db.VarChar(50)
  author   User   @relation(fields: [authorId], references: [id])
  authorId Int
  @@index([title])
}
};
maria(q{DROP DATABASE IF EXISTS mysql_prisma; CREATE DATABASE mysql_prisma; USE mysql_prisma;
	CREATE TABLE `User` (`id` INTEGER NOT NULL AUTO_INCREMENT, `email` VARCHAR(191) NOT NULL, `name` VARCHAR(191) NULL, `mood` ENUM('GOOD', 'BAD') NOT NULL DEFAULT 'GOOD',
		`bytes` BINARY(16) NOT NULL, `at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3), `data` JSON NULL, UNIQUE INDEX `User_email_key` (`email`), PRIMARY KEY (`id`))
		DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
	CREATE TABLE `Post` (`id` INTEGER NOT NULL AUTO_INCREMENT, `title` VARCHAR(50) NOT NULL, `authorId` INTEGER NOT NULL, INDEX `Post_title_idx` (`title`), PRIMARY KEY (`id`))
		DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
	ALTER TABLE `Post` ADD CONSTRAINT `Post_authorId_fkey` FOREIGN KEY (`authorId`) REFERENCES `User` (`id`) ON DELETE RESTRICT ON UPDATE CASCADE;
	INSERT INTO User (email, bytes, data) VALUES ('a@x', x'00112233445566778899aabbccddeeff', '{"a": 1}'); INSERT INTO Post (title, authorId) VALUES ('t', 1)});
my $options = "jsonb_build_object('prisma', \$prisma\$$prisma\$prisma\$)";
$session->returns("SELECT mariadb.prisma_schema(\$prisma\$$prisma\$prisma\$) ~ 'provider += \"postgresql\"'", 't', 'prisma_schema');
$session->returns("SELECT count(*) > 0 FROM mariadb.prisma_review(\$prisma\$$prisma\$prisma\$)", 't', 'prisma_review');
$moved = $session->run("CALL mariadb.migrate('remote', 'mysql_prisma', 'app', $options)", 300);
is($moved->{code}, '', 'migrate under a text of Prisma') or diag($moved->{err});
$session->returns(q{SELECT id, email, mood, bytes, data FROM app."User"}, '1|a@x|GOOD|\x00112233445566778899aabbccddeeff|{"a": 1}', 'its rows');
$session->returns(q{SELECT string_agg(c.conname, ' ' ORDER BY c.conname) FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace WHERE n.nspname = 'app' AND contype IN ('p', 'f')},
	'Post_authorId_fkey Post_pkey User_pkey', 'its keys by the names of Prisma');
finds_nothing("SELECT kind, object, status FROM mariadb.verify_structure('remote', 'mysql_prisma', 'app', $options) WHERE status <> 'equal'", 'its structure');
$session->do(q{SELECT mariadb.prisma_baseline('app', 'CREATE TABLE "User" ()')});
$session->returns(q{SELECT count(*) FROM app._prisma_migrations}, 1, 'prisma_baseline');

maria(q{DROP USER guest@'%', reader@'%'; DROP ROLE readers, watchers; DROP DATABASE mysql_prisma});
done_testing;
