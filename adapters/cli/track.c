/*
 * rivergate track: where a consignment is
 *
 * --follow asks again every two seconds and prints what has changed. SIGINT and SIGTERM are
 * blocked meanwhile and looked for between two questions, so that the session ends in order.
 * Threads: one, and the client library's own.
 */
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "base/buf.h"
#include "cli/party.h"
#include "cli/show.h"
#include "cli/show_consignment.h"
#include "cli/verb.h"
#include "wire/pack.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX     10000
#define FOLLOW_S      2

struct options {
	struct party_choice party;
	int64_t limit;
	bool wants_to_follow;
	bool wants_why;
};

static const struct argument_row rows[] = {
	PARTY_ROWS(struct options, party),
	{.name = "limit",
		.type = ARGUMENT_NUMBER,
		.offset = offsetof(struct options, limit),
		.value = "N",
		.min = 1,
		.max = LIMIT_MAX,
		.help = "at most so many messages"},
	{.name = "follow",
		.type = ARGUMENT_FLAG,
		.offset = offsetof(struct options, wants_to_follow),
		.help = "go on until interrupted, printing what changes; exit 0 then"},
	{.name = "why",
		.type = ARGUMENT_FLAG,
		.offset = offsetof(struct options, wants_why),
		.help = "authorities of each leg with rule, profile, record and law; with --json "
			"an "
			"object with consignments and messages"},
	{.name = NULL},
};

static const struct argument_form form = {
	.verb = "track",
	.operands = "KEY",
	.min_operands = 1,
	.max_operands = 1,
	.about =
		"Shows a consignment as the party may see it: whose turn it is on each leg, since\n"
		"when and why, what holds the truck, and the messages on it that the party sent or "
		"receives. KEY is a "
		"UCR,\n"
		"a message id, a plate, a container, a seal, or a national number as "
		"CC/office/year/number.\n"
		"Exit 1: nothing is known under KEY.",
	.example = "rivergate track --as la.customs.boten LA-06-2026-E-1234",
	.rows = rows,
};

/* One question and its answer. */
struct tracking {
	struct rg_client *client;
	struct party_question question;
	bool wants_json;
	bool wants_why;
	struct rg_witnessed witnessed;
};

static void show_consignments(const struct tracking *tracking, const Rivergate__V1__Answer *answer)
{
	for (size_t i = 0; !tracking->wants_json && i < answer->n_consignments; i++) {
		show_consignment(answer->consignments[i], tracking->wants_why);
	}
	if (!tracking->wants_json && answer->movement) {
		show_movement(answer->movement);
	}
}

/* Consignments and messages in one object. */
static int show_whole(const struct show_list *list)
{
	const Rivergate__V1__Answer *answer = list->answer;
	json_t *consignments = json_array();

	for (size_t i = 0; i < answer->n_consignments; i++) {
		(void)json_array_append_new(consignments,
			show_consignment_json(answer->consignments[i]));
	}
	int exit_code = show_json(json_pack("{s:o, s:o, s:o}", "consignments", consignments,
		"movement", answer->movement ? show_movement_json(answer->movement) : json_null(),
		"messages", show_messages_json(list)));

	return exit_code || answer->n_messages || answer->n_consignments ? exit_code
									 : VERB_ANSWERED_NO;
}

/* A message id is no name of a consignment: that of the message is asked for. */
static rg_err ask_consignment(struct tracking *tracking, struct arena *arena,
	Rivergate__V1__Answer *answer)
{
	const Rivergate__V1__Header *header = answer->n_messages == 1 && !answer->n_consignments
		? show_read_header(answer->messages[0], arena)
		: NULL;
	Rivergate__V1__Query query = RIVERGATE__V1__QUERY__INIT;
	Rivergate__V1__TrackQuery track = RIVERGATE__V1__TRACK_QUERY__INIT;
	const struct party_question question = {&query, tracking->question.timeout_s, NULL};
	Rivergate__V1__Answer *about = NULL;

	if (!header || !header->ucr[0]) {
		return RG_OK;
	}
	track.key = header->ucr;
	track.limit = 1;
	query.what_case = RIVERGATE__V1__QUERY__WHAT_TRACK;
	query.track = &track;
	rg_err err = party_ask(tracking->client, &question, arena, &about);

	if (!err && about) {
		answer->consignments = about->consignments;
		answer->n_consignments = about->n_consignments;
	}
	return err;
}

