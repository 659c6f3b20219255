/*
 * rivergate directory sign and verify
 *
 * Threads: one.
 */

#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "base/text.h"
#include "cli/directory.h"
#include "cli/show.h"
#include "cli/verb.h"
#include "registry/trust.h"

/* --- sign ----------------------------------------------------------------------------------- */

struct sign_options {
	const char *key;
};

static const struct argument_row sign_rows[] = {
	{.name = "key",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct sign_options, key),
		.is_required = true,
		.value = "KEY",
		.help = "the member's private governance key"},
	{.name = NULL},
};

static const struct argument_form sign_form = {
	.verb = DIRECTORY_WORD("sign"),
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Signs the directory in FILE for its member.",
	.example = "  rivergate directory sign la.json --key la/governance.key",
	.rows = sign_rows,
};

int directory_sign(int argc, char **argv)
{
	struct sign_options options = {.key = NULL};
	struct arguments arguments;
	int exit_code = arguments_read(&sign_form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	scoped(governed_deinit) struct governed_file file = directory_file(&sign_form, &arguments);
	exit_code = governed_open(&file);
	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	return governed_sign(&file, GOVERNANCE_CONTEXT_DIRECTORY, directory_content(&file)->member,
		options.key);
}

/* --- verify --------------------------------------------------------------------------------- */

struct verify_options {
	const char *registry;
};

static const struct argument_row verify_rows[] = {
	{.name = "registry",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct verify_options, registry),
		.is_required = true,
		.value = "FILE",
		.help = "the registry whose member this is"},
	{.name = NULL},
};

static const struct argument_form verify_form = {
	.verb = DIRECTORY_WORD("verify"),
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Says whether the directory in FILE is valid under the registry: signature,\n"
		 "certificates, contradictions with their path; and its hash.",
	.example = "  rivergate directory verify la.json --registry registry.json",
	.rows = verify_rows,
};

/* The registry as it is, whatever its pin: judged by its own word. */
static int load_registry(const struct governed_file *file, const char *path,
	struct trust **ret_trust)
{
	scoped(governance_freep) Rivergate__V1__Governed *registry = NULL;
	struct governance_answer answer;
	uint8_t pin[32];
	rg_err err = governance_read(path, &registry, &answer);

	if (!err && registry) {
		err = governance_hash(registry, pin);
	}
	if (!err && registry) {
		err = trust_new(registry, pin, 0, ret_trust, &answer);
	}
	if (err) {
		return governed_fault(file, err);
	}
	if (!*ret_trust) {
		arguments_complain(file->form, "--registry %s: %s%s%s", path, answer.path,
			*answer.path ? ": " : "", answer.text);
		return VERB_COULD_NOT;
	}
	return ARGUMENTS_RUN;
}

static void print_report(struct governed_file *file, const struct governance_answer *answer,
	const char *hash, bool wants_json)
{
	const Rivergate__V1__Directory *directory = directory_content(file);

	if (!wants_json) {
		printf("hash        %s\nmember      %s\nversion     %llu\nparties     %zu\n", hash,
			directory->member, (unsigned long long)directory->version,
			directory->n_parties);
		printf(answer->is_ok ? "accepted\n" : "REFUSED     %s: %s\n", answer->path,
			answer->text);
		return;
	}
	json_t *report =
		json_pack("{s:s, s:s, s:I, s:b}", "hash", hash, "member", directory->member,
			"version", (json_int_t)directory->version, "valid", answer->is_ok);
	if (report && !answer->is_ok) {
		json_object_set_new(report, "contradiction",
			json_pack("{s:s, s:s}", "path", answer->path, "text", answer->text));
	}
	(void)show_json(report);
}

static int verify(struct governed_file *file, const struct trust *registry, bool wants_json)
{
	scoped(trust_unrefp) struct trust *trust = NULL;
	struct governance_answer answer;
	char hex[2 * 32 + 1];
	uint8_t hash[32];
	rg_err err = governance_hash(file->governed, hash);

	if (!err) {
		err = trust_apply_directory(registry, file->governed, 0, &trust, &answer);
	}
	if (err) {
		return governed_fault(file, err);
	}
	text_hex(bytes_of(hash, sizeof(hash)), hex);
	print_report(file, &answer, hex, wants_json);
	return trust ? VERB_DONE : VERB_ANSWERED_NO;
}

int directory_verify(int argc, char **argv)
{
	scoped(trust_unrefp) struct trust *registry = NULL;
	struct verify_options options = {.registry = NULL};
	struct arguments arguments;
	int exit_code = arguments_read(&verify_form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	scoped(governed_deinit) struct governed_file file =
		directory_file(&verify_form, &arguments);
	exit_code = governed_open(&file);
	if (exit_code == ARGUMENTS_RUN) {
		exit_code = load_registry(&file, options.registry, &registry);
	}
	return exit_code == ARGUMENTS_RUN ? verify(&file, registry, arguments.wants_json)
					  : exit_code;
}
