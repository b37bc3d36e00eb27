# A module of test/modules, built beside the servers and loaded by its path.
package Lab::Module;

use strict;
use warnings;

use File::Copy qw(copy);

my $source = __FILE__ =~ s{t/Lab/[^/]*$}{modules}r;

# Builds a module in the lab's folder; returns what a server loads.
sub build
{
	my ($name) = @_;
	my $dir = "$ENV{LAB_DIR}/modules";
	my $log = "$dir/$name.log";

	mkdir $dir;
	for my $file ('Makefile', "$name.c")
	{
		copy("$source/$file", "$dir/$file") or die "could not copy $file: $!";
	}
	system("make -s -C '$dir' MODULES=$name PG_CONFIG='$ENV{PG_CONFIG}' > '$log' 2>&1") == 0
	  or die "could not build $name: " . `cat '$log'`;
	return "$dir/$name";
}

1;
