/*
 * What does a VECTOR index become?
 *
 * pgvector's hnsw, which is the same algorithm, if the column's type supports
 * it; else none, because no other index finds neighbors.
 */
#include "postgres.h"

#include "commands/defrem.h"
#include "utils/builtins.h"

#include "schema/ddl/ddl.h"

/* Limits of hnsw: dimensions of a vector, and its parameter m. */
#define MAX_DIMENSIONS 2000
#define MIN_NEIGHBORS 2
#define MAX_NEIGHBORS 100

/* The default of ef_construction, which must be at least twice m. */
#define DEFAULT_CONSTRUCTION 64

/* Returns the name of pgvector's type without its schema, or NULL. */
static const char *
vector_type(const MariaTargetColumn *column)
{
	const char *dot = strrchr(column->type, '.');
	const char *name = dot ? dot + 1 : column->type;

	return strncmp(name, "vector", strlen("vector")) == 0 &&
		strchr("(", name[strlen("vector")]) ? name : NULL;
}

/* Returns why a column cannot have an hnsw index, or NULL if it can. */
const char *
maria_vector_index_problem(const MariaTargetColumn *column)
{
	const char *type = column ? vector_type(column) : NULL;
	const char *dimensions = type ? strchr(type, '(') : NULL;

	if (type == NULL)
		return column && strcmp(column->type, "real[]") == 0 &&
			!OidIsValid(get_am_oid("hnsw", true))
			? "pgvector is not installed" : "only columns of pgvector's type vector can have one";
	if (!OidIsValid(get_am_oid("hnsw", true)))
		return "this version of pgvector has no hnsw";
	if (dimensions == NULL)
		return "the type does not state the number of dimensions";
	if (atoi(dimensions + 1) > MAX_DIMENSIONS)
		return psprintf("hnsw supports at most %d dimensions of a vector; an index on the expression (%s::halfvec(%d)) supports 4000",
						MAX_DIMENSIONS, quote_identifier(column->name),
						atoi(dimensions + 1));
	return NULL;
}

static bool
is_cosine(const MariaRemoteIndex *index)
{
	return index->distance && pg_strcasecmp(index->distance, "cosine") == 0;
}

/* Returns a note for the application's developers. */
char *
maria_vector_index_note(const MariaRemoteIndex *index)
{
	const char *limit = index->neighbors > MAX_NEIGHBORS ?
	psprintf("; M of %d becomes %d, the maximum of hnsw",
			 index->neighbors, MAX_NEIGHBORS) : "";

	return psprintf("ORDER BY VEC_DISTANCE_%s(...) LIMIT becomes ORDER BY ... %s ... LIMIT%s",
					is_cosine(index) ? "COSINE" : "EUCLIDEAN",
					is_cosine(index) ? "<=>" : "<->", limit);
}

/* Returns the column with the operator class for the distance. */
char *
maria_vector_operator_class(const MariaTargetIndex *index)
{
	const MariaTargetKeyPart *part = linitial(index->parts);
	const char *type = part->column->type;

	return psprintf("%s %s%s", quote_identifier(part->column->name),
					pnstrdup(type, vector_type(part->column) - type),
					is_cosine(index->remote) ? "vector_cosine_ops"
					: "vector_l2_ops");
}

/* Returns WITH (...), or an empty string for MariaDB's default. */
char *
maria_vector_index_options(const MariaTargetIndex *index)
{
	int			m = Min(Max(index->remote->neighbors, MIN_NEIGHBORS),
						MAX_NEIGHBORS);

	if (index->remote->neighbors == 0)
		return "";
	if (2 * m > DEFAULT_CONSTRUCTION)
		return psprintf(" WITH (m = %d, ef_construction = %d)", m, 2 * m);
	return psprintf(" WITH (m = %d)", m);
}
