/*
 * rivergate submit: sign, submit, wait for receipts
 *
 * Method: files are given to the client library one after another; events are taken
 * whenever its window is full, and at the end until every message has its answer or
 * time is over. With --spool a message is on the disk before it counts as given, so
 * that no line is no failure.
 *
 * Threads: one, and the client library's own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/amend.h"
#include "cli/party.h"
#include "cli/sent.h"
#include "cli/show.h"
#include "cli/submit_file.h"
#include "cli/verb.h"
#include "host/condition.h"
#include "host/documents.h"
#include "host/legs.h"

#define TIMEOUT_S    60
#define CONNECT_US   3000000
#define FULL_WAIT_MS 1000
#define OPERANDS_MAX 100000

struct options {
	struct party_choice party;
	const char *format;
	const char *purpose;
	const char *lodged_by;
	const char *ucr;
	const char *kind;
	const char *out;
	struct argument_texts to;
	struct argument_texts legs;
	struct argument_texts conditions;
	struct argument_texts documents;
	bool wants_spool;
	bool amends;
};

static const struct argument_row rows[] = {
	PARTY_ROWS(struct options, party),
	{.name = "format",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, format),
		.value = "FMT",
		.help = "format of the files; else recognised by their content"},
	{.name = "purpose",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, purpose),
		.value = "P",
		.help = "advance, prefill or lodged-copy; else from the routes"},
	{.name = "lodged-by",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, lodged_by),
		.value = "WHO",
		.help = "authority-copy, nsw-for-trader or officer-for-trader"},
	{.name = "to",
		.type = ARGUMENT_TEXTS,
		.offset = offsetof(struct options, to),
		.value = "ADDRESS",
		.help = "recipient; may be repeated; else from the routes"},
	{.name = "leg",
		.type = ARGUMENT_TEXTS,
		.offset = offsetof(struct options, legs),
		.value = "LEG",
		.help = "leg that the file does not state, "
			"CC:REGIME[:OFFICE_IN[:OFFICE_OUT[:ETA]]]; "
			"may be repeated, in travel order; else from the routes"},
	{.name = "condition",
		.type = ARGUMENT_TEXTS,
		.offset = offsetof(struct options, conditions),
		.value = "C",
		.help = "state of the goods where the file does not say it, [HS:]CONDITION, such "
			"as "
			"FRESH or 0804:DRIED; may be repeated"},
	{.name = "document",
		.type = ARGUMENT_TEXTS,
		.offset = offsetof(struct options, documents),
		.value = "D",
		.help = "certificate that the goods rely on, TYPE:CC:NUMBER with the country of "
			"its "
			"issuer; may be repeated"},
	{.name = "ucr",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, ucr),
		.value = "UCR",
		.help = "consignment reference; else the document's own"},
	{.name = "kind",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, kind),
		.value = "K",
		.help = "declaration, or registry, directory, profile, revocation-list; or header: "
			"FILE is a header in JSON, of a kind without parts"},
	{.name = "amend",
		.type = ARGUMENT_FLAG,
		.offset = offsetof(struct options, amends),
		.help = "the files are newer versions of what this party declared under the same "
			"reference for the same purpose"},
	{.name = "out",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, out),
		.value = "DIR",
		.help = "where envelopes and receipts go (else STATE/sent)"},
	{.name = "spool",
		.type = ARGUMENT_FLAG,
		.offset = offsetof(struct options, wants_spool),
		.help = "store first; send now or, when there is no line, later"},
	{.name = NULL},
};

static const struct argument_form form = {
	.verb = "submit",
	.operands = "[FILE…]",
	.max_operands = OPERANDS_MAX,
	.about =
		"Translates, signs and submits files, waits for their receipts and stores envelope "
		"and\n"
		"receipt side by side. FILE is a national file, a canonical document (JSON) or an\n"
		"envelope (.rge). --spool without FILE sends what waits. Exit 1: something was "
		"refused.",
	.example = "rivergate submit --as la.customs.boten sad.xml\n"
		   "rivergate submit --as la.customs.boten --to cn.gacc.mohan --purpose advance "
		   "sad.xml\n"
		   "rivergate submit --as th.customs.chiangkhong --to cn.gacc.mohan --purpose "
		   "lodged-copy\n"
		   "    --leg LA:TRANSIT:LABTN --leg CN:IMPORT:8648 export.xml\n"
		   "rivergate submit --as la.customs.boten --amend sad-corrected.xml\n"
		   "rivergate submit --as la.customs.boten --spool",
	.rows = rows,
};

/* A run of the verb. */
struct submitting {
	struct rg_client *client;
	const char *party;
	const struct options *options;
	char *sent_dir; /* NULL: the spool stores receipts itself */
	bool wants_json;
	json_t *results; /* with --json */
	size_t n_given;
	size_t n_receipted;
	size_t n_refused;
	bool is_connected;
	bool is_distrusted;
};

