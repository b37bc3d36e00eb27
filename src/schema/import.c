/*
 * What does IMPORT FOREIGN SCHEMA create for a MariaDB schema?
 *
 * A foreign table for each table and view.  An object that cannot be imported
 * is reported and skipped, so that it does not prevent the others.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"

#include "catalog/ask.h"
#include "catalog/read.h"
#include "schema/ddl/plan.h"
#include "schema/defaults.h"
#include "schema/enums.h"
#include "schema/import.h"
#include "schema/notes.h"
#include "schema/types.h"
#include "session/session.h"

/* A row of pg_attribute must fit a page; an ENUM can be longer than that. */
#define MAX_REMOTE_TYPE (BLCKSZ / 2)
#define MAX_NOTE (BLCKSZ / 8)

typedef struct Import
{
	ImportForeignSchemaStmt *stmt;
	MariaOptions *opts;
	Oid			namespace;
	List	   *tables;			/* of MariaRemoteTable */
	List	   *names;			/* their local names */
	MariaNames *taken;			/* the same as a set */
	List	  **new_types;		/* enum types that were created */
	MariaTarget target;			/* for expressions: the two schemas' names */
	MariaRemoteSchema remote;
} Import;

/* Returns a column's type; creates the enum type that it needs. */
static char *
column_type(const Import *import, MariaRemoteColumn *column)
{
	if (maria_is_enum(column))
		return maria_enum_type(import->namespace, column, import->taken,
							   import->new_types);
	return maria_local_type(column, import->opts);
}

static void
append_option(StringInfo buf, const char *separator, const char *name,
			  const char *value)
{
	appendStringInfo(buf, "%s%s %s", separator, name,
					 quote_literal_cstr(value));
}

/* Returns COLUMN_TYPE, or its first word where a catalog row has no room. */
static const char *
remote_type(const MariaRemoteColumn *column)
{
	return strlen(column->column_type) <= MAX_REMOTE_TYPE ?
		column->column_type : column->data_type;
}

/*
 * Keeps what was decided beyond the type mapping, as far as it fits into a
 * catalog row.
 */
static void
append_note(StringInfo buf, const List *notes)
{
	char	   *note = maria_join_notes(notes);

	if (note == NULL)
		return;
	note[pg_mbcliplen(note, strlen(note), MAX_NOTE)] = '\0';
	append_option(buf, ", ", "note", note);
}

/* A text that MariaDB compares byte by byte, as collation C does. */
static bool
is_binary_text(const MariaRemoteColumn *column)
{
	size_t		len;

	if (column->collation == NULL || column->is_json || maria_is_enum(column) ||
		strcmp(column->data_type, "set") == 0)
		return false;
	len = strlen(column->collation);
	return len > 4 && strcmp(column->collation + len - 4, "_bin") == 0;
}

/* Determines the local form of a column, which completes its notes. */
static void
plan_column(const Import *import, MariaTargetTable *table,
			MariaTargetColumn *column)
{
	MariaRemoteColumn *remote = column->remote;

	if (strcmp(column->name, remote->name) != 0)
		maria_note(remote, NOTE_RENAMED, "renamed to \"%s\"", column->name);
	if (remote->generation &&
		(!import->opts->import_generated ||
		 maria_plan_generation(&import->target, table, column) != NULL))
		maria_note(remote, NOTE_CHANGED, "generated in MariaDB as %s",
				   remote->generation);
	if (import->opts->import_default && !column->generation)
		column->default_sql = maria_local_default(remote, column->type);
}

static void
append_column(StringInfo buf, const Import *import,
			  const MariaTargetColumn *column)
{
	MariaRemoteColumn *remote = column->remote;

	appendStringInfo(buf, "%s %s OPTIONS (", quote_identifier(column->name),
					 maria_catalog_type(column->type));
	append_option(buf, "", "column_name", remote->name);
	append_option(buf, ", ", "remote_type", remote_type(remote));
	if (remote->key > 0)
		append_option(buf, ", ", "key", psprintf("%d", remote->key));
	append_note(buf, remote->notes);
	appendStringInfoChar(buf, ')');
	if (import->opts->import_collate && is_binary_text(remote))
		appendStringInfoString(buf, " COLLATE pg_catalog.\"C\"");
	if (column->default_sql)
		appendStringInfo(buf, " DEFAULT %s", column->default_sql);
	if (column->generation)
		appendStringInfo(buf, " GENERATED ALWAYS AS (%s) STORED",
						 column->generation);
	if (import->opts->import_not_null && !remote->is_nullable)
		appendStringInfoString(buf, " NOT NULL");
}

