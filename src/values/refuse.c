/* How is a value rejected that cannot be converted? */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "values/decoders.h"

/* How much of a value an error message shows, in bytes. */
#define SHOWN_BYTES 100

/* Arbitrary text, in hexadecimal unless all of it is printable. */
static char *
shown_text(const unsigned char *data, size_t len)
{
	int			shown = pg_encoding_mbcliplen(PG_UTF8, (const char *) data, len,
											  SHOWN_BYTES);
	MariaField	raw = {.type = MARIA_BYTES};
	bool		whole;
	char	   *text;

	/* A truncated last character would extend past the value. */
	text = maria_to_local((const char *) data, Min((size_t) shown, len), &whole);

	/* The length above ends at a NUL. */
	if (whole && memchr(data, '\0', Min(len, SHOWN_BYTES)) == NULL)
		return text;
	return maria_value_text(&raw, data, Min(len, SHOWN_BYTES / 2));
}

/* Returns a value for a message: truncated, and safe to print. */
char *
maria_shown_value(MariaColumn *col, const unsigned char *data, size_t len)
{
	if (is_text_like(col->field->type) || col->field->type == MARIA_DECIMAL)
		return psprintf("\"%s\"%s", shown_text(data, len),
						len > SHOWN_BYTES ? "..." : "");
	if (col->field->width == 0)
		return psprintf("\"%s\"%s",
						maria_value_text(col->field, data,
										 Min(len, SHOWN_BYTES / 2)),
						len > SHOWN_BYTES / 2 ? "..." : "");
	return psprintf("\"%s\"", maria_value_text(col->field, data, len));
}

/* Returns the import option that offers another type for a pair, or NULL. */
static const char *
other_choice(const MariaColumn *col)
{
	if (col->type == BOOLOID && col->field->type == MARIA_TINYINT)
		return "\"tinyint1_as\" set to \"smallint\"";
	if (col->type == INT4OID && col->field->type == MARIA_INT &&
		col->field->is_unsigned)
		return "\"int_unsigned_as\" set to \"bigint\"";
	if (col->type == INT8OID && col->field->type == MARIA_BIGINT &&
		col->field->is_unsigned)
		return "\"bigint_unsigned_as\" set to \"numeric\"";
	return NULL;
}

void
maria_report_out_of_range(MariaColumn *col, const unsigned char *data,
						  size_t len)
{
	const char *choice = other_choice(col);

	ereport(ERROR,
			(errcode(ERRCODE_NUMERIC_VALUE_OUT_OF_RANGE),
			 errmsg("%s value is out of range for type %s",
					maria_typed(col->field), format_type_be(col->type)),
			 errdetail("The value is %s.", maria_shown_value(col, data, len)),
			 choice ? errhint("Declare the column of the foreign table as a wider type, or import it with option %s.", choice)
			 : errhint("Declare the column of the foreign table as a wider type.")));
}

/* Raises an error for bytes that MariaDB never sends for the type. */
void
maria_report_malformed(MariaColumn *col, const unsigned char *data, size_t len)
{
	value_error(col, data, len, ERRCODE_INVALID_BINARY_REPRESENTATION,
				"%s value is malformed", maria_typed(col->field));
}
