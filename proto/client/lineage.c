/*
 * One history: see lineage.h
 *
 * A ring of what waits; the first is asked about. A proof joins it with the newest proved
 * checkpoint, whichever of the two is larger.
 * Threads: owned by the session's thread.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "client/lineage.h"

#define ASK_EVERY_US   20000    /* between two questions */
#define FORGET_US      30000000 /* an answer that takes longer is asked for again */
#define SAVE_EVERY_US  1000000
#define FILE_MAX       256
#define HASH_LEN       32
#define NO_PROOF       "the router does not prove that two of its checkpoints are of one log"
#define OTHER_ROOT     "two checkpoints of one size have different roots"
#define NOT_CONSISTENT "two checkpoints that this log signed are not of one history"

struct lineage {
	char *path; /* NULL: nothing is stored */
	struct proof_tree proved;
	bool has_proved;
	struct proof_tree waiting[LINEAGE_WAITING];
	size_t first;
	size_t n;
	bool is_asked; /* about the first */
	int64_t asked_us;
	bool is_dirty;
	int64_t saved_us;
};

static struct proof_tree *at(struct lineage *lineage, size_t i)
{
	return &lineage->waiting[(lineage->first + i) % LINEAGE_WAITING];
}

static void drop_first(struct lineage *lineage)
{
	lineage->first = (lineage->first + 1) % LINEAGE_WAITING;
	lineage->n--;
	lineage->is_asked = false;
}

static bool is_same_root(const struct proof_tree *a, const struct proof_tree *b)
{
	return memcmp(&a->root, &b->root, sizeof(a->root)) == 0;
}

/* --- The file: "<size> <root in hex>" LF ---------------------------------------------------- */

static bool read_file(struct lineage *lineage, const char *text)
{
	char size[24];
	char root[2 * HASH_LEN + 1];
	char end = '\0';

	if (sscanf(text, "%23[0-9] %64[0-9a-f]%c", size, root, &end) != 3 || end != '\n' ||
		!text_u64(size, &lineage->proved.size)) {
		return false;
	}
	lineage->has_proved = text_unhex(root, lineage->proved.root.bytes, HASH_LEN);
	return lineage->has_proved;
}

static rg_err load(struct lineage *lineage)
{
	scoped(buf_deinit) struct buf content = {0};
	bool is_found = false;
	rg_err err = file_read(lineage->path, FILE_MAX, &content, &is_found);

	if (err || !is_found) {
		return err;
	}
	const char *text = buf_text(&content);
	if (!text || !read_file(lineage, text)) {
		log_event(LOG_ERROR, "client", "proved-damaged", log_text("file", lineage->path),
			log_text("do", "set it aside; the line of checkpoints begins anew"));
		return RG_E_FORMAT;
	}
	return RG_OK;
}

static rg_err save(struct lineage *lineage)
{
	scoped(buf_deinit) struct buf content = {0};
	char root[2 * HASH_LEN + 1];

	if (!lineage->path || !lineage->is_dirty) {
		return RG_OK;
	}
	text_hex(bytes_of(lineage->proved.root.bytes, HASH_LEN), root);
	buf_printf(&content, "%" PRIu64 " %s\n", lineage->proved.size, root);
	rg_err err = buf_error(&content);
	err = err ? err : file_replace(lineage->path, buf_view(&content), 0600);
	lineage->is_dirty = err != RG_OK;
	return err;
}

rg_err lineage_open(const char *state_path, struct lineage **ret_lineage)
{
	scoped(lineage_closep) struct lineage *lineage = calloc(1, sizeof(*lineage));
	rg_err err = RG_OK;

	if (!lineage) {
		return RG_E_NOMEM;
	}
	if (state_path) {
		lineage->path = file_join(state_path, LINEAGE_FILE);
		err = lineage->path ? load(lineage) : RG_E_NOMEM;
	}
	if (!err) {
		*ret_lineage = steal(lineage);
	}
	return err;
}

void lineage_close(struct lineage *lineage)
{
	if (!lineage) {
		return;
	}
	rg_err err = save(lineage);
	if (err) {
		log_event(LOG_WARNING, "client", "proved-not-stored", log_fault(err));
	}
	free(lineage->path);
	free(lineage);
}

