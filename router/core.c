/*
 * The core: see core.h.
 *
 * Method: a table of inputs. After each, what is due follows: the router's own records
 * (PROGRESS, TICK) and deliveries that credit allows.
 *
 * Threads: the core's.
 */
#include "core.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/text.h"
#include "core_state.h"
#include "evidence/proof.h"
#include "wire/frame.h"
#include "wire/pack.h"

static rg_err open_parts(struct core *core)
{
	const struct core_options *options = &core->options;
	const struct index_options index = {.path = options->index_path, .origin = options->origin};
	const struct deliver_options deliver = {.router = options->router,
		.origin = options->origin};
	uint8_t log_public[32];
	rg_err err = key_ed25519_raw(options->log_key, log_public);

	if (!err) {
		err = note_verifier_of(options->origin, log_public, &core->log);
	}
	if (!err) {
		err = index_open(&index, &core->index);
	}
	if (!err) {
		err = tree_open(options->tiles_path, &core->tree);
	}
	if (!err) {
		err = deliver_new(&deliver, &core->deliver);
	}
	if (!err) {
		err = tree_witnesses_new(&core->log, options->waits, &core->witnesses);
	}
	if (!err) {
		err = core_window_open(core);
	}
	core->receipts = receipt_batch_new();
	return !err && !core->receipts ? RG_E_NOMEM : err;
}

rg_err core_new(const struct core_options *options, struct core **ret_core)
{
	scoped(core_freep) struct core *core = calloc(1, sizeof(*core));

	if (!core) {
		return RG_E_NOMEM;
	}
	core->options = *options;
	core->pending_end = &core->pending;
	core->ready_end = &core->ready;
	core->held_end = &core->held;
	buf_init(&core->checkpoint);
	buf_init(&core->tiles);
	rg_err err = open_parts(core);

	if (!err) {
		*ret_core = steal(core);
	}
	return err;
}

static void free_effects(struct core_effect *effect)
{
	while (effect) {
		struct core_effect *next = effect->next;

		core_effect_free(effect);
		effect = next;
	}
}

static void free_sessions(struct core *core)
{
	for (size_t i = 0; i < CORE_CHAINS; i++) {
		while (core->sessions[i]) {
			struct core_session *session = core->sessions[i];

			core->sessions[i] = session->next;
			free(session);
		}
	}
}

void core_free(struct core *core)
{
	if (!core) {
		return;
	}
	free_effects(core->ready);
	free_effects(core->held);
	while (core->pending) {
		struct core_pending *pending = core->pending;

		core->pending = pending->next;
		core_pending_free(pending);
	}
	free_sessions(core);
	tree_witnesses_free(core->witnesses);
	receipt_batch_free(core->receipts);
	core_window_close(core);
	deliver_free(core->deliver);
	tree_close(core->tree);
	index_close(core->index);
	trust_unref(core->trust);
	trust_unref(core->trust_pending);
	buf_deinit(&core->checkpoint);
	buf_deinit(&core->tiles);
	free(core);
}

struct core_effect *core_effect_new(enum core_effect_type type, uint64_t session)
{
	struct core_effect *effect = calloc(1, sizeof(*effect));

	if (effect) {
		effect->type = type;
		effect->session = session;
		buf_init(&effect->bytes);
		buf_init(&effect->tiles);
		buf_init(&effect->header);
	}
	return effect;
}

void core_effect_free(struct core_effect *effect)
{
	if (effect) {
		buf_deinit(&effect->bytes);
		buf_deinit(&effect->tiles);
		buf_deinit(&effect->header);
		message_free(effect->message);
		trust_unref(effect->trust);
		free(effect);
	}
}

void core_emit(struct core *core, struct core_effect *effect)
{
	effect->next = NULL;
	*core->ready_end = effect;
	core->ready_end = &effect->next;
}

void core_hold(struct core *core, struct core_effect *effect)
{
	effect->next = NULL;
	effect->after = core->next_index;
	*core->held_end = effect;
	core->held_end = &effect->next;
}

struct core_effect *core_take_effect(struct core *core)
{
	struct core_effect *effect = core->ready;

	if (effect) {
		core->ready = effect->next;
		effect->next = NULL;
	}
	if (!core->ready) {
		core->ready_end = &core->ready;
	}
	return effect;
}

