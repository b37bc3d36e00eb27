/*
 * Do time and memory grow in proportion to the text?
 *
 * The first byte of an input chooses another target; what follows is a head, a
 * piece and a tail, separated by a byte 1.  The piece is repeated until
 * the text is long, so that quadratic algorithms take too long.
 */
#include "fuzz.h"

#include "lib/stringinfo.h"

#define LONG_TEXT (64 * 1024)
#define SEPARATOR 1

static const char *const repeated[] = {
	"prisma", "prisma_review", "review_sql", "expression", "view",
	"partition", "column_type", "json"
};

static void
prepare_repeat(void)
{
	for (size_t i = 0; i < lengthof(repeated); i++)
	{
		const FuzzTarget *target = fuzz_target(repeated[i]);

		if (target->prepare)
			target->prepare();
	}
}

/* Reads the part of an input up to the next separator. */
static StringInfoData
take_part(FuzzInput *input)
{
	StringInfoData part;

	initStringInfo(&part);
	while (input->at < input->end)
	{
		uint8		byte = fuzz_byte(input);

		if (byte == SEPARATOR)
			break;
		appendStringInfoChar(&part, byte);
	}
	return part;
}

static void
fuzz_repeat(const uint8 *data, size_t size)
{
	FuzzInput	input = {data, data + size};
	uint8		choice = fuzz_byte(&input) % lengthof(repeated);
	StringInfoData text = take_part(&input);
	StringInfoData piece = take_part(&input);
	StringInfoData tail = take_part(&input);

	if (piece.len == 0)
		return;
	while (text.len < LONG_TEXT)
		appendBinaryStringInfo(&text, piece.data, piece.len);
	appendBinaryStringInfo(&text, tail.data, tail.len);
	fuzz_target(repeated[choice])->run((uint8 *) text.data, text.len);
}

const FuzzTarget fuzz_repeat_targets[] = {
	{"repeat", fuzz_repeat, prepare_repeat},
	{NULL}
};
