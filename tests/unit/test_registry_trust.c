/*
 * Trust: who is who, who may sign at a time, revocation lists, and what may pass to whom.
 */

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "members.h"

#define DAY_US        INT64_C(86400000000)
#define VERDICT(name) RIVERGATE__V1__VERDICT__VERDICT_##name

/* --- Who is who ----------------------------------------------------------------------------- */

static bool is_party(const struct trust_party *party, const char *address)
{
	return party && strcmp(party->address, address) == 0;
}

START_TEST(longest_prefix_takes_the_message)
{
	scoped(members_deinit) struct members members;
	scoped(trust_unrefp) struct trust *trust = NULL;
	static const struct {
		const char *address;
		const char *party;
	} rows[] = {
		{"la.customs", "la.customs"},
		{"la.customs.boten", "la.customs.boten"},
		{"la.customs.boten.gate", "la.customs.boten"},
		{"la.customs.pakse", "la.customs"},
		{"cn.gacc.mohan", "cn.gacc"},
		{"la.customsx", NULL},
		{"la.old", NULL},
		{"la", NULL},
		{"la.doa", NULL},
		{"vn.customs", NULL},
		{"", NULL},
		{"la.customs.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaa",
			NULL},
	};

	members_init(&members);
	trust = members_trust(&members);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct trust_party *party = trust_route(trust, rows[i].address);

		ck_assert_msg(rows[i].party ? is_party(party, rows[i].party) : party == NULL, "%s",
			rows[i].address);
	}
}
END_TEST

START_TEST(keys_lead_to_their_parties)
{
	scoped(members_deinit) struct members members;
	scoped(trust_unrefp) struct trust *trust = NULL;

	members_init(&members);
	trust = members_trust(&members);
	for (size_t member = 0; member < MEMBERS_N; member++) {
		for (size_t i = 0; i < members.all[member].directory.n_parties; i++) {
			struct members_party *party = members_party_of(&members, member, i);
			const struct trust_signer *signer =
				trust_signer_of(trust, key_id(party->signing));
			const struct trust_party *owner =
				trust_party_of_curve(trust, party->curve_bytes, MEMBERS_NOW_US);

			if (party->entry.withdrawn) {
				ck_assert_ptr_null(signer);
				ck_assert_ptr_null(owner);
				continue;
			}
			ck_assert(is_party(owner, party->entry.address));
			ck_assert(signer && is_party(signer->party, party->entry.address));
			ck_assert_str_eq(key_id(signer->key), key_id(party->signing));
			ck_assert_str_eq(signer->party->cc, members.all[member].entry.cc);
		}
	}
	ck_assert_ptr_null(trust_signer_of(trust, key_id(members.all[LA].governance)));
	ck_assert_ptr_null(trust_signer_of(trust, key_id(members.router_key)));
	ck_assert_ptr_null(trust_signer_of(trust, ""));
	ck_assert_ptr_null(trust_party_of_curve(trust, members.router_keys[0][2], MEMBERS_NOW_US));
}
END_TEST

START_TEST(curve_key_outside_its_time_is_unknown)
{
	scoped(members_deinit) struct members members;
	scoped(trust_unrefp) struct trust *trust = NULL;

	members_init(&members);
	struct members_party *party = members_party_of(&members, LA, 0);
	party->curve.valid_from_us = MEMBERS_NOW_US;
	party->curve.valid_until_us = MEMBERS_NOW_US + 10;
	trust = members_trust(&members);
	ck_assert_ptr_null(trust_party_of_curve(trust, party->curve_bytes, MEMBERS_NOW_US - 1));
	ck_assert_ptr_nonnull(trust_party_of_curve(trust, party->curve_bytes, MEMBERS_NOW_US));
	ck_assert_ptr_nonnull(trust_party_of_curve(trust, party->curve_bytes, MEMBERS_NOW_US + 10));
	ck_assert_ptr_null(trust_party_of_curve(trust, party->curve_bytes, MEMBERS_NOW_US + 11));
}
END_TEST

