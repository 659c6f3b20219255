#ifndef REGISTRY_HEADER_H
#define REGISTRY_HEADER_H

/*
 * Whether a header that parses also makes sense by itself
 *
 * Needs neither trust nor time.
 * Threads: any.
 */

#include <stdbool.h>

#include "rivergate/v1/message.pb-c.h"

#define HEADER_PARTS_MAX 64

/* Why a header makes no sense. */
struct header_answer {
	const char *rule; /* static; NULL: it does make sense */
	char field[96];
};

/* False: refused, see the answer. */
bool header_check(const Rivergate__V1__Header *header, struct header_answer *ret_answer);

/* A kind that carries registry, directory, revocation list or profile. */
bool header_is_governance(Rivergate__V1__Kind kind);

/* A kind that follows from the journal: no party sends it, the router signs it when it delivers. */
bool header_is_derived(Rivergate__V1__Kind kind);

#endif
