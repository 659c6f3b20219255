/*
 * Deliveries from their storage to their end
 *
 * Method: a list in the order of arrival, of what lies in inbox/. The ledger is read
 * before the folder, so what it says waits in notes until inbox_load() finds the files;
 * notes without a file belong to deliveries that were finished and moved.
 *
 * Threads: one.
 */
#include "host/inbox.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "client/submit.h"
#include "host/frames.h"
#include "host/synced.h"
#include "rivergate/v1/message.pb-c.h"
#include "wire/scan.h"

#define FILE_MODE   0600
#define FOLDER_MODE 0700
#define NUMBER_LEN  20
#define PATH_SIZE   (INBOX_NAME_MAX + 64)

struct inbox {
	char *state_path;
	int inbox_fd;
	int received_fd;
	int aside_fd;
	struct inbox_entry *first;
	struct inbox_entry *last;
	size_t n;
	struct inbox_entry *notes; /* what the ledger said, newest first; until inbox_load() */
	uint64_t last_number;
	struct arena *arena;
};

/* --- Entries ---------------------------------------------------------------------------------- */

void inbox_intent_free(struct inbox_intent *intent)
{
	if (!intent) {
		return;
	}
	for (size_t i = 0; i < intent->n_files; i++) {
		free(intent->files[i]);
	}
	free(intent->files);
	buf_deinit(&intent->facts);
	free(intent);
}

static void free_entry(struct inbox_entry *entry)
{
	inbox_intent_free(entry->intent);
	free(entry);
}

static void free_list(struct inbox_entry *first)
{
	while (first) {
		struct inbox_entry *next = first->next;

		free_entry(first);
		first = next;
	}
}

static void append(struct inbox *inbox, struct inbox_entry *entry)
{
	entry->next = NULL;
	if (inbox->last) {
		inbox->last->next = entry;
	} else {
		inbox->first = entry;
	}
	inbox->last = entry;
	inbox->n++;
}

static void unlink_entry(struct inbox *inbox, struct inbox_entry *entry)
{
	struct inbox_entry *before = NULL;

	for (struct inbox_entry *at = inbox->first; at != entry; at = at->next) {
		before = at;
	}
	if (before) {
		before->next = entry->next;
	} else {
		inbox->first = entry->next;
	}
	if (inbox->last == entry) {
		inbox->last = before;
	}
	inbox->n--;
}

struct inbox_entry *inbox_first(const struct inbox *inbox)
{
	return inbox->first;
}

size_t inbox_length(const struct inbox *inbox)
{
	return inbox->n;
}

/* --- Opening ---------------------------------------------------------------------------------- */

rg_err inbox_open(const char *state_path, struct inbox **ret_inbox)
{
	scoped(inbox_closep) struct inbox *inbox = calloc(1, sizeof(*inbox));

	if (!inbox) {
		return RG_E_NOMEM;
	}
	inbox->inbox_fd = inbox->received_fd = inbox->aside_fd = -1;
	inbox->state_path = strdup(state_path);
	inbox->arena = arena_new(0);
	if (!inbox->state_path || !inbox->arena) {
		return RG_E_NOMEM;
	}
	rg_err err = synced_open_dir(state_path, "inbox", FOLDER_MODE, &inbox->inbox_fd);
	if (!err) {
		err = synced_open_dir(state_path, "received", FOLDER_MODE, &inbox->received_fd);
	}
	if (!err) {
		err = synced_open_dir(state_path, "set-aside", FOLDER_MODE, &inbox->aside_fd);
	}
	if (err) {
		return err;
	}
	*ret_inbox = steal(inbox);
	return RG_OK;
}

void inbox_close(struct inbox *inbox)
{
	if (!inbox) {
		return;
	}
	free_list(inbox->first);
	free_list(inbox->notes);
	fd_close(&inbox->inbox_fd);
	fd_close(&inbox->received_fd);
	fd_close(&inbox->aside_fd);
	arena_free(inbox->arena);
	free(inbox->state_path);
	free(inbox);
}

/* --- The ledger ------------------------------------------------------------------------------- */

