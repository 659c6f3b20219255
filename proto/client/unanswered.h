#ifndef CLIENT_UNANSWERED_H
#define CLIENT_UNANSWERED_H

/*
 * Unanswered: submissions that have neither receipt nor final refusal
 *
 * In order of submission, found by id. It knows which were sent in this session and
 * epoch and how much credit the router has left; nothing leaves it but by a receipt or
 * a refusal. After a disconnect, or a retryable refusal, sending begins again at an
 * earlier place: so order survives.
 * Threads: owned by the session's thread.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "client/submit.h"

struct unanswered {
	struct submission *first;
	struct submission *last;
	struct submission *unsent; /* the first to send next; NULL: all are sent */
	struct submission **table;
	size_t n;
	uint64_t next_seq;
	uint32_t epoch;
	uint64_t credit_messages;
	uint64_t credit_bytes;
};

RG_MUST_USE rg_err unanswered_init(struct unanswered *unanswered);
/* Frees the submissions too. */
void unanswered_deinit(struct unanswered *unanswered);
/* Takes the submission. */
void unanswered_add(struct unanswered *unanswered, struct submission *submission);
/* The oldest with this id; NULL: none. */
struct submission *unanswered_find(const struct unanswered *unanswered,
	const uint8_t id[SUBMIT_ID_LEN]);
/* That was sent as seq of the present epoch; NULL: none. */
struct submission *unanswered_find_sent(const struct unanswered *unanswered, uint64_t seq,
	uint32_t epoch);
/* Gives it to the caller. */
struct submission *unanswered_remove(struct unanswered *unanswered, struct submission *submission);
/* A new session: no credit, nothing counts as sent. */
void unanswered_restart(struct unanswered *unanswered, uint32_t epoch);
/* A new epoch of this session: `from` and what follows is sent again. */
void unanswered_rewind(struct unanswered *unanswered, struct submission *from);
/* The next submission that the credit covers; NULL: none. */
struct submission *unanswered_next(const struct unanswered *unanswered);
/* It has been sent: numbers it, takes its credit. */
void unanswered_sent(struct unanswered *unanswered, struct submission *submission);

#endif
