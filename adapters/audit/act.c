/*
 * What an ADMIN record says of its own log: see act.h.
 *
 * Threads: as act.h says.
 */
#include "audit/act.h"

#include <stdlib.h>
#include <string.h>

#include "audit/examine.h"
#include "base/buf.h"
#include "base/text.h"
#include "evidence/record.h"
#include "rivergate/v1/record.pb-c.h"
#include "sign/signature.h"
#include "wire/scan.h"

#define DIGITS_MAX 20

static const struct {
	Rivergate__V1__Admin__Act act;
	Rivergate__V1__Kind kind;
} governing[] = {
	{RIVERGATE__V1__ADMIN__ACT__ACT_REGISTRY, RIVERGATE__V1__KIND__KIND_REGISTRY},
	{RIVERGATE__V1__ADMIN__ACT__ACT_DIRECTORY, RIVERGATE__V1__KIND__KIND_DIRECTORY},
	{RIVERGATE__V1__ADMIN__ACT__ACT_REVOCATION_LIST, RIVERGATE__V1__KIND__KIND_REVOCATION_LIST},
	{RIVERGATE__V1__ADMIN__ACT__ACT_PROFILE, RIVERGATE__V1__KIND__KIND_WINDOW_PROFILE},
};

static Rivergate__V1__Kind kind_of(Rivergate__V1__Admin__Act act)
{
	for (size_t i = 0; i < sizeof(governing) / sizeof(governing[0]); i++) {
		if (governing[i].act == act) {
			return governing[i].kind;
		}
	}
	return RIVERGATE__V1__KIND__KIND_UNSPECIFIED;
}

/* What stands after `name=`, up to a space or the end; empty: the detail has no such word. */
static struct rg_bytes word_of(const char *detail, const char *name)
{
	size_t n_name = strlen(name);

	while (*detail) {
		size_t len = strcspn(detail, " ");

		if (len > n_name && strncmp(detail, name, n_name) == 0 && detail[n_name] == '=') {
			return bytes_of(detail + n_name + 1, len - n_name - 1);
		}
		detail += len + (detail[len] == ' ');
	}
	return (struct rg_bytes){.data = NULL};
}

/* --- Keys ------------------------------------------------------------------------------------ */

static rg_err judge_key(const struct act_question *question, const char *detail,
	struct findings *findings)
{
	struct rg_bytes said = word_of(detail, "log");
	uint8_t hash[32];
	char hex[2 * sizeof(hash) + 1];
	rg_err err = signature_hash(bytes_of(question->log_key, 32), hash);

	text_hex(bytes_of(hash, sizeof(hash)), hex);
	if (!err && !bytes_equal(said, bytes_of_text(hex))) {
		findings_add(findings, FINDING_LOG_KEY, question->index,
			"KEY_USE tells of another log key than the one in log.vkey");
	}
	return err;
}

/* --- Governance records ---------------------------------------------------------------------- */

static bool read_index(struct rg_bytes digits, uint64_t *ret_index)
{
	char text[DIGITS_MAX + 1] = "";
	char *end = NULL;

	if (digits.len == 0 || digits.len > DIGITS_MAX) {
		return false;
	}
	memcpy(text, digits.data, digits.len);
	*ret_index = strtoull(text, &end, 10);
	return strspn(text, "0123456789") == digits.len && *end == '\0';
}

static bool is_of_router(const struct act_question *question, const char *from)
{
	const struct law *law = question->law;

	/* What was copied from another log is of its router, which the registry names. */
	return strcmp(from, law->router) == 0 ||
		(question->index < law->n_inherited &&
			(!law->trust || trust_router_key(law->trust, from)));
}

static rg_err judge_header(const struct act_question *question, struct rg_bytes leaf,
	Rivergate__V1__Kind kind, bool *ret_fits)
{
	scoped(arena_freep) struct arena *arena = arena_new(0);
	struct scan_answer answer = {.is_ok = false};
	struct record record;
	ProtobufCMessage *message = NULL;
	rg_err err = arena ? RG_OK : RG_E_NOMEM;

	if (!err && record_read(leaf, &record)) {
		err = scan_unpack(&rivergate__v1__header__descriptor, record.body, arena, &answer,
			&message);
	}
	const Rivergate__V1__Header *header = (const Rivergate__V1__Header *)message;

	*ret_fits = header && header->kind == kind && is_of_router(question, header->from);
	return err;
}

static rg_err judge_record(const struct act_question *question, const char *detail,
	Rivergate__V1__Kind kind, struct findings *findings)
{
	scoped(buf_deinitv) struct buf key = {.data = NULL};
	struct rg_bytes row = {.data = NULL};
	uint64_t index = UINT64_MAX;
	bool fits = false;
	bool is_found = false;
	bool is_index = read_index(word_of(detail, "record"), &index);
	rg_err err = RG_OK;

	buf_add_u64(&key, index);
	err = buf_error(&key);
	if (!err && is_index && index < question->index) {
		err = store_get(question->store, STORE_GOVERNANCE, buf_view(&key), &row, &is_found);
	}
	if (!err && is_found) {
		struct cursor cursor = cursor_of(row);

		err = judge_header(question, cursor_bytes(&cursor, cursor_u32(&cursor)), kind,
			&fits);
	}
	if (!err && !fits) {
		findings_add(findings, FINDING_LEAF, question->index,
			"ADMIN names \"%.60s\", which is no record of that kind that the router "
			"brought",
			detail);
	}
	return err;
}

static rg_err judge(const struct act_question *question, const Rivergate__V1__Admin *admin,
	struct findings *findings)
{
	Rivergate__V1__Kind kind = kind_of(admin->act);

	if (kind != RIVERGATE__V1__KIND__KIND_UNSPECIFIED) {
		return judge_record(question, admin->detail, kind, findings);
	}
	/* The log that this one continues may have had another key. */
	return admin->act == RIVERGATE__V1__ADMIN__ACT__ACT_KEY_USE &&
			question->index >= question->law->n_inherited
		? judge_key(question, admin->detail, findings)
		: RG_OK;
}

rg_err act_judge(const struct act_question *question, struct findings *findings)
{
	scoped(arena_freep) struct arena *arena = NULL;
	struct scan_answer answer = {.is_ok = false};
	struct record record;
	ProtobufCMessage *admin = NULL;

	if (!question->law->has_origin || !record_read(question->leaf, &record) ||
		record.type != RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_ADMIN) {
		return RG_OK;
	}
	arena = arena_new(0);
	rg_err err = arena ? scan_unpack(&rivergate__v1__admin__descriptor, record.body, arena,
				     &answer, &admin)
			   : RG_E_NOMEM;

	return err || !admin ? err : judge(question, (const Rivergate__V1__Admin *)admin, findings);
}
