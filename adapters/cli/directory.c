/*
 * rivergate directory: make, edit, sign and judge a member's directory; revoke certificates
 *
 * Method: as registry.c; revoke: directory_revoke.c; sign and verify: directory_check.c.
 * An edit of a signed directory also raises its version, since versions only increase.
 *
 * Threads: one.
 */

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/directory.h"
#include "cli/keyfile.h"
#include "cli/verb.h"
#include "registry/pieces.h"

#define SECOND_US  INT64_C(1000000)
#define AGE_MAX_S  (INT64_C(10) * 366 * 24 * 3600)
#define OFFSET_MAX (14 * 60)

static rg_err judge_draft(struct rg_bytes content, struct governance_answer *ret_answer)
{
	scoped(directory_piece_unrefp) struct directory_piece *piece = NULL;

	return directory_piece_new(content, 0, &piece, ret_answer);
}

static int directory_save(struct governed_file *file)
{
	static const struct governed_judge judge = {judge_draft};

	return governed_save(file, &judge);
}

struct governed_file directory_file(const struct argument_form *form,
	const struct arguments *arguments)
{
	return (struct governed_file){
		.form = form,
		.desc = &rivergate__v1__directory__descriptor,
		.path = arguments->operands[0],
	};
}

Rivergate__V1__Directory *directory_content(struct governed_file *file)
{
	return (Rivergate__V1__Directory *)file->content;
}

/* Opens for an edit: what has been signed may be in force, so its successor is a new version. */
static int open_for_edit(struct governed_file *file)
{
	int exit_code = governed_open(file);

	if (exit_code == ARGUMENTS_RUN && file->governed->n_signatures > 0) {
		directory_content(file)->version++;
		fprintf(stderr, "%s: this is version %llu now\n", file->path,
			(unsigned long long)directory_content(file)->version);
	}
	return exit_code;
}

/* --- init ----------------------------------------------------------------------------------- */

struct init_options {
	const char *member;
	int64_t crl_max_age_s;
	const char *when_stale;
	const char *from_json;
};

static const struct argument_row init_rows[] = {
	GOVERNED_TEXT(struct init_options, member, "member", "CC",
		"whose directory it is, e.g. la"),
	{.name = "crl-max-age",
		.type = ARGUMENT_NUMBER,
		.offset = offsetof(struct init_options, crl_max_age_s),
		.value = "SECONDS",
		.min = 0,
		.max = AGE_MAX_S,
		.help = "how old the member's revocation list may be; 0: any age"},
	GOVERNED_TEXT(struct init_options, when_stale, "when-stale", "WHAT",
		"what then: refuse (default) or accept-and-mark"),
	GOVERNED_FROM_JSON(struct init_options),
	{.name = NULL},
};

static const struct argument_form init_form = {
	.verb = DIRECTORY_WORD("init"),
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Starts a member's directory: version 1, without parties. FILE must not exist.",
	.example = "  rivergate directory init la.json --member la --crl-max-age 604800",
	.rows = init_rows,
};

static int fill_policy(struct governed_file *file, const struct init_options *options)
{
	const struct argument_texts words = {{options->when_stale}, options->when_stale ? 1 : 0};
	Rivergate__V1__CrlPolicy *policy = governed_alloc(file, sizeof(*policy));
	int *when = NULL;
	size_t n_when;

	if (!policy) {
		return governed_fault(file, RG_E_NOMEM);
	}
	if (!governed_enums(file, &rivergate__v1__crl_policy__when_stale__descriptor, &words, &when,
		    &n_when)) {
		return VERB_USAGE;
	}
	rivergate__v1__crl_policy__init(policy);
	policy->max_age_us = options->crl_max_age_s * SECOND_US;
	if (n_when > 0) {
		policy->when_stale = (Rivergate__V1__CrlPolicy__WhenStale)when[0];
	}
	directory_content(file)->crl_policy = policy;
	return ARGUMENTS_RUN;
}

static int fill_directory(struct governed_file *file, const struct init_options *options)
{
	Rivergate__V1__Directory *directory = directory_content(file);

	if (options->from_json) {
		return governed_read_json(file, options->from_json, file->desc, &file->content);
	}
	if (!options->member) {
		arguments_complain(file->form, "needs --member CC, or --from-json FILE");
		return VERB_USAGE;
	}
	directory->member = governed_text(file, options->member);
	if (!directory->member) {
		return governed_fault(file, RG_E_NOMEM);
	}
	directory->version = 1;
	return options->crl_max_age_s || options->when_stale ? fill_policy(file, options)
							     : ARGUMENTS_RUN;
}