static List *
column_names(const MariaRemoteTable *table)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, table->columns)
		names = lappend(names, ((MariaRemoteColumn *) lfirst(lc))->name);
	return maria_local_names(names, true);
}

/* Notes that a table has another name than in MariaDB. */
static List *
table_notes(const MariaRemoteTable *table, const char *local_name)
{
	if (strcmp(local_name, table->name) == 0)
		return NIL;
	ereport(NOTICE,
			(errmsg("table \"%s\" is renamed to \"%s\"",
					table->name, local_name)));
	return list_make1(maria_make_note(NOTE_RENAMED,
									  psprintf("renamed to \"%s\"", local_name)));
}

/* Returns a table's columns with their local names and types. */
static MariaTargetTable *
plan_table(const Import *import, MariaRemoteTable *remote)
{
	MariaTargetTable *table = palloc0(sizeof(MariaTargetTable));
	List	   *names = column_names(remote);
	ListCell   *lc;
	ListCell   *ln;

	table->name = remote->name;
	table->remote = remote;
	Assert(list_length(remote->columns) == list_length(names));
	forboth(lc, remote->columns, ln, names)
	{
		MariaTargetColumn *column = palloc0(sizeof(MariaTargetColumn));

		column->name = lfirst(ln);
		column->remote = lfirst(lc);
		column->type = column_type(import, column->remote);
		column->not_null = !column->remote->is_nullable;
		table->columns = lappend(table->columns, column);
	}
	foreach(lc, table->columns)
		plan_column(import, table, lfirst(lc));
	return table;
}

static char *
create_statement(const Import *import, MariaRemoteTable *remote,
				 const char *local_name)
{
	const char *separator = "";
	List	   *notes = table_notes(remote, local_name);
	MariaTargetTable *table = plan_table(import, remote);
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	appendStringInfo(&buf, "CREATE FOREIGN TABLE %s (",
					 quote_identifier(local_name));
	foreach(lc, table->columns)
	{
		appendStringInfo(&buf, "%s\n", separator);
		append_column(&buf, import, lfirst(lc));
		separator = ",";
	}
	appendStringInfo(&buf, "\n) SERVER %s OPTIONS (",
					 quote_identifier(import->stmt->server_name));
	append_option(&buf, "", "dbname", import->stmt->remote_schema);
	append_option(&buf, ", ", "table_name", remote->name);
	if (remote->rows >= 0)
		append_option(&buf, ", ", "rows", psprintf("%.0f", remote->rows));
	append_note(&buf, notes);
	appendStringInfoChar(&buf, ')');
	return buf.data;
}

static bool
is_view(const MariaRemoteTable *table)
{
	return strstr(table->kind, "VIEW") != NULL;
}

/* Returns why a table cannot be a foreign table; NULL if it can. */
static const char *
table_problem(const MariaRemoteTable *table)
{
	if (table->columns == NIL && is_view(table))
		return "The view is invalid, or its definer or invoker lacks a privilege that it needs.";
	if (table->columns == NIL)
		return "It has no column that the account may read.";
	if (list_length(table->columns) > MaxHeapAttributeNumber)
		return "It has more columns than a PostgreSQL table can have.";
	return NULL;
}

/* Is a table wanted, and can it be imported?  Reports what is skipped. */
static bool
is_wanted(const Import *import, const MariaRemoteTable *table,
		  const char *local_name)
{
	const char *problem = table_problem(table);

	if (!IsImportableForeignTable(local_name, import->stmt))
		return false;
	if (is_view(table) && !import->opts->import_views)
		return false;
	if (strcmp(table->kind, "SEQUENCE") == 0)
	{
		ereport(NOTICE,
				(errmsg("sequence \"%s\" is skipped", table->name)));
		return false;
	}
	if (problem)
		ereport(WARNING,
				(errmsg("%s \"%s\" is skipped",
						is_view(table) ? "view" : "table", table->name),
				 errdetail("%s", problem)));
	return problem == NULL;
}

