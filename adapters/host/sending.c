/*
 * From a file in out/ to its receipts
 *
 * Threads: one.
 */
#include "host/sending.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/log.h"
#include "base/text.h"
#include "host/answers.h"
#include "host/outgoing.h"
#include "host/synced.h"
#include "rivergate/v1/declaration.pb-c.h"
#include "rivergate/v1/session.pb-c.h"
#include "wire/doctype.h"
#include "wire/scan.h"

#define FILE_MODE    0600
#define ROUND_MAX    16                  /* files of one round: receipts must not wait for all */
#define BYTES_MAX    ((size_t)128 << 20) /* of envelopes under way */
#define ARENA_MAX    ((size_t)1 << 30)
#define WITHHELD_MAX ((size_t)4 << 30) /* of one file: each message keeps its original */
#define FINDINGS_MAX ((size_t)1000)
#define ROUTES_MAX   64
#define NAME_SIZE    64

/* A file on its way to its messages. */
struct load {
	struct adapter *adapter;
	const struct directory_file *file;
	struct arena *arena;
	struct arena *document; /* memory of the document at hand */
	struct buf native;
	struct translation translation;
	const Rivergate__V1__Translation *evidence;
	struct outbox_group *group;
	bool waits; /* an answer that comes before the one that names its declaration */
};

static void load_init(struct load *load, struct adapter *adapter, const struct directory_file *file)
{
	memset(load, 0, sizeof(*load));
	load->adapter = adapter;
	load->file = file;
	buf_init(&load->native);
	translation_init(&load->translation);
}

static void load_deinit(struct load *load)
{
	arena_free(load->arena);
	arena_free(load->document);
	buf_deinit(&load->native);
	translation_deinit(&load->translation);
}
SCOPED_DEFINE_VALUE(struct load, load_deinit);

/*
 * --- A file that is not sent ---------------------
 * -------------------------------------------------
 */

static rg_err fail_file(struct adapter *adapter, const struct directory_file *file,
	const struct answers_finding *findings, size_t n_findings)
{
	scoped(buf_deinitv) struct buf text = {0};

	log_event(LOG_WARNING, "sending", "file-failed", log_text("file", file->name),
		log_text("rule", n_findings ? findings[0].rule : ""),
		log_text("text", n_findings ? findings[0].text : ""),
		log_text("hint", "the findings lie beside the file in failed/"));
	buf_init(&text);
	rg_err err = answers_findings(file->name, findings, n_findings, &text);
	return err ? err : directory_fail(adapter->directory, file, buf_view(&text));
}

static rg_err fail_for(struct load *load, const char *rule, const char *text)
{
	const struct answers_finding finding = {.rule = rule, .path = "", .text = text};

	if (load->group) {
		outbox_cancel(load->adapter->outbox, load->group);
		load->group = NULL;
	}
	return fail_file(load->adapter, load->file, &finding, 1);
}

static rg_err fail_with_findings(struct load *load)
{
	size_t n = load->translation.n_findings < FINDINGS_MAX ? load->translation.n_findings
							       : FINDINGS_MAX;
	struct answers_finding *findings = arena_alloc(load->arena, (n + 1) * sizeof(*findings));
	size_t n_good = 0;

	if (!findings) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < n; i++) {
		struct scan_answer answer;
		ProtobufCMessage *msg = NULL;
		rg_err err = scan_unpack(&rivergate__v1__finding__descriptor,
			load->translation.findings[i], load->arena, &answer, &msg);

		if (err) {
			return err;
		}
		if (msg) {
			const Rivergate__V1__Finding *found = (const Rivergate__V1__Finding *)msg;

			findings[n_good++] =
				(struct answers_finding){found->rule, found->path, found->text};
		}
	}
	return fail_file(load->adapter, load->file, findings, n_good);
}

/*
 * --- 1: translate ----------------------------------
 * ---------------------------------------------------
 */

