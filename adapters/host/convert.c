/*
 * Translation as a library call
 *
 * Method: a plug-in is called with the functions of this file and hands over what it
 * made. The loss report is computed afterwards from what was not read: a plug-in
 * cannot forget to report.
 *
 * Threads: one owner.
 */
#include "host/convert.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "host/decimal.h"
#include "host/transfer.h"
#include "host/values.h"
#include "host/zawgyi.h"
#include "wire/json.h"
#include "wire/reflect.h"
#include "wire/scan.h"

#define MAX_FINDINGS    1000
#define MAX_VALUE_SHOWN 200

/* Documents of one JSON text; what is behind the last is read with it, and refused. */
#define JSON_DOCUMENTS_MAX 1000

struct conversion {
	struct rg_call call;        /* first: a plug-in's pointer is ours */
	const struct doctype *type; /* of the documents that a plug-in asks for */
	struct doc **documents;
	size_t n_documents;
	struct output {
		uint8_t *data;
		size_t len;
	} * outputs;
	size_t n_outputs;
	struct rg_finding *findings;
	size_t n_findings;
	bool is_refused;
	struct refused_leaf { /* read, and then not written after all */
		char *path;
		char *reason;
	} * refused;
	size_t n_refused;
	Rivergate__V1__Translation translation;
	uint8_t commitment[32];
	const struct rg_format *named; /* whose names the site replaces; NULL: none */
	struct rg_bytes names;
};

/* Grows a list by one zeroed entry; NULL: no memory. */
static void *add_entry(void **list, size_t *n, size_t size)
{
	char *grown = realloc(*list, (*n + 1) * size);
	if (!grown) {
		return NULL;
	}
	*list = grown;
	memset(grown + *n * size, 0, size);
	return grown + (*n)++ * size;
}

static struct conversion *self(struct rg_call *call)
{
	return (struct conversion *)call;
}

/* What plug-ins call */

static void free_message(ProtobufCMessage **msg)
{
	protobuf_c_message_free_unpacked(*msg, NULL);
}

/* Takes the message over; NULL where it points to: an empty one of conversion->type. */
static rg_err add_document(struct conversion *conversion, ProtobufCMessage **root,
	struct doc **ret_doc)
{
	scoped(doc_freep) struct doc *doc = NULL;
	rg_err err = doc_new(conversion->type, root, &doc);
	struct doc **entry = err ? NULL
				 : add_entry((void **)&conversion->documents,
					   &conversion->n_documents, sizeof(*entry));
	if (!entry) {
		return err ? err : RG_E_NOMEM;
	}
	*ret_doc = *entry = steal(doc);
	return RG_OK;
}

static rg_err on_document(struct rg_call *call, struct rg_doc **ret_doc)
{
	ProtobufCMessage *none = NULL;
	struct doc *doc = NULL;
	rg_err err = add_document(self(call), &none, &doc);
	if (!err) {
		*ret_doc = doc_view(doc);
	}
	return err;
}

static rg_err on_output(struct rg_call *call, struct rg_bytes bytes)
{
	struct conversion *conversion = self(call);
	struct output *output =
		add_entry((void **)&conversion->outputs, &conversion->n_outputs, sizeof(*output));
	uint8_t *copy = output ? malloc(bytes.len + 1) : NULL;
	if (!copy) {
		return RG_E_NOMEM;
	}
	if (bytes.len > 0) {
		memcpy(copy, bytes.data, bytes.len);
	}
	*output = (struct output){copy, bytes.len};
	return RG_OK;
}

static rg_err on_finding(struct rg_call *call, const struct rg_finding *finding)
{
	struct conversion *conversion = self(call);
	conversion->is_refused = conversion->is_refused || finding->severity == RG_FINDING_ERROR;
	if (conversion->n_findings >= MAX_FINDINGS) {
		return RG_OK;
	}
	struct rg_finding *entry =
		add_entry((void **)&conversion->findings, &conversion->n_findings, sizeof(*entry));
	if (!entry) {
		return RG_E_NOMEM;
	}
	*entry = *finding;
	entry->rule = strdup(finding->rule);
	entry->path = strdup(finding->path);
	entry->text = strdup(finding->text);
	return entry->rule && entry->path && entry->text ? RG_OK : RG_E_NOMEM;
}

