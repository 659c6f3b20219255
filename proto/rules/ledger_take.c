/*
 * What is said of a certificate: CERTIFICATE and CERTIFICATE_STATUS.
 *
 * The facts are those of the strongest medium, of several the first; what a later message
 * says otherwise is noted, and never lost. Nobody raises the medium but the issuer.
 *
 * Threads: the window's.
 */
#include <stdio.h>
#include <string.h>

#include "rules/ledger.h"

#define MEDIUM(name) RIVERGATE__V1__MEDIUM__MEDIUM_##name
#define STATUS(name) RIVERGATE__V1__CERTIFICATE_STATUS_FACTS__STATUS__STATUS_##name

/* Differences */

static bool is_skipped(char c)
{
	return c == ' ' || c == '-';
}

static char upper(char c)
{
	return (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

bool ledger_is_same_word(const char *a, const char *b)
{
	for (;; a++, b++) {
		while (is_skipped(*a)) {
			a++;
		}
		while (is_skipped(*b)) {
			b++;
		}
		if (upper(*a) != upper(*b) || !*a) {
			return upper(*a) == upper(*b);
		}
	}
}

static bool is_in(const char *word, char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (ledger_is_same_word(words[i], word)) {
			return true;
		}
	}
	return false;
}

/* As sets. */
static bool are_same(char *const *a, size_t n_a, char *const *b, size_t n_b)
{
	bool is_same = n_a == n_b;

	for (size_t i = 0; is_same && i < n_a; i++) {
		is_same = is_in(a[i], b, n_b);
	}
	return is_same;
}

/* What one of them leaves open is no difference. */
static bool differ(const char *a, const char *b)
{
	return a[0] && b[0] && strcmp(a, b) != 0;
}

static bool validity_differs(const Rivergate__V1__CertificateFacts *a,
	const Rivergate__V1__CertificateFacts *b)
{
	return differ(a->valid_from, b->valid_from) || differ(a->valid_until, b->valid_until);
}

static bool quantity_differs(const Rivergate__V1__Quantity *a, const Rivergate__V1__Quantity *b)
{
	struct quantity_amount left;
	struct quantity_amount right;

	return quantity_of(a, &left) && quantity_of(b, &right) &&
		(strcmp(left.unit, right.unit) != 0 || left.millionths != right.millionths);
}

static bool goods_differ(const Rivergate__V1__CertificateFacts *a,
	const Rivergate__V1__CertificateFacts *b)
{
	bool is_other = a->n_goods && b->n_goods && a->n_goods != b->n_goods;

	for (size_t i = 0; !is_other && i < a->n_goods && i < b->n_goods; i++) {
		const Rivergate__V1__CertifiedGoods *left = a->goods[i];
		const Rivergate__V1__CertifiedGoods *right = b->goods[i];

		is_other = differ(left->hs, right->hs) || differ(left->species, right->species) ||
			differ(left->origin, right->origin) ||
			(left->condition && right->condition &&
				left->condition != right->condition) ||
			quantity_differs(left->quantity, right->quantity);
	}
	return is_other;
}

static bool containers_differ(const Rivergate__V1__CertificateFacts *a,
	const Rivergate__V1__CertificateFacts *b)
{
	return a->n_containers && b->n_containers &&
		!are_same(a->containers, a->n_containers, b->containers, b->n_containers);
}

static bool seals_differ(const Rivergate__V1__CertificateFacts *a,
	const Rivergate__V1__CertificateFacts *b)
{
	return a->n_seals && b->n_seals && !are_same(a->seals, a->n_seals, b->seals, b->n_seals);
}

static bool establishments_differ(const Rivergate__V1__CertificateFacts *a,
	const Rivergate__V1__CertificateFacts *b)
{
	bool is_other = a->n_establishments && b->n_establishments &&
		a->n_establishments != b->n_establishments;

	for (size_t i = 0; !is_other && i < a->n_establishments && i < b->n_establishments; i++) {
		is_other = a->establishments[i]->kind != b->establishments[i]->kind ||
			strcmp(a->establishments[i]->country, b->establishments[i]->country) != 0 ||
			strcmp(a->establishments[i]->number, b->establishments[i]->number) != 0;
	}
	return is_other;
}

static bool importer_differs(const Rivergate__V1__CertificateFacts *a,
	const Rivergate__V1__CertificateFacts *b)
{
	return differ(a->importing_country, b->importing_country);
}

/* Bit i of CertificateLedger.differs is row i. */
struct field_row {
	const char *name;
	bool (*differs)(const Rivergate__V1__CertificateFacts *a,
		const Rivergate__V1__CertificateFacts *b);
};

static const struct field_row fields[] = {
	{"goods", goods_differ},
	{"validity", validity_differs},
	{"containers", containers_differ},
	{"seals", seals_differ},
	{"establishments", establishments_differ},
	{"importing country", importer_differs},
};

static uint32_t difference(const Rivergate__V1__CertificateFacts *a,
	const Rivergate__V1__CertificateFacts *b)
{
	uint32_t bits = 0;

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		bits |= fields[i].differs(a, b) ? UINT32_C(1) << i : 0;
	}
	return bits;
}

