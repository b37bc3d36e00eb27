/*
 * How are the nodes of a JSON document written as jsonb?
 *
 * The stored form is that of PostgreSQL's jsonb_util.c: a container holds its
 * children's entries and then their data, an object's keys sorted and before
 * all its values. jsonb.c makes the nodes, within limits that hold here.
 */
#include "postgres.h"

#include "values/jsonb_node.h"
#include "values/numeric.h"

/*
 * What a node may need in addition to its text: JEntry, padding, numeric's
 * headers.
 */
#define NODE_OVERHEAD		24

/* Up to this many keys, insertion is faster than qsort's calls. */
#define FEW_KEYS			16

#define MAX_UINT64_DIGITS		6	/* to that base, the last perhaps cut */

typedef struct MariaJsonWriter
{
	char	   *at;
	const MariaJsonNode **keys; /* scratch for the keys of open objects */
} MariaJsonWriter;

static void write_array(MariaJsonWriter *writer, const MariaJsonNode *array);
static void write_object(MariaJsonWriter *writer, const MariaJsonNode *object);

static inline void
pad_to_int(MariaJsonWriter *writer)
{
	while ((uintptr_t) writer->at % ALIGNOF_INT != 0)
		*writer->at++ = 0;
}

/* Decimal digits in a digit of numeric, and what keeps places positive. */
#define DEC_DIGITS 4
#define PLACE_OFFSET (16 * DEC_DIGITS)

/*
 * Split a number into numeric's digits, stored backwards from the end, and
 * set the weight of the first, which is returned.
 */
static int16 *
split_number(const MariaJsonNode *node, int16 *end, int *weight)
{
	static const int powers[] = {1, 10, 100, 1000, NUMERIC_BASE};
	uint64		value = node->as.value;
	int			place = node->place + PLACE_OFFSET;
	int			shift = place % DEC_DIGITS;
	int16	   *first = end;

	if (shift > 0)
	{
		*--first = value % powers[DEC_DIGITS - shift] * powers[shift];
		value /= powers[DEC_DIGITS - shift];
	}
	for (; value > 0; value /= NUMERIC_BASE)
		*--first = value % NUMERIC_BASE;
	*weight = place / DEC_DIGITS - PLACE_OFFSET / DEC_DIGITS +
		(end - first) - 1;
	return first;
}

/* Write a number as numeric_in makes it: scaled, but without outer zeros. */
static pg_noinline void
write_number(MariaJsonWriter *writer, const MariaJsonNode *node)
{
	int16		digits[MAX_UINT64_DIGITS];
	int16	   *end = digits + lengthof(digits);
	int			weight;
	int16	   *first = split_number(node, end, &weight);
	char	   *start;

	while (first < end && end[-1] == 0)
		end--;

	pad_to_int(writer);
	start = writer->at;
	*(uint16 *) (start + VARHDRSZ) =
		maria_numeric_header(node->as.value == 0, node->negative,
							 Max(-node->place, 0), weight);
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

	/* Objects among the values sort their keys after ours. */
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

/* Make the jsonb of a document, in the current memory context. */
Datum
maria_json_write(const MariaJsonNode *root, uint32 count, Size text_size)
{
	const MariaJsonNode *stack_keys[STACK_NODES / 2];
	MariaJsonWriter writer = {.keys = stack_keys};
	Jsonb	   *result;

	if (count > STACK_NODES)
		writer.keys = palloc(count / 2 * sizeof(*writer.keys));
	result = palloc(sizeof(Jsonb) + text_size + (Size) count * NODE_OVERHEAD);
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
