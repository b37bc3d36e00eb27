/* How are tables and columns of a plan looked up? */
#include "postgres.h"

#include "utils/memutils.h"

#include "schema/target.h"

/*
 * Does an object belong to a table selected by options "tables" and "except"?
 */
bool
maria_is_wanted(const MariaTargetObject *object)
{
	return object->is_wanted == NULL || *object->is_wanted;
}

MariaTargetTable *
maria_target_table(const MariaTarget *target, const char *remote_name)
{
	MariaTarget *cache = unconstify(MariaTarget *, target);
	MemoryContext old;
	ListCell   *lc;

	if (cache->nnamed != list_length(target->tables))
	{
		old = MemoryContextSwitchTo(GetMemoryChunkContext(target->tables));
		cache->tables_by_name = maria_names_create();
		foreach(lc, target->tables)
			maria_names_add(cache->tables_by_name,
							((MariaTargetTable *) lfirst(lc))->remote->name,
							lfirst(lc));
		cache->nnamed = list_length(target->tables);
		MemoryContextSwitchTo(old);
	}
	return maria_names_find(target->tables_by_name, remote_name);
}

MariaTargetColumn *
maria_target_column(const MariaTargetTable *table, const char *remote_name)
{
	MariaTargetTable *cache = unconstify(MariaTargetTable *, table);
	MemoryContext old;
	ListCell   *lc;

	if (cache->nnamed != list_length(table->columns))
	{
		old = MemoryContextSwitchTo(GetMemoryChunkContext(table->columns));
		cache->columns_by_name = maria_names_create();
		foreach(lc, table->columns)
			maria_names_add(cache->columns_by_name,
							((MariaTargetColumn *) lfirst(lc))->remote->name,
							lfirst(lc));
		cache->nnamed = list_length(table->columns);
		MemoryContextSwitchTo(old);
	}
	return remote_name ? maria_names_find(table->columns_by_name, remote_name) :
		NULL;
}
