/*
 * The members' witnesses: see witnesses.h
 *
 * Threads: the core's.
 */
#include "tree/witnesses.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "evidence/witness_request.h"

#define SECOND_US     1000000
#define ROUND_LONG_US (3 * (int64_t)SECOND_US)  /* then the next begins, quorum or not */
#define SILENT_US     (10 * (int64_t)SECOND_US) /* then an answer is not waited for */
#define STATUS_OK     200
#define STATUS_OTHER  409
#define STATUS_FORK   422

struct one {
	struct cosigner cosigner;
	uint64_t session; /* 0: not connected */
	bool has_told;
	bool is_out;   /* lost its state */
	uint64_t size; /* of the last checkpoint that it cosigned */
	int64_t cosigned_at_us;
	bool is_asked;
	bool is_heard; /* in this round */
	int64_t asked_us;
	struct buf line; /* under the note of this round; empty: none */
	const char *trouble;
};

struct tree_witnesses {
	struct note_verifier log;
	bool is_waiting;
	bool has_registry;
	struct one items[COSIGNER_ROSTER_MAX];
	size_t n_items;
	unsigned quorum;

	struct buf note; /* of the round; empty: none yet */
	uint64_t size;
	int64_t began_us;
	int64_t published_us;
	bool is_dirty;     /* there is more than what was published */
	struct buf newest; /* witnessed */
	uint64_t witnessed_size;

	int64_t uncovered_us; /* oldest commit that no witnessed checkpoint covers; 0: none */
	int64_t after_us;     /* oldest commit after the note of the round; 0: none */
	int64_t alarmed_us;
};

rg_err tree_witnesses_new(const struct note_verifier *log, bool waits,
	struct tree_witnesses **ret_witnesses)
{
	struct tree_witnesses *witnesses = calloc(1, sizeof(*witnesses));

	if (!witnesses) {
		return RG_E_NOMEM;
	}
	witnesses->log = *log;
	witnesses->is_waiting = waits;
	*ret_witnesses = witnesses;
	return RG_OK;
}

void tree_witnesses_free(struct tree_witnesses *witnesses)
{
	if (!witnesses) {
		return;
	}
	for (size_t i = 0; i < witnesses->n_items; i++) {
		buf_deinit(&witnesses->items[i].line);
	}
	buf_deinit(&witnesses->note);
	buf_deinit(&witnesses->newest);
	free(witnesses);
}

/* --- Who they are ---------------------------------------------------------------------------- */

static struct one *find_member(struct tree_witnesses *witnesses, const char *cc)
{
	for (size_t i = 0; i < witnesses->n_items; i++) {
		if (strcmp(witnesses->items[i].cosigner.member, cc) == 0) {
			return &witnesses->items[i];
		}
	}
	return NULL;
}

static struct one *find_session(struct tree_witnesses *witnesses, uint64_t session)
{
	for (size_t i = 0; session != 0 && i < witnesses->n_items; i++) {
		if (witnesses->items[i].session == session) {
			return &witnesses->items[i];
		}
	}
	return NULL;
}

/* Enough have told; or nobody has to. */
static void end_wait(struct tree_witnesses *witnesses)
{
	size_t n_told = 0;

	for (size_t i = 0; i < witnesses->n_items; i++) {
		n_told += witnesses->items[i].has_told;
	}
	if (witnesses->has_registry &&
		(witnesses->n_items == 0 || n_told >= witnesses->n_items - witnesses->quorum + 1)) {
		witnesses->is_waiting = false;
	}
}

static bool is_same_key(const struct note_verifier *a, const struct note_verifier *b)
{
	return strcmp(a->name, b->name) == 0 &&
		memcmp(a->public_key, b->public_key, sizeof(a->public_key)) == 0;
}

