/*
 * The core with witnesses: the wait at a start, cosignatures on what is published, news to
 * parties, and every way in which somebody knows more than the router. The witnesses are
 * the real ones (evidence/witness.h), each with a folder of its own.
 */

#include <ftw.h>
#include <unistd.h>

#include "core_kit.h"
#include "evidence/witness.h"

#define SESSION(i) (10 + (uint64_t)(i))

static const char *const parties[] = {"cn.gacc", "la.customs", "th.doa"};

struct one {
	char dir[40];
	struct key *key;
	struct cosigner self;
	struct witness *witness;
	bool is_deaf; /* does not answer */
	Rivergate__V1__Witness *asked;
};

static struct kit_world world;
static struct kit kit;
static struct one ones[MEMBERS_N];
static struct note_verifier log_verifier;
static struct cosigner_roster roster;
static struct buf published;
static bool is_witnessed;
static struct buf news; /* the newest, to session 1 */
static bool was_hello_waiting;
static size_t n_hellos; /* to session 1 that open the window */

static int64_t kit_clock(void *context)
{
	(void)context;
	return kit.now_us;
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *ftw)
{
	(void)info;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void take_frame(const struct core_effect *effect)
{
	Rivergate__V1__Frame *frame =
		rivergate__v1__frame__unpack(NULL, effect->bytes.len, effect->bytes.data);

	ck_assert_ptr_nonnull(frame);
	if (effect->session == 1 && frame->body_case == RIVERGATE__V1__FRAME__BODY_HELLO) {
		was_hello_waiting = frame->hello->waiting;
	}
	if (effect->session == 1 && frame->body_case == RIVERGATE__V1__FRAME__BODY_CHECKPOINT) {
		buf_clear(&news);
		buf_add_text(&news, frame->checkpoint);
	}
	if (frame->body_case == RIVERGATE__V1__FRAME__BODY_WITNESS) {
		ck_assert_uint_ge(effect->session, SESSION(0));
		struct one *one = &ones[effect->session - SESSION(0)];

		ck_assert_ptr_null(one->asked); /* one question at a time */
		one->asked = frame->witness;
		frame->witness = NULL;
		frame->body_case = RIVERGATE__V1__FRAME__BODY__NOT_SET;
	}
	rivergate__v1__frame__free_unpacked(frame, NULL);
}

static void watch(struct kit *self, const struct core_effect *effect)
{
	(void)self;
	if (effect->type == CORE_EFFECT_CHECKPOINT || effect->type == CORE_EFFECT_COSIGNED) {
		buf_clear(&published);
		buf_add_bytes(&published, buf_view(&effect->bytes));
		is_witnessed = effect->is_witnessed;
	}
	if (effect->type == CORE_EFFECT_FRAME || effect->type == CORE_EFFECT_HELLO) {
		n_hellos += effect->type == CORE_EFFECT_HELLO && effect->session == 1;
		take_frame(effect);
	}
}

static void open_witness(struct one *one)
{
	const struct witness_options options = {.self = one->self,
		.key = one->key,
		.state_dir = one->dir,
		.logs = &log_verifier,
		.n_logs = 1,
		.now_us = kit_clock};

	ck_assert_int_eq(witness_open(&options, &one->witness), RG_OK);
}

static void make_one(size_t i, const char *cc)
{
	struct one *one = &ones[i];

	*one = (struct one){.dir = "/tmp/test-core-witness-XXXXXX"};
	ck_assert_ptr_nonnull(mkdtemp(one->dir));
	ck_assert_int_eq(key_generate(RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519, &one->key),
		RG_OK);
	ck_assert_int_eq(key_ed25519_raw(one->key, world.members.all[i].witness), RG_OK);
	ck_assert_int_eq(cosigner_of_member(cc, world.members.all[i].witness, &one->self), RG_OK);
}

static void start_core(void)
{
	kit_init(&kit, &world);
	kit.watch = watch;
}

static void begin(void)
{
	uint8_t public_key[32];

	kit_world_make(&world);
	world.has_witnesses = true;
	make_one(CN, "cn");
	make_one(LA, "la");
	make_one(TH, "th");
	world.members.all[TH].parties[0].roles[0] = RIVERGATE__V1__ROLE__ROLE_OPERATOR;
	kit_world_sign(&world);
	ck_assert_int_eq(key_ed25519_raw(world.log_key, public_key), RG_OK);
	ck_assert_int_eq(note_verifier_of(KIT_ORIGIN, public_key, &log_verifier), RG_OK);
	ck_assert_int_eq(cosigner_roster_of(&world.members.registry, &roster), RG_OK);
	for (size_t i = 0; i < MEMBERS_N; i++) {
		open_witness(&ones[i]);
	}
	start_core();
}

static void end(void)
{
	kit_deinit(&kit);
	kit_world_deinit(&world);
	for (size_t i = 0; i < MEMBERS_N; i++) {
		witness_close(ones[i].witness);
		key_free(ones[i].key);
		if (ones[i].asked) {
			rivergate__v1__witness__free_unpacked(ones[i].asked, NULL);
		}
		(void)nftw(ones[i].dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	}
	buf_deinit(&published);
	buf_deinit(&news);
}

static void greet(uint64_t session, const char *party, bool witness, const char *checkpoint)
{
	Rivergate__V1__Hello hello = RIVERGATE__V1__HELLO__INIT;
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;

	hello.party = members_text(party);
	hello.witness = witness;
	hello.news = !witness;
	hello.checkpoint = members_text(checkpoint);
	frame.body_case = RIVERGATE__V1__FRAME__BODY_HELLO;
	frame.hello = &hello;
	kit_frame_event(&kit, CORE_INPUT_SESSION_OPEN, session, party, &frame);
}

/* The witness opens its session with the last checkpoint that it cosigned. */
static void connect_witness(size_t i)
{
	scoped(buf_deinitv) struct buf last = {.data = NULL};

	ck_assert_int_eq(witness_last(ones[i].witness, KIT_ORIGIN, &last), RG_OK);
	greet(SESSION(i), parties[i], true, buf_text(&last));
}

static void send_answer(size_t i, struct witness_answer *answer)
{
	Rivergate__V1__Witnessed witnessed = RIVERGATE__V1__WITNESSED__INIT;
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;

	witnessed.status = (uint32_t)answer->status;
	witnessed.body = (char *)buf_text(&answer->body);
	witnessed.checkpoint = (char *)buf_text(&answer->checkpoint);
	frame.body_case = RIVERGATE__V1__FRAME__BODY_WITNESSED;
	frame.witnessed = &witnessed;
	kit_frame_event(&kit, CORE_INPUT_WITNESSED, SESSION(i), parties[i], &frame);
}

/* All questions are answered, and those that follow from answers. */
static void answer_all(void)
{
	for (size_t turn = 0; turn < 5; turn++) {
		for (size_t i = 0; i < MEMBERS_N; i++) {
			scoped(witness_answer_deinitv) struct witness_answer answer = {.status = 0};
			Rivergate__V1__Witness *asked = ones[i].asked;

			if (!asked || ones[i].is_deaf) {
				continue;
			}
			ones[i].asked = NULL;
			ck_assert_int_eq(witness_judge(ones[i].witness,
						 bytes_of_text(asked->request), WITNESS_BY_ROUTER,
						 &answer),
				RG_OK);
			rivergate__v1__witness__free_unpacked(asked, NULL);
			send_answer(i, &answer);
		}
	}
}

static void submit(uint64_t number)
{
	kit_submit(&kit,
		kit_message(&world, &kit, &(struct kit_letter){.number = number, .session = 1}));
	kit_commit_all(&kit);
}

static size_t n_cosigned(struct buf *note)
{
	struct cosignature_count count;

	ck_assert_int_eq(cosignature_count(buf_view(note), &roster, &count), RG_OK);
	ck_assert(!count.is_malformed);
	return count.n_valid;
}

static uint64_t size_of(struct buf *note)
{
	struct note_checkpoint checkpoint;
	bool is_valid = false;

	ck_assert_int_eq(note_checkpoint_verify(buf_view(note), &log_verifier, &checkpoint,
				 &is_valid),
		RG_OK);
	ck_assert(is_valid);
	return checkpoint.size;
}

START_TEST(nothing_is_signed_before_witnesses_have_told)
{
	begin();
	ck_assert(core_is_waiting(kit.core));
	ck_assert_uint_eq(core_checkpoint(kit.core).len, 0);
	greet(1, "la.customs", false, "");
	ck_assert(was_hello_waiting);
	ck_assert_uint_eq(n_hellos, 0);
	size_t records = kit.n_records;

	submit(1);
	ck_assert_int_eq(kit.refused, RIVERGATE__V1__VERDICT__VERDICT_QUOTA);
	ck_assert_uint_eq(kit.n_records, records);
	kit_tick(&kit, 20000000);
	ck_assert_uint_eq(core_checkpoint(kit.core).len, 0);
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_CHECKPOINT], 0);
	/* Its next timer is the next line in the log, not a busy loop. */
	ck_assert_int_gt(core_next_tick_us(kit.core), kit.now_us);
	end();
}
END_TEST

