/*
 * What a MariaDB schema has, and what it becomes in PostgreSQL.
 */
#ifndef MARIADB_FDW_SCHEMA_H
#define MARIADB_FDW_SCHEMA_H

#include "mariadb_fdw.h"

#include "foreign/fdwapi.h"
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/jsonb.h"

#include "schema/notes.h"
#include "wire/wire.h"

/* Where Prisma notes its migrations: each side has its own. */
#define MARIA_PRISMA_MIGRATIONS "_prisma_migrations"

/* The longest text of a user that is parsed, in bytes. */
#define MARIA_MAX_TEXT (16 * 1024 * 1024)

/* A set of names, each perhaps with an item (names.c). */
typedef struct MariaNames MariaNames;

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
	bool		is_json;		/* also LONGTEXT with a json_valid check */
	bool		may_be_shorter; /* a VECTOR than its dimensions say */
	int			key;			/* place in the primary key, 0 = not in it */
	char	   *default_value;	/* as MariaDB spells it; NULL = none */
	bool		rereads_default;	/* MySQL does not show it as it is */
	List	   *labels;			/* of an enum; NIL if not known exactly */
	MariaNames *labels_by_name; /* made at the first look */
	char	   *collation;		/* NULL = not a text */
	char	   *generation;		/* expression of a generated column or NULL */
	char	   *extra;			/* auto_increment, on update ..., INVISIBLE */
	char	   *comment;		/* NULL = none */
	bool		is_quiet;		/* its notes are kept but not told */
	List	   *notes;			/* of MariaNote: what was decided beyond the
								 * type mapping */
} MariaRemoteColumn;

typedef struct MariaRemoteTable
{
	char	   *name;
	char	   *kind;			/* BASE TABLE, VIEW, SEQUENCE ... */
	bool		is_mysql;		/* its server is no MariaDB */
	double		rows;			/* estimate, -1 = unknown */
	List	   *columns;		/* of MariaRemoteColumn, in order */
	char	   *comment;
	List	   *indexes;		/* these only from maria_read_schema */
	List	   *foreign_keys;
	List	   *checks;
	List	   *partitions;
	bool		is_wanted;		/* by options "tables" and "except" of ddl */
} MariaRemoteTable;

/*
 * A parsed schema.prisma (prisma/parse.c).  Names and texts are without
 * quotes and escapes.  prisma/lookup.c asks it for what the tables need; after
 * maria_prisma_to_postgres it says what PostgreSQL will have: native types,
 * names within 63 bytes, index names without clashes.
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
	MariaNames *fields_by_name; /* made at the first look */
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
	char	   *comment;		/* as written; of other kinds: behind it */
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

/* What somebody should know before a move. */
typedef struct MariaFinding
{
	const char *severity;		/* error, warning or info */
	const char *object;
	const char *finding;
	const char *advice;
	int64		rows;			/* concerned, below 0 = not known */
} MariaFinding;

/* catalog/read.c */
extern List *maria_read_tables(MariaConn *conn, const char *server,
							   const char *schema);

/* call_options.c */
extern Jsonb *maria_checked_ddl_options(const char *server, Jsonb *options);

/* listed.c */
extern bool maria_holds_rows(const MariaRemoteTable *table);
extern bool maria_is_migrations(const MariaRemoteTable *table);
extern void maria_check_listed(MariaConn *conn, List *listed, List *tables,
							   const char *schema);
extern void maria_choose_tables(MariaConn *conn, List *tables, List *only,
								List *except, const char *schema);

/* catalog/source.c */
extern char *maria_check_source(MariaConn *conn, const char *server,
								const char *schema);
extern int	maria_warn_of_hidden(MariaConn *conn, const char *server,
								 const char *schema, List *listed);
extern void maria_notice_hidden(MariaConn *conn, const char *server,
								const char *schema, List *listed);

/* names.c */
extern char *maria_fit_name(const char *name, const char *suffix);
extern bool maria_is_in(const char *name, List *names);
extern MariaNames *maria_names_create(void);
extern bool maria_names_add(MariaNames *names, const char *name, void *item);
extern void *maria_names_find(const MariaNames *names, const char *name);
extern bool maria_names_have(const MariaNames *names, const char *name);
extern char *maria_number_name(const char *stem, const char *suffix,
							   MariaNames *numbers, const MariaNames *used,
							   const MariaNames *also);
