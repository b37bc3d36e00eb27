# Columns that are bytea here, but no strings of bytes there: a BIT is a number
# to MariaDB and MySQL, and a geometry has a format of its own. What they make of
# x'...' or give to a binary string is another value than its bytes.
#
# The proof is a row that is inserted on both sides: a column in which they
# differ must be one that a note has named.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $session = new_database('bytes_that_are_none');
my $point = "x'000000000101000000000000000000f03f0000000000000040'";

maria("CREATE TABLE b (id INT PRIMARY KEY, n BIT(8),
	p POINT DEFAULT ($point), g GEOMETRY DEFAULT ($point), pg POINT AS (p) STORED, vp VARBINARY(99) AS (p) STORED,
	bc BIT(16) DEFAULT (CONCAT(x'41')), bd BIT(10) DEFAULT b'1000001', gb BIT(8) AS (x'41') STORED,
	vb VARBINARY(8) AS (n) STORED, vn VARBINARY(8) AS (COALESCE(n, x'41')) STORED,
	vc VARBINARY(8) AS (CASE WHEN id > 0 THEN n END) STORED,
	bl BLOB AS (x'41') STORED, vv VARBINARY(4) DEFAULT (x'6162'), vs VARBINARY(9) AS (COALESCE(vv, x'41')) STORED);
	INSERT INTO b (id, n) VALUES (1, 65)");

for my $type ('bytea', 'bit')
{
	my $local = "as_$type";
	my $options = qq({"bit_as": "$type"});
	my $answer = $session->run("CALL mariadb.migrate('remote', 'bytes_that_are_none', '$local', '$options')", 120);

	is($answer->{code}, '', "$type: migrate") or diag($answer->{err});
	like($answer->{err}, qr/finished; problems: 0\b/, "$type: no problem") or diag($answer->{err});
	my $noted = $session->value("SELECT string_agg(DISTINCT substr(object, 3), ',' ORDER BY substr(object, 3))
		FROM mariadb.ddl('remote', 'bytes_that_are_none', 'x', '$options') WHERE note ~ 'is dropped|ordinary column|not created'");
	is($noted, 'bc,g,gb,p,vb,vc,vn,vp', "$type: what has a note");
	maria('INSERT INTO b (id, n) VALUES (2, 66)');
	$session->do("INSERT INTO $local.b (id, n) VALUES (2, " . ($type eq 'bit' ? q{B'01000010'} : q{'\x42'}) . ')');
	my $differ = $session->value("SELECT string_agg(DISTINCT c, ',' ORDER BY c)
		FROM mariadb.differences('remote', 'bytes_that_are_none', '$local'), unnest(columns) c");
	is($differ, 'bc,g,gb,p,pg,vb,vc,vn,vp', "$type: what a new row has otherwise; pg is made of p");
	maria('DELETE FROM b WHERE id = 2');
}
done_testing;
