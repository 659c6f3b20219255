/*
 * rivergate registry: make, edit, sign and judge the registry
 *
 * Method: each word edits one list of the message by a table of options; governed.c
 * reads, judges and saves.
 *
 * Threads: one.
 */

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/text.h"
#include "cli/governed.h"
#include "cli/keyfile.h"
#include "cli/verb.h"
#include "registry/pieces.h"

#define WORD(name) "registry " name
/* Half-made is fine: only what is there may not contradict itself. */
static rg_err judge_draft(struct rg_bytes content, struct governance_answer *ret_answer)
{
	scoped(registry_piece_unrefp) struct registry_piece *piece = NULL;
	rg_err err = registry_piece_new(content, 0, &piece, ret_answer);

	if (!err && !piece && strcmp(ret_answer->path, "members") == 0) {
		governance_agree(ret_answer);
	}
	return err;
}

static const struct governed_judge judge = {judge_draft};

static struct governed_file file_of(const struct argument_form *form,
	const struct arguments *arguments)
{
	return (struct governed_file){
		.form = form,
		.desc = &rivergate__v1__registry__descriptor,
		.path = arguments->operands[0],
	};
}

static Rivergate__V1__Registry *registry_of(struct governed_file *file)
{
	return (Rivergate__V1__Registry *)file->content;
}

static int no_memory(const struct governed_file *file)
{
	return governed_fault(file, RG_E_NOMEM);
}

/* Says that options are missing which --from-json would have given. */
static int needs(const struct governed_file *file, const char *what)
{
	arguments_complain(file->form, "needs %s, or --from-json FILE", what);
	return VERB_USAGE;
}

/* --- init ----------------------------------------------------------------------------------- */

struct init_options {
	const char *from_json;
};

static const struct argument_row init_rows[] = {GOVERNED_FROM_JSON(struct init_options),
	{.name = NULL}};

static const struct argument_form init_form = {
	.verb = WORD("init"),
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Starts a registry: version 1, without members. Add members first, then routers\n"
		 "and rules, then have it signed. FILE must not exist.",
	.example = "  rivergate registry init registry.json",
	.rows = init_rows,
};

