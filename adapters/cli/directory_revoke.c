/*
 * rivergate directory revoke: the member's next revocation list
 *
 * Threads: one.
 */

#include <stddef.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "cli/directory.h"
#include "cli/keyfile.h"
#include "cli/verb.h"

#define CRL_MAX (4u << 20)

struct revoke_options {
	const char *ca;
	const char *crl;
};

static const struct argument_row revoke_rows[] = {
	{.name = "ca",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct revoke_options, ca),
		.is_required = true,
		.value = "PREFIX",
		.help = "PREFIX.key and PREFIX.crt of the member's root"},
	{.name = "crl",
		.type = ARGUMENT_TEXT,
		.offset = offsetof(struct revoke_options, crl),
		.is_required = true,
		.value = "FILE",
		.help = "the list: continued if it exists, else begun; name it <cc>.crl"},
	{.name = NULL},
};

static const struct argument_form revoke_form = {
	.verb = DIRECTORY_WORD("revoke"),
	.operands = "[CRT…]",
	.min_operands = 0,
	.max_operands = ARGUMENTS_TEXTS_MAX,
	.about = "Revokes certificates: writes the member's next revocation list (DER), which "
		 "holds\n"
		 "what the list before it held and these. Without CRT it says again, with today's\n"
		 "date, what is revoked. Publish it with rivergate submit.",
	.example = "  rivergate directory revoke --ca members/la/root --crl directories/la.crl "
		   "boten.crt",
	.rows = revoke_rows,
};

/* Certificates on the command line; serials view into them. */
struct revoked {
	struct certificate *certificates[ARGUMENTS_TEXTS_MAX];
	struct rg_bytes serials[ARGUMENTS_TEXTS_MAX];
	size_t n_serials;
};

static void revoked_deinit(struct revoked *revoked)
{
	for (size_t i = 0; i < revoked->n_serials; i++) {
		certificate_freep(&revoked->certificates[i]);
	}
}

/* ARGUMENTS_RUN, or the exit code: a certificate must be one of this root. */
static int take_certificate(const char *path, const struct certificate *root,
	struct revoked *revoked)
{
	struct certificate **certificate = &revoked->certificates[revoked->n_serials];
	bool is_issued = false;
	rg_err err = keyfile_read_certificate(path, certificate);

	if (err) {
		arguments_complain(&revoke_form, "%s: %s", path, rg_strerror(err));
		return VERB_COULD_NOT;
	}
	revoked->serials[revoked->n_serials++] = certificate_serial(*certificate);
	err = certificate_is_issued_by(*certificate, root, &is_issued);
	if (err) {
		arguments_complain(&revoke_form, "%s: %s", path, rg_strerror(err));
		return VERB_COULD_NOT;
	}
	if (!is_issued) {
		arguments_complain(&revoke_form,
			"%s: was not issued by this root, which cannot revoke it", path);
		return VERB_ANSWERED_NO;
	}
	return ARGUMENTS_RUN;
}

/* The list so far; *ret_crl NULL: none yet. */
static rg_err read_crl(const char *path, struct crl **ret_crl)
{
	scoped(buf_deinit) struct buf der = {0};
	bool is_found;
	rg_err err = file_read(path, CRL_MAX, &der, &is_found);

	*ret_crl = NULL;
	if (err || !is_found) {
		return err;
	}
	err = crl_parse(buf_view(&der), ret_crl);
	return err || *ret_crl ? err : RG_E_FORMAT;
}

/* Another member's list must not be continued under this root. */
static rg_err check_crl(const struct crl *crl, const struct certificate *root)
{
	bool is_issued = false;
	rg_err err = crl_is_issued_by(crl, root, &is_issued);

	return err || is_issued ? err : RG_E_CONFIG;
}

static rg_err write_crl(const char *path, const struct keyfile_ca *ca,
	const struct revoked *revoked, uint64_t *ret_number)
{
	scoped(crl_freep) struct crl *previous = NULL;
	scoped(buf_deinit) struct buf der = {0};
	rg_err err = read_crl(path, &previous);

	if (!err && previous) {
		err = check_crl(previous, ca->root);
	}
	if (err) {
		return err;
	}
	struct crl_request request = {
		.previous = previous,
		.serials = revoked->serials,
		.n_serials = revoked->n_serials,
		.number = previous ? crl_number(previous) + 1 : 1,
		.now_us = clock_now_us(),
	};
	err = crl_make(&request, ca->root, ca->key, &der);
	if (!err) {
		err = file_replace(path, buf_view(&der), 0644);
	}
	*ret_number = request.number;
	return err;
}

static int revoke(const struct revoke_options *options, const struct arguments *arguments,
	const struct keyfile_ca *ca)
{
	scoped(revoked_deinit) struct revoked revoked = {.n_serials = 0};
	uint64_t number;

	for (size_t i = 0; i < arguments->n_operands; i++) {
		int exit_code = take_certificate(arguments->operands[i], ca->root, &revoked);

		if (exit_code != ARGUMENTS_RUN) {
			return exit_code;
		}
	}
	rg_err err = write_crl(options->crl, ca, &revoked, &number);
	if (err) {
		arguments_complain(&revoke_form, "--crl %s: %s; is it a list of this root?",
			options->crl, rg_strerror(err));
		return VERB_COULD_NOT;
	}
	printf(arguments->wants_json ? "{\"number\": %llu, \"revoked\": %zu}\n"
				     : "list number %llu, %zu revoked with it\n",
		(unsigned long long)number, revoked.n_serials);
	return VERB_DONE;
}

int directory_revoke(int argc, char **argv)
{
	scoped(keyfile_ca_deinit) struct keyfile_ca ca = {.key = NULL};
	struct revoke_options options = {.ca = NULL};
	struct arguments arguments;
	int exit_code = arguments_read(&revoke_form, argc, argv, &options, &arguments);

	if (exit_code != ARGUMENTS_RUN) {
		return exit_code;
	}
	rg_err err = keyfile_read_ca(options.ca, &ca);
	if (err) {
		arguments_complain(&revoke_form, "--ca %s: %s", options.ca, rg_strerror(err));
		return VERB_COULD_NOT;
	}
	return revoke(&options, &arguments, &ca);
}
