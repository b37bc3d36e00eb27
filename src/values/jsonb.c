/*
 * jsonb.c
 *		How does JSON text become jsonb quickly?
 *
 * The text is parsed once into an array of nodes in document order, and the
 * nodes are then written into one buffer as jsonb's on-disk form.  The result
 * is what jsonb_in makes, byte for byte.  Whatever is wrong, rare or close to
 * a limit is left to jsonb_in itself, which knows the right value or error.
 */
#include "postgres.h"

#include <ctype.h>

#include "mb/pg_wchar.h"
#include "port/pg_bitutils.h"
#include "port/pg_bswap.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"

#include "jsonb.h"

/*
 * Below these no limit of jsonb or of numeric's short form can be met: six
 * bytes are the most that jsonb takes for a byte of text, of 2^28 it can hold.
 */
#define MAX_TEXT_LENGTH		(16 * 1024 * 1024)
#define MAX_DEPTH			64
#define MAX_EXPONENT_DIGITS 3
#define MIN_PLACE			(-63)
#define MAX_PLACE			200

/* Enough for most documents, so that only the result is allocated. */
#define STACK_NODES			256

/* What a node may need beside its text: JEntry, padding, numeric's headers. */
#define NODE_OVERHEAD		24

/* Up to this many keys, insertion is faster than qsort's calls. */
#define FEW_KEYS			16

/* The short form of numeric, which numeric.c keeps to itself. */
#define NUMERIC_DIGITS_OFFSET	(VARHDRSZ + sizeof(uint16))
#define NUMERIC_SHORT			0x8000
#define NUMERIC_SHORT_NEGATIVE	0x2000
#define NUMERIC_SHORT_SCALE		7
#define NUMERIC_SHORT_WEIGHT	0x007F
#define NUMERIC_BASE			10000
#define MAX_UINT64_DIGITS		6	/* to that base, the last perhaps cut */

/* A string, number or literal; or a container, followed by its children. */
typedef struct MariaJsonNode
{
	JEntry		type;
	uint32		len;			/* bytes of text, or the container's header */
	union
	{
		const char *text;		/* of a string, unescaped */
		uint64		value;		/* of a number, times ten to its place */
		uint32		span;		/* nodes of a container, itself included */
	}			as;
	int16		place;
	bool		negative;
} MariaJsonNode;

typedef struct MariaJsonParser
{
	const char *at;
	const char *end;
	MariaJsonNode *nodes;		/* on the stack up to STACK_NODES */
	uint32		count;
	uint32		capacity;
	uint32		depth;
	Size		text_size;		/* what the nodes' texts take together */
	char	   *unescaped;		/* allocated at the first escape */
	char	   *unescaped_end;
} MariaJsonParser;

typedef struct MariaJsonWriter
{
	char	   *at;
	const MariaJsonNode **keys; /* scratch for the keys of open objects */
} MariaJsonWriter;

static bool parse_value(MariaJsonParser *parser);
static void write_array(MariaJsonWriter *writer, const MariaJsonNode *array);
static void write_object(MariaJsonWriter *writer, const MariaJsonNode *object);

/* Double the room for nodes, leaving the stack if they are there. */
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
	/* The first test of the byte spares the others for nearly all. */
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

/* Find the first byte that cannot stand for itself in a string. */
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

	/* Unescaping never lengthens, so one buffer does for the whole rest. */
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
 * that may not fit, which then is found where no digit belongs.
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

/* Parse any value into nodes; false if jsonb_in has to judge. */
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

static inline void
pad_to_int(MariaJsonWriter *writer)
{
	while ((uintptr_t) writer->at % ALIGNOF_INT != 0)
		*writer->at++ = 0;
}

/*
 * Split a number into numeric's digits, stored backwards from the end, and
 * set the weight of the first, which is returned.
 */