/* The note on this number; made when there is none. NULL: no memory. */
static struct inbox_entry *note_on(struct inbox *inbox, uint64_t number)
{
	for (struct inbox_entry *note = inbox->notes; note; note = note->next) {
		if (note->number == number) {
			return note;
		}
	}
	struct inbox_entry *note = calloc(1, sizeof(*note));
	if (note) {
		note->number = number;
		note->next = inbox->notes;
		inbox->notes = note;
	}
	return note;
}

static rg_err read_intent(struct cursor *cursor, struct inbox_intent **ret_intent)
{
	scoped(inbox_intent_freep) struct inbox_intent *intent = calloc(1, sizeof(*intent));

	if (!intent) {
		return RG_E_NOMEM;
	}
	buf_init(&intent->facts);
	struct rg_bytes boot = cursor_bytes(cursor, cursor_u8(cursor));
	buf_add_bytes(&intent->facts, cursor_bytes(cursor, cursor_u32(cursor)));
	size_t n = cursor_u16(cursor);
	if (cursor->is_bad || boot.len > INBOX_BOOT_MAX || n > INBOX_FILES_MAX) {
		return RG_E_FORMAT;
	}
	if (boot.len) {
		memcpy(intent->boot, boot.data, boot.len);
	}
	intent->files = calloc(n ? n : 1, sizeof(char *));
	for (size_t i = 0; intent->files && i < n; i++) {
		struct rg_bytes name = cursor_bytes(cursor, cursor_u16(cursor));

		intent->files[i] = strndup((const char *)name.data, name.len);
		if (!intent->files[i]) {
			return RG_E_NOMEM;
		}
		intent->puts[i] = INBOX_PUT_LOST;
		intent->n_files++;
	}
	if (!intent->files || buf_error(&intent->facts)) {
		return RG_E_NOMEM;
	}
	if (cursor->is_bad) {
		return RG_E_FORMAT;
	}
	*ret_intent = steal(intent);
	return RG_OK;
}

static rg_err replay_intent(struct inbox_entry *note, struct cursor *cursor)
{
	inbox_intent_free(note->intent);
	note->intent = NULL;
	return read_intent(cursor, &note->intent);
}

static rg_err replay_attempt(const struct inbox_entry *note, struct cursor *cursor)
{
	size_t file = cursor_u16(cursor);
	bool is_begun = cursor_u8(cursor) != 0;

	if (cursor->is_bad || !note->intent || file >= note->intent->n_files) {
		return RG_E_FORMAT;
	}
	note->intent->puts[file] = is_begun ? INBOX_PUT_BEGUN : INBOX_PUT_LOST;
	return RG_OK;
}

rg_err inbox_replay(struct inbox *inbox, struct rg_bytes frame)
{
	struct cursor cursor = cursor_of(frame);
	enum frame_type type = (enum frame_type)cursor_u8(&cursor);

	if (type != FRAME_SEALED && type != FRAME_INTENT && type != FRAME_CRASHED &&
		type != FRAME_ATTEMPT) {
		return RG_OK;
	}
	if (type == FRAME_SEALED) {
		(void)cursor_u64(&cursor);
	}
	uint64_t number = cursor_u64(&cursor);
	if (cursor.is_bad) {
		return RG_E_FORMAT;
	}
	if (number == 0) {
		return RG_OK;
	}
	struct inbox_entry *note = note_on(inbox, number);
	if (!note) {
		return RG_E_NOMEM;
	}
	inbox->last_number = number > inbox->last_number ? number : inbox->last_number;
	note->is_done |= type == FRAME_SEALED;
	note->n_crashes += type == FRAME_CRASHED;
	if (type == FRAME_ATTEMPT) {
		return replay_attempt(note, &cursor);
	}
	return type == FRAME_INTENT ? replay_intent(note, &cursor) : RG_OK;
}

static rg_err add_number(uint8_t type, uint64_t number, struct ledger *ledger)
{
	scoped(buf_deinitv) struct buf frame = {0};

	buf_init(&frame);
	buf_add_u8(&frame, type);
	buf_add_u64(&frame, number);
	rg_err err = buf_error(&frame);
	return err ? err : ledger_add(ledger, buf_view(&frame));
}