/* --- What waits ------------------------------------------------------------------------------- */

static void prove(struct lineage *lineage, const struct proof_tree *tree)
{
	if (!lineage->has_proved || tree->size > lineage->proved.size) {
		lineage->proved = *tree;
		lineage->has_proved = true;
		lineage->is_dirty = true;
	}
}

void lineage_add(struct lineage *lineage, const struct note_checkpoint *checkpoint,
	const char **ret_rule)
{
	const struct proof_tree tree = {checkpoint->size, checkpoint->root};

	*ret_rule = NULL;
	if (!lineage->has_proved) {
		prove(lineage, &tree); /* the first of all: there is nothing to compare it with */
		return;
	}
	if (tree.size == lineage->proved.size) {
		*ret_rule = is_same_root(&tree, &lineage->proved) ? NULL : OTHER_ROOT;
		return;
	}
	for (size_t i = 0; i < lineage->n; i++) {
		if (at(lineage, i)->size == tree.size) {
			*ret_rule = is_same_root(&tree, at(lineage, i)) ? NULL : OTHER_ROOT;
			return;
		}
	}
	if (lineage->n == LINEAGE_WAITING) {
		drop_first(lineage);
	}
	*at(lineage, lineage->n++) = tree;
}

static void sizes(struct lineage *lineage, struct proof_tree *ret_old, struct proof_tree *ret_new)
{
	bool is_later = at(lineage, 0)->size > lineage->proved.size;

	*ret_old = is_later ? lineage->proved : *at(lineage, 0);
	*ret_new = is_later ? *at(lineage, 0) : lineage->proved;
}

bool lineage_ask(struct lineage *lineage, int64_t now_us, uint64_t *ret_old_size,
	uint64_t *ret_new_size)
{
	int64_t since_us = now_us - lineage->asked_us;
	struct proof_tree older;
	struct proof_tree newer;

	if (lineage->n == 0 || since_us < (lineage->is_asked ? FORGET_US : ASK_EVERY_US)) {
		return false;
	}
	sizes(lineage, &older, &newer);
	lineage->is_asked = true;
	lineage->asked_us = now_us;
	*ret_old_size = older.size;
	*ret_new_size = newer.size;
	return true;
}

void lineage_restart(struct lineage *lineage)
{
	lineage->is_asked = false;
	lineage->asked_us = 0;
}

uint64_t lineage_proved(const struct lineage *lineage)
{
	return lineage->has_proved ? lineage->proved.size : 0;
}

/* --- Answers ---------------------------------------------------------------------------------- */

static bool read_path(ProtobufCBinaryData hashes, struct proof_path *ret_path)
{
	ret_path->n_nodes = hashes.len / HASH_LEN;
	if (hashes.len % HASH_LEN != 0 || ret_path->n_nodes > PROOF_OUTER_MAX) {
		return false;
	}
	for (size_t i = 0; i < ret_path->n_nodes; i++) {
		memcpy(ret_path->nodes[i].bytes, hashes.data + i * HASH_LEN, HASH_LEN);
	}
	return true;
}

rg_err lineage_answer(struct lineage *lineage, const Rivergate__V1__Consistency *consistency,
	const char **ret_rule)
{
	struct proof_tree older;
	struct proof_tree newer;
	struct proof_path path;
	bool is_valid = false;

	*ret_rule = NULL;
	if (!lineage->is_asked || lineage->n == 0) {
		return RG_OK;
	}
	sizes(lineage, &older, &newer);
	if (!consistency || !read_path(consistency->hashes, &path)) {
		*ret_rule = NO_PROOF;
		return RG_OK;
	}
	if (consistency->old_size != older.size || consistency->new_size != newer.size) {
		return RG_OK; /* of a question before a restart */
	}
	rg_err err = proof_consistency_check(&older, &newer, &path, &is_valid);
	if (err || !is_valid) {
		*ret_rule = NOT_CONSISTENT;
		return err;
	}
	prove(lineage, at(lineage, 0));
	drop_first(lineage);
	int64_t now_us = clock_monotonic_us();
	if (now_us - lineage->saved_us < SAVE_EVERY_US) {
		return RG_OK;
	}
	lineage->saved_us = now_us;
	return save(lineage);
}
