/*
 * How does a remote row become values of a row type?
 *
 * The loop that every row passes: no lookup, no string and no allocation for a
 * value; errors name table, column and row.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "utils/builtins.h"

#include "values/decoders.h"

/* Returns the fetched columns of the row's primary key, or NULL. */
static char *
shown_key(MariaReader *reader)
{
	StringInfoData names;
	StringInfoData values;

	initStringInfo(&names);
	initStringInfo(&values);
	for (int i = 0; i < reader->ncolumns; i++)
	{
		MariaColumn *col = &reader->columns[i];
		MariaValue *value = &reader->result->row[i];
		const char *separator = names.len ? ", " : "";

		if (col->key == 0 || value->data == NULL)
			continue;
		appendStringInfo(&names, "%s%s", separator, col->name);
		appendStringInfo(&values, "%s%s", separator,
						 maria_shown_value(col, value->data, value->len));
	}
	return names.len ? psprintf("(%s)=(%s)", names.data, values.data) : NULL;
}

/* Adds the location of a value to an error. */
static void
describe_value(void *arg)
{
	MariaReader *reader = arg;
	MariaColumn *col = reader->current;
	MariaValue *value = &reader->result->row[col - reader->columns];
	char	   *key = shown_key(reader);

	if (col->reports_value && value->data)
		errcontext("%s value %s", maria_typed(col->field),
				   maria_shown_value(col, value->data, value->len));
	errcontext("column \"%s\" of %s, row " UINT64_FORMAT "%s%s",
			   col->name, reader->relation, reader->result->row_number,
			   key ? ", key " : "", key ? key : "");
}

/*
 * Prepares reading: attnums lists the attribute of each field, and opts its
 * options.  Keeps the result, allocates in the current context.
 */
void
maria_reader_init(MariaReader *reader, MariaResult *result,
				  const char *relation, TupleDesc desc, List *attnums,
				  MariaOptions **opts)
{
	int			i = 0;
	ListCell   *lc;

	reader->relation = relation;
	reader->result = result;
	reader->ncolumns = list_length(attnums);
	if (result->nfields < reader->ncolumns)
		ereport(ERROR,
				(errcode(ERRCODE_FDW_ERROR),
				 errmsg("the server sent %d columns where %d are expected",
						result->nfields, reader->ncolumns)));
	reader->columns = palloc0(sizeof(MariaColumn) * Max(reader->ncolumns, 1));
	foreach(lc, attnums)
	{
		Form_pg_attribute att = TupleDescAttr(desc, lfirst_int(lc) - 1);

		Assert(lfirst_int(lc) > 0 && lfirst_int(lc) <= desc->natts);
		maria_column_init(&reader->columns[i], &result->fields[i], att,
						  opts[i]);
		i++;
	}
	reader->current = reader->columns;
}

/* Returns whether all decoders use only functions that we know. */
bool
maria_reader_is_pure(const MariaReader *reader)
{
	for (int i = 0; i < reader->ncolumns; i++)
		if (OidIsValid(reader->columns[i].input.fn_oid) ||
			OidIsValid(reader->columns[i].domain))
			return false;
	return true;
}

/* Decodes the current row into the columns' places; others are not touched. */
void
maria_reader_row(MariaReader *reader, Datum *values, bool *isnull)
{
	const MariaValue *row = reader->result->row;
	ErrorContextCallback context = {error_context_stack, describe_value, reader};

	Assert(reader->ncolumns <= reader->result->nfields);
	Assert(reader->ncolumns == 0 || row != NULL);
	error_context_stack = &context;
	for (int i = 0; i < reader->ncolumns; i++)
	{
		MariaColumn *col = &reader->columns[i];
		bool	   *null = &isnull[col->index];

		*null = row[i].data == NULL;
		reader->current = col;
		if (*null)
		{
			if (unlikely(OidIsValid(col->domain)))
				domain_check((Datum) 0, true, col->domain,
							 &col->domain_cache, col->context);
			continue;
		}
		values[col->index] = col->decode(col, row[i].data, row[i].len, null);
	}
	reader->current = NULL;		/* what follows is about the row */
	error_context_stack = context.previous;
}
