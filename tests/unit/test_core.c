/*
 * The core: what becomes a record, what is answered and when, and that a second run and a
 * replay of the journal lead to the same, byte for byte.
 */

#include "core_kit.h"
#include "evidence/note.h"

static struct kit_world world;
static struct kit kit;

static void begin(void)
{
	kit_world_init(&world);
	kit_init(&kit, &world);
}

static void end(void)
{
	kit_deinit(&kit);
	kit_world_deinit(&world);
}

#define VERDICT(name) RIVERGATE__V1__VERDICT__VERDICT_##name

/*
 * --- A window without rules ---------------------------------------------------------------------
 *
 * A message with a UCR: a PLAN for its sender, and two STATUS for cn.gacc. A TICK: a REMINDER
 * for cn.gacc about consignment A. It keeps nothing: a header is a text of what was asked.
 */

static size_t n_over; /* told messages that a core said are over */

static rg_err teller_apply(void *context, const struct fold_record *record,
	const struct trust *trust, struct deliver_plan *plan)
{
	static struct deliver_told of_message[] = {
		{.kind = RIVERGATE__V1__KIND__KIND_PLAN, .to = "la.customs", .bytes = 300},
		{.kind = RIVERGATE__V1__KIND__KIND_STATUS,
			.to = "cn.gacc",
			.lane = 2,
			.bytes = 200},
		{.kind = RIVERGATE__V1__KIND__KIND_STATUS,
			.ordinal = 100000,
			.to = "cn.gacc",
			.lane = 3,
			.bytes = 200},
	};
	static const struct deliver_told of_tick[] = {
		{.kind = RIVERGATE__V1__KIND__KIND_REMINDER,
			.to = "cn.gacc",
			.ucr = "A",
			.lane = 1,
			.bytes = 100},
	};
	static char ucr[36];

	(void)context;
	if (record->header && record->header->ucr[0]) {
		ck_assert_ptr_nonnull(trust);
		snprintf(ucr, sizeof(ucr), "%s", record->header->ucr);
		for (size_t i = 0; i < 3; i++) {
			of_message[i].ucr = ucr;
		}
		plan->told = of_message;
		plan->n_told = 3;
	} else if (record->leaf.type == RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_TICK) {
		plan->told = of_tick;
		plan->n_told = 1;
	}
	return RG_OK;
}

static rg_err teller_header(void *context, uint64_t cause, uint8_t kind, uint32_t ordinal,
	const char *to, struct buf *out)
{
	(void)context;
	buf_printf(out, "%llu.%u.%u to %s", (unsigned long long)cause, kind, ordinal, to);
	return RG_OK;
}

static rg_err teller_over(void *context, uint64_t cause, uint8_t kind, uint32_t ordinal,
	const char *to)
{
	(void)context;
	(void)cause;
	(void)ordinal;
	ck_assert(kind == RIVERGATE__V1__KIND__KIND_PLAN ||
		kind == RIVERGATE__V1__KIND__KIND_STATUS ||
		kind == RIVERGATE__V1__KIND__KIND_REMINDER);
	ck_assert_ptr_nonnull(to);
	n_over++;
	return RG_OK;
}

static const struct core_teller teller = {.apply = teller_apply,
	.header = teller_header,
	.over = teller_over};

static void begin_with_teller(void)
{
	kit_world_init(&world);
	world.teller = &teller;
	n_over = 0;
	kit_init(&kit, &world);
}

START_TEST(message_is_receipted_when_it_is_durable_and_not_before)
{
	begin();
	kit_open(&kit, 1, "la.customs", false, "");
	size_t frames = kit.n_by_type[CORE_EFFECT_FRAME];
	size_t records = kit.n_records;

	kit_submit(&kit,
		kit_message(&world, &kit, &(struct kit_letter){.number = 1, .session = 1}));
	ck_assert_uint_eq(kit.n_records, records + 1);
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_FRAME], frames);
	kit_commit_all(&kit);
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_FRAME], frames + 1);
	end();
}
END_TEST

