/*
 * Governance files: what is refused, where, and that nothing else is. Every row of the
 * tables changes one thing in a federation that is accepted as it stands.
 */

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "members.h"
#include "registry/address.h"
#include "registry/form.h"
#include "wire/pack.h"

#define ALL ((1U << MEMBERS_N) - 1)

/* --- Addresses and dates -------------------------------------------------------------------- */

START_TEST(addresses_have_two_to_six_labels)
{
	static const char *const good[] = {"la.customs", "la.customs.boten", "cn.gacc.mohan", "a.b",
		"router.mekong", "a.b.c.d.e.f", "la.a-b", "la.4",
		"la.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	static const char *const bad[] = {"", "la", "la.", ".la", "la..customs", "la.Customs",
		"la.customs.", "la.-a", "la.a-", "la.a_b", "la.a b", "a.b.c.d.e.f.g",
		"la.k\xc3\xb3", "la.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
		"la.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa."
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert_msg(address_is_valid(good[i]), "%s", good[i]);
		ck_assert(address_prefix_is_valid(good[i]));
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(!address_is_valid(bad[i]), "%s", bad[i]);
	}
	ck_assert(address_prefix_is_valid("la"));
	ck_assert(!address_prefix_is_valid("lao"));
	ck_assert(!address_prefix_is_valid("L2"));
	ck_assert(!address_prefix_is_valid(""));
}
END_TEST

START_TEST(prefix_matches_whole_labels_only)
{
	ck_assert(address_has_prefix("la.customs.boten", "la.customs"));
	ck_assert(address_has_prefix("la.customs", "la.customs"));
	ck_assert(address_has_prefix("la.customs", "la"));
	ck_assert(!address_has_prefix("la.customsx", "la.customs"));
	ck_assert(!address_has_prefix("la.customs", "la.customs.boten"));
	ck_assert(!address_has_prefix("lao.customs", "la"));
	ck_assert(!address_has_prefix("la.customs", ""));
	ck_assert(address_is_of_member("la.customs", "la"));
	ck_assert(!address_is_of_member("lb.customs", "la"));
	ck_assert(!address_is_of_member("la", "la"));
	ck_assert(!address_is_of_member("la.customs", "la.customs"));
}
END_TEST

START_TEST(dates_are_those_of_the_calendar)
{
	static const struct {
		const char *text;
		int64_t day;
	} good[] = {{"1970-01-01", 0}, {"1969-12-31", -1}, {"2000-02-29", 11016},
		{"2026-11-21", 20778}, {"9999-12-31", 2932896}};
	static const char *const bad[] = {"", "2026-11-2", "2026-11-211", "2026-02-29",
		"2100-02-29", "2026-13-01", "2026-00-01", "2026-01-00", "2026-01-32", "0000-01-01",
		"2026/01/01", "20260101", "2026-1a-01", " 026-01-01"};
	int64_t day;

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert_msg(form_date(good[i].text, &day), "%s", good[i].text);
		ck_assert_int_eq(day, good[i].day);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_msg(!form_date(bad[i], &day), "%s", bad[i]);
	}
}
END_TEST

/* --- Registry ------------------------------------------------------------------------------- */

/* Judges the registry as it stands in members; fills answer. */
static void judge_registry(struct members *members, unsigned signers,
	struct governance_answer *answer)
{
	scoped(governance_freep) Rivergate__V1__Governed *registry =
		members_registry(members, signers);
	scoped(trust_unrefp) struct trust *trust = NULL;
	uint8_t pin[32];

	ck_assert_int_eq(governance_hash(registry, pin), RG_OK);
	ck_assert_int_eq(trust_new(registry, pin, 1, &trust, answer), RG_OK);
	ck_assert(answer->is_ok == (trust != NULL));
}

START_TEST(registry_with_quorum_is_accepted)
{
	scoped(members_deinit) struct members members;
	struct governance_answer answer;

	members_init(&members);
	judge_registry(&members, ALL, &answer);
	ck_assert_msg(answer.is_ok, "%s: %s", answer.path, answer.text);
}
END_TEST

