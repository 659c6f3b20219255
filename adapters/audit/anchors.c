/*
 * Earlier checkpoints and receipts: see anchors.h.
 *
 * Threads: one.
 */
#include "audit/anchors.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "evidence/record.h"

#define PROOF_LINE "c2sp.org/tlog-proof@"

void anchors_deinit(struct anchors *anchors)
{
	for (size_t i = 0; i < anchors->n_items; i++) {
		free(anchors->items[i].path);
		free((void *)(uintptr_t)anchors->items[i].note.data);
	}
	free(anchors->items);
	free(anchors->by_index);
	*anchors = (struct anchors){.items = NULL};
}

/* --- Reading --------------------------------------------------------------------------------- */

static rg_err make_room(struct anchors *anchors)
{
	if (anchors->n_items < anchors->n_room) {
		return RG_OK;
	}
	size_t n_room = anchors->n_room ? anchors->n_room * 2 : 16;
	struct anchor *items = realloc(anchors->items, n_room * sizeof(*items));

	if (!items || n_room > 2 * ANCHORS_MAX) {
		anchors->items = items ? items : anchors->items;
		return items ? RG_E_OVERFLOW : RG_E_NOMEM;
	}
	anchors->items = items;
	anchors->n_room = n_room;
	return RG_OK;
}

static void set_name(struct anchor *anchor, const char *path)
{
	size_t len = strlen(path);
	size_t room = sizeof(anchor->name) - 1;

	(void)snprintf(anchor->name, sizeof(anchor->name), "%s",
		len > room ? path + (len - room) : path);
}

static rg_err copy_note(struct rg_bytes note, struct anchor *anchor)
{
	uint8_t *copy = malloc(note.len ? note.len : 1);

	if (!copy) {
		return RG_E_NOMEM;
	}
	memcpy(copy, note.data, note.len);
	anchor->note = bytes_of(copy, note.len);
	return RG_OK;
}

static rg_err fill_receipt(const struct proof_file *file, struct anchor *anchor)
{
	rg_err err = merkle_hash_of(buf_view(&file->extra), (struct rg_bytes){.data = NULL},
		&anchor->extra);

	anchor->is_receipt = true;
	anchor->index = file->index;
	if (!err && file->path.n_nodes > 0) {
		size_t len = file->path.n_nodes * sizeof(*anchor->path);

		anchor->path = malloc(len);
		if (!anchor->path) {
			return RG_E_NOMEM;
		}
		memcpy(anchor->path, file->path.nodes, len);
		anchor->n_path = file->path.n_nodes;
	}
	return err;
}

/* Takes the checkpoint of an anchor; one that the log did not sign is dropped with a finding. */
static rg_err take_note(struct anchor *anchor, struct rg_bytes note,
	const struct note_verifier *log, struct findings *findings, bool *ret_is_good)
{
	struct note_checkpoint checkpoint;
	rg_err err = note_checkpoint_verify(note, log, &checkpoint, ret_is_good);

	if (err) {
		return err;
	}
	if (!*ret_is_good) {
		findings_add(findings, FINDING_HISTORY, FINDING_NO_RECORD,
			"%.100s: its checkpoint is not signed by this log's key", anchor->name);
		return RG_OK;
	}
	anchor->size = checkpoint.size;
	anchor->root = checkpoint.root;
	return copy_note(note, anchor);
}

static rg_err add_anchor(struct anchors *anchors, struct anchor *anchor)
{
	rg_err err = make_room(anchors);

	if (!err) {
		anchors->items[anchors->n_items++] = *anchor;
		*anchor = (struct anchor){.size = 0};
	}
	return err;
}

static void anchor_deinitv(struct anchor *anchor)
{
	free(anchor->path);
	free((void *)(uintptr_t)anchor->note.data);
}

