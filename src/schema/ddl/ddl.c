/*
 * Which statements create a MariaDB schema in PostgreSQL?
 *
 * The SQL function ddl: a plan of the target, written step by step.  Nothing
 * is run, and whatever is skipped or was decided is a row as well.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "schema/ddl/ddl.h"
#include "session/session.h"
#include "session/srf.h"

PG_FUNCTION_INFO_V1(mariadb_ddl);
PG_FUNCTION_INFO_V1(mariadb_step);

typedef struct Writer Writer;

typedef struct Step
{
	DdlStep		number;
	const char *kind;			/* as the tasks of migrate call it */
	const char *phase;
	void		(*write) (Writer *writer);	/* NULL = only for migrate */
} Step;

/*
 * The columns of ddl, and those that only migrate reads: what a statement
 * creates, under which local name, on which table and columns, and which enum
 * types it uses.
 */
typedef enum RowColumn
{
	ROW_STEP,
	ROW_KIND,
	ROW_OBJECT,
	ROW_STATEMENT,
	ROW_NOTE,
	ROW_TABLE_NAME,
	ROW_PHASE,
	ROW_NOTE_KIND,
	ROW_CREATES,
	ROW_LOCAL_NAME,
	ROW_ON_TABLE,
	ROW_COLUMNS,
	ROW_TYPES,
	ROW_NCOLUMNS
} RowColumn;

/* The object that a statement creates, by its local name. */
typedef struct CreatedObject
{
	const char *class;			/* type, sequence, table ..., or NULL */
	const char *name;
	const char *on_table;
	List	   *columns;		/* names; NIL = not only columns */
	List	   *types;			/* names */
} CreatedObject;

typedef struct Row
{
	const char *kind;
	MariaTargetObject object;
	const char *statement;
	const MariaTargetNote *note;
	CreatedObject created;
} Row;

/* The destination of the rows. */
struct Writer
{
	const MariaTarget *target;
	Tuplestorestate *rows;
	TupleDesc	desc;
	const Step *step;
};

static Datum
names_or_null(List *names, bool *isnull)
{
	*isnull = names == NIL;
	return names ? PointerGetDatum(maria_text_array(names)) : (Datum) 0;
}

/* Writes a row, with as many columns as the function has, if it is wanted. */
static void
put_row(Writer *writer, const Row *row)
{
	Datum		values[ROW_NCOLUMNS];
	bool		nulls[ROW_NCOLUMNS] = {false};
	const MariaTargetNote *note = row->note;
	const char *texts[] = {
		[ROW_KIND] = row->kind,
		[ROW_OBJECT] = row->object.name,
		[ROW_STATEMENT] = row->statement,
		[ROW_NOTE] = note ? note->text : NULL,
		[ROW_TABLE_NAME] = row->object.table ? row->object.table->name : NULL,
		[ROW_PHASE] = writer->step->phase,
		[ROW_NOTE_KIND] = note ? maria_note_rule(note->kind)->name : NULL,
		[ROW_CREATES] = row->created.class,
		[ROW_LOCAL_NAME] = row->created.name,
		[ROW_ON_TABLE] = row->created.on_table,
	};

	if (!maria_is_wanted(&row->object))
		return;
	values[ROW_STEP] = Int32GetDatum(writer->step->number);
	for (int i = ROW_KIND; i <= ROW_ON_TABLE; i++)
		values[i] = maria_text_or_null(texts[i], &nulls[i]);
	values[ROW_COLUMNS] = names_or_null(row->created.columns, &nulls[ROW_COLUMNS]);
	values[ROW_TYPES] = names_or_null(row->created.types, &nulls[ROW_TYPES]);
	tuplestore_putvalues(writer->rows, writer->desc, values, nulls);
}

static void
put_statement(Writer *writer, const char *kind, MariaTargetObject object,
			  CreatedObject created, const char *statement)
{
	Row			row = {
		.kind = kind,.object = object,.statement = statement,.created = created
	};

	put_row(writer, &row);
}