static int run_init(int argc, char **argv)
{
	struct init_options options = {.member = NULL};
	struct arguments arguments;
	int exit_code = arguments_read(&init_form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	scoped(governed_deinit) struct governed_file file = directory_file(&init_form, &arguments);
	exit_code = governed_create(&file);
	if (exit_code == ARGUMENTS_RUN) {
		exit_code = fill_directory(&file, &options);
	}
	return exit_code == ARGUMENTS_RUN ? directory_save(&file) : exit_code;
}

/* --- add-party ------------------------------------------------------------------------------ */

struct party_options {
	const char *address;
	const char *name;
	struct argument_texts roles;
	struct argument_texts signing;
	struct argument_texts encryption;
	struct argument_texts curves;
	bool is_withdrawn;
	bool may_replace;
	const char *from_json;
};

static const struct argument_row party_rows[] = {
	GOVERNED_TEXT(struct party_options, address, "address", "ADDRESS", "e.g. la.customs.boten"),
	GOVERNED_TEXT(struct party_options, name, "name", "TEXT", "what people call it"),
	GOVERNED_TEXTS(struct party_options, roles, "role", "ROLE",
		"e.g. CUSTOMS, BORDER_POST; may be repeated"),
	GOVERNED_TEXTS(struct party_options, signing, "signing", "CRT",
		"signing certificate (keygen signing); may be repeated"),
	GOVERNED_TEXTS(struct party_options, encryption, "encryption", "CRT",
		"encryption certificate (keygen encryption); may be repeated"),
	GOVERNED_TEXTS(struct party_options, curves, "curve", "PUB",
		"public CURVE key (keygen curve); may be repeated"),
	GOVERNED_FLAG(struct party_options, is_withdrawn, "withdrawn",
		"it no longer sends, receives or connects"),
	GOVERNED_FLAG(struct party_options, may_replace, "replace",
		"replaces the entry with this address: new keys, a withdrawal"),
	GOVERNED_FROM_JSON(struct party_options),
	{.name = NULL},
};

static const struct argument_form party_form = {
	.verb = DIRECTORY_WORD("add-party"),
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Adds a party to the directory in FILE. Signatures are dropped.",
	.example = "  rivergate directory add-party la.json --address la.customs.boten \\\n"
		   "      --name 'Boten border post' --role BORDER_POST --signing boten.crt \\\n"
		   "      --curve boten-curve.pub",
	.rows = party_rows,
};

/* One key of a party from its certificate, which says address and algorithm itself. */
static rg_err fill_key(struct governed_file *file, const char *path,
	Rivergate__V1__PartyKey__Use use, Rivergate__V1__PartyKey *key)
{
	scoped(certificate_freep) struct certificate *certificate = NULL;
	rg_err err = keyfile_read_certificate(path, &certificate);

	if (err) {
		return err;
	}
	rivergate__v1__party_key__init(key);
	key->use = use;
	key->algorithm = key_algorithm(certificate_key(certificate));
	return governed_data(file, certificate_der(certificate), &key->certificate) ? RG_OK
										    : RG_E_NOMEM;
}

static rg_err add_keys(struct governed_file *file, const struct argument_texts *paths,
	Rivergate__V1__PartyKey__Use use, Rivergate__V1__Party *party)
{
	for (size_t i = 0; i < paths->n_items; i++) {
		Rivergate__V1__PartyKey *key = governed_alloc(file, sizeof(*key));
		rg_err err = key ? fill_key(file, paths->items[i], use, key) : RG_E_NOMEM;

		if (!err &&
			!governed_insert(file, &party->keys, &party->n_keys, party->n_keys, key)) {
			err = RG_E_NOMEM;
		}
		if (err) {
			return err;
		}
	}
	return RG_OK;
}

static rg_err add_curves(struct governed_file *file, const struct argument_texts *paths,
	Rivergate__V1__Party *party)
{
	for (size_t i = 0; i < paths->n_items; i++) {
		Rivergate__V1__CurveKey *curve = governed_alloc(file, sizeof(*curve));
		uint8_t raw[KEYFILE_CURVE_LEN];
		rg_err err = curve ? keyfile_read_curve(paths->items[i], raw) : RG_E_NOMEM;

		if (err) {
			return err;
		}
		rivergate__v1__curve_key__init(curve);
		if (!governed_data(file, bytes_of(raw, sizeof(raw)), &curve->key) ||
			!governed_insert(file, &party->curve_keys, &party->n_curve_keys,
				party->n_curve_keys, curve)) {
			return RG_E_NOMEM;
		}
	}
	return RG_OK;
}

static int fill_party(struct governed_file *file, const struct party_options *options,
	Rivergate__V1__Party *party)
{
	int *roles = NULL;

	rivergate__v1__party__init(party);
	party->address = governed_text(file, options->address);
	party->name = governed_text(file, options->name);
	party->withdrawn = options->is_withdrawn;
	if (!party->address || !party->name) {
		return governed_fault(file, RG_E_NOMEM);
	}
	if (!governed_enums(file, &rivergate__v1__role__descriptor, &options->roles, &roles,
		    &party->n_roles)) {
		return VERB_USAGE;
	}
	/* protobuf-c keeps enumerations as int. */
	party->roles = (Rivergate__V1__Role *)(void *)roles;
	rg_err err = add_keys(file, &options->signing, RIVERGATE__V1__PARTY_KEY__USE__USE_SIGNING,
		party);
	if (!err) {
		err = add_keys(file, &options->encryption,
			RIVERGATE__V1__PARTY_KEY__USE__USE_ENCRYPTION, party);
	}
	if (!err) {
		err = add_curves(file, &options->curves, party);
	}
	return err ? governed_fault(file, err) : ARGUMENTS_RUN;
}

/* Said here rather than at the member's registry: each certificate must be for this address. */
static int check_certificates(struct governed_file *file, const Rivergate__V1__Party *party)
{
	for (size_t i = 0; i < party->n_keys; i++) {
		scoped(certificate_freep) struct certificate *certificate = NULL;
		ProtobufCBinaryData der = party->keys[i]->certificate;
		rg_err err = certificate_parse(bytes_of(der.data, der.len), 0, &certificate);

		if (err) {
			return governed_fault(file, err);
		}
		if (!certificate || strcmp(certificate_address(certificate), party->address) != 0) {
			arguments_complain(file->form,
				"certificate number %zu is for '%s', not for '%s'", i + 1,
				certificate ? certificate_address(certificate) : "nobody",
				party->address);
			return VERB_ANSWERED_NO;
		}
	}
	return ARGUMENTS_RUN;
}

static int make_party(struct governed_file *file, const struct party_options *options,
	Rivergate__V1__Party **ret_party)
{
	if (options->from_json) {
		return governed_read_json(file, options->from_json,
			&rivergate__v1__party__descriptor, (ProtobufCMessage **)ret_party);
	}
	if (!options->address || !options->name) {
		arguments_complain(file->form, "needs --address and --name, or --from-json FILE");
		return VERB_USAGE;
	}
	*ret_party = governed_alloc(file, sizeof(**ret_party));
	return *ret_party ? fill_party(file, options, *ret_party)
			  : governed_fault(file, RG_E_NOMEM);
}

/* Puts the party where it belongs; false: no memory. */
static bool place_party(struct governed_file *file, Rivergate__V1__Party *party, bool may_replace)
{
	Rivergate__V1__Directory *directory = directory_content(file);
	size_t at = 0;

	while (at < directory->n_parties &&
		strcmp(directory->parties[at]->address, party->address) < 0) {
		at++;
	}
	if (may_replace && at < directory->n_parties &&
		strcmp(directory->parties[at]->address, party->address) == 0) {
		directory->parties[at] = party;
		return true;
	}
	return governed_insert(file, &directory->parties, &directory->n_parties, at, party);
}

static int run_add_party(int argc, char **argv)
{
	struct party_options options = {.address = NULL};
	struct arguments arguments;
	Rivergate__V1__Party *party = NULL;
	int exit_code = arguments_read(&party_form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	scoped(governed_deinit) struct governed_file file = directory_file(&party_form, &arguments);
	exit_code = open_for_edit(&file);
	if (exit_code == ARGUMENTS_RUN) {
		exit_code = make_party(&file, &options, &party);
	}
	if (exit_code == ARGUMENTS_RUN) {
		exit_code = check_certificates(&file, party);
	}
	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	return place_party(&file, party, options.may_replace) ? directory_save(&file)
							      : governed_fault(&file, RG_E_NOMEM);
}

/* --- add-office ----------------------------------------------------------------------------- */

struct office_options {
	const char *code;
	const char *name_local;
	const char *name_latin;
	const char *unlocode;
	const char *party;
	int64_t utc_offset;
	const char *from_json;
};

static const struct argument_row office_rows[] = {
	GOVERNED_TEXT(struct office_options, code, "code", "CODE", "the national code"),
	GOVERNED_TEXT(struct office_options, name_local, "name-local", "TEXT",
		"in the local script"),
	GOVERNED_TEXT(struct office_options, name_latin, "name-latin", "TEXT", "in Latin letters"),
	GOVERNED_TEXT(struct office_options, unlocode, "unlocode", "CODE", "UN/LOCODE, if any"),
	GOVERNED_TEXT(struct office_options, party, "party", "ADDRESS", "the party that receives"),
	{.name = "utc-offset",
		.type = ARGUMENT_NUMBER,
		.offset = offsetof(struct office_options, utc_offset),
		.value = "MINUTES",
		.min = -OFFSET_MAX,
		.max = OFFSET_MAX,
		.help = "local time minus UTC, e.g. 420"},
	GOVERNED_FROM_JSON(struct office_options),
	{.name = NULL},
};

static const struct argument_form office_form = {
	.verb = DIRECTORY_WORD("add-office"),
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Adds a national office to the directory in FILE. Signatures are dropped.",
	.example = "  rivergate directory add-office la.json --code LA01 --name-latin Boten \\\n"
		   "      --party la.customs.boten --utc-offset 420",
	.rows = office_rows,
};

static bool fill_office(struct governed_file *file, const struct office_options *options,
	Rivergate__V1__Office *office)
{
	const struct {
		const char *from;
		char **to;
	} texts[] = {
		{options->code, &office->code},
		{options->name_local, &office->name_local},
		{options->name_latin, &office->name_latin},
		{options->unlocode, &office->unlocode},
		{options->party, &office->party},
	};

	rivergate__v1__office__init(office);
	office->utc_offset_minutes = (int32_t)options->utc_offset;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		*texts[i].to = governed_text(file, texts[i].from ? texts[i].from : "");
		if (!*texts[i].to) {
			return false;
		}
	}
	return true;
}

static int make_office(struct governed_file *file, const struct office_options *options,
	Rivergate__V1__Office **ret_office)
{
	if (options->from_json) {
		return governed_read_json(file, options->from_json,
			&rivergate__v1__office__descriptor, (ProtobufCMessage **)ret_office);
	}
	if (!options->code || !options->party) {
		arguments_complain(file->form, "needs --code and --party, or --from-json FILE");
		return VERB_USAGE;
	}
	*ret_office = governed_alloc(file, sizeof(**ret_office));
	return *ret_office && fill_office(file, options, *ret_office)
		? ARGUMENTS_RUN
		: governed_fault(file, RG_E_NOMEM);
}

static int run_add_office(int argc, char **argv)
{
	struct office_options options = {.code = NULL};
	struct arguments arguments;
	Rivergate__V1__Office *office = NULL;
	int exit_code = arguments_read(&office_form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	scoped(governed_deinit) struct governed_file file =
		directory_file(&office_form, &arguments);
	exit_code = open_for_edit(&file);
	if (exit_code == ARGUMENTS_RUN) {
		exit_code = make_office(&file, &options, &office);
	}
	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	Rivergate__V1__Directory *directory = directory_content(&file);
	if (!governed_insert(&file, &directory->offices, &directory->n_offices,
		    directory->n_offices, office)) {
		return governed_fault(&file, RG_E_NOMEM);
	}
	return directory_save(&file);
}

/* --- show ----------------------------------------------------------------------------------- */

static const struct argument_row no_rows[] = {{.name = NULL}};

static const struct argument_form show_form = {
	.verb = DIRECTORY_WORD("show"),
	.operands = "FILE",
	.min_operands = 1,
	.max_operands = 1,
	.about = "Prints the content as JSON. Says nothing about signatures: see verify.",
	.example = "  rivergate directory show la.json",
	.rows = no_rows,
};

static int run_show(int argc, char **argv)
{
	struct arguments arguments;
	int exit_code = arguments_read(&show_form, argc, argv, NULL, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	scoped(governed_deinit) struct governed_file file = directory_file(&show_form, &arguments);
	exit_code = governed_open(&file);
	return exit_code == ARGUMENTS_RUN ? governed_show(&file) : exit_code;
}

/* --- The verb ------------------------------------------------------------------------------- */

static const struct verb words[] = {
	{"init", "start a member's directory", run_init},
	{"add-party", "add or replace a party", run_add_party},
	{"add-office", "add a national office", run_add_office},
	{"revoke", "make the member's next revocation list", directory_revoke},
	{"sign", "sign for the member", directory_sign},
	{"verify", "judge signature, certificates and contradictions", directory_verify},
	{"show", "print the content as JSON", run_show},
};

int verb_directory(int argc, char **argv)
{
	static const struct argument_group group = {
		.verb = "directory",
		.about = "A member's directory: its parties, their keys and roles, its offices.",
		.words = words,
		.n_words = sizeof(words) / sizeof(words[0]),
	};

	return arguments_run_group(&group, argc, argv);
}
