/*
 * Bundles as .zip archives: see bundle.h
 *
 * Written without compression, with one fixed time and owner, so that the bytes depend on
 * the files alone. Read with any: what comes out is counted while it comes, and names are
 * judged before anything is kept. Nothing is ever unpacked to the disk here.
 * Threads: any; nothing is shared.
 */

#include <stdio.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>

#include "audit/bundle.h"
#include "base/log.h"

#define BLOCK        65536
#define FIXED_TIME_S 315532800 /* 1980-01-01, the earliest that the format knows */

static void reader_freep(struct archive **archive)
{
	(void)archive_read_free(*archive);
}

static void writer_freep(struct archive **archive)
{
	(void)archive_write_free(*archive);
}

static void entry_freep(struct archive_entry **entry)
{
	archive_entry_free(*entry);
}

/* --- Reading -------------------------------------------------------------------------------- */

static bool is_known(const struct bundle *bundle, const char *path)
{
	for (size_t i = 0; i < bundle->n_files; i++) {
		if (strcmp(bundle->files[i].path, path) == 0) {
			return true;
		}
	}
	return false;
}

/* ret_is_kept false: a folder, which says nothing. */
static void judge_entry(struct archive_entry *entry, const struct bundle *bundle,
	struct bundle_answer *answer, bool *ret_is_kept)
{
	const char *path = archive_entry_pathname(entry);
	char name[BUNDLE_PATH_MAX + 1] = "";
	size_t len = path ? strnlen(path, sizeof(name)) : 0;

	*ret_is_kept = false;
	if (len > 0 && len < sizeof(name)) {
		memcpy(name, path, len);
		if (archive_entry_filetype(entry) == AE_IFDIR && name[len - 1] == '/') {
			name[len - 1] = '\0';
		}
	}
	if (!bundle_path_is_valid(name)) {
		bundle_refuse(answer, "", "the archive holds a path that no bundle has");
	} else if (archive_entry_is_encrypted(entry)) {
		bundle_refuse(answer, name, "encrypted");
	} else if (archive_entry_filetype(entry) == AE_IFREG && is_known(bundle, name)) {
		bundle_refuse(answer, name, "the archive holds this file twice");
	} else if (archive_entry_filetype(entry) == AE_IFREG) {
		*ret_is_kept = true;
	} else if (archive_entry_filetype(entry) != AE_IFDIR) {
		bundle_refuse(answer, name, "neither a file nor a folder");
	}
}

static rg_err read_content(struct archive *archive, const char *path, struct bundle *bundle,
	struct bundle_answer *answer)
{
	scoped(buf_deinitv) struct buf content = {.data = NULL};
	la_ssize_t n = 1;

	while (n > 0 && content.len <= BUNDLE_FILE_MAX) {
		uint8_t *room = buf_reserve(&content, BLOCK);

		if (!room) {
			return buf_error(&content);
		}
		n = archive_read_data(archive, room, BLOCK);
		content.len += n > 0 ? (size_t)n : 0;
	}
	rg_err err = n < 0 ? RG_OK : bundle_add(bundle, path, buf_view(&content));

	if (n < 0) {
		bundle_refuse(answer, path, "the archive is damaged here");
	} else if (err == RG_E_OVERFLOW) {
		bundle_refuse(answer, path, "the archive holds more than a bundle may");
		err = RG_OK;
	}
	return err;
}

static rg_err read_entries(struct archive *archive, struct bundle *bundle,
	struct bundle_answer *answer)
{
	struct archive_entry *entry = NULL;
	rg_err err = RG_OK;
	int state = ARCHIVE_OK;

	/* Folders count too: an archive of nothing but folders ends as well. */
	for (size_t n = 0; !err && answer->is_ok && n <= 2 * (size_t)BUNDLE_FILES_MAX; n++) {
		bool is_kept = false;

		state = archive_read_next_header(archive, &entry);
		if (state != ARCHIVE_OK) {
			break;
		}
		judge_entry(entry, bundle, answer, &is_kept);
		if (answer->is_ok && is_kept) {
			err = read_content(archive, archive_entry_pathname(entry), bundle, answer);
		}
	}
	if (!err && answer->is_ok && state != ARCHIVE_EOF) {
		bundle_refuse(answer, "", "no .zip archive, or a damaged one");
	}
	return err;
}