static CreatedObject
created_object(const char *class, const char *name, const char *on_table)
{
	CreatedObject created = {.class = class,.name = name,.on_table = on_table};

	return created;
}

static char *
qualified(const Writer *writer, const char *name)
{
	return quote_qualified_identifier(writer->target->schema, name);
}

/* Returns a list of columns as (a, b). */
static char *
column_list(List *columns)
{
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	foreach(lc, columns)
		appendStringInfo(&buf, "%s%s", buf.len ? ", " : "(",
						 quote_identifier(((MariaTargetColumn *) lfirst(lc))->name));
	appendStringInfoChar(&buf, ')');
	return buf.data;
}

static void
write_enums(Writer *writer)
{
	ListCell   *lc;

	foreach(lc, writer->target->enums)
	{
		MariaTargetEnum *type = lfirst(lc);
		StringInfoData sql;
		ListCell   *label;

		if (type->exists)
			continue;
		initStringInfo(&sql);
		foreach(label, type->labels)
			appendStringInfo(&sql, "%s%s", sql.len ? ", " : "",
							 quote_literal_cstr(lfirst(label)));
		put_statement(writer, "enum", maria_type_object(type, type->name),
					  created_object("type", type->name, NULL),
					  psprintf("CREATE TYPE %s AS ENUM (%s)",
							   type->type, sql.data));
	}
}

static void
write_sequence(Writer *writer, const MariaRemoteSequence *sequence)
{
	char	   *name = maria_fit_name(sequence->name, "");

	put_statement(writer, "sequence", maria_sequence_object(sequence),
				  created_object("sequence", name, NULL),
				  psprintf("CREATE SEQUENCE %s AS bigint INCREMENT BY %s MINVALUE %s MAXVALUE %s START WITH %s CACHE %s%s",
						   qualified(writer, name), sequence->increment,
						   sequence->minimum, sequence->maximum,
						   sequence->start, sequence->cache,
						   sequence->cycles ? " CYCLE" : " NO CYCLE"));
}

/* Writes the position of a sequence; one that is exhausted is at its end. */
static void
write_position(Writer *writer, const MariaRemoteSequence *sequence)
{
	char	   *name = maria_fit_name(sequence->name, "");
	const char *end = sequence->increment[0] == '-' ? sequence->minimum :
	sequence->maximum;

	if (strcmp(sequence->next, sequence->start) == 0)
		return;
	put_statement(writer, "sequence", maria_sequence_object(sequence),
				  created_object(NULL, name, NULL),
				  psprintf("SELECT pg_catalog.setval(%s, %s, %s)",
						   quote_literal_cstr(qualified(writer, name)),
						   sequence->is_used_up ? end : sequence->next,
						   sequence->is_used_up ? "true" : "false"));
}

/* Calls a function for each column of all tables. */
static void
for_each_column(Writer *writer,
				void (*write) (Writer *writer, const MariaTargetTable *table,
							   const MariaTargetColumn *column))
{
	ListCell   *lt;
	ListCell   *lc;

	foreach(lt, writer->target->tables)
	{
		MariaTargetTable *table = lfirst(lt);

		foreach(lc, table->columns)
			write(writer, table, lfirst(lc));
	}
}

static MariaTargetObject
own_sequence(const MariaTargetTable *table, const MariaTargetColumn *column)
{
	MariaTargetObject object = maria_ddl_object(table, NULL);

	object.name = column->sequence;
	return object;
}

static void
write_column_sequence(Writer *writer, const MariaTargetTable *table,
					  const MariaTargetColumn *column)
{
	if (column->sequence == NULL)
		return;
	put_statement(writer, "sequence", own_sequence(table, column),
				  created_object("sequence", column->sequence, NULL),
				  psprintf("CREATE SEQUENCE %s",
						   qualified(writer, column->sequence)));
}

