/*
 * Plans a schema as mariadb.ddl does, without a server: exports the static
 * function that does it from its file.
 */
#include "schema/ddl/plan.c"

#include "fuzz.h"

MariaTarget *
fuzz_plan_schema(MariaRemoteSchema *remote)
{
	DdlPlan    *plan = palloc0(sizeof(DdlPlan));

	plan->types = palloc0(sizeof(MariaOptions));
	plan->target = palloc0(sizeof(MariaTarget));
	plan->target->schema = "shop";
	plan->target->has_comments = plan->has_comments = true;
	plan->target->remote = remote;
	make_plan(plan);
	return plan->target;
}
