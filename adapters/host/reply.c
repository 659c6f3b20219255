/*
 * What the national system answers to a file that was handed over
 *
 * Method: the header of the answer, but for its kind and facts, is made when the delivery
 * is handed over, and lies under each name the declaration has. Whatever an answer says
 * has passed the bounded scan, and is cut before it goes into a header of ours.
 *
 * Threads: one.
 */
#include "host/reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/merkle.h"
#include "base/text.h"
#include "host/synced.h"
#include "sign/signature.h"
#include "wire/doc.h"
#include "wire/pack.h"
#include "wire/reflect.h"
#include "wire/scan.h"

#define FOLDER_MODE  0700
#define FILE_MODE    0600
#define NAMES_MAX    4
#define TEXT_MAX     ((size_t)1000) /* bytes of the system's own words */
#define CODE_MAX     ((size_t)64)
#define FAULTS_MAX   ((size_t)20) /* findings of one answer */
#define WAITING_MAX  32
#define WAIT_NS      ((int64_t)600 * 1000000000) /* for the answer that teaches the name */
#define SKELETON_MAX ((size_t)4096)

struct waiting {
	struct directory_file file;
	uint64_t n_learned; /* when it was looked at */
};

struct replies {
	char *folder;
	int names_fd;
	uint64_t n_learned;
	struct waiting waiting[WAITING_MAX];
	size_t n_waiting;
};

rg_err replies_open(const char *state, struct replies **ret_replies)
{
	scoped(replies_closep) struct replies *replies = calloc(1, sizeof(*replies));

	if (!replies) {
		return RG_E_NOMEM;
	}
	replies->names_fd = -1;
	replies->folder = file_join(state, "names");
	if (!replies->folder) {
		return RG_E_NOMEM;
	}
	rg_err err = synced_open_dir(state, "names", FOLDER_MODE, &replies->names_fd);
	if (!err) {
		*ret_replies = steal(replies);
	}
	return err;
}

void replies_close(struct replies *replies)
{
	if (replies) {
		fd_close(&replies->names_fd);
		free(replies->folder);
		free(replies);
	}
}

/*
 * --- Names -----------------------------------------
 * ---------------------------------------------------
 */

/* File of a name; names are the system's, so they are never file names themselves. */
static rg_err file_of(const char *name, char out[2 * MERKLE_HASH_LEN + 1])
{
	uint8_t hash[MERKLE_HASH_LEN];
	rg_err err = signature_hash(bytes_of_text(name), hash);

	if (!err) {
		text_hex(bytes_of(hash, sizeof(hash)), out);
	}
	return err;
}

/* R and 19 digits and letters of the hash of sender and id: the same delivery, the same name. */
static rg_err make_name(const Rivergate__V1__Header *header, char out[REPLY_NAME_LEN + 1])
{
	static const char letters[] = "0123456789ABCDEFGHJKLMNPQRSTUVWX";
	scoped(buf_deinitv) struct buf whole = {0};
	uint8_t hash[MERKLE_HASH_LEN];

	buf_init(&whole);
	buf_add_text(&whole, header->from);
	buf_add_u8(&whole, 0);
	buf_add(&whole, header->id.data, header->id.len);
	rg_err err = buf_error(&whole);
	if (!err) {
		err = signature_hash(buf_view(&whole), hash);
	}
	if (err) {
		return err;
	}
	out[0] = 'R';
	for (size_t i = 1; i < REPLY_NAME_LEN; i++) {
		out[i] = letters[hash[i] & 31];
	}
	out[REPLY_NAME_LEN] = '\0';
	return RG_OK;
}

static rg_err remember(struct replies *replies, const char *name, struct rg_bytes skeleton)
{
	char file[2 * MERKLE_HASH_LEN + 1];
	rg_err err = file_of(name, file);

	return err ? err : synced_write(replies->names_fd, file, skeleton, FILE_MODE);
}

/* A number that the sender chose: it never takes the place of a name that is known. */
static rg_err remember_number(struct replies *replies, const char *number, struct rg_bytes skeleton)
{
	char file[2 * MERKLE_HASH_LEN + 1];
	bool is_known = false;
	rg_err err = file_of(number, file);

	if (!err) {
		err = synced_has(replies->names_fd, file, &is_known);
	}
	return err || is_known ? err : remember(replies, number, skeleton);
}

