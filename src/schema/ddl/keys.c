/*
 * What do the keys, indexes and checks of a table become?
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "catalog/labels.h"
#include "prisma/lookup.h"
#include "schema/ddl/ddl.h"
#include "schema/expression/expression.h"
#include "wire/wire.h"

/* Returns the names of an index's columns; NIL if it has an expression. */
static List *
part_names(const MariaTargetIndex *index)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, index->parts)
	{
		MariaTargetKeyPart *part = lfirst(lc);

		if (part->column == NULL)
			return NIL;
		names = lappend(names, part->column->remote->name);
	}
	return names;
}

static bool
is_primary(const MariaRemoteIndex *index)
{
	return strcmp(index->name, "PRIMARY") == 0;
}

DdlStep
maria_index_step(const MariaTargetIndex *index)
{
	return index->is_primary ? STEP_PRIMARY_KEY :
		index->is_unique ? STEP_UNIQUE : STEP_INDEX;
}

/*
 * Sets the prefix of a text or binary column.  Without it, rows may be too
 * long for the index.
 */
static void
set_prefix(DdlPlan *plan, MariaTargetObject object, const MariaTargetIndex *index,
		   MariaTargetKeyPart *part, int prefix)
{
	if (prefix == 0 || strcmp(index->method, "gin") == 0)
		return;
	if (plan->drops_prefix)
		maria_ddl_note(plan, maria_index_step(index), NOTE_PREFIX, object,
					   "prefix length of %d on column \"%s\" is dropped: the index covers the whole column, and values over about 2700 bytes cannot be stored%s",
					   prefix, part->column->name, index->is_unique ?
					   "; values that differ only after the prefix no longer conflict" : "");
	else
		part->prefix = prefix;
}

/*
 * Is a key WITHOUT OVERLAPS of a period?  MariaDB lists the end and the start
 * of the period after the columns, and a check shows which they are.
 */
static bool
is_without_overlaps(const MariaTargetTable *table, const MariaRemoteIndex *index)
{
	int			count = list_length(index->parts);
	const char *from;
	const char *to;
	char	   *clause;
	ListCell   *lc;

	if (!index->is_unique || count < 3)
		return false;
	from = ((MariaRemoteKeyPart *) list_nth(index->parts, count - 1))->column;
	to = ((MariaRemoteKeyPart *) list_nth(index->parts, count - 2))->column;
	if (from == NULL || to == NULL)
		return false;
	clause = psprintf("%s < %s", maria_quote_identifier(from),
					  maria_quote_identifier(to));
	foreach(lc, table->remote->checks)
	{
		if (strcmp(((MariaRemoteCheck *) lfirst(lc))->clause, clause) == 0)
			return true;
	}
	return false;
}

/* Plans a part that is an expression; false if it cannot be translated. */
static bool
make_expression_part(DdlPlan *plan, MariaTargetTable *table,
					 MariaTargetObject object, const MariaTargetIndex *index,
					 const MariaRemoteKeyPart *key, MariaTargetKeyPart *part)
{
	MariaScopeTable entry = {.prefix = "",.table = table};
	MariaScope	scope = {plan->target, list_make1(&entry)};
	MariaExpression *expr = maria_translate(key->expression, &scope);
	const char *problem = expr->problem;

	if (problem == NULL && expr->is_volatile)
		problem = "its value depends on more than the row";
	if (problem == NULL && expr->class == CLASS_NULL)
		problem = "its type is unknown";
	if (problem)
	{
		maria_ddl_note(plan, STEP_INDEX, NOTE_SKIPPED, object,
					   "index not created: it is on expression %s, which cannot be used: %s",
					   key->expression, problem);
		return false;
	}
	if (expr->remark)
		maria_ddl_note(plan, STEP_INDEX, NOTE_CHANGED, object, "%s", expr->remark);
	if (index->is_unique && expr->class == CLASS_TEXT)
		maria_ddl_note(plan, maria_index_step(index), NOTE_COLLATION, object,
					   "texts of %s are compared byte by byte, and not by their collation as in MySQL: those that differ only in case or accents no longer conflict",
					   key->expression);
	part->sql = expr->sql;
	return true;
}

