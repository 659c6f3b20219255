/*
 * Files of a copy: see sums.h.
 *
 * Threads: one owner.
 */
#include "sums.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"

#define HASH_LEN   32
#define READ_STEP  ((size_t)1 << 20)
#define LIST_MAX   ((size_t)1 << 30)
#define NAME_BEGIN 66 /* hex digits and two spaces */

/* A file that is being written. */
struct open_file {
	char *name; /* relative to the folder */
	char *temporary;
	int fd;
	EVP_MD_CTX *hash;
};

struct sums {
	char *dir;
	struct buf list;
	uint64_t n_files;
	uint64_t n_bytes;
	struct open_file file; /* piece by piece */
};

/* What has not got its name goes. */
static void file_deinit(struct open_file *file)
{
	if (file->temporary) {
		(void)unlink(file->temporary);
	}
	fd_close(&file->fd);
	free(steal(file->name));
	free(steal(file->temporary));
	EVP_MD_CTX_free(steal(file->hash));
}

void sums_free(struct sums *sums)
{
	if (sums) {
		file_deinit(&sums->file);
		buf_deinit(&sums->list);
		free(sums->dir);
		free(sums);
	}
}

rg_err sums_new(const char *dir, struct sums **ret_sums)
{
	scoped(sums_freep) struct sums *sums = calloc(1, sizeof(*sums));

	if (!sums) {
		return RG_E_NOMEM;
	}
	sums->file.fd = -1;
	sums->dir = strdup(dir);
	if (!sums->dir) {
		return RG_E_NOMEM;
	}
	rg_err err = file_make_dirs(dir);

	if (!err) {
		*ret_sums = steal(sums);
	}
	return err;
}

bool sums_has(const struct sums *sums, const char *name)
{
	scoped(freep) char *path = file_join(sums->dir, name);

	return path && access(path, F_OK) == 0;
}

static rg_err io_fault(const char *what, const char *path)
{
	log_event(LOG_ERROR, "copy", what, log_text("file", path), log_errno());
	return RG_E_IO;
}

static rg_err make_folder(const char *path)
{
	scoped(freep) char *folder = strdup(path);

	if (!folder) {
		return RG_E_NOMEM;
	}
	*strrchr(folder, '/') = '\0';
	return access(folder, F_OK) == 0 ? RG_OK : file_make_dirs(folder);
}