/* The header of an answer to this delivery, but for what it says. */
static rg_err pack_skeleton(const Rivergate__V1__Header *header, struct rg_bytes header_bytes,
	struct buf *out)
{
	Rivergate__V1__Header skeleton = RIVERGATE__V1__HEADER__INIT;
	Rivergate__V1__Ref ref = RIVERGATE__V1__REF__INIT;
	Rivergate__V1__Ref *refs[] = {&ref};
	char *to[] = {header->from};
	uint8_t hash[MERKLE_HASH_LEN];
	rg_err err = signature_hash(header_bytes, hash);

	if (err) {
		return err;
	}
	ref.from = header->from;
	ref.id = header->id;
	ref.header_hash = (ProtobufCBinaryData){sizeof(hash), hash};
	skeleton.to = to;
	skeleton.n_to = 1;
	skeleton.ucr = header->ucr;
	skeleton.refs = refs;
	skeleton.n_refs = 1;
	return pack_append(&skeleton.base, out);
}

static void free_message(ProtobufCMessage **msg)
{
	protobuf_c_message_free_unpacked(*msg, NULL);
}

/* The document's own number, where its type has one: a hub answers with that. NULL: none. */
static rg_err find_number(struct doc *doc, struct arena *arena, const char **ret_number)
{
	struct rg_bytes number = {0};
	bool has_one = reflect_find(doc_root(doc)->descriptor, "number", 6) != NULL;
	rg_err err = has_one ? rg_doc_get(doc_view(doc), "number", &number) : RG_OK;

	*ret_number = NULL;
	if (err || number.len == 0) {
		return err;
	}
	char *copy = arena_alloc(arena, number.len + 1);
	if (!copy) {
		return RG_E_NOMEM;
	}
	memcpy(copy, number.data, number.len);
	copy[number.len] = '\0';
	*ret_number = copy;
	return RG_OK;
}

/* A document as the national system gets it. */
struct named {
	struct rg_bytes bytes;
	const char *number; /* of its own; NULL: none */
};

/* Sets exchange.handover in a packed document; *ret_named unchanged where it does not parse. */
static rg_err set_name(const struct doctype *type, struct rg_bytes document, const char *name,
	struct arena *arena, struct named *ret_named)
{
	const struct scan_limits limits = {.n_messages = 2000000, .n_elements = 2000000};
	scoped(doc_freep) struct doc *doc = NULL;
	bool is_taken = false;

	if (!scan_check(type->desc, document, &limits).is_ok) {
		return RG_OK; /* the translation will say what is wrong with it */
	}
	scoped(free_message) ProtobufCMessage *root =
		protobuf_c_message_unpack(type->desc, NULL, document.len, document.data);
	rg_err err = root ? doc_new(type, &root, &doc) : RG_E_NOMEM;
	if (!err) {
		err = rg_doc_set(doc_view(doc), "exchange.handover", bytes_of_text(name), NULL,
			&is_taken);
	}
	if (!err) {
		err = find_number(doc, arena, &ret_named->number);
	}
	if (err || !is_taken) {
		return err;
	}
	return pack_in_arena(doc_root(doc), arena, &ret_named->bytes);
}

rg_err replies_name(struct replies *replies, const Rivergate__V1__Header *header,
	struct rg_bytes header_bytes, struct rg_bytes document, struct arena *arena,
	struct rg_bytes *ret_named)
{
	scoped(buf_deinitv) struct buf skeleton = {0};
	char name[REPLY_NAME_LEN + 1];
	struct named named = {.bytes = document};
	rg_err err = make_name(header, name);

	buf_init(&skeleton);
	if (!err) {
		err = pack_skeleton(header, header_bytes, &skeleton);
	}
	if (!err) {
		err = remember(replies, name, buf_view(&skeleton));
	}
	if (!err) {
		err = set_name(doctype_of_kind(header->kind), document, name, arena, &named);
	}
	if (!err && named.number) {
		err = remember_number(replies, named.number, buf_view(&skeleton));
	}
	if (!err) {
		*ret_named = named.bytes;
	}
	return err;
}

rg_err replies_sync(struct replies *replies)
{
	return synced_names(replies->names_fd);
}

/*
 * --- What an answer is about --------------------------
 * ------------------------------------------------------
 */

