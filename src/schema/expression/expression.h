/*
 * From an expression of MariaDB, as information_schema deparses it, to one of
 * PostgreSQL that gives the same answer.
 */
#ifndef MARIADB_FDW_EXPRESSION_H
#define MARIADB_FDW_EXPRESSION_H

#include "schema/schema.h"

/* Kinds of types between which the same answer can be told. */
typedef enum MariaClass
{
	CLASS_NULL,					/* of the literal */
	CLASS_BOOLEAN,
	CLASS_INTEGER,
	CLASS_NUMERIC,
	CLASS_FLOAT,
	CLASS_TEXT,
	CLASS_ENUM,
	CLASS_DATE,
	CLASS_TIMESTAMP,
	CLASS_TIME,
	CLASS_UUID,
	CLASS_JSON,
	CLASS_BYTES,
	CLASS_BITS,
	CLASS_OTHER
} MariaClass;

/* An expression, or part of one, in PostgreSQL's words. */
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
	struct MariaExpression *exact;	/* what compares as it does, once made */
	List	   *sequences;		/* of MariaRemoteSequence: it takes values of */
	const char *remark;			/* what to know of it, or NULL */
	const char *problem;		/* why it cannot be said; then no sql */
} MariaExpression;

typedef struct MariaScopeTable
{
	const char *name;			/* how MariaDB's text calls it, or NULL */
	const char *prefix;			/* before a column here, quoted, or empty */
	const MariaTargetTable *table;
	bool		is_nullable;	/* on the outer side of a join */
} MariaScopeTable;

typedef struct MariaScope
{
	const MariaTarget *target;
	List	   *tables;			/* of MariaScopeTable */
} MariaScope;

typedef enum MariaTokenKind
{
	MARIA_TOKEN_END,
	MARIA_TOKEN_NAME,			/* in backticks */
	MARIA_TOKEN_WORD,			/* a keyword or a function, in lower case */
	MARIA_TOKEN_NUMBER,
	MARIA_TOKEN_STRING,
	MARIA_TOKEN_BITS,			/* b'...': its digits */
	MARIA_TOKEN_BYTES,			/* x'...': its digits */
	MARIA_TOKEN_SYMBOL
} MariaTokenKind;

typedef struct MariaParser
{
	const char *pos;			/* behind the token in hand */
	MariaTokenKind kind;
	char	   *text;
	bool		is_lossy;		/* a string that may lack a character */
	const MariaScope *scope;
	int			depth;
	const char *problem;		/* the first one; then the end is in hand */
	List	   *sequences;		/* that were named */
	const char *remark;
} MariaParser;

/*
 * Bounds of what is translated, so that time and memory stay in proportion.
 * MariaDB itself takes no more than 64 kB for an expression of a table and 61
 * tables for a view.
 */
#define MARIA_MAX_EXPRESSION (256 * 1024)
#define MARIA_MAX_NESTING 100
#define MARIA_MAX_COPIES 200
#define MARIA_MAX_VIEW_TABLES 61

/* scan.c */
extern void maria_parser_init(MariaParser *parser, const char *text,
							  const MariaScope *scope);
extern void maria_advance(MariaParser *parser);
extern void maria_fail(MariaParser *parser, const char *format,...)
			pg_attribute_printf(2, 3);
extern void maria_enter(MariaParser *parser);
extern void maria_leave(MariaParser *parser);
extern bool maria_at(MariaParser *parser, const char *text);
extern bool maria_take(MariaParser *parser, const char *text);
extern void maria_expect(MariaParser *parser, const char *text);
extern char *maria_take_name(MariaParser *parser);

/* expression.c */
extern MariaExpression *maria_translate(const char *text,
										const MariaScope *scope);
extern MariaExpression *maria_parse_expression(MariaParser *parser);
extern MariaExpression *maria_make_expression(MariaClass class, char *sql);
extern MariaExpression *maria_combine(MariaExpression *a, MariaExpression *b,
									  MariaClass class, char *sql);
extern char *maria_operand(const MariaExpression *expr);
extern MariaExpression *maria_as_condition(MariaParser *parser,
										   MariaExpression *expr);

/* arithmetic.c */
extern MariaExpression *maria_arithmetic(MariaParser *parser,
										 MariaExpression *a,
										 const char *symbol,
										 MariaExpression *b);
extern MariaExpression *maria_divide_integers(MariaParser *parser,
											  MariaExpression *a,
											  const char *symbol,
											  MariaExpression *b);
extern MariaExpression *maria_divide(MariaParser *parser, MariaExpression *a,
									 MariaExpression *b);
extern MariaExpression *maria_add_interval(MariaParser *parser,
										   MariaExpression *expr,
										   const char *symbol,
										   const MariaExpression *count);

/* types.c */
extern MariaClass maria_type_class(const char *type);
extern const char *maria_class_name(MariaClass class);
extern bool maria_is_numeric(MariaClass class);
extern bool maria_is_binary_string(const MariaExpression *expr);
extern void maria_unify(MariaParser *parser, MariaExpression **a,
						MariaExpression **b);
extern void maria_make_comparable(MariaParser *parser, MariaExpression **a,
								  MariaExpression **b, bool is_equality);
extern const char *maria_coerce(MariaExpression *expr,
								const MariaTargetColumn *column);

/* functions.c */
extern MariaExpression *maria_translate_call(MariaParser *parser,
											 const char *name, List *args);

#endif							/* MARIADB_FDW_EXPRESSION_H */
