/*
 * What is the SHA-1, or the SHA-256, of some bytes?
 *
 * PostgreSQL has no SHA-1 before version 14, and then asks OpenSSL, whose
 * initialization takes longer than hashing a row.  MySQL 9 no longer has
 * SHA-1, so the hash depends on the server.
 */
#include "postgres.h"

#include "port/pg_bswap.h"

#include "verify/digest/row_hash.h"

#define BLOCK 64				/* bytes */
#define STEPS 80				/* of SHA-1 */
#define STEPS_256 64
#define MAX_WORDS 8				/* of a state */

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

/* Reads a block as words and expands them. */
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
add_block_sha1(uint32 *state, const uint8 *block)
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

static const uint32 constants[STEPS_256] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
	0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
	0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
	0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
	0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
	0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
	0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
	0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
	0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};

static inline uint32
rotate_right(uint32 word, int n)
{
	return word >> n | word << (32 - n);
}

/* Reads a block as words and expands them. */
static void
expand_256(uint32 words[STEPS_256], const uint8 *block)
{
	memcpy(words, block, BLOCK);
	for (int i = 0; i < 16; i++)
		words[i] = pg_ntoh32(words[i]);
	for (int i = 16; i < STEPS_256; i++)
	{
		uint32		a = words[i - 15];
		uint32		b = words[i - 2];

		words[i] = words[i - 16] + words[i - 7] +
			(rotate_right(a, 7) ^ rotate_right(a, 18) ^ a >> 3) +
			(rotate_right(b, 17) ^ rotate_right(b, 19) ^ b >> 10);
	}
}

static void
add_block_sha256(uint32 *state, const uint8 *block)
{
	uint32		words[STEPS_256];
	uint32		s[8];

	expand_256(words, block);
	memcpy(s, state, sizeof(s));
	for (int i = 0; i < STEPS_256; i++)
	{
		uint32		first = s[7] + constants[i] + words[i] +
		(rotate_right(s[4], 6) ^ rotate_right(s[4], 11) ^ rotate_right(s[4], 25)) +
		((s[4] & s[5]) ^ (~s[4] & s[6]));
		uint32		second =
		(rotate_right(s[0], 2) ^ rotate_right(s[0], 13) ^ rotate_right(s[0], 22)) +
		((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));

		memmove(s + 1, s, sizeof(uint32) * 7);
		s[4] += first;
		s[0] = first + second;
	}
	for (int i = 0; i < 8; i++)
		state[i] += s[i];
}

/* A hash: its initial state, and the function for a block. */
typedef struct MariaHash
{
	const char *name;
	const char *sql;			/* % is the text */
	int			nwords;
	uint32		start[MAX_WORDS];
	void		(*add_block) (uint32 *state, const uint8 *block);
} MariaHash;

static const MariaHash hashes[] = {
	[MARIA_SHA1] = {"sha1", "SHA1(%s)", 5,
		{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0},
	add_block_sha1},
	[MARIA_SHA256] = {"sha256", "SHA2(%s, 256)", 8,
		{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c,
		0x1f83d9ab, 0x5be0cd19},
	add_block_sha256}
};

StaticAssertDecl(lengthof(hashes) == MARIA_SHA256 + 1,
				 "each kind of hash must have a row");

/* Pads the last bytes with a bit, zeros and the length, to one or two blocks. */
static void
add_end(const MariaHash *hash, uint32 *state, const uint8 *rest, size_t nrest,
		uint64 len)
{
	uint8		end[2 * BLOCK] = {0};
	size_t		size = nrest + 1 + sizeof(uint64) > BLOCK ? 2 * BLOCK : BLOCK;
	uint64		bits = pg_hton64(len * 8);

	memcpy(end, rest, nrest);
	end[nrest] = 0x80;
	memcpy(end + size - sizeof(bits), &bits, sizeof(bits));
	for (size_t i = 0; i < size; i += BLOCK)
		hash->add_block(state, end + i);
}

/* Writes the bytes of the hash, of which there are maria_hash_bytes(). */
void
maria_hash(MariaHashKind kind, const void *data, size_t len, uint8 *hashed)
{
	const MariaHash *hash = &hashes[kind];
	uint32		state[MAX_WORDS];
	const uint8 *bytes = data;
	size_t		whole = len - len % BLOCK;

	memcpy(state, hash->start, sizeof(state));
	for (size_t i = 0; i < whole; i += BLOCK)
		hash->add_block(state, bytes + i);
	add_end(hash, state, bytes + whole, len - whole, len);
	for (int i = 0; i < hash->nwords; i++)
		state[i] = pg_hton32(state[i]);
	memcpy(hashed, state, maria_hash_bytes(kind));
}

int
maria_hash_bytes(MariaHashKind kind)
{
	return hashes[kind].nwords * sizeof(uint32);
}

const char *
maria_hash_name(MariaHashKind kind)
{
	return hashes[kind].name;
}

/* Finds the hash of a name; false if there is none. */
bool
maria_find_hash(const char *name, MariaHashKind *kind)
{
	for (size_t i = 0; i < lengthof(hashes); i++)
	{
		if (strcmp(hashes[i].name, name) != 0)
			continue;
		*kind = i;
		return true;
	}
	return false;
}

/* Returns the remote SQL of a text's hash, as hexadecimal digits. */
char *
maria_hash_sql(MariaHashKind kind, const char *sql)
{
	return psprintf(hashes[kind].sql, sql);
}
