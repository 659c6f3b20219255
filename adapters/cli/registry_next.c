/*
 * rivergate registry next and remove: the version that follows one in force
 *
 * Method: `next` copies the content, counts the version up and names the hash of what it
 * follows; the words that add and remove then edit it like any draft.
 *
 * Threads: one.
 */

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/registry.h"
#include "cli/verb.h"

/* --- next ----------------------------------------------------------------------------------- */

struct next_options {
	const char *out;
};

static const struct argument_row next_rows[] = {
	{.name = "out",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct next_options, out),
		.is_required = true,
		.value = "NEXT",
		.help = "the new file, e.g. registry.2.json; it must not exist"},
	{.name = NULL},
};

static const struct argument_form next_form = {
	.verb = REGISTRY_WORD("next"),
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.about =
		"Starts the version that follows the registry in FILE: the same content, the next\n"
		"number, and the hash of FILE. Edit it, have a quorum of FILE's members sign it,\n"
		"then submit it as any party (rivergate submit --kind registry), or lay it beside\n"
		"the first version as registry.<version>.json and send the router SIGHUP.",
	.example = "  rivergate registry next registry.json --out registry.2.json",
	.rows = next_rows,
};

int registry_next(int argc, char **argv)
{
	struct next_options options = {.out = NULL};
	struct arguments arguments;
	uint8_t hash[32];
	int exit_code = arguments_read(&next_form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	scoped(governed_deinit) struct governed_file file = registry_file(&next_form, &arguments);
	if (access(options.out, F_OK) == 0) {
		arguments_complain(&next_form, "%s exists already; choose another name",
			options.out);
		return VERB_COULD_NOT;
	}
	exit_code = governed_open(&file);
	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	rg_err err = governance_hash(file.governed, hash);
	Rivergate__V1__Registry *registry = registry_content(&file);
	if (err || !governed_data(&file, bytes_of(hash, sizeof(hash)), &registry->previous_hash)) {
		return governed_fault(&file, err ? err : RG_E_NOMEM);
	}
	registry->version++;
	file.path = options.out;
	governance_free(file.governed);
	file.governed = NULL;
	return registry_save(&file);
}

/* --- remove --------------------------------------------------------------------------------- */

struct remove_options {
	const char *member;
	const char *router;
	const char *rule;
	const char *auditor;
};

static const struct argument_row remove_rows[] = {
	GOVERNED_TEXT(struct remove_options, member, "member", "CC", "this member"),
	GOVERNED_TEXT(struct remove_options, router, "router", "ADDRESS", "this router"),
	GOVERNED_TEXT(struct remove_options, rule, "rule", "NAME", "this channel rule"),
	GOVERNED_TEXT(struct remove_options, auditor, "auditor", "ADDRESS", "this joint auditor"),
	{.name = NULL},
};

static const struct argument_form remove_form = {
	.verb = REGISTRY_WORD("remove"),
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Takes one member, router, rule or joint auditor out of the registry in FILE; a\n"
		 "quorum is enough to take an auditor's reading away. Signatures are dropped. To\n"
		 "change an entry, remove it and add it anew.",
	.example = "  rivergate registry remove registry.2.json --rule la-cn-goods",
	.rows = remove_rows,
};

/* False: there is none of this name. */
static bool remove_member(Rivergate__V1__Registry *registry, const char *cc)
{
	size_t n = 0;

	for (size_t i = 0; i < registry->n_members; i++) {
		if (strcmp(registry->members[i]->cc, cc) != 0) {
			registry->members[n++] = registry->members[i];
		}
	}
	bool is_found = n < registry->n_members;
	registry->n_members = n;
	return is_found;
}

static bool remove_router(Rivergate__V1__Registry *registry, const char *address)
{
	size_t n = 0;

	for (size_t i = 0; i < registry->n_routers; i++) {
		if (strcmp(registry->routers[i]->address, address) != 0) {
			registry->routers[n++] = registry->routers[i];
		}
	}
	bool is_found = n < registry->n_routers;
	registry->n_routers = n;
	return is_found;
}

static bool remove_rule(Rivergate__V1__Registry *registry, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < registry->n_rules; i++) {
		if (strcmp(registry->rules[i]->name, name) != 0) {
			registry->rules[n++] = registry->rules[i];
		}
	}
	bool is_found = n < registry->n_rules;
	registry->n_rules = n;
	return is_found;
}

static bool remove_auditor(Rivergate__V1__Registry *registry, const char *address)
{
	size_t n = 0;

	for (size_t i = 0; i < registry->n_auditors; i++) {
		if (strcmp(registry->auditors[i], address) != 0) {
			registry->auditors[n++] = registry->auditors[i];
		}
	}
	bool is_found = n < registry->n_auditors;
	registry->n_auditors = n;
	return is_found;
}

int registry_remove(int argc, char **argv)
{
	struct remove_options options = {.member = NULL};
	struct arguments arguments;
	int exit_code = arguments_read(&remove_form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	const struct {
		const char *name;
		bool (*remove)(Rivergate__V1__Registry *registry, const char *name);
	} wanted[] = {{options.member, remove_member}, {options.router, remove_router},
		{options.rule, remove_rule}, {options.auditor, remove_auditor}};
	const size_t n_kinds = sizeof(wanted) / sizeof(wanted[0]);
	int n_wanted = !!options.member + !!options.router + !!options.rule + !!options.auditor;
	if (n_wanted != 1) {
		arguments_complain(&remove_form,
			"name one of --member, --router, --rule and --auditor");
		return VERB_USAGE;
	}
	scoped(governed_deinit) struct governed_file file = registry_file(&remove_form, &arguments);
	exit_code = governed_open(&file);
	for (size_t i = 0; i < n_kinds && exit_code == ARGUMENTS_RUN; i++) {
		if (wanted[i].name && !wanted[i].remove(registry_content(&file), wanted[i].name)) {
			arguments_complain(&remove_form, "%s has no '%s'", file.path,
				wanted[i].name);
			exit_code = VERB_ANSWERED_NO;
		}
	}
	return exit_code == ARGUMENTS_RUN ? registry_save(&file) : exit_code;
}
