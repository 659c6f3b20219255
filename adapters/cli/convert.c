/*
 * rivergate convert: one file from one format into another
 *
 * Threads: one.
 */
#include <stdio.h>

#include "cli/verb.h"

int verb_convert(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	fputs("rivergate convert: no format is installed\n", stderr);
	return VERB_COULD_NOT;
}