static rg_err add_intent_frame(const struct inbox_entry *entry, struct ledger *ledger)
{
	const struct inbox_intent *intent = entry->intent;
	scoped(buf_deinitv) struct buf frame = {0};

	buf_init(&frame);
	buf_add_u8(&frame, FRAME_INTENT);
	buf_add_u64(&frame, entry->number);
	buf_add_u8(&frame, (uint8_t)strlen(intent->boot));
	buf_add_text(&frame, intent->boot);
	buf_add_u32(&frame, (uint32_t)intent->facts.len);
	buf_add_bytes(&frame, buf_view(&intent->facts));
	buf_add_u16(&frame, (uint16_t)intent->n_files);
	for (size_t i = 0; i < intent->n_files; i++) {
		buf_add_u16(&frame, (uint16_t)strlen(intent->files[i]));
		buf_add_text(&frame, intent->files[i]);
	}
	rg_err err = buf_error(&frame);
	return err ? err : ledger_add(ledger, buf_view(&frame));
}

static rg_err add_attempt_frame(uint64_t number, size_t file, bool is_begun, struct ledger *ledger)
{
	scoped(buf_deinitv) struct buf frame = {0};

	buf_init(&frame);
	buf_add_u8(&frame, FRAME_ATTEMPT);
	buf_add_u64(&frame, number);
	buf_add_u16(&frame, (uint16_t)file);
	buf_add_u8(&frame, is_begun);
	rg_err err = buf_error(&frame);
	return err ? err : ledger_add(ledger, buf_view(&frame));
}

/* Whoever reads the ledger after us must not take an attempt for none. */
static rg_err add_attempt_under_way(const struct inbox_entry *entry, size_t file,
	struct ledger *ledger)
{
	enum inbox_put put = entry->intent->puts[file];

	return put == INBOX_PUT_NOT || put == INBOX_PUT_LOST
		? RG_OK
		: add_attempt_frame(entry->number, file, true, ledger);
}

rg_err inbox_add_attempt(const struct inbox_entry *entry, size_t file, bool is_begun,
	struct ledger *ledger)
{
	return add_attempt_frame(entry->number, file, is_begun, ledger);
}

rg_err inbox_write(const struct inbox *inbox, struct ledger *ledger)
{
	rg_err err = RG_OK;

	for (const struct inbox_entry *entry = inbox->first; !err && entry; entry = entry->next) {
		for (unsigned i = 0; !err && i < entry->n_crashes; i++) {
			err = add_number(FRAME_CRASHED, entry->number, ledger);
		}
		if (!err && entry->intent) {
			err = add_intent_frame(entry, ledger);
		}
		for (size_t i = 0; !err && entry->intent && i < entry->intent->n_files; i++) {
			err = add_attempt_under_way(entry, i, ledger);
		}
	}
	return err;
}

rg_err inbox_sync_moves(struct inbox *inbox)
{
	if (syncfs(inbox->inbox_fd) != 0) {
		log_event(LOG_ERROR, "inbox", "cannot-sync", log_errno());
		return RG_E_IO;
	}
	return RG_OK;
}

rg_err inbox_add_crash(struct inbox_entry *entry, struct ledger *ledger)
{
	entry->n_crashes++;
	return add_number(FRAME_CRASHED, entry->number, ledger);
}

rg_err inbox_add_intent(struct inbox_entry *entry, struct inbox_intent **intent,
	struct ledger *ledger)
{
	inbox_intent_free(entry->intent);
	entry->intent = steal(*intent);
	return add_intent_frame(entry, ledger);
}

void inbox_drop_intent(struct inbox_entry *entry)
{
	inbox_intent_free(entry->intent);
	entry->intent = NULL;
}

/*
 * --- Names -------------------------------------------------------------------------------------
 */

/* Fills name and id from a header; false: no such header can be ours. */
static bool read_identity(struct inbox *inbox, struct rg_bytes bytes, struct inbox_entry *entry)
{
	struct scan_answer answer;
	ProtobufCMessage *msg = NULL;
	char hex[33];

	arena_reset(inbox->arena);
	if (scan_unpack(&rivergate__v1__header__descriptor, bytes, inbox->arena, &answer, &msg) ||
		!msg) {
		return false;
	}
	const Rivergate__V1__Header *header = (const Rivergate__V1__Header *)msg;
	if (header->id.len != sizeof(entry->id) || !address_is_valid(header->from)) {
		return false;
	}
	memcpy(entry->id, header->id.data, sizeof(entry->id));
	text_hex(bytes_of(entry->id, sizeof(entry->id)), hex);
	snprintf(entry->name, sizeof(entry->name), "%s-%s", header->from, hex);
	return true;
}

