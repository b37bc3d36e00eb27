/*
 * What do the partitions of a table become?
 *
 * A table partitioned by columns stays partitioned; one partitioned by a
 * function of a column becomes an ordinary table.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "schema/ddl/ddl.h"
#include "schema/expression/parser.h"

typedef enum Method
{
	BY_NOTHING,
	BY_RANGE,
	BY_LIST,
	BY_HASH
} Method;

static Method
method_of(const MariaRemotePartition *partition)
{
	if (strncmp(partition->method, "RANGE", 5) == 0)
		return BY_RANGE;
	if (strncmp(partition->method, "LIST", 4) == 0)
		return BY_LIST;
	if (strstr(partition->method, "HASH") || strstr(partition->method, "KEY"))
		return BY_HASH;
	return BY_NOTHING;
}

/* Returns the columns of KEY (...); without any it is the primary key. */
static List *
key_columns(const MariaTargetTable *table)
{
	List	   *columns = NIL;
	ListCell   *lc;
	ListCell   *lp;

	foreach(lc, table->remote->indexes)
	{
		MariaRemoteIndex *index = lfirst(lc);

		if (strcmp(index->name, "PRIMARY") != 0)
			continue;
		foreach(lp, index->parts)
			columns = lappend(columns,
							  maria_target_column(table,
												  ((MariaRemoteKeyPart *) lfirst(lp))->column));
	}
	return columns;
}

/* Parses a list such as `a`,`b`; NIL if there is more than names. */
static List *
named_columns(const MariaTargetTable *table, const char *expression)
{
	MariaParser parser;
	List	   *columns = NIL;

	maria_parser_init(&parser, expression, NULL);
	do
		columns = lappend(columns,
						  maria_target_column(table, maria_take_name(&parser)));
	while (maria_take(&parser, ","));
	if (parser.kind != MARIA_TOKEN_END || parser.problem)
		return NIL;
	return columns;
}

/* Do both sides sort this type alike?  LIST needs equality only. */
static bool
is_ordered(const MariaTargetColumn *column)
{
	MariaClass	class = column->enum_type ? CLASS_ENUM :
	maria_type_class(column->type);

	return class == CLASS_INTEGER || class == CLASS_NUMERIC ||
		class == CLASS_DATE || class == CLASS_TIMESTAMP ||
		class == CLASS_TIME;
}

/* Returns why a table cannot have its partitions; NULL if it can. */
static const char *
partition_problem(Method method, List *columns)
{
	ListCell   *lc;

	if (method == BY_NOTHING)
		return "PostgreSQL does not have this kind of partitioning";
	if (columns == NIL)
		return "the partition key is not a list of columns";
	if (method == BY_LIST && list_length(columns) > 1)
		return "PostgreSQL supports LIST partitions by one column only";
	foreach(lc, columns)
	{
		MariaTargetColumn *column = lfirst(lc);

		if (column == NULL)
			return "a column of the partition key does not exist";
		if (method != BY_HASH && !is_ordered(column))
			return psprintf("PostgreSQL compares values of type %s differently",
							column->type);
		if (method == BY_RANGE && !column->not_null)
			return psprintf("column \"%s\" can be null, which a range partition does not accept",
							column->name);
	}
	return NULL;
}

static char *
lower_bound(const char *previous, int ncolumns)
{
	StringInfoData buf;

	if (previous)
		return pstrdup(previous);
	initStringInfo(&buf);
	for (int i = 0; i < ncolumns; i++)
		appendStringInfo(&buf, "%sMINVALUE", i ? ", " : "");
	return buf.data;
}

/* Appends a number, a string or a keyword such as MAXVALUE. */
static void
append_bound(MariaParser *parser, StringInfo buf)
{
	if (maria_take(parser, "-"))
		appendStringInfoChar(buf, '-');
	else if (parser->kind == MARIA_TOKEN_STRING)
		appendStringInfoString(buf, quote_literal_cstr(parser->text));
	else if (maria_at(parser, "maxvalue") || maria_at(parser, "null"))
		appendStringInfoString(buf, maria_at(parser, "null") ?
							   "NULL" : "MAXVALUE");
	else if (parser->kind != MARIA_TOKEN_NUMBER)
		maria_fail(parser, "\"%s\" is not a partition bound", parser->text);
	if (parser->kind == MARIA_TOKEN_NUMBER)
		appendStringInfoString(buf, parser->text);
	else if (buf->len > 0 && buf->data[buf->len - 1] == '-')
		maria_fail(parser, "\"%s\" is not a number", parser->text);
	maria_advance(parser);
}