START_TEST(enough_witnesses_end_the_wait)
{
	begin();
	greet(1, "la.customs", false, "");
	connect_witness(TH);
	ck_assert(!core_is_waiting(kit.core));
	ck_assert(!was_hello_waiting);
	ck_assert_uint_eq(n_hellos, 1);
	ck_assert_uint_gt(core_checkpoint(kit.core).len, 0);
	size_t records = kit.n_records;

	/* What was refused is sent again in the next epoch. */
	kit_submit(&kit,
		kit_message(&world, &kit,
			&(struct kit_letter){.number = 1, .session = 1, .epoch = 2}));
	kit_commit_all(&kit);
	ck_assert_uint_eq(kit.n_records, records + 1);
	end();
}
END_TEST

START_TEST(published_checkpoints_are_cosigned)
{
	begin();
	greet(1, "la.customs", false, "");
	for (size_t i = 0; i < MEMBERS_N; i++) {
		connect_witness(i);
	}
	answer_all();
	for (uint64_t number = 1; number < 6; number++) {
		kit_tick(&kit, 1000000);
		answer_all();
		submit(number);
		answer_all();
		ck_assert_uint_eq(size_of(&published), kit.n_durable);
		ck_assert_uint_eq(n_cosigned(&published), MEMBERS_N);
		ck_assert(is_witnessed);
		ck_assert(bytes_equal(buf_view(&published), buf_view(&news)));
	}
	end();
}
END_TEST

