/*
 * rivergate decide: an authority's decision, by a person without a system of his own
 *
 * Method: asks the router for the consignment, as track does; one DECISION for each
 * declaration of it (or for the message that --on names), to its sender; waits for the
 * receipts.
 * Threads: one, and the client library's own.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/merkle.h"
#include "base/text.h"
#include "cli/party.h"
#include "cli/sent.h"
#include "cli/show.h"
#include "cli/verb.h"
#include "registry/moment.h"
#include "wire/pack.h"

#define TIMEOUT_S      60
#define WORD_MAX       60
#define DECISIONS_MAX  256
#define TRACK_MESSAGES 1000

struct options {
	struct party_choice party;
	struct argument_texts reasons;
	const char *on;
	const char *text;
	const char *language;
	const char *disclosure;
	const char *paper;
	const char *provision;
	const char *guarantee;
	const char *time_limit;
	const char *effective;
	int64_t leg;
};

static const struct argument_row rows[] = {
	PARTY_ROWS(struct options, party),
	{.name = "reason",
		.type = ARGUMENT_TEXTS,
		.offset = offsetof(struct options, reasons),
		.value = "CODE",
		.help = "public reason code; may be repeated"},
	{.name = "on",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, on),
		.value = "ID",
		.help = "message decided on: a declaration, or an amendment that asks for leave"},
	{.name = "leg",
		.type = ARGUMENT_NUMBER,
		.offset = offsetof(struct options, leg),
		.value = "N",
		.min = 0,
		.max = 32,
		.help = "leg of the declaration, from 1; else the first of the party's country"},
	{.name = "text",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, text),
		.value = "TEXT",
		.help = "what the declarant is told …"},
	{.name = "language",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, language),
		.value = "LANG",
		.help = "… in this language (ISO 639-1)"},
	{.name = "disclosure",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, disclosure),
		.value = "WHEN",
		.help = "what other members see: now, on-arrival or never; else now"},
	{.name = "provision",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, provision),
		.value = "LAW",
		.help = "provision that it rests on"},
	{.name = "guarantee",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, guarantee),
		.value = "REF",
		.help = "reference of the guarantee"},
	{.name = "time-limit",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, time_limit),
		.value = "TIME",
		.help = "with authorised: when the goods must have left; else as the profile says"},
	{.name = "effective",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, effective),
		.value = "TIME",
		.help = "when it was taken, if that was before now: 2026-11-22T15:10:00Z"},
	{.name = "paper",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, paper),
		.value = "REF",
		.help = "reference of the act on paper that this records"},
	{.name = NULL},
};

static const struct argument_form form = {
	.verb = "decide",
	.operands = "UCR DECISION",
	.min_operands = 2,
	.max_operands = 2,
	.about =
		"Signs and submits a decision on the declarations of a consignment, and waits for "
		"the\n"
		"receipts, which go to STATE/sent. DECISION: registered, accepted, "
		"documents-required,\n"
		"hold, inspect, sampled-awaiting-lab, treatment-required, move-to-storage,\n"
		"inspected-pass, inspected-fail, released, released-conditional, partly-released,\n"
		"refused, return-ordered, destroy-ordered, seized, revoked, closed; of transit\n"
		"authorised, exited, discharged, not-discharged. Exit 1: refused, or no such "
		"consignment.",
	.example = "rivergate decide --as cn.gacc.mohan LA-06-2026-E-1234 inspect --reason "
		   "DOCUMENT",
	.rows = rows,
};

/* The value of an enumeration that a word like on-arrival names; -1: none. */
static int value_of(const ProtobufCEnumDescriptor *desc, const char *word)
{
	char upper[WORD_MAX];
	size_t len = 0;

	for (; word[len] && len + 1 < sizeof(upper); len++) {
		upper[len] = word[len] == '-' ? '_' : (char)toupper((unsigned char)word[len]);
	}
	upper[len] = '\0';
	for (unsigned i = 1; i < desc->n_values; i++) {
		if (strcmp(show_enum(desc, desc->values[i].value), upper) == 0) {
			return desc->values[i].value;
		}
	}
	return -1;
}

/* --- What is decided on --------------------------------------------------------------------- */

