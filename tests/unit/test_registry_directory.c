/*
 * Directories: what is refused, where, and how versions follow each other. Every row
 * changes one thing in a directory that is accepted as it stands.
 */

#include <stdlib.h>

#include "members.h"

static void member_unknown(struct members *m)
{
	m->all[LA].directory.member = members_text("vn");
	m->all[LA].directory.n_parties = 0;
}
static void member_invalid(struct members *m)
{
	m->all[LA].directory.member = members_text("l");
}
static void version_zero(struct members *m)
{
	m->all[LA].directory.version = 0;
}
static void version_in_force(struct members *m)
{
	m->all[LA].directory.version = 1;
}
static void parties_out_of_order(struct members *m)
{
	m->all[LA].party_list[0] = &members_party_of(m, LA, 1)->entry;
	m->all[LA].party_list[1] = &members_party_of(m, LA, 0)->entry;
}
static void party_twice(struct members *m)
{
	m->all[LA].party_list[1] = m->all[LA].party_list[0];
}
static void address_invalid(struct members *m)
{
	members_party_of(m, LA, 0)->entry.address = members_text("la.Customs");
}
static void address_of_another_member(struct members *m)
{
	members_party_of(m, LA, 0)->entry.address = members_text("cn.customs");
}
static void party_without_name(struct members *m)
{
	members_party_of(m, LA, 0)->entry.name = members_text("");
}
static void role_none(struct members *m)
{
	members_party_of(m, LA, 0)->roles[0] = MEMBERS_ROLE(UNSPECIFIED);
}
static void role_twice(struct members *m)
{
	members_party_of(m, LA, 0)->roles[1] = members_party_of(m, LA, 0)->roles[0];
	members_party_of(m, LA, 0)->entry.n_roles = 2;
}
static void use_none(struct members *m)
{
	members_party_of(m, LA, 0)->key.use = RIVERGATE__V1__PARTY_KEY__USE__USE_UNSPECIFIED;
}
static void use_is_encryption(struct members *m)
{
	members_party_of(m, LA, 0)->key.use = RIVERGATE__V1__PARTY_KEY__USE__USE_ENCRYPTION;
}
static void algorithm_none(struct members *m)
{
	members_party_of(m, LA, 0)->key.algorithm = MEMBERS_ALGORITHM(UNSPECIFIED);
}
static void algorithm_differs(struct members *m)
{
	members_party_of(m, LA, 0)->key.algorithm = MEMBERS_ALGORITHM(ED25519);
}
static void certificate_cut(struct members *m)
{
	members_party_of(m, LA, 0)->key.certificate.len--;
}
static void certificate_empty(struct members *m)
{
	members_party_of(m, LA, 0)->key.certificate.len = 0;
}
static void certificate_for_another(struct members *m)
{
	members_certify(&m->all[LA], members_party_of(m, LA, 0), "la.customs.boten");
}
static void certificate_by_another_root(struct members *m)
{
	members_certify(&m->all[TH], members_party_of(m, LA, 0), "la.customs");
}
static void certificate_is_root(struct members *m)
{
	members_party_of(m, LA, 0)->key.certificate = members_data(&m->all[LA].root_der);
}
static void signing_keys_equal(struct members *m)
{
	struct members_party *other = members_party_of(m, LA, 1);

	key_free(other->signing);
	other->signing = NULL;
	other->signing = steal(members_party_of(m, LA, 0)->signing);
	other->key.algorithm = MEMBERS_ALGORITHM(ECDSA_P256_SHA256);
	members_certify(&m->all[LA], other, "la.customs.boten");
}
static void key_listed_twice(struct members *m)
{
	members_party_of(m, LA, 0)->keys[1] = members_party_of(m, LA, 0)->keys[0];
	members_party_of(m, LA, 0)->entry.n_keys = 2;
}
static void curve_key_short(struct members *m)
{
	members_party_of(m, LA, 0)->curve.key.len = 31;
}
static void curve_keys_equal(struct members *m)
{
	members_party_of(m, LA, 1)->curve.key = members_party_of(m, LA, 0)->curve.key;
}
static void curve_key_of_another_member(struct members *m)
{
	members_party_of(m, LA, 0)->curve.key = members_party_of(m, CN, 0)->curve.key;
}
static void curve_key_of_a_router(struct members *m)
{
	members_party_of(m, LA, 0)->curve.key = m->routers[1].curve_key;
}
static void curve_key_is_a_log_key(struct members *m)
{
	members_party_of(m, LA, 0)->curve.key = m->routers[0].log_key;
}
static void curve_dates_reversed(struct members *m)
{
	members_party_of(m, LA, 0)->curve.valid_from_us = 9;
	members_party_of(m, LA, 0)->curve.valid_until_us = 8;
}
static void curve_date_negative(struct members *m)
{
	members_party_of(m, LA, 0)->curve.valid_from_us = -1;
}
static void add_office(struct members *m)
{
	struct members_one *one = &m->all[LA];

	rivergate__v1__office__init(&one->office);
	one->office.code = members_text("LA01");
	one->office.party = members_text("la.customs.boten");
	one->office_list[one->directory.n_offices++] = &one->office;
}
static void office_without_code(struct members *m)
{
	add_office(m);
	m->all[LA].office.code = members_text("");
}
static void office_twice(struct members *m)
{
	add_office(m);
	add_office(m);
}
static void office_of_nobody(struct members *m)
{
	add_office(m);
	m->all[LA].office.party = members_text("la.nobody");
}
static void office_of_a_withdrawn_party(struct members *m)
{
	add_office(m);
	m->all[LA].office.party = members_text("la.old");
}
static void office_unlocode_invalid(struct members *m)
{
	add_office(m);
	m->all[LA].office.unlocode = members_text("LABO");
}
static void office_offset_invalid(struct members *m)
{
	add_office(m);
	m->all[LA].office.utc_offset_minutes = 14 * 60 + 1;
}
static void age_negative(struct members *m)
{
	m->all[LA].policy.max_age_us = -1;
}

