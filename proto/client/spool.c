/*
 * The spool: see spool.h
 *
 * One file a message, written aside, synced and renamed (base/file.h). The names of
 * what waits are kept in memory as a ring, the contents are not. An envelope leaves
 * spool/ only after its receipt or reason is stored.
 * Threads: one owner.
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "client/spool.h"
#include "client/submit.h"

#define ENVELOPE_SUFFIX ".rge"
#define STEM_LEN        (20 + 1 + 32)
#define FILE_MODE       0600

struct spool {
	char *waiting_dir;
	char *sent_dir;
	char *refused_dir;
	int lock;
	uint64_t last_number;
	char **stems; /* ring of cap */
	size_t first;
	size_t n_stems;
	size_t cap;
};

/* dir/stem+suffix; NULL: no memory. */
static char *path_of(const char *dir, const char *stem, const char *suffix)
{
	char name[STEM_LEN + 16];

	(void)snprintf(name, sizeof(name), "%s%s", stem, suffix);
	return file_join(dir, name);
}

static rg_err take_lock(struct spool *spool)
{
	scoped(freep) char *path = file_join(spool->waiting_dir, "lock");

	if (!path) {
		return RG_E_NOMEM;
	}
	spool->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
	if (spool->lock < 0) {
		log_event(LOG_ERROR, "spool", "cannot-open-lock", log_text("path", path),
			log_errno());
		return RG_E_IO;
	}
	if (flock(spool->lock, LOCK_EX | LOCK_NB) != 0) {
		log_event(LOG_ERROR, "spool", "in-use", log_text("path", path),
			log_text("do",
				"another process sends from this spool; end it or use another "
				"state folder"));
		return RG_E_CONFIG;
	}
	return RG_OK;
}

static rg_err grow(struct spool *spool)
{
	size_t cap = spool->cap ? 2 * spool->cap : 64;
	scoped(freep) char **stems = calloc(cap, sizeof(*stems));

	if (!stems) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < spool->n_stems; i++) {
		stems[i] = spool->stems[(spool->first + i) % spool->cap];
	}
	free(spool->stems);
	spool->stems = steal(stems);
	spool->first = 0;
	spool->cap = cap;
	return RG_OK;
}

rg_err spool_queue(struct spool *spool, char **stem)
{
	if (spool->n_stems == spool->cap) {
		rg_err err = grow(spool);

		if (err) {
			return err;
		}
	}
	spool->stems[(spool->first + spool->n_stems) % spool->cap] = steal(*stem);
	spool->n_stems++;
	return RG_OK;
}

/* A name that spool_add() gave: digits, '-', hex digits, suffix. */
static bool is_ours(const char *name)
{
	return strlen(name) == STEM_LEN + strlen(ENVELOPE_SUFFIX) &&
		strspn(name, "0123456789") == 20 && name[20] == '-' &&
		strspn(name + 21, "0123456789abcdef") == 32 &&
		strcmp(name + STEM_LEN, ENVELOPE_SUFFIX) == 0;
}

static int select_ours(const struct dirent *entry)
{
	return is_ours(entry->d_name);
}

static rg_err queue_name(struct spool *spool, const char *name)
{
	scoped(freep) char *stem = strndup(name, STEM_LEN);

	if (!stem) {
		return RG_E_NOMEM;
	}
	spool->last_number = strtoull(stem, NULL, 10);
	return spool_queue(spool, &stem);
}

static rg_err list_waiting(struct spool *spool)
{
	scoped(freep) struct dirent **names = NULL;
	int n = scandir(spool->waiting_dir, &names, select_ours, alphasort);
	rg_err err = RG_OK;

	if (n < 0) {
		log_event(LOG_ERROR, "spool", "cannot-list", log_text("path", spool->waiting_dir),
			log_errno());
		return RG_E_IO;
	}
	for (int i = 0; i < n; i++) {
		err = err ? err : queue_name(spool, names[i]->d_name);
		free(names[i]);
	}
	return err;
}

static rg_err make_folders(struct spool *spool, const char *state_path)
{
	const struct {
		const char *name;
		char **path;
	} folders[] = {
		{"spool", &spool->waiting_dir},
		{"sent", &spool->sent_dir},
		{"refused", &spool->refused_dir},
	};

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		*folders[i].path = file_join(state_path, folders[i].name);
		if (!*folders[i].path) {
			return RG_E_NOMEM;
		}
		rg_err err = file_make_dirs(*folders[i].path);
		if (err) {
			return err;
		}
	}
	return RG_OK;
}

