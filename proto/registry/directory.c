/*
 * A directory or revocation list taken apart: see pieces.h
 *
 * Threads: immutable once a trust holds it, but for the atomic count.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "registry/form.h"
#include "registry/pieces.h"
#include "wire/scan.h"

#define WHERE_MAX 96
#define PLACE_MAX 128 /* an address and whose directory it is in */

static struct rg_bytes view(ProtobufCBinaryData data)
{
	return bytes_of(data.data, data.len);
}

struct directory_piece *directory_piece_ref(struct directory_piece *piece)
{
	if (piece) {
		atomic_fetch_add_explicit(&piece->n_refs, 1, memory_order_relaxed);
	}
	return piece;
}

void directory_piece_unref(struct directory_piece *piece)
{
	if (!piece || atomic_fetch_sub_explicit(&piece->n_refs, 1, memory_order_acq_rel) > 1) {
		return;
	}
	for (size_t i = 0; i < piece->n_certificates; i++) {
		certificate_freep(&piece->certificates[i]);
	}
	arena_freep(&piece->arena);
	free(piece);
}

/* --- The message ---------------------------------------------------------------------------- */

static rg_err unpack(struct directory_piece *piece, struct rg_bytes content,
	struct governance_answer *answer)
{
	struct scan_answer scan;
	ProtobufCMessage *message;

	piece->arena = arena_new(0);
	uint8_t *copy = piece->arena ? arena_alloc(piece->arena, content.len + 1) : NULL;
	if (!copy) {
		return RG_E_NOMEM;
	}
	if (content.len > 0) {
		memcpy(copy, content.data, content.len);
	}
	piece->content = bytes_of(copy, content.len);
	rg_err err = scan_unpack(&rivergate__v1__directory__descriptor, content, piece->arena,
		&scan, &message);
	if (err) {
		return err;
	}
	if (!message) {
		governance_refuse(answer, scan.path, "", "%s", scan.rule);
		return RG_OK;
	}
	piece->message = (const Rivergate__V1__Directory *)message;
	form_directory(piece->message, answer);
	return RG_OK;
}

rg_err directory_piece_new(struct rg_bytes content, uint64_t index,
	struct directory_piece **ret_piece, struct governance_answer *ret_answer)
{
	scoped(directory_piece_unrefp) struct directory_piece *piece = calloc(1, sizeof(*piece));

	*ret_piece = NULL;
	if (!piece) {
		return RG_E_NOMEM;
	}
	atomic_init(&piece->n_refs, 1);
	piece->index = index;
	governance_agree(ret_answer);
	rg_err err = unpack(piece, content, ret_answer);
	if (err || !ret_answer->is_ok) {
		return err;
	}
	*ret_piece = steal(piece);
	return RG_OK;
}

/* --- Keys ----------------------------------------------------------------------------------- */

static size_t count_keys(const Rivergate__V1__Directory *message)
{
	size_t n_keys = 0;

	for (size_t i = 0; i < message->n_parties; i++) {
		n_keys += message->parties[i]->n_keys;
	}
	return n_keys;
}

static rg_err make_room(struct directory_piece *piece)
{
	size_t n_keys = count_keys(piece->message) + 1;
	size_t n_parties = piece->message->n_parties + 1;

	piece->parties = arena_alloc(piece->arena, n_parties * sizeof(*piece->parties));
	piece->signers = arena_alloc(piece->arena, n_keys * sizeof(*piece->signers));
	piece->certificates = arena_alloc(piece->arena, n_keys * sizeof(*piece->certificates));
	return piece->parties && piece->signers && piece->certificates ? RG_OK : RG_E_NOMEM;
}

static bool judge_usage(const Rivergate__V1__PartyKey *key, const struct certificate *certificate,
	const char *where, struct governance_answer *answer)
{
	bool is_signing = key->use == RIVERGATE__V1__PARTY_KEY__USE__USE_SIGNING;
	bool may = is_signing ? certificate_is_for_signing(certificate)
			      : certificate_is_for_encryption(certificate);

	if (!may) {
		return governance_refuse(answer, where, "certificate",
			"its key usage does not allow %s", is_signing ? "signing" : "encryption");
	}
	return true;
}

/* What the certificate says against the entry that holds it. */
static rg_err judge_certificate(const struct trust_party *party,
	const struct certificate *certificate, const struct certificate *root, const char *where,
	struct governance_answer *answer)
{
	bool is_issued = false;

	if (certificate_is_ca(certificate)) {
		governance_refuse(answer, where, "certificate",
			"is a CA certificate; a party's certifies nobody");
		return RG_OK;
	}
	if (strcmp(certificate_address(certificate), party->address) != 0) {
		governance_refuse(answer, where, "certificate", "is for '%.100s', not for '%s'",
			certificate_address(certificate), party->address);
		return RG_OK;
	}
	rg_err err = certificate_is_issued_by(certificate, root, &is_issued);
	if (!err && !is_issued) {
		governance_refuse(answer, where, "certificate", "is not issued by the root of '%s'",
			party->cc);
	}
	return err;
}

/* Says whether it is the algorithm or the whole certificate that is wrong. */
static rg_err refuse_certificate(const Rivergate__V1__PartyKey *key, const char *where,
	struct governance_answer *answer)
{
	scoped(certificate_freep) struct certificate *other = NULL;
	rg_err err = certificate_parse(view(key->certificate), 0, &other);

