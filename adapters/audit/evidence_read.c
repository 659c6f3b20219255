/*
 * Evidence from files, and the whole check: see evidence.h
 *
 * Threads: any; nothing is shared.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/evidence.h"
#include "audit/released.h"
#include "base/text.h"

#define WITHHELD_START "withheld"
#define HEAD_LINES     4 /* of MANIFEST, before those of the records */
#define DIGITS         20

static const struct {
	const char *word;
	enum evidence_role role;
} roles[] = {
	{"governs ", EVIDENCE_GOVERNS},
	{"message ", EVIDENCE_MESSAGE},
	{"related ", EVIDENCE_RELATED},
};

struct reading {
	const struct bundle *bundle;
	struct evidence *evidence;
	struct bundle_answer *answer;
};

static struct rg_bytes no_bytes(void)
{
	return bytes_of("", 0);
}

/* The content of a file; an answer when it is missing. */
static struct rg_bytes need(const struct reading *it, const char *path)
{
	const struct bundle_file *file = bundle_find(it->bundle, path);

	if (!file) {
		bundle_refuse(it->answer, path, "missing");
		return no_bytes();
	}
	return buf_view(&file->content);
}

static void path_of(char path[BUNDLE_PATH_MAX + 1], uint64_t index, const char *name)
{
	(void)snprintf(path, BUNDLE_PATH_MAX + 1, "records/%020llu/%s", (unsigned long long)index,
		name);
}

static struct rg_bytes need_of(const struct reading *it, uint64_t index, const char *name)
{
	char path[BUNDLE_PATH_MAX + 1];

	path_of(path, index, name);
	return need(it, path);
}

static bool has_of(const struct reading *it, uint64_t index, const char *name)
{
	char path[BUNDLE_PATH_MAX + 1];

	path_of(path, index, name);
	return bundle_find(it->bundle, path) != NULL;
}

/* --- Records -------------------------------------------------------------------------------- */

static rg_err read_leaf(const struct reading *it, uint64_t index, struct buf *out)
{
	struct record record = {.type = RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_MESSAGE};

	record.meta = need_of(it, index, "meta");
	if (has_of(it, index, "body.origin")) {
		record.type = RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_ORIGIN;
		record.body = need_of(it, index, "body.origin");
		record.signature = no_bytes();
	} else {
		record.body = need_of(it, index, "header");
		record.signature = need_of(it, index, "signature");
	}
	if (!it->answer->is_ok) {
		return RG_OK;
	}
	rg_err err = record_write(&record, out);

	if (err == RG_E_OVERFLOW) {
		bundle_refuse(it->answer, "", "record %llu: longer than a leaf can be",
			(unsigned long long)index);
		return RG_OK;
	}
	return err;
}

static rg_err read_path(const struct reading *it, struct evidence_record *record)
{
	scoped(proof_file_deinitv) struct proof_file file;
	char path[BUNDLE_PATH_MAX + 1];
	size_t line = 0;

	proof_file_init(&file);
	path_of(path, record->index, "receipt.tlog-proof");
	rg_err err = proof_file_read(need(it, path), &file, &line);

	if (!err && it->answer->is_ok && line) {
		bundle_refuse(it->answer, path, "line %zu: not a canonical tlog-proof", line);
	}
	record->path = file.path;
	return err;
}

static rg_err read_part(const struct reading *it, struct evidence_record *record, size_t i)
{
	char name[32];
	struct rg_bytes salt;

	(void)snprintf(name, sizeof(name), WITHHELD_START "-%02zu", i);
	if (has_of(it, record->index, name)) {
		return RG_OK;
	}
	(void)snprintf(name, sizeof(name), "salt-%02zu", i);
	salt = need_of(it, record->index, name);
	if (it->answer->is_ok && salt.len != EVIDENCE_SALT_LEN) {
		bundle_refuse(it->answer, "", "record %llu: a salt has not 32 bytes",
			(unsigned long long)record->index);
	}
	buf_add_bytes(&record->parts[i], salt);
	(void)snprintf(name, sizeof(name), "part-%02zu", i);
	buf_add_bytes(&record->parts[i], need_of(it, record->index, name));
	return buf_error(&record->parts[i]);
}

static rg_err read_record(const struct reading *it, uint64_t index, enum evidence_role role)
{
	scoped(buf_deinitv) struct buf leaf = {.data = NULL};
	struct evidence_record *record = NULL;
	rg_err err = read_leaf(it, index, &leaf);

	if (!err && it->answer->is_ok) {
		const struct evidence_piece piece = {index, role, buf_view(&leaf)};

		err = evidence_add(it->evidence, &piece, &record, it->answer);
	}
	if (!err && record) {
		err = read_path(it, record);
	}
	for (size_t i = 0; !err && record && it->answer->is_ok && i < record->n_parts; i++) {
		err = read_part(it, record, i);
	}
	return err;
}

static bool read_number(struct rg_bytes digits, uint64_t *ret_number)
{
	char text[DIGITS + 1] = {0};

	if (digits.len > DIGITS) {
		return false;
	}
	memcpy(text, digits.data, digits.len);
	return strlen(text) == digits.len && text_u64(text, ret_number);
}

static bool read_line(struct rg_bytes line, enum evidence_role *ret_role, uint64_t *ret_index)
{
	for (size_t i = 0; i < sizeof(roles) / sizeof(roles[0]); i++) {
		size_t len = strlen(roles[i].word);

		if (line.len > len && memcmp(line.data, roles[i].word, len) == 0) {
			*ret_role = roles[i].role;
			return read_number(bytes_of(line.data + len, line.len - len), ret_index);
		}
	}
	return false;
}

