/*
 * Which enum types does a MariaDB schema need, and do they exist?
 *
 * The SQL function create_enums: names come from the text of schema.prisma if
 * it has the column, otherwise from the first column that uses a list of
 * labels.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "funcapi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "catalog/read.h"
#include "prisma/lookup.h"
#include "schema/enums.h"
#include "session/session.h"
#include "session/srf.h"

PG_FUNCTION_INFO_V1(mariadb_create_enums);

/* A required type, for all columns with its labels. */
typedef struct EnumPlan
{
	const MariaPrismaBlock *block;	/* of the text, or NULL */
	char	   *name;
	List	   *labels;
	List	   *columns;		/* quoted table.column */
} EnumPlan;

/* Returns the parsed text of schema.prisma, or NULL if there is none. */
static MariaPrisma *
parse_prisma(FunctionCallInfo fcinfo, int arg)
{
	MariaPrisma *prisma;

	if (PG_ARGISNULL(arg))
		return NULL;
	prisma = maria_parse_prisma(text_to_cstring(PG_GETARG_TEXT_PP(arg)));
	if (prisma->error)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("could not parse the text of schema.prisma: %s",
						prisma->error),
				 errdetail("The error is in line %d.", prisma->line)));
	maria_prisma_index_columns(prisma);
	return prisma;
}

/* Finds the enum that the text gives to a column, or NULL. */
static const MariaPrismaBlock *
find_prisma_enum(MariaPrisma *prisma, const MariaRemoteColumn *column)
{
	MariaPrismaBlock *model;
	MariaPrismaField *field;

	if (prisma == NULL)
		return NULL;
	model = maria_names_find(prisma->models_by_table, column->table);
	field = model ? maria_names_find(model->columns, column->name) : NULL;
	return field ? maria_prisma_enum(prisma, field->type) : NULL;
}

static bool
same_labels(List *a, List *b)
{
	ListCell   *la;
	ListCell   *lb;

	if (list_length(a) != list_length(b))
		return false;
	forboth(la, a, lb, b)
	{
		if (strcmp(lfirst(la), lfirst(lb)) != 0)
			return false;
	}
	return true;
}

/* Does the text's enum have the labels that the database has? */
static bool
block_has_labels(const MariaPrismaBlock *block, List *labels)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, block->fields)
		names = lappend(names, ((MariaPrismaField *) lfirst(lc))->db_name);
	return same_labels(names, labels);
}

static EnumPlan *
find_plan(List *plans, const MariaPrismaBlock *block, List *labels)
{
	ListCell   *lc;

	foreach(lc, plans)
	{
		EnumPlan   *plan = lfirst(lc);

		if (plan->block == block && same_labels(plan->labels, labels))
			return plan;
	}
	return NULL;
}

/* Adds a column to the plan of its type, which may be a new one. */
static List *
plan_column(List *plans, MariaPrisma *prisma,
			const MariaRemoteColumn *column)
{
	const MariaPrismaBlock *block = find_prisma_enum(prisma, column);
	EnumPlan   *plan = find_plan(plans, block, column->labels);

	if (plan == NULL)
	{
		plan = palloc0(sizeof(EnumPlan));
		plan->block = block;
		plan->name = block ? maria_fit_name(block->db_name, "") :
			maria_enum_name(column, "");
		plan->labels = column->labels;
		plans = lappend(plans, plan);
	}
	plan->columns = lappend(plan->columns,
							quote_qualified_identifier(column->table,
													   column->name));
	return plans;
}

/* Returns the types that the tables need, in the order of first use. */
static List *
plan_enums(List *tables, MariaPrisma *prisma)
{
	List	   *plans = NIL;
	ListCell   *lt;
	ListCell   *lc;

	foreach(lt, tables)
	{
		MariaRemoteTable *table = lfirst(lt);

		foreach(lc, table->columns)
		{
			if (maria_is_enum(lfirst(lc)))
				plans = plan_column(plans, prisma, lfirst(lc));
		}
	}
	return plans;
}

/*
 * A type and a table cannot have the same name, including a table yet to be
 * created, and <table>_<column> can be the same for two columns.
 */
static void
avoid_table_names(List *plans, List *tables)
{
	MariaNames *used = maria_names_create();
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, tables)
		names = lappend(names, ((MariaRemoteTable *) lfirst(lc))->name);
	foreach(lc, maria_local_names(names, false))
		maria_names_add(used, lfirst(lc), NULL);
	foreach(lc, plans)
	{
		EnumPlan   *plan = lfirst(lc);

		if (plan->block == NULL && maria_names_have(used, plan->name))
			plan->name = maria_fit_name(plan->name, "_enum");
		maria_names_add(used, plan->name, NULL);
	}
}

/*
 * Creates a planned type if it does not exist, and returns what was done.  A
 * type of another name is used as well, unless the text gives the name.
 */
static const char *
execute_plan(const EnumPlan *plan, Oid namespace, char **type)
{
	char	   *found;
	int			count;

	*type = quote_qualified_identifier(get_namespace_name(namespace),
									   plan->name);
	if (plan->block && !block_has_labels(plan->block, plan->labels))
		return "mismatch";
	if (maria_label_problem(plan->labels))
		return "unsupported";

	found = maria_find_enum(plan->labels, plan->name, namespace, true, &count);
	if (found && (plan->block == NULL || strcmp(found, *type) == 0))
	{
		*type = found;
		return "reused";
	}
	if (maria_type_exists(namespace, plan->name))
		return "conflict";
	maria_create_enum(*type, plan->labels);
	return "created";
}

static void
put_plan(Tuplestorestate *store, TupleDesc desc, const EnumPlan *plan,
		 Oid namespace)
{
	Datum		values[4];
	bool		nulls[4] = {false};
	char	   *type;
	const char *status = execute_plan(plan, namespace, &type);

	values[0] = CStringGetTextDatum(type);
	values[1] = PointerGetDatum(maria_text_array(plan->labels));
	values[2] = PointerGetDatum(maria_text_array(plan->columns));
	values[3] = CStringGetTextDatum(status);
	tuplestore_putvalues(store, desc, values, nulls);
}

static List *
read_tables(const char *server, const char *schema)
{
	MariaConn  *conn = maria_get_connection_by_name(server, MARIA_READ);

	return maria_read_tables(conn, server,
							 maria_check_source(conn, server, schema));
}

Datum
mariadb_create_enums(PG_FUNCTION_ARGS)
{
	MariaPrisma *prisma = parse_prisma(fcinfo, 3);
	Oid			namespace;
	List	   *tables;
	List	   *plans;
	TupleDesc	desc;
	Tuplestorestate *store;
	ListCell   *lc;

	maria_require_arguments(fcinfo, 1 << 3);
	store = maria_srf_begin(fcinfo, &desc);
	namespace = maria_local_schema(text_to_cstring(PG_GETARG_TEXT_PP(2)),
								   false);
	tables = read_tables(NameStr(*PG_GETARG_NAME(0)),
						 text_to_cstring(PG_GETARG_TEXT_PP(1)));
	plans = plan_enums(tables, prisma);
	avoid_table_names(plans, tables);
	foreach(lc, plans)
		put_plan(store, desc, lfirst(lc), namespace);
	return (Datum) 0;
}
