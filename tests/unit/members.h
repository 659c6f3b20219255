#ifndef TESTS_UNIT_MEMBERS_H
#define TESTS_UNIT_MEMBERS_H

/*
 * A small federation for tests: three members with keys, a registry, directories
 *
 * members_init() fills messages that may be changed before members_trust() or
 * members_registry() packs and signs them. China signs with SM2.
 *
 *     cn   cn.gacc (CUSTOMS)
 *     la   la.customs (CUSTOMS), la.customs.boten (BORDER_POST), la.old (withdrawn)
 *     th   th.doa (PLANT_QUARANTINE)
 */

#include <stdio.h>
#include <string.h>

#include "registry/trust.h"
#include "sign/certificate.h"
#include "suite.h"
#include "wire/pack.h"

#define MEMBERS_N         3
#define MEMBERS_PARTIES_N 8
#define MEMBERS_NOW_US    (INT64_C(1795305600) * 1000000) /* 2026-11-22T00:00:00Z */
#define MEMBERS_YEAR_US   (INT64_C(365) * 24 * 3600 * 1000000)

enum { CN, LA, TH };

#define MEMBERS_ALGORITHM(name) RIVERGATE__V1__ALGORITHM__ALGORITHM_##name
#define MEMBERS_ROLE(name)      RIVERGATE__V1__ROLE__ROLE_##name

struct members_party {
	Rivergate__V1__Party entry;
	Rivergate__V1__Party *self;
	Rivergate__V1__Role roles[2];
	Rivergate__V1__PartyKey key;
	Rivergate__V1__PartyKey *keys[2];
	Rivergate__V1__CurveKey curve;
	Rivergate__V1__CurveKey *curves[2];
	uint8_t curve_bytes[32];
	struct key *signing;
	struct buf certificate;
};

struct members_one {
	Rivergate__V1__Member entry;
	struct key *root_key;
	struct key *governance;
	struct buf root_der;
	struct buf spki;
	struct certificate *root;
	uint8_t witness[32];
	Rivergate__V1__Directory directory;
	Rivergate__V1__Party *party_list[MEMBERS_PARTIES_N + 1];
	struct members_party parties[MEMBERS_PARTIES_N];
	Rivergate__V1__Office office;
	Rivergate__V1__Office *office_list[2];
	Rivergate__V1__CrlPolicy policy;
};

struct members {
	struct members_one all[MEMBERS_N];
	Rivergate__V1__Registry registry;
	Rivergate__V1__Member *list[MEMBERS_N + 1];
	Rivergate__V1__Router routers[2];
	Rivergate__V1__Router *router_list[2];
	uint8_t router_keys[2][3][32];
	struct key *router_key;
	Rivergate__V1__Numbers numbers;
	Rivergate__V1__ChannelRule rules[2];
	Rivergate__V1__ChannelRule *rule_list[2];
	Rivergate__V1__LegalBasis law;
	Rivergate__V1__Kind kinds[2];
	Rivergate__V1__Purpose purposes[2];
	char *from[2];
	char *to[2];
	char *parts[2];
	char *secret_from[2];
	char *secret_to[2];
	char *secret_parts[2];
};

static inline char *members_text(const char *text)
{
	return (char *)(uintptr_t)text;
}

static inline ProtobufCBinaryData members_data(const struct buf *buf)
{
	return (ProtobufCBinaryData){.len = buf->len, .data = buf->data};
}

static inline struct members_party *members_party_of(struct members *members, size_t member,
	size_t i)
{
	return &members->all[member].parties[i];
}

/* --- Filling -------------------------------------------------------------------------------- */

static inline void members_make_member(struct members_one *one, const char *cc,
	Rivergate__V1__Algorithm algorithm)
{
	ck_assert_int_eq(key_generate(algorithm, &one->root_key), RG_OK);
	ck_assert_int_eq(key_generate(algorithm, &one->governance), RG_OK);
	ck_assert_int_eq(certificate_make_root(one->root_key, cc, MEMBERS_NOW_US - MEMBERS_YEAR_US,
				 MEMBERS_NOW_US + 9 * MEMBERS_YEAR_US, &one->root_der),
		RG_OK);
	ck_assert_int_eq(certificate_parse(buf_view(&one->root_der), 0, &one->root), RG_OK);
	ck_assert_ptr_nonnull(one->root);
	ck_assert_int_eq(key_spki(one->governance, &one->spki), RG_OK);
	memset(one->witness, cc[0], sizeof(one->witness));
	rivergate__v1__member__init(&one->entry);
	one->entry.cc = members_text(cc);
	one->entry.name = members_text("a member");
	one->entry.root_certificate = members_data(&one->root_der);
	one->entry.governance_key = members_data(&one->spki);
	one->entry.governance_algorithm = algorithm;
	one->entry.witness_key = (ProtobufCBinaryData){sizeof(one->witness), one->witness};
	rivergate__v1__directory__init(&one->directory);
	one->directory.member = members_text(cc);
	one->directory.version = 1;
	one->directory.parties = one->party_list;
	one->directory.offices = one->office_list;
	rivergate__v1__crl_policy__init(&one->policy);
	one->directory.crl_policy = &one->policy;
}

