/*
 * What happens to a row that cannot be stored?
 *
 * It is written to mariadb.reject with the value in question, the error, and
 * the condition that finds the row in MariaDB again.
 */
#include "postgres.h"

#include "access/xact.h"
#include "catalog/pg_type.h"
#include "executor/spi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/lsyscache.h"

#include "transfer/transfer.h"

/* Counts the rejected rows of a run, of all its workers; or none. */
static pg_atomic_uint64 *run_counter = NULL;

/* Shares the count of rejects with other processes from now on. */
void
maria_count_rejects(pg_atomic_uint64 *counter)
{
	run_counter = counter;
}

/* Returns a value as text, or as hexadecimal digits where it is none. */
static char *
value_text(const MariaField *field, const MariaValue *value, bool *is_hex)
{
	char	   *text = maria_value_text(field, value->data, value->len);
	char	   *local;

	*is_hex = field->type == MARIA_BYTES;
	if (*is_hex)
		return text + 2;		/* without \x */
	if (memchr(text, '\0', field->width ? strlen(text) : value->len) == NULL)
	{
		bool		whole;

		local = maria_to_local(text, strlen(text), &whole);
		if (whole)
			return local;
	}
	*is_hex = true;
	local = palloc(value->len * 2 + 1);
	local[hex_encode((const char *) value->data, value->len, local)] = '\0';
	return local;
}

/* Returns the primary key as an object of texts, or NULL. */
static char *
key_object(MariaReader *reader)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < reader->ncolumns; i++)
	{
		MariaColumn *col = &reader->columns[i];
		bool		is_hex;

		if (col->key == 0 || reader->result->row[i].data == NULL)
			continue;
		appendStringInfoString(&buf, buf.len ? ", " : "{");
		escape_json(&buf, col->name);
		appendStringInfoString(&buf, ": ");
		escape_json(&buf, value_text(col->field, &reader->result->row[i],
									 &is_hex));
	}
	if (buf.len)
		appendStringInfoChar(&buf, '}');
	return buf.len ? buf.data : NULL;
}

/* Returns MariaDB's condition that finds the row by its key, or NULL. */
static char *
key_condition(MariaReader *reader)
{
	StringInfoData buf;

	initStringInfo(&buf);
	for (int i = 0; i < reader->ncolumns; i++)
	{
		MariaField *field = &reader->result->fields[i];
		MariaValue *value = &reader->result->row[i];

		if (reader->columns[i].key == 0 || value->data == NULL)
			continue;

		/*
		 * A time that exists twice in a zone would find another row, or none.
		 */
		if (field->type == MARIA_TIMESTAMP && !field->zone_known)
			return NULL;
		appendStringInfo(&buf, "%s%s = ", buf.len ? " AND " : "",
						 maria_quote_identifier(field->name));
		maria_append_remote_literal(&buf, field, value->data, value->len);
	}
	return buf.len ? buf.data : NULL;
}

/* Notes the key of the current row, in the current memory context. */
void
maria_note_key(const MariaCopy *copy, MariaRejected *rejected,
			   MariaReader *reader)
{
	rejected->key = key_object(reader);
	rejected->condition = copy->has_key ? key_condition(reader) : NULL;
}

/* The column that an error is about: -1 if it is about the row. */
static int
column_in_question(MariaReader *reader, const ErrorData *error)
{
	if (reader->current)
		return reader->current - reader->columns;
	for (int i = 0; error->column_name && i < reader->ncolumns; i++)
		if (strcmp(reader->columns[i].name, error->column_name) == 0)
			return i;
	return -1;
}

/* Notes the value of the current row that an error is about. */
void
maria_note_value(MariaRejected *rejected, MariaReader *reader,
				 const ErrorData *error)
{
	int			i = column_in_question(reader, error);

	if (i < 0)
		return;
	rejected->column = reader->columns[i].name;
	if (reader->result->row[i].data)
		rejected->value = value_text(reader->columns[i].field,
									 &reader->result->row[i],
									 &rejected->is_hex);
}

