/*
 * How does Prisma format a schema.prisma?
 *
 * Fields are aligned in columns down to the next empty line, attributes have
 * an order, block attributes come last.  What is written here is what
 * Prisma's own formatter leaves as it is.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/memutils.h"

#include "prisma/prisma.h"

/* How many times the text of aligned lines may grow, if they are many. */
#define MAX_PADDING 16
#define MAX_PADDED (64 * 1024)

#define MAX_CELLS 3
#define INDENT 2

/* A line; what stands in cells is aligned with the lines around it. */
typedef struct Row
{
	char	   *cells[MAX_CELLS];
	int			ncells;
	char	   *suffix;			/* a comment, or NULL */
} Row;

typedef struct Writer
{
	StringInfo	buf;
	int			indent;
	List	   *rows;			/* of Row: aligned with each other */
	List	   *comments;		/* those directly above the current item */
	List	   *tail[10];		/* attributes of each rank */
	bool		gap;			/* an empty line comes before the next row */
} Writer;

/* The order in which attributes are written; all others follow. */
static const char *const attribute_order[] = {
	"id", "unique", "default", "updatedAt", "index", "fulltext", "map",
	"relation", "ignore"
};

StaticAssertDecl(lengthof(attribute_order) + 1 == 10,
				 "a tail for each rank and one for the rest");

static size_t
rank_of(const char *name)
{
	size_t		rank = 0;

	while (rank < lengthof(attribute_order) &&
		   strcmp(attribute_order[rank], name) != 0)
		rank++;
	return rank;
}

static void write_value(StringInfo buf, const MariaPrismaValue *value);

static void
write_values(StringInfo buf, List *values)
{
	ListCell   *lc;
	const char *separator = "";

	foreach(lc, values)
	{
		appendStringInfoString(buf, separator);
		write_value(buf, lfirst(lc));
		separator = ", ";
	}
}

/* The delimiters of a value's items, by its kind. */
static const char *const brackets[][2] = {
	[PRISMA_CALL] = {"(", ")"},
	[PRISMA_LIST] = {"[", "]"},
	[PRISMA_OBJECT] = {"{ ", " }"},
};

StaticAssertDecl(lengthof(brackets) == PRISMA_OBJECT + 1,
				 "each kind of value must have a row");

static void
write_value(StringInfo buf, const MariaPrismaValue *value)
{
	if (value->label)
		appendStringInfo(buf, "%s: ", value->label);
	if (value->kind == PRISMA_STRING)
		appendStringInfoString(buf, value->raw);
	else if (value->text)
		appendStringInfoString(buf, value->text);
	if (value->kind == PRISMA_STRING || value->kind == PRISMA_WORD)
		return;
	appendStringInfoString(buf, brackets[value->kind][0]);
	write_values(buf, value->items);
	appendStringInfoString(buf, brackets[value->kind][1]);
}

static void
write_attribute(StringInfo buf, const char *at,
				const MariaPrismaAttribute *attribute)
{
	appendStringInfo(buf, "%s%s", at, attribute->name);
	if (!attribute->has_parens && attribute->args == NIL)
		return;
	appendStringInfoChar(buf, '(');
	write_values(buf, attribute->args);
	appendStringInfoChar(buf, ')');
}

/* Returns a buffer's text in an allocation of its exact size. */
static char *
fitted(StringInfo buf)
{
	char	   *text = pnstrdup(buf->data, buf->len);

	pfree(buf->data);
	return text;
}

/* Returns a field's attributes in Prisma's order. */
static char *
field_attributes(const MariaPrismaField *field)
{
	StringInfoData buf;
	ListCell   *lc;

	if (field->attributes == NIL)
		return "";
	initStringInfo(&buf);
	for (size_t rank = 0; rank <= lengthof(attribute_order); rank++)
		foreach(lc, field->attributes)
	{
		MariaPrismaAttribute *attribute = lfirst(lc);

		if (rank_of(attribute->name) == rank)
			write_attribute(&buf, buf.len ? " @" : "@", attribute);
	}
	return fitted(&buf);
}

/*
 * Finds the widths of the columns.  If a few long names would inflate the
 * text, nothing is aligned.
 */