/* Asks once; prints unless the answer is the one in `last`, which is replaced. */
static int ask_once(struct tracking *tracking, struct buf *last)
{
	scoped(arena_freep) struct arena *arena = arena_new(0);
	scoped(buf_deinit) struct buf packed = {0};
	Rivergate__V1__Answer *answer = NULL;

	if (!arena || party_ask(tracking->client, &tracking->question, arena, &answer) || !answer ||
		ask_consignment(tracking, arena, answer)) {
		return VERB_COULD_NOT;
	}
	answer->number = 0;
	if (pack_append(&answer->base, &packed)) {
		return VERB_COULD_NOT;
	}
	if (last->len && bytes_equal(buf_view(&packed), buf_view(last))) {
		return VERB_DONE;
	}
	buf_clear(last);
	buf_add_bytes(last, buf_view(&packed));
	const struct show_list list = {.answer = answer,
		.arena = arena,
		.wants_json = tracking->wants_json,
		.witnessed = &tracking->witnessed};

	show_consignments(tracking, answer);
	if (tracking->wants_json && tracking->wants_why && !answer->error[0]) {
		return show_whole(&list);
	}
	int exit_code = show_answer("track", &list);
	return exit_code == VERB_ANSWERED_NO && answer->n_consignments ? VERB_DONE : exit_code;
}

/* What ends --follow. */
static sigset_t interrupts(void)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGINT);
	(void)sigaddset(&set, SIGTERM);
	return set;
}

static int follow(struct tracking *tracking, struct buf *last)
{
	const sigset_t ends = interrupts();
	const struct timespec pause = {.tv_sec = FOLLOW_S};
	int exit_code = VERB_DONE;

	while (exit_code == VERB_DONE || exit_code == VERB_ANSWERED_NO) {
		exit_code = ask_once(tracking, last);
		(void)fflush(stdout);
		if (sigtimedwait(&ends, NULL, &pause) > 0) {
			return VERB_DONE;
		}
	}
	return exit_code;
}

int verb_track(int argc, char **argv)
{
	struct options options = {.party.timeout_s = PARTY_TIMEOUT_S, .limit = LIMIT_DEFAULT};
	struct arguments arguments;
	int exit_code = arguments_read(&form, argc, argv, &options, &arguments);
	scoped(party_close) struct party_opened opened = {0};
	scoped(buf_deinit) struct buf last = {0};
	Rivergate__V1__Query query = RIVERGATE__V1__QUERY__INIT;
	Rivergate__V1__TrackQuery track = RIVERGATE__V1__TRACK_QUERY__INIT;

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	if (options.wants_to_follow) {
		const sigset_t ends = interrupts();

		/* Before the client library starts threads: they inherit it. */
		(void)pthread_sigmask(SIG_BLOCK, &ends, NULL);
	}
	exit_code = party_open(&options.party, false, &opened);
	if (exit_code != VERB_DONE) {
		return exit_code;
	}
	track.key = arguments.operands[0];
	track.limit = (uint32_t)options.limit;
	query.what_case = RIVERGATE__V1__QUERY__WHAT_TRACK;
	query.track = &track;
	struct tracking tracking = {
		.client = opened.client,
		.question = {&query, options.party.timeout_s, NULL},
		.wants_json = arguments.wants_json,
		.wants_why = options.wants_why,
	};
	tracking.question.witnessed = &tracking.witnessed;
	return options.wants_to_follow ? follow(&tracking, &last) : ask_once(&tracking, &last);
}
