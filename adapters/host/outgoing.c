/*
 * From a translated native document to the messages that carry it
 *
 * Method: the header is built with protobuf-c's default allocator, because facts_fill()
 * replaces fields in it. Parts are rows added one after the other; their order in the
 * header and in the draft is the same.
 *
 * Threads: any.
 */
#include "host/outgoing.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/merkle.h"
#include "base/text.h"
#include "host/documents.h"
#include "host/facts.h"
#include "host/facts_certificate.h"
#include "host/legs.h"
#include "host/parts.h"
#include "registry/address.h"
#include "sign/signature.h"
#include "wire/doctype.h"
#include "wire/pack.h"
#include "wire/reflect.h"

#define SALT_LEN   32
#define UCR_MAX    35
#define HEADER_MAX ((size_t)48 << 10)
#define PART_MAX   ((size_t)8 << 20)
#define WORD_MAX   64
#define TYPE_MAX   200

#define ROW(kind, field, text) \
	.name = #field, .type = (kind), .offset = offsetof(struct outgoing_route, field), \
	.help = (text)

const struct conf_row outgoing_route_rows[] = {
	{ROW(CONF_TEXT, format,
		 "native format of the file, FORMAT or CC/FORMAT as `rivergate formats` lists "
		 "them; "
		 "empty: any"),
		.fallback = ""},
	{ROW(CONF_TEXT, kind,
		 "kind of the message: DECLARATION or AMENDMENT; CERTIFICATE for certificates"),
		.fallback = "DECLARATION"},
	{ROW(CONF_TEXT, purpose,
		 "what it is in the recipient's hands: LODGED_COPY, ADVANCE or PREFILL; a "
		 "certificate has none"),
		.fallback = ""},
	{ROW(CONF_TEXT, lodged_by,
		 "who lodged it: AUTHORITY_COPY, NSW_FOR_TRADER or OFFICER_FOR_TRADER"),
		.fallback = "AUTHORITY_COPY"},
	{ROW(CONF_TEXTS, to, "addresses of the recipients"), .is_required = true},
	{ROW(CONF_TEXTS, legs,
		"legs of the journey that the file does not state, in travel order, "
		"CC:REGIME[:OFFICE_IN[:OFFICE_OUT[:ETA]]] each, such as LA:TRANSIT:LABTN")},
	{ROW(CONF_NUMBER, life_s,
		 "seconds after which it is no longer delivered; 0: as the registry says"),
		.fallback = "0", .min = 0, .max = (int64_t)90 * 86400},
	{.name = NULL},
};

static void free_header(Rivergate__V1__Header **header)
{
	rivergate__v1__header__free_unpacked(*header, NULL);
}

void outgoing_draft_init(struct outgoing_draft *draft)
{
	memset(draft, 0, sizeof(*draft));
	buf_init(&draft->header);
	for (size_t i = 0; i < OUTGOING_PARTS_MAX; i++) {
		buf_init(&draft->contents[i]);
	}
	for (size_t i = 0; i < OUTGOING_KEPT_MAX; i++) {
		buf_init(&draft->kept[i].salted);
	}
}

void outgoing_draft_deinit(struct outgoing_draft *draft)
{
	buf_deinit(&draft->header);
	for (size_t i = 0; i < OUTGOING_PARTS_MAX; i++) {
		buf_deinit(&draft->contents[i]);
	}
	for (size_t i = 0; i < OUTGOING_KEPT_MAX; i++) {
		buf_deinit(&draft->kept[i].salted);
	}
	outgoing_draft_init(draft);
}

/* The value of <prefix><word> in an enumeration of the protocol; -1: there is none. */
static int value_of(const ProtobufCEnumDescriptor *desc, const char *prefix, const char *word)
{
	char name[WORD_MAX];

	snprintf(name, sizeof(name), "%s%s", prefix, word);
	const ProtobufCEnumValue *found = protobuf_c_enum_descriptor_get_value_by_name(desc, name);
	return found ? found->value : -1;
}

