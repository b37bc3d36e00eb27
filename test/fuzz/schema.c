/*
 * Fuzzes the description of a schema of MariaDB: expressions of defaults,
 * generated columns and checks, column types, views, partitions, names.
 *
 * All SQL that is created from it must be valid, and one statement.
 */
#include "fuzz.h"

#include "mb/pg_wchar.h"
#include "tcop/tcopprot.h"
#include "utils/memutils.h"

#include "catalog/ask.h"
#include "catalog/labels.h"
#include "schema/defaults.h"
#include "schema/enums.h"
#include "schema/types.h"

typedef struct FixedColumn
{
	const char *name;
	const char *data_type;
	const char *column_type;
	int			precision;
	int			scale;
	int			datetime_precision;
} FixedColumn;

/* One column of each kind that expressions distinguish. */
static const FixedColumn fixed_columns[] = {
	{"id", "int", "int(11)", 10, 0, -1},
	{"n", "bigint", "bigint(20) unsigned", 20, 0, -1},
	{"ok", "tinyint", "tinyint(1)", 3, 0, -1},
	{"price", "decimal", "decimal(10,2)", 10, 2, -1},
	{"f", "double", "double", 22, -1, -1},
	{"s", "varchar", "varchar(191)", -1, -1, -1},
	{"st", "enum", "enum('new','it''s','old')", -1, -1, -1},
	{"flags", "set", "set('a','b','c')", -1, -1, -1},
	{"d", "date", "date", -1, -1, -1},
	{"dt", "datetime", "datetime(3)", -1, -1, 3},
	{"ts", "timestamp", "timestamp", -1, -1, 0},
	{"t", "time", "time(6)", -1, -1, 6},
	{"u", "uuid", "uuid", -1, -1, -1},
	{"j", "longtext", "longtext", -1, -1, -1},
	{"b", "varbinary", "varbinary(16)", -1, -1, -1},
	{"bits", "bit", "bit(8)", 8, -1, -1},
	{"y", "year", "year(4)", -1, -1, -1},
};

static MariaRemoteColumn *
remote_column(const FixedColumn *fixed)
{
	MariaRemoteColumn *column = palloc0(sizeof(MariaRemoteColumn));

	column->table = "t";
	column->name = pstrdup(fixed->name);
	column->data_type = pstrdup(fixed->data_type);
	column->column_type = pstrdup(fixed->column_type);
	column->char_length = strcmp(fixed->data_type, "varchar") == 0 ? 191 : -1;
	column->precision = fixed->precision;
	column->scale = fixed->scale;
	column->datetime_precision = fixed->datetime_precision;
	column->is_readable = true;
	column->is_json = strcmp(fixed->name, "j") == 0;
	column->is_nullable = strcmp(fixed->name, "id") != 0;
	column->extra = "";
	if (maria_is_enum(column))
		column->labels = maria_parse_labels(column->column_type);
	if (strcmp(fixed->data_type, "varchar") == 0)
		column->collation = "utf8mb4_general_ci";
	return column;
}

static MariaRemoteTable *
add_table(MariaRemoteSchema *schema, const char *name, size_t ncolumns)
{
	MariaRemoteTable *table = palloc0(sizeof(MariaRemoteTable));

	table->name = pstrdup(name);
	table->kind = "BASE TABLE";
	table->rows = -1;
	for (size_t i = 0; i < ncolumns; i++)
		table->columns = lappend(table->columns,
								 remote_column(&fixed_columns[i]));
	schema->tables = lappend(schema->tables, table);
	return table;
}

static void
add_sequence(MariaRemoteSchema *schema, const char *name)
{
	MariaRemoteSequence *sequence = palloc0(sizeof(MariaRemoteSequence));

	sequence->name = pstrdup(name);
	sequence->next = sequence->minimum = sequence->start = "1";
	sequence->maximum = "1000";
	sequence->increment = sequence->cache = "1";
	schema->sequences = lappend(schema->sequences, sequence);
}

/*
 * Creates a schema of a sequence and two tables; returns the first table,
 * which has all columns.
 */
