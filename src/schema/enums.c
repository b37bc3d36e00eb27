/*
 * Which enum type represents a list of labels, and who creates it?
 *
 * MariaDB's ENUM has no name, so a type is found by its labels: the same ones
 * in the same order.  Types are created by CREATE TYPE, so that PostgreSQL
 * checks privileges and event triggers fire.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/guc.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

#include "schema/enums.h"
#include "schema/notes.h"
#include "session/srf.h"

/*
 * $1 labels, $2 the preferred name, $3 the preferred schema, $4 the search
 * path, $5 whether only that schema is searched.  Only types of the current
 * user, of roles that it is a member of, of superusers, and, in $3, of the
 * schema's owner: others could change the labels, or drop the type together
 * with the columns.  Superusers are members of every role.
 */
static const char find_sql[] =
"SELECT quote_ident(n.nspname) || '.' || quote_ident(t.typname),"
" count(*) OVER ()"
" FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace"
" WHERE t.typtype = 'e' AND n.nspname !~ '^pg_temp_'"
" AND (n.oid = $3 OR NOT $5)"
" AND (SELECT array_agg(e.enumlabel::text ORDER BY e.enumsortorder)"
" FROM pg_enum e WHERE e.enumtypid = t.oid) = $1"
" AND ((n.oid = $3 AND pg_has_role(t.typowner, n.nspowner, 'MEMBER'))"
" OR EXISTS (SELECT FROM pg_roles o, pg_roles u"
" WHERE o.oid = t.typowner AND u.rolname = current_user"
" AND (o.rolsuper OR o.oid = u.oid"
" OR (NOT u.rolsuper AND pg_has_role(u.oid, o.oid, 'MEMBER')))))"
" AND has_schema_privilege(n.oid, 'USAGE')"
" AND has_type_privilege(t.oid, 'USAGE')"
" ORDER BY n.oid = $3 DESC, n.oid = ANY ($4) DESC, t.typname = $2 DESC,"
" n.nspname, t.typname"
" LIMIT 1";

static ArrayType *
search_path_array(void)
{
	List	   *path = fetch_search_path(true);
	Datum	   *datums = palloc(sizeof(Datum) * (list_length(path) + 1));
	int			n = 0;
	ListCell   *lc;

	foreach(lc, path)
		datums[n++] = ObjectIdGetDatum(lfirst_oid(lc));
	return construct_array(datums, n, OIDOID, sizeof(Oid), true,
						   TYPALIGN_INT);
}

/*
 * Runs find_sql with a search_path that only pg_catalog is on.  Not read-only,
 * which would not see the types that this statement has created.
 */
static void
execute_find(Datum *values)
{
	Oid			types[] = {TEXTARRAYOID, NAMEOID, OIDOID, OIDARRAYOID, BOOLOID};
	int			nest_level = NewGUCNestLevel();

	(void) set_config_option("search_path", "pg_catalog, pg_temp",
							 PGC_USERSET, PGC_S_SESSION, GUC_ACTION_SAVE,
							 true, 0, false);
	if (SPI_execute_with_args(find_sql, lengthof(types), types, values, NULL,
							  false, 0) != SPI_OK_SELECT)
		elog(ERROR, "could not look for enum types");	/* cannot happen */
	AtEOXact_GUC(true, nest_level);
}

/* Returns a text of the result's only row, or NULL if there is no row. */
static char *
spi_text(MemoryContext context, int column)
{
	char	   *text;

	if (SPI_processed == 0)
		return NULL;
	text = SPI_getvalue(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, column);
	return MemoryContextStrdup(context, text);
}

/*
 * Returns the qualified name of the best enum type with these labels, or NULL,
 * and their number.
 */
char *
maria_find_enum(List *labels, const char *name, Oid namespace,
				bool only_there, int *found)
{
	MemoryContext context = CurrentMemoryContext;
	NameData	name_data;
	Datum		values[5];
	char	   *type;
	char	   *count;

	namestrcpy(&name_data, name);
	values[0] = PointerGetDatum(maria_text_array(labels));
	values[1] = NameGetDatum(&name_data);
	values[2] = ObjectIdGetDatum(namespace);
	values[3] = PointerGetDatum(search_path_array());
	values[4] = BoolGetDatum(only_there);

	SPI_connect();
	execute_find(values);
	type = spi_text(context, 1);
	count = spi_text(context, 2);
	SPI_finish();
	*found = count ? atoi(count) : 0;
	return type;
}

/* Are these the same labels, in the same order? */
bool
maria_same_labels(List *a, List *b)
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

/*
 * Returns the first label that an enum cannot have, or that is repeated, and
 * why.
 */
static const char *
find_label_problem(List *labels, const char **label)
{
	MariaNames *known = maria_names_create();
	ListCell   *lc;

	foreach(lc, labels)
	{
		*label = lfirst(lc);
		if (strlen(*label) >= NAMEDATALEN)
			return psprintf("is longer than %d bytes", NAMEDATALEN - 1);
		if (!maria_names_add(known, *label, NULL))
			return "comes twice";
	}
	return NULL;
}