static rg_err add_receipt(struct anchors *anchors, const char *path, struct rg_bytes text,
	const struct note_verifier *log, struct findings *findings)
{
	scoped(proof_file_deinitv) struct proof_file file;
	scoped(anchor_deinitv) struct anchor anchor = {.size = 0};
	size_t line = 0;
	bool is_good = false;

	proof_file_init(&file);
	set_name(&anchor, path);
	rg_err err = proof_file_read(text, &file, &line);

	if (!err && line) {
		findings_add(findings, FINDING_RECEIPT, FINDING_NO_RECORD,
			"%.100s: line %zu is not that of a tlog-proof", anchor.name, line);
		return RG_OK;
	}
	if (!err) {
		err = take_note(&anchor, buf_view(&file.checkpoint), log, findings, &is_good);
	}
	if (!err && is_good) {
		err = fill_receipt(&file, &anchor);
	}
	return err || !is_good ? err : add_anchor(anchors, &anchor);
}

static rg_err add_checkpoint(struct anchors *anchors, const char *path, struct rg_bytes text,
	const struct note_verifier *log, struct findings *findings)
{
	scoped(anchor_deinitv) struct anchor anchor = {.size = 0};
	bool is_good = false;

	set_name(&anchor, path);
	rg_err err = take_note(&anchor, text, log, findings, &is_good);

	return err || !is_good ? err : add_anchor(anchors, &anchor);
}

static rg_err add_file(struct anchors *anchors, const char *path, const struct note_verifier *log,
	struct findings *findings)
{
	scoped(buf_deinitv) struct buf text = {.data = NULL};
	rg_err err = file_read(path, PROOF_FILE_MAX, &text, NULL);
	size_t len = strlen(PROOF_LINE);

	if (err) {
		return err;
	}
	bool is_proof = text.len > len && memcmp(text.data, PROOF_LINE, len) == 0;

	return is_proof ? add_receipt(anchors, path, buf_view(&text), log, findings)
			: add_checkpoint(anchors, path, buf_view(&text), log, findings);
}

static bool has_end(const char *name, const char *end)
{
	size_t len = strlen(name);
	size_t end_len = strlen(end);

	return len >= end_len && strcmp(name + len - end_len, end) == 0;
}

static void closedirp(DIR **dir)
{
	if (*dir) {
		(void)closedir(*dir);
	}
}

static rg_err add_folder(struct anchors *anchors, const char *path, const struct note_verifier *log,
	struct findings *findings)
{
	scoped(closedirp) DIR *dir = opendir(path);
	const struct dirent *entry = NULL;
	rg_err err = RG_OK;

	if (!dir) {
		log_event(LOG_ERROR, "audit", "cannot-read", log_text("path", path), log_errno());
		return RG_E_IO;
	}
	while (!err && (entry = readdir(dir))) {
		const char *name = entry->d_name;

		if (!has_end(name, ".tlog-proof") && !has_end(name, ".checkpoint") &&
			strcmp(name, "checkpoint") != 0) {
			continue;
		}
		scoped(freep) char *file = file_join(path, name);

		err = file ? add_file(anchors, file, log, findings) : RG_E_NOMEM;
	}
	return err;
}

rg_err anchors_add(struct anchors *anchors, const char *path, const struct note_verifier *log,
	struct findings *findings)
{
	struct stat status;

	if (stat(path, &status) != 0) {
		log_event(LOG_ERROR, "audit", "cannot-read", log_text("path", path), log_errno());
		return RG_E_IO;
	}
	return S_ISDIR(status.st_mode) ? add_folder(anchors, path, log, findings)
				       : add_file(anchors, path, log, findings);
}

/* --- Order ----------------------------------------------------------------------------------- */

static int compare_sizes(const void *a, const void *b)
{
	const struct anchor *first = a;
	const struct anchor *second = b;

	if (first->size != second->size) {
		return first->size < second->size ? -1 : 1;
	}
	return strcmp(first->name, second->name);
}

static int compare_indexes(const void *a, const void *b, void *context)
{
	const struct anchor *items = context;
	const struct anchor *first = &items[*(const size_t *)a];
	const struct anchor *second = &items[*(const size_t *)b];

	return first->index < second->index ? -1 : first->index > second->index;
}

