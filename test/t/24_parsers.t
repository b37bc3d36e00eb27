# Whatever text a parser is given: the time and memory that it takes are in
# proportion to the text, a cancel is heard, and the server stays up.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use POSIX ();
use Lab;
use Test::More;

# Limits in assertion builds on a busy machine.  What they are against took
# 5 GB and 80 s for 45 kB.
use constant {
	MEMORY_FLOOR => 30_000,		# kB
	MEMORY_FACTOR => 300,		# bytes for a byte of text
	TIME_FLOOR => 0.4,			# s of CPU
	TIME_RATIO => 9,			# for four times the text
	SMALL => 60_000,
	LARGE => 240_000,
	HUGE => 10_000_000,
	PATIENCE => 8,				# s until a timeout of one second is heard
};

my $session = new_database('parsers');
my $started = $session->value('SELECT pg_postmaster_start_time()');

# The calls that any user may make with a text.
my %calls = (
	prisma_schema => 'SELECT length(mariadb.prisma_schema(body))',
	prisma_review => 'SELECT count(*) FROM mariadb.prisma_review(body) AS r',
	review_sql => 'SELECT count(*) FROM mariadb.review_sql(body) AS r',
);

# Wraps what is said of a model or in one.
sub schema
{
	my ($text) = @_;

	return "E'datasource d {\\nprovider = \"mysql\"\\n}\\n' || $text";
}

sub model { return schema("E'model M {\\nid Int \@id\\na String\\n' || $_[0] || E'\\n}\\n'") }

sub default_of { return model("'s String \@default(dbgenerated(\"' || $_[0] || '\"))'") }

# Each makes SQL of a text of about so many bytes.
sub repeated
{
	my ($part, $length, $wrap) = @_;
	my $times = sub { "repeat(E'$part', ($_[0] / $length)::int)" };

	return sub { $wrap ? $wrap->($times->($_[0])) : $times->($_[0]) };
}

sub nested
{
	my ($open, $close, $wrap, $middle) = @_;
	my $length = length($open) + length($close);
	$middle //= '1';

	return sub {
		my $n = int($_[0] / $length);
		my $text = "repeat(E'$open', $n) || E'$middle' || repeat(E'$close', $n)";
		return $wrap ? $wrap->($text) : $text;
	};
}

sub numbered
{
	my ($format, $length, $wrap) = @_;

	return sub {
		my $text = "(SELECT string_agg(format(E'$format', i), '') FROM"
		  . " generate_series(1, ($_[0] / $length)::int) AS i)";
		return $wrap ? $wrap->($text) : $text;
	};
}

