/*
 * Delivery by itself: the order in which deliveries leave, under floods and in a random run,
 * and what is told because of a record
 */

#include <stdio.h>
#include <string.h>

#include "deliver/deliver.h"
#include "evidence/derived.h"
#include "suite.h"

#define TO      "cn.gacc"
#define FROM    "la.customs"
#define FAR_US  INT64_C(1000000000000)
#define LIFE_US INT64_C(5000) /* of derived messages */
#define RECORDS 4096
#define ENDLESS 1000000 /* credit that does not end */

enum lane { EMERGENCY, LIVE, PERISHABLE, GENERAL };

/* A destination with a session, and what was asked to be delivered to it. */
struct box {
	struct deliver *deliver;
	uint64_t n;               /* records so far */
	int64_t now_us;           /* of the newest record */
	unsigned lane[RECORDS];   /* of each record … */
	const char *ucr[RECORDS]; /* … and its order key */
	uint64_t said[RECORDS];   /* records in the order in which they were handed over */
	size_t n_said;
	struct deliver_order order; /* the newest */
	char over[RECORDS];         /* told messages that are over: " cause.kind.ordinal:to" */
};

static struct box box;

static void credit(uint64_t n)
{
	deliver_credit(box.deliver, 1, TO, n, n * 1000000);
}

static void open_session(void)
{
	uint64_t fenced = 0;

	ck_assert_int_eq(deliver_open(box.deliver, 1, TO, box.now_us, &fenced), RG_OK);
}

static void begin(void)
{
	const struct deliver_options options = {.router = "router.one", .origin = "example/log"};

	box = (struct box){.now_us = 1000};
	ck_assert_int_eq(deliver_new(&options, &box.deliver), RG_OK);
	open_session();
}

static void end(void)
{
	deliver_free(box.deliver);
}

static rg_err note_over(void *context, uint64_t cause, uint8_t kind, uint32_t ordinal,
	const char *to)
{
	struct box *it = context;
	size_t len = strlen(it->over);

	snprintf(it->over + len, sizeof(it->over) - len, " %llu.%u.%u:%s",
		(unsigned long long)cause, kind, ordinal, to);
	return RG_OK;
}

static void apply(struct fold_record *record, const struct deliver_plan *plan)
{
	const struct deliver_over_sink sink = {.over = note_over, .context = &box};
	Rivergate__V1__Meta meta = RIVERGATE__V1__META__INIT;

	ck_assert_uint_lt(box.n, RECORDS);
	meta.time_us = box.now_us;
	record->index = box.n++;
	record->meta = &meta;
	ck_assert_int_eq(deliver_apply(box.deliver, record, plan, &sink), RG_OK);
}

struct letter {
	unsigned lane;
	const char *ucr; /* NULL: one of its own */
	int64_t expires_us;
	const struct deliver_told *told;
	size_t n_told;
};

/* A message of this lane; its record. */
static uint64_t put(const struct letter *letter)
{
	static char ucrs[RECORDS][24];
	const struct deliver_plan plan = {.recipients = {{.party = TO}},
		.n_recipients = 1,
		.sender = FROM,
		.expires_us = letter->expires_us ? letter->expires_us : FAR_US,
		.default_life_us = LIFE_US,
		.lane = letter->lane,
		.told = letter->told,
		.n_told = letter->n_told};
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	struct fold_record record = {.header = &header};
	uint64_t index = box.n;

	snprintf(ucrs[index], sizeof(ucrs[index]), "own %llu", (unsigned long long)index);
	box.lane[index] = letter->lane;
	box.ucr[index] = letter->ucr ? letter->ucr : ucrs[index];
	header.from = (char *)(uintptr_t)FROM;
	header.ucr = (char *)(uintptr_t)box.ucr[index];
	apply(&record, &plan);
	return index;
}

static uint64_t put_lane(unsigned lane)
{
	return put(&(struct letter){.lane = lane});
}

static void put_many(unsigned lane, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		(void)put_lane(lane);
	}
}

/* A TICK of this time, and what is told because of it. */
static void tick(int64_t time_us, const struct deliver_told *told, size_t n_told)
{
	struct fold_record record = {.header = NULL};

	box.now_us = time_us;
	apply(&record,
		&(struct deliver_plan){.default_life_us = LIFE_US, .told = told, .n_told = n_told});
}