/* Plans a part of an index; false if that is not possible. */
static bool
make_part(DdlPlan *plan, MariaTargetTable *table, MariaTargetObject object,
		  const MariaTargetIndex *index, const MariaRemoteKeyPart *key,
		  MariaTargetKeyPart *part)
{
	part->descending = key->descending;
	if (key->column == NULL)
		return make_expression_part(plan, table, object, index, key, part);
	part->column = maria_target_column(table, key->column);
	if (part->column == NULL)
	{
		maria_ddl_note(plan, STEP_INDEX, NOTE_SKIPPED, object,
					   "index not created: the account may not read column \"%s\"",
					   key->column);
		return false;
	}
	set_prefix(plan, object, index, part, key->prefix);
	return true;
}

/* Plans an index with its parts; NULL if one is not possible. */
static MariaTargetIndex *
make_index(DdlPlan *plan, MariaTargetTable *table,
		   const MariaRemoteIndex *remote, const char *method)
{
	MariaTargetIndex *index = palloc0(sizeof(MariaTargetIndex));
	MariaTargetObject object = maria_ddl_object(table, remote->name);
	ListCell   *lc;

	index->remote = remote;
	index->method = method;
	index->is_unique = remote->is_unique;
	index->is_primary = is_primary(remote);
	if (is_without_overlaps(table, remote))
		maria_ddl_note(plan, maria_index_step(index), NOTE_UNCHECKED, object,
					   "if it is WITHOUT OVERLAPS in MariaDB, PostgreSQL does not prevent overlapping periods");
	foreach(lc, remote->parts)
	{
		MariaTargetKeyPart *part = palloc0(sizeof(MariaTargetKeyPart));

		if (!make_part(plan, table, object, index, lfirst(lc), part))
			return NULL;
		index->parts = lappend(index->parts, part);
	}
	return index;
}

static bool
has_prefix(const MariaTargetIndex *index)
{
	ListCell   *lc;

	foreach(lc, index->parts)
	{
		if (((MariaTargetKeyPart *) lfirst(lc))->prefix > 0)
			return true;
	}
	return false;
}

/* Recognizes Prisma's table of a many-to-many relation by its structure. */
static bool
is_join_table(const MariaTargetTable *table, const MariaRemoteIndex *index)
{
	return table->model == NULL && table->remote->name[0] == '_' &&
		list_length(table->columns) == 2 &&
		maria_target_column(table, "A") && maria_target_column(table, "B") &&
		index->is_unique && list_length(index->parts) == 2 &&
		strcmp(index->name,
			   maria_prisma_name(table->remote->name, NIL, "_AB_unique", 64)) == 0;
}

/* Makes all parts ascending; false if they already were. */
static bool
drop_order(MariaTargetIndex *index)
{
	bool		dropped = false;
	ListCell   *lc;

	foreach(lc, index->parts)
	{
		MariaTargetKeyPart *part = lfirst(lc);

		dropped |= part->descending;
		part->descending = false;
	}
	return dropped;
}

static void
make_primary(DdlPlan *plan, MariaTargetTable *table,
			 const MariaRemoteIndex *remote, const char *suffix)
{
	MariaTargetIndex *index = make_index(plan, table, remote, "btree");
	MariaTargetObject object = maria_ddl_object(table, NULL);

	if (index == NULL)
		return;
	index->is_primary = !has_prefix(index);
	index->name = maria_relation_name(plan, STEP_PRIMARY_KEY, table,
									  maria_fit_name(table->name, suffix));
	object.name = index->name;
	if (!index->is_primary)
		maria_ddl_note(plan, STEP_PRIMARY_KEY, NOTE_NO_PRIMARY, object,
					   "becomes a unique index, because a primary key cannot have a prefix length");
	else if (drop_order(index))
		maria_ddl_note(plan, STEP_PRIMARY_KEY, NOTE_CHANGED, object,
					   "its columns are ascending, because a primary key in PostgreSQL has no DESC");
	table->indexes = lappend(table->indexes, index);
}

/* Plans the primary key, also for Prisma's many-to-many tables. */
void
maria_plan_primary_key(DdlPlan *plan, MariaTargetTable *table)
{
	ListCell   *lc;

	foreach(lc, table->remote->indexes)
	{
		MariaRemoteIndex *remote = lfirst(lc);

		if (is_primary(remote))
			make_primary(plan, table, remote, "_pkey");
		else if (plan->is_prisma && is_join_table(table, remote))
		{
			table->is_join = true;
			make_primary(plan, table, remote, "_AB_pkey");
		}
	}
}

