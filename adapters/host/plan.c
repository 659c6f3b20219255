/*
 * What a delivery becomes
 *
 * Method: a table by kind. Everything that a plug-in or a sender said passes the bounded
 * scan again before it goes into a header of ours.
 *
 * Threads: one.
 */
#include "host/plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/merkle.h"
#include "base/text.h"
#include "host/answers.h"
#include "host/content.h"
#include "host/facts.h"
#include "host/synced.h"
#include "rivergate/v1/declaration.pb-c.h"
#include "sign/signature.h"
#include "wire/json.h"
#include "wire/pack.h"
#include "wire/scan.h"

#define ARENA_MAX    ((size_t)1 << 30)
#define FINDINGS_MAX ((size_t)40)  /* of an acknowledgement: its header has 48 KiB */
#define TEXT_MAX     ((size_t)300) /* bytes of one text in a finding */
#define FOUND_MAX    ((size_t)64)
#define FILE_MODE    0600

/*
 * --- The delivery -------------------------------------------------------------------------------
 */

void delivered_init(struct delivered *delivered)
{
	memset(delivered, 0, sizeof(*delivered));
	buf_init(&delivered->bytes);
}

void delivered_deinit(struct delivered *delivered)
{
	arena_free(delivered->arena);
	buf_deinit(&delivered->bytes);
	delivered_init(delivered);
}

rg_err delivered_read(struct delivered *delivered, struct inbox *inbox,
	const struct inbox_entry *entry)
{
	struct scan_answer answer;
	ProtobufCMessage *envelope = NULL;
	ProtobufCMessage *header = NULL;
	rg_err err = inbox_read(inbox, entry, &delivered->bytes);

	if (err) {
		return err;
	}
	delivered->arena = arena_new(ARENA_MAX);
	if (!delivered->arena) {
		return RG_E_NOMEM;
	}
	err = scan_unpack(&rivergate__v1__envelope__descriptor, buf_view(&delivered->bytes),
		delivered->arena, &answer, &envelope);
	if (err || !envelope) {
		return err ? err : RG_E_FORMAT;
	}
	delivered->envelope = (const Rivergate__V1__Envelope *)envelope;
	err = scan_unpack(&rivergate__v1__header__descriptor,
		bytes_of(delivered->envelope->header.data, delivered->envelope->header.len),
		delivered->arena, &answer, &header);
	if (err || !header) {
		return err ? err : RG_E_FORMAT;
	}
	delivered->header = (const Rivergate__V1__Header *)header;
	return RG_OK;
}

static bool is_governance(Rivergate__V1__Kind kind)
{
	return kind >= RIVERGATE__V1__KIND__KIND_REGISTRY && kind < RIVERGATE__V1__KIND__KIND_PLAN;
}

bool delivered_is_answered(const struct delivered *delivered)
{
	Rivergate__V1__Kind kind = delivered->header->kind;

	return kind != RIVERGATE__V1__KIND__KIND_ACKNOWLEDGEMENT &&
		kind < RIVERGATE__V1__KIND__KIND_REGISTRY;
}

/*
 * --- Facts of the answer ------------------------------------------------------------------------
 */

/* Facts while they are gathered. Texts are views. */
struct gathering {
	Rivergate__V1__AcknowledgementFacts facts;
	Rivergate__V1__Finding findings[FOUND_MAX];
	Rivergate__V1__Finding *list[FOUND_MAX];
	char texts[FOUND_MAX][TEXT_MAX + 1];
	char paths[FOUND_MAX][TEXT_MAX + 1];
};

static void start(struct gathering *gathering)
{
	rivergate__v1__acknowledgement_facts__init(&gathering->facts);
	gathering->facts.outcome =
		RIVERGATE__V1__ACKNOWLEDGEMENT_FACTS__OUTCOME__OUTCOME_TAKEN_OVER;
	gathering->facts.findings = gathering->list;
}

/* Copies a text, cut before TEXT_MAX where a character begins. */
static char *cut(const char *text, char out[TEXT_MAX + 1])
{
	size_t len = strnlen(text, TEXT_MAX + 1);

	if (len > TEXT_MAX) {
		len = TEXT_MAX;
		while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80) {
			len--;
		}
	}
	memcpy(out, text, len);
	out[len] = '\0';
	return out;
}