static void
find_widths(const Writer *writer, int *widths)
{
	uint64		length = 0;
	uint64		padded = 0;
	ListCell   *lc;

	foreach(lc, writer->rows)
	{
		Row		   *row = lfirst(lc);

		for (int i = 0; i < row->ncells; i++)
		{
			int			len = strlen(row->cells[i]);

			widths[i] = Max(widths[i], len);
			length += len;
		}
	}
	for (int i = 0; i < MAX_CELLS - 1; i++)
		padded += (uint64) widths[i] * list_length(writer->rows);
	if (padded > MAX_PADDED && padded / MAX_PADDING > length)
		memset(widths, 0, MAX_CELLS * sizeof(int));
}

/* Appends the aligned lines and clears them. */
static void
flush_rows(Writer *writer)
{
	StringInfo	buf = writer->buf;
	int			widths[MAX_CELLS] = {0};
	ListCell   *lc;

	find_widths(writer, widths);
	foreach(lc, writer->rows)
	{
		Row		   *row = lfirst(lc);

		CHECK_FOR_INTERRUPTS();
		if (row->ncells > 0 || row->suffix)
			appendStringInfoSpaces(buf, writer->indent);
		for (int i = 0; i < row->ncells - 1; i++)
			appendStringInfo(buf, "%-*s ", widths[i], row->cells[i]);
		if (row->ncells > 0)
			appendStringInfo(buf, "%s%s", row->cells[row->ncells - 1],
							 row->suffix ? " " : "");
		appendStringInfo(buf, "%s\n", row->suffix ? row->suffix : "");
	}
	writer->rows = NIL;
}

/* Adds a line; cells end at the first that is empty. */
static void
add_row(Writer *writer, char *cell0, char *cell1, char *cell2, char *suffix)
{
	char	   *cells[MAX_CELLS] = {cell0, cell1, cell2};
	Row		   *row = palloc0(sizeof(Row));

	while (row->ncells < MAX_CELLS && cells[row->ncells] &&
		   *cells[row->ncells])
	{
		row->cells[row->ncells] = cells[row->ncells];
		row->ncells++;
	}
	row->suffix = suffix;
	writer->rows = lappend(writer->rows, row);
}

/* Begins a new alignment after an empty line, where there is one. */
static void
add_gap(Writer *writer)
{
	if (writer->gap)
	{
		flush_rows(writer);
		add_row(writer, NULL, NULL, NULL, NULL);
	}
	writer->gap = false;
}

/* Returns a line of a long comment without the blanks and star around it. */
static char *
comment_line(const char *line, int len)
{
	static const char blanks[] = " \t\r";

	for (bool star_seen = false; len > 0; line++, len--)
	{
		if (*line == '*' && !star_seen)
			star_seen = true;
		else if (strchr(blanks, *line) == NULL)
			break;
	}
	while (len > 0 && strchr(blanks, line[len - 1]))
		len--;
	return pnstrdup(line, len);
}

/* Adds the lines of a long comment, each after a prefix. */
static void
add_comment_lines(Writer *writer, const char *comment, const char *prefix)
{
	const char *end = comment + strlen(comment) - strlen("*/");
	const char *line = comment + strlen("/*");

	while (line < end)
	{
		int			len = Min((int) strcspn(line, "\n"), (int) (end - line));
		char	   *text = comment_line(line, len);

		if (*text)
			add_row(writer, NULL, NULL, NULL, psprintf("%s %s", prefix, text));
		line += len + 1;
	}
}

/* Returns whether the last line is a comment. */
static bool
is_below_comment(Writer *writer)
{
	Row		   *last = writer->rows ? llast(writer->rows) : NULL;

	return last && last->ncells == 0 && last->suffix;
}

/*
 * Adds comments.  A long one below another comment, and indented, is written
 * as short ones, because Prisma's formatter would extend it in every run.
 */
static void
add_comments(Writer *writer, List *comments)
{
	ListCell   *lc;

	if (comments)
		add_gap(writer);
	foreach(lc, comments)
	{
		char	   *comment = lfirst(lc);

		if (comment[1] != '*')
			add_row(writer, NULL, NULL, NULL, comment);
		else if (writer->indent > 0 && is_below_comment(writer))
			add_comment_lines(writer, comment, "//");
		else
		{
			add_row(writer, NULL, NULL, NULL, "/**");
			add_comment_lines(writer, comment, " *");
			add_row(writer, NULL, NULL, NULL, " */");
		}
	}
}