static void
write_column_owner(Writer *writer, const MariaTargetTable *table,
				   const MariaTargetColumn *column)
{
	if (column->sequence == NULL)
		return;
	put_statement(writer, "sequence", own_sequence(table, column),
				  created_object(NULL, column->sequence, table->name),
				  psprintf("ALTER SEQUENCE %s OWNED BY %s.%s",
						   qualified(writer, column->sequence),
						   qualified(writer, table->name),
						   quote_identifier(column->name)));
}

static void
write_sequences(Writer *writer)
{
	ListCell   *lc;

	foreach(lc, writer->target->sequences)
	{
		write_sequence(writer, lfirst(lc));
		write_position(writer, lfirst(lc));
	}
	for_each_column(writer, write_column_sequence);
}

static const char *
serial_type(const char *type)
{
	return strcmp(type, "bigint") == 0 ? "bigserial" :
		strcmp(type, "smallint") == 0 ? "smallserial" : "serial";
}

static char *
column_definition(const Writer *writer, const MariaTargetColumn *column)
{
	bool		is_counter = column->is_counter && !column->sequence;
	StringInfoData sql;

	initStringInfo(&sql);
	appendStringInfo(&sql, "%s %s", quote_identifier(column->name),
					 is_counter && !writer->target->has_identity ?
					 serial_type(column->type) : column->type);
	if (is_counter && writer->target->has_identity)
		appendStringInfoString(&sql, " GENERATED BY DEFAULT AS IDENTITY");
	if (column->generation)
		appendStringInfo(&sql, " GENERATED ALWAYS AS (%s) STORED",
						 column->generation);
	if (column->default_sql)
		appendStringInfo(&sql, " DEFAULT %s", column->default_sql);
	if (column->not_null)
		appendStringInfoString(&sql, " NOT NULL");
	return sql.data;
}

static void
write_partitions(Writer *writer, const MariaTargetTable *table)
{
	ListCell   *lc;

	foreach(lc, table->partitions)
	{
		MariaTargetPartition *partition = lfirst(lc);

		put_statement(writer, "partition", maria_ddl_object(table, partition->name),
					  created_object("table", partition->name, table->name),
					  psprintf("CREATE TABLE %s PARTITION OF %s %s",
							   qualified(writer, partition->name),
							   qualified(writer, table->name),
							   partition->bounds));
	}
}

/* Returns the names of the enum types that a table's columns use. */
static List *
types_of(const MariaTargetTable *table)
{
	List	   *names = NIL;
	ListCell   *lc;

	foreach(lc, table->columns)
	{
		MariaTargetColumn *column = lfirst(lc);

		if (column->enum_type && !maria_is_in(column->enum_type->name, names))
			names = lappend(names, column->enum_type->name);
	}
	return names;
}

static void
write_tables(Writer *writer)
{
	ListCell   *lt;
	ListCell   *lc;

	foreach(lt, writer->target->tables)
	{
		MariaTargetTable *table = lfirst(lt);
		CreatedObject created = created_object("table", table->name, NULL);
		StringInfoData sql;

		created.types = types_of(table);
		initStringInfo(&sql);
		foreach(lc, table->columns)
			appendStringInfo(&sql, "%s\n    %s", sql.len ? "," : "",
							 column_definition(writer, lfirst(lc)));
		put_statement(writer, "table", maria_ddl_object(table, NULL),
					  created,
					  psprintf("CREATE TABLE %s (%s\n)%s%s",
							   qualified(writer, table->name), sql.data,
							   table->partition_by ? " PARTITION BY " : "",
							   table->partition_by ? table->partition_by : ""));
		write_partitions(writer, table);
	}
}

/*
 * Returns a part of an index: a column, a prefix of its values, or an
 * expression.
 */