START_TEST(same_message_again_is_one_record_and_receipted_again)
{
	begin();
	kit_open(&kit, 1, "la.customs", false, "");
	const struct kit_letter letter = {.number = 1, .session = 1, .sent_at_us = MEMBERS_NOW_US};

	kit_submit(&kit, kit_message(&world, &kit, &letter));
	size_t records = kit.n_records;

	kit_submit(&kit, kit_message(&world, &kit, &letter));
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_RECEIPT_AGAIN], 0);
	kit_commit_all(&kit);
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_RECEIPT_AGAIN], 1);
	kit_submit(&kit, kit_message(&world, &kit, &letter));
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_RECEIPT_AGAIN], 2);
	ck_assert_uint_eq(kit.n_records, records);
	end();
}
END_TEST

struct refused_case {
	struct kit_letter letter;
	Rivergate__V1__Verdict verdict;
	const char *what;
};

START_TEST(what_contradicts_the_rules_is_refused)
{
	begin();
	const struct refused_case cases[] = {
		{{.number = 11, .to = "la.customs.boten"}, VERDICT(CHANNEL),
			"no rule within the country"},
		{{.number = 12, .to = "vn.customs"}, VERDICT(ROUTE), "no such party"},
		{{.number = 13, .to = "la.old"}, VERDICT(ROUTE), "withdrawn party"},
		{{.number = 14, .kind = RIVERGATE__V1__KIND__KIND_PEST_ALERT}, VERDICT(CHANNEL),
			"kind without a rule"},
		{{.number = 15, .sent_at_us = MEMBERS_NOW_US + 301000000}, VERDICT(TIME),
			"sent in the future"},
		{{.number = 16, .sent_at_us = 1, .expires_at_us = MEMBERS_NOW_US}, VERDICT(TIME),
			"expired"},
		{{.number = 17, .expires_at_us = MEMBERS_NOW_US + INT64_C(1000000001)},
			VERDICT(TIME), "life too long"},
		{{.number = 1, .version = 2}, VERDICT(CONFLICT), "other header, same identity"},
		{{.number = 18, .key = world.members.all[TH].parties[0].signing}, VERDICT(SENDER),
			"key of another party"},
		{{.number = 19, .key = world.members.all[TH].governance}, VERDICT(CERTIFICATE),
			"key of no directory"},
	};

	kit_open(&kit, 1, "la.customs", false, "");
	kit_submit(&kit,
		kit_message(&world, &kit, &(struct kit_letter){.number = 1, .session = 1}));
	kit_commit_all(&kit);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct kit_letter letter = cases[i].letter;
		size_t records = kit.n_records;

		letter.session = 1;
		kit.refused = VERDICT(UNSPECIFIED);
		kit_submit(&kit, kit_message(&world, &kit, &letter));
		ck_assert_msg(kit.refused == cases[i].verdict, "%s: verdict %d, rule %s",
			cases[i].what, kit.refused, kit.rule);
		ck_assert_uint_eq(kit.n_records, records);
	}
	end();
}
END_TEST

START_TEST(message_from_days_ago_is_admitted_and_marked_late)
{
	begin();
	kit_open(&kit, 1, "la.customs", false, "");
	kit_submit(&kit,
		kit_message(&world, &kit,
			&(struct kit_letter){.number = 1,
				.session = 1,
				.sent_at_us = MEMBERS_NOW_US - INT64_C(300000) * 1000000}));
	struct record record;
	struct buf *leaf = &kit.records[kit.n_records - 1].leaf;

	ck_assert(record_read(buf_view(leaf), &record));
	Rivergate__V1__Meta *meta =
		rivergate__v1__meta__unpack(NULL, record.meta.len, record.meta.data);

	ck_assert_ptr_nonnull(meta);
	ck_assert_uint_eq(meta->n_marks, 1);
	ck_assert_int_eq(meta->marks[0], RIVERGATE__V1__MARK__MARK_LATE);
	rivergate__v1__meta__free_unpacked(meta, NULL);
	end();
}
END_TEST