START_TEST(published_at_most_once_a_second)
{
	begin();
	greet(1, "la.customs", false, "");
	for (size_t i = 0; i < MEMBERS_N; i++) {
		connect_witness(i);
	}
	answer_all();
	kit_tick(&kit, 3000000);
	answer_all();
	size_t before = kit.n_by_type[CORE_EFFECT_CHECKPOINT];

	for (uint64_t number = 1; number <= 30; number++) {
		submit(number);
		kit_tick(&kit, 100000);
		answer_all();
	}
	ck_assert_uint_le(kit.n_by_type[CORE_EFFECT_CHECKPOINT], before + 4);
	ck_assert_uint_ge(kit.n_by_type[CORE_EFFECT_CHECKPOINT], before + 2);
	end();
}
END_TEST

START_TEST(deaf_witness_does_not_keep_others_from_publishing)
{
	begin();
	greet(1, "la.customs", false, "");
	for (size_t i = 0; i < MEMBERS_N; i++) {
		connect_witness(i);
	}
	answer_all();
	ones[CN].is_deaf = true;
	kit_tick(&kit, 4000000);
	answer_all();
	submit(1);
	for (size_t i = 0; i < 5; i++) {
		kit_tick(&kit, 1000000);
		answer_all();
	}
	ck_assert_uint_eq(size_of(&published), kit.n_durable);
	ck_assert_uint_eq(n_cosigned(&published), MEMBERS_N - 1);
	ck_assert(!is_witnessed);
	end();
}
END_TEST

