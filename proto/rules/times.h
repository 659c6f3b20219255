#ifndef RULES_TIMES_H
#define RULES_TIMES_H

/*
 * How far each deciding authority of a consignment has come: for reports on release times
 *
 * One row for each leg and each authority that DECIDES on it by the plan, if the leg waits for
 * a declaration (README.md, Status). Whether an answer is a last word is asked as clocks.h does.
 *
 * Threads: any; pure.
 */

#include <stddef.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "base/arena.h"
#include "registry/trust.h"
#include "rivergate/v1/consignment.pb-c.h"

enum times_state {
	TIMES_OPEN,     /* its last word about some declaration is still to come */
	TIMES_RELEASED, /* RELEASED, RELEASED_CONDITIONAL or DISCHARGED, about each */
	TIMES_ENDED,    /* a last word about each, and not all of them release */
};

struct times_row {
	uint32_t leg;          /* of the consignment, from 0 */
	const char *authority; /* borrowed from the state */
	enum times_state state;
	int64_t lodged_us;   /* when the last declaration came that the leg waits for */
	int64_t released_us; /* RELEASED: the latest of its answers, as effective; else 0 */
	int64_t recorded_us; /* … and when the record that said so was made */
	/* What this authority alone says, by the strictest of its answers; whose move it is by
	   that, and since when it says so. */
	Rivergate__V1__LegStatus status;
	Rivergate__V1__Turn turn;
	int64_t since_us;
};

struct times_question {
	Rivergate__V1__ConsignmentState *state; /* not changed */
	const struct trust *trust;              /* in force, for what is material */
};
/* Rows in the order of legs and plan; in the arena. */
RG_MUST_USE rg_err times_list(const struct times_question *question, struct arena *arena,
	const struct times_row **ret_rows, size_t *ret_n_rows);

#endif