rg_err spool_open(const char *state_path, struct spool **ret_spool)
{
	scoped(spool_closep) struct spool *spool = calloc(1, sizeof(*spool));

	if (!spool) {
		return RG_E_NOMEM;
	}
	spool->lock = -1;
	rg_err err = make_folders(spool, state_path);
	err = err ? err : take_lock(spool);
	err = err ? err : list_waiting(spool);
	if (!err) {
		*ret_spool = steal(spool);
	}
	return err;
}

void spool_close(struct spool *spool)
{
	if (spool) {
		for (size_t i = 0; i < spool->n_stems; i++) {
			free(spool->stems[(spool->first + i) % spool->cap]);
		}
		free(spool->stems);
		free(spool->waiting_dir);
		free(spool->sent_dir);
		free(spool->refused_dir);
		fd_close(&spool->lock);
		free(spool);
	}
}

rg_err spool_add(struct spool *spool, const uint8_t id[16], struct rg_bytes envelope,
	char **ret_stem)
{
	uint64_t now = (uint64_t)clock_now_us();
	/* Order is what counts: the clock may step back, numbers may not. */
	uint64_t number = now > spool->last_number ? now : spool->last_number + 1;
	char hex[33];
	char stem[STEM_LEN + 1];

	text_hex(bytes_of(id, 16), hex);
	(void)snprintf(stem, sizeof(stem), "%020llu-%s", (unsigned long long)number, hex);
	scoped(freep) char *path = path_of(spool->waiting_dir, stem, ENVELOPE_SUFFIX);
	scoped(freep) char *copy = strdup(stem);
	if (!path || !copy) {
		return RG_E_NOMEM;
	}
	rg_err err = file_replace(path, envelope, FILE_MODE);
	if (!err) {
		spool->last_number = number;
		*ret_stem = steal(copy);
	}
	return err;
}

size_t spool_waiting(const struct spool *spool)
{
	return spool->n_stems;
}

static char *take_stem(struct spool *spool)
{
	char **stem = &spool->stems[spool->first];

	spool->first = (spool->first + 1) % spool->cap;
	spool->n_stems--;
	return steal(*stem);
}

rg_err spool_take(struct spool *spool, struct buf *out, char **ret_stem)
{
	bool is_found = false;

	*ret_stem = NULL;
	while (spool->n_stems > 0 && !is_found) {
		const char *stem = spool->stems[spool->first];
		scoped(freep) char *path = path_of(spool->waiting_dir, stem, ENVELOPE_SUFFIX);

		if (!path) {
			return RG_E_NOMEM;
		}
		rg_err err = file_read(path, SUBMIT_ENVELOPE_MAX, out, &is_found);
		if (err) {
			return err;
		}
		*ret_stem = take_stem(spool);
		if (!is_found) {
			log_event(LOG_WARNING, "spool", "gone", log_text("path", path));
			free(*ret_stem);
			*ret_stem = NULL;
		}
	}
	return RG_OK;
}

/* Moves the envelope out of spool/. */
static rg_err move(struct spool *spool, const char *stem, const char *to_dir)
{
	scoped(freep) char *from = path_of(spool->waiting_dir, stem, ENVELOPE_SUFFIX);
	scoped(freep) char *to = path_of(to_dir, stem, ENVELOPE_SUFFIX);

	return from && to ? file_rename(from, to) : RG_E_NOMEM;
}

static rg_err store(const char *dir, const char *stem, const char *suffix, struct rg_bytes content)
{
	scoped(freep) char *path = path_of(dir, stem, suffix);

	return path ? file_replace(path, content, FILE_MODE) : RG_E_NOMEM;
}

/* Rewrites the envelope that waits, so that it moves with the signature of the log. */
rg_err spool_receipted(struct spool *spool, const char *stem, struct rg_bytes proof,
	struct rg_bytes envelope)
{
	rg_err err = store(spool->sent_dir, stem, ".tlog-proof", proof);

	if (!err && envelope.len) {
		err = store(spool->waiting_dir, stem, ENVELOPE_SUFFIX, envelope);
	}
	return err ? err : move(spool, stem, spool->sent_dir);
}

rg_err spool_refused(struct spool *spool, const char *stem, struct rg_bytes reason)
{
	rg_err err = store(spool->refused_dir, stem, ".json", reason);

	return err ? err : move(spool, stem, spool->refused_dir);
}
