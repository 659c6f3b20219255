/*
 * The window's rules alone: records and questions from standard input, views to standard output
 *
 *     window_driver REGISTRY DIRECTORIES PIN
 *
 * For window_journals.py, which feeds thousands of journals and compares. Each command is a byte
 * and the length of what follows (32 bits); integers are big-endian:
 *
 *     N                     a new journal: no rows, no consignments
 *     S                     the window starts again on the rows that it has
 *     R index, time, header a record, 64 bits each; no header: a TICK
 *     Q ucr NUL party       a question; the answer is plan, status, a ConsignmentView of
 *                           declarations alone, and the movement, each with its length (32
 *                           bits; all ones: the party sees none)
 *
 * What a party sees when it asks must be what it was told last, or the driver ends.
 *
 * Method: one trust from the files of a federation, rows in memory. Exit 0 at the end of the
 * input, 2 usage, 3 anything else.
 * Threads: one.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "rules/memory.h"
#include "rules/window.h"
#include "wire/pack.h"
#include "wire/scan.h"

#define COMMAND_MAX 65536
#define RECORD_HEAD 16
#define NOTHING     UINT32_MAX

/* What a party was told last about a consignment, packed; the plan without why it came. */
struct told {
	char *ucr;
	char *party;
	struct buf plan;
	struct buf status;
};

struct driver {
	struct told *told;
	size_t n_told;
	struct trust *trust;
	struct memory *memory;
	struct rules_store store;
	struct window *window;
	struct arena *arena; /* of one command */
	int64_t now_us;      /* of the last record */
	uint8_t input[COMMAND_MAX];
	size_t len;
};

static void forget_told(struct driver *driver)
{
	for (size_t i = 0; i < driver->n_told; i++) {
		free(driver->told[i].ucr);
		free(driver->told[i].party);
		buf_deinit(&driver->told[i].plan);
		buf_deinit(&driver->told[i].status);
	}
	free(driver->told);
	driver->told = NULL;
	driver->n_told = 0;
}

static void driver_deinit(struct driver *driver)
{
	forget_told(driver);
	window_free(driver->window);
	memory_free(driver->memory);
	arena_free(driver->arena);
	trust_unref(driver->trust);
}
SCOPED_DEFINE_VALUE(struct driver, driver_deinit);

static uint64_t number(const uint8_t *bytes, size_t len)
{
	uint64_t value = 0;

	for (size_t i = 0; i < len; i++) {
		value = value << 8 | bytes[i];
	}
	return value;
}

static rg_err start_window(struct driver *driver)
{
	char origin_text[] = "rivergate.example/model";
	Rivergate__V1__Origin origin = RIVERGATE__V1__ORIGIN__INIT;
	struct derived_lineage lineage;

	window_free(driver->window);
	driver->window = NULL;
	rg_err err = window_new(&driver->store, "router.mekong", true, &driver->window);
	if (err) {
		return err;
	}
	origin.origin = origin_text;
	derived_lineage_of(&origin, &lineage);
	window_set_lineage(driver->window, &lineage);
	return RG_OK;
}

static rg_err start_journal(struct driver *driver)
{
	window_free(driver->window);
	driver->window = NULL;
	memory_free(driver->memory);
	driver->memory = NULL;
	forget_told(driver);
	rg_err err = memory_new(&driver->memory);
	if (err) {
		return err;
	}
	driver->store = memory_store(driver->memory);
	return start_window(driver);
}

/* NULL: nothing yet. */
static struct told *find_told(const struct driver *driver, const char *ucr, const char *party)
{
	for (size_t i = 0; i < driver->n_told; i++) {
		if (strcmp(driver->told[i].ucr, ucr) == 0 &&
			strcmp(driver->told[i].party, party) == 0) {
			return &driver->told[i];
		}
	}
	return NULL;
}

static rg_err add_told(struct driver *driver, const char *ucr, const char *party,
	struct told **ret_told)
{
	struct told *grown = realloc(driver->told, (driver->n_told + 1) * sizeof(*driver->told));

	if (!grown) {
		return RG_E_NOMEM;
	}
	driver->told = grown;
	*ret_told = &grown[driver->n_told];
	**ret_told = (struct told){.ucr = strdup(ucr), .party = strdup(party)};
	driver->n_told++;
	return (*ret_told)->ucr && (*ret_told)->party ? RG_OK : RG_E_NOMEM;
}

