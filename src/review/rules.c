/*
 * What in an application's SQL has another meaning in PostgreSQL?
 *
 * A row for each; sql/prisma.sql has a statement for each row, and where there
 * is a replacement it runs both and compares the results.
 */
#include "postgres.h"

#include "review/review.h"

static const MariaSqlToken *
first_token(const MariaSqlMatch *match)
{
	return &match->statement->tokens[match->first];
}

static bool
starts_statement(MariaSqlMatch *match)
{
	return match->first == 0;
}

static bool
shows_no_tables(MariaSqlMatch *match)
{
	return match->first == 0 && !maria_sql_is(match->statement, 1, "TABLES");
}

static bool
has_args(MariaSqlMatch *match, int n)
{
	return match->nargs == n;
}

static bool
has_no_args(MariaSqlMatch *match)
{
	return has_args(match, 0);
}

static bool
has_one_arg(MariaSqlMatch *match)
{
	return has_args(match, 1);
}

static bool
has_two_args(MariaSqlMatch *match)
{
	return has_args(match, 2);
}

static bool
has_three_args(MariaSqlMatch *match)
{
	return has_args(match, 3);
}

static bool
has_many_args(MariaSqlMatch *match)
{
	return match->nargs > 1;
}

/*
 * Returns whether a call compares; CASE and IF return something else to sum.
 */
static bool
has_comparison(MariaSqlMatch *match)
{
	const MariaSqlToken *open = &match->statement->tokens[match->open];
	const MariaSqlToken *close = &match->statement->tokens[open->partner];

	return close->comparisons > open->comparisons &&
		close->conditions == open->conditions;
}

/* Returns whether an operand is written with a decimal point. */
static bool
is_decimal(const MariaSqlMatch *match, int at)
{
	const MariaSqlToken *token = &match->statement->tokens[at];

	return token->kind == SQL_NUMBER && memchr(token->start, '.', token->len);
}

static bool
divides_integers(MariaSqlMatch *match)
{
	return match->first > 0 && match->last + 1 < match->statement->ntokens &&
		!is_decimal(match, match->first - 1) &&
		!is_decimal(match, match->last + 1);
}

static bool
is_interval_of_number(MariaSqlMatch *match)
{
	return !maria_sql_is(match->statement, match->first - 1, ",");
}

/* Returns whether a name is id, or ends in _id or Id. */
static bool
is_id(const MariaSqlToken *name)
{
	const char *end = name->start + name->len - 2;

	if (name->len < 2 || pg_strncasecmp(end, "id", 2) != 0)
		return false;
	return name->len == 2 || end[-1] == '_' || end[0] == 'I';
}

/* Returns whether a column, but for an id, is compared with 0 or 1. */
static bool
compares_with_bit(MariaSqlMatch *match)
{
	const MariaSqlToken *before = first_token(match) - 1;
	char	   *number = maria_sql_text(match->statement, match->last,
										match->last);

	if (match->first == 0 || is_id(before) ||
		(before->kind != SQL_WORD && before->kind != SQL_BACKTICK))
		return false;
	return strcmp(number, "1") == 0 || strcmp(number, "0") == 0;
}

/* Returns whether a number is a condition by itself. */
static bool
is_number_condition(MariaSqlMatch *match)
{
	static const char *const after[] = {"AND", "OR", "GROUP", "ORDER", "LIMIT",
	")"};

	if (match->last + 1 == match->statement->ntokens)
		return true;
	for (size_t i = 0; i < lengthof(after); i++)
		if (maria_sql_is(match->statement, match->last + 1, after[i]))
			return true;
	return false;
}

/* Returns whether a backslash in a string escapes something. */
static bool
has_backslash(MariaSqlMatch *match)
{
	const MariaSqlToken *token = first_token(match);

	for (int i = 0; i + 1 < token->len && !match->statement->is_program; i++)
	{
		if (token->start[i] != '\\')
			continue;
		if (strchr("%_", token->start[i + 1]) == NULL)
		{
			match->spelling = psprintf("E%.*s", token->len, token->start);
			return true;
		}
		i++;
	}
	return false;
}

/* Numbers the question marks of a statement. */
static bool
is_question_mark(MariaSqlMatch *match)
{
	if (*first_token(match)->start != '?')
		return false;
	match->spelling = psprintf("$%d", first_token(match)->parameters);
	return true;
}