/* Returns PostgreSQL's access method for an index, or NULL. */
static const char *
index_method(DdlPlan *plan, const MariaTargetTable *table,
			 const MariaRemoteIndex *remote)
{
	MariaRemoteKeyPart *part = linitial(remote->parts);
	MariaTargetColumn *column = maria_target_column(table, part->column);
	const char *problem;

	if (strcmp(remote->method, "FULLTEXT") == 0)
		return "gin";
	if (strcmp(remote->method, "VECTOR") == 0)
		problem = maria_vector_index_problem(column);
	else if (strcmp(remote->method, "SPATIAL") != 0)
		return "btree";
	else
		problem = column && strstr(column->type, "geometry") ? NULL :
			"PostGIS is not installed";
	if (problem == NULL)
		return strcmp(remote->method, "VECTOR") == 0 ? "hnsw" : "gist";
	maria_ddl_note(plan, STEP_INDEX, NOTE_SKIPPED,
				   maria_ddl_object(table, remote->name),
				   "%s index not created: %s", remote->method, problem);
	return NULL;
}

/* Did MariaDB create the index itself, for a foreign key? */
static bool
is_implicit(const MariaTargetTable *table, const MariaRemoteIndex *index)
{
	ListCell   *lc;

	foreach(lc, table->remote->foreign_keys)
	{
		MariaRemoteForeignKey *key = lfirst(lc);

		if (strcmp(key->name, index->name) == 0)
			return true;
	}
	return false;
}

/* Returns an index's name: the declared one, Prisma's, or MariaDB's. */
static char *
index_name(DdlPlan *plan, MariaTargetTable *table, MariaTargetIndex *index)
{
	const MariaRemoteIndex *remote = index->remote;
	List	   *columns = part_names(index);
	char	   *name = maria_declared_index(plan, table, index);

	if (name)
		return name;
	if (!plan->is_prisma || columns == NIL)
		return remote->name;
	if (table->is_join)
		return maria_rename_default(remote->name, table->remote->name, NIL,
									"_B_index");
	return maria_rename_default(remote->name, table->remote->name, columns,
								index->is_unique ? "_key" : "_idx");
}

static void
note_index(DdlPlan *plan, const MariaTargetTable *table,
		   const MariaRemoteIndex *remote)
{
	MariaTargetObject object = maria_ddl_object(table, remote->name);

	if (remote->is_ignored)
		maria_ddl_note(plan, STEP_INDEX, NOTE_CHANGED, object,
					   "%s; PostgreSQL will use it",
					   table->remote->is_mysql ?
					   "this index is invisible in MySQL" :
					   "MariaDB ignores this index");
	if (strcmp(remote->method, "FULLTEXT") == 0)
		maria_ddl_note(plan, STEP_INDEX, NOTE_SEARCH, object,
					   "FULLTEXT index becomes a GIN index; rewrite MATCH ... AGAINST as to_tsvector('simple', ...) @@ websearch_to_tsquery('simple', ...), with the index's own expression on the left");
	if (strcmp(remote->method, "VECTOR") == 0)
		maria_ddl_note(plan, STEP_INDEX, NOTE_CHANGED, object, "%s",
					   maria_vector_index_note(remote));
	if (strcmp(remote->method, "HASH") == 0)
		maria_ddl_note(plan, STEP_INDEX, NOTE_LIMIT, object,
					   "values over about 2700 bytes in this key cannot be stored");
}

static void
plan_index(DdlPlan *plan, MariaTargetTable *table,
		   const MariaRemoteIndex *remote)
{
	const char *method = index_method(plan, table, remote);
	MariaTargetIndex *index;

	if (method == NULL)
		return;
	index = make_index(plan, table, remote, method);
	if (index == NULL)
		return;
	index->name = index_name(plan, table, index);
	if (plan->is_prisma && is_implicit(table, remote) &&
		!maria_declared_index(plan, table, index))
	{
		maria_ddl_note(plan, STEP_INDEX, NOTE_IMPLIED,
					   maria_ddl_object(table, remote->name),
					   "index that MariaDB created for the foreign key is skipped, because Prisma does not create one");
		return;
	}
	index->name = maria_relation_name(plan, maria_index_step(index), table,
									  index->name);
	note_index(plan, table, remote);
	table->indexes = lappend(table->indexes, index);
}