/* Names of the formats that files of out/ may have; 0: a route is for any. */
static size_t formats_of_routes(const struct settings *settings, const char *formats[ROUTES_MAX])
{
	const struct outgoing_route *routes = settings->routes.items;
	size_t n = 0;

	for (size_t i = 0; i < settings->answers.n_items && n < ROUTES_MAX; i++) {
		formats[n++] = settings->answers.items[i];
	}
	for (size_t i = 0; i < settings->routes.n_items && n < ROUTES_MAX; i++) {
		bool is_known = false;

		if (!routes[i].format[0]) {
			return 0;
		}
		for (size_t j = 0; j < n && !is_known; j++) {
			is_known = strcmp(formats[j], routes[i].format) == 0;
		}
		if (!is_known) {
			formats[n++] = routes[i].format;
		}
	}
	return n;
}

/* Why the file cannot be sent as it is; NULL: it can. */
static const char *problem_of_size(const struct load *load)
{
	size_t n_documents = load->translation.n_documents;
	size_t n_routes = load->adapter->settings->routes.n_items;

	if (n_documents == 0) {
		return "The file holds no document.";
	}
	if (n_documents > OUTBOX_GROUP_MAX) {
		return "The file holds more than 960 documents; divide it.";
	}
	if (load->native.len * n_documents > WITHHELD_MAX / (n_routes ? n_routes : 1)) {
		return "Each document keeps the whole file as its original, which would be more "
		       "than 4 GiB; divide it.";
	}
	return NULL;
}

/* *ret_goes_on false: the file has been dealt with, or waits. */
static rg_err translate(struct load *load, bool *ret_goes_on)
{
	const char *formats[ROUTES_MAX];
	size_t n_formats = formats_of_routes(load->adapter->settings, formats);
	struct translation *translation = &load->translation;
	rg_err err = translator_decode(load->adapter->translator, formats, n_formats,
		buf_view(&load->native), translation);

	*ret_goes_on = false;
	if (err) {
		return err;
	}
	if (translation->is_crash) {
		log_event(LOG_ERROR, "sending", "plug-in-crashed",
			log_text("file", load->file->name), log_text("how", translation->crash));
		return fail_for(load, "PLUGIN_CRASH",
			"The translation crashed on this file; its format's plug-in has a defect.");
	}
	if (translation->is_unknown) {
		return fail_for(load, "FORMAT",
			"No format of the routes recognises this file; put it into out/ in a "
			"format "
			"that a route is for.");
	}
	if (translation->is_refused) {
		return fail_with_findings(load);
	}
	const char *problem = problem_of_size(load);
	*ret_goes_on = !problem;
	return problem ? fail_for(load, "LIMIT", problem) : RG_OK;
}

/* Bytes of the worker to a message; NULL: they are none. */
static rg_err unpack(struct arena *arena, const ProtobufCMessageDescriptor *desc,
	struct rg_bytes packed, ProtobufCMessage **ret_msg)
{
	const struct scan_limits limits = {.n_messages = 4000000, .n_elements = 4000000};

	*ret_msg = NULL;
	if (!scan_check(desc, packed, &limits).is_ok) {
		return RG_OK;
	}
	*ret_msg = protobuf_c_message_unpack(desc, arena_protobuf(arena), packed.len, packed.data);
	return *ret_msg ? RG_OK : RG_E_NOMEM;
}

/*
 * --- 2: seal -----------------------------------------
 * -----------------------------------------------------
 */

/* Withheld parts stay at home, as salt ‖ content: state/withheld/<id>.<part>. */
static rg_err keep_withheld(struct load *load, const struct outgoing_draft *draft,
	const uint8_t id[OUTBOX_ID_LEN])
{
	char hex[2 * OUTBOX_ID_LEN + 1];
	rg_err err = RG_OK;

	text_hex(bytes_of(id, OUTBOX_ID_LEN), hex);
	for (size_t i = 0; !err && i < draft->n_kept; i++) {
		char name[NAME_SIZE];

		snprintf(name, sizeof(name), "%s.%s", hex, draft->kept[i].part);
		err = synced_write(load->adapter->withheld_fd, name,
			buf_view(&draft->kept[i].salted), FILE_MODE);
	}
	return err;
}