START_TEST(trust_without_directories_knows_nobody)
{
	scoped(members_deinit) struct members members;
	scoped(governance_freep) Rivergate__V1__Governed *registry = NULL;
	scoped(trust_unrefp) struct trust *trust = NULL;
	struct governance_answer answer;
	uint8_t pin[32];

	members_init(&members);
	registry = members_registry(&members, 7);
	ck_assert_int_eq(governance_hash(registry, pin), RG_OK);
	ck_assert_int_eq(trust_new(registry, pin, 1, &trust, &answer), RG_OK);
	ck_assert_ptr_null(trust_party_at(trust, "la.customs"));
	ck_assert_ptr_null(trust_route(trust, "la.customs"));
	ck_assert_ptr_null(
		trust_signer_of(trust, key_id(members_party_of(&members, LA, 0)->signing)));
	ck_assert_ptr_null(trust_party_of_curve(trust,
		members_party_of(&members, LA, 0)->curve_bytes, MEMBERS_NOW_US));
	ck_assert_uint_eq(trust_directory_index(trust, "la"), 0);
	ck_assert_uint_eq(trust_crl_index(trust, "la"), 0);
	ck_assert_ptr_null(trust_directory(trust, "la"));
}
END_TEST

START_TEST(numbers_have_defaults_and_routers_their_keys)
{
	scoped(members_deinit) struct members members;
	scoped(trust_unrefp) struct trust *trust = NULL;

	members_init(&members);
	members.numbers.clock_skew_us = 5;
	trust = members_trust(&members);
	ck_assert_int_eq(trust_numbers(trust)->clock_skew_us, 5);
	ck_assert_int_eq(trust_numbers(trust)->spool_max_us, 3 * DAY_US);
	ck_assert_int_eq(trust_numbers(trust)->default_life_us, 7 * DAY_US);
	ck_assert_int_eq(trust_numbers(trust)->max_life_us, 90 * DAY_US);
	ck_assert_uint_eq(trust_numbers(trust)->max_recipients, 16);
	ck_assert_uint_eq(trust_numbers(trust)->pending_per_party, 100000);
	ck_assert_str_eq(key_id(trust_router_key(trust, "router.one")), key_id(members.router_key));
	ck_assert_str_eq(trust_router(trust, "router.two")->origin, "rivergate.example/two");
	ck_assert_ptr_null(trust_router(trust, "router.three"));
	ck_assert_ptr_null(trust_router_key(trust, "la.customs"));
	ck_assert_uint_eq(trust_registry_index(trust), 1);
}
END_TEST

/* --- Standing ------------------------------------------------------------------------------- */

/* A list of the member that revokes one party's certificate (NULL: none). */
static void make_crl(struct members_one *one, const struct members_party *revoked, uint64_t number,
	int64_t now_us, struct buf *out)
{
	scoped(certificate_freep) struct certificate *certificate = NULL;
	struct rg_bytes serial = {0};
	struct crl_request request = {.serials = &serial, .number = number, .now_us = now_us};

	if (revoked) {
		ck_assert_int_eq(certificate_parse(buf_view(&revoked->certificate), 0,
					 &certificate),
			RG_OK);
		serial = certificate_serial(certificate);
		request.n_serials = 1;
	}
	ck_assert_int_eq(crl_make(&request, one->root, one->root_key, out), RG_OK);
}

/* Replaces *trust unless the list is refused, which is the answer. */
static bool apply_crl(struct trust **trust, const char *cc, const struct buf *der, uint64_t index)
{
	struct governance_answer answer;
	struct trust *next;

	ck_assert_int_eq(trust_apply_crl(*trust, cc, buf_view(der), index, &next, &answer), RG_OK);
	ck_assert(answer.is_ok == (next != NULL));
	if (next) {
		trust_unref(*trust);
		*trust = next;
	}
	return next;
}