/* What leaves next; UINT64_MAX: nothing. */
static uint64_t take(void)
{
	bool has = false;

	ck_assert_int_eq(deliver_next(box.deliver, box.now_us, &box.order, &has), RG_OK);
	if (!has) {
		return UINT64_MAX;
	}
	box.said[box.n_said++] = box.order.index;
	return box.order.index;
}

/* The PROGRESS record of a delivery; reason NULL: settled. */
static void finish(uint64_t index, const uint8_t *derived_id, const char *reason)
{
	Rivergate__V1__DeliveryRef ref = RIVERGATE__V1__DELIVERY_REF__INIT;
	Rivergate__V1__DeliveryRef *refs[] = {&ref};
	Rivergate__V1__SetAside aside = RIVERGATE__V1__SET_ASIDE__INIT;
	Rivergate__V1__SetAside *asides[] = {&aside};
	Rivergate__V1__Progress progress = RIVERGATE__V1__PROGRESS__INIT;
	struct fold_record record = {.progress = &progress};

	ref.index = index;
	ref.to = (char *)(uintptr_t)TO;
	ref.derived_id =
		(ProtobufCBinaryData){derived_id ? 16 : 0, (uint8_t *)(uintptr_t)derived_id};
	aside.delivery = &ref;
	aside.reason = (char *)(uintptr_t)reason;
	progress.settled = refs;
	progress.n_settled = reason ? 0 : 1;
	progress.set_aside = asides;
	progress.n_set_aside = reason ? 1 : 0;
	apply(&record, &(struct deliver_plan){.default_life_us = LIFE_US});
}

static void settle(uint64_t index)
{
	finish(index, NULL, NULL);
}

/* Hands over and settles n; the lanes of their records as letters, the newest last. */
static const char *served(size_t n)
{
	static char text[RECORDS + 1];
	size_t i = 0;

	for (; i < n; i++) {
		uint64_t index = take();

		if (index == UINT64_MAX) {
			break;
		}
		text[i] = "ELPG"[box.lane[index]];
		settle(index);
	}
	text[i] = '\0';
	return text;
}

START_TEST(urgent_lanes_leave_before_what_waited_longer)
{
	begin();
	put_many(GENERAL, 2);
	put_many(PERISHABLE, 1);
	put_many(LIVE, 1);
	put_many(EMERGENCY, 1);
	credit(ENDLESS);
	ck_assert_str_eq(served(9), "ELPGG");
	end();
}
END_TEST

START_TEST(perishable_among_general_ones_leaves_next)
{
	begin();
	put_many(GENERAL, 100);
	credit(ENDLESS);
	ck_assert_str_eq(served(13), "GGGGGGGGGGGGG");
	(void)put_lane(PERISHABLE);
	ck_assert_str_eq(served(3), "PGG");
	end();
}
END_TEST

START_TEST(general_gets_one_of_eight_under_a_flood_of_perishables)
{
	begin();
	put_many(PERISHABLE, 200);
	put_many(GENERAL, 200);
	credit(ENDLESS);
	ck_assert_str_eq(served(32), "PPPPPPPGPPPPPPPGPPPPPPPGPPPPPPPG");
	end();
}
END_TEST

/* The longest run without this letter, from its first on. */
static size_t longest_gap(const char *text, char letter)
{
	size_t longest = 0;
	size_t run = 0;

	for (; *text; text++) {
		run = *text == letter ? 0 : run + 1;
		longest = run > longest ? run : longest;
	}
	return longest;
}

START_TEST(no_lane_starves_under_a_flood_of_all)
{
	begin();
	for (unsigned lane = EMERGENCY; lane <= GENERAL; lane++) {
		put_many(lane, 300);
	}
	credit(ENDLESS);
	const char *text = served(300);

	ck_assert_uint_eq(strlen(text), 300);
	ck_assert_uint_le(longest_gap(text, 'G'), 7);
	ck_assert_uint_le(longest_gap(text, 'P'), 5);
	ck_assert_uint_le(longest_gap(text, 'L'), 5);
	ck_assert_uint_le(longest_gap(text, 'E'), 3);
	end();
}
END_TEST

/* What did not wait has no right to what it missed: no burst of the general lane afterwards. */
START_TEST(lane_saves_up_nothing_while_nothing_of_it_is_ready)
{
	begin();
	put_many(PERISHABLE, 100);
	credit(ENDLESS);
	ck_assert_str_eq(served(20), "PPPPPPPPPPPPPPPPPPPP");
	put_many(GENERAL, 10);
	ck_assert_str_eq(served(8), "PPPPPPPG");
	ck_assert_str_eq(served(8), "PPPPPPPG");
	end();
}
END_TEST

