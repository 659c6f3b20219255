/*
 * Cosignatures: see cosignature.h
 *
 * One function verifies one line; what counts, finds and takes walks lines with it.
 * Source: https://c2sp.org/tlog-cosignature
 * Threads: any; nothing is shared.
 */

#include "evidence/cosignature.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "evidence/note_lines.h"

/* --- Cosigners ------------------------------------------------------------------------------ */

rg_err cosigner_of(const char *name, const uint8_t public_key[32], struct cosigner *ret_cosigner)
{
	struct cosigner cosigner = {.member = ""};
	rg_err err =
		note_lines_verifier_of(name, NOTE_LINES_COSIGNATURE, public_key, &cosigner.key);

	if (!err) {
		*ret_cosigner = cosigner;
	}
	return err;
}

rg_err cosigner_of_member(const char *cc, const uint8_t public_key[32],
	struct cosigner *ret_cosigner)
{
	char name[32];

	if (strlen(cc) != 2) {
		return RG_E_CONFIG;
	}
	(void)snprintf(name, sizeof(name), "%s.witness", cc);
	rg_err err = cosigner_of(name, public_key, ret_cosigner);

	if (!err) {
		memcpy(ret_cosigner->member, cc, sizeof(ret_cosigner->member));
	}
	return err;
}

bool cosigner_parse(const char *vkey, struct cosigner *ret_cosigner)
{
	struct cosigner cosigner = {.member = ""};

	if (!note_lines_verifier_parse(vkey, NOTE_LINES_COSIGNATURE, &cosigner.key)) {
		return false;
	}
	*ret_cosigner = cosigner;
	return true;
}

void cosigner_print(const struct cosigner *cosigner, struct buf *out)
{
	note_lines_verifier_print(&cosigner->key, NOTE_LINES_COSIGNATURE, out);
}

rg_err cosigner_roster_of(const Rivergate__V1__Registry *registry,
	struct cosigner_roster *ret_roster)
{
	rg_err err = registry->n_members > COSIGNER_ROSTER_MAX ? RG_E_CONFIG : RG_OK;

	ret_roster->n_items = 0;
	ret_roster->quorum = 0;
	for (size_t i = 0; !err && i < registry->n_members; i++) {
		const Rivergate__V1__Member *member = registry->members[i];

		if (member->witness_key.len == sizeof(ret_roster->items[0].key.public_key)) {
			err = cosigner_of_member(member->cc, member->witness_key.data,
				&ret_roster->items[ret_roster->n_items++]);
		}
	}
	if (!err && ret_roster->n_items > 0) {
		ret_roster->quorum = (unsigned)(2 * ret_roster->n_items / 3 + 1);
	}
	return err;
}

const struct cosigner *cosigner_roster_find(const struct cosigner_roster *roster, const char *cc)
{
	for (size_t i = 0; i < roster->n_items; i++) {
		if (strcmp(roster->items[i].member, cc) == 0) {
			return &roster->items[i];
		}
	}
	return NULL;
}

/* --- Making --------------------------------------------------------------------------------- */

static rg_err write_message(struct rg_bytes text, uint64_t time_s, struct buf *out)
{
	buf_printf(out, "cosignature/v1\ntime %llu\n", (unsigned long long)time_s);
	buf_add_bytes(out, text);
	return buf_error(out);
}

static bool is_own_key(const struct cosigner *self, const struct key *key)
{
	uint8_t public_key[32];

	return !key_ed25519_raw(key, public_key) &&
		memcmp(public_key, self->key.public_key, sizeof(public_key)) == 0;
}

rg_err cosignature_make(struct rg_bytes note, const struct cosigner *self, const struct key *key,
	uint64_t time_s, struct buf *out)
{
	scoped(buf_deinitv) struct buf message = {.data = NULL};
	scoped(buf_deinitv) struct buf raw = {.data = NULL};
	struct note_lines lines;

	if (time_s == 0 || time_s > INT64_MAX || !note_lines_split(note, &lines) ||
		!is_own_key(self, key)) {
		return RG_E_CONFIG;
	}
	buf_add_u32(&raw, self->key.key_id);
	buf_add_u64(&raw, time_s);
	rg_err err = write_message(lines.text, time_s, &message);

	if (!err) {
		err = key_sign_raw(key, buf_view(&message), &raw);
	}
	if (err) {
		return err;
	}
	note_line_write(self->key.name, buf_view(&raw), out);
	return buf_error(out);
}

/* --- Verifying ------------------------------------------------------------------------------ */

