/* Lookups in a schema.prisma. */
#ifndef MARIADB_FDW_PRISMA_LOOKUP_H
#define MARIADB_FDW_PRISMA_LOOKUP_H

#include "mariadb_fdw.h"

#include "prisma/prisma.h"

/*
 * Lookups.  An argument is found by its label, or without a label as the
 * first one that has none (NULL).
 */
extern const char *maria_prisma_provider(const MariaPrisma *prisma);
extern bool maria_prisma_has_foreign_keys(const MariaPrisma *prisma);
extern MariaPrismaBlock *maria_prisma_enum(const MariaPrisma *prisma,
										   const char *name);
extern List *maria_prisma_labels(const MariaPrismaBlock *block);
extern MariaPrismaField *maria_prisma_field(const MariaPrismaBlock *block,
											const char *name);
extern MariaPrismaAttribute *maria_prisma_attribute(List *attributes,
													const char *name);
extern MariaPrismaValue *maria_prisma_argument(const MariaPrismaAttribute *attribute,
											   const char *label);
extern MariaPrismaAttribute *maria_prisma_native(const MariaPrismaField *field);
extern const char *maria_prisma_native_name(const MariaPrismaField *field);
extern MariaPrismaValue *maria_prisma_default(const MariaPrismaField *field);
extern const char *maria_prisma_dbgenerated(const MariaPrismaField *field);
extern bool maria_prisma_has_column(const MariaPrisma *prisma,
									const MariaPrismaField *field);

extern void maria_prisma_index_columns(MariaPrisma *prisma);

/* The fields of @@id, @@unique, @@index, fields: ...; names, not columns. */
extern List *maria_prisma_fields(MariaPrismaValue *list);
extern List *maria_prisma_items(MariaPrismaValue *value);
extern List *maria_prisma_columns(const MariaPrismaBlock *model,
								  List *fields);

extern char *maria_prisma_object(const char *model, const char *separator,
								 const char *part);

/* The name that Prisma generates for a key or index; of a model's within 63 bytes. */
extern char *maria_prisma_name(const char *table, List *columns,
							   const char *suffix, int limit);
extern char *maria_prisma_key_stem(const MariaPrismaBlock *model,
								   List *fields);
extern char *maria_prisma_key_name(const MariaPrismaBlock *model,
								   List *fields, const char *suffix);
extern MariaPrismaValue *maria_prisma_word(const char *text);
extern MariaPrismaValue *maria_prisma_string(const char *text);
extern MariaPrismaValue *maria_prisma_call(const char *name, List *items);

#endif							/* MARIADB_FDW_PRISMA_LOOKUP_H */