static const struct {
	void (*change)(struct members *members);
	const char *path;
} contradictions[] = {
	{member_unknown, "member"},
	{member_invalid, "member"},
	{version_zero, "version"},
	{version_in_force, "version"},
	{parties_out_of_order, "parties[1].address"},
	{party_twice, "parties[1].address"},
	{address_invalid, "parties[0].address"},
	{address_of_another_member, "parties[0].address"},
	{party_without_name, "parties[0].name"},
	{role_none, "parties[0].roles"},
	{role_twice, "parties[0].roles"},
	{use_none, "parties[0].keys[0].use"},
	{use_is_encryption, "parties[0].keys[0].certificate"},
	{algorithm_none, "parties[0].keys[0].algorithm"},
	{algorithm_differs, "parties[0].keys[0].algorithm"},
	{certificate_cut, "parties[0].keys[0].certificate"},
	{certificate_empty, "parties[0].keys[0].certificate"},
	{certificate_for_another, "parties[0].keys[0].certificate"},
	{certificate_by_another_root, "parties[0].keys[0].certificate"},
	{certificate_is_root, "parties[0].keys[0].certificate"},
	{signing_keys_equal, "parties[1].keys[0].certificate"},
	{key_listed_twice, "parties[0].keys[1].certificate"},
	{curve_key_short, "parties[0].curve_keys[0].key"},
	{curve_keys_equal, "parties[1].curve_keys[0]"},
	{curve_key_of_another_member, "parties[0].curve_keys[0]"},
	{curve_key_of_a_router, "parties[0].curve_keys[0]"},
	{curve_key_is_a_log_key, "parties[0].curve_keys[0]"},
	{curve_dates_reversed, "parties[0].curve_keys[0].valid_until_us"},
	{curve_date_negative, "parties[0].curve_keys[0]"},
	{office_without_code, "offices[0].code"},
	{office_twice, "offices[1].code"},
	{office_of_nobody, "offices[0].party"},
	{office_of_a_withdrawn_party, "offices[0].party"},
	{office_unlocode_invalid, "offices[0].unlocode"},
	{office_offset_invalid, "offices[0].utc_offset_minutes"},
	{age_negative, "crl_policy.max_age_us"},
};

START_TEST(every_contradiction_in_a_directory_is_refused_with_its_path)
{
	for (size_t i = 0; i < sizeof(contradictions) / sizeof(contradictions[0]); i++) {
		scoped(members_deinit) struct members members;
		scoped(trust_unrefp) struct trust *trust = NULL;
		scoped(governance_freep) Rivergate__V1__Governed *directory = NULL;
		struct governance_answer answer;
		struct trust *next;

		members_init(&members);
		trust = members_trust(&members);
		members.all[LA].directory.version = 2;
		contradictions[i].change(&members);
		directory = members_directory(&members, LA);
		ck_assert_int_eq(trust_apply_directory(trust, directory, 9, &next, &answer), RG_OK);
		ck_assert_msg(!next && !answer.is_ok, "row %zu", i);
		ck_assert_msg(strcmp(answer.path, contradictions[i].path) == 0, "row %zu: %s: %s",
			i, answer.path, answer.text);
		ck_assert_uint_eq(trust_directory_index(trust, "la"), 7);
	}
}
END_TEST