static rg_err pack_plan(const Rivergate__V1__PlanFacts *facts, struct buf *out)
{
	Rivergate__V1__PlanFacts plan = *facts;

	plan.change = RIVERGATE__V1__PLAN_FACTS__CHANGE__CHANGE_UNSPECIFIED;
	plan.cause_index = 0;
	buf_clear(out);
	return pack_append(&plan.base, out);
}

static rg_err keep_told(struct driver *driver, const struct window_told *message)
{
	struct scan_answer answer = {.is_ok = false};
	ProtobufCMessage *unpacked = NULL;
	rg_err err = scan_unpack(&rivergate__v1__header__descriptor, message->header, driver->arena,
		&answer, &unpacked);
	const Rivergate__V1__Header *header = (const Rivergate__V1__Header *)unpacked;
	struct told *told = header ? find_told(driver, header->ucr, message->to) : NULL;

	if (err || !header) {
		return err ? err : RG_E_FORMAT;
	}
	if (!told) {
		err = add_told(driver, header->ucr, message->to, &told);
	}
	if (!err && header->facts_case == RIVERGATE__V1__HEADER__FACTS_PLAN) {
		err = pack_plan(header->plan, &told->plan);
	}
	if (!err && header->facts_case == RIVERGATE__V1__HEADER__FACTS_STATUS) {
		buf_clear(&told->status);
		err = pack_append(&header->status->base, &told->status);
	}
	return err;
}

/* Of what takes part: the same as it was told. */
static rg_err check_told(const struct driver *driver, const struct window_question *question,
	const Rivergate__V1__PlanFacts *plan, const Rivergate__V1__StatusFacts *status)
{
	const struct told *told = find_told(driver, question->ucr, question->party);
	scoped(buf_deinitv) struct buf plan_now = {.data = NULL};
	scoped(buf_deinitv) struct buf status_now = {.data = NULL};
	rg_err err = pack_plan(plan, &plan_now);

	err = err ? err : pack_append(&status->base, &status_now);
	if (err || !question->party[0] || plan->n_legs == 0) {
		return err;
	}
	if (told && bytes_equal(buf_view(&told->plan), buf_view(&plan_now)) &&
		bytes_equal(buf_view(&told->status), buf_view(&status_now))) {
		return RG_OK;
	}
	(void)fprintf(stderr, "%s sees another plan or status of %s than it was told last\n",
		question->party, question->ucr);
	return RG_E_FORMAT;
}

static rg_err take_record(struct driver *driver)
{
	static const uint8_t hash[32] = {0};
	struct window_result result;
	struct scan_answer answer;
	ProtobufCMessage *header = NULL;

	if (driver->len < RECORD_HEAD) {
		return RG_E_FORMAT;
	}
	const struct rg_bytes packed = {driver->input + RECORD_HEAD, driver->len - RECORD_HEAD};

	if (packed.len > 0) {
		rg_err err = scan_unpack(&rivergate__v1__header__descriptor, packed, driver->arena,
			&answer, &header);
		if (err) {
			return err;
		}
		if (!answer.is_ok) {
			(void)fprintf(stderr, "header: %s: %s\n", answer.path, answer.rule);
			return RG_E_FORMAT;
		}
	}
	driver->now_us = (int64_t)number(driver->input + 8, 8);
	const struct window_record record = {
		.index = number(driver->input, 8),
		.time_us = driver->now_us,
		.header = (const Rivergate__V1__Header *)header,
		.header_hash = header ? hash : NULL,
		.trust = driver->trust,
	};
	rg_err err = window_apply(driver->window, &record, driver->arena, &result);

	for (size_t i = 0; !err && i < result.n_told; i++) {
		err = keep_told(driver, &result.told[i]);
	}
	return err;
}

static rg_err write_message(const ProtobufCMessage *message)
{
	scoped(buf_deinitv) struct buf out = {.data = NULL};
	scoped(buf_deinitv) struct buf packed = {.data = NULL};

	if (message) {
		rg_err err = pack_append(message, &packed);
		if (err) {
			return err;
		}
	}
	buf_add_u32(&out, message ? (uint32_t)packed.len : NOTHING);
	buf_add_bytes(&out, buf_view(&packed));
	return fwrite(out.data, 1, out.len, stdout) == out.len ? RG_OK : RG_E_IO;
}