static void set_version(struct members *m)
{
	m->registry.version = 2;
}
static void set_previous(struct members *m)
{
	m->registry.previous_hash = (ProtobufCBinaryData){32, m->all[LA].witness};
}
static void no_members(struct members *m)
{
	m->registry.n_members = 0;
	m->registry.n_rules = 0;
}
static void member_twice(struct members *m)
{
	m->list[2] = m->list[1];
}
static void members_out_of_order(struct members *m)
{
	m->list[1] = &m->all[TH].entry;
	m->list[2] = &m->all[LA].entry;
}
static void member_upper_case(struct members *m)
{
	m->list[2]->cc = members_text("TH");
}
static void member_three_letters(struct members *m)
{
	m->list[2]->cc = members_text("tha");
}
static void member_without_name(struct members *m)
{
	m->list[2]->name = members_text("");
}
static void root_is_garbage(struct members *m)
{
	m->list[0]->root_certificate.len -= 3;
}
static void root_is_another_members(struct members *m)
{
	m->list[0]->root_certificate = m->list[1]->root_certificate;
}
static void root_is_no_ca(struct members *m)
{
	m->list[1]->root_certificate = m->all[LA].parties[0].key.certificate;
}
static void governance_key_is_garbage(struct members *m)
{
	m->list[1]->governance_key.len--;
}
static void governance_algorithm_differs(struct members *m)
{
	m->list[1]->governance_algorithm = MEMBERS_ALGORITHM(ED25519);
}
static void governance_algorithm_missing(struct members *m)
{
	m->list[1]->governance_algorithm = MEMBERS_ALGORITHM(UNSPECIFIED);
}
static void witness_key_short(struct members *m)
{
	m->list[1]->witness_key.len = 31;
}
static void witness_keys_equal(struct members *m)
{
	m->list[1]->witness_key = m->list[0]->witness_key;
}
static void governance_keys_equal(struct members *m)
{
	m->list[2]->governance_key = m->list[1]->governance_key;
	m->list[2]->governance_algorithm = m->list[1]->governance_algorithm;
}
static void governance_is_root_key(struct members *m)
{
	struct members_one *la = &m->all[LA];

	buf_clear(&la->spki);
	ck_assert_int_eq(key_spki(la->root_key, &la->spki), RG_OK);
	la->entry.governance_key = members_data(&la->spki);
}
static void witness_is_governance_key(struct members *m)
{
	ck_assert_int_eq(key_ed25519_raw(m->all[TH].governance, m->all[TH].witness), RG_OK);
}
static void router_address_invalid(struct members *m)
{
	m->routers[0].address = members_text("r");
}
static void router_under_member(struct members *m)
{
	m->routers[0].address = members_text("la.router");
}
static void routers_equal(struct members *m)
{
	m->routers[1].address = members_text("router.one");
}
static void router_origins_equal(struct members *m)
{
	m->routers[1].origin = m->routers[0].origin;
}
static void router_origin_invalid(struct members *m)
{
	m->routers[1].origin = members_text("a b");
}
static void router_without_endpoint(struct members *m)
{
	m->routers[1].endpoint = members_text("");
}
static void router_key_short(struct members *m)
{
	m->routers[1].router_key.len = 31;
}
static void log_key_missing(struct members *m)
{
	m->routers[0].log_key.len = 0;
}
static void router_curve_key_long(struct members *m)
{
	m->routers[0].curve_key.len = 33;
}
static void log_key_is_router_key(struct members *m)
{
	m->routers[1].log_key = m->routers[1].router_key;
}
static void routers_share_curve_key(struct members *m)
{
	m->routers[1].curve_key = m->routers[0].curve_key;
}
static void log_key_is_witness_key(struct members *m)
{
	m->routers[0].log_key = m->list[0]->witness_key;
}
static void rule_without_name(struct members *m)
{
	m->rules[1].name = members_text("");
}
static void rules_equal(struct members *m)
{
	m->rules[1].name = m->rules[0].name;
}
static void rule_without_from(struct members *m)
{
	m->rules[0].n_from = 0;
}
static void rule_without_to(struct members *m)
{
	m->rules[0].n_to = 0;
}
static void rule_without_kinds(struct members *m)
{
	m->rules[0].n_kinds = 0;
}
static void rule_without_parts(struct members *m)
{
	m->rules[0].n_parts = 0;
}
static void rule_part_without_name(struct members *m)
{
	m->parts[0] = members_text("");
}
static void rule_prefix_invalid(struct members *m)
{
	m->from[0] = members_text("la.");
}
static void rule_prefix_of_stranger(struct members *m)
{
	m->to[0] = members_text("sg.customs");
}
static void rule_of_governance_kind(struct members *m)
{
	m->kinds[0] = RIVERGATE__V1__KIND__KIND_DIRECTORY;
}
static void rule_of_derived_kind(struct members *m)
{
	m->kinds[0] = RIVERGATE__V1__KIND__KIND_PLAN;
}
static void rule_of_no_kind(struct members *m)
{
	m->kinds[0] = RIVERGATE__V1__KIND__KIND_UNSPECIFIED;
}
static void rule_of_no_purpose(struct members *m)
{
	m->purposes[0] = RIVERGATE__V1__PURPOSE__PURPOSE_UNSPECIFIED;
}
static void rule_without_law(struct members *m)
{
	m->rules[0].legal_basis = NULL;
}
static void rule_without_instrument(struct members *m)
{
	m->law.instrument = members_text("");
}
static void rule_without_article(struct members *m)
{
	m->law.article = members_text("");
}
static void rule_without_start(struct members *m)
{
	m->rules[0].valid_from = members_text("");
}
static void rule_start_invalid(struct members *m)
{
	m->rules[0].valid_from = members_text("2021-02-29");
}
static void rule_end_invalid(struct members *m)
{
	m->rules[0].valid_until = members_text("never");
}
static void rule_dates_reversed(struct members *m)
{
	m->rules[0].valid_until = members_text("2020-02-28");
}
static void clock_skew_negative(struct members *m)
{
	m->numbers.clock_skew_us = -1;
}
static void spool_negative(struct members *m)
{
	m->numbers.spool_max_us = -1;
}
static void life_negative(struct members *m)
{
	m->numbers.default_life_us = -1;
}
static void max_life_negative(struct members *m)
{
	m->numbers.max_life_us = INT64_MIN;
}
static void kind_unknown(struct members *m)
{
	m->kinds[0] = (Rivergate__V1__Kind)99;
}