static int16 *
split_number(const MariaJsonNode *node, int16 *end, int *weight)
{
	static const int powers[] = {1, 10, 100, 1000, NUMERIC_BASE};
	uint64		value = node->as.value;
	int			place = node->place + 64;	/* not to divide a negative */
	int			shift = place % 4;
	int16	   *first = end;

	if (shift > 0)
	{
		*--first = value % powers[4 - shift] * powers[shift];
		value /= powers[4 - shift];
	}
	for (; value > 0; value /= NUMERIC_BASE)
		*--first = value % NUMERIC_BASE;
	*weight = place / 4 - 64 / 4 + (end - first) - 1;
	return first;
}

/* Write a number as numeric_in makes it: scaled, but without outer zeros. */
static pg_noinline void
write_number(MariaJsonWriter *writer, const MariaJsonNode *node)
{
	int16		digits[MAX_UINT64_DIGITS];
	int16	   *end = digits + lengthof(digits);
	uint16		header = NUMERIC_SHORT;
	int			weight;
	int16	   *first = split_number(node, end, &weight);
	char	   *start;

	if (node->place < 0)
		header |= -node->place << NUMERIC_SHORT_SCALE;
	if (node->as.value != 0)
		header |= weight & NUMERIC_SHORT_WEIGHT;
	if (node->as.value != 0 && node->negative)
		header |= NUMERIC_SHORT_NEGATIVE;
	while (first < end && end[-1] == 0)
		end--;

	pad_to_int(writer);
	start = writer->at;
	*(uint16 *) (start + VARHDRSZ) = header;
	writer->at += NUMERIC_DIGITS_OFFSET;
	for (; first < end; writer->at += sizeof(int16))
		*(int16 *) writer->at = *first++;
	SET_VARSIZE(start, writer->at - start);
}

/* Write a container's header and leave room for its children's entries. */
static JEntry *
open_container(MariaJsonWriter *writer, uint32 header, uint32 children)
{
	JEntry	   *entries;

	pad_to_int(writer);
	*(uint32 *) writer->at = header;
	entries = (JEntry *) (writer->at + sizeof(uint32));
	writer->at = (char *) (entries + children);
	return entries;
}

/* Write a value; returns its length with the padding before it. */
static inline uint32
write_value(MariaJsonWriter *writer, const MariaJsonNode *node)
{
	const char *start = writer->at;

	if (node->type == JENTRY_ISSTRING)
	{
		memcpy(writer->at, node->as.text, node->len);
		writer->at += node->len;
	}
	else if (node->type == JENTRY_ISNUMERIC)
		write_number(writer, node);
	else if (node->type == JENTRY_ISCONTAINER && (node->len & JB_FOBJECT))
		write_object(writer, node);
	else if (node->type == JENTRY_ISCONTAINER)
		write_array(writer, node);
	return writer->at - start;
}

/* Write a child and its entry: an offset now and then, else a length. */
static inline void
write_child(MariaJsonWriter *writer, JEntry *entry, uint32 index,
			const char *base, const MariaJsonNode *node)
{
	uint32		len = write_value(writer, node);

	if (index % JB_OFFSET_STRIDE == 0)
		*entry = node->type | JENTRY_HAS_OFF | (uint32) (writer->at - base);
	else
		*entry = node->type | len;
}

static inline const MariaJsonNode *
next_sibling(const MariaJsonNode *node)
{
	return node + (node->type == JENTRY_ISCONTAINER ? node->as.span : 1);
}

static void
write_array(MariaJsonWriter *writer, const MariaJsonNode *array)
{
	uint32		count = array->len & JB_CMASK;
	JEntry	   *entries = open_container(writer, array->len, count);
	const char *base = writer->at;
	const MariaJsonNode *child = array + 1;

	for (uint32 i = 0; i < count; i++)
	{
		write_child(writer, &entries[i], i, base, child);
		child = next_sibling(child);
	}
}

static inline int
compare_texts(const MariaJsonNode *a, const MariaJsonNode *b)
{
	if (a->len != b->len)
		return a->len > b->len ? 1 : -1;
	return memcmp(a->as.text, b->as.text, a->len);
}

