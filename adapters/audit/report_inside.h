#ifndef AUDIT_REPORT_INSIDE_H
#define AUDIT_REPORT_INSIDE_H

/*
 * What the files of a report share; nobody else
 *
 *     report.c           the pass over the log and the consignments
 *     report_count.c     what volumes and refusals count; what all of them ask of goods and legs
 *     report_release.c   release times
 *     report_answers.c   who has answered by a time
 */

#include "audit/report.h"
#include "audit/store.h"
#include "base/arena.h"
#include "registry/trust.h"
#include "rivergate/v1/consignment.pb-c.h"
#include "rivergate/v1/message.pb-c.h"
#include "rules/consignment.h"

struct report_counting {
	const struct report_options *options;
	struct report *report;
	struct store *store; /* the rows of the consignments, and what the report keeps there */
	struct arena *arena; /* of the record or consignment in hand */
	uint64_t n_things;   /* counted so far: the number of the next is one more */
};

/* A message, and its consignment before and after it; NULL: there was none. Not changed. */
struct report_message {
	uint64_t index;
	int64_t time_us;
	const Rivergate__V1__Header *header;
	const struct trust *trust; /* after it */
	Rivergate__V1__ConsignmentState *before;
	Rivergate__V1__ConsignmentState *after;
};

/* What each report counts; a member that is NULL counts nothing. */
struct report_kind {
	const struct report_form *forms[REPORT_TABLES_MAX];
	rg_err (*message)(struct report_counting *it, const struct report_message *message);
	bool takes_all; /* not DECISIONs alone */
	rg_err (*consignment)(struct report_counting *it, Rivergate__V1__ConsignmentState *state,
		const struct trust *trust);
	bool is_as_of; /* until_us is the time as of which it is made, not the end of a range */
};
const struct report_kind *report_kind_of(enum report_type type);

/* --- report_count.c: what goods and legs are called ------------------------------------------ */

/* Name of an enumeration's value behind its prefix; "": none. */
const char *report_name(const ProtobufCEnumDescriptor *names, int value, size_t prefix);
/* In the range that was asked for. */
bool report_is_within(const struct report_counting *it, int64_t time_us);

struct report_chapter {
	char text[3]; /* "": none */
};
struct report_chapter report_chapter(const Rivergate__V1__Goods *goods);
const char *report_condition(const Rivergate__V1__Goods *goods);
const char *report_regime(const Rivergate__V1__Leg *leg);
const char *report_office(const Rivergate__V1__Leg *leg);
/* Goods of declarations that count and name the leg; one NULL, if these name none. */
RG_MUST_USE rg_err report_goods(struct report_counting *it, Rivergate__V1__ConsignmentState *state,
	const Rivergate__V1__Leg *leg, struct consignment_goods *ret_goods);

/* The counts of a cell, by number: for the columns. */
int64_t report_count_0(const struct tally_cell *cell);
int64_t report_count_1(const struct tally_cell *cell);
int64_t report_count_2(const struct tally_cell *cell);
int64_t report_count_3(const struct tally_cell *cell);
int64_t report_count_4(const struct tally_cell *cell);
int64_t report_count_5(const struct tally_cell *cell);
int64_t report_count_6(const struct tally_cell *cell);
int64_t report_count_7(const struct tally_cell *cell);

/* --- report_release.c ------------------------------------------------------------------------ */

extern const struct report_form report_release_form;
extern const struct report_form report_parts_form;
extern const struct report_form report_open_form;
extern const struct report_form report_backdated_form;
RG_MUST_USE rg_err report_take_turns(struct report_counting *it,
	const struct report_message *message);
RG_MUST_USE rg_err report_take_release(struct report_counting *it,
	Rivergate__V1__ConsignmentState *state, const struct trust *trust);

/* --- report_answers.c ------------------------------------------------------------------------ */

extern const struct report_form report_answers_form;
RG_MUST_USE rg_err report_take_answers(struct report_counting *it,
	Rivergate__V1__ConsignmentState *state, const struct trust *trust);

#endif
