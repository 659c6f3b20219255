/*
 * What a file becomes when it is submitted: see submit_file.h
 *
 * Method: one function a sort of file. Findings of the translation go to standard
 * error, one a line. The bytes of withheld parts are stored before the message is
 * submitted: only their commitments travel, and who loses salt or content can never
 * again prove what the original was.
 *
 * Threads: one.
 */

#include "cli/submit_file.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "cli/show.h"
#include "cli/verb.h"
#include "host/condition.h"
#include "host/convert.h"
#include "host/outgoing.h"
#include "registry/governance.h"
#include "sign/signature.h"
#include "wire/doctype.h"
#include "wire/json.h"
#include "wire/pack.h"

#define WORD_MAX 40

/* A file on its way. */
struct reading {
	const char *path;
	const struct submit_file_options *options;
	const struct submit_sink *sink;
	struct buf content;
	int exit_code;
};

static rg_err answer_no(struct reading *reading, int exit_code, const char *text)
{
	fputs("rivergate submit: ", stderr);
	show_text(stderr, reading->path);
	fputs(": ", stderr);
	show_text(stderr, text);
	fputc('\n', stderr);
	reading->exit_code = exit_code;
	return RG_OK;
}

/* --- Governance ------------------------------------------------------------------------------ */

static const struct {
	const char *word;
	Rivergate__V1__Kind kind;
	bool is_governed; /* JSON of a Governed; else bytes as they are */
	const char *type;
} governance[] = {
	{"registry", RIVERGATE__V1__KIND__KIND_REGISTRY, true, "rivergate.v1.Governed"},
	{"directory", RIVERGATE__V1__KIND__KIND_DIRECTORY, true, "rivergate.v1.Governed"},
	{"profile", RIVERGATE__V1__KIND__KIND_WINDOW_PROFILE, true, "rivergate.v1.Governed"},
	{"revocation-list", RIVERGATE__V1__KIND__KIND_REVOCATION_LIST, false,
		"application/pkix-crl"},
};

#define N_GOVERNANCE (sizeof(governance) / sizeof(governance[0]))

/* The row of the table; N_GOVERNANCE: none. */
static size_t governance_row(const char *kind)
{
	size_t i = 0;

	while (i < N_GOVERNANCE && (!kind || strcasecmp(kind, governance[i].word) != 0)) {
		i++;
	}
	return i;
}

/* The canonical bytes of the governance file. */
static rg_err pack_governed(struct reading *reading, struct buf *out)
{
	scoped(governance_freep) Rivergate__V1__Governed *governed = NULL;
	struct governance_answer answer = {.is_ok = true};
	rg_err err = governance_read(reading->path, &governed, &answer);

	if (err) {
		return err;
	}
	if (!governed) {
		return answer_no(reading, VERB_ANSWERED_NO, answer.text);
	}
	return pack_append(&governed->base, out);
}

static rg_err submit_governance(struct reading *reading, size_t row)
{
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	Rivergate__V1__Part part = RIVERGATE__V1__PART__INIT;
	Rivergate__V1__Part *parts[] = {&part};
	scoped(buf_deinit) struct buf content = {0};
	scoped(buf_deinit) struct buf packed = {0};
	rg_err err = governance[row].is_governed ? pack_governed(reading, &content) : RG_OK;

	if (err || reading->exit_code) {
		return err;
	}
	part.name = (char *)governance[row].word;
	part.type = (char *)governance[row].type;
	header.kind = governance[row].kind;
	header.parts = parts;
	header.n_parts = 1;
	err = pack_append(&header.base, &packed);
	if (err) {
		return err;
	}
	const struct rg_client_part client_part = {
		.content = buf_view(governance[row].is_governed ? &content : &reading->content),
	};
	const struct rg_client_message message = {
		.header = buf_view(&packed),
		.parts = &client_part,
		.n_parts = 1,
	};
	return reading->sink->message(reading->sink->context, &message);
}

/* --- A header alone --------------------------------------------------------------------------- */

/*
 * A header in JSON, of a kind that needs no parts: events, certificate status, inspection
 * results, links, notices. What the client fills in (id, from, sent_at_us) may be left out.
 */
static rg_err submit_header(struct reading *reading)
{
	ProtobufCMessage *message = NULL;
	struct json_mistake mistake = {.line = 0};
	scoped(buf_deinit) struct buf packed = {0};
	rg_err err = json_decode(&rivergate__v1__header__descriptor, buf_view(&reading->content),
		&message, &mistake);

	if (err) {
		return err;
	}
	if (!message) {
		buf_printf(&packed, "line %u: %s: %s", mistake.line, mistake.path, mistake.text);
		const char *text = buf_text(&packed);

		return text ? answer_no(reading, VERB_ANSWERED_NO, text) : RG_E_NOMEM;
	}
	err = pack_append(message, &packed);
	protobuf_c_message_free_unpacked(message, NULL);
	const struct rg_client_message out = {.header = buf_view(&packed)};

	return err ? err : reading->sink->message(reading->sink->context, &out);
}