/* *ret_problem: why the file cannot be sent. */
static rg_err add_message(struct load *load, const ProtobufCMessage *root,
	const struct outgoing_route *route, const char **ret_problem)
{
	scoped(outgoing_draft_deinitv) struct outgoing_draft draft = {0};
	uint8_t id[OUTBOX_ID_LEN];
	const struct outgoing_document document = {
		.native = buf_view(&load->native),
		.media_type = load->translation.media_type,
		.format = load->translation.format,
		.root = root,
		.translation = load->evidence,
	};

	outgoing_draft_init(&draft);
	rg_err err = outgoing_build(&document, route, &draft, ret_problem);
	if (err || *ret_problem) {
		return err;
	}
	const struct rg_client_message message = {
		.header = buf_view(&draft.header),
		.parts = draft.parts,
		.n_parts = draft.n_parts,
	};
	err = outbox_add(load->adapter->outbox, load->group, &message, true, id, ret_problem);
	return err || *ret_problem ? err : keep_withheld(load, &draft, id);
}

/* What the national system answered goes to the sender of what was handed over to it. */
static rg_err add_reply(struct load *load, const Rivergate__V1__Declaration *document,
	const char **ret_problem)
{
	scoped(buf_deinitv) struct buf draft = {0};
	struct adapter *adapter = load->adapter;
	bool is_unknown = false;

	buf_init(&draft);
	rg_err err = replies_draft(adapter->replies, document, load->document, &draft, ret_problem,
		&is_unknown);
	if (err || *ret_problem) {
		load->waits = !err && is_unknown && replies_wait(adapter->replies, load->file);
		return err;
	}
	const struct rg_client_message message = {.header = buf_view(&draft)};
	return outbox_add(adapter->outbox, load->group, &message, false, NULL, ret_problem);
}

static bool is_answer(const ProtobufCMessage *root)
{
	return root->descriptor == &rivergate__v1__declaration__descriptor &&
		((const Rivergate__V1__Declaration *)root)->answer;
}

static rg_err add_document(struct load *load, struct rg_bytes packed, const char **ret_problem)
{
	const struct settings *settings = load->adapter->settings;
	const struct outgoing_route *routes = settings->routes.items;
	const struct doctype *type = doctype_find(load->translation.type);
	ProtobufCMessage *msg = NULL;

	arena_reset(load->document);
	rg_err err = type ? unpack(load->document, type->desc, packed, &msg) : RG_OK;
	if (!err && !msg) {
		*ret_problem = "The plug-in made a document that breaks the schema's rules.";
	}
	if (!err && msg && is_answer(msg)) {
		return add_reply(load, (const Rivergate__V1__Declaration *)msg, ret_problem);
	}
	for (size_t i = 0; !err && !*ret_problem && i < settings->routes.n_items; i++) {
		if (outgoing_route_carries(&routes[i], type->name) &&
			outgoing_route_fits(&routes[i], load->translation.cc,
				load->translation.format)) {
			err = add_message(load, msg, &routes[i], ret_problem);
		}
	}
	return err;
}

static rg_err add_documents(struct load *load)
{
	ProtobufCMessage *evidence = NULL;
	const char *problem = NULL;
	rg_err err = unpack(load->arena, &rivergate__v1__translation__descriptor,
		load->translation.translation, &evidence);

	load->evidence = (const Rivergate__V1__Translation *)evidence;
	if (!err) {
		err = outbox_begin(load->adapter->outbox, load->file, 0, &load->group);
	}
	for (size_t i = 0; !err && !problem && i < load->translation.n_documents; i++) {
		err = add_document(load, load->translation.documents[i], &problem);
	}
	if (err) {
		return err;
	}
	if (load->waits) {
		outbox_cancel(load->adapter->outbox, load->group);
		load->group = NULL;
		return RG_OK;
	}
	if (!problem && load->group->n_messages == 0) {
		problem = "No route is for this format and type of document; add one to "
			  "`routes`.";
	}
	return problem ? fail_for(load, "MESSAGE", problem) : RG_OK;
}