rg_err tree_witnesses_set_registry(struct tree_witnesses *witnesses,
	const Rivergate__V1__Registry *registry)
{
	struct cosigner_roster roster;
	rg_err err = cosigner_roster_of(registry, &roster);

	if (err) {
		return err;
	}
	scoped(freep) struct one *items = calloc(COSIGNER_ROSTER_MAX, sizeof(*items));
	if (!items) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; i < roster.n_items; i++) {
		struct one *old = find_member(witnesses, roster.items[i].member);
		bool is_same = old && is_same_key(&old->cosigner.key, &roster.items[i].key);

		if (is_same) {
			items[i] = *old;
			buf_init(&old->line);
		}
		items[i].cosigner = roster.items[i];
	}
	for (size_t i = 0; i < witnesses->n_items; i++) {
		buf_deinit(&witnesses->items[i].line);
	}
	if (witnesses->n_items == 0) {
		witnesses->uncovered_us = 0; /* what came before there were witnesses needs none */
	}
	memcpy(witnesses->items, items, sizeof(witnesses->items));
	witnesses->n_items = roster.n_items;
	witnesses->quorum = roster.quorum;
	witnesses->has_registry = true;
	end_wait(witnesses);
	return RG_OK;
}

/* Reads a note of this log with a line of this witness. */
static rg_err read_own(const struct tree_witnesses *witnesses, const struct one *one,
	struct rg_bytes note, uint64_t *ret_size, uint64_t *ret_time_s)
{
	struct note_checkpoint checkpoint = {.size = 0};
	bool is_valid = false;
	rg_err err = note_checkpoint_verify(note, &witnesses->log, &checkpoint, &is_valid);

	*ret_time_s = 0;
	if (!err && is_valid) {
		err = cosignature_time(note, &one->cosigner, ret_time_s);
		*ret_size = checkpoint.size;
	}
	return err;
}

rg_err tree_witnesses_recall(struct tree_witnesses *witnesses, struct rg_bytes note)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < witnesses->n_items; i++) {
		uint64_t size = 0;
		uint64_t time_s = 0;

		err = read_own(witnesses, &witnesses->items[i], note, &size, &time_s);
		if (!err && time_s > 0) {
			witnesses->items[i].size = size;
		}
	}
	return err;
}

/* It told its last checkpoint; size 0: none. */
static void take_told(struct tree_witnesses *witnesses, struct one *one, uint64_t size)
{
	if (size < one->size) {
		one->is_out = true;
		one->trouble = "has lost its state: its member must give it a new key";
		log_event(LOG_ERROR, "witness", "lost-its-state",
			log_text("member", one->cosigner.member),
			log_number("it-says", (int64_t)size),
			log_number("it-cosigned", (int64_t)one->size),
			log_text("do", "its member must give it a new key"));
		return;
	}
	one->size = size;
	one->has_told = true;
	one->is_out = false;
	one->trouble = NULL;
	end_wait(witnesses);
}

static rg_err take_checkpoint(struct tree_witnesses *witnesses, struct one *one,
	struct rg_bytes checkpoint)
{
	uint64_t size = 0;
	uint64_t time_s = 0;
	rg_err err =
		checkpoint.len > 0 ? read_own(witnesses, one, checkpoint, &size, &time_s) : RG_OK;

	if (!err && checkpoint.len > 0 && time_s == 0) {
		one->trouble = "shows a checkpoint that it did not cosign, or another log's";
		log_event(LOG_WARNING, "witness", "shows-no-checkpoint",
			log_text("member", one->cosigner.member), log_text("what", one->trouble));
		return RG_OK;
	}
	if (!err) {
		take_told(witnesses, one, size);
	}
	return err;
}

rg_err tree_witnesses_open(struct tree_witnesses *witnesses, const char *cc, uint64_t session,
	struct rg_bytes checkpoint, bool *ret_is_known)
{
	struct one *one = find_member(witnesses, cc);

	*ret_is_known = one;
	if (!one) {
		return RG_OK;
	}
	one->session = session;
	one->is_asked = false;
	one->is_heard = false;
	rg_err err = take_checkpoint(witnesses, one, checkpoint);

	log_event(LOG_INFO, "witness", "connected", log_text("member", cc),
		log_number("size", (int64_t)one->size));
	return err;
}

void tree_witnesses_close(struct tree_witnesses *witnesses, uint64_t session)
{
	struct one *one = find_session(witnesses, session);

	if (one) {
		one->session = 0;
		one->is_asked = false;
		log_event(LOG_INFO, "witness", "gone", log_text("member", one->cosigner.member));
	}
}