/* Issues a certificate for address under the member's root into party->certificate. */
static inline void members_certify(struct members_one *one, struct members_party *party,
	const char *address)
{
	struct certificate_request request = {
		.address = address,
		.subject = party->signing,
		.not_before_us = MEMBERS_NOW_US - MEMBERS_YEAR_US,
		.not_after_us = MEMBERS_NOW_US + MEMBERS_YEAR_US,
	};

	buf_clear(&party->certificate);
	ck_assert_int_eq(certificate_issue(&request, one->root, one->root_key, &party->certificate),
		RG_OK);
	party->key.certificate = members_data(&party->certificate);
}

/* Adds a party at the end; number makes its CURVE key its own. */
static inline struct members_party *members_add_party(struct members_one *one, const char *address,
	Rivergate__V1__Role role, Rivergate__V1__Algorithm algorithm)
{
	struct members_party *party = &one->parties[one->directory.n_parties];

	rivergate__v1__party__init(&party->entry);
	party->entry.address = members_text(address);
	party->entry.name = members_text("a party");
	party->roles[0] = role;
	party->entry.roles = party->roles;
	party->entry.n_roles = 1;
	ck_assert_int_eq(key_generate(algorithm, &party->signing), RG_OK);
	rivergate__v1__party_key__init(&party->key);
	party->key.use = RIVERGATE__V1__PARTY_KEY__USE__USE_SIGNING;
	party->key.algorithm = algorithm;
	members_certify(one, party, address);
	party->keys[0] = &party->key;
	party->entry.keys = party->keys;
	party->entry.n_keys = 1;
	rivergate__v1__curve_key__init(&party->curve);
	snprintf((char *)party->curve_bytes, sizeof(party->curve_bytes), "curve %s", address);
	party->curve.key = (ProtobufCBinaryData){sizeof(party->curve_bytes), party->curve_bytes};
	party->curves[0] = &party->curve;
	party->entry.curve_keys = party->curves;
	party->entry.n_curve_keys = 1;
	one->party_list[one->directory.n_parties++] = &party->entry;
	return party;
}

static inline void members_fill_router(struct members *members, size_t i, const char *address)
{
	Rivergate__V1__Router *router = &members->routers[i];

	rivergate__v1__router__init(router);
	router->address = members_text(address);
	router->origin = members_text(i == 0 ? "rivergate.example/one" : "rivergate.example/two");
	router->endpoint = members_text("tcp://127.0.0.1:5670");
	for (size_t j = 0; j < 3; j++) {
		memset(members->router_keys[i][j], (int)(1 + i * 3 + j), 32);
	}
	router->log_key = (ProtobufCBinaryData){32, members->router_keys[i][0]};
	router->router_key = (ProtobufCBinaryData){32, members->router_keys[i][1]};
	router->curve_key = (ProtobufCBinaryData){32, members->router_keys[i][2]};
	members->router_list[i] = router;
}

static inline void members_fill_rule(struct members *members, size_t i, const char *name,
	char **from, char **to)
{
	Rivergate__V1__ChannelRule *rule = &members->rules[i];

	rivergate__v1__channel_rule__init(rule);
	rule->name = members_text(name);
	rule->from = from;
	rule->n_from = 1;
	rule->to = to;
	rule->n_to = 1;
	rule->kinds = members->kinds;
	rule->n_kinds = 1;
	rule->legal_basis = &members->law;
	rule->valid_from = members_text("2020-02-29");
	members->rule_list[i] = rule;
}

static inline void members_fill_registry(struct members *members)
{
	rivergate__v1__registry__init(&members->registry);
	members->registry.version = 1;
	for (size_t i = 0; i < MEMBERS_N; i++) {
		members->list[i] = &members->all[i].entry;
	}
	members->registry.members = members->list;
	members->registry.n_members = MEMBERS_N;
	members_fill_router(members, 0, "router.one");
	members_fill_router(members, 1, "router.two");
	ck_assert_int_eq(key_generate(MEMBERS_ALGORITHM(ED25519), &members->router_key), RG_OK);
	ck_assert_int_eq(key_ed25519_raw(members->router_key, members->router_keys[0][1]), RG_OK);
	members->registry.routers = members->router_list;
	members->registry.n_routers = 2;
	rivergate__v1__numbers__init(&members->numbers);
	members->registry.numbers = &members->numbers;

	rivergate__v1__legal_basis__init(&members->law);
	members->law.instrument = members_text("Agreement on the exchange of declarations");
	members->law.article = members_text("4");
	members->kinds[0] = RIVERGATE__V1__KIND__KIND_DECLARATION;
	members->purposes[0] = RIVERGATE__V1__PURPOSE__PURPOSE_ADVANCE;
	members->from[0] = members_text("la");
	members->to[0] = members_text("cn");
	members->parts[0] = members_text("customs");
	members_fill_rule(members, 0, "la-cn", members->from, members->to);
	members->rules[0].parts = members->parts;
	members->rules[0].n_parts = 1;
	members->rules[0].purposes = members->purposes;
	members->rules[0].n_purposes = 1;
	members->secret_from[0] = members_text("la.customs");
	members->secret_to[0] = members_text("th");
	members->secret_parts[0] = members_text("customs");
	members->secret_parts[1] = members_text("native");
	members_fill_rule(members, 1, "la-th-secret", members->secret_from, members->secret_to);
	members->rules[1].parts = members->secret_parts;
	members->rules[1].n_parts = 2;
	members->rules[1].encryption_required = true;
	members->registry.rules = members->rule_list;
	members->registry.n_rules = 2;
}

