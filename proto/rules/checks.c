/*
 * Checks: see checks.h.
 *
 * A table of checks: first what keeps a document from satisfying, then what people should look
 * at.
 *
 * Threads: the window's.
 */
#include "rules/checks.h"

#include <stdio.h>
#include <string.h>

#include "registry/address.h"
#include "registry/form.h"
#include "rules/establishments.h"
#include "rules/goods.h"

#define STATUS(name) RIVERGATE__V1__CERTIFICATE_STATUS_FACTS__STATUS__STATUS_##name
#define DAY_US       (INT64_C(86400) * 1000000)
#define TEXT_MAX     512

/* Findings */

rg_err demands_find(struct consignment *consignment, const struct demands_document *document,
	struct consignment_finding *finding)
{
	char path[TEXT_MAX];

	(void)snprintf(path, sizeof(path), "documents/%s/%s/%s", document->name.type,
		document->name.country, document->name.number);
	finding->path =
		rows_text(consignment->call->arena, bytes_of(path, strnlen(path, sizeof(path))));
	finding->is_computed = true;
	return finding->path ? consignment_find(consignment, finding) : RG_E_NOMEM;
}

rg_err checks_find(const struct checks_asking *it, const struct demands_document *document,
	const char *rule, const char *text)
{
	const Rivergate__V1__Leg *leg = it->consignment->state->legs[it->leg]->leg;
	const struct consignment_cc here = consignment_cc_of_country(leg->country);
	struct consignment_finding finding = {
		.rule = rule,
		.text = text,
		.member = it->is_hidden ? here.text : NULL,
		.until_arrival = it->is_hidden,
		.leg = it->leg,
	};

	return demands_find(it->consignment, document, &finding);
}

/* Time alone changes what is judged now. */
static void judge_again(struct consignment *consignment, int64_t at_us)
{
	if (at_us > consignment->call->record->time_us && at_us < consignment->documents_us) {
		consignment->documents_us = at_us;
	}
}

/* What can satisfy a demand */

static bool is_recognised_issuer(const Rivergate__V1__Recognition *recognition,
	const Rivergate__V1__CertificateLedger *ledger)
{
	for (size_t i = 0; i < recognition->n_issuers; i++) {
		const char *issuer = recognition->issuers[i];

		if (strcmp(issuer, ledger->facts->issuer_country) == 0 ||
			strcmp(issuer, ledger->facts->issuer) == 0 ||
			address_has_prefix(ledger->sender, issuer)) {
			return true;
		}
	}
	return false;
}

static bool is_recognised_for(const Rivergate__V1__Recognition *recognition,
	const struct checks_asking *it)
{
	for (size_t i = 0; i < it->goods.n; i++) {
		if (goods_match(recognition->goods, it->goods.items[i], it->profile)) {
			return true;
		}
	}
	return false;
}

/* The next from *place on that takes the document for what is asked; NULL: none. */
static const Rivergate__V1__Recognition *next_recognition(const struct checks_asking *it,
	const struct demands_document *document, size_t *place)
{
	int64_t now_us = it->consignment->call->record->time_us;

	for (size_t i = *place; document->ledger->facts && i < it->profile->n_recognitions; i++) {
		const Rivergate__V1__Recognition *one = it->profile->recognitions[i];
		bool is_this = one->effect ==
				RIVERGATE__V1__RECOGNITION__EFFECT__EFFECT_SATISFIES_DOCUMENT &&
			strcmp(one->document, it->demand->type) == 0 &&
			strcmp(one->by, document->name.type) == 0 &&
			is_recognised_issuer(one, document->ledger) && is_recognised_for(one, it);

		if (is_this) {
			judge_again(it->consignment, one->valid_from_us);
			judge_again(it->consignment, one->valid_until_us);
		}
		if (is_this && one->valid_from_us <= now_us &&
			(!one->valid_until_us || now_us < one->valid_until_us)) {
			*place = i + 1;
			return one;
		}
	}
	return NULL;
}

bool checks_can_satisfy(const struct checks_asking *it, const struct demands_document *document)
{
	size_t place = 0;

	return strcmp(document->name.type, it->demand->type) == 0 ||
		next_recognition(it, document, &place);
}

/* What keeps a certificate from satisfying */

