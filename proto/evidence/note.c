/*
 * Signed notes and checkpoints: see note.h
 *
 * A note is taken apart once, into its text and its signature lines; what reads and
 * what verifies a checkpoint both start from there.
 * Source: https://c2sp.org/signed-note@v1.0.0, https://c2sp.org/tlog-checkpoint
 * Threads: any; nothing is shared.
 */

#include <string.h>

#include "base/text.h"
#include "evidence/note.h"
#include "evidence/note_lines.h"

#define KEY_ID_BYTES  4
#define KEY_ID_DIGITS 8

/* --- Names ---------------------------------------------------------------------------------- */

/* The spaces of Unicode (White_Space) beyond ASCII; below U+0020 nothing is allowed anyway. */
static const char *const spaces[] = {
	"\xc2\x85",
	"\xc2\xa0",
	"\xe1\x9a\x80", /* U+0085 U+00A0 U+1680 */
	"\xe2\x80\xa8",
	"\xe2\x80\xa9",
	"\xe2\x80\xaf", /* U+2028 U+2029 U+202F */
	"\xe2\x81\x9f",
	"\xe3\x80\x80", /* U+205F U+3000 */
	"\xe2\x80\x80",
	"\xe2\x80\x81",
	"\xe2\x80\x82", /* U+2000 to U+200A */
	"\xe2\x80\x83",
	"\xe2\x80\x84",
	"\xe2\x80\x85",
	"\xe2\x80\x86",
	"\xe2\x80\x87",
	"\xe2\x80\x88",
	"\xe2\x80\x89",
	"\xe2\x80\x8a",
};

static bool has_wide_space(const char *name)
{
	for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
		if (strstr(name, spaces[i])) {
			return true;
		}
	}
	return false;
}

static bool has_odd_ascii(const char *name)
{
	for (const char *at = name; *at; at++) {
		unsigned char byte = (unsigned char)*at;

		if (byte <= ' ' || byte == 0x7f || byte == '+') {
			return true;
		}
	}
	return false;
}

bool note_name_is_valid(const char *name)
{
	size_t len = strnlen(name, NOTE_NAME_MAX + 1);

	return len > 0 && len <= NOTE_NAME_MAX && text_is_utf8(bytes_of(name, len)) &&
		!has_odd_ascii(name) && !has_wide_space(name);
}

/* Copies a name that has been found short enough. */
static bool take_name(struct rg_bytes name, char ret_name[NOTE_NAME_MAX + 1])
{
	if (name.len > NOTE_NAME_MAX || memchr(name.data, 0, name.len)) {
		return false;
	}
	memcpy(ret_name, name.data, name.len);
	ret_name[name.len] = '\0';
	return note_name_is_valid(ret_name);
}

/* --- Verifier keys -------------------------------------------------------------------------- */

static rg_err compute_key_id(const char *name, uint8_t type, const uint8_t public_key[32],
	uint32_t *ret_key_id)
{
	uint8_t tail[2 + 32] = {'\n', type};
	struct merkle_hash hash;

	memcpy(tail + 2, public_key, 32);
	rg_err err = merkle_hash_of(bytes_of_text(name), bytes_of(tail, sizeof(tail)), &hash);
	if (err) {
		return err;
	}
	struct cursor cursor = cursor_of(bytes_of(hash.bytes, KEY_ID_BYTES));
	*ret_key_id = cursor_u32(&cursor);
	return RG_OK;
}

rg_err note_lines_verifier_of(const char *name, uint8_t type, const uint8_t public_key[32],
	struct note_verifier *ret_verifier)
{
	struct note_verifier verifier = {.key_id = 0};

	if (!note_name_is_valid(name)) {
		return RG_E_CONFIG;
	}
	rg_err err = compute_key_id(name, type, public_key, &verifier.key_id);
	if (err) {
		return err;
	}
	memcpy(verifier.name, name, strlen(name));
	memcpy(verifier.public_key, public_key, sizeof(verifier.public_key));
	*ret_verifier = verifier;
	return RG_OK;
}