static struct trust_standing standing_of(struct members *members, const struct trust *trust,
	size_t i, int64_t now_us)
{
	const struct trust_signer *signer =
		trust_signer_of(trust, key_id(members_party_of(members, LA, i)->signing));

	ck_assert_ptr_nonnull(signer);
	return trust_standing_of(trust, signer, now_us);
}

START_TEST(certificate_and_root_are_judged_by_the_time)
{
	scoped(members_deinit) struct members members;
	scoped(trust_unrefp) struct trust *trust = NULL;
	static const struct {
		int64_t offset_us;
		Rivergate__V1__Verdict verdict;
	} rows[] = {
		{0, VERDICT(ADMITTED)},
		{-MEMBERS_YEAR_US, VERDICT(ADMITTED)},
		{-MEMBERS_YEAR_US - 1000000, VERDICT(CERTIFICATE)},
		{MEMBERS_YEAR_US, VERDICT(ADMITTED)},
		{MEMBERS_YEAR_US + 2000000, VERDICT(CERTIFICATE)},
	};

	members_init(&members);
	trust = members_trust(&members);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct trust_standing standing =
			standing_of(&members, trust, 0, MEMBERS_NOW_US + rows[i].offset_us);

		ck_assert_msg(standing.verdict == rows[i].verdict, "row %zu", i);
		ck_assert((standing.rule == NULL) == (standing.verdict == VERDICT(ADMITTED)));
		ck_assert(!standing.is_crl_stale);
	}
}
END_TEST

START_TEST(revoked_certificate_is_found_and_its_neighbour_is_not)
{
	scoped(members_deinit) struct members members;
	scoped(trust_unrefp) struct trust *trust = NULL;
	scoped(buf_deinit) struct buf crl = {0};

	members_init(&members);
	trust = members_trust(&members);
	make_crl(&members.all[LA], members_party_of(&members, LA, 0), 1, MEMBERS_NOW_US, &crl);
	ck_assert(apply_crl(&trust, "la", &crl, 12));
	ck_assert_uint_eq(trust_crl_index(trust, "la"), 12);
	ck_assert_uint_eq(trust_crl_index(trust, "th"), 0);
	ck_assert_int_eq(standing_of(&members, trust, 0, MEMBERS_NOW_US).verdict, VERDICT(REVOKED));
	ck_assert_int_eq(standing_of(&members, trust, 1, MEMBERS_NOW_US).verdict,
		VERDICT(ADMITTED));
}
END_TEST

START_TEST(lists_of_sm2_roots_count_too)
{
	scoped(members_deinit) struct members members;
	scoped(trust_unrefp) struct trust *trust = NULL;
	scoped(buf_deinit) struct buf crl = {0};

	members_init(&members);
	trust = members_trust(&members);
	make_crl(&members.all[CN], members_party_of(&members, CN, 0), 1, MEMBERS_NOW_US, &crl);
	ck_assert(apply_crl(&trust, "cn", &crl, 12));
	const struct trust_signer *signer =
		trust_signer_of(trust, key_id(members_party_of(&members, CN, 0)->signing));
	ck_assert_int_eq(trust_standing_of(trust, signer, MEMBERS_NOW_US).verdict,
		VERDICT(REVOKED));
}
END_TEST

