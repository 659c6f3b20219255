#ifndef INDEX_KEYS_H
#define INDEX_KEYS_H

/*
 * How keys of the index look
 *
 *     identity  from ‖ 0 ‖ id                             value: index ‖ header hash
 *     search    kind ‖ length ‖ normalised key ‖ index    value: empty
 *     time      minute                                    value: index
 *
 * Integers are big-endian, so that rows of one key lie in the order of the journal. A
 * normalised key of more than 64 bytes is replaced by its SHA-256, its length by 255.
 */

#include <stddef.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "index/index.h"

#define INDEX_KEYS_MAX       160 /* bytes of any key here, room for the index included */
#define INDEX_KEYS_FROM_MAX  100
#define INDEX_KEYS_ID_LEN    16
#define INDEX_KEYS_VALUE_LEN (8 + INDEX_HASH_LEN)

struct index_key {
	size_t len; /* 0: there is no such key; nothing is found under it */
	uint8_t bytes[INDEX_KEYS_MAX];
};

void index_keys_identity(const char *from, const uint8_t id[16], struct index_key *ret_key);
/* Without the index at its end. */
RG_MUST_USE rg_err index_keys_search(enum index_kind kind, struct rg_bytes text,
	struct index_key *ret_key);
void index_keys_put_u64(uint8_t at[8], uint64_t value);
uint64_t index_keys_get_u64(const uint8_t at[8]);
/* The minute that a time lies in; times before 1970 are in the first. */
uint64_t index_keys_minute(int64_t time_us);

/* A number for bytes: for tables (with a secret seed), and for sums that find accidents. */
uint64_t index_keys_hash(uint64_t seed, const void *bytes, size_t len);

#endif
