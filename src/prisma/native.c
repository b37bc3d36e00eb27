/*
 * What does a native type of Prisma's MySQL become in PostgreSQL?
 *
 * A row for each type, with what the user must know about it.
 */
#include "postgres.h"

#include "prisma/convert.h"
#include "prisma/lookup.h"

static const MariaPrismaNative natives[] = {
	{"Int", "Int"},
	{"Int", "SmallInt", "SmallInt"},
	{"Int", "TinyInt", "SmallInt"},
	{"Int", "MediumInt"},
	{"Int", "Year", "SmallInt", 0, {0}, "info",
	"YEAR becomes smallint",
	"the application has to check that a value is 0 or 1901 to 2155"},
	{"Int", "UnsignedTinyInt", "SmallInt", 0, {0}, "low",
	"UnsignedTinyInt becomes smallint, which accepts negative values",
	"check in the application, or add a CHECK constraint, which Prisma does not see"},
	{"Int", "UnsignedSmallInt", NULL, 0, {0}, "low",
	"UnsignedSmallInt becomes integer, which accepts negative values",
	"check in the application, or add a CHECK constraint, which Prisma does not see"},
	{"Int", "UnsignedMediumInt", NULL, 0, {0}, "low",
	"UnsignedMediumInt becomes integer, which accepts negative values",
	"check in the application, or add a CHECK constraint, which Prisma does not see"},
	{"Int", "UnsignedInt", NULL, 0, {0}, "medium",
	"UnsignedInt becomes integer, whose maximum is 2147483647",
	"check the greatest value; if it is larger, use BigInt, also in the fields that refer to it"},
	{"BigInt", "BigInt"},
	{"BigInt", "UnsignedBigInt", NULL, 0, {0}, "low",
	"UnsignedBigInt becomes bigint, whose maximum is 9223372036854775807",
	"check the greatest value; if it is larger, use Decimal @db.Decimal(20, 0), also in the fields that refer to it"},
	{"Float", "Float", "Real", 0, {0}, "low",
	"a FLOAT reads as 0.10000000149011612 on MariaDB and as 0.1 on PostgreSQL",
	"equality with a decimal fraction now matches rows"},
	{"Float", "Double"},
	{"Decimal", "Decimal", "Decimal", 2, {10, 0}},
	{"Boolean", "TinyInt", NULL, 0, {0}, "low",
	"a tinyint can hold more than 0 and 1, a boolean cannot",
	"check for other values before the migration; mariadb.preflight does"},
	{"Boolean", "UnsignedTinyInt", NULL, 0, {0}, "low",
	"a tinyint can hold more than 0 and 1, a boolean cannot",
	"check for other values before the migration; mariadb.preflight does"},
	{"Boolean", "Bit"},
	{"String", "Char", "Char", 0, {0}, "medium",
	"MariaDB strips trailing blanks of CHAR, PostgreSQL pads with blanks and returns them",
	"use @db.VarChar of the same length unless every value fills the column"},
	{"String", "VarChar", "VarChar"},
	{"String", "TinyText"},
	{"String", "Text", "Text"},
	{"String", "MediumText"},
	{"String", "LongText"},
	{"DateTime", "Date", "Date"},
	{"DateTime", "Time", "Time", 1, {0}, "medium",
	"MariaDB's TIME spans -838:59:59 to 838:59:59, PostgreSQL's spans one day",
	"check for values outside of a day; mariadb.preflight does"},
	{"DateTime", "DateTime", "Timestamp", 1, {0}},
	{"DateTime", "Timestamp", "Timestamp", 1, {0}, "high",
	"MariaDB shows a TIMESTAMP in the session's time zone, and the column in PostgreSQL stores what is shown",
	"migrate with the time zone that the application used; set the database's timezone to UTC; keep timestamp(n) rather than Timestamptz"},
	{"Json", "Json"},
	{"Bytes", "Bit", NULL, 0, {0}, "info",
	"BIT(n) becomes bytea of the same bytes",
	"change SQL that compares it with a number"},
	{"Bytes", "Binary", NULL, 0, {0}, "info",
	"BINARY(n) becomes bytea, which is not padded with zero bytes",
	"write all n bytes, or add a CHECK constraint"},
	{"Bytes", "VarBinary"},
	{"Bytes", "TinyBlob"},
	{"Bytes", "Blob"},
	{"Bytes", "MediumBlob"},
	{"Bytes", "LongBlob"},
};

/* Returns the row of a field's native type, or NULL. */
const MariaPrismaNative *
maria_prisma_native_row(const MariaPrismaField *field)
{
	const char *name = maria_prisma_native_name(field);

	if (name == NULL)
		return NULL;
	for (size_t i = 0; i < lengthof(natives); i++)
		if (strcmp(natives[i].type, field->type) == 0 &&
			strcmp(natives[i].mysql, name) == 0)
			return &natives[i];
	return NULL;
}
