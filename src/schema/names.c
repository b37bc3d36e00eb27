/*
 * What is a remote name called here?
 *
 * MariaDB's names have up to 64 characters, PostgreSQL's up to 63 bytes, and
 * a few column names belong to PostgreSQL itself.  All other names stay as
 * they are.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"

#include "schema/schema.h"

static const char *const system_columns[] = {
	"tableoid", "ctid", "xmin", "cmin", "xmax", "cmax"
};

/* Returns name and suffix, with the name cut so that both fit. */
char *
maria_fit_name(const char *name, const char *suffix)
{
	int			room = NAMEDATALEN - 1 - strlen(suffix);
	int			len = pg_mbcliplen(name, strlen(name), room);

	return psprintf("%.*s%s", len, name, suffix);
}

bool
maria_is_in(const char *name, List *names)
{
	ListCell   *lc;

	foreach(lc, names)
	{
		if (lfirst(lc) && strcmp(lfirst(lc), name) == 0)
			return true;
	}
	return false;
}

static bool
is_system_column(const char *name)
{
	for (size_t i = 0; i < lengthof(system_columns); i++)
		if (strcmp(system_columns[i], name) == 0)
			return true;
	return false;
}

/* Returns a name that is not among those in use. */
static char *
free_name(const char *name, List *used, bool is_column)
{
	char	   *result = maria_fit_name(name, "");

	for (int i = 1; maria_is_in(result, used) ||
		 (is_column && is_system_column(result)); i++)
		result = maria_fit_name(name, psprintf("_%d", i));
	return result;
}

/*
 * Returns the local names of a schema's tables or a table's columns, in the
 * same order.  A name that fits keeps its own against one that was cut.
 */
List *
maria_local_names(List *names, bool are_columns)
{
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, names)
	{
		char	   *name = lfirst(lc);

		if (strlen(name) >= NAMEDATALEN ||
			(are_columns && is_system_column(name)))
			name = NULL;
		result = lappend(result, name);
	}
	for (int i = 0; i < list_length(names); i++)
		if (list_nth(result, i) == NULL)
			lfirst(list_nth_cell(result, i)) =
				free_name(list_nth(names, i), result, are_columns);
	return result;
}
