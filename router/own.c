/*
 * The router's own messages: see own.h.
 *
 * Threads: any.
 */
#include "own.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/merkle.h"
#include "registry/governance.h"
#include "registry/trust.h"
#include "sign/signature.h"
#include "wire/pack.h"
#include "wire/scan.h"

#define CRL_FILE_MAX (1u << 20)
#define ARENA_MAX    (4u << 20)

struct own_kind {
	Rivergate__V1__Kind kind;
	const char *part;
	const char *type;
};

static const struct own_kind registry_kind = {RIVERGATE__V1__KIND__KIND_REGISTRY, "registry",
	"rivergate.v1.Governed"};
static const struct own_kind directory_kind = {RIVERGATE__V1__KIND__KIND_DIRECTORY, "directory",
	"rivergate.v1.Governed"};
static const struct own_kind profile_kind = {RIVERGATE__V1__KIND__KIND_WINDOW_PROFILE, "profile",
	"rivergate.v1.Governed"};
static const struct own_kind crl_kind = {RIVERGATE__V1__KIND__KIND_REVOCATION_LIST,
	"revocation-list", "application/pkix-crl"};

void own_deinit(struct own_messages *messages)
{
	for (size_t i = 0; i < messages->n_items; i++) {
		message_free(messages->items[i]);
	}
	free(messages->items);
	*messages = (struct own_messages){.items = NULL};
}

static rg_err content_id(const struct own_kind *kind, struct rg_bytes content, uint8_t ret_id[16])
{
	struct merkle_hash hash;
	rg_err err = merkle_hash_of(bytes_of_text(kind->part), content, &hash);

	if (err) {
		return err;
	}
	hash.bytes[6] = (uint8_t)((hash.bytes[6] & 0x0f) | 0x80); /* version 8 */
	hash.bytes[8] = (uint8_t)((hash.bytes[8] & 0x3f) | 0x80); /* variant 2 */
	memcpy(ret_id, hash.bytes, 16);
	return RG_OK;
}

static rg_err set_frame(zmq_msg_t *frame, struct rg_bytes bytes)
{
	(void)zmq_msg_close(frame);
	if (zmq_msg_init_size(frame, bytes.len) != 0) {
		(void)zmq_msg_init(frame);
		return RG_E_NOMEM;
	}
	memcpy(zmq_msg_data(frame), bytes.data, bytes.len);
	return RG_OK;
}

/* The header of a governance message; appended to out. */
static rg_err make_header(const struct settings *settings, const struct own_kind *kind,
	struct rg_bytes part_frame, struct buf *out)
{
	struct rg_bytes content = {part_frame.data + MESSAGE_SALT_LEN,
		part_frame.len - MESSAGE_SALT_LEN};
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	Rivergate__V1__Part part = RIVERGATE__V1__PART__INIT;
	Rivergate__V1__Part *parts[] = {&part};
	uint8_t commitment[32];
	uint8_t id[16];
	rg_err err = signature_commitment(part_frame.data, content, commitment);

	if (!err) {
		err = content_id(kind, content, id);
	}
	if (err) {
		return err;
	}
	part.name = (char *)kind->part;
	part.type = (char *)kind->type;
	part.size = content.len;
	part.commitment = (ProtobufCBinaryData){.len = sizeof(commitment), .data = commitment};
	header.id = (ProtobufCBinaryData){.len = sizeof(id), .data = id};
	header.from = settings->address;
	header.kind = kind->kind;
	header.sent_at_us = clock_now_us();
	header.n_parts = 1;
	header.parts = parts;
	return pack_append(&header.base, out);
}

/* Fills the fields that verify fills in other messages. */
static rg_err read_back(struct message *message)
{
	struct scan_answer answer = {.is_ok = false};
	ProtobufCMessage *header = NULL;
	rg_err err = scan_unpack(&rivergate__v1__header__descriptor, message_header(message),
		message->arena, &answer, &header);

	message->header = (Rivergate__V1__Header *)header;
	if (!err && !header) {
		err = RG_E_CONFIG; /* the address of the settings is no UTF-8 */
	}
	return err ? err : signature_hash(message_header(message), message->header_hash);
}

static rg_err fill(const struct settings *settings, const struct own_kind *kind,
	struct rg_bytes part_frame, struct message *message)
{
	scoped(buf_deinitv) struct buf header = {.data = NULL};
	scoped(buf_deinitv) struct buf signature = {.data = NULL};
	rg_err err = make_header(settings, kind, part_frame, &header);

	if (!err) {
		const struct rg_bytes view = buf_view(&header);

		err = signature_sign(settings->router_key, &view, 1, &signature);
	}
	if (!err) {
		err = set_frame(&message->header_frame, buf_view(&header));
	}
	if (!err) {
		err = set_frame(&message->signature_frame, buf_view(&signature));
	}
	if (!err) {
		err = set_frame(&message->part_frames[0], part_frame);
	}
	if (!err) {
		err = read_back(message);
	}
	return err;
}