/* --- Events ---------------------------------------------------------------------------------- */

static rg_err heed_receipt(struct submitting *run, const struct rg_event *event)
{
	char id[SHOW_ID_LEN];
	char time[SHOW_TIME_LEN];

	run->n_receipted++;
	(void)show_id(bytes_of(event->id, sizeof(event->id)), id);
	if (run->results) {
		(void)json_array_append_new(run->results,
			json_pack("{s:s, s:s, s:I, s:I}", "id", id, "verdict", "ADMITTED", "index",
				(json_int_t)event->index, "timeUs", (json_int_t)event->time_us));
	} else {
		printf("%s  record %llu  %s  ADMITTED\n", id, (unsigned long long)event->index,
			show_time(event->time_us, time));
		(void)fflush(stdout);
	}
	return run->sent_dir ? sent_store(run->client, run->sent_dir, id) : RG_OK;
}

static void heed_refusal(struct submitting *run, const struct rg_event *event)
{
	const char *verdict = show_enum(&rivergate__v1__verdict__descriptor, event->verdict);
	char id[SHOW_ID_LEN];
	char time[SHOW_TIME_LEN];

	run->n_refused++;
	(void)show_id(bytes_of(event->id, sizeof(event->id)), id);
	if (run->results) {
		(void)json_array_append_new(run->results,
			json_pack("{s:s, s:s, s:s, s:s, s:s, s:I}", "id", id, "verdict", verdict,
				"rule", event->rule, "field", event->field, "text", event->text,
				"timeUs", (json_int_t)event->time_us));
		return;
	}
	printf("%s  refused  %s  %s: ", id, show_time(event->time_us, time), verdict);
	show_text(stdout, event->rule);
	fputs(event->field[0] ? " at " : "", stdout);
	show_text(stdout, event->field);
	fputs(event->text[0] ? "; " : "", stdout);
	show_text(stdout, event->text);
	putchar('\n');
}

static rg_err heed(struct submitting *run, const struct rg_event *event)
{
	switch (event->type) {
	case RG_EVENT_RECEIPT:
		return heed_receipt(run, event);
	case RG_EVENT_REFUSAL:
		heed_refusal(run, event);
		return RG_OK;
	case RG_EVENT_CONNECTED:
		run->is_connected = true;
		return RG_OK;
	case RG_EVENT_ALARM:
		run->is_distrusted = true;
		arguments_complain(&form, "ALARM: %s", event->text);
		return RG_OK;
	case RG_EVENT_DISCONNECTED:
	case RG_EVENT_DELIVERY:
	case RG_EVENT_ANSWER:
	case RG_EVENT_FENCED:
	case RG_EVENT_MISSING:
	case RG_EVENT_WITNESSED:
	case RG_EVENT_UNWITNESSED:
		return RG_OK;
	}
	return RG_OK;
}

/* --- Waiting --------------------------------------------------------------------------------- */

/* Takes one event, if one comes in time. */
static rg_err take_event(struct submitting *run, int timeout_ms, bool *ret_is_taken)
{
	const struct rg_event *event = NULL;
	rg_err err = rg_client_next(run->client, timeout_ms, &event);

	*ret_is_taken = event != NULL;
	return !err && event ? heed(run, event) : err;
}

/* How long to wait for something more; 0: it is over. Without line the spool has done its work. */
static int64_t left_us(const struct submitting *run, int64_t started_us)
{
	bool gives_up_early = run->options->wants_spool && !run->is_connected;
	int64_t timeout_us = gives_up_early ? CONNECT_US : run->options->party.timeout_s * 1000000;
	int64_t left = started_us + timeout_us - clock_monotonic_us();

	return left > 0 && !run->is_distrusted && rg_client_waiting(run->client) ? left : 0;
}

