# A call of every function and procedure of the extension: arguments are found
# by their names, else by their types.
package Lab::Calls;

use strict;
use warnings;

# What an argument is where its name says nothing.
my %by_type = (
	'text' => "'x'", 'name' => "'remote'", 'bigint' => '1', 'integer' => '1', 'numeric' => '1',
	'boolean' => 'false', 'jsonb' => "'{}'", 'text[]' => "'{}'", 'oid' => '0', 'oid[]' => "'{}'", 'record' => 'ROW(1)',
	'uuid' => "'00000000-0000-0000-0000-000000000000'", 'double precision' => '1',
	'timestamp with time zone' => "'2026-01-01'", 'integer[]' => "'{0}'", 'bytea' => "'x'",
	'"any"' => "'x'", 'regrole' => "'pg_monitor'", 'boolean[]' => "'{true}'");

# What an argument of some name and type is, whatever the test.
my %by_name = (
	'server name' => "'remote'", 'condition text' => "'1 = 1'", 'sql text' => "'SELECT 1'",
	'command text' => "'DO 0'", 'remote_sql text' => "'SELECT 1'", 'local_sql text' => "'SELECT 1'",
	'plan jsonb' => "'[]'", 'level text' => "'digest'", 'role text' => "'origin'",
	'columns text[]' => "'{id}'", 'index_names text[]' => "'{x}'", 'prefix_lengths integer[]' => "'{0}'",
	'referenced_columns text[]' => "'{id}'", 'apply boolean' => 'true', 'fail boolean' => 'false',
	'prisma text' => 'NULL');

# Lists all, each a hash: schema, name, kind, args (name and type of each),
# values (SQL of each, NULL where SQL has no values of the type) and sql.  What
# is given is added to what is known of arguments.
sub all
{
	my ($session, %given) = @_;
	my %value_of = (%by_type, %by_name, %given);
	my @lines = split /\n/, $session->value("SELECT p.pronamespace::regnamespace || ';' || p.proname || ';' || p.prokind::text || ';'
			|| p.proretset::int || ';' || coalesce((
				SELECT string_agg(coalesce(p.proargnames[a.n], '') || ' ' || format_type(a.type, NULL),
					',' ORDER BY a.n)
				FROM unnest(coalesce(p.proallargtypes, p.proargtypes::oid[]))
					WITH ORDINALITY AS a (type, n)
				WHERE p.proargmodes IS NULL OR p.proargmodes[a.n] IN ('i', 'b', 'v')), '')
		FROM pg_proc p WHERE p.pronamespace IN ('mariadb'::regnamespace, 'mariadb_internal'::regnamespace) ORDER BY 1");

	return map { describe($_, \%value_of) } @lines;
}

sub describe
{
	my ($line, $value_of) = @_;
	my ($schema, $name, $kind, $is_set, $list) = split /;/, $line, 5;
	my @args = split /,/, $list;
	my @values;

	for my $arg (@args)
	{
		my ($type) = $arg =~ /^\S* (.*)$/;
		# No casts, which would look for the type on the search_path.
		push @values, $value_of->{"$name.$arg"} // $value_of->{$arg} // $value_of->{$type};
	}
	my $call = "$schema.$name(" . join(', ', map { $_ // '' } @values) . ')';
	my $sql = $kind eq 'p' ? "CALL $call"
	  : $name =~ /^(?:query|batch)$/ ? "SELECT * FROM $call AS q (x int)"
	  : $is_set ? "SELECT * FROM $call" : "SELECT $call";
	return { schema => $schema, name => $name, kind => $kind, args => \@args, values => \@values,
		sql => (grep { !defined } @values) ? undef : $sql };
}

1;
