/*
 * What the auditor knows of deliveries: open, over, expired, and what is derived from records
 */

#include <string.h>

#include "audit/deliveries.h"
#include "audit/fold.h"
#include "evidence/derived.h"
#include "evidence/record.h"
#include "suite.h"
#include "wire/pack.h"

#define TYPE(name) RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_##name

static const struct trust_party sender = {.address = "la.customs", .cc = "la"};
static const struct trust_party receiver = {.address = "cn.gacc", .cc = "cn"};

static void open_one(struct deliveries *deliveries, uint64_t index, int64_t expires_us)
{
	const struct examined examined = {.n_recipients = 1,
		.recipients = {&receiver},
		.sender = &sender,
		.expires_us = expires_us};

	ck_assert_int_eq(deliveries_open(deliveries, index, &examined), RG_OK);
}

static enum deliveries_answer end_one(struct deliveries *deliveries, uint64_t index, const char *to,
	const uint8_t *derived)
{
	Rivergate__V1__DeliveryRef ref = RIVERGATE__V1__DELIVERY_REF__INIT;
	enum deliveries_answer answer = DELIVERIES_UNKNOWN;
	scoped(freep) char *text = strdup(to);

	ref.index = index;
	ref.to = text;
	if (derived) {
		ref.derived_id = (ProtobufCBinaryData){16, (uint8_t *)(uintptr_t)derived};
	}
	ck_assert_int_eq(deliveries_end(deliveries, &ref, &answer), RG_OK);
	return answer;
}

START_TEST(delivery_ends_once)
{
	struct store *store = NULL;
	struct deliveries *deliveries = NULL;

	ck_assert_int_eq(store_open(NULL, &store), RG_OK);
	ck_assert_int_eq(deliveries_new(store, &deliveries), RG_OK);
	open_one(deliveries, 3, 100);
	ck_assert_int_eq(end_one(deliveries, 3, "la.customs", NULL), DELIVERIES_UNKNOWN);
	ck_assert_int_eq(end_one(deliveries, 4, "cn.gacc", NULL), DELIVERIES_UNKNOWN);
	ck_assert_int_eq(end_one(deliveries, 3, "cn.gacc", NULL), DELIVERIES_ENDED);
	ck_assert_int_eq(end_one(deliveries, 3, "cn.gacc", NULL), DELIVERIES_UNKNOWN);
	deliveries_free(deliveries);
	store_close(store);
}
END_TEST

START_TEST(deliveries_beyond_memory_lie_on_disk_and_end_once)
{
	struct store *store = NULL;
	struct deliveries *deliveries = NULL;

	ck_assert_int_eq(store_open(NULL, &store), RG_OK);
	ck_assert_int_eq(deliveries_new(store, &deliveries), RG_OK);
	for (uint64_t i = 0; i < 3 * FOLD_RECENT; i++) {
		open_one(deliveries, i, 1000);
	}
	ck_assert_int_eq(end_one(deliveries, 5, "cn.gacc", NULL), DELIVERIES_ENDED);
	ck_assert_int_eq(end_one(deliveries, 5, "cn.gacc", NULL), DELIVERIES_UNKNOWN);
	ck_assert_int_eq(deliveries_save(deliveries), RG_OK);
	deliveries_free(deliveries);
	ck_assert_int_eq(deliveries_new(store, &deliveries), RG_OK);
	ck_assert_int_eq(deliveries_restore(deliveries), RG_OK);
	ck_assert_int_eq(end_one(deliveries, 5, "cn.gacc", NULL), DELIVERIES_UNKNOWN);
	ck_assert_int_eq(end_one(deliveries, 3 * FOLD_RECENT - 1, "cn.gacc", NULL),
		DELIVERIES_ENDED);
	deliveries_free(deliveries);
	store_close(store);
}
END_TEST

static void notice_id(uint64_t cause, uint8_t ret_id[16])
{
	const struct derived derived = {.origin = "example/log",
		.cause = cause,
		.kind = (uint8_t)RIVERGATE__V1__KIND__KIND_EXPIRY,
		.to = "la.customs"};

	ck_assert_int_eq(derived_id(&derived, ret_id), RG_OK);
}

