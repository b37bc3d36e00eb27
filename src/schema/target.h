/*
 * What a MariaDB schema becomes in PostgreSQL.
 */
#ifndef MARIADB_FDW_SCHEMA_TARGET_H
#define MARIADB_FDW_SCHEMA_TARGET_H

#include "mariadb_fdw.h"

#include "catalog/remote.h"
#include "names.h"
#include "prisma/prisma.h"
#include "schema/notes.h"

/* Names are local and not quoted. */
typedef struct MariaTargetEnum
{
	char	   *name;
	char	   *type;			/* qualified and quoted */
	List	   *labels;
	bool		exists;			/* with these labels */
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
	char	   *generation;		/* as SQL; NULL = not a generated column */
	bool		is_counter;		/* AUTO_INCREMENT */
	char	   *sequence;		/* of its own, where serial cannot be used */
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
	MariaNames *columns_by_name;	/* created by the first lookup, for so
									 * many */
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

/* A note about what is not migrated, or was decided. */
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
	MariaNames *tables_by_name; /* created by the first lookup, for so many */
	int			nnamed;
	bool		has_comments;
	bool		has_identity;
} MariaTarget;

extern MariaTargetTable *maria_target_table(const MariaTarget *target,
											const char *remote_name);
extern MariaTargetColumn *maria_target_column(const MariaTargetTable *table,
											  const char *remote_name);
extern bool maria_is_wanted(const MariaTargetObject *object);

#endif							/* MARIADB_FDW_SCHEMA_TARGET_H */
