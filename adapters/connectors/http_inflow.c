/*
 * What the national system sends: see http_inflow.h
 *
 * Method: records are small JSON files, named by the SHA-256 of their key and spread over
 * 256 folders. They are kept for ever: a key that was forgotten would be a second message.
 *
 * Threads: one.
 */
#include "connectors/http_inflow.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>
#include <openssl/evp.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "host/synced.h"

#define N_FOLDERS   256
#define FOLDER_MODE 0700
#define FILE_MODE   0600
#define NAME_SIZE   96
#define RECORD_MAX  4096
#define SAFE_MAX    100 /* bytes of a key that become part of a file name */

struct inflow {
	struct directory *directory; /* borrowed */
	int root_fd;
	uint64_t n_loads;
};

struct inflow_load {
	struct inflow *inflow;
	EVP_MD_CTX *hash;
	int fd;
	char name[NAME_SIZE]; /* in tmp/ */
	bool is_named;
	uint64_t size;
};

static void free_json(json_t **json)
{
	json_decref(*json);
}

static void close_listing(DIR **listing)
{
	if (*listing) {
		(void)closedir(*listing);
	}
}

/*
 * --- Records -------------------------------------
 * -------------------------------------------------
 */

/* Where the record of a key is. */
struct place {
	int folder_fd;
	char name[INFLOW_HASH_LEN + 1];
	char promise[INFLOW_HASH_LEN + sizeof(".new")];
};

static void place_deinit(struct place *place)
{
	fd_close(&place->folder_fd);
}
SCOPED_DEFINE_VALUE(struct place, place_deinit);

static rg_err sha256_hex(const void *data, size_t len, char out[INFLOW_HASH_LEN + 1])
{
	uint8_t hash[32];

	if (EVP_Digest(data, len, hash, NULL, EVP_sha256(), NULL) != 1) {
		return RG_E_CRYPTO;
	}
	text_hex(bytes_of(hash, sizeof(hash)), out);
	return RG_OK;
}

static rg_err open_folder(int root_fd, const char *name, int *ret_fd)
{
	int fd = openat(root_fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0) {
		log_event(LOG_ERROR, "http", "cannot-open-folder", log_text("name", name),
			log_errno());
		return RG_E_IO;
	}
	*ret_fd = fd;
	return RG_OK;
}

static rg_err place_of(const struct inflow *inflow, const char *key, struct place *ret_place)
{
	char folder[3];
	rg_err err = sha256_hex(key, strlen(key), ret_place->name);

	if (err) {
		return err;
	}
	snprintf(folder, sizeof(folder), "%.2s", ret_place->name);
	snprintf(ret_place->promise, sizeof(ret_place->promise), "%s.new", ret_place->name);
	return open_folder(inflow->root_fd, folder, &ret_place->folder_fd);
}

static rg_err write_record(const struct place *place, const struct inflow_record *record)
{
	scoped(free_json) json_t *json = json_pack("{s:s, s:s, s:s, s:I, s:I}", "key", record->key,
		"file", record->file, "sha256", record->sha256, "size", (json_int_t)record->size,
		"receivedAtUs", (json_int_t)record->received_us);
	scoped(freep) char *text = json ? json_dumps(json, JSON_INDENT(2)) : NULL;

	if (!text) {
		return RG_E_NOMEM;
	}
	rg_err err = synced_write(place->folder_fd, place->promise, bytes_of_text(text), FILE_MODE);
	return err ? err : synced_names(place->folder_fd);
}

static bool copy_text(const json_t *json, const char *name, char *out, size_t size)
{
	const char *text = json_string_value(json_object_get(json, name));

	return text && (size_t)snprintf(out, size, "%s", text) < size;
}