/* --- The wait -------------------------------------------------------------------------------- */

bool tree_witnesses_are_awaited(const struct tree_witnesses *witnesses)
{
	return witnesses->is_waiting;
}

size_t tree_witnesses_missing(const struct tree_witnesses *witnesses,
	char ret_members[4 * COSIGNER_ROSTER_MAX])
{
	size_t n_needed = witnesses->n_items ? witnesses->n_items - witnesses->quorum + 1 : 0;
	size_t n_told = 0;
	size_t len = 0;

	ret_members[0] = '\0';
	for (size_t i = 0; i < witnesses->n_items; i++) {
		const struct one *one = &witnesses->items[i];

		n_told += one->has_told;
		if (!one->has_told) {
			len += (size_t)snprintf(ret_members + len,
				4 * (size_t)COSIGNER_ROSTER_MAX - len, "%s%s", len ? " " : "",
				one->cosigner.member);
		}
	}
	return n_told < n_needed ? n_needed - n_told : 0;
}

/* --- Rounds ---------------------------------------------------------------------------------- */

void tree_witnesses_grew(struct tree_witnesses *witnesses, int64_t now_us)
{
	witnesses->uncovered_us = witnesses->uncovered_us ? witnesses->uncovered_us : now_us;
	witnesses->after_us = witnesses->after_us ? witnesses->after_us : now_us;
}

static size_t count_lines(const struct tree_witnesses *witnesses)
{
	size_t n = 0;

	for (size_t i = 0; i < witnesses->n_items; i++) {
		n += witnesses->items[i].line.len > 0;
	}
	return n;
}

static bool has_quorum(const struct tree_witnesses *witnesses)
{
	return witnesses->quorum > 0 && count_lines(witnesses) >= witnesses->quorum;
}

static bool may_ask(const struct tree_witnesses *witnesses, const struct one *one)
{
	return one->session != 0 && one->has_told && !one->is_out && !one->is_asked &&
		!one->is_heard && witnesses->note.len > 0;
}

/* Somebody may still answer in this round. */
static bool is_open(const struct tree_witnesses *witnesses)
{
	for (size_t i = 0; i < witnesses->n_items; i++) {
		const struct one *one = &witnesses->items[i];

		if ((one->session != 0 && one->is_asked) || may_ask(witnesses, one)) {
			return true;
		}
	}
	return false;
}

static int64_t ready_us(const struct tree_witnesses *witnesses)
{
	bool is_over = has_quorum(witnesses) || !is_open(witnesses);

	return witnesses->note.len == 0
		? 0
		: witnesses->began_us + (is_over ? SECOND_US : ROUND_LONG_US);
}

bool tree_witnesses_is_ready(const struct tree_witnesses *witnesses, uint64_t size, int64_t now_us)
{
	return !witnesses->is_waiting && (witnesses->note.len == 0 || size > witnesses->size) &&
		now_us >= ready_us(witnesses);
}

rg_err tree_witnesses_begin(struct tree_witnesses *witnesses, struct rg_bytes note, uint64_t size,
	int64_t now_us)
{
	buf_clear(&witnesses->note);
	buf_add_bytes(&witnesses->note, note);
	witnesses->size = size;
	witnesses->began_us = now_us;
	witnesses->published_us = 0;
	witnesses->is_dirty = true;
	witnesses->after_us = 0;
	for (size_t i = 0; i < witnesses->n_items; i++) {
		buf_clear(&witnesses->items[i].line);
		witnesses->items[i].is_heard = false;
	}
	return buf_error(&witnesses->note);
}

static rg_err write_request(const struct tree_witnesses *witnesses, const struct one *one,
	struct tree *tree, struct buf *out)
{
	const struct proof_source source = tree_source(tree);
	struct witness_request request = {.old_size = one->size,
		.note = buf_view(&witnesses->note)};
	rg_err err = proof_consistency(&source, one->size, witnesses->size, &request.path);

	return err ? err : witness_request_write(&request, out);
}

