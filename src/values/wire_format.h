/*
 * Reading the binary protocol's values: little-endian numbers, and dates and
 * times whose trailing zero parts are cut.  The bytes may be unaligned.
 */
#ifndef MARIADB_FDW_WIRE_FORMAT_H
#define MARIADB_FDW_WIRE_FORMAT_H

#include "mariadb_fdw.h"

/* A date, a time of day, or both; day counts days of a TIME too. */
typedef struct RemoteTime
{
	bool		negative;
	int			year;
	int			month;
	int			day;
	int			hour;
	int			minute;
	int			second;
	uint32		microsecond;
} RemoteTime;

static inline uint16
read_uint16(const unsigned char *p)
{
	return p[0] | p[1] << 8;
}

static inline uint32
read_uint32(const unsigned char *p)
{
	return p[0] | p[1] << 8 | p[2] << 16 | (uint32) p[3] << 24;
}

static inline uint64
read_uint64(const unsigned char *p)
{
	return read_uint32(p) | (uint64) read_uint32(p + 4) << 32;
}

static inline uint64
read_unsigned(const unsigned char *p, int width)
{
	switch (width)
	{
		case 1:
			return p[0];
		case 2:
			return read_uint16(p);
		case 4:
			return read_uint32(p);
		default:
			return read_uint64(p);
	}
}

static inline int64
read_signed(const unsigned char *p, int width)
{
	switch (width)
	{
		case 1:
			return (int8) p[0];
		case 2:
			return (int16) read_uint16(p);
		case 4:
			return (int32) read_uint32(p);
		default:
			return (int64) read_uint64(p);
	}
}

static inline float
read_float(const unsigned char *p)
{
	uint32		bits = read_uint32(p);
	float		value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

static inline double
read_double(const unsigned char *p)
{
	uint64		bits = read_uint64(p);
	double		value;

	memcpy(&value, &bits, sizeof(value));
	return value;
}

/* The last year of a YEAR, and the whole days of the longest TIME. */
#define MAX_YEAR 2155
#define MAX_TIME_DAYS 34

/* Two-digit years from here on are in the 1900s, those below in the 2000s. */
#define FIRST_YEAR_OF_1900S 70

/* YEAR(2) is sent as two digits. */
static inline int
read_year(const MariaField *field, const unsigned char *p)
{
	int			year = read_uint16(p);

	if (field->length == 2)
		year += year < FIRST_YEAR_OF_1900S ? 2000 : 1900;
	return year;
}

/* Lengths of times: trailing parts that are zero are not sent. */
#define DATE_LENGTH 4
#define DATETIME_LENGTH 7
#define DATETIME_USEC_LENGTH 11
#define TIME_LENGTH 8
#define TIME_USEC_LENGTH 12

/* DATE, DATETIME and TIMESTAMP. */
static inline RemoteTime
read_datetime(const unsigned char *p, size_t len)
{
	RemoteTime	when = {0};

	if (len >= DATE_LENGTH)
	{
		when.year = read_uint16(p);
		when.month = p[2];
		when.day = p[3];
	}
	if (len >= DATETIME_LENGTH)
	{
		when.hour = p[4];
		when.minute = p[5];
		when.second = p[6];
	}
	if (len >= DATETIME_USEC_LENGTH)
		when.microsecond = read_uint32(p + 7);
	return when;
}

static inline bool
is_datetime_length(size_t len)
{
	return len == 0 || len == DATE_LENGTH || len == DATETIME_LENGTH ||
		len == DATETIME_USEC_LENGTH;
}

static inline bool
is_time_length(size_t len)
{
	return len == 0 || len == TIME_LENGTH || len == TIME_USEC_LENGTH;
}

/* Is this a valid time of day? */
static inline bool
is_time_of_day(const RemoteTime *when)
{
	return when->hour < HOURS_PER_DAY && when->minute < MINS_PER_HOUR &&
		when->second < SECS_PER_MINUTE && when->microsecond < USECS_PER_SEC;
}

/* TIME. */
static inline RemoteTime
read_time(const unsigned char *p, size_t len)
{
	RemoteTime	when = {0};

	if (len >= TIME_LENGTH)
	{
		when.negative = p[0] != 0;
		when.day = (int) read_uint32(p + 1);
		when.hour = p[5];
		when.minute = p[6];
		when.second = p[7];
	}
	if (len >= TIME_USEC_LENGTH)
		when.microsecond = read_uint32(p + 8);
	return when;
}

/* A geometry: SRID, byte order, type, and at least one number. */
#define MIN_GEOMETRY 9
#define EWKB_HAS_SRID 0x20

/*
 * Writes a geometry as EWKB, which is WKB where the SRID is 0.  MariaDB
 * writes little-endian always.  Returns the number of bytes, at most len.
 */
static inline size_t
write_ewkb(unsigned char *to, const unsigned char *data, size_t len)
{
	if (read_uint32(data) == 0)
	{
		memcpy(to, data + 4, len - 4);
		return len - 4;
	}
	memcpy(to, data + 4, 5);
	to[4] |= EWKB_HAS_SRID;
	memcpy(to + 5, data, 4);
	memcpy(to + 9, data + 9, len - 9);
	return len;
}

static inline int64
power_of_ten(int n)
{
	int64		result = 1;

	while (n-- > 0)
		result *= 10;
	return result;
}

#endif							/* MARIADB_FDW_WIRE_FORMAT_H */
