/*
 * Which columns can MariaDB itself digest, so that the result can be compared
 * with the local rows?
 *
 * Those whose text is exactly the same on both sides.  Not floating-point
 * numbers and JSON, which both sides write in their own way, nor values that a
 * policy may have changed. row_hash.c makes the same text of stored values.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "values/values.h"
#include "verify/digest/row_hash.h"

/* Policies under which a local value may differ from MariaDB's. */
typedef enum Change
{
	NO_CHANGE,
	DATE_CHANGE,
	TEXT_CHANGE,
	ENUM_CHANGE
} Change;

#define MAX_LOCALS 5

/* In sql {} is the column, and {utf8} its text in UTF-8. */
typedef struct CanonicalRow
{
	const char *remote;			/* DATA_TYPEs */
	Oid			locals[MAX_LOCALS];
	const char *sql;
	int			format;
	Change		change;
} CanonicalRow;

/* A time has as many fractional digits as its column. */
#define SECONDS INT_MAX
#define TEXTS {TEXTOID, VARCHAROID, BPCHAROID}

static const CanonicalRow rows[] = {
	{"tinyint smallint mediumint int bigint",
	{BOOLOID, INT2OID, INT4OID, INT8OID, NUMERICOID}, "{}"},
	{"year", {INT2OID, INT4OID, INT8OID, NUMERICOID}, "({}+0)"},
	{"decimal", {NUMERICOID}, "{}"},
	{"bit", {BOOLOID}, "({}+0)"},
	{"bit", {BITOID, VARBITOID}, "BIN({}+0)"},
	{"date", {DATEOID}, "{}", 0, DATE_CHANGE},
	{"datetime timestamp", {TIMESTAMPOID}, "{}", SECONDS, DATE_CHANGE},
	{"timestamp", {TIMESTAMPTZOID}, "{}", SECONDS, DATE_CHANGE},
	{"time", {TIMEOID, INTERVALOID}, "{}", SECONDS},
	{"char varchar tinytext text", TEXTS, "{utf8}", MARIA_FORMAT_LENGTH,
	TEXT_CHANGE},
	{"mediumtext longtext", TEXTS, "{utf8}", MARIA_FORMAT_HASH, TEXT_CHANGE},
	{"enum", {ANYENUMOID, TEXTOID, VARCHAROID}, "{utf8}", MARIA_FORMAT_LENGTH,
	ENUM_CHANGE},
	{"set", {TEXTARRAYOID}, "CONCAT(BIT_COUNT(CAST({} AS UNSIGNED)),' ',{utf8})",
	MARIA_FORMAT_LENGTH, TEXT_CHANGE},
	{"set", {TEXTOID, VARCHAROID}, "{utf8}", MARIA_FORMAT_LENGTH, TEXT_CHANGE},
	{"binary varbinary tinyblob blob", {BYTEAOID}, "{}", MARIA_FORMAT_LENGTH},
	{"mediumblob longblob", {BYTEAOID}, "{}", MARIA_FORMAT_HASH},
	{"binary", {UUIDOID}, "{}", MARIA_FORMAT_LENGTH},
	{"uuid", {UUIDOID}, "UNHEX(REPLACE({},'-',''))", MARIA_FORMAT_LENGTH},
	{"inet4 inet6", {INETOID}, "INET6_ATON({})", MARIA_FORMAT_LENGTH},
};

