/*
 * Hand-over through a crash at every step: each delivery reaches the national system
 * once, in order, and has one acknowledgement; what cannot be known is set aside.
 */
#include "suite.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "client/submit.h"
#include "crash.h"
#include "host/adapter.h"
#include "host/frames.h"
#include "host/handover.h"
#include "rivergate/v1/message.pb-c.h"
#include "sign/signature.h"
#include "wire/pack.h"

#define N_MESSAGES 2
#define STEPS_MAX  400
#define ROUNDS_MAX 100

static char root[64];
static struct key *key;
static struct buf envelopes[N_MESSAGES];
static struct buf headers[N_MESSAGES];
static Rivergate__V1__Kind kind = RIVERGATE__V1__KIND__KIND_CERTIFICATE;
static char *part_name = "certificate";
static char boot[8] = "boot-1";

static const char *at(const char *name)
{
	static char path[2][512];
	static unsigned turn;

	turn = !turn;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", root, name);
	return path[turn];
}

/* --- Deliveries --------------------------------------------------------------------------- */

static void make_message(size_t i)
{
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	Rivergate__V1__Part part = RIVERGATE__V1__PART__INIT;
	Rivergate__V1__Part *parts[] = {&part};
	char *to[] = {"cn.gacc"};
	struct submit_maker *maker = NULL;
	struct submission *submission = NULL;
	const char *rule = NULL;
	uint8_t packed[1024];
	char text[16];

	/* Also a Declaration: field 1, the country. */
	snprintf(text, sizeof(text), "\n\x02%c%zu", 'A', i);
	part.name = part_name;
	part.type = "text/plain";
	header.to = to;
	header.n_to = 1;
	header.kind = kind;
	header.ucr = "UCR-1";
	header.parts = parts;
	header.n_parts = 1;
	size_t len = rivergate__v1__header__pack(&header, packed);
	const struct rg_client_part content = {.content = bytes_of_text(text)};
	const struct rg_client_message message = {.header = bytes_of(packed, len),
		.parts = &content,
		.n_parts = 1};
	ck_assert_int_eq(submit_maker_new("la.customs", &maker), RG_OK);
	ck_assert_int_eq(submit_complete(maker, &message, &submission, &rule), RG_OK);
	ck_assert_ptr_null(rule);
	ck_assert_int_eq(submit_sign(key, &submission, 1), RG_OK);
	const struct submit_envelope envelope = {.header = submission->header,
		.signature = buf_view(&submission->signature),
		.frames = submission->frames,
		.n_frames = submission->n_frames};
	buf_init(&envelopes[i]);
	ck_assert_int_eq(submit_envelope_write(&envelope, &envelopes[i]), RG_OK);
	buf_init(&headers[i]);
	buf_add_bytes(&headers[i], submission->header);
	submission_free(submission);
	submit_maker_free(maker);
}

static void setup(void)
{
	log_set_level(LOG_ERROR);
	if (!key) {
		ck_assert_int_eq(key_generate(RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519, &key),
			RG_OK);
	}
	for (size_t i = 0; i < N_MESSAGES; i++) {
		buf_deinit(&envelopes[i]);
		buf_deinit(&headers[i]);
		make_message(i);
	}
	crash_make_folder("handover", root, sizeof(root));
	ck_assert_int_eq(mkdir(at("national"), 0700), 0);
}

static void teardown(void)
{
	crash_remove_tree(root);
}

/* --- A national system that is asked over a network ------------------------------------------- */

/* Each file is turned away once, then taken, then that is told. */
static struct {
	bool is_used;
	bool is_exact; /* it knows what it was given before */
	bool is_running;
	bool is_told;
	unsigned n_asked;
} slow;

static bool slow_is_exact(const void *state)
{
	(void)state;
	return slow.is_exact;
}

static rg_err slow_recall(void *state, const char *name, const struct connector_trace *trace,
	struct connector_outcome *ret_outcome)
{
	enum directory_place place = DIRECTORY_NOWHERE;
	rg_err err = directory_find(state, name, &place);

	*ret_outcome = (struct connector_outcome){.answer = CONNECTOR_LATER};
	if (place == DIRECTORY_PUT) {
		ret_outcome->answer = CONNECTOR_TAKEN;
	} else if (place == DIRECTORY_NOWHERE || (trace->was_begun && !slow.is_exact)) {
		ret_outcome->answer = CONNECTOR_UNKNOWN;
	}
	return err;
}