START_TEST(refusal_waits_for_the_records_before_it)
{
	begin();
	kit_open(&kit, 1, "la.customs", false, "");
	kit_submit(&kit,
		kit_message(&world, &kit, &(struct kit_letter){.number = 1, .session = 1}));
	kit_submit(&kit,
		kit_message(&world, &kit,
			&(struct kit_letter){.number = 2, .session = 1, .to = "vn.customs"}));
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_REFUSE], 0);
	kit_commit_all(&kit);
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_REFUSE], 1);
	end();
}
END_TEST

START_TEST(failed_write_refuses_all_that_was_pending_and_leaves_no_trace)
{
	scoped(buf_deinit) struct buf before = {0};
	scoped(buf_deinit) struct buf after = {0};

	begin();
	kit_open(&kit, 1, "la.customs", false, "");
	ck_assert_int_eq(core_dump(kit.core, &before), RG_OK);
	for (uint64_t i = 1; i <= 3; i++) {
		kit_submit(&kit,
			kit_message(&world, &kit,
				&(struct kit_letter){.number = i, .session = 1, .seq = i}));
	}
	kit_commit(&kit, kit.n_durable, true);
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_REFUSE], 3);
	ck_assert_int_eq(kit.refused, VERDICT(STORAGE));
	ck_assert_int_eq(core_dump(kit.core, &after), RG_OK);
	ck_assert(bytes_equal(buf_view(&before), buf_view(&after)));

	/* What the session sends on in this epoch is dropped, so that order survives. */
	size_t records = kit.n_records;

	kit_submit(&kit,
		kit_message(&world, &kit,
			&(struct kit_letter){.number = 4, .session = 1, .seq = 4}));
	ck_assert_uint_eq(kit.n_records, records);
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_RELEASE], 1);
	kit_submit(&kit,
		kit_message(&world, &kit,
			&(struct kit_letter){.number = 1, .session = 1, .seq = 1, .epoch = 2}));
	ck_assert_uint_eq(kit.n_records, records + 1);
	end();
}
END_TEST

START_TEST(checkpoint_that_does_not_fit_stops_the_router)
{
	scoped(buf_deinit) struct buf larger = {0};
	scoped(buf_deinit) struct buf other = {0};
	struct note_checkpoint checkpoint = {.size = 1000};

	begin();
	snprintf(checkpoint.origin, sizeof(checkpoint.origin), "%s", KIT_ORIGIN);
	ck_assert_int_eq(note_checkpoint_sign(&checkpoint, world.log_key, &larger), RG_OK);
	checkpoint.size = 2;
	ck_assert_int_eq(note_checkpoint_sign(&checkpoint, world.log_key, &other), RG_OK);
	kit_open(&kit, 1, "la.customs", false, "not a checkpoint at all");
	struct rg_bytes own = core_checkpoint(kit.core);
	char *text = strndup((const char *)own.data, own.len);

	kit_open(&kit, 2, "la.customs", false, text);
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_CONTRADICTION], 0);
	kit_open(&kit, 3, "la.customs", false, buf_text(&larger));
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_CONTRADICTION], 1);
	kit_open(&kit, 4, "la.customs", false, buf_text(&other));
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_CONTRADICTION], 2);
	free(text);
	end();
}
END_TEST

START_TEST(unreachable_destination_ends_in_a_notice_to_the_sender)
{
	begin();
	kit_open(&kit, 1, "la.customs", true, "");
	kit_credit(&kit, 1, "la.customs", 10);
	kit_submit(&kit,
		kit_message(&world, &kit, &(struct kit_letter){.number = 1, .session = 1}));
	kit_commit_all(&kit);
	uint64_t index = kit.n_durable - 1;

	kit_tick(&kit, 1000000);
	ck_assert_int_eq(core_next_tick_us(kit.core), kit.now_us + 99000000);
	kit_tick(&kit, 99000000);
	kit_commit_all(&kit);
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_DELIVER], 1);
	ck_assert_int_eq(kit.order.derived_kind, RIVERGATE__V1__KIND__KIND_EXPIRY);
	ck_assert_uint_eq(kit.order.index, index);
	ck_assert_str_eq(kit.order.to, "la.customs");
	ck_assert_str_eq(kit.order.about, "cn.gacc");
	end();
}
END_TEST