my %prisma = (
	'equal indexes' => repeated('@@index([a])\n', 13, \&model),
	'equal mapped indexes' => repeated('@@unique([a], map: "m")\n', 24, \&model),
	'long keys' => repeated('@@index([' . join(',', ('a') x 50) . '])\n', 112, \&model),
	'equal relations' => repeated('r R @relation(fields: [a])\n', 27, \&model),
	'distinct fields' => numbered('f%1$s String @unique\n', 21, \&model),
	'equal fields' => repeated('f String @default(dbgenerated("(uuid())"))\n', 43, \&model),
	'equal long fields' => repeated('f' x 70 . ' Int\n', 75, \&model),
	'short fields' => repeated('f B\n', 4, \&model),
	'attributes' => repeated('@a', 2, sub { model("'f Int ' || $_[0]") }),
	'models' => numbered('model M%1$s {\nid Int @id\n}\n', 27, \&schema),
	'equal models' => repeated('model M {}\n', 11, \&schema),
	'long models' => repeated('model ' . 'M' x 70 . ' {\nid Int @id\n}\n', 92, \&schema),
	'enums' => numbered('enum E%1$s {\na\n}\nmodel M%1$s {\ne E%1$s\n}\n', 38, \&schema),
	'values' => numbered('v%1$s @map("w%1$s")\n', 21,
		sub { schema("E'enum E {\\n' || $_[0] || E'}\\nmodel M {\\n'"
			  . " || repeat(E'e E \@default(dbgenerated(\"''v''\"))\\n', 500) || '}'") }),
	'a long name' => repeated('a', 1, sub { schema("'model ' || $_[0] || E' {\\n'"
			  . " || repeat(E'a String \@unique\\n', 1000) || '}'") }),
	'a long field' => repeated('a', 1, sub { model("$_[0] || E' Int\\n'"
			  . " || repeat(E'a String\\n', length($_[0]) / 10)") }),
	'a mapped name' => repeated('a', 1, sub { model("'b String \@map(\"' || $_[0]"
			  . " || E'\")\\n' || repeat(E'\@\@fulltext([b, b, b])\\n', 1000)") }),
	'fulltext' => repeated('@@fulltext([a])\n', 16, \&model),
	'strings' => repeated('"",', 3, sub { model("'f Int \@x(' || $_[0] || '1)'") }),
	'words' => repeated('a,', 2, sub { model("'f Int \@x(' || $_[0] || '1)'") }),
	'escapes' => repeated('\\\\u00e9', 6, sub { model("'f Int \@x(\"' || $_[0] || '\")'") }),
	'comments' => repeated('// c\n', 5),
	'long comments' => repeated('/* c */ ', 8),
	'a long comment' => repeated('\n *', 3, sub { "'/*' || $_[0] || '*/'" }),
	'empty lines' => repeated('\n', 1, \&model),
	'settings' => repeated('a = 1\n', 6, sub { "E'generator g {\\n' || $_[0] || '}'" }),
	'unterminated strings' => repeated('a "\n', 4),
	'lists' => nested('[', ']', sub { model("'f Int \@x(' || $_[0] || ')'") }),
	'objects' => nested('{a:', '}', sub { model("'f Int \@x(' || $_[0] || ')'") }),
	'calls' => nested('f(', ')', sub { model("'f Int \@x(' || $_[0] || ')'") }),
	'types' => nested('(', ')', sub { model("'f Unsupported' || $_[0]") }),
	'wrapped defaults' => nested('(', ')', \&default_of),
	'open defaults' => repeated('(', 1, \&default_of),
	'closed defaults' => repeated(')', 1, \&default_of),
	'blank defaults' => repeated('( ', 2, \&default_of),
	'quotes' => repeated("''", 1, \&default_of),
	'odd braces' => repeated('}{', 2),
);

my %sql = (
	'words' => repeated('ab ', 3),
	'calls' => repeated('IF(', 3),
	'closed calls' => nested('IF(1,', ',2)'),
	'arguments' => repeated('a,', 2, sub { "'CONCAT(' || $_[0] || 'b)'" }),
	'sums' => nested('SUM(a = ', ')'),
	'group_concat' => nested('GROUP_CONCAT(', ')'),
	'conversions' => nested('CONVERT(', ' USING utf8)'),
	'parentheses' => nested('(', ')'),
	'operands' => nested('a <=> (', ')'),
	'negations' => repeated('! ', 2),
	'parameters' => repeated('?,', 2),
	'statements' => repeated(';', 1),
	'short statements' => repeated('?;', 2),
	'quoted statements' => repeated('"";', 3),
	'backticks' => repeated('`', 1),
	'quotes' => repeated("''", 1),
	'backslashes' => repeated('\\\\', 1, sub { "'''' || $_[0]" }),
	'strings' => numbered('\'\'\\\\\\\\x%1$s\'\',', 9),
	'tags' => repeated('$queryRaw x ', 12),
	'tags of types' => repeated('$queryRaw<', 10),
	'open tags' => repeated('Prisma.sql`${', 13),
	'closed tags' => repeated('$queryRaw`SELECT 1` ', 20),
	'tags and blanks' => repeated('$executeRaw ( ', 14),
	'braces' => nested('${', '}', sub { "'\$queryRaw`' || $_[0] || '`'" }),
	'comments' => repeated('/* a */ ', 8),
	'open comments' => repeated('/*! ', 4),
	'hashes' => repeated('#\n', 2),
	'columns' => repeated('a,', 2, sub { "'SELECT ' || $_[0] || 'b FROM t GROUP BY ' || $_[0] || 'c'" }),
	'aliases' => repeated('a AS b,', 7,
		sub { "'SELECT ' || $_[0] || 'c FROM t GROUP BY d HAVING ' || repeat('b AND ', 5000) || 'e'" }),
	'queries' => nested('SELECT a, b FROM t GROUP BY c, (', ')'),
	'open queries' => repeated('SELECT a, b FROM t GROUP BY c, (', 32),
	'unions' => nested('(SELECT a UNION ', ')'),
	'updates' => repeated('UPDATE a ', 9),
	'deletes' => repeated('DELETE a FROM ', 14),
	'assignments' => repeated('ON DUPLICATE KEY UPDATE ', 24),
	'dots' => repeated('a.', 2, sub { "$_[0] || '<=> a'" }),
	'a long word' => repeated('a', 1),
	'a long number' => repeated('1', 1),
	'a long string' => repeated('a', 1, sub { "'''' || $_[0]" }),
	'intervals' => repeated('DATE_ADD(a, INTERVAL 1 DAY) ', 28),
);

