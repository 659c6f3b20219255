/*
 * Documents: see documents.h.
 *
 * What a consignment uses of its certificates: reservations.c; what is asked for and whether
 * it is there: demands.c. Here what is found of a certificate whoever asks for it.
 *
 * Threads: the window's.
 */
#include "rules/documents.h"

#include <stdio.h>
#include <string.h>

#include "rules/establishments.h"
#include "rules/reservations.h"

#define KIND(name) RIVERGATE__V1__KIND__KIND_##name

rg_err documents_take(struct window_call *call)
{
	Rivergate__V1__Kind kind = call->record->header->kind;

	if (kind == KIND(CERTIFICATE)) {
		return ledger_take(call);
	}
	return kind == KIND(CERTIFICATE_STATUS) ? ledger_take_status(call)
						: establishments_take(call);
}

/* Establishments that they rest on */

static bool has_establishment(Rivergate__V1__EstablishmentRef *const *all, size_t n,
	const Rivergate__V1__EstablishmentRef *one)
{
	for (size_t i = 0; i < n; i++) {
		if (all[i]->kind == one->kind && strcmp(all[i]->country, one->country) == 0 &&
			strcmp(all[i]->number, one->number) == 0) {
			return true;
		}
	}
	return false;
}

static rg_err rest_on(struct consignment *consignment, const struct demands_documents *documents)
{
	Rivergate__V1__EstablishmentRef **all = NULL;
	size_t n = 0;
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < documents->n; i++) {
		const Rivergate__V1__CertificateFacts *facts = documents->items[i].ledger->facts;

		for (size_t j = 0; !err && facts && j < facts->n_establishments; j++) {
			Rivergate__V1__EstablishmentRef *one = facts->establishments[j];

			if (n < ESTABLISHMENTS_MAX && establishments_is_name(one) &&
				!has_establishment(all, n, one)) {
				err = rows_append(consignment->call->arena, &all, &n, one);
			}
		}
	}
	return err ? err : establishments_rest_on(consignment, all, n);
}

/* What is found of a certificate, whoever asks for it */

static rg_err find(struct consignment *consignment, const struct demands_document *document,
	const char *rule, const char *text)
{
	struct consignment_finding finding = {.rule = rule, .text = text};

	return demands_find(consignment, document, &finding);
}

static rg_err find_difference(struct consignment *consignment,
	const struct demands_document *document)
{
	char fields[128];
	char text[192];

	if (!document->ledger->differs) {
		return RG_OK;
	}
	ledger_differences(document->ledger, fields, sizeof(fields));
	(void)snprintf(text, sizeof(text), "messages about it differ in: %s", fields);
	return find(consignment, document, "CERTIFICATE_DIFFERS", text);
}

/* The last leg is over: nothing is to be done about the consignment any more. */
static rg_err find_whether_open(const struct consignment *consignment, bool *ret_is_open)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	struct view_leg seen = {.n_authorities = 0};
	rg_err err = state->n_legs
		? view_leg(consignment, (uint32_t)(state->n_legs - 1), VIEW_EVERYBODY, &seen)
		: RG_OK;

	if (!err) {
		*ret_is_open = seen.view.turn != RIVERGATE__V1__TURN__TURN_NOBODY;
	}
	return err;
}

static rg_err find_withdrawal(struct consignment *consignment,
	const struct demands_document *document)
{
	const Rivergate__V1__CertificateStatusFacts *status = document->ledger->status;
	bool is_open = false;
	char text[256];

	if (!status ||
		status->status ==
			RIVERGATE__V1__CERTIFICATE_STATUS_FACTS__STATUS__STATUS_CONFIRMED) {
		return RG_OK;
	}
	rg_err err = find_whether_open(consignment, &is_open);
	if (err || !is_open) {
		return err;
	}
	(void)snprintf(text, sizeof(text), "%s%s%.120s",
		status->replaced_by[0] ? "its issuer has replaced it"
				       : "its issuer has withdrawn it",
		status->replaced_by[0] ? " by " : "", status->replaced_by);
	return find(consignment, document, "CERTIFICATE_WITHDRAWN", text);
}

static rg_err find_country(struct consignment *consignment, const struct demands_document *document)
{
	const Rivergate__V1__ConsignmentState *state = consignment->state;
	const Rivergate__V1__CertificateFacts *facts = document->ledger->facts;
	char text[128];

	if (!facts || !facts->importing_country[0]) {
		return RG_OK;
	}
	for (size_t i = 0; i < state->n_legs; i++) {
		if (strcmp(state->legs[i]->leg->country, facts->importing_country) == 0) {
			return RG_OK;
		}
	}
	(void)snprintf(text, sizeof(text), "is for %.2s, which is not on the way",
		facts->importing_country);
	return find(consignment, document, "CERTIFICATE_COUNTRY", text);
}

static rg_err find_use(struct consignment *consignment, const struct demands_document *document)
{
	struct ledger_balance balance;

	if (!ledger_balance(document->ledger, consignment->state->ucr, &balance)) {
		return find(consignment, document, "TOO_MANY_USES",
			"more consignments use it than are counted: this one is not");
	}
	return balance.use->stranger ? find(consignment, document, "STRANGER_USE",
					       "is used by a declarant of neither its issuer's "
					       "country nor the one it is for")
				     : RG_OK;
}

static rg_err (*const finds[])(struct consignment *consignment,
	const struct demands_document *document) = {
	find_difference,
	find_withdrawal,
	find_country,
	find_use,
};

rg_err documents_settle(struct consignment *consignment)
{
	struct demands_documents documents = {.n = 0};
	rg_err err = reservations_list(consignment, &documents);

	consignment->documents_us = INT64_MAX;
	if (!err) {
		err = reservations_settle(consignment, &documents);
	}
	if (!err) {
		err = rest_on(consignment, &documents);
	}
	for (size_t i = 0; !err && i < documents.n; i++) {
		for (size_t j = 0; !err && j < sizeof(finds) / sizeof(finds[0]); j++) {
			err = finds[j](consignment, &documents.items[i]);
		}
	}
	return err ? err : demands_settle(consignment, &documents);
}

rg_err documents_next_us(struct consignment *consignment, int64_t *ret_us)
{
	*ret_us = consignment->documents_us;
	return RG_OK;
}