static rg_err load_file(struct adapter *adapter, const struct directory_file *file)
{
	scoped(load_deinitv) struct load load = {0};
	const char *problem = NULL;
	bool goes_on = false;

	load_init(&load, adapter, file);
	load.arena = arena_new(ARENA_MAX);
	load.document = arena_new(ARENA_MAX);
	if (!load.arena || !load.document) {
		return RG_E_NOMEM;
	}
	rg_err err = directory_read(adapter->directory, file,
		(size_t)adapter->settings->max_file_mib << 20, &load.native, &problem);
	if (err) {
		return err;
	}
	if (problem) {
		err = directory_has(adapter->directory, file, &goes_on);
		/* Another file by now: the next scan decides about that one. */
		return err || !goes_on ? err : fail_for(&load, "FILE", problem);
	}
	err = translate(&load, &goes_on);
	return err || !goes_on ? err : add_documents(&load);
}

/* Seals what a round of files became; durable before anything is sent. */
static rg_err seal(struct adapter *adapter)
{
	rg_err err = synced_names(adapter->withheld_fd);

	if (!err) {
		err = outbox_seal(adapter->outbox, adapter->ledger);
	}
	if (!err) {
		err = ledger_commit(adapter->ledger);
	}
	if (!err) {
		outbox_committed(adapter->outbox);
	}
	return err;
}

static rg_err take_files(struct adapter *adapter, bool *ret_is_settled)
{
	const struct directory_file *files = NULL;
	size_t n_files = 0;
	size_t n_taken = 0;
	rg_err err = directory_scan(adapter->directory, &files, &n_files, ret_is_settled);

	for (size_t i = 0;
		!err && i < n_files && n_taken < ROUND_MAX && outbox_has_room(adapter->outbox);
		i++) {
		bool is_full =
			outbox_length(adapter->outbox) >= (size_t)adapter->settings->max_sending ||
			outbox_bytes(adapter->outbox) >= BYTES_MAX;

		if (!is_full && !outbox_has_file(adapter->outbox, &files[i]) &&
			!replies_is_waiting(adapter->replies, &files[i])) {
			err = load_file(adapter, &files[i]);
			n_taken++;
		}
	}
	if (n_taken > 0 || replies_has_waiting(adapter->replies)) {
		*ret_is_settled = false;
	}
	if (!err && n_taken > 0) {
		err = seal(adapter);
	}
	if (err) {
		outbox_dropped(adapter->outbox);
	}
	return err;
}

rg_err sending_round(struct adapter *adapter, bool *ret_is_settled)
{
	const struct outbox_sink sink = {.client = adapter->client, .ledger = adapter->ledger};
	rg_err err = RG_OK;

	*ret_is_settled = true;
	if (adapter->settings->routes.n_items > 0 || adapter->settings->answers.n_items > 0) {
		err = take_files(adapter, ret_is_settled);
	}
	if (!err && adapter->client) {
		err = outbox_submit(adapter->outbox, &sink);
	}
	return err;
}

/*
 * --- 4: receipts ------------------------------------
 * ----------------------------------------------------
 */

static rg_err store_receipt(struct adapter *adapter, const char *hex)
{
	scoped(freep) uint8_t *envelope = NULL;
	scoped(freep) char *proof = NULL;
	char name[NAME_SIZE];
	size_t envelope_len = 0;
	size_t proof_len = 0;
	rg_err err = rg_client_envelope(adapter->client, &envelope, &envelope_len);

	if (!err) {
		err = rg_client_proof(adapter->client, &proof, &proof_len);
	}
	snprintf(name, sizeof(name), "%s.rge", hex);
	if (!err) {
		err = synced_replace(adapter->receipts_fd, name, bytes_of(envelope, envelope_len),
			FILE_MODE);
	}
	snprintf(name, sizeof(name), "%s.tlog-proof", hex);
	if (!err) {
		err = synced_replace(adapter->receipts_fd, name, bytes_of(proof, proof_len),
			FILE_MODE);
	}
	return err;
}

