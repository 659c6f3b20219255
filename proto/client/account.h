#ifndef CLIENT_ACCOUNT_H
#define CLIENT_ACCOUNT_H

/*
 * The account of deliveries: which came, and which are missing
 *
 * The router numbers the deliveries to a party at admission, in the order of its journal,
 * from 1. So a delivery that was held back leaves a gap; a number that comes twice with
 * another record, or out of the order of the records, is a contradiction. Deliveries may
 * overtake each other, so a gap is reported only when it is old: when the missing
 * message has expired, where that is known, and in any case after a day.
 *
 * Kept in STATE/deliveries, which only grows; a line is durable before the delivery is
 * settled:
 *
 *     delivery <counter> <record index> <time_us>
 *     missing <first counter> <last counter> <time_us>        reported at that time
 *
 * What was reported as missing may come after all; then a `delivery` line follows.
 * Threads: owned by the session's thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "base/scoped.h"

#define ACCOUNT_GAPS     64
#define ACCOUNT_TEXT_MAX 240
#define ACCOUNT_FILE     "deliveries"

struct account;

/* Counters that did not come, though a later one did. */
struct account_gap {
	uint64_t first;
	uint64_t last;
	uint64_t after_index;  /* the records lie behind this one; 0: not known … */
	uint64_t before_index; /* … and before this one */
	int64_t noticed_us;    /* when the first later one came */
	int64_t expires_us;    /* when the last of the missing messages expires; 0: not known */
	int64_t asked_us;      /* when the router was asked; 0: never */
	char text[ACCOUNT_TEXT_MAX]; /* what it said */
};

/*
 * state_path NULL: remembers nothing over a restart. wait_us: how long a gap may be open.
 * RG_E_FORMAT: the file is damaged; the log names the line.
 */
RG_MUST_USE rg_err account_open(const char *state_path, int64_t wait_us,
	struct account **ret_account);
/*
 * The account as it stands in the file, to be looked at: nothing is written, and what is
 * counted here is forgotten. ret_account NULL: there is none.
 */
RG_MUST_USE rg_err account_look(const char *state_path, struct account **ret_account);
void account_close(struct account *account);
SCOPED_DEFINE(struct account, account_close);

/* What a delivery's counter contradicts, as a static text; NULL: nothing. */
const char *account_contradiction(const struct account *account, uint64_t counter, uint64_t index);
/* A delivery without contradiction came in. RG_E_OVERFLOW: too many stand above a gap. */
RG_MUST_USE rg_err account_offer(struct account *account, uint64_t counter, uint64_t index,
	int64_t now_us);
/* The caller has stored the delivery of this record; counts after account_save(). */
RG_MUST_USE rg_err account_settle(struct account *account, uint64_t index, int64_t now_us);
/* Makes what was settled and reported durable; RG_E_IO: not now, may be tried again. */
RG_MUST_USE rg_err account_save(struct account *account);

/*
 * The open gaps, ascending, at most ACCOUNT_GAPS; borrowed until the next call. What the
 * router said about one (expires_us, text) may be noted in it.
 */
struct account_gap *account_gaps(struct account *account, size_t *ret_n);
/* A gap about which the router should be asked now; NULL: none. Marks it as asked. */
struct account_gap *account_to_ask(struct account *account, int64_t now_us);
/* A gap whose time has come: it counts as reported from now on, see account_save(). */
RG_MUST_USE rg_err account_take_due(struct account *account, int64_t now_us,
	struct account_gap *ret_gap, bool *ret_has);

/* What is reported as missing, ascending; false: there is no i-th range. */
bool account_missing_at(const struct account *account, size_t i, uint64_t *ret_first,
	uint64_t *ret_last);
/* Highest counter that came, and how many are reported as missing now. */
uint64_t account_highest(const struct account *account);
uint64_t account_missing(const struct account *account);

#endif
