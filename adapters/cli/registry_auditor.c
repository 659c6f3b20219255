/*
 * rivergate registry add-auditor: who may read the records of all members
 *
 * Threads: one.
 */

#include <stddef.h>
#include <string.h>

#include "cli/registry.h"
#include "cli/verb.h"

struct auditor_options {
	const char *address;
};

static const struct argument_row auditor_rows[] = {
	{.name = "address",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct auditor_options, address),
		.is_required = true,
		.value = "ADDRESS",
		.help = "a party of a member, e.g. th.audit"},
	{.name = NULL},
};

static const struct argument_form auditor_form = {
	.verb = REGISTRY_WORD("add-auditor"),
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Names a joint auditor: a party that may read every record of the log. It needs "
		 "the\n"
		 "signatures of all members. Signatures are dropped.",
	.example = "  rivergate registry add-auditor registry.json --address th.audit",
	.rows = auditor_rows,
};

/* The list is in ascending order. */
static bool insert(struct governed_file *file, char *address)
{
	Rivergate__V1__Registry *registry = registry_content(file);
	size_t at = 0;

	while (at < registry->n_auditors && strcmp(registry->auditors[at], address) < 0) {
		at++;
	}
	return governed_insert(file, &registry->auditors, &registry->n_auditors, at, address);
}

int registry_add_auditor(int argc, char **argv)
{
	struct auditor_options options = {.address = NULL};
	struct arguments arguments;
	int exit_code = arguments_read(&auditor_form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	scoped(governed_deinit) struct governed_file file =
		registry_file(&auditor_form, &arguments);
	exit_code = governed_open(&file);
	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	char *address = governed_text(&file, options.address);

	if (!address || !insert(&file, address)) {
		return governed_fault(&file, RG_E_NOMEM);
	}
	return registry_save(&file);
}
