/*
 * Evidence as files: see evidence.h
 *
 * Threads: any; nothing is shared.
 */

#include <stdio.h>
#include <string.h>

#include "audit/evidence.h"
#include "audit/evidence_note.h"
#include "audit/templates.h"
#include "base/text.h"

#define WITHHELD "withheld\n"

static const char *const role_words[] = {
	[EVIDENCE_GOVERNS] = "governs",
	[EVIDENCE_MESSAGE] = "message",
	[EVIDENCE_RELATED] = "related",
};

/* --- Records -------------------------------------------------------------------------------- */

/* records/<index>/<name>, or <name>-<part> when part is not negative. */
static rg_err add_of_record(struct bundle *bundle, const struct evidence_record *record,
	const char *name, int part, struct rg_bytes content)
{
	char path[BUNDLE_PATH_MAX + 1];

	if (part < 0) {
		(void)snprintf(path, sizeof(path), "records/%020llu/%s",
			(unsigned long long)record->index, name);
	} else {
		(void)snprintf(path, sizeof(path), "records/%020llu/%s-%02d",
			(unsigned long long)record->index, name, part);
	}
	return bundle_add(bundle, path, content);
}

static rg_err add_receipt(const struct evidence *evidence, const struct evidence_record *record,
	struct bundle *bundle)
{
	scoped(buf_deinitv) struct buf text = {.data = NULL};
	scoped(proof_file_deinitv) struct proof_file file;
	const struct proof_extra extra = {record->record.meta, record->record.signature};

	proof_file_init(&file);
	file.index = record->index;
	file.path = record->path;
	buf_add_bytes(&file.checkpoint, buf_view(&evidence->note));
	rg_err err = proof_extra_write(&extra, &file.extra);

	if (!err) {
		err = proof_file_write(&file, &text);
	}
	return err ? err : add_of_record(bundle, record, "receipt.tlog-proof", -1, buf_view(&text));
}

static rg_err add_part(const struct evidence_record *record, size_t i, struct bundle *bundle)
{
	struct rg_bytes part = buf_view(&record->parts[i]);

	if (part.len < EVIDENCE_SALT_LEN) {
		return add_of_record(bundle, record, "withheld", (int)i, bytes_of_text(WITHHELD));
	}
	rg_err err = add_of_record(bundle, record, "salt", (int)i,
		bytes_of(part.data, EVIDENCE_SALT_LEN));

	return err ? err
		   : add_of_record(bundle, record, "part", (int)i,
			     bytes_of(part.data + EVIDENCE_SALT_LEN, part.len - EVIDENCE_SALT_LEN));
}

static rg_err add_message(const struct evidence_record *record, struct bundle *bundle)
{
	rg_err err = add_of_record(bundle, record, "header", -1, record->record.body);

	if (!err) {
		err = add_of_record(bundle, record, "signature", -1, record->record.signature);
	}
	for (size_t i = 0; !err && i < record->n_parts; i++) {
		err = add_part(record, i, bundle);
	}
	return err;
}

static rg_err add_record(const struct evidence *evidence, const struct evidence_record *record,
	struct bundle *bundle)
{
	rg_err err = add_of_record(bundle, record, "meta", -1, record->record.meta);

	if (!err) {
		err = record->header
			? add_message(record, bundle)
			: add_of_record(bundle, record, "body.origin", -1, record->record.body);
	}
	return err ? err : add_receipt(evidence, record, bundle);
}

/* --- The rest ------------------------------------------------------------------------------- */

static rg_err add_manifest(const struct evidence *evidence, struct bundle *bundle)
{
	scoped(buf_deinitv) struct buf text = {.data = NULL};
	char pin[2 * sizeof(evidence->pin) + 1];

	text_hex(bytes_of(evidence->pin, sizeof(evidence->pin)), pin);
	buf_printf(&text, "rivergate/v1 evidence bundle\nlog %s\npin %s\n", evidence->log.name,
		pin);
	buf_printf(&text, "%s %zu of %zu, quorum %u\n",
		evidence_is_witnessed(evidence) ? "witnessed" : "unwitnessed", evidence->n_cosigned,
		evidence->roster.n_items, evidence->roster.quorum);
	for (size_t i = 0; i < evidence->n_records; i++) {
		buf_printf(&text, "%s %llu\n", role_words[evidence->records[i].role],
			(unsigned long long)evidence->records[i].index);
	}
	return buf_error(&text) ? buf_error(&text)
				: bundle_add(bundle, "MANIFEST", buf_view(&text));
}