static bool slow_is_ready(const void *state, const char *name)
{
	(void)state;
	(void)name;
	return !slow.is_running;
}

static rg_err slow_begin(void *state, const char *name)
{
	(void)state;
	(void)name;
	slow.is_running = true;
	slow.is_told = false;
	return RG_OK;
}

/* The system's own memory, which no crash of ours touches. */
static void slow_take(const char *name)
{
	char mark[512];

	snprintf(mark, sizeof(mark), "%s/national/%s", root, name);
	if (mkdir(mark, 0700) != 0 && !slow.is_exact) {
		fprintf(stderr, "handed over twice: %s\n", name);
		abort();
	}
}

static rg_err slow_outcome(void *state, const char *name, struct connector_outcome *ret_outcome)
{
	*ret_outcome = (struct connector_outcome){.answer = CONNECTOR_WAITS};
	ck_assert(slow.is_running);
	if (!slow.is_told && slow.n_asked++ % 2 == 0) {
		ret_outcome->answer = CONNECTOR_LATER;
		slow.is_running = false;
		return RG_OK;
	}
	if (!slow.is_told) {
		slow_take(name);
		slow.is_told = true;
		return RG_OK;
	}
	ret_outcome->answer = CONNECTOR_TAKEN;
	rg_err err = directory_put_done(state, name);
	slow.is_running = err != RG_OK;
	return err;
}

static rg_err slow_sync(void *state)
{
	(void)state;
	return RG_OK;
}

static rg_err slow_leave(void *state, const char *name, const struct connector_outcome *why)
{
	(void)why;
	return directory_give_up(state, name, bytes_of_text("{}"));
}

static const struct connector_type slow_type = {
	.is_exact = slow_is_exact,
	.recall = slow_recall,
	.is_ready = slow_is_ready,
	.begin = slow_begin,
	.outcome = slow_outcome,
	.sync = slow_sync,
	.leave = slow_leave,
};

/* --- The adapter, without its client ---------------------------------------------------------- */

static rg_err replay(void *context, struct rg_bytes frame)
{
	struct adapter *adapter = context;
	rg_err err = inbox_replay(adapter->inbox, frame);

	return err ? err : outbox_replay(adapter->outbox, frame);
}

static struct adapter *open_adapter(void)
{
	struct adapter *adapter = calloc(1, sizeof(*adapter));
	const struct ledger_reader reader = {.frame = replay, .context = adapter};

	adapter->settings = calloc(1, sizeof(*adapter->settings));
	adapter->settings->party = strdup("cn.gacc");
	memcpy(adapter->boot, boot, sizeof(boot));
	adapter->receipts_fd = adapter->answers_fd = adapter->withheld_fd = adapter->lock_fd = -1;
	adapter->translations_fd = -1;
	ck_assert_int_eq(directory_open(root, &adapter->directory), RG_OK);
	adapter->connector = slow.is_used
		? (struct connector){.type = &slow_type, .state = adapter->directory}
		: directory_connector(adapter->directory);
	slow.is_running = false;
	mkdir(at("state"), 0700);
	ck_assert_int_eq(replies_open(at("state"), &adapter->replies), RG_OK);
	ck_assert_int_eq(inbox_open(at("state"), &adapter->inbox), RG_OK);
	ck_assert_int_eq(outbox_new("cn.gacc", key, &adapter->outbox), RG_OK);
	ck_assert_int_eq(ledger_open(at("state/adapter.journal"), &reader, &adapter->ledger),
		RG_OK);
	ck_assert_int_eq(inbox_load(adapter->inbox), RG_OK);
	ck_assert_int_eq(handover_clean(adapter), RG_OK);
	ck_assert_int_eq(handover_recover(adapter), RG_OK);
	return adapter;
}

static void close_adapter(struct adapter *adapter)
{
	inbox_close(adapter->inbox);
	replies_close(adapter->replies);
	outbox_free(adapter->outbox);
	ledger_close(adapter->ledger);
	directory_close(adapter->directory);
	free(adapter->settings->party);
	free(adapter->settings);
	free(adapter);
}

/* The router delivers what it was not told to be settled, and may deliver again what it was. */
static void deliver_all(struct adapter *adapter)
{
	for (size_t i = 0; i < N_MESSAGES; i++) {
		const struct inbox_delivery delivery = {.header = buf_view(&headers[i]),
			.envelope = buf_view(&envelopes[i]),
			.proof = bytes_of_text("proof"),
			.index = i + 1};
		struct inbox_entry *entry = NULL;
		bool is_new = false;

		ck_assert_int_eq(inbox_store(adapter->inbox, &delivery, &entry, &is_new), RG_OK);
	}
	ck_assert_int_eq(inbox_sync(adapter->inbox), RG_OK);
}

