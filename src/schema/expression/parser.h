/* Private to the translation of expressions: tokens and parser state. */
#ifndef MARIADB_FDW_SCHEMA_EXPRESSION_PARSER_H
#define MARIADB_FDW_SCHEMA_EXPRESSION_PARSER_H

#include "mariadb_fdw.h"

#include "schema/expression/expression.h"

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
	const char *pos;			/* after the current token */
	MariaTokenKind kind;
	char	   *text;
	bool		is_lossy;		/* a string that may lack a character */
	const MariaScope *scope;
	int			depth;
	const char *problem;		/* the first one; then the current token is
								 * the end */
	List	   *sequences;		/* that were named */
	const char *remark;
} MariaParser;

/*
 * Limits of what is translated, which bound time and memory.  MariaDB itself
 * accepts at most 64 kB for an expression of a table and 61 tables in a view.
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
extern MariaExpression *maria_parse_expression(MariaParser *parser);

/* build.c */
extern MariaExpression *maria_make_expression(MariaClass class, char *sql);
extern MariaExpression *maria_combine(MariaExpression *a, MariaExpression *b,
									  MariaClass class, char *sql);
extern MariaExpression *maria_as_condition(MariaParser *parser,
										   MariaExpression *expr);

/* class.c */
extern bool maria_is_binary_column(const MariaRemoteColumn *column);
extern bool maria_is_binary_string(const MariaExpression *expr);

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
extern void maria_unify(MariaParser *parser, MariaExpression **a,
						MariaExpression **b);
extern void maria_make_comparable(MariaParser *parser, MariaExpression **a,
								  MariaExpression **b, bool is_equality);

/* functions.c */
extern MariaExpression *maria_translate_call(MariaParser *parser,
											 const char *name, List *args);

#endif							/* MARIADB_FDW_SCHEMA_EXPRESSION_PARSER_H */
