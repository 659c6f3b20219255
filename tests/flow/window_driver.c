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

struct driver {
	struct trust *trust;
	struct memory *memory;
	struct rules_store store;
	struct window *window;
	struct arena *arena; /* of one command */
	int64_t now_us;      /* of the last record */
	uint8_t input[COMMAND_MAX];
	size_t len;
};

static void driver_deinit(struct driver *driver)
{
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
	rg_err err = memory_new(&driver->memory);
	if (err) {
		return err;
	}
	driver->store = memory_store(driver->memory);
	return start_window(driver);
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
	return window_apply(driver->window, &record, driver->arena, &result);
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