rg_err note_verifier_of(const char *name, const uint8_t public_key[32],
	struct note_verifier *ret_verifier)
{
	return note_lines_verifier_of(name, NOTE_LINES_ED25519, public_key, ret_verifier);
}

/* Reads base64(type ‖ 32 bytes) up to the end of the text. */
static bool read_public_key(const char *text, uint8_t type, uint8_t ret_key[32])
{
	scoped(buf_deinit) struct buf raw = {0};

	if (!text_unbase64(bytes_of_text(text), &raw) || buf_error(&raw) || raw.len != 33 ||
		raw.data[0] != type) {
		return false;
	}
	memcpy(ret_key, raw.data + 1, 32);
	return true;
}

static bool read_key_id(const char *digits, uint32_t *ret_key_id)
{
	char hex[KEY_ID_DIGITS + 1] = {0};
	uint8_t raw[KEY_ID_BYTES];

	memcpy(hex, digits, KEY_ID_DIGITS);
	if (!text_unhex(hex, raw, sizeof(raw))) {
		return false;
	}
	struct cursor cursor = cursor_of(bytes_of(raw, sizeof(raw)));
	*ret_key_id = cursor_u32(&cursor);
	return true;
}

bool note_lines_verifier_parse(const char *text, uint8_t type, struct note_verifier *ret_verifier)
{
	struct note_verifier verifier;
	const char *plus = strchr(text, '+');
	char name[NOTE_NAME_MAX + 1];
	uint8_t public_key[32];
	uint32_t key_id;

	if (!plus || strnlen(plus + 1, KEY_ID_DIGITS + 1) <= KEY_ID_DIGITS ||
		plus[1 + KEY_ID_DIGITS] != '+') {
		return false;
	}
	if (!take_name(bytes_of(text, (size_t)(plus - text)), name) ||
		!read_key_id(plus + 1, &key_id) ||
		!read_public_key(plus + 1 + KEY_ID_DIGITS + 1, type, public_key)) {
		return false;
	}
	if (note_lines_verifier_of(name, type, public_key, &verifier) ||
		verifier.key_id != key_id) {
		return false;
	}
	*ret_verifier = verifier;
	return true;
}

bool note_verifier_parse(const char *text, struct note_verifier *ret_verifier)
{
	return note_lines_verifier_parse(text, NOTE_LINES_ED25519, ret_verifier);
}

void note_lines_verifier_print(const struct note_verifier *verifier, uint8_t type, struct buf *out)
{
	uint8_t raw[1 + 32] = {type};

	memcpy(raw + 1, verifier->public_key, 32);
	buf_printf(out, "%s+%08x+", verifier->name, verifier->key_id);
	text_base64(bytes_of(raw, sizeof(raw)), out);
}

void note_verifier_print(const struct note_verifier *verifier, struct buf *out)
{
	note_lines_verifier_print(verifier, NOTE_LINES_ED25519, out);
}

/* --- Taking a note apart -------------------------------------------------------------------- */

static bool has_controls(struct rg_bytes text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < ' ' && text.data[i] != '\n') {
			return true;
		}
	}
	return false;
}

/* The last empty line separates. */
bool note_lines_split(struct rg_bytes note, struct note_lines *ret_lines)
{
	if (note.len < 2 || note.len > NOTE_MAX || note.data[note.len - 1] != '\n' ||
		has_controls(note) || !text_is_utf8(note)) {
		return false;
	}
	size_t at = note.len - 2;
	while (at > 0 && !(note.data[at] == '\n' && note.data[at - 1] == '\n')) {
		at--;
	}
	if (at == 0) {
		return false;
	}
	*ret_lines = (struct note_lines){
		.text = bytes_of(note.data, at),
		.signatures = bytes_of(note.data + at + 1, note.len - at - 1),
	};
	return ret_lines->signatures.len > 0;
}