/* In memory and on disk alike. */
static void check_expiry(bool is_saved)
{
	struct store *store = NULL;
	struct deliveries *deliveries = NULL;
	uint8_t id[16];

	ck_assert_int_eq(store_open(NULL, &store), RG_OK);
	ck_assert_int_eq(deliveries_new(store, &deliveries), RG_OK);
	deliveries_set_origin(deliveries, &(const struct derived_lineage){.origin = "example/log"});
	open_one(deliveries, 3, 100);
	open_one(deliveries, 4, 200);
	if (is_saved) {
		ck_assert_int_eq(deliveries_save(deliveries), RG_OK);
	}
	notice_id(3, id);
	ck_assert_int_eq(deliveries_expire(deliveries, 99, 1000), RG_OK);
	ck_assert_int_eq(end_one(deliveries, 3, "la.customs", id), DELIVERIES_UNKNOWN);
	ck_assert_int_eq(deliveries_expire(deliveries, 100, 1000), RG_OK);
	if (is_saved) {
		ck_assert_int_eq(deliveries_save(deliveries), RG_OK);
	}
	ck_assert_int_eq(end_one(deliveries, 3, "cn.gacc", NULL), DELIVERIES_LATE);
	ck_assert_int_eq(end_one(deliveries, 4, "la.customs", id), DELIVERIES_UNKNOWN);
	ck_assert_int_eq(end_one(deliveries, 3, "la.customs", id), DELIVERIES_ENDED);
	ck_assert_int_eq(end_one(deliveries, 3, "la.customs", id), DELIVERIES_UNKNOWN);
	ck_assert_int_eq(end_one(deliveries, 4, "cn.gacc", NULL), DELIVERIES_ENDED);
	deliveries_free(deliveries);
	store_close(store);
}

static void status_id(uint64_t cause, uint32_t ordinal, uint8_t ret_id[16])
{
	const struct derived derived = {.origin = "example/log",
		.cause = cause,
		.kind = (uint8_t)RIVERGATE__V1__KIND__KIND_STATUS,
		.ordinal = ordinal,
		.to = "cn.gacc"};

	ck_assert_int_eq(derived_id(&derived, ret_id), RG_OK);
}

/* More of one cause than a byte counts, in memory and on disk alike. */
static void check_told(bool is_saved)
{
	static const uint32_t ordinals[] = {0, 1, 255, 256, 100000, UINT32_MAX};
	const size_t n = sizeof(ordinals) / sizeof(ordinals[0]);
	struct store *store = NULL;
	struct deliveries *deliveries = NULL;
	uint8_t id[16];

	ck_assert_int_eq(store_open(NULL, &store), RG_OK);
	ck_assert_int_eq(deliveries_new(store, &deliveries), RG_OK);
	deliveries_set_origin(deliveries, &(const struct derived_lineage){.origin = "example/log"});
	open_one(deliveries, 3, 500);
	for (size_t i = 0; i < n; i++) {
		const struct deliveries_told told = {.kind = (uint8_t)
							     RIVERGATE__V1__KIND__KIND_STATUS,
			.ordinal = ordinals[i],
			.to = "cn.gacc"};

		ck_assert_int_eq(deliveries_tell(deliveries, 3, &told, 100), RG_OK);
	}
	if (is_saved) {
		ck_assert_int_eq(deliveries_save(deliveries), RG_OK);
	}
	status_id(3, 2, id);
	ck_assert_int_eq(end_one(deliveries, 3, "cn.gacc", id), DELIVERIES_UNKNOWN);
	status_id(4, 0, id);
	ck_assert_int_eq(end_one(deliveries, 3, "cn.gacc", id), DELIVERIES_UNKNOWN);
	for (size_t i = 0; i + 1 < n; i++) {
		status_id(3, ordinals[i], id);
		ck_assert_int_eq(end_one(deliveries, 3, "la.customs", id), DELIVERIES_UNKNOWN);
		ck_assert_int_eq(end_one(deliveries, 3, "cn.gacc", id), DELIVERIES_ENDED);
		ck_assert_int_eq(end_one(deliveries, 3, "cn.gacc", id), DELIVERIES_UNKNOWN);
	}
	/* The last one expires, and nobody gets a notice of that. */
	ck_assert_int_eq(deliveries_expire(deliveries, 100, 1000), RG_OK);
	status_id(3, ordinals[n - 1], id);
	ck_assert_int_eq(end_one(deliveries, 3, "cn.gacc", id), DELIVERIES_LATE);
	notice_id(3, id);
	ck_assert_int_eq(end_one(deliveries, 3, "la.customs", id), DELIVERIES_UNKNOWN);
	ck_assert_int_eq(end_one(deliveries, 3, "cn.gacc", NULL), DELIVERIES_ENDED);
	deliveries_free(deliveries);
	store_close(store);
}

