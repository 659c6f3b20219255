/*
 * tlog-proof files, and the whole check of a receipt: see proof.h
 *
 * Source: https://c2sp.org/tlog-proof
 * Threads: any; nothing is shared.
 */

#include <string.h>

#include "base/text.h"
#include "evidence/proof.h"
#include "evidence/record.h"

#define FIRST_LINE  "c2sp.org/tlog-proof@v1"
#define EXTRA_START "extra "
#define INDEX_START "index "
#define DIGITS_MAX  20

/* --- extra ---------------------------------------------------------------------------------- */

rg_err proof_extra_write(const struct proof_extra *extra, struct buf *out)
{
	if (extra->meta.len > UINT16_MAX || extra->signature.len > UINT16_MAX) {
		return RG_E_OVERFLOW;
	}
	buf_add_u16(out, (uint16_t)extra->meta.len);
	buf_add_bytes(out, extra->meta);
	buf_add_u16(out, (uint16_t)extra->signature.len);
	buf_add_bytes(out, extra->signature);
	return buf_error(out);
}

bool proof_extra_read(struct rg_bytes bytes, struct proof_extra *ret_extra)
{
	struct cursor cursor = cursor_of(bytes);
	struct rg_bytes meta = cursor_bytes(&cursor, cursor_u16(&cursor));
	struct rg_bytes signature = cursor_bytes(&cursor, cursor_u16(&cursor));

	if (!cursor_is_done(&cursor)) {
		return false;
	}
	*ret_extra = (struct proof_extra){.meta = meta, .signature = signature};
	return true;
}

/* --- Writing -------------------------------------------------------------------------------- */

void proof_file_init(struct proof_file *file)
{
	*file = (struct proof_file){.index = 0};
}

void proof_file_deinit(struct proof_file *file)
{
	buf_deinit(&file->extra);
	buf_deinit(&file->checkpoint);
}

rg_err proof_file_write(const struct proof_file *file, struct buf *out)
{
	buf_add_text(out, FIRST_LINE "\n");
	if (file->extra.len > 0) {
		buf_add_text(out, EXTRA_START);
		text_base64(buf_view(&file->extra), out);
		buf_add_u8(out, '\n');
	}
	buf_printf(out, INDEX_START "%llu\n", (unsigned long long)file->index);
	for (size_t i = 0; i < file->path.n_nodes; i++) {
		text_base64(bytes_of(file->path.nodes[i].bytes, MERKLE_HASH_LEN), out);
		buf_add_u8(out, '\n');
	}
	buf_add_u8(out, '\n');
	buf_add_bytes(out, buf_view(&file->checkpoint));
	return buf_error(out);
}

/* --- Reading -------------------------------------------------------------------------------- */

/* Lines of the text that are left, and the number of the one last taken. */
struct lines {
	struct rg_bytes rest;
	size_t number;
};

static bool next_line(struct lines *lines, struct rg_bytes *ret_line)
{
	lines->number++;
	return text_next_line(&lines->rest, ret_line);
}

/* Takes the start off a line; false when it starts otherwise. */
static bool skip_start(struct rg_bytes *line, const char *start)
{
	size_t len = strlen(start);

	if (line->len < len || memcmp(line->data, start, len) != 0) {
		return false;
	}
	*line = bytes_of(line->data + len, line->len - len);
	return true;
}

static bool read_index(struct rg_bytes digits, uint64_t *ret_index)
{
	char text[DIGITS_MAX + 1] = {0};

	if (digits.len > DIGITS_MAX) {
		return false;
	}
	memcpy(text, digits.data, digits.len);
	return strlen(text) == digits.len && text_u64(text, ret_index);
}

static bool read_node(struct rg_bytes line, struct proof_path *path)
{
	scoped(buf_deinit) struct buf raw = {0};

	if (path->n_nodes == PROOF_PATH_MAX || line.len > 2 * (size_t)MERKLE_HASH_LEN ||
		!text_unbase64(line, &raw) || raw.len != MERKLE_HASH_LEN) {
		return false;
	}
	memcpy(path->nodes[path->n_nodes++].bytes, raw.data, MERKLE_HASH_LEN);
	return true;
}

