/*
 * A schema.prisma: its parts, and how it is read and written.
 */
#ifndef MARIADB_FDW_PRISMA_PRISMA_H
#define MARIADB_FDW_PRISMA_PRISMA_H

#include "mariadb_fdw.h"

#include "lib/stringinfo.h"

#include "names.h"

/*
 * A parsed schema.prisma (parse.c).  Names and texts are without quotes and
 * escapes. lookup.c finds what the tables need; after maria_prisma_to_postgres
 * it describes what PostgreSQL will have: native types, names within 63 bytes,
 * index names without clashes.
 */
typedef enum MariaPrismaKind
{
	PRISMA_WORD,				/* a name, a number, true */
	PRISMA_STRING,
	PRISMA_CALL,				/* text(items) */
	PRISMA_LIST,				/* [items] */
	PRISMA_OBJECT				/* {items}, each with a label */
} MariaPrismaKind;

typedef struct MariaPrismaValue
{
	MariaPrismaKind kind;
	char	   *label;			/* of a named argument, or NULL */
	char	   *text;			/* of a list or an object: empty */
	List	   *items;			/* of MariaPrismaValue */
	char	   *raw;			/* of a string: as written, with its quotes */
	int			line;			/* of a setting */
} MariaPrismaValue;

/* @name(args), or @@name(args) of a block. */
typedef struct MariaPrismaAttribute
{
	char	   *name;
	List	   *args;			/* of MariaPrismaValue */
	bool		has_parens;
	int			line;
} MariaPrismaAttribute;

typedef struct MariaPrismaField
{
	char	   *name;
	char	   *db_name;
	char	   *type;			/* of an enum's value: NULL */
	bool		is_list;
	bool		is_optional;
	List	   *attributes;		/* of MariaPrismaAttribute */
	char	   *type_text;		/* Unsupported("...") in full, else the type */
	int			line;
} MariaPrismaField;

typedef enum MariaPrismaBlockKind
{
	PRISMA_MODEL,				/* or a view */
	PRISMA_ENUM,
	PRISMA_TYPE,
	PRISMA_CONFIG				/* datasource or generator */
} MariaPrismaBlockKind;

/* A model, view or enum; the fields of an enum are its values. */
typedef struct MariaPrismaBlock
{
	char	   *keyword;
	char	   *name;
	char	   *db_name;
	List	   *fields;			/* of MariaPrismaField */
	List	   *attributes;		/* of MariaPrismaAttribute */
	MariaPrismaBlockKind kind;
	List	   *settings;		/* of MariaPrismaValue: label = value */
	List	   *items;			/* of MariaPrismaItem: all lines, in order */
	int			line;
	MariaNames *fields_by_name; /* created by the first lookup */
	MariaNames *values_by_label;	/* of an enum: by db_name */
	MariaNames *columns;		/* fields with a column, by db_name (ddl) */
} MariaPrismaBlock;

/* A line of a block, or a block, comment or empty line of the text. */
typedef enum MariaPrismaItemKind
{
	PRISMA_BLANK,
	PRISMA_COMMENT,				/* comment, without a node */
	PRISMA_FIELD,				/* MariaPrismaField */
	PRISMA_ATTRIBUTE,			/* MariaPrismaAttribute */
	PRISMA_SETTING,				/* MariaPrismaValue */
	PRISMA_BLOCK				/* MariaPrismaBlock */
} MariaPrismaItemKind;

typedef struct MariaPrismaItem
{
	MariaPrismaItemKind kind;
	char	   *comment;		/* as written; of other kinds: after it */
	void	   *node;
} MariaPrismaItem;

typedef struct MariaPrisma
{
	List	   *models;			/* of MariaPrismaBlock; views too */
	List	   *enums;			/* of MariaPrismaBlock */
	const char *error;			/* what is wrong with the text, or NULL */
	int			line;			/* where */
	List	   *types;			/* of MariaPrismaBlock */
	List	   *configs;		/* datasources and generators */
	List	   *items;			/* of MariaPrismaItem: all of it, in order */
	List	   *renames;		/* of MariaPrismaFinding, once converted */
	MariaNames *enums_by_name;
	MariaNames *models_by_table;	/* by db_name, once converted (ddl) */
} MariaPrisma;

/* parse.c */
extern MariaPrisma *maria_parse_prisma(const char *text);

/* write.c: as Prisma formats it. */
extern char *maria_write_prisma(const MariaPrisma *prisma);

#endif							/* MARIADB_FDW_PRISMA_PRISMA_H */