static int run_init(int argc, char **argv)
{
	struct init_options options = {.from_json = NULL};
	struct arguments arguments;
	int exit_code = arguments_read(&init_form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	scoped(governed_deinit) struct governed_file file = file_of(&init_form, &arguments);
	exit_code = governed_create(&file);
	if (exit_code == ARGUMENTS_RUN && options.from_json) {
		exit_code = governed_read_json(&file, options.from_json, file.desc, &file.content);
	} else if (exit_code == ARGUMENTS_RUN) {
		registry_of(&file)->version = 1;
	}
	return exit_code == ARGUMENTS_RUN ? governed_save(&file, &judge) : exit_code;
}

/* --- add-member ----------------------------------------------------------------------------- */

struct member_options {
	const char *member;
	const char *name;
	const char *root;
	const char *governance;
	const char *witness;
	const char *from_json;
};

static const struct argument_row member_rows[] = {
	GOVERNED_TEXT(struct member_options, member, "member", "CC", "two letters, e.g. la"),
	GOVERNED_TEXT(struct member_options, name, "name", "TEXT", "the country's name"),
	GOVERNED_TEXT(struct member_options, root, "root", "CRT", "root certificate (keygen ca)"),
	GOVERNED_TEXT(struct member_options, governance, "governance", "PUB",
		"public governance key (keygen governance)"),
	GOVERNED_TEXT(struct member_options, witness, "witness", "PUB",
		"public witness key (keygen witness); optional"),
	GOVERNED_FROM_JSON(struct member_options),
	{.name = NULL},
};

static const struct argument_form member_form = {
	.verb = WORD("add-member"),
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Adds a member to the registry in FILE. Signatures are dropped.",
	.example = "  rivergate registry add-member registry.json --member la --name 'Lao PDR' \\\n"
		   "      --root la/root.crt --governance la/governance.pub",
	.rows = member_rows,
};

static rg_err take_root(struct governed_file *file, const char *path, ProtobufCBinaryData *ret)
{
	scoped(certificate_freep) struct certificate *root = NULL;
	rg_err err = keyfile_read_certificate(path, &root);

	if (err) {
		return err;
	}
	return governed_data(file, certificate_der(root), ret) ? RG_OK : RG_E_NOMEM;
}

static rg_err take_governance(struct governed_file *file, const char *path,
	Rivergate__V1__Member *member)
{
	scoped(key_freep) struct key *key = NULL;
	scoped(buf_deinit) struct buf spki = {0};
	rg_err err = keyfile_read_public(path, &key);

	if (!err) {
		err = key_spki(key, &spki);
	}
	if (err) {
		return err;
	}
	member->governance_algorithm = key_algorithm(key);
	return governed_data(file, buf_view(&spki), &member->governance_key) ? RG_OK : RG_E_NOMEM;
}

static rg_err take_ed25519(struct governed_file *file, const char *path, ProtobufCBinaryData *ret)
{
	uint8_t raw[32];
	rg_err err = keyfile_read_ed25519(path, raw);

	if (err) {
		return err;
	}
	return governed_data(file, bytes_of(raw, sizeof(raw)), ret) ? RG_OK : RG_E_NOMEM;
}

static rg_err fill_member(struct governed_file *file, const struct member_options *options,
	Rivergate__V1__Member *member)
{
	rivergate__v1__member__init(member);
	member->cc = governed_text(file, options->member);
	member->name = governed_text(file, options->name);
	if (!member->cc || !member->name) {
		return RG_E_NOMEM;
	}
	rg_err err = take_root(file, options->root, &member->root_certificate);
	if (!err) {
		err = take_governance(file, options->governance, member);
	}
	if (!err && options->witness) {
		err = take_ed25519(file, options->witness, &member->witness_key);
	}
	return err;
}

static int make_member(struct governed_file *file, const struct member_options *options,
	Rivergate__V1__Member **ret_member)
{
	if (options->from_json) {
		return governed_read_json(file, options->from_json,
			&rivergate__v1__member__descriptor, (ProtobufCMessage **)ret_member);
	}
	if (!options->member || !options->name || !options->root || !options->governance) {
		return needs(file, "--member, --name, --root and --governance");
	}
	*ret_member = governed_alloc(file, sizeof(**ret_member));
	rg_err err = *ret_member ? fill_member(file, options, *ret_member) : RG_E_NOMEM;
	return err ? governed_fault(file, err) : ARGUMENTS_RUN;
}

static int add_member(struct governed_file *file, Rivergate__V1__Member *member)
{
	Rivergate__V1__Registry *registry = registry_of(file);
	size_t at = 0;

	while (at < registry->n_members && strcmp(registry->members[at]->cc, member->cc) <= 0) {
		at++;
	}
	if (!governed_insert(file, &registry->members, &registry->n_members, at, member)) {
		return no_memory(file);
	}
	return governed_save(file, &judge);
}

static int run_add_member(int argc, char **argv)
{
	struct member_options options = {.member = NULL};
	struct arguments arguments;
	Rivergate__V1__Member *member;
	int exit_code = arguments_read(&member_form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	scoped(governed_deinit) struct governed_file file = file_of(&member_form, &arguments);
	exit_code = governed_open(&file);
	if (exit_code == ARGUMENTS_RUN) {
		exit_code = make_member(&file, &options, &member);
	}
	return exit_code == ARGUMENTS_RUN ? add_member(&file, member) : exit_code;
}

/* --- add-router ----------------------------------------------------------------------------- */

struct router_options {
	const char *address;
	const char *origin;
	const char *log;
	const char *router;
	const char *curve;
	const char *endpoint;
	const char *from_json;
};

static const struct argument_row router_rows[] = {
	GOVERNED_TEXT(struct router_options, address, "address", "ADDRESS", "e.g. router.mekong"),
	GOVERNED_TEXT(struct router_options, origin, "origin", "NAME",
		"log origin (keygen log --name)"),
	GOVERNED_TEXT(struct router_options, log, "log", "PUB", "public log key (keygen log)"),
	GOVERNED_TEXT(struct router_options, router, "router", "PUB",
		"public router key (keygen router)"),
	GOVERNED_TEXT(struct router_options, curve, "curve", "PUB",
		"public CURVE key (keygen curve)"),
	GOVERNED_TEXT(struct router_options, endpoint, "endpoint", "URL",
		"e.g. tcp://192.0.2.1:5670"),
	GOVERNED_FROM_JSON(struct router_options),
	{.name = NULL},
};

static const struct argument_form router_form = {
	.verb = WORD("add-router"),
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Adds a router to the registry in FILE. Signatures are dropped.",
	.example = "  rivergate registry add-router registry.json --address router.mekong \\\n"
		   "      --origin rivergate.example/mekong --log log.pub --router router.pub \\\n"
		   "      --curve curve.pub --endpoint tcp://192.0.2.1:5670",
	.rows = router_rows,
};

static rg_err take_curve(struct governed_file *file, const char *path, ProtobufCBinaryData *ret)
{
	uint8_t raw[KEYFILE_CURVE_LEN];
	rg_err err = keyfile_read_curve(path, raw);

	if (err) {
		return err;
	}
	return governed_data(file, bytes_of(raw, sizeof(raw)), ret) ? RG_OK : RG_E_NOMEM;
}

static rg_err fill_router(struct governed_file *file, const struct router_options *options,
	Rivergate__V1__Router *router)
{
	rivergate__v1__router__init(router);
	router->address = governed_text(file, options->address);
	router->origin = governed_text(file, options->origin);
	router->endpoint = governed_text(file, options->endpoint);
	if (!router->address || !router->origin || !router->endpoint) {
		return RG_E_NOMEM;
	}
	rg_err err = take_ed25519(file, options->log, &router->log_key);
	if (!err) {
		err = take_ed25519(file, options->router, &router->router_key);
	}
	return err ? err : take_curve(file, options->curve, &router->curve_key);
}

static int make_router(struct governed_file *file, const struct router_options *options,
	Rivergate__V1__Router **ret_router)
{
	if (options->from_json) {
		return governed_read_json(file, options->from_json,
			&rivergate__v1__router__descriptor, (ProtobufCMessage **)ret_router);
	}
	if (!options->address || !options->origin || !options->log || !options->router ||
		!options->curve || !options->endpoint) {
		return needs(file, "--address, --origin, --log, --router, --curve and --endpoint");
	}
	*ret_router = governed_alloc(file, sizeof(**ret_router));
	rg_err err = *ret_router ? fill_router(file, options, *ret_router) : RG_E_NOMEM;
	return err ? governed_fault(file, err) : ARGUMENTS_RUN;
}

static int run_add_router(int argc, char **argv)
{
	struct router_options options = {.address = NULL};
	struct arguments arguments;
	Rivergate__V1__Router *router;
	int exit_code = arguments_read(&router_form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	scoped(governed_deinit) struct governed_file file = file_of(&router_form, &arguments);
	exit_code = governed_open(&file);
	if (exit_code == ARGUMENTS_RUN) {
		exit_code = make_router(&file, &options, &router);
	}
	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	Rivergate__V1__Registry *registry = registry_of(&file);
	if (!governed_insert(&file, &registry->routers, &registry->n_routers, registry->n_routers,
		    router)) {
		return no_memory(&file);
	}
	return governed_save(&file, &judge);
}

/* --- add-rule ------------------------------------------------------------------------------- */

struct rule_options {
	const char *name;
	struct argument_texts from;
	struct argument_texts to;
	struct argument_texts kinds;
	struct argument_texts purposes;
	struct argument_texts parts;
	const char *instrument;
	const char *article;
	const char *valid_from;
	const char *valid_until;
	int64_t retention_days;
	bool onward_transfer;
	bool encryption_required;
	const char *from_json;
};

static const struct argument_row rule_rows[] = {
	GOVERNED_TEXT(struct rule_options, name, "name", "TEXT", "unique in the registry"),
	GOVERNED_TEXTS(struct rule_options, from, "from", "PREFIX", "senders; may be repeated"),
	GOVERNED_TEXTS(struct rule_options, to, "to", "PREFIX", "recipients; may be repeated"),
	GOVERNED_TEXTS(struct rule_options, kinds, "kind", "KIND",
		"e.g. DECLARATION; may be repeated"),
	GOVERNED_TEXTS(struct rule_options, purposes, "purpose", "PURPOSE",
		"e.g. ADVANCE; may be repeated; none: any"),
	GOVERNED_TEXTS(struct rule_options, parts, "part", "NAME",
		"a data set that may travel, e.g. customs; may be repeated"),
	GOVERNED_TEXT(struct rule_options, instrument, "instrument", "TEXT",
		"the agreement or law"),
	GOVERNED_TEXT(struct rule_options, article, "article", "TEXT", "its article"),
	GOVERNED_TEXT(struct rule_options, valid_from, "valid-from", "DATE",
		"first day, YYYY-MM-DD, UTC"),
	GOVERNED_TEXT(struct rule_options, valid_until, "valid-until", "DATE",
		"last day; none: open"),
	{.name = "retention-days",
		.type = ARGUMENT_NUMBER,
		.offset = offsetof(struct rule_options, retention_days),
		.value = "N",
		.min = 0,
		.max = 36500,
		.help = "how long the router keeps the parts"},
	GOVERNED_FLAG(struct rule_options, onward_transfer, "onward-transfer",
		"the recipient may pass the data on"),
	GOVERNED_FLAG(struct rule_options, encryption_required, "encryption-required",
		"plain parts do not pass"),
	GOVERNED_FROM_JSON(struct rule_options),
	{.name = NULL},
};

static const struct argument_form rule_form = {
	.verb = WORD("add-rule"),
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Adds a channel rule: what may go from whom to whom, and by which law. It holds\n"
		 "once every member whose addresses it names has signed. Signatures are dropped.",
	.example =
		"  rivergate registry add-rule registry.json --name la-cn-goods --from la --to cn "
		"\\\n"
		"      --kind DECLARATION --part customs --instrument 'Customs agreement' \\\n"
		"      --article 4 --valid-from 2026-01-01",
	.rows = rule_rows,
};

static bool fill_law(struct governed_file *file, const struct rule_options *options,
	Rivergate__V1__ChannelRule *rule)
{
	rule->legal_basis = governed_alloc(file, sizeof(*rule->legal_basis));
	if (!rule->legal_basis) {
		return false;
	}
	rivergate__v1__legal_basis__init(rule->legal_basis);
	rule->legal_basis->instrument = governed_text(file, options->instrument);
	rule->legal_basis->article = governed_text(file, options->article);
	rule->valid_from = governed_text(file, options->valid_from);
	rule->valid_until = governed_text(file, options->valid_until ? options->valid_until : "");
	rule->retention_days = (uint32_t)options->retention_days;
	rule->onward_transfer = options->onward_transfer;
	rule->encryption_required = options->encryption_required;
	return rule->legal_basis->instrument && rule->legal_basis->article && rule->valid_from &&
		rule->valid_until;
}

/* False: no memory, or a word that is none, which has been said. */
static bool fill_rule(struct governed_file *file, const struct rule_options *options,
	Rivergate__V1__ChannelRule *rule)
{
	int *kinds = NULL;
	int *purposes = NULL;

	rivergate__v1__channel_rule__init(rule);
	rule->name = governed_text(file, options->name);
	if (!rule->name || !governed_texts(file, &options->from, &rule->from, &rule->n_from) ||
		!governed_texts(file, &options->to, &rule->to, &rule->n_to) ||
		!governed_texts(file, &options->parts, &rule->parts, &rule->n_parts) ||
		!governed_enums(file, &rivergate__v1__kind__descriptor, &options->kinds, &kinds,
			&rule->n_kinds) ||
		!governed_enums(file, &rivergate__v1__purpose__descriptor, &options->purposes,
			&purposes, &rule->n_purposes)) {
		return false;
	}
	/* protobuf-c keeps enumerations as int. */
	rule->kinds = (Rivergate__V1__Kind *)(void *)kinds;
	rule->purposes = (Rivergate__V1__Purpose *)(void *)purposes;
	return fill_law(file, options, rule);
}

static int make_rule(struct governed_file *file, const struct rule_options *options,
	Rivergate__V1__ChannelRule **ret_rule)
{
	if (options->from_json) {
		return governed_read_json(file, options->from_json,
			&rivergate__v1__channel_rule__descriptor, (ProtobufCMessage **)ret_rule);
	}
	if (!options->name || !options->instrument || !options->article || !options->valid_from) {
		return needs(file,
			"--name, --from, --to, --kind, --part, --instrument, --article "
			"and --valid-from");
	}
	*ret_rule = governed_alloc(file, sizeof(**ret_rule));
	if (!*ret_rule) {
		return no_memory(file);
	}
	return fill_rule(file, options, *ret_rule) ? ARGUMENTS_RUN : VERB_USAGE;
}

static int run_add_rule(int argc, char **argv)
{
	struct rule_options options = {.name = NULL};
	struct arguments arguments;
	Rivergate__V1__ChannelRule *rule;
	int exit_code = arguments_read(&rule_form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	scoped(governed_deinit) struct governed_file file = file_of(&rule_form, &arguments);
	exit_code = governed_open(&file);
	if (exit_code == ARGUMENTS_RUN) {
		exit_code = make_rule(&file, &options, &rule);
	}
	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	Rivergate__V1__Registry *registry = registry_of(&file);
	if (!governed_insert(&file, &registry->rules, &registry->n_rules, registry->n_rules,
		    rule)) {
		return no_memory(&file);
	}
	return governed_save(&file, &judge);
}

/* --- sign ----------------------------------------------------------------------------------- */

struct sign_options {
	const char *member;
	const char *key;
};

static const struct argument_row sign_rows[] = {
	{.name = "member",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct sign_options, member),
		.is_required = true,
		.value = "CC",
		.help = "the member that signs"},
	{.name = "key",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct sign_options, key),
		.is_required = true,
		.value = "KEY",
		.help = "its private governance key"},
	{.name = NULL},
};

static const struct argument_form sign_form = {
	.verb = WORD("sign"),
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.about =
		"Adds or replaces a member's signature. The key must be the one that the registry\n"
		"names for that member.",
	.example = "  rivergate registry sign registry.json --member la --key la/governance.key",
	.rows = sign_rows,
};

static const Rivergate__V1__Member *find_member(const Rivergate__V1__Registry *registry,
	const char *cc)
{
	for (size_t i = 0; i < registry->n_members; i++) {
		if (strcmp(registry->members[i]->cc, cc) == 0) {
			return registry->members[i];
		}
	}
	return NULL;
}

/* ARGUMENTS_RUN when the key at path is the member's. */
static int check_key(struct governed_file *file, const struct sign_options *options)
{
	scoped(key_freep) struct key *key = NULL;
	scoped(buf_deinit) struct buf spki = {0};
	const Rivergate__V1__Member *member = find_member(registry_of(file), options->member);

	if (!member) {
		arguments_complain(file->form, "%s: '%s' is no member of this registry", file->path,
			options->member);
		return VERB_ANSWERED_NO;
	}
	rg_err err = key_load(options->key, &key);
	if (!err) {
		err = key_spki(key, &spki);
	}
	if (err) {
		arguments_complain(file->form, "--key %s: %s", options->key, rg_strerror(err));
		return VERB_COULD_NOT;
	}
	if (!bytes_equal(buf_view(&spki),
		    bytes_of(member->governance_key.data, member->governance_key.len))) {
		arguments_complain(file->form, "--key %s: is not the governance key of '%s' in %s",
			options->key, options->member, file->path);
		return VERB_ANSWERED_NO;
	}
	return ARGUMENTS_RUN;
}

static int run_sign(int argc, char **argv)
{
	struct sign_options options = {.member = NULL};
	struct arguments arguments;
	int exit_code = arguments_read(&sign_form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	scoped(governed_deinit) struct governed_file file = file_of(&sign_form, &arguments);
	exit_code = governed_open(&file);
	if (exit_code == ARGUMENTS_RUN) {
		exit_code = check_key(&file, &options);
	}
	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	return governed_sign(&file, GOVERNANCE_CONTEXT_REGISTRY, options.member, options.key);
}

/* --- verify --------------------------------------------------------------------------------- */

struct verify_options {
	const char *pin;
};

static const struct argument_row verify_rows[] = {
	GOVERNED_TEXT(struct verify_options, pin, "pin", "HEX", "the hash that was agreed upon"),
	{.name = NULL},
};

static const struct argument_form verify_form = {
	.verb = WORD("verify"),
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Says of each signature whether it is valid, whether the quorum is reached, what\n"
		 "contradicts what, and the hash (the pin).",
	.example = "  rivergate registry verify registry.json --pin \"$(cat pin)\"",
	.rows = verify_rows,
};

/* Is signature i valid? Not when its member or key is none. */
static bool is_signature_valid(struct governed_file *file, size_t i)
{
	const Rivergate__V1__Member *member =
		find_member(registry_of(file), file->governed->signatures[i]->member);
	scoped(key_freep) struct key *key = NULL;
	bool is_valid = false;

	if (!member ||
		key_from_spki(member->governance_algorithm,
			bytes_of(member->governance_key.data, member->governance_key.len), &key) ||
		!key) {
		return false;
	}
	return governance_verify(file->governed, i, GOVERNANCE_CONTEXT_REGISTRY, key, &is_valid) ==
		RG_OK &&
		is_valid;
}

static json_t *list_signatures(struct governed_file *file, size_t *ret_n_valid)
{
	json_t *list = json_array();

	*ret_n_valid = 0;
	for (size_t i = 0; i < file->governed->n_signatures; i++) {
		bool is_valid = is_signature_valid(file, i);

		*ret_n_valid += is_valid;
		json_array_append_new(list,
			json_pack("{s:s, s:b}", "member", file->governed->signatures[i]->member,
				"valid", is_valid));
	}
	return list;
}

static json_t *make_report(struct governed_file *file, const struct governance_answer *answer,
	const char *hash)
{
	const Rivergate__V1__Registry *registry = registry_of(file);
	size_t n_valid;
	json_t *signatures = list_signatures(file, &n_valid);
	json_t *report = json_pack("{s:s, s:I, s:b, s:i, s:i, s:i, s:o}", "hash", hash, "version",
		(json_int_t)registry->version, "valid", answer->is_ok, "members",
		(int)registry->n_members, "quorum", (int)(2 * registry->n_members / 3 + 1),
		"validSignatures", (int)n_valid, "signatures", signatures);

	if (report && !answer->is_ok) {
		json_object_set_new(report, "contradiction",
			json_pack("{s:s, s:s}", "path", answer->path, "text", answer->text));
	}
	return report;
}

static void print_report(const json_t *report)
{
	const json_t *contradiction = json_object_get(report, "contradiction");
	json_int_t n_valid = json_integer_value(json_object_get(report, "validSignatures"));
	json_int_t quorum = json_integer_value(json_object_get(report, "quorum"));
	json_t *signature;
	size_t i;

	printf("hash        %s\n", json_string_value(json_object_get(report, "hash")));
	printf("version     %lld\n",
		(long long)json_integer_value(json_object_get(report, "version")));
	json_array_foreach(json_object_get(report, "signatures"), i, signature)
	{
		printf("signature   %s %s\n",
			json_string_value(json_object_get(signature, "member")),
			json_is_true(json_object_get(signature, "valid")) ? "valid" : "NOT VALID");
	}
	printf("quorum      %s: %lld valid of %lld needed\n",
		n_valid >= quorum ? "reached" : "NOT REACHED", (long long)n_valid,
		(long long)quorum);
	if (contradiction) {
		printf("REFUSED     %s: %s\n",
			json_string_value(json_object_get(contradiction, "path")),
			json_string_value(json_object_get(contradiction, "text")));
	} else {
		puts("accepted");
	}
}

static int report(struct governed_file *file, const uint8_t pin[32], bool wants_json)
{
	scoped(trust_unrefp) struct trust *trust = NULL;
	struct governance_answer answer;
	char hex[2 * 32 + 1];
	uint8_t hash[32];
	rg_err err = governance_hash(file->governed, hash);

	if (!err) {
		err = trust_new(file->governed, pin ? pin : hash, 0, &trust, &answer);
	}
	if (err) {
		return governed_fault(file, err);
	}
	text_hex(bytes_of(hash, sizeof(hash)), hex);
	json_t *made = make_report(file, &answer, hex);
	if (!made) {
		return no_memory(file);
	}
	if (wants_json) {
		json_dumpf(made, stdout, JSON_INDENT(2));
		putchar('\n');
	} else {
		print_report(made);
	}
	json_decref(made);
	return trust ? VERB_DONE : VERB_ANSWERED_NO;
}

static int run_verify(int argc, char **argv)
{
	struct verify_options options = {.pin = NULL};
	struct arguments arguments;
	uint8_t pin[32];
	int exit_code = arguments_read(&verify_form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	if (options.pin && !text_unhex(options.pin, pin, sizeof(pin))) {
		arguments_complain(&verify_form, "--pin: give 64 hex digits, lower case");
		return VERB_USAGE;
	}
	scoped(governed_deinit) struct governed_file file = file_of(&verify_form, &arguments);
	exit_code = governed_open(&file);
	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	return report(&file, options.pin ? pin : NULL, arguments.wants_json);
}

/* --- show ----------------------------------------------------------------------------------- */

static const struct argument_row no_rows[] = {{.name = NULL}};

static const struct argument_form show_form = {
	.verb = WORD("show"),
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Prints the content as JSON. Says nothing about signatures: see verify.",
	.example = "  rivergate registry show registry.json",
	.rows = no_rows,
};

static int run_show(int argc, char **argv)
{
	struct arguments arguments;
	int exit_code = arguments_read(&show_form, argc, argv, NULL, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	scoped(governed_deinit) struct governed_file file = file_of(&show_form, &arguments);
	exit_code = governed_open(&file);
	return exit_code == ARGUMENTS_RUN ? governed_show(&file) : exit_code;
}

/* --- The verb ------------------------------------------------------------------------------- */

static const struct verb words[] = {
	{"init", "start a registry", run_init},
	{"add-member", "add a country that takes part", run_add_member},
	{"add-router", "add a router", run_add_router},
	{"add-rule", "add a channel rule", run_add_rule},
	{"sign", "add a member's signature", run_sign},
	{"verify", "judge signatures, quorum and contradictions; print the pin", run_verify},
	{"show", "print the content as JSON", run_show},
};

int verb_registry(int argc, char **argv)
{
	static const struct argument_group group = {
		.verb = "registry",
		.about = "The registry: members, routers and channel rules, signed by a quorum.",
		.words = words,
		.n_words = sizeof(words) / sizeof(words[0]),
	};

	return arguments_run_group(&group, argc, argv);
}