START_TEST(witness_that_comes_late_is_asked_too)
{
	begin();
	greet(1, "la.customs", false, "");
	connect_witness(CN);
	answer_all();
	kit_tick(&kit, 5000000);
	ck_assert_uint_eq(n_cosigned(&published), 1);
	connect_witness(LA);
	connect_witness(TH);
	answer_all();
	kit_tick(&kit, 1000000);
	ck_assert_uint_eq(n_cosigned(&published), MEMBERS_N);
	ck_assert(is_witnessed);
	end();
}
END_TEST

/* What the operator is told; to be freed. */
static Rivergate__V1__Answer *ask_status(void)
{
	Rivergate__V1__Query query = RIVERGATE__V1__QUERY__INIT;
	Rivergate__V1__StatusQuery status = RIVERGATE__V1__STATUS_QUERY__INIT;
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;

	query.what_case = RIVERGATE__V1__QUERY__WHAT_STATUS;
	query.status = &status;
	frame.body_case = RIVERGATE__V1__FRAME__BODY_QUERY;
	frame.query = &query;
	kit_frame_event(&kit, CORE_INPUT_QUERY, 2, "th.doa", &frame);
	Rivergate__V1__Answer *answer =
		rivergate__v1__answer__unpack(NULL, kit.answer.len, kit.answer.data);

	ck_assert_ptr_nonnull(answer);
	ck_assert_ptr_nonnull(answer->status);
	return answer;
}

START_TEST(status_names_witnesses_and_their_lag)
{
	begin();
	greet(1, "la.customs", false, "");
	Rivergate__V1__Answer *answer = ask_status();

	ck_assert(answer->status->waiting);
	ck_assert_uint_eq(answer->status->n_witnesses, MEMBERS_N);
	ck_assert_uint_eq(answer->status->witness_quorum, 3);
	ck_assert(!answer->status->witnesses[CN]->connected);
	rivergate__v1__answer__free_unpacked(answer, NULL);
	connect_witness(CN);
	answer_all();
	submit(1);
	answer = ask_status();
	ck_assert(!answer->status->waiting);
	ck_assert_str_eq(answer->status->witnesses[CN]->member, "cn");
	ck_assert(answer->status->witnesses[CN]->connected);
	ck_assert_uint_eq(answer->status->witnesses[CN]->size, kit.n_durable - 1);
	ck_assert_uint_eq(answer->status->witnesses[CN]->lag, 1);
	ck_assert_int_ge(answer->status->witnesses[CN]->cosigned_at_us, kit.now_us - 1000000);
	ck_assert(!answer->status->witnesses[TH]->connected);
	ck_assert_uint_eq(answer->status->witnesses[TH]->lag, kit.n_durable);
	ck_assert_int_ne(answer->status->unwitnessed_since_us, 0);
	ck_assert(!answer->status->unwitnessed);
	rivergate__v1__answer__free_unpacked(answer, NULL);
	end();
}
END_TEST

/* A new core with the first records only, of other times; the witnesses keep what they saw. */
static size_t set_back(void)
{
	size_t n = kit.n_durable;

	for (size_t i = 0; i < MEMBERS_N; i++) {
		if (ones[i].asked) {
			rivergate__v1__witness__free_unpacked(ones[i].asked, NULL);
			ones[i].asked = NULL;
		}
	}
	kit_deinit(&kit);
	start_core();
	return n;
}

START_TEST(log_that_was_set_back_does_not_sign)
{
	begin();
	greet(1, "la.customs", false, "");
	connect_witness(CN);
	submit(1);
	kit_tick(&kit, 2000000);
	answer_all();
	kit_tick(&kit, 2000000);
	answer_all();
	size_t n = set_back();
	ck_assert_uint_lt(kit.n_durable, n);
	connect_witness(CN);
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_CONTRADICTION], 1);
	ck_assert(core_is_waiting(kit.core));
	ck_assert_uint_eq(core_checkpoint(kit.core).len, 0);
	end();
}
END_TEST

