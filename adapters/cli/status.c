/*
 * rivergate status: how the router is (role operator)
 *
 * Threads: one, and the client library's own.
 */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "cli/party.h"
#include "cli/show.h"
#include "cli/status_state.h"
#include "cli/verb.h"

struct options {
	struct party_choice party;
	const char *state;
};

static const struct argument_row rows[] = {
	PARTY_ROWS(struct options, party),
	{.name = "state",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, state),
		.value = "DIR",
		.help = "state folder of an adapter: what it knows about its deliveries; asks "
			"nobody"},
	{.name = NULL},
};

static const struct argument_form form = {
	.verb = "status",
	.about = "Shows health, queues and destinations of the router. The party needs the role "
		 "OPERATOR.\n"
		 "With --state: what an adapter knows, among it deliveries that never came and\n"
		 "alarms; exit 1 when there are any.",
	.example = "rivergate status --as la.operations\n"
		   "rivergate status --state /var/lib/rivergate/la.customs.boten",
	.rows = rows,
};

/* Line by line, each escaped. */
static void print_note(const char *note)
{
	fputs("checkpoint\n", stdout);
	while (*note) {
		size_t len = strcspn(note, "\n");
		scoped(buf_deinit) struct buf line = {0};

		buf_add(&line, note, len);
		const char *text = buf_text(&line);
		fputs("  ", stdout);
		show_text(stdout, text ? text : "");
		putchar('\n');
		note += len + (note[len] == '\n');
	}
}

static void print_witnesses(const Rivergate__V1__RouterStatus *status)
{
	char time[SHOW_TIME_LEN];

	if (status->n_witnesses == 0) {
		puts("witnesses     none: the registry names no witness key");
		return;
	}
	printf("witnesses     %zu, quorum %u; witnessed up to record %llu%s%s\n",
		status->n_witnesses, status->witness_quorum,
		(unsigned long long)status->witnessed_size,
		status->unwitnessed ? "; ALARM: UNWITNESSED for more than a minute" : "",
		status->waiting ? "; WAITS for witnesses: signs and admits nothing" : "");
	for (size_t i = 0; i < status->n_witnesses; i++) {
		const Rivergate__V1__WitnessStatus *witness = status->witnesses[i];

		fputs("witness       ", stdout);
		show_text(stdout, witness->member);
		printf("  %s  cosigned size %llu at %s  lag %llu",
			witness->connected ? "connected" : "not connected",
			(unsigned long long)witness->size, show_time(witness->cosigned_at_us, time),
			(unsigned long long)witness->lag);
		if (witness->trouble[0]) {
			fputs("  ", stdout);
			show_text(stdout, witness->trouble);
		}
		putchar('\n');
	}
}

static void print_status(const Rivergate__V1__RouterStatus *status)
{
	char time[SHOW_TIME_LEN];

	fputs("version       ", stdout);
	show_text(stdout, status->version);
	printf("\nstarted       %s\n", show_time(status->started_at_us, time));
	printf("admitted      %llu since the start\n", (unsigned long long)status->admitted);
	printf("refused       %llu since the start\n", (unsigned long long)status->refused);
	printf("sessions      %llu\n", (unsigned long long)status->sessions);
	printf("queued        %llu, oldest %s\n", (unsigned long long)status->queued,
		show_time(status->oldest_queued_us, time));
	printf("set aside     %llu\n", (unsigned long long)status->set_aside);
	if (status->stamps) {
		printf("time-stamp    %s\n", show_time(status->stamped_at_us, time));
	}
	for (size_t i = 0; i < status->n_destinations; i++) {
		const Rivergate__V1__DestinationStatus *destination = status->destinations[i];

		fputs("destination   ", stdout);
		show_text(stdout, destination->address);
		printf("  %s  queued %llu  set aside %llu\n",
			destination->connected ? "connected" : "not connected",
			(unsigned long long)destination->queued,
			(unsigned long long)destination->set_aside);
	}
	print_witnesses(status);
	print_note(status->checkpoint);
}

