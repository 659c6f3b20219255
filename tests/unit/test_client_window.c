/*
 * What the client keeps: the window of submissions in their order, and the intake of
 * deliveries within its limits.
 */

#include <stdlib.h>
#include <string.h>

#include "client/intake.h"
#include "client/window.h"
#include "suite.h"

/* --- Window ---------------------------------------------------------------------------------- */

static struct submission *submission(uint8_t number, size_t size)
{
	struct submission *made = calloc(1, sizeof(*made));

	ck_assert_ptr_nonnull(made);
	memset(made->id, number, sizeof(made->id));
	buf_init(&made->signature);
	made->size = size;
	return made;
}

/* A window with submissions 1 to n of 100 bytes each, and credit for all. */
static void fill(struct window *window, uint8_t n)
{
	ck_assert_int_eq(window_init(window), RG_OK);
	for (uint8_t i = 1; i <= n; i++) {
		window_add(window, submission(i, 100));
	}
	window_restart(window, 7);
	window->credit_messages = n;
	window->credit_bytes = (uint64_t)n * 100;
}

/* Sends all that credit covers; the first bytes of their ids as a text. */
static void send_all(struct window *window, char *sent)
{
	struct submission *next = NULL;

	while ((next = window_next(window)) != NULL) {
		window_sent(window, next);
		*sent++ = (char)('0' + next->id[0]);
	}
	*sent = '\0';
}

START_TEST(submissions_go_in_the_order_they_came)
{
	struct window window;
	char sent[16];

	fill(&window, 4);
	send_all(&window, sent);
	ck_assert_str_eq(sent, "1234");
	ck_assert_uint_eq(window.last->seq, 4);
	ck_assert_uint_eq(window.last->epoch, 7);
	window_deinit(&window);
}
END_TEST

