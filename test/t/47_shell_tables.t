# No row goes where nobody reads it: tables whose rows another extension keeps
# elsewhere, and every other kind of relation that is more than a heap.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Lab::Module;
use Test::More;

my $session = new_database('shells');
my $module = Lab::Module::build('shells');
my $rows = 3000;

fill_source();
take_shells();
copy_into_shells();
migrate_into_shells($_->[0], $_->[1])
  for ([ 'true', 0 ], [ 'false', 0 ], [ 'true', 2 ], [ 'false', 2 ]);
compare_shells();
repair_shells();
resync_shells();
refuse_blind_tables();
name_columns();
count_locks();
look_at_other_targets();
refuse_reserved_targets();
done_testing;

# Tables of each kind of key, one of them big enough for several chunks.
sub fill_source
{
	maria("CREATE TABLE keyed (id INT PRIMARY KEY, v VARCHAR(20), f DOUBLE, j JSON);
		INSERT INTO keyed SELECT seq, CONCAT('v', seq), seq / 7e0, CONCAT('{\"n\": ', seq, '}') FROM seq_1_to_$rows;
		CREATE TABLE keyless (a INT, b VARCHAR(20));
		INSERT INTO keyless SELECT seq % 10, CONCAT('b', seq % 20) FROM seq_1_to_400;
		CREATE TABLE big (id INT PRIMARY KEY, t TEXT NOT NULL);
		INSERT INTO big SELECT seq, REPEAT(MD5(seq), 20) FROM seq_1_to_6000;
		ANALYZE TABLE big PERSISTENT FOR ALL");
}

# The shards have two partitions each, where a ctid is in both.
sub take_shells
{
	$session->do("ALTER DATABASE shells SET session_preload_libraries = '$module'");
	$session->quit;
	$session = connect_to();
	$session->do(q{CREATE SCHEMA there; CREATE SCHEMA moved; CREATE SCHEMA shards; CREATE SCHEMA blind;
		IMPORT FOREIGN SCHEMA shells FROM SERVER remote INTO there});
	for my $table ([ 'keyed', 'id int PRIMARY KEY, v varchar(20), f float8, j json', 'id' ],
		[ 'keyless', 'a int, b varchar(20)', 'b' ],
		[ 'big', 'id int PRIMARY KEY, t text NOT NULL', 'id' ])
	{
		my ($name, $columns, $key) = @$table;

		$session->do("CREATE TABLE shards.$name ($columns) PARTITION BY HASH ($key);
			CREATE TABLE shards.${name}_0 PARTITION OF shards.$name FOR VALUES WITH (MODULUS 2, REMAINDER 0);
			CREATE TABLE shards.${name}_1 PARTITION OF shards.$name FOR VALUES WITH (MODULUS 2, REMAINDER 1);
			CREATE TABLE moved.$name ($columns)");
	}
}

# What a user sees of the three tables, and the size of what is hidden.
sub seen
{
	return $session->value(q{SELECT (SELECT count(*) FROM moved.keyed), (SELECT count(*) FROM moved.keyless),
		(SELECT count(*) FROM moved.big), pg_relation_size('moved.keyed') + pg_relation_size('moved.keyless')
		+ pg_relation_size('moved.big')});
}

sub empty_shells
{
	$session->do('TRUNCATE moved.keyed, moved.keyless, moved.big');
}

sub copy_into_shells
{
	$session->returns(q{EXPLAIN (COSTS OFF) SELECT 1 FROM moved.keyed}, 'Custom Scan (shell)',
		'the engine is at work');
	$session->returns(q{SELECT mariadb_internal.reads_heap('moved.keyed'::regclass), mariadb_internal.reads_heap('shards.keyed_0'::regclass),
		mariadb_internal.reads_heap('shards.keyed'::regclass), mariadb_internal.reads_heap(0)}, 'f|t|f|f',
		'the planner distinguishes a shell from a table');
	$session->returns("SELECT mariadb.copy('there.$_', 'moved.$_')",
		{ keyed => $rows, keyless => 400, big => 6000 }->{$_}, "copy of $_ says how many rows")
	  for qw(keyed keyless big);
	is(seen(), "$rows|400|6000|0", 'and so many are seen, none in the shell');
	$session->fails("SELECT mariadb.copy('there.keyed', 'moved.keyed')", '23505', qr/keyed_._pkey/,
		'the keys are those of the shards');
	$session->returns("SELECT mariadb.copy('there.keyed', 'moved.keyed', '{\"on_error\": \"reject\"}')", 0,
		'rows are rejected by the shards');
	$session->returns('SELECT count(*) FROM mariadb.reject', $rows, 'and are kept');
	$session->do('DELETE FROM mariadb.reject');
	$session->fails('SELECT * FROM mariadb_internal.batch() AS b (a int)', '55000', qr/no copy is in progress/,
		'the rows of a batch are for its statement only');
	empty_shells();
}

sub migrate_into_shells
{
	my ($verify, $workers) = @_;
	my $name = "migrate with verify $verify and $workers workers";
	my $options = qq("data_only": true, "verify": $verify, "workers": $workers, "chunk_size": "1MB");

	for my $more ('', ', "truncate": true')
	{
		my $answer = $session->run("CALL mariadb.migrate('remote', 'shells', 'moved', '{$options$more}')", 120);

		like($answer->{err}, qr/problems: 0/, "$name$more: ends well");
		is(seen(), "$rows|400|6000|0", "$name$more: all rows are seen, none in a shell");
		maria("UPDATE big SET t = CONCAT(t, 'x') WHERE id = 17; UPDATE keyless SET b = CONCAT(b, 'x') LIMIT 1");
	}
	$session->returns('SELECT count(*) > 1, count(xid) FROM mariadb.chunk
		WHERE run = (SELECT max(id) FROM mariadb.run) AND table_name = $$big$$', 't|0',
		"$name: chunks leave no transaction in rows that are not in the heap");
	count_at_the_end($name) if $verify eq 'false';
	empty_shells();
	$session->do('DELETE FROM mariadb.run');
}

# Without a comparison each table is counted at the end.
sub count_at_the_end
{
	my ($name) = @_;
	my $run = '(SELECT max(id) FROM mariadb.run)';

	$session->returns("SELECT string_agg(result ->> 'local_rows', ' ' ORDER BY object) FROM mariadb.task
		WHERE run = $run AND kind = 'count' AND state = 'done'", "6000 $rows 400", "$name: tables are counted at the end");
	$session->do('DELETE FROM moved.keyed WHERE id = 1');
	$session->returns("SELECT mariadb_internal.count_table($run, 'keyed') - 'table_name'",
		qq({"status": "differs", "rejected": 0, "local_rows": ) . ($rows - 1) . qq(, "remote_rows": $rows}),
		"$name: and a row that is not there is missed");
}

sub statuses
{
	my ($level) = @_;

	return $session->value("SELECT string_agg(DISTINCT status, ', ')
		FROM mariadb.verify('remote', 'shells', 'moved', '$level')", 60);
}

sub compare_shells
{
	$session->do("SELECT mariadb.copy('there.$_', 'moved.$_')") for qw(keyed keyless big);
	is(statuses($_), 'equal', "verify with level $_") for qw(count stream digest rows);
	$session->returns("SELECT count(*) FROM mariadb.differences('remote', 'shells', 'moved')", 0,
		'no differences');
	$session->do(q{UPDATE moved.keyed SET v = 'other' WHERE id = 5; DELETE FROM moved.keyed WHERE id = 6;
		INSERT INTO moved.keyed VALUES (-1, 'more'); INSERT INTO moved.keyless VALUES (5, 'too many'), (5, 'too many')});
	$session->returns("SELECT table_name, kind, sum(times) FROM mariadb.differences('remote', 'shells', 'moved')
		GROUP BY 1, 2 ORDER BY 1, 2", "keyed|differs|1\nkeyed|missing here|1\nkeyed|missing there|1\nkeyless|missing there|2",
		'differences are found');
}

# Statements are run as they are printed, in one transaction.
sub run_printed
{
	my ($tables) = @_;

	return $session->run("BEGIN; SELECT statement FROM mariadb.repair('remote', 'shells', 'moved', '{$tables}') \\gexec\n COMMIT", 60);
}

sub repair_shells
{
	like($session->run("SELECT * FROM mariadb.repair('remote', 'shells', 'moved', '{keyless}')")->{err},
		qr/WARNING: +0A000: table "keyless": cannot address a row of table "keyless".*HINT/s, 'no statement is printed for a row without a key');
	$session->returns("SELECT statement IS NULL, status FROM mariadb.repair('remote', 'shells', 'moved', '{keyless}', true)",
		't|error: cannot address a row of table "keyless"', 'and none is applied');
	# From 17 on, json is a word of the grammar, with no schema before it.
	$session->returns(q{SELECT replace(string_agg(statement, E'\n' ORDER BY statement COLLATE "C"), 'pg_catalog.json', 'json')
		FROM mariadb.repair('remote', 'shells', 'moved', '{keyed}')
		WHERE statement NOT LIKE 'SET%'}, join("\n", "DELETE FROM moved.keyed WHERE id = '-1'::integer",
		"INSERT INTO moved.keyed (id, v, f, j) OVERRIDING SYSTEM VALUE VALUES ('6'::integer, 'v6'::character varying(20), '0.8571428571428571'::double precision, '{\"n\": 6}'::json)",
		"UPDATE moved.keyed SET v = 'v5'::character varying(20) WHERE id = '5'::integer"), 'a key finds its row');
	is(run_printed('keyed')->{code}, '', 'printed statements run');
	$session->returns("SELECT status FROM mariadb.verify('remote', 'shells', 'moved', 'rows', '{keyed}')", 'equal',
		'and repair the table');
	$session->do(q{UPDATE moved.keyed SET v = 'other' WHERE id IN (5, 7)});
	$session->returns("SELECT count(*) FROM mariadb.repair('remote', 'shells', 'moved', '{keyed}', true)", 2,
		'repair is applied');
	without_unique_key();
}

# The shell's own index is gone: all values of the row are looked at.
sub without_unique_key
{
	$session->do(q{ALTER TABLE moved.keyed DROP CONSTRAINT keyed_pkey; UPDATE moved.keyed SET v = 'other' WHERE id IN (5, 7)});
	$session->returns(q{SELECT count(*) FROM mariadb.repair('remote', 'shells', 'moved', '{keyed}') WHERE statement ~ 'ctid'}, 0,
		'no place stands in a statement');
	like($session->value(q{SELECT min(statement) FROM mariadb.repair('remote', 'shells', 'moved', '{keyed}') WHERE statement ~ 'UPDATE'}),
		qr/id IS NOT DISTINCT FROM '5'::integer AND v IS NOT DISTINCT FROM 'other'::character varying\(20\) AND .* AND j::pg_catalog.text IS NOT DISTINCT FROM '\{"n": 5\}'::pg_catalog.text RETURNING 1\) SELECT mariadb_internal.one_row/,
		'but all values of the row');
	is(run_printed('keyed')->{code}, '', 'and it runs');
	$session->returns("SELECT status FROM mariadb.verify('remote', 'shells', 'moved', 'rows', '{keyed}')", 'equal',
		'and repairs the table');
	$session->do('ALTER TABLE moved.keyed ADD PRIMARY KEY (id)');
}

sub resync_shells
{
	$session->returns("SELECT inserted IS NULL, status FROM mariadb.resync('remote', 'shells', 'moved', '{keyless}')",
		't|error: cannot address a row of table "keyless"', 'resync writes no row without a key');
	$session->returns('SELECT count(*) FROM moved.keyless', 402, 'and leaves all rows there');
	maria("UPDATE keyed SET f = 0.1, v = NULL WHERE id = 9; DELETE FROM keyed WHERE id = 10;
		INSERT INTO keyed VALUES (100000, 'new', NULL, NULL)");
	$session->returns("SELECT inserted, updated, deleted FROM mariadb.resync('remote', 'shells', 'moved', '{keyed}')",
		'1|1|1', 'resync writes rows with a key');
	$session->returns("SELECT status FROM mariadb.verify('remote', 'shells', 'moved', 'rows', '{keyed}')", 'equal',
		'and they are those of MariaDB');
	is(seen(), "$rows|402|6000|0", 'nothing has gone into a shell');
}

# Scans return nothing, although rows are stored.
sub refuse_blind_tables
{
	$session->do(q{CREATE SCHEMA dark; CREATE TABLE dark.keyless (a int, b varchar(20));
		CREATE TABLE blind.keyless (); DROP TABLE shards.keyless, shards.keyed, shards.big});
	$session->fails("SELECT mariadb.copy('there.keyless', 'dark.keyless')", '0A000',
		qr/rows copied into table "keyless" cannot be read from it.*HINT/s, 'a copy that nobody could read fails');
	for my $verify ('true', 'false')
	{
		for my $workers (0, 2)
		{
			$session->fails(qq(CALL mariadb.migrate('remote', 'shells', 'dark', '{"data_only": true, "tables": ["keyless"], "verify": $verify, "workers": $workers}')),
				'0A000', qr/cannot be read from it/, "and so does migrate with verify $verify and $workers workers", 60);
			$session->do('DELETE FROM mariadb.run');
		}
	}
	$session->do(q{CREATE TABLE dark.parts (a int, b varchar(20)) PARTITION BY LIST (a);
		CREATE TABLE dark.parts_1 PARTITION OF dark.parts FOR VALUES IN (1); CREATE TABLE blind.parts_1 ();
		CREATE TABLE dark.parts_rest PARTITION OF dark.parts DEFAULT; CREATE VIEW dark.view AS SELECT * FROM dark.keyless});
	$session->fails("SELECT mariadb.copy('there.keyless', 'dark.$_')", '0A000', qr/cannot be read from it/,
		"$_ are looked at too") for qw(parts view);
	$session->do('DROP SCHEMA dark CASCADE; DROP SCHEMA blind CASCADE; DROP SCHEMA moved CASCADE');
	note_lost_places();
}

# An extension that works behind the planner's back: the places are looked up.
sub note_lost_places
{
	$session->do(q{CREATE TABLE trap (a int, b varchar(20)); CREATE FUNCTION trap() RETURNS trigger LANGUAGE plpgsql AS
		$$BEGIN DELETE FROM trap; RETURN NULL; END$$; CREATE TRIGGER trap AFTER INSERT ON trap FOR EACH ROW EXECUTE FUNCTION trap()});
	$session->returns("SELECT mariadb.copy('there.keyless', 'trap')", 400, 'what an AFTER trigger deletes was there before');
	$session->returns('SELECT count(*) FROM trap', 0, 'and is gone after it');
	$session->do('DROP TABLE trap; DROP FUNCTION trap');
}

# The names of columns come from outside, so a row's type need not know them.
sub name_columns
{
	$session->do('CREATE TABLE t (a int, gone int, b text); ALTER TABLE t DROP gone;
		INSERT INTO t SELECT i, i::text FROM generate_series(1, 1000) i; INSERT INTO t VALUES (NULL, NULL)');
	$session->returns(q{SELECT mariadb_internal.hash_sum(mariadb_internal.record_hash('{a,b}', ROW(a, b))) = mariadb.digest(t.*),
		mariadb_internal.hash_sum(mariadb_internal.record_hash('{a,b}', t)) = mariadb.digest(t.*),
		mariadb_internal.hash_sum(mariadb_internal.record_hash('{b,a}', ROW(a, b))) = mariadb.digest(t.*) FROM t}, 't|t|f',
		'a hash by names is the digest');
	$session->returns(q{SELECT count(DISTINCT mariadb_internal.record_hash(ARRAY['n' || i], ROW(1))) FROM generate_series(1, 100) i}, 100,
		'names that change from row to row');
	$session->fails(q{SELECT mariadb_internal.record_hash(%s, ROW(1, 2))} =~ s/%s/$_->[0]/r, $_->[1], undef, "names $_->[0]")
	  for ([ q('{a}'), '22023' ], [ q('{}'), '22023' ], [ q('{a,b,c}'), '22023' ], [ q('{a,NULL}'), '22004' ]);
	$session->returns(q{SELECT mariadb_internal.record_hash('{}', ROW()) IS NOT NULL, mariadb_internal.record_hash(NULL, ROW(1)) IS NULL}, 't|t',
		'a row of no columns, and no names');
	$session->do('DROP TABLE t');
}

# To look at partitions holds few locks, however many there are.
sub count_locks
{
	$session->do(q{CREATE TABLE many (a int, b varchar(20)) PARTITION BY LIST (a); CREATE INDEX ON many (b);
		DO $$BEGIN FOR i IN 0 .. 299 LOOP EXECUTE format('CREATE TABLE many_%s PARTITION OF many FOR VALUES IN (%s)', i, i); END LOOP; END$$});
	$session->do('BEGIN');
	$session->returns("SELECT mariadb.copy('there.keyless', 'many')", 400, 'copy into many partitions');
	$session->returns('SELECT count(*) < 60 FROM pg_locks WHERE pid = pg_backend_pid()', 't', 'it locks those that get rows');
	$session->do('COMMIT');
	$session->returns('SELECT count(*) FROM many', 400, 'and they are seen');
	$session->do('DROP TABLE many');
}

# Each kind of relation: what is counted as stored is what a query returns.
sub look_at_other_targets
{
	$session->do("CREATE EXTENSION postgres_fdw; CREATE SERVER loopback FOREIGN DATA WRAPPER postgres_fdw
		OPTIONS (host '$ENV{PGHOST}', port '$ENV{PGPORT}', dbname 'shells', use_remote_estimate 'true');
		CREATE USER MAPPING FOR CURRENT_USER SERVER loopback OPTIONS (user '$ENV{PGUSER}');
		CREATE ACCESS METHOD heap2 TYPE TABLE HANDLER heap_tableam_handler; CREATE ROLE shells_copier;
		CREATE TABLE far (a int, b varchar(20))");
	for my $target (targets())
	{
		my ($name, $sql, $stored, $more) = @$target;
		my $columns = 'a int, b varchar(20)';
		my $before;

		$session->do('BEGIN; ' . ($sql =~ s/COLUMNS/$columns/gr));
		$before = $session->value('SELECT count(*) FROM target');
		$session->returns("SELECT mariadb.copy('there.keyless', 'target')", $stored, "$name: rows stored");
		is($session->value('SELECT count(*) FROM target') - $before, $more // $stored, "$name: rows seen");
		$session->do('ROLLBACK');
	}
	$session->do('DROP TABLE far; DROP EXTENSION postgres_fdw CASCADE; DROP ROLE shells_copier');
}

# Name, how it is made, rows that copy says, rows that are seen if others.
sub targets
{
	return (
		[ 'a table', 'CREATE TABLE target (COLUMNS)', 400 ],
		[ 'a table with an index', 'CREATE TABLE target (COLUMNS); CREATE INDEX ON target (a); INSERT INTO target SELECT i FROM generate_series(1, 20000) i', 400 ],
		[ 'a table that scans by index only', 'CREATE TABLE target (COLUMNS); CREATE INDEX ON target (a); SET LOCAL enable_seqscan = off', 400 ],
		[ 'a table with parallel scans', 'CREATE TABLE target (COLUMNS); SET LOCAL parallel_setup_cost = 0; SET LOCAL parallel_tuple_cost = 0; SET LOCAL min_parallel_table_scan_size = 0; INSERT INTO target SELECT i FROM generate_series(1, 20000) i', 400 ],
		[ 'partitions', 'CREATE TABLE target (COLUMNS) PARTITION BY LIST (a); CREATE TABLE t1 PARTITION OF target FOR VALUES IN (1); CREATE TABLE t2 PARTITION OF target DEFAULT', 400 ],
		[ 'a foreign partition', 'CREATE TABLE target (COLUMNS) PARTITION BY LIST (a); CREATE FOREIGN TABLE t1 PARTITION OF target FOR VALUES IN (1, 2, 3) SERVER loopback OPTIONS (table_name $$far$$); CREATE TABLE t2 PARTITION OF target DEFAULT', 400 ],
		[ 'a foreign table', 'CREATE FOREIGN TABLE target (COLUMNS) SERVER loopback OPTIONS (table_name $$far$$)', 400 ],
		[ 'a partition with a trigger', 'CREATE TABLE target (COLUMNS) PARTITION BY LIST (a); CREATE TABLE t1 PARTITION OF target DEFAULT;
			CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS $f$BEGIN RETURN CASE WHEN NEW.a = 1 THEN NULL ELSE NEW END; END$f$;
			CREATE TRIGGER skip BEFORE INSERT ON t1 FOR EACH ROW EXECUTE FUNCTION skip()', 360 ],
		[ 'a partition', 'CREATE TABLE whole (COLUMNS) PARTITION BY LIST (a); CREATE TABLE target PARTITION OF whole DEFAULT', 400 ],
		[ 'a partition attached elsewhere', 'CREATE TABLE one (COLUMNS) PARTITION BY LIST (a); CREATE TABLE other (b varchar(20), a int) PARTITION BY LIST (b); CREATE TABLE target PARTITION OF one DEFAULT; ALTER TABLE one DETACH PARTITION target; ALTER TABLE other ATTACH PARTITION target DEFAULT', 400 ],
		[ 'a parent of tables that inherit', 'CREATE TABLE target (COLUMNS); CREATE TABLE child () INHERITS (target); INSERT INTO child VALUES (1)', 400 ],
		[ 'a table that inherits', 'CREATE TABLE parent (COLUMNS); CREATE TABLE target () INHERITS (parent)', 400 ],
		[ 'a rule instead', 'CREATE TABLE other (COLUMNS); CREATE TABLE target (COLUMNS); CREATE RULE r AS ON INSERT TO target DO INSTEAD INSERT INTO other VALUES (NEW.a, NEW.b)', 400, 0 ],
		[ 'a rule also', 'CREATE TABLE other (COLUMNS); CREATE TABLE target (COLUMNS); CREATE RULE r AS ON INSERT TO target DO ALSO INSERT INTO other VALUES (NEW.a, NEW.b)', 400 ],
		[ 'a view', 'CREATE TABLE other (COLUMNS); CREATE VIEW target AS SELECT * FROM other', 400 ],
		[ 'a view of some columns', 'CREATE TABLE other (COLUMNS, c int); CREATE VIEW target AS SELECT c + 1 AS d, b, a FROM other', 400 ],
		[ 'a view of some rows', 'CREATE TABLE other (COLUMNS); CREATE VIEW target AS SELECT * FROM other WHERE a <> 1', 400, 360 ],
		[ 'another access method', 'CREATE TABLE target (COLUMNS) USING heap2', 400 ],
		[ 'a temporary table', 'CREATE TEMP TABLE target (COLUMNS)', 400 ],
		[ 'an unlogged table', 'CREATE UNLOGGED TABLE target (COLUMNS)', 400 ],
		[ 'policies that do not bind', 'CREATE TABLE target (COLUMNS); ALTER TABLE target ENABLE ROW LEVEL SECURITY', 400 ],
		[ 'policies', 'CREATE TABLE target (COLUMNS); ALTER TABLE target ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON target USING (a <> 1) WITH CHECK (true);
			GRANT ALL ON target TO shells_copier; GRANT USAGE ON SCHEMA there TO shells_copier; GRANT USAGE ON FOREIGN SERVER remote TO shells_copier;
			GRANT SELECT ON ALL TABLES IN SCHEMA there TO shells_copier; SELECT mariadb.grant_to(\'shells_copier\'); SET LOCAL ROLE shells_copier', 400, 360 ],
		[ 'a check that excludes all', 'CREATE TABLE target (COLUMNS, c int CHECK (c > 0)); SET LOCAL constraint_exclusion = on', 400 ],
		[ 'defaults that fail', 'CREATE TABLE target (COLUMNS); ALTER TABLE target ALTER a SET DEFAULT 1 / 0', 400 ]);
}

# What is of PostgreSQL or of the extension takes no rows of a source.
sub refuse_reserved_targets
{
	$session->do('CREATE SEQUENCE numbers; CREATE MATERIALIZED VIEW kept AS SELECT 1 AS a');
	for my $target (qw(pg_catalog.pg_class information_schema.sql_features mariadb.run mariadb.reject mariadb.progress
		information_schema.tables pg_catalog.pg_stat_activity numbers kept))
	{
		$session->fails("SELECT mariadb.copy('there.keyed', '$target', '{\"skip_unmatched\": true}')", '42809',
			qr/cannot copy into relation/, "no copy into $target");
	}
	my $other = connect_to();
	$other->do('CREATE TEMP TABLE mine (id int)');
	my $name = $other->value(q{SELECT format('%I.mine', relnamespace::regnamespace) FROM pg_class WHERE relname = 'mine'});
	$session->fails("SELECT mariadb.copy('there.keyed', '$name', '{\"skip_unmatched\": true}')", '42809',
		qr/cannot copy into relation/, 'no copy into the temporary table of another session');
	$other->quit;
}

