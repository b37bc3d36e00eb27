/*
 * Is an argument of an SQL function valid?
 *
 * A NULL, an empty list or the name of a schema that does not exist must not
 * look like a call without work.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "access/htup_details.h"
#include "catalog/catalog.h"
#include "catalog/namespace.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

#include "session/session.h"

PG_FUNCTION_INFO_V1(mariadb_not_null);
PG_FUNCTION_INFO_V1(mariadb_not_empty);
PG_FUNCTION_INFO_V1(mariadb_local_schema);

/* Refuses an argument or option that is NULL; the hint may be NULL. */
void
maria_report_null(const char *kind, const char *name, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("%s \"%s\" must not be null", kind, name),
			 hint ? errhint("%s", hint) : 0));
}

/* Refuses an argument or list without anything in it; the hint may be NULL. */
static void
report_empty(const char *kind, const char *name, const char *hint)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s \"%s\" must not be empty", kind, name),
			 hint ? errhint("%s", hint) : 0));
}

/* Returns the name that a function's definition gives to an argument. */
static char *
argument_name(Oid function, int argument)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	char	   *name = psprintf("$%d", argument + 1);
	Oid		   *types;
	char	  **names = NULL;
	char	   *modes;

	if (!HeapTupleIsValid(tuple))
		return name;
	if (get_func_arg_info(tuple, &types, &names, &modes) > argument && names)
		name = names[argument];
	ReleaseSysCache(tuple);
	return name;
}

/* Raises an error for an argument that is NULL and has no bit in nullable. */
void
maria_require_arguments(FunctionCallInfo fcinfo, int nullable)
{
	for (int i = 0; i < PG_NARGS(); i++)
		if (PG_ARGISNULL(i) && (nullable & 1 << i) == 0)
			maria_report_null("argument",
							  argument_name(fcinfo->flinfo->fn_oid, i), NULL);
}

/* Returns the one text that a function is given, if it is not too long. */
char *
maria_text_argument(FunctionCallInfo fcinfo)
{
	maria_require_arguments(fcinfo, 0);
	if (toast_raw_datum_size(PG_GETARG_DATUM(0)) - VARHDRSZ > MARIA_MAX_TEXT)
		ereport(ERROR,
				(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
				 errmsg("text is longer than %d MB",
						MARIA_MAX_TEXT / 1024 / 1024)));
	return text_to_cstring(PG_GETARG_TEXT_PP(0));
}

/* The same for functions in SQL and PL/pgSQL, which pass names and values. */
Datum
mariadb_not_null(PG_FUNCTION_ARGS)
{
	Datum	   *names;
	int			count;

	if (PG_ARGISNULL(0))
		maria_report_null("argument", "names", NULL);
	deconstruct_array(PG_GETARG_ARRAYTYPE_P(0), TEXTOID, -1, false,
					  TYPALIGN_INT, &names, NULL, &count);
	for (int i = 1; i < PG_NARGS() && i <= count; i++)
		if (PG_ARGISNULL(i))
			maria_report_null("argument", TextDatumGetCString(names[i - 1]),
							  NULL);
	PG_RETURN_VOID();
}

/* Refuses a text of nothing but white space. */
Datum
mariadb_not_empty(PG_FUNCTION_ARGS)
{
	char	   *value = text_to_cstring(PG_GETARG_TEXT_PP(1));

	if (value[strspn(value, " \t\n\v\f\r")] == '\0')
		report_empty("argument", text_to_cstring(PG_GETARG_TEXT_PP(0)),
					 text_to_cstring(PG_GETARG_TEXT_PP(2)));
	PG_RETURN_VOID();
}

void
maria_report_empty_list(const char *name)
{
	report_empty("list", name, "Omit it to use all tables.");
}

void
maria_report_null_in_list(const char *name)
{
	ereport(ERROR,
			(errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
			 errmsg("list \"%s\" must not contain nulls", name)));
}

/* Returns the strings of an array that must have some. */
List *
maria_list_argument(ArrayType *array, const char *name)
{
	List	   *strings = NIL;
	Datum	   *values;
	bool	   *nulls;
	int			count;

	deconstruct_array(array, TEXTOID, -1, false, TYPALIGN_INT, &values, &nulls,
					  &count);
	if (count == 0)
		maria_report_empty_list(name);
	for (int i = 0; i < count; i++)
	{
		if (nulls[i])
			maria_report_null_in_list(name);
		strings = lappend(strings, TextDatumGetCString(values[i]));
	}
	return strings;
}

/*
 * Objects in these schemas are not dumped, or would conflict with our own
 * tables.
 */
static bool
is_reserved(const char *schema)
{
	return IsReservedName(schema) ||
		strcmp(schema, "information_schema") == 0 ||
		strcmp(schema, MARIA_SCHEMA) == 0 ||
		strcmp(schema, MARIA_INTERNAL_SCHEMA) == 0;
}

/* Raises an error for a schema that cannot hold tables from MariaDB. */
void
maria_check_not_reserved(const char *schema)
{
	if (is_reserved(schema))
		ereport(ERROR,
				(errcode(ERRCODE_RESERVED_NAME),
				 errmsg("schema \"%s\" cannot hold tables from MariaDB", schema),
				 errdetail("It is reserved for PostgreSQL or mariadb_fdw, and pg_dump does not dump other objects in it."),
				 errhint("Name another local schema, such as public.")));
}

/* Returns a schema of the user's by its name; InvalidOid if it may be missing. */
Oid
maria_local_schema(const char *name, bool missing_ok)
{
	if (*name == '\0')
		report_empty("argument", "local", NULL);
	maria_check_not_reserved(name);
	if (missing_ok && strlen(name) >= NAMEDATALEN)
		ereport(ERROR,
				(errcode(ERRCODE_NAME_TOO_LONG),
				 errmsg("the name of the local schema is too long"),
				 errdetail("It has %zu bytes, and PostgreSQL keeps %d.",
						   strlen(name), NAMEDATALEN - 1)));
	return get_namespace_oid(name, missing_ok);
}

Datum
mariadb_local_schema(PG_FUNCTION_ARGS)
{
	Oid			namespace;

	maria_require_arguments(fcinfo, 0);
	namespace = maria_local_schema(text_to_cstring(PG_GETARG_TEXT_PP(0)),
								   PG_GETARG_BOOL(1));
	if (!OidIsValid(namespace))
		PG_RETURN_NULL();
	PG_RETURN_OID(namespace);
}
