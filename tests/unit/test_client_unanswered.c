/*
 * What the client keeps: the unanswered of submissions in their order, and the intake of
 * deliveries within its limits.
 */

#include <stdlib.h>
#include <string.h>

#include "client/intake.h"
#include "client/unanswered.h"
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

/* A unanswered with submissions 1 to n of 100 bytes each, and credit for all. */
static void fill(struct unanswered *unanswered, uint8_t n)
{
	ck_assert_int_eq(unanswered_init(unanswered), RG_OK);
	for (uint8_t i = 1; i <= n; i++) {
		unanswered_add(unanswered, submission(i, 100));
	}
	unanswered_restart(unanswered, 7);
	unanswered->credit_messages = n;
	unanswered->credit_bytes = (uint64_t)n * 100;
}

/* Sends all that credit covers; the first bytes of their ids as a text. */
static void send_all(struct unanswered *unanswered, char *sent)
{
	struct submission *next = NULL;

	while ((next = unanswered_next(unanswered)) != NULL) {
		unanswered_sent(unanswered, next);
		*sent++ = (char)('0' + next->id[0]);
	}
	*sent = '\0';
}

START_TEST(submissions_go_in_the_order_they_came)
{
	struct unanswered unanswered;
	char sent[16];

	fill(&unanswered, 4);
	send_all(&unanswered, sent);
	ck_assert_str_eq(sent, "1234");
	ck_assert_uint_eq(unanswered.last->seq, 4);
	ck_assert_uint_eq(unanswered.last->epoch, 7);
	unanswered_deinit(&unanswered);
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
		struct unanswered unanswered;
		char sent[16];

		fill(&unanswered, 4);
		unanswered.credit_messages = cases[i].messages;
		unanswered.credit_bytes = cases[i].bytes;
		send_all(&unanswered, sent);
		ck_assert_str_eq(sent, cases[i].sent);
		unanswered_deinit(&unanswered);
	}
}
END_TEST

START_TEST(what_is_removed_is_found_no_more)
{
	static const uint8_t removed[] = {3, 1, 4, 2};
	struct unanswered unanswered;

	fill(&unanswered, 4);
	for (size_t i = 0; i < sizeof(removed); i++) {
		uint8_t id[SUBMIT_ID_LEN];

		memset(id, removed[i], sizeof(id));
		struct submission *found = unanswered_find(&unanswered, id);
		ck_assert_ptr_nonnull(found);
		submission_free(unanswered_remove(&unanswered, found));
		ck_assert_ptr_null(unanswered_find(&unanswered, id));
		ck_assert_uint_eq(unanswered.n, 3 - i);
	}
	ck_assert_ptr_null(unanswered.first);
	ck_assert_ptr_null(unanswered.last);
	ck_assert_ptr_null(unanswered.unsent);
	unanswered_deinit(&unanswered);
}
END_TEST

START_TEST(same_id_twice_finds_the_older_first)
{
	struct unanswered unanswered;
	uint8_t id[SUBMIT_ID_LEN];

	fill(&unanswered, 1);
	struct submission *older = unanswered.first;
	unanswered_add(&unanswered, submission(1, 100));
	memset(id, 1, sizeof(id));
	ck_assert_ptr_eq(unanswered_find(&unanswered, id), older);
	submission_free(unanswered_remove(&unanswered, older));
	ck_assert_ptr_eq(unanswered_find(&unanswered, id), unanswered.first);
	unanswered_deinit(&unanswered);
}
END_TEST

START_TEST(reconnect_sends_everything_again_in_order)
{
	struct unanswered unanswered;
	char sent[16];

	fill(&unanswered, 4);
	send_all(&unanswered, sent);
	submission_free(unanswered_remove(&unanswered, unanswered.first));
	unanswered_restart(&unanswered, 9);
	ck_assert_ptr_null(unanswered_next(&unanswered));
	unanswered.credit_messages = 10;
	unanswered.credit_bytes = 1000;
	send_all(&unanswered, sent);
	ck_assert_str_eq(sent, "234");
	ck_assert_uint_eq(unanswered.first->seq, 1);
	ck_assert_uint_eq(unanswered.first->epoch, 9);
	unanswered_deinit(&unanswered);
}
END_TEST

START_TEST(refused_for_now_goes_again_from_there_in_the_next_epoch)
{
	struct unanswered unanswered;
	char sent[16];

	fill(&unanswered, 4);
	send_all(&unanswered, sent);
	unanswered_rewind(&unanswered, unanswered_find_sent(&unanswered, 3, 7));
	unanswered.credit_messages = 10;
	unanswered.credit_bytes = 1000;
	send_all(&unanswered, sent);
	ck_assert_str_eq(sent, "34");
	ck_assert_uint_eq(unanswered.last->seq, 2);
	ck_assert_uint_eq(unanswered.last->epoch, 8);
	ck_assert_uint_eq(unanswered.first->epoch, 7);
	unanswered_deinit(&unanswered);
}
END_TEST

START_TEST(sequence_numbers_of_an_older_epoch_are_not_found)
{
	struct unanswered unanswered;
	char sent[16];

	fill(&unanswered, 2);
	send_all(&unanswered, sent);
	ck_assert_ptr_null(unanswered_find_sent(&unanswered, 1, 6));
	ck_assert_ptr_null(unanswered_find_sent(&unanswered, 3, 7));
	ck_assert_ptr_null(unanswered_find_sent(&unanswered, 0, 7));
	ck_assert_ptr_eq(unanswered_find_sent(&unanswered, 2, 7), unanswered.last);
	unanswered_deinit(&unanswered);
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

CHECK_MAIN("client_unanswered", submissions_go_in_the_order_they_came, without_credit_nothing_goes,
	what_is_removed_is_found_no_more, same_id_twice_finds_the_older_first,
	reconnect_sends_everything_again_in_order,
	refused_for_now_goes_again_from_there_in_the_next_epoch,
	sequence_numbers_of_an_older_epoch_are_not_found,
	credit_is_given_once_and_comes_back_with_settlements,
	what_the_caller_holds_counts_over_a_reconnect, delivery_that_is_held_is_not_shown_again,
	router_that_ignores_its_credit_fills_no_memory)
