/* How are MariaDB's dates and times decoded, including invalid ones? */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"

#include "values/decoders.h"
#include "values/wire_format.h"

/*
 * Dates and times.
 */

/* Applies the policy for an invalid date. */
static Datum
invalid_date(MariaColumn *col, const unsigned char *data, size_t len,
			 bool *isnull)
{
	if (col->zero_dates == POLICY_NULL)
	{
		*isnull = true;
		return (Datum) 0;
	}
	if (col->zero_dates == POLICY_INFINITY)
		return col->type == DATEOID ? DateADTGetDatum(DATEVAL_NOBEGIN)
			: TimestampGetDatum(DT_NOBEGIN);
	ereport(ERROR,
			(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
			 errmsg("%s value is not a valid date",
					maria_typed(col->field)),
			 errdetail("The value is %s.", maria_shown_value(col, data, len)),
			 errhint("Set option \"zero_dates\" of the server, foreign table or column to \"null\" or \"-infinity\".")));
}

/* Days of a month, February as in leap years; is_valid_date knows the rest. */
static inline bool
is_valid_date(const RemoteTime *when)
{
	return when->year >= 1 && when->month >= 1 && when->month <= 12 &&
		when->day >= 1 &&
		when->day <= day_tab[isleap(when->year)][when->month - 1];
}

static inline int32
days_since_2000(const RemoteTime *when)
{
	return date2j(when->year, when->month, when->day) - POSTGRES_EPOCH_JDATE;
}

static inline int64
microseconds_of_day(const RemoteTime *when)
{
	return ((when->hour * MINS_PER_HOUR + when->minute) * SECS_PER_MINUTE +
			when->second) * USECS_PER_SEC + when->microsecond;
}

/* A malformed date and time cannot be the value of a column. */
static inline void
check_form(MariaColumn *col, const RemoteTime *when,
		   const unsigned char *data, size_t len)
{
	if (unlikely(!is_datetime_length(len) || !is_time_of_day(when)))
		maria_report_malformed(col, data, len);
}

Datum
maria_decode_date(MariaColumn *col, const unsigned char *data, size_t len,
				  bool *isnull)
{
	RemoteTime	when = read_datetime(data, len);

	if (unlikely(!is_valid_date(&when)))
		return invalid_date(col, data, len, isnull);
	check_form(col, &when, data, len);
	if (unlikely(microseconds_of_day(&when) != 0))
		value_error(col, data, len, ERRCODE_DATETIME_FIELD_OVERFLOW,
					"%s value has a time of day",
					maria_typed(col->field));
	return DateADTGetDatum(days_since_2000(&when));
}

/* A typmod with fewer digits than the value has would round it. */
static inline void
check_precision(MariaColumn *col, int64 microseconds,
				const unsigned char *data, size_t len)
{
	if (likely(col->unit == 1 || microseconds % col->unit == 0))
		return;
	value_error(col, data, len, ERRCODE_DATETIME_FIELD_OVERFLOW,
				"%s value has more fractional digits than type %s",
				maria_typed(col->field),
				format_type_with_typemod(col->type, col->typmod));
}

/* The time that MariaDB shows, in the session's time zone. */
Datum
maria_decode_timestamp(MariaColumn *col, const unsigned char *data, size_t len,
					   bool *isnull)
{
	RemoteTime	when = read_datetime(data, len);

	if (unlikely(!is_valid_date(&when)))
		return invalid_date(col, data, len, isnull);
	check_form(col, &when, data, len);
	check_precision(col, when.microsecond, data, len);
	return TimestampGetDatum(days_since_2000(&when) * USECS_PER_DAY +
							 microseconds_of_day(&when));
}

/* The instant; DATETIME has no zone of its own, so the session's counts. */
Datum
maria_decode_timestamptz(MariaColumn *col, const unsigned char *data,
						 size_t len, bool *isnull)
{
	Timestamp	value = DatumGetTimestamp(maria_decode_timestamp(col, data, len,
																 isnull));

	if (!TIMESTAMP_NOT_FINITE(value))
		value -= col->field->zone_offset;
	return TimestampTzGetDatum(value);
}

/* Reads a TIME, which is at most 838:59:59.999999. */
static inline RemoteTime
checked_time(MariaColumn *col, const unsigned char *data, size_t len)
{
	if (unlikely(!maria_is_well_formed(col->field, data, len)))
		maria_report_malformed(col, data, len);
	return read_time(data, len);
}

Datum
maria_decode_time(MariaColumn *col, const unsigned char *data, size_t len,
				  bool *isnull)
{
	RemoteTime	when = checked_time(col, data, len);
	int64		value = when.day * USECS_PER_DAY + microseconds_of_day(&when);

	if ((when.negative && value != 0) || value >= USECS_PER_DAY)
		ereport(ERROR,
				(errcode(ERRCODE_DATETIME_FIELD_OVERFLOW),
				 errmsg("%s time value is out of range for type %s",
						maria_product_of(col->field),
						format_type_be(col->type)),
				 errdetail("The value is %s.", maria_shown_value(col, data, len)),
				 errhint("Declare the column of the foreign table as interval, or import it with option \"time_as\" set to \"interval\".")));
	check_precision(col, when.microsecond, data, len);
	return TimeADTGetDatum(value);
}

Datum
maria_decode_interval(MariaColumn *col, const unsigned char *data, size_t len,
					  bool *isnull)
{
	RemoteTime	when = checked_time(col, data, len);
	Interval   *value = palloc0(sizeof(Interval));

	value->time = when.day * USECS_PER_DAY + microseconds_of_day(&when);
	if (when.negative)
		value->time = -value->time;
	check_precision(col, when.microsecond, data, len);
	return IntervalPGetDatum(value);
}