/* The receipt of a repeated message, all but what only the journal knows. */
static rg_err fill_receipt(struct core *core, struct core_effect *effect)
{
	const struct receipt_tree tree = core_receipt_tree(core);
	const Rivergate__V1__Header *header = effect->message->header;
	const struct receipt_record record = {
		.session = effect->session,
		.index = effect->index,
		.id = {header->id.data, header->id.len},
	};

	return receipt_single_frame(&record, &tree, &effect->bytes);
}

/* Repeated, but what it repeats was not written. */
static rg_err refuse_repeated(struct core *core, struct core_effect **effect)
{
	struct message *message = (*effect)->message;
	struct core_session *session = core_session_at(core, message->session);
	struct core_effect *refusal = NULL;

	message_refuse(message, RIVERGATE__V1__VERDICT__VERDICT_STORAGE,
		"the journal could not be written", NULL);
	if (session) {
		session->is_dropping = true;
		session->dropped_epoch = message->epoch;
	}
	rg_err err = core_refusal_of(core, message, NULL, &refusal);

	if (!err) {
		core_effect_free(*effect);
		*effect = refusal;
	}
	return err;
}

rg_err core_release_held(struct core *core, uint64_t durable_size)
{
	rg_err err = RG_OK;

	while (!err && core->held && core->held->after <= durable_size) {
		struct core_effect *effect = core->held;

		core->held = effect->next;
		if (!core->held) {
			core->held_end = &core->held;
		}
		if (effect->type == CORE_EFFECT_RECEIPT_AGAIN) {
			err = effect->index < tree_size(core->tree)
				? fill_receipt(core, effect)
				: refuse_repeated(core, &effect);
		}
		core_emit(core, effect);
	}
	return err;
}

rg_err core_emit_frame(struct core *core, enum core_effect_type type, uint64_t session,
	const Rivergate__V1__Frame *frame)
{
	scoped(core_effect_freep) struct core_effect *effect = core_effect_new(type, session);

	if (!effect) {
		return RG_E_NOMEM;
	}
	rg_err err = frame_pack(frame, &effect->bytes);

	if (!err) {
		core_emit(core, steal(effect));
	}
	return err;
}

static struct core_session **chain_of(struct core *core, uint64_t number)
{
	return &core->sessions[number * UINT64_C(0x9e3779b97f4a7c15) >> 52];
}

struct core_session *core_session_at(struct core *core, uint64_t number)
{
	struct core_session *session = *chain_of(core, number);

	while (session && session->number != number) {
		session = session->next;
	}
	return session;
}

rg_err core_fits(struct core *core, struct rg_bytes checkpoint, bool *ret_fits)
{
	const struct proof_source source = tree_source(core->tree);
	struct note_checkpoint theirs;
	struct merkle_hash head;
	bool is_valid = false;
	rg_err err = note_checkpoint_verify(checkpoint, &core->log, &theirs, &is_valid);

	*ret_fits = true;
	if (err || !is_valid) {
		return err;
	}
	*ret_fits = theirs.size <= tree_size(core->tree);
	if (*ret_fits && theirs.size > 0) {
		err = proof_head(&source, theirs.size, &head);
		if (err) {
			return err; /* our tiles could not be read: nobody is contradicted */
		}
		*ret_fits = memcmp(&head, &theirs.root, sizeof(head)) == 0;
	}
	if (!*ret_fits) {
		log_event(LOG_ERROR, "core", "HISTORY-CONTRADICTED",
			log_number("their-size", (int64_t)theirs.size),
			log_number("our-size", (int64_t)tree_size(core->tree)),
			log_text("do",
				"this log forgot or rewrote what it once signed: keep both, do not "
				"start again from a backup under this origin"));
	}
	return err;
}

/* The party's newest checkpoint, if it has one. */
static rg_err check_history(struct core *core, const struct core_input *input, bool *ret_fits)
{
	const char *text = input->frame->hello->checkpoint;
	rg_err err = text[0] ? core_fits(core, bytes_of_text(text), ret_fits) : RG_OK;

	if (!err && text[0] && !*ret_fits) {
		log_event(LOG_ERROR, "core", "contradicted-by", log_text("party", input->party),
			log_text("checkpoint", text));
	}
	return err;
}