/* CONVERT(x USING charset): has no effect in a database with one encoding. */
static bool
is_charset_conversion(MariaSqlMatch *match)
{
	const MariaSqlStatement *statement = match->statement;

	for (int i = match->open + 1; i < match->last;
		 i = maria_sql_next(statement, i))
		if (maria_sql_is(statement, i, "USING"))
		{
			if (maria_sql_is_short(statement, match->open + 1, i - 1))
				match->spelling = maria_sql_text(statement, match->open + 1,
												 i - 1);
			return true;
		}
	return false;
}

/* Returns the condition in place of MATCH (a, b) AGAINST (x). */
static char *
fulltext_condition(const MariaSqlMatch *match, int against)
{
	StringInfoData buf;
	int			first = match->open;
	int			last = 0;

	initStringInfo(&buf);
	appendStringInfoString(&buf, "to_tsvector('simple', concat_ws(' '");
	while (maria_sql_next_arg(match, &first, &last))
		appendStringInfo(&buf, ", %s",
						 maria_sql_text(match->statement, first, last));
	appendStringInfo(&buf, ")) @@ plainto_tsquery('simple', %s)",
					 maria_sql_text(match->statement, against + 1,
									against + 1));
	return buf.data;
}

/* MATCH (a, b) AGAINST (x IN BOOLEAN MODE): the condition as a whole. */
static bool
is_fulltext(MariaSqlMatch *match)
{
	const MariaSqlStatement *statement = match->statement;
	int			open = match->last + 2;
	int			close;

	if (!maria_sql_is(statement, match->last + 1, "AGAINST") ||
		!maria_sql_is(statement, open, "("))
		return false;
	close = statement->tokens[open].partner;
	if (close < 0)
		return false;
	if (maria_sql_is_short(statement, match->first, close))
		match->spelling = fulltext_condition(match, open);
	match->last = close;
	return true;
}

static bool
is_left_part(MariaSqlMatch *match)
{
	return has_args(match, 3) && strcmp(maria_sql_arg(match, 3), "1") == 0;
}

static bool
is_sha256(MariaSqlMatch *match)
{
	return has_args(match, 2) && strcmp(maria_sql_arg(match, 2), "256") == 0;
}

static bool
is_call_not_statement(MariaSqlMatch *match)
{
	return match->first > 0 && has_args(match, 2);
}

/* Returns whether BINARY is an operator and not a type. */
static bool
is_binary_operator(MariaSqlMatch *match)
{
	return match->first > 0 && match->last + 1 < match->statement->ntokens &&
		!maria_sql_is(match->statement, match->first - 1, "AS") &&
		match->statement->tokens[match->last + 1].kind != SQL_OPERATOR;
}

/* Returns whether a word is in the definition of a table. */
static bool
is_definition(MariaSqlMatch *match)
{
	return maria_sql_is(match->statement, 0, "CREATE") ||
		maria_sql_is(match->statement, 0, "ALTER");
}