static rg_err begin(struct sums *sums, const char *name, struct open_file *file)
{
	scoped(freep) char *path = file_join(sums->dir, name);

	file->name = strdup(name);
	file->hash = EVP_MD_CTX_new();
	if (!path || !file->name || !file->hash || asprintf(&file->temporary, "%s.tmp", path) < 0) {
		file->temporary = NULL;
		return RG_E_NOMEM;
	}
	rg_err err = make_folder(path);

	if (err) {
		return err;
	}
	file->fd = open(file->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (file->fd < 0) {
		return io_fault("cannot-create", path);
	}
	return EVP_DigestInit_ex(file->hash, EVP_sha256(), NULL) ? RG_OK : RG_E_CRYPTO;
}

static rg_err add(struct sums *sums, struct open_file *file, struct rg_bytes bytes)
{
	if (!EVP_DigestUpdate(file->hash, bytes.data, bytes.len)) {
		return RG_E_CRYPTO;
	}
	sums->n_bytes += bytes.len;
	return file_write_all(file->fd, bytes);
}

static rg_err end(struct sums *sums, struct open_file *file)
{
	scoped(freep) char *path = file_join(sums->dir, file->name);
	uint8_t hash[HASH_LEN];
	char hex[2 * HASH_LEN + 1];

	if (!path) {
		return RG_E_NOMEM;
	}
	if (!EVP_DigestFinal_ex(file->hash, hash, NULL)) {
		return RG_E_CRYPTO;
	}
	/* What is there was there before us and stays. */
	if (renameat2(AT_FDCWD, file->temporary, AT_FDCWD, path, RENAME_NOREPLACE) != 0) {
		return io_fault("cannot-rename", path);
	}
	free(steal(file->temporary));
	text_hex(bytes_of(hash, sizeof(hash)), hex);
	buf_printf(&sums->list, "%s  %s\n", hex, file->name);
	sums->n_files++;
	file_deinit(file);
	return buf_error(&sums->list);
}

rg_err sums_begin(struct sums *sums, const char *name)
{
	return begin(sums, name, &sums->file);
}

rg_err sums_add(struct sums *sums, struct rg_bytes bytes)
{
	return add(sums, &sums->file, bytes);
}

rg_err sums_end(struct sums *sums)
{
	return end(sums, &sums->file);
}

rg_err sums_put(struct sums *sums, const char *name, struct rg_bytes content)
{
	scoped(file_deinit) struct open_file file = {.fd = -1};
	rg_err err = begin(sums, name, &file);

	err = err ? err : add(sums, &file, content);
	return err ? err : end(sums, &file);
}

uint64_t sums_n_files(const struct sums *sums)
{
	return sums->n_files;
}

uint64_t sums_n_bytes(const struct sums *sums)
{
	return sums->n_bytes;
}

rg_err sums_seal(struct sums *sums, const char *name)
{
	scoped(fd_close) int fd = open(sums->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	scoped(freep) char *path = file_join(sums->dir, name);

	if (!path) {
		return RG_E_NOMEM;
	}
	if (fd < 0 || syncfs(fd) != 0) {
		return io_fault("cannot-sync", sums->dir);
	}
	return file_create(path, buf_view(&sums->list), 0644);
}

/* --- Checking -------------------------------------------------------------------------------- */

static void hash_freep(EVP_MD_CTX **var)
{
	EVP_MD_CTX_free(*var);
}

/* Not out of the folder, and nothing that would end a line. */
static bool is_name(const char *name)
{
	return name[0] != '\0' && name[0] != '/' && !strstr(name, "..") && !strchr(name, '\\');
}

static rg_err hash_file(const char *path, uint8_t ret_hash[HASH_LEN], bool *ret_found)
{
	scoped(fd_close) int fd = open(path, O_RDONLY | O_CLOEXEC);
	scoped(hash_freep) EVP_MD_CTX *hash = EVP_MD_CTX_new();
	scoped(freep) uint8_t *bytes = malloc(READ_STEP);

	*ret_found = fd >= 0;
	if (!hash || !bytes || !EVP_DigestInit_ex(hash, EVP_sha256(), NULL)) {
		return RG_E_NOMEM;
	}
	for (ssize_t n = 1; fd >= 0 && n != 0;) {
		n = read(fd, bytes, READ_STEP);
		if (n < 0 && errno != EINTR) {
			return io_fault("cannot-read", path);
		}
		if (n > 0 && !EVP_DigestUpdate(hash, bytes, (size_t)n)) {
			return RG_E_CRYPTO;
		}
	}
	return EVP_DigestFinal_ex(hash, ret_hash, NULL) ? RG_OK : RG_E_CRYPTO;
}

static rg_err check_line(const char *dir, const char *line, bool *ret_is_good)
{
	uint8_t listed[HASH_LEN];
	uint8_t hash[HASH_LEN];
	char hex[2 * HASH_LEN + 1] = "";
	bool is_found = false;

	*ret_is_good = false;
	if (strlen(line) <= NAME_BEGIN || memcmp(line + NAME_BEGIN - 2, "  ", 2) != 0 ||
		!is_name(line + NAME_BEGIN)) {
		return RG_OK;
	}
	memcpy(hex, line, sizeof(hex) - 1);
	scoped(freep) char *path = file_join(dir, line + NAME_BEGIN);

	if (!path) {
		return RG_E_NOMEM;
	}
	if (!text_unhex(hex, listed, sizeof(listed))) {
		return RG_OK;
	}
	rg_err err = hash_file(path, hash, &is_found);

	*ret_is_good = !err && is_found && memcmp(hash, listed, sizeof(hash)) == 0;
	return err;
}

rg_err sums_check(const char *dir, const char *name, struct buf *ret_wrong)
{
	scoped(freep) char *path = file_join(dir, name);
	scoped(buf_deinitv) struct buf list = {.data = NULL};
	bool is_found = false;
	rg_err err = path ? file_read(path, LIST_MAX, &list, &is_found) : RG_E_NOMEM;

	if (!err && !is_found) {
		log_event(LOG_ERROR, "copy", "no-list", log_text("file", path),
			log_text("do", "name the folder of a backup that was completed"));
		return RG_E_CONFIG;
	}
	struct rg_bytes rest = buf_view(&list);
	struct rg_bytes line;
	bool is_good = true;

	while (!err && is_good && text_next_line(&rest, &line)) {
		scoped(buf_deinitv) struct buf text = {.data = NULL};

		buf_add_bytes(&text, line);
		const char *shown = buf_text(&text);

		err = shown ? check_line(dir, shown, &is_good) : RG_E_NOMEM;
		if (!err && !is_good) {
			buf_add_text(ret_wrong, line.len > NAME_BEGIN ? shown + NAME_BEGIN : shown);
		}
	}
	if (!err && is_good && (rest.len > 0 || list.len == 0)) {
		buf_add_text(ret_wrong, name);
	}
	return err ? err : buf_error(ret_wrong);
}