static rg_err await_answers(struct submitting *run)
{
	int64_t started_us = clock_monotonic_us();
	int64_t left = 0;
	bool is_taken = false;
	rg_err err = RG_OK;

	while (!err && (left = left_us(run, started_us)) > 0) {
		err = take_event(run, (int)(left / 1000) + 1, &is_taken);
	}
	return err;
}

/* --- Giving ---------------------------------------------------------------------------------- */

/* The answer to a submission, other than TAKEN: makes room, or says what is wrong. */
static rg_err heed_answer(struct submitting *run, enum rg_submit_answer answer, const char *rule)
{
	bool is_taken = false;

	switch (answer) {
	case RG_SUBMIT_TAKEN:
		run->n_given++;
		return RG_OK;
	case RG_SUBMIT_FULL:
		return take_event(run, FULL_WAIT_MS, &is_taken);
	case RG_SUBMIT_WRONG:
		run->n_refused++;
		arguments_complain(&form, "not sent: %s", rule);
		return RG_OK;
	}
	return RG_OK;
}

static rg_err give_as_it_is(struct submitting *run, const struct rg_client_message *message)
{
	enum rg_submit_answer answer = RG_SUBMIT_FULL;
	const char *rule = NULL;
	uint8_t id[16];
	rg_err err = RG_OK;

	while (!err && answer == RG_SUBMIT_FULL && !run->is_distrusted) {
		err = rg_client_submit(run->client, message, &answer, id, &rule);
		err = err ? err : heed_answer(run, answer, rule);
	}
	return err;
}

/* One after the other: the question is answered when nothing else is waited for. */
static rg_err give_amendment(struct submitting *run, const struct rg_client_message *message)
{
	scoped(buf_deinit) struct buf header = {0};
	struct rg_client_message amendment = *message;
	const struct amend_question question = {
		.client = run->client,
		.party = run->party,
		.timeout_s = run->options->party.timeout_s,
		.header = message->header,
	};
	const char *problem = NULL;
	rg_err err = await_answers(run);

	if (!err) {
		err = amend_header(&question, &header, &problem);
	}
	if (!err && problem) {
		run->n_refused++;
		arguments_complain(&form, "not sent: %s", problem);
		return RG_OK;
	}
	amendment.header = buf_view(&header);
	return err ? err : give_as_it_is(run, &amendment);
}

static rg_err give_message(void *context, const struct rg_client_message *message)
{
	struct submitting *run = context;

	return run->options->amends ? give_amendment(run, message) : give_as_it_is(run, message);
}

static rg_err give_envelope(void *context, struct rg_bytes envelope)
{
	struct submitting *run = context;
	enum rg_submit_answer answer = RG_SUBMIT_FULL;
	const char *rule = NULL;
	uint8_t id[16];
	rg_err err = RG_OK;

	while (!err && answer == RG_SUBMIT_FULL && !run->is_distrusted) {
		err = rg_client_submit_envelope(run->client, envelope, &answer, id, &rule);
		err = err ? err : heed_answer(run, answer, rule);
	}
	return err;
}

static rg_err give_files(struct submitting *run, const struct party *party,
	const struct arguments *arguments, int *ret_exit)
{
	scoped(plugin_set_closep) struct plugin_set *plugins = NULL;
	const struct submit_sink sink = {give_message, give_envelope, run};
	rg_err err = plugin_set_open(&plugins);
	char country[3];
	const struct submit_file_options options = {
		.format = run->options->format,
		.kind = run->options->kind,
		.purpose = run->options->purpose,
		.lodged_by = run->options->lodged_by,
		.ucr = run->options->ucr,
		.to = &run->options->to,
		.legs = &run->options->legs,
		.conditions = &run->options->conditions,
		.documents = &run->options->documents,
		.routes = &party->routes,
		.state = party->state,
		.plugins = plugins,
	};

	if (!err) {
		snprintf(country, sizeof(country), "%.2s", party->address);
		plugin_set_prefer(plugins, country);
	}
	for (size_t i = 0; i < arguments->n_operands && !err && !run->is_distrusted; i++) {
		int exit_code = VERB_DONE;

		err = submit_file(arguments->operands[i], &options, &sink, &exit_code);
		*ret_exit = exit_code ? exit_code : *ret_exit;
	}
	return err;
}

/* --- What came of it ------------------------------------------------------------------------- */

