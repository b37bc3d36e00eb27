/*
 * What may be said to mariadb.ddl in its options?
 *
 * Its own keys are here; the choices of types are those of IMPORT FOREIGN
 * SCHEMA, and session/options.c knows them.
 */
#include "postgres.h"

#include "nodes/makefuncs.h"
#include "nodes/value.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"

#include "schema/ddl.h"
#include "session/session.h"

/* Its place among the choices in session/options.c. */
#define CHAR_AS_CHAR 1

static void
set_bool(bool *field, const char *key, const char *value)
{
	if (!parse_bool(value, field))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for option \"%s\": \"%s\"", key, value),
				 errhint("Give true or false.")));
}

static void
set_prefix(DdlPlan *plan, const char *value)
{
	plan->drops_prefix = strcmp(value, "drop") == 0;
	if (!plan->drops_prefix && strcmp(value, "left") != 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("invalid value for option \"%s\": \"%s\"",
						"prefix_indexes", value),
				 errhint("Valid values are: left, drop.")));
}

static bool
is_type_choice(const char *key)
{
	size_t		len = strlen(key);

	return strcmp(key, "profile") == 0 ||
		(len > 3 && strcmp(key + len - 3, "_as") == 0);
}

static void
report_unknown_key(const char *key)
{
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid option \"%s\"", key),
			 errhint("Valid options are: profile, prisma, identity, prefix_indexes, comments, and the choices of types (..._as) of IMPORT FOREIGN SCHEMA.")));
}

/* Takes one key; returns the options of an import, with it if it is one. */
static List *
take_option(DdlPlan *plan, List *imports, char *key, char *value)
{
	if (strcmp(key, "identity") == 0)
		set_bool(&plan->has_identity, key, value);
	else if (strcmp(key, "comments") == 0)
		set_bool(&plan->has_comments, key, value);
	else if (strcmp(key, "prisma") == 0)
		plan->prisma_text = value;
	else if (strcmp(key, "prefix_indexes") == 0)
		set_prefix(plan, value);
	else if (is_type_choice(key))
		imports = lappend(imports,
						  makeDefElem(key, (Node *) makeString(value), -1));
	else
		report_unknown_key(key);
	return imports;
}

static char *
scalar_text(const char *key, const JsonbValue *value)
{
	if (value->type == jbvString)
		return pnstrdup(value->val.string.val, value->val.string.len);
	if (value->type == jbvBool)
		return value->val.boolean ? "true" : "false";
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for option \"%s\"", key),
			 errhint("Give a string or a boolean.")));
	return NULL;
}

static List *
take_object(DdlPlan *plan, Jsonb *object)
{
	JsonbIterator *iterator = JsonbIteratorInit(&object->root);
	JsonbIteratorToken token;
	JsonbValue	value;
	List	   *imports = NIL;
	char	   *key = NULL;

	if (!JB_ROOT_IS_OBJECT(object))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options must be a JSON object")));
	while ((token = JsonbIteratorNext(&iterator, &value, true)) != WJB_DONE)
	{
		if (token == WJB_KEY)
			key = pnstrdup(value.val.string.val, value.val.string.len);
		else if (token == WJB_VALUE && value.type != jbvNull)
			imports = take_option(plan, imports, key,
								  scalar_text(key, &value));
	}
	return imports;
}

static bool
says(List *imports, const char *name)
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
 * profile prisma, where an index that has a prefix loses it by default, as
 * Prisma knows no other index of PostgreSQL.
 */
DdlPlan *
maria_ddl_options(Oid serverid, Datum options)
{
	DdlPlan    *plan = palloc0(sizeof(DdlPlan));
	Jsonb	   *object = DatumGetJsonbP(options);
	List	   *imports;
	JsonbValue	key = {.type = jbvString};

	plan->has_comments = true;
	imports = take_object(plan, object);
	if (plan->prisma_text && !says(imports, "profile"))
		imports = lappend(imports, makeDefElem("profile",
											   (Node *) makeString("prisma"),
											   -1));
	plan->types = maria_import_options(serverid, imports);
	plan->is_prisma = plan->types->profile != 0 || plan->prisma_text;

	/* in a foreign table it would pad, but here Prisma looks for it */
	if (plan->is_prisma && !says(imports, "char_as"))
		plan->types->char_as = CHAR_AS_CHAR;

	key.val.string.val = "prefix_indexes";
	key.val.string.len = strlen(key.val.string.val);
	if (findJsonbValueFromContainer(&object->root, JB_FOBJECT, &key) == NULL)
		plan->drops_prefix = plan->is_prisma;
	return plan;
}
