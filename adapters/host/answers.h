#ifndef HOST_ANSWERS_H
#define HOST_ANSWERS_H

/*
 * JSON for people and national systems: answers, findings, reasons
 *
 * Every text is freed with free() and ends with a newline.
 */

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "rivergate/v1/message.pb-c.h"

/*
 * An acknowledgement, a derived message or any other as
 * {kind, from, id, ucr, answers: [{from, id}], outcome, findings, header}, where header
 * is the whole header in proto3 JSON. Ids are hex.
 */
RG_MUST_USE rg_err answers_message(const Rivergate__V1__Header *header, struct buf *out);

/* One finding for a file that was not sent. */
struct answers_finding {
	const char *rule;
	const char *path;
	const char *text;
};
/* {file, findings: [{rule, path, text}]} */
RG_MUST_USE rg_err answers_findings(const char *file, const struct answers_finding *findings,
	size_t n_findings, struct buf *out);

#endif
