/*
 * Which type does a MariaDB column get here?
 *
 * One table answers, first match first.  Enum columns need a type to be
 * found or made: see enums.c.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "lib/stringinfo.h"

#include "schema/schema.h"

typedef enum Modifier
{
	PLAIN,
	LENGTH,						/* (characters) */
	DIGITS,						/* (precision, scale) */
	BITS,						/* (bits) */
	FRACTION					/* (digits of a second) */
} Modifier;

#define ALWAYS (-1)
#define IF(policy) ((int) offsetof(MariaTypePolicy, policy))

/*
 * A row is for a column whose COLUMN_TYPE, or DATA_TYPE with "unsigned", or
 * DATA_TYPE it names, if the policy is on.
 */
typedef struct TypeRow
{
	const char *remote;
	const char *local;
	Modifier	modifier;
	int			policy;
} TypeRow;

static const TypeRow type_rows[] = {
	{"tinyint(1)", "boolean", PLAIN, IF(tinyint1_as_boolean)},
	{"tinyint", "smallint", PLAIN, ALWAYS},
	{"smallint unsigned", "integer", PLAIN, ALWAYS},
	{"smallint", "smallint", PLAIN, ALWAYS},
	{"mediumint", "integer", PLAIN, ALWAYS},
	{"int unsigned", "bigint", PLAIN, ALWAYS},
	{"int", "integer", PLAIN, ALWAYS},
	{"bigint unsigned", "numeric(20,0)", PLAIN, IF(bigint_unsigned_as_numeric)},
	{"bigint", "bigint", PLAIN, ALWAYS},
	{"decimal", "numeric", DIGITS, ALWAYS},
	{"float", "real", PLAIN, ALWAYS},
	{"double", "double precision", PLAIN, ALWAYS},
	{"bit(1)", "boolean", PLAIN, IF(bit1_as_boolean)},
	{"bit", "bit", BITS, ALWAYS},
	{"char", "varchar", LENGTH, ALWAYS},
	{"varchar", "varchar", LENGTH, ALWAYS},
	{"tinytext", "text", PLAIN, ALWAYS},
	{"text", "text", PLAIN, ALWAYS},
	{"mediumtext", "text", PLAIN, ALWAYS},
	{"longtext", "text", PLAIN, ALWAYS},
	{"json", "jsonb", PLAIN, IF(json_as_jsonb)},
	{"json", "json", PLAIN, ALWAYS},
	{"binary", "bytea", PLAIN, ALWAYS},
	{"varbinary", "bytea", PLAIN, ALWAYS},
	{"tinyblob", "bytea", PLAIN, ALWAYS},
	{"blob", "bytea", PLAIN, ALWAYS},
	{"mediumblob", "bytea", PLAIN, ALWAYS},
	{"longblob", "bytea", PLAIN, ALWAYS},
	{"enum", "text", PLAIN, ALWAYS},
	{"set", "text[]", PLAIN, ALWAYS},
	{"date", "date", PLAIN, ALWAYS},
	{"datetime", "timestamp", FRACTION, ALWAYS},
	{"timestamp", "timestamp", FRACTION, IF(timestamp_as_timestamp)},
	{"timestamp", "timestamptz", FRACTION, ALWAYS},
	{"time", "time", FRACTION, ALWAYS},
	{"year", "smallint", PLAIN, ALWAYS},
	{"uuid", "uuid", PLAIN, ALWAYS},
	{"inet4", "inet", PLAIN, ALWAYS},
	{"inet6", "inet", PLAIN, ALWAYS},
	{"geometry", "bytea", PLAIN, ALWAYS},
	{"point", "bytea", PLAIN, ALWAYS},
	{"linestring", "bytea", PLAIN, ALWAYS},
	{"polygon", "bytea", PLAIN, ALWAYS},
	{"multipoint", "bytea", PLAIN, ALWAYS},
	{"multilinestring", "bytea", PLAIN, ALWAYS},
	{"multipolygon", "bytea", PLAIN, ALWAYS},
	{"geometrycollection", "bytea", PLAIN, ALWAYS},
	{"vector", "real[]", PLAIN, ALWAYS},
};

