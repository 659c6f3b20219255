#ifndef AUDIT_VIEW_H
#define AUDIT_VIEW_H

/*
 * A party's view of a log: all hashes, and the leaves that it may read
 *
 * A party may read a leaf as its sender, or as a recipient that the message was routed to under
 * the directories in force at that record, or to whom a consignment's plan brought it, then or
 * later; an auditor (role AUDITOR in the directory in force
 * at the end) may read what his member's parties may; a joint auditor, whom the registry
 * in force at the end names, everything. What no party sent (the router's own records, TICK,
 * PROGRESS, ADMIN) only joint auditors may read.
 *
 * The view has the shape of evidence/published.h, with the same checkpoint. Each tile and
 * each leaf is proved before it is written, so what is wrong with the log is found here. The
 * checkpoint comes last: a folder that was not finished is no view.
 *
 * Needs the log's journal/ for the content of governance records: whom a message was routed
 * to is written nowhere else.
 *
 * Threads: one.
 */

#include <stdint.h>

#include <rivergate/error.h>

struct view_options {
	const char *log_dir; /* a router's data_dir or an archive */
	const char *party;   /* an address */
	const char *to;      /* folder; made, must not exist or be empty */
	/* Told now and then; NULL: nobody. Both passes count: done goes up to 2 * size. */
	void (*progress)(void *context, uint64_t done, uint64_t size);
	void *context;
};

struct view_report {
	uint64_t size;  /* records of the log */
	uint64_t n_own; /* leaves in the view */
	/* NULL: it was made. Else why not (static, lower case) … */
	const char *refused;
	char where[128]; /* … and where: a file of the log, or "" */
};

/*
 * Makes the view, or says why the log or the question does not allow it. A fault is ours: a
 * file cannot be read or written (logged).
 */
RG_MUST_USE rg_err view_export(const struct view_options *options, struct view_report *ret_report);

#endif