rg_err sending_receipt(struct adapter *adapter, const struct rg_event *event)
{
	struct outbox_message *message = outbox_find(adapter->outbox, event->id);
	char hex[2 * OUTBOX_ID_LEN + 1];

	if (!message || message->state == OUTBOX_RECEIPTED) {
		return RG_OK;
	}
	text_hex(bytes_of(event->id, OUTBOX_ID_LEN), hex);
	rg_err err = store_receipt(adapter, hex);
	if (!err) {
		err = outbox_end(adapter->outbox, message, NULL, adapter->ledger);
	}
	if (!err) {
		log_event(LOG_INFO, "sending", "receipted", log_text("id", hex),
			log_number("index", (int64_t)event->index));
	}
	return err;
}

rg_err sending_refusal(struct adapter *adapter, const struct rg_event *event)
{
	struct outbox_message *message = outbox_find(adapter->outbox, event->id);
	const ProtobufCEnumValue *verdict =
		protobuf_c_enum_descriptor_get_value(&rivergate__v1__verdict__descriptor,
			event->verdict);
	scoped(buf_deinitv) struct buf why = {0};

	if (!message) {
		return RG_OK;
	}
	buf_init(&why);
	buf_printf(&why, "%s: %s%s%s. %s", verdict ? verdict->name : "VERDICT", event->rule,
		event->field && event->field[0] ? " at " : "", event->field ? event->field : "",
		event->text ? event->text : "");
	const char *text = buf_text(&why);
	if (!text) {
		return RG_E_NOMEM;
	}
	log_event(LOG_WARNING, "sending", "refused",
		log_hex("id", bytes_of(event->id, OUTBOX_ID_LEN)), log_text("why", text));
	return outbox_end(adapter->outbox, message, text, adapter->ledger);
}

/*
 * --- 5: finish ----------------------------------------
 * -----------------------------------------------------
 */

/* What became of each message, when one of them was refused. */
static rg_err fail_refused(struct adapter *adapter, const struct outbox_group *group)
{
	scoped(freep) struct answers_finding *findings =
		calloc(group->n_messages + 1, sizeof(*findings));
	scoped(freep) char(*paths)[NAME_SIZE] = calloc(group->n_messages + 1, sizeof(*paths));

	if (!findings || !paths) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < group->n_messages; i++) {
		const struct outbox_message *message = &group->messages[i];
		bool is_refused = message->state == OUTBOX_REFUSED;
		char hex[2 * OUTBOX_ID_LEN + 1];

		text_hex(bytes_of(message->id, OUTBOX_ID_LEN), hex);
		snprintf(paths[i], sizeof(paths[i]), "message %s", hex);
		findings[i].rule = is_refused ? "REFUSED" : "RECEIPTED";
		findings[i].path = paths[i];
		findings[i].text = !is_refused ? "This message was sent and has its receipt."
			: message->why         ? message->why
					       : "refused";
	}
	return fail_file(adapter, &group->file, findings, group->n_messages);
}

static rg_err finish_group(struct adapter *adapter, struct outbox_group *group)
{
	bool is_refused = false;
	rg_err err = RG_OK;

	for (size_t i = 0; i < group->n_messages; i++) {
		is_refused |= group->messages[i].state == OUTBOX_REFUSED;
	}
	if (group->file.name[0]) {
		err = is_refused ? fail_refused(adapter, group)
				 : directory_finish(adapter->directory, &group->file);
	}
	if (!err && group->file.name[0]) {
		log_event(LOG_INFO, "sending", is_refused ? "file-refused" : "file-sent",
			log_text("file", group->file.name),
			log_number("messages", (int64_t)group->n_messages));
	}
	return err ? err : outbox_close(adapter->outbox, group, adapter->ledger);
}

rg_err sending_finish(struct adapter *adapter)
{
	struct outbox_group *group = outbox_ended(adapter->outbox);
	rg_err err = RG_OK;

	if (!group) {
		return RG_OK;
	}
	/* The names of receipts before the words that say they are there. */
	err = synced_names(adapter->receipts_fd);
	if (!err) {
		err = ledger_commit(adapter->ledger);
	}
	while (!err && group) {
		err = finish_group(adapter, group);
		group = err ? NULL : outbox_ended(adapter->outbox);
	}
	return err ? err : ledger_commit(adapter->ledger);
}
