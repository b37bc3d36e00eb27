/*
 * Which statements make a MariaDB schema here?
 *
 * The SQL function ddl: a plan of the target, written down step by step.
 * Nothing is run, and whatever stays behind or was decided is a row too.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "schema/ddl/ddl.h"
#include "session/session.h"
#include "session/srf.h"

PG_FUNCTION_INFO_V1(mariadb_ddl);

/* Where the rows go. */
typedef struct Writer
{
	const MariaTarget *target;
	Tuplestorestate *rows;
	TupleDesc	desc;
	int			step;
} Writer;

static void
put_row(Writer *writer, const char *kind, const char *object,
		const char *statement, const char *note)
{
	Datum		values[5];
	bool		nulls[5] = {false, false, false, statement == NULL, note == NULL};

	values[0] = Int32GetDatum(writer->step);
	values[1] = CStringGetTextDatum(kind);
	values[2] = CStringGetTextDatum(object);
	values[3] = statement ? CStringGetTextDatum(statement) : (Datum) 0;
	values[4] = note ? CStringGetTextDatum(note) : (Datum) 0;
	tuplestore_putvalues(writer->rows, writer->desc, values, nulls);
}

static void
put_statement(Writer *writer, const char *kind, const char *object,
			  const char *statement)
{
	put_row(writer, kind, object, statement, NULL);
}

static char *
qualified(const Writer *writer, const char *name)
{
	return quote_qualified_identifier(writer->target->schema, name);
}

/* Returns (a, b) of a list of columns. */
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

		if (type->is_there)
			continue;
		initStringInfo(&sql);
		foreach(label, type->labels)
			appendStringInfo(&sql, "%s%s", sql.len ? ", " : "",
							 quote_literal_cstr(lfirst(label)));
		put_statement(writer, "enum", type->name,
					  psprintf("CREATE TYPE %s AS ENUM (%s)", type->type,
							   sql.data));
	}
}

static void
write_sequence(Writer *writer, const MariaRemoteSequence *sequence)
{
	put_statement(writer, "sequence", sequence->name,
				  psprintf("CREATE SEQUENCE %s AS bigint INCREMENT BY %s MINVALUE %s MAXVALUE %s START WITH %s CACHE %s%s",
						   qualified(writer, maria_fit_name(sequence->name, "")),
						   sequence->increment, sequence->minimum,
						   sequence->maximum, sequence->start, sequence->cache,
						   sequence->cycles ? " CYCLE" : " NO CYCLE"));
}

