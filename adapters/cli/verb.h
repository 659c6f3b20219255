#ifndef CLI_VERB_H
#define CLI_VERB_H

/*
 * A verb of the command line
 *
 * `rivergate VERB …` looks the verb up in one table (main.c) and hands it the
 * rest of the line. A verb parses its own options, prints its own --help with
 * an example, and returns how the program exits.
 */

enum verb_exit {
	VERB_DONE = 0,        /* done; the answer is yes */
	VERB_ANSWERED_NO = 1, /* refused, not found, a proof fails */
	VERB_USAGE = 2,       /* the command line is wrong */
	VERB_COULD_NOT = 3    /* a file, the network or the memory failed */
};

struct verb {
	const char *name;
	const char *summary; /* one line for `rivergate --help` */
	/* argv[0] is the verb itself. Returns an enum verb_exit. */
	int (*run)(int argc, char **argv);
};

/* One function a verb, each in the file of that name. */
int verb_keygen(int argc, char **argv);
int verb_registry(int argc, char **argv);
int verb_directory(int argc, char **argv);
int verb_profile(int argc, char **argv);
int verb_convert(int argc, char **argv);
int verb_formats(int argc, char **argv);
int verb_submit(int argc, char **argv);
int verb_track(int argc, char **argv);
int verb_decide(int argc, char **argv);
int verb_inbox(int argc, char **argv);
int verb_report(int argc, char **argv);
int verb_status(int argc, char **argv);
int verb_audit(int argc, char **argv);

#endif
