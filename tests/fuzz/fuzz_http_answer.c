/*
 * Whatever a national system answers: only 2xx is taken, a doubt is never repeated where keys
 * mean nothing, and what is passed on is bounded, harmless text. Keys that are taken are
 * printable.
 *
 * Threads: one.
 */

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "connectors/http_answer.h"
#include "connectors/http_inflow.h"

int fuzz_http_answer(const uint8_t *data, size_t len);

static void check_text(const char *text)
{
	struct rg_bytes bytes = bytes_of_text(text);

	if (bytes.len > CONNECTOR_TEXT_MAX || !text_is_utf8(bytes)) {
		abort();
	}
	for (size_t i = 0; i < bytes.len; i++) {
		if (bytes.data[i] < 0x20 || bytes.data[i] == 0x7f) {
			abort();
		}
	}
}

static void check_verdict(const struct http_result *result)
{
	bool is_good = result->status >= 200 && result->status <= 299;
	bool is_doubt = result->was_sent &&
		(result->status == 0 || (result->status >= 500 && result->status != 503));

	for (int is_idempotent = 0; is_idempotent < 2; is_idempotent++) {
		struct http_verdict verdict = http_answer_judge(result, is_idempotent);
		enum connector_answer answer = verdict.outcome.answer;

		if ((answer == CONNECTOR_TAKEN) != is_good ||
			(is_doubt && (answer == CONNECTOR_UNKNOWN) == is_idempotent)) {
			abort();
		}
		check_text(verdict.outcome.text);
	}
}

static void check_key(const uint8_t *data, size_t len)
{
	char *text = strndup(len ? (const char *)data : "", len);
	char key[INFLOW_KEY_MAX + 1];

	if (text && inflow_read_key(text, key)) {
		check_text(key);
	}
	free(text);
}

int fuzz_http_answer(const uint8_t *data, size_t len)
{
	struct cursor cursor = cursor_of(bytes_of(data, len));
	struct http_result *result = calloc(1, sizeof(*result));

	if (!result) {
		return 0;
	}
	result->status = cursor_u16(&cursor) % 1000;
	result->was_sent = cursor_u8(&cursor) & 1;
	result->body_len = cursor.left < HTTP_BODY_MAX ? cursor.left : HTTP_BODY_MAX;
	memcpy(result->body, cursor.left ? cursor.next : (const uint8_t *)"", result->body_len);
	check_verdict(result);
	check_key(data, len);
	free(result);
	return 0;
}
