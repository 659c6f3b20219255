/*
 * rivergate profile: make, judge and sign what a member wants of the window
 *
 * Method: a profile is written by people as JSON (proto/rivergate/v1/window.proto); `init`
 * makes the governance file from it, and `edit` its next version. The form is judged
 * whenever the file is saved, the rest by `verify`, which knows registry and directory.
 *
 * Threads: one.
 */

#include <stddef.h>
#include <stdio.h>

#include <jansson.h>

#include "base/text.h"
#include "cli/governed.h"
#include "cli/show.h"
#include "cli/verb.h"
#include "registry/pieces.h"
#include "registry/trust.h"

static rg_err judge_draft(struct rg_bytes content, struct governance_answer *ret_answer)
{
	scoped(profile_piece_unrefp) struct profile_piece *piece = NULL;

	return profile_piece_new(content, 0, &piece, ret_answer);
}

static const struct governed_judge judge = {judge_draft};

static struct governed_file file_of(const struct argument_form *form,
	const struct arguments *arguments)
{
	return (struct governed_file){
		.form = form,
		.desc = &rivergate__v1__window_profile__descriptor,
		.path = arguments->operands[0],
	};
}

static Rivergate__V1__WindowProfile *content_of(const struct governed_file *file)
{
	return (Rivergate__V1__WindowProfile *)file->content;
}

/* init and edit */

struct source_options {
	const char *from_json;
};

static const struct argument_row source_rows[] = {
	{.name = "from-json",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct source_options, from_json),
		.is_required = true,
		.value = "FILE",
		.help = "the profile as JSON; proto/rivergate/v1/window.proto names its fields"},
	{.name = NULL},
};

static const struct argument_form init_form = {
	.verb = "profile init",
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Makes a member's profile from JSON. FILE must not exist. A contradiction is "
		 "refused\nwith the path of the rule.",
	.example = "  rivergate profile init la.profile.json --from-json la.json",
	.rows = source_rows,
};

static const struct argument_form edit_form = {
	.verb = "profile edit",
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Replaces the content of FILE by that of the JSON. Of a signed profile, which may "
		 "be in\nforce, it makes the next version, whatever version the JSON says.",
	.example = "  rivergate profile edit la.profile.json --from-json la.json",
	.rows = source_rows,
};

static int run_init(int argc, char **argv)
{
	struct source_options options = {.from_json = NULL};
	struct arguments arguments;
	int exit_code = arguments_read(&init_form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	scoped(governed_deinit) struct governed_file file = file_of(&init_form, &arguments);
	exit_code = governed_create(&file);
	if (exit_code == ARGUMENTS_RUN) {
		exit_code = governed_read_json(&file, options.from_json, file.desc, &file.content);
	}
	return exit_code == ARGUMENTS_RUN ? governed_save(&file, &judge) : exit_code;
}

static int run_edit(int argc, char **argv)
{
	struct source_options options = {.from_json = NULL};
	struct arguments arguments;
	int exit_code = arguments_read(&edit_form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	scoped(governed_deinit) struct governed_file file = file_of(&edit_form, &arguments);
	exit_code = governed_open(&file);
	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	uint64_t version = content_of(&file)->version;
	exit_code = governed_read_json(&file, options.from_json, file.desc, &file.content);
	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	if (file.governed->n_signatures > 0) {
		content_of(&file)->version = version + 1;
		fprintf(stderr, "%s: this is version %llu now\n", file.path,
			(unsigned long long)version + 1);
	}
	return governed_save(&file, &judge);
}

/* sign */

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
	.verb = "profile sign",
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Signs the profile in FILE for its member.",
	.example = "  rivergate profile sign la.profile.json --key la/governance.key",
	.rows = sign_rows,
};

static int run_sign(int argc, char **argv)
{
	struct sign_options options = {.key = NULL};
	struct arguments arguments;
	int exit_code = arguments_read(&sign_form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	scoped(governed_deinit) struct governed_file file = file_of(&sign_form, &arguments);
	exit_code = governed_open(&file);
	return exit_code == ARGUMENTS_RUN ? governed_sign(&file, GOVERNANCE_CONTEXT_PROFILE,
						    content_of(&file)->member, options.key)
					  : exit_code;
}

/* verify */

struct verify_options {
	const char *registry;
	const char *directory;
};

static const struct argument_row verify_rows[] = {
	{.name = "registry",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct verify_options, registry),
		.is_required = true,
		.value = "FILE",
		.help = "the registry whose member this is"},
	{.name = "directory",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct verify_options, directory),
		.is_required = true,
		.value = "FILE",
		.help = "the member's directory: its authorities are parties there"},
	{.name = NULL},
};

