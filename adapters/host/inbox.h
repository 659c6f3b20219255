#ifndef HOST_INBOX_H
#define HOST_INBOX_H

/*
 * Deliveries from their storage to their end
 *
 *     state/inbox/<number, 20 digits>.rge   stored, in the order of arrival
 *     state/received/<xx>/<from>-<id>.rge   finished; xx: last byte of the id
 *     state/set-aside/<from>-<id>.rge       for a person to look at, with .json: why
 *
 * Each .rge has the proof that came with it beside it (.tlog-proof). A delivery is
 * settled only when its envelope is on the disk. Whether a message was here before is
 * asked of the file system: a name under received/ or set-aside/ is there for good.
 *
 * What has happened to a stored delivery stands in the ledger: that a plug-in crashed on
 * it, that its files are about to be put into in/ (intent), that it is done (the frame of
 * its acknowledgement, see outbox.h).
 *
 * Threads: one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "base/scoped.h"
#include "host/ledger.h"
#include "registry/address.h"

/* <from>-<id>, without NUL. */
#define INBOX_NAME_MAX  (ADDRESS_MAX + 1 + 32)
#define INBOX_FILES_MAX 80 /* files that one delivery is handed over as, at most */
#define INBOX_BOOT_MAX  64

/* How far a file of an intent is. */
enum inbox_put {
	INBOX_PUT_NOT,   /* nothing is under way */
	INBOX_PUT_LOST,  /* of an earlier life: to be looked for */
	INBOX_PUT_BEGUN, /* the same, which was about to begin; nothing says how it ended */
	INBOX_PUT_RUNS,  /* begun by this life */
	INBOX_PUT_DONE,  /* the national system has it */
};

/* A delivery's files are about to become visible. */
struct inbox_intent {
	char boot[INBOX_BOOT_MAX + 1]; /* of the system, when it was written; "": not known */
	struct buf facts;              /* packed AcknowledgementFacts */
	char **files;
	enum inbox_put puts[INBOX_FILES_MAX];
	size_t n_files;
};

struct inbox_entry {
	uint64_t number;
	char name[INBOX_NAME_MAX + 1]; /* <from>-<id> */
	uint64_t index;                /* of the record */
	uint8_t id[16];
	bool is_derived;
	bool is_settled; /* the router has been told */
	unsigned n_crashes;
	struct inbox_intent *intent; /* NULL: none */
	bool is_done;
	struct inbox_entry *next;
};

struct inbox;

/* Frames come next, by inbox_replay(), then inbox_load(). */
RG_MUST_USE rg_err inbox_open(const char *state_path, struct inbox **ret_inbox);
void inbox_close(struct inbox *inbox);
SCOPED_DEFINE(struct inbox, inbox_close);
/* Frames of others are passed over. */
RG_MUST_USE rg_err inbox_replay(struct inbox *inbox, struct rg_bytes frame);
/* Lists what is stored. What does not parse is set aside. */
RG_MUST_USE rg_err inbox_load(struct inbox *inbox);
/* Adds the frames of what is not done: for ledger_rewrite(). */
RG_MUST_USE rg_err inbox_write(const struct inbox *inbox, struct ledger *ledger);
/* Makes moves durable, so that the frames of what is done may be dropped. */
RG_MUST_USE rg_err inbox_sync_moves(struct inbox *inbox);

/* One delivery as it came. */
struct inbox_delivery {
	struct rg_bytes header;
	struct rg_bytes envelope;
	struct rg_bytes proof; /* may be empty */
	uint64_t index;
	bool is_derived;
};
/*
 * Stores it, unless it is known. *ret_entry: the entry where it is stored and not done,
 * NULL when it was finished before. *ret_is_new: was stored now; counts after inbox_sync().
 */
RG_MUST_USE rg_err inbox_store(struct inbox *inbox, const struct inbox_delivery *delivery,
	struct inbox_entry **ret_entry, bool *ret_is_new);
RG_MUST_USE rg_err inbox_sync(struct inbox *inbox);

struct inbox_entry *inbox_first(const struct inbox *inbox);
size_t inbox_length(const struct inbox *inbox);
RG_MUST_USE rg_err inbox_read(struct inbox *inbox, const struct inbox_entry *entry,
	struct buf *out);

RG_MUST_USE rg_err inbox_add_crash(struct inbox_entry *entry, struct ledger *ledger);
/* Takes *intent. */
RG_MUST_USE rg_err inbox_add_intent(struct inbox_entry *entry, struct inbox_intent **intent,
	struct ledger *ledger);
/*
 * An attempt to hand over this file of the intent is about to be made, or nothing came of
 * it. The frame counts with the ledger's next commit.
 */
RG_MUST_USE rg_err inbox_add_attempt(const struct inbox_entry *entry, size_t file, bool is_begun,
	struct ledger *ledger);
void inbox_intent_free(struct inbox_intent *intent);
SCOPED_DEFINE(struct inbox_intent, inbox_intent_free);
/* The commit of its intent failed. */
void inbox_drop_intent(struct inbox_entry *entry);

/*
 * Before the commit of its end: it will go to set-aside/, with this JSON text beside it. Durable.
 */
RG_MUST_USE rg_err inbox_mark_aside(struct inbox *inbox, const struct inbox_entry *entry,
	struct rg_bytes reason);
/* After the commit of its end: moves it to received/, or to set-aside/ if so marked; frees it. */
RG_MUST_USE rg_err inbox_finish(struct inbox *inbox, struct inbox_entry *entry);

#endif
