#ifndef HOST_OUTBOX_H
#define HOST_OUTBOX_H

/*
 * Own messages from their seal to their receipt
 *
 * A message is sealed once: id, time, commitments and signature are made, and the
 * envelope goes into the ledger before anything is sent. Whatever crashes afterwards,
 * the same bytes are submitted again, and the router answers them with the same record.
 *
 * Messages come in groups that count together or not at all: those that one file of the
 * national system became, or the acknowledgement of one delivery. The frame that seals a
 * group also says that the delivery is done, so that neither can be without the other.
 *
 *     outbox_begin()             a group
 *     outbox_add() …             its drafts
 *     outbox_seal()              signs all groups begun since, adds their frames
 *     ledger_commit()            the caller's
 *     outbox_committed() or outbox_dropped()
 *     outbox_submit()            as often as the client has room
 *     outbox_end()               receipt or refusal has come and is stored
 *     outbox_ended()             a group whose messages all have their end
 *     outbox_close()             the file is where it belongs: the group is forgotten
 *
 * Threads: one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/client.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "base/scoped.h"
#include "connectors/directory.h"
#include "host/ledger.h"
#include "sign/key.h"

/*
 * Messages of one group at most: documents of one file times their routes. A few less than
 * one batch of signatures, so that small files still share one.
 */
#define OUTBOX_GROUP_MAX 960
/* Bytes of the parts of one group at most: they stand in one frame of the ledger. */
#define OUTBOX_GROUP_BYTES_MAX ((size_t)128 << 20)
#define OUTBOX_ID_LEN          16

enum outbox_state {
	OUTBOX_WAITING,
	OUTBOX_SUBMITTED,
	OUTBOX_RECEIPTED,
	OUTBOX_REFUSED,
};

struct outbox_message {
	uint8_t id[OUTBOX_ID_LEN];
	enum outbox_state state;
	struct buf envelope; /* emptied when the message has its end */
	char *why;           /* REFUSED: verdict, rule and what to do */
};

struct outbox_group {
	uint64_t number;
	uint64_t delivery;          /* number of the delivery that this one finishes; 0: none */
	struct directory_file file; /* name "": an acknowledgement */
	struct outbox_message *messages;
	size_t n_messages;
	size_t n_bytes; /* of the parts of what is not sealed yet */
	bool is_committed;
	struct outbox_group *next;
};

struct outbox;

/* The key is borrowed. */
RG_MUST_USE rg_err outbox_new(const char *party, const struct key *signing_key,
	struct outbox **ret_outbox);
void outbox_free(struct outbox *outbox);
SCOPED_DEFINE(struct outbox, outbox_free);

/* Signs with this key from now on. */
void outbox_set_key(struct outbox *outbox, const struct key *signing_key);

/* A frame of the ledger, at the start. Frames of others are passed over. */
RG_MUST_USE rg_err outbox_replay(struct outbox *outbox, struct rg_bytes frame);
/* Adds the frames of all open groups: for ledger_rewrite(). */
RG_MUST_USE rg_err outbox_write(const struct outbox *outbox, struct ledger *ledger);

/* file NULL: for an acknowledgement, or for no message at all (delivery done without one). */
RG_MUST_USE rg_err outbox_begin(struct outbox *outbox, const struct directory_file *file,
	uint64_t delivery, struct outbox_group **ret_group);
/*
 * Adds a message. same_native: its refs get the first message of the group and the one
 * before it, which tie them all together however many they are.
 * *ret_rule: NULL, or the static text of the rule that the draft breaks; then it was not
 * added. ret_id may be NULL.
 */
RG_MUST_USE rg_err outbox_add(struct outbox *outbox, struct outbox_group *group,
	const struct rg_client_message *draft, bool same_native, uint8_t ret_id[OUTBOX_ID_LEN],
	const char **ret_rule);
/* Forgets a group that was begun and not sealed. */
void outbox_cancel(struct outbox *outbox, struct outbox_group *group);
/* Signs all that is new, in batches, and adds the frames to the ledger's next commit. */
RG_MUST_USE rg_err outbox_seal(struct outbox *outbox, struct ledger *ledger);
void outbox_committed(struct outbox *outbox);
/* The commit failed: forgets what was new. */
void outbox_dropped(struct outbox *outbox);

/* Where messages go, and where it is written down that one cannot. */
struct outbox_sink {
	struct rg_client *client;
	struct ledger *ledger;
};
/* Submits in order what the client takes. */
RG_MUST_USE rg_err outbox_submit(struct outbox *outbox, const struct outbox_sink *sink);
/* A new client knows nothing of what the old one was given. */
void outbox_forget_submitted(struct outbox *outbox);

/* The message of this id; NULL: not one of ours that is still open. */
struct outbox_message *outbox_find(struct outbox *outbox, const uint8_t id[OUTBOX_ID_LEN]);
/* Adds the frame that ends a message. why NULL: receipted. */
RG_MUST_USE rg_err outbox_end(struct outbox *outbox, struct outbox_message *message,
	const char *why, struct ledger *ledger);

/* A committed group whose messages all have their end; NULL: none. */
struct outbox_group *outbox_ended(struct outbox *outbox);
/* Adds the frame that closes the group, and frees it. */
RG_MUST_USE rg_err outbox_close(struct outbox *outbox, struct outbox_group *group,
	struct ledger *ledger);

/* Whether this very file is under way. */
bool outbox_has_file(const struct outbox *outbox, const struct directory_file *file);
size_t outbox_length(const struct outbox *outbox); /* open groups */
/* Of open envelopes, and of the parts of what is not sealed yet. */
size_t outbox_bytes(const struct outbox *outbox);
/* Whether one more group of any size fits before outbox_seal(). */
bool outbox_has_room(const struct outbox *outbox);

#endif
