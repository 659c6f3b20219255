#ifndef HOST_PLAN_H
#define HOST_PLAN_H

/*
 * What a delivery becomes: files for the national system, and an answer for its sender
 *
 *     DECLARATION, AMENDMENT   what its parts say together, as far as they came (content.h),
 *                              in the format of the `handover` table
 *     CERTIFICATE              the part `sps`, likewise
 *     CERTIFICATE_STATUS       likewise, where the format can say the state; else that part
 *                              as canonical JSON, or the header where there is no part
 *     ACKNOWLEDGEMENT          an answer about one of ours: JSON
 *     derived kinds            what the router has to say, likewise
 *     governance kinds         nothing; kept
 *     all others               header as JSON, and each part as it is
 *
 * Names: <from>-<id>[.n].<ext>. A sender's address is checked and an id is hex, so no
 * name can leave a folder.
 */

#include <stdbool.h>
#include <stddef.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/scoped.h"
#include "host/adapter.h"
#include "rivergate/v1/message.pb-c.h"

/* A stored delivery, read again. Views live as long as it. */
struct delivered {
	struct arena *arena;
	struct buf bytes;
	const Rivergate__V1__Envelope *envelope;
	const Rivergate__V1__Header *header;
};

void delivered_init(struct delivered *delivered);
void delivered_deinit(struct delivered *delivered);
SCOPED_DEFINE_VALUE(struct delivered, delivered_deinit);
/* RG_E_FORMAT: our own file does not parse. */
RG_MUST_USE rg_err delivered_read(struct delivered *delivered, struct inbox *inbox,
	const struct inbox_entry *entry);
/* Whether the protocol owes its sender an acknowledgement. */
bool delivered_is_answered(const struct delivered *delivered);

struct plan_file {
	char name[DIRECTORY_NAME_MAX + 1];
	struct buf content;
};

struct plan {
	bool is_crash; /* the plug-in crashed; nothing else is set */
	char crash[TRANSLATION_NAME_MAX + 1];
	struct plan_file *files;
	size_t n_files;
	struct buf facts; /* packed AcknowledgementFacts */
	bool is_refused;
	const char *aside; /* upper-case word: a person must look at it; NULL */
};

void plan_init(struct plan *plan);
void plan_deinit(struct plan *plan);
SCOPED_DEFINE_VALUE(struct plan, plan_deinit);

RG_MUST_USE rg_err plan_make(struct adapter *adapter, const struct inbox_entry *entry,
	const struct delivered *delivered, struct plan *plan);
/* Makes it a plan that hands nothing over: set aside for this reason. */
RG_MUST_USE rg_err plan_set_aside(struct plan *plan, const char *reason, const char *text);
/* Makes it a plan whose files the national system refused, with its code and its words. */
RG_MUST_USE rg_err plan_refuse(struct plan *plan, const char *code, const char *text);
/* The reason as the JSON text that lies beside what was set aside; free with free(). */
RG_MUST_USE rg_err plan_reason(const struct plan *plan, const struct inbox_entry *entry,
	char **ret_text);

#endif
