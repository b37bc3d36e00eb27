/*
 * Which class does a type belong to, and what applies to all types of a class?
 */
#include "postgres.h"

#include "schema/expression/parser.h"

typedef struct TypeClass
{
	const char *type;			/* how its name begins */
	MariaClass	class;
	const char *name;
} TypeClass;

static const TypeClass type_classes[] = {
	{"boolean", CLASS_BOOLEAN, "boolean"},
	{"smallint", CLASS_INTEGER, "integer"},
	{"integer", CLASS_INTEGER, "integer"},
	{"bigint", CLASS_INTEGER, "integer"},
	{"numeric", CLASS_NUMERIC, "decimal"},
	{"real[]", CLASS_OTHER, "vector"},
	{"real", CLASS_FLOAT, "double"},
	{"double precision", CLASS_FLOAT, "double"},
	{"text[]", CLASS_OTHER, "set"},
	{"text", CLASS_TEXT, "text"},
	{"varchar", CLASS_TEXT, "text"},
	{"char", CLASS_TEXT, "text"},
	{"date", CLASS_DATE, "date"},
	{"timestamptz", CLASS_OTHER, "timestamptz"},
	{"timestamp", CLASS_TIMESTAMP, "datetime"},
	{"time", CLASS_TIME, "time"},
	{"uuid", CLASS_UUID, "uuid"},
	{"json", CLASS_JSON, "json"},
	{"bytea", CLASS_BYTES, "binary string"},
	{"bit", CLASS_BITS, "bit string"},
};

MariaClass
maria_type_class(const char *type)
{
	for (size_t i = 0; i < lengthof(type_classes); i++)
		if (strncmp(type, type_classes[i].type,
					strlen(type_classes[i].type)) == 0)
			return type_classes[i].class;
	return CLASS_OTHER;
}

const char *
maria_class_name(MariaClass class)
{
	for (size_t i = 0; i < lengthof(type_classes); i++)
		if (type_classes[i].class == class && class != CLASS_OTHER)
			return type_classes[i].name;
	return class == CLASS_ENUM ? "enum" : class == CLASS_NULL ? "null" :
		"value of another type";
}

bool
maria_is_numeric(MariaClass class)
{
	return class == CLASS_INTEGER || class == CLASS_NUMERIC ||
		class == CLASS_FLOAT;
}

/*
 * Is a column one of bytes in MariaDB too, and not a BIT, geometry or VECTOR?
 */
bool
maria_is_binary_column(const MariaRemoteColumn *column)
{
	return strstr(column->data_type, "binary") ||
		strstr(column->data_type, "blob");
}

/* Is an expression a string of bytes in MariaDB too? */
bool
maria_is_binary_string(const MariaExpression *expr)
{
	return expr->class == CLASS_BYTES &&
		(expr->column == NULL || maria_is_binary_column(expr->column->remote));
}
