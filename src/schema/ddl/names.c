/*
 * What are keys and indexes called here?
 *
 * Prisma builds a name from the table, the columns and a suffix, and truncates
 * the stem so that the name has at most 64 bytes for MariaDB and 63 for
 * PostgreSQL: truncating the former does not give the latter, so it is built
 * again.  In PostgreSQL indexes share a namespace with the tables of a schema.
 */
#include "postgres.h"

#include "prisma/lookup.h"
#include "schema/ddl/ddl.h"

/* Builds a name again if it is Prisma's for MariaDB; else returns it. */
char *
maria_rename_default(const char *name, const char *table, List *columns,
					 const char *suffix)
{
	if (strcmp(name, maria_prisma_name(table, columns, suffix, 64)) == 0)
		return maria_prisma_name(table, columns, suffix, NAMEDATALEN - 1);
	return pstrdup(name);
}

/*
 * Returns a name that no relation of the local schema has, and reserves it:
 * the given one, or one prefixed with the table's name, which is noted.
 */
char *
maria_relation_name(DdlPlan *plan, DdlStep step,
					const MariaTargetTable *table, const char *name)
{
	char	   *result = maria_fit_name(name, "");

	if (maria_names_have(plan->relation_names, result))
		result = maria_fit_name(psprintf("%s_%s", table->name, name), "");
	if (maria_names_have(plan->relation_names, result))
		result = maria_number_name(psprintf("%s_%s", table->name, name), "",
								   plan->relation_numbers,
								   plan->relation_names, NULL);
	if (strcmp(result, name) != 0)
		maria_ddl_note(plan, step, NOTE_RENAMED, maria_ddl_object(table, name),
					   "renamed to \"%s\" because %s", result,
					   strlen(name) >= NAMEDATALEN ?
					   "its name is too long" :
					   "another relation of the schema already has its name");
	maria_names_add(plan->relation_names, result, NULL);
	return result;
}
