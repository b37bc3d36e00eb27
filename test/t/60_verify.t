# No damage to a row stays unseen, and none is seen where there is none.
#
# Two ways lead to the truth: MariaDB digests its rows itself, or they are
# streamed and decoded here.  Both must agree on every value of Types.pm, and
# each must find each kind of damage alone.
use strict;
use warnings;
use utf8;

use Encode qw(encode);
use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;
use Types;

binmode $_, ':utf8' for Test::More->builder->output,
  Test::More->builder->failure_output, Test::More->builder->todo_output;

my $prepare = "SET NAMES utf8mb4; SET sql_mode = '', time_zone = '+00:00';";

# Tables of random values that have a column which MariaDB cannot say exactly.
my %is_mixed = map { $_ => 1 } qw(integers numbers jsons geometries);
my $session = new_database('verify');
run_here('CREATE SCHEMA remote; CREATE SCHEMA moved');

agree_on_all_types();
done_testing;

sub run_here { return $session->do(encode('UTF-8', $_[0]), 120) }
sub run_there { return maria(encode('UTF-8', "$prepare USE verify; $_[0]")) }

# Makes a table there and moves it here by its foreign table.
sub move_table
{
	my ($table) = @_;
	my $name = $table->{name};
	my $options = $table->{import} ? "OPTIONS ($table->{import})" : '';

	run_there(join ';', create_sql($table), fill_sql($table));
	run_here("IMPORT FOREIGN SCHEMA verify LIMIT TO ($name) FROM SERVER remote
		INTO remote $options; CREATE TABLE moved.$name AS SELECT * FROM remote.$name");
}

sub verify
{
	my ($columns, $more) = @_;

	return run_here("SELECT $columns FROM mariadb.verify('remote', 'verify', 'moved'"
		  . ($more ? ", $more" : '') . ')');
}

sub agree_on_all_types
{
	for my $table (tables())
	{
		my $name = $table->{name};

		move_table($table);
		for my $level ('digest', 'stream')
		{
			is(verify('status, method, remote_rows = local_rows',
				"'$level', tables => '{$name}'"),
				'equal|' . ($level eq 'stream' ? 'stream' : $is_mixed{$name} ? 'sql+stream' : 'sql') . '|t',
				"$name: equal by $level");
		}
	}
}
