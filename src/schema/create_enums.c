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
#include "prisma/convert.h"
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
	prisma = maria_read_prisma(text_to_cstring(PG_GETARG_TEXT_PP(arg)));
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

static EnumPlan *
find_plan(List *plans, const MariaPrismaBlock *block, List *labels)
{
	ListCell   *lc;

	foreach(lc, plans)
	{
		EnumPlan   *plan = lfirst(lc);

		if (plan->block == block && maria_same_labels(plan->labels, labels))
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
			maria_enum_name(column);
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

/* Returns the first plan of a type of the text, or NULL. */
static EnumPlan *
first_of_block(List *plans, const MariaPrismaBlock *block)
{
	ListCell   *lc;

	if (block == NULL)
		return NULL;
	foreach(lc, plans)
	{
		EnumPlan   *plan = lfirst(lc);

		if (plan->block == block)
			return plan;
	}
	return NULL;
}

/* Gives the types names that no table has, as mariadb.ddl does. */
static void
settle_names(List *plans, List *tables)
{
	List	   *names = NIL;
	MariaNames *used;
	ListCell   *lc;

	foreach(lc, tables)
		names = lappend(names, ((MariaRemoteTable *) lfirst(lc))->name);
	used = maria_names_of(maria_local_names(names, false));
	foreach(lc, plans)
	{
		EnumPlan   *plan = lfirst(lc);
		EnumPlan   *first = first_of_block(plans, plan->block);

		if (first && first != plan)
			plan->name = first->name;
		else if (maria_label_problem(plan->labels) == NULL)
		{
			plan->name = maria_free_enum_name(plan->name, used, NULL,
											  InvalidOid);
			maria_names_add(used, plan->name, NULL);
		}
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
	if (plan->block &&
		!maria_same_labels(maria_prisma_labels(plan->block), plan->labels))
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
	settle_names(plans, tables);
	foreach(lc, plans)
		put_plan(store, desc, lfirst(lc), namespace);
	return (Datum) 0;
}