/* Is a word in a list separated by blanks? */
static bool
holds_word(const char *list, const char *word)
{
	size_t		len = strlen(word);

	if (len == 0)
		return false;
	for (const char *at = strstr(list, word); at; at = strstr(at + 1, word))
		if ((at == list || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
			return true;
	return false;
}

static const CanonicalRow *
find_row(const MariaRemoteColumn *column, Oid type)
{
	for (size_t i = 0; i < lengthof(rows); i++)
	{
		if (!holds_word(rows[i].remote, column->data_type))
			continue;
		for (int n = 0; n < MAX_LOCALS; n++)
			if (rows[i].locals[n] == type)
				return &rows[i];
	}
	return NULL;
}

static bool
may_change(const CanonicalRow *row, const MariaOptions *opts)
{
	switch (row->change)
	{
		case NO_CHANGE:
			return false;
		case DATE_CHANGE:
			return opts->zero_dates != POLICY_ERROR;
		case ENUM_CHANGE:
			if (opts->invalid_enum != POLICY_ERROR)
				return true;
			/* FALLTHROUGH */
		case TEXT_CHANGE:
			return opts->nul_bytes != POLICY_ERROR ||
				opts->invalid_utf8 != POLICY_ERROR;
	}
	return true;
}

/* Does a local number have the same scale as the remote one? */
static bool
same_scale(const MariaRemoteColumn *column, int32 typmod)
{
	int			scale = strcmp(column->data_type, "decimal") == 0
	? column->scale : 0;

	return typmod < 0 || maria_numeric_scale(typmod) == scale;
}

/*
 * The types match; do their modifiers and the remote session's time zone
 * match, too?
 */
static bool
is_exact(const MariaRemoteColumn *column, Oid type, int32 typmod,
		 const MariaOptions *opts)
{
	if (column->is_json || strncmp(column->column_type, "year(2)", 7) == 0)
		return false;
	if (type == NUMERICOID)
		return same_scale(column, typmod);
	if (type == TIMESTAMPTZOID)
		return strcmp(opts->time_zone, "+00:00") == 0;
	if (type == UUIDOID)
		return strcmp(column->data_type, "uuid") == 0 ||
			strcmp(column->column_type, "binary(16)") == 0;
	if (type == BOOLOID && strcmp(column->data_type, "bit") == 0)
		return strcmp(column->column_type, "bit(1)") == 0;
	return true;
}

static bool
is_utf8(const MariaRemoteColumn *column)
{
	static const char *const prefixes[] = {"utf8mb4_", "utf8mb3_", "utf8_",
	"ascii_"};

	for (size_t i = 0; column->collation && i < lengthof(prefixes); i++)
		if (strncmp(column->collation, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

/* Binary, so that collations cannot conflict. */
static char *
utf8_sql(const MariaRemoteColumn *column, const char *name)
{
	if (is_utf8(column))
		return psprintf("CAST(%s AS BINARY)", name);
	return psprintf("CAST(CONVERT(%s USING utf8mb4) AS BINARY)", name);
}

/* Fills a row's template in. */
static char *
expand(const CanonicalRow *row, const MariaRemoteColumn *column)
{
	char	   *name = maria_quote_identifier(column->name);
	StringInfoData sql;

	if (strstr(column->column_type, " zerofill"))
		name = psprintf("(%s+0)", name);	/* without the zeros */
	initStringInfo(&sql);
	for (const char *p = row->sql; *p; p++)
	{
		if (strncmp(p, "{}", 2) == 0)
		{
			appendStringInfoString(&sql, name);
			p += strlen("{}") - 1;
		}
		else if (strncmp(p, "{utf8}", 6) == 0)
		{
			appendStringInfoString(&sql, utf8_sql(column, name));
			p += strlen("{utf8}") - 1;
		}
		else
			appendStringInfoChar(&sql, *p);
	}
	return sql.data;
}

/* Adds the framing of a value, the same as in row_hash.c. */
static char *
frame(const MariaRemoteColumn *column, const char *sql, MariaHashKind hash,
	  int format)
{
	const char *length = is_utf8(column)
	&& strcmp(column->data_type, "set") != 0
	? maria_quote_identifier(column->name) : sql;

	switch (format)
	{
		case MARIA_FORMAT_LENGTH:
			return psprintf("IFNULL(LENGTH(%s),'~'),':',IFNULL(%s,'')",
							length, sql);
		case MARIA_FORMAT_HASH:
			return psprintf("IFNULL(%s,'~'),','", maria_hash_sql(hash, sql));
		default:
			return psprintf("IFNULL(%s,'~'),','", sql);
	}
}

/*
 * Returns whether MariaDB can write a column exactly, in which format, and by
 * which arguments of CONCAT.
 */
bool
maria_canonical_column(const MariaRemoteColumn *column, Form_pg_attribute att,
					   const MariaOptions *opts, MariaHashKind hash,
					   int *format, char **sql)
{
	int32		typmod = att->atttypmod;
	Oid			base = getBaseTypeAndTypmod(att->atttypid, &typmod);
	Oid			type = maria_plain_type(base);
	const CanonicalRow *row = find_row(column, type);

	if (row == NULL || may_change(row, opts) ||
		(row->format == SECONDS && column->datetime_precision < 0) ||
		!is_exact(column, type, typmod, opts))
		return false;
	*format = row->format;
	if (*format == SECONDS)
		*format = column->datetime_precision;
	*sql = frame(column, expand(row, column), hash, *format);
	return true;
}
