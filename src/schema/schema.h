/*
 * What a MariaDB schema has, and what it becomes in PostgreSQL.
 */
#ifndef MARIADB_FDW_SCHEMA_H
#define MARIADB_FDW_SCHEMA_H

#include "mariadb_fdw.h"

#include "foreign/fdwapi.h"
#include "utils/array.h"

#include "wire/wire.h"

/* A column as information_schema describes it. */
typedef struct MariaRemoteColumn
{
	const char *table;			/* its name */
	char	   *name;
	char	   *data_type;		/* int, varchar, enum ... */
	char	   *column_type;	/* int(10) unsigned, enum('a','b') ... */
	int64		char_length;	/* in characters, -1 = none */
	int			precision;		/* of a number, -1 = none */
	int			scale;
	int			datetime_precision; /* -1 = none */
	bool		is_nullable;
	bool		is_readable;	/* to the account that we use */
	bool		is_json;		/* LONGTEXT with a json_valid check */
	int			key;			/* place in the primary key, 0 = not in it */
	char	   *default_value;	/* as MariaDB spells it; NULL = none */
	List	   *labels;			/* of an enum; NIL if not known exactly */
	char	   *collation;		/* NULL = not a text */
	char	   *generation;		/* expression of a generated column or NULL */
	List	   *notes;			/* what was decided beyond the type mapping */
} MariaRemoteColumn;

typedef struct MariaRemoteTable
{
	char	   *name;
	char	   *kind;			/* BASE TABLE, VIEW, SEQUENCE ... */
	double		rows;			/* estimate, -1 = unknown */
	List	   *columns;		/* of MariaRemoteColumn, in order */
} MariaRemoteTable;

/*
 * A parsed schema.prisma.  Names and texts are without quotes and escapes.
 */
typedef enum MariaPrismaKind
{
	PRISMA_WORD,				/* a name, a number, true */
	PRISMA_STRING,
	PRISMA_CALL,				/* text(items) */
	PRISMA_LIST					/* [items] */
} MariaPrismaKind;

typedef struct MariaPrismaValue
{
	MariaPrismaKind kind;
	char	   *label;			/* of a named argument, or NULL */
	char	   *text;
	List	   *items;			/* of MariaPrismaValue */
} MariaPrismaValue;

/* @name(args), or @@name(args) of a block. */
typedef struct MariaPrismaAttribute
{
	char	   *name;
	List	   *args;			/* of MariaPrismaValue */
} MariaPrismaAttribute;

typedef struct MariaPrismaField
{
	char	   *name;
	char	   *db_name;
	char	   *type;			/* of an enum's value: NULL */
	bool		is_list;
	bool		is_optional;
	List	   *attributes;
} MariaPrismaField;

/* A model, view or enum; the fields of an enum are its values. */
typedef struct MariaPrismaBlock
{
	char	   *keyword;
	char	   *name;
	char	   *db_name;
	List	   *fields;			/* of MariaPrismaField */
	List	   *attributes;
} MariaPrismaBlock;

typedef struct MariaPrisma
{
	List	   *models;			/* of MariaPrismaBlock; views too */
	List	   *enums;			/* of MariaPrismaBlock */
	const char *error;			/* what is wrong with the text, or NULL */
	int			line;			/* where */
} MariaPrisma;

/* catalog.c */
extern List *maria_read_tables(MariaConn *conn, const char *server,
							   const char *schema);

/* notes.c */
extern void maria_note(MariaRemoteColumn *column, const char *format,...)
			pg_attribute_printf(2, 3);
extern char *maria_join_notes(const List *notes);

/* names.c */
extern char *maria_fit_name(const char *name, const char *suffix);
extern bool maria_is_in(const char *name, List *names);
extern List *maria_local_names(List *names, bool are_columns);

/* typemap.c */
extern char *maria_local_type(MariaRemoteColumn *column,
							  const MariaOptions *opts);
extern List *maria_parse_labels(const char *column_type);
extern char *maria_unquote_default(const char *literal);
extern bool maria_is_enum(const MariaRemoteColumn *column);

/* enums.c */
extern char *maria_enum_type(Oid namespace, MariaRemoteColumn *column,
							 List *taken);
extern const char *maria_label_problem(List *labels);
extern char *maria_enum_name(const MariaRemoteColumn *column,
							 const char *suffix);
extern char *maria_find_enum(List *labels, const char *name, Oid namespace,
							 bool only_there, int *found);
extern bool maria_type_exists(Oid namespace, const char *name);
extern void maria_create_enum(const char *qualified_name, List *labels);
extern ArrayType *maria_text_array(List *strings);

/* defaults.c */
extern char *maria_local_default(MariaRemoteColumn *column,
								 const char *type);

/* prisma.c */
extern MariaPrisma *maria_parse_prisma(const char *text);

/* import.c */
extern List *maria_import_foreign_schema(ImportForeignSchemaStmt *stmt,
										 Oid serverid);

#endif							/* MARIADB_FDW_SCHEMA_H */
