/* Shared by the two halves of the conversion to jsonb. */
#ifndef MARIA_VALUES_JSONB_NODE_H
#define MARIA_VALUES_JSONB_NODE_H

#include "utils/jsonb.h"

/* Enough for most documents, so that only the result is allocated. */
#define STACK_NODES			256

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

extern Datum maria_json_write(const MariaJsonNode *root, uint32 count,
							  Size text_size);

#endif							/* MARIA_VALUES_JSONB_NODE_H */