/* The names that an answer gives its declaration; how many. */
static size_t list_names(const Rivergate__V1__Declaration *document, const char *names[NAMES_MAX])
{
	const char *const all[NAMES_MAX] = {
		document->exchange ? document->exchange->correlation : "",
		document->answer->number,
		document->registration ? document->registration->number : "",
		document->registration ? document->registration->preliminary : "",
	};
	size_t n = 0;

	for (size_t i = 0; i < NAMES_MAX; i++) {
		if (all[i][0]) {
			names[n++] = all[i];
		}
	}
	return n;
}

static rg_err look_up(struct replies *replies, const char *name, struct buf *out, bool *ret_found)
{
	char file[2 * MERKLE_HASH_LEN + 1];
	rg_err err = file_of(name, file);
	scoped(freep) char *path = err ? NULL : file_join(replies->folder, file);

	if (!path) {
		return err ? err : RG_E_NOMEM;
	}
	buf_clear(out);
	return file_read(path, SKELETON_MAX, out, ret_found);
}

/* Teaches every name of the answer that is not known yet. */
static rg_err learn(struct replies *replies, const char *const names[NAMES_MAX], size_t n_names,
	struct rg_bytes skeleton)
{
	bool has_learned = false;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < n_names; i++) {
		char file[2 * MERKLE_HASH_LEN + 1];
		bool is_known = false;

		err = file_of(names[i], file);
		if (!err) {
			err = synced_has(replies->names_fd, file, &is_known);
		}
		if (!err && !is_known) {
			err = synced_write(replies->names_fd, file, skeleton, FILE_MODE);
			has_learned = true;
		}
	}
	if (!err && has_learned) {
		replies->n_learned++;
		err = replies_sync(replies);
	}
	return err;
}

static rg_err find(struct replies *replies, const Rivergate__V1__Declaration *document,
	struct buf *skeleton, bool *ret_is_found)
{
	const char *names[NAMES_MAX];
	size_t n_names = list_names(document, names);
	rg_err err = RG_OK;

	*ret_is_found = false;
	for (size_t i = 0; !err && !*ret_is_found && i < n_names; i++) {
		err = look_up(replies, names[i], skeleton, ret_is_found);
	}
	return err || !*ret_is_found ? err : learn(replies, names, n_names, buf_view(skeleton));
}

/*
 * --- What it says --------------------------------------
 * -------------------------------------------------------
 */

/* A copy of at most `limit` bytes, cut before a character begins. NULL: no memory. */
static char *cut(struct arena *arena, const char *text, size_t limit)
{
	size_t len = strnlen(text, limit + 1);

	if (len > limit) {
		for (len = limit; len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80; len--) {
		}
	}
	char *copy = arena_alloc(arena, len + 1);
	if (copy) {
		memcpy(copy, text, len);
		copy[len] = '\0';
	}
	return copy;
}

static const char *code_of(const Rivergate__V1__NationalAnswer *answer)
{
	return answer->channel[0]       ? answer->channel
		: answer->n_results > 0 ? answer->results[0]->code
					: "";
}

static const char *words_of(const Rivergate__V1__Declaration *document)
{
	const Rivergate__V1__NationalAnswer *answer = document->answer;

	return answer->n_texts > 0           ? answer->texts[0]->text
		: document->n_statements > 0 ? document->statements[0]->text
					     : "";
}

/* What a code is about: the name of the element, else the steps to it: 42A/68A[2]/128. */
static char *element_of(struct arena *arena, const Rivergate__V1__AnswerCode *code)
{
	char path[CODE_MAX + 1] = "";
	size_t len = 0;

	if (code->element[0]) {
		return cut(arena, code->element, CODE_MAX);
	}
	for (size_t i = 0; i < code->n_pointers && len < sizeof(path); i++) {
		const Rivergate__V1__Pointer *step = code->pointers[i];
		int n = snprintf(path + len, sizeof(path) - len, "%s%.8s%s%.8s%s%s%.8s",
			i ? "/" : "", step->section, step->sequence[0] ? "[" : "", step->sequence,
			step->sequence[0] ? "]" : "", step->tag[0] ? "/" : "", step->tag);

		len += n > 0 ? (size_t)n : 0;
	}
	return cut(arena, path, CODE_MAX);
}