bool outgoing_route_is_valid(const struct outgoing_route *route, const char **ret_problem)
{
	int kind = value_of(&rivergate__v1__kind__descriptor, "KIND_", route->kind);
	bool is_certificate = kind == RIVERGATE__V1__KIND__KIND_CERTIFICATE;

	*ret_problem = NULL;
	if (kind != RIVERGATE__V1__KIND__KIND_DECLARATION &&
		kind != RIVERGATE__V1__KIND__KIND_AMENDMENT && !is_certificate) {
		*ret_problem = "kind is not DECLARATION, AMENDMENT or CERTIFICATE";
	} else if (is_certificate && route->purpose[0]) {
		*ret_problem = "a certificate has no purpose; leave it out";
	} else if (!is_certificate &&
		value_of(&rivergate__v1__purpose__descriptor, "PURPOSE_", route->purpose) <= 0) {
		*ret_problem = "purpose is not LODGED_COPY, ADVANCE or PREFILL";
	} else if (value_of(&rivergate__v1__lodged_by__descriptor, "LODGED_BY_",
			   route->lodged_by) <= 0) {
		*ret_problem =
			"lodged_by is not AUTHORITY_COPY, NSW_FOR_TRADER or OFFICER_FOR_TRADER";
	} else if (route->to.n_items == 0 || route->to.n_items > 16) {
		*ret_problem = "to has no address, or more than 16";
	}
	for (size_t i = 0; !*ret_problem && i < route->to.n_items; i++) {
		if (!address_is_valid(route->to.items[i])) {
			*ret_problem = "to has a text that is no address";
		}
	}
	if (!*ret_problem && is_certificate && route->legs.n_items) {
		*ret_problem = "a certificate has no legs; leave them out";
	}
	for (size_t i = 0; !*ret_problem && i < route->legs.n_items; i++) {
		(void)legs_is_valid(route->legs.items[i], ret_problem);
	}
	return !*ret_problem;
}

bool outgoing_route_carries(const struct outgoing_route *route, const char *type)
{
	int kind = value_of(&rivergate__v1__kind__descriptor, "KIND_", route->kind);

	return doctype_of_kind((Rivergate__V1__Kind)kind) == doctype_find(type);
}

bool outgoing_route_fits(const struct outgoing_route *route, const char *cc, const char *format)
{
	const char *slash = strchr(route->format, '/');

	if (!route->format[0]) {
		return true;
	}
	if (!slash) {
		return strcmp(route->format, format) == 0;
	}
	return strlen(cc) == (size_t)(slash - route->format) &&
		strncmp(route->format, cc, strlen(cc)) == 0 && strcmp(slash + 1, format) == 0;
}

/*
 * --- The header -----------------------------------
 * --------------------------------------------------
 */

static rg_err copy_recipients(const struct outgoing_route *route, Rivergate__V1__Header *header)
{
	header->to = calloc(route->to.n_items ? route->to.n_items : 1, sizeof(char *));
	for (size_t i = 0; header->to && i < route->to.n_items; i++) {
		header->to[i] = strdup(route->to.items[i]);
		if (!header->to[i]) {
			return RG_E_NOMEM;
		}
		header->n_to++;
	}
	return header->to ? RG_OK : RG_E_NOMEM;
}

static void free_text(char **text)
{
	free(*text);
}

/* The given UCR instead of what the document says. */
static rg_err set_ucr(Rivergate__V1__Header *header, const char *ucr)
{
	scoped(free_text) char *copy = strdup(ucr);

	if (!copy) {
		return RG_E_NOMEM;
	}
	if (header->ucr != protobuf_c_empty_string) {
		free(header->ucr);
	}
	header->ucr = steal(copy);
	return RG_OK;
}

/*
 * A draft that no system has numbered yet still needs one reference for all its messages:
 * it is named after its content, so the same file always has the same one.
 */
static rg_err set_ucr_of_content(Rivergate__V1__Header *header,
	const struct outgoing_document *document)
{
	const ProtobufCFieldDescriptor *field =
		reflect_find(document->root->descriptor, "country", sizeof("country") - 1);
	const char *country = *(char *const *)reflect_at(document->root, field, 0);
	uint8_t hash[32];
	char hex[2 * sizeof(hash) + 1];
	char ucr[UCR_MAX + 1];
	rg_err err = signature_hash(document->native, hash);

	if (err) {
		return err;
	}
	text_hex(bytes_of(hash, sizeof(hash)), hex);
	(void)snprintf(ucr, sizeof(ucr), "%.2s-UNNUMBERED-%.20s", country[0] ? country : "ZZ", hex);
	return set_ucr(header, ucr);
}