static char *two_auditors[] = {(char *)"la.audit", (char *)"cn.audit"};

static void auditor_of_stranger(struct members *m)
{
	static char *strangers[] = {(char *)"sg.audit"};

	m->registry.auditors = strangers;
	m->registry.n_auditors = 1;
}
static void auditors_out_of_order(struct members *m)
{
	m->registry.auditors = two_auditors;
	m->registry.n_auditors = 2;
}

struct contradiction {
	void (*change)(struct members *members);
	const char *path;
};

static const struct contradiction registry_contradictions[] = {
	{set_version, "version"},
	{set_previous, "previous_hash"},
	{no_members, "members"},
	{member_twice, "members[2].cc"},
	{members_out_of_order, "members[2].cc"},
	{member_upper_case, "members[2].cc"},
	{member_three_letters, "members[2].cc"},
	{member_without_name, "members[2].name"},
	{root_is_garbage, "members[0].root_certificate"},
	{root_is_another_members, "members[0].root_certificate"},
	{root_is_no_ca, "members[1].root_certificate"},
	{governance_key_is_garbage, "members[1].governance_key"},
	{governance_algorithm_differs, "members[1].governance_key"},
	{governance_algorithm_missing, "members[1].governance_algorithm"},
	{witness_key_short, "members[1].witness_key"},
	{witness_keys_equal, "members[1].witness_key"},
	{governance_keys_equal, "members[2].governance_key"},
	{governance_is_root_key, "members[1].governance_key"},
	{witness_is_governance_key, "members[2].witness_key"},
	{router_address_invalid, "routers[0].address"},
	{router_under_member, "routers[0].address"},
	{routers_equal, "routers[1].address"},
	{router_origins_equal, "routers[1].origin"},
	{router_origin_invalid, "routers[1].origin"},
	{router_without_endpoint, "routers[1].endpoint"},
	{router_key_short, "routers[1].router_key"},
	{log_key_missing, "routers[0].log_key"},
	{router_curve_key_long, "routers[0].curve_key"},
	{log_key_is_router_key, "routers[1].router_key"},
	{routers_share_curve_key, "routers[1].curve_key"},
	{log_key_is_witness_key, "routers[0].log_key"},
	{rule_without_name, "rules[1].name"},
	{rules_equal, "rules[1].name"},
	{rule_without_from, "rules[0].from"},
	{rule_without_to, "rules[0].to"},
	{rule_without_kinds, "rules[0].kinds"},
	{rule_without_parts, "rules[0].parts"},
	{rule_part_without_name, "rules[0].parts"},
	{rule_prefix_invalid, "rules[0].from[0]"},
	{rule_prefix_of_stranger, "rules[0].to[0]"},
	{rule_of_governance_kind, "rules[0].kinds"},
	{rule_of_derived_kind, "rules[0].kinds"},
	{rule_of_no_kind, "rules[0].kinds"},
	{rule_of_no_purpose, "rules[0].purposes"},
	{rule_without_law, "rules[0].legal_basis"},
	{rule_without_instrument, "rules[0].legal_basis"},
	{rule_without_article, "rules[0].legal_basis"},
	{rule_without_start, "rules[0].valid_from"},
	{rule_start_invalid, "rules[0].valid_from"},
	{rule_end_invalid, "rules[0].valid_until"},
	{rule_dates_reversed, "rules[0].valid_until"},
	{clock_skew_negative, "numbers.clock_skew_us"},
	{spool_negative, "numbers.spool_max_us"},
	{life_negative, "numbers.default_life_us"},
	{max_life_negative, "numbers.max_life_us"},
	{kind_unknown, "rules[0].kinds[0]"},
	{auditor_of_stranger, "auditors[0]"},
	{auditors_out_of_order, "auditors[1]"},
};

