# Every command of docs/runbook.md, and of the walks in README.md, runs as it
# stands and does what the text says.
#
# A block ```sh is run by bash, a block ```sql by one psql, in the order of the
# text and in the folder of a project.  A block ```console is not run: it needs
# the engine of Prisma that npm does not have, or changes the project's
# packages.  They are counted, so that none becomes one by accident.
use strict;
use warnings;

use File::Path qw(make_path);
use File::Temp qw(tempdir);
use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $source = 'evolution';
my $target = 'runbook_target';

# Returns the blocks of a text: line, kind and text of each.
sub blocks_of
{
	my ($text) = @_;
	my @blocks;

	while ($text =~ /^( *)```(\w+)\n(.*?)^\1```$/gms)
	{
		my ($indent, $kind, $body) = ($1, $2, $3);
		my $line = 1 + substr($text, 0, $-[0]) =~ tr/\n//;
		$body =~ s/^$indent//gm;
		push @blocks, { line => $line, kind => $kind, text => $body };
	}
	return @blocks;
}

sub read_text
{
	my ($path) = @_;

	open my $file, '<', "$Bin/../../$path" or die "could not read $path: $!";
	local $/;
	return scalar <$file>;
}

sub read_text_here
{
	my ($path) = @_;

	open my $file, '<', $path or die "could not read $path: $!";
	local $/;
	return scalar <$file>;
}

sub write_text
{
	my ($path, $text) = @_;

	open my $file, '>', $path or die "could not write $path: $!";
	print $file $text;
	close $file or die "could not write $path: $!";
}

# Makes what a project of the sample has in its folder, and goes there.
sub enter_project
{
	my $folder = tempdir(CLEANUP => 1);

	chdir $folder or die "could not enter $folder: $!";
	make_path('prisma/migrations/20240101000000_first', 'src/app');
	write_text('prisma/schema.prisma',
		read_text('test/sample/schema.prisma'));
	write_text('prisma/migrations/migration_lock.toml',
		qq(provider = "mysql"\n));
	write_text('src/app/report.ts', <<'END');
export const latest = (prisma: PrismaClient, n: number) => prisma.$queryRaw`
  SELECT IFNULL(name, email) AS who FROM users ORDER BY created_at LIMIT 5, 10`
END
}

# Makes both sides anew, with no database here yet.
sub prepare
{
	my $admin = Lab::Session->new('postgres');

	system({ 'bash' } 'bash', '-c',
		"SIGNED_ONLY=1 '$Bin/../sample/load.sh' $source") == 0
	  or die 'could not load the sample';
	$admin->do("DROP DATABASE IF EXISTS $target WITH (FORCE)");
	$admin->do("DROP DATABASE IF EXISTS ${target}_$_ WITH (FORCE)")
	  for qw(shadow test);
	$admin->quit;
	$ENV{MARIADB_DATABASE} = $source;
	$ENV{PGDATABASE} = $target;
	$ENV{DATABASE_URL} =
	  "postgresql://$ENV{PGUSER}\@127.0.0.1:$ENV{PGPORT}/$target?schema=public";
	enter_project();
}

sub has_program
{
	my ($name) = @_;

	return grep { -x "$_/$name" } split /:/, $ENV{PATH};
}

# Runs a block of the shell; it fails with the first command that does.
sub run_shell
{
	my ($name, $text) = @_;

	write_text('.block.sh', $text);
	my $output = `bash -euo pipefail .block.sh 2>&1`;
	ok($? == 0, $name) or diag($output);
	return $output;
}

# The shell hears of a table that the resync of the runbook leaves as it is.
sub stops_where_a_table_stays_wrong
{
	my ($resync) = grep { $_->{text} =~ /mariadb\.resync/ } blocks_of(read_text('docs/runbook.md'));

	maria("CREATE TABLE $source.late (id INT PRIMARY KEY)");
	write_text('.block.sh', $resync->{text});
	my $output = `bash -euo pipefail .block.sh 2>&1`;
	is($? >> 8, 3, 'resync ends psql where a table stays wrong');
	like($output, qr/DETAIL: +late: missing here/, 'and names it');
	maria("DROP TABLE $source.late");
}