void note_line_deinit(struct note_line *line)
{
	buf_deinit(&line->raw);
}

struct rg_bytes note_line_value(const struct note_line *line)
{
	return bytes_of(line->raw.data + KEY_ID_BYTES, line->raw.len - KEY_ID_BYTES);
}

bool note_line_is_of(const struct note_line *line, const struct note_verifier *verifier)
{
	return line->key_id == verifier->key_id && strcmp(line->name, verifier->name) == 0;
}

void note_line_write(const char *name, struct rg_bytes raw, struct buf *out)
{
	buf_printf(out, NOTE_LINES_START "%s ", name);
	text_base64(raw, out);
	buf_add_u8(out, '\n');
}

bool note_line_read(struct rg_bytes text, struct note_line *line)
{
	const size_t start = strlen(NOTE_LINES_START);

	if (text.len <= start || memcmp(text.data, NOTE_LINES_START, start) != 0) {
		return false;
	}
	struct rg_bytes rest = bytes_of(text.data + start, text.len - start);
	const uint8_t *space = memchr(rest.data, ' ', rest.len);
	if (!space || !take_name(bytes_of(rest.data, (size_t)(space - rest.data)), line->name)) {
		return false;
	}
	size_t used = (size_t)(space - rest.data) + 1;
	buf_clear(&line->raw);
	if (!text_unbase64(bytes_of(rest.data + used, rest.len - used), &line->raw) ||
		buf_error(&line->raw) || line->raw.len <= KEY_ID_BYTES) {
		return false;
	}
	struct cursor cursor = cursor_of(buf_view(&line->raw));
	line->key_id = cursor_u32(&cursor);
	return true;
}

/* --- Checkpoints ---------------------------------------------------------------------------- */

static bool read_size(struct rg_bytes line, uint64_t *ret_size)
{
	char digits[24];

	if (line.len >= sizeof(digits)) {
		return false;
	}
	memcpy(digits, line.data, line.len);
	digits[line.len] = '\0';
	return text_u64(digits, ret_size);
}

static bool read_root(struct rg_bytes line, struct merkle_hash *ret_root)
{
	scoped(buf_deinit) struct buf raw = {0};

	if (line.len > 2 * (size_t)MERKLE_HASH_LEN || !text_unbase64(line, &raw) ||
		buf_error(&raw) || raw.len != MERKLE_HASH_LEN) {
		return false;
	}
	memcpy(ret_root->bytes, raw.data, MERKLE_HASH_LEN);
	return true;
}

/* Reads the text of a note: three lines and extension lines, none of them empty. */
static bool read_text(struct rg_bytes text, struct note_checkpoint *ret_checkpoint)
{
	struct rg_bytes origin;
	struct rg_bytes size;
	struct rg_bytes root;
	struct rg_bytes extension;

	if (!text_next_line(&text, &origin) || !text_next_line(&text, &size) ||
		!text_next_line(&text, &root)) {
		return false;
	}
	while (text_next_line(&text, &extension)) {
		if (extension.len == 0) {
			return false;
		}
	}
	return take_name(origin, ret_checkpoint->origin) &&
		read_size(size, &ret_checkpoint->size) && read_root(root, &ret_checkpoint->root);
}

bool note_checkpoint_read(struct rg_bytes note, struct note_checkpoint *ret_checkpoint)
{
	struct note_checkpoint checkpoint = {.size = 0};
	scoped(note_line_deinitv) struct note_line parsed = {.key_id = 0};
	struct rg_bytes line;
	struct note_lines parts;
	size_t n_lines = 0;
	bool is_good = note_lines_split(note, &parts) && read_text(parts.text, &checkpoint);

	while (is_good && text_next_line(&parts.signatures, &line)) {
		n_lines++;
		is_good = n_lines <= NOTE_SIGNATURES_MAX && note_line_read(line, &parsed);
	}
	if (is_good) {
		*ret_checkpoint = checkpoint;
	}
	return is_good;
}