START_TEST(a_head_is_published_once_a_second_and_the_last_one_too)
{
	begin();
	kit_open(&kit, 1, "la.customs", false, "");
	size_t before = kit.n_by_type[CORE_EFFECT_CHECKPOINT];

	for (uint64_t i = 1; i <= 3; i++) {
		kit_submit(&kit,
			kit_message(&world, &kit, &(struct kit_letter){.number = i, .session = 1}));
		kit_commit_all(&kit);
	}
	size_t at_once = kit.n_by_type[CORE_EFFECT_CHECKPOINT];

	ck_assert_uint_le(at_once, before + 1);
	ck_assert_int_le(core_next_tick_us(kit.core), kit.now_us + 1000000);
	kit_tick(&kit, 1000000);
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_CHECKPOINT], at_once + 1);
	kit_tick(&kit, 1000000);
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_CHECKPOINT], at_once + 1);
	end();
}
END_TEST

START_TEST(one_order_key_has_one_delivery_under_way)
{
	begin();
	kit_open(&kit, 1, "la.customs", false, "");
	for (uint64_t i = 1; i <= 3; i++) {
		kit_submit(&kit,
			kit_message(&world, &kit,
				&(struct kit_letter){.number = i, .session = 1, .ucr = "A"}));
	}
	kit_submit(&kit,
		kit_message(&world, &kit,
			&(struct kit_letter){.number = 4, .session = 1, .ucr = "B"}));
	kit_commit_all(&kit);
	uint64_t first = kit.n_durable - 4;

	kit_open(&kit, 2, "cn.gacc", true, "");
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_DELIVER], 0);
	kit_credit(&kit, 2, "cn.gacc", 10);
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_DELIVER], 2);
	kit_settle(&kit, 2, "cn.gacc", first + 1, NULL);
	ck_assert_uint_eq(kit.n_records, first + 4);
	kit_settle(&kit, 2, "cn.gacc", first, NULL);
	ck_assert_uint_eq(kit.n_records, first + 5);
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_DELIVER], 2);
	kit_commit_all(&kit);
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_DELIVER], 3);
	ck_assert_uint_eq(kit.order.index, first + 1);
	kit_settle(&kit, 2, "cn.gacc", first + 1, "POSSIBLY_HANDED_OVER");
	kit_commit_all(&kit);
	ck_assert_uint_eq(kit.order.index, first + 2);
	ck_assert_int_eq(kit.order.mark, RIVERGATE__V1__MARK__MARK_PREDECESSOR_SET_ASIDE);
	end();
}
END_TEST

START_TEST(perishable_leaves_before_what_was_admitted_earlier)
{
	begin();
	kit_open(&kit, 1, "la.customs", false, "");
	for (uint64_t i = 1; i <= 3; i++) {
		const struct kit_letter letter = {.number = i,
			.session = 1,
			.ucr = i == 1    ? "A"
				: i == 2 ? "B"
					 : "C",
			.condition = i == 2 ? RIVERGATE__V1__CONDITION__CONDITION_DRIED
				: i == 3    ? RIVERGATE__V1__CONDITION__CONDITION_FRESH
					    : 0};

		kit_submit(&kit, kit_message(&world, &kit, &letter));
	}
	kit_commit_all(&kit);
	uint64_t first = kit.n_durable - 3;

	kit_open(&kit, 2, "cn.gacc", true, "");
	kit_credit(&kit, 2, "cn.gacc", 1);
	ck_assert_uint_eq(kit.order.index, first + 2);
	kit_credit(&kit, 2, "cn.gacc", 1);
	ck_assert_uint_eq(kit.order.index, first);
	kit_credit(&kit, 2, "cn.gacc", 1);
	ck_assert_uint_eq(kit.order.index, first + 1);
	end();
}
END_TEST

