/*
 * Governance files: see governance.h
 *
 * A Governed is protobuf-c's own memory throughout (malloc), so that whoever holds one
 * frees it in one way, wherever it came from.
 * Threads: any; nothing is shared.
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/merkle.h"
#include "registry/governance.h"
#include "wire/json.h"
#include "wire/scan.h"

#define FILE_MODE 0644

/* --- Answers -------------------------------------------------------------------------------- */

bool governance_refuse(struct governance_answer *answer, const char *where, const char *field,
	const char *format, ...)
{
	va_list args;

	answer->is_ok = false;
	snprintf(answer->path, sizeof(answer->path), "%s%s%s", where, *where && *field ? "." : "",
		field);
	va_start(args, format);
	vsnprintf(answer->text, sizeof(answer->text), format, args);
	va_end(args);
	return false;
}

bool governance_agree(struct governance_answer *answer)
{
	*answer = (struct governance_answer){.is_ok = true};
	return true;
}

/* --- Reading and writing -------------------------------------------------------------------- */

void governance_free(Rivergate__V1__Governed *governed)
{
	if (governed) {
		rivergate__v1__governed__free_unpacked(governed, NULL);
	}
}

rg_err governance_read(const char *path, Rivergate__V1__Governed **ret_governed,
	struct governance_answer *ret_answer)
{
	scoped(buf_deinit) struct buf text = {0};
	struct json_mistake mistake;
	ProtobufCMessage *message;
	bool is_found;

	*ret_governed = NULL;
	rg_err err = file_read(path, GOVERNANCE_FILE_MAX, &text, &is_found);
	if (err == RG_E_OVERFLOW) {
		governance_refuse(ret_answer, "", "", "the file is larger than %u bytes",
			GOVERNANCE_FILE_MAX);
		return RG_OK;
	}
	if (err) {
		return err;
	}
	if (!is_found) {
		governance_refuse(ret_answer, "", "", "there is no such file");
		return RG_OK;
	}
	err = json_decode(&rivergate__v1__governed__descriptor, buf_view(&text), &message,
		&mistake);
	if (err) {
		return err;
	}
	if (!message) {
		governance_refuse(ret_answer, mistake.path, "", "line %u, column %u: %s",
			mistake.line, mistake.column, mistake.text);
		return RG_OK;
	}
	*ret_governed = (Rivergate__V1__Governed *)message;
	governance_agree(ret_answer);
	return RG_OK;
}

rg_err governance_parse(struct rg_bytes bytes, Rivergate__V1__Governed **ret_governed,
	struct governance_answer *ret_answer)
{
	struct scan_answer scan = scan_check(&rivergate__v1__governed__descriptor, bytes, NULL);

	*ret_governed = NULL;
	if (bytes.len > GOVERNANCE_FILE_MAX) {
		governance_refuse(ret_answer, "", "", "the file is larger than %u bytes",
			GOVERNANCE_FILE_MAX);
		return RG_OK;
	}
	if (!scan.is_ok) {
		governance_refuse(ret_answer, scan.path, "", "%s", scan.rule);
		return RG_OK;
	}
	*ret_governed = rivergate__v1__governed__unpack(NULL, bytes.len, bytes.data);
	governance_agree(ret_answer);
	return *ret_governed ? RG_OK : RG_E_NOMEM;
}

rg_err governance_write(const char *path, const Rivergate__V1__Governed *governed)
{
	scoped(buf_deinit) struct buf content = {0};
	char *text = NULL;
	rg_err err = json_encode(&governed->base, JSON_LINES, &text);

	if (err) {
		return err;
	}
	buf_add_text(&content, text);
	free(text);
	err = buf_error(&content);
	return err ? err : file_replace(path, buf_view(&content), FILE_MODE);
}

rg_err governance_new(struct rg_bytes content, Rivergate__V1__Governed **ret_governed)
{
	scoped(governance_freep) Rivergate__V1__Governed *governed = calloc(1, sizeof(*governed));

	if (!governed) {
		return RG_E_NOMEM;
	}
	rivergate__v1__governed__init(governed);
	if (content.len > 0) {
		governed->content.data = malloc(content.len);
		if (!governed->content.data) {
			return RG_E_NOMEM;
		}
		memcpy(governed->content.data, content.data, content.len);
		governed->content.len = content.len;
	}
	*ret_governed = steal(governed);
	return RG_OK;
}