static void live(void)
{
	struct adapter *adapter = open_adapter();
	bool goes_on = true;

	deliver_all(adapter);
	for (unsigned i = 0; goes_on || (inbox_first(adapter->inbox) && i < ROUNDS_MAX); i++) {
		ck_assert_int_eq(handover_round(adapter, &goes_on), RG_OK);
	}
	close_adapter(adapter);
}

/*
 * --- The national system ------------------------------------------------------------------------
 */

static void each_file(const char *folder, void (*visit)(const char *name))
{
	DIR *listing = opendir(at(folder));
	struct dirent *entry = NULL;

	ck_assert_ptr_nonnull(listing);
	while ((entry = readdir(listing))) {
		if (entry->d_name[0] != '.') {
			visit(entry->d_name);
		}
	}
	closedir(listing);
}

/* Takes a file: a second one of the same name is a second hand-over. */
static void take(const char *name)
{
	char from[512];
	char mark[512];

	snprintf(from, sizeof(from), "%s/in/%s", root, name);
	snprintf(mark, sizeof(mark), "%s/national/%s", root, name);
	if (mkdir(mark, 0700) != 0) {
		fprintf(stderr, "handed over twice: %s\n", name);
		abort();
	}
	char to[512];
	snprintf(to, sizeof(to), "%s/done/%s", root, name);
	ck_assert_int_eq((int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0), 0);
}

static void take_all(void)
{
	if (access(at("in"), F_OK) == 0) {
		each_file("in", take);
	}
}

static void forget(const char *name)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/done/%s", root, name);
	unlink(path);
}

/* A system that also empties done/ behind itself. */
static void take_and_forget_all(void)
{
	take_all();
	if (access(at("done"), F_OK) == 0) {
		each_file("done", forget);
	}
}

static size_t n_counted;

static void count(const char *name)
{
	(void)name;
	n_counted++;
}

static size_t count_files(const char *folder)
{
	n_counted = 0;
	each_file(folder, count);
	return n_counted;
}

/*
 * --- What must hold at the end --------------------
 * -------------------------------------------------
 */

struct answered {
	uint64_t deliveries[2 * N_MESSAGES];
	size_t n;
};

static rg_err note_answer(void *context, struct rg_bytes frame)
{
	struct answered *answered = context;
	struct cursor cursor = cursor_of(frame);

	if (cursor_u8(&cursor) == FRAME_SEALED && answered->n < (size_t)2 * N_MESSAGES) {
		(void)cursor_u64(&cursor);
		answered->deliveries[answered->n++] = cursor_u64(&cursor);
	}
	return RG_OK;
}

/* Exactly one acknowledgement for each message, whatever crashed. */
static void check_acknowledgements(unsigned step)
{
	struct answered answered = {0};
	struct ledger *ledger = NULL;
	const struct ledger_reader reader = {.frame = note_answer, .context = &answered};

	ck_assert_int_eq(ledger_open(at("state/adapter.journal"), &reader, &ledger), RG_OK);
	ledger_close(ledger);
	ck_assert_msg(answered.n == N_MESSAGES, "step %u: %zu answers", step, answered.n);
	for (size_t i = 0; i < answered.n; i++) {
		for (size_t j = 0; j < i; j++) {
			ck_assert_uint_ne(answered.deliveries[i], answered.deliveries[j]);
		}
	}
}

static void check_once(unsigned step, size_t n_aside_max)
{
	struct adapter *adapter = open_adapter();

	ck_assert_uint_eq(outbox_length(adapter->outbox), N_MESSAGES);
	ck_assert_ptr_null(inbox_first(adapter->inbox));
	close_adapter(adapter);
	check_acknowledgements(step);
	size_t n_aside = count_files("state/set-aside");
	ck_assert_msg(n_aside <= 3 * n_aside_max, "step %u: %zu set aside", step, n_aside);
	/* Two files a message: a part and the header. */
	size_t n_taken = count_files("national");
	ck_assert_msg(n_taken + 2 * n_aside_max >= (size_t)2 * N_MESSAGES,
		"step %u: %zu files taken", step, n_taken);
	ck_assert_uint_eq(count_files("in"), 0);
	ck_assert_uint_eq(count_files("tmp"), 0);
}