void ledger_differences(const Rivergate__V1__CertificateLedger *ledger, char *ret_text, size_t room)
{
	size_t len = 0;

	ret_text[0] = '\0';
	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]) && len < room; i++) {
		if (ledger->differs >> i & 1) {
			len += (size_t)snprintf(ret_text + len, room - len, "%s%s", len ? ", " : "",
				fields[i].name);
		}
	}
}

bool ledger_covers(const Rivergate__V1__CertificateFacts *facts, const Rivergate__V1__Goods *goods)
{
	for (size_t i = 0; i < facts->n_goods; i++) {
		const Rivergate__V1__CertifiedGoods *one = facts->goods[i];
		size_t digits = strnlen(one->hs, strlen(goods->hs6));

		if (strncmp(one->hs, goods->hs6, digits) == 0 &&
			!differ(one->origin, goods->origin) &&
			(!one->condition || !goods->condition ||
				one->condition == goods->condition)) {
			return true;
		}
	}
	return facts->n_goods == 0;
}

/* CERTIFICATE */

/* The sender is a certifier of this country. */
static bool is_issuer(const struct window_call *call, const char *country)
{
	const struct trust_party *party = consignment_sender(call);
	const struct consignment_cc here = consignment_cc_of_country(country);

	return party && strcmp(party->cc, here.text) == 0 &&
		trust_party_has_role(party, RIVERGATE__V1__ROLE__ROLE_CERTIFIER);
}

static rg_err touch_all(struct window_call *call, const Rivergate__V1__CertificateLedger *ledger)
{
	rg_err err = RG_OK;

	for (size_t i = 0; !err && i < ledger->n_uses; i++) {
		err = window_touch(call, ledger->uses[i]->ucr);
	}
	return err;
}

/* What the message proves, whatever it claims. */
static Rivergate__V1__Medium medium_of(const struct window_call *call,
	const Rivergate__V1__CertificateFacts *facts)
{
	bool is_claimed = facts->medium == MEDIUM(ISSUER_MESSAGE) ||
		facts->medium == MEDIUM(ISSUER_CONFIRMED);

	return is_claimed && is_issuer(call, facts->issuer_country) ? facts->medium : MEDIUM(SCAN);
}

/* ISSUER_MESSAGE 1, ISSUER_CONFIRMED 2, SCAN 3: the lower, the stronger. */
static bool is_stronger(Rivergate__V1__Medium medium, Rivergate__V1__Medium than)
{
	return than == MEDIUM(UNSPECIFIED) || medium < than;
}

rg_err ledger_take(struct window_call *call)
{
	const Rivergate__V1__Header *header = call->record->header;
	Rivergate__V1__CertificateFacts *facts = header->certificate;
	Rivergate__V1__CertificateLedger *ledger = NULL;

	if (header->facts_case != RIVERGATE__V1__HEADER__FACTS_CERTIFICATE) {
		return RG_OK;
	}
	const struct ledger_name name = {facts->type, facts->issuer_country, facts->number};
	rg_err err = ledger_is_name(&name) ? ledger_read(call, &name, &ledger) : RG_OK;
	if (err || !ledger) {
		return err;
	}
	Rivergate__V1__Medium medium = medium_of(call, facts);
	uint32_t bits = ledger->facts ? difference(ledger->facts, facts) & ~ledger->differs : 0;
	bool is_better = !ledger->facts || is_stronger(medium, ledger->medium);
	ledger->differs |= bits;
	if (is_better) {
		ledger->facts = facts;
		ledger->medium = medium;
		ledger->index = call->record->index;
		ledger->sender = header->from;
	}
	if (is_better || bits) {
		err = ledger_write(call, &name, ledger);
		return err ? err : touch_all(call, ledger);
	}
	return RG_OK;
}

/* CERTIFICATE_STATUS */

/* Its issuer says anything; who sent a scan takes it back. */
static bool may_say(const struct window_call *call, const Rivergate__V1__CertificateLedger *ledger)
{
	const Rivergate__V1__CertificateStatusFacts *status =
		call->record->header->certificate_status;

	return is_issuer(call, status->issuer_country) ||
		(status->status != STATUS(CONFIRMED) && ledger->facts &&
			ledger->medium == MEDIUM(SCAN) &&
			strcmp(ledger->sender, call->record->header->from) == 0);
}

rg_err ledger_take_status(struct window_call *call)
{
	const Rivergate__V1__Header *header = call->record->header;
	Rivergate__V1__CertificateStatusFacts *status = header->certificate_status;
	Rivergate__V1__CertificateLedger *ledger = NULL;

	if (header->facts_case != RIVERGATE__V1__HEADER__FACTS_CERTIFICATE_STATUS) {
		return RG_OK;
	}
	const struct ledger_name name = {status->type, status->issuer_country, status->number};
	rg_err err = ledger_is_name(&name) && status->status != STATUS(UNSPECIFIED)
		? ledger_read(call, &name, &ledger)
		: RG_OK;
	if (err || !ledger || !may_say(call, ledger)) {
		return err;
	}
	ledger->status = status;
	/* What is confirmed is what was seen: a picture that comes later is none of it. */
	if (status->status == STATUS(CONFIRMED) && ledger->facts &&
		ledger->medium == MEDIUM(SCAN)) {
		ledger->medium = MEDIUM(ISSUER_CONFIRMED);
	}
	err = ledger_write(call, &name, ledger);
	return err ? err : touch_all(call, ledger);
}
