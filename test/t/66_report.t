# The page of mariadb.report in a real browser: nothing is wider than the
# window, nothing comes from outside, and it can be printed.
use strict;
use warnings;

use File::Temp qw(tempdir);
use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my ($browser) = grep { -x } map { "$_/chromium" } split /:/, $ENV{PATH};
plan skip_all => 'chromium is not here: test/lab/install browser'
  if !$browser;

my $dir = tempdir(CLEANUP => 1);
my @flags = qw(--headless --no-sandbox --disable-gpu --disable-quic
  --no-first-run --disable-background-networking --disable-component-update
  --disable-sync --hide-scrollbars --no-pdf-header-footer
  --virtual-time-budget=5000);

sub write_file
{
	my ($name, $text) = @_;

	open(my $file, '>', "$dir/$name") or die "$name: $!";
	print $file $text;
	close $file or die "$name: $!";
	return "file://$dir/$name";
}

# Runs the browser with a profile of its own; returns what it prints.
sub browse
{
	my (@args) = @_;
	my $profile = tempdir(DIR => $dir);

	open(my $out, '-|', 'sh', '-c', 'exec timeout 60 "$@" 2>/dev/null', 'sh',
		$browser, @flags, "--user-data-dir=$profile", @args)
	  or die "chromium: $!";
	my $text = join '', <$out>;
	close $out;
	return $text;
}

# Shows copies of a page in frames of some widths, since a window cannot be as
# narrow as a telephone. Each copy reports what sticks out of it; returns that
# by width.
sub measure
{
	my ($page, @args) = @_;
	my $script = q{<script>
		const out = [...document.querySelectorAll('body *')].filter(e =>
			!e.closest('thead') && e.getBoundingClientRect().right > innerWidth + 1);
		parent.postMessage([innerWidth, document.documentElement.scrollWidth,
			out.map(e => e.tagName).join('+') || 'nothing',
			matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light',
			getComputedStyle(document.body).backgroundColor].join(';'), '*');
		</script>};
	my $frames = join '', map {
		qq{<iframe src="copy.html" style="width:${_}px;height:900px;border:0"></iframe>}
	} 375, 768, 1280;

	$page =~ s/<meta http-equiv[^>]*>//;
	$page =~ s/<\/body>/$script<\/body>/;
	write_file('copy.html', $page);
	my $reported = browse('--window-size=1400,1000', @args, '--dump-dom',
		write_file('frames.html', qq{<!DOCTYPE html><body><script>
			onmessage = e => document.body.append('[' + e.data + ']');
			</script>$frames</body>}));
	return map { /^(\d+);(.*)/ } $reported =~ /\[(\d[^\]]*)\]/g;
}

# A run as it happens, and what else a page may have to hold.
my $session = new_database('report');
my $long = 'x' x 60;
maria("USE report; CREATE TABLE report.$long (id INT PRIMARY KEY, v TEXT);
	INSERT INTO report.$long SELECT seq, MD5(seq) FROM seq_1_to_1000;
	CREATE TABLE report.`it's <b>bold</b>` (id INT PRIMARY KEY, d DATE)");
my $answer = $session->run(
	"CALL mariadb.migrate('remote', 'report', 'moved')", 60);
is($answer->{code}, '', 'the sample moves');
my $run = $session->value('SELECT max(id) FROM mariadb.run');
my $html = qx(psql -d report -XAtc "SELECT mariadb.report(max(id)) FROM mariadb.run");
like($html, qr{^<!DOCTYPE html>.*</html>\s*$}s, 'psql saves a page');
like($html, qr/2 tables hold the same rows as MariaDB\./, 'it says that all went well');
like($html, qr{<td data-label="PostgreSQL" class="n">1,000</td>}, 'it shows the rows');

$session->do("UPDATE mariadb.run SET gtid = '0-1-2' || repeat(',1-23-456', 50),
	options = '{\"note\": \"$long$long\"}',
	preflight = '[{\"severity\": \"error\", \"object\": \"$long.$long\",
		\"finding\": \"$long$long\", \"advice\": \"none\", \"rows_concerned\": 12345678}]',
	notes = '[{\"object\": \"$long\", \"note\": \"$long$long\"}]',
	verification = verification || '[{\"table_name\": \"$long\", \"status\":
		\"error: $long$long\", \"remote_rows\": 987654321098}]' WHERE id = $run");
$session->do("INSERT INTO mariadb.reject (run, table_name, target, key, value, is_hex,
	error, sqlstate) VALUES ($run, '$long', 't', '{\"$long\": \"$long\"}',
	'$long$long', true, '$long$long', '22008')");
$session->do("UPDATE mariadb.chunk SET rows = 987654321098, bytes = 98765432109876
	WHERE run = $run AND table_name = '$long'");
$html = qx(psql -XAt -d report -c 'SELECT mariadb.report($run)');
unlike($html, qr/https?:|src=|url\(|\@import|<script|<link|<b>bold/i,
	'nothing in the page comes from outside, and names are no code');

# Nothing is wider than the page.
my %light = measure($html);
is_deeply([ sort { $a <=> $b } keys %light ], [ 375, 768, 1280 ],
	'the browser shows it in three widths');
like($light{$_}, qr/^$_;nothing;light;/, "nothing sticks out at $_ pixels")
  for 375, 768, 1280;
my %wide = measure($html =~ s/<h1>/<h1 style="width:900px">/r);
like($wide{375}, qr/^9\d\d;H1/, 'what sticks out would be seen');

# It follows the reader's colours.
my %dark = measure($html, '--blink-settings=preferredColorScheme=0');
like($light{1280}, qr/light;rgb\(255, 255, 255\)$/, 'it is light by day');
like($dark{1280}, qr/dark;rgb\(\d\d, \d\d, \d\d\)$/, 'and dark by night');

# On paper.
browse("--print-to-pdf=$dir/report.pdf", write_file('report.html', $html));
my $pdf = '';
if (open(my $file, '<:raw', "$dir/report.pdf"))
{
	local $/;
	$pdf = <$file>;
}
like($pdf, qr/^%PDF/, 'it can be printed');
like($pdf, qr{/MediaBox \[0 0 59\d\S* 84\d}, 'on A4');

done_testing;