START_TEST(what_a_lane_let_pass_is_forgotten_with_the_session)
{
	begin();
	put_many(PERISHABLE, 100);
	put_many(GENERAL, 10);
	credit(ENDLESS);
	ck_assert_str_eq(served(7), "PPPPPPP");
	ck_assert_int_eq(deliver_close(box.deliver, 1, TO), RG_OK);
	open_session();
	credit(ENDLESS);
	ck_assert_str_eq(served(8), "PPPPPPPG");
	end();
}
END_TEST

START_TEST(within_a_lane_the_earlier_deadline_leaves_first)
{
	begin();
	uint64_t late = put(&(struct letter){.lane = PERISHABLE, .expires_us = 3000});
	uint64_t early = put(&(struct letter){.lane = PERISHABLE, .expires_us = 2000});
	uint64_t same = put(&(struct letter){.lane = PERISHABLE, .expires_us = 2000});

	credit(ENDLESS);
	ck_assert_uint_eq(take(), early);
	ck_assert_uint_eq(take(), same);
	ck_assert_uint_eq(take(), late);
	ck_assert_uint_eq(take(), UINT64_MAX);
	end();
}
END_TEST

START_TEST(head_of_a_key_has_the_lane_of_what_waits_behind_it_and_is_not_swapped)
{
	begin();
	put_many(GENERAL, 5);
	uint64_t head = put(&(struct letter){.lane = GENERAL, .ucr = "A"});
	uint64_t urgent = put(&(struct letter){.lane = LIVE, .ucr = "A"});

	(void)put_lane(PERISHABLE);
	credit(ENDLESS);
	ck_assert_uint_eq(take(), head);
	settle(head);
	ck_assert_uint_eq(take(), urgent);
	settle(urgent);
	ck_assert_str_eq(served(2), "PG");
	end();
}
END_TEST

START_TEST(lane_of_an_entry_that_is_over_is_gone)
{
	begin();
	put_many(GENERAL, 1);
	uint64_t head = put(&(struct letter){.lane = GENERAL, .ucr = "A"});

	(void)put(&(struct letter){.lane = EMERGENCY, .ucr = "A", .expires_us = 2000});
	tick(2000, NULL, 0); /* what stands behind the head expires, its sender is told elsewhere */
	credit(ENDLESS);
	ck_assert_uint_eq(take(), 0);
	ck_assert_uint_eq(take(), head);
	ck_assert_uint_eq(take(), UINT64_MAX);
	settle(0);
	(void)put(&(struct letter){.lane = LIVE, .ucr = "B"});
	uint64_t behind = put(&(struct letter){.lane = GENERAL, .ucr = "B"});
	uint64_t other = put(&(struct letter){.lane = PERISHABLE});

	ck_assert_str_eq(served(1), "L");
	ck_assert_uint_eq(take(), other);
	ck_assert_uint_eq(take(), behind);
	end();
}
END_TEST

START_TEST(lane_beyond_the_last_counts_as_the_last)
{
	begin();
	(void)put_lane(DELIVER_LANES + 200);
	box.lane[0] = GENERAL;
	(void)put_lane(PERISHABLE);
	credit(ENDLESS);
	ck_assert_str_eq(served(2), "PG");
	end();
}
END_TEST

/* SplitMix64: the run is its seed. */
static uint64_t draw(uint64_t *state, uint64_t below)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (z ^ (z >> 31)) % below;
}

static const char *const keys[] = {"A", "B", "C", "D", "E"};

#define N_KEYS (sizeof(keys) / sizeof(keys[0]))

static void random_step(uint64_t *state, uint64_t *in_flight, size_t *n_in_flight)
{
	size_t at = 0;

	switch (draw(state, 4)) {
	case 0:
	case 1:
		(void)put(&(struct letter){.lane = (unsigned)draw(state, DELIVER_LANES),
			.ucr = keys[draw(state, N_KEYS)],
			.expires_us = (int64_t)draw(state, 3) * 1000000 + 2000000});
		return;
	case 2:
		in_flight[*n_in_flight] = take();
		*n_in_flight += in_flight[*n_in_flight] != UINT64_MAX;
		return;
	default:
		if (*n_in_flight > 0) {
			at = draw(state, *n_in_flight);
			settle(in_flight[at]);
			in_flight[at] = in_flight[--*n_in_flight];
		}
	}
}

