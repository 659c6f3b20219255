#ifndef REGISTRY_RULEBOOK_H
#define REGISTRY_RULEBOOK_H

/*
 * The rules of one window profile as an index: which of them may speak of these goods?
 *
 * Made once, when the profile is accepted. A profile of a country has hundreds of rules, and a
 * declaration concerns a handful: they are found by regime and by the first digits of a
 * commodity code, so that planning costs what is found and not what there is.
 *
 * Threads: immutable once it is made.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "base/arena.h"
#include "rivergate/v1/window.pb-c.h"

struct rulebook;

/* Of a profile whose form has been judged; it must outlive the book, which is in the arena. */
RG_MUST_USE rg_err rulebook_new(const Rivergate__V1__WindowProfile *profile, struct arena *arena,
	const struct rulebook **ret_book);

struct rulebook_question {
	Rivergate__V1__Regime regime;
	Rivergate__V1__Goods *const *goods;
	size_t n_goods;
};

/* Numbers of rules, to be taken one after the other. In the arena of whom asked. */
struct rulebook_choice {
	uint64_t *words; /* bit i of word j: rule 64 j + i */
	size_t n_words;
	size_t n; /* rules that are left */
};

/*
 * All rules that name the regime, or none, and of which one heading is the beginning of the
 * code of one of the goods, or that name none. Origin, condition, office and time are not asked.
 */
RG_MUST_USE rg_err rulebook_choose(const struct rulebook *book,
	const struct rulebook_question *question, struct arena *arena,
	struct rulebook_choice *ret_choice);
/* The first that is left, in the order of the profile. False: none is. */
bool rulebook_take(struct rulebook_choice *choice, size_t *ret_number);

/* NULL: the profile has no rule of this id, or there is no book. Borrowed from the profile. */
const Rivergate__V1__Rule *rulebook_rule(const struct rulebook *book, const char *id);

/* When the next rule comes into force or ends; INT64_MAX: never. */
int64_t rulebook_next_us(const struct rulebook *book, int64_t now_us);

#endif