/* Says where a sequence stands; one that is used up stands at its end. */
static void
write_position(Writer *writer, const MariaRemoteSequence *sequence)
{
	char	   *name = qualified(writer, maria_fit_name(sequence->name, ""));
	const char *end = sequence->increment[0] == '-' ? sequence->minimum :
	sequence->maximum;

	if (strcmp(sequence->next, sequence->start) != 0)
		put_statement(writer, "sequence", sequence->name,
					  psprintf("SELECT pg_catalog.setval(%s, %s, %s)",
							   quote_literal_cstr(name),
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

static void
write_column_sequence(Writer *writer, const MariaTargetTable *table,
					  const MariaTargetColumn *column)
{
	if (column->sequence)
		put_statement(writer, "sequence", column->sequence,
					  psprintf("CREATE SEQUENCE %s",
							   qualified(writer, column->sequence)));
}

static void
write_column_owner(Writer *writer, const MariaTargetTable *table,
				   const MariaTargetColumn *column)
{
	if (column->sequence)
		put_statement(writer, "sequence", column->sequence,
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

		put_statement(writer, "partition",
					  maria_ddl_object(table->name, partition->name),
					  psprintf("CREATE TABLE %s PARTITION OF %s %s",
							   qualified(writer, partition->name),
							   qualified(writer, table->name),
							   partition->bounds));
	}
}

static void
write_tables(Writer *writer)
{
	ListCell   *lt;
	ListCell   *lc;

	foreach(lt, writer->target->tables)
	{
		MariaTargetTable *table = lfirst(lt);
		StringInfoData sql;

		initStringInfo(&sql);
		foreach(lc, table->columns)
			appendStringInfo(&sql, "%s\n    %s", sql.len ? "," : "",
							 column_definition(writer, lfirst(lc)));
		put_statement(writer, "table", table->name,
					  psprintf("CREATE TABLE %s (%s\n)%s%s",
							   qualified(writer, table->name), sql.data,
							   table->partition_by ? " PARTITION BY " : "",
							   table->partition_by ? table->partition_by : ""));
		write_partitions(writer, table);
	}
}

/*
 * Returns a part of an index: a column, the beginning of its values, or an
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

/* Returns the expression that a FULLTEXT index is on here. */
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

static int
index_step(const MariaTargetIndex *index)
{
	return index->is_primary ? STEP_PRIMARY_KEY :
		index->is_unique ? STEP_UNIQUE : STEP_INDEX;
}

static void
write_indexes(Writer *writer)
{
	const char *kind = writer->step == STEP_PRIMARY_KEY ? "primary key" :
	writer->step == STEP_UNIQUE ? "unique index" : "index";
	ListCell   *lt;
	ListCell   *lc;

	foreach(lt, writer->target->tables)
	{
		MariaTargetTable *table = lfirst(lt);

		foreach(lc, table->indexes)
		{
			MariaTargetIndex *index = lfirst(lc);

			if (index_step(index) == writer->step)
				put_statement(writer, kind,
							  maria_ddl_object(table->name, index->name),
							  index_statement(writer, table, index));
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

			put_statement(writer, "check",
						  maria_ddl_object(table->name, check->name),
						  psprintf("ALTER TABLE %s ADD CONSTRAINT %s CHECK (%s)%s",
								   qualified(writer, table->name),
								   quote_identifier(check->name), check->sql,
								   check->is_enforced ? "" : " NOT ENFORCED"));
		}
	}
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
		{
			MariaTargetForeignKey *key = lfirst(lc);

			put_statement(writer, "foreign key",
						  maria_ddl_object(table->name, key->name),
						  psprintf("ALTER TABLE %s ADD CONSTRAINT %s FOREIGN KEY %s REFERENCES %s %s ON DELETE %s ON UPDATE %s",
								   qualified(writer, table->name),
								   quote_identifier(key->name),
								   column_list(key->columns),
								   qualified(writer, key->ref_table->name),
								   column_list(key->ref_columns),
								   key->on_delete, key->on_update));
		}
	}
}

static void
write_owners(Writer *writer)
{
	for_each_column(writer, write_column_owner);
}

/* Has the type an operator = that is found under pg_catalog alone? */
static bool
is_comparable(const MariaTargetColumn *column)
{
	return column->enum_type ||
		(strcmp(column->type, "json") != 0 &&
		 strcmp(column->type, "xml") != 0 &&
		 strcmp(column->type, "citext") != 0 &&
		 strchr(column->type, '.') == NULL);
}

/* Returns NEW or OLD of all columns; a generated one is not made yet. */
static char *
row_values(const MariaTargetTable *table, const char *row)
{
	StringInfoData sql;
	ListCell   *lc;

	initStringInfo(&sql);
	foreach(lc, table->columns)
	{
		MariaTargetColumn *column = lfirst(lc);

		if (column->generation)
			continue;
		appendStringInfo(&sql, "%s%s.%s%s", sql.len ? ", " : "", row,
						 quote_identifier(column->name),
						 is_comparable(column) ? "" : "::text");
	}
	return psprintf("ROW(%s)", sql.data);
}

/* Returns what a trigger does for each column that it keeps. */
static char *
touches(const MariaTargetTable *table)
{
	StringInfoData sql;
	ListCell   *lc;

	initStringInfo(&sql);
	foreach(lc, table->columns)
	{
		MariaTargetColumn *column = lfirst(lc);
		const char *name = quote_identifier(column->name);

		if (column->is_touched)
			appendStringInfo(&sql,
							 "    IF NEW.%s IS NOT DISTINCT FROM OLD.%s THEN\n"
							 "      NEW.%s := CURRENT_TIMESTAMP;\n"
							 "    END IF;\n", name, name, name);
	}
	return sql.len ? sql.data : NULL;
}

/*
 * Writes ON UPDATE CURRENT_TIMESTAMP: like MariaDB it acts where a row
 * changes and the column is not given another value.
 */
static void
write_trigger(Writer *writer, const MariaTargetTable *table)
{
	char	   *actions = touches(table);
	char	   *name = maria_fit_name(table->name, "_on_update");
	StringInfoData body;

	if (actions == NULL)
		return;
	initStringInfo(&body);
	appendStringInfo(&body,
					 "\nBEGIN\n"
					 "  IF %s\n"
					 "    IS DISTINCT FROM %s THEN\n"
					 "%s"
					 "  END IF;\n"
					 "  RETURN NEW;\n"
					 "END\n", row_values(table, "NEW"),
					 row_values(table, "OLD"), actions);
	put_statement(writer, "trigger", table->name,
				  psprintf("CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS %s",
						   qualified(writer, name),
						   quote_literal_cstr(body.data)));
	put_statement(writer, "trigger", table->name,
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

static void
write_views(Writer *writer)
{
	ListCell   *lc;

	foreach(lc, writer->target->views)
	{
		MariaTargetView *view = lfirst(lc);

		put_statement(writer, "view", view->name,
					  psprintf("CREATE VIEW %s AS %s",
							   qualified(writer, view->name), view->sql));
	}
}

static void
put_comment(Writer *writer, const char *kind, const char *object,
			const char *name, const char *comment)
{
	if (comment && *comment)
		put_statement(writer, "comment", object,
					  psprintf("COMMENT ON %s %s IS %s", kind, name,
							   quote_literal_cstr(comment)));
}

static void
write_table_comments(Writer *writer, const MariaTargetTable *table)
{
	char	   *name = qualified(writer, table->name);
	ListCell   *lc;

	put_comment(writer, "TABLE", table->name, name, table->remote->comment);
	foreach(lc, table->columns)
	{
		MariaTargetColumn *column = lfirst(lc);

		put_comment(writer, "COLUMN",
					maria_ddl_object(table->name, column->name),
					psprintf("%s.%s", name, quote_identifier(column->name)),
					column->remote->comment);
	}
	foreach(lc, table->indexes)
	{
		MariaTargetIndex *index = lfirst(lc);

		put_comment(writer, "INDEX",
					maria_ddl_object(table->name, index->name),
					qualified(writer, index->name), index->remote->comment);
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

		if (note->step == writer->step)
			put_row(writer, "note", note->object, NULL, note->note);
	}
}

static const struct
{
	int			step;
	void		(*write) (Writer *writer);
}			steps[] = {
	{STEP_ENUM, write_enums},
	{STEP_SEQUENCE, write_sequences},
	{STEP_TABLE, write_tables},
	{STEP_PRIMARY_KEY, write_indexes},
	{STEP_UNIQUE, write_indexes},
	{STEP_INDEX, write_indexes},
	{STEP_CHECK, write_checks},
	{STEP_FOREIGN_KEY, write_foreign_keys},
	{STEP_OWNER, write_owners},
	{STEP_TRIGGER, write_triggers},
	{STEP_VIEW, write_views},
	{STEP_COMMENT, write_comments},
};

Datum
mariadb_ddl(PG_FUNCTION_ARGS)
{
	Writer		writer = {0};

	maria_require_arguments(fcinfo, 0);
	maria_local_schema(text_to_cstring(PG_GETARG_TEXT_PP(2)), true);
	writer.rows = maria_srf_begin(fcinfo, &writer.desc);
	writer.target = maria_plan_target(NameStr(*PG_GETARG_NAME(0)),
									  text_to_cstring(PG_GETARG_TEXT_PP(1)),
									  text_to_cstring(PG_GETARG_TEXT_PP(2)),
									  PG_GETARG_DATUM(3));
	for (size_t i = 0; i < lengthof(steps); i++)
	{
		writer.step = steps[i].step;
		steps[i].write(&writer);
		write_notes(&writer);
	}
	return (Datum) 0;
}