/* ret_time_s 0: the line, which bears the cosigner's name and id, does not verify. */
static rg_err verify_line(struct rg_bytes text, const struct cosigner *by,
	const struct note_line *line, uint64_t *ret_time_s)
{
	scoped(buf_deinitv) struct buf message = {.data = NULL};
	scoped(key_freep) struct key *key = NULL;
	struct cursor cursor = cursor_of(note_line_value(line));
	uint64_t time_s = cursor_u64(&cursor);
	struct rg_bytes value = cursor_bytes(&cursor, NOTE_LINES_SIGNATURE);
	bool is_valid = false;

	*ret_time_s = 0;
	if (!cursor_is_done(&cursor) || time_s == 0 || time_s > INT64_MAX) {
		return RG_OK;
	}
	rg_err err = write_message(text, time_s, &message);

	if (!err) {
		err = key_from_ed25519(by->key.public_key, &key);
	}
	if (!err) {
		err = key_verify_raw(key, buf_view(&message), value, &is_valid);
	}
	if (!err && is_valid) {
		*ret_time_s = time_s;
	}
	return err;
}

static size_t find_signer(const struct cosigner *cosigners, size_t n, const struct note_line *line)
{
	size_t i = 0;

	while (i < n && !note_line_is_of(line, &cosigners[i].key)) {
		i++;
	}
	return i;
}

static void note_time(struct cosignature_count *count, size_t i, uint64_t time_s)
{
	count->n_valid += count->times_s[i] == 0;
	if (count->times_s[i] == 0 || time_s < count->times_s[i]) {
		count->times_s[i] = time_s;
	}
}

static rg_err count_lines(const struct note_lines *note, const struct cosigner *cosigners, size_t n,
	struct cosignature_count *count)
{
	scoped(note_line_deinitv) struct note_line line = {.key_id = 0};
	struct rg_bytes rest = note->signatures;
	struct rg_bytes text;
	rg_err err = RG_OK;

	while (!err && !count->is_malformed && text_next_line(&rest, &text)) {
		uint64_t time_s = 0;
		size_t i = note_line_read(text, &line) ? find_signer(cosigners, n, &line) : n;

		if (i == n) {
			continue;
		}
		err = verify_line(note->text, &cosigners[i], &line, &time_s);
		if (!err && time_s == 0) {
			*count = (struct cosignature_count){.is_malformed = true};
		} else if (!err) {
			note_time(count, i, time_s);
		}
	}
	return err;
}

static rg_err count_of(struct rg_bytes note, const struct cosigner *cosigners, size_t n,
	struct cosignature_count *ret_count)
{
	struct note_checkpoint checkpoint;
	struct note_lines lines;

	*ret_count = (struct cosignature_count){.n_valid = 0};
	if (!note_checkpoint_read(note, &checkpoint) || !note_lines_split(note, &lines)) {
		ret_count->is_malformed = true;
		return RG_OK;
	}
	return count_lines(&lines, cosigners, n, ret_count);
}

rg_err cosignature_count(struct rg_bytes note, const struct cosigner_roster *roster,
	struct cosignature_count *ret_count)
{
	return count_of(note, roster->items, roster->n_items, ret_count);
}

rg_err cosignature_time(struct rg_bytes note, const struct cosigner *by, uint64_t *ret_time_s)
{
	struct cosignature_count count;
	rg_err err = count_of(note, by, 1, &count);

	*ret_time_s = err ? 0 : count.times_s[0];
	return err;
}

/* --- Taking --------------------------------------------------------------------------------- */

rg_err cosignature_take(struct rg_bytes note, struct rg_bytes lines, const struct cosigner *by,
	struct buf *out, uint64_t *ret_time_s)
{
	scoped(note_line_deinitv) struct note_line line = {.key_id = 0};
	struct note_lines parts;
	struct rg_bytes rest = lines;
	struct rg_bytes text;
	struct rg_bytes taken = {.data = NULL};
	uint64_t taken_s = 0;

	*ret_time_s = 0;
	if (lines.len > NOTE_MAX || !note_lines_split(note, &parts)) {
		return RG_OK;
	}
	while (text_next_line(&rest, &text)) {
		uint64_t time_s = 0;

		if (!note_line_read(text, &line)) {
			return RG_OK;
		}
		if (!note_line_is_of(&line, &by->key)) {
			continue;
		}
		rg_err err = verify_line(parts.text, by, &line, &time_s);

		if (err || time_s == 0) {
			return err;
		}
		taken = taken.data ? taken : bytes_of(text.data, text.len + 1);
		taken_s = taken_s ? taken_s : time_s;
	}
	if (rest.len > 0 || !taken.data) {
		return RG_OK;
	}
	buf_add_bytes(out, taken);
	*ret_time_s = buf_error(out) ? 0 : taken_s;
	return buf_error(out);
}
