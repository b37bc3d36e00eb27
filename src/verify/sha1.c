/*
 * What is the SHA-1 of some bytes?
 *
 * PostgreSQL has none before version 14, and then asks OpenSSL, which takes
 * longer to begin than a row of a table takes to be hashed.
 */
#include "postgres.h"

#include "port/pg_bswap.h"

#include "verify/verify.h"

#define BLOCK 64				/* bytes */
#define STEPS 80

static inline uint32
rotate(uint32 word, int n)
{
	return word << n | word >> (32 - n);
}

static inline void
step(uint32 s[5], uint32 mixed, uint32 word)
{
	uint32		first = rotate(s[0], 5) + mixed + s[4] + word;

	s[4] = s[3];
	s[3] = s[2];
	s[2] = rotate(s[1], 30);
	s[1] = s[0];
	s[0] = first;
}

/* Reads a block as words and stretches them. */
static void
expand(uint32 words[STEPS], const uint8 *block)
{
	memcpy(words, block, BLOCK);
	for (int i = 0; i < 16; i++)
		words[i] = pg_ntoh32(words[i]);
	for (int i = 16; i < STEPS; i++)
		words[i] = rotate(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^
						  words[i - 16], 1);
}

static void
add_block(uint32 state[5], const uint8 *block)
{
	uint32		words[STEPS];
	uint32		s[5];
	int			i = 0;

	expand(words, block);
	memcpy(s, state, sizeof(s));
	for (; i < 20; i++)
		step(s, ((s[1] & s[2]) | (~s[1] & s[3])) + 0x5a827999, words[i]);
	for (; i < 40; i++)
		step(s, (s[1] ^ s[2] ^ s[3]) + 0x6ed9eba1, words[i]);
	for (; i < 60; i++)
		step(s, ((s[1] & s[2]) | (s[1] & s[3]) | (s[2] & s[3])) + 0x8f1bbcdc,
			 words[i]);
	for (; i < STEPS; i++)
		step(s, (s[1] ^ s[2] ^ s[3]) + 0xca62c1d6, words[i]);
	for (i = 0; i < 5; i++)
		state[i] += s[i];
}

/* Pads the last bytes with a bit, zeros and the length, to one or two blocks. */
static void
add_end(uint32 state[5], const uint8 *rest, size_t nrest, uint64 len)
{
	uint8		end[2 * BLOCK] = {0};
	size_t		size = nrest + 1 + sizeof(uint64) > BLOCK ? 2 * BLOCK : BLOCK;
	uint64		bits = pg_hton64(len * 8);

	memcpy(end, rest, nrest);
	end[nrest] = 0x80;
	memcpy(end + size - sizeof(bits), &bits, sizeof(bits));
	for (size_t i = 0; i < size; i += BLOCK)
		add_block(state, end + i);
}

/* Puts the 20 bytes of the hash. */
void
maria_sha1(const void *data, size_t len, uint8 hash[MARIA_SHA1_BYTES])
{
	uint32		state[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476,
	0xc3d2e1f0};
	const uint8 *bytes = data;
	size_t		whole = len - len % BLOCK;

	for (size_t i = 0; i < whole; i += BLOCK)
		add_block(state, bytes + i);
	add_end(state, bytes + whole, len - whole, len);
	for (int i = 0; i < 5; i++)
		state[i] = pg_hton32(state[i]);
	memcpy(hash, state, MARIA_SHA1_BYTES);
}
