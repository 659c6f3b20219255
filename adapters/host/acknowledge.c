/*
 * The acknowledgement of a delivery: see acknowledge.h.
 *
 * Threads: any.
 */
#include "host/acknowledge.h"

#include <string.h>

#include "base/merkle.h"
#include "registry/address.h"
#include "sign/signature.h"
#include "wire/pack.h"
#include "wire/scan.h"

/* The sender addressed it to this party, or to an office under it. */
static bool is_named(const Rivergate__V1__Header *header, const char *party)
{
	for (size_t i = 0; i < header->n_to; i++) {
		if (address_has_prefix(header->to[i], party)) {
			return true;
		}
	}
	return false;
}

static rg_err pack_acknowledgement(const struct delivered *delivered, const char *recipient,
	Rivergate__V1__AcknowledgementFacts *facts, struct buf *out)
{
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	Rivergate__V1__Ref ref = RIVERGATE__V1__REF__INIT;
	Rivergate__V1__Ref *refs[] = {&ref};
	char *to[] = {(char *)(uintptr_t)recipient};
	uint8_t hash[MERKLE_HASH_LEN];
	const ProtobufCBinaryData bytes = delivered->envelope->header;
	rg_err err = signature_hash(bytes_of(bytes.data, bytes.len), hash);

	if (err) {
		return err;
	}
	ref.from = delivered->header->from;
	ref.id = delivered->header->id;
	ref.header_hash = (ProtobufCBinaryData){sizeof(hash), hash};
	ref.relation = RIVERGATE__V1__RELATION__RELATION_ACKNOWLEDGES;
	header.to = to;
	header.n_to = 1;
	header.kind = RIVERGATE__V1__KIND__KIND_ACKNOWLEDGEMENT;
	header.ucr = delivered->header->ucr;
	header.refs = refs;
	header.n_refs = 1;
	header.facts_case = RIVERGATE__V1__HEADER__FACTS_ACKNOWLEDGEMENT;
	header.acknowledgement = facts;
	return pack_append(&header.base, out);
}

static bool is_about_goods(const Rivergate__V1__Finding *finding)
{
	return strcmp(finding->rule, "FACTS") == 0 && strcmp(finding->path, "goods") == 0;
}

rg_err acknowledge(const struct delivered *delivered, struct rg_bytes facts, const char *party,
	struct buf *answer, struct buf *word)
{
	const Rivergate__V1__Header *header = delivered->header;
	struct scan_answer checked;
	ProtobufCMessage *msg = NULL;
	rg_err err = scan_unpack(&rivergate__v1__acknowledgement_facts__descriptor, facts,
		delivered->arena, &checked, &msg);

	if (err || !msg) {
		return err ? err : RG_E_FORMAT;
	}
	Rivergate__V1__AcknowledgementFacts *all = (Rivergate__V1__AcknowledgementFacts *)msg;
	if (all->n_goods > 0) {
		err = pack_acknowledgement(delivered, party, all, word);
	}
	size_t n_told = 0;

	for (size_t i = 0; i < all->n_findings; i++) {
		if (all->n_goods == 0 || !is_about_goods(all->findings[i])) {
			all->findings[n_told++] = all->findings[i];
		}
	}
	all->n_findings = n_told;
	all->n_goods = 0;
	return err ? err
		   : pack_acknowledgement(delivered, is_named(header, party) ? header->from : party,
			     all, answer);
}
