# Every command of docs/prisma.md runs as it stands and does what the text says,
# in the folder of a project.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Lab::Pages;
use Test::More;

my $page = 'docs/prisma.md';
my $source = 'evolution';
my $target = 'runbook_target';
my @blocks = Lab::Pages::blocks_of(Lab::Pages::read_page($page));

sub block_with
{
	my ($part) = @_;
	my ($found) = grep { $blocks[$_]{text} =~ /$part/ } 0 .. $#blocks;

	return $found // die "no block has $part";
}

sub output_of { goto &Lab::Pages::output_of }

# The shell hears of a table that the resync of the page leaves as it is.
sub stops_where_a_table_stays_wrong
{
	maria("CREATE TABLE $source.late (id INT PRIMARY KEY)");
	Lab::Pages::write_file('.block.sh', $blocks[ block_with(qr/mariadb\.resync/) ]{text});
	my $output = `bash -euo pipefail .block.sh 2>&1`;
	is($? >> 8, 3, 'resync ends psql where a table stays wrong');
	like($output, qr/DETAIL: +late: missing here/, 'and names it');
	maria("DROP TABLE $source.late");
}

# The files of the project are as they were if the schema cannot be read,
# whatever the shell does next.
sub keeps_what_it_cannot_read
{
	my $broken = "model Broken {\n  id Int \@id\n";
	my $at = block_with(qr/mariadb\.prisma_schema\(:'prisma'\)/);

	Lab::Pages::enter_project();
	Lab::Pages::write_file('prisma/schema.prisma', $broken);
	my $session = Lab::Session->new($target);
	my $answer = $session->run("\\set prisma `cat prisma/schema.prisma`\n"
		  . "\\set database $source\n$blocks[$at]{text}", 60);
	like($answer->{err}, qr/ERROR: +42601: could not parse/,
		'a schema that cannot be read is an error');
	is($blocks[ $at + 1 ]{kind}, 'sh', 'a block of the shell follows');
	Lab::Pages::write_file('.block.sh', $blocks[ $at + 1 ]{text});
	system({ 'bash' } 'bash', '-c', 'bash .block.sh >/dev/null 2>&1');
	is(Lab::Pages::read_file('prisma/schema.prisma'), $broken, 'it stays as it was');
	ok(-d 'prisma/migrations/20240101000000_first'
		  && Lab::Pages::read_file('prisma/migrations/migration_lock.toml') =~ /mysql/,
		'so do the migrations');
	$session->quit;
}

Lab::Pages::load_sample($source);
Lab::Pages::prepare($source, $target);
my ($outputs, $session) = Lab::Pages::run_blocks($page, \@blocks);

is(Lab::Pages::count_marked(@blocks), 5, 'so many blocks are not run');
unlike(output_of($outputs, 'mariadb.preflight'), qr/^ error +\|/m,
	'preflight stops nothing');
like(output_of($outputs, 'mariadb.preflight'),
	qr/^ warning +\| users\.users_email_key +\|/m, 'it warns of the login');
like(output_of($outputs, 'mariadb.review_sql'), qr/IFNULL/,
	'the application\'s SQL is reviewed');
like(output_of($outputs, 'mariadb.review_sql'), qr/LIMIT 10 OFFSET 5/,
	'with the words of PostgreSQL');
like(output_of($outputs, "object || ': ' || note"), qr/MATCH \.\.\. AGAINST/,
	'what is not migrated is named');
my $proof = output_of($outputs, 'mariadb.verify_structure');
is(() = $proof =~ /^\(0 rows\)$/mg, 2, 'the proof finds no difference');
my @sequences = $proof =~ /^ \S*_seq"? +\|.*$/mg;
is(scalar(grep { !/\| is correct; not changed *$/ } @sequences), 0, 'and every sequence in place');
like("@sequences", qr/Team_id_seq/, 'which it names');
unlike(output_of($outputs, 'diff "$PGDATABASE.schema"'), qr/[<>]/,
	'the baseline creates the same schema');
like(output_of($outputs, 'mariadb.prisma_baseline'),
	qr/^ migration 0_init is recorded$/m, 'the baseline is recorded');
like(output_of($outputs, 'pg_restore'), qr/\b500\b/,
	'a copy for tests has the users');
like(output_of($outputs, 'EXCEPT SELECT'), qr/^ +\d+ \| Made after the cutover$/m,
	'the row that MariaDB lacks is found');
like(output_of($outputs, 'mariadb.exec'), qr/^ equal$/m,
	'and written there');
$session->quit;
stops_where_a_table_stays_wrong();
keeps_what_it_cannot_read();
chdir '/';

done_testing;