const MariaSqlRule maria_sql_rules[] = {
	/* quotes, comments, placeholders */
	{"%b", NULL, "backticks do not quote a name", "$q"},
	{"%d", NULL, "double quotes are around a name, not a string", "$t"},
	{"%s", has_backslash, "a backslash is not an escape", NULL},
	{"%x", NULL, "a hexadecimal literal is a bit string or a number", "$x"},
	{"%c", NULL, "not a comment in PostgreSQL", NULL},
	{"%p", is_question_mark, "parameters are numbered", NULL},
	{"%v", NULL, "there are no user variables: use a window function or WITH", NULL},
	{":=", NULL, "there is no assignment in an expression", NULL},

	/* operators */
	{"||", NULL, "|| concatenates; in MariaDB it is OR", "OR"},
	{"&&", NULL, "&& is not AND", "AND"},
	{"!", NULL, "! is not NOT", "NOT $r"},
	{"XOR", NULL, "there is no XOR", "($l) <> ($r)"},
	{"<=>", NULL, "there is no <=>", "$l IS NOT DISTINCT FROM $r"},
	{"DIV", NULL, "there is no DIV", "div($l, $r)"},
	{"MOD", is_binary_operator, "MOD is a function only", "$l % $r"},
	{"/", divides_integers, "integers divide to an integer: 7/2 is 3", "$l::numeric / $r"},
	{"^", NULL, "^ is the power; exclusive or is #", "#"},
	{"REGEXP", NULL, "there is no REGEXP; MariaDB's ignores case", "~*"},
	{"RLIKE", NULL, "there is no RLIKE; MariaDB's ignores case", "~*"},
	{"LIKE", NULL, "LIKE is case-sensitive", "ILIKE"},
	{"SOUNDS LIKE", NULL, "there is no SOUNDS LIKE: soundex() of fuzzystrmatch", NULL},
	{"BINARY", is_binary_operator, "comparison is exact without BINARY", "$r"},
	{"COLLATE %w", NULL, "collations have other names; text compares exactly without one", NULL},
	{"= %n", compares_with_bit, "if the column is a boolean now, write TRUE or FALSE", NULL},
	{"WHERE %n", is_number_condition, "a number is not a condition", "WHERE $a <> 0"},
	{"%s = %n", NULL, "a text that is not a number is an error; MariaDB compares its leading digits", NULL},
	{"%n = %s", NULL, "a text that is not a number is an error; MariaDB compares its leading digits", NULL},

	/* clauses */
	{"LIMIT %e , %e", NULL, "LIMIT has no offset before a comma", "LIMIT $b OFFSET $a"},
	{"%w", maria_sql_is_loose_column, "the column is neither grouped nor aggregated: an error unless grouped by its primary key", NULL},
	{"%b", maria_sql_is_loose_column, "the column is neither grouped nor aggregated: an error unless grouped by its primary key", NULL},
	{"%w", maria_sql_is_having_alias, "HAVING cannot refer to names of the select list", NULL},
	{"%b", maria_sql_is_having_alias, "HAVING cannot refer to names of the select list", NULL},
	{"WITH ROLLUP", NULL, "WITH ROLLUP is written GROUP BY ROLLUP (...)", NULL},
	{"ORDER BY NULL", NULL, "not needed to prevent a sort", ""},
	{"FROM DUAL", NULL, "there is no DUAL", ""},
	{"USE INDEX (", NULL, "there are no index hints", ""},
	{"FORCE INDEX (", NULL, "there are no index hints", ""},
	{"IGNORE INDEX (", NULL, "there are no index hints", ""},
	{"STRAIGHT_JOIN", NULL, "there are no join hints", "JOIN"},
	{"SQL_CALC_FOUND_ROWS", NULL, "the rows without LIMIT are counted by count(*) OVER () or a second query", ""},
	{"FOUND_ROWS (", has_no_args, "the rows without LIMIT are counted by count(*) OVER () or a second query", NULL},
	{"SQL_NO_CACHE", NULL, "there is no query cache", ""},
	{"LOCK IN SHARE MODE", NULL, "share locks have another syntax", "FOR SHARE"},
	{"MATCH (", is_fulltext, "there is no MATCH ... AGAINST", NULL},

	/* changes */
	{"ON DUPLICATE KEY UPDATE", NULL, "the unique columns must be named", "ON CONFLICT (/* unique columns */) DO UPDATE SET $V"},
	{"INSERT IGNORE INTO", NULL, "IGNORE also hides errors other than duplicates", "INSERT INTO $V ON CONFLICT DO NOTHING"},
	{"REPLACE INTO", starts_statement, "there is no REPLACE: INSERT ... ON CONFLICT (unique columns) DO UPDATE SET all columns", NULL},
	{"INSERT INTO %w SET", NULL, "INSERT has columns and VALUES, no SET", NULL},
	{"VALUES ( )", NULL, "an empty row has another syntax", "DEFAULT VALUES"},
	{"UPDATE", maria_sql_is_join_update, "no join before SET: UPDATE a SET ... FROM b WHERE a.x = b.x, columns in SET without table", NULL},
	{"DELETE", maria_sql_is_join_delete, "only one table: DELETE FROM a USING b WHERE a.x = b.x", NULL},
	{"UPDATE", maria_sql_is_limited_change, "no ORDER BY or LIMIT: WHERE id IN (SELECT id ... ORDER BY ... LIMIT n)", NULL},
	{"DELETE", maria_sql_is_limited_change, "no ORDER BY or LIMIT: WHERE id IN (SELECT id ... ORDER BY ... LIMIT n)", NULL},
	{"TRUNCATE", starts_statement, "the sequence is not restarted without RESTART IDENTITY, and a table that others refer to needs CASCADE", "TRUNCATE $V RESTART IDENTITY"},
	{"LAST_INSERT_ID (", has_no_args, "the new id comes from RETURNING", "lastval()"},

	/* conditions and texts */
	{"IFNULL (", has_two_args, "there is no IFNULL", "COALESCE($1, $2)"},
	{"IF (", has_three_args, "there is no IF()", "CASE WHEN $1 THEN $2 ELSE $3 END"},
	{"ISNULL (", has_one_arg, "there is no ISNULL()", "($1 IS NULL)"},
	{"CONCAT (", has_many_args, "concat() ignores NULL; MariaDB's returns NULL", "($|)"},
	{"GROUP_CONCAT (", NULL, "there is no GROUP_CONCAT; MariaDB truncates it to group_concat_max_len", "string_agg($G)"},
	{"FIND_IN_SET (", has_two_args, "there is no FIND_IN_SET", "COALESCE(array_position(string_to_array($2, ','), $1), 0)"},
	{"FIELD (", has_many_args, "there is no FIELD: CASE, or array_position(ARRAY[...], x)", NULL},
	{"SUBSTRING_INDEX (", is_left_part, "there is no SUBSTRING_INDEX", "split_part($1, $2, 1)"},
	{"LOCATE (", has_two_args, "there is no LOCATE; strpos is case-sensitive", "strpos($2, $1)"},
	{"INSTR (", has_two_args, "there is no INSTR; strpos is case-sensitive", "strpos($1, $2)"},
	{"LCASE (", has_one_arg, "there is no LCASE", "lower($1)"},
	{"UCASE (", has_one_arg, "there is no UCASE", "upper($1)"},
	{"LENGTH (", has_one_arg, "length() counts characters; MariaDB's counts bytes", "octet_length($1)"},
	{"SPACE (", has_one_arg, "there is no SPACE", "repeat(' ', $1)"},
	{"HEX (", has_one_arg, "there is no HEX of a text", "upper(encode(convert_to($1, 'UTF8'), 'hex'))"},
	{"UNHEX (", has_one_arg, "there is no UNHEX", "decode($1, 'hex')"},
	{"SHA2 (", is_sha256, "there is no SHA2", "encode(sha256(convert_to($1, 'UTF8')), 'hex')"},
	{"UUID (", has_no_args, "there is no UUID()", "gen_random_uuid()"},
	{"GREATEST (", NULL, "NULL is ignored; MariaDB's returns NULL", NULL},
	{"LEAST (", NULL, "NULL is ignored; MariaDB's returns NULL", NULL},

	/* numbers and aggregates */
	{"RAND (", has_no_args, "there is no RAND", "random()"},
	{"TRUNCATE (", is_call_not_statement, "there is no TRUNCATE()", "trunc($1, $2)"},
	{"LOG (", has_one_arg, "log() is the decimal logarithm; MariaDB's is the natural one", "ln($1)"},
	{"VARIANCE (", has_one_arg, "variance() is that of a sample; MariaDB's of the population", "var_pop($1)"},
	{"STDDEV (", has_one_arg, "stddev() is that of a sample; MariaDB's of the population", "stddev_pop($1)"},
	{"SUM (", has_comparison, "a condition cannot be summed", "count(*) FILTER (WHERE $1)"},
	{"COUNT ( DISTINCT", has_many_args, "several columns need a row constructor; a row with a NULL is counted", NULL},
	{"FORMAT (", has_two_args, "format() fills a template: to_char(number, 'FM999,999,990.00')", NULL},

	/* casts */
	{"AS SIGNED", NULL, "SIGNED is not a type; the whole text must be a number", "AS bigint"},
	{"AS UNSIGNED", NULL, "UNSIGNED is not a type; the whole text must be a number", "AS numeric"},
	{"AS CHAR", NULL, "char without a length has one character, and one with a length is padded", "AS varchar"},
	{"AS DATETIME", NULL, "DATETIME is not a type", "AS timestamp"},
	{"AS DOUBLE", NULL, "DOUBLE is not a type", "AS double precision"},
	{"AS BINARY", NULL, "BINARY is not a type: convert_to(x, 'UTF8')", NULL},
	{"CONVERT (", is_charset_conversion, "there is no CONVERT ... USING", NULL},
	{"CONVERT (", has_two_args, "there is no CONVERT(): CAST (x AS type)", NULL},

	/* dates */
	{"DATE_FORMAT (", has_two_args, "there is no DATE_FORMAT", "to_char(($1)::timestamp, $F2)"},
	{"STR_TO_DATE (", has_two_args, "there is no STR_TO_DATE; a date without time becomes a timestamp", "to_timestamp($1, $F2)::timestamp"},
	{"DATE_ADD (", has_two_args, "there is no DATE_ADD", "(($1)::timestamp + $I2)"},
	{"DATE_SUB (", has_two_args, "there is no DATE_SUB", "(($1)::timestamp - $I2)"},
	{"ADDDATE (", has_two_args, "there is no ADDDATE", "(($1)::timestamp + $I2)"},
	{"SUBDATE (", has_two_args, "there is no SUBDATE", "(($1)::timestamp - $I2)"},
	{"INTERVAL %n %w", is_interval_of_number, "an interval is quoted", "INTERVAL '$a $b'"},
	{"INTERVAL %p %w", is_interval_of_number, "an interval is quoted", "$a * INTERVAL '1 $b'"},
	{"DATEDIFF (", has_two_args, "there is no DATEDIFF", "(($1)::date - ($2)::date)"},
	{"TIMESTAMPDIFF ( SECOND", has_three_args, "there is no TIMESTAMPDIFF", "trunc(extract(epoch FROM ($3)::timestamp - ($2)::timestamp))"},
	{"TIMESTAMPDIFF ( MINUTE", has_three_args, "there is no TIMESTAMPDIFF", "trunc(extract(epoch FROM ($3)::timestamp - ($2)::timestamp) / 60)"},
	{"TIMESTAMPDIFF ( HOUR", has_three_args, "there is no TIMESTAMPDIFF", "trunc(extract(epoch FROM ($3)::timestamp - ($2)::timestamp) / 3600)"},
	{"TIMESTAMPDIFF ( DAY", has_three_args, "there is no TIMESTAMPDIFF", "extract(day FROM ($3)::timestamp - ($2)::timestamp)"},
	{"TIMESTAMPDIFF ( MONTH", has_three_args, "there is no TIMESTAMPDIFF", "(extract(year FROM age(($3)::timestamp, ($2)::timestamp)) * 12 + extract(month FROM age(($3)::timestamp, ($2)::timestamp)))"},
	{"TIMESTAMPDIFF ( YEAR", has_three_args, "there is no TIMESTAMPDIFF", "extract(year FROM age(($3)::timestamp, ($2)::timestamp))"},
	{"TIMESTAMPADD (", has_three_args, "there is no TIMESTAMPADD", "(($3)::timestamp + ($2) * INTERVAL '1 $1')"},
	{"NOW (", has_one_arg, "now() has no precision", "CURRENT_TIMESTAMP($1)"},
	{"SYSDATE (", has_no_args, "there is no SYSDATE", "clock_timestamp()"},
	{"CURDATE (", has_no_args, "there is no CURDATE", "CURRENT_DATE"},
	{"CURTIME (", has_no_args, "there is no CURTIME", "LOCALTIME(0)"},
	{"UTC_TIMESTAMP (", has_no_args, "there is no UTC_TIMESTAMP", "(now() AT TIME ZONE 'UTC')"},
	{"UNIX_TIMESTAMP (", has_no_args, "there is no UNIX_TIMESTAMP", "floor(extract(epoch FROM now()))"},
	{"UNIX_TIMESTAMP (", has_one_arg, "there is no UNIX_TIMESTAMP; the value is assumed to be in UTC", "extract(epoch FROM ($1)::timestamp)"},
	{"FROM_UNIXTIME (", has_one_arg, "there is no FROM_UNIXTIME; the result is in UTC", "(to_timestamp($1) AT TIME ZONE 'UTC')"},
	{"YEAR (", has_one_arg, "there is no YEAR()", "extract(year FROM ($1)::timestamp)"},
	{"QUARTER (", has_one_arg, "there is no QUARTER()", "extract(quarter FROM ($1)::timestamp)"},
	{"MONTH (", has_one_arg, "there is no MONTH()", "extract(month FROM ($1)::timestamp)"},
	{"DAY (", has_one_arg, "there is no DAY()", "extract(day FROM ($1)::timestamp)"},
	{"DAYOFMONTH (", has_one_arg, "there is no DAYOFMONTH()", "extract(day FROM ($1)::timestamp)"},
	{"DAYOFYEAR (", has_one_arg, "there is no DAYOFYEAR()", "extract(doy FROM ($1)::timestamp)"},
	{"DAYOFWEEK (", has_one_arg, "there is no DAYOFWEEK()", "(extract(dow FROM ($1)::timestamp) + 1)"},
	{"WEEKDAY (", has_one_arg, "there is no WEEKDAY()", "(extract(isodow FROM ($1)::timestamp) - 1)"},
	{"WEEK (", NULL, "there is no WEEK(): extract(week FROM x) is the ISO week, which is mode 3", NULL},
	{"HOUR (", has_one_arg, "there is no HOUR()", "extract(hour FROM ($1)::timestamp)"},
	{"MINUTE (", has_one_arg, "there is no MINUTE()", "extract(minute FROM ($1)::timestamp)"},
	{"SECOND (", has_one_arg, "there is no SECOND()", "floor(extract(second FROM ($1)::timestamp))"},
	{"DAYNAME (", has_one_arg, "there is no DAYNAME", "to_char(($1)::timestamp, 'FMDay')"},
	{"MONTHNAME (", has_one_arg, "there is no MONTHNAME", "to_char(($1)::timestamp, 'FMMonth')"},
	{"LAST_DAY (", has_one_arg, "there is no LAST_DAY", "(date_trunc('month', ($1)::timestamp) + INTERVAL '1 month -1 day')::date"},

	/* JSON */
	{"JSON_EXTRACT (", has_two_args, "there is no JSON_EXTRACT", "($1)::jsonb #> $J2"},
	{"JSON_VALUE (", has_two_args, "there is no JSON_VALUE before PostgreSQL 17", "($1)::jsonb #>> $J2"},
	{"JSON_UNQUOTE (", has_one_arg, "there is no JSON_UNQUOTE", "($1)::jsonb #>> '{}'"},
	{"JSON_CONTAINS (", has_two_args, "there is no JSON_CONTAINS", "($1)::jsonb @> ($2)::jsonb"},
	{"JSON_LENGTH (", has_one_arg, "there is no JSON_LENGTH; this is for arrays", "jsonb_array_length(($1)::jsonb)"},
	{"JSON_OBJECT (", NULL, "JSON_OBJECT has another syntax", "jsonb_build_object($*)"},
	{"JSON_ARRAY (", NULL, "JSON_ARRAY returns json", "jsonb_build_array($*)"},
	{"JSON_ARRAYAGG (", has_one_arg, "JSON_ARRAYAGG ignores NULL", "jsonb_agg($1)"},
	{"JSON_OBJECTAGG (", has_two_args, "JSON_OBJECTAGG has another syntax", "jsonb_object_agg($1, $2)"},
	{"JSON_SET (", NULL, "there is no JSON_SET: jsonb_set(x, '{path}', value)", NULL},
	{"-> %s", NULL, "-> takes a key, not a path", NULL},
	{"->> %s", NULL, "->> takes a key, not a path", NULL},

	/* the server and its tables */
	{"SHOW TABLES", starts_statement, "there is no SHOW TABLES", "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"},
	{"SHOW", shows_no_tables, "SHOW displays settings only: query pg_tables, pg_indexes, pg_attribute", NULL},
	{"DESCRIBE", starts_statement, "there is no DESCRIBE: query pg_attribute", NULL},
	{"DESC", starts_statement, "there is no DESC: query pg_attribute", NULL},
	{"DATABASE (", has_no_args, "MariaDB's database is a schema in PostgreSQL", "current_schema()"},
	{"CONNECTION_ID (", has_no_args, "there is no CONNECTION_ID", "pg_backend_pid()"},
	{"SLEEP (", has_one_arg, "there is no SLEEP", "pg_sleep($1)"},
	{"SET FOREIGN_KEY_CHECKS", NULL, "there is no such setting: session_replication_role = replica, or deferred constraints", NULL},
	{"LOCK TABLES", starts_statement, "LOCK TABLE x IN SHARE MODE, inside of a transaction", NULL},
	{"LOAD DATA", starts_statement, "there is no LOAD DATA: COPY", NULL},
	{"AUTO_INCREMENT", is_definition, "there is no AUTO_INCREMENT", "GENERATED BY DEFAULT AS IDENTITY"},
	{"ENGINE = %w", is_definition, "there are no storage engines", ""},
	{"CHARSET = %w", is_definition, "the encoding is the database's", ""},
	{"UNSIGNED", is_definition, "there are no unsigned types", ""},
	{"DATETIME", is_definition, "DATETIME is not a type", "timestamp"},
	{"TINYINT", is_definition, "TINYINT is not a type", "smallint"},
	{"LONGTEXT", is_definition, "LONGTEXT is not a type", "text"},
	{"MODIFY", is_definition, "columns are changed by ALTER COLUMN ... TYPE", NULL},
};

const int	maria_sql_nrules = lengthof(maria_sql_rules);
