/*
 * The account of deliveries: gaps are found and reported in time, contradictions are
 * told, and both are still known after a restart.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "client/account.h"
#include "suite.h"

#define HOUR ((int64_t)3600 * 1000 * 1000)
#define DAY  (24 * HOUR)

static char folder[256];

static void make_folder(void)
{
	const char *base = getenv("TMPDIR");

	(void)snprintf(folder, sizeof(folder), "%s/rg-client-account-XXXXXX", base ? base : "/tmp");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void)
{
	char path[300];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, ACCOUNT_FILE);
	(void)unlink(path);
	ck_assert_int_eq(rmdir(folder), 0);
}

static struct account *open_account(const char *state)
{
	struct account *account = NULL;

	ck_assert_int_eq(account_open(state, 0, &account), RG_OK);
	return account;
}

static void offer(struct account *account, uint64_t counter, uint64_t index, int64_t now_us)
{
	ck_assert_ptr_null(account_contradiction(account, counter, index));
	ck_assert_int_eq(account_offer(account, counter, index, now_us), RG_OK);
}

static void receive(struct account *account, uint64_t counter, uint64_t index, int64_t now_us)
{
	offer(account, counter, index, now_us);
	ck_assert_int_eq(account_settle(account, index, now_us), RG_OK);
	ck_assert_int_eq(account_save(account), RG_OK);
}

/* The next gap that is due, as "first-last", or "". */
static const char *due(struct account *account, int64_t now_us)
{
	static char text[64];
	struct account_gap gap;
	bool has = false;

	ck_assert_int_eq(account_take_due(account, now_us, &gap, &has), RG_OK);
	text[0] = '\0';
	if (has) {
		(void)snprintf(text, sizeof(text), "%llu-%llu", (unsigned long long)gap.first,
			(unsigned long long)gap.last);
		ck_assert_int_eq(account_save(account), RG_OK);
	}
	return text;
}

static size_t n_gaps(struct account *account)
{
	size_t n = 0;

	(void)account_gaps(account, &n);
	return n;
}

START_TEST(deliveries_in_any_order_leave_no_gap)
{
	static const uint64_t counters[] = {2, 1, 5, 4, 3, 6};
	scoped(account_closep) struct account *account = open_account(NULL);

	for (size_t i = 0; i < sizeof(counters) / sizeof(counters[0]); i++) {
		receive(account, counters[i], counters[i] * 10, 1000);
	}
	ck_assert_uint_eq(n_gaps(account), 0);
	ck_assert_uint_eq(account_highest(account), 6);
	ck_assert_str_eq(due(account, 1000 + 2 * DAY), "");
}
END_TEST

START_TEST(missing_delivery_is_found_after_a_day_and_not_before)
{
	scoped(account_closep) struct account *account = open_account(NULL);

	receive(account, 1, 10, 0);
	receive(account, 4, 40, HOUR);
	receive(account, 5, 50, 2 * HOUR);
	ck_assert_uint_eq(n_gaps(account), 1);
	ck_assert_str_eq(due(account, HOUR + DAY - 1), "");
	ck_assert_str_eq(due(account, HOUR + DAY), "2-3");
	ck_assert_str_eq(due(account, HOUR + DAY), "");
	ck_assert_uint_eq(account_missing(account), 2);
	ck_assert_uint_eq(n_gaps(account), 0);
}
END_TEST

START_TEST(missing_delivery_is_found_when_it_has_expired)
{
	scoped(account_closep) struct account *account = open_account(NULL);

	receive(account, 1, 10, 0);
	receive(account, 3, 30, 0);
	struct account_gap *gap = account_to_ask(account, HOUR);
	ck_assert_ptr_nonnull(gap);
	ck_assert_uint_eq(gap->after_index, 10);
	ck_assert_uint_eq(gap->before_index, 30);
	gap->expires_us = 2 * HOUR;
	ck_assert_ptr_null(account_to_ask(account, HOUR + 1));
	receive(account, 4, 40, HOUR);
	ck_assert_str_eq(due(account, 2 * HOUR - 1), "");
	ck_assert_str_eq(due(account, 2 * HOUR), "2-2");
}
END_TEST

START_TEST(first_delivery_that_is_not_the_first_is_a_gap)
{
	scoped(account_closep) struct account *account = open_account(NULL);

	receive(account, 3, 30, 0);
	ck_assert_str_eq(due(account, DAY), "1-2");
}
END_TEST

START_TEST(unsettled_delivery_is_no_gap_while_it_is_held)
{
	scoped(account_closep) struct account *account = open_account(NULL);

	offer(account, 1, 10, 0);
	receive(account, 2, 20, 0);
	ck_assert_uint_eq(n_gaps(account), 0);
}
END_TEST

START_TEST(late_delivery_closes_its_gap_and_splits_what_is_reported)
{
	scoped(account_closep) struct account *account = open_account(NULL);

	receive(account, 1, 10, 0);
	receive(account, 5, 50, 0);
	ck_assert_str_eq(due(account, DAY), "2-4");
	receive(account, 3, 30, DAY + HOUR);
	ck_assert_uint_eq(account_missing(account), 2);
	ck_assert_str_eq(due(account, 3 * DAY), "");
	ck_assert_ptr_nonnull(account_contradiction(account, 3, 31));
	ck_assert_ptr_null(account_contradiction(account, 4, 40));
}
END_TEST

