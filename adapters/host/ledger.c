/*
 * The ledger of an adapter
 *
 * Method: frames pile up in memory and are written by one write() and one fdatasync().
 * At the start the file is read whole; the first frame that does not fit its checksum is
 * a torn end, if no whole frame stands anywhere behind it.
 *
 * Threads: one.
 */
#include "host/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crc32c.h"
#include "base/file.h"
#include "base/log.h"

#define MAGIC      0x52474c31u /* "RGL1" */
#define HEAD_LEN   12u
#define FILE_LIMIT ((size_t)4 << 30)

struct ledger {
	char *path;
	int fd;
	uint64_t size;    /* durable */
	struct buf added; /* frames of the next commit */
	bool is_broken;
};

static uint32_t checksum(struct rg_bytes content)
{
	uint8_t len[4] = {(uint8_t)(content.len >> 24), (uint8_t)(content.len >> 16),
		(uint8_t)(content.len >> 8), (uint8_t)content.len};

	return crc32c(crc32c(0, bytes_of(len, sizeof(len))), content);
}

/* Reads the frame at offset; false when there is no whole one. */
static bool read_frame(struct rg_bytes file, size_t offset, struct rg_bytes *ret_content)
{
	struct cursor cursor = cursor_of(bytes_of(file.data + offset, file.len - offset));
	uint32_t magic = cursor_u32(&cursor);
	uint32_t len = cursor_u32(&cursor);
	uint32_t crc = cursor_u32(&cursor);
	struct rg_bytes content = cursor_bytes(&cursor, len);

	if (cursor.is_bad || magic != MAGIC || len > LEDGER_FRAME_MAX || checksum(content) != crc) {
		return false;
	}
	*ret_content = content;
	return true;
}

static bool has_frame_behind(struct rg_bytes file, size_t offset)
{
	static const uint8_t magic[4] = {0x52, 0x47, 0x4c, 0x31};
	struct rg_bytes content;

	while (offset < file.len) {
		const uint8_t *found =
			memmem(file.data + offset, file.len - offset, magic, sizeof(magic));

		if (!found) {
			return false;
		}
		offset = (size_t)(found - file.data);
		if (read_frame(file, offset, &content)) {
			return true;
		}
		offset++;
	}
	return false;
}

/* Keeps what a crash left behind the last whole frame, then cuts it off. */
static rg_err cut_torn_end(struct ledger *ledger, struct rg_bytes file, size_t whole)
{
	scoped(buf_deinitv) struct buf name = {0};

	buf_init(&name);
	buf_printf(&name, "%s.torn", ledger->path);
	if (!buf_text(&name)) {
		return RG_E_NOMEM;
	}
	rg_err err =
		file_replace(buf_text(&name), bytes_of(file.data + whole, file.len - whole), 0600);
	if (err) {
		return err;
	}
	log_event(LOG_WARNING, "ledger", "torn-end", log_text("file", ledger->path),
		log_number("offset", (int64_t)whole),
		log_number("bytes", (int64_t)(file.len - whole)));
	if (ftruncate(ledger->fd, (off_t)whole) != 0 || fsync(ledger->fd) != 0) {
		log_event(LOG_ERROR, "ledger", "cannot-cut", log_text("file", ledger->path),
			log_errno());
		return RG_E_IO;
	}
	return RG_OK;
}

static rg_err replay(struct ledger *ledger, struct rg_bytes file,
	const struct ledger_reader *reader)
{
	size_t offset = 0;
	struct rg_bytes content;
	rg_err err = RG_OK;

	while (!err && offset < file.len && read_frame(file, offset, &content)) {
		err = reader->frame(reader->context, content);
		offset += HEAD_LEN + content.len;
	}
	ledger->size = offset;
	if (err || offset == file.len) {
		return err;
	}
	if (has_frame_behind(file, offset + 1)) {
		log_event(LOG_ERROR, "ledger", "damaged", log_text("file", ledger->path),
			log_number("offset", (int64_t)offset),
			log_text("hint",
				"restore the state folder from a backup, or set this file aside "
				"and look through in/ and done/ by hand"));
		return RG_E_FORMAT;
	}
	return cut_torn_end(ledger, file, offset);
}