/* One finding of an answer; NULL: no memory. */
static Rivergate__V1__Finding *find_fault(struct arena *arena,
	const Rivergate__V1__AnswerCode *code, const char *words)
{
	Rivergate__V1__Finding *finding = arena_alloc(arena, sizeof(*finding));

	if (!finding) {
		return NULL;
	}
	rivergate__v1__finding__init(finding);
	finding->rule = (char *)"NATIONAL";
	finding->path = code ? element_of(arena, code) : cut(arena, "", 0);
	finding->text = cut(arena, words, TEXT_MAX);
	return finding->path && finding->text ? finding : NULL;
}

/* What is said of one code of several: its own words, after the code. */
static const char *words_of_code(struct arena *arena, const Rivergate__V1__AnswerCode *code)
{
	size_t len = strlen(code->code) + strlen(code->text) + 3;
	char *text = arena_alloc(arena, len);

	if (text) {
		snprintf(text, len, "%s%s%s", code->code, code->text[0] ? ": " : "", code->text);
	}
	return text;
}

/*
 * The system's words with its first code, or, where codes say what they are about step by
 * step, each of them.
 */
static rg_err list_faults(const Rivergate__V1__Declaration *document, struct arena *arena,
	Rivergate__V1__AcknowledgementFacts *facts)
{
	const Rivergate__V1__NationalAnswer *answer = document->answer;
	const char *words = words_of(document);
	bool is_each = answer->n_results > 0 &&
		(answer->results[0]->n_pointers > 0 || answer->results[0]->text[0]);
	bool has_element = answer->n_results > 0 && answer->results[0]->element[0];
	size_t n = is_each ? answer->n_results : words[0] || has_element ? 1 : 0;

	n = n < FAULTS_MAX ? n : FAULTS_MAX;
	facts->findings = arena_alloc(arena, (n + 1) * sizeof(*facts->findings));
	for (size_t i = 0; facts->findings && i < n; i++) {
		const Rivergate__V1__AnswerCode *code =
			answer->n_results > 0 ? answer->results[i] : NULL;
		const char *said = is_each ? words_of_code(arena, code) : words;

		facts->findings[i] = said ? find_fault(arena, code, said) : NULL;
		if (!facts->findings[i]) {
			return RG_E_NOMEM;
		}
	}
	facts->n_findings = n;
	return facts->findings ? RG_OK : RG_E_NOMEM;
}

/* One outcome with what was found. */
static rg_err say_outcome(const Rivergate__V1__Declaration *document, struct arena *arena,
	Rivergate__V1__Header *header)
{
	Rivergate__V1__AcknowledgementFacts *facts = arena_alloc(arena, sizeof(*facts));

	if (!facts) {
		return RG_E_NOMEM;
	}
	rivergate__v1__acknowledgement_facts__init(facts);
	facts->outcome = document->answer->outcome;
	facts->native_code = cut(arena, code_of(document->answer), CODE_MAX);
	header->kind = RIVERGATE__V1__KIND__KIND_ACKNOWLEDGEMENT;
	header->refs[0]->relation = RIVERGATE__V1__RELATION__RELATION_ACKNOWLEDGES;
	header->facts_case = RIVERGATE__V1__HEADER__FACTS_ACKNOWLEDGEMENT;
	header->acknowledgement = facts;
	return facts->native_code ? list_faults(document, arena, facts) : RG_E_NOMEM;
}

static rg_err say_number(const Rivergate__V1__Declaration *document, struct arena *arena,
	Rivergate__V1__DecisionFacts *facts)
{
	const Rivergate__V1__Stamp *stamp = document->registration;
	Rivergate__V1__NationalReference *number = arena_alloc(arena, sizeof(*number));

	if (!number) {
		return RG_E_NOMEM;
	}
	rivergate__v1__national_reference__init(number);
	number->office = cut(arena, document->office ? document->office->code : "", CODE_MAX);
	number->number = cut(arena, stamp->number, CODE_MAX);
	number->date = cut(arena, stamp->date, CODE_MAX);
	number->serial = cut(arena, stamp->serial, CODE_MAX);
	facts->national_ref = number;
	return number->office && number->number && number->date && number->serial ? RG_OK
										  : RG_E_NOMEM;
}