static MariaRemoteTable *
make_schema(MariaRemoteSchema **schema)
{
	MariaRemoteTable *table;

	*schema = palloc0(sizeof(MariaRemoteSchema));
	(*schema)->name = "shop";
	table = add_table(*schema, "t", lengthof(fixed_columns));
	add_table(*schema, "t2", 3);
	add_sequence(*schema, "sq");
	return table;
}

/* Parses an SQL text; anything but one statement is a finding. */
static void
check_sql(const char *before, const char *sql, const char *after)
{
	char	   *statement = psprintf("%s%s%s", before, sql, after);
	MemoryContext context = CurrentMemoryContext;

	PG_TRY();
	{
		if (list_length(pg_parse_query(statement)) != 1)
			fuzz_wrong("not one statement: %s", statement);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(context);
		error = CopyErrorData();
		FlushErrorState();
		if (error->sqlerrcode != ERRCODE_STATEMENT_TOO_COMPLEX &&
			strncmp(error->message, "memory exhausted", 16) != 0)
			fuzz_wrong("%s: %s", error->message, statement);
	}
	PG_END_TRY();
}

/* Checks everything that a schema becomes. */
static void
check_target(const MariaTarget *target)
{
	MariaTargetTable *table = linitial(target->tables);
	ListCell   *lc;

	foreach(lc, table->columns)
	{
		MariaTargetColumn *column = lfirst(lc);

		if (column->default_sql)
			check_sql("SELECT ", column->default_sql, "");
		if (column->generation)
			check_sql("SELECT ", column->generation, "");
	}
	foreach(lc, table->checks)
		check_sql("SELECT 1 WHERE ", ((MariaTargetCheck *) lfirst(lc))->sql, "");
	if (table->partition_by)
		check_sql("CREATE TABLE t (a int) PARTITION BY ", table->partition_by, "");
	foreach(lc, table->partitions)
		check_sql("CREATE TABLE p PARTITION OF t ",
				  ((MariaTargetPartition *) lfirst(lc))->bounds, "");
	foreach(lc, target->views)
		check_sql("", ((MariaTargetView *) lfirst(lc))->sql, "");
}

/* Chooses a column by the second byte of the input. */
static MariaRemoteColumn *
choose_column(FuzzInput *input, MariaRemoteTable *table)
{
	return list_nth(table->columns,
					fuzz_byte(input) % list_length(table->columns));
}

/*
 * Fuzzes a default, a generated column or a check, by the first byte; as MySQL
 * shows it, if that is a capital.
 */
static void
fuzz_expression(const uint8 *data, size_t size)
{
	FuzzInput	input = {data, data + size};
	MariaRemoteSchema *schema;
	MariaRemoteTable *table = make_schema(&schema);
	uint8		letter = fuzz_byte(&input);
	uint8		kind = pg_ascii_tolower(letter);
	MariaRemoteColumn *column = kind == 'c' ? NULL : choose_column(&input, table);
	MariaRemoteCheck *check = palloc0(sizeof(MariaRemoteCheck));
	char	   *text = fuzz_text(input.at, input.end - input.at);

	if (text == NULL)
		return;
	if (kind != letter)
		text = maria_mysql_expression(text);
	if (kind == 'd')
		column->default_value = text;
	else if (kind == 'g')
		column->generation = text;
	else
	{
		check->name = "chk";
		check->clause = text;
		check->is_enforced = true;
		table->checks = list_make1(check);
	}
	check_target(fuzz_plan_schema(schema));
}

/* Fuzzes the conversion of what MySQL's information_schema shows. */
static void
fuzz_mysql_expression(const uint8 *data, size_t size)
{
	MariaRemoteSchema *schema;
	MariaRemoteTable *table = make_schema(&schema);
	MariaRemoteCheck *check = palloc0(sizeof(MariaRemoteCheck));
	char	   *text = fuzz_text(data, size);
	char	   *rewritten;

	if (text == NULL)
		return;
	rewritten = maria_mysql_expression(text);
	if (!pg_verify_mbstr(PG_UTF8, rewritten, strlen(rewritten), true))
		fuzz_wrong("\"%s\" is no UTF-8 any more", text);
	check->name = "chk";
	check->clause = rewritten;
	table->checks = list_make1(check);
	check_target(fuzz_plan_schema(schema));
}