static void add_finding(struct gathering *gathering, const struct answers_finding *finding)
{
	size_t n = gathering->facts.n_findings;

	if (n >= FINDINGS_MAX) {
		return;
	}
	rivergate__v1__finding__init(&gathering->findings[n]);
	gathering->findings[n].rule = (char *)finding->rule;
	gathering->findings[n].path = cut(finding->path, gathering->paths[n]);
	gathering->findings[n].text = cut(finding->text, gathering->texts[n]);
	gathering->list[n] = &gathering->findings[n];
	gathering->facts.n_findings++;
}

static rg_err finish(struct gathering *gathering, struct plan *plan)
{
	plan->is_refused = gathering->facts.outcome ==
		RIVERGATE__V1__ACKNOWLEDGEMENT_FACTS__OUTCOME__OUTCOME_REFUSED;
	buf_clear(&plan->facts);
	return pack_append(&gathering->facts.base, &plan->facts);
}

static void refuse(struct gathering *gathering)
{
	gathering->facts.outcome = RIVERGATE__V1__ACKNOWLEDGEMENT_FACTS__OUTCOME__OUTCOME_REFUSED;
}

/* Findings of the plug-in: bytes from a process that reads bytes from abroad. */
static rg_err add_translation_findings(struct gathering *gathering,
	const struct translation *translation, struct arena *arena)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < translation->n_findings && i < FINDINGS_MAX; i++) {
		struct scan_answer answer;
		ProtobufCMessage *msg = NULL;

		err = scan_unpack(&rivergate__v1__finding__descriptor, translation->findings[i],
			arena, &answer, &msg);
		if (!err && msg) {
			const Rivergate__V1__Finding *found = (const Rivergate__V1__Finding *)msg;

			add_finding(gathering,
				&(struct answers_finding){found->rule, found->path, found->text});
		}
	}
	return err;
}

/*
 * --- Files ---------------------------------------------------------------------------------------
 */

void plan_init(struct plan *plan)
{
	memset(plan, 0, sizeof(*plan));
	buf_init(&plan->facts);
}

static void drop_files(struct plan *plan)
{
	for (size_t i = 0; i < plan->n_files; i++) {
		buf_deinit(&plan->files[i].content);
	}
	free(plan->files);
	plan->files = NULL;
	plan->n_files = 0;
}

void plan_deinit(struct plan *plan)
{
	drop_files(plan);
	buf_deinit(&plan->facts);
	plan_init(plan);
}

/* A new file of the plan; NULL: no memory. */
static struct plan_file *add_file(struct plan *plan)
{
	if (!plan->files) {
		plan->files = calloc(INBOX_FILES_MAX, sizeof(*plan->files));
	}
	if (!plan->files || plan->n_files >= INBOX_FILES_MAX) {
		return NULL;
	}
	struct plan_file *file = &plan->files[plan->n_files++];
	buf_init(&file->content);
	return file;
}