START_TEST(client_that_saw_more_stops_a_waiting_router)
{
	begin();
	greet(1, "la.customs", false, "");
	connect_witness(CN);
	submit(1);
	scoped(buf_deinitv) struct buf seen = {.data = NULL};
	buf_add_bytes(&seen, core_checkpoint(kit.core));
	(void)set_back();
	greet(1, "la.customs", false, buf_text(&seen));
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_CONTRADICTION], 1);
	ck_assert_uint_eq(core_checkpoint(kit.core).len, 0);
	end();
}
END_TEST

START_TEST(witness_of_no_member_does_not_count)
{
	begin();
	greet(1, "la.customs", false, "");
	greet(40, "vn.customs", true, "");
	ck_assert(core_is_waiting(kit.core));
	end();
}
END_TEST

START_TEST(checkpoint_that_the_witness_did_not_cosign_does_not_count)
{
	scoped(buf_deinitv) struct buf bare = {.data = NULL};
	begin();
	greet(1, "la.customs", false, "");
	connect_witness(CN);
	buf_add_bytes(&bare, core_checkpoint(kit.core));
	(void)set_back();
	greet(SESSION(TH), parties[TH], true, buf_text(&bare));
	ck_assert(core_is_waiting(kit.core));
	end();
}
END_TEST

START_TEST(witness_that_lost_its_state_does_not_count)
{
	scoped(buf_deinitv) struct buf before = {.data = NULL};
	begin();
	greet(1, "la.customs", false, "");
	connect_witness(CN);
	answer_all();
	kit_tick(&kit, 2000000);
	ck_assert_uint_eq(n_cosigned(&published), 1);
	buf_add_bytes(&before, buf_view(&published));
	(void)set_back();
	ck_assert_int_eq(core_recall(kit.core, buf_view(&before)), RG_OK);
	greet(SESSION(CN), parties[CN], true, "");
	ck_assert(core_is_waiting(kit.core));
	/* Another, which knew nothing before, does. */
	greet(SESSION(TH), parties[TH], true, "");
	ck_assert(!core_is_waiting(kit.core));
	end();
}
END_TEST

START_TEST(witness_that_learned_more_elsewhere_stops_the_router)
{
	begin();
	greet(1, "la.customs", false, "");
	connect_witness(CN);
	answer_all();
	kit_tick(&kit, 2000000);
	/* The same log elsewhere, with another record, asks the same witness. */
	const struct note_checkpoint elsewhere = {.origin = KIT_ORIGIN,
		.size = kit.n_durable + 5,
		.root = {{1}}};
	scoped(buf_deinitv) struct buf note = {.data = NULL};
	scoped(witness_answer_deinitv) struct witness_answer answer = {.status = 409};

	ck_assert_int_eq(note_checkpoint_sign(&elsewhere, world.log_key, &note), RG_OK);
	ck_assert_int_eq(cosignature_make(buf_view(&note), &ones[CN].self, ones[CN].key, 1700000000,
				 &note),
		RG_OK);
	submit(1);
	kit_tick(&kit, 2000000);
	ck_assert_ptr_nonnull(ones[CN].asked);
	buf_add_text(&answer.body, "99\n");
	buf_add_bytes(&answer.checkpoint, buf_view(&note));
	send_answer(CN, &answer);
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_CONTRADICTION], 1);
	end();
}
END_TEST