static rg_err make_message(const struct settings *settings, const struct own_kind *kind,
	struct rg_bytes content, struct message **ret_message)
{
	scoped(message_freep) struct message *message = message_new();
	scoped(buf_deinitv) struct buf part_frame = {.data = NULL};
	uint8_t salt[MESSAGE_SALT_LEN];

	if (!message || RAND_bytes(salt, sizeof(salt)) != 1) {
		return message ? RG_E_CRYPTO : RG_E_NOMEM;
	}
	message->arena = arena_new(ARENA_MAX);
	message->part_frames = calloc(1, sizeof(zmq_msg_t));
	if (!message->arena || !message->part_frames) {
		return RG_E_NOMEM;
	}
	(void)zmq_msg_init(&message->part_frames[0]);
	message->n_parts = 1;
	buf_add(&part_frame, salt, sizeof(salt));
	buf_add_bytes(&part_frame, content);
	rg_err err = buf_error(&part_frame);

	if (!err) {
		err = fill(settings, kind, buf_view(&part_frame), message);
	}
	if (!err) {
		*ret_message = steal(message);
	}
	return err;
}

static rg_err add(const struct settings *settings, const struct own_kind *kind,
	struct rg_bytes content, struct own_messages *messages)
{
	size_t n = messages->n_items + 1;
	struct message **items = realloc(messages->items, n * sizeof(struct message *));

	if (!items) {
		return RG_E_NOMEM;
	}
	messages->items = items;
	rg_err err = make_message(settings, kind, content, &items[messages->n_items]);

	messages->n_items += err ? 0 : 1;
	return err;
}

static rg_err add_governed(const struct settings *settings, const struct own_kind *kind,
	const char *path, struct own_messages *messages)
{
	scoped(governance_freep) Rivergate__V1__Governed *governed = NULL;
	scoped(buf_deinitv) struct buf content = {.data = NULL};
	struct governance_answer answer = {.is_ok = false};
	rg_err err = governance_read(path, &governed, &answer);

	if (err) {
		return err;
	}
	if (!governed) {
		log_event(LOG_ERROR, "own", "file-refused", log_text("file", path),
			log_text("path", answer.path), log_text("why", answer.text));
		return RG_E_CONFIG;
	}
	err = pack_append(&governed->base, &content);
	return err ? err : add(settings, kind, buf_view(&content), messages);
}

static rg_err add_crl(const struct settings *settings, const char *path,
	struct own_messages *messages)
{
	scoped(buf_deinitv) struct buf content = {.data = NULL};
	bool is_found = false;
	rg_err err = file_read(path, CRL_FILE_MAX, &content, &is_found);

	return err || !is_found ? err : add(settings, &crl_kind, buf_view(&content), messages);
}

static bool ends_with(const char *name, const char *end)
{
	size_t len = strlen(name);
	size_t end_len = strlen(end);

	return name[0] != '.' && len > end_len && strcmp(name + len - end_len, end) == 0;
}

static void freev(void *var)
{
	free(*(void **)var);
}

static rg_err add_file(const struct settings *settings, const char *name,
	struct own_messages *messages)
{
	scoped(freev) char *path = file_join(settings->directories, name);

	if (!path) {
		return RG_E_NOMEM;
	}
	if (ends_with(name, ".profile.json")) {
		return add_governed(settings, &profile_kind, path, messages);
	}
	if (ends_with(name, ".json")) {
		return add_governed(settings, &directory_kind, path, messages);
	}
	return ends_with(name, ".crl") ? add_crl(settings, path, messages) : RG_OK;
}

static rg_err add_folder(const struct settings *settings, struct own_messages *messages)
{
	struct dirent **names = NULL;
	int n = scandir(settings->directories, &names, NULL, alphasort);
	rg_err err = RG_OK;

	if (n < 0) {
		log_event(LOG_ERROR, "own", "folder-unreadable",
			log_text("folder", settings->directories), log_errno());
		return RG_E_CONFIG;
	}
	for (int i = 0; i < n; i++) {
		if (!err) {
			err = add_file(settings, names[i]->d_name, messages);
		}
		free(names[i]);
	}
	free(names);
	return err;
}

/* All versions that lie there, in order: what the journal has already leads to nothing. */
static rg_err add_registries(const struct settings *settings, struct own_messages *messages)
{
	bool is_there = true;
	rg_err err = RG_OK;

	for (uint64_t version = 1; !err && is_there; version++) {
		scoped(freev) char *path = trust_registry_path(settings->registry, version);

		if (!path) {
			return RG_E_NOMEM;
		}
		is_there = version == 1 || access(path, F_OK) == 0;
		if (is_there) {
			err = add_governed(settings, &registry_kind, path, messages);
		}
	}
	return err;
}

rg_err own_read(const struct settings *settings, struct own_messages *ret_messages)
{
	scoped(own_deinitv) struct own_messages messages = {.items = NULL};
	rg_err err = add_registries(settings, &messages);

	if (!err) {
		err = add_folder(settings, &messages);
	}
	if (!err) {
		*ret_messages = messages;
		messages = (struct own_messages){.items = NULL};
	}
	return err;
}
