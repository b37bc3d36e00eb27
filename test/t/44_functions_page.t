# docs/functions.md has a heading for each routine and each relation of schema
# mariadb, with what the catalog says of it: signature, columns, arguments.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Lab::Pages;
use Test::More;

my $page = 'docs/functions.md';
my $session = new_database('functions_page');

# The text below each heading of the third level.
sub sections_of
{
	my ($text) = @_;
	my %sections;

	while ($text =~ /^### (\S+)\n(.*?)(?=^##|\z)/gms)
	{
		push @{ $sections{$1} }, $2;
	}
	return %sections;
}

# The rows of the table with this head, each a list of cells.
sub table_of
{
	my ($text, $head) = @_;
	my ($rows) = $text =~ /^\| \Q$head\E .*\n\|[-|]+\n((?:\|.*\n)*)/m or return;

	return map { [ /\|\s*`?(.*?)`?\s*(?=\|)/g ] } split /\n/, $rows;
}

# Members of the extension in the schema, as lines of fields.
sub members
{
	my ($fields, $catalog, $schema_column, $more) = @_;

	return map { [ split /\t/, $_, -1 ] } split /\n/,
	  $session->value("SELECT concat_ws(E'\\t', $fields) FROM $catalog o
		JOIN pg_depend d ON d.classid = '$catalog'::regclass AND d.objid = o.oid
			AND d.deptype = 'e' AND d.refclassid = 'pg_extension'::regclass
		JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'mariadb_fdw'
		WHERE o.$schema_column = 'mariadb'::regnamespace $more ORDER BY 1");
}

# The signature as the page writes it.
sub signature
{
	my ($name, $kind, $arguments, $result) = @_;

	$arguments =~ s/(?:^|, )(?:OUT|INOUT) .*//;
	$arguments =~ s/::[\w ]+(?:\[\])?//g;
	$result = $result =~ /^TABLE/ ? 'SETOF record' : $result;
	return "$name($arguments)" . ($kind eq 'p' ? '' : " → $result");
}

# Has a section a block of SQL with this in it?
sub has_example
{
	my ($section, $part) = @_;

	return scalar grep { $_->{kind} eq 'sql' && $_->{text} =~ /\bmariadb\.\Q$part\E/ }
	  Lab::Pages::blocks_of($section);
}

# The columns of a result, or of a relation, as the page lists them.
sub listed_columns
{
	return join ', ', map { "$_->[0] $_->[1]" } table_of($_[0], 'column');
}

my $text = Lab::Pages::read_page($page);
my %sections = sections_of($text);
my ($introduction) = $text =~ /\A(.*?)^## /ms;
my %common = map { $_->[0] => 1 } table_of($introduction, 'argument');

my $columns = q{coalesce((SELECT string_agg(a.name || ' ' || format_type(a.type, NULL), ', ' ORDER BY a.place)
	FROM unnest(o.proargnames, o.proallargtypes, o.proargmodes) WITH ORDINALITY AS a (name, type, mode, place)
	WHERE a.mode IN ('o', 't')), '')};
my @routines = members("proname, prokind, pg_get_function_arguments(o.oid),
	coalesce(pg_get_function_result(o.oid), ''), $columns", 'pg_proc', 'pronamespace', '');
my @relations = members(q{relname, (SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, NULL), ', ' ORDER BY a.attnum)
	FROM pg_attribute a WHERE a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped)},
	'pg_class', 'relnamespace', "AND o.relkind IN ('r', 'p', 'v', 'm', 'f')");
cmp_ok(scalar(@routines), '>', 30, 'routines are found');
cmp_ok(scalar(@relations), '>', 3, 'relations are found');

my %exists = map { $_->[0] => 1 } @routines, @relations;
is(join(' ', grep { !$sections{$_} } sort keys %exists), '',
	'each routine and each relation has a heading');
is(join(' ', grep { !$exists{$_} } sort keys %sections), '',
	'each heading is of one that exists');
is(join(' ', grep { @{ $sections{$_} } > 1 } sort keys %sections), '',
	'and none is there twice');

for my $routine (@routines)
{
	my ($name, $kind, $arguments, $result, $columns) = @$routine;
	$arguments =~ s/\bIN //g;
	my $signature = signature($name, $kind, $arguments, $result);
	my $section = $sections{$name}[0] or next;
	my @signatures = map { s/\s+/ /gr } $section =~ /^`(\Q$name\E\(.*?)`$/gms;
	my %described = map { $_->[0] => 1 } table_of($section, 'argument');
	my @names = map { /^(\w+) \S/ } split /, /, $arguments =~ s/(?:^|, )OUT .*//r;

	ok(scalar(grep { $_ eq $signature } @signatures), "$name: its signature")
	  or diag("it is $signature");
	is(join(' ', grep { !$described{$_} && !$common{$_} } @names), '',
		"$name: its arguments");
	is(listed_columns($section), $columns, "$name: its columns") if $columns ne '';
	like($section, qr/^Errors: \S/m, "$name: its errors");
	ok(has_example($section, "$name("), "$name: an example");
}

for my $relation (@relations)
{
	my ($name, $columns) = @$relation;
	my $section = $sections{$name}[0] or next;

	is(listed_columns($section), $columns, "$name: its columns");
	ok(has_example($section, $name), "$name: an example");
}

done_testing;
