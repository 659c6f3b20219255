/*
 * Derived messages: see derived.h.
 *
 * Threads: any.
 */
#include "evidence/derived.h"

#include <stdio.h>
#include <string.h>

#include "sign/signature.h"
#include "wire/pack.h"

void derived_lineage_of(const Rivergate__V1__Origin *origin, struct derived_lineage *ret_lineage)
{
	size_t n = origin->n_ancestors;

	ret_lineage->n_ancestors = n < DERIVED_ANCESTORS_MAX ? n : DERIVED_ANCESTORS_MAX;
	(void)snprintf(ret_lineage->origin, sizeof(ret_lineage->origin), "%s", origin->origin);
	for (size_t i = 0; i < ret_lineage->n_ancestors; i++) {
		(void)snprintf(ret_lineage->ancestors[i].origin,
			sizeof(ret_lineage->ancestors[i].origin), "%s",
			origin->ancestors[i]->origin);
		ret_lineage->ancestors[i].size = origin->ancestors[i]->size;
	}
}

const char *derived_origin_at(const struct derived_lineage *lineage, uint64_t cause)
{
	for (size_t i = 0; i < lineage->n_ancestors; i++) {
		if (cause < lineage->ancestors[i].size) {
			return lineage->ancestors[i].origin;
		}
	}
	return lineage->origin;
}

rg_err derived_id(const struct derived *derived, uint8_t ret_id[16])
{
	scoped(buf_deinitv) struct buf content = {.data = NULL};
	uint8_t hash[32];

	buf_add_text(&content, "rivergate/v1 derived\n");
	buf_add_text(&content, derived->origin);
	buf_add_u64(&content, derived->cause);
	buf_add_u32(&content, derived->kind);
	buf_add_text(&content, derived->to);
	buf_add_u32(&content, derived->ordinal);
	rg_err err = buf_error(&content);

	if (!err) {
		err = signature_hash(buf_view(&content), hash);
	}
	if (err) {
		return err;
	}
	hash[6] = (uint8_t)((hash[6] & 0x0f) | 0x80); /* version 8 */
	hash[8] = (uint8_t)((hash[8] & 0x3f) | 0x80); /* variant 2 */
	memcpy(ret_id, hash, 16);
	return RG_OK;
}

rg_err derived_header(const struct derived *derived, const struct derived_cause *cause,
	struct buf *out)
{
	Rivergate__V1__Header header = RIVERGATE__V1__HEADER__INIT;
	Rivergate__V1__ExpiryFacts facts = RIVERGATE__V1__EXPIRY_FACTS__INIT;
	Rivergate__V1__Ref ref = RIVERGATE__V1__REF__INIT;
	Rivergate__V1__Ref *refs[] = {&ref};
	char *to[] = {(char *)derived->to};
	uint8_t id[16];
	rg_err err = derived_id(derived, id);

	if (err) {
		return err;
	}
	ref.from = cause->header->from;
	ref.id = cause->header->id;
	ref.header_hash = (ProtobufCBinaryData){.len = 32, .data = (uint8_t *)cause->header_hash};
	ref.relation = RIVERGATE__V1__RELATION__RELATION_CAUSED_BY;
	facts.destination = (char *)derived->about;
	facts.expired_at_us = derived->since_us;
	header.id = (ProtobufCBinaryData){.len = sizeof(id), .data = id};
	header.from = (char *)derived->router;
	header.n_to = 1;
	header.to = to;
	header.kind = (Rivergate__V1__Kind)derived->kind;
	header.ucr = cause->header->ucr;
	header.n_refs = 1;
	header.refs = refs;
	header.facts_case = RIVERGATE__V1__HEADER__FACTS_EXPIRY;
	header.expiry = &facts;
	header.sent_at_us = cause->time_us;
	return pack_append(&header.base, out);
}
