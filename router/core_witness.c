/*
 * Witnesses: the wait at a start, requests, answers, what is published.
 *
 * Who has told what and which round goes on is the tree stage's (tree/witnesses.h); here
 * it meets sessions and effects.
 *
 * Threads: the core's.
 */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "core_state.h"

#define TELL_US (10 * CORE_SECOND_US)

bool core_is_waiting(const struct core *core)
{
	return tree_witnesses_are_awaited(core->witnesses);
}

size_t core_n_witnesses(const struct core *core)
{
	return tree_witnesses_state(core->witnesses).n;
}

rg_err core_witness_trust(struct core *core)
{
	return tree_witnesses_set_registry(core->witnesses, trust_registry(core->trust));
}

rg_err core_recall(struct core *core, struct rg_bytes checkpoint)
{
	rg_err err = core->trust ? core_witness_trust(core) : RG_OK;

	return err || checkpoint.len == 0 ? err
					  : tree_witnesses_recall(core->witnesses, checkpoint);
}

/* --- The wait -------------------------------------------------------------------------------- */

/* The wait is over: what is durable is signed, and sessions may begin. */
static rg_err begin_signing(struct core *core)
{
	rg_err err = tree_size(core->tree) > 0 ? core_sign(core) : RG_OK;

	if (!err) {
		log_event(LOG_INFO, "witness", "wait-is-over",
			log_number("size", (int64_t)tree_size(core->tree)),
			log_number("witnesses", (int64_t)core_n_witnesses(core)));
		err = core_greet_all(core);
	}
	return err;
}

static void tell_wait(struct core *core)
{
	char missing[4 * COSIGNER_ROSTER_MAX];

	if (core_n_witnesses(core) == 0 || core->now_us - core->told_us < TELL_US) {
		return;
	}
	core->told_us = core->now_us;
	size_t n = tree_witnesses_missing(core->witnesses, missing);

	log_event(LOG_WARNING, "witness", "waits-for-witnesses", log_number("n", (int64_t)n),
		log_text("of", missing),
		log_text("why",
			"nothing is signed before so many of them have told their last "
			"checkpoint"));
}

/* --- Sessions -------------------------------------------------------------------------------- */

rg_err core_witness_open(struct core *core, const struct core_input *input)
{
	bool was_waiting = core_is_waiting(core);
	bool is_known = false;
	char cc[3];

	(void)snprintf(cc, sizeof(cc), "%.2s", input->party);
	rg_err err = tree_witnesses_open(core->witnesses, cc, input->session,
		bytes_of_text(input->frame->hello->checkpoint), &is_known);

	if (!err && !is_known) {
		log_event(LOG_WARNING, "witness", "not-in-the-registry",
			log_text("party", input->party),
			log_text("do", "the member's witness_key must stand in the registry"));
	}
	return !err && was_waiting && !core_is_waiting(core) ? begin_signing(core) : err;
}

/* What a witness holds decides whether it or we are wrong. */
static rg_err hold_against(struct core *core, const struct core_input *input, struct rg_bytes told)
{
	bool fits = true;
	rg_err err = core_fits(core, told, &fits);

	if (err) {
		return err;
	}
	if (!fits) {
		log_event(LOG_ERROR, "core", "contradicted-by", log_text("party", input->party),
			log_text("checkpoint", input->frame->witnessed->checkpoint));
		return core_contradict(core, input->session, told);
	}
	return tree_witnesses_told(core->witnesses, input->session, told);
}

rg_err core_on_witnessed(struct core *core, struct core_input *input)
{
	bool was_waiting = core_is_waiting(core);
	struct rg_bytes told;
	rg_err err = tree_witnesses_answer(core->witnesses, input->session, input->frame->witnessed,
		core->now_us, &told);

	if (!err && told.len > 0) {
		err = hold_against(core, input, told);
	}
	return !err && was_waiting && !core_is_waiting(core) ? begin_signing(core) : err;
}

/* --- Rounds ---------------------------------------------------------------------------------- */

static rg_err send_news(struct core *core, uint64_t session, const char *note)
{
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;

	frame.body_case = RIVERGATE__V1__FRAME__BODY_CHECKPOINT;
	frame.checkpoint = (char *)note;
	return core_emit_frame(core, CORE_EFFECT_FRAME, session, &frame);
}

rg_err core_witness_news(struct core *core, uint64_t session)
{
	scoped(buf_deinitv) struct buf note = {.data = NULL};

	buf_add_bytes(&note, tree_witnesses_newest(core->witnesses));
	const char *text = buf_text(&note);

	return !text ? RG_E_NOMEM : text[0] ? send_news(core, session, text) : RG_OK;
}

static rg_err tell_all(struct core *core, const char *note)
{
	rg_err err = note ? RG_OK : RG_E_NOMEM;

	for (size_t i = 0; i < CORE_CHAINS; i++) {
		for (const struct core_session *session = core->sessions[i]; !err && session;
			session = session->next) {
			err = session->wants_news ? send_news(core, session->number, note) : RG_OK;
		}
	}
	return err;
}

