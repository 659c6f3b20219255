/*
 * How far the log is witnessed, as a party sees it: quorum, the own member's witness,
 * forged lines, and the minute after which it is told.
 */

#include "client/witnessed.h"
#include "suite.h"
#include "witness_kit.h"

#define N         6
#define MINUTE_US INT64_C(60000000)

static struct key *log_key;
static struct key *keys[N];
static struct cosigner cosigners[N];
static struct kit_log history;
static struct witnessed state;

static void begin(const char *party)
{
	static const char *const names[N] = {"cn", "kh", "la", "mm", "th", "vn"};
	static Rivergate__V1__Member members[N];
	static uint8_t public_keys[N][32];
	Rivergate__V1__Member *list[N];
	Rivergate__V1__Registry registry = RIVERGATE__V1__REGISTRY__INIT;

	log_key = kit_key();
	history = (struct kit_log){log_key, UINT64_MAX};
	for (size_t i = 0; i < N; i++) {
		keys[i] = kit_key();
		cosigners[i] = kit_cosigner(names[i], keys[i]);
		ck_assert_int_eq(key_ed25519_raw(keys[i], public_keys[i]), RG_OK);
		rivergate__v1__member__init(&members[i]);
		members[i].cc = (char *)(uintptr_t)names[i];
		members[i].witness_key = (ProtobufCBinaryData){32, public_keys[i]};
		list[i] = &members[i];
	}
	registry.members = list;
	registry.n_members = N;
	ck_assert_int_eq(witnessed_init(&state, &registry, party), RG_OK);
}

static void end(void)
{
	for (size_t i = 0; i < N; i++) {
		key_free(keys[i]);
	}
	key_free(log_key);
}

/* News of this size with cosignatures of witnesses from..to - 1; false: found to be a forgery. */
static bool tell(uint64_t size, size_t from, size_t to, const char *more)
{
	scoped(buf_deinitv) struct buf note = {.data = NULL};
	bool is_true = false;

	kit_checkpoint(&history, size, &note);
	for (size_t i = from; i < to; i++) {
		ck_assert_int_eq(cosignature_make(buf_view(&note), &cosigners[i], keys[i],
					 1700000000, &note),
			RG_OK);
	}
	buf_add_text(&note, more);
	ck_assert_int_eq(witnessed_take(&state, buf_view(&note), size, &is_true), RG_OK);
	return is_true;
}

START_TEST(quorum_and_own_witness_cover_a_receipt)
{
	begin("la.customs");
	witnessed_receipt(&state, 6, 1000);
	ck_assert(tell(7, 0, 5, ""));
	ck_assert_uint_eq(state.newest.size, 7);
	ck_assert_uint_eq(state.newest.n_cosigned, 5);
	ck_assert_uint_eq(state.newest.quorum, 5);
	ck_assert(state.newest.has_own);
	ck_assert(!witnessed_is_overdue(&state, 1000 + 10 * MINUTE_US));
	end();
}
END_TEST

START_TEST(quorum_without_the_own_witness_is_not_enough)
{
	begin("vn.customs");
	witnessed_receipt(&state, 6, 1000);
	ck_assert(tell(7, 0, 5, "")); /* all but vn */
	ck_assert(!state.newest.has_own);
	ck_assert(witnessed_is_overdue(&state, 1000 + MINUTE_US));
	end();
}
END_TEST

START_TEST(fewer_than_the_quorum_are_not_enough)
{
	begin("la.customs");
	witnessed_receipt(&state, 6, 1000);
	ck_assert(tell(7, 0, 4, ""));
	ck_assert_uint_eq(state.newest.n_cosigned, 4);
	ck_assert(witnessed_is_overdue(&state, 1000 + MINUTE_US));
	end();
}
END_TEST

START_TEST(checkpoint_before_the_receipt_does_not_cover_it)
{
	begin("la.customs");
	witnessed_receipt(&state, 7, 1000);
	ck_assert(tell(7, 0, 6, "")); /* records 0 to 6 */
	ck_assert(!witnessed_is_overdue(&state, 2000));
	ck_assert(witnessed_is_overdue(&state, 2000 + MINUTE_US));
	ck_assert(tell(8, 0, 6, ""));
	ck_assert(!witnessed_is_overdue(&state, 2000 + 5 * MINUTE_US));
	end();
}
END_TEST

START_TEST(it_is_told_once_a_minute)
{
	begin("la.customs");
	witnessed_receipt(&state, 6, 1000);
	ck_assert(!witnessed_is_overdue(&state, 999 + MINUTE_US));
	ck_assert(witnessed_is_overdue(&state, 1000 + MINUTE_US));
	ck_assert(!witnessed_is_overdue(&state, 1001 + MINUTE_US));
	ck_assert(witnessed_is_overdue(&state, 1000 + 2 * MINUTE_US));
	end();
}
END_TEST

START_TEST(what_was_witnessed_is_not_given_up_for_something_newer)
{
	begin("la.customs");
	ck_assert(tell(7, 0, 6, ""));
	ck_assert(tell(9, 0, 2, ""));
	ck_assert_uint_eq(state.newest.size, 7);
	ck_assert_uint_eq(state.newest.n_cosigned, 6);
	end();
}
END_TEST

START_TEST(forged_cosignature_is_found)
{
	scoped(buf_deinitv) struct buf other = {.data = NULL};
	scoped(buf_deinitv) struct buf line = {.data = NULL};

	begin("la.customs");
	/* A true line of a witness, under another checkpoint. */
	kit_checkpoint(&history, 5, &other);
	ck_assert_int_eq(cosignature_make(buf_view(&other), &cosigners[5], keys[5], 1700000000,
				 &line),
		RG_OK);
	ck_assert(!tell(7, 0, 5, buf_text(&line)));
	ck_assert_uint_eq(state.newest.size, 0);
	end();
}
END_TEST

START_TEST(lines_of_strangers_do_not_count)
{
	begin("la.customs");
	ck_assert(tell(7, 0, 4, "\xe2\x80\x94 xx.witness AAAAAAAAAAAAAAAA\n"));
	ck_assert_uint_eq(state.newest.n_cosigned, 4);
	end();
}
END_TEST

START_TEST(without_witnesses_nothing_is_overdue)
{
	Rivergate__V1__Registry registry = RIVERGATE__V1__REGISTRY__INIT;

	ck_assert_int_eq(witnessed_init(&state, &registry, "la.customs"), RG_OK);
	ck_assert(!witnessed_has_witnesses(&state));
	witnessed_receipt(&state, 6, 1000);
	ck_assert(!witnessed_is_overdue(&state, 1000 + 10 * MINUTE_US));
}
END_TEST

CHECK_MAIN("client_witnessed", quorum_and_own_witness_cover_a_receipt,
	quorum_without_the_own_witness_is_not_enough, fewer_than_the_quorum_are_not_enough,
	checkpoint_before_the_receipt_does_not_cover_it, it_is_told_once_a_minute,
	what_was_witnessed_is_not_given_up_for_something_newer, forged_cosignature_is_found,
	lines_of_strangers_do_not_count, without_witnesses_nothing_is_overdue)