/* What the checks of one document say. */
struct check_answer {
	bool is_satisfied;
	const char *rule; /* of a finding; NULL: none */
	char text[TEXT_MAX];
};

static rg_err check_withdrawn(const struct checks_asking *it,
	const struct demands_document *document, struct check_answer *answer)
{
	const Rivergate__V1__CertificateStatusFacts *status = document->ledger->status;

	(void)it;
	/* That it was withdrawn is found once for the consignment (documents.c). */
	answer->is_satisfied = !status || status->status == STATUS(CONFIRMED);
	return RG_OK;
}

static rg_err check_verified(const struct checks_asking *it,
	const struct demands_document *document, struct check_answer *answer)
{
	if (it->demand->issuer_must_confirm &&
		document->ledger->medium == RIVERGATE__V1__MEDIUM__MEDIUM_SCAN) {
		answer->is_satisfied = false;
		answer->rule = "NOT_VERIFIED";
		(void)snprintf(answer->text, sizeof(answer->text), "not verified by issuer");
	}
	return RG_OK;
}

/* Where a day begins first: UTC+14. */
#define FIRST_DAY_US (INT64_C(14) * 3600 * 1000000)

/* A certificate for later is none when the goods are here, or expected, before. */
static rg_err check_begin(const struct checks_asking *it, const struct demands_document *document,
	struct check_answer *answer)
{
	const struct consignment *consignment = it->consignment;
	const Rivergate__V1__ConsignmentLeg *leg = consignment->state->legs[it->leg];
	const char *from = document->ledger->facts->valid_from;
	int64_t day = 0;

	if (!form_date(from, &day)) {
		return RG_OK;
	}
	int64_t begin_us = day * DAY_US - FIRST_DAY_US;
	int64_t now_us = consignment->call->record->time_us;
	bool has_begun = (leg->arrived_us ? leg->arrived_us : now_us) >= begin_us;
	bool is_expected = leg->leg->eta_us && leg->leg->eta_us < begin_us;

	answer->is_satisfied = has_begun;
	if (!leg->arrived_us) {
		judge_again(it->consignment, begin_us);
	}
	if (!has_begun && (leg->arrived_us || is_expected)) {
		answer->rule = "CERTIFICATE_BEGINS";
		(void)snprintf(answer->text, sizeof(answer->text),
			"valid from %.10s, which is after the goods %s in %.2s", from,
			leg->arrived_us ? "arrived" : "are expected", leg->leg->country);
	}
	return RG_OK;
}

static rg_err check_validity(const struct checks_asking *it,
	const struct demands_document *document, struct check_answer *answer)
{
	const struct consignment *consignment = it->consignment;
	const Rivergate__V1__ConsignmentLeg *leg = consignment->state->legs[it->leg];
	int64_t here_us = leg->arrived_us ? leg->arrived_us : consignment->call->record->time_us;
	const char *until = document->ledger->facts->valid_until;
	int64_t day = 0;

	if (!form_date(until, &day)) {
		return RG_OK;
	}
	int64_t end_us = (day + 1) * DAY_US;
	answer->is_satisfied = here_us < end_us;
	if (!leg->arrived_us) {
		judge_again(it->consignment, end_us);
	}
	if (!answer->is_satisfied || (!leg->arrived_us && leg->leg->eta_us >= end_us)) {
		answer->rule = "CERTIFICATE_ENDS";
		(void)snprintf(answer->text, sizeof(answer->text),
			"valid until %.10s, which is before the goods %s in %.2s", until,
			answer->is_satisfied ? "are expected" : "arrived", leg->leg->country);
	}
	return RG_OK;
}

/* What is recognised by a list is so for those on it. */
static rg_err check_list(const struct checks_asking *it, const struct demands_document *document,
	struct check_answer *answer)
{
	const Rivergate__V1__Recognition *one = NULL;
	bool is_listed = strcmp(document->name.type, it->demand->type) == 0;
	const char *list = "";
	size_t place = 0;
	rg_err err = RG_OK;