START_TEST(newer_receiving_session_fences_the_older)
{
	begin();
	kit_open(&kit, 1, "la.customs", false, "");
	kit_submit(&kit,
		kit_message(&world, &kit, &(struct kit_letter){.number = 1, .session = 1}));
	kit_commit_all(&kit);
	kit_open(&kit, 2, "cn.gacc", true, "");
	kit_credit(&kit, 2, "cn.gacc", 10);
	size_t frames = kit.n_by_type[CORE_EFFECT_FRAME];

	kit_open(&kit, 3, "cn.gacc", true, "");
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_FRAME], frames + 1);
	kit_credit(&kit, 3, "cn.gacc", 10);
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_DELIVER], 2);
	ck_assert_uint_eq(kit.order.session, 3);
	ck_assert_uint_eq(kit.order.attempt, 2);
	end();
}
END_TEST

START_TEST(unsettled_delivery_is_tried_again_later)
{
	begin();
	kit_open(&kit, 1, "la.customs", false, "");
	kit_submit(&kit,
		kit_message(&world, &kit,
			&(struct kit_letter){.number = 1,
				.session = 1,
				.expires_at_us = MEMBERS_NOW_US + INT64_C(900000000)}));
	kit_commit_all(&kit);
	kit_open(&kit, 2, "cn.gacc", true, "");
	kit_credit(&kit, 2, "cn.gacc", 10);
	kit_tick(&kit, DELIVER_TIMEOUT_US - 1);
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_DELIVER], 1);
	kit_tick(&kit, 1);
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_DELIVER], 1);
	kit_tick(&kit, 2 * DELIVER_BACK_OFF_US);
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_DELIVER], 2);
	ck_assert_uint_eq(kit.order.attempt, 2);
	end();
}
END_TEST

START_TEST(what_is_told_is_delivered_with_its_header)
{
	char header[64];

	begin_with_teller();
	kit_open(&kit, 1, "la.customs", false, "");
	kit_submit(&kit,
		kit_message(&world, &kit,
			&(struct kit_letter){.number = 1, .session = 1, .ucr = "A"}));
	kit_commit_all(&kit);
	uint64_t cause = kit.n_durable - 1;

	kit_open(&kit, 2, "cn.gacc", true, "");
	kit_credit(&kit, 2, "cn.gacc", 10);
	ck_assert_uint_eq(kit.order.index, cause);
	ck_assert_uint_eq(kit.order.derived_kind, 0);
	ck_assert_uint_eq(kit.header.len, 0);
	for (uint32_t ordinal = 0; ordinal <= 100000; ordinal += 100000) {
		kit_settle_newest(&kit, NULL);
		kit_commit_all(&kit);
		ck_assert_uint_eq(kit.order.index, cause);
		ck_assert_int_eq(kit.order.derived_kind, RIVERGATE__V1__KIND__KIND_STATUS);
		ck_assert_uint_eq(kit.order.ordinal, ordinal);
		snprintf(header, sizeof(header), "%llu.49.%u to cn.gacc", (unsigned long long)cause,
			ordinal);
		ck_assert(bytes_equal(buf_view(&kit.header), bytes_of_text(header)));
		ck_assert_uint_eq(n_over, ordinal > 0);
	}
	kit_open(&kit, 3, "la.customs", true, "");
	kit_credit(&kit, 3, "la.customs", 10);
	ck_assert_int_eq(kit.order.derived_kind, RIVERGATE__V1__KIND__KIND_PLAN);
	ck_assert_str_eq(kit.order.to, "la.customs");
	end();
}
END_TEST

