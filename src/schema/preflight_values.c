/*
 * Which values of a MariaDB table do not fit?
 *
 * One table lists what to look for, by the remote and the local type of a
 * column.  A table is read once, by a query that counts for all its checks.
 */
#include "postgres.h"

#include <stdlib.h>

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "schema/preflight.h"
#include "values/values.h"

/* MariaDB allows 4,096 expressions in a query. */
#define MAX_COUNTS 1000

#define NO_POLICY 0
#define POLICY(option) offsetof(MariaOptions, option)

#define DATES "date,datetime,timestamp"
#define TEXTS "char,varchar,tinytext,text,mediumtext,longtext"

/* Stand in a condition for the column, its text in UTF-8 and its length. */
#define COLUMN_MARK 'c'
#define BYTES_MARK 'b'
#define LENGTH_MARK 'n'

/*
 * A row applies to columns whose remote type is in the list "remote", as
 * COLUMN_TYPE or as DATA_TYPE with "unsigned", and whose local type begins
 * with "local".
 */
typedef struct ValueCheck
{
	const char *remote;
	const char *local;			/* NULL = any */
	const char *condition;		/* true for the values to count */
	size_t		policy;			/* option that accepts them, or NO_POLICY */
	const char *severity;
	const char *finding;
	const char *advice;
	bool		mariadb_only;	/* MySQL has no such values */
} ValueCheck;

static const ValueCheck value_checks[] = {
	{"tinyint(1)", "boolean", "$c NOT IN (0, 1)", NO_POLICY, "error",
		"values other than 0 and 1 do not fit boolean",
	"set tinyint1_as to \"smallint\""},
	{"int unsigned", "integer", "$c > 2147483647", NO_POLICY, "error",
		"values beyond 2147483647 do not fit integer",
	"set int_unsigned_as to \"bigint\""},
	{"int unsigned", "bigint", "$c > 2147483647", NO_POLICY, "info",
		"values beyond 2147483647 need bigint",
	"keep int_unsigned_as at \"bigint\"; a Prisma Int becomes BigInt"},
	{"bigint unsigned", "bigint", "$c > 9223372036854775807", NO_POLICY, "error",
		"values beyond 9223372036854775807 do not fit bigint",
	"set bigint_unsigned_as to \"numeric\""},
	{"bigint unsigned", "numeric", "$c > 9223372036854775807", NO_POLICY, "info",
		"values beyond 9223372036854775807 need numeric",
	"keep bigint_unsigned_as at \"numeric\"; a Prisma BigInt becomes Decimal"},
	{DATES, NULL, "$c IS NOT NULL AND (YEAR($c) = 0 OR MONTH($c) = 0"
		" OR DAYOFMONTH($c) = 0 OR LAST_DAY($c) IS NULL"
		" OR DAYOFMONTH($c) > DAYOFMONTH(LAST_DAY($c)))",
		POLICY(zero_dates), "error",
		"invalid dates (0000-00-00, a month or day of 0, or year 0)",
	"set zero_dates to \"null\" or \"-infinity\", or correct them in MariaDB"},
	{"time", "time", "$c < '00:00:00' OR $c >= '24:00:00'", NO_POLICY, "error",
		"times outside of a day do not fit time",
	"set time_as to \"interval\""},
	{"year", NULL, "$c = 0", NO_POLICY, "info",
		"the year 0000 stays 0",
	"check whether the application uses it for an unknown year"},
	{TEXTS, NULL, "LOCATE(0x00, $b) > 0", POLICY(nul_bytes), "error",
		"texts with a NUL byte, which PostgreSQL cannot store",
	"set nul_bytes to \"strip\", or remove them in MariaDB"},
	{TEXTS, NULL, "$b REGEXP '\\xED[\\xA0-\\xBF]'", POLICY(invalid_utf8), "error",
		"texts with halves of surrogate pairs, which are not valid UTF-8",
	"set invalid_utf8 to \"repair\"", true},
	{"mediumtext,longtext,json", NULL, "LENGTH($c) > @@max_allowed_packet", NO_POLICY, "warning",
		"values larger than max_allowed_packet: they are copied, but could not be checked",
	"raise max_allowed_packet in MariaDB and run this again"},
	{"json", "json", "NOT JSON_VALID($c)", NO_POLICY, "error",
		"values that are not valid JSON, such as halves of surrogate pairs",
	"correct them in MariaDB, or set json_as to \"text\""},
	/* An escaped backslash, x'5c', does not escape what follows. */
	{"json", "jsonb", "LOCATE(CONCAT(_utf8mb4 x'5c', 'u0000'), REPLACE($c, _utf8mb4 x'5c5c', '')) > 0", NO_POLICY, "error",
		"JSON with \\u0000, which jsonb cannot hold",
	"remove it in MariaDB, or set json_as to \"json\""},
	{"enum", NULL, "$c + 0 = 0", POLICY(invalid_enum), "error",
		"values that are not among the labels (index 0)",
	"set invalid_enum to \"null\", or correct them in MariaDB"},
	{"char", "char", "CHAR_LENGTH($c) < $n", NO_POLICY, "info",
		"shorter values are padded with blanks when they are read",
	"set char_as to \"varchar\""},
};

/* Makes a finding, which keeps the texts; rows below 0 are unknown. */
MariaFinding *
maria_finding(const char *severity, const char *object, const char *finding,
			  const char *advice, int64 rows)
{
	MariaFinding *result = palloc(sizeof(MariaFinding));

	result->severity = severity;
	result->object = object;
	result->finding = finding;
	result->advice = advice;
	result->rows = rows;
	return result;
}