static rg_err on_lost(struct rg_call *call, const char *path, const char *reason)
{
	struct conversion *conversion = self(call);
	size_t n = conversion->n_refused;
	if (n > 0 && strcmp(conversion->refused[n - 1].path, path) == 0) {
		return RG_OK; /* one leaf asked for again, by the next entry of a list */
	}
	struct refused_leaf *entry =
		add_entry((void **)&conversion->refused, &conversion->n_refused, sizeof(*entry));
	if (!entry) {
		return RG_E_NOMEM;
	}
	entry->path = strdup(path);
	entry->reason = strdup(reason);
	return entry->path && entry->reason ? RG_OK : RG_E_NOMEM;
}

static const struct rg_call_ops call_ops = {
	.size = sizeof(struct rg_call_ops),
	.document = on_document,
	.output = on_output,
	.finding = on_finding,
	.lost = on_lost,
};

/* Life */

rg_err convert_new(struct conversion **ret_conversion)
{
	struct conversion *conversion = calloc(1, sizeof(*conversion));
	if (!conversion) {
		return RG_E_NOMEM;
	}
	conversion->call.ops = &call_ops;
	conversion->call.country = "";
	conversion->type = doctype_find(NULL);
	rivergate__v1__translation__init(&conversion->translation);
	*ret_conversion = conversion;
	return RG_OK;
}

static void free_text(char *text)
{
	if (text != (const char *)protobuf_c_empty_string) {
		free(text);
	}
}

static void free_translation(Rivergate__V1__Translation *translation)
{
	for (size_t i = 0; i < translation->n_losses; i++) {
		rivergate__v1__loss__free_unpacked(translation->losses[i], NULL);
	}
	free(translation->losses);
	char *const texts[] = {translation->source_format, translation->mapping,
		translation->mapping_version, translation->target_format,
		translation->target_mapping, translation->target_version,
		translation->source_unverified, translation->target_unverified};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		free_text(texts[i]);
	}
}

void convert_free(struct conversion *conversion)
{
	if (!conversion) {
		return;
	}
	for (size_t i = 0; i < conversion->n_documents; i++) {
		doc_free(conversion->documents[i]);
	}
	for (size_t i = 0; i < conversion->n_outputs; i++) {
		free(conversion->outputs[i].data);
	}
	for (size_t i = 0; i < conversion->n_findings; i++) {
		const struct rg_finding *finding = &conversion->findings[i];
		free((char *)(uintptr_t)finding->rule);
		free((char *)(uintptr_t)finding->path);
		free((char *)(uintptr_t)finding->text);
	}
	for (size_t i = 0; i < conversion->n_refused; i++) {
		free(conversion->refused[i].path);
		free(conversion->refused[i].reason);
	}
	free(conversion->documents);
	free(conversion->outputs);
	free(conversion->findings);
	free(conversion->refused);
	free_translation(&conversion->translation);
	free(conversion);
}

static rg_err set_text(char **field, const char *text)
{
	char *copy = strdup(text);
	if (!copy) {
		return RG_E_NOMEM;
	}
	free_text(*field);
	*field = copy;
	return RG_OK;
}

/* What the format was built without a source for is part of every translation by it. */
static rg_err set_unverified(char **field, const struct plugin_format *format)
{
	return format->format->unverified ? set_text(field, format->format->unverified) : RG_OK;
}

static rg_err set_mapping(char **field, const struct plugin_format *format)
{
	char name[PLUGIN_NAME_MAX];
	plugin_name(format, name);
	return set_text(field, name);
}

/* What a plug-in is told of the call; the view of its country is into `country`. */
static void enter(struct conversion *conversion, const struct plugin_format *format,
	char country[3])
{
	bool is_named = conversion->named == format->format;
	conversion->call.country = plugin_country(format, country);
	conversion->call.names = is_named ? conversion->names : (struct rg_bytes){NULL, 0};
}

void convert_set_names(struct conversion *conversion, const struct plugin_format *format,
	struct rg_bytes names)
{
	conversion->named = format->format;
	conversion->names = names;
}

rg_err convert_check_names(struct conversion *conversion, const struct plugin_format *format)
{
	char country[3];
	enter(conversion, format, country);
	return format->format->check_names(format->format, &conversion->call);
}

/* Decoding */

static bool is_json(const struct plugin_format *format)
{
	return !format->format->decode;
}

static rg_err refuse(struct conversion *conversion, const struct rg_finding *finding)
{
	return on_finding(&conversion->call, finding);
}

