/*
 * How is a part of a table written independently of its schema?
 *
 * As PostgreSQL's own functions write it while the table's schema is on the
 * search_path.  Nothing is looked up by name meanwhile, which is why this is
 * not SQL: an expression could resolve to objects that somebody has created in
 * that schema.
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/tupdesc.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"
#include "utils/guc.h"
#include "utils/rel.h"

#include "mariadb_fdw.h"

PG_FUNCTION_INFO_V1(mariadb_structure_text);

/* Calls a function of up to three arguments; NULL if it returns NULL. */
static char *
call_for_text(PGFunction function, Oid object, Datum second, Datum third)
{
	LOCAL_FCINFO(fcinfo, 3);
	Datum		result;

	InitFunctionCallInfoData(*fcinfo, NULL, 3, InvalidOid, NULL, NULL);
	memset(fcinfo->args, 0, sizeof(fcinfo->args[0]) * 3);
	fcinfo->args[0].value = ObjectIdGetDatum(object);
	fcinfo->args[1].value = second;
	fcinfo->args[2].value = third;
	result = function(fcinfo);
	return fcinfo->isnull ? NULL : TextDatumGetCString(result);
}

static char *
write_type(Oid type, int32 typmod)
{
	return format_type_extended(type, typmod, FORMAT_TYPE_TYPEMOD_GIVEN |
								FORMAT_TYPE_ALLOW_INVALID);
}

/* Writes a column's default or generation expression; NULL if it has none. */
static char *
write_default(Oid relid, int32 attnum)
{
	Relation	rel = relation_open(relid, AccessShareLock);
	TupleConstr *constr = RelationGetDescr(rel)->constr;
	char	   *written = NULL;

	for (int i = 0; constr && i < constr->num_defval; i++)
	{
		Datum		expr = CStringGetTextDatum(constr->defval[i].adbin);

		if (constr->defval[i].adnum == attnum)
			written = TextDatumGetCString(DirectFunctionCall2(pg_get_expr, expr,
															  ObjectIdGetDatum(relid)));
	}
	relation_close(rel, AccessShareLock);
	return written;
}

static char *
write_partition_key(Oid relid, int32 unused)
{
	return call_for_text(pg_get_partkeydef, relid, 0, 0);
}

static char *
write_view(Oid relid, int32 unused)
{
	return call_for_text(pg_get_viewdef_ext, relid, BoolGetDatum(true), 0);
}

static char *
write_constraint(Oid constraint, int32 unused)
{
	return call_for_text(pg_get_constraintdef_ext, constraint,
						 BoolGetDatum(true), 0);
}

static char *
write_index(Oid index, int32 unused)
{
	return call_for_text(pg_get_indexdef_ext, index, Int32GetDatum(0),
						 BoolGetDatum(true));
}

static char *
write_trigger(Oid trigger, int32 unused)
{
	return call_for_text(pg_get_triggerdef_ext, trigger, BoolGetDatum(true), 0);
}

static const struct
{
	const char *kind;
	char	   *(*write) (Oid object, int32 detail);
}			writers[] = {
	{"type", write_type},
	{"default", write_default},
	{"partition key", write_partition_key},
	{"view", write_view},
	{"constraint", write_constraint},
	{"index", write_index},
	{"trigger", write_trigger},
};

/*
 * Writes an object while a schema is on the search_path; NULL if it no longer
 * exists.
 */
static char *
write_object(const char *local, int writer, Oid object, int32 detail)
{
	int			nest = NewGUCNestLevel();
	char	   *written;

	(void) set_config_option("search_path",
							 psprintf("pg_catalog, %s, pg_temp",
									  quote_identifier(local)),
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
							 true, 0, false);
	written = writers[writer].write(object, detail);
	AtEOXact_GUC(true, nest);
	return written;
}

Datum
mariadb_structure_text(PG_FUNCTION_ARGS)
{
	char	   *local = text_to_cstring(PG_GETARG_TEXT_PP(0));
	char	   *kind = text_to_cstring(PG_GETARG_TEXT_PP(1));

	for (size_t i = 0; i < lengthof(writers); i++)
	{
		char	   *written;

		if (strcmp(writers[i].kind, kind) != 0)
			continue;
		written = write_object(local, i, PG_GETARG_OID(2), PG_GETARG_INT32(3));
		if (written == NULL)
			PG_RETURN_NULL();
		PG_RETURN_TEXT_P(cstring_to_text(written));
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unknown kind of object \"%s\"", kind)));
}
