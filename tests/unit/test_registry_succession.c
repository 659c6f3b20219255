/*
 * The registry that follows another: what it needs beyond a quorum, what it leaves as it
 * was, and what contradicts.
 */

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "members.h"

#define ALL 7U

enum { C = 1, L = 2, T = 4 }; /* signers */

static char *other_from[] = {(char *)"th"};
static char *other_to[] = {(char *)"cn"};

/* A federation in force, and the draft of its next registry in members.registry. */
struct stage {
	struct members members;
	struct trust *trust;
	uint8_t hash[32];
	struct members_one fourth;
	struct key *other_key;
	struct buf other_spki;
	uint8_t raw[32];
	Rivergate__V1__ChannelRule rule;
	Rivergate__V1__ChannelRule *rules[4];
	Rivergate__V1__Member *list[5];
};

static void begin(struct stage *stage)
{
	members_init(&stage->members);
	stage->trust = members_trust(&stage->members);
	scoped(governance_freep) Rivergate__V1__Governed *first =
		members_registry(&stage->members, ALL);
	ck_assert_int_eq(governance_hash(first, stage->hash), RG_OK);
	stage->members.registry.version = 2;
	stage->members.registry.previous_hash = (ProtobufCBinaryData){32, stage->hash};
	buf_init(&stage->other_spki);
	stage->other_key = NULL;
	stage->fourth = (struct members_one){.root_key = NULL};
}

static void end(struct stage *stage)
{
	struct members_one *one = &stage->fourth;

	trust_unref(stage->trust);
	key_free(stage->other_key);
	buf_deinit(&stage->other_spki);
	key_free(one->root_key);
	key_free(one->governance);
	certificate_free(one->root);
	buf_deinit(&one->root_der);
	buf_deinit(&one->spki);
	members_deinit(&stage->members);
}

/* Applies the draft; NULL: refused, see answer. */
static struct trust *apply(struct stage *stage, unsigned signers, struct governance_answer *answer)
{
	scoped(governance_freep) Rivergate__V1__Governed *governed =
		members_registry(&stage->members, signers);
	struct trust *next = NULL;

	if (stage->fourth.governance && signers & 8) {
		ck_assert_int_eq(governance_sign(governed, GOVERNANCE_CONTEXT_REGISTRY, "vn",
					 stage->fourth.governance),
			RG_OK);
	}
	ck_assert_int_eq(trust_apply_registry(stage->trust, governed, 20, &next, answer), RG_OK);
	ck_assert_int_eq(next != NULL, answer->is_ok);
	return next;
}

/* --- Drafts: each changes members.registry ---------------------------------------------------- */

static void same(struct stage *stage)
{
	(void)stage;
}

static void numbers(struct stage *stage)
{
	stage->members.numbers.max_recipients = 5;
}

static void skips_a_version(struct stage *stage)
{
	stage->members.registry.version = 3;
}

static void goes_back(struct stage *stage)
{
	stage->members.registry.version = 1;
	stage->members.numbers.max_recipients = 5;
}

static void other_predecessor(struct stage *stage)
{
	stage->hash[0] ^= 1;
}

static void no_predecessor(struct stage *stage)
{
	stage->members.registry.previous_hash.len = 0;
}

static void add_rule(struct stage *stage)
{
	Rivergate__V1__Registry *registry = &stage->members.registry;

	stage->rule = stage->members.rules[0];
	stage->rule.name = members_text("th-cn");
	stage->rule.from = other_from;
	stage->rule.to = other_to;
	stage->rules[0] = registry->rules[0];
	stage->rules[1] = registry->rules[1];
	stage->rules[2] = &stage->rule;
	registry->rules = stage->rules;
	registry->n_rules = 3;
}

static void widen_rule(struct stage *stage)
{
	stage->members.kinds[0] = RIVERGATE__V1__KIND__KIND_DECISION;
	stage->members.rules[1].kinds = &stage->members.kinds[1];
	stage->members.kinds[1] = RIVERGATE__V1__KIND__KIND_DECLARATION;
}

static void drop_rule(struct stage *stage)
{
	stage->members.registry.n_rules = 1; /* la-th-secret is gone */
}