/* One document after `n_lines` lines; *ret_is_ok false: it is wrong. */
static rg_err decode_value(struct conversion *conversion, struct rg_bytes text, uint32_t n_lines,
	bool *ret_is_ok)
{
	scoped(free_message) ProtobufCMessage *msg = NULL;
	struct json_mistake mistake;
	rg_err err = json_decode_document(text, &msg, &mistake);
	*ret_is_ok = !err && msg;
	if (err) {
		return err;
	}
	if (!msg) {
		struct rg_finding finding = {RG_FINDING_ERROR, "JSON", mistake.path,
			mistake.line > 0 ? mistake.line + n_lines : 0, mistake.column,
			mistake.text};
		return refuse(conversion, &finding);
	}
	struct doc *doc = NULL;
	return add_document(conversion, &msg, &doc);
}

/* One document, or several behind one another, as encode_json() writes them. */
static rg_err decode_json(struct conversion *conversion, struct rg_bytes text)
{
	struct rg_bytes rest = text;
	bool is_ok = true;
	rg_err err = RG_OK;
	do {
		size_t len = conversion->n_documents < JSON_DOCUMENTS_MAX ? values_first(rest)
									  : rest.len;
		err = decode_value(conversion, (struct rg_bytes){rest.data, len},
			values_lines(text.data, rest.data), &is_ok);
		rest = (struct rg_bytes){rest.data + len, rest.len - len};
	} while (!err && is_ok && rest.len > 0);
	return err;
}

/* The type of the documents of a format; a plug-in that names none is not loaded. */
static const struct doctype *type_of(const struct plugin_format *format)
{
	return doctype_find(format->format->document);
}

static rg_err note_encodings(struct conversion *conversion)
{
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < conversion->n_documents; i++) {
		err = zawgyi_note(conversion->documents[i], &conversion->call);
	}
	return err;
}

static rg_err refuse_size(struct conversion *conversion)
{
	struct rg_finding finding = {RG_FINDING_ERROR, "LIMIT", "", 0, 0,
		"the file is larger than 64 MiB"};
	return refuse(conversion, &finding);
}

rg_err convert_decode(struct conversion *conversion, const struct plugin_format *from,
	struct rg_bytes native)
{
	char country[3];
	Rivergate__V1__Translation *translation = &conversion->translation;
	rg_err err = set_text(&translation->source_format, from->format->name);
	if (!err) {
		err = set_mapping(&translation->mapping, from);
	}
	if (!err) {
		err = set_text(&translation->mapping_version, from->format->version);
	}
	if (!err) {
		err = set_unverified(&translation->source_unverified, from);
	}
	if (err) {
		return err;
	}
	if (native.len > CONVERT_MAX_INPUT) {
		return refuse_size(conversion);
	}
	enter(conversion, from, country);
	conversion->type = type_of(from);
	err = is_json(from) ? decode_json(conversion, native)
			    : from->format->decode(from->format, native, &conversion->call);
	conversion->call.country = "";
	return err ? err : note_encodings(conversion);
}

rg_err convert_validate(struct conversion *conversion, const struct plugin_format *format,
	struct rg_bytes native)
{
	char country[3];
	if (native.len > CONVERT_MAX_INPUT) {
		return refuse_size(conversion);
	}
	enter(conversion, format, country);
	rg_err err = is_json(format)
		? decode_json(conversion, native)
		: format->format->validate(format->format, native, &conversion->call);
	conversion->call.country = "";
	return err;
}

static rg_err refuse_type(struct conversion *conversion)
{
	struct rg_finding finding = {RG_FINDING_ERROR, "DOCUMENT", "", 0, 0,
		"the part is of a type that is no document here"};
	return refuse(conversion, &finding);
}

rg_err convert_add_document(struct conversion *conversion, const char *type, struct rg_bytes packed)
{
	const struct scan_limits limits = {.n_messages = 1000000, .n_elements = 2000000};
	const struct doctype *known = doctype_find(type);
	if (!known) {
		return refuse_type(conversion);
	}
	struct scan_answer answer = scan_check(known->desc, packed, &limits);
	if (!answer.is_ok) {
		struct rg_finding finding = {RG_FINDING_ERROR, "DOCUMENT", answer.path, 0, 0,
			answer.rule};
		return refuse(conversion, &finding);
	}
	scoped(free_message) ProtobufCMessage *root =
		protobuf_c_message_unpack(known->desc, NULL, packed.len, packed.data);
	struct doc *doc = NULL;
	return root ? add_document(conversion, &root, &doc) : RG_E_NOMEM;
}

rg_err convert_add_declaration(struct conversion *conversion, struct rg_bytes packed)
{
	return convert_add_document(conversion, NULL, packed);
}

/* Loss report */

