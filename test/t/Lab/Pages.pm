# The pages of the documentation: their blocks, which run in the order of the
# text, and what a block shows as its result.
#
# A block ```sql is run by one psql, a block ```sh by bash, both in the current
# folder.  A block ```text after one of them shows what it prints.  Anything
# else needs a comment before it, <!-- not run: reason -->.
package Lab::Pages;

use strict;
use warnings;

use File::Find qw(find);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use FindBin qw($Bin);
use Test::More;

my $root = "$Bin/../..";

# README.md and all pages below docs, by their paths.
sub pages
{
	my @found;

	find({ no_chdir => 1, wanted => sub { push @found, $_ if /\.md$/ } }, "$root/docs");
	return ('README.md', sort map { s{^\Q$root\E/}{}r } @found);
}

sub read_page
{
	my ($path) = @_;

	return read_file("$root/$path");
}

sub read_file
{
	my ($path) = @_;

	open my $file, '<', $path or die "could not read $path: $!";
	local $/;
	return scalar <$file>;
}

sub write_file
{
	my ($path, $text) = @_;

	open my $file, '>', $path or die "could not write $path: $!";
	print $file $text;
	close $file or die "could not write $path: $!";
}

# The blocks of a text: line, kind, text, the reason why it is not run, the
# heading that it stands below, and, for a block that is run, what it shows.
sub blocks_of
{
	my ($text) = @_;
	my @blocks;
	my $heading = '';
	my $head = qr/#+ ([^\n]*)\n/;
	my $mark = qr/ *<!-- not run: (.*?) -->\n/;

	while ($text =~ /^(?:$head|(?:$mark)?( *)```(\S*)\n(.*?)^\3```$)/gms)
	{
		my ($title, $reason, $indent, $kind, $body) = ($1, $2, $3, $4, $5);
		my $line = 1 + substr($text, 0, $-[0]) =~ tr/\n//;

		if (defined $title)
		{
			$heading = $title;
			next;
		}
		$body =~ s/^$indent//gm;
		if ($kind eq 'text' && !defined $reason && @blocks && !defined $blocks[-1]{shown})
		{
			$blocks[-1]{shown} = $body;
			next;
		}
		push @blocks, { line => $line, kind => $kind, text => $body,
			reason => $reason, heading => $heading };
	}
	return @blocks;
}

# The fault of a block that can neither be run nor be left alone; '' for others.
sub fault_of
{
	my ($block) = @_;

	return '' if defined $block->{reason};
	return '' if $block->{kind} eq 'sql' || $block->{kind} eq 'sh';
	return qq(a block of kind "$block->{kind}" is not run, and nothing says why);
}

# A line as it is compared: how wide psql makes a column says nothing.
sub plain_lines
{
	my ($text) = @_;

	return map { s/^\s+|\s+$//gr =~ s/\s+/ /gr }
	  map { s/-{2,}/-/gr =~ s/ *\| */|/gr =~ s/-\+-/+/gr }
	  grep { /\S/ && !/^\(\d+ rows?\)$/ } split /\n/, $text;
}

# Is this what a page shows?  A line of ... stands for any lines, and ... in a
# line for any text.
sub matches
{
	my ($output, $shown) = @_;
	my $pattern = join '', map {
		my $line = $_;
		$line eq '...' ? '(?:.*\n)*?' : join('.*', map { quotemeta } split /\.\.\./, $line, -1) . '\n'
	} plain_lines($shown);

	return join('', map { "$_\n" } plain_lines($output)) =~ /\A$pattern\z/;
}

# Runs a block of the shell; it fails with the first command that does.
sub run_shell
{
	my ($name, $text) = @_;

	write_file('.block.sh', $text);
	my $output = `bash -euo pipefail .block.sh 2>&1`;
	ok($? == 0, $name) or diag($output);
	return $output;
}

# A psql that prints as it does for a reader.
sub new_session
{
	my ($database) = @_;
	my $session = Lab::Session->new($database);

	$session->do("\\pset format aligned\n\\pset tuples_only off\n");
	return $session;
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

sub has_program
{
	my ($name) = @_;

	return grep { -x "$_/$name" } split /:/, $ENV{PATH};
}

# Runs blocks in their order, in the database of the environment; $session is
# opened by the first block that needs it.  Returns the outputs by the text of
# their block, and the session.
sub run_blocks
{
	my ($path, $blocks, $session) = @_;
	my %outputs;

	for my $block (@$blocks)
	{
		my $name = "$path, line $block->{line}";
		my $fault = fault_of($block);
		my $text = $block->{text} =~ s/port '3306'/port '$ENV{MARIADB_PORT}'/r;
		my $output;

		if (defined $block->{reason})
		{
		  SKIP: { skip "$name: $block->{reason}", 1 }
			next;
		}
		if ($fault)
		{
			is($fault, '', $name);
			next;
		}
		if ($text =~ /^[^#\n]*\b(mariadb-dump)\b/m && !has_program($1))
		{
		  SKIP: { skip "$name: $1 is not installed", 1 }
			next;
		}
		if ($block->{kind} eq 'sh')
		{
			$output = run_shell($name, $text);
		}
		else
		{
			$session //= new_session($ENV{PGDATABASE});
			$output = run_sql($session, $name, $text);
		}
		if (defined $block->{shown})
		{
			ok(matches($output, $block->{shown}), "$name: prints what the page shows")
			  or diag($output);
		}
		$outputs{ $block->{text} } = $output;
	}
	return (\%outputs, $session);
}

# How many blocks of a page are not run.
sub count_marked { return scalar grep { defined $_->{reason} } @_ }

# The output of the one block that has this in it.
sub output_of
{
	my ($outputs, $part) = @_;
	my @found = grep { index($_, $part) >= 0 } keys %$outputs;

	die scalar(@found) . " blocks have $part in them" if @found != 1;
	return $outputs->{ $found[0] };
}

# Makes what a project of the sample has in its folder, and goes there.
sub enter_project
{
	my $folder = tempdir(CLEANUP => 1);

	chdir $folder or die "could not enter $folder: $!";
	make_path('prisma/migrations/20240101000000_first', 'src/app');
	write_file('prisma/schema.prisma', read_page('test/sample/schema.prisma'));
	write_file('prisma/migrations/migration_lock.toml', qq(provider = "mysql"\n));
	write_file('src/app/report.ts', <<'END');
export const latest = (prisma: PrismaClient, n: number) => prisma.$queryRaw`
  SELECT IFNULL(name, email) AS who FROM users ORDER BY created_at LIMIT 5, 10`
END
}

# Creates the sample in MariaDB, or creates it again.
sub load_sample
{
	my ($source) = @_;

	system({ 'bash' } 'bash', '-c', "SIGNED_ONLY=1 '$Bin/../sample/load.sh' $source") == 0
	  or die 'could not load the sample';
}

# Drops the target of that name here, enters a new project, and sets the
# environment that the pages speak of.
sub prepare
{
	my ($source, $target) = @_;
	my $admin = Lab::Session->new('postgres');

	$admin->do("DROP DATABASE IF EXISTS $_ WITH (FORCE)")
	  for $target, "${target}_shadow", "${target}_test";
	$admin->quit;
	$ENV{MARIADB_DATABASE} = $source;
	$ENV{PGDATABASE} = $target;
	$ENV{DATABASE_URL} =
	  "postgresql://$ENV{PGUSER}\@127.0.0.1:$ENV{PGPORT}/$target?schema=public";
	enter_project();
}

1;
