/*
 * Texts of earlier versions: see released.h
 *
 * Threads: any.
 */
#include "audit/released.h"

#include <string.h>

#include "base/text.h"

static const struct {
	const char *path;
	const char *hash; /* hex SHA-256 */
} released[] = {
	/* 1: without time-stamps */
	{"verify.sh", "c7289a9678f8e3cc5384692cfb67475920cdcc8e3d0ef070011a1965b21bd36d"},
	{"VERIFY.md", "e1ef06876f6b6deff25159610cab0810bd8a6518cd99d966524bbbcee1ee2af0"},
	/* 2: of a time-stamp's certificates only those in use */
	{"verify.sh", "dfcab9f878559b2cf99e7fca1d49d6ced89a1e6cbc3a5526e81a9f4a01df98b9"},
	{"VERIFY.md", "143ff00ec30e9140fcf3f1b7a3ab6b9534984f0a1e2c877f5bb2273e946e296d"},
};

bool released_has(const char *path, const struct merkle_hash *hash)
{
	char hex[2 * MERKLE_HASH_LEN + 1];

	text_hex(bytes_of(hash->bytes, MERKLE_HASH_LEN), hex);
	for (size_t i = 0; i < sizeof(released) / sizeof(released[0]); i++) {
		if (strcmp(released[i].path, path) == 0 && strcmp(released[i].hash, hex) == 0) {
			return true;
		}
	}
	return false;
}