static void stored_name(const struct inbox_entry *entry, const char *end, char out[PATH_SIZE])
{
	snprintf(out, PATH_SIZE, "%020llu%s", (unsigned long long)entry->number, end);
}

/* Below received/: <last byte of the id>/<from>-<id><end>. */
static void received_name(const struct inbox_entry *entry, const char *end, char out[PATH_SIZE])
{
	snprintf(out, PATH_SIZE, "%02x/%s%s", entry->id[15], entry->name, end);
}

static rg_err was_finished(struct inbox *inbox, const struct inbox_entry *entry, bool *ret_was)
{
	char path[PATH_SIZE];

	received_name(entry, ".rge", path);
	rg_err err = synced_has(inbox->received_fd, path, ret_was);
	if (!err && !*ret_was) {
		snprintf(path, sizeof(path), "%s.rge", entry->name);
		err = synced_has(inbox->aside_fd, path, ret_was);
	}
	return err;
}

/*
 * --- Loading ------------------------------------------------------------------------------------
 */

static void close_listing(DIR **listing)
{
	if (*listing) {
		(void)closedir(*listing);
	}
}

static rg_err read_file(struct inbox *inbox, const char *name, struct buf *out)
{
	scoped(buf_deinitv) struct buf path = {0};
	bool is_found = false;

	buf_init(&path);
	buf_printf(&path, "%s/inbox/%s", inbox->state_path, name);
	const char *text = buf_text(&path);
	rg_err err = text ? file_read(text, SUBMIT_ENVELOPE_MAX, out, &is_found) : RG_E_NOMEM;
	return err ? err : is_found ? RG_OK : RG_E_IO;
}

rg_err inbox_read(struct inbox *inbox, const struct inbox_entry *entry, struct buf *out)
{
	char name[PATH_SIZE];

	buf_clear(out);
	stored_name(entry, ".rge", name);
	return read_file(inbox, name, out);
}

static bool number_of(const char *name, uint64_t *ret_number)
{
	char digits[NUMBER_LEN + 1];
	size_t i = 0;

	if (strlen(name) != NUMBER_LEN + strlen(".rge") || strcmp(name + NUMBER_LEN, ".rge") != 0) {
		return false;
	}
	memcpy(digits, name, NUMBER_LEN);
	digits[NUMBER_LEN] = '\0';
	while (i < NUMBER_LEN - 1 && digits[i] == '0') {
		i++;
	}
	return text_u64(digits + i, ret_number);
}

/* Our own file does not parse: nothing may be handed over from it, and nothing is thrown away. */
static rg_err set_damaged_aside(struct inbox *inbox, const char *name)
{
	log_event(LOG_ERROR, "inbox", "damaged", log_text("file", name),
		log_text("hint", "the envelope is in set-aside/; ask its sender for the message"));
	return synced_move_aside(inbox->inbox_fd, name, inbox->aside_fd, name);
}

static rg_err load_one(struct inbox *inbox, const char *name, uint64_t number)
{
	scoped(buf_deinitv) struct buf content = {0};
	struct scan_answer answer;
	const struct scan_limits limits = {0};
	struct inbox_entry *entry = calloc(1, sizeof(*entry));

	if (!entry) {
		return RG_E_NOMEM;
	}
	append(inbox, entry);
	entry->number = number;
	buf_init(&content);
	rg_err err = read_file(inbox, name, &content);
	answer = err
		? (struct scan_answer){0}
		: scan_check(&rivergate__v1__envelope__descriptor, buf_view(&content), &limits);
	Rivergate__V1__Envelope *envelope = answer.is_ok
		? rivergate__v1__envelope__unpack(NULL, content.len, content.data)
		: NULL;
	bool is_good = envelope &&
		read_identity(inbox, bytes_of(envelope->header.data, envelope->header.len), entry);
	rivergate__v1__envelope__free_unpacked(envelope, NULL);
	if (!err && !is_good) {
		unlink_entry(inbox, entry);
		free_entry(entry);
		return set_damaged_aside(inbox, name);
	}
	return err;
}

