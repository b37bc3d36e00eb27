/*
 * What are keys and indexes called here?
 *
 * Prisma makes a name of table, columns and a suffix, and cuts the stem to 64
 * bytes for MariaDB and to 63 for PostgreSQL: a long name is not the other
 * one cut off, but made anew.  In PostgreSQL indexes share their names with
 * the tables of a schema.
 */
#include "postgres.h"

#include "prisma/lookup.h"
#include "schema/ddl/ddl.h"

/* Makes a name anew if it is Prisma's for MariaDB; else it stays. */
char *
maria_rename_default(const char *name, const char *table, List *columns,
					 const char *suffix)
{
	if (strcmp(name, maria_prisma_name(table, columns, suffix, 64)) == 0)
		return maria_prisma_name(table, columns, suffix, NAMEDATALEN - 1);
	return pstrdup(name);
}

/*
 * Returns a name that no relation of the local schema has, and takes it: the
 * given one, or with the table's before it, which is noted.
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