START_TEST(answers_that_prove_nothing_are_passed_over)
{
	static const struct {
		unsigned status;
		const char *body;
		const char *checkpoint;
	} bad[] = {
		{200, "", ""},
		{200, "nonsense\n", ""},
		{200, "\xe2\x80\x94 cn.witness AAAAAAAAAAAA\n", ""},
		{409, "17\n", "nonsense"},
		{422, "no\n", "nonsense"},
		{422, "no\n", ""},
		{404, "", ""},
		{0, "", ""},
		{4000000000, "", ""},
	};

	begin();
	greet(1, "la.customs", false, "");
	connect_witness(CN);
	answer_all();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		scoped(witness_answer_deinitv) struct witness_answer answer = {
			.status = (enum witness_status)bad[i].status};

		submit(i + 1);
		kit_tick(&kit, 4000000);
		ck_assert_msg(ones[CN].asked != NULL, "case %zu", i);
		rivergate__v1__witness__free_unpacked(ones[CN].asked, NULL);
		ones[CN].asked = NULL;
		buf_add_text(&answer.body, bad[i].body);
		buf_add_text(&answer.checkpoint, bad[i].checkpoint);
		send_answer(CN, &answer);
		kit_tick(&kit, 1000000);
		ck_assert_uint_eq(n_cosigned(&published), 0);
		if (ones[CN].asked) {
			rivergate__v1__witness__free_unpacked(ones[CN].asked, NULL);
			ones[CN].asked = NULL;
			send_answer(CN, &(struct witness_answer){.status = WITNESS_NOT_STORED});
		}
	}
	ck_assert_uint_eq(kit.n_by_type[CORE_EFFECT_CONTRADICTION], 0);
	end();
}
END_TEST

START_TEST(answer_of_a_stranger_is_not_heeded)
{
	scoped(witness_answer_deinitv) struct witness_answer answer = {.status = 409};

	begin();
	greet(1, "la.customs", false, "");
	buf_add_text(&answer.body, "0\n");
	send_answer(CN, &answer); /* its session was never opened as a witness */
	ck_assert(core_is_waiting(kit.core));
	end();
}
END_TEST

static bool is_alarmed(void)
{
	Rivergate__V1__Answer *answer = ask_status();
	bool is = answer->status->unwitnessed;

	rivergate__v1__answer__free_unpacked(answer, NULL);
	return is;
}

START_TEST(minute_without_a_quorum_is_an_alarm)
{
	begin();
	greet(1, "la.customs", false, "");
	for (size_t i = 0; i < MEMBERS_N; i++) {
		connect_witness(i);
	}
	answer_all();
	kit_tick(&kit, 5000000);
	/* All is covered: a quiet hour is no alarm. */
	kit_tick(&kit, INT64_C(3600000000));
	ck_assert(!is_alarmed());
	ones[CN].is_deaf = true;
	submit(1);
	kit_tick(&kit, 2000000);
	answer_all();
	for (size_t i = 0; i < 57; i++) {
		kit_tick(&kit, 1000000);
		answer_all();
	}
	ck_assert(!is_alarmed());
	ck_assert_int_le(core_next_tick_us(kit.core), kit.now_us + 1000000);
	kit_tick(&kit, 1000000);
	ck_assert(is_alarmed());
	/* Its next line is a minute away: no busy loop. */
	ck_assert_int_gt(core_next_tick_us(kit.core), kit.now_us);
	ones[CN].is_deaf = false;
	for (size_t i = 0; i < 5; i++) {
		answer_all();
		kit_tick(&kit, 1000000);
		submit(10 + i);
	}
	answer_all();
	ck_assert(!is_alarmed());
	end();
}
END_TEST

CHECK_MAIN("core_witness", nothing_is_signed_before_witnesses_have_told,
	enough_witnesses_end_the_wait, published_checkpoints_are_cosigned,
	published_at_most_once_a_second, deaf_witness_does_not_keep_others_from_publishing,
	witness_that_comes_late_is_asked_too, status_names_witnesses_and_their_lag,
	log_that_was_set_back_does_not_sign, client_that_saw_more_stops_a_waiting_router,
	witness_of_no_member_does_not_count,
	checkpoint_that_the_witness_did_not_cosign_does_not_count,
	witness_that_lost_its_state_does_not_count,
	witness_that_learned_more_elsewhere_stops_the_router,
	answers_that_prove_nothing_are_passed_over, answer_of_a_stranger_is_not_heeded,
	minute_without_a_quorum_is_an_alarm)