/* Crashes at step, starts again without a crash; the national system works before and after. */
static bool crash_and_recover(unsigned step, void (*national)(void), bool is_busy)
{
	setup();
	crash.meanwhile = is_busy ? national : NULL;
	bool is_over = crash_runs_to_its_end(step, live);
	crash.meanwhile = NULL;
	national();
	ck_assert(crash_runs_to_its_end(0, live));
	national();
	ck_assert(crash_runs_to_its_end(0, live));
	national();
	return is_over;
}

START_TEST(every_delivery_is_handed_over_once_through_a_crash_at_any_step)
{
	bool is_over = false;

	for (unsigned step = 1; !is_over && step < STEPS_MAX; step++) {
		is_over = crash_and_recover(step, take_all, false);
		check_once(step, 0);
		teardown();
	}
	ck_assert(is_over);
}
END_TEST

START_TEST(national_system_that_moves_files_meanwhile_gets_each_once)
{
	bool is_over = false;

	for (unsigned step = 1; !is_over && step < STEPS_MAX; step++) {
		is_over = crash_and_recover(step, take_all, true);
		check_once(step, 0);
		teardown();
	}
	ck_assert(is_over);
}
END_TEST

START_TEST(what_cannot_be_known_is_set_aside_and_never_handed_over_again)
{
	bool is_over = false;
	bool had_aside = false;

	for (unsigned step = 1; !is_over && step < STEPS_MAX; step++) {
		is_over = crash_and_recover(step, take_and_forget_all, true);
		check_once(step, N_MESSAGES);
		had_aside |= count_files("state/set-aside") > 0;
		teardown();
	}
	ck_assert(is_over);
	ck_assert_msg(had_aside, "no crash fell between intent and done");
}
END_TEST

static void nothing(void)
{
}

START_TEST(system_that_honours_keys_gets_each_once_through_a_crash_at_any_step)
{
	bool is_over = false;

	slow.is_used = slow.is_exact = true;
	for (unsigned step = 1; !is_over && step < STEPS_MAX; step++) {
		is_over = crash_and_recover(step, nothing, false);
		check_once(step, 0);
		teardown();
	}
	ck_assert(is_over);
}
END_TEST

START_TEST(system_that_honours_no_keys_gets_none_twice_through_a_crash_at_any_step)
{
	bool is_over = false;
	bool had_aside = false;

	slow.is_used = true;
	for (unsigned step = 1; !is_over && step < STEPS_MAX; step++) {
		is_over = crash_and_recover(step, nothing, false);
		check_once(step, 1);
		had_aside |= count_files("state/set-aside") > 0;
		teardown();
	}
	ck_assert(is_over);
	ck_assert_msg(had_aside, "no crash fell between an attempt and its end");
}
END_TEST

START_TEST(system_that_went_down_between_intent_and_done_sets_aside)
{
	bool had_aside = false;
	bool is_over = false;

	for (unsigned step = 1; !is_over && step < STEPS_MAX; step++) {
		setup();
		snprintf(boot, sizeof(boot), "boot-1");
		is_over = crash_runs_to_its_end(step, live);
		snprintf(boot, sizeof(boot), "boot-2");
		ck_assert(crash_runs_to_its_end(0, live));
		take_all();
		had_aside |= count_files("state/set-aside") > 0;
		struct adapter *adapter = open_adapter();
		ck_assert_uint_eq(outbox_length(adapter->outbox), N_MESSAGES);
		close_adapter(adapter);
		teardown();
	}
	ck_assert(is_over && had_aside);
}
END_TEST

START_TEST(order_of_arrival_is_the_order_of_hand_over)
{
	setup();
	ck_assert(crash_runs_to_its_end(0, live));
	struct timespec last = {0};
	for (size_t i = 0; i < N_MESSAGES; i++) {
		char hex[33];
		char name[100];
		struct stat status;
		Rivergate__V1__Header *header =
			rivergate__v1__header__unpack(NULL, headers[i].len, headers[i].data);

		text_hex(bytes_of(header->id.data, 16), hex);
		rivergate__v1__header__free_unpacked(header, NULL);
		snprintf(name, sizeof(name), "in/la.customs-%s.json", hex);
		ck_assert_int_eq(stat(at(name), &status), 0);
		bool is_later = status.st_ctim.tv_sec > last.tv_sec ||
			(status.st_ctim.tv_sec == last.tv_sec &&
				status.st_ctim.tv_nsec >= last.tv_nsec);
		ck_assert(is_later);
		last = status.st_ctim;
	}
	teardown();
}
END_TEST