extern List *maria_local_names(List *names, bool are_columns);

/* typemap.c */
extern char *maria_local_type(MariaRemoteColumn *column,
							  const MariaOptions *opts);
extern List *maria_parse_labels(const char *column_type);
extern bool maria_has_label(MariaRemoteColumn *column, const char *label);
extern bool maria_is_lossy(const char *literal);
extern char *maria_unquote_default(const char *literal);
extern const char *maria_catalog_type(const char *type);
extern bool maria_is_enum(const MariaRemoteColumn *column);

/* enums.c */
extern char *maria_enum_type(Oid namespace, MariaRemoteColumn *column,
							 List *taken, List **created);
extern const char *maria_label_problem(List *labels);
extern char *maria_enum_name(const MariaRemoteColumn *column,
							 const char *suffix);
extern char *maria_find_enum(List *labels, const char *name, Oid namespace,
							 bool only_there, int *found);
extern bool maria_type_exists(Oid namespace, const char *name);
extern void maria_create_enum(const char *qualified_name, List *labels);
extern ArrayType *maria_text_array(List *strings);

/* defaults.c */
extern bool maria_is_hex(const char *digits);
extern char *maria_bytes_literal(const char *digits);
extern char *maria_bytes_default(const MariaRemoteColumn *column);
extern bool maria_fill_binary(StringInfo digits,
							  const MariaRemoteColumn *column);
extern char *maria_local_default(MariaRemoteColumn *column,
								 const char *type);

/* prisma*.c */

/* What a native type of Prisma's MySQL becomes: a row of prisma/native.c. */
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

/* A finding of prisma_review. */
typedef struct MariaPrismaFinding
{
	const char *severity;
	char	   *object;			/* Model.field, or "client" */
	const char *finding;
	const char *advice;
	int			line;
} MariaPrismaFinding;

extern MariaPrisma *maria_parse_prisma(const char *text);

/* Formats a schema as Prisma does. */
extern char *maria_write_prisma(const MariaPrisma *prisma);
extern void maria_write_prisma_value(StringInfo buf,
									 const MariaPrismaValue *value);

/*
 * Turns a schema into that for PostgreSQL, in place; one that is for
 * PostgreSQL already changes where it must.  Sets its error if its provider
 * is neither.
 */
extern void maria_prisma_to_postgres(MariaPrisma *prisma);
extern void maria_prisma_fit_names(MariaPrisma *prisma);
extern void maria_prisma_name_keys(MariaPrisma *prisma);
extern MariaPrismaValue *maria_prisma_translate(const MariaPrisma *prisma,
												const MariaPrismaField *field,
												const char *expression);

/* Returns findings; converts the schema to know which names change. */
extern List *maria_review_prisma(MariaPrisma *prisma);

/*
 * Lookups.  An argument is found by its label, or without a label as the
 * first one that has none (NULL).
 */
extern const char *maria_prisma_provider(const MariaPrisma *prisma);
extern const char *maria_prisma_setting(const MariaPrisma *prisma,
										const char *keyword, const char *key);
extern bool maria_prisma_has_foreign_keys(const MariaPrisma *prisma);
extern MariaPrismaBlock *maria_prisma_enum(const MariaPrisma *prisma,
										   const char *name);
extern MariaPrismaField *maria_prisma_field(const MariaPrismaBlock *block,
											const char *name);
extern MariaPrismaAttribute *maria_prisma_attribute(List *attributes,
													const char *name);
extern MariaPrismaValue *maria_prisma_argument(const MariaPrismaAttribute *attribute,
											   const char *label);
extern MariaPrismaAttribute *maria_prisma_native(const MariaPrismaField *field);
extern const char *maria_prisma_native_name(const MariaPrismaField *field);
extern const MariaPrismaNative *maria_prisma_native_row(const MariaPrismaField *field);
extern MariaPrismaValue *maria_prisma_default(const MariaPrismaField *field);
extern const char *maria_prisma_dbgenerated(const MariaPrismaField *field);
extern bool maria_prisma_has_column(const MariaPrisma *prisma,
									const MariaPrismaField *field);

extern void maria_prisma_index_columns(MariaPrisma *prisma);

/* The fields of @@id, @@unique, @@index, fields: ...; names, not columns. */
extern List *maria_prisma_fields(MariaPrismaValue *list);
extern List *maria_prisma_items(MariaPrismaValue *value);

