/*
 * Memory of one call of a plug-in
 *
 * Method: blocks that double in size up to 1 MiB; an allocation takes the next bytes
 * of the newest block.
 *
 * Threads: one owner.
 */
#include "formats/pool.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK ((size_t)16 * 1024)
#define LAST_BLOCK  ((size_t)1024 * 1024)

struct block {
	struct block *older;
	size_t used;
	size_t size;
	alignas(max_align_t) char bytes[];
};

struct pool {
	struct block *newest;
	size_t held;
	size_t limit;
	bool is_spent;
};

struct pool *pool_new(size_t limit)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	if (pool) {
		pool->limit = limit;
	}
	return pool;
}

void pool_free(struct pool *pool)
{
	while (pool && pool->newest) {
		struct block *block = pool->newest;
		pool->newest = block->older;
		free(block);
	}
	free(pool);
}

static bool add_block(struct pool *pool, size_t need)
{
	size_t size = pool->newest ? pool->newest->size * 2 : FIRST_BLOCK;
	size = size > LAST_BLOCK ? LAST_BLOCK : size;
	size = size < need ? need : size;
	if (size > pool->limit - pool->held) {
		pool->is_spent = true;
		return false;
	}
	struct block *block = calloc(1, sizeof(*block) + size);
	if (!block) {
		return false;
	}
	block->size = size;
	block->older = pool->newest;
	pool->newest = block;
	pool->held += size;
	return true;
}

void *pool_alloc(struct pool *pool, size_t size)
{
	size_t step = alignof(max_align_t);
	if (size > SIZE_MAX / 2) {
		return NULL;
	}
	size_t need = (size + step - 1) / step * step;
	struct block *block = pool->newest;
	if (!block || block->size - block->used < need) {
		if (!add_block(pool, need)) {
			return NULL;
		}
		block = pool->newest;
	}
	void *place = block->bytes + block->used;
	block->used += need;
	return place;
}

bool pool_is_spent(const struct pool *pool)
{
	return pool->is_spent;
}

char *pool_copy(struct pool *pool, const char *text, size_t len)
{
	char *copy = pool_alloc(pool, len + 1);
	if (copy && len > 0) {
		memcpy(copy, text, len);
	}
	return copy;
}

char *pool_printf(struct pool *pool, const char *format, ...)
{
	char short_text[256]; /* most are paths: written once, then copied */
	va_list args;
	va_start(args, format);
	int len = vsnprintf(short_text, sizeof(short_text), format, args);
	va_end(args);
	if (len >= 0 && (size_t)len < sizeof(short_text)) {
		return pool_copy(pool, short_text, (size_t)len);
	}
	char *text = len >= 0 ? pool_alloc(pool, (size_t)len + 1) : NULL;
	if (text) {
		va_start(args, format);
		vsnprintf(text, (size_t)len + 1, format, args);
		va_end(args);
	}
	return text;
}

void text_init(struct text *text, struct pool *pool)
{
	*text = (struct text){.pool = pool};
}

void text_add(struct text *text, const char *data, size_t len)
{
	if (text->has_failed || len == 0) {
		return;
	}
	if (text->cap - text->len <= len) {
		size_t cap = (text->len + len) * 2 + 32;
		char *grown = pool_alloc(text->pool, cap);
		if (!grown) {
			text->has_failed = true;
			text->data = NULL;
			return;
		}
		if (text->len > 0) {
			memcpy(grown, text->data, text->len);
		}
		text->data = grown;
		text->cap = cap;
	}
	memcpy(text->data + text->len, data, len);
	text->len += len;
	text->data[text->len] = '\0';
}

void text_add_string(struct text *text, const char *string)
{
	text_add(text, string, strlen(string));
}

char *text_string(struct text *text)
{
	if (!text->data && !text->has_failed) {
		return pool_copy(text->pool, "", 0);
	}
	return text->data;
}