/* --- Documents ------------------------------------------------------------------------------- */

/* Words of the protocol are upper case with underscores; on a command line any form will do. */
static void to_word(const char *text, char word[WORD_MAX])
{
	size_t i = 0;

	for (; text && text[i] && i + 1 < WORD_MAX; i++) {
		word[i] = text[i] == '-' ? '_' : (char)toupper((unsigned char)text[i]);
	}
	word[i] = '\0';
}

/* STATE/withheld/<commitment>.salted: 32 bytes of salt, then the content. */
static rg_err keep_withheld(const struct reading *reading, struct rg_bytes salted)
{
	scoped(buf_deinit) struct buf path = {0};
	uint8_t commitment[32];
	char hex[2 * sizeof(commitment) + 1];
	rg_err err = signature_hash(salted, commitment);

	buf_printf(&path, "%s/withheld", reading->options->state);
	err = err ? err : buf_error(&path);
	err = err ? err : file_make_dirs(buf_text(&path));
	text_hex(bytes_of(commitment, sizeof(commitment)), hex);
	buf_printf(&path, "/%s.salted", hex);
	err = err ? err : buf_error(&path);
	return err ? err : file_replace(buf_text(&path), salted, 0600);
}

static rg_err submit_draft(const struct reading *reading, const struct outgoing_draft *draft)
{
	const struct rg_client_message message = {
		.header = buf_view(&draft->header),
		.parts = draft->parts,
		.n_parts = draft->n_parts,
	};
	rg_err err = RG_OK;

	for (size_t i = 0; i < draft->n_kept && !err; i++) {
		err = keep_withheld(reading, buf_view(&draft->kept[i].salted));
	}
	return err ? err : reading->sink->message(reading->sink->context, &message);
}

static rg_err submit_on_route(struct reading *reading, const struct outgoing_document *document,
	const struct outgoing_route *route)
{
	scoped(outgoing_draft_deinit) struct outgoing_draft draft;
	const char *problem = NULL;

	outgoing_draft_init(&draft);
	if (!outgoing_route_is_valid(route, &problem)) {
		return answer_no(reading, VERB_USAGE, problem);
	}
	rg_err err = outgoing_build(document, route, &draft, &problem);
	if (err || problem) {
		return err ? err : answer_no(reading, VERB_ANSWERED_NO, problem);
	}
	return submit_draft(reading, &draft);
}

/* Views what the command line names. */
static struct conf_texts texts_of(const struct argument_texts *given,
	char *items[ARGUMENTS_TEXTS_MAX])
{
	for (size_t i = 0; i < given->n_items; i++) {
		items[i] = (char *)given->items[i];
	}
	return (struct conf_texts){items, given->n_items};
}

static const char *usual_kind(const struct outgoing_document *document)
{
	bool is_declaration = doctype_of(document->root) == doctype_find(NULL);

	return is_declaration ? "DECLARATION" : "CERTIFICATE";
}

/* The one route that the command line names. */
static rg_err submit_as_told(struct reading *reading, const struct outgoing_document *document)
{
	const struct submit_file_options *options = reading->options;
	char kind[WORD_MAX];
	char purpose[WORD_MAX];
	char lodged_by[WORD_MAX];
	char *to[ARGUMENTS_TEXTS_MAX];
	char *legs[ARGUMENTS_TEXTS_MAX];

	to_word(options->kind ? options->kind : usual_kind(document), kind);
	to_word(options->purpose, purpose);
	to_word(options->lodged_by ? options->lodged_by : "AUTHORITY_COPY", lodged_by);
	const struct outgoing_route route = {
		.format = (char *)"",
		.kind = kind,
		.purpose = purpose,
		.lodged_by = lodged_by,
		.to = texts_of(options->to, to),
		.legs = texts_of(options->legs, legs),
	};
	return submit_on_route(reading, document, &route);
}