static void
add_field(Writer *writer, const MariaPrismaField *field, char *comment)
{
	char	   *attributes = field_attributes(field);
	char	   *type;

	if (field->type == NULL)
	{
		add_row(writer, field->name, attributes, NULL, comment);
		return;
	}
	type = field->type_text;
	if (field->is_list || field->is_optional)
		type = psprintf("%s%s%s", type, field->is_list ? "[]" : "",
						field->is_optional ? "?" : "");
	add_row(writer, field->name, type, attributes, comment);
}

static void
add_setting(Writer *writer, const MariaPrismaValue *setting, char *comment)
{
	MariaPrismaValue value = *setting;
	StringInfoData buf;

	value.label = NULL;
	initStringInfo(&buf);
	appendStringInfoString(&buf, "= ");
	write_value(&buf, &value);
	add_row(writer, setting->label, fitted(&buf), NULL, comment);
}

/* Keeps a block's attribute, and the comments above it, for the end. */
static void
keep_attribute(Writer *writer, MariaPrismaItem *item)
{
	MariaPrismaAttribute *attribute = item->node;
	size_t		rank = rank_of(attribute->name);

	writer->tail[rank] = lappend(writer->tail[rank],
								 list_make2(writer->comments, item));
	writer->comments = NIL;
	writer->gap = false;
}

static void
add_tail(Writer *writer, List *tail)
{
	ListCell   *lc;

	foreach(lc, tail)
	{
		List	   *pair = lfirst(lc);
		MariaPrismaItem *item = lsecond(pair);
		StringInfoData buf;

		initStringInfo(&buf);
		write_attribute(&buf, "@@", item->node);
		add_gap(writer);
		add_comments(writer, linitial(pair));
		add_row(writer, fitted(&buf), NULL, NULL, item->comment);
	}
}

/* Adds an item of a block after the comments directly above it. */
static void
add_item(Writer *writer, MariaPrismaItem *item)
{
	add_comments(writer, writer->comments);
	writer->comments = NIL;
	if (item->kind == PRISMA_BLANK)
	{
		writer->gap = writer->rows != NIL;
		return;
	}
	add_gap(writer);
	if (item->kind == PRISMA_FIELD)
		add_field(writer, item->node, item->comment);
	else
		add_setting(writer, item->node, item->comment);
}

static void
write_block(StringInfo buf, const MariaPrismaBlock *block)
{
	Writer		writer = {buf, INDENT};
	ListCell   *lc;

	appendStringInfo(buf, "%s %s {\n", block->keyword, block->name);
	foreach(lc, block->items)
	{
		MariaPrismaItem *item = lfirst(lc);

		if (item->kind == PRISMA_COMMENT)
			writer.comments = lappend(writer.comments, item->comment);
		else if (item->kind == PRISMA_ATTRIBUTE)
			keep_attribute(&writer, item);
		else
			add_item(&writer, item);
	}
	add_comments(&writer, writer.comments);
	writer.gap = true;
	for (size_t rank = 0; rank < lengthof(writer.tail); rank++)
		add_tail(&writer, writer.tail[rank]);
	flush_rows(&writer);
	appendStringInfoString(buf, "}\n");
}

/* Writes a block or comment of the text's top level. */
static void
write_top(StringInfo buf, const MariaPrismaItem *item)
{
	Writer		writer = {buf, 0};

	if (item->kind == PRISMA_BLOCK)
	{
		write_block(buf, item->node);
		return;
	}
	add_comments(&writer, list_make1(item->comment));
	flush_rows(&writer);
}

/* Returns the whole text; each block is put together in memory of its own. */
char *
maria_write_prisma(const MariaPrisma *prisma)
{
	MemoryContext scratch = AllocSetContextCreate(CurrentMemoryContext,
												  "mariadb_fdw block of schema.prisma",
												  ALLOCSET_DEFAULT_SIZES);
	StringInfoData buf;
	ListCell   *lc;
	bool		gap = false;
	MemoryContext old = CurrentMemoryContext;

	initStringInfo(&buf);
	foreach(lc, prisma->items)
	{
		MariaPrismaItem *item = lfirst(lc);

		if (item->kind == PRISMA_BLANK)
		{
			gap = true;
			continue;
		}
		if (gap && buf.len > 0)
			appendStringInfoChar(&buf, '\n');
		MemoryContextSwitchTo(scratch);
		write_top(&buf, item);
		MemoryContextReset(scratch);
		gap = item->kind == PRISMA_BLOCK;
	}
	MemoryContextSwitchTo(old);
	MemoryContextDelete(scratch);
	if (buf.len == 0)
		appendStringInfoChar(&buf, '\n');
	return buf.data;
}