static rg_err add_keys(const struct evidence *evidence, struct bundle *bundle)
{
	scoped(buf_deinitv) struct buf log = {.data = NULL};
	scoped(buf_deinitv) struct buf witnesses = {.data = NULL};

	note_verifier_print(&evidence->log, &log);
	buf_add_u8(&log, '\n');
	rg_err err = buf_error(&log);

	if (!err) {
		err = evidence_note_vkeys(buf_view(&evidence->note), &evidence->roster, &witnesses);
	}
	if (!err) {
		err = bundle_add(bundle, "log.vkey", buf_view(&log));
	}
	return err ? err : bundle_add(bundle, "witnesses.vkeys", buf_view(&witnesses));
}

static rg_err add_certificates(const struct evidence *evidence, struct bundle *bundle)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < evidence->n_certificates; i++) {
		const struct evidence_certificate *certificate = &evidence->certificates[i];
		char hash[2 * MERKLE_HASH_LEN + 1];
		char path[BUNDLE_PATH_MAX + 1];

		text_hex(bytes_of(certificate->hash.bytes, MERKLE_HASH_LEN), hash);
		(void)snprintf(path, sizeof(path), "certificates/%s.der", hash);
		err = bundle_add(bundle, path, buf_view(&certificate->der));
	}
	return err;
}

static rg_err add_derived(const struct evidence *evidence, struct bundle *bundle)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < evidence->n_derived; i++) {
		const struct evidence_derived *derived = &evidence->derived[i];
		char path[BUNDLE_PATH_MAX + 1];

		(void)snprintf(path, sizeof(path), "derived/%020llu-%u",
			(unsigned long long)derived->cause, derived->ordinal);
		err = bundle_add(bundle, path, buf_view(&derived->header));
	}
	return err;
}

/* "hash, two spaces, path" of every file so far, as sha256sum writes them. */
static rg_err add_sums(struct bundle *bundle)
{
	scoped(buf_deinitv) struct buf text = {.data = NULL};
	rg_err err = RG_OK;

	bundle_sort(bundle);
	for (size_t i = 0; !err && i < bundle->n_files; i++) {
		struct merkle_hash hash;
		char hex[2 * MERKLE_HASH_LEN + 1];

		err = merkle_hash_of(buf_view(&bundle->files[i].content),
			(struct rg_bytes){.data = NULL}, &hash);
		if (!err) {
			text_hex(bytes_of(hash.bytes, MERKLE_HASH_LEN), hex);
			buf_printf(&text, "%s  %s\n", hex, bundle->files[i].path);
			err = buf_error(&text);
		}
	}
	return err ? err : bundle_add(bundle, "SHA256SUMS", buf_view(&text));
}

rg_err evidence_emit(const struct evidence *evidence, struct bundle *bundle)
{
	rg_err err = bundle_add(bundle, "checkpoint", buf_view(&evidence->note));

	if (!err) {
		err = add_manifest(evidence, bundle);
	}
	if (!err) {
		err = add_keys(evidence, bundle);
	}
	if (!err) {
		err = add_certificates(evidence, bundle);
	}
	if (!err) {
		err = add_derived(evidence, bundle);
	}
	for (size_t i = 0; !err && i < evidence->n_records; i++) {
		err = add_record(evidence, &evidence->records[i], bundle);
	}
	if (!err) {
		err = evidence_stamp_emit(evidence, bundle);
	}
	if (!err) {
		err = bundle_add(bundle, "verify.sh",
			evidence->verify_sh.data ? evidence->verify_sh : template_verify_sh);
	}
	if (!err) {
		err = bundle_add(bundle, "VERIFY.md",
			evidence->verify_md.data ? evidence->verify_md : template_verify_md);
	}
	if (!err) {
		err = add_sums(bundle);
	}
	bundle_sort(bundle);
	return err;
}
