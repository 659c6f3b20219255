/*
 * rivergate registry sign and verify
 *
 * Threads: one.
 */

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "base/text.h"
#include "cli/registry.h"
#include "cli/show.h"
#include "cli/verb.h"
#include "registry/trust.h"

/* --- sign ----------------------------------------------------------------------------------- */

struct sign_options {
	const char *member;
	const char *key;
	const char *previous;
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
	{.name = "previous",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct sign_options, previous),
		.value = "FILE",
		.help = "the version before, whose keys count; needed where the key changes"},
	{.name = NULL},
};

static const struct argument_form sign_form = {
	.verb = REGISTRY_WORD("sign"),
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
	scoped(governed_deinit) struct governed_file before = {.form = file->form,
		.desc = file->desc,
		.path = options->previous};
	int exit_code = options->previous ? governed_open(&before) : ARGUMENTS_RUN;

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	const Rivergate__V1__Member *member =
		options->previous ? find_member(registry_content(&before), options->member) : NULL;
	member = member ? member : find_member(registry_content(file), options->member);
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

int registry_sign(int argc, char **argv)
{
	struct sign_options options = {.member = NULL};
	struct arguments arguments;
	int exit_code = arguments_read(&sign_form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	scoped(governed_deinit) struct governed_file file = registry_file(&sign_form, &arguments);
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
	const char *after;
};

static const struct argument_row verify_rows[] = {
	GOVERNED_TEXT(struct verify_options, pin, "pin", "HEX",
		"the hash of version 1 that was agreed upon"),
	GOVERNED_TEXT(struct verify_options, after, "after", "FILE",
		"version 1, with the versions between beside it (registry.2.json …): judge FILE "
		"as their successor"),
	{.name = NULL},
};

static const struct argument_form verify_form = {
	.verb = REGISTRY_WORD("verify"),
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Says of each signature whether it is valid, whether the quorum is reached, what\n"
		 "contradicts what, and the hash (the pin).",
	.example = "  rivergate registry verify registry.json --pin \"$(cat pin)\"\n"
		   "  rivergate registry verify draft.json --after registry.json",
	.rows = verify_rows,
};

/* Is signature i valid? Not when its member or key is none. */
static bool is_signature_valid(struct governed_file *file, size_t i)
{
	const Rivergate__V1__Member *member =
		find_member(registry_content(file), file->governed->signatures[i]->member);
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
	const Rivergate__V1__Registry *registry = registry_content(file);
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

/* The hash of version 1, where none was agreed upon. */
static rg_err hash_of_file(const char *path, uint8_t ret_hash[32])
{
	scoped(governance_freep) Rivergate__V1__Governed *governed = NULL;
	struct governance_answer answer;
	rg_err err = governance_read(path, &governed, &answer);

	return err || !governed ? err : governance_hash(governed, ret_hash);
}

/* As the successor of those files; one of them may be the file itself. */
static rg_err judge_after(const struct governed_file *file, const char *after,
	const uint8_t pin[32], struct trust **ret_trust, struct governance_answer *ret_answer)
{
	scoped(trust_unrefp) struct trust *before = NULL;
	uint8_t first[32] = {0};
	uint8_t hash[32];
	rg_err err = pin ? RG_OK : hash_of_file(after, first);

	if (!err) {
		err = governance_hash(file->governed, hash);
	}
	if (!err) {
		err = trust_load(after, NULL, pin ? pin : first, &before, ret_answer);
	}
	if (err || !before) {
		return err;
	}
	if (trust_has_registry(before, hash)) {
		*ret_trust = steal(before);
		return RG_OK;
	}
	return trust_apply_registry(before, file->governed, 0, ret_trust, ret_answer);
}

static int report(struct governed_file *file, const struct verify_options *options,
	const uint8_t *pin, bool wants_json)
{
	scoped(trust_unrefp) struct trust *trust = NULL;
	struct governance_answer answer;
	char hex[2 * 32 + 1];
	uint8_t hash[32];
	rg_err err = governance_hash(file->governed, hash);

	if (!err) {
		err = options->after
			? judge_after(file, options->after, pin, &trust, &answer)
			: trust_new(file->governed, pin ? pin : hash, 0, &trust, &answer);
	}
	if (err) {
		return governed_fault(file, err);
	}
	text_hex(bytes_of(hash, sizeof(hash)), hex);
	json_t *made = make_report(file, &answer, hex);
	if (!made) {
		return governed_fault(file, RG_E_NOMEM);
	}
	if (!wants_json) {
		print_report(made);
		json_decref(made);
	} else if (show_json(made) != VERB_DONE) {
		return VERB_COULD_NOT;
	}
	return trust ? VERB_DONE : VERB_ANSWERED_NO;
}

int registry_verify(int argc, char **argv)
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
	scoped(governed_deinit) struct governed_file file = registry_file(&verify_form, &arguments);
	exit_code = governed_open(&file);
	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	return report(&file, &options, options.pin ? pin : NULL, arguments.wants_json);
}
