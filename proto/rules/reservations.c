/*
 * Reservations: see reservations.h.
 *
 * What a consignment uses of a certificate follows anew from its declarations and answers
 * whenever it is settled, and stands in the certificate's ledger.
 *
 * Threads: the window's.
 */
#include "rules/reservations.h"

#include <string.h>

#include "rules/documents.h"

#define D(name)   RIVERGATE__V1__DECISION_STATUS__DECISION_STATUS_##name
#define USE(name) RIVERGATE__V1__CERTIFICATE_USE__STATE__STATE_##name

/* Which documents there are */

/* A draft relies on nothing yet. */
static bool relies(const Rivergate__V1__ConsignmentDeclaration *one)
{
	return consignment_counts(one) && one->purpose != RIVERGATE__V1__PURPOSE__PURPOSE_PREFILL;
}

static struct ledger_name name_of(const Rivergate__V1__DocumentRef *ref)
{
	return (struct ledger_name){ref->type, ref->issuer_country, ref->number};
}

static bool is_same_name(const struct ledger_name *a, const struct ledger_name *b)
{
	return strcmp(a->type, b->type) == 0 && strcmp(a->country, b->country) == 0 &&
		strcmp(a->number, b->number) == 0;
}

static bool has_name(const struct demands_documents *documents, const struct ledger_name *name)
{
	for (size_t i = 0; i < documents->n; i++) {
		if (is_same_name(&documents->items[i].name, name)) {
			return true;
		}
	}
	return false;
}

static rg_err find_too_many(struct consignment *consignment)
{
	const struct consignment_finding finding = {
		.rule = "TOO_MANY_DOCUMENTS",
		.path = "documents",
		.text = "more certificates are named than a consignment may rely on: those beyond "
			"are not looked at",
		.is_computed = true,
	};

	return consignment_find(consignment, &finding);
}

/* Those of one declaration. */
static rg_err add_documents(struct consignment *consignment,
	const Rivergate__V1__Declared *declared, struct demands_documents *documents)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < declared->n_documents; i++) {
		const struct ledger_name name = name_of(declared->documents[i]);

		if (!ledger_is_name(&name) || has_name(documents, &name)) {
			continue;
		}
		if (documents->n == DOCUMENTS_MAX) {
			return find_too_many(consignment);
		}
		struct demands_document *one = &documents->items[documents->n++];
		one->name = name;
		err = ledger_read(consignment->call, &name, &one->ledger);
	}
	return err;
}

rg_err reservations_list(struct consignment *consignment, struct demands_documents *ret_documents)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	struct demands_documents documents = {.n = 0};
	size_t room = 1;
	rg_err err = RG_OK;

	for (size_t i = 0; i < state->n_declarations; i++) {
		room += state->declarations[i]->declared->n_documents;
	}
	room = room < DOCUMENTS_MAX ? room : DOCUMENTS_MAX;
	documents.items = arena_alloc(consignment->call->arena, room * sizeof(*documents.items));
	if (!documents.items) {
		return RG_E_NOMEM;
	}
	for (size_t i = 0; !err && i < state->n_declarations; i++) {
		if (relies(state->declarations[i])) {
			err = add_documents(consignment, state->declarations[i]->declared,
				&documents);
		}
	}
	if (!err) {
		*ret_documents = documents;
	}
	return err;
}

/* What one declaration uses of one certificate */

struct share {
	const Rivergate__V1__ConsignmentDeclaration *declaration;
	struct consignment_cc cc;
	Rivergate__V1__Regime regime; /* of its sender's own leg */
	bool is_stranger;
	bool is_refused;
	bool is_written_off;
	int64_t millionths; /* -1: not stated in the certificate's unit */
};

/* One certificate and the declarations that name it. */
struct using
{
	struct consignment *consignment;
	const struct demands_document *document;
	struct share *shares;
	size_t n;
};

static void add_quantity(const Rivergate__V1__Quantity *quantity, const char *unit, int64_t *sum)
{
	struct quantity_amount amount;

	if (quantity_of(quantity, &amount) && strcmp(amount.unit, unit) == 0) {
		*sum = quantity_add(*sum < 0 ? 0 : *sum, amount.millionths);
	}
}