extern char *maria_prisma_object(const char *model, const char *separator,
								 const char *part);

/* Name of a key or index as Prisma makes it, within 63 bytes. */
extern char *maria_prisma_key_stem(const MariaPrismaBlock *model,
								   List *fields);
extern char *maria_prisma_key_name(const MariaPrismaBlock *model,
								   List *fields, const char *suffix);
extern MariaPrismaValue *maria_prisma_word(const char *text);
extern MariaPrismaValue *maria_prisma_string(const char *text);
extern MariaPrismaValue *maria_prisma_call(const char *name, List *items);

/* preflight.c */
extern MariaFinding *maria_finding(const char *severity, const char *object,
								   const char *finding, const char *advice,
								   int64 rows);

/* ddl/ddl.c: what a schema has beyond columns, as catalog/objects.c reads it. */
typedef struct MariaRemoteKeyPart
{
	char	   *column;			/* NULL = it is an expression */
	char	   *expression;		/* NULL = it is a column */
	int			prefix;			/* characters or bytes, 0 = all */
	bool		descending;
} MariaRemoteKeyPart;

typedef struct MariaRemoteIndex
{
	char	   *name;			/* PRIMARY ... */
	char	   *method;			/* BTREE, HASH, FULLTEXT, SPATIAL ... */
	bool		is_unique;
	bool		is_ignored;
	char	   *comment;
	List	   *parts;			/* of MariaRemoteKeyPart */
	char	   *distance;		/* of a VECTOR index: euclidean, cosine, or
								 * NULL = not known */
	int			neighbors;		/* its M, 0 = the default */
} MariaRemoteIndex;

typedef struct MariaRemoteForeignKey
{
	char	   *name;
	List	   *columns;		/* names */
	char	   *ref_schema;
	char	   *ref_table;
	List	   *ref_columns;
	char	   *on_update;		/* RESTRICT, CASCADE ... */
	char	   *on_delete;
} MariaRemoteForeignKey;

typedef struct MariaRemoteCheck
{
	char	   *name;
	bool		is_of_column;	/* then the name is the column's */
	bool		is_enforced;
	char	   *clause;
} MariaRemoteCheck;

typedef struct MariaRemotePartition
{
	char	   *name;
	char	   *subpartition;	/* name or NULL */
	char	   *method;			/* RANGE, LIST COLUMNS, HASH ... */
	char	   *expression;		/* NULL = KEY () */
	char	   *description;	/* bounds or NULL */
} MariaRemotePartition;

/* A sequence; numbers as MariaDB writes them. */
typedef struct MariaRemoteSequence
{
	char	   *name;
	char	   *next;			/* NULL = not readable, and so are the others */
	char	   *minimum;
	char	   *maximum;
	char	   *start;
	char	   *increment;
	char	   *cache;
	bool		cycles;
	bool		is_used_up;		/* as planned */
	bool		is_wanted;
} MariaRemoteSequence;

/* A view, trigger, routine or event. */
typedef struct MariaRemoteObject
{
	const char *kind;
	char	   *name;
	char	   *detail;			/* of a view: its SELECT */
	MariaRemoteTable *table;	/* a view itself, a trigger's, or NULL */
} MariaRemoteObject;

typedef struct MariaRemoteSchema
{
	char	   *name;
	List	   *tables;			/* of MariaRemoteTable: also views, sequences */
	List	   *sequences;
	List	   *objects;		/* of MariaRemoteObject */
} MariaRemoteSchema;

/* What it becomes here.  Names are local and not quoted. */
typedef struct MariaTargetEnum
{
	char	   *name;
	char	   *type;			/* qualified and quoted */
	List	   *labels;
	bool		is_there;		/* already, with these labels */
	const MariaPrismaBlock *block;	/* that names it, or NULL */
	bool		is_used;		/* by a wanted table */
} MariaTargetEnum;

typedef struct MariaTargetColumn
{
	char	   *name;
	MariaRemoteColumn *remote;
	char	   *type;			/* as SQL */
	bool		not_null;
	char	   *default_sql;	/* NULL = none */
	char	   *generation;		/* as SQL; NULL = not generated here */
	bool		is_counter;		/* AUTO_INCREMENT */
	char	   *sequence;		/* of its own, where serial will not do */
	List	   *uses;			/* of MariaRemoteSequence: for its default */
	bool		is_touched;		/* ON UPDATE CURRENT_TIMESTAMP */
	MariaTargetEnum *enum_type;
	const MariaPrismaField *field;	/* of the text, or NULL */
} MariaTargetColumn;