/* A check of one column of the current table. */
typedef struct PlannedCheck
{
	const ValueCheck *check;
	const MariaRemoteColumn *column;
} PlannedCheck;

/* Is a word in a list of words separated by commas? */
static bool
is_listed(const char *list, const char *word)
{
	size_t		len = strlen(word);

	for (const char *at = list; at; at = strchr(at, ','))
	{
		at += *at == ',';
		if (strncmp(at, word, len) == 0 && (at[len] == ',' || at[len] == '\0'))
			return true;
	}
	return false;
}

/* Returns DATA_TYPE with the part of COLUMN_TYPE that changes the range. */
static const char *
effective_type(const MariaRemoteColumn *column)
{
	if (column->is_json)
		return "json";
	if (strstr(column->column_type, " unsigned"))
		return psprintf("%s unsigned", column->data_type);
	return column->data_type;
}

static bool
starts_with(const char *text, const char *start)
{
	return strncmp(text, start, strlen(start)) == 0;
}

static bool
check_applies(const ValueCheck *check, const MariaRemoteColumn *column,
			  const char *local)
{
	if (!is_listed(check->remote, effective_type(column)) &&
		!is_listed(check->remote, column->column_type))
		return false;
	if (check->local == NULL)
		return true;
	/* "time" must not match "timestamp", nor "char" match "character" */
	if (!starts_with(local, check->local))
		return false;
	return strcmp(check->local, "time") != 0 || starts_with(local, "time(");
}

/* Returns the checks of a table's columns as PlannedChecks. */
static List *
plan_checks(const MariaTargetTable *table)
{
	List	   *plan = NIL;
	ListCell   *lc;

	foreach(lc, table->columns)
	{
		const MariaTargetColumn *column = lfirst(lc);

		for (size_t i = 0; i < lengthof(value_checks); i++)
		{
			PlannedCheck *planned;

			if (!column->remote->is_readable ||
				(table->remote->is_mysql && value_checks[i].mariadb_only) ||
				!check_applies(&value_checks[i], column->remote, column->type))
				continue;
			planned = palloc(sizeof(PlannedCheck));
			planned->check = &value_checks[i];
			planned->column = column->remote;
			plan = lappend(plan, planned);
		}
	}
	return plan;
}

/* Appends the replacement of a mark in a condition. */
static void
append_mark(StringInfo sql, char mark, const MariaRemoteColumn *column)
{
	char	   *name = maria_quote_identifier(column->name);

	if (mark == COLUMN_MARK)
		appendStringInfoString(sql, name);
	else if (mark == LENGTH_MARK)
		appendStringInfo(sql, INT64_FORMAT, column->char_length);
	else if (mark == BYTES_MARK)
		appendStringInfo(sql, "CAST(CONVERT(%s USING utf8mb4) AS BINARY)",
						 name);
}

static void
append_condition(StringInfo sql, const PlannedCheck *planned)
{
	appendStringInfoString(sql, "SUM(");
	for (const char *at = planned->check->condition; *at; at++)
	{
		if (*at == '$')
			append_mark(sql, *++at, planned->column);
		else
			appendStringInfoChar(sql, *at);
	}
	appendStringInfoChar(sql, ')');
}

/* Returns the query that counts rows for the checks from "first" on. */
static char *
counting_query(const char *schema, const MariaRemoteTable *table, List *plan,
			   int first)
{
	StringInfoData sql;

	initStringInfo(&sql);
	for (int i = first; i < Min(list_length(plan), first + MAX_COUNTS); i++)
	{
		appendStringInfoString(&sql, i == first ? "SELECT " : ", ");
		append_condition(&sql, list_nth(plan, i));
	}
	appendStringInfo(&sql, " FROM %s.%s", maria_quote_identifier(schema),
					 maria_quote_identifier(table->name));
	return sql.data;
}

static bool
policy_allows(const ValueCheck *check, const MariaOptions *opts)
{
	return check->policy != NO_POLICY &&
		*(const int *) ((const char *) opts + check->policy) != POLICY_ERROR;
}

/* What a policy accepts is still a change of values. */
static MariaFinding *
finding_of(const PlannedCheck *planned, const MariaOptions *opts, int64 rows)
{
	const ValueCheck *check = planned->check;
	bool		allowed = policy_allows(check, opts);
	char	   *object = quote_qualified_identifier(planned->column->table,
													planned->column->name);

	return maria_finding(allowed ? "warning" : check->severity, object,
						 check->finding,
						 allowed ? "the server's options accept them and change them"
						 : check->advice, rows);
}

/* Returns findings about a table's rows; reads it all. */
List *
maria_check_values(MariaConn *conn, const char *schema,
				   const MariaTargetTable *table, const MariaOptions *opts)
{
	List	   *plan = plan_checks(table);
	List	   *findings = NIL;

	for (int first = 0; first < list_length(plan); first += MAX_COUNTS)
	{
		int			count = Min(list_length(plan) - first, MAX_COUNTS);
		MariaResult *result = maria_open_fields(conn,
												counting_query(schema,
															   table->remote,
															   plan, first),
												count, MARIA_ANY_NULL);

		while (maria_fetch(result))
		{
			for (int i = 0; i < result->nfields; i++)
			{
				int64		rows = maria_field_number(result, i, 0);

				if (rows > 0)
					findings = lappend(findings,
									   finding_of(list_nth(plan, first + i),
												  opts, rows));
			}
		}
		maria_close(result);
	}
	return findings;
}
