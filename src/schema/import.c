/*
 * What does IMPORT FOREIGN SCHEMA make of a MariaDB schema?
 *
 * A foreign table for each table and view.  Whatever does not fit is named
 * and left out, so that one bad object does not keep the rest away.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "nodes/parsenodes.h"
#include "utils/builtins.h"

#include "schema/schema.h"
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
} Import;

/* Returns a column's type; makes the enum type that it needs. */
static char *
column_type(const Import *import, MariaRemoteColumn *column)
{
	if (maria_is_enum(column))
		return maria_enum_type(import->namespace, column, import->names);
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

/* Keeps what was decided beyond the mapping, as far as a row has room. */
static void
append_note(StringInfo buf, const List *notes)
{
	char	   *note = maria_join_notes(notes);

	if (note == NULL)
		return;
	note[pg_mbcliplen(note, strlen(note), MAX_NOTE)] = '\0';
	append_option(buf, ", ", "note", note);
}

/* A text that MariaDB compares byte by byte, and so does collation C. */
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

static void
append_column(StringInfo buf, const Import *import,
			  MariaRemoteColumn *column, const char *local_name)
{
	char	   *type = column_type(import, column);
	char	   *expression = NULL;

	if (strcmp(local_name, column->name) != 0)
		maria_note(column, "it is named \"%s\"", local_name);
	if (column->generation)
		maria_note(column, "it is generated in MariaDB as %s",
				   column->generation);
	if (import->opts->import_default)
		expression = maria_local_default(column, type);

	appendStringInfo(buf, "%s %s OPTIONS (", quote_identifier(local_name),
					 type);
	append_option(buf, "", "column_name", column->name);
	append_option(buf, ", ", "remote_type", remote_type(column));
	if (column->key > 0)
		append_option(buf, ", ", "key", psprintf("%d", column->key));
	append_note(buf, column->notes);
	appendStringInfoChar(buf, ')');
	if (import->opts->import_collate && is_binary_text(column))
		appendStringInfoString(buf, " COLLATE pg_catalog.\"C\"");
	if (expression)
		appendStringInfo(buf, " DEFAULT %s", expression);
	if (import->opts->import_not_null && !column->is_nullable)
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

/* Notes that a table is named otherwise than in MariaDB. */
static List *
table_notes(const MariaRemoteTable *table, const char *local_name)
{
	if (strcmp(local_name, table->name) == 0)
		return NIL;
	ereport(NOTICE,
			(errmsg("table \"%s\" is named \"%s\"",
					table->name, local_name)));
	return list_make1(psprintf("it is named \"%s\"", local_name));
}

static char *
create_statement(const Import *import, const MariaRemoteTable *table,
				 const char *local_name)
{
	const char *separator = "";
	List	   *names = column_names(table);
	List	   *notes = table_notes(table, local_name);
	StringInfoData buf;
	ListCell   *lc;
	ListCell   *ln;

	initStringInfo(&buf);
	appendStringInfo(&buf, "CREATE FOREIGN TABLE %s (",
					 quote_identifier(local_name));
	forboth(lc, table->columns, ln, names)
	{
		appendStringInfo(&buf, "%s\n", separator);
		append_column(&buf, import, lfirst(lc), lfirst(ln));
		separator = ",";
	}
	appendStringInfo(&buf, "\n) SERVER %s OPTIONS (",
					 quote_identifier(import->stmt->server_name));
	append_option(&buf, "", "dbname", import->stmt->remote_schema);
	append_option(&buf, ", ", "table_name", table->name);
	if (table->rows >= 0)
		append_option(&buf, ", ", "rows", psprintf("%.0f", table->rows));
	append_note(&buf, notes);
	appendStringInfoChar(&buf, ')');
	return buf.data;
}

static bool
is_view(const MariaRemoteTable *table)
{
	return strstr(table->kind, "VIEW") != NULL;
}

/* Tells why a table cannot be a foreign table; NULL if it can. */
static const char *
table_problem(const MariaRemoteTable *table)
{
	if (table->columns == NIL && is_view(table))
		return "The view is broken, or somebody lacks a privilege that it needs.";
	if (table->columns == NIL)
		return "It has no column that this account may see.";
	if (list_length(table->columns) > MaxHeapAttributeNumber)
		return "It has more columns than a PostgreSQL table can have.";
	return NULL;
}

/* Is a table asked for, and can it be had?  Names what is left out. */
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
				(errmsg("sequence \"%s\" is left out", table->name)));
		return false;
	}
	if (problem)
		ereport(WARNING,
				(errmsg("%s \"%s\" is left out",
						is_view(table) ? "view" : "table", table->name),
				 errdetail("%s", problem)));
	return problem == NULL;
}

/* Names the tables of LIMIT TO or EXCEPT that are not there. */
static void
notice_missing_tables(const Import *import)
{
	ListCell   *lc;

	foreach(lc, import->stmt->table_list)
	{
		const char *name = ((RangeVar *) lfirst(lc))->relname;

		if (!maria_is_in(name, import->names))
			ereport(NOTICE,
					(errmsg("table \"%s\" does not exist in MariaDB schema \"%s\"",
							name, import->stmt->remote_schema)));
	}
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

/* Returns the statements that make a schema's foreign tables. */
List *
maria_import_foreign_schema(ImportForeignSchemaStmt *stmt, Oid serverid)
{
	Import		import = {stmt};
	MariaConn  *conn;
	List	   *statements = NIL;
	ListCell   *lt;
	ListCell   *ln;

	import.opts = maria_import_options(serverid, stmt->options);
	conn = maria_get_connection(serverid, GetUserId(), MARIA_READ);
	import.namespace = get_namespace_oid(stmt->local_schema, false);
	import.tables = maria_read_tables(conn, stmt->server_name,
									  stmt->remote_schema);
	import.names = table_names(import.tables);

	notice_missing_tables(&import);
	forboth(lt, import.tables, ln, import.names)
	{
		if (is_wanted(&import, lfirst(lt), lfirst(ln)))
			statements = lappend(statements,
								 create_statement(&import, lfirst(lt),
												  lfirst(ln)));
	}
	return statements;
}