/* A file, or the archive itself. */
struct input {
	const char *path; /* NULL: bytes */
	struct rg_bytes bytes;
};

static rg_err read_archive(const struct input *input, struct bundle *bundle,
	struct bundle_answer *answer)
{
	scoped(reader_freep) struct archive *archive = archive_read_new();

	if (!archive || archive_read_support_format_zip(archive) != ARCHIVE_OK) {
		return RG_E_NOMEM;
	}
	int state = input->path
		? archive_read_open_filename(archive, input->path, BLOCK)
		: archive_read_open_memory(archive, input->bytes.data, input->bytes.len);

	if (state != ARCHIVE_OK) {
		bundle_refuse(answer, "", "no .zip archive, or a damaged one");
		return RG_OK;
	}
	return read_entries(archive, bundle, answer);
}

rg_err bundle_zip_read(const char *path, struct bundle *bundle, struct bundle_answer *ret_answer)
{
	return read_archive(&(struct input){.path = path}, bundle, ret_answer);
}

rg_err bundle_zip_parse(struct rg_bytes archive, struct bundle *bundle,
	struct bundle_answer *ret_answer)
{
	return read_archive(&(struct input){.bytes = archive}, bundle, ret_answer);
}

/* --- Writing -------------------------------------------------------------------------------- */

static la_ssize_t take_bytes(struct archive *archive, void *context, const void *bytes, size_t len)
{
	struct buf *out = context;

	buf_add(out, bytes, len);
	if (buf_error(out)) {
		archive_set_error(archive, 12, "no memory");
		return -1;
	}
	return (la_ssize_t)len;
}

static bool write_entry(struct archive *archive, const struct bundle_file *file)
{
	scoped(entry_freep) struct archive_entry *entry = archive_entry_new();
	size_t len = strlen(file->path);
	bool is_script = len > 3 && strcmp(file->path + len - 3, ".sh") == 0;

	if (!entry) {
		return false;
	}
	archive_entry_set_pathname(entry, file->path);
	archive_entry_set_filetype(entry, AE_IFREG);
	archive_entry_set_perm(entry, is_script ? 0755 : 0644);
	archive_entry_set_size(entry, (la_int64_t)file->content.len);
	archive_entry_set_mtime(entry, FIXED_TIME_S, 0);
	archive_entry_set_uid(entry, 0);
	archive_entry_set_gid(entry, 0);
	return archive_write_header(archive, entry) == ARCHIVE_OK &&
		archive_write_data(archive,
			file->content.data ? file->content.data : (const uint8_t *)"",
			file->content.len) == (la_ssize_t)file->content.len;
}

rg_err bundle_zip_write(const struct bundle *bundle, struct buf *out)
{
	scoped(writer_freep) struct archive *archive = archive_write_new();
	bool is_ok = archive && archive_write_set_format_zip(archive) == ARCHIVE_OK &&
		archive_write_set_options(archive, "zip:compression=store") == ARCHIVE_OK &&
		archive_write_set_bytes_in_last_block(archive, 1) == ARCHIVE_OK &&
		archive_write_open(archive, out, NULL, take_bytes, NULL) == ARCHIVE_OK;

	for (size_t i = 0; is_ok && i < bundle->n_files; i++) {
		is_ok = write_entry(archive, &bundle->files[i]);
	}
	if (!is_ok || archive_write_close(archive) != ARCHIVE_OK) {
		log_event(LOG_ERROR, "bundle", "archive-not-written",
			log_text("why", archive ? archive_error_string(archive) : "no memory"));
		return RG_E_NOMEM;
	}
	return buf_error(out);
}
