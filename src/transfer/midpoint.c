/*
 * Which key lies about halfway between two keys?
 *
 * An answer is a guess that MariaDB is asked about: its collation may order
 * texts in another way, and a key may not exist.  So what matters is that it
 * is a valid literal of the column's type, and that it is not far off.
 */
#include "postgres.h"

#include <ctype.h>
#include <math.h>

#include "lib/stringinfo.h"
#include "utils/timestamp.h"

#include "transfer/chunk.h"
#include "values/wire_format.h"

/* So many characters or bytes behind the common beginning count. */
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
	/* With the sign turned, signed numbers order as unsigned ones do. */
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

/* A date as a number that grows with it; years have 13 months of 32 days. */
static uint64
date_number(const MariaValue *value)
{
	RemoteTime	when = read_datetime(value->data, value->len);
	uint64		days = ((uint64) when.year * 13 + when.month) * 32 + when.day;

	return ((days * HOURS_PER_DAY + when.hour) * MINS_PER_HOUR + when.minute) *
		SECS_PER_MINUTE + when.second;
}

/* Back again, to a day that each month has. */
static char *
date_midpoint(const MariaField *field, const MariaValue *low,
			  const MariaValue *high)
{
	uint64		number = halfway(date_number(low), date_number(high));
	int			seconds = number % SECS_PER_DAY;
	int			days = number / SECS_PER_DAY;
	int			month = days / 32 % 13;

	return psprintf("'%04d-%02d-%02d%s'", days / 32 / 13, Max(month, 1),
					Min(Max(days % 32, 1), 28),
					field->type == MARIA_DATE ? "" :
					psprintf(" %02d:%02d:%02d", seconds / 3600,
							 seconds / 60 % 60, seconds % 60));
}

static int64
time_seconds(const MariaValue *value)
{
	RemoteTime	when = read_time(value->data, value->len);
	int64		seconds = ((int64) when.day * 24 + when.hour) * 3600 +
	when.minute * 60 + when.second;

	return when.negative ? -seconds : seconds;
}

static char *
time_midpoint(const MariaValue *low, const MariaValue *high)
{
	int64		from = time_seconds(low);
	int64		middle = from + (time_seconds(high) - from + 1) / 2;
	int			seconds = middle < 0 ? -middle : middle;

	return psprintf("'%s%02d:%02d:%02d'", middle < 0 ? "-" : "",
					seconds / 3600, seconds / 60 % 60, seconds % 60);
}

/* Keys as numbers to some base: how a character counts, and back. */
typedef struct Alphabet
{
	int			base;
	int			(*digit) (unsigned char c);
	char		(*character) (int digit);
} Alphabet;

/* Most collations: signs before digits before letters, case is no matter. */
static int
folded_digit(unsigned char c)
{
	if (c < '0')
		return 0;
	if (c <= '9')
		return 1 + c - '0';
	if (c >= 'a' && c <= 'z')
		return 11 + c - 'a';
	if (c >= 'A' && c <= 'Z')
		return 11 + c - 'A';
	return c < 0x80 ? 0 : 37;
}

static char
folded_character(int digit)
{
	if (digit == 0)
		return '-';
	return digit <= 10 ? '0' + digit - 1 : 'a' + Min(digit - 11, 25);
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
	return i;
}

/* Returns a literal, or NULL where the two cannot be told apart. */
static char *
string_midpoint(const Alphabet *alphabet, const MariaField *field,
				const MariaValue *low, const MariaValue *high)
{
	size_t		common = common_length(alphabet, low, high);
	double		from = digits_value(alphabet, low, common);
	double		to = digits_value(alphabet, high, common);
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
	return psprintf("'%s'", text);
}

/*
 * Returns a literal between two keys of a field, the low one excluded, or
 * NULL.  There may be another try with another view of the order.
 */
char *
maria_key_midpoint(const MariaField *field, const MariaValue *low,
				   const MariaValue *high, int try)
{
	bool		is_first = try == 0;

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
			return is_first ? string_midpoint(&bytes, field, low, high) : NULL;
		case MARIA_TEXT:
			return string_midpoint(is_first ? &folded : &printable, field,
								   low, high);
		case MARIA_UUID:
			return uuid_midpoint(low, high,
								 is_first ? uuid_last_first : uuid_in_order);
		default:
			return NULL;
	}
}