START_TEST(what_the_window_told_is_settled_once_by_its_own_id)
{
	check_told(false);
	check_told(true);
}
END_TEST

/* A PROGRESS record in which cn.gacc settles this REMINDER. */
static void settle_reminder(struct fold *fold, uint64_t cause, uint32_t ordinal,
	struct findings *findings)
{
	const struct derived derived = {.origin = "example/log",
		.cause = cause,
		.kind = (uint8_t)RIVERGATE__V1__KIND__KIND_REMINDER,
		.ordinal = ordinal,
		.to = "cn.gacc"};
	const struct examined examined = {.type = TYPE(PROGRESS), .time_us = 1000};
	Rivergate__V1__DeliveryRef ref = RIVERGATE__V1__DELIVERY_REF__INIT;
	Rivergate__V1__DeliveryRef *refs[] = {&ref};
	Rivergate__V1__Progress progress = RIVERGATE__V1__PROGRESS__INIT;
	scoped(buf_deinit) struct buf body = {0};
	scoped(buf_deinit) struct buf leaf = {0};
	char to[] = "cn.gacc";
	uint8_t id[16];

	ck_assert_int_eq(derived_id(&derived, id), RG_OK);
	ref.index = cause;
	ref.derived_id = (ProtobufCBinaryData){sizeof(id), id};
	ref.to = to;
	progress.settled = refs;
	progress.n_settled = 1;
	ck_assert_int_eq(pack_append(&progress.base, &body), RG_OK);
	const struct record record = {.type = TYPE(PROGRESS), .body = buf_view(&body)};

	ck_assert_int_eq(record_write(&record, &leaf), RG_OK);
	const struct fold_input input = {.index = cause + ordinal,
		.leaf = buf_view(&leaf),
		.examined = &examined,
		.is_told = true};

	ck_assert_int_eq(fold_take(fold, &input, findings), RG_OK);
}

START_TEST(fold_opens_what_the_window_tells_and_nothing_else)
{
	scoped(findings_deinitv) struct findings findings = {.items = NULL};
	const struct deliveries_told told = {.kind = (uint8_t)RIVERGATE__V1__KIND__KIND_REMINDER,
		.ordinal = 7,
		.to = "cn.gacc"};
	const struct examined tick = {.type = TYPE(TICK), .time_us = 1000};
	struct store *store = NULL;
	struct fold *fold = NULL;

	ck_assert_int_eq(store_open(NULL, &store), RG_OK);
	ck_assert_int_eq(fold_new(store, &fold), RG_OK);
	fold_set_origin(fold, &(const struct derived_lineage){.origin = "example/log"});
	const struct fold_input input = {
		.index = 5,
		.examined = &tick,
		.told = &told,
		.n_told = 1,
		.is_told = true,
	};

	ck_assert_int_eq(fold_take(fold, &input, &findings), RG_OK);
	for (uint32_t ordinal = 6; ordinal <= 8; ordinal++) {
		settle_reminder(fold, 5, ordinal, &findings);
		ck_assert_uint_eq(findings.n_items, ordinal == 6 ? 1 : ordinal - 6);
	}
	ck_assert_int_eq(findings.items[0].rule, FINDING_DERIVED);
	fold_free(fold);
	store_close(store);
}
END_TEST

START_TEST(expired_delivery_makes_one_notice_that_is_settled_once)
{
	check_expiry(false);
	check_expiry(true);
}
END_TEST

CHECK_MAIN("audit_deliveries", delivery_ends_once,
	deliveries_beyond_memory_lie_on_disk_and_end_once,
	what_the_window_told_is_settled_once_by_its_own_id,
	fold_opens_what_the_window_tells_and_nothing_else,
	expired_delivery_makes_one_notice_that_is_settled_once)
