/*
 * rivergate keygen: keys of every kind, with what belongs to them
 *
 * Method: one table of kinds; a row says which algorithms it may have, which options it
 * needs, and what is made beside the private key. All that can fail without a trace is
 * done before the first file is written.
 *
 * Threads: one.
 */

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>
#include <openssl/crypto.h>
#include <zmq.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/keyfile.h"
#include "cli/show.h"
#include "cli/verb.h"
#include "evidence/note.h"
#include "registry/address.h"

#define PATH_LEN     4096
#define Z85_LEN      41
#define DAY_US       (INT64_C(24) * 3600 * 1000000)
#define BACKDATE_US  (INT64_C(300) * 1000000) /* so that a clock that is behind accepts it */
#define DAYS_ROOT    3650
#define DAYS_PARTY   730
#define DAYS_MAX     36500
#define ALGORITHM(n) RIVERGATE__V1__ALGORITHM__ALGORITHM_##n

struct options {
	const char *out;
	const char *algorithm;
	const char *member;
	const char *address;
	const char *ca;
	const char *name;
	int64_t days;
};

static const struct argument_row rows[] = {
	{.name = "out",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, out),
		.is_required = true,
		.value = "PREFIX",
		.help = "files are PREFIX.key, PREFIX.pub, …; none is overwritten"},
	{.name = "algorithm",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, algorithm),
		.value = "NAME",
		.help = "p256 (default), p384, ed25519, rsa-pss or sm2"},
	{.name = "member",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, member),
		.value = "CC",
		.help = "ca: the member whose root this is, e.g. la"},
	{.name = "address",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, address),
		.value = "ADDRESS",
		.help = "signing, encryption: the party, e.g. la.customs.boten"},
	{.name = "ca",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, ca),
		.value = "PREFIX",
		.help = "signing, encryption: PREFIX.key and PREFIX.crt of the member's root"},
	{.name = "days",
		.type = ARGUMENT_NUMBER,
		.offset = offsetof(struct options, days),
		.value = "N",
		.min = 1,
		.max = DAYS_MAX,
		.help = "validity of a certificate (root 3650, party 730)"},
	{.name = "name",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct options, name),
		.value = "ORIGIN",
		.help = "log: its origin, the name in its checkpoints"},
	{.name = NULL},
};

static const struct argument_form form = {
	.verb = "keygen",
	.operands = "KIND",
	.min_operands = 1,
	.max_operands = 1,
	.about =
		"Makes a key and what belongs to it. KIND is one of\n"
		"  ca          a member's root: key and self-signed certificate (--member)\n"
		"  governance  signs the registry and the member's directory\n"
		"  witness     cosigns checkpoints (Ed25519)\n"
		"  log         signs checkpoints (Ed25519; --name); also PREFIX.vkey\n"
		"  router      signs what else a router says (Ed25519)\n"
		"  curve       encrypts sessions (Curve25519; files hold 64 hex digits)\n"
		"  signing     signs a party's messages: key and certificate (--address, --ca)\n"
		"  encryption  for parts encrypted to a party (p256 or p384; --address, --ca)\n"
		"PREFIX.key is private, mode 0600 (PKCS#8 PEM); PREFIX.pub and PREFIX.crt are PEM.",
	.example = "  rivergate keygen ca --out members/la/root --member la\n"
		   "  rivergate keygen signing --out boten --address la.customs.boten --ca "
		   "members/la/root\n"
		   "  rivergate keygen log --out router/log --name rivergate.example/mekong",
	.rows = rows,
};

/* What a kind has beside its private key. */
enum makes {
	MAKES_PUBLIC,
	MAKES_ROOT,
	MAKES_PARTY,
	MAKES_VKEY,
	MAKES_CURVE,
};

#define ANY UINT32_MAX

static const struct kind {
	const char *name;
	enum makes makes;
	uint32_t algorithms; /* bits; the default is p256 where it is among them, else ed25519 */
} kinds[] = {
	{"ca", MAKES_ROOT, ANY},
	{"governance", MAKES_PUBLIC, ANY},
	{"witness", MAKES_PUBLIC, 1U << ALGORITHM(ED25519)},
	{"log", MAKES_VKEY, 1U << ALGORITHM(ED25519)},
	{"router", MAKES_PUBLIC, 1U << ALGORITHM(ED25519)},
	{"curve", MAKES_CURVE, 0},
	{"signing", MAKES_PARTY, ANY},
	{"encryption", MAKES_PARTY,
		1U << ALGORITHM(ECDSA_P256_SHA256) | 1U << ALGORITHM(ECDSA_P384_SHA384)},
};

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, name) == 0) {
			return &kinds[i];
		}
	}
	return NULL;
}

/* One key under way. */
struct job {
	const struct kind *kind;
	const struct options *options;
	Rivergate__V1__Algorithm algorithm;
	struct key *key;
	struct keyfile_ca ca;
	struct buf certificate;
	struct buf vkey;
	json_t *report;
};

