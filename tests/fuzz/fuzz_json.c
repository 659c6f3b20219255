/* Canonical JSON: what is accepted is written and read again to the same text. */

#include <stdlib.h>
#include <string.h>

#include "rivergate/v1/declaration.pb-c.h"
#include "wire/json.h"

int fuzz_json(const uint8_t *data, size_t len);

static ProtobufCMessage *decode(struct rg_bytes text)
{
	ProtobufCMessage *msg = NULL;
	struct json_mistake mistake;
	if (json_decode(&rivergate__v1__declaration__descriptor, text, &msg, &mistake)) {
		abort();
	}
	return msg;
}

int fuzz_json(const uint8_t *data, size_t len)
{
	char *first = NULL;
	char *second = NULL;
	ProtobufCMessage *msg = decode((struct rg_bytes){data, len});
	if (!msg) {
		return 0;
	}
	if (json_encode(msg, 0, &first)) {
		abort();
	}
	ProtobufCMessage *again = decode((struct rg_bytes){(const uint8_t *)first, strlen(first)});
	if (!again || json_encode(again, 0, &second) || strcmp(first, second) != 0) {
		abort();
	}
	protobuf_c_message_free_unpacked(msg, NULL);
	protobuf_c_message_free_unpacked(again, NULL);
	free(first);
	free(second);
	return 0;
}