static int say_what_waits(const struct submitting *run)
{
	size_t waiting = rg_client_waiting(run->client);

	if (waiting == 0 || run->is_distrusted) {
		return run->is_distrusted ? VERB_COULD_NOT : VERB_DONE;
	}
	if (run->options->wants_spool) {
		fprintf(stderr,
			"rivergate submit: %zu stored durably, not sent yet; rivergate submit "
			"--spool sends them\n",
			waiting);
		return VERB_DONE;
	}
	arguments_complain(&form, "%zu without receipt: %s", waiting,
		run->is_connected
			? "the router did not answer in time"
			: "no connection; is the router running? --spool would have stored them");
	return VERB_COULD_NOT;
}

static int conclude(struct submitting *run, int exit_code)
{
	int waits = say_what_waits(run);

	if (run->results) {
		int shown = show_json(run->results);

		run->results = NULL;
		exit_code = shown ? shown : exit_code;
	}
	if (waits != VERB_DONE) {
		return waits;
	}
	return exit_code == VERB_DONE && run->n_refused ? VERB_ANSWERED_NO : exit_code;
}

/* --- The verb -------------------------------------------------------------------------------- */

static rg_err prepare(struct submitting *run, const struct party *party)
{
	if (run->wants_json) {
		run->results = json_array();
	}
	if (run->options->wants_spool && !run->options->out) {
		return RG_OK;
	}
	return sent_open(party, run->options->out, &run->sent_dir);
}

/* What is stated beside the files: options, and what a text of each must be. */
static const struct stated_row {
	const char *name;
	size_t offset;
	bool (*is_valid)(const char *text, const char **ret_problem);
} stated_rows[] = {
	{"leg", offsetof(struct options, legs), legs_is_valid},
	{"condition", offsetof(struct options, conditions), condition_is_valid},
	{"document", offsetof(struct options, documents), documents_is_valid},
};

static bool is_stated_well(const struct options *options, const struct stated_row *row)
{
	const struct argument_texts *texts = (const void *)((const uint8_t *)options + row->offset);
	const char *problem = NULL;

	for (size_t i = 0; i < texts->n_items; i++) {
		if (!row->is_valid(texts->items[i], &problem)) {
			arguments_complain(&form, "--%s '%s': %s", row->name, texts->items[i],
				problem);
			return false;
		}
	}
	if (texts->n_items && options->kind && strcasecmp(options->kind, "declaration") != 0 &&
		strcasecmp(options->kind, "amendment") != 0) {
		arguments_complain(&form, "--%s is for declarations; of --kind %s leave it out",
			row->name, options->kind);
		return false;
	}
	return true;
}

/* What is wrong has been said. */
static bool are_stated_well(const struct options *options)
{
	for (size_t i = 0; i < sizeof(stated_rows) / sizeof(stated_rows[0]); i++) {
		if (!is_stated_well(options, &stated_rows[i])) {
			return false;
		}
	}
	return true;
}

static int run_all(struct submitting *run, const struct party *party,
	const struct arguments *arguments)
{
	int exit_code = VERB_DONE;
	rg_err err = prepare(run, party);

	err = err ? err : give_files(run, party, arguments, &exit_code);
	err = err ? err : await_answers(run);
	if (err) {
		arguments_complain(&form, "%s; what was stored or receipted stays so",
			rg_strerror(err));
		json_decref(run->results);
		return VERB_COULD_NOT;
	}
	return conclude(run, exit_code);
}

int verb_submit(int argc, char **argv)
{
	struct options options = {.party.timeout_s = TIMEOUT_S};
	struct arguments arguments;
	int exit_code = arguments_read(&form, argc, argv, &options, &arguments);
	scoped(party_close) struct party_opened opened = {0};

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	if (arguments.n_operands == 0 && !options.wants_spool) {
		arguments_complain(&form, "name a file, or say --spool to send what waits");
		return VERB_USAGE;
	}
	if (options.amends && options.wants_spool) {
		arguments_complain(&form, "--amend asks the router: it is not for --spool");
		return VERB_USAGE;
	}
	if (!are_stated_well(&options)) {
		return VERB_USAGE;
	}
	exit_code = party_open(&options.party, options.wants_spool, &opened);
	if (exit_code != VERB_DONE) {
		return exit_code;
	}
	struct submitting run = {
		.client = opened.client,
		.party = opened.party->address,
		.options = &options,
		.wants_json = arguments.wants_json,
	};
	exit_code = run_all(&run, opened.party, &arguments);
	free(run.sent_dir);
	return exit_code;
}