/* Reports the tables of LIMIT TO or EXCEPT that do not exist. */
static void
notice_missing_tables(const Import *import)
{
	ListCell   *lc;

	foreach(lc, import->stmt->table_list)
	{
		const char *name = ((RangeVar *) lfirst(lc))->relname;

		if (!maria_is_in(name, import->names))
			ereport(NOTICE,
					(errmsg("table \"%s\" does not exist in %s schema \"%s\"",
							name, maria_name_product(import->remote.is_mysql, "MariaDB"),
							import->stmt->remote_schema)));
	}
}

/* Reports tables and columns that this account cannot import. */
static void
notice_hidden(const Import *import, MariaConn *conn)
{
	ImportForeignSchemaStmt *stmt = import->stmt;
	List	   *listed = NIL;
	ListCell   *lc;

	if (stmt->list_type == FDW_IMPORT_SCHEMA_LIMIT_TO)
		foreach(lc, stmt->table_list)
			listed = lappend(listed, ((RangeVar *) lfirst(lc))->relname);
	maria_notice_hidden(conn, stmt->server_name,
						maria_find_schema(conn, stmt->server_name,
										  stmt->remote_schema), listed);
}

static List *
table_names(List *tables)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, tables)
		names = lappend(names, ((MariaRemoteTable *) lfirst(lc))->name);
	return maria_local_names(names, false);
}

/*
 * Reports where new enum types are: tables created from the foreign ones use
 * them, and lose their columns when that schema is dropped.
 */
static void
notice_new_types(const Import *import)
{
	StringInfoData names;
	ListCell   *lc;
	int			count = list_length(*import->new_types);

	if (count == 0)
		return;
	initStringInfo(&names);
	foreach(lc, *import->new_types)
		appendStringInfo(&names, "%s%s", names.len ? ", " : "",
						 (char *) lfirst(lc));
	ereport(NOTICE,
			(errmsg_plural("%d enum type was created in schema \"%s\"",
						   "%d enum types were created in schema \"%s\"",
						   count, count, import->stmt->local_schema),
			 errdetail("Tables created like the foreign tables use them, and DROP SCHEMA %s CASCADE would drop these columns; the types are: %s.",
					   quote_identifier(import->stmt->local_schema), names.data),
			 errhint("To have the types elsewhere, run mariadb.create_enums(%s, %s, 'public') before the import.",
					 quote_literal_cstr(import->stmt->server_name),
					 quote_literal_cstr(import->stmt->remote_schema))));
}

/* Returns the statements that make a schema's foreign tables. */
List *
maria_import_foreign_schema(ImportForeignSchemaStmt *stmt, Oid serverid)
{
	Import		import = {stmt};
	MariaConn  *conn;
	List	   *statements = NIL;
	List	   *new_types = NIL;
	ListCell   *lt;
	ListCell   *ln;

	import.new_types = &new_types;
	import.opts = maria_import_options(serverid, stmt->options);
	conn = maria_get_connection(serverid, GetUserId(), MARIA_READ);
	import.remote.name = stmt->remote_schema;
	import.remote.is_mysql = maria_is_mysql(conn);
	import.target.schema = stmt->local_schema;
	import.target.remote = &import.remote;
	maria_check_not_reserved(stmt->local_schema);
	import.namespace = get_namespace_oid(stmt->local_schema, false);
	import.tables = maria_read_tables(conn, stmt->server_name,
									  stmt->remote_schema);
	import.names = table_names(import.tables);
	import.taken = maria_names_of(import.names);

	notice_missing_tables(&import);
	notice_hidden(&import, conn);
	Assert(list_length(import.tables) == list_length(import.names));
	forboth(lt, import.tables, ln, import.names)
	{
		if (is_wanted(&import, lfirst(lt), lfirst(ln)))
			statements = lappend(statements,
								 create_statement(&import, lfirst(lt),
												  lfirst(ln)));
	}
	notice_new_types(&import);
	return statements;
}
