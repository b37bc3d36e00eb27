/*
 * Which tables of MariaDB does a list name?
 *
 * An unknown name must not look like a table that needs no work.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "catalog/ask.h"
#include "catalog/listed.h"
#include "session/session.h"

/* Is it a table, not a view or a sequence? */
bool
maria_holds_rows(const MariaRemoteTable *table)
{
	return strcmp(table->kind, "BASE TABLE") == 0 ||
		strcmp(table->kind, "SYSTEM VERSIONED") == 0;
}

/* Is it Prisma's own table, whose rows apply to MariaDB only? */
bool
maria_is_migrations(const MariaRemoteTable *table)
{
	return strcmp(table->name, MARIA_PRISMA_MIGRATIONS) == 0;
}

/* Suggests a similar name, preferably one that differs only in case. */
static char *
similar_name(MariaConn *conn, const char *name, List *tables)
{
	MariaClosest closest = {.name = name};
	ListCell   *lc;

	foreach(lc, tables)
	{
		const char *known = ((MariaRemoteTable *) lfirst(lc))->name;

		if (pg_strcasecmp(name, known) == 0)
			return psprintf("Names are compared exactly; %s has \"%s\".",
							maria_product_name(conn), known);
		maria_compare_name(&closest, known);
	}
	return closest.known ?
		psprintf("Perhaps you meant the table \"%s\".", closest.known) : NULL;
}

static void
report_unknown_table(MariaConn *conn, const char *name, List *tables,
					 const char *schema)
{
	char	   *hint = similar_name(conn, name, tables);

	if (hint == NULL && !maria_may_read_all(conn, schema))
		hint = "It may also be hidden from this account, which may not read all of the schema.";

	ereport(ERROR,
			(errcode(ERRCODE_FDW_TABLE_NOT_FOUND),
			 errmsg("table \"%s\" does not exist in %s schema \"%s\"",
					name, maria_product_name(conn), schema),
			 hint ? errhint("%s", hint) : 0));
}

/* Raises an error for a name in a list that is not a table's. */
void
maria_check_listed(MariaConn *conn, List *listed, List *tables,
				   const char *schema)
{
	ListCell   *lc;

	foreach(lc, listed)
	{
		const char *name = lfirst(lc);
		const MariaRemoteTable *table = maria_find_table(tables, name);

		CHECK_FOR_INTERRUPTS();
		if (table == NULL)
			report_unknown_table(conn, name, tables, schema);
		if (!maria_holds_rows(table))
			ereport(ERROR,
					(errcode(ERRCODE_WRONG_OBJECT_TYPE),
					 errmsg("\"%s\" of %s schema \"%s\" is not a table",
							name, maria_product_name(conn), schema)));
	}
}

/* Checks a list, which may name Prisma's table even if it does not exist. */
static void
check_names(MariaConn *conn, List *listed, List *tables, const char *schema)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, listed)
	{
		if (strcmp(lfirst(lc), MARIA_PRISMA_MIGRATIONS) != 0)
			names = lappend(names, lfirst(lc));
	}
	maria_check_listed(conn, names, tables, schema);
}

/*
 * Marks the tables that options "tables" (NIL: all) and "except" select.
 * Raises an error for an unknown name, and if no table is selected.
 */
void
maria_choose_tables(MariaConn *conn, List *tables, List *only, List *except,
					const char *schema)
{
	MariaNames *wanted = maria_names_of(only);
	MariaNames *unwanted = maria_names_of(except);
	bool		has_some = only == NIL && except == NIL;
	ListCell   *lc;

	check_names(conn, only, tables, schema);
	check_names(conn, except, tables, schema);
	foreach(lc, tables)
	{
		MariaRemoteTable *table = lfirst(lc);

		table->is_wanted = !maria_names_have(unwanted, table->name) &&
			(only == NIL || maria_names_have(wanted, table->name));
		has_some |= table->is_wanted && maria_holds_rows(table) &&
			!maria_is_migrations(table);
	}
	if (!has_some)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("options \"tables\" and \"except\" select no table")));
}