static rg_err say_hello(struct core *core, uint64_t session, enum core_effect_type type,
	bool is_fenced)
{
	Rivergate__V1__Hello hello = RIVERGATE__V1__HELLO__INIT;
	Rivergate__V1__Frame frame = RIVERGATE__V1__FRAME__INIT;

	hello.router = (char *)core->options.router;
	hello.software = (char *)"rivergated " RIVERGATE_VERSION;
	hello.checkpoint =
		core->checkpoint.len ? (char *)buf_text(&core->checkpoint) : hello.checkpoint;
	hello.epoch = CORE_EPOCH_FIRST;
	hello.waiting = core_is_waiting(core);
	hello.fenced = is_fenced;
	frame.body_case = RIVERGATE__V1__FRAME__BODY_HELLO;
	frame.hello = &hello;
	return core_emit_frame(core, type, session, &frame);
}

rg_err core_greet_all(struct core *core)
{
	rg_err err = RG_OK;

	for (size_t i = 0; i < CORE_CHAINS; i++) {
		for (struct core_session *session = core->sessions[i]; !err && session;
			session = session->next) {
			err = say_hello(core, session->number, CORE_EFFECT_HELLO, false);
		}
	}
	return err;
}

rg_err core_contradict(struct core *core, uint64_t session, struct rg_bytes checkpoint)
{
	struct core_effect *effect = core_effect_new(CORE_EFFECT_CONTRADICTION, session);

	if (!effect) {
		return RG_E_NOMEM;
	}
	buf_add_bytes(&effect->bytes, checkpoint);
	core_emit(core, effect);
	return buf_error(&effect->bytes);
}

static rg_err on_open(struct core *core, struct core_input *input)
{
	struct core_session **chain = chain_of(core, input->session);
	struct core_session *session = NULL;
	uint64_t fenced = 0;
	bool fits = true;
	rg_err err = check_history(core, input, &fits);

	if (err) {
		return err;
	}
	if (!fits) {
		return core_contradict(core, input->session,
			bytes_of_text(input->frame->hello->checkpoint));
	}
	session = calloc(1, sizeof(*session));
	if (!session) {
		return RG_E_NOMEM;
	}
	session->number = input->session;
	memcpy(session->party, input->party, sizeof(session->party));
	session->wants_news = input->frame->hello->news;
	session->next = *chain;
	*chain = session;
	core->n_sessions++;
	err = say_hello(core, input->session,
		core_is_waiting(core) ? CORE_EFFECT_FRAME : CORE_EFFECT_HELLO, false);
	if (!err && session->wants_news) {
		err = core_witness_news(core, input->session);
	}
	if (!err && input->frame->hello->witness) {
		err = core_witness_open(core, input);
	}
	if (!err && input->frame->hello->receive) {
		err = deliver_open(core->deliver, input->session, input->party, core->now_us,
			&fenced);
	}
	return err || !fenced ? err : say_hello(core, fenced, CORE_EFFECT_FRAME, true);
}

static rg_err on_closed(struct core *core, struct core_input *input)
{
	struct core_session **link = chain_of(core, input->session);

	while (*link && (*link)->number != input->session) {
		link = &(*link)->next;
	}
	if (*link) {
		struct core_session *session = *link;

		*link = session->next;
		free(session);
		core->n_sessions--;
	}
	tree_witnesses_close(core->witnesses, input->session);
	return deliver_close(core->deliver, input->session, input->party);
}

static rg_err on_credit(struct core *core, struct core_input *input)
{
	const Rivergate__V1__Credit *credit = input->frame->credit;

	deliver_credit(core->deliver, input->session, input->party, credit->messages,
		credit->bytes);
	return RG_OK;
}

/* A party settles its own deliveries only: what it says in `to` does not count. */
static rg_err on_settled(struct core *core, struct core_input *input)
{
	const Rivergate__V1__Settled *settled = input->frame->settled;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < settled->n_deliveries; i++) {
		err = deliver_settle(core->deliver, input->party, settled->deliveries[i], NULL);
	}
	for (size_t i = 0; !err && i < settled->n_set_aside; i++) {
		const Rivergate__V1__SetAside *set_aside = settled->set_aside[i];

		if (set_aside->delivery) {
			err = deliver_settle(core->deliver, input->party, set_aside->delivery,
				set_aside->reason);
		}
	}
	return err;
}