START_TEST(new_version_replaces_and_the_old_trust_stays)
{
	scoped(members_deinit) struct members members;
	scoped(trust_unrefp) struct trust *trust = NULL;
	scoped(trust_unrefp) struct trust *old = NULL;
	scoped(governance_freep) Rivergate__V1__Governed *first = NULL;
	scoped(governance_freep) Rivergate__V1__Governed *second = NULL;

	members_init(&members);
	trust = members_trust(&members);
	old = trust_ref(trust);
	first = members_directory(&members, LA);
	ck_assert(trust_has_directory(trust, first));
	members.all[LA].directory.version = 2;
	members_party_of(&members, LA, 1)->entry.withdrawn = true;
	second = members_directory(&members, LA);
	members_apply(&trust, second);
	ck_assert(trust_has_directory(trust, second));
	ck_assert(!trust_has_directory(trust, first));
	ck_assert_ptr_null(trust_party_at(trust, "la.customs.boten"));
	ck_assert_ptr_nonnull(trust_party_at(old, "la.customs.boten"));
	ck_assert_uint_eq(trust_directory(trust, "la")->version, 2);
	ck_assert_uint_eq(trust_directory(old, "la")->version, 1);
	ck_assert_ptr_eq(trust_directory(old, "cn"), trust_directory(trust, "cn"));
}
END_TEST

START_TEST(directory_not_signed_by_its_member_alone_is_refused)
{
	scoped(members_deinit) struct members members;
	scoped(trust_unrefp) struct trust *trust = NULL;
	static const size_t signers[][2] = {{TH, TH}, {LA, TH}};
	struct governance_answer answer;
	struct trust *next;

	members_init(&members);
	trust = members_trust(&members);
	members.all[LA].directory.version = 2;
	for (size_t i = 0; i < 4; i++) {
		scoped(governance_freep) Rivergate__V1__Governed *directory =
			members_pack(&members.all[LA].directory.base);

		/* Nobody; another member; the member and another; the member with another's key. */
		for (size_t j = 0; i > 0 && i < 3 && j < 2; j++) {
			struct members_one *signer = &members.all[signers[i - 1][j]];

			ck_assert_int_eq(governance_sign(directory, GOVERNANCE_CONTEXT_DIRECTORY,
						 signer->entry.cc, signer->governance),
				RG_OK);
		}
		if (i == 3) {
			ck_assert_int_eq(governance_sign(directory, GOVERNANCE_CONTEXT_DIRECTORY,
						 "la", members.all[TH].governance),
				RG_OK);
		}
		ck_assert_int_eq(trust_apply_directory(trust, directory, 9, &next, &answer), RG_OK);
		ck_assert_msg(!next, "row %zu", i);
		ck_assert_msg(strncmp(answer.path, "signatures", 10) == 0, "%s", answer.path);
	}
}
END_TEST

START_TEST(signature_for_a_registry_does_not_pass_for_a_directory)
{
	scoped(members_deinit) struct members members;
	scoped(trust_unrefp) struct trust *trust = NULL;
	scoped(governance_freep) Rivergate__V1__Governed *directory = NULL;
	struct governance_answer answer;
	struct trust *next;

	members_init(&members);
	trust = members_trust(&members);
	members.all[LA].directory.version = 2;
	directory = members_pack(&members.all[LA].directory.base);
	ck_assert_int_eq(governance_sign(directory, GOVERNANCE_CONTEXT_REGISTRY, "la",
				 members.all[LA].governance),
		RG_OK);
	ck_assert_int_eq(trust_apply_directory(trust, directory, 9, &next, &answer), RG_OK);
	ck_assert_ptr_null(next);
	ck_assert_str_eq(answer.path, "signatures[0]");
}
END_TEST

START_TEST(content_that_is_no_directory_is_refused)
{
	scoped(members_deinit) struct members members;
	scoped(trust_unrefp) struct trust *trust = NULL;
	static const char *const contents[] = {"", "\x0a", "\xff\xff", "\x0a\x02la\x0a\x02la",
		"\x10\x81\x00"};
	struct governance_answer answer;
	struct trust *next;

	members_init(&members);
	trust = members_trust(&members);
	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		scoped(governance_freep) Rivergate__V1__Governed *directory = NULL;

		ck_assert_int_eq(governance_new(bytes_of_text(contents[i]), &directory), RG_OK);
		ck_assert_int_eq(trust_apply_directory(trust, directory, 9, &next, &answer), RG_OK);
		ck_assert_msg(!next && !answer.is_ok, "row %zu", i);
	}
}
END_TEST

CHECK_MAIN("registry_directory", every_contradiction_in_a_directory_is_refused_with_its_path,
	new_version_replaces_and_the_old_trust_stays,
	directory_not_signed_by_its_member_alone_is_refused,
	signature_for_a_registry_does_not_pass_for_a_directory,
	content_that_is_no_directory_is_refused)
