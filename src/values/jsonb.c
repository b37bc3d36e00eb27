/*
 * How does JSON text become jsonb quickly?
 *
 * The text is parsed once into an array of nodes in document order, and the
 * nodes are then written into one buffer by jsonb_write.c.  The result is that
 * of jsonb_in, byte for byte.  Whatever is invalid, rare or close to a limit
 * is left to jsonb_in itself, which returns the right value or error.
 */
#include "postgres.h"

#include <ctype.h>

#include "mb/pg_wchar.h"
#include "port/pg_bitutils.h"
#include "port/pg_bswap.h"
#include "utils/fmgrprotos.h"

#include "values/jsonb_node.h"
#include "values/values.h"

/*
 * Below these limits neither that of jsonb nor that of numeric's short form
 * can be reached: jsonb takes at most six bytes for a byte of text, and can
 * hold 2^28.
 */
#define MAX_TEXT_LENGTH		(16 * 1024 * 1024)
#define MAX_DEPTH			64
#define MAX_EXPONENT_DIGITS 3
#define MIN_PLACE			(-63)
#define MAX_PLACE			200

typedef struct MariaJsonParser
{
	const char *at;
	const char *end;
	MariaJsonNode *nodes;		/* on the stack up to STACK_NODES */
	uint32		count;
	uint32		capacity;
	uint32		depth;
	Size		text_size;		/* total size of the nodes' texts */
	char	   *unescaped;		/* allocated at the first escape */
	char	   *unescaped_end;
} MariaJsonParser;

static bool parse_value(MariaJsonParser *parser);

/* Double the room for nodes, moving them off the stack if needed. */
static pg_noinline void
grow_nodes(MariaJsonParser *parser)
{
	Size		size = parser->capacity * sizeof(MariaJsonNode);

	if (parser->capacity > STACK_NODES)
		parser->nodes = repalloc(parser->nodes, size * 2);
	else
		parser->nodes = memcpy(palloc(size * 2), parser->nodes, size);
	parser->capacity *= 2;
}

static inline MariaJsonNode *
add_node(MariaJsonParser *parser, JEntry type, const char *text, uint32 len)
{
	MariaJsonNode *node;

	if (unlikely(parser->count == parser->capacity))
		grow_nodes(parser);

	node = &parser->nodes[parser->count++];
	node->type = type;
	node->len = len;
	node->as.text = text;
	parser->text_size += len;
	return node;
}

static inline void
skip_space(MariaJsonParser *parser)
{
	/* The first test suffices for nearly all bytes. */
	while (parser->at < parser->end && *parser->at <= ' ' &&
		   (*parser->at == ' ' || *parser->at == '\n' ||
			*parser->at == '\t' || *parser->at == '\r'))
		parser->at++;
}

/* Step over a punctuation mark and the space before it, if it is next. */
static inline bool
take(MariaJsonParser *parser, char mark)
{
	skip_space(parser);
	if (parser->at == parser->end || *parser->at != mark)
		return false;
	parser->at++;
	return true;
}

/*
 * Mark which of eight bytes are a quote, a backslash or below a blank, by
 * their high bits.  The lowest mark is exact, others may be false.
 */
static inline uint64
mark_special(const char *text)
{
	const uint64 ones = UINT64CONST(0x0101010101010101);
	uint64		bytes;
	uint64		quotes;
	uint64		slashes;

	memcpy(&bytes, text, sizeof(bytes));
#ifdef WORDS_BIGENDIAN
	bytes = pg_bswap64(bytes);
#endif
	quotes = bytes ^ (ones * '"');
	slashes = bytes ^ (ones * '\\');
	return (((bytes - ones * ' ') & ~bytes) |
			((quotes - ones) & ~quotes) |
			((slashes - ones) & ~slashes)) & (ones * 0x80);
}

/* Find the first byte that cannot be copied as it is in a string. */
static inline const char *
skip_plain(const char *text, const char *end)
{
	for (; end - text >= (ptrdiff_t) sizeof(uint64); text += sizeof(uint64))
	{
		uint64		marks = mark_special(text);

		if (marks != 0)
			return text + pg_rightmost_one_pos64(marks) / BITS_PER_BYTE;
	}
	while (text < end && *text != '"' && *text != '\\' &&
		   (unsigned char) *text >= ' ')
		text++;
	return text;
}

