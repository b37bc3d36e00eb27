/*
 * How do the options of mariadb.ddl affect a plan?
 *
 * Names and valid values of the options are checked in call_options.c.
 */
#include "postgres.h"

#include "nodes/makefuncs.h"
#include "nodes/value.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "schema/call_options.h"
#include "schema/ddl/ddl.h"
#include "session/session.h"

/* The position among the choices in session/options.c. */
#define CHAR_AS_CHAR 1

static bool
is_true(const char *value)
{
	return strcmp(value, "true") == 0;
}

/* Stores one option; returns the import options, to which it may belong. */
static List *
take_option(DdlPlan *plan, List *imports, char *key, char *value)
{
	if (strcmp(key, "identity") == 0)
		plan->has_identity = is_true(value);
	else if (strcmp(key, "comments") == 0)
		plan->has_comments = is_true(value);
	else if (strcmp(key, "prisma") == 0)
		plan->prisma_text = value;
	else if (strcmp(key, "prefix_indexes") == 0)
	{
		plan->has_prefix_option = true;
		plan->drops_prefix = strcmp(value, "drop") == 0;
	}
	else
		imports = lappend(imports,
						  makeDefElem(key, (Node *) makeString(value), -1));
	return imports;
}

static char *
scalar_text(const JsonbValue *value)
{
	if (value->type == jbvBool)
		return value->val.boolean ? "true" : "false";
	return pnstrdup(value->val.string.val, value->val.string.len);
}

/* Returns the elements of an array of strings. */
static List *
names_of(const JsonbValue *array)
{
	JsonbIterator *iterator = JsonbIteratorInit(array->val.binary.data);
	JsonbIteratorToken token;
	JsonbValue	value;
	List	   *names = NIL;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_ELEM)
			names = lappend(names, scalar_text(&value));
	}
	return names;
}

static List *
take_object(DdlPlan *plan, Jsonb *object)
{
	JsonbIterator *iterator = JsonbIteratorInit(&object->root);
	JsonbIteratorToken token;
	JsonbValue	value;
	List	   *imports = NIL;
	char	   *key = NULL;

	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			key = pnstrdup(value.val.string.val, value.val.string.len);
		else if (token == WJB_VALUE && strcmp(key, "tables") == 0)
			plan->only = names_of(&value);
		else if (token == WJB_VALUE && strcmp(key, "except") == 0)
			plan->except = names_of(&value);
		else if (token == WJB_VALUE)
			imports = take_option(plan, imports, key, scalar_text(&value));
	}
	return imports;
}

static bool
has_option(List *imports, const char *name)
{
	ListCell   *lc;

	foreach(lc, imports)
	{
		if (strcmp(((DefElem *) lfirst(lc))->defname, name) == 0)
			return true;
	}
	return false;
}

/*
 * Returns a plan with its options.  The text of schema.prisma implies the
 * profile prisma, where an index loses its prefix by default, because Prisma
 * does not support indexes on expressions in PostgreSQL.
 */
DdlPlan *
maria_ddl_options(Oid serverid, Datum options)
{
	DdlPlan    *plan = palloc0(sizeof(DdlPlan));
	Jsonb	   *object = maria_checked_ddl_options(GetForeignServer(serverid)->servername,
												   DatumGetJsonbP(options));
	List	   *imports;

	plan->has_comments = true;
	imports = take_object(plan, object);
	if (plan->prisma_text && !has_option(imports, "profile"))
		imports = lappend(imports, makeDefElem("profile",
											   (Node *) makeString("prisma"),
											   -1));
	plan->types = maria_import_options(serverid, imports);
	plan->is_prisma = plan->types->profile != 0 || plan->prisma_text;

	/* padded in a foreign table, but Prisma expects it here */
	if (plan->is_prisma && !has_option(imports, "char_as"))
		plan->types->char_as = CHAR_AS_CHAR;
	if (!plan->has_prefix_option)
		plan->drops_prefix = plan->is_prisma;
	return plan;
}