START_TEST(second_delivery_is_known_and_not_handed_over)
{
	setup();
	ck_assert(crash_runs_to_its_end(0, live));
	take_all();
	struct adapter *adapter = open_adapter();
	deliver_all(adapter);
	ck_assert_ptr_null(inbox_first(adapter->inbox));
	close_adapter(adapter);
	ck_assert_uint_eq(count_files("in"), 0);
	teardown();
}
END_TEST

START_TEST(file_of_a_forgotten_life_is_not_handed_over_again)
{
	setup();
	ck_assert(crash_runs_to_its_end(0, live));
	take_all();
	crash_remove_tree(at("state"));
	ck_assert(crash_runs_to_its_end(0, live));
	ck_assert_uint_eq(count_files("in"), 0);
	ck_assert_uint_eq(count_files("state/set-aside"), (size_t)3 * N_MESSAGES);
	teardown();
}
END_TEST

/* A disk that is full at one step, then no longer. */
static void live_with_full_disk(void)
{
	struct adapter *adapter = open_adapter();
	bool goes_on = true;

	for (unsigned tries = 0; goes_on && tries < 20; tries++) {
		for (size_t i = 0; i < N_MESSAGES; i++) {
			const struct inbox_delivery delivery = {.header = buf_view(&headers[i]),
				.envelope = buf_view(&envelopes[i]),
				.proof = bytes_of_text("proof")};
			struct inbox_entry *entry = NULL;
			bool is_new = false;

			(void)!inbox_store(adapter->inbox, &delivery, &entry, &is_new);
		}
		if (inbox_sync(adapter->inbox) == RG_OK &&
			handover_round(adapter, &goes_on) != RG_OK) {
			goes_on = true;
		}
		if (ledger_is_broken(adapter->ledger)) {
			_exit(CRASH_STATUS); /* the program ends there, and starts again */
		}
	}
	close_adapter(adapter);
}

/* Translates every declaration with a plug-in that aborts. */
static struct adapter *open_crashing(struct settings_handover *row)
{
	const struct translator_limits limits = {.cpu_s = 5, .memory_mib = 256};
	struct translator *translator = NULL;
	char plugins[512];

	snprintf(plugins, sizeof(plugins), "%s/tests/unit", getenv("RIVERGATE_BUILD"));
	setenv("RIVERGATE_PLUGINS", plugins, 1);
	ck_assert_int_eq(translator_start(&limits, &translator), RG_OK);
	struct adapter *adapter = open_adapter();
	*row = (struct settings_handover){.kind = "DECLARATION",
		.purpose = "",
		.format = "crasher-abort"};
	adapter->settings->handover = (struct conf_list){.items = row, .n_items = 1};
	adapter->translator = translator;
	return adapter;
}

START_TEST(three_crashes_of_a_plugin_set_a_delivery_aside)
{
	struct settings_handover row;
	bool goes_on = true;
	unsigned rounds = 0;

	kind = RIVERGATE__V1__KIND__KIND_DECLARATION;
	part_name = "customs";
	setup();
	struct adapter *adapter = open_crashing(&row);
	deliver_all(adapter);
	ck_assert_int_eq(handover_round(adapter, &goes_on), RG_OK);
	ck_assert_uint_eq(inbox_first(adapter->inbox)->n_crashes, 1);
	translator_stop(adapter->translator);
	close_adapter(adapter);
	/* The count survives a restart. */
	adapter = open_crashing(&row);
	ck_assert_uint_eq(inbox_first(adapter->inbox)->n_crashes, 1);
	for (rounds = 0; goes_on && rounds < 20; rounds++) {
		ck_assert_int_eq(handover_round(adapter, &goes_on), RG_OK);
	}
	ck_assert_uint_le(rounds, 3 * N_MESSAGES);
	ck_assert_ptr_null(inbox_first(adapter->inbox));
	translator_stop(adapter->translator);
	close_adapter(adapter);
	ck_assert_uint_eq(count_files("in"), 0);
	ck_assert_uint_eq(count_files("state/set-aside"), (size_t)3 * N_MESSAGES);
	check_acknowledgements(0);
	teardown();
}
END_TEST

static unsigned full_at;

static void live_full_at(void)
{
	crash_arm(0, full_at);
	live_with_full_disk();
}

