#ifndef CLI_DIRECTORY_H
#define CLI_DIRECTORY_H

/*
 * What the words of `rivergate directory` share
 */

#include "cli/governed.h"

#define DIRECTORY_WORD(name) "directory " name

/* The file that the first operand names; nothing is opened yet. */
struct governed_file directory_file(const struct argument_form *form,
	const struct arguments *arguments);
/* The message of an open file. */
Rivergate__V1__Directory *directory_content(struct governed_file *file);

/* Words in files of their own. */
int directory_revoke(int argc, char **argv);
int directory_sign(int argc, char **argv);
int directory_verify(int argc, char **argv);

#endif