rg_err anchors_sort(struct anchors *anchors)
{
	if (anchors->n_items == 0) {
		return RG_OK;
	}
	qsort(anchors->items, anchors->n_items, sizeof(*anchors->items), compare_sizes);
	anchors->by_index = calloc(anchors->n_items, sizeof(*anchors->by_index));
	if (!anchors->by_index) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < anchors->n_items; i++) {
		if (anchors->items[i].is_receipt) {
			anchors->by_index[anchors->n_receipts++] = i;
		}
	}
	qsort_r(anchors->by_index, anchors->n_receipts, sizeof(*anchors->by_index), compare_indexes,
		anchors->items);
	return RG_OK;
}

size_t anchors_from_size(const struct anchors *anchors, uint64_t size)
{
	size_t low = 0;
	size_t high = anchors->n_items;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (anchors->items[middle].size < size) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

size_t anchors_from_index(const struct anchors *anchors, uint64_t index)
{
	size_t i = 0;

	while (i < anchors->n_receipts && anchors->items[anchors->by_index[i]].index < index) {
		i++;
	}
	return i;
}

/* --- Judging --------------------------------------------------------------------------------- */

static void put(struct findings *findings, const struct finding *finding, const char *name,
	const char *text)
{
	struct finding copy = *finding;

	(void)snprintf(copy.text, sizeof(copy.text), "%.100s: %s", name, text);
	findings_put(findings, &copy);
}

void anchors_judge_head(struct anchor *anchor, const struct merkle_hash *head,
	struct findings *findings)
{
	if (memcmp(head->bytes, anchor->root.bytes, sizeof(head->bytes)) == 0) {
		return;
	}
	anchor->is_broken = true;
	put(findings,
		&(struct finding){.rule = FINDING_HISTORY,
			.first = anchor->size ? 0 : FINDING_NO_RECORD,
			.last = anchor->size ? anchor->size - 1 : FINDING_NO_RECORD},
		anchor->name,
		"these records are not those that the log had when it signed this checkpoint");
}

void anchors_judge_missing(struct anchor *anchor, uint64_t size, struct findings *findings)
{
	anchor->is_broken = true;
	put(findings,
		&(struct finding){.rule = FINDING_TRUNCATED,
			.first = size,
			.last = anchor->size - 1},
		anchor->name, "the log had these records when it signed this checkpoint");
}

/* The extra line that a receipt of this record would have. */
static rg_err hash_extra(struct rg_bytes leaf, struct merkle_hash *ret_hash, bool *ret_is_record)
{
	scoped(buf_deinitv) struct buf extra = {.data = NULL};
	struct record record;

	*ret_is_record = record_read(leaf, &record);
	if (!*ret_is_record) {
		return RG_OK;
	}
	rg_err err = proof_extra_write(&(struct proof_extra){.meta = record.meta,
					       .signature = record.signature},
		&extra);

	return err ? err
		   : merkle_hash_of(buf_view(&extra), (struct rg_bytes){.data = NULL}, ret_hash);
}

rg_err anchors_judge_record(struct anchor *anchor, struct rg_bytes leaf,
	const struct merkle_hash *hash, struct findings *findings)
{
	const struct finding finding = {.rule = FINDING_RECEIPT,
		.first = anchor->index,
		.last = anchor->index};
	scoped(freep) struct proof_path *path = calloc(1, sizeof(*path));
	struct merkle_hash extra;
	struct merkle_hash head;
	bool is_record = false;
	bool is_valid = false;
	rg_err err = path ? hash_extra(leaf, &extra, &is_record) : RG_E_NOMEM;

	if (err) {
		return err;
	}
	if (leaf.len > 0 &&
		(!is_record ||
			memcmp(extra.bytes, anchor->extra.bytes, sizeof(extra.bytes)) != 0)) {
		put(findings, &finding, anchor->name,
			"meta or signature of the record are not those of this receipt");
		return RG_OK;
	}
	if (anchor->n_path > 0) {
		memcpy(path->nodes, anchor->path, anchor->n_path * sizeof(*anchor->path));
	}
	path->n_nodes = anchor->n_path;
	err = proof_inclusion_head(hash, anchor->index, anchor->size, path, &head, &is_valid);
	if (!err &&
		(!is_valid || memcmp(head.bytes, anchor->root.bytes, sizeof(head.bytes)) != 0)) {
		put(findings, &finding, anchor->name, "the record is not the one of this receipt");
	}
	return err;
}