	while (!err && !is_listed && (one = next_recognition(it, document, &place)) != NULL) {
		list = one->list;
		is_listed = !one->list[0];
		if (!is_listed) {
			const struct establishments_question question = {it->consignment, it->leg,
				&it->goods, one};

			err = establishments_are_listed(&question, document->ledger->facts,
				&is_listed);
		}
	}
	answer->is_satisfied = is_listed;
	if (!is_listed) {
		answer->rule = "ESTABLISHMENT_NOT_LISTED";
		(void)snprintf(answer->text, sizeof(answer->text),
			"names no establishment of the list %.60s", list);
	}
	return err;
}

static const char *const kinds[] = {"establishment", "orchard", "packhouse", "laboratory", "farm",
	"slaughterhouse", "processor", "store", "treatment facility"};

static const char *kind_text(Rivergate__V1__EstablishmentKind kind)
{
	return (size_t)kind < sizeof(kinds) / sizeof(kinds[0]) ? kinds[kind] : kinds[0];
}

static rg_err check_kind(const struct checks_asking *it, const struct demands_document *document,
	Rivergate__V1__EstablishmentKind kind, struct check_answer *answer)
{
	const Rivergate__V1__CertificateFacts *facts = document->ledger->facts;
	bool is_named = false;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < facts->n_establishments; i++) {
		const Rivergate__V1__EstablishmentRef *one = facts->establishments[i];
		bool is_in_force = true;

		if (one->kind != kind) {
			continue;
		}
		is_named = true;
		err = establishments_are_in_force(it->consignment, it->leg, one, &it->goods,
			&is_in_force);
		if (!err && !is_in_force) {
			answer->is_satisfied = false;
			answer->rule = "ESTABLISHMENT_SUSPENDED";
			(void)snprintf(answer->text, sizeof(answer->text),
				"rests on %s %.2s %.120s, which is suspended or withdrawn",
				kind_text(kind), one->country, one->number);
		}
	}
	if (!is_named) {
		answer->is_satisfied = false;
		answer->rule = "ESTABLISHMENT_MISSING";
		(void)snprintf(answer->text, sizeof(answer->text), "names no %s", kind_text(kind));
	}
	return err;
}

static rg_err check_establishments(const struct checks_asking *it,
	const struct demands_document *document, struct check_answer *answer)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < it->demand->n_establishments; i++) {
		struct check_answer one = {.is_satisfied = true};

		err = check_kind(it, document, it->demand->establishments[i], &one);
		if (!one.is_satisfied) {
			*answer = one;
		}
	}
	return err;
}

/* For other goods altogether; which ones are missing is asked of all certificates together. */
static rg_err check_goods(const struct checks_asking *it, const struct demands_document *document,
	struct check_answer *answer)
{
	bool covers_any = it->goods.n == 0;

	for (size_t i = 0; i < it->goods.n; i++) {
		covers_any =
			covers_any || ledger_covers(document->ledger->facts, it->goods.items[i]);
	}
	answer->is_satisfied = covers_any;
	return RG_OK;
}

/* What people should look at */

/* Containers or seals, as known: those last seen on the way, else those declared. */
struct words {
	char *const *items;
	size_t n;
};

static struct words words_of(const Rivergate__V1__Movement *movement, bool are_seals)
{
	if (!movement) {
		return (struct words){.n = 0};
	}
	return are_seals ? (struct words){movement->seals, movement->n_seals}
			 : (struct words){movement->containers, movement->n_containers};
}

static bool is_in(const char *word, struct words words)
{
	for (size_t i = 0; i < words.n; i++) {
		if (ledger_is_same_word(words.items[i], word)) {
			return true;
		}
	}
	return false;
}

static bool is_on_the_way(const struct consignment *consignment, const char *word, bool are_seals)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	struct words seen = words_of(state->movement, are_seals);

	for (size_t i = 0; seen.n == 0 && i < state->n_declarations; i++) {
		const Rivergate__V1__ConsignmentDeclaration *one = state->declarations[i];

		if (consignment_counts(one) &&
			is_in(word, words_of(one->declared->movement, are_seals))) {
			return true;
		}
	}
	return is_in(word, seen);
}

static void check_words(const struct checks_asking *it, struct words certified, bool are_seals,
	struct check_answer *answer)
{
	const char *what = are_seals ? "seal" : "container";