static char *
relation_text(Oid relid)
{
	return quote_qualified_identifier(get_namespace_name(get_rel_namespace(relid)),
									  get_rel_name(relid));
}

/* Raises an error if more rows are rejected than allowed. */
static void
check_limit(MariaCopy *copy, const ErrorData *error)
{
	int64		count = copy->rejected_before + copy->rejected;

	if (run_counter)
		count = pg_atomic_add_fetch_u64(run_counter, 1);
	if (copy->reject_limit < 0 || count <= copy->reject_limit)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_DATA_EXCEPTION),
			 errmsg("more than " INT64_FORMAT " rows had to be rejected",
					copy->reject_limit),
			 errdetail("The last error was: %s", error->message),
			 error->context ? errcontext("%s", error->context) : 0));
}

typedef enum RejectColumn
{
	REJECT_RUN,
	REJECT_TABLE,
	REJECT_TARGET,
	REJECT_CHUNK,
	REJECT_KEY,
	REJECT_CONDITION,
	REJECT_COLUMN,
	REJECT_VALUE,
	REJECT_IS_HEX,
	REJECT_ERROR,
	REJECT_SQLSTATE,
	REJECT_COLUMNS
} RejectColumn;

static void
insert_reject(Datum *values, const char *nulls)
{
	static const char sql[] =
	"INSERT INTO mariadb.reject (run, table_name, target, chunk, key,"
	" condition, column_name, value, is_hex, error, sqlstate)"
	" VALUES ($1, $2, $3, $4, $5::pg_catalog.jsonb, $6, $7, $8, $9, $10, $11)";
	Oid			types[REJECT_COLUMNS] = {INT8OID, TEXTOID, TEXTOID, INT4OID,
	TEXTOID, TEXTOID, TEXTOID, TEXTOID, BOOLOID, TEXTOID, TEXTOID};

	SPI_connect();
	if (SPI_execute_with_args(sql, REJECT_COLUMNS, types, values, nulls,
							  false, 0) != SPI_OK_INSERT)
		elog(ERROR, "could not keep a rejected row");	/* cannot happen */
	SPI_finish();
}

static void
set_text(Datum *values, char *nulls, RejectColumn column, const char *text)
{
	if (text == NULL)
		return;
	nulls[column] = ' ';
	values[column] = CStringGetTextDatum(text);
}

/* Keeps a rejected row and its error. */
void
maria_reject_row(MariaCopy *copy, const MariaRejected *rejected,
				 const ErrorData *error)
{
	Datum		values[REJECT_COLUMNS] = {0};
	char		nulls[REJECT_COLUMNS];

	memset(nulls, 'n', sizeof(nulls));
	if (copy->run)
	{
		nulls[REJECT_RUN] = nulls[REJECT_CHUNK] = ' ';
		values[REJECT_RUN] = Int64GetDatum(copy->run);
		values[REJECT_CHUNK] = Int32GetDatum(copy->chunk);
	}
	nulls[REJECT_IS_HEX] = ' ';
	values[REJECT_IS_HEX] = BoolGetDatum(rejected->is_hex);
	set_text(values, nulls, REJECT_TABLE, copy->table_name);
	set_text(values, nulls, REJECT_TARGET, relation_text(copy->target));
	set_text(values, nulls, REJECT_KEY, rejected->key);
	set_text(values, nulls, REJECT_CONDITION, rejected->condition);
	set_text(values, nulls, REJECT_COLUMN, rejected->column);
	set_text(values, nulls, REJECT_VALUE, rejected->value);
	set_text(values, nulls, REJECT_ERROR, error->message);
	set_text(values, nulls, REJECT_SQLSTATE,
			 unpack_sql_state(error->sqlerrcode));
	insert_reject(values, nulls);
	copy->rejected++;
	check_limit(copy, error);
}