static rg_err on_tick(struct core *core, struct core_input *input)
{
	(void)input;
	rg_err err = core_is_waiting(core) ? RG_OK : deliver_tick(core->deliver, core->now_us);

	return err ? err : index_flush_due(core->index, core->now_us);
}

static rg_err on_origin(struct core *core, struct core_input *input)
{
	scoped(buf_deinitv) struct buf body = {.data = NULL};
	Rivergate__V1__Origin origin = RIVERGATE__V1__ORIGIN__INIT;

	assert(core->next_index == 0);
	origin.origin = (char *)core->options.origin;
	origin.router = (char *)core->options.router;
	origin.genesis_hash = (ProtobufCBinaryData){.len = sizeof(input->pin), .data = input->pin};
	memcpy(core->pin, input->pin, sizeof(core->pin));
	core->has_origin = true;
	rg_err err = pack_append(&origin.base, &body);

	return err ? err
		   : core_append_own(core, RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_ORIGIN,
			     buf_view(&body));
}

rg_err core_append_admin(struct core *core, Rivergate__V1__Admin__Act act, const char *detail)
{
	scoped(buf_deinitv) struct buf body = {.data = NULL};
	Rivergate__V1__Admin admin = RIVERGATE__V1__ADMIN__INIT;

	admin.act = act;
	admin.detail = (char *)detail;
	rg_err err = pack_append(&admin.base, &body);

	return err ? err
		   : core_append_own(core, RIVERGATE__V1__RECORD_TYPE__RECORD_TYPE_ADMIN,
			     buf_view(&body));
}

static rg_err on_admin(struct core *core, struct core_input *input)
{
	return core_append_admin(core, input->act, input->detail);
}

static rg_err (*const inputs[])(struct core *core, struct core_input *input) = {
	[CORE_INPUT_ORIGIN] = on_origin,
	[CORE_INPUT_ADMIN] = on_admin,
	[CORE_INPUT_CANDIDATE] = core_on_candidate,
	[CORE_INPUT_SESSION_OPEN] = on_open,
	[CORE_INPUT_SESSION_CLOSED] = on_closed,
	[CORE_INPUT_CREDIT] = on_credit,
	[CORE_INPUT_SETTLED] = on_settled,
	[CORE_INPUT_QUERY] = core_on_query,
	[CORE_INPUT_WITNESSED] = core_on_witnessed,
	[CORE_INPUT_TICK] = on_tick,
	[CORE_INPUT_COMMIT] = core_on_commit,
};

/* What the delivery's proof needs of the tree: path and checkpoint of now. */
static rg_err write_proof(struct core *core, uint64_t index, struct buf *out)
{
	const struct proof_source source = tree_source(core->tree);
	struct proof_path path;
	rg_err err = proof_inclusion(&source, index, tree_size(core->tree), &path);

	if (err) {
		return err;
	}
	buf_add_u16(out, (uint16_t)path.n_nodes);
	buf_add(out, path.nodes, path.n_nodes * sizeof(path.nodes[0]));
	buf_add_bytes(out, buf_view(&core->checkpoint));
	return buf_error(out);
}

bool core_proof_read(struct rg_bytes bytes, struct proof_path *ret_path,
	struct rg_bytes *ret_checkpoint)
{
	struct cursor cursor = cursor_of(bytes);
	size_t n_nodes = cursor_u16(&cursor);

	if (n_nodes > PROOF_PATH_MAX) {
		return false;
	}
	struct rg_bytes nodes = cursor_bytes(&cursor, n_nodes * MERKLE_HASH_LEN);

	if (cursor.is_bad) {
		return false;
	}
	memcpy(ret_path->nodes, nodes.data, nodes.len);
	ret_path->n_nodes = n_nodes;
	*ret_checkpoint = cursor_bytes(&cursor, cursor.left);
	return true;
}

/* What dispatch cannot compute from the order goes along. */
static rg_err write_header(struct core *core, const struct deliver_order *order, struct buf *out)
{
	const struct core_teller *teller = &core->teller;

	if (!order->derived_kind || order->derived_kind == RIVERGATE__V1__KIND__KIND_EXPIRY) {
		return RG_OK;
	}
	rg_err err = teller->header(teller->context, order->index, order->derived_kind,
		order->ordinal, order->to, out);

	return err ? err : buf_error(out);
}