static const char *extension_of(const char *media_type)
{
	static const struct {
		const char *word;
		const char *extension;
	} rows[] = {
		{"json", "json"},
		{"xml", "xml"},
		{"edifact", "edi"},
		{"csv", "csv"},
		{"text/", "txt"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (strstr(media_type, rows[i].word)) {
			return rows[i].extension;
		}
	}
	return "dat";
}

static rg_err add_outputs(struct plan *plan, const struct inbox_entry *entry,
	const struct translation *translation)
{
	const char *extension = extension_of(translation->media_type);

	for (size_t i = 0; i < translation->n_outputs; i++) {
		struct plan_file *file = add_file(plan);

		if (!file) {
			return RG_E_NOMEM;
		}
		if (translation->n_outputs == 1) {
			snprintf(file->name, sizeof(file->name), "%s.%s", entry->name, extension);
		} else {
			snprintf(file->name, sizeof(file->name), "%s.%zu.%s", entry->name, i + 1,
				extension);
		}
		buf_add_bytes(&file->content, translation->outputs[i]);
		if (buf_error(&file->content)) {
			return RG_E_NOMEM;
		}
	}
	return RG_OK;
}

/*
 * --- Declarations ---------------------------------
 * -------------------------------------------------
 */

/* What the document holds beside what its header states; nothing, if no header could hold it. */
static rg_err take_found(struct gathering *gathering, const struct delivered *delivered,
	const struct content *content)
{
	scoped(buf_deinitv) struct buf packed = {0};
	struct scan_answer answer;
	ProtobufCMessage *msg = NULL;

	buf_init(&packed);
	rg_err err = facts_found(content->root, delivered->header, &packed);
	if (err || packed.len == 0) {
		return err == RG_E_OVERFLOW ? RG_OK : err;
	}
	err = scan_unpack(&rivergate__v1__acknowledgement_facts__descriptor, buf_view(&packed),
		delivered->arena, &answer, &msg);
	if (!err && msg) {
		const Rivergate__V1__AcknowledgementFacts *found =
			(const Rivergate__V1__AcknowledgementFacts *)msg;

		gathering->facts.goods = found->goods;
		gathering->facts.n_goods = found->n_goods;
	}
	return err;
}

/* The header said what the router routed by; the document must say the same. */
static rg_err compare_facts(struct gathering *gathering, const struct delivered *delivered,
	const struct content *content)
{
	const char *field = NULL;
	bool is_comparable = content->root && content->has_facts;
	rg_err err = is_comparable ? facts_differ(content->root, delivered->header, &field) : RG_OK;

	if (err == RG_E_OVERFLOW) {
		/* No header holds what this document states: its sender's does not either. */
		err = RG_OK;
		field = "goods";
	}
	if (!err && field) {
		log_event(LOG_WARNING, "handover", "facts-differ",
			log_text("from", delivered->header->from), log_text("field", field));
		add_finding(gathering,
			&(struct answers_finding){"FACTS", field,
				"The header states something else here than the document."});
	}
	return err || !is_comparable ? err : take_found(gathering, delivered, content);
}

/* What the sender's parts say of each other. */
static void compare_parts(struct gathering *gathering, const struct delivered *delivered,
	const struct content *content)
{
	const struct parts_answer *answer = &content->answer;

	if (answer->verdict != PARTS_STRAY && answer->verdict != PARTS_DIFFER) {
		return;
	}
	log_event(LOG_WARNING, "handover",
		answer->verdict == PARTS_DIFFER ? "parts-differ" : "part-holds-more",
		log_text("from", delivered->header->from), log_text("path", answer->path));
	add_finding(gathering, &(struct answers_finding){"PARTS", answer->path, answer->text});
}

static void free_text(char **text)
{
	free(*text);
}

#define REASON_SIZE 256

/* A part that did not come, as a loss of the hand-over. */
static rg_err make_withheld(const struct audience_part *part, struct arena *arena,
	Rivergate__V1__Loss **ret_loss)
{
	Rivergate__V1__Loss *loss = arena_alloc(arena, sizeof(*loss));
	char *reason = arena_alloc(arena, REASON_SIZE);

	if (!loss || !reason) {
		return RG_E_NOMEM;
	}
	rivergate__v1__loss__init(loss);
	(void)snprintf(reason, REASON_SIZE,
		"The part %s did not come with the message: it is for others, or was withheld. It "
		"holds %s.",
		part->name, part->holds);
	loss->class_ = RIVERGATE__V1__LOSS_CLASS__LOSS_CLASS_WITHHELD;
	loss->reason = reason;
	*ret_loss = loss;
	return RG_OK;
}

/* Adds what the hand-over could not have, before what it lost. */
static rg_err add_withheld(Rivergate__V1__Translation *shown, unsigned missing, struct arena *arena)
{
	size_t n_max = shown->n_losses + AUDIENCE_TRAVELLING;
	Rivergate__V1__Loss **losses = arena_alloc(arena, n_max * sizeof(*losses));
	size_t n = 0;
	rg_err err = losses ? RG_OK : RG_E_NOMEM;

	for (unsigned i = 0; !err && i < AUDIENCE_TRAVELLING; i++) {
		if (missing & AUDIENCE_BIT(i)) {
			err = make_withheld(&audience_parts[i], arena, &losses[n++]);
		}
	}
	if (err) {
		return err;
	}
	for (size_t i = 0; i < shown->n_losses; i++) {
		losses[n++] = shown->losses[i];
	}
	shown->losses = losses;
	shown->n_losses = n;
	return RG_OK;
}

/* What was lost on the way into the national format: state/translations/<from>-<id>.json. */
static rg_err store_translation(struct adapter *adapter, const struct inbox_entry *entry,
	const struct translation *translation, const struct content *content, struct arena *arena)
{
	const struct scan_limits limits = {.n_messages = 4000000, .n_elements = 4000000};
	const struct rg_bytes packed = translation->translation;
	scoped(free_text) char *text = NULL;
	char name[DIRECTORY_NAME_MAX];

	if (!scan_check(&rivergate__v1__translation__descriptor, packed, &limits).is_ok) {
		return RG_OK; /* the worker is not trusted to say it well */
	}
	Rivergate__V1__Translation *evidence =
		rivergate__v1__translation__unpack(arena_protobuf(arena), packed.len, packed.data);
	rg_err err = evidence ? add_withheld(evidence, content->missing, arena) : RG_E_NOMEM;
	if (!err) {
		err = json_encode(&evidence->base, JSON_LINES, &text);
	}
	snprintf(name, sizeof(name), "%s.json", entry->name);
	return err ? err
		   : synced_replace(adapter->translations_fd, name, bytes_of_text(text), FILE_MODE);
}

static rg_err conclude_translation(struct gathering *gathering, const struct inbox_entry *entry,
	const struct translation *translation, struct plan *plan)
{
	if (translation->is_refused) {
		refuse(gathering);
		return RG_OK;
	}
	if (translation->n_outputs == 0 || translation->n_outputs > INBOX_FILES_MAX) {
		refuse(gathering);
		add_finding(gathering,
			&(struct answers_finding){"LIMIT", "",
				"The document became no file, or too many."});
		return RG_OK;
	}
	gathering->facts.handed_over_as = (char *)translation->format;
	return add_outputs(plan, entry, translation);
}

/* The signed bytes. */
static struct rg_bytes header_of(const struct delivered *delivered)
{
	return bytes_of(delivered->envelope->header.data, delivered->envelope->header.len);
}

/* Whether the format had no place for the document's own state, or does not say. */
static rg_err lost_state(const struct translation *translation, struct arena *arena, bool *ret_lost)
{
	struct scan_answer answer;
	ProtobufCMessage *msg = NULL;
	rg_err err = scan_unpack(&rivergate__v1__translation__descriptor, translation->translation,
		arena, &answer, &msg);
	const Rivergate__V1__Translation *evidence = (const Rivergate__V1__Translation *)msg;

	*ret_lost = !msg;
	for (size_t i = 0; !err && msg && i < evidence->n_losses; i++) {
		*ret_lost |= strcmp(evidence->losses[i]->path, "state") == 0;
	}
	return err;
}

/* Parts that contradict each other are no document: nobody can say which one is meant. */
static rg_err refuse_parts(struct gathering *gathering, const struct delivered *delivered,
	const struct content *content, struct plan *plan)
{
	refuse(gathering);
	compare_parts(gathering, delivered, content);
	return finish(gathering, plan);
}

/* What the translation and the comparisons tell, in the order of what matters to the sender. */
static rg_err gather(struct gathering *gathering, const struct delivered *delivered,
	const struct content *content, const struct translation *translation)
{
	rg_err err = add_translation_findings(gathering, translation, delivered->arena);

	if (!err) {
		compare_parts(gathering, delivered, content);
		err = compare_facts(gathering, delivered, content);
	}
	return err;
}

/*
 * A withdrawn certificate in a format that cannot say so would read as a valid one: what the
 * state is lost from is handed over as canonical JSON instead.
 */
static rg_err encode(struct adapter *adapter, const struct delivered *delivered,
	const struct translator_task *task, struct rg_bytes document,
	struct translation *translation)
{
	bool is_status = delivered->header->kind == RIVERGATE__V1__KIND__KIND_CERTIFICATE_STATUS;
	bool is_lost = false;
	rg_err err = translator_encode(adapter->translator, task, document, translation);

	if (!err && is_status && !translation->is_crash && !translation->is_unknown) {
		err = lost_state(translation, delivered->arena, &is_lost);
	}
	if (err || !is_lost) {
		return err;
	}
	const struct translator_task json = {.format = "json",
		.type = task->type,
		.purpose = task->purpose};
	return translator_encode(adapter->translator, &json, document, translation);
}

static rg_err translate(struct adapter *adapter, const struct inbox_entry *entry,
	const struct delivered *delivered, const struct content *content,
	struct gathering *gathering, struct plan *plan)
{
	scoped(translation_deinitv) struct translation translation = {0};
	const Rivergate__V1__Header *header = delivered->header;
	struct rg_bytes named = content->packed;
	const struct translator_task task = {
		.format =
			settings_handover_format(adapter->settings, header->kind, header->purpose),
		.type = content->type->name,
		.purpose = (enum rg_purpose)header->purpose,
	};

	translation_init(&translation);
	rg_err err = replies_name(adapter->replies, header, header_of(delivered), content->packed,
		delivered->arena, &named);
	if (!err) {
		err = encode(adapter, delivered, &task, named, &translation);
	}
	if (err) {
		return err;
	}
	if (translation.is_crash) {
		plan->is_crash = true;
		snprintf(plan->crash, sizeof(plan->crash), "%s", translation.crash);
		return RG_OK;
	}
	if (translation.is_unknown) {
		return plan_set_aside(plan, "FORMAT",
			"The format that the handover table names is not installed here.");
	}
	err = gather(gathering, delivered, content, &translation);
	if (!err) {
		err = store_translation(adapter, entry, &translation, content, delivered->arena);
	}
	if (!err) {
		err = conclude_translation(gathering, entry, &translation, plan);
	}
	return err ? err : finish(gathering, plan);
}

/*
 * --- Everything else -------------------------------
 * --------------------------------------------------
 */

static rg_err add_header_file(struct plan *plan, const struct inbox_entry *entry,
	const Rivergate__V1__Header *header, const char *extension)
{
	struct plan_file *file = add_file(plan);

	if (!file) {
		return RG_E_NOMEM;
	}
	snprintf(file->name, sizeof(file->name), "%s.%s", entry->name, extension);
	return answers_message(header, &file->content);
}

/* Parts first: who sees the header's file finds the others there. */
static rg_err plan_as_it_is(struct gathering *gathering, const struct inbox_entry *entry,
	const struct delivered *delivered, struct plan *plan)
{
	for (size_t i = 0; i < delivered->envelope->n_parts; i++) {
		const Rivergate__V1__PartData *part = delivered->envelope->parts[i];
		struct plan_file *file = part->salt.len > 0 ? add_file(plan) : NULL;

		if (part->salt.len == 0) {
			continue;
		}
		if (!file) {
			return RG_E_NOMEM;
		}
		snprintf(file->name, sizeof(file->name), "%s.part%zu", entry->name, i + 1);
		buf_add(&file->content, part->bytes.data, part->bytes.len);
		if (buf_error(&file->content)) {
			return RG_E_NOMEM;
		}
	}
	gathering->facts.handed_over_as = (char *)"header";
	rg_err err = add_header_file(plan, entry, delivered->header, "json");
	return err ? err : finish(gathering, plan);
}

static rg_err plan_document(struct adapter *adapter, const struct inbox_entry *entry,
	const struct delivered *delivered, struct gathering *gathering, struct plan *plan)
{
	struct content content = {0};
	rg_err err =
		content_read(delivered->header, delivered->envelope, delivered->arena, &content);

	if (err) {
		return err;
	}
	if (content.answer.verdict == PARTS_DIFFER) {
		return refuse_parts(gathering, delivered, &content, plan);
	}
	if (content.packed.data) {
		return translate(adapter, entry, delivered, &content, gathering, plan);
	}
	/* A word about a certificate that was sent before needs no document. */
	if (delivered->header->kind != RIVERGATE__V1__KIND__KIND_CERTIFICATE_STATUS) {
		add_finding(gathering,
			&(struct answers_finding){"CONTENT", "parts",
				"No part of the document came with the message; only its header "
				"was handed over."});
	}
	return plan_as_it_is(gathering, entry, delivered, plan);
}

/* state/answers/<our id>.<id of the answer>.json */
static rg_err store_answer(struct adapter *adapter, const Rivergate__V1__Header *header,
	const Rivergate__V1__Ref *ref)
{
	scoped(buf_deinitv) struct buf text = {0};
	char name[100];
	char ours[33];
	char theirs[33];

	if (ref->id.len != 16 || strcmp(ref->from, adapter->settings->party) != 0) {
		return RG_OK;
	}
	text_hex(bytes_of(ref->id.data, 16), ours);
	text_hex(bytes_of(header->id.data, 16), theirs);
	snprintf(name, sizeof(name), "%s.%s.json", ours, theirs);
	buf_init(&text);
	rg_err err = answers_message(header, &text);
	if (!err) {
		err = synced_replace(adapter->answers_fd, name, buf_view(&text), FILE_MODE);
	}
	if (!err) {
		log_event(LOG_INFO, "answer", "stored", log_text("id", ours),
			log_text("from", header->from), log_number("kind", (int64_t)header->kind),
			log_number("outcome",
				header->facts_case == RIVERGATE__V1__HEADER__FACTS_ACKNOWLEDGEMENT
					? (int64_t)header->acknowledgement->outcome
					: 0));
	}
	return err;
}

static rg_err store_answers(struct adapter *adapter, const Rivergate__V1__Header *header)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < header->n_refs; i++) {
		err = store_answer(adapter, header, header->refs[i]);
	}
	return err;
}