static char *
key_part(const MariaTargetKeyPart *part)
{
	const char *order = part->descending ? " DESC" : "";
	const char *name;

	if (part->sql)
		return psprintf("(%s)%s", part->sql, order);
	name = quote_identifier(part->column->name);
	if (part->prefix == 0)
		return psprintf("%s%s", name, order);
	if (strcmp(part->column->type, "bytea") == 0)
		return psprintf("substring(%s, 1, %d)%s", name, part->prefix, order);
	return psprintf("\"left\"(%s, %d)%s", name, part->prefix, order);
}

/* Returns the expression that replaces the columns of a FULLTEXT index. */
static char *
search_expression(List *parts)
{
	StringInfoData sql;
	ListCell   *lc;

	initStringInfo(&sql);
	foreach(lc, parts)
	{
		MariaTargetKeyPart *part = lfirst(lc);

		appendStringInfo(&sql, "%sCOALESCE(%s, '')",
						 sql.len ? " || ' ' || " : "",
						 quote_identifier(part->column->name));
	}
	return psprintf("to_tsvector('simple', %s)", sql.data);
}

static char *
index_parts(const MariaTargetIndex *index)
{
	StringInfoData sql;
	ListCell   *lc;

	if (strcmp(index->method, "gin") == 0)
		return search_expression(index->parts);
	if (strcmp(index->method, "hnsw") == 0)
		return maria_vector_operator_class(index);
	initStringInfo(&sql);
	foreach(lc, index->parts)
		appendStringInfo(&sql, "%s%s", sql.len ? ", " : "",
						 key_part(lfirst(lc)));
	return sql.data;
}

static char *
index_statement(const Writer *writer, const MariaTargetTable *table,
				const MariaTargetIndex *index)
{
	if (index->is_primary)
		return psprintf("ALTER TABLE %s ADD CONSTRAINT %s PRIMARY KEY (%s)",
						qualified(writer, table->name),
						quote_identifier(index->name), index_parts(index));
	return psprintf("CREATE %sINDEX %s ON %s%s%s (%s)%s",
					index->is_unique ? "UNIQUE " : "",
					quote_identifier(index->name),
					qualified(writer, table->name),
					strcmp(index->method, "btree") == 0 ? "" : " USING ",
					strcmp(index->method, "btree") == 0 ? "" : index->method,
					index_parts(index),
					strcmp(index->method, "hnsw") == 0
					? maria_vector_index_options(index) : "");
}

/* Returns the names of an index's columns; NIL if it has other parts too. */
static List *
index_columns(const MariaTargetIndex *index)
{
	List	   *names = NIL;
	ListCell   *lc;

	if (strcmp(index->method, "btree") != 0)
		return NIL;
	foreach(lc, index->parts)
	{
		MariaTargetKeyPart *part = lfirst(lc);

		if (part->sql || part->prefix > 0 || part->descending)
			return NIL;
		names = lappend(names, part->column->name);
	}
	return names;
}

static void
write_index(Writer *writer, const MariaTargetTable *table,
			const MariaTargetIndex *index)
{
	CreatedObject created = created_object(index->is_primary ? "constraint" : "index",
										   index->name, table->name);

	created.columns = index_columns(index);
	put_statement(writer, writer->step->kind, maria_ddl_object(table, index->name),
				  created,
				  index_statement(writer, table, index));
}

static void
write_indexes(Writer *writer)
{
	ListCell   *lt;
	ListCell   *lc;

	foreach(lt, writer->target->tables)
	{
		MariaTargetTable *table = lfirst(lt);

		foreach(lc, table->indexes)
		{
			MariaTargetIndex *index = lfirst(lc);

			if (maria_index_step(index) == writer->step->number)
				write_index(writer, table, index);
		}
	}
}

