/*
 * What is the local name of a remote object?
 *
 * MariaDB's names have up to 64 characters, PostgreSQL's up to 63 bytes, and a
 * few column names belong to PostgreSQL itself.  All other names stay as they
 * are.
 */
#include "postgres.h"

#include "lib/rbtree.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "names.h"

/* So many digits fit int, and as many names are not in use. */
#define MAX_NUMBER_DIGITS 8

/* A balanced tree, which no choice of names can slow down. */
struct MariaNames
{
	RBTree	   *tree;			/* NULL until there is a name */
	MemoryContext context;
};

typedef struct NameNode
{
	RBTNode		node;			/* must be first */
	const char *name;
	void	   *item;
} NameNode;

static const char *const system_columns[] = {
	"tableoid", "ctid", "xmin", "cmin", "xmax", "cmax"
};

/* Returns name and suffix, with the name truncated so that both fit. */
char *
maria_fit_name(const char *name, const char *suffix)
{
	int			room = NAMEDATALEN - 1 - strlen(suffix);
	int			len = pg_mbcliplen(name, strnlen(name, 2 * NAMEDATALEN), room);

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

static int
compare_nodes(const RBTNode *a, const RBTNode *b, void *arg)
{
	return strcmp(((const NameNode *) a)->name, ((const NameNode *) b)->name);
}

/* Keeps the first item of a name. */
static void
combine_nodes(RBTNode *existing, const RBTNode *newdata, void *arg)
{
}

static RBTNode *
make_node(void *arg)
{
	return palloc(sizeof(NameNode));
}

/* Makes an empty set of names in the current memory context. */
MariaNames *
maria_names_create(void)
{
	MariaNames *names = palloc0(sizeof(MariaNames));

	names->context = CurrentMemoryContext;
	return names;
}

/*
 * Adds a copy of a name; false if it already exists, in which case it keeps
 * its item.
 */
bool
maria_names_add(MariaNames *names, const char *name, void *item)
{
	MemoryContext old = MemoryContextSwitchTo(names->context);
	NameNode	node = {.name = name,.item = item};
	NameNode   *added;
	bool		is_new;

	CHECK_FOR_INTERRUPTS();
	if (names->tree == NULL)
		names->tree = rbt_create(sizeof(NameNode), compare_nodes,
								 combine_nodes, make_node, NULL, NULL);
	added = (NameNode *) rbt_insert(names->tree, &node.node, &is_new);
	if (is_new)
		added->name = pstrdup(name);
	MemoryContextSwitchTo(old);
	return is_new;
}

/* Returns the set of a list's names. */
MariaNames *
maria_names_of(List *list)
{
	MariaNames *names = maria_names_create();
	ListCell   *lc;

	foreach(lc, list)
		maria_names_add(names, lfirst(lc), NULL);
	return names;
}

/*
 * Returns the item of a name; NULL if the name is not in the set, or there is
 * no set.
 */
void *
maria_names_find(const MariaNames *names, const char *name)
{
	NameNode	node = {.name = name};
	NameNode   *found;

	if (names == NULL || names->tree == NULL)
		return NULL;
	found = (NameNode *) rbt_find(names->tree, &node.node);
	return found ? found->item : NULL;
}

bool
maria_names_have(const MariaNames *names, const char *name)
{
	NameNode	node = {.name = name};

	return names && names->tree && rbt_find(names->tree, &node.node) != NULL;
}

/*
 * Returns the next number with the given count of digits for a stem.  Names in
 * use are never released, so no number is tried twice.
 */
static int *
next_number(MariaNames *numbers, const char *stem, const char *suffix,
			int digits)
{
	char	   *group = maria_fit_name(stem, psprintf("_%0*d%s", digits, 0,
													  suffix));
	int		   *next = maria_names_find(numbers, group);

	if (next == NULL)
	{
		next = MemoryContextAlloc(numbers->context, sizeof(int));
		*next = 1;
		for (int i = 1; i < digits; i++)
			*next *= 10;
		maria_names_add(numbers, group, next);
	}
	pfree(group);
	return next;
}

/*
 * Returns the first of stem_1suffix, stem_2suffix ... that is in neither set,
 * with the stem truncated so that it fits.  "numbers" remembers what has been
 * tried; "also" may be NULL.
 */
char *
maria_number_name(const char *stem, const char *suffix, MariaNames *numbers,
				  const MariaNames *used, const MariaNames *also)
{
	int			first = 1;

	for (int digits = 1; digits <= MAX_NUMBER_DIGITS; digits++, first *= 10)
	{
		int		   *next = next_number(numbers, stem, suffix, digits);

		for (; *next < first * 10; (*next)++)
		{
			char	   *ending = psprintf("_%d%s", *next, suffix);
			char	   *name = maria_fit_name(stem, ending);

			pfree(ending);
			if (!maria_names_have(used, name) && !maria_names_have(also, name))
				return name;
			pfree(name);
			CHECK_FOR_INTERRUPTS();
		}
	}
	ereport(ERROR,
			(errcode(ERRCODE_PROGRAM_LIMIT_EXCEEDED),
			 errmsg("too many names begin with \"%s\"", stem)));
}

static bool
is_system_column(const char *name)
{
	for (size_t i = 0; i < lengthof(system_columns); i++)
		if (strcmp(system_columns[i], name) == 0)
			return true;
	return false;
}

/* Returns the names in use: those that fit as they are. */
static MariaNames *
fitting_names(List *names, bool are_columns)
{
	MariaNames *used = maria_names_create();
	ListCell   *lc;

	for (size_t i = 0; are_columns && i < lengthof(system_columns); i++)
		maria_names_add(used, system_columns[i], NULL);
	foreach(lc, names)
	{
		if (strlen(lfirst(lc)) < NAMEDATALEN)
			maria_names_add(used, lfirst(lc), NULL);
	}
	return used;
}

/*
 * Returns the local names of a schema's tables or a table's columns, in the
 * same order.  A name that fits takes precedence over one that was truncated.
 */
List *
maria_local_names(List *names, bool are_columns)
{
	MariaNames *used = fitting_names(names, are_columns);
	MariaNames *numbers = maria_names_create();
	List	   *result = NIL;
	ListCell   *lc;

	foreach(lc, names)
	{
		char	   *name = lfirst(lc);
		char	   *local = name;

		if (strlen(name) >= NAMEDATALEN ||
			(are_columns && is_system_column(name)))
		{
			local = maria_fit_name(name, "");
			if (!maria_names_add(used, local, NULL))
			{
				local = maria_number_name(name, "", numbers, used, NULL);
				maria_names_add(used, local, NULL);
			}
		}
		result = lappend(result, local);
	}
	return result;
}
