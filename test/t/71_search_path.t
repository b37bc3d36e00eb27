# Nothing of ours is found on the caller's search_path.  Somebody has made, in
# every schema that a superuser may have there, a function of the name of each
# that our SQL calls, and an operator of each that it uses, for the types that
# would be better matches than PostgreSQL's own; and types of the names of
# PostgreSQL's.  Whatever of it runs writes a line into the server's log.
use strict;
use warnings;

use FindBin qw($Bin);
use lib $Bin;

use Lab;
use Lab::Calls;
use Test::More;

my $session = new_database('search_path');
my $log = "$ENV{LAB_DIR}/postgres/postgres.log";
my $read = -s $log;

# The planted things that have run since the last look, each once.
sub executed
{
	my %found;

	open my $file, '<', $log or die "no log: $!";
	seek $file, $read, 0;
	while (<$file>)
	{
		$found{$1} = 1 if /planted (.*) ran as/;
	}
	$read = tell $file;
	return join '; ', sort keys %found;
}

# Where it has to succeed for the test to test something.
sub call_works
{
	my ($sql, $name) = @_;
	my $answer = $session->run($sql, 120);

	is($answer->{code}, '', $name) or diag($answer->{err});
}

# What runs is logged, and returns nothing.
$session->do(q{CREATE SCHEMA evil; CREATE SCHEMA moved;
	CREATE FUNCTION evil.tell(what text) RETURNS void LANGUAGE plpgsql
	SET search_path = pg_catalog, pg_temp AS $$
	BEGIN RAISE LOG 'planted % ran as %', what, current_user; END $$});