/* Of each order key the records ascend: nothing overtakes, whatever its lane or deadline. */
static void check_order(uint64_t seed)
{
	for (size_t key = 0; key < N_KEYS; key++) {
		uint64_t last = 0;
		bool is_first = true;

		for (size_t i = 0; i < box.n_said; i++) {
			uint64_t index = box.said[i];

			if (box.ucr[index] != keys[key]) {
				continue;
			}
			ck_assert_msg(is_first || index > last, "seed %llu: %llu after %llu of %s",
				(unsigned long long)seed, (unsigned long long)index,
				(unsigned long long)last, keys[key]);
			is_first = false;
			last = index;
		}
	}
}

START_TEST(no_order_key_is_swapped_in_random_runs)
{
	size_t n_runs = 60 / check_slowness();

	for (uint64_t seed = 0; seed < n_runs; seed++) {
		uint64_t in_flight[RECORDS];
		size_t n_in_flight = 0;
		uint64_t state = seed;

		begin();
		credit(ENDLESS);
		for (size_t i = 0; i < 1000; i++) {
			random_step(&state, in_flight, &n_in_flight);
		}
		ck_assert_uint_gt(box.n_said, 100);
		check_order(seed);
		end();
	}
}
END_TEST

/*
 * --- Told messages ------------------------------------------------------------------------------
 */

#define STATUS   ((uint8_t)RIVERGATE__V1__KIND__KIND_STATUS)
#define REMINDER ((uint8_t)RIVERGATE__V1__KIND__KIND_REMINDER)

static struct deliver_told status_of(uint32_t ordinal, const char *ucr)
{
	return (struct deliver_told){
		.kind = STATUS,
		.ordinal = ordinal,
		.to = TO,
		.ucr = ucr,
		.lane = GENERAL,
		.bytes = 100,
	};
}

static void id_of(uint64_t cause, uint8_t kind, uint32_t ordinal, uint8_t ret_id[16])
{
	const struct derived derived = {.origin = "example/log",
		.cause = cause,
		.kind = kind,
		.ordinal = ordinal,
		.to = TO};

	ck_assert_int_eq(derived_id(&derived, ret_id), RG_OK);
}

START_TEST(id_of_a_derived_message_is_that_of_the_contract)
{
	static const uint8_t of_expiry[16] = {0xe4, 0xb3, 0xf0, 0x30, 0xc8, 0xa6, 0x83, 0x68, 0x96,
		0x65, 0xaa, 0x12, 0x45, 0xf5, 0x9a, 0x82};
	static const uint8_t of_status[16] = {0xd9, 0xbe, 0xf7, 0xe6, 0x5d, 0x68, 0x8d, 0x12, 0xbe,
		0x2c, 0x29, 0xfc, 0x76, 0xca, 0xfb, 0x54};
	uint8_t id[16];

	id_of(7, (uint8_t)RIVERGATE__V1__KIND__KIND_EXPIRY, 2, id);
	ck_assert_mem_eq(id, of_expiry, sizeof(id));
	id_of(7, STATUS, 100000, id);
	ck_assert_mem_eq(id, of_status, sizeof(id));
}
END_TEST

START_TEST(status_comes_after_the_message_that_caused_it)
{
	const struct deliver_told told[] = {status_of(0, "A"), status_of(70000, "A"),
		status_of(1, "B")};
	uint8_t id[16];

	begin();
	credit(ENDLESS);
	uint64_t cause = put(&(struct letter){.lane = GENERAL,
		.expires_us = 5000,
		.ucr = "A",
		.told = told,
		.n_told = 3});

	ck_assert_uint_eq(take(), cause);
	ck_assert_uint_eq(box.order.derived_kind, 0);
	ck_assert_uint_eq(take(), cause);
	ck_assert_uint_eq(box.order.derived_kind, STATUS);
	ck_assert_uint_eq(box.order.ordinal, 1); /* of another consignment: need not wait */
	ck_assert_ptr_null(box.order.about);
	ck_assert_uint_eq(take(), UINT64_MAX);
	settle(cause);
	ck_assert_uint_eq(take(), cause);
	ck_assert_uint_eq(box.order.ordinal, 0);
	ck_assert_uint_eq(take(), UINT64_MAX);
	id_of(cause, STATUS, 0, id);
	finish(cause, id, NULL);
	ck_assert_uint_eq(take(), cause);
	ck_assert_uint_eq(box.order.ordinal, 70000);
	ck_assert_str_eq(box.order.origin, "example/log");
	ck_assert_str_eq(box.order.to, TO);
	ck_assert_str_eq(box.over, " 0.49.0:" TO);
	end();
}
END_TEST

