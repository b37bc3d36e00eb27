/* How are parts of the description of a schema looked up? */
#include "postgres.h"

#include "utils/memutils.h"

#include "catalog/remote.h"

static int
compare_name(const void *name, const void *cell)
{
	return strcmp(name, ((MariaRemoteTable *) lfirst((ListCell *) cell))->name);
}

/*
 * Returns the table of a name, or NULL if it was created after the list was
 * read.
 */
MariaRemoteTable *
maria_find_table(List *tables, const char *name)
{
	ListCell   *cell;

	if (tables == NIL || name == NULL)
		return NULL;
	cell = bsearch(name, list_head(tables), list_length(tables),
				   sizeof(ListCell), compare_name);
	return cell ? lfirst(cell) : NULL;
}

MariaRemoteColumn *
maria_find_column(MariaRemoteTable *table, const char *name)
{
	ListCell   *lc;

	if (table == NULL || name == NULL)
		return NULL;
	foreach(lc, table->columns)
	{
		MariaRemoteColumn *column = lfirst(lc);

		if (strcmp(column->name, name) == 0)
			return column;
	}
	return NULL;
}

bool
maria_is_enum(const MariaRemoteColumn *column)
{
	return strcmp(column->data_type, "enum") == 0;
}

/* Returns whether an enum column has a label. */
bool
maria_has_label(MariaRemoteColumn *column, const char *label)
{
	if (column->labels == NIL)
		return false;
	if (column->labels_by_name == NULL)
	{
		MemoryContext old = MemoryContextSwitchTo(GetMemoryChunkContext(column->labels));

		column->labels_by_name = maria_names_of(column->labels);
		MemoryContextSwitchTo(old);
	}
	return maria_names_have(column->labels_by_name, label);
}