/* Declarations each for itself, and what the consignment travels with. */
static rg_err answer_load(struct driver *driver, const struct window_question *question)
{
	Rivergate__V1__ConsignmentView view = RIVERGATE__V1__CONSIGNMENT_VIEW__INIT;
	Rivergate__V1__MovementView *movement = NULL;
	const struct window_movement about = {
		.ucrs = &question->ucr,
		.n_ucrs = 1,
		.party = question->party,
		.trust = question->trust,
		.now_us = question->now_us,
	};
	rg_err err = window_declarations(driver->window, question, driver->arena,
		&view.declarations, &view.n_declarations);

	err = err ? err : write_message(&view.base);
	err = err ? err : window_movement(driver->window, &about, driver->arena, &movement);
	return err ? err : write_message(movement ? &movement->base : NULL);
}

/* Whoever has been told of the consignment, and still takes part. */
static rg_err check_others(struct driver *driver, const char *ucr)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < driver->n_told; i++) {
		const struct window_question question = {
			.ucr = driver->told[i].ucr,
			.party = driver->told[i].party,
			.trust = driver->trust,
			.now_us = driver->now_us,
		};
		Rivergate__V1__PlanFacts *plan = NULL;
		Rivergate__V1__StatusFacts *status = NULL;

		if (strcmp(question.ucr, ucr) != 0) {
			continue;
		}
		err = window_view(driver->window, &question, driver->arena, &plan, &status);
		err = err || !plan || !status ? err : check_told(driver, &question, plan, status);
	}
	return err;
}

static rg_err answer_question(struct driver *driver)
{
	const char *ucr = (const char *)driver->input;
	Rivergate__V1__PlanFacts *plan = NULL;
	Rivergate__V1__StatusFacts *status = NULL;

	/* take_command() has put a NUL behind the input. */
	if (strlen(ucr) >= driver->len) {
		return RG_E_FORMAT;
	}
	const struct window_question question = {
		.ucr = ucr,
		.party = ucr + strlen(ucr) + 1,
		.trust = driver->trust,
		.now_us = driver->now_us,
	};
	rg_err err = window_view(driver->window, &question, driver->arena, &plan, &status);

	err = err || !plan || !status ? err : check_told(driver, &question, plan, status);
	err = err ? err : check_others(driver, ucr);
	err = err ? err : write_message(plan && status ? &plan->base : NULL);
	err = err ? err : write_message(plan && status ? &status->base : NULL);
	return err ? err : answer_load(driver, &question);
}

static rg_err obey(struct driver *driver, int command)
{
	static const struct {
		int command;
		rg_err (*act)(struct driver *driver);
	} acts[] = {
		{'N', start_journal},
		{'S', start_window},
		{'R', take_record},
		{'Q', answer_question},
	};

	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		if (acts[i].command == command) {
			return acts[i].act(driver);
		}
	}
	return RG_E_FORMAT;
}

/* Reads what follows the command's byte, and a NUL behind it. */
static bool take_command(struct driver *driver)
{
	uint8_t head[4];

	if (fread(head, 1, sizeof(head), stdin) != sizeof(head)) {
		return false;
	}
	driver->len = (size_t)number(head, sizeof(head));
	if (driver->len >= COMMAND_MAX) {
		return false;
	}
	driver->input[driver->len] = 0;
	return fread(driver->input, 1, driver->len, stdin) == driver->len;
}

static int serve(struct driver *driver)
{
	for (int command = getchar(); command != EOF; command = getchar()) {
		rg_err err = take_command(driver) ? obey(driver, command) : RG_E_FORMAT;

		if (err) {
			(void)fprintf(stderr, "command %c: error %d\n", command, err);
			return 3;
		}
		arena_reset(driver->arena);
	}
	return fflush(stdout) == 0 ? 0 : 3;
}

int main(int argc, char **argv)
{
	scoped(driver_deinitv) struct driver driver = {.len = 0};
	struct governance_answer answer = {.is_ok = true};
	uint8_t pin[32];

	if (argc != 4 || !text_unhex(argv[3], pin, sizeof(pin))) {
		(void)fputs("usage: window_driver REGISTRY DIRECTORIES PIN\n", stderr);
		return 2;
	}
	if (trust_load(argv[1], argv[2], pin, &driver.trust, &answer) || !driver.trust) {
		(void)fprintf(stderr, "%s: %s\n", answer.path, answer.text);
		return 3;
	}
	driver.arena = arena_new(0);
	return !driver.arena || start_journal(&driver) ? 3 : serve(&driver);
}