#define N_REGISTRY_CONTRADICTIONS \
	(sizeof(registry_contradictions) / sizeof(registry_contradictions[0]))

START_TEST(every_contradiction_in_a_registry_is_refused_with_its_path)
{
	for (size_t i = 0; i < N_REGISTRY_CONTRADICTIONS; i++) {
		scoped(members_deinit) struct members members;
		struct governance_answer answer;

		members_init(&members);
		registry_contradictions[i].change(&members);
		judge_registry(&members, ALL, &answer);
		ck_assert_msg(!answer.is_ok, "row %zu, %s", i, registry_contradictions[i].path);
		ck_assert_msg(strcmp(answer.path, registry_contradictions[i].path) == 0,
			"row %zu: %s: %s", i, answer.path, answer.text);
		ck_assert_uint_gt(strlen(answer.text), 8);
	}
}
END_TEST

START_TEST(registry_below_the_quorum_is_refused)
{
	scoped(members_deinit) struct members members;
	struct governance_answer answer;

	members_init(&members);
	members.registry.n_rules = 0;
	for (unsigned signers = 0; signers < ALL; signers++) {
		judge_registry(&members, signers, &answer);
		ck_assert_msg(!answer.is_ok, "signers %u", signers);
		ck_assert_str_eq(answer.path, "signatures");
	}
	judge_registry(&members, ALL, &answer);
	ck_assert(answer.is_ok);
}
END_TEST

START_TEST(quorum_is_two_thirds_and_one)
{
	scoped(members_deinit) struct members members;
	scoped(trust_unrefp) struct trust *trust = NULL;

	members_init(&members);
	trust = members_trust(&members);
	ck_assert_uint_eq(trust_quorum(trust), 3);
}
END_TEST

