#ifndef CLI_AUDIT_H
#define CLI_AUDIT_H

/*
 * The words of `rivergate audit`, each in the file audit_<word>.c
 *
 * What they do is done in adapters/audit/; these files read options and print. As a
 * verb's run() (verb.h): argv[0] is the word; the answer is an enum verb_exit.
 */

int audit_verify(int argc, char **argv);
int audit_check(int argc, char **argv);
int audit_search(int argc, char **argv);
int audit_reconcile(int argc, char **argv);
int audit_export(int argc, char **argv);

#endif
