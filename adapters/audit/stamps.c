/*
 * Time-stamps: see stamps.h.
 *
 * Threads: one.
 */
#include "audit/stamps.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "evidence/timestamp.h"

#define CA_MAX       ((size_t)1 << 20)
#define TOKEN        ".tsr"
#define NAME_MAX_LEN 40 /* <size>.tsr, <size>.checkpoint */

void stamps_deinit(struct stamps *stamps)
{
	free(stamps->items);
	*stamps = (struct stamps){.items = NULL};
}

/* --- Whom the auditor trusts ----------------------------------------------------------------- */

static rg_err read_ca(const char *path, struct buf *out)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	size_t before = out->len;
	bool is_found = false;
	rg_err err = file_read(path, CA_MAX, out, &is_found);

	if (err == RG_OK &&
		(!is_found ||
			!memmem(out->data + before, out->len - before, begin, strlen(begin)))) {
		log_event(LOG_ERROR, "audit", "no-certificate", log_text("path", path),
			log_text("do",
				"name the PEM file of a time-stamping authority's root "
				"certificate"));
		return RG_E_CONFIG;
	}
	buf_add_u8(out, '\n');
	return err ? err : buf_error(out);
}

rg_err stamps_read_ca(const char *const *paths, size_t n_paths, struct buf *out)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < n_paths; i++) {
		err = read_ca(paths[i], out);
	}
	return err;
}

/* --- One token ------------------------------------------------------------------------------- */

/* A token under judgement. */
struct token {
	const struct stamps_question *question;
	struct findings *findings;
	char name[NAME_MAX_LEN]; /* <size>.tsr */
	uint64_t size;
	struct buf response;
	struct buf note;
};

static void token_deinit(struct token *token)
{
	buf_deinit(&token->response);
	buf_deinit(&token->note);
}

static void find(const struct token *token, const char *what)
{
	findings_add(token->findings, FINDING_TIMESTAMP, FINDING_NO_RECORD,
		STAMPS_FOLDER "/%s: %.150s", token->name, what);
}

/* A file that is too long is there, and no good: it is left empty. */
static rg_err read_file(const char *dir, uint64_t size, const char *ending, struct buf *out)
{
	scoped(freep) char *folder = file_join(dir, STAMPS_FOLDER);
	char name[NAME_MAX_LEN];

	(void)snprintf(name, sizeof(name), "%llu%s", (unsigned long long)size, ending);
	scoped(freep) char *path = folder ? file_join(folder, name) : NULL;
	bool is_found = false;
	rg_err err = path ? file_read(path, TIMESTAMP_MAX, out, &is_found) : RG_E_NOMEM;

	if (err == RG_E_OVERFLOW) {
		buf_deinit(out);
		*out = (struct buf){.data = NULL};
		return RG_OK;
	}
	return err;
}

rg_err stamps_load(const char *dir, uint64_t size, struct buf *response, struct buf *note)
{
	rg_err err = read_file(dir, size, TOKEN, response);

	return err ? err : read_file(dir, size, ".checkpoint", note);
}

/* ret_is_good false: there is no checkpoint of this log and size beside the token; told. */
static rg_err read_note(struct token *token, struct note_checkpoint *ret_checkpoint,
	bool *ret_is_good)
{
	rg_err err = note_checkpoint_verify(buf_view(&token->note), token->question->log,
		ret_checkpoint, ret_is_good);

	*ret_is_good = !err && *ret_is_good && ret_checkpoint->size == token->size;
	if (!err && !*ret_is_good) {
		find(token,
			"the checkpoint that it covers is not there, or not of this log and size");
	}
	return err;
}

static rg_err add(struct stamps *stamps, const struct stamp *stamp)
{
	if (stamps->n_items == stamps->n_room) {
		size_t n_room = stamps->n_room ? 2 * stamps->n_room : 16;
		struct stamp *items = realloc(stamps->items, n_room * sizeof(*items));

		if (!items) {
			return RG_E_NOMEM;
		}
		stamps->items = items;
		stamps->n_room = n_room;
	}
	stamps->items[stamps->n_items++] = *stamp;
	return RG_OK;
}

static rg_err judge(struct token *token, struct stamps *stamps)
{
	struct note_checkpoint checkpoint;
	struct timestamp_question question = {.response = buf_view(&token->response),
		.ca = token->question->ca};
	struct timestamp_answer answer = {.is_good = false};
	bool is_good = false;
	rg_err err = read_note(token, &checkpoint, &is_good);

	if (err || !is_good || !timestamp_text_of(buf_view(&token->note), &question.text)) {
		return err;
	}
	err = timestamp_judge(&question, &answer);
	if (err) {
		return err;
	}
	if (!answer.is_good) {
		find(token, answer.what);
		return RG_OK;
	}
	return add(stamps,
		&(struct stamp){.size = token->size,
			.time_us = answer.time_us,
			.latest_us = answer.latest_us,
			.root = checkpoint.root});
}

/* --- All of them ----------------------------------------------------------------------------- */

/* False: not the name of a token. */
static bool read_name(const char *name, struct token *token)
{
	char digits[NAME_MAX_LEN];
	size_t len = strlen(name);
	size_t end = strlen(TOKEN);

	if (len <= end || len >= sizeof(token->name) || strcmp(name + len - end, TOKEN) != 0) {
		return false;
	}
	memcpy(token->name, name, len + 1);
	memcpy(digits, name, len - end);
	digits[len - end] = '\0';
	return text_u64(digits, &token->size);
}

static rg_err take(const struct stamps_question *question, const char *name, struct stamps *stamps,
	struct findings *findings)
{
	scoped(token_deinit) struct token token = {.question = question, .findings = findings};

	if (!read_name(name, &token)) {
		return RG_OK;
	}
	if (++stamps->n_tokens > STAMPS_MAX) {
		return RG_E_OVERFLOW;
	}
	if (question->ca.len == 0) {
		return add(stamps, &(struct stamp){.size = token.size});
	}
	rg_err err = stamps_load(question->dir, token.size, &token.response, &token.note);

	return err ? err : judge(&token, stamps);
}

static int compare(const void *a, const void *b)
{
	const struct stamp *first = a;
	const struct stamp *second = b;

	return first->size < second->size ? -1 : first->size > second->size;
}

static void closedirp(DIR **dir)
{
	if (*dir) {
		(void)closedir(*dir);
	}
}

rg_err stamps_read(const struct stamps_question *question, struct stamps *stamps,
	struct findings *findings)
{
	scoped(freep) char *path = file_join(question->dir, STAMPS_FOLDER);
	scoped(closedirp) DIR *dir = path ? opendir(path) : NULL;
	const struct dirent *entry = NULL;
	rg_err err = RG_OK;

	if (!path) {
		return RG_E_NOMEM;
	}
	if (!dir && errno != ENOENT) {
		log_event(LOG_ERROR, "audit", "cannot-read", log_text("path", path), log_errno());
		return RG_E_IO;
	}
	while (dir && !err && (entry = readdir(dir))) {
		err = take(question, entry->d_name, stamps, findings);
	}
	if (stamps->n_items > 1) {
		qsort(stamps->items, stamps->n_items, sizeof(*stamps->items), compare);
	}
	return err;
}
