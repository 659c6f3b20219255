#ifndef CLIENT_MAIL_H
#define CLIENT_MAIL_H

/*
 * What the caller's thread and the session's thread tell each other
 *
 * Each is a struct that begins with struct mail, belongs to whoever holds it, and is
 * released by mail_free() whatever its type.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rivergate/client.h>

#include "base/arena.h"
#include "client/mailbox.h"
#include "client/submit.h"
#include "evidence/receipts.h"
#include "rivergate/v1/session.pb-c.h"
#include "wire/frame.h"

enum mail_type {
	/* To the session. */
	MAIL_SUBMIT, /* struct submission */
	MAIL_SETTLE, /* struct mail_settle */
	MAIL_QUERY,  /* struct mail_query */
	MAIL_CLOSE,  /* struct mail_close */
	/* To the caller. */
	MAIL_RECEIPTS, /* struct mail_receipts */
	MAIL_REFUSAL,  /* struct mail_refusal */
	MAIL_DELIVERY, /* struct delivery (receive.h) */
	MAIL_ANSWER,   /* struct mail_answer */
	MAIL_NOTICE,   /* struct mail_notice */
};

#define MAIL_REASON_MAX 40
#define MAIL_TEXT_MAX   400

/* The caller has stored a delivery, or has set it aside (reason). */
struct mail_settle {
	struct mail mail;
	uint64_t index;
	bool is_derived;
	uint8_t derived_id[16];
	char reason[MAIL_REASON_MAX]; /* empty: settled */
};

struct mail_query {
	struct mail mail;    /* later: links the queries that wait for an answer */
	struct arena *arena; /* holds query */
	Rivergate__V1__Query *query;
};

/* Part of the session: closing must not need memory. */
struct mail_close {
	struct mail mail;
	int linger_ms;
};

/* One RECEIPTS frame, checked. */
struct mail_receipts {
	struct mail mail;
	struct arena *arena; /* holds frame */
	Rivergate__V1__Receipts *frame;
	struct receipts *receipts;
	struct submission **submissions; /* of frame->records, same order; owned; NULL: taken */
	size_t n_submissions;
	size_t next; /* the first that the caller has not seen */
};

struct mail_refusal {
	struct mail mail;
	struct submission *submission; /* owned */
	struct arena *arena;           /* holds body */
	Rivergate__V1__RefusalBody *body;
};

struct mail_answer {
	struct mail mail;
	uint64_t number;
	struct buf answer; /* packed */
};

/* What has a text or says how far is witnessed; or a fault that ended the session's thread. */
struct mail_notice {
	struct mail mail;
	enum rg_event_type type;
	rg_err fault;
	struct rg_witnessed witnessed; /* WITNESSED */
	char text[MAIL_TEXT_MAX];
};

void mail_free(struct mail *mail);
SCOPED_DEFINE(struct mail, mail_free);
/* A zeroed piece of mail of this type and size; NULL: no memory. */
struct mail *mail_new(enum mail_type type, size_t size);
/* Frees everything that lies in it, then the mailbox. */
void mail_discard(struct mailbox *mailbox);

#endif
