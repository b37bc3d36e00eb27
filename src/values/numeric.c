/*
 * How does a DECIMAL become a numeric quickly?
 *
 * The digits are written directly in numeric's stored form, which has not
 * changed since it was introduced and is the same as that of numeric_in, byte
 * for byte.  What does not fit the short form is left to numeric_in.
 */
#include "postgres.h"

#include <ctype.h>

#include "utils/numeric.h"

#include "values/numeric.h"
#include "values/values.h"

/* DECIMAL has at most 65 digits: 17 groups, and two that are cut. */
#define MAX_GROUPS 20

/* The limits of the short form. */
#define MAX_SHORT_SCALE 63

/* As numeric.c packs a typmod: precision, and a scale that may be negative. */
#define TYPMOD_PRECISION_SHIFT 16
#define TYPMOD_SCALE_MASK 0x7ff
#define TYPMOD_SCALE_SIGN 0x400

/* With its sign and point. */
#define MAX_DECIMAL_LENGTH 80

/* A number's parts, without the leading zeros of the whole part. */
typedef struct DecimalText
{
	bool		negative;
	const unsigned char *whole;
	int			nwhole;
	const unsigned char *fraction;
	int			nfraction;
} DecimalText;

static int
count_digits(const unsigned char *at, const unsigned char *end)
{
	const unsigned char *start = at;

	while (at < end && isdigit(*at))
		at++;
	return at - start;
}

/* Splits a text; false if it is anything but digits and a point. */
static bool
split_decimal(DecimalText *parts, const unsigned char *at, size_t len)
{
	const unsigned char *end = at + len;
	int			ndigits;

	parts->negative = at < end && *at == '-';
	at += parts->negative;
	parts->whole = at;
	parts->nwhole = count_digits(at, end);
	at += parts->nwhole;
	parts->fraction = at;
	parts->nfraction = 0;
	if (at < end && *at == '.')
	{
		parts->fraction = ++at;
		parts->nfraction = count_digits(at, end);
		at += parts->nfraction;
	}
	ndigits = parts->nwhole + parts->nfraction;
	while (parts->nwhole > 0 && *parts->whole == '0')
	{
		parts->whole++;
		parts->nwhole--;
	}
	return at == end && ndigits > 0;
}

/* Is this what MariaDB sends for a DECIMAL? */
bool
maria_is_decimal(const unsigned char *data, size_t len)
{
	DecimalText parts;

	return len <= MAX_DECIMAL_LENGTH && split_decimal(&parts, data, len);
}

/* Is there room for all digits in the short form? */
static bool
fits_short_form(const DecimalText *parts)
{
	return parts->nwhole + parts->nfraction <= 4 * (MAX_GROUPS - 2) &&
		parts->nfraction <= MAX_SHORT_SCALE;
}

/* Reads up to four digits; a group that is cut on the right ends in zeros. */
static inline int16
read_group(const unsigned char *digits, int n, int width)
{
	int16		group = 0;

	for (int i = 0; i < width; i++)
		group = group * 10 + (i < n ? digits[i] - '0' : 0);
	return group;
}

/* Fills in the groups of four digits on both sides of the point. */
static int
fill_groups(int16 *groups, const DecimalText *parts)
{
	int			n = 0;
	int			first = parts->nwhole % 4;

	if (first > 0)
		groups[n++] = read_group(parts->whole, first, first);
	for (int i = first; i < parts->nwhole; i += 4)
		groups[n++] = read_group(parts->whole + i, 4, 4);
	for (int i = 0; i < parts->nfraction; i += 4)
		groups[n++] = read_group(parts->fraction + i, parts->nfraction - i, 4);
	return n;
}

/* Would the typmod leave the number as it is? */
static bool
fits_typmod(const DecimalText *parts, int32 typmod)
{
	int			precision;
	int			scale;

	if (typmod < (int32) VARHDRSZ)
		return true;
	precision = ((typmod - VARHDRSZ) >> TYPMOD_PRECISION_SHIFT) & 0xffff;
	scale = maria_numeric_scale(typmod);
	return scale == parts->nfraction && parts->nwhole <= precision - scale;
}

/* Returns the number of digits after the point of a typmod. */
int
maria_numeric_scale(int32 typmod)
{
	Assert(typmod >= (int32) VARHDRSZ);
	return (((typmod - VARHDRSZ) & TYPMOD_SCALE_MASK) ^ TYPMOD_SCALE_SIGN) -
		TYPMOD_SCALE_SIGN;
}

/*
 * Makes a numeric from the text of a DECIMAL; false if numeric_in has to do
 * it.
 */
bool
maria_numeric_from_text(const unsigned char *data, size_t len, int32 typmod,
						Datum *result)
{
	DecimalText parts;
	int16		groups[MAX_GROUPS];
	int16	   *first = groups;
	int			n;
	int			weight;
	char	   *value;

	if (len > MAX_DECIMAL_LENGTH || !split_decimal(&parts, data, len) ||
		!fits_short_form(&parts) || !fits_typmod(&parts, typmod))
		return false;
	n = fill_groups(groups, &parts);
	weight = (parts.nwhole + 3) / 4 - 1;
	for (; n > 0 && *first == 0; first++, n--)
		weight--;
	while (n > 0 && first[n - 1] == 0)
		n--;

	value = palloc(NUMERIC_DIGITS_OFFSET + n * sizeof(int16));
	SET_VARSIZE(value, NUMERIC_DIGITS_OFFSET + n * sizeof(int16));
	*(uint16 *) (value + VARHDRSZ) =
		maria_numeric_header(n == 0, parts.negative, parts.nfraction, weight);
	memcpy(value + NUMERIC_DIGITS_OFFSET, first, n * sizeof(int16));
	*result = PointerGetDatum(value);
	return true;
}