	if (certified.n == 0) {
		answer->rule = are_seals ? "CERTIFICATE_SEALS" : "CERTIFICATE_CONTAINER";
		(void)snprintf(answer->text, sizeof(answer->text), "names no %s", what);
	}
	for (size_t i = 0; i < certified.n; i++) {
		if (!is_on_the_way(it->consignment, certified.items[i], are_seals)) {
			answer->rule = are_seals ? "CERTIFICATE_SEALS" : "CERTIFICATE_CONTAINER";
			(void)snprintf(answer->text, sizeof(answer->text),
				"names %s %.60s, which the consignment does not have", what,
				certified.items[i]);
		}
	}
}

static rg_err check_seals(const struct checks_asking *it, const struct demands_document *document,
	struct check_answer *answer)
{
	const Rivergate__V1__CertificateFacts *facts = document->ledger->facts;

	if (it->demand->seals_must_match) {
		check_words(it, (struct words){facts->seals, facts->n_seals}, true, answer);
	}
	return RG_OK;
}

static rg_err check_container(const struct checks_asking *it,
	const struct demands_document *document, struct check_answer *answer)
{
	const Rivergate__V1__CertificateFacts *facts = document->ledger->facts;

	if (it->demand->container_must_match) {
		check_words(it, (struct words){facts->containers, facts->n_containers}, false,
			answer);
	}
	return RG_OK;
}

static void check_quantity(const struct checks_asking *it, const struct demands_document *document,
	const struct ledger_balance *balance, struct check_answer *answer)
{
	struct quantity_amount certified;
	char texts[3][QUANTITY_TEXT_MAX];

	if (!ledger_certified(document->ledger, &certified)) {
		return;
	}
	if (balance->use->millionths < 0) {
		answer->rule = "BALANCE_UNKNOWN";
		(void)snprintf(answer->text, sizeof(answer->text),
			"certifies a quantity in %.16s, in which none is declared", certified.unit);
		return;
	}
	uint32_t permille =
		it->demand->tolerance_permille < 1000 ? it->demand->tolerance_permille : 1000;
	int64_t allowed = quantity_add(certified.millionths,
		certified.millionths / 1000 * permille +
			certified.millionths % 1000 * permille / 1000);
	if (quantity_add(balance->before, balance->use->millionths) > allowed) {
		quantity_text(certified.unit, certified.millionths, texts[0]);
		quantity_text(certified.unit, balance->before, texts[1]);
		quantity_text(certified.unit, balance->use->millionths, texts[2]);
		answer->rule = "BALANCE_EXCEEDED";
		(void)snprintf(answer->text, sizeof(answer->text),
			"%s certified, %s used before, %s here", texts[0], texts[1], texts[2]);
	}
}

/* A stranger hears nothing of what others use. */
static rg_err check_balance(const struct checks_asking *it, const struct demands_document *document,
	struct check_answer *answer)
{
	struct ledger_balance balance;

	if (!ledger_balance(document->ledger, it->consignment->state->ucr, &balance) ||
		balance.use->stranger ||
		balance.use->state == RIVERGATE__V1__CERTIFICATE_USE__STATE__STATE_FREED) {
		return RG_OK;
	}
	if (it->demand->quantity_counts) {
		check_quantity(it, document, &balance, answer);
	} else if (!balance.is_first) {
		answer->rule = "USED_TWICE";
		(void)snprintf(answer->text, sizeof(answer->text),
			"is used for another consignment already");
	}
	return RG_OK;
}

static rg_err (*const checks[])(const struct checks_asking *it,
	const struct demands_document *document, struct check_answer *answer) = {
	check_withdrawn,
	check_verified,
	check_begin,
	check_validity,
	check_list,
	check_establishments,
	check_goods,
	check_seals,
	check_container,
	check_balance,
};

/* One document against one demand. */
rg_err checks_of_document(const struct checks_asking *it, const struct demands_document *document,
	bool *ret_is_satisfied)
{
	bool is_satisfied = true;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < sizeof(checks) / sizeof(checks[0]); i++) {
		struct check_answer answer = {.is_satisfied = true};

		err = checks[i](it, document, &answer);
		if (!err && answer.rule) {
			err = checks_find(it, document, answer.rule, answer.text);
		}
		is_satisfied = is_satisfied && answer.is_satisfied;
	}
	if (!err) {
		*ret_is_satisfied = is_satisfied;
	}
	return err;
}