sub plant
{
	my ($schema) = @_;

	# Functions: every call in our SQL, by every signature that PostgreSQL's own
	# have, and by narrower ones where these are for any type.
	$session->do(qq{DO \$do\$
	DECLARE
		f record;
		types CONSTANT text[] := '{text,name,regclass,oid,int4,int8,jsonb,text[],name[],numeric,bool,timestamptz}';
		few CONSTANT text[] := '{text,name,regclass,int8}';
	BEGIN
		CREATE TEMPORARY TABLE called ON COMMIT DROP AS
		SELECT DISTINCT lower(m[1]) AS name
		FROM pg_proc p, regexp_matches(p.prosrc, '(?:^|[^.\\w])([a-z_]+)\\s*\\(', 'g') m
		WHERE p.pronamespace IN ('mariadb'::regnamespace, 'mariadb_internal'::regnamespace) AND p.prolang <> (SELECT oid FROM pg_language WHERE lanname = 'c')
			AND EXISTS (SELECT FROM pg_proc o WHERE o.proname = lower(m[1]) AND o.pronamespace = 'pg_catalog'::regnamespace);
		FOR f IN
			WITH own AS (
				SELECT p.proname, p.oid, p.pronargs, format_type(p.prorettype, NULL) AS result,
					ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS u (t, n) ORDER BY n) AS args,
					p.proretset
				FROM pg_proc p JOIN called c ON c.name = p.proname
				WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND p.pronargs > 0
			), signatures AS (
				SELECT proname, args FROM own
				UNION
				SELECT proname, array_replace(args, 'text', t) FROM own, unnest(few) t WHERE 'text' = ANY (args)
				UNION
				SELECT proname, array_replace(array_replace(array_replace(args, 'anyelement', t), 'anyarray', t || '[]'), '"any"', t)
				FROM own, unnest(types) t WHERE args && '{anyelement,anyarray,"\\"any\\""}'::text[]
				UNION
				SELECT n, a FROM unnest('{format,concat,concat_ws,coalesce,quote_ident,quote_literal}'::name[]) n, (
					SELECT ARRAY[a] FROM unnest(types) a
					UNION ALL SELECT ARRAY[a, b] FROM unnest(few) a, unnest(types) b
					UNION ALL SELECT ARRAY['text', b, c] FROM unnest(few) b, unnest(few) c
					UNION ALL SELECT ARRAY['text', b, c, d] FROM unnest(few) b, unnest(few) c, unnest(few) d
					UNION ALL SELECT ARRAY['text', b, c, d, e] FROM unnest('{text,name}'::text[]) b, unnest('{text,name}'::text[]) c,
						unnest('{text,name}'::text[]) d, unnest('{text,name}'::text[]) e) AS s (a)
			)
			SELECT proname, args FROM signatures
			WHERE NOT args && '{internal,"\\"any\\"",anyelement,anyarray,anynonarray,anycompatible,anycompatiblearray,cstring,record,record[],text[][],text[][][],anyenum,anyrange,trigger}'::text[]
		LOOP
			BEGIN
				EXECUTE format('CREATE FUNCTION $schema.%I(%s) RETURNS text LANGUAGE plpgsql AS %L',
					f.proname, array_to_string(f.args, ', '),
					format('BEGIN PERFORM evil.tell(%L); RETURN NULL; END', f.proname || '(' || array_to_string(f.args, ', ') || ')'));
			EXCEPTION WHEN OTHERS THEN
				NULL;	-- not every combination can be had
			END;
		END LOOP;
	END \$do\$}, 200);

	# Operators: every one that our SQL uses, for each pair of types.
	$session->do(qq{DO \$do\$
	DECLARE
		l text;
		r text;
		o text;
		types CONSTANT text[] := '{text,name,"\\"char\\"",int4,int8,oid,regclass,jsonb,text[],name[],numeric,bool,tid}';
	BEGIN
		FOREACH l IN ARRAY types LOOP
			FOREACH r IN ARRAY types LOOP
				EXECUTE format('CREATE FUNCTION $schema.op_b(%s, %s) RETURNS boolean LANGUAGE plpgsql AS %L', l, r,
					format('BEGIN PERFORM evil.tell(%L); RETURN NULL; END', format('operator for (%s, %s)', l, r)));
				EXECUTE format('CREATE FUNCTION $schema.op_t(%s, %s) RETURNS text LANGUAGE plpgsql AS %L', l, r,
					format('BEGIN PERFORM evil.tell(%L); RETURN NULL; END', format('operator for (%s, %s)', l, r)));
				FOREACH o IN ARRAY '{=,<>,<,>,<=,>=,~,!~,~~,!~~,?,\@>,<\@,&&}'::text[] LOOP
					EXECUTE format('CREATE OPERATOR $schema.%s (FUNCTION = $schema.op_b, LEFTARG = %s, RIGHTARG = %s)', o, l, r);
				END LOOP;
				FOREACH o IN ARRAY '{||,->,->>,-,+,*,/,%}'::text[] LOOP
					EXECUTE format('CREATE OPERATOR $schema.%s (FUNCTION = $schema.op_t, LEFTARG = %s, RIGHTARG = %s)', o, l, r);
				END LOOP;
			END LOOP;
		END LOOP;
	END \$do\$}, 200);

	# Types whose values are looked at by a function.
	for my $type (qw(text bytea jsonb date uuid inet name regclass oid))
	{
		$session->do("CREATE DOMAIN $schema.$type AS pg_catalog.$type
			CHECK ($schema.seen(VALUE::pg_catalog.text))")
		  if $session->do("CREATE OR REPLACE FUNCTION $schema.seen(pg_catalog.text) RETURNS boolean LANGUAGE plpgsql
			AS 'BEGIN PERFORM evil.tell(''a domain''); RETURN true; END'; SELECT 1");
	}
}

my $uuid = Lab::has_type('UUID') ? 'UUID' : 'CHAR(36)';
maria("CREATE TABLE p (id INT AUTO_INCREMENT PRIMARY KEY, v VARCHAR(30) DEFAULT 'x', d DATE, u $uuid,
		j JSON, b VARBINARY(9), kind ENUM('a', 'b') NOT NULL DEFAULT 'a', txt LONGTEXT,
		changed TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, KEY (v));
	INSERT INTO p (v, d, j, b, txt) SELECT seq, '2026-01-01', '{}', 'b', 't' FROM seq_1_to_300;
	CREATE TABLE t (id INT PRIMARY KEY, flag TINYINT(1), p INT, FOREIGN KEY (p) REFERENCES p (id));
	INSERT INTO t SELECT seq, seq % 2, seq FROM seq_1_to_100; UPDATE t SET flag = 7 WHERE id = 50;
	CREATE TABLE loose (v VARCHAR(9)); INSERT INTO loose VALUES ('a'), ('a'), ('b');
	CREATE VIEW w AS SELECT id, v FROM p");
# MySQL has no sequences.
maria('CREATE SEQUENCE s') unless Lab::Maria->is_mysql;

# A run to work on, made before anything is planted.
$session->do("CALL mariadb.migrate('remote', 'search_path', 'moved',
	'{\"on_error\": \"reject\", \"workers\": 1, \"keep_foreign\": true}')", 120);
my $run = $session->value('SELECT max(id) FROM mariadb.run');
my $reject = $session->value('SELECT max(id) FROM mariadb.reject');
my $foreign = $session->value('SELECT foreign_schema FROM mariadb.run');
my $here = $session->value("SELECT 'moved.p'::regclass::oid");
my $there = $session->value("SELECT '$foreign.p'::regclass::oid");
my $key = $session->value("SELECT oid FROM pg_constraint WHERE conrelid = 'moved.t'::regclass AND contype = 'f'");

$session->do("ALTER TABLE moved.p ADD CHECK (id > 0); UPDATE moved.p SET v = 'other' WHERE id = 3; DELETE FROM moved.p WHERE id = 299;
	INSERT INTO moved.loose VALUES ('c'); UPDATE mariadb.task SET state = 'pending' WHERE number = 1;
	UPDATE mariadb.chunk SET state = 'pending', worker = NULL WHERE table_name = 'loose'");
$session->do('SET search_path = pg_catalog');
plant($_) for qw(evil moved public);
cmp_ok($session->value("SELECT count(*) FROM pg_proc WHERE pronamespace = 'evil'::regnamespace"), '>', 1500,
	'functions are planted');
cmp_ok($session->value("SELECT count(*) FROM pg_operator WHERE oprnamespace = 'evil'::regnamespace"), '>', 3000,
	'and operators');
executed();

# The trap works: PostgreSQL's own function is for any type, the planted is not.
$session->do("SET search_path = moved; SELECT format('%I.%I', relname, relname) FROM pg_catalog.pg_class LIMIT 1");
like(executed(), qr/format\(text, name, name\)/, 'what is planted runs where the path leads to it');
$session->do('SET search_path = pg_catalog');

my %arguments = (
	'schema text' => "'search_path'", 'local text' => "'moved'", 'run bigint' => $run, 'this_run bigint' => $run,
	'id bigint' => $run, 'reject bigint' => $reject, 'table_name text' => "'loose'", 'name text' => "'p'",
	'source regclass' => "'$there'", 'source oid' => $there, 'target regclass' => "'$here'", 'target oid' => $here,
	'target text' => "'moved.p'", 'work text' => "'$foreign'", 'relations regclass[]' => "'{$here}'",
	'regclass[]' => "'{$here}'", 'regclass' => "'$here'", 'tables text[]' => 'NULL', 'foreign_key oid' => $key,
	'step jsonb' => "'{\"statement\": \"CREATE TABLE moved.p ()\", \"step\": 30, \"kind\": \"table\", \"object\": \"p\"}'",
	'statements text[]' => "'{SELECT 1}'", 'restore text[]' => "'{SELECT 1}'", 'structure boolean' => 'true',
	'level text' => "'rows'", 'options jsonb' => "'{\"tables\": [\"p\"]}'", 'first integer' => '0', 'last integer' => '1000',
	'known text[]' => "'{}'", 'digests text[]' => "'{}'", 'only_tables text[]' => "'{p}'", 'except_tables text[]' => "'{q}'",
	'verify_structure.options jsonb' => "'{}'", 'model_structure.options jsonb' => "'{}'", 'ddl.options jsonb' => "'{}'",
	'copy.options jsonb' => "'{\"on_error\": \"reject\"}'", 'migrate.local text' => "'again'",
	'prisma_schema.prisma text' => "'model A { id Int \@id }'", 'prisma_review.prisma text' => "'model A { id Int \@id }'");
my @functions = grep { defined $_->{sql} } Lab::Calls::all($session, %arguments);

# PostgreSQL's own come first, or last.
for my $path ('evil, moved, public', 'evil, moved, public, pg_catalog')
{
	# In a session that has compiled nothing yet: variables get their types then.
	$session->quit;
	$session = connect_to();
	$session->do("SET search_path = $path");
	executed();
	my $works = 0;
	for my $function (@functions)
	{
		my $is_procedure = $function->{kind} eq 'p';
		my $answer = $session->run(($is_procedure ? '' : 'BEGIN; ') . $function->{sql}, 120);
		$session->do('ROLLBACK') unless $is_procedure;
		$works++ if $answer->{code} eq '';
		is(executed(), '', "$path: $function->{name} runs nothing that is planted");
	}
	cmp_ok($works, '>', 100, "$path: $works calls have succeeded");

	# Foreign tables and their import.
	$session->do('DROP SCHEMA IF EXISTS imported CASCADE; CREATE SCHEMA imported');
	call_works("IMPORT FOREIGN SCHEMA search_path FROM SERVER remote INTO imported OPTIONS (import_default 'true')",
		"$path: an import works");
	call_works('SELECT * FROM imported.p', "$path: a scan works");
	call_works('SELECT v, id FROM imported.p WHERE id OPERATOR(pg_catalog.>) 3', "$path: with a condition");
	call_works('ANALYZE imported.p', "$path: ANALYZE works");
	call_works('CREATE TABLE imported.copy AS SELECT * FROM imported.p LIMIT 0', "$path: a copy of the table");
	call_works("SELECT mariadb.copy('imported.p', 'imported.copy')", "$path: is filled");
	is(executed(), '', "$path: import, scan and copy run nothing that is planted");
	$session->returns("SELECT pg_catalog.count(*) FROM pg_catalog.pg_attribute a
			JOIN pg_catalog.pg_type t ON t.oid OPERATOR(pg_catalog.=) a.atttypid
		WHERE a.attrelid OPERATOR(pg_catalog.=) 'imported.p'::pg_catalog.regclass AND t.typtype OPERATOR(pg_catalog.=) 'd'::\"char\"",
		0, "$path: no column has a planted type");
	executed();
}
done_testing;
