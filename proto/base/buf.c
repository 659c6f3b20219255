/*
 * Growing byte buffers and cursors: see buf.h
 *
 * Threads: a buffer or cursor has one owner; nothing is shared.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "base/buf.h"

#define CAPACITY_FIRST 64

void buf_init(struct buf *buf)
{
	*buf = (struct buf){0};
}

void buf_deinit(struct buf *buf)
{
	free(buf->data);
	*buf = (struct buf){0};
}

void buf_wipe(struct buf *buf)
{
	if (buf->data) {
		OPENSSL_cleanse(buf->data, buf->cap);
	}
	buf_clear(buf);
}

void buf_clear(struct buf *buf)
{
	buf->len = 0;
	buf->err = RG_OK;
}

rg_err buf_error(const struct buf *buf)
{
	return buf->err;
}

/* At least doubles, so that appending n bytes costs O(n) in all. */
static size_t capacity_for(const struct buf *buf, size_t need)
{
	size_t cap = buf->cap ? buf->cap : CAPACITY_FIRST;

	while (cap < need) {
		cap = cap > SIZE_MAX / 2 ? need : cap * 2;
	}
	return cap;
}

uint8_t *buf_reserve(struct buf *buf, size_t len)
{
	if (buf->err) {
		return NULL;
	}
	if (len > SIZE_MAX - buf->len) {
		buf->err = RG_E_NOMEM;
		return NULL;
	}
	if (buf->len + len > buf->cap || !buf->data) {
		size_t cap = capacity_for(buf, buf->len + len);
		uint8_t *data = realloc(buf->data, cap);

		if (!data) {
			buf->err = RG_E_NOMEM;
			return NULL;
		}
		buf->data = data;
		buf->cap = cap;
	}
	return buf->data + buf->len;
}

void buf_add(struct buf *buf, const void *data, size_t len)
{
	uint8_t *to = buf_reserve(buf, len);

	if (to && len > 0) {
		memcpy(to, data, len);
		buf->len += len;
	}
}

void buf_add_bytes(struct buf *buf, struct rg_bytes bytes)
{
	buf_add(buf, bytes.data, bytes.len);
}

static void add_integer(struct buf *buf, uint64_t value, size_t len)
{
	uint8_t *to = buf_reserve(buf, len);

	if (!to) {
		return;
	}
	for (size_t i = 0; i < len; i++) {
		to[i] = (uint8_t)(value >> (8 * (len - 1 - i)));
	}
	buf->len += len;
}

void buf_add_u8(struct buf *buf, uint8_t value)
{
	add_integer(buf, value, 1);
}

void buf_add_u16(struct buf *buf, uint16_t value)
{
	add_integer(buf, value, 2);
}

void buf_add_u32(struct buf *buf, uint32_t value)
{
	add_integer(buf, value, 4);
}

void buf_add_u64(struct buf *buf, uint64_t value)
{
	add_integer(buf, value, 8);
}

void buf_add_text(struct buf *buf, const char *text)
{
	buf_add(buf, text, strlen(text));
}

void buf_printf(struct buf *buf, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	int len = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (len < 0) {
		buf->err = buf->err ? buf->err : RG_E_FORMAT;
		return;
	}
	char *to = (char *)buf_reserve(buf, (size_t)len + 1);

	if (!to) {
		return;
	}
	va_start(args, format);
	(void)vsnprintf(to, (size_t)len + 1, format, args);
	va_end(args);
	buf->len += (size_t)len;
}

struct rg_bytes buf_view(const struct buf *buf)
{
	return (struct rg_bytes){.data = buf->data, .len = buf->len};
}

const char *buf_text(struct buf *buf)
{
	uint8_t *end = buf_reserve(buf, 1);

	if (!end) {
		return NULL;
	}
	*end = '\0';
	return (const char *)buf->data;
}

uint8_t *buf_take(struct buf *buf, size_t *ret_len)
{
	if (!buf_text(buf)) {
		buf_deinit(buf);
		return NULL;
	}
	uint8_t *data = buf->data;

	if (ret_len) {
		*ret_len = buf->len;
	}
	*buf = (struct buf){0};
	return data;
}

struct cursor cursor_of(struct rg_bytes bytes)
{
	return (struct cursor){.next = bytes.data, .left = bytes.len};
}

struct rg_bytes cursor_bytes(struct cursor *cursor, size_t len)
{
	if (cursor->is_bad || len > cursor->left) {
		cursor->is_bad = true;
		return (struct rg_bytes){0};
	}
	struct rg_bytes bytes = {.data = cursor->next, .len = len};

	if (len > 0) {
		cursor->next += len;
		cursor->left -= len;
	}
	return bytes;
}

static uint64_t take_integer(struct cursor *cursor, size_t len)
{
	struct rg_bytes bytes = cursor_bytes(cursor, len);
	uint64_t value = 0;

	for (size_t i = 0; i < bytes.len; i++) {
		value = value << 8 | bytes.data[i];
	}
	return value;
}

uint8_t cursor_u8(struct cursor *cursor)
{
	return (uint8_t)take_integer(cursor, 1);
}

uint16_t cursor_u16(struct cursor *cursor)
{
	return (uint16_t)take_integer(cursor, 2);
}

uint32_t cursor_u32(struct cursor *cursor)
{
	return (uint32_t)take_integer(cursor, 4);
}

uint64_t cursor_u64(struct cursor *cursor)
{
	return take_integer(cursor, 8);
}

bool cursor_is_done(const struct cursor *cursor)
{
	return !cursor->is_bad && cursor->left == 0;
}

bool bytes_equal(struct rg_bytes a, struct rg_bytes b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

bool bytes_equal_secret(struct rg_bytes a, struct rg_bytes b)
{
	return a.len == b.len && (a.len == 0 || CRYPTO_memcmp(a.data, b.data, a.len) == 0);
}

struct rg_bytes bytes_of_text(const char *text)
{
	return bytes_of(text, strlen(text));
}

struct rg_bytes bytes_of(const void *data, size_t len)
{
	return (struct rg_bytes){.data = data, .len = len};
}
