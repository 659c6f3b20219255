#ifndef TESTS_UNIT_DOCUMENTS_KIT_H
#define TESTS_UNIT_DOCUMENTS_KIT_H

/*
 * Certificates in the window of a test: la.plants and th.doa certify, China asks for papers
 *
 * documents_kit_init() takes what the rule of cn.plants demands, as JSON, and what the profile
 * says beside its rules ("": nothing). th.revenue may send its declarations to cn and la.
 */

#include "rules/rows.h"
#include "window_kit.h"

#define KIT_MEDIUM(name) RIVERGATE__V1__MEDIUM__MEDIUM_##name
#define KIT_SAYS(name)   RIVERGATE__V1__CERTIFICATE_STATUS_FACTS__STATUS__STATUS_##name

static inline void documents_kit_init(struct window_kit *kit, const char *demands,
	const char *beside)
{
	char china[4096];
	struct members *members = &kit->members;

	window_kit_fill(kit);
	members_add_party(&members->all[LA], "la.plants", MEMBERS_ROLE(CERTIFIER),
		MEMBERS_ALGORITHM(ED25519));
	members_add_party(&members->all[TH], "th.revenue", MEMBERS_ROLE(CUSTOMS),
		MEMBERS_ALGORITHM(ED25519));
	members->all[TH].parties[0].roles[1] = MEMBERS_ROLE(CERTIFIER);
	members->all[TH].parties[0].entry.n_roles = 2;
	members->secret_from[0] = members_text("th");
	members->secret_to[0] = members_text("cn");
	members->secret_to[1] = members_text("la");
	members->rules[1].n_to = 2;
	members->rules[1].encryption_required = false;
	ck_assert_int_lt(
		snprintf(china, sizeof(china),
			"{\"member\":\"cn\",\"version\":\"1\",\"rules\":[{\"id\":\"fruit\","
			"\"authority\":\"cn.plants\",\"role\":\"AUTHORITY_ROLE_DECIDES\","
			"\"regimes\":[\"REGIME_IMPORT\"],\"goods\":{\"hs\":[\"08\",\"10\",\"44\"]},"
			"\"documents\":[%s],\"targetUs\":\"86400000000\","
			"\"legalBasis\":{\"instrument\":\"Law on Quarantine\",\"article\":\"12\"},"
			"\"source\":\"official gazette\"}]%s}",
			demands, beside),
		sizeof(china));
	window_kit_open(kit, china);
}

/* --- Certificates ---------------------------------------------------------------------------- */

/* For fresh fruit of chapter 08 of the sender's country, to China; medium: its issuer's message. */
static inline Rivergate__V1__CertificateFacts *kit_certificate(struct window_kit *kit,
	const char *type, const char *country, const char *number, int64_t kilograms)
{
	Rivergate__V1__CertificateFacts *facts = arena_alloc(kit->arena, sizeof(*facts));
	Rivergate__V1__CertifiedGoods *goods = arena_alloc(kit->arena, sizeof(*goods));

	ck_assert(facts && goods);
	rivergate__v1__certificate_facts__init(facts);
	rivergate__v1__certified_goods__init(goods);
	goods->hs = members_text("08");
	goods->quantity = kilograms ? kit_quantity(kit, kilograms) : NULL;
	facts->type = members_text(type);
	facts->issuer_country = members_text(country);
	facts->number = members_text(number);
	facts->importing_country = members_text("CN");
	facts->medium = KIT_MEDIUM(ISSUER_MESSAGE);
	facts->goods = arena_alloc(kit->arena, sizeof(Rivergate__V1__CertifiedGoods *));
	ck_assert_ptr_nonnull(facts->goods);
	facts->goods[facts->n_goods++] = goods;
	return facts;
}

static inline void kit_certify(struct window_kit *kit, const char *from,
	Rivergate__V1__CertificateFacts *facts)
{
	Rivergate__V1__Header *header = kit_header(kit, KIT_KIND(CERTIFICATE), from, "");

	header->facts_case = RIVERGATE__V1__HEADER__FACTS_CERTIFICATE;
	header->certificate = facts;
	kit_take(kit, header);
}

