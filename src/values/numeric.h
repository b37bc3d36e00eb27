/*
 * The short stored form of numeric, which is private to PostgreSQL's
 * numeric.c: a header of sign, scale and weight, and digits to the base
 * 10,000.
 */
#ifndef MARIADB_FDW_NUMERIC_H
#define MARIADB_FDW_NUMERIC_H

#include "postgres.h"

#define NUMERIC_BASE			10000
#define NUMERIC_DIGITS_OFFSET	(VARHDRSZ + sizeof(uint16))
#define NUMERIC_SHORT			0x8000
#define NUMERIC_SHORT_NEGATIVE	0x2000
#define NUMERIC_SHORT_SCALE		7
#define NUMERIC_SHORT_WEIGHT	0x007F

/* Zero has neither sign nor weight. */
static inline uint16
maria_numeric_header(bool is_zero, bool negative, int scale, int weight)
{
	uint16		header = NUMERIC_SHORT | scale << NUMERIC_SHORT_SCALE;

	if (is_zero)
		return header;
	if (negative)
		header |= NUMERIC_SHORT_NEGATIVE;
	return header | (weight & NUMERIC_SHORT_WEIGHT);
}

#endif							/* MARIADB_FDW_NUMERIC_H */