# AddressSanitizer surrounds each chunk and each variable by memory of its own.
my $room = defined $ENV{ASAN_OPTIONS} ? 20 : 1;

# Processor time and the highest use of memory of a backend.
sub cpu_of
{
	my ($pid) = @_;

	open my $file, '<', "/proc/$pid/stat" or die "stat: $!";
	my @fields = split / /, <$file> =~ s/.*\) //r;
	return ($fields[11] + $fields[12]) / POSIX::sysconf(&POSIX::_SC_CLK_TCK);
}

sub memory_of
{
	my ($pid) = @_;

	open my $file, '<', "/proc/$pid/status" or die "status: $!";
	my ($peak) = join('', <$file>) =~ /^VmHWM:\s+(\d+) kB/m or die 'no VmHWM';
	return $peak;
}

# Runs a call with a text in a backend of its own; returns what it took and
# whether it gave an answer or an error that a text may give.
sub measure
{
	my ($call, $text) = @_;
	my $backend = connect_to();
	my $pid = $backend->pid;

	$backend->do("SET statement_timeout = '60s'");
	$backend->do("CREATE TEMP TABLE texts AS SELECT $text AS body");
	$backend->do("SELECT mariadb.review_sql('SELECT 1')");
	my $length = $backend->value('SELECT octet_length(body) FROM texts');
	my ($memory, $cpu) = (memory_of($pid), cpu_of($pid));
	my $answer = $backend->run("$calls{$call} FROM texts" =~ s/FROM (mariadb.*?) AS r FROM texts/FROM texts, $1/r, 70);
	my %result = (
		code => $answer->{code},
		err => $answer->{err},
		length => $length);
	if (!$answer->{ended})
	{
		$result{cpu} = cpu_of($pid) - $cpu;
		$result{memory} = memory_of($pid) - $memory;
	}
	$backend->quit;
	return \%result;
}

# Tests that a call with a text, and with four times the text, keeps bounds.
sub in_proportion
{
	my ($call, $name, $generate) = @_;
	my $small = measure($call, $generate->(SMALL));
	my $large = measure($call, $generate->(LARGE));
	my $time_limit = TIME_RATIO * ($small->{cpu} > TIME_FLOOR ? $small->{cpu} : TIME_FLOOR);
	my $memory_limit = $room * (MEMORY_FLOOR + MEMORY_FACTOR * $large->{length} / 1024);
	my @faults;

	for ($small, $large)
	{
		push @faults, "failed: $_->{err}" if $_->{code} !~ /^(?:42601)?$/;
	}
	push @faults, "took $large->{cpu} s for $large->{length} bytes, and $small->{cpu} s for $small->{length}"
	  if $large->{cpu} > $time_limit;
	push @faults, "took $large->{memory} kB for $large->{length} bytes"
	  if $large->{memory} > $memory_limit;
	is(join('; ', @faults), '', "$call, $name");
}

