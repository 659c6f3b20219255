#ifndef FORMATS_POOL_H
#define FORMATS_POOL_H

/*
 * Memory of one call of a plug-in
 *
 * A plug-in is called, builds what it needs and returns: everything it allocates
 * lives in one pool that is freed at the end of the call. The pool has a limit, so
 * that hostile input costs bounded memory; a spent pool answers NULL, which callers
 * pass on as RG_E_NOMEM.
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include <rivergate/bytes.h>

struct pool;

/* NULL: no memory. limit: bytes it may hold at most. */
struct pool *pool_new(size_t limit);
void pool_free(struct pool *pool);

static inline void pool_freep(struct pool **pool)
{
	pool_free(*pool);
}

#define scoped(fn) __attribute__((cleanup(fn)))

/* Zeroed, aligned for any type; NULL when the limit or memory is spent. */
void *pool_alloc(struct pool *pool, size_t size);
/* Whether an allocation failed because of the limit. */
bool pool_is_spent(const struct pool *pool);
/* A copy that ends with NUL; NULL as above. */
char *pool_copy(struct pool *pool, const char *text, size_t len);
__attribute__((format(printf, 2, 3))) char *pool_printf(struct pool *pool, const char *format, ...);

/* A text that grows inside a pool. Sticky: after a failure `data` is NULL and stays so. */
struct text {
	struct pool *pool;
	char *data; /* ends with NUL */
	size_t len;
	size_t cap;
	bool has_failed;
};

void text_init(struct text *text, struct pool *pool);
void text_add(struct text *text, const char *data, size_t len);
void text_add_string(struct text *text, const char *string);
/* The string; NULL after a failure, never for an empty text. */
char *text_string(struct text *text);

#endif