static void
write_checks(Writer *writer)
{
	ListCell   *lt;
	ListCell   *lc;

	foreach(lt, writer->target->tables)
	{
		MariaTargetTable *table = lfirst(lt);

		foreach(lc, table->checks)
		{
			MariaTargetCheck *check = lfirst(lc);

			put_statement(writer, "check", maria_ddl_object(table, check->name),
						  created_object("constraint", check->name, table->name),
						  psprintf("ALTER TABLE %s ADD CONSTRAINT %s CHECK (%s)%s",
								   qualified(writer, table->name),
								   quote_identifier(check->name), check->sql,
								   check->is_enforced ? "" : " NOT ENFORCED"));
		}
	}
}

static void
write_foreign_key(Writer *writer, const MariaTargetTable *table,
				  const MariaTargetForeignKey *key)
{
	put_statement(writer, "foreign key", maria_ddl_object(table, key->name),
				  created_object("constraint", key->name, table->name),
				  psprintf("ALTER TABLE %s ADD CONSTRAINT %s FOREIGN KEY %s REFERENCES %s %s ON DELETE %s ON UPDATE %s",
						   qualified(writer, table->name),
						   quote_identifier(key->name),
						   column_list(key->columns),
						   qualified(writer, key->ref_table->name),
						   column_list(key->ref_columns), key->on_delete,
						   key->on_update));
}

static void
write_foreign_keys(Writer *writer)
{
	ListCell   *lt;
	ListCell   *lc;

	foreach(lt, writer->target->tables)
	{
		MariaTargetTable *table = lfirst(lt);

		foreach(lc, table->foreign_keys)
			write_foreign_key(writer, table, lfirst(lc));
	}
}

static void
write_owners(Writer *writer)
{
	for_each_column(writer, write_column_owner);
}

static void
write_trigger(Writer *writer, const MariaTargetTable *table)
{
	char	   *body = maria_touch_body(table);
	char	   *name = maria_fit_name(table->name, "_on_update");

	if (body == NULL)
		return;
	put_statement(writer, "trigger", maria_ddl_object(table, NULL),
				  created_object("function", name, table->name),
				  psprintf("CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS %s",
						   qualified(writer, name),
						   quote_literal_cstr(body)));
	put_statement(writer, "trigger", maria_ddl_object(table, NULL),
				  created_object("trigger", name, table->name),
				  psprintf("CREATE TRIGGER %s BEFORE UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION %s()",
						   quote_identifier(name),
						   qualified(writer, table->name),
						   qualified(writer, name)));
}

static void
write_triggers(Writer *writer)
{
	ListCell   *lc;

	foreach(lc, writer->target->tables)
		write_trigger(writer, lfirst(lc));
}

static MariaTargetObject
object_of_view(const MariaTargetView *view)
{
	MariaTargetObject object = {
		.name = view->name,.table = view->remote,
		.is_wanted = view->remote ? &view->remote->is_wanted : NULL
	};

	return object;
}

static void
write_views(Writer *writer)
{
	ListCell   *lc;

	foreach(lc, writer->target->views)
	{
		MariaTargetView *view = lfirst(lc);

		put_statement(writer, "view", object_of_view(view),
					  created_object("view", view->name, NULL),
					  psprintf("CREATE VIEW %s AS %s",
							   qualified(writer, view->name), view->sql));
	}
}

static void
put_comment(Writer *writer, const MariaTargetTable *table, const char *part,
			const char *what, const char *comment)
{
	if (comment && *comment)
		put_statement(writer, "comment", maria_ddl_object(table, part),
					  created_object(NULL, NULL, table->name),
					  psprintf("COMMENT ON %s IS %s",
							   what, quote_literal_cstr(comment)));
}

