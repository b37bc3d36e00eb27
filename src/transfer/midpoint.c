/*
 * Which key lies about halfway between two keys?
 *
 * The result is a guess that is checked by MariaDB: its collation may order
 * texts differently, and the key may not exist.  It only has to be a valid
 * literal of the column's type that is not far off.
 */
#include "postgres.h"

#include <ctype.h>
#include <math.h>

#include "lib/stringinfo.h"
#include "utils/datetime.h"

#include "transfer/chunk.h"
#include "values/wire_format.h"

/* The number of characters or bytes after the common prefix that are used. */
#define DIGITS 8

/* Rounds up, so that it is above the lower of two neighbours. */
static uint64
halfway(uint64 low, uint64 high)
{
	return low + (high - low) / 2 + ((high - low) & 1);
}

static char *
integer_midpoint(const MariaField *field, const MariaValue *low,
				 const MariaValue *high)
{
	uint64		sign = field->is_unsigned ? 0 : UINT64CONST(1) << 63;
	uint64		from;
	uint64		to;

	if (field->is_unsigned)
	{
		from = read_unsigned(low->data, field->width);
		to = read_unsigned(high->data, field->width);
		return psprintf(UINT64_FORMAT, halfway(from, to));
	}
	/* With the sign bit inverted, signed numbers sort like unsigned ones. */
	from = (uint64) read_signed(low->data, field->width) ^ sign;
	to = (uint64) read_signed(high->data, field->width) ^ sign;
	return psprintf(INT64_FORMAT, (int64) (halfway(from, to) ^ sign));
}

static uint64
bits_value(const MariaValue *value)
{
	uint64		bits = 0;

	for (size_t i = 0; i < value->len; i++)
		bits = bits << 8 | value->data[i];
	return bits;
}

static double
number_value(const MariaField *field, const MariaValue *value)
{
	if (field->type == MARIA_FLOAT)
		return read_float(value->data);
	if (field->type == MARIA_DOUBLE)
		return read_double(value->data);
	return strtod(pnstrdup((const char *) value->data, value->len), NULL);
}

static char *
number_midpoint(const MariaField *field, const MariaValue *low,
				const MariaValue *high)
{
	double		from = number_value(field, low);
	double		to = number_value(field, high);

	if (field->type == MARIA_DECIMAL)
		return psprintf("%.*f", Min(field->decimals, 6), from / 2 + to / 2);
	return psprintf("%.16e", from / 2 + to / 2);
}

/* A date as microseconds; days of month 0 precede the rest of its year. */
static int64
date_number(const MariaValue *value)
{
	RemoteTime	when = read_datetime(value->data, value->len);
	int64		seconds = (when.hour * MINS_PER_HOUR + when.minute) *
	SECS_PER_MINUTE + when.second;

	return date2j(when.year, when.month, when.day) * USECS_PER_DAY +
		seconds * USECS_PER_SEC + when.microsecond;
}

static char *
date_midpoint(const MariaField *field, const MariaValue *low,
			  const MariaValue *high)
{
	int64		from = date_number(low);
	int64		to = date_number(high);
	int64		unit = field->type == MARIA_DATE ? USECS_PER_DAY : 1;
	int64		middle = halfway(from / unit, to / unit) * unit;
	int64		of_day = middle % USECS_PER_DAY;
	int			seconds = of_day / USECS_PER_SEC;
	int			year;
	int			month;
	int			day;

	j2date(Max(middle / USECS_PER_DAY, date2j(0, 1, 1)), &year, &month, &day);
	return psprintf("'%04d-%02d-%02d%s'", year, month, day,
					field->type == MARIA_DATE ? "" :
					psprintf(" %02d:%02d:%02d.%06d", seconds / SECS_PER_HOUR,
							 seconds / SECS_PER_MINUTE % MINS_PER_HOUR,
							 seconds % SECS_PER_MINUTE,
							 (int) (of_day % USECS_PER_SEC)));
}

static int64
time_number(const MariaValue *value)
{
	RemoteTime	when = read_time(value->data, value->len);
	int64		seconds = (int64) when.day * SECS_PER_DAY +
	when.hour * SECS_PER_HOUR + when.minute * SECS_PER_MINUTE + when.second;
	int64		number = seconds * USECS_PER_SEC + when.microsecond;

	return when.negative ? -number : number;
}