/* Without --to: every route of the configuration for this format (and --purpose). */
static rg_err submit_on_routes(struct reading *reading, const struct outgoing_document *document,
	const struct plugin_format *format)
{
	const struct outgoing_route *routes = reading->options->routes->items;
	char *legs[ARGUMENTS_TEXTS_MAX];
	char purpose[WORD_MAX];
	size_t n = 0;
	rg_err err = RG_OK;

	to_word(reading->options->purpose, purpose);
	for (size_t i = 0; i < reading->options->routes->n_items && !err; i++) {
		bool is_wanted = !purpose[0] || strcmp(purpose, routes[i].purpose) == 0;

		if (is_wanted &&
			outgoing_route_carries(&routes[i], document->root->descriptor->name) &&
			outgoing_route_fits(&routes[i], format->adapter ? format->adapter->cc : "",
				format->format->name)) {
			struct outgoing_route route = routes[i];

			if (reading->options->legs->n_items) {
				route.legs = texts_of(reading->options->legs, legs);
			}
			err = submit_on_route(reading, document, &route);
			n++;
		}
	}
	if (!err && n == 0) {
		return answer_no(reading, VERB_USAGE,
			"no route of the configuration fits; say --to ADDRESS and --purpose");
	}
	return err;
}

static void print_findings(const struct reading *reading, const struct conversion *conversion)
{
	for (size_t i = 0; i < convert_n_findings(conversion); i++) {
		const struct rg_finding *finding = convert_finding(conversion, i);

		show_text(stderr, reading->path);
		fprintf(stderr, ":%u:%u: ", (unsigned)finding->line, (unsigned)finding->column);
		show_text(stderr, finding->text);
		fputc('\n', stderr);
	}
}

static rg_err submit_documents(struct reading *reading, struct conversion *conversion,
	const struct plugin_format *format)
{
	rg_err err = RG_OK;

	for (size_t i = 0; i < convert_n_documents(conversion) && !err; i++) {
		char *items[ARGUMENTS_TEXTS_MAX];
		char *named[ARGUMENTS_TEXTS_MAX];
		const struct conf_texts conditions = texts_of(reading->options->conditions, items);
		const struct conf_texts documents = texts_of(reading->options->documents, named);
		const struct outgoing_document document = {
			.native = buf_view(&reading->content),
			.media_type = format->format->media_type,
			.format = format->format->name,
			.root = doc_root(convert_document(conversion, i)),
			.translation = convert_translation(conversion),
			.ucr = reading->options->ucr,
			.documents = &documents,
		};

		err = condition_state(&conditions, convert_document(conversion, i));
		if (!err) {
			err = reading->options->to->n_items
				? submit_as_told(reading, &document)
				: submit_on_routes(reading, &document, format);
		}
	}
	return err;
}

static rg_err submit_native(struct reading *reading)
{
	const struct submit_file_options *options = reading->options;
	scoped(convert_freep) struct conversion *conversion = NULL;
	const struct plugin_format *format = options->format
		? plugin_set_find(options->plugins, options->format)
		: plugin_set_detect(options->plugins, buf_view(&reading->content));

	if (!format) {
		return answer_no(reading, VERB_USAGE,
			options->format
				? "no such format is installed; rivergate formats lists them"
				: "its format is not recognised; say --format FMT");
	}
	rg_err err = convert_new(&conversion);
	err = err ? err : convert_decode(conversion, format, buf_view(&reading->content));
	if (err) {
		return err;
	}
	print_findings(reading, conversion);
	if (convert_is_refused(conversion)) {
		return answer_no(reading, VERB_ANSWERED_NO,
			"it cannot be translated; nothing was sent");
	}
	return submit_documents(reading, conversion, format);
}

/* --- The file -------------------------------------------------------------------------------- */

static bool is_envelope(const char *path)
{
	size_t len = strlen(path);

	return len > 4 && strcmp(path + len - 4, ".rge") == 0;
}

rg_err submit_file(const char *path, const struct submit_file_options *options,
	const struct submit_sink *sink, int *ret_exit)
{
	scoped(buf_deinit) struct buf content = {0};
	size_t row = governance_row(options->kind);
	rg_err err = file_read(path, CONVERT_MAX_INPUT, &content, NULL);
	struct reading reading = {
		.path = path,
		.options = options,
		.sink = sink,
		.content = content,
		.exit_code = VERB_DONE,
	};

	if (err) {
		return err;
	}
	if (is_envelope(path) && options->legs->n_items) {
		err = answer_no(&reading, VERB_USAGE,
			"an envelope is sent as it is signed; leave --leg out");
	} else if (is_envelope(path)) {
		err = sink->envelope(sink->context, buf_view(&content));
	} else if (row < N_GOVERNANCE) {
		err = submit_governance(&reading, row);
	} else if (options->kind && strcasecmp(options->kind, "header") == 0) {
		err = submit_header(&reading);
	} else {
		err = submit_native(&reading);
	}
	*ret_exit = reading.exit_code;
	return err;
}