/* What it says itself, else the quantity of the goods that the certificate covers. */
static int64_t declared_millionths(const Rivergate__V1__Declared *declared,
	const struct demands_document *document)
{
	struct quantity_amount certified;
	int64_t sum = -1;

	if (!ledger_certified(document->ledger, &certified)) {
		return -1;
	}
	for (size_t i = 0; i < declared->n_documents; i++) {
		const struct ledger_name name = name_of(declared->documents[i]);

		if (!is_same_name(&name, &document->name)) {
			continue;
		}
		if (declared->documents[i]->quantity) {
			add_quantity(declared->documents[i]->quantity, certified.unit, &sum);
			continue;
		}
		for (size_t j = 0; j < declared->n_goods; j++) {
			if (ledger_covers(document->ledger->facts, declared->goods[j])) {
				add_quantity(declared->goods[j]->quantity, certified.unit, &sum);
			}
		}
	}
	return sum;
}

static Rivergate__V1__Regime regime_of(const Rivergate__V1__ConsignmentDeclaration *one,
	struct consignment_cc cc)
{
	for (size_t i = 0; i < one->declared->n_legs; i++) {
		const Rivergate__V1__Leg *leg = one->declared->legs[i];
		const struct consignment_cc here = consignment_cc_of_country(leg->country);

		if (strcmp(here.text, cc.text) == 0) {
			return leg->regime;
		}
	}
	return RIVERGATE__V1__REGIME__REGIME_UNSPECIFIED;
}

/* Neither the issuer's country nor the one that the certificate is for. */
static bool is_stranger(const struct demands_document *document, struct consignment_cc cc)
{
	const Rivergate__V1__CertificateFacts *facts = document->ledger->facts;
	const struct consignment_cc from = consignment_cc_of_country(document->name.country);
	const struct consignment_cc to =
		consignment_cc_of_country(facts ? facts->importing_country : "");

	return to.text[0] && strcmp(cc.text, from.text) != 0 && strcmp(cc.text, to.text) != 0;
}

static bool refuses(Rivergate__V1__DecisionStatus status)
{
	return status == D(REFUSED) || status == D(RETURN_ORDERED) ||
		status == D(DESTROY_ORDERED) || status == D(SEIZED);
}

static bool releases(Rivergate__V1__DecisionStatus status)
{
	return status == D(RELEASED) || status == D(RELEASED_CONDITIONAL) ||
		status == D(PARTLY_RELEASED);
}

static rg_err read_answers(const struct using *it, uint32_t number, struct share *share)
{
	const Rivergate__V1__ConsignmentState *state = it->consignment->state;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < state->n_answers; i++) {
		const Rivergate__V1__ConsignmentAnswer *answer = state->answers[i];

		/* What others use of the certificate would tell them what they may not see. */
		if (answer->declaration != number || answer->leg >= state->n_legs ||
			status_is_hidden(answer->disclosure,
				state->legs[answer->leg]->arrived_us != 0)) {
			continue;
		}
		share->is_refused =
			share->is_refused || (refuses(answer->status) && !answer->partly_released);
		if ((releases(answer->status) || answer->partly_released) &&
			!share->is_written_off) {
			err = demands_ask(it->consignment, answer->leg, answer->authority,
				it->document, &share->is_written_off);
		}
	}
	return err;
}

static bool names(const Rivergate__V1__Declared *declared, const struct ledger_name *name)
{
	for (size_t i = 0; i < declared->n_documents; i++) {
		const struct ledger_name one = name_of(declared->documents[i]);

		if (is_same_name(&one, name)) {
			return true;
		}
	}
	return false;
}

static rg_err read_shares(struct using *it, bool *ret_all_strangers)
{
	const Rivergate__V1__ConsignmentState *state = it->consignment->state;
	bool are_all = true;
	rg_err err = RG_OK;

	for (uint32_t i = 0; !err && i < state->n_declarations; i++) {
		const Rivergate__V1__ConsignmentDeclaration *one = state->declarations[i];
		struct share *share = &it->shares[it->n];

		if (!relies(one) || !names(one->declared, &it->document->name)) {
			continue;
		}
		*share = (struct share){.declaration = one};
		share->cc = consignment_cc_of_address(one->from);
		share->regime = regime_of(one, share->cc);
		share->is_stranger = is_stranger(it->document, share->cc);
		share->millionths = declared_millionths(one->declared, it->document);
		are_all = are_all && share->is_stranger;
		err = read_answers(it, i, share);
		it->n++;
	}
	*ret_all_strangers = are_all;
	return err;
}

/* What the consignment uses of it */

