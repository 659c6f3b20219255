#ifndef EDIFACT_READ_H
#define EDIFACT_READ_H

/*
 * A file as interchanges and messages
 *
 *     [UNA] UNB [UNG] UNH … UNT [UNE] UNZ    as often as the file holds it
 *     UNH … UNT                              messages alone, without envelope
 *
 * Nesting and completeness are checked here: a file that ends early is refused. Counts
 * and control references are compared later, because real files err in them.
 */

#include "formats/edifact/charset.h"
#include "formats/edifact/wire.h"

#define EDI_MAX_MESSAGES 1000

struct edi_group {
	struct edi_node *head, *tail; /* UNG, UNE */
	unsigned number;              /* in its interchange, from 1 */
	unsigned n_messages;
};

struct edi_envelope {
	struct edi_service service;
	const char *advice;           /* the six characters of UNA; NULL: none */
	const char *lead;             /* white space before all */
	const char *una_gap;          /* white space behind UNA */
	struct edi_node *head, *tail; /* UNB, UNZ; NULL: none */
	unsigned n_messages, n_groups;
};

/* One message of a file. */
struct edi_mail {
	struct edi_node *first, *last; /* UNH and UNT, linked by next */
	unsigned n_segments;
	unsigned number; /* in its interchange, from 1 */
	struct edi_envelope *envelope;
	struct edi_group *group; /* NULL: none */
	struct edi_mail *next;
};

struct edi_file {
	struct edi_input input;
	struct edi_mail *first;
	unsigned n_mails;
};

/* *ret_ok false: refused, and a finding made. */
RG_MUST_USE rg_err edi_file_read(struct pool *pool, struct rg_bytes native, struct rg_call *call,
	struct edi_file *file, bool *ret_ok);

/* The text of the first value of a segment's element; "" where there is none. */
const char *edi_text_at(const struct edi_node *segment, unsigned element, unsigned component);

#endif