static char *
time_midpoint(const MariaValue *low, const MariaValue *high)
{
	int64		from = time_number(low);
	int64		middle = from + (time_number(high) - from + 1) / 2;
	int64		number = middle < 0 ? -middle : middle;
	int			seconds = number / USECS_PER_SEC;

	return psprintf("'%s%02d:%02d:%02d.%06d'", middle < 0 ? "-" : "",
					seconds / SECS_PER_HOUR, seconds / SECS_PER_MINUTE % MINS_PER_HOUR,
					seconds % SECS_PER_MINUTE,
					(int) (number % USECS_PER_SEC));
}

/* Keys as numbers to some base: the digit of a character, and back. */
typedef struct Alphabet
{
	int			base;
	int			(*digit) (unsigned char c);
	char		(*character) (int digit);
} Alphabet;

/* How most collations order characters: the digits of an Alphabet. */
enum
{
	PUNCTUATION,
	FIRST_DIGIT,
	FIRST_LETTER = FIRST_DIGIT + 10,
	AFTER_LETTERS = FIRST_LETTER + 26
};

/*
 * Most collations: punctuation before digits before letters, case is ignored.
 */
static int
folded_digit(unsigned char c)
{
	if (c < '0')
		return 0;
	if (c <= '9')
		return FIRST_DIGIT + c - '0';
	if (c >= 'a' && c <= 'z')
		return FIRST_LETTER + c - 'a';
	if (c >= 'A' && c <= 'Z')
		return FIRST_LETTER + c - 'A';
	return c < 0x80 ? 0 : AFTER_LETTERS;
}

static char
folded_character(int digit)
{
	if (digit == 0)
		return '-';
	return digit < FIRST_LETTER ? '0' + digit - FIRST_DIGIT :
		'a' + Min(digit - FIRST_LETTER, 'z' - 'a');
}

/* Binary collations: by their bytes, of which the printable ones are used. */
static int
printable_digit(unsigned char c)
{
	return Min(Max(c, ' '), '~') - ' ';
}

static char
printable_character(int digit)
{
	return ' ' + digit;
}

static int
byte_digit(unsigned char c)
{
	return c;
}

static char
byte_character(int digit)
{
	return (char) digit;
}

static const Alphabet folded = {38, folded_digit, folded_character};
static const Alphabet printable = {95, printable_digit, printable_character};
static const Alphabet bytes = {256, byte_digit, byte_character};

static int
digit_at(const Alphabet *alphabet, const MariaValue *value, size_t i)
{
	return i < value->len ? alphabet->digit(value->data[i]) : 0;
}

/* The value's digits from an offset on; a double loses nothing that matters. */
static double
digits_value(const Alphabet *alphabet, const MariaValue *value, size_t from)
{
	double		number = 0;

	for (size_t i = from; i < from + DIGITS; i++)
		number = number * alphabet->base + digit_at(alphabet, value, i);
	return number;
}

static size_t
common_length(const Alphabet *alphabet, const MariaValue *low,
			  const MariaValue *high)
{
	size_t		i = 0;

	while (i < low->len && i < high->len &&
		   digit_at(alphabet, low, i) == digit_at(alphabet, high, i))
		i++;
	/* MySQL rejects a text that ends within a character. */
	while (alphabet != &bytes && i > 0 && i < low->len &&
		   (low->data[i] & 0xc0) == 0x80)
		i--;
	return i;
}

/* A range of strings, whose ends may be uncertain. */
typedef enum Ends
{
	BOTH_ENDS,
	HIGH_END,					/* the low end counts as the lowest of all */
	LOW_END						/* the high end counts as the highest */
} Ends;

/* Returns a literal, or NULL if the two cannot be distinguished. */
static char *
string_midpoint(const Alphabet *alphabet, Ends ends, const MariaField *field,
				const MariaValue *low, const MariaValue *high)
{
	size_t		common = common_length(alphabet, low, high);
	double		from = ends == HIGH_END ? 0
	: digits_value(alphabet, low, common);
	double		to = ends == LOW_END ? pow(alphabet->base, DIGITS)
	: digits_value(alphabet, high, common);
	double		middle = from / 2 + to / 2;
	unsigned char *text = palloc(common + DIGITS);
	StringInfoData buf;

	if (to - from < 2)
		return NULL;
	memcpy(text, low->data, common);
	for (size_t i = common + DIGITS; i-- > common;)
	{
		double		rest = floor(middle / alphabet->base);

		text[i] = alphabet->character((int) (middle - rest * alphabet->base));
		middle = rest;
	}
	initStringInfo(&buf);
	maria_append_remote_literal(&buf, field, text, common + DIGITS);
	return buf.data;
}

