/*
 * From a remote value to a Datum and to text.  Pure: no connection, no
 * catalog access after a column has been set up.
 */
#ifndef MARIADB_FDW_VALUES_H
#define MARIADB_FDW_VALUES_H

#include "mariadb_fdw.h"

#include "access/tupdesc.h"
#include "fmgr.h"
#include "lib/stringinfo.h"

#include "wire/wire.h"

typedef struct MariaColumn MariaColumn;

/* Makes the Datum; sets *isnull only where a policy turns a value to NULL. */
typedef Datum (*MariaDecoder) (MariaColumn *col, const unsigned char *data,
							   size_t len, bool *isnull);

typedef struct MariaEnumLabel
{
	const char *label;
	size_t		len;
	Oid			oid;
} MariaEnumLabel;

/* Everything about a column that is known before its first value arrives. */
struct MariaColumn
{
	MariaDecoder decode;
	const MariaField *field;
	const char *name;			/* local column name, for errors */
	int			index;			/* in values[] and isnull[] */
	Oid			type;			/* a domain's base type */
	int32		typmod;
	int			zero_dates;
	int			nul_bytes;
	int			invalid_enum;
	int			invalid_utf8;
	int			key;			/* place in the primary key, 0 = not in it */
	bool		reports_value;	/* errors may be raised by other functions */
	FmgrInfo	equal;			/* for types whose typmod rounds, or unset */
	FmgrInfo	input;			/* for pairs without a decoder of their own */
	Oid			ioparam;
	Oid			domain;			/* and what its decoder needs */
	MariaDecoder decode_base;
	void	   *domain_cache;
	MemoryContext context;
	int64		unit;			/* microseconds that the typmod resolves */
	int			nlabels;
	MariaEnumLabel *labels;
};

/* Reads rows of one result into values of one row type. */
typedef struct MariaReader
{
	const char *relation;		/* what the errors call the remote table */
	MariaResult *result;
	int			ncolumns;
	MariaColumn *columns;
	MariaColumn *current;		/* being decoded, for the error context */
} MariaReader;

/* decode.c */
extern void maria_column_init(MariaColumn *col, const MariaField *field,
							  Form_pg_attribute att,
							  const MariaOptions *opts);

/* reader.c */
extern void maria_reader_init(MariaReader *reader, MariaResult *result,
							  const char *relation, TupleDesc desc,
							  List *attnums, MariaOptions **opts);
extern bool maria_reader_is_pure(const MariaReader *reader);
extern void maria_reader_row(MariaReader *reader, Datum *values, bool *isnull);

/* extension_type.c */
extern Oid	maria_extension_type(const char *extension, const char *name);
extern bool maria_holds_vector(Oid type);

/* text.c */
extern char *maria_value_text(const MariaField *field,
							  const unsigned char *data, size_t len);
extern const char *maria_product_of(const MariaField *field);
extern const char *maria_type_name(const MariaField *field);
extern char *maria_typed(const MariaField *field);
extern bool maria_is_well_formed(const MariaField *field,
								 const unsigned char *data, size_t len);
extern char *maria_whole_text(MariaResult *result, int field, bool *whole);
extern char *maria_field_text(MariaResult *result, int field);
extern int64 maria_field_number(MariaResult *result, int field,
								int64 if_null);

/* literal.c */
extern void maria_append_remote_literal(StringInfo buf,
										const MariaField *field,
										const unsigned char *data, size_t len);

/* numeric.c */
extern int	maria_numeric_scale(int32 typmod);
extern bool maria_is_decimal(const unsigned char *data, size_t len);
extern bool maria_numeric_from_text(const unsigned char *data, size_t len,
									int32 typmod, Datum *result);

/* jsonb.c */
extern Datum maria_jsonb_from_text(const char *data, size_t len);

#endif							/* MARIADB_FDW_VALUES_H */