static const struct argument_form verify_form = {
	.verb = "profile verify",
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Says whether the profile in FILE can be in force: signature, authorities,\n"
		 "contradictions with their path; and its hash.",
	.example = "  rivergate profile verify la.profile.json --registry registry.json "
		   "--directory la.json",
	.rows = verify_rows,
};

/* What is in force beside the profile, each judged by its own word; the answer names the file. */
static rg_err load_trust(const struct verify_options *options, struct trust **ret_trust,
	struct governance_answer *ret_answer)
{
	scoped(governance_freep) Rivergate__V1__Governed *registry = NULL;
	scoped(governance_freep) Rivergate__V1__Governed *directory = NULL;
	scoped(trust_unrefp) struct trust *trust = NULL;
	uint8_t pin[32];
	rg_err err = governance_read(options->registry, &registry, ret_answer);

	if (!err && registry) {
		err = governance_hash(registry, pin);
	}
	if (!err && registry) {
		err = trust_new(registry, pin, 0, &trust, ret_answer);
	}
	if (!err && trust) {
		err = governance_read(options->directory, &directory, ret_answer);
	}
	return err || !directory
		? err
		: trust_apply_directory(trust, directory, 0, ret_trust, ret_answer);
}

static void print_report(const struct governed_file *file, const struct governance_answer *answer,
	const char *hash, bool wants_json)
{
	const Rivergate__V1__WindowProfile *profile = content_of(file);

	if (!wants_json) {
		printf("hash        %s\nmember      %s\nversion     %llu\nrules       %zu\n", hash,
			profile->member, (unsigned long long)profile->version, profile->n_rules);
		printf(answer->is_ok ? "accepted\n" : "REFUSED     %s: %s\n", answer->path,
			answer->text);
		return;
	}
	json_t *report = json_pack("{s:s, s:s, s:I, s:b}", "hash", hash, "member", profile->member,
		"version", (json_int_t)profile->version, "valid", answer->is_ok);
	if (report && !answer->is_ok) {
		json_object_set_new(report, "contradiction",
			json_pack("{s:s, s:s}", "path", answer->path, "text", answer->text));
	}
	(void)show_json(report);
}

static int verify(const struct governed_file *file, const struct trust *in_force, bool wants_json)
{
	scoped(trust_unrefp) struct trust *trust = NULL;
	struct governance_answer answer;
	char hex[2 * 32 + 1];
	uint8_t hash[32];
	rg_err err = governance_hash(file->governed, hash);

	if (!err) {
		err = trust_apply_profile(in_force, file->governed, 0, &trust, &answer);
	}
	if (err) {
		return governed_fault(file, err);
	}
	text_hex(bytes_of(hash, sizeof(hash)), hex);
	print_report(file, &answer, hex, wants_json);
	return trust ? VERB_DONE : VERB_ANSWERED_NO;
}

static int run_verify(int argc, char **argv)
{
	scoped(trust_unrefp) struct trust *in_force = NULL;
	struct verify_options options = {.registry = NULL};
	struct governance_answer answer = {.is_ok = false};
	struct arguments arguments;
	int exit_code = arguments_read(&verify_form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	scoped(governed_deinit) struct governed_file file = file_of(&verify_form, &arguments);
	exit_code = governed_open(&file);
	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	rg_err err = load_trust(&options, &in_force, &answer);
	if (err) {
		return governed_fault(&file, err);
	}
	if (!in_force) {
		arguments_complain(file.form, "--registry, --directory: %s%s%s", answer.path,
			*answer.path ? ": " : "", answer.text);
		return VERB_COULD_NOT;
	}
	return verify(&file, in_force, arguments.wants_json);
}

/* show */

static const struct argument_row no_rows[] = {{.name = NULL}};

static const struct argument_form show_form = {
	.verb = "profile show",
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Prints the content as JSON. Says nothing about signatures: see verify.",
	.example = "  rivergate profile show la.profile.json",
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

/* The verb */

static const struct verb words[] = {
	{"init", "make a member's profile from JSON", run_init},
	{"edit", "replace its content, as the next version", run_edit},
	{"sign", "sign for the member", run_sign},
	{"verify", "judge signature, authorities and contradictions", run_verify},
	{"show", "print the content as JSON", run_show},
};

int verb_profile(int argc, char **argv)
{
	static const struct argument_group group = {
		.verb = "profile",
		.about = "What a member wants of the window: which authority decides on which "
			 "goods, within\nwhich time, by which law.",
		.words = words,
		.n_words = sizeof(words) / sizeof(words[0]),
	};

	return arguments_run_group(&group, argc, argv);
}
