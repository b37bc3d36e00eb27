/*
 * Kinds of types.
 */
#ifndef MARIADB_FDW_SCHEMA_EXPRESSION_CLASS_H
#define MARIADB_FDW_SCHEMA_EXPRESSION_CLASS_H

#include "mariadb_fdw.h"

/* Classes of types, which determine whether results are the same. */
typedef enum MariaClass
{
	CLASS_NULL,					/* of the literal */
	CLASS_BOOLEAN,
	CLASS_INTEGER,
	CLASS_NUMERIC,
	CLASS_FLOAT,
	CLASS_TEXT,
	CLASS_ENUM,
	CLASS_DATE,
	CLASS_TIMESTAMP,
	CLASS_TIME,
	CLASS_UUID,
	CLASS_JSON,
	CLASS_BYTES,
	CLASS_BITS,
	CLASS_OTHER
} MariaClass;

/* class.c */
extern MariaClass maria_type_class(const char *type);
extern const char *maria_class_name(MariaClass class);
extern bool maria_is_numeric(MariaClass class);

#endif							/* MARIADB_FDW_SCHEMA_EXPRESSION_CLASS_H */