static rg_err start_header(const struct outgoing_document *document,
	const struct outgoing_route *route, Rivergate__V1__Header **ret_header,
	const char **ret_problem)
{
	scoped(free_header) Rivergate__V1__Header *header = malloc(sizeof(*header));

	if (!header) {
		return RG_E_NOMEM;
	}
	rivergate__v1__header__init(header);
	header->kind = (Rivergate__V1__Kind)value_of(&rivergate__v1__kind__descriptor, "KIND_",
		route->kind);
	if (header->kind != RIVERGATE__V1__KIND__KIND_CERTIFICATE) {
		header->purpose =
			(Rivergate__V1__Purpose)value_of(&rivergate__v1__purpose__descriptor,
				"PURPOSE_", route->purpose);
		header->lodged_by =
			(Rivergate__V1__LodgedBy)value_of(&rivergate__v1__lodged_by__descriptor,
				"LODGED_BY_", route->lodged_by);
		header->version = 1;
	}
	if (route->life_s > 0) {
		header->expires_at_us = clock_now_us() + route->life_s * 1000000;
	}
	rg_err err = copy_recipients(route, header);
	if (!err) {
		err = facts_fill(document->root, header);
	}
	if (!err) {
		err = legs_complete(&route->legs, header, ret_problem);
	}
	if (!err && document->documents) {
		err = documents_complete(document->documents, header);
	}
	if (!err && document->root->descriptor == &rivergate__v1__certificate__descriptor) {
		err = facts_certificate_type((const Rivergate__V1__Certificate *)document->root,
			header);
	}
	if (!err && document->ucr) {
		err = set_ucr(header, document->ucr);
	} else if (!err && !header->ucr[0] && document->native.data) {
		err = set_ucr_of_content(header, document);
	}
	if (err) {
		return err;
	}
	*ret_header = steal(header);
	return RG_OK;
}

/*
 * --- Parts ------------------------------------------
 * ---------------------------------------------------
 */

static rg_err append_part(Rivergate__V1__Header *header, const char *name, const char *type,
	Rivergate__V1__Part **ret_part)
{
	Rivergate__V1__Part **grown =
		reallocarray(header->parts, header->n_parts + 1, sizeof(void *));

	if (!grown) {
		return RG_E_NOMEM;
	}
	header->parts = grown;
	Rivergate__V1__Part *part = malloc(sizeof(*part));
	if (!part) {
		return RG_E_NOMEM;
	}
	rivergate__v1__part__init(part);
	header->parts[header->n_parts++] = part;
	part->name = strdup(name);
	part->type = strdup(type);
	if (!part->name || !part->type) {
		part->name = part->name ? part->name : (char *)protobuf_c_empty_string;
		part->type = part->type ? part->type : (char *)protobuf_c_empty_string;
		return RG_E_NOMEM;
	}
	*ret_part = part;
	return RG_OK;
}

/* Names in the header who may read a part. */
static rg_err set_audience(Rivergate__V1__Part *part, const Rivergate__V1__Role *roles,
	size_t n_roles)
{
	part->audience = malloc(sizeof(*part->audience));
	if (!part->audience) {
		return RG_E_NOMEM;
	}
	rivergate__v1__audience__init(part->audience);
	part->audience->roles = calloc(n_roles + 1, sizeof(*roles));
	if (!part->audience->roles) {
		return RG_E_NOMEM;
	}
	memcpy(part->audience->roles, roles, n_roles * sizeof(*roles));
	part->audience->n_roles = n_roles;
	return RG_OK;
}

/* A part that travels. Its size and commitment are the seal's. */
static rg_err add_open(struct outgoing_draft *draft, Rivergate__V1__Header *header,
	const char *name, const ProtobufCMessage *content, Rivergate__V1__Part **ret_part)
{
	struct buf *bytes = &draft->contents[draft->n_parts];
	rg_err err = append_part(header, name, content->descriptor->name, ret_part);

	if (!err) {
		err = pack_append(content, bytes);
	}
	if (!err) {
		draft->parts[draft->n_parts++] =
			(struct rg_client_part){.content = buf_view(bytes)};
	}
	return err;
}

static rg_err mark_withheld(Rivergate__V1__Part *part, struct rg_bytes salted)
{
	part->audience = malloc(sizeof(*part->audience));
	if (!part->audience) {
		return RG_E_NOMEM;
	}
	rivergate__v1__audience__init(part->audience);
	part->audience->withheld = 1;
	part->size = salted.len - SALT_LEN;
	part->commitment.data = malloc(MERKLE_HASH_LEN);
	if (!part->commitment.data) {
		return RG_E_NOMEM;
	}
	part->commitment.len = MERKLE_HASH_LEN;
	return signature_hash(salted, part->commitment.data);
}