/* Order keys as jsonb does; of equal ones the last in the text comes first. */
static int
compare_keys(const void *a, const void *b)
{
	const MariaJsonNode *key_a = *(const MariaJsonNode *const *) a;
	const MariaJsonNode *key_b = *(const MariaJsonNode *const *) b;
	int			order = compare_texts(key_a, key_b);

	if (order == 0)
		order = key_a > key_b ? -1 : 1;
	return order;
}

/* Sort a few keys by insertion, a later one replacing its equal. */
static uint32
insert_keys(const MariaJsonNode **keys, uint32 count)
{
	uint32		kept = 0;

	for (uint32 i = 0; i < count; i++)
	{
		const MariaJsonNode *key = keys[i];
		uint32		at = kept;
		int			order = 1;

		while (at > 0 && (order = compare_texts(key, keys[at - 1])) < 0)
			at--;
		if (order == 0)
			at--;
		else
			for (uint32 j = kept++; j > at; j--)
				keys[j] = keys[j - 1];
		keys[at] = key;
	}
	return kept;
}

/* Sort keys, keep the last of equal ones, and return how many remain. */
static uint32
sort_keys(const MariaJsonNode **keys, uint32 count)
{
	uint32		kept = 1;

	if (count <= FEW_KEYS)
		return insert_keys(keys, count);
	qsort(keys, count, sizeof(*keys), compare_keys);
	for (uint32 i = 1; i < count; i++)
	{
		if (compare_texts(keys[i], keys[kept - 1]) != 0)
			keys[kept++] = keys[i];
	}
	return kept;
}

static void
write_object(MariaJsonWriter *writer, const MariaJsonNode *object)
{
	const MariaJsonNode **keys = writer->keys;
	uint32		count = object->len & JB_CMASK;
	const MariaJsonNode *key = object + 1;
	const char *base;
	JEntry	   *entries;

	for (uint32 i = 0; i < count; i++)
	{
		keys[i] = key;
		key = next_sibling(key + 1);
	}
	count = sort_keys(keys, count);

	/* Objects among the values sort their keys behind ours. */
	writer->keys = keys + count;
	entries = open_container(writer, JB_FOBJECT | count, count * 2);
	base = writer->at;
	for (uint32 i = 0; i < count; i++)
		write_child(writer, &entries[i], i, base, keys[i]);
	for (uint32 i = 0; i < count; i++)
		write_child(writer, &entries[count + i], count + i, base,
					keys[i] + 1);
	writer->keys = keys;
}

/* Make the jsonb of a parsed document, in the current memory context. */
static Datum
write_document(const MariaJsonParser *parser)
{
	const MariaJsonNode *stack_keys[STACK_NODES / 2];
	MariaJsonWriter writer = {.keys = stack_keys};
	const MariaJsonNode *root = parser->nodes;
	Jsonb	   *result;

	if (parser->count > STACK_NODES)
		writer.keys = palloc(parser->count / 2 * sizeof(*writer.keys));
	result = palloc(sizeof(Jsonb) + parser->text_size +
					(Size) parser->count * NODE_OVERHEAD);
	writer.at = (char *) &result->root;

	if (root->type == JENTRY_ISCONTAINER)
		write_value(&writer, root);
	else
	{
		/* A scalar is wrapped in an array of one. */
		JEntry	   *entry = open_container(&writer,
										   JB_FARRAY | JB_FSCALAR | 1, 1);

		write_child(&writer, entry, 0, writer.at, root);
	}
	SET_VARSIZE(result, writer.at - (char *) result);
	if (writer.keys != stack_keys)
		pfree(writer.keys);
	return JsonbPGetDatum(result);
}

/* Let jsonb_in make the value or raise the error. */
static Datum
convert_by_jsonb_in(const char *data, size_t len)
{
	/* A NUL would cut the text short in silence, so raise its error here. */
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
			result = write_document(&parser);
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