static rg_err send_due(struct core *core)
{
	struct deliver_order order;
	bool has = false;
	rg_err err = deliver_next(core->deliver, core->now_us, &order, &has);

	while (!err && has) {
		scoped(core_effect_freep) struct core_effect *effect =
			core_effect_new(CORE_EFFECT_DELIVER, order.session);

		if (!effect) {
			return RG_E_NOMEM;
		}
		effect->index = order.index;
		effect->order = order;
		err = write_proof(core, order.index, &effect->bytes);
		err = err ? err : write_header(core, &order, &effect->header);
		if (!err) {
			core_emit(core, steal(effect));
			err = deliver_next(core->deliver, core->now_us, &order, &has);
		}
	}
	return err;
}

rg_err core_step(struct core *core, struct core_input *input)
{
	if (input->now_us > core->now_us) {
		core->now_us = input->now_us;
	}
	rg_err err = inputs[input->type](core, input);

	if (!err && !core->pending) {
		err = core_release_held(core, UINT64_MAX);
	}
	if (!err) {
		err = core_witness_turn(core);
	}
	if (!err && !core_is_waiting(core)) {
		err = core_append_due(core);
		err = err ? err : send_due(core);
	}
	message_free(steal(input->message));
	arena_free(steal(input->arena));
	return err;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

int64_t core_next_tick_us(const struct core *core)
{
	if (core_is_waiting(core)) {
		return core_witness_next_us(core);
	}
	int64_t due_us = earlier(deliver_timer_us(core->deliver), core_witness_next_us(core));
	int64_t expiry_us = deliver_expiry_us(core->deliver);

	if (expiry_us != INT64_MAX && core->appended_us < expiry_us) {
		int64_t tick_us = core->ticked_us + CORE_SECOND_US;

		due_us = earlier(due_us, expiry_us > tick_us ? expiry_us : tick_us);
	}
	due_us = earlier(due_us, core_window_due_us(core));
	if (deliver_has_progress(core->deliver) && !core->is_progress_pending) {
		due_us = earlier(due_us, core->retry_us);
	}
	return due_us;
}

uint64_t core_durable_size(const struct core *core)
{
	return tree_size(core->tree);
}

uint64_t core_pending(const struct core *core)
{
	return core->n_pending;
}

struct trust *core_trust(const struct core *core)
{
	return core->trust;
}

struct trust *core_trust_pending(const struct core *core)
{
	return core->trust_pending;
}

struct rg_bytes core_checkpoint(const struct core *core)
{
	return buf_view(&core->checkpoint);
}

struct core_figures core_figures(const struct core *core)
{
	return core->figures;
}

static void dump_trust(const struct core *core, struct buf *out)
{
	const Rivergate__V1__Registry *registry = core->trust ? trust_registry(core->trust) : NULL;

	if (!registry) {
		return;
	}
	buf_printf(out, "registry %llu\n", (unsigned long long)trust_registry_index(core->trust));
	for (size_t i = 0; i < registry->n_members; i++) {
		const char *cc = registry->members[i]->cc;

		buf_printf(out, "member %s directory %llu crl %llu\n", cc,
			(unsigned long long)trust_directory_index(core->trust, cc),
			(unsigned long long)trust_crl_index(core->trust, cc));
	}
}

rg_err core_dump_head(const struct core *core, struct buf *out)
{
	struct merkle_hash head;
	rg_err err = tree_head(core->tree, &head);

	if (err) {
		return err;
	}
	buf_printf(out, "%s\n%llu\n", core->options.origin,
		(unsigned long long)tree_size(core->tree));
	text_base64(bytes_of(head.bytes, sizeof(head.bytes)), out);
	buf_add_u8(out, '\n');
	return buf_error(out);
}

rg_err core_dump(const struct core *core, struct buf *out)
{
	struct merkle_hash head;
	rg_err err = tree_head(core->tree, &head);

	if (err) {
		return err;
	}
	buf_printf(out, "size %llu\nhead ", (unsigned long long)tree_size(core->tree));
	for (size_t i = 0; i < sizeof(head.bytes); i++) {
		buf_printf(out, "%02x", head.bytes[i]);
	}
	buf_add_text(out, "\n");
	dump_trust(core, out);
	err = deliver_dump(core->deliver, out);
	return err ? err : index_dump(core->index, out);
}
