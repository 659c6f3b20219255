/*
 * What an HTTP answer says about a file that was sent: see http_answer.h
 *
 * Threads: any.
 */
#include "connectors/http_answer.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/text.h"

#define RETRY_AFTER_MAX_S ((int64_t)86400)
#define TOLD_MAX          230 /* bytes of the body that are passed on */

enum meaning {
	TAKEN,
	REFUSED,
	LATER,   /* it has nothing of it */
	OURS,    /* the same, and the fault is likely ours */
	HELD,    /* a request with this key is under way, where keys mean something */
	BAD,     /* not known, where keys mean nothing; the file itself may be the cause */
	UNKNOWN, /* not known, where keys mean nothing */
};

struct row {
	long from;
	long to;
	enum meaning meaning;
};

/* The first row that fits. */
static const struct row rows[] = {
	{200, 299, TAKEN},
	{301, 302, OURS},
	{307, 308, OURS},
	{401, 401, OURS},
	{404, 405, OURS},
	{407, 407, OURS},
	{408, 408, LATER},
	{409, 409, HELD},
	{425, 425, LATER},
	{429, 429, LATER},
	{400, 499, REFUSED},
	{503, 503, LATER},
	{502, 502, UNKNOWN},
	{504, 504, UNKNOWN},
	{500, 599, BAD},
};

static enum meaning meaning_of(const struct http_result *result)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (result->status >= rows[i].from && result->status <= rows[i].to) {
			return rows[i].meaning;
		}
	}
	return result->status == 0 && !result->was_sent ? LATER : UNKNOWN;
}

/* The beginning of the body as one harmless line; "" where it is no text. */
static void excerpt(const struct http_result *result, char *out, size_t size)
{
	scoped(buf_deinitv) struct buf line = {0};
	size_t len = result->body_len < size ? result->body_len : size;
	size_t n = 0;

	buf_init(&line);
	text_escape(bytes_of(result->body, len), &line);
	const char *text = buf_text(&line);
	if (!text) {
		text = "";
	}
	n = strnlen(text, size - 1);
	while (n > 0 && n < strlen(text) && ((unsigned char)text[n] & 0xc0) == 0x80) {
		n--;
	}
	memcpy(out, text, n);
	out[n] = '\0';
}

static void describe(const struct http_result *result, struct connector_outcome *outcome)
{
	char told[TOLD_MAX + 1];

	excerpt(result, told, sizeof(told));
	if (result->status == 0) {
		snprintf(outcome->text, sizeof(outcome->text),
			"The connection ended without an answer: %.200s", result->fault);
		return;
	}
	snprintf(outcome->code, sizeof(outcome->code), "%ld", result->status);
	snprintf(outcome->text, sizeof(outcome->text), "The national system answered %ld%s%s",
		result->status, told[0] ? ": " : ".", told);
}

struct http_verdict http_answer_judge(const struct http_result *result, bool is_idempotent)
{
	struct http_verdict verdict = {.outcome = {.answer = CONNECTOR_LATER}};
	enum connector_answer unknown = is_idempotent ? CONNECTOR_LATER : CONNECTOR_UNKNOWN;

	describe(result, &verdict.outcome);
	switch (meaning_of(result)) {
	case TAKEN:
		verdict.outcome.answer = CONNECTOR_TAKEN;
		break;
	case REFUSED:
		verdict.outcome.answer = CONNECTOR_REFUSED;
		break;
	case HELD:
		verdict.outcome.answer = is_idempotent ? CONNECTOR_LATER : CONNECTOR_REFUSED;
		break;
	case LATER:
		break;
	case OURS:
		verdict.is_ours = true;
		break;
	case BAD:
		verdict.outcome.answer = unknown;
		verdict.is_counted = true;
		break;
	case UNKNOWN:
		verdict.outcome.answer = unknown;
		break;
	}
	return verdict;
}

int64_t http_answer_delay_ms(unsigned n_failed, int64_t first_ms, int64_t max_ms,
	int64_t retry_after_ms, uint32_t random)
{
	int64_t delay_ms = first_ms;

	for (unsigned i = 1; i < n_failed && delay_ms < max_ms; i++) {
		delay_ms *= 2;
	}
	delay_ms = delay_ms < max_ms ? delay_ms : max_ms;
	delay_ms -= (int64_t)((uint64_t)random % ((uint64_t)delay_ms / 2 + 1));
	if (retry_after_ms > RETRY_AFTER_MAX_S * 1000) {
		retry_after_ms = RETRY_AFTER_MAX_S * 1000;
	}
	return delay_ms > retry_after_ms ? delay_ms : retry_after_ms;
}

bool http_answer_is_handshake_alert(const char *fault)
{
	/* As OpenSSL writes alerts of RFC 8446 section 6.2 that only a handshake ends with. */
	static const char *const words[] = {
		"alert certificate required",
		"alert bad certificate",
		"alert unsupported certificate",
		"alert certificate revoked",
		"alert certificate expired",
		"alert certificate unknown",
		"alert unknown ca",
		"alert handshake failure",
		"alert access denied",
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strstr(fault, words[i])) {
			return true;
		}
	}
	return false;
}

const char *http_answer_media_type(const char *name)
{
	static const struct {
		const char *extension;
		const char *type;
	} types[] = {
		{".json", "application/json"},
		{".xml", "application/xml"},
		{".edi", "application/edifact"},
		{".csv", "text/csv"},
		{".txt", "text/plain"},
	};
	const char *dot = strrchr(name, '.');

	for (size_t i = 0; dot && i < sizeof(types) / sizeof(types[0]); i++) {
		if (strcmp(dot, types[i].extension) == 0) {
			return types[i].type;
		}
	}
	return "application/octet-stream";
}
