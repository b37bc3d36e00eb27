/*
 * Which local type does a MariaDB column get?
 *
 * One table decides; the first match counts.  Enum columns need a type to be
 * found or created: see enums.c.
 */
#include "postgres.h"

#include "utils/builtins.h"

#include "schema/notes.h"
#include "schema/types.h"
#include "values/values.h"

typedef enum Modifier
{
	PLAIN,
	LENGTH,						/* (characters) */
	DIGITS,						/* (precision, scale) */
	BITS,						/* (bits) */
	FRACTION,					/* (digits of a second) */
	GEOMETRY,					/* PostGIS's type if there is one */
	DIMENSIONS					/* pgvector's type if there is one */
} Modifier;

/* The most dimensions of pgvector's vector. */
#define MAX_DIMENSIONS 16000

#define ALWAYS 0, 0
#define IF(option, choice) offsetof(MariaOptions, option), choice

/*
 * A row is for a column whose COLUMN_TYPE, or DATA_TYPE with "unsigned", or
 * DATA_TYPE it names, if the option has chosen it.
 */
typedef struct TypeRow
{
	const char *remote;
	const char *local;
	Modifier	modifier;
	size_t		option;			/* offset in MariaOptions, 0 = none */
	int			choice;
} TypeRow;

static const TypeRow type_rows[] = {
	{"tinyint(1)", "boolean", PLAIN, IF(tinyint1_as, 0)},
	{"tinyint", "smallint", PLAIN, ALWAYS},
	{"smallint unsigned", "integer", PLAIN, ALWAYS},
	{"smallint", "smallint", PLAIN, ALWAYS},
	{"mediumint", "integer", PLAIN, ALWAYS},
	{"int unsigned", "bigint", PLAIN, IF(int_unsigned_as, 0)},
	{"int", "integer", PLAIN, ALWAYS},
	{"bigint unsigned", "numeric(20,0)", PLAIN, IF(bigint_unsigned_as, 0)},
	{"bigint", "bigint", PLAIN, ALWAYS},
	{"decimal", "numeric", DIGITS, ALWAYS},
	{"float", "real", PLAIN, ALWAYS},
	{"double", "double precision", PLAIN, ALWAYS},
	{"bit(1)", "boolean", PLAIN, IF(bit1_as, 0)},
	{"bit(1)", "bit(1)", PLAIN, ALWAYS},
	{"bit", "bit", BITS, IF(bit_as, 0)},
	{"bit", "bytea", PLAIN, ALWAYS},
	{"char", "varchar", LENGTH, IF(char_as, 0)},
	{"char", "char", LENGTH, IF(char_as, 1)},
	{"char", "text", PLAIN, ALWAYS},
	{"varchar(191)", "text", PLAIN, IF(varchar191_as, 1)},
	{"varchar", "varchar", LENGTH, ALWAYS},
	{"tinytext", "text", PLAIN, ALWAYS},
	{"text", "text", PLAIN, ALWAYS},
	{"mediumtext", "text", PLAIN, ALWAYS},
	{"longtext", "text", PLAIN, ALWAYS},
	{"json", "jsonb", PLAIN, IF(json_as, 0)},
	{"json", "json", PLAIN, IF(json_as, 1)},
	{"json", "text", PLAIN, ALWAYS},
	{"binary(16)", "uuid", PLAIN, IF(binary16_as, 1)},
	{"binary", "bytea", PLAIN, ALWAYS},
	{"varbinary", "bytea", PLAIN, ALWAYS},
	{"tinyblob", "bytea", PLAIN, ALWAYS},
	{"blob", "bytea", PLAIN, ALWAYS},
	{"mediumblob", "bytea", PLAIN, ALWAYS},
	{"longblob", "bytea", PLAIN, ALWAYS},
	{"set", "text[]", PLAIN, IF(set_as, 0)},
	{"set", "text", PLAIN, ALWAYS},
	{"date", "date", PLAIN, ALWAYS},
	{"datetime", "timestamp", FRACTION, ALWAYS},
	{"timestamp", "timestamp", FRACTION, IF(timestamp_as, 0)},
	{"timestamp", "timestamptz", FRACTION, ALWAYS},
	{"time", "time", FRACTION, IF(time_as, 0)},
	{"time", "interval", FRACTION, ALWAYS},
	{"year", "smallint", PLAIN, ALWAYS},
	{"uuid", "uuid", PLAIN, ALWAYS},
	{"inet4", "inet", PLAIN, ALWAYS},
	{"inet6", "inet", PLAIN, ALWAYS},
	{"geometry", "bytea", GEOMETRY, ALWAYS},
	{"point", "bytea", GEOMETRY, ALWAYS},
	{"linestring", "bytea", GEOMETRY, ALWAYS},
	{"polygon", "bytea", GEOMETRY, ALWAYS},
	{"multipoint", "bytea", GEOMETRY, ALWAYS},
	{"multilinestring", "bytea", GEOMETRY, ALWAYS},
	{"multipolygon", "bytea", GEOMETRY, ALWAYS},
	{"geometrycollection", "bytea", GEOMETRY, ALWAYS},
	{"geomcollection", "bytea", GEOMETRY, ALWAYS},	/* MySQL's name for it */
	{"vector", "real[]", DIMENSIONS, IF(vector_as, 0)},
	{"vector", "real[]", PLAIN, IF(vector_as, 1)},
	{"vector", "bytea", PLAIN, ALWAYS},
};