/* Declarations of one member for one regime are parts of one load; others repeat it. */
static bool are_parts(const struct share *a, const struct share *b)
{
	return a->regime == b->regime && a->declaration->purpose == b->declaration->purpose &&
		strcmp(a->cc.text, b->cc.text) == 0;
}

struct load {
	int64_t millionths; /* -1: not known */
	int64_t refused;
	bool is_all_refused;
};

static struct load load_of(const struct using *it, const struct share *first)
{
	struct load load = {.millionths = -1, .is_all_refused = true};

	for (size_t i = 0; i < it->n; i++) {
		const struct share *share = &it->shares[i];

		if (!are_parts(share, first)) {
			continue;
		}
		load.is_all_refused = load.is_all_refused && share->is_refused;
		if (share->millionths >= 0) {
			load.millionths = quantity_add(load.millionths < 0 ? 0 : load.millionths,
				share->millionths);
			load.refused = quantity_add(load.refused,
				share->is_refused ? share->millionths : 0);
		}
	}
	return load;
}

static Rivergate__V1__CertificateUse use_of(const struct using *it, bool are_all_strangers)
{
	Rivergate__V1__CertificateUse use = RIVERGATE__V1__CERTIFICATE_USE__INIT;
	int64_t refused = 0;

	use.state = USE(RESERVED);
	use.millionths = -1;
	use.stranger = are_all_strangers;
	for (size_t i = 0; i < it->n; i++) {
		const struct share *share = &it->shares[i];

		if (share->is_stranger != are_all_strangers) {
			continue;
		}
		const struct load load = load_of(it, share);
		use.millionths =
			load.millionths > use.millionths ? load.millionths : use.millionths;
		refused = load.refused > refused ? load.refused : refused;
		if (load.is_all_refused) {
			use.state = USE(FREED);
		} else if (share->is_written_off && use.state == USE(RESERVED)) {
			use.state = USE(WRITTEN_OFF);
		}
	}
	if (use.millionths >= 0) {
		use.millionths = use.millionths > refused ? use.millionths - refused : 0;
	}
	return use;
}

static rg_err reserve_one(struct consignment *consignment, const struct demands_document *document,
	struct share *shares)
{
	struct using it = {consignment, document, shares, 0};
	bool are_all_strangers = true;
	rg_err err = read_shares(&it, &are_all_strangers);

	if (err) {
		return err;
	}
	const Rivergate__V1__CertificateUse use = use_of(&it, are_all_strangers);
	return ledger_use(consignment->call, &document->name, document->ledger,
		consignment->state->ucr, &use);
}

/* Certificates that it relied on, and does not any more. */
static rg_err leave(struct consignment *consignment, const struct demands_documents *documents)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < state->n_documents; i++) {
		const struct ledger_name name = name_of(state->documents[i]);
		Rivergate__V1__CertificateLedger *ledger = NULL;

		if (has_name(documents, &name)) {
			continue;
		}
		err = ledger_read(consignment->call, &name, &ledger);
		if (!err) {
			err = ledger_use(consignment->call, &name, ledger, state->ucr, NULL);
		}
	}
	return err;
}

static rg_err note_documents(struct consignment *consignment,
	const struct demands_documents *documents)
{
	Rivergate__V1__ConsignmentState *state = consignment->state;
	struct arena *arena = consignment->call->arena;
	rg_err err = RG_OK;

	state->documents = NULL;
	state->n_documents = 0;
	for (size_t i = 0; !err && i < documents->n; i++) {
		Rivergate__V1__DocumentRef *ref = arena_alloc(arena, sizeof(*ref));

		if (!ref) {
			return RG_E_NOMEM;
		}
		rivergate__v1__document_ref__init(ref);
		ref->type = (char *)documents->items[i].name.type;
		ref->issuer_country = (char *)documents->items[i].name.country;
		ref->number = (char *)documents->items[i].name.number;
		err = rows_append(arena, &state->documents, &state->n_documents, ref);
	}
	return err;
}

rg_err reservations_settle(struct consignment *consignment,
	const struct demands_documents *documents)
{
	struct share *shares = arena_alloc(consignment->call->arena,
		(consignment->state->n_declarations + 1) * sizeof(*shares));
	rg_err err = shares ? leave(consignment, documents) : RG_E_NOMEM;

	for (size_t i = 0; !err && i < documents->n; i++) {
		err = reserve_one(consignment, &documents->items[i], shares);
	}
	return err ? err : note_documents(consignment, documents);
}