static void other_root(struct stage *stage)
{
	struct members_one *one = &stage->members.all[TH];

	ck_assert_int_eq(key_generate(MEMBERS_ALGORITHM(ED25519), &stage->other_key), RG_OK);
	ck_assert_int_eq(certificate_make_root(stage->other_key, "th",
				 MEMBERS_NOW_US - MEMBERS_YEAR_US, MEMBERS_NOW_US + MEMBERS_YEAR_US,
				 &stage->other_spki),
		RG_OK);
	one->entry.root_certificate = members_data(&stage->other_spki);
}

static void other_governance_key(struct stage *stage)
{
	struct members_one *one = &stage->members.all[TH];

	ck_assert_int_eq(key_generate(MEMBERS_ALGORITHM(ED25519), &stage->other_key), RG_OK);
	ck_assert_int_eq(key_spki(stage->other_key, &stage->other_spki), RG_OK);
	one->entry.governance_key = members_data(&stage->other_spki);
}

static void admit(struct stage *stage)
{
	Rivergate__V1__Registry *registry = &stage->members.registry;

	members_make_member(&stage->fourth, "vn", MEMBERS_ALGORITHM(ECDSA_P256_SHA256));
	for (size_t i = 0; i < MEMBERS_N; i++) {
		stage->list[i] = registry->members[i];
	}
	stage->list[MEMBERS_N] = &stage->fourth.entry;
	registry->members = stage->list;
	registry->n_members = MEMBERS_N + 1;
}

/* Thailand leaves, and the rule about its data with it. */
static void leave(struct stage *stage)
{
	stage->members.registry.n_members = TH;
	stage->members.registry.n_rules = 1;
}

static void other_log_key(struct stage *stage)
{
	stage->members.router_keys[1][0][5] ^= 1;
}

static void other_endpoint(struct stage *stage)
{
	stage->members.routers[1].endpoint = members_text("tcp://127.0.0.1:5999");
}

static void party_key_as_witness(struct stage *stage)
{
	const struct members_party *party = members_party_of(&stage->members, LA, 1);

	ck_assert_int_eq(key_ed25519_raw(party->signing, stage->raw), RG_OK);
	stage->members.all[LA].entry.witness_key = (ProtobufCBinaryData){32, stage->raw};
}