static bool
is_unsigned(const MariaRemoteColumn *column)
{
	return strstr(column->column_type, " unsigned") != NULL;
}

static bool
row_matches(const TypeRow *row, const MariaRemoteColumn *column,
			const MariaOptions *opts)
{
	size_t		len = strlen(column->data_type);

	if (row->option != 0 &&
		*(const int *) ((const char *) opts + row->option) != row->choice)
		return false;
	if (column->is_json)
		return strcmp(row->remote, "json") == 0;
	if (strcmp(row->remote, column->column_type) == 0 ||
		strcmp(row->remote, column->data_type) == 0)
		return true;
	return strncmp(row->remote, column->data_type, len) == 0 &&
		strcmp(row->remote + len, " unsigned") == 0 && is_unsigned(column);
}

/*
 * Returns an extension's type with its schema, or NULL if it does not exist.
 */
static char *
extension_type(const char *extension, const char *name)
{
	Oid			type = maria_extension_type(extension, name);

	return OidIsValid(type)
		? format_type_extended(type, -1, FORMAT_TYPE_FORCE_QUALIFY) : NULL;
}

/*
 * Returns pgvector's type with as many dimensions, or NULL.  MariaDB's vectors
 * have exactly that number; in MySQL it is a limit.
 */
static char *
vector_type(MariaRemoteColumn *column)
{
	const char *type = extension_type("vector", "vector");
	const char *dimensions = strchr(column->column_type, '(');

	if (type == NULL || dimensions == NULL)
		return NULL;
	if (atoi(dimensions + 1) > MAX_DIMENSIONS)
	{
		maria_note(column, NOTE_CHANGED,
				   "becomes real[], because pgvector's vector has at most %d dimensions",
				   MAX_DIMENSIONS);
		return NULL;
	}
	return column->may_be_shorter ? pstrdup(type)
		: psprintf("%s(%d)", type, atoi(dimensions + 1));
}

/*
 * Adds the modifier.  MySQL shows none for some columns of information_schema;
 * the type without one accepts any value.
 */
static char *
add_modifier(const TypeRow *row, MariaRemoteColumn *column)
{
	char	   *type = NULL;

	switch (row->modifier)
	{
		case PLAIN:
			break;
		case LENGTH:
			if (column->char_length < 1 || column->char_length > MaxAttrSize)
				return pstrdup("text");
			return psprintf("%s(%d)", row->local, (int) column->char_length);
		case DIGITS:
			if (column->precision < 0)
				break;
			return psprintf("%s(%d,%d)", row->local, column->precision,
							column->scale);
		case BITS:
			if (column->precision < 0)
				return pstrdup("varbit");
			return psprintf("%s(%d)", row->local, column->precision);
		case GEOMETRY:
			type = extension_type("postgis", "geometry");
			break;
		case DIMENSIONS:
			type = vector_type(column);
			break;
		case FRACTION:
			if (column->datetime_precision < 0)
				break;
			return psprintf("%s(%d)", row->local, column->datetime_precision);
	}
	return type ? type : pstrdup(row->local);
}

/*
 * Returns the SQL text of the type for a column.  A type that this version
 * does not know becomes text, with a notice.
 */
char *
maria_local_type(MariaRemoteColumn *column, const MariaOptions *opts)
{
	for (size_t i = 0; i < lengthof(type_rows); i++)
		if (row_matches(&type_rows[i], column, opts))
			return add_modifier(&type_rows[i], column);

	maria_note(column, NOTE_CHANGED, "type \"%s\" is unknown and becomes text",
			   column->column_type);
	return pstrdup("text");
}

/*
 * The types above that are not keywords, and could be found in another schema.
 */
static const char *const named_types[] = {
	"bytea", "date", "inet", "json", "jsonb", "text", "timestamptz", "uuid"
};

/*
 * Returns a type's name in a form that does not depend on the caller's
 * search_path: the checks of a domain of that name would run with the
 * privileges of the importing user.
 */
const char *
maria_catalog_type(const char *type)
{
	for (size_t i = 0; i < lengthof(named_types); i++)
	{
		size_t		len = strlen(named_types[i]);

		if (strncmp(type, named_types[i], len) == 0 &&
			strchr("([", type[len]) != NULL)
			return psprintf("pg_catalog.%s", type);
	}
	return type;
}