struct reporting {
	struct conversion *conversion;
	struct doc *doc;
	bool is_json;
	bool is_abroad; /* source and target are of different countries */
};

static rg_err add_text(char ***list, size_t *n, const char *text)
{
	char **entry = add_entry((void **)list, n, sizeof(*entry));
	if (!entry) {
		return RG_E_NOMEM;
	}
	*entry = strdup(text);
	return *entry ? RG_OK : RG_E_NOMEM;
}

static rg_err add_natives(Rivergate__V1__Loss *loss, const struct doc_source *source)
{
	rg_err err = RG_OK;
	for (size_t i = 0; source && !err && i < source->n_natives; i++) {
		err = add_text(&loss->native, &loss->n_native, source->natives[i]);
	}
	return err;
}

static rg_err set_value(Rivergate__V1__Loss *loss, struct rg_bytes value)
{
	size_t len = value.len < MAX_VALUE_SHOWN ? value.len : MAX_VALUE_SHOWN;
	if (transfer_is_private(loss->path)) {
		return RG_OK;
	}
	while (len < value.len && len > 0 && (value.data[len] & 0xc0) == 0x80) {
		len--; /* not in the middle of a character */
	}
	char *copy = strndup((const char *)value.data, len);
	if (!copy) {
		return RG_E_NOMEM;
	}
	free_text(loss->value);
	loss->value = copy;
	return RG_OK;
}

static rg_err add_loss(struct conversion *conversion, Rivergate__V1__LossClass class,
	const char *path, const char *reason, Rivergate__V1__Loss **ret_loss)
{
	Rivergate__V1__Translation *translation = &conversion->translation;
	Rivergate__V1__Loss *loss = malloc(sizeof(*loss));
	if (!loss) {
		return RG_E_NOMEM;
	}
	rivergate__v1__loss__init(loss);
	Rivergate__V1__Loss **entry =
		add_entry((void **)&translation->losses, &translation->n_losses, sizeof(*entry));
	if (!entry) {
		free(loss);
		return RG_E_NOMEM;
	}
	*entry = loss;
	loss->class_ = class;
	rg_err err = set_text(&loss->path, path);
	if (!err) {
		err = set_text(&loss->reason, reason);
	}
	*ret_loss = loss;
	return err;
}

static Rivergate__V1__LossClass classify(const struct reporting *reporting, const char *path,
	const char **reason)
{
	if (reporting->is_abroad && transfer_is_national(path, reason)) {
		return RIVERGATE__V1__LOSS_CLASS__LOSS_CLASS_NOT_TRANSFERABLE;
	}
	*reason = "the target format has no place for it";
	return RIVERGATE__V1__LOSS_CLASS__LOSS_CLASS_LOST;
}

static rg_err report_leaf(const struct reporting *reporting, const struct doc_leaf *leaf)
{
	char path[DOC_PATH_MAX];
	char text[64];
	const char *reason = NULL;
	struct rg_bytes value = leaf->value;
	Rivergate__V1__Loss *loss = NULL;
	rg_err err = RG_OK;
	snprintf(path, sizeof(path), "%s", leaf->path);
	if (strcmp(leaf->parent, "rivergate.v1.Decimal") == 0) {
		*strrchr(path, '.') = '\0';
		err = decimal_text(reporting->doc, path, leaf->value, text);
		value = (struct rg_bytes){(const uint8_t *)text, strlen(text)};
	}
	Rivergate__V1__LossClass class = classify(reporting, path, &reason);
	if (!err) {
		err = add_loss(reporting->conversion, class, path, reason, &loss);
	}
	if (!err) {
		err = set_value(loss, value);
	}
	return err ? err : add_natives(loss, doc_find_source(reporting->doc, leaf->path));
}

static rg_err visit_leaf(void *context, const struct doc_leaf *leaf)
{
	struct reporting *reporting = context;
	Rivergate__V1__Translation *translation = &reporting->conversion->translation;
	bool is_scale = strcmp(leaf->parent, "rivergate.v1.Decimal") == 0 &&
		strcmp(leaf->field->name, "scale") == 0;
	bool is_aside = strncmp(leaf->path, "hints[", 6) == 0 ||
		strncmp(leaf->path, "extensions[", 11) == 0 || strcmp(leaf->path, "country") == 0;
	if (is_aside || is_scale) {
		return RG_OK;
	}
	translation->leaves++;
	if (leaf->was_read || reporting->is_json) {
		translation->carried++;
		return RG_OK;
	}
	return report_leaf(reporting, leaf);
}