/* Who does not answer is asked again in a later round. */
static void forget_silent(struct one *one, int64_t now_us)
{
	if (one->is_asked && now_us - one->asked_us >= SILENT_US) {
		one->is_asked = false;
		one->is_heard = true;
		one->trouble = "does not answer";
		log_event(LOG_WARNING, "witness", "does-not-answer",
			log_text("member", one->cosigner.member));
	}
}

rg_err tree_witnesses_next(struct tree_witnesses *witnesses, struct tree *tree, int64_t now_us,
	uint64_t *ret_session, struct buf *out, bool *ret_has)
{
	*ret_has = false;
	for (size_t i = 0; i < witnesses->n_items; i++) {
		struct one *one = &witnesses->items[i];

		forget_silent(one, now_us);
		/* One that another session of ours has told more is asked in the next round. */
		if (!may_ask(witnesses, one) || one->size > witnesses->size) {
			continue;
		}
		one->is_asked = true;
		one->asked_us = now_us;
		*ret_session = one->session;
		*ret_has = true;
		return write_request(witnesses, one, tree, out);
	}
	return RG_OK;
}

static void complain(struct one *one, const char *trouble, const Rivergate__V1__Witnessed *answer)
{
	if (one->trouble != trouble) {
		log_event(LOG_WARNING, "witness", "does-not-cosign",
			log_text("member", one->cosigner.member), log_text("why", trouble),
			log_number("status", answer->status), log_text("text", answer->body));
	}
	one->trouble = trouble;
}

static void cover(struct tree_witnesses *witnesses)
{
	if (has_quorum(witnesses) && witnesses->witnessed_size < witnesses->size) {
		witnesses->witnessed_size = witnesses->size;
		witnesses->uncovered_us = witnesses->after_us;
		witnesses->alarmed_us = 0;
	}
}

/* An answer that came after its round has lines for another note: they do not verify. */
static rg_err take_lines(struct tree_witnesses *witnesses, struct one *one,
	const Rivergate__V1__Witnessed *answer)
{
	uint64_t time_s = 0;
	rg_err err = cosignature_take(buf_view(&witnesses->note), bytes_of_text(answer->body),
		&one->cosigner, &one->line, &time_s);

	if (err) {
		return err;
	}
	if (time_s == 0) {
		complain(one, "its cosignature does not verify", answer);
		return RG_OK;
	}
	one->size = witnesses->size;
	one->cosigned_at_us =
		(int64_t)time_s <= INT64_MAX / SECOND_US ? (int64_t)time_s * SECOND_US : INT64_MAX;
	one->trouble = NULL;
	witnesses->is_dirty = true;
	cover(witnesses);
	return RG_OK;
}

rg_err tree_witnesses_answer(struct tree_witnesses *witnesses, uint64_t session,
	const Rivergate__V1__Witnessed *answer, int64_t now_us, struct rg_bytes *ret_told)
{
	struct one *one = find_session(witnesses, session);

	(void)now_us;
	*ret_told = bytes_of(NULL, 0);
	if (!one || !one->is_asked) {
		return RG_OK;
	}
	one->is_asked = false;
	one->is_heard = true;
	switch (answer->status) {
	case STATUS_OK:
		return take_lines(witnesses, one, answer);
	case STATUS_OTHER:
		*ret_told = bytes_of_text(answer->checkpoint);
		if (ret_told->len == 0) {
			take_told(witnesses, one, 0);
			one->is_heard = one->is_out;
		}
		return RG_OK;
	case STATUS_FORK:
		*ret_told = bytes_of_text(answer->checkpoint);
		complain(one, "says that the log does not continue what it cosigned", answer);
		return RG_OK;
	default:
		complain(one, "refuses", answer);
		return RG_OK;
	}
}

rg_err tree_witnesses_told(struct tree_witnesses *witnesses, uint64_t session,
	struct rg_bytes checkpoint)
{
	struct one *one = find_session(witnesses, session);

	if (!one) {
		return RG_OK;
	}
	uint64_t size = one->size;
	rg_err err = take_checkpoint(witnesses, one, checkpoint);

	/* Asked again at once only where that says something new. */
	one->is_heard = one->size == size;
	return err;
}

/* --- Publishing ------------------------------------------------------------------------------ */