/*
 * Verifies every line under the verifier's name and id: "If the key name and ID match a
 * known key, verifiers MUST verify the signature. If a signature from a known key fails
 * to verify, clients SHOULD reject the whole note." (signed-note)
 */
static rg_err verify_lines(const struct note_lines *note, const struct note_verifier *verifier,
	const struct key *key, struct note_line *scratch, bool *ret_is_valid)
{
	struct rg_bytes rest = note->signatures;
	struct rg_bytes line;
	size_t n_good = 0;

	*ret_is_valid = false;
	while (text_next_line(&rest, &line)) {
		bool is_good = false;

		if (!note_line_read(line, scratch) || !note_line_is_of(scratch, verifier)) {
			continue;
		}
		struct rg_bytes value = note_line_value(scratch);
		if (value.len != NOTE_LINES_SIGNATURE) {
			return RG_OK;
		}
		rg_err err = key_verify_raw(key, note->text, value, &is_good);
		if (err || !is_good) {
			return err;
		}
		n_good++;
	}
	*ret_is_valid = n_good > 0;
	return RG_OK;
}

rg_err note_checkpoint_verify(struct rg_bytes note, const struct note_verifier *verifier,
	struct note_checkpoint *ret_checkpoint, bool *ret_is_valid)
{
	scoped(note_line_deinitv) struct note_line scratch = {.key_id = 0};
	struct note_checkpoint checkpoint;
	scoped(key_freep) struct key *own = NULL;
	struct note_lines parts;
	bool is_valid = false;
	rg_err err = RG_OK;

	if (!note_checkpoint_read(note, &checkpoint) || !note_lines_split(note, &parts) ||
		strcmp(checkpoint.origin, verifier->name) != 0) {
		*ret_is_valid = false;
		return RG_OK;
	}
	if (!verifier->key) {
		err = key_from_ed25519(verifier->public_key, &own);
	}
	if (!err) {
		err = verify_lines(&parts, verifier, verifier->key ? verifier->key : own, &scratch,
			&is_valid);
	}
	if (err) {
		return err;
	}
	if (is_valid) {
		*ret_checkpoint = checkpoint;
	}
	*ret_is_valid = is_valid;
	return RG_OK;
}

static rg_err write_text(const struct note_checkpoint *checkpoint, struct buf *out)
{
	buf_printf(out, "%s\n%llu\n", checkpoint->origin, (unsigned long long)checkpoint->size);
	text_base64(bytes_of(checkpoint->root.bytes, MERKLE_HASH_LEN), out);
	buf_add_u8(out, '\n');
	return buf_error(out);
}

rg_err note_checkpoint_sign(const struct note_checkpoint *checkpoint, const struct key *log_key,
	struct buf *out)
{
	scoped(buf_deinit) struct buf text = {0};
	scoped(buf_deinit) struct buf value = {0};
	struct note_verifier self;
	uint8_t public_key[32];

	if (key_algorithm(log_key) != RIVERGATE__V1__ALGORITHM__ALGORITHM_ED25519) {
		return RG_E_CONFIG;
	}
	rg_err err = key_ed25519_raw(log_key, public_key);
	if (!err) {
		err = note_verifier_of(checkpoint->origin, public_key, &self);
	}
	if (!err) {
		err = write_text(checkpoint, &text);
	}
	if (err) {
		return err;
	}
	buf_add_u32(&value, self.key_id);
	err = key_sign_raw(log_key, buf_view(&text), &value);
	if (err) {
		return err;
	}
	buf_add_bytes(out, buf_view(&text));
	buf_add_u8(out, '\n');
	note_line_write(checkpoint->origin, buf_view(&value), out);
	return buf_error(out);
}