static rg_err say_decision(const Rivergate__V1__Declaration *document, struct arena *arena,
	Rivergate__V1__Header *header)
{
	const Rivergate__V1__NationalAnswer *answer = document->answer;
	Rivergate__V1__DecisionFacts *facts = arena_alloc(arena, sizeof(*facts));
	rg_err err = RG_OK;

	if (!facts) {
		return RG_E_NOMEM;
	}
	rivergate__v1__decision_facts__init(facts);
	facts->status = answer->decision;
	facts->native_code = cut(arena, code_of(answer), CODE_MAX);
	facts->text = cut(arena, words_of(document), TEXT_MAX);
	facts->language =
		cut(arena, answer->n_texts > 0 ? answer->texts[0]->language : "", CODE_MAX);
	if (document->registration && document->registration->number[0]) {
		err = say_number(document, arena, facts);
	}
	header->kind = RIVERGATE__V1__KIND__KIND_DECISION;
	header->refs[0]->relation = RIVERGATE__V1__RELATION__RELATION_DECIDES;
	header->facts_case = RIVERGATE__V1__HEADER__FACTS_DECISION;
	header->decision = facts;
	return err || (facts->native_code && facts->text && facts->language) ? err : RG_E_NOMEM;
}

rg_err replies_draft(struct replies *replies, const Rivergate__V1__Declaration *document,
	struct arena *arena, struct buf *draft, const char **ret_problem, bool *ret_is_unknown)
{
	scoped(buf_deinitv) struct buf skeleton = {0};
	const Rivergate__V1__NationalAnswer *answer = document->answer;
	bool is_found = false;
	struct scan_answer checked;
	ProtobufCMessage *msg = NULL;

	*ret_problem = NULL;
	*ret_is_unknown = false;
	buf_init(&skeleton);
	rg_err err = find(replies, document, &skeleton, &is_found);
	if (err) {
		return err;
	}
	if (!is_found) {
		*ret_is_unknown = true;
		*ret_problem =
			"This answer names no declaration that was handed over here; if it "
			"should, put it into out/ again when the answer that gave the number "
			"has come.";
		return RG_OK;
	}
	if (!answer->decision && !answer->outcome) {
		*ret_problem = "The meaning of this answer's code is not known; read it, and tell "
			       "the sender by hand.";
		return RG_OK;
	}
	err = scan_unpack(&rivergate__v1__header__descriptor, buf_view(&skeleton), arena, &checked,
		&msg);
	if (err || !msg) {
		return err ? err : RG_E_FORMAT;
	}
	Rivergate__V1__Header *header = (Rivergate__V1__Header *)msg;
	err = answer->decision ? say_decision(document, arena, header)
			       : say_outcome(document, arena, header);
	return err ? err : pack_append(&header->base, draft);
}

/*
 * --- Waiting --------------------------------------------
 * --------------------------------------------------------
 */

static bool is_same(const struct directory_file *a, const struct directory_file *b)
{
	return a->inode == b->inode && a->size == b->size && a->changed_ns == b->changed_ns &&
		strcmp(a->name, b->name) == 0;
}

static bool is_young(const struct directory_file *file)
{
	return clock_now_us() * 1000 - file->changed_ns < WAIT_NS;
}

/* Files that were taken away or are too old wait no longer. */
static void forget(struct replies *replies, const struct directory_file *file)
{
	size_t n = 0;

	for (size_t i = 0; i < replies->n_waiting; i++) {
		const struct waiting *waiting = &replies->waiting[i];

		if (!is_same(&waiting->file, file) && is_young(&waiting->file)) {
			replies->waiting[n++] = *waiting;
		}
	}
	replies->n_waiting = n;
}

bool replies_wait(struct replies *replies, const struct directory_file *file)
{
	forget(replies, file);
	if (!is_young(file) || replies->n_waiting >= WAITING_MAX) {
		return false;
	}
	replies->waiting[replies->n_waiting++] =
		(struct waiting){.file = *file, .n_learned = replies->n_learned};
	return true;
}

bool replies_is_waiting(const struct replies *replies, const struct directory_file *file)
{
	for (size_t i = 0; i < replies->n_waiting; i++) {
		const struct waiting *waiting = &replies->waiting[i];

		if (is_same(&waiting->file, file)) {
			return waiting->n_learned == replies->n_learned && is_young(file);
		}
	}
	return false;
}

bool replies_has_waiting(const struct replies *replies)
{
	for (size_t i = 0; i < replies->n_waiting; i++) {
		if (is_young(&replies->waiting[i].file)) {
			return true;
		}
	}
	return false;
}