START_TEST(what_contradicts_the_order_is_refused)
{
	static const struct {
		uint64_t counter;
		uint64_t index;
		bool is_good;
	} cases[] = {
		{0, 60, false}, /* no counter */
		{3, 30, true},  /* again, as at least once allows */
		{3, 31, false}, /* other record under a settled counter */
		{2, 60, false}, /* counting began anew */
		{5, 50, true},  /* again, still above a gap */
		{5, 51, false}, /* other record under a held counter */
		{4, 40, true},  /* fills the gap */
		{4, 30, false}, /* not behind the one before */
		{4, 50, false}, /* the same record under two counters */
		{4, 55, false}, /* behind a later one */
		{6, 45, false}, /* before an earlier one */
		{6, 60, true},
	};
	scoped(account_closep) struct account *account = open_account(NULL);

	receive(account, 1, 10, 0);
	receive(account, 2, 20, 0);
	receive(account, 3, 30, 0);
	receive(account, 5, 50, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *rule = account_contradiction(account, cases[i].counter, cases[i].index);

		ck_assert_msg((rule == NULL) == cases[i].is_good, "case %zu: %s", i,
			rule ? rule : "-");
	}
}
END_TEST

START_TEST(restart_keeps_account_gaps_and_reports)
{
	make_folder();
	struct account *account = open_account(folder);
	receive(account, 1, 10, 0);
	receive(account, 3, 30, HOUR);
	offer(account, 4, 40, HOUR);
	account_close(account);

	account = open_account(folder);
	ck_assert_uint_eq(account_highest(account), 3);
	ck_assert_ptr_nonnull(account_contradiction(account, 3, 31));
	ck_assert_str_eq(due(account, HOUR + DAY - 1), "");
	ck_assert_str_eq(due(account, HOUR + DAY), "2-2");
	account_close(account);

	account = open_account(folder);
	ck_assert_str_eq(due(account, 4 * DAY), "");
	ck_assert_uint_eq(account_missing(account), 1);
	receive(account, 2, 20, 4 * DAY);
	account_close(account);

	account = open_account(folder);
	ck_assert_uint_eq(account_missing(account), 0);
	ck_assert_ptr_nonnull(account_contradiction(account, 2, 21));
	account_close(account);
	remove_folder();
}
END_TEST

static void write_file(const char *content)
{
	char path[300];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, ACCOUNT_FILE);
	ck_assert_int_eq(file_replace(path, bytes_of_text(content), 0600), RG_OK);
}

START_TEST(torn_last_line_was_never_counted)
{
	make_folder();
	write_file("delivery 1 10 5\ndelivery 2 20 6\ndelivery 3 3");
	struct account *account = open_account(folder);
	ck_assert_uint_eq(account_highest(account), 2);
	receive(account, 3, 30, 7);
	account_close(account);
	account = open_account(folder);
	ck_assert_uint_eq(account_highest(account), 3);
	account_close(account);
	remove_folder();
}
END_TEST

START_TEST(damaged_file_is_refused)
{
	static const char *const contents[] = {
		"delivery 1 10\n",
		"delivery 1 10 5 6\n",
		"delivery one 10 5\n",
		"delivery 0 10 5\n",
		"arrival 1 10 5\n",
		"missing 3 2 5\n",
		"missing 0 2 5\n",
		"missing 1 18446744073709551615 5\n",
		"delivery 1 10 5\ndelivery 2 9 5\n",
		"delivery 1 10 99999999999999999999\n",
		"\n",
		"delivery 1 10 5\n\ndelivery 2 20 5\n",
	};

	make_folder();
	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		struct account *account = NULL;

		write_file(contents[i]);
		ck_assert_msg(account_open(folder, 0, &account) == RG_E_FORMAT, "case %zu", i);
		ck_assert_ptr_null(account);
	}
	remove_folder();
}
END_TEST

/* Each of a thousand, but every tenth, in an order that changes from block to block. */
START_TEST(many_gaps_are_all_found)
{
	scoped(account_closep) struct account *account = open_account(NULL);
	size_t n = 0;

	for (uint64_t block = 0; block < 100; block++) {
		for (uint64_t i = 0; i < 9; i++) {
			uint64_t counter = block * 10 + 1 + (i * 7 + block) % 9;

			receive(account, counter, counter * 3, (int64_t)block);
		}
	}
	while (*due(account, 2 * DAY)) {
		n++;
	}
	ck_assert_uint_eq(n, 99); /* behind the last there is none yet */
	ck_assert_uint_eq(account_missing(account), 99);
}
END_TEST

CHECK_MAIN("client_account", deliveries_in_any_order_leave_no_gap,
	missing_delivery_is_found_after_a_day_and_not_before,
	missing_delivery_is_found_when_it_has_expired,
	first_delivery_that_is_not_the_first_is_a_gap,
	unsettled_delivery_is_no_gap_while_it_is_held,
	late_delivery_closes_its_gap_and_splits_what_is_reported,
	what_contradicts_the_order_is_refused, restart_keeps_account_gaps_and_reports,
	torn_last_line_was_never_counted, damaged_file_is_refused, many_gaps_are_all_found)
