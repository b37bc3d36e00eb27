# What lies around the types: databases of other encodings, and servers with a
# time zone of their own.
use strict;
use warnings;
use utf8;

use Encode qw(encode);
use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Test::More;

my $session = new_database('zones');
my $server = $session->value("SELECT pg_postmaster_start_time()");

maria(encode('UTF-8', <<'SQL'));
USE zones; SET NAMES utf8mb4; SET time_zone = '+00:00';
CREATE TABLE moments (id INT PRIMARY KEY, ts TIMESTAMP(3) NULL);
INSERT INTO moments VALUES (1, '2024-01-01 00:00:00.5');
CREATE TABLE labels (id INT PRIMARY KEY, e ENUM('日本','a'), v VARCHAR(9));
INSERT INTO labels VALUES (1, 2, 'é');
CREATE TABLE many (v VARCHAR(9));
INSERT INTO many SELECT IF(seq = 100, '日', 'é') FROM seq_1_to_1000;
SQL

# An instant is the same whatever zone the server's sessions have.
Lab::add_server($session, 'nepal', time_zone => '+05:45');
$session->do("SET timezone = 'UTC'");
Lab::add_table($session, 'moments', 'id int, ts timestamptz', server => 'nepal');
my $answer = $session->run('SELECT ts FROM moments');
like($answer->{out} || $answer->{err}, qr/2024-01-01 00:00:00\.5\+00|cannot hold/,
	'a timestamptz of a server with a time zone is the instant, or refused');
$answer = $session->run(q{SELECT * FROM mariadb.query('nepal', 'SELECT ts FROM zones.moments') AS t (ts timestamptz)});
like($answer->{out} || $answer->{err}, qr/2024-01-01 00:00:00\.5\+00|cannot hold/,
	'and by mariadb.query');

$session->do("DROP DATABASE IF EXISTS zones_latin");
$session->do("CREATE DATABASE zones_latin ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0");
my $latin = Lab::Session->new('zones_latin');
$latin->do("SET client_encoding = 'LATIN1'; CREATE EXTENSION mariadb_fdw");
Lab::add_server($latin, 'remote');

# No import aborts, whatever labels a table has.
$latin->do('CREATE SCHEMA remote');
$latin->returns('IMPORT FOREIGN SCHEMA zones LIMIT TO (moments) FROM SERVER remote INTO remote;
	SELECT count(*) FROM remote.moments', 1, 'LATIN1: a table is imported beside labels it cannot hold');
$latin->do('DROP SCHEMA remote CASCADE; CREATE SCHEMA remote');
$latin->returns('IMPORT FOREIGN SCHEMA zones FROM SERVER remote INTO remote;
	SELECT count(*) FROM remote.labels', 1, 'LATIN1: so is the table with them');

# A statement that fails in the middle leaves the server alive.
Lab::add_table($latin, 'many', 'v text', dbname => 'zones');
$latin->fails('SELECT count(v) FROM many', '22P05', qr/has no equivalent/,
	'LATIN1: a character is refused in the middle of a scan');
eventually { eval { connect_to()->quit; 1 } };
my $again = connect_to();
$again->returns('SELECT pg_postmaster_start_time()', $server, 'the server lives');
$again->returns("SELECT count(*) FROM pg_stat_activity WHERE pid = " . $latin->pid, 1,
	'and so does the session');
done_testing;