/* Read the four digits of a \u escape; -1 if they are not there. */
static inline int
read_hex(const char *text, const char *end)
{
	int			value = 0;

	if (end - text < 4)
		return -1;
	for (int i = 0; i < 4; i++)
	{
		unsigned char c = text[i];

		if (!isxdigit(c))
			return -1;
		/* Letters, and no digits, have the bit of 64. */
		value = value * 16 + (c & 0x0F) + (c >> 6) * 9;
	}
	return value;
}

/*
 * Append the character of a \u escape whose digits are next.  Returns the end
 * of the escape, or NULL for what needs jsonb_in: NUL, half a surrogate pair,
 * or conversion to an encoding other than UTF-8.
 */
static const char *
unescape_unicode(MariaJsonParser *parser, const char *text)
{
	int			code = read_hex(text, parser->end);
	unsigned char *out = (unsigned char *) parser->unescaped_end;

	if (code <= 0 || (code > 0x7F && GetDatabaseEncoding() != PG_UTF8))
		return NULL;
	text += 4;

	if (is_utf16_surrogate_first(code))
	{
		int			second;

		if (parser->end - text < 6 || text[0] != '\\' || text[1] != 'u')
			return NULL;
		second = read_hex(text + 2, parser->end);
		if (second < 0 || !is_utf16_surrogate_second(second))
			return NULL;
		code = surrogate_pair_to_codepoint(code, second);
		text += 6;
	}
	else if (is_utf16_surrogate_second(code))
		return NULL;

	unicode_to_utf8(code, out);
	parser->unescaped_end += 1 + (code > 0x7F) + (code > 0x7FF) +
		(code > 0xFFFF);
	return text;
}

/* Append the character of an escape, after the backslash; NULL if unknown. */
static const char *
unescape(MariaJsonParser *parser, const char *text)
{
	static const char names[] = "\"\\/bfnrt";
	static const char values[] = "\"\\/\b\f\n\r\t";
	const char *name;

	if (text == parser->end)
		return NULL;
	if (*text == 'u')
		return unescape_unicode(parser, text + 1);
	name = memchr(names, *text, sizeof(names) - 1);
	if (name == NULL)
		return NULL;
	*parser->unescaped_end++ = values[name - names];
	return text + 1;
}

/* Parse the string whose plain part begins at text and ends at an escape. */
static bool
parse_escaped_string(MariaJsonParser *parser, const char *text,
					 const char *stop)
{
	const char *result;

	/* Unescaping never lengthens, so one buffer is enough for the rest. */
	if (parser->unescaped == NULL)
		parser->unescaped = parser->unescaped_end = palloc(parser->end - text);
	result = parser->unescaped_end;

	for (;;)
	{
		memcpy(parser->unescaped_end, text, stop - text);
		parser->unescaped_end += stop - text;
		if (stop == parser->end || *stop != '\\')
			break;
		do
		{
			stop = unescape(parser, stop + 1);
			if (stop == NULL)
				return false;
		} while (stop < parser->end && *stop == '\\');
		text = stop;
		stop = skip_plain(text, parser->end);
	}
	if (stop == parser->end || *stop != '"')
		return false;

	add_node(parser, JENTRY_ISSTRING, result, parser->unescaped_end - result);
	parser->at = stop + 1;
	return true;
}

/* Parse a string whose opening quote has been accepted. */
static bool
parse_string(MariaJsonParser *parser)
{
	const char *text = parser->at;
	const char *stop = skip_plain(text, parser->end);

	if (unlikely(stop == parser->end || *stop != '"'))
		return parse_escaped_string(parser, text, stop);

	add_node(parser, JENTRY_ISSTRING, text, stop - text);
	parser->at = stop + 1;
	return true;
}

/*
 * Add decimal digits to a value; returns their end.  It stops before a digit
 * that may not fit, which the caller then rejects.
 */
static inline const char *
read_digits(const char *text, const char *end, uint64 *value)
{
	for (; text < end && *text >= '0' && *text <= '9' &&
		 *value < PG_UINT64_MAX / 10; text++)
		*value = *value * 10 + (*text - '0');
	return text;
}

/* Add an exponent, if one is next, to a place; false if it is bad or long. */
static bool
parse_exponent(MariaJsonParser *parser, int *place)
{
	const char *text = parser->at;
	const char *digits;
	bool		negative;
	uint64		exponent = 0;

	if (text == parser->end || (*text != 'e' && *text != 'E'))
		return true;
	text++;
	negative = text < parser->end && *text == '-';
	digits = text + (negative || (text < parser->end && *text == '+'));
	text = read_digits(digits, parser->end, &exponent);
	if (text == digits || text - digits > MAX_EXPONENT_DIGITS)
		return false;
	*place += negative ? -(int) exponent : (int) exponent;
	parser->at = text;
	return true;
}