/* The head is given once, with its tiles; then only notes with more lines. */
static rg_err publish(struct core *core)
{
	scoped(core_effect_freep) struct core_effect *effect =
		core_effect_new(core->is_given ? CORE_EFFECT_COSIGNED : CORE_EFFECT_CHECKPOINT, 0);
	bool is_witnessed = false;
	bool has = false;

	if (!effect) {
		return RG_E_NOMEM;
	}
	rg_err err = tree_witnesses_publish(core->witnesses, core->now_us, &effect->bytes,
		&is_witnessed, &has);

	if (err || !has) {
		return err;
	}
	effect->is_witnessed = is_witnessed;
	if (core_n_witnesses(core) > 0) {
		err = tell_all(core, buf_text(&effect->bytes));
	}
	if (!core->is_given) {
		effect->tiles = core->tiles;
		buf_init(&core->tiles);
		core->is_given = true;
	}
	core_emit(core, steal(effect));
	return err;
}

static rg_err begin_round(struct core *core)
{
	scoped(buf_deinitv) struct buf note = {.data = NULL};

	buf_clear(&core->tiles);
	core->is_given = false;
	rg_err err = core_head(core, &note, &core->tiles);

	return err ? err
		   : tree_witnesses_begin(core->witnesses, buf_view(&note), tree_size(core->tree),
			     core->now_us);
}

static rg_err ask_next(struct core *core, bool *ret_has)
{
	scoped(buf_deinitv) struct buf request = {.data = NULL};
	Rivergate__V1__Witness witness = RIVERGATE__V1__WITNESS__INIT;
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;
	uint64_t session = 0;
	rg_err err = tree_witnesses_next(core->witnesses, core->tree, core->now_us, &session,
		&request, ret_has);

	if (err || !*ret_has) {
		return err;
	}
	witness.request = (char *)buf_text(&request);
	frame.body_case = RIVERGATE__V1__FRAME__BODY_WITNESS;
	frame.witness = &witness;
	return witness.request ? core_emit_frame(core, CORE_EFFECT_FRAME, session, &frame)
			       : RG_E_NOMEM;
}

rg_err core_witness_turn(struct core *core)
{
	uint64_t size = tree_size(core->tree);
	bool has = true;
	rg_err err = RG_OK;

	if (core_is_waiting(core)) {
		tell_wait(core);
		return RG_OK;
	}
	err = publish(core);
	if (!err && core->checkpoint.len > 0 &&
		tree_witnesses_is_ready(core->witnesses, size, core->now_us)) {
		err = begin_round(core);
	}
	while (!err && has) {
		err = ask_next(core, &has);
	}
	if (!err) {
		err = publish(core);
	}
	(void)tree_witnesses_alarm(core->witnesses, size, core->now_us);
	return err;
}

int64_t core_witness_next_us(const struct core *core)
{
	if (core_is_waiting(core)) {
		return core_n_witnesses(core) > 0 ? core->told_us + TELL_US : INT64_MAX;
	}
	return core->checkpoint.len > 0
		? tree_witnesses_next_us(core->witnesses, tree_size(core->tree))
		: INT64_MAX;
}

/* --- Status ---------------------------------------------------------------------------------- */

static rg_err add_witness(struct core *core, size_t i, struct arena *arena,
	Rivergate__V1__RouterStatus *status)
{
	const struct tree_witness_state state = tree_witness_state(core->witnesses, i);
	Rivergate__V1__WitnessStatus *row = arena_alloc(arena, sizeof(*row));

	if (!row) {
		return RG_E_NOMEM;
	}
	rivergate__v1__witness_status__init(row);
	row->member = (char *)state.member;
	row->connected = state.is_connected;
	row->size = state.size;
	row->cosigned_at_us = state.cosigned_at_us;
	row->lag = tree_size(core->tree) > state.size ? tree_size(core->tree) - state.size : 0;
	row->trouble = (char *)state.trouble;
	status->witnesses[status->n_witnesses++] = row;
	return RG_OK;
}

rg_err core_witness_status(struct core *core, struct arena *arena,
	Rivergate__V1__RouterStatus *status)
{
	const struct tree_witnesses_state state = tree_witnesses_state(core->witnesses);
	rg_err err = RG_OK;

	status->witnesses =
		arena_alloc(arena, (state.n + 1) * sizeof(Rivergate__V1__WitnessStatus *));
	if (!status->witnesses) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; !err && i < state.n; i++) {
		err = add_witness(core, i, arena, status);
	}
	status->witness_quorum = state.quorum;
	status->waiting = core_is_waiting(core);
	status->witnessed_size = state.witnessed_size;
	status->unwitnessed_since_us = state.unwitnessed_since_us;
	status->unwitnessed = state.unwitnessed_since_us != 0 &&
		core->now_us - state.unwitnessed_since_us >= TREE_WITNESSES_ALARM_US;
	return err;
}