/* Reads lines: data type, column type, default; then bytes for numbers. */
static void
fuzz_column_type(const uint8 *data, size_t size)
{
	FuzzInput	input = {data, data + size};
	MariaRemoteColumn *column = remote_column(&fixed_columns[0]);
	MariaOptions *opts = palloc0(sizeof(MariaOptions));
	char	   *type;
	char	   *default_sql;

	column->data_type = fuzz_line(&input);
	column->column_type = fuzz_line(&input);
	column->default_value = fuzz_line(&input);
	if (!column->data_type || !column->column_type || !column->default_value)
		return;
	column->precision = fuzz_byte(&input);
	column->scale = fuzz_byte(&input) % 39;
	column->datetime_precision = fuzz_byte(&input) % 7;
	column->char_length = fuzz_number(&input, 4);
	column->is_json = fuzz_byte(&input) & 1;
	column->labels = maria_parse_labels(column->column_type);
	maria_label_problem(column->labels);
	maria_enum_name(column);
	type = maria_local_type(column, opts);
	check_sql("SELECT NULL::", type, "");
	maria_unquote_default(column->default_value);
	default_sql = maria_local_default(column, type);
	if (default_sql)
		check_sql("SELECT ", default_sql, "");
}

static void
fuzz_view(const uint8 *data, size_t size)
{
	MariaRemoteSchema *schema;
	MariaRemoteObject *view = palloc0(sizeof(MariaRemoteObject));

	make_schema(&schema);
	view->kind = "view";
	view->name = "v";
	view->detail = fuzz_text(data, size);
	if (view->detail == NULL)
		return;
	schema->objects = list_make1(view);
	check_target(fuzz_plan_schema(schema));
}

/* Reads lines: method, expression, and a description for each partition. */
static void
fuzz_partition(const uint8 *data, size_t size)
{
	FuzzInput	input = {data, data + size};
	MariaRemoteSchema *schema;
	MariaRemoteTable *table = make_schema(&schema);
	char	   *method = fuzz_line(&input);
	char	   *expression = fuzz_line(&input);

	if (method == NULL || expression == NULL)
		return;
	do
	{
		MariaRemotePartition *part = palloc0(sizeof(MariaRemotePartition));

		part->name = psprintf("p%d", list_length(table->partitions));
		part->method = method;
		part->expression = expression;
		part->description = fuzz_line(&input);
		if (part->description == NULL)
			return;
		table->partitions = lappend(table->partitions, part);
	} while (input.at < input.end);
	check_target(fuzz_plan_schema(schema));
}

/* Reads a name per line; they must become valid and distinct names. */
static void
fuzz_names(const uint8 *data, size_t size)
{
	FuzzInput	input = {data, data + size};
	List	   *names = NIL;
	List	   *local;
	ListCell   *lc;

	do
	{
		char	   *name = fuzz_line(&input);

		if (name == NULL || name[0] == '\0' || maria_is_in(name, names))
			return;
		names = lappend(names, name);
	} while (input.at < input.end && list_length(names) < 100);
	local = maria_local_names(names, true);
	if (list_length(local) != list_length(names))
		fuzz_wrong("%d names become %d", list_length(names), list_length(local));
	names = NIL;
	foreach(lc, local)
	{
		char	   *name = lfirst(lc);

		if (name && (strlen(name) >= NAMEDATALEN || maria_is_in(name, names)))
			fuzz_wrong("name \"%s\" is too long or not the only one", name);
		if (name)
			names = lappend(names, name);
	}
}

const FuzzTarget fuzz_schema_targets[] = {
	{"expression", fuzz_expression},
	{"mysql_expression", fuzz_mysql_expression},
	{"column_type", fuzz_column_type},
	{"view", fuzz_view},
	{"partition", fuzz_partition},
	{"names", fuzz_names},
	{NULL}
};
