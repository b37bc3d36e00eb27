/*
 * Which columns of a remote and a local table correspond, and how are they
 * read on each side?
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "lib/stringinfo.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"

#include "catalog/listed.h"
#include "verify/pair.h"

static AttrNumber
find_attribute(Relation relation, const char *name)
{
	TupleDesc	desc = RelationGetDescr(relation);

	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute att = TupleDescAttr(desc, i);

		if (!att->attisdropped && strcmp(NameStr(att->attname), name) == 0)
			return att->attnum;
	}
	return InvalidAttrNumber;
}

static int
count_attributes(Relation relation)
{
	TupleDesc	desc = RelationGetDescr(relation);
	int			count = 0;

	for (int i = 0; i < desc->natts; i++)
		count += !TupleDescAttr(desc, i)->attisdropped;
	return count;
}

/* Finds the columns of both sides by name. */
void
maria_match_columns(MariaTablePair *pair)
{
	List	   *remote_names = NIL;
	List	   *local_names;
	ListCell   *lc;
	ListCell   *local;
	ListCell   *name;

	foreach(lc, pair->remote->columns)
		remote_names = lappend(remote_names,
							   ((MariaRemoteColumn *) lfirst(lc))->name);
	local_names = maria_local_names(remote_names, true);
	Assert(list_length(local_names) == list_length(remote_names));
	Assert(list_length(local_names) == list_length(pair->remote->columns));
	forthree(lc, pair->remote->columns, local, local_names, name, remote_names)
	{
		AttrNumber	attnum = find_attribute(pair->local, lfirst(local));

		if (attnum == InvalidAttrNumber)
			continue;
		pair->attnums = lappend_int(pair->attnums, attnum);
		pair->names = lappend(pair->names, lfirst(name));
		pair->columns = lappend(pair->columns, lfirst(lc));
	}
	pair->same_columns =
		list_length(pair->attnums) == list_length(pair->remote->columns) &&
		list_length(pair->attnums) == count_attributes(pair->local);
}

/*
 * Prepares the common columns for the digest, in their order.  Their values
 * are found by position, as returned by a query, or by attribute.  There is
 * room for one more column.
 */
MariaDigestColumn *
maria_digest_columns(MariaTablePair *pair, bool by_position)
{
	MariaDigestColumn *columns = palloc(sizeof(MariaDigestColumn) *
										(list_length(pair->attnums) + 1));
	int			i = 0;
	ListCell   *lc;

	foreach(lc, pair->attnums)
	{
		Form_pg_attribute att = TupleDescAttr(RelationGetDescr(pair->local),
											  lfirst_int(lc) - 1);

		maria_digest_column(&columns[i], att,
							by_position ? i : att->attnum - 1);
		i++;
	}
	return columns;
}

/* Returns MariaDB's name of the table, qualified and quoted. */
char *
maria_remote_name(const MariaTablePair *pair)
{
	return psprintf("%s.%s", maria_quote_identifier(pair->schema),
					maria_quote_identifier(pair->remote->name));
}

/* Returns the local table's name, qualified and quoted. */
char *
maria_local_name(const MariaTablePair *pair)
{
	return quote_qualified_identifier(get_namespace_name(RelationGetNamespace(pair->local)),
									  RelationGetRelationName(pair->local));
}

/* Returns the common columns as a list in MariaDB's SQL, or NULL for none. */
char *
maria_remote_columns(const MariaTablePair *pair)
{
	StringInfoData buf;
	ListCell   *lc;

	initStringInfo(&buf);
	foreach(lc, pair->names)
		appendStringInfo(&buf, "%s%s", buf.len ? ", " : "",
						 maria_quote_identifier(lfirst(lc)));
	return buf.len ? buf.data : "NULL";
}

/* Returns the remote SQL that reads the common columns of all rows. */
char *
maria_remote_select(const MariaTablePair *pair)
{
	return psprintf("SELECT %s FROM %s", maria_remote_columns(pair),
					maria_remote_name(pair));
}

/*
 * Returns the options under which a common column is decoded: the server's,
 * with what only the catalog shows.
 */
MariaOptions *
maria_pair_options(const MariaTablePair *pair, int column)
{
	const MariaRemoteColumn *remote = list_nth(pair->columns, column);
	MariaOptions *opts = palloc(sizeof(MariaOptions));

	*opts = *pair->opts;
	opts->remote_type = remote->column_type;
	opts->key = remote->key;	/* so that an error names it */
	return opts;
}

/*
 * Prepares to decode the result of the remote SQL, each field to its
 * attribute.
 */
void
maria_pair_reader(MariaReader *reader, const MariaTablePair *pair,
				  MariaResult *result)
{
	int			ncolumns = list_length(pair->attnums);
	MariaOptions **opts = palloc(sizeof(MariaOptions *) * (ncolumns + 1));

	for (int i = 0; i < ncolumns; i++)
		opts[i] = maria_pair_options(pair, i);
	maria_reader_init(reader, result,
					  psprintf("%s table \"%s.%s\"",
							   maria_name_product(pair->remote->is_mysql, "MariaDB"),
							   pair->schema, pair->remote->name),
					  RelationGetDescr(pair->local), pair->attnums, opts);
}

/* Returns the local table of a name, or an invalid OID. */
Oid
maria_find_local_table(Oid namespace, const char *name)
{
	Oid			relid = get_relname_relid(name, namespace);
	char		kind;

	if (!OidIsValid(relid))
		return InvalidOid;
	kind = get_rel_relkind(relid);
	return kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE
		? relid : InvalidOid;
}

/*
 * Is a table to be compared?  With a list, those in it; otherwise all except
 * the one that each side has on its own.
 */
bool
maria_is_compared(const MariaRemoteTable *table, bool is_all, List *listed)
{
	if (!maria_holds_rows(table))
		return false;
	if (is_all)
		return !maria_is_migrations(table);
	return maria_is_in(table->name, listed);
}
