/*
 * From an expression of MariaDB, as information_schema deparses it, to one of
 * PostgreSQL with the same result.
 */
#ifndef MARIADB_FDW_SCHEMA_EXPRESSION_EXPRESSION_H
#define MARIADB_FDW_SCHEMA_EXPRESSION_EXPRESSION_H

#include "mariadb_fdw.h"

#include "schema/expression/class.h"
#include "schema/target.h"

/* An expression, or part of one, in PostgreSQL's SQL. */
typedef struct MariaExpression
{
	char	   *sql;
	MariaClass	class;
	bool		is_atomic;		/* needs no parentheses as an operand */
	bool		is_nullable;
	bool		is_volatile;	/* not fit for a generated column */
	const char *literal;		/* the value, if it is a literal */
	const MariaTargetColumn *column;	/* if it is one */
	const char *uuid;			/* the uuid whose bytes it gives, or NULL */
	bool		is_constant;	/* of literals only */
	bool		is_wide;		/* an integer of 64 bits here too */
	bool		is_generated;	/* a generated column is in it */
	bool		is_quotient;	/* of "/", whose digits the column limits */
	bool		has_quotient;	/* one is in it */
	int			depth;			/* how often a part is copied into another */
	struct MariaExpression *exact;	/* the form for comparisons, once created */
	List	   *sequences;		/* of MariaRemoteSequence: used by nextval() */
	const char *remark;			/* a remark for the user, or NULL */
	const char *problem;		/* why it cannot be translated; then no sql */
} MariaExpression;

typedef struct MariaScopeTable
{
	const char *name;			/* its name in MariaDB's text, or NULL */
	const char *prefix;			/* before a column here, quoted, or empty */
	const MariaTargetTable *table;
	bool		is_nullable;	/* on the outer side of a join */
} MariaScopeTable;

typedef struct MariaScope
{
	const MariaTarget *target;
	List	   *tables;			/* of MariaScopeTable */
} MariaScope;

/* expression.c */
extern MariaExpression *maria_translate(const char *text,
										const MariaScope *scope);

/* build.c */
extern char *maria_operand(const MariaExpression *expr);

/* types.c */
extern const char *maria_coerce(MariaExpression *expr,
								const MariaTargetColumn *column);

#endif							/* MARIADB_FDW_SCHEMA_EXPRESSION_EXPRESSION_H */