/* When the note of the round is published next; INT64_MAX: there is nothing new. */
static int64_t publish_us(const struct tree_witnesses *witnesses)
{
	if (!witnesses->is_dirty || witnesses->note.len == 0) {
		return INT64_MAX;
	}
	if (witnesses->published_us != 0) {
		return witnesses->published_us + SECOND_US;
	}
	return is_open(witnesses) ? witnesses->began_us + SECOND_US : 0;
}

rg_err tree_witnesses_publish(struct tree_witnesses *witnesses, int64_t now_us, struct buf *out,
	bool *ret_is_witnessed, bool *ret_has)
{
	*ret_has = now_us >= publish_us(witnesses);
	if (!*ret_has) {
		return RG_OK;
	}
	buf_add_bytes(out, buf_view(&witnesses->note));
	for (size_t i = 0; i < witnesses->n_items; i++) {
		buf_add_bytes(out, buf_view(&witnesses->items[i].line));
	}
	witnesses->is_dirty = false;
	witnesses->published_us = now_us;
	*ret_is_witnessed = has_quorum(witnesses);
	if (*ret_is_witnessed) {
		buf_clear(&witnesses->newest);
		buf_add_bytes(&witnesses->newest, buf_view(out));
	}
	return buf_error(&witnesses->newest) ? buf_error(&witnesses->newest) : buf_error(out);
}

struct rg_bytes tree_witnesses_newest(const struct tree_witnesses *witnesses)
{
	return buf_view(&witnesses->newest);
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t tree_witnesses_next_us(const struct tree_witnesses *witnesses, uint64_t size)
{
	int64_t due_us = publish_us(witnesses);

	if (witnesses->is_waiting) {
		return INT64_MAX;
	}
	if (size > witnesses->size) {
		due_us = earlier(due_us, ready_us(witnesses));
	}
	for (size_t i = 0; i < witnesses->n_items; i++) {
		if (witnesses->items[i].is_asked) {
			due_us = earlier(due_us, witnesses->items[i].asked_us + SILENT_US);
		}
	}
	if (witnesses->uncovered_us != 0 && witnesses->n_items > 0) {
		int64_t alarm_us =
			witnesses->alarmed_us ? witnesses->alarmed_us : witnesses->uncovered_us;

		due_us = earlier(due_us, alarm_us + TREE_WITNESSES_ALARM_US);
	}
	return due_us;
}

/* --- Telling --------------------------------------------------------------------------------- */

struct tree_witnesses_state tree_witnesses_state(const struct tree_witnesses *witnesses)
{
	return (struct tree_witnesses_state){
		.n = witnesses->n_items,
		.quorum = witnesses->quorum,
		.witnessed_size = witnesses->witnessed_size,
		.unwitnessed_since_us = witnesses->n_items ? witnesses->uncovered_us : 0,
	};
}

bool tree_witnesses_alarm(struct tree_witnesses *witnesses, uint64_t size, int64_t now_us)
{
	int64_t since_us = witnesses->alarmed_us ? witnesses->alarmed_us : witnesses->uncovered_us;

	if (witnesses->n_items == 0 || since_us == 0 ||
		now_us - since_us < TREE_WITNESSES_ALARM_US) {
		return false;
	}
	witnesses->alarmed_us = now_us;
	log_event(LOG_ERROR, "witness", "UNWITNESSED",
		log_number("seconds", (now_us - witnesses->uncovered_us) / SECOND_US),
		log_number("witnessed-size", (int64_t)witnesses->witnessed_size),
		log_number("size", (int64_t)size),
		log_number("cosigned-by", (int64_t)count_lines(witnesses)),
		log_number("quorum", witnesses->quorum),
		log_text("do", "see `rivergate status`: which witnesses are not connected?"));
	return true;
}

struct tree_witness_state tree_witness_state(const struct tree_witnesses *witnesses, size_t i)
{
	const struct one *one = &witnesses->items[i];

	return (struct tree_witness_state){
		.member = one->cosigner.member,
		.is_connected = one->session != 0,
		.size = one->size,
		.cosigned_at_us = one->cosigned_at_us,
		.trouble = one->trouble ? one->trouble : "",
	};
}