# Tests that a statement timeout is heard, whatever is being done.
sub hears_timeout
{
	my ($call, $name, $generate) = @_;
	my $backend = connect_to();
	my $text = $generate->(HUGE);

	$backend->do("CREATE TEMP TABLE texts AS SELECT $text AS body", 60);
	$backend->do("SET statement_timeout = '1s'");
	my $began = time;
	my $answer = $backend->run("$calls{$call} FROM texts" =~ s/FROM (mariadb.*?) AS r FROM texts/FROM texts, $1/r, 60);
	my $took = time - $began;
	my $memory = memory_of($backend->pid);

	like($answer->{code}, qr/^(?:57014|42601)?$/, "$call, 10 MB of $name: an answer or a timeout")
	  or diag($answer->{err});
	cmp_ok($took, '<', PATIENCE, "... within a second or two");
	cmp_ok($memory, '<', $room * 3_000_000, "... and memory stays bounded");
	$backend->quit;
}

for my $name (sort keys %prisma)
{
	in_proportion('prisma_schema', $name, $prisma{$name});
}
for my $name (grep { /index|field|model|enum|value|name|fulltext|relation|default/ } sort keys %prisma)
{
	in_proportion('prisma_review', $name, $prisma{$name});
}
for my $name (sort keys %sql)
{
	in_proportion('review_sql', $name, $sql{$name});
}

hears_timeout('prisma_schema', $_, $prisma{$_}) for 'equal indexes', 'models', 'short fields';
hears_timeout('prisma_review', $_, $prisma{$_}) for 'distinct fields';
hears_timeout('review_sql', $_, $sql{$_}) for 'calls', 'operands', 'queries', 'tags';

# A text has a greatest length, and says so.
$session->fails("SELECT mariadb.$_(repeat(' ', 16 * 1024 * 1024 + 1))",
	'54000', qr/text is longer than 16 MB/, "$_ refuses more than 16 MB")
  for qw(prisma_schema prisma_review review_sql);

