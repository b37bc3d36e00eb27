/* A schema.prisma for PostgreSQL, and findings about it. */
#ifndef MARIADB_FDW_PRISMA_CONVERT_H
#define MARIADB_FDW_PRISMA_CONVERT_H

#include "mariadb_fdw.h"

#include "prisma/prisma.h"

/* What a native type of Prisma's MySQL becomes: a row of native.c. */
typedef struct MariaPrismaNative
{
	const char *type;			/* Int, String ... */
	const char *mysql;			/* without its @db. */
	const char *postgres;		/* NULL = the type's default */
	int			nargs;			/* what MySQL means without arguments */
	int			args[2];
	const char *severity;		/* NULL = nothing to say */
	const char *finding;
	const char *advice;
} MariaPrismaNative;

/* functions.c: what an error in the text is to a user */
extern MariaPrisma *maria_read_prisma(const char *text);
extern void maria_convert_prisma(MariaPrisma *prisma);

/* native.c */
extern const MariaPrismaNative *maria_prisma_native_row(const MariaPrismaField *field);

/*
 * Converts a schema to one for PostgreSQL, in place; one that is already for
 * PostgreSQL is changed where necessary.  Sets its error if its provider is
 * neither.
 */
extern void maria_prisma_to_postgres(MariaPrisma *prisma);
extern void maria_prisma_fit_names(MariaPrisma *prisma);
extern void maria_prisma_name_keys(MariaPrisma *prisma);
extern MariaPrismaValue *maria_prisma_translate(const MariaPrisma *prisma,
												const MariaPrismaField *field,
												const char *expression);

/* A finding of prisma_review. */
typedef struct MariaPrismaFinding
{
	const char *severity;
	char	   *object;			/* Model.field, or "client" */
	const char *finding;
	const char *advice;
	int			line;
} MariaPrismaFinding;

/* Returns findings; converts the schema to know which names change. */
extern List *maria_review_prisma(MariaPrisma *prisma);

#endif							/* MARIADB_FDW_PRISMA_CONVERT_H */