static bool
is_planned(const MariaTargetTable *table, const MariaRemoteIndex *remote)
{
	ListCell   *lc;

	foreach(lc, table->indexes)
	{
		if (((MariaTargetIndex *) lfirst(lc))->remote == remote)
			return true;
	}
	return false;
}

/* Plans the other indexes, after all primary keys have been named. */
void
maria_plan_indexes(DdlPlan *plan, MariaTargetTable *table)
{
	ListCell   *lc;

	foreach(lc, table->remote->indexes)
	{
		if (!is_primary(lfirst(lc)) && !is_planned(table, lfirst(lc)))
			plan_index(plan, table, lfirst(lc));
	}
}

static MariaTargetCheck *
add_check(MariaTargetTable *table, char *name, char *sql)
{
	MariaTargetCheck *check = palloc0(sizeof(MariaTargetCheck));

	check->name = name;
	check->sql = sql;
	check->is_enforced = true;
	table->checks = lappend(table->checks, check);
	return check;
}

static void
plan_check(DdlPlan *plan, MariaTargetTable *table,
		   const MariaRemoteCheck *remote)
{
	MariaScopeTable entry = {.prefix = "",.table = table};
	MariaScope	scope = {plan->target, list_make1(&entry)};
	MariaExpression *expr = maria_translate(remote->clause, &scope);
	const char *problem = expr->problem;
	MariaTargetCheck *check;

	if (problem == NULL && expr->class != CLASS_BOOLEAN &&
		!maria_is_numeric(expr->class))
		problem = "it is not a condition";
	if (problem == NULL && !remote->is_enforced && !MARIA_HAS_NOT_ENFORCED)
		problem = "NOT ENFORCED requires PostgreSQL 18";
	if (problem)
	{
		maria_ddl_note(plan, STEP_CHECK, NOTE_SKIPPED,
					   maria_ddl_object(table, remote->name),
					   "CHECK (%s) is not created: %s", remote->clause, problem);
		return;
	}
	check = add_check(table, remote->is_of_column ?
					  maria_prisma_name(table->name, list_make1(remote->name),
										"_check", NAMEDATALEN - 1) :
					  maria_fit_name(remote->name, ""),
					  expr->class == CLASS_BOOLEAN ? expr->sql :
					  psprintf("%s <> 0", maria_operand(expr)));
	check->is_enforced = remote->is_enforced;
}

/* Adds a check for the members of a set, as MariaDB's type has it. */
static void
check_set(MariaTargetTable *table, const MariaTargetColumn *column)
{
	List	   *labels = maria_parse_labels(column->remote->column_type);
	StringInfoData array;
	ListCell   *lc;

	initStringInfo(&array);
	foreach(lc, labels)
		appendStringInfo(&array, "%s%s", array.len ? ", " : "",
						 quote_literal_cstr(lfirst(lc)));
	add_check(table,
			  maria_prisma_name(table->name, list_make1(column->name),
								"_check", NAMEDATALEN - 1),
			  psprintf("%s <@ ARRAY[%s]::text[]",
					   quote_identifier(column->name), array.data));
}

/* Notes a restriction of MariaDB's type that text does not have. */
static void
note_unchecked(DdlPlan *plan, const MariaTargetTable *table,
			   const MariaTargetColumn *column)
{
	bool		is_set = strcmp(column->remote->data_type, "set") == 0;

	if (strcmp(column->type, "text") != 0 ||
		(!is_set && !column->remote->is_json))
		return;
	maria_ddl_note(plan, STEP_CHECK, NOTE_UNCHECKED,
				   maria_ddl_object(table, column->name),
				   is_set ? "values are not checked to be members of the set" :
				   "values are not checked to be valid JSON");
}

void
maria_plan_checks(DdlPlan *plan, MariaTargetTable *table)
{
	ListCell   *lc;

	foreach(lc, table->remote->checks)
		plan_check(plan, table, lfirst(lc));
	foreach(lc, table->columns)
	{
		MariaTargetColumn *column = lfirst(lc);

		if (strcmp(column->type, "text[]") == 0 &&
			strchr(column->remote->column_type, '?') == NULL)
			check_set(table, column);
		note_unchecked(plan, table, column);
	}
}
