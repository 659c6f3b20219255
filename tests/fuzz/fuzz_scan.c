/*
 * The scan decides without a crash, and what it lets pass unpacks and packs to the
 * same bytes. The first byte picks the type.
 *
 * Threads: one.
 */

#include <stdlib.h>

#include "base/arena.h"
#include "rivergate/v1/message.pb-c.h"
#include "rivergate/v1/record.pb-c.h"
#include "rivergate/v1/registry.pb-c.h"
#include "rivergate/v1/session.pb-c.h"
#include "wire/pack.h"
#include "wire/scan.h"

static const ProtobufCMessageDescriptor *const types[] = {
	&rivergate__v1__header__descriptor,
	&rivergate__v1__signature__descriptor,
	&rivergate__v1__frame__descriptor,
	&rivergate__v1__meta__descriptor,
	&rivergate__v1__progress__descriptor,
	&rivergate__v1__registry__descriptor,
	&rivergate__v1__directory__descriptor,
	&rivergate__v1__governed__descriptor,
	&rivergate__v1__envelope__descriptor,
};

int fuzz_scan(const uint8_t *data, size_t len);

static void check(const ProtobufCMessageDescriptor *desc, struct rg_bytes bytes)
{
	scoped(arena_freep) struct arena *arena = arena_new(0);
	scoped(buf_deinit) struct buf again = {0};
	struct scan_answer answer = {0};
	ProtobufCMessage *msg = NULL;

	if (!arena || scan_unpack(desc, bytes, arena, &answer, &msg) != RG_OK) {
		abort();
	}
	if (answer.is_ok != (msg != NULL) || answer.is_ok != !answer.rule) {
		abort();
	}
	if (msg && (pack_append(msg, &again) != RG_OK || !bytes_equal(bytes, buf_view(&again)))) {
		abort();
	}
}

int fuzz_scan(const uint8_t *data, size_t len)
{
	if (len > 0) {
		check(types[data[0] % (sizeof(types) / sizeof(types[0]))],
			bytes_of(data + 1, len - 1));
	}
	return 0;
}