/* What the file of an answer ends with; NULL: the kind is none. */
static const char *answer_extension(Rivergate__V1__Kind kind)
{
	static const struct {
		Rivergate__V1__Kind kind;
		const char *extension;
	} rows[] = {
		{RIVERGATE__V1__KIND__KIND_ACKNOWLEDGEMENT, "ack.json"},
		{RIVERGATE__V1__KIND__KIND_PLAN, "plan.json"},
		{RIVERGATE__V1__KIND__KIND_STATUS, "status.json"},
		{RIVERGATE__V1__KIND__KIND_REMINDER, "reminder.json"},
		{RIVERGATE__V1__KIND__KIND_EXPIRY, "expiry.json"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].kind == kind) {
			return rows[i].extension;
		}
	}
	return NULL;
}

static rg_err plan_answer(struct adapter *adapter, const struct inbox_entry *entry,
	const struct delivered *delivered, struct gathering *gathering, struct plan *plan)
{
	const Rivergate__V1__Header *header = delivered->header;
	rg_err err = store_answers(adapter, header);

	if (!err && adapter->settings->handover_answers) {
		err = add_header_file(plan, entry, header, answer_extension(header->kind));
	}
	return err ? err : finish(gathering, plan);
}

rg_err plan_make(struct adapter *adapter, const struct inbox_entry *entry,
	const struct delivered *delivered, struct plan *plan)
{
	struct gathering *gathering = arena_alloc(delivered->arena, sizeof(*gathering));
	Rivergate__V1__Kind kind = delivered->header->kind;

	if (!gathering) {
		return RG_E_NOMEM;
	}
	start(gathering);
	if (kind == RIVERGATE__V1__KIND__KIND_DECLARATION ||
		kind == RIVERGATE__V1__KIND__KIND_AMENDMENT ||
		kind == RIVERGATE__V1__KIND__KIND_CERTIFICATE ||
		kind == RIVERGATE__V1__KIND__KIND_CERTIFICATE_STATUS) {
		return plan_document(adapter, entry, delivered, gathering, plan);
	}
	if (answer_extension(kind)) {
		return plan_answer(adapter, entry, delivered, gathering, plan);
	}
	if (is_governance(kind)) {
		return finish(gathering, plan);
	}
	if (kind == RIVERGATE__V1__KIND__KIND_DECISION) {
		rg_err err = store_answers(adapter, delivered->header);

		return err ? err : plan_as_it_is(gathering, entry, delivered, plan);
	}
	return plan_as_it_is(gathering, entry, delivered, plan);
}

