# Keys that are times: in the hour that a zone repeats in autumn MariaDB finds
# rows neither below nor above a time, so such a table is not cut.  And names
# that could be taken for something else.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $session = new_database('repeated_hour');

maria('SET time_zone = "+00:00"; CREATE TABLE repeated_hour.times (t TIMESTAMP, id INT, v TEXT, PRIMARY KEY (t, id));
	INSERT INTO repeated_hour.times SELECT FROM_UNIXTIME(1729990800 - 10000 + seq), seq, REPEAT("x", 50)
		FROM seq_1_to_20000;
	CREATE TABLE repeated_hour.named (r INT PRIMARY KEY, t INT, c INT);
	INSERT INTO repeated_hour.named VALUES (1, 2, 3), (4, 5, NULL);
	ANALYZE TABLE repeated_hour.times, repeated_hour.named');
# The zone by its rule, since the names are not loaded.
maria(q{INSERT INTO mysql.time_zone (Time_zone_id) VALUES (999);
	INSERT INTO mysql.time_zone_name VALUES ('Lab/Paris', 999);
	INSERT INTO mysql.time_zone_transition_type VALUES
		(999, 0, 7200, 1, 'CEST'), (999, 1, 3600, 0, 'CET');
	INSERT INTO mysql.time_zone_transition VALUES
		(999, 1711846800, 0), (999, 1729990800, 1), (999, 1743296400, 0)});
$session->do("ALTER SERVER remote OPTIONS (ADD time_zone 'Lab/Paris')");
my $answer = $session->run("CALL mariadb.migrate('remote', 'repeated_hour', 'moved',
	'{\"workers\": 2, \"chunk_size\": \"64kB\"}')", 60);
is($answer->{code}, '', 'it is moved') or diag($answer->{err});
$session->returns('SELECT count(*) FROM moved.times', 20000, 'all rows are here');
$session->returns("SELECT count(*) FROM mariadb.chunk WHERE table_name = 'times'",
	1, 'the table is not cut by its times');
$session->returns("SELECT DISTINCT status FROM mariadb.verify('remote', 'repeated_hour', 'moved')",
	'equal', 'and both sides are equal');
$session->returns("SELECT v ->> 'status' FROM mariadb.run r, jsonb_array_elements(r.verification) v
		WHERE v ->> 'table_name' = 'named'",
	'equal', 'a column may have any name');
maria('DELETE FROM mysql.time_zone WHERE Time_zone_id = 999;
	DELETE FROM mysql.time_zone_name WHERE Time_zone_id = 999;
	DELETE FROM mysql.time_zone_transition WHERE Time_zone_id = 999;
	DELETE FROM mysql.time_zone_transition_type WHERE Time_zone_id = 999');

done_testing;
