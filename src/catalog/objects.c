/*
 * What does a MariaDB schema have beyond tables and columns?
 *
 * Keys, checks, partitions, sequences, and the names of routines, triggers,
 * views and events.  Like read.c it reads by a handful of queries; only
 * foreign keys whose actions are hidden, and sequences, take one each.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/builtins.h"

#include "catalog/ask.h"
#include "catalog/read.h"
#include "values/values.h"

static const char index_list_sql[] =
"SELECT TABLE_NAME, INDEX_NAME, INDEX_TYPE, NON_UNIQUE = 0,"
" $ignored, NULLIF(INDEX_COMMENT, ''), COLUMN_NAME,"
" CASE WHEN INDEX_TYPE <> 'SPATIAL' THEN SUB_PART END,"
" COALESCE(COLLATION = 'D', 0), $expression"
" FROM information_schema.STATISTICS"
" WHERE TABLE_SCHEMA = $schema"
" ORDER BY BINARY TABLE_NAME, BINARY INDEX_NAME, SEQ_IN_INDEX";

static const char check_list_sql[] =
"SELECT TABLE_NAME, CONSTRAINT_NAME, $level, CHECK_CLAUSE,"
" $enforced FROM $checks"
" WHERE CONSTRAINT_SCHEMA = $schema"
" ORDER BY BINARY TABLE_NAME, BINARY CONSTRAINT_NAME";

static const char partition_list_sql[] =
"SELECT TABLE_NAME, PARTITION_NAME, SUBPARTITION_NAME, PARTITION_METHOD,"
" PARTITION_EXPRESSION, PARTITION_DESCRIPTION"
" FROM information_schema.PARTITIONS"
" WHERE TABLE_SCHEMA = $schema AND PARTITION_NAME IS NOT NULL"
" ORDER BY BINARY TABLE_NAME, PARTITION_ORDINAL_POSITION,"
" SUBPARTITION_ORDINAL_POSITION";

/* Objects that contain SQL of MariaDB, with a detail for each. */
static const char object_list_sql[] =
"SELECT 'view', TABLE_NAME, VIEW_DEFINITION, TABLE_NAME"
" FROM information_schema.VIEWS WHERE TABLE_SCHEMA = $schema"
" UNION ALL SELECT 'trigger', TRIGGER_NAME,"
" CONCAT(ACTION_TIMING, ' ', EVENT_MANIPULATION, ' on ', EVENT_OBJECT_TABLE),"
" EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = $schema"
" UNION ALL SELECT LOWER(ROUTINE_TYPE), ROUTINE_NAME, NULL, NULL"
" FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = $schema"
" UNION ALL SELECT 'event', EVENT_NAME, NULL, NULL"
" FROM information_schema.EVENTS WHERE EVENT_SCHEMA = $schema"
" ORDER BY 1, 2";

/*
 * A query whose rows belong to tables, and the function that handles each row.
 */
typedef struct TableQuery
{
	const char *sql;
	int			nfields;
	uint64		nullable;
	void		(*add) (MariaResult *result, MariaRemoteTable *table);
} TableQuery;

/* Returns an object with this name at the end of a list, or NULL. */
#define LAST_NAMED(type, list, wanted) \
	((list) != NIL && strcmp(((type *) llast(list))->name, wanted) == 0 ? \
	 (type *) llast(list) : NULL)

static MariaRemoteIndex *
make_index(MariaResult *result, char *name)
{
	MariaRemoteIndex *index = palloc0(sizeof(MariaRemoteIndex));

	index->name = name;
	index->method = maria_field_text(result, 2);
	index->is_unique = maria_field_number(result, 3, 0) != 0;
	index->is_ignored = maria_field_number(result, 4, 0) != 0;
	index->comment = maria_field_text(result, 5);
	return index;
}

static void
add_key_part(MariaResult *result, MariaRemoteTable *table)
{
	char	   *name = maria_field_text(result, 1);
	MariaRemoteKeyPart *part = palloc0(sizeof(MariaRemoteKeyPart));
	MariaRemoteIndex *index = LAST_NAMED(MariaRemoteIndex, table->indexes,
										 name);

	if (index == NULL)
	{
		index = make_index(result, name);
		table->indexes = lappend(table->indexes, index);
	}
	part->column = maria_field_text(result, 6);
	part->expression = maria_mysql_expression_at(result, 9);
	if (part->column == NULL && part->expression == NULL)
		maria_report_bad_answer(result,
								"A part of an index has neither a column nor an expression.");
	part->prefix = maria_field_number(result, 7, 0);
	part->descending = maria_field_number(result, 8, 0) != 0;
	index->parts = lappend(index->parts, part);
}