rg_err plan_set_aside(struct plan *plan, const char *reason, const char *text)
{
	scoped(arena_freep) struct arena *arena = arena_new(0);
	struct gathering *gathering = arena ? arena_alloc(arena, sizeof(*gathering)) : NULL;

	if (!gathering) {
		return RG_E_NOMEM;
	}
	drop_files(plan);
	plan->is_crash = false;
	plan->aside = reason;
	start(gathering);
	refuse(gathering);
	add_finding(gathering, &(struct answers_finding){reason, "", text});
	return finish(gathering, plan);
}

rg_err plan_refuse(struct plan *plan, const char *code, const char *text)
{
	scoped(arena_freep) struct arena *arena = arena_new(0);
	struct gathering *gathering = arena ? arena_alloc(arena, sizeof(*gathering)) : NULL;

	if (!gathering) {
		return RG_E_NOMEM;
	}
	drop_files(plan);
	start(gathering);
	refuse(gathering);
	gathering->facts.native_code = (char *)code;
	add_finding(gathering, &(struct answers_finding){"NATIONAL_SYSTEM", "", text});
	return finish(gathering, plan);
}

rg_err plan_reason(const struct plan *plan, const struct inbox_entry *entry, char **ret_text)
{
	scoped(buf_deinitv) struct buf out = {0};
	const struct answers_finding finding = {.rule = plan->aside,
		.path = "",
		.text = "A person must look at this message; it was not handed over, or it is not "
			"known whether it was."};
	size_t len = 0;

	buf_init(&out);
	rg_err err = answers_findings(entry->name, &finding, 1, &out);
	if (err) {
		return err;
	}
	*ret_text = (char *)buf_take(&out, &len);
	return RG_OK;
}