	if (err) {
		return err;
	}
	if (!other) {
		governance_refuse(answer, where, "certificate",
			"is no certificate with a key of a known algorithm");
		return RG_OK;
	}
	const char *name = key_algorithm_name(key_algorithm(certificate_key(other)));
	governance_refuse(answer, where, "algorithm",
		"is not that of the certificate's key, which is %s", name ? name : "another");
	return RG_OK;
}

static rg_err parse_key(struct directory_piece *piece, const struct trust_party *party,
	const Rivergate__V1__PartyKey *key, const struct certificate *root, const char *where,
	struct governance_answer *answer)
{
	scoped(certificate_freep) struct certificate *certificate = NULL;
	rg_err err = certificate_parse(view(key->certificate), key->algorithm, &certificate);

	if (err) {
		return err;
	}
	if (!certificate) {
		return refuse_certificate(key, where, answer);
	}
	if (!judge_usage(key, certificate, where, answer)) {
		return RG_OK;
	}
	err = judge_certificate(party, certificate, root, where, answer);
	if (err || !answer->is_ok) {
		return err;
	}
	if (key->use == RIVERGATE__V1__PARTY_KEY__USE__USE_SIGNING) {
		piece->signers[piece->n_signers++] = (struct trust_signer){
			.key = certificate_key(certificate),
			.certificate = certificate,
			.party = party,
		};
	}
	piece->certificates[piece->n_certificates++] = steal(certificate);
	return RG_OK;
}

static rg_err parse_party(struct directory_piece *piece, size_t i, const struct certificate *root,
	struct governance_answer *answer)
{
	const Rivergate__V1__Party *entry = piece->message->parties[i];
	struct trust_party *party = &piece->parties[i];

	*party = (struct trust_party){
		.address = entry->address,
		.cc = piece->message->member,
		.entry = entry,
	};
	for (size_t j = 0; j < entry->n_keys; j++) {
		char where[WHERE_MAX];

		snprintf(where, sizeof(where), "parties[%zu].keys[%zu]", i, j);
		rg_err err = parse_key(piece, party, entry->keys[j], root, where, answer);
		if (err || !answer->is_ok) {
			return err;
		}
	}
	return RG_OK;
}

rg_err directory_piece_parse_keys(struct directory_piece *piece, const struct certificate *root,
	struct governance_answer *ret_answer)
{
	rg_err err = make_room(piece);

	governance_agree(ret_answer);
	for (size_t i = 0; !err && ret_answer->is_ok && i < piece->message->n_parties; i++) {
		err = parse_party(piece, i, root, ret_answer);
	}
	return err;
}

static rg_err list_curve_keys(const Rivergate__V1__Party *party, const char *where,
	struct key_uses *uses)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < party->n_curve_keys; i++) {
		char field[48];

		snprintf(field, sizeof(field), "curve_keys[%zu]", i);
		err = key_uses_add_raw(uses, view(party->curve_keys[i]->key), where, field);
	}
	return err;
}

/* Certificates stand in the order of parties and keys. */
rg_err directory_piece_list_keys(const struct directory_piece *piece, struct key_uses *uses)
{
	const Rivergate__V1__Directory *message = piece->message;
	size_t next = 0;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < message->n_parties; i++) {
		char where[PLACE_MAX];

		snprintf(where, sizeof(where), "parties[%zu]", i);
		if (!uses->is_new) {
			snprintf(where, sizeof(where), "%s in the directory of %s",
				message->parties[i]->address, message->member);
		}
		for (size_t j = 0; !err && j < message->parties[i]->n_keys; j++) {
			char field[48];

			snprintf(field, sizeof(field), "keys[%zu].certificate", j);
			err = key_uses_add(uses, certificate_key(piece->certificates[next++]),
				where, field);
		}
		if (!err) {
			err = list_curve_keys(message->parties[i], where, uses);
		}
	}
	return err;
}

/* --- Revocation lists ----------------------------------------------------------------------- */

struct crl_piece *crl_piece_ref(struct crl_piece *piece)
{
	if (piece) {
		atomic_fetch_add_explicit(&piece->n_refs, 1, memory_order_relaxed);
	}
	return piece;
}

void crl_piece_unref(struct crl_piece *piece)
{
	if (!piece || atomic_fetch_sub_explicit(&piece->n_refs, 1, memory_order_acq_rel) > 1) {
		return;
	}
	crl_freep(&piece->crl);
	buf_deinit(&piece->der);
	free(piece);
}

rg_err crl_piece_new(struct rg_bytes der, uint64_t index, struct crl_piece **ret_piece,
	struct governance_answer *ret_answer)
{
	scoped(crl_piece_unrefp) struct crl_piece *piece = calloc(1, sizeof(*piece));

	*ret_piece = NULL;
	if (!piece) {
		return RG_E_NOMEM;
	}
	atomic_init(&piece->n_refs, 1);
	piece->index = index;
	buf_add_bytes(&piece->der, der);
	rg_err err = buf_error(&piece->der);
	if (!err) {
		err = crl_parse(der, &piece->crl);
	}
	if (err) {
		return err;
	}
	if (!piece->crl) {
		governance_refuse(ret_answer, "", "",
			"is no revocation list: DER, version 2, with a number");
		return RG_OK;
	}
	governance_agree(ret_answer);
	*ret_piece = steal(piece);
	return RG_OK;
}