static rg_err read_manifest(const struct reading *it)
{
	struct rg_bytes rest = need(it, "MANIFEST");
	struct rg_bytes line;
	rg_err err = RG_OK;

	for (size_t n = 1; !err && it->answer->is_ok && text_next_line(&rest, &line); n++) {
		enum evidence_role role = EVIDENCE_GOVERNS;
		uint64_t index = 0;

		if (n <= HEAD_LINES) {
			continue; /* emitting shows whether they are true */
		}
		if (!read_line(line, &role, &index)) {
			bundle_refuse(it->answer, "MANIFEST", "line %zu says nothing known", n);
			return RG_OK;
		}
		err = read_record(it, index, role);
	}
	return err;
}

/* --- The rest ------------------------------------------------------------------------------- */

static rg_err read_log(const struct reading *it)
{
	scoped(buf_deinitv) struct buf vkey = {.data = NULL};
	struct rg_bytes rest = need(it, "log.vkey");
	struct rg_bytes line;

	if (!it->answer->is_ok) {
		return RG_OK;
	}
	if (text_next_line(&rest, &line)) {
		buf_add_bytes(&vkey, line);
	}
	const char *text = buf_text(&vkey);

	if (!text) {
		return RG_E_NOMEM;
	}
	if (strlen(text) != vkey.len || !note_verifier_parse(text, &it->evidence->log)) {
		bundle_refuse(it->answer, "log.vkey", "no verifier key of a log");
	}
	return RG_OK;
}

/* derived/<20 digits>-<ordinal> */
static rg_err read_derived(const struct reading *it, const struct bundle_file *file)
{
	const char *name = file->path + strlen("derived/");
	struct evidence_derived *derived = NULL;
	uint64_t ordinal = 0;
	char digits[DIGITS + 1] = {0};

	if (strlen(name) < DIGITS + 2 || name[DIGITS] != '-' ||
		!text_u64(name + DIGITS + 1, &ordinal) || ordinal > UINT8_MAX) {
		bundle_refuse(it->answer, file->path, "no name of a derived message");
		return RG_OK;
	}
	memcpy(digits, name, DIGITS);
	rg_err err = evidence_add_derived(it->evidence, strtoull(digits, NULL, 10),
		(uint32_t)ordinal, &derived);

	if (!err) {
		buf_add_bytes(&derived->header, buf_view(&file->content));
		err = buf_error(&derived->header);
	}
	return err;
}

static rg_err read_all_derived(const struct reading *it)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && it->answer->is_ok && i < it->bundle->n_files; i++) {
		const struct bundle_file *file = &it->bundle->files[i];

		if (strncmp(file->path, "derived/", strlen("derived/")) == 0) {
			err = read_derived(it, file);
		}
	}
	return err;
}

/* A text of an earlier version takes the place of ours. */
static rg_err read_text(const struct reading *it, const char *path, struct rg_bytes *ret_text)
{
	const struct bundle_file *file = bundle_find(it->bundle, path);
	struct merkle_hash hash;
	rg_err err = file ? merkle_hash_of(buf_view(&file->content), no_bytes(), &hash) : RG_OK;

	if (!err && file && released_has(path, &hash)) {
		*ret_text = buf_view(&file->content);
	}
	return err;
}

rg_err evidence_read(const struct bundle *bundle, struct evidence *evidence,
	struct bundle_answer *ret_answer)
{
	const struct reading it = {bundle, evidence, ret_answer};

	*ret_answer = (struct bundle_answer){.is_ok = true};
	buf_add_bytes(&evidence->note, need(&it, "checkpoint"));
	rg_err err = buf_error(&evidence->note);

	err = err ? err : read_text(&it, "verify.sh", &evidence->verify_sh);
	err = err ? err : read_text(&it, "VERIFY.md", &evidence->verify_md);
	if (!err && ret_answer->is_ok) {
		err = read_log(&it);
	}
	if (!err && ret_answer->is_ok) {
		err = read_manifest(&it);
	}
	if (!err && ret_answer->is_ok) {
		err = read_all_derived(&it);
	}
	return err || !ret_answer->is_ok ? err : evidence_stamp_read(bundle, evidence, ret_answer);
}

/* --- The whole check ------------------------------------------------------------------------ */

/* Both are sorted. */
static void compare(const struct bundle *bundle, const struct bundle *expected,
	struct bundle_answer *answer)
{
	for (size_t i = 0; i < expected->n_files; i++) {
		const struct bundle_file *file = bundle_find(bundle, expected->files[i].path);

		if (!file) {
			bundle_refuse(answer, expected->files[i].path, "missing");
			return;
		}
		if (!bytes_equal(buf_view(&file->content), buf_view(&expected->files[i].content))) {
			bundle_refuse(answer, file->path,
				"not in the one form that this evidence has");
			return;
		}
	}
	for (size_t i = 0; i < bundle->n_files; i++) {
		if (!bundle_find(expected, bundle->files[i].path)) {
			bundle_refuse(answer, bundle->files[i].path, "belongs to nothing here");
			return;
		}
	}
}

rg_err evidence_check(const struct bundle *bundle, const struct evidence_terms *terms,
	struct evidence *evidence, struct bundle_answer *ret_answer)
{
	scoped(bundle_deinitv) struct bundle expected = {.files = NULL};
	rg_err err = evidence_read(bundle, evidence, ret_answer);

	if (!err && ret_answer->is_ok) {
		err = evidence_judge(evidence, terms, ret_answer);
	}
	if (!err && ret_answer->is_ok) {
		err = evidence_emit(evidence, &expected);
	}
	if (!err && ret_answer->is_ok) {
		compare(bundle, &expected, ret_answer);
	}
	return err;
}
