/*
 * The newest checkpoint: what may follow it, what contradicts it, and that it is still
 * known after a restart.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "client/history.h"
#include "suite.h"

#define ORIGIN "rivergate.example/test"

struct log {
	struct key *key;
	struct note_verifier verifier;
};

static void make_log(struct log *log)
{
	uint8_t raw[32];

	ck_assert_int_eq(key_generate(RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519, &log->key),
		RG_OK);
	ck_assert_int_eq(key_ed25519_raw(log->key, raw), RG_OK);
	ck_assert_int_eq(note_verifier_of(ORIGIN, raw, &log->verifier), RG_OK);
}

/* A checkpoint of this size whose root is 32 times this byte. */
static void write_note(const struct log *log, uint64_t size, uint8_t root, struct buf *out)
{
	struct note_checkpoint checkpoint = {.origin = ORIGIN, .size = size};

	memset(checkpoint.root.bytes, root, sizeof(checkpoint.root.bytes));
	ck_assert_int_eq(note_checkpoint_sign(&checkpoint, log->key, out), RG_OK);
}

static const char *offer(struct history *history, const struct log *log, uint64_t size,
	uint8_t root, enum history_source source)
{
	scoped(buf_deinit) struct buf note = {0};
	const char *rule = NULL;

	write_note(log, size, root, &note);
	ck_assert_int_eq(history_offer(history, buf_view(&note), source, NULL, &rule), RG_OK);
	return rule;
}

START_TEST(checkpoint_that_contradicts_is_found)
{
	/* Held are HELLO of 10 records and then receipts of 20. */
	static const struct {
		enum history_source source;
		uint64_t size;
		uint8_t root;
		bool is_good;
	} cases[] = {
		{HISTORY_HELLO, 20, 20, true},
		{HISTORY_HELLO, 21, 21, true},
		{HISTORY_HELLO, 19, 19, false},
		{HISTORY_HELLO, 20, 99, false},
		{HISTORY_HELLO, 0, 0, false},
		{HISTORY_RECEIPTS, 21, 21, true},
		{HISTORY_RECEIPTS, 12, 12, true},
		{HISTORY_RECEIPTS, 10, 10, true},
		{HISTORY_RECEIPTS, 9, 9, false},
		{HISTORY_RECEIPTS, 20, 99, false},
		{HISTORY_DELIVERY, 3, 3, true},
		{HISTORY_DELIVERY, 20, 99, false},
	};
	struct log log;

	make_log(&log);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct history *history = NULL;

		ck_assert_int_eq(history_open(NULL, &log.verifier, &history), RG_OK);
		ck_assert_ptr_null(offer(history, &log, 10, 10, HISTORY_HELLO));
		ck_assert_ptr_null(offer(history, &log, 20, 20, HISTORY_RECEIPTS));
		const char *rule =
			offer(history, &log, cases[i].size, cases[i].root, cases[i].source);
		ck_assert_msg((rule == NULL) == cases[i].is_good, "case %zu: %s", i,
			rule ? rule : "taken");
		ck_assert_uint_ge(history_size(history), 20);
		history_close(history);
	}
	key_free(log.key);
}
END_TEST

START_TEST(checkpoint_of_another_key_is_refused)
{
	struct log log;
	struct log other;
	struct history *history = NULL;

	make_log(&log);
	make_log(&other);
	ck_assert_int_eq(history_open(NULL, &log.verifier, &history), RG_OK);
	ck_assert_ptr_nonnull(offer(history, &other, 10, 10, HISTORY_HELLO));
	ck_assert_str_eq(history_text(history), "");
	history_close(history);
	key_free(log.key);
	key_free(other.key);
}
END_TEST

START_TEST(newest_checkpoint_survives_a_restart_and_never_goes_back)
{
	char folder[] = "/tmp/rg-client-history-XXXXXX";
	struct log log;
	struct log other;
	struct history *history = NULL;
	struct history *second = NULL;

	make_log(&log);
	make_log(&other);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	ck_assert_int_eq(history_open(folder, &log.verifier, &history), RG_OK);
	ck_assert_int_eq(history_open(folder, &log.verifier, &second), RG_OK);
	ck_assert_ptr_null(offer(history, &log, 20, 20, HISTORY_HELLO));
	ck_assert_ptr_null(offer(second, &log, 10, 10, HISTORY_HELLO));
	history_close(history);
	/* Another process of the party saw less: what is stored stays. */
	history_close(second);
	ck_assert_int_eq(history_open(folder, &log.verifier, &history), RG_OK);
	ck_assert_uint_eq(history_size(history), 20);
	ck_assert_ptr_nonnull(offer(history, &log, 19, 19, HISTORY_HELLO));
	history_close(history);
	ck_assert_int_eq(history_open(folder, &other.verifier, &history), RG_E_CONFIG);
	key_free(log.key);
	key_free(other.key);
}
END_TEST

CHECK_MAIN("client_history", checkpoint_that_contradicts_is_found,
	checkpoint_of_another_key_is_refused,
	newest_checkpoint_survives_a_restart_and_never_goes_back)
