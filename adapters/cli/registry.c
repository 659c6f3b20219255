/*
 * rivergate registry: make, edit, sign and judge the registry
 *
 * Method: each word edits one list of the message by a table of options; governed.c
 * reads, judges and saves. Rules: registry_rule.c; sign and verify: registry_check.c.
 *
 * Threads: one.
 */

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/governed.h"
#include "cli/keyfile.h"
#include "cli/registry.h"
#include "cli/verb.h"
#include "registry/pieces.h"

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

int registry_save(struct governed_file *file)
{
	static const struct governed_judge judge = {judge_draft};

	return governed_save(file, &judge);
}

struct governed_file registry_file(const struct argument_form *form,
	const struct arguments *arguments)
{
	return (struct governed_file){
		.form = form,
		.desc = &rivergate__v1__registry__descriptor,
		.path = arguments->operands[0],
	};
}

Rivergate__V1__Registry *registry_content(struct governed_file *file)
{
	return (Rivergate__V1__Registry *)file->content;
}

int registry_needs(const struct governed_file *file, const char *what)
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
	.verb = REGISTRY_WORD("init"),
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
	scoped(governed_deinit) struct governed_file file = registry_file(&init_form, &arguments);
	exit_code = governed_create(&file);
	if (exit_code == ARGUMENTS_RUN && options.from_json) {
		exit_code = governed_read_json(&file, options.from_json, file.desc, &file.content);
	} else if (exit_code == ARGUMENTS_RUN) {
		registry_content(&file)->version = 1;
	}
	return exit_code == ARGUMENTS_RUN ? registry_save(&file) : exit_code;
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
	.verb = REGISTRY_WORD("add-member"),
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
		return registry_needs(file, "--member, --name, --root and --governance");
	}
	*ret_member = governed_alloc(file, sizeof(**ret_member));
	rg_err err = *ret_member ? fill_member(file, options, *ret_member) : RG_E_NOMEM;
	return err ? governed_fault(file, err) : ARGUMENTS_RUN;
}

static int add_member(struct governed_file *file, Rivergate__V1__Member *member)
{
	Rivergate__V1__Registry *registry = registry_content(file);
	size_t at = 0;

	while (at < registry->n_members && strcmp(registry->members[at]->cc, member->cc) <= 0) {
		at++;
	}
	if (!governed_insert(file, &registry->members, &registry->n_members, at, member)) {
		return governed_fault(file, RG_E_NOMEM);
	}
	return registry_save(file);
}

static int run_add_member(int argc, char **argv)
{
	struct member_options options = {.member = NULL};
	struct arguments arguments;
	Rivergate__V1__Member *member = NULL;
	int exit_code = arguments_read(&member_form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	scoped(governed_deinit) struct governed_file file = registry_file(&member_form, &arguments);
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
	.verb = REGISTRY_WORD("add-router"),
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
		return registry_needs(file,
			"--address, --origin, --log, --router, --curve and --endpoint");
	}
	*ret_router = governed_alloc(file, sizeof(**ret_router));
	rg_err err = *ret_router ? fill_router(file, options, *ret_router) : RG_E_NOMEM;
	return err ? governed_fault(file, err) : ARGUMENTS_RUN;
}

static int run_add_router(int argc, char **argv)
{
	struct router_options options = {.address = NULL};
	struct arguments arguments;
	Rivergate__V1__Router *router = NULL;
	int exit_code = arguments_read(&router_form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	scoped(governed_deinit) struct governed_file file = registry_file(&router_form, &arguments);
	exit_code = governed_open(&file);
	if (exit_code == ARGUMENTS_RUN) {
		exit_code = make_router(&file, &options, &router);
	}
	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	Rivergate__V1__Registry *registry = registry_content(&file);
	if (!governed_insert(&file, &registry->routers, &registry->n_routers, registry->n_routers,
		    router)) {
		return governed_fault(&file, RG_E_NOMEM);
	}
	return registry_save(&file);
}

/* --- show ----------------------------------------------------------------------------------- */

static const struct argument_row no_rows[] = {{.name = NULL}};

static const struct argument_form show_form = {
	.verb = REGISTRY_WORD("show"),
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
	scoped(governed_deinit) struct governed_file file = registry_file(&show_form, &arguments);
	exit_code = governed_open(&file);
	return exit_code == ARGUMENTS_RUN ? governed_show(&file) : exit_code;
}

/* --- The verb ------------------------------------------------------------------------------- */

static const struct verb words[] = {
	{"init", "start a registry", run_init},
	{"add-member", "add a country that takes part", run_add_member},
	{"add-router", "add a router", run_add_router},
	{"add-rule", "add a channel rule", registry_add_rule},
	{"add-auditor", "name a joint auditor", registry_add_auditor},
	{"next", "start the version that follows a registry", registry_next},
	{"remove", "take a member, router, rule or auditor out", registry_remove},
	{"sign", "add a member's signature", registry_sign},
	{"verify", "judge signatures, quorum and contradictions; print the pin", registry_verify},
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
