/*
 * memdebug.h
 *	  Replaces PostgreSQL's utils/memdebug.h in a server built with
 *	  AddressSanitizer.
 *
 * What memory contexts and the buffer manager report to Valgrind about
 * accessible memory goes to AddressSanitizer: padding of chunks, headers,
 * freed chunks, buffers that are not pinned.  AddressSanitizer cannot track
 * whether memory is initialized.
 */
#ifndef MEMDEBUG_H
#define MEMDEBUG_H

#include <sanitizer/asan_interface.h>

#define VALGRIND_CHECK_MEM_IS_DEFINED(addr, size) \
	do {} while (0)
#define VALGRIND_CREATE_MEMPOOL(context, redzones, zeroed) \
	do {} while (0)
#define VALGRIND_DESTROY_MEMPOOL(context) \
	do {} while (0)
#define VALGRIND_MAKE_MEM_DEFINED(addr, size) \
	ASAN_UNPOISON_MEMORY_REGION(addr, size)
#define VALGRIND_MAKE_MEM_UNDEFINED(addr, size) \
	ASAN_UNPOISON_MEMORY_REGION(addr, size)
#define VALGRIND_MAKE_MEM_NOACCESS(addr, size) \
	ASAN_POISON_MEMORY_REGION(addr, size)
#define VALGRIND_MEMPOOL_ALLOC(context, addr, size) \
	ASAN_UNPOISON_MEMORY_REGION(addr, size)
#define VALGRIND_MEMPOOL_FREE(context, addr) \
	do {} while (0)
#define VALGRIND_MEMPOOL_TRIM(context, addr, size) \
	do {} while (0)
#define VALGRIND_MEMPOOL_CHANGE(context, optr, nptr, size) \
	ASAN_UNPOISON_MEMORY_REGION(nptr, size)

#ifdef CLOBBER_FREED_MEMORY
static inline void
wipe_mem(void *ptr, size_t size)
{
	VALGRIND_MAKE_MEM_UNDEFINED(ptr, size);
	memset(ptr, 0x7F, size);
	VALGRIND_MAKE_MEM_NOACCESS(ptr, size);
}
#endif

#ifdef MEMORY_CONTEXT_CHECKING
static inline void
set_sentinel(void *base, Size offset)
{
	char	   *ptr = (char *) base + offset;

	VALGRIND_MAKE_MEM_UNDEFINED(ptr, 1);
	*ptr = 0x7E;
	VALGRIND_MAKE_MEM_NOACCESS(ptr, 1);
}

static inline bool
sentinel_ok(const void *base, Size offset)
{
	const char *ptr = (const char *) base + offset;
	bool		ret;

	VALGRIND_MAKE_MEM_DEFINED(ptr, 1);
	ret = *ptr == 0x7E;
	VALGRIND_MAKE_MEM_NOACCESS(ptr, 1);
	return ret;
}
#endif

#ifdef RANDOMIZE_ALLOCATED_MEMORY
void		randomize_mem(char *ptr, size_t size);
#endif

#endif							/* MEMDEBUG_H */