static bool
parse_number(MariaJsonParser *parser)
{
	const char *start = parser->at;
	bool		negative = *start == '-';
	const char *whole = start + negative;
	uint64		value = 0;
	const char *point = read_digits(whole, parser->end, &value);
	int			place = 0;
	MariaJsonNode *node;

	parser->at = point;
	if (point == whole || (*whole == '0' && point - whole > 1))
		return false;
	if (point < parser->end && *point == '.')
	{
		parser->at = read_digits(point + 1, parser->end, &value);
		place = point + 1 - parser->at;
		if (place == 0)
			return false;
	}
	if (!parse_exponent(parser, &place) ||
		place < MIN_PLACE || place > MAX_PLACE)
		return false;

	node = add_node(parser, JENTRY_ISNUMERIC, NULL, parser->at - start);
	node->as.value = value;
	node->place = place;
	node->negative = negative;
	return true;
}

static bool
parse_literal(MariaJsonParser *parser, const char *literal, JEntry type)
{
	size_t		len = strlen(literal);

	if ((size_t) (parser->end - parser->at) < len ||
		memcmp(parser->at, literal, len) != 0)
		return false;
	add_node(parser, type, NULL, 0);
	parser->at += len;
	return true;
}

/* Parse what follows a container's opening mark, and count the values. */
static bool
parse_children(MariaJsonParser *parser, bool is_object, uint32 *count)
{
	char		closing = is_object ? '}' : ']';

	if (take(parser, closing))
		return true;
	do
	{
		if (is_object && (!take(parser, '"') || !parse_string(parser) ||
						  !take(parser, ':')))
			return false;
		if (!parse_value(parser))
			return false;
		(*count)++;
	} while (take(parser, ','));
	return take(parser, closing);
}

static bool
parse_container(MariaJsonParser *parser, bool is_object)
{
	uint32		index = parser->count;
	uint32		count = 0;
	MariaJsonNode *node;

	parser->at++;
	if (++parser->depth > MAX_DEPTH)
		return false;
	add_node(parser, JENTRY_ISCONTAINER, NULL, 0);
	if (!parse_children(parser, is_object, &count))
		return false;
	parser->depth--;

	node = &parser->nodes[index];
	node->len = count | (is_object ? JB_FOBJECT : JB_FARRAY);
	node->as.span = parser->count - index;
	return true;
}

/* Parse any value into nodes; false if jsonb_in has to decide. */
static bool
parse_value(MariaJsonParser *parser)
{
	skip_space(parser);
	if (parser->at == parser->end)
		return false;
	switch (*parser->at)
	{
		case '{':
			return parse_container(parser, true);
		case '[':
			return parse_container(parser, false);
		case '"':
			parser->at++;
			return parse_string(parser);
		case 't':
			return parse_literal(parser, "true", JENTRY_ISBOOL_TRUE);
		case 'f':
			return parse_literal(parser, "false", JENTRY_ISBOOL_FALSE);
		case 'n':
			return parse_literal(parser, "null", JENTRY_ISNULL);
		default:
			return parse_number(parser);
	}
}

/* Let jsonb_in make the value or raise the error. */
static Datum
convert_by_jsonb_in(const char *data, size_t len)
{
	/* A NUL would silently truncate the text, so raise the error here. */
	pg_verifymbstr(data, len, false);
	return DirectFunctionCall1(jsonb_in,
							   CStringGetDatum(pnstrdup(data, len)));
}

/*
 * Convert JSON text, valid in the database encoding, to jsonb in the current
 * memory context.  Raises what jsonb_in raises.
 */
Datum
maria_jsonb_from_text(const char *data, size_t len)
{
	MariaJsonNode stack_nodes[STACK_NODES];
	MariaJsonParser parser = {
		.at = data,
		.end = data + len,
		.nodes = stack_nodes,
		.capacity = STACK_NODES
	};
	Datum		result = (Datum) 0;

	if (len > MAX_TEXT_LENGTH)
		return convert_by_jsonb_in(data, len);

	if (parse_value(&parser))
	{
		skip_space(&parser);
		if (parser.at == parser.end)
			result = maria_json_write(parser.nodes, parser.count,
									  parser.text_size);
	}

	/* A batch may hold many documents before its context is reset. */
	if (parser.nodes != stack_nodes)
		pfree(parser.nodes);
	if (parser.unescaped != NULL)
		pfree(parser.unescaped);
	if (result == (Datum) 0)
		result = convert_by_jsonb_in(data, len);
	return result;
}