START_TEST(what_is_told_because_of_a_tick_is_delivered)
{
	begin_with_teller();
	kit_open(&kit, 1, "la.customs", false, "");
	kit_submit(&kit,
		kit_message(&world, &kit, &(struct kit_letter){.number = 1, .session = 1}));
	kit_commit_all(&kit);
	kit_open(&kit, 2, "cn.gacc", true, "");
	kit_tick(&kit, 100000000); /* the message expires by a TICK */
	kit_commit_all(&kit);
	kit_credit(&kit, 2, "cn.gacc", 10);
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_DELIVER], 1);
	ck_assert_int_eq(kit.order.derived_kind, RIVERGATE__V1__KIND__KIND_REMINDER);
	ck_assert_uint_eq(kit.order.index, kit.n_durable - 1);
	end();
}
END_TEST

START_TEST(queues_with_told_messages_are_the_same_after_a_restart)
{
	scoped(buf_deinit) struct buf one = {0};
	scoped(buf_deinit) struct buf again = {0};
	scoped(buf_deinit) struct buf first = {0};

	begin_with_teller();
	kit_open(&kit, 1, "la.customs", false, "");
	for (uint64_t i = 1; i <= 4; i++) {
		kit_submit(&kit,
			kit_message(&world, &kit,
				&(struct kit_letter){.number = i,
					.session = 1,
					.ucr = i % 2 ? "A" : "B"}));
	}
	kit_commit_all(&kit);
	kit_open(&kit, 2, "cn.gacc", true, "");
	kit_credit(&kit, 2, "cn.gacc", 1);
	kit_settle_newest(&kit, NULL);
	kit_commit_all(&kit);
	kit_close(&kit, 2, "cn.gacc");
	ck_assert_int_eq(core_dump(kit.core, &one), RG_OK);
	struct core *replayed = kit_replay(&world, &kit);

	ck_assert_int_eq(core_dump(replayed, &again), RG_OK);
	ck_assert_msg(bytes_equal(buf_view(&one), buf_view(&again)), "%s\n---\n%s", buf_text(&one),
		buf_text(&again));
	ck_assert_ptr_nonnull(strstr(buf_text(&one), " kind 49.100000 id "));

	/* Told messages leave the restarted core in the order of the one that ran on. */
	kit_open(&kit, 3, "la.customs", true, "");
	kit_credit(&kit, 3, "la.customs", 10);
	buf_add_bytes(&first, buf_view(&kit.header));
	core_free(kit.core);
	kit.core = replayed;
	buf_clear(&kit.header);
	kit_open(&kit, 3, "la.customs", true, "");
	kit_credit(&kit, 3, "la.customs", 10);
	ck_assert_uint_gt(kit.header.len, 0);
	ck_assert(bytes_equal(buf_view(&first), buf_view(&kit.header)));
	end();
}
END_TEST

/*
 * --- Determinism --------------------------------------------------------------------------------
 */

#define SEQUENCES_EACH 125
#define STEPS          60

/* SplitMix64: the sequence is its seed. */
static uint64_t draw(uint64_t *state, uint64_t below)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31)) % below;
}

static void random_candidate(struct kit *it, uint64_t *state)
{
	static const char *const tos[] = {"cn.gacc", "cn.gacc", "cn.gacc", "th.doa", "vn.customs"};
	static const char *const ucrs[] = {"", "A", "B", "C"};
	const struct kit_letter letter = {
		.number = draw(state, 40),
		.session = 1 + draw(state, 3),
		.to = tos[draw(state, 5)],
		.ucr = ucrs[draw(state, 4)],
		.sent_at_us = MEMBERS_NOW_US - (int64_t)draw(state, 2),
		.expires_at_us =
			draw(state, 3) ? 0 : it->now_us + (int64_t)draw(state, 5) * 10000000,
		.condition = (Rivergate__V1__Condition)draw(state, 4),
		.seq = draw(state, 100),
		.epoch = (uint32_t)(1 + draw(state, 3)),
	};
	struct message *message = kit_message(&world, it, &letter);

	if (draw(state, 10) == 0) {
		message_refuse(message, VERDICT(SIGNATURE), "as verify would", "signature");
	}
	kit_submit(it, message);
}