struct target {
	const Rivergate__V1__Header *header;
	uint8_t hash[32];
};

struct targets {
	struct target items[DECISIONS_MAX];
	size_t n;
};

static bool has_id(const Rivergate__V1__Header *header, const char *wanted)
{
	char id[SHOW_ID_LEN];

	return strcmp(show_id(bytes_of(header->id.data, header->id.len), id), wanted) == 0;
}

static bool amends(const Rivergate__V1__Header *amendment, const Rivergate__V1__Header *declaration)
{
	for (size_t i = 0; i < amendment->n_refs; i++) {
		const Rivergate__V1__Ref *ref = amendment->refs[i];

		if (ref->relation == RIVERGATE__V1__RELATION__RELATION_AMENDS &&
			strcmp(ref->from, declaration->from) == 0 &&
			bytes_equal(bytes_of(ref->id.data, ref->id.len),
				bytes_of(declaration->id.data, declaration->id.len))) {
			return true;
		}
	}
	return false;
}

/* What this message is to the decision: nothing, a declaration, or a newer version of one. */
static rg_err take_message(struct targets *targets, const Rivergate__V1__Tracked *message,
	const Rivergate__V1__Header *header, const struct options *options, uint32_t version)
{
	struct target target = {.header = header};
	bool is_new = header->kind == RIVERGATE__V1__KIND__KIND_DECLARATION;
	bool is_newer = header->kind == RIVERGATE__V1__KIND__KIND_AMENDMENT;
	bool is_wanted = options->on ? has_id(header, options->on) : is_new || is_newer;
	struct merkle_hash hash;

	if (!is_wanted || targets->n == DECISIONS_MAX) {
		return RG_OK;
	}
	rg_err err = merkle_hash_of(bytes_of(message->header.data, message->header.len),
		(struct rg_bytes){.data = NULL}, &hash);

	memcpy(target.hash, hash.bytes, sizeof(target.hash));
	if (err || options->on || is_new) {
		targets->items[targets->n++] = target;
		return err;
	}
	/* A version that waits for leave is decided on by --on alone. */
	for (size_t i = 0; header->version <= version && i < targets->n; i++) {
		if (amends(header, targets->items[i].header)) {
			targets->items[i] = target;
		}
	}
	return RG_OK;
}

static rg_err find_targets(const Rivergate__V1__Answer *answer, const struct options *options,
	struct arena *arena, struct targets *targets)
{
	uint32_t version =
		answer->n_consignments ? answer->consignments[0]->status->version : UINT32_MAX;
	rg_err err = RG_OK;

	/* The newest come first: declarations before what amends them is the other way. */
	for (size_t i = answer->n_messages; !err && i > 0; i--) {
		const Rivergate__V1__Tracked *message = answer->messages[i - 1];
		const Rivergate__V1__Header *header = show_read_header(message, arena);

		err = header ? take_message(targets, message, header, options, version) : RG_OK;
	}
	return err;
}

/* --- The decision --------------------------------------------------------------------------- */

struct deciding {
	const struct options *options;
	struct rg_client *client;
	const char *party; /* that decides */
	char *sent_dir;    /* where its receipts go */
	Rivergate__V1__DecisionFacts facts;
	size_t n_given;
	size_t n_receipted;
	size_t n_refused;
	json_t *results; /* with --json */
};

static const char *or_empty(const char *text)
{
	return text ? text : "";
}

/* Text NULL: not stated, 0. False: it is no time, and that has been said. */
static bool read_time(const char *option, const char *text, int64_t *ret_us)
{
	if (text && !moment_parse_from(text, ret_us)) {
		arguments_complain(&form, "%s '%s' is no time like 2026-11-22T15:10:00Z", option,
			text);
		return false;
	}
	return true;
}

static bool read_times(struct deciding *it)
{
	const struct options *options = it->options;

	if (options->time_limit &&
		it->facts.status != RIVERGATE__V1__DECISION_STATUS__DECISION_STATUS_AUTHORISED) {
		arguments_complain(&form, "--time-limit: for authorised alone");
		return false;
	}
	return read_time("--effective", options->effective, &it->facts.effective_at_us) &&
		read_time("--time-limit", options->time_limit, &it->facts.time_limit_us);
}

