/*
 * What a MariaDB schema has, as information_schema describes it.
 */
#ifndef MARIADB_FDW_CATALOG_REMOTE_H
#define MARIADB_FDW_CATALOG_REMOTE_H

#include "mariadb_fdw.h"

#include "names.h"

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
	bool		is_readable;	/* to the account in use */
	bool		is_mysql;		/* its server is no MariaDB */
	bool		is_json;		/* also LONGTEXT with a json_valid check */
	bool		may_be_shorter; /* a VECTOR than its dimensions say */
	int			key;			/* place in the primary key, 0 = not in it */
	char	   *default_value;	/* as MariaDB spells it; NULL = none */
	bool		rereads_default;	/* MySQL does not show it as it is */
	List	   *labels;			/* of an enum; NIL if unknown exactly */
	MariaNames *labels_by_name; /* created by the first lookup */
	char	   *collation;		/* NULL = not a text */
	char	   *generation;		/* expression of a generated column or NULL */
	char	   *extra;			/* auto_increment, on update ..., INVISIBLE */
	char	   *comment;		/* NULL = none */
	bool		is_quiet;		/* its notes are kept but not raised */
	List	   *notes;			/* of MariaNote: what was decided beyond the
								 * type mapping */
} MariaRemoteColumn;

typedef struct MariaRemoteTable
{
	char	   *name;
	char	   *kind;			/* BASE TABLE, VIEW, SEQUENCE ... */
	bool		is_mysql;		/* its server is MySQL */
	double		rows;			/* estimate, -1 = unknown */
	List	   *columns;		/* of MariaRemoteColumn, in order */
	char	   *comment;
	List	   *indexes;		/* these only from maria_read_schema */
	List	   *foreign_keys;
	List	   *checks;
	List	   *partitions;
	bool		is_wanted;		/* by options "tables" and "except" of ddl */
} MariaRemoteTable;

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
								 * NULL = unknown */
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
	bool		is_mysql;		/* its server is no MariaDB */
	List	   *tables;			/* of MariaRemoteTable: also views, sequences */
	List	   *sequences;
	List	   *objects;		/* of MariaRemoteObject */
} MariaRemoteSchema;

/* remote.c */
extern MariaRemoteTable *maria_find_table(List *tables, const char *name);
extern MariaRemoteColumn *maria_find_column(MariaRemoteTable *table,
											const char *name);
extern bool maria_is_enum(const MariaRemoteColumn *column);
extern bool maria_has_label(MariaRemoteColumn *column, const char *label);

#endif							/* MARIADB_FDW_CATALOG_REMOTE_H */
