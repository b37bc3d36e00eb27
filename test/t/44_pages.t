# Every block of every page runs as it stands, and prints what the page shows;
# every link leads somewhere; README.md stays short.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Lab::Pages;
use Test::More;

my $source = 'evolution';
my $target = 'pages_target';

# What a reader of a page has done before, for a part of it that begins with a
# heading; any other page begins with a connection.
my %before = (
	'README.md' => [ [ '', \&database ], [ 'Prisma in ten lines', \&connection ] ],
	'docs/privileges.md' => [ [ '', \&role ] ],
	'docs/functions.md' => [ [ '', \&migration ] ],
	'docs/verify.md' => [ [ '', \&migration ] ]);

# Pages that another test runs.
my %elsewhere = ('docs/prisma.md' => '44_prisma_page.t');

sub database
{
	Lab::Pages::prepare($source, $target);
	my $admin = Lab::Session->new('postgres');
	$admin->do("CREATE DATABASE $target");
	$admin->quit;
	return Lab::Pages::new_session($target);
}

sub connection
{
	my $session = database();

	$session->do('CREATE EXTENSION mariadb_fdw');
	Lab::add_server($session, 'legacy');
	return $session;
}

sub migration
{
	my $session = connection();

	$session->do("CALL mariadb.migrate('legacy', '$source', 'public')", 120);
	return $session;
}

sub role
{
	my $session = connection();

	$session->do("DO 'BEGIN IF to_regrole(''migrator'') IS NULL THEN
		CREATE ROLE migrator; END IF; END'");
	return $session;
}

# The headings of a page, as the anchors that GitHub makes of them.
sub anchors_of
{
	my ($text) = @_;

	$text =~ s/^( *)```.*?^\1```$//gms;
	return map { lc s/[^\w\- ]//gr =~ s/ /-/gr } $text =~ /^#+ (.*)$/mg;
}

# The links of a page that lead nowhere.
sub broken_links
{
	my ($path, $text) = @_;
	my ($folder) = $path =~ m{^(.*/)?};
	my @broken;

	for my $link ($text =~ /\]\(([^)\s]+)\)/g)
	{
		next if $link =~ /^https?:/;
		my ($file, $anchor) = $link =~ /^([^#]*)(?:#(.*))?$/;
		my $full = $file eq '' ? $path : ($folder // '') . $file;
		push(@broken, $link), next if !-e "$Bin/../../$full";
		push @broken, $link if defined $anchor
		  && !grep { $_ eq $anchor } anchors_of(Lab::Pages::read_page($full));
	}
	return @broken;
}

# The blocks of a page from a heading to the next of some headings.
sub part_of
{
	my ($blocks, $begin, @ends) = @_;
	my $is_in = $begin eq '';

	return grep {
		my $heading = $_->{heading};
		$is_in = $heading eq $begin || ($is_in && !grep { $_ eq $heading } @ends);
		$is_in;
	} @$blocks;
}

my $not_run = 0;
Lab::Pages::load_sample($source);
for my $path (Lab::Pages::pages())
{
	my $text = Lab::Pages::read_page($path);
	my @blocks = Lab::Pages::blocks_of($text);
	my @parts = @{ $before{$path} // [ [ '', \&connection ] ] };

	is(join(' ', broken_links($path, $text)), '', "$path: every link leads somewhere");
	next if !@blocks;
	if ($elsewhere{$path})
	{
		like(Lab::Pages::read_file("$Bin/$elsewhere{$path}"), qr/'\Q$path\E'/,
			"$path: $elsewhere{$path} runs it");
		next;
	}
	$not_run += Lab::Pages::count_marked(@blocks);
	for my $part (@parts)
	{
		my @others = map { $_->[0] } grep { $_ != $part } @parts;
		my @some = part_of(\@blocks, $part->[0], @others);
		my $session = (grep { !defined $_->{reason} } @some) ? $part->[1]->() : undef;

		Lab::Pages::run_blocks($path, \@some, $session);
		$session->quit if $session;
	}
}
is($not_run, 11, 'so many blocks are not run');
cmp_ok(() = Lab::Pages::read_page('README.md') =~ /\n/g, '<=', 300,
	'README.md has at most 300 lines');
chdir '/';

done_testing;