/* Returns an enum verb_exit. */
static int read_facts(struct deciding *it, const char *word)
{
	const struct options *options = it->options;
	int status = value_of(&rivergate__v1__decision_status__descriptor, word);
	int disclosure = options->disclosure
		? value_of(&rivergate__v1__disclosure__descriptor, options->disclosure)
		: RIVERGATE__V1__DISCLOSURE__DISCLOSURE_NOW;

	rivergate__v1__decision_facts__init(&it->facts);
	if (status < 0 || disclosure < 0) {
		arguments_complain(&form, "%s '%s'; see rivergate decide --help",
			status < 0 ? "no such decision" : "no such disclosure",
			status < 0 ? word : options->disclosure);
		return VERB_USAGE;
	}
	it->facts.status = (Rivergate__V1__DecisionStatus)status;
	if (!read_times(it)) {
		return VERB_USAGE;
	}
	it->facts.disclosure = (Rivergate__V1__Disclosure)disclosure;
	it->facts.text = (char *)or_empty(options->text);
	it->facts.language = (char *)or_empty(options->language);
	it->facts.paper_reference = (char *)or_empty(options->paper);
	it->facts.provision = (char *)or_empty(options->provision);
	it->facts.guarantee = (char *)or_empty(options->guarantee);
	it->facts.leg = (uint32_t)options->leg;
	it->facts.reason_codes = (char **)(uintptr_t)options->reasons.items;
	it->facts.n_reason_codes = options->reasons.n_items;
	return VERB_DONE;
}

/*
 * To whoever declared; what other members may not see yet, or ever, stays with the party: its
 * own member sees it by the status that the router tells.
 */
static const char *addressee_of(const struct deciding *it, const struct target *target)
{
	bool is_hidden = it->facts.disclosure == RIVERGATE__V1__DISCLOSURE__DISCLOSURE_ON_ARRIVAL ||
		it->facts.disclosure == RIVERGATE__V1__DISCLOSURE__DISCLOSURE_NEVER;
	bool is_own = strncmp(it->party, target->header->from, 3) == 0;

	return is_hidden && !is_own ? it->party : target->header->from;
}

static rg_err give(struct deciding *it, const struct target *target)
{
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	Rivergate__V1__Ref ref = RIVERGATE__V1__REF__INIT;
	Rivergate__V1__Ref *refs[] = {&ref};
	char *to[] = {(char *)(uintptr_t)addressee_of(it, target)};
	scoped(buf_deinit) struct buf packed = {0};
	enum rg_submit_answer answer = RG_SUBMIT_TAKEN;
	const char *rule = NULL;
	uint8_t id[16];

	ref.from = target->header->from;
	ref.id = target->header->id;
	ref.header_hash =
		(ProtobufCBinaryData){sizeof(target->hash), (uint8_t *)(uintptr_t)target->hash};
	ref.relation = RIVERGATE__V1__RELATION__RELATION_DECIDES;
	header.kind = RIVERGATE__V1__KIND__KIND_DECISION;
	header.ucr = target->header->ucr;
	header.to = to;
	header.n_to = 1;
	header.refs = refs;
	header.n_refs = 1;
	header.facts_case = RIVERGATE__V1__HEADER__FACTS_DECISION;
	header.decision = &it->facts;
	rg_err err = pack_append(&header.base, &packed);

	if (!err) {
		const struct rg_client_message message = {.header = buf_view(&packed)};

		err = rg_client_submit(it->client, &message, &answer, id, &rule);
	}
	if (!err && answer == RG_SUBMIT_WRONG) {
		it->n_refused++;
		arguments_complain(&form, "not sent: %s", rule);
	}
	it->n_given += !err && answer == RG_SUBMIT_TAKEN;
	return err;
}