/* Adds a row of maria_foreign_keys_sql. */
static void
add_reference(MariaResult *result, MariaRemoteTable *table)
{
	char	   *name = maria_field_text(result, 1);
	MariaRemoteForeignKey *key = LAST_NAMED(MariaRemoteForeignKey,
											table->foreign_keys, name);

	if (key == NULL)
	{
		key = palloc0(sizeof(MariaRemoteForeignKey));
		key->name = name;
		key->ref_schema = maria_field_text(result, 4);
		key->ref_table = maria_field_text(result, 5);
		key->on_update = maria_field_text(result, 7);
		key->on_delete = maria_field_text(result, 8);
		table->foreign_keys = lappend(table->foreign_keys, key);
	}
	key->columns = lappend(key->columns, maria_field_text(result, 3));
	key->ref_columns = lappend(key->ref_columns, maria_field_text(result, 6));
}

/* Is a check one that a value of type JSON cannot fail? */
static bool
is_idle_check(const MariaRemoteCheck *check, MariaRemoteTable *table)
{
	char	   *name = table->is_mysql ? maria_json_column(check->clause) : NULL;
	MariaRemoteColumn *column = name ? maria_find_column(table, name) : NULL;

	return column && strcmp(column->data_type, "json") == 0;
}

/* Adds a check, but not the one that turns a LONGTEXT into JSON. */
static void
add_check(MariaResult *result, MariaRemoteTable *table)
{
	MariaRemoteCheck *check = palloc0(sizeof(MariaRemoteCheck));
	MariaRemoteColumn *column;

	check->name = maria_field_text(result, 1);
	check->is_enforced = maria_field_number(result, 4, 1) != 0;
	check->clause = table->is_mysql ? maria_mysql_expression_at(result, 3) :
		maria_field_text(result, 3);
	column = maria_field_number(result, 2, 0) != 0 ?
		maria_find_column(table, check->name) : NULL;
	check->is_of_column = column != NULL;
	if (column && column->is_json &&
		strncmp(check->clause, "json_valid(", 11) == 0)
		return;
	if (is_idle_check(check, table))
		return;
	table->checks = lappend(table->checks, check);
}

static void
add_partition(MariaResult *result, MariaRemoteTable *table)
{
	MariaRemotePartition *partition = palloc0(sizeof(MariaRemotePartition));

	partition->name = maria_field_text(result, 1);
	partition->subpartition = maria_field_text(result, 2);
	partition->method = maria_field_text(result, 3);
	partition->expression = maria_field_text(result, 4);
	partition->description = maria_field_text(result, 5);
	table->partitions = lappend(table->partitions, partition);
}

static const TableQuery table_queries[] = {
	{index_list_sql, 10,
		MARIA_NULLABLE(5) | MARIA_NULLABLE(6) | MARIA_NULLABLE(7) |
		MARIA_NULLABLE(9),
	add_key_part},
	{maria_foreign_keys_sql, 9, MARIA_NULLABLE(7) | MARIA_NULLABLE(8),
	add_reference},
	{check_list_sql, 5, MARIA_NONE_NULL, add_check},
	{partition_list_sql, 6,
		MARIA_NULLABLE(2) | MARIA_NULLABLE(4) | MARIA_NULLABLE(5),
	add_partition},
};

/* Passes each row of a query to its table, which the first field names. */
static void
read_for_tables(MariaConn *conn, const TableQuery *query,
				MariaRemoteSchema *schema)
{
	MariaResult *result = maria_open_for_schema(conn, query->sql,
												query->nfields,
												query->nullable,
												schema->name);

	while (maria_fetch(result))
	{
		MariaRemoteTable *table;

		table = maria_find_table(schema->tables, maria_field_text(result, 0));
		if (table)
			query->add(result, table);
	}
	maria_close(result);
}

static void
read_objects(MariaConn *conn, MariaRemoteSchema *schema)
{
	MariaResult *result;

	result = maria_open_for_schema(conn, object_list_sql, 4,
								   MARIA_NULLABLE(2) | MARIA_NULLABLE(3),
								   schema->name);
	while (maria_fetch(result))
	{
		MariaRemoteObject *object = palloc0(sizeof(MariaRemoteObject));

		object->kind = maria_field_text(result, 0);
		object->name = maria_field_text(result, 1);
		object->detail = maria_field_text(result, 2);
		object->table = maria_find_table(schema->tables,
										 maria_field_text(result, 3));
		schema->objects = lappend(schema->objects, object);
	}
	maria_close(result);
}

/*
 * Returns the action that follows a word at the end of a foreign key's line.
 */
static char *
shown_action(const char *actions, const char *word)
{
	static const char *const known[] = {"CASCADE", "SET NULL", "NO ACTION",
	"SET DEFAULT"};
	const char *found = strstr(actions, word);

	for (size_t i = 0; found && i < lengthof(known); i++)
		if (strncmp(found + strlen(word), known[i], strlen(known[i])) == 0)
			return pstrdup(known[i]);
	return pstrdup("RESTRICT");
}