/* A part that stays: only its commitment travels. */
static rg_err add_withheld(struct outgoing_draft *draft, Rivergate__V1__Header *header,
	const char *name, const char *type, struct rg_bytes content)
{
	struct outgoing_kept *kept = &draft->kept[draft->n_kept];
	Rivergate__V1__Part *part = NULL;
	uint8_t salt[SALT_LEN];

	if (RAND_bytes(salt, sizeof(salt)) != 1) {
		return RG_E_CRYPTO;
	}
	kept->part = name;
	buf_add(&kept->salted, salt, sizeof(salt));
	buf_add_bytes(&kept->salted, content);
	rg_err err = buf_error(&kept->salted);
	if (!err) {
		err = append_part(header, name, type, &part);
	}
	if (!err) {
		err = mark_withheld(part, buf_view(&kept->salted));
	}
	if (!err) {
		draft->n_kept++;
		draft->parts[draft->n_parts++] = (struct rg_client_part){.is_withheld = true};
	}
	return err;
}

/*
 * A document of another type is one part; what stays at home of it is what its native format
 * alone reads.
 */
static const char *const asides[] = {"extensions", "hints"};

/* Borrows from the document what stays at home of it, or what does not. */
static rg_err split_certificate(const ProtobufCMessage *root, bool is_home, struct arena *arena,
	ProtobufCMessage **ret_part)
{
	const ProtobufCMessageDescriptor *desc = root->descriptor;
	ProtobufCMessage *part = arena_alloc(arena, desc->sizeof_message);

	if (!part) {
		return RG_E_NOMEM;
	}
	protobuf_c_message_init(desc, part);
	for (unsigned i = 0; i < desc->n_fields; i++) {
		bool is_aside = strcmp(desc->fields[i].name, asides[0]) == 0 ||
			strcmp(desc->fields[i].name, asides[1]) == 0;

		if (is_aside == is_home) {
			reflect_borrow(part, root, &desc->fields[i]);
		}
	}
	*ret_part = part;
	return RG_OK;
}

static bool is_declaration(const struct outgoing_document *document)
{
	return document->root->descriptor == &rivergate__v1__declaration__descriptor;
}

static rg_err cut(const struct outgoing_document *document, enum audience audience,
	struct arena *arena, ProtobufCMessage **ret_part)
{
	Rivergate__V1__Declaration *part = NULL;

	if (!is_declaration(document)) {
		return split_certificate(document->root, audience == AUDIENCE_HOME, arena,
			ret_part);
	}
	rg_err err = parts_cut((const Rivergate__V1__Declaration *)document->root, audience, arena,
		&part);
	if (!err) {
		*ret_part = &part->base;
	}
	return err;
}

/* One part of a declaration for each audience. */
static rg_err add_declaration(const struct outgoing_document *document, struct arena *arena,
	Rivergate__V1__Header *header, struct outgoing_draft *draft)
{
	rg_err err = RG_OK;

	for (unsigned i = 0; !err && i < AUDIENCE_TRAVELLING; i++) {
		const struct audience_part *named = &audience_parts[i];
		ProtobufCMessage *content = NULL;
		Rivergate__V1__Part *part = NULL;

		err = cut(document, (enum audience)i, arena, &content);
		if (!err) {
			err = add_open(draft, header, named->name, content, &part);
		}
		if (!err) {
			err = set_audience(part, named->roles, named->n_roles);
		}
	}
	return err;
}

/* A certificate is for every recipient that the channel rule allows. */
static rg_err add_certificate(const struct outgoing_document *document, struct arena *arena,
	Rivergate__V1__Header *header, struct outgoing_draft *draft)
{
	ProtobufCMessage *content = NULL;
	Rivergate__V1__Part *part = NULL;
	rg_err err = cut(document, AUDIENCE_SPS, arena, &content);

	return err ? err
		   : add_open(draft, header, doctype_of(document->root)->part, content, &part);
}

static rg_err add_extensions(const struct outgoing_document *document, struct arena *arena,
	Rivergate__V1__Header *header, struct outgoing_draft *draft)
{
	scoped(buf_deinitv) struct buf packed = {0};
	ProtobufCMessage *rest = NULL;
	rg_err err = cut(document, AUDIENCE_HOME, arena, &rest);

	buf_init(&packed);
	if (!err) {
		err = pack_append(rest, &packed);
	}
	if (err || packed.len == 0) {
		return err;
	}
	return add_withheld(draft, header, audience_parts[AUDIENCE_HOME].name,
		document->root->descriptor->name, buf_view(&packed));
}