/* quantity NULL: as certified. */
static inline void kit_say(struct window_kit *kit, const char *from,
	const Rivergate__V1__CertificateFacts *facts,
	Rivergate__V1__CertificateStatusFacts__Status status, Rivergate__V1__Quantity *quantity)
{
	Rivergate__V1__Header *header = kit_header(kit, KIT_KIND(CERTIFICATE_STATUS), from, "");
	Rivergate__V1__CertificateStatusFacts *said = arena_alloc(kit->arena, sizeof(*said));

	ck_assert_ptr_nonnull(said);
	rivergate__v1__certificate_status_facts__init(said);
	said->type = facts->type;
	said->issuer_country = facts->issuer_country;
	said->number = facts->number;
	said->status = status;
	said->quantity = quantity;
	header->facts_case = RIVERGATE__V1__HEADER__FACTS_CERTIFICATE_STATUS;
	header->certificate_status = said;
	kit_take(kit, header);
}

/* One more thing in a list of texts. */
static inline void kit_add_text(struct window_kit *kit, char ***texts, size_t *n, const char *text)
{
	ck_assert_int_eq(rows_append(kit->arena, texts, n, members_text(text)), RG_OK);
}

/* The declaration relies on the certificate; quantity NULL: with its goods. */
static inline void kit_rely(struct window_kit *kit, Rivergate__V1__Header *declaration,
	const Rivergate__V1__CertificateFacts *facts, Rivergate__V1__Quantity *quantity)
{
	Rivergate__V1__DocumentRef *ref = arena_alloc(kit->arena, sizeof(*ref));

	ck_assert_ptr_nonnull(ref);
	rivergate__v1__document_ref__init(ref);
	ref->type = facts->type;
	ref->number = facts->number;
	ref->issuer_country = facts->issuer_country;
	ref->quantity = quantity;
	ck_assert_int_eq(rows_append(kit->arena, &declaration->documents, &declaration->n_documents,
				 ref),
		RG_OK);
}

/* --- Establishments -------------------------------------------------------------------------- */

static inline Rivergate__V1__EstablishmentRef *kit_establishment(struct window_kit *kit,
	Rivergate__V1__EstablishmentKind kind, const char *country, const char *number)
{
	Rivergate__V1__EstablishmentRef *one = arena_alloc(kit->arena, sizeof(*one));

	ck_assert_ptr_nonnull(one);
	rivergate__v1__establishment_ref__init(one);
	one->kind = kind;
	one->country = members_text(country);
	one->number = members_text(number);
	return one;
}

static inline void kit_rest_on(struct window_kit *kit, Rivergate__V1__CertificateFacts *facts,
	Rivergate__V1__EstablishmentRef *one)
{
	ck_assert_int_eq(rows_append(kit->arena, &facts->establishments, &facts->n_establishments,
				 one),
		RG_OK);
}

/* A version of a list with this one entry. */
static inline void kit_list_as(struct window_kit *kit, const char *from,
	Rivergate__V1__EstablishmentRef *one, Rivergate__V1__EstablishmentListFacts__State state,
	const char *list, const char *version)
{
	Rivergate__V1__Header *header = kit_header(kit, KIT_KIND(ESTABLISHMENT_LIST), from, "");
	Rivergate__V1__EstablishmentListFacts *facts = arena_alloc(kit->arena, sizeof(*facts));
	Rivergate__V1__EstablishmentListFacts__Entry *entry =
		arena_alloc(kit->arena, sizeof(*entry));

	ck_assert(facts && entry);
	rivergate__v1__establishment_list_facts__init(facts);
	rivergate__v1__establishment_list_facts__entry__init(entry);
	entry->establishment = one;
	entry->state = state;
	facts->list = members_text(list);
	facts->version = members_text(version);
	ck_assert_int_eq(rows_append(kit->arena, &facts->entries, &facts->n_entries, entry), RG_OK);
	header->facts_case = RIVERGATE__V1__HEADER__FACTS_ESTABLISHMENT_LIST;
	header->establishment_list = facts;
	kit_take(kit, header);
}