/* The message at the top-level list `extensions`, which every type of document has. */
static const Rivergate__V1__Extension *extension_at(const struct doc *doc, size_t i)
{
	static const char name[] = "extensions";
	const ProtobufCMessage *root = doc_root(doc);
	return (const Rivergate__V1__Extension *)reflect_message(root,
		reflect_find(root->descriptor, name, sizeof(name) - 1), i);
}

static rg_err report_extension(const struct reporting *reporting, size_t i)
{
	const Rivergate__V1__Extension *extension = extension_at(reporting->doc, i);
	char path[64];
	char scratch[32];
	struct doc_leaf leaf;
	snprintf(path, sizeof(path), "extensions[%zu].value", i);
	rg_err err = doc_peek(reporting->doc, path, &leaf, scratch);
	if (err || (leaf.was_read && !reporting->is_json)) {
		return err;
	}
	Rivergate__V1__LossClass class = RIVERGATE__V1__LOSS_CLASS__LOSS_CLASS_LOST;
	const char *reason = "the source states it in an element that has no canonical field";
	if (reporting->is_json) {
		class = RIVERGATE__V1__LOSS_CLASS__LOSS_CLASS_EXTENSION;
		reason = "kept in extensions, which only its own format reads";
	} else if (extension->class_ == RIVERGATE__V1__LOSS_CLASS__LOSS_CLASS_NOT_TRANSFERABLE) {
		class = extension->class_;
		reason = "law or habit of the country that stated it";
	}
	Rivergate__V1__Loss *loss = NULL;
	struct rg_bytes value = {(const uint8_t *)extension->value, strlen(extension->value)};
	err = add_loss(reporting->conversion, class, "", reason, &loss);
	if (!err) {
		err = set_value(loss, value);
	}
	return err ? err : add_text(&loss->native, &loss->n_native, extension->path);
}

/* A native element that must not leave: named, its value kept by nobody. */
static rg_err report_withheld(struct conversion *conversion, const struct refused_leaf *refused)
{
	Rivergate__V1__Loss *loss = NULL;
	rg_err err = add_loss(conversion, RIVERGATE__V1__LOSS_CLASS__LOSS_CLASS_NOT_TRANSFERABLE,
		"", refused->reason, &loss);
	return err ? err : add_text(&loss->native, &loss->n_native, refused->path);
}

static rg_err report_unwritten(const struct reporting *reporting,
	const struct refused_leaf *refused)
{
	struct conversion *conversion = reporting->conversion;
	char scratch[32];
	struct doc_leaf leaf;
	Rivergate__V1__Loss *loss = NULL;
	rg_err err = add_loss(conversion, RIVERGATE__V1__LOSS_CLASS__LOSS_CLASS_LOST, refused->path,
		refused->reason, &loss);
	if (!err) {
		err = doc_peek(reporting->doc, refused->path, &leaf, scratch);
	}
	if (!err && leaf.value.data) {
		err = set_value(loss, leaf.value);
	}
	if (!err) {
		err = add_natives(loss, doc_find_source(reporting->doc, refused->path));
	}
	conversion->translation.carried -= conversion->translation.carried > 0 ? 1 : 0;
	return err;
}

/* Elements that the plug-in withheld, and leaves that it read and could not write. */
static rg_err report_refused(const struct reporting *reporting)
{
	const struct conversion *conversion = reporting->conversion;
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < conversion->n_refused; i++) {
		const struct refused_leaf *refused = &conversion->refused[i];
		err = refused->path[0] == '/' ? report_withheld(reporting->conversion, refused)
					      : report_unwritten(reporting, refused);
	}
	return err;
}

/* Whether the document is of another country than this. */
static rg_err find_abroad(const struct doc *doc, const char *country, bool *ret_is_abroad)
{
	char scratch[32];
	struct doc_leaf leaf;
	rg_err err = doc_peek(doc, "country", &leaf, scratch);
	if (!err) {
		*ret_is_abroad = leaf.value.len != strlen(country) ||
			(leaf.value.len > 0 &&
				memcmp(leaf.value.data, country, leaf.value.len) != 0);
	}
	return err;
}