/* Everything above the empty line. False: the line that was taken last is wrong. */
static bool read_head(struct lines *lines, struct proof_file *file)
{
	struct rg_bytes line;

	if (!next_line(lines, &line) || !bytes_equal(line, bytes_of_text(FIRST_LINE)) ||
		!next_line(lines, &line)) {
		return false;
	}
	if (skip_start(&line, EXTRA_START) &&
		(line.len == 0 || !text_unbase64(line, &file->extra) || !next_line(lines, &line))) {
		return false;
	}
	if (!skip_start(&line, INDEX_START) || !read_index(line, &file->index)) {
		return false;
	}
	while (next_line(lines, &line)) {
		if (line.len == 0) {
			return true;
		}
		if (!read_node(line, &file->path)) {
			return false;
		}
	}
	return false;
}

static bool is_too_long(struct rg_bytes text)
{
	return text.len > PROOF_FILE_MAX;
}

rg_err proof_file_read(struct rg_bytes text, struct proof_file *ret_file, size_t *ret_line)
{
	struct lines lines = {.rest = text};
	struct note_checkpoint checkpoint;

	buf_clear(&ret_file->extra);
	buf_clear(&ret_file->checkpoint);
	ret_file->path.n_nodes = 0;
	if (is_too_long(text) || !read_head(&lines, ret_file)) {
		*ret_line = lines.number ? lines.number : 1;
		return buf_error(&ret_file->extra);
	}
	if (!note_checkpoint_read(lines.rest, &checkpoint)) {
		*ret_line = lines.number + 1;
		return RG_OK;
	}
	buf_add_bytes(&ret_file->checkpoint, lines.rest);
	*ret_line = 0;
	return buf_error(&ret_file->extra) ? buf_error(&ret_file->extra)
					   : buf_error(&ret_file->checkpoint);
}

/* --- Checking ------------------------------------------------------------------------------- */

static rg_err hash_leaf(const struct proof_extra *extra, struct rg_bytes header,
	struct merkle_hash *ret_leaf)
{
	scoped(buf_deinit) struct buf leaf = {0};
	struct record record = {
		.type = RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE,
		.meta = extra->meta,
		.body = header,
		.signature = extra->signature,
	};
	rg_err err = record_write(&record, &leaf);

	return err ? err : merkle_leaf(buf_view(&leaf), ret_leaf);
}

/* Does the path lead from the leaf to this checkpoint? */
static rg_err check_path(const struct proof_file *file, const struct merkle_hash *leaf,
	const struct note_checkpoint *checkpoint, const char **ret_rule)
{
	struct merkle_hash head;
	bool is_valid;
	rg_err err = proof_inclusion_head(leaf, file->index, checkpoint->size, &file->path, &head,
		&is_valid);

	if (err) {
		return err;
	}
	if (file->index >= checkpoint->size) {
		*ret_rule = "the index is not below the checkpoint's size";
	} else if (!is_valid) {
		*ret_rule = "the inclusion path has the wrong length";
	} else if (memcmp(head.bytes, checkpoint->root.bytes, MERKLE_HASH_LEN) != 0) {
		*ret_rule = "the inclusion path does not lead from this message to the checkpoint";
	} else {
		*ret_rule = NULL;
	}
	return RG_OK;
}

rg_err proof_file_check(const struct proof_file *file, struct rg_bytes header,
	const struct note_verifier *log, const char **ret_rule)
{
	struct note_checkpoint checkpoint;
	struct proof_extra extra;
	struct merkle_hash leaf;
	bool is_signed;

	if (!proof_extra_read(buf_view(&file->extra), &extra)) {
		*ret_rule = "the extra line does not hold meta and signature";
		return RG_OK;
	}
	rg_err err =
		note_checkpoint_verify(buf_view(&file->checkpoint), log, &checkpoint, &is_signed);
	if (err) {
		return err;
	}
	if (!is_signed) {
		*ret_rule = "the checkpoint is not signed by this log's key";
		return RG_OK;
	}
	err = hash_leaf(&extra, header, &leaf);
	if (err == RG_E_OVERFLOW) {
		*ret_rule = "header, meta and signature are longer than a leaf can be";
		return RG_OK;
	}
	return err ? err : check_path(file, &leaf, &checkpoint, ret_rule);
}