/*
 * The digits of a UUID in the order in which they count: as they are written,
 * or the last group first, which is how MariaDB orders most versions.
 */
static const char uuid_written[] = "01234567-9abc-efgh-jklm-opqrstuvwxyz";
static const int uuid_last_first[] = {24, 25, 26, 27, 28, 29, 30, 31, 32, 33,
34, 35};
static const int uuid_in_order[] = {0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 12};

/* Is this a UUID as MariaDB writes it? */
static bool
is_uuid(const MariaValue *value)
{
	if (value->len != strlen(uuid_written))
		return false;
	for (size_t i = 0; i < value->len; i++)
		if (uuid_written[i] == '-' ? value->data[i] != '-'
			: !isxdigit(value->data[i]))
			return false;
	return true;
}

static uint64
uuid_number(const MariaValue *value, const int *places)
{
	uint64		number = 0;

	for (size_t i = 0; i < lengthof(uuid_in_order); i++)
	{
		unsigned char c = value->data[places[i]];

		number = number << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return number;
}

static char *
uuid_midpoint(const MariaValue *low, const MariaValue *high,
			  const int *places)
{
	uint64		from;
	uint64		to;
	uint64		middle;
	char	   *text;

	if (!is_uuid(low) || !is_uuid(high))
		return NULL;
	from = uuid_number(low, places);
	to = uuid_number(high, places);
	if (to <= from)
		return NULL;
	middle = halfway(from, to);
	text = pnstrdup((const char *) low->data, low->len);
	for (size_t i = lengthof(uuid_in_order); i-- > 0; middle >>= 4)
		text[places[i]] = "0123456789abcdef"[middle & 15];
	if (strspn(text, "0123456789abcdefABCDEF-") != strlen(uuid_written))
		return NULL;
	return psprintf("'%s'", text);
}

/* The keys came from separate results, of any type. */
static bool
is_of_field(const MariaField *field, const MariaValue *value)
{
	if (field->width > 0)
		return value->len == (size_t) field->width;
	return maria_is_well_formed(field, value->data, value->len);
}

/*
 * Texts: by the order of most collations, or by their bytes.  A non-ASCII
 * letter at an end may sort among the others, so each end may be ignored.
 */
static char *
text_midpoint(const MariaField *field, const MariaValue *low,
			  const MariaValue *high, int try)
{
	return string_midpoint(try % 2 == 0 ? &folded : &printable, try / 2,
						   field, low, high);
}

/*
 * Returns a literal between two keys of a field, the low one excluded, or
 * NULL.  The caller may try again with another order.
 */
char *
maria_key_midpoint(const MariaField *field, const MariaValue *low,
				   const MariaValue *high, int try)
{
	bool		is_first = try == 0;

	if (!is_of_field(field, low) || !is_of_field(field, high))
		return NULL;
	switch (field->type)
	{
		case MARIA_TINYINT:
		case MARIA_SMALLINT:
		case MARIA_INT:
		case MARIA_BIGINT:
		case MARIA_YEAR:
			return is_first ? integer_midpoint(field, low, high) : NULL;
		case MARIA_BIT:
			return is_first ? psprintf(UINT64_FORMAT,
									   halfway(bits_value(low), bits_value(high))) : NULL;
		case MARIA_FLOAT:
		case MARIA_DOUBLE:
		case MARIA_DECIMAL:
			return is_first ? number_midpoint(field, low, high) : NULL;
		case MARIA_DATE:
		case MARIA_DATETIME:
		case MARIA_TIMESTAMP:
			return is_first ? date_midpoint(field, low, high) : NULL;
		case MARIA_TIME:
			return is_first ? time_midpoint(low, high) : NULL;
		case MARIA_BYTES:
			return is_first ? string_midpoint(&bytes, BOTH_ENDS, field, low,
											  high) : NULL;
		case MARIA_TEXT:
			return text_midpoint(field, low, high, try);
		case MARIA_UUID:
			return try < 2 ? uuid_midpoint(low, high, is_first ? uuid_last_first
										   : uuid_in_order) : NULL;
		default:
			return NULL;
	}
}