/* A list with this one entry; from_us 0: from now on. */
static inline void kit_list(struct window_kit *kit, const char *from,
	Rivergate__V1__EstablishmentRef *one, Rivergate__V1__EstablishmentListFacts__State state,
	Rivergate__V1__AppliesTo applies_to, int64_t from_us)
{
	Rivergate__V1__Header *header = kit_header(kit, KIT_KIND(ESTABLISHMENT_LIST), from, "");
	Rivergate__V1__EstablishmentListFacts *facts = arena_alloc(kit->arena, sizeof(*facts));
	Rivergate__V1__EstablishmentListFacts__Entry *entry =
		arena_alloc(kit->arena, sizeof(*entry));

	ck_assert(facts && entry);
	rivergate__v1__establishment_list_facts__init(facts);
	rivergate__v1__establishment_list_facts__entry__init(entry);
	entry->establishment = one;
	entry->state = state;
	entry->applies_to = applies_to;
	entry->effective_from_us = from_us;
	ck_assert_int_eq(rows_append(kit->arena, &facts->entries, &facts->n_entries, entry), RG_OK);
	header->facts_case = RIVERGATE__V1__HEADER__FACTS_ESTABLISHMENT_LIST;
	header->establishment_list = facts;
	kit_take(kit, header);
}

/* --- What came of it -------------------------------------------------------------------------- */

/* Whether somebody in this leg's plan still misses a document of the type. */
static inline bool kit_misses_in(const Rivergate__V1__PlanFacts *plan, size_t leg, const char *type)
{
	for (size_t i = 0; leg < plan->n_legs && i < plan->legs[leg]->n_entries; i++) {
		const Rivergate__V1__PlanEntry *entry = plan->legs[leg]->entries[i];

		for (size_t j = 0; j < entry->n_outstanding; j++) {
			if (strcmp(entry->outstanding[j], type) == 0) {
				return true;
			}
		}
	}
	return false;
}

static inline bool kit_misses(struct window_kit *kit, const char *ucr, const char *party,
	size_t leg, const char *type)
{
	const struct window_question question = {ucr, party, kit->trust, kit->now_us};
	Rivergate__V1__PlanFacts *plan = NULL;
	Rivergate__V1__StatusFacts *status = NULL;

	ck_assert_int_eq(window_view(kit->window, &question, kit->arena, &plan, &status), RG_OK);
	ck_assert_ptr_nonnull(plan);
	return kit_misses_in(plan, leg, type);
}

/* Text of a finding; "": there is none. */
static inline const char *kit_finding(struct window_kit *kit, const char *ucr, const char *party,
	const char *rule)
{
	const Rivergate__V1__StatusFacts *status = kit_status(kit, ucr, party);

	for (size_t i = 0; status && i < status->n_findings; i++) {
		if (strcmp(status->findings[i]->rule, rule) == 0) {
			return status->findings[i]->text;
		}
	}
	return "";
}

static inline rg_err kit_count_row(void *context, struct rg_bytes rest, bool *ret_goes_on)
{
	(void)rest;
	++*(size_t *)context;
	*ret_goes_on = true;
	return RG_OK;
}

/* Rows of certificates and establishments. */
static inline size_t kit_count_rows(struct window_kit *kit)
{
	static const enum rows_table tables[] = {ROWS_CERTIFICATE, ROWS_ESTABLISHMENT,
		ROWS_RESTS_ON};
	size_t n = 0;

	for (size_t i = 0; i < 3; i++) {
		scoped(buf_deinitv) struct buf prefix = {.data = NULL};
		const struct rows_sink sink = {kit_count_row, &n};

		rows_key(&prefix, tables[i], "");
		ck_assert_int_eq(rows_walk(&kit->store, &prefix, &sink), RG_OK);
	}
	return n;
}

#endif
