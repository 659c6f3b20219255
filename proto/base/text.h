#ifndef BASE_TEXT_H
#define BASE_TEXT_H

/*
 * Hex, base64, UTF-8 and numbers as text
 *
 * Decoders are strict: what they accept encodes back to the same text (base64
 * with padding and no stray bits, RFC 4648 section 4; hex in lower case).
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/bytes.h>

#include "base/buf.h"

/* out needs 2 * in.len + 1 bytes; ends with NUL. */
void text_hex(struct rg_bytes in, char *out);
/* Reads exactly len bytes from 2 * len hex digits and the end of the string. */
bool text_unhex(const char *hex, uint8_t *ret_bytes, size_t len);
void text_base64(struct rg_bytes in, struct buf *out);
/* Appends to out; false (out unchanged) when in is not canonical base64. */
bool text_unbase64(struct rg_bytes in, struct buf *out);
/*
 * Takes the bytes before the next newline off rest; ret_line views them. False: there is no
 * newline left (rest, perhaps not empty, is unchanged).
 */
bool text_next_line(struct rg_bytes *rest, struct rg_bytes *ret_line);
/* Valid UTF-8 (no surrogates, shortest form), no NUL. */
bool text_is_utf8(struct rg_bytes in);
/* Decimal digits only, no sign, no leading zero except "0", within range. */
bool text_u64(const char *digits, uint64_t *ret_value);
/* The same with a leading "-" allowed, except "-0". */
bool text_i64(const char *digits, int64_t *ret_value);
/*
 * Appends in with quotes, backslashes, control characters, invalid UTF-8 and characters
 * that turn the direction of a line escaped (\n, \x1b …): safe to show and to log.
 */
void text_escape(struct rg_bytes in, struct buf *out);
/*
 * 2026-11-21T18:37:17.123456Z; out needs 28 bytes. Times
 * outside the years 0000 to 9999 show as the nearest inside.
 */
void text_time_us(int64_t time_us, char out[28]);

#endif