/*
 * Returns why labels cannot be those of a PostgreSQL enum; NULL if they can.
 */
const char *
maria_label_problem(List *labels)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext,
												  "mariadb_fdw labels",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext old = MemoryContextSwitchTo(scratch);
	const char *label;
	const char *problem = find_label_problem(labels, &label);

	MemoryContextSwitchTo(old);
	if (problem)
		problem = psprintf("label \"%s\" %s", label, problem);
	else if (labels == NIL)
		problem = "its labels cannot be read exactly";
	MemoryContextDelete(scratch);
	return problem;
}

/* Returns the name that a column's type should have, truncated to fit. */
char *
maria_enum_name(const MariaRemoteColumn *column)
{
	return maria_fit_name(psprintf("%s_%s", column->table, column->name), "");
}

/*
 * Every relation has a type of the same name, so this finds relations as well.
 */
bool
maria_type_exists(Oid namespace, const char *name)
{
	return SearchSysCacheExists2(TYPENAMENSP, PointerGetDatum(name),
								 ObjectIdGetDatum(namespace));
}

/* Creates an enum type; the name is quoted and qualified. */
void
maria_create_enum(const char *qualified_name, List *labels)
{
	StringInfoData sql;
	const char *separator = "";
	ListCell   *lc;

	initStringInfo(&sql);
	appendStringInfo(&sql, "CREATE TYPE %s AS ENUM (", qualified_name);
	foreach(lc, labels)
	{
		appendStringInfo(&sql, "%s%s", separator,
						 quote_literal_cstr(lfirst(lc)));
		separator = ", ";
	}
	appendStringInfoChar(&sql, ')');

	SPI_connect();
	if (SPI_execute(sql.data, false, 0) != SPI_OK_UTILITY)
		elog(ERROR, "could not create type");	/* cannot happen */
	SPI_finish();
	CommandCounterIncrement();
}

/*
 * Returns the best name of a type, or one made from it, that is in neither
 * set and, given a schema, names no type there.  A type and a table of one
 * name exclude each other, also a table to come, and <table>_<column> can be
 * the same for two columns.
 */
char *
maria_free_enum_name(char *best, const MariaNames *used,
					 const MariaNames *also, Oid namespace)
{
	char	   *name = best;

	for (int i = 0; maria_names_have(used, name) ||
		 maria_names_have(also, name) ||
		 (OidIsValid(namespace) && maria_type_exists(namespace, name)); i++)
	{
		char		suffix[32] = "_enum";

		CHECK_FOR_INTERRUPTS();
		if (i > 0)
			snprintf(suffix, sizeof(suffix), "_enum_%d", i);
		if (name != best)
			pfree(name);
		name = maria_fit_name(best, suffix);
	}
	return name;
}

/* Returns a name for a column's type that nothing else has or will have. */
static char *
new_type_name(Oid namespace, MariaRemoteColumn *column,
			  const MariaNames *taken)
{
	char	   *best = maria_enum_name(column);
	char	   *name = maria_free_enum_name(best, taken, NULL, namespace);

	if (name != best)
		maria_note(column, NOTE_RENAMED,
				   "its enum type is named \"%s\", because \"%s\" is already in use",
				   name, best);
	return name;
}

static bool
is_in_schema(const char *type, Oid namespace)
{
	const char *schema = quote_identifier(get_namespace_name(namespace));
	size_t		len = strlen(schema);

	return strncmp(type, schema, len) == 0 && type[len] == '.';
}

/* Returns the best existing type, or NULL. */
static char *
existing_type(Oid namespace, MariaRemoteColumn *column)
{
	int			found;
	char	   *type = maria_find_enum(column->labels,
									   maria_enum_name(column),
									   namespace, false, &found);

	if (found > 1)
		maria_note(column, NOTE_CHANGED,
				   "uses type %s, one of %d with the same labels",
				   type, found);
	else if (type && !is_in_schema(type, namespace))
		maria_note(column, NOTE_CHANGED,
				   "uses type %s, which has the same labels", type);
	return type;
}

/*
 * Returns the quoted, qualified name of an enum type with exactly a column's
 * labels, which is created in the given schema if there is none, under a name
 * that is not taken, and is added to the list of created types.  Labels that
 * an enum cannot have result in text.
 */
char *
maria_enum_type(Oid namespace, MariaRemoteColumn *column,
				const MariaNames *taken, List **created)
{
	const char *problem = maria_label_problem(column->labels);
	char	   *type;

	if (problem)
	{
		maria_note(column, NOTE_CHANGED, "enum type becomes text: %s", problem);
		return pstrdup("text");
	}

	type = existing_type(namespace, column);
	if (type)
		return type;
	type = quote_qualified_identifier(get_namespace_name(namespace),
									  new_type_name(namespace, column, taken));
	maria_create_enum(type, column->labels);
	*created = lappend(*created, type);
	return type;
}