# Quotes that are none, on every kind of field: nothing is written over, and
# what is no literal stays as it is.
my $quotes = 0;
for my $type (qw(String Json DateTime Boolean Int Bytes E))
{
	for my $literal ("'a''", "''a'", "'", "''", "'''", "''''", "'''''", "'a'b'", "'a", "a'", "'\\\\'", "('a'')")
	{
		my $text = $session->value(
			"SELECT mariadb.prisma_schema(\$\$datasource d {\n provider = \"mysql\"\n}\n"
			  . "enum E {\n a\n}\nmodel M {\n id Int \@id\n s $type \@default(dbgenerated(\"$literal\"))\n}\n\$\$)");
		(my $core = $literal) =~ s/^\((.*)\)$/$1/;
		my $is_literal = $core =~ /^'(?:[^'\\]|'')*'$/;
		$quotes++ if $is_literal || index($text, "dbgenerated(\"$literal\")") > 0;
	}
}
is($quotes, 7 * 12, 'what is no literal stays as it is');
$session->do(<<'SQL', 60);
DO $$
DECLARE result text;
BEGIN
	FOR i IN 1..600 LOOP
		result := mariadb.prisma_schema('// ' || repeat('c', 3000)
			|| E'\ndatasource db {\n provider = "mysql"\n}\nmodel M {\n id Int @id\n'
			|| E' s String @default(dbgenerated("''' || repeat('a', i) || E'''''"))\n}\n');
		IF position(repeat('a', i) || '''''")' IN result) = 0 THEN
			RAISE EXCEPTION 'default of % letters was changed: %', i, result;
		END IF;
	END LOOP;
END $$
SQL
pass('a quote too few, behind any number of letters');

# The beginning of a real schema, cut anywhere, and with bytes exchanged: an
# answer or a syntax error, whatever comes.
my $sample = do { local (@ARGV, $/) = "$Bin/../sample/schema.prisma"; <> };
$session->do("CREATE TABLE sample AS SELECT \$sample\$$sample\$sample\$::text AS body");
$session->do(<<'SQL');
CREATE FUNCTION try_all(body text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
	PERFORM * FROM mariadb.review_sql(body);
	PERFORM * FROM mariadb.prisma_review(body);
	PERFORM mariadb.prisma_schema(body);
EXCEPTION WHEN syntax_error OR feature_not_supported THEN
END $$;
CREATE FUNCTION garble(body text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	marks text := E'(){}[]<>''"`\\/*@@,;:?$#%-+=!. \n\té0aAZ';
	start integer := (random() * length(body))::int;
BEGIN
	body := substr(body, start, 1500);
	FOR i IN 1..20 LOOP
		body := overlay(body PLACING
			substr(marks, 1 + (random() * (length(marks) - 1))::int, 1)
			FROM 1 + (random() * (length(body) - 1))::int FOR (random() * 3)::int);
	END LOOP;
	RETURN body;
END $$;
SQL
$session->returns(
	'SELECT count(try_all(left(body, i))) > 100 FROM sample,'
	  . ' generate_series(0, length(body), greatest(length(body) / 400, 1) | 1) AS i',
	't', 'the sample, cut at many places', 120);
$session->returns(
	"SELECT setseed(0.24); SELECT count(try_all(E'datasource d {\\n provider = \"mysql\"\\n}\\n'"
	  . ' || garble(body))) FROM sample, generate_series(1, 1500)',
	"\n1500", 'pieces of the sample with other bytes', 120);

# What MariaDB accepts as expressions, however long or deep.
sub sum { return join(' + ', ('a') x $_[0]) }

maria('CREATE TABLE p (id int PRIMARY KEY)');
my %objects = (
	'sum' => 'CHECK (' . sum(250) . ' > 0)',
	'minuses' => 'CHECK (a > ' . '- ' x 300 . 'a)',
	'parentheses' => 'CHECK (' . '(a + 1) * (' x 150 . 'a' . ')' x 150 . ' > 0)',
	'conditions' => 'CHECK (' . join(' AND ', ('a > 1') x 3000) . ')',
	'alternatives' => 'CHECK (' . join(' OR ', ('a = 1') x 3000) . ')',
	'members' => 'CHECK (a IN (' . join(',', 1 .. 9000) . '))',
	'negations' => 'CHECK (' . 'NOT ' x 300 . 'a > 1)',
	'branches' => 'CHECK (CASE ' . join(' ', map { "WHEN a = $_ THEN 1" } 1 .. 2000) . ' ELSE 0 END = 1)',
	'calls' => 'CHECK (' . 'abs(' x 400 . 'a' . ')' x 400 . ' > 1)',
	'choices' => 'g int AS (' . 'if(a > 1, a, ' x 300 . 'a' . ')' x 300 . ') STORED',
	'texts' => "g varchar(100) AS (concat(" . join(',', ("'a'''") x 2000) . ')) STORED',
	'bits' => "g bit(3) AS (coalesce(b'101', b'1')) STORED, h bit(1) DEFAULT (if(1, b'1', b'0'))",
	'labels' => 'g enum(' . join(',', map { "'label $_'" } 1 .. 2000) . ") CHECK (g IN ("
	  . join(',', map { "'label $_'" } 1 .. 1500) . '))',
);
for my $name (sort keys %objects)
{
	my $made = eval { maria("CREATE TABLE `t $name` (a int NOT NULL, $objects{$name})"); 1 };
	diag("MariaDB does not take $name: $@") unless $made;
}
maria('CREATE TABLE v (a int NOT NULL)');
maria('CREATE VIEW `deep view` AS SELECT ' . 'abs(' x 400 . 'a' . ')' x 400 . ' AS b FROM v');
maria('CREATE VIEW `long view` AS SELECT ' . join(', ', map { "a + $_ AS c$_" } 1 .. 1500) . ' FROM v');
maria('CREATE VIEW `joined view` AS SELECT v0.a FROM v v0 '
	  . join(' ', map { "JOIN v v$_ ON v$_.a = v0.a" } 1 .. 60));

my $before = cpu_of($session->pid);
$session->do("CREATE TABLE plan AS SELECT * FROM mariadb.ddl('remote', 'parsers', 'there')", 120);
cmp_ok(cpu_of($session->pid) - $before, '<', 30, 'all of it is translated or skipped in time');
$session->returns(
	"SELECT string_agg(object, ', ' ORDER BY object) FROM plan WHERE note LIKE '%nested too deeply%'"
	  . " AND object ~ 'sum|minuses|calls|choices|parentheses|deep view'",
	join(', ', 'deep view', map { /choices/ ? "t $_.g" : "t $_." . (Lab::Maria->is_mysql ? "t ${_}_chk_1" : 'CONSTRAINT_1') } sort grep { $session->value(
			"SELECT count(*) FROM plan WHERE object LIKE 't $_.%'") } qw(calls choices minuses parentheses sum)),
	'what is nested too deeply is skipped, with a note');
$session->do('CREATE SCHEMA there');
$session->do(q{SET max_stack_depth = '7MB'}) if $room > 1;
my $failed = '';
for my $number (split /\n/, $session->value('ALTER TABLE plan ADD number serial; SELECT number FROM plan WHERE statement IS NOT NULL ORDER BY step, number'))
{
	my $answer = $session->run("DO \$do\$ BEGIN EXECUTE (SELECT statement FROM plan WHERE number = $number); END \$do\$", 60);
	$failed .= "$number: $answer->{err}\n" if $answer->{code} ne '';
}
is($failed, '', 'and PostgreSQL takes what is not');

# A schema.prisma that has other labels than an enum with many of them.
$session->returns(
	"SELECT count(*) > 0 FROM mariadb.ddl('remote', 'parsers', 'elsewhere', jsonb_build_object('prisma',"
	  . " E'datasource d {\\n provider = \"mysql\"\\n}\\nenum E {\\n'"
	  . " || (SELECT string_agg(format(E'l%s\\n', i), '') FROM generate_series(1, 20000) AS i)"
	  . " || E'}\\nmodel T {\\n a Int\\n g E\\n \@\@map(\"t labels\")\\n}\\n'))",
	't', 'an enum of many labels, and a text with many others', 60);

# An unclosed type is a syntax error, not a type up to the next parenthesis.
$session->fails('SELECT mariadb.prisma_schema(' . model(q{'m M("{}"("s", fields)'}) . ')',
	'42601', qr/expected the end of a type/, "a field's type without an end");

# The actions of a foreign key come from its own line, whatever names say.
maria(q{CREATE TABLE parent (id int PRIMARY KEY);
	CREATE TABLE child (`x
  CONSTRAINT ``k`` FOREIGN KEY ) ON DELETE CASCADE` int,
	a int COMMENT ') ON DELETE CASCADE', CONSTRAINT k FOREIGN KEY (a)
	REFERENCES parent (id) ON UPDATE SET NULL);
	CREATE USER reader@'%' IDENTIFIED BY 'secret'; GRANT SELECT ON parsers.* TO reader@'%'});
Lab::add_server($session, 'read_only', username => 'reader');
$session->returns(
	"SELECT statement FROM mariadb.ddl('read_only', 'parsers', 'x') WHERE kind = 'foreign key'",
	'ALTER TABLE x.child ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES x.parent (id) ON DELETE '
	  . (Lab::Maria->is_mysql ? 'NO ACTION' : 'RESTRICT') . ' ON UPDATE SET NULL',
	'actions are those of the key');
maria(q{DROP USER reader@'%'});

is($session->value('SELECT pg_postmaster_start_time()'), $started, 'the server has stayed up');

done_testing;