# Runs a block of psql; backslash commands have no SQLSTATE when they fail.
sub run_sql
{
	my ($session, $name, $text) = @_;
	my $answer = $session->run("$text\n", 120);
	my @complaints = grep { /^(?:\S+ )?(?:ERROR|FATAL|WARNING|psql:.*error|\\\w+: )/ }
	  split /\n/, $answer->{err};

	is("@complaints", '', $name) or diag($answer->{err});
	return $answer->{out};
}

# Returns a section of README.md, and after how many lines it begins.
sub section
{
	my ($title) = @_;
	my $readme = read_text('README.md');

	$readme =~ /^(## \Q$title\E\n.*?)(?=^## )/ms
	  or die "README.md has no section $title";
	return ($1, substr($readme, 0, $-[0]) =~ tr/\n//);
}

# Runs the blocks of a text in order; returns the outputs by line, and how many
# were not run.
sub run_blocks
{
	my ($path, $text, $session, $offset) = @_;
	my (%outputs, $not_run);

	for my $block (blocks_of($text))
	{
		my $name = "$path, line " . ($block->{line} + ($offset // 0));

		if ($block->{kind} eq 'console')
		{
			++$not_run;
		}
		elsif ($block->{text} =~ /^[^#\n]*\b(mariadb-dump)\b/m && !has_program($1))
		{
		  SKIP: { skip "$name: $1 is not installed", 1 }
		}
		elsif ($block->{kind} eq 'sh')
		{
			$outputs{ $block->{text} } = run_shell($name, $block->{text});
		}
		else
		{
			is($block->{kind}, 'sql', "$name: a kind that is run")
			  if $block->{kind} ne 'sql';
			$session //= Lab::Session->new($target);
			$outputs{ $block->{text} } = run_sql($session, $name, $block->{text});
		}
	}
	return (\%outputs, $not_run // 0, $session);
}

# The output of the one block that has this in it.
sub output_of
{
	my ($outputs, $part) = @_;
	my @found = grep { index($_, $part) >= 0 } keys %$outputs;

	die scalar(@found) . " blocks have $part in them" if @found != 1;
	return $outputs->{ $found[0] };
}

#
# The runbook.
#
prepare();
my ($outputs, $not_run, $session) =
  run_blocks('docs/runbook.md', read_text('docs/runbook.md'));

is($not_run, 5, 'so many blocks of the runbook are not run');
unlike(output_of($outputs, 'mariadb.preflight'), qr/^error\|/m,
	'preflight stops nothing');
like(output_of($outputs, 'mariadb.preflight'),
	qr/^warning\|users\.users_email_key\|/m, 'it warns of the login');
like(output_of($outputs, 'mariadb.review_sql'), qr/IFNULL/,
	'the application\'s SQL is reviewed');
like(output_of($outputs, 'mariadb.review_sql'), qr/LIMIT 10 OFFSET 5/,
	'with the words of PostgreSQL');
like(output_of($outputs, "object || ': ' || note"), qr/MATCH \.\.\. AGAINST/,
	'what does not go along is told');
my $proof = output_of($outputs, 'mariadb.verify_structure');
is($proof =~ s/^\S+_seq"?\|\d+\|\d+\|is in place\n?//gmr, '',
	'the proof finds no difference, and every sequence in place');
like($proof, qr/Team_id_seq/, 'and tells the sequences');
unlike(output_of($outputs, 'diff "$PGDATABASE.schema"'), qr/[<>]/,
	'the baseline makes the same schema');
is(output_of($outputs, 'mariadb.prisma_baseline'),
	'migration 0_init is recorded', 'the baseline is recorded');
like(output_of($outputs, 'pg_restore'), qr/\b500\b/,
	'a copy for tests has the users');
like(output_of($outputs, 'EXCEPT SELECT'), qr/^\d+\|Made after the cutover$/m,
	'the row that MariaDB lacks is found');
like(output_of($outputs, 'mariadb.exec'), qr/^equal$/m,
	'and written there');
$session->quit;
stops_where_a_table_stays_wrong();

#
# The walk in README.md, in a folder and databases that are new again.
#
prepare();
my ($walk, $offset) = section('A Prisma project');
($outputs, $not_run, $session) = run_blocks('README.md', $walk, undef, $offset);

is($not_run, 1, 'so many blocks of the walk are not run');
unlike(output_of($outputs, 'mariadb.preflight'), qr/^error\|/m,
	'preflight stops nothing');
like(output_of($outputs, 'mariadb.verify_structure'),
	qr/^equal\|21\nequal\|\d+$/, 'rows and structure are equal');
is(output_of($outputs, 'mariadb.prisma_baseline'),
	'migration 0_init is recorded', 'the baseline is recorded');
$session->quit;

#
# The ten lines, for which only the port is another one, and what the walk has
# by hand, for which the tables are made here.
#
my ($ten, $ten_offset) = section('Ten lines');
($walk, $offset) = section('The walk of a migration');
my ($by_call, $by_hand) = split /^(?=By hand,)/m, $walk;
my $hand_offset = $offset + ($by_call =~ tr/\n//);

prepare();
Lab::Session->new('postgres')->do("CREATE DATABASE $target");
$ten =~ s/'3306'/'$ENV{MARIADB_PORT}'/;
($outputs, $not_run, $session) = run_blocks('README.md', $ten, undef, $ten_offset);
like(output_of($outputs, 'CREATE EXTENSION'), qr/^users\|500\|500\|.*\|equal$/m,
	'ten lines move a table');
$session->do('TRUNCATE public.users; CREATE TABLE public.plans (LIKE legacy.plans)');
run_blocks('README.md', $by_hand, $session, $hand_offset);
$session->returns("SELECT table_name, status FROM mariadb.verify('legacy', '$source',
	'public') WHERE local_rows > 0 ORDER BY 1", "plans|equal\nusers|equal",
	'so does the walk by hand');

#
# The walk by one call.
#
$session->do('DROP SCHEMA public CASCADE; CREATE SCHEMA public');
($outputs) = run_blocks('README.md', $by_call, $session, $offset);
unlike(output_of($outputs, 'mariadb.preflight'), qr/^error\|/m,
	'preflight stops nothing');
my @statuses = output_of($outputs, 'mariadb.verify_structure') =~
  /\|(equal|differs|missing|extra|missing here|columns differ)\b/g;
is(scalar(grep { $_ eq 'equal' } @statuses), scalar(@statuses),
	'rows and structure are equal');
cmp_ok(scalar(@statuses), '>', 400, 'and were compared');
$session->quit;

#
# A schema.prisma that cannot be read is still there afterwards, with the
# migrations, whatever the shell does next.
#
for my $path ('README.md', 'docs/runbook.md')
{
	my @blocks = blocks_of(read_text($path));
	my ($at) = grep { $blocks[$_]{text} =~ /mariadb\.prisma_schema\(:'prisma'\)/
		  && $blocks[$_ + 1]{kind} eq 'sh' } 0 .. $#blocks;
	my $broken = "model Broken {\n  id Int \@id\n";

	enter_project();
	write_text('prisma/schema.prisma', $broken);
	$session = Lab::Session->new($target);
	my $answer = $session->run(
		"\\set prisma `cat prisma/schema.prisma`\n"
		  . "\\set database $source\n$blocks[$at]{text}", 60);
	like($answer->{err}, qr/ERROR: +42601: could not parse/,
		"$path: a schema that cannot be read is an error");
	write_text('.block.sh', $blocks[$at + 1]{text});
	system({ 'bash' } 'bash', '-c', 'bash .block.sh >/dev/null 2>&1');
	is(read_text_here('prisma/schema.prisma'), $broken,
		"$path: it stays as it was");
	ok(-d 'prisma/migrations/20240101000000_first'
		  && read_text_here('prisma/migrations/migration_lock.toml') =~ /mysql/,
		"$path: so do the migrations");
	$session->quit;
}
chdir '/';

done_testing;