static rg_err report(struct conversion *conversion, const struct plugin_format *to)
{
	char country[3];
	plugin_country(to, country);
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < conversion->n_documents; i++) {
		struct reporting reporting = {conversion, conversion->documents[i], is_json(to),
			false};
		size_t n_extensions = 0;
		err = rg_doc_count(doc_view(reporting.doc), "extensions", &n_extensions);
		if (!err) {
			err = find_abroad(reporting.doc, country, &reporting.is_abroad);
		}
		if (!err) {
			err = doc_each_leaf(reporting.doc, visit_leaf, &reporting);
		}
		for (size_t j = 0; !err && j < n_extensions; j++) {
			err = report_extension(&reporting, j);
		}
		if (!err && i == 0) {
			err = report_refused(&reporting);
		}
	}
	return err;
}

/* Encoding */

static rg_err encode_json(struct conversion *conversion)
{
	rg_err err = RG_OK;
	for (size_t i = 0; !err && i < conversion->n_documents; i++) {
		const ProtobufCMessage *root = doc_root(conversion->documents[i]);
		bool is_usual = doctype_of(root) == doctype_find(NULL);
		scoped(freep) char *text = NULL;
		err = json_encode(root, JSON_LINES | (is_usual ? 0u : (unsigned)JSON_TYPED), &text);
		if (!err) {
			err = on_output(&conversion->call,
				(struct rg_bytes){(const uint8_t *)text, strlen(text)});
		}
	}
	return err;
}

static rg_err encode_native(struct conversion *conversion, const struct plugin_format *to)
{
	scoped(freep) struct rg_doc **docs =
		calloc(conversion->n_documents + 1, sizeof(struct rg_doc *));
	char country[3];
	if (!docs) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < conversion->n_documents; i++) {
		doc_forget_reads(conversion->documents[i]);
		docs[i] = doc_view(conversion->documents[i]);
	}
	enter(conversion, to, country);
	rg_err err =
		to->format->encode(to->format, docs, conversion->n_documents, &conversion->call);
	conversion->call.country = "";
	return err;
}

/* A format for declarations has no place for a certificate, nor the other way round. */
static rg_err check_types(struct conversion *conversion, const struct plugin_format *to)
{
	char text[200];
	for (size_t i = 0; !is_json(to) && i < conversion->n_documents; i++) {
		const struct doctype *type = doctype_of(doc_root(conversion->documents[i]));
		if (type == type_of(to)) {
			continue;
		}
		snprintf(text, sizeof(text),
			"the document is a %s, and format %s is for a %s; name a format for the "
			"former",
			type->name, to->format->name, type_of(to)->name);
		struct rg_finding finding = {RG_FINDING_ERROR, "DOCUMENT", "", 0, 0, text};
		return refuse(conversion, &finding);
	}
	return RG_OK;
}

rg_err convert_encode(struct conversion *conversion, const struct plugin_format *to,
	enum rg_purpose purpose)
{
	Rivergate__V1__Translation *translation = &conversion->translation;
	conversion->call.purpose = purpose;
	rg_err err = set_text(&translation->target_format, to->format->name);
	if (!err) {
		err = set_mapping(&translation->target_mapping, to);
	}
	if (!err) {
		err = set_text(&translation->target_version, to->format->version);
	}
	if (!err) {
		err = set_unverified(&translation->target_unverified, to);
	}
	if (!err) {
		err = check_types(conversion, to);
	}
	if (!err && !conversion->is_refused) {
		err = is_json(to) ? encode_json(conversion) : encode_native(conversion, to);
	}
	return err || conversion->is_refused ? err : report(conversion, to);
}

void convert_set_commitment(struct conversion *conversion, const uint8_t commitment[32])
{
	memcpy(conversion->commitment, commitment, sizeof(conversion->commitment));
	conversion->translation.original_commitment =
		(ProtobufCBinaryData){sizeof(conversion->commitment), conversion->commitment};
}

/* Reading */

bool convert_is_refused(const struct conversion *conversion)
{
	return conversion->is_refused;
}

size_t convert_n_documents(const struct conversion *conversion)
{
	return conversion->n_documents;
}

struct doc *convert_document(struct conversion *conversion, size_t i)
{
	return conversion->documents[i];
}

size_t convert_n_outputs(const struct conversion *conversion)
{
	return conversion->n_outputs;
}

struct rg_bytes convert_output(const struct conversion *conversion, size_t i)
{
	return (struct rg_bytes){conversion->outputs[i].data, conversion->outputs[i].len};
}

size_t convert_n_findings(const struct conversion *conversion)
{
	return conversion->n_findings;
}

const struct rg_finding *convert_finding(const struct conversion *conversion, size_t i)
{
	return &conversion->findings[i];
}

const Rivergate__V1__Translation *convert_translation(const struct conversion *conversion)
{
	return &conversion->translation;
}