static json_t *witnesses_json(const Rivergate__V1__RouterStatus *status)
{
	json_t *list = json_array();

	for (size_t i = 0; i < status->n_witnesses; i++) {
		const Rivergate__V1__WitnessStatus *witness = status->witnesses[i];

		(void)json_array_append_new(list,
			json_pack("{s:s, s:b, s:I, s:I, s:I, s:s}", "member", witness->member,
				"connected", witness->connected, "size", (json_int_t)witness->size,
				"cosignedAtUs", (json_int_t)witness->cosigned_at_us, "lag",
				(json_int_t)witness->lag, "trouble", witness->trouble));
	}
	return json_pack("{s:o, s:I, s:b, s:I, s:I, s:b}", "witnesses", list, "quorum",
		(json_int_t)status->witness_quorum, "waiting", status->waiting, "witnessedSize",
		(json_int_t)status->witnessed_size, "unwitnessedSinceUs",
		(json_int_t)status->unwitnessed_since_us, "unwitnessed", status->unwitnessed);
}

static json_t *status_json(const Rivergate__V1__RouterStatus *status)
{
	json_t *destinations = json_array();

	for (size_t i = 0; i < status->n_destinations; i++) {
		const Rivergate__V1__DestinationStatus *destination = status->destinations[i];

		(void)json_array_append_new(destinations,
			json_pack("{s:s, s:b, s:I, s:I}", "address", destination->address,
				"connected", destination->connected, "queued",
				(json_int_t)destination->queued, "setAside",
				(json_int_t)destination->set_aside));
	}
	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "version",
		status->version, "checkpoint", status->checkpoint, "startedAtUs",
		(json_int_t)status->started_at_us, "admitted", (json_int_t)status->admitted,
		"refused", (json_int_t)status->refused, "sessions", (json_int_t)status->sessions,
		"queued", (json_int_t)status->queued, "oldestQueuedUs",
		(json_int_t)status->oldest_queued_us, "setAside", (json_int_t)status->set_aside,
		"destinations", destinations, "witnessing", witnesses_json(status));
}

static int show_status(const Rivergate__V1__Answer *answer, bool wants_json)
{
	if (answer->error[0] || !answer->status) {
		fputs("rivergate status: ", stderr);
		show_text(stderr, answer->error[0] ? answer->error : "the router gave no status");
		fputc('\n', stderr);
		return VERB_ANSWERED_NO;
	}
	if (wants_json) {
		return show_json(status_json(answer->status));
	}
	print_status(answer->status);
	return VERB_DONE;
}

int verb_status(int argc, char **argv)
{
	struct options options = {.party.timeout_s = PARTY_TIMEOUT_S};
	struct arguments arguments;
	int exit_code = arguments_read(&form, argc, argv, &options, &arguments);
	scoped(party_close) struct party_opened opened = {0};
	scoped(arena_freep) struct arena *arena = arena_new(0);
	Rivergate__V1__Query query = RIVERGATE__V1__QUERY__INIT;
	Rivergate__V1__StatusQuery status = RIVERGATE__V1__STATUS_QUERY__INIT;
	Rivergate__V1__Answer *answer = NULL;

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	if (options.state) {
		return status_state(options.state, arguments.wants_json);
	}
	if (!arena) {
		return VERB_COULD_NOT;
	}
	exit_code = party_open(&options.party, false, &opened);
	if (exit_code != VERB_DONE) {
		return exit_code;
	}
	query.what_case = RIVERGATE__V1__QUERY__WHAT_STATUS;
	query.status = &status;
	const struct party_question question = {&query, options.party.timeout_s, NULL};
	if (party_ask(opened.client, &question, arena, &answer) || !answer) {
		return VERB_COULD_NOT;
	}
	return show_status(answer, arguments.wants_json);
}
