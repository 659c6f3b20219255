#ifndef HOST_PARTS_H
#define HOST_PARTS_H

/*
 * A declaration cut into parts, and put together again
 *
 * Cutting follows the table of audience.h. In every part the lists keep their length: an item
 * that says nothing to these readers is an empty item, so that item 7 is item 7 everywhere,
 * and a part alone is a declaration of its own. A message or list that has nothing of a part
 * below it is not in that part at all.
 *
 * Putting together is by field and position. Sender and recipient need not trust each other,
 * so whatever two parts at hand both hold must be the same in both, an absent value
 * included: a sender who tells the quarantine authority of another origin than customs, or
 * leaves a line out for one of them, is found by everybody who gets both parts.
 *
 * parts_join(all of parts_cut(whole)) packs to the same bytes as the whole without
 * extensions, hints and what is private.
 */

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/arena.h"
#include "host/audience.h"
#include "rivergate/v1/declaration.pb-c.h"
#include "wire/doc.h"

/*
 * One part of the whole. *ret_part borrows from the whole and lives in the arena: pack it,
 * never free or change it.
 */
RG_MUST_USE rg_err parts_cut(const Rivergate__V1__Declaration *whole, enum audience audience,
	struct arena *arena, Rivergate__V1__Declaration **ret_part);

enum parts_verdict {
	PARTS_AGREE,
	PARTS_STRAY,  /* they agree; one holds what is not for its readers */
	PARTS_BROKEN, /* one is no canonical declaration, or beyond the limits */
	PARTS_DIFFER, /* two say different things, or one leaves out what the other says */
};

struct parts_answer {
	enum parts_verdict verdict;
	enum audience audience;  /* BROKEN: which part */
	char path[DOC_PATH_MAX]; /* where the first such place is: items[3].origin.code */
	const char *text;        /* one English sentence, static */
};

/*
 * Puts packed parts together; data NULL: this one is not at hand, and nothing is said about
 * it. *ret_joined, in the arena, is NULL where the verdict is BROKEN or DIFFER, or where no
 * part is at hand. The work and the memory are linear in the bytes of the parts.
 */
RG_MUST_USE rg_err parts_join(const struct rg_bytes parts[AUDIENCE_TRAVELLING], struct arena *arena,
	Rivergate__V1__Declaration **ret_joined, struct parts_answer *ret_answer);

#endif