/* RG_E_FORMAT: our own file does not parse. */
static rg_err read_record(int folder_fd, const char *name, bool *ret_is_found,
	struct inflow_record *ret_record)
{
	scoped(fd_close) int fd = openat(folder_fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char text[RECORD_MAX];

	*ret_is_found = fd >= 0;
	if (fd < 0) {
		return errno == ENOENT ? RG_OK : RG_E_IO;
	}
	ssize_t len = read(fd, text, sizeof(text));
	scoped(free_json) json_t *json =
		len > 0 ? json_loadb(text, (size_t)len, JSON_REJECT_DUPLICATES, NULL) : NULL;
	struct inflow_record record = {
		.size = (uint64_t)json_integer_value(json_object_get(json, "size")),
		.received_us = json_integer_value(json_object_get(json, "receivedAtUs")),
	};

	if (!copy_text(json, "key", record.key, sizeof(record.key)) ||
		!copy_text(json, "file", record.file, sizeof(record.file)) ||
		!copy_text(json, "sha256", record.sha256, sizeof(record.sha256))) {
		log_event(LOG_ERROR, "http", "damaged-record", log_text("name", name));
		return RG_E_FORMAT;
	}
	*ret_record = record;
	return RG_OK;
}

static rg_err keep_promise(const struct place *place)
{
	bool is_moved = false;
	rg_err err = synced_move(place->folder_fd, place->promise, place->folder_fd, place->name,
		&is_moved);

	return err ? err : synced_names(place->folder_fd);
}

/* A promise whose file is there was kept but for its name; another is worth nothing. */
static rg_err settle_promise(struct inflow *inflow, const struct place *place)
{
	struct inflow_record record;
	enum directory_sent where = DIRECTORY_SENT_NOWHERE;
	bool is_found = false;
	rg_err err = read_record(place->folder_fd, place->promise, &is_found, &record);

	if (err == RG_E_FORMAT) {
		/* Torn while it was written: nothing was put under it. */
		(void)unlinkat(place->folder_fd, place->promise, 0);
		return RG_OK;
	}
	if (err || !is_found) {
		return err;
	}
	err = directory_find_sent(inflow->directory, record.file, &where);
	if (err || where != DIRECTORY_SENT_NOWHERE) {
		return err ? err : keep_promise(place);
	}
	return unlinkat(place->folder_fd, place->promise, 0) == 0 ? RG_OK : RG_E_IO;
}

static rg_err settle_folder(struct inflow *inflow, int folder_fd)
{
	int fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scoped(close_listing) DIR *listing = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry = NULL;
	rg_err err = RG_OK;

	if (!listing) {
		fd_close(&fd);
		return RG_E_IO;
	}
	while (!err && (entry = readdir(listing))) {
		const char *dot = strchr(entry->d_name, '.');
		struct place place = {.folder_fd = folder_fd}; /* borrowed */

		if (dot && strcmp(dot, ".new") == 0 && dot - entry->d_name == INFLOW_HASH_LEN) {
			snprintf(place.name, sizeof(place.name), "%.64s", entry->d_name);
			snprintf(place.promise, sizeof(place.promise), "%s.new", place.name);
			err = settle_promise(inflow, &place);
		}
	}
	return err;
}

static rg_err open_folders(struct inflow *inflow, const char *state_path)
{
	scoped(freep) char *path = file_join(state_path, "http");
	rg_err err = path ? file_make_dirs(path) : RG_E_NOMEM;

	if (!err) {
		err = synced_open_dir(path, NULL, FOLDER_MODE, &inflow->root_fd);
	}
	for (unsigned i = 0; !err && i < N_FOLDERS; i++) {
		scoped(fd_close) int fd = -1;
		char name[3];

		snprintf(name, sizeof(name), "%02x", i);
		err = synced_open_dir(path, name, FOLDER_MODE, &fd);
		if (!err) {
			err = settle_folder(inflow, fd);
		}
	}
	return err ? err : synced_names(inflow->root_fd);
}

rg_err inflow_open(struct directory *directory, const char *state_path, struct inflow **ret_inflow)
{
	scoped(inflow_closep) struct inflow *inflow = calloc(1, sizeof(*inflow));

	if (!inflow) {
		return RG_E_NOMEM;
	}
	inflow->directory = directory;
	inflow->root_fd = -1;
	rg_err err = open_folders(inflow, state_path);
	if (err) {
		return err;
	}
	*ret_inflow = steal(inflow);
	return RG_OK;
}

void inflow_close(struct inflow *inflow)
{
	if (inflow) {
		fd_close(&inflow->root_fd);
		free(inflow);
	}
}

/*
 * --- Keys and names --------------------------------
 * ---------------------------------------------------
 */

bool inflow_read_key(const char *text, char ret_key[INFLOW_KEY_MAX + 1])
{
	size_t len = strlen(text);

	/* The draft writes a string of RFC 8941, with quotes; most senders write it without. */
	if (len >= 2 && text[0] == '"' && text[len - 1] == '"') {
		text++;
		len -= 2;
	}
	if (len == 0 || len > INFLOW_KEY_MAX) {
		return false;
	}
	for (size_t i = 0; i < len; i++) {
		if (text[i] < ' ' || text[i] > '~' || text[i] == '"' || text[i] == '\\') {
			return false;
		}
	}
	memcpy(ret_key, text, len);
	ret_key[len] = '\0';
	return true;
}

/* A person finds a file by its key; a key that could do harm in a name is hashed. */
static rg_err name_of(const char *key, const char *extension, char out[DIRECTORY_NAME_MAX + 1])
{
	static const char good[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	char hash[INFLOW_HASH_LEN + 1];
	rg_err err = RG_OK;

	if (strlen(key) <= SAFE_MAX && strspn(key, good) == strlen(key)) {
		snprintf(out, DIRECTORY_NAME_MAX + 1, "http-%s.%s", key, extension);
		return RG_OK;
	}
	err = sha256_hex(key, strlen(key), hash);
	snprintf(out, DIRECTORY_NAME_MAX + 1, "http_%s.%s", hash, extension);
	return err;
}

/*
 * --- Content ----------------------------------------
 * ----------------------------------------------------
 */

rg_err inflow_begin(struct inflow *inflow, struct inflow_load **ret_load)
{
	scoped(inflow_freep) struct inflow_load *load = calloc(1, sizeof(*load));

	if (!load) {
		return RG_E_NOMEM;
	}
	load->inflow = inflow;
	load->fd = -1;
	load->hash = EVP_MD_CTX_new();
	if (!load->hash || EVP_DigestInit_ex(load->hash, EVP_sha256(), NULL) != 1) {
		return RG_E_CRYPTO;
	}
	snprintf(load->name, sizeof(load->name), "http-%llu.part",
		(unsigned long long)++inflow->n_loads);
	rg_err err = directory_create_staged(inflow->directory, load->name, &load->fd);
	if (err) {
		return err;
	}
	load->is_named = true;
	*ret_load = steal(load);
	return RG_OK;
}

rg_err inflow_add(struct inflow_load *load, const void *data, size_t len)
{
	rg_err err = file_write_all(load->fd, bytes_of(data, len));

	if (!err && EVP_DigestUpdate(load->hash, data, len) != 1) {
		err = RG_E_CRYPTO;
	}
	load->size += len;
	return err;
}

uint64_t inflow_size(const struct inflow_load *load)
{
	return load->size;
}

void inflow_free(struct inflow_load *load)
{
	if (!load) {
		return;
	}
	fd_close(&load->fd);
	if (load->is_named) {
		directory_drop_staged(load->inflow->directory, load->name);
	}
	EVP_MD_CTX_free(load->hash);
	free(load);
}

static rg_err describe(struct inflow_load *load, const char *key, const char *extension,
	struct inflow_record *ret_record)
{
	uint8_t hash[32];

	*ret_record = (struct inflow_record){.size = load->size, .received_us = clock_now_us()};
	if (EVP_DigestFinal_ex(load->hash, hash, NULL) != 1) {
		return RG_E_CRYPTO;
	}
	text_hex(bytes_of(hash, sizeof(hash)), ret_record->sha256);
	snprintf(ret_record->key, sizeof(ret_record->key), "%s", key);
	return name_of(key, extension, ret_record->file);
}

static rg_err put(struct inflow_load *load, const struct place *place,
	const struct inflow_record *record)
{
	bool is_put = false;
	rg_err err = RG_OK;

	if (fdatasync(load->fd) != 0) {
		log_event(LOG_ERROR, "http", "cannot-sync", log_text("name", load->name),
			log_errno());
		return RG_E_IO;
	}
	err = write_record(place, record);
	if (!err) {
		err = directory_send(load->inflow->directory, load->name, record->file, &is_put);
	}
	if (!err && !is_put) {
		log_event(LOG_ERROR, "http", "name-taken", log_text("file", record->file),
			log_text("hint", "out/ has a file of this name that did not come by HTTP"));
		err = RG_E_IO;
	}
	if (is_put) {
		load->is_named = false;
	}
	return err ? err : keep_promise(place);
}

rg_err inflow_commit(struct inflow_load *load, const char *key, const char *extension,
	enum inflow_answer *ret_answer, struct inflow_record *ret_record)
{
	struct inflow_record record;
	struct inflow_record known;
	scoped(place_deinitv) struct place place = {.folder_fd = -1};
	bool is_known = false;
	rg_err err = describe(load, key, extension, &record);

	if (!err) {
		err = place_of(load->inflow, key, &place);
	}
	if (!err) {
		/* What a full disk left half done before. */
		err = settle_promise(load->inflow, &place);
	}
	if (!err) {
		err = read_record(place.folder_fd, place.name, &is_known, &known);
	}
	if (!err && !is_known) {
		err = put(load, &place, &record);
	}
	if (err) {
		return err;
	}
	bool is_same = is_known && strcmp(known.sha256, record.sha256) == 0;
	*ret_answer = !is_known ? INFLOW_NEW : is_same ? INFLOW_SAME : INFLOW_OTHER;
	*ret_record = is_known ? known : record;
	return RG_OK;
}

/*
 * --- Questions ----------------------------------------
 * ------------------------------------------------------
 */

rg_err inflow_status(struct inflow *inflow, const char *key, bool *ret_is_found,
	struct inflow_record *ret_record, enum inflow_state *ret_state, struct buf *findings)
{
	static const enum inflow_state states[] = {
		[DIRECTORY_SENT_NOWHERE] = INFLOW_GONE,
		[DIRECTORY_SENT_OUT] = INFLOW_WAITING,
		[DIRECTORY_SENT_DONE] = INFLOW_SENT,
		[DIRECTORY_SENT_FAILED] = INFLOW_FAILED,
	};
	scoped(place_deinitv) struct place place = {.folder_fd = -1};
	enum directory_sent where = DIRECTORY_SENT_NOWHERE;
	rg_err err = place_of(inflow, key, &place);

	buf_clear(findings);
	if (!err) {
		err = read_record(place.folder_fd, place.name, ret_is_found, ret_record);
	}
	if (err || !*ret_is_found) {
		return err;
	}
	err = directory_find_sent(inflow->directory, ret_record->file, &where);
	if (!err && where == DIRECTORY_SENT_FAILED) {
		err = directory_findings(inflow->directory, ret_record->file, findings);
	}
	*ret_state = states[where];
	return err;
}

rg_err inflow_count(struct inflow *inflow, size_t max, size_t *ret_n)
{
	return directory_count_out(inflow->directory, max, ret_n);
}
