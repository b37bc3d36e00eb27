# What a release is handed out as: every place says the same version, META.json
# keeps to PGXN's specification, the archive has what belongs in it, the files
# for containers can be used, and Debian's package builds without complaints.
#
# All of it happens in copies; the source tree is only read.
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use FindBin qw($Bin);
use IO::Uncompress::Unzip qw($UnzipError);
use JSON::PP ();
use lib $Bin;

use Lab;
use Lab::Container qw(compose_problems dockerfile_problems);
use Test::More;

my $root = abs_path("$Bin/../..");

# Less than the time that test/lab/test gives to this file.
my $build_seconds = ($ENV{TEST_SECONDS} // 300) - 20;
my $work = tempdir(DIR => $ENV{LAB_DIR}, CLEANUP => 1);

# The user of the servers builds, too: packages are not built as root.
my @account = getpwnam('postgres');
@account = getpwnam('nobody') if !@account;
my ($uid, $gid) = @account[2, 3];
my @as_user =
  $> == 0 ? ('setpriv', "--reuid=$uid", "--regid=$gid", '--clear-groups') : ();

# A checkout may belong to another user than the one who tests it.
$ENV{GIT_CONFIG_COUNT} = 1;
$ENV{GIT_CONFIG_KEY_0} = 'safe.directory';
$ENV{GIT_CONFIG_VALUE_0} = '*';

# What `make test` was called with is nothing for other makes.
delete @ENV{qw(MAKEFLAGS MAKELEVEL MAKEOVERRIDES MFLAGS)};

sub read_file
{
	my ($path) = @_;

	open my $file, '<:raw', $path or die "$path: $!";
	local $/;
	return scalar <$file>;
}

sub read_tree { return read_file("$root/$_[0]") }

sub write_file
{
	my ($path, $text) = @_;

	open my $file, '>:raw', $path or die "$path: $!";
	print $file $text;
	close $file or die "$path: $!";
}

sub has_program
{
	my ($name) = @_;

	return grep { -x "$_/$name" } split /:/, $ENV{PATH};
}

# Runs a command in a folder, for so many seconds at most; returns its exit
# status and what it printed.
sub run_in
{
	my ($folder, $seconds, @command) = @_;
	my $pid = open(my $out, '-|') // die "could not fork: $!";

	if ($pid == 0)
	{
		open STDERR, '>&', \*STDOUT;
		chdir $folder or die "$folder: $!";
		exec 'timeout', '-k', 5, $seconds, @command or die "timeout: $!";
	}
	local $/;
	my $text = <$out>;
	close $out;
	return ($? >> 8, $text);
}

# The same as the user who builds, with the programs of the system alone.
sub run_clean
{
	my ($folder, $seconds, $environment, @command) = @_;

	return run_in($folder, $seconds, @as_user, 'env', '-i',
		'PATH=/usr/sbin:/usr/bin:/sbin:/bin', "HOME=$work", 'LC_ALL=C.UTF-8',
		'TZ=UTC', @$environment, @command);
}

sub succeeds
{
	my ($name, $status, $text) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;

	my $done = ok($status == 0, $name);
	diag("exit status $status\n", substr $text, -4000) if !$done;
	return $done;
}

# Tests that what a checker says of a text that was changed is this.
sub notices
{
	my ($name, $text, $from, $to, $check, $expected) = @_;
	local $Test::Builder::Level = $Test::Builder::Level + 1;
	my $changed = $text =~ s/\Q$from\E/$to/r;

	die "there is no $from" if $changed eq $text;
	my @problems = $check->($changed);
	like("@problems", $expected, "$name is noticed");
}

#
# The version, and whether it has been released.
#
my $meta_text = read_tree('META.json');
my $meta = JSON::PP->new->decode($meta_text);
my ($control_version) =
  read_tree('mariadb_fdw.control') =~ /^default_version *= *'(.*)'/m;
my ($changelog_version, $changelog_state) =
  read_tree('CHANGELOG.md') =~ /^## (\S+)(?: \((\w+)\))?/m;
my ($image_version) =
  read_tree('docs/docker/Dockerfile') =~ /image\.version="(.*?)"/;
my $version = $meta->{version};

sub in_full { return join '.', (split(/\./, $_[0]), 0, 0)[0 .. 2] }

is(in_full($control_version), $version, 'META.json: version of the control file');
is($meta->{provides}{mariadb_fdw}{version}, $version, 'of the extension');
is(in_full($changelog_version), $version, 'CHANGELOG.md');
is($image_version, $version, 'the image');
is($meta->{release_status} eq 'stable' ? '' : 'unreleased',
	$changelog_state // '', 'CHANGELOG.md and META.json agree on the release');

#
# META.json, by version 1.0.0 of PGXN's specification.
#
my $semantic = qr/^(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*)){2}(?:-[A-Za-z][\w-]*)?$/;
my $range = qr/^(?:0|(?:[<>]=?|==|!=)?\s*(?:0|[1-9]\d*)(?:\.\d+){2}\S*)$/;
my $term = qr{^[^\s[:cntrl:]/\\]{2,}$};

sub prereq_problems
{
	my ($prereqs) = @_;
	my @problems;

	for my $phase (sort keys %$prereqs)
	{
		push @problems, "no phase $phase"
		  unless $phase =~ /^(?:configure|build|test|runtime|develop)$/;
		for my $relation (sort keys %{ $prereqs->{$phase} })
		{
			my $needs = $prereqs->{$phase}{$relation};
			push @problems, "no relation $relation"
			  unless $relation =~ /^(?:requires|recommends|suggests|conflicts)$/;
			push @problems, map { "$phase: $_ $needs->{$_}" }
			  grep { !/$term/ || grep { !/$range/ } split /\s*,\s*/, $needs->{$_} }
			  sort keys %$needs;
		}
	}
	return @problems;
}

sub meta_problems
{
	my ($text) = @_;
	my $meta = eval { JSON::PP->new->decode($text) } or return "not JSON: $@";
	my @problems = map { "$_ is missing" }
	  grep { !$meta->{$_} }
	  qw(abstract license maintainer meta-spec name provides version);

	push @problems, map { "unknown key $_" } grep {
		!/^(?:abstract|description|generated_by|license|maintainer|meta-spec
		  |name|no_index|prereqs|provides|release_status|resources|tags
		  |version|[xX]_[-\w]+)$/x
	} sort keys %$meta;
	return @problems if @problems;
	push @problems, "version $meta->{version}" if $meta->{version} !~ $semantic;
	push @problems, "name $meta->{name}" if $meta->{name} !~ $term;
	push @problems, 'release_status'
	  if ($meta->{release_status} // 'stable') !~ /^(?:stable|testing|unstable)$/;
	push @problems, 'license' if $meta->{license} ne 'postgresql';
	push @problems, 'meta-spec' if ($meta->{'meta-spec'}{version} // '') ne '1.0.0';
	push @problems, 'tags'
	  if grep { !m{^[^[:cntrl:]/\\]{1,256}$} } @{ $meta->{tags} // [] };
	push @problems, prereq_problems($meta->{prereqs} // {});
	for my $name (sort keys %{ $meta->{provides} })
	{
		my $extension = $meta->{provides}{$name};
		push @problems, "$name: version"
		  if ($extension->{version} // '') !~ $semantic;
		push @problems, map { "$name: no file " . ($_ // '') }
		  grep { !defined || !-f "$root/$_" }
		  $extension->{file}, $extension->{docfile} // 'README.md';
	}
	return @problems;
}

is_deeply([ meta_problems($meta_text) ], [], 'META.json keeps to the specification');
notices('a version of two parts', $meta_text, '"version": "1.0.0"',
	'"version": "1.0"', \&meta_problems, qr/^version 1\.0$/);
notices('a file that is not there', $meta_text, 'mariadb_fdw.control', 'x.sql',
	\&meta_problems, qr/mariadb_fdw: no file x\.sql/);
notices('a phase that does not exist', $meta_text, '"runtime"', '"run"',
	\&meta_problems, qr/no phase run/);
notices('a missing key', $meta_text, '"abstract": "Move', '"x_a": "Move',
	\&meta_problems, qr/abstract is missing/);

#
# The archive of a release: what is committed, but for what .gitattributes
# leaves out.
#
sub names_in_zip
{
	my ($path) = @_;
	my $zip = IO::Uncompress::Unzip->new($path) or die "$path: $UnzipError";
	my @names;

	do { push @names, $zip->getHeaderInfo->{Name} } while $zip->nextStream == 1;
	return grep { !m{/$} } @names;
}

SKIP:
{
	skip 'git is not installed, or this is not a checkout', 1
	  if !has_program('git') || !-e "$root/.git";
	my ($status, $text) = run_in($root, 60, 'make', '-s', 'dist', "DIST_DIR=$work");
	succeeds('make dist', $status, $text);
	my $name = "mariadb_fdw-$version";
	my @names = names_in_zip("$work/$name.zip");
	my %top = map { m{^\Q$name\E/([^/]+)} ? ($1 => 1) : ($_ => 1) } @names;
	is_deeply([ sort keys %top ], [ sort qw(CHANGELOG.md LICENSE META.json
		  Makefile README.md debian docs expected mariadb_fdw.c mariadb_fdw.control
		  sql src test) ], 'what is at the top of the archive');
	is(scalar(grep { m{^$name/test/fuzz/corpus/|\.(?:o|so)$} } @names), 0,
		'nothing that is found or made by a run');
	($status, $text) = run_in($root, 20, qw(git ls-tree -r --name-only HEAD));
	my @expected = grep { !m{^(?:\.|test/fuzz/corpus/)} } split /\n/, $text;
	is_deeply([ sort @names ], [ sort map { "$name/$_" } @expected ],
		'all the rest is in it');
}

#
# The files for containers.
#
my $dockerfile = read_tree('docs/docker/Dockerfile');
my $ignore = read_tree('docs/docker/Dockerfile.dockerignore');
my $compose = read_tree('docs/docker/compose.yaml');
my $check_dockerfile = sub { dockerfile_problems($_[0], $root, $ignore) };
my $check_compose = sub { compose_problems($_[0], "$root/docs/docker") };

is_deeply([ $check_dockerfile->($dockerfile) ], [], 'the Dockerfile is in order');
notices('an instruction that does not exist', $dockerfile, 'WORKDIR', 'WORKDIRS',
	$check_dockerfile, qr/no instruction WORKDIRS/);
notices('a source that does not exist', $dockerfile, 'COPY src/', 'COPY source/',
	$check_dockerfile, qr/source does not exist/);
notices('a source that is ignored', $dockerfile, 'COPY src/', 'COPY sql/',
	$check_dockerfile, qr/sql is in \.dockerignore/);
notices('a stage that does not exist', $dockerfile, '--from=build', '--from=made',
	$check_dockerfile, qr/no stage made/);
notices('an image without a version', $dockerfile, 'ARG DEBIAN=trixie', '',
	$check_dockerfile, qr/variable without a value/);
notices('a broken command', $dockerfile, 'make -j "', 'make -j ("',
	$check_dockerfile, qr/shell does not understand/);
notices('a compiler in the image', $dockerfile, 'libmariadb3', 'libmariadb-dev',
	$check_dockerfile, qr/only the build needs/);
notices('a secret in the image', $dockerfile, 'WORKDIR', "ENV PGPASSWORD=x\nWORKDIR",
	$check_dockerfile, qr/secret in the image/);
like($dockerfile, qr/^ARG PG_MAJOR=(?:1[3-8])$/m, 'it builds a version we know');

is_deeply([ $check_compose->($compose) ], [], 'the compose file is in order');
notices('text that is not YAML', $compose, 'services:', "services\n",
	$check_compose, qr/not YAML/);
notices('an unknown key', $compose, 'depends_on:', 'depend_on:',
	$check_compose, qr/unknown key depend_on/);
notices('a port for everybody', $compose, '127.0.0.1:5432:', '5432:',
	$check_compose, qr/5432:5432 is open/);
notices('a secret in the environment', $compose, 'POSTGRES_PASSWORD_FILE:',
	'POSTGRES_PASSWORD:', $check_compose, qr/POSTGRES_PASSWORD$/);
notices('a secret that is not declared', $compose, '      - postgres_password',
	'      - password', $check_compose, qr/secret password is not declared/);
notices('a missing Dockerfile', $compose, 'docker/Dockerfile', 'Dockerfile',
	$check_compose, qr/no file/);
notices('an argument that does not exist', $compose, 'PG_MAJOR:', 'PG_VERSION:',
	$check_compose, qr/no ARG PG_VERSION/);
notices('an image without a version', $compose, 'mariadb:11.8', 'mariadb:latest',
	$check_compose, qr/has no version/);
notices('a service that does not exist', $compose, "      mariadb:\n        cond",
	"      maria:\n        cond", $check_compose, qr/no service maria/);

# Version 1, which names itself in small letters, does not know the
# specification.
my ($compose_program) =
  grep { (run_in($root, 20, @$_, 'version'))[1] =~ /^Docker Compose version/ }
  [qw(docker compose)], ['docker-compose'];
SKIP:
{
	skip 'docker compose is not installed', 1 if !$compose_program;
	succeeds('docker compose reads it', run_in($root, 60,
		@$compose_program, '--file', 'docs/docker/compose.yaml', qw(config --quiet)));
}
SKIP:
{
	skip 'hadolint is not installed', 1 if !has_program('hadolint');
	succeeds('hadolint finds no error', run_in($root, 60,
		qw(hadolint --failure-threshold error docs/docker/Dockerfile)));
}

#
# Debian's package.
#
my $changelog = read_tree('debian/changelog');
my ($source, $debian_version, $suite) = $changelog =~ /^(\S+) \((\S+)\) (\S+);/
  or die 'debian/changelog has no entry';
my ($upstream) = $debian_version =~ /^(.*)-/;
my ($license) = read_tree('LICENSE') =~ /^(Permission .*)/ms;
my ($license_here) = read_tree('debian/copyright') =~ /^ (Permission .*)/ms;
my $template = read_tree('debian/control.in');
my ($major) = read_tree('debian/control') =~ /^Package: postgresql-(\d+)-/m;

is($upstream, $version, 'debian/changelog has this version');
is($suite eq 'UNRELEASED' ? 'unreleased' : '', $changelog_state // '',
	'and agrees on the release');
is($license_here =~ s/^ \.?//gmr, $license, 'debian/copyright has the license');
is(read_tree('debian/control'), $template =~ s/PGVERSION/$major/gr,
	'debian/control is made from debian/control.in');

SKIP:
{
	my ($server) = `$ENV{PG_CONFIG} --version` =~ /^PostgreSQL (\d+)/;
	my $config = "/usr/lib/postgresql/$server/bin/pg_config";
	my ($headers) = -x $config ? `$config --includedir-server` =~ /(.*)/ : '';
	skip "PostgreSQL $server is not from Debian's packages", 1
	  if !-f "$headers/postgres.h";
	my ($missing) = grep { !has_program($_) }
	  qw(dpkg-buildpackage dh pg_buildext dh_pgxs_test);
	skip "there is no $missing: test/lab/install packaging", 1 if $missing;

	# The tree as it is, with what nobody has committed yet.
	my $copy = "$work/$source-$upstream";
	my @leave = map { "--exclude=$_" } qw(./.git ./test/fuzz/corpus ./results
	  ./tmp_check ./log node_modules .build-flags *.o *.so *.bc);
	push @leave, "--exclude=./mariadb_fdw--$control_version.sql";
	make_path($copy);
	system("tar -C '$root' @leave -c . | tar -C '$copy' --no-same-owner -x") == 0
	  or die 'could not copy the tree';
	system('tar', '-C', $work, '--anchored', "--exclude=$source-$upstream/debian",
		'-czf', "$work/${source}_$upstream.orig.tar.gz", "$source-$upstream") == 0
	  or die 'could not make the source archive';
	system('chown', '-R', "$uid:$gid", $work) if $> == 0;

	my @all = run_clean($copy, 30, ["PG_SUPPORTED_VERSIONS=13\n15\n18"],
		qw(pg_buildext updatecontrol));
	succeeds('debian/control for several versions', @all);
	is(join(' ', read_file("$copy/debian/control") =~ /^Package: (.*)/mg),
		join(' ', map { "postgresql-$_-mariadb-fdw" } 13, 15, 18),
		'has a package for each');
	my @one = ("PG_SUPPORTED_VERSIONS=$server");
	succeeds("debian/control for PostgreSQL $server",
		run_clean($copy, 30, \@one, qw(pg_buildext updatecontrol)));

	# Not all that Build-Depends names: a machine that builds by hand may have
	# the headers of one version alone.
	my $jobs = `nproc` + 0;
	my $built = succeeds('the package is built', run_clean($copy, $build_seconds,
		[ @one, "DEB_BUILD_OPTIONS=noautodbgsym parallel=$jobs" ],
		qw(dpkg-buildpackage -us -uc -d)));
	skip 'there is no package', 1 if !$built;

	my $package = "postgresql-$server-mariadb-fdw";
	my ($deb) = glob "$work/${package}_*.deb";
	my (undef, $list) = run_in($work, 30, 'dpkg-deb', '-c', $deb);
	my $doc = "usr/share/doc/$package";
	my @docs = split ' ', `cd '$root' && find README.md docs -type f ! -path 'docs/docker/*'`;
	is_deeply([ sort map { s/\.gz$//r } $list =~ m{^[^d].*? \./(.*)$}mg ],
		[ sort "usr/lib/postgresql/$server/lib/mariadb_fdw.so",
			map({ "usr/share/postgresql/$server/extension/$_" }
				'mariadb_fdw.control', "mariadb_fdw--$control_version.sql",
				map { s{.*/}{}r } glob "$root/mariadb_fdw--*--*.sql"),
			map({ "$doc/$_" } @docs, qw(changelog changelog.Debian copyright)) ],
		'it has the extension and its documents, and nothing else');
	my (undef, $depends) = run_in($work, 30, 'dpkg-deb', '-f', $deb, 'Depends');
	like($depends, qr/\bpostgresql-$server\b/, 'it needs PostgreSQL');
	like($depends, qr/\blibmariadb3\b/, 'and the client library');

	my $into = "$work/installed";
	run_in($work, 30, @as_user, 'dpkg-deb', '-x', $deb, $into);
	is(read_file("$into/usr/share/postgresql/$server/extension/"
			  . "mariadb_fdw--$control_version.sql"),
		join('', map { read_file($_) } sort glob "$root/src/sql/*.sql"),
		'its script is that of the tree');
	SKIP:
	{
		skip 'the server has other options than Debian\'s', 1
		  if `$ENV{PG_CONFIG} --configure` ne `$config --configure`;
		my $session = Lab::Session->new('postgres');
		my $library = "$into/usr/lib/postgresql/$server/lib/mariadb_fdw.so";
		my $answer = $session->run("LOAD '$library'");
		is($answer->{err}, '', 'the server loads its library');
		$session->quit;
	}

	skip 'lintian is not installed', 1 if !has_program('lintian');
	# An older release does not know the standard that newer ones ask for.
	my ($status, $text) = run_clean($work, $build_seconds, [], 'lintian',
		'--profile=debian', '--suppress-tags=newer-standards-version',
		'--fail-on', 'error,warning', glob "$work/${source}_*.changes");
	succeeds('lintian finds no error and no warning', $status, $text);
	is($text =~ s/^N: .*\n//mgr, '', 'and says nothing') if $status == 0;
}

done_testing;
