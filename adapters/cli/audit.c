/*
 * rivergate audit: what the log says, checked by public means alone
 *
 * Threads: one; a word that needs more starts and ends them itself.
 */
#include "cli/audit.h"
#include "cli/arguments.h"
#include "cli/verb.h"

/* In the order of `rivergate audit --help`. */
static const struct verb words[] = {
	{"verify", "verify a whole log, or a party's view of it", audit_verify},
	{"check", "check one receipt, or an evidence bundle, offline", audit_check},
	{"prove", "write an evidence bundle on a message or a consignment", audit_prove},
	{"search", "find messages in a log", audit_search},
	{"reconcile", "compare two logs, or a party's receipts and deliveries with a log",
		audit_reconcile},
	{"export", "write records as a table or as JSON lines; make a party's view", audit_export},
};

int verb_audit(int argc, char **argv)
{
	static const struct argument_group group = {
		.verb = "audit",
		.about = "Checks what the log says, with public means alone.",
		.words = words,
		.n_words = sizeof(words) / sizeof(words[0]),
	};

	return arguments_run_group(&group, argc, argv);
}
