#ifndef ROUTER_ACTS_H
#define ROUTER_ACTS_H

/*
 * Acts that wait for their record
 *
 * What is done to a data_dir (prune, backup, restore) is told by an ADMIN record. Whoever does
 * it may not be the one who writes the journal, so he leaves a file
 *
 *     acts/<time in us, 20 digits>-<word>     one line: the detail of the record
 *
 * and the router makes a record of it, at its next start or at once, and removes the file when
 * the record is durable. A crash in between tells the act twice, never not at all.
 *
 * Threads: acts_leave() any; an object belongs to one.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/error.h>

#include "base/scoped.h"
#include "rivergate/v1/record.pb-c.h"

#define ACTS_DETAIL_MAX 512

/* detail: printable ASCII, one line, at most ACTS_DETAIL_MAX bytes. */
RG_MUST_USE rg_err acts_leave(const char *data_dir, Rivergate__V1__Admin__Act act,
	const char *detail);

struct acts;

struct acts *acts_new(const char *data_dir); /* NULL: no memory */
void acts_free(struct acts *acts);
SCOPED_DEFINE(struct acts, acts_free);

/* Whether the folder has changed since acts_look(), or acts_next() said that there was no more. */
bool acts_has_news(const struct acts *acts);
void acts_look(struct acts *acts);

struct acts_item {
	Rivergate__V1__Admin__Act act;
	char detail[ACTS_DETAIL_MAX + 1];
};

/*
 * The next act that no record was made of; *ret_has false: none. record: the index that its
 * record will get. A file that is no act is logged once and left alone.
 */
RG_MUST_USE rg_err acts_next(struct acts *acts, uint64_t record, struct acts_item *ret_item,
	bool *ret_has);
/* Records below size are durable: their files go. */
RG_MUST_USE rg_err acts_settle(struct acts *acts, uint64_t size);
/* A write failed, and records from size on are lost: their acts wait again. */
void acts_return(struct acts *acts, uint64_t size);

#endif
