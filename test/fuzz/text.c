/*
 * Fuzzes the texts of an application: schema.prisma and SQL.
 */
#include "fuzz.h"

#include "utils/builtins.h"

#include "prisma/convert.h"
#include "review/review.h"

/* Checks that the conversion can parse its own output. */
static void
fuzz_prisma(const uint8 *data, size_t size)
{
	char	   *text = fuzz_text(data, size);
	MariaPrisma *prisma;
	char	   *written;

	if (text == NULL)
		return;
	prisma = maria_parse_prisma(text);
	if (prisma->error)
		return;
	maria_prisma_to_postgres(prisma);
	if (prisma->error)
		return;
	written = maria_write_prisma(prisma);
	prisma = maria_parse_prisma(written);
	if (prisma->error)
		fuzz_wrong("line %d of the result: %s\n%s", prisma->line,
				   prisma->error, written);
}

static void
fuzz_prisma_review(const uint8 *data, size_t size)
{
	char	   *text = fuzz_text(data, size);
	MariaPrisma *prisma;

	if (text == NULL)
		return;
	prisma = maria_parse_prisma(text);
	if (prisma->error == NULL)
		maria_review_prisma(prisma);
}

static void
fuzz_review_sql(const uint8 *data, size_t size)
{
	char	   *text = fuzz_text(data, size);

	if (text)
		maria_review_sql(text);
}

const FuzzTarget fuzz_text_targets[] = {
	{"prisma", fuzz_prisma},
	{"prisma_review", fuzz_prisma_review},
	{"review_sql", fuzz_review_sql},
	{NULL}
};
