/*
 * What somebody should know before a move.
 */
#ifndef MARIADB_FDW_SCHEMA_FINDING_H
#define MARIADB_FDW_SCHEMA_FINDING_H

#include "mariadb_fdw.h"

typedef struct MariaFinding
{
	const char *severity;		/* error, warning or info */
	const char *object;
	const char *finding;
	const char *advice;
	int64		rows;			/* concerned, below 0 = not known */
} MariaFinding;

extern MariaFinding *maria_finding(const char *severity, const char *object,
								   const char *finding, const char *advice,
								   int64 rows);

#endif							/* MARIADB_FDW_SCHEMA_FINDING_H */