static rg_err heed(struct deciding *it, const struct rg_event *event)
{
	const char *verdict = show_enum(&rivergate__v1__verdict__descriptor, event->verdict);
	bool is_receipt = event->type == RG_EVENT_RECEIPT;
	char id[SHOW_ID_LEN];

	if (!is_receipt && event->type != RG_EVENT_REFUSAL) {
		return RG_OK;
	}
	(void)show_id(bytes_of(event->id, sizeof(event->id)), id);
	it->n_receipted += is_receipt;
	it->n_refused += !is_receipt;
	if (it->results) {
		(void)json_array_append_new(it->results,
			json_pack("{s:s, s:s, s:I}", "id", id, "verdict",
				is_receipt ? "ADMITTED" : verdict, "index",
				(json_int_t)event->index));
	} else if (is_receipt) {
		printf("%s  record %llu  ADMITTED\n", id, (unsigned long long)event->index);
	} else {
		printf("%s  refused  %s: ", id, verdict);
		show_text(stdout, event->rule);
		putchar('\n');
	}
	return is_receipt ? sent_store(it->client, it->sent_dir, id) : RG_OK;
}

static rg_err await(struct deciding *it)
{
	int64_t end_us = clock_monotonic_us() + it->options->party.timeout_s * 1000000;
	rg_err err = RG_OK;

	while (!err && rg_client_waiting(it->client) > 0 && clock_monotonic_us() < end_us) {
		const struct rg_event *event = NULL;

		err = rg_client_next(it->client, 1000, &event);
		if (!err && event) {
			err = heed(it, event);
		}
	}
	return err;
}

static int conclude(struct deciding *it, rg_err err)
{
	size_t n_waiting = rg_client_waiting(it->client);

	if (it->results) {
		(void)show_json(steal(it->results));
	}
	if (err || n_waiting) {
		arguments_complain(&form, "%zu without receipt: %s", n_waiting,
			err ? rg_strerror(err) : "the router did not answer in time");
		return VERB_COULD_NOT;
	}
	return it->n_refused ? VERB_ANSWERED_NO : VERB_DONE;
}

static rg_err ask(struct deciding *it, const char *ucr, struct arena *arena,
	Rivergate__V1__Answer **ret_answer)
{
	Rivergate__V1__Query query = RIVERGATE__V1__QUERY__INIT;
	Rivergate__V1__TrackQuery track = RIVERGATE__V1__TRACK_QUERY__INIT;
	const struct party_question question = {&query, it->options->party.timeout_s, NULL};

	track.key = (char *)(uintptr_t)ucr;
	track.limit = TRACK_MESSAGES;
	query.what_case = RIVERGATE__V1__QUERY__WHAT_TRACK;
	query.track = &track;
	return party_ask(it->client, &question, arena, ret_answer);
}

static int decide(struct deciding *it, const char *ucr)
{
	scoped(arena_freep) struct arena *arena = arena_new(0);
	scoped(freep) struct targets *targets = calloc(1, sizeof(*targets));
	Rivergate__V1__Answer *answer = NULL;
	rg_err err = arena && targets ? ask(it, ucr, arena, &answer) : RG_E_NOMEM;

	if (err || !answer) {
		return VERB_COULD_NOT;
	}
	err = find_targets(answer, it->options, arena, targets);
	if (!err && targets->n == 0) {
		arguments_complain(&form, "no declaration is known to this party under %s", ucr);
		return VERB_ANSWERED_NO;
	}
	for (size_t i = 0; !err && i < targets->n; i++) {
		err = give(it, &targets->items[i]);
	}
	err = err ? err : await(it);
	return conclude(it, err);
}

int verb_decide(int argc, char **argv)
{
	struct options options = {.party.timeout_s = TIMEOUT_S};
	struct arguments arguments;
	int exit_code = arguments_read(&form, argc, argv, &options, &arguments);
	scoped(party_close) struct party_opened opened = {0};
	struct deciding it = {.options = &options};

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	exit_code = read_facts(&it, arguments.operands[1]);
	if (exit_code == VERB_DONE) {
		exit_code = party_open(&options.party, false, &opened);
	}
	if (exit_code != VERB_DONE) {
		return exit_code;
	}
	it.client = opened.client;
	it.party = opened.party->address;
	rg_err err = sent_open(opened.party, NULL, &it.sent_dir);

	if (err) {
		arguments_complain(&form, "the folder for receipts: %s", rg_strerror(err));
		return VERB_COULD_NOT;
	}
	it.results = arguments.wants_json ? json_array() : NULL;
	exit_code = decide(&it, arguments.operands[0]);
	json_decref(it.results);
	free(it.sent_dir);
	return exit_code;
}
