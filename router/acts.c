/*
 * Acts that wait for their record: see acts.h.
 *
 * Threads: see acts.h.
 */
#include "acts.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"

#define TIME_DIGITS 20
#define TAKEN_MAX   64

struct act_word {
	Rivergate__V1__Admin__Act act;
	const char *word;
};

static const struct act_word words[] = {
	{RIVERGATE__V1__ADMIN__ACT__ACT_PRUNE, "prune"},
	{RIVERGATE__V1__ADMIN__ACT__ACT_BACKUP, "backup"},
	{RIVERGATE__V1__ADMIN__ACT__ACT_RESTORE, "restore"},
};

#define N_WORDS (sizeof(words) / sizeof(words[0]))

/* A file whose record has been made, or that is none of ours. */
struct taken {
	char name[NAME_MAX + 1];
	uint64_t record; /* UINT64_MAX: none */
};

struct acts {
	char *dir;
	struct timespec seen; /* change of the folder when it had nothing more */
	struct taken taken[TAKEN_MAX];
	size_t n_taken;
};

static const struct act_word *word_of(Rivergate__V1__Admin__Act act)
{
	for (size_t i = 0; i < N_WORDS; i++) {
		if (words[i].act == act) {
			return &words[i];
		}
	}
	return NULL;
}

/* NULL: the name is not that of an act. */
static const struct act_word *word_of_name(const char *name)
{
	size_t n_digits = strspn(name, "0123456789");

	for (size_t i = 0; n_digits == TIME_DIGITS && name[n_digits] == '-' && i < N_WORDS; i++) {
		if (strcmp(name + n_digits + 1, words[i].word) == 0) {
			return &words[i];
		}
	}
	return NULL;
}

static bool is_detail(const char *detail)
{
	size_t len = strnlen(detail, ACTS_DETAIL_MAX + 1);

	for (size_t i = 0; i < len; i++) {
		if (detail[i] < ' ' || detail[i] > '~') {
			return false;
		}
	}
	return len <= ACTS_DETAIL_MAX;
}

rg_err acts_leave(const char *data_dir, Rivergate__V1__Admin__Act act, const char *detail)
{
	const struct act_word *word = word_of(act);
	scoped(freep) char *dir = file_join(data_dir, "acts");
	scoped(freep) char *path = NULL;

	if (!word || !is_detail(detail)) {
		return RG_E_OVERFLOW;
	}
	if (!dir || asprintf(&path, "%s/%020" PRId64 "-%s", dir, clock_now_us(), word->word) < 0) {
		path = NULL;
		return RG_E_NOMEM;
	}
	rg_err err = file_make_dirs(dir);

	return err ? err : file_create(path, bytes_of_text(detail), 0600);
}

struct acts *acts_new(const char *data_dir)
{
	scoped(acts_freep) struct acts *acts = calloc(1, sizeof(*acts));

	if (!acts) {
		return NULL;
	}
	acts->dir = file_join(data_dir, "acts");
	return acts->dir ? steal(acts) : NULL;
}

void acts_free(struct acts *acts)
{
	if (acts) {
		free(acts->dir);
		free(acts);
	}
}

static struct timespec change_of(const struct acts *acts)
{
	struct stat status = {.st_mode = 0};

	(void)stat(acts->dir, &status);
	return status.st_mtim;
}

bool acts_has_news(const struct acts *acts)
{
	struct timespec now = change_of(acts);

	return now.tv_sec != acts->seen.tv_sec || now.tv_nsec != acts->seen.tv_nsec;
}

void acts_look(struct acts *acts)
{
	acts->seen = change_of(acts);
}

static bool is_taken(const struct acts *acts, const char *name)
{
	for (size_t i = 0; i < acts->n_taken; i++) {
		if (strcmp(acts->taken[i].name, name) == 0) {
			return true;
		}
	}
	return false;
}

static void take(struct acts *acts, const char *name, uint64_t record)
{
	struct taken *taken = &acts->taken[acts->n_taken++];

	(void)snprintf(taken->name, sizeof(taken->name), "%s", name);
	taken->record = record;
}

static rg_err read_item(struct acts *acts, const char *name, struct acts_item *ret_item,
	bool *ret_has)
{
	const struct act_word *word = word_of_name(name);
	scoped(freep) char *path = file_join(acts->dir, name);
	scoped(buf_deinitv) struct buf content = {.data = NULL};
	rg_err err = path ? RG_OK : RG_E_NOMEM;

	if (!err && word) {
		err = file_read(path, ACTS_DETAIL_MAX, &content, NULL);
	}
	const char *detail = buf_text(&content);

	*ret_has = !err && word && detail && strlen(detail) == content.len && is_detail(detail);
	if (*ret_has) {
		ret_item->act = word->act;
		(void)snprintf(ret_item->detail, sizeof(ret_item->detail), "%s", detail);
	} else if (err == RG_OK || err == RG_E_OVERFLOW) {
		log_event(LOG_WARNING, "acts", "no-act", log_text("file", path),
			log_text("do", "remove it: it is no act of this program"));
		return RG_OK;
	}
	return err;
}

/* The first name in order of time that has not been taken; *ret_name NULL: none. */
static rg_err find_next(const struct acts *acts, char **ret_name)
{
	struct dirent **names = NULL;
	int n = scandir(acts->dir, &names, NULL, alphasort);

	*ret_name = NULL;
	for (int i = 0; i < n; i++) {
		/* A dot begins what is being written, and the folders themselves. */
		if (!*ret_name && names[i]->d_name[0] != '.' && !strchr(names[i]->d_name, '.') &&
			!is_taken(acts, names[i]->d_name)) {
			*ret_name = strdup(names[i]->d_name);
		}
		free(names[i]);
	}
	free(names);
	return RG_OK;
}

rg_err acts_next(struct acts *acts, uint64_t record, struct acts_item *ret_item, bool *ret_has)
{
	*ret_has = false;
	for (;;) {
		struct timespec seen = change_of(acts);
		scoped(freep) char *name = NULL;
		rg_err err = find_next(acts, &name);

		if (err || !name || acts->n_taken == TAKEN_MAX) {
			acts->seen = seen;
			return err;
		}
		err = read_item(acts, name, ret_item, ret_has);
		if (err) {
			return err;
		}
		take(acts, name, *ret_has ? record : UINT64_MAX);
		if (*ret_has) {
			return RG_OK;
		}
	}
}

static rg_err remove_file(const struct acts *acts, const char *name)
{
	scoped(freep) char *path = file_join(acts->dir, name);

	if (!path) {
		return RG_E_NOMEM;
	}
	if (unlink(path) != 0) {
		log_event(LOG_ERROR, "acts", "cannot-remove", log_text("file", path), log_errno());
	}
	return file_sync_dir(acts->dir);
}

rg_err acts_settle(struct acts *acts, uint64_t size)
{
	rg_err err = RG_OK;
	size_t n_kept = 0;

	for (size_t i = 0; i < acts->n_taken; i++) {
		if (!err && acts->taken[i].record < size) {
			err = remove_file(acts, acts->taken[i].name);
		} else {
			acts->taken[n_kept++] = acts->taken[i];
		}
	}
	acts->n_taken = n_kept;
	return err;
}

void acts_return(struct acts *acts, uint64_t size)
{
	size_t n_kept = 0;

	for (size_t i = 0; i < acts->n_taken; i++) {
		if (acts->taken[i].record < size || acts->taken[i].record == UINT64_MAX) {
			acts->taken[n_kept++] = acts->taken[i];
		}
	}
	acts->n_taken = n_kept;
	acts->seen = (struct timespec){.tv_sec = 0};
}