static inline void members_init(struct members *members)
{
	*members = (struct members){.kinds = {0}};
	members_make_member(&members->all[CN], "cn", MEMBERS_ALGORITHM(SM2_SM3));
	members_make_member(&members->all[LA], "la", MEMBERS_ALGORITHM(ECDSA_P256_SHA256));
	members_make_member(&members->all[TH], "th", MEMBERS_ALGORITHM(ED25519));
	members_add_party(&members->all[CN], "cn.gacc", MEMBERS_ROLE(CUSTOMS),
		MEMBERS_ALGORITHM(SM2_SM3));
	members_add_party(&members->all[LA], "la.customs", MEMBERS_ROLE(CUSTOMS),
		MEMBERS_ALGORITHM(ECDSA_P256_SHA256));
	members_add_party(&members->all[LA], "la.customs.boten", MEMBERS_ROLE(BORDER_POST),
		MEMBERS_ALGORITHM(ED25519));
	members_add_party(&members->all[LA], "la.old", MEMBERS_ROLE(CUSTOMS),
		MEMBERS_ALGORITHM(ECDSA_P256_SHA256))
		->entry.withdrawn = true;
	members_add_party(&members->all[TH], "th.doa", MEMBERS_ROLE(PLANT_QUARANTINE),
		MEMBERS_ALGORITHM(ED25519));
	members_fill_registry(members);
}

static inline void members_deinit(struct members *members)
{
	for (size_t i = 0; i < MEMBERS_N; i++) {
		struct members_one *one = &members->all[i];

		key_free(one->root_key);
		key_free(one->governance);
		certificate_free(one->root);
		buf_deinit(&one->root_der);
		buf_deinit(&one->spki);
		for (size_t j = 0; j < MEMBERS_PARTIES_N; j++) {
			key_free(one->parties[j].signing);
			buf_deinit(&one->parties[j].certificate);
		}
	}
	key_free(members->router_key);
}

/* --- Packing and signing -------------------------------------------------------------------- */

static inline Rivergate__V1__Governed *members_pack(const ProtobufCMessage *message)
{
	scoped(buf_deinit) struct buf content = {0};
	Rivergate__V1__Governed *governed = NULL;

	ck_assert_int_eq(pack_append(message, &content), RG_OK);
	ck_assert_int_eq(governance_new(buf_view(&content), &governed), RG_OK);
	return governed;
}

/* The registry, signed by the members whose bits are set. */
static inline Rivergate__V1__Governed *members_registry(struct members *members, unsigned signers)
{
	Rivergate__V1__Governed *governed = members_pack(&members->registry.base);

	for (size_t i = 0; i < MEMBERS_N; i++) {
		if (signers >> i & 1) {
			ck_assert_int_eq(governance_sign(governed, GOVERNANCE_CONTEXT_REGISTRY,
						 members->all[i].entry.cc,
						 members->all[i].governance),
				RG_OK);
		}
	}
	return governed;
}

/* A member's directory as it stands, signed by the member. */
static inline Rivergate__V1__Governed *members_directory(struct members *members, size_t i)
{
	struct members_one *one = &members->all[i];
	Rivergate__V1__Governed *governed = members_pack(&one->directory.base);

	ck_assert_int_eq(governance_sign(governed, GOVERNANCE_CONTEXT_DIRECTORY,
				 one->directory.member, one->governance),
		RG_OK);
	return governed;
}

/* Replaces *trust; fails the test when refused. */
static inline void members_apply(struct trust **trust, const Rivergate__V1__Governed *directory)
{
	struct governance_answer answer;
	struct trust *next;

	ck_assert_int_eq(trust_apply_directory(*trust, directory, 7, &next, &answer), RG_OK);
	ck_assert_msg(next != NULL, "%s: %s", answer.path, answer.text);
	trust_unref(*trust);
	*trust = next;
}

/* Registry and all directories in force. */
static inline struct trust *members_trust(struct members *members)
{
	scoped(governance_freep) Rivergate__V1__Governed *registry =
		members_registry(members, (1U << MEMBERS_N) - 1);
	struct governance_answer answer;
	struct trust *trust;
	uint8_t pin[32];

	ck_assert_int_eq(governance_hash(registry, pin), RG_OK);
	ck_assert_int_eq(trust_new(registry, pin, 1, &trust, &answer), RG_OK);
	ck_assert_msg(trust != NULL, "%s: %s", answer.path, answer.text);
	for (size_t i = 0; i < MEMBERS_N; i++) {
		scoped(governance_freep) Rivergate__V1__Governed *directory =
			members_directory(members, i);

		members_apply(&trust, directory);
	}
	return trust;
}

#endif