START_TEST(without_credit_nothing_goes)
{
	static const struct {
		uint64_t messages;
		uint64_t bytes;
		const char *sent;
	} cases[] = {
		{0, 1000, ""},
		{4, 0, ""},
		{4, 99, ""},
		{2, 1000, "12"},
		{4, 399, "123"},
		{4, 400, "1234"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct window window;
		char sent[16];

		fill(&window, 4);
		window.credit_messages = cases[i].messages;
		window.credit_bytes = cases[i].bytes;
		send_all(&window, sent);
		ck_assert_str_eq(sent, cases[i].sent);
		window_deinit(&window);
	}
}
END_TEST

START_TEST(what_is_removed_is_found_no_more)
{
	static const uint8_t removed[] = {3, 1, 4, 2};
	struct window window;

	fill(&window, 4);
	for (size_t i = 0; i < sizeof(removed); i++) {
		uint8_t id[SUBMIT_ID_LEN];

		memset(id, removed[i], sizeof(id));
		struct submission *found = window_find(&window, id);
		ck_assert_ptr_nonnull(found);
		submission_free(window_remove(&window, found));
		ck_assert_ptr_null(window_find(&window, id));
		ck_assert_uint_eq(window.n, 3 - i);
	}
	ck_assert_ptr_null(window.first);
	ck_assert_ptr_null(window.last);
	ck_assert_ptr_null(window.unsent);
	window_deinit(&window);
}
END_TEST

START_TEST(same_id_twice_finds_the_older_first)
{
	struct window window;
	uint8_t id[SUBMIT_ID_LEN];

	fill(&window, 1);
	struct submission *older = window.first;
	window_add(&window, submission(1, 100));
	memset(id, 1, sizeof(id));
	ck_assert_ptr_eq(window_find(&window, id), older);
	submission_free(window_remove(&window, older));
	ck_assert_ptr_eq(window_find(&window, id), window.first);
	window_deinit(&window);
}
END_TEST

START_TEST(reconnect_sends_everything_again_in_order)
{
	struct window window;
	char sent[16];

	fill(&window, 4);
	send_all(&window, sent);
	submission_free(window_remove(&window, window.first));
	window_restart(&window, 9);
	ck_assert_ptr_null(window_next(&window));
	window.credit_messages = 10;
	window.credit_bytes = 1000;
	send_all(&window, sent);
	ck_assert_str_eq(sent, "234");
	ck_assert_uint_eq(window.first->seq, 1);
	ck_assert_uint_eq(window.first->epoch, 9);
	window_deinit(&window);
}
END_TEST

START_TEST(refused_for_now_goes_again_from_there_in_the_next_epoch)
{
	struct window window;
	char sent[16];

	fill(&window, 4);
	send_all(&window, sent);
	window_rewind(&window, window_find_sent(&window, 3, 7));
	window.credit_messages = 10;
	window.credit_bytes = 1000;
	send_all(&window, sent);
	ck_assert_str_eq(sent, "34");
	ck_assert_uint_eq(window.last->seq, 2);
	ck_assert_uint_eq(window.last->epoch, 8);
	ck_assert_uint_eq(window.first->epoch, 7);
	window_deinit(&window);
}
END_TEST

START_TEST(sequence_numbers_of_an_older_epoch_are_not_found)
{
	struct window window;
	char sent[16];

	fill(&window, 2);
	send_all(&window, sent);
	ck_assert_ptr_null(window_find_sent(&window, 1, 6));
	ck_assert_ptr_null(window_find_sent(&window, 3, 7));
	ck_assert_ptr_null(window_find_sent(&window, 0, 7));
	ck_assert_ptr_eq(window_find_sent(&window, 2, 7), window.last);
	window_deinit(&window);
}
END_TEST

/* --- Intake ---------------------------------------------------------------------------------- */

static struct intake_key key(uint64_t index)
{
	return (struct intake_key){.index = index};
}

START_TEST(credit_is_given_once_and_comes_back_with_settlements)
{
	struct intake intake;
	struct intake_key first = key(1);
	uint32_t messages = 0;
	uint64_t bytes = 0;

	ck_assert_int_eq(intake_init(&intake, 3, 0), RG_OK);
	ck_assert(intake_grant(&intake, &messages, &bytes));
	ck_assert_uint_eq(messages, 3);
	ck_assert(!intake_grant(&intake, &messages, &bytes));
	intake_arrived(&intake, 100);
	ck_assert(intake_hold(&intake, &first, 100));
	ck_assert(!intake_grant(&intake, &messages, &bytes));
	intake_settled(&intake, &first);
	ck_assert(intake_grant(&intake, &messages, &bytes));
	ck_assert_uint_eq(messages, 1);
	ck_assert_uint_eq(bytes, 100);
	intake_deinit(&intake);
}
END_TEST

START_TEST(what_the_caller_holds_counts_over_a_reconnect)
{
	struct intake intake;
	struct intake_key first = key(1);
	uint32_t messages = 0;
	uint64_t bytes = 0;

	ck_assert_int_eq(intake_init(&intake, 3, 0), RG_OK);
	ck_assert(intake_grant(&intake, &messages, &bytes));
	intake_arrived(&intake, 100);
	ck_assert(intake_hold(&intake, &first, 100));
	intake_restart(&intake);
	ck_assert(intake_grant(&intake, &messages, &bytes));
	ck_assert_uint_eq(messages, 2);
	intake_deinit(&intake);
}
END_TEST

START_TEST(delivery_that_is_held_is_not_shown_again)
{
	struct intake intake;
	struct intake_key record = key(5);
	struct intake_key derived = {.index = 5, .is_derived = true, .derived_id = {1}};
	struct intake_key other = {.index = 5, .is_derived = true, .derived_id = {2}};

	ck_assert_int_eq(intake_init(&intake, 8, 0), RG_OK);
	ck_assert(intake_hold(&intake, &record, 1));
	ck_assert(!intake_hold(&intake, &record, 1));
	ck_assert(intake_hold(&intake, &derived, 1));
	ck_assert(!intake_hold(&intake, &derived, 1));
	ck_assert(intake_hold(&intake, &other, 1));
	intake_settled(&intake, &record);
	ck_assert(intake_hold(&intake, &record, 1));
	intake_deinit(&intake);
}
END_TEST

START_TEST(router_that_ignores_its_credit_fills_no_memory)
{
	struct intake intake;

	ck_assert_int_eq(intake_init(&intake, 2, 0), RG_OK);
	for (uint64_t i = 1; i <= 5; i++) {
		struct intake_key each = key(i);

		intake_arrived(&intake, 100);
		ck_assert_int_eq(intake_hold(&intake, &each, 100), i <= 2);
	}
	ck_assert_uint_eq(intake.n_held, 2);
	intake_deinit(&intake);
}
END_TEST

CHECK_MAIN("client_window", submissions_go_in_the_order_they_came, without_credit_nothing_goes,
	what_is_removed_is_found_no_more, same_id_twice_finds_the_older_first,
	reconnect_sends_everything_again_in_order,
	refused_for_now_goes_again_from_there_in_the_next_epoch,
	sequence_numbers_of_an_older_epoch_are_not_found,
	credit_is_given_once_and_comes_back_with_settlements,
	what_the_caller_holds_counts_over_a_reconnect, delivery_that_is_held_is_not_shown_again,
	router_that_ignores_its_credit_fills_no_memory)
