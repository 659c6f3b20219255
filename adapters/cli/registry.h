#ifndef CLI_REGISTRY_H
#define CLI_REGISTRY_H

/*
 * What the words of `rivergate registry` share
 */

#include "cli/governed.h"

#define REGISTRY_WORD(name) "registry " name

/* The file that the first operand names; nothing is opened yet. */
struct governed_file registry_file(const struct argument_form *form,
	const struct arguments *arguments);
/* The message of an open file. */
Rivergate__V1__Registry *registry_content(struct governed_file *file);
/* governed_save() with the judge of registries. */
int registry_save(struct governed_file *file);
/* Says that options are missing which --from-json would have given. Returns VERB_USAGE. */
int registry_needs(const struct governed_file *file, const char *what);

/* Words in files of their own. */
int registry_add_auditor(int argc, char **argv);
int registry_add_rule(int argc, char **argv);
int registry_next(int argc, char **argv);
int registry_remove(int argc, char **argv);
int registry_sign(int argc, char **argv);
int registry_verify(int argc, char **argv);

#endif
