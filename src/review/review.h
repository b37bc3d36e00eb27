/*
 * SQL of an application, as review_sql looks at it.
 */
#ifndef MARIADB_FDW_REVIEW_H
#define MARIADB_FDW_REVIEW_H

#include "mariadb_fdw.h"

#include "names.h"

typedef enum MariaSqlKind
{
	SQL_WORD,
	SQL_NUMBER,
	SQL_STRING,					/* 'x' */
	SQL_DOUBLE,					/* "x" */
	SQL_BACKTICK,				/* `x` */
	SQL_OPERATOR,
	SQL_PARAMETER,				/* ? :name ${...} */
	SQL_VARIABLE,				/* @x @@x */
	SQL_HEX,					/* 0x1F x'1F' */
	SQL_COMMENT					/* only # and slash-star-bang */
} MariaSqlKind;

typedef struct MariaSqlToken
{
	MariaSqlKind kind;
	const char *start;
	int			len;
	int			line;
	int			depth;			/* open parentheses before it */
	int			partner;		/* of a parenthesis: the other one, or -1 */
	int			height;			/* of a parenthesis: levels in it, and its own */
	int			query;			/* whose clauses it is among, or -1 */
	int			parameters;		/* up to here */
	int			comparisons;	/* up to here */
	int			conditions;		/* CASE and IF up to here */
} MariaSqlToken;

/* A query that begins with SELECT; tokens, -1 = not there. */
typedef struct MariaSqlQuery
{
	int			start;
	int			depth;
	int			from;
	int			group;
	int			group_end;
	int			having;
	int			having_end;
	MariaNames *grouped;		/* created by the first lookup */
	MariaNames *aliases;
} MariaSqlQuery;

/* One statement; a token past its end does not exist. */
typedef struct MariaSqlStatement
{
	MariaSqlToken *tokens;
	int			ntokens;
	MariaSqlQuery *queries;
	int			nqueries;
	bool		is_program;		/* it is in a string of a program */
	bool		is_cut;			/* it has more tokens than are kept */
	MemoryContext context;		/* in which it is allocated */
} MariaSqlStatement;

#define MARIA_MAX_CAPTURES 4

/* Where a rule matches; a check may move the ends and set the replacement. */
typedef struct MariaSqlMatch
{
	const MariaSqlStatement *statement;
	int			first;			/* tokens, both in it */
	int			last;
	int			open;			/* parenthesis of the call, or -1 */
	int			nargs;			/* of the call */
	int			captures[MARIA_MAX_CAPTURES];
	int			ncaptures;
	char	   *spelling;
} MariaSqlMatch;

typedef bool (*MariaSqlCheck) (MariaSqlMatch *match);

/*
 * SQL that has another meaning in PostgreSQL.  The pattern is words and
 * operators, and %w word, %n number, %s string, %d double-quoted, %b backtick,
 * %p parameter, %v variable, %x hexadecimal, %c comment, %e number or
 * parameter, each a capture. write.c explains the $-signs of the replacement.
 */
typedef struct MariaSqlRule
{
	const char *pattern;
	MariaSqlCheck check;		/* NULL = always */
	const char *finding;
	const char *spelling;		/* NULL = no certain one */
} MariaSqlRule;

/* A finding of review_sql. */
typedef struct MariaSqlFinding
{
	int			line;
	char	   *found;
	const char *finding;
	char	   *spelling;		/* NULL = none */
} MariaSqlFinding;

/* tokens.c */
extern MariaSqlToken *maria_sql_token(const MariaSqlStatement *statement,
									  int at);
extern bool maria_sql_is(const MariaSqlStatement *statement, int at,
						 const char *word);
extern char *maria_sql_text(const MariaSqlStatement *statement, int first,
							int last);
extern bool maria_sql_is_deep(const MariaSqlStatement *statement, int at);
extern bool maria_sql_is_short(const MariaSqlStatement *statement, int first,
							   int last);
extern int	maria_sql_next(const MariaSqlStatement *statement, int at);
extern bool maria_sql_next_arg(const MariaSqlMatch *match, int *first,
							   int *last);
extern char *maria_sql_arg(const MariaSqlMatch *match, int n);
extern int	maria_sql_operand_start(const MariaSqlStatement *statement,
									int last);
extern int	maria_sql_operand_end(const MariaSqlStatement *statement,
								  int first);

/* scan.c */
typedef void (*MariaSqlReviewer) (MariaSqlStatement *statement, void *arg);

extern void maria_scan_sql(const char *text, MariaSqlReviewer review,
						   void *arg);

/* relate.c */
extern void maria_sql_relate(MariaSqlStatement *statement);

/* review.c */
extern List *maria_review_sql(const char *text);

/* write.c */
extern char *maria_sql_spelling(MariaSqlMatch *match, const char *template);

/* clauses.c */
extern bool maria_sql_is_loose_column(MariaSqlMatch *match);
extern bool maria_sql_is_having_alias(MariaSqlMatch *match);
extern bool maria_sql_is_join_update(MariaSqlMatch *match);
extern bool maria_sql_is_join_delete(MariaSqlMatch *match);
extern bool maria_sql_is_limited_change(MariaSqlMatch *match);

/* rules.c */
extern const MariaSqlRule maria_sql_rules[];
extern const int maria_sql_nrules;

#endif							/* MARIADB_FDW_REVIEW_H */