static int by_number(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a;
	uint64_t right = *(const uint64_t *)b;

	return left < right ? -1 : left > right;
}

/* Numbers of the files in inbox/, ascending; removes what a crash left half written. */
static rg_err list_numbers(struct inbox *inbox, uint64_t **ret_numbers, size_t *ret_n)
{
	int fd = openat(inbox->inbox_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scoped(close_listing) DIR *listing = fd < 0 ? NULL : fdopendir(fd);
	scoped(buf_deinitv) struct buf numbers = {0};
	struct dirent *entry = NULL;
	uint64_t number = 0;

	if (!listing) {
		log_event(LOG_ERROR, "inbox", "cannot-list", log_errno());
		fd_close(&fd);
		return RG_E_IO;
	}
	buf_init(&numbers);
	while ((entry = readdir(listing))) {
		if (number_of(entry->d_name, &number)) {
			buf_add(&numbers, &number, sizeof(number));
		} else if (strncmp(entry->d_name, "tmp-", 4) == 0) {
			(void)unlinkat(inbox->inbox_fd, entry->d_name, 0);
		}
	}
	rg_err err = buf_error(&numbers);
	if (err) {
		return err;
	}
	size_t len = 0;
	*ret_numbers = (uint64_t *)(void *)buf_take(&numbers, &len);
	*ret_n = len / sizeof(number);
	return RG_OK;
}

/* Brings what the ledger said to the entry it was said about. */
static void apply_note(struct inbox *inbox, struct inbox_entry *entry)
{
	for (struct inbox_entry *note = inbox->notes; note; note = note->next) {
		if (note->number == entry->number) {
			entry->is_done = note->is_done;
			entry->n_crashes = note->n_crashes;
			entry->intent = steal(note->intent);
			return;
		}
	}
}

rg_err inbox_load(struct inbox *inbox)
{
	scoped(freep) uint64_t *numbers = NULL;
	size_t n = 0;
	rg_err err = list_numbers(inbox, &numbers, &n);

	if (!err && n > 1) {
		qsort(numbers, n, sizeof(*numbers), by_number);
	}
	for (size_t i = 0; !err && i < n; i++) {
		char name[PATH_SIZE];
		const struct inbox_entry key = {.number = numbers[i]};

		stored_name(&key, ".rge", name);
		err = load_one(inbox, name, numbers[i]);
		inbox->last_number =
			numbers[i] > inbox->last_number ? numbers[i] : inbox->last_number;
	}
	for (struct inbox_entry *entry = inbox->first; !err && entry; entry = entry->next) {
		/* Told the router before or not: it will deliver again what it does not know. */
		entry->is_settled = true;
		apply_note(inbox, entry);
	}
	free_list(inbox->notes);
	inbox->notes = NULL;
	return err;
}

/*
 * --- Storing -------------------------------------------------------------------------------------
 */

static struct inbox_entry *find(const struct inbox *inbox, const char *name)
{
	for (struct inbox_entry *entry = inbox->first; entry; entry = entry->next) {
		if (strcmp(entry->name, name) == 0) {
			return entry;
		}
	}
	return NULL;
}

/* The proof first: an envelope whose name is there has what belongs to it. */
static rg_err write_stored(struct inbox *inbox, const struct inbox_entry *entry,
	const struct inbox_delivery *delivery)
{
	char name[PATH_SIZE];
	char temporary[PATH_SIZE];
	bool is_moved = false;
	rg_err err = RG_OK;

	stored_name(entry, ".tlog-proof", name);
	if (delivery->proof.len) {
		err = synced_write(inbox->inbox_fd, name, delivery->proof, FILE_MODE);
	}
	stored_name(entry, ".rge", name);
	snprintf(temporary, sizeof(temporary), "tmp-%020llu", (unsigned long long)entry->number);
	if (!err) {
		err = synced_write(inbox->inbox_fd, temporary, delivery->envelope, FILE_MODE);
	}
	if (!err) {
		err = synced_move(inbox->inbox_fd, temporary, inbox->inbox_fd, name, &is_moved);
	}
	return err ? err : is_moved ? RG_OK : RG_E_IO;
}

static void free_entryp(struct inbox_entry **entry)
{
	if (*entry) {
		free_entry(*entry);
	}
}

rg_err inbox_store(struct inbox *inbox, const struct inbox_delivery *delivery,
	struct inbox_entry **ret_entry, bool *ret_is_new)
{
	scoped(free_entryp) struct inbox_entry *entry = calloc(1, sizeof(*entry));
	bool was_here = false;
	uint64_t now = (uint64_t)clock_now_us();

	if (!entry) {
		return RG_E_NOMEM;
	}
	if (!read_identity(inbox, delivery->header, entry)) {
		return RG_E_FORMAT; /* the client verified it: this is a defect of ours */
	}
	*ret_is_new = false;
	*ret_entry = find(inbox, entry->name);
	if (*ret_entry) {
		(*ret_entry)->index = delivery->index;
		(*ret_entry)->is_derived = delivery->is_derived;
		return RG_OK;
	}
	rg_err err = was_finished(inbox, entry, &was_here);
	if (err || was_here) {
		return err;
	}
	inbox->last_number = now > inbox->last_number ? now : inbox->last_number + 1;
	entry->number = inbox->last_number;
	entry->index = delivery->index;
	entry->is_derived = delivery->is_derived;
	err = write_stored(inbox, entry, delivery);
	if (err) {
		return err;
	}
	*ret_is_new = true;
	*ret_entry = entry;
	append(inbox, steal(entry));
	return RG_OK;
}

rg_err inbox_sync(struct inbox *inbox)
{
	return synced_names(inbox->inbox_fd);
}

/*
 * --- The end --------------------------------------
 * -------------------------------------------------
 */

static rg_err move_stored(struct inbox *inbox, const struct inbox_entry *entry, int to_fd,
	const char *to, const char *end)
{
	char name[PATH_SIZE];
	bool is_there = false;
	bool is_moved = false;

	stored_name(entry, end, name);
	rg_err err = synced_has(inbox->inbox_fd, name, &is_there);
	if (!err && is_there) {
		err = synced_move(inbox->inbox_fd, name, to_fd, to, &is_moved);
	}
	return err;
}

static rg_err move_to_received(struct inbox *inbox, const struct inbox_entry *entry)
{
	char path[PATH_SIZE];
	char folder[3];

	snprintf(folder, sizeof(folder), "%02x", entry->id[15]);
	if (mkdirat(inbox->received_fd, folder, FOLDER_MODE) != 0 && errno != EEXIST) {
		log_event(LOG_ERROR, "inbox", "cannot-make-folder", log_text("name", folder),
			log_errno());
		return RG_E_IO;
	}
	received_name(entry, ".tlog-proof", path);
	rg_err err = move_stored(inbox, entry, inbox->received_fd, path, ".tlog-proof");
	received_name(entry, ".rge", path);
	return err ? err : move_stored(inbox, entry, inbox->received_fd, path, ".rge");
}

rg_err inbox_mark_aside(struct inbox *inbox, const struct inbox_entry *entry,
	struct rg_bytes reason)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s.json", entry->name);
	rg_err err = synced_write(inbox->aside_fd, path, reason, FILE_MODE);
	return err ? err : synced_names(inbox->aside_fd);
}

static rg_err move_to_aside(struct inbox *inbox, const struct inbox_entry *entry)
{
	char path[PATH_SIZE];

	snprintf(path, sizeof(path), "%s.tlog-proof", entry->name);
	rg_err err = move_stored(inbox, entry, inbox->aside_fd, path, ".tlog-proof");
	snprintf(path, sizeof(path), "%s.rge", entry->name);
	return err ? err : move_stored(inbox, entry, inbox->aside_fd, path, ".rge");
}

rg_err inbox_finish(struct inbox *inbox, struct inbox_entry *entry)
{
	char path[PATH_SIZE];
	bool is_aside = false;

	snprintf(path, sizeof(path), "%s.json", entry->name);
	rg_err err = synced_has(inbox->aside_fd, path, &is_aside);
	if (!err) {
		err = is_aside ? move_to_aside(inbox, entry) : move_to_received(inbox, entry);
	}
	if (!err) {
		unlink_entry(inbox, entry);
		free_entry(entry);
	}
	return err;
}