static bool
is_unsigned(const MariaRemoteColumn *column)
{
	return strstr(column->column_type, " unsigned") != NULL;
}

static bool
row_matches(const TypeRow *row, const MariaRemoteColumn *column,
			const MariaTypePolicy *policy)
{
	size_t		len = strlen(column->data_type);

	if (row->policy != ALWAYS && !*((const bool *) policy + row->policy))
		return false;
	if (column->is_json)
		return strcmp(row->remote, "json") == 0;
	if (strcmp(row->remote, column->column_type) == 0 ||
		strcmp(row->remote, column->data_type) == 0)
		return true;
	return is_unsigned(column) &&
		strncmp(row->remote, column->data_type, len) == 0 &&
		strcmp(row->remote + len, " unsigned") == 0;
}

static char *
add_modifier(const TypeRow *row, const MariaRemoteColumn *column)
{
	switch (row->modifier)
	{
		case PLAIN:
			break;
		case LENGTH:
			if (column->char_length < 1 || column->char_length > MaxAttrSize)
				return pstrdup("text");
			return psprintf("%s(%d)", row->local, (int) column->char_length);
		case DIGITS:
			return psprintf("%s(%d,%d)", row->local, column->precision,
							column->scale);
		case BITS:
			return psprintf("%s(%d)", row->local, column->precision);
		case FRACTION:
			return psprintf("%s(%d)", row->local, column->datetime_precision);
	}
	return pstrdup(row->local);
}

/*
 * Returns the SQL text of the type for a column.  A type that this version
 * does not know becomes text, with a notice.
 */
char *
maria_local_type(const MariaRemoteColumn *column,
				 const MariaTypePolicy *policy)
{
	for (size_t i = 0; i < lengthof(type_rows); i++)
		if (row_matches(&type_rows[i], column, policy))
			return add_modifier(&type_rows[i], column);

	ereport(NOTICE,
			(errmsg("column \"%s\" of table \"%s\" has unknown type \"%s\" and becomes text",
					column->name, column->table, column->column_type)));
	return pstrdup("text");
}

bool
maria_is_enum(const MariaRemoteColumn *column)
{
	return strcmp(column->data_type, "enum") == 0;
}

/* Appends what a backslash and a letter stand for in COLUMN_TYPE. */
static void
append_escaped(StringInfo label, char letter)
{
	switch (letter)
	{
		case 'n':
			appendStringInfoChar(label, '\n');
			break;
		case 'r':
			appendStringInfoChar(label, '\r');
			break;
		case '0':
			appendStringInfoString(label, "\\0");	/* no text here holds it */
			break;
		default:
			appendStringInfoChar(label, letter);
	}
}

/* Reads a label from behind its opening quote to behind its closing one. */
static char *
parse_label(const char **pos)
{
	StringInfoData label;
	const char *p = *pos;

	initStringInfo(&label);
	for (; *p; p++)
	{
		if (*p == '\\' && p[1])
			append_escaped(&label, *++p);
		else if (*p != '\'')
			appendStringInfoChar(&label, *p);
		else if (p[1] == '\'')
			appendStringInfoChar(&label, *p++);
		else
			break;
	}
	*pos = *p ? p + 1 : p;
	return label.data;
}

/*
 * Returns the labels of enum(...) or set(...).  Whatever the sql_mode,
 * MariaDB doubles a quote in there and writes backslashes before some letters.
 */
List *
maria_parse_labels(const char *column_type)
{
	List	   *labels = NIL;
	const char *p = column_type;

	while ((p = strchr(p, '\'')) != NULL)
	{
		p++;
		labels = lappend(labels, parse_label(&p));
	}
	return labels;
}

/*
 * Returns the text of a default that is a string literal and nothing more;
 * NULL for any other.
 */
char *
maria_unquote_default(const char *literal)
{
	char	   *text;

	if (*literal++ != '\'')
		return NULL;
	text = parse_label(&literal);
	return *literal == '\0' ? text : NULL;
}
