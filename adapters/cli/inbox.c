/*
 * rivergate inbox: what is addressed to a party
 *
 * Threads: one, and the client library's own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/party.h"
#include "cli/show.h"
#include "cli/verb.h"

#define LIMIT_DEFAULT 100
#define LIMIT_MAX     10000

struct options {
	struct party_choice party;
	int64_t limit;
	int64_t before;
};

static const struct argument_row rows[] = {
	PARTY_ROWS(struct options, party),
	{.name = "limit",
		.type = ARGUMENT_NUMBER,
		.offset = offsetof(struct options, limit),
		.value = "N",
		.min = 1,
		.max = LIMIT_MAX,
		.help = "at most so many, the newest first"},
	{.name = "before",
		.type = ARGUMENT_NUMBER,
		.offset = offsetof(struct options, before),
		.value = "INDEX",
		.min = 0,
		.max = INT64_MAX,
		.help = "only records before this one"},
	{.name = NULL},
};

static const struct argument_form form = {
	.verb = "inbox",
	.about = "Lists the messages addressed to a party, with the state of each delivery, and "
		 "whose\n"
		 "turn it is on each leg of the consignment.",
	.example = "rivergate inbox --as cn.gacc.mohan",
	.rows = rows,
};

/* The router answers with all that concerns the party; what it sent itself is not its in-tray. */
static bool is_for(const Rivergate__V1__Tracked *message, const char *party, struct arena *arena)
{
	const Rivergate__V1__Header *header = show_read_header(message, arena);

	for (size_t i = 0; i < message->n_deliveries; i++) {
		if (strcmp(message->deliveries[i]->to, party) == 0) {
			return true;
		}
	}
	return !header || strcmp(header->from, party) != 0;
}

static void keep_inbox(Rivergate__V1__Answer *answer, const char *party, struct arena *arena)
{
	size_t n = 0;

	for (size_t i = 0; i < answer->n_messages; i++) {
		if (is_for(answer->messages[i], party, arena)) {
			answer->messages[n++] = answer->messages[i];
		}
	}
	answer->n_messages = n;
}

/* --- Whose turn it is ------------------------------------------------------------------------ */

/* Consignments of the messages, each once. */
struct turns {
	Rivergate__V1__ConsignmentView *items[LIMIT_MAX];
	size_t n;
	const char *asked[LIMIT_MAX]; /* UCRs */
	size_t n_asked;
};

static bool is_asked(const struct turns *turns, const char *ucr)
{
	for (size_t i = 0; i < turns->n_asked; i++) {
		if (strcmp(turns->asked[i], ucr) == 0) {
			return true;
		}
	}
	return false;
}

static rg_err ask_turn(struct rg_client *client, int64_t timeout_s, const char *ucr,
	struct arena *arena, struct turns *turns)
{
	Rivergate__V1__Query query = RIVERGATE__V1__QUERY__INIT;
	Rivergate__V1__TrackQuery track = RIVERGATE__V1__TRACK_QUERY__INIT;
	const struct party_question question = {&query, timeout_s, NULL};
	Rivergate__V1__Answer *answer = NULL;

	turns->asked[turns->n_asked++] = ucr;
	track.key = (char *)(uintptr_t)ucr;
	track.limit = 1;
	query.what_case = RIVERGATE__V1__QUERY__WHAT_TRACK;
	query.track = &track;
	rg_err err = party_ask(client, &question, arena, &answer);

	if (!err && answer && answer->n_consignments == 1) {
		turns->items[turns->n++] = answer->consignments[0];
	}
	return err || answer ? err : RG_E_IO;
}

static rg_err ask_turns(struct rg_client *client, int64_t timeout_s,
	const Rivergate__V1__Answer *answer, struct arena *arena, struct turns *turns)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < answer->n_messages; i++) {
		const Rivergate__V1__Header *header = show_read_header(answer->messages[i], arena);

		if (header && header->ucr[0] && turns->n_asked < LIMIT_MAX &&
			!is_asked(turns, header->ucr)) {
			err = ask_turn(client, timeout_s, header->ucr, arena, turns);
		}
	}
	return err;
}

static int show_inbox(const struct show_list *list)
{
	int exit_code = show_answer("inbox", list);
	/* An empty in-tray is an answer, and a good one. */
	return exit_code == VERB_ANSWERED_NO && !list->answer->error[0] ? VERB_DONE : exit_code;
}

int verb_inbox(int argc, char **argv)
{
	struct options options = {.party.timeout_s = PARTY_TIMEOUT_S, .limit = LIMIT_DEFAULT};
	struct arguments arguments;
	int exit_code = arguments_read(&form, argc, argv, &options, &arguments);
	scoped(party_close) struct party_opened opened = {0};
	scoped(arena_freep) struct arena *arena = arena_new(0);
	Rivergate__V1__Query query = RIVERGATE__V1__QUERY__INIT;
	Rivergate__V1__InboxQuery inbox = RIVERGATE__V1__INBOX_QUERY__INIT;
	Rivergate__V1__Answer *answer = NULL;

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	if (!arena) {
		return VERB_COULD_NOT;
	}
	exit_code = party_open(&options.party, false, &opened);
	if (exit_code != VERB_DONE) {
		return exit_code;
	}
	inbox.limit = (uint32_t)options.limit;
	inbox.before_index = (uint64_t)options.before;
	query.what_case = RIVERGATE__V1__QUERY__WHAT_INBOX;
	query.inbox = &inbox;
	struct rg_witnessed witnessed = {0};
	const struct party_question question = {&query, options.party.timeout_s, &witnessed};
	if (party_ask(opened.client, &question, arena, &answer) || !answer) {
		return VERB_COULD_NOT;
	}
	keep_inbox(answer, opened.party->address, arena);
	scoped(freep) struct turns *turns = calloc(1, sizeof(*turns));

	if (!turns || ask_turns(opened.client, options.party.timeout_s, answer, arena, turns)) {
		return VERB_COULD_NOT;
	}
	return show_inbox(&(struct show_list){.answer = answer,
		.arena = arena,
		.wants_json = arguments.wants_json,
		.witnessed = &witnessed,
		.consignments = turns->items,
		.n_consignments = turns->n});
}