typedef struct MariaTargetKeyPart
{
	MariaTargetColumn *column;	/* NULL = it is an expression */
	char	   *sql;			/* the expression, or NULL */
	int			prefix;			/* 0 = the whole column */
	bool		descending;
} MariaTargetKeyPart;

typedef struct MariaTargetIndex
{
	char	   *name;
	bool		is_primary;
	bool		is_unique;
	const char *method;			/* btree, gin on to_tsvector, gist, hnsw */
	List	   *parts;			/* of MariaTargetKeyPart */
	const MariaRemoteIndex *remote;
} MariaTargetIndex;

typedef struct MariaTargetTable MariaTargetTable;

typedef struct MariaTargetForeignKey
{
	char	   *name;
	List	   *columns;		/* of MariaTargetColumn */
	MariaTargetTable *ref_table;
	List	   *ref_columns;
	const char *on_update;
	const char *on_delete;
} MariaTargetForeignKey;

typedef struct MariaTargetCheck
{
	char	   *name;
	char	   *sql;
	bool		is_enforced;
} MariaTargetCheck;

typedef struct MariaTargetPartition
{
	char	   *name;
	char	   *bounds;			/* FOR VALUES ... */
} MariaTargetPartition;

struct MariaTargetTable
{
	char	   *name;
	MariaRemoteTable *remote;
	List	   *columns;
	List	   *indexes;		/* the primary key too */
	List	   *foreign_keys;
	List	   *checks;
	char	   *partition_by;	/* RANGE (...), or NULL */
	List	   *partitions;
	const MariaPrismaBlock *model;	/* of the text, or NULL */
	List	   *declared;		/* keys that the model declares */
	bool		is_join;		/* Prisma's table of a many-to-many relation */
	MariaNames *columns_by_name;	/* made at the first look, of so many */
	int			nnamed;
};

typedef struct MariaTargetView
{
	char	   *name;
	char	   *sql;			/* its SELECT */
	List	   *columns;		/* names */
	MariaRemoteTable *remote;
} MariaTargetView;

/* What a statement or a note is about. */
typedef struct MariaTargetObject
{
	const char *name;			/* to be shown */
	const MariaRemoteTable *table;	/* that it is or belongs to, or NULL */
	const bool *is_wanted;		/* NULL = always */
} MariaTargetObject;

/* A finding about what is not carried over, or was decided. */
typedef struct MariaTargetNote
{
	int			step;
	MariaNoteKind kind;
	MariaTargetObject object;
	char	   *text;
} MariaTargetNote;

typedef struct MariaTarget
{
	char	   *schema;			/* the local one */
	MariaRemoteSchema *remote;
	MariaPrisma *prisma;		/* or NULL */
	List	   *enums;			/* of MariaTargetEnum ... */
	List	   *sequences;		/* of MariaRemoteSequence */
	List	   *tables;
	List	   *views;
	List	   *notes;			/* of MariaTargetNote */
	MariaNames *tables_by_name; /* made at the first look, of so many */
	int			nnamed;
	bool		has_comments;
	bool		has_identity;
} MariaTarget;

extern const char *maria_plan_generation(const MariaTarget *target,
										 MariaTargetTable *table,
										 MariaTargetColumn *column);
extern MariaTargetTable *maria_target_table(const MariaTarget *target,
											const char *remote_name);
extern MariaTargetColumn *maria_target_column(const MariaTargetTable *table,
											  const char *remote_name);
extern bool maria_is_wanted(const MariaTargetObject *object);
extern MariaTarget *maria_plan_target(const char *server, const char *schema,
									  const char *local, Datum options);

/* catalog/objects.c */
extern MariaRemoteSchema *maria_read_schema(MariaConn *conn,
											const char *server,
											const char *schema);

/* preflight_values.c */
extern List *maria_check_values(MariaConn *conn, const char *schema,
								const MariaTargetTable *table,
								const MariaOptions *opts);

/* import.c */
extern List *maria_import_foreign_schema(ImportForeignSchemaStmt *stmt,
										 Oid serverid);

#endif							/* MARIADB_FDW_SCHEMA_H */
