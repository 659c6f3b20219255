#ifndef TREE_WITNESSES_H
#define TREE_WITNESSES_H

/*
 * The members' witnesses: who is there, what each cosigned last, and the checkpoint in hand
 *
 * One checkpoint at a time goes round (a *round*, at most one a second): each connected
 * witness is asked for its cosignature with the proof from the size that it knows. What
 * comes back is verified and collected; the note with its lines is published when all
 * have answered, a quorum has, or a second has passed, and again when a line comes late.
 *
 * At a start the log *waits*: nothing is signed before n − q + 1 witnesses have told their
 * last checkpoint and all of them fit the tree. Any quorum that ever cosigned has a member
 * among them, so a log that was set back is found before it signs a second history.
 *
 * After 60 s in which records were waiting and no quorum covered them an alarm is due.
 *
 * Nothing here reads a clock: now_us comes with each call and never decreases. What a
 * witness told is session state: it is not journalled and starts empty.
 *
 * Threads: the core's.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rivergate/bytes.h>
#include <rivergate/error.h>

#include "base/buf.h"
#include "base/scoped.h"
#include "evidence/cosignature.h"
#include "evidence/note.h"
#include "rivergate/v1/registry.pb-c.h"
#include "rivergate/v1/session.pb-c.h"
#include "tree/tree.h"

#define TREE_WITNESSES_ALARM_US INT64_C(60000000)

struct tree_witnesses;

/* waits: as above; else (simulators) signing is allowed from the start. log is copied. */
RG_MUST_USE rg_err tree_witnesses_new(const struct note_verifier *log, bool waits,
	struct tree_witnesses **ret_witnesses);
void tree_witnesses_free(struct tree_witnesses *witnesses);
SCOPED_DEFINE(struct tree_witnesses, tree_witnesses_free);

/*
 * The witnesses of the registry in force. One whose key stays keeps what it told; a new key
 * is a new witness. Before the first call there is no registry, and the log waits.
 */
RG_MUST_USE rg_err tree_witnesses_set_registry(struct tree_witnesses *witnesses,
	const Rivergate__V1__Registry *registry);
/*
 * A checkpoint that was published before the start: whoever cosigned it and now says that it
 * knows less has lost its state, and does not count. After the registry.
 */
RG_MUST_USE rg_err tree_witnesses_recall(struct tree_witnesses *witnesses, struct rg_bytes note);

/*
 * Session opened as witness of member cc, with the last checkpoint that it cosigned ("": none),
 * which has been found to fit. False: the registry names no witness of that member.
 */
RG_MUST_USE rg_err tree_witnesses_open(struct tree_witnesses *witnesses, const char *cc,
	uint64_t session, struct rg_bytes checkpoint, bool *ret_is_known);
void tree_witnesses_close(struct tree_witnesses *witnesses, uint64_t session);

/* Its answer; ignored when it was not asked. ret_told: the checkpoint with 409 and 422, a view of
   the answer, to be held against the tree; empty: none. */
RG_MUST_USE rg_err tree_witnesses_answer(struct tree_witnesses *witnesses, uint64_t session,
	const Rivergate__V1__Witnessed *answer, int64_t now_us, struct rg_bytes *ret_told);
/* The checkpoint that it told fits: the next request starts from there. */
RG_MUST_USE rg_err tree_witnesses_told(struct tree_witnesses *witnesses, uint64_t session,
	struct rg_bytes checkpoint);

/* May not sign yet. */
bool tree_witnesses_are_awaited(const struct tree_witnesses *witnesses);
/* How many must still tell, and who has not, as "cn kh"; "" when nobody is missing. */
size_t tree_witnesses_missing(const struct tree_witnesses *witnesses,
	char ret_members[4 * COSIGNER_ROSTER_MAX]);

/* The tree grew (a commit), at now_us. */
void tree_witnesses_grew(struct tree_witnesses *witnesses, int64_t now_us);
/* Whether this newer checkpoint may begin a round now; then tree_witnesses_begin(). */
bool tree_witnesses_is_ready(const struct tree_witnesses *witnesses, uint64_t size, int64_t now_us);
RG_MUST_USE rg_err tree_witnesses_begin(struct tree_witnesses *witnesses, struct rg_bytes note,
	uint64_t size, int64_t now_us);
/* The next request that is due: session, and the text appended to out. False: none. */
RG_MUST_USE rg_err tree_witnesses_next(struct tree_witnesses *witnesses, struct tree *tree,
	int64_t now_us, uint64_t *ret_session, struct buf *out, bool *ret_has);
/*
 * The note with its lines, appended to out when it is time to publish it (again). False:
 * not now. ret_is_witnessed: a quorum is among them.
 */
RG_MUST_USE rg_err tree_witnesses_publish(struct tree_witnesses *witnesses, int64_t now_us,
	struct buf *out, bool *ret_is_witnessed, bool *ret_has);
/* The newest witnessed checkpoint of this run; "": none. Borrowed until the next publish. */
struct rg_bytes tree_witnesses_newest(const struct tree_witnesses *witnesses);
/* When the next call is due that time alone brings about; INT64_MAX: none. size: of the tree. */
int64_t tree_witnesses_next_us(const struct tree_witnesses *witnesses, uint64_t size);

struct tree_witnesses_state {
	size_t n;        /* witnesses in the registry */
	unsigned quorum; /* 0: none */
	uint64_t witnessed_size;
	int64_t unwitnessed_since_us; /* 0: all is covered */
};
struct tree_witnesses_state tree_witnesses_state(const struct tree_witnesses *witnesses);
/* True once a minute while the alarm lasts; logs it. */
bool tree_witnesses_alarm(struct tree_witnesses *witnesses, uint64_t size, int64_t now_us);

struct tree_witness_state {
	const char *member;
	bool is_connected;
	uint64_t size;
	int64_t cosigned_at_us;
	const char *trouble; /* static; "" */
};
struct tree_witness_state tree_witness_state(const struct tree_witnesses *witnesses, size_t i);

#endif
