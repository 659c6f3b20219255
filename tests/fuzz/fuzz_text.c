/*
 * What the strict decoders accept encodes back to itself, and what is escaped is
 * printable UTF-8 on one line.
 *
 * Threads: one.
 */

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

int fuzz_text(const uint8_t *data, size_t len);

static void check_base64(struct rg_bytes in)
{
	scoped(buf_deinit) struct buf bytes = {0};
	scoped(buf_deinit) struct buf again = {0};

	if (text_unbase64(in, &bytes)) {
		text_base64(buf_view(&bytes), &again);
		if (!bytes_equal(in, buf_view(&again))) {
			abort();
		}
	}
}

static void check_escape(struct rg_bytes in)
{
	scoped(buf_deinit) struct buf out = {0};

	text_escape(in, &out);
	if (!text_is_utf8(buf_view(&out))) {
		abort();
	}
	for (size_t i = 0; i < out.len; i++) {
		if (out.data[i] < 0x20 || out.data[i] == 0x7f) {
			abort();
		}
	}
}

static void check_numbers(const char *text)
{
	scoped(buf_deinit) struct buf again = {0};
	uint64_t u;
	int64_t i;

	if (text_u64(text, &u)) {
		buf_printf(&again, "%llu", (unsigned long long)u);
	} else if (text_i64(text, &i)) {
		buf_printf(&again, "%lld", (long long)i);
	} else {
		return;
	}
	if (strcmp(buf_text(&again), text) != 0) {
		abort();
	}
}

int fuzz_text(const uint8_t *data, size_t len)
{
	scoped(buf_deinit) struct buf text = {0};

	buf_add(&text, data, len);
	check_base64(bytes_of(data, len));
	check_escape(bytes_of(data, len));
	check_numbers(buf_text(&text));
	return 0;
}