/* With four members the quorum is three, so that one may be missing. */
START_TEST(rule_without_the_touched_members_signature_is_refused)
{
	scoped(members_deinit) struct members members;
	struct governance_answer answer;
	Rivergate__V1__Member vn;

	members_init(&members);
	vn = members.all[TH].entry;
	scoped(key_freep) struct key *root_key = NULL;
	scoped(key_freep) struct key *governance = NULL;
	scoped(buf_deinit) struct buf root = {0};
	scoped(buf_deinit) struct buf spki = {0};
	ck_assert_int_eq(key_generate(MEMBERS_ALGORITHM(ED25519), &root_key), RG_OK);
	ck_assert_int_eq(key_generate(MEMBERS_ALGORITHM(ED25519), &governance), RG_OK);
	ck_assert_int_eq(key_spki(governance, &spki), RG_OK);
	ck_assert_int_eq(certificate_make_root(root_key, "vn", 0, MEMBERS_NOW_US + MEMBERS_YEAR_US,
				 &root),
		RG_OK);
	vn.cc = members_text("vn");
	vn.root_certificate = members_data(&root);
	vn.governance_key = members_data(&spki);
	vn.witness_key.len = 0;
	members.list[3] = &vn;
	members.registry.n_members = 4;

	judge_registry(&members, ALL, &answer);
	ck_assert_msg(answer.is_ok, "%s: %s", answer.path, answer.text);
	members.secret_to[0] = members_text("vn.customs");
	judge_registry(&members, ALL, &answer);
	ck_assert(!answer.is_ok);
	ck_assert_str_eq(answer.path, "rules[1].to");
	ck_assert_ptr_nonnull(strstr(answer.text, "vn"));
}
END_TEST

START_TEST(registry_under_another_pin_is_refused)
{
	scoped(members_deinit) struct members members;
	scoped(governance_freep) Rivergate__V1__Governed *registry = NULL;
	struct governance_answer answer;
	struct trust *trust;
	uint8_t pin[32];

	members_init(&members);
	registry = members_registry(&members, ALL);
	ck_assert_int_eq(governance_hash(registry, pin), RG_OK);
	pin[31] ^= 1;
	ck_assert_int_eq(trust_new(registry, pin, 1, &trust, &answer), RG_OK);
	ck_assert_ptr_null(trust);
	ck_assert(!answer.is_ok);
}
END_TEST

/* Signatures over the registry, one thing changed in each row. */
START_TEST(signatures_that_are_not_the_members_do_not_count)
{
	for (size_t change = 0; change < 8; change++) {
		scoped(members_deinit) struct members members;
		scoped(governance_freep) Rivergate__V1__Governed *registry = NULL;
		Rivergate__V1__BatchProof batch = RIVERGATE__V1__BATCH_PROOF__INIT;
		struct governance_answer answer;
		struct trust *trust;
		uint8_t pin[32];

		members_init(&members);
		registry = members_registry(&members, ALL);
		Rivergate__V1__GovernanceSignature **list = registry->signatures;
		Rivergate__V1__Signature *inner = list[1]->signature;
		const char *cc = NULL;
		switch (change) {
		case 0:
			inner->value.data[inner->value.len - 1] ^= 1;
			break;
		case 1:
			inner->key_id[0] = inner->key_id[0] == 'a' ? 'b' : 'a';
			break;
		case 2:
			inner->algorithm = MEMBERS_ALGORITHM(ED25519);
			break;
		case 3:
			inner->value.len = 0;
			break;
		case 4:
			inner->batch = &batch;
			break;
		case 5:
			cc = "kh";
			break;
		case 6:
			cc = "cn";
			break;
		case 7:
			inner->key_id[KEY_ID_LEN - 1] = '\0';
			break;
		}
		if (cc) {
			memcpy(list[1]->member, cc, 2);
		}
		ck_assert_int_eq(governance_hash(registry, pin), RG_OK);
		ck_assert_int_eq(trust_new(registry, pin, 1, &trust, &answer), RG_OK);
		ck_assert_msg(trust == NULL, "change %zu", change);
		ck_assert_str_eq(answer.path, "signatures");
		if (change == 4) {
			inner->batch = NULL;
		}
	}
}
END_TEST

/* --- Files ---------------------------------------------------------------------------------- */

static void write_text(const char *path, const char *text)
{
	ck_assert_int_eq(file_replace(path, bytes_of_text(text), 0644), RG_OK);
}

