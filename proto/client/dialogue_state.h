#ifndef CLIENT_DIALOGUE_STATE_H
#define CLIENT_DIALOGUE_STATE_H

/*
 * What dialogue.c (which speaks) and answer.c (which heeds) share; nobody else
 */

#include "base/arena.h"
#include "client/account.h"
#include "client/dialogue.h"
#include "client/history.h"
#include "client/intake.h"
#include "client/receive.h"
#include "client/unanswered.h"
#include "client/witnessed.h"
#include "registry/address.h"
#include "wire/frame.h"

/* What the dialogue asks by itself, see inquiry.c. */
struct inquiry {
	int64_t look_us; /* the next look at the account; monotonic */
	uint64_t first;  /* the gap that was asked about … */
	uint64_t last;   /* … 0: none */
};

struct dialogue {
	char party[ADDRESS_MAX + 1];
	char router[ADDRESS_MAX + 1];
	const struct key *signing_key;
	struct mailbox *to_caller;
	size_t batch_max;
	bool wants_to_receive;

	struct unanswered unanswered;
	struct intake intake;
	struct history *history;
	struct receiver *receiver;
	struct account *account; /* NULL: does not receive */
	struct witnessed witnessed;
	struct inquiry inquiry;
	struct mail_settle *settles; /* to be told to the router, oldest first */
	struct mail_settle **settles_end;
	struct mail_query *queries; /* without answer, oldest first */
	struct mail_query **queries_end;
	struct mail_query *unsent_query; /* the first not sent in this connection */

	void *socket;        /* NULL: no connection */
	bool is_established; /* HELLO has been answered */
	int64_t heard_us;    /* all times are monotonic */
	int64_t pinged_us;
	int64_t resume_us; /* no submission before; 0: none waits */
	int64_t resume_pause_us;
	uint64_t nonce;
	bool owes_ping; /* the router asked */
	uint64_t owed_nonce;

	struct arena *arena; /* of the frame being read */
	struct frame_multipart frames;
	enum dialogue_state state;
};

/* Heeds what stands in dialogue->frames. */
RG_MUST_USE rg_err answer_heed(struct dialogue *dialogue, int64_t now_us);
/* Asks about missing deliveries and tells the caller about those whose time has come. */
RG_MUST_USE rg_err inquiry_say(struct dialogue *dialogue, int64_t now_us);
/*
 * Takes an answer to a question of inquiry_say(); *ret_is_own false: it is the caller's.
 * ret_rule: what it shows the router to have done, static; NULL: nothing.
 */
RG_MUST_USE rg_err inquiry_heed(struct dialogue *dialogue, const Rivergate__V1__Answer *answer,
	bool *ret_is_own, const char **ret_rule);
/* A frame of ours. */
RG_MUST_USE rg_err dialogue_say(struct dialogue *dialogue, const Rivergate__V1__Frame *frame);
/* Tells the caller; text may be NULL. */
RG_MUST_USE rg_err dialogue_notify(struct dialogue *dialogue, enum rg_event_type type,
	const char *what, const char *why);

#endif