START_TEST(old_list_is_refused_marked_or_ignored_as_the_member_says)
{
	static const struct {
		int64_t max_age_us;
		Rivergate__V1__CrlPolicy__WhenStale when;
		int64_t age_us;
		Rivergate__V1__Verdict verdict;
		bool is_stale;
	} rows[] = {
		{DAY_US, RIVERGATE__V1__CRL_POLICY__WHEN_STALE__WHEN_STALE_REFUSE, DAY_US,
			VERDICT(ADMITTED), false},
		{DAY_US, RIVERGATE__V1__CRL_POLICY__WHEN_STALE__WHEN_STALE_REFUSE, DAY_US + 1,
			VERDICT(REVOKED), false},
		{DAY_US, RIVERGATE__V1__CRL_POLICY__WHEN_STALE__WHEN_STALE_UNSPECIFIED, DAY_US + 1,
			VERDICT(REVOKED), false},
		{DAY_US, RIVERGATE__V1__CRL_POLICY__WHEN_STALE__WHEN_STALE_ACCEPT_AND_MARK, DAY_US,
			VERDICT(ADMITTED), false},
		{DAY_US, RIVERGATE__V1__CRL_POLICY__WHEN_STALE__WHEN_STALE_ACCEPT_AND_MARK,
			DAY_US + 1, VERDICT(ADMITTED), true},
		{0, RIVERGATE__V1__CRL_POLICY__WHEN_STALE__WHEN_STALE_REFUSE, 300 * DAY_US,
			VERDICT(ADMITTED), false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		scoped(members_deinit) struct members members;
		scoped(trust_unrefp) struct trust *trust = NULL;
		scoped(buf_deinit) struct buf crl = {0};

		members_init(&members);
		members.all[LA].policy.max_age_us = rows[i].max_age_us;
		members.all[LA].policy.when_stale = rows[i].when;
		trust = members_trust(&members);
		/* Without any list nothing ages. */
		ck_assert_int_eq(standing_of(&members, trust, 0, MEMBERS_NOW_US).verdict,
			VERDICT(ADMITTED));
		make_crl(&members.all[LA], NULL, 1, MEMBERS_NOW_US, &crl);
		ck_assert(apply_crl(&trust, "la", &crl, 12));
		struct trust_standing standing =
			standing_of(&members, trust, 0, MEMBERS_NOW_US + rows[i].age_us);
		ck_assert_msg(standing.verdict == rows[i].verdict, "row %zu", i);
		ck_assert_msg(standing.is_crl_stale == rows[i].is_stale, "row %zu", i);
	}
}
END_TEST

START_TEST(list_numbers_never_decrease)
{
	scoped(members_deinit) struct members members;
	scoped(trust_unrefp) struct trust *trust = NULL;
	scoped(buf_deinit) struct buf second = {0};
	scoped(buf_deinit) struct buf first = {0};
	scoped(buf_deinit) struct buf other_second = {0};
	scoped(buf_deinit) struct buf third = {0};

	members_init(&members);
	trust = members_trust(&members);
	make_crl(&members.all[LA], NULL, 1, MEMBERS_NOW_US, &first);
	make_crl(&members.all[LA], NULL, 2, MEMBERS_NOW_US, &second);
	make_crl(&members.all[LA], members_party_of(&members, LA, 0), 2, MEMBERS_NOW_US,
		&other_second);
	make_crl(&members.all[LA], NULL, 3, MEMBERS_NOW_US, &third);
	ck_assert(apply_crl(&trust, "la", &second, 5));
	ck_assert(!apply_crl(&trust, "la", &first, 6));
	ck_assert(!apply_crl(&trust, "la", &other_second, 6));
	ck_assert(apply_crl(&trust, "la", &second, 6));
	ck_assert_uint_eq(trust_crl_index(trust, "la"), 5);
	ck_assert(apply_crl(&trust, "la", &third, 7));
	ck_assert_uint_eq(trust_crl_index(trust, "la"), 7);
}
END_TEST

START_TEST(list_of_another_root_or_no_list_is_refused)
{
	scoped(members_deinit) struct members members;
	scoped(trust_unrefp) struct trust *trust = NULL;
	scoped(buf_deinit) struct buf crl = {0};

	members_init(&members);
	trust = members_trust(&members);
	make_crl(&members.all[TH], NULL, 1, MEMBERS_NOW_US, &crl);
	ck_assert(!apply_crl(&trust, "la", &crl, 6));
	ck_assert(!apply_crl(&trust, "vn", &crl, 6));
	ck_assert(!apply_crl(&trust, "th.doa", &crl, 6));
	crl.len--;
	ck_assert(!apply_crl(&trust, "th", &crl, 6));
	crl.len = 0;
	ck_assert(!apply_crl(&trust, "th", &crl, 6));
}
END_TEST

/* --- Passage -------------------------------------------------------------------------------- */

/* A declaration with parts customs, native, secret (encrypted native). */
struct message {
	Rivergate__V1__Header header;
	Rivergate__V1__Part parts[3];
	Rivergate__V1__Part *list[3];
	Rivergate__V1__Audience audience;
	Rivergate__V1__Encryption encryption;
	Rivergate__V1__Role role;
	char *address;
};

static void message_init(struct message *message, const char *from)
{
	static const char *const names[] = {"customs", "native", "native"};

	memset(message, 0, sizeof(*message));
	rivergate__v1__header__init(&message->header);
	message->header.from = members_text(from);
	message->header.kind = RIVERGATE__V1__KIND__KIND_DECLARATION;
	message->header.purpose = RIVERGATE__V1__PURPOSE__PURPOSE_ADVANCE;
	for (size_t i = 0; i < 3; i++) {
		rivergate__v1__part__init(&message->parts[i]);
		message->parts[i].name = members_text(names[i]);
		message->list[i] = &message->parts[i];
	}
	rivergate__v1__encryption__init(&message->encryption);
	rivergate__v1__audience__init(&message->audience);
	message->parts[2].encryption = &message->encryption;
	message->header.parts = message->list;
	message->header.n_parts = 3;
}

static struct trust_passage passage_of(const struct trust *trust, const struct message *message,
	const char *to, int64_t now_us)
{
	const struct trust_party *recipient = trust_party_at(trust, to);

	ck_assert_ptr_nonnull(recipient);
	return trust_passage_of(trust, &message->header, recipient, now_us);
}

START_TEST(rule_lets_its_parts_pass_and_no_others)
{
	scoped(members_deinit) struct members members;
	scoped(trust_unrefp) struct trust *trust = NULL;
	struct message message;

	members_init(&members);
	trust = members_trust(&members);
	message_init(&message, "la.customs.boten");
	struct trust_passage passage = passage_of(trust, &message, "cn.gacc", MEMBERS_NOW_US);
	ck_assert(passage.may_pass);
	ck_assert_str_eq(passage.rule->name, "la-cn");
	ck_assert_uint_eq(passage.parts, 1);
}
END_TEST

START_TEST(what_no_rule_allows_does_not_pass)
{
	scoped(members_deinit) struct members members;
	scoped(trust_unrefp) struct trust *trust = NULL;
	struct message message;

	members_init(&members);
	members.rules[0].valid_from = members_text("2026-11-21");
	members.rules[0].valid_until = members_text("2026-11-22");
	trust = members_trust(&members);
	message_init(&message, "la.customs");
	/* 2026-11-22T00:00:00Z is now: both days, to their last microsecond */
	ck_assert(passage_of(trust, &message, "cn.gacc", MEMBERS_NOW_US).may_pass);
	ck_assert(passage_of(trust, &message, "cn.gacc", MEMBERS_NOW_US - DAY_US).may_pass);
	ck_assert(passage_of(trust, &message, "cn.gacc", MEMBERS_NOW_US + DAY_US - 1).may_pass);
	ck_assert(!passage_of(trust, &message, "cn.gacc", MEMBERS_NOW_US - DAY_US - 1).may_pass);
	ck_assert(!passage_of(trust, &message, "cn.gacc", MEMBERS_NOW_US + DAY_US).may_pass);
	ck_assert(!passage_of(trust, &message, "cn.gacc", -1).may_pass);
	message.header.purpose = RIVERGATE__V1__PURPOSE__PURPOSE_PREFILL;
	ck_assert(!passage_of(trust, &message, "cn.gacc", MEMBERS_NOW_US).may_pass);
	message.header.purpose = RIVERGATE__V1__PURPOSE__PURPOSE_ADVANCE;
	message.header.kind = RIVERGATE__V1__KIND__KIND_AMENDMENT;
	ck_assert(!passage_of(trust, &message, "cn.gacc", MEMBERS_NOW_US).may_pass);
	message.header.kind = RIVERGATE__V1__KIND__KIND_DECLARATION;
	message.header.from = members_text("th.doa");
	struct trust_passage passage = passage_of(trust, &message, "cn.gacc", MEMBERS_NOW_US);
	ck_assert(!passage.may_pass);
	ck_assert_ptr_null(passage.rule);
	ck_assert_uint_eq(passage.parts, 0);
	message.header.from = members_text("lax.customs");
	ck_assert(!passage_of(trust, &message, "cn.gacc", MEMBERS_NOW_US).may_pass);
}
END_TEST

START_TEST(plain_part_does_not_pass_where_encryption_is_required)
{
	scoped(members_deinit) struct members members;
	scoped(trust_unrefp) struct trust *trust = NULL;
	struct message message;

	members_init(&members);
	trust = members_trust(&members);
	message_init(&message, "la.customs");
	struct trust_passage passage = passage_of(trust, &message, "th.doa", MEMBERS_NOW_US);
	ck_assert(passage.may_pass);
	ck_assert_uint_eq(passage.parts, 4);
}
END_TEST

START_TEST(parts_of_several_rules_add_up_and_the_first_is_named)
{
	scoped(members_deinit) struct members members;
	scoped(trust_unrefp) struct trust *trust = NULL;
	struct message message;

	members_init(&members);
	members.secret_to[0] = members_text("cn");
	trust = members_trust(&members);
	message_init(&message, "la.customs");
	struct trust_passage passage = passage_of(trust, &message, "cn.gacc", MEMBERS_NOW_US);
	ck_assert_str_eq(passage.rule->name, "la-cn");
	ck_assert_uint_eq(passage.parts, 5);
}
END_TEST

START_TEST(audience_says_who_reads_a_part)
{
	scoped(members_deinit) struct members members;
	scoped(trust_unrefp) struct trust *trust = NULL;
	struct message message;

	members_init(&members);
	trust = members_trust(&members);
	message_init(&message, "la.customs");
	message.parts[0].audience = &message.audience;
	message.audience.roles = &message.role;
	message.audience.addresses = &message.address;
	const struct {
		size_t n_roles;
		Rivergate__V1__Role role;
		size_t n_addresses;
		const char *address;
		bool is_withheld;
		bool may_read;
	} rows[] = {
		{0, MEMBERS_ROLE(UNSPECIFIED), 0, NULL, false, true},
		{1, MEMBERS_ROLE(CUSTOMS), 0, NULL, false, true},
		{1, MEMBERS_ROLE(PLANT_QUARANTINE), 0, NULL, false, false},
		{0, MEMBERS_ROLE(UNSPECIFIED), 1, "cn", false, true},
		{0, MEMBERS_ROLE(UNSPECIFIED), 1, "cn.gacc.mohan", false, false},
		{0, MEMBERS_ROLE(UNSPECIFIED), 1, "", false, false},
		{1, MEMBERS_ROLE(FOOD), 1, "cn.gacc", false, true},
		{1, MEMBERS_ROLE(CUSTOMS), 1, "cn.gacc", true, false},
		{0, MEMBERS_ROLE(UNSPECIFIED), 0, NULL, true, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		message.role = rows[i].role;
		message.address = members_text(rows[i].address);
		message.audience.n_roles = rows[i].n_roles;
		message.audience.n_addresses = rows[i].n_addresses;
		message.audience.withheld = rows[i].is_withheld;
		struct trust_passage passage =
			passage_of(trust, &message, "cn.gacc", MEMBERS_NOW_US);
		ck_assert(passage.may_pass);
		ck_assert_msg((passage.parts & 1) == rows[i].may_read, "row %zu", i);
	}
}
END_TEST

START_TEST(acknowledgement_governance_and_derived_kinds_need_no_rule)
{
	scoped(members_deinit) struct members members;
	scoped(trust_unrefp) struct trust *trust = NULL;
	static const Rivergate__V1__Kind free_kinds[] = {RIVERGATE__V1__KIND__KIND_ACKNOWLEDGEMENT,
		RIVERGATE__V1__KIND__KIND_DIRECTORY, RIVERGATE__V1__KIND__KIND_REVOCATION_LIST,
		RIVERGATE__V1__KIND__KIND_EXPIRY};
	static const Rivergate__V1__Kind ruled_kinds[] = {RIVERGATE__V1__KIND__KIND_UNSPECIFIED,
		RIVERGATE__V1__KIND__KIND_LINK, RIVERGATE__V1__KIND__KIND_DECISION,
		RIVERGATE__V1__KIND__KIND_DELAY_REASON, RIVERGATE__V1__KIND__KIND_EMERGENCY_NOTICE};
	struct message message;

	members_init(&members);
	trust = members_trust(&members);
	message_init(&message, "th.doa");
	for (size_t i = 0; i < sizeof(free_kinds) / sizeof(free_kinds[0]); i++) {
		message.header.kind = free_kinds[i];
		struct trust_passage passage =
			passage_of(trust, &message, "la.customs", MEMBERS_NOW_US);
		ck_assert(passage.may_pass);
		ck_assert_ptr_null(passage.rule);
		ck_assert_uint_eq(passage.parts, 7);
	}
	for (size_t i = 0; i < sizeof(ruled_kinds) / sizeof(ruled_kinds[0]); i++) {
		message.header.kind = ruled_kinds[i];
		ck_assert(!passage_of(trust, &message, "la.customs", MEMBERS_NOW_US).may_pass);
	}
}
END_TEST

/* --- Files ---------------------------------------------------------------------------------- */

/* A folder with registry.json and directories/ of all members. */
struct folder {
	char path[64];
	char registry[128];
	char directories[128];
	uint8_t pin[32];
};

static void write_folder(struct members *members, struct folder *folder)
{
	scoped(governance_freep) Rivergate__V1__Governed *registry = members_registry(members, 7);

	snprintf(folder->path, sizeof(folder->path), "/tmp/test-trust-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder->path));
	snprintf(folder->registry, sizeof(folder->registry), "%s/registry.json", folder->path);
	snprintf(folder->directories, sizeof(folder->directories), "%s/directories", folder->path);
	ck_assert_int_eq(governance_write(folder->registry, registry), RG_OK);
	ck_assert_int_eq(governance_hash(registry, folder->pin), RG_OK);
	ck_assert_int_eq(mkdir(folder->directories, 0700), 0);
	for (size_t i = 0; i < MEMBERS_N; i++) {
		scoped(governance_freep) Rivergate__V1__Governed *directory =
			members_directory(members, i);
		char path[160];

		snprintf(path, sizeof(path), "%s/%s.json", folder->directories,
			members->all[i].entry.cc);
		ck_assert_int_eq(governance_write(path, directory), RG_OK);
	}
}

static void write_file(const struct folder *folder, const char *name, struct rg_bytes content)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/%s", folder->directories, name);
	ck_assert_int_eq(file_replace(path, content, 0644), RG_OK);
}

static void remove_file(const struct folder *folder, const char *name)
{
	char path[200];

	snprintf(path, sizeof(path), "%s/%s", folder->directories, name);
	unlink(path);
}

static void remove_folder(const struct folder *folder)
{
	static const char *const names[] = {"cn.json", "la.json", "th.json", "la.crl", "laos.crl"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		remove_file(folder, names[i]);
	}
	rmdir(folder->directories);
	unlink(folder->registry);
	rmdir(folder->path);
}

static struct trust *load(const struct folder *folder, struct governance_answer *answer)
{
	struct trust *trust;

	ck_assert_int_eq(trust_load(folder->registry, folder->directories, folder->pin, &trust,
				 answer),
		RG_OK);
	ck_assert(answer->is_ok == (trust != NULL));
	return trust;
}

START_TEST(folder_of_files_becomes_trust)
{
	scoped(members_deinit) struct members members;
	scoped(trust_unrefp) struct trust *trust = NULL;
	scoped(buf_deinit) struct buf crl = {0};
	struct governance_answer answer;
	struct folder folder;

	members_init(&members);
	write_folder(&members, &folder);
	make_crl(&members.all[LA], members_party_of(&members, LA, 0), 1, MEMBERS_NOW_US, &crl);
	write_file(&folder, "la.crl", buf_view(&crl));
	trust = load(&folder, &answer);
	ck_assert_msg(trust != NULL, "%s: %s", answer.path, answer.text);
	ck_assert_ptr_nonnull(trust_party_at(trust, "cn.gacc"));
	ck_assert_ptr_nonnull(trust_party_at(trust, "th.doa"));
	ck_assert_int_eq(standing_of(&members, trust, 0, MEMBERS_NOW_US).verdict, VERDICT(REVOKED));
	remove_folder(&folder);
}
END_TEST

START_TEST(file_that_contradicts_is_named)
{
	scoped(members_deinit) struct members members;
	struct governance_answer answer;
	struct folder folder;

	members_init(&members);
	write_folder(&members, &folder);
	write_file(&folder, "la.json", bytes_of_text("{\"content\": \"////\"}"));
	ck_assert_ptr_null(load(&folder, &answer));
	ck_assert_ptr_nonnull(strstr(answer.path, "la.json"));
	remove_file(&folder, "la.json");
	write_file(&folder, "laos.crl", bytes_of_text("x"));
	ck_assert_ptr_null(load(&folder, &answer));
	ck_assert_str_eq(answer.path, "laos.crl");
	remove_file(&folder, "laos.crl");
	write_file(&folder, "la.crl", bytes_of_text("x"));
	ck_assert_ptr_null(load(&folder, &answer));
	ck_assert_str_eq(answer.path, "la.crl");
	remove_file(&folder, "la.crl");
	folder.pin[0] ^= 1;
	ck_assert_ptr_null(load(&folder, &answer));
	ck_assert_ptr_nonnull(strstr(answer.path, "registry.json"));
	folder.pin[0] ^= 1;
	unlink(folder.registry);
	ck_assert_ptr_null(load(&folder, &answer));
	remove_folder(&folder);
}
END_TEST

CHECK_MAIN("registry_trust", longest_prefix_takes_the_message, keys_lead_to_their_parties,
	curve_key_outside_its_time_is_unknown, trust_without_directories_knows_nobody,
	numbers_have_defaults_and_routers_their_keys, certificate_and_root_are_judged_by_the_time,
	revoked_certificate_is_found_and_its_neighbour_is_not, lists_of_sm2_roots_count_too,
	old_list_is_refused_marked_or_ignored_as_the_member_says, list_numbers_never_decrease,
	list_of_another_root_or_no_list_is_refused, rule_lets_its_parts_pass_and_no_others,
	what_no_rule_allows_does_not_pass, plain_part_does_not_pass_where_encryption_is_required,
	parts_of_several_rules_add_up_and_the_first_is_named, audience_says_who_reads_a_part,
	acknowledgement_governance_and_derived_kinds_need_no_rule, folder_of_files_becomes_trust,
	file_that_contradicts_is_named)
