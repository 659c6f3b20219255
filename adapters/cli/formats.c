/*
 * rivergate formats: what is installed here
 *
 * Threads: one.
 */
#include <stdio.h>

#include "cli/verb.h"

int verb_formats(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	puts("FORMAT          VERSION  COUNTRY  UNVERIFIED");
	return VERB_DONE;
}