START_TEST(told_message_ends_by_its_own_id_alone)
{
	const struct deliver_told told = status_of(3, "A");
	uint8_t id[16];

	begin();
	uint64_t cause =
		put(&(struct letter){.lane = GENERAL, .ucr = "A", .told = &told, .n_told = 1});

	id_of(cause, STATUS, 4, id);
	finish(cause, id, NULL);
	id_of(cause, REMINDER, 3, id);
	finish(cause, id, NULL);
	id_of(cause + 1, STATUS, 3, id);
	finish(cause, id, NULL);
	settle(cause);
	ck_assert_str_eq(box.over, "");
	ck_assert_uint_eq(deliver_totals(box.deliver).n_queued, 1);
	id_of(cause, STATUS, 3, id);
	finish(cause, id, "PLUGIN_CRASH");
	ck_assert_str_eq(box.over, " 0.49.3:" TO);
	ck_assert_uint_eq(deliver_totals(box.deliver).n_queued, 0);
	ck_assert_uint_eq(deliver_totals(box.deliver).n_set_aside, 1);
	finish(cause, id, "PLUGIN_CRASH");
	ck_assert_str_eq(box.over, " 0.49.3:" TO);
	end();
}
END_TEST

static rg_err note_state(void *context, const struct deliver_state *state)
{
	Rivergate__V1__DeliveryState *noted = context;

	ck_assert_str_eq(state->to, TO);
	*noted = state->state;
	return RG_OK;
}

START_TEST(end_of_a_told_message_is_not_that_of_its_cause)
{
	const struct deliver_told told = status_of(0, "A");
	Rivergate__V1__DeliveryState state =
		RIVERGATE__V1__DELIVERY_STATE__DELIVERY_STATE_UNSPECIFIED;
	const struct deliver_state_sink sink = {note_state, &state};
	uint8_t id[16];

	begin();
	uint64_t cause =
		put(&(struct letter){.lane = GENERAL, .ucr = "A", .told = &told, .n_told = 1});

	id_of(cause, STATUS, 0, id);
	finish(cause, id, "PLUGIN_CRASH");
	ck_assert_int_eq(deliver_states(box.deliver, cause, &sink), RG_OK);
	ck_assert_int_eq(state, RIVERGATE__V1__DELIVERY_STATE__DELIVERY_STATE_QUEUED);
	settle(cause);
	ck_assert_int_eq(deliver_states(box.deliver, cause, &sink), RG_OK);
	ck_assert_int_eq(state, RIVERGATE__V1__DELIVERY_STATE__DELIVERY_STATE_SETTLED);
	end();
}
END_TEST

/* What the sender sees of the delivery of a record; UNSPECIFIED: nothing. */
static Rivergate__V1__DeliveryState shown(uint64_t index)
{
	Rivergate__V1__DeliveryState state =
		RIVERGATE__V1__DELIVERY_STATE__DELIVERY_STATE_UNSPECIFIED;
	const struct deliver_state_sink sink = {.take = note_state, .context = &state};

	ck_assert_int_eq(deliver_states(box.deliver, index, &sink), RG_OK);
	return state;
}

/* It is handed over because of a TICK, as record 7 of a party that is not told of. */
static void hand_over(int64_t time_us)
{
	const struct deliver_handed handed = {.index = 7, .party = TO, .parts = 2, .ucr = "A"};
	struct fold_record record = {.header = NULL};

	box.now_us = time_us;
	apply(&record,
		&(struct deliver_plan){.default_life_us = LIFE_US,
			.handed = &handed,
			.n_handed = 1});
}

START_TEST(handed_over_later_has_no_counter_and_shows_nothing)
{
	begin();
	credit(ENDLESS);
	hand_over(10);
	ck_assert(deliver_is_queued(box.deliver, TO, 7));
	ck_assert_int_eq(shown(7), RIVERGATE__V1__DELIVERY_STATE__DELIVERY_STATE_UNSPECIFIED);
	ck_assert_uint_eq(take(), 7);
	ck_assert_uint_eq(box.order.counter, 0);
	ck_assert_uint_eq(box.order.derived_kind, 0);
	ck_assert_uint_eq(box.order.parts, 2);
	settle(7);
	ck_assert(!deliver_is_queued(box.deliver, TO, 7));
	ck_assert_int_eq(shown(7), RIVERGATE__V1__DELIVERY_STATE__DELIVERY_STATE_UNSPECIFIED);
	ck_assert_uint_eq(deliver_undelivered(box.deliver, FROM), 0);
	end();
}
END_TEST