START_TEST(file_reads_back_as_it_was_written)
{
	scoped(members_deinit) struct members members;
	scoped(governance_freep) Rivergate__V1__Governed *registry = NULL;
	scoped(governance_freep) Rivergate__V1__Governed *back = NULL;
	char path[] = "/tmp/test-governance-XXXXXX";
	struct governance_answer answer;
	struct stat status;

	members_init(&members);
	registry = members_registry(&members, ALL);
	close(mkstemp(path));
	ck_assert_int_eq(governance_write(path, registry), RG_OK);
	ck_assert_int_eq(stat(path, &status), 0);
	ck_assert_uint_eq(status.st_mode & 0777, 0644);
	ck_assert_int_eq(governance_read(path, &back, &answer), RG_OK);
	unlink(path);
	ck_assert_ptr_nonnull(back);
	ck_assert_uint_eq(back->n_signatures, MEMBERS_N);
	ck_assert_uint_eq(back->content.len, registry->content.len);
	ck_assert_mem_eq(back->content.data, registry->content.data, back->content.len);
}
END_TEST

START_TEST(files_that_are_none_are_refused)
{
	static const char *const texts[] = {"", "{", "[]", "{\"contents\": \"\"}",
		"{\"content\": \"*\"}", "{\"content\": 4}", "{\"signatures\": [{\"member\": 1}]}",
		"{} trailing"};
	char path[] = "/tmp/test-governance-XXXXXX";
	struct governance_answer answer;
	Rivergate__V1__Governed *governed;

	close(mkstemp(path));
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		write_text(path, texts[i]);
		answer.is_ok = true;
		ck_assert_int_eq(governance_read(path, &governed, &answer), RG_OK);
		ck_assert_msg(!governed && !answer.is_ok, "text %zu", i);
	}
	unlink(path);
	ck_assert_int_eq(governance_read(path, &governed, &answer), RG_OK);
	ck_assert_ptr_null(governed);
	ck_assert(!answer.is_ok);
}
END_TEST

START_TEST(signing_twice_replaces_and_order_stays)
{
	scoped(members_deinit) struct members members;
	scoped(governance_freep) Rivergate__V1__Governed *registry = NULL;
	static const size_t order[] = {TH, CN, LA, TH, CN};

	members_init(&members);
	registry = members_registry(&members, 0);
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		const struct members_one *one = &members.all[order[i]];

		ck_assert_int_eq(governance_sign(registry, GOVERNANCE_CONTEXT_REGISTRY,
					 one->entry.cc, one->governance),
			RG_OK);
	}
	ck_assert_uint_eq(registry->n_signatures, 3);
	ck_assert_str_eq(registry->signatures[0]->member, "cn");
	ck_assert_str_eq(registry->signatures[1]->member, "la");
	ck_assert_str_eq(registry->signatures[2]->member, "th");
}
END_TEST

START_TEST(bytes_of_a_message_part_are_read_strictly)
{
	scoped(members_deinit) struct members members;
	scoped(governance_freep) Rivergate__V1__Governed *registry = NULL;
	scoped(governance_freep) Rivergate__V1__Governed *back = NULL;
	scoped(buf_deinit) struct buf bytes = {0};
	struct governance_answer answer;

	members_init(&members);
	registry = members_registry(&members, ALL);
	ck_assert_int_eq(pack_append(&registry->base, &bytes), RG_OK);
	ck_assert_int_eq(governance_parse(buf_view(&bytes), &back, &answer), RG_OK);
	ck_assert_ptr_nonnull(back);
	bytes.len--;
	Rivergate__V1__Governed *none;
	ck_assert_int_eq(governance_parse(buf_view(&bytes), &none, &answer), RG_OK);
	ck_assert_ptr_null(none);
	ck_assert(!answer.is_ok);
}
END_TEST

CHECK_MAIN("registry_governance", addresses_have_two_to_six_labels,
	prefix_matches_whole_labels_only, dates_are_those_of_the_calendar,
	registry_with_quorum_is_accepted,
	every_contradiction_in_a_registry_is_refused_with_its_path,
	registry_below_the_quorum_is_refused, quorum_is_two_thirds_and_one,
	rule_without_the_touched_members_signature_is_refused,
	registry_under_another_pin_is_refused, signatures_that_are_not_the_members_do_not_count,
	file_reads_back_as_it_was_written, files_that_are_none_are_refused,
	signing_twice_replaces_and_order_stays, bytes_of_a_message_part_are_read_strictly)