rg_err governance_hash(const Rivergate__V1__Governed *governed, uint8_t ret_hash[32])
{
	struct merkle_hash hash;
	rg_err err = merkle_hash_of(bytes_of(governed->content.data, governed->content.len),
		bytes_of(NULL, 0), &hash);

	if (err) {
		return err;
	}
	memcpy(ret_hash, hash.bytes, sizeof(hash.bytes));
	return RG_OK;
}

/* --- Signatures ----------------------------------------------------------------------------- */

static void free_signature(Rivergate__V1__GovernanceSignature *signature)
{
	rivergate__v1__governance_signature__free_unpacked(signature, NULL);
}
SCOPED_DEFINE(Rivergate__V1__GovernanceSignature, free_signature);

/* Fills the inner signature; what it has taken is freed with the outer one. */
static rg_err fill_signature(Rivergate__V1__Signature *signature, const struct key *key,
	struct buf *value)
{
	signature->key_id = strdup(key_id(key));
	signature->algorithm = key_algorithm(key);
	signature->value.data = buf_take(value, &signature->value.len);
	return signature->key_id && signature->value.data ? RG_OK : RG_E_NOMEM;
}

static rg_err make_signature(const Rivergate__V1__Governed *governed, const char *context,
	const char *member, const struct key *key,
	Rivergate__V1__GovernanceSignature **ret_signature)
{
	scoped(free_signaturep) Rivergate__V1__GovernanceSignature *made = calloc(1, sizeof(*made));
	scoped(buf_deinit) struct buf value = {0};

	if (!made) {
		return RG_E_NOMEM;
	}
	rivergate__v1__governance_signature__init(made);
	made->member = strdup(member);
	made->signature = calloc(1, sizeof(*made->signature));
	if (!made->member || !made->signature) {
		return RG_E_NOMEM;
	}
	rivergate__v1__signature__init(made->signature);
	rg_err err = key_sign(key, context, bytes_of(governed->content.data, governed->content.len),
		&value);
	if (!err) {
		err = fill_signature(made->signature, key, &value);
	}
	if (err) {
		return err;
	}
	*ret_signature = steal(made);
	return RG_OK;
}

/* Where member's signature stands or belongs. */
static size_t find_place(const Rivergate__V1__Governed *governed, const char *member)
{
	size_t at = 0;

	while (at < governed->n_signatures &&
		strcmp(governed->signatures[at]->member, member) < 0) {
		at++;
	}
	return at;
}

rg_err governance_sign(Rivergate__V1__Governed *governed, const char *context, const char *member,
	const struct key *governance_key)
{
	Rivergate__V1__GovernanceSignature *made;
	size_t at = find_place(governed, member);
	Rivergate__V1__GovernanceSignature **list = realloc(governed->signatures,
		(governed->n_signatures + 1) * sizeof(*governed->signatures));

	if (!list) {
		return RG_E_NOMEM;
	}
	governed->signatures = list;
	rg_err err = make_signature(governed, context, member, governance_key, &made);
	if (err) {
		return err;
	}
	if (at < governed->n_signatures && strcmp(list[at]->member, member) == 0) {
		free_signature(list[at]);
	} else {
		memmove(list + at + 1, list + at, (governed->n_signatures - at) * sizeof(*list));
		governed->n_signatures++;
	}
	list[at] = made;
	return RG_OK;
}

rg_err governance_verify(const Rivergate__V1__Governed *governed, size_t i, const char *context,
	const struct key *governance_key, bool *ret_is_valid)
{
	const Rivergate__V1__Signature *signature = governed->signatures[i]->signature;

	if (!signature || signature->batch ||
		strcmp(signature->key_id, key_id(governance_key)) != 0 ||
		signature->algorithm != key_algorithm(governance_key)) {
		*ret_is_valid = false;
		return RG_OK;
	}
	return key_verify(governance_key, context,
		bytes_of(governed->content.data, governed->content.len),
		bytes_of(signature->value.data, signature->value.len), ret_is_valid);
}