START_TEST(handed_over_later_expires_without_a_notice)
{
	begin();
	hand_over(10);
	tick(10 + LIFE_US, NULL, 0);
	ck_assert(!deliver_is_queued(box.deliver, TO, 7));
	ck_assert_int_eq(shown(7), RIVERGATE__V1__DELIVERY_STATE__DELIVERY_STATE_UNSPECIFIED);
	ck_assert_uint_eq(deliver_totals(box.deliver).n_queued, 0);
	hand_over(20 + LIFE_US);
	finish(7, NULL, "PLUGIN_CRASH");
	ck_assert_int_eq(shown(7), RIVERGATE__V1__DELIVERY_STATE__DELIVERY_STATE_UNSPECIFIED);
	ck_assert_uint_eq(deliver_totals(box.deliver).n_set_aside, 1);
	end();
}
END_TEST

START_TEST(reminder_of_a_tick_expires_without_a_notice)
{
	struct deliver_told told[] = {status_of(0, "A"), status_of(0, "")};

	begin();
	credit(ENDLESS);
	told[1].kind = REMINDER;
	tick(2000, told, 2);
	ck_assert_uint_eq(deliver_totals(box.deliver).n_queued, 2);
	ck_assert_int_eq(deliver_expiry_us(box.deliver), 2000 + LIFE_US);
	tick(2000 + LIFE_US - 1, NULL, 0);
	ck_assert_uint_eq(deliver_totals(box.deliver).n_queued, 2);
	tick(2000 + LIFE_US, NULL, 0);
	ck_assert_uint_eq(deliver_totals(box.deliver).n_queued, 0);
	ck_assert_uint_eq(take(), UINT64_MAX);
	ck_assert_str_eq(box.over, " 0.49.0:" TO " 0.50.0:" TO);
	end();
}
END_TEST

START_TEST(told_message_has_its_lane_and_counts_against_nobody)
{
	struct deliver_told told = status_of(0, "A");

	begin();
	credit(ENDLESS);
	put_many(GENERAL, 2);
	ck_assert_uint_eq(deliver_undelivered(box.deliver, FROM), 2);
	told.lane = LIVE;
	tick(2000, &told, 1);
	ck_assert_uint_eq(deliver_undelivered(box.deliver, FROM), 2);
	ck_assert_uint_eq(take(), 2);
	ck_assert_uint_eq(box.order.derived_kind, STATUS);
	ck_assert_uint_eq(box.order.counter, 0);
	ck_assert_uint_eq(box.order.parts, 0);
	ck_assert_uint_eq(take(), 0);
	end();
}
END_TEST

START_TEST(notice_of_expiry_is_nobody_s_to_forget)
{
	begin();
	(void)put(&(struct letter){.lane = GENERAL, .expires_us = 2000});
	tick(2000, NULL, 0);
	tick(2000 + LIFE_US, NULL, 0);
	ck_assert_uint_eq(deliver_totals(box.deliver).n_queued, 0);
	ck_assert_str_eq(box.over, "");
	end();
}
END_TEST

CHECK_MAIN("deliver", urgent_lanes_leave_before_what_waited_longer,
	perishable_among_general_ones_leaves_next,
	general_gets_one_of_eight_under_a_flood_of_perishables,
	no_lane_starves_under_a_flood_of_all, lane_saves_up_nothing_while_nothing_of_it_is_ready,
	what_a_lane_let_pass_is_forgotten_with_the_session,
	within_a_lane_the_earlier_deadline_leaves_first,
	head_of_a_key_has_the_lane_of_what_waits_behind_it_and_is_not_swapped,
	lane_of_an_entry_that_is_over_is_gone, lane_beyond_the_last_counts_as_the_last,
	no_order_key_is_swapped_in_random_runs, id_of_a_derived_message_is_that_of_the_contract,
	status_comes_after_the_message_that_caused_it, told_message_ends_by_its_own_id_alone,
	end_of_a_told_message_is_not_that_of_its_cause,
	handed_over_later_has_no_counter_and_shows_nothing,
	handed_over_later_expires_without_a_notice, reminder_of_a_tick_expires_without_a_notice,
	told_message_has_its_lane_and_counts_against_nobody, notice_of_expiry_is_nobody_s_to_forget)
