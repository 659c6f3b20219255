#ifndef CLI_AUDIT_H
#define CLI_AUDIT_H

/*
 * The words of `rivergate audit`, each in the file audit_<word>.c
 *
 * What they do is done in adapters/audit/; these files read options and print. As a
 * verb's run() (verb.h): argv[0] is the word; the answer is an enum verb_exit.
 */

#include <stdbool.h>

#include "cli/arguments.h"

int audit_verify(int argc, char **argv);
int audit_check(int argc, char **argv);
int audit_search(int argc, char **argv);
int audit_reconcile(int argc, char **argv);
int audit_export(int argc, char **argv);
int audit_prove(int argc, char **argv);

/* --- Between these files --------------------------------------------------------------------- */

/* `audit check BUNDLE` (audit_bundle.c); answers like a verb. form: whose complaints they are. */
struct audit_bundle {
	const char *path;
	const char *pin; /* hex; NULL: none given */
	bool takes_unwitnessed;
	struct argument_texts tsa_ca; /* PEM files */
	bool wants_json;
};
int audit_check_bundle(const struct argument_form *form, const struct audit_bundle *question);

#endif
