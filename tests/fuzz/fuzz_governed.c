/*
 * Governance files of any bytes: JSON of a Governed, or (first byte below ' ') the packed
 * Governed of a message's part. Content is judged as a registry and as a directory.
 *
 * Threads: one.
 */

#include <stdlib.h>
#include <string.h>

#include "registry/pieces.h"
#include "wire/json.h"

int fuzz_governed(const uint8_t *data, size_t len);

static void judge_registry(const Rivergate__V1__Governed *governed)
{
	scoped(trust_unrefp) struct trust *trust = NULL;
	struct governance_answer answer;
	uint8_t pin[32];

	if (governance_hash(governed, pin) || trust_new(governed, pin, 0, &trust, &answer) ||
		answer.is_ok != (trust != NULL)) {
		abort();
	}
}

static void judge_directory(const Rivergate__V1__Governed *governed)
{
	scoped(directory_piece_unrefp) struct directory_piece *piece = NULL;
	struct governance_answer answer;
	struct rg_bytes content = bytes_of(governed->content.data, governed->content.len);

	if (directory_piece_new(content, 0, &piece, &answer) || answer.is_ok != (piece != NULL)) {
		abort();
	}
}

static Rivergate__V1__Governed *read_json(struct rg_bytes text)
{
	struct json_mistake mistake;
	ProtobufCMessage *message = NULL;

	if (json_decode(&rivergate__v1__governed__descriptor, text, &message, &mistake)) {
		abort();
	}
	return (Rivergate__V1__Governed *)message;
}

int fuzz_governed(const uint8_t *data, size_t len)
{
	scoped(governance_freep) Rivergate__V1__Governed *governed = NULL;
	struct governance_answer answer;

	if (len > 0 && data[0] < ' ') {
		if (governance_parse(bytes_of(data, len), &governed, &answer)) {
			abort();
		}
	} else {
		governed = read_json(bytes_of(data, len));
	}
	if (governed) {
		judge_registry(governed);
		judge_directory(governed);
	}
	return 0;
}