/* Opens the file anew for appending, and its name is durable. */
static rg_err reopen(struct ledger *ledger)
{
	fd_close(&ledger->fd);
	ledger->fd = open(ledger->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (ledger->fd < 0) {
		log_event(LOG_ERROR, "ledger", "cannot-open", log_text("file", ledger->path),
			log_errno());
		return RG_E_IO;
	}
	return RG_OK;
}

static rg_err load(struct ledger *ledger, const struct ledger_reader *reader)
{
	scoped(buf_deinitv) struct buf file = {0};
	bool is_found = false;

	buf_init(&file);
	rg_err err = file_read(ledger->path, FILE_LIMIT, &file, &is_found);
	if (!err && !is_found) {
		err = file_create(ledger->path, bytes_of("", 0), 0600);
	}
	if (!err) {
		err = reopen(ledger);
	}
	return err ? err : replay(ledger, buf_view(&file), reader);
}

rg_err ledger_open(const char *path, const struct ledger_reader *reader, struct ledger **ret_ledger)
{
	scoped(ledger_closep) struct ledger *ledger = calloc(1, sizeof(*ledger));

	if (!ledger) {
		return RG_E_NOMEM;
	}
	ledger->fd = -1;
	buf_init(&ledger->added);
	ledger->path = strdup(path);
	if (!ledger->path) {
		return RG_E_NOMEM;
	}
	rg_err err = load(ledger, reader);
	if (err) {
		return err;
	}
	*ret_ledger = steal(ledger);
	return RG_OK;
}

void ledger_close(struct ledger *ledger)
{
	if (!ledger) {
		return;
	}
	fd_close(&ledger->fd);
	buf_deinit(&ledger->added);
	free(ledger->path);
	free(ledger);
}

rg_err ledger_add(struct ledger *ledger, struct rg_bytes content)
{
	if (content.len > LEDGER_FRAME_MAX) {
		return RG_E_OVERFLOW;
	}
	buf_add_u32(&ledger->added, MAGIC);
	buf_add_u32(&ledger->added, (uint32_t)content.len);
	buf_add_u32(&ledger->added, checksum(content));
	buf_add_bytes(&ledger->added, content);
	return buf_error(&ledger->added);
}

/* What could not be written whole must not stay: the next frame would stand behind it. */
static rg_err write_back(struct ledger *ledger)
{
	log_event(LOG_ERROR, "ledger", "cannot-write", log_text("file", ledger->path),
		log_text("hint", "is the disk full?"));
	if (ftruncate(ledger->fd, (off_t)ledger->size) != 0) {
		ledger->is_broken = true;
	}
	return RG_E_IO;
}

static rg_err write_added(struct ledger *ledger)
{
	if (ledger->is_broken) {
		return RG_E_IO;
	}
	if (file_write_all(ledger->fd, buf_view(&ledger->added)) != RG_OK) {
		return write_back(ledger);
	}
	if (fdatasync(ledger->fd) != 0) {
		/* The kernel may have dropped the pages: a second fdatasync() proves nothing. */
		log_event(LOG_ERROR, "ledger", "cannot-sync", log_text("file", ledger->path),
			log_errno());
		ledger->is_broken = true;
		return RG_E_IO;
	}
	ledger->size += ledger->added.len;
	return RG_OK;
}

rg_err ledger_commit(struct ledger *ledger)
{
	rg_err err = buf_error(&ledger->added);

	if (!err && ledger->added.len > 0) {
		err = write_added(ledger);
	}
	buf_clear(&ledger->added);
	return err;
}

bool ledger_is_broken(const struct ledger *ledger)
{
	return ledger->is_broken;
}

uint64_t ledger_size(const struct ledger *ledger)
{
	return ledger->size;
}

rg_err ledger_rewrite(struct ledger *ledger, rg_err (*write)(void *context, struct ledger *ledger),
	void *context)
{
	buf_clear(&ledger->added);
	rg_err err = write(context, ledger);
	if (!err) {
		err = buf_error(&ledger->added);
	}
	if (!err) {
		err = file_replace(ledger->path, buf_view(&ledger->added), 0600);
	}
	uint64_t size = ledger->added.len;
	buf_clear(&ledger->added);
	if (err) {
		return err;
	}
	err = reopen(ledger);
	ledger->is_broken = err != RG_OK;
	ledger->size = size;
	return err;
}
