/*
 * rivergate: the command line
 *
 * Method: one table of verbs; main() finds the row and calls it.
 *
 * Threads: one; a verb that needs more starts and ends them itself.
 */
#include <stdio.h>
#include <string.h>

#include "cli/verb.h"

/* In the order of `rivergate --help`. */
static const struct verb verbs[] = {
	{"keygen", "make keys and certificates", verb_keygen},
	{"registry", "make, sign and judge the registry of members, routers and rules",
		verb_registry},
	{"directory", "make, sign and judge a member's directory of parties; revoke certificates",
		verb_directory},
	{"profile", "make, sign and judge what a member wants of the window", verb_profile},
	{"submit", "sign and submit files, wait for their receipts", verb_submit},
	{"track", "show where a consignment is", verb_track},
	{"decide", "sign a decision, for an authority without a system of its own", verb_decide},
	{"inbox", "list what is addressed to a party", verb_inbox},
	{"convert", "translate a declaration from one format into another", verb_convert},
	{"formats", "list the formats installed here and what is unverified in them", verb_formats},
	{"audit", "check receipts offline", verb_audit},
	{"report", "release times, volumes, refusals, from a log alone", verb_report},
	{"status", "show how the router is", verb_status},
};

#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void print_help(FILE *out)
{
	fputs("usage: rivergate VERB [OPTION…] [ARGUMENT…]\n\n", out);
	for (size_t i = 0; i < N_VERBS; i++) {
		fprintf(out, "  %-10s %s\n", verbs[i].name, verbs[i].summary);
	}
	fputs("\nrivergate VERB --help tells more, with an example. Exit: 0 done, 1 answered no,\n"
	      "2 wrong usage, 3 could not.\n",
		out);
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < N_VERBS; i++) {
		if (strcmp(verbs[i].name, name) == 0) {
			return &verbs[i];
		}
	}
	return NULL;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return VERB_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		print_help(stdout);
		return VERB_DONE;
	}
	const struct verb *verb = find_verb(argv[1]);
	if (!verb) {
		fprintf(stderr, "rivergate: there is no verb '%s'; rivergate --help lists them\n",
			argv[1]);
		return VERB_USAGE;
	}
	return verb->run(argc - 1, argv + 1);
}