/* Parses the bounds in a description; NULL if it has anything else. */
static char *
bound_values(const char *description)
{
	MariaParser parser;
	StringInfoData buf;

	initStringInfo(&buf);
	maria_parser_init(&parser, description, NULL);
	append_bound(&parser, &buf);
	while (maria_take(&parser, ","))
	{
		appendStringInfoString(&buf, ", ");
		append_bound(&parser, &buf);
	}
	return parser.problem || parser.kind != MARIA_TOKEN_END ? NULL : buf.data;
}

/* Returns the clause FOR VALUES ... for a partition, or NULL. */
static char *
partition_bounds(Method method, const MariaRemotePartition *partition,
				 int index, int count, const char *previous, int ncolumns)
{
	char	   *values;

	if (method == BY_HASH)
		return psprintf("FOR VALUES WITH (MODULUS %d, REMAINDER %d)", count,
						index);
	if (partition->description == NULL)
		return NULL;
	if (method == BY_LIST && strcmp(partition->description, "DEFAULT") == 0)
		return "DEFAULT";
	values = bound_values(partition->description);
	if (values == NULL)
		return NULL;
	if (method == BY_LIST)
		return psprintf("FOR VALUES IN (%s)", values);
	return psprintf("FOR VALUES FROM (%s) TO (%s)",
					lower_bound(previous, ncolumns), values);
}

/* Returns the partitions without their subpartitions. */
static List *
first_level(const MariaTargetTable *table)
{
	List	   *result = NIL;
	MariaRemotePartition *last = NULL;
	ListCell   *lc;

	foreach(lc, table->remote->partitions)
	{
		MariaRemotePartition *partition = lfirst(lc);

		if (last == NULL || strcmp(last->name, partition->name) != 0)
			result = lappend(result, partition);
		last = partition;
	}
	return result;
}

/* Adds the partitions; false if the bounds of one cannot be parsed. */
static bool
add_partitions(DdlPlan *plan, MariaTargetTable *table, Method method,
			   int ncolumns)
{
	List	   *remotes = first_level(table);
	const char *previous = NULL;
	int			i = 0;
	ListCell   *lc;

	foreach(lc, remotes)
	{
		MariaRemotePartition *remote = lfirst(lc);
		MariaTargetPartition *partition = palloc(sizeof(MariaTargetPartition));

		partition->bounds = partition_bounds(method, remote, i++,
											 list_length(remotes), previous,
											 ncolumns);
		if (partition->bounds == NULL)
			return false;
		if (method == BY_RANGE)
			previous = bound_values(remote->description);
		partition->name = maria_relation_name(plan, STEP_TABLE, table,
											  maria_fit_name(psprintf("%s_%s",
																	  table->name,
																	  remote->name),
															 ""));
		table->partitions = lappend(table->partitions, partition);
	}
	return true;
}

static char *
partition_by(Method method, List *columns)
{
	static const char *const words[] = {"", "RANGE", "LIST", "HASH"};
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	appendStringInfo(&buf, "%s (", words[method]);
	foreach(lc, columns)
	{
		MariaTargetColumn *column = lfirst(lc);

		appendStringInfo(&buf, "%s%s", lc == list_head(columns) ? "" : ", ",
						 quote_identifier(column->name));
	}
	appendStringInfoChar(&buf, ')');
	return buf.data;
}

/* Plans the partitions of a table, if it has any. */
void
maria_plan_partitions(DdlPlan *plan, MariaTargetTable *table)
{
	MariaRemotePartition *first;
	Method		method;
	List	   *columns;
	const char *problem;

	if (table->remote->partitions == NIL)
		return;
	first = linitial(table->remote->partitions);
	method = method_of(first);
	columns = first->expression == NULL || first->expression[0] == '\0' ?
		key_columns(table) : named_columns(table, first->expression);
	problem = partition_problem(method, columns);
	if (problem == NULL &&
		!add_partitions(plan, table, method, list_length(columns)))
		problem = "the partition bounds cannot be translated";
	if (problem)
	{
		table->partitions = NIL;
		maria_ddl_note(plan, STEP_TABLE, NOTE_CHANGED,
					   maria_ddl_object(table, NULL),
					   "becomes one table, without its partitions by %s (%s): %s",
					   first->method, first->expression ? first->expression : "",
					   problem);
		return;
	}
	table->partition_by = partition_by(method, columns);
	if (first->subpartition)
		maria_ddl_note(plan, STEP_TABLE, NOTE_CHANGED,
					   maria_ddl_object(table, NULL),
					   "subpartitions are not created");
}
