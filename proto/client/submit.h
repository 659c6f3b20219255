#ifndef CLIENT_SUBMIT_H
#define CLIENT_SUBMIT_H

/*
 * A submission: one message on its way to the router
 *
 * Made from a header draft (submit_complete() fills what only the client may say: id,
 * from, time, sizes, commitments) or from an envelope that was signed before. It owns
 * one block of memory with the header and one frame a part, exactly as they will be
 * sent; its signature is added later, when the batch it falls into is signed.
 * Threads: one owner at a time; submit_maker belongs to the caller's thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/client.h>

#include "base/arena.h"
#include "base/buf.h"
#include "client/mailbox.h"
#include "sign/key.h"

#define SUBMIT_HEADER_MAX    ((size_t)48 << 10)
#define SUBMIT_SIGNATURE_MAX 4096
#define SUBMIT_PARTS_MAX     64
#define SUBMIT_PART_MAX      ((size_t)8 << 20)
#define SUBMIT_CONTENT_MAX   ((size_t)32 << 20)
#define SUBMIT_SALT_LEN      32
#define SUBMIT_ID_LEN        16
/* An envelope file: content, salts, header, signature and their framing. */
#define SUBMIT_ENVELOPE_MAX (SUBMIT_CONTENT_MAX + ((size_t)1 << 20))

struct submission {
	struct mail mail;        /* first: travels through mailboxes */
	struct submission *next; /* of the session's window, in order of submission */
	struct submission *previous;
	struct submission *bucket_next; /* of the window's table */
	uint8_t id[SUBMIT_ID_LEN];
	struct rg_bytes header;  /* views into this block, as all below */
	struct rg_bytes *frames; /* of the parts: salt ‖ content, or empty */
	size_t n_frames;
	size_t size;          /* bytes that it costs in the router's window */
	struct buf signature; /* canonical Signature; empty: not signed yet */
	char *stem;           /* name in the spool, NULL: not spooled */
	uint64_t seq;         /* within epoch; 0: not sent in this session */
	uint32_t epoch;
};

void submission_free(struct submission *submission);
SCOPED_DEFINE(struct submission, submission_free);

/* Makes submissions; holds what is used again from message to message. */
struct submit_maker;

RG_MUST_USE rg_err submit_maker_new(const char *party, struct submit_maker **ret_maker);
void submit_maker_free(struct submit_maker *maker);
SCOPED_DEFINE(struct submit_maker, submit_maker_free);

/* From a draft. *ret_rule: NULL, or the rule it breaks (static); then there is no submission. */
RG_MUST_USE rg_err submit_complete(struct submit_maker *maker,
	const struct rg_client_message *message, struct submission **ret_submission,
	const char **ret_rule);
/* From an envelope file. Answers likewise. */
RG_MUST_USE rg_err submit_from_envelope(struct submit_maker *maker, struct rg_bytes envelope,
	struct submission **ret_submission, const char **ret_rule);

/* Signs all of them, at most SIGNATURE_BATCH_MAX, with one signature. */
RG_MUST_USE rg_err submit_sign(const struct key *key, struct submission **submissions,
	size_t n_submissions);

/* What an envelope is packed from. frames[i] is salt ‖ content, or empty. */
struct submit_envelope {
	struct rg_bytes header;
	struct rg_bytes signature; /* canonical Signature */
	const struct rg_bytes *frames;
	size_t n_frames;
};
/* Appends the envelope file. */
RG_MUST_USE rg_err submit_envelope_write(const struct submit_envelope *envelope, struct buf *out);

#endif