static rg_err add_native(const struct outgoing_document *document, Rivergate__V1__Header *header,
	struct outgoing_draft *draft)
{
	char type[TYPE_MAX];

	if (!document->native.data) {
		return RG_OK;
	}
	snprintf(type, sizeof(type), "%s;format=%s", document->media_type, document->format);
	return add_withheld(draft, header, "native", type, document->native);
}

/* The evidence names the original by the commitment of the part `native`. */
static rg_err add_translation(const struct outgoing_document *document,
	Rivergate__V1__Header *header, struct outgoing_draft *draft)
{
	const struct outgoing_kept *last = draft->n_kept ? &draft->kept[draft->n_kept - 1] : NULL;
	Rivergate__V1__Translation evidence = *document->translation;
	Rivergate__V1__Part *part = NULL;
	uint8_t commitment[MERKLE_HASH_LEN];
	rg_err err = RG_OK;

	if (last && document->native.data) {
		err = signature_hash(buf_view(&last->salted), commitment);
		evidence.original_commitment =
			(ProtobufCBinaryData){sizeof(commitment), commitment};
	}
	return err ? err : add_open(draft, header, "translation", &evidence.base, &part);
}

/* The evidence needs the commitment of the last part, and stands behind the open ones. */
static void move_last(struct outgoing_draft *draft, Rivergate__V1__Header *header, size_t to)
{
	size_t last = draft->n_parts - 1;
	struct rg_client_part part = draft->parts[last];
	Rivergate__V1__Part *entry = header->parts[last];

	for (size_t i = last; i > to; i--) {
		draft->parts[i] = draft->parts[i - 1];
		header->parts[i] = header->parts[i - 1];
	}
	draft->parts[to] = part;
	header->parts[to] = entry;
}

static rg_err add_parts(const struct outgoing_document *document, Rivergate__V1__Header *header,
	struct outgoing_draft *draft)
{
	scoped(arena_freep) struct arena *arena = arena_new(0);

	if (!arena) {
		return RG_E_NOMEM;
	}
	rg_err err = is_declaration(document) ? add_declaration(document, arena, header, draft)
					      : add_certificate(document, arena, header, draft);
	size_t n_open = draft->n_parts;
	if (!err) {
		err = add_extensions(document, arena, header, draft);
	}
	if (!err) {
		err = add_native(document, header, draft);
	}
	if (!err && document->translation) {
		err = add_translation(document, header, draft);
		if (!err) {
			move_last(draft, header, n_open);
		}
	}
	return err;
}

static const char *problem_of(const struct outgoing_draft *draft,
	const Rivergate__V1__Header *header)
{
	if (!header->ucr[0]) {
		return "The document has no UCR and no national reference of at most 35 "
		       "characters; "
		       "add one to it, or name one with --ucr.";
	}
	if (strlen(header->ucr) > UCR_MAX) {
		return "A UCR has at most 35 characters.";
	}
	for (size_t i = 0; i < draft->n_parts; i++) {
		if (draft->parts[i].content.len > PART_MAX) {
			return "A part of the message would be larger than 8 MiB; split the "
			       "declaration.";
		}
	}
	if (draft->header.len > HEADER_MAX) {
		return "The header would be larger than 48 KiB: too many kinds of goods, documents "
		       "or "
		       "containers; split the declaration.";
	}
	return NULL;
}

rg_err outgoing_build(const struct outgoing_document *document, const struct outgoing_route *route,
	struct outgoing_draft *draft, const char **ret_problem)
{
	scoped(free_header) Rivergate__V1__Header *header = NULL;

	if (!outgoing_route_is_valid(route, ret_problem)) {
		return RG_OK;
	}
	if (!outgoing_route_carries(route, document->root->descriptor->name)) {
		*ret_problem = "The route's kind is for documents of another type: a certificate "
			       "goes as CERTIFICATE, and nothing else does.";
		return RG_OK;
	}
	rg_err err = start_header(document, route, &header, ret_problem);
	if (err || *ret_problem) {
		return err;
	}
	if (!err) {
		err = add_parts(document, header, draft);
	}
	if (!err) {
		err = pack_append(&header->base, &draft->header);
	}
	if (!err) {
		*ret_problem = problem_of(draft, header);
	}
	return err;
}
