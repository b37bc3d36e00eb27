# What is wrong with a Dockerfile or a compose file, as far as their texts
# and the source tree tell; nothing is built or started.
package Lab::Container;

use strict;
use warnings;

use CPAN::Meta::YAML;
use Exporter qw(import);
use File::Basename qw(dirname);
use File::Spec;

our @EXPORT_OK = qw(dockerfile_problems compose_problems);

my %instructions = map { $_ => 1 } qw(ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE
  FROM HEALTHCHECK LABEL ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR);
my $secret_name = qr/PASSWORD|PASSWD|SECRET|TOKEN|(?:^|_)KEY$/i;

# Keys of the compose specification, those that have a use here.  A key is
# added when the file needs it, after a look into the specification.
my %compose_keys = (
	top => [qw(name services networks volumes secrets configs)],
	service => [
		qw(build command configs depends_on entrypoint environment expose
		  extra_hosts healthcheck hostname image init networks platform ports
		  profiles read_only restart secrets shm_size stop_grace_period
		  stop_signal tmpfs ulimits user volumes)
	],
	build => [qw(args context dockerfile labels platforms secrets target)],
	healthcheck => [
		qw(disable interval retries start_interval start_period test timeout)
	],
	depends_on => [qw(condition required restart)],
	secret => [qw(environment external file name)],
	volume => [qw(driver driver_opts external labels name)],
);