static void
write_table_comments(Writer *writer, const MariaTargetTable *table)
{
	char	   *name = qualified(writer, table->name);
	ListCell   *lc;

	put_comment(writer, table, NULL, psprintf("TABLE %s", name),
				table->remote->comment);
	foreach(lc, table->columns)
	{
		MariaTargetColumn *column = lfirst(lc);

		put_comment(writer, table, column->name,
					psprintf("COLUMN %s.%s", name,
							 quote_identifier(column->name)),
					column->remote->comment);
	}
	foreach(lc, table->indexes)
	{
		MariaTargetIndex *index = lfirst(lc);

		put_comment(writer, table, index->name,
					psprintf("INDEX %s", qualified(writer, index->name)),
					index->remote->comment);
	}
}

static void
write_comments(Writer *writer)
{
	ListCell   *lc;

	if (!writer->target->has_comments)
		return;
	foreach(lc, writer->target->tables)
		write_table_comments(writer, lfirst(lc));
}

static void
write_notes(Writer *writer)
{
	ListCell   *lc;

	foreach(lc, writer->target->notes)
	{
		MariaTargetNote *note = lfirst(lc);
		Row			row = {.kind = "note",.object = note->object,.note = note};

		if (note->step == (int) writer->step->number)
			put_row(writer, &row);
	}
}

/* Phases of a migration: each must be complete before the next begins. */
#define BEFORE_ROWS "before rows"
#define AFTER_ROWS "after rows" /* of the table */
#define REFERENCES "references" /* after the rows and keys of all tables */
#define LAST "last"

static const Step steps[] = {
	{STEP_ENUM, "enum", BEFORE_ROWS, write_enums},
	{STEP_SEQUENCE, "sequence", BEFORE_ROWS, write_sequences},
	{STEP_TABLE, "table", BEFORE_ROWS, write_tables},
	{STEP_PRIMARY_KEY, "primary key", AFTER_ROWS, write_indexes},
	{STEP_UNIQUE, "unique index", AFTER_ROWS, write_indexes},
	{STEP_INDEX, "index", AFTER_ROWS, write_indexes},
	{STEP_CHECK, "check", AFTER_ROWS, write_checks},
	{STEP_STATISTICS, "statistics", AFTER_ROWS},
	{STEP_FOREIGN_KEY, "foreign key", REFERENCES, write_foreign_keys},
	{STEP_CHECK_OF_FOREIGN_KEY, "check of foreign key", REFERENCES},
	{STEP_COMPARISON, "comparison", REFERENCES},
	{STEP_OWNER, "owner", LAST, write_owners},
	{STEP_TRIGGER, "trigger", LAST, write_triggers},
	{STEP_VIEW, "view", LAST, write_views},
	{STEP_COMMENT, "comment", LAST, write_comments},
};

Datum
mariadb_ddl(PG_FUNCTION_ARGS)
{
	Writer		writer = {0};

	maria_require_arguments(fcinfo, 0);
	maria_local_schema(text_to_cstring(PG_GETARG_TEXT_PP(2)), true);
	writer.rows = maria_srf_begin(fcinfo, &writer.desc);
	Assert(writer.desc->natts <= ROW_NCOLUMNS);
	writer.target = maria_plan_target(NameStr(*PG_GETARG_NAME(0)),
									  text_to_cstring(PG_GETARG_TEXT_PP(1)),
									  text_to_cstring(PG_GETARG_TEXT_PP(2)),
									  PG_GETARG_DATUM(3));
	for (size_t i = 0; i < lengthof(steps); i++)
	{
		writer.step = &steps[i];
		if (steps[i].write)
			steps[i].write(&writer);
		write_notes(&writer);
	}
	return (Datum) 0;
}

/* Returns the number of a step, for the tasks of mariadb.migrate. */
Datum
mariadb_step(PG_FUNCTION_ARGS)
{
	char	   *kind;

	maria_require_arguments(fcinfo, 0);
	kind = text_to_cstring(PG_GETARG_TEXT_PP(0));
	for (size_t i = 0; i < lengthof(steps); i++)
		if (strcmp(steps[i].kind, kind) == 0)
			PG_RETURN_INT32(steps[i].number);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("step \"%s\" does not exist", kind)));
}