static void random_session(struct kit *it, uint64_t *state)
{
	static const char *const parties[] = {"la.customs", "cn.gacc", "th.doa"};
	uint64_t session = 1 + draw(state, 6);
	const char *party = parties[session % 3];

	switch (draw(state, 5)) {
	case 0:
		kit_close(it, session, party);
		kit_open(it, session, party, draw(state, 2), "");
		return;
	case 1:
		kit_credit(it, session, party, (uint32_t)draw(state, 8));
		return;
	case 2:
		kit_settle(it, session, party, draw(state, it->n_records + 2),
			draw(state, 3) ? NULL : "PLUGIN_CRASH");
		return;
	case 3:
		kit_settle_newest(it, draw(state, 3) ? NULL : "PLUGIN_CRASH");
		return;
	default:
		kit_close(it, session, party);
		return;
	}
}

static void random_step(struct kit *it, uint64_t *state)
{
	switch (draw(state, 8)) {
	case 0:
	case 1:
	case 2:
		random_candidate(it, state);
		return;
	case 3:
	case 4:
		random_session(it, state);
		return;
	case 5:
		kit_tick(it, (int64_t)draw(state, 40) * 1000000);
		return;
	case 6:
		kit_commit(it, it->n_durable + draw(state, it->n_records - it->n_durable + 1),
			draw(state, 8) == 0);
		return;
	default:
		kit_commit_all(it);
		return;
	}
}

static void run_sequence(struct kit *it, uint64_t seed)
{
	uint64_t state = seed;

	kit_init(it, &world);
	kit_open(it, 1, "la.customs", true, "");
	kit_open(it, 2, "cn.gacc", true, "");
	kit_credit(it, 2, "cn.gacc", 20);
	for (size_t i = 0; i < STEPS; i++) {
		random_step(it, &state);
	}
	kit_commit_all(it);
}

static void compare_runs(uint64_t seed)
{
	scoped(buf_deinit) struct buf one = {0};
	scoped(buf_deinit) struct buf two = {0};
	scoped(buf_deinit) struct buf replayed = {0};
	struct kit other;

	run_sequence(&kit, seed);
	run_sequence(&other, seed);
	ck_assert_msg(bytes_equal(buf_view(&kit.said), buf_view(&other.said)),
		"seed %llu: records or effects differ", (unsigned long long)seed);
	ck_assert_int_eq(core_dump(kit.core, &one), RG_OK);
	ck_assert_int_eq(core_dump(other.core, &two), RG_OK);
	ck_assert_msg(bytes_equal(buf_view(&one), buf_view(&two)), "seed %llu: folds differ",
		(unsigned long long)seed);
	struct core *again = kit_replay(&world, &kit);

	ck_assert_int_eq(core_dump(again, &replayed), RG_OK);
	ck_assert_msg(bytes_equal(buf_view(&one), buf_view(&replayed)),
		"seed %llu: folds after replay differ\n%s\n---\n%s", (unsigned long long)seed,
		buf_text(&one), buf_text(&replayed));
	core_free(again);
	kit_deinit(&kit);
	kit_deinit(&other);
}

/* The short form, and a sanitizer above all, take fewer: the sequences resemble each other. */
static void compare_many(uint64_t first)
{
	uint64_t fewer = getenv("RIVERGATE_LONG") ? 1 : check_slowness() > 1 ? 10 : 3;

	kit_world_init(&world);
	for (uint64_t seed = first; seed < first + SEQUENCES_EACH / fewer; seed++) {
		world.teller = seed % 2 ? &teller : NULL;
		compare_runs(seed);
	}
	kit_world_deinit(&world);
}