# Returns the instructions of a Dockerfile: line, name and text of each.
sub instructions_of
{
	my ($text) = @_;
	my (@found, $open);
	my $line = 0;

	for (split /\n/, $text)
	{
		++$line;
		next if /^\s*(?:#|$)/;
		my $is_resumed = s/\\\s*$//;
		if ($open)
		{
			$found[-1]{text} .= $_;
		}
		else
		{
			my ($name, $rest) = /^\s*(\S+)\s*(.*)/;
			push @found, { line => $line, name => uc $name, text => $rest };
		}
		$open = $is_resumed;
	}
	return @found;
}

# Puts the values of build arguments in; what is not known stays.
sub expand
{
	my ($text, $args) = @_;

	return $text =~ s/\$\{?(\w+)\}?/$args->{$1} \/\/ "\$$1"/ger;
}

sub image_problem
{
	my ($image) = @_;

	return "image $image has a variable without a value" if $image =~ /\$/;
	return "image $image has no version"
	  unless $image =~ /:[\w.-]*\d[\w.-]*$|\@sha256:[0-9a-f]{64}$/;
	return;
}

# Says whether the rules of a .dockerignore keep a file from the build; the
# last one that fits it or a folder above it decides.
sub is_ignored
{
	my ($path, @rules) = @_;
	my $ignored = 0;

	for (grep { !/^\s*(?:#|$)/ } @rules)
	{
		my ($again, $pattern) = m{^(!?)/?(.*?)/?\s*$};
		my $regex = join '', map {
			$_ eq '**/' ? '(?:.*/)?' : $_ eq '*' ? '[^/]*' : quotemeta
		} split m{(\*\*/|\*)}, $pattern;
		$ignored = $again ? 0 : 1 if $path =~ m{^$regex(?:/|$)};
	}
	return $ignored;
}

sub files_below
{
	my ($root, $path) = @_;

	return $path if !-d "$root/$path";
	opendir(my $folder, "$root/$path") or die "$root/$path: $!";
	return map { files_below($root, "$path/$_") }
	  grep { !/^\.\.?$/ } readdir $folder;
}

# COPY [--from=STAGE] SOURCE... TARGET
sub copy_problems
{
	my ($text, $root, $rules, $stages) = @_;
	my ($flags, $rest) = $text =~ /^((?:--\S+\s+)*)(.*)/s;
	my @sources = split ' ', $rest;
	my @problems;

	push @problems, 'COPY needs a source and a target' if @sources < 2;
	pop @sources;
	if ($flags =~ /--from=(\S+)/)
	{
		push @problems, "there is no stage $1" unless $stages->{$1};
		return @problems;
	}
	for my $source (map { s{/$}{}r } @sources)
	{
		if (!-e "$root/$source")
		{
			push @problems, "$source does not exist";
		}
		elsif (!grep { !is_ignored($_, @$rules) } files_below($root, $source))
		{
			push @problems, "$source is in .dockerignore";
		}
	}
	return @problems;
}

sub run_problems
{
	my ($text) = @_;
	my @problems;

	open(my $shell, '|-', 'sh -n 2>/dev/null') or die "sh: $!";
	print $shell "$text\n";
	close $shell or push @problems, 'the shell does not understand it';
	if ($text =~ /apt-get install/)
	{
		push @problems, "apt-get without $_"
		  for grep { index($text, $_) < 0 } 'apt-get update', ' -y ',
		  '--no-install-recommends', 'rm -rf /var/lib/apt/lists/*';
	}
	return @problems;
}

# dockerfile_problems(TEXT, ROOT, IGNORE): ROOT is the folder of the build's
# context, IGNORE the text of .dockerignore.
sub dockerfile_problems
{
	my ($text, $root, $ignore) = @_;
	my @rules = split /\n/, $ignore;
	my (%args, %stages, @problems, @last);
	my @all = instructions_of($text);

	for my $at (@all)
	{
		my @here;
		my ($name, $rest) = @$at{qw(name text)};

		if (!$instructions{$name})
		{
			push @here, "there is no instruction $name";
		}
		elsif (!%stages && $name !~ /^(?:ARG|FROM)$/)
		{
			push @here, "$name before the first FROM";
		}
		elsif ($name eq 'ARG')
		{
			$args{$1} = $2 if !%stages && $rest =~ /^(\w+)=(.*)/;
		}
		elsif ($name eq 'FROM')
		{
			my ($image, $stage) = $rest =~ /^(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?$/i;
			$image = expand($image // '', \%args);
			push @here, image_problem($image) unless $stages{$image};
			$stages{ $stage // scalar keys %stages } = 1;
			@last = ();
		}
		elsif ($name eq 'COPY')
		{
			push @here, copy_problems($rest, $root, \@rules, \%stages);
		}
		elsif ($name eq 'RUN')
		{
			push @here, run_problems($rest);
		}
		elsif ($name eq 'ADD')
		{
			push @here, 'ADD takes what no checksum vouches for';
		}
		push @here, 'a secret in the image'
		  if $name =~ /^(?:ARG|ENV)$/ && $rest =~ /^(\w+)/ && $1 =~ $secret_name;
		push @problems, map { "line $at->{line}: $_" } @here;
		push @last, $rest if $name eq 'RUN';
	}
	push @problems, 'there is no FROM' if !%stages;
	push @problems, 'the image has what only the build needs'
	  if grep { /(?:^|\s)"?(?:gcc|make|build-essential|\S+-dev(?:-\S+)?)"?(?=\s|;|$)/m } @last;
	return @problems;
}

# Names of a list or of the keys of a map.
sub names_of
{
	my ($node) = @_;

	return ref $node eq 'HASH' ? sort keys %$node : @{ $node // [] };
}

sub key_problems
{
	my ($where, $kind, $node) = @_;
	my %known = map { $_ => 1 } @{ $compose_keys{$kind} };

	return "$where is not a map" if ref $node ne 'HASH';
	return map { "$where has an unknown key $_" }
	  grep { !$known{$_} } sort keys %$node;
}

sub build_problems
{
	my ($where, $build, $folder) = @_;
	my @problems = key_problems($where, 'build', $build);
	my $context = File::Spec->rel2abs($build->{context} // '.', $folder);
	my $dockerfile = "$context/" . ($build->{dockerfile} // 'Dockerfile');

	push @problems, "$where: no folder $build->{context}" if !-d $context;
	if (open my $file, '<', $dockerfile)
	{
		local $/;
		my $text = <$file>;
		push @problems, map { "$where: the Dockerfile has no ARG $_" }
		  grep { $text !~ /^ARG $_\b/m } names_of($build->{args});
	}
	else
	{
		push @problems, "$where: no file $build->{dockerfile}";
	}
	return @problems;
}

sub port_problem
{
	my ($port) = @_;

	return if $port =~ /^(?:127\.0\.0\.1|\[::1\]):\d+:\d+$/;
	return "port $port is open to the network";
}

# What a service refers to must be declared.
sub reference_problems
{
	my ($service, $all) = @_;
	my @problems;

	for my $name (names_of($service->{secrets}))
	{
		push @problems, "secret $name is not declared"
		  if !exists $all->{secrets}{$name};
	}
	for my $volume (names_of($service->{volumes}))
	{
		my ($name) = $volume =~ m{^(\w[^:/]*):/};
		push @problems, "volume $volume is not declared"
		  if !defined $name || !exists $all->{volumes}{$name};
	}
	my $others = $service->{depends_on} // {};
	for my $name (names_of($others))
	{
		my $other = $all->{services}{$name};
		push @problems, "there is no service $name" if !$other;
		push @problems, key_problems("depends_on $name", 'depends_on',
			$others->{$name}) if ref $others eq 'HASH';
		push @problems, "service $name has no health check"
		  if $other && !$other->{healthcheck};
	}
	return @problems;
}

sub service_problems
{
	my ($service, $all, $folder) = @_;
	my @problems = key_problems('it', 'service', $service);

	return @problems if ref $service ne 'HASH';
	push @problems, 'it has neither image nor build'
	  unless $service->{image} || $service->{build};
	push @problems, image_problem($service->{image}) if $service->{image};
	push @problems, build_problems('build', $service->{build}, $folder)
	  if $service->{build};
	push @problems, key_problems('healthcheck', 'healthcheck',
		$service->{healthcheck});
	push @problems, 'the health check runs nothing'
	  unless ($service->{healthcheck}{test}[0] // '') =~ /^CMD(?:-SHELL)?$/;
	push @problems, map { port_problem($_) } names_of($service->{ports});
	push @problems, map { "a secret in the environment: $_" }
	  grep { $_ =~ $secret_name && !/_FILE$/ }
	  map { s/=.*//sr } names_of($service->{environment});
	push @problems, reference_problems($service, $all);
	return @problems;
}

# compose_problems(TEXT, FOLDER): FOLDER is where the file is.
sub compose_problems
{
	my ($text, $folder) = @_;
	my $documents = eval { CPAN::Meta::YAML->read_string($text) };

	return 'not YAML: ' . ($@ =~ s/\s+at .*//sr) if !$documents;
	return 'not one document' if @$documents != 1;
	my $all = $documents->[0];
	my @problems = key_problems('the file', 'top', $all);
	return @problems if ref $all ne 'HASH';
	push @problems, 'there are no services' if ref $all->{services} ne 'HASH' || !%{ $all->{services} };
	return @problems if @problems;
	for my $name (names_of($all->{services}))
	{
		push @problems, map { "$name: $_" }
		  service_problems($all->{services}{$name}, $all, $folder);
	}
	for my $name (names_of($all->{secrets}))
	{
		my $secret = $all->{secrets}{$name};
		push @problems, key_problems("secret $name", 'secret', $secret);
	}
	for my $name (names_of($all->{volumes}))
	{
		push @problems, key_problems("volume $name", 'volume',
			$all->{volumes}{$name} || {});
	}
	return @problems;
}

1;