/* Reads a key's actions from its line; an omitted one is RESTRICT. */
static void
set_shown_actions(MariaNames *keys, char *line)
{
	const char *pos = line + strlen("  CONSTRAINT ");
	char	   *name = maria_shown_name(&pos);
	MariaRemoteForeignKey *key = name ? maria_names_find(keys, name) : NULL;
	char	   *actions = strrchr(line, ')');

	if (key == NULL || actions == NULL ||
		strncmp(pos, " FOREIGN KEY ", strlen(" FOREIGN KEY ")) != 0)
		return;
	key->on_update = shown_action(actions, " ON UPDATE ");
	key->on_delete = shown_action(actions, " ON DELETE ");
}

/* Reads the actions of keys from the text of SHOW CREATE TABLE. */
static void
read_shown_actions(MariaNames *keys, const char *create)
{
	while (*create)
	{
		const char *end = maria_shown_line_end(create);

		CHECK_FOR_INTERRUPTS();
		if (strncmp(create, "  CONSTRAINT ", strlen("  CONSTRAINT ")) == 0)
			set_shown_actions(keys, pnstrdup(create, end - create));
		create = *end ? end + 1 : end;
	}
}

static char *
show_create_table(MariaConn *conn, const char *schema, const char *table)
{
	MariaResult *result;
	char	   *text = NULL;

	result = maria_open_fields(conn, psprintf("SHOW CREATE TABLE %s.%s",
											  maria_quote_identifier(schema),
											  maria_quote_identifier(table)),
							   2, MARIA_NONE_NULL);
	while (maria_fetch(result))
		text = maria_field_text(result, 1);
	maria_close(result);
	return text;
}

/* Fills in the actions that MariaDB hides from an account that only reads. */
static void
read_hidden_actions(MariaConn *conn, const char *schema,
					MariaRemoteTable *table)
{
	MariaNames *hidden = NULL;
	char	   *create;
	ListCell   *lc;

	foreach(lc, table->foreign_keys)
	{
		MariaRemoteForeignKey *key = lfirst(lc);

		if (key->on_update && key->on_delete)
			continue;
		if (hidden == NULL)
			hidden = maria_names_create();
		maria_names_add(hidden, key->name, key);
	}
	create = hidden ? show_create_table(conn, schema, table->name) : NULL;
	if (create)
		read_shown_actions(hidden, create);
}

static bool
is_readable(const MariaRemoteTable *table)
{
	return table->columns &&
		((MariaRemoteColumn *) linitial(table->columns))->is_readable;
}

/* Returns a field that will be written into SQL, if it is an integer. */
static char *
whole_number(MariaResult *result, int field)
{
	char	   *text = maria_field_text(result, field);

	if (text == NULL || *text == '\0' ||
		strspn(text, "-0123456789") != strlen(text))
		return NULL;
	return text;
}

static MariaRemoteSequence *
read_sequence(MariaConn *conn, const char *schema, MariaRemoteTable *table)
{
	MariaRemoteSequence *sequence = palloc0(sizeof(MariaRemoteSequence));
	MariaResult *result;

	sequence->name = table->name;
	if (!is_readable(table))
		return sequence;
	result = maria_open_fields(conn,
							   psprintf("SELECT next_not_cached_value, minimum_value,"
										" maximum_value, start_value, increment,"
										" cache_size, cycle_option FROM %s.%s",
										maria_quote_identifier(schema),
										maria_quote_identifier(table->name)),
							   7, MARIA_NONE_NULL);
	while (maria_fetch(result))
	{
		sequence->next = whole_number(result, 0);
		sequence->minimum = whole_number(result, 1);
		sequence->maximum = whole_number(result, 2);
		sequence->start = whole_number(result, 3);
		sequence->increment = whole_number(result, 4);
		sequence->cache = whole_number(result, 5);
		sequence->cycles = maria_field_number(result, 6, 0) != 0;
	}
	maria_close(result);
	return sequence;
}

/* Returns all that a schema has. */
MariaRemoteSchema *
maria_read_schema(MariaConn *conn, const char *server, const char *schema)
{
	MariaRemoteSchema *result = palloc0(sizeof(MariaRemoteSchema));
	ListCell   *lc;

	result->name = maria_find_schema(conn, server, schema);
	result->is_mysql = maria_is_mysql(conn);
	result->tables = maria_read_tables(conn, server, schema);
	for (size_t i = 0; i < lengthof(table_queries); i++)
		read_for_tables(conn, &table_queries[i], result);
	read_objects(conn, result);
	foreach(lc, result->tables)
	{
		MariaRemoteTable *table = lfirst(lc);

		read_hidden_actions(conn, result->name, table);
		maria_read_vector_indexes(conn, result->name, table);
		if (strcmp(table->kind, "SEQUENCE") == 0)
			result->sequences = lappend(result->sequences,
										read_sequence(conn, result->name,
													  table));
	}
	return result;
}
