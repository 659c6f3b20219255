/*
 * How keys of the index look: see keys.h
 *
 * Threads: any; nothing is shared.
 */

#include <string.h>

#include "base/buf.h"
#include "base/merkle.h"
#include "index/keys.h"

#define PLAIN_MAX 64
#define HASHED    255
#define MINUTE_US (INT64_C(60) * 1000 * 1000)

void index_keys_put_u64(uint8_t at[8], uint64_t value)
{
	for (unsigned i = 0; i < 8; i++) {
		at[i] = (uint8_t)(value >> (56 - 8 * i));
	}
}

uint64_t index_keys_get_u64(const uint8_t at[8])
{
	uint64_t value = 0;

	for (unsigned i = 0; i < 8; i++) {
		value = value << 8 | at[i];
	}
	return value;
}

uint64_t index_keys_minute(int64_t time_us)
{
	return time_us < 0 ? 0 : (uint64_t)(time_us / MINUTE_US);
}

void index_keys_identity(const char *from, const uint8_t id[16], struct index_key *ret_key)
{
	size_t len = strlen(from);

	ret_key->len = 0;
	if (len > 0 && len <= INDEX_KEYS_FROM_MAX) {
		memcpy(ret_key->bytes, from, len + 1);
		memcpy(ret_key->bytes + len + 1, id, INDEX_KEYS_ID_LEN);
		ret_key->len = len + 1 + INDEX_KEYS_ID_LEN;
	}
}

/* The byte as it stands in a key; -1: it is dropped. */
static int normal(enum index_kind kind, uint8_t byte)
{
	if (kind == INDEX_MOVEMENT && (byte == ' ' || byte == '-')) {
		return -1;
	}
	return byte >= 'a' && byte <= 'z' ? byte - 'a' + 'A' : byte;
}

rg_err index_keys_search(enum index_kind kind, struct rg_bytes text, struct index_key *ret_key)
{
	scoped(buf_deinitv) struct buf whole = {0};
	uint8_t *plain = ret_key->bytes + 2;
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		int byte = normal(kind, text.data[i]);

		if (byte < 0) {
			continue;
		}
		if (len < PLAIN_MAX) {
			plain[len] = (uint8_t)byte;
		} else {
			/* Rare: a long key is put together on the side. */
			if (len == PLAIN_MAX) {
				buf_add(&whole, plain, PLAIN_MAX);
			}
			buf_add_u8(&whole, (uint8_t)byte);
		}
		len++;
	}
	ret_key->bytes[0] = (uint8_t)kind;
	ret_key->bytes[1] = (uint8_t)len;
	ret_key->len = len > 0 ? len + 2 : 0;
	if (len > PLAIN_MAX) {
		struct merkle_hash hash;
		rg_err err = buf_error(&whole);

		err = err ? err : merkle_hash_of(buf_view(&whole), bytes_of(NULL, 0), &hash);
		if (err) {
			return err;
		}
		memcpy(plain, hash.bytes, sizeof(hash.bytes));
		ret_key->bytes[1] = HASHED;
		ret_key->len = sizeof(hash.bytes) + 2;
	}
	return RG_OK;
}

uint64_t index_keys_hash(uint64_t seed, const void *bytes, size_t len)
{
	const uint8_t *next = bytes;
	uint64_t hash = seed ^ len * UINT64_C(0x9e3779b97f4a7c15);

	/* Multiply and fold, eight bytes at a time. */
	while (len > 0) {
		uint64_t word = 0;
		size_t n = len < sizeof(word) ? len : sizeof(word);

		memcpy(&word, next, n);
		hash = (hash ^ word) * UINT64_C(0xff51afd7ed558ccd);
		hash ^= hash >> 32;
		next += n;
		len -= n;
	}
	hash *= UINT64_C(0xc4ceb9fe1a85ec53);
	return hash ^ hash >> 29;
}
