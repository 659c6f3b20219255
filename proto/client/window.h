#ifndef CLIENT_WINDOW_H
#define CLIENT_WINDOW_H

/*
 * The window: submissions that have neither receipt nor final refusal
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

struct window {
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

RG_MUST_USE rg_err window_init(struct window *window);
/* Frees the submissions too. */
void window_deinit(struct window *window);
/* Takes the submission. */
void window_add(struct window *window, struct submission *submission);
/* The oldest with this id; NULL: none. */
struct submission *window_find(const struct window *window, const uint8_t id[SUBMIT_ID_LEN]);
/* That was sent as seq of the present epoch; NULL: none. */
struct submission *window_find_sent(const struct window *window, uint64_t seq, uint32_t epoch);
/* Gives it to the caller. */
struct submission *window_remove(struct window *window, struct submission *submission);
/* A new session: no credit, nothing counts as sent. */
void window_restart(struct window *window, uint32_t epoch);
/* A new epoch of this session: `from` and what follows is sent again. */
void window_rewind(struct window *window, struct submission *from);
/* The next submission that the credit covers; NULL: none. */
struct submission *window_next(const struct window *window);
/* It has been sent: numbers it, takes its credit. */
void window_sent(struct window *window, struct submission *submission);

#endif
