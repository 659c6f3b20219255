#ifndef BASE_BUF_H
#define BASE_BUF_H

/*
 * A growing byte buffer, and cursors over bytes
 *
 * struct buf owns its bytes. Appending is sticky: after the first failure the
 * buffer stays as it was, every later append does nothing, and buf_error() tells;
 * so a writer checks once, at its end. struct cursor reads big-endian integers and
 * byte strings from a view; a read past the end makes it bad, and stays so.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/scoped.h"

struct buf {
	uint8_t *data;
	size_t len;
	size_t cap;
	rg_err err;
};

void buf_init(struct buf *buf);
/* Frees the bytes; wipe first with buf_wipe() where they are secret. */
void buf_deinit(struct buf *buf);
/* Overwrites the bytes with zeroes and empties the buffer; keeps the memory. */
void buf_wipe(struct buf *buf);
/* Empties the buffer, keeps the memory, clears the error. */
void buf_clear(struct buf *buf);
rg_err buf_error(const struct buf *buf);
void buf_add(struct buf *buf, const void *data, size_t len);
void buf_add_bytes(struct buf *buf, struct rg_bytes bytes);
void buf_add_u8(struct buf *buf, uint8_t value);
void buf_add_u16(struct buf *buf, uint16_t value); /* big-endian, as all below */
void buf_add_u32(struct buf *buf, uint32_t value);
void buf_add_u64(struct buf *buf, uint64_t value);
void buf_add_text(struct buf *buf, const char *text);
__attribute__((format(printf, 2, 3))) void buf_printf(struct buf *buf, const char *format, ...);
/*
 * Makes room for len more bytes and returns where they
 * go (to be followed by buf.len += n); NULL on failure.
 */
uint8_t *buf_reserve(struct buf *buf, size_t len);
struct rg_bytes buf_view(const struct buf *buf);
/*
 * The text with a terminating NUL that is not counted in
 * len; "" when empty; NULL after a failure. Borrowed.
 */
const char *buf_text(struct buf *buf);
/*
 * Gives the bytes away (to be freed with free()),
 * NUL-terminated beyond len; the buffer is empty again.
 */
uint8_t *buf_take(struct buf *buf, size_t *ret_len);

SCOPED_DEFINE_VALUE(struct buf, buf_deinit);

struct cursor {
	const uint8_t *next;
	size_t left;
	bool is_bad;
};

struct cursor cursor_of(struct rg_bytes bytes);
uint8_t cursor_u8(struct cursor *cursor);
uint16_t cursor_u16(struct cursor *cursor);
uint32_t cursor_u32(struct cursor *cursor);
uint64_t cursor_u64(struct cursor *cursor);
/* A view of the next len bytes; empty when there are fewer. */
struct rg_bytes cursor_bytes(struct cursor *cursor, size_t len);
/* True when every byte was read and no read failed. */
bool cursor_is_done(const struct cursor *cursor);

bool bytes_equal(struct rg_bytes a, struct rg_bytes b);
/* Constant time in the content; for secrets and authenticators. */
bool bytes_equal_secret(struct rg_bytes a, struct rg_bytes b);
struct rg_bytes bytes_of_text(const char *text);
struct rg_bytes bytes_of(const void *data, size_t len);

#endif