static void job_deinit(struct job *job)
{
	key_freep(&job->key);
	keyfile_ca_deinit(&job->ca);
	buf_deinit(&job->certificate);
	buf_deinit(&job->vkey);
	json_decref(job->report);
}

/* --- The command line ----------------------------------------------------------------------- */

static bool choose_algorithm(struct job *job)
{
	const char *name = job->options->algorithm;
	uint32_t allowed = job->kind->algorithms;

	if (!name) {
		job->algorithm = allowed >> ALGORITHM(ECDSA_P256_SHA256) & 1
			? ALGORITHM(ECDSA_P256_SHA256)
			: ALGORITHM(ED25519);
		return true;
	}
	job->algorithm = key_algorithm_of(name);
	if (job->algorithm == ALGORITHM(UNSPECIFIED)) {
		arguments_complain(&form,
			"--algorithm %s: choose p256, p384, ed25519, rsa-pss or sm2", name);
		return false;
	}
	if (!(allowed >> job->algorithm & 1)) {
		arguments_complain(&form, "a key for %s cannot be %s; leave --algorithm out",
			job->kind->name, name);
		return false;
	}
	return true;
}

/* Says what is missing for this kind. */
static bool has_options(const struct job *job)
{
	const struct options *options = job->options;

	switch (job->kind->makes) {
	case MAKES_ROOT:
		if (!options->member || !address_cc_is_valid(options->member)) {
			arguments_complain(&form, "ca needs --member CC, two letters a to z");
			return false;
		}
		return true;
	case MAKES_PARTY:
		if (!options->address || !address_is_valid(options->address) || !options->ca) {
			arguments_complain(&form, "%s needs --address ADDRESS and --ca PREFIX",
				job->kind->name);
			return false;
		}
		return true;
	case MAKES_VKEY:
		if (!options->name || !note_name_is_valid(options->name)) {
			arguments_complain(&form,
				"log needs --name ORIGIN, without spaces or plus");
			return false;
		}
		return true;
	case MAKES_PUBLIC:
	case MAKES_CURVE:
		return true;
	}
	return false;
}

static bool make_path(const struct job *job, const char *suffix, char path[PATH_LEN])
{
	int len = snprintf(path, PATH_LEN, "%s%s", job->options->out, suffix);

	if (len < 0 || len >= PATH_LEN) {
		arguments_complain(&form, "--out is too long");
		return false;
	}
	return true;
}

/* Nothing may be there yet: keys are not overwritten, and not mixed with older files. */
static bool is_free(const struct job *job)
{
	static const char *const suffixes[] = {".key", ".pub", ".crt", ".vkey"};

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		char path[PATH_LEN];

		if (!make_path(job, suffixes[i], path)) {
			return false;
		}
		if (access(path, F_OK) == 0) {
			arguments_complain(&form,
				"%s exists already; keys are never overwritten: choose another "
				"--out",
				path);
			return false;
		}
	}
	return true;
}

/* --- Making --------------------------------------------------------------------------------- */

static int64_t end_of(const struct job *job, int64_t now_us, int64_t fallback_days)
{
	return now_us + (job->options->days ? job->options->days : fallback_days) * DAY_US;
}

static rg_err make_root(struct job *job)
{
	int64_t now_us = clock_now_us();

	return certificate_make_root(job->key, job->options->member, now_us - BACKDATE_US,
		end_of(job, now_us, DAYS_ROOT), &job->certificate);
}

static rg_err make_party(struct job *job)
{
	int64_t now_us = clock_now_us();
	struct certificate_request request = {
		.address = job->options->address,
		.subject = job->key,
		.is_for_encryption = strcmp(job->kind->name, "encryption") == 0,
		.not_before_us = now_us - BACKDATE_US,
		.not_after_us = end_of(job, now_us, DAYS_PARTY),
	};
	rg_err err = keyfile_read_ca(job->options->ca, &job->ca);

	return err ? err
		   : certificate_issue(&request, job->ca.root, job->ca.key, &job->certificate);
}

static rg_err make_vkey(struct job *job)
{
	struct note_verifier verifier;
	uint8_t raw[32];
	rg_err err = key_ed25519_raw(job->key, raw);

	if (!err) {
		err = note_verifier_of(job->options->name, raw, &verifier);
	}
	if (err) {
		return err;
	}
	note_verifier_print(&verifier, &job->vkey);
	buf_add_u8(&job->vkey, '\n');
	return buf_error(&job->vkey);
}

static rg_err make(struct job *job)
{
	rg_err err = key_generate(job->algorithm, &job->key);

	if (err) {
		return err;
	}
	switch (job->kind->makes) {
	case MAKES_ROOT:
		return make_root(job);
	case MAKES_PARTY:
		return make_party(job);
	case MAKES_VKEY:
		return make_vkey(job);
	case MAKES_PUBLIC:
	case MAKES_CURVE:
		return RG_OK;
	}
	return RG_OK;
}