/* Answers are read again, beside the core and by clients, within the limits of the scan. */
START_TEST(answer_about_many_messages_to_many_parties_stays_within_what_is_read)
{
	char *to[] = {members_text("cn.gacc"), members_text("cn.p1"), members_text("cn.p2"),
		members_text("cn.p3"), members_text("cn.p4"), members_text("cn.p5")};
	const size_t n_to = sizeof(to) / sizeof(to[0]);
	Rivergate__V1__InboxQuery inbox = RIVERGATE__V1__INBOX_QUERY__INIT;
	Rivergate__V1__Query query = RIVERGATE__V1__QUERY__INIT;
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;

	kit_world_init(&world);
	for (size_t i = 1; i < n_to; i++) {
		members_add_party(&world.members.all[CN], to[i], MEMBERS_ROLE(CUSTOMS),
			MEMBERS_ALGORITHM(ED25519));
	}
	governance_free(world.directories[CN]);
	world.directories[CN] = members_directory(&world.members, CN);
	kit_init(&kit, &world);
	kit_open(&kit, 1, "la.customs", false, "");
	for (uint64_t i = 1; i <= 1000; i++) {
		const struct kit_letter letter = {.number = i,
			.session = 1,
			.all_to = to,
			.n_to = n_to};

		kit_submit(&kit, kit_message(&world, &kit, &letter));
	}
	kit_commit_all(&kit);
	inbox.limit = 1000;
	query.what_case = RIVERGATE__V1__QUERY__WHAT_INBOX;
	query.inbox = &inbox;
	frame.body_case = RIVERGATE__V1__FRAME__BODY_QUERY;
	frame.query = &query;
	kit_frame_event(&kit, CORE_INPUT_QUERY, 1, "cn.p1", &frame);

	const struct scan_answer scan =
		scan_check(&rivergate__v1__answer__descriptor, buf_view(&kit.answer), NULL);
	Rivergate__V1__Answer *answer =
		rivergate__v1__answer__unpack(NULL, kit.answer.len, kit.answer.data);

	ck_assert_msg(scan.is_ok, "%s: %s", scan.path, scan.rule);
	ck_assert_ptr_nonnull(answer);
	ck_assert_uint_gt(answer->n_messages, 100);
	ck_assert_uint_eq(answer->messages[0]->n_deliveries, n_to);
	ck_assert_uint_eq(answer->messages[answer->n_messages - 1]->n_deliveries, n_to);
	rivergate__v1__answer__free_unpacked(answer, NULL);
	end();
}
END_TEST

#define RANDOM_SEQUENCES(part) \
	START_TEST(random_sequences_repeat_exactly_part_##part) \
	{ \
		compare_many((part - 1) * SEQUENCES_EACH); \
	} \
	END_TEST

RANDOM_SEQUENCES(1)
RANDOM_SEQUENCES(2)
RANDOM_SEQUENCES(3)
RANDOM_SEQUENCES(4)
RANDOM_SEQUENCES(5)
RANDOM_SEQUENCES(6)
RANDOM_SEQUENCES(7)
RANDOM_SEQUENCES(8)

CHECK_MAIN("core", message_is_receipted_when_it_is_durable_and_not_before,
	same_message_again_is_one_record_and_receipted_again, what_contradicts_the_rules_is_refused,
	message_from_days_ago_is_admitted_and_marked_late, refusal_waits_for_the_records_before_it,
	failed_write_refuses_all_that_was_pending_and_leaves_no_trace,
	checkpoint_that_does_not_fit_stops_the_router,
	unreachable_destination_ends_in_a_notice_to_the_sender,
	a_head_is_published_once_a_second_and_the_last_one_too,
	one_order_key_has_one_delivery_under_way,
	perishable_leaves_before_what_was_admitted_earlier,
	newer_receiving_session_fences_the_older, unsettled_delivery_is_tried_again_later,
	what_is_told_is_delivered_with_its_header, what_is_told_because_of_a_tick_is_delivered,
	queues_with_told_messages_are_the_same_after_a_restart,
	answer_about_many_messages_to_many_parties_stays_within_what_is_read,
	random_sequences_repeat_exactly_part_1, random_sequences_repeat_exactly_part_2,
	random_sequences_repeat_exactly_part_3, random_sequences_repeat_exactly_part_4,
	random_sequences_repeat_exactly_part_5, random_sequences_repeat_exactly_part_6,
	random_sequences_repeat_exactly_part_7, random_sequences_repeat_exactly_part_8)