START_TEST(full_disk_at_any_step_loses_and_doubles_nothing)
{
	for (full_at = 1; full_at < 80; full_at++) {
		setup();
		/* Opening may fail outright: the program ends with exit 3 there. */
		pid_t pid = fork();
		if (pid == 0) {
			live_full_at();
			_exit(0);
		}
		waitpid(pid, NULL, 0);
		take_all();
		ck_assert(crash_runs_to_its_end(0, live));
		take_all();
		check_once(full_at, 0);
		teardown();
	}
}
END_TEST

/* A message of the router: a header with its signature, without parts. */
static void store_derived(struct adapter *adapter, Rivergate__V1__Kind derived_kind)
{
	scoped(buf_deinit) struct buf header = {0};
	scoped(buf_deinit) struct buf signature = {0};
	scoped(buf_deinit) struct buf envelope = {0};
	Rivergate__V1__Header message = RIVERGATE__V1__HEADER__INIT;
	char *to[] = {"cn.gacc"};
	uint8_t id[16] = {(uint8_t)derived_kind, 0, 0, 0, 0, 0, 0x80, 0, 0x80};

	message.id = (ProtobufCBinaryData){sizeof(id), id};
	message.from = "router.one";
	message.to = to;
	message.n_to = 1;
	message.kind = derived_kind;
	message.ucr = "UCR-1";
	ck_assert_int_eq(pack_append(&message.base, &header), RG_OK);
	const struct rg_bytes view = buf_view(&header);

	ck_assert_int_eq(signature_sign(key, &view, 1, &signature), RG_OK);
	const struct submit_envelope file = {.header = view, .signature = buf_view(&signature)};

	ck_assert_int_eq(submit_envelope_write(&file, &envelope), RG_OK);
	const struct inbox_delivery delivery = {.header = view,
		.envelope = buf_view(&envelope),
		.index = 7,
		.is_derived = true};
	struct inbox_entry *entry = NULL;
	bool is_new = false;

	ck_assert_int_eq(inbox_store(adapter->inbox, &delivery, &entry, &is_new), RG_OK);
	ck_assert(is_new);
	ck_assert_int_eq(inbox_sync(adapter->inbox), RG_OK);
}

START_TEST(what_the_router_says_is_handed_over_and_not_acknowledged)
{
	static const struct {
		Rivergate__V1__Kind kind;
		const char *name;
	} cases[] = {
		{RIVERGATE__V1__KIND__KIND_PLAN, "plan"},
		{RIVERGATE__V1__KIND__KIND_STATUS, "status"},
		{RIVERGATE__V1__KIND__KIND_REMINDER, "reminder"},
		{RIVERGATE__V1__KIND__KIND_EXPIRY, "expiry"},
	};

	setup();
	struct adapter *adapter = open_adapter();

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool goes_on = true;
		char name[100];

		/* Kept and not handed over where the national system does not want it. */
		adapter->settings->handover_answers = i != 1;
		store_derived(adapter, cases[i].kind);
		for (unsigned round = 0; goes_on && round < ROUNDS_MAX; round++) {
			ck_assert_int_eq(handover_round(adapter, &goes_on), RG_OK);
		}
		ck_assert_ptr_null(inbox_first(adapter->inbox));
		snprintf(name, sizeof(name), "in/router.one-%02x0000000000800080%014x.%s.json",
			(unsigned)cases[i].kind, 0, cases[i].name);
		ck_assert_msg((access(at(name), F_OK) == 0) == (i != 1), "%s", name);
	}
	ck_assert_uint_eq(outbox_length(adapter->outbox), 0);
	ck_assert_uint_eq(count_files("state/set-aside"), 0);
	close_adapter(adapter);
	teardown();
}
END_TEST

CHECK_MAIN("connector_handover", every_delivery_is_handed_over_once_through_a_crash_at_any_step,
	national_system_that_moves_files_meanwhile_gets_each_once,
	what_cannot_be_known_is_set_aside_and_never_handed_over_again,
	system_that_honours_keys_gets_each_once_through_a_crash_at_any_step,
	system_that_honours_no_keys_gets_none_twice_through_a_crash_at_any_step,
	system_that_went_down_between_intent_and_done_sets_aside,
	order_of_arrival_is_the_order_of_hand_over, second_delivery_is_known_and_not_handed_over,
	file_of_a_forgotten_life_is_not_handed_over_again,
	three_crashes_of_a_plugin_set_a_delivery_aside,
	full_disk_at_any_step_loses_and_doubles_nothing,
	what_the_router_says_is_handed_over_and_not_acknowledged)