/* --- Writing -------------------------------------------------------------------------------- */

/* Notes a file that was written; what (text of --json) names it. */
static rg_err note_file(struct job *job, const char *what, const char *path, rg_err err)
{
	if (err) {
		return err;
	}
	return json_object_set_new(job->report, what, json_string(path)) == 0 ? RG_OK : RG_E_NOMEM;
}

/* Writes one file with this suffix and notes it. */
static rg_err write_file(struct job *job, const char *suffix, const char *what)
{
	char path[PATH_LEN];
	rg_err err = RG_OK;

	if (!make_path(job, suffix, path)) {
		return RG_E_CONFIG;
	}
	if (strcmp(suffix, ".key") == 0) {
		err = key_save(job->key, path);
	} else if (strcmp(suffix, ".pub") == 0) {
		err = keyfile_write_public(path, job->key);
	} else if (strcmp(suffix, ".crt") == 0) {
		err = keyfile_write_certificate(path, buf_view(&job->certificate));
	} else {
		err = file_create(path, buf_view(&job->vkey), 0644);
	}
	return note_file(job, what, path, err);
}

static rg_err write_all(struct job *job)
{
	rg_err err = write_file(job, ".key", "key");

	if (!err) {
		err = write_file(job, ".pub", "public");
	}
	if (!err && job->certificate.len > 0) {
		err = write_file(job, ".crt", "certificate");
	}
	if (!err && job->vkey.len > 0) {
		err = write_file(job, ".vkey", "vkey");
	}
	return err;
}

/* --- CURVE ---------------------------------------------------------------------------------- */

/* Writes 32 bytes, given in Z85, as a line of hex. */
static rg_err write_hex(struct job *job, const char *suffix, const char *what,
	const char z85[Z85_LEN])
{
	uint8_t raw[KEYFILE_CURVE_LEN];
	char line[2 * KEYFILE_CURVE_LEN + 2];
	char path[PATH_LEN];

	if (!zmq_z85_decode(raw, z85) || !make_path(job, suffix, path)) {
		return RG_E_CRYPTO;
	}
	text_hex(bytes_of(raw, sizeof(raw)), line);
	line[2 * KEYFILE_CURVE_LEN] = '\n';
	rg_err err = file_create(path, bytes_of(line, sizeof(line) - 1),
		strcmp(suffix, ".key") == 0 ? 0600 : 0644);
	OPENSSL_cleanse(raw, sizeof(raw));
	OPENSSL_cleanse(line, sizeof(line));
	return note_file(job, what, path, err);
}

static rg_err make_curve(struct job *job)
{
	char public_z85[Z85_LEN];
	char secret_z85[Z85_LEN];

	if (zmq_curve_keypair(public_z85, secret_z85) != 0) {
		return RG_E_CRYPTO;
	}
	rg_err err = write_hex(job, ".key", "key", secret_z85);
	OPENSSL_cleanse(secret_z85, sizeof(secret_z85));
	return err ? err : write_hex(job, ".pub", "public", public_z85);
}

/* --- The verb ------------------------------------------------------------------------------- */

static void print_report(const struct job *job, bool wants_json)
{
	const char *what;
	json_t *value;

	if (wants_json) {
		(void)show_json(json_incref(job->report));
		return;
	}
	json_object_foreach(job->report, what, value)
	{
		printf("%-12s %s\n", what, json_string_value(value));
	}
}

static rg_err run_job(struct job *job)
{
	job->report = json_pack("{s:s}", "kind", job->kind->name);
	if (!job->report) {
		return RG_E_NOMEM;
	}
	if (job->kind->makes == MAKES_CURVE) {
		return make_curve(job);
	}
	rg_err err = make(job);
	if (!err) {
		err = write_all(job);
	}
	if (err) {
		return err;
	}
	return json_object_set_new(job->report, "keyId", json_string(key_id(job->key))) == 0
		? RG_OK
		: RG_E_NOMEM;
}

int verb_keygen(int argc, char **argv)
{
	scoped(job_deinit) struct job job = {.kind = NULL};
	struct options options = {.out = NULL};
	struct arguments arguments;
	int exit_code = arguments_read(&form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	job.options = &options;
	job.kind = find_kind(arguments.operands[0]);
	if (!job.kind) {
		arguments_complain(&form, "there is no kind '%s'; --help lists them",
			arguments.operands[0]);
		return VERB_USAGE;
	}
	if (!choose_algorithm(&job) || !has_options(&job)) {
		return VERB_USAGE;
	}
	if (!is_free(&job)) {
		return VERB_COULD_NOT;
	}
	rg_err err = run_job(&job);
	if (err) {
		arguments_complain(&form, "could not make the key: %s", rg_strerror(err));
		return VERB_COULD_NOT;
	}
	print_report(&job, arguments.wants_json);
	return VERB_DONE;
}
