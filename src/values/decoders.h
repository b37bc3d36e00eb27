/* Private to the values layer: the decoders, and how they reject a value. */
#ifndef MARIADB_FDW_DECODERS_H
#define MARIADB_FDW_DECODERS_H

#include "values/values.h"

#define MARIA_DECODER(name) \
	Datum name(MariaColumn *col, const unsigned char *data, size_t len, \
			   bool *isnull)

/* Raises an error about the current value; the reader adds its location. */
#define value_error(col, data, len, sqlstate, ...) \
	ereport(ERROR, \
			(errcode(sqlstate), \
			 errmsg(__VA_ARGS__), \
			 errdetail("The value is %s.", maria_shown_value(col, data, len))))

/* Is a type sent as characters? */
static inline bool
is_text_like(MariaType type)
{
	return type >= MARIA_TEXT && type <= MARIA_INET && type != MARIA_BYTES;
}

/* refuse.c */
extern char *maria_shown_value(MariaColumn *col, const unsigned char *data,
							   size_t len);
pg_noreturn extern void maria_report_malformed(MariaColumn *col,
											   const unsigned char *data,
											   size_t len);
extern void maria_report_out_of_range(MariaColumn *col,
									  const unsigned char *data, size_t len);

/* decode_*.c */
extern void maria_load_labels(MariaColumn *col);
extern MARIA_DECODER(maria_decode_bigint_int8);
extern MARIA_DECODER(maria_decode_bit);
extern MARIA_DECODER(maria_decode_bit_bool);
extern MARIA_DECODER(maria_decode_bit_integer);
extern MARIA_DECODER(maria_decode_bool);
extern MARIA_DECODER(maria_decode_bpchar);
extern MARIA_DECODER(maria_decode_bytes);
extern MARIA_DECODER(maria_decode_date);
extern MARIA_DECODER(maria_decode_decimal_numeric);
extern MARIA_DECODER(maria_decode_enum);
extern MARIA_DECODER(maria_decode_float4);
extern MARIA_DECODER(maria_decode_float8);
extern MARIA_DECODER(maria_decode_float_float8);
extern MARIA_DECODER(maria_decode_floating_numeric);
extern MARIA_DECODER(maria_decode_geometry);
extern MARIA_DECODER(maria_decode_int2);
extern MARIA_DECODER(maria_decode_int4);
extern MARIA_DECODER(maria_decode_int8);
extern MARIA_DECODER(maria_decode_int_int4);
extern MARIA_DECODER(maria_decode_integer_numeric);
extern MARIA_DECODER(maria_decode_interval);
extern MARIA_DECODER(maria_decode_jsonb);
extern MARIA_DECODER(maria_decode_set);
extern MARIA_DECODER(maria_decode_smallint_int2);
extern MARIA_DECODER(maria_decode_text);
extern MARIA_DECODER(maria_decode_time);
extern MARIA_DECODER(maria_decode_timestamp);
extern MARIA_DECODER(maria_decode_tinyint_int2);
extern MARIA_DECODER(maria_decode_timestamptz);
extern MARIA_DECODER(maria_decode_uuid);
extern MARIA_DECODER(maria_decode_uuid_bytes);
extern MARIA_DECODER(maria_decode_varchar);
extern MARIA_DECODER(maria_decode_vector);
extern MARIA_DECODER(maria_decode_year);

#endif							/* MARIADB_FDW_DECODERS_H */