START_TEST(successor_needs_what_it_changes)
{
	static const struct {
		const char *name;
		void (*change)(struct stage *stage);
		unsigned signers;
		bool is_good;
		const char *path; /* begins so */
		const char *text; /* holds this */
	} rows[] = {
		{"numbers by all", numbers, ALL, true, NULL, NULL},
		{"numbers below the quorum", numbers, C | L, false, "signatures", "quorum is 3"},
		{"numbers by nobody", numbers, 0, false, "signatures", "0 of 3"},
		{"only the version", same, ALL, true, NULL, NULL},
		{"a version is skipped", skips_a_version, ALL, false, "version", "does not follow"},
		{"an older version", goes_back, ALL, false, "version", "record 1 brought"},
		{"another predecessor", other_predecessor, ALL, false, "previous_hash",
			"in force by record 1"},
		{"no predecessor", no_predecessor, ALL, false, "previous_hash", ""},
		{"a new rule by all", add_rule, ALL, true, NULL, NULL},
		{"a wider rule by all", widen_rule, ALL, true, NULL, NULL},
		{"a rule is gone", drop_rule, ALL, true, NULL, NULL},
		{"another root by itself", other_root, ALL, true, NULL, NULL},
		{"another governance key by the old one", other_governance_key, ALL, true, NULL,
			NULL},
		{"a new member by all and itself", admit, ALL | 8, true, NULL, NULL},
		{"a new member without its signature", admit, ALL, false, "members[3]", "'vn'"},
		{"a member leaves", leave, ALL & ~(unsigned)T, false, "signatures", "quorum is 3"},
		{"another key for a log", other_log_key, ALL, false, "routers[1].log_key",
			"new origin"},
		{"another endpoint", other_endpoint, ALL, true, NULL, NULL},
		{"a party's key as witness key", party_key_as_witness, ALL, false, "members[1]",
			"one use"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct governance_answer answer = {.is_ok = true};
		struct stage stage;

		begin(&stage);
		rows[i].change(&stage);
		scoped(trust_unrefp) struct trust *next = apply(&stage, rows[i].signers, &answer);
		ck_assert_msg((next != NULL) == rows[i].is_good, "%s: %s: %s", rows[i].name,
			answer.path, answer.text);
		if (!next) {
			ck_assert_msg(strncmp(answer.path, rows[i].path, strlen(rows[i].path)) ==
						0 &&
					strstr(answer.text, rows[i].text),
				"%s: %s: %s", rows[i].name, answer.path, answer.text);
		}
		end(&stage);
	}
}
END_TEST

/* With six members the quorum is five: so one may be missing, and is asked where it counts. */
struct six {
	struct members_one all[6];
	Rivergate__V1__Member *list[7];
	Rivergate__V1__Registry registry;
	Rivergate__V1__ChannelRule rules[2];
	Rivergate__V1__ChannelRule *rule_list[3];
	Rivergate__V1__LegalBasis law;
	Rivergate__V1__Kind kinds[1];
	char *from[1];
	char *to[1];
	char *parts[1];
	uint8_t hash[32];
	struct trust *trust;
};

static const char *const six_ccs[] = {"cn", "kh", "la", "mm", "th", "vn"};

static Rivergate__V1__Governed *six_sign(struct six *six, unsigned missing)
{
	Rivergate__V1__Governed *governed = members_pack(&six->registry.base);

	for (unsigned i = 0; i < 6; i++) {
		if (i != missing) {
			ck_assert_int_eq(governance_sign(governed, GOVERNANCE_CONTEXT_REGISTRY,
						 six_ccs[i], six->all[i].governance),
				RG_OK);
		}
	}
	return governed;
}

static void six_begin(struct six *six)
{
	struct governance_answer answer;

	*six = (struct six){.from = {(char *)"la"},
		.to = {(char *)"vn"},
		.parts = {(char *)"customs"}};
	rivergate__v1__registry__init(&six->registry);
	for (size_t i = 0; i < 6; i++) {
		members_make_member(&six->all[i], six_ccs[i], MEMBERS_ALGORITHM(ED25519));
		six->list[i] = &six->all[i].entry;
	}
	rivergate__v1__legal_basis__init(&six->law);
	six->law.instrument = members_text("an agreement");
	six->law.article = members_text("1");
	six->kinds[0] = RIVERGATE__V1__KIND__KIND_DECLARATION;
	for (size_t i = 0; i < 2; i++) {
		rivergate__v1__channel_rule__init(&six->rules[i]);
		six->rules[i].name = members_text(i ? "again" : "la-vn");
		six->rules[i].from = six->from;
		six->rules[i].n_from = 1;
		six->rules[i].to = six->to;
		six->rules[i].n_to = 1;
		six->rules[i].parts = six->parts;
		six->rules[i].n_parts = 1;
		six->rules[i].kinds = six->kinds;
		six->rules[i].n_kinds = 1;
		six->rules[i].legal_basis = &six->law;
		six->rules[i].valid_from = members_text("2020-01-01");
		six->rule_list[i] = &six->rules[i];
	}
	six->registry.version = 1;
	six->registry.members = six->list;
	six->registry.n_members = 6;
	six->registry.rules = six->rule_list;
	six->registry.n_rules = 1;
	scoped(governance_freep) Rivergate__V1__Governed *first = six_sign(six, 6);
	ck_assert_int_eq(governance_hash(first, six->hash), RG_OK);
	ck_assert_int_eq(trust_new(first, six->hash, 1, &six->trust, &answer), RG_OK);
	ck_assert_msg(six->trust != NULL, "%s: %s", answer.path, answer.text);
	six->registry.version = 2;
	six->registry.previous_hash = (ProtobufCBinaryData){32, six->hash};
}

static void six_end(struct six *six)
{
	trust_unref(six->trust);
	for (size_t i = 0; i < 6; i++) {
		key_free(six->all[i].root_key);
		key_free(six->all[i].governance);
		certificate_free(six->all[i].root);
		buf_deinit(&six->all[i].root_der);
		buf_deinit(&six->all[i].spki);
	}
}

static void six_number(struct six *six)
{
	static Rivergate__V1__Numbers changed = RIVERGATE__V1__NUMBERS__INIT;

	changed.max_recipients = 7;
	six->registry.numbers = &changed;
}

static void six_add_rule(struct six *six)
{
	six->registry.n_rules = 2;
}

static void six_widen_rule(struct six *six)
{
	six->rules[0].onward_transfer = true;
}

static void six_drop_rule(struct six *six)
{
	six->registry.n_rules = 0;
}

static void six_rename(struct six *six)
{
	six->all[4].entry.name = members_text("another name"); /* th */
}

static void six_leave(struct six *six)
{
	six->list[2] = six->list[3]; /* la */
	six->list[3] = six->list[4];
	six->list[4] = six->list[5];
	six->registry.n_members = 5;
	six->registry.n_rules = 0;
}

static char *joint[] = {(char *)"th.audit"};

static void six_add_auditor(struct six *six)
{
	six->registry.auditors = joint;
	six->registry.n_auditors = 1;
}

START_TEST(one_may_be_missing_where_it_is_not_about_him)
{
	enum { CN6, KH6, LA6, MM6, TH6, VN6 };
	static const struct {
		const char *name;
		void (*change)(struct six *six);
		unsigned missing;
		bool is_good;
	} rows[] = {
		{"numbers without th", six_number, TH6, true},
		{"numbers without la", six_number, LA6, true},
		{"rule la-vn without th", six_add_rule, TH6, true},
		{"rule la-vn without la", six_add_rule, LA6, false},
		{"rule la-vn without vn", six_add_rule, VN6, false},
		{"wider rule without vn", six_widen_rule, VN6, false},
		{"wider rule without cn", six_widen_rule, CN6, true},
		{"la withdraws its rule without vn", six_drop_rule, VN6, true},
		{"th's name without th", six_rename, TH6, false},
		{"th's name without la", six_rename, LA6, true},
		{"la leaves against its will", six_leave, LA6, true},
		{"a joint auditor by all", six_add_auditor, 6, true},
		{"a joint auditor without cn", six_add_auditor, CN6, false},
		{"a joint auditor without th", six_add_auditor, TH6, false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct governance_answer answer;
		scoped(trust_unrefp) struct trust *next = NULL;
		struct six six;

		six_begin(&six);
		rows[i].change(&six);
		scoped(governance_freep) Rivergate__V1__Governed *governed =
			six_sign(&six, rows[i].missing);
		if (rows[i].change == six_leave) {
			/* Who leaves does not sign; his signature would count all the same. */
			ck_assert_uint_eq(governed->n_signatures, 5);
		}
		ck_assert_int_eq(trust_apply_registry(six.trust, governed, 9, &next, &answer),
			RG_OK);
		ck_assert_msg((next != NULL) == rows[i].is_good, "%s: %s: %s", rows[i].name,
			answer.path, answer.text);
		six_end(&six);
	}
}
END_TEST

START_TEST(the_first_registry_names_a_joint_auditor_by_all_members_only)
{
	static const struct {
		bool has_auditor;
		unsigned missing;
		bool is_good;
	} rows[] = {{true, 6, true}, {false, 1, true}, {true, 1, false}, {true, 3, false}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct governance_answer answer;
		scoped(trust_unrefp) struct trust *first = NULL;
		uint8_t pin[32];
		struct six six;

		six_begin(&six);
		six.registry.version = 1;
		six.registry.previous_hash.len = 0;
		if (rows[i].has_auditor) {
			six_add_auditor(&six);
		}
		scoped(governance_freep) Rivergate__V1__Governed *governed =
			six_sign(&six, rows[i].missing);

		ck_assert_int_eq(governance_hash(governed, pin), RG_OK);
		ck_assert_int_eq(trust_new(governed, pin, 1, &first, &answer), RG_OK);
		ck_assert_msg((first != NULL) == rows[i].is_good, "row %zu: %s: %s", i, answer.path,
			answer.text);
		if (first) {
			ck_assert(trust_is_joint_auditor(first, "th.audit") == rows[i].has_auditor);
			ck_assert(!trust_is_joint_auditor(first, "th.customs"));
		} else {
			ck_assert_str_eq(answer.path, "auditors");
		}
		six_end(&six);
	}
}
END_TEST

START_TEST(of_two_successors_the_first_is_final)
{
	struct governance_answer answer;
	struct stage stage;

	begin(&stage);
	numbers(&stage);
	struct trust *second = apply(&stage, ALL, &answer);
	ck_assert_ptr_nonnull(second);
	ck_assert_uint_eq(trust_registry_index(second), 20);
	ck_assert_uint_eq(trust_numbers(second)->max_recipients, 5);
	ck_assert(trust_has_registry(second, stage.hash));
	ck_assert_ptr_nonnull(trust_party_at(second, "la.customs"));
	ck_assert_uint_eq(trust_directory_index(second, "la"), 7);
	trust_unref(stage.trust);
	stage.trust = second;

	stage.members.numbers.max_recipients = 6;
	ck_assert_ptr_null(apply(&stage, ALL, &answer));
	ck_assert_str_eq(answer.path, "version");
	ck_assert_ptr_nonnull(strstr(answer.text, "record 20 brought another version 2"));
	/* The very same once more, and the one before: both have been said. */
	stage.members.numbers.max_recipients = 5;
	ck_assert_ptr_null(apply(&stage, ALL, &answer));
	ck_assert_ptr_nonnull(strstr(answer.text, "in force already, by record 20"));
	stage.members.numbers.max_recipients = 0;
	stage.members.registry.version = 1;
	stage.members.registry.previous_hash.len = 0;
	ck_assert_ptr_null(apply(&stage, ALL, &answer));
	ck_assert_ptr_nonnull(strstr(answer.text, "is older than 2"));
	end(&stage);
}
END_TEST

START_TEST(changed_root_takes_directory_and_list_with_it_and_nobody_elses)
{
	struct governance_answer answer;
	struct stage stage;

	begin(&stage);
	other_root(&stage);
	scoped(trust_unrefp) struct trust *next = apply(&stage, ALL, &answer);
	ck_assert_ptr_nonnull(next);
	ck_assert_ptr_null(trust_party_at(next, "th.doa"));
	ck_assert_ptr_nonnull(trust_party_at(next, "la.customs"));
	end(&stage);
}
END_TEST

/* --- Files ------------------------------------------------------------------------------------ */

START_TEST(later_versions_are_read_from_beside_the_first)
{
	static const char *const wrong[] = {"registry.3.json", "registry.2.json"};
	struct governance_answer answer;
	char folder[] = "/tmp/rg-registry-succession-XXXXXX";
	char path[3][80];
	struct stage stage;
	struct trust *trust = NULL;

	begin(&stage);
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path[0], sizeof(path[0]), "%s/registry.json", folder);
	stage.members.registry.version = 1;
	stage.members.registry.previous_hash.len = 0;
	scoped(governance_freep) Rivergate__V1__Governed *first =
		members_registry(&stage.members, ALL);
	ck_assert_int_eq(governance_write(path[0], first), RG_OK);
	stage.members.registry.version = 2;
	stage.members.registry.previous_hash.len = 32;
	numbers(&stage);
	scoped(governance_freep) Rivergate__V1__Governed *second =
		members_registry(&stage.members, ALL);
	scoped(governance_freep) Rivergate__V1__Governed *few = members_registry(&stage.members, C);

	for (size_t i = 0; i < 2; i++) {
		snprintf(path[1 + i], sizeof(path[1]), "%s/%s", folder, wrong[i]);
	}
	/* A version that follows nothing is not looked at. */
	ck_assert_int_eq(governance_write(path[1], second), RG_OK);
	ck_assert_int_eq(trust_load(path[0], NULL, stage.hash, &trust, &answer), RG_OK);
	ck_assert_uint_eq(trust_registry(trust)->version, 1);
	trust_unref(trust);
	unlink(path[1]);
	/* One without its quorum is refused by its name. */
	ck_assert_int_eq(governance_write(path[2], few), RG_OK);
	ck_assert_int_eq(trust_load(path[0], NULL, stage.hash, &trust, &answer), RG_OK);
	ck_assert_ptr_null(trust);
	ck_assert_ptr_nonnull(strstr(answer.path, "registry.2.json"));
	ck_assert_int_eq(governance_write(path[2], second), RG_OK);
	ck_assert_int_eq(trust_load(path[0], NULL, stage.hash, &trust, &answer), RG_OK);
	ck_assert_ptr_nonnull(trust);
	ck_assert_uint_eq(trust_registry(trust)->version, 2);
	trust_unref(trust);
	unlink(path[0]);
	unlink(path[2]);
	rmdir(folder);
	end(&stage);
}
END_TEST

CHECK_MAIN("registry_succession", successor_needs_what_it_changes,
	one_may_be_missing_where_it_is_not_about_him,
	the_first_registry_names_a_joint_auditor_by_all_members_only,
	of_two_successors_the_first_is_final,
	changed_root_takes_directory_and_list_with_it_and_nobody_elses,
	later_versions_are_read_from_beside_the_first)
